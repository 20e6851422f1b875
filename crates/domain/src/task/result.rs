//! What came of a task, and which records of the CRM it concerns: who may add that, and who takes it away.

use chrono::{DateTime, Utc};

use super::{Action, ResultId, ResultText, Task, TaskId, check};
use crate::{
    actor::{Actor, UserId},
    company::CompanyId,
    contact::ContactId,
    error::{Forbidden, Result, check_version},
};

/// A result that somebody gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskResult {
    /// Its id.
    pub id: ResultId,
    /// The task that it is of.
    pub task: TaskId,
    /// Who gave it.
    pub author: UserId,
    /// What came of the task.
    pub text: ResultText,
    /// When it was given.
    pub created_at: DateTime<Utc>,
}

/// A record of the CRM that a task concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A contact.
    Contact(ContactId),
    /// A company.
    Company(CompanyId),
}

impl Task {
    /// Lets those pass who may give a result now.
    ///
    /// # Errors
    /// [`crate::error::Error::NotFound`], [`Forbidden::NotAllowed`], [`crate::error::Conflict::Archived`].
    pub fn check_give_result(&self, by: &Actor) -> Result<()> {
        check(&self.standing(by), Action::AddResult)?;
        self.check_place()
    }

    /// Lets those pass who may take a result away now: its author, and whoever leads the task.
    ///
    /// # Errors
    /// Those of [`Task::check_give_result`].
    pub fn check_remove_result(&self, by: &Actor, result: &TaskResult) -> Result<()> {
        let standing = self.standing(by);
        check(&standing, Action::Read)?;
        if result.author != by.user && !standing.may(Action::Moderate) {
            return Err(Forbidden::NotAllowed.into());
        }
        self.check_place()
    }

    /// Lets those pass who may say now which records the task concerns.
    ///
    /// # Errors
    /// [`crate::error::Error::NotFound`], [`Forbidden::NotAllowed`], [`crate::error::Error::Stale`],
    /// [`crate::error::Conflict::Archived`].
    pub fn check_link(&self, by: &Actor, expected: Option<i64>) -> Result<()> {
        check(&self.standing(by), Action::Edit)?;
        check_version(self.version, expected)?;
        self.check_place()
    }

    /// Lets those pass who may follow the task, keep it among their favourites or silence it. That is possible even where
    /// nothing else may change.
    ///
    /// # Errors
    /// [`crate::error::Error::NotFound`].
    pub fn check_mark(&self, by: &Actor) -> Result<()> {
        check(&self.standing(by), Action::Watch)
    }
}
