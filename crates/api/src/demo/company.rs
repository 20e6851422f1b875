//! What happens to the companies of the demo.

use artel_domain::{
    activity::Verb,
    actor::Actor,
    company::{CompanyFields, CompanyId},
    dictionary::DictionaryKind,
    record::Draft,
};
use artel_persistence::{Result, Tx, company as store};
use chrono::{DateTime, Utc};

use super::{
    history::{Deed, Known},
    record::{resubmission, submission, words},
    script::Row,
};

/// Does one deed.
///
/// # Errors
/// Those of the domain and of the database.
pub async fn play(
    tx: &Tx,
    by: &Actor,
    known: &mut Known,
    row: &Row<CompanyFields>,
    (at, deed): (DateTime<Utc>, Deed),
) -> Result<()> {
    match deed {
        Deed::Make => {
            let id = make(tx, by, row, at).await?;
            known.companies.insert(row.name, id);
            Ok(())
        }
        Deed::Confirm => confirm(tx, by, known.company(row.name)?, at).await,
        Deed::Trash => trash(tx, by, known.company(row.name)?, at).await,
    }
}

async fn make(tx: &Tx, by: &Actor, row: &Row<CompanyFields>, at: DateTime<Utc>) -> Result<CompanyId> {
    let held = &row.fields;
    let wanted = words(DictionaryKind::CompanyTypes, held.kind.as_ref(), held.source.as_ref());
    let fields = |responsible_id, points| CompanyFields { responsible_id, points, ..held.clone() };
    let submission = submission(tx, by, wanted, &row.points, fields).await?;
    let draft = Draft::new(by, submission, at)?;
    Ok(CompanyId(store::insert(tx, by, draft).await?.id))
}

async fn confirm(tx: &Tx, by: &Actor, id: CompanyId, at: DateTime<Utc>) -> Result<()> {
    let before = store::load(tx, by, id).await?;
    let mut company = before.clone();
    let fields = CompanyFields { verified_at: Some(at), ..company.fields.clone() };
    let changes = company.edit(by, None, resubmission(tx, by, fields).await?, at)?;
    store::save(tx, by, &before, &mut company, Verb::Updated, changes).await
}

async fn trash(tx: &Tx, by: &Actor, id: CompanyId, at: DateTime<Utc>) -> Result<()> {
    let before = store::load(tx, by, id).await?;
    let mut company = before.clone();
    company.trash(by, None, at)?;
    store::save(tx, by, &before, &mut company, Verb::Deleted, Vec::new()).await
}
