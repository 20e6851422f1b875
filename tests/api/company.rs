//! Companies: what only they have, and the contacts that belong to them.

use artel_tests::{
    Value, World,
    crm::{COMPANIES, CONTACTS, query},
    json, on_both,
};

on_both![
    every_field_comes_back_as_it_was_sent,
    a_company_has_a_name,
    sizes_are_words,
    the_contacts_of_a_company_are_listed_like_contacts,
    only_the_contacts_that_one_may_read_are_listed,
    a_company_in_the_trash_takes_its_links_with_it_and_brings_them_back,
];

async fn every_field_comes_back_as_it_was_sent(world: &World) {
    let ann = world.employee().await;
    let sent = json!({
        "name": "  Ёлки & палки «Ltd»", "type": "startup", "industry": "Лес", "size": "medium",
        "registration_number": "ОГРН 1027700132195", "tax_number": "7707083893", "source": "event", "responsible_id": ann.id,
        "shared": false, "comment": "first\nsecond", "tags": ["VIP"], "external_source": "hubspot", "external_id": "x/1",
        "verified_at": "2026-07-01T10:00:00.123456Z",
    });
    let mut body = sent.clone();
    body["points"] = json!([{"kind": "site", "label": "main", "value": "https://Yolki.example"}]);
    let created = world.post(&ann, COMPANIES.path, body).await.expect(201);
    assert_eq!(created.header("location"), Some(COMPANIES.at(created.id()).as_str()));
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&created.body[name], value, "{name}");
    }
    let point = &created.body["points"][0];
    assert_eq!(
        (&point["value"], &point["normalised"]),
        (&json!("https://Yolki.example"), &json!("https://yolki.example"))
    );
    let read = world.get(&ann, &COMPANIES.at(created.id())).await.expect(200);
    assert_eq!((&read.body, read.etag()), (&created.body, created.etag()));
    let listed = world.list(&ann, COMPANIES, &[]).await.expect(200);
    assert_eq!(listed.items(), std::slice::from_ref(&created.body));
}

async fn a_company_has_a_name(world: &World) {
    let ann = world.employee().await;
    for body in [json!({}), json!({"name": null}), json!({"name": "  "}), json!({"name": "x".repeat(251)})] {
        let refused = world.post(&ann, COMPANIES.path, body).await.problem(422, "validation");
        assert_eq!(refused.faults()[0].0, "/name");
    }
    let nameless = world.put(&ann, &COMPANIES.external("hubspot", "1"), json!({"comment": "x"})).await;
    assert_eq!(nameless.problem(422, "validation").faults(), [("/name", "required")]);
}

async fn sizes_are_words(world: &World) {
    let ann = world.employee().await;
    for size in ["micro", "small", "medium", "large"] {
        let id = world.record(&ann, COMPANIES, size, json!({"size": size})).await;
        assert_eq!(world.ids(&ann, COMPANIES, &[("size", size)]).await, [id]);
    }
    let refused = world.post(&ann, COMPANIES.path, COMPANIES.with("X", &json!({"size": "huge"}))).await;
    assert_eq!(refused.problem(422, "validation").faults(), [("/size", "enum")]);
}

/// The ids of the contacts of a company, narrowed.
async fn contacts(
    world: &World,
    who: &artel_tests::Person,
    company: i64,
    parameters: &[(&str, &str)],
) -> Vec<i64> {
    let path = format!("{}/contacts?{}", COMPANIES.at(company), query(parameters));
    world.get(who, &path).await.expect(200).ids()
}

async fn the_contacts_of_a_company_are_listed_like_contacts(world: &World) {
    let ann = world.employee().await;
    let company = world.record(&ann, COMPANIES, "Acme", json!({})).await;
    let other = world.record(&ann, COMPANIES, "Other", json!({})).await;
    let at = |companies: &[i64], tag: &str| {
        let links: Vec<Value> = companies.iter().map(|id| json!({"company_id": id})).collect();
        json!({"companies": links, "tags": [tag]})
    };
    let zoe = world.record(&ann, CONTACTS, "Zoe", at(&[company], "vip")).await;
    let bob = world.record(&ann, CONTACTS, "Bob", at(&[other, company], "x")).await;
    let eve = world.record(&ann, CONTACTS, "Eve", at(&[other], "vip")).await;
    assert_eq!(contacts(world, &ann, company, &[]).await, [bob, zoe]);
    assert_eq!(contacts(world, &ann, company, &[("sort", "-name")]).await, [zoe, bob]);
    assert_eq!(contacts(world, &ann, company, &[("tag", "vip")]).await, [zoe]);
    assert_eq!(contacts(world, &ann, company, &[("q", "bo")]).await, [bob]);
    assert_eq!(world.ids(&ann, CONTACTS, &[("company_id", &company.to_string())]).await, [bob, zoe]);
    assert_eq!(
        world.ids(&ann, CONTACTS, &[("company_id", &format!("{company},{other}"))]).await,
        [bob, eve, zoe]
    );
    let path = format!("{}/contacts?limit=1&include_total=true", COMPANIES.at(company));
    let page = world.get(&ann, &path).await.expect(200);
    assert_eq!((page.ids(), &page.body["total"]), (vec![bob], &json!(2)));
    let next = format!(
        "{}/contacts?limit=1&cursor={}",
        COMPANIES.at(company),
        page.body["next_cursor"].as_str().unwrap()
    );
    assert_eq!(world.get(&ann, &next).await.expect(200).ids(), [zoe]);
    let missing = world.get(&ann, &format!("{}/contacts", COMPANIES.at(999_999))).await;
    missing.problem(404, "not_found");
}

async fn only_the_contacts_that_one_may_read_are_listed(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let company = world.record(&ann, COMPANIES, "Acme", json!({})).await;
    let links = json!([{"company_id": company}]);
    let hidden = world.record(&ann, CONTACTS, "Hidden", json!({"companies": links, "shared": false})).await;
    let shown = world.record(&ann, CONTACTS, "Shown", json!({"companies": links})).await;
    assert_eq!(contacts(world, &bob, company, &[]).await, [shown]);
    assert_eq!(contacts(world, &ann, company, &[]).await, [hidden, shown]);
    world.patch(&ann, &COMPANIES.at(company), json!({"shared": false})).await.expect(200);
    let path = format!("{}/contacts", COMPANIES.at(company));
    world.get(&bob, &path).await.problem(404, "not_found");
}

async fn a_company_in_the_trash_takes_its_links_with_it_and_brings_them_back(world: &World) {
    let ann = world.employee().await;
    let company = world.record(&ann, COMPANIES, "Acme", json!({})).await;
    let contact = world
        .record(&ann, CONTACTS, "Lee", json!({"companies": [{"company_id": company, "position": "CEO"}]}))
        .await;
    let before = world.get(&ann, &CONTACTS.at(contact)).await.expect(200).body;
    world.delete(&ann, &COMPANIES.at(company)).await.expect(204);
    let path = format!("{}/contacts", COMPANIES.at(company));
    world.get(&ann, &path).await.problem(404, "not_found");
    assert_eq!(world.get(&ann, &CONTACTS.at(contact)).await.expect(200).body["companies"], json!([]));
    assert_eq!(world.ids(&ann, CONTACTS, &[("company_id", "none")]).await, [contact]);
    assert!(world.ids(&ann, CONTACTS, &[("company_id", &company.to_string())]).await.is_empty());
    world.post(&ann, &format!("{}/restore", COMPANIES.at(company)), Value::Null).await.expect(200);
    assert_eq!(world.get(&ann, &CONTACTS.at(contact)).await.expect(200).body, before);
}
