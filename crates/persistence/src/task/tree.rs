//! Trees of tasks. Whoever changes a task holds the lock of the top of its tree, so a tree is changed by one at a time.

use std::collections::BTreeMap;

use artel_domain::{
    activity::{Activity, Change, Verb},
    actor::{Actor, Author},
    error::Error as Refusal,
    project::ProjectId,
    record::Stamp,
    task::{Spot, Status, Task, TaskId},
};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Cond, Expr, ExprTrait as _, LockType, Query, SelectStatement, SimpleExpr},
};

use super::{Card, find_all};
use crate::{
    activity,
    column::{Instant, word},
    error::Result,
    json::is_among,
    rows::ids,
    unit_of_work::{Tx, take_turns},
};

/// A task as its tree knows it, whoever may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Which one.
    pub id: TaskId,
    /// What it is a part of.
    pub parent: Option<TaskId>,
    /// Where it stands.
    pub status: Status,
    /// Whether it lies in the trash.
    pub is_trashed: bool,
}

/// A tree of tasks, whoever may see them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    nodes: BTreeMap<TaskId, Node>,
    children: BTreeMap<TaskId, Vec<TaskId>>,
}

/// Locks the top of the tree of a task, and says which task that is.
///
/// # Errors
/// [`Refusal::NotFound`] where there is no such task.
pub(super) async fn lock(tx: &Tx, id: TaskId) -> Result<TaskId> {
    Ok(lock_all(tx, &[id]).await?.pop().ok_or(Refusal::NotFound)?)
}

/// Lets one after the other move tasks from tree to tree: until the transaction ends, every task stays in its tree. Whoever
/// moves one holds two trees, and finds both where they were.
pub(super) async fn lock_moves(tx: &Tx) -> Result<()> {
    take_turns(tx, "task moves").await
}

/// Locks the tops of the trees of several tasks, and says which those are, in the order of their ids: whoever locks them too
/// waits in line, and not in a circle.
pub(crate) async fn lock_all(tx: &Tx, tasks: &[TaskId]) -> Result<Vec<TaskId>> {
    let tops = Query::select()
        .expr(Expr::expr(Expr::col("root_id")).if_null(Expr::col("id")))
        .from("task")
        .and_where(one_of(tx, "id", tasks))
        .take();
    let lock = Query::select()
        .column("id")
        .from("task")
        .and_where(Expr::col("id").in_subquery(tops))
        .order_by("id", sea_orm::Order::Asc)
        .lock(LockType::Update)
        .take();
    Ok(ids(tx, &lock).await?.into_iter().map(TaskId).collect())
}

/// The tasks that a select finds, in the order of their ids, with the locks of their trees.
pub(crate) async fn lock_found(tx: &Tx, select: &SelectStatement) -> Result<Vec<TaskId>> {
    let mut found: Vec<TaskId> = ids(tx, select).await?.into_iter().map(TaskId).collect();
    found.sort_unstable();
    lock_all(tx, &found).await?;
    Ok(found)
}

/// Whether a column holds the id of one of these tasks, however many they are.
fn one_of(tx: &Tx, column: &'static str, tasks: &[TaskId]) -> SimpleExpr {
    is_among(tx.get_database_backend(), Expr::col(column), tasks.iter().map(|id| id.0))
}

/// Locks the projects of tasks, and one that is named, against changes of their members and their dates, in the order of
/// their ids, and says which those are.
pub(super) async fn lock_projects_of(
    tx: &Tx,
    tasks: &[TaskId],
    named: Option<ProjectId>,
) -> Result<Vec<ProjectId>> {
    let of_tasks =
        Query::select().column("project_id").from("task").and_where(one_of(tx, "id", tasks)).take();
    let named = named.map(|project| Expr::col("id").eq(project.0));
    let lock = Query::select()
        .column("id")
        .from("project")
        .cond_where(Cond::any().add(Expr::col("id").in_subquery(of_tasks)).add_option(named))
        .order_by("id", sea_orm::Order::Asc)
        .lock(LockType::Share)
        .take();
    Ok(ids(tx, &lock).await?.into_iter().map(ProjectId).collect())
}

