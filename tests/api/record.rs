//! What is true of contacts and companies alike.

use artel_domain::{actor::Role, record::KEPT_IN_TRASH};
use artel_persistence::{in_tx, record::unscoped_purge_trash};
use artel_tests::{
    Answer, Method, Person, Value, World,
    crm::{COMPANIES, CONTACTS, KINDS, Kind, instant, levels, merge},
    json, on_both,
};
use chrono::TimeDelta;
use futures_util::future::join_all;

on_both![
    a_null_clears_a_value_sets_and_what_is_absent_stays,
    what_cannot_be_cleared_is_refused_as_null,
    an_edit_that_changes_nothing_leaves_no_trace,
    a_stale_version_is_refused_and_an_unchanged_body_not_sent_again,
    contact_points_keep_their_ids,
    each_kind_of_point_has_one_primary,
    points_are_kept_as_typed_and_normalised,
    tags_are_compared_folded,
    the_responsible_user_is_an_active_member_of_the_staff,
    nobody_gives_a_record_away_beyond_their_reach,
    words_must_stand_in_their_dictionaries,
    a_record_is_confirmed_now_at_the_latest,
    an_instant_is_kept_to_the_microsecond,
    every_fault_is_told_at_once,
    external_ids_are_unique_and_come_with_their_source,
    an_upsert_creates_and_then_keeps_what_is_absent,
    an_upsert_restores_with_the_right_to,
    an_upsert_tells_nothing_about_what_is_hidden,
    an_upsert_tells_nothing_to_those_who_may_write_nothing,
    a_normal_form_is_no_longer_than_what_was_typed,
    an_upsert_holds_to_the_version_that_it_names,
    of_many_upserts_at_once_one_creates,
    an_upsert_goes_by_the_id_in_its_path,
    the_trash_hides_and_gives_back,
    the_trash_is_emptied_after_thirty_days,
    a_repeated_create_with_a_key_creates_once,
    the_responsible_user_is_embedded_when_asked_for,
];

async fn read(world: &World, who: &Person, kind: Kind, id: i64) -> Value {
    world.get(who, &kind.at(id)).await.expect(200).body
}

/// A body with every field that both kinds share, and what it reads as.
fn everything(world: &World, who: &Person) -> Value {
    json!({
        "type": "client", "source": "event", "responsible_id": who.id, "shared": false, "comment": "Two\nlines",
        "tags": ["VIP", "demo day"], "external_source": "hubspot", "external_id": format!("ü {}", world.next_number()),
        "verified_at": "2026-01-02T03:04:05.000006Z",
    })
}

async fn a_null_clears_a_value_sets_and_what_is_absent_stays(world: &World) {
    let ann = world.employee().await;
    for (kind, own) in [
        (
            CONTACTS,
            json!({"first_name": "Ann", "middle_name": "B", "position": "CTO", "birthday": "1990-02-28"}),
        ),
        (
            COMPANIES,
            json!({"industry": "Wood", "size": "small", "registration_number": "R1", "tax_number": "T1"}),
        ),
    ] {
        let mut fields = everything(world, &ann);
        merge(&mut fields, &own);
        let id = world.record(&ann, kind, "Ёлкин", fields.clone()).await;
        let before = read(world, &ann, kind, id).await;
        let untouched = world.patch(&ann, &kind.at(id), json!({"comment": "Other"})).await.expect(200);
        for (name, value) in fields.as_object().unwrap().iter().filter(|(name, _)| *name != "comment") {
            assert_eq!(&untouched.body[name], value, "{name}");
            assert_eq!(&before[name], value, "{name}");
        }
        let lasting = ["responsible_id", "shared", "tags"];
        let mut cleared = json!({});
        for name in fields.as_object().unwrap().keys().filter(|name| !lasting.contains(&name.as_str())) {
            cleared[name] = Value::Null;
        }
        let bare = world.patch(&ann, &kind.at(id), cleared.clone()).await.expect(200);
        for name in cleared.as_object().unwrap().keys() {
            assert_eq!(bare.body[name], Value::Null, "{name}");
        }
        let again = world.patch(&ann, &kind.at(id), fields.clone()).await.expect(200);
        assert_eq!(again.body["version"], 4);
        let mut expected = before.clone();
        merge(&mut expected, &json!({"version": 4, "updated_at": again.body["updated_at"]}));
        assert_eq!(again.body, expected);
        assert_eq!(read(world, &ann, kind, id).await, expected);
    }
}

