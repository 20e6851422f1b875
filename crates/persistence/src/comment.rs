//! Comments as they are kept. They are reached through the task that they are about, which is found for the viewer first.

use std::collections::BTreeSet;

use artel_domain::{
    activity::{Activity, Verb},
    actor::{Actor, UserId},
    comment::{Comment, CommentId, CommentKind, CommentText, Note, NoteKind, Sort, mentions},
    error::Error as Refusal,
    page::{Key, Page, Slice},
    task::{Task, TaskId},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    QueryFilter as _, QueryOrder as _,
    entity::prelude::*,
    sea_query::{ExprTrait as _, Query},
};

use crate::{
    activity,
    column::{Instant, Text},
    error::Result,
    page::{Emptiness, Placed, SortColumn, Total, keyset},
    task::{self, Card},
    unit_of_work::Tx,
};

mod row {
    use super::{CommentKind, CommentText, Instant, NoteKind, Text};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "comment")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub task_id: i64,
        pub kind: Text<CommentKind>,
        pub author_id: Option<i64>,
        pub note: Option<Text<NoteKind>>,
        pub noted_by: Option<i64>,
        pub text: Text<CommentText>,
        pub created_at: Instant,
        pub edited_at: Option<Instant>,
        pub deleted_at: Option<Instant>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod edit {
    use super::{CommentText, Instant, Text};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "comment_edit")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub comment_id: i64,
        pub text: Text<CommentText>,
        pub replaced_at: Instant,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a comment said before, until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// What it said.
    pub text: CommentText,
    /// When something else took its place.
    pub replaced_at: DateTime<Utc>,
}

impl From<row::Model> for Comment {
    fn from(row: row::Model) -> Self {
        let row::Model {
            id,
            task_id,
            kind,
            author_id,
            note,
            noted_by,
            text,
            created_at,
            edited_at,
            deleted_at: _,
        } = row;
        Self {
            id: CommentId(id),
            task: TaskId(task_id),
            kind: kind.0,
            author: author_id.map(UserId),
            note: note.map(|kind| Note { kind: kind.0, by: noted_by.map(UserId) }),
            text: text.0,
            created_at: created_at.0,
            edited_at: edited_at.map(|at| at.0),
        }
    }
}

impl SortColumn for Sort {
    type Column = row::Column;

    fn column(self) -> (row::Column, Emptiness) {
        match self {
            Self::CreatedAt => (row::Column::Id, Emptiness::NeverEmpty),
        }
    }
}

impl Placed<Sort> for row::Model {
    fn key(&self, sort: Sort) -> Option<Key> {
        match sort {
            Sort::CreatedAt => Some(Key::Number(self.id)),
        }
    }

    fn id(&self) -> i64 {
        self.id
    }
}

fn of_task(task: TaskId) -> Select<row::Entity> {
    row::Entity::find().filter(row::Column::TaskId.eq(task.0)).filter(row::Column::DeletedAt.is_null())
}

/// A page of what speakers of these kinds said about a task that was found for the viewer.
///
/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    task: &Task,
    kinds: &[CommentKind],
    page: &Page<Sort>,
    total: Total,
) -> Result<Slice<Comment>> {
    let spoken = row::Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str()));
    let found: Slice<row::Model> =
        keyset(db, of_task(task.id).filter(spoken), page, row::Column::Id, total).await?;
    Ok(found.map(Comment::from))
}

/// A comment with its task, as the viewer sees it.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or the viewer may not know.
pub async fn find(db: &impl ConnectionTrait, viewer: &Actor, id: CommentId) -> Result<(Comment, Card)> {
    let row = row::Entity::find_by_id(id.0).filter(row::Column::DeletedAt.is_null()).one(db).await?;
    let comment = Comment::from(row.ok_or(Refusal::NotFound)?);
    let card = task::find(db, viewer, comment.task).await?;
    Ok((comment, card))
}

/// A comment with its task, to change: the comment stays locked until the transaction ends.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or the viewer may not know.
pub async fn load(tx: &Tx, viewer: &Actor, id: CommentId) -> Result<(Comment, Card)> {
    let select = row::Entity::find_by_id(id.0).filter(row::Column::DeletedAt.is_null());
    let row = sea_orm::QuerySelect::lock_exclusive(select).one(tx).await?;
    let comment = Comment::from(row.ok_or(Refusal::NotFound)?);
    let card = task::find(tx, viewer, comment.task).await?;
    Ok((comment, card))
}

/// What a comment said before, the latest first.
///
/// # Errors
/// Those of the database.
pub async fn former(db: &impl ConnectionTrait, comment: &Comment) -> Result<Vec<Former>> {
    let of_comment = edit::Entity::find().filter(edit::Column::CommentId.eq(comment.id.0));
    let rows = of_comment.order_by_desc(edit::Column::Id).all(db).await?;
    let former = |row: edit::Model| Former { text: row.text.0, replaced_at: row.replaced_at.0 };
    Ok(rows.into_iter().map(former).collect())
}

