//! The dictionaries of the CRM: short lists of words that administrators choose.

use serde::Serialize;

use crate::{
    activity::{Change, ObjectKind, ObjectRef, changes},
    actor::Actor,
    error::{Error, Fault, FaultCode, Result, require_version},
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
        let number = DictionaryKind::ALL
            .iter()
            .position(|kind| *kind == self.kind)
            .unwrap_or_default();
        ObjectRef {
            kind: ObjectKind::Dictionary,
            id: i64::try_from(number).unwrap_or_default() + 1,
        }
    }

    /// Saves over the whole list.
    ///
    /// # Errors
    /// [`crate::error::Forbidden::AdminOnly`], [`Error::VersionRequired`], [`Error::Stale`], every fault of the entries.
    pub fn replace(&mut self, by: &Actor, expected: Option<i64>, entries: Vec<Entry>) -> Result<Vec<Change>> {
        by.require_admin()?;
        require_version(self.version, expected)?;
        Error::unless_empty(faults(&entries))?;
        let changed = changes(
            &State {
                entries: &self.entries,
            },
            &State { entries: &entries },
        );
        if !changed.is_empty() {
            self.entries = entries;
            self.version += 1;
        }
        Ok(changed)
    }
}

fn faults(entries: &[Entry]) -> Vec<Fault> {
    let again = |(position, entry): (usize, &Entry)| {
        let earlier = entries
            .iter()
            .take(position)
            .any(|other| other.code == entry.code);
        earlier.then(|| {
            Fault::new(
                format!("/entries/{position}/code"),
                FaultCode::Duplicate,
                "is given twice",
            )
        })
    };
    entries.iter().enumerate().filter_map(again).collect()
}