async fn what_cannot_be_cleared_is_refused_as_null(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let id = world.record(&ann, kind, "Ann", json!({})).await;
        let nothing = json!({"responsible_id": null, "shared": null, "points": null, "tags": null});
        let refused = world.patch(&ann, &kind.at(id), nothing).await.problem(422, "validation");
        let pointers: Vec<_> = refused.faults().iter().map(|(pointer, _)| *pointer).collect();
        assert_eq!(pointers, ["/points", "/responsible_id", "/shared", "/tags"]);
    }
    let company = world.record(&ann, COMPANIES, "Acme", json!({})).await;
    let nameless = world.patch(&ann, &COMPANIES.at(company), json!({"name": null})).await;
    assert_eq!(nameless.problem(422, "validation").faults()[0].0, "/name");
}

async fn an_edit_that_changes_nothing_leaves_no_trace(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let points = json!([{"kind": "phone", "value": "8 912 345-67-89"}, {"kind": "email", "value": "a@b.example"},
            {"kind": "phone", "value": "8 912 345-67-89", "label": "work"}]);
        let fields = json!({"points": points, "tags": ["vip"], "comment": "hello"});
        let id = world.record(&ann, kind, "Ann", fields.clone()).await;
        let before = read(world, &ann, kind, id).await;
        let again = world.patch(&ann, &kind.at(id), kind.with("Ann", &fields)).await.expect(200);
        assert_eq!(again.body, before);
        assert_eq!(world.activities(kind, id).await, ["created"]);
        let points = json!({"points": before["points"].as_array().unwrap().iter().map(without_normalised).collect::<Vec<_>>()});
        assert_eq!(world.patch(&ann, &kind.at(id), points).await.expect(200).body, before);
    }
}

/// A point as it was answered, made fit to be sent.
fn without_normalised(point: &Value) -> Value {
    let mut point = point.clone();
    point.as_object_mut().unwrap().remove("normalised");
    point
}

async fn a_stale_version_is_refused_and_an_unchanged_body_not_sent_again(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let id = world.record(&ann, kind, "Ann", json!({})).await;
        let path = kind.at(id);
        let first = world.get(&ann, &path).await.expect(200);
        world.patch(&ann, &path, json!({"comment": "hello"})).await.expect(200);
        for (method, body) in [(Method::PATCH, json!({"comment": "late"})), (Method::DELETE, Value::Null)] {
            let late = world.request(Some(&ann), method, &path).header("if-match", first.etag());
            let late = if body.is_null() { late } else { late.json(&body) };
            late.send().await.problem(412, "precondition_failed");
        }
        let second = world.get(&ann, &path).await.expect(200);
        let same = world.request(Some(&ann), Method::GET, &path).header("if-none-match", second.etag());
        same.send().await.expect(304);
        let timely = world.request(Some(&ann), Method::PATCH, &path).header("if-match", second.etag());
        timely.json(&json!({"comment": "in time"})).send().await.expect(200);
    }
}

async fn contact_points_keep_their_ids(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let points =
            json!({"points": [{"kind": "phone", "value": "1"}, {"kind": "email", "value": "a@b.example"}]});
        let id = world.record(&ann, kind, "Ann", points).await;
        let before = read(world, &ann, kind, id).await;
        let (phone, email) = (&before["points"][0]["id"], &before["points"][1]["id"]);
        let list = json!({"points": [{"id": email, "kind": "email", "value": "new@b.example", "label": "work"},
            {"kind": "site", "value": "https://b.example"}, {"kind": "phone", "value": "1", "label": "home"}]});
        let after = world.patch(&ann, &kind.at(id), list).await.expect(200).body;
        assert_eq!((&after["points"][0]["id"], &after["points"][2]["id"]), (email, phone));
        assert_eq!(after["points"][0]["value"], "new@b.example");
        assert_eq!(read(world, &ann, kind, id).await, after);
        let site = after["points"][1]["id"].as_i64().unwrap();
        assert!(site > email.as_i64().unwrap());
        let only = json!({"points": [{"id": site, "kind": "site", "value": "b"}]});
        let only = world.patch(&ann, &kind.at(id), only).await;
        assert_eq!(only.expect(200).body["points"][0]["id"], site);
        let gone = json!({"points": [{"id": phone, "kind": "phone", "value": "1"}]});
        let gone = world.patch(&ann, &kind.at(id), gone).await.problem(422, "validation");
        assert_eq!(gone.faults(), [("/points/0/id", "unknown")]);
        assert_eq!(
            world.patch(&ann, &kind.at(id), json!({"points": []})).await.expect(200).body["points"],
            json!([])
        );
    }
}

