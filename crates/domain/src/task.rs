//! Tasks: work that people hand each other. This file says what a task is; who may do what stands in `permission`,
//! what follows from what in `status`.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::{
    activity::{ObjectKind, ObjectRef},
    actor::UserId,
    error::{Conflict, Result},
    id,
    project::{Privacy, ProjectId, ProjectRole},
    record::{ExternalId, ExternalSource, Stamp, Tag},
    search::{self, Piece},
    text,
    time_zone::TimeZone,
    words,
};

mod create;
mod deadline;
mod edit;
mod people;
mod permission;
mod result;
mod role;
mod status;
mod tree;

pub use create::{Crew, Draft, check_may_create};
pub use deadline::DeadlinePolicy;
pub use edit::{Edit, Reviewer, Surroundings};
pub use people::People;
pub use permission::{Action, Relation, Standing, check, who};
pub use result::{Target, TaskResult};
pub use role::{Hand, Part, misfits};
pub use status::{Command, Done, Obstacles, Transition, VERBS, row, wake};
pub use tree::{MOST_LEVELS, Spot, Step};

id! {
    /// A task.
    TaskId,
    /// What somebody gave as the result of a task.
    ResultId,
}

text! {
    /// What is to be done, in a line.
    TaskTitle(1..=250)
}

text! {
    /// What is to be done, in Markdown.
    TaskDescription(1..=50000) block
}

text! {
    /// Why something was done: the reason of a return or of a new deadline, the note of a delegation.
    Reason(1..=2000) block
}

text! {
    /// What came of a task, in Markdown.
    ResultText(1..=20000) block
}

words! {
    /// Where a task stands.
    pub enum Status {
        /// Nobody works on it yet, or not at the moment.
        Pending = "pending",
        /// Somebody works on it.
        InProgress = "in_progress",
        /// It is put off.
        Deferred = "deferred",
        /// It is done, and waits for its reviewer.
        InReview = "in_review",
        /// It is done.
        Completed = "completed",
    }
}

impl Status {
    /// Whether work remains: such a subtask keeps its parent from being completed.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Pending | Self::InProgress | Self::Deferred => true,
            Self::InReview | Self::Completed => false,
        }
    }

    /// Whether a deadline that passes is missed: somebody should be at it, and nobody put it off.
    #[must_use]
    pub const fn can_be_overdue(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress)
    }

    /// Whether the work is done, accepted or not.
    #[must_use]
    pub const fn is_done(self) -> bool {
        !self.is_open()
    }
}

words! {
    /// How much a task matters.
    pub enum Priority {
        /// It can wait.
        Low = "low",
        /// As everything.
        Normal = "normal",
        /// Before the rest.
        High = "high",
    }
}

words! {
    /// A part that someone has in a task.
    pub enum Role {
        /// Who set it.
        Creator = "creator",
        /// Who sees to it that it is done: exactly one.
        Responsible = "responsible",
        /// Who works on it too.
        CoExecutor = "co_executor",
        /// Who accepts it: the creator unless set.
        Reviewer = "reviewer",
        /// Who follows it.
        Observer = "observer",
    }
}

words! {
    /// What a list of tasks can be sorted by.
    pub enum Sort {
        /// When it is due; those without a deadline last.
        Deadline = "deadline",
        /// When it was created.
        CreatedAt = "created_at",
        /// When it last changed.
        UpdatedAt = "updated_at",
        /// When it was done; those that are not last.
        CompletedAt = "completed_at",
        /// How much it matters, the least first.
        Priority = "priority",
        /// The title, letters folded.
        Title = "title",
    }
}

words! {
    /// What a history can be sorted by.
    pub enum HistorySort {
        /// When it happened.
        At = "at",
    }
}

/// What can be edited of a task. Its status and its people change in ways of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskFields {
    /// What is to be done, in a line.
    pub title: TaskTitle,
    /// What is to be done, at length.
    pub description: Option<TaskDescription>,
    /// How much it matters.
    pub priority: Priority,
    /// The project that it belongs to.
    pub project_id: Option<ProjectId>,
    /// The task that it is a part of.
    pub parent_id: Option<TaskId>,
    /// When work is to begin.
    pub planned_start: Option<DateTime<Utc>>,
    /// When work is to end.
    pub planned_end: Option<DateTime<Utc>>,
    /// When it is due.
    pub deadline: Option<DateTime<Utc>>,
    /// How long it should take, in minutes.
    pub estimate_minutes: Option<u32>,
    /// Words to group by.
    pub tags: Vec<Tag>,
    /// Whether the reviewer must accept it.
    pub needs_review: bool,
    /// Whether it is completed only with a result.
    pub needs_result: bool,
    /// How far the responsible person may move the deadline.
    pub deadline_policy: DeadlinePolicy,
    /// The system that it was taken from.
    pub external_source: Option<ExternalSource>,
    /// Its id in that system.
    pub external_id: Option<ExternalId>,
}

/// The most minutes of an estimate: ten years of days and nights.
pub const MOST_MINUTES: u32 = 5_256_000;
/// The most co-executors, and the most observers, of a task.
pub const MOST_PEOPLE: usize = 100;

