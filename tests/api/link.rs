//! Links between contacts and companies: which of them is primary, and that the hidden ones stay hidden and stay.

use artel_tests::{
    Answer, Method, Person, Value, World,
    crm::{COMPANIES, CONTACTS, levels},
    json, on_both,
};
use futures_util::future::join_all;

on_both![
    the_first_link_is_primary_and_a_new_primary_takes_over,
    the_oldest_remaining_follows_a_primary_that_goes,
    a_list_replaces_the_links,
    a_link_is_put_once_and_changes_nothing_the_second_time,
    linking_needs_write_here_and_read_there,
    hidden_companies_are_never_named,
    hidden_links_survive_what_others_do,
    a_company_named_twice_and_a_second_primary_are_refused,
    a_contact_has_only_so_many_companies,
    links_hold_to_the_version_that_is_named,
    of_many_who_link_at_once_one_is_primary,
    a_contact_without_companies_can_be_asked_for,
    the_contacts_of_one_company_can_be_narrowed_to_those_of_another,
];

/// Companies under these names, all of one person.
async fn companies<const N: usize>(world: &World, who: &Person, names: [&str; N]) -> [i64; N] {
    let mut ids = [0; N];
    for (id, name) in ids.iter_mut().zip(names) {
        *id = world.record(who, COMPANIES, name, json!({})).await;
    }
    ids
}

fn path(contact: i64, company: i64) -> String {
    format!("{}/companies/{company}", CONTACTS.at(contact))
}

async fn put(world: &World, who: &Person, contact: i64, company: i64, body: Value) -> Answer {
    world.put(who, &path(contact, company), body).await
}

/// The links of a contact as `(company, primary)`, in the order in which they are answered; the same everywhere.
async fn links(world: &World, who: &Person, contact: i64) -> Vec<(i64, bool)> {
    let own = world.get(who, &CONTACTS.at(contact)).await.expect(200).body["companies"].clone();
    let list = world.get(who, &format!("{}/companies", CONTACTS.at(contact))).await.expect(200);
    assert_eq!(list.items(), own.as_array().unwrap());
    let link = |link: &Value| (link["company_id"].as_i64().unwrap(), link["primary"].as_bool().unwrap());
    list.items().iter().map(link).collect()
}

async fn the_first_link_is_primary_and_a_new_primary_takes_over(world: &World) {
    let ann = world.employee().await;
    let [a, b, c] = companies(world, &ann, ["A", "B", "C"]).await;
    let lee = world.record(&ann, CONTACTS, "Lee", json!({})).await;
    let first = put(world, &ann, lee, a, json!({"position": "CTO", "primary": false})).await.expect(200);
    assert_eq!(first.body, json!({"company_id": a, "name": "A", "position": "CTO", "primary": true}));
    put(world, &ann, lee, b, json!({})).await.expect(200);
    assert_eq!(links(world, &ann, lee).await, [(a, true), (b, false)]);
    put(world, &ann, lee, c, json!({"primary": true})).await.expect(200);
    assert_eq!(links(world, &ann, lee).await, [(c, true), (a, false), (b, false)]);
    put(world, &ann, lee, c, json!({"primary": false})).await.expect(200);
    assert_eq!(links(world, &ann, lee).await, [(c, true), (a, false), (b, false)]);
    put(world, &ann, lee, b, json!({"primary": true, "position": "CEO"})).await.expect(200);
    assert_eq!(links(world, &ann, lee).await, [(b, true), (a, false), (c, false)]);
}

async fn the_oldest_remaining_follows_a_primary_that_goes(world: &World) {
    let ann = world.employee().await;
    let [a, b, c] = companies(world, &ann, ["A", "B", "C"]).await;
    let lee = world.record(&ann, CONTACTS, "Lee", json!({})).await;
    for company in [c, b, a] {
        put(world, &ann, lee, company, json!({"primary": true})).await.expect(200);
    }
    world.delete(&ann, &path(lee, a)).await.expect(204);
    assert_eq!(links(world, &ann, lee).await, [(c, true), (b, false)]);
    world.delete(&ann, &path(lee, a)).await.problem(404, "not_found");
    world.delete(&ann, &path(lee, b)).await.expect(204);
    world.delete(&ann, &path(lee, c)).await.expect(204);
    assert!(links(world, &ann, lee).await.is_empty());
}

