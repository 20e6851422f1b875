//! The operations on PostgreSQL: what each of them sends to the database, how fast it is over HTTP, and how fast
//! pgbench is with the same statements.

use std::{path::PathBuf, rc::Rc, time::Duration};

use artel_api::secret;
use artel_domain::actor::UserId;
use artel_persistence::Db;

use crate::{
    Result, Settings,
    cpu::Reading,
    database::{Server, Size, with_host},
    http::{Client, request},
    load,
    operation::{
        Inputs, Operation, contacts,
        task::{Caller, MINE, tasks},
    },
    people,
    replay::{Replay, Sample},
    report::{Row, Sides},
    seed::CONTACTS,
    server::Artel,
    wire::{Executed, Tap, Value},
};

/// How many connections the load comes over.
pub const CONNECTIONS: [usize; 2] = [1, 16];
const WARM_UP: Duration = Duration::from_millis(300);
/// How often an operation is recorded; what comes in between, such as who calls, is in some of them only.
const ROUNDS: u64 = 3;
const PAGE: u64 = 50;
const FAR: u64 = 1000;

/// What was measured, and how much memory the server took.
pub struct Outcome {
    /// A line for each operation and number of connections.
    pub rows: Vec<Row>,
    /// The most memory that the server took, in MiB.
    pub memory: Option<f64>,
}

/// An operation with what it executes.
struct Recorded {
    operation: Rc<Operation>,
    samples: Vec<Sample>,
}

impl Recorded {
    /// Leaves out the inputs whose SQL differs from that of the first, so that both sides do the same.
    fn new(operation: Operation, mut samples: Vec<Sample>) -> Self {
        if let Some((first, others)) = samples.split_first() {
            let like: Vec<bool> = others.iter().map(|sample| sample.is_like(first)).collect();
            let mut like = [true].into_iter().chain(like);
            samples.retain(|_| like.next().unwrap_or_default());
        }
        let draws: Vec<u64> = samples.iter().map(|sample| sample.draw).collect();
        Self { operation: Rc::new(operation.only(&draws)), samples }
    }
}

/// Measures every operation whose name the settings ask for.
pub async fn measure(server: &Server, settings: &Settings) -> Result<Outcome> {
    let url = server.url(Size::Large);
    let someone = Someone::sign_in(&url).await?;
    eprintln!("recording the statements");
    let recorded = record(&url, &someone, settings).await?;
    if settings.statements {
        recorded.iter().for_each(print);
        return Ok(Outcome { rows: Vec::new(), memory: None });
    }
    let artel = Artel::start(&url, &someone.key).await?;
    let mut rows = Vec::new();
    for recorded in &recorded {
        rows.extend(compare(server, &artel, recorded, settings).await?);
    }
    Ok(Outcome { rows, memory: crate::cpu::memory(artel.process(), "VmHWM") })
}

/// Prints what an operation executes for its first input.
fn print(recorded: &Recorded) {
    println!("\n### {}\n", recorded.operation.name);
    for Executed { sql, values } in recorded.samples.iter().take(1).flat_map(|sample| &sample.statements) {
        println!("{sql}");
        let texts =
            |values: &Vec<Value>| values.iter().map(|value| value.text.clone().unwrap_or_default()).collect();
        let values: Vec<String> = values.as_ref().map_or_else(|why| vec![why.clone()], texts);
        println!("-- {values:?}\n");
    }
}

/// Who asks.
pub struct Someone {
    /// What access tokens are signed with.
    pub key: String,
    bearer: String,
    user: UserId,
    staff: Vec<UserId>,
}

impl Someone {
    /// Signs somebody in.
    pub async fn sign_in(url: &str) -> Result<Self> {
        let key = secret::random_text();
        let db = Db::connect(url, 2).await?;
        let (user, bearer) = people::sign_in(&db, &key).await?;
        let staff = people::staff(db.reader()).await?;
        db.close().await?;
        Ok(Self { key, bearer, user, staff })
    }

    /// The operations on so many tasks.
    pub fn tasks(&self, of: i64, far: Option<&str>) -> Vec<Operation> {
        tasks(&Caller { bearer: &self.bearer, user: self.user, staff: &self.staff }, of, far)
    }

    /// Contacts are dealt out to the staff in turn.
    fn contacts(&self) -> Result<Inputs> {
        let place = self.staff.iter().position(|user| *user == self.user).ok_or("the caller is nobody")?;
        let (place, staff) = (i64::try_from(place)?, i64::try_from(self.staff.len())?);
        let first = if place == 0 { staff } else { place };
        Ok(Inputs::Ids { first, step: staff, count: (CONTACTS - first) / staff + 1 })
    }
}

