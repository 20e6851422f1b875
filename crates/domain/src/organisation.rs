//! The organisation that an installation serves, with its settings.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    activity::{Change, ObjectKind, ObjectRef, changes},
    actor::Actor,
    country::Country,
    error::{Conflict, Result, check_version},
    text,
    time_zone::TimeZone,
};

text! {
    /// The name of an organisation.
    OrganisationName(1..=200)
}

/// What administrators can set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrganisationFields {
    /// What it is called.
    pub name: OrganisationName,
    /// What days and instants of schedules are reckoned in, and the zone that new users start with.
    pub time_zone: TimeZone,
    /// The country of telephone numbers that are typed without a country code.
    pub default_country: Country,
}

/// The organisation. There is exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Its settings.
    pub fields: OrganisationFields,
    /// Raised by one with each change.
    pub version: i64,
    /// When its first administrator was made; before that nobody can sign in.
    pub set_up_at: Option<DateTime<Utc>>,
    /// When its settings last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Organisation {
    /// How activities name the only organisation.
    pub const OBJECT: ObjectRef = ObjectRef { kind: ObjectKind::Organisation, id: 1 };

    /// Changes its settings.
    ///
    /// # Errors
    /// [`crate::error::Forbidden::AdminOnly`]; [`crate::error::Error::Stale`].
    pub fn edit(
        &mut self,
        by: &Actor,
        expected: Option<i64>,
        fields: OrganisationFields,
        now: DateTime<Utc>,
    ) -> Result<Vec<Change>> {
        by.require_admin()?;
        check_version(self.version, expected)?;
        Ok(self.replace(fields, now))
    }

    /// Sets it up, once.
    ///
    /// # Errors
    /// [`Conflict::AlreadySetUp`].
    pub fn set_up(&mut self, fields: OrganisationFields, now: DateTime<Utc>) -> Result<Vec<Change>> {
        if self.set_up_at.is_some() {
            return Err(Conflict::AlreadySetUp.into());
        }
        self.set_up_at = Some(now);
        Ok(self.replace(fields, now))
    }

    fn replace(&mut self, fields: OrganisationFields, now: DateTime<Utc>) -> Vec<Change> {
        let changes = changes(&self.fields, &fields);
        if !changes.is_empty() {
            self.fields = fields;
            self.version += 1;
            self.updated_at = Some(now);
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        actor::{Role, SessionId, UserId, Via},
        error::{Error, Forbidden},
        level::Levels,
    };

    fn organisation() -> Organisation {
        let fields = OrganisationFields {
            name: "Artel".parse().unwrap(),
            time_zone: TimeZone::UTC,
            default_country: "RU".parse().unwrap(),
        };
        Organisation { fields, version: 1, set_up_at: None, updated_at: None }
    }

    fn actor(role: Role) -> Actor {
        Actor { user: UserId(1), role, via: Via::Session(SessionId(1)), levels: Levels::default_of(role) }
    }

    #[test]
    fn only_administrators_change_the_settings() {
        let now = DateTime::UNIX_EPOCH;
        for role in Role::ALL {
            let mut organisation = organisation();
            let fields = OrganisationFields { name: "Hive".parse().unwrap(), ..organisation.fields.clone() };
            let result = organisation.edit(&actor(*role), None, fields, now);
            match role {
                Role::Admin => assert_eq!((result.unwrap().len(), organisation.version), (1, 2)),
                _ => assert_eq!(result, Err(Error::Forbidden(Forbidden::AdminOnly))),
            }
        }
    }

    #[test]
    fn a_stale_version_is_refused_and_no_change_is_none() {
        let (mut organisation, admin, now) = (organisation(), actor(Role::Admin), DateTime::UNIX_EPOCH);
        let same = organisation.fields.clone();
        assert_eq!(organisation.edit(&admin, Some(2), same.clone(), now), Err(Error::Stale));
        assert_eq!(organisation.edit(&admin, Some(1), same, now), Ok(vec![]));
        assert_eq!((organisation.version, organisation.updated_at), (1, None));
    }

    #[test]
    fn it_is_set_up_once() {
        let (mut organisation, now) = (organisation(), DateTime::UNIX_EPOCH);
        let fields = organisation.fields.clone();
        assert!(organisation.set_up(fields.clone(), now).is_ok());
        assert_eq!(organisation.set_up(fields, now), Err(Conflict::AlreadySetUp.into()));
    }
}
