//! What is sent to create and to change a task.

use artel_domain::{
    actor::UserId,
    company::CompanyId,
    contact::ContactId,
    project::ProjectId,
    record::{ExternalId, ExternalSource, Tag},
    task::{DeadlinePolicy, Priority, Reason, TaskDescription, TaskFields, TaskId, TaskTitle},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use super::create::Named;
use crate::{
    patch::{Patch, set},
    record::kept,
};

/// How far the responsible person may move the deadline: what is absent stays, `null` clears.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"responsible_may_move": true, "latest": null, "most_moves": 2, "reason_required": true}))]
pub struct EditDeadlinePolicy {
    /// Whether they may move it at all.
    #[serde(default)]
    #[schema(nullable = false)]
    responsible_may_move: Option<bool>,
    /// How far at most.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    latest: Patch<DateTime<Utc>>,
    /// How often at most.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 1000)]
    most_moves: Patch<u32>,
    /// Whether they must say why, in `deadline_reason`.
    #[serde(default)]
    #[schema(nullable = false)]
    reason_required: Option<bool>,
}

impl EditDeadlinePolicy {
    fn apply(self, policy: &mut DeadlinePolicy) {
        let Self { responsible_may_move, latest, most_moves, reason_required } = self;
        set(&mut policy.responsible_may_move, responsible_may_move);
        latest.map(kept).apply(&mut policy.latest);
        most_moves.apply(&mut policy.most_moves);
        set(&mut policy.reason_required, reason_required);
    }
}

/// A task to create.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "Print the badges", "description": "200 of them, **with** the sponsor's logo.", "priority": "high",
    "responsible_id": 2, "co_executor_ids": [3], "observer_ids": [4], "deadline": "2030-01-15T15:00:00Z",
    "estimate_minutes": 90, "tags": ["demo day"], "needs_review": true
}))]
pub struct CreateTask {
    /// What is to be done, in a line.
    title: TaskTitle,
    /// What is to be done, at length.
    #[serde(default)]
    description: Option<TaskDescription>,
    /// How much it matters.
    #[serde(default)]
    #[schema(nullable = false)]
    priority: Option<Priority>,
    /// The project that it is to lie in; that of its parent unless told otherwise.
    #[serde(default)]
    pub(super) project_id: Option<ProjectId>,
    /// The task that it is a part of.
    #[serde(default)]
    pub(super) parent_id: Option<TaskId>,
    /// Who sees to it that it is done; the caller unless told otherwise.
    #[serde(default)]
    #[schema(nullable = false)]
    responsible_id: Option<UserId>,
    /// Who works on it too.
    #[serde(default)]
    #[schema(max_items = 100)]
    co_executor_ids: Vec<UserId>,
    /// Who follows it.
    #[serde(default)]
    #[schema(max_items = 100)]
    observer_ids: Vec<UserId>,
    /// Who accepts it; the caller unless told otherwise. It must be somebody who does not work on it.
    #[serde(default)]
    reviewer_id: Option<UserId>,
    /// When work is to begin.
    #[serde(default)]
    planned_start: Option<DateTime<Utc>>,
    /// When work is to end.
    #[serde(default)]
    planned_end: Option<DateTime<Utc>>,
    /// When it is due.
    #[serde(default)]
    deadline: Option<DateTime<Utc>>,
    /// How long it should take, in minutes.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 5_256_000)]
    estimate_minutes: Option<u32>,
    /// Words to group by; case and accents do not make a difference.
    #[serde(default)]
    #[schema(max_items = 50)]
    tags: Vec<Tag>,
    /// Whether its reviewer must accept it.
    #[serde(default)]
    #[schema(default = false)]
    needs_review: bool,
    /// Whether it is completed only with a result.
    #[serde(default)]
    #[schema(default = false)]
    needs_result: bool,
    /// How far the responsible person may move the deadline; not at all unless told otherwise.
    #[serde(default)]
    #[schema(nullable = false)]
    deadline_policy: Option<EditDeadlinePolicy>,
    /// The contacts that it concerns.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub(super) contact_ids: Vec<ContactId>,
    /// The companies that it concerns.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub(super) company_ids: Vec<CompanyId>,
    /// The system that the task was taken from.
    #[serde(default)]
    external_source: Option<ExternalSource>,
    /// Its id in that system; unique together with the system.
    #[serde(default)]
    external_id: Option<ExternalId>,
}

impl CreateTask {
    /// The people whom it names.
    pub(super) fn people(&self, creator: UserId) -> Named {
        Named {
            responsible: self.responsible_id.unwrap_or(creator),
            co_executors: self.co_executor_ids.clone(),
            observers: self.observer_ids.clone(),
            reviewer: self.reviewer_id,
        }
    }

