//! Contacts: what only they have, and how lists of records are searched, narrowed and sorted.

use artel_tests::{
    Value, World,
    crm::{COMPANIES, CONTACTS, KINDS, instant, merge},
    json, on_both,
};
use chrono::TimeDelta;

on_both![
    every_field_comes_back_as_it_was_sent,
    a_first_or_a_last_name_is_needed,
    a_birthday_lies_between_1900_and_today,
    a_contact_is_found_by_its_phone_in_any_notation,
    a_phone_that_cannot_be_understood_is_found_by_its_digits,
    a_contact_is_found_by_its_email_in_any_case,
    every_word_of_a_search_begins_a_word_of_the_record,
    a_name_is_found_however_many_points_there_are,
    each_filter_narrows,
    confirmed_and_never_confirmed_can_be_asked_together,
    each_sort_orders_and_nulls_come_last,
    pages_follow_each_other_and_totals_count_all,
    tokens_read_and_write_by_their_scopes,
];

async fn every_field_comes_back_as_it_was_sent(world: &World) {
    let ann = world.employee().await;
    let company = world.record(&ann, COMPANIES, "Ёлки", json!({})).await;
    let sent = json!({
        "first_name": "Анна", "middle_name": "O'Neil", "last_name": "  Ёлкина-Smith ", "position": "CTO & co",
        "type": "startup_founder", "source": "event", "birthday": "1992-02-29", "responsible_id": ann.id, "shared": false,
        "comment": "first\n\tsecond <b>🙂</b>", "tags": ["VIP", "demo day"], "external_source": "hubspot",
        "external_id": "a/b c", "verified_at": "2026-07-01T10:00:00.123456Z",
    });
    let mut body = sent.clone();
    merge(
        &mut body,
        &json!({
            "points": [{"kind": "phone", "label": "mobile", "value": "8 (912) 345-67-89", "primary": true}],
            "companies": [{"company_id": company, "position": "CEO", "primary": true}],
        }),
    );
    let created = world.post(&ann, CONTACTS.path, body).await.expect(201);
    assert_eq!(created.header("location"), Some(CONTACTS.at(created.id()).as_str()));
    assert!(created.etag().starts_with("\"1-"), "{}", created.etag());
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&created.body[name], value, "{name}");
    }
    let mut point = created.body["points"][0].clone();
    assert!(point["id"].as_i64().is_some());
    point["id"] = Value::Null;
    assert_eq!(
        point,
        json!({"id": null, "kind": "phone", "label": "mobile", "value": "8 (912) 345-67-89",
        "normalised": "+79123456789", "primary": true})
    );
    let link = json!([{"company_id": company, "name": "Ёлки", "position": "CEO", "primary": true}]);
    assert_eq!(created.body["companies"], link);
    assert_eq!(created.body["can"], json!(["read", "write", "delete", "export"]));
    let stamps = ["version", "created_by", "updated_by", "deleted_at"].map(|name| &created.body[name]);
    assert_eq!(stamps, [&json!(1), &json!(ann.id), &json!(ann.id), &Value::Null]);
    assert_eq!(created.body["created_at"], created.body["updated_at"]);
    let read = world.get(&ann, &CONTACTS.at(created.id())).await.expect(200);
    assert_eq!((&read.body, read.etag()), (&created.body, created.etag()));
    let listed = world.list(&ann, CONTACTS, &[]).await.expect(200);
    assert_eq!(listed.items(), std::slice::from_ref(&created.body));
}

async fn a_first_or_a_last_name_is_needed(world: &World) {
    let ann = world.employee().await;
    for body in [json!({}), json!({"middle_name": "B"}), json!({"first_name": null, "last_name": null})] {
        let refused = world.post(&ann, CONTACTS.path, body).await.problem(422, "validation");
        assert_eq!(refused.faults(), [("/last_name", "required")]);
    }
    let id = world.post(&ann, CONTACTS.path, json!({"first_name": "Ann"})).await.expect(201).id();
    let nameless = world.patch(&ann, &CONTACTS.at(id), json!({"first_name": null})).await;
    assert_eq!(nameless.problem(422, "validation").faults(), [("/last_name", "required")]);
    let renamed = world.patch(&ann, &CONTACTS.at(id), json!({"first_name": null, "last_name": "Lee"})).await;
    assert_eq!(renamed.expect(200).body["last_name"], "Lee");
}

