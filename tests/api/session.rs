//! Signing in and out, and what keeps a session alive.

use std::time::{Duration, Instant};

use artel_api::config::Switch;
use artel_domain::actor::Scope;
use artel_tests::{Answer, Method, PASSWORD, Person, World, json, on_both};
use chrono::TimeDelta;
use futures_util::future::join_all;

on_both![
    whoever_signs_in_gets_tokens_that_work,
    nobody_learns_from_a_refused_sign_in_who_has_an_account,
    an_unknown_address_takes_as_long_as_a_wrong_password,
    attempts_are_limited_per_account,
    parallel_refreshes_leave_everybody_signed_in,
    a_refresh_token_left_behind_ends_the_session,
    after_ten_seconds_a_used_refresh_token_ends_the_session,
    garbage_refreshes_nothing,
    an_access_token_expires_and_a_session_goes_on,
    a_session_that_nobody_refreshes_ends,
    signing_out_ends_the_session_at_once,
    people_see_and_end_their_own_sessions,
    a_script_manages_no_sessions,
    deactivation_stops_everything_at_once,
    more_sessions_than_fifty_end_the_one_unused_for_longest,
];

const REFRESH: &str = "/api/v1/auth/refresh";

async fn ann(world: &World) -> Person {
    let person = world.employee().await;
    world.with_password(person).await
}

async fn refresh(world: &World, token: &str) -> Answer {
    world.call(None, Method::POST, REFRESH, Some(json!({"refresh_token": token}))).await
}

fn refresh_token(answer: &Answer) -> String {
    answer.body["refresh_token"].as_str().unwrap().to_owned()
}

async fn whoever_signs_in_gets_tokens_that_work(world: &World) {
    let ann = ann(world).await;
    let tokens = world.login(&ann.email.to_uppercase(), PASSWORD).await.expect(200);
    assert_eq!(tokens.body["token_type"], "Bearer");
    assert_eq!(tokens.body["user_id"], ann.id);
    let me = world.get(&ann.through(&tokens), "/api/v1/me").await.expect(200);
    assert_eq!(me.body["email"], ann.email.as_str());
}

