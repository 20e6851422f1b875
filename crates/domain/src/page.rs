//! Pages of a list: what to sort by, where to go on. Generic over the sort keys of a room.

use chrono::NaiveDate;

/// A page to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<S> {
    /// The most items, 1–200.
    pub limit: u64,
    /// The key to sort by; the id breaks ties.
    pub sort: S,
    /// Ascending or descending. Rows without a key come last either way.
    pub direction: Direction,
    /// Where the page before ended; the first page has none.
    pub after: Option<Position>,
}

/// Which way a list is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// The place of a row in a sorted list: it stays usable when the row itself is gone.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// The value of the sort key; `None` among the rows that have none.
    pub key: Option<Key>,
    /// The tie-break.
    pub id: i64,
}

/// The value of a sort key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Key {
    /// A number, or an instant in microseconds.
    Number(i64),
    /// A folded text, compared byte by byte.
    Text(String),
    /// A day.
    Day {
        /// Which one.
        day: NaiveDate,
    },
}

/// What a list answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice<T> {
    /// At most `limit` items.
    pub items: Vec<T>,
    /// Where the next page starts, if there is one.
    pub next: Option<Position>,
    /// How many there are in all, where it was asked for.
    pub total: Option<u64>,
}

impl<T> Slice<T> {
    /// The same slice of something made from each item.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Slice<U> {
        Slice { items: self.items.into_iter().map(convert).collect(), next: self.next, total: self.total }
    }
}
