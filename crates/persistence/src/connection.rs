//! Connections: pools with their deadlines, SQLite's one writer, and the guard that never lends a broken
//! connection again.

use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    time::Duration,
};

use artel_migrations::Migrator;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection,
    sqlx::{
        Connection as _,
        pool::PoolOptions,
        sqlite::{Sqlite, SqliteJournalMode, SqliteSynchronous},
    },
};
use sea_orm_migration::MigratorTrait as _;

use crate::{
    error::{Error, Result},
    unit_of_work::{Tx, in_tx, take_turns},
};

/// How long a request waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(2);
/// How long one statement may run on PostgreSQL.
const STATEMENT: Duration = Duration::from_secs(5);
/// How long SQLite waits for a lock that a backup or another process holds.
const BUSY: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection: lists make many shapes.
const STATEMENTS_KEPT: usize = 500;

/// The database: where to read and where to write. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
}

impl Db {
    /// Connects to `sqlite://PATH` or `postgres://…` with at most `connections` for reading. SQLite has one
    /// more, the only one that writes.
    ///
    /// # Errors
    /// When the address is not understood or the database does not answer.
    pub async fn connect(url: &str, connections: u32) -> Result<Self> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Self::sqlite(url, connections).await,
            Some("postgres" | "postgresql") => {
                let pool = Database::connect(postgres(url, connections)).await?;
                Ok(Self { reader: pool.clone(), writer: pool })
            }
            _ => Err(Error::Address),
        }
    }

    async fn sqlite(url: &str, connections: u32) -> Result<Self> {
        if let Some(file) = sqlite_path(url) {
            file.parent().map_or(Ok(()), fs::create_dir_all).map_err(Error::File)?;
            make(file).or_else(unless_there).map_err(Error::File)?;
        }
        let writer = Database::connect(sqlite(url, 1)).await?;
        let reader = Database::connect(sqlite(url, connections)).await?;
        Ok(Self { reader, writer })
    }

    /// The same database with other connections for reading: a pool of its own for each worker thread saves
    /// the threads from contending for one. SQLite's writer stays the only one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn for_worker(&self, url: &str, connections: u32) -> Result<Self> {
        match self.backend() {
            DatabaseBackend::Sqlite => Ok(self.clone()),
            _ => Self::connect(url, connections).await,
        }
    }

    /// The connection to read through.
    #[must_use]
    pub const fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// The connection that [`crate::in_tx`] begins on.
    pub(crate) const fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Which of the two databases it is.
    #[must_use]
    pub fn backend(&self) -> DatabaseBackend {
        self.reader.get_database_backend()
    }

    /// Asks the database whether it is there.
    ///
    /// # Errors
    /// When it is not.
    pub async fn ping(&self) -> Result<()> {
        self.reader.ping().await.map_err(Error::from)
    }

    /// Brings the schema up to date. Safe to call at each start, by any number of nodes at once.
    ///
    /// # Errors
    /// When a step fails; nothing has changed then.
    pub async fn migrate_up(&self) -> Result<()> {
        in_tx(self, async |tx| {
            alone(tx).await?;
            Ok(Migrator::up(tx, None).await?)
        })
        .await
    }

    /// Takes back the newest `steps` of the schema, with the data in them.
    ///
    /// # Errors
    /// When a step cannot be taken back; nothing has changed then.
    pub async fn migrate_down(&self, steps: u32) -> Result<()> {
        in_tx(self, async |tx| {
            alone(tx).await?;
            Ok(Migrator::down(tx, Some(steps)).await?)
        })
        .await
    }

    /// Every step of the schema, oldest first, and whether it is applied.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn migration_status(&self) -> Result<Vec<(String, bool)>> {
        let pending = Migrator::get_pending_migrations(&self.writer).await?;
        let is_pending = |name: &str| pending.iter().any(|step| step.name() == name);
        let names = Migrator::get_migration_files();
        Ok(names.iter().map(|step| (step.name().to_owned(), !is_pending(step.name()))).collect())
    }

    /// Writes a consistent copy of a running SQLite database to a new file.
    ///
    /// # Errors
    /// When the file exists, cannot be written, or the database is not SQLite.
    pub async fn backup(&self, target: &Path) -> Result<()> {
        if self.backend() != DatabaseBackend::Sqlite {
            return Err(Error::Address);
        }
        make(target).map_err(Error::File)?;
        let statement = sea_orm::Statement::from_sql_and_values(
            DatabaseBackend::Sqlite,
            "vacuum into ?",
            [target.to_string_lossy().into_owned().into()],
        );
        let copied = self.reader.execute_raw(statement).await;
        if copied.is_err() {
            fs::remove_file(target).map_err(Error::File)?;
        }
        copied.map(|_| ()).map_err(Error::from)
    }

    /// Closes every connection; what is in flight ends first.
    ///
    /// # Errors
    /// When the database reports a failure while closing.
    pub async fn close(self) -> Result<()> {
        self.reader.close().await?;
        self.writer.close().await.map_err(Error::from)
    }
}

/// Keeps other nodes from changing the schema until the transaction ends, and lets it take as long as it takes.
async fn alone(tx: &Tx) -> Result<()> {
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        tx.execute_unprepared("set local statement_timeout = 0").await?;
    }
    take_turns(tx, "artel schema").await
}

/// The file of an SQLite address.
fn sqlite_path(url: &str) -> Option<&Path> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    path.split('?').next().map(Path::new)
}

/// Makes a file that its owner alone can read; SQLite gives the same rights to those that it puts beside it.
fn make(file: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map(|_| ())
}

fn unless_there(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) }
}

fn pool(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE)
        .connect_timeout(ACQUIRE)
        .test_before_acquire_if_idle_for(Duration::from_secs(30))
        .sqlx_logging(false);
    options
}

fn postgres(url: &str, connections: u32) -> ConnectOptions {
    let mut options = pool(url, connections);
    options.set_application_name("artel").statement_timeout(STATEMENT).map_sqlx_postgres_opts(|connect| {
        connect
            .statement_cache_capacity(STATEMENTS_KEPT)
            .options([("idle_in_transaction_session_timeout", "15000"), ("jit", "off")])
    });
    options
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = pool(url, connections);
    options
        .map_sqlx_sqlite_opts(|connect| {
            connect
                .create_if_missing(true)
                .foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(BUSY)
                // A file for what an insert may have to take back would be made and removed for each of them.
                .pragma("temp_store", "memory")
                .statement_cache_capacity(STATEMENTS_KEPT)
        })
        .map_sqlx_sqlite_pool_opts(guard);
    options
}

/// After a full disk or an I/O error SQLite rolls back by itself while the driver still counts an open
/// transaction: later commits would only release savepoints, and acknowledged writes would be lost. A connection
/// that comes back inside a transaction is therefore closed, never lent again.
fn guard(pool: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
    pool.after_release(|connection, _| {
        Box::pin(async move {
            // Lets a rollback that was queued when the transaction was dropped run first.
            connection.ping().await?;
            let sound = !connection.is_in_transaction();
            if !sound {
                metrics::counter!("artel_sqlite_connections_discarded_total").increment(1);
                tracing::error!("an SQLite connection came back inside a transaction and was closed");
            }
            Ok(sound)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_an_address_is_found() {
        for url in ["sqlite://data/artel.db", "sqlite:data/artel.db", "sqlite://data/artel.db?mode=rwc"] {
            assert_eq!(sqlite_path(url), Some(Path::new("data/artel.db")), "{url}");
        }
    }
}
