//! A load: so many connections that each send the next request when the last one is answered, for a while.

use std::{
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::task::{JoinSet, LocalSet};

use crate::{Result, http::Client, invent::draw, operation::Operation};

/// No load sends more than this, however fast the answers come.
const MOST_REQUESTS: i64 = 200_000;

/// What came of a load.
pub struct Measured {
    /// Requests that were answered, all with success.
    pub requests: usize,
    /// How long it took.
    pub elapsed: Duration,
    latencies: Vec<Duration>,
}

impl Measured {
    /// Requests in a second.
    pub fn rate(&self) -> f64 {
        count(self.requests) / self.elapsed.as_secs_f64()
    }

    /// The time within which so many of a hundred requests were answered.
    pub fn percentile(&self, percent: usize) -> Duration {
        let place = self.latencies.len() * percent / 100;
        let place = place.min(self.latencies.len().saturating_sub(1));
        self.latencies.get(place).copied().unwrap_or_default()
    }

    /// A cost spread over the requests.
    pub fn each(&self, cost: Duration) -> Duration {
        cost.checked_div(u32::try_from(self.requests).unwrap_or(u32::MAX)).unwrap_or_default()
    }
}

/// A count to reckon with.
pub fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}

/// Runs a load. `salt` makes its draws differ from those of other loads.
pub async fn run(
    address: SocketAddr,
    operation: &Rc<Operation>,
    connections: usize,
    time: Duration,
    salt: u64,
) -> Result<Measured> {
    let mut clients = Vec::new();
    for _ in 0..connections {
        clients.push(Client::connect(address).await?);
    }
    let started = Instant::now();
    let mut lanes = JoinSet::new();
    let local = LocalSet::new();
    for (lane, client) in (0_i64..).zip(clients) {
        let share = MOST_REQUESTS / i64::try_from(connections)?;
        let first = lane * share;
        let draws = (first..first + share).map(move |number| draw(number, salt));
        lanes.spawn_local_on(repeat(client, operation.clone(), draws, started + time), &local);
    }
    let joined = local.run_until(async { lanes.join_all().await }).await;
    let elapsed = started.elapsed();
    let mut latencies = Vec::new();
    for lane in joined {
        latencies.extend(lane?);
    }
    latencies.sort_unstable();
    Ok(Measured { requests: latencies.len(), elapsed, latencies })
}

async fn repeat(
    mut client: Client,
    operation: Rc<Operation>,
    draws: impl Iterator<Item = u64>,
    end: Instant,
) -> Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    for draw in draws {
        let Some((request, _)) = operation.request(draw) else {
            break;
        };
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        let answer = client.send(&request).await?;
        latencies.push(sent.elapsed());
        if !(200..300).contains(&answer.status) {
            let text = String::from_utf8_lossy(answer.body);
            return Err(format!("{}: {} {text}", operation.name, answer.status).into());
        }
    }
    Ok(latencies)
}
