//! The log of the process.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use super::Failure;
use crate::config::{Config, LogFormat};

/// Starts to log, to standard error.
pub(super) fn init(config: &Config) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&config.log).map_err(|cause| {
        Failure::Said(format!("ARTEL_LOG: {cause}; write a level or rules such as info,artel_api=debug"))
    })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    let done = match config.log_format {
        LogFormat::Pretty => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    done.map_err(|cause| Failure::Said(cause.to_string()))
}
