//! The demo organisation: what there is to look at, and that it is loaded once.

use artel_api::demo::{self, Error, Loading, PASSWORD};
use artel_tests::{Method, Person, World, json, on_both};

on_both![
    there_is_much_to_look_at,
    its_people_sign_in_and_see_what_their_roles_let_them,
    it_is_loaded_once,
    of_two_that_load_it_at_once_one_does,
    another_organisation_is_left_alone,
];

async fn load(world: &World) -> Loading {
    demo::load(world.db(), world.clock().now()).await.unwrap()
}

/// One of the people of the demo, signed in with the password.
async fn sign_in(world: &World, login: &str) -> Person {
    let body = json!({"email": format!("{login}@demo.artel"), "password": PASSWORD});
    let answer = world.call(None, Method::POST, "/api/v1/auth/login", Some(body)).await.expect(200);
    world.sign_in(answer.body["user_id"].as_i64().unwrap()).await
}

/// How many there are of something.
async fn total(world: &World, who: &Person, path: &str) -> i64 {
    let separator = if path.contains('?') { '&' } else { '?' };
    let path = format!("/api/v1/{path}{separator}include_total=true&limit=1");
    let answer = world.get(who, &path).await.expect(200);
    answer.body["total"].as_i64().unwrap()
}

async fn there_is_much_to_look_at(world: &World) {
    let loaded = load(world).await;
    assert_eq!(loaded, Loading::Loaded { people: 17, companies: 24, contacts: 57 });
    let admin = sign_in(world, "admin").await;
    let now = world.clock().now();
    let half_a_year_ago = (now - chrono::TimeDelta::days(180)).format("%Y-%m-%dT%H:%M:%SZ");
    for (path, expected) in [
        ("users", 17),
        ("users?status=deactivated", 1),
        ("departments", 8),
        ("contacts", 54),
        ("contacts?trashed=only", 3),
        ("contacts?external_source=hubspot", 19),
        ("contacts?company_id=none", 7),
        ("contacts?q=812", 3),
        ("companies", 22),
        ("companies?trashed=only", 2),
        (&format!("contacts?verified_to={half_a_year_ago}"), 5),
    ] {
        assert_eq!(total(world, &admin, path).await, expected, "{path}");
    }
    let same_number = "contacts?phone=%2B7%20912%20000-10-01";
    assert_eq!(total(world, &admin, same_number).await, 1);
}

async fn its_people_sign_in_and_see_what_their_roles_let_them(world: &World) {
    load(world).await;
    let mut contacts = Vec::new();
    for login in ["admin", "manager", "employee", "guest"] {
        let person = sign_in(world, login).await;
        contacts.push(total(world, &person, "contacts").await);
    }
    assert_eq!(contacts, [54, 50, 47, 0]);
}

async fn it_is_loaded_once(world: &World) {
    load(world).await;
    let admin = sign_in(world, "admin").await;
    let first = world.get(&admin, "/api/v1/contacts?limit=200").await.expect(200);
    world.clock().advance(chrono::TimeDelta::minutes(5));
    assert_eq!(load(world).await, Loading::Found);
    let second = world.get(&admin, "/api/v1/contacts?limit=200").await.expect(200);
    assert_eq!(first.body, second.body);
    let body = json!({
        "token": "x".repeat(43), "email": "me@example.com", "password": "correct horse", "first_name": "Me",
        "last_name": "Too", "organisation": {"name": "Hive", "time_zone": "UTC", "default_country": "DE"}
    });
    let set_up = world.call(None, Method::POST, "/api/v1/setup", Some(body)).await;
    set_up.problem(409, "already_set_up");
}

async fn of_two_that_load_it_at_once_one_does(world: &World) {
    let (one, other) = futures_util::join!(load(world), load(world));
    assert!((one == Loading::Found) != (other == Loading::Found), "{one:?}, {other:?}");
    let admin = sign_in(world, "admin").await;
    assert_eq!(total(world, &admin, "users").await, 17);
}

async fn another_organisation_is_left_alone(world: &World) {
    let fields = artel_api::setup::Admin {
        email: "ann@example.com".parse().unwrap(),
        first_name: "Ann".parse().unwrap(),
        last_name: "Honey".parse().unwrap(),
        time_zone: artel_domain::time_zone::TimeZone::UTC,
        locale: artel_domain::user::Locale::En,
    };
    let now = world.clock().now();
    let ann = artel_api::setup::create_admin(world.db(), fields, "no hash", now).await.unwrap();
    let refused = demo::load(world.db(), now).await.unwrap_err();
    assert!(matches!(refused, Error::Taken(_)), "{refused}");
    let ann = world.sign_in(ann.id.0).await;
    assert_eq!(total(world, &ann, "users").await, 1);
}
