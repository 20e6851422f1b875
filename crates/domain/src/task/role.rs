//! Who can have which part in a task, and how parts are given and taken. The responsible person changes by delegation
//! alone.

use chrono::{DateTime, Utc};

use super::{Action, MOST_PEOPLE, Place, Role, Task, check};
use crate::{
    activity::Change,
    actor::{Actor, UserId},
    error::{Conflict, Error, Fault, FaultCode, Result, check_version},
    project::{Fitness, Privacy},
};

/// A part that is given one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Working on it too.
    CoExecutor,
    /// Following it.
    Observer,
}

impl Part {
    const fn role(self) -> Role {
        match self {
            Self::CoExecutor => Role::CoExecutor,
            Self::Observer => Role::Observer,
        }
    }
}

/// Someone who is to have a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Who.
    pub user: UserId,
    /// What they can do in the organisation.
    pub fitness: Fitness,
    /// Whether they are in the project; outside of projects the whole staff is, and guests are not.
    pub is_inside: bool,
}

/// What came of giving or taking a part: the change, or nothing.
pub type PartChange = Option<Change>;

impl Hand {
    /// What stands against their working on the task or reviewing it: they must be active, and in its project.
    #[must_use]
    pub fn fault(self, pointer: &str) -> Option<Fault> {
        let (code, message) = match (self.fitness, self.is_inside) {
            (Fitness::Unknown, _) => (FaultCode::Unknown, "must be an active user"),
            (Fitness::Inactive, _) => (FaultCode::Inactive, "must be an active user"),
            (Fitness::Guest, false) => {
                (FaultCode::IsAGuest, "must not be a guest, who have parts only in tasks of their projects")
            }
            (Fitness::Staff, false) => (FaultCode::NotAMember, "must be an active member of the project"),
            (Fitness::Guest | Fitness::Staff, true) => return None,
        };
        Some(Fault::new(pointer, code, message))
    }

    /// What stands against their following the task: of an open project the whole staff may follow tasks.
    #[must_use]
    pub fn fault_as_observer(self, place: Option<&Place>, pointer: &str) -> Option<Fault> {
        let is_open = place.is_some_and(|place| place.privacy == Privacy::Open);
        let is_inside = self.is_inside || (is_open && self.fitness == Fitness::Staff);
        Self { is_inside, ..self }.fault(pointer)
    }
}

impl Task {
    /// Gives someone a part; nothing happens to who has it already, or is responsible anyway.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Stale`], [`Conflict::Archived`],
    /// [`Conflict::LimitReached`]; a fault of `/user_id`.
    pub fn give(
        &mut self,
        by: &Actor,
        expected: Option<i64>,
        part: Part,
        hand: Hand,
        now: DateTime<Utc>,
    ) -> Result<PartChange> {
        let action = match part {
            Part::CoExecutor => Action::AddCoExecutors,
            Part::Observer => Action::AddObservers,
        };
        check(&self.standing(by), action)?;
        check_version(self.version, expected)?;
        self.check_place()?;
        let fault = match part {
            Part::CoExecutor => hand.fault("/user_id"),
            Part::Observer => hand.fault_as_observer(self.place.as_ref(), "/user_id"),
        };
        Error::unless_empty(fault.into_iter().collect())?;
        let user = hand.user;
        if self.people.responsible == user || self.people.having(part).contains(&user) {
            return Ok(None);
        }
        if part == Part::CoExecutor && self.reviews(user) {
            return Err(Error::invalid("/user_id", FaultCode::ReviewsOwnWork, "reviews the task"));
        }
        if self.people.having(part).len() >= MOST_PEOPLE {
            return Err(Conflict::LimitReached.into());
        }
        self.people.having(part).insert(user);
        self.touch(Some(by.user), now);
        let role = part.role().as_str();
        Ok(Some(Change { field: role.to_owned(), old: serde_json::Value::Null, new: user.0.into() }))
    }

    /// Takes a part away; nothing happens to who does not have it. Observers may stop following by themselves.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Stale`], [`Conflict::Archived`].
    pub fn take(
        &mut self,
        by: &Actor,
        expected: Option<i64>,
        part: Part,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<PartChange> {
        let action = match part {
            Part::Observer if user == by.user => Action::Watch,
            Part::Observer | Part::CoExecutor => Action::AssignRoles,
        };
        check(&self.standing(by), action)?;
        check_version(self.version, expected)?;
        self.check_place()?;
        Ok(self.drop_part(part, user).inspect(|_| self.touch(Some(by.user), now)))
    }

    fn drop_part(&mut self, part: Part, user: UserId) -> PartChange {
        let had = self.people.having(part).remove(&user);
        let role = part.role().as_str();
        had.then(|| Change { field: role.to_owned(), old: user.0.into(), new: serde_json::Value::Null })
    }

    /// Whether someone accepts the task, as far as it is to be accepted.
    pub(super) fn reviews(&self, user: UserId) -> bool {
        self.people.reviewer == Some(user) || (self.fields.needs_review && self.reviewers().contains(&user))
    }

    /// Ends every part of someone who leaves the project but the one of its creator, which stays as a fact. Whoever
    /// inherits their open tasks is made responsible; done ones keep theirs.
    pub fn part_with(
        &mut self,
        user: UserId,
        heir: Option<UserId>,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Vec<Change> {
        let mut changes: Vec<Change> = [Part::CoExecutor, Part::Observer]
            .into_iter()
            .filter_map(|part| self.drop_part(part, user))
            .collect();
        let change =
            |field: &str, new: serde_json::Value| Change { field: field.to_owned(), old: user.0.into(), new };
        if self.people.reviewer == Some(user) {
            self.people.reviewer = None;
            changes.push(change("reviewer_id", serde_json::Value::Null));
        }
        if let Some(heir) = heir
            && self.people.responsible == user
        {
            self.people.responsible = heir;
            self.people.co_executors.remove(&heir);
            self.people.observers.remove(&heir);
            self.people.reviewer.take_if(|reviewer| *reviewer == heir);
            changes.push(change("responsible_id", heir.0.into()));
        }
        if !changes.is_empty() {
            self.touch(Some(by.user), now);
        }
        changes
    }
}
