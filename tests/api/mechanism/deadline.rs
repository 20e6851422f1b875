//! Deadlines: nobody keeps the server waiting, neither a slow client nor a database that is locked.

use std::time::{Duration, Instant};

use artel_tests::{Database, World, on_both, wire::head};
use sea_orm::ConnectionTrait as _;

use super::{CONTACTS, contact, named};

on_both![
    a_client_that_is_slow_is_not_waited_for,
    a_locked_database_answers_unavailable_and_is_back_when_it_is_free,
];

async fn a_client_that_is_slow_is_not_waited_for(world: &World) {
    let ann = world.admin().await;
    let started = Instant::now();
    let head =
        head(&ann, &format!("POST {CONTACTS}"), &["Content-Type: application/json", "Content-Length: 99"]);
    let slow_head = async {
        let mut wire = world.wire().await;
        wire.send(&head).await;
        (wire.rest().await, started.elapsed())
    };
    let slow_body = async {
        let mut wire = world.wire().await;
        wire.send(format!("{head}\r\n{{\"last_name\":")).await;
        (wire.until("request_timeout").await, started.elapsed())
    };
    let others = async {
        while started.elapsed() < Duration::from_secs(3) {
            world.get(&ann, CONTACTS).await.expect(200);
        }
    };
    let ((head_answer, head_took), (body_answer, body_took), ()) = tokio::join!(slow_head, slow_body, others);
    assert!(head_answer.is_empty() || head_answer.starts_with("HTTP/1.1 408"), "{head_answer}");
    assert!(body_answer.starts_with("HTTP/1.1 408"), "{body_answer}");
    assert!(
        head_took < Duration::from_secs(12) && body_took < Duration::from_secs(25),
        "{head_took:?} {body_took:?}"
    );
}

async fn a_locked_database_answers_unavailable_and_is_back_when_it_is_free(world: &World) {
    let ann = world.admin().await;
    let path = format!("{CONTACTS}/{}", contact(world, &ann, "Ward").await.id());
    let other = sea_orm::Database::connect(world.database_url()).await.unwrap();
    let lock = match world.database() {
        Database::Sqlite => "begin immediate",
        Database::Postgres => "begin; lock table contact in exclusive mode",
    };
    other.execute_unprepared(lock).await.unwrap();
    let request = world.request(Some(&ann), artel_tests::Method::PATCH, &path).json(&named("Stone"));
    let refused = request.send_unchecked().await;
    assert_eq!(
        (refused.status, refused.body["code"].as_str()),
        (503, Some("unavailable")),
        "{}",
        refused.text()
    );
    assert!(refused.header("retry-after").is_some());
    world.get(&ann, &path).await.expect(200);
    other.execute_unprepared("rollback").await.unwrap();
    other.close().await.unwrap();
    let changed = world.patch(&ann, &path, named("Stone")).await.expect(200);
    assert_eq!(changed.body["version"], 2);
}
