//! Comments on tasks.

use actix_web::{
    delete, get, patch, post,
    web::{Data, Path},
};
use artel_domain::{
    actor::{Actor, UserId},
    comment::{
        Comment, CommentAction, CommentId, CommentKind, CommentText, Note, NoteKind, Sort, check_may_comment,
    },
    page::Direction,
    task::{Task, TaskId},
};
use artel_persistence::{
    Db,
    comment::{self as store, Former},
    task,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::{Body, Me},
    list::{Filter, ListQuery, Listing, PageParams, SortBy, SortWord},
    problem::Result,
    write::{Saved, Write},
};

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_task_comments).service(create_task_comment).service(read_comment);
    config.service(edit_comment).service(delete_comment).service(list_comment_versions);
}

/// A comment to make.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "@[user:2], the printer is **free** until noon."}))]
pub struct CreateComment {
    /// What is said.
    text: CommentText,
}

/// A comment to change (JSON Merge Patch).
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "@[user:2], the printer is free until one."}))]
pub struct EditComment {
    /// What is said.
    #[serde(default)]
    #[schema(nullable = false)]
    text: Option<CommentText>,
}

/// What Artel notes.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"kind": "returned", "user_id": 3}))]
pub struct NoteView {
    /// What the note is about.
    kind: NoteKind,
    /// Who did what is noted; `null` where it came by itself.
    #[schema(required = true)]
    user_id: Option<UserId>,
}

impl From<Note> for NoteView {
    fn from(note: Note) -> Self {
        let Note { kind, by } = note;
        Self { kind, user_id: by }
    }
}

/// A comment.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 11, "task_id": 7, "kind": "comment", "author_id": 2, "note": null, "text": "The printer is **free** until noon.",
    "created_at": "2026-07-31T09:00:00Z", "edited_at": null, "can": ["edit", "delete"]
}))]
pub struct CommentView {
    /// Its id.
    id: CommentId,
    /// The task that it is about.
    task_id: TaskId,
    /// Who speaks.
    kind: CommentKind,
    /// The person; `null` where Artel speaks.
    #[schema(required = true)]
    author_id: Option<UserId>,
    /// What Artel notes, to say in the reader's own language; `null` where a person speaks.
    #[schema(required = true)]
    note: Option<NoteView>,
    /// What is said, in Markdown; `@[user:12]` mentions somebody. Artel's own notes are in English, and quote people.
    text: CommentText,
    /// When it was said.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    #[schema(required = true)]
    edited_at: Option<DateTime<Utc>>,
    /// What the caller may do with it now.
    can: Vec<CommentAction>,
}

/// A comment as somebody sees it.
struct Viewed {
    comment: Comment,
    can: Vec<CommentAction>,
}

impl Viewed {
    fn of(comment: Comment, task: &Task, viewer: &Actor) -> Self {
        let can = comment.can(task, viewer);
        Self { comment, can }
    }
}

impl From<Viewed> for CommentView {
    fn from(viewed: Viewed) -> Self {
        let Viewed { comment, can } = viewed;
        let Comment { id, task, kind, author, note, text, created_at, edited_at } = comment;
        Self {
            id,
            task_id: task,
            kind,
            author_id: author,
            note: note.map(NoteView::from),
            text,
            created_at,
            edited_at,
            can,
        }
    }
}

/// A sort key with its direction.
type Order = SortBy<Sort>;

/// What to show of the comments.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CommentFilter {
    /// Who is to speak: `comment` for people, who alone are shown unless told otherwise, `system` for what Artel notes.
    #[param(inline, explode = false, min_items = 1, max_items = 2)]
    kind: Option<Vec<CommentKind>>,
    /// What to sort by; `created_at` unless told otherwise: the oldest first.
    #[param(inline)]
    sort: Option<Order>,
}

impl CommentFilter {
    fn kinds(&self) -> &[CommentKind] {
        self.kind.as_deref().unwrap_or(&[CommentKind::Comment])
    }
}

impl SortWord for Sort {
    const WORDS: &'static [Self] = Self::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Filter for CommentFilter {
    type Sort = Sort;

    fn sort(&self) -> SortBy<Sort> {
        self.sort.unwrap_or(SortBy { sort: Sort::CreatedAt, direction: Direction::Ascending })
    }
}

/// List the comments on a task
///
/// Whoever may read the task may call it. What Artel itself notes (a task returned, delegated or back again, a deadline moved)
/// stands apart: `kind=system`, or `kind=comment,system` for both in one order. Reading marks nothing as read: `POST
/// /tasks/{id}/read` does.
#[utoipa::path(tag = "comments", params(("id" = TaskId, Path), CommentFilter, PageParams),
    security(("token" = ["tasks:read"])), responses((status = OK, body = Listing<CommentView>)))]
