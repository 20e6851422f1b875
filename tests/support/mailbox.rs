//! A mail server that keeps what it gets, for tests that read mails.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufStream},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// Mails that arrive here.
#[derive(Debug)]
pub struct Mailbox {
    address: SocketAddr,
    mails: mpsc::UnboundedReceiver<String>,
}

impl Mailbox {
    /// Opens a mail server on a free port.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, mails) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, sender.clone()));
            }
        });
        Self { address, mails }
    }

    /// Its address, as the configuration takes it.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// The next mail, headers and all.
    pub async fn next(&mut self) -> String {
        self.mails.recv().await.expect("a mail arrives")
    }

    /// Whether nothing has arrived so far.
    pub fn is_empty(&self) -> bool {
        self.mails.is_empty()
    }
}

/// Speaks as much SMTP (RFC 5321) as a client needs to hand over mails.
async fn serve(stream: TcpStream, mails: mpsc::UnboundedSender<String>) {
    let mut stream = BufStream::new(stream);
    let mut reply = "220 mailbox\r\n";
    let (mut mail, mut in_mail) = (String::new(), false);
    loop {
        stream.write_all(reply.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or_default() == 0 {
            return;
        }
        reply = match line.trim_end() {
            "." if in_mail => {
                in_mail = false;
                mails.send(plain(&std::mem::take(&mut mail))).unwrap();
                "250 kept\r\n"
            }
            _ if in_mail => {
                mail.push_str(&line);
                ""
            }
            "DATA" => {
                in_mail = true;
                "354 go on\r\n"
            }
            _ => "250 mailbox\r\n",
        };
    }
}

/// The mail without its quoted-printable encoding (RFC 2045), as far as links need it.
fn plain(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=3D", "=")
}

/// What follows `token=` in a mail.
#[track_caller]
pub fn token_in(mail: &str) -> String {
    let (_, rest) = mail.split_once("token=").expect("the mail holds a link");
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
}
