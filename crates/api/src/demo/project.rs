//! The projects of the demo, and who comes into them.

use artel_domain::project::{Draft, Permissions, ProjectFields, ProjectId, ProjectRole, add, join};
use artel_persistence::{Result, Tx, project as store};
use chrono::{DateTime, Utc};

use super::{
    history::{Calendar, Known},
    staff::Staff,
    work::{MemberRow, ProjectRow},
};

/// Makes a project.
///
/// # Errors
/// Those of the domain and of the database.
pub async fn make(
    tx: &Tx,
    staff: &Staff,
    row: &ProjectRow,
    calendar: Calendar,
    at: DateTime<Utc>,
) -> Result<ProjectId> {
    let by = staff.get(row.owner)?;
    let fields = ProjectFields {
        name: row.name.clone(),
        description: row.description.clone(),
        starts_on: row.first.map(|days| calendar.day(days)),
        ends_on: row.last.map(|days| calendar.day(days)),
        privacy: row.privacy,
        colour: row.colour,
        tags: row.tags.clone(),
        permissions: Permissions::DEFAULT,
    };
    Ok(store::insert(tx, by, Draft::new(by, fields, at)?).await?.id)
}

/// Lets somebody into a project, or has them join it.
///
/// # Errors
/// Those of the domain and of the database.
pub async fn enter(tx: &Tx, staff: &Staff, known: &Known, row: &MemberRow, at: DateTime<Utc>) -> Result<()> {
    let (by, user) = (staff.get(row.by)?, staff.get(row.who)?.user);
    let candidate = store::candidate(tx, by, user).await?;
    let project = store::load(tx, by, known.project(row.project)?).await?;
    let (role, entry) = if by.user == user {
        (ProjectRole::Member, join(&project, by)?)
    } else {
        (row.role, add(&project, by, candidate, None, row.role)?)
    };
    store::enter(tx, by, &project, (user, role), entry, at).await
}
