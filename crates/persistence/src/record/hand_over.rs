//! The records of somebody who leaves: how many there are, and giving them to an heir.

use artel_domain::{
    activity::{Activity, Change, ObjectKind, ObjectRef, Verb},
    actor::{Author, UserId},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Expr, ExprTrait as _, LockType, Query},
};

use super::{COMPANIES, CONTACTS, Tables};
use crate::{activity, column::Instant, error::Result, rows, unit_of_work::Tx};

/// How many activities are written by one statement.
const BATCH: usize = 500;

/// How many records somebody is responsible for, those in the trash apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Responsible {
    /// Contacts.
    pub contacts: u64,
    /// Companies.
    pub companies: u64,
}

/// Counts the records that a user is responsible for.
///
/// # Errors
/// Those of the database.
pub async fn responsible(tx: &Tx, user: UserId) -> Result<Responsible> {
    Ok(Responsible {
        contacts: count(tx, CONTACTS, user).await?,
        companies: count(tx, COMPANIES, user).await?,
    })
}

async fn count(tx: &Tx, tables: Tables, user: UserId) -> Result<u64> {
    let select = Query::select()
        .from(tables.record)
        .and_where(Expr::col("responsible_id").eq(user.0))
        .and_where(Expr::col("deleted_at").is_null())
        .take();
    rows::count(tx, select).await
}

/// Makes an heir responsible for everything that somebody who leaves is, the trash included, with an activity for
/// each record.
///
/// # Errors
/// Those of the database.
pub async fn hand_over(
    tx: &Tx,
    author: Author,
    leaving: UserId,
    heir: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    for (tables, kind) in [(CONTACTS, ObjectKind::Contact), (COMPANIES, ObjectKind::Company)] {
        let ids = lock(tx, tables, leaving).await?;
        give(tx, tables, author, (leaving, heir), now).await?;
        for batch in ids.chunks(BATCH) {
            let given = |id: &i64| Activity {
                author,
                verb: Verb::Updated,
                object: ObjectRef { kind, id: *id },
                changes: vec![Change {
                    field: "responsible_id".to_owned(),
                    old: leaving.0.into(),
                    new: heir.0.into(),
                }],
            };
            let activities: Vec<Activity> = batch.iter().map(given).collect();
            activity::append(tx, &activities, now).await?;
        }
    }
    Ok(())
}

async fn lock(tx: &Tx, tables: Tables, user: UserId) -> Result<Vec<i64>> {
    let select = Query::select()
        .column("id")
        .from(tables.record)
        .and_where(Expr::col("responsible_id").eq(user.0))
        .lock(LockType::Update)
        .take();
    let rows = tx.query_all(&select).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

async fn give(
    tx: &Tx,
    tables: Tables,
    author: Author,
    (leaving, heir): (UserId, UserId),
    now: DateTime<Utc>,
) -> Result<()> {
    let give = Query::update()
        .table(tables.record)
        .value("responsible_id", heir.0)
        .value("version", Expr::col("version").add(1))
        .value("updated_at", Instant(now))
        .value("updated_by", author.user().map(|user| user.0))
        .and_where(Expr::col("responsible_id").eq(leaving.0))
        .take();
    tx.execute(&give).await?;
    Ok(())
}
