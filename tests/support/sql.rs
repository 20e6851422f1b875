//! The database behind a world, for what no request can show or do.

use std::{future::Future, pin::Pin, sync::Mutex};

use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DbErr, ExecResult, QueryResult, Statement,
    TryGetable,
};

use crate::World;

impl World {
    /// Executes statements as they stand.
    pub async fn execute(&self, sql: &str) {
        let done = self.db().reader().execute_unprepared(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The rows of a query.
    pub async fn query(&self, sql: &str) -> Vec<QueryResult> {
        let statement = Statement::from_string(self.db().backend(), sql);
        let rows = self.db().reader().query_all_raw(statement).await;
        rows.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The first column of the only row of a query.
    pub async fn value<T: TryGetable>(&self, sql: &str) -> T {
        let rows = self.query(sql).await;
        assert_eq!(rows.len(), 1, "{sql}");
        rows[0].try_get_by_index(0).unwrap()
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        self.value(&format!("select count(*) from \"{table}\"")).await
    }
}

/// A connection that remembers what goes through it.
#[derive(Debug)]
pub struct Recorder<'a> {
    inner: &'a DatabaseConnection,
    statements: Mutex<Vec<Statement>>,
}

impl<'a> Recorder<'a> {
    /// Passes everything on to `inner`.
    pub fn new(inner: &'a DatabaseConnection) -> Self {
        Self { inner, statements: Mutex::default() }
    }

    /// What went through since the last time it was asked.
    pub fn take(&self) -> Vec<Statement> {
        std::mem::take(&mut *self.statements.lock().unwrap())
    }

    fn record(&self, statement: &Statement) {
        self.statements.lock().unwrap().push(statement.clone());
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, DbErr>> + Send + 'a>>;

impl ConnectionTrait for Recorder<'_> {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.inner.get_database_backend()
    }

    fn execute_raw<'s, 'f>(&'s self, statement: Statement) -> Answer<'f, ExecResult>
    where
        's: 'f,
        Self: 'f,
    {
        self.record(&statement);
        self.inner.execute_raw(statement)
    }

    fn execute_unprepared<'s, 'q, 'f>(&'s self, sql: &'q str) -> Answer<'f, ExecResult>
    where
        's: 'f,
        'q: 'f,
        Self: 'f,
    {
        self.inner.execute_unprepared(sql)
    }

    fn query_one_raw<'s, 'f>(&'s self, statement: Statement) -> Answer<'f, Option<QueryResult>>
    where
        's: 'f,
        Self: 'f,
    {
        self.record(&statement);
        self.inner.query_one_raw(statement)
    }

    fn query_all_raw<'s, 'f>(&'s self, statement: Statement) -> Answer<'f, Vec<QueryResult>>
    where
        's: 'f,
        Self: 'f,
    {
        self.record(&statement);
        self.inner.query_all_raw(statement)
    }
}
