//! A task with everything that its answer needs, in one statement: its people, its place, what hangs on it and what it is
//! to the one who looks.

use std::collections::BTreeSet;

use artel_domain::{
    actor::{Actor, UserId},
    company::{CompanyId, CompanyName},
    contact::{ContactId, ContactName},
    project::ProjectId,
    record::Stamp,
    task::{Obstacles, People, Priority, Role, State, Status, Task, TaskFields, TaskId},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, EntityTrait as _, FromQueryResult, QueryFilter as _, QuerySelect as _,
    QueryTrait, Select,
    sea_query::{Cond, Expr, ExprTrait as _, JoinType, Query, SelectStatement, SimpleExpr},
};
use serde::Deserialize;

use super::{
    place::{Beside, StoredPlace, join, place},
    rank, row,
    scope::{scope_in_place, scope_of_kin},
};
use crate::{
    column::{Instant, optional_word, word},
    department::people_below,
    error::{Error, Result},
    json,
    page::Plan,
    record::{COMPANIES, CONTACTS, Tables, scope as readable},
};

/// A task with what surrounds it, as somebody sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The task.
    pub task: Task,
    /// The top of the tree that it lies in, if that is another task.
    pub root: Option<TaskId>,
    /// Whether the one who looks may know of the task that it belongs to.
    pub shows_parent: bool,
    /// Where the parent stands, and whether it lies in the trash.
    pub parent: Option<(Status, bool)>,
    /// What hangs on it.
    pub counts: Counts,
    /// What it is to the one who looks.
    pub mark: Mark,
    /// What around it stands in its way.
    pub obstacles: Obstacles,
    /// The contacts that it concerns and that the one who looks may read.
    pub contacts: Vec<LinkedContact>,
    /// The companies that it concerns and that the one who looks may read.
    pub companies: Vec<LinkedCompany>,
}

impl Card {
    /// The task, where it still lies in the tree that was locked.
    pub(super) fn in_tree_of(self, top: TaskId) -> Result<Self> {
        if self.root.unwrap_or(self.task.id) == top { Ok(self) } else { Err(Error::Moved) }
    }
}

/// How much hangs on a task, as far as the one who looks may see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Counts {
    /// Comments of people.
    pub comments: u64,
    /// Comments by others since they last read.
    pub unread: u64,
    /// Subtasks.
    pub subtasks: u64,
    /// Subtasks on which work remains.
    pub open_subtasks: u64,
}

/// What a task is to one person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Whether it is among their favourites.
    pub favourite: bool,
    /// Whether it is silent.
    pub muted: bool,
    /// When they last read it.
    pub seen_at: Option<DateTime<Utc>>,
}

/// A contact that a task concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedContact {
    /// Which one.
    pub id: ContactId,
    /// The given name.
    pub first_name: Option<ContactName>,
    /// The family name.
    pub last_name: Option<ContactName>,
}

/// A company that a task concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedCompany {
    /// Which one.
    pub id: CompanyId,
    /// What it is called.
    pub name: CompanyName,
}

/// A row with what was looked up beside it.
#[derive(FromQueryResult)]
#[expect(clippy::struct_field_names, reason = "`seen_at` is the column of the mark")]
pub(super) struct Seen {
    #[sea_orm(nested)]
    pub(super) row: row::Model,
    people: String,
    #[sea_orm(nested)]
    place: StoredPlace,
    parent: Option<String>,
    has_result: bool,
    comments: String,
    subtasks: String,
    favourite: Option<bool>,
    muted: Option<bool>,
    seen_at: Option<Instant>,
    contacts: String,
    companies: String,
}

/// The root of every read: the tasks that the viewer may read, whole.
pub(super) fn visible_to(db: &impl ConnectionTrait, viewer: &Actor, plan: Plan) -> Select<row::Entity> {
    whole(db, viewer, plan).filter(scope_in_place(viewer))
}

/// All tasks, whole; for the worker, which nobody sees anything through.
pub(super) fn unscoped(db: &impl ConnectionTrait) -> Select<row::Entity> {
    whole(db, &Actor::nobody(), Plan::ByValues)
}

fn whole(db: &impl ConnectionTrait, viewer: &Actor, plan: Plan) -> Select<row::Entity> {
    let backend = db.get_database_backend();
    let mut select = row::Entity::find();
    join(QueryTrait::query(&mut select), viewer, Beside::of(backend, plan));
    for (name, value) in place(backend, viewer) {
        select = select.expr_as(value, name);
    }
    select
        .expr_as(people(backend, viewer), "people")
        .expr_as(parent(backend, viewer), "parent")
        .expr_as(has_result(), "has_result")
        .expr_as(comments(backend, viewer), "comments")
        .expr_as(subtasks(backend, viewer), "subtasks")
        .expr_as(col("mark", "favourite"), "favourite")
        .expr_as(col("mark", "muted"), "muted")
        .expr_as(col("mark", "seen_at"), "seen_at")
        .expr_as(linked(backend, viewer, CONTACTS, "task_contact", &["first_name", "last_name"]), "contacts")
        .expr_as(linked(backend, viewer, COMPANIES, "task_company", &["name"]), "companies")
}

