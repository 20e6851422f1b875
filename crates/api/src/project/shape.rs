//! How projects look in JSON.

use artel_domain::{
    actor::UserId,
    project::{
        Colour, Permissions, Privacy, Project, ProjectAction, ProjectDescription, ProjectFields, ProjectId,
        ProjectName, ProjectRole,
    },
    record::Tag,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    patch::{Patch, set},
    person::{PersonView, Viewed},
};

/// A project to create.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Demo day", "description": "The third one, in the old **tram depot**.", "starts_on": "2026-09-01",
    "ends_on": "2026-11-30", "privacy": "open", "colour": "teal", "tags": ["events"],
    "permissions": {"create_tasks": "moderator"}
}))]
pub struct CreateProject {
    /// What it is called.
    name: ProjectName,
    /// What it is about, in Markdown.
    #[serde(default)]
    description: Option<ProjectDescription>,
    /// The first day.
    #[serde(default)]
    starts_on: Option<NaiveDate>,
    /// The last day, not before the first.
    #[serde(default)]
    ends_on: Option<NaiveDate>,
    /// Who, beside its members, may know of it; closed unless told otherwise.
    #[serde(default)]
    #[schema(nullable = false, default = "closed")]
    privacy: Option<Privacy>,
    /// A colour to tell it by.
    #[serde(default)]
    colour: Option<Colour>,
    /// Words to group by; case and accents do not make a difference.
    #[serde(default)]
    #[schema(max_items = 50)]
    tags: Vec<Tag>,
    /// The least part that one needs to do something in it; what is absent starts as usual.
    #[serde(default)]
    #[schema(nullable = false)]
    permissions: Option<EditPermissions>,
}

impl From<CreateProject> for ProjectFields {
    fn from(body: CreateProject) -> Self {
        let CreateProject { name, description, starts_on, ends_on, privacy, colour, tags, permissions } =
            body;
        let mut usual = Permissions::DEFAULT;
        permissions.unwrap_or_default().apply(&mut usual);
        Self {
            name,
            description,
            starts_on,
            ends_on,
            privacy: privacy.unwrap_or(Privacy::Closed),
            colour,
            tags,
            permissions: usual,
        }
    }
}

/// A project to change (JSON Merge Patch): what is absent stays, `null` clears.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ends_on": "2026-12-15", "colour": null, "permissions": {"create_tasks": "member"}}))]
pub struct EditProject {
    /// What it is called.
    #[serde(default)]
    #[schema(nullable = false)]
    name: Option<ProjectName>,
    /// What it is about, in Markdown.
    #[serde(default)]
    #[schema(value_type = Option<ProjectDescription>)]
    description: Patch<ProjectDescription>,
    /// The first day.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    starts_on: Patch<NaiveDate>,
    /// The last day, not before the first.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    ends_on: Patch<NaiveDate>,
    /// Who, beside its members, may know of it.
    #[serde(default)]
    #[schema(nullable = false)]
    privacy: Option<Privacy>,
    /// A colour to tell it by.
    #[serde(default)]
    #[schema(value_type = Option<Colour>)]
    colour: Patch<Colour>,
    /// Words to group by; they replace those before.
    #[serde(default)]
    #[schema(nullable = false, max_items = 50)]
    tags: Option<Vec<Tag>>,
    /// The least part that one needs to do something in it; what is absent stays.
    #[serde(default)]
    #[schema(nullable = false)]
    permissions: Option<EditPermissions>,
}

impl EditProject {
    /// Puts the new values into the fields.
    pub fn apply(self, fields: &mut ProjectFields) {
        let Self { name, description, starts_on, ends_on, privacy, colour, tags, permissions } = self;
        set(&mut fields.name, name);
        description.apply(&mut fields.description);
        starts_on.apply(&mut fields.starts_on);
        ends_on.apply(&mut fields.ends_on);
        set(&mut fields.privacy, privacy);
        colour.apply(&mut fields.colour);
        set(&mut fields.tags, tags);
        permissions.unwrap_or_default().apply(&mut fields.permissions);
    }
}

/// The least part that one needs in a project for what it decides for itself.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"create_tasks": "moderator"}))]
pub struct EditPermissions {
    /// Invite others; `member` to begin with.
    #[serde(default)]
    #[schema(nullable = false)]
    invite: Option<ProjectRole>,
    /// Write posts; `member` to begin with.
    #[serde(default)]
    #[schema(nullable = false)]
    post: Option<ProjectRole>,
    /// Create tasks; `member` to begin with.
    #[serde(default)]
    #[schema(nullable = false)]
    create_tasks: Option<ProjectRole>,
    /// Edit the tasks of others; `moderator` to begin with.
    #[serde(default)]
    #[schema(nullable = false)]
    edit_tasks: Option<ProjectRole>,
    /// Upload files; `member` to begin with.
    #[serde(default)]
    #[schema(nullable = false)]
    upload: Option<ProjectRole>,
}

impl EditPermissions {
    fn apply(self, permissions: &mut Permissions) {
        let Self { invite, post, create_tasks, edit_tasks, upload } = self;
        set(&mut permissions.invite, invite);
        set(&mut permissions.post, post);
        set(&mut permissions.create_tasks, create_tasks);
        set(&mut permissions.edit_tasks, edit_tasks);
        set(&mut permissions.upload, upload);
    }
}