async fn record(url: &str, someone: &Someone, settings: &Settings) -> Result<Vec<Recorded>> {
    let (_, upstream) = with_host(url, "")?;
    let tap = Tap::start(upstream).await?;
    let (tapped, _) = with_host(url, &tap.address.to_string())?;
    let artel = Artel::start(&tapped, &someone.key).await?;
    let mut client = Client::connect(artel.address).await?;
    let bearer = &someone.bearer;
    let far = far_cursor(&mut client, bearer, &format!("{MINE}&")).await?;
    let mut operations = someone.tasks(Size::Large.tasks(), Some(&far));
    let far = far_cursor(&mut client, bearer, "/api/v1/contacts?").await?;
    operations.extend(contacts(bearer, someone.contacts()?, &far));
    let mut all = Vec::new();
    for operation in operations {
        if !settings.wants(operation.name) {
            continue;
        }
        let mut samples = Vec::new();
        for draw in operation.samples() {
            samples.push(sample(&tap, &mut client, &operation, draw).await?);
        }
        all.push(Recorded::new(operation, samples));
    }
    Ok(all)
}

/// The cursor of the thousandth page of the usual size, walked to in larger steps.
async fn far_cursor(client: &mut Client, bearer: &str, path: &str) -> Result<String> {
    const STEP: u64 = 200;
    let mut cursor = String::new();
    let mut left = PAGE * (FAR - 1);
    while left > 0 {
        let limit = left.min(STEP);
        let after = if cursor.is_empty() { String::new() } else { format!("&cursor={cursor}") };
        let ask = request("GET", &format!("{path}limit={limit}{after}"), bearer, None);
        let page = client.send(&ask).await?.json()?;
        cursor = page["next_cursor"].as_str().ok_or("the list ends before the thousandth page")?.to_owned();
        left -= limit;
    }
    Ok(cursor)
}

/// What one input executes: the round with the fewest statements, which is the operation itself.
async fn sample(tap: &Tap, client: &mut Client, operation: &Operation, input: u64) -> Result<Sample> {
    let mut best: Option<Sample> = None;
    for round in 0..ROUNDS {
        let draw = input + round * operation.inputs.count();
        tap.take();
        let (request, used) = operation.request(draw).ok_or("the inputs are used up")?;
        let answer = client.send(&request).await?.json();
        let answer = answer.map_err(|error| format!("{}: {error}", operation.name))?;
        let statements = tap.take();
        // What the address names, or else what came into being.
        let id = used.parse().ok().or_else(|| answer["id"].as_i64());
        if best.as_ref().is_none_or(|best| statements.len() <= best.statements.len()) {
            best = Some(Sample { draw: input, statements, id });
        }
    }
    best.ok_or_else(|| "nothing was recorded".into())
}

/// Server and pgbench in turn, at each number of connections.
async fn compare(
    server: &Server,
    artel: &Artel,
    recorded: &Recorded,
    settings: &Settings,
) -> Result<Vec<Row>> {
    let Recorded { operation, samples } = recorded;
    eprintln!("measuring: {}", operation.name);
    let folder = Folder::make()?;
    let replay = Replay::write(&folder.0, &operation.inputs, samples);
    let mut rows = Vec::new();
    for (connections, salt) in CONNECTIONS.into_iter().zip(1..) {
        let sides =
            over_http(Some((server, Size::Large)), artel, operation, connections, settings.time, salt)
                .await?;
        let pgbench = replay.as_ref().map_err(ToString::to_string).and_then(|replay| {
            replay
                .run(&server.url(Size::Large), connections, settings.time)
                .map_err(|error| error.to_string())
        });
        let statements = samples.iter().map(|sample| sample.statements.len()).max();
        rows.push(Row {
            operation: operation.clone(),
            connections,
            sides,
            statements,
            pgbench: Some(pgbench),
        });
    }
    Ok(rows)
}

/// Measures an operation over HTTP.
pub async fn over_http(
    postgres: Option<(&Server, Size)>,
    artel: &Artel,
    operation: &Rc<Operation>,
    connections: usize,
    time: Duration,
    salt: u64,
) -> Result<Sides> {
    load::run(artel.address, operation, connections, WARM_UP, salt + 1000).await?;
    let before = Reading::take(artel.process(), postgres).await?;
    let measured = load::run(artel.address, operation, connections, time, salt).await?;
    let used = Reading::take(artel.process(), postgres).await?.since(&before);
    Ok(Sides { measured, used })
}

/// A folder for scripts, removed when it goes out of scope.
struct Folder(PathBuf);

impl Folder {
    fn make() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("artel_bench_{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A few small files in the folder for temporary ones.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
