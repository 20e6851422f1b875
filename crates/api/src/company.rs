//! Companies: organisations that the organisation knows.

use actix_web::{
    delete, get, patch, post,
    web::{Data, Path},
};
use artel_domain::{
    activity::Verb,
    company::{Company, CompanyId},
    record::{Draft, check_may_create},
};
use artel_persistence::{Db, Result as StorageResult, Tx, company as store, contact};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    contact::{ContactFilter, ContactView},
    extract::{Body, Me, Query},
    list::{ListQuery, Listing, PageParams},
    person::Viewed,
    precondition::IfMatch,
    problem::Result,
    record::{ExpandParam, RecordFilter},
    write::{Saved, Write},
};

mod list;
mod shape;
mod upsert;

use list::CompanyFilter;
use shape::{CompanyView, CreateCompany, EditCompany};

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_companies).service(create_company).service(read_company).service(edit_company);
    config.service(delete_company).service(restore_company).service(upsert::upsert_company);
    config.service(list_company_contacts);
}

/// List companies
///
/// Staff may call it; it shows the companies that the caller's access level reaches.
#[utoipa::path(tag = "companies", params(RecordFilter, CompanyFilter, PageParams), security(("token" = ["crm:read"])),
    responses((status = OK, body = Listing<CompanyView>)))]
#[get("/companies")]
async fn list_companies(
    me: Me,
    db: Data<Db>,
    query: ListQuery<CompanyFilter>,
) -> Result<Listing<CompanyView>> {
    let filter = query.filter.to_store(&db).await?;
    let found = store::list(db.reader(), &me, &filter, &query.page, query.total).await?;
    let responsible = |company: &Company| company.fields.responsible_id;
    Ok(query.answer(Viewed::slice(&db, &me, query.filter.expand(), found, responsible).await?))
}

/// Read a company
///
/// Whoever the company's access level lets read it may call it.
#[utoipa::path(tag = "companies", params(("id" = CompanyId, Path), ExpandParam), security(("token" = ["crm:read"])),
    responses((status = OK, body = CompanyView, headers(("ETag" = String, description = "The version.")))))]
#[get("/companies/{id}")]
async fn read_company(
    me: Me,
    db: Data<Db>,
    id: Path<CompanyId>,
    query: Query<ExpandParam>,
) -> Result<Answer> {
    let company = store::find(db.reader(), &me, *id).await?;
    let version = company.version;
    let responsible = |company: &Company| company.fields.responsible_id;
    let viewed = Viewed::one(&db, &me, query.0.names(), company, responsible).await?;
    Ok(Answer::versioned(version, &CompanyView::from(viewed)))
}

/// Create a company
///
/// Whoever may write companies at all may call it; the result must lie within what they may write. Telephone numbers
/// are understood in the notation of the organisation's country.
#[utoipa::path(tag = "companies", request_body = CreateCompany, security(("token" = ["crm:write"])),
    responses((status = CREATED, body = CompanyView, headers(("ETag" = String, description = "The version."),
        ("Location" = String, description = "Where the company lives.")))))]
#[post("/companies")]
async fn create_company(write: Write, body: Body<CreateCompany>) -> Result<Answer> {
    let answer =
        write.commit(async |tx| Ok(created(&write, create(tx, &write, body.0.clone().into()).await?)));
    answer.await
}

async fn create(tx: &Tx, write: &Write, body: EditCompany) -> StorageResult<Company> {
    check_may_create(write.me())?;
    let submission = body.submit_new(tx, write).await?;
    let draft = Draft::new(write.me(), submission, write.now())?;
    store::insert(tx, write.me(), draft).await
}

fn created(write: &Write, company: Company) -> Saved {
    let location = format!("/api/v1/companies/{}", company.id);
    saved(write, company, |view| Answer::created(location, view))
}

/// What a change of a company answers.
fn saved(write: &Write, company: Company, answer: impl FnOnce(&CompanyView) -> Answer) -> Saved {
    let (object, version) = (company.object(), company.version);
    let view = CompanyView::from(Viewed::plain(write.me(), company));
    Saved::new(object, answer(&view).with_version(version))
}

