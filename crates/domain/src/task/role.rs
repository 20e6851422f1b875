//! Who can have which part in a task, and how parts are given and taken. The responsible person changes by delegation
//! alone.

use chrono::{DateTime, Utc};

use super::{Action, MOST_PEOPLE, People, Place, Role, Status, Task, check};
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

/// How many of these parts cannot be had in a project, or outside of projects where none is given. Creators stay what they
/// are, wherever their task goes.
#[must_use]
pub fn misfits(parts: &[(Hand, Role)], place: Option<&Place>) -> usize {
    let is_misfit = |(hand, role): &&(Hand, Role)| match role {
        Role::Creator => false,
        Role::Observer => hand.fault_as_observer(place, "").is_some(),
        Role::Responsible | Role::CoExecutor | Role::Reviewer => hand.fault("").is_some(),
    };
    parts.iter().filter(is_misfit).count()
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
    ) -> Result<Vec<Change>> {
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
            return Ok(Vec::new());
        }
        if part == Part::CoExecutor && self.reviews(user) {
            return Err(Error::invalid("/user_id", FaultCode::ReviewsOwnWork, "reviews the task"));
        }
        if self.people.having(part).len() >= MOST_PEOPLE {
            return Err(Conflict::LimitReached.into());
        }
        let before = self.people.clone();
        self.people.having(part).insert(user);
        Ok(self.people_changed(&before, by, now))
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
    ) -> Result<Vec<Change>> {
        let action = match part {
            Part::Observer if user == by.user => Action::Watch,
            Part::Observer | Part::CoExecutor => Action::AssignRoles,
        };
        check(&self.standing(by), action)?;
        check_version(self.version, expected)?;
        self.check_place()?;
        let before = self.people.clone();
        self.people.having(part).remove(&user);
        Ok(self.people_changed(&before, by, now))
    }

    /// What changed of the people; the task changes where anything did.
    fn people_changed(&mut self, before: &People, by: &Actor, now: DateTime<Utc>) -> Vec<Change> {
        let changes = before.changes_to(&self.people);
        if !changes.is_empty() {
            self.touch(Some(by.user), now);
        }
        changes
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
        let before = self.people.clone();
        self.people.co_executors.remove(&user);
        self.people.observers.remove(&user);
        self.people.reviewer.take_if(|reviewer| *reviewer == user);
        if let Some(heir) = heir
            && before.responsible == user
            && self.state.status != Status::Completed
        {
            self.people.pass_on(heir);
        }
        self.people_changed(&before, by, now)
    }
}
