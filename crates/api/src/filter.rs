//! Values of filters that lists share.

use artel_domain::words;
use serde::{Deserialize, Deserializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr, Schema,
        schema::{AnyOfBuilder, Type},
    },
};

/// The word that stands for "not set".
const NONE: &str = "none";

words! {
    /// Which side of the trash to look at.
    pub enum Trashed {
        /// Only what lies in the trash.
        Only = "only",
    }
}

/// A value, or `none` for "not set".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrNone<T>(pub Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OrNone<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Word {
            None,
        }
        /// The word comes first: text of any form would take it for a value.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form<T> {
            Word(Word),
            Value(T),
        }
        Form::deserialize(deserializer).map(|form| match form {
            Form::Word(Word::None) => Self(None),
            Form::Value(value) => Self(Some(value)),
        })
    }
}

impl<T: PartialSchema> PartialSchema for OrNone<T> {
    fn schema() -> RefOr<Schema> {
        let none = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([NONE]));
        AnyOfBuilder::new().item(T::schema()).item(none).into()
    }
}

impl<T: ToSchema> ToSchema for OrNone<T> {}

/// The values of an optional list.
#[must_use]
pub fn values<T>(list: Option<Vec<OrNone<T>>>) -> Vec<Option<T>> {
    list.unwrap_or_default().into_iter().map(|value| value.0).collect()
}
