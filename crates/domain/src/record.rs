//! What contacts and companies have in common: whose they are, who may do what with them, their versions, and
//! the trash. The rules of each kind stand in its own room.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    access::Standing,
    activity::{Change, ObjectRef, changes},
    actor::{Actor, UserId},
    error::{Conflict, Error, Fault, FaultCode, Forbidden, Result, check_version},
    level::{CrmAction, Level},
};

mod fields;

pub use fields::{
    CLOCK_SKEW, Comment, Common, DictionaryCode, ExternalId, ExternalSource, Fields, MOST_TAGS, Tag,
    search_words,
};
pub(crate) use fields::{faults, tag_faults};

/// How long a record lies in the trash before it goes for good.
pub const KEPT_IN_TRASH: TimeDelta = TimeDelta::days(30);

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
        let Submission { fields, responsible, faults } = submission;
        check_fields(by, None, &fields, responsible, faults, now)?;
        Ok(Self { fields, below: responsible.below, created: Stamp { at: now, by: Some(by.user) } })
    }

    /// The record that this becomes under its id.
    pub fn with_id(self, id: i64) -> Record<F> {
        let Self { fields, below, created } = self;
        Record { id, fields, below, version: 1, created, updated: created, trashed: None }
    }
}

/// Whether someone may create records at all.
///
/// # Errors
/// [`Forbidden::AccessLevel`] where they may write nothing, not even what is their own.
pub fn check_may_create(by: &Actor) -> Result<()> {
    if by.level(CrmAction::Write) >= Level::Own { Ok(()) } else { Err(Forbidden::AccessLevel.into()) }
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
    let standing =
        Standing { responsible: responsible.user, below: responsible.below, shared: fields.common().shared };
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
    let shared = Standing { shared: was_shared, ..standing };
    let pointer = if shared.permits(by, CrmAction::Write) { "/shared" } else { "/responsible_id" };
    let message = "would put the record outside what you may change";
    Some(Fault::new(pointer, FaultCode::OutOfReach, message))
}

impl<F: Fields> Record<F> {
    /// How activities name the record.
    #[must_use]
    pub const fn object(&self) -> ObjectRef {
        ObjectRef { kind: F::KIND, id: self.id }
    }

    /// Whose record it is.
    pub fn standing(&self) -> Standing {
        let Common { responsible, shared, .. } = self.fields.common();
        Standing { responsible, below: self.below, shared }
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
        let Submission { fields, responsible, faults } = submission;
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
        Responsible { fit: responsible.fit || same, ..responsible }
    }

    fn touch(&mut self, by: &Actor, now: DateTime<Utc>) {
        self.version += 1;
        self.updated = Stamp { at: now, by: Some(by.user) };
    }

    /// Puts the record into the trash.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Forbidden::AccessLevel`], [`Error::Stale`], [`Conflict::Trashed`].
    pub fn trash(&mut self, by: &Actor, expected: Option<i64>, now: DateTime<Utc>) -> Result<()> {
        self.check(by, CrmAction::Delete, expected)?;
        self.check_outside_trash()?;
        self.trashed = Some(Stamp { at: now, by: Some(by.user) });
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

#[cfg(test)]
mod tests;
