//! Databases for one test each: copies of a template that is migrated once per run, thrown away at the end.

use std::sync::{
    LazyLock,
    atomic::{AtomicU32, Ordering},
};

use crate::{postgres, sqlite};

/// The two databases that Artel runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// Embedded, a file.
    Sqlite,
    /// The server that `ARTEL_TEST_POSTGRES_URL` names.
    Postgres,
}

/// A database with the whole schema and no rows, for one test.
#[derive(Debug)]
pub struct Place {
    /// Which of the two it is on.
    pub database: Database,
    /// Its address, as the configuration takes it.
    pub url: String,
    name: String,
}

impl Place {
    /// Makes a database.
    pub async fn make(database: Database) -> Self {
        let name = next_name();
        let url = match database {
            Database::Sqlite => sqlite::make(&name).await,
            Database::Postgres => postgres::make(&name).await,
        };
        Self { database, url, name }
    }

    /// A PostgreSQL that somebody else throws away.
    pub(crate) fn at(url: &str) -> Self {
        Self { database: Database::Postgres, url: url.to_owned(), name: String::new() }
    }

    /// Throws the database away, whoever may still be connected.
    pub async fn throw_away(&self) {
        match self.database {
            Database::Sqlite => sqlite::throw_away(&self.name),
            Database::Postgres => postgres::throw_away(&self.name).await,
        }
    }
}

/// The name of this run, which all its databases begin with: no other run on the same server has it.
pub(crate) fn run_name() -> String {
    static RUN: LazyLock<u32> = LazyLock::new(rand::random);
    format!("artel_test_{}", *RUN)
}

/// A name that no other database has.
pub(crate) fn next_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{}_{}", run_name(), COUNT.fetch_add(1, Ordering::Relaxed))
}