async fn a_list_replaces_the_links(world: &World) {
    let ann = world.employee().await;
    let [a, b, c] = companies(world, &ann, ["A", "B", "C"]).await;
    let list = json!([{"company_id": b, "position": "CEO"}, {"company_id": a}]);
    let lee = world.record(&ann, CONTACTS, "Lee", json!({"companies": list})).await;
    assert_eq!(links(world, &ann, lee).await, [(b, true), (a, false)]);
    let edit = async |companies: Value| {
        world.patch(&ann, &CONTACTS.at(lee), json!({"companies": companies})).await.expect(200).body
    };
    let version = |body: &Value| body["version"].as_i64().unwrap();
    let same = edit(json!([{"company_id": b, "position": "CEO"}, {"company_id": a}])).await;
    assert_eq!(version(&same), 1);
    let changed = edit(json!([{"company_id": c}, {"company_id": a, "position": "CTO"}])).await;
    assert_eq!(version(&changed), 2);
    assert_eq!(links(world, &ann, lee).await, [(a, true), (c, false)], "the one that stays is older");
    edit(json!([{"company_id": c, "primary": true}])).await;
    assert_eq!(links(world, &ann, lee).await, [(c, true)]);
    let none = edit(json!([])).await;
    assert_eq!((version(&none), &none["companies"]), (4, &json!([])));
    assert_eq!(world.activities(CONTACTS, lee).await, ["created", "updated", "updated", "updated"]);
}

async fn a_link_is_put_once_and_changes_nothing_the_second_time(world: &World) {
    let ann = world.employee().await;
    let [a] = companies(world, &ann, ["A"]).await;
    let lee = world.record(&ann, CONTACTS, "Lee", json!({})).await;
    for _ in 0..2 {
        put(world, &ann, lee, a, json!({"position": "CEO"})).await.expect(200);
        let contact = world.get(&ann, &CONTACTS.at(lee)).await.expect(200);
        assert_eq!(contact.body["version"], 2);
    }
    let bare = put(world, &ann, lee, a, json!({})).await.expect(200);
    assert_eq!(bare.body["position"], Value::Null, "what is put replaces");
    assert_eq!(world.activities(CONTACTS, lee).await, ["created", "linked", "linked"]);
    world.delete(&ann, &path(lee, a)).await.expect(204);
    assert_eq!(world.activities(CONTACTS, lee).await.last().unwrap(), "unlinked");
}

async fn linking_needs_write_here_and_read_there(world: &World) {
    let (admin, ann, bob) = (world.admin().await, world.employee().await, world.employee().await);
    world.let_employees(&admin, &levels("shared", &json!({"write": "own"}))).await;
    let lee = world.record(&ann, CONTACTS, "Lee", json!({})).await;
    let open = world.record(&bob, COMPANIES, "Open", json!({})).await;
    let closed = world.record(&bob, COMPANIES, "Closed", json!({"shared": false})).await;
    put(world, &ann, lee, open, json!({})).await.expect(200);
    put(world, &bob, lee, open, json!({"primary": true})).await.problem(403, "access_level");
    put(world, &bob, lee, closed, json!({})).await.problem(403, "access_level");
    world.delete(&bob, &path(lee, open)).await.problem(403, "access_level");
    for company in [closed, 999_999] {
        put(world, &ann, lee, company, json!({})).await.problem(404, "not_found");
        world.delete(&ann, &path(lee, company)).await.problem(404, "not_found");
        let body = json!({"companies": [{"company_id": open}, {"company_id": company}]});
        let refused = world.patch(&ann, &CONTACTS.at(lee), body.clone()).await.problem(422, "validation");
        assert_eq!(refused.faults(), [("/companies/1/company_id", "unknown")]);
        let mut created = CONTACTS.named("New");
        created["companies"] = body["companies"].clone();
        let refused = world.post(&ann, CONTACTS.path, created).await.problem(422, "validation");
        assert_eq!(refused.faults(), [("/companies/1/company_id", "unknown")]);
    }
    let secret = world.record(&ann, CONTACTS, "Secret", json!({"shared": false})).await;
    put(world, &bob, secret, open, json!({})).await.problem(404, "not_found");
    world.get(&bob, &format!("{}/companies", CONTACTS.at(secret))).await.problem(404, "not_found");
}

