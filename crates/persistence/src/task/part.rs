//! The parts that people have in tasks, and lists that walk one participant's index instead of the tasks.

use artel_domain::{
    actor::UserId,
    page::{Key, Page, Slice},
    task::{Role, Sort, Status, Task},
};
use sea_orm::{
    ConnectionTrait, QueryFilter as _, QueryTrait, Select,
    entity::prelude::*,
    sea_query::{ExprTrait as _, JoinType, Query},
};

use super::{row, seen::Seen};
use crate::{
    column::Instant,
    error::Result,
    page::{self, Emptiness, Placed, Plan, SortColumn, Total},
    unit_of_work::Tx,
};

mod member {
    use super::Instant;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_member")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub task_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: i64,
        pub role: String,
        pub is_main: bool,
        pub is_open: bool,
        pub deadline: Option<Instant>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A range of the index of parts: what one person has to do with open tasks, in one role or in any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) user: UserId,
    pub(super) role: Option<Role>,
}

/// The only order of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ByDeadline;

impl SortColumn for ByDeadline {
    type Column = member::Column;

    fn column(self) -> (member::Column, Emptiness) {
        (member::Column::Deadline, Emptiness::MayBeEmpty)
    }
}

impl Placed<ByDeadline> for Seen {
    fn key(&self, _: ByDeadline) -> Option<Key> {
        self.row.deadline.map(Instant::key)
    }

    fn id(&self) -> i64 {
        self.row.id
    }
}

/// A page of `select`, walked along a range of the index of parts.
pub(super) async fn keyset(
    db: &impl ConnectionTrait,
    select: Select<row::Entity>,
    range: Range,
    page: &Page<Sort>,
    total: Total,
    plan: Plan,
) -> Result<Slice<Seen>> {
    let mut select = select;
    let on = Expr::col(("task_member", "task_id")).equals(("task", "id"));
    QueryTrait::query(&mut select).join(JoinType::InnerJoin, "task_member", on);
    let select = select
        .filter(member::Column::UserId.eq(range.user.0))
        .filter(member::Column::IsOpen.eq(true))
        .filter(match range.role {
            Some(role) => member::Column::Role.eq(role.as_str()),
            None => member::Column::IsMain.eq(true),
        });
    let Page { limit, sort: _, direction, after } = page.clone();
    let page = Page { limit, sort: ByDeadline, direction, after };
    page::keyset_by(db, select, &page, member::Column::TaskId, total, plan).await
}

/// Writes the parts of a new task.
pub(super) async fn insert(tx: &Tx, task: &Task) -> Result<()> {
    let columns = ["task_id", "user_id", "role", "is_main", "is_open", "deadline"];
    let mut insert = Query::insert().into_table("task_member").columns(columns).take();
    let mut known = std::collections::BTreeSet::new();
    let (is_open, deadline) = face(task);
    for (user, role) in task.parts() {
        let is_main = known.insert(user);
        insert.values_panic([
            task.id.0.into(),
            user.0.into(),
            role.as_str().into(),
            is_main.into(),
            is_open.into(),
            deadline.into(),
        ]);
    }
    tx.execute(&insert).await?;
    Ok(())
}

/// What the parts carry of their task.
fn face(task: &Task) -> (bool, Option<i64>) {
    let is_open = task.state.status != Status::Completed && task.trashed.is_none();
    (is_open, task.fields.deadline.map(|at| Instant(at).micros()))
}

/// Saves what changed of the parts: all of them anew where people changed, what they carry where only that did.
pub(super) async fn save(tx: &Tx, before: &Task, task: &Task) -> Result<()> {
    if before.parts() != task.parts() {
        let delete =
            Query::delete().from_table("task_member").and_where(Expr::col("task_id").eq(task.id.0)).take();
        tx.execute(&delete).await?;
        return insert(tx, task).await;
    }
    if face(before) == face(task) {
        return Ok(());
    }
    let (is_open, deadline) = face(task);
    let update = Query::update()
        .table("task_member")
        .values([("is_open", is_open.into()), ("deadline", deadline.into())])
        .and_where(Expr::col("task_id").eq(task.id.0))
        .take();
    tx.execute(&update).await?;
    Ok(())
}
