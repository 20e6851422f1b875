//! Units of work: all of a change is there, with its trace in the log, or nothing is.

use std::sync::atomic::{AtomicU32, Ordering};

use artel_domain::error::Error as Refusal;
use artel_persistence::{Error, Result, Tx, in_tx};
use artel_tests::{Database, World, json, on_both};
use futures_util::future::join_all;
use sea_orm::ConnectionTrait as _;

use super::{CONTACTS, contact, named};

on_both![
    a_refusal_rolls_everything_back,
    a_refused_request_changes_no_row,
    a_unit_that_is_dropped_half_way_leaves_nothing,
    thirty_two_writers_all_get_through,
    a_conflict_of_transactions_runs_the_whole_unit_again,
    units_that_wait_for_each_other_both_get_through,
];

async fn note(tx: &Tx, name: &str) -> Result<()> {
    let sql = format!(
        "insert into department (name, name_key, version, created_at, updated_at) values ('{name}', '{name}', 1, 0, 0)"
    );
    tx.execute_unprepared(&sql).await?;
    Ok(())
}

async fn a_refusal_rolls_everything_back(world: &World) {
    let refused: Result<()> = in_tx(world.db(), async |tx| {
        note(tx, "one").await?;
        note(tx, "two").await?;
        Err(Refusal::NotFound.into())
    })
    .await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::NotFound))));
    assert_eq!(world.count("department").await, 0);
    in_tx(world.db(), async |tx| note(tx, "three").await).await.unwrap();
    assert_eq!(world.count("department").await, 1);
}

async fn a_refused_request_changes_no_row(world: &World) {
    let ann = world.admin().await;
    let made = contact(world, &ann, "Ward").await;
    let path = format!("{CONTACTS}/{}", made.id());
    let before = (world.count("contact").await, world.count("activity").await);
    let unknown = json!([{"company_id": 999_999_999}]);
    let body = json!({"last_name": "Stone", "points": [{"kind": "email", "value": "a@example.com"}], "companies": unknown});
    let faults = [("/companies/0/company_id", "unknown")];
    assert_eq!(world.post(&ann, CONTACTS, body.clone()).await.problem(422, "validation").faults(), faults);
    assert_eq!(world.patch(&ann, &path, body).await.problem(422, "validation").faults(), faults);
    assert_eq!((world.count("contact").await, world.count("activity").await), before);
    assert_eq!(world.count("contact_point").await, 0);
    assert_eq!(world.get(&ann, &path).await.body, made.body);
}

async fn a_unit_that_is_dropped_half_way_leaves_nothing(world: &World) {
    for _ in 0..10 {
        let half = in_tx(world.db(), async |tx| {
            note(tx, "one").await?;
            std::future::pending::<Result<()>>().await
        });
        let long = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(long, half).await.is_err());
    }
    in_tx(world.db(), async |tx| note(tx, "two").await).await.unwrap();
    assert_eq!(world.count("department").await, 1);
}

async fn thirty_two_writers_all_get_through(world: &World) {
    let ann = world.admin().await;
    let writer = async |number: u32| {
        for round in 0..4 {
            contact(world, &ann, &format!("Writer {number} round {round}")).await;
        }
    };
    join_all((0..32).map(writer)).await;
    assert_eq!(world.count("contact").await, 128);
    let trace: i64 = world.value("select count(*) from activity where object_kind = 'contact'").await;
    assert_eq!(trace, 128);
}

/// SQLite has one writer and no such conflicts; there the unit is run once.
async fn a_conflict_of_transactions_runs_the_whole_unit_again(world: &World) {
    let tries = AtomicU32::new(0);
    let unit = async |tx: &Tx| {
        note(tx, "one").await?;
        let number = tries.fetch_add(1, Ordering::Relaxed);
        if world.database() == Database::Postgres && number < 2 {
            let conflict = "do $$ begin raise exception using errcode = '40001'; end $$";
            tx.execute_unprepared(conflict).await?;
        }
        Ok(number)
    };
    let last = in_tx(world.db(), unit).await.unwrap();
    assert_eq!(last, if world.database() == Database::Postgres { 2 } else { 0 });
    assert_eq!(world.count("department").await, 1);
}

async fn units_that_wait_for_each_other_both_get_through(world: &World) {
    let ann = world.admin().await;
    let (one, two) = (contact(world, &ann, "One").await.id(), contact(world, &ann, "Two").await.id());
    let touch = async |first: i64, second: i64| {
        let unit = async |tx: &Tx| {
            for id in [first, second] {
                tx.execute_unprepared(&format!("update contact set version = version + 1 where id = {id}"))
                    .await?;
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            Ok(())
        };
        in_tx(world.db(), unit).await
    };
    let (there, back) = tokio::join!(touch(one, two), touch(two, one));
    there.and(back).unwrap();
    for id in [one, two] {
        let read = world.get(&ann, &format!("{CONTACTS}/{id}")).await.expect(200);
        assert_eq!(read.body["version"], 3);
    }
    world.patch(&ann, &format!("{CONTACTS}/{one}"), named("Three")).await.expect(200);
}
