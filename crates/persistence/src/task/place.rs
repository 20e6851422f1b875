//! The place of a task: its project, as far as it decides about the task, out of rows that stand beside it.

use artel_domain::{
    actor::{Actor, UserId},
    project::{Privacy, ProjectId, ProjectRole},
    task::Place,
    time_zone::TimeZone,
};
use chrono::NaiveDate;
use sea_orm::{
    DatabaseBackend, FromQueryResult,
    sea_query::{Asterisk, Cond, Expr, ExprTrait as _, JoinType, Query, SelectStatement, SimpleExpr},
};

use serde::Deserialize;

use crate::{
    column::{Instant, Text},
    department::people_below,
    error::Result,
    json,
    page::Plan,
};

fn col(table: &'static str, name: &'static str) -> SimpleExpr {
    Expr::col((table, name))
}

/// How rows come to stand beside a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// As the planner thinks best, which may be to read whole tables and sort.
    Joined,
    /// Looked up for each task on its way, which keeps the order of a walk.
    LookedUp,
}

impl Beside {
    /// What goes with a plan. SQLite looks up whatever it joins from the left.
    pub(super) fn of(backend: DatabaseBackend, plan: Plan) -> Self {
        match (backend, plan) {
            (DatabaseBackend::Postgres, Plan::ByForm) => Self::LookedUp,
            _ => Self::Joined,
        }
    }

    fn put(self, select: &mut SelectStatement, table: &'static str, alias: &'static str, on: Cond) {
        match self {
            Self::Joined => select.join_as(JoinType::LeftJoin, table, alias, on),
            Self::LookedUp => {
                // The offset keeps the planner from making a join of it again.
                let row =
                    Query::select().column(Asterisk).from_as(table, alias).cond_where(on).offset(0).take();
                select.join_lateral(JoinType::LeftJoin, row, alias, Expr::cust("TRUE"))
            }
        };
    }
}

/// The project outside the trash, the parts of the viewer and of the creator in it, and the marks of the viewer: one row of
/// each at the most.
pub(super) fn join(select: &mut SelectStatement, viewer: &Actor, beside: Beside) {
    let project = Cond::all()
        .add(Expr::col(("place", "id")).equals(("task", "project_id")))
        .add(col("place", "deleted_at").is_null());
    let mark = Cond::all()
        .add(Expr::col(("mark", "task_id")).equals(("task", "id")))
        .add(col("mark", "user_id").eq(viewer.user.0));
    beside.put(select, "project", "place", project);
    join_members(select, viewer, col("task", "creator_id"), beside);
    beside.put(select, "task_mark", "mark", mark);
}

/// The parts of the viewer and of the creator in the project that stands beside as `place`.
pub(super) fn join_members(
    select: &mut SelectStatement,
    viewer: &Actor,
    creator: SimpleExpr,
    beside: Beside,
) {
    let member = |alias: &'static str, user: SimpleExpr| {
        Cond::all()
            .add(Expr::col((alias, "project_id")).equals(("place", "id")))
            .add(col(alias, "user_id").eq(user))
    };
    beside.put(select, "project_member", "inside", member("inside", viewer.user.0.into()));
    beside.put(select, "project_member", "author", member("author", creator));
}

/// The project as far as it decides about the task, out of what stands beside it.
pub(super) fn place(backend: DatabaseBackend, viewer: &Actor) -> [(&'static str, SimpleExpr); 11] {
    let lead = [ProjectRole::Owner, ProjectRole::Moderator].map(ProjectRole::as_str);
    let leaders = Query::select()
        .from_as("project_member", "leader")
        .and_where(col("leader", "project_id").equals(("place", "id")))
        .and_where(col("leader", "role").is_in(lead))
        .take();
    let below = col("leader", "user_id").in_subquery(people_below(viewer.user));
    let leader = [col("leader", "user_id"), col("leader", "role"), below];
    [
        ("place_id", col("place", "id")),
        ("place_privacy", col("place", "privacy")),
        ("place_archived_at", col("place", "archived_at")),
        ("place_mine", col("inside", "role")),
        ("place_create_tasks", col("place", "may_create_tasks")),
        ("place_edit_tasks", col("place", "may_edit_tasks")),
        ("place_starts_on", col("place", "starts_on")),
        ("place_ends_on", col("place", "ends_on")),
        ("place_author", col("author", "user_id")),
        ("place_leaders", json::rows(backend, &leader, leaders)),
        ("place_zone", zone()),
    ]
}

/// The zone in which days are reckoned.
fn zone() -> SimpleExpr {
    let zone = Query::select().column("time_zone").from("organisation").take();
    SimpleExpr::SubQuery(None, Box::new(zone.into()))
}

/// The columns of [`place`]: empty outside of projects.
#[derive(FromQueryResult)]
#[expect(
    clippy::struct_field_names,
    reason = "they are named as the columns that stand beside those of the task"
)]
pub(super) struct StoredPlace {
    place_id: Option<i64>,
    place_privacy: Option<Text<Privacy>>,
    place_archived_at: Option<Instant>,
    place_mine: Option<Text<ProjectRole>>,
    place_create_tasks: Option<Text<ProjectRole>>,
    place_edit_tasks: Option<Text<ProjectRole>>,
    place_starts_on: Option<NaiveDate>,
    place_ends_on: Option<NaiveDate>,
    place_author: Option<i64>,
    place_leaders: String,
    place_zone: Text<TimeZone>,
}

/// Somebody who leads a project, and whether they are below the viewer.
#[derive(Deserialize)]
struct StoredLeader(i64, String, #[serde(deserialize_with = "json::flag")] bool);

impl StoredPlace {
    /// Those who lead the project and are below the viewer: they may stand in for a reviewer.
    pub(super) fn leaders_below(&self) -> Result<impl Iterator<Item = UserId>> {
        let leaders: Vec<StoredLeader> = json::read(&self.place_leaders)?;
        Ok(leaders.into_iter().filter(|leader| leader.2).map(|leader| UserId(leader.0)))
    }

    /// The place, if it is one.
    pub(super) fn read(&self) -> Result<Option<Place>> {
        let Self {
            place_id: Some(id),
            place_privacy: Some(privacy),
            place_create_tasks: Some(create_tasks),
            place_edit_tasks: Some(edit_tasks),
            ..
        } = self
        else {
            return Ok(None);
        };
        let mut leaders: Vec<StoredLeader> = json::read(&self.place_leaders)?;
        leaders
            .sort_unstable_by_key(|StoredLeader(user, role, _)| (role != ProjectRole::Owner.as_str(), *user));
        Ok(Some(Place {
            project: ProjectId(*id),
            privacy: privacy.0,
            archived: self.place_archived_at.is_some(),
            mine: self.place_mine.map(|role| role.0),
            create_tasks: create_tasks.0,
            edit_tasks: edit_tasks.0,
            starts_on: self.place_starts_on,
            ends_on: self.place_ends_on,
            zone: self.place_zone.0,
            creator_is_member: self.place_author.is_some(),
            leaders: leaders.into_iter().map(|leader| UserId(leader.0)).collect(),
        }))
    }
}
