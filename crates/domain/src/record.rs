//! What contacts and companies have in common: whose they are, who may do what with them, their versions, and
//! the trash. The rules of each kind stand in its own room.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    access::{CrmAction, Level, Standing},
    activity::{Change, ObjectKind, ObjectRef, changes},
    actor::{Actor, UserId},
    error::{Error, Fault, FaultCode, Forbidden, Result, check_version},
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

/// The fields of one kind of record.
pub trait Fields: Clone + PartialEq + Serialize {
    /// The kind.
    const KIND: ObjectKind;

    /// Who is responsible for the record.
    fn responsible(&self) -> UserId;

    /// Whether the record is marked as shared.
    fn shared(&self) -> bool;

    /// Everything that is wrong with the fields, beyond what their types say.
    fn faults(&self, now: DateTime<Utc>) -> Vec<Fault>;
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
        check_fields(by, &fields, responsible, faults, now)?;
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
    fields: &F,
    responsible: Responsible,
    mut faults: Vec<Fault>,
    now: DateTime<Utc>,
) -> Result<()> {
    faults.extend(fields.faults(now));
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
        shared: fields.shared(),
    };
    if !standing.permits(by, CrmAction::Write) {
        let message = "would put the record outside what you may change";
        faults.push(Fault::new("/responsible_id", FaultCode::OutOfReach, message));
    }
    Error::unless_empty(faults)
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
        Standing {
            responsible: self.fields.responsible(),
            below: self.below,
            shared: self.fields.shared(),
        }
    }

    /// What the actor may do with it now: of a record in the trash, see and restore it.
    pub fn can(&self, actor: &Actor) -> Vec<CrmAction> {
        let standing = self.standing();
        CrmAction::ALL
            .iter()
            .copied()
            .filter(|action| standing.permits(actor, *action))
            .collect()
    }

    /// Lets those pass who may write the record now.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Forbidden::AccessLevel`], [`Error::Stale`].
    pub fn check_write(&self, by: &Actor, expected: Option<i64>) -> Result<()> {
        self.check(by, CrmAction::Write, expected)
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
        check_fields(by, &fields, self.judged(&fields, responsible), faults, now)?;
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
        let same = fields.responsible() == self.fields.responsible();
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
    /// [`Error::NotFound`], [`Forbidden::AccessLevel`], [`Error::Stale`].
    pub fn trash(&mut self, by: &Actor, expected: Option<i64>, now: DateTime<Utc>) -> Result<()> {
        self.check(by, CrmAction::Delete, expected)?;
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

/// The faults that any record can have: tags given twice, an external id without its source.
#[must_use]
pub fn common_faults(tags: &[Tag], source: Option<&ExternalSource>, id: Option<&ExternalId>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (position, tag) in tags.iter().enumerate() {
        if !seen.insert(crate::search::fold(tag.as_str())) {
            faults.push(Fault::new(
                format!("/tags/{position}"),
                FaultCode::Duplicate,
                "is given twice",
            ));
        }
    }
    if tags.len() > MOST_TAGS {
        faults.push(Fault::new(
            "/tags",
            FaultCode::OutOfRange,
            "must have at most 50 items",
        ));
    }
    match (source, id) {
        (Some(_), None) => faults.push(Fault::new(
            "/external_id",
            FaultCode::Incomplete,
            "must come with its source",
        )),
        (None, Some(_)) => {
            faults.push(Fault::new(
                "/external_source",
                FaultCode::Incomplete,
                "must come with the external id",
            ));
        }
        _ => {}
    }
    faults
}

#[cfg(test)]
mod tests;
