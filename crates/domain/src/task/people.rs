//! The people of a task: who has which part in it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Part, Role, Task};
use crate::{
    activity::{Change, changes},
    actor::UserId,
};

/// Who has which part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct People {
    /// Who set it.
    pub creator: UserId,
    /// Who sees to it that it is done; never a co-executor or an observer as well.
    pub responsible: UserId,
    /// Who works on it too.
    pub co_executors: BTreeSet<UserId>,
    /// Who follows it.
    pub observers: BTreeSet<UserId>,
    /// Who accepts it, where somebody was named.
    pub reviewer: Option<UserId>,
}

/// The parts as the log tells them, under the names of the API.
#[derive(Serialize)]
struct Face<'a> {
    responsible_id: Option<UserId>,
    reviewer_id: Option<UserId>,
    co_executor_ids: Option<&'a BTreeSet<UserId>>,
    observer_ids: Option<&'a BTreeSet<UserId>>,
}

impl People {
    /// Which parts changed, for the log.
    #[must_use]
    pub fn changes_to(&self, after: &Self) -> Vec<Change> {
        changes(&self.face(), &after.face())
    }

    /// Which parts a new task has, for the log.
    #[must_use]
    pub fn initial(&self) -> Vec<Change> {
        let nobody =
            Face { responsible_id: None, reviewer_id: None, co_executor_ids: None, observer_ids: None };
        let some = |people| Some(people).filter(|people: &&BTreeSet<UserId>| !people.is_empty());
        let (co_executor_ids, observer_ids) = (some(&self.co_executors), some(&self.observers));
        changes(&nobody, &Face { co_executor_ids, observer_ids, ..self.face() })
    }

    const fn face(&self) -> Face<'_> {
        Face {
            responsible_id: Some(self.responsible),
            reviewer_id: self.reviewer,
            co_executor_ids: Some(&self.co_executors),
            observer_ids: Some(&self.observers),
        }
    }

    /// Everybody with a part, each of their parts by itself, in the order of [`Role`]'s words.
    pub fn parts(&self) -> impl Iterator<Item = (UserId, Role)> {
        let one = |user, role| std::iter::once((user, role));
        one(self.creator, Role::Creator)
            .chain(one(self.responsible, Role::Responsible))
            .chain(self.co_executors.iter().map(|user| (*user, Role::CoExecutor)))
            .chain(self.reviewer.map(|user| (user, Role::Reviewer)))
            .chain(self.observers.iter().map(|user| (*user, Role::Observer)))
    }

    /// Whether somebody has any part.
    #[must_use]
    pub fn include(&self, user: UserId) -> bool {
        self.parts().any(|(participant, _)| participant == user)
    }

    /// Whether somebody works on it, as the responsible person or beside them.
    #[must_use]
    pub fn work(&self, user: UserId) -> bool {
        self.responsible == user || self.co_executors.contains(&user)
    }
}

impl Task {
    /// Everybody with a part, among them the creator who reviews where nobody else was named. Leaders who stand in for a
    /// reviewer have no part of their own.
    #[must_use]
    pub fn parts(&self) -> Vec<(UserId, Role)> {
        let mut parts: Vec<(UserId, Role)> = self.people.parts().collect();
        if self.fields.needs_review && self.people.reviewer.is_none() {
            parts.push((self.people.creator, Role::Reviewer));
        }
        parts
    }
}

impl People {
    /// Makes somebody else responsible, who has no other part in the work from now on and does not review it.
    pub(super) fn pass_on(&mut self, to: UserId) {
        self.responsible = to;
        self.co_executors.remove(&to);
        self.observers.remove(&to);
        self.reviewer.take_if(|reviewer| *reviewer == to);
    }

    /// Makes somebody else responsible. The one before follows the task, unless they have another part.
    pub(super) fn delegate(&mut self, to: UserId) {
        let before = self.responsible;
        self.pass_on(to);
        if !self.include(before) {
            self.observers.insert(before);
        }
    }

    pub(super) const fn having(&mut self, part: Part) -> &mut BTreeSet<UserId> {
        match part {
            Part::CoExecutor => &mut self.co_executors,
            Part::Observer => &mut self.observers,
        }
    }
}
