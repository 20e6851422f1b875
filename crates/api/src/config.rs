//! The configuration: one struct, read from flags and `ARTEL_*` variables, checked at start.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};

mod check;

/// Everything that can be set. Each flag has an environment variable of the same name.
#[expect(clippy::doc_markdown, reason = "clap prints these lines as help")]
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Configuration")]
pub struct Config {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "ARTEL_LISTEN", default_value = "127.0.0.1:8080", global = true)]
    pub listen: SocketAddr,

    /// Where the data lives: sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME
    #[arg(
        long,
        env = "ARTEL_DATABASE_URL",
        default_value = "sqlite://data/artel.db",
        hide_env_values = true,
        global = true
    )]
    pub database_url: SecretString,

    /// The address under which people reach the server, for links in mails
    #[arg(long, env = "ARTEL_PUBLIC_URL", value_name = "URL", global = true)]
    pub public_url: Option<String>,

    /// Secret of at least 32 characters that signs access tokens. With SQLite one is made at the first start and
    /// kept beside the database; with PostgreSQL it must be given, the same on every node
    #[arg(long, env = "ARTEL_SIGNING_KEY", hide_env_values = true, global = true)]
    pub signing_key: Option<SecretString>,

    /// The signing key before the last change: tokens that it signed stay valid until they expire
    #[arg(long, env = "ARTEL_SIGNING_KEY_PREVIOUS", hide_env_values = true, global = true)]
    pub signing_key_previous: Option<SecretString>,

    /// How long an access token is valid
    #[arg(long, env = "ARTEL_ACCESS_TOKEN_TTL", default_value = "15m", value_parser = duration, global = true)]
    pub access_token_ttl: Duration,

    /// Worker threads that answer requests; the number of cores unless set
    #[arg(long, env = "ARTEL_WORKERS", value_parser = clap::value_parser!(u16).range(1..=256), global = true)]
    pub workers: Option<u16>,

    /// Database connections of each worker thread (PostgreSQL), or for reading in all (SQLite)
    #[arg(long, env = "ARTEL_CONNECTIONS", default_value = "4", value_parser = clap::value_parser!(u32).range(1..=64), global = true)]
    pub connections: u32,

    /// Largest JSON body, in bytes
    #[arg(long, env = "ARTEL_BODY_LIMIT", default_value = "1048576", value_parser = clap::value_parser!(u32).range(1024..), global = true)]
    pub body_limit: u32,

    /// Whether callers are limited in their number of requests
    #[arg(long, env = "ARTEL_RATE_LIMITS", value_enum, default_value_t = Switch::On, global = true)]
    pub rate_limits: Switch,

    /// Requests a minute for each caller
    #[arg(long, env = "ARTEL_RATE_LIMIT", default_value = "1200", value_parser = clap::value_parser!(u32).range(1..), global = true)]
    pub rate_limit: u32,

    /// Sign-in attempts a minute for each address and each account
    #[arg(long, env = "ARTEL_SIGN_IN_RATE_LIMIT", default_value = "20", value_parser = clap::value_parser!(u32).range(1..), global = true)]
    pub sign_in_rate_limit: u32,

    /// Networks of reverse proxies whose X-Forwarded-For is believed, separated by commas
    #[arg(long, env = "ARTEL_TRUSTED_PROXIES", value_delimiter = ',', value_name = "CIDR", global = true)]
    pub trusted_proxies: Vec<IpNet>,

    /// Origins whose browsers may call the API, separated by commas, or * for all
    #[arg(long, env = "ARTEL_CORS_ORIGINS", value_delimiter = ',', value_name = "ORIGIN", global = true)]
    pub cors_origins: Vec<String>,

    /// Bearer token that /metrics asks for; without one there are no metrics
    #[arg(long, env = "ARTEL_METRICS_TOKEN", hide_env_values = true, global = true)]
    pub metrics_token: Option<SecretString>,

    /// Mail server: smtps://USER:PASSWORD@HOST, smtp://HOST:PORT?tls=required, or console: to print mails
    #[arg(long, env = "ARTEL_SMTP_URL", hide_env_values = true, global = true)]
    pub smtp_url: Option<SecretString>,

    /// Sender of mails
    #[arg(long, env = "ARTEL_MAIL_FROM", default_value = "Artel <artel@localhost>", global = true)]
    pub mail_from: String,

    /// Form of the log
    #[arg(long, env = "ARTEL_LOG_FORMAT", value_enum, default_value_t = LogFormat::Pretty, global = true)]
    pub log_format: LogFormat,

    /// What to log: a level, or rules such as info,artel_api=debug
    #[arg(
        long,
        env = "ARTEL_LOG",
        default_value = "info,actix_server=warn,actix_http=off,sqlx=warn,sea_orm_migration=warn",
        global = true
    )]
    pub log: String,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// In force.
    On,
    /// Not in force.
    Off,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line for people.
    Pretty,
    /// One JSON object a line, for machines.
    Json,
}

