//! The demo: a server with an organisation to look at.

use secrecy::SecretString;

use super::{Failure, key, log, open, serve};
use crate::{
    clock::Clock,
    config::Config,
    demo::{self, Error, Loading, PASSWORD, SIGN_INS},
};

/// Loads the demo organisation where there is none, and serves it. Mail goes to the console unless a mail server is
/// named.
///
/// # Errors
/// A [`Failure`] to print.
pub async fn run(mut config: Config) -> Result<(), Failure> {
    config.smtp_url.get_or_insert_with(|| SecretString::from("console:"));
    log::init(&config)?;
    let db = open(&config).await?;
    let loading = demo::load(&db, Clock::default().now()).await.map_err(refused)?;
    let key = key::demo_key(&config)?;
    serve(config, db, &key, async |_| {
        introduce(loading);
        Ok(())
    })
    .await
}

fn refused(error: Error) -> Failure {
    match error {
        Error::Storage(error) => Failure::Storage(error),
        Error::Taken(_) => Failure::Said(format!(
            "{error}. Name an empty one, for example with --database-url sqlite://data/demo.db, or `artel serve` this one"
        )),
        error => Failure::Said(error.to_string()),
    }
}

/// Tells what is there and how to come in.
fn introduce(loading: Loading) {
    println!();
    match loading {
        Loading::Loaded { people, companies, contacts, projects, tasks } => println!(
            "A demo organisation was loaded: {people} people, {companies} companies, {contacts} contacts, \
             {projects} projects, {tasks} tasks."
        ),
        Loading::Found => println!("The demo organisation was here already; nothing was loaded."),
    }
    println!("Sign in with the password {PASSWORD} as");
    for (address, role) in SIGN_INS {
        println!("  {address:<21}{role}");
    }
}
