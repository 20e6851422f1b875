//! How a task is shown.

use std::collections::{BTreeMap, BTreeSet};

use artel_domain::{
    actor::{Actor, UserId},
    company::{CompanyId, CompanyName},
    contact::{ContactId, ContactName},
    page::Slice,
    project::{ProjectId, ProjectName},
    record::{ExternalId, ExternalSource, Tag},
    task::{Action, DeadlinePolicy, Priority, Status, TaskDescription, TaskId, TaskTitle},
};
use artel_persistence::{
    Db, project,
    task::{Card, LinkedCompany, LinkedContact},
    user,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::list::TaskExpand;
use crate::{
    person::PersonView,
    problem::{Code, Result},
};

/// How far the responsible person may move the deadline.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"responsible_may_move": true, "latest": null, "most_moves": 2, "reason_required": true}))]
pub struct DeadlinePolicyView {
    /// Whether they may move it at all.
    responsible_may_move: bool,
    /// How far at most.
    #[schema(required = true)]
    latest: Option<DateTime<Utc>>,
    /// How often at most.
    #[schema(required = true, minimum = 0, maximum = 1000)]
    most_moves: Option<u32>,
    /// Whether they must say why.
    reason_required: bool,
}

impl From<DeadlinePolicy> for DeadlinePolicyView {
    fn from(policy: DeadlinePolicy) -> Self {
        let DeadlinePolicy { responsible_may_move, latest, most_moves, reason_required } = policy;
        Self { responsible_may_move, latest, most_moves, reason_required }
    }
}

/// A contact that a task concerns.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"id": 7, "first_name": "Анна", "last_name": "Ёлкина"}))]
pub struct TaskContactView {
    /// Its id.
    id: ContactId,
    /// The given name.
    #[schema(required = true)]
    first_name: Option<ContactName>,
    /// The family name.
    #[schema(required = true)]
    last_name: Option<ContactName>,
}

impl From<LinkedContact> for TaskContactView {
    fn from(contact: LinkedContact) -> Self {
        let LinkedContact { id, first_name, last_name } = contact;
        Self { id, first_name, last_name }
    }
}

/// The project that a task lies in.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"id": 3, "name": "Demo day"}))]
pub struct TaskProjectView {
    /// Its id.
    id: ProjectId,
    /// What it is called.
    name: ProjectName,
}

/// A company that a task concerns.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"id": 4, "name": "Ёлки и палки"}))]
pub struct TaskCompanyView {
    /// Its id.
    id: CompanyId,
    /// What it is called.
    name: CompanyName,
}

impl From<LinkedCompany> for TaskCompanyView {
    fn from(company: LinkedCompany) -> Self {
        let LinkedCompany { id, name } = company;
        Self { id, name }
    }
}

/// A task.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": 7, "title": "Print the badges", "description": "200 of them.", "status": "pending", "returned": false,
    "priority": "high", "project_id": null, "parent_id": null, "creator_id": 1, "responsible_id": 2,
    "co_executor_ids": [3], "observer_ids": [4], "reviewer_id": null, "planned_start": null, "planned_end": null,
    "deadline": "2030-01-15T15:00:00Z", "deferred_until": null, "estimate_minutes": 90, "tags": ["demo day"],
    "needs_review": true, "needs_result": false,
    "deadline_policy": {"responsible_may_move": false, "latest": null, "most_moves": null, "reason_required": false},
    "deadline_moves": 0, "completed_at": null, "completed_by": null, "approved_at": null, "approved_by": null,
    "contacts": [], "companies": [{"id": 4, "name": "Ёлки и палки"}], "comment_count": 2, "unread_count": 1,
    "subtask_count": 0, "open_subtask_count": 0, "favourite": false, "muted": false, "seen_at": null,
    "external_source": null, "external_id": null, "can": ["read", "comment", "watch", "start", "complete"], "version": 1,
    "created_at": "2026-07-31T09:00:00Z", "updated_at": "2026-07-31T09:00:00Z", "updated_by": 1, "deleted_at": null
}))]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of its own in what is promised")]
pub struct TaskView {
    /// Its id.
    pub id: TaskId,
    /// What is to be done, in a line.
    title: TaskTitle,
    /// What is to be done, at length.
    #[schema(required = true)]
    description: Option<TaskDescription>,
    /// Where it stands.
    status: Status,
    /// Whether its reviewer gave it back and nobody took it up since.
    returned: bool,
    /// How much it matters.
    priority: Priority,
    /// The project that it lies in.
    #[schema(required = true)]
    project_id: Option<ProjectId>,
    /// The same, embedded with `expand=project`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    project: Option<TaskProjectView>,
    /// The task that it is a part of, as far as the caller may read it.
    #[schema(required = true)]
    parent_id: Option<TaskId>,
    /// Who set it.
    creator_id: UserId,
    /// Who sees to it that it is done.
    responsible_id: UserId,
    /// Who works on it too.
    co_executor_ids: Vec<UserId>,
    /// Who follows it.
    observer_ids: Vec<UserId>,
    /// Who accepts it, where somebody was named; otherwise its creator does.
    #[schema(required = true)]
    reviewer_id: Option<UserId>,
    /// Everybody with a part, with `expand=people`, as far as the caller may know them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    people: Option<Vec<PersonView>>,
    /// When work is to begin.
    #[schema(required = true)]
    planned_start: Option<DateTime<Utc>>,
    /// When work is to end.
    #[schema(required = true)]
    planned_end: Option<DateTime<Utc>>,
    /// When it is due.
    #[schema(required = true)]
    deadline: Option<DateTime<Utc>>,
    /// When it comes back by itself, where it is put off.
    #[schema(required = true)]
    deferred_until: Option<DateTime<Utc>>,
    /// How long it should take, in minutes.
    #[schema(required = true, minimum = 1, maximum = 5_256_000)]
    estimate_minutes: Option<u32>,
    /// Words to group by.
    tags: Vec<Tag>,
    /// Whether its reviewer must accept it.
    needs_review: bool,
    /// Whether it is completed only with a result.
    needs_result: bool,
    /// How far the responsible person may move the deadline.
    deadline_policy: DeadlinePolicyView,
    /// How often the responsible person moved it.
    #[schema(minimum = 0)]
    deadline_moves: u32,
    /// When it was done, accepted or not.
    #[schema(required = true)]
    completed_at: Option<DateTime<Utc>>,
    /// Who said so.
    #[schema(required = true)]
    completed_by: Option<UserId>,
    /// When it was accepted.
    #[schema(required = true)]
    approved_at: Option<DateTime<Utc>>,
    /// Who accepted it.
    #[schema(required = true)]
    approved_by: Option<UserId>,
    /// The contacts that it concerns and that the caller may read.
    contacts: Vec<TaskContactView>,
    /// The companies that it concerns and that the caller may read.
    companies: Vec<TaskCompanyView>,
    /// How many comments people made.
    #[schema(minimum = 0)]
    comment_count: u64,
    /// How many of them others made since the caller last read the task.
    #[schema(minimum = 0)]
    unread_count: u64,
    /// How many subtasks it has that the caller may read.
    #[schema(minimum = 0)]
    subtask_count: u64,
    /// On how many of these work remains.
    #[schema(minimum = 0)]
    open_subtask_count: u64,
    /// Whether it is among the favourites of the caller.
    favourite: bool,
    /// Whether it is silent for the caller.
    muted: bool,
    /// When the caller last read it.
    #[schema(required = true)]
    seen_at: Option<DateTime<Utc>>,
    /// The system that the task was taken from.
    #[schema(required = true)]
    external_source: Option<ExternalSource>,
    /// Its id in that system.
    #[schema(required = true)]
    external_id: Option<ExternalId>,
    /// What the caller may do with it now.
    can: Vec<Action>,
    /// Raised by one with each change of its fields, its people and its status.
    #[schema(minimum = 1)]
    version: i64,
    /// When it was created.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
    /// Who changed it last; `null` where it was the system.
    #[schema(required = true)]
    updated_by: Option<UserId>,
    /// Since when it lies in the trash.
    #[schema(required = true)]
    deleted_at: Option<DateTime<Utc>>,
}

