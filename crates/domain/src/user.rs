//! Users: the people of the organisation.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    activity::{Change, ObjectKind, ObjectRef, changes},
    actor::{Actor, Role, UserId},
    department::DepartmentId,
    email::Email,
    error::{Conflict, Error, FaultCode, Result, check_version},
    text,
    time_zone::TimeZone,
    words,
};

text! {
    /// The first or last name of a person.
    PersonName(1..=100)
}

text! {
    /// What a person does in the organisation.
    Position(1..=150)
}

words! {
    /// A language of messages to a person.
    pub enum Locale {
        /// English.
        En = "en",
        /// Russian.
        Ru = "ru",
    }
}

words! {
    /// A key that users can be sorted by.
    pub enum Sort {
        /// Last name, then first name; case, accents and ё/е do not matter.
        Name = "name",
        /// E-mail address.
        Email = "email",
        /// When they joined.
        CreatedAt = "created_at",
    }
}

words! {
    /// Whether a user has access.
    pub enum UserStatus {
        /// They can sign in.
        Active = "active",
        /// They lost access.
        Deactivated = "deactivated",
    }
}

/// What administrators can set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserFields {
    /// What they sign in with, and where messages go; unique.
    pub email: Email,
    /// First name.
    pub first_name: PersonName,
    /// Last name.
    pub last_name: PersonName,
    /// What they do.
    pub position: Option<Position>,
    /// What they are in the organisation.
    pub role: Role,
    /// The department that they belong to.
    pub department_id: Option<DepartmentId>,
    /// What their days are reckoned in.
    pub time_zone: TimeZone,
    /// The language of messages to them.
    pub locale: Locale,
}

/// What people can set about themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileFields {
    /// First name.
    pub first_name: PersonName,
    /// Last name.
    pub last_name: PersonName,
    /// What their days are reckoned in.
    pub time_zone: TimeZone,
    /// The language of messages to them.
    pub locale: Locale,
}

/// A person of the organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// What can be set.
    pub fields: UserFields,
    /// Raised by one with each change of the fields, and when access is taken or given back.
    pub version: i64,
    /// When they joined.
    pub created_at: DateTime<Utc>,
    /// When they last changed.
    pub updated_at: DateTime<Utc>,
    /// When they lost access.
    pub deactivated_at: Option<DateTime<Utc>>,
}

/// Whether the organisation would keep an administrator without the user at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherAdmins {
    /// Another active administrator exists.
    Some,
    /// There is no other one.
    None,
}

/// What connects two users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// Both are members of a project that is not in the trash.
    Project,
    /// Nothing.
    None,
}

/// Whether someone may know that a user exists: staff know everybody, guests themselves and the people of their projects.
#[must_use]
pub fn is_visible(viewer: &Actor, user: UserId, tie: Tie) -> bool {
    match viewer.role {
        Role::Admin | Role::Employee => true,
        Role::Guest => viewer.user == user || tie == Tie::Project,
    }
}

impl User {
    /// How activities name a user.
    #[must_use]
    pub const fn object(id: UserId) -> ObjectRef {
        ObjectRef { kind: ObjectKind::User, id: id.0 }
    }