async fn a_birthday_lies_between_1900_and_today(world: &World) {
    let ann = world.employee().await;
    let today = world.clock().now().date_naive();
    let next_week = (today + TimeDelta::days(7)).to_string();
    for (day, allowed) in
        [("1899-12-31", false), ("1900-01-01", true), (&today.to_string(), true), (&next_week, false)]
    {
        let answer = world.post(&ann, CONTACTS.path, CONTACTS.with("Lee", &json!({"birthday": day}))).await;
        if allowed {
            answer.expect(201);
        } else {
            assert_eq!(answer.problem(422, "validation").faults(), [("/birthday", "out_of_range")], "{day}");
        }
    }
    for day in ["1990-02-30", "1990-2-3", "yesterday", "1990-02-03T00:00:00Z"] {
        let answer = world.post(&ann, CONTACTS.path, CONTACTS.with("Lee", &json!({"birthday": day}))).await;
        assert_eq!(answer.problem(422, "validation").faults()[0].0, "/birthday", "{day}");
    }
}

/// A record with these points.
fn points(list: &[(&str, &str)]) -> Value {
    let point = |(kind, value): &(&str, &str)| json!({"kind": kind, "value": value});
    json!({"points": list.iter().map(point).collect::<Vec<_>>()})
}

async fn a_contact_is_found_by_its_phone_in_any_notation(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let typed = [("phone", "+49 30 123456"), ("phone", "8 (912) 345-67-89")];
        let id = world.record(&ann, kind, "Ann", points(&typed)).await;
        world
            .record(&ann, kind, "Bob", points(&[("phone", "8 912 345-67-88"), ("address", "9123456789")]))
            .await;
        for notation in [
            "+79123456789",
            "8 912 345-67-89",
            "89123456789",
            "912 345 67 89",
            "+7(912)345.67.89",
            "7 912 345 67 89",
            "+49 30123456",
        ] {
            assert_eq!(world.ids(&ann, kind, &[("phone", notation)]).await, [id], "{notation}");
            assert!(world.ids(&ann, kind, &[("q", notation)]).await.contains(&id), "{notation}");
        }
        for other in ["+7 912 345 67 80", "912 345 67", "nothing"] {
            assert!(world.ids(&ann, kind, &[("phone", other)]).await.is_empty(), "{other}");
        }
    }
}

async fn a_phone_that_cannot_be_understood_is_found_by_its_digits(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let id = world.record(&ann, kind, "Ann", points(&[("phone", "доб. 12-34")])).await;
        world.record(&ann, kind, "Bob", points(&[("phone", "доб. 12-35")])).await;
        for notation in ["1234", "12 34", "ext 12-34"] {
            assert_eq!(world.ids(&ann, kind, &[("phone", notation)]).await, [id], "{notation}");
        }
        assert!(world.ids(&ann, kind, &[("phone", "123")]).await.is_empty());
    }
}

async fn a_contact_is_found_by_its_email_in_any_case(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let id = world.record(&ann, kind, "Ann", points(&[("email", "Ann.Lee@B.Example")])).await;
        world.record(&ann, kind, "Bob", points(&[("messenger", "ann.lee@b.example")])).await;
        assert_eq!(world.ids(&ann, kind, &[("email", "ANN.lee@b.example")]).await, [id]);
        assert!(world.ids(&ann, kind, &[("email", "lee@b.example")]).await.is_empty());
        let wrong = world.list(&ann, kind, &[("email", "ann")]).await.problem(400, "invalid_parameter");
        assert_eq!(wrong.parameters()[0].0, "email");
    }
}

