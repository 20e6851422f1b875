//! How small and how quick to start the server is.

use std::time::Duration;

use crate::{
    Result, cpu,
    report::against,
    server::{Artel, binary},
    sqlite::File,
};

const STARTS: usize = 3;
const MIB_IDLE: f64 = 40.0;
const MIB_LOADED: f64 = 150.0;
const MS_FIRST_ANSWER: f64 = 300.0;
const MB_BINARY: f64 = 40.0;

/// Prints it; `loaded` is the most memory taken under load on PostgreSQL and on SQLite.
pub async fn print(postgres: &str, file: &File, loaded: [Option<f64>; 2]) -> Result<()> {
    println!("\n## Footprint\n");
    for ((name, url), loaded) in [("PostgreSQL", postgres), ("SQLite", &file.url)].into_iter().zip(loaded) {
        let (first_answer, idle) = start(url, &file.key).await?;
        let millis = first_answer.as_secs_f64() * 1000.0;
        against(&format!("start to first answer, {name}"), Some(millis), "ms", MS_FIRST_ANSWER);
        against(&format!("memory idle, {name}"), idle, "MiB", MIB_IDLE);
        against(&format!("memory at most under load, {name}"), loaded, "MiB", MIB_LOADED);
    }
    let size = u32::try_from(binary()?.metadata()?.len())?;
    against("binary", Some(f64::from(size) / 1e6), "MB", MB_BINARY);
    Ok(())
}

/// The median start of a few, and the memory a second after it.
async fn start(url: &str, key: &str) -> Result<(Duration, Option<f64>)> {
    let (mut times, mut memory) = (Vec::new(), None);
    for _ in 0..STARTS {
        let artel = Artel::start(url, key).await?;
        times.push(artel.first_answer);
        tokio::time::sleep(Duration::from_secs(1)).await;
        memory = cpu::memory(artel.process(), "VmRSS");
    }
    times.sort_unstable();
    Ok((times.get(STARTS / 2).copied().unwrap_or_default(), memory))
}
