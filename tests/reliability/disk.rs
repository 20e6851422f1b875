//! A disk that is full or fails, under SQLite: writes are refused with a problem, reads go on, and of what was
//! acknowledged nothing is lost.

use std::{fs, process::Command};

use artel_persistence::{Tx, in_tx};
use artel_tests::{Database, Method, Process, World};
use sea_orm::{ConnectionTrait as _, DatabaseBackend, Statement};

use crate::{
    load::{Ledger, Until, write},
    long,
};

/// Lets files grow to two megabytes or so and no further: the server's writes fail from there on.
const STARVED: &str = "trap '' XFSZ; ulimit -S -f 3000; exec \"$@\"";

#[tokio::test]
async fn a_database_that_may_not_grow_refuses_writes_and_loses_none() {
    let world = World::new(Database::Sqlite).await;
    let ann = world.admin().await;
    let measured = world.another(|config| config.metrics_token = Some("scrape".into())).await;
    let before = discarded(&measured).await;
    let mut ledger = Ledger::default();
    let rounds = if long() { 100 } else { 5 };
    for round in 0..rounds {
        allow_pages(&world, 12).await;
        ledger.add(write(&world, &ann, &format!("round {round}"), &Until::refused(1)).await);
        world.get(&ann, "/api/v1/contacts").await.expect(200);
    }
    assert!(ledger.refused >= rounds, "{ledger:?}");
    assert!(discarded(&measured).await > before, "no connection was closed");
    allow_pages(&world, 100_000).await;
    ledger.settle(&world, &ann).await;
    ledger.compare(&world.reconnected().await).await;
    println!("{rounds} rounds, {} writes refused, {} kept", ledger.refused, ledger.acknowledged.len());
    world.end().await;
}

/// Lets the database grow by so many pages and no further. The limit is one of the connection that writes, and goes
/// with it.
async fn allow_pages(world: &World, more: i64) {
    let limit = async |tx: &Tx| {
        let count = Statement::from_string(DatabaseBackend::Sqlite, "pragma page_count");
        let pages: i64 = tx.query_one_raw(count).await?.unwrap().try_get_by_index(0)?;
        tx.execute_unprepared(&format!("pragma max_page_count = {}", pages + more)).await?;
        Ok(())
    };
    in_tx(world.db(), limit).await.unwrap();
}

/// How many connections the guard has closed.
async fn discarded(measured: &World) -> u64 {
    let request = measured.request(None, Method::GET, "/metrics");
    let text = request.header("authorization", "Bearer scrape").send().await.expect(200).text();
    let value = text.lines().find_map(|line| line.strip_prefix("artel_sqlite_connections_discarded_total "));
    value.map_or(0, |value| value.parse().unwrap())
}

#[tokio::test]
async fn files_that_may_not_grow_lose_no_acknowledged_write() {
    let world = World::without_server(Database::Sqlite).await;
    write_on_a_bad_disk(&world, &["sh", "-c", STARVED, "sh"]).await;
    world.end().await;
}

#[tokio::test]
async fn a_disk_that_fails_now_and_then_loses_no_acknowledged_write() {
    if !long() || !can_run("strace", &["-e", "inject=pwrite64:error=EIO:when=65535", "true"]) {
        println!("not run: ARTEL_LONG_TESTS=1 and a working strace are needed");
        return;
    }
    for fault in
        ["pwrite64:error=EIO:when=60+41", "pwrite64:error=ENOSPC:when=80+7", "fdatasync:error=EIO:when=9+13"]
    {
        let world = World::without_server(Database::Sqlite).await;
        let inject = format!("inject={fault}");
        write_on_a_bad_disk(&world, &["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject]).await;
        world.end().await;
    }
}

#[tokio::test]
async fn a_small_disk_that_fills_loses_no_acknowledged_write() {
    let world = World::without_server(Database::Sqlite).await;
    let folder = world.config().data_folder().unwrap();
    let folder = folder.to_str().unwrap();
    let files = fs::read(format!("{folder}/artel.db")).unwrap();
    if !long() || !can_run("mount", &["-t", "tmpfs", "-o", "size=3m", "tmpfs", folder]) {
        println!("not run: ARTEL_LONG_TESTS=1 and the right to mount are needed");
        return world.end().await;
    }
    fs::write(format!("{folder}/artel.db"), files).unwrap();
    let world = world.reconnected().await;
    write_on_a_bad_disk(&world, &["env"]).await;
    assert!(can_run("umount", &["--lazy", folder]));
    world.end().await;
}

fn can_run(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// Writes until the disk refuses, reads all the while, and compares after a restart on a sound disk.
async fn write_on_a_bad_disk(world: &World, before: &[&str]) {
    let ann = world.admin().await;
    world.db().clone().close().await.unwrap();
    let process = Process::start(world, before, &[]);
    let served = world.at(process.address());
    let mut ledger = Ledger::default();
    for round in 0..if long() { 20 } else { 3 } {
        ledger.add(write(&served, &ann, &format!("round {round}"), &Until::refused(20)).await);
        served.get(&ann, "/api/v1/contacts").await.expect(200);
    }
    assert!(ledger.refused > 0 && !ledger.acknowledged.is_empty(), "{ledger:?}");
    process.kill();
    make_room(world);
    let process = Process::start(world, &[], &[]);
    ledger.settle(&world.at(process.address()), &ann).await;
    drop(process);
    let found = world.reconnected().await;
    ledger.compare(&found).await;
    assert_eq!(found.value::<String>("pragma integrity_check").await, "ok");
    found.db().clone().close().await.unwrap();
    println!("{} writes refused, {} kept: {}", ledger.refused, ledger.acknowledged.len(), before.join(" "));
}

/// A disk of its own becomes larger; any other one was sound all along.
fn make_room(world: &World) {
    let folder = world.config().data_folder().unwrap();
    let _ = Command::new("mount").args(["-o", "remount,size=64m"]).arg(folder).output();
}
