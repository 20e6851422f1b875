//! Users: the people of the organisation, as administrators manage them and everybody sees them.

use actix_web::{
    get, patch, post,
    web::{Data, Path},
};
use artel_domain::{
    activity::{Change, Verb},
    actor::{Actor, UserId},
    department::Department,
    error::Error as Refusal,
    project::Project,
    user::{User, UserFields},
};
use artel_persistence::{
    Db, Result as StorageResult, Tx, department, error::gather, invitation, organisation, password, project,
    record, record::Responsible, session, task, token, user as store,
};
use chrono::{DateTime, Utc};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::{Body, Me},
    list::{ListQuery, Listing, PageParams},
    precondition::IfMatch,
    problem::Result,
    shared::Shared,
    write::{Saved, Write},
};

mod list;
mod me;
mod shape;

use list::UserFilter;
use shape::{CreateUser, DeactivateUser, EditUser, LeftBehind, UserView, Viewed};

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(me::read_me).service(me::edit_me);
    config.service(list_users).service(create_user).service(read_user);
    config.service(edit_user).service(deactivate_user).service(activate_user);
}

/// List users
///
/// Every user may call it. Guests see themselves and the people of their projects.
#[utoipa::path(tag = "users", params(UserFilter, PageParams), security(("token" = ["people:read"])),
    responses((status = OK, body = Listing<UserView>)))]
#[get("/users")]
async fn list_users(me: Me, db: Data<Db>, query: ListQuery<UserFilter>) -> Result<Listing<UserView>> {
    let found = store::list(db.reader(), &me, &(&query.filter).into(), &query.page, query.total).await?;
    Ok(query.answer(Viewed::slice(db.reader(), &me, found).await?))
}

/// Read a user
///
/// Every user may call it. To guests nobody but themselves and the people of their projects exists.
#[utoipa::path(tag = "users", params(("id" = UserId, Path)), security(("token" = ["people:read"])),
    responses((status = OK, body = UserView, headers(("ETag" = String, description = "The version.")))))]
#[get("/users/{id}")]
async fn read_user(me: Me, db: Data<Db>, id: Path<UserId>) -> Result<Answer> {
    let user = store::find(db.reader(), &me, *id).await?;
    Ok(Answer::versioned(user.version, &UserView::from(Viewed::of(db.reader(), &me, user).await?)))
}

/// Add a user
///
/// Administrators may call it. A user without a password sets one through a password reset. 409 `duplicate` when
/// somebody has the address already.
#[utoipa::path(tag = "users", request_body = CreateUser,
    responses((status = CREATED, body = UserView, headers(("ETag" = String, description = "The version.")))))]
#[post("/users")]
async fn create_user(write: Write, shared: Data<Shared>, body: Body<CreateUser>) -> Result<Answer> {
    write.me().require_admin()?;
    let hash = match &body.0.password {
        Some(password) => Some(shared.hashing.hash(password).await?),
        None => None,
    };
    let answer = write.commit(async |tx| {
        let user = add(tx, &write, body.0.clone(), hash.as_deref()).await?;
        saved(tx, &write, user, |view| Answer::created(format!("/api/v1/users/{}", view.id), &view)).await
    });
    answer.await
}

async fn add(tx: &Tx, write: &Write, body: CreateUser, hash: Option<&str>) -> StorageResult<User> {
    let weak = body.password.as_ref().and_then(|password| password.check(&body.email, "/password"));
    let fields = body.fields(organisation::find(tx).await?.fields.time_zone);
    let references = check_references(tx, write.me(), &fields).await;
    gather([Refusal::unless_empty(weak.into_iter().collect()).map_err(Into::into), references])?;
    let user = store::insert(tx, write.me().author(), fields, write.now()).await?;
    if let Some(hash) = hash {
        password::set(tx, user.id, hash).await?;
    }
    Ok(user)
}

async fn check_references(tx: &Tx, me: &Actor, fields: &UserFields) -> StorageResult<()> {
    if let Some(id) = fields.department_id {
        department::load(tx, me, id).await.map_err(|error| error.at("/department_id"))?;
    }
    Ok(())
}

/// What a change of a user answers.
async fn saved(
    tx: &Tx,
    write: &Write,
    user: User,
    answer: impl FnOnce(UserView) -> Answer,
) -> StorageResult<Saved> {
    let (object, version) = (User::object(user.id), user.version);
    let view = UserView::from(Viewed::of(tx, write.me(), user).await?);
    Ok(Saved::new(object, answer(view).with_version(version)))
}

/// Change a user
///
/// Administrators may call it; everybody changes themselves through `PATCH /api/v1/me`. 409 `last_admin` when the
/// organisation would lose its last active administrator, `duplicate` when somebody has the address already.
#[utoipa::path(tag = "users", params(("id" = UserId, Path), IfMatch), request_body = EditUser,
    responses((status = OK, body = UserView, headers(("ETag" = String, description = "The version.")))))]
#[patch("/users/{id}")]
async fn edit_user(
    write: Write,
    shared: Data<Shared>,
    id: Path<UserId>,
    body: Body<EditUser>,
) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        organisation::load(tx).await?;
        let mut user = store::load(tx, write.me(), *id).await?;
        edit(tx, &write, &mut user, &body.0).await?;
        saved(tx, &write, user, |view| Answer::ok(&view)).await
    });
    let answer = answer.await?;
    shared.callers.forget();
    Ok(answer)
}

