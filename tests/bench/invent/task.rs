//! Projects and tasks out of bounded lists. As with contacts, what a task holds follows from its id alone; what it is
//! asked for in a measurement follows from the last digit of the id.

use std::collections::BTreeSet;

use artel_domain::{
    actor::UserId,
    comment::CommentText,
    project::{Permissions, Privacy, ProjectFields, ProjectId},
    record::Stamp,
    task::{People, Priority, State, Status, Task, TaskFields, TaskId},
};
use chrono::{DateTime, TimeDelta, Utc};

use super::{STEMS, created_at, draw, one_in, pick, tags};
use crate::Result;

/// How many projects there are, with the ids from 1 on.
pub const PROJECTS: i64 = 500;

/// How many of the projects so many tasks lie in: few enough for a full page in each.
pub fn projects_of(tasks: i64) -> i64 {
    (tasks / 400).clamp(25, PROJECTS)
}

/// The period of the digits.
pub const STEP: i64 = 10;
/// The digit of tasks in open projects, which the whole staff reads.
pub const IN_OPEN_PROJECTS: i64 = 1;
/// The digit of open tasks outside of projects that the caller set.
pub const SET_BY_CALLER: i64 = 2;
/// The digit of subtasks; the parent has the id before.
const BELOW: i64 = 9;
/// The people of a project.
const MEMBERS: i64 = 16;
/// Parts the members of a project from each other; it has no divisor in common with the number of users.
const MEMBER_STRIDE: i64 = 13;

const VERBS: [&str; 16] = [
    "Prepare",
    "Check",
    "Send",
    "Discuss",
    "Print",
    "Order",
    "Translate",
    "Review",
    "Подготовить",
    "Проверить",
    "Отправить",
    "Обсудить",
    "Согласовать",
    "Заказать",
    "Перевести",
    "Собрать",
];
const THINGS: [&str; 24] = [
    "the badges",
    "the budget",
    "the contract",
    "the programme",
    "the guest list",
    "the press release",
    "the stage",
    "the invoice",
    "the slides",
    "the catering",
    "the landing page",
    "the survey",
    "договор",
    "смету",
    "программу",
    "список гостей",
    "пресс-релиз",
    "сцену",
    "счёт",
    "презентацию",
    "питание",
    "страницу события",
    "опрос",
    "отчёт",
];
const REMARKS: [&str; 6] = [
    "Done on my side, please have a look.",
    "The printer is free until noon.",
    "Waiting for their answer since Monday.",
    "Отправил, ждём ответа.",
    "Нужно уточнить сумму.",
    "Перенесли на следующую неделю.",
];

/// Who there is, and when it is.
pub struct Surroundings<'a> {
    /// Everybody.
    pub staff: &'a [UserId],
    /// Who will ask.
    pub caller: UserId,
    /// How many tasks there are.
    pub tasks: i64,
    /// The instant that tasks are spread around.
    pub now: DateTime<Utc>,
}

/// A task with what hangs on it.
pub struct Invented {
    /// The task.
    pub task: Task,
    /// What was said about it, by whom.
    pub comments: Vec<(UserId, CommentText)>,
    /// A contact that it concerns, out of so many.
    pub contact: Option<i64>,
    /// A company that it concerns, out of so many.
    pub company: Option<i64>,
}

/// A project.
pub fn project(id: i64) -> Result<ProjectFields> {
    Ok(ProjectFields {
        name: format!("{} {id}", pick(&STEMS, id, 40).0).parse()?,
        description: None,
        starts_on: None,
        ends_on: None,
        privacy: privacy(id),
        colour: None,
        tags: tags(id)?,
        permissions: Permissions::DEFAULT,
    })
}

/// Two of five projects are open, two closed, one secret.
const fn privacy(id: i64) -> Privacy {
    match id % 5 {
        0 | 1 => Privacy::Open,
        2 | 3 => Privacy::Closed,
        _ => Privacy::Secret,
    }
}

/// The people of a project, the owner first.
pub fn members(project: i64, staff: &[UserId]) -> Vec<UserId> {
    let count = i64::try_from(staff.len()).unwrap_or(1);
    let place = |number| usize::try_from((project + MEMBER_STRIDE * number) % count).unwrap_or_default();
    (0..MEMBERS).map(|number| staff[place(number)]).collect()
}