async fn every_word_of_a_search_begins_a_word_of_the_record(world: &World) {
    let ann = world.employee().await;
    let anna = json!({
        "first_name": "Анна", "middle_name": "Йозефовна", "position": "Zoë's assistant", "tags": ["Émigré"],
        "points": [{"kind": "phone", "value": "8 (912) 345-67-89"}, {"kind": "email", "value": "Ann.Lee@Acme.Example"},
            {"kind": "messenger", "value": "@anna_e"}, {"kind": "site", "value": "https://ёлки.example/team"},
            {"kind": "address", "value": "ул. Ленина, 17"}],
    });
    let anna = world.record(&ann, CONTACTS, "Ёлкина-Müller", anna).await;
    let ivan = world.record(&ann, CONTACTS, "Иванов", json!({"first_name": "Анна"})).await;
    for (q, found) in [
        ("елк", vec![anna]),
        ("ЁЛКИНА", vec![anna]),
        ("muller", vec![anna]),
        ("MÜLL", vec![anna]),
        ("анна", vec![anna, ivan]),
        ("анна ива", vec![ivan]),
        ("ива анна", vec![ivan]),
        ("анна петр", vec![]),
        ("нна", vec![]),
        ("йоз", vec![anna]),
        ("иоз", vec![]),
        ("zoe", vec![anna]),
        ("emigre", vec![anna]),
        ("assistant анн", vec![anna]),
        ("89123", vec![anna]),
        ("912 345", vec![anna]),
        ("+7 (912) 345-67", vec![anna]),
        ("ann.lee@acme", vec![anna]),
        ("acme", vec![anna]),
        ("@anna_e", vec![anna]),
        ("елки", vec![anna]),
        ("ленина 17", vec![anna]),
        ("17 18", vec![]),
        ("%", vec![anna, ivan]),
        ("' or 1=1", vec![]),
    ] {
        let mut ids = world.ids(&ann, CONTACTS, &[("q", q)]).await;
        ids.sort_unstable();
        assert_eq!(ids, found, "{q}");
    }
    let company = json!({"industry": "Лесное хозяйство", "tax_number": "7707-083893", "registration_number": "ОГРН 1027"});
    let company = world.record(&ann, COMPANIES, "Ёлки и палки", company).await;
    for q in ["пал елки", "лесн", "7707", "огрн 1027"] {
        assert_eq!(world.ids(&ann, COMPANIES, &[("q", q)]).await, [company], "{q}");
    }
    world.patch(&ann, &CONTACTS.at(anna), json!({"last_name": "Петрова"})).await.expect(200);
    assert_eq!(world.ids(&ann, CONTACTS, &[("q", "петр анна")]).await, [anna]);
    assert!(world.ids(&ann, CONTACTS, &[("q", "елкина")]).await.is_empty());
}

async fn a_name_is_found_however_many_points_there_are(world: &World) {
    let ann = world.employee().await;
    let address =
        |n: usize| json!({"kind": "address", "value": format!("1a{n} 1b{n} 1c{n} 1d{n} 1e{n} 1f{n}")});
    for kind in KINDS {
        let crowded = json!({"points": (0..50).map(address).collect::<Vec<_>>()});
        let id = world.record(&ann, kind, "Яшин", crowded).await;
        assert_eq!(world.ids(&ann, kind, &[("q", "яшин")]).await, [id]);
        let more = json!({"points": (0..51).map(address).collect::<Vec<_>>()});
        let more = world.patch(&ann, &kind.at(id), more).await.problem(422, "validation");
        assert_eq!(more.faults()[0].0, "/points");
    }
}

