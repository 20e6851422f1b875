//! What lists of tasks can be narrowed to.

use artel_domain::{
    actor::{Actor, UserId},
    company::CompanyId,
    contact::ContactId,
    page::Direction,
    project::ProjectId,
    record::{ExternalId, ExternalSource, Tag},
    task::{Priority, Role, Sort, Status, TaskId},
    words,
};
use artel_persistence::{
    record::{Range, Trash},
    task::{self as store, Participant},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    filter::{OrMe, OrNone, Trashed, values},
    list::{Filter, SortBy, SortWord},
    record::Never,
};

/// A user, or `me`.
type UserOrMe = OrMe;
/// A project, or `none`.
type ProjectOrNone = OrNone<ProjectId>;
/// A task, or `none`.
type TaskOrNone = OrNone<TaskId>;
/// A sort key with its direction.
type Order = SortBy<Sort>;

words! {
    /// Related objects that can be embedded.
    pub enum TaskExpand {
        /// Everybody with a part in the task.
        People = "people",
        /// The project that it lies in.
        Project = "project",
    }
}

/// What to embed in one task.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExpandParam {
    /// What to embed.
    #[param(inline, explode = false, min_items = 1, max_items = 2)]
    expand: Option<Vec<TaskExpand>>,
}

impl ExpandParam {
    /// The names.
    #[must_use]
    pub fn names(&self) -> Option<&[TaskExpand]> {
        self.expand.as_deref()
    }
}

/// What to show of the tasks. What is given narrows further; several values of one filter widen it.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TaskFilter {
    /// Only those in which every word of this is the beginning of a word: of the title, the tags and the description, of which
    /// the first 200 different ones count. Case, accents and ё do not matter.
    #[param(min_length = 1, max_length = 200, pattern = "^[^\\u0000]*$", example = "badges print")]
    q: Option<String>,
    /// Only those that stand at one of these.
    #[param(inline, explode = false, min_items = 1, max_items = 5)]
    status: Option<Vec<Status>>,
    /// Only those that are not completed yet, or only those that are.
    open: Option<bool>,
    /// Only those whose deadline has passed while they are pending or in progress, or only the others.
    overdue: Option<bool>,
    /// Only those of one of these priorities.
    #[param(inline, explode = false, min_items = 1, max_items = 3)]
    priority: Option<Vec<Priority>>,
    /// Only those in which one of these users has a part; `me` stands for the caller.
    #[param(inline, explode = false, min_items = 1, max_items = 100, example = json!(["me"]))]
    user_id: Option<Vec<UserOrMe>>,
    /// Only those in which the users have one of these parts. A creator who accepts the task counts as its reviewer.
    #[param(inline, explode = false, min_items = 1, max_items = 5)]
    role: Option<Vec<Role>>,
    /// Only those in one of these projects; `none` stands for outside of projects.
    #[param(inline, explode = false, min_items = 1, max_items = 100)]
    project_id: Option<Vec<ProjectOrNone>>,
    /// Only the parts of one of these tasks; `none` stands for tasks that are no part of another that the caller may read.
    #[param(inline, explode = false, min_items = 1, max_items = 100)]
    parent_id: Option<Vec<TaskOrNone>>,
    /// Only those with one of these tags.
    #[param(inline, explode = false, min_items = 1, max_items = 50, example = json!(["demo day"]))]
    tag: Option<Vec<Tag>>,
    /// Only those that concern one of these contacts, as far as the caller may read them.
    #[param(inline, explode = false, min_items = 1, max_items = 100)]
    contact_id: Option<Vec<ContactId>>,
    /// Only those that concern one of these companies, as far as the caller may read them.
    #[param(inline, explode = false, min_items = 1, max_items = 100)]
    company_id: Option<Vec<CompanyId>>,
    /// Only the caller's favourites, or only the others.
    favourite: Option<bool>,
    /// Only those that are silent for the caller, or only the others.
    muted: Option<bool>,
    /// Only those due at this instant or later.
    deadline_from: Option<DateTime<Utc>>,
    /// Only those due before this instant.
    deadline_to: Option<DateTime<Utc>>,
    /// `none`: those without a deadline, beside the ones that `deadline_from` and `deadline_to` name.
    #[param(inline)]
    deadline: Option<Never>,
    /// Only those created at this instant or later.
    created_from: Option<DateTime<Utc>>,
    /// Only those created before this instant.
    created_to: Option<DateTime<Utc>>,
    /// Only those changed at this instant or later.
    updated_from: Option<DateTime<Utc>>,
    /// Only those last changed before this instant.
    updated_to: Option<DateTime<Utc>>,
    /// Only those done at this instant or later.
    completed_from: Option<DateTime<Utc>>,
    /// Only those done before this instant.
    completed_to: Option<DateTime<Utc>>,
    /// Only those from this other system.
    #[param(inline, example = "hubspot")]
    external_source: Option<ExternalSource>,
    /// Only those with this id in another system.
    #[param(inline)]
    external_id: Option<ExternalId>,
    /// `only`: look into the trash instead.
    #[param(inline)]
    trashed: Option<Trashed>,
    /// What to embed.
    #[param(inline, explode = false, min_items = 1, max_items = 2)]
    expand: Option<Vec<TaskExpand>>,
    /// What to sort by; `deadline` unless told otherwise.
    #[param(inline)]
    sort: Option<Order>,
}

impl TaskFilter {
    /// The filter as storage takes it, for the one who asks now.
    #[must_use]
    pub fn to_store(&self, me: &Actor, now: DateTime<Utc>) -> store::Filter {
        let this = self.clone();
        let users = this.user_id.unwrap_or_default().into_iter().map(|user| user.or(me.user));
        let mut users: Vec<UserId> = users.collect();
        users.sort_unstable();
        users.dedup();
        store::Filter {
            q: this.q,
            status: this.status.unwrap_or_default(),
            open: this.open,
            overdue: this.overdue.map(|overdue| (overdue, now)),
            priority: this.priority.unwrap_or_default(),
            participant: Participant { users, roles: this.role.unwrap_or_default() },
            project: values(this.project_id),
            below: None,
            parent: values(this.parent_id),
            tag: this.tag.unwrap_or_default(),
            contact: this.contact_id.unwrap_or_default(),
            company: this.company_id.unwrap_or_default(),
            favourite: this.favourite,
            muted: this.muted,
            deadline: Range { from: this.deadline_from, to: this.deadline_to },
            no_deadline: this.deadline.is_some(),
            created: Range { from: this.created_from, to: this.created_to },
            updated: Range { from: this.updated_from, to: this.updated_to },
            completed: Range { from: this.completed_from, to: this.completed_to },
            external_source: this.external_source,
            external_id: this.external_id,
            trash: this.trashed.map_or(Trash::Outside, |Trashed::Only| Trash::Inside),
        }
    }

    /// What to embed.
    #[must_use]
    pub fn expand(&self) -> Option<&[TaskExpand]> {
        self.expand.as_deref()
    }
}

impl SortWord for Sort {
    const WORDS: &'static [Self] = Self::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Filter for TaskFilter {
    type Sort = Sort;

    fn sort(&self) -> SortBy<Sort> {
        self.sort.unwrap_or(SortBy { sort: Sort::Deadline, direction: Direction::Ascending })
    }
}
