//! The databases that are measured, one with many tasks and one with few: each is filled once and kept, and copied for
//! each run, so that every run starts from the same rows.

use artel_persistence::Db;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, Statement};

use crate::{Result, seed};

/// How many tasks a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// As many as an organisation gathers in many years.
    Large,
    /// A hundredth of that.
    Small,
}

impl Size {
    const ALL: [Self; 2] = [Self::Large, Self::Small];

    /// The number of tasks.
    pub const fn tasks(self) -> i64 {
        match self {
            Self::Large => 1_000_000,
            Self::Small => 10_000,
        }
    }

    const fn kept(self) -> &'static str {
        match self {
            Self::Large => "artel_bench",
            Self::Small => "artel_bench_small",
        }
    }

    /// The name of the copy that is measured.
    pub const fn copy(self) -> &'static str {
        match self {
            Self::Large => "artel_bench_run",
            Self::Small => "artel_bench_small_run",
        }
    }
}

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
    pub fn url(&self, size: Size) -> String {
        with_database(&self.url, size.copy())
    }

    /// Makes a copy of each kept database, which are filled first unless that was done with this schema before.
    pub async fn prepare(&self, fresh: bool) -> Result<()> {
        self.clean().await?;
        let [first, second] = Size::ALL;
        self.execute(&format!("create database {}", first.copy())).await?;
        let url = self.url(first);
        let db = Db::connect(&url, 2).await?;
        db.migrate_up().await?;
        let marker = marker(&connection(&url).await?).await?;
        let mut is_filled = !fresh;
        for size in Size::ALL {
            is_filled = is_filled && self.marker_of(size.kept()).await? == marker;
        }
        if !is_filled {
            seed::fill(&db, &connection(&url).await?).await?;
        }
        db.close().await?;
        if !is_filled {
            self.copy(first.copy(), second.copy()).await?;
            for size in Size::ALL {
                seed::task::fill(&connection(&self.url(size)).await?, size.tasks()).await?;
                self.keep(size, &marker).await?;
            }
        }
        self.clean().await?;
        for size in Size::ALL {
            self.copy(size.kept(), size.copy()).await?;
        }
        Ok(())
    }

    /// What was filled becomes what is kept.
    async fn keep(&self, size: Size, marker: &str) -> Result<()> {
        let (copy, kept) = (size.copy(), size.kept());
        self.leave(copy).await?;
        self.execute(&format!("drop database if exists {kept} with (force)")).await?;
        self.execute(&format!("alter database {copy} rename to {kept}")).await?;
        self.execute(&format!("comment on database {kept} is '{marker}'")).await
    }

    /// Copies a database that nobody uses any more.
    async fn copy(&self, from: &str, to: &str) -> Result<()> {
        self.leave(from).await?;
        self.execute(&format!("create database {to} template {from} strategy file_copy")).await
    }

    /// Ends the connections to a database.
    async fn leave(&self, name: &str) -> Result<()> {
        let end = "select pg_terminate_backend(pid)::text from pg_stat_activity where datname = ";
        texts(&self.connection, &format!("{end}'{name}'")).await.map(drop)
    }

    async fn marker_of(&self, name: &str) -> Result<String> {
        let sql = format!(
            "select coalesce(shobj_description(oid, 'pg_database'), '') from pg_database where datname = '{name}'"
        );
        Ok(texts(&self.connection, &sql).await?.pop().unwrap_or_default())
    }

    /// Throws the copies away.
    pub async fn clean(&self) -> Result<()> {
        for size in Size::ALL {
            self.execute(&format!("drop database if exists {} with (force)", size.copy())).await?;
        }
        Ok(())
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
