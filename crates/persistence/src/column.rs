//! Column types: domain words and instants as the database keeps them.

use std::{fmt::Display, str::FromStr};

use artel_domain::page::Key;
use chrono::{DateTime, Utc};
use sea_orm::{
    ColIdx, DbErr, QueryResult, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
};

use crate::error::{Error, Result};

/// A column that holds a word of the domain: an enum, an id of text form, bounded text. A word that the domain
/// does not know is an error, never a default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<T>(pub T);

impl<T: Display> From<Text<T>> for Value {
    fn from(text: Text<T>) -> Self {
        Self::from(text.0.to_string())
    }
}

impl<T: FromStr> TryGetable for Text<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> std::result::Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        let unknown = || TryGetError::DbErr(DbErr::Type(format!("the domain does not know {text:?}")));
        text.parse().map(Self).map_err(|_| unknown())
    }
}

impl<T: FromStr> ValueType for Text<T> {
    fn try_from(value: Value) -> std::result::Result<Self, ValueTypeErr> {
        let text = <String as ValueType>::try_from(value)?;
        text.parse().map(Self).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        "Text".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl<T> Nullable for Text<T> {
    fn null() -> Value {
        Value::String(None)
    }
}

/// A column that holds an instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub DateTime<Utc>);

impl Instant {
    /// The instant as it is compared and sorted.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// The instant as a sort key.
    #[must_use]
    pub const fn key(self) -> Key {
        Key::Number(self.micros())
    }
}

impl From<Instant> for Value {
    fn from(instant: Instant) -> Self {
        Self::from(instant.micros())
    }
}

impl TryGetable for Instant {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> std::result::Result<Self, TryGetError> {
        let micros = i64::try_get_by(row, index)?;
        let out_of_range = || TryGetError::DbErr(DbErr::Type(format!("{micros} µs is no instant")));
        DateTime::from_timestamp_micros(micros).map(Self).ok_or_else(out_of_range)
    }
}

impl ValueType for Instant {
    fn try_from(value: Value) -> std::result::Result<Self, ValueTypeErr> {
        let micros = <i64 as ValueType>::try_from(value)?;
        DateTime::from_timestamp_micros(micros).map(Self).ok_or(ValueTypeErr)
    }

    fn type_name() -> String {
        "Instant".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::BigInt
    }

    fn column_type() -> ColumnType {
        ColumnType::BigInteger
    }
}

impl Nullable for Instant {
    fn null() -> Value {
        Value::BigInt(None)
    }
}

/// Reads a domain word out of stored text.
///
/// # Errors
/// [`Error::Unreadable`] when the domain does not know it.
pub fn word<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::Unreadable(text.to_owned()))
}

/// Reads an optional domain word out of stored text.
///
/// # Errors
/// [`Error::Unreadable`] when the domain does not know it.
pub fn optional_word<T: FromStr>(text: Option<&str>) -> Result<Option<T>> {
    text.map(word).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use artel_domain::actor::Role;

    #[test]
    fn a_word_survives_and_an_unknown_one_is_refused() {
        let stored = Value::from(Text(Role::Guest));
        assert_eq!(<Text<Role> as ValueType>::try_from(stored).ok(), Some(Text(Role::Guest)));
        assert!(<Text<Role> as ValueType>::try_from(Value::from("owner")).is_err());
    }
}
