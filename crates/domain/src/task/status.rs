//! What follows from what: the table of transitions, and the one function that changes a task's status. *Who* may is
//! the business of `permission`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Action, Hand, Reason, State, Status, Task, check};
use crate::{
    activity::{Change, Verb, changes},
    actor::Actor,
    error::{Conflict, Error, FaultCode, Forbidden, Result, check_version},
    record::Stamp,
};

/// The actions that change the status, in the order of the table.
pub const VERBS: [Action; 9] = [
    Action::Start,
    Action::Pause,
    Action::Defer,
    Action::Complete,
    Action::Approve,
    Action::Return,
    Action::Withdraw,
    Action::Reopen,
    Action::Delegate,
];

/// The statuses from which an action leads, and the one that it leads to; nothing for what changes no status. Where a
/// task needs a review, `complete` leads to [`Status::InReview`] instead.
#[must_use]
pub const fn row(action: Action) -> Option<(&'static [Status], Status)> {
    use Status::{Completed, Deferred, InProgress, InReview, Pending};
    Some(match action {
        Action::Start => (&[Pending, Deferred], InProgress),
        Action::Pause => (&[InProgress], Pending),
        Action::Defer => (&[Pending, InProgress], Deferred),
        Action::Complete => (&[Pending, InProgress, Deferred], Completed),
        Action::Approve => (&[InReview], Completed),
        Action::Return => (&[InReview], Pending),
        Action::Withdraw => (&[InReview], InProgress),
        Action::Reopen => (&[Completed, Deferred], Pending),
        Action::Delegate => (&[Pending, InProgress, Deferred, InReview], Pending),
        _ => return None,
    })
}

/// What someone does to the status of a task, with what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Begin to work on it.
    Start,
    /// Stop for now.
    Pause,
    /// Put it off.
    Defer {
        /// Until when; for good where nothing is said.
        until: Option<DateTime<Utc>>,
    },
    /// Say that it is done.
    Complete,
    /// Accept it.
    Approve,
    /// Give it back.
    Return {
        /// What is missing.
        reason: Reason,
    },
    /// Take it back from review.
    Withdraw,
    /// Open it again.
    Reopen {
        /// The responsible person, with what is known of them by now.
        responsible: Hand,
    },
    /// Make somebody else responsible.
    Delegate {
        /// Who is to be responsible.
        to: Hand,
        /// What they should know.
        note: Option<Reason>,
    },
}

impl Command {
    /// The action that it is.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Start => Action::Start,
            Self::Pause => Action::Pause,
            Self::Defer { .. } => Action::Defer,
            Self::Complete => Action::Complete,
            Self::Approve => Action::Approve,
            Self::Return { .. } => Action::Return,
            Self::Withdraw => Action::Withdraw,
            Self::Reopen { .. } => Action::Reopen,
            Self::Delegate { .. } => Action::Delegate,
        }
    }
}

/// What around the task can stand in the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about what surrounds the task")]
pub struct Obstacles {
    /// Whether subtasks are open: pending, in progress or deferred.
    pub open_subtasks: bool,
    /// Whether the task that it belongs to is completed.
    pub parent_completed: bool,
    /// Whether the task that it belongs to lies in the trash.
    pub parent_trashed: bool,
    /// Whether a result was given since it was last opened again.
    pub has_result: bool,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// What happened.
    pub verb: Verb,
    /// Which fields changed.
    pub changes: Vec<Change>,
}

/// Whether an action could be taken now, and what it would lead to or what stands against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The action.
    pub action: Action,
    /// The status that it leads to, or the refusal.
    pub outcome: Result<Status>,
}

/// The public face of what a command changes.
#[derive(Serialize)]
struct Face {
    status: Status,
    returned: bool,
    deferred_until: Option<DateTime<Utc>>,
}