/// The tree below a top, whose lock the transaction holds.
///
/// # Errors
/// Those of the database.
pub async fn load_tree(tx: &Tx, top: TaskId) -> Result<Tree> {
    let select = Query::select()
        .columns(["id", "parent_id", "status", "deleted_at"])
        .from("task")
        .cond_where(Cond::any().add(Expr::col("id").eq(top.0)).add(Expr::col("root_id").eq(top.0)))
        .order_by("id", sea_orm::Order::Asc)
        .take();
    let mut tree = Tree::default();
    for row in tx.query_all(&select).await? {
        let status: String = row.try_get("", "status")?;
        tree.add(Node {
            id: TaskId(row.try_get("", "id")?),
            parent: row.try_get::<Option<i64>>("", "parent_id")?.map(TaskId),
            status: word(&status)?,
            is_trashed: row.try_get::<Option<i64>>("", "deleted_at")?.is_some(),
        });
    }
    Ok(tree)
}

impl Tree {
    fn add(&mut self, node: Node) {
        if let Some(parent) = node.parent {
            self.children.entry(parent).or_default().push(node.id);
        }
        self.nodes.insert(node.id, node);
    }

    /// A task and everything below it, the parts before what they are parts of.
    #[must_use]
    pub fn subtree(&self, of: TaskId) -> Vec<Node> {
        let mut found: Vec<Node> = self.nodes.get(&of).copied().into_iter().collect();
        let mut next = 0;
        while let Some(node) = found.get(next) {
            let children = self.children.get(&node.id).into_iter().flatten();
            found.extend(children.filter_map(|child| self.nodes.get(child)).copied());
            next += 1;
        }
        found.reverse();
        found
    }

    /// Everything below a task, the parts before what they are parts of.
    fn below(&self, top: TaskId) -> Vec<Node> {
        let mut below = self.subtree(top);
        below.pop();
        below
    }

    /// On which level a task lies: 1 at the top.
    #[must_use]
    pub fn level(&self, of: TaskId) -> u32 {
        let mut level = 1;
        let mut at = self.nodes.get(&of);
        while let Some(parent) = at.and_then(|node| node.parent) {
            level += 1;
            at = self.nodes.get(&parent);
        }
        level
    }

    /// How many levels a task has, itself included.
    #[must_use]
    pub fn levels(&self, of: TaskId) -> u32 {
        let top = self.level(of);
        self.subtree(of).iter().map(|node| self.level(node.id)).max().unwrap_or(top) + 1 - top
    }

    /// Whether a task lies in the tree.
    #[must_use]
    pub fn includes(&self, id: TaskId) -> bool {
        self.nodes.contains_key(&id)
    }

    /// The place below one of its tasks for a task with so many levels. `moved` is the task that moves there.
    #[must_use]
    pub fn spot(&self, parent: &Task, levels: u32, moved: Option<TaskId>) -> Spot {
        let is_below = |top: TaskId| self.subtree(top).iter().any(|node| node.id == parent.id);
        Spot {
            parent: parent.id,
            project: parent.fields.project_id,
            level: self.level(parent.id),
            levels,
            is_completed: parent.state.status == Status::Completed,
            is_below_itself: moved.is_some_and(is_below),
        }
    }
}

/// The open tasks below a task, the parts before what they are parts of, each as the one who completes them all sees it;
/// nothing where one of them is hidden from them.
///
/// # Errors
/// Those of the database.
pub async fn open_below(tx: &Tx, viewer: &Actor, tree: &Tree, of: TaskId) -> Result<Option<Vec<Card>>> {
    let open = tree.below(of).into_iter().filter(|node| !node.is_trashed && node.status.is_open());
    let open: Vec<TaskId> = open.map(|node| node.id).collect();
    let among = is_among(tx.get_database_backend(), Expr::col(("task", "id")), open.iter().map(|id| id.0));
    let found = find_all(tx, viewer, among).await?;
    let mut found: BTreeMap<TaskId, Card> = found.into_iter().map(|card| (card.task.id, card)).collect();
    Ok(open.iter().map(|id| found.remove(id)).collect())
}

fn ids_of(nodes: &[Node]) -> Vec<TaskId> {
    nodes.iter().map(|node| node.id).collect()
}

