//! What happened in the demo's organisation, done in the order in which it happened: each deed through the domain, by
//! the person who did it.

use std::collections::BTreeMap;

use artel_domain::{
    company::{CompanyFields, CompanyId},
    contact::{ContactFields, ContactId},
    project::ProjectId,
    task::{Target, TaskId},
};
use artel_persistence::{Result, Tx};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::{
    company, contact, project,
    script::{Person, Row, Script},
    staff::{Staff, leave, unknown},
    step, task,
    work::{MemberRow, ProjectRow, Step, TaskRow, Work},
};

/// What is there already, by the names that the tables give it.
#[derive(Debug, Default)]
pub struct Known {
    /// The companies.
    pub companies: BTreeMap<&'static str, CompanyId>,
    /// The contacts.
    pub contacts: BTreeMap<&'static str, ContactId>,
    /// The projects.
    pub projects: BTreeMap<&'static str, ProjectId>,
    /// The tasks.
    pub tasks: BTreeMap<&'static str, TaskId>,
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

    /// The contact or the company of this name.
    ///
    /// # Errors
    /// When it is not there yet.
    pub fn record(&self, name: &str) -> Result<Target> {
        match self.contacts.get(name) {
            Some(id) => Ok(Target::Contact(*id)),
            None => Ok(Target::Company(self.company(name)?)),
        }
    }

    /// The project that the tables call this.
    ///
    /// # Errors
    /// When it is not there yet.
    pub fn project(&self, key: &str) -> Result<ProjectId> {
        self.projects.get(key).copied().ok_or_else(|| unknown(key))
    }

    /// The task that the tables call this.
    ///
    /// # Errors
    /// When it is not there yet.
    pub fn task(&self, key: &str) -> Result<TaskId> {
        self.tasks.get(key).copied().ok_or_else(|| unknown(key))
    }
}

/// The days around the one on which the demo is loaded.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    today: NaiveDate,
}

impl Calendar {
    /// The day in so many days.
    #[must_use]
    pub fn day(self, days: i64) -> NaiveDate {
        self.today + TimeDelta::days(days)
    }

    /// That day at nine in the morning in the organisation's zone, which is three hours before UTC.
    #[must_use]
    pub fn morning(self, days: i64) -> DateTime<Utc> {
        self.day(days).and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(6)
    }

    /// That day at six in the evening there.
    #[must_use]
    pub fn evening(self, days: i64) -> DateTime<Utc> {
        self.morning(days) + TimeDelta::hours(9)
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
    Project(&'a ProjectRow),
    Member(&'a MemberRow),
    Task(&'a TaskRow),
    Step(&'a Step),
}

/// Does everything that the tables tell.
///
/// # Errors
/// Those of the domain and of the database.
pub async fn play(tx: &Tx, script: &Script, staff: &Staff, now: DateTime<Utc>) -> Result<()> {
    let mut known = Known::default();
    let calendar = Calendar { today: now.date_naive() };
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
            Event::Project(row) => {
                known.projects.insert(row.key, project::make(tx, staff, row, calendar, at).await?);
            }
            Event::Member(row) => project::enter(tx, staff, &known, row, at).await?,
            Event::Task(row) => {
                known.tasks.insert(row.key, task::make(tx, staff, &known, row, calendar, at).await?);
            }
            Event::Step(step) => step::play(tx, staff, &known, step, calendar, at).await?,
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
    events.extend(work(&script.work, now));
    events.sort_by_key(|(at, _)| *at);
    events
}

/// What happened to projects and tasks. On one day projects come first, then members, tasks and steps, each in the
/// order of their table.
fn work(work: &Work, now: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, Event<'_>)> {
    let at = move |hours, made, place| {
        now - TimeDelta::days(made) - TimeDelta::hours(hours) + TimeDelta::minutes(place)
    };
    let projects =
        (0..).zip(&work.projects).map(move |(place, row)| (at(12, row.made, place), Event::Project(row)));
    let members =
        (0..).zip(&work.members).map(move |(place, row)| (at(11, row.made, place), Event::Member(row)));
    let tasks = (0..).zip(&work.tasks).map(move |(place, row)| (at(10, row.made, place), Event::Task(row)));
    let steps =
        (0..).zip(&work.steps).map(move |(place, step)| (at(8, step.made, place * 2), Event::Step(step)));
    projects.chain(members).chain(tasks).chain(steps)
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
