//! The real binary as a process of its own, to be killed, stopped and starved.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{LazyLock, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{World, world::SIGNING_KEY};

/// How long a start may take, on a machine that is busy with other tests.
const START: Duration = Duration::from_secs(60);

/// A running server.
#[derive(Debug)]
pub struct Process {
    child: Child,
    address: SocketAddr,
    log: Option<JoinHandle<String>>,
}

/// The binary, built from the sources at hand.
static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo).args(["build", "--quiet", "-p", "artel-api", "--bin", "artel"]).status();
    assert!(built.unwrap().success(), "the binary does not build");
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).expect("tests lie in target/debug/deps").join("artel")
});

impl Process {
    /// Starts the server on the database of a world, as a word in front of the command wants it (`strace …`), with
    /// further settings; it answers when this returns.
    pub fn start(world: &World, before: &[&str], settings: &[(&str, &str)]) -> Self {
        let binary = BINARY.to_str().unwrap();
        let line: Vec<&str> = before.iter().copied().chain([binary, "serve"]).collect();
        let mut child = Command::new(line[0])
            .args(&line[1..])
            .env("ARTEL_LISTEN", "127.0.0.1:0")
            .env("ARTEL_WORKERS", "1")
            .env("ARTEL_RATE_LIMITS", "off")
            .env("ARTEL_SIGNING_KEY", SIGNING_KEY)
            .env("ARTEL_DATABASE_URL", world.database_url())
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = thread::spawn(move || {
            let mut log = Vec::new();
            stderr.read_to_end(&mut log).unwrap();
            String::from_utf8_lossy(&log).into_owned()
        });
        match listening(&mut child) {
            Some(address) => Self { child, address, log: Some(log) },
            None => panic!("the server did not start: {}", log.join().unwrap()),
        }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it in the middle of whatever it does, as `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, as a supervisor does.
    pub fn terminate(&self) {
        let status = Command::new("kill").args(["-TERM", &self.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits until it has stopped by itself: how, and all that it logged.
    pub fn wait(mut self, patience: Duration) -> (ExitStatus, String) {
        let started = Instant::now();
        while started.elapsed() < patience {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, self.log.take().unwrap().join().unwrap());
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("it did not stop within {patience:?}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address that the server says it listens on; the rest of what it says is read and forgotten.
fn listening(child: &mut Child) -> Option<SocketAddr> {
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let (found, address) = mpsc::channel();
    thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            if let Some(address) = line.strip_prefix("Listening on http://") {
                let _ = found.send(address.parse().unwrap());
            }
        }
    });
    address.recv_timeout(START).ok()
}