/// A contact that Ann shares, linked with a company that only Bob sees (and first), and one that all see.
async fn half_hidden(world: &World, ann: &Person, bob: &Person) -> [i64; 3] {
    let shown = world.record(ann, COMPANIES, "Shown", json!({})).await;
    let hidden = world.record(bob, COMPANIES, "Hideaway", json!({})).await;
    let list = json!([{"company_id": hidden, "position": "Spy", "primary": true}, {"company_id": shown}]);
    let lee = world.record(ann, CONTACTS, "Lee", json!({"companies": list})).await;
    world.patch(bob, &COMPANIES.at(hidden), json!({"shared": false})).await.expect(200);
    [lee, shown, hidden]
}

async fn hidden_companies_are_never_named(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let [lee, shown, hidden] = half_hidden(world, &ann, &bob).await;
    assert_eq!(links(world, &ann, lee).await, [(shown, false)]);
    assert_eq!(links(world, &bob, lee).await, [(hidden, true), (shown, false)]);
    let silent = |answer: Answer| {
        assert!(!answer.text().contains("Hideaway") && !answer.text().contains("Spy"), "{}", answer.text());
        answer
    };
    silent(world.list(&ann, CONTACTS, &[]).await.expect(200));
    silent(world.patch(&ann, &CONTACTS.at(lee), json!({"comment": "x"})).await.expect(200));
    silent(put(world, &ann, lee, shown, json!({"position": "x"})).await.expect(200));
    assert!(world.ids(&ann, CONTACTS, &[("company_id", &hidden.to_string())]).await.is_empty());
    assert!(world.ids(&ann, CONTACTS, &[("q", "hideaway")]).await.is_empty());
    put(world, &ann, lee, hidden, json!({})).await.problem(404, "not_found");
    world.delete(&ann, &path(lee, hidden)).await.problem(404, "not_found");
    world.delete(&ann, &path(lee, shown)).await.expect(204);
    assert!(links(world, &ann, lee).await.is_empty());
    assert_eq!(world.ids(&ann, CONTACTS, &[("company_id", "none")]).await, [lee]);
    assert!(world.ids(&bob, CONTACTS, &[("company_id", "none")]).await.is_empty());
    world.delete(&ann, &CONTACTS.at(lee)).await.expect(204);
    silent(world.list(&ann, CONTACTS, &[("trashed", "only")]).await.expect(200));
    silent(world.post(&ann, &format!("{}/restore", CONTACTS.at(lee)), Value::Null).await.expect(200));
}

async fn hidden_links_survive_what_others_do(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let [lee, shown, hidden] = half_hidden(world, &ann, &bob).await;
    let [other] = companies(world, &ann, ["Other"]).await;
    let edit = async |companies: Value| {
        world
            .patch(&ann, &CONTACTS.at(lee), json!({"companies": companies}))
            .await
            .expect(200)
            .body["companies"]
            .clone()
    };
    let kept = edit(json!([{"company_id": other}])).await;
    assert_eq!(kept, json!([{"company_id": other, "name": "Other", "position": null, "primary": false}]));
    assert_eq!(links(world, &bob, lee).await, [(hidden, true), (other, false)]);
    edit(json!([{"company_id": shown, "primary": true}])).await;
    assert_eq!(links(world, &bob, lee).await, [(shown, true), (hidden, false)]);
    edit(json!([])).await;
    assert_eq!(links(world, &bob, lee).await, [(hidden, true)]);
    let blind = world.patch(&ann, &CONTACTS.at(lee), json!({"companies": [{"company_id": hidden}]})).await;
    assert_eq!(blind.problem(422, "validation").faults(), [("/companies/0/company_id", "unknown")]);
    let seen = world.get(&bob, &CONTACTS.at(lee)).await.expect(200).body["companies"][0].clone();
    assert_eq!((&seen["name"], &seen["position"]), (&json!("Hideaway"), &json!("Spy")));
}

async fn a_company_named_twice_and_a_second_primary_are_refused(world: &World) {
    let ann = world.employee().await;
    let [a, b] = companies(world, &ann, ["A", "B"]).await;
    let list = json!({"companies": [{"company_id": a, "primary": true}, {"company_id": a}, {"company_id": b, "primary": true},
        {"company_id": 999_999}]});
    let expected = [
        ("/companies/1/company_id", "duplicate"),
        ("/companies/2/primary", "second_primary"),
        ("/companies/3/company_id", "unknown"),
    ];
    let created =
        world.post(&ann, CONTACTS.path, CONTACTS.with("Lee", &list)).await.problem(422, "validation");
    assert_eq!(created.faults(), expected);
    let lee = world.record(&ann, CONTACTS, "Lee", json!({})).await;
    let patched = world.patch(&ann, &CONTACTS.at(lee), list).await.problem(422, "validation");
    assert_eq!(patched.faults(), expected);
    assert!(links(world, &ann, lee).await.is_empty());
}

