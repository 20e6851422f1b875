//! Writers that remember what they were promised, to compare it with what is there.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering},
};

use artel_tests::{Method, Person, World, json};
use futures_util::future::join_all;

/// How many write at once.
const WRITERS: u32 = 8;

/// What became of the writes of a run.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The contacts that were acknowledged, by id.
    pub acknowledged: BTreeMap<i64, String>,
    /// The names of contacts that may or may not be there: nothing was answered, or that the disk failed.
    pub unknown: Vec<String>,
    /// How many were refused because the disk failed.
    pub refused: u32,
}

/// What one write came to.
enum Outcome {
    Acknowledged(i64),
    Refused,
    Unanswered,
}

/// When writers end.
#[derive(Debug)]
pub struct Until {
    stopped: AtomicBool,
    refusals_left: AtomicI64,
}

impl Until {
    /// When they have been refused so often between them, if nobody stops them before.
    pub const fn refused(times: i64) -> Self {
        Self { stopped: AtomicBool::new(false), refusals_left: AtomicI64::new(times) }
    }

    /// Stops them.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn has_come(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) || self.refusals_left.load(Ordering::Relaxed) <= 0
    }
}

/// Writes until the end has come or the server answers no more.
pub async fn write(world: &World, who: &Person, run: &str, until: &Until) -> Ledger {
    let numbers = AtomicU32::new(0);
    let writer = async || {
        let mut ledger = Ledger::default();
        while !until.has_come() {
            let name = format!("{run} {}", numbers.fetch_add(1, Ordering::Relaxed));
            match create(world, who, &name).await {
                Outcome::Acknowledged(id) => {
                    ledger.acknowledged.insert(id, name);
                    err(world, who).await;
                }
                Outcome::Refused => {
                    ledger.unknown.push(name);
                    ledger.refused += 1;
                    until.refusals_left.fetch_sub(1, Ordering::Relaxed);
                }
                Outcome::Unanswered => {
                    ledger.unknown.push(name);
                    break;
                }
            }
        }
        ledger
    };
    let mut all = Ledger::default();
    for ledger in join_all((0..WRITERS).map(|_| writer())).await {
        all.add(ledger);
    }
    all
}

/// Creates a contact, with its name as the key of the retry.
async fn create(world: &World, who: &Person, name: &str) -> Outcome {
    let request = world.request(Some(who), Method::POST, "/api/v1/contacts");
    let request = request.header("idempotency-key", name.replace(' ', "-")).json(&json!({"last_name": name}));
    match request.try_send().await {
        Some(answer) if answer.status == 201 => Outcome::Acknowledged(answer.id()),
        Some(answer) => {
            assert_eq!(
                (answer.status, answer.body["code"].as_str()),
                (503, Some("unavailable")),
                "{}",
                answer.text()
            );
            Outcome::Refused
        }
        None => Outcome::Unanswered,
    }
}

/// Sends what is refused only inside of its transaction. A connection that lost count of its transactions keeps one
/// open after the rollback, and loses what is written through it from then on.
async fn err(world: &World, who: &Person) {
    let body = json!({"last_name": "Never there", "companies": [{"company_id": 999_999_999}]});
    let request = world.request(Some(who), Method::POST, "/api/v1/contacts").json(&body);
    if let Some(answer) = request.try_send().await {
        assert!([422, 503].contains(&answer.status), "{}", answer.text());
    }
}

impl Ledger {
    /// Adds what another writer or run remembers.
    pub fn add(&mut self, other: Self) {
        let Self { acknowledged, unknown, refused } = other;
        self.acknowledged.extend(acknowledged);
        self.unknown.extend(unknown);
        self.refused += refused;
    }

    /// Sends again what came to no good end: each is acknowledged now, whether or not it had happened.
    pub async fn settle(&mut self, world: &World, who: &Person) {
        for name in std::mem::take(&mut self.unknown) {
            let Outcome::Acknowledged(id) = create(world, who, &name).await else {
                panic!("{name} is not taken now");
            };
            assert!(self.acknowledged.insert(id, name).is_none(), "one contact for two names");
        }
    }

    /// Compares with what is there: every contact that was acknowledged, once, with one activity, and no other.
    pub async fn compare(&self, world: &World) {
        let rows = world.query("select id, last_name from contact order by id").await;
        let there: BTreeMap<i64, String> = rows
            .iter()
            .map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap()))
            .collect();
        let lost: Vec<_> =
            self.acknowledged.iter().filter(|(id, name)| there.get(id) != Some(name)).collect();
        assert!(
            lost.is_empty(),
            "{} of {} acknowledged writes are lost: {lost:?}",
            lost.len(),
            self.acknowledged.len()
        );
        assert_eq!(there.len(), self.acknowledged.len(), "something is there that was never acknowledged");
        let twins = "select count(*) from contact where id not in \
            (select object_id from activity where object_kind = 'contact' and verb = 'created')";
        assert_eq!(world.value::<i64>(twins).await, 0, "contacts without their activity");
        let traces = "select count(*) from activity where object_kind = 'contact'";
        assert_eq!(
            world.value::<i64>(traces).await,
            world.count("contact").await,
            "activities without their contact"
        );
    }
}
