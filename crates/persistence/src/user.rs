//! Users as they are kept. Staff see everybody, guests themselves and the people of their projects.

use artel_domain::{
    activity::{Activity, Change, Verb, initial},
    actor::{Actor, Author, Role, UserId},
    department::DepartmentId,
    email::Email,
    error::Error as Refusal,
    page::{Key, Page, Slice},
    search,
    time_zone::TimeZone,
    user::{Locale, OtherAdmins, PersonName, Position, Sort, User, UserFields, UserStatus},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Cond, LikeExpr},
};

use crate::{
    activity,
    column::{Instant, Text},
    department,
    error::Result,
    page::{Emptiness, Placed, SortColumn, Total, keyset},
    project,
    unit_of_work::Tx,
};

mod row {
    use super::{Email, Instant, Locale, PersonName, Position, Role, Text, TimeZone};
    use sea_orm::entity::prelude::*;

    /// A user without the hash of the password, which only the room `password` reads and writes.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "user")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub email: Text<Email>,
        pub first_name: Text<PersonName>,
        pub last_name: Text<PersonName>,
        pub name_key: String,
        pub search_key: String,
        pub position: Option<Text<Position>>,
        pub role: Text<Role>,
        pub department_id: Option<i64>,
        pub time_zone: Text<TimeZone>,
        pub locale: Text<Locale>,
        pub version: i64,
        pub created_at: Instant,
        pub updated_at: Instant,
        pub deactivated_at: Option<Instant>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl From<row::Model> for User {
    fn from(row: row::Model) -> Self {
        let row::Model {
            id,
            email,
            first_name,
            last_name,
            name_key: _,
            search_key: _,
            position,
            role,
            department_id,
            time_zone,
            locale,
            version,
            created_at,
            updated_at,
            deactivated_at,
        } = row;
        let fields = UserFields {
            email: email.0,
            first_name: first_name.0,
            last_name: last_name.0,
            position: position.map(|position| position.0),
            role: role.0,
            department_id: department_id.map(DepartmentId),
            time_zone: time_zone.0,
            locale: locale.0,
        };
        Self {
            id: UserId(id),
            fields,
            version,
            created_at: created_at.0,
            updated_at: updated_at.0,
            deactivated_at: deactivated_at.map(|at| at.0),
        }
    }
}

/// The columns that hold the fields, and what is folded out of them.
fn columns(fields: UserFields) -> row::ActiveModel {
    let UserFields { email, first_name, last_name, position, role, department_id, time_zone, locale } =
        fields;
    let names = [last_name.as_str(), first_name.as_str()];
    let searched = names
        .map(search::Piece::Text)
        .into_iter()
        .chain([search::Piece::Email(email.as_str())])
        .chain(position.as_ref().map(|position| search::Piece::Text(position.as_str())));
    row::ActiveModel {
        name_key: Set(search::name_key(names)),
        search_key: Set(search::words(searched).iter().fold(" ".to_owned(), |key, word| key + word + " ")),
        email: Set(Text(email)),
        first_name: Set(Text(first_name)),
        last_name: Set(Text(last_name)),
        position: Set(position.map(Text)),
        role: Set(Text(role)),
        department_id: Set(department_id.map(|id| id.0)),
        time_zone: Set(Text(time_zone)),
        locale: Set(Text(locale)),
        ..Default::default()
    }
}

/// The root of every read: the rule of [`artel_domain::user::is_visible`].
fn visible_to(viewer: &Actor) -> Select<row::Entity> {
    let all = row::Entity::find();
    match viewer.role {
        Role::Admin | Role::Employee => all,
        Role::Guest => {
            let shared = row::Column::Id.in_subquery(project::shares_with(viewer));
            all.filter(Cond::any().add(row::Column::Id.eq(viewer.user.0)).add(shared))
        }
    }
}

/// What a list of users can be narrowed to; an empty list narrows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words of the name, the address or the position.
    pub q: Option<String>,
    /// Any of these addresses.
    pub email: Vec<Email>,
    /// Any of these roles.
    pub role: Vec<Role>,
    /// Any of these states.
    pub status: Vec<UserStatus>,
    /// In any of these departments; `None` stands for people in no department.
    pub department: Vec<Option<DepartmentId>>,
    /// In this department or any below it.
    pub within: Option<DepartmentId>,
    /// Below this manager.
    pub manager: Option<UserId>,
}