#[get("/tasks/{id}/comments")]
async fn list_task_comments(
    me: Me,
    db: Data<Db>,
    id: Path<TaskId>,
    query: ListQuery<CommentFilter>,
) -> Result<Listing<CommentView>> {
    let card = task::find(db.reader(), &me, *id).await?;
    let found = store::list(db.reader(), &card.task, query.filter.kinds(), &query.page, query.total).await?;
    Ok(query.answer(found.map(|comment| Viewed::of(comment, &card.task, &me))))
}

/// Comment on a task
///
/// Whoever may read the task may call it, also where nothing else of it is theirs to change. `@[user:12]` mentions somebody.
#[utoipa::path(tag = "comments", params(("id" = TaskId, Path)), request_body = CreateComment,
    security(("token" = ["tasks:write"])), responses((status = CREATED, body = CommentView,
        headers(("Location" = String, description = "Where the comment lives.")))))]
#[post("/tasks/{id}/comments")]
async fn create_task_comment(write: Write, id: Path<TaskId>, body: Body<CreateComment>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        // Under the lock of the task comments get their ids in the order in which they come to be seen.
        let card = task::load(tx, write.me(), *id).await?;
        check_may_comment(&card.task, write.me())?;
        let text = body.0.text.clone();
        let comment = store::insert(tx, write.me(), &card.task, text, write.now()).await?;
        let location = format!("/api/v1/comments/{}", comment.id);
        let view = CommentView::from(Viewed::of(comment, &card.task, write.me()));
        Ok(Saved::new(Task::object(*id), Answer::created(location, &view)))
    });
    answer.await
}

/// Read a comment
///
/// Whoever may read the task may call it.
#[utoipa::path(tag = "comments", params(("id" = CommentId, Path)), security(("token" = ["tasks:read"])),
    responses((status = OK, body = CommentView)))]
#[get("/comments/{id}")]
async fn read_comment(me: Me, db: Data<Db>, id: Path<CommentId>) -> Result<Answer> {
    let (comment, card) = store::find(db.reader(), &me, *id).await?;
    Ok(Answer::ok(&CommentView::from(Viewed::of(comment, &card.task, &me))))
}

/// Change a comment
///
/// Its author may call it. What it said before is kept.
#[utoipa::path(tag = "comments", params(("id" = CommentId, Path)), request_body = EditComment,
    security(("token" = ["tasks:write"])), responses((status = OK, body = CommentView)))]
#[patch("/comments/{id}")]
async fn edit_comment(write: Write, id: Path<CommentId>, body: Body<EditComment>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let (mut comment, card) = store::load(tx, write.me(), *id).await?;
        let text = body.0.text.clone().unwrap_or_else(|| comment.text.clone());
        if let Some(former) = comment.edit(&card.task, write.me(), text, write.now())? {
            store::save(tx, write.me(), &comment, former, write.now()).await?;
        }
        let view = CommentView::from(Viewed::of(comment, &card.task, write.me()));
        Ok(Saved::new(Comment::object(*id), Answer::ok(&view)))
    });
    answer.await
}

/// Take a comment away
///
/// Its author may call it, and so may the creator of the task, the moderators of its project and administrators.
#[utoipa::path(tag = "comments", params(("id" = CommentId, Path)), security(("token" = ["tasks:write"])),
    responses((status = NO_CONTENT)))]
#[delete("/comments/{id}")]
async fn delete_comment(write: Write, id: Path<CommentId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let (comment, card) = store::load(tx, write.me(), *id).await?;
        comment.check(&card.task, write.me(), CommentAction::Delete)?;
        store::remove(tx, write.me(), &comment, write.now()).await?;
        Ok(Saved::new(Comment::object(*id), Answer::no_content()))
    });
    answer.await
}

/// What a comment said before.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"text": "The printer is free until noon.", "replaced_at": "2026-07-31T09:05:00Z"}))]
pub struct CommentVersionView {
    /// What it said.
    text: CommentText,
    /// When something else took its place.
    replaced_at: DateTime<Utc>,
}

impl From<Former> for CommentVersionView {
    fn from(former: Former) -> Self {
        let Former { text, replaced_at } = former;
        Self { text, replaced_at }
    }
}

/// List what a comment said before
///
/// Whoever may read the task may call it. The latest comes first, all on one page.
#[utoipa::path(tag = "comments", params(("id" = CommentId, Path)), security(("token" = ["tasks:read"])),
    responses((status = OK, body = Listing<CommentVersionView>)))]
#[get("/comments/{id}/versions")]
async fn list_comment_versions(
    me: Me,
    db: Data<Db>,
    id: Path<CommentId>,
) -> Result<Listing<CommentVersionView>> {
    let (comment, _) = store::find(db.reader(), &me, *id).await?;
    let former = store::former(db.reader(), &comment).await?;
    let items = former.into_iter().map(CommentVersionView::from).collect();
    Ok(Listing { items, next_cursor: None, total: None })
}
