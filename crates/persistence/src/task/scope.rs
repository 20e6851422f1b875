//! Who sees which tasks, inside a query. The rule itself is the one of [`artel_domain::task::Task::standing`]; a test
//! compares the two.

use artel_domain::actor::{Actor, Role};
use sea_orm::sea_query::{Cond, Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr};

use crate::{department::people_below, project};

/// The tasks of the table, or of its alias, that an actor may read: those in their projects; for the staff also those in
/// open projects, and outside of projects those in which they, or people below them, have a part, or all of them for
/// administrators. Whatever is added to it narrows it further.
#[must_use]
pub(crate) fn scope(table: &'static str, actor: &Actor) -> Cond {
    let project = || -> SimpleExpr { Expr::col((table, "project_id")) };
    let mine = project().in_subquery(project::mine(actor));
    let outside = match actor.role {
        Role::Guest => return Cond::all().add(mine),
        Role::Admin => project().is_null(),
        Role::Employee => project().is_null().and(Expr::exists(part_of_mine(table, actor))),
    };
    let reached = Cond::any().add(outside).add(mine).add(project().in_subquery(project::open()));
    // Not the alternatives themselves: adding to those would widen them.
    Cond::all().add(reached)
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