impl Task {
    /// The only way to change the status of a task or its responsible person: first *may they*, then *is it the version
    /// they saw*, then *can it*, then *what is wrong with it*.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Stale`]; [`Conflict::Archived`], [`Conflict::Trashed`],
    /// [`Error::Transition`], [`Conflict::OpenSubtasks`], [`Conflict::ParentCompleted`],
    /// [`Conflict::ResultRequired`]; a fault of what the command says.
    pub fn apply(
        &mut self,
        by: &Actor,
        expected: Option<i64>,
        command: &Command,
        obstacles: Obstacles,
        now: DateTime<Utc>,
    ) -> Result<Done> {
        let action = command.action();
        check(&self.standing(by), action)?;
        check_version(self.version, expected)?;
        let to =
            self.leads_to(by, action, obstacles).map_err(|refusal| self.explained(by, refusal, obstacles))?;
        self.check_sense(command, now)?;
        let (before, people) = (self.face(), self.people.clone());
        self.enter(by, to, now);
        self.note(by, command, now);
        self.touch(Some(by.user), now);
        let verb = happened(action, to);
        let mut changed = changes(&before, &self.face());
        changed.extend(people.changes_to(&self.people));
        changed.extend(said(command));
        Ok(Done { verb, changes: changed })
    }

    /// Every action that changes the status, with what it would lead to for this person now, or why not.
    #[must_use]
    pub fn transitions(&self, by: &Actor, obstacles: Obstacles) -> Vec<Transition> {
        let standing = self.standing(by);
        let outcome = |action| check(&standing, action).and_then(|()| self.leads_to(by, action, obstacles));
        VERBS.into_iter().map(|action| Transition { action, outcome: outcome(action) }).collect()
    }

    /// What the actor may do now: what the table of rights and the table of transitions both let them.
    #[must_use]
    pub fn can(&self, by: &Actor, obstacles: Obstacles) -> Vec<Action> {
        let standing = self.standing(by);
        let possible = |action: &Action| standing.may(*action) && self.is_open_to(by, *action, obstacles);
        Action::ALL.iter().copied().filter(possible).collect()
    }

    fn is_open_to(&self, by: &Actor, action: Action, obstacles: Obstacles) -> bool {
        match action {
            Action::Read => true,
            Action::Restore => self.trashed.is_some() && self.is_restorable(by, obstacles),
            Action::Delete => self.check_place().is_ok() && self.check_deletable(by).is_ok(),
            Action::CreateSubtask => self.check_place().is_ok() && self.state.status != Status::Completed,
            Action::MoveDeadline => self.check_place().is_ok() && self.check_deadline_policy(by).is_ok(),
            _ if row(action).is_some() => self.leads_to(by, action, obstacles).is_ok(),
            _ => self.check_place().is_ok(),
        }
    }

    /// Whether it would find its place again: what is open does not come back below what is completed, and nothing below
    /// what lies in the trash.
    fn is_restorable(&self, by: &Actor, obstacles: Obstacles) -> bool {
        let is_below_completed = obstacles.parent_completed && self.state.status.is_open();
        let fits = !obstacles.parent_trashed && !is_below_completed;
        fits && self.check_archive().is_ok() && self.check_deletable(by).is_ok()
    }

    /// The status that an action leads to, by the state alone: what is said with it is not looked at.
    fn leads_to(&self, by: &Actor, action: Action, obstacles: Obstacles) -> Result<Status> {
        self.check_place()?;
        let (from, to) = row(action).ok_or(Forbidden::NotAllowed)?;
        if !from.contains(&self.state.status) {
            return Err(Conflict::InvalidTransition.into());
        }
        match action {
            Action::Complete if obstacles.open_subtasks => Err(Conflict::OpenSubtasks.into()),
            Action::Complete if self.lacks_result(by, obstacles) => Err(Conflict::ResultRequired.into()),
            Action::Complete if self.awaits_review_of(by) => Ok(Status::InReview),
            Action::Reopen if obstacles.parent_completed => Err(Conflict::ParentCompleted.into()),
            _ if obstacles.parent_completed && self.state.status.is_done() && to.is_open() => {
                Err(Conflict::ParentCompleted.into())
            }
            _ => Ok(to),
        }
    }

    /// A refusal of the state, with what it allows instead.
    fn explained(&self, by: &Actor, refusal: Error, obstacles: Obstacles) -> Error {
        if refusal != Conflict::InvalidTransition.into() {
            return refusal;
        }
        let legal =
            self.transitions(by, obstacles).into_iter().filter(|transition| transition.outcome.is_ok());
        Error::Transition(legal.map(|transition| transition.action.as_str()).collect())
    }

    /// Nobody but the reviewer skips the review.
    fn awaits_review_of(&self, by: &Actor) -> bool {
        self.fields.needs_review && !self.reviewers().contains(&by.user)
    }

    /// Only the creator can do without a result.
    fn lacks_result(&self, by: &Actor, obstacles: Obstacles) -> bool {
        self.fields.needs_result && !obstacles.has_result && self.people.creator != by.user
    }

