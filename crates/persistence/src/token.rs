//! Personal access tokens as they are kept: by hash. A token is seen and revoked by its owner alone.

use artel_domain::{
    activity::{Activity, Verb, initial},
    actor::{Actor, Author, Role, Scope, TokenId, UserId, Via},
    error::Error as Refusal,
    page::{Key, Page, Slice},
    token::{Sort, Token, TokenFields, TokenName},
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    FromQueryResult, PaginatorTrait as _, QueryFilter as _, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Cond, ExprTrait as _, JoinType, Query, SelectStatement},
};

use crate::{
    activity,
    column::{Instant, Text},
    crm_access::{levels_of, with_levels},
    error::Result,
    json,
    page::{Emptiness, Placed, SortColumn, Total, keyset},
    unit_of_work::Tx,
    user,
};

/// How exact the last use of a token is known.
const LAST_USE_STEP: TimeDelta = TimeDelta::minutes(1);

mod row {
    use super::{Instant, Text, TokenName};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "personal_access_token")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i64,
        pub name: Text<TokenName>,
        pub hash: String,
        pub hint: String,
        pub scopes: String,
        pub created_at: Instant,
        pub expires_at: Option<Instant>,
        pub last_used_at: Option<Instant>,
        pub revoked_at: Option<Instant>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn token(row: row::Model) -> Result<Token> {
    let row::Model {
        id,
        user_id,
        name,
        hash: _,
        hint,
        scopes,
        created_at,
        expires_at,
        last_used_at,
        revoked_at,
    } = row;
    let fields =
        TokenFields { name: name.0, scopes: json::read(&scopes)?, expires_at: expires_at.map(|at| at.0) };
    Ok(Token {
        id: TokenId(id),
        user: UserId(user_id),
        fields,
        hint,
        created_at: created_at.0,
        last_used_at: last_used_at.map(|at| at.0),
        revoked_at: revoked_at.map(|at| at.0),
    })
}

/// The root of every read through a viewer: their own tokens that were not revoked.
fn visible_to(viewer: &Actor) -> Select<row::Entity> {
    row::Entity::find().filter(row::Column::UserId.eq(viewer.user.0)).filter(row::Column::RevokedAt.is_null())
}

impl SortColumn for Sort {
    type Column = row::Column;

    fn column(self) -> (row::Column, Emptiness) {
        match self {
            Self::CreatedAt => (row::Column::CreatedAt, Emptiness::NeverEmpty),
        }
    }
}

impl Placed<Sort> for row::Model {
    fn key(&self, sort: Sort) -> Option<Key> {
        match sort {
            Sort::CreatedAt => Some(self.created_at.key()),
        }
    }

    fn id(&self) -> i64 {
        self.id
    }
}

/// What a credential stands for, in one row.
#[derive(FromQueryResult)]
struct Holder {
    token_id: i64,
    user_id: i64,
    scopes: String,
    role: Text<Role>,
}

/// Who asks through the token of this hash: nobody when it is revoked or expired, or its user has no access. One
/// statement.
///
/// # Errors
/// Those of the database.
pub async fn unscoped_actor(
    db: &impl ConnectionTrait,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<Actor>> {
    let Some(row) = db.query_one(&with_levels(holder(hash, now))).await? else {
        return Ok(None);
    };
    let Holder { token_id, user_id, scopes, role } = Holder::from_query_result(&row, "")?;
    let scopes: Vec<Scope> = json::read(&scopes)?;
    let via = Via::Token(TokenId(token_id), scopes);
    Ok(Some(Actor { user: UserId(user_id), role: role.0, via, levels: levels_of(role.0, &row)? }))
}

fn holder(hash: &str, now: DateTime<Utc>) -> SelectStatement {
    let expires_at = || Expr::col(("personal_access_token", "expires_at"));
    Query::select()
        .expr_as(Expr::col(("personal_access_token", "id")), "token_id")
        .column(("personal_access_token", "user_id"))
        .column(("personal_access_token", "scopes"))
        .column(("user", "role"))
        .from("personal_access_token")
        .join(
            JoinType::InnerJoin,
            "user",
            Expr::col(("user", "id")).equals(("personal_access_token", "user_id")),
        )
        .and_where(Expr::col(("personal_access_token", "hash")).eq(hash))
        .and_where(Expr::col(("personal_access_token", "revoked_at")).is_null())
        .cond_where(Cond::any().add(expires_at().is_null()).add(expires_at().gt(Instant(now))))
        .and_where(Expr::col(("user", "deactivated_at")).is_null())
        .take()
}

/// A page of the viewer's tokens.
///
/// # Errors
/// Those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    page: &Page<Sort>,
    total: Total,
) -> Result<Slice<Token>> {
    let Slice { items, next, total } =
        keyset::<_, _, row::Model>(db, visible_to(viewer), page, row::Column::Id, total).await?;
    let items = items.into_iter().map(token).collect::<Result<_>>()?;
    Ok(Slice { items, next, total })
}

