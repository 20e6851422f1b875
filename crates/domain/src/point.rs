//! Contact points: the telephones, e-mail addresses, messengers, sites and postal addresses of a record.

use std::str::FromStr as _;

use serde::Serialize;

use crate::{
    country::Country,
    email::Email,
    error::{Fault, FaultCode, too_many},
    id,
    phone::Phone,
    search::{Piece, cut, fold},
    text, words,
};

id! {
    /// A contact point.
    PointId,
}

words! {
    /// What kind of contact point it is.
    pub enum PointKind {
        /// A telephone number.
        Phone = "phone",
        /// An e-mail address.
        Email = "email",
        /// A name in a messenger; the label says which one.
        Messenger = "messenger",
        /// A web site.
        Site = "site",
        /// A postal address.
        Address = "address",
    }
}

text! {
    /// What a contact point is for: `work`, `home`, `mobile`, or the name of a messenger.
    PointLabel(1..=50)
}

text! {
    /// A contact point as it was typed.
    PointValue(1..=500)
}

/// The most contact points of one record.
pub const MOST_POINTS: usize = 50;

/// A contact point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// Its id; none before the database gives it one.
    pub id: Option<PointId>,
    /// What kind it is.
    pub kind: PointKind,
    /// What it is for.
    pub label: Option<PointLabel>,
    /// As it was typed.
    pub value: PointValue,
    /// As it is compared: E.164 for telephones, folded for the rest, and no longer than [`PointValue::MAX`]. None for
    /// a telephone number that cannot be understood.
    pub normalised: Option<String>,
    /// Whether it is the first choice of its kind; each kind that is there has one.
    pub primary: bool,
}

/// A contact point as someone gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointDraft {
    /// The id of the point that it continues.
    pub id: Option<PointId>,
    /// What kind it is.
    pub kind: PointKind,
    /// What it is for.
    pub label: Option<PointLabel>,
    /// As it was typed.
    pub value: PointValue,
    /// Whether it is to be the first choice of its kind.
    pub primary: bool,
}

/// Makes the points of a record from what was given. A point with an id continues that one of `existing`; one without
/// continues an unclaimed one of the same kind and value, so that saving a list twice changes nothing. Of each kind the
/// first becomes primary where none is marked.
///
/// # Errors
/// Every fault: too many, an id that is unknown or given twice, two primaries of a kind, an e-mail address that is none.
pub fn assemble(
    drafts: Vec<PointDraft>,
    existing: &[Point],
    country: Option<Country>,
) -> Result<Vec<Point>, Vec<Fault>> {
    let mut faults = id_faults(&drafts, existing);
    faults.extend(primary_faults(&drafts));
    faults.extend(too_many("/points", drafts.len(), MOST_POINTS, "must have at most 50 items"));
    let mut unclaimed: Vec<&Point> =
        existing.iter().filter(|point| drafts.iter().all(|draft| draft.id != point.id)).collect();
    let mut points = Vec::with_capacity(drafts.len());
    for (position, draft) in drafts.into_iter().enumerate() {
        match place(draft, &mut unclaimed, country) {
            Ok(point) => points.push(point),
            Err(message) => {
                faults.push(Fault::new(format!("/points/{position}/value"), FaultCode::Malformed, message));
            }
        }
    }
    if faults.is_empty() {
        choose_primaries(&mut points);
        Ok(points)
    } else {
        Err(faults)
    }
}

/// The point that a draft becomes, under the id of the one that it continues.
fn place(
    draft: PointDraft,
    unclaimed: &mut Vec<&Point>,
    country: Option<Country>,
) -> Result<Point, &'static str> {
    let PointDraft { id, kind, label, value, primary } = draft;
    let normalised = normalise(kind, value.as_str(), country)?;
    let id = id.or_else(|| {
        let same = |point: &&Point| point.kind == kind && point.value == value;
        let at = unclaimed.iter().position(same)?;
        unclaimed.remove(at).id
    });
    Ok(Point { id, kind, label, value, normalised, primary })
}

fn id_faults(drafts: &[PointDraft], existing: &[Point]) -> Vec<Fault> {
    let mut seen = Vec::new();
    let mut faults = Vec::new();
    for (position, id) in
        drafts.iter().enumerate().filter_map(|(position, draft)| Some((position, draft.id?)))
    {
        let at = format!("/points/{position}/id");
        if !existing.iter().any(|point| point.id == Some(id)) {
            faults.push(Fault::new(at, FaultCode::Unknown, "is no contact point of this record"));
        } else if seen.contains(&id) {
            faults.push(Fault::new(at, FaultCode::Duplicate, "is given twice"));
        }
        seen.push(id);
    }
    faults
}

fn primary_faults(drafts: &[PointDraft]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (position, draft) in drafts.iter().enumerate().filter(|(_, draft)| draft.primary) {
        let mut earlier = drafts.iter().take(position);
        if earlier.any(|other| other.kind == draft.kind && other.primary) {
            faults.push(Fault::new(
                format!("/points/{position}/primary"),
                FaultCode::SecondPrimary,
                "is a second primary of its kind",
            ));
        }
    }
    faults
}

fn choose_primaries(points: &mut [Point]) {
    for kind in PointKind::ALL {
        let has_primary = points.iter().any(|point| point.kind == *kind && point.primary);
        if let Some(first) = points.iter_mut().find(|point| point.kind == *kind)
            && !has_primary
        {
            first.primary = true;
        }
    }
}

fn normalise(kind: PointKind, value: &str, country: Option<Country>) -> Result<Option<String>, &'static str> {
    match kind {
        PointKind::Phone => Ok(Phone::read(value, country).map(|phone| phone.to_string())),
        PointKind::Email => {
            let email = Email::from_str(value.trim()).map_err(|_| "is not an e-mail address")?;
            Ok(Some(email.to_string()))
        }
        PointKind::Messenger => Ok(Some(comparable(value.trim().trim_start_matches('@')))),
        PointKind::Site | PointKind::Address => Ok(Some(comparable(value.trim()))),
    }
}

/// Folding can make eighteen letters of one.
fn comparable(text: &str) -> String {
    cut(&fold(text), PointValue::MAX)
}

impl Point {
    /// What it adds to the words by which its record is found.
    #[must_use]
    pub fn piece(&self) -> Piece<'_> {
        let typed = self.value.as_str();
        match self.kind {
            PointKind::Phone => Piece::Phone { typed, number: self.normalised.as_deref() },
            PointKind::Email => Piece::Email(typed),
            PointKind::Messenger | PointKind::Site | PointKind::Address => Piece::Text(typed),
        }
    }
}

#[cfg(test)]
mod tests;
