//! Invitations: how people join after the first administrator. An invitation is used once, and expires.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::{
    activity::{ObjectKind, ObjectRef},
    actor::{Actor, Role, UserId},
    department::DepartmentId,
    email::Email,
    error::Result,
    id, words,
};

id! {
    /// An invitation.
    InvitationId,
}

words! {
    /// A key that invitations can be sorted by.
    pub enum Sort {
        /// When it was made.
        CreatedAt = "created_at",
        /// The address that it went to.
        Email = "email",
    }
}

words! {
    /// What became of an invitation.
    pub enum InvitationStatus {
        /// It can be accepted.
        Pending = "pending",
        /// It was accepted.
        Accepted = "accepted",
        /// Nobody accepted it in time.
        Expired = "expired",
        /// It was revoked, or replaced by a newer one to the same address.
        Revoked = "revoked",
    }
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
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Invitation {
    /// How activities name an invitation.
    #[must_use]
    pub const fn object(id: InvitationId) -> ObjectRef {
        ObjectRef { kind: ObjectKind::Invitation, id: id.0 }
    }

    /// What became of it.
    #[must_use]
    pub fn status(&self, now: DateTime<Utc>) -> InvitationStatus {
        if self.accepted_at.is_some() {
            InvitationStatus::Accepted
        } else if self.revoked_at.is_some() {
            InvitationStatus::Revoked
        } else if self.expires_at <= now {
            InvitationStatus::Expired
        } else {
            InvitationStatus::Pending
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_an_invitation_has_a_name() {
        let now = DateTime::UNIX_EPOCH;
        let fields = InvitationFields {
            email: "ann@example.com".parse().unwrap(),
            role: Role::Employee,
            department_id: None,
        };
        for (accepted_at, revoked_at, expires_at, expected) in [
            (None, None, expiry(now), InvitationStatus::Pending),
            (None, None, now, InvitationStatus::Expired),
            (None, Some(now), now, InvitationStatus::Revoked),
            (Some(now), None, now, InvitationStatus::Accepted),
        ] {
            let fields = fields.clone();
            let invitation = Invitation {
                id: InvitationId(1),
                fields,
                invited_by: None,
                created_at: now,
                expires_at,
                accepted_at,
                revoked_at,
            };
            assert_eq!(invitation.status(now), expected);
        }
    }
}
