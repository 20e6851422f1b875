//! What a task is to one person: a favourite, silent, read. Nobody else sees it, and it changes no version.

use artel_domain::{actor::UserId, task::TaskId};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Expr, ExprTrait as _, Func, OnConflict, Query, SimpleExpr},
};

use crate::{column::Instant, error::Result, unit_of_work::Tx};

/// What somebody marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marking {
    /// Whether it is among their favourites.
    Favourite(bool),
    /// Whether it is silent.
    Muted(bool),
    /// They have read it, with every comment up to now.
    Read,
}

/// Marks a task for somebody.
///
/// # Errors
/// Those of the database.
pub async fn mark(tx: &Tx, user: UserId, task: TaskId, marking: Marking, now: DateTime<Utc>) -> Result<()> {
    let key = [("task_id", SimpleExpr::from(task.0)), ("user_id", user.0.into())];
    let values: Vec<(&'static str, SimpleExpr)> = match marking {
        Marking::Favourite(is) => vec![("favourite", is.into())],
        Marking::Muted(is) => vec![("muted", is.into())],
        Marking::Read => {
            let newest = Query::select()
                .expr(Expr::expr(Func::max(Expr::col("id"))).if_null(0_i64))
                .from("comment")
                .and_where(Expr::col("task_id").eq(task.0))
                .take();
            let newest = SimpleExpr::SubQuery(None, Box::new(newest.into()));
            vec![("seen_at", Instant(now).micros().into()), ("read_comment_id", newest)]
        }
    };
    let changed: Vec<&'static str> = values.iter().map(|(name, _)| *name).collect();
    let (names, values): (Vec<_>, Vec<_>) = key.into_iter().chain(values).unzip();
    let mut insert = Query::insert().into_table("task_mark").columns(names).take();
    insert.values_panic(values);
    insert.on_conflict(OnConflict::columns(["task_id", "user_id"]).update_columns(changed).to_owned());
    tx.execute(&insert).await?;
    Ok(())
}
