//! Saving a contact by its id in another system, for synchronisation.

use actix_web::{put, web::Path};
use artel_domain::{
    error::check_absent,
    record::{ExternalId, ExternalSource, check_may_create},
};
use artel_persistence::{
    Result as StorageResult, Tx,
    contact::{self as store, Card},
};

use super::{ContactView, create, created, edit, restore, saved, shape::EditContact};
use crate::{answer::Answer, extract::Body, precondition::IfMatch, problem::Result, write::Write};

/// Create or change a contact by its id in another system
///
/// Whoever may write contacts may call it. What is absent stays as it is, so that each system saves what it knows. A
/// contact in the trash is restored by those who may delete it. 409 `duplicate` where the id belongs to a contact that
/// the caller may not see.
#[utoipa::path(tag = "contacts", request_body(content = EditContact,
        example = json!({"last_name": "Ёлкина", "position": "CTO", "tags": ["demo day", "mentor"]})), security(("token" = ["crm:write"])),
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
        check_may_create(write.me())?;
        let body = body.0.clone().with_external(source.clone(), id.clone())?;
        match store::load_by_external(tx, write.me(), &source, &id).await? {
            None => Ok(created(&write, create_new(tx, &write, body).await?)),
            Some(card) => Ok(saved(&write, edit_revived(tx, &write, card, body).await?, Answer::ok)),
        }
    });
    answer.await
}

/// Creates the contact; one that a version was named of must be there.
async fn create_new(tx: &Tx, write: &Write, body: EditContact) -> StorageResult<Card> {
    check_absent(write.expected())?;
    create(tx, write, body).await
}

/// Changes the contact, out of the trash if it lay there: that checks the version, and raises it.
async fn edit_revived(tx: &Tx, write: &Write, card: Card, body: EditContact) -> StorageResult<Card> {
    if card.contact.trashed.is_none() {
        return edit(tx, write, write.expected(), card, body).await;
    }
    let card = restore(tx, write, card).await?;
    edit(tx, write, None, card, body).await
}
