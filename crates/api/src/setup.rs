//! Setting the organisation up: its first administrator comes in with the token that the server prints, or from
//! the command line.

use actix_web::post;
use artel_domain::{
    actor::{Author, Role},
    country::Country,
    email::Email,
    error::{Conflict, Error as Refusal},
    organisation::{OrganisationFields, OrganisationName},
    password::Password,
    session::{OpaqueToken, Session},
    time_zone::TimeZone,
    user::{Locale, PersonName, User, UserFields},
};
use artel_persistence::{
    Db, Result as StorageResult, Tx, in_tx, organisation as store, password, single_use::Consumed, user,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::Body,
    problem::{Code, ProblemBody, Result},
    secret,
    session::{self, SessionTokens},
    visitor::Visitor,
};

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(set_up);
}

/// The organisation and its first administrator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "token": "uGb0d1JxG5vH8o0o0B1Zp1l7m2m9sXn5w3cW8S7y0mE",
    "organisation": {"name": "Honey & Sons", "time_zone": "Europe/Berlin", "default_country": "DE"},
    "email": "ann@example.com", "first_name": "Ann", "last_name": "Honey", "password": "correct horse battery", "locale": "en"
}))]
pub struct SetUp {
    /// The token that the server printed when it started.
    token: OpaqueToken,
    /// The settings to start with.
    organisation: SetUpOrganisation,
    /// What the administrator signs in with.
    email: Email,
    /// First name.
    first_name: PersonName,
    /// Last name.
    last_name: PersonName,
    /// The password to sign in with.
    password: Password,
    /// The language of messages to the administrator.
    #[serde(default)]
    #[schema(nullable = false, default = "en")]
    locale: Option<Locale>,
}

/// The settings that an organisation starts with.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Honey & Sons", "time_zone": "Europe/Berlin", "default_country": "DE"}))]
pub struct SetUpOrganisation {
    /// What it is called.
    name: OrganisationName,
    /// What days and schedules are reckoned in.
    time_zone: TimeZone,
    /// The country of telephone numbers without a country code.
    default_country: Country,
}

impl From<SetUpOrganisation> for OrganisationFields {
    fn from(body: SetUpOrganisation) -> Self {
        let SetUpOrganisation { name, time_zone, default_country } = body;
        Self { name, time_zone, default_country }
    }
}

/// Set the organisation up
///
/// Anyone who holds the token may call it, once. It makes the first administrator and signs them in.
#[utoipa::path(tag = "setup", security(()), request_body = SetUp, responses(
    (status = CREATED, body = SessionTokens),
    (status = UNAUTHORIZED, description = "The token is not the one that the server printed last.",
        content_type = "application/problem+json", body = ProblemBody),
    (status = CONFLICT, description = "The organisation has been set up before.",
        content_type = "application/problem+json", body = ProblemBody),
))]
#[post("/setup")]
async fn set_up(visitor: Visitor, body: Body<SetUp>) -> Result<Answer> {
    let token_hash = secret::hash(body.0.token.expose());
    check(&visitor, &body.0, &token_hash).await?;
    let password_hash = visitor.shared.hashing.hash(&body.0.password).await?;
    let begun =
        in_tx(&visitor.db, async |tx| begin(tx, &visitor, &body.0, &token_hash, &password_hash).await);
    let (session, refresh_token) = begun.await?.ok_or(Code::InvalidCredentials)?;
    let tokens = session::tokens(&visitor.shared, &session, refresh_token, visitor.now)?;
    Ok(Answer::created(format!("/api/v1/users/{}", session.user), &tokens))
}

async fn check(visitor: &Visitor, body: &SetUp, token_hash: &str) -> Result<()> {
    let known = store::is_setup_token(visitor.db.reader(), token_hash).await?;
    // Asked second: whoever was faster has used the token up by now.
    if store::find(visitor.db.reader()).await?.set_up_at.is_some() {
        return Err(Refusal::from(Conflict::AlreadySetUp).into());
    }
    if !known {
        return Err(Code::InvalidCredentials.into());
    }
    Ok(Refusal::unless_empty(body.password.check(&body.email, "/password").into_iter().collect())?)
}

/// Uses the token up; nothing when it is not in force any more.
async fn begin(
    tx: &Tx,
    visitor: &Visitor,
    body: &SetUp,
    token_hash: &str,
    password_hash: &str,
) -> StorageResult<Option<(Session, String)>> {
    let mut organisation = store::load(tx).await?;
    let changes = organisation.set_up(body.organisation.clone().into(), visitor.now)?;
    if store::consume_setup_token(tx, token_hash).await? == Consumed::Never {
        return Ok(None);
    }
    store::save(tx, Author::System, &organisation, changes, visitor.now).await?;
    let admin = Admin {
        email: body.email.clone(),
        first_name: body.first_name.clone(),
        last_name: body.last_name.clone(),
        time_zone: organisation.fields.time_zone,
        locale: body.locale.unwrap_or(Locale::En),
    };
    let user = insert(tx, admin, password_hash, visitor.now).await?;
    session::begin(tx, user.id, visitor).await.map(Some)
}

/// Makes the token with which the organisation can be set up, as long as it is not; the one before stops working.
///
/// # Errors
/// Those of the database.
pub async fn issue_token(db: &Db) -> StorageResult<Option<String>> {
    if store::find(db.reader()).await?.set_up_at.is_some() {
        return Ok(None);
    }
    let token = secret::random_text();
    let hash = secret::hash(&token);
    in_tx(db, async |tx| store::issue_setup_token(tx, &hash).await).await?;
    Ok(Some(token))
}

/// An administrator to be.
#[derive(Clone, Debug)]
pub struct Admin {
    /// What they sign in with.
    pub email: Email,
    /// First name.
    pub first_name: PersonName,
    /// Last name.
    pub last_name: PersonName,
    /// What their days are reckoned in.
    pub time_zone: TimeZone,
    /// The language of messages to them.
    pub locale: Locale,
}

/// Adds an administrator, for the command line; with the first one the organisation counts as set up.
///
/// # Errors
/// `duplicate` when the address is taken; those of the database.
pub async fn create_admin(
    db: &Db,
    admin: Admin,
    password_hash: &str,
    now: DateTime<Utc>,
) -> StorageResult<User> {
    in_tx(db, async |tx| {
        let mut organisation = store::load(tx).await?;
        if organisation.set_up_at.is_none() {
            let changes = organisation.set_up(organisation.fields.clone(), now)?;
            store::save(tx, Author::System, &organisation, changes, now).await?;
        }
        insert(tx, admin.clone(), password_hash, now).await
    })
    .await
}

async fn insert(tx: &Tx, admin: Admin, password_hash: &str, now: DateTime<Utc>) -> StorageResult<User> {
    let Admin { email, first_name, last_name, time_zone, locale } = admin;
    let fields = UserFields {
        email,
        first_name,
        last_name,
        position: None,
        role: Role::Admin,
        department_id: None,
        time_zone,
        locale,
    };
    let user = user::insert(tx, Author::System, fields, now).await?;
    password::set(tx, user.id, password_hash).await?;
    Ok(user)
}
