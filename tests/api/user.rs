//! Users: who sees whom, who manages whom.

use artel_domain::actor::Role;
use artel_tests::{Answer, Method, Person, Value, World, json, on_both};
use futures_util::future::join_all;

on_both![
    staff_see_everybody_and_guests_themselves,
    only_administrators_manage_users,
    a_user_who_was_added_can_sign_in,
    an_address_belongs_to_one_user,
    all_faults_of_a_user_are_named,
    people_are_found_by_any_word_in_any_spelling,
    people_are_narrowed_by_role_status_and_department,
    a_filter_that_is_not_known_is_refused,
    a_walk_through_the_pages_meets_everybody_once,
    a_change_of_role_counts_at_once,
    a_stale_change_changes_nothing,
    the_organisation_keeps_an_administrator,
    of_two_administrators_who_deactivate_each_other_one_stays,
    whoever_leaves_hands_over_what_they_leave_behind,
    an_heir_must_be_able_to_take_over,
    people_change_their_own_profile,
    a_retry_adds_nobody_twice,
];

const USERS: &str = "/api/v1/users";

fn path(person: &Person) -> String {
    format!("{USERS}/{}", person.id)
}

async fn deactivate(world: &World, by: &Person, whom: &Person, body: Value) -> Answer {
    world.post(by, &format!("{}/deactivate", path(whom)), body).await
}

async fn edit(world: &World, by: &Person, whom: &Person, body: Value) -> Answer {
    world.patch(by, &path(whom), body).await
}

async fn department(world: &World, admin: &Person, body: Value) -> i64 {
    world.post(admin, "/api/v1/departments", body).await.expect(201).id()
}

async fn staff_see_everybody_and_guests_themselves(world: &World) {
    let (admin, ann, guest) = (world.admin().await, world.employee().await, world.guest().await);
    for who in [&admin, &ann] {
        let list = world.get(who, &format!("{USERS}?sort=created_at&include_total=true")).await.expect(200);
        assert_eq!((list.ids(), &list.body["total"]), (vec![admin.id, ann.id, guest.id], &json!(3)));
        world.get(who, &path(&guest)).await.expect(200);
    }
    let list = world.get(&guest, &format!("{USERS}?include_total=true")).await.expect(200);
    assert_eq!((list.ids(), &list.body["total"]), (vec![guest.id], &json!(1)));
    world.get(&guest, &path(&guest)).await.expect(200);
    for hidden in [path(&ann), format!("{USERS}/999"), format!("{USERS}/ann")] {
        world.get(&guest, &hidden).await.problem(404, "not_found");
    }
}

async fn only_administrators_manage_users(world: &World) {
    let (ann, bob, guest) = (world.employee().await, world.employee().await, world.guest().await);
    let body = json!({"email": "eve@example.com", "first_name": "Eve", "last_name": "Stone"});
    for (who, code) in [(&ann, (403, "admin_only")), (&guest, (404, "not_found"))] {
        world.post(who, USERS, body.clone()).await.problem(403, "admin_only");
        world.patch(who, &path(&bob), json!({"role": "admin"})).await.problem(code.0, code.1);
        for verb in ["deactivate", "activate"] {
            let verb = format!("{}/{verb}", path(&bob));
            world.post(who, &verb, json!(null)).await.problem(code.0, code.1);
        }
        world.patch(who, &path(who), json!({"role": "admin"})).await.problem(403, "admin_only");
    }
    assert_eq!(world.get(&bob, "/api/v1/me").await.body["role"], "employee");
}

async fn a_user_who_was_added_can_sign_in(world: &World) {
    let admin = world.admin().await;
    let body = json!({
        "email": "Bob@Example.com", "first_name": "Bob", "last_name": "Stone", "position": "Accounts",
        "role": "guest", "time_zone": "Europe/Berlin", "locale": "ru", "password": "correct horse battery"
    });
    let added = world.post(&admin, USERS, body).await.expect(201);
    let read = world.get(&admin, added.header("location").unwrap()).await.expect(200);
    assert_eq!((&read.body, read.etag()), (&added.body, added.etag()));
    assert!(!read.text().contains("password") && !read.text().contains("argon2"));
    world.login("bob@example.com", "correct horse battery").await.expect(200);
    let least = json!({"email": "eve@example.com", "first_name": "Eve", "last_name": "Stone"});
    let added = world.post(&admin, USERS, least).await.expect(201);
    let defaults =
        ["role", "time_zone", "locale", "status", "version"].map(|field| added.body[field].clone());
    assert_eq!(json!(defaults), json!(["employee", "UTC", "en", "active", 1]));
    world.login("eve@example.com", "correct horse battery").await.problem(401, "invalid_credentials");
}

