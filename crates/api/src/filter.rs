//! Values of filters that lists share.

use serde::{Deserialize, Deserializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, OneOfBuilder, RefOr, Schema, schema::Type},
};

/// The word that stands for "not set".
const NONE: &str = "none";

/// A value, or `none` for "not set".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrNone<T>(pub Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OrNone<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form<T> {
            Value(T),
            Word(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Value(value) => Ok(Self(Some(value))),
            Form::Word(word) if word == NONE => Ok(Self(None)),
            Form::Word(_) => Err(serde::de::Error::custom("is neither a value nor none")),
        }
    }
}

impl<T: PartialSchema> PartialSchema for OrNone<T> {
    fn schema() -> RefOr<Schema> {
        let none = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some([NONE]));
        OneOfBuilder::new().item(T::schema()).item(none).into()
    }
}

impl<T: ToSchema> ToSchema for OrNone<T> {}

/// The values of an optional list.
#[must_use]
pub fn values<T>(list: Option<Vec<OrNone<T>>>) -> Vec<Option<T>> {
    list.unwrap_or_default()
        .into_iter()
        .map(|value| value.0)
        .collect()
}
