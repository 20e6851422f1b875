//! The organisation: one row, which is also the lock for rules that span all people and departments.

use artel_domain::{
    activity::{Activity, Change, Verb},
    actor::Author,
    country::Country,
    organisation::{Organisation, OrganisationFields, OrganisationName},
    time_zone::TimeZone,
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    QueryFilter as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{ExprTrait as _, Query},
};

use crate::{
    activity,
    column::{Instant, Text},
    error::{Error, Result},
    single_use::Consumed,
    unit_of_work::Tx,
};

mod row {
    use super::{Country, Instant, OrganisationName, Text, TimeZone};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "organisation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub name: Text<OrganisationName>,
        pub time_zone: Text<TimeZone>,
        pub default_country: Text<Country>,
        pub set_up_at: Option<Instant>,
        pub version: i64,
        pub updated_at: Option<Instant>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl From<row::Model> for Organisation {
    fn from(row: row::Model) -> Self {
        let row::Model { id: _, name, time_zone, default_country, set_up_at, version, updated_at } = row;
        Self {
            fields: OrganisationFields {
                name: name.0,
                time_zone: time_zone.0,
                default_country: default_country.0,
            },
            version,
            set_up_at: set_up_at.map(|at| at.0),
            updated_at: updated_at.map(|at| at.0),
        }
    }
}

const ID: i64 = Organisation::OBJECT.id;

/// The organisation. Everybody may know it.
///
/// # Errors
/// Those of the database.
pub async fn find(db: &impl ConnectionTrait) -> Result<Organisation> {
    let row = row::Entity::find_by_id(ID).one(db).await?;
    row.map(Organisation::from).ok_or_else(missing)
}

/// The organisation, to change it. Until the transaction ends nobody else changes it, and neither its last
/// administrator nor its tree of departments.
///
/// # Errors
/// Those of the database.
pub async fn load(tx: &Tx) -> Result<Organisation> {
    let row = row::Entity::find_by_id(ID).lock_exclusive().one(tx).await?;
    row.map(Organisation::from).ok_or_else(missing)
}

fn missing() -> Error {
    Error::Unreadable("the row of the organisation is missing".to_owned())
}

/// Saves a change and its activity; nothing where nothing changed.
///
/// # Errors
/// Those of the database.
pub async fn save(
    tx: &Tx,
    author: Author,
    organisation: &Organisation,
    changes: Vec<Change>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Organisation { fields, version, set_up_at, updated_at } = organisation.clone();
    let OrganisationFields { name, time_zone, default_country } = fields;
    let row = row::ActiveModel {
        id: Set(ID),
        name: Set(Text(name)),
        time_zone: Set(Text(time_zone)),
        default_country: Set(Text(default_country)),
        set_up_at: Set(set_up_at.map(Instant)),
        version: Set(version),
        updated_at: Set(updated_at.map(Instant)),
    };
    row::Entity::update(row).exec(tx).await?;
    if changes.is_empty() {
        return Ok(());
    }
    let activity = Activity { author, verb: Verb::Updated, object: Organisation::OBJECT, changes };
    activity::append(tx, &[activity], now).await
}

/// Puts the token in force with which the organisation can be set up, as long as it is not.
///
/// # Errors
/// Those of the database.
pub async fn issue_setup_token(tx: &Tx, hash: &str) -> Result<()> {
    let issue = Query::update()
        .table("organisation")
        .value("setup_token_hash", hash)
        .and_where(Expr::col("set_up_at").is_null())
        .take();
    tx.execute(&issue).await?;
    Ok(())
}

/// Whether the token that sets the organisation up is this one.
///
/// # Errors
/// Those of the database.
pub async fn is_setup_token(db: &impl ConnectionTrait, hash: &str) -> Result<bool> {
    let matching = row::Entity::find_by_id(ID)
        .filter(row::Column::SetUpAt.is_null())
        .filter(Expr::col("setup_token_hash").eq(hash));
    Ok(matching.one(db).await?.is_some())
}

/// Uses the token up that sets the organisation up.
///
/// # Errors
/// Those of the database.
pub async fn consume_setup_token(tx: &Tx, hash: &str) -> Result<Consumed> {
    let consume = Query::update()
        .table("organisation")
        .value("setup_token_hash", Option::<String>::None)
        .and_where(Expr::col("set_up_at").is_null())
        .and_where(Expr::col("setup_token_hash").eq(hash))
        .take();
    Ok(Consumed::of(tx.execute(&consume).await?.rows_affected()))
}