async fn nobody_learns_from_a_refused_sign_in_who_has_an_account(world: &World) {
    let (admin, ann, gone) = (world.admin().await, ann(world).await, ann(world).await);
    let without_password = world.employee().await;
    world.post(&admin, &format!("/api/v1/users/{}/deactivate", gone.id), json!(null)).await.expect(200);
    let mut answers = Vec::new();
    for (email, password) in [
        (ann.email.as_str(), "wrong horse battery"),
        ("nobody@example.com", PASSWORD),
        (gone.email.as_str(), PASSWORD),
        (without_password.email.as_str(), PASSWORD),
    ] {
        let mut answer = world.login(email, password).await.problem(401, "invalid_credentials");
        answer.body["request_id"] = json!(null);
        let mut headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        headers.sort_unstable();
        answers.push((answer.body, headers));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
}

async fn an_unknown_address_takes_as_long_as_a_wrong_password(world: &World) {
    let ann = ann(world).await;
    let fastest = async |email: &str| {
        let mut least = Duration::MAX;
        for _ in 0..4 {
            let begun = Instant::now();
            world.login(email, "wrong horse battery").await.expect(401);
            least = least.min(begun.elapsed());
        }
        least
    };
    let (known, unknown) = (fastest(&ann.email).await, fastest("nobody@example.com").await);
    // Without a hash to verify, the answer would come a hundred times sooner.
    assert!(unknown * 4 > known, "{known:?} {unknown:?}");
}

async fn attempts_are_limited_per_account(world: &World) {
    let limited = world
        .another(|config| {
            config.rate_limits = Switch::On;
            config.sign_in_rate_limit = 3;
            config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        })
        .await;
    let mut codes = Vec::new();
    for attempt in 0..5 {
        let request = limited.request(None, Method::POST, "/api/v1/auth/login");
        let request = request.header("x-forwarded-for", format!("192.0.2.{attempt}"));
        let body = json!({"email": "Nobody@example.com", "password": "guess"});
        codes.push(request.json(&body).send().await.status);
    }
    assert_eq!(codes, [401, 401, 401, 429, 429]);
}

async fn parallel_refreshes_leave_everybody_signed_in(world: &World) {
    let ann = ann(world).await;
    let tokens = world.login(&ann.email, PASSWORD).await.expect(200);
    let first = refresh_token(&tokens);
    let answers = join_all((0..16).map(|_| refresh(world, &first))).await;
    for answer in answers {
        let answer = answer.expect(200);
        world.get(&ann.through(&answer), "/api/v1/me").await.expect(200);
        refresh(world, &refresh_token(&answer)).await.expect(200);
    }
}

async fn a_refresh_token_left_behind_ends_the_session(world: &World) {
    let ann = ann(world).await;
    let tokens = world.login(&ann.email, PASSWORD).await.expect(200);
    let other = world.login(&ann.email, PASSWORD).await.expect(200);
    let first = refresh_token(&tokens);
    let second = refresh(world, &first).await.expect(200);
    let third = refresh(world, &refresh_token(&second)).await.expect(200);
    world.get(&ann.through(&third), "/api/v1/me").await.expect(200);
    refresh(world, &first).await.problem(401, "invalid_credentials");
    for stopped in [&tokens, &second, &third] {
        world.get(&ann.through(stopped), "/api/v1/me").await.problem(401, "unauthenticated");
        refresh(world, &refresh_token(stopped)).await.problem(401, "invalid_credentials");
    }
    world.get(&ann.through(&other), "/api/v1/me").await.expect(200);
}

async fn after_ten_seconds_a_used_refresh_token_ends_the_session(world: &World) {
    let ann = ann(world).await;
    let first = refresh_token(&world.login(&ann.email, PASSWORD).await.expect(200));
    let second = refresh(world, &first).await.expect(200);
    world.clock().advance(TimeDelta::seconds(9));
    refresh(world, &first).await.expect(200);
    world.clock().advance(TimeDelta::seconds(2));
    refresh(world, &first).await.problem(401, "invalid_credentials");
    refresh(world, &refresh_token(&second)).await.problem(401, "invalid_credentials");
}

async fn garbage_refreshes_nothing(world: &World) {
    refresh(world, "garbage").await.problem(401, "invalid_credentials");
    let faulty = world.call(None, Method::POST, REFRESH, Some(json!({"refresh_token": "", "more": 1}))).await;
    let faulty = faulty.problem(422, "validation");
    assert!(faulty.faults().contains(&("/more", "unknown_field")), "{:?}", faulty.faults());
}

async fn an_access_token_expires_and_a_session_goes_on(world: &World) {
    let ann = ann(world).await;
    let tokens = world.login(&ann.email, PASSWORD).await.expect(200);
    world.clock().advance(TimeDelta::seconds(tokens.body["expires_in"].as_i64().unwrap() + 1));
    world.get(&ann.through(&tokens), "/api/v1/me").await.problem(401, "unauthenticated");
    let next = refresh(world, &refresh_token(&tokens)).await.expect(200);
    world.get(&ann.through(&next), "/api/v1/me").await.expect(200);
}

async fn a_session_that_nobody_refreshes_ends(world: &World) {
    let ann = ann(world).await;
    let tokens = world.login(&ann.email, PASSWORD).await.expect(200);
    world.clock().advance(TimeDelta::days(29));
    let next = refresh(world, &refresh_token(&tokens)).await.expect(200);
    world.clock().advance(TimeDelta::days(31));
    refresh(world, &refresh_token(&next)).await.problem(401, "invalid_credentials");
}

async fn signing_out_ends_the_session_at_once(world: &World) {
    let ann = ann(world).await;
    let tokens = world.login(&ann.email, PASSWORD).await.expect(200);
    let here = ann.through(&tokens);
    world.get(&here, "/api/v1/me").await.expect(200);
    world.post(&here, "/api/v1/auth/logout", json!(null)).await.expect(204);
    world.get(&here, "/api/v1/me").await.problem(401, "unauthenticated");
    refresh(world, &refresh_token(&tokens)).await.problem(401, "invalid_credentials");
    world.get(&ann, "/api/v1/me").await.expect(200);
}

async fn people_see_and_end_their_own_sessions(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let elsewhere = world.sign_in(ann.id).await;
    let list = world.get(&ann, "/api/v1/auth/sessions?include_total=true").await.expect(200);
    assert_eq!((list.ids(), list.body["total"].as_i64()), (vec![elsewhere.session, ann.session], Some(2)));
    let current: Vec<bool> = list.items().iter().map(|item| item["current"] == true).collect();
    assert_eq!(current, [false, true]);
    let path = format!("/api/v1/auth/sessions/{}", elsewhere.session);
    world.delete(&bob, &path).await.problem(404, "not_found");
    world.delete(&ann, &path).await.expect(204);
    world.get(&elsewhere, "/api/v1/me").await.problem(401, "unauthenticated");
    world.delete(&ann, &path).await.problem(404, "not_found");
    assert_eq!(world.get(&ann, "/api/v1/auth/sessions").await.ids(), [ann.session]);
}

async fn a_script_manages_no_sessions(world: &World) {
    let ann = world.employee().await;
    let script = world.with_token(&ann, Scope::ALL).await;
    for (method, path) in [
        (Method::GET, "/api/v1/auth/sessions"),
        (Method::POST, "/api/v1/auth/logout"),
        (Method::GET, "/api/v1/auth/tokens"),
        (Method::DELETE, "/api/v1/auth/sessions/1"),
    ] {
        world.call(Some(&script), method, path, None).await.problem(403, "session_required");
    }
}

async fn deactivation_stops_everything_at_once(world: &World) {
    let (admin, ann) = (world.admin().await, ann(world).await);
    let tokens = world.login(&ann.email, PASSWORD).await.expect(200);
    let script = world.with_token(&ann, &[Scope::ProfileRead]).await;
    let here = ann.through(&tokens);
    for who in [&here, &script] {
        world.get(who, "/api/v1/me").await.expect(200);
    }
    let path = format!("/api/v1/users/{}", ann.id);
    world.post(&admin, &format!("{path}/deactivate"), json!(null)).await.expect(200);
    for who in [&here, &script] {
        world.get(who, "/api/v1/me").await.problem(401, "unauthenticated");
    }
    refresh(world, &refresh_token(&tokens)).await.problem(401, "invalid_credentials");
    world.post(&admin, &format!("{path}/activate"), json!(null)).await.expect(200);
    for who in [&here, &script] {
        world.get(who, "/api/v1/me").await.problem(401, "unauthenticated");
    }
    world.login(&ann.email, PASSWORD).await.expect(200);
}

async fn more_sessions_than_fifty_end_the_one_unused_for_longest(world: &World) {
    let first = world.employee().await;
    let mut last = first.clone();
    for _ in 0..50 {
        world.clock().advance(TimeDelta::seconds(1));
        last = world.sign_in(first.id).await;
    }
    world.get(&first, "/api/v1/me").await.problem(401, "unauthenticated");
    let found = world.get(&last, "/api/v1/auth/sessions?include_total=true").await;
    assert_eq!(found.expect(200).body["total"], 50);
}
