//! Who asks, and by what right. Every read and every write takes an [`Actor`].

use serde::Serialize;

use crate::{
    error::{Error, Forbidden, Result},
    id,
    level::{CrmAction, Level, Levels},
    words,
};

id! {
    /// A user of the organisation.
    UserId,
    /// One sign-in of a user on one client.
    SessionId,
    /// A personal access token.
    TokenId,
}

words! {
    /// What a user is in the organisation. Guests are clients and contractors: they never see the CRM or the
    /// staff directory.
    pub enum Role {
        /// Runs the organisation: people, settings, dictionaries, access levels.
        Admin = "admin",
        /// Works here.
        Employee = "employee",
        /// Works with us from outside.
        Guest = "guest",
    }
}

words! {
    /// What a personal access token may be used for. A scope narrows what its owner may do and never widens it.
    pub enum Scope {
        /// Read one's own profile.
        ProfileRead = "profile:read",
        /// Read users and departments.
        PeopleRead = "people:read",
        /// Read contacts, companies and the CRM's dictionaries.
        CrmRead = "crm:read",
        /// Change contacts and companies.
        CrmWrite = "crm:write",
        /// Read projects and their members.
        ProjectsRead = "projects:read",
        /// Change projects and their members.
        ProjectsWrite = "projects:write",
        /// Read tasks, their comments, results and history.
        TasksRead = "tasks:read",
        /// Change tasks, comment and move them on.
        TasksWrite = "tasks:write",
    }
}

/// The credential behind a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// Signed in with a password.
    Session(SessionId),
    /// A personal access token with these scopes.
    Token(TokenId, Vec<Scope>),
}

/// The person who asks, with what the organisation lets them do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub user: UserId,
    /// What they are in the organisation.
    pub role: Role,
    /// Through which credential.
    pub via: Via,
    /// How far they reach into the CRM.
    pub levels: Levels,
}

impl Actor {
    /// Nobody: whoever reads for the system itself has no relation to anything.
    #[must_use]
    pub fn nobody() -> Self {
        let (user, role) = (UserId(0), Role::Guest);
        Self { user, role, via: Via::Session(SessionId(0)), levels: Levels::default_of(role) }
    }

    /// Lets administrators pass.
    ///
    /// # Errors
    /// [`Forbidden::AdminOnly`] for everybody else.
    pub fn require_admin(&self) -> Result<()> {
        match self.role {
            Role::Admin => Ok(()),
            Role::Employee | Role::Guest => Err(Error::Forbidden(Forbidden::AdminOnly)),
        }
    }

    /// Lets the staff pass.
    ///
    /// # Errors
    /// [`Forbidden::NotAllowed`] for guests.
    pub fn require_staff(&self) -> Result<()> {
        match self.role {
            Role::Admin | Role::Employee => Ok(()),
            Role::Guest => Err(Forbidden::NotAllowed.into()),
        }
    }

    /// The level at which this person may do something in the CRM.
    #[must_use]
    pub fn level(&self, action: CrmAction) -> Level {
        self.levels.of(action)
    }

    /// How this person stands in the activity log.
    #[must_use]
    pub fn author(&self) -> Author {
        match self.via {
            Via::Session(session) => Author::Session(self.user, session),
            Via::Token(token, _) => Author::Token(self.user, token),
        }
    }
}

/// Who wrote something: a person through a credential, or the system itself (workers and the command line).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Author {
    /// A person who was signed in.
    Session(UserId, SessionId),
    /// A person's script.
    Token(UserId, TokenId),
    /// Artel itself, or its operator at the command line.
    System,
}

impl Author {
    /// The person, if it was one.
    #[must_use]
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::Session(user, _) | Self::Token(user, _) => Some(user),
            Self::System => None,
        }
    }
}
