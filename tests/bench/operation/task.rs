//! The operations on tasks.

use artel_domain::actor::UserId;
use serde_json::{Value, json};

use super::{Bar, Inputs, LIST, Operation, bar, new, none};
use crate::invent::task::{IN_OPEN_PROJECTS, SET_BY_CALLER, STEP, members, projects_of};

/// What the caller still has to do with, the most pressing first.
pub const MINE: &str = "/api/v1/tasks?user_id=me&open=true";

/// The caller, with the staff that the others are of.
pub struct Caller<'a> {
    /// What is sent as bearer token.
    pub bearer: &'a str,
    /// Who.
    pub user: UserId,
    /// Everybody.
    pub staff: &'a [UserId],
}

/// The operations on so many tasks. `far` is the cursor of the thousandth page of what the caller has to do with.
pub fn tasks(caller: &Caller<'_>, of: i64, far: Option<&str>) -> Vec<Operation> {
    let write = bar(1.0, 0.35, 8, false);
    let of_open = Inputs::Ids { first: IN_OPEN_PROJECTS, step: STEP, count: of / STEP };
    let mine = (1..=projects_of(of)).filter(|project| members(*project, caller.staff).contains(&caller.user));
    let mine: Vec<i64> = mine.collect();
    let projects = Inputs::Texts(mine.iter().map(ToString::to_string).collect());
    let own = Inputs::Once { first: SET_BY_CALLER, step: STEP, count: of / STEP };
    let new = |name, bar, method, path: &str, inputs, body| {
        new(caller.bearer, name, bar, (method, path), inputs, body)
    };
    let page = |name, path: &str, inputs| new(name, LIST_OF_TASKS, "GET", path, inputs, None);
    let mut all = vec![
        by_id(caller.bearer, of_open.clone()),
        page(FIRST_PAGE, MINE, none()),
        page("tasks of a project", "/api/v1/tasks?project_id={}", projects),
    ];
    all.extend(
        far.map(|cursor| page("my open tasks, page 1000", &format!("{MINE}&cursor={cursor}"), none())),
    );
    let complete = bar(1.2, 0.35, 8, false);
    all.extend([
        create(caller.bearer, "create a task", create_in(mine, caller.staff)),
        new("comment on a task", write, "POST", "/api/v1/tasks/{}/comments", of_open, Some(Box::new(remark))),
        new("complete a task", complete, "POST", "/api/v1/tasks/{}/complete", own, None),
    ]);
    all
}

/// The first page of what the caller has to do with, which the thousandth is compared with.
pub const FIRST_PAGE: &str = "my open tasks, page 1";

const LIST_OF_TASKS: Bar = Bar { borrowed: false, ..LIST };

/// Reading a task.
pub fn by_id(bearer: &str, ids: Inputs) -> Operation {
    new(bearer, "task by id", bar(0.4, 0.35, 2, false), ("GET", "/api/v1/tasks/{}"), ids, None)
}

/// The first page of what the caller has to do with.
pub fn first_page(bearer: &str) -> Operation {
    new(bearer, FIRST_PAGE, LIST_OF_TASKS, ("GET", MINE), none(), None)
}

/// Creating a task.
pub fn create(bearer: &str, name: &'static str, body: impl Fn(u64) -> Value + 'static) -> Operation {
    new(bearer, name, bar(1.0, 0.35, 8, false), ("POST", "/api/v1/tasks"), none(), Some(Box::new(body)))
}

/// A task in one of these projects, with somebody in each part.
fn create_in(projects: Vec<i64>, staff: &[UserId]) -> impl Fn(u64) -> Value + 'static {
    let staff = staff.to_vec();
    move |draw| {
        let place =
            usize::try_from(draw % u64::try_from(projects.len().max(1)).unwrap_or(1)).unwrap_or_default();
        let project = projects.get(place).copied().unwrap_or_default();
        let people = members(project, &staff);
        let mut body = alone(draw);
        body["project_id"] = project.into();
        body["responsible_id"] = people[0].0.into();
        body["co_executor_ids"] = json!([people[1].0]);
        body["observer_ids"] = json!([people[2].0]);
        body
    }
}

/// A task for oneself.
pub fn alone(draw: u64) -> Value {
    json!({
        "title": format!("Print the badges for event {}", draw % 1000), "priority": "high", "tags": ["demo day"],
        "description": "Two hundred with names, twenty without.", "deadline": "2030-01-20T15:00:00Z"
    })
}

fn remark(draw: u64) -> Value {
    json!({"text": format!("The printer is free, slot {}.", draw % 1000)})
}
