//! The people whom `expand` embeds in other objects.

use std::collections::BTreeMap;

use artel_domain::{
    actor::{Actor, UserId},
    page::Slice,
    user::{PersonName, User},
};
use artel_persistence::{Db, user};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{Code, Result};

/// A user, as embedded in other objects.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"id": 2, "first_name": "Анна", "last_name": "Смирнова"}))]
pub struct PersonView {
    /// Their id.
    id: UserId,
    /// First name.
    first_name: PersonName,
    /// Last name.
    last_name: PersonName,
}

impl From<&User> for PersonView {
    fn from(user: &User) -> Self {
        let fields = &user.fields;
        Self { id: user.id, first_name: fields.first_name.clone(), last_name: fields.last_name.clone() }
    }
}

/// Something as a viewer sees it, with the person that it embeds.
pub struct Viewed<T> {
    /// What is seen.
    pub seen: T,
    /// Who sees it.
    pub viewer: Actor,
    /// The person whom `expand` names, where they were asked for and may be known.
    pub person: Option<PersonView>,
}

impl<T> Viewed<T> {
    /// Something without what it refers to.
    pub fn plain(viewer: &Actor, seen: T) -> Self {
        Self { seen, viewer: viewer.clone(), person: None }
    }

    /// A slice with the people that it embeds, where `expand` names the one kind that there is: one statement for all of
    /// them, none where none were asked for.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn slice<E: Sync>(
        db: &Db,
        viewer: &Actor,
        expand: Option<&[E]>,
        slice: Slice<T>,
        person: impl Fn(&T) -> UserId,
    ) -> Result<Slice<Self>> {
        let mut people = BTreeMap::new();
        if expand.is_some_and(|names| !names.is_empty()) {
            let mut ids: Vec<UserId> = slice.items.iter().map(&person).collect();
            ids.sort_unstable();
            ids.dedup();
            let found = user::find_all(db.reader(), viewer, &ids).await?;
            people.extend(found.iter().map(|user| (user.id, PersonView::from(user))));
        }
        Ok(slice.map(|seen| {
            let person = people.get(&person(&seen)).cloned();
            Self { seen, viewer: viewer.clone(), person }
        }))
    }

    /// One object with the person that it embeds.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn one<E: Sync>(
        db: &Db,
        viewer: &Actor,
        expand: Option<&[E]>,
        seen: T,
        person: impl Fn(&T) -> UserId,
    ) -> Result<Self> {
        let single = Slice { items: vec![seen], next: None, total: None };
        let mut found = Self::slice(db, viewer, expand, single, person).await?;
        found.items.pop().ok_or_else(|| Code::Internal.into())
    }
}
