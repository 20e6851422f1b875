//! Retries: whoever sends a request again with its key gets the first answer, and it happens once.

use artel_tests::{Answer, Method, Person, Value, World, json, on_both};
use chrono::TimeDelta;
use futures_util::future::join_all;

use super::{CONTACTS, contact, named};

on_both![
    sixty_four_parallel_retries_with_one_key_make_one_object,
    a_retry_gets_the_first_answer_whole,
    a_key_that_was_used_for_another_request_is_refused,
    whoever_may_no_longer_see_the_object_gets_no_replay,
    a_refusal_keeps_nothing,
    a_key_belongs_to_its_caller_and_its_path,
    a_key_is_free_again_after_a_day,
    a_key_of_another_form_is_refused,
];

async fn keyed(world: &World, who: &Person, key: &str, body: &Value) -> Answer {
    let request = world.request(Some(who), Method::POST, CONTACTS);
    request.header("idempotency-key", key).json(body).send().await
}

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotent-replayed") == Some("true")
}

async fn sixty_four_parallel_retries_with_one_key_make_one_object(world: &World) {
    let ann = world.admin().await;
    let body = named("Ward");
    let attempt = || keyed(world, &ann, "once", &body);
    let raced = join_all((0..64).map(|_| attempt())).await;
    for answer in raced.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.body["code"], "idempotency_in_progress", "{}", answer.text());
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    let first = |answer: &&Answer| answer.status == 201 && !is_replayed(answer);
    assert_eq!(raced.iter().filter(first).count(), 1);
    let again = join_all((0..64).map(|_| attempt())).await;
    let made = raced.iter().find(first).unwrap();
    let replays = again.iter().filter(|answer| answer.status == 201);
    assert!(replays.clone().count() > 0);
    for answer in replays {
        assert_eq!((&answer.bytes, is_replayed(answer)), (&made.bytes, true));
    }
    assert_eq!(world.count("contact").await, 1);
}

async fn a_retry_gets_the_first_answer_whole(world: &World) {
    let ann = world.admin().await;
    let first = keyed(world, &ann, "k", &named("Ward")).await.expect(201);
    let path = format!("{CONTACTS}/{}", first.id());
    world.patch(&ann, &path, named("Stone")).await.expect(200);
    let again = keyed(world, &ann, "k", &named("Ward")).await.expect(201);
    assert_eq!((&again.bytes, again.etag()), (&first.bytes, first.etag()));
    assert_eq!(again.header("location"), Some(path.as_str()));
    assert_eq!((is_replayed(&first), is_replayed(&again)), (false, true));
    let verb =
        || world.request(Some(&ann), Method::POST, &format!("{path}/restore")).header("idempotency-key", "v");
    world.delete(&ann, &path).await.expect(204);
    let restored = verb().send().await.expect(200);
    assert_eq!(verb().send().await.expect(200).bytes, restored.bytes);
}

async fn a_key_that_was_used_for_another_request_is_refused(world: &World) {
    let ann = world.admin().await;
    keyed(world, &ann, "k", &named("Ward")).await.expect(201);
    keyed(world, &ann, "k", &named("Stone")).await.problem(409, "idempotency_key_reused");
    assert_eq!(world.count("contact").await, 1);
}

async fn whoever_may_no_longer_see_the_object_gets_no_replay(world: &World) {
    let (ann, bob) = (world.admin().await, world.employee().await);
    keyed(world, &bob, "k", &named("Ward")).await.expect(201);
    let demoted = world.patch(&ann, &format!("/api/v1/users/{}", bob.id), json!({"role": "guest"})).await;
    demoted.expect(200);
    keyed(world, &bob, "k", &named("Ward")).await.problem(404, "not_found");
}

async fn a_refusal_keeps_nothing(world: &World) {
    let ann = world.admin().await;
    keyed(world, &ann, "k", &json!({"last_name": 7})).await.problem(422, "validation");
    keyed(world, &ann, "k", &json!({"first_name": null})).await.problem(422, "validation");
    assert_eq!(world.count("idempotency_record").await, 0);
    let made = keyed(world, &ann, "k", &named("Ward")).await.expect(201);
    assert!(!is_replayed(&made));
}

async fn a_key_belongs_to_its_caller_and_its_path(world: &World) {
    let (ann, bob) = (world.admin().await, world.employee().await);
    let first = keyed(world, &ann, "k", &named("Ward")).await.expect(201);
    let other = keyed(world, &bob, "k", &named("Ward")).await.expect(201);
    assert_ne!(first.id(), other.id());
    let request = world.request(Some(&ann), Method::POST, "/api/v1/companies");
    let company =
        request.header("idempotency-key", "k").json(&json!({"name": "Artel"})).send().await.expect(201);
    assert!(!is_replayed(&company));
    let session = world.sign_in(ann.id).await;
    assert!(is_replayed(&keyed(world, &session, "k", &named("Ward")).await.expect(201)));
}

async fn a_key_is_free_again_after_a_day(world: &World) {
    let ann = world.admin().await;
    let first = keyed(world, &ann, "k", &named("Ward")).await.expect(201);
    world.clock().advance(TimeDelta::hours(24) - TimeDelta::minutes(1));
    let ann = world.sign_in(ann.id).await;
    assert_eq!(keyed(world, &ann, "k", &named("Ward")).await.expect(201).id(), first.id());
    world.clock().advance(TimeDelta::minutes(2));
    let later = keyed(world, &ann, "k", &named("Stone")).await.expect(201);
    assert_ne!(later.id(), first.id());
}

async fn a_key_of_another_form_is_refused(world: &World) {
    let ann = world.admin().await;
    contact(world, &ann, "Ward").await;
    for key in ["", "two words", "ключ", &"k".repeat(256)] {
        let answer = keyed(world, &ann, key, &named("Stone")).await.problem(400, "invalid_header");
        assert!(answer.parameters().contains(&("Idempotency-Key", "header")), "{key}");
    }
    assert_eq!(world.count("contact").await, 1);
}
