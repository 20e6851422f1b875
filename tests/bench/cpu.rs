//! What processes cost, read from `/proc`. Where there is none, nothing is known.

use std::{collections::HashMap, fs, time::Duration};

use crate::{
    Result,
    database::{Server, Size, numbers},
};

/// The unit of `/proc/PID/stat` on Linux.
const TICK: Duration = Duration::from_millis(10);
/// PostgreSQL's own processes that work for everybody: they write what commits leave behind.
const SHARED: &str = "'walwriter', 'checkpointer', 'background writer'";

/// User and system time of a process.
pub fn of(process: u32) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in parentheses, may hold anything.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |place: usize| fields.get(place)?.parse::<u32>().ok();
    Some(TICK * (ticks(11)? + ticks(12)?))
}

/// A line of `/proc/PID/status` in MiB, such as `VmRSS`.
pub fn memory(process: u32, line: &str) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|it| it.strip_prefix(line)?.strip_prefix(':'))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}

/// What everything on the machine together has used.
fn of_all() -> Option<Duration> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let mut fields = text.lines().next()?.split_whitespace().skip(1).map(str::parse::<u32>);
    let mut next = || fields.next()?.ok();
    let (user, nice, system) = (next()?, next()?, next()?);
    Some(TICK * (user + nice + system))
}

/// What was used until now by those who take part.
pub struct Reading {
    server: Option<Duration>,
    database: HashMap<u32, Duration>,
    own: Option<Duration>,
    all: Option<Duration>,
}

/// What was used between two readings.
#[derive(Clone, Copy, Default)]
pub struct Used {
    /// By the server.
    pub server: Option<Duration>,
    /// By the connections to the database, and PostgreSQL's writers.
    pub database: Option<Duration>,
    /// By nobody who takes part: what else ran on the machine.
    pub others: Option<Duration>,
}

impl Reading {
    /// Reads. `postgres` is none where the database lives in the server.
    pub async fn take(server: u32, postgres: Option<(&Server, Size)>) -> Result<Self> {
        let mut database = HashMap::new();
        if let Some((postgres, size)) = postgres {
            let sql = format!(
                "select pid::bigint from pg_stat_activity where datname = '{}' or backend_type in ({SHARED})",
                size.copy()
            );
            for process in numbers(&postgres.connection, &sql).await? {
                let process = u32::try_from(process)?;
                database.extend(of(process).map(|used| (process, used)));
            }
        }
        Ok(Self { server: of(server), database, own: of(std::process::id()), all: of_all() })
    }

    /// What was used since an earlier reading.
    pub fn since(&self, before: &Self) -> Used {
        let difference = |after: Option<Duration>, before: Option<Duration>| after?.checked_sub(before?);
        let server = difference(self.server, before.server);
        let database = self.database.iter().map(|(process, used)| {
            let before = before.database.get(process).copied().unwrap_or_default();
            used.saturating_sub(before)
        });
        let database: Duration = database.sum();
        let own = difference(self.own, before.own);
        let all = difference(self.all, before.all);
        let others = all
            .map(|all| all.saturating_sub(server.unwrap_or_default() + database + own.unwrap_or_default()));
        Used { server, database: (!self.database.is_empty()).then_some(database), others }
    }
}
