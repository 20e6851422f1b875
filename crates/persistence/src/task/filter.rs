//! What a list of tasks can be narrowed to.

use std::collections::BTreeSet;

use artel_domain::{
    actor::{Actor, UserId},
    company::CompanyId,
    contact::ContactId,
    project::ProjectId,
    record::{ExternalId, ExternalSource, Tag},
    search::text_query_words,
    task::{Priority, Role, Sort, Status, TaskId},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    DatabaseBackend, QueryFilter as _, Select,
    sea_query::{Cond, Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr},
};

use super::{
    WORDS, part, rank, row,
    scope::{scope, scope_of_kin},
};
use crate::{
    column::Instant,
    page::{Plan, Total},
    record::{COMPANIES, CONTACTS, Range, Tables, Trash, scope as readable},
    search::{having_all, tag_word, with_any_word},
};

/// Somebody with a part in a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Participant {
    /// Any of these; anybody where none is named and roles are not either.
    pub users: Vec<UserId>,
    /// In any of these parts; in whatever part where none is named.
    pub roles: Vec<Role>,
}

/// What is given narrows, an empty list does not. `None` in a list stands for "not set".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Each word is a prefix of a word of the task.
    pub q: Option<String>,
    /// Standing at one of these.
    pub status: Vec<Status>,
    /// Whether work remains before it is accepted: everything but the completed.
    pub open: Option<bool>,
    /// Whether its deadline has passed by this instant while nobody finished it.
    pub overdue: Option<(bool, DateTime<Utc>)>,
    /// Of one of these priorities.
    pub priority: Vec<Priority>,
    /// Somebody with a part.
    pub participant: Participant,
    /// In one of these projects.
    pub project: Vec<Option<ProjectId>>,
    /// A part of this task, which was found for the viewer.
    pub below: Option<TaskId>,
    /// A part of one of these tasks, as far as the viewer may know of them.
    pub parent: Vec<Option<TaskId>>,
    /// Has one of these tags.
    pub tag: Vec<Tag>,
    /// Concerns one of these contacts, as far as the viewer may read them.
    pub contact: Vec<ContactId>,
    /// Concerns one of these companies, as far as the viewer may read them.
    pub company: Vec<CompanyId>,
    /// Whether it is among the favourites of the viewer.
    pub favourite: Option<bool>,
    /// Whether it is silent for the viewer.
    pub muted: Option<bool>,
    /// When it is due.
    pub deadline: Range,
    /// Also, or only, what has no deadline.
    pub no_deadline: bool,
    /// When it was created.
    pub created: Range,
    /// When it last changed.
    pub updated: Range,
    /// When it was done.
    pub completed: Range,
    /// Comes from this system.
    pub external_source: Option<ExternalSource>,
    /// Has this id there.
    pub external_id: Option<ExternalId>,
    /// Whether to look into the trash.
    pub trash: Trash,
}

fn task(name: &'static str) -> SimpleExpr {
    Expr::col(("task", name))
}

impl Filter {
    /// The range of the index of parts that answers this, if one does.
    pub(super) fn range(&self, sort: Sort) -> Option<part::Range> {
        let open = self.open == Some(true)
            || self.overdue.is_some_and(|(overdue, _)| overdue)
            || (!self.status.is_empty() && !self.status.contains(&Status::Completed));
        let (users, roles) = (self.participant.users.as_slice(), self.participant.roles.as_slice());
        match (sort, open, self.trash, users, roles) {
            (Sort::Deadline, true, Trash::Outside, [user], []) => {
                Some(part::Range { user: *user, role: None })
            }
            (Sort::Deadline, true, Trash::Outside, [user], [role]) => {
                Some(part::Range { user: *user, role: Some(*role) })
            }
            _ => None,
        }
    }

