//! Who may know of which project, inside queries. The rule is the table of [`artel_domain::project::who`]: what it says
//! of people outside is asked once for each privacy, and a member may do whatever is asked here.

use artel_domain::{
    actor::{Actor, Role, UserId},
    project::{Permissions, Privacy, ProjectAction, Standing, check},
};
use sea_orm::sea_query::{Cond, Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr};

fn column(name: &'static str) -> SimpleExpr {
    Expr::col(("project", name))
}

/// The projects that the viewer may view, or read: those of their own, and those of a privacy that lets them from
/// outside. Whatever is added to it narrows it further.
pub(super) fn scope(viewer: &Actor, action: ProjectAction) -> Cond {
    let is_own = column("id").in_subquery(memberships(viewer.user));
    let outside = column("privacy").is_in(from_outside(viewer, action));
    Cond::all().add(Cond::any().add(is_own).add(outside))
}

/// The projects outside the trash whose content the viewer may read.
pub(crate) fn readable(viewer: &Actor) -> Cond {
    scope(viewer, ProjectAction::Read).add(column("deleted_at").is_null())
}

/// The privacies that let the viewer do this from outside.
fn from_outside(viewer: &Actor, action: ProjectAction) -> Vec<&'static str> {
    let lets = |privacy: &Privacy| {
        check(&Standing::new(viewer.role, *privacy, None), &Permissions::DEFAULT, action).is_ok()
    };
    Privacy::ALL.iter().copied().filter(lets).map(Privacy::as_str).collect()
}

/// The ids of the projects in which a user has a part, the trash included.
pub(super) fn memberships(user: UserId) -> SelectStatement {
    Query::select()
        .column("project_id")
        .from("project_member")
        .and_where(Expr::col("user_id").eq(user.0))
        .take()
}

/// The ids of the projects outside the trash in which the viewer has a part.
#[must_use]
pub fn mine(viewer: &Actor) -> SelectStatement {
    live().and_where(column("id").in_subquery(memberships(viewer.user))).take()
}

/// The ids of the open projects outside the trash.
#[must_use]
pub fn open() -> SelectStatement {
    live().and_where(column("privacy").eq(Privacy::Open.as_str())).take()
}

fn live() -> SelectStatement {
    Query::select().expr(column("id")).from("project").and_where(column("deleted_at").is_null()).take()
}

/// The ids of the people who share a project outside the trash with the viewer.
pub(crate) fn shares_with(viewer: &Actor) -> SelectStatement {
    Query::select()
        .column("user_id")
        .from("project_member")
        .and_where(Expr::col("project_id").in_subquery(mine(viewer)))
        .take()
}

/// What the viewer is in each project.
pub(super) fn part_of(viewer: &Actor) -> SimpleExpr {
    let part = members().column("role").and_where(Expr::col("user_id").eq(viewer.user.0)).take();
    SimpleExpr::SubQuery(None, Box::new(part.into()))
}

/// How many members each project has.
pub(super) fn size() -> SimpleExpr {
    let count = members().expr(Expr::cust("count(*)")).take();
    SimpleExpr::SubQuery(None, Box::new(count.into()))
}

fn members() -> SelectStatement {
    Query::select()
        .from("project_member")
        .and_where(Expr::col(("project_member", "project_id")).equals(("project", "id")))
        .take()
}

/// Whether the owner of each project can still lead it.
pub(super) fn owner_is_active() -> SimpleExpr {
    let fit = Query::select()
        .expr(Expr::val(1))
        .from("user")
        .and_where(Expr::col(("user", "id")).equals(("project", "owner_id")))
        .and_where(Expr::col(("user", "role")).ne(Role::Guest.as_str()))
        .and_where(Expr::col(("user", "deactivated_at")).is_null())
        .take();
    Expr::exists(fit)
}