async fn a_contact_has_only_so_many_companies(world: &World) {
    let ann = world.employee().await;
    let mut list = Vec::new();
    for n in 0..101 {
        let company = world.record(&ann, COMPANIES, &format!("C{n}"), json!({})).await;
        list.push(json!({"company_id": company}));
    }
    let last = list.pop().unwrap();
    let lee = world.record(&ann, CONTACTS, "Lee", json!({"companies": list})).await;
    let extra = last["company_id"].as_i64().unwrap();
    put(world, &ann, lee, extra, json!({})).await.problem(409, "limit_reached");
    let first = list[0]["company_id"].as_i64().unwrap();
    put(world, &ann, lee, first, json!({"position": "CEO"})).await.expect(200);
    list.push(last);
    let refused =
        world.patch(&ann, &CONTACTS.at(lee), json!({"companies": list})).await.problem(422, "validation");
    assert_eq!(refused.faults()[0].0, "/companies");
}

async fn links_hold_to_the_version_that_is_named(world: &World) {
    let ann = world.employee().await;
    let [a, b] = companies(world, &ann, ["A", "B"]).await;
    let lee = world.record(&ann, CONTACTS, "Lee", json!({})).await;
    let at = async |method: Method, company: i64, version: &str| {
        let put = method == Method::PUT;
        let request = world.request(Some(&ann), method, &path(lee, company));
        let request = request.header("if-match", format!("\"{version}\""));
        let request = if put { request.json(&json!({})) } else { request };
        request.send().await
    };
    at(Method::PUT, a, "2").await.problem(412, "precondition_failed");
    at(Method::PUT, a, "1").await.expect(200);
    at(Method::PUT, b, "1").await.problem(412, "precondition_failed");
    at(Method::DELETE, a, "1").await.problem(412, "precondition_failed");
    at(Method::DELETE, a, "2").await.expect(204);
}

async fn of_many_who_link_at_once_one_is_primary(world: &World) {
    let ann = world.employee().await;
    let ids = companies(world, &ann, ["A", "B", "C", "D", "E", "F"]).await;
    let lee = world.record(&ann, CONTACTS, "Lee", json!({})).await;
    let put_first = |company: &i64| put(world, &ann, lee, *company, json!({"primary": true}));
    for answer in join_all(ids.iter().map(put_first)).await {
        answer.expect(200);
    }
    let linked = links(world, &ann, lee).await;
    assert_eq!((linked.len(), linked.iter().filter(|(_, primary)| *primary).count()), (6, 1));
    let paths = ids.map(|company| path(lee, company));
    for answer in join_all(paths[1..].iter().map(|path| world.delete(&ann, path))).await {
        answer.expect(204);
    }
    assert_eq!(links(world, &ann, lee).await, [(ids[0], true)]);
}

async fn a_contact_without_companies_can_be_asked_for(world: &World) {
    let ann = world.employee().await;
    let [a, b] = companies(world, &ann, ["A", "B"]).await;
    let linked = world.record(&ann, CONTACTS, "A", json!({"companies": [{"company_id": a}]})).await;
    let free = world.record(&ann, CONTACTS, "B", json!({})).await;
    let ids = async |value: &str| world.ids(&ann, CONTACTS, &[("company_id", value)]).await;
    assert_eq!(ids("none").await, [free]);
    assert_eq!(ids(&format!("none,{a}")).await, [linked, free]);
    assert_eq!(ids(&format!("none,{b}")).await, [free]);
}

async fn the_contacts_of_one_company_can_be_narrowed_to_those_of_another(world: &World) {
    let ann = world.employee().await;
    let [a, b] = companies(world, &ann, ["A", "B"]).await;
    let both = json!({"companies": [{"company_id": a}, {"company_id": b}]});
    let both = world.record(&ann, CONTACTS, "A", both).await;
    let one = world.record(&ann, CONTACTS, "B", json!({"companies": [{"company_id": a}]})).await;
    let ids = async |query: String| {
        world.get(&ann, &format!("{}/contacts{query}", COMPANIES.at(a))).await.expect(200).ids()
    };
    assert_eq!(ids(String::new()).await, [both, one]);
    assert_eq!(ids(format!("?company_id={b}")).await, [both]);
    assert!(ids("?company_id=none".to_owned()).await.is_empty());
}
