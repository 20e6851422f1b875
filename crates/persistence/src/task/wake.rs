//! Tasks that were put off until a moment come back when it has come: once, whatever the nodes.

use artel_domain::{
    actor::Author,
    task::{Status, TaskId, wake},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Expr, ExprTrait as _, Order, Query},
};

use super::{save, unscoped_load};
use crate::{column::Instant, error::Result, unit_of_work::Tx};

/// How many come back in one transaction.
const AT_ONCE: u64 = 50;

/// Brings back what was put off until now, and says how many tasks were due; for the worker, which asks again until there
/// are none. Each is read anew under its lock, so what another node brought back meanwhile stays as it is.
///
/// # Errors
/// Those of the database.
pub async fn unscoped_wake(tx: &Tx, now: DateTime<Utc>) -> Result<usize> {
    let due = Query::select()
        .column("id")
        .from("task")
        .and_where(Expr::col("deferred_until").lte(Instant(now)))
        .and_where(Expr::col("status").eq(Status::Deferred.as_str()))
        .and_where(Expr::col("deleted_at").is_null())
        .order_by("deferred_until", Order::Asc)
        .limit(AT_ONCE)
        .take();
    let due = tx.query_all(&due).await?;
    for row in &due {
        let id = TaskId(row.try_get("", "id")?);
        let before = unscoped_load(tx, id).await?.task;
        let mut task = before.clone();
        if let Some(done) = wake(&mut task, now) {
            save(tx, Author::System, &before, &task, done).await?;
        }
    }
    Ok(due.len())
}