async fn each_kind_of_point_has_one_primary(world: &World) {
    let ann = world.employee().await;
    let primaries = |body: &Value| -> Vec<bool> {
        let points = body["points"].as_array().unwrap().iter();
        points.map(|point| point["primary"].as_bool().unwrap()).collect()
    };
    for kind in KINDS {
        let points = json!({"points": [{"kind": "phone", "value": "1"}, {"kind": "phone", "value": "2"},
            {"kind": "email", "value": "a@b.example"}, {"kind": "email", "value": "c@d.example", "primary": true}]});
        let id = world.record(&ann, kind, "Ann", points).await;
        let body = read(world, &ann, kind, id).await;
        assert_eq!(primaries(&body), [true, false, false, true]);
        let phones = |first: bool, second: bool| {
            json!({"points": [{"kind": "phone", "value": "1", "primary": first},
                {"kind": "phone", "value": "2", "primary": second}]})
        };
        let moved = world.patch(&ann, &kind.at(id), phones(false, true)).await.expect(200);
        assert_eq!(primaries(&moved.body), [false, true]);
        assert_eq!(primaries(&read(world, &ann, kind, id).await), [false, true]);
        let both = world.patch(&ann, &kind.at(id), phones(true, true)).await.problem(422, "validation");
        assert_eq!(both.faults(), [("/points/1/primary", "second_primary")]);
    }
}

async fn points_are_kept_as_typed_and_normalised(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let points = json!({"points": [{"kind": "phone", "value": "8 (912) 345-67-89"}, {"kind": "phone", "value": "доб. 12"},
            {"kind": "email", "value": "Ann@B.Example"}, {"kind": "messenger", "value": "@Ann", "label": "telegram"},
            {"kind": "address", "value": "ул. Ёлочная, 1"}]});
        let id = world.record(&ann, kind, "Ann", points.clone()).await;
        let body = read(world, &ann, kind, id).await;
        let stored: Vec<_> =
            body["points"].as_array().unwrap().iter().map(|point| &point["normalised"]).collect();
        assert_eq!(
            stored,
            [
                &json!("+79123456789"),
                &Value::Null,
                &json!("ann@b.example"),
                &json!("ann"),
                &json!("ул. елочная, 1")
            ]
        );
        assert_eq!(body["points"][0]["value"], "8 (912) 345-67-89");
        assert_eq!(body["points"][2]["value"], "Ann@B.Example");
        let wrong = json!({"points": [{"kind": "phone", "value": "1"}, {"kind": "email", "value": "ann"}]});
        let wrong = world.patch(&ann, &kind.at(id), wrong).await.problem(422, "validation");
        assert_eq!(wrong.faults(), [("/points/1/value", "malformed")]);
    }
}

async fn tags_are_compared_folded(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let id = world.record(&ann, kind, "Ann", json!({"tags": ["Ёж", "demo day"]})).await;
        world.record(&ann, kind, "Bob", json!({"tags": ["demo"]})).await;
        assert_eq!(read(world, &ann, kind, id).await["tags"], json!(["Ёж", "demo day"]));
        assert_eq!(world.ids(&ann, kind, &[("tag", "еж")]).await, [id]);
        assert_eq!(world.ids(&ann, kind, &[("tag", "Demo Day,nobody")]).await, [id]);
        let twice = world.patch(&ann, &kind.at(id), json!({"tags": ["ЕЖ", "x", "ёж"]})).await;
        assert_eq!(twice.problem(422, "validation").faults(), [("/tags/2", "duplicate")]);
        world.patch(&ann, &kind.at(id), json!({"tags": ["x"]})).await.expect(200);
        assert!(world.ids(&ann, kind, &[("tag", "еж")]).await.is_empty());
    }
}