    /// How to plan a page: by its form where it is walked along the range of one participant or of one project, and nothing is
    /// asked for that few of the tasks in it have and that another way would find sooner. To count is not to walk.
    pub(super) fn plan(&self, sort: Sort, total: Total) -> Plan {
        let of_participant = Self { participant: self.participant.clone(), ..self.of_state() };
        let of_project = Self { project: self.project.clone(), ..self.of_state() };
        let is_in_order = matches!(sort, Sort::Deadline | Sort::CreatedAt) && self.trash == Trash::Outside;
        let is_range_of_project = is_in_order && matches!(self.project.as_slice(), [Some(_)]);
        let is_walked = (self.range(sort).is_some() && of_participant == *self)
            || (is_range_of_project && of_project == *self);
        if is_walked && total == Total::Skipped { Plan::ByForm } else { Plan::ByValues }
    }

    /// What of it asks for the state of a task alone.
    fn of_state(&self) -> Self {
        let Self { status, open, overdue, priority, trash, .. } = self.clone();
        Self { status, open, overdue, priority, trash, ..Self::default() }
    }

    pub(super) fn apply(&self, select: Select<row::Entity>, viewer: &Actor) -> Select<row::Entity> {
        let all = Cond::all()
            .add(match self.trash {
                Trash::Outside => task("deleted_at").is_null(),
                Trash::Inside => task("deleted_at").is_not_null(),
            })
            .add(self.standing())
            .add(self.times())
            .add_option(self.below.map(|parent| task("parent_id").eq(parent.0)))
            .add_option(self.parents(viewer))
            .add_option(any_of(&task("project_id"), self.project.iter().map(|id| id.map(|id| id.0))))
            .add_option(linked(
                viewer,
                CONTACTS,
                "task_contact",
                self.contact.iter().map(|id| id.0).collect(),
            ))
            .add_option(linked(
                viewer,
                COMPANIES,
                "task_company",
                self.company.iter().map(|id| id.0).collect(),
            ))
            .add_option(self.favourite.map(|wanted| marked("favourite", wanted)))
            .add_option(self.muted.map(|wanted| marked("muted", wanted)))
            .add_option(self.external_source.as_ref().map(|it| task("external_source").eq(it.as_str())))
            .add_option(self.external_id.as_ref().map(|it| task("external_id").eq(it.as_str())));
        select.filter(self.tags(all))
    }

    fn tags(&self, all: Cond) -> Cond {
        if self.tag.is_empty() {
            return all;
        }
        all.add(task("id").in_subquery(with_any_word(WORDS, self.tag.iter().map(tag_word))))
    }

    fn standing(&self) -> Cond {
        let late = Status::ALL.iter().filter(|status| status.can_be_overdue());
        let overdue = self.overdue.map(|(overdue, now)| {
            let undone = task("status").is_in(late.map(|status| status.as_str()));
            let late = Cond::all().add(undone).add(task("deadline").lte(Instant(now)));
            let late: SimpleExpr = Expr::case(late, true).finally(false).into();
            late.eq(overdue)
        });
        Cond::all()
            .add_option(self.open.map(|open| {
                let statuses = Status::ALL.iter().filter(|status| (**status != Status::Completed) == open);
                task("status").is_in(statuses.map(|status| status.as_str()))
            }))
            .add_option(overdue)
            .add_option(
                (!self.priority.is_empty())
                    .then(|| task("priority").is_in(self.priority.iter().map(|priority| rank(*priority)))),
            )
            .add_option(
                (!self.status.is_empty())
                    .then(|| task("status").is_in(self.status.iter().map(|status| status.as_str()))),
            )
    }

    fn times(&self) -> Cond {
        let deadline = self.deadline.condition(&task("deadline"));
        let deadline = match (self.no_deadline, self.deadline == Range::default()) {
            (false, _) => deadline,
            (true, true) => Cond::all().add(task("deadline").is_null()),
            (true, false) => Cond::any().add(task("deadline").is_null()).add(deadline),
        };
        Cond::all()
            .add(deadline)
            .add(self.created.condition(&task("created_at")))
            .add(self.updated.condition(&task("updated_at")))
            .add(self.completed.condition(&task("completed_at")))
    }

