//! Projects as they are kept. How the viewer stands to each is read in the statement that reads it.

use std::collections::BTreeSet;

use artel_domain::{
    activity::{Activity, Change, Verb, initial},
    actor::{Actor, UserId},
    error::Error as Refusal,
    page::{Key, Page, Slice},
    project::{
        Colour, Draft, Permissions, Privacy, Project, ProjectAction, ProjectDescription, ProjectFields,
        ProjectId, ProjectName, ProjectRole, Sort,
    },
    record::Stamp,
    search,
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    FromQueryResult, QueryFilter as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{ExprTrait as _, LockType, Query},
};

use crate::{
    activity,
    column::{Instant, Text},
    error::Result,
    json,
    page::{Emptiness, Placed, SortColumn, Total, keyset},
    search::save_words,
    unit_of_work::Tx,
};

mod filter;
mod heir;
mod member;
mod purge;
mod sight;
mod task;

pub use filter::{Archive, Filter};
pub use heir::{hand_over_all, load_owned_by};
pub use member::{Membership, candidate, end, enter, find_member, hand_over, list_members, role_of};
pub use purge::unscoped_purge_trash;
pub use sight::{mine, open};
pub(crate) use sight::{readable, shares_with};
pub use task::{open_tasks, stray_tasks};

use filter::WORDS;

mod row {
    use super::{Colour, Instant, NaiveDate, Privacy, ProjectDescription, ProjectName, ProjectRole, Text};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "project")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: Text<ProjectName>,
        pub name_key: String,
        pub description: Option<Text<ProjectDescription>>,
        pub starts_on: Option<NaiveDate>,
        pub ends_on: Option<NaiveDate>,
        pub privacy: Text<Privacy>,
        pub owner_id: i64,
        pub colour: Option<Text<Colour>>,
        pub tags: String,
        pub may_invite: Text<ProjectRole>,
        pub may_post: Text<ProjectRole>,
        pub may_create_tasks: Text<ProjectRole>,
        pub may_edit_tasks: Text<ProjectRole>,
        pub may_upload: Text<ProjectRole>,
        pub version: i64,
        pub created_at: Instant,
        pub created_by: Option<i64>,
        pub updated_at: Instant,
        pub updated_by: Option<i64>,
        pub archived_at: Option<Instant>,
        pub archived_by: Option<i64>,
        pub deleted_at: Option<Instant>,
        pub deleted_by: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A row with how it stands to the viewer.
#[derive(FromQueryResult)]
struct Seen {
    #[sea_orm(nested)]
    row: row::Model,
    mine: Option<Text<ProjectRole>>,
    members: i64,
    owner_is_active: bool,
}

impl TryFrom<Seen> for Project {
    type Error = crate::Error;

    fn try_from(seen: Seen) -> Result<Self> {
        let Seen { row, mine, members, owner_is_active } = seen;
        let stamp =
            |at: Option<Instant>, by: Option<i64>| at.map(|at| Stamp { at: at.0, by: by.map(UserId) });
        Ok(Self {
            id: ProjectId(row.id),
            owner: UserId(row.owner_id),
            owner_is_active,
            mine: mine.map(|role| role.0),
            members: members.unsigned_abs(),
            archived: stamp(row.archived_at, row.archived_by),
            version: row.version,
            created: Stamp { at: row.created_at.0, by: row.created_by.map(UserId) },
            updated: Stamp { at: row.updated_at.0, by: row.updated_by.map(UserId) },
            trashed: stamp(row.deleted_at, row.deleted_by),
            fields: fields(row)?,
        })
    }
}

fn fields(row: row::Model) -> Result<ProjectFields> {
    Ok(ProjectFields {
        name: row.name.0,
        description: row.description.map(|text| text.0),
        starts_on: row.starts_on,
        ends_on: row.ends_on,
        privacy: row.privacy.0,
        colour: row.colour.map(|colour| colour.0),
        tags: json::read(&row.tags)?,
        permissions: Permissions {
            invite: row.may_invite.0,
            post: row.may_post.0,
            create_tasks: row.may_create_tasks.0,
            edit_tasks: row.may_edit_tasks.0,
            upload: row.may_upload.0,
        },
    })
}

