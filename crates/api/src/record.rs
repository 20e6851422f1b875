//! What contacts and companies have in common in JSON: contact points and the filters of their lists.

use artel_domain::{
    error::{Error as Refusal, Fault, FaultCode},
    point::{Point, PointDraft, PointId, PointKind, PointLabel, PointValue},
    record::{ExternalId, ExternalSource},
    words,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::patch::Patch;

mod basis;
mod filter;

pub use basis::{Basis, Named};
pub use filter::{Never, RecordFilter};

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
