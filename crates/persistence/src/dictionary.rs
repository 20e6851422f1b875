//! The dictionaries of the CRM as they are kept. Every member of the staff reads them.

use artel_domain::{
    activity::{Activity, Change, Verb},
    actor::Actor,
    dictionary::{Dictionary, DictionaryKind, Entry},
    error::{Conflict, Error as Refusal},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait as _, LockType, Order, Query, SelectStatement},
};

use crate::{
    activity,
    column::word,
    crm_access::{bump, version},
    error::Result,
    record::{COMPANIES, CONTACTS},
    unit_of_work::Tx,
};

/// A dictionary, to see.
///
/// # Errors
/// [`artel_domain::error::Forbidden::NotAllowed`] for guests; those of the database.
pub async fn find(db: &impl ConnectionTrait, viewer: &Actor, kind: DictionaryKind) -> Result<Dictionary> {
    viewer.require_staff()?;
    let version = version(db, kind.as_str()).await?;
    Ok(Dictionary { kind, entries: entries(db, &select(kind)).await?, version })
}

/// A dictionary, to change: nobody starts to use its entries until the transaction ends.
///
/// # Errors
/// [`artel_domain::error::Forbidden::NotAllowed`] for guests; those of the database.
pub async fn load(tx: &Tx, viewer: &Actor, kind: DictionaryKind) -> Result<Dictionary> {
    viewer.require_staff()?;
    let version = crate::crm_access::lock_version(tx, kind.as_str()).await?;
    let entries = entries(tx, &select(kind).lock(LockType::Update).take()).await?;
    Ok(Dictionary { kind, entries, version })
}

fn select(kind: DictionaryKind) -> SelectStatement {
    Query::select()
        .columns(["code", "name"])
        .from("dictionary_entry")
        .and_where(Expr::col("dictionary").eq(kind.as_str()))
        .order_by("position", Order::Asc)
        .take()
}

async fn entries(db: &impl ConnectionTrait, select: &SelectStatement) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for row in db.query_all(select).await? {
        let (code, name): (String, String) = (row.try_get("", "code")?, row.try_get("", "name")?);
        entries.push(Entry { code: word(&code)?, name: word(&name)? });
    }
    Ok(entries)
}

/// Saves over a dictionary, and the activity. Nothing is written where nothing changed.
///
/// # Errors
/// `in_use` when a record still holds an entry that is to go; those of the database.
pub async fn save(
    tx: &Tx,
    by: &Actor,
    before: &Dictionary,
    dictionary: &Dictionary,
    changes: Vec<Change>,
    now: DateTime<Utc>,
) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let stays = |entry: &&Entry| dictionary.entries.iter().any(|other| other.code == entry.code);
    let gone: Vec<&str> =
        before.entries.iter().filter(|entry| !stays(entry)).map(|entry| entry.code.as_str()).collect();
    delete(tx, dictionary.kind, &gone).await?;
    update(tx, before, dictionary).await?;
    insert(tx, before, dictionary).await?;
    bump(tx, dictionary.kind.as_str(), dictionary.version).await?;
    let activity =
        Activity { author: by.author(), verb: Verb::Updated, object: dictionary.object(), changes };
    activity::append(tx, &[activity], now).await
}

/// Deletes entries that no record holds.
async fn delete(tx: &Tx, kind: DictionaryKind, codes: &[&str]) -> Result<()> {
    if codes.is_empty() {
        return Ok(());
    }
    if is_any_used(tx, kind, codes).await? {
        return Err(Refusal::from(Conflict::InUse).into());
    }
    let delete = Query::delete()
        .from_table("dictionary_entry")
        .and_where(Expr::col("dictionary").eq(kind.as_str()))
        .and_where(Expr::col("code").is_in(codes.iter().copied()))
        .take();
    tx.execute(&delete).await?;
    Ok(())
}

async fn is_any_used(tx: &Tx, kind: DictionaryKind, codes: &[&str]) -> Result<bool> {
    let users = match kind {
        DictionaryKind::ContactTypes => vec![(CONTACTS.record, "type")],
        DictionaryKind::CompanyTypes => vec![(COMPANIES.record, "type")],
        DictionaryKind::Sources => vec![(CONTACTS.record, "source"), (COMPANIES.record, "source")],
    };
    for (table, column) in users {
        let codes = codes.iter().copied();
        let used = Query::select()
            .expr(Expr::val(1))
            .from(table)
            .and_where(Expr::col(column).is_in(codes))
            .limit(1)
            .take();
        if tx.query_one(&used).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Updates the entries that were there and have another name or place now.
async fn update(tx: &Tx, before: &Dictionary, after: &Dictionary) -> Result<()> {
    for (position, entry) in placed(after) {
        let same_code = |(_, old): &(i32, &Entry)| old.code == entry.code;
        let Some(old) = placed(before).find(same_code) else {
            continue;
        };
        if old == (position, entry) {
            continue;
        }
        let update = Query::update()
            .table("dictionary_entry")
            .value("name", entry.name.as_str())
            .value("position", position)
            .and_where(Expr::col("dictionary").eq(after.kind.as_str()))
            .and_where(Expr::col("code").eq(entry.code.as_str()))
            .take();
        tx.execute(&update).await?;
    }
    Ok(())
}

/// Inserts the entries that were not there.
async fn insert(tx: &Tx, before: &Dictionary, after: &Dictionary) -> Result<()> {
    let is_new = |entry: &Entry| before.entries.iter().all(|old| old.code != entry.code);
    let mut new = placed(after).filter(|(_, entry)| is_new(entry)).peekable();
    if new.peek().is_none() {
        return Ok(());
    }
    let columns = ["dictionary", "code", "name", "position"];
    let mut insert = Query::insert().into_table("dictionary_entry").columns(columns).take();
    for (position, entry) in new {
        insert.values_panic([
            after.kind.as_str().into(),
            entry.code.as_str().into(),
            entry.name.as_str().into(),
            position.into(),
        ]);
    }
    tx.execute(&insert).await?;
    Ok(())
}

fn placed(dictionary: &Dictionary) -> impl Iterator<Item = (i32, &Entry)> {
    (0..).zip(&dictionary.entries)
}
