//! What happens to the contacts of the demo.

use artel_domain::{
    activity::Verb,
    actor::Actor,
    company::CompanyId,
    contact::{ContactFields, ContactId},
    dictionary::DictionaryKind,
    link::{Link, LinkDraft, put},
    record::Draft,
};
use artel_persistence::{Result, Tx, company, contact as store};
use chrono::{DateTime, Utc};

use super::{
    history::{Deed, Known},
    record::{resubmission, submission, words},
    script::{Job, Row},
    staff::unknown,
};

/// Does one deed.
///
/// # Errors
/// Those of the domain and of the database.
pub async fn play(
    tx: &Tx,
    by: &Actor,
    known: &mut Known,
    row: &Row<ContactFields>,
    jobs: &[Job],
    (at, deed): (DateTime<Utc>, Deed),
) -> Result<()> {
    match deed {
        Deed::Make => {
            let links = links(tx, by, known, jobs.iter().filter(|job| job.contact == row.name), at).await?;
            let id = make(tx, by, row, &links, at).await?;
            known.contacts.insert(row.name, id);
            Ok(())
        }
        Deed::Confirm => confirm(tx, by, known.contact(row.name)?, at).await,
        Deed::Trash => trash(tx, by, known.contact(row.name)?, at).await,
    }
}

/// The links of a contact to be; whoever makes it must be able to read the companies.
async fn links(
    tx: &Tx,
    by: &Actor,
    known: &Known,
    jobs: impl Iterator<Item = &Job>,
    at: DateTime<Utc>,
) -> Result<Vec<Link>> {
    let mut links = Vec::new();
    for job in jobs {
        let company_id = known.company(job.company)?;
        let draft = LinkDraft {
            company_id,
            position: Some(job.position.clone()),
            primary: job.first.then_some(true),
        };
        put(&mut links, draft, at)?;
    }
    let ids: Vec<CompanyId> = links.iter().map(|link| link.company_id).collect();
    let readable = company::load_names(tx, by, &ids).await?;
    if readable.len() == ids.len() {
        Ok(links)
    } else {
        Err(unknown("a company that the contact's keeper may read"))
    }
}

async fn make(
    tx: &Tx,
    by: &Actor,
    row: &Row<ContactFields>,
    links: &[Link],
    at: DateTime<Utc>,
) -> Result<ContactId> {
    let held = &row.fields;
    let wanted = words(DictionaryKind::ContactTypes, held.kind.as_ref(), held.source.as_ref());
    let fields = |responsible_id, points| ContactFields { responsible_id, points, ..held.clone() };
    let submission = submission(tx, by, wanted, &row.points, fields).await?;
    let draft = Draft::new(by, submission, at)?;
    Ok(ContactId(store::insert(tx, by, draft, links).await?.id))
}

async fn confirm(tx: &Tx, by: &Actor, id: ContactId, at: DateTime<Utc>) -> Result<()> {
    let before = store::load(tx, by, id).await?;
    let mut contact = before.contact.clone();
    let fields = ContactFields { verified_at: Some(at), ..contact.fields.clone() };
    let changes = contact.edit(by, None, resubmission(tx, by, fields).await?, at)?;
    let links = before.links();
    store::save(tx, by, &before, &mut contact, &links, Verb::Updated, changes).await
}

async fn trash(tx: &Tx, by: &Actor, id: ContactId, at: DateTime<Utc>) -> Result<()> {
    let before = store::load(tx, by, id).await?;
    let mut contact = before.contact.clone();
    contact.trash(by, None, at)?;
    let links = before.links();
    store::save(tx, by, &before, &mut contact, &links, Verb::Deleted, Vec::new()).await
}
