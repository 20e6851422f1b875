//! Fills a database: 20 000 companies and 100 000 contacts with points, words, links and their history, copied in
//! bulk; tasks stand in a file of their own. Sort keys, words and normalised points come from the application's own rules.

use artel_domain::{
    activity::initial, actor::UserId, company::CompanyFields, contact::ContactFields, link::Link,
    point::Point, record::search_words,
};
use artel_persistence::{Db, search::with_tags};
use chrono::{DateTime, Utc};
use sea_orm::{DatabaseConnection, sqlx::postgres::PgPoolCopyExt as _};
use serde::Serialize;

use crate::{Result, database::execute, invent, people, rows::Rows};

/// How many contacts there are, with the ids from 1 on.
pub const CONTACTS: i64 = 100_000;
/// How many companies there are, with the ids from 1 on.
pub const COMPANIES: i64 = 20_000;
/// Raised when what is filled in changes.
pub const VERSION: u32 = 3;
/// Rows that are copied at once.
const CHUNK: usize = 5_000;

pub mod task;

/// Fills an empty database with people, companies and contacts.
pub async fn fill(db: &Db, connection: &DatabaseConnection) -> Result<()> {
    let (now, started) = (Utc::now(), std::time::Instant::now());
    eprintln!("filling in {COMPANIES} companies and {CONTACTS} contacts, once");
    people::make(db, now).await?;
    let staff = people::staff(connection).await?;
    let seed = Seed { connection, staff, now };
    for first in (1..=COMPANIES).step_by(CHUNK) {
        seed.companies((first..=COMPANIES).take(CHUNK)).await?;
    }
    for first in (1..=CONTACTS).step_by(CHUNK) {
        seed.contacts((first..=CONTACTS).take(CHUNK)).await?;
    }
    number_on_from(connection, &["contact", "company"]).await?;
    eprintln!("filled in {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// New rows get the ids after those that were filled in.
async fn number_on_from(connection: &DatabaseConnection, tables: &[&str]) -> Result<()> {
    for table in tables {
        let next =
            format!("select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))");
        execute(connection, &next).await?;
    }
    Ok(())
}

async fn copy(connection: &DatabaseConnection, table: &str, columns: &str, rows: Rows) -> Result<()> {
    let pool = connection.get_postgres_connection_pool();
    let mut copy = pool.copy_in_raw(&format!("copy {table} ({columns}) from stdin")).await?;
    copy.send(rows.into_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

const HISTORY_COLUMNS: &str = "at, user_id, verb, object_kind, object_id, changes";

/// That an object was created, with what it held.
fn history(
    rows: &mut Rows,
    kind: &str,
    id: i64,
    by: UserId,
    at: DateTime<Utc>,
    fields: &impl Serialize,
) -> Result<()> {
    let changes = serde_json::to_string(&initial(fields))?;
    rows.number(at.timestamp_micros()).number(by.0).text("created").text(kind).number(id);
    rows.text(&changes).end();
    Ok(())
}

struct Seed<'a> {
    connection: &'a DatabaseConnection,
    staff: Vec<UserId>,
    now: DateTime<Utc>,
}

/// What every kind of record fills in.
#[derive(Default)]
struct Tables {
    records: Rows,
    points: Rows,
    words: Rows,
    history: Rows,
}

impl Tables {
    fn points(&mut self, id: i64, points: &[Point]) {
        for (position, point) in points.iter().enumerate() {
            let Point { id: _, kind, label, value, normalised, primary } = point;
            self.points.number(id).text(kind.as_str()).maybe(label.as_ref().map(|it| it.as_str()));
            self.points.text(value.as_str()).maybe(normalised.as_deref()).flag(*primary);
            self.points.number(i64::try_from(position).unwrap_or_default()).end();
        }
    }

    fn words(&mut self, id: i64, words: &std::collections::BTreeSet<String>) {
        for word in words {
            self.words.text(word).number(id).end();
        }
    }
}

impl Seed<'_> {
    async fn contacts(&self, ids: impl Iterator<Item = i64>) -> Result<()> {
        let (mut tables, mut links) = (Tables::default(), Rows::new());
        for id in ids {
            let fields = invent::contact(id, &self.staff, self.now)?;
            let at = invent::created_at(id, CONTACTS, self.now);
            contact_row(&mut tables.records, id, &fields, at)?;
            tables.points(id, &fields.points);
            tables.words(id, &with_tags(search_words(&fields), &fields.tags));
            history(&mut tables.history, "contact", id, fields.responsible_id, at, &fields)?;
            for link in invent::links(id, COMPANIES, at)? {
                link_row(&mut links, id, &link);
            }
        }
        copy(self.connection, "contact", CONTACT_COLUMNS, tables.records).await?;
        self.children("contact", tables.points, tables.words, tables.history).await?;
        copy(
            self.connection,
            "contact_company",
            "contact_id, company_id, position, is_primary, created_at",
            links,
        )
        .await
    }

    async fn companies(&self, ids: impl Iterator<Item = i64>) -> Result<()> {
        let mut tables = Tables::default();
        for id in ids {
            let fields = invent::company(id, &self.staff, self.now)?;
            let at = invent::created_at(id, COMPANIES, self.now);
            company_row(&mut tables.records, id, &fields, at)?;
            tables.points(id, &fields.points);
            tables.words(id, &with_tags(search_words(&fields), &fields.tags));
            history(&mut tables.history, "company", id, fields.responsible_id, at, &fields)?;
        }
        copy(self.connection, "company", COMPANY_COLUMNS, tables.records).await?;
        self.children("company", tables.points, tables.words, tables.history).await
    }

    async fn children(&self, kind: &str, points: Rows, words: Rows, history: Rows) -> Result<()> {
        let point_columns = format!("{kind}_id, kind, label, value, normalised, is_primary, position");
        copy(self.connection, &format!("{kind}_point"), &point_columns, points).await?;
        copy(self.connection, &format!("{kind}_word"), &format!("word, {kind}_id"), words).await?;
        copy(self.connection, "activity", HISTORY_COLUMNS, history).await
    }
}

const CONTACT_COLUMNS: &str = "id, first_name, middle_name, last_name, position, birthday, type, source, \
    responsible_id, shared, comment, tags, verified_at, name_key, created_at, created_by, updated_at, updated_by";

fn contact_row(rows: &mut Rows, id: i64, fields: &ContactFields, at: DateTime<Utc>) -> Result<()> {
    rows.number(id);
    for name in [&fields.first_name, &fields.middle_name, &fields.last_name] {
        rows.maybe(name.as_ref().map(|it| it.as_str()));
    }
    rows.maybe(fields.position.as_ref().map(|it| it.as_str()));
    rows.maybe(fields.birthday.map(|day| day.to_string()).as_deref());
    rows.maybe(fields.kind.as_ref().map(|it| it.as_str()));
    rows.maybe(fields.source.as_ref().map(|it| it.as_str()));
    rows.number(fields.responsible_id.0).flag(fields.shared);
    rows.maybe(fields.comment.as_ref().map(|it| it.as_str()));
    rows.text(&serde_json::to_string(&fields.tags)?);
    rows.maybe(fields.verified_at.map(|at| at.timestamp_micros().to_string()).as_deref());
    rows.text(&fields.name_key());
    stamps(rows, fields.responsible_id, at);
    Ok(())
}

const COMPANY_COLUMNS: &str = "id, name, industry, size, registration_number, tax_number, type, source, \
    responsible_id, shared, tags, verified_at, name_key, created_at, created_by, updated_at, updated_by";

fn company_row(rows: &mut Rows, id: i64, fields: &CompanyFields, at: DateTime<Utc>) -> Result<()> {
    rows.number(id).text(fields.name.as_str());
    rows.maybe(fields.industry.as_ref().map(|it| it.as_str()));
    rows.maybe(fields.size.map(|it| it.as_str()));
    rows.maybe(fields.registration_number.as_ref().map(|it| it.as_str()));
    rows.maybe(fields.tax_number.as_ref().map(|it| it.as_str()));
    rows.maybe(fields.kind.as_ref().map(|it| it.as_str()));
    rows.maybe(fields.source.as_ref().map(|it| it.as_str()));
    rows.number(fields.responsible_id.0).flag(fields.shared);
    rows.text(&serde_json::to_string(&fields.tags)?);
    rows.maybe(fields.verified_at.map(|at| at.timestamp_micros().to_string()).as_deref());
    rows.text(&fields.name_key());
    stamps(rows, fields.responsible_id, at);
    Ok(())
}

fn stamps(rows: &mut Rows, by: UserId, at: DateTime<Utc>) {
    let at = at.timestamp_micros();
    rows.number(at).number(by.0).number(at).number(by.0).end();
}

fn link_row(rows: &mut Rows, contact: i64, link: &Link) {
    let Link { company_id, position, primary, created_at } = link;
    rows.number(contact).number(company_id.0).maybe(position.as_ref().map(|it| it.as_str()));
    rows.flag(*primary).number(created_at.timestamp_micros()).end();
}