/// Whom a project is handed over to.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"to": 5}))]
pub struct HandOverProject {
    /// The new owner: an active member of the staff.
    pub to: UserId,
}

/// The least part that one needs in a project for what it decides for itself.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "invite": "member", "post": "member", "create_tasks": "member", "edit_tasks": "moderator", "upload": "member"
}))]
pub struct PermissionsView {
    /// Invite others.
    invite: ProjectRole,
    /// Write posts.
    post: ProjectRole,
    /// Create tasks.
    create_tasks: ProjectRole,
    /// Edit the tasks of others.
    edit_tasks: ProjectRole,
    /// Upload files.
    upload: ProjectRole,
}

impl From<Permissions> for PermissionsView {
    fn from(permissions: Permissions) -> Self {
        let Permissions { invite, post, create_tasks, edit_tasks, upload } = permissions;
        Self { invite, post, create_tasks, edit_tasks, upload }
    }
}

/// A project. Those who may know of it but not read what is in it (`can` lacks `read`) see the fields down to `version`;
/// the others are `null` then.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": 3, "name": "Demo day", "description": "The third one, in the old **tram depot**.", "owner_id": 2,
    "privacy": "open", "member_count": 7, "my_role": "member", "can": ["view", "read", "leave", "create_tasks"],
    "version": 4, "starts_on": "2026-09-01", "ends_on": "2026-11-30", "colour": "teal", "tags": ["events"],
    "permissions": {"invite": "member", "post": "member", "create_tasks": "member", "edit_tasks": "moderator",
        "upload": "member"},
    "created_at": "2026-07-31T09:00:00Z", "created_by": 2, "updated_at": "2026-08-01T12:30:00Z", "updated_by": 2,
    "archived_at": null, "archived_by": null, "deleted_at": null
}))]
pub struct ProjectView {
    /// Its id.
    id: ProjectId,
    /// What it is called.
    name: ProjectName,
    /// What it is about, in Markdown.
    #[schema(required = true)]
    description: Option<ProjectDescription>,
    /// The one it belongs to.
    owner_id: UserId,
    /// The same, embedded with `expand=owner`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    owner: Option<PersonView>,
    /// Who, beside its members, may know of it.
    privacy: Privacy,
    /// How many are in it, the owner among them.
    member_count: u64,
    /// What the caller is in it; `null` outside.
    #[schema(required = true)]
    my_role: Option<ProjectRole>,
    /// What the caller may do with it now.
    can: Vec<ProjectAction>,
    /// Raised by one with each change of its fields, its owner, its archive and the trash.
    #[schema(minimum = 1)]
    version: i64,
    /// The first day.
    #[schema(required = true)]
    starts_on: Option<NaiveDate>,
    /// The last day.
    #[schema(required = true)]
    ends_on: Option<NaiveDate>,
    /// A colour to tell it by.
    #[schema(required = true)]
    colour: Option<Colour>,
    /// Words to group by.
    #[schema(required = true)]
    tags: Option<Vec<Tag>>,
    /// The least part that one needs to do something in it.
    #[schema(required = true)]
    permissions: Option<PermissionsView>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// Who made it.
    #[schema(required = true)]
    created_by: Option<UserId>,
    /// When it last changed.
    #[schema(required = true)]
    updated_at: Option<DateTime<Utc>>,
    /// Who changed it last.
    #[schema(required = true)]
    updated_by: Option<UserId>,
    /// Since when it is archived.
    #[schema(required = true)]
    archived_at: Option<DateTime<Utc>>,
    /// Who archived it.
    #[schema(required = true)]
    archived_by: Option<UserId>,
    /// Since when it lies in the trash.
    #[schema(required = true)]
    deleted_at: Option<DateTime<Utc>>,
}

impl From<Viewed<Project>> for ProjectView {
    fn from(viewed: Viewed<Project>) -> Self {
        let Viewed { seen: project, viewer, person } = viewed;
        let can = project.can(&viewer);
        let reads = can.contains(&ProjectAction::Read);
        let ProjectFields { name, description, starts_on, ends_on, privacy, colour, tags, permissions } =
            project.fields;
        let stamp = |stamp| Some(stamp).filter(|_| reads);
        let (created, updated) = (stamp(project.created), stamp(project.updated));
        Self {
            id: project.id,
            name,
            description,
            owner_id: project.owner,
            owner: person,
            privacy,
            member_count: project.members,
            my_role: project.mine,
            can,
            version: project.version,
            starts_on: starts_on.filter(|_| reads),
            ends_on: ends_on.filter(|_| reads),
            colour: colour.filter(|_| reads),
            tags: reads.then_some(tags),
            permissions: reads.then(|| permissions.into()),
            created_at: project.created.at,
            created_by: created.and_then(|stamp| stamp.by),
            updated_at: updated.map(|stamp| stamp.at),
            updated_by: updated.and_then(|stamp| stamp.by),
            archived_at: project.archived.map(|stamp| stamp.at),
            archived_by: project.archived.and_then(stamp).and_then(|stamp| stamp.by),
            deleted_at: project.trashed.and_then(stamp).map(|stamp| stamp.at),
        }
    }
}
