//! The work that no request asks for: throwing away what is too old, folding what was measured.

use std::{io, thread, time::Duration};

use actix_web::web::Data;
use artel_persistence::{Db, Result, Tx, idempotency, in_tx, password, project, record, session, task};
use tokio::{runtime, sync::oneshot};

use crate::shared::Shared;

/// How often the worker looks.
const INTERVAL: Duration = Duration::from_mins(5);

/// How often the worker looks for moments that have come.
const MOMENT: Duration = Duration::from_secs(1);

/// How often measured durations are folded into what the metrics show. Until then each one takes memory, whether or
/// not anybody reads the metrics.
const UPKEEP: Duration = Duration::from_secs(5);

/// A thread that works until it is told to stop.
pub struct Worker {
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl Worker {
    /// Starts to work, on a thread of its own so that no request waits for it.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(shared: Data<Shared>, db: Db) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let work = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = keep_metrics(shared.clone()) => {}
                    () = keep_moments(shared.clone(), db.clone()) => {}
                    () = run(shared, db) => {}
                    _ = stopped => {}
                }
            });
        };
        let thread = thread::Builder::new().name("worker".to_owned()).spawn(work)?;
        Ok(Self { stop, thread })
    }

    /// Stops; what is half done is rolled back.
    pub fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the worker panicked");
        }
    }
}

/// What fails is logged and tried again at the next turn.
async fn run(shared: Data<Shared>, db: Db) {
    let mut turns = tokio::time::interval(INTERVAL);
    loop {
        turns.tick().await;
        shared.limits.forget_the_quiet();
        if let Err(error) = purge(&shared, &db).await {
            tracing::warn!(%error, "old rows could not be thrown away");
        }
    }
}

/// Brings back what was put off, when its moment has come.
async fn keep_moments(shared: Data<Shared>, db: Db) {
    let mut turns = tokio::time::interval(MOMENT);
    loop {
        turns.tick().await;
        if let Err(error) = wake(&shared, &db).await {
            tracing::warn!(%error, "tasks that were put off could not be brought back");
        }
    }
}

/// One bounded transaction after the other, until nothing is due. Looking takes no turn of a writer.
async fn wake(shared: &Shared, db: &Db) -> Result<()> {
    let now = shared.clock.now();
    while !task::unscoped_due(db.reader(), now).await?.is_empty() {
        in_tx(db, async |tx| task::unscoped_wake(tx, now).await).await?;
    }
    Ok(())
}

async fn keep_metrics(shared: Data<Shared>) {
    let mut turns = tokio::time::interval(UPKEEP);
    loop {
        turns.tick().await;
        shared.metrics.run_upkeep();
    }
}

async fn purge(shared: &Shared, db: &Db) -> Result<()> {
    let now = shared.clock.now();
    let answers = in_tx(db, async |tx| idempotency::unscoped_purge(tx, now).await).await?;
    let sessions = in_tx(db, async |tx| session::unscoped_purge(tx, now).await).await?;
    let resets = in_tx(db, async |tx| password::unscoped_purge(tx, now).await).await?;
    let records = empty_trash(db, async |tx| record::unscoped_purge_trash(tx, now).await).await?;
    let projects = empty_trash(db, async |tx| project::unscoped_purge_trash(tx, now).await).await?;
    let tasks = empty_trash(db, async |tx| task::unscoped_purge_trash(tx, now).await).await?;
    tracing::debug!(answers, sessions, resets, records, projects, tasks, "threw away what was too old");
    Ok(())
}

/// One bounded transaction after the other, until nothing is left.
async fn empty_trash(db: &Db, purge: impl AsyncFn(&Tx) -> Result<usize>) -> Result<usize> {
    let mut all = 0;
    loop {
        match in_tx(db, &purge).await? {
            0 => return Ok(all),
            gone => all += gone,
        }
    }
}
