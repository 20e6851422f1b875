//! Whether what one does with tasks costs the same however many tasks there are.

use std::rc::Rc;

use crate::{
    Result, Settings,
    database::{Server, Size},
    operation::{Operation, task::FIRST_PAGE},
    postgres::{CONNECTIONS, Someone, over_http},
    report::{Row, Sides},
    server::Artel,
};

/// How many times what it costs among few tasks something may cost among many.
const MOST_TIMES: f64 = 1.5;

/// Measures the operations on tasks among few of them, and prints what they cost beside what they cost among many.
pub async fn measure(server: &Server, large: &[Row], settings: &Settings) -> Result<()> {
    let url = server.url(Size::Small);
    let someone = Someone::sign_in(&url).await?;
    let artel = Artel::start(&url, &someone.key).await?;
    let connections = CONNECTIONS.into_iter().max().unwrap_or(1);
    let (few, many) = (Size::Small.tasks(), Size::Large.tasks());
    println!("\n## Flatness: CPU of server and database for a request, {connections} connections\n");
    println!("| operation | {few} tasks, ms | {many} tasks, ms | times | bar |\n|---|--:|--:|--:|--:|");
    for operation in someone.tasks(few, None) {
        let compared: Vec<&Row> = large.iter().filter(|row| is_like(row, &operation, connections)).collect();
        if compared.is_empty() {
            continue;
        }
        eprintln!("measuring among few: {}", operation.name);
        let operation = Rc::new(operation);
        let small = Some((server, Size::Small));
        let sides = over_http(small, &artel, &operation, connections, settings.time, 11).await?;
        for row in compared {
            line(row.operation.name, cost(&sides), cost(&row.sides));
        }
    }
    Ok(())
}

/// Whether a line says what the same costs among many; pages far back are compared with the first one.
fn is_like(row: &Row, operation: &Operation, connections: usize) -> bool {
    let name = row.operation.name;
    let is_far = operation.name == FIRST_PAGE && name.starts_with(FIRST_PAGE);
    row.connections == connections && (name == operation.name || is_far)
}

fn cost(sides: &Sides) -> Option<f64> {
    let used = sides.used.server? + sides.used.database?;
    Some(sides.measured.each(used).as_secs_f64() * 1000.0)
}

fn line(name: &str, few: Option<f64>, many: Option<f64>) {
    let (Some(few), Some(many)) = (few, many) else {
        return println!("| {name} | – | – | – | ≤ {MOST_TIMES} |");
    };
    let times = many / few;
    let missed = if times > MOST_TIMES { " !" } else { "" };
    println!("| {name} | {few:.2} | {many:.2} | {times:.2}{missed} | ≤ {MOST_TIMES} |");
}
