//! What happens to the tasks of a project when its people, its days or its privacy change.

use artel_domain::{
    activity::Verb,
    actor::{Actor, UserId},
    project::{Project, ProjectId},
    task::{Done, Role, Status, TaskId},
    time_zone::TimeZone,
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Cond, Expr, ExprTrait as _, JoinType, Query, SelectStatement, SimpleExpr},
};

use crate::{column::Instant, error::Result, organisation, rows::count, task, unit_of_work::Tx};

fn column(name: &'static str) -> SimpleExpr {
    Expr::col(("task", name))
}

/// The tasks of a project that do not lie in the trash.
fn tasks_of(project: ProjectId) -> SelectStatement {
    Query::select()
        .from("task")
        .and_where(column("project_id").eq(project.0))
        .and_where(column("deleted_at").is_null())
        .take()
}

fn not_completed() -> SimpleExpr {
    column("status").ne(Status::Completed.as_str())
}

/// How many tasks of a project somebody is responsible for that are not completed.
///
/// # Errors
/// Those of the database.
pub async fn open_tasks(tx: &Tx, project: ProjectId, responsible: UserId) -> Result<u64> {
    let is_theirs = column("responsible_id").eq(responsible.0);
    count(tx, tasks_of(project).and_where(not_completed()).and_where(is_theirs).take()).await
}

/// How many tasks of a project would have dates outside these days, which are the organisation's.
///
/// # Errors
/// Those of the database.
pub async fn stray_tasks(
    tx: &Tx,
    project: ProjectId,
    (first, last): (Option<NaiveDate>, Option<NaiveDate>),
) -> Result<u64> {
    if first.is_none() && last.is_none() {
        return Ok(0);
    }
    let zone = organisation::find(tx).await?.fields.time_zone;
    let begin = first.map(|day| start_of(zone, day));
    let end = last.and_then(|day| day.checked_add_days(Days::new(1))).map(|day| start_of(zone, day));
    let mut outside = Cond::any();
    for name in ["planned_start", "planned_end", "deadline"] {
        outside = outside
            .add_option(begin.map(|begin| column(name).lt(Instant(begin))))
            .add_option(end.map(|end| column(name).gte(Instant(end))));
    }
    count(tx, tasks_of(project).cond_where(outside).take()).await
}

/// The first instant of a day; where the clock jumps over midnight, the first one after the jump.
fn start_of(zone: TimeZone, day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let mut hours = (0..24).map(|hour| midnight + chrono::TimeDelta::hours(hour));
    let first = hours.find_map(|local| local.and_local_timezone(zone.0).earliest());
    first.map_or_else(|| midnight.and_utc(), |at| at.with_timezone(&Utc))
}

/// Makes an heir responsible for the tasks of a project that are not completed and for which somebody who leaves it is.
pub(super) async fn hand_over(
    tx: &Tx,
    by: &Actor,
    project: &Project,
    (leaving, heir): (UserId, UserId),
    now: DateTime<Utc>,
) -> Result<()> {
    let theirs = tasks_of(project.id)
        .column(("task", "id"))
        .and_where(column("responsible_id").eq(leaving.0))
        .and_where(not_completed())
        .take();
    let theirs = task::lock_found(tx, &theirs).await?;
    for id in theirs {
        part_with(tx, by, id, (leaving, Some(heir)), now).await?;
    }
    Ok(())
}

/// Ends the parts of somebody who leaves a project in its tasks, but for what they set and what they are responsible for.
pub(super) async fn end_parts(
    tx: &Tx,
    by: &Actor,
    project: &Project,
    leaving: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let roles = [Role::CoExecutor, Role::Observer, Role::Reviewer].map(Role::as_str);
    let theirs = with_parts(project.id)
        .distinct()
        .column(("task", "id"))
        .and_where(part("user_id").eq(leaving.0))
        .and_where(part("role").is_in(roles))
        .take();
    let theirs = task::lock_found(tx, &theirs).await?;
    for id in theirs {
        part_with(tx, by, id, (leaving, None), now).await?;
    }
    Ok(())
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
    for (id, user) in parts {
        part_with(tx, by, id, (user, None), now).await?;
    }
    Ok(())
}

fn part(name: &'static str) -> SimpleExpr {
    Expr::col(("task_member", name))
}

/// The tasks of a project with each part in them.
fn with_parts(project: ProjectId) -> SelectStatement {
    tasks_of(project).join(JoinType::InnerJoin, "task_member", part("task_id").equals(("task", "id"))).take()
}

async fn part_with(
    tx: &Tx,
    by: &Actor,
    id: TaskId,
    (leaving, heir): (UserId, Option<UserId>),
    now: DateTime<Utc>,
) -> Result<()> {
    let before = task::unscoped_load(tx, id).await?.task;
    let mut task = before.clone();
    let changes = task.part_with(leaving, heir, by, now);
    let verb =
        if before.people.responsible == task.people.responsible { Verb::Left } else { Verb::Delegated };
    task::save(tx, by.author(), &before, &task, Done { verb, changes }).await
}
