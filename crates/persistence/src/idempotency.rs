//! Answers kept for retried requests: written in the transaction of their effect, so that there is one exactly
//! when the effect is there.

use artel_domain::{
    activity::{ObjectKind, ObjectRef},
    actor::UserId,
};
use chrono::{DateTime, Duration, Utc};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait as _, DatabaseBackend, QueryFilter as _, Statement, entity::prelude::*,
};

use crate::{
    column::{Instant, Text},
    error::Result,
    unit_of_work::Tx,
};

/// How long an answer is kept.
pub const KEPT: Duration = Duration::hours(24);

mod row {
    use super::{Instant, ObjectKind, Text};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_record")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i64,
        pub operation: String,
        pub key: String,
        pub request_hash: String,
        pub object_kind: Text<ObjectKind>,
        pub object_id: i64,
        pub status: i16,
        pub version: Option<i64>,
        pub body: Option<String>,
        pub location: Option<String>,
        pub created_at: Instant,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Which request it is: the caller, the method with the path, and the key that the client chose.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// Who asks.
    pub user: UserId,
    /// Method and path.
    pub operation: String,
    /// The `Idempotency-Key`.
    pub key: String,
}

/// A kept answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Hash of the request that it answers.
    pub request_hash: String,
    /// The object that it shows; whoever may no longer see it gets no replay.
    pub object: ObjectRef,
    /// HTTP status.
    pub status: u16,
    /// The version in the entity tag.
    pub version: Option<i64>,
    /// JSON, where there was a body.
    pub body: Option<String>,
    /// Where a created object lives.
    pub location: Option<String>,
}

/// Takes the slot for this transaction, so that of two requests with one key the second knows that the first
/// still runs. On SQLite the caller keeps order within the process, the only one that writes.
///
/// # Errors
/// Those of the database.
pub async fn try_lock(tx: &Tx, slot: &Slot) -> Result<Lock> {
    if tx.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(Lock::Taken);
    }
    let name = format!("{} {} {}", slot.user, slot.operation, slot.key);
    let statement = Statement::from_sql_and_values(
        DatabaseBackend::Postgres,
        "select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken",
        [name.into()],
    );
    let row = tx.query_one_raw(statement).await?;
    let taken = row.is_some_and(|row| row.try_get("", "taken").unwrap_or(false));
    Ok(if taken { Lock::Taken } else { Lock::Busy })
}

/// Whether a slot was free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// It is ours until the transaction ends.
    Taken,
    /// Another request holds it.
    Busy,
}

/// The answer kept for a slot, if it is not too old.
///
/// # Errors
/// Those of the database.
pub async fn find(tx: &Tx, slot: &Slot, now: DateTime<Utc>) -> Result<Option<Kept>> {
    let found = row::Entity::find()
        .filter(row::Column::UserId.eq(slot.user.0))
        .filter(row::Column::Operation.eq(slot.operation.as_str()))
        .filter(row::Column::Key.eq(slot.key.as_str()))
        .filter(row::Column::CreatedAt.gt(Instant(now - KEPT)))
        .one(tx)
        .await?;
    Ok(found.map(|row| Kept {
        request_hash: row.request_hash,
        object: ObjectRef { kind: row.object_kind.0, id: row.object_id },
        status: row.status.unsigned_abs(),
        version: row.version,
        body: row.body,
        location: row.location,
    }))
}

/// Keeps an answer; an older one in the same slot gives way.
///
/// # Errors
/// Those of the database.
pub async fn keep(tx: &Tx, slot: Slot, kept: Kept, now: DateTime<Utc>) -> Result<()> {
    row::Entity::delete_many()
        .filter(row::Column::UserId.eq(slot.user.0))
        .filter(row::Column::Operation.eq(slot.operation.as_str()))
        .filter(row::Column::Key.eq(slot.key.as_str()))
        .exec(tx)
        .await?;
    let row = row::ActiveModel {
        user_id: Set(slot.user.0),
        operation: Set(slot.operation),
        key: Set(slot.key),
        request_hash: Set(kept.request_hash),
        object_kind: Set(Text(kept.object.kind)),
        object_id: Set(kept.object.id),
        status: Set(i16::try_from(kept.status).unwrap_or(i16::MAX)),
        version: Set(kept.version),
        body: Set(kept.body),
        location: Set(kept.location),
        created_at: Set(Instant(now)),
        ..Default::default()
    };
    row::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Throws away what is too old to be replayed; for the worker.
///
/// # Errors
/// Those of the database.
pub async fn unscoped_purge(tx: &Tx, now: DateTime<Utc>) -> Result<u64> {
    let old = row::Entity::delete_many().filter(row::Column::CreatedAt.lte(Instant(now - KEPT)));
    Ok(old.exec(tx).await?.rows_affected)
}