async fn the_responsible_user_is_an_active_member_of_the_staff(world: &World) {
    let (admin, guest, gone) = (world.admin().await, world.guest().await, world.employee().await);
    for kind in KINDS {
        let id = world.record(&admin, kind, "Ann", json!({})).await;
        assert_eq!(read(world, &admin, kind, id).await["responsible_id"], admin.id);
        let theirs = world.record(&admin, kind, "Theirs", json!({"responsible_id": gone.id})).await;
        let refused = async |user: i64| {
            let patched = world.patch(&admin, &kind.at(id), json!({"responsible_id": user})).await;
            assert_eq!(patched.problem(422, "validation").faults(), [("/responsible_id", "unknown")]);
            let created =
                world.post(&admin, kind.path, kind.with("Bob", &json!({"responsible_id": user}))).await;
            assert_eq!(created.problem(422, "validation").faults(), [("/responsible_id", "unknown")]);
        };
        refused(guest.id).await;
        refused(999_999).await;
        if kind == CONTACTS {
            continue;
        }
        world.post(&admin, &format!("/api/v1/users/{}/deactivate", gone.id), json!({})).await.expect(200);
        refused(gone.id).await;
        let edited =
            world.patch(&admin, &kind.at(theirs), json!({"comment": "still theirs"})).await.expect(200);
        assert_eq!(edited.body["responsible_id"], gone.id);
    }
}

async fn nobody_gives_a_record_away_beyond_their_reach(world: &World) {
    let (admin, ann, bob) = (world.admin().await, world.employee().await, world.employee().await);
    for kind in KINDS {
        world.let_employees(&admin, &levels("all", &json!({"write": "own"}))).await;
        let id = world.record(&ann, kind, "Ann", json!({})).await;
        let away = json!({"responsible_id": bob.id});
        let out = |answer: Answer, pointer: &str| {
            assert_eq!(answer.problem(422, "validation").faults(), [(pointer, "out_of_reach")]);
        };
        out(world.patch(&ann, &kind.at(id), away.clone()).await, "/responsible_id");
        out(world.post(&ann, kind.path, kind.with("Bob", &away)).await, "/responsible_id");
        world.let_employees(&admin, &levels("all", &json!({"write": "shared"}))).await;
        world.patch(&ann, &kind.at(id), away.clone()).await.expect(200);
        out(world.patch(&ann, &kind.at(id), json!({"shared": false})).await, "/shared");
        let hidden = json!({"shared": false, "responsible_id": bob.id});
        out(world.post(&ann, kind.path, kind.with("Bob", &hidden)).await, "/shared");
        world.patch(&bob, &kind.at(id), json!({"shared": false})).await.expect(200);
        world.patch(&ann, &kind.at(id), json!({"comment": "x"})).await.problem(403, "access_level");
        world.let_employees(&admin, &levels("all", &json!({}))).await;
        world.patch(&ann, &kind.at(id), json!({"comment": "x"})).await.expect(200);
    }
}

async fn words_must_stand_in_their_dictionaries(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let unknown = json!({"type": "bogus", "source": "client"});
        let created =
            world.post(&ann, kind.path, kind.with("Ann", &unknown)).await.problem(422, "validation");
        assert_eq!(created.faults(), [("/source", "unknown"), ("/type", "unknown")]);
        let id = world.record(&ann, kind, "Ann", json!({"type": "client", "source": "event"})).await;
        let patched = world.patch(&ann, &kind.at(id), json!({"type": "event"})).await;
        assert_eq!(patched.problem(422, "validation").faults(), [("/type", "unknown")]);
    }
    let founder = json!({"type": "startup_founder"});
    world.record(&ann, CONTACTS, "Ann", founder.clone()).await;
    let company = world.post(&ann, COMPANIES.path, COMPANIES.with("Acme", &founder)).await;
    assert_eq!(company.problem(422, "validation").faults(), [("/type", "unknown")]);
}

