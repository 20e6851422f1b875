//! What is written into a project: a new one, and changes of its fields.

use chrono::{DateTime, Utc};

use super::{Project, ProjectAction, ProjectFields, ProjectId, ProjectRole};
use crate::{
    activity::{Change, changes},
    actor::{Actor, UserId},
    error::{Conflict, Error, Fault, FaultCode, Result},
    record::{Stamp, tag_faults},
};

/// The fields that only those who govern the project may change.
const GOVERNED: [&str; 2] = ["privacy", "permissions"];

/// A project before the database gives it an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it holds.
    pub fields: ProjectFields,
    /// The one it is to belong to.
    pub owner: UserId,
    /// Who creates it when.
    pub created: Stamp,
}

impl Draft {
    /// A new project of the one who creates it.
    ///
    /// # Errors
    /// [`crate::error::Forbidden::NotAllowed`] for guests; every fault of the fields.
    pub fn new(by: &Actor, fields: ProjectFields, now: DateTime<Utc>) -> Result<Self> {
        by.require_staff()?;
        Error::unless_empty(faults(&fields))?;
        Ok(Self { fields, owner: by.user, created: Stamp { at: now, by: Some(by.user) } })
    }

    /// The project that this becomes under its id.
    #[must_use]
    pub fn with_id(self, id: ProjectId) -> Project {
        let Self { fields, owner, created } = self;
        Project {
            id,
            fields,
            owner,
            owner_is_active: true,
            mine: Some(ProjectRole::Owner),
            members: 1,
            archived: None,
            version: 1,
            created,
            updated: created,
            trashed: None,
        }
    }
}

fn faults(fields: &ProjectFields) -> Vec<Fault> {
    let mut faults = tag_faults(&fields.tags);
    if let (Some(first), Some(last)) = (fields.starts_on, fields.ends_on)
        && last < first
    {
        faults.push(Fault::new("/ends_on", FaultCode::OutOfRange, "must not lie before the first day"));
    }
    faults
}

impl Project {
    /// Replaces the fields; says which of them changed. `strays` counts the tasks that would lie outside new dates.
    ///
    /// # Errors
    /// Those of [`Project::check`]; [`Error::ForbiddenFields`] for what only those who govern it may change;
    /// [`Conflict::TasksOutsideDates`]; every fault of the fields.
    pub fn edit(
        &mut self,
        by: &Actor,
        expected: Option<i64>,
        fields: ProjectFields,
        strays: u64,
        now: DateTime<Utc>,
    ) -> Result<Vec<Change>> {
        self.may(by, ProjectAction::Edit)?;
        let changed = changes(&self.fields, &fields);
        self.check_governed(by, &changed)?;
        self.check(by, ProjectAction::Edit, expected)?;
        if strays > 0 {
            return Err(Conflict::TasksOutsideDates.into());
        }
        Error::unless_empty(faults(&fields))?;
        if !changed.is_empty() {
            self.fields = fields;
            self.touch(by, now);
        }
        Ok(changed)
    }

    fn check_governed(&self, by: &Actor, changed: &[Change]) -> Result<()> {
        if self.may(by, ProjectAction::Govern).is_ok() {
            return Ok(());
        }
        let governed = changed.iter().filter(|change| GOVERNED.contains(&change.field.as_str()));
        let fault = |change: &Change| {
            let message = "may be changed by the owner alone";
            Fault::new(format!("/{}", change.field), FaultCode::Forbidden, message)
        };
        let faults: Vec<Fault> = governed.map(fault).collect();
        if faults.is_empty() { Ok(()) } else { Err(Error::ForbiddenFields(faults)) }
    }
}
