//! Keyset pagination, once for every list. A page costs what the first one costs, because it seeks: the rows
//! that have a sort key and those that have none are walked as two ranges, each with a row-value comparison that
//! an index on (key, id) answers.

use artel_domain::page::{Direction, Key, Page, Position, Slice};
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, IntoSimpleExpr, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, Value,
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
        rows = set.limit(wanted).into_model().all(db).await?;
    }
    let missing = wanted.saturating_sub(length(&rows));
    if emptiness == Emptiness::MayBeEmpty && missing > 0 {
        let unset = unset_range(select, page, &column, &id);
        rows.extend(unset.limit(missing).into_model::<R>().all(db).await?);
    }
    Ok(slice(rows, page, total))
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
