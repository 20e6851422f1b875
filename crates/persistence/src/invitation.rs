//! Invitations as they are kept: by hash. Administrators see them; who holds one is let in by it.

use artel_domain::{
    activity::{Activity, Verb, initial},
    actor::{Actor, Author, Role, UserId},
    department::DepartmentId,
    email::Email,
    error::Error as Refusal,
    invitation::{Invitation, InvitationFields, InvitationId, InvitationStatus, Sort, check, expiry},
    page::{Key, Page, Slice},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    QueryFilter as _,
    entity::prelude::*,
    sea_query::Cond,
};

use crate::{
    activity,
    column::{Instant, Text},
    error::Result,
    page::{Emptiness, Placed, SortColumn, Total, keyset},
    single_use::Consumed,
    unit_of_work::Tx,
};

mod row {
    use super::{Email, Instant, Role, Text};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "invitation")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub email: Text<Email>,
        pub role: Text<Role>,
        pub department_id: Option<i64>,
        pub hash: String,
        pub invited_by: Option<i64>,
        pub created_at: Instant,
        pub expires_at: Instant,
        pub accepted_at: Option<Instant>,
        pub revoked_at: Option<Instant>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl From<row::Model> for Invitation {
    fn from(row: row::Model) -> Self {
        let row::Model {
            id,
            email,
            role,
            department_id,
            hash: _,
            invited_by,
            created_at,
            expires_at,
            accepted_at,
            revoked_at,
        } = row;
        let fields =
            InvitationFields { email: email.0, role: role.0, department_id: department_id.map(DepartmentId) };
        Self {
            id: InvitationId(id),
            fields,
            invited_by: invited_by.map(UserId),
            created_at: created_at.0,
            expires_at: expires_at.0,
            accepted_at: accepted_at.map(|at| at.0),
            revoked_at: revoked_at.map(|at| at.0),
        }
    }
}

/// The root of every read through a viewer.
fn visible_to(viewer: &Actor) -> Result<Select<row::Entity>> {
    check(viewer)?;
    Ok(row::Entity::find())
}

/// The rule of [`Invitation::status`], as a condition.
fn has_status(status: InvitationStatus, now: DateTime<Utc>) -> Cond {
    let (accepted, revoked) = (row::Column::AcceptedAt, row::Column::RevokedAt);
    let open = Cond::all().add(accepted.is_null()).add(revoked.is_null());
    match status {
        InvitationStatus::Accepted => Cond::all().add(accepted.is_not_null()),
        InvitationStatus::Revoked => Cond::all().add(accepted.is_null()).add(revoked.is_not_null()),
        InvitationStatus::Expired => open.add(row::Column::ExpiresAt.lte(Instant(now))),
        InvitationStatus::Pending => open.add(row::Column::ExpiresAt.gt(Instant(now))),
    }
}

/// What a list of invitations can be narrowed to; an empty list narrows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Any of these states.
    pub status: Vec<InvitationStatus>,
    /// To any of these addresses.
    pub email: Vec<Email>,
}

impl SortColumn for Sort {
    type Column = row::Column;

    fn column(self) -> (row::Column, Emptiness) {
        let column = match self {
            Self::CreatedAt => row::Column::CreatedAt,
            Self::Email => row::Column::Email,
        };
        (column, Emptiness::NeverEmpty)
    }
}

impl Placed<Sort> for row::Model {
    fn key(&self, sort: Sort) -> Option<Key> {
        Some(match sort {
            Sort::CreatedAt => self.created_at.key(),
            Sort::Email => Key::Text(self.email.0.to_string()),
        })
    }

    fn id(&self) -> i64 {
        self.id
    }
}

/// A page of invitations.
///
/// # Errors
/// [`artel_domain::error::Forbidden::AdminOnly`]; those of the database.
pub async fn list(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    filter: &Filter,
    page: &Page<Sort>,
    total: Total,
    now: DateTime<Utc>,
) -> Result<Slice<Invitation>> {
    let mut select = visible_to(viewer)?;
    if !filter.status.is_empty() {
        let any = filter.status.iter().fold(Cond::any(), |any, status| any.add(has_status(*status, now)));
        select = select.filter(any);
    }
    if !filter.email.is_empty() {
        select = select.filter(row::Column::Email.is_in(filter.email.iter().map(Email::as_str)));
    }
    let rows = keyset::<_, _, row::Model>(db, select, page, row::Column::Id, total).await?;
    Ok(rows.map(Invitation::from))
}