fn col(table: &'static str, name: &'static str) -> SimpleExpr {
    Expr::col((table, name))
}

/// Everybody with a part, and whether they are below the viewer.
fn people(backend: DatabaseBackend, viewer: &Actor) -> SimpleExpr {
    let user = || col("member", "user_id");
    let below = user().in_subquery(people_below(viewer.user));
    let from = Query::select()
        .from_as("task_member", "member")
        .and_where(col("member", "task_id").equals(("task", "id")))
        .take();
    json::rows(backend, &[user(), col("member", "role"), below], from)
}

/// Where the parent stands, whether it lies in the trash, and whether the viewer may know of it: inside a project they may,
/// because it lies in the same one.
fn parent(backend: DatabaseBackend, viewer: &Actor) -> SimpleExpr {
    let visible: SimpleExpr = Expr::case(scope_of_kin("above", viewer), true).finally(false).into();
    let values = [col("above", "status"), col("above", "deleted_at").is_not_null(), visible];
    let from = Query::select()
        .from_as("task", "above")
        .and_where(col("above", "id").equals(("task", "parent_id")))
        .take();
    let is_part = Cond::all().add(col("task", "parent_id").is_not_null());
    Expr::case(is_part, json::rows(backend, &values, from)).into()
}

/// Whether a result was given since the task was last opened again, where one is needed.
fn has_result() -> SimpleExpr {
    let opened = Expr::expr(col("task", "reopened_at")).if_null(0_i64);
    let given = Query::select()
        .expr(Expr::val(1))
        .from_as("task_result", "given")
        .and_where(col("given", "task_id").equals(("task", "id")))
        .and_where(col("given", "created_at").gte(opened))
        .take();
    let needed = Cond::all().add(col("task", "needs_result"));
    Expr::case(needed, Expr::exists(given)).finally(false).into()
}

fn children() -> SelectStatement {
    Query::select()
        .from_as("task", "child")
        .and_where(col("child", "parent_id").equals(("task", "id")))
        .and_where(col("child", "deleted_at").is_null())
        .take()
}

/// Whether work remains on the child.
fn is_open() -> SimpleExpr {
    let open = Status::ALL.iter().filter(|status| status.is_open()).map(|status| status.as_str());
    col("child", "status").is_in(open)
}

/// How many subtasks the viewer may see, on how many of these work remains, and on how many of all.
fn subtasks(backend: DatabaseBackend, viewer: &Actor) -> SimpleExpr {
    let visible = || -> SimpleExpr { Expr::case(scope_of_kin("child", viewer), true).finally(false).into() };
    json::counts(backend, &[visible(), visible().and(is_open()), is_open()], children())
}

fn comments(backend: DatabaseBackend, viewer: &Actor) -> SimpleExpr {
    let read = Expr::expr(col("mark", "read_comment_id")).if_null(0_i64);
    let unread = col("said", "id").gt(read).and(col("said", "author_id").ne(viewer.user.0));
    let from = Query::select()
        .from_as("comment", "said")
        .and_where(col("said", "task_id").equals(("task", "id")))
        .and_where(col("said", "kind").eq("comment"))
        .and_where(col("said", "deleted_at").is_null())
        .take();
    json::counts(backend, &[true.into(), unread], from)
}

