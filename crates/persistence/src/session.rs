//! Sessions and the refresh tokens that keep them alive. A session is seen and ended by its owner alone; who
//! holds a refresh token is let in by it and by nothing else.

use artel_domain::{
    activity::{Activity, Verb},
    actor::{Actor, Author, Role, SessionId, UserId, Via},
    error::Error as Refusal,
    page::{Key, Page, Slice},
    session::{Client, MOST_SESSIONS, Session, Sort},
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    FromQueryResult, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{ExprTrait as _, JoinType, Query, SelectStatement},
};

use crate::{
    activity,
    column::{Instant, Text},
    crm_access::{levels_of, with_levels},
    error::Result,
    page::{Emptiness, Placed, SortColumn, Total, keyset},
    unit_of_work::Tx,
};

mod refresh;

pub use refresh::{Refreshed, refresh};

/// How long an ended session is kept before it is thrown away.
const KEPT: TimeDelta = TimeDelta::days(30);

mod row {
    use super::Instant;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i64,
        pub user_agent: Option<String>,
        pub address: Option<String>,
        pub created_at: Instant,
        pub last_used_at: Instant,
        pub expires_at: Instant,
        pub revoked_at: Option<Instant>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl From<row::Model> for Session {
    fn from(row: row::Model) -> Self {
        let row::Model { id, user_id, user_agent, address, created_at, last_used_at, expires_at, revoked_at } =
            row;
        Self {
            id: SessionId(id),
            user: UserId(user_id),
            client: Client { user_agent, address },
            created_at: created_at.0,
            last_used_at: last_used_at.0,
            expires_at: expires_at.0,
            revoked_at: revoked_at.map(|at| at.0),
        }
    }
}

/// The root of every read through a viewer: their own live sessions.
fn visible_to(viewer: &Actor, now: DateTime<Utc>) -> Select<row::Entity> {
    live(viewer.user, now)
}

fn live(user: UserId, now: DateTime<Utc>) -> Select<row::Entity> {
    row::Entity::find()
        .filter(row::Column::UserId.eq(user.0))
        .filter(row::Column::RevokedAt.is_null())
        .filter(row::Column::ExpiresAt.gt(Instant(now)))
}

impl SortColumn for Sort {
    type Column = row::Column;

    fn column(self) -> (row::Column, Emptiness) {
        let column = match self {
            Self::LastUsedAt => row::Column::LastUsedAt,
            Self::CreatedAt => row::Column::CreatedAt,
        };
        (column, Emptiness::NeverEmpty)
    }
}

impl Placed<Sort> for row::Model {
    fn key(&self, sort: Sort) -> Option<Key> {
        Some(match sort {
            Sort::LastUsedAt => self.last_used_at.key(),
            Sort::CreatedAt => self.created_at.key(),
        })
    }

    fn id(&self) -> i64 {
        self.id
    }
}

/// What a credential stands for, in one row.
#[derive(FromQueryResult)]
struct Holder {
    user_id: i64,
    role: Text<Role>,
}

/// Who asks through this session: nobody when it has ended or its user has no access. One statement.
///
/// # Errors
/// Those of the database.
pub async fn unscoped_actor(
    db: &impl ConnectionTrait,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<Option<Actor>> {
    let Some(row) = db.query_one(&with_levels(holder(id, now))).await? else {
        return Ok(None);
    };
    let Holder { user_id, role } = Holder::from_query_result(&row, "")?;
    let levels = levels_of(role.0, &row)?;
    Ok(Some(Actor { user: UserId(user_id), role: role.0, via: Via::Session(id), levels }))
}

fn holder(id: SessionId, now: DateTime<Utc>) -> SelectStatement {
    Query::select()
        .column(("session", "user_id"))
        .column(("user", "role"))
        .from("session")
        .join(JoinType::InnerJoin, "user", Expr::col(("user", "id")).equals(("session", "user_id")))
        .and_where(Expr::col(("session", "id")).eq(id.0))
        .and_where(Expr::col(("session", "revoked_at")).is_null())
        .and_where(Expr::col(("session", "expires_at")).gt(Instant(now)))
        .and_where(Expr::col(("user", "deactivated_at")).is_null())
        .take()
}

/// A page of the viewer's live sessions.
///
/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    page: &Page<Sort>,
    total: Total,
    now: DateTime<Utc>,
) -> Result<Slice<Session>> {
    let rows = keyset::<_, _, row::Model>(db, visible_to(viewer, now), page, row::Column::Id, total).await?;
    Ok(rows.map(Session::from))
}

/// A live session of the viewer, to end it.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn load(tx: &Tx, viewer: &Actor, id: SessionId, now: DateTime<Utc>) -> Result<Session> {
    let row = visible_to(viewer, now).filter(row::Column::Id.eq(id.0)).lock_exclusive().one(tx).await?;
    row.map(Session::from).ok_or_else(|| Refusal::NotFound.into())
}

