//! Projects: people who work together on something.

use actix_web::{
    delete, get, patch, post,
    web::{Data, Path},
};
use artel_domain::{
    activity::{Change, Verb},
    error::Result as Ruling,
    project::{Draft, Project, ProjectId},
};
use artel_persistence::{Db, Result as StorageResult, Tx, project as store};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::{Body, Me, Query},
    list::{ListQuery, Listing, PageParams},
    person::Viewed,
    precondition::IfMatch,
    problem::Result,
    write::{Saved, Write},
};

mod list;
mod member;
mod shape;

use list::{ExpandParam, ProjectFilter};
use shape::{CreateProject, EditProject, HandOverProject, ProjectView};

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_projects).service(create_project).service(read_project).service(edit_project);
    config.service(delete_project).service(restore_project).service(archive_project).service(reopen_project);
    config.service(hand_over_project).service(member::join_project).service(member::leave_project);
    config.service(member::list_project_members).service(member::put_project_member);
    config.service(member::edit_project_member).service(member::delete_project_member);
}

/// List projects
///
/// Every user may call it. It shows the projects of the caller; to staff the open ones too, and of closed ones what they
/// are called and who owns them; to administrators the same of secret ones. Sorted by anything but the name, and narrowed
/// by archive, trash, tags or members, it shows those whose content the caller may read.
#[utoipa::path(tag = "projects", params(ProjectFilter, PageParams), security(("token" = ["projects:read"])),
    responses((status = OK, body = Listing<ProjectView>)))]
#[get("/projects")]
async fn list_projects(
    me: Me,
    db: Data<Db>,
    query: ListQuery<ProjectFilter>,
) -> Result<Listing<ProjectView>> {
    let found = store::list(db.reader(), &me, &(&query.filter).into(), &query.page, query.total).await?;
    let owner = |project: &Project| project.owner;
    Ok(query.answer(Viewed::slice(&db, &me, query.filter.expand(), found, owner).await?))
}

/// Read a project
///
/// Members may call it, staff for open and closed projects, administrators for all. Those who may not read the content
/// see what the project is called and about, who owns it, how many are in it and its privacy; the rest is `null`, and
/// `can` lacks `read`.
#[utoipa::path(tag = "projects", params(("id" = ProjectId, Path), ExpandParam), security(("token" = ["projects:read"])),
    responses((status = OK, body = ProjectView, headers(("ETag" = String, description = "The version.")))))]
#[get("/projects/{id}")]
async fn read_project(
    me: Me,
    db: Data<Db>,
    id: Path<ProjectId>,
    query: Query<ExpandParam>,
) -> Result<Answer> {
    let project = store::find(db.reader(), &me, *id).await?;
    let version = project.version;
    let viewed = Viewed::one(&db, &me, query.0.names(), project, |project| project.owner).await?;
    Ok(Answer::versioned(version, &ProjectView::from(viewed)))
}

/// Create a project
///
/// Staff may call it. The project belongs to the caller.
#[utoipa::path(tag = "projects", request_body = CreateProject, security(("token" = ["projects:write"])),
    responses((status = CREATED, body = ProjectView, headers(("ETag" = String, description = "The version."),
        ("Location" = String, description = "Where the project lives.")))))]
#[post("/projects")]
async fn create_project(write: Write, body: Body<CreateProject>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let draft = Draft::new(write.me(), body.0.clone().into(), write.now())?;
        let project = store::insert(tx, write.me(), draft).await?;
        let location = format!("/api/v1/projects/{}", project.id);
        Ok(saved(&write, project, |view| Answer::created(location, view)))
    });
    answer.await
}

/// What a change of a project answers.
fn saved(write: &Write, project: Project, answer: impl FnOnce(&ProjectView) -> Answer) -> Saved {
    let (object, version) = (Project::object(project.id), project.version);
    let view = ProjectView::from(Viewed::plain(write.me(), project));
    Saved::new(object, answer(&view).with_version(version))
}

/// Change a project
///
/// Its owner and its moderators may call it, administrators for open projects and those that they are members of.
/// Privacy and permissions are the owner's to change: 403 with the pointers for others. 409 `tasks_outside_dates` when
/// dates of tasks would lie outside the new days, `archived` until it is reopened.
#[utoipa::path(tag = "projects", params(("id" = ProjectId, Path), IfMatch), request_body = EditProject,
    security(("token" = ["projects:write"])),
    responses((status = OK, body = ProjectView, headers(("ETag" = String, description = "The version.")))))]
#[patch("/projects/{id}")]
async fn edit_project(write: Write, id: Path<ProjectId>, body: Body<EditProject>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let before = store::load(tx, write.me(), *id).await?;
        let project = edit(tx, &write, before, body.0.clone()).await?;
        Ok(saved(&write, project, Answer::ok))
    });
    answer.await
}

