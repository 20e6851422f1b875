//! What the companies and the contacts of the demo have in common: a row of a table becomes something that the
//! domain can judge.

use artel_domain::{
    actor::{Actor, UserId},
    dictionary::DictionaryKind,
    point::{Point, PointDraft, assemble},
    record::{DictionaryCode, Submission},
};
use artel_persistence::{
    Result, Tx,
    record::{Wanted, context},
};

/// The words of dictionaries that a new record names, with the pointers to them.
pub fn words<'a>(
    types: DictionaryKind,
    kind: Option<&'a DictionaryCode>,
    source: Option<&'a DictionaryCode>,
) -> Wanted<'a> {
    let kind = kind.map(|code| (types, code, "/type"));
    let source = source.map(|code| (DictionaryKind::Sources, code, "/source"));
    Wanted { responsible: None, words: kind.into_iter().chain(source).collect() }
}

/// A record as its row tells it, with the one who makes it responsible. `fields` is given the responsible user and
/// the contact points.
///
/// # Errors
/// Those of the database.
pub async fn submission<F>(
    tx: &Tx,
    by: &Actor,
    wanted: Wanted<'_>,
    points: &[PointDraft],
    fields: impl FnOnce(UserId, Vec<Point>) -> F,
) -> Result<Submission<F>> {
    let context = context(tx, by, wanted).await?;
    let mut faults = context.faults;
    let points = assemble(points.to_vec(), &[], Some(context.country)).unwrap_or_else(|found| {
        faults.extend(found);
        Vec::new()
    });
    Ok(Submission {
        fields: fields(context.responsible.user, points),
        responsible: context.responsible,
        faults,
    })
}

/// A change of a record that leaves the responsible user and the contact points alone.
///
/// # Errors
/// Those of the database.
pub async fn resubmission<F>(tx: &Tx, by: &Actor, fields: F) -> Result<Submission<F>> {
    let context = context(tx, by, Wanted::default()).await?;
    Ok(Submission { fields, responsible: context.responsible, faults: context.faults })
}