impl TaskFields {
    /// A task of which nothing is known but what is to be done.
    #[must_use]
    pub const fn of(title: TaskTitle) -> Self {
        Self {
            title,
            description: None,
            priority: Priority::Normal,
            project_id: None,
            parent_id: None,
            planned_start: None,
            planned_end: None,
            deadline: None,
            estimate_minutes: None,
            tags: Vec::new(),
            needs_review: false,
            needs_result: false,
            deadline_policy: DeadlinePolicy::DEFAULT,
            external_source: None,
            external_id: None,
        }
    }

    /// The words by which it is found: those of its title first.
    #[must_use]
    pub fn search_words(&self) -> BTreeSet<String> {
        let tags = self.tags.iter().map(|tag| Piece::Text(tag.as_str()));
        let description = self.description.iter().map(|text| Piece::Text(text.as_str()));
        search::words([Piece::Text(self.title.as_str())].into_iter().chain(tags).chain(description))
    }

    /// The key by which tasks are sorted by title.
    #[must_use]
    pub fn title_key(&self) -> String {
        search::name_key([self.title.as_str()])
    }
}

/// Where a task stands, and how it came there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Where it stands.
    pub status: Status,
    /// Whether its reviewer gave it back and nobody took it up since.
    pub returned: bool,
    /// Until when it is put off, where that was said.
    pub deferred_until: Option<DateTime<Utc>>,
    /// When and by whom it was done.
    pub completed: Option<Stamp>,
    /// When and by whom it was accepted.
    pub approved: Option<Stamp>,
    /// When a completed task was last opened again: results from before count no more.
    pub reopened_at: Option<DateTime<Utc>>,
    /// How often the responsible person moved the deadline.
    pub deadline_moves: u32,
}

impl State {
    /// How a task begins.
    pub const NEW: Self = Self {
        status: Status::Pending,
        returned: false,
        deferred_until: None,
        completed: None,
        approved: None,
        reopened_at: None,
        deadline_moves: 0,
    };
}

/// The project of a task, as far as it decides about the task, and what the one who looks is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which one.
    pub project: ProjectId,
    /// Who else may know of it.
    pub privacy: Privacy,
    /// Whether it is closed for changes.
    pub archived: bool,
    /// What the one who looks is in it.
    pub mine: Option<ProjectRole>,
    /// The least part that creates tasks.
    pub create_tasks: ProjectRole,
    /// The least part that edits the tasks of others.
    pub edit_tasks: ProjectRole,
    /// The first day.
    pub starts_on: Option<NaiveDate>,
    /// The last day.
    pub ends_on: Option<NaiveDate>,
    /// The zone in which its days are reckoned: the organisation's.
    pub zone: TimeZone,
    /// Whether the creator of the task is a member.
    pub creator_is_member: bool,
    /// Who stands in for a reviewer who left, the owner first.
    pub leaders: Vec<UserId>,
}

/// A task as it stands, seen by someone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What can be edited.
    pub fields: TaskFields,
    /// Who has which part.
    pub people: People,
    /// Where it stands.
    pub state: State,
    /// Where it lies; nowhere outside of projects.
    pub place: Option<Place>,
    /// The participants who are among the people below the one who looks.
    pub below: BTreeSet<UserId>,
    /// Raised by one with each change of its fields, its people and its status.
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed, and by whom; nobody where it was the system.
    pub updated: Stamp,
    /// Since when it lies in the trash.
    pub trashed: Option<Stamp>,
}

impl Task {
    /// How activities name a task.
    #[must_use]
    pub const fn object(id: TaskId) -> ObjectRef {
        ObjectRef { kind: ObjectKind::Task, id: id.0 }
    }

    /// Who accepts the task: whoever was named, or else its creator. A creator who has left the project, or who works on
    /// what is to be reviewed, is stood in for by the leaders of the project: the owner, or where the owner works on
    /// it, the moderators. Outside of projects nobody stands in: nobody reviews their own work.
    #[must_use]
    pub fn reviewers(&self) -> Vec<UserId> {
        if let Some(reviewer) = self.people.reviewer {
            return vec![reviewer];
        }
        let creator = self.people.creator;
        let is_reviewed = self.fields.needs_review || self.state.status == Status::InReview;
        let has_left =
            self.place.as_ref().is_some_and(|it| it.privacy != Privacy::Open && !it.creator_is_member);
        let reviews_own_work = is_reviewed && self.people.work(creator);
        if !has_left && !reviews_own_work {
            return vec![creator];
        }
        let free = |user: &&UserId| !self.people.work(**user);
        match self.place.as_ref().and_then(|place| place.leaders.split_first()) {
            Some((owner, _)) if free(&owner) => vec![*owner],
            Some((_, moderators)) => moderators.iter().filter(free).copied().collect(),
            None => Vec::new(),
        }
    }

    /// Lets nobody change what lies in the trash or in an archived project.
    fn check_place(&self) -> Result<()> {
        if self.trashed.is_some() {
            return Err(Conflict::Trashed.into());
        }
        self.check_archive()
    }

    /// Lets nobody add words to what lies in the trash or in an archived project.
    pub(crate) fn check_open_to_words(&self) -> Result<()> {
        self.check_place()
    }

    fn check_archive(&self) -> Result<()> {
        if self.place.as_ref().is_some_and(|place| place.archived) {
            return Err(Conflict::Archived.into());
        }
        Ok(())
    }

    fn touch(&mut self, by: Option<UserId>, now: DateTime<Utc>) {
        self.version += 1;
        self.updated = Stamp { at: now, by };
    }
}

#[cfg(test)]
mod tests;
