//! How far each role reaches into the CRM, and that it is in force at once.

use artel_domain::actor::Scope;
use artel_tests::{
    Method, Person, Value, World,
    crm::{ACCESS, CONTACTS, KINDS, Kind, levels},
    json, on_both,
};

on_both![
    administrators_read_and_save_the_table,
    a_version_must_be_named,
    a_change_is_in_force_at_once,
    a_change_reaches_tokens_too,
    no_action_reaches_further_than_reading,
    what_one_may_not_read_does_not_exist_and_what_one_may_only_read_is_refused,
    heads_reach_the_records_of_the_people_below,
    creating_needs_a_right_to_write,
    guests_never_reach_the_crm,
];

const EMPLOYEE: [(&str, &str); 5] =
    [("read", "shared"), ("write", "department"), ("delete", "own"), ("export", "own"), ("import", "own")];

async fn administrators_read_and_save_the_table(world: &World) {
    let (admin, ann) = (world.admin().await, world.employee().await);
    let table = world.get(&admin, ACCESS).await.expect(200);
    for (action, level) in EMPLOYEE {
        assert_eq!(table.body["employee"][action], level, "{action}");
        assert_eq!(table.body["admin"][action], "all", "{action}");
        assert_eq!(table.body["guest"][action], "none", "{action}");
    }
    world.let_employees(&admin, &levels("department", &json!({"export": "none"}))).await;
    let changed = world.get(&admin, ACCESS).await.expect(200);
    assert_eq!(changed.body["employee"], levels("department", &json!({"export": "none"})));
    assert_eq!(
        (&changed.body["admin"], &changed.body["guest"]),
        (&table.body["admin"], &table.body["guest"])
    );
    assert_eq!(changed.body["version"], 2);
    world.get(&ann, ACCESS).await.problem(403, "admin_only");
    let put = world.request(Some(&ann), Method::PUT, ACCESS).header("if-match", "\"2\"");
    let body = json!({"employee": levels("all", &json!({}))});
    put.json(&body).send().await.problem(403, "admin_only");
    for wrong in [
        json!({"admin": levels("none", &json!({})), "employee": levels("all", &json!({}))}),
        json!({}),
        json!({"employee": {"read": "all"}}),
        json!({"employee": levels("everything", &json!({}))}),
    ] {
        let put = world.request(Some(&admin), Method::PUT, ACCESS).header("if-match", "\"2\"");
        put.json(&wrong).send().await.problem(422, "validation");
    }
}

async fn a_version_must_be_named(world: &World) {
    let admin = world.admin().await;
    let body = json!({"employee": levels("all", &json!({}))});
    world.put(&admin, ACCESS, body.clone()).await.problem(428, "precondition_required");
    let put = |version: &str| {
        let request = world.request(Some(&admin), Method::PUT, ACCESS);
        request.header("if-match", format!("\"{version}\"")).json(&body).send()
    };
    put("2").await.problem(412, "precondition_failed");
    assert_eq!(put("1").await.expect(200).body["version"], 2);
    assert_eq!(put("2").await.expect(200).body["version"], 2, "nothing changed");
}

async fn a_change_is_in_force_at_once(world: &World) {
    let (admin, ann, bob) = (world.admin().await, world.employee().await, world.employee().await);
    for kind in KINDS {
        let id = world.record(&bob, kind, "Bob", json!({"shared": false})).await;
        for (level, visible) in [("all", true), ("shared", false), ("all", true), ("none", false)] {
            world.let_employees(&admin, &levels(level, &json!({}))).await;
            let read = world.get(&ann, &kind.at(id)).await;
            if visible {
                assert_eq!(read.expect(200).body["can"], json!(["read", "write", "delete", "export"]));
            } else {
                read.problem(404, "not_found");
            }
            assert_eq!(world.ids(&ann, kind, &[]).await.contains(&id), visible, "{level}");
        }
        world.let_employees(&admin, &levels("all", &json!({}))).await;
        world.delete(&ann, &kind.at(id)).await.expect(204);
    }
}

async fn a_change_reaches_tokens_too(world: &World) {
    let (admin, ann) = (world.admin().await, world.employee().await);
    let script = world.with_token(&ann, &[Scope::CrmRead, Scope::CrmWrite]).await;
    let id = world.record(&script, CONTACTS, "Lee", json!({})).await;
    world.let_employees(&admin, &levels("all", &json!({"write": "none"}))).await;
    world.patch(&script, &CONTACTS.at(id), json!({"comment": "x"})).await.problem(403, "access_level");
    world.let_employees(&admin, &levels("none", &json!({}))).await;
    world.get(&script, &CONTACTS.at(id)).await.problem(404, "not_found");
}

/// What someone can do with a record, by trying.
async fn attempts(world: &World, who: &Person, kind: Kind, id: i64) -> [u16; 3] {
    let read = world.get(who, &kind.at(id)).await.status;
    let write = world.patch(who, &kind.at(id), json!({"comment": "x"})).await.status;
    let delete = world.delete(who, &kind.at(id)).await.status;
    [read, write, delete]
}

