//! Several nodes on one PostgreSQL, and connections that PostgreSQL cuts. SQLite has one node and no connections to cut.

use std::time::{Duration, Instant};

use artel_persistence::Db;
use artel_tests::{Database, Method, json, world::run};
use futures_util::future::join_all;
use sea_orm::ConnectionTrait as _;

use super::{CONTACTS, contact, named};

#[tokio::test]
async fn of_one_key_sent_to_two_nodes_one_object_comes() {
    run(Database::Postgres, async |one| {
        let two = one.another(|_| {}).await;
        let ann = one.admin().await;
        let send = |number: usize| {
            let node = if number.is_multiple_of(2) { one } else { &two };
            let request = node.request(Some(&ann), Method::POST, CONTACTS).header("idempotency-key", "once");
            request.json(&named("Ward")).send()
        };
        let answers = join_all((0..32).map(send)).await;
        let made = answers.iter().filter(|answer| answer.status == 201);
        assert!(made.count() > 0);
        let busy = answers.iter().filter(|answer| answer.status != 201);
        for answer in busy {
            assert_eq!(answer.body["code"], "idempotency_in_progress", "{}", answer.text());
        }
        assert_eq!(one.count("contact").await, 1);
    })
    .await;
}

#[tokio::test]
async fn nodes_that_start_at_once_on_an_empty_database_all_start() {
    for database in [Database::Sqlite, Database::Postgres] {
        run(database, async |world| {
            world.db().migrate_down(u32::MAX).await.unwrap();
            let start = async || {
                let db = Db::connect(world.database_url(), 1).await.unwrap();
                let migrated = db.migrate_up().await;
                db.close().await.unwrap();
                migrated
            };
            for migrated in join_all((0..4).map(|_| start())).await {
                migrated.unwrap();
            }
            assert!(world.db().migration_status().await.unwrap().iter().all(|(_, applied)| *applied));
        })
        .await;
    }
}

#[tokio::test]
async fn access_that_one_node_takes_away_is_gone_on_the_other_within_a_second() {
    run(Database::Postgres, async |one| {
        let two = one.another(|_| {}).await;
        let (ann, bob) = (one.admin().await, one.employee().await);
        two.get(&bob, CONTACTS).await.expect(200);
        one.post(&ann, &format!("/api/v1/users/{}/deactivate", bob.id), json!({})).await.expect(200);
        let taken = Instant::now();
        one.get(&bob, CONTACTS).await.expect(401);
        while two.get(&bob, CONTACTS).await.status != 401 {
            // A second, and what a busy machine adds.
            assert!(taken.elapsed() < Duration::from_secs(3), "still there after {:?}", taken.elapsed());
        }
    })
    .await;
}

#[tokio::test]
async fn connections_that_the_database_cuts_are_replaced() {
    run(Database::Postgres, async |world| {
        let ann = world.admin().await;
        contact(world, &ann, "Ward").await;
        let other = sea_orm::Database::connect(world.database_url()).await.unwrap();
        for _ in 0..3 {
            let cut = "select pg_terminate_backend(pid) from pg_stat_activity \
                where datname = current_database() and pid <> pg_backend_pid()";
            other.execute_unprepared(cut).await.unwrap();
            let began = Instant::now();
            let create =
                || world.request(Some(&ann), Method::POST, CONTACTS).json(&named("Stone")).send_unchecked();
            loop {
                let answer = create().await;
                if answer.status == 201 {
                    break;
                }
                assert_eq!(
                    (answer.status, &answer.body["code"]),
                    (503, &json!("unavailable")),
                    "{}",
                    answer.text()
                );
                assert!(began.elapsed() < Duration::from_secs(5), "not back after {:?}", began.elapsed());
            }
        }
        assert_eq!(world.reconnected().await.count("contact").await, 4);
    })
    .await;
}
