//! How far each role reaches into the CRM.

use actix_web::{get, put, web::Data};
use artel_domain::{
    access::CrmAccess,
    actor::Role,
    level::{Level, Levels},
};
use artel_persistence::{Db, crm_access as store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::{Body, Me},
    precondition::IfMatchRequired,
    problem::Result,
    shared::Shared,
    write::{Saved, Write},
};

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read_crm_access).service(save_crm_access);
}

/// How far one role reaches, for each action. Whatever is written here, no action reaches further than reading.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"read": "shared", "write": "department", "delete": "own", "export": "own", "import": "own"}))]
pub struct AccessLevels {
    /// See records.
    read: Level,
    /// Create and change records.
    write: Level,
    /// Put records into the trash and take them out again.
    delete: Level,
    /// Take records out as a file.
    export: Level,
    /// Bring records in from a file.
    import: Level,
}

impl From<AccessLevels> for Levels {
    fn from(levels: AccessLevels) -> Self {
        let AccessLevels { read, write, delete, export, import } = levels;
        Self { read, write, delete, export, import }
    }
}

impl From<Levels> for AccessLevels {
    fn from(levels: Levels) -> Self {
        let Levels { read, write, delete, export, import } = levels;
        Self { read, write, delete, export, import }
    }
}

/// The table as a whole, to save. Administrators reach everything and guests nothing, always.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"employee": {"read": "shared", "write": "department", "delete": "own", "export": "own", "import": "own"}}))]
pub struct SaveCrmAccess {
    /// How far employees reach.
    employee: AccessLevels,
}

/// The table.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "admin": {"read": "all", "write": "all", "delete": "all", "export": "all", "import": "all"},
    "employee": {"read": "shared", "write": "department", "delete": "own", "export": "own", "import": "own"},
    "guest": {"read": "none", "write": "none", "delete": "none", "export": "none", "import": "none"}, "version": 1
}))]
pub struct CrmAccessView {
    /// How far administrators reach: everywhere, always.
    admin: AccessLevels,
    /// How far employees reach.
    employee: AccessLevels,
    /// How far guests reach: nowhere, always.
    guest: AccessLevels,
    /// Raised by one with each change.
    #[schema(minimum = 1)]
    version: i64,
}

impl From<&CrmAccess> for CrmAccessView {
    fn from(access: &CrmAccess) -> Self {
        let [admin, employee, guest] =
            [Role::Admin, Role::Employee, Role::Guest].map(|role| access.of(role).into());
        Self { admin, employee, guest, version: access.version }
    }
}

/// Read how far each role reaches
///
/// Administrators may call it.
#[utoipa::path(tag = "crm",
    responses((status = OK, body = CrmAccessView, headers(("ETag" = String, description = "The version.")))))]
#[get("/crm/access")]
async fn read_crm_access(me: Me, db: Data<Db>) -> Result<Answer> {
    let access = store::find(db.reader(), &me).await?;
    Ok(Answer::versioned(access.version, &CrmAccessView::from(&access)))
}

/// Save how far each role reaches
///
/// Administrators may call it. It is in force at once.
#[utoipa::path(tag = "crm", params(IfMatchRequired), request_body = SaveCrmAccess,
    responses((status = OK, body = CrmAccessView, headers(("ETag" = String, description = "The version.")))))]
#[put("/crm/access")]
async fn save_crm_access(write: Write, shared: Data<Shared>, body: Body<SaveCrmAccess>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let mut access = store::load(tx, write.me()).await?;
        let changes = access.replace(write.me(), write.expected(), body.0.employee.into())?;
        store::save(tx, write.me(), &access, changes, write.now()).await?;
        let answer = Answer::versioned(access.version, &CrmAccessView::from(&access));
        Ok(Saved::new(CrmAccess::OBJECT, answer))
    });
    let answer = answer.await?;
    shared.callers.forget();
    Ok(answer)
}
