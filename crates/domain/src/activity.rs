//! The activity log's vocabulary: who did what to which object, and which fields changed how.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{actor::Author, words};

words! {
    /// A kind of object that activities speak of.
    pub enum ObjectKind {
        /// The organisation and its settings.
        Organisation = "organisation",
        /// A user.
        User = "user",
        /// A department.
        Department = "department",
        /// A contact.
        Contact = "contact",
        /// A company.
        Company = "company",
        /// A dictionary of the CRM; the id is its number.
        Dictionary = "dictionary",
        /// The table of CRM access levels.
        CrmAccess = "crm_access",
        /// A session.
        Session = "session",
        /// A personal access token.
        Token = "token",
        /// An invitation.
        Invitation = "invitation",
        /// A project.
        Project = "project",
        /// A task.
        Task = "task",
        /// A comment on a task.
        Comment = "comment",
    }
}

words! {
    /// What happened.
    pub enum Verb {
        /// It came into being.
        Created = "created",
        /// Fields changed.
        Updated = "updated",
        /// It went to the trash, or for good where there is none.
        Deleted = "deleted",
        /// It came back from the trash.
        Restored = "restored",
        /// It had been in the trash for long enough, and is gone for good.
        Purged = "purged",
        /// It was linked with another object.
        Linked = "linked",
        /// A link was removed.
        Unlinked = "unlinked",
        /// A user lost access.
        Deactivated = "deactivated",
        /// A user got access back.
        Activated = "activated",
        /// A credential was revoked.
        Revoked = "revoked",
        /// An invitation was accepted.
        Accepted = "accepted",
        /// Someone signed in.
        SignedIn = "signed_in",
        /// A password was changed or reset.
        PasswordChanged = "password_changed",
        /// A project was closed for changes.
        Archived = "archived",
        /// A project or a task was opened again.
        Reopened = "reopened",
        /// Someone became a member, or took on a part.
        Joined = "joined",
        /// Someone is no member any more, or gave a part up.
        Left = "left",
        /// A project got another owner.
        HandedOver = "handed_over",
        /// Work on a task began.
        Started = "started",
        /// Work on a task was interrupted.
        Paused = "paused",
        /// A task was put off.
        Deferred = "deferred",
        /// The moment until which a task was put off has come.
        Resumed = "resumed",
        /// A task waits for its reviewer.
        Submitted = "submitted",
        /// A task was completed.
        Completed = "completed",
        /// The reviewer accepted a task.
        Approved = "approved",
        /// The reviewer gave a task back.
        Returned = "returned",
        /// A task was taken back from review.
        Withdrawn = "withdrawn",
        /// A task got another responsible person.
        Delegated = "delegated",
        /// Someone commented.
        Commented = "commented",
        /// A task got a result.
        ResultGiven = "result_given",
        /// A result was taken away.
        ResultRemoved = "result_removed",
    }
}

/// One object, named by kind and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ObjectRef {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its id among its kind.
    pub id: i64,
}

/// One entry of the log, before the database gives it a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Who did it, and through what.
    pub author: Author,
    /// What happened.
    pub verb: Verb,
    /// To which object.
    pub object: ObjectRef,
    /// Which fields changed; empty where the verb says it all.
    pub changes: Vec<Change>,
}

/// A field that changed, with what it was and what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The field's public name.
    pub field: String,
    /// What it was.
    pub old: Value,
    /// What it is.
    pub new: Value,
}

/// The fields in which two states of one object differ, by the public names that serde gives them.
#[must_use]
pub fn changes<T: Serialize>(before: &T, after: &T) -> Vec<Change> {
    let (before, after) = (fields(before), fields(after));
    after
        .into_iter()
        .filter_map(|(field, new)| {
            let old = before.get(&field).cloned().unwrap_or(Value::Null);
            (old != new).then_some(Change { field, old, new })
        })
        .collect()
}

/// The fields of a new object that are set, as changes from nothing.
#[must_use]
pub fn initial<T: Serialize>(state: &T) -> Vec<Change> {
    let set = fields(state).into_iter().filter(|(_, value)| !value.is_null());
    set.map(|(field, new)| Change { field, old: Value::Null, new }).collect()
}

/// A state as its fields; what is no struct has none.
fn fields<T: Serialize>(state: &T) -> Map<String, Value> {
    match serde_json::to_value(state) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_a_change() {
        let before = serde_json::json!({"name": "Ann", "age": 7});
        let after = serde_json::json!({"name": "Anna", "age": 7});
        let found = changes(&before, &after);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].field.as_str(), &found[0].new), ("name", &Value::from("Anna")));
    }
}
