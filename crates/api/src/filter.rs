//! Values of filters that lists share.

use artel_domain::{actor::UserId, words};
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
/// The word that stands for the caller.
const ME: &str = "me";

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

/// A user, or `me` for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrMe(Option<UserId>);

impl OrMe {
    /// The user that is meant.
    #[must_use]
    pub fn or(self, me: UserId) -> UserId {
        self.0.unwrap_or(me)
    }
}

impl<'de> Deserialize<'de> for OrMe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Word {
            Me,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Word(Word),
            User(UserId),
        }
        Form::deserialize(deserializer).map(|form| match form {
            Form::Word(Word::Me) => Self(None),
            Form::User(user) => Self(Some(user)),
        })
    }
}

impl PartialSchema for OrMe {
    fn schema() -> RefOr<Schema> {
        let me = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([ME]));
        AnyOfBuilder::new().item(UserId::schema()).item(me).into()
    }
}

impl ToSchema for OrMe {}

/// The values of an optional list.
#[must_use]
pub fn values<T>(list: Option<Vec<OrNone<T>>>) -> Vec<Option<T>> {
    list.unwrap_or_default().into_iter().map(|value| value.0).collect()
}
