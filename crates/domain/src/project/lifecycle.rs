//! What becomes of a project: its archive, the trash, another owner.

use chrono::{DateTime, Utc};

use super::{Candidate, Project, ProjectAction, ProjectRole};
use crate::{
    activity::Change,
    actor::{Actor, UserId},
    error::{Error, FaultCode, Result},
    record::Stamp,
};

impl Project {
    /// Closes the project for changes.
    ///
    /// # Errors
    /// Those of [`Project::check`].
    pub fn archive(&mut self, by: &Actor, expected: Option<i64>, now: DateTime<Utc>) -> Result<()> {
        self.check(by, ProjectAction::Archive, expected)?;
        self.archived = Some(Stamp { at: now, by: Some(by.user) });
        self.touch(by, now);
        Ok(())
    }

    /// Opens an archived project again; nothing happens to one that is open.
    ///
    /// # Errors
    /// Those of [`Project::check`].
    pub fn reopen(&mut self, by: &Actor, expected: Option<i64>, now: DateTime<Utc>) -> Result<bool> {
        self.check(by, ProjectAction::Reopen, expected)?;
        Ok(self.take_back(by, now, |project| project.archived.take()))
    }

    /// Puts the project into the trash, with its tasks.
    ///
    /// # Errors
    /// Those of [`Project::check`].
    pub fn trash(&mut self, by: &Actor, expected: Option<i64>, now: DateTime<Utc>) -> Result<()> {
        self.check(by, ProjectAction::Delete, expected)?;
        self.trashed = Some(Stamp { at: now, by: Some(by.user) });
        self.touch(by, now);
        Ok(())
    }

    /// Takes the project out of the trash, with its tasks; nothing happens to one that is not there.
    ///
    /// # Errors
    /// Those of [`Project::check`].
    pub fn restore(&mut self, by: &Actor, expected: Option<i64>, now: DateTime<Utc>) -> Result<bool> {
        self.check(by, ProjectAction::Restore, expected)?;
        Ok(self.take_back(by, now, |project| project.trashed.take()))
    }

    /// Gives the project another owner; the one before stays as a moderator.
    ///
    /// # Errors
    /// Those of [`Project::check`]; a fault of `to`.
    pub fn hand_over(
        &mut self,
        by: &Actor,
        expected: Option<i64>,
        to: Candidate,
        now: DateTime<Utc>,
    ) -> Result<Change> {
        self.check(by, ProjectAction::HandOver, expected)?;
        to.check(ProjectRole::Owner, "/to")?;
        if to.user == self.owner {
            return Err(Error::invalid("/to", FaultCode::Already, "is the owner already"));
        }
        Ok(self.give(by, to.user, now))
    }

    /// Gives the project of somebody who loses access to whoever takes over what they leave behind, wherever it lies:
    /// in the archive and in the trash too.
    ///
    /// # Errors
    /// [`crate::error::Forbidden::AdminOnly`].
    pub fn inherit(&mut self, by: &Actor, heir: UserId, now: DateTime<Utc>) -> Result<Change> {
        by.require_admin()?;
        Ok(self.give(by, heir, now))
    }

    fn give(&mut self, by: &Actor, to: UserId, now: DateTime<Utc>) -> Change {
        let change = Change { field: "owner_id".to_owned(), old: self.owner.0.into(), new: to.0.into() };
        self.mine = match self.mine {
            Some(ProjectRole::Owner) => Some(ProjectRole::Moderator),
            _ if to == by.user => Some(ProjectRole::Owner),
            mine => mine,
        };
        self.owner = to;
        self.owner_is_active = true;
        self.touch(by, now);
        change
    }

    fn take_back(
        &mut self,
        by: &Actor,
        now: DateTime<Utc>,
        take: impl Fn(&mut Self) -> Option<Stamp>,
    ) -> bool {
        let was = take(self).is_some();
        if was {
            self.touch(by, now);
        }
        was
    }
}