async fn edit(tx: &Tx, write: &Write, user: &mut User, body: &EditUser) -> StorageResult<()> {
    let mut fields = user.fields.clone();
    body.clone().apply(&mut fields);
    let others = store::other_admins(tx, user.id).await?;
    let changes = user.edit(write.me(), write.expected(), fields, others, write.now())?;
    check_references(tx, write.me(), &user.fields).await?;
    withdraw(tx, user, &changes, write.now()).await?;
    store::save(tx, write.me().author(), user, Verb::Updated, changes).await
}

/// What was on its way stops where it would go astray: resets to an address that is no longer theirs, invitations
/// of somebody who may invite no more.
async fn withdraw(tx: &Tx, user: &User, changes: &[Change], now: DateTime<Utc>) -> StorageResult<()> {
    let touched = |field: &str| changes.iter().any(|change| change.field == field);
    if touched("email") {
        password::cancel_resets(tx, user.id, now).await?;
    }
    if touched("role") {
        invitation::revoke_all_by(tx, user.id, now).await?;
    }
    Ok(())
}

/// Take access from a user
///
/// Administrators may call it. Their sessions and tokens stop working at once. The answer counts what they leave
/// behind; `reassign_to` hands it over. 409 `last_admin` for the last active administrator, `invalid_transition` for
/// somebody without access.
#[utoipa::path(tag = "users", params(("id" = UserId, Path), IfMatch), request_body = Option<DeactivateUser>,
    responses((status = OK, body = UserView, headers(("ETag" = String, description = "The version.")))))]
#[post("/users/{id}/deactivate")]
async fn deactivate_user(
    write: Write,
    shared: Data<Shared>,
    id: Path<UserId>,
    body: Body<Option<DeactivateUser>>,
) -> Result<Answer> {
    let heir = body.0.and_then(|body| body.reassign_to);
    let answer = write.commit(async |tx| {
        organisation::load(tx).await?;
        let mut user = store::load(tx, write.me(), *id).await?;
        let left_behind = deactivate(tx, &write, &mut user, heir).await?;
        let with = |view: UserView| Answer::ok(&view.with_left_behind(left_behind));
        saved(tx, &write, user, with).await
    });
    let answer = answer.await?;
    shared.callers.forget();
    Ok(answer)
}

async fn deactivate(
    tx: &Tx,
    write: &Write,
    user: &mut User,
    heir: Option<UserId>,
) -> StorageResult<LeftBehind> {
    let others = store::other_admins(tx, user.id).await?;
    user.deactivate(write.me(), write.expected(), others, write.now())?;
    let left_behind = leave(tx, write, user.id, heir).await?;
    store::save(tx, write.me().author(), user, Verb::Deactivated, Vec::new()).await?;
    session::end_all(tx, user.id, None, write.now()).await?;
    token::revoke_all(tx, user.id, write.now()).await?;
    invitation::revoke_all_by(tx, user.id, write.now()).await?;
    password::cancel_resets(tx, user.id, write.now()).await?;
    Ok(left_behind)
}

/// Counts what a user leaves behind, and hands it over.
async fn leave(tx: &Tx, write: &Write, leaving: UserId, heir: Option<UserId>) -> StorageResult<LeftBehind> {
    let Responsible { contacts, companies } = record::responsible(tx, leaving).await?;
    let departments = department::load_headed_by(tx, leaving).await?;
    let projects = project::load_owned_by(tx, write.me(), leaving).await?;
    let left_behind = LeftBehind {
        contacts,
        companies,
        departments: departments.len(),
        projects: projects.iter().filter(|project| project.trashed.is_none()).count(),
        tasks: task::count_left_by(tx, leaving).await?,
        reassigned_to: heir,
    };
    if let Some(heir) = heir {
        hand_over(tx, write, leaving, heir, (departments, projects)).await?;
    }
    Ok(left_behind)
}

async fn hand_over(
    tx: &Tx,
    write: &Write,
    leaving: UserId,
    heir: UserId,
    (departments, projects): (Vec<Department>, Vec<Project>),
) -> StorageResult<()> {
    let pointer = "/reassign_to";
    let found = store::load(tx, write.me(), heir).await;
    found.map_err(|error| error.at(pointer))?.check_heir_of(leaving, pointer)?;
    for mut department in departments {
        let changes = department.hand_over(write.me(), Some(heir), write.now())?;
        department::save(tx, write.me().author(), &department, changes).await?;
    }
    project::hand_over_all(tx, write.me(), projects, heir, write.now()).await?;
    task::hand_over_all(tx, write.me(), (leaving, heir), write.now()).await?;
    record::hand_over(tx, write.me().author(), leaving, heir, write.now()).await
}

/// Give a user access again
///
/// Administrators may call it. Sessions and tokens from before stay revoked. 409 `invalid_transition` for somebody
/// who has access.
#[utoipa::path(tag = "users", params(("id" = UserId, Path), IfMatch),
    responses((status = OK, body = UserView, headers(("ETag" = String, description = "The version.")))))]
#[post("/users/{id}/activate")]
async fn activate_user(write: Write, id: Path<UserId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let mut user = store::load(tx, write.me(), *id).await?;
        user.activate(write.me(), write.expected(), write.now())?;
        store::save(tx, write.me().author(), &user, Verb::Activated, Vec::new()).await?;
        saved(tx, &write, user, |view| Answer::ok(&view)).await
    });
    answer.await
}
