//! The paths of the tree: every department with itself and with each one above it.

use std::collections::HashMap;

use artel_domain::{
    actor::UserId,
    department::{DepartmentId, Placement},
};
use sea_orm::{
    ConnectionTrait, FromQueryResult,
    sea_query::{Expr, ExprTrait as _, JoinType, Order, Query, SelectStatement},
};

use crate::{error::Result, unit_of_work::Tx};

/// The ids of a department and of all below it.
#[must_use]
pub fn subtree(top: DepartmentId) -> SelectStatement {
    Query::select()
        .column("descendant_id")
        .from("department_path")
        .and_where(Expr::col("ancestor_id").eq(top.0))
        .take()
}

/// The ids of the people below a manager: those in the departments that the manager heads and in all below
/// these, without the manager.
#[must_use]
pub fn people_below(manager: UserId) -> SelectStatement {
    Query::select()
        .column(("person", "id"))
        .from_as("user", "person")
        .join_as(
            JoinType::InnerJoin,
            "department_path",
            "path",
            Expr::col(("path", "descendant_id")).equals(("person", "department_id")),
        )
        .join_as(
            JoinType::InnerJoin,
            "department",
            "headed",
            Expr::col(("headed", "id")).equals(("path", "ancestor_id")),
        )
        .and_where(Expr::col(("headed", "head_id")).eq(manager.0))
        .and_where(Expr::col(("person", "id")).ne(manager.0))
        .take()
}

#[derive(FromQueryResult)]
struct Head {
    descendant_id: i64,
    head_id: Option<i64>,
}

/// The heads of departments and of all above each, from the bottom up.
pub async fn heads_above(
    db: &impl ConnectionTrait,
    ids: &[DepartmentId],
) -> Result<HashMap<DepartmentId, Vec<Option<UserId>>>> {
    let select = Query::select()
        .column(("path", "descendant_id"))
        .column(("above", "head_id"))
        .from_as("department_path", "path")
        .join_as(
            JoinType::InnerJoin,
            "department",
            "above",
            Expr::col(("above", "id")).equals(("path", "ancestor_id")),
        )
        .and_where(Expr::col(("path", "descendant_id")).is_in(ids.iter().map(|id| id.0)))
        .order_by(("path", "depth"), Order::Asc)
        .take();
    let mut heads: HashMap<DepartmentId, Vec<Option<UserId>>> = HashMap::new();
    for row in db.query_all(&select).await? {
        let Head { descendant_id, head_id } = Head::from_query_result(&row, "")?;
        heads.entry(DepartmentId(descendant_id)).or_default().push(head_id.map(UserId));
    }
    Ok(heads)
}

/// Adds the paths of a new department: to itself, and to its parent and all above it.
pub async fn insert(tx: &Tx, id: DepartmentId, parent: Option<DepartmentId>) -> Result<()> {
    let itself = Query::insert()
        .into_table("department_path")
        .columns(["ancestor_id", "descendant_id", "depth"])
        .values_panic([id.0.into(), id.0.into(), 0_i32.into()])
        .take();
    tx.execute(&itself).await?;
    match parent {
        Some(parent) => attach(tx, id, parent).await,
        None => Ok(()),
    }
}

/// Moves a department with everything in it below another parent, or to the top.
pub async fn relocate(tx: &Tx, id: DepartmentId, parent: Option<DepartmentId>) -> Result<()> {
    let detach = Query::delete()
        .from_table("department_path")
        .and_where(Expr::col("descendant_id").in_subquery(subtree(id)))
        .and_where(Expr::col("ancestor_id").not_in_subquery(subtree(id)))
        .take();
    tx.execute(&detach).await?;
    match parent {
        Some(parent) => attach(tx, id, parent).await,
        None => Ok(()),
    }
}

/// Joins every path that ends at the parent with every path that starts at the department.
async fn attach(tx: &Tx, id: DepartmentId, parent: DepartmentId) -> Result<()> {
    let joined = Query::select()
        .column(("above", "ancestor_id"))
        .column(("below", "descendant_id"))
        .expr(Expr::col(("above", "depth")).add(Expr::col(("below", "depth"))).add(1))
        .from_as("department_path", "above")
        .join_as(JoinType::CrossJoin, "department_path", "below", Expr::val(true))
        .and_where(Expr::col(("above", "descendant_id")).eq(parent.0))
        .and_where(Expr::col(("below", "ancestor_id")).eq(id.0))
        .take();
    let mut insert = Query::insert()
        .into_table("department_path")
        .columns(["ancestor_id", "descendant_id", "depth"])
        .take();
    insert.select_from(joined).map_err(|cause| sea_orm::DbErr::Custom(cause.to_string()))?;
    tx.execute(&insert).await?;
    Ok(())
}

/// Where a department, or a new one, would lie below a parent.
pub async fn placement(tx: &Tx, id: Option<DepartmentId>, parent: Option<DepartmentId>) -> Result<Placement> {
    let Some(parent) = parent else {
        return Ok(Placement { levels: levels(tx, id).await?, ..Placement::of_new(0) });
    };
    let above = number(tx, &greatest_depth("descendant_id", parent)).await? + 1;
    let inside_itself = match id {
        Some(id) => count(tx, &path(id, parent)).await? > 0,
        None => false,
    };
    Ok(Placement { above, levels: levels(tx, id).await?, inside_itself })
}

async fn levels(tx: &Tx, id: Option<DepartmentId>) -> Result<u32> {
    match id {
        Some(id) => Ok(number(tx, &greatest_depth("ancestor_id", id)).await? + 1),
        None => Ok(1),
    }
}

fn greatest_depth(end: &'static str, id: DepartmentId) -> SelectStatement {
    Query::select()
        .expr(Expr::cust("cast(coalesce(max(depth), 0) as bigint)"))
        .from("department_path")
        .and_where(Expr::col(end).eq(id.0))
        .take()
}

fn path(ancestor: DepartmentId, descendant: DepartmentId) -> SelectStatement {
    Query::select()
        .expr(Expr::cust("count(*)"))
        .from("department_path")
        .and_where(Expr::col("ancestor_id").eq(ancestor.0))
        .and_where(Expr::col("descendant_id").eq(descendant.0))
        .take()
}

/// The only number that a select answers.
pub async fn count(tx: &Tx, select: &SelectStatement) -> Result<u64> {
    let row = tx.query_one(select).await?;
    let number: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(number.unsigned_abs())
}

async fn number(tx: &Tx, select: &SelectStatement) -> Result<u32> {
    Ok(u32::try_from(count(tx, select).await?).unwrap_or(u32::MAX))
}
