//! The tasks of somebody who leaves, and giving them to an heir.

use artel_domain::{
    activity::Verb,
    actor::{Actor, UserId},
    task::{Done, Role, Status, TaskId},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait as _, QueryFilter as _,
    sea_query::{Cond, Expr, ExprTrait as _, JoinType, Query, SelectStatement, SimpleExpr},
};

use super::{
    Card, lock_found, save_all,
    seen::{Seen, unscoped},
};
use crate::{error::Result, json::is_among, rows::count, unit_of_work::Tx};

fn column(name: &'static str) -> SimpleExpr {
    Expr::col(("task", name))
}

/// The tasks for which somebody is responsible and that are not completed, the trash included.
fn unfinished_of(user: UserId) -> SelectStatement {
    let part = |name: &'static str| -> SimpleExpr { Expr::col(("task_member", name)) };
    Query::select()
        .from("task_member")
        .join(JoinType::InnerJoin, "task", column("id").equals(("task_member", "task_id")))
        .and_where(part("user_id").eq(user.0))
        .and_where(part("role").eq(Role::Responsible.as_str()))
        .and_where(column("status").ne(Status::Completed.as_str()))
        .take()
}

/// How many tasks that are not completed somebody is responsible for.
///
/// # Errors
/// Those of the database.
pub async fn count_left_by(tx: &Tx, user: UserId) -> Result<u64> {
    count(tx, unfinished_of(user).and_where(column("deleted_at").is_null()).take()).await
}

/// Makes an heir responsible for the tasks of somebody that are not completed, wherever the heir can be: outside of
/// projects, and in those of which the heir is a member. Those in the trash are among them.
///
/// # Errors
/// Those of the database.
pub async fn hand_over_all(
    tx: &Tx,
    by: &Actor,
    (leaving, heir): (UserId, UserId),
    now: DateTime<Utc>,
) -> Result<()> {
    let projects = Query::select()
        .column("project_id")
        .from("project_member")
        .and_where(Expr::col("user_id").eq(heir.0))
        .take();
    let within_reach =
        Cond::any().add(column("project_id").is_null()).add(column("project_id").in_subquery(projects));
    let theirs = unfinished_of(leaving).expr_as(column("id"), "id").cond_where(within_reach).take();
    let parts: Vec<(TaskId, UserId)> =
        lock_found(tx, &theirs).await?.into_iter().map(|id| (id, leaving)).collect();
    part_with_all(tx, by, &parts, Some(heir), now).await
}

/// How many tasks are read and saved at once.
const AT_ONCE: usize = 200;

/// Ends the parts of people in tasks whose trees the transaction has locked; where there is an heir, they become responsible
/// for what these were.
///
/// # Errors
/// Those of the database.
pub(crate) async fn part_with_all(
    tx: &Tx,
    by: &Actor,
    parts: &[(TaskId, UserId)],
    heir: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<()> {
    for parts in parts.chunks(AT_ONCE) {
        let ids = parts.iter().map(|(id, _)| id.0);
        let among = is_among(tx.get_database_backend(), column("id"), ids);
        let found: Vec<Seen> = unscoped(tx).filter(among).into_model().all(tx).await?;
        let cards = found.into_iter().map(Card::try_from).collect::<Result<Vec<_>>>()?;
        let mut saved = Vec::new();
        for card in cards {
            let (mut task, mut changes) = (card.task.clone(), Vec::new());
            for (_, user) in parts.iter().filter(|(id, _)| *id == card.task.id) {
                changes.extend(task.part_with(*user, heir, by, now));
            }
            let is_passed_on = card.task.people.responsible != task.people.responsible;
            let verb = if is_passed_on { Verb::Delegated } else { Verb::Left };
            saved.push((card.task, task, Done { verb, changes }));
        }
        let saved: Vec<_> = saved.iter().map(|(before, task, done)| (before, task, done.clone())).collect();
        save_all(tx, by.author(), &saved).await?;
    }
    Ok(())
}
