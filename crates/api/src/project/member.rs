//! The members of a project: who is in it, who comes and who goes.

use actix_web::{
    delete, get, patch, post, put,
    web::{Data, Path},
};
use artel_domain::{
    actor::UserId,
    error::Error as Refusal,
    page::Direction,
    project::{
        Candidate, Entry, Exit, MemberSort, Project, ProjectAction, ProjectId, ProjectRole, add, check_exit,
        join, move_to,
    },
    user::User,
    words,
};
use artel_persistence::{
    Db, Result as StorageResult, Tx,
    project::{self as store, Membership},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{saved, shape::ProjectView};
use crate::{
    answer::Answer,
    extract::{Body, Me, Query},
    list::{Filter, ListQuery, Listing, PageParams, SortBy, SortWord},
    person::{PersonView, Viewed},
    problem::{Problem, Result},
    write::{Saved, Write},
};

/// A sort key with its direction.
type Order = SortBy<MemberSort>;

words! {
    /// Related objects that can be embedded.
    pub enum MemberExpand {
        /// The member as a user.
        User = "user",
    }
}

/// How to show the members.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MemberFilter {
    /// What to embed.
    #[param(inline, explode = false, min_items = 1, max_items = 1)]
    expand: Option<Vec<MemberExpand>>,
    /// What to sort by; `name` unless told otherwise.
    #[param(inline)]
    sort: Option<Order>,
}

impl SortWord for MemberSort {
    const WORDS: &'static [Self] = Self::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Filter for MemberFilter {
    type Sort = MemberSort;

    fn sort(&self) -> SortBy<MemberSort> {
        self.sort.unwrap_or(SortBy { sort: MemberSort::Name, direction: Direction::Ascending })
    }
}

/// Who takes over the open tasks of somebody who goes.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReassignParam {
    /// Who takes over the member's open tasks: another active member. Must be given while there are any.
    reassign_to: Option<UserId>,
}

/// Who takes over the open tasks of somebody who goes.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reassign_to": 5}))]
pub struct LeaveProject {
    /// Who takes over the caller's open tasks: another active member. Must be given while there are any.
    #[serde(default)]
    reassign_to: Option<UserId>,
}

/// What somebody is to be in a project.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "moderator"}))]
pub struct PutMember {
    /// Their part: `member` or `moderator`. A member unless told otherwise; somebody who is in it already keeps their
    /// part then.
    #[serde(default)]
    #[schema(nullable = false)]
    role: Option<ProjectRole>,
}

/// What somebody is to be in a project.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "moderator"}))]
pub struct EditMember {
    /// Their part: `member` or `moderator`.
    role: ProjectRole,
}

/// A member of a project.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"user_id": 5, "role": "moderator", "since": "2026-08-01T12:30:00Z", "added_by": 2}))]
pub struct MemberView {
    /// Who.
    user_id: UserId,
    /// The same, embedded with `expand=user`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    user: Option<PersonView>,
    /// As what.
    role: ProjectRole,
    /// Since when they are in it.
    since: DateTime<Utc>,
    /// Who added them: themselves, where they joined.
    #[schema(required = true)]
    added_by: Option<UserId>,
}

impl From<Viewed<Membership>> for MemberView {
    fn from(viewed: Viewed<Membership>) -> Self {
        let Viewed { seen: Membership { member, added_by }, viewer: _, person } = viewed;
        Self { user_id: member.user, user: person, role: member.role, since: member.since, added_by }
    }
}

/// List the members of a project
///
/// Whoever may read the project may call it: its members, and staff if it is open.
#[utoipa::path(tag = "projects", params(("id" = ProjectId, Path), MemberFilter, PageParams),
    security(("token" = ["projects:read"])), responses((status = OK, body = Listing<MemberView>)))]
