//! Tasks: work that people hand each other.

use actix_web::{
    delete, get, patch, post,
    web::{Data, Path},
};
use artel_domain::{
    activity::Verb,
    task::{Done, Task, TaskId},
};
use artel_persistence::{
    Db, Error as StorageError, Result as StorageResult, Tx,
    task::{self as store, Card, Tree},
    user,
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::{Body, Me, Query},
    list::{ListQuery, Listing, PageParams},
    precondition::IfMatch,
    problem::Result,
    shared::Shared,
    write::{Saved, Write},
};

mod create;
mod edit;
mod history;
mod link;
mod list;
mod mark;
mod result;
mod role;
mod shape;
mod verb;
mod view;

use list::{ExpandParam, TaskFilter};
use shape::{CreateTask, EditTask};
pub use view::{TaskView, Viewed};

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_tasks).service(create_task).service(read_task).service(edit_task);
    config.service(delete_task).service(restore_task).service(list_subtasks);
    config.configure(verb::routes).configure(role::routes).configure(mark::routes).configure(link::routes);
    config.configure(result::routes).service(history::list_task_history);
}

/// List tasks
///
/// Every user may call it; it shows the tasks that the caller may read. `user_id=me&open=true&sort=deadline` are my open
/// tasks as they are due.
#[utoipa::path(tag = "tasks", params(TaskFilter, PageParams), security(("token" = ["tasks:read"])),
    responses((status = OK, body = Listing<TaskView>)))]
#[get("/tasks")]
async fn list_tasks(
    me: Me,
    db: Data<Db>,
    shared: Data<Shared>,
    query: ListQuery<TaskFilter>,
) -> Result<Listing<TaskView>> {
    let filter = query.filter.to_store(&me, shared.clock.now());
    let found = store::list(db.reader(), &me, &filter, &query.page, query.total).await?;
    Ok(query.answer(Viewed::slice(&db, &me, query.filter.expand(), found).await?))
}

/// List the subtasks of a task
///
/// Whoever may read the task may call it; it shows the subtasks that the caller may read.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), TaskFilter, PageParams), security(("token" = ["tasks:read"])),
    responses((status = OK, body = Listing<TaskView>)))]
#[get("/tasks/{id}/subtasks")]
async fn list_subtasks(
    me: Me,
    db: Data<Db>,
    shared: Data<Shared>,
    id: Path<TaskId>,
    query: ListQuery<TaskFilter>,
) -> Result<Listing<TaskView>> {
    store::find(db.reader(), &me, *id).await?;
    let mut filter = query.filter.to_store(&me, shared.clock.now());
    filter.below = Some(*id);
    let found = store::list(db.reader(), &me, &filter, &query.page, query.total).await?;
    Ok(query.answer(Viewed::slice(&db, &me, query.filter.expand(), found).await?))
}

/// Read a task
///
/// Its participants, the members of its project, the managers of its participants and administrators may call it, and the
/// whole staff where its project is open. Inside closed and secret projects only members may.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), ExpandParam), security(("token" = ["tasks:read"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[get("/tasks/{id}")]
async fn read_task(me: Me, db: Data<Db>, id: Path<TaskId>, query: Query<ExpandParam>) -> Result<Answer> {
    let card = store::find(db.reader(), &me, *id).await?;
    let version = card.task.version;
    let viewed = Viewed::one(&db, &me, query.0.names(), card).await?;
    Ok(Answer::versioned(version, &TaskView::from(viewed)))
}

/// Create a task
///
/// The staff may call it, and the members of the project that it is to lie in as that project has it; what is to be a part
/// of another task needs the right to create subtasks of that one. Whoever is responsible is left out of the co-executors
/// and observers. 409 `parent_completed`, `too_deep`, `archived`.
#[utoipa::path(tag = "tasks", request_body = CreateTask, security(("token" = ["tasks:write"])),
    responses((status = CREATED, body = TaskView, headers(("ETag" = String, description = "The version."),
        ("Location" = String, description = "Where the task lives.")))))]
#[post("/tasks")]
async fn create_task(write: Write, body: Body<CreateTask>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let card = create::create(tx, &write, body.0.clone()).await?;
        let location = format!("/api/v1/tasks/{}", card.task.id);
        Ok(saved(&write, card, |view| Answer::created(location, view)))
    });
    answer.await
}

