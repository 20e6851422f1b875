//! How far employees reach into the CRM, as it is kept, and the versions of what the CRM saves as a whole.

use artel_domain::{
    access::CrmAccess,
    activity::{Activity, Change, Verb},
    actor::{Actor, Role},
    level::Levels,
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, QueryResult,
    sea_query::{Expr, ExprTrait as _, JoinType, LockType, Query, SelectStatement},
};

use crate::{
    activity,
    column::word,
    error::{Error, Result},
    unit_of_work::Tx,
};

/// The columns of the levels, one for each action.
const LEVELS: [&str; 5] = ["read", "write", "delete", "export", "import"];
const NAME: &str = "access";

/// The table, to see.
///
/// # Errors
/// [`artel_domain::error::Forbidden::AdminOnly`]; those of the database.
pub async fn find(db: &impl ConnectionTrait, viewer: &Actor) -> Result<CrmAccess> {
    viewer.require_admin()?;
    let version = version(db, NAME).await?;
    read(db, version).await
}

/// The table, to change.
///
/// # Errors
/// [`artel_domain::error::Forbidden::AdminOnly`]; those of the database.
pub async fn load(tx: &Tx, viewer: &Actor) -> Result<CrmAccess> {
    viewer.require_admin()?;
    let version = lock_version(tx, NAME).await?;
    read(tx, version).await
}

async fn read(db: &impl ConnectionTrait, version: i64) -> Result<CrmAccess> {
    let select = Query::select().columns(LEVELS).from("crm_access").take();
    let row = db.query_one(&select).await?;
    let row = row.ok_or_else(|| Error::Unreadable("the row of crm_access is missing".to_owned()))?;
    Ok(CrmAccess { employee: levels(&row)?, version })
}

/// Adds the levels of a user's role to a statement that reads the user.
pub(crate) fn with_levels(mut select: SelectStatement) -> SelectStatement {
    let role = Expr::col(("crm_access", "role")).equals(("user", "role"));
    select
        .columns(LEVELS.map(|level| ("crm_access", level)))
        .join(JoinType::LeftJoin, "crm_access", role)
        .take()
}

/// The levels of a role in a row of [`with_levels`]: those of administrators and guests are fixed, and have no row.
///
/// # Errors
/// [`Error::Unreadable`] when the domain does not know a level.
pub(crate) fn levels_of(role: Role, row: &QueryResult) -> Result<Levels> {
    match role {
        Role::Admin | Role::Guest => Ok(Levels::default_of(role)),
        Role::Employee => levels(row),
    }
}

/// The levels in a row that holds their columns.
///
/// # Errors
/// [`Error::Unreadable`] when the domain does not know a level.
fn levels(row: &QueryResult) -> Result<Levels> {
    let level = |name: &str| word(&row.try_get::<String>("", name)?);
    Ok(Levels {
        read: level("read")?,
        write: level("write")?,
        delete: level("delete")?,
        export: level("export")?,
        import: level("import")?,
    })
}

/// Saves over the table, and the activity. Nothing is written where nothing changed.
///
/// # Errors
/// Those of the database.
pub async fn save(
    tx: &Tx,
    by: &Actor,
    access: &CrmAccess,
    changes: Vec<Change>,
    now: DateTime<Utc>,
) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let Levels { read, write, delete, export, import } = access.employee;
    let words = [read, write, delete, export, import].map(|level| level.as_str().into());
    let update = Query::update().table("crm_access").values(LEVELS.into_iter().zip(words)).take();
    tx.execute(&update).await?;
    bump(tx, NAME, access.version).await?;
    let activity = Activity { author: by.author(), verb: Verb::Updated, object: CrmAccess::OBJECT, changes };
    activity::append(tx, &[activity], now).await
}

/// The version of a whole.
pub(crate) async fn version(db: &impl ConnectionTrait, name: &str) -> Result<i64> {
    read_version(db, &of(name)).await
}

/// The version of a whole, locked until the transaction ends.
pub(crate) async fn lock_version(tx: &Tx, name: &str) -> Result<i64> {
    read_version(tx, &of(name).lock(LockType::Update).take()).await
}

fn of(name: &str) -> SelectStatement {
    Query::select().column("version").from("crm_setting").and_where(Expr::col("name").eq(name)).take()
}

async fn read_version(db: &impl ConnectionTrait, select: &SelectStatement) -> Result<i64> {
    let row = db.query_one(select).await?;
    let row = row.ok_or_else(|| Error::Unreadable("a row of crm_setting is missing".to_owned()))?;
    Ok(row.try_get("", "version")?)
}

/// Keeps the new version of a whole.
pub(crate) async fn bump(tx: &Tx, name: &str, version: i64) -> Result<()> {
    let update = Query::update()
        .table("crm_setting")
        .value("version", version)
        .and_where(Expr::col("name").eq(name))
        .take();
    tx.execute(&update).await?;
    Ok(())
}
