//! Stopping on request: what is in flight is finished, nothing new begins, and it does not take long.

use std::time::{Duration, Instant};

use artel_tests::{
    Database, Process, World,
    wire::{Wire, head},
};
use tokio::net::TcpStream;

#[tokio::test]
async fn sqlite_finishes_what_is_in_flight_and_stops() {
    stop_with_a_request_in_flight(Database::Sqlite).await;
}

#[tokio::test]
async fn postgres_finishes_what_is_in_flight_and_stops() {
    stop_with_a_request_in_flight(Database::Postgres).await;
}

async fn stop_with_a_request_in_flight(database: Database) {
    let world = World::without_server(database).await;
    let ann = world.admin().await;
    let process = Process::start(&world, &[], &[]);
    let address = process.address();
    let mut idle = Wire::connect(address).await;
    idle.send(head(&ann, "GET /api/v1/me", &[]) + "\r\n").await;
    idle.until("\r\n\r\n").await;
    let body = r#"{"last_name":"In flight"}"#;
    let length = format!("Content-Length: {}", body.len());
    let mut wire = Wire::connect(address).await;
    wire.send(head(&ann, "POST /api/v1/contacts", &["Content-Type: application/json", &length]) + "\r\n")
        .await;
    let (one, two) = body.split_at(10);
    wire.send(one).await;
    // A request on another connection that came later is answered: the first half has arrived.
    world.at(address).get(&ann, "/api/v1/me").await.expect(200);
    let asked = Instant::now();
    process.terminate();
    while TcpStream::connect(address).await.is_ok() {
        assert!(asked.elapsed() < Duration::from_secs(5), "it still takes connections");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    wire.send(two).await;
    let answer = wire.until("In flight").await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let (status, log) = process.wait(Duration::from_secs(11));
    assert!(status.success(), "{status}: {log}");
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert_eq!(world.count("contact").await, 1);
    world.end().await;
}