impl Filter {
    fn apply(&self, mut select: Select<row::Entity>) -> Select<row::Entity> {
        for word in search::query_words(self.q.as_deref().unwrap_or_default()) {
            select = select.filter(row::Column::SearchKey.like(starting_with(&word)));
        }
        if !self.email.is_empty() {
            select = select.filter(row::Column::Email.is_in(self.email.iter().map(Email::as_str)));
        }
        if !self.role.is_empty() {
            select = select.filter(row::Column::Role.is_in(self.role.iter().map(|role| role.as_str())));
        }
        for (status, unwanted) in [
            (UserStatus::Active, row::Column::DeactivatedAt.is_not_null()),
            (UserStatus::Deactivated, row::Column::DeactivatedAt.is_null()),
        ] {
            if !self.status.is_empty() && !self.status.contains(&status) {
                select = select.filter(unwanted);
            }
        }
        if !self.department.is_empty() {
            select = select.filter(department::is_any(row::Column::DepartmentId, &self.department));
        }
        if let Some(top) = self.within {
            select = select.filter(row::Column::DepartmentId.in_subquery(department::subtree(top)));
        }
        if let Some(manager) = self.manager {
            select = select.filter(row::Column::Id.in_subquery(department::people_below(manager)));
        }
        select
    }
}

/// The pattern of a search key in which some word starts like this.
fn starting_with(word: &str) -> LikeExpr {
    let escaped = word.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    LikeExpr::new(format!("% {escaped}%")).escape('\\')
}

impl SortColumn for Sort {
    type Column = row::Column;

    fn column(self) -> (row::Column, Emptiness) {
        let column = match self {
            Self::Name => row::Column::NameKey,
            Self::Email => row::Column::Email,
            Self::CreatedAt => row::Column::CreatedAt,
        };
        (column, Emptiness::NeverEmpty)
    }
}

impl Placed<Sort> for row::Model {
    fn key(&self, sort: Sort) -> Option<Key> {
        Some(match sort {
            Sort::Name => Key::Text(self.name_key.clone()),
            Sort::Email => Key::Text(self.email.0.to_string()),
            Sort::CreatedAt => self.created_at.key(),
        })
    }

    fn id(&self) -> i64 {
        self.id
    }
}

/// A page of the users that the viewer may see.
///
/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    filter: &Filter,
    page: &Page<Sort>,
    total: Total,
) -> Result<Slice<User>> {
    let select = filter.apply(visible_to(viewer));
    let rows = keyset::<_, _, row::Model>(db, select, page, row::Column::Id, total).await?;
    Ok(rows.map(User::from))
}

/// A user, to see.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or the viewer may not know.
pub async fn find(db: &impl ConnectionTrait, viewer: &Actor, id: UserId) -> Result<User> {
    let row = visible_to(viewer).filter(row::Column::Id.eq(id.0)).one(db).await?;
    row.map(User::from).ok_or_else(|| Refusal::NotFound.into())
}

/// A user, to change.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or the viewer may not know.
pub async fn load(tx: &Tx, viewer: &Actor, id: UserId) -> Result<User> {
    let row = visible_to(viewer).filter(row::Column::Id.eq(id.0)).lock_exclusive().one(tx).await?;
    row.map(User::from).ok_or_else(|| Refusal::NotFound.into())
}

/// Of two requests that concern one user at the same moment, lets the second wait until the first has ended.
///
/// # Errors
/// Those of the database.
pub(crate) async fn lock(tx: &Tx, id: UserId) -> Result<()> {
    let lock = row::Entity::find_by_id(id.0).select_only().column(row::Column::Id).lock_exclusive();
    lock.into_tuple::<i64>().one(tx).await?;
    Ok(())
}

