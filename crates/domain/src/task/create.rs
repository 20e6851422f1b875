//! New tasks: who may create one where, and what it may hold.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{Hand, MOST_MINUTES, MOST_PEOPLE, People, Place, Spot, State, Task, TaskFields, TaskId};
use crate::{
    actor::{Actor, UserId},
    error::{Conflict, Error, Fault, FaultCode, Forbidden, Result, too_many},
    project::Privacy,
    record::{Stamp, tag_faults},
};

/// Who is to have which part in a new task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crew {
    /// Who sees to it.
    pub responsible: Hand,
    /// Who works on it too.
    pub co_executors: Vec<Hand>,
    /// Who follows it.
    pub observers: Vec<Hand>,
    /// Who accepts it, where somebody is named.
    pub reviewer: Option<Hand>,
}

/// A task before the database gives it an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it holds.
    pub fields: TaskFields,
    /// Who has which part.
    pub people: People,
    /// Where it lies.
    pub place: Option<Place>,
    /// When it is created, and by whom.
    pub created: Stamp,
}

/// Whether someone may create a task there: members as the project has it, the staff outside of projects. What lies
/// below another task needs the right to create subtasks of that one instead.
///
/// # Errors
/// [`Error::NotFound`], [`Forbidden::NotAllowed`]; [`Conflict::Trashed`], [`Conflict::Archived`].
pub fn check_may_create(by: &Actor, place: Option<&Place>, below: Option<&Task>) -> Result<()> {
    match (below, place) {
        (Some(parent), _) => super::check(&parent.standing(by), super::Action::CreateSubtask)?,
        (None, None) => by.require_staff()?,
        (None, Some(place)) => {
            let inside = by.role == crate::actor::Role::Admin
                && (place.mine.is_some() || place.privacy == Privacy::Open);
            if !inside && place.mine.is_none_or(|mine| mine.held_by(by.role) < place.create_tasks) {
                return Err(Forbidden::NotAllowed.into());
            }
        }
    }
    if let Some(parent) = below {
        parent.check_place()?;
    }
    match place {
        Some(place) if place.archived => Err(Conflict::Archived.into()),
        _ => Ok(()),
    }
}

impl Draft {
    /// A new task of the one who creates it. Whoever is responsible is left out of the others without a word. `spot` is
    /// the place below its parent, `faults` what was wrong already.
    ///
    /// # Errors
    /// [`Conflict::TooDeep`], [`Conflict::ParentCompleted`]; every fault of the fields and of the crew.
    pub fn new(
        by: &Actor,
        fields: TaskFields,
        crew: &Crew,
        place: Option<Place>,
        spot: Option<Spot>,
        mut faults: Vec<Fault>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        if let Some(spot) = spot {
            spot.check(true)?;
        }
        faults.extend(spot.and_then(|spot| spot.fault(fields.project_id)));
        faults.extend(field_faults(&fields));
        faults.extend(date_faults(&fields, place.as_ref()));
        faults.extend(crew.faults(place.as_ref()));
        let draft = Self {
            people: crew.people(by.user),
            fields,
            place,
            created: Stamp { at: now, by: Some(by.user) },
        };
        faults.extend(draft.review_fault());
        Error::unless_empty(faults)?;
        Ok(draft)
    }

    fn review_fault(&self) -> Option<Fault> {
        reviewer_fault(&self.fields, &self.people)
    }

    /// The task that this becomes under its id, with the participants below its creator.
    #[must_use]
    pub fn with_id(self, id: TaskId, below: BTreeSet<UserId>) -> Task {
        let Self { fields, people, place, created } = self;
        Task {
            id,
            fields,
            people,
            state: State::NEW,
            place,
            below,
            version: 1,
            created_at: created.at,
            updated: created,
            trashed: None,
        }
    }
}

/// The reviewer is named, or else the creator; either way somebody who does not work on the task.
pub(super) fn reviewer_fault(fields: &TaskFields, people: &People) -> Option<Fault> {
    let is_named = people.reviewer.is_some();
    let reviewer = people.reviewer.unwrap_or(people.creator);
    let message = "must be somebody who does not work on the task";
    ((is_named || fields.needs_review) && people.work(reviewer))
        .then(|| Fault::new("/reviewer_id", FaultCode::ReviewsOwnWork, message))
}

impl Crew {
    fn faults(&self, place: Option<&Place>) -> Vec<Fault> {
        let mut faults: Vec<Fault> = self.responsible.fault("/responsible_id").into_iter().collect();
        faults.extend(self.reviewer.and_then(|hand| hand.fault("/reviewer_id")));
        for (position, hand) in self.co_executors.iter().enumerate() {
            faults.extend(hand.fault(&format!("/co_executor_ids/{position}")));
        }
        for (position, hand) in self.observers.iter().enumerate() {
            faults.extend(hand.fault_as_observer(place, &format!("/observer_ids/{position}")));
        }
        let message = "must have at most 100 items";
        faults.extend(too_many("/co_executor_ids", self.co_executors.len(), MOST_PEOPLE, message));
        faults.extend(too_many("/observer_ids", self.observers.len(), MOST_PEOPLE, message));
        faults
    }

    fn people(&self, creator: UserId) -> People {
        let responsible = self.responsible.user;
        let others =
            |hands: &[Hand]| hands.iter().map(|hand| hand.user).filter(|user| *user != responsible).collect();
        People {
            creator,
            responsible,
            co_executors: others(&self.co_executors),
            observers: others(&self.observers),
            reviewer: self.reviewer.map(|hand| hand.user),
        }
    }
}

/// What is wrong with the fields, whatever the place.
pub(super) fn field_faults(fields: &TaskFields) -> Vec<Fault> {
    let mut faults = tag_faults(&fields.tags);
    if fields.estimate_minutes.is_some_and(|minutes| minutes == 0 || minutes > MOST_MINUTES) {
        let message = "must lie between a minute and ten years";
        faults.push(Fault::new("/estimate_minutes", FaultCode::OutOfRange, message));
    }
    let incomplete = match (&fields.external_source, &fields.external_id) {
        (Some(_), None) => Some(("/external_id", "must come with its source")),
        (None, Some(_)) => Some(("/external_source", "must come with the external id")),
        _ => None,
    };
    faults.extend(incomplete.map(|(at, message)| Fault::new(at, FaultCode::Incomplete, message)));
    faults
}

/// What is wrong with the dates among themselves, and with each in the project, whose days are the organisation's.
pub(super) fn date_faults(fields: &TaskFields, place: Option<&Place>) -> Vec<Fault> {
    let dates = [
        ("/planned_start", fields.planned_start),
        ("/planned_end", fields.planned_end),
        ("/deadline", fields.deadline),
    ];
    let mut faults = Vec::new();
    for (pointer, date) in dates {
        let Some(date) = date else { continue };
        if pointer != "/planned_start" && fields.planned_start.is_some_and(|start| date < start) {
            let message = "must not lie before the planned start";
            faults.push(Fault::new(pointer, FaultCode::BeforeStart, message));
        }
        if place.is_some_and(|place| !place.includes(date)) {
            let message = "must lie within the dates of the project";
            faults.push(Fault::new(pointer, FaultCode::OutsideProject, message));
        }
    }
    faults
}

impl Place {
    /// Whether an instant lies within the dates of the project.
    #[must_use]
    pub fn includes(&self, at: DateTime<Utc>) -> bool {
        let day = self.zone.day_of(at);
        self.starts_on.is_none_or(|first| day >= first) && self.ends_on.is_none_or(|last| day <= last)
    }
}
