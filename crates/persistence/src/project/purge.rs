//! Emptying the trash of projects: what has lain in it for long enough goes for good, with its tasks.

use artel_domain::activity::ObjectKind;
use chrono::{DateTime, Utc};

use crate::{
    error::Result,
    record::{delete, lock_old},
    unit_of_work::Tx,
};

/// The most projects that one transaction throws away: each takes its tasks along.
const BATCH: u64 = 10;

/// Throws away the projects that have lain in the trash for long enough, with all that hangs on them, and says how many: a
/// bounded number at a time. For the worker, which asks again until there are none.
///
/// # Errors
/// Those of the database.
pub async fn unscoped_purge_trash(tx: &Tx, now: DateTime<Utc>) -> Result<usize> {
    let old = lock_old(tx, "project", BATCH, now).await?;
    delete(tx, "project", ObjectKind::Project, &old, now).await?;
    Ok(old.len())
}
