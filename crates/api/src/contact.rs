//! Contacts: people whom the organisation knows.

use actix_web::{
    delete, get, patch, post,
    web::{Data, Path},
};
use artel_domain::{
    activity::Verb,
    contact::{Contact, ContactId},
    record::{Draft, check_may_create},
};
use artel_persistence::{
    Db, Result as StorageResult, Tx,
    contact::{self as store, Card},
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::{Body, Me, Query},
    list::{ListQuery, Listing, PageParams},
    person::Viewed,
    precondition::IfMatch,
    problem::Result,
    record::{ExpandParam, RecordFilter},
    write::{Saved, Write},
};

mod company;
mod list;
mod shape;
mod upsert;

pub use list::ContactFilter;
pub use shape::{ContactView, LinkInput, LinkView};
use shape::{CreateContact, EditContact, Linking};

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_contacts).service(create_contact).service(read_contact).service(edit_contact);
    config.service(delete_contact).service(restore_contact).service(upsert::upsert_contact);
    config
        .service(company::list_contact_companies)
        .service(company::put_contact_company)
        .service(company::delete_contact_company);
}

/// List contacts
///
/// Staff may call it; it shows the contacts that the caller's access level reaches.
#[utoipa::path(tag = "contacts", params(RecordFilter, ContactFilter, PageParams), security(("token" = ["crm:read"])),
    responses((status = OK, body = Listing<ContactView>)))]
#[get("/contacts")]
async fn list_contacts(
    me: Me,
    db: Data<Db>,
    query: ListQuery<ContactFilter>,
) -> Result<Listing<ContactView>> {
    let filter = query.filter.to_store(&db).await?;
    let found = store::list(db.reader(), &me, &filter, &query.page, query.total).await?;
    let responsible = |card: &Card| card.contact.fields.responsible_id;
    Ok(query.answer(Viewed::slice(&db, &me, query.filter.expand(), found, responsible).await?))
}

/// Read a contact
///
/// Whoever the contact's access level lets read it may call it.
#[utoipa::path(tag = "contacts", params(("id" = ContactId, Path), ExpandParam), security(("token" = ["crm:read"])),
    responses((status = OK, body = ContactView, headers(("ETag" = String, description = "The version.")))))]
#[get("/contacts/{id}")]
async fn read_contact(
    me: Me,
    db: Data<Db>,
    id: Path<ContactId>,
    query: Query<ExpandParam>,
) -> Result<Answer> {
    let card = store::find(db.reader(), &me, *id).await?;
    let version = card.contact.version;
    let responsible = |card: &Card| card.contact.fields.responsible_id;
    let viewed = Viewed::one(&db, &me, query.0.names(), card, responsible).await?;
    Ok(Answer::versioned(version, &ContactView::from(viewed)))
}

/// Create a contact
///
/// Whoever may write contacts at all may call it; the result must lie within what they may write. Telephone numbers
/// are understood in the notation of the organisation's country.
#[utoipa::path(tag = "contacts", request_body = CreateContact, security(("token" = ["crm:write"])),
    responses((status = CREATED, body = ContactView, headers(("ETag" = String, description = "The version."),
        ("Location" = String, description = "Where the contact lives.")))))]
#[post("/contacts")]
async fn create_contact(write: Write, body: Body<CreateContact>) -> Result<Answer> {
    let answer =
        write.commit(async |tx| Ok(created(&write, create(tx, &write, body.0.clone().into()).await?)));
    answer.await
}

/// Creates a contact with its links.
async fn create(tx: &Tx, write: &Write, body: EditContact) -> StorageResult<Card> {
    check_may_create(write.me())?;
    let (submission, links) = body.submit_new(tx, write).await?;
    let draft = Draft::new(write.me(), submission, write.now())?;
    let contact = store::insert(tx, write.me(), draft, &links.after()).await?;
    Ok(Card { contact, companies: links.companies })
}

fn created(write: &Write, card: Card) -> Saved {
    let location = format!("/api/v1/contacts/{}", card.contact.id);
    saved(write, card, |view| Answer::created(location, view))
}

