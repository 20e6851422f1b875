//! Personal access tokens.

use std::time::Duration;

use artel_domain::{
    actor::{Scope, SessionId},
    token::TokenFields,
};
use artel_persistence::{in_tx, session, token as store};
use artel_tests::{Person, World, json, on_both};
use chrono::TimeDelta;
use futures_util::future::join;

on_both![
    a_token_works_within_its_scopes_and_no_further,
    a_token_is_shown_once,
    a_revoked_token_stops_at_once,
    a_token_expires,
    other_peoples_tokens_do_not_exist,
    a_faulty_token_is_refused_with_all_its_faults,
    the_last_use_of_a_token_is_noted,
    nobody_has_more_than_fifty_tokens,
    however_many_tokens_are_made_at_once_fifty_are,
    a_token_follows_the_role_of_its_owner,
];

const TOKENS: &str = "/api/v1/auth/tokens";

fn through(person: &Person, token: &str) -> Person {
    Person { bearer: token.to_owned(), ..person.clone() }
}

async fn a_token_works_within_its_scopes_and_no_further(world: &World) {
    let ann = world.employee().await;
    for (scopes, path, expected) in [
        (vec![Scope::ProfileRead], "/api/v1/me", 200),
        (vec![Scope::ProfileRead], "/api/v1/users", 403),
        (vec![Scope::PeopleRead], "/api/v1/users", 200),
        (vec![Scope::PeopleRead], "/api/v1/departments/tree", 200),
        (vec![Scope::PeopleRead], "/api/v1/me", 403),
        (vec![Scope::CrmRead], "/api/v1/users", 403),
        (vec![Scope::ProfileRead, Scope::PeopleRead], "/api/v1/users", 200),
    ] {
        let script = world.with_token(&ann, &scopes).await;
        let answer = world.get(&script, path).await.expect(expected);
        if expected == 403 {
            answer.problem(403, "scope_missing");
        }
    }
    let script = world.with_token(&ann, Scope::ALL).await;
    world.patch(&script, "/api/v1/me", json!({"first_name": "Eve"})).await.problem(403, "session_required");
    world
        .post(&script, TOKENS, json!({"name": "more", "scopes": ["crm:read"]}))
        .await
        .problem(403, "session_required");
}

async fn a_token_is_shown_once(world: &World) {
    let ann = world.employee().await;
    let body = json!({"name": "Nightly", "scopes": ["profile:read"], "expires_at": null});
    let made = world.post(&ann, TOKENS, body).await.expect(201);
    let token = made.body["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with(made.body["hint"].as_str().unwrap()));
    world.get(&through(&ann, &token), "/api/v1/me").await.expect(200);
    let read = world.get(&ann, made.header("location").unwrap()).await.expect(200);
    assert_eq!(read.id(), made.id());
    let list = world.get(&ann, TOKENS).await.expect(200);
    assert_eq!(list.ids(), [made.id()]);
    for answer in [read, list] {
        assert!(!answer.text().contains(&token));
    }
    let mut mistyped = token.clone();
    mistyped.replace_range(15..16, if &token[15..16] == "x" { "y" } else { "x" });
    world.get(&through(&ann, &mistyped), "/api/v1/me").await.problem(401, "unauthenticated");
}

async fn a_revoked_token_stops_at_once(world: &World) {
    let ann = world.employee().await;
    let made = world.post(&ann, TOKENS, json!({"name": "x", "scopes": ["profile:read"]})).await.expect(201);
    let script = through(&ann, made.body["token"].as_str().unwrap());
    world.get(&script, "/api/v1/me").await.expect(200);
    let path = format!("{TOKENS}/{}", made.id());
    world.delete(&ann, &path).await.expect(204);
    world.get(&script, "/api/v1/me").await.problem(401, "unauthenticated");
    world.delete(&ann, &path).await.problem(404, "not_found");
    assert!(world.get(&ann, TOKENS).await.ids().is_empty());
}

async fn a_token_expires(world: &World) {
    let ann = world.employee().await;
    let expires_at = (world.clock().now() + TimeDelta::hours(1)).to_rfc3339();
    let body = json!({"name": "x", "scopes": ["profile:read"], "expires_at": expires_at});
    let made = world.post(&ann, TOKENS, body).await.expect(201);
    let script = through(&ann, made.body["token"].as_str().unwrap());
    world.get(&script, "/api/v1/me").await.expect(200);
    world.clock().advance(TimeDelta::minutes(61));
    tokio::time::sleep(Duration::from_millis(1100)).await;
    world.get(&script, "/api/v1/me").await.problem(401, "unauthenticated");
}

async fn other_peoples_tokens_do_not_exist(world: &World) {
    let (ann, admin) = (world.employee().await, world.admin().await);
    let made = world.post(&ann, TOKENS, json!({"name": "x", "scopes": ["profile:read"]})).await.expect(201);
    let path = format!("{TOKENS}/{}", made.id());
    world.get(&admin, &path).await.problem(404, "not_found");
    world.delete(&admin, &path).await.problem(404, "not_found");
    assert!(world.get(&admin, TOKENS).await.ids().is_empty());
    world.get(&through(&ann, made.body["token"].as_str().unwrap()), "/api/v1/me").await.expect(200);
}

async fn a_faulty_token_is_refused_with_all_its_faults(world: &World) {
    let ann = world.employee().await;
    let shape = json!({"name": " ", "scopes": [], "expires_at": "tomorrow", "admin": true});
    let refused = world.post(&ann, TOKENS, shape).await.problem(422, "validation");
    let pointers: Vec<&str> = refused.faults().iter().map(|fault| fault.0).collect();
    assert_eq!(pointers, ["/admin", "/expires_at", "/name", "/scopes"]);
    let meaning =
        json!({"name": "x", "scopes": ["crm:read", "crm:read"], "expires_at": "2001-01-01T00:00:00Z"});
    let refused = world.post(&ann, TOKENS, meaning).await.problem(422, "validation");
    assert_eq!(refused.faults(), [("/expires_at", "out_of_range"), ("/scopes/1", "duplicate")]);
    let unknown = json!({"name": "x", "scopes": ["crm:rule"]});
    let refused = world.post(&ann, TOKENS, unknown).await.problem(422, "validation");
    assert_eq!(refused.faults(), [("/scopes/0", "enum")]);
}

async fn the_last_use_of_a_token_is_noted(world: &World) {
    let ann = world.employee().await;
    let made = world.post(&ann, TOKENS, json!({"name": "x", "scopes": ["profile:read"]})).await.expect(201);
    assert_eq!(made.body["last_used_at"], json!(null));
    world.get(&through(&ann, made.body["token"].as_str().unwrap()), "/api/v1/me").await.expect(200);
    let noted = async {
        while world.get(&ann, &format!("{TOKENS}/{}", made.id())).await.body["last_used_at"].is_null() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), noted).await.expect("the use is noted");
}

