//! The databases that are measured: one that is filled once and kept, and a copy of it for each run, so that
//! every run starts from the same rows.

use artel_persistence::Db;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, Statement};

use crate::{Result, seed};

const KEPT: &str = "artel_bench";
const COPY: &str = "artel_bench_run";
/// Names the address of a database on the server to use; its user may create databases.
const VARIABLES: [&str; 2] = ["ARTEL_BENCH_DATABASE_URL", "ARTEL_TEST_POSTGRES_URL"];

/// The PostgreSQL server, seen from its maintenance database.
pub struct Server {
    url: String,
    /// A connection that is no part of what is measured.
    pub connection: DatabaseConnection,
}

impl Server {
    /// Connects to the server that the environment names.
    pub async fn connect() -> Result<Self> {
        let url = VARIABLES.iter().find_map(|name| std::env::var(name).ok());
        let url = url.ok_or(
            "set ARTEL_BENCH_DATABASE_URL to postgres://USER@HOST:PORT/postgres, or run `make bench`",
        )?;
        Ok(Self { connection: connection(&url).await?, url })
    }

    /// The address of the copy that is measured.
    pub fn run_url(&self) -> String {
        with_database(&self.url, COPY)
    }

    /// The name of the copy that is measured.
    pub const fn run_name(&self) -> &'static str {
        COPY
    }

    /// Makes the copy of the kept database, which is filled first unless that was done with this schema before.
    pub async fn prepare(&self, fresh: bool) -> Result<()> {
        self.clean().await?;
        self.execute(&format!("create database {COPY}")).await?;
        let url = self.run_url();
        let db = Db::connect(&url, 2).await?;
        db.migrate_up().await?;
        let marker = marker(&connection(&url).await?).await?;
        let filled = !fresh && self.marker_of(KEPT).await? == marker;
        if !filled {
            seed::fill(&db, &connection(&url).await?).await?;
        }
        db.close().await?;
        if !filled {
            self.keep(&marker).await?;
        }
        self.clean().await?;
        self.execute(&format!("create database {COPY} template {KEPT} strategy file_copy")).await
    }

    /// What was filled becomes what is kept.
    async fn keep(&self, marker: &str) -> Result<()> {
        let gone = "select pg_terminate_backend(pid)::text from pg_stat_activity where datname = ";
        texts(&self.connection, &format!("{gone}'{COPY}'")).await?;
        self.execute(&format!("drop database if exists {KEPT} with (force)")).await?;
        self.execute(&format!("alter database {COPY} rename to {KEPT}")).await?;
        self.execute(&format!("comment on database {KEPT} is '{marker}'")).await
    }

    async fn marker_of(&self, name: &str) -> Result<String> {
        let sql = format!(
            "select coalesce(shobj_description(oid, 'pg_database'), '') from pg_database where datname = '{name}'"
        );
        Ok(texts(&self.connection, &sql).await?.pop().unwrap_or_default())
    }

    /// Throws the copy away.
    pub async fn clean(&self) -> Result<()> {
        self.execute(&format!("drop database if exists {COPY} with (force)")).await
    }

    /// Executes a statement in the maintenance database.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        execute(&self.connection, sql).await
    }
}

/// What tells a filled database from one with other contents or another schema.
async fn marker(empty: &DatabaseConnection) -> Result<String> {
    let schema = "select md5(string_agg(line, ',' order by line)) from (
        select concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default) as line
        from information_schema.columns where table_schema = 'public'
        union all select indexdef from pg_indexes where schemaname = 'public') as lines";
    let schema = texts(empty, schema).await?.pop().unwrap_or_default();
    Ok(format!("artel bench {} {schema}", seed::VERSION))
}

async fn connection(url: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Ok(Database::connect(options).await?)
}

/// Executes a statement, or several.
pub async fn execute(connection: &DatabaseConnection, sql: &str) -> Result<()> {
    connection.execute_unprepared(sql).await?;
    Ok(())
}

/// The first column of a query, as numbers.
pub async fn numbers(connection: &DatabaseConnection, sql: &str) -> Result<Vec<i64>> {
    column(connection, sql).await
}

/// The first column of a query, as texts.
pub async fn texts(connection: &DatabaseConnection, sql: &str) -> Result<Vec<String>> {
    column(connection, sql).await
}

async fn column<T: sea_orm::TryGetable>(connection: &DatabaseConnection, sql: &str) -> Result<Vec<T>> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<_, _>>()?)
}

/// How durable the server's commits are, and what it is.
pub async fn settings(server: &Server) -> Result<String> {
    let sql =
        "select 'PostgreSQL ' || current_setting('server_version') || ', fsync ' || current_setting('fsync')
        || ', synchronous_commit ' || current_setting('synchronous_commit')
        || ', shared_buffers ' || current_setting('shared_buffers')";
    texts(&server.connection, sql).await?.pop().ok_or_else(|| "no settings".into())
}

/// The address with another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let server = address.rsplit_once('/').map_or(address, |(server, _)| server);
    if query.is_empty() { format!("{server}/{name}") } else { format!("{server}/{name}?{query}") }
}

/// The address with another host and port, without encryption; and the host and port that it had.
pub fn with_host(url: &str, host: &str) -> Result<(String, String)> {
    let (scheme, rest) = url.split_once("://").ok_or("the address of the database has no scheme")?;
    let (authority, path) = rest.split_once('/').ok_or("the address of the database has no path")?;
    let (credentials, server) =
        authority.rsplit_once('@').map_or(("", authority), |(left, right)| (left, right));
    let at = if credentials.is_empty() { "" } else { "@" };
    let name = path.split('?').next().unwrap_or_default();
    let server = if server.contains(':') { server.to_owned() } else { format!("{server}:5432") };
    Ok((format!("{scheme}://{credentials}{at}{host}/{name}?sslmode=disable"), server))
}