impl Config {
    /// Worker threads that answer requests.
    #[must_use]
    pub fn worker_count(&self) -> usize {
        self.workers.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
    }

    /// The file of the SQLite database, if it is one.
    #[must_use]
    pub fn database_file(&self) -> Option<PathBuf> {
        let path = self.database_url.expose_secret().strip_prefix("sqlite:")?;
        path.strip_prefix("//").unwrap_or(path).split('?').next().map(PathBuf::from)
    }

    /// The folder of the SQLite database, if it is one.
    #[must_use]
    pub fn data_folder(&self) -> Option<PathBuf> {
        self.database_file()?.parent().map(PathBuf::from)
    }

    /// The address under which people reach the server.
    #[must_use]
    pub fn address(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }

    /// A link for people that carries a secret: the front end under the public address answers it.
    #[must_use]
    pub fn link(&self, path: &str, token: &str) -> String {
        format!("{}/{path}?token={token}", self.address().trim_end_matches('/'))
    }

    /// Every setting by its variable, secrets masked.
    #[must_use]
    pub fn in_force(&self) -> Vec<(&'static str, String)> {
        let mut settings = self.of_the_network().to_vec();
        settings.extend(self.of_the_limits());
        settings.extend(self.of_the_outside());
        settings
    }

    fn of_the_network(&self) -> [(&'static str, String); 7] {
        [
            ("ARTEL_LISTEN", self.listen.to_string()),
            ("ARTEL_DATABASE_URL", masked_url(self.database_url.expose_secret())),
            ("ARTEL_PUBLIC_URL", self.address()),
            ("ARTEL_SIGNING_KEY", masked(self.signing_key.as_ref())),
            ("ARTEL_SIGNING_KEY_PREVIOUS", masked(self.signing_key_previous.as_ref())),
            ("ARTEL_TRUSTED_PROXIES", listed(&self.trusted_proxies)),
            ("ARTEL_CORS_ORIGINS", listed(&self.cors_origins)),
        ]
    }

    fn of_the_limits(&self) -> [(&'static str, String); 7] {
        [
            ("ARTEL_ACCESS_TOKEN_TTL", format!("{}s", self.access_token_ttl.as_secs())),
            ("ARTEL_WORKERS", self.worker_count().to_string()),
            ("ARTEL_CONNECTIONS", self.connections.to_string()),
            ("ARTEL_BODY_LIMIT", self.body_limit.to_string()),
            ("ARTEL_RATE_LIMITS", format!("{:?}", self.rate_limits).to_lowercase()),
            ("ARTEL_RATE_LIMIT", self.rate_limit.to_string()),
            ("ARTEL_SIGN_IN_RATE_LIMIT", self.sign_in_rate_limit.to_string()),
        ]
    }

    fn of_the_outside(&self) -> [(&'static str, String); 5] {
        [
            ("ARTEL_METRICS_TOKEN", masked(self.metrics_token.as_ref())),
            ("ARTEL_SMTP_URL", masked(self.smtp_url.as_ref())),
            ("ARTEL_MAIL_FROM", self.mail_from.clone()),
            ("ARTEL_LOG_FORMAT", format!("{:?}", self.log_format).to_lowercase()),
            ("ARTEL_LOG", self.log.clone()),
        ]
    }
}

fn masked(secret: Option<&SecretString>) -> String {
    secret.map_or("(not set)", |_| "********").to_owned()
}

fn listed(items: &[impl ToString]) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    if items.is_empty() { "(none)".to_owned() } else { items.join(",") }
}

/// An address with its password hidden, wherever it stands.
fn masked_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let Some((credentials, host)) = rest.rsplit_once('@') else {
        return format!("{scheme}://{}", masked_query(rest));
    };
    let user = credentials.split([':', '/', '?']).next().unwrap_or_default();
    format!("{scheme}://{user}:********@{}", masked_query(host))
}

fn masked_query(rest: &str) -> String {
    let Some((place, query)) = rest.split_once('?') else {
        return rest.to_owned();
    };
    let masked = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if name.eq_ignore_ascii_case("password") => format!("{name}=********"),
        _ => pair.to_owned(),
    };
    let pairs: Vec<String> = query.split('&').map(masked).collect();
    format!("{place}?{}", pairs.join("&"))
}

