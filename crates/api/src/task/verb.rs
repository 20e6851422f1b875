//! What people do to the status of a task: each operation is a command to the one function of the domain that knows the
//! table.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use artel_domain::{
    actor::UserId,
    task::{Action, Command, Obstacles, Reason, Status, TaskId, Transition},
};
use artel_persistence::{
    Db, Result as StorageResult, Tx,
    task::{self as store, Card},
    user,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{TaskView, save};
use crate::{
    answer::Answer,
    extract::{Body, Me, Query},
    list::Listing,
    precondition::IfMatch,
    problem::{Problem, Result},
    record::kept,
    write::{Saved, Write},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(start_task).service(pause_task).service(defer_task).service(complete_task);
    config.service(approve_task).service(return_task).service(withdraw_task).service(reopen_task);
    config.service(delegate_task).service(list_task_transitions);
}

/// How long to put a task off.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"until": "2030-01-15T09:00:00Z"}))]
pub struct DeferTask {
    /// When it comes back by itself; without it, it stays put off until somebody takes it up.
    #[serde(default)]
    until: Option<DateTime<Utc>>,
}

/// Why a task is given back.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The sponsor's logo is missing on page 2."}))]
pub struct ReturnTask {
    /// What is missing.
    reason: Reason,
}

/// Who is to be responsible.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"to": 3, "note": "You know the venue better."}))]
pub struct DelegateTask {
    /// The new responsible person.
    to: UserId,
    /// What they should know.
    #[serde(default)]
    note: Option<Reason>,
}

/// What to do with open subtasks.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CascadeParam {
    /// Whether to complete the open subtasks as well: all of them, or none where one cannot be.
    #[serde(default)]
    #[param(default = false)]
    cascade: bool,
}

/// Does it.
async fn run(
    write: &Write,
    id: TaskId,
    command: impl AsyncFn(&Tx, &Card) -> StorageResult<Command>,
) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let card = store::load(tx, write.me(), id).await?;
        let command = command(tx, &card).await?;
        apply(tx, write, card, &command).await
    });
    answer.await
}

async fn apply(tx: &Tx, write: &Write, card: Card, command: &Command) -> StorageResult<Saved> {
    let mut task = card.task.clone();
    let done = task.apply(write.me(), write.expected(), command, card.obstacles, write.now())?;
    save(tx, write, card, task, done).await
}

/// Start a task
///
/// Its creator, its responsible person, its co-executors, the moderators of its project, the managers of any of the first
/// three and administrators may call it. From `pending` or `deferred` to `in_progress`.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), IfMatch), security(("token" = ["tasks:write"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[post("/tasks/{id}/start")]
async fn start_task(write: Write, id: Path<TaskId>) -> Result<Answer> {
    run(&write, *id, async |_, _| Ok(Command::Start)).await
}

/// Pause a task
///
/// Whoever may start it may call it. From `in_progress` to `pending`.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), IfMatch), security(("token" = ["tasks:write"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[post("/tasks/{id}/pause")]
async fn pause_task(write: Write, id: Path<TaskId>) -> Result<Answer> {
    run(&write, *id, async |_, _| Ok(Command::Pause)).await
}

