//! What came of tasks.

use actix_web::{
    delete, get, post,
    web::{Data, Path},
};
use artel_domain::{
    actor::UserId,
    task::{ResultId, ResultText, Task, TaskId, TaskResult},
};
use artel_persistence::{Db, task as store};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::{Body, Me},
    list::Listing,
    problem::Result,
    write::{Saved, Write},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_task_results).service(create_task_result);
    config.service(read_task_result).service(delete_task_result);
}

/// A result to give.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "All 200 badges lie at the front desk."}))]
pub struct CreateTaskResult {
    /// What came of the task, in Markdown.
    text: ResultText,
}

/// What came of a task.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 3, "author_id": 2, "text": "All 200 badges lie at the front desk.",
    "created_at": "2026-07-31T09:00:00Z"}))]
pub struct TaskResultView {
    /// Its id.
    id: ResultId,
    /// Who gave it.
    author_id: UserId,
    /// What came of the task, in Markdown.
    text: ResultText,
    /// When it was given.
    created_at: DateTime<Utc>,
}

impl From<TaskResult> for TaskResultView {
    fn from(result: TaskResult) -> Self {
        let TaskResult { id, task: _, author, text, created_at } = result;
        Self { id, author_id: author, text, created_at }
    }
}

/// List the results of a task
///
/// Whoever may read the task may call it. The newest come first, all on one page.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path)), security(("token" = ["tasks:read"])),
    responses((status = OK, body = Listing<TaskResultView>)))]
#[get("/tasks/{id}/results")]
async fn list_task_results(me: Me, db: Data<Db>, id: Path<TaskId>) -> Result<Listing<TaskResultView>> {
    let card = store::find(db.reader(), &me, *id).await?;
    let results = store::results(db.reader(), &card.task).await?;
    Ok(Listing {
        items: results.into_iter().map(TaskResultView::from).collect(),
        next_cursor: None,
        total: None,
    })
}

/// Give a result of a task
///
/// Whoever has a part in the task may call it.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path)), request_body = CreateTaskResult,
    security(("token" = ["tasks:write"])), responses((status = CREATED, body = TaskResultView,
        headers(("Location" = String, description = "Where the result lives.")))))]
#[post("/tasks/{id}/results")]
async fn create_task_result(write: Write, id: Path<TaskId>, body: Body<CreateTaskResult>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let card = store::load(tx, write.me(), *id).await?;
        card.task.check_give_result(write.me())?;
        let text = body.0.text.clone();
        let result = store::give_result(tx, write.me(), &card.task, text, write.now()).await?;
        let location = format!("/api/v1/tasks/{}/results/{}", card.task.id, result.id);
        Ok(Saved::new(Task::object(*id), Answer::created(location, &TaskResultView::from(result))))
    });
    answer.await
}

/// Read a result of a task
///
/// Whoever may read the task may call it.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), ("result_id" = ResultId, Path)),
    security(("token" = ["tasks:read"])), responses((status = OK, body = TaskResultView)))]
#[get("/tasks/{id}/results/{result_id}")]
async fn read_task_result(me: Me, db: Data<Db>, path: Path<(TaskId, ResultId)>) -> Result<Answer> {
    let (id, result_id) = path.into_inner();
    let card = store::find(db.reader(), &me, id).await?;
    let result = store::find_result(db.reader(), &card.task, result_id).await?;
    Ok(Answer::ok(&TaskResultView::from(result)))
}

/// Take a result of a task away
///
/// Its author may call it, and so may the creator of the task, the moderators of its project and administrators.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), ("result_id" = ResultId, Path)),
    security(("token" = ["tasks:write"])), responses((status = NO_CONTENT)))]
#[delete("/tasks/{id}/results/{result_id}")]
async fn delete_task_result(write: Write, path: Path<(TaskId, ResultId)>) -> Result<Answer> {
    let (id, result_id) = path.into_inner();
    let answer = write.commit(async |tx| {
        let card = store::load(tx, write.me(), id).await?;
        let result = store::find_result(tx, &card.task, result_id).await?;
        card.task.check_remove_result(write.me(), &result)?;
        store::remove_result(tx, write.me(), &card.task, result.id, write.now()).await?;
        Ok(Saved::new(Task::object(id), Answer::no_content()))
    });
    answer.await
}
