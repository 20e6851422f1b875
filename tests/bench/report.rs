//! What was measured, as a table in Markdown, with the bars beside it.

use std::{rc::Rc, time::Duration};

use crate::{
    cpu::Used,
    load::{Measured, count},
    operation::Operation,
};

/// Above this share of the machine others disturb what is measured.
const DISTURBED: f64 = 0.15;

/// What an operation came to over HTTP.
pub struct Sides {
    /// How fast it was.
    pub measured: Measured,
    /// What it cost.
    pub used: Used,
}

/// A line of the table.
pub struct Row {
    /// What was measured.
    pub operation: Rc<Operation>,
    /// Over how many connections.
    pub connections: usize,
    /// What it came to.
    pub sides: Sides,
    /// The statements of a request, `BEGIN` and `COMMIT` among them.
    pub statements: Option<usize>,
    /// Transactions a second of pgbench, or why there are none; nothing where it was not asked.
    pub pgbench: Option<Result<f64, String>>,
}

const HEAD: &str = "| operation | conn. | req/s | p50 ms | p99 ms | CPU server + database, ms | bar | statements | \
    bar | pgbench /s | ratio | bar | others |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|";

/// Prints the table of the operations.
pub fn table(rows: &[Row]) {
    println!("{HEAD}");
    for row in rows {
        println!("{}", line(row));
    }
    println!(
        "\nCPU is user and system time of the server, and of its connections to the database with PostgreSQL's \
         writers, for a request. A bar in parentheses is named for the same operation on tasks. `!` marks what misses \
         its bar; *others* is what the rest of the machine took meanwhile: above {} it disturbs.",
        share(DISTURBED)
    );
    let failures = rows.iter().filter_map(|row| row.pgbench.as_ref()?.as_ref().err());
    let mut failures: Vec<&String> = failures.collect();
    failures.dedup();
    failures.into_iter().for_each(|why| println!("\npgbench: {why}"));
}

fn line(row: &Row) -> String {
    let Row { operation, connections, sides: Sides { measured, used }, statements, pgbench } = row;
    let bar = operation.bar;
    let borrowed = |text: String| if bar.borrowed { format!("({text})") } else { text };
    let (server, database) = (each(measured, used.server), each(measured, used.database));
    let whole = server.map(|server| server + database.unwrap_or_default());
    let rate = pgbench.as_ref().and_then(|rate| rate.as_ref().ok()).copied();
    let ratio = rate.map(|rate| measured.rate() / rate);
    let cells = [
        operation.name.to_owned(),
        connections.to_string(),
        format!("{:.0}", measured.rate()),
        millis(measured.percentile(50)),
        millis(measured.percentile(99)),
        costs(server, database, whole.is_some_and(|whole| whole > bar.cpu)),
        borrowed(format!("≤ {}", bar.cpu)),
        or_dash(statements.map(|number| marked(number.to_string(), number > bar.statements))),
        borrowed(format!("≤ {}", bar.statements)),
        or_dash(rate.map(|rate| format!("{rate:.0}"))),
        or_dash(ratio.map(|ratio| marked(format!("{ratio:.2}"), ratio < bar.ratio))),
        borrowed(format!("≥ {}", bar.ratio)),
        or_dash(others(measured, used)),
    ];
    format!("| {} |", cells.join(" | "))
}

/// The share of the machine that others took.
fn others(measured: &Measured, used: &Used) -> Option<String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let part = used.others?.as_secs_f64() / (measured.elapsed.as_secs_f64() * count(cores));
    Some(marked(share(part), part > DISTURBED))
}

fn share(part: f64) -> String {
    format!("{:.0} %", part * 100.0)
}

fn each(measured: &Measured, used: Option<Duration>) -> Option<f64> {
    used.map(|used| measured.each(used).as_secs_f64() * 1000.0)
}

fn costs(server: Option<f64>, database: Option<f64>, missed: bool) -> String {
    match (server, database) {
        (Some(server), Some(database)) => {
            marked(format!("{server:.2} + {database:.2} = {:.2}", server + database), missed)
        }
        (Some(server), None) => marked(format!("{server:.2}"), missed),
        _ => "–".to_owned(),
    }
}

fn marked(text: String, missed: bool) -> String {
    if missed { format!("{text} !") } else { text }
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "–".to_owned())
}

/// A duration in milliseconds.
pub fn millis(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1000.0)
}

/// A number beside its bar, in a line of a list.
pub fn against(what: &str, value: Option<f64>, unit: &str, most: f64) {
    match value {
        Some(value) => println!(
            "- {what}: {} {unit} (bar ≤ {most:.0} {unit})",
            marked(format!("{value:.1}"), value > most)
        ),
        None => println!("- {what}: not known here (bar ≤ {most:.0} {unit})"),
    }
}
