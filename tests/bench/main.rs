//! `make bench`: measures the release build of Artel over HTTP, on PostgreSQL beside pgbench running the same SQL,
//! and on SQLite. `bench --help` says what it takes.

use std::time::Duration;

mod cpu;
mod database;
mod flat;
mod footprint;
mod http;
mod invent;
mod load;
mod operation;
mod people;
mod postgres;
mod replay;
mod report;
mod rows;
mod seed;
mod server;
mod sqlite;
mod wire;

/// Whatever fails ends the measurement with a sentence.
type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

const HELP: &str = "\
Measures target/release/artel on the PostgreSQL server of ARTEL_BENCH_DATABASE_URL, and on SQLite.
Keeps the databases artel_bench and artel_bench_small there for later runs; needs about 5 GB, and the first time some
minutes.

  --fresh          fill the database anew
  --seconds N      how long each operation is measured, and as long again by pgbench (3)
  --only TEXT      only the operations whose name holds this, and no SQLite
  --sqlite         only SQLite
  --statements     print what the operations execute, and measure nothing";

/// What the command line says.
pub struct Settings {
    fresh: bool,
    time: Duration,
    only: Option<String>,
    sqlite: bool,
    statements: bool,
}

impl Settings {
    fn read() -> Result<Self> {
        let time = Duration::from_secs(3);
        let mut settings = Self { fresh: false, time, only: None, sqlite: false, statements: false };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--sqlite" => settings.sqlite = true,
                "--statements" => settings.statements = true,
                "--fresh" => settings.fresh = true,
                "--seconds" => {
                    let number: u64 = words.next().ok_or(HELP)?.parse()?;
                    settings.time = Duration::from_secs(number.clamp(1, 60));
                }
                "--only" => settings.only = Some(words.next().ok_or(HELP)?),
                _ => return Err(HELP.into()),
            }
        }
        Ok(settings)
    }

    fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|part| name.contains(part.as_str()))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<()> {
    let settings = Settings::read()?;
    if settings.sqlite {
        return sqlite::File::make().await?.measure(&settings).await.map(drop);
    }
    let server = database::Server::connect().await?;
    server.prepare(settings.fresh).await?;
    let measured = on_postgres(&server, &settings).await;
    let cleaned = server.clean().await;
    measured.and(cleaned)
}

async fn on_postgres(server: &database::Server, settings: &Settings) -> Result<()> {
    println!(
        "## PostgreSQL, {} tasks, {} projects, {} people, {} contacts, {} companies\n",
        database::Size::Large.tasks(),
        invent::task::PROJECTS,
        people::USERS,
        seed::CONTACTS,
        seed::COMPANIES
    );
    println!("{}\n", database::settings(server).await?);
    let outcome = postgres::measure(server, settings).await?;
    if settings.statements {
        return Ok(());
    }
    report::table(&outcome.rows);
    flat::measure(server, &outcome.rows, settings).await?;
    if settings.only.is_none() {
        let file = sqlite::File::make().await?;
        let artel = file.measure(settings).await?;
        let loaded = [outcome.memory, cpu::memory(artel.process(), "VmHWM")];
        drop(artel);
        footprint::print(&server.url(database::Size::Large), &file, loaded).await?;
    }
    Ok(())
}
