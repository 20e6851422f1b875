//! A PostgreSQL of one test's own, for what no other test may notice: restarting it.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A server that `scripts/with-postgres` started from installed binaries; it ends with this.
#[derive(Debug)]
pub struct Cluster {
    /// Its address, as the configuration takes it.
    pub url: String,
    keeper: Child,
}

impl Cluster {
    /// Starts one; nothing where no binaries are installed.
    pub fn start() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        // The script ends the server when its command ends, which is when nobody writes to it any more.
        let mut keeper = Command::new(root.join("scripts/with-postgres"))
            .args(["sh", "-c", "echo $ARTEL_TEST_POSTGRES_URL; exec cat >/dev/null"])
            .env("ARTEL_TEST_POSTGRES", "installed")
            .env_remove("ARTEL_TEST_POSTGRES_URL")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let url = url.trim().to_owned();
        if url.is_empty() {
            keeper.wait().unwrap();
            return None;
        }
        // What the script starts forgets what it had not written yet; here it must keep what it acknowledged.
        Some(Self { url: format!("{url}?options[synchronous_commit]=on"), keeper })
    }

    /// Restarts a server whose data lie in this folder, without letting anybody finish; it answers when this returns.
    pub fn restart(folder: &str) {
        let options = std::fs::read_to_string(Path::new(folder).join("postmaster.opts")).unwrap();
        let postgres = PathBuf::from(options.split_whitespace().next().expect("it names the program"));
        let pg_ctl = postgres.with_file_name("pg_ctl");
        let log = format!("{folder}/restart.log");
        let restart = ["-D", folder, "-l", &log, "-m", "immediate", "-w", "-t", "60", "restart"];
        let mut command = Command::new(&pg_ctl);
        if is_root() {
            command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(&pg_ctl);
        }
        let status = command.args(restart).current_dir("/").stdout(Stdio::null()).status().unwrap();
        assert!(status.success(), "{status}");
    }
}

/// PostgreSQL refuses to run as root.
fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
