//! The hashes of passwords, and the single-use secrets that let somebody set a new one. Hashing itself is done by
//! the API, outside any transaction.

use artel_domain::{
    activity::{Activity, Verb},
    actor::{Actor, Author, UserId},
    email::Email,
    user::{Locale, User},
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ConnectionTrait, FromQueryResult,
    sea_query::{Expr, ExprTrait as _, JoinType, LockType, Query},
};

use crate::{
    activity,
    column::{Instant, Text},
    error::Result,
    single_use::Consumed,
    unit_of_work::Tx,
    user,
};

/// How long a reset can be confirmed.
const RESET_LIFETIME: TimeDelta = TimeDelta::hours(1);
/// The least time between two resets of one user: nobody's mailbox is flooded through us.
const RESET_PAUSE: TimeDelta = TimeDelta::minutes(1);

/// What proves who somebody is.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Whose.
    pub user: UserId,
    /// The hash of their password, once they have one.
    pub hash: Option<String>,
    /// The language of messages to them.
    pub locale: Locale,
}

#[derive(FromQueryResult)]
struct Found {
    id: i64,
    password_hash: Option<String>,
    locale: Text<Locale>,
}

/// The credentials behind an address, for signing in: nothing where nobody with access has it.
///
/// # Errors
/// Those of the database.
pub async fn find_by_email(db: &impl ConnectionTrait, email: &Email) -> Result<Option<Credentials>> {
    find(db, Expr::col("email").eq(email.as_str())).await
}

/// The actor's own credentials.
///
/// # Errors
/// Those of the database.
pub async fn find_own(db: &impl ConnectionTrait, actor: &Actor) -> Result<Option<Credentials>> {
    find(db, Expr::col("id").eq(actor.user.0)).await
}

async fn find(db: &impl ConnectionTrait, whose: Expr) -> Result<Option<Credentials>> {
    let select = Query::select()
        .columns(["id", "password_hash", "locale"])
        .from("user")
        .and_where(whose)
        .and_where(Expr::col("deactivated_at").is_null())
        .take();
    let Some(row) = db.query_one(&select).await? else {
        return Ok(None);
    };
    let Found { id, password_hash, locale } = Found::from_query_result(&row, "")?;
    Ok(Some(Credentials { user: UserId(id), hash: password_hash, locale: locale.0 }))
}

/// Whether proven credentials are still in force. They stay so until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn still_hold(tx: &Tx, proven: &Credentials) -> Result<bool> {
    let select = Query::select()
        .column("id")
        .from("user")
        .and_where(Expr::col("id").eq(proven.user.0))
        .and_where(Expr::col("password_hash").eq(proven.hash.clone()))
        .and_where(Expr::col("deactivated_at").is_null())
        .lock(LockType::Update)
        .take();
    Ok(tx.query_one(&select).await?.is_some())
}

/// Sets the hash of a user's password.
///
/// # Errors
/// Those of the database.
pub async fn set(tx: &Tx, user: UserId, hash: &str) -> Result<()> {
    let set = Query::update()
        .table("user")
        .value("password_hash", hash)
        .and_where(Expr::col("id").eq(user.0))
        .take();
    tx.execute(&set).await?;
    Ok(())
}