async fn a_record_is_confirmed_now_at_the_latest(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let at = |ahead: TimeDelta| json!({"verified_at": instant(world.clock().now() + ahead)});
        let id = world.record(&ann, kind, "Ann", at(TimeDelta::minutes(4))).await;
        world.patch(&ann, &kind.at(id), at(TimeDelta::zero())).await.expect(200);
        let late = world.patch(&ann, &kind.at(id), at(TimeDelta::minutes(6))).await;
        assert_eq!(late.problem(422, "validation").faults(), [("/verified_at", "out_of_range")]);
    }
}

async fn an_instant_is_kept_to_the_microsecond(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        for (sent, kept) in [
            ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456Z"),
            ("2026-01-02T06:04:05+03:00", "2026-01-02T03:04:05Z"),
        ] {
            let fields = json!({ "verified_at": sent });
            let id = world.record(&ann, kind, "Ann", fields.clone()).await;
            let again = world.patch(&ann, &kind.at(id), fields).await.expect(200).body;
            assert_eq!((&again["verified_at"], &again["version"]), (&json!(kept), &json!(1)));
            assert_eq!(read(world, &ann, kind, id).await, again);
        }
    }
}

async fn every_fault_is_told_at_once(world: &World) {
    let (admin, ann, bob) = (world.admin().await, world.employee().await, world.employee().await);
    world.let_employees(&admin, &levels("all", &json!({"write": "own"}))).await;
    for kind in KINDS {
        let wrong = json!({
            "type": "bogus", "source": "bogus", "responsible_id": bob.id, "tags": ["a", "A"], "external_id": "7",
            "verified_at": instant(world.clock().now() + TimeDelta::hours(1)),
            "points": [{"kind": "email", "value": "no"}, {"kind": "phone", "value": "1", "primary": true},
                {"kind": "phone", "value": "2", "primary": true, "id": 999_999}],
        });
        let expected = [
            ("/external_source", "incomplete"),
            ("/points/0/value", "malformed"),
            ("/points/2/id", "unknown"),
            ("/points/2/primary", "second_primary"),
            ("/responsible_id", "out_of_reach"),
            ("/source", "unknown"),
            ("/tags/1", "duplicate"),
            ("/type", "unknown"),
            ("/verified_at", "out_of_range"),
        ];
        let created = world.post(&ann, kind.path, kind.with("Ann", &wrong)).await.problem(422, "validation");
        assert_eq!(created.faults(), expected);
        let id = world.record(&ann, kind, "Ann", json!({})).await;
        let patched = world.patch(&ann, &kind.at(id), wrong).await.problem(422, "validation");
        assert_eq!(patched.faults(), expected);
        assert_eq!(read(world, &ann, kind, id).await["version"], 1);
        let shape =
            json!({"tags": [""], "points": [{"kind": "fax", "value": ""}], "nickname": "x", "shared": "yes"});
        let shape = world.patch(&ann, &kind.at(id), shape).await.problem(422, "validation");
        let mut pointers: Vec<_> = shape.faults().iter().map(|(pointer, _)| *pointer).collect();
        pointers.dedup();
        assert_eq!(pointers, ["/nickname", "/points/0/kind", "/points/0/value", "/shared", "/tags/0"]);
    }
}

async fn external_ids_are_unique_and_come_with_their_source(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let external = json!({"external_source": "hubspot", "external_id": "7"});
        let id = world.record(&ann, kind, "Ann", external.clone()).await;
        let again = world.post(&ann, kind.path, kind.with("Bob", &external)).await;
        again.problem(409, "duplicate");
        let other =
            world.record(&ann, kind, "Bob", json!({"external_source": "amo", "external_id": "7"})).await;
        world.patch(&ann, &kind.at(other), external.clone()).await.problem(409, "duplicate");
        assert_eq!(
            world.ids(&ann, kind, &[("external_source", "hubspot"), ("external_id", "7")]).await,
            [id]
        );
        let half =
            world.patch(&ann, &kind.at(id), json!({"external_id": null})).await.problem(422, "validation");
        assert_eq!(half.faults(), [("/external_id", "incomplete")]);
        world
            .patch(&ann, &kind.at(id), json!({"external_id": null, "external_source": null}))
            .await
            .expect(200);
        world.patch(&ann, &kind.at(other), external).await.expect(200);
    }
}

