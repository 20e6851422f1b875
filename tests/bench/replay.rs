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
    /// The statements in order.
    pub statements: Vec<Executed>,
    /// The id that the operation worked on or created, which stands among the values.
    pub id: Option<i64>,
}

/// pgbench with the scripts of one operation.
pub struct Replay {
    scripts: Vec<PathBuf>,
    values: Vec<String>,
}

impl Replay {
    /// Writes the scripts into a folder.
    pub fn write(folder: &Path, inputs: &Inputs, samples: &[Sample]) -> Result<Self> {
        let mut replay = Self { scripts: Vec::new(), values: Vec::new() };
        for (number, sample) in samples.iter().enumerate() {
            let mut script = Script { text: String::new(), prefix: format!("v{number}"), values: Vec::new() };
            script.write(inputs, sample)?;
            let path = folder.join(format!("{number}.sql"));
            fs::write(&path, script.text)?;
            replay.scripts.push(path);
            replay.values.extend(script.values);
        }
        Ok(replay)
    }

    /// Runs the scripts, each transaction one drawn at random, and answers how many a second there were.
    pub fn run(&self, url: &str, connections: usize, time: Duration) -> Result<f64> {
        let threads = connections.min(2).to_string();
        let mut command = Command::new("pgbench");
        command.args(["--no-vacuum", "--protocol=prepared", "--jobs", &threads]);
        command.args(["--client", &connections.to_string(), "--time", &time.as_secs().max(1).to_string()]);
        for value in &self.values {
            command.args(["--define", value]);
        }
        for script in &self.scripts {
            command.arg("--file").arg(script);
        }
        // As the server asks for it on its connections.
        let output = command.env("PGOPTIONS", "-c jit=off").arg(url).output();
        let output = output.map_err(|cause| format!("pgbench does not run: {cause}"))?;
        let (text, errors) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        match rate {
            Some(rate) if output.status.success() => Ok(rate),
            _ => Err(errors.lines().last().unwrap_or("pgbench said nothing").to_owned().into()),
        }
    }
}

struct Script {
    text: String,
    prefix: String,
    values: Vec<String>,
}

impl Script {
    fn write(&mut self, inputs: &Inputs, sample: &Sample) -> Result<()> {
        let mut known = None;
        if let Inputs::Ids { first, step, count } = inputs {
            writeln!(self.text, "\\set id {first} + {step} * random(0, {})", count - 1)?;
            known = sample.id.map(|id| (id.to_string(), ":id"));
        }
        for statement in &sample.statements {
            self.statement(statement, known.as_ref())?;
            if known.is_none() && hands_out_an_id(&statement.sql) {
                self.text.push_str(" \\gset new_\n");
                known = sample.id.map(|id| (id.to_string(), ":new_id"));
            } else {
                self.text.push_str(";\n");
            }
        }
        Ok(())
    }

    /// A statement with `:name` for each `$1`; the known id is a variable, all other values are as they were.
    fn statement(&mut self, statement: &Executed, known: Option<&(String, &str)>) -> Result<()> {
        let values = statement.values.as_ref().map_err(Clone::clone)?;
        let mut pieces = statement.sql.trim_end_matches(';').split('$');
        self.text.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
            let (number, rest) = piece.split_at(end);
            let value = number.parse::<usize>().ok().and_then(|number| values.get(number - 1));
            let value = value.ok_or_else(|| format!("${number} has no value: {}", statement.sql))?;
            self.value(value, known);
            self.text.push_str(rest);
        }
        Ok(())
    }

    fn value(&mut self, value: &Value, known: Option<&(String, &str)>) {
        let Value { kind, text } = value;
        let Some(text) = text else {
            self.text.push_str(&format!("null::{kind}"));
            return;
        };
        let is_known = |(id, _): &&(String, &str)| *kind == "bigint" && id == text;
        if let Some((_, variable)) = known.filter(is_known) {
            self.text.push_str(&format!("{variable}::bigint"));
            return;
        }
        let name = format!("{}_{}", self.prefix, self.values.len());
        self.text.push_str(&format!(":{name}::{kind}"));
        self.values.push(format!("{name}={text}"));
    }
}

/// The insertion of a record, whose id the statements after it use.
fn hands_out_an_id(sql: &str) -> bool {
    sql.starts_with("INSERT INTO \"contact\" ") && sql.contains("RETURNING")
}
