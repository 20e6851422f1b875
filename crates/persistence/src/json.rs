//! Children in the statement of their parent: a subquery that answers the rows of a child table as one JSON
//! array. A read by id or a list is one round trip, however many kinds of children a record has.

use sea_orm::{
    DatabaseBackend,
    sea_query::{Expr, SelectStatement, SimpleExpr},
};
use serde::{Deserialize as _, Deserializer, de::DeserializeOwned};

use crate::error::{Error, Result};

/// The rows of `from` (a select with tables and conditions, but no columns) as a JSON array that holds an array of
/// these `values` for each row, in no order. An empty set is `[]`. PostgreSQL takes a third less for it than for
/// objects in order: a struct whose fields stand in the order of the values reads them, and sorts.
#[must_use]
pub fn rows(backend: DatabaseBackend, values: &[SimpleExpr], mut from: SelectStatement) -> SimpleExpr {
    let places = 0..values.len();
    let places: Vec<String> = places.map(|position| placeholder(backend, position)).collect();
    let places = places.join(", ");
    let template = match backend {
        DatabaseBackend::Postgres => {
            format!("coalesce(json_agg(json_build_array({places})), '[]')::text")
        }
        _ => format!("json_group_array(json_array({places}))"),
    };
    from.expr(Expr::cust_with_exprs(template, values.iter().cloned()));
    SimpleExpr::SubQuery(None, Box::new(from.into()))
}

/// For how many rows of `from` each of these conditions holds: a JSON array of numbers.
#[must_use]
pub fn counts(backend: DatabaseBackend, conditions: &[SimpleExpr], mut from: SelectStatement) -> SimpleExpr {
    let places = 0..conditions.len();
    let counted =
        places.map(|position| format!("count(*) filter (where {})", placeholder(backend, position)));
    let counted = counted.collect::<Vec<_>>().join(", ");
    let template = match backend {
        DatabaseBackend::Postgres => format!("json_build_array({counted})::text"),
        _ => format!("json_array({counted})"),
    };
    from.expr(Expr::cust_with_exprs(template, conditions.iter().cloned()));
    SimpleExpr::SubQuery(None, Box::new(from.into()))
}

/// Whether a number is one of these. They are one value however many they are: databases bound how many values a statement
/// has.
pub(crate) fn is_among(
    backend: DatabaseBackend,
    number: SimpleExpr,
    numbers: impl IntoIterator<Item = i64>,
) -> SimpleExpr {
    let numbers: Vec<String> = numbers.into_iter().map(|number| number.to_string()).collect();
    let numbers = SimpleExpr::from(format!("[{}]", numbers.join(",")));
    let template = match backend {
        DatabaseBackend::Postgres => "$1 in (select json_array_elements_text($2::json)::bigint)",
        _ => "? in (select value from json_each(?))",
    };
    Expr::cust_with_exprs(template, [number, numbers])
}

fn placeholder(backend: DatabaseBackend, position: usize) -> String {
    match backend {
        DatabaseBackend::Postgres => format!("${}", position + 1),
        _ => "?".to_owned(),
    }
}

/// Reads what [`rows`] answered, or any column of JSON.
///
/// # Errors
/// [`Error::Unreadable`] when it is not what was written.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|cause| Error::Unreadable(cause.to_string()))
}

/// Writes a value into a column of JSON.
///
/// # Errors
/// [`Error::Unreadable`] when the value has no JSON form.
pub fn write<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|cause| Error::Unreadable(cause.to_string()))
}

/// Reads a boolean of [`rows`]: `true`/`false` from PostgreSQL, `1`/`0` from SQLite. For
/// `#[serde(deserialize_with = "json::flag")]`.
///
/// # Errors
/// When it is neither.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<bool, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Bool(flag) => Ok(flag),
        serde_json::Value::Number(number) => Ok(number.as_i64() != Some(0)),
        _ => Err(serde::de::Error::custom("expected a boolean")),
    }
}