/// A task as somebody sees it, with the people whom it embeds.
pub struct Viewed {
    card: Card,
    viewer: Actor,
    people: Option<Vec<PersonView>>,
    project: Option<TaskProjectView>,
}

impl Viewed {
    /// A task without what it refers to.
    #[must_use]
    pub fn plain(viewer: &Actor, card: Card) -> Self {
        Self { card, viewer: viewer.clone(), people: None, project: None }
    }

    /// A slice with what it embeds: one statement for each name that was asked for, however many tasks there are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn slice(
        db: &Db,
        viewer: &Actor,
        expand: Option<&[TaskExpand]>,
        slice: Slice<Card>,
    ) -> Result<Slice<Self>> {
        let wanted = |name: TaskExpand| expand.is_some_and(|names| names.contains(&name));
        let mut slice = slice.map(|card| Self::plain(viewer, card));
        if wanted(TaskExpand::People) {
            Self::embed_people(db, viewer, &mut slice.items).await?;
        }
        if wanted(TaskExpand::Project) {
            Self::embed_projects(db, viewer, &mut slice.items).await?;
        }
        Ok(slice)
    }

    async fn embed_people(db: &Db, viewer: &Actor, items: &mut [Self]) -> Result<()> {
        let ids: BTreeSet<UserId> = items.iter().flat_map(|item| everybody(&item.card)).collect();
        let ids: Vec<UserId> = ids.into_iter().collect();
        let found = user::find_all(db.reader(), viewer, &ids).await?;
        let known: BTreeMap<UserId, PersonView> =
            found.iter().map(|user| (user.id, PersonView::from(user))).collect();
        for item in items {
            let people = everybody(&item.card).into_iter().filter_map(|id| known.get(&id).cloned());
            item.people = Some(people.collect());
        }
        Ok(())
    }

    async fn embed_projects(db: &Db, viewer: &Actor, items: &mut [Self]) -> Result<()> {
        let ids: BTreeSet<ProjectId> =
            items.iter().filter_map(|item| item.card.task.fields.project_id).collect();
        let known: BTreeMap<ProjectId, ProjectName> =
            project::names(db.reader(), viewer, ids).await?.into_iter().collect();
        for item in items {
            let id = item.card.task.fields.project_id;
            let view = |id: ProjectId| Some(TaskProjectView { id, name: known.get(&id)?.clone() });
            item.project = id.and_then(view);
        }
        Ok(())
    }

    /// One task with the people whom it embeds.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn one(db: &Db, viewer: &Actor, expand: Option<&[TaskExpand]>, card: Card) -> Result<Self> {
        let single = Slice { items: vec![card], next: None, total: None };
        let mut found = Self::slice(db, viewer, expand, single).await?;
        found.items.pop().ok_or_else(|| Code::Internal.into())
    }
}