/// Put a task off
///
/// Whoever may start it may call it. From `pending` or `in_progress` to `deferred`; with `until` it comes back by itself.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), IfMatch), request_body = Option<DeferTask>,
    security(("token" = ["tasks:write"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[post("/tasks/{id}/defer")]
async fn defer_task(write: Write, id: Path<TaskId>, body: Body<Option<DeferTask>>) -> Result<Answer> {
    let until = body.0.and_then(|body| body.until).map(kept);
    run(&write, *id, async |_, _| Ok(Command::Defer { until })).await
}

/// Complete a task
///
/// Whoever may start it may call it. From `pending`, `in_progress` or `deferred` to `completed`; to `in_review` where the
/// task needs a review and somebody else than its reviewer calls. 409 `open_subtasks` unless `cascade=true`;
/// `result_required` where the task needs a result and has none, but for its creator.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), CascadeParam, IfMatch), security(("token" = ["tasks:write"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[post("/tasks/{id}/complete")]
async fn complete_task(write: Write, id: Path<TaskId>, query: Query<CascadeParam>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let card = store::load(tx, write.me(), *id).await?;
        let card = if query.0.cascade { cascade(tx, &write, card).await? } else { card };
        apply(tx, &write, card, &Command::Complete).await
    });
    answer.await
}

/// Completes what is open below a task, so that nothing of it stands in the way any more.
async fn cascade(tx: &Tx, write: &Write, card: Card) -> StorageResult<Card> {
    let me = write.me();
    let tree = store::load_tree(tx, card.root.unwrap_or(card.task.id)).await?;
    let below = store::open_below(tx, me, &tree, card.task.id).await?;
    let below = below.map(|cards| cards.into_iter().map(|card| (card.task, card.obstacles)).collect());
    let steps = card.task.complete_below(me, write.expected(), below, write.now())?;
    let steps: Vec<_> = steps.iter().map(|step| (&step.before, &step.after, step.done.clone())).collect();
    store::save_all(tx, me.author(), &steps).await?;
    let obstacles = Obstacles { open_subtasks: false, ..card.obstacles };
    Ok(Card { obstacles, ..card })
}

/// Approve a task
///
/// Its reviewer, the managers of the reviewer, the moderators of its project and administrators may call it. From
/// `in_review` to `completed`.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), IfMatch), security(("token" = ["tasks:write"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[post("/tasks/{id}/approve")]
async fn approve_task(write: Write, id: Path<TaskId>) -> Result<Answer> {
    run(&write, *id, async |_, _| Ok(Command::Approve)).await
}

/// Return a task
///
/// Whoever may approve it may call it. From `in_review` to `pending`, marked as returned until somebody takes it up.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), IfMatch), request_body = ReturnTask,
    security(("token" = ["tasks:write"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[post("/tasks/{id}/return")]
async fn return_task(write: Write, id: Path<TaskId>, body: Body<ReturnTask>) -> Result<Answer> {
    run(&write, *id, async |_, _| Ok(Command::Return { reason: body.0.reason.clone() })).await
}

/// Withdraw a task from review
///
/// Its responsible person and its co-executors may call it. From `in_review` to `in_progress`.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), IfMatch), security(("token" = ["tasks:write"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[post("/tasks/{id}/withdraw")]
async fn withdraw_task(write: Write, id: Path<TaskId>) -> Result<Answer> {
    run(&write, *id, async |_, _| Ok(Command::Withdraw)).await
}

/// Reopen a task
///
/// Whoever may start it may call it, and its reviewer. From `completed` or `deferred` to `pending`. 409 `parent_completed`
/// below a completed task. A responsible person who has left, or lost access, is replaced by the owner of the project, outside
/// of projects by the creator.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), IfMatch), security(("token" = ["tasks:write"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[post("/tasks/{id}/reopen")]
async fn reopen_task(write: Write, id: Path<TaskId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let responsible = store::find(tx, write.me(), *id).await?.task.people.responsible;
        user::lock_all(tx, &[responsible]).await?;
        let card = store::load_with_project(tx, write.me(), *id).await?;
        let responsible = card.task.people.responsible;
        let hands = store::hands(tx, write.me(), card.task.fields.project_id, [responsible]).await?;
        apply(tx, &write, card, &Command::Reopen { responsible: hands.of(responsible) }).await
    });
    answer.await
}

/// Delegate a task
///
/// Its creator, its responsible person, the moderators of its project, the managers of those who set it or work on it and
/// administrators may call it. From any status but `completed` to `pending`. Whoever was responsible follows the task from
/// then on, unless they have a part in it anyway.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), IfMatch), request_body = DelegateTask,
    security(("token" = ["tasks:write"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[post("/tasks/{id}/delegate")]
async fn delegate_task(write: Write, id: Path<TaskId>, body: Body<DelegateTask>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let DelegateTask { to, note } = body.0.clone();
        user::lock_all(tx, &[to]).await?;
        let card = store::load_with_project(tx, write.me(), *id).await?;
        let hands = store::hands(tx, write.me(), card.task.fields.project_id, [to]).await?;
        apply(tx, &write, card, &Command::Delegate { to: hands.of(to), note }).await
    });
    answer.await
}

/// What one could do with the status of a task.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"verb": "complete", "allowed": true, "to": "in_review", "code": null, "reason": null}))]
pub struct TransitionView {
    // Described by its own schema: a description here would make it an object beside.
    #[schema(inline)]
    verb: Verb,
    /// Whether the caller could do it now.
    allowed: bool,
    /// The status that it would lead to.
    #[schema(required = true)]
    to: Option<Status>,
    /// Why not: the code of the problem that the operation would answer.
    #[schema(required = true, max_length = 50)]
    code: Option<String>,
    /// The same, for a person.
    #[schema(required = true, max_length = 500)]
    reason: Option<String>,
}

impl From<Transition> for TransitionView {
    fn from(transition: Transition) -> Self {
        let Transition { action, outcome } = transition;
        let (to, problem) = match outcome {
            Ok(status) => (Some(status), None),
            Err(refusal) => (None, Some(Problem::from(refusal))),
        };
        Self {
            verb: Verb(action),
            allowed: to.is_some(),
            to,
            code: problem.as_ref().map(|problem| problem.code().to_owned()),
            reason: problem.as_ref().map(|problem| problem.title().to_owned()),
        }
    }
}

/// An action that changes the status.
#[derive(Serialize)]
#[serde(transparent)]
pub struct Verb(Action);

impl utoipa::PartialSchema for Verb {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let words = artel_domain::task::VERBS.iter().map(|action| action.as_str());
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(words))
            .description(Some("The operation: `POST /tasks/{id}/{verb}`."))
            .into()
    }
}

impl ToSchema for Verb {}

/// List what can be done with the status of a task
///
/// Whoever may read the task may call it. It names every verb, where it would lead and why it is refused, all on one page.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path)), security(("token" = ["tasks:read"])),
    responses((status = OK, body = Listing<TransitionView>)))]
#[get("/tasks/{id}/transitions")]
async fn list_task_transitions(me: Me, db: Data<Db>, id: Path<TaskId>) -> Result<Listing<TransitionView>> {
    let card = store::find(db.reader(), &me, *id).await?;
    let transitions = card.task.transitions(&me, card.obstacles);
    let items = transitions.into_iter().map(TransitionView::from).collect();
    Ok(Listing { items, next_cursor: None, total: None })
}
