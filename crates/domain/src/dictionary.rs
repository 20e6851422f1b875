//! The dictionaries of the CRM: short lists of words that administrators choose.

use serde::Serialize;

use crate::{
    activity::{Change, ObjectKind, ObjectRef, changes},
    actor::Actor,
    error::{Error, Fault, FaultCode, Result, require_version, too_many},
    record::DictionaryCode,
    text, words,
};

text! {
    /// What an entry of a dictionary is called.
    EntryName(1..=100)
}

words! {
    /// Which dictionary.
    pub enum DictionaryKind {
        /// What a contact is to the organisation.
        ContactTypes = "contact_types",
        /// What a company is to the organisation.
        CompanyTypes = "company_types",
        /// Where contacts and companies come from.
        Sources = "sources",
    }
}

/// The most entries of one dictionary.
pub const MOST_ENTRIES: usize = 200;

/// What filters say for "no entry": no entry can bear it.
const RESERVED: &str = "none";

/// An entry of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What records hold: it never changes.
    pub code: DictionaryCode,
    /// What people read.
    pub name: EntryName,
}

/// A dictionary, in the order that people see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dictionary {
    /// Which one.
    pub kind: DictionaryKind,
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Raised by one with each change.
    pub version: i64,
}

#[derive(Serialize)]
struct State<'a> {
    entries: &'a [Entry],
}

impl Dictionary {
    /// How activities name the dictionary.
    #[must_use]
    pub fn object(&self) -> ObjectRef {
        let number = DictionaryKind::ALL.iter().position(|kind| *kind == self.kind).unwrap_or_default();
        ObjectRef { kind: ObjectKind::Dictionary, id: i64::try_from(number).unwrap_or_default() + 1 }
    }

    /// Saves over the whole list.
    ///
    /// # Errors
    /// [`crate::error::Forbidden::AdminOnly`], [`Error::VersionRequired`], [`Error::Stale`], every fault of the entries.
    pub fn replace(&mut self, by: &Actor, expected: Option<i64>, entries: Vec<Entry>) -> Result<Vec<Change>> {
        by.require_admin()?;
        require_version(self.version, expected)?;
        Error::unless_empty(faults(&entries))?;
        let changed = changes(&State { entries: &self.entries }, &State { entries: &entries });
        if !changed.is_empty() {
            self.entries = entries;
            self.version += 1;
        }
        Ok(changed)
    }
}

fn faults(entries: &[Entry]) -> Vec<Fault> {
    let again = |(position, entry): (usize, &Entry)| {
        let mut earlier = entries.iter().take(position);
        let at = format!("/entries/{position}/code");
        let fault = || Fault::new(at, FaultCode::Duplicate, "is given twice");
        earlier.any(|other| other.code == entry.code).then(fault)
    };
    let reserved = |(position, entry): (usize, &Entry)| {
        let at = format!("/entries/{position}/code");
        let fault = || Fault::new(at, FaultCode::Reserved, "means in filters that there is no entry");
        (entry.code.as_str() == RESERVED).then(fault)
    };
    let too_many = too_many("/entries", entries.len(), MOST_ENTRIES, "must have at most 200 items");
    let again = entries.iter().enumerate().filter_map(again);
    let reserved = entries.iter().enumerate().filter_map(reserved);
    too_many.into_iter().chain(again).chain(reserved).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        actor::{Role, SessionId, UserId, Via},
        error::Forbidden,
        level::Levels,
    };

    fn actor(role: Role) -> Actor {
        Actor { user: UserId(1), role, via: Via::Session(SessionId(1)), levels: Levels::default_of(role) }
    }

    fn entries(codes: &[&str]) -> Vec<Entry> {
        let entry = |code: &&str| Entry { code: code.parse().unwrap(), name: code.parse().unwrap() };
        codes.iter().map(entry).collect()
    }

    fn sources() -> Dictionary {
        Dictionary { kind: DictionaryKind::Sources, entries: entries(&["event", "other"]), version: 1 }
    }

    #[test]
    fn administrators_save_over_the_version_that_they_name() {
        let mut sources = sources();
        let new = || entries(&["other", "event"]);
        let employee = sources.replace(&actor(Role::Employee), Some(1), new());
        assert_eq!(employee, Err(Forbidden::AdminOnly.into()));
        let admin = actor(Role::Admin);
        assert_eq!(sources.replace(&admin, None, new()), Err(Error::VersionRequired));
        assert_eq!(sources.replace(&admin, Some(2), new()), Err(Error::Stale));
        assert_eq!(sources.replace(&admin, Some(1), new()).unwrap().len(), 1);
        assert_eq!(sources.replace(&admin, Some(2), new()), Ok(Vec::new()));
        assert_eq!(sources.version, 2);
    }

    #[test]
    fn codes_are_unique_and_so_many_at_most() {
        let mut sources = sources();
        let mut refused = |codes: &[&str]| match sources.replace(&actor(Role::Admin), Some(1), entries(codes))
        {
            Err(Error::Invalid(faults)) => {
                faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
            }
            _ => Vec::new(),
        };
        assert_eq!(
            refused(&["event", "other", "event"]),
            [("/entries/2/code".to_owned(), FaultCode::Duplicate)]
        );
        assert_eq!(refused(&["none"]), [("/entries/0/code".to_owned(), FaultCode::Reserved)]);
        let many: Vec<String> = (0..=MOST_ENTRIES).map(|n| format!("code{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(refused(&many), [("/entries".to_owned(), FaultCode::OutOfRange)]);
        assert_eq!(refused(many.split_last().unwrap().1), []);
    }
}
