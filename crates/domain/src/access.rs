//! How far each role reaches into the CRM: a table of levels per role and action, and the one gate that reads it.
//! What the levels mean inside a query stands beside it in the persistence crate; a test compares the two.

use serde::{Deserialize, Serialize};

use crate::{
    activity::{Change, ObjectKind, ObjectRef, changes},
    actor::{Actor, Role, UserId},
    error::{Error, Forbidden, Result, require_version},
    words,
};

words! {
    /// What one can do with a CRM record.
    pub enum CrmAction {
        /// See it.
        Read = "read",
        /// Create and change it, link it.
        Write = "write",
        /// Put it into the trash and take it out again.
        Delete = "delete",
        /// Take it out of the system as a file.
        Export = "export",
        /// Bring it in from a file.
        Import = "import",
    }
}

words! {
    /// How far an action reaches; each level includes the ones before it.
    pub enum Level {
        /// Nothing.
        None = "none",
        /// Records that I am responsible for.
        Own = "own",
        /// Also those of the people below me.
        Department = "department",
        /// Also those marked as shared.
        Shared = "shared",
        /// Every record.
        All = "all",
    }
}

/// The levels of one role, one for each action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Levels {
    /// See records.
    pub read: Level,
    /// Create and change records.
    pub write: Level,
    /// Put records into the trash.
    pub delete: Level,
    /// Take records out as a file.
    pub export: Level,
    /// Bring records in from a file.
    pub import: Level,
}

impl Levels {
    /// Every action on every record: what administrators have, always.
    pub const ALL: Self = Self::uniform(Level::All);
    /// No action on any record.
    pub const NONE: Self = Self::uniform(Level::None);

    const fn uniform(level: Level) -> Self {
        Self { read: level, write: level, delete: level, export: level, import: level }
    }

    /// What a new organisation starts with.
    #[must_use]
    pub const fn default_of(role: Role) -> Self {
        match role {
            Role::Admin => Self::ALL,
            Role::Employee => Self {
                read: Level::Shared,
                write: Level::Department,
                delete: Level::Own,
                export: Level::Own,
                import: Level::Own,
            },
            Role::Guest => Self::NONE,
        }
    }

    /// The level in force for an action. What one may not read one may not touch: every other action lies
    /// within reading.
    #[must_use]
    pub fn of(&self, action: CrmAction) -> Level {
        let granted = match action {
            CrmAction::Read => self.read,
            CrmAction::Write => self.write,
            CrmAction::Delete => self.delete,
            CrmAction::Export => self.export,
            CrmAction::Import => self.import,
        };
        granted.min(self.read)
    }
}

/// What decides whose record it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Who is responsible for the record.
    pub responsible: UserId,
    /// Whether the responsible user is among the people below the one who asks.
    pub below: bool,
    /// Whether the record is marked as shared.
    pub shared: bool,
}

impl Standing {
    /// The least level that reaches this record.
    #[must_use]
    pub fn needs(&self, actor: &Actor) -> Level {
        if self.responsible == actor.user {
            Level::Own
        } else if self.below {
            Level::Department
        } else if self.shared {
            Level::Shared
        } else {
            Level::All
        }
    }

    /// Whether the actor may do this to the record.
    #[must_use]
    pub fn permits(&self, actor: &Actor, action: CrmAction) -> bool {
        actor.level(action) >= self.needs(actor)
    }

    /// The gate: a record that one may not read does not exist, one that one may read can still refuse.
    ///
    /// # Errors
    /// [`Error::NotFound`] or [`Forbidden::AccessLevel`].
    pub fn check(&self, actor: &Actor, action: CrmAction) -> Result<()> {
        if self.permits(actor, action) {
            Ok(())
        } else if self.permits(actor, CrmAction::Read) {
            Err(Error::Forbidden(Forbidden::AccessLevel))
        } else {
            Err(Error::NotFound)
        }
    }
}

/// The whole table. Only the row of employees can be set: administrators reach everything, guests nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrmAccess {
    /// What employees may.
    pub employee: Levels,
    /// Raised by one with each change.
    pub version: i64,
}

#[derive(Serialize)]
struct Rows {
    employee: Levels,
}

impl CrmAccess {
    /// How activities name the only table.
    pub const OBJECT: ObjectRef = ObjectRef { kind: ObjectKind::CrmAccess, id: 1 };

    /// The row of a role.
    #[must_use]
    pub const fn of(&self, role: Role) -> Levels {
        match role {
            Role::Admin => Levels::ALL,
            Role::Employee => self.employee,
            Role::Guest => Levels::NONE,
        }
    }

    /// Saves over the whole table.
    ///
    /// # Errors
    /// [`Forbidden::AdminOnly`], [`Error::VersionRequired`], [`Error::Stale`].
    pub fn replace(&mut self, by: &Actor, expected: Option<i64>, employee: Levels) -> Result<Vec<Change>> {
        by.require_admin()?;
        require_version(self.version, expected)?;
        let before = Rows { employee: self.employee };
        let changed = changes(&before, &Rows { employee });
        if !changed.is_empty() {
            self.employee = employee;
            self.version += 1;
        }
        Ok(changed)
    }
}

#[cfg(test)]
mod tests;
