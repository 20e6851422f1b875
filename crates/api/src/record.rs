//! What contacts and companies have in common in JSON: contact points, the filters of their lists, the people whom
//! `expand` embeds.

use std::collections::BTreeMap;

use artel_domain::{
    actor::{Actor, UserId},
    error::{Error as Refusal, Fault, FaultCode},
    page::Slice,
    point::{Point, PointDraft, PointId, PointKind, PointLabel, PointValue},
    record::{ExternalId, ExternalSource},
    user::{PersonName, User},
    words,
};
use artel_persistence::{Db, user};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{patch::Patch, problem::Result};

mod basis;
mod filter;

pub use basis::{Basis, Named};
pub use filter::RecordFilter;

/// A contact point to save.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "phone", "label": "mobile", "value": "8 (912) 345-67-89", "primary": true}))]
pub struct PointInput {
    /// The id of the contact point that it continues; a new one has none.
    #[serde(default)]
    #[schema(nullable = false)]
    id: Option<PointId>,
    /// What kind it is.
    kind: PointKind,
    /// What it is for.
    #[serde(default)]
    label: Option<PointLabel>,
    /// The number, address or name, as people write it.
    value: PointValue,
    /// Whether it is the first choice of its kind; where none is, the first is.
    #[serde(default)]
    #[schema(default = false)]
    primary: bool,
}

impl From<PointInput> for PointDraft {
    fn from(input: PointInput) -> Self {
        let PointInput { id, kind, label, value, primary } = input;
        Self { id, kind, label, value, primary }
    }
}

/// A contact point.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": 31, "kind": "phone", "label": "mobile", "value": "8 (912) 345-67-89", "normalised": "+79123456789", "primary": true
}))]
pub struct PointView {
    /// Its id: send it back to keep the contact point.
    #[schema(required = true, nullable = false)]
    id: Option<PointId>,
    /// What kind it is.
    kind: PointKind,
    /// What it is for.
    #[schema(required = true)]
    label: Option<PointLabel>,
    /// As it was typed.
    value: PointValue,
    /// As it is compared: a telephone number in E.164 (`null` where it cannot be understood), the rest folded.
    #[schema(required = true, max_length = 500)]
    normalised: Option<String>,
    /// Whether it is the first choice of its kind.
    primary: bool,
}

impl From<Point> for PointView {
    fn from(point: Point) -> Self {
        let Point { id, kind, label, value, normalised, primary } = point;
        Self { id, kind, label, value, normalised, primary }
    }
}

words! {
    /// Related objects that can be embedded.
    pub enum Expand {
        /// The user who is responsible.
        Responsible = "responsible",
    }
}

/// What to embed in one object.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExpandParam {
    /// What to embed.
    #[param(inline, explode = false, min_items = 1, max_items = 1)]
    expand: Option<Vec<Expand>>,
}

impl ExpandParam {
    /// The names.
    #[must_use]
    pub fn names(&self) -> Option<&[Expand]> {
        self.expand.as_deref()
    }
}

/// A user, as embedded in other objects.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"id": 2, "first_name": "Анна", "last_name": "Смирнова"}))]
pub struct PersonView {
    /// Their id.
    id: UserId,
    /// First name.
    first_name: PersonName,
    /// Last name.
    last_name: PersonName,
}

impl From<&User> for PersonView {
    fn from(user: &User) -> Self {
        let fields = &user.fields;
        Self { id: user.id, first_name: fields.first_name.clone(), last_name: fields.last_name.clone() }
    }
}

/// Something as a viewer sees it, with the person that it embeds.
pub struct Viewed<T> {
    /// What is seen.
    pub seen: T,
    /// Who sees it.
    pub viewer: Actor,
    /// The responsible user, where they were asked for and may be known.
    pub responsible: Option<PersonView>,
}

impl<T> Viewed<T> {
    /// Something without what it refers to.
    pub fn plain(viewer: &Actor, seen: T) -> Self {
        Self { seen, viewer: viewer.clone(), responsible: None }
    }

    /// A slice with the people that it embeds: one statement for all of them, none where none were asked for.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn slice(
        db: &Db,
        viewer: &Actor,
        expand: Option<&[Expand]>,
        slice: Slice<T>,
        responsible: impl Fn(&T) -> UserId,
    ) -> Result<Slice<Self>> {
        let mut people = BTreeMap::new();
        if expand.is_some_and(|names| names.contains(&Expand::Responsible)) {
            let mut ids: Vec<UserId> = slice.items.iter().map(&responsible).collect();
            ids.sort_unstable();
            ids.dedup();
            let found = user::find_all(db.reader(), viewer, &ids).await?;
            people.extend(found.iter().map(|user| (user.id, PersonView::from(user))));
        }
        Ok(slice.map(|seen| {
            let responsible = people.get(&responsible(&seen)).cloned();
            Self { seen, viewer: viewer.clone(), responsible }
        }))
    }

    /// One object with the person that it embeds.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn one(
        db: &Db,
        viewer: &Actor,
        expand: Option<&[Expand]>,
        seen: T,
        responsible: impl Fn(&T) -> UserId,
    ) -> Result<Self> {
        let single = Slice { items: vec![seen], next: None, total: None };
        let mut found = Self::slice(db, viewer, expand, single, responsible).await?;
        found.items.pop().ok_or_else(|| crate::problem::Code::Internal.into())
    }
}

/// An instant as both databases keep it: to the microsecond, without leap seconds.
#[must_use]
pub fn kept(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// The id in another system that a body names must be that of the path.
///
/// # Errors
/// A fault for each field that differs.
pub fn check_external(
    sent: (&Patch<ExternalSource>, &Patch<ExternalId>),
    path: (&ExternalSource, &ExternalId),
) -> std::result::Result<(), Refusal> {
    let fields = [("/external_source", sent.0.allows(path.0)), ("/external_id", sent.1.allows(path.1))];
    let differ = fields.into_iter().filter(|(_, agrees)| !agrees);
    let fault = |(at, _)| Fault::new(at, FaultCode::Immutable, "must be that of the path");
    Refusal::unless_empty(differ.map(fault).collect())
}
