//! Which contacts and companies a task concerns.

use artel_domain::{
    activity::{Activity, Change, Verb},
    actor::Author,
    company::CompanyId,
    contact::ContactId,
    task::{Target, Task},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Expr, ExprTrait as _, OnConflict, Query},
};

use crate::{activity, error::Result, unit_of_work::Tx};

/// The table of links with a kind of record, its reference, and the id.
const fn place(target: Target) -> (&'static str, &'static str, i64) {
    match target {
        Target::Contact(ContactId(id)) => ("task_contact", "contact_id", id),
        Target::Company(CompanyId(id)) => ("task_company", "company_id", id),
    }
}

fn said(target: Target) -> (String, serde_json::Value) {
    let (_, reference, id) = place(target);
    (reference.to_owned(), id.into())
}

/// Links a task with a record; nothing happens where it is linked already.
///
/// # Errors
/// Those of the database.
pub async fn link(tx: &Tx, author: Author, task: &Task, target: Target, now: DateTime<Utc>) -> Result<()> {
    let (table, reference, id) = place(target);
    let mut insert = Query::insert().into_table(table).columns(["task_id", reference]).take();
    insert.values_panic([task.id.0.into(), id.into()]);
    insert.on_conflict(OnConflict::columns(["task_id", reference]).do_nothing().to_owned());
    if tx.execute(&insert).await?.rows_affected() == 0 {
        return Ok(());
    }
    let (field, new) = said(target);
    log(tx, author, task, Verb::Linked, Change { field, old: serde_json::Value::Null, new }, now).await
}

/// Takes a link away; nothing happens where there is none.
///
/// # Errors
/// Those of the database.
pub async fn unlink(tx: &Tx, author: Author, task: &Task, target: Target, now: DateTime<Utc>) -> Result<()> {
    let (table, reference, id) = place(target);
    let delete = Query::delete()
        .from_table(table)
        .and_where(Expr::col("task_id").eq(task.id.0))
        .and_where(Expr::col(reference).eq(id))
        .take();
    if tx.execute(&delete).await?.rows_affected() == 0 {
        return Ok(());
    }
    let (field, old) = said(target);
    log(tx, author, task, Verb::Unlinked, Change { field, old, new: serde_json::Value::Null }, now).await
}

async fn log(
    tx: &Tx,
    author: Author,
    task: &Task,
    verb: Verb,
    change: Change,
    now: DateTime<Utc>,
) -> Result<()> {
    let activity = Activity { author, verb, object: Task::object(task.id), changes: vec![change] };
    activity::append(tx, &[activity], now).await
}