#[get("/projects/{id}/members")]
pub async fn list_project_members(
    me: Me,
    db: Data<Db>,
    id: Path<ProjectId>,
    query: ListQuery<MemberFilter>,
) -> Result<Listing<MemberView>> {
    let project = store::find(db.reader(), &me, *id).await?;
    let found = store::list_members(db.reader(), &me, &project, &query.page, query.total).await?;
    let user = |membership: &Membership| membership.member.user;
    Ok(query.answer(Viewed::slice(&db, &me, query.filter.expand.as_deref(), found, user).await?))
}

/// Add a member to a project, or give one another part
///
/// The project's owner and moderators may add members; the owner alone makes moderators and members of them.
/// Administrators may for open projects and those that they are members of. Guests become members, and nothing more. 409
/// `owner_stays` for the owner, who hands the project over first.
#[utoipa::path(tag = "projects", request_body = Option<PutMember>, security(("token" = ["projects:write"])),
    params(("id" = ProjectId, Path), ("user_id" = UserId, Path)), responses((status = OK, body = MemberView)))]
#[put("/projects/{id}/members/{user_id}")]
pub async fn put_project_member(
    write: Write,
    path: Path<(ProjectId, UserId)>,
    body: Body<Option<PutMember>>,
) -> Result<Answer> {
    let (id, user) = path.into_inner();
    let role = body.0.and_then(|body| body.role);
    let answer = write.commit(async |tx| {
        let membership = give(tx, &write, (id, user), Give::Put(role)).await?;
        Ok(shown(&write, id, membership))
    });
    answer.await
}

/// Give a member of a project another part
///
/// The project's owner may call it, administrators for open projects and those that they are members of. 409
/// `owner_stays` for the owner, who hands the project over first.
#[utoipa::path(tag = "projects", request_body = EditMember, security(("token" = ["projects:write"])),
    params(("id" = ProjectId, Path), ("user_id" = UserId, Path)), responses((status = OK, body = MemberView)))]
#[patch("/projects/{id}/members/{user_id}")]
pub async fn edit_project_member(
    write: Write,
    path: Path<(ProjectId, UserId)>,
    body: Body<EditMember>,
) -> Result<Answer> {
    let (id, user) = path.into_inner();
    let answer = write.commit(async |tx| {
        let membership = give(tx, &write, (id, user), Give::Edit(body.0.role)).await?;
        Ok(shown(&write, id, membership))
    });
    answer.await
}

fn shown(write: &Write, id: ProjectId, membership: Membership) -> Saved {
    let view = MemberView::from(Viewed::plain(write.me(), membership));
    Saved::new(Project::object(id), Answer::ok(&view))
}

/// How a part is given.
enum Give {
    /// To anybody: the one they have, or a member's, unless told otherwise.
    Put(Option<ProjectRole>),
    /// To a member.
    Edit(ProjectRole),
}

async fn give(
    tx: &Tx,
    write: &Write,
    (id, user): (ProjectId, UserId),
    give: Give,
) -> StorageResult<Membership> {
    let (me, candidate) = (write.me(), store::candidate(tx, write.me(), user).await?);
    let project = store::load(tx, me, id).await?;
    let present = store::role_of(tx, me, &project, user).await?;
    let (role, entry) = match give {
        Give::Put(role) => {
            let role = role.or(present).unwrap_or(ProjectRole::Member);
            (role, add(&project, me, candidate, present, role)?)
        }
        Give::Edit(role) => (role, move_to(&project, me, candidate, present, role)?),
    };
    store::enter(tx, me, &project, (user, role), entry, write.now()).await?;
    store::find_member(tx, me, &project, user).await
}

/// Remove a member from a project
///
/// The project's owner and moderators may remove members, the owner moderators too; everybody may remove themselves.
/// Administrators may in open projects and those that they are members of. 409 `owner_stays` for the owner,
/// `has_open_tasks` while the member is responsible for open tasks and `reassign_to` names nobody who takes them over.
/// Their other parts in the project's tasks end.
#[utoipa::path(tag = "projects", security(("token" = ["projects:write"])),
    params(("id" = ProjectId, Path), ("user_id" = UserId, Path), ReassignParam), responses((status = NO_CONTENT)))]
