//! What is asked of many tables: which ids a select finds, and how many.

use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, Func, SelectStatement},
};

use crate::error::Result;

/// The ids that a select finds; it has a column `id`.
///
/// # Errors
/// Those of the database.
pub(crate) async fn ids(db: &impl ConnectionTrait, select: &SelectStatement) -> Result<Vec<i64>> {
    let rows = db.query_all(select).await?;
    rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}

/// How many rows a select finds; it has no columns yet.
///
/// # Errors
/// Those of the database.
pub(crate) async fn count(db: &impl ConnectionTrait, mut select: SelectStatement) -> Result<u64> {
    select.expr_as(Expr::expr(Func::count(Expr::val(1_i32))), "found");
    let row = db.query_one(&select).await?;
    let found: Option<i64> = row.map(|row| row.try_get("", "found")).transpose()?;
    Ok(found.unwrap_or_default().unsigned_abs())
}
