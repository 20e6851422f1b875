//! Dictionaries: the short lists of words that administrators choose.

use artel_tests::{
    Answer, Method, Person, Value, World,
    crm::{CONTACTS, KINDS},
    json, on_both,
};

on_both![
    a_new_organisation_has_words_to_start_with,
    administrators_save_over_the_version_that_they_name,
    words_are_added_renamed_moved_and_removed_at_once,
    a_word_in_use_is_not_removed,
    a_new_word_can_be_used_at_once,
    codes_are_unique_and_bounded,
    staff_read_and_administrators_write,
];

const CONTACT_TYPES: &str = "/api/v1/crm/contact-types";
const SOURCES: &str = "/api/v1/crm/sources";
const ALL: [&str; 3] = [CONTACT_TYPES, "/api/v1/crm/company-types", SOURCES];

fn entry(code: &str, name: &str) -> Value {
    json!({"code": code, "name": name})
}

async fn entries(world: &World, who: &Person, path: &str) -> Vec<Value> {
    let body = world.get(who, path).await.expect(200).body;
    body["entries"].as_array().unwrap().clone()
}

/// Saves over the version of a dictionary that stands.
async fn save(world: &World, who: &Person, path: &str, entries: &[Value]) -> Answer {
    let before = world.get(who, path).await.expect(200);
    let put = world.request(Some(who), Method::PUT, path).header("if-match", before.etag());
    put.json(&json!({ "entries": entries })).send().await
}

async fn a_new_organisation_has_words_to_start_with(world: &World) {
    let ann = world.employee().await;
    let codes = async |path: &str| -> Vec<String> {
        let code = |entry: &Value| entry["code"].as_str().unwrap().to_owned();
        entries(world, &ann, path).await.iter().map(code).collect()
    };
    for code in ["client", "expert", "startup_founder", "partner", "supplier", "other"] {
        assert!(codes(CONTACT_TYPES).await.contains(&code.to_owned()), "{code}");
    }
    for path in ALL {
        let codes = codes(path).await;
        assert_eq!(codes.last().unwrap(), "other", "{codes:?}");
    }
}

async fn administrators_save_over_the_version_that_they_name(world: &World) {
    let admin = world.admin().await;
    for path in ALL {
        let before = world.get(&admin, path).await.expect(200);
        let body = json!({"entries": before.body["entries"]});
        world.put(&admin, path, body.clone()).await.problem(428, "precondition_required");
        let put = |tag: &str, body: &Value| {
            world.request(Some(&admin), Method::PUT, path).header("if-match", tag).json(body).send()
        };
        let same = put(before.etag(), &body).await.expect(200);
        assert_eq!(same.body, before.body, "nothing changed");
        let mut more = body.clone();
        more["entries"].as_array_mut().unwrap().push(entry("extra", "Extra"));
        let changed = put(before.etag(), &more).await.expect(200);
        assert_eq!(changed.body["version"], 2);
        assert_ne!(changed.etag(), before.etag());
        put(before.etag(), &body).await.problem(412, "precondition_failed");
        assert_eq!(world.get(&admin, path).await.expect(200).body, changed.body);
    }
}

async fn words_are_added_renamed_moved_and_removed_at_once(world: &World) {
    let admin = world.admin().await;
    let before = entries(world, &admin, SOURCES).await;
    let mut after: Vec<Value> = before.iter().rev().skip(1).cloned().collect();
    after[0]["name"] = "Новое имя".into();
    after.insert(1, entry("conference", "Конференция"));
    let saved = save(world, &admin, SOURCES, &after).await.expect(200);
    assert_eq!(saved.body["entries"], json!(after));
    assert_eq!(entries(world, &admin, SOURCES).await, after);
    save(world, &admin, SOURCES, &[]).await.expect(200);
    assert!(entries(world, &admin, SOURCES).await.is_empty());
    save(world, &admin, SOURCES, &before).await.expect(200);
    assert_eq!(entries(world, &admin, SOURCES).await, before);
}

