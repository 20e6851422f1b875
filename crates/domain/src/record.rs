//! What contacts and companies have in common: whose they are, who may do what with them, their versions, and
//! the trash. The rules of each kind stand in its own room.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::{
    access::{CrmAction, Level, Standing},
    activity::{Change, ObjectKind, ObjectRef, changes},
    actor::{Actor, UserId},
    error::{Conflict, Error, Fault, FaultCode, Forbidden, Result, check_version, too_many},
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

/// How long a record lies in the trash before it goes for good.
pub const KEPT_IN_TRASH: TimeDelta = TimeDelta::days(30);

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

/// Who wrote something when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When.
    pub at: DateTime<Utc>,
    /// Who; nobody where it was the system.
    pub by: Option<UserId>,
}

/// A record as it stands, seen by someone.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<F> {
    /// Its id among its kind.
    pub id: i64,
    /// What can be edited.
    pub fields: F,
    /// Whether the responsible user is among the people below the one who looks.
    pub below: bool,
    /// Raised by one with each change of the fields.
    pub version: i64,
    /// When it came into being.
    pub created: Stamp,
    /// When its fields last changed.
    pub updated: Stamp,
    /// Since when it lies in the trash.
    pub trashed: Option<Stamp>,
}

/// A record before the database gives it an id.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft<F> {
    /// What it holds.
    pub fields: F,
    /// Whether the responsible user is among the people below the creator.
    pub below: bool,
    /// Who created it when.
    pub created: Stamp,
}

/// A user who is to become responsible, as the one who asks stands to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Responsible {
    /// Who.
    pub user: UserId,
    /// Whether they are among the people below the one who asks.
    pub below: bool,
    /// Whether they may take on records: an active member of the staff.
    pub fit: bool,
}

/// What someone wants a record to hold, with what was found wrong while reading it: contact points that cannot be
/// understood, words that no dictionary knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission<F> {
    /// The fields as they are to be.
    pub fields: F,
    /// The user who is to be responsible.
    pub responsible: Responsible,
    /// What was wrong already.
    pub faults: Vec<Fault>,
}

impl<F: Fields> Draft<F> {
    /// A new record.
    ///
    /// # Errors
    /// [`Forbidden::AccessLevel`] without any right to write, otherwise every fault: a creator must be able to
    /// write what they create.
    pub fn new(by: &Actor, submission: Submission<F>, now: DateTime<Utc>) -> Result<Self> {
        check_may_create(by)?;
        let Submission {
            fields,
            responsible,
            faults,
        } = submission;
        check_fields(by, None, &fields, responsible, faults, now)?;
        Ok(Self {
            fields,
            below: responsible.below,
            created: Stamp {
                at: now,
                by: Some(by.user),
            },
        })
    }

    /// The record that this becomes under its id.
    pub fn with_id(self, id: i64) -> Record<F> {
        let Self {
            fields,
            below,
            created,
        } = self;
        Record {
            id,
            fields,
            below,
            version: 1,
            created,
            updated: created,
            trashed: None,
        }
    }
}

/// Whether someone may create records at all.
///
/// # Errors
/// [`Forbidden::AccessLevel`] where they may write nothing, not even what is their own.
pub fn check_may_create(by: &Actor) -> Result<()> {
    if by.level(CrmAction::Write) >= Level::Own {
        Ok(())
    } else {
        Err(Forbidden::AccessLevel.into())
    }
}

fn check_fields<F: Fields>(
    by: &Actor,
    before: Option<&F>,
    fields: &F,
    responsible: Responsible,
    mut faults: Vec<Fault>,
    now: DateTime<Utc>,
) -> Result<()> {
    faults.extend(self::faults(fields, now));
    if !responsible.fit {
        faults.push(Fault::new(
            "/responsible_id",
            FaultCode::Unknown,
            "must be an active member of the staff",
        ));
    }
    let standing = Standing {
        responsible: responsible.user,
        below: responsible.below,
        shared: fields.common().shared,
    };
    // A new record is shared unless told otherwise.
    let was_shared = before.is_none_or(|before| before.common().shared);
    faults.extend(out_of_reach(by, standing, was_shared));
    Error::unless_empty(faults)
}

/// Nobody writes a record out of their own reach: by making it no longer shared, or by giving it away.
fn out_of_reach(by: &Actor, standing: Standing, was_shared: bool) -> Option<Fault> {
    if standing.permits(by, CrmAction::Write) {
        return None;
    }
    let shared = Standing {
        shared: was_shared,
        ..standing
    };
    let pointer = if shared.permits(by, CrmAction::Write) {
        "/shared"
    } else {
        "/responsible_id"
    };
    let message = "would put the record outside what you may change";
    Some(Fault::new(pointer, FaultCode::OutOfReach, message))
}

impl<F: Fields> Record<F> {
    /// How activities name the record.
    #[must_use]
    pub const fn object(&self) -> ObjectRef {
        ObjectRef {
            kind: F::KIND,
            id: self.id,
        }
    }

