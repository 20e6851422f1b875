//! Departments: a tree of the staff, each with a head. The heads of a user's department and of all above it are
//! the user's managers.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    activity::{Change, ObjectKind, ObjectRef, changes},
    actor::{Actor, Role, UserId},
    error::{Conflict, Error, Result, check_version},
    id, text, words,
};

id! {
    /// A department.
    DepartmentId,
}

text! {
    /// The name of a department.
    DepartmentName(1..=150)
}

words! {
    /// A key that departments can be sorted by.
    pub enum Sort {
        /// Name; case, accents and ё/е do not matter.
        Name = "name",
        /// When it was made.
        CreatedAt = "created_at",
    }
}

/// The most levels of the tree.
pub const MOST_LEVELS: u32 = 20;

/// What administrators can set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DepartmentFields {
    /// What it is called.
    pub name: DepartmentName,
    /// The department that it lies below; none for the top of the tree.
    pub parent_id: Option<DepartmentId>,
    /// Who leads it.
    pub head_id: Option<UserId>,
}

/// A department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// Its id.
    pub id: DepartmentId,
    /// What can be set.
    pub fields: DepartmentFields,
    /// Raised by one with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Where a department is to lie, in numbers that the paths of the tree tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// How many levels lie above the place: 0 at the top.
    pub above: u32,
    /// How many levels the department has, itself included: 1 without sub-departments.
    pub levels: u32,
    /// Whether the place lies inside the department itself.
    pub inside_itself: bool,
}

impl Placement {
    /// A new department, with so many levels above it.
    #[must_use]
    pub const fn of_new(above: u32) -> Self {
        Self { above, levels: 1, inside_itself: false }
    }

    /// The rules of the tree.
    ///
    /// # Errors
    /// [`Conflict::DepartmentCycle`], [`Conflict::TooDeep`].
    pub fn check(self) -> Result<()> {
        if self.inside_itself {
            Err(Conflict::DepartmentCycle.into())
        } else if self.above.saturating_add(self.levels) > MOST_LEVELS {
            Err(Conflict::TooDeep.into())
        } else {
            Ok(())
        }
    }
}

/// Whether someone may know the departments: staff may, guests may not.
#[must_use]
pub const fn are_visible(viewer: &Actor) -> bool {
    match viewer.role {
        Role::Admin | Role::Employee => true,
        Role::Guest => false,
    }
}

/// The right to change the tree.
///
/// # Errors
/// [`Error::NotFound`] for guests, [`crate::error::Forbidden::AdminOnly`] for employees.
pub fn check_admin(by: &Actor) -> Result<()> {
    if are_visible(by) { by.require_admin() } else { Err(Error::NotFound) }
}

/// The managers of a user, the nearest first: `heads` are those of their department and of all above it, from the
/// bottom up. Nobody is their own manager.
#[must_use]
pub fn managers(user: UserId, heads: impl IntoIterator<Item = Option<UserId>>) -> Vec<UserId> {
    let mut managers = Vec::new();
    for head in heads.into_iter().flatten() {
        if head != user && !managers.contains(&head) {
            managers.push(head);
        }
    }
    managers
}

impl Department {
    /// How activities name a department.
    #[must_use]
    pub const fn object(id: DepartmentId) -> ObjectRef {
        ObjectRef { kind: ObjectKind::Department, id: id.0 }
    }

    /// Changes its fields; `placement` says where it would lie.
    ///
    /// # Errors
    /// Those of [`check_admin`] and of [`Placement::check`]; [`Error::Stale`].
    pub fn edit(
        &mut self,
        by: &Actor,
        expected: Option<i64>,
        fields: DepartmentFields,
        placement: Placement,
        now: DateTime<Utc>,
    ) -> Result<Vec<Change>> {
        check_admin(by)?;
        check_version(self.version, expected)?;
        if fields.parent_id != self.fields.parent_id {
            placement.check()?;
        }
        Ok(self.replace(fields, now))
    }

    /// Gives it another head, where its head leaves.
    ///
    /// # Errors
    /// Those of [`check_admin`].
    pub fn hand_over(&mut self, by: &Actor, heir: Option<UserId>, now: DateTime<Utc>) -> Result<Vec<Change>> {
        check_admin(by)?;
        let fields = DepartmentFields { head_id: heir, ..self.fields.clone() };
        Ok(self.replace(fields, now))
    }

