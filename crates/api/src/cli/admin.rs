//! Administrators from the command line: the operator's way in, at the first start and whenever nobody else is left.

use std::io::{self, BufRead as _};

use artel_domain::{
    email::Email,
    error::{Conflict, Error as Refusal},
    password::Password,
    user::{Locale, PersonName},
};
use artel_persistence::{Db, Error as StorageError, organisation};
use clap::{Args, Subcommand};

use super::{Failure, open};
use crate::{clock::Clock, config::Config, password::hashing::digest, secret, setup};

/// What to do about administrators.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Add an administrator, and print the password that was made for them
    Create(Create),
}

/// An administrator to add.
#[derive(Debug, Args)]
pub struct Create {
    /// The e-mail address to sign in with
    #[arg(long)]
    email: Email,
    /// First name
    #[arg(long)]
    first_name: PersonName,
    /// Last name
    #[arg(long)]
    last_name: PersonName,
    /// Language of messages to them: en or ru
    #[arg(long, default_value = "en")]
    locale: Locale,
    /// Read the password from the first line of the standard input, in place of making one
    #[arg(long)]
    password_stdin: bool,
}

/// Does what the command line says about administrators.
///
/// # Errors
/// A [`Failure`] to print.
pub async fn run(config: &Config, admin: Admin) -> Result<(), Failure> {
    let Admin::Create(create) = admin;
    let db = open(config).await?;
    let text = if create.password_stdin { first_line()? } else { secret::random_text() };
    let password = Password::try_from(text)
        .map_err(|fault| Failure::Said(format!("the password {fault}: it needs 10 to 128 characters")))?;
    if let Some(fault) = password.check(&create.email, "") {
        return Err(Failure::Said(format!("the password {}", fault.message)));
    }
    let email = insert(&db, &create, &password).await?;
    println!("{email} can sign in as an administrator.");
    if !create.password_stdin {
        println!("Password, shown this once: {}", password.expose());
    }
    Ok(())
}

fn first_line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn insert(db: &Db, create: &Create, password: &Password) -> Result<Email, Failure> {
    let zone = organisation::find(db.reader()).await?.fields.time_zone;
    let admin = setup::Admin {
        email: create.email.clone(),
        first_name: create.first_name.clone(),
        last_name: create.last_name.clone(),
        time_zone: zone,
        locale: create.locale,
    };
    let hash = digest(password.expose()).map_err(|cause| Failure::Said(cause.to_string()))?;
    let user = setup::create_admin(db, admin, &hash, Clock::default().now()).await;
    match user {
        Ok(user) => Ok(user.fields.email),
        Err(StorageError::Refused(Refusal::Conflict(Conflict::Duplicate))) => {
            Err(Failure::Said(format!("somebody has the address {} already", create.email)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Tells whoever started the server how the first administrator comes in, as long as there is none.
///
/// # Errors
/// Those of the database.
pub async fn announce_setup(db: &Db, address: &str) -> Result<(), Failure> {
    let Some(token) = setup::issue_token(db).await? else {
        return Ok(());
    };
    println!("Nobody can sign in yet. Make the first administrator, either with");
    println!("  artel admin create --email YOU@EXAMPLE.COM --first-name YOUR --last-name NAME");
    println!("or with POST {address}/api/v1/setup and this token, good until the next start:");
    println!("  {token}");
    Ok(())
}
