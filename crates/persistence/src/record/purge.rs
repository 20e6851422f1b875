//! Emptying the trash: what has lain in it for long enough goes for good.

use artel_domain::{
    activity::{Activity, ObjectKind, ObjectRef, Verb},
    actor::Author,
    record::KEPT_IN_TRASH,
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Expr, ExprTrait as _, LockBehavior, LockType, Query},
};

use super::{COMPANIES, CONTACTS};
use crate::{activity, column::Instant, error::Result, rows::ids, unit_of_work::Tx};

/// The most rows of a table that one transaction throws away.
pub(crate) const BATCH: u64 = 500;

/// Throws away the contacts and companies that have lain in the trash for longer than [`KEPT_IN_TRASH`], with all
/// that hangs on them, and says how many: a bounded number at a time, so that whoever writes meanwhile waits briefly.
/// For the worker, which asks again until there are none.
///
/// # Errors
/// Those of the database.
pub async fn unscoped_purge_trash(tx: &Tx, now: DateTime<Utc>) -> Result<usize> {
    let contacts = lock_old(tx, CONTACTS.record, BATCH, now).await?;
    delete(tx, CONTACTS.record, ObjectKind::Contact, &contacts, now).await?;
    let companies = lock_old(tx, COMPANIES.record, BATCH, now).await?;
    let orphans = lock_contacts_of(tx, &companies).await?;
    delete(tx, COMPANIES.record, ObjectKind::Company, &companies, now).await?;
    promote_oldest(tx, &orphans).await?;
    Ok(contacts.len() + companies.len())
}

/// Some rows of a table that lay in the trash for long enough, locked; what another node is throwing away is passed over.
pub(crate) async fn lock_old(
    tx: &Tx,
    table: &'static str,
    most: u64,
    now: DateTime<Utc>,
) -> Result<Vec<i64>> {
    let old = Query::select()
        .column("id")
        .from(table)
        .and_where(Expr::col("deleted_at").lt(Instant(now - KEPT_IN_TRASH)))
        .limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .take();
    ids(tx, &old).await
}

/// The contacts whose primary company is among those that go, locked against changes of their links.
async fn lock_contacts_of(tx: &Tx, companies: &[i64]) -> Result<Vec<i64>> {
    if companies.is_empty() {
        return Ok(Vec::new());
    }
    let linked = Query::select()
        .column("contact_id")
        .from("contact_company")
        .and_where(Expr::col("company_id").is_in(companies.iter().copied()))
        .and_where(Expr::col("is_primary"))
        .take();
    let lock = Query::select()
        .column("id")
        .from(CONTACTS.record)
        .and_where(Expr::col("id").in_subquery(linked))
        .lock(LockType::Update)
        .take();
    ids(tx, &lock).await
}

/// Throws rows away, with all that hangs on them, and notes it.
pub(crate) async fn delete(
    tx: &Tx,
    table: &'static str,
    kind: ObjectKind,
    ids: &[i64],
    now: DateTime<Utc>,
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let delete =
        Query::delete().from_table(table).and_where(Expr::col("id").is_in(ids.iter().copied())).take();
    tx.execute(&delete).await?;
    let purged = |id: &i64| Activity {
        author: Author::System,
        verb: Verb::Purged,
        object: ObjectRef { kind, id: *id },
        changes: Vec::new(),
    };
    let purged: Vec<Activity> = ids.iter().map(purged).collect();
    activity::append(tx, &purged, now).await
}

/// Makes the oldest company of each of these contacts its primary: the rule of [`artel_domain::link`], for many.
async fn promote_oldest(tx: &Tx, contacts: &[i64]) -> Result<()> {
    if contacts.is_empty() {
        return Ok(());
    }
    let column = |table: &'static str, name: &'static str| Expr::col((table, name));
    let age = |table| Expr::tuple([column(table, "created_at"), column(table, "company_id")]);
    let older = Query::select()
        .expr(Expr::val(1))
        .from_as("contact_company", "other")
        .and_where(column("other", "contact_id").equals(("contact_company", "contact_id")))
        .and_where(age("other").lt(age("contact_company")))
        .take();
    let update = Query::update()
        .table("contact_company")
        .value("is_primary", true)
        .and_where(Expr::col("contact_id").is_in(contacts.iter().copied()))
        .and_where(Expr::exists(older).not())
        .take();
    tx.execute(&update).await?;
    Ok(())
}
