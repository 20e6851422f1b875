//! The embedded database: a file with some thousand contacts and tasks, written by the application's own code.

use std::{collections::BTreeSet, path::PathBuf, rc::Rc};

use artel_api::secret;
use artel_domain::{
    record::{Draft, Stamp},
    task::{self, Task, TaskFields},
};
use artel_persistence::{Db, Error as StorageError, company, contact, in_tx, task as task_store};
use chrono::Utc;

use crate::{
    Result, Settings,
    invent::{
        self,
        task::{SET_BY_CALLER, STEP, Surroundings},
    },
    load::Measured,
    operation::{
        Inputs, Operation, by_id, create, first_page,
        task::{self as on_tasks, alone},
    },
    people,
    postgres::over_http,
    report::millis,
    server::Artel,
};

const CONTACTS: i64 = 10_000;
const COMPANIES: i64 = 2_000;
const TASKS: i64 = 10_000;
const CHUNK: usize = 500;
const CONNECTIONS: usize = 16;
/// Milliseconds in which 99 of 100 requests are to be answered.
const LONGEST: f64 = 100.0;

/// A database in a folder of its own, removed when it goes out of scope.
pub struct File {
    folder: PathBuf,
    /// Its address.
    pub url: String,
    /// What access tokens are signed with.
    pub key: String,
    bearer: String,
}

impl File {
    /// Makes a database and fills it.
    pub async fn make() -> Result<Self> {
        eprintln!("filling an SQLite database");
        // Beside the binary: a folder for temporary files may lie in memory, where nothing is durable.
        let folder = std::env::current_exe()?.with_file_name(format!("bench-{}", std::process::id()));
        let url = format!("sqlite://{}", folder.join("artel.db").display());
        let mut file = Self { folder, url, key: secret::random_text(), bearer: String::new() };
        let db = Db::connect(&file.url, 2).await?;
        db.migrate_up().await?;
        people::make(&db, Utc::now()).await?;
        fill(&db).await?;
        file.bearer = people::sign_in(&db, &file.key).await?.1;
        db.close().await?;
        Ok(file)
    }

    /// Measures reads and durable writes, and prints them.
    pub async fn measure(&self, settings: &Settings) -> Result<Artel> {
        let artel = Artel::start(&self.url, &self.key).await?;
        println!("\n## SQLite, {TASKS} tasks, {CONTACTS} contacts, {CONNECTIONS} connections\n");
        println!(
            "| operation | req/s | bar | p50 ms | p99 ms | bar | CPU ms |\n|---|--:|--:|--:|--:|--:|--:|"
        );
        let set_by_caller = Inputs::Ids { first: SET_BY_CALLER, step: STEP, count: TASKS / STEP };
        let operations = [
            (on_tasks::by_id(&self.bearer, set_by_caller), Some(1500.0)),
            (on_tasks::first_page(&self.bearer), None),
            (on_tasks::create(&self.bearer, "create a task", alone), Some(500.0)),
            (by_id(&self.bearer, CONTACTS), Some(1500.0)),
            (first_page(&self.bearer), None),
            (create(&self.bearer), Some(500.0)),
        ];
        for (operation, least) in operations {
            eprintln!("measuring on SQLite: {}", operation.name);
            self.line(&artel, operation, least, settings).await?;
        }
        Ok(artel)
    }

    async fn line(
        &self,
        artel: &Artel,
        operation: Operation,
        least: Option<f64>,
        settings: &Settings,
    ) -> Result<()> {
        let operation = Rc::new(operation);
        let sides = over_http(None, artel, &operation, CONNECTIONS, settings.time, 7).await?;
        let measured: &Measured = &sides.measured;
        let (rate, slow) = (measured.rate(), measured.percentile(99));
        let missed = if least.is_some_and(|least| rate < least) { " !" } else { "" };
        let late = if slow.as_secs_f64() * 1000.0 > LONGEST { " !" } else { "" };
        println!(
            "| {} | {rate:.0}{missed} | {} | {} | {}{late} | ≤ {LONGEST} | {} |",
            operation.name,
            least.map_or_else(|| "–".to_owned(), |least| format!("≥ {least}")),
            millis(measured.percentile(50)),
            millis(slow),
            sides.used.server.map_or_else(|| "–".to_owned(), |used| millis(measured.each(used))),
        );
        Ok(())
    }
}

impl Drop for File {
    fn drop(&mut self) {
        if let Err(cause) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} stays behind: {cause}", self.folder.display());
        }
    }
}

async fn fill(db: &Db) -> Result<()> {
    let (staff, now) = (people::staff(db.reader()).await?, Utc::now());
    let admin = people::admin(&staff);
    let stamp = Stamp { at: now, by: Some(admin.user) };
    let unreadable =
        |error: Box<dyn std::error::Error + Send + Sync>| StorageError::Unreadable(error.to_string());
    for first in (1..=COMPANIES).step_by(CHUNK) {
        in_tx(db, async |tx| {
            for id in (first..=COMPANIES).take(CHUNK) {
                let fields = invent::company(id, &staff, now).map_err(unreadable)?;
                company::insert(tx, &admin, Draft { fields, below: false, created: stamp }).await?;
            }
            Ok(())
        })
        .await?;
    }
    for first in (1..=CONTACTS).step_by(CHUNK) {
        in_tx(db, async |tx| {
            for id in (first..=CONTACTS).take(CHUNK) {
                let fields = invent::contact(id, &staff, now).map_err(unreadable)?;
                let links = invent::links(id, COMPANIES, now).map_err(unreadable)?;
                contact::insert(tx, &admin, Draft { fields, below: false, created: stamp }, &links).await?;
            }
            Ok(())
        })
        .await?;
    }
    let around =
        Surroundings { staff: &staff, caller: people::caller(db.reader()).await?, tasks: TASKS, now };
    for first in (1..=TASKS).step_by(CHUNK) {
        in_tx(db, async |tx| {
            for id in (first..=TASKS).take(CHUNK) {
                let draft = outside_of_projects(id, &around).map_err(unreadable)?;
                task_store::insert(tx, &admin, draft, None, BTreeSet::new()).await?;
            }
            Ok(())
        })
        .await?;
    }
    Ok(())
}

/// A new task that lies in no project and is a part of no other.
fn outside_of_projects(id: i64, around: &Surroundings<'_>) -> Result<task::Draft> {
    let Task { fields, people, created_at, .. } = invent::task::task(id, around)?.task;
    let fields = TaskFields { project_id: None, parent_id: None, ..fields };
    let created = Stamp { at: created_at, by: Some(people.creator) };
    Ok(task::Draft { fields, people, place: None, created })
}
