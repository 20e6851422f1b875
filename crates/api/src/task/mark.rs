//! What a task is to the caller: a favourite, silent, read. Nobody else sees it, and it changes no version.

use actix_web::{delete, post, put, web::Path};
use artel_domain::task::{Task, TaskId};
use artel_persistence::task::{self as store, Marking};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    problem::Result,
    write::{Saved, Write},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(favourite_task).service(unfavourite_task).service(mute_task).service(unmute_task);
    config.service(mark_task_read);
}

async fn mark(write: &Write, id: TaskId, marking: Marking) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let card = store::find(tx, write.me(), id).await?;
        card.task.check_mark(write.me())?;
        store::mark(tx, write.me().user, id, marking, write.now()).await?;
        Ok(Saved::new(Task::object(id), Answer::no_content()))
    });
    answer.await
}

/// Make a task a favourite
///
/// Whoever may read the task may call it.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path)), security(("token" = ["tasks:write"])),
    responses((status = NO_CONTENT)))]
#[put("/tasks/{id}/favourite")]
async fn favourite_task(write: Write, id: Path<TaskId>) -> Result<Answer> {
    mark(&write, *id, Marking::Favourite(true)).await
}

/// Make a task a favourite no more
///
/// Whoever may read the task may call it.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path)), security(("token" = ["tasks:write"])),
    responses((status = NO_CONTENT)))]
#[delete("/tasks/{id}/favourite")]
async fn unfavourite_task(write: Write, id: Path<TaskId>) -> Result<Answer> {
    mark(&write, *id, Marking::Favourite(false)).await
}

/// Silence a task
///
/// Whoever may read the task may call it.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path)), security(("token" = ["tasks:write"])),
    responses((status = NO_CONTENT)))]
#[put("/tasks/{id}/mute")]
async fn mute_task(write: Write, id: Path<TaskId>) -> Result<Answer> {
    mark(&write, *id, Marking::Muted(true)).await
}

/// Silence a task no more
///
/// Whoever may read the task may call it.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path)), security(("token" = ["tasks:write"])),
    responses((status = NO_CONTENT)))]
#[delete("/tasks/{id}/mute")]
async fn unmute_task(write: Write, id: Path<TaskId>) -> Result<Answer> {
    mark(&write, *id, Marking::Muted(false)).await
}

/// Mark a task as read
///
/// Whoever may read the task may call it. Every comment up to now counts as read.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path)), security(("token" = ["tasks:write"])),
    responses((status = NO_CONTENT)))]
#[post("/tasks/{id}/read")]
async fn mark_task_read(write: Write, id: Path<TaskId>) -> Result<Answer> {
    mark(&write, *id, Marking::Read).await
}
