//! The organisation: its settings.

use actix_web::{get, patch, web::Data};
use artel_domain::{
    country::Country,
    organisation::{Organisation, OrganisationFields, OrganisationName},
    time_zone::TimeZone,
};
use artel_persistence::{Db, organisation as store};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::{Body, Me},
    patch::set,
    precondition::IfMatch,
    problem::Result,
    write::{Saved, Write},
};

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read_organisation).service(edit_organisation);
}

/// Settings to change.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Honey & Daughters"}))]
pub struct EditOrganisation {
    /// What it is called.
    #[serde(default)]
    #[schema(nullable = false)]
    name: Option<OrganisationName>,
    /// What days and schedules are reckoned in.
    #[serde(default)]
    #[schema(nullable = false)]
    time_zone: Option<TimeZone>,
    /// The country of telephone numbers without a country code.
    #[serde(default)]
    #[schema(nullable = false)]
    default_country: Option<Country>,
}

impl EditOrganisation {
    fn apply(self, fields: &mut OrganisationFields) {
        let Self { name, time_zone, default_country } = self;
        set(&mut fields.name, name);
        set(&mut fields.time_zone, time_zone);
        set(&mut fields.default_country, default_country);
    }
}

/// The organisation.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "name": "Honey & Sons", "time_zone": "Europe/Berlin", "default_country": "DE",
    "version": 3, "updated_at": "2026-07-31T09:00:00Z"
}))]
pub struct OrganisationView {
    /// What it is called.
    name: OrganisationName,
    /// What days and schedules are reckoned in.
    time_zone: TimeZone,
    /// The country of telephone numbers without a country code.
    default_country: Country,
    /// Raised by one with each change.
    #[schema(minimum = 1)]
    version: i64,
    /// When its settings last changed.
    #[schema(required = true)]
    updated_at: Option<DateTime<Utc>>,
}

impl From<Organisation> for OrganisationView {
    fn from(organisation: Organisation) -> Self {
        let Organisation { fields, version, set_up_at: _, updated_at } = organisation;
        let OrganisationFields { name, time_zone, default_country } = fields;
        Self { name, time_zone, default_country, version, updated_at }
    }
}

/// Read the organisation's settings
///
/// Every user may call it.
#[utoipa::path(tag = "organisation", security(("token" = ["profile:read"])),
    responses((status = OK, body = OrganisationView, headers(("ETag" = String, description = "The version.")))))]
#[get("/organisation")]
async fn read_organisation(_me: Me, db: Data<Db>) -> Result<Answer> {
    let organisation = store::find(db.reader()).await?;
    Ok(Answer::versioned(organisation.version, &OrganisationView::from(organisation)))
}

/// Change the organisation's settings
///
/// Administrators may call it.
#[utoipa::path(tag = "organisation", params(IfMatch), request_body = EditOrganisation,
    responses((status = OK, body = OrganisationView, headers(("ETag" = String, description = "The version.")))))]
#[patch("/organisation")]
async fn edit_organisation(write: Write, body: Body<EditOrganisation>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let mut organisation = store::load(tx).await?;
        let mut fields = organisation.fields.clone();
        body.0.clone().apply(&mut fields);
        let changes = organisation.edit(write.me(), write.expected(), fields, write.now())?;
        store::save(tx, write.me().author(), &organisation, changes, write.now()).await?;
        let (version, view) = (organisation.version, OrganisationView::from(organisation));
        Ok(Saved::new(Organisation::OBJECT, Answer::versioned(version, &view)))
    });
    answer.await
}