async fn each_filter_narrows(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    for kind in KINDS {
        let start = world.now();
        let full = json!({"type": "client", "source": "event", "tags": ["vip"], "external_source": "hubspot",
            "external_id": "7", "verified_at": "2026-01-01T00:00:00Z"});
        let full = world.record(&ann, kind, "Full", full).await;
        world.clock().advance(TimeDelta::seconds(1));
        let middle = world.now();
        let bare = world.record(&bob, kind, "Bare", json!({"type": "partner"})).await;
        let all = [bare, full];
        let narrowed = async |parameters: &[(&str, &str)], expected: &[i64]| {
            assert_eq!(world.ids(&ann, kind, parameters).await, expected, "{parameters:?}");
        };
        narrowed(&[], &all).await;
        narrowed(&[("type", "client")], &[full]).await;
        narrowed(&[("type", "client,partner")], &all).await;
        narrowed(&[("type", "none")], &[]).await;
        narrowed(&[("source", "none")], &[bare]).await;
        narrowed(&[("source", "none,event")], &all).await;
        narrowed(&[("responsible_id", &bob.id.to_string())], &[bare]).await;
        narrowed(&[("responsible_id", &format!("{},{}", ann.id, bob.id))], &all).await;
        narrowed(&[("tag", "VIP")], &[full]).await;
        narrowed(&[("shared", "true")], &all).await;
        narrowed(&[("shared", "false")], &[]).await;
        narrowed(&[("external_source", "hubspot")], &[full]).await;
        narrowed(&[("external_id", "8")], &[]).await;
        narrowed(&[("created_from", &start), ("created_to", &middle)], &[full]).await;
        narrowed(&[("created_from", &middle)], &[bare]).await;
        narrowed(&[("updated_from", &middle)], &[bare]).await;
        narrowed(&[("verified_from", "2026-01-01T00:00:00Z")], &[full]).await;
        narrowed(&[("verified_to", "2026-01-01T00:00:00Z")], &[]).await;
        narrowed(&[("type", "client"), ("source", "none")], &[]).await;
        narrowed(&[("trashed", "only")], &[]).await;
        narrowed(&[("q", "full"), ("tag", "vip"), ("type", "client,none")], &[full]).await;
        for (name, value) in [
            ("type", "No!"),
            ("responsible_id", "x"),
            ("created_from", "yesterday"),
            ("shared", "maybe"),
            ("trashed", "all"),
            ("sort", "age"),
            ("typ", "client"),
            ("external_source", "Hub Spot"),
        ] {
            let refused = world.list(&ann, kind, &[(name, value)]).await.problem(400, "invalid_parameter");
            assert_eq!(refused.parameters()[0].0, name);
        }
    }
    let small = world.record(&ann, COMPANIES, "Small", json!({"size": "small"})).await;
    assert_eq!(world.ids(&ann, COMPANIES, &[("size", "small,large")]).await, [small]);
}

async fn confirmed_and_never_confirmed_can_be_asked_together(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let at = |day: &str| json!({"verified_at": format!("{day}T00:00:00Z")});
        let old = world.record(&ann, kind, "A", at("2025-01-01")).await;
        let new = world.record(&ann, kind, "B", at("2026-01-01")).await;
        let never = world.record(&ann, kind, "C", json!({})).await;
        let half = "2025-07-01T00:00:00Z";
        assert_eq!(world.ids(&ann, kind, &[("verified_to", half)]).await, [old]);
        assert_eq!(world.ids(&ann, kind, &[("verified", "none")]).await, [never]);
        assert_eq!(world.ids(&ann, kind, &[("verified", "none"), ("verified_to", half)]).await, [old, never]);
        assert_eq!(world.ids(&ann, kind, &[("verified_from", half)]).await, [new]);
    }
}