async fn nobody_has_more_than_fifty_tokens(world: &World) {
    let ann = world.employee().await;
    let body = json!({"name": "x", "scopes": ["profile:read"]});
    let first = world.post(&ann, TOKENS, body.clone()).await.expect(201);
    for _ in 1..50 {
        world.post(&ann, TOKENS, body.clone()).await.expect(201);
    }
    world.post(&ann, TOKENS, body.clone()).await.problem(409, "limit_reached");
    world.delete(&ann, &format!("{TOKENS}/{}", first.id())).await.expect(204);
    world.post(&ann, TOKENS, body).await.expect(201);
}

async fn a_token_follows_the_role_of_its_owner(world: &World) {
    let (admin, ann) = (world.admin().await, world.employee().await);
    let script = world.with_token(&ann, &[Scope::PeopleRead]).await;
    assert_eq!(world.get(&script, "/api/v1/users").await.expect(200).ids().len(), 2);
    world.patch(&admin, &format!("/api/v1/users/{}", ann.id), json!({"role": "guest"})).await.expect(200);
    assert_eq!(world.get(&script, "/api/v1/users").await.expect(200).ids(), [ann.id]);
}

/// The one before the last is on its way when the last is asked for.
async fn however_many_tokens_are_made_at_once_fifty_are(world: &World) {
    let ann = world.employee().await;
    for _ in 0..49 {
        world.with_token(&ann, &[Scope::CrmRead]).await;
    }
    let now = world.clock().now();
    let actor =
        session::unscoped_actor(world.db().reader(), SessionId(ann.session), now).await.unwrap().unwrap();
    let fields = TokenFields { name: "x".parse().unwrap(), scopes: vec![Scope::CrmRead], expires_at: None };
    let slow = in_tx(world.db(), async |tx| {
        assert_eq!(store::count(tx, &actor).await?, 49);
        tokio::time::sleep(Duration::from_millis(800)).await;
        store::insert(tx, &actor, fields.clone(), "hash".to_owned(), "hint".to_owned(), now).await
    });
    let meanwhile = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        world.post(&ann, TOKENS, json!({"name": "x", "scopes": ["crm:read"]})).await
    };
    let (made, refused) = join(slow, meanwhile).await;
    made.unwrap();
    refused.problem(409, "limit_reached");
}
