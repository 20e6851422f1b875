//! Comments on tasks: what people say to each other there. Notes of the system are a kind of their own, never disguised
//! as a person's.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::{
    activity::{ObjectKind, ObjectRef},
    actor::{Actor, UserId},
    error::{Forbidden, Result},
    id, task,
    task::{Action, Task, TaskId},
    text, words,
};

mod note;

pub use note::{Note, NoteKind};

id! {
    /// A comment.
    CommentId,
}

text! {
    /// What is said, in Markdown; `@[user:12]` mentions somebody.
    CommentText(1..=20000) block
}

words! {
    /// Who speaks.
    pub enum CommentKind {
        /// A person.
        Comment = "comment",
        /// Artel itself: it notes what happened.
        System = "system",
    }
}

words! {
    /// What a list of comments can be sorted by.
    pub enum Sort {
        /// When it was said.
        CreatedAt = "created_at",
    }
}

words! {
    /// What one can do with a comment.
    pub enum CommentAction {
        /// Change what is said.
        Edit = "edit",
        /// Take it away.
        Delete = "delete",
    }
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// The task that it is about.
    pub task: TaskId,
    /// Who speaks.
    pub kind: CommentKind,
    /// The person; nobody where Artel speaks.
    pub author: Option<UserId>,
    /// What it is about, where Artel speaks.
    pub note: Option<Note>,
    /// What is said.
    pub text: CommentText,
    /// When it was said.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub edited_at: Option<DateTime<Utc>>,
}

impl Comment {
    /// How activities name a comment.
    #[must_use]
    pub const fn object(id: CommentId) -> ObjectRef {
        ObjectRef { kind: ObjectKind::Comment, id: id.0 }
    }

    /// What the actor may do with it now: authors change their own words; they, and whoever leads the task, take them
    /// away. What Artel noted stays.
    #[must_use]
    pub fn can(&self, task: &Task, by: &Actor) -> Vec<CommentAction> {
        CommentAction::ALL.iter().copied().filter(|action| self.check(task, by, *action).is_ok()).collect()
    }

    /// Lets those pass who may do this to the comment now.
    ///
    /// # Errors
    /// [`crate::error::Error::NotFound`], [`Forbidden::NotAllowed`], [`crate::error::Conflict::Archived`].
    pub fn check(&self, task: &Task, by: &Actor, action: CommentAction) -> Result<()> {
        let standing = task.standing(by);
        task::check(&standing, Action::Read)?;
        let is_mine = self.author == Some(by.user);
        let may = match (self.kind, action) {
            (CommentKind::System, _) => false,
            (CommentKind::Comment, CommentAction::Edit) => is_mine,
            (CommentKind::Comment, CommentAction::Delete) => is_mine || standing.may(Action::Moderate),
        };
        if may { task.check_open_to_words() } else { Err(Forbidden::NotAllowed.into()) }
    }

    /// Changes what is said; says what was said before, or nothing where that is the same.
    ///
    /// # Errors
    /// Those of [`Comment::check`].
    pub fn edit(
        &mut self,
        task: &Task,
        by: &Actor,
        text: CommentText,
        now: DateTime<Utc>,
    ) -> Result<Option<CommentText>> {
        self.check(task, by, CommentAction::Edit)?;
        if text == self.text {
            return Ok(None);
        }
        self.edited_at = Some(now);
        Ok(Some(std::mem::replace(&mut self.text, text)))
    }
}

/// Lets those pass who may comment on a task now.
///
/// # Errors
/// [`crate::error::Error::NotFound`], [`Forbidden::NotAllowed`], [`crate::error::Conflict::Archived`].
pub fn check_may_comment(task: &Task, by: &Actor) -> Result<()> {
    task::check(&task.standing(by), Action::Comment)?;
    task.check_open_to_words()
}

const MENTION: &str = "@[user:";
/// The most people whom one text mentions; the rest are just words.
pub const MOST_MENTIONS: usize = 50;

/// Whom a text mentions.
#[must_use]
pub fn mentions(text: &CommentText) -> BTreeSet<UserId> {
    let after = text.as_str().split(MENTION).skip(1);
    let ids = after.filter_map(|rest| rest.split_once(']')?.0.parse().ok());
    ids.filter(|id| *id > 0).map(UserId).take(MOST_MENTIONS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_read_out_of_the_text_each_once() {
        let text =
            "@[user:12], ask @[user:7] and @[user:12]; not @[user:x], @[user:-1], @[user: 5] or @[user:9";
        assert_eq!(mentions(&text.parse().unwrap()), BTreeSet::from([UserId(7), UserId(12)]));
        assert!(mentions(&"nobody".parse().unwrap()).is_empty());
    }
}
