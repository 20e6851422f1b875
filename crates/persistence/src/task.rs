//! Tasks as they are kept. A task is read whole, in one statement, as somebody sees it; whoever changes one holds the
//! lock of the tree that it lies in.

use artel_domain::{
    actor::Actor,
    error::Error as Refusal,
    page::{Key, Page, Slice},
    project::ProjectId,
    record::{ExternalId, ExternalSource},
    task::{Priority, Sort, Status, TaskDescription, TaskId, TaskTitle},
};
use sea_orm::{QueryFilter as _, entity::prelude::*, sea_query::SimpleExpr};

use crate::{
    column::{Instant, Text},
    error::Result,
    page::{self, Emptiness, Placed, Plan, SortColumn, Total},
    search::{self, Index},
    unit_of_work::Tx,
};

mod date;
mod filter;
mod hand;
mod heir;
mod history;
mod link;
mod mark;
mod part;
mod place;
mod purge;
mod result;
mod save;
mod scope;
mod seen;
mod tree;
mod wake;

pub(crate) use date::outside;
pub use date::strays;
pub use filter::{Filter, Participant};
pub use hand::{Hands, hands, parts_of, place_for};
pub(crate) use heir::part_with_all;
pub use heir::{count_left_by, hand_over_all};
pub use history::{Entry, history};
pub use link::{link, link_new, readable_companies, readable_contacts, unlink};
pub use mark::{Marking, mark};
pub use purge::unscoped_purge_trash;
pub use result::{find_result, give_result, remove_result, results};
pub use save::{insert, save, save_all};
pub use seen::{Card, Counts, LinkedCompany, LinkedContact, Mark};
use seen::{Seen, unscoped, visible_to};
pub use tree::{Node, Tree, load_tree, move_tree, open_below, trash_tree};
pub(crate) use tree::{lock_all, lock_found};
pub use wake::{unscoped_due, unscoped_wake};

/// The words by which tasks are found.
const WORDS: Index = Index { objects: "task", words: "task_word", reference: "task_id" };

mod row {
    use super::{ExternalId, ExternalSource, Instant, Status, TaskDescription, TaskTitle, Text};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub title: Text<TaskTitle>,
        pub title_key: String,
        pub description: Option<Text<TaskDescription>>,
        pub status: Text<Status>,
        pub priority: i16,
        pub creator_id: i64,
        pub responsible_id: i64,
        pub reviewer_id: Option<i64>,
        pub project_id: Option<i64>,
        pub parent_id: Option<i64>,
        pub root_id: Option<i64>,
        pub planned_start: Option<Instant>,
        pub planned_end: Option<Instant>,
        pub deadline: Option<Instant>,
        pub estimate_minutes: Option<i32>,
        pub tags: String,
        pub needs_review: bool,
        pub needs_result: bool,
        pub deadline_policy: String,
        pub external_source: Option<Text<ExternalSource>>,
        pub external_id: Option<Text<ExternalId>>,
        pub returned: bool,
        pub deferred_until: Option<Instant>,
        pub completed_at: Option<Instant>,
        pub completed_by: Option<i64>,
        pub approved_at: Option<Instant>,
        pub approved_by: Option<i64>,
        pub reopened_at: Option<Instant>,
        pub deadline_moves: i32,
        pub version: i64,
        pub created_at: Instant,
        pub updated_at: Instant,
        pub updated_by: Option<i64>,
        pub deleted_at: Option<Instant>,
        pub deleted_by: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A priority as it is kept: the more it matters, the larger.
const fn rank(priority: Priority) -> i16 {
    match priority {
        Priority::Low => 0,
        Priority::Normal => 1,
        Priority::High => 2,
    }
}

impl SortColumn for Sort {
    type Column = row::Column;

    fn column(self) -> (row::Column, Emptiness) {
        match self {
            Self::Deadline => (row::Column::Deadline, Emptiness::MayBeEmpty),
            Self::CreatedAt => (row::Column::CreatedAt, Emptiness::NeverEmpty),
            Self::UpdatedAt => (row::Column::UpdatedAt, Emptiness::NeverEmpty),
            Self::CompletedAt => (row::Column::CompletedAt, Emptiness::MayBeEmpty),
            Self::Priority => (row::Column::Priority, Emptiness::NeverEmpty),
            Self::Title => (row::Column::TitleKey, Emptiness::NeverEmpty),
        }
    }
}

impl Placed<Sort> for Seen {
    fn key(&self, sort: Sort) -> Option<Key> {
        match sort {
            Sort::Deadline => self.row.deadline.map(Instant::key),
            Sort::CreatedAt => Some(self.row.created_at.key()),
            Sort::UpdatedAt => Some(self.row.updated_at.key()),
            Sort::CompletedAt => self.row.completed_at.map(Instant::key),
            Sort::Priority => Some(Key::Number(self.row.priority.into())),
            Sort::Title => Some(Key::Text(self.row.title_key.clone())),
        }
    }

