//! The people of the organisation that is measured: 200 users in a tree of 20 departments, and one of them signed
//! in, an employee who heads a team and reads at the level `shared`.

use std::time::Duration;

use artel_api::{jwt::Signer, secret};
use artel_domain::{
    actor::{Actor, Author, Role, SessionId, UserId, Via},
    department::{DepartmentFields, DepartmentId},
    level::Levels,
    session::Client,
    time_zone::TimeZone,
    user::{Locale, UserFields},
};
use artel_persistence::{Db, Tx, department, in_tx, session, user};
use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;
use secrecy::SecretString;

use crate::{
    Result,
    database::{execute, numbers},
    invent::name,
};

/// Users, the administrator among them.
pub const USERS: i64 = 200;
/// Departments: one at the top, four below it, the rest below those.
const DEPARTMENTS: i64 = 20;

/// Makes the people.
pub async fn make(db: &Db, now: DateTime<Utc>) -> Result<()> {
    in_tx(db, async |tx| {
        let departments = departments(tx, now).await?;
        for number in 0..USERS {
            user::insert(tx, Author::System, fields(number, &departments)?, now).await?;
        }
        Ok(())
    })
    .await?;
    let set_up = format!("update organisation set set_up_at = {}", now.timestamp_micros());
    execute(db.reader(), &set_up).await?;
    let heads = r#"update department set head_id =
        (select min("user".id) from "user" where "user".department_id = department.id)"#;
    execute(db.reader(), heads).await
}

async fn departments(tx: &Tx, now: DateTime<Utc>) -> artel_persistence::Result<Vec<DepartmentId>> {
    let mut ids: Vec<DepartmentId> = Vec::new();
    for number in 0..DEPARTMENTS {
        let above = match number {
            0 => None,
            1..=4 => Some(0),
            _ => Some(1 + number % 4),
        };
        let parent_id = above.and_then(|above: i64| ids.get(usize::try_from(above).ok()?).copied());
        let fields =
            DepartmentFields { name: text(&format!("Department {number}"))?, parent_id, head_id: None };
        ids.push(department::insert(tx, Author::System, fields, now).await?.id);
    }
    Ok(ids)
}

fn fields(number: i64, departments: &[DepartmentId]) -> artel_persistence::Result<UserFields> {
    let (first, last, _) = name(number + 1);
    let department = usize::try_from(number % DEPARTMENTS).unwrap_or_default();
    Ok(UserFields {
        email: text(&format!("user{number}@example.com"))?,
        first_name: text(first)?,
        last_name: text(&last)?,
        position: None,
        role: if number == 0 { Role::Admin } else { Role::Employee },
        department_id: departments.get(department).copied(),
        time_zone: TimeZone::UTC,
        locale: Locale::En,
    })
}

fn text<T: std::str::FromStr>(text: &str) -> artel_persistence::Result<T> {
    text.parse().map_err(|_| artel_persistence::Error::Unreadable(text.to_owned()))
}

/// Those who look after records, by id: everybody.
pub async fn staff(connection: &DatabaseConnection) -> Result<Vec<UserId>> {
    let ids = numbers(connection, r#"select id from "user" order by id"#).await?;
    Ok(ids.into_iter().map(UserId).collect())
}

/// The first user, an administrator, to write through the application's own code.
pub fn admin(staff: &[UserId]) -> Actor {
    Actor { user: staff[0], role: Role::Admin, via: Via::Session(SessionId(0)), levels: Levels::ALL }
}

/// Who is measured: the head of the last department.
pub async fn caller(connection: &DatabaseConnection) -> Result<UserId> {
    let heads = numbers(connection, "select head_id from department order by id desc limit 1").await?;
    Ok(UserId(*heads.first().ok_or("the last department has no head")?))
}

/// Who is measured, signed in: their id and what they send as bearer token.
pub async fn sign_in(db: &Db, key: &str) -> Result<(UserId, String)> {
    const VALID: Duration = Duration::from_hours(2);
    let id = caller(db.reader()).await?;
    let now = Utc::now();
    let insert = async |tx: &_| {
        let hash = secret::hash(&secret::random_text());
        session::insert(tx, id, Client::default(), &hash, now).await
    };
    let session = in_tx(db, insert).await?;
    let signer = Signer::new(&SecretString::from(key.to_owned()), None, VALID);
    Ok((id, signer.sign(id, session.id, now)?))
}
