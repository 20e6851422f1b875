//! The people of the demo organisation and their departments, as their administrator founds it.

use std::collections::BTreeMap;

use artel_domain::{
    activity::Verb,
    actor::{Actor, Author, UserId},
    department::{Department, DepartmentFields, DepartmentId, Placement},
    dictionary::DictionaryKind,
    organisation::OrganisationFields,
    session::Client,
    user::UserFields,
};
use artel_persistence::{Error, Result, Tx, department, dictionary, organisation, password, session, user};
use chrono::{DateTime, TimeDelta, Utc};

use super::script::{Person, Script};
use crate::secret;

/// The people by their logins, as they act.
#[derive(Debug)]
pub struct Staff(BTreeMap<&'static str, Actor>);

impl Staff {
    /// The person with this login.
    ///
    /// # Errors
    /// When nobody has it.
    pub fn get(&self, login: &str) -> Result<&Actor> {
        self.0.get(login).ok_or_else(|| unknown(login))
    }

    /// The first administrator.
    ///
    /// # Errors
    /// When there is none.
    pub fn admin(&self, script: &Script) -> Result<&Actor> {
        self.get(script.people.first().map_or("an administrator", |admin| admin.login))
    }

    /// A text in which `@[login]` mentions somebody, as it is kept.
    #[must_use]
    pub fn mention(&self, text: &str) -> String {
        let named = |text: String, (login, actor): (&&str, &Actor)| {
            text.replace(&format!("@[{login}]"), &format!("@[user:{}]", actor.user))
        };
        self.0.iter().fold(text.to_owned(), named)
    }
}

/// A name that the tables use and do not introduce.
pub fn unknown(name: &str) -> Error {
    Error::Unreadable(format!("the tables of the demo do not introduce {name}"))
}

/// Sets the organisation up and lets its people in, on one day. All of them have the same password.
///
/// # Errors
/// Those of the database.
pub async fn found(
    tx: &Tx,
    script: &Script,
    organisation: OrganisationFields,
    password_hash: &str,
    day: DateTime<Utc>,
) -> Result<Staff> {
    set_up(tx, organisation, day).await?;
    let departments = build(tx, script, day).await?;
    let mut staff = Staff(BTreeMap::new());
    let mut author = Author::System;
    for (minutes, person) in (0..).step_by(20).zip(&script.people) {
        let now = day + TimeDelta::minutes(minutes);
        let id = join(tx, author, person, &departments, now).await?;
        password::set(tx, id, password_hash).await?;
        let actor = sign_in(tx, id, now).await?;
        if author == Author::System {
            author = actor.author();
        }
        staff.0.insert(person.login, actor);
    }
    let evening = day + TimeDelta::hours(9);
    appoint(tx, script, &staff, departments, evening).await?;
    extend_dictionaries(tx, script, staff.admin(script)?, evening).await?;
    Ok(staff)
}

async fn set_up(tx: &Tx, fields: OrganisationFields, now: DateTime<Utc>) -> Result<()> {
    let mut organisation = organisation::load(tx).await?;
    let changes = organisation.set_up(fields, now)?;
    organisation::save(tx, Author::System, &organisation, changes, now).await
}

type Departments = BTreeMap<String, Department>;

/// The tree of departments, as yet without heads and people.
async fn build(tx: &Tx, script: &Script, now: DateTime<Utc>) -> Result<Departments> {
    let mut departments = Departments::new();
    for row in &script.departments {
        let fields = DepartmentFields {
            name: row.name.clone(),
            parent_id: id_of(&departments, row.above)?,
            head_id: None,
        };
        let department = department::insert(tx, Author::System, fields, now).await?;
        departments.insert(row.name.to_string(), department);
    }
    Ok(departments)
}

fn id_of(departments: &Departments, name: Option<&str>) -> Result<Option<DepartmentId>> {
    let department = name.map(|name| departments.get(name).ok_or_else(|| unknown(name)));
    Ok(department.transpose()?.map(|department| department.id))
}

async fn join(
    tx: &Tx,
    author: Author,
    person: &Person,
    departments: &Departments,
    now: DateTime<Utc>,
) -> Result<UserId> {
    let fields =
        UserFields { department_id: id_of(departments, person.department)?, ..person.fields.clone() };
    Ok(user::insert(tx, author, fields, now).await?.id)
}

/// Signs somebody in. The session ends by itself long before today, and nobody knows its refresh token.
async fn sign_in(tx: &Tx, id: UserId, now: DateTime<Utc>) -> Result<Actor> {
    let hash = secret::hash(&secret::random_text());
    let session = session::insert(tx, id, Client::default(), &hash, now).await?;
    let actor = session::unscoped_actor(tx, session.id, now).await?;
    actor.ok_or_else(|| Error::Unreadable("a session that has just begun is over".to_owned()))
}

/// Gives the departments their heads.
async fn appoint(
    tx: &Tx,
    script: &Script,
    staff: &Staff,
    mut departments: Departments,
    now: DateTime<Utc>,
) -> Result<()> {
    let admin = staff.admin(script)?;
    for row in &script.departments {
        let name = row.name.as_str();
        let department = departments.get_mut(name).ok_or_else(|| unknown(name))?;
        let fields =
            DepartmentFields { head_id: Some(staff.get(row.head)?.user), ..department.fields.clone() };
        // It stays where it lies, so the place is not looked at.
        let changes = department.edit(admin, None, fields, Placement::of_new(0), now)?;
        department::save(tx, admin.author(), department, changes).await?;
    }
    Ok(())
}

async fn extend_dictionaries(tx: &Tx, script: &Script, admin: &Actor, now: DateTime<Utc>) -> Result<()> {
    for kind in DictionaryKind::ALL {
        let before = dictionary::load(tx, admin, *kind).await?;
        let mut dictionary = before.clone();
        let new = script.entries.iter().filter(|(other, _)| other == kind);
        let mut entries = before.entries.clone();
        entries.extend(new.map(|(_, entry)| entry.clone()));
        let changes = dictionary.replace(admin, Some(before.version), entries)?;
        dictionary::save(tx, admin, &before, &dictionary, changes, now).await?;
    }
    Ok(())
}

/// Takes somebody's access away. What they looked after stays theirs.
///
/// # Errors
/// Those of the domain and of the database.
pub async fn leave(tx: &Tx, admin: &Actor, leaving: UserId, now: DateTime<Utc>) -> Result<()> {
    let mut user = user::load(tx, admin, leaving).await?;
    let others = user::other_admins(tx, leaving).await?;
    user.deactivate(admin, None, others, now)?;
    user::save(tx, admin.author(), &user, Verb::Deactivated, Vec::new()).await?;
    session::end_all(tx, leaving, None, now).await
}
