//! The companies of one contact.

use actix_web::{
    delete, get, put,
    web::{Data, Path},
};
use artel_domain::{
    activity::Verb,
    company::CompanyId,
    contact::ContactId,
    error::Error as Refusal,
    link::{JobTitle, LinkDraft},
};
use artel_persistence::{
    Db, Result as StorageResult, Tx,
    contact::{self as store, Card},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::shape::{LinkView, Linking};
use crate::{
    answer::Answer,
    extract::{Body, Me},
    list::Listing,
    precondition::IfMatch,
    problem::Result,
    write::{Saved, Write},
};

/// What a contact is in a company.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"position": "CTO", "primary": true}))]
pub struct PutLink {
    /// What the contact is there.
    #[serde(default)]
    position: Option<JobTitle>,
    /// Whether it comes first. The first company does, until another takes over.
    #[serde(default)]
    #[schema(nullable = false)]
    primary: Option<bool>,
}

impl PutLink {
    fn with_company(self, company_id: CompanyId) -> LinkDraft {
        let Self { position, primary } = self;
        LinkDraft { company_id, position, primary }
    }
}

/// List the companies of a contact
///
/// Whoever may read the contact may call it; it shows the companies that the caller's access level reaches, all on one
/// page.
#[utoipa::path(tag = "contacts", params(("id" = ContactId, Path)), security(("token" = ["crm:read"])),
    responses((status = OK, body = Listing<LinkView>)))]
#[get("/contacts/{id}/companies")]
pub async fn list_contact_companies(me: Me, db: Data<Db>, id: Path<ContactId>) -> Result<Listing<LinkView>> {
    let card = store::find(db.reader(), &me, *id).await?;
    Ok(Listing { items: LinkView::visible(card.companies), next_cursor: None, total: None })
}

/// Link a contact with a company, or change the link
///
/// Whoever may write the contact and read the company may call it. A new primary takes over; the primary stays one until
/// another takes over.
#[utoipa::path(tag = "contacts", request_body = PutLink, security(("token" = ["crm:write"])),
    params(("id" = ContactId, Path), ("company_id" = CompanyId, Path), IfMatch), responses((status = OK, body = LinkView)))]
#[put("/contacts/{id}/companies/{company_id}")]
pub async fn put_contact_company(
    write: Write,
    path: Path<(ContactId, CompanyId)>,
    body: Body<PutLink>,
) -> Result<Answer> {
    let (id, company_id) = path.into_inner();
    let answer = write.commit(async |tx| {
        let card = put_link(tx, &write, id, body.0.clone().with_company(company_id)).await?;
        let object = card.contact.object();
        let mut companies = card.companies.into_iter();
        let link = companies.find(|company| company.link.company_id == company_id);
        let view = LinkView::from(link.ok_or(Refusal::NotFound)?);
        Ok(Saved::new(object, Answer::ok(&view)))
    });
    answer.await
}

async fn put_link(tx: &Tx, write: &Write, id: ContactId, draft: LinkDraft) -> StorageResult<Card> {
    let card = store::load(tx, write.me(), id).await?;
    card.contact.check_write(write.me(), None)?;
    let links = Linking::put(tx, write, &card, draft).await?;
    relink(tx, write, card, links, Verb::Linked).await
}

/// Remove the link between a contact and a company
///
/// Whoever may write the contact and read the company may call it. When the primary company goes, the oldest of the rest
/// takes its place.
#[utoipa::path(tag = "contacts", security(("token" = ["crm:write"])),
    params(("id" = ContactId, Path), ("company_id" = CompanyId, Path), IfMatch), responses((status = NO_CONTENT)))]
#[delete("/contacts/{id}/companies/{company_id}")]
pub async fn delete_contact_company(write: Write, path: Path<(ContactId, CompanyId)>) -> Result<Answer> {
    let (id, company_id) = path.into_inner();
    let answer = write.commit(async |tx| {
        let card = store::load(tx, write.me(), id).await?;
        let links = Linking::remove(&card, company_id)?;
        let card = relink(tx, &write, card, links, Verb::Unlinked).await?;
        Ok(Saved::new(card.contact.object(), Answer::no_content()))
    });
    answer.await
}

/// Saves the links of a contact, if they changed.
async fn relink(tx: &Tx, write: &Write, before: Card, links: Linking, verb: Verb) -> StorageResult<Card> {
    let mut contact = before.contact.clone();
    contact.check_write(write.me(), write.expected())?;
    let after = links.after();
    let changes = Linking::changes(&before.links(), &after);
    if !changes.is_empty() {
        contact.change_beside(write.me(), write.expected(), write.now())?;
    }
    store::save(tx, write.me(), &before, &mut contact, &after, verb, changes).await?;
    Ok(Card { contact, companies: links.companies })
}
