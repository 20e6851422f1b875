//! Keyset pagination, once for every list. A page costs what the first one costs, because it seeks: the rows
//! that have a sort key and those that have none are walked as two ranges, each with a row-value comparison that
//! an index on (key, id) answers.

use artel_domain::page::{Direction, Key, Page, Position, Slice};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, EntityTrait, FromQueryResult, IntoSimpleExpr, Order, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, Value,
    sea_query::{Asterisk, Expr, ExprTrait as _, SimpleExpr},
};

use crate::error::{Error, Result};

/// The sort keys of a room: which column each one is.
pub trait SortColumn: Copy {
    /// The columns of the room's table, or expressions where the list walks two.
    type Column: IntoSimpleExpr + Clone;

    /// The column and whether it may be empty.
    fn column(self) -> (Self::Column, Emptiness);
}

/// Whether a sort column may be NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emptiness {
    /// Every row has a value.
    NeverEmpty,
    /// Rows without a value come last, in both directions.
    MayBeEmpty,
}

/// A row that knows its place in a list.
pub trait Placed<S> {
    /// The value of the sort key, `None` where it is NULL.
    fn key(&self, sort: S) -> Option<Key>;
    /// The tie-break.
    fn id(&self) -> i64;
}

/// Whether to count all the rows as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// Costs a second statement.
    Counted,
    /// Leaves the total out.
    Skipped,
}

/// Whether the plan of a page may depend on what is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// The planner sees the values: which way is best depends on how many rows have them. It plans anew each time, which for
    /// a wide statement takes longer than to read a page.
    ByValues,
    /// An index bounds the walk whatever the values are: they are hidden, so that one plan serves all of them.
    ByForm,
}

/// Reads one page of `select` as rows of type `R`; `id` is the column of the tie-break. One statement, a second
/// one on the page where the rows without a key begin, one more for the total.
///
/// # Errors
/// Those of the database.
pub async fn keyset<E, S, R>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    page: &Page<S>,
    id: S::Column,
    total: Total,
) -> Result<Slice<R>>
where
    E: EntityTrait,
    S: SortColumn,
    R: FromQueryResult + Placed<S> + Send + Sync,
    E::Model: Send + Sync,
{
    keyset_by(db, select, page, id, total, Plan::ByValues).await
}

/// The same, with a plan of one kind or the other.
///
/// # Errors
/// Those of the database.
pub(crate) async fn keyset_by<E, S, R>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    page: &Page<S>,
    id: S::Column,
    total: Total,
    plan: Plan,
) -> Result<Slice<R>>
where
    E: EntityTrait,
    S: SortColumn,
    R: FromQueryResult + Placed<S> + Send + Sync,
    E::Model: Send + Sync,
{
    let total = match total {
        Total::Counted => Some(count(db, select.clone()).await?),
        Total::Skipped => None,
    };
    let (column, emptiness) = page.sort.column();
    let (column, id) = (column.into_simple_expr(), id.into_simple_expr());
    let wanted = page.limit + 1;
    let mut rows: Vec<R> = Vec::new();
    if page.after.as_ref().is_none_or(|after| after.key.is_some()) {
        let set = set_range(select.clone(), page, &column, emptiness, &id);
        rows = read(db, set, wanted, plan).await?;
    }
    let missing = wanted.saturating_sub(length(&rows));
    if emptiness == Emptiness::MayBeEmpty && missing > 0 {
        let unset = unset_range(select, page, &column, &id);
        rows.extend(read(db, unset, missing, plan).await?);
    }
    Ok(slice(rows, page, total))
}

async fn read<E: EntityTrait, R: FromQueryResult + Send + Sync>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    most: u64,
    plan: Plan,
) -> Result<Vec<R>> {
    let backend = db.get_database_backend();
    if plan == Plan::ByValues || backend != DatabaseBackend::Postgres {
        return Ok(select.limit(most).into_model().all(db).await?);
    }
    let mut statement = select.build(backend);
    // How much is read at most is no value: by that the planner sees that a walk is soon over.
    statement.sql = format!("{} LIMIT {most}", hidden(&statement.sql));
    Ok(R::find_by_statement(statement).all(db).await?)
}

