//! The demo organisation: what there is to look at, and that it is loaded once.

use std::collections::BTreeSet;

use artel_api::demo::{self, Error, Loading, PASSWORD};
use artel_tests::{Method, Person, Value, World, json, on_both};

on_both![
    there_is_much_to_look_at,
    administrators_see_the_work_outside_of_closed_doors,
    its_people_work_in_every_way_there_is,
    whoever_signs_in_finds_something_to_do,
    closed_doors_stay_closed,
    what_was_said_waits_for_those_who_have_not_read_it,
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
    assert_eq!(loaded, Loading::Loaded { people: 17, companies: 24, contacts: 57, projects: 3, tasks: 71 });
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

async fn administrators_see_the_work_outside_of_closed_doors(world: &World) {
    load(world).await;
    let admin = sign_in(world, "admin").await;
    for (path, expected) in [
        ("projects", 3),
        ("projects?privacy=open", 1),
        ("projects?privacy=secret", 1),
        ("tasks", 50),
        ("tasks?project_id=none", 19),
        ("tasks?trashed=only", 2),
        ("tasks?status=pending", 16),
        ("tasks?status=in_progress", 13),
        ("tasks?status=deferred", 4),
        ("tasks?status=in_review", 3),
        ("tasks?status=completed", 14),
        ("tasks?overdue=true", 7),
        ("tasks?priority=high", 15),
        ("tasks?deadline=none", 2),
        ("tasks?parent_id=none", 32),
        ("tasks?tag=%D0%BF%D0%B8%D1%82%D1%87%D0%B8", 4),
        ("tasks?q=%D1%80%D0%B5%D0%BF%D0%B5%D1%82", 4),
    ] {
        assert_eq!(total(world, &admin, path).await, expected, "{path}");
    }
}

/// An administrator sees everything outside of projects and in the open one; those who lead the others see these.
async fn its_people_work_in_every_way_there_is(world: &World) {
    load(world).await;
    let mut everywhere = Vec::new();
    for login in ["admin", "james", "natalia"] {
        let person = sign_in(world, login).await;
        let answer = world.get(&person, "/api/v1/tasks?limit=200").await.expect(200);
        everywhere.extend(answer.items().to_vec());
    }
    let count = |is: &dyn Fn(&Value) -> bool| {
        let found: BTreeSet<i64> =
            everywhere.iter().filter(|task| is(task)).map(|task| task["id"].as_i64().unwrap()).collect();
        found.len()
    };
    let at = |status: &str| count(&|task| task["status"] == status);
    let statuses = ["pending", "in_progress", "deferred", "in_review", "completed"].map(at);
    assert_eq!(statuses, [20, 18, 6, 5, 20]);
    let filled = |field: &str| count(&|task| task[field].as_array().is_some_and(|it| !it.is_empty()));
    assert_eq!(count(&|_| true), 69);
    let returned = count(&|task| task["returned"] == true);
    let moved = count(&|task| task["deadline_moves"].as_i64() > Some(0));
    let said = count(&|task| task["comment_count"].as_i64() > Some(0));
    let parents = count(&|task| task["subtask_count"].as_i64() > Some(0));
    let until = count(&|task| !task["deferred_until"].is_null());
    let approved = count(&|task| !task["approved_at"].is_null());
    assert_eq!([returned, moved, said, parents, until, approved], [3, 5, 43, 12, 4, 5]);
    let crews = ["co_executor_ids", "observer_ids", "contacts", "companies", "tags"].map(filled);
    assert_eq!(crews, [24, 35, 29, 23, 66]);
}

async fn whoever_signs_in_finds_something_to_do(world: &World) {
    load(world).await;
    let mut found = Vec::new();
    for login in ["admin", "manager", "employee", "guest"] {
        let person = sign_in(world, login).await;
        let mine = "tasks?user_id=me&open=true&sort=deadline";
        let overdue = "tasks?user_id=me&role=responsible&overdue=true";
        found.push([
            total(world, &person, "projects").await,
            total(world, &person, "tasks").await,
            total(world, &person, mine).await,
            total(world, &person, overdue).await,
        ]);
    }
    assert_eq!(found, [[3, 50, 2, 0], [2, 57, 10, 0], [2, 37, 12, 1], [1, 12, 5, 0]]);
}

async fn closed_doors_stay_closed(world: &World) {
    load(world).await;
    let natalia = sign_in(world, "natalia").await;
    let projects = world.get(&natalia, "/api/v1/projects?sort=name").await.expect(200);
    let id = |privacy: &str| {
        let found = projects.items().iter().find(|project| project["privacy"] == privacy);
        found.unwrap()["id"].as_i64().unwrap()
    };
    let (closed, secret) = (id("closed"), id("secret"));
    let deal = world.get(&natalia, &format!("/api/v1/tasks?project_id={secret}")).await.expect(200);
    let task = deal.ids()[0];
    let guest = sign_in(world, "guest").await;
    let seen = world.get(&guest, "/api/v1/tasks?limit=200").await.expect(200);
    assert!(seen.items().iter().all(|task| task["project_id"] == closed));
    let admin = sign_in(world, "admin").await;
    let shown = world.get(&admin, &format!("/api/v1/projects/{secret}")).await.expect(200);
    assert_eq!(shown.body["can"], json!(["view"]));
    for login in ["manager", "employee", "guest"] {
        let person = sign_in(world, login).await;
        world.get(&person, &format!("/api/v1/projects/{secret}")).await.problem(404, "not_found");
    }
    for login in ["admin", "manager", "employee", "guest"] {
        let person = sign_in(world, login).await;
        world.get(&person, &format!("/api/v1/tasks/{task}")).await.problem(404, "not_found");
    }
}

async fn what_was_said_waits_for_those_who_have_not_read_it(world: &World) {
    load(world).await;
    let employee = sign_in(world, "employee").await;
    let mine = world.get(&employee, "/api/v1/tasks?user_id=me&limit=200").await.expect(200);
    let unread = mine.items().iter().filter(|task| task["unread_count"].as_i64() > Some(0)).count();
    let read = mine.items().iter().filter(|task| !task["seen_at"].is_null()).count();
    assert_eq!((unread, read), (7, 3));
    assert_eq!(total(world, &employee, "tasks?favourite=true").await, 1);
    let programme = mine.items().iter().find(|task| task["favourite"] == true).unwrap();
    let history = format!("/api/v1/tasks/{}/history?field=deadline&sort=at", programme["id"]);
    let moves = world.get(&employee, &history).await.expect(200);
    let reasons: Vec<&Value> = moves.items().iter().map(|entry| &entry["changes"][1]["new"]).collect();
    assert_eq!(reasons.last(), Some(&&json!("Ждём ответа спикера.")));
    let comments = format!("/api/v1/tasks/{}/comments", programme["id"]);
    let said = world.get(&employee, &comments).await.expect(200);
    let mention = format!("@[user:{}], если", employee.id);
    assert!(said.items().iter().any(|it| it["text"].as_str().unwrap().starts_with(&mention)));
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