/// A token of the viewer, to see.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find(db: &impl ConnectionTrait, viewer: &Actor, id: TokenId) -> Result<Token> {
    let row = visible_to(viewer).filter(row::Column::Id.eq(id.0)).one(db).await?;
    token(row.ok_or(Refusal::NotFound)?)
}

/// A token of the viewer, to revoke it.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn load(tx: &Tx, viewer: &Actor, id: TokenId) -> Result<Token> {
    let row = visible_to(viewer).filter(row::Column::Id.eq(id.0)).lock_exclusive().one(tx).await?;
    token(row.ok_or(Refusal::NotFound)?)
}

/// How many tokens of the viewer are not revoked. Nobody adds one until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn count(tx: &Tx, viewer: &Actor) -> Result<u64> {
    user::lock(tx, viewer.user).await?;
    Ok(visible_to(viewer).count(tx).await?)
}

/// Adds a token of the viewer, with the activity.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    tx: &Tx,
    viewer: &Actor,
    fields: TokenFields,
    hash: String,
    hint: String,
    now: DateTime<Utc>,
) -> Result<Token> {
    let changes = initial(&fields);
    let TokenFields { name, scopes, expires_at } = fields;
    let row = row::ActiveModel {
        id: NotSet,
        user_id: Set(viewer.user.0),
        name: Set(Text(name)),
        hash: Set(hash),
        hint: Set(hint),
        scopes: Set(json::write(&scopes)?),
        created_at: Set(Instant(now)),
        expires_at: Set(expires_at.map(Instant)),
        last_used_at: Set(None),
        revoked_at: Set(None),
    };
    let token = token(row.insert(tx).await?)?;
    let activity =
        Activity { author: viewer.author(), verb: Verb::Created, object: Token::object(token.id), changes };
    activity::append(tx, &[activity], now).await?;
    Ok(token)
}

/// Saves that a token was revoked, with the activity.
///
/// # Errors
/// Those of the database.
pub async fn save_revoked(tx: &Tx, author: Author, token: &Token, now: DateTime<Utc>) -> Result<()> {
    let row = row::ActiveModel {
        id: Set(token.id.0),
        revoked_at: Set(token.revoked_at.map(Instant)),
        ..Default::default()
    };
    row::Entity::update(row).exec(tx).await?;
    let activity =
        Activity { author, verb: Verb::Revoked, object: Token::object(token.id), changes: Vec::new() };
    activity::append(tx, &[activity], now).await
}

/// Revokes every token of a user.
///
/// # Errors
/// Those of the database.
pub async fn revoke_all(tx: &Tx, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let revoked = row::Entity::update_many()
        .col_expr(row::Column::RevokedAt, Expr::val(Instant(now)))
        .filter(row::Column::UserId.eq(user.0))
        .filter(row::Column::RevokedAt.is_null());
    revoked.exec(tx).await?;
    Ok(())
}

/// Notes that a token was used, to the minute.
///
/// # Errors
/// Those of the database.
pub async fn note_use(tx: &Tx, id: TokenId, now: DateTime<Utc>) -> Result<()> {
    let stale =
        row::Column::LastUsedAt.is_null().or(row::Column::LastUsedAt.lte(Instant(now - LAST_USE_STEP)));
    let touched = row::Entity::update_many()
        .col_expr(row::Column::LastUsedAt, Expr::val(Instant(now)))
        .filter(row::Column::Id.eq(id.0))
        .filter(stale);
    touched.exec(tx).await?;
    Ok(())
}
