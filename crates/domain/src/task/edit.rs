//! Changing the fields of a task: each field asks for its own right, and one that may not be changed refuses them all.

use chrono::{DateTime, Utc};

use super::{
    Action, Hand, Place, Reason, Spot, Status, Task, TaskFields, check,
    create::{date_faults, field_faults, reviewer_fault},
};
use crate::{
    activity::{Change, changes},
    actor::{Actor, UserId},
    error::{Conflict, Error, Fault, FaultCode, Forbidden, Result, check_version},
    record::Stamp,
};

/// What someone wants a task to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The fields as they are to be.
    pub fields: TaskFields,
    /// Who is to accept it.
    pub reviewer: Reviewer,
    /// Why the deadline moves.
    pub deadline_reason: Option<Reason>,
    /// What was wrong already.
    pub faults: Vec<Fault>,
}

/// What becomes of the reviewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reviewer {
    /// Whoever it is stays.
    Stays,
    /// Nobody is named any more.
    Nobody,
    /// Somebody is named.
    Named(Hand),
}

/// What must be known of where the task is to lie, where that changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The project that it is to lie in, as the one who asks stands to it; nothing outside of projects.
    pub place: Option<Place>,
    /// The task that it is to be a part of.
    pub spot: Option<Spot>,
    /// Whether the one who asks may create tasks in that project, or parts of that task.
    pub is_permitted: bool,
    /// How many parts that people have in the task and in what lies below it cannot be had there.
    pub misfits: usize,
    /// How many tasks below it have dates outside those of that project.
    pub strays: u64,
}

/// The right that a field asks for.
fn right(field: &str) -> Action {
    match field {
        "description" | "estimate_minutes" => Action::Describe,
        "planned_start" | "planned_end" => Action::Plan,
        "deadline" => Action::MoveDeadline,
        "reviewer_id" => Action::AssignRoles,
        _ => Action::Edit,
    }
}

