//! Who sees which tasks, inside a query. The rule itself is the one of [`artel_domain::task::Task::standing`]; a test
//! compares the two.

use artel_domain::{
    actor::{Actor, Role},
    project::Privacy,
};
use sea_orm::sea_query::{Cond, Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr};

use crate::{department::people_below, project};

/// The tasks of the table, or of its alias, that an actor may read. Whatever is added to it narrows it further.
#[must_use]
pub(crate) fn scope(table: &'static str, actor: &Actor) -> Cond {
    let project = || -> SimpleExpr { Expr::col((table, "project_id")) };
    let in_mine = project().in_subquery(project::mine(actor));
    let in_open = project().in_subquery(project::open());
    reached(table, actor, in_mine, in_open)
}

/// The same, where the project of the table `task` and the part of the actor in it stand beside it as `place` and
/// `inside`: nothing has to be looked up that grows with the number of projects.
pub(super) fn scope_in_place(actor: &Actor) -> Cond {
    reached("task", actor, is_inside(), is_open())
}

/// The projects `place` whose content an actor reads, where the actor's part in it stands beside it as `inside`.
pub(super) fn scope_of_place(actor: &Actor) -> Cond {
    let alternatives = match actor.role {
        Role::Guest => Cond::any().add(is_inside()),
        Role::Admin | Role::Employee => Cond::any().add(is_inside()).add(is_open()),
    };
    Cond::all().add(alternatives)
}

fn is_inside() -> SimpleExpr {
    Expr::col(("inside", "user_id")).is_not_null()
}

fn is_open() -> SimpleExpr {
    Expr::col(("place", "privacy")).eq(Privacy::Open.as_str())
}

/// What lies in the actor's projects; for the staff also what lies in open ones, and outside of projects that in which they,
/// or people below them, have a part, or everything for administrators.
fn reached(table: &'static str, actor: &Actor, in_mine: SimpleExpr, in_open: SimpleExpr) -> Cond {
    let alternatives = match actor.role {
        Role::Guest => Cond::any().add(in_mine),
        Role::Admin | Role::Employee => {
            Cond::any().add(in_mine).add(in_open).add(outside_of_projects(table, actor))
        }
    };
    // Not the alternatives themselves: adding to those would widen them.
    Cond::all().add(alternatives)
}

fn outside_of_projects(table: &'static str, actor: &Actor) -> SimpleExpr {
    let outside = Expr::col((table, "project_id")).is_null();
    match actor.role {
        Role::Admin => outside,
        Role::Employee | Role::Guest => outside.and(Expr::exists(part_of_mine(table, actor))),
    }
}

/// Of the parts, or of the whole, of a task that an actor may read, those that the actor may read: inside a project all,
/// because they lie in the same one.
pub(super) fn scope_of_kin(table: &'static str, actor: &Actor) -> Cond {
    let inside = Expr::col((table, "project_id")).is_not_null();
    Cond::all().add(Cond::any().add(inside).add(outside_of_projects(table, actor)))
}

/// The parts in a task that the actor, or somebody below them, has.
fn part_of_mine(table: &'static str, actor: &Actor) -> SelectStatement {
    let user = || -> SimpleExpr { Expr::col(("part", "user_id")) };
    Query::select()
        .expr(Expr::val(1))
        .from_as("task_member", "part")
        .and_where(Expr::col(("part", "task_id")).equals((table, "id")))
        .cond_where(
            Cond::any().add(user().eq(actor.user.0)).add(user().in_subquery(people_below(actor.user))),
        )
        .take()
}