async fn each_sort_orders_and_nulls_come_last(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        let verified = |hours| json!({"verified_at": instant(world.clock().now() - TimeDelta::hours(hours))});
        let mut ids = Vec::new();
        for (name, fields) in
            [("Ёлкин", verified(1)), ("Zoe", json!({})), ("еж", verified(3)), ("ёлка", json!({}))]
        {
            ids.push(world.record(&ann, kind, name, fields).await);
            world.clock().advance(TimeDelta::seconds(1));
        }
        let [elkin, zoe, ezh, elka] = ids[..] else { unreachable!() };
        world.patch(&ann, &kind.at(zoe), json!({"comment": "later"})).await.expect(200);
        for (sort, expected) in [
            ("name", [zoe, ezh, elka, elkin]),
            ("-name", [elkin, elka, ezh, zoe]),
            ("created_at", [elkin, zoe, ezh, elka]),
            ("-created_at", [elka, ezh, zoe, elkin]),
            ("updated_at", [elkin, ezh, elka, zoe]),
            ("-updated_at", [zoe, elka, ezh, elkin]),
            ("verified_at", [ezh, elkin, zoe, elka]),
            ("-verified_at", [elkin, ezh, elka, zoe]),
        ] {
            assert_eq!(world.ids(&ann, kind, &[("sort", sort)]).await, expected, "{sort}");
            let mut walked = Vec::new();
            let mut cursor = None;
            loop {
                let mut parameters = vec![("sort", sort), ("limit", "1")];
                parameters.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
                let page = world.list(&ann, kind, &parameters).await.expect(200);
                walked.extend(page.ids());
                match page.body["next_cursor"].as_str() {
                    Some(next) => cursor = Some(next.to_owned()),
                    None => break,
                }
            }
            assert_eq!(walked, expected, "{sort}, one by one");
        }
        assert_eq!(world.ids(&ann, kind, &[]).await, [zoe, ezh, elka, elkin], "names unless told otherwise");
    }
    let names = [("Lee", "Zoe"), ("Lee", "Ann"), ("Lean", "Yan")];
    for (last, first) in names {
        world.record(&ann, CONTACTS, last, json!({"first_name": first, "tags": ["names"]})).await;
    }
    let list = world.list(&ann, CONTACTS, &[("tag", "names")]).await.expect(200);
    let first: Vec<_> = list.items().iter().map(|item| item["first_name"].clone()).collect();
    assert_eq!(first, ["Yan", "Ann", "Zoe"]);
}

async fn pages_follow_each_other_and_totals_count_all(world: &World) {
    let ann = world.employee().await;
    for kind in KINDS {
        for n in 0..5 {
            world.record(&ann, kind, &format!("N{n}"), json!({"tags": ["x"]})).await;
        }
        let page = world
            .list(&ann, kind, &[("limit", "2"), ("include_total", "true"), ("tag", "x")])
            .await
            .expect(200);
        assert_eq!((page.items().len(), &page.body["total"]), (2, &json!(5)));
        let cursor = page.body["next_cursor"].as_str().unwrap();
        let next =
            world.list(&ann, kind, &[("limit", "4"), ("tag", "x"), ("cursor", cursor)]).await.expect(200);
        assert_eq!((next.items().len(), &next.body["next_cursor"]), (3, &Value::Null));
        assert!(next.body.get("total").is_none());
        for other in [("tag", "y"), ("sort", "-name"), ("q", "n")] {
            let refused = world.list(&ann, kind, &[other, ("cursor", cursor)]).await;
            refused.problem(400, "invalid_cursor");
        }
    }
}

async fn tokens_read_and_write_by_their_scopes(world: &World) {
    use artel_domain::actor::Scope;
    let ann = world.employee().await;
    let reader = world.with_token(&ann, &[Scope::CrmRead]).await;
    let writer = world.with_token(&ann, &[Scope::CrmRead, Scope::CrmWrite]).await;
    for kind in KINDS {
        world.post(&reader, kind.path, kind.named("Ann")).await.problem(403, "scope_missing");
        let id = world.record(&writer, kind, "Ann", json!({})).await;
        world.get(&reader, &kind.at(id)).await.expect(200);
        world.delete(&reader, &kind.at(id)).await.problem(403, "scope_missing");
        world.delete(&writer, &kind.at(id)).await.expect(204);
    }
}
