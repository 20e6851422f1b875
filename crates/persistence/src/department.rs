//! Departments as they are kept: each with the paths to everything above it, so that "below" is one lookup.
//! Staff see the whole tree, guests none of it. Whoever changes the tree holds the lock of the organisation.

use std::collections::HashMap;

use artel_domain::{
    activity::{Activity, Change, Verb, initial},
    actor::{Actor, Author, UserId},
    department::{Department, DepartmentFields, DepartmentId, DepartmentName, Placement, Sort, are_visible},
    error::Error as Refusal,
    page::{Key, Page, Slice},
    search,
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Cond, ExprTrait as _, Query, SelectStatement},
};

use crate::{
    activity,
    column::{Instant, Text},
    error::Result,
    page::{Emptiness, Placed, SortColumn, Total, keyset},
    unit_of_work::Tx,
};

mod path;

pub use path::{people_below, subtree};

mod row {
    use super::{DepartmentName, Instant, Text};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "department")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: Text<DepartmentName>,
        pub name_key: String,
        pub parent_id: Option<i64>,
        pub head_id: Option<i64>,
        pub version: i64,
        pub created_at: Instant,
        pub updated_at: Instant,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl From<row::Model> for Department {
    fn from(row: row::Model) -> Self {
        let row::Model { id, name, name_key: _, parent_id, head_id, version, created_at, updated_at } = row;
        let fields = DepartmentFields {
            name: name.0,
            parent_id: parent_id.map(DepartmentId),
            head_id: head_id.map(UserId),
        };
        Self { id: DepartmentId(id), fields, version, created_at: created_at.0, updated_at: updated_at.0 }
    }
}

/// The columns that hold the fields.
fn columns(fields: DepartmentFields) -> row::ActiveModel {
    let DepartmentFields { name, parent_id, head_id } = fields;
    row::ActiveModel {
        name_key: Set(search::name_key([name.as_str()])),
        name: Set(Text(name)),
        parent_id: Set(parent_id.map(|id| id.0)),
        head_id: Set(head_id.map(|id| id.0)),
        ..Default::default()
    }
}

/// The root of every read: the rule of [`are_visible`].
fn visible_to(viewer: &Actor) -> Select<row::Entity> {
    let all = row::Entity::find();
    if are_visible(viewer) { all } else { all.filter(Expr::val(1).eq(0)) }
}

/// Whether a column names one of these departments, or none where `None` is among them.
pub(crate) fn is_any(column: impl ColumnTrait, ids: &[Option<DepartmentId>]) -> Cond {
    let named = ids.iter().flatten().map(|id| id.0);
    let any = Cond::any().add(column.is_in(named));
    if ids.contains(&None) { any.add(column.is_null()) } else { any }
}

/// What a list of departments can be narrowed to; an empty list narrows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words of the name.
    pub q: Option<String>,
    /// Directly below any of these; `None` stands for the top of the tree.
    pub parent: Vec<Option<DepartmentId>>,
    /// Led by any of these; `None` stands for departments without a head.
    pub head: Vec<Option<UserId>>,
}

impl Filter {
    fn apply(&self, mut select: Select<row::Entity>) -> Select<row::Entity> {
        for word in search::query_words(self.q.as_deref().unwrap_or_default()) {
            let starts = Cond::any()
                .add(row::Column::NameKey.starts_with(word.as_str()))
                .add(row::Column::NameKey.contains(format!(" {word}")));
            select = select.filter(starts);
        }
        if !self.parent.is_empty() {
            select = select.filter(is_any(row::Column::ParentId, &self.parent));
        }
        if !self.head.is_empty() {
            let named = self.head.iter().flatten().map(|id| id.0);
            let any = Cond::any().add(row::Column::HeadId.is_in(named));
            let none = self.head.contains(&None).then(|| row::Column::HeadId.is_null());
            select = select.filter(any.add_option(none));
        }
        select
    }
}

impl SortColumn for Sort {
    type Column = row::Column;

    fn column(self) -> (row::Column, Emptiness) {
        let column = match self {
            Self::Name => row::Column::NameKey,
            Self::CreatedAt => row::Column::CreatedAt,
        };
        (column, Emptiness::NeverEmpty)
    }
}

impl Placed<Sort> for row::Model {
    fn key(&self, sort: Sort) -> Option<Key> {
        Some(match sort {
            Sort::Name => Key::Text(self.name_key.clone()),
            Sort::CreatedAt => self.created_at.key(),
        })
    }

    fn id(&self) -> i64 {
        self.id
    }
}

/// A page of the departments that the viewer may see.
///
/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    filter: &Filter,
    page: &Page<Sort>,
    total: Total,
) -> Result<Slice<Department>> {
    let select = filter.apply(visible_to(viewer));
    let rows = keyset::<_, _, row::Model>(db, select, page, row::Column::Id, total).await?;
    Ok(rows.map(Department::from))
}

