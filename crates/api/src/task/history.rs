//! What happened to a task.

use actix_web::{
    get,
    web::{Data, Path},
};
use artel_domain::{
    activity::{Change, Verb},
    actor::UserId,
    page::Direction,
    task::{HistorySort, TaskId},
};
use artel_persistence::{
    Db,
    task::{self as store, Entry},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::{
    extract::Me,
    list::{Filter, ListQuery, Listing, PageParams, SortBy, SortWord},
    problem::Result,
};

/// A sort key with its direction.
type Order = SortBy<HistorySort>;

/// What to show of a history.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryFilter {
    /// Only what changed this field: `deadline` shows every move of the deadline, with its reason.
    #[param(min_length = 1, max_length = 50, pattern = "^[a-z_]+$", example = "deadline")]
    field: Option<String>,
    /// What to sort by; `-at` unless told otherwise: the newest first.
    #[param(inline)]
    sort: Option<Order>,
}

impl SortWord for HistorySort {
    const WORDS: &'static [Self] = Self::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Filter for HistoryFilter {
    type Sort = HistorySort;

    fn sort(&self) -> SortBy<HistorySort> {
        self.sort.unwrap_or(SortBy { sort: HistorySort::At, direction: Direction::Descending })
    }
}

/// A field that changed.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"field": "priority", "old": "normal", "new": "high"}))]
pub struct ChangeView {
    /// Its name.
    #[schema(max_length = 100)]
    field: String,
    /// What it was; `null` where it was nothing, or something that the caller may not know of.
    #[schema(required = true)]
    old: Value,
    /// What it is; `null` likewise.
    #[schema(required = true)]
    new: Value,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        let Change { field, old, new } = change;
        Self { field, old, new }
    }
}

/// Something that happened to a task.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 412, "at": "2026-07-31T09:00:00Z", "by": 2, "verb": "updated",
    "changes": [{"field": "priority", "old": "normal", "new": "high"}]}))]
pub struct HistoryEntryView {
    /// Its position in the log: what happened later has a larger one.
    #[schema(minimum = 1)]
    id: i64,
    /// When it happened.
    at: DateTime<Utc>,
    /// Who did it; `null` where it was the system.
    #[schema(required = true)]
    by: Option<UserId>,
    /// What happened.
    verb: Verb,
    /// Which fields changed how.
    changes: Vec<ChangeView>,
}

impl From<Entry> for HistoryEntryView {
    fn from(entry: Entry) -> Self {
        let Entry { id, at, by, verb, changes } = entry;
        Self { id, at, by, verb, changes: changes.into_iter().map(ChangeView::from).collect() }
    }
}

/// List what happened to a task
///
/// Whoever may read the task may call it. What the caller may not know of (other projects, records of the CRM) does not show
/// in it.
#[utoipa::path(tag = "tasks", params(("id" = TaskId, Path), HistoryFilter, PageParams),
    security(("token" = ["tasks:read"])), responses((status = OK, body = Listing<HistoryEntryView>)))]
#[get("/tasks/{id}/history")]
pub(super) async fn list_task_history(
    me: Me,
    db: Data<Db>,
    id: Path<TaskId>,
    query: ListQuery<HistoryFilter>,
) -> Result<Listing<HistoryEntryView>> {
    store::find(db.reader(), &me, *id).await?;
    let field = query.filter.field.as_deref();
    let found = store::history(db.reader(), &me, *id, field, &query.page, query.total).await?;
    Ok(query.answer(found))
}
