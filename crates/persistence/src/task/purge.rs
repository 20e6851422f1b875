//! Emptying the trash of tasks.

use artel_domain::activity::ObjectKind;
use chrono::{DateTime, Utc};

use crate::{
    error::Result,
    record::{BATCH, delete, lock_old},
    unit_of_work::Tx,
};

/// Throws away the tasks that have lain in the trash for long enough, with all that hangs on them, and says how many: a
/// bounded number at a time. For the worker, which asks again until there are none.
///
/// # Errors
/// Those of the database.
pub async fn unscoped_purge_trash(tx: &Tx, now: DateTime<Utc>) -> Result<usize> {
    let old = lock_old(tx, "task", BATCH, now).await?;
    delete(tx, "task", ObjectKind::Task, &old, now).await?;
    Ok(old.len())
}