/// The columns that hold the fields, and what is folded out of them.
fn columns(fields: &ProjectFields) -> Result<row::ActiveModel> {
    let ProjectFields { name, description, starts_on, ends_on, privacy, colour, tags, permissions } =
        fields.clone();
    let Permissions { invite, post, create_tasks, edit_tasks, upload } = permissions;
    Ok(row::ActiveModel {
        name_key: Set(search::name_key([name.as_str()])),
        name: Set(Text(name)),
        description: Set(description.map(Text)),
        starts_on: Set(starts_on),
        ends_on: Set(ends_on),
        privacy: Set(Text(privacy)),
        colour: Set(colour.map(Text)),
        tags: Set(json::write(&tags)?),
        may_invite: Set(Text(invite)),
        may_post: Set(Text(post)),
        may_create_tasks: Set(Text(create_tasks)),
        may_edit_tasks: Set(Text(edit_tasks)),
        may_upload: Set(Text(upload)),
        ..Default::default()
    })
}

/// The root of every read.
fn visible_to(viewer: &Actor) -> Select<row::Entity> {
    row::Entity::find()
        .expr_as(sight::part_of(viewer), "mine")
        .expr_as(sight::size(), "members")
        .expr_as(sight::owner_is_active(), "owner_is_active")
        .filter(sight::scope(viewer, ProjectAction::View))
}

impl SortColumn for Sort {
    type Column = row::Column;

    fn column(self) -> (row::Column, Emptiness) {
        match self {
            Self::Name => (row::Column::NameKey, Emptiness::NeverEmpty),
            Self::CreatedAt => (row::Column::CreatedAt, Emptiness::NeverEmpty),
            Self::UpdatedAt => (row::Column::UpdatedAt, Emptiness::NeverEmpty),
            Self::StartsOn => (row::Column::StartsOn, Emptiness::MayBeEmpty),
            Self::EndsOn => (row::Column::EndsOn, Emptiness::MayBeEmpty),
        }
    }
}

impl Placed<Sort> for Seen {
    fn key(&self, sort: Sort) -> Option<Key> {
        let day = |day: Option<NaiveDate>| day.map(|day| Key::Day { day });
        match sort {
            Sort::Name => Some(Key::Text(self.row.name_key.clone())),
            Sort::CreatedAt => Some(self.row.created_at.key()),
            Sort::UpdatedAt => Some(self.row.updated_at.key()),
            Sort::StartsOn => day(self.row.starts_on),
            Sort::EndsOn => day(self.row.ends_on),
        }
    }

    fn id(&self) -> i64 {
        self.row.id
    }
}

/// A page of the projects that the viewer may know of. What is narrowed or sorted by something that only those who may
/// read a project see, shows the projects that the viewer may read: an order would tell what is hidden.
///
/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    filter: &Filter,
    page: &Page<Sort>,
    total: Total,
) -> Result<Slice<Project>> {
    let mut select = visible_to(viewer).filter(filter.conditions(db.get_database_backend(), viewer));
    let tells_more = !matches!(page.sort, Sort::Name | Sort::CreatedAt);
    if tells_more || filter.looks_inside() {
        select = select.filter(sight::scope(viewer, ProjectAction::Read));
    }
    let found: Slice<Seen> = keyset(db, select, page, row::Column::Id, total).await?;
    let Slice { items, next, total } = found;
    let items = items.into_iter().map(Project::try_from).collect::<Result<_>>()?;
    Ok(Slice { items, next, total })
}

/// A project, to see.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, it lies in the trash, or the viewer may not know.
pub async fn find(db: &impl ConnectionTrait, viewer: &Actor, id: ProjectId) -> Result<Project> {
    let select = visible_to(viewer).filter(row::Column::Id.eq(id.0)).filter(row::Column::DeletedAt.is_null());
    let seen: Option<Seen> = select.into_model().one(db).await?;
    seen.ok_or(Refusal::NotFound)?.try_into()
}

/// What some projects are called, as far as the viewer may know of them.
///
/// # Errors
/// Those of the database.
pub async fn names(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    ids: BTreeSet<ProjectId>,
) -> Result<Vec<(ProjectId, ProjectName)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = row::Entity::find()
        .filter(sight::scope(viewer, ProjectAction::View))
        .filter(row::Column::Id.is_in(ids.into_iter().map(|id| id.0)));
    let rows = select.all(db).await?;
    Ok(rows.into_iter().map(|row| (ProjectId(row.id), row.name.0)).collect())
}

