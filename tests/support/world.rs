//! A world: a server in this process, on a free port, with a database and a clock of its own.

use std::{
    net::SocketAddr,
    panic::{AssertUnwindSafe, resume_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use artel_api::{
    clock::Clock,
    config::{Config, Switch},
    server::{self, Listening},
};
use artel_persistence::Db;
use clap::{Args as _, Command, FromArgMatches as _};
use futures_util::FutureExt as _;
use secrecy::SecretString;

use crate::{Database, database::Place};

/// Signs the access tokens of every world.
pub(crate) const SIGNING_KEY: &str = "the signing key of the tests, known to everybody";
/// Connections of a pool. Each world has two pools on PostgreSQL, and worlds run side by side.
const CONNECTIONS: u32 = 3;

/// A server and what belongs to it.
#[derive(Clone, Debug)]
pub struct World {
    address: SocketAddr,
    config: Config,
    clock: Clock,
    db: Db,
    key: SecretString,
    house: Arc<House>,
}

/// What the servers of one world share.
struct House {
    place: Place,
    servers: Mutex<Vec<Listening>>,
    numbers: AtomicI64,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.place.fmt(f)
    }
}

/// Runs a test in a new world and takes the world down, however the test ends.
pub async fn run(database: Database, test: impl AsyncFnOnce(&World)) {
    let world = World::new(database).await;
    let result = AssertUnwindSafe(test(&world)).catch_unwind().await;
    world.end().await;
    if let Err(panic) = result {
        resume_unwind(panic);
    }
}

impl World {
    /// A server on a new database. Whoever makes one calls [`World::end`]; [`run`] does.
    pub async fn new(database: Database) -> Self {
        let house = House {
            place: Place::make(database).await,
            servers: Mutex::default(),
            numbers: AtomicI64::new(1),
        };
        let config = config(&house.place.url);
        Self::start(Arc::new(house), config, Clock::default()).await
    }

    /// A new database with no server yet: a process may serve it. Tokens are good for as long as a test may run.
    pub async fn without_server(database: Database) -> Self {
        let place = Place::make(database).await;
        let db = Db::connect(&place.url, CONNECTIONS).await.unwrap();
        Self::unserved(place, db)
    }

    fn unserved(place: Place, db: Db) -> Self {
        let mut config = config(&place.url);
        config.access_token_ttl = Duration::from_hours(24);
        let house = House { place, servers: Mutex::default(), numbers: AtomicI64::new(1) };
        let (address, key) = (config.listen, SecretString::from(SIGNING_KEY));
        Self { address, config, clock: Clock::default(), db, key, house: Arc::new(house) }
    }

    /// The schema on an empty PostgreSQL of the test's own, with no server yet; nothing is thrown away.
    pub async fn on(url: &str) -> Self {
        let db = Db::connect(url, CONNECTIONS).await.unwrap();
        db.migrate_up().await.unwrap();
        Self::unserved(Place::at(url), db)
    }

    /// The same world, called at another address.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    /// The same world with new connections to its database.
    pub async fn reconnected(&self) -> Self {
        let db = Db::connect(self.database_url(), CONNECTIONS).await.unwrap();
        Self { db, ..self.clone() }
    }

    /// Another server on the same database with the same clock, configured otherwise.
    pub async fn another(&self, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = self.config.clone();
        change(&mut config);
        Self::start(self.house.clone(), config, self.clock.clone()).await
    }

    async fn start(house: Arc<House>, config: Config, clock: Clock) -> Self {
        let key = SecretString::from(SIGNING_KEY);
        let db = Db::connect(&house.place.url, CONNECTIONS).await.unwrap();
        let listening = server::start(config.clone(), clock.clone(), db.clone(), &key).unwrap();
        let address = listening.address;
        house.servers.lock().unwrap().push(listening);
        Self { address, config, clock, db, key, house }
    }

    /// Stops every server, closes the connections and throws the database away.
    pub async fn end(self) {
        self.db.clone().close().await.unwrap();
        let servers = std::mem::take(&mut *self.house.servers.lock().unwrap());
        for listening in servers {
            listening.stop().await.unwrap();
        }
        self.house.place.throw_away().await;
    }

    /// Which database it runs on.
    pub fn database(&self) -> Database {
        self.house.place.database
    }

    /// The address of the database.
    pub fn database_url(&self) -> &str {
        &self.house.place.url
    }

    /// Where the server listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The clock of the server: a test advances it.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The database, for what no request can do.
    pub const fn db(&self) -> &Db {
        &self.db
    }

    /// The configuration of the server.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The key that access tokens are signed with.
    pub const fn key(&self) -> &SecretString {
        &self.key
    }

    /// A number that this world has not used yet, from 1.
    pub fn next_number(&self) -> i64 {
        self.house.numbers.fetch_add(1, Ordering::Relaxed)
    }
}

/// The configuration of a test: as the flags have it, whatever `ARTEL_*` says where the tests run.
fn config(database_url: &str) -> Config {
    let command = Config::augment_args(Command::new("artel").no_binary_name(true));
    let matches = command.mut_args(|arg| arg.env(None::<&str>)).get_matches_from([
        "--listen",
        "127.0.0.1:0",
        "--workers",
        "1",
        "--database-url",
        database_url,
    ]);
    Config {
        rate_limits: Switch::Off,
        connections: CONNECTIONS,
        ..Config::from_arg_matches(&matches).unwrap()
    }
}
