//! What happens to the tasks of a project when its people, its days or its privacy change.

use artel_domain::{
    actor::{Actor, UserId},
    project::{Project, ProjectId},
    task::{Role, Status, TaskId},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Cond, Expr, ExprTrait as _, JoinType, Query, SelectStatement, SimpleExpr},
};

use crate::{error::Result, organisation, rows::count, task, unit_of_work::Tx};

fn column(name: &'static str) -> SimpleExpr {
    Expr::col(("task", name))
}

/// The tasks of a project, those in the trash among them: they may come back, and with them what they hold.
fn tasks_of(project: ProjectId) -> SelectStatement {
    Query::select().from("task").and_where(column("project_id").eq(project.0)).take()
}

fn not_completed() -> SimpleExpr {
    column("status").ne(Status::Completed.as_str())
}

/// How many tasks of a project somebody is responsible for that are not completed, those in the trash among them.
///
/// # Errors
/// Those of the database.
pub async fn open_tasks(tx: &Tx, project: ProjectId, responsible: UserId) -> Result<u64> {
    let is_theirs = column("responsible_id").eq(responsible.0);
    count(tx, tasks_of(project).and_where(not_completed()).and_where(is_theirs).take()).await
}

/// How many tasks of a project outside the trash would have dates outside these days, which are the organisation's.
///
/// # Errors
/// Those of the database.
pub async fn stray_tasks(
    tx: &Tx,
    project: ProjectId,
    (first, last): (Option<NaiveDate>, Option<NaiveDate>),
) -> Result<u64> {
    let zone = organisation::find(tx).await?.fields.time_zone;
    let Some(outside) = task::outside(zone, (first, last)) else { return Ok(0) };
    let is_live = column("deleted_at").is_null();
    count(tx, tasks_of(project).and_where(is_live).cond_where(outside).take()).await
}

/// Takes somebody out of the tasks of a project that they leave: an heir becomes responsible for those that are not
/// completed, their other parts end. What they set stays set by them, what they completed done by them.
pub(super) async fn part_with_all(
    tx: &Tx,
    by: &Actor,
    project: &Project,
    (leaving, heir): (UserId, Option<UserId>),
    now: DateTime<Utc>,
) -> Result<()> {
    let ends = [Role::CoExecutor, Role::Observer, Role::Reviewer].map(Role::as_str);
    let is_left = part("role").eq(Role::Responsible.as_str()).and(not_completed());
    let is_left = heir.map(|_| is_left);
    let theirs = with_parts(project.id)
        .distinct()
        .column(("task", "id"))
        .and_where(part("user_id").eq(leaving.0))
        .cond_where(Cond::any().add(part("role").is_in(ends)).add_option(is_left))
        .take();
    let theirs = task::lock_found(tx, &theirs).await?;
    let parts: Vec<(TaskId, UserId)> = theirs.into_iter().map(|id| (id, leaving)).collect();
    task::part_with_all(tx, by, &parts, heir, now).await
}

/// Ends the parts of those observers of a project's tasks who are no members of it: it is not open any more.
pub(super) async fn drop_outside_observers(
    tx: &Tx,
    by: &Actor,
    project: &Project,
    now: DateTime<Utc>,
) -> Result<()> {
    let members = Query::select()
        .column("user_id")
        .from("project_member")
        .and_where(Expr::col("project_id").eq(project.id.0))
        .take();
    let outsiders = with_parts(project.id)
        .column(("task", "id"))
        .column(("task_member", "user_id"))
        .and_where(part("role").eq(Role::Observer.as_str()))
        .and_where(part("user_id").not_in_subquery(members))
        .take();
    let mut parts = Vec::new();
    for row in tx.query_all(&outsiders).await? {
        parts.push((TaskId(row.try_get("", "id")?), UserId(row.try_get("", "user_id")?)));
    }
    let theirs: Vec<TaskId> = parts.iter().map(|(id, _)| *id).collect();
    task::lock_all(tx, &theirs).await?;
    task::part_with_all(tx, by, &parts, None, now).await
}

fn part(name: &'static str) -> SimpleExpr {
    Expr::col(("task_member", name))
}

/// The tasks of a project with each part in them.
fn with_parts(project: ProjectId) -> SelectStatement {
    tasks_of(project).join(JoinType::InnerJoin, "task_member", part("task_id").equals(("task", "id"))).take()
}
