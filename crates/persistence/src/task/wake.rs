//! Tasks that were put off until a moment come back when it has come: once, whatever the nodes.

use artel_domain::{
    actor::Author,
    task::{Status, TaskId, wake},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Cond, Expr, ExprTrait as _, Order, Query, SimpleExpr},
};

use super::{lock_all, save, unscoped_load};
use crate::{column::Instant, error::Result, rows::ids, unit_of_work::Tx};

/// How many come back in one transaction.
const AT_ONCE: u64 = 50;

/// Some of the tasks that were put off until now, but for those of projects in which nothing changes; for the worker.
///
/// # Errors
/// Those of the database.
pub async fn unscoped_due(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<TaskId>> {
    let project = || -> SimpleExpr { Expr::col("project_id") };
    let living = Query::select()
        .column("id")
        .from("project")
        .and_where(Expr::col("archived_at").is_null())
        .and_where(Expr::col("deleted_at").is_null())
        .take();
    let due = Query::select()
        .column("id")
        .from("task")
        .and_where(Expr::col("deferred_until").lte(Instant(now)))
        .and_where(Expr::col("status").eq(Status::Deferred.as_str()))
        .and_where(Expr::col("deleted_at").is_null())
        .cond_where(Cond::any().add(project().is_null()).add(project().in_subquery(living)))
        .order_by("deferred_until", Order::Asc)
        .limit(AT_ONCE)
        .take();
    Ok(ids(db, &due).await?.into_iter().map(TaskId).collect())
}

/// Brings back some of what was put off until now; for the worker, which goes on until nothing is due. Each task is read
/// anew under its lock, so what another node brought back meanwhile stays as it is.
///
/// # Errors
/// Those of the database.
pub async fn unscoped_wake(tx: &Tx, now: DateTime<Utc>) -> Result<()> {
    let due = unscoped_due(tx, now).await?;
    lock_all(tx, &due).await?;
    for id in due {
        let before = unscoped_load(tx, id).await?.task;
        let mut task = before.clone();
        if let Some(done) = wake(&mut task, now) {
            save(tx, Author::System, &before, &task, done).await?;
        }
    }
    Ok(())
}
