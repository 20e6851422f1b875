//! How users look in JSON.

use artel_domain::{
    actor::{Actor, Role, UserId},
    department::{DepartmentId, managers},
    email::Email,
    page::Slice,
    password::Password,
    time_zone::TimeZone,
    user::{Locale, PersonName, Position, ProfileFields, User, UserFields, UserStatus},
};
use artel_persistence::{Connection, Result as StorageResult, department};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::patch::{Patch, set};

/// A user to add.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "email": "bob@example.com", "first_name": "Bob", "last_name": "Stone", "position": "Account manager",
    "role": "employee", "department_id": null, "time_zone": "Europe/Berlin", "locale": "en"
}))]
pub struct CreateUser {
    /// What they sign in with, and where messages go.
    pub email: Email,
    /// First name.
    first_name: PersonName,
    /// Last name.
    last_name: PersonName,
    /// What they do.
    #[serde(default)]
    position: Option<Position>,
    /// What they are in the organisation; an employee unless told otherwise.
    #[serde(default)]
    #[schema(nullable = false, default = "employee")]
    role: Option<Role>,
    /// The department that they belong to.
    #[serde(default)]
    department_id: Option<DepartmentId>,
    /// What their days are reckoned in; the organisation's zone unless told otherwise.
    #[serde(default)]
    #[schema(nullable = false)]
    time_zone: Option<TimeZone>,
    /// The language of messages to them.
    #[serde(default)]
    #[schema(nullable = false, default = "en")]
    locale: Option<Locale>,
    /// The password to begin with. Without one they set it through a password reset.
    #[serde(default)]
    #[schema(nullable = false)]
    pub password: Option<Password>,
}

impl CreateUser {
    /// The fields of the user; `zone` is the organisation's.
    pub fn fields(self, zone: TimeZone) -> UserFields {
        let Self {
            email,
            first_name,
            last_name,
            position,
            role,
            department_id,
            time_zone,
            locale,
            password: _,
        } = self;
        UserFields {
            email,
            first_name,
            last_name,
            position,
            role: role.unwrap_or(Role::Employee),
            department_id,
            time_zone: time_zone.unwrap_or(zone),
            locale: locale.unwrap_or(Locale::En),
        }
    }
}

/// A user to change.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"position": "Head of sales", "department_id": null}))]
pub struct EditUser {
    /// What they sign in with, and where messages go.
    #[serde(default)]
    #[schema(nullable = false)]
    email: Option<Email>,
    /// First name.
    #[serde(default)]
    #[schema(nullable = false)]
    first_name: Option<PersonName>,
    /// Last name.
    #[serde(default)]
    #[schema(nullable = false)]
    last_name: Option<PersonName>,
    /// What they do.
    #[serde(default)]
    #[schema(value_type = Option<Position>)]
    position: Patch<Position>,
    /// What they are in the organisation.
    #[serde(default)]
    #[schema(nullable = false)]
    role: Option<Role>,
    /// The department that they belong to.
    #[serde(default)]
    #[schema(value_type = Option<DepartmentId>)]
    department_id: Patch<DepartmentId>,
    /// What their days are reckoned in.
    #[serde(default)]
    #[schema(nullable = false)]
    time_zone: Option<TimeZone>,
    /// The language of messages to them.
    #[serde(default)]
    #[schema(nullable = false)]
    locale: Option<Locale>,
}

impl EditUser {
    /// Puts the new values into the fields.
    pub fn apply(self, fields: &mut UserFields) {
        let Self { email, first_name, last_name, position, role, department_id, time_zone, locale } = self;
        set(&mut fields.email, email);
        set(&mut fields.first_name, first_name);
        set(&mut fields.last_name, last_name);
        position.apply(&mut fields.position);
        set(&mut fields.role, role);
        department_id.apply(&mut fields.department_id);
        set(&mut fields.time_zone, time_zone);
        set(&mut fields.locale, locale);
    }
}

/// What to change about oneself.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"time_zone": "Asia/Yekaterinburg", "locale": "ru"}))]
pub struct EditMe {
    /// First name.
    #[serde(default)]
    #[schema(nullable = false)]
    first_name: Option<PersonName>,
    /// Last name.
    #[serde(default)]
    #[schema(nullable = false)]
    last_name: Option<PersonName>,
    /// What my days are reckoned in.
    #[serde(default)]
    #[schema(nullable = false)]
    time_zone: Option<TimeZone>,
    /// The language of messages to me.
    #[serde(default)]
    #[schema(nullable = false)]
    locale: Option<Locale>,
}

impl EditMe {
    /// Puts the new values into the fields.
    pub fn apply(self, fields: &mut ProfileFields) {
        let Self { first_name, last_name, time_zone, locale } = self;
        set(&mut fields.first_name, first_name);
        set(&mut fields.last_name, last_name);
        set(&mut fields.time_zone, time_zone);
        set(&mut fields.locale, locale);
    }
}