async fn an_upsert_creates_and_then_keeps_what_is_absent(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let path = kind.external("hubspot", "a%20b%2Fc");
        let points = json!([{"kind": "email", "value": "ann@b.example"}]);
        let body = kind.with("Ann", &json!({"comment": "first", "points": points}));
        let created = world.put(&ann, &path, body.clone()).await.expect(201);
        let id = created.id();
        assert_eq!(created.header("location"), Some(kind.at(id).as_str()));
        assert_eq!(
            (&created.body["external_source"], &created.body["external_id"]),
            (&json!("hubspot"), &json!("a b/c"))
        );
        assert_eq!(world.put(&ann, &path, body).await.expect(200).body, created.body);
        let changed = world.put(&ann, &path, json!({"tags": ["synced"]})).await.expect(200);
        assert_eq!((changed.id(), &changed.body["comment"]), (id, &json!("first")));
        assert_eq!(changed.body["points"], created.body["points"]);
        let cleared = world.put(&ann, &path, json!({"comment": null})).await.expect(200);
        assert_eq!((&cleared.body["comment"], &cleared.body["tags"]), (&Value::Null, &json!(["synced"])));
        assert_eq!(world.activities(kind, id).await, ["created", "updated", "updated"]);
        let nameless = world.put(&ann, &kind.external("hubspot", "other"), json!({})).await;
        nameless.problem(422, "validation");
    }
}

async fn an_upsert_restores_with_the_right_to(world: &World) {
    let (admin, ann, bob) = (world.admin().await, world.employee().await, world.employee().await);
    world.let_employees(&admin, &levels("all", &json!({"delete": "own"}))).await;
    for kind in KINDS {
        let path = kind.external("hubspot", "7");
        let created = world.put(&ann, &path, kind.named("Ann")).await.expect(201);
        world.delete(&ann, &kind.at(created.id())).await.expect(204);
        world.put(&bob, &path, json!({"comment": "by Bob"})).await.problem(403, "access_level");
        world.get(&ann, &kind.at(created.id())).await.problem(404, "not_found");
        let restored = world.put(&ann, &path, json!({"comment": "by Ann"})).await.expect(200);
        assert_eq!((restored.id(), &restored.body["comment"]), (created.id(), &json!("by Ann")));
        assert_eq!(restored.body["deleted_at"], Value::Null);
        assert_eq!(world.activities(kind, created.id()).await, ["created", "deleted", "restored", "updated"]);
    }
}

async fn an_upsert_tells_nothing_about_what_is_hidden(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    for kind in KINDS {
        let path = kind.external("hubspot", "7");
        let hidden = world.put(&ann, &path, kind.with("Ann", &json!({"shared": false}))).await.expect(201);
        for body in [kind.named("Bob"), json!({"comment": "x"})] {
            let refused = world.put(&bob, &path, body).await.problem(409, "duplicate");
            let said: Vec<_> = refused.body.as_object().unwrap().keys().collect();
            assert_eq!(said, ["code", "request_id", "status", "title", "type"]);
        }
        assert_eq!(read(world, &ann, kind, hidden.id()).await, hidden.body);
    }
}

async fn an_upsert_tells_nothing_to_those_who_may_write_nothing(world: &World) {
    let (admin, ann, guest) = (world.admin().await, world.employee().await, world.guest().await);
    world.let_employees(&admin, &levels("shared", &json!({"write": "none"}))).await;
    for kind in KINDS {
        for (id, shared) in [("hidden", false), ("seen", true)] {
            let body = kind.with("Ann", &json!({ "shared": shared }));
            world.put(&admin, &kind.external("hubspot", id), body).await.expect(201);
        }
        for who in [&guest, &ann] {
            for id in ["hidden", "seen", "absent"] {
                let answer = world.put(who, &kind.external("hubspot", id), kind.named("Eve")).await;
                answer.problem(403, "access_level");
            }
        }
    }
}

