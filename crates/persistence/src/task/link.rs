//! Which contacts and companies a task concerns.

use std::collections::BTreeSet;

use artel_domain::{
    activity::{Activity, Change, Verb},
    actor::{Actor, Author},
    company::{CompanyId, CompanyName},
    contact::{ContactId, ContactName},
    task::{Target, Task},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait as _, QueryResult,
    sea_query::{Expr, ExprTrait as _, OnConflict, Query, SimpleExpr},
};
use serde_json::Value;

use super::{LinkedCompany, LinkedContact};
use crate::{
    activity,
    column::Text,
    error::Result,
    record::{COMPANIES, CONTACTS, Tables, scope},
    unit_of_work::Tx,
};

/// The table of links with a kind of record, its reference, and the id.
const fn place(target: Target) -> (&'static str, &'static str, i64) {
    match target {
        Target::Contact(ContactId(id)) => ("task_contact", "contact_id", id),
        Target::Company(CompanyId(id)) => ("task_company", "company_id", id),
    }
}

fn said(target: Target) -> (String, Value) {
    let (_, reference, id) = place(target);
    (reference.to_owned(), id.into())
}

/// Of some contacts those that the viewer may read.
///
/// # Errors
/// Those of the database.
pub async fn readable_contacts(tx: &Tx, viewer: &Actor, ids: &[ContactId]) -> Result<Vec<LinkedContact>> {
    let ids = ids.iter().map(|id| id.0);
    let mut found = Vec::new();
    for row in readable(tx, viewer, CONTACTS, &["first_name", "last_name"], ids).await? {
        let name = |column: &str| row.try_get::<Option<Text<ContactName>>>("", column);
        found.push(LinkedContact {
            id: ContactId(row.try_get("", "id")?),
            first_name: name("first_name")?.map(|name| name.0),
            last_name: name("last_name")?.map(|name| name.0),
        });
    }
    Ok(found)
}

/// Of some companies those that the viewer may read.
///
/// # Errors
/// Those of the database.
pub async fn readable_companies(tx: &Tx, viewer: &Actor, ids: &[CompanyId]) -> Result<Vec<LinkedCompany>> {
    let ids = ids.iter().map(|id| id.0);
    let mut found = Vec::new();
    for row in readable(tx, viewer, COMPANIES, &["name"], ids).await? {
        let name: Text<CompanyName> = row.try_get("", "name")?;
        found.push(LinkedCompany { id: CompanyId(row.try_get("", "id")?), name: name.0 });
    }
    Ok(found)
}

/// The named columns of the records of a kind that the viewer may read: one statement, none where none are asked for.
async fn readable(
    tx: &Tx,
    viewer: &Actor,
    tables: Tables,
    names: &[&'static str],
    ids: impl Iterator<Item = i64>,
) -> Result<Vec<QueryResult>> {
    let ids: BTreeSet<i64> = ids.collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let column = |name: &'static str| -> SimpleExpr { Expr::col((tables.record, name)) };
    let select = Query::select()
        .expr_as(column("id"), "id")
        .exprs(names.iter().map(|name| column(name)))
        .from(tables.record)
        .and_where(column("id").is_in(ids))
        .and_where(column("deleted_at").is_null())
        .cond_where(scope(tables, viewer))
        .take();
    Ok(tx.query_all(&select).await?)
}

/// Links a new task with records: a statement for each kind, and one for the activities.
///
/// # Errors
/// Those of the database.
pub async fn link_new(
    tx: &Tx,
    author: Author,
    task: &Task,
    targets: &[Target],
    now: DateTime<Utc>,
) -> Result<()> {
    for table in ["task_contact", "task_company"] {
        let of_kind: Vec<Target> =
            targets.iter().copied().filter(|target| place(*target).0 == table).collect();
        insert(tx, task, &of_kind).await?;
    }
    let linked: Vec<Activity> = targets.iter().map(|target| linked(author, task, *target)).collect();
    activity::append(tx, &linked, now).await
}

/// Links a task with a record; nothing happens where it is linked already.
///
/// # Errors
/// Those of the database.
pub async fn link(tx: &Tx, author: Author, task: &Task, target: Target, now: DateTime<Utc>) -> Result<()> {
    if insert(tx, task, &[target]).await? == 0 {
        return Ok(());
    }
    activity::append(tx, &[linked(author, task, target)], now).await
}

/// Writes links with records of one kind, and says how many were not there before.
async fn insert(tx: &Tx, task: &Task, targets: &[Target]) -> Result<u64> {
    let Some(first) = targets.first() else { return Ok(0) };
    let (table, reference, _) = place(*first);
    let mut insert = Query::insert().into_table(table).columns(["task_id", reference]).take();
    for target in targets {
        insert.values_panic([task.id.0.into(), place(*target).2.into()]);
    }
    insert.on_conflict(OnConflict::columns(["task_id", reference]).do_nothing().to_owned());
    Ok(tx.execute(&insert).await?.rows_affected())
}

fn linked(author: Author, task: &Task, target: Target) -> Activity {
    let (field, new) = said(target);
    let change = Change { field, old: Value::Null, new };
    Activity { author, verb: Verb::Linked, object: Task::object(task.id), changes: vec![change] }
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
    let change = Change { field, old, new: Value::Null };
    let unlinked =
        Activity { author, verb: Verb::Unlinked, object: Task::object(task.id), changes: vec![change] };
    activity::append(tx, &[unlinked], now).await
}
