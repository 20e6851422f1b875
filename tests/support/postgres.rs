//! PostgreSQL for tests: a template database that is migrated once per run, and a copy of it for each test.
//!
//! One connection makes and drops them all. It bears the name of the run for as long as the run lives, so that a
//! later run can tell what was left behind by one that was killed.

use std::{sync::OnceLock, thread};

use artel_persistence::Db;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbErr};
use tokio::{
    runtime,
    sync::{OnceCell, mpsc, oneshot},
};

use crate::database::run_name;

const VARIABLE: &str = "ARTEL_TEST_POSTGRES_URL";
/// The runs that have databases and no connection any more.
const LEFT_BEHIND: &str = "select datname from pg_database where datname ~ '^artel_test_[0-9]+_' and not exists \
    (select 1 from pg_stat_activity where application_name = substring(pg_database.datname from '^artel_test_[0-9]+'))";

static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// Copies the template and answers the address of the copy.
pub(crate) async fn make(name: &str) -> String {
    let template = TEMPLATE.get_or_init(template).await;
    execute(format!("create database {name} template {template}")).await;
    address(name)
}

/// Drops a database, whoever may still be connected.
pub(crate) async fn throw_away(name: &str) {
    execute(format!("drop database if exists {name} with (force)")).await;
}

async fn template() -> String {
    let name = format!("{}_template", run_name());
    execute(format!("drop database if exists {name} with (force)")).await;
    execute(format!("create database {name}")).await;
    let db = Db::connect(&address(&name), 1).await.unwrap();
    db.migrate_up().await.unwrap();
    db.close().await.unwrap();
    name
}

/// The address of the server that tests may use.
fn server() -> String {
    std::env::var(VARIABLE).unwrap_or_else(|_| {
        panic!(
            "tests need a PostgreSQL: run them with `make test`, which finds or starts one, or set {VARIABLE} to \
             postgres://USER:PASSWORD@HOST:PORT/postgres of a server whose user may create databases"
        )
    })
}

/// The address of a database on that server. What is thrown away need not reach the disk.
fn address(name: &str) -> String {
    let server = server();
    let (path, query) = server.split_once('?').unwrap_or((&server, ""));
    let fast = "options[synchronous_commit]=off";
    let (host, _) = path.rsplit_once('/').expect("an address ends in the name of a database");
    format!("{host}/{name}?{fast}&{query}")
}

type Order = (String, oneshot::Sender<Result<(), DbErr>>);

/// Executes a statement on the one connection.
async fn execute(statement: String) {
    static ORDERS: OnceLock<mpsc::UnboundedSender<Order>> = OnceLock::new();
    let orders = ORDERS.get_or_init(|| {
        let (orders, queue) = mpsc::unbounded_channel();
        let server = server();
        thread::spawn(move || serve(server, queue));
        orders
    });
    let (done, executed) = oneshot::channel();
    orders.send((statement.clone(), done)).expect("the connection stands");
    let result = executed.await.expect("the connection stands");
    result.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// Lives as long as the process, on a thread of its own because each test has its own runtime.
fn serve(server: String, mut queue: mpsc::UnboundedReceiver<Order>) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut options = ConnectOptions::new(server);
        options.set_application_name(run_name()).max_connections(1).sqlx_logging(false);
        let connection = Database::connect(options).await.unwrap();
        clear(&connection).await;
        while let Some((statement, done)) = queue.recv().await {
            let result = connection.execute_unprepared(&statement).await;
            let _ = done.send(result.map(|_| ()));
        }
    });
}

/// Drops what killed runs left behind; another run may be doing the same.
async fn clear(connection: &DatabaseConnection) {
    let statement = sea_orm::Statement::from_string(sea_orm::DatabaseBackend::Postgres, LEFT_BEHIND);
    for row in connection.query_all_raw(statement).await.unwrap() {
        let name: String = row.try_get_by_index(0).unwrap();
        let _ = connection.execute_unprepared(&format!("drop database if exists {name} with (force)")).await;
    }
}
