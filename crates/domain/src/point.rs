//! Contact points: the telephones, e-mail addresses, messengers, sites and postal addresses of a record.

use std::str::FromStr as _;

use serde::Serialize;

use crate::{
    country::Country,
    email::Email,
    error::{Fault, FaultCode},
    id,
    phone::Phone,
    search::{Piece, fold},
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
    /// As it is compared: E.164 for telephones, lower case for the rest. None for a telephone number that cannot
    /// be understood.
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

/// Makes the points of a record from what was given. Points with an id continue one of `existing`; of each kind the
/// first becomes primary where none is marked.
///
/// # Errors
/// Every fault: an id that is unknown or given twice, two primaries of a kind, an e-mail address that is none.
pub fn assemble(
    drafts: Vec<PointDraft>,
    existing: &[Point],
    country: Option<Country>,
) -> Result<Vec<Point>, Vec<Fault>> {
    let mut faults = id_faults(&drafts, existing);
    let mut points = Vec::with_capacity(drafts.len());
    for (position, draft) in drafts.into_iter().enumerate() {
        let PointDraft {
            id,
            kind,
            label,
            value,
            primary,
        } = draft;
        match normalise(kind, value.as_str(), country) {
            Ok(normalised) => points.push(Point {
                id,
                kind,
                label,
                value,
                normalised,
                primary,
            }),
            Err(message) => {
                faults.push(Fault::new(
                    format!("/points/{position}/value"),
                    FaultCode::Malformed,
                    message,
                ));
            }
        }
    }
    faults.extend(primary_faults(&points));
    if faults.is_empty() {
        choose_primaries(&mut points);
        Ok(points)
    } else {
        Err(faults)
    }
}

fn id_faults(drafts: &[PointDraft], existing: &[Point]) -> Vec<Fault> {
    let mut seen = Vec::new();
    let mut faults = Vec::new();
    for (position, id) in drafts
        .iter()
        .enumerate()
        .filter_map(|(position, draft)| Some((position, draft.id?)))
    {
        let at = format!("/points/{position}/id");
        if !existing.iter().any(|point| point.id == Some(id)) {
            faults.push(Fault::new(
                at,
                FaultCode::Unknown,
                "is no contact point of this record",
            ));
        } else if seen.contains(&id) {
            faults.push(Fault::new(at, FaultCode::Duplicate, "is given twice"));
        }
        seen.push(id);
    }
    faults
}

fn primary_faults(points: &[Point]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (position, point) in points.iter().enumerate().filter(|(_, point)| point.primary) {
        let earlier = points.iter().take(position);
        if earlier
            .clone()
            .any(|other| other.kind == point.kind && other.primary)
        {
            let message = "is a second primary of its kind";
            faults.push(Fault::new(
                format!("/points/{position}/primary"),
                FaultCode::SecondPrimary,
                message,
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
        PointKind::Messenger => Ok(Some(fold(value.trim().trim_start_matches('@')))),
        PointKind::Site | PointKind::Address => Ok(Some(fold(value.trim()))),
    }
}

impl Point {
    /// What it adds to the words by which its record is found; `phone` is its [`Point::phone`].
    #[must_use]
    pub fn piece<'a>(&'a self, phone: Option<&'a Phone>) -> Piece<'a> {
        let typed = self.value.as_str();
        match self.kind {
            PointKind::Phone => Piece::Phone { typed, number: phone },
            PointKind::Email => Piece::Email(typed),
            PointKind::Messenger | PointKind::Site | PointKind::Address => Piece::Text(typed),
        }
    }

    /// The telephone number, where it is one that was understood.
    #[must_use]
    pub fn phone(&self) -> Option<Phone> {
        let normalised = self.normalised.clone().filter(|_| self.kind == PointKind::Phone);
        normalised.map(Phone::from_stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(kind: PointKind, value: &str, primary: bool) -> PointDraft {
        PointDraft {
            id: None,
            kind,
            label: None,
            value: value.parse().unwrap(),
            primary,
        }
    }

    fn russia() -> Option<Country> {
        "RU".parse().ok()
    }

    #[test]
    fn values_are_normalised_and_kept_as_typed() {
        let drafts = vec![
            draft(PointKind::Phone, "8 (912) 345-67-89", false),
            draft(PointKind::Phone, "ask Ann", false),
            draft(PointKind::Email, "Ann@Example.COM", false),
            draft(PointKind::Messenger, "@Ann", false),
        ];
        let points = assemble(drafts, &[], russia()).unwrap();
        let normalised: Vec<_> = points.iter().map(|point| point.normalised.as_deref()).collect();
        assert_eq!(
            normalised,
            [Some("+79123456789"), None, Some("ann@example.com"), Some("ann")]
        );
        assert_eq!(points[0].value.as_str(), "8 (912) 345-67-89");
    }

    #[test]
    fn each_kind_has_exactly_one_primary() {
        let phones = |first, second| {
            assemble(
                vec![
                    draft(PointKind::Phone, "1", first),
                    draft(PointKind::Phone, "2", second),
                ],
                &[],
                None,
            )
        };
        let primaries = |points: Vec<Point>| points.iter().map(|point| point.primary).collect::<Vec<_>>();
        assert_eq!(primaries(phones(false, false).unwrap()), [true, false]);
        assert_eq!(primaries(phones(false, true).unwrap()), [false, true]);
        assert_eq!(phones(true, true).unwrap_err()[0].code, FaultCode::SecondPrimary);
    }

    #[test]
    fn every_fault_is_reported_where_it_is() {
        let known = Point {
            id: Some(PointId(7)),
            ..assemble(vec![draft(PointKind::Site, "a", true)], &[], None).unwrap()[0].clone()
        };
        let with_id = |id| PointDraft {
            id: Some(PointId(id)),
            ..draft(PointKind::Site, "a", false)
        };
        let faults = assemble(
            vec![
                with_id(7),
                with_id(7),
                with_id(8),
                draft(PointKind::Email, "no mail", false),
            ],
            &[known],
            None,
        )
        .unwrap_err();
        let found: Vec<_> = faults
            .iter()
            .map(|fault| (fault.pointer.as_str(), fault.code))
            .collect();
        let expected = [
            ("/points/1/id", FaultCode::Duplicate),
            ("/points/2/id", FaultCode::Unknown),
            ("/points/3/value", FaultCode::Malformed),
        ];
        assert_eq!(found, expected);
    }
}
