//! Invitations: how people join after the first administrator. An invitation is used once, and expires.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::{
    activity::{ObjectKind, ObjectRef},
    actor::{Actor, Role, UserId},
    department::DepartmentId,
    email::Email,
    error::Result,
    id,
};

id! {
    /// An invitation.
    InvitationId,
}

/// How long an invitation can be accepted.
const LIFETIME: TimeDelta = TimeDelta::days(7);

/// Who is invited, and as what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvitationFields {
    /// Where the invitation goes, and what they will sign in with.
    pub email: Email,
    /// What they will be in the organisation.
    pub role: Role,
    /// The department that they will belong to.
    pub department_id: Option<DepartmentId>,
}

/// An invitation. The link in it is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who is invited, and as what.
    pub fields: InvitationFields,
    /// Who invited.
    pub invited_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
}

impl Invitation {
    /// How activities name it.
    #[must_use]
    pub const fn object(&self) -> ObjectRef {
        ObjectRef {
            kind: ObjectKind::Invitation,
            id: self.id.0,
        }
    }
}

/// The right to see, make and revoke invitations: administrators have it.
///
/// # Errors
/// [`crate::error::Forbidden::AdminOnly`].
pub fn check(by: &Actor) -> Result<()> {
    by.require_admin()
}

/// When an invitation made now stops working.
#[must_use]
pub fn expiry(now: DateTime<Utc>) -> DateTime<Utc> {
    now + LIFETIME
}