async fn edit(tx: &Tx, write: &Write, before: Project, body: EditProject) -> StorageResult<Project> {
    let mut fields = before.fields.clone();
    body.apply(&mut fields);
    let days = (fields.starts_on, fields.ends_on);
    let moves = days != (before.fields.starts_on, before.fields.ends_on);
    let strays = if moves { store::stray_tasks(tx, before.id, days).await? } else { 0 };
    let mut project = before.clone();
    let changes = project.edit(write.me(), write.expected(), fields, strays, write.now())?;
    store::save(tx, write.me(), &before, &project, Verb::Updated, changes).await?;
    Ok(project)
}

/// Puts a project somewhere else in its life, and saves it.
async fn relocate(
    tx: &Tx,
    write: &Write,
    before: Project,
    verb: Verb,
    change: impl FnOnce(&mut Project) -> Ruling<()>,
) -> StorageResult<Project> {
    let mut project = before.clone();
    change(&mut project)?;
    store::save(tx, write.me(), &before, &project, verb, Vec::new()).await?;
    Ok(project)
}

/// Put a project into the trash
///
/// Its owner may call it, administrators for open projects and those that they are members of. Its tasks go with it. It
/// can be restored for 30 days.
#[utoipa::path(tag = "projects", params(("id" = ProjectId, Path), IfMatch), security(("token" = ["projects:write"])),
    responses((status = NO_CONTENT)))]
#[delete("/projects/{id}")]
async fn delete_project(write: Write, id: Path<ProjectId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let project = store::load(tx, write.me(), *id).await?;
        let trash = |project: &mut Project| project.trash(write.me(), write.expected(), write.now());
        relocate(tx, &write, project, Verb::Deleted, trash).await?;
        Ok(Saved::new(Project::object(*id), Answer::no_content()))
    });
    answer.await
}

/// Restore a project from the trash
///
/// Whoever may delete the project may call it. Its tasks come back with it. One that is not in the trash stays as it is.
#[utoipa::path(tag = "projects", params(("id" = ProjectId, Path), IfMatch), security(("token" = ["projects:write"])),
    responses((status = OK, body = ProjectView, headers(("ETag" = String, description = "The version.")))))]
#[post("/projects/{id}/restore")]
async fn restore_project(write: Write, id: Path<ProjectId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let project = store::load_any(tx, write.me(), *id).await?;
        let restore =
            |project: &mut Project| project.restore(write.me(), write.expected(), write.now()).map(drop);
        let project = relocate(tx, &write, project, Verb::Restored, restore).await?;
        Ok(saved(&write, project, Answer::ok))
    });
    answer.await
}

/// Archive a project
///
/// Its owner and its moderators may call it, administrators for open projects and those that they are members of. Until
/// it is reopened everybody reads it and nobody changes it: 409 `archived`.
#[utoipa::path(tag = "projects", params(("id" = ProjectId, Path), IfMatch), security(("token" = ["projects:write"])),
    responses((status = OK, body = ProjectView, headers(("ETag" = String, description = "The version.")))))]
#[post("/projects/{id}/archive")]
async fn archive_project(write: Write, id: Path<ProjectId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let project = store::load(tx, write.me(), *id).await?;
        let archive = |project: &mut Project| project.archive(write.me(), write.expected(), write.now());
        let project = relocate(tx, &write, project, Verb::Archived, archive).await?;
        Ok(saved(&write, project, Answer::ok))
    });
    answer.await
}

/// Reopen an archived project
///
/// Whoever may archive the project may call it. One that is not archived stays as it is.
#[utoipa::path(tag = "projects", params(("id" = ProjectId, Path), IfMatch), security(("token" = ["projects:write"])),
    responses((status = OK, body = ProjectView, headers(("ETag" = String, description = "The version.")))))]
#[post("/projects/{id}/reopen")]
async fn reopen_project(write: Write, id: Path<ProjectId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let project = store::load(tx, write.me(), *id).await?;
        let reopen =
            |project: &mut Project| project.reopen(write.me(), write.expected(), write.now()).map(drop);
        let project = relocate(tx, &write, project, Verb::Reopened, reopen).await?;
        Ok(saved(&write, project, Answer::ok))
    });
    answer.await
}

/// Hand a project over to another owner
///
/// Its owner may call it, administrators for open projects, those that they are members of, and those whose owner has no
/// access any more. The new owner becomes a member if they are none; the one before stays as a moderator.
#[utoipa::path(tag = "projects", params(("id" = ProjectId, Path), IfMatch), request_body = HandOverProject,
    security(("token" = ["projects:write"])),
    responses((status = OK, body = ProjectView, headers(("ETag" = String, description = "The version.")))))]
#[post("/projects/{id}/hand-over")]
async fn hand_over_project(write: Write, id: Path<ProjectId>, body: Body<HandOverProject>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let to = store::candidate(tx, write.me(), body.0.to).await?;
        let before = store::load(tx, write.me(), *id).await?;
        let mut project = before.clone();
        let change: Change = project.hand_over(write.me(), write.expected(), to, write.now())?;
        store::hand_over(tx, write.me(), &before, &project, change).await?;
        Ok(saved(&write, store::find(tx, write.me(), *id).await?, Answer::ok))
    });
    answer.await
}
