//! What the fields of every kind of record hold, what can be wrong with it, and the words by which it is found.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::{
    activity::ObjectKind,
    actor::UserId,
    error::{Fault, FaultCode, too_many},
    point::Point,
    search::{self, Piece},
    text,
};

text! {
    /// A word to group records by, compared without regard to case and accents.
    Tag(1..=50)
}

text! {
    /// What someone noted.
    Comment(1..=10000) block
}

text! {
    /// The name of the system that a record was taken from: a code such as `hubspot`.
    ExternalSource(1..=50) code
}

text! {
    /// The id of a record in the system that it was taken from.
    ExternalId(1..=200)
}

text! {
    /// The code of an entry in a dictionary of the CRM.
    DictionaryCode(1..=50) code
}

/// The most tags of one record.
pub const MOST_TAGS: usize = 50;

/// How far ahead of ours a client's clock may be: `verified_at` may lie so far in the future.
pub const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// The fields of one kind of record.
pub trait Fields: Clone + PartialEq + Serialize {
    /// The kind.
    const KIND: ObjectKind;

    /// What it has in common with the other kinds.
    fn common(&self) -> Common<'_>;

    /// What is wrong with the rest, beyond what the types say.
    fn own_faults(&self, now: DateTime<Utc>) -> Vec<Fault>;

    /// What the rest adds to the words by which it is found, the most telling first.
    fn own_pieces(&self) -> Vec<Piece<'_>>;
}

/// What the fields of every kind of record hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Common<'a> {
    /// Who is responsible for the record.
    pub responsible: UserId,
    /// Whether it is marked as shared.
    pub shared: bool,
    /// How to reach the people behind it.
    pub points: &'a [Point],
    /// Words to group by.
    pub tags: &'a [Tag],
    /// The system that it was taken from.
    pub external_source: Option<&'a ExternalSource>,
    /// Its id in that system.
    pub external_id: Option<&'a ExternalId>,
    /// When somebody last confirmed it.
    pub verified_at: Option<DateTime<Utc>>,
}

/// The words by which a record is found: its own first, then its contact points, then its tags.
#[must_use]
pub fn search_words<F: Fields>(fields: &F) -> BTreeSet<String> {
    let Common { points, tags, .. } = fields.common();
    let points = points.iter().map(Point::piece);
    let tags = tags.iter().map(|tag| Piece::Text(tag.as_str()));
    search::words(fields.own_pieces().into_iter().chain(points).chain(tags))
}

/// Everything that is wrong with the fields of a record, beyond what their types say.
pub(crate) fn faults<F: Fields>(fields: &F, now: DateTime<Utc>) -> Vec<Fault> {
    let mut faults = common_faults(fields.common(), now);
    faults.extend(fields.own_faults(now));
    faults
}

/// What is wrong with tags: the same twice, or too many.
pub(crate) fn tag_faults(tags: &[Tag]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for (position, tag) in tags.iter().enumerate() {
        if !seen.insert(search::fold(tag.as_str())) {
            let at = format!("/tags/{position}");
            faults.push(Fault::new(at, FaultCode::Duplicate, "is given twice"));
        }
    }
    faults.extend(too_many("/tags", tags.len(), MOST_TAGS, "must have at most 50 items"));
    faults
}

/// The faults that any record can have: too many tags or the same twice, an external id without its source,
/// confirmed in the future, as far as clocks can tell.
fn common_faults(common: Common<'_>, now: DateTime<Utc>) -> Vec<Fault> {
    let mut faults = tag_faults(common.tags);
    let incomplete = match (common.external_source, common.external_id) {
        (Some(_), None) => Some(("/external_id", "must come with its source")),
        (None, Some(_)) => Some(("/external_source", "must come with the external id")),
        _ => None,
    };
    faults.extend(incomplete.map(|(at, message)| Fault::new(at, FaultCode::Incomplete, message)));
    if common.verified_at.is_some_and(|at| at > now + CLOCK_SKEW) {
        let message = "must not lie in the future";
        faults.push(Fault::new("/verified_at", FaultCode::OutOfRange, message));
    }
    faults
}