/// The records of a kind that the task concerns and that the viewer may read.
fn linked(
    backend: DatabaseBackend,
    viewer: &Actor,
    tables: Tables,
    link: &'static str,
    names: &[&'static str],
) -> SimpleExpr {
    let mut values = vec![col(tables.record, "id")];
    values.extend(names.iter().map(|name| col(tables.record, name)));
    let from = Query::select()
        .from(link)
        .join(JoinType::InnerJoin, tables.record, col(tables.record, "id").equals((link, tables.reference)))
        .and_where(col(link, "task_id").equals(("task", "id")))
        .and_where(col(tables.record, "deleted_at").is_null())
        .cond_where(readable(tables, viewer))
        .take();
    json::rows(backend, &values, from)
}

#[derive(Deserialize)]
struct StoredPart(i64, String, #[serde(deserialize_with = "json::flag")] bool);

#[derive(Deserialize)]
struct StoredParent(
    String,
    #[serde(deserialize_with = "json::flag")] bool,
    #[serde(deserialize_with = "json::flag")] bool,
);

fn read_people(row: &row::Model, text: &str) -> Result<(People, BTreeSet<UserId>)> {
    let mut people = People {
        creator: UserId(row.creator_id),
        responsible: UserId(row.responsible_id),
        co_executors: BTreeSet::new(),
        observers: BTreeSet::new(),
        reviewer: row.reviewer_id.map(UserId),
    };
    let mut below = BTreeSet::new();
    for StoredPart(user, role, is_below) in json::read::<Vec<StoredPart>>(text)? {
        let user = UserId(user);
        match word::<Role>(&role)? {
            Role::CoExecutor => drop(people.co_executors.insert(user)),
            Role::Observer => drop(people.observers.insert(user)),
            Role::Creator | Role::Responsible | Role::Reviewer => {}
        }
        if is_below {
            below.insert(user);
        }
    }
    Ok((people, below))
}

fn state(row: &row::Model) -> State {
    let stamp = |at: Option<Instant>, by: Option<i64>| at.map(|at| Stamp { at: at.0, by: by.map(UserId) });
    State {
        status: row.status.0,
        returned: row.returned,
        deferred_until: row.deferred_until.map(|at| at.0),
        completed: stamp(row.completed_at, row.completed_by),
        approved: stamp(row.approved_at, row.approved_by),
        reopened_at: row.reopened_at.map(|at| at.0),
        deadline_moves: row.deadline_moves.unsigned_abs(),
    }
}

fn fields(row: &row::Model) -> Result<TaskFields> {
    let unknown = || Error::Unreadable(format!("{} is no priority", row.priority));
    let priority = Priority::ALL.iter().copied().find(|priority| rank(*priority) == row.priority);
    Ok(TaskFields {
        title: row.title.0.clone(),
        description: row.description.clone().map(|text| text.0),
        priority: priority.ok_or_else(unknown)?,
        project_id: row.project_id.map(ProjectId),
        parent_id: row.parent_id.map(TaskId),
        planned_start: row.planned_start.map(|at| at.0),
        planned_end: row.planned_end.map(|at| at.0),
        deadline: row.deadline.map(|at| at.0),
        estimate_minutes: row.estimate_minutes.map(i32::unsigned_abs),
        tags: json::read(&row.tags)?,
        needs_review: row.needs_review,
        needs_result: row.needs_result,
        deadline_policy: json::read(&row.deadline_policy)?,
        external_source: row.external_source.clone().map(|text| text.0),
        external_id: row.external_id.clone().map(|text| text.0),
    })
}

impl TryFrom<Seen> for Card {
    type Error = Error;

    fn try_from(seen: Seen) -> Result<Self> {
        let parent = seen.parent.as_deref().map(json::read::<Vec<StoredParent>>).transpose()?;
        let parent = parent.and_then(|mut found| found.pop());
        let shows_parent = parent.as_ref().is_some_and(|parent| parent.2);
        let parent =
            parent.map(|parent| Ok::<_, Error>((word::<Status>(&parent.0)?, parent.1))).transpose()?;
        let (comments, unread) = json::read(&seen.comments)?;
        let (subtasks, open_subtasks, blocking): (u64, u64, u64) = json::read(&seen.subtasks)?;
        let obstacles = Obstacles {
            open_subtasks: blocking > 0,
            parent_completed: parent.is_some_and(|(status, _)| status == Status::Completed),
            parent_trashed: parent.is_some_and(|(_, is_trashed)| is_trashed),
            has_result: seen.has_result,
        };
        Ok(Self {
            root: seen.row.root_id.map(TaskId),
            shows_parent,
            parent,
            counts: Counts { comments, unread, subtasks, open_subtasks },
            mark: Mark {
                favourite: seen.favourite.unwrap_or_default(),
                muted: seen.muted.unwrap_or_default(),
                seen_at: seen.seen_at.map(|at| at.0),
            },
            obstacles,
            contacts: read_contacts(&seen.contacts)?,
            companies: read_companies(&seen.companies)?,
            task: task(&seen)?,
        })
    }
}

fn task(seen: &Seen) -> Result<Task> {
    let row = &seen.row;
    let (people, mut below) = read_people(row, &seen.people)?;
    below.extend(seen.place.leaders_below()?);
    let stamp = |at: Instant, by: Option<i64>| Stamp { at: at.0, by: by.map(UserId) };
    Ok(Task {
        id: TaskId(row.id),
        fields: fields(row)?,
        people,
        state: state(row),
        place: seen.place.read()?,
        below,
        version: row.version,
        created_at: row.created_at.0,
        updated: stamp(row.updated_at, row.updated_by),
        trashed: row.deleted_at.map(|at| stamp(at, row.deleted_by)),
    })
}

fn read_contacts(text: &str) -> Result<Vec<LinkedContact>> {
    let mut stored: Vec<(i64, Option<String>, Option<String>)> = json::read(text)?;
    stored.sort_unstable();
    let contact = |(id, first, last): (i64, Option<String>, Option<String>)| {
        Ok(LinkedContact {
            id: ContactId(id),
            first_name: optional_word(first.as_deref())?,
            last_name: optional_word(last.as_deref())?,
        })
    };
    stored.into_iter().map(contact).collect()
}

fn read_companies(text: &str) -> Result<Vec<LinkedCompany>> {
    let mut stored: Vec<(i64, String)> = json::read(text)?;
    stored.sort_unstable();
    let company = |(id, name): (i64, String)| Ok(LinkedCompany { id: CompanyId(id), name: word(&name)? });
    stored.into_iter().map(company).collect()
}