    /// Whose record it is.
    pub fn standing(&self) -> Standing {
        let Common {
            responsible, shared, ..
        } = self.fields.common();
        Standing {
            responsible,
            below: self.below,
            shared,
        }
    }

    /// What the actor may do with it now. A record in the trash can be seen, and restored by those who may delete it;
    /// importing concerns no single record.
    pub fn can(&self, actor: &Actor) -> Vec<CrmAction> {
        let standing = self.standing();
        let possible = |action: CrmAction| match action {
            CrmAction::Read | CrmAction::Delete => true,
            CrmAction::Write | CrmAction::Export => self.trashed.is_none(),
            CrmAction::Import => false,
        };
        CrmAction::ALL
            .iter()
            .copied()
            .filter(|action| possible(*action) && standing.permits(actor, *action))
            .collect()
    }

    /// Lets those pass who may write the record now.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Forbidden::AccessLevel`], [`Error::Stale`], [`Conflict::Trashed`].
    pub fn check_write(&self, by: &Actor, expected: Option<i64>) -> Result<()> {
        self.check(by, CrmAction::Write, expected)?;
        self.check_outside_trash()
    }

    fn check_outside_trash(&self) -> Result<()> {
        match self.trashed {
            Some(_) => Err(Conflict::Trashed.into()),
            None => Ok(()),
        }
    }

    fn check(&self, by: &Actor, action: CrmAction, expected: Option<i64>) -> Result<()> {
        self.standing().check(by, action)?;
        check_version(self.version, expected)
    }

    /// Replaces the fields; says which of them changed. Where none did, nothing is touched.
    ///
    /// # Errors
    /// Those of [`Record::check_write`]; every fault of the new fields.
    pub fn edit(
        &mut self,
        by: &Actor,
        expected: Option<i64>,
        submission: Submission<F>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Change>> {
        self.check_write(by, expected)?;
        let Submission {
            fields,
            responsible,
            faults,
        } = submission;
        if fields == self.fields && faults.is_empty() {
            return Ok(Vec::new());
        }
        let judged = self.judged(&fields, responsible);
        check_fields(by, Some(&self.fields), &fields, judged, faults, now)?;
        let changed = changes(&self.fields, &fields);
        self.fields = fields;
        self.below = responsible.below;
        self.touch(by, now);
        Ok(changed)
    }

    /// Notes that something beside the fields changed which the record shows, such as its links.
    ///
    /// # Errors
    /// Those of [`Record::check_write`].
    pub fn change_beside(&mut self, by: &Actor, expected: Option<i64>, now: DateTime<Utc>) -> Result<()> {
        self.check_write(by, expected)?;
        self.touch(by, now);
        Ok(())
    }

    /// Whoever is responsible already stays so, active or not.
    fn judged(&self, fields: &F, responsible: Responsible) -> Responsible {
        let same = fields.common().responsible == self.fields.common().responsible;
        Responsible {
            fit: responsible.fit || same,
            ..responsible
        }
    }

    fn touch(&mut self, by: &Actor, now: DateTime<Utc>) {
        self.version += 1;
        self.updated = Stamp {
            at: now,
            by: Some(by.user),
        };
    }

    /// Puts the record into the trash.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Forbidden::AccessLevel`], [`Error::Stale`], [`Conflict::Trashed`].
    pub fn trash(&mut self, by: &Actor, expected: Option<i64>, now: DateTime<Utc>) -> Result<()> {
        self.check(by, CrmAction::Delete, expected)?;
        self.check_outside_trash()?;
        self.trashed = Some(Stamp {
            at: now,
            by: Some(by.user),
        });
        self.touch(by, now);
        Ok(())
    }

    /// Takes the record out of the trash; nothing happens to one that is not there.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Forbidden::AccessLevel`], [`Error::Stale`].
    pub fn restore(&mut self, by: &Actor, expected: Option<i64>, now: DateTime<Utc>) -> Result<bool> {
        self.check(by, CrmAction::Delete, expected)?;
        if self.trashed.take().is_none() {
            return Ok(false);
        }
        self.touch(by, now);
        Ok(true)
    }
}

/// Everything that is wrong with the fields of a record, beyond what their types say.
pub(crate) fn faults<F: Fields>(fields: &F, now: DateTime<Utc>) -> Vec<Fault> {
    let mut faults = common_faults(fields.common(), now);
    faults.extend(fields.own_faults(now));
    faults
}

/// The faults that any record can have: too many tags or the same twice, an external id without its source,
/// confirmed in the future, as far as clocks can tell.
fn common_faults(common: Common<'_>, now: DateTime<Utc>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for (position, tag) in common.tags.iter().enumerate() {
        if !seen.insert(search::fold(tag.as_str())) {
            let at = format!("/tags/{position}");
            faults.push(Fault::new(at, FaultCode::Duplicate, "is given twice"));
        }
    }
    faults.extend(too_many(
        "/tags",
        common.tags.len(),
        MOST_TAGS,
        "must have at most 50 items",
    ));
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

#[cfg(test)]
mod tests;