/// Some letters stand for many: U+FDFA for eighteen.
async fn a_normal_form_is_no_longer_than_what_was_typed(world: &World) {
    let ann = world.employee().await;
    for point in ["messenger", "site", "address"] {
        for letters in ["\u{fdfa}", "각"] {
            let points = json!({"points": [{"kind": point, "value": letters.repeat(500)}]});
            let id = world.record(&ann, CONTACTS, "Ann", points).await;
            let body = read(world, &ann, CONTACTS, id).await;
            assert_eq!(body["points"][0]["normalised"].as_str().unwrap().chars().count(), 500, "{point}");
        }
    }
}

async fn an_upsert_holds_to_the_version_that_it_names(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let path = kind.external("hubspot", "7");
        let put = |version: &str, body: Value| {
            let request = world.request(Some(&ann), Method::PUT, &path);
            request.header("if-match", format!("\"{version}\"")).json(&body).send()
        };
        put("1", kind.named("Ann")).await.problem(412, "precondition_failed");
        let created = world.put(&ann, &path, kind.named("Ann")).await.expect(201);
        put("2", json!({"comment": "x"})).await.problem(412, "precondition_failed");
        put("1", json!({"comment": "x"})).await.expect(200);
        world.delete(&ann, &kind.at(created.id())).await.expect(204);
        put("2", json!({"comment": "y"})).await.problem(412, "precondition_failed");
        assert_eq!(put("3", json!({"comment": "y"})).await.expect(200).body["comment"], "y");
    }
}

async fn of_many_upserts_at_once_one_creates(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let path = kind.external("hubspot", "7");
        let put = |n: usize| world.put(&ann, &path, kind.with("Ann", &json!({"comment": format!("by {n}")})));
        let answers = join_all((0..8).map(put)).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 201]);
        let ids = world.ids(&ann, kind, &[]).await;
        assert_eq!((ids.len(), read(world, &ann, kind, ids[0]).await["version"].as_i64()), (1, Some(8)));
    }
}

async fn an_upsert_goes_by_the_id_in_its_path(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let path = kind.external("hubspot", "7");
        let same = kind.with("Ann", &json!({"external_source": "hubspot", "external_id": "7"}));
        world.put(&ann, &path, same).await.expect(201);
        for other in [
            json!({"external_source": "amo", "external_id": "8"}),
            json!({"external_source": null, "external_id": null}),
        ] {
            let refused = world.put(&ann, &path, other).await.problem(422, "validation");
            assert_eq!(refused.faults(), [("/external_id", "immutable"), ("/external_source", "immutable")]);
        }
    }
}

async fn the_trash_hides_and_gives_back(world: &World) {
    let (admin, ann, bob) = (world.admin().await, world.employee().await, world.employee().await);
    world.let_employees(&admin, &levels("all", &json!({"delete": "own"}))).await;
    for kind in KINDS {
        let id = world.record(&ann, kind, "Ann", json!({"tags": ["vip"]})).await;
        let before = read(world, &ann, kind, id).await;
        world.delete(&bob, &kind.at(id)).await.problem(403, "access_level");
        world.delete(&ann, &kind.at(id)).await.expect(204);
        assert!(world.ids(&ann, kind, &[]).await.is_empty());
        for method in [Method::GET, Method::DELETE] {
            world.call(Some(&ann), method, &kind.at(id), None).await.problem(404, "not_found");
        }
        world.patch(&ann, &kind.at(id), json!({"comment": "x"})).await.problem(404, "not_found");
        let trash = world.list(&ann, kind, &[("trashed", "only")]).await.expect(200);
        assert_eq!(trash.ids(), [id]);
        assert_eq!(trash.items()[0]["can"], json!(["read", "delete"]));
        assert!(trash.items()[0]["deleted_at"].is_string());
        let restore = format!("{}/restore", kind.at(id));
        let seen = world.list(&bob, kind, &[("trashed", "only")]).await.expect(200);
        assert_eq!(seen.items()[0]["can"], json!(["read"]));
        world.post(&bob, &restore, Value::Null).await.problem(403, "access_level");
        let restored = world.post(&ann, &restore, Value::Null).await.expect(200).body;
        let mut expected = before;
        merge(&mut expected, &json!({"version": 3, "updated_at": restored["updated_at"]}));
        assert_eq!(restored, expected);
        assert_eq!(world.ids(&ann, kind, &[("tag", "vip")]).await, [id]);
        assert_eq!(world.post(&ann, &restore, Value::Null).await.expect(200).body, expected);
        assert_eq!(world.activities(kind, id).await, ["created", "deleted", "restored"]);
        world
            .post(&ann, &format!("{}/restore", kind.at(999_999)), Value::Null)
            .await
            .problem(404, "not_found");
    }
}