/// Every department that the viewer may see, by name: the whole tree.
///
/// # Errors
/// Those of the database.
pub async fn tree(db: &impl ConnectionTrait, viewer: &Actor) -> Result<Vec<Department>> {
    let rows =
        visible_to(viewer).order_by_asc(row::Column::NameKey).order_by_asc(row::Column::Id).all(db).await?;
    Ok(rows.into_iter().map(Department::from).collect())
}

/// A department, to see.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or the viewer may not know.
pub async fn find(db: &impl ConnectionTrait, viewer: &Actor, id: DepartmentId) -> Result<Department> {
    let row = visible_to(viewer).filter(row::Column::Id.eq(id.0)).one(db).await?;
    row.map(Department::from).ok_or_else(|| Refusal::NotFound.into())
}

/// A department, to change or to refer to: it stays until the transaction ends.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or the viewer may not know.
pub async fn load(tx: &Tx, viewer: &Actor, id: DepartmentId) -> Result<Department> {
    let row = visible_to(viewer).filter(row::Column::Id.eq(id.0)).lock_exclusive().one(tx).await?;
    row.map(Department::from).ok_or_else(|| Refusal::NotFound.into())
}

/// Adds a department below its parent, with the activity.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    tx: &Tx,
    author: Author,
    fields: DepartmentFields,
    now: DateTime<Utc>,
) -> Result<Department> {
    let changes = initial(&fields);
    let row = row::ActiveModel {
        id: NotSet,
        version: Set(1),
        created_at: Set(Instant(now)),
        updated_at: Set(Instant(now)),
        ..columns(fields)
    };
    let department = Department::from(row.insert(tx).await?);
    path::insert(tx, department.id, department.fields.parent_id).await?;
    let activity =
        Activity { author, verb: Verb::Created, object: Department::object(department.id), changes };
    activity::append(tx, &[activity], now).await?;
    Ok(department)
}

/// Saves a change and its activity, and moves the paths of everything in the department along; nothing where
/// nothing changed.
///
/// # Errors
/// Those of the database.
pub async fn save(tx: &Tx, author: Author, department: &Department, changes: Vec<Change>) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let Department { id, fields, version, created_at: _, updated_at } = department.clone();
    let parent = fields.parent_id;
    let row = row::ActiveModel {
        id: Set(id.0),
        version: Set(version),
        updated_at: Set(Instant(updated_at)),
        ..columns(fields)
    };
    row::Entity::update(row).exec(tx).await?;
    if changes.iter().any(|change| change.field == "parent_id") {
        path::relocate(tx, id, parent).await?;
    }
    let activity = Activity { author, verb: Verb::Updated, object: Department::object(id), changes };
    activity::append(tx, &[activity], updated_at).await
}

/// Deletes a department that nothing hangs on, with the activity.
///
/// # Errors
/// Those of the database.
pub async fn delete(tx: &Tx, author: Author, department: &Department, now: DateTime<Utc>) -> Result<()> {
    row::Entity::delete_by_id(department.id.0).exec(tx).await?;
    let object = Department::object(department.id);
    let changes = vec![Change {
        field: "name".to_owned(),
        old: department.fields.name.as_str().into(),
        new: serde_json::Value::Null,
    }];
    activity::append(tx, &[Activity { author, verb: Verb::Deleted, object, changes }], now).await
}

/// Where a department would lie below a parent.
///
/// # Errors
/// Those of the database.
pub async fn placement(tx: &Tx, id: Option<DepartmentId>, parent: Option<DepartmentId>) -> Result<Placement> {
    path::placement(tx, id, parent).await
}

/// How many departments lie directly below this one, and how many users belong to it.
///
/// # Errors
/// Those of the database.
pub async fn dependants(tx: &Tx, id: DepartmentId) -> Result<(u64, u64)> {
    let children = row::Entity::find().filter(row::Column::ParentId.eq(id.0)).count(tx).await?;
    let users = path::count(tx, &users_in(id)).await?;
    Ok((children, users))
}

fn users_in(id: DepartmentId) -> SelectStatement {
    Query::select()
        .expr(Expr::cust("count(*)"))
        .from("user")
        .and_where(Expr::col("department_id").eq(id.0))
        .take()
}

/// The heads of departments and of all above each, from the bottom up: who manages the people there.
///
/// # Errors
/// Those of the database.
pub async fn heads_above(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    ids: &[DepartmentId],
) -> Result<HashMap<DepartmentId, Vec<Option<UserId>>>> {
    if ids.is_empty() || !are_visible(viewer) {
        return Ok(HashMap::new());
    }
    path::heads_above(db, ids).await
}

/// The departments that a user heads.
///
/// # Errors
/// Those of the database.
pub async fn load_headed_by(tx: &Tx, head: UserId) -> Result<Vec<Department>> {
    let rows = row::Entity::find().filter(row::Column::HeadId.eq(head.0)).lock_exclusive().all(tx).await?;
    Ok(rows.into_iter().map(Department::from).collect())
}
