//! Saving a company by its id in another system, for synchronisation.

use actix_web::{put, web::Path};
use artel_domain::{
    activity::Verb,
    company::{Company, CompanyId},
    record::{ExternalId, ExternalSource},
};
use artel_persistence::{Result as StorageResult, Tx, company as store};

use super::{
    CompanyView, create, created, edit, saved,
    shape::{CreateCompany, EditCompany},
};
use crate::{
    answer::Answer, extract::Body, precondition::IfMatch, problem::Result, record::taken, write::Write,
};

/// Create or change a company by its id in another system
///
/// Whoever may write companies may call it. What is absent stays as it is, so that each system saves what it knows. A
/// company in the trash is restored by those who may delete it. 409 `duplicate` where the id belongs to a company that
/// the caller may not see.
#[utoipa::path(tag = "companies", request_body = EditCompany, security(("token" = ["crm:write"])),
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
        let body = body.0.clone().with_external(source.clone(), id.clone());
        match store::unscoped_by_external(tx, &source, &id).await? {
            None => Ok(created(
                &write,
                create(tx, &write, CreateCompany::try_from(body)?).await?,
            )),
            Some(company) => {
                let company = revive(tx, &write, company).await?;
                let company = edit(tx, &write, company, body).await?;
                Ok(saved(&write, company, Answer::ok))
            }
        }
    });
    answer.await
}

/// The company, out of the trash if it lay there.
async fn revive(tx: &Tx, write: &Write, id: CompanyId) -> StorageResult<Company> {
    let before = store::load_any(tx, write.me(), id).await.map_err(taken)?;
    if before.trashed.is_none() {
        return Ok(before);
    }
    let mut company = before.clone();
    company.restore(write.me(), write.expected(), write.now())?;
    store::save(tx, write.me(), &before, &mut company, Verb::Restored, Vec::new()).await?;
    Ok(company)
}