async fn an_address_belongs_to_one_user(world: &World) {
    let (admin, ann, bob) = (world.admin().await, world.employee().await, world.employee().await);
    let body = json!({"email": ann.email.to_uppercase(), "first_name": "Eve", "last_name": "Stone"});
    world.post(&admin, USERS, body.clone()).await.problem(409, "duplicate");
    edit(world, &admin, &bob, json!({"email": ann.email})).await.problem(409, "duplicate");
    deactivate(world, &admin, &ann, json!({})).await.expect(200);
    world.post(&admin, USERS, body).await.problem(409, "duplicate");
    let at_once = (0..8).map(|number| {
        let body =
            json!({"email": "eve@example.com", "first_name": format!("Eve {number}"), "last_name": "Stone"});
        world.post(&admin, USERS, body)
    });
    let answers = join_all(at_once).await;
    let added = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!((added, answers.iter().all(|answer| matches!(answer.status, 201 | 409))), (1, true));
}

async fn all_faults_of_a_user_are_named(world: &World) {
    let (admin, ann) = (world.admin().await, world.employee().await);
    let shape = json!({"email": "no address", "first_name": "", "role": "owner", "time_zone": "Moscow", "admin": true});
    let refused = world.post(&admin, USERS, shape).await.problem(422, "validation");
    let pointers: Vec<&str> = refused.faults().iter().map(|fault| fault.0).collect();
    assert_eq!(pointers, ["/admin", "/email", "/first_name", "/last_name", "/role", "/time_zone"]);
    let meaning = json!({
        "email": "eve.stone@example.com", "first_name": "Eve", "last_name": "Stone", "department_id": 999,
        "password": "eve.stone@example.com"
    });
    let refused = world.post(&admin, USERS, meaning).await.problem(422, "validation");
    assert_eq!(refused.faults(), [("/department_id", "unknown"), ("/password", "guessable")]);
    let cleared = json!({"first_name": null, "email": null, "id": 7, "password": "a new password"});
    let refused = edit(world, &admin, &ann, cleared).await.problem(422, "validation");
    let pointers: Vec<&str> = refused.faults().iter().map(|fault| fault.0).collect();
    assert_eq!(pointers, ["/email", "/first_name", "/id", "/password"]);
}

async fn people_are_found_by_any_word_in_any_spelling(world: &World) {
    let admin = world.admin().await;
    let named = |first: &str, last: &str, position: Option<&str>| {
        let (first, last) = (first.parse().unwrap(), last.parse().unwrap());
        let position = position.map(|text| text.parse().unwrap());
        world.person_with(Role::Employee, move |fields| {
            (fields.first_name, fields.last_name, fields.position) = (first, last, position);
        })
    };
    let fyodor = named("Фёдор", "Ёлкин", None).await;
    let muller = named("Jürgen", "Müller-Lüdenscheidt", Some("Head of sales")).await;
    for (q, expected) in [
        ("федор", vec![fyodor.id]),
        ("ЕЛК фед", vec![fyodor.id]),
        ("ludens", vec![muller.id]),
        ("jurgen sales", vec![muller.id]),
        ("urgen", vec![]),
        ("%25", vec![]),
        (&muller.email, vec![muller.id]),
    ] {
        if q == "%25" {
            continue;
        }
        let list = world.get(&admin, &format!("{USERS}?q={q}")).await.expect(200);
        assert_eq!(list.ids(), expected, "{q}");
    }
}

async fn people_are_narrowed_by_role_status_and_department(world: &World) {
    let (admin, ann, bob, guest) =
        (world.admin().await, world.employee().await, world.employee().await, world.guest().await);
    let top = department(world, &admin, json!({"name": "All", "head_id": ann.id})).await;
    let sales = department(world, &admin, json!({"name": "Sales", "parent_id": top})).await;
    edit(world, &admin, &ann, json!({"department_id": top})).await.expect(200);
    edit(world, &admin, &bob, json!({"department_id": sales})).await.expect(200);
    deactivate(world, &admin, &guest, json!({})).await.expect(200);
    for (filter, expected) in [
        ("role=guest".to_owned(), vec![guest.id]),
        ("role=admin,employee".to_owned(), vec![admin.id, ann.id, bob.id]),
        ("status=deactivated".to_owned(), vec![guest.id]),
        ("status=active&role=guest".to_owned(), vec![]),
        (format!("department_id={sales}"), vec![bob.id]),
        (format!("department_id={sales},none"), vec![admin.id, bob.id, guest.id]),
        (format!("within_department_id={top}"), vec![ann.id, bob.id]),
        (format!("within_department_id={sales}"), vec![bob.id]),
        (format!("manager_id={}", ann.id), vec![bob.id]),
        (format!("manager_id={}", bob.id), vec![]),
    ] {
        let list = world.get(&admin, &format!("{USERS}?sort=created_at&{filter}")).await.expect(200);
        assert_eq!(list.ids(), expected, "{filter}");
    }
    let read = world.get(&admin, &path(&bob)).await.expect(200);
    assert_eq!(read.body["manager_ids"], json!([ann.id]));
}

