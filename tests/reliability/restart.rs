//! PostgreSQL restarts under load: Artel serves again by itself, and keeps what it acknowledged.

use std::time::{Duration, Instant};

use artel_tests::{Cluster, Process, World};

use crate::{
    load::{Ledger, Until, write},
    long,
};

/// How soon Artel serves again once the database does.
const AGAIN: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_database_that_restarts_is_found_again_and_nothing_is_lost() {
    let Some(cluster) = Cluster::start() else {
        println!("not run: the binaries of PostgreSQL are not installed");
        return;
    };
    let world = World::on(&cluster.url).await;
    let ann = world.admin().await;
    let folder: String = world.value("select setting from pg_settings where name = 'data_directory'").await;
    world.db().clone().close().await.unwrap();
    let process = Process::start(&world, &[], &[]);
    let served = world.at(process.address());
    let mut ledger = Ledger::default();
    for round in 0..if long() { 20 } else { 2 } {
        let (until, run) = (Until::refused(i64::MAX), format!("round {round}"));
        let restart = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let folder = folder.clone();
            tokio::task::spawn_blocking(move || Cluster::restart(&folder)).await.unwrap();
            let up = Instant::now();
            while served.get(&ann, "/health/ready").await.status != 200 {
                assert!(up.elapsed() < AGAIN, "not ready after {:?}", up.elapsed());
            }
            until.stop();
        };
        let (written, ()) = tokio::join!(write(&served, &ann, &run, &until), restart);
        ledger.add(written);
        let up = Instant::now();
        ledger.settle(&served, &ann).await;
        assert!(up.elapsed() < AGAIN, "written again after {:?}", up.elapsed());
    }
    assert!(!ledger.acknowledged.is_empty());
    ledger.compare(&world.reconnected().await).await;
    drop(process);
    println!("{} acknowledged writes, {} refused, none lost", ledger.acknowledged.len(), ledger.refused);
}