async fn a_word_in_use_is_not_removed(world: &World) {
    let admin = world.admin().await;
    for kind in KINDS {
        let id = world.record(&admin, kind, "Ann", json!({"type": "partner", "source": "event"})).await;
        let without = |entries: &[Value], code: &str| -> Vec<Value> {
            entries.iter().filter(|entry| entry["code"] != code).cloned().collect()
        };
        for (path, code) in [(kind.types, "partner"), (SOURCES, "event")] {
            let before = entries(world, &admin, path).await;
            let refused = save(world, &admin, path, &without(&before, code)).await;
            refused.problem(409, "in_use");
            assert_eq!(entries(world, &admin, path).await, before);
            save(world, &admin, path, &without(&before, "supplier")).await.expect(200);
        }
        world.delete(&admin, &kind.at(id)).await.expect(204);
        let before = entries(world, &admin, kind.types).await;
        let refused = save(world, &admin, kind.types, &without(&before, "partner")).await;
        refused.problem(409, "in_use");
        world.post(&admin, &format!("{}/restore", kind.at(id)), Value::Null).await.expect(200);
        let cleared = json!({"type": null, "source": null});
        world.patch(&admin, &kind.at(id), cleared).await.expect(200);
        save(world, &admin, kind.types, &without(&before, "partner")).await.expect(200);
    }
}

async fn a_new_word_can_be_used_at_once(world: &World) {
    let admin = world.admin().await;
    let mut types = entries(world, &admin, CONTACT_TYPES).await;
    types.push(entry("journalist", "Journalist"));
    let body = CONTACTS.with("Ann", &json!({"type": "journalist"}));
    let early = world.post(&admin, CONTACTS.path, body.clone()).await.problem(422, "validation");
    assert_eq!(early.faults(), [("/type", "unknown")]);
    save(world, &admin, CONTACT_TYPES, &types).await.expect(200);
    let id = world.post(&admin, CONTACTS.path, body).await.expect(201).id();
    assert_eq!(world.ids(&admin, CONTACTS, &[("type", "journalist")]).await, [id]);
}

async fn codes_are_unique_and_bounded(world: &World) {
    let admin = world.admin().await;
    let twice = [entry("a", "A"), entry("b", "B"), entry("a", "C")];
    let refused = save(world, &admin, SOURCES, &twice).await.problem(422, "validation");
    assert_eq!(refused.faults(), [("/entries/2/code", "duplicate")]);
    let shape = [entry("No Code", "A"), entry("b", ""), json!({"code": "c"})];
    let refused = save(world, &admin, SOURCES, &shape).await.problem(422, "validation");
    let pointers: Vec<_> = refused.faults().iter().map(|(pointer, _)| *pointer).collect();
    for pointer in ["/entries/0/code", "/entries/1/name", "/entries/2"] {
        assert!(pointers.iter().any(|found| found.starts_with(pointer)), "{pointers:?}");
    }
    let none = [entry("a", "A"), entry("none", "None")];
    let refused = save(world, &admin, SOURCES, &none).await.problem(422, "validation");
    assert_eq!(refused.faults(), [("/entries/1/code", "reserved")]);
    let many = |count: usize| -> Vec<Value> { (0..count).map(|n| entry(&format!("c{n}"), "C")).collect() };
    save(world, &admin, SOURCES, &many(200)).await.expect(200);
    let refused = save(world, &admin, SOURCES, &many(201)).await.problem(422, "validation");
    assert_eq!(refused.faults()[0].0, "/entries");
}

async fn staff_read_and_administrators_write(world: &World) {
    let (ann, guest) = (world.employee().await, world.guest().await);
    for path in ALL {
        let entries = entries(world, &ann, path).await;
        save(world, &ann, path, &entries).await.problem(403, "admin_only");
        world.get(&guest, path).await.problem(403, "forbidden");
        let put = world.request(Some(&guest), Method::PUT, path).header("if-match", "\"1\"");
        put.json(&json!({ "entries": entries })).send().await.problem(403, "forbidden");
    }
}
