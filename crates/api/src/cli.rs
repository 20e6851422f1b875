//! The command line.

use std::{io, path::PathBuf, time::Duration};

use artel_persistence::Db;
use clap::{Parser, Subcommand};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    signal::unix::{SignalKind, signal},
};

use crate::{clock::Clock, config::Config, document, server};

mod admin;
mod demo;
mod key;
mod log;

/// Artel: contacts, companies and the work of a small organisation behind one REST API.
///
/// Without configuration it keeps its data in an SQLite file under ./data. Point ARTEL_DATABASE_URL at PostgreSQL
/// to run several nodes. Every flag can be given as an environment variable.
#[expect(clippy::doc_markdown, reason = "clap prints these lines as help")]
#[derive(Debug, Parser)]
#[command(name = "artel", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    config: Config,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring the schema up to date and answer requests
    Serve,
    /// Load a demo organisation with people, companies and contacts, once, and serve it
    ///
    /// It prints whom to sign in as. Mail is printed on the console. A database that holds another organisation is
    /// left alone.
    Demo,
    /// Change the database schema, or look at it
    Migrate {
        #[command(subcommand)]
        step: Migrate,
    },
    /// Manage administrators
    Admin {
        #[command(subcommand)]
        admin: admin::Admin,
    },
    /// Print the OpenAPI document
    Openapi,
    /// Print the configuration in force, secrets masked
    Config,
    /// Write a consistent copy of the running SQLite database to a new file
    Backup {
        /// The file to write; it must not exist
        file: PathBuf,
    },
    /// Ask the server at the configured address whether it is ready: exit status 0 if it is
    Health,
}

#[derive(Debug, Subcommand)]
enum Migrate {
    /// Apply the steps that are missing
    Up,
    /// Take back the newest step, with the data in it
    Down {
        /// How many steps
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// List the steps and whether they are applied
    Status,
}

/// Why a command failed, in a sentence.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database.
    #[error("{0}")]
    Storage(#[from] artel_persistence::Error),
    /// The network or the disk.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Anything else, said in full.
    #[error("{0}")]
    Said(String),
}

/// Does what the command line says.
///
/// # Errors
/// A [`Failure`] to print.
pub async fn run(cli: Cli) -> Result<(), Failure> {
    let Cli { command, config } = cli;
    config.check().map_err(Failure::Said)?;
    match command {
        Command::Serve => run_server(config).await,
        Command::Demo => demo::run(config).await,
        Command::Migrate { step } => migrate(&config, step).await,
        Command::Admin { admin } => admin::run(&config, admin).await,
        Command::Openapi => {
            print!("{}", document::text());
            Ok(())
        }
        Command::Config => {
            config.in_force().into_iter().for_each(|(name, value)| println!("{name}={value}"));
            Ok(())
        }
        Command::Backup { file } => backup(&config, &file).await,
        Command::Health => health(&config).await,
    }
}

/// Connects with the schema up to date. Worker threads open connections to PostgreSQL of their own; the process
/// itself waits for its only one to be free again, which takes less time than to open a second one.
async fn open(config: &Config) -> Result<Db, Failure> {
    let connections = if config.data_folder().is_some() { config.connections } else { 1 };
    let db = Db::connect(config.database_url.expose_secret(), connections).await?;
    db.migrate_up().await?;
    Ok(db)
}

async fn run_server(config: Config) -> Result<(), Failure> {
    log::init(&config)?;
    let db = open(&config).await?;
    let key = key::signing_key(&config)?;
    let kept = db.clone();
    let announce = async |address: &str| admin::announce_setup(&kept, address).await;
    serve(config, db, &key, announce).await
}

/// Serves until it is told to stop; says where, and what else is to be said.
async fn serve(
    config: Config,
    db: Db,
    key: &SecretString,
    announce: impl AsyncFnOnce(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let listening = server::start(config, Clock::default(), db, key)?;
    let address = format!("http://{}", listening.address);
    println!("Listening on {address}");
    println!("Swagger UI at {address}/docs/");
    announce(&address).await?;
    stop_signal().await?;
    tracing::info!("stopping: requests in flight are finished first");
    listening.stop().await?;
    Ok(())
}

/// Waits for SIGTERM or SIGINT.
async fn stop_signal() -> io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

async fn migrate(config: &Config, step: Migrate) -> Result<(), Failure> {
    let db = Db::connect(config.database_url.expose_secret(), 1).await?;
    match step {
        Migrate::Up => db.migrate_up().await?,
        Migrate::Down { steps } => db.migrate_down(steps).await?,
        Migrate::Status => {}
    }
    for (name, applied) in db.migration_status().await? {
        println!("{} {name}", if applied { "applied" } else { "missing" });
    }
    Ok(())
}

async fn backup(config: &Config, file: &std::path::Path) -> Result<(), Failure> {
    let Some(database) = config.database_file() else {
        let advice = "this database is PostgreSQL: copy it with `pg_dump --format=custom --file=FILE DATABASE_URL`, \
            which is consistent while the server runs; `pg_restore` brings it back";
        return Err(Failure::Said(advice.to_owned()));
    };
    // Connecting would make an empty one, and a copy of that is no backup.
    if !database.exists() {
        return Err(Failure::Said(format!("there is no database {}", database.display())));
    }
    if file.exists() {
        return Err(Failure::Said(format!("{} exists already", file.display())));
    }
    let db = Db::connect(config.database_url.expose_secret(), 1).await?;
    db.backup(file).await?;
    println!("{} is a consistent copy", file.display());
    Ok(())
}

/// Speaks just enough HTTP for a container's health check.
async fn health(config: &Config) -> Result<(), Failure> {
    let mut address = config.listen;
    if address.ip().is_unspecified() {
        address.set_ip([127, 0, 0, 1].into());
    }
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream
            .write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, io::Error>(answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(3), ask).await;
    let answer = answer.map_err(|_| Failure::Said(format!("{address} does not answer")))??;
    if answer.starts_with("HTTP/1.1 200") {
        Ok(())
    } else {
        Err(Failure::Said(format!("{address} is not ready")))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn what_is_not_there_cannot_be_copied() {
        let folder = std::env::temp_dir().join(crate::secret::random_text());
        let (missing, copy) = (folder.join("missing.db"), folder.join("copy.db"));
        fs::create_dir(&folder).unwrap();
        let url = format!("sqlite://{}", missing.display());
        let line = ["artel", "backup", copy.to_str().unwrap(), "--database-url", &url];
        let refused = run(Cli::parse_from(line)).await.unwrap_err().to_string();
        assert!(refused.contains("there is no database"), "{refused}");
        assert!(!missing.exists() && !copy.exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_database_and_its_copy_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = std::env::temp_dir().join(crate::secret::random_text());
        let (original, copy) = (folder.join("artel.db"), folder.join("copy.db"));
        let db = Db::connect(&format!("sqlite://{}", original.display()), 1).await.unwrap();
        db.migrate_up().await.unwrap();
        db.backup(&copy).await.unwrap();
        assert!(db.backup(&copy).await.is_err());
        for file in [original.clone(), original.with_extension("db-wal"), copy] {
            assert_eq!(
                fs::metadata(&file).unwrap().permissions().mode() & 0o777,
                0o600,
                "{}",
                file.display()
            );
        }
        db.close().await.unwrap();
        fs::remove_dir_all(folder).unwrap();
    }
}
