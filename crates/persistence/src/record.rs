//! What contacts and companies have in common in storage: who sees which rows, what a list is narrowed to, and the
//! children that hang on a row.

use artel_domain::{
    actor::{Actor, UserId},
    error::{Conflict, Error as Refusal},
    level::{CrmAction, Level},
    record::{ExternalId, ExternalSource, Record, Stamp},
};
use sea_orm::{
    ConnectionTrait as _, DatabaseBackend,
    sea_query::{
        Cond, Expr, ExprTrait as _, IntoCondition as _, LockType, Query, SelectStatement, SimpleExpr,
    },
};

use crate::{
    column::Instant,
    department::people_below,
    error::{Error, Result},
    search::Index,
    unit_of_work::{Tx, take_turns},
};

mod context;
mod filter;
mod hand_over;
mod point;
mod purge;
mod save;

pub use context::{Context, Wanted, context};
pub use filter::{Filter, Number, Range, Trash};
pub use hand_over::{Responsible, hand_over, responsible};
pub(crate) use point::{points, read_points};
pub use purge::unscoped_purge_trash;
pub(crate) use purge::{BATCH, delete, lock_old};
pub(crate) use save::{Kept, insert, save, stamp, text};

/// The tables of one kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tables {
    /// The records themselves.
    pub record: &'static str,
    /// Their contact points.
    pub points: &'static str,
    /// The words by which they are found.
    pub words: &'static str,
    /// The column of the two that names the record.
    pub reference: &'static str,
}

impl Tables {
    /// Where their words stand.
    pub(crate) const fn index(self) -> Index {
        Index { objects: self.record, words: self.words, reference: self.reference }
    }
}

/// The tables of contacts.
pub const CONTACTS: Tables =
    Tables { record: "contact", points: "contact_point", words: "contact_word", reference: "contact_id" };
/// The tables of companies.
pub const COMPANIES: Tables =
    Tables { record: "company", points: "company_point", words: "company_word", reference: "company_id" };

/// The rows that an actor may read: the meaning of the levels inside a query. The rule itself is
/// [`artel_domain::access::Standing::permits`]; a test compares the two. Whatever is added to it narrows it further.
#[must_use]
pub fn scope(tables: Tables, actor: &Actor) -> Cond {
    let column = |name: &'static str| Expr::col((tables.record, name));
    let own = || column("responsible_id").eq(actor.user.0);
    let reached = match actor.level(CrmAction::Read) {
        Level::None => Expr::cust("1 = 0").into_condition(),
        Level::All => return Cond::all(),
        Level::Own => own().into_condition(),
        Level::Department => Cond::any().add(own()).add(below(tables, actor)),
        Level::Shared => Cond::any().add(column("shared")).add(own()).add(below(tables, actor)),
    };
    // Not the alternatives themselves: adding to those would widen them.
    Cond::all().add(reached)
}

/// Whether the responsible user of a row is among the people below the actor.
#[must_use]
pub fn below(tables: Tables, actor: &Actor) -> SimpleExpr {
    Expr::col((tables.record, "responsible_id")).in_subquery(people_below(actor.user))
}

/// The columns that say who wrote a row when.
pub(crate) struct Written {
    pub(crate) version: i64,
    pub(crate) created: (Instant, Option<i64>),
    pub(crate) updated: (Instant, Option<i64>),
    pub(crate) deleted: (Option<Instant>, Option<i64>),
}

impl Written {
    /// The record that these columns frame.
    pub(crate) fn record<F>(self, id: i64, fields: F, below: bool) -> Record<F> {
        let stamp = |at: Instant, by: Option<i64>| Stamp { at: at.0, by: by.map(UserId) };
        let Self { version, created, updated, deleted } = self;
        Record {
            id,
            fields,
            below,
            version,
            created: stamp(created.0, created.1),
            updated: stamp(updated.0, updated.1),
            trashed: deleted.0.map(|at| stamp(at, deleted.1)),
        }
    }
}

/// Locks a row until the transaction ends, whether or not anybody may see it.
pub(crate) async fn lock(tx: &Tx, tables: Tables, id: i64) -> Result<()> {
    let lock = by(tables).and_where(Expr::col("id").eq(id)).lock(LockType::Update).take();
    tx.query_one(&lock).await?;
    Ok(())
}

/// The row that has an id in another system, locked, whether or not anybody may see it. Where there is none, whoever
/// asks next waits until the transaction ends: of many that save under one id at once, one creates.
pub(crate) async fn by_external(
    tx: &Tx,
    tables: Tables,
    source: &ExternalSource,
    id: &ExternalId,
) -> Result<Option<i64>> {
    let find = by(tables)
        .and_where(Expr::col("external_source").eq(source.as_str()))
        .and_where(Expr::col("external_id").eq(id.as_str()))
        .lock(LockType::Update)
        .take();
    let mut row = tx.query_one(&find).await?;
    // SQLite has one writer: nobody else is between looking and creating.
    if row.is_none() && tx.get_database_backend() == DatabaseBackend::Postgres {
        take_turns(tx, &format!("{} {source} {id}", tables.record)).await?;
        row = tx.query_one(&find).await?;
    }
    Ok(row.map(|row| row.try_get("", "id")).transpose()?)
}

fn by(tables: Tables) -> SelectStatement {
    Query::select().column("id").from(tables.record).take()
}

/// An id in another system that belongs to something hidden is taken; nothing more is said.
pub(crate) fn taken(error: Error) -> Error {
    match error {
        Error::Refused(Refusal::NotFound) => Refusal::from(Conflict::Duplicate).into(),
        other => other,
    }
}