    /// The fields of the task, in the project that it is to lie in.
    pub(super) fn fields(self, project: Option<ProjectId>) -> TaskFields {
        let mut fields = TaskFields::of(self.title);
        fields.description = self.description;
        set(&mut fields.priority, self.priority);
        fields.project_id = project;
        fields.parent_id = self.parent_id;
        fields.planned_start = self.planned_start.map(kept);
        fields.planned_end = self.planned_end.map(kept);
        fields.deadline = self.deadline.map(kept);
        fields.estimate_minutes = self.estimate_minutes;
        fields.tags = self.tags;
        fields.needs_review = self.needs_review;
        fields.needs_result = self.needs_result;
        if let Some(policy) = self.deadline_policy {
            policy.apply(&mut fields.deadline_policy);
        }
        fields.external_source = self.external_source;
        fields.external_id = self.external_id;
        fields
    }
}

/// A task to change (JSON Merge Patch): what is absent stays, `null` clears.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"priority": "normal", "deadline": "2030-01-20T15:00:00Z", "tags": ["demo day", "print"]}))]
pub struct EditTask {
    /// What is to be done, in a line.
    #[serde(default)]
    #[schema(nullable = false)]
    title: Option<TaskTitle>,
    /// What is to be done, at length.
    #[serde(default)]
    #[schema(value_type = Option<TaskDescription>)]
    description: Patch<TaskDescription>,
    /// How much it matters.
    #[serde(default)]
    #[schema(nullable = false)]
    priority: Option<Priority>,
    /// The project that it is to lie in: everybody with a part in the task must be able to have it there. Its subtasks move
    /// with it.
    #[serde(default)]
    #[schema(value_type = Option<ProjectId>)]
    project_id: Patch<ProjectId>,
    /// The task that it is to be a part of. It moves to the project of that one.
    #[serde(default)]
    #[schema(value_type = Option<TaskId>)]
    parent_id: Patch<TaskId>,
    /// Who accepts it; its creator where nobody is named.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    reviewer_id: Patch<UserId>,
    /// When work is to begin.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    planned_start: Patch<DateTime<Utc>>,
    /// When work is to end.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    planned_end: Patch<DateTime<Utc>>,
    /// When it is due.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    deadline: Patch<DateTime<Utc>>,
    /// Why the deadline moves; it is kept in the history of the task.
    #[serde(default)]
    #[schema(nullable = false)]
    pub(super) deadline_reason: Option<Reason>,
    /// How long it should take, in minutes.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 5_256_000)]
    estimate_minutes: Patch<u32>,
    /// Words to group by: replaces the whole list.
    #[serde(default)]
    #[schema(nullable = false, max_items = 50)]
    tags: Option<Vec<Tag>>,
    /// Whether its reviewer must accept it.
    #[serde(default)]
    #[schema(nullable = false)]
    needs_review: Option<bool>,
    /// Whether it is completed only with a result.
    #[serde(default)]
    #[schema(nullable = false)]
    needs_result: Option<bool>,
    /// How far the responsible person may move the deadline.
    #[serde(default)]
    #[schema(nullable = false)]
    deadline_policy: Option<EditDeadlinePolicy>,
    /// The system that the task was taken from.
    #[serde(default)]
    #[schema(value_type = Option<ExternalSource>)]
    external_source: Patch<ExternalSource>,
    /// Its id in that system; unique together with the system.
    #[serde(default)]
    #[schema(value_type = Option<ExternalId>)]
    external_id: Patch<ExternalId>,
}

impl EditTask {
    /// Where it is to lie, as far as that is named; nothing where it stays where it is.
    pub(super) fn destination(&self) -> Option<(Option<TaskId>, Option<ProjectId>)> {
        let moves = self.parent_id != Patch::Absent || self.project_id != Patch::Absent;
        moves.then(|| (self.parent_id.sent().copied(), self.project_id.sent().copied()))
    }

    /// Whether the project is named.
    pub(super) fn names_project(&self) -> bool {
        self.project_id != Patch::Absent
    }

    /// The reviewer that is named, or that nobody is to be named.
    pub(super) const fn reviewer(&self) -> Patch<UserId> {
        self.reviewer_id
    }

    /// Does to the fields what was sent.
    pub(super) fn apply(self, fields: &mut TaskFields) {
        set(&mut fields.title, self.title);
        self.description.apply(&mut fields.description);
        set(&mut fields.priority, self.priority);
        self.project_id.apply(&mut fields.project_id);
        self.parent_id.apply(&mut fields.parent_id);
        self.planned_start.map(kept).apply(&mut fields.planned_start);
        self.planned_end.map(kept).apply(&mut fields.planned_end);
        self.deadline.map(kept).apply(&mut fields.deadline);
        self.estimate_minutes.apply(&mut fields.estimate_minutes);
        set(&mut fields.tags, self.tags);
        set(&mut fields.needs_review, self.needs_review);
        set(&mut fields.needs_result, self.needs_result);
        if let Some(policy) = self.deadline_policy {
            policy.apply(&mut fields.deadline_policy);
        }
        self.external_source.apply(&mut fields.external_source);
        self.external_id.apply(&mut fields.external_id);
    }
}