/// Change a company
///
/// Whoever may write the company may call it; the result must lie within what they may write. A list of contact points
/// replaces the whole list; contact points sent with their `id` stay.
#[utoipa::path(tag = "companies", params(("id" = CompanyId, Path), IfMatch), request_body = EditCompany,
    security(("token" = ["crm:write"])),
    responses((status = OK, body = CompanyView, headers(("ETag" = String, description = "The version.")))))]
#[patch("/companies/{id}")]
async fn edit_company(write: Write, id: Path<CompanyId>, body: Body<EditCompany>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let company = store::load(tx, write.me(), *id).await?;
        Ok(saved(&write, edit(tx, &write, write.expected(), company, body.0.clone()).await?, Answer::ok))
    });
    answer.await
}

/// Changes a company that was loaded.
async fn edit(
    tx: &Tx,
    write: &Write,
    expected: Option<i64>,
    before: Company,
    body: EditCompany,
) -> StorageResult<Company> {
    let mut company = before.clone();
    company.check_write(write.me(), expected)?;
    let submission = body.submit(tx, write, company.fields.clone()).await?;
    let changes = company.edit(write.me(), expected, submission, write.now())?;
    store::save(tx, write.me(), &before, &mut company, Verb::Updated, changes).await?;
    Ok(company)
}

/// Put a company into the trash
///
/// Whoever may delete the company may call it. It can be restored for 30 days.
#[utoipa::path(tag = "companies", params(("id" = CompanyId, Path), IfMatch), security(("token" = ["crm:write"])),
    responses((status = NO_CONTENT)))]
#[delete("/companies/{id}")]
async fn delete_company(write: Write, id: Path<CompanyId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let before = store::load(tx, write.me(), *id).await?;
        let mut company = before.clone();
        company.trash(write.me(), write.expected(), write.now())?;
        store::save(tx, write.me(), &before, &mut company, Verb::Deleted, Vec::new()).await?;
        Ok(Saved::new(company.object(), Answer::no_content()))
    });
    answer.await
}

/// Restore a company from the trash
///
/// Whoever may delete the company may call it. One that is not in the trash stays as it is.
#[utoipa::path(tag = "companies", params(("id" = CompanyId, Path), IfMatch), security(("token" = ["crm:write"])),
    responses((status = OK, body = CompanyView, headers(("ETag" = String, description = "The version.")))))]
#[post("/companies/{id}/restore")]
async fn restore_company(write: Write, id: Path<CompanyId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let company = store::load_any(tx, write.me(), *id).await?;
        Ok(saved(&write, restore(tx, &write, company).await?, Answer::ok))
    });
    answer.await
}

/// Takes a company out of the trash, if it lies there.
async fn restore(tx: &Tx, write: &Write, before: Company) -> StorageResult<Company> {
    let mut company = before.clone();
    company.restore(write.me(), write.expected(), write.now())?;
    store::save(tx, write.me(), &before, &mut company, Verb::Restored, Vec::new()).await?;
    Ok(company)
}

/// List the contacts of a company
///
/// Whoever may read the company may call it; it shows the contacts that the caller's access level reaches. What they
/// are in the company stands in their `companies`.
#[utoipa::path(tag = "companies", params(("id" = CompanyId, Path), RecordFilter, ContactFilter, PageParams),
    security(("token" = ["crm:read"])), responses((status = OK, body = Listing<ContactView>)))]
#[get("/companies/{id}/contacts")]
async fn list_company_contacts(
    me: Me,
    db: Data<Db>,
    id: Path<CompanyId>,
    query: ListQuery<ContactFilter>,
) -> Result<Listing<ContactView>> {
    store::find(db.reader(), &me, *id).await?;
    let filter = contact::ContactFilter { within: Some(*id), ..query.filter.to_store(&db).await? };
    let found = contact::list(db.reader(), &me, &filter, &query.page, query.total).await?;
    let responsible = |card: &contact::Card| card.contact.fields.responsible_id;
    Ok(query.answer(Viewed::slice(&db, &me, query.filter.expand(), found, responsible).await?))
}