    /// Whether they can sign in.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.deactivated_at.is_none()
    }

    /// Whether they have access.
    #[must_use]
    pub const fn status(&self) -> UserStatus {
        if self.is_active() { UserStatus::Active } else { UserStatus::Deactivated }
    }

    /// The fields that are theirs to set.
    #[must_use]
    pub fn profile(&self) -> ProfileFields {
        let UserFields { first_name, last_name, time_zone, locale, .. } = self.fields.clone();
        ProfileFields { first_name, last_name, time_zone, locale }
    }

    /// Changes the fields, as an administrator.
    ///
    /// # Errors
    /// [`crate::error::Forbidden::AdminOnly`], [`Error::Stale`], and [`Conflict::LastAdmin`]
    /// when the organisation would lose its last active administrator.
    pub fn edit(
        &mut self,
        by: &Actor,
        expected: Option<i64>,
        fields: UserFields,
        others: OtherAdmins,
        now: DateTime<Utc>,
    ) -> Result<Vec<Change>> {
        by.require_admin()?;
        check_version(self.version, expected)?;
        if fields.role != Role::Admin {
            self.check_dispensable(others)?;
        }
        Ok(self.replace(fields, now))
    }

    /// Changes what people can set about themselves.
    ///
    /// # Errors
    /// [`Error::NotFound`] for others, [`Error::Stale`].
    pub fn edit_profile(
        &mut self,
        by: &Actor,
        expected: Option<i64>,
        profile: ProfileFields,
        now: DateTime<Utc>,
    ) -> Result<Vec<Change>> {
        if by.user != self.id {
            return Err(Error::NotFound);
        }
        check_version(self.version, expected)?;
        let ProfileFields { first_name, last_name, time_zone, locale } = profile;
        Ok(self.replace(UserFields { first_name, last_name, time_zone, locale, ..self.fields.clone() }, now))
    }

    /// Takes access away. What the user leaves behind stays where it is, or goes to an heir.
    ///
    /// # Errors
    /// [`crate::error::Forbidden::AdminOnly`], [`Error::Stale`],
    /// [`Conflict::InvalidTransition`] when they have no access already, [`Conflict::LastAdmin`].
    pub fn deactivate(
        &mut self,
        by: &Actor,
        expected: Option<i64>,
        others: OtherAdmins,
        now: DateTime<Utc>,
    ) -> Result<()> {
        by.require_admin()?;
        check_version(self.version, expected)?;
        if !self.is_active() {
            return Err(Conflict::InvalidTransition.into());
        }
        self.check_dispensable(others)?;
        self.deactivated_at = Some(now);
        self.touch(now);
        Ok(())
    }

    /// Gives access back. Sessions and tokens stay revoked.
    ///
    /// # Errors
    /// [`crate::error::Forbidden::AdminOnly`], [`Error::Stale`],
    /// [`Conflict::InvalidTransition`] when they have access.
    pub fn activate(&mut self, by: &Actor, expected: Option<i64>, now: DateTime<Utc>) -> Result<()> {
        by.require_admin()?;
        check_version(self.version, expected)?;
        if self.is_active() {
            return Err(Conflict::InvalidTransition.into());
        }
        self.deactivated_at = None;
        self.touch(now);
        Ok(())
    }

    /// Whether this user can take over what another one leaves behind; `pointer` is where they were named.
    ///
    /// # Errors
    /// [`FaultCode::Inactive`], or [`FaultCode::OutOfRange`] when they are the very same person or a guest.
    pub fn check_heir_of(&self, leaving: UserId, pointer: &str) -> Result<()> {
        if self.id == leaving {
            return Err(Error::invalid(pointer, FaultCode::OutOfRange, "must be somebody else"));
        }
        self.check_staff(pointer)
    }

    /// Whether this user is active and no guest: what a head of a department and an heir must be.
    ///
    /// # Errors
    /// [`FaultCode::Inactive`] or [`FaultCode::OutOfRange`] at the pointer.
    pub fn check_staff(&self, pointer: &str) -> Result<()> {
        if !self.is_active() {
            return Err(Error::invalid(pointer, FaultCode::Inactive, "is deactivated"));
        }
        if self.fields.role == Role::Guest {
            return Err(Error::invalid(pointer, FaultCode::OutOfRange, "is a guest"));
        }
        Ok(())
    }

    fn check_dispensable(&self, others: OtherAdmins) -> Result<()> {
        let is_admin = self.fields.role == Role::Admin && self.is_active();
        if is_admin && others == OtherAdmins::None {
            return Err(Conflict::LastAdmin.into());
        }
        Ok(())
    }

    fn replace(&mut self, fields: UserFields, now: DateTime<Utc>) -> Vec<Change> {
        let changes = changes(&self.fields, &fields);
        if !changes.is_empty() {
            self.fields = fields;
            self.touch(now);
        }
        changes
    }

    fn touch(&mut self, now: DateTime<Utc>) {
        self.version += 1;
        self.updated_at = now;
    }
}

#[cfg(test)]
mod tests;
