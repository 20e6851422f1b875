//! Emptying the trash of projects: what has lain in it for long enough goes for good, with its tasks.

use artel_domain::{
    activity::{Activity, Verb},
    actor::Author,
    project::{Project, ProjectId},
    record::KEPT_IN_TRASH,
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Expr, ExprTrait as _, LockBehavior, LockType, Query},
};

use crate::{activity, column::Instant, error::Result, unit_of_work::Tx};

/// The most projects that one transaction throws away: each takes its tasks along.
const BATCH: u64 = 10;

/// Throws away the projects that have lain in the trash for longer than [`KEPT_IN_TRASH`], with all that hangs on them,
/// and says how many: a bounded number at a time. For the worker, which asks again until there are none.
///
/// # Errors
/// Those of the database.
pub async fn unscoped_purge_trash(tx: &Tx, now: DateTime<Utc>) -> Result<usize> {
    let old = Query::select()
        .column("id")
        .from("project")
        .and_where(Expr::col("deleted_at").lt(Instant(now - KEPT_IN_TRASH)))
        .limit(BATCH)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .take();
    let rows = tx.query_all(&old).await?;
    let ids: Vec<i64> = rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect::<Result<_>>()?;
    if ids.is_empty() {
        return Ok(0);
    }
    let delete =
        Query::delete().from_table("project").and_where(Expr::col("id").is_in(ids.iter().copied())).take();
    tx.execute(&delete).await?;
    let purged = |id: &i64| Activity {
        author: Author::System,
        verb: Verb::Purged,
        object: Project::object(ProjectId(*id)),
        changes: Vec::new(),
    };
    let purged: Vec<Activity> = ids.iter().map(purged).collect();
    activity::append(tx, &purged, now).await?;
    Ok(ids.len())
}