/// Replaces the hash that was just proven, as long as it is still in force: of two changes that both prove the
/// old password, one wins. Writes the activity.
///
/// # Errors
/// Those of the database.
pub async fn replace(
    tx: &Tx,
    actor: &Actor,
    proven: &str,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Consumed> {
    let replace = Query::update()
        .table("user")
        .value("password_hash", hash)
        .and_where(Expr::col("id").eq(actor.user.0))
        .and_where(Expr::col("password_hash").eq(proven))
        .and_where(Expr::col("deactivated_at").is_null())
        .take();
    let replaced = Consumed::of(tx.execute(&replace).await?.rows_affected());
    if replaced == Consumed::Now {
        record(tx, actor.author(), actor.user, now).await?;
    }
    Ok(replaced)
}

/// Appends to the log that a password was changed.
///
/// # Errors
/// Those of the database.
pub async fn record(tx: &Tx, author: Author, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let activity =
        Activity { author, verb: Verb::PasswordChanged, object: User::object(user), changes: Vec::new() };
    activity::append(tx, &[activity], now).await
}

/// Adds a reset, unless the user asked for one less than a minute ago; answers whether it did.
///
/// # Errors
/// Those of the database.
pub async fn insert_reset(tx: &Tx, user: UserId, hash: &str, now: DateTime<Utc>) -> Result<bool> {
    user::lock(tx, user).await?;
    let recent = Query::select()
        .expr(Expr::val(1))
        .from("password_reset")
        .and_where(Expr::col("user_id").eq(user.0))
        .and_where(Expr::col("created_at").gt(Instant(now - RESET_PAUSE)))
        .take();
    if tx.query_one(&recent).await?.is_some() {
        return Ok(false);
    }
    let insert = Query::insert()
        .into_table("password_reset")
        .columns(["user_id", "hash", "created_at", "expires_at"])
        .values_panic([
            user.0.into(),
            hash.into(),
            Instant(now).micros().into(),
            Instant(now + RESET_LIFETIME).micros().into(),
        ])
        .take();
    tx.execute(&insert).await?;
    Ok(true)
}

/// Whose password a reset lets set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetOwner {
    /// Their id.
    pub user: UserId,
    /// Their address.
    pub email: Email,
}

#[derive(FromQueryResult)]
struct FoundOwner {
    id: i64,
    email: Text<Email>,
}

/// The owner of a reset, as long as it can be confirmed and they have access.
///
/// # Errors
/// Those of the database.
pub async fn find_reset(
    db: &impl ConnectionTrait,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<ResetOwner>> {
    let select = Query::select()
        .columns([("user", "id"), ("user", "email")])
        .from("password_reset")
        .join(JoinType::InnerJoin, "user", Expr::col(("user", "id")).equals(("password_reset", "user_id")))
        .and_where(Expr::col(("password_reset", "hash")).eq(hash))
        .and_where(Expr::col(("password_reset", "used_at")).is_null())
        .and_where(Expr::col(("password_reset", "expires_at")).gt(Instant(now)))
        .and_where(Expr::col(("user", "deactivated_at")).is_null())
        .take();
    let Some(row) = db.query_one(&select).await? else {
        return Ok(None);
    };
    let FoundOwner { id, email } = FoundOwner::from_query_result(&row, "")?;
    Ok(Some(ResetOwner { user: UserId(id), email: email.0 }))
}

/// Uses a reset up.
///
/// # Errors
/// Those of the database.
pub async fn consume_reset(tx: &Tx, owner: UserId, hash: &str, now: DateTime<Utc>) -> Result<Consumed> {
    let consume = Query::update()
        .table("password_reset")
        .value("used_at", Instant(now))
        .and_where(Expr::col("hash").eq(hash))
        .and_where(Expr::col("user_id").eq(owner.0))
        .and_where(Expr::col("used_at").is_null())
        .and_where(Expr::col("expires_at").gt(Instant(now)))
        .take();
    Ok(Consumed::of(tx.execute(&consume).await?.rows_affected()))
}

/// Uses up every reset of a user: they changed the password, or their mail goes elsewhere now.
///
/// # Errors
/// Those of the database.
pub async fn cancel_resets(tx: &Tx, owner: UserId, now: DateTime<Utc>) -> Result<()> {
    let cancel = Query::update()
        .table("password_reset")
        .value("used_at", Instant(now))
        .and_where(Expr::col("user_id").eq(owner.0))
        .and_where(Expr::col("used_at").is_null())
        .take();
    tx.execute(&cancel).await?;
    Ok(())
}

/// Throws away resets that nobody can confirm any more; for the worker.
///
/// # Errors
/// Those of the database.
pub async fn unscoped_purge(tx: &Tx, now: DateTime<Utc>) -> Result<u64> {
    let old = Query::delete()
        .from_table("password_reset")
        .and_where(Expr::col("expires_at").lte(Instant(now)))
        .take();
    Ok(tx.execute(&old).await?.rows_affected())
}