    fn id(&self) -> i64 {
        self.row.id
    }
}

/// A page of the tasks that the viewer may read. What is asked of one participant by deadline is a range of that
/// participant's index, and what is asked of one project by deadline or age a range of the project's, whatever else there is.
///
/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    filter: &Filter,
    page: &Page<Sort>,
    total: Total,
) -> Result<Slice<Card>> {
    let plan = filter.plan(page.sort, total);
    let select = filter.apply(visible_to(db, viewer, plan), viewer);
    let found: Slice<Seen> = if let Some(range) = filter.range(page.sort) {
        let select = filter.with_words(db.get_database_backend(), select);
        part::keyset(db, select, range, page, total, plan).await?
    } else if plan == Plan::ByForm {
        page::keyset_by(db, select, page, row::Column::Id, total, plan).await?
    } else {
        let select = filter.of_participants(select);
        search::found(db, WORDS, &filter.words(), select, page, row::Column::Id, total).await?
    };
    let Slice { items, next, total } = found;
    let items = items.into_iter().map(Card::try_from).collect::<Result<_>>()?;
    Ok(Slice { items, next, total })
}

/// A task, to see.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, it lies in the trash, or the viewer may not know.
pub async fn find(db: &impl ConnectionTrait, viewer: &Actor, id: TaskId) -> Result<Card> {
    let card = find_any(db, viewer, id).await?;
    if card.task.trashed.is_some() { Err(Refusal::NotFound.into()) } else { Ok(card) }
}

/// The tasks among those that a condition holds for which the viewer may read, in no order.
async fn find_all(db: &impl ConnectionTrait, viewer: &Actor, which: SimpleExpr) -> Result<Vec<Card>> {
    let found: Vec<Seen> = visible_to(db, viewer, Plan::ByValues).filter(which).into_model().all(db).await?;
    found.into_iter().map(Card::try_from).collect()
}

async fn find_any(db: &impl ConnectionTrait, viewer: &Actor, id: TaskId) -> Result<Card> {
    let select = visible_to(db, viewer, Plan::ByValues).filter(row::Column::Id.eq(id.0));
    let seen: Option<Seen> = select.into_model().one(db).await?;
    seen.ok_or(Refusal::NotFound)?.try_into()
}

/// A task, to change.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, it lies in the trash, or the viewer may not know.
pub async fn load(tx: &Tx, viewer: &Actor, id: TaskId) -> Result<Card> {
    let card = load_any(tx, viewer, id).await?;
    if card.task.trashed.is_some() { Err(Refusal::NotFound.into()) } else { Ok(card) }
}

/// A task, to change or to take out of the trash. The top of its tree is locked first and the task read afterwards; where
/// it moved to another tree meanwhile, the unit of work runs again.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or the viewer may not know; [`crate::Error::Moved`].
pub async fn load_any(tx: &Tx, viewer: &Actor, id: TaskId) -> Result<Card> {
    let top = tree::lock(tx, id).await?;
    find_any(tx, viewer, id).await?.in_tree_of(top)
}

/// A task, to change for the system. Whoever changes several locks their trees before.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none; [`crate::Error::Moved`].
pub(crate) async fn unscoped_load(tx: &Tx, id: TaskId) -> Result<Card> {
    let top = tree::lock(tx, id).await?;
    let seen: Option<Seen> = unscoped(tx).filter(row::Column::Id.eq(id.0)).into_model().one(tx).await?;
    Card::try_from(seen.ok_or(Refusal::NotFound)?)?.in_tree_of(top)
}

/// A task whose people or place change: its project is locked as well, so that nobody leaves it meanwhile.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, it lies in the trash, or the viewer may not know; [`crate::Error::Moved`].
pub async fn load_with_project(tx: &Tx, viewer: &Actor, id: TaskId) -> Result<Card> {
    let locked = tree::lock_projects_of(tx, &[id], None).await?;
    let card = load(tx, viewer, id).await?;
    // It may have moved while the lock of its tree was waited for.
    let is_locked = card.task.fields.project_id.is_none_or(|project| locked.contains(&project));
    if is_locked { Ok(card) } else { Err(crate::Error::Moved) }
}

/// A task that may move below another, into another project: whatever it leaves and enters is locked, projects before
/// trees.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, it lies in the trash, or the viewer may not know.
pub async fn load_to_move(
    tx: &Tx,
    viewer: &Actor,
    id: TaskId,
    (parent, project): (Option<TaskId>, Option<ProjectId>),
) -> Result<Card> {
    let tasks: Vec<TaskId> = [id].into_iter().chain(parent).collect();
    tree::lock_moves(tx).await?;
    tree::lock_projects_of(tx, &tasks, project).await?;
    tree::lock_all(tx, &tasks).await?;
    load(tx, viewer, id).await
}