/// The project that a task lies in.
fn project_of(id: i64, tasks: i64) -> Option<i64> {
    let projects = projects_of(tasks);
    match id % STEP {
        IN_OPEN_PROJECTS => Some(5 * (id / STEP % (projects / 5)) + 1),
        4..BELOW => Some(1 + i64::try_from(draw(id, 41) % projects.unsigned_abs()).unwrap_or_default()),
        BELOW => project_of(id - 1, tasks),
        _ => None,
    }
}

/// A task and what hangs on it.
pub fn task(id: i64, around: &Surroundings<'_>) -> Result<Invented> {
    let project = project_of(id, around.tasks);
    let crowd = project.map_or_else(|| around.staff.to_vec(), |project| members(project, around.staff));
    let people = people(id, &crowd, around.caller);
    let created = created_at(id, around.tasks, around.now);
    let mut fields = TaskFields::of(title(id).parse()?);
    fields.description =
        one_in(4, id, 42).then(|| format!("{} {}", pick(&REMARKS, id, 43), title(id)).parse()).transpose()?;
    fields.priority = pick(Priority::ALL, id, 44);
    fields.project_id = project.map(ProjectId);
    fields.parent_id = (id % STEP == BELOW).then_some(TaskId(id - 1));
    fields.deadline = (!one_in(5, id, 45)).then(|| deadline(id, around.now));
    fields.tags = tags(id)?;
    fields.needs_review = id % STEP != SET_BY_CALLER && one_in(3, id, 46) && !people.work(people.creator);
    let state = state(id, fields.needs_review, people.responsible, created);
    let updated = state.completed.unwrap_or(Stamp { at: created, by: Some(people.creator) });
    let said = i64::try_from(draw(id, 47) % 4).unwrap_or_default();
    let remark = |number: i64| {
        let salt = 48 + number.unsigned_abs();
        Ok((pick(&crowd, id, salt), pick(&REMARKS, id, salt).parse()?))
    };
    Ok(Invented {
        comments: (0..said).map(remark).collect::<Result<_>>()?,
        contact: one_in(5, id, 52).then_some(id),
        company: one_in(10, id, 53).then_some(id),
        task: Task {
            id: TaskId(id),
            fields,
            people,
            state,
            place: None,
            below: BTreeSet::new(),
            version: 1,
            created_at: created,
            updated,
            trashed: None,
        },
    })
}

fn title(id: i64) -> String {
    format!("{} {} {} {}", pick(&VERBS, id, 54), pick(&THINGS, id, 55), pick(&STEMS, id, 56).0, id % 1000)
}

fn people(id: i64, crowd: &[UserId], caller: UserId) -> People {
    let creator = if id % STEP == SET_BY_CALLER { caller } else { pick(crowd, id, 57) };
    let responsible = pick(crowd, id, 58);
    let others = |salts: std::ops::Range<u64>| {
        salts.map(|salt| pick(crowd, id, salt)).filter(|user| *user != responsible).collect()
    };
    People {
        creator,
        responsible,
        co_executors: others(59..59 + draw(id, 60) % 3),
        observers: others(70..70 + draw(id, 61) % 3),
        reviewer: None,
    }
}

/// Half of the tasks are completed; those of the caller are all open.
fn status(id: i64, needs_review: bool) -> Status {
    let drawn = match draw(id, 62) % 10 {
        0..5 => Status::Completed,
        5..7 => Status::Pending,
        7 => Status::InProgress,
        8 => Status::Deferred,
        _ if needs_review => Status::InReview,
        _ => Status::Pending,
    };
    match id % STEP {
        SET_BY_CALLER if one_in(3, id, 63) => Status::InProgress,
        SET_BY_CALLER => Status::Pending,
        // No open subtask below a completed task.
        BELOW => Status::Completed,
        _ => drawn,
    }
}

fn state(id: i64, needs_review: bool, by: UserId, created: DateTime<Utc>) -> State {
    let status = status(id, needs_review);
    let done = Stamp { at: created + TimeDelta::hours(id % 500 + 1), by: Some(by) };
    State { status, completed: status.is_done().then_some(done), ..State::NEW }
}

/// Between a month ago and a quarter ahead, no two at the same instant.
fn deadline(id: i64, now: DateTime<Utc>) -> DateTime<Utc> {
    let hours = i64::try_from(draw(id, 64) % (120 * 24)).unwrap_or_default();
    now + TimeDelta::hours(hours - 30 * 24) + TimeDelta::microseconds(id)
}
