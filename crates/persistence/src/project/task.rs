//! What happens to the tasks of a project when its people, its days or its privacy change.

#![expect(clippy::unused_async, reason = "no tasks are kept yet: there is nothing to ask the database for")]

use artel_domain::{
    actor::{Actor, UserId},
    project::{Project, ProjectId},
};
use chrono::{DateTime, NaiveDate, Utc};

use crate::{error::Result, unit_of_work::Tx};

/// How many open tasks of a project somebody is responsible for.
///
/// # Errors
/// Those of the database.
pub async fn open_tasks(_tx: &Tx, _project: ProjectId, _responsible: UserId) -> Result<u64> {
    Ok(0)
}

/// How many tasks of a project would have dates outside these days.
///
/// # Errors
/// Those of the database.
pub async fn stray_tasks(
    _tx: &Tx,
    _project: ProjectId,
    (_first, _last): (Option<NaiveDate>, Option<NaiveDate>),
) -> Result<u64> {
    Ok(0)
}

/// Makes an heir responsible for the open tasks of a project for which somebody who leaves it is.
pub(super) async fn hand_over(
    _tx: &Tx,
    _by: &Actor,
    _project: &Project,
    (_leaving, _heir): (UserId, UserId),
    _now: DateTime<Utc>,
) -> Result<()> {
    Ok(())
}

/// Ends the parts of somebody who leaves a project in its tasks, but for what they are responsible for.
pub(super) async fn end_parts(
    _tx: &Tx,
    _by: &Actor,
    _project: &Project,
    _leaving: UserId,
    _now: DateTime<Utc>,
) -> Result<()> {
    Ok(())
}

/// Ends the parts of those observers of a project's tasks who are no members of it: it is not open any more.
pub(super) async fn drop_outside_observers(
    _tx: &Tx,
    _by: &Actor,
    _project: &Project,
    _now: DateTime<Utc>,
) -> Result<()> {
    Ok(())
}
