//! Writing a record of any kind: the row, its contact points, its words, and the activity.

use std::collections::BTreeSet;

use artel_domain::{
    activity::{Activity, Change, Verb, initial},
    actor::Actor,
    point::Point,
    record::{Draft, Fields, Record, Stamp, search_words},
};
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Expr, ExprTrait as _, Query, SimpleExpr},
};

use super::{Tables, point::save_points};
use crate::{
    activity,
    column::Instant,
    error::{Error, Result},
    search::{save_words, with_tags},
    unit_of_work::Tx,
};

/// Fields that the tables of a kind keep.
pub(crate) trait Kept: Fields {
    /// The tables.
    const TABLES: Tables;

    /// The columns of the row that hold the fields, and what is folded out of them.
    fn columns(&self) -> Result<Vec<(&'static str, SimpleExpr)>>;

    /// Its contact points, for the ids that the database gives.
    fn points_mut(&mut self) -> &mut [Point];
}

/// Keeps a new record, and the activity: four statements.
///
/// # Errors
/// `duplicate` when the external id is taken; those of the database.
pub(crate) async fn insert<F: Kept>(tx: &Tx, by: &Actor, draft: Draft<F>) -> Result<Record<F>> {
    let changes = initial(&draft.fields);
    let (created_at, created_by) = stamp(Some(draft.created));
    let stamps = [
        ("created_at", created_at.clone()),
        ("created_by", created_by.clone()),
        ("updated_at", created_at),
        ("updated_by", created_by),
    ];
    let (names, values): (Vec<_>, Vec<_>) = draft.fields.columns()?.into_iter().chain(stamps).unzip();
    let mut insert = Query::insert().into_table(F::TABLES.record).columns(names).returning_col("id").take();
    insert.values_panic(values);
    let row =
        tx.query_one(&insert).await?.ok_or_else(|| Error::Unreadable("no id was handed out".to_owned()))?;
    let mut record = draft.with_id(row.try_get("", "id")?);
    save_points(tx, F::TABLES, record.id, &[], record.fields.points_mut()).await?;
    save_words(tx, F::TABLES.index(), record.id, &BTreeSet::new(), &words(&record.fields)).await?;
    log(tx, by, &record, Verb::Created, changes).await?;
    Ok(record)
}

/// Saves what was decided on a record, and the activity. Nothing is written where nothing changed.
///
/// # Errors
/// `duplicate` when the external id is taken; those of the database.
pub(crate) async fn save<F: Kept>(
    tx: &Tx,
    by: &Actor,
    before: &Record<F>,
    record: &mut Record<F>,
    verb: Verb,
    changes: Vec<Change>,
) -> Result<()> {
    if record.version == before.version {
        return Ok(());
    }
    let (updated_at, updated_by) = stamp(Some(record.updated));
    let (deleted_at, deleted_by) = stamp(record.trashed);
    let frame = [
        ("version", record.version.into()),
        ("updated_at", updated_at),
        ("updated_by", updated_by),
        ("deleted_at", deleted_at),
        ("deleted_by", deleted_by),
    ];
    let update = Query::update()
        .table(F::TABLES.record)
        .values(record.fields.columns()?.into_iter().chain(frame))
        .and_where(Expr::col("id").eq(record.id))
        .take();
    tx.execute(&update).await?;
    save_points(tx, F::TABLES, record.id, before.fields.common().points, record.fields.points_mut()).await?;
    save_words(tx, F::TABLES.index(), record.id, &words(&before.fields), &words(&record.fields)).await?;
    log(tx, by, record, verb, changes).await
}

async fn log<F: Fields>(
    tx: &Tx,
    by: &Actor,
    record: &Record<F>,
    verb: Verb,
    changes: Vec<Change>,
) -> Result<()> {
    let activity = Activity { author: by.author(), verb, object: record.object(), changes };
    activity::append(tx, &[activity], record.updated.at).await
}

fn words<F: Kept>(fields: &F) -> BTreeSet<String> {
    with_tags(search_words(fields), fields.common().tags)
}

/// When and by whom something was done, as two columns hold it.
pub(crate) fn stamp(stamp: Option<Stamp>) -> (SimpleExpr, SimpleExpr) {
    let at = stamp.map(|stamp| Instant(stamp.at).micros());
    let by = stamp.and_then(|stamp| stamp.by).map(|user| user.0);
    (at.into(), by.into())
}

/// A text of the domain as a column holds it.
pub(crate) fn text<T: ToString>(text: Option<&T>) -> SimpleExpr {
    text.map(ToString::to_string).into()
}
