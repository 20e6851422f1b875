//! The demo organisation: what is there to look at, and that it is loaded once.

use artel_api::demo::{self, Error, Loading, PASSWORD, SIGN_INS};
use artel_tests::{Method, Person, World, json, on_both};

on_both![
    it_is_lively,
    it_is_loaded_once,
    its_people_sign_in,
    its_manager_sees_more_than_its_employee,
    another_organisation_is_left_alone,
];

async fn load(world: &World) -> Loading {
    demo::load(world.db(), world.clock().now()).await.unwrap()
}

/// One of the people of the demo, signed in with the password.
async fn sign_in(world: &World, login: &str) -> Person {
    let body = json!({"email": format!("{login}@demo.artel"), "password": PASSWORD});
    let answer = world.call(None, Method::POST, "/api/v1/auth/login", Some(body)).await.expect(200);
    Person {
        id: answer.body["user"]["id"].as_i64().unwrap(),
        bearer: answer.body["access_token"].as_str().unwrap().to_owned(),
        ..world.person_named(login)
    }
}

async fn total(world: &World, who: &Person, path: &str) -> i64 {
    let separator = if path.contains('?') { '&' } else { '?' };
    let answer = world.get(who, &format!("{path}{separator}include_total=true&limit=1")).await;
    answer.expect(200).body["total"].as_i64().unwrap()
}