    /// Whether it may be deleted: with nothing below it and nobody in it.
    ///
    /// # Errors
    /// Those of [`check_admin`]; [`Error::Stale`]; [`Conflict::HasChildren`], [`Conflict::InUse`].
    pub fn check_delete(&self, by: &Actor, expected: Option<i64>, children: u64, users: u64) -> Result<()> {
        check_admin(by)?;
        check_version(self.version, expected)?;
        match (children, users) {
            (0, 0) => Ok(()),
            (0, _) => Err(Conflict::InUse.into()),
            _ => Err(Conflict::HasChildren.into()),
        }
    }

    fn replace(&mut self, fields: DepartmentFields, now: DateTime<Utc>) -> Vec<Change> {
        let changes = changes(&self.fields, &fields);
        if !changes.is_empty() {
            self.fields = fields;
            self.version += 1;
            self.updated_at = now;
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        actor::{SessionId, Via},
        error::Forbidden,
        level::Levels,
    };

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn actor(role: Role) -> Actor {
        Actor { user: UserId(1), role, via: Via::Session(SessionId(1)), levels: Levels::default_of(role) }
    }

    fn department() -> Department {
        let fields = DepartmentFields { name: "Sales".parse().unwrap(), parent_id: None, head_id: None };
        Department { id: DepartmentId(1), fields, version: 1, created_at: NOW, updated_at: NOW }
    }

    #[test]
    fn a_tree_has_no_cycle_and_at_most_twenty_levels() {
        for above in 0..=21 {
            for levels in 1..=21 {
                for inside_itself in [false, true] {
                    let expected = match (inside_itself, above + levels <= 20) {
                        (true, _) => Err(Conflict::DepartmentCycle.into()),
                        (false, false) => Err(Conflict::TooDeep.into()),
                        (false, true) => Ok(()),
                    };
                    assert_eq!(Placement { above, levels, inside_itself }.check(), expected);
                }
            }
        }
    }

    #[test]
    fn only_administrators_change_the_tree_and_guests_do_not_know_it() {
        for role in Role::ALL {
            let expected = match role {
                Role::Admin => Ok(()),
                Role::Employee => Err(Error::Forbidden(Forbidden::AdminOnly)),
                Role::Guest => Err(Error::NotFound),
            };
            let fields = DepartmentFields { head_id: Some(UserId(2)), ..department().fields };
            let edited = department().edit(&actor(*role), None, fields, Placement::of_new(0), NOW);
            assert_eq!(edited.map(|_| ()), expected);
            assert_eq!(department().check_delete(&actor(*role), None, 0, 0), expected);
        }
    }

    #[test]
    fn only_a_move_asks_for_the_place() {
        let inside = Placement { above: 1, levels: 1, inside_itself: true };
        let renamed = DepartmentFields { name: "Service".parse().unwrap(), ..department().fields };
        assert!(department().edit(&actor(Role::Admin), Some(1), renamed.clone(), inside, NOW).is_ok());
        assert_eq!(department().edit(&actor(Role::Admin), Some(2), renamed, inside, NOW), Err(Error::Stale));
        let moved = DepartmentFields { parent_id: Some(DepartmentId(2)), ..department().fields };
        assert_eq!(
            department().edit(&actor(Role::Admin), None, moved, inside, NOW),
            Err(Conflict::DepartmentCycle.into())
        );
    }

    #[test]
    fn what_holds_others_is_not_deleted() {
        let admin = actor(Role::Admin);
        for (children, users, expected) in [
            (0, 0, None),
            (1, 0, Some(Conflict::HasChildren)),
            (0, 1, Some(Conflict::InUse)),
            (1, 1, Some(Conflict::HasChildren)),
        ] {
            let expected = expected.map_or(Ok(()), |conflict| Err(conflict.into()));
            assert_eq!(department().check_delete(&admin, None, children, users), expected);
        }
    }

    #[test]
    fn managers_are_the_heads_above_without_oneself() {
        let (me, boss, top) = (UserId(1), UserId(2), UserId(3));
        assert_eq!(managers(me, [Some(me), None, Some(boss), Some(top), Some(boss)]), [boss, top]);
        assert_eq!(managers(me, []), []);
    }
}
