//! Who can have which part where: what must be known of people and projects before a task is given to them.

use std::collections::{BTreeMap, BTreeSet};

use artel_domain::{
    actor::{Actor, Role, UserId},
    project::{Fitness, ProjectId},
    task::{Hand, Place, Role as TaskRole},
};
use sea_orm::{
    ConnectionTrait as _, FromQueryResult as _,
    sea_query::{Cond, Expr, ExprTrait as _, JoinType, LockType, Query, SelectStatement, SimpleExpr},
};

use super::{
    Node,
    place::{Beside, StoredPlace, join_members, place},
    scope::scope_of_place,
};
use crate::{column::word, department::people_below, error::Result, json::is_among, unit_of_work::Tx};

/// What is known of some people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hands {
    known: BTreeMap<UserId, Hand>,
    /// Those among them who are below the one who asks.
    pub below: BTreeSet<UserId>,
}

impl Hands {
    /// What is known of one of them.
    #[must_use]
    pub fn of(&self, user: UserId) -> Hand {
        let unknown = Hand { user, fitness: Fitness::Unknown, is_inside: false };
        self.known.get(&user).copied().unwrap_or(unknown)
    }
}

/// Looks people up, for parts in a task of a project, or outside of projects. A guest knows nobody outside. They stay what
/// they are until the transaction ends: whoever takes access from one of them waits, and finds what they were given.
///
/// # Errors
/// Those of the database.
pub async fn hands(
    tx: &Tx,
    viewer: &Actor,
    project: Option<ProjectId>,
    users: impl IntoIterator<Item = UserId>,
) -> Result<Hands> {
    let ids: BTreeSet<i64> = users.into_iter().map(|user| user.0).collect();
    if ids.is_empty() {
        return Ok(Hands::default());
    }
    let mut hands = Hands::default();
    for row in tx.query_all(&people(viewer, project, ids)).await? {
        let user = UserId(row.try_get("", "id")?);
        let role: String = row.try_get("", "role")?;
        let (active, is_inside): (bool, bool) = (row.try_get("", "active")?, row.try_get("", "inside")?);
        let is_known = viewer.role != Role::Guest || is_inside;
        let fitness = if is_known { Fitness::of(word(&role)?, active) } else { Fitness::Unknown };
        hands.known.insert(user, Hand { user, fitness, is_inside });
        if row.try_get::<bool>("", "below")? {
            hands.below.insert(user);
        }
    }
    Ok(hands)
}

fn people(viewer: &Actor, project: Option<ProjectId>, ids: BTreeSet<i64>) -> SelectStatement {
    let user = |name: &'static str| -> SimpleExpr { Expr::col(("user", name)) };
    let inside: SimpleExpr = match project {
        Some(project) => Expr::exists(
            Query::select()
                .expr(Expr::val(1))
                .from("project_member")
                .and_where(Expr::col("project_id").eq(project.0))
                .and_where(Expr::col("user_id").equals(("user", "id")))
                .take(),
        ),
        None => user("role").ne(Role::Guest.as_str()),
    };
    Query::select()
        .expr_as(user("id"), "id")
        .expr_as(user("role"), "role")
        .expr_as(user("deactivated_at").is_null(), "active")
        .expr_as(inside, "inside")
        .expr_as(user("id").in_subquery(people_below(viewer.user)), "below")
        .from("user")
        .and_where(user("id").is_in(ids))
        .order_by_expr(user("id"), sea_orm::Order::Asc)
        .lock_with_tables(LockType::Share, ["user"])
        .take()
}

/// The project that a task of this creator is to lie in, as the viewer stands to it; nothing where the viewer may not look
/// into it. It stays as it is until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn place_for(tx: &Tx, viewer: &Actor, id: ProjectId, creator: UserId) -> Result<Option<Place>> {
    let mut select = Query::select()
        .from_as("project", "place")
        .and_where(Expr::col(("place", "id")).eq(id.0))
        .and_where(Expr::col(("place", "deleted_at")).is_null())
        .cond_where(scope_of_place(viewer))
        .lock_with_tables(LockType::Share, ["place"])
        .take();
    join_members(&mut select, viewer, creator.0.into(), Beside::Joined);
    for (name, value) in place(tx.get_database_backend(), viewer) {
        select.expr_as(value, name);
    }
    let Some(row) = tx.query_one(&select).await? else { return Ok(None) };
    StoredPlace::from_query_result(&row, "")?.read()
}

/// Who has which part in these tasks, each kind of part once, as they could have it in a project, or outside of projects.
/// Creators who review because nobody else is named are creators alone.
///
/// # Errors
/// Those of the database.
pub async fn parts_of(
    tx: &Tx,
    viewer: &Actor,
    nodes: &[Node],
    project: Option<ProjectId>,
) -> Result<Vec<(Hand, TaskRole)>> {
    let part = |name: &'static str| -> SimpleExpr { Expr::col(("task_member", name)) };
    let ids = nodes.iter().map(|node| node.id.0);
    let is_named = Expr::col(("task", "reviewer_id")).eq(part("user_id"));
    let parts = Query::select()
        .distinct()
        .columns([("task_member", "user_id"), ("task_member", "role")])
        .from("task_member")
        .join(JoinType::InnerJoin, "task", Expr::col(("task", "id")).equals(("task_member", "task_id")))
        .and_where(is_among(tx.get_database_backend(), part("task_id"), ids))
        .cond_where(Cond::any().add(part("role").ne(TaskRole::Reviewer.as_str())).add(is_named))
        .take();
    let mut parts_of: Vec<(UserId, TaskRole)> = Vec::new();
    for row in tx.query_all(&parts).await? {
        let role: String = row.try_get("", "role")?;
        parts_of.push((UserId(row.try_get("", "user_id")?), word(&role)?));
    }
    let hands = hands(tx, viewer, project, parts_of.iter().map(|(user, _)| *user)).await?;
    Ok(parts_of.into_iter().map(|(user, role)| (hands.of(user), role)).collect())
}
