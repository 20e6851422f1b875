//! Projects: people who work together on something. The privacy of a project decides who else may know of it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::{
    activity::{ObjectKind, ObjectRef},
    actor::{Actor, UserId},
    error::{Conflict, Result, check_version},
    id,
    record::{Stamp, Tag},
    text, words,
};

mod edit;
mod lifecycle;
mod member;
mod permission;

pub use edit::Draft;
pub use member::{Candidate, Entry, Exit, Fitness, Member, MemberSort, add, check_exit, join, move_to};
pub use permission::{ProjectAction, Relation, Standing, check, who};

id! {
    /// A project.
    ProjectId,
}

text! {
    /// The name of a project.
    ProjectName(1..=200)
}

text! {
    /// What a project is about, in Markdown.
    ProjectDescription(1..=20000) block
}

words! {
    /// Who, beside its members, may know of a project.
    pub enum Privacy {
        /// The staff reads everything in it and joins at will.
        Open = "open",
        /// The staff sees that it exists: name, description, owner and size.
        Closed = "closed",
        /// Nobody; administrators see that it exists.
        Secret = "secret",
    }
}

words! {
    /// What a member is in a project; each part includes those before it.
    pub enum ProjectRole {
        /// Works in it.
        Member = "member",
        /// Runs it: its fields, its members, its archive.
        Moderator = "moderator",
        /// The one it belongs to.
        Owner = "owner",
    }
}

words! {
    /// A colour by which people tell projects apart; what shade it is, is the front end's choice.
    pub enum Colour {
        /// Red.
        Red = "red",
        /// Orange.
        Orange = "orange",
        /// Yellow.
        Yellow = "yellow",
        /// Green.
        Green = "green",
        /// Teal.
        Teal = "teal",
        /// Blue.
        Blue = "blue",
        /// Purple.
        Purple = "purple",
        /// Pink.
        Pink = "pink",
        /// Grey.
        Grey = "grey",
    }
}

words! {
    /// What a list of projects can be sorted by.
    pub enum Sort {
        /// Name, letters folded.
        Name = "name",
        /// When it was created.
        CreatedAt = "created_at",
        /// When it last changed.
        UpdatedAt = "updated_at",
        /// The first day.
        StartsOn = "starts_on",
        /// The last day.
        EndsOn = "ends_on",
    }
}

/// The least part that one needs for what each project decides for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Permissions {
    /// Invite others.
    pub invite: ProjectRole,
    /// Write posts.
    pub post: ProjectRole,
    /// Create tasks.
    pub create_tasks: ProjectRole,
    /// Edit the tasks of others.
    pub edit_tasks: ProjectRole,
    /// Upload files.
    pub upload: ProjectRole,
}

impl Permissions {
    /// What a new project starts with.
    pub const DEFAULT: Self = Self {
        invite: ProjectRole::Member,
        post: ProjectRole::Member,
        create_tasks: ProjectRole::Member,
        edit_tasks: ProjectRole::Moderator,
        upload: ProjectRole::Member,
    };
}

/// What can be edited of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectFields {
    /// What it is called.
    pub name: ProjectName,
    /// What it is about.
    pub description: Option<ProjectDescription>,
    /// The first day.
    pub starts_on: Option<NaiveDate>,
    /// The last day.
    pub ends_on: Option<NaiveDate>,
    /// Who else may know of it.
    pub privacy: Privacy,
    /// A colour to tell it by.
    pub colour: Option<Colour>,
    /// Words to group by.
    pub tags: Vec<Tag>,
    /// Who may do what in it.
    pub permissions: Permissions,
}

/// A project as it stands, seen by someone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// What can be edited.
    pub fields: ProjectFields,
    /// The one it belongs to.
    pub owner: UserId,
    /// Whether the owner can still lead it: they have access, and are no guest.
    pub owner_is_active: bool,
    /// What the one who looks is in it.
    pub mine: Option<ProjectRole>,
    /// How many members it has.
    pub members: u64,
    /// Since when it is archived.
    pub archived: Option<Stamp>,
    /// Raised by one with each change of its fields, its owner and its archive.
    pub version: i64,
    /// When it was created.
    pub created: Stamp,
    /// When it last changed.
    pub updated: Stamp,
    /// Since when it lies in the trash.
    pub trashed: Option<Stamp>,
}

impl Project {
    /// How activities name a project.
    #[must_use]
    pub const fn object(id: ProjectId) -> ObjectRef {
        ObjectRef { kind: ObjectKind::Project, id: id.0 }
    }

    /// How the one who looks stands to it.
    #[must_use]
    pub const fn standing(&self, actor: &Actor) -> Standing {
        Standing::new(actor.role, self.fields.privacy, self.mine)
    }

    /// What the actor may do with it now.
    #[must_use]
    pub fn can(&self, actor: &Actor) -> Vec<ProjectAction> {
        let permitted = |action: &ProjectAction| self.may(actor, *action).is_ok() && self.is_open_to(*action);
        ProjectAction::ALL.iter().copied().filter(permitted).collect()
    }

    fn may(&self, actor: &Actor, action: ProjectAction) -> Result<()> {
        let standing = self.standing(actor);
        let may = check(&standing, &self.fields.permissions, action);
        if may.is_err() && action == ProjectAction::HandOver && self.is_orphan_before(standing) {
            return Ok(());
        }
        may
    }

    /// A project whose owner is gone finds a new one through any administrator.
    fn is_orphan_before(&self, standing: Standing) -> bool {
        !self.owner_is_active && standing.has(Relation::Admin)
    }

    /// Whether the state of the project, and of the caller in it, lets the action happen.
    fn is_open_to(&self, action: ProjectAction) -> bool {
        match action {
            ProjectAction::View | ProjectAction::Read => true,
            ProjectAction::Restore => self.trashed.is_some(),
            ProjectAction::Reopen => self.trashed.is_none() && self.archived.is_some(),
            ProjectAction::Join => self.is_live() && self.mine.is_none(),
            ProjectAction::Leave => self.is_live() && self.mine != Some(ProjectRole::Owner),
            _ => self.is_live(),
        }
    }

    const fn is_live(&self) -> bool {
        self.trashed.is_none() && self.archived.is_none()
    }

    /// Lets those pass who may do this to the project now: the right first, then the version, then the state.
    ///
    /// # Errors
    /// [`crate::error::Error::NotFound`], [`crate::error::Error::Forbidden`], [`crate::error::Error::Stale`],
    /// [`Conflict::Trashed`], [`Conflict::Archived`].
    pub fn check(&self, by: &Actor, action: ProjectAction, expected: Option<i64>) -> Result<()> {
        self.may(by, action)?;
        check_version(self.version, expected)?;
        match action {
            ProjectAction::View | ProjectAction::Read | ProjectAction::Restore => Ok(()),
            _ if self.trashed.is_some() => Err(Conflict::Trashed.into()),
            ProjectAction::Reopen => Ok(()),
            _ if self.archived.is_some() => Err(Conflict::Archived.into()),
            _ => Ok(()),
        }
    }

    fn touch(&mut self, by: &Actor, now: DateTime<Utc>) {
        self.version += 1;
        self.updated = Stamp { at: now, by: Some(by.user) };
    }
}

#[cfg(test)]
mod tests;
