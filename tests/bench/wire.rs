//! Listens in between the server and PostgreSQL: which statements it sends, with which values. It understands as much
//! of the protocol (version 3) as that takes, and works with any server, without extensions.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{NaiveDate, TimeDelta};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::Result;

/// The codes of a request for encryption: TLS and GSSAPI.
const ENCRYPTION: [u32; 2] = [80_877_103, 80_877_104];

/// A value of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The name of its type, to cast to.
    pub kind: &'static str,
    /// The value as text; none for NULL.
    pub text: Option<String>,
}

/// A statement that was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// The SQL, with `$1` and so on.
    pub sql: String,
    /// The values; an error where one has a type that is not known here.
    pub values: std::result::Result<Vec<Value>, String>,
}

type Log = Arc<Mutex<Vec<Executed>>>;

/// A place to connect to instead of the database.
pub struct Tap {
    /// Where it listens.
    pub address: SocketAddr,
    log: Log,
}

impl Tap {
    /// Starts to listen in front of `upstream`, a host with a port.
    pub async fn start(upstream: String) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let log = Log::default();
        let shared = log.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (upstream, log) = (upstream.clone(), shared.clone());
                tokio::spawn(async move { connect(stream, upstream, log).await });
            }
        });
        Ok(Self { address, log })
    }

    /// What was executed since the last call.
    pub fn take(&self) -> Vec<Executed> {
        std::mem::take(&mut *self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn connect(client: TcpStream, upstream: String, log: Log) -> Result<()> {
    let server = TcpStream::connect(upstream).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let (mut from_client, mut to_client) = (from_client, to_client);
    let mut to_server = to_server;
    begin(&mut from_client, &mut to_client, &mut to_server).await?;
    let answers = tokio::spawn(copy(from_server, to_client));
    let mut listener = Listener { log, prepared: HashMap::new(), bound: HashMap::new() };
    let result = listener.relay(from_client, to_server).await;
    answers.abort();
    result
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    // Either side may go away at any time; the other one sees the connection end.
    let _ = tokio::io::copy(&mut from, &mut to).await;
}

/// Passes the first message on; encryption is refused, so that the rest can be read.
async fn begin(from: &mut OwnedReadHalf, back: &mut OwnedWriteHalf, to: &mut OwnedWriteHalf) -> Result<()> {
    loop {
        let length = from.read_u32().await?;
        let mut rest = vec![0; usize::try_from(length)?.saturating_sub(4)];
        from.read_exact(&mut rest).await?;
        let code = Reader(&rest).u32();
        if code.is_some_and(|code| ENCRYPTION.contains(&code)) {
            back.write_all(b"N").await?;
            continue;
        }
        to.write_u32(length).await?;
        to.write_all(&rest).await?;
        return Ok(());
    }
}

struct Listener {
    log: Log,
    /// SQL and types of the values, by the statement's name.
    prepared: HashMap<String, (String, Vec<u32>)>,
    /// What a portal executes, by its name.
    bound: HashMap<String, Executed>,
}

impl Listener {
    async fn relay(&mut self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> Result<()> {
        loop {
            let mut head = [0; 5];
            from.read_exact(&mut head).await?;
            let length = Reader(&head[1..]).u32().unwrap_or_default();
            let mut rest = vec![0; usize::try_from(length)?.saturating_sub(4)];
            from.read_exact(&mut rest).await?;
            self.note(head[0], &rest);
            to.write_all(&[&head, rest.as_slice()].concat()).await?;
        }
    }

    fn note(&mut self, kind: u8, message: &[u8]) {
        let mut reader = Reader(message);
        let executed = match kind {
            b'P' => {
                self.parse(&mut reader);
                None
            }
            b'B' => {
                self.bind(&mut reader);
                None
            }
            b'E' => reader.text().and_then(|portal| self.bound.get(&portal).cloned()),
            b'Q' => reader.text().map(|sql| Executed { sql, values: Ok(Vec::new()) }),
            _ => None,
        };
        self.log.lock().unwrap_or_else(PoisonError::into_inner).extend(executed);
    }

    fn parse(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let (name, sql) = (reader.text()?, reader.text()?);
        let types = (0..reader.u16()?).map_while(|_| reader.u32()).collect();
        self.prepared.insert(name, (sql, types));
        Some(())
    }

    fn bind(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let (portal, name) = (reader.text()?, reader.text()?);
        let (sql, types) = self.prepared.get(&name)?.clone();
        for _ in 0..reader.u16()? {
            reader.u16()?;
        }
        let count = reader.u16()?;
        let values = (0..usize::from(count)).map(|place| {
            let bytes = reader.value().ok_or("a value is cut off")?;
            value(types.get(place).copied().unwrap_or_default(), bytes)
        });
        let values = values.collect();
        self.bound.insert(portal, Executed { sql, values });
        Some(())
    }
}

/// A value in the binary format, by the number of its type in `pg_type`.
fn value(kind: u32, bytes: Option<&[u8]>) -> std::result::Result<Value, String> {
    let name = match kind {
        16 => "bool",
        20 => "bigint",
        21 => "smallint",
        23 => "integer",
        25 | 1043 => "text",
        1082 => "date",
        other => return Err(format!("values of the type {other} cannot be replayed")),
    };
    let text = bytes.map(|bytes| match kind {
        16 => (bytes != [0]).to_string(),
        20 | 21 | 23 => whole_number(bytes).to_string(),
        1082 => day(whole_number(bytes)),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    });
    Ok(Value { kind: name, text })
}

/// A day, counted from 2000-01-01.
fn day(number: i64) -> String {
    let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
    (first + TimeDelta::days(number)).to_string()
}

/// A number in two's complement, the highest byte first.
fn whole_number(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let start = if negative { -1 } else { 0 };
    bytes.iter().fold(start, |number, byte| (number << 8) | i64::from(*byte))
}

/// Reads a message from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<String> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = String::from_utf8_lossy(self.take(end)?).into_owned();
        self.take(1)?;
        Some(text)
    }

    /// A value with its length in front; a length of -1 is NULL.
    fn value(&mut self) -> Option<Option<&'a [u8]>> {
        match self.u32()? {
            u32::MAX => Some(None),
            length => self.take(usize::try_from(length).ok()?).map(Some),
        }
    }
}
