//! The tasks of somebody who loses access, and giving them to an heir.

use artel_domain::{
    activity::Verb,
    actor::{Actor, UserId},
    task::{Done, Status},
};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Cond, Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr};

use super::{lock_found, save, unscoped_load};
use crate::{error::Result, rows::count, unit_of_work::Tx};

fn column(name: &'static str) -> SimpleExpr {
    Expr::col(("task", name))
}

/// The tasks for which somebody is responsible and that are not completed.
fn open_tasks_of(user: UserId) -> SelectStatement {
    Query::select()
        .from("task")
        .and_where(column("responsible_id").eq(user.0))
        .and_where(column("status").ne(Status::Completed.as_str()))
        .and_where(column("deleted_at").is_null())
        .take()
}

/// How many tasks that are not completed somebody is responsible for.
///
/// # Errors
/// Those of the database.
pub async fn count_left_by(tx: &Tx, user: UserId) -> Result<u64> {
    count(tx, open_tasks_of(user)).await
}

/// Makes an heir responsible for the tasks of somebody that are not completed, wherever the heir can be: outside of
/// projects, and in those of which the heir is a member.
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
    let theirs = open_tasks_of(leaving).expr_as(column("id"), "id").cond_where(within_reach).take();
    for id in lock_found(tx, &theirs).await? {
        let before = unscoped_load(tx, id).await?.task;
        let mut task = before.clone();
        let changes = task.part_with(leaving, Some(heir), by, now);
        save(tx, by.author(), &before, &task, Done { verb: Verb::Delegated, changes }).await?;
    }
    Ok(())
}