/// An invitation, to see.
///
/// # Errors
/// [`artel_domain::error::Forbidden::AdminOnly`]; [`Refusal::NotFound`]; those of the database.
pub async fn find(db: &impl ConnectionTrait, viewer: &Actor, id: InvitationId) -> Result<Invitation> {
    let row = visible_to(viewer)?.filter(row::Column::Id.eq(id.0)).one(db).await?;
    row.map(Invitation::from).ok_or_else(|| Refusal::NotFound.into())
}

/// Adds an invitation, with the activity. An earlier one to the same address that nobody accepted is revoked.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    tx: &Tx,
    by: &Actor,
    fields: InvitationFields,
    hash: String,
    now: DateTime<Utc>,
) -> Result<Invitation> {
    let changes = initial(&fields);
    let InvitationFields { email, role, department_id } = fields;
    let replaced = row::Entity::update_many()
        .col_expr(row::Column::RevokedAt, Expr::val(Instant(now)))
        .filter(row::Column::Email.eq(email.as_str()))
        .filter(row::Column::AcceptedAt.is_null())
        .filter(row::Column::RevokedAt.is_null());
    replaced.exec(tx).await?;
    let row = row::ActiveModel {
        id: NotSet,
        email: Set(Text(email)),
        role: Set(Text(role)),
        department_id: Set(department_id.map(|id| id.0)),
        hash: Set(hash),
        invited_by: Set(Some(by.user.0)),
        created_at: Set(Instant(now)),
        expires_at: Set(Instant(expiry(now))),
        accepted_at: Set(None),
        revoked_at: Set(None),
    };
    let invitation = Invitation::from(row.insert(tx).await?);
    let object = Invitation::object(invitation.id);
    activity::append(tx, &[Activity { author: by.author(), verb: Verb::Created, object, changes }], now)
        .await?;
    Ok(invitation)
}

/// Revokes an invitation that can still be accepted, with the activity.
///
/// # Errors
/// [`artel_domain::error::Forbidden::AdminOnly`]; [`Refusal::NotFound`] when there is none, or nobody can accept
/// it any more.
pub async fn revoke(tx: &Tx, by: &Actor, id: InvitationId, now: DateTime<Utc>) -> Result<()> {
    check(by)?;
    let revoked = row::Entity::update_many()
        .col_expr(row::Column::RevokedAt, Expr::val(Instant(now)))
        .filter(row::Column::Id.eq(id.0))
        .filter(has_status(InvitationStatus::Pending, now));
    if Consumed::of(revoked.exec(tx).await?.rows_affected) == Consumed::Never {
        return Err(Refusal::NotFound.into());
    }
    record(tx, by.author(), Verb::Revoked, id, now).await
}

/// Revokes every invitation of somebody who may invite no more: they know its secret, and could come back by it.
///
/// # Errors
/// Those of the database.
pub async fn revoke_all_by(tx: &Tx, inviter: UserId, now: DateTime<Utc>) -> Result<()> {
    let revoked = row::Entity::update_many()
        .col_expr(row::Column::RevokedAt, Expr::val(Instant(now)))
        .filter(row::Column::InvitedBy.eq(inviter.0))
        .filter(has_status(InvitationStatus::Pending, now));
    revoked.exec(tx).await?;
    Ok(())
}

/// The invitation of this hash, as long as it can be accepted.
///
/// # Errors
/// Those of the database.
pub async fn find_pending(
    db: &impl ConnectionTrait,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<Invitation>> {
    let pending = row::Entity::find()
        .filter(row::Column::Hash.eq(hash))
        .filter(has_status(InvitationStatus::Pending, now));
    Ok(pending.one(db).await?.map(Invitation::from))
}

/// Uses an invitation up.
///
/// # Errors
/// Those of the database.
pub async fn consume(tx: &Tx, id: InvitationId, now: DateTime<Utc>) -> Result<Consumed> {
    let accepted = row::Entity::update_many()
        .col_expr(row::Column::AcceptedAt, Expr::val(Instant(now)))
        .filter(row::Column::Id.eq(id.0))
        .filter(has_status(InvitationStatus::Pending, now));
    Ok(Consumed::of(accepted.exec(tx).await?.rows_affected))
}

/// Appends to the log what happened to an invitation.
///
/// # Errors
/// Those of the database.
pub async fn record(tx: &Tx, author: Author, verb: Verb, id: InvitationId, now: DateTime<Utc>) -> Result<()> {
    let activity = Activity { author, verb, object: Invitation::object(id), changes: Vec::new() };
    activity::append(tx, &[activity], now).await
}
