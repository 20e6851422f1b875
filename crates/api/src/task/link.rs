//! Which records of the CRM a task concerns.

use actix_web::{delete, put, web::Path};
use artel_domain::{
    company::CompanyId,
    contact::ContactId,
    error::Error as Refusal,
    task::{Target, Task, TaskId},
    words,
};
use artel_persistence::{Result as StorageResult, Tx, task as store};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{TaskView, saved};
use crate::{
    answer::Answer,
    precondition::IfMatch,
    problem::Result,
    write::{Saved, Write},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(put_task_crm_link).service(delete_task_crm_link);
}

words! {
    /// A kind of record that a task can concern.
    pub enum TargetKind {
        /// A contact.
        Contact = "contact",
        /// A company.
        Company = "company",
    }
}

impl TargetKind {
    const fn with_id(self, id: i64) -> Target {
        match self {
            Self::Contact => Target::Contact(ContactId(id)),
            Self::Company => Target::Company(CompanyId(id)),
        }
    }
}

/// Only what one may read can be linked, and unlinked.
async fn check_readable(tx: &Tx, write: &Write, target: Target) -> StorageResult<()> {
    let is_readable = match target {
        Target::Contact(id) => !store::readable_contacts(tx, write.me(), &[id]).await?.is_empty(),
        Target::Company(id) => !store::readable_companies(tx, write.me(), &[id]).await?.is_empty(),
    };
    if is_readable { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

/// Link a task with a record of the CRM
///
/// Whoever may edit the task and read the record may call it. To those who may not read the record, the link does not show.
#[utoipa::path(tag = "tasks", security(("token" = ["tasks:write"])),
    params(("id" = TaskId, Path), ("type" = inline(TargetKind), Path), ("target_id" = i64, Path, minimum = 1), IfMatch),
    responses((status = OK, body = TaskView, headers(("ETag" = String, description = "The version.")))))]
#[put("/tasks/{id}/crm-links/{type}/{target_id}")]
async fn put_task_crm_link(write: Write, path: Path<(TaskId, TargetKind, i64)>) -> Result<Answer> {
    let (id, kind, target) = path.into_inner();
    let answer = write.commit(async |tx| {
        let card = store::load(tx, write.me(), id).await?;
        card.task.check_link(write.me(), write.expected())?;
        check_readable(tx, &write, kind.with_id(target)).await?;
        store::link(tx, write.me().author(), &card.task, kind.with_id(target), write.now()).await?;
        Ok(saved(&write, store::find(tx, write.me(), id).await?, Answer::ok))
    });
    answer.await
}

/// Remove the link between a task and a record of the CRM
///
/// Whoever may edit the task and read the record may call it.
#[utoipa::path(tag = "tasks", security(("token" = ["tasks:write"])),
    params(("id" = TaskId, Path), ("type" = inline(TargetKind), Path), ("target_id" = i64, Path, minimum = 1), IfMatch),
    responses((status = NO_CONTENT)))]
#[delete("/tasks/{id}/crm-links/{type}/{target_id}")]
async fn delete_task_crm_link(write: Write, path: Path<(TaskId, TargetKind, i64)>) -> Result<Answer> {
    let (id, kind, target) = path.into_inner();
    let answer = write.commit(async |tx| {
        let card = store::load(tx, write.me(), id).await?;
        card.task.check_link(write.me(), write.expected())?;
        check_readable(tx, &write, kind.with_id(target)).await?;
        store::unlink(tx, write.me().author(), &card.task, kind.with_id(target), write.now()).await?;
        Ok(Saved::new(Task::object(id), Answer::no_content()))
    });
    answer.await
}
