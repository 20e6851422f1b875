//! Who may do what in a project: a table, and the one gate that reads it. *When* it is possible is the business of
//! the project's state.

use super::{Permissions, Privacy, ProjectRole};
use crate::{
    actor::Role,
    error::{Error, Forbidden, Result},
    words,
};

words! {
    /// What one can do with a project.
    pub enum ProjectAction {
        /// See that it exists: name, description, owner and size.
        View = "view",
        /// See what is in it: its members and its tasks.
        Read = "read",
        /// Become a member.
        Join = "join",
        /// Be a member no more.
        Leave = "leave",
        /// Change its fields, but for privacy and permissions.
        Edit = "edit",
        /// Add and remove members.
        ManageMembers = "manage_members",
        /// Close it for changes.
        Archive = "archive",
        /// Open it again.
        Reopen = "reopen",
        /// Change its privacy, its permissions and the parts of its members.
        Govern = "govern",
        /// Give it another owner.
        HandOver = "hand_over",
        /// Put it into the trash.
        Delete = "delete",
        /// Take it out of the trash.
        Restore = "restore",
        /// Create tasks in it.
        CreateTasks = "create_tasks",
    }
}

words! {
    /// How someone stands to a project. A member's part includes those below it.
    pub enum Relation {
        /// The project is theirs.
        Owner = "owner",
        /// They run it.
        Moderator = "moderator",
        /// They are in it.
        Member = "member",
        /// An administrator of the organisation, inside: as a member, or because the project is open.
        AdminInside = "admin_inside",
        /// An administrator of the organisation.
        Admin = "admin",
        /// Somebody of the staff.
        Staff = "staff",
    }
}

impl ProjectRole {
    /// What the part lets somebody do. Guests lead nothing: who became one keeps a member's part.
    #[must_use]
    pub const fn held_by(self, role: Role) -> Self {
        match role {
            Role::Guest => Self::Member,
            Role::Admin | Role::Employee => self,
        }
    }
}

/// How someone stands to a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    role: Role,
    privacy: Privacy,
    mine: Option<ProjectRole>,
}

impl Standing {
    /// What they are in the organisation and in the project.
    #[must_use]
    pub const fn new(role: Role, privacy: Privacy, mine: Option<ProjectRole>) -> Self {
        let mine = match mine {
            Some(part) => Some(part.held_by(role)),
            None => None,
        };
        Self { role, privacy, mine }
    }

    /// Whether they stand to it like this.
    #[must_use]
    pub fn has(&self, relation: Relation) -> bool {
        let is_at_least = |part| self.mine.is_some_and(|mine| mine >= part);
        match relation {
            Relation::Owner => is_at_least(ProjectRole::Owner),
            Relation::Moderator => is_at_least(ProjectRole::Moderator),
            Relation::Member => self.mine.is_some(),
            Relation::AdminInside => {
                self.role == Role::Admin && (self.mine.is_some() || self.privacy == Privacy::Open)
            }
            Relation::Admin => self.role == Role::Admin,
            Relation::Staff => self.role != Role::Guest,
        }
    }
}

/// The table. A new action does not compile until it has a row.
#[must_use]
pub const fn who(action: ProjectAction, privacy: Privacy, permissions: &Permissions) -> &'static [Relation] {
    use Relation::{Admin, AdminInside, Member, Moderator, Owner, Staff};
    match action {
        ProjectAction::View => match privacy {
            Privacy::Open | Privacy::Closed => &[Member, Staff],
            Privacy::Secret => &[Member, Admin],
        },
        ProjectAction::Read => match privacy {
            Privacy::Open => &[Member, Staff],
            Privacy::Closed | Privacy::Secret => &[Member],
        },
        ProjectAction::Join => match privacy {
            Privacy::Open => &[Staff],
            Privacy::Closed | Privacy::Secret => &[],
        },
        ProjectAction::Leave => &[Member],
        ProjectAction::Edit
        | ProjectAction::ManageMembers
        | ProjectAction::Archive
        | ProjectAction::Reopen => &[Moderator, AdminInside],
        ProjectAction::Govern | ProjectAction::HandOver | ProjectAction::Delete | ProjectAction::Restore => {
            &[Owner, AdminInside]
        }
        ProjectAction::CreateTasks => at_least(permissions.create_tasks),
    }
}

/// What the project decides for itself.
const fn at_least(part: ProjectRole) -> &'static [Relation] {
    match part {
        ProjectRole::Member => &[Relation::Member, Relation::AdminInside],
        ProjectRole::Moderator => &[Relation::Moderator, Relation::AdminInside],
        ProjectRole::Owner => &[Relation::Owner, Relation::AdminInside],
    }
}

/// The gate: a project that one may not view does not exist, one that one may view can still refuse.
///
/// # Errors
/// [`Error::NotFound`] or [`Forbidden::NotAllowed`]; what lies beneath a project that one may only view does not
/// exist either.
pub fn check(standing: &Standing, permissions: &Permissions, action: ProjectAction) -> Result<()> {
    let may = |action| who(action, standing.privacy, permissions).iter().any(|it| standing.has(*it));
    if may(action) {
        Ok(())
    } else if may(ProjectAction::View) && action != ProjectAction::Read {
        Err(Forbidden::NotAllowed.into())
    } else {
        Err(Error::NotFound)
    }
}
