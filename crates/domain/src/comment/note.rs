//! What Artel itself notes in the discussion of a task: the words that were given with an act, who is responsible now and
//! until when, and what happened with nobody's doing.

use serde_json::Value;

use super::CommentText;
use crate::{
    activity::{Change, Verb},
    actor::UserId,
    words,
};

words! {
    /// What a note is about.
    pub enum NoteKind {
        /// The reviewer gave the task back, and said why.
        Returned = "returned",
        /// The task got another responsible person.
        Delegated = "delegated",
        /// The deadline moved.
        DeadlineMoved = "deadline_moved",
        /// The moment until which the task was put off has come.
        Resumed = "resumed",
    }
}

/// What Artel notes, and who gave it reason to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// Who did what is noted; nobody where it came by itself.
    pub by: Option<UserId>,
}

impl Note {
    /// What is to be noted of what happened to a task, in Markdown; nothing of most. What somebody said is quoted, so that
    /// it cannot pass for words of Artel.
    #[must_use]
    pub fn of(verb: Verb, changes: &[Change], by: Option<UserId>) -> Option<(Self, CommentText)> {
        let change = |field: &str| changes.iter().find(|change| change.field == field);
        let said = |field: &str| change(field).and_then(|change| change.new.as_str()).map(quoted);
        let who = by.map_or_else(|| "Artel".to_owned(), mention);
        let (kind, text) = if verb == Verb::Returned {
            (NoteKind::Returned, format!("{who} returned the task{}", said("reason")?))
        } else if verb == Verb::Resumed {
            (NoteKind::Resumed, "The task is back: it was put off until now.".to_owned())
        } else if let Some(to) = change("responsible_id") {
            let heir = mention(UserId(to.new.as_i64()?));
            let note = said("note").unwrap_or_else(|| ".".to_owned());
            (NoteKind::Delegated, format!("{who} made {heir} responsible{note}"))
        } else {
            let Change { old, new, field: _ } = change("deadline")?;
            let why = said("deadline_reason").unwrap_or_else(|| ".".to_owned());
            (NoteKind::DeadlineMoved, format!("{who} {}{why}", moved(old, new)))
        };
        // It holds one text of a person, which is far shorter than the longest comment.
        Some((Self { kind, by }, text.parse().ok()?))
    }
}

fn mention(user: UserId) -> String {
    format!("@[user:{user}]")
}

fn moved(old: &Value, new: &Value) -> String {
    match (old.as_str(), new.as_str()) {
        (Some(old), Some(new)) => format!("moved the deadline from {old} to {new}"),
        (None, Some(new)) => format!("set the deadline to {new}"),
        (_, None) => "removed the deadline".to_owned(),
    }
}

/// The words of a person after those of Artel, as a quotation in Markdown.
fn quoted(words: &str) -> String {
    let lines: Vec<String> = words.lines().map(|line| format!("> {line}")).collect();
    format!(":\n\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(field: &str, old: Value, new: Value) -> Change {
        Change { field: field.to_owned(), old, new }
    }

    fn noted(verb: Verb, changes: &[Change], by: Option<i64>) -> Option<(NoteKind, String)> {
        let (note, text) = Note::of(verb, changes, by.map(UserId))?;
        assert_eq!(note.by, by.map(UserId));
        Some((note.kind, text.as_str().to_owned()))
    }

    #[test]
    fn words_of_people_are_quoted_line_by_line() {
        let changes = [
            change("status", "in_review".into(), "pending".into()),
            change("reason", Value::Null, "Two names are missing.\n@[user:9], help!".into()),
        ];
        let text = "@[user:3] returned the task:\n\n> Two names are missing.\n> @[user:9], help!";
        assert_eq!(noted(Verb::Returned, &changes, Some(3)), Some((NoteKind::Returned, text.to_owned())));
    }

    #[test]
    fn another_responsible_person_is_noted_with_and_without_words() {
        let heir = change("responsible_id", 4.into(), 5.into());
        let text = "@[user:3] made @[user:5] responsible.";
        let expected = Some((NoteKind::Delegated, text.to_owned()));
        assert_eq!(noted(Verb::Delegated, std::slice::from_ref(&heir), Some(3)), expected);
        let text = "@[user:3] made @[user:5] responsible:\n\n> You know them.";
        let with_words = [heir, change("note", Value::Null, "You know them.".into())];
        assert_eq!(
            noted(Verb::Delegated, &with_words, Some(3)),
            Some((NoteKind::Delegated, text.to_owned()))
        );
    }

    #[test]
    fn a_deadline_is_set_moved_and_removed() {
        let noted = |old: Value, new: Value| {
            noted(Verb::Updated, &[change("deadline", old, new)], Some(3)).map(|(_, text)| text)
        };
        let (first, second) = ("2030-01-20T15:00:00Z", "2030-01-21T15:00:00Z");
        let moved = "@[user:3] moved the deadline from 2030-01-20T15:00:00Z to 2030-01-21T15:00:00Z.";
        assert_eq!(noted(first.into(), second.into()).as_deref(), Some(moved));
        let set = "@[user:3] set the deadline to 2030-01-20T15:00:00Z.";
        assert_eq!(noted(Value::Null, first.into()).as_deref(), Some(set));
        assert_eq!(noted(first.into(), Value::Null).as_deref(), Some("@[user:3] removed the deadline."));
    }

    #[test]
    fn what_comes_by_itself_is_nobodys_doing_and_the_rest_is_not_noted() {
        let (kind, _) = noted(Verb::Resumed, &[change("status", "deferred".into(), "pending".into())], None)
            .expect("is noted");
        assert_eq!(kind, NoteKind::Resumed);
        let status = [change("status", "pending".into(), "in_progress".into())];
        assert_eq!(noted(Verb::Started, &status, Some(3)), None);
        assert_eq!(noted(Verb::Updated, &[change("title", "a".into(), "b".into())], Some(3)), None);
    }
}
