//! How far each role reaches into the CRM: a table of levels per role and action, and the one gate that reads it.
//! What the levels mean inside a query stands beside it in the persistence crate; a test compares the two.

use serde::Serialize;

use crate::{
    activity::{Change, ObjectKind, ObjectRef, changes},
    actor::{Actor, Role, UserId},
    error::{Error, Forbidden, Result, require_version},
    level::{CrmAction, Level, Levels},
};

impl Levels {
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
