//! Who works on a task and who follows it, one by one.

use actix_web::{delete, put, web::Path};
use artel_domain::{
    activity::Verb,
    actor::UserId,
    task::{Done, Part, Task, TaskId},
};
use artel_persistence::{task as store, user};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{TaskView, save};
use crate::{
    answer::Answer,
    precondition::IfMatch,
    problem::Result,
    write::{Saved, Write},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(put_task_co_executor).service(delete_task_co_executor);
    config.service(put_task_observer).service(delete_task_observer);
    config.service(watch_task).service(unwatch_task);
}

async fn give(write: &Write, id: TaskId, part: Part, person: UserId) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        user::lock_all(tx, &[person]).await?;
        let card = store::load_with_project(tx, write.me(), id).await?;
        let mut task = card.task.clone();
        let hands = store::hands(tx, write.me(), task.fields.project_id, [person]).await?;
        let changes = task.give(write.me(), write.expected(), part, hands.of(person), write.now())?;
        let done = Done { verb: Verb::Joined, changes };
        save(tx, write, card, task, done).await
    });
    answer.await
}

async fn take(write: &Write, id: TaskId, part: Part, user: UserId) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let card = store::load(tx, write.me(), id).await?;
        let mut task = card.task.clone();
        let changes = task.take(write.me(), write.expected(), part, user, write.now())?;
        let done = Done { verb: Verb::Left, changes };
        store::save(tx, write.me().author(), &card.task, &task, done).await?;
        Ok(Saved::new(Task::object(id), Answer::no_content()))
    });
    answer.await
}

/// Let someone work on a task too
///
/// Its creator, its responsible person, who edits the tasks of others in its project, the managers of its creator and
/// administrators may call it. The responsible person stays what they are. Inside a project it must be an active member.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), ("user_id" = UserId, Path), IfMatch),
    security(("token" = ["tasks:write"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[put("/tasks/{id}/co-executors/{user_id}")]
async fn put_task_co_executor(write: Write, path: Path<(TaskId, UserId)>) -> Result<Answer> {
    let (id, user) = path.into_inner();
    give(&write, id, Part::CoExecutor, user).await
}

/// Let a co-executor work on a task no more
///
/// Its creator, who edits the tasks of others in its project, the managers of its creator and administrators may call it.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), ("user_id" = UserId, Path), IfMatch),
    security(("token" = ["tasks:write"])), responses((status = NO_CONTENT)))]
#[delete("/tasks/{id}/co-executors/{user_id}")]
async fn delete_task_co_executor(write: Write, path: Path<(TaskId, UserId)>) -> Result<Answer> {
    let (id, user) = path.into_inner();
    take(&write, id, Part::CoExecutor, user).await
}

/// Let someone follow a task
///
/// Whoever may read the task may call it. Inside a closed or secret project it must be an active member; tasks of an open
/// project the whole staff may follow.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), ("user_id" = UserId, Path), IfMatch),
    security(("token" = ["tasks:write"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[put("/tasks/{id}/observers/{user_id}")]
async fn put_task_observer(write: Write, path: Path<(TaskId, UserId)>) -> Result<Answer> {
    let (id, user) = path.into_inner();
    give(&write, id, Part::Observer, user).await
}

/// Let an observer follow a task no more
///
/// Its creator, who edits the tasks of others in its project, the managers of its creator and administrators may call it;
/// observers stop following by themselves.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), ("user_id" = UserId, Path), IfMatch),
    security(("token" = ["tasks:write"])), responses((status = NO_CONTENT)))]
#[delete("/tasks/{id}/observers/{user_id}")]
async fn delete_task_observer(write: Write, path: Path<(TaskId, UserId)>) -> Result<Answer> {
    let (id, user) = path.into_inner();
    take(&write, id, Part::Observer, user).await
}

/// Follow a task
///
/// Whoever may read the task may call it: the caller becomes an observer.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), IfMatch), security(("token" = ["tasks:write"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[put("/tasks/{id}/watch")]
async fn watch_task(write: Write, id: Path<TaskId>) -> Result<Answer> {
    give(&write, *id, Part::Observer, write.me().user).await
}

/// Follow a task no more
///
/// Whoever may read the task may call it: the caller is an observer no more.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), IfMatch), security(("token" = ["tasks:write"])),
    responses((status = NO_CONTENT)))]
#[delete("/tasks/{id}/watch")]
async fn unwatch_task(write: Write, id: Path<TaskId>) -> Result<Answer> {
    take(&write, *id, Part::Observer, write.me().user).await
}
