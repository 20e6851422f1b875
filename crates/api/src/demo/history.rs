//! What happened to the demo's contacts and companies, done in the order in which it happened: each deed through the
//! domain, by the person who looks after the record.

use std::collections::BTreeMap;

use artel_domain::{
    company::{CompanyFields, CompanyId},
    contact::{ContactFields, ContactId},
};
use artel_persistence::{Result, Tx};
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    company, contact,
    script::{Person, Row, Script},
    staff::{Staff, leave, unknown},
};

/// The records that are there already, by the names that the tables give them.
#[derive(Debug, Default)]
pub struct Known {
    /// The companies.
    pub companies: BTreeMap<&'static str, CompanyId>,
    /// The contacts.
    pub contacts: BTreeMap<&'static str, ContactId>,
}

impl Known {
    /// The company of this name.
    ///
    /// # Errors
    /// When it is not there yet.
    pub fn company(&self, name: &str) -> Result<CompanyId> {
        self.companies.get(name).copied().ok_or_else(|| unknown(name))
    }

    /// The contact of this name.
    ///
    /// # Errors
    /// When it is not there yet.
    pub fn contact(&self, name: &str) -> Result<ContactId> {
        self.contacts.get(name).copied().ok_or_else(|| unknown(name))
    }
}

/// What somebody does to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// They make it.
    Make,
    /// They confirm that it still holds.
    Confirm,
    /// They put it into the trash.
    Trash,
}

/// Something that happened.
enum Event<'a> {
    Company(&'a Row<CompanyFields>, Deed),
    Contact(&'a Row<ContactFields>, Deed),
    Left(&'a Person),
}

/// Does everything that the tables tell.
///
/// # Errors
/// Those of the domain and of the database.
pub async fn play(tx: &Tx, script: &Script, staff: &Staff, now: DateTime<Utc>) -> Result<()> {
    let mut known = Known::default();
    for (at, event) in events(script, now) {
        match event {
            Event::Company(row, deed) => {
                company::play(tx, staff.get(row.keeper)?, &mut known, row, (at, deed)).await?;
            }
            Event::Contact(row, deed) => {
                let by = staff.get(row.keeper)?;
                contact::play(tx, by, &mut known, row, &script.jobs, (at, deed)).await?;
            }
            Event::Left(person) => {
                leave(tx, staff.admin(script)?, staff.get(person.login)?.user, at).await?;
            }
        }
    }
    Ok(())
}

/// Everything that happened, the oldest first.
fn events(script: &Script, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, Event<'_>)> {
    let mut events = Vec::new();
    for (place, row) in (0..).zip(&script.companies) {
        let deeds = deeds(row, place, now);
        events.extend(deeds.map(|(at, deed)| (at, Event::Company(row, deed))));
    }
    for (place, row) in (0..).zip(&script.contacts) {
        let deeds = deeds(row, place, now);
        events.extend(deeds.map(|(at, deed)| (at, Event::Contact(row, deed))));
    }
    for person in &script.people {
        let left = person.left.into_iter();
        events.extend(left.map(|days| (instant(now, days, 0), Event::Left(person))));
    }
    events.sort_by_key(|(at, _)| *at);
    events
}

fn deeds<F>(
    row: &Row<F>,
    place: i64,
    now: DateTime<Utc>,
) -> impl Iterator<Item = (DateTime<Utc>, Deed)> + use<F> {
    let days = [(Some(row.made), Deed::Make), (row.confirmed, Deed::Confirm), (row.trashed, Deed::Trash)];
    let happened = days.into_iter().filter_map(|(days, deed)| Some((days?, deed)));
    happened.map(move |(days, deed)| (instant(now, days, place), deed))
}

/// So many days ago, at a time of the day that differs from row to row.
fn instant(now: DateTime<Utc>, days_ago: i64, place: i64) -> DateTime<Utc> {
    now - TimeDelta::days(days_ago) - TimeDelta::minutes(place * 7 % 480)
}