/// What a change of a contact answers.
fn saved(write: &Write, card: Card, answer: impl FnOnce(&ContactView) -> Answer) -> Saved {
    let (object, version) = (card.contact.object(), card.contact.version);
    let view = ContactView::from(Viewed::plain(write.me(), card));
    Saved::new(object, answer(&view).with_version(version))
}

/// Change a contact
///
/// Whoever may write the contact may call it; the result must lie within what they may write. A list of contact points
/// or companies replaces the whole list; contact points sent with their `id` stay.
#[utoipa::path(tag = "contacts", params(("id" = ContactId, Path), IfMatch), request_body = EditContact,
    security(("token" = ["crm:write"])),
    responses((status = OK, body = ContactView, headers(("ETag" = String, description = "The version.")))))]
#[patch("/contacts/{id}")]
async fn edit_contact(write: Write, id: Path<ContactId>, body: Body<EditContact>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let card = store::load(tx, write.me(), *id).await?;
        let card = edit(tx, &write, write.expected(), card, body.0.clone()).await?;
        Ok(saved(&write, card, Answer::ok))
    });
    answer.await
}

/// Changes a contact that was loaded.
async fn edit(
    tx: &Tx,
    write: &Write,
    expected: Option<i64>,
    before: Card,
    body: EditContact,
) -> StorageResult<Card> {
    let mut contact = before.contact.clone();
    contact.check_write(write.me(), expected)?;
    let (submission, links) = body.submit(tx, write, contact.fields.clone(), &before.companies).await?;
    let mut changes = contact.edit(write.me(), expected, submission, write.now())?;
    let after = links.after();
    let relinked = Linking::changes(&before.links(), &after);
    if changes.is_empty() && !relinked.is_empty() {
        contact.change_beside(write.me(), expected, write.now())?;
    }
    changes.extend(relinked);
    store::save(tx, write.me(), &before, &mut contact, &after, Verb::Updated, changes).await?;
    Ok(Card { contact, companies: links.companies })
}

/// Put a contact into the trash
///
/// Whoever may delete the contact may call it. It can be restored for 30 days.
#[utoipa::path(tag = "contacts", params(("id" = ContactId, Path), IfMatch), security(("token" = ["crm:write"])),
    responses((status = NO_CONTENT)))]
#[delete("/contacts/{id}")]
async fn delete_contact(write: Write, id: Path<ContactId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let card = store::load(tx, write.me(), *id).await?;
        let mut contact = card.contact.clone();
        contact.trash(write.me(), write.expected(), write.now())?;
        let card = move_card(tx, &write, card, contact, Verb::Deleted).await?;
        Ok(Saved::new(card.contact.object(), Answer::no_content()))
    });
    answer.await
}

/// Restore a contact from the trash
///
/// Whoever may delete the contact may call it. One that is not in the trash stays as it is.
#[utoipa::path(tag = "contacts", params(("id" = ContactId, Path), IfMatch), security(("token" = ["crm:write"])),
    responses((status = OK, body = ContactView, headers(("ETag" = String, description = "The version.")))))]
#[post("/contacts/{id}/restore")]
async fn restore_contact(write: Write, id: Path<ContactId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let card = store::load_any(tx, write.me(), *id).await?;
        Ok(saved(&write, restore(tx, &write, card).await?, Answer::ok))
    });
    answer.await
}

/// Takes a contact out of the trash, if it lies there.
async fn restore(tx: &Tx, write: &Write, card: Card) -> StorageResult<Card> {
    let mut contact = card.contact.clone();
    contact.restore(write.me(), write.expected(), write.now())?;
    move_card(tx, write, card, contact, Verb::Restored).await
}

/// Saves a contact that went into the trash or came out of it.
async fn move_card(
    tx: &Tx,
    write: &Write,
    before: Card,
    mut contact: Contact,
    verb: Verb,
) -> StorageResult<Card> {
    let links = before.links();
    store::save(tx, write.me(), &before, &mut contact, &links, verb, Vec::new()).await?;
    Ok(Card { contact, ..before })
}
