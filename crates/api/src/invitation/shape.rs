//! How invitations look in JSON.

use artel_domain::{
    actor::{Role, UserId},
    department::DepartmentId,
    email::Email,
    invitation::{Invitation, InvitationFields, InvitationId, InvitationStatus},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "bob@example.com", "role": "employee", "department_id": null}))]
pub struct CreateInvitation {
    /// Where the invitation goes, and what they will sign in with.
    email: Email,
    /// What they will be; an employee unless told otherwise.
    #[serde(default)]
    #[schema(nullable = false, default = "employee")]
    role: Option<Role>,
    /// The department that they will belong to.
    #[serde(default)]
    department_id: Option<DepartmentId>,
}

impl From<CreateInvitation> for InvitationFields {
    fn from(body: CreateInvitation) -> Self {
        let CreateInvitation { email, role, department_id } = body;
        Self { email, role: role.unwrap_or(Role::Employee), department_id }
    }
}

/// An invitation as administrators see it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 5, "email": "bob@example.com", "role": "employee", "department_id": null, "status": "pending", "invited_by": 1,
    "created_at": "2026-07-31T09:00:00Z", "expires_at": "2026-08-07T09:00:00Z", "accepted_at": null, "revoked_at": null
}))]
pub struct InvitationView {
    /// Its id.
    pub id: InvitationId,
    /// Where it went.
    email: Email,
    /// What they will be.
    role: Role,
    /// The department that they will belong to.
    #[schema(required = true)]
    department_id: Option<DepartmentId>,
    /// What became of it.
    status: InvitationStatus,
    /// Who invited.
    #[schema(required = true)]
    invited_by: Option<UserId>,
    /// When.
    created_at: DateTime<Utc>,
    /// Until when it can be accepted.
    expires_at: DateTime<Utc>,
    /// When it was accepted.
    #[schema(required = true)]
    accepted_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    #[schema(required = true)]
    revoked_at: Option<DateTime<Utc>>,
    /// What accepts it: in the answer that makes it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<String>,
    /// The same as a link for the front end at `ARTEL_PUBLIC_URL`: in the answer that makes it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    link: Option<String>,
    /// Whether the link goes out by mail: in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    mailed: Option<bool>,
}

impl InvitationView {
    /// The view of an invitation that was just made, with its secret.
    pub fn with_secret(self, token: String, link: String, mailed: bool) -> Self {
        Self { token: Some(token), link: Some(link), mailed: Some(mailed), ..self }
    }
}

impl From<(Invitation, DateTime<Utc>)> for InvitationView {
    fn from((invitation, now): (Invitation, DateTime<Utc>)) -> Self {
        let status = invitation.status(now);
        let Invitation { id, fields, invited_by, created_at, expires_at, accepted_at, revoked_at } =
            invitation;
        let InvitationFields { email, role, department_id } = fields;
        Self {
            id,
            email,
            role,
            department_id,
            status,
            invited_by,
            created_at,
            expires_at,
            accepted_at,
            revoked_at,
            token: None,
            link: None,
            mailed: None,
        }
    }
}
