//! The statements that the server sends for an operation, run by pgbench: the same SQL, the same types of values,
//! prepared as the server prepares them, without the server.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    Result,
    operation::Inputs,
    wire::{Executed, Value},
};

/// What one input of an operation executes.
pub struct Sample {
    /// The draw that stands for the input.
    pub draw: u64,
    /// The statements in order.
    pub statements: Vec<Executed>,
    /// The id that the operation worked on or created, which stands among the values.
    pub id: Option<i64>,
}

impl Sample {
    /// Whether another input executes the same SQL.
    pub fn is_like(&self, other: &Self) -> bool {
        let sql = |sample: &Self| sample.statements.iter().map(|it| it.sql.clone()).collect::<Vec<_>>();
        sql(self) == sql(other)
    }
}

/// A script for pgbench, which stands for all inputs of an operation.
pub struct Replay {
    script: PathBuf,
    constants: Vec<String>,
}

impl Replay {
    /// Writes the script into a folder. The samples execute the same SQL with other values.
    pub fn write(folder: &Path, inputs: &Inputs, samples: &[Sample]) -> Result<Self> {
        let mut script = Script { text: String::new(), constants: Vec::new(), known: None };
        script.write(inputs, samples)?;
        let path = folder.join("script.sql");
        fs::write(&path, script.text)?;
        Ok(Self { script: path, constants: script.constants })
    }

    /// Runs the script and answers how many times a second it ran.
    pub fn run(&self, url: &str, connections: usize, time: Duration) -> Result<f64> {
        let threads = connections.min(2).to_string();
        let mut command = Command::new("pgbench");
        command.args(["--no-vacuum", "--protocol=prepared", "--jobs", &threads]);
        command.args(["--client", &connections.to_string()]);
        command.args(["--time", &time.as_secs().max(1).to_string()]);
        for constant in &self.constants {
            command.args(["--define", constant]);
        }
        command.arg("--file").arg(&self.script);
        // As the server asks for it on its connections.
        let output = command.env("PGOPTIONS", "-c jit=off").arg(url).output();
        let output = output.map_err(|cause| format!("pgbench does not run: {cause}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        match rate {
            Some(rate) if output.status.success() => Ok(rate),
            _ => Err(errors.lines().last().unwrap_or("pgbench said nothing").to_owned().into()),
        }
    }
}

struct Script {
    text: String,
    constants: Vec<String>,
    /// The id among the values that is a variable, and the variable.
    known: Option<(String, &'static str)>,
}

impl Script {
    fn write(&mut self, inputs: &Inputs, samples: &[Sample]) -> Result<()> {
        let first = samples.first().ok_or("nothing was recorded")?;
        match inputs {
            Inputs::Ids { first: id, step, count } => {
                writeln!(self.text, "\\set id {id} + {step} * random(0, {})", count - 1)?;
            }
            Inputs::Once { first: id, step, count } => {
                writeln!(self.text, "\\set id {id} + {step} * random({}, {})", count / 2, count - 1)?;
            }
            Inputs::Texts(_) => writeln!(self.text, "\\set n random(1, {})", samples.len())?,
        }
        if !matches!(inputs, Inputs::Texts(_)) {
            self.known = first.id.map(|id| (id.to_string(), ":id"));
        }
        for (place, statement) in first.statements.iter().enumerate() {
            self.statement(place, statement, samples)?;
            if self.known.is_none() && hands_out_an_id(&statement.sql) {
                self.text.push_str(" \\gset new_\n");
                self.known = first.id.map(|id| (id.to_string(), ":new_id"));
            } else {
                self.text.push_str(";\n");
            }
        }
        Ok(())
    }

    /// A statement with a variable for each `$1`.
    fn statement(&mut self, place: usize, statement: &Executed, samples: &[Sample]) -> Result<()> {
        let mut all = Vec::new();
        for sample in samples {
            let values = &sample.statements.get(place).ok_or("a statement is missing")?.values;
            all.push(values.as_ref().map_err(Clone::clone)?);
        }
        let mut pieces = statement.sql.trim_end_matches(';').split('$');
        self.text.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
            let (number, rest) = piece.split_at(end);
            let number: usize = number.parse().map_err(|_| "a $ without a number")?;
            let values: Option<Vec<&Value>> = all.iter().map(|values| values.get(number - 1)).collect();
            self.value(&values.ok_or("a statement lacks a value")?)?;
            self.text.push_str(rest);
        }
        Ok(())
    }

    /// The known id is a variable. What is the same for every sample is a constant that pgbench sends as a value;
    /// what differs is drawn from an array, whose plan is that of a value.
    fn value(&mut self, values: &[&Value]) -> Result<()> {
        let Some(Value { kind, text }) = values.first() else {
            return Ok(());
        };
        let is_known = |(id, _): &&(String, &str)| *kind == "bigint" && text.as_ref() == Some(id);
        if let Some((_, variable)) = self.known.as_ref().filter(is_known) {
            write!(self.text, "{variable}::bigint")?;
        } else if values.iter().any(|value| value.text != *text) {
            let items: Vec<String> = values.iter().map(|value| literal(value.text.as_deref())).collect();
            write!(self.text, "(array[{}]::{kind}[])[:n::integer]", items.join(", "))?;
        } else if let Some(text) = text {
            let name = format!("c{}", self.constants.len());
            write!(self.text, ":{name}::{kind}")?;
            self.constants.push(format!("{name}={text}"));
        } else {
            write!(self.text, "null::{kind}")?;
        }
        Ok(())
    }
}

/// A text in SQL. A colon would begin a variable of pgbench.
fn literal(text: Option<&str>) -> String {
    text.map_or_else(
        || "null".to_owned(),
        |text| {
            let text = text.replace('\\', r"\\").replace('\'', "''").replace(':', r"\x3a");
            format!("E'{text}'")
        },
    )
}

/// The insertion of a record or a task, whose id the statements after it use.
fn hands_out_an_id(sql: &str) -> bool {
    let inserts = ["contact", "task"].map(|table| format!("INSERT INTO \"{table}\" "));
    inserts.iter().any(|insert| sql.starts_with(insert)) && sql.contains("RETURNING")
}
