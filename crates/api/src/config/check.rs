//! What must hold of the configuration beyond what each value says of itself. Sentences for the operator, which repeat
//! no secret.

use actix_web::http::Uri;
use secrecy::{ExposeSecret as _, SecretString};

use super::Config;

/// The fewest characters of a signing key.
const KEY_LENGTH: usize = 32;

impl Config {
    /// Finds the first value that makes no sense.
    ///
    /// # Errors
    /// A sentence about it.
    pub fn check(&self) -> Result<(), String> {
        check_key("ARTEL_SIGNING_KEY", self.signing_key.as_ref())?;
        check_key("ARTEL_SIGNING_KEY_PREVIOUS", self.signing_key_previous.as_ref())?;
        self.check_database()?;
        if let Some(url) = self.public_url.as_ref().filter(|url| !is_web(url)) {
            return Err(format!("ARTEL_PUBLIC_URL={url} is no address: write https://artel.example.com"));
        }
        let is_known = |origin: &&String| *origin == "*" || is_origin(origin);
        match self.cors_origins.iter().find(|origin| !is_known(origin)) {
            Some(origin) => Err(format!(
                "ARTEL_CORS_ORIGINS: {origin:?} is no origin: write https://app.example.com, without a path, or *"
            )),
            None => Ok(()),
        }
    }

    /// SQLite in memory would be another database for each connection.
    fn check_database(&self) -> Result<(), String> {
        let in_memory = self.database_url.expose_secret().contains("mode=memory");
        match self.database_file() {
            Some(file) if in_memory || file.as_os_str().is_empty() || file.starts_with(":memory:") => {
                Err("ARTEL_DATABASE_URL: SQLite needs a file: write sqlite://data/artel.db".to_owned())
            }
            _ => Ok(()),
        }
    }
}

fn check_key(variable: &str, key: Option<&SecretString>) -> Result<(), String> {
    let is_short = |key: &SecretString| key.expose_secret().chars().count() < KEY_LENGTH;
    if key.is_some_and(is_short) {
        return Err(format!(
            "{variable} needs at least {KEY_LENGTH} characters, for example from `openssl rand -base64 32`"
        ));
    }
    Ok(())
}

fn is_web(text: &str) -> bool {
    let scheme = |url: &Uri| matches!(url.scheme_str(), Some("http" | "https"));
    text.parse::<Uri>().is_ok_and(|url| scheme(&url) && url.authority().is_some())
}

/// Browsers send scheme, host and port, and nothing after them.
fn is_origin(text: &str) -> bool {
    is_web(text) && text.split_once("://").is_some_and(|(_, rest)| !rest.contains(['/', '?', '#']))
}
