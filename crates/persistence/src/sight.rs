//! Whether someone may see an object that is known by kind and id alone: each room answers for its own kind.

use artel_domain::{
    activity::{ObjectKind, ObjectRef},
    actor::{Actor, Role, UserId},
    comment::CommentId,
    company::CompanyId,
    contact::ContactId,
    department::DepartmentId,
    error::Error as Refusal,
    project::ProjectId,
    task::TaskId,
};

use crate::{
    comment, company, contact, department,
    error::{Error, Result},
    project, task,
    unit_of_work::Tx,
    user,
};

/// Whether the actor may see the object now.
///
/// # Errors
/// Those of the database.
pub async fn is_visible(tx: &Tx, actor: &Actor, object: ObjectRef) -> Result<bool> {
    let ObjectRef { kind, id } = object;
    match kind {
        ObjectKind::Contact => found(contact::find(tx, actor, ContactId(id)).await),
        ObjectKind::Company => found(company::find(tx, actor, CompanyId(id)).await),
        ObjectKind::User => found(user::find(tx, actor, UserId(id)).await),
        ObjectKind::Department => found(department::find(tx, actor, DepartmentId(id)).await),
        ObjectKind::Project => found(project::find(tx, actor, ProjectId(id)).await),
        ObjectKind::Task => found(task::find(tx, actor, TaskId(id)).await),
        ObjectKind::Comment => found(comment::find(tx, actor, CommentId(id)).await),
        ObjectKind::Organisation => Ok(true),
        ObjectKind::Dictionary => Ok(actor.require_staff().is_ok()),
        ObjectKind::CrmAccess | ObjectKind::Session | ObjectKind::Token | ObjectKind::Invitation => {
            Ok(actor.role == Role::Admin)
        }
    }
}

fn found<T>(answer: Result<T>) -> Result<bool> {
    match answer {
        Ok(_) => Ok(true),
        Err(Error::Refused(Refusal::NotFound)) => Ok(false),
        Err(error) => Err(error),
    }
}