/// What a change of a task answers.
fn saved(write: &Write, card: Card, answer: impl FnOnce(&TaskView) -> Answer) -> Saved {
    let (object, version) = (Task::object(card.task.id), card.task.version);
    let view = TaskView::from(Viewed::plain(write.me(), card));
    Saved::new(object, answer(&view).with_version(version))
}

/// Saves what was decided on a task and answers the task as it is now. Whoever gave away the sight of it sees it one last
/// time.
async fn save(tx: &Tx, write: &Write, before: Card, task: Task, done: Done) -> StorageResult<Saved> {
    store::save(tx, write.me().author(), &before.task, &task, done).await?;
    let card = match store::find(tx, write.me(), task.id).await {
        Err(StorageError::Refused(artel_domain::error::Error::NotFound)) => Card { task, ..before },
        found => found?,
    };
    Ok(saved(write, card, Answer::ok))
}

/// Change a task
///
/// Its creator may change everything, and so may who edits the tasks of others in its project, the managers of its creator
/// and administrators. Its responsible person may change the description, the estimate and the planned dates, and the
/// deadline as far as the policy of the task allows. A change that holds one field which the caller may not change is
/// refused as a whole. The status and the responsible person change through operations of their own.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), IfMatch), request_body = EditTask,
    security(("token" = ["tasks:write"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[patch("/tasks/{id}")]
async fn edit_task(write: Write, id: Path<TaskId>, body: Body<EditTask>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        user::lock_all(tx, body.0.reviewer().sent().map_or(&[], std::slice::from_ref)).await?;
        let card = match body.0.destination() {
            Some(place) => store::load_to_move(tx, write.me(), *id, place).await?,
            None => store::load_with_project(tx, write.me(), *id).await?,
        };
        edit::edit(tx, &write, card, body.0.clone()).await
    });
    answer.await
}

/// Put a task into the trash
///
/// Its creator may call it while the task is not completed, and so may the moderators of its project and administrators. Its
/// subtasks go with it. It can be restored for 30 days.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), IfMatch), security(("token" = ["tasks:write"])),
    responses((status = NO_CONTENT)))]
#[delete("/tasks/{id}")]
async fn delete_task(write: Write, id: Path<TaskId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let card = store::load(tx, write.me(), *id).await?;
        let mut task = card.task.clone();
        task.trash(write.me(), write.expected(), write.now())?;
        let tree = store::load_tree(tx, card.root.unwrap_or(task.id)).await?;
        move_card(tx, &write, &tree, (&card.task, &task), Verb::Deleted).await?;
        Ok(Saved::new(Task::object(*id), Answer::no_content()))
    });
    answer.await
}

/// Restore a task from the trash
///
/// Whoever may delete the task may call it. The subtasks that went there with it come back with it. One that is not in the
/// trash stays as it is. 409 `trashed` where the task that it belongs to lies there, `parent_completed`; `tasks_outside_dates`
/// where the dates of its project moved meanwhile.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), IfMatch), security(("token" = ["tasks:write"])),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[post("/tasks/{id}/restore")]
async fn restore_task(write: Write, id: Path<TaskId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let card = store::load_any(tx, write.me(), *id).await?;
        let mut task = card.task.clone();
        let tree = store::load_tree(tx, card.root.unwrap_or(task.id)).await?;
        let strays = store::strays(tx, &tree.subtree(task.id), task.place.as_ref()).await?;
        if task.restore(write.me(), write.expected(), (card.parent, strays), write.now())? {
            move_card(tx, &write, &tree, (&card.task, &task), Verb::Restored).await?;
        }
        Ok(saved(&write, store::find(tx, write.me(), *id).await?, Answer::ok))
    });
    answer.await
}

/// Saves a task that went into the trash or came out of it, with what lies below it.
async fn move_card(
    tx: &Tx,
    write: &Write,
    tree: &Tree,
    (before, task): (&Task, &Task),
    verb: Verb,
) -> StorageResult<()> {
    let author = write.me().author();
    store::save(tx, author, before, task, Done { verb, changes: Vec::new() }).await?;
    store::trash_tree(tx, author, tree, task).await
}