/// Reads `90s`, `15m`, `2h` or `1d`.
fn duration(text: &str) -> Result<Duration, String> {
    let help = || format!("{text:?} is no duration: write a number and s, m, h or d, such as 15m");
    let unit = text.chars().last().ok_or_else(help)?;
    let number: u64 = text.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(help)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(help()),
    };
    match number.checked_mul(seconds) {
        Some(seconds @ 1..=2_592_000) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("{text:?} is out of range: between 1s and 30d")),
    }
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches as _;

    use super::*;

    #[test]
    fn durations_are_read_and_bounded() {
        assert_eq!(duration("15m"), Ok(Duration::from_mins(15)));
        assert!(
            duration("15").is_err()
                && duration("m").is_err()
                && duration("0s").is_err()
                && duration("99d").is_err()
        );
    }

    #[test]
    fn a_password_in_an_address_is_masked() {
        assert_eq!(masked_url("postgres://ann:p@ss@db/artel"), "postgres://ann:********@db/artel");
        assert_eq!(masked_url("postgres://db/a?user=ann&password=p@ss"), "postgres://db:********@ss");
        assert_eq!(
            masked_url("postgres:///a?host=db&Password=pass&x=1"),
            "postgres:///a?host=db&Password=********&x=1"
        );
        assert_eq!(masked_url("sqlite://data/artel.db"), "sqlite://data/artel.db");
    }

    fn config(flag: &str, value: &str) -> Config {
        let command = Config::augment_args(clap::Command::new("artel").no_binary_name(true));
        let matches = command.mut_args(|arg| arg.env(None::<&str>)).get_matches_from([flag, value]);
        Config::from_arg_matches(&matches).unwrap()
    }

    #[test]
    fn a_value_that_makes_no_sense_is_named_and_no_secret_is_repeated() {
        for (flag, value, variable) in [
            ("--signing-key", "short secret", "ARTEL_SIGNING_KEY "),
            ("--signing-key-previous", "short secret", "ARTEL_SIGNING_KEY_PREVIOUS "),
            ("--database-url", "sqlite::memory:", "ARTEL_DATABASE_URL"),
            ("--database-url", "sqlite://", "ARTEL_DATABASE_URL"),
            ("--database-url", "sqlite://a.db?mode=memory", "ARTEL_DATABASE_URL"),
            ("--public-url", "artel.example.com", "ARTEL_PUBLIC_URL"),
            ("--public-url", "javascript:alert(1)", "ARTEL_PUBLIC_URL"),
            ("--cors-origins", "app.example.com", "ARTEL_CORS_ORIGINS"),
            ("--cors-origins", "*,https://app.example.com/", "ARTEL_CORS_ORIGINS"),
        ] {
            let refused = config(flag, value).check().unwrap_err();
            assert!(
                refused.starts_with(variable) && !refused.contains("secret"),
                "{flag} {value}: {refused}"
            );
        }
    }

    #[test]
    fn what_makes_sense_is_taken() {
        for (flag, value) in [
            ("--signing-key", "a key of 32 characters, exactly."),
            ("--database-url", "sqlite://data/artel.db?cache=shared"),
            ("--database-url", "postgres://ann@db/artel"),
            ("--public-url", "https://example.com/artel"),
            ("--cors-origins", "*"),
            ("--cors-origins", "http://localhost:3000,https://app.example.com"),
        ] {
            assert_eq!(config(flag, value).check(), Ok(()), "{flag} {value}");
        }
    }
}