#[delete("/projects/{id}/members/{user_id}")]
pub async fn delete_project_member(
    write: Write,
    path: Path<(ProjectId, UserId)>,
    query: Query<ReassignParam>,
) -> Result<Answer> {
    let (id, user) = path.into_inner();
    let answer = write.commit(async |tx| {
        let heir = heir(tx, &write, query.0.reassign_to).await?;
        let project = store::load(tx, write.me(), id).await?;
        remove(tx, &write, &project, user, heir).await?;
        Ok(Saved::new(Project::object(id), Answer::no_content()))
    });
    answer.await.map_err(Problem::about_parameters)
}

/// Join an open project
///
/// Staff may call it. Whoever is in it already stays what they are.
#[utoipa::path(tag = "projects", params(("id" = ProjectId, Path)), security(("token" = ["projects:write"])),
    responses((status = OK, body = ProjectView, headers(("ETag" = String, description = "The version.")))))]
#[post("/projects/{id}/join")]
pub async fn join_project(write: Write, id: Path<ProjectId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let project = store::load(tx, write.me(), *id).await?;
        let entry: Entry = join(&project, write.me())?;
        let part = (write.me().user, ProjectRole::Member);
        store::enter(tx, write.me(), &project, part, entry, write.now()).await?;
        Ok(saved(&write, store::find(tx, write.me(), *id).await?, Answer::ok))
    });
    answer.await
}

/// Leave a project
///
/// Its members may call it, but for the owner, who hands it over first: 409 `owner_stays`. 409 `has_open_tasks` while the
/// caller is responsible for open tasks and `reassign_to` names nobody who takes them over.
#[utoipa::path(tag = "projects", params(("id" = ProjectId, Path)), request_body = Option<LeaveProject>,
    security(("token" = ["projects:write"])), responses((status = NO_CONTENT)))]
#[post("/projects/{id}/leave")]
pub async fn leave_project(
    write: Write,
    id: Path<ProjectId>,
    body: Body<Option<LeaveProject>>,
) -> Result<Answer> {
    let reassign_to = body.0.and_then(|body| body.reassign_to);
    let answer = write.commit(async |tx| {
        let heir = heir(tx, &write, reassign_to).await?;
        let project = store::load(tx, write.me(), *id).await?;
        project.check(write.me(), ProjectAction::Leave, None)?;
        remove(tx, &write, &project, write.me().user, heir).await?;
        // Not the project: whoever left may not see it any more, and retries all the same.
        Ok(Saved::new(User::object(write.me().user), Answer::no_content()))
    });
    answer.await
}

/// Who takes over the open tasks of somebody who goes, if anybody was named.
async fn heir(tx: &Tx, write: &Write, user: Option<UserId>) -> StorageResult<Option<Candidate>> {
    match user {
        Some(user) => Ok(Some(store::candidate(tx, write.me(), user).await?)),
        None => Ok(None),
    }
}

/// Takes somebody out of a project.
async fn remove(
    tx: &Tx,
    write: &Write,
    project: &Project,
    user: UserId,
    heir: Option<Candidate>,
) -> StorageResult<()> {
    let me = write.me();
    let role = store::role_of(tx, me, project, user).await?.ok_or(Refusal::NotFound)?;
    let heir_is_member = match heir {
        Some(heir) => store::role_of(tx, me, project, heir.user).await?.is_some(),
        None => false,
    };
    let open_tasks = store::open_tasks(tx, project.id, user).await?;
    check_exit(project, me, Exit { user, role, open_tasks, heir, heir_is_member })?;
    store::end(tx, me, project, (user, role), heir.map(|heir| heir.user), write.now()).await
}
