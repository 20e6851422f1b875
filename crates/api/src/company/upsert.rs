//! Saving a company by its id in another system, for synchronisation.

use actix_web::{put, web::Path};
use artel_domain::{
    company::Company,
    error::check_absent,
    record::{ExternalId, ExternalSource, check_may_create},
};
use artel_persistence::{Result as StorageResult, Tx, company as store};

use super::{CompanyView, create, created, edit, restore, saved, shape::EditCompany};
use crate::{answer::Answer, extract::Body, precondition::IfMatch, problem::Result, write::Write};

/// Create or change a company by its id in another system
///
/// Whoever may write companies may call it. What is absent stays as it is, so that each system saves what it knows. A
/// company in the trash is restored by those who may delete it. 409 `duplicate` where the id belongs to a company that
/// the caller may not see.
#[utoipa::path(tag = "companies", request_body(content = EditCompany,
        example = json!({"name": "Ёлки и палки", "size": "medium", "tags": ["demo day", "portfolio"]})), security(("token" = ["crm:write"])),
    params(("source" = ExternalSource, Path, example = "hubspot"), ("external_id" = ExternalId, Path, example = "4711"), IfMatch),
    responses(
        (status = OK, body = CompanyView, headers(("ETag" = String, description = "The version."))),
        (status = CREATED, body = CompanyView, headers(("ETag" = String, description = "The version."),
            ("Location" = String, description = "Where the company lives.")))))]
#[put("/companies/by-external/{source}/{external_id}")]
pub async fn upsert_company(
    write: Write,
    path: Path<(ExternalSource, ExternalId)>,
    body: Body<EditCompany>,
) -> Result<Answer> {
    let (source, id) = path.into_inner();
    let answer = write.commit(async |tx| {
        check_may_create(write.me())?;
        let body = body.0.clone().with_external(source.clone(), id.clone())?;
        match store::load_by_external(tx, write.me(), &source, &id).await? {
            None => Ok(created(&write, create_new(tx, &write, body).await?)),
            Some(company) => Ok(saved(&write, edit_revived(tx, &write, company, body).await?, Answer::ok)),
        }
    });
    answer.await
}

/// Creates the company; one that a version was named of must be there.
async fn create_new(tx: &Tx, write: &Write, body: EditCompany) -> StorageResult<Company> {
    check_absent(write.expected())?;
    create(tx, write, body).await
}

/// Changes the company, out of the trash if it lay there: that checks the version, and raises it.
async fn edit_revived(tx: &Tx, write: &Write, company: Company, body: EditCompany) -> StorageResult<Company> {
    if company.trashed.is_none() {
        return edit(tx, write, write.expected(), company, body).await;
    }
    let company = restore(tx, write, company).await?;
    edit(tx, write, None, company, body).await
}
