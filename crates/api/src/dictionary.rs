//! The dictionaries of the CRM: what a contact or a company can be, and where they come from.

use actix_web::{get, put, web::Data};
use artel_domain::{
    dictionary::{Dictionary, DictionaryKind, Entry, EntryName},
    record::DictionaryCode,
};
use artel_persistence::{Db, dictionary as store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::{Body, Me},
    precondition::IfMatchRequired,
    problem::Result,
    write::{Saved, Write},
};

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read_contact_types).service(save_contact_types);
    config.service(read_company_types).service(save_company_types);
    config.service(read_sources).service(save_sources);
}

/// An entry of a dictionary.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "expert", "name": "Эксперт"}))]
pub struct DictionaryEntry {
    /// What records hold. It never changes: another code is another entry.
    code: DictionaryCode,
    /// What people read.
    name: EntryName,
}

/// A dictionary as a whole, to save.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"entries": [{"code": "client", "name": "Client"}, {"code": "other", "name": "Other"}]}))]
pub struct SaveDictionary {
    /// Its entries, in the order that people see.
    #[schema(max_items = 200)]
    entries: Vec<DictionaryEntry>,
}

/// A dictionary.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"entries": [{"code": "client", "name": "Client"}, {"code": "expert", "name": "Эксперт"}], "version": 3}))]
pub struct DictionaryView {
    /// Its entries, in the order that people see.
    entries: Vec<DictionaryEntry>,
    /// Raised by one with each change.
    #[schema(minimum = 1)]
    version: i64,
}

impl From<Dictionary> for DictionaryView {
    fn from(dictionary: Dictionary) -> Self {
        let Dictionary { kind: _, entries, version } = dictionary;
        let entries = entries.into_iter().map(|Entry { code, name }| DictionaryEntry { code, name });
        Self { entries: entries.collect(), version }
    }
}

async fn read(me: &Me, db: &Db, kind: DictionaryKind) -> Result<Answer> {
    let dictionary = store::find(db.reader(), me, kind).await?;
    Ok(Answer::versioned(dictionary.version, &DictionaryView::from(dictionary)))
}

async fn save(write: &Write, body: &SaveDictionary, kind: DictionaryKind) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let before = store::load(tx, write.me(), kind).await?;
        let mut dictionary = before.clone();
        let entries = body.entries.iter().cloned().map(|DictionaryEntry { code, name }| Entry { code, name });
        let changes = dictionary.replace(write.me(), write.expected(), entries.collect())?;
        store::save(tx, write.me(), &before, &dictionary, changes, write.now()).await?;
        let (object, version) = (dictionary.object(), dictionary.version);
        Ok(Saved::new(object, Answer::versioned(version, &DictionaryView::from(dictionary))))
    });
    answer.await
}

/// Read what contacts can be
///
/// Staff may call it.
#[utoipa::path(tag = "crm", security(("token" = ["crm:read"])),
    responses((status = OK, body = DictionaryView, headers(("ETag" = String, description = "The version.")))))]
#[get("/crm/contact-types")]
async fn read_contact_types(me: Me, db: Data<Db>) -> Result<Answer> {
    read(&me, &db, DictionaryKind::ContactTypes).await
}

/// Save what contacts can be
///
/// Administrators may call it. It replaces the whole list. 409 `in_use` where a contact still holds an entry that is to
/// go.
#[utoipa::path(tag = "crm", params(IfMatchRequired), request_body(content = SaveDictionary, example = json!({"entries": [
    {"code": "client", "name": "Client"}, {"code": "expert", "name": "Expert"},
    {"code": "startup_founder", "name": "Startup founder"}, {"code": "investor", "name": "Investor"},
    {"code": "mentor", "name": "Mentor"}, {"code": "partner", "name": "Partner"},
    {"code": "supplier", "name": "Supplier"}, {"code": "speaker", "name": "Speaker"},
    {"code": "jury", "name": "Jury"}, {"code": "other", "name": "Other"}
]})),
    responses((status = OK, body = DictionaryView, headers(("ETag" = String, description = "The version.")))))]
#[put("/crm/contact-types")]
async fn save_contact_types(write: Write, body: Body<SaveDictionary>) -> Result<Answer> {
    save(&write, &body.0, DictionaryKind::ContactTypes).await
}

/// Read what companies can be
///
/// Staff may call it.
#[utoipa::path(tag = "crm", security(("token" = ["crm:read"])),
    responses((status = OK, body = DictionaryView, headers(("ETag" = String, description = "The version.")))))]
#[get("/crm/company-types")]
async fn read_company_types(me: Me, db: Data<Db>) -> Result<Answer> {
    read(&me, &db, DictionaryKind::CompanyTypes).await
}

/// Save what companies can be
///
/// Administrators may call it. It replaces the whole list. 409 `in_use` where a company still holds an entry that is to
/// go.
#[utoipa::path(tag = "crm", params(IfMatchRequired), request_body(content = SaveDictionary, example = json!({"entries": [
    {"code": "client", "name": "Client"}, {"code": "startup", "name": "Startup"},
    {"code": "university", "name": "University"}, {"code": "investor", "name": "Investor"},
    {"code": "partner", "name": "Partner"}, {"code": "supplier", "name": "Supplier"},
    {"code": "other", "name": "Other"}
]})),
    responses((status = OK, body = DictionaryView, headers(("ETag" = String, description = "The version.")))))]
#[put("/crm/company-types")]
async fn save_company_types(write: Write, body: Body<SaveDictionary>) -> Result<Answer> {
    save(&write, &body.0, DictionaryKind::CompanyTypes).await
}

/// Read where contacts and companies come from
///
/// Staff may call it.
#[utoipa::path(tag = "crm", security(("token" = ["crm:read"])),
    responses((status = OK, body = DictionaryView, headers(("ETag" = String, description = "The version.")))))]
#[get("/crm/sources")]
async fn read_sources(me: Me, db: Data<Db>) -> Result<Answer> {
    read(&me, &db, DictionaryKind::Sources).await
}

/// Save where contacts and companies come from
///
/// Administrators may call it. It replaces the whole list. 409 `in_use` where a record still holds an entry that is to
/// go.
#[utoipa::path(tag = "crm", params(IfMatchRequired), request_body(content = SaveDictionary, example = json!({"entries": [
    {"code": "event", "name": "Event"}, {"code": "demo_day", "name": "Demo day"},
    {"code": "hackathon", "name": "Hackathon"}, {"code": "referral", "name": "Referral"},
    {"code": "web_site", "name": "Web site"}, {"code": "incoming_call", "name": "Incoming call"},
    {"code": "import", "name": "Import"}, {"code": "other", "name": "Other"}
]})),
    responses((status = OK, body = DictionaryView, headers(("ETag" = String, description = "The version.")))))]
#[put("/crm/sources")]
async fn save_sources(write: Write, body: Body<SaveDictionary>) -> Result<Answer> {
    save(&write, &body.0, DictionaryKind::Sources).await
}