/// Everybody with a part.
fn everybody(card: &Card) -> BTreeSet<UserId> {
    card.task.people.parts().map(|(user, _)| user).collect()
}

impl From<Viewed> for TaskView {
    #[expect(clippy::too_many_lines, reason = "a line for each field")]
    fn from(viewed: Viewed) -> Self {
        let Viewed { card, viewer, people, project } = viewed;
        let can = card.task.can(&viewer, card.obstacles);
        let Card { task, root: _, shows_parent, parent: _, counts, mark, obstacles: _, contacts, companies } =
            card;
        let fields = task.fields;
        Self {
            id: task.id,
            title: fields.title,
            description: fields.description,
            status: task.state.status,
            returned: task.state.returned,
            priority: fields.priority,
            project_id: fields.project_id,
            project,
            parent_id: fields.parent_id.filter(|_| shows_parent),
            creator_id: task.people.creator,
            responsible_id: task.people.responsible,
            co_executor_ids: task.people.co_executors.into_iter().collect(),
            observer_ids: task.people.observers.into_iter().collect(),
            reviewer_id: task.people.reviewer,
            people,
            planned_start: fields.planned_start,
            planned_end: fields.planned_end,
            deadline: fields.deadline,
            deferred_until: task.state.deferred_until,
            estimate_minutes: fields.estimate_minutes,
            tags: fields.tags,
            needs_review: fields.needs_review,
            needs_result: fields.needs_result,
            deadline_policy: fields.deadline_policy.into(),
            deadline_moves: task.state.deadline_moves,
            completed_at: task.state.completed.map(|stamp| stamp.at),
            completed_by: task.state.completed.and_then(|stamp| stamp.by),
            approved_at: task.state.approved.map(|stamp| stamp.at),
            approved_by: task.state.approved.and_then(|stamp| stamp.by),
            contacts: contacts.into_iter().map(TaskContactView::from).collect(),
            companies: companies.into_iter().map(TaskCompanyView::from).collect(),
            comment_count: counts.comments,
            unread_count: counts.unread,
            subtask_count: counts.subtasks,
            open_subtask_count: counts.open_subtasks,
            favourite: mark.favourite,
            muted: mark.muted,
            seen_at: mark.seen_at,
            external_source: fields.external_source,
            external_id: fields.external_id,
            can,
            version: task.version,
            created_at: task.created_at,
            updated_at: task.updated.at,
            updated_by: task.updated.by,
            deleted_at: task.trashed.map(|stamp| stamp.at),
        }
    }
}
