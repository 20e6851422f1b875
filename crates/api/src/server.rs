//! The server: how its parts are put together, how it starts and stops.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use actix_cors::Cors;
use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    middleware::{Compress, from_fn},
    web::{self, Data, PathConfig},
};
use artel_persistence::Db;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::task::JoinHandle;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::{Config as SwaggerConfig, SwaggerUi};

use crate::{
    clock::Clock,
    config::Config,
    envelope::envelope,
    gate::gate,
    problem::{Code, Problem},
    routes,
    shared::Shared,
    worker::Worker,
};

/// How long requests in flight may take to finish once the server is told to stop.
const SHUTDOWN_SECONDS: u64 = 10;
/// How long the head of a request may take to arrive.
const HEAD_DEADLINE: Duration = Duration::from_secs(5);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// A server that listens and works until it is told to stop.
pub struct Listening {
    /// Where it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
    server: JoinHandle<io::Result<()>>,
    worker: Worker,
    db: Db,
}

/// Starts to listen and to work; the schema is up to date already.
///
/// # Errors
/// When the address is taken.
pub fn start(config: Config, clock: Clock, db: Db, key: &SecretString) -> io::Result<Listening> {
    let listener = TcpListener::bind(config.listen)?;
    let address = listener.local_addr()?;
    let workers = config.worker_count();
    let shared = Data::new(Shared::new(config, clock, key)?);
    let worker = Worker::start(shared.clone(), db.clone())?;
    let each = db.clone();
    let server = HttpServer::new(move || {
        let (data, db) = (shared.clone(), each.clone());
        App::new()
            .app_data(shared.clone())
            .data_factory(move || connect(data.clone(), db.clone()))
            .configure(mount)
            .wrap(from_fn(gate))
            .wrap(cors(&shared.config))
            .wrap(from_fn(envelope))
            .wrap(Compress::default())
    });
    let server = server
        .workers(workers)
        .client_request_timeout(HEAD_DEADLINE)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(Listening { address, handle: server.handle(), server: tokio::spawn(server), worker, db })
}

impl Listening {
    /// Stops: takes no new requests, finishes those in flight, closes the database.
    ///
    /// # Errors
    /// When the server had failed.
    pub async fn stop(self) -> io::Result<()> {
        self.handle.stop(true).await;
        self.worker.stop();
        let ended = self.server.await.map_err(io::Error::other)?;
        self.db.close().await.map_err(io::Error::other)?;
        ended
    }
}

/// Each worker thread has connections of its own, so that threads do not contend for one pool.
async fn connect(shared: Data<Shared>, db: Db) -> artel_persistence::Result<Db> {
    let config = &shared.config;
    db.for_worker(config.database_url.expose_secret(), config.connections).await
}

/// Everything that has a path.
pub fn mount(config: &mut web::ServiceConfig) {
    routes(&mut ServiceConfig::new(config));
    let swagger = SwaggerConfig::from("/openapi.json").persist_authorization(false);
    config
        .service(web::redirect("/docs", "/docs/"))
        .service(SwaggerUi::new("/docs/{_:.*}").config(swagger))
        .app_data(PathConfig::default().error_handler(|_, _| Problem::from(Code::NotFound).into()))
        .default_service(web::to(|| async { Err::<&str, _>(Problem::from(Code::NoRoute)) }));
}

fn cors(config: &Config) -> Cors {
    let mut cors = Cors::default()
        .allow_any_method()
        .allow_any_header()
        .expose_headers([
            "allow",
            "etag",
            "idempotent-replayed",
            "location",
            "ratelimit",
            "ratelimit-policy",
            "retry-after",
            "www-authenticate",
            "x-request-id",
        ])
        .max_age(3600);
    for origin in &config.cors_origins {
        cors = if origin == "*" { cors.allow_any_origin() } else { cors.allowed_origin(origin) };
    }
    cors
}
