//! The server that is measured: the release binary beside this one, ended when it goes out of scope.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    Result,
    http::{Client, request},
};

const START: Duration = Duration::from_secs(20);

/// A running server.
pub struct Artel {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// How long it took from the start of the process to the first answer of `/health/ready`.
    pub first_answer: Duration,
}

impl Artel {
    /// Starts the server on a free port.
    pub async fn start(database_url: &str, key: &str) -> Result<Self> {
        let started = Instant::now();
        let mut command = Command::new(binary()?);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ARTEL_") {
                command.env_remove(name);
            }
        }
        command.args(["serve", "--listen", "127.0.0.1:0", "--rate-limits", "off", "--log", "warn"]);
        command.env("ARTEL_DATABASE_URL", database_url).env("ARTEL_SIGNING_KEY", key);
        let child = command.stdout(Stdio::piped()).spawn()?;
        // From here on it is ended whatever happens.
        let mut server =
            Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), first_answer: Duration::ZERO };
        let output = server.child.stdout.take().ok_or("the server has no output")?;
        // This thread may have to pass on what the server sends to its database.
        server.address = tokio::task::spawn_blocking(|| read_address(output)).await??;
        server.wait(started).await?;
        server.first_answer = started.elapsed();
        Ok(server)
    }

    /// The id of the process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    async fn wait(&self, started: Instant) -> Result<()> {
        let ask = request("GET", "/health/ready", "", None);
        while started.elapsed() < START {
            let mut client = Client::connect(self.address).await?;
            if client.send(&ask).await?.status == 200 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Err("the server did not become ready".into())
    }
}

impl Drop for Artel {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads where the server listens, and goes on reading: a full pipe would stop it.
fn read_address(output: ChildStdout) -> Result<SocketAddr> {
    let mut lines = BufReader::new(output).lines().map_while(std::io::Result::ok);
    let address = lines.find_map(|line| line.strip_prefix("Listening on http://")?.trim().parse().ok());
    let is_trouble = |line: &String| line.contains("WARN") || line.contains("ERROR");
    std::thread::spawn(move || lines.filter(is_trouble).for_each(|line| eprintln!("{line}")));
    address.ok_or_else(|| "the server ended before it listened".into())
}

/// The binary of the server.
pub fn binary() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("artel");
    if path.exists() {
        Ok(path)
    } else {
        Err("build the server first: cargo build --release -p artel-api --bin artel".into())
    }
}
