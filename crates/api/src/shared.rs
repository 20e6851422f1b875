//! What every worker thread shares.

use std::{
    io,
    sync::{Arc, OnceLock},
};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    caller::Callers, clock::Clock, config::Config, document, jwt::Signer, limits::Limits, mail::Mailer,
    operation::Operations, password::hashing::Hashing, running::Running, secret::fingerprint,
};

/// What every worker thread shares.
pub struct Shared {
    /// The configuration in force.
    pub config: Config,
    /// The clock.
    pub clock: Clock,
    /// The operations of the document.
    pub operations: Operations,
    /// The document as it is served.
    pub document: String,
    /// Who calls.
    pub callers: Callers,
    /// How much they may.
    pub limits: Limits,
    /// Hashes passwords.
    pub hashing: Hashing,
    /// Sends mails.
    pub mailer: Mailer,
    /// The keyed requests that are running.
    pub running: Running,
    /// The metrics of the process.
    pub metrics: PrometheusHandle,
    /// Seals cursors.
    pub cursor_key: String,
}

impl Shared {
    /// The largest JSON body, in bytes.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        usize::try_from(self.config.body_limit).unwrap_or(usize::MAX)
    }

    /// What a server with this configuration shares.
    ///
    /// # Errors
    /// When the mail server's address is not understood.
    pub fn new(config: Config, clock: Clock, key: &SecretString) -> io::Result<Self> {
        let document = document::document();
        let signer = Signer::new(key, config.signing_key_previous.as_ref(), config.access_token_ttl);
        Ok(Self {
            operations: Operations::of(&document),
            document: document.to_string(),
            callers: Callers::new(Arc::new(signer)),
            limits: Limits::new(&config),
            hashing: Hashing::default(),
            mailer: Mailer::new(&config).map_err(io::Error::other)?,
            running: Running::default(),
            metrics: metrics(),
            cursor_key: fingerprint(&[b"artel cursors", key.expose_secret().as_bytes()]),
            clock,
            config,
        })
    }
}

/// The process has one recorder of metrics, however many servers it runs.
fn metrics() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another recorder of metrics is in place");
            }
            handle
        })
        .clone()
}