    fn check_sense(&self, command: &Command, now: DateTime<Utc>) -> Result<()> {
        match command {
            Command::Defer { until: Some(until) } if *until <= now => {
                Err(Error::invalid("/until", FaultCode::OutOfRange, "must lie in the future"))
            }
            Command::Delegate { to, note: _ } => self.check_heir(*to),
            _ => Ok(()),
        }
    }

    fn check_heir(&self, to: Hand) -> Result<()> {
        Error::unless_empty(to.fault("/to").into_iter().collect())?;
        if to.user == self.people.responsible {
            return Err(Error::invalid("/to", FaultCode::Already, "is responsible already"));
        }
        if self.reviews(to.user) {
            return Err(Error::invalid("/to", FaultCode::ReviewsOwnWork, "reviews the task"));
        }
        Ok(())
    }

    /// Takes the status on, with the marks that belong to it.
    fn enter(&mut self, by: &Actor, to: Status, now: DateTime<Utc>) {
        let from = self.state.status;
        let state = &mut self.state;
        state.status = to;
        state.deferred_until = None;
        if from == Status::Completed {
            state.reopened_at = Some(now);
        }
        match (from.is_done(), to.is_done()) {
            (false, true) => state.completed = Some(Stamp { at: now, by: Some(by.user) }),
            (true, false) => {
                state.completed = None;
                state.approved = None;
            }
            _ => {}
        }
    }

    /// What a command leaves behind beside the status.
    fn note(&mut self, by: &Actor, command: &Command, now: DateTime<Utc>) {
        match command {
            Command::Start | Command::Complete => self.state.returned = false,
            Command::Reopen { responsible } => {
                self.state.returned = false;
                self.replace_lost(*responsible);
            }
            Command::Return { .. } => self.state.returned = true,
            Command::Defer { until } => self.state.deferred_until = *until,
            Command::Approve => self.state.approved = Some(Stamp { at: now, by: Some(by.user) }),
            Command::Delegate { to, .. } => {
                self.state.returned = false;
                self.people.delegate(to.user);
            }
            Command::Pause | Command::Withdraw => {}
        }
    }

    fn face(&self) -> Face {
        let State { status, returned, deferred_until, .. } = self.state;
        Face { status, returned, deferred_until }
    }

    /// Whoever can no longer be responsible is replaced where work is to go on: by who leads the project, or by the creator
    /// outside of projects.
    fn replace_lost(&mut self, responsible: Hand) {
        if responsible.fault("").is_some() {
            let leader = self.place.as_ref().and_then(|place| place.leaders.first());
            let heir = leader.copied().unwrap_or(self.people.creator);
            self.people.pass_on(heir);
        }
    }
}

/// What the log says happened.
const fn happened(action: Action, to: Status) -> Verb {
    match (action, to) {
        (Action::Start, _) => Verb::Started,
        (Action::Pause, _) => Verb::Paused,
        (Action::Defer, _) => Verb::Deferred,
        (Action::Complete, Status::InReview) => Verb::Submitted,
        (Action::Complete, _) => Verb::Completed,
        (Action::Approve, _) => Verb::Approved,
        (Action::Return, _) => Verb::Returned,
        (Action::Withdraw, _) => Verb::Withdrawn,
        (Action::Reopen, _) => Verb::Reopened,
        (Action::Delegate, _) => Verb::Delegated,
        _ => Verb::Updated,
    }
}

/// What was said with a command, for the log.
fn said(command: &Command) -> Option<Change> {
    let (field, text) = match command {
        Command::Return { reason } => ("reason", reason),
        Command::Delegate { note: Some(note), .. } => ("note", note),
        _ => return None,
    };
    Some(Change { field: field.to_owned(), old: serde_json::Value::Null, new: text.as_str().into() })
}

/// Brings a task back that was put off until now; nothing where it was not, or not until now, or where nothing may change.
pub fn wake(task: &mut Task, now: DateTime<Utc>) -> Option<Done> {
    let due = task.state.deferred_until.is_some_and(|until| until <= now);
    if task.state.status != Status::Deferred || !due || task.check_place().is_err() {
        return None;
    }
    let before = task.face();
    task.state.status = Status::Pending;
    task.state.deferred_until = None;
    task.touch(None, now);
    Some(Done { verb: Verb::Resumed, changes: changes(&before, &task.face()) })
}
