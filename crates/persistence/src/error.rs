//! What can go wrong in storage: a refusal of the domain, or the database itself.

use artel_domain::error::{Conflict, Error as Refusal, FaultCode};
use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// What a function of this crate answers.
pub type Result<T> = std::result::Result<T, Error>;

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database is not there, full, or too busy: worth trying again.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] DbErr),
    /// Something that should not happen.
    #[error("the database failed: {0}")]
    Database(#[source] DbErr),
    /// What was to be locked moved elsewhere before it was: the unit of work runs again.
    #[error("what was to be locked moved elsewhere meanwhile")]
    Moved,
    /// A stored value that the domain does not know.
    #[error("a stored value cannot be read: {0}")]
    Unreadable(String),
    /// The database address names neither SQLite nor PostgreSQL.
    #[error("the database address must start with sqlite: or postgres:")]
    Address,
    /// The file of an SQLite database, or its folder, cannot be made.
    #[error("the file of the database cannot be created: {0}")]
    File(#[source] std::io::Error),
}

impl Error {
    /// What a reference in a request leads nowhere to is a fault of the request, at the pointer of the reference.
    #[must_use]
    pub fn at(self, pointer: &str) -> Self {
        match self {
            Self::Refused(Refusal::NotFound) => {
                Refusal::invalid(pointer, FaultCode::Unknown, "does not exist").into()
            }
            other => other,
        }
    }
}

/// The faults of several checks at once; any other error comes first.
///
/// # Errors
/// The first error that is no list of faults, or all faults together.
pub fn gather(checks: impl IntoIterator<Item = Result<()>>) -> Result<()> {
    let mut faults = Vec::new();
    for check in checks {
        match check {
            Err(Error::Refused(Refusal::Invalid(found))) => faults.extend(found),
            other => other?,
        }
    }
    Ok(Refusal::unless_empty(faults)?)
}

impl From<DbErr> for Error {
    fn from(cause: DbErr) -> Self {
        match cause.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Refused(Conflict::Duplicate.into()),
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => Self::Refused(Conflict::InUse.into()),
            _ if is_unavailable(&cause) => Self::Unavailable(cause),
            _ => Self::Database(cause),
        }
    }
}

/// PostgreSQL found that two transactions cannot both be right: the whole unit may be tried again.
pub(crate) fn is_serialization_failure(error: &Error) -> bool {
    if matches!(error, Error::Moved) {
        return true;
    }
    let (Error::Database(cause) | Error::Unavailable(cause)) = error else {
        return false;
    };
    matches!(code(cause).as_deref(), Some("40001" | "40P01"))
}

/// SQLSTATE classes 53 (resources), 57P (shutdown), 08 (connection), 25006 (read only), 57014 (statement
/// timeout); SQLite's BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN with their extended codes.
fn is_unavailable(cause: &DbErr) -> bool {
    if matches!(cause, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) || is_broken_connection(cause) {
        return true;
    }
    let Some(code) = code(cause) else { return false };
    if let Ok(number) = code.parse::<u32>()
        && code.len() < 5
    {
        return matches!(number & 0xff, 5 | 6 | 7 | 8 | 10 | 13 | 14);
    }
    let classes = ["53", "57P", "08", "25006", "57014"];
    classes.iter().any(|class| code.starts_with(class))
}

fn is_broken_connection(cause: &DbErr) -> bool {
    matches!(
        sqlx_cause(cause),
        Some(
            sqlx::Error::Io(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
        )
    )
}

/// The database's own code for an error: five characters from PostgreSQL, a number from SQLite.
fn code(cause: &DbErr) -> Option<String> {
    match sqlx_cause(cause)? {
        sqlx::Error::Database(error) => error.code().map(Into::into),
        _ => None,
    }
}

fn sqlx_cause(cause: &DbErr) -> Option<&sqlx::Error> {
    match cause {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}