/// Keeps people what they are until the transaction ends. It comes before anything else is locked, for whoever takes access
/// from somebody locks them first.
///
/// # Errors
/// Those of the database.
pub async fn lock_all(tx: &Tx, users: &[UserId]) -> Result<()> {
    let lock = row::Entity::find()
        .select_only()
        .column(row::Column::Id)
        .filter(row::Column::Id.is_in(users.iter().map(|user| user.0)))
        .order_by_asc(row::Column::Id)
        .lock_shared();
    lock.into_tuple::<i64>().all(tx).await?;
    Ok(())
}

/// The users with these ids that the viewer may see, in no order: to show names beside references.
///
/// # Errors
/// Those of the database.
pub async fn find_all(db: &impl ConnectionTrait, viewer: &Actor, ids: &[UserId]) -> Result<Vec<User>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = visible_to(viewer).filter(row::Column::Id.is_in(ids.iter().map(|id| id.0))).all(db).await?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// Whether a user that the viewer may see has this address.
///
/// # Errors
/// Those of the database.
pub async fn is_taken(tx: &Tx, viewer: &Actor, email: &Email) -> Result<bool> {
    let same = visible_to(viewer).filter(row::Column::Email.eq(email.as_str()));
    Ok(same.count(tx).await? > 0)
}

/// Whether there is an active administrator beside this user. Holds until the transaction ends if the organisation
/// is locked.
///
/// # Errors
/// Those of the database.
pub async fn other_admins(tx: &Tx, beside: UserId) -> Result<OtherAdmins> {
    let others = row::Entity::find()
        .filter(row::Column::Role.eq(Role::Admin.as_str()))
        .filter(row::Column::DeactivatedAt.is_null())
        .filter(row::Column::Id.ne(beside.0));
    Ok(if others.count(tx).await? == 0 { OtherAdmins::None } else { OtherAdmins::Some })
}

/// Adds a user and the activity; a user without a password sets one through a reset.
///
/// # Errors
/// `duplicate` when the address is taken; those of the database.
pub async fn insert(tx: &Tx, author: Author, fields: UserFields, now: DateTime<Utc>) -> Result<User> {
    let changes = initial(&fields);
    let row = row::ActiveModel {
        id: NotSet,
        version: Set(1),
        created_at: Set(Instant(now)),
        updated_at: Set(Instant(now)),
        deactivated_at: Set(None),
        ..columns(fields)
    };
    let user = User::from(row.insert(tx).await?);
    let activity = Activity { author, verb: Verb::Created, object: User::object(user.id), changes };
    activity::append(tx, &[activity], now).await?;
    Ok(user)
}

/// Saves a change and its activity; nothing where the fields stayed as they were.
///
/// # Errors
/// `duplicate` when the address is taken; those of the database.
pub async fn save(tx: &Tx, author: Author, user: &User, verb: Verb, changes: Vec<Change>) -> Result<()> {
    if verb == Verb::Updated && changes.is_empty() {
        return Ok(());
    }
    let User { id, fields, version, created_at: _, updated_at, deactivated_at } = user.clone();
    let row = row::ActiveModel {
        id: Set(id.0),
        version: Set(version),
        updated_at: Set(Instant(updated_at)),
        deactivated_at: Set(deactivated_at.map(Instant)),
        ..columns(fields)
    };
    row::Entity::update(row).exec(tx).await?;
    let activity = Activity { author, verb, object: User::object(id), changes };
    activity::append(tx, &[activity], updated_at).await
}

/// The user with this address, for the command line.
///
/// # Errors
/// Those of the database.
pub async fn unscoped_by_email(db: &impl ConnectionTrait, email: &Email) -> Result<Option<User>> {
    let row = row::Entity::find().filter(row::Column::Email.eq(email.as_str())).one(db).await?;
    Ok(row.map(User::from))
}
