//! The tasks of the demo as they are set.

use artel_domain::{
    actor::Actor,
    task::{Crew, Draft, Hand, Place, Target, TaskFields, TaskId, check_may_create},
};
use artel_persistence::{
    Result, Tx, company, contact,
    task::{self as store, Card, Hands},
};
use chrono::{DateTime, Utc};

use super::{
    history::{Calendar, Known},
    staff::{Staff, unknown},
    work::TaskRow,
};

/// Sets a task, with what it concerns.
///
/// # Errors
/// Those of the domain and of the database.
pub async fn make(
    tx: &Tx,
    staff: &Staff,
    known: &Known,
    row: &TaskRow,
    calendar: Calendar,
    at: DateTime<Utc>,
) -> Result<TaskId> {
    let by = staff.get(row.creator)?;
    let parent = match row.parent {
        Some(key) => Some(store::load_with_project(tx, by, known.task(key)?).await?),
        None => None,
    };
    let place = place(tx, by, known, row, parent.as_ref()).await?;
    check_may_create(by, place.as_ref(), parent.as_ref().map(|card| &card.task))?;
    let (crew, hands) = crew(tx, staff, row, place.as_ref()).await?;
    let fields = fields(row, calendar, place.as_ref(), parent.as_ref());
    let root = parent.as_ref().map(|card| card.root.unwrap_or(card.task.id));
    let spot = match (&parent, root) {
        (Some(card), Some(root)) => Some(store::load_tree(tx, root).await?.spot(&card.task, 1, None)),
        _ => None,
    };
    let draft = Draft::new(by, fields, &crew, place, spot, Vec::new(), at)?;
    let task = store::insert(tx, by, draft, root, hands.below).await?;
    for name in &row.concerns {
        let target = known.record(name)?;
        check_readable(tx, by, target).await?;
        store::link(tx, by.author(), &task, target, at).await?;
    }
    Ok(task.id)
}

/// The project that it is to lie in: that of its parent, or else the one that is named.
async fn place(
    tx: &Tx,
    by: &Actor,
    known: &Known,
    row: &TaskRow,
    parent: Option<&Card>,
) -> Result<Option<Place>> {
    match (parent, row.project) {
        (Some(card), _) => {
            let place = card.task.place.clone();
            Ok(place.map(|place| Place { creator_is_member: place.mine.is_some(), ..place }))
        }
        (None, Some(key)) => {
            let place = store::place_for(tx, by, known.project(key)?, by.user).await?;
            Ok(Some(place.ok_or_else(|| unknown("a project that the task's creator may read"))?))
        }
        (None, None) => Ok(None),
    }
}

/// Who is to have which part.
async fn crew(tx: &Tx, staff: &Staff, row: &TaskRow, place: Option<&Place>) -> Result<(Crew, Hands)> {
    let by = staff.get(row.creator)?;
    let mut users = Vec::new();
    let others = row.co_executors.iter().chain(&row.observers).chain(&row.reviewer);
    for login in others.chain([&row.responsible]) {
        users.push(staff.get(login)?.user);
    }
    let hands = store::hands(tx, by, place.map(|place| place.project), users).await?;
    let hand = |login: &str| -> Result<Hand> { Ok(hands.of(staff.get(login)?.user)) };
    let crew = Crew {
        responsible: hand(row.responsible)?,
        co_executors: row.co_executors.iter().map(|login| hand(login)).collect::<Result<_>>()?,
        observers: row.observers.iter().map(|login| hand(login)).collect::<Result<_>>()?,
        reviewer: row.reviewer.map(hand).transpose()?,
    };
    Ok((crew, hands))
}

fn fields(row: &TaskRow, calendar: Calendar, place: Option<&Place>, parent: Option<&Card>) -> TaskFields {
    TaskFields {
        title: row.title.clone(),
        description: row.description.clone(),
        priority: row.priority,
        project_id: place.map(|place| place.project),
        parent_id: parent.map(|card| card.task.id),
        planned_start: row.start.map(|days| calendar.morning(days)),
        planned_end: row.end.map(|days| calendar.evening(days)),
        deadline: row.deadline.map(|days| calendar.evening(days)),
        estimate_minutes: row.hours.map(|hours| hours * 60),
        tags: row.tags.clone(),
        needs_review: row.needs_review,
        needs_result: row.needs_result,
        deadline_policy: row.policy.clone(),
        external_source: None,
        external_id: None,
    }
}

/// Only what one may read can be linked.
async fn check_readable(tx: &Tx, by: &Actor, target: Target) -> Result<()> {
    match target {
        Target::Contact(id) => contact::find(tx, by, id).await.map(drop),
        Target::Company(id) => company::find(tx, by, id).await.map(drop),
    }
}
