//! The projects of somebody who loses access, and giving them to an heir.

use artel_domain::{
    actor::{Actor, UserId},
    project::{Project, ProjectId},
};
use chrono::{DateTime, Utc};
use sea_orm::{QueryFilter as _, QueryOrder as _, QuerySelect as _, entity::prelude::*};

use super::{load_any, member, row, visible_to};
use crate::{error::Result, unit_of_work::Tx};

fn owned_by(viewer: &Actor, owner: UserId) -> Select<row::Entity> {
    visible_to(viewer).filter(row::Column::OwnerId.eq(owner.0))
}

/// Every project that somebody owns, the archive and the trash included, to change.
///
/// # Errors
/// Those of the database.
pub async fn load_owned_by(tx: &Tx, viewer: &Actor, owner: UserId) -> Result<Vec<Project>> {
    let ids = owned_by(viewer, owner).select_only().column(row::Column::Id).order_by_asc(row::Column::Id);
    let ids: Vec<i64> = ids.into_tuple().all(tx).await?;
    let mut projects = Vec::with_capacity(ids.len());
    for id in ids {
        let project = load_any(tx, viewer, ProjectId(id)).await?;
        // Handed over meanwhile: it is no longer theirs to leave.
        if project.owner == owner {
            projects.push(project);
        }
    }
    Ok(projects)
}

/// Gives these projects to an heir, with an activity for each.
///
/// # Errors
/// [`artel_domain::error::Forbidden::AdminOnly`]; those of the database.
pub async fn hand_over_all(
    tx: &Tx,
    by: &Actor,
    projects: Vec<Project>,
    heir: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    for before in projects {
        let mut project = before.clone();
        let change = project.inherit(by, heir, now)?;
        member::hand_over(tx, by, &before, &project, change).await?;
    }
    Ok(())
}