/// Takes everything below a task into its trash with it, or out of it again; the task itself was saved. Nothing below that
/// went there before, by itself, is touched.
///
/// # Errors
/// Those of the database.
pub async fn trash_tree(tx: &Tx, author: Author, tree: &Tree, top: &Task) -> Result<()> {
    let below = tree.below(top.id);
    if below.is_empty() {
        return Ok(());
    }
    let with_it = Expr::col("trashed_with").eq(top.id.0);
    let (verb, stamp, which) = match top.trashed {
        Some(stamp) => (Verb::Deleted, Some(stamp), Expr::col("deleted_at").is_null()),
        None => (Verb::Restored, None, with_it),
    };
    let select: SelectStatement = Query::select()
        .column("id")
        .from("task")
        .and_where(one_of(tx, "id", &ids_of(&below)))
        .and_where(which)
        .take();
    let moved: Vec<TaskId> = ids(tx, &select).await?.into_iter().map(TaskId).collect();
    if moved.is_empty() {
        return Ok(());
    }
    mark_trashed(tx, &moved, stamp, top).await?;
    let activity = |id: &TaskId| Activity { author, verb, object: Task::object(*id), changes: Vec::new() };
    let activities: Vec<Activity> = moved.iter().map(activity).collect();
    activity::append(tx, &activities, top.updated.at).await
}

async fn mark_trashed(tx: &Tx, tasks: &[TaskId], stamp: Option<Stamp>, top: &Task) -> Result<()> {
    let update = Query::update()
        .table("task")
        .values([
            ("deleted_at", stamp.map(|stamp| Instant(stamp.at).micros()).into()),
            ("deleted_by", stamp.and_then(|stamp| stamp.by).map(|user| user.0).into()),
            ("trashed_with", stamp.map(|_| top.id.0).into()),
            ("version", Expr::col("version").add(1)),
            ("updated_at", Instant(top.updated.at).micros().into()),
            ("updated_by", top.updated.by.map(|user| user.0).into()),
        ])
        .and_where(one_of(tx, "id", tasks))
        .take();
    tx.execute(&update).await?;
    let is_done = Query::select()
        .column("id")
        .from("task")
        .and_where(Expr::col("status").eq(Status::Completed.as_str()))
        .and_where(one_of(tx, "id", tasks))
        .take();
    let mut open = Query::update()
        .table("task_member")
        .value("is_open", stamp.is_none())
        .and_where(one_of(tx, "task_id", tasks))
        .take();
    if stamp.is_none() {
        open.and_where(Expr::col("task_id").not_in_subquery(is_done));
    }
    tx.execute(&open).await?;
    Ok(())
}

/// Moves everything below a task to its project and below its top; the task itself was saved.
///
/// # Errors
/// Those of the database.
pub async fn move_tree(
    tx: &Tx,
    author: Author,
    tree: &Tree,
    before: &Task,
    moved: &Task,
    root: Option<TaskId>,
) -> Result<()> {
    let set_root = Query::update()
        .table("task")
        .value("root_id", root.map(|root| root.0))
        .and_where(Expr::col("id").eq(moved.id.0))
        .take();
    tx.execute(&set_root).await?;
    let below = tree.below(moved.id);
    if below.is_empty() {
        return Ok(());
    }
    let mut update = Query::update()
        .table("task")
        .value("root_id", root.unwrap_or(moved.id).0)
        .and_where(one_of(tx, "id", &ids_of(&below)))
        .take();
    let project = |task: &Task| task.fields.project_id;
    if project(before) == project(moved) {
        tx.execute(&update).await?;
        return Ok(());
    }
    update
        .value("project_id", project(moved).map(|id| id.0))
        .value("version", Expr::col("version").add(1))
        .value("updated_at", Instant(moved.updated.at).micros())
        .value("updated_by", moved.updated.by.map(|user| user.0));
    tx.execute(&update).await?;
    let id = |project: Option<ProjectId>| project.map(|id| id.0).into();
    let change =
        || Change { field: "project_id".to_owned(), old: id(project(before)), new: id(project(moved)) };
    let activity = |node: &Node| Activity {
        author,
        verb: Verb::Updated,
        object: Task::object(node.id),
        changes: vec![change()],
    };
    let activities: Vec<Activity> = below.iter().map(activity).collect();
    activity::append(tx, &activities, moved.updated.at).await
}
