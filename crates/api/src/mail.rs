//! Mail: sent through SMTP, printed on the console, or not at all, as the configuration says.

use std::{sync::Arc, time::Duration};

use artel_domain::email::Email;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::{
    config::Config,
    problem::{Code, Result},
};

pub mod text;

/// How long one mail may take to be handed over.
const DEADLINE: Duration = Duration::from_secs(20);
/// How many mails may be on their way at once; what comes on top waits in the task that sends it.
const AT_ONCE: usize = 8;

/// Sends mails.
#[derive(Clone)]
pub struct Mailer {
    way: Way,
    from: Mailbox,
    turns: Arc<Semaphore>,
}

#[derive(Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Console,
    Nowhere,
}

/// A mail before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: Email,
    /// The subject, in one line.
    pub subject: String,
    /// The text.
    pub body: String,
}

impl Mailer {
    /// The mailer that the configuration asks for.
    ///
    /// # Errors
    /// A sentence for the operator when an address is not understood.
    pub fn new(config: &Config) -> std::result::Result<Self, String> {
        let from = config.mail_from.parse().map_err(|_| {
            format!("ARTEL_MAIL_FROM={:?} is no sender: write Name <address@example.com>", config.mail_from)
        })?;
        let way = match config.smtp_url.as_ref().map(SecretString::expose_secret) {
            None => Way::Nowhere,
            Some("console:") => Way::Console,
            Some(url) => Way::Smtp(transport(url)?),
        };
        Ok(Self { way, from, turns: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// Makes sure that mail can be sent at all.
    ///
    /// # Errors
    /// 503 `mail_not_configured`.
    pub fn require(&self) -> Result<()> {
        if self.can_send() { Ok(()) } else { Err(Code::MailNotConfigured.into()) }
    }

    /// Whether mail can be sent at all.
    #[must_use]
    pub const fn can_send(&self) -> bool {
        !matches!(self.way, Way::Nowhere)
    }

    /// Sends a mail. What goes wrong is logged and counted: whoever asked for it has their answer already.
    pub async fn send(&self, mail: Mail) {
        let outcome = match tokio::time::timeout(DEADLINE, self.hand_over(mail)).await {
            Ok(Ok(())) => "sent",
            Ok(Err(cause)) => {
                tracing::error!(%cause, "a mail was not sent");
                "failed"
            }
            Err(_) => {
                tracing::error!("the mail server did not take a mail in time");
                "failed"
            }
        };
        metrics::counter!("artel_mails_total", "outcome" => outcome).increment(1);
    }

    async fn hand_over(&self, mail: Mail) -> std::result::Result<(), String> {
        let _turn = self.turns.acquire().await.map_err(|cause| cause.to_string())?;
        let Mail { to, subject, body } = mail;
        match &self.way {
            Way::Nowhere => Err("no mail server is configured".to_owned()),
            Way::Console => {
                println!("--- mail to {to}: {subject}\n{body}\n---");
                Ok(())
            }
            Way::Smtp(transport) => {
                let to: Mailbox =
                    to.as_str().parse().map_err(|_| "the address is none for mail".to_owned())?;
                let message = Message::builder()
                    .from(self.from.clone())
                    .to(to)
                    .subject(subject)
                    .header(ContentType::TEXT_PLAIN)
                    .body(body)
                    .map_err(|cause| cause.to_string())?;
                transport.send(message).await.map(|_| ()).map_err(|cause| cause.to_string())
            }
        }
    }
}

fn transport(url: &str) -> std::result::Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| {
        "ARTEL_SMTP_URL is not understood: write smtps://USER:PASSWORD@HOST, smtp://HOST:PORT?tls=required, \
         or console: to print mails"
            .to_owned()
    })?;
    Ok(builder.timeout(Some(DEADLINE)).build())
}