    /// The words that are asked for.
    pub(super) fn words(&self) -> BTreeSet<String> {
        text_query_words(self.q.as_deref().unwrap_or_default())
    }

    /// The tasks that have the words that are asked for, whatever the order that they are walked in.
    pub(super) fn with_words(
        &self,
        backend: DatabaseBackend,
        select: Select<row::Entity>,
    ) -> Select<row::Entity> {
        match having_all(backend, WORDS, &self.words()) {
            Some(having) => select.filter(having),
            None => select,
        }
    }

    /// The tasks in which somebody has a part; what a range answers asks for it by itself.
    pub(super) fn of_participants(&self, select: Select<row::Entity>) -> Select<row::Entity> {
        let Participant { users, roles } = &self.participant;
        if users.is_empty() && roles.is_empty() {
            return select;
        }
        let mut with = Query::select().column("task_id").from("task_member").take();
        if !users.is_empty() {
            with.and_where(Expr::col("user_id").is_in(users.iter().map(|user| user.0)));
        }
        if !roles.is_empty() {
            with.and_where(Expr::col("role").is_in(roles.iter().map(|role| role.as_str())));
        }
        select.filter(task("id").in_subquery(with))
    }

    /// A parent that the viewer may not know of is none that one can ask for, and none at all.
    fn parents(&self, viewer: &Actor) -> Option<Cond> {
        let named: Vec<i64> = self.parent.iter().flatten().map(|id| id.0).collect();
        let visible = |ids: Vec<i64>| -> SelectStatement {
            Query::select()
                .column(("above", "id"))
                .from_as("task", "above")
                .and_where(Expr::col(("above", "id")).is_in(ids))
                .cond_where(scope("above", viewer))
                .take()
        };
        let below = (!named.is_empty()).then(|| task("parent_id").in_subquery(visible(named)));
        let at_top = self.parent.contains(&None).then(|| {
            let shown = Query::select()
                .expr(Expr::val(1))
                .from_as("task", "above")
                .and_where(Expr::col(("above", "id")).equals(("task", "parent_id")))
                .cond_where(scope_of_kin("above", viewer))
                .take();
            Cond::any().add(task("parent_id").is_null()).add(Expr::exists(shown).not())
        });
        (!self.parent.is_empty()).then(|| Cond::any().add_option(below).add_option(at_top))
    }
}

fn any_of(column: &SimpleExpr, ids: impl Iterator<Item = Option<i64>>) -> Option<Cond> {
    let ids: Vec<Option<i64>> = ids.collect();
    let named: Vec<i64> = ids.iter().flatten().copied().collect();
    let set = (!named.is_empty()).then(|| column.clone().is_in(named));
    let unset = ids.contains(&None).then(|| column.clone().is_null());
    (!ids.is_empty()).then(|| Cond::any().add_option(set).add_option(unset))
}

/// The tasks that concern one of these records, as far as the viewer may read them.
fn linked(viewer: &Actor, tables: Tables, link: &'static str, ids: Vec<i64>) -> Option<SimpleExpr> {
    if ids.is_empty() {
        return None;
    }
    let readable = Query::select()
        .column((tables.record, "id"))
        .from(tables.record)
        .and_where(Expr::col((tables.record, "id")).is_in(ids))
        .and_where(Expr::col((tables.record, "deleted_at")).is_null())
        .cond_where(readable(tables, viewer))
        .take();
    let with = Query::select()
        .column("task_id")
        .from(link)
        .and_where(Expr::col(tables.reference).in_subquery(readable))
        .take();
    Some(task("id").in_subquery(with))
}

/// What the viewer marked; the marks stand beside the task already.
fn marked(mark: &'static str, wanted: bool) -> SimpleExpr {
    Expr::expr(Expr::col(("mark", mark))).if_null(false).eq(wanted)
}
