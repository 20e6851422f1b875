//! Writing tasks: the row, the parts, the words, and the activity.

use std::collections::BTreeSet;

use artel_domain::{
    activity::{Activity, Verb, initial},
    actor::{Actor, Author, UserId},
    comment::Note,
    task::{Done, Draft, Task, TaskFields, TaskId},
};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Expr, ExprTrait as _, Query, SimpleExpr},
};

use super::{WORDS, part, rank};
use crate::{
    activity,
    column::Instant,
    comment,
    error::{Error, Result},
    json,
    record::{stamp, text},
    search::{save_words, with_tags},
    unit_of_work::Tx,
};

/// Keeps a new task below the top of its tree, and the activity: four statements. `below` are the participants below its
/// creator.
///
/// # Errors
/// `duplicate` when the external id is taken; those of the database.
pub async fn insert(
    tx: &Tx,
    by: &Actor,
    draft: Draft,
    root: Option<TaskId>,
    below: BTreeSet<UserId>,
) -> Result<Task> {
    let mut changes = initial(&draft.fields);
    changes.extend(draft.people.initial());
    let task = draft.with_id(TaskId(0), below);
    let own = [
        ("root_id", root.map(|root| root.0).into()),
        ("created_at", Instant(task.created_at).micros().into()),
        ("creator_id", task.people.creator.0.into()),
    ];
    let (names, values): (Vec<_>, Vec<_>) = columns(&task)?.into_iter().chain(own).unzip();
    let mut insert = Query::insert().into_table("task").columns(names).returning_col("id").take();
    insert.values_panic(values);
    let row = tx.query_one(&insert).await?;
    let row = row.ok_or_else(|| Error::Unreadable("no id was handed out".to_owned()))?;
    let task = Task { id: TaskId(row.try_get("", "id")?), ..task };
    part::insert(tx, &task).await?;
    save_words(tx, WORDS, task.id.0, &BTreeSet::new(), &words(&task.fields)).await?;
    let created =
        Activity { author: by.author(), verb: Verb::Created, object: Task::object(task.id), changes };
    activity::append(tx, &[created], task.created_at).await?;
    Ok(task)
}

/// Saves what was decided on a task, and the activity. Nothing is written where nothing changed.
///
/// # Errors
/// `duplicate` when the external id is taken; those of the database.
pub async fn save(tx: &Tx, author: Author, before: &Task, task: &Task, done: Done) -> Result<()> {
    save_all(tx, author, &[(before, task, done)]).await
}

/// Saves what was decided on several tasks of one tree, what Artel notes of it, and the activities, in their order.
///
/// # Errors
/// Those of [`save`].
pub async fn save_all(tx: &Tx, author: Author, all: &[(&Task, &Task, Done)]) -> Result<()> {
    let (mut activities, mut notes, mut now) = (Vec::new(), Vec::new(), None);
    for (before, task, Done { verb, changes }) in all {
        if task.version == before.version {
            continue;
        }
        let update = Query::update()
            .table("task")
            .values(columns(task)?)
            .and_where(Expr::col("id").eq(task.id.0))
            .take();
        tx.execute(&update).await?;
        part::save(tx, before, task).await?;
        save_words(tx, WORDS, task.id.0, &words(&before.fields), &words(&task.fields)).await?;
        notes.extend(Note::of(*verb, changes, author.user()).map(|(note, text)| (task.id, note, text)));
        let object = Task::object(task.id);
        activities.push(Activity { author, verb: *verb, object, changes: changes.clone() });
        now = Some(task.updated.at);
    }
    let Some(now) = now else { return Ok(()) };
    comment::insert_notes(tx, notes, now).await?;
    activity::append(tx, &activities, now).await
}

fn words(fields: &TaskFields) -> BTreeSet<String> {
    with_tags(fields.search_words(), &fields.tags)
}

/// Everything that can change.
fn columns(task: &Task) -> Result<Vec<(&'static str, SimpleExpr)>> {
    let mut columns = fields(&task.fields)?;
    let state = &task.state;
    let instant = |at: Option<chrono::DateTime<chrono::Utc>>| -> SimpleExpr {
        at.map(|at| Instant(at).micros()).into()
    };
    let (completed_at, completed_by) = stamp(state.completed);
    let (approved_at, approved_by) = stamp(state.approved);
    let (updated_at, updated_by) = stamp(Some(task.updated));
    let (deleted_at, deleted_by) = stamp(task.trashed);
    columns.extend([
        ("responsible_id", task.people.responsible.0.into()),
        ("reviewer_id", task.people.reviewer.map(|user| user.0).into()),
        ("status", state.status.as_str().into()),
        ("returned", state.returned.into()),
        ("deferred_until", instant(state.deferred_until)),
        ("completed_at", completed_at),
        ("completed_by", completed_by),
        ("approved_at", approved_at),
        ("approved_by", approved_by),
        ("reopened_at", instant(state.reopened_at)),
        ("deadline_moves", i32::try_from(state.deadline_moves).unwrap_or(i32::MAX).into()),
        ("version", task.version.into()),
        ("updated_at", updated_at),
        ("updated_by", updated_by),
        ("deleted_at", deleted_at),
        ("deleted_by", deleted_by),
    ]);
    Ok(columns)
}

fn fields(fields: &TaskFields) -> Result<Vec<(&'static str, SimpleExpr)>> {
    let TaskFields {
        title,
        description,
        priority,
        project_id,
        parent_id,
        planned_start,
        planned_end,
        deadline,
        estimate_minutes,
        tags,
        needs_review,
        needs_result,
        deadline_policy,
        external_source,
        external_id,
    } = fields;
    let instant = |at: &Option<chrono::DateTime<chrono::Utc>>| -> SimpleExpr {
        at.map(|at| Instant(at).micros()).into()
    };
    Ok(vec![
        ("title", title.as_str().into()),
        ("title_key", fields.title_key().into()),
        ("description", text(description.as_ref())),
        ("priority", rank(*priority).into()),
        ("project_id", project_id.map(|id| id.0).into()),
        ("parent_id", parent_id.map(|id| id.0).into()),
        ("planned_start", instant(planned_start)),
        ("planned_end", instant(planned_end)),
        ("deadline", instant(deadline)),
        ("estimate_minutes", estimate_minutes.and_then(|minutes| i32::try_from(minutes).ok()).into()),
        ("tags", json::write(tags)?.into()),
        ("needs_review", (*needs_review).into()),
        ("needs_result", (*needs_result).into()),
        ("deadline_policy", json::write(deadline_policy)?.into()),
        ("external_source", text(external_source.as_ref())),
        ("external_id", text(external_id.as_ref())),
    ])
}