impl Task {
    /// Changes the fields and the reviewer; says what changed. `surroundings` are asked for where project or parent
    /// change.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::ForbiddenFields`], [`Forbidden::DeadlinePolicy`], [`Forbidden::NotAllowed`];
    /// [`Error::Stale`]; [`Conflict::Trashed`], [`Conflict::Archived`] and those of [`Spot::check`]; every fault.
    pub fn edit(
        &mut self,
        by: &Actor,
        expected: Option<i64>,
        edit: Edit,
        surroundings: Option<Surroundings>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Change>> {
        check(&self.standing(by), Action::Read)?;
        let mut after = self.clone();
        after.fields = edit.fields.clone();
        match edit.reviewer {
            Reviewer::Stays => {}
            Reviewer::Nobody => after.people.reviewer = None,
            Reviewer::Named(hand) => after.people.reviewer = Some(hand.user),
        }
        let mut changed = self.differences(&after);
        self.check_fields(by, &changed)?;
        let moved = surroundings.filter(|_| self.moves_to(&after));
        if moved.as_ref().is_some_and(|to| !to.is_permitted) {
            return Err(Forbidden::NotAllowed.into());
        }
        check_version(self.version, expected)?;
        self.check_place()?;
        let faults = self.check_move(moved.as_ref())?;
        if let Some(Surroundings { place, .. }) = moved {
            after.place = place;
        }
        Error::unless_empty(self.faults(by, &after, &edit, faults))?;
        if changed.is_empty() {
            return Ok(changed);
        }
        self.count_move(by, &mut after);
        let reason = edit.deadline_reason.filter(|_| self.deadline_moves_to(&after));
        changed.extend(reason.as_ref().map(why));
        *self = after;
        self.touch(Some(by.user), now);
        Ok(changed)
    }

    fn differences(&self, after: &Self) -> Vec<Change> {
        let mut changed = changes(&self.fields, &after.fields);
        changed.extend(self.people.changes_to(&after.people));
        changed
    }

    /// Lets those pass to whom it falls to change these fields, and to name this reviewer where one is to change: before
    /// anything is looked up that the rest of an edit must know.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::ForbiddenFields`], [`Forbidden::DeadlinePolicy`].
    pub fn check_edit(
        &self,
        by: &Actor,
        fields: &TaskFields,
        reviewer: Option<Option<UserId>>,
    ) -> Result<()> {
        check(&self.standing(by), Action::Read)?;
        let mut after = self.clone();
        after.fields = fields.clone();
        after.people.reviewer = reviewer.unwrap_or(after.people.reviewer);
        self.check_fields(by, &self.differences(&after))
    }

    /// Every field that changes without the right to is refused by name; the policy of the deadline speaks for itself.
    fn check_fields(&self, by: &Actor, changed: &[Change]) -> Result<()> {
        let standing = self.standing(by);
        let refused = changed.iter().filter(|change| !standing.may(right(&change.field)));
        let fault = |change: &Change| {
            Fault::new(format!("/{}", change.field), FaultCode::Forbidden, "is not yours to change")
        };
        let faults: Vec<Fault> = refused.map(fault).collect();
        if !faults.is_empty() {
            return Err(Error::ForbiddenFields(faults));
        }
        if changed.iter().any(|change| change.field == "deadline") {
            self.check_deadline_policy(by)?;
        }
        Ok(())
    }

    fn moves_to(&self, after: &Self) -> bool {
        self.fields.project_id != after.fields.project_id || self.fields.parent_id != after.fields.parent_id
    }

    fn deadline_moves_to(&self, after: &Self) -> bool {
        self.fields.deadline != after.fields.deadline
    }

    fn check_move(&self, to: Option<&Surroundings>) -> Result<Vec<Fault>> {
        let Some(Surroundings { place, spot, is_permitted: _, misfits, strays }) = to else {
            return Ok(Vec::new());
        };
        if place.as_ref().is_some_and(|place| place.archived) {
            return Err(Conflict::Archived.into());
        }
        if let Some(spot) = spot {
            spot.check(self.state.status.is_open())?;
        }
        let message = "must be a project in which everybody with a part in the task can have it";
        let misfit = (*misfits > 0).then(|| Fault::new("/project_id", FaultCode::NotAMember, message));
        let message = "must be a project within whose dates those of the subtasks lie";
        let stray = (*strays > 0).then(|| Fault::new("/project_id", FaultCode::OutsideProject, message));
        Ok(misfit.into_iter().chain(stray).collect())
    }

    fn faults(&self, by: &Actor, after: &Self, edit: &Edit, mut faults: Vec<Fault>) -> Vec<Fault> {
        faults.extend(edit.faults.iter().cloned());
        faults.extend(field_faults(&after.fields));
        if self.dates() != after.dates() || self.moves_to(after) {
            faults.extend(date_faults(&after.fields, after.place.as_ref()));
        }
        if let Reviewer::Named(hand) = edit.reviewer {
            faults.extend(hand.fault("/reviewer_id"));
        }
        let reviews = |task: &Self| (task.people.reviewer, task.fields.needs_review);
        if reviews(self) != reviews(after) {
            faults.extend(reviewer_fault(&after.fields, &after.people));
        }
        if self.deadline_moves_to(after) && self.is_bound_by_policy(by) {
            faults.extend(self.policy_faults(after.fields.deadline, edit.deadline_reason.as_ref()));
        }
        faults
    }

    const fn dates(&self) -> [Option<DateTime<Utc>>; 3] {
        [self.fields.planned_start, self.fields.planned_end, self.fields.deadline]
    }

    /// Moves under the policy are counted.
    fn count_move(&self, by: &Actor, after: &mut Self) {
        if self.deadline_moves_to(after) && self.is_bound_by_policy(by) {
            after.state.deadline_moves += 1;
        }
    }

    /// Puts the task into the trash, with its parts.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Stale`], [`Conflict::Trashed`], [`Conflict::Archived`].
    pub fn trash(&mut self, by: &Actor, expected: Option<i64>, now: DateTime<Utc>) -> Result<()> {
        check(&self.standing(by), Action::Delete)?;
        self.check_deletable(by)?;
        check_version(self.version, expected)?;
        self.check_place()?;
        self.trashed = Some(Stamp { at: now, by: Some(by.user) });
        self.touch(Some(by.user), now);
        Ok(())
    }

    /// Takes the task out of the trash, with the parts that went there with it; nothing happens to one that is not
    /// there. `parent` says where its parent stands and whether that lies in the trash, `strays` how many of what comes back
    /// have dates outside those of the project, which changed meanwhile.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Stale`], [`Conflict::Archived`],
    /// [`Conflict::ParentCompleted`], [`Conflict::TasksOutsideDates`]; [`Conflict::Trashed`] where the parent lies in the
    /// trash.
    pub fn restore(
        &mut self,
        by: &Actor,
        expected: Option<i64>,
        (parent, strays): (Option<(Status, bool)>, u64),
        now: DateTime<Utc>,
    ) -> Result<bool> {
        check(&self.standing(by), Action::Restore)?;
        self.check_deletable(by)?;
        check_version(self.version, expected)?;
        self.check_archive()?;
        if self.trashed.is_none() {
            return Ok(false);
        }
        match parent {
            Some((_, true)) => return Err(Conflict::Trashed.into()),
            Some((Status::Completed, false)) if self.state.status.is_open() => {
                return Err(Conflict::ParentCompleted.into());
            }
            _ if strays > 0 => return Err(Conflict::TasksOutsideDates.into()),
            _ => {}
        }
        self.trashed = None;
        self.touch(Some(by.user), now);
        Ok(true)
    }

    /// What is completed is no longer its creator's to throw away.
    pub(super) fn check_deletable(&self, by: &Actor) -> Result<()> {
        let standing = self.standing(by);
        let leads = standing.has(super::Relation::Moderator) || standing.has(super::Relation::Admin);
        if self.state.status == Status::Completed && !leads {
            return Err(Forbidden::NotAllowed.into());
        }
        Ok(())
    }
}

fn why(reason: &Reason) -> Change {
    let new = reason.as_str().into();
    Change { field: "deadline_reason".to_owned(), old: serde_json::Value::Null, new }
}
