//! The members of projects as they are kept. Whoever changes them holds the lock of the project.

use artel_domain::{
    activity::{Activity, Change, Verb},
    actor::{Actor, UserId},
    error::Error as Refusal,
    page::{Key, Page, Slice},
    project::{
        Candidate, Entry, Fitness, Member, MemberSort, Project, ProjectAction, ProjectId, ProjectRole,
    },
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    FromQueryResult, IntoSimpleExpr as _, JoinType, QueryFilter as _, QuerySelect,
    entity::prelude::*,
    sea_query::{ExprTrait as _, OnConflict, SimpleExpr},
};
use serde_json::{Value, json};

use super::task;
use crate::{
    activity,
    column::{Instant, Text},
    error::Result,
    page::{Emptiness, Placed, SortColumn, Total, keyset},
    unit_of_work::Tx,
    user,
};

mod row {
    use super::{Instant, ProjectRole, Text};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "project_member")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub project_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: i64,
        pub role: Text<ProjectRole>,
        pub since: Instant,
        pub added_by: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A member, and who added them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Who, as what, since when.
    pub member: Member,
    /// Who added them; themselves where they joined.
    pub added_by: Option<UserId>,
}

impl From<row::Model> for Membership {
    fn from(row: row::Model) -> Self {
        let row::Model { project_id: _, user_id, role, since, added_by } = row;
        let member = Member { user: UserId(user_id), role: role.0, since: since.0 };
        Self { member, added_by: added_by.map(UserId) }
    }
}

/// A row with what it is sorted by.
#[derive(FromQueryResult)]
struct Listed {
    #[sea_orm(nested)]
    row: row::Model,
    name_key: String,
}

impl SortColumn for MemberSort {
    type Column = SimpleExpr;

    fn column(self) -> (SimpleExpr, Emptiness) {
        let column = match self {
            Self::Name => name_key(),
            Self::Since => row::Column::Since.into_simple_expr(),
        };
        (column, Emptiness::NeverEmpty)
    }
}

impl Placed<MemberSort> for Listed {
    fn key(&self, sort: MemberSort) -> Option<Key> {
        Some(match sort {
            MemberSort::Name => Key::Text(self.name_key.clone()),
            MemberSort::Since => self.row.since.key(),
        })
    }

    fn id(&self) -> i64 {
        self.row.user_id
    }
}

fn name_key() -> SimpleExpr {
    Expr::col(("user", "name_key"))
}

/// The root of every read: the members of a project that the viewer may read.
///
/// # Errors
/// [`Refusal::NotFound`].
fn visible_to(viewer: &Actor, project: &Project) -> Result<Select<row::Entity>> {
    project.check(viewer, ProjectAction::Read, None)?;
    Ok(of(project.id))
}

fn of(project: ProjectId) -> Select<row::Entity> {
    row::Entity::find().filter(row::Column::ProjectId.eq(project.0))
}

/// A page of the members of a project.
///
/// # Errors
/// [`Refusal::NotFound`] for those who may not read it; those of the database.
pub async fn list_members(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    project: &Project,
    page: &Page<MemberSort>,
    total: Total,
) -> Result<Slice<Membership>> {
    let mut select = visible_to(viewer, project)?.expr_as(name_key(), "name_key");
    let user = Expr::col(("user", "id")).equals(("project_member", "user_id"));
    QuerySelect::query(&mut select).join(JoinType::InnerJoin, "user", user);
    let id = row::Column::UserId.into_simple_expr();
    let found: Slice<Listed> = keyset(db, select, page, id, total).await?;
    Ok(found.map(|listed| listed.row.into()))
}

/// One member of a project.
///
/// # Errors
/// [`Refusal::NotFound`] for those who may not read it, and where they are none.
pub async fn find_member(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    project: &Project,
    user: UserId,
) -> Result<Membership> {
    let row = visible_to(viewer, project)?.filter(row::Column::UserId.eq(user.0)).one(db).await?;
    row.map(Membership::from).ok_or_else(|| Refusal::NotFound.into())
}

/// What somebody is in a project.
///
/// # Errors
/// [`Refusal::NotFound`] for those who may not read it; those of the database.
pub async fn role_of(
    tx: &Tx,
    viewer: &Actor,
    project: &Project,
    user: UserId,
) -> Result<Option<ProjectRole>> {
    let row = visible_to(viewer, project)?.filter(row::Column::UserId.eq(user.0)).one(tx).await?;
    Ok(row.map(|row| row.role.0))
}

