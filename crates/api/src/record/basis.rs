//! What is looked up before a record of either kind can be written.

use artel_domain::{
    actor::UserId,
    dictionary::DictionaryKind,
    error::Fault,
    point::{Point, assemble},
    record::{DictionaryCode, Responsible},
};
use artel_persistence::{
    Result as StorageResult, Tx,
    record::{Wanted, context},
};

use super::PointInput;
use crate::write::Write;

/// What a request names that must be looked up.
pub struct Named<'a> {
    /// The user who is to be responsible.
    pub responsible: UserId,
    /// The dictionary of types.
    pub types: DictionaryKind,
    /// A type, if one was sent.
    pub kind: Option<&'a DictionaryCode>,
    /// A source, if one was sent.
    pub source: Option<&'a DictionaryCode>,
    /// The list of contact points, if one was sent.
    pub points: Option<&'a [PointInput]>,
}

/// What came of it.
pub struct Basis {
    /// The user who is to be responsible.
    pub responsible: Responsible,
    /// The contact points as they are to be; those of before where none were sent or something is wrong with them.
    pub points: Vec<Point>,
    /// What is wrong: words that no dictionary knows, contact points that cannot be understood.
    pub faults: Vec<Fault>,
}

impl Basis {
    /// Looks up what a request names for a record with these contact points.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn look_up(tx: &Tx, write: &Write, named: Named<'_>, before: &[Point]) -> StorageResult<Self> {
        let kind = named.kind.map(|code| (named.types, code, "/type"));
        let source = named.source.map(|code| (DictionaryKind::Sources, code, "/source"));
        let words = kind.into_iter().chain(source).collect();
        let wanted = Wanted { responsible: Some(named.responsible), words };
        let context = context(tx, write.me(), wanted).await?;
        let mut faults = context.faults;
        let assembled = named.points.map(|points| {
            let drafts = points.iter().cloned().map(Into::into).collect();
            assemble(drafts, before, Some(context.country))
        });
        let points = assembled.unwrap_or_else(|| Ok(before.to_vec())).unwrap_or_else(|found| {
            faults.extend(found);
            before.to_vec()
        });
        Ok(Self { responsible: context.responsible, points, faults })
    }
}
