//! Merge patches (RFC 7396): a field that is absent stays, one that is `null` is cleared.

use serde::{Deserialize, Deserializer};

/// A field of a merge patch that can be cleared. Read it with `#[serde(default)]`, and publish it with
/// `#[schema(value_type = Option<T>)]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// It was not sent.
    #[default]
    Absent,
    /// It was sent as `null`.
    Clear,
    /// It was sent with a value.
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T> Patch<T> {
    /// What was sent, if it was a value.
    pub const fn sent(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Clear => None,
        }
    }

    /// What the field becomes, if it changes.
    pub fn into_option(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Clear => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }

    /// Whether the field, once this was done to it, may hold the value that it must have.
    pub fn allows(&self, value: &T) -> bool
    where
        T: PartialEq,
    {
        match self {
            Self::Absent => true,
            Self::Clear => false,
            Self::Set(sent) => sent == value,
        }
    }

    /// The same with another value, if one was sent.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(change(value)),
        }
    }

    /// Does to the field what was sent.
    pub fn apply(self, field: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value),
        }
    }
}

/// A field of a new object: there is nothing to clear.
impl<T> From<Option<T>> for Patch<T> {
    fn from(sent: Option<T>) -> Self {
        sent.map_or(Self::Absent, Self::Set)
    }
}

/// Replaces a field that cannot be cleared, if a value was sent.
pub fn set<T>(field: &mut T, sent: Option<T>) {
    if let Some(value) = sent {
        *field = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        age: Patch<i64>,
    }

    #[test]
    fn absent_null_and_a_value_are_three_things() {
        for (json, expected) in [("{}", Some(7)), (r#"{"age":null}"#, None), (r#"{"age":8}"#, Some(8))] {
            let mut field = Some(7);
            serde_json::from_str::<Body>(json).unwrap().age.apply(&mut field);
            assert_eq!(field, expected, "{json}");
        }
    }
}
