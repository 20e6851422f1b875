//! The activity log: appended to in the transaction of each change, never changed afterwards.

use artel_domain::{activity::Activity, actor::Author};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait as _, DatabaseBackend,
    sea_query::{Expr, Query, SimpleExpr},
};

use crate::{column::Instant, error::Result, json, unit_of_work::Tx};

/// The log as it is read.
pub(crate) mod row {
    use super::Instant;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "activity")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub at: Instant,
        pub user_id: Option<i64>,
        pub verb: String,
        pub object_kind: String,
        pub object_id: i64,
        pub changes: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The most entries of one statement: databases bound how many values it has.
const AT_ONCE: usize = 1_000;

/// Appends what happened, in one statement for most; nothing where nothing did.
///
/// # Errors
/// Those of the database.
pub async fn append(tx: &Tx, activities: &[Activity], now: DateTime<Utc>) -> Result<()> {
    for activities in activities.chunks(AT_ONCE) {
        append_some(tx, activities, now).await?;
    }
    Ok(())
}

async fn append_some(tx: &Tx, activities: &[Activity], now: DateTime<Utc>) -> Result<()> {
    let mut insert = Query::insert()
        .into_table("activity")
        .columns([
            "at",
            "transaction",
            "user_id",
            "session_id",
            "token_id",
            "verb",
            "object_kind",
            "object_id",
            "changes",
        ])
        .take();
    for activity in activities {
        insert.values_panic(values(tx.get_database_backend(), activity, now)?);
    }
    tx.execute(&insert).await?;
    Ok(())
}

fn values(backend: DatabaseBackend, activity: &Activity, now: DateTime<Utc>) -> Result<[SimpleExpr; 9]> {
    let (session, token) = match activity.author {
        Author::Session(_, session) => (Some(session.0), None),
        Author::Token(_, token) => (None, Some(token.0)),
        Author::System => (None, None),
    };
    let changes = (!activity.changes.is_empty()).then(|| json::write(&activity.changes)).transpose()?;
    Ok([
        Instant(now).micros().into(),
        transaction(backend),
        activity.author.user().map(|user| user.0).into(),
        session.into(),
        token.into(),
        activity.verb.as_str().into(),
        activity.object.kind.as_str().into(),
        activity.object.id.into(),
        changes.into(),
    ])
}

/// SQLite has one writer, so its positions are in the order of commits and need no transaction id.
fn transaction(backend: DatabaseBackend) -> SimpleExpr {
    match backend {
        DatabaseBackend::Postgres => Expr::cust("pg_current_xact_id()::text::bigint"),
        _ => Expr::val(None::<i64>),
    }
}
