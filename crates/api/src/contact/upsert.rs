//! Saving a contact by its id in another system, for synchronisation.

use actix_web::{put, web::Path};
use artel_domain::{
    activity::Verb,
    contact::ContactId,
    record::{ExternalId, ExternalSource},
};
use artel_persistence::{
    Result as StorageResult, Tx,
    contact::{self as store, Card},
};

use super::{
    ContactView, create, created, edit, saved,
    shape::{CreateContact, EditContact},
};
use crate::{
    answer::Answer, extract::Body, precondition::IfMatch, problem::Result, record::taken, write::Write,
};

/// Create or change a contact by its id in another system
///
/// Whoever may write contacts may call it. What is absent stays as it is, so that each system saves what it knows. A
/// contact in the trash is restored by those who may delete it. 409 `duplicate` where the id belongs to a contact that
/// the caller may not see.
#[utoipa::path(tag = "contacts", request_body = EditContact, security(("token" = ["crm:write"])),
    params(("source" = ExternalSource, Path, example = "hubspot"), ("external_id" = ExternalId, Path, example = "4711"), IfMatch),
    responses(
        (status = OK, body = ContactView, headers(("ETag" = String, description = "The version."))),
        (status = CREATED, body = ContactView, headers(("ETag" = String, description = "The version."),
            ("Location" = String, description = "Where the contact lives.")))))]
#[put("/contacts/by-external/{source}/{external_id}")]
pub async fn upsert_contact(
    write: Write,
    path: Path<(ExternalSource, ExternalId)>,
    body: Body<EditContact>,
) -> Result<Answer> {
    let (source, id) = path.into_inner();
    let answer = write.commit(async |tx| {
        let body = body.0.clone().with_external(source.clone(), id.clone());
        match store::unscoped_by_external(tx, &source, &id).await? {
            None => Ok(created(
                &write,
                create(tx, &write, CreateContact::from(body)).await?,
            )),
            Some(contact) => {
                let card = revive(tx, &write, contact).await?;
                let card = edit(tx, &write, card, body).await?;
                Ok(saved(&write, card, Answer::ok))
            }
        }
    });
    answer.await
}

/// The contact, out of the trash if it lay there.
async fn revive(tx: &Tx, write: &Write, id: ContactId) -> StorageResult<Card> {
    let card = store::load_any(tx, write.me(), id).await.map_err(taken)?;
    if card.contact.trashed.is_none() {
        return Ok(card);
    }
    let mut contact = card.contact.clone();
    contact.restore(write.me(), write.expected(), write.now())?;
    store::save(
        tx,
        write.me(),
        &card,
        &mut contact,
        &card.links(),
        Verb::Restored,
        Vec::new(),
    )
    .await?;
    Ok(Card { contact, ..card })
}