/// Keeps a new comment on a task that was found for its author, with whom it mentions, and the activity.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    tx: &Tx,
    by: &Actor,
    task: &Task,
    text: CommentText,
    now: DateTime<Utc>,
) -> Result<Comment> {
    let row = row::ActiveModel {
        task_id: Set(task.id.0),
        kind: Set(Text(CommentKind::Comment)),
        author_id: Set(Some(by.user.0)),
        text: Set(Text(text)),
        created_at: Set(Instant(now)),
        ..Default::default()
    };
    let comment = Comment::from(row.insert(tx).await?);
    save_mentions(tx, &comment).await?;
    let activities = [
        activity(by, Verb::Commented, Task::object(task.id)),
        activity(by, Verb::Created, Comment::object(comment.id)),
    ];
    activity::append(tx, &activities, now).await?;
    Ok(comment)
}

/// Keeps what Artel notes of what happened to tasks, in one statement; the log tells of it already.
///
/// # Errors
/// Those of the database.
pub(crate) async fn insert_notes(
    tx: &Tx,
    notes: Vec<(TaskId, Note, CommentText)>,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = |(task, note, text): (TaskId, Note, CommentText)| row::ActiveModel {
        task_id: Set(task.0),
        kind: Set(Text(CommentKind::System)),
        note: Set(Some(Text(note.kind))),
        noted_by: Set(note.by.map(|user| user.0)),
        text: Set(Text(text)),
        created_at: Set(Instant(now)),
        ..Default::default()
    };
    if notes.is_empty() {
        return Ok(());
    }
    row::Entity::insert_many(notes.into_iter().map(row)).exec_without_returning(tx).await?;
    Ok(())
}

fn activity(by: &Actor, verb: Verb, object: artel_domain::activity::ObjectRef) -> Activity {
    Activity { author: by.author(), verb, object, changes: Vec::new() }
}

/// Saves what a comment says now, with what it said before, and the activity.
///
/// # Errors
/// Those of the database.
pub async fn save(
    tx: &Tx,
    by: &Actor,
    comment: &Comment,
    former: CommentText,
    now: DateTime<Utc>,
) -> Result<()> {
    let before = edit::ActiveModel {
        comment_id: Set(comment.id.0),
        text: Set(Text(former)),
        replaced_at: Set(Instant(now)),
        ..Default::default()
    };
    edit::Entity::insert(before).exec_without_returning(tx).await?;
    row::Entity::update_many()
        .col_expr(row::Column::Text, comment.text.as_str().into())
        .col_expr(row::Column::EditedAt, Instant(now).micros().into())
        .filter(row::Column::Id.eq(comment.id.0))
        .exec(tx)
        .await?;
    save_mentions(tx, comment).await?;
    activity::append(tx, &[activity(by, Verb::Updated, Comment::object(comment.id))], now).await
}

/// Takes a comment away, with all that it ever said, and notes it.
///
/// # Errors
/// Those of the database.
pub async fn remove(tx: &Tx, by: &Actor, comment: &Comment, now: DateTime<Utc>) -> Result<()> {
    edit::Entity::delete_many().filter(edit::Column::CommentId.eq(comment.id.0)).exec(tx).await?;
    forget_mentions(tx, comment).await?;
    row::Entity::update_many()
        .col_expr(row::Column::Text, GONE.into())
        .col_expr(row::Column::DeletedAt, Instant(now).micros().into())
        .filter(row::Column::Id.eq(comment.id.0))
        .exec(tx)
        .await?;
    activity::append(tx, &[activity(by, Verb::Deleted, Comment::object(comment.id))], now).await
}

/// What a comment says once it was taken away; nobody reads it.
const GONE: &str = "-";

async fn forget_mentions(tx: &Tx, comment: &Comment) -> Result<()> {
    let delete = Query::delete()
        .from_table("comment_mention")
        .and_where(Expr::col("comment_id").eq(comment.id.0))
        .take();
    tx.execute(&delete).await?;
    Ok(())
}

/// Whom a comment mentions: those of them who exist. Whether somebody may read the task is asked when they are told.
async fn save_mentions(tx: &Tx, comment: &Comment) -> Result<()> {
    if comment.edited_at.is_some() {
        forget_mentions(tx, comment).await?;
    }
    let mentioned: BTreeSet<i64> = mentions(&comment.text).into_iter().map(|user| user.0).collect();
    if mentioned.is_empty() {
        return Ok(());
    }
    let known = Query::select()
        .expr(Expr::val(comment.id.0))
        .column("id")
        .from("user")
        .and_where(Expr::col("id").is_in(mentioned))
        .take();
    let mut insert = Query::insert().into_table("comment_mention").columns(["comment_id", "user_id"]).take();
    insert.select_from(known).map_err(|cause| crate::Error::Unreadable(cause.to_string()))?;
    tx.execute(&insert).await?;
    Ok(())
}
