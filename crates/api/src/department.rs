//! Departments: the tree of the staff.

use actix_web::{
    delete, get, patch, post,
    web::{Data, Path},
};
use artel_domain::{
    actor::{Actor, UserId},
    department::{Department, DepartmentFields, DepartmentId, DepartmentName, Placement, check_admin},
};
use artel_persistence::{
    Db, Result as StorageResult, Tx, department as store, error::gather, organisation, user,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::{Body, Me},
    list::{ListQuery, Listing, PageParams},
    patch::{Patch, set},
    precondition::IfMatch,
    problem::Result,
    shared::Shared,
    write::{Saved, Write},
};

mod list;
mod tree;

use list::DepartmentFilter;
use tree::DepartmentTree;

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_departments).service(read_department_tree).service(create_department);
    config.service(read_department).service(edit_department).service(delete_department);
}

/// A department to add.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Sales", "parent_id": null, "head_id": null}))]
pub struct CreateDepartment {
    /// What it is called.
    name: DepartmentName,
    /// The department that it lies below; none for the top of the tree.
    #[serde(default)]
    parent_id: Option<DepartmentId>,
    /// Who leads it: somebody with access who is no guest.
    #[serde(default)]
    head_id: Option<UserId>,
}

impl From<CreateDepartment> for DepartmentFields {
    fn from(body: CreateDepartment) -> Self {
        let CreateDepartment { name, parent_id, head_id } = body;
        Self { name, parent_id, head_id }
    }
}

/// A department to change.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Sales and service", "parent_id": null}))]
pub struct EditDepartment {
    /// What it is called.
    #[serde(default)]
    #[schema(nullable = false)]
    name: Option<DepartmentName>,
    /// The department that it lies below; `null` for the top of the tree.
    #[serde(default)]
    #[schema(value_type = Option<DepartmentId>)]
    parent_id: Patch<DepartmentId>,
    /// Who leads it: somebody with access who is no guest.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    head_id: Patch<UserId>,
}

impl EditDepartment {
    fn apply(self, fields: &mut DepartmentFields) {
        let Self { name, parent_id, head_id } = self;
        set(&mut fields.name, name);
        parent_id.apply(&mut fields.parent_id);
        head_id.apply(&mut fields.head_id);
    }
}

/// A department.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": 3, "name": "Sales", "parent_id": 1, "head_id": 2, "version": 2,
    "created_at": "2026-07-31T09:00:00Z", "updated_at": "2026-08-01T12:30:00Z"
}))]
pub struct DepartmentView {
    /// Its id.
    id: DepartmentId,
    /// What it is called.
    name: DepartmentName,
    /// The department that it lies below.
    #[schema(required = true)]
    parent_id: Option<DepartmentId>,
    /// Who leads it.
    #[schema(required = true)]
    head_id: Option<UserId>,
    /// Raised by one with each change.
    #[schema(minimum = 1)]
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

impl From<Department> for DepartmentView {
    fn from(department: Department) -> Self {
        let Department { id, fields, version, created_at, updated_at } = department;
        let DepartmentFields { name, parent_id, head_id } = fields;
        Self { id, name, parent_id, head_id, version, created_at, updated_at }
    }
}

/// List departments
///
/// Every user may call it. To guests there are none.
#[utoipa::path(tag = "departments", params(DepartmentFilter, PageParams), security(("token" = ["people:read"])),
    responses((status = OK, body = Listing<DepartmentView>)))]
#[get("/departments")]
async fn list_departments(
    me: Me,
    db: Data<Db>,
    query: ListQuery<DepartmentFilter>,
) -> Result<Listing<DepartmentView>> {
    Ok(query.answer(store::list(db.reader(), &me, &(&query.filter).into(), &query.page, query.total).await?))
}

/// Read the whole tree of departments
///
/// Every user may call it. To guests it is empty.
#[utoipa::path(tag = "departments", security(("token" = ["people:read"])), responses((status = OK, body = DepartmentTree)))]
#[get("/departments/tree")]
async fn read_department_tree(me: Me, db: Data<Db>) -> Result<Answer> {
    Ok(Answer::ok(&DepartmentTree::from(store::tree(db.reader(), &me).await?)))
}

/// Read a department
///
/// Every user may call it. To guests there are none.
#[utoipa::path(tag = "departments", params(("id" = DepartmentId, Path)), security(("token" = ["people:read"])),
    responses((status = OK, body = DepartmentView, headers(("ETag" = String, description = "The version.")))))]
