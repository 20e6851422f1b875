//! Whether someone may see an object that is known by kind and id alone: each room answers for its own kind.

use artel_domain::{
    activity::{ObjectKind, ObjectRef},
    actor::{Actor, UserId},
    department::DepartmentId,
    error::Error as Refusal,
};

use crate::{
    department,
    error::{Error, Result},
    unit_of_work::Tx,
    user,
};

/// Whether the actor may see the object now.
///
/// # Errors
/// Those of the database.
pub async fn is_visible(tx: &Tx, actor: &Actor, object: ObjectRef) -> Result<bool> {
    match object.kind {
        ObjectKind::Organisation => Ok(true),
        ObjectKind::User => found(user::find(tx, actor, UserId(object.id)).await),
        ObjectKind::Department => found(department::find(tx, actor, DepartmentId(object.id)).await),
        ObjectKind::Contact | ObjectKind::Company | ObjectKind::Dictionary | ObjectKind::CrmAccess => {
            Ok(false)
        }
        // What hands out or consumes secrets is never kept, so nothing of it is ever asked for again.
        ObjectKind::Session | ObjectKind::Token | ObjectKind::Invitation => Ok(false),
    }
}

fn found<T>(result: Result<T>) -> Result<bool> {
    match result {
        Ok(_) => Ok(true),
        Err(Error::Refused(Refusal::NotFound)) => Ok(false),
        Err(error) => Err(error),
    }
}
