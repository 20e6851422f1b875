//! The key that signs access tokens: given, or made once and kept beside the SQLite database.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use secrecy::SecretString;

use super::Failure;
use crate::{config::Config, secret};

const FILE: &str = "signing.key";

/// The signing key in force.
pub(super) fn signing_key(config: &Config) -> Result<SecretString, Failure> {
    if let Some(key) = &config.signing_key {
        return Ok(key.clone());
    }
    let Some(folder) = config.data_folder() else {
        let advice = "with PostgreSQL ARTEL_SIGNING_KEY must be set, the same on every node: \
            for example to the output of `openssl rand -base64 48`";
        return Err(Failure::Said(advice.to_owned()));
    };
    let path = folder.join(FILE);
    make(&path)?;
    Ok(SecretString::from(fs::read_to_string(path)?.trim().to_owned()))
}

/// The signing key of a demo: on PostgreSQL one for this run where none is given.
pub(super) fn demo_key(config: &Config) -> Result<SecretString, Failure> {
    if config.signing_key.is_none() && config.data_folder().is_none() {
        tracing::warn!("no ARTEL_SIGNING_KEY: access tokens of this demo are good until it stops");
        return Ok(SecretString::from(secret::random_text()));
    }
    signing_key(config)
}

/// Makes the file, readable by its owner only, unless it is there.
fn make(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            file.write_all(secret::random_text().as_bytes())?;
            file.sync_all()
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}