/// The same statement for PostgreSQL, with each `$1` as a subquery of its own: the planner does not look into those, and so
/// finds the plan for all values no worse than one for these.
fn hidden(sql: &str) -> String {
    let mut pieces = sql.split('$');
    let mut hidden = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
        let (number, rest) = piece.split_at(end);
        for part in ["(SELECT $", number, ")", rest] {
            hidden.push_str(part);
        }
    }
    hidden
}

async fn count<E>(db: &impl ConnectionTrait, select: Select<E>) -> Result<u64>
where
    E: EntityTrait,
    E::Model: Send + Sync,
{
    select.select_only().expr(Expr::val(1)).count(db).await.map_err(Error::from)
}

/// The first rows of a page, `most` of them, in place of their table; rows without a key are not among them. What is
/// asked of them beside is asked row by row, until a page is full.
pub(crate) fn head<E: EntityTrait, S: SortColumn>(
    select: Select<E>,
    page: &Page<S>,
    id: S::Column,
    most: u64,
) -> Select<E> {
    let (table, (column, emptiness)) = (E::default().table_name(), page.sort.column());
    let (column, id) = (column.into_simple_expr(), id.into_simple_expr());
    let mut first = set_range(select.clone(), page, &column, emptiness, &id).limit(most).into_query();
    first.clear_selects().column((table, Asterisk));
    let mut head = select;
    QueryTrait::query(&mut head).from_clear().from_subquery(first, table);
    head
}

/// The rows that have a key, from the position on.
fn set_range<E: EntityTrait, S>(
    select: Select<E>,
    page: &Page<S>,
    column: &SimpleExpr,
    emptiness: Emptiness,
    id: &SimpleExpr,
) -> Select<E> {
    let mut range = select;
    if emptiness == Emptiness::MayBeEmpty {
        range = range.filter(column.clone().is_not_null());
    }
    if let Some(Position { key: Some(key), id: last }) = &page.after {
        let here = Expr::tuple([column.clone(), id.clone()]);
        let there = Expr::tuple([Expr::val(value(key)), Expr::val(*last)]);
        range = range.filter(beyond(page.direction, here, there));
    }
    range.order_by(column.clone(), order(page.direction)).order_by(id.clone(), order(page.direction))
}

/// The rows that have no key, from the position on. They are ordered by the key as well, which they have not: only so does
/// PostgreSQL see that an index over key and id has them in order.
fn unset_range<E: EntityTrait, S>(
    select: Select<E>,
    page: &Page<S>,
    column: &SimpleExpr,
    id: &SimpleExpr,
) -> Select<E> {
    let mut range = select.filter(column.clone().is_null());
    if let Some(Position { key: None, id: last }) = page.after {
        range = range.filter(beyond(page.direction, id.clone(), Expr::val(last)));
    }
    range.order_by(column.clone(), order(page.direction)).order_by(id.clone(), order(page.direction))
}

fn beyond(direction: Direction, here: SimpleExpr, there: SimpleExpr) -> SimpleExpr {
    match direction {
        Direction::Ascending => here.gt(there),
        Direction::Descending => here.lt(there),
    }
}

const fn order(direction: Direction) -> Order {
    match direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    }
}

fn value(key: &Key) -> Value {
    match key {
        Key::Number(number) => (*number).into(),
        Key::Text(text) => text.as_str().into(),
        Key::Day { day } => (*day).into(),
    }
}

fn length<T>(rows: &[T]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}

/// One row more than the limit was read: if it is there, the last row of the page is where the next one starts.
fn slice<S: Copy, R: Placed<S>>(mut rows: Vec<R>, page: &Page<S>, total: Option<u64>) -> Slice<R> {
    let more = length(&rows) > page.limit;
    if more {
        rows.pop();
    }
    let last = rows.last().filter(|_| more);
    let next = last.map(|row| Position { key: row.key(page.sort), id: row.id() });
    Slice { items: rows, next, total }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_hidden_and_nothing_else_changes() {
        let sql = r#"SELECT "a" FROM "b" WHERE "c" IN ($1, $2) AND "d" = $10 ORDER BY "a""#;
        let expected = r#"SELECT "a" FROM "b" WHERE "c" IN ((SELECT $1), (SELECT $2)) AND "d" = (SELECT $10) ORDER BY "a""#;
        assert_eq!(hidden(sql), expected);
        assert_eq!(hidden("SELECT 1"), "SELECT 1");
    }
}