async fn the_trash_is_emptied_after_thirty_days(world: &World) {
    let admin = world.admin().await;
    let oldest = world.record(&admin, COMPANIES, "Oldest", json!({})).await;
    let [doomed, later] = [
        world.record(&admin, COMPANIES, "Doomed", json!({})).await,
        world.record(&admin, COMPANIES, "Later", json!({})).await,
    ];
    let links =
        json!([{"company_id": oldest}, {"company_id": doomed, "primary": true}, {"company_id": later}]);
    let ann = world.record(&admin, CONTACTS, "Ann", json!({"companies": links})).await;
    let bob = world
        .record(&admin, CONTACTS, "Bob", json!({"points": [{"kind": "phone", "value": "1"}], "tags": ["x"]}))
        .await;
    world.delete(&admin, &COMPANIES.at(doomed)).await.expect(204);
    world.delete(&admin, &CONTACTS.at(bob)).await.expect(204);
    let purge = async || {
        let now = world.clock().now();
        in_tx(world.db(), async |tx| unscoped_purge_trash(tx, now).await).await.unwrap()
    };
    world.clock().advance(KEPT_IN_TRASH - TimeDelta::minutes(1));
    assert_eq!(purge().await, 0);
    let admin = world.sign_in(admin.id).await;
    world.delete(&admin, &COMPANIES.at(later)).await.expect(204);
    world.clock().advance(TimeDelta::minutes(2));
    assert_eq!(purge().await, 2);
    let trashed = |kind| world.ids(&admin, kind, &[("trashed", "only")]);
    assert_eq!((trashed(COMPANIES).await, trashed(CONTACTS).await), (vec![later], vec![]));
    world.post(&admin, &format!("{}/restore", CONTACTS.at(bob)), Value::Null).await.problem(404, "not_found");
    assert_eq!(world.activities(CONTACTS, bob).await, ["created", "deleted", "purged"]);
    let companies = read(world, &admin, CONTACTS, ann).await["companies"].clone();
    assert_eq!(
        companies,
        json!([{"company_id": oldest, "name": "Oldest", "position": null, "primary": true}])
    );
    assert_eq!(purge().await, 0);
}

async fn a_repeated_create_with_a_key_creates_once(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let create = |name: &str| {
            let request = world.request(Some(&ann), Method::POST, kind.path).header("idempotency-key", "k1");
            request.json(&kind.named(name)).send()
        };
        let first = create("Ann").await.expect(201);
        let again = create("Ann").await.expect(201);
        assert_eq!((&again.body, again.header("idempotent-replayed").is_some()), (&first.body, true));
        create("Bob").await.problem(409, "idempotency_key_reused");
        assert_eq!(world.ids(&ann, kind, &[]).await.len(), 1);
    }
}

async fn the_responsible_user_is_embedded_when_asked_for(world: &World) {
    let (ann, bob) = (world.employee().await, world.person(Role::Employee).await);
    for kind in KINDS {
        let mine = world.record(&ann, kind, "Ann", json!({})).await;
        let theirs = world.record(&bob, kind, "Bob", json!({})).await;
        let person = |person: &Person| json!({"id": person.id, "first_name": person.first_name, "last_name": person.last_name});
        let list = world.list(&ann, kind, &[("expand", "responsible")]).await.expect(200);
        for item in list.items() {
            let expected = if item["id"] == mine { person(&ann) } else { person(&bob) };
            assert_eq!(item["responsible"], expected);
        }
        let one = world.get(&ann, &format!("{}?expand=responsible", kind.at(theirs))).await.expect(200);
        assert_eq!(one.body["responsible"], person(&bob));
        assert!(read(world, &ann, kind, mine).await.get("responsible").is_none());
        let unknown = world.list(&ann, kind, &[("expand", "boss")]).await.problem(400, "invalid_parameter");
        assert_eq!(unknown.parameters()[0].0, "expand");
    }
}