#[get("/departments/{id}")]
async fn read_department(me: Me, db: Data<Db>, id: Path<DepartmentId>) -> Result<Answer> {
    let department = store::find(db.reader(), &me, *id).await?;
    Ok(Answer::versioned(department.version, &DepartmentView::from(department)))
}

/// Add a department
///
/// Administrators may call it. 409 `too_deep` below the twentieth level.
#[utoipa::path(tag = "departments", request_body = CreateDepartment,
    responses((status = CREATED, body = DepartmentView, headers(("ETag" = String, description = "The version.")))))]
#[post("/departments")]
async fn create_department(
    write: Write,
    shared: Data<Shared>,
    body: Body<CreateDepartment>,
) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        write.me().require_admin()?;
        organisation::load(tx).await?;
        let fields = DepartmentFields::from(body.0.clone());
        place(tx, write.me(), None, &fields).await?.check()?;
        let department = store::insert(tx, write.me().author(), fields, write.now()).await?;
        Ok(saved(department, |view| Answer::created(format!("/api/v1/departments/{}", view.id), &view)))
    });
    let answer = answer.await?;
    shared.callers.forget();
    Ok(answer)
}

/// Where the department would lie, once everything that it refers to is there.
async fn place(
    tx: &Tx,
    me: &Actor,
    old: Option<&Department>,
    new: &DepartmentFields,
) -> StorageResult<Placement> {
    let (old_parent, old_head) = old.map_or((None, None), |old| (old.fields.parent_id, old.fields.head_id));
    let parent = match new.parent_id.filter(|id| old_parent != Some(*id)) {
        Some(id) => store::load(tx, me, id).await.map(|_| ()).map_err(|error| error.at("/parent_id")),
        None => Ok(()),
    };
    let head = match new.head_id.filter(|id| old_head != Some(*id)) {
        Some(id) => check_head(tx, me, id).await,
        None => Ok(()),
    };
    gather([parent, head])?;
    store::placement(tx, old.map(|old| old.id), new.parent_id).await
}

async fn check_head(tx: &Tx, me: &Actor, id: UserId) -> StorageResult<()> {
    let pointer = "/head_id";
    let head = user::load(tx, me, id).await.map_err(|error| error.at(pointer))?;
    Ok(head.check_staff(pointer)?)
}

/// What a change of a department answers.
fn saved(department: Department, answer: impl FnOnce(DepartmentView) -> Answer) -> Saved {
    let (object, version) = (Department::object(department.id), department.version);
    Saved::new(object, answer(department.into()).with_version(version))
}

/// Change a department
///
/// Administrators may call it. 409 `department_cycle` when it would lie below itself, `too_deep` when it would reach
/// below the twentieth level.
#[utoipa::path(tag = "departments", params(("id" = DepartmentId, Path), IfMatch), request_body = EditDepartment,
    responses((status = OK, body = DepartmentView, headers(("ETag" = String, description = "The version.")))))]
#[patch("/departments/{id}")]
async fn edit_department(write: Write, id: Path<DepartmentId>, body: Body<EditDepartment>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        organisation::load(tx).await?;
        let mut department = store::load(tx, write.me(), *id).await?;
        check_admin(write.me())?;
        let mut fields = department.fields.clone();
        body.0.clone().apply(&mut fields);
        let placement = place(tx, write.me(), Some(&department), &fields).await?;
        let changes = department.edit(write.me(), write.expected(), fields, placement, write.now())?;
        store::save(tx, write.me().author(), &department, changes).await?;
        Ok(saved(department, |view| Answer::ok(&view)))
    });
    answer.await
}

/// Delete a department
///
/// Administrators may call it. 409 `has_children` while departments lie below it, `in_use` while people belong to it.
#[utoipa::path(tag = "departments", params(("id" = DepartmentId, Path), IfMatch), responses((status = NO_CONTENT)))]
#[delete("/departments/{id}")]
async fn delete_department(write: Write, id: Path<DepartmentId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        organisation::load(tx).await?;
        let department = store::load(tx, write.me(), *id).await?;
        let (children, users) = store::dependants(tx, *id).await?;
        department.check_delete(write.me(), write.expected(), children, users)?;
        store::delete(tx, write.me().author(), &department, write.now()).await?;
        Ok(Saved::new(Department::object(*id), Answer::no_content()))
    });
    answer.await
}
