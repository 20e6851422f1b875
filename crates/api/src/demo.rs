//! The demo organisation: an accelerator with its people, the companies and contacts that it knows, the projects and
//! tasks that it works on, and a year of what happened. It is loaded once, in one transaction, through the same rules
//! as everything else.

use artel_domain::{
    email::Email,
    organisation::{OrganisationFields, OrganisationName},
};
use artel_persistence::{Db, Error as StorageError, Result as StorageResult, Tx, in_tx, organisation, user};
use chrono::{DateTime, TimeDelta, Utc};

use crate::password::hashing::digest;

mod company;
mod contact;
mod history;
mod project;
mod record;
mod script;
mod staff;
mod step;
mod table;
mod task;
mod work;

use script::Script;

/// The name of the organisation.
const NAME: &str = "Акселератор «Верстак»";
/// How many days ago it was founded: before everything that the tables tell.
const FOUNDED: i64 = 430;
/// The password of all its people.
pub const PASSWORD: &str = "demo-password";

/// The addresses that are worth signing in with, and as what.
pub const SIGN_INS: [(&str, &str); 4] = [
    ("admin@demo.artel", "an administrator"),
    ("manager@demo.artel", "an employee with people below"),
    ("employee@demo.artel", "an employee"),
    ("guest@demo.artel", "a guest"),
];

/// What came of loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loading {
    /// The organisation is there now.
    Loaded {
        /// Its people.
        people: usize,
        /// Its companies, those in the trash too.
        companies: usize,
        /// Its contacts, those in the trash too.
        contacts: usize,
        /// Its projects.
        projects: usize,
        /// Its tasks, those in the trash too.
        tasks: usize,
    },
    /// It was there before; nothing was written.
    Found,
}

/// Why the demo organisation was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database belongs to somebody.
    #[error("this database holds another organisation, {0}: the demo needs one of its own")]
    Taken(OrganisationName),
    /// A table of the demo cannot be read.
    #[error(transparent)]
    Misprint(#[from] table::Misprint),
    /// Something else that the demo consists of cannot be read.
    #[error("{0}")]
    Unusable(String),
    /// A rule said no, or the database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Whose a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owner {
    Nobody,
    Demo,
    Another(OrganisationName),
}

/// Loads the demo organisation into a database that holds none, once: whatever happens on the way, all of it is there
/// or nothing. The schema is up to date already; `now` is the day that the tables count back from.
///
/// # Errors
/// [`Error::Taken`]; those of the database.
pub async fn load(db: &Db, now: DateTime<Utc>) -> Result<Loading, Error> {
    let mut owner = in_tx(db, owner).await?;
    let script = Script::read()?;
    if owner == Owner::Nobody {
        let fields = settings()?;
        let hash = digest(PASSWORD).map_err(|cause| Error::Unusable(cause.to_string()))?;
        owner = in_tx(db, async |tx| write(tx, &script, &fields, &hash, now).await).await?;
    }
    match owner {
        Owner::Nobody => Ok(Loading::Loaded {
            people: script.people.len(),
            companies: script.companies.len(),
            contacts: script.contacts.len(),
            projects: script.work.projects.len(),
            tasks: script.work.tasks.len(),
        }),
        Owner::Demo => Ok(Loading::Found),
        Owner::Another(name) => Err(Error::Taken(name)),
    }
}

/// Whose the database is: the demo's where one of its sign-ins is left. It stays so until the transaction ends, so
/// that of two nodes that start at once one loads and the other finds.
async fn owner(tx: &Tx) -> StorageResult<Owner> {
    let organisation = organisation::load(tx).await?;
    if organisation.set_up_at.is_none() {
        return Ok(Owner::Nobody);
    }
    for (address, _) in SIGN_INS {
        let address: Email = address.parse().map_err(|_| staff::unknown(address))?;
        if user::unscoped_by_email(tx, &address).await?.is_some() {
            return Ok(Owner::Demo);
        }
    }
    Ok(Owner::Another(organisation.fields.name))
}

/// Writes everything, unless somebody came first. Answers whose the database was before.
async fn write(
    tx: &Tx,
    script: &Script,
    fields: &OrganisationFields,
    password_hash: &str,
    now: DateTime<Utc>,
) -> StorageResult<Owner> {
    let owner = owner(tx).await?;
    if owner == Owner::Nobody {
        let day = now - TimeDelta::days(FOUNDED);
        let staff = staff::found(tx, script, fields.clone(), password_hash, day).await?;
        history::play(tx, script, &staff, now).await?;
    }
    Ok(owner)
}

fn settings() -> Result<OrganisationFields, Error> {
    let unusable = |what: &str| Error::Unusable(format!("the demo's {what} cannot be read"));
    Ok(OrganisationFields {
        name: NAME.parse().map_err(|_| unusable("name"))?,
        time_zone: "Europe/Moscow".parse().map_err(|_| unusable("time zone"))?,
        default_country: "RU".parse().map_err(|_| unusable("country"))?,
    })
}