/// What happens to what a user leaves behind.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reassign_to": 2}))]
pub struct DeactivateUser {
    /// Who takes it over: somebody else with access who is no guest. Without an heir it stays where it is.
    #[serde(default)]
    pub reassign_to: Option<UserId>,
}

/// A user.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": 7, "email": "bob@example.com", "first_name": "Bob", "last_name": "Stone", "position": "Account manager",
    "role": "employee", "department_id": 3, "manager_ids": [2, 1], "time_zone": "Europe/Berlin", "locale": "en",
    "status": "active", "version": 4, "created_at": "2026-07-31T09:00:00Z", "updated_at": "2026-08-01T12:30:00Z",
    "deactivated_at": null
}))]
pub struct UserView {
    /// Their id.
    pub id: UserId,
    /// What they sign in with, and where messages go.
    email: Email,
    /// First name.
    first_name: PersonName,
    /// Last name.
    last_name: PersonName,
    /// What they do.
    #[schema(required = true)]
    position: Option<Position>,
    /// What they are in the organisation.
    role: Role,
    /// The department that they belong to.
    #[schema(required = true)]
    department_id: Option<DepartmentId>,
    /// The heads of their department and of all above it, the nearest first.
    manager_ids: Vec<UserId>,
    /// What their days are reckoned in.
    time_zone: TimeZone,
    /// The language of messages to them.
    locale: Locale,
    /// Whether they have access.
    status: UserStatus,
    /// Raised by one with each change.
    #[schema(minimum = 1)]
    version: i64,
    /// When they joined.
    created_at: DateTime<Utc>,
    /// When they last changed.
    updated_at: DateTime<Utc>,
    /// When they lost access.
    #[schema(required = true)]
    deactivated_at: Option<DateTime<Utc>>,
    /// What they leave behind: in the answer that takes access from them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    left_behind: Option<LeftBehind>,
}

/// What a user was answerable for when access was taken.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "contacts": 12, "companies": 3, "departments": 1, "projects": 2, "tasks": 5, "reassigned_to": 2
}))]
pub struct LeftBehind {
    /// Contacts outside the trash that they were responsible for.
    pub contacts: u64,
    /// Companies outside the trash that they were responsible for.
    pub companies: u64,
    /// Departments that they headed.
    pub departments: usize,
    /// Projects outside the trash that belonged to them.
    pub projects: usize,
    /// Tasks outside the trash that they were responsible for and that are not completed. In projects of which the heir is
    /// no member they stay where they are.
    pub tasks: u64,
    /// Who took it over.
    #[schema(required = true)]
    pub reassigned_to: Option<UserId>,
}

/// A user together with what the view shows of others.
#[derive(Clone)]
pub struct Viewed {
    user: User,
    managers: Vec<UserId>,
}

impl Viewed {
    /// A page of users as the viewer sees them: one more statement, however many there are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn slice(
        db: &impl Connection,
        viewer: &Actor,
        users: Slice<User>,
    ) -> StorageResult<Slice<Self>> {
        let ids: Vec<DepartmentId> =
            users.items.iter().filter_map(|user| user.fields.department_id).collect();
        let heads = department::heads_above(db, viewer, &ids).await?;
        Ok(users.map(|user| {
            let above = user.fields.department_id.and_then(|id| heads.get(&id)).cloned().unwrap_or_default();
            Self { managers: managers(user.id, above), user }
        }))
    }

    /// One user as the viewer sees them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of(db: &impl Connection, viewer: &Actor, user: User) -> StorageResult<Self> {
        let ids: Vec<DepartmentId> = user.fields.department_id.into_iter().collect();
        let heads = department::heads_above(db, viewer, &ids).await?;
        let above = heads.into_values().flatten();
        Ok(Self { managers: managers(user.id, above), user })
    }
}

impl UserView {
    /// The view of somebody who has just lost access.
    pub fn with_left_behind(self, left_behind: LeftBehind) -> Self {
        Self { left_behind: Some(left_behind), ..self }
    }
}

impl From<Viewed> for UserView {
    fn from(Viewed { user, managers }: Viewed) -> Self {
        let status = user.status();
        let User { id, fields, version, created_at, updated_at, deactivated_at } = user;
        let UserFields { email, first_name, last_name, position, role, department_id, time_zone, locale } =
            fields;
        Self {
            id,
            email,
            first_name,
            last_name,
            position,
            role,
            department_id,
            manager_ids: managers,
            time_zone,
            locale,
            status,
            version,
            created_at,
            updated_at,
            deactivated_at,
            left_behind: None,
        }
    }
}
