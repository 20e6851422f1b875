//! Requests byte by byte, for what no well-behaved client sends.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{Person, World};

/// Longer than every deadline of the server.
const PATIENCE: Duration = Duration::from_secs(40);

/// A connection to a server.
#[derive(Debug)]
pub struct Wire(TcpStream);

impl World {
    /// A new connection to the server.
    pub async fn wire(&self) -> Wire {
        Wire::connect(self.address()).await
    }
}

/// The lines of a head up to its last, with the credential of a person.
pub fn head(who: &Person, request_line: &str, headers: &[&str]) -> String {
    let own =
        format!("{request_line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n", who.bearer);
    headers.iter().fold(own, |head, header| head + header + "\r\n")
}

impl Wire {
    /// Connects.
    pub async fn connect(address: std::net::SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// Sends some bytes.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Everything that comes until the server closes the connection.
    pub async fn rest(mut self) -> String {
        let mut bytes = Vec::new();
        let read = self.0.read_to_end(&mut bytes);
        // A server that closes while it is sent to resets the connection; what it said before counts.
        let _ = tokio::time::timeout(PATIENCE, read).await.expect("the server closes the connection");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What has come when the server has sent this text.
    pub async fn until(&mut self, text: &str) -> String {
        let mut seen = String::new();
        while !seen.contains(text) {
            let mut bytes = [0; 4096];
            let read = tokio::time::timeout(PATIENCE, self.0.read(&mut bytes)).await;
            let length = read.expect("the server answers").unwrap();
            assert!(length > 0, "the connection ended after {seen:?}");
            seen += &String::from_utf8_lossy(&bytes[..length]);
        }
        seen
    }
}