/// Signs a user in: a new session with its first refresh token, and the activity. Beyond [`MOST_SESSIONS`] the
/// session unused for longest ends.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    tx: &Tx,
    user: UserId,
    client: Client,
    refresh_hash: &str,
    now: DateTime<Utc>,
) -> Result<Session> {
    end_surplus(tx, user, now).await?;
    let Client { user_agent, address } = client;
    let row = row::ActiveModel {
        id: NotSet,
        user_id: Set(user.0),
        user_agent: Set(user_agent),
        address: Set(address),
        created_at: Set(Instant(now)),
        last_used_at: Set(Instant(now)),
        expires_at: Set(Instant(Session::refreshed_until(now, now))),
        revoked_at: Set(None),
    };
    let session = Session::from(row.insert(tx).await?);
    refresh::insert(tx, &session, None, refresh_hash, now).await?;
    record(tx, &session, Author::Session(user, session.id), Verb::SignedIn, now).await?;
    Ok(session)
}

async fn end_surplus(tx: &Tx, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let surplus = live(user, now)
        .select_only()
        .column(row::Column::Id)
        .order_by_desc(row::Column::LastUsedAt)
        .order_by_desc(row::Column::Id)
        .offset(MOST_SESSIONS - 1)
        .limit(MOST_SESSIONS);
    let ids: Vec<i64> = surplus.into_tuple().all(tx).await?;
    if ids.is_empty() {
        return Ok(());
    }
    let ended = row::Entity::update_many()
        .col_expr(row::Column::RevokedAt, Expr::val(Instant(now)))
        .filter(row::Column::Id.is_in(ids));
    ended.exec(tx).await?;
    Ok(())
}

/// Saves that a session was ended, with the activity.
///
/// # Errors
/// Those of the database.
pub async fn save_revoked(tx: &Tx, author: Author, session: &Session, now: DateTime<Utc>) -> Result<()> {
    let row = row::ActiveModel {
        id: Set(session.id.0),
        revoked_at: Set(session.revoked_at.map(Instant)),
        ..Default::default()
    };
    row::Entity::update(row).exec(tx).await?;
    record(tx, session, author, Verb::Revoked, now).await
}

async fn record(tx: &Tx, session: &Session, author: Author, verb: Verb, now: DateTime<Utc>) -> Result<()> {
    let activity = Activity { author, verb, object: Session::object(session.id), changes: Vec::new() };
    activity::append(tx, &[activity], now).await
}

/// Ends every live session of a user but one.
///
/// # Errors
/// Those of the database.
pub async fn end_all(tx: &Tx, user: UserId, except: Option<SessionId>, now: DateTime<Utc>) -> Result<()> {
    let mut ended = row::Entity::update_many()
        .col_expr(row::Column::RevokedAt, Expr::val(Instant(now)))
        .filter(row::Column::UserId.eq(user.0))
        .filter(row::Column::RevokedAt.is_null());
    if let Some(kept) = except {
        ended = ended.filter(row::Column::Id.ne(kept.0));
    }
    ended.exec(tx).await?;
    Ok(())
}

/// Throws away what ended a month ago; for the worker.
///
/// # Errors
/// Those of the database.
pub async fn unscoped_purge(tx: &Tx, now: DateTime<Utc>) -> Result<u64> {
    let ended = row::Column::ExpiresAt.lte(Instant(now - KEPT));
    let revoked = row::Column::RevokedAt.lte(Instant(now - KEPT));
    let old = row::Entity::delete_many().filter(ended.or(revoked));
    Ok(old.exec(tx).await?.rows_affected)
}
