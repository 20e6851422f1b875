//! `kill -9` under load.

use std::time::Duration;

use artel_tests::{Database, Process, World};
use rand::RngExt as _;

use crate::{
    load::{Ledger, Until, write},
    long,
};

#[tokio::test]
async fn sqlite_loses_no_acknowledged_write_when_the_server_is_killed() {
    kill_again_and_again(Database::Sqlite).await;
}

#[tokio::test]
async fn postgres_loses_no_acknowledged_write_when_the_server_is_killed() {
    kill_again_and_again(Database::Postgres).await;
}

async fn kill_again_and_again(database: Database) {
    let world = World::without_server(database).await;
    let ann = world.admin().await;
    // With a connection of this process open, SQLite would not have to recover.
    world.db().clone().close().await.unwrap();
    let mut ledger = Ledger::default();
    let rounds = if long() { 100 } else { 4 };
    for round in 0..rounds {
        let process = Process::start(&world, &[], &[]);
        let served = world.at(process.address());
        ledger.settle(&served, &ann).await;
        let (until, run) = (Until::refused(1), format!("round {round}"));
        let life = Duration::from_millis(rand::rng().random_range(50..800));
        let kill = async {
            tokio::time::sleep(life).await;
            process.kill();
            until.stop();
        };
        let (written, ()) = tokio::join!(write(&served, &ann, &run, &until), kill);
        ledger.add(written);
    }
    let process = Process::start(&world, &[], &[]);
    ledger.settle(&world.at(process.address()), &ann).await;
    drop(process);
    let world = world.reconnected().await;
    assert!(!ledger.acknowledged.is_empty() && ledger.refused == 0, "{ledger:?}");
    ledger.compare(&world).await;
    if database == Database::Sqlite {
        assert_eq!(world.value::<String>("pragma integrity_check").await, "ok");
    }
    println!("{rounds} kills, {} acknowledged writes, none lost", ledger.acknowledged.len());
    world.end().await;
}
