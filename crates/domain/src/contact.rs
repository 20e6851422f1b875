//! Contacts: people whom the organisation knows.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::{
    activity::ObjectKind,
    actor::UserId,
    error::{Fault, FaultCode},
    id,
    link::JobTitle,
    point::Point,
    record::{self, Comment, Common, DictionaryCode, ExternalId, ExternalSource, Tag},
    search::{self, Piece},
    text, words,
};

id! {
    /// A contact.
    ContactId,
}

text! {
    /// A first, middle or last name.
    ContactName(1..=100)
}

words! {
    /// What a list of contacts can be sorted by.
    pub enum Sort {
        /// Last name, first name, middle name, letters folded.
        Name = "name",
        /// When it came into being.
        CreatedAt = "created_at",
        /// When its fields last changed.
        UpdatedAt = "updated_at",
        /// When somebody last confirmed it.
        VerifiedAt = "verified_at",
    }
}

/// What can be edited of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ContactFields {
    /// The given name; this or the last name is there.
    pub first_name: Option<ContactName>,
    /// The middle name or patronymic.
    pub middle_name: Option<ContactName>,
    /// The family name.
    pub last_name: Option<ContactName>,
    /// What they do.
    pub position: Option<JobTitle>,
    /// What they are to us: an entry of the dictionary of contact types.
    #[serde(rename = "type")]
    pub kind: Option<DictionaryCode>,
    /// Where we know them from: an entry of the dictionary of sources.
    pub source: Option<DictionaryCode>,
    /// The day of birth.
    pub birthday: Option<NaiveDate>,
    /// Who looks after them.
    pub responsible_id: UserId,
    /// Whether people at access level `shared` reach the record.
    pub shared: bool,
    /// What someone noted.
    pub comment: Option<Comment>,
    /// How to reach them.
    pub points: Vec<Point>,
    /// Words to group by.
    pub tags: Vec<Tag>,
    /// The system that the record was taken from.
    pub external_source: Option<ExternalSource>,
    /// Its id in that system.
    pub external_id: Option<ExternalId>,
    /// When somebody last confirmed the record.
    pub verified_at: Option<DateTime<Utc>>,
}

/// A contact.
pub type Contact = record::Record<ContactFields>;

/// Nobody whom one can write to was born before.
const FIRST_YEAR: i32 = 1900;

impl record::Fields for ContactFields {
    const KIND: ObjectKind = ObjectKind::Contact;

    fn common(&self) -> Common<'_> {
        Common {
            responsible: self.responsible_id,
            shared: self.shared,
            points: &self.points,
            tags: &self.tags,
            external_source: self.external_source.as_ref(),
            external_id: self.external_id.as_ref(),
            verified_at: self.verified_at,
        }
    }

    fn own_faults(&self, now: DateTime<Utc>) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.first_name.is_none() && self.last_name.is_none() {
            let message = "must be given where there is no first name";
            faults.push(Fault::new("/last_name", FaultCode::Required, message));
        }
        // A day ahead of UTC is today somewhere.
        let latest = now.date_naive().succ_opt().unwrap_or(NaiveDate::MAX);
        let earliest = NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1).unwrap_or(NaiveDate::MIN);
        if self.birthday.is_some_and(|day| !(earliest..=latest).contains(&day)) {
            faults.push(Fault::new("/birthday", FaultCode::OutOfRange, "must lie between 1900 and today"));
        }
        faults
    }

    fn own_pieces(&self) -> Vec<Piece<'_>> {
        let names = [&self.first_name, &self.middle_name, &self.last_name];
        let names = names.into_iter().flatten().map(|name| Piece::Text(name.as_str()));
        let position = self.position.iter();
        let position = position.map(|position| Piece::Text(position.as_str()));
        names.chain(position).collect()
    }
}

impl ContactFields {
    /// A contact of whom nothing is known but who looks after them. It is shared.
    #[must_use]
    pub const fn of(responsible_id: UserId) -> Self {
        Self {
            first_name: None,
            middle_name: None,
            last_name: None,
            position: None,
            kind: None,
            source: None,
            birthday: None,
            responsible_id,
            shared: true,
            comment: None,
            points: Vec::new(),
            tags: Vec::new(),
            external_source: None,
            external_id: None,
            verified_at: None,
        }
    }

    /// The key by which contacts are sorted by name.
    #[must_use]
    pub fn name_key(&self) -> String {
        let names = [&self.last_name, &self.first_name, &self.middle_name];
        search::name_key(names.into_iter().flatten().map(ContactName::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> ContactFields {
        ContactFields {
            first_name: "Анна".parse().ok(),
            last_name: "Ёлкина".parse().ok(),
            ..ContactFields::of(UserId(1))
        }
    }

    fn pointers(fields: &ContactFields) -> Vec<String> {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        record::faults(fields, now).into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn one_of_the_names_is_enough_and_needed() {
        assert!(pointers(&ann()).is_empty());
        assert!(pointers(&ContactFields { last_name: None, ..ann() }).is_empty());
        assert_eq!(pointers(&ContactFields { last_name: None, first_name: None, ..ann() }), ["/last_name"]);
    }

    #[test]
    fn every_fault_is_found_at_once() {
        let wrong = ContactFields {
            birthday: NaiveDate::from_ymd_opt(1899, 12, 31),
            tags: vec!["VIP".parse().unwrap(), "vip".parse().unwrap()],
            external_id: "7".parse().ok(),
            verified_at: DateTime::from_timestamp(1_800_000_000, 0),
            ..ann()
        };
        assert_eq!(pointers(&wrong), ["/tags/1", "/external_source", "/verified_at", "/birthday"]);
    }

    #[test]
    fn names_sort_and_are_found_folded() {
        assert_eq!(ann().name_key(), "елкина анна");
        assert!(record::search_words(&ann()).contains("елкина"));
    }
}
