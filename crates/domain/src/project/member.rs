//! Who is in a project: who may come in, with which part, and what must be settled before they go.

use chrono::{DateTime, Utc};

use super::{Project, ProjectAction, ProjectRole};
use crate::{
    actor::{Actor, Role, UserId},
    error::{Conflict, Error, FaultCode, Result},
    words,
};

words! {
    /// What the members of a project can be sorted by.
    pub enum MemberSort {
        /// Last name, then first name, letters folded.
        Name = "name",
        /// Since when they are in it.
        Since = "since",
    }
}

/// A member of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: ProjectRole,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// A user who is to have a part in something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub user: UserId,
    /// What they can do in the organisation.
    pub fitness: Fitness,
}

/// What stands against giving someone a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fitness {
    /// Nothing: an active member of the staff.
    Staff,
    /// They are an active guest.
    Guest,
    /// They can no longer sign in.
    Inactive,
    /// The one who asks knows nobody like this.
    Unknown,
}

impl Fitness {
    /// That of somebody whom the one who asks knows.
    #[must_use]
    pub const fn of(role: Role, is_active: bool) -> Self {
        match (role, is_active) {
            (_, false) => Self::Inactive,
            (Role::Guest, true) => Self::Guest,
            (Role::Admin | Role::Employee, true) => Self::Staff,
        }
    }
}

impl Candidate {
    /// Lets those pass who can have the part.
    ///
    /// # Errors
    /// A fault at the pointer.
    pub fn check(self, role: ProjectRole, pointer: &str) -> Result<()> {
        let (code, message) = match (self.fitness, role) {
            (Fitness::Staff, _) | (Fitness::Guest, ProjectRole::Member) => return Ok(()),
            (Fitness::Guest, _) => (FaultCode::IsAGuest, "must be a member of the staff"),
            (Fitness::Inactive, _) => (FaultCode::Inactive, "must be an active user"),
            (Fitness::Unknown, _) => (FaultCode::Unknown, "must be an active user"),
        };
        Err(Error::invalid(pointer, code, message))
    }
}

/// What came of adding someone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// They are a member now.
    New,
    /// They have another part now.
    Changed {
        /// The part that they had.
        from: ProjectRole,
    },
    /// They had the part already.
    Unchanged,
}

/// Adds someone, or gives a member another part. A project has one owner, who changes by hand-over alone.
///
/// # Errors
/// Those of [`Project::check`]: whoever runs the project adds members, whoever governs it gives parts; a fault of the
/// candidate; [`Conflict::OwnerStays`].
pub fn add(
    project: &Project,
    by: &Actor,
    candidate: Candidate,
    present: Option<ProjectRole>,
    role: ProjectRole,
) -> Result<Entry> {
    let needed = match (present, role) {
        (None, ProjectRole::Member) => ProjectAction::ManageMembers,
        (Some(present), role) if present == role => ProjectAction::ManageMembers,
        _ => ProjectAction::Govern,
    };
    project.check(by, needed, None)?;
    match present {
        Some(present) if present == role => Ok(Entry::Unchanged),
        Some(ProjectRole::Owner) => Err(Conflict::OwnerStays.into()),
        _ if role == ProjectRole::Owner => {
            let message = "becomes the owner when the project is handed over";
            Err(Error::invalid("/role", FaultCode::OutOfRange, message))
        }
        Some(from) => {
            candidate.check(role, "/role")?;
            Ok(Entry::Changed { from })
        }
        None => {
            candidate.check(role, "/user_id")?;
            Ok(Entry::New)
        }
    }
}

/// Gives a member another part.
///
/// # Errors
/// Those of [`add`]; [`Error::NotFound`] for who is no member.
pub fn move_to(
    project: &Project,
    by: &Actor,
    candidate: Candidate,
    present: Option<ProjectRole>,
    role: ProjectRole,
) -> Result<Entry> {
    project.check(by, ProjectAction::Govern, None)?;
    match present {
        Some(_) => add(project, by, candidate, present, role),
        None => Err(Error::NotFound),
    }
}

/// Becomes a member of an open project.
///
/// # Errors
/// Those of [`Project::check`].
pub fn join(project: &Project, by: &Actor) -> Result<Entry> {
    if project.mine.is_some() {
        project.check(by, ProjectAction::Leave, None)?;
        return Ok(Entry::Unchanged);
    }
    project.check(by, ProjectAction::Join, None)?;
    Ok(Entry::New)
}

/// Someone who is to leave a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Who.
    pub user: UserId,
    /// As what they are in it.
    pub role: ProjectRole,
    /// How many open tasks of the project they are responsible for.
    pub open_tasks: u64,
    /// Who takes these over.
    pub heir: Option<Candidate>,
    /// Whether the heir is a member.
    pub heir_is_member: bool,
}

/// Whether someone may leave, or be removed: whoever runs the project removes members, whoever governs it moderators.
///
/// # Errors
/// Those of [`Project::check`]; [`Conflict::OwnerStays`], [`Conflict::HasOpenTasks`]; a fault of `/reassign_to`.
pub fn check_exit(project: &Project, by: &Actor, exit: Exit) -> Result<()> {
    let needed = match exit.role {
        _ if exit.user == by.user => ProjectAction::Leave,
        ProjectRole::Member => ProjectAction::ManageMembers,
        ProjectRole::Moderator | ProjectRole::Owner => ProjectAction::Govern,
    };
    project.check(by, needed, None)?;
    if exit.role == ProjectRole::Owner {
        return Err(Conflict::OwnerStays.into());
    }
    let Some(heir) = exit.heir else {
        return if exit.open_tasks == 0 { Ok(()) } else { Err(Conflict::HasOpenTasks.into()) };
    };
    if heir.user == exit.user || !exit.heir_is_member {
        let message = "must be another active member of the project";
        return Err(Error::invalid("/reassign_to", FaultCode::NotAMember, message));
    }
    heir.check(ProjectRole::Member, "/reassign_to")
}