async fn no_action_reaches_further_than_reading(world: &World) {
    let (admin, ann, bob) = (world.admin().await, world.employee().await, world.employee().await);
    for kind in KINDS {
        let open = world.record(&bob, kind, "Open", json!({})).await;
        let mine = world.record(&ann, kind, "Mine", json!({})).await;
        world.let_employees(&admin, &levels("all", &json!({"read": "own"}))).await;
        assert_eq!(attempts(world, &ann, kind, open).await, [404, 404, 404]);
        assert_eq!(attempts(world, &ann, kind, mine).await, [200, 200, 204]);
        world.let_employees(&admin, &levels("all", &json!({}))).await;
    }
}

async fn what_one_may_not_read_does_not_exist_and_what_one_may_only_read_is_refused(world: &World) {
    let (admin, ann, bob) = (world.admin().await, world.employee().await, world.employee().await);
    for kind in KINDS {
        for (read, write, shared, expected) in [
            ("shared", "own", true, [200, 403, 403]),
            ("shared", "shared", true, [200, 200, 403]),
            ("shared", "shared", false, [404, 404, 404]),
            ("all", "shared", false, [200, 403, 403]),
            ("all", "all", false, [200, 200, 403]),
            ("department", "all", true, [404, 404, 404]),
            ("none", "all", true, [404, 404, 404]),
        ] {
            let id =
                world.record(&admin, kind, "Bob", json!({"shared": shared, "responsible_id": bob.id})).await;
            let others = json!({"read": read, "write": write, "delete": "own"});
            world.let_employees(&admin, &levels("none", &others)).await;
            assert_eq!(attempts(world, &ann, kind, id).await, expected, "{read} {write} {shared}");
        }
    }
}

async fn heads_reach_the_records_of_the_people_below(world: &World) {
    let (admin, head, ann) = (world.admin().await, world.employee().await, world.employee().await);
    let top = world.department(&admin, None, Some(&head)).await;
    let below = world.department(&admin, Some(top), None).await;
    let level = levels("department", &json!({}));
    world.let_employees(&admin, &level).await;
    for kind in KINDS {
        let id = world.record(&ann, kind, "Lee", json!({"shared": false})).await;
        world.get(&head, &kind.at(id)).await.problem(404, "not_found");
        let user = format!("/api/v1/users/{}", ann.id);
        world.patch(&admin, &user, json!({"department_id": below})).await.expect(200);
        let seen = world.get(&head, &kind.at(id)).await.expect(200);
        assert_eq!(seen.body["can"], json!(["read", "write", "delete", "export"]));
        let given = world.patch(&head, &kind.at(id), json!({"responsible_id": head.id})).await.expect(200);
        assert_eq!(given.body["responsible_id"], head.id);
        world.get(&ann, &kind.at(id)).await.problem(404, "not_found");
        world.patch(&head, &kind.at(id), json!({"responsible_id": ann.id})).await.expect(200);
        world.patch(&admin, &user, json!({"department_id": null})).await.expect(200);
        world.patch(&head, &kind.at(id), json!({"comment": "x"})).await.problem(404, "not_found");
    }
}

async fn creating_needs_a_right_to_write(world: &World) {
    let (admin, ann) = (world.admin().await, world.employee().await);
    for kind in KINDS {
        world.let_employees(&admin, &levels("all", &json!({"write": "none"}))).await;
        world.post(&ann, kind.path, kind.named("Ann")).await.problem(403, "access_level");
        world
            .post(&ann, kind.path, kind.with("Ann", &json!({"type": "bogus"})))
            .await
            .problem(403, "access_level");
        let path = kind.external("hubspot", "1");
        world.put(&ann, &path, kind.named("Ann")).await.problem(403, "access_level");
        world.let_employees(&admin, &levels("own", &json!({}))).await;
        let id = world.record(&ann, kind, "Ann", json!({})).await;
        assert_eq!(world.ids(&ann, kind, &[]).await, [id]);
    }
}

async fn guests_never_reach_the_crm(world: &World) {
    let (admin, guest) = (world.admin().await, world.guest().await);
    world.let_employees(&admin, &levels("all", &json!({}))).await;
    for kind in KINDS {
        let id = world.record(&admin, kind, "Ann", json!({})).await;
        assert!(world.ids(&guest, kind, &[]).await.is_empty());
        assert_eq!(attempts(world, &guest, kind, id).await, [404, 404, 404]);
        world.post(&guest, kind.path, kind.named("Bob")).await.problem(403, "access_level");
        world.post(&guest, &format!("{}/restore", kind.at(id)), Value::Null).await.problem(404, "not_found");
        world.put(&guest, &kind.external("a", "b"), kind.named("Bob")).await.problem(403, "access_level");
        world.get(&guest, ACCESS).await.problem(403, "admin_only");
    }
}
