//! Setting the organisation up, once.

use artel_api::setup::{Admin, create_admin, issue_token};
use artel_domain::{time_zone::TimeZone, user::Locale};
use artel_tests::{Answer, Method, World, json, on_both};
use futures_util::future::join_all;

on_both![
    the_printed_token_makes_the_first_administrator,
    however_many_set_up_at_once_one_does,
    a_token_from_an_earlier_start_is_not_good,
    an_administrator_from_the_command_line_counts_as_set_up,
];

async fn set_up(world: &World, token: &str, email: &str) -> Answer {
    let body = json!({
        "token": token, "email": email, "first_name": "Ann", "last_name": "Honey", "password": "correct horse battery",
        "organisation": {"name": "Honey & Sons", "time_zone": "Europe/Berlin", "default_country": "DE"}
    });
    world.call(None, Method::POST, "/api/v1/setup", Some(body)).await
}

async fn the_printed_token_makes_the_first_administrator(world: &World) {
    let token = issue_token(world.db()).await.unwrap().expect("nobody set it up");
    set_up(world, "guess", "ann@example.com").await.problem(401, "invalid_credentials");
    let guessable = set_up(world, &token, "correct.horse@battery").await.status;
    assert_eq!(guessable, 201);
    let tokens = world.login("correct.horse@battery", "correct horse battery").await.expect(200);
    let ann = world.sign_in(tokens.body["user_id"].as_i64().unwrap()).await;
    let organisation = world.get(&ann, "/api/v1/organisation").await.expect(200);
    assert_eq!(organisation.body["name"], "Honey & Sons");
    let me = world.get(&ann, "/api/v1/me").await.expect(200);
    assert_eq!((&me.body["role"], &me.body["time_zone"]), (&json!("admin"), &json!("Europe/Berlin")));
    assert!(issue_token(world.db()).await.unwrap().is_none());
    set_up(world, &token, "eve@example.com").await.problem(409, "already_set_up");
    set_up(world, "guess", "eve@example.com").await.problem(409, "already_set_up");
}

async fn however_many_set_up_at_once_one_does(world: &World) {
    let token = issue_token(world.db()).await.unwrap().expect("nobody set it up");
    let emails: Vec<String> = (0..8).map(|number| format!("admin{number}@example.com")).collect();
    let answers = join_all(emails.iter().map(|email| set_up(world, &token, email))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201);
    assert_eq!(statuses[1..], [409; 7]);
}

async fn a_token_from_an_earlier_start_is_not_good(world: &World) {
    let earlier = issue_token(world.db()).await.unwrap().expect("nobody set it up");
    let token = issue_token(world.db()).await.unwrap().expect("nobody set it up");
    set_up(world, &earlier, "ann@example.com").await.problem(401, "invalid_credentials");
    set_up(world, &token, "ann@example.com").await.expect(201);
}

async fn an_administrator_from_the_command_line_counts_as_set_up(world: &World) {
    let token = issue_token(world.db()).await.unwrap().expect("nobody set it up");
    let admin = Admin {
        email: "ann@example.com".parse().unwrap(),
        first_name: "Ann".parse().unwrap(),
        last_name: "Honey".parse().unwrap(),
        time_zone: TimeZone::UTC,
        locale: Locale::En,
    };
    let hash = artel_api::password::hashing::digest("correct horse battery").unwrap();
    create_admin(world.db(), admin.clone(), &hash, world.clock().now()).await.unwrap();
    assert!(create_admin(world.db(), admin, &hash, world.clock().now()).await.is_err());
    set_up(world, &token, "eve@example.com").await.problem(409, "already_set_up");
    world.login("ann@example.com", "correct horse battery").await.expect(200);
}
