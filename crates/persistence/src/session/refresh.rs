//! Refresh tokens: each is good once, and the client that holds one is let in by it.

use artel_domain::{
    activity::Verb,
    actor::Author,
    session::{Presented, Refresh, Session, refresh as decide},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    FromQueryResult, QueryFilter as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{ExprTrait as _, Func, Query, SelectStatement},
};

use super::{record, row};
use crate::{column::Instant, error::Result, single_use::Consumed, unit_of_work::Tx};

/// What became of a refresh token that was presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// The session goes on, with the successor in force.
    Renewed(Session),
    /// So many successors are out that no further one was made; the session goes on.
    Refused,
    /// The token is unknown, expired, or was left behind; in the last case the session has ended.
    Denied,
}

#[derive(FromQueryResult)]
struct Found {
    id: i64,
    expires_at: Instant,
    used_at: Option<Instant>,
    successors: i64,
    successors_used: i64,
}

/// Presents a refresh token; `successor_hash` is that of the token which is to follow it. What is denied is a
/// result, not an error, because ending the session must be committed.
///
/// # Errors
/// Those of the database.
pub async fn refresh(tx: &Tx, hash: &str, successor_hash: &str, now: DateTime<Utc>) -> Result<Refreshed> {
    let Some(session) = load(tx, hash, now).await? else {
        return Ok(Refreshed::Denied);
    };
    let Some(found) = find(tx, hash).await? else {
        return Ok(Refreshed::Denied);
    };
    match decide(found.presented(), now) {
        Refresh::Rotate if consume(tx, found.id, now).await? == Consumed::Never => Ok(Refreshed::Denied),
        Refresh::Rotate | Refresh::Sibling => {
            let session = renew(tx, session, now).await?;
            insert(tx, &session, Some(found.id), successor_hash, now).await?;
            Ok(Refreshed::Renewed(session))
        }
        Refresh::Refuse => Ok(Refreshed::Refused),
        Refresh::Expired => Ok(Refreshed::Denied),
        Refresh::Revoke => {
            revoke(tx, &session, now).await?;
            Ok(Refreshed::Denied)
        }
    }
}

impl Found {
    fn presented(&self) -> Presented {
        Presented {
            expires_at: self.expires_at.0,
            used_at: self.used_at.map(|at| at.0),
            successors: self.successors.unsigned_abs(),
            successors_used: self.successors_used.unsigned_abs(),
        }
    }
}

/// The live session of a refresh token, locked: of two clients with one token the second sees what the first did.
async fn load(tx: &Tx, hash: &str, now: DateTime<Utc>) -> Result<Option<Session>> {
    let of_token = Query::select()
        .column("session_id")
        .from("refresh_token")
        .and_where(Expr::col("hash").eq(hash))
        .take();
    let with_access =
        Query::select().column("id").from("user").and_where(Expr::col("deactivated_at").is_null()).take();
    let row = row::Entity::find()
        .filter(row::Column::Id.in_subquery(of_token))
        .filter(row::Column::UserId.in_subquery(with_access))
        .filter(row::Column::RevokedAt.is_null())
        .filter(row::Column::ExpiresAt.gt(Instant(now)))
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(row.map(Session::from))
}

async fn find(tx: &Tx, hash: &str) -> Result<Option<Found>> {
    let select = Query::select()
        .columns(["id", "expires_at", "used_at"])
        .expr_as(number_of("id"), "successors")
        .expr_as(number_of("used_at"), "successors_used")
        .from("refresh_token")
        .and_where(Expr::col("hash").eq(hash))
        .take();
    let row = tx.query_one(&select).await?;
    Ok(row.map(|row| Found::from_query_result(&row, "")).transpose()?)
}

/// How many tokens followed, as far as this column of theirs is set.
fn number_of(column: &'static str) -> Expr {
    let followers: SelectStatement = Query::select()
        .expr(Func::count(Expr::col(("successor", column))))
        .from_as("refresh_token", "successor")
        .and_where(Expr::col(("successor", "parent_id")).equals(("refresh_token", "id")))
        .take();
    Expr::SubQuery(None, Box::new(followers.into()))
}

async fn consume(tx: &Tx, id: i64, now: DateTime<Utc>) -> Result<Consumed> {
    let consume = Query::update()
        .table("refresh_token")
        .value("used_at", Instant(now))
        .and_where(Expr::col("id").eq(id))
        .and_where(Expr::col("used_at").is_null())
        .and_where(Expr::col("expires_at").gt(Instant(now)))
        .take();
    Ok(Consumed::of(tx.execute(&consume).await?.rows_affected()))
}

async fn renew(tx: &Tx, session: Session, now: DateTime<Utc>) -> Result<Session> {
    let expires_at = Session::refreshed_until(session.created_at, now);
    let renewed = row::Entity::update_many()
        .col_expr(row::Column::LastUsedAt, Expr::val(Instant(now)))
        .col_expr(row::Column::ExpiresAt, Expr::val(Instant(expires_at)))
        .filter(row::Column::Id.eq(session.id.0));
    renewed.exec(tx).await?;
    let expired = Query::delete()
        .from_table("refresh_token")
        .and_where(Expr::col("session_id").eq(session.id.0))
        .and_where(Expr::col("expires_at").lte(Instant(now)))
        .take();
    tx.execute(&expired).await?;
    Ok(Session { last_used_at: now, expires_at, ..session })
}

async fn revoke(tx: &Tx, session: &Session, now: DateTime<Utc>) -> Result<()> {
    let revoked = row::Entity::update_many()
        .col_expr(row::Column::RevokedAt, Expr::val(Instant(now)))
        .filter(row::Column::Id.eq(session.id.0));
    revoked.exec(tx).await?;
    record(tx, session, Author::System, Verb::Revoked, now).await
}

/// Adds a refresh token to a session; it lives as long as the session does unless that is refreshed.
pub(super) async fn insert(
    tx: &Tx,
    session: &Session,
    parent: Option<i64>,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let insert = Query::insert()
        .into_table("refresh_token")
        .columns(["session_id", "parent_id", "hash", "created_at", "expires_at"])
        .values_panic([
            session.id.0.into(),
            parent.into(),
            hash.into(),
            Instant(now).micros().into(),
            Instant(session.expires_at).micros().into(),
        ])
        .take();
    tx.execute(&insert).await?;
    Ok(())
}
