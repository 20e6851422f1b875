//! How far an action in the CRM reaches: the levels, and those of one role. Who stands where is the business of
//! [`crate::access`].

use serde::{Deserialize, Serialize};

use crate::words;

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
