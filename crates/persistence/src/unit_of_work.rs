//! The unit of work: the only way to a transaction, and so the only way to write.

use std::time::Duration;

use sea_orm::{
    ConnectionTrait as _, DatabaseBackend, DatabaseTransaction, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait as _,
};

use crate::{
    connection::Db,
    error::{Error, Result, is_serialization_failure},
};

/// An open transaction. Functions that write or lock take one, so they cannot be called outside.
pub type Tx = DatabaseTransaction;

/// How often a unit is tried before its conflict is reported.
const TRIES: u32 = 5;

/// Runs one unit of work: begins, runs `work`, commits when it succeeds and rolls everything back when it does
/// not. SQLite begins IMMEDIATE on its one writer. PostgreSQL's serialization failures and deadlocks run the
/// whole unit again, up to five times, so `work` must hold no effect outside the transaction.
///
/// # Errors
/// Those of `work`, and those of the database. Nothing was written when one is returned.
pub async fn in_tx<T>(db: &Db, work: impl AsyncFn(&Tx) -> Result<T>) -> Result<T> {
    let mut tries = 1;
    loop {
        match once(db, &work).await {
            Err(error) if tries < TRIES && is_serialization_failure(&error) => {
                metrics::counter!("artel_transactions_retried_total").increment(1);
                tokio::time::sleep(Duration::from_millis(u64::from(tries * tries) * 3)).await;
                tries += 1;
            }
            Err(error) if is_serialization_failure(&error) => return Err(unavailable(error)),
            result => return result,
        }
    }
}

/// Lets one transaction after the other hold a name, until each ends. SQLite has one writer, and needs no names.
///
/// # Errors
/// Those of the database.
pub(crate) async fn take_turns(tx: &Tx, name: &str) -> Result<()> {
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        let lock = "select pg_advisory_xact_lock(hashtextextended($1, 0))";
        tx.execute_raw(Statement::from_sql_and_values(DatabaseBackend::Postgres, lock, [name.into()]))
            .await?;
    }
    Ok(())
}

async fn once<T>(db: &Db, work: &impl AsyncFn(&Tx) -> Result<T>) -> Result<T> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = db.writer().begin_with_options(options).await?;
    match work(&tx).await {
        Ok(done) => {
            tx.commit().await?;
            Ok(done)
        }
        Err(error) => {
            // The refusal is the answer; a rollback that fails as well closes the connection.
            if let Err(cause) = tx.rollback().await {
                tracing::warn!(%cause, "a rollback failed");
            }
            Err(error)
        }
    }
}

fn unavailable(error: Error) -> Error {
    match error {
        Error::Database(cause) => Error::Unavailable(cause),
        Error::Moved => Error::Unavailable(DbErr::Custom(error.to_string())),
        other => other,
    }
}