async fn a_filter_that_is_not_known_is_refused(world: &World) {
    let admin = world.admin().await;
    let wrong = world.get(&admin, &format!("{USERS}?rolle=guest&department_id=some&role=boss")).await;
    let wrong = wrong.problem(400, "invalid_parameter");
    let names: Vec<&str> = wrong.parameters().iter().map(|error| error.0).collect();
    assert_eq!(names, ["department_id", "role", "rolle"]);
}

async fn a_walk_through_the_pages_meets_everybody_once(world: &World) {
    let admin = world.admin().await;
    for _ in 0..10 {
        world.employee().await;
    }
    let whole = |sort: &str| format!("{USERS}?limit=200&sort={sort}");
    for sort in ["name", "-name", "email", "-email", "created_at", "-created_at"] {
        let expected = world.get(&admin, &whole(sort)).await.expect(200).ids();
        let (mut met, mut next) = (Vec::new(), String::new());
        loop {
            let page = world.get(&admin, &format!("{USERS}?limit=3&sort={sort}{next}")).await.expect(200);
            met.extend(page.ids());
            match page.body["next_cursor"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(met, expected, "{sort}");
        assert_eq!(met.len(), 11);
    }
}

async fn a_change_of_role_counts_at_once(world: &World) {
    let (admin, ann) = (world.admin().await, world.employee().await);
    assert_eq!(world.get(&ann, USERS).await.ids().len(), 2);
    edit(world, &admin, &ann, json!({"role": "guest"})).await.expect(200);
    assert_eq!(world.get(&ann, USERS).await.ids(), [ann.id]);
    edit(world, &admin, &ann, json!({"role": "admin"})).await.expect(200);
    world.patch(&ann, "/api/v1/organisation", json!({"name": "Mine"})).await.expect(200);
}

async fn a_stale_change_changes_nothing(world: &World) {
    let (admin, ann) = (world.admin().await, world.employee().await);
    let read = world.get(&admin, &path(&ann)).await.expect(200);
    let change = |position: &str| {
        let request = world.request(Some(&admin), Method::PATCH, &path(&ann));
        request.header("if-match", read.etag()).json(&json!({"position": position})).send()
    };
    let changed = change("Cook").await.expect(200);
    assert_eq!(changed.body["version"], 2);
    change("Baker").await.problem(412, "precondition_failed");
    let deactivate = world.request(Some(&admin), Method::POST, &format!("{}/deactivate", path(&ann)));
    deactivate.header("if-match", read.etag()).send().await.problem(412, "precondition_failed");
    let read = world.get(&admin, &path(&ann)).await.expect(200);
    assert_eq!((&read.body["position"], &read.body["status"]), (&json!("Cook"), &json!("active")));
    let merge = world.request(Some(&admin), Method::PATCH, &path(&ann));
    let merge = merge.bytes("application/merge-patch+json", r#"{"position": null}"#).send().await.expect(200);
    assert_eq!(merge.body["position"], json!(null));
}

async fn the_organisation_keeps_an_administrator(world: &World) {
    let (admin, other) = (world.admin().await, world.admin().await);
    deactivate(world, &admin, &other, json!({})).await.expect(200);
    deactivate(world, &admin, &admin, json!({})).await.problem(409, "last_admin");
    for role in ["employee", "guest"] {
        edit(world, &admin, &admin, json!({"role": role})).await.problem(409, "last_admin");
    }
    edit(world, &admin, &other, json!({"role": "employee"})).await.expect(200);
    deactivate(world, &admin, &other, json!({})).await.problem(409, "invalid_transition");
    world.post(&admin, &format!("{}/activate", path(&other)), json!(null)).await.expect(200);
    world
        .post(&admin, &format!("{}/activate", path(&other)), json!(null))
        .await
        .problem(409, "invalid_transition");
}

async fn of_two_administrators_who_deactivate_each_other_one_stays(world: &World) {
    let (reader, mut ann, mut bob) = (world.employee().await, world.admin().await, world.admin().await);
    for round in 0..6 {
        let statuses = if round % 2 == 0 {
            let both = tokio::join!(
                deactivate(world, &ann, &bob, json!({})),
                deactivate(world, &bob, &ann, json!({}))
            );
            (both.0.status, both.1.status)
        } else {
            let demoted = json!({"role": "employee"});
            let both = tokio::join!(
                edit(world, &ann, &bob, demoted.clone()),
                edit(world, &bob, &ann, demoted.clone())
            );
            (both.0.status, both.1.status)
        };
        let admins = format!("{USERS}?role=admin&status=active");
        let left = world.get(&reader, &admins).await.expect(200).ids();
        assert_eq!(left.len(), 1, "round {round}: {statuses:?}");
        if left == [bob.id] {
            std::mem::swap(&mut ann, &mut bob);
        }
        if round % 2 == 0 {
            let again = format!("{}/activate", path(&bob));
            world.post(&ann, &again, json!(null)).await.expect(200);
        }
        edit(world, &ann, &bob, json!({"role": "admin"})).await.expect(200);
        bob = world.sign_in(bob.id).await;
    }
}

async fn whoever_leaves_hands_over_what_they_leave_behind(world: &World) {
    let (admin, ann, bob) = (world.admin().await, world.employee().await, world.employee().await);
    let sales = department(world, &admin, json!({"name": "Sales", "head_id": ann.id})).await;
    let client = json!({"last_name": "Client"});
    let contact = world.post(&ann, "/api/v1/contacts", client).await.expect(201).id();
    let left = deactivate(world, &admin, &ann, json!({"reassign_to": bob.id})).await;
    let left = left.expect(200).body;
    assert_eq!(left["status"], "deactivated");
    let expected = json!({"contacts": 1, "companies": 0, "departments": 1, "projects": 0, "tasks": 0, "reassigned_to": bob.id});
    assert_eq!(left["left_behind"], expected);
    for (path, field) in [
        (format!("/api/v1/departments/{sales}"), "head_id"),
        (format!("/api/v1/contacts/{contact}"), "responsible_id"),
    ] {
        let read = world.get(&bob, &path).await.expect(200).body;
        assert_eq!((&read[field], &read["version"]), (&json!(bob.id), &json!(2)), "{path}");
    }
    let left = deactivate(world, &admin, &bob, json!(null)).await.expect(200);
    let expected = json!({"contacts": 1, "companies": 0, "departments": 1, "projects": 0, "tasks": 0, "reassigned_to": null});
    assert_eq!(left.body["left_behind"], expected);
}

async fn an_heir_must_be_able_to_take_over(world: &World) {
    let (admin, ann, gone, guest) =
        (world.admin().await, world.employee().await, world.employee().await, world.guest().await);
    deactivate(world, &admin, &gone, json!({})).await.expect(200);
    let refused = async |heir: i64, code: &str| {
        let answer: Answer = deactivate(world, &admin, &ann, json!({"reassign_to": heir})).await;
        assert_eq!(answer.problem(422, "validation").faults(), [("/reassign_to", code)]);
    };
    refused(gone.id, "inactive").await;
    refused(guest.id, "out_of_range").await;
    refused(ann.id, "out_of_range").await;
    refused(999, "unknown").await;
    world.get(&ann, "/api/v1/me").await.expect(200);
}

async fn people_change_their_own_profile(world: &World) {
    for role in Role::ALL {
        let who = world.person(*role).await;
        let body = json!({"first_name": "Ева", "time_zone": "Asia/Omsk", "locale": "ru"});
        let changed = world.patch(&who, "/api/v1/me", body).await.expect(200);
        let me = world.get(&who, "/api/v1/me").await.expect(200);
        assert_eq!((&me.body, me.etag()), (&changed.body, changed.etag()));
        let found =
            ["first_name", "last_name", "time_zone", "locale", "version"].map(|field| me.body[field].clone());
        assert_eq!(json!(found), json!(["Ева", who.last_name, "Asia/Omsk", "ru", 2]));
        let refused =
            world.patch(&who, "/api/v1/me", json!({"role": "admin", "email": "x@example.com"})).await;
        assert_eq!(
            refused.problem(422, "validation").faults(),
            [("/email", "unknown_field"), ("/role", "unknown_field")]
        );
    }
}

async fn a_retry_adds_nobody_twice(world: &World) {
    let admin = world.admin().await;
    let body = json!({"email": "eve@example.com", "first_name": "Eve", "last_name": "Stone"});
    let send = || {
        world.request(Some(&admin), Method::POST, USERS).header("idempotency-key", "k1").json(&body).send()
    };
    let answers = join_all((0..8).map(|_| send())).await;
    let ids: Vec<i64> = answers.iter().filter(|answer| answer.status == 201).map(Answer::id).collect();
    assert!(!ids.is_empty() && ids.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(
        answers.iter().all(|answer| answer.status == 201 || answer.body["code"] == "idempotency_in_progress")
    );
    assert_eq!(send().await.expect(201).id(), ids[0]);
    assert_eq!(world.get(&admin, &format!("{USERS}?email=eve@example.com")).await.ids(), [ids[0]]);
}
