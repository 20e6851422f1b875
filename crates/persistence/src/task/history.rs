//! What happened to a task: its entries in the activity log, as the viewer may know them.

use std::collections::BTreeSet;

use artel_domain::{
    activity::{Change, ObjectKind, Verb},
    actor::{Actor, UserId},
    page::{Key, Page, Slice},
    task::{HistorySort, TaskId},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, FromQueryResult, QueryFilter as _,
    entity::prelude::*,
    sea_query::{Cond, ExprTrait as _, LikeExpr, Query, SimpleExpr},
};

use super::scope::scope;
use crate::{
    activity::row,
    column::{Instant, word},
    error::Result,
    json,
    page::{Emptiness, Placed, SortColumn, Total, keyset},
    project,
    record::{self, COMPANIES, CONTACTS, Tables},
};

/// One entry of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its position in the log.
    pub id: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Who did it; nobody where it was the system.
    pub by: Option<UserId>,
    /// What happened.
    pub verb: Verb,
    /// Which fields changed how.
    pub changes: Vec<Change>,
}

#[derive(FromQueryResult)]
struct Seen {
    id: i64,
    at: Instant,
    user_id: Option<i64>,
    verb: String,
    changes: Option<String>,
}

impl SortColumn for HistorySort {
    type Column = row::Column;

    fn column(self) -> (row::Column, Emptiness) {
        (row::Column::Id, Emptiness::NeverEmpty)
    }
}

impl Placed<HistorySort> for Seen {
    fn key(&self, _: HistorySort) -> Option<Key> {
        Some(Key::Number(self.id))
    }

    fn id(&self) -> i64 {
        self.id
    }
}

impl TryFrom<Seen> for Entry {
    type Error = crate::Error;

    fn try_from(seen: Seen) -> Result<Self> {
        let Seen { id, at, user_id, verb, changes } = seen;
        Ok(Self {
            id,
            at: at.0,
            by: user_id.map(UserId),
            verb: word(&verb)?,
            changes: changes.as_deref().map(json::read).transpose()?.unwrap_or_default(),
        })
    }
}

/// A page of the history of a task that was found for the viewer. What the viewer may not know of (projects, parents,
/// records of the CRM) does not show in it.
///
/// # Errors
/// Those of the database.
pub async fn history(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    task: TaskId,
    field: Option<&str>,
    page: &Page<HistorySort>,
    total: Total,
) -> Result<Slice<Entry>> {
    let mut select = row::Entity::find()
        .filter(row::Column::ObjectKind.eq(ObjectKind::Task.as_str()))
        .filter(row::Column::ObjectId.eq(task.0))
        .filter(known_links(db.get_database_backend(), viewer));
    if let Some(field) = field {
        // An underscore of a name is no placeholder.
        let name = format!("%\"field\":\"{}\"%", field.replace('_', "!_"));
        select = select.filter(Expr::col(row::Column::Changes).like(LikeExpr::new(name).escape('!')));
    }
    let found: Slice<Seen> = keyset(db, select, page, row::Column::Id, total).await?;
    let Slice { items, next, total } = found;
    let mut entries = items.into_iter().map(Entry::try_from).collect::<Result<Vec<_>>>()?;
    hide(db, viewer, &mut entries).await?;
    Ok(Slice { items: entries, next, total })
}

/// Everything but links with records that the viewer may not know of: an entry about nothing but a link says nothing once
/// the other end is hidden.
fn known_links(backend: DatabaseBackend, viewer: &Actor) -> Cond {
    let is_link = || {
        let links = [Verb::Linked, Verb::Unlinked].map(Verb::as_str);
        Expr::col(("activity", "verb")).is_in(links)
    };
    let (field, id) = match backend {
        DatabaseBackend::Postgres => (
            "activity.changes::json -> 0 ->> 'field'",
            "coalesce(activity.changes::json -> 0 ->> 'new', activity.changes::json -> 0 ->> 'old')::bigint",
        ),
        _ => (
            "json_extract(activity.changes, '$[0].field')",
            "coalesce(json_extract(activity.changes, '$[0].new'), json_extract(activity.changes, '$[0].old'))",
        ),
    };
    // Only links hold an id at this place.
    let of_link = |what: &'static str| -> SimpleExpr { Expr::case(is_link(), Expr::cust(what)).into() };
    let mut known = Cond::any().add(is_link().not());
    for tables in [CONTACTS, COMPANIES] {
        let (table, condition) = record_of(tables, viewer);
        let readable = Query::select()
            .expr(Expr::val(1))
            .from(table)
            .and_where(Expr::col((table, "id")).eq(of_link(id)))
            .and_where(of_link(field).eq(tables.reference))
            .cond_where(condition)
            .take();
        known = known.add(Expr::exists(readable));
    }
    known
}

/// The fields that name other objects, of which a viewer may know nothing.
const NAMING: [&str; 4] = ["project_id", "parent_id", "contact_id", "company_id"];

/// Hides the ids of what the viewer may not know of.
async fn hide(db: &impl ConnectionTrait, viewer: &Actor, entries: &mut [Entry]) -> Result<()> {
    for field in NAMING {
        let named: BTreeSet<i64> = entries
            .iter()
            .flat_map(|entry| entry.changes.iter().filter(|change| change.field == field))
            .flat_map(|change| [&change.old, &change.new])
            .filter_map(serde_json::Value::as_i64)
            .collect();
        if named.is_empty() {
            continue;
        }
        let known = known(db, viewer, field, named).await?;
        let is_hidden = |value: &serde_json::Value| value.as_i64().is_some_and(|id| !known.contains(&id));
        for change in entries.iter_mut().flat_map(|entry| entry.changes.iter_mut()) {
            if change.field == field {
                for value in [&mut change.old, &mut change.new] {
                    if is_hidden(value) {
                        *value = serde_json::Value::Null;
                    }
                }
            }
        }
    }
    Ok(())
}

async fn known(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    field: &str,
    ids: BTreeSet<i64>,
) -> Result<BTreeSet<i64>> {
    let (table, condition): (&'static str, Cond) = match field {
        "project_id" => ("project", project::readable(viewer)),
        "parent_id" => ("task", scope("task", viewer)),
        "contact_id" => record_of(CONTACTS, viewer),
        _ => record_of(COMPANIES, viewer),
    };
    let select = Query::select()
        .column((table, "id"))
        .from(table)
        .and_where(Expr::col((table, "id")).is_in(ids))
        .cond_where(condition)
        .take();
    let rows = db.query_all(&select).await?;
    rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}

fn record_of(tables: Tables, viewer: &Actor) -> (&'static str, Cond) {
    (tables.record, record::scope(tables, viewer).add(Expr::col((tables.record, "deleted_at")).is_null()))
}