/// Somebody who is to have a part, as the one who asks knows them. They stay what they are until the transaction ends:
/// ask before the project is loaded, for whoever takes access from somebody locks them first.
///
/// # Errors
/// Those of the database.
pub async fn candidate(tx: &Tx, by: &Actor, user: UserId) -> Result<Candidate> {
    user::lock_all(tx, &[user]).await?;
    Ok(Candidate { user, fitness: fitness(tx, by, user).await? })
}

async fn fitness(tx: &Tx, by: &Actor, user: UserId) -> Result<Fitness> {
    let known = user::find_all(tx, by, &[user]).await?.pop();
    Ok(known.map_or(Fitness::Unknown, |user| Fitness::of(user.fields.role, user.is_active())))
}

/// Keeps what came of adding somebody, and the activity.
///
/// # Errors
/// Those of the database.
pub async fn enter(
    tx: &Tx,
    by: &Actor,
    project: &Project,
    (user, role): (UserId, ProjectRole),
    entry: Entry,
    now: DateTime<Utc>,
) -> Result<()> {
    let (verb, from) = match entry {
        Entry::New => (Verb::Joined, None),
        Entry::Changed { from } => (Verb::Updated, Some(from)),
        Entry::Unchanged => return Ok(()),
    };
    write(tx, by, project, (user, role), now).await?;
    log(tx, by, project.id, verb, part(user, from, Some(role)), now).await
}

/// Adds a member, or gives one another part.
pub(super) async fn write(
    tx: &Tx,
    by: &Actor,
    project: &Project,
    (user, role): (UserId, ProjectRole),
    now: DateTime<Utc>,
) -> Result<()> {
    let row = row::ActiveModel {
        project_id: Set(project.id.0),
        user_id: Set(user.0),
        role: Set(Text(role)),
        since: Set(Instant(now)),
        added_by: Set(Some(by.user.0)),
    };
    let there = OnConflict::columns([row::Column::ProjectId, row::Column::UserId])
        .update_column(row::Column::Role)
        .to_owned();
    row::Entity::insert(row).on_conflict(there).exec_without_returning(tx).await?;
    Ok(())
}

/// Takes a member out of a project: their open tasks go to the heir, their other parts in its tasks end.
///
/// # Errors
/// Those of the database.
pub async fn end(
    tx: &Tx,
    by: &Actor,
    project: &Project,
    (user, role): (UserId, ProjectRole),
    heir: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<()> {
    task::part_with_all(tx, by, project, (user, heir), now).await?;
    row::Entity::delete_by_id((project.id.0, user.0)).exec(tx).await?;
    log(tx, by, project.id, Verb::Left, part(user, Some(role), None), now).await
}

/// Keeps the new owner of a project, who is a member from now on if they were none; the one before is a moderator, or a
/// member if they are a guest by now.
///
/// # Errors
/// Those of the database.
pub async fn hand_over(
    tx: &Tx,
    by: &Actor,
    before: &Project,
    project: &Project,
    change: Change,
) -> Result<()> {
    let now = project.updated.at;
    let stays = match fitness(tx, by, before.owner).await? {
        Fitness::Guest => ProjectRole::Member,
        _ => ProjectRole::Moderator,
    };
    write(tx, by, project, (before.owner, stays), now).await?;
    write(tx, by, project, (project.owner, ProjectRole::Owner), now).await?;
    super::save(tx, by, before, project, Verb::HandedOver, vec![change]).await
}

/// A part in a project as the activity log tells it.
fn part(user: UserId, old: Option<ProjectRole>, new: Option<ProjectRole>) -> Change {
    let told = |role: Option<ProjectRole>| {
        role.map_or(Value::Null, |role| json!({ "user_id": user.0, "role": role.as_str() }))
    };
    Change { field: "members".to_owned(), old: told(old), new: told(new) }
}

async fn log(
    tx: &Tx,
    by: &Actor,
    project: ProjectId,
    verb: Verb,
    change: Change,
    now: DateTime<Utc>,
) -> Result<()> {
    let activity =
        Activity { author: by.author(), verb, object: Project::object(project), changes: vec![change] };
    activity::append(tx, &[activity], now).await
}