/// A project, to change: it and its members stay as they are until the transaction ends.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, it lies in the trash, or the viewer may not know.
pub async fn load(tx: &Tx, viewer: &Actor, id: ProjectId) -> Result<Project> {
    let project = load_any(tx, viewer, id).await?;
    if project.trashed.is_some() { Err(Refusal::NotFound.into()) } else { Ok(project) }
}

/// A project, to change or to take out of the trash. The row is locked first and read afterwards, so that the members
/// belong to the row.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or the viewer may not know.
pub async fn load_any(tx: &Tx, viewer: &Actor, id: ProjectId) -> Result<Project> {
    lock(tx, id, LockType::Update).await?;
    let seen: Option<Seen> = visible_to(viewer).filter(row::Column::Id.eq(id.0)).into_model().one(tx).await?;
    seen.ok_or(Refusal::NotFound)?.try_into()
}

/// Locks a project until the transaction ends, whether or not anybody may know of it.
///
/// # Errors
/// Those of the database.
pub async fn lock(tx: &Tx, id: ProjectId, lock: LockType) -> Result<()> {
    let select =
        Query::select().column("id").from("project").and_where(Expr::col("id").eq(id.0)).lock(lock).take();
    tx.query_one(&select).await?;
    Ok(())
}

/// Keeps a new project with its owner, and the activity.
///
/// # Errors
/// Those of the database.
pub async fn insert(tx: &Tx, by: &Actor, draft: Draft) -> Result<Project> {
    let changes = initial(&draft.fields);
    let row = row::ActiveModel {
        id: NotSet,
        owner_id: Set(draft.owner.0),
        version: Set(1),
        created_at: Set(Instant(draft.created.at)),
        created_by: Set(draft.created.by.map(|user| user.0)),
        updated_at: Set(Instant(draft.created.at)),
        updated_by: Set(draft.created.by.map(|user| user.0)),
        ..columns(&draft.fields)?
    };
    let id = row.insert(tx).await?.id;
    let project = draft.with_id(ProjectId(id));
    member::write(tx, by, &project, (project.owner, ProjectRole::Owner), project.created.at).await?;
    save_words(tx, WORDS, id, &[].into(), &filter::words(&project.fields)).await?;
    log(tx, by, &project, Verb::Created, changes).await?;
    Ok(project)
}

/// Saves what was decided on a project, and the activity. Nothing is written where nothing changed.
///
/// # Errors
/// Those of the database.
pub async fn save(
    tx: &Tx,
    by: &Actor,
    before: &Project,
    project: &Project,
    verb: Verb,
    changes: Vec<Change>,
) -> Result<()> {
    if project.version == before.version {
        return Ok(());
    }
    let at = |stamp: Option<Stamp>| Set(stamp.map(|stamp| Instant(stamp.at)));
    let by_whom = |stamp: Option<Stamp>| Set(stamp.and_then(|stamp| stamp.by).map(|user| user.0));
    let row = row::ActiveModel {
        id: Set(project.id.0),
        owner_id: Set(project.owner.0),
        version: Set(project.version),
        updated_at: Set(Instant(project.updated.at)),
        updated_by: by_whom(Some(project.updated)),
        archived_at: at(project.archived),
        archived_by: by_whom(project.archived),
        deleted_at: at(project.trashed),
        deleted_by: by_whom(project.trashed),
        ..columns(&project.fields)?
    };
    row::Entity::update(row).exec(tx).await?;
    let (old, new) = (filter::words(&before.fields), filter::words(&project.fields));
    save_words(tx, WORDS, project.id.0, &old, &new).await?;
    if closes(before, project) {
        task::drop_outside_observers(tx, by, project, project.updated.at).await?;
    }
    log(tx, by, project, verb, changes).await
}

/// Whether people outside lose sight of what is in it.
fn closes(before: &Project, after: &Project) -> bool {
    before.fields.privacy == Privacy::Open && after.fields.privacy != Privacy::Open
}

async fn log(tx: &Tx, by: &Actor, project: &Project, verb: Verb, changes: Vec<Change>) -> Result<()> {
    let activity = Activity { author: by.author(), verb, object: Project::object(project.id), changes };
    activity::append(tx, &[activity], project.updated.at).await
}
