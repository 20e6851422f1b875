//! What hangs on tasks: records of the CRM both ways, results, and what happened, each as far as one may know.

use artel_tests::{
    Person, Value, World,
    crm::{COMPANIES, CONTACTS, levels},
    json, on_both,
    task::{TASKS, at, beneath},
};

on_both![
    a_task_is_linked_with_records_and_they_list_their_tasks,
    links_are_made_by_those_who_edit_and_read_the_record,
    a_record_that_one_may_not_read_does_not_show,
    a_record_in_the_trash_does_not_show_and_comes_back,
    linking_twice_changes_nothing,
    a_task_is_narrowed_by_several_records,
    everybody_with_a_part_gives_results,
    results_are_taken_away_by_their_authors_and_leaders,
    what_happened_is_told_field_by_field,
    what_happened_is_narrowed_to_a_field,
    totals_of_what_happened_count_what_is_shown,
    pages_of_what_happened_are_full_however_much_is_hidden,
    what_happened_tells_no_id_that_one_may_not_know,
];

fn link(task: i64, kind: &str, id: i64) -> String {
    beneath(task, &format!("crm-links/{kind}/{id}"))
}

async fn a_task_is_linked_with_records_and_they_list_their_tasks(world: &World) {
    let ann = world.employee().await;
    let contact = world.record(&ann, CONTACTS, "Ёлкина", json!({"first_name": "Анна"})).await;
    let company = world.record(&ann, COMPANIES, "Acme", json!({})).await;
    let task = world.task(&ann, json!({})).await;
    world.put(&ann, &link(task, "contact", contact), Value::Null).await.expect(200);
    let linked = world.put(&ann, &link(task, "company", company), Value::Null).await.expect(200).body;
    assert_eq!(linked["contacts"], json!([{"id": contact, "first_name": "Анна", "last_name": "Ёлкина"}]));
    assert_eq!(linked["companies"], json!([{"id": company, "name": "Acme"}]));
    assert_eq!(linked["version"], 1);
    assert_eq!(world.seen(&ann, task).await, linked);
    assert_eq!(world.tasks(&ann, &[("contact_id", &contact.to_string())]).await, [task]);
    assert_eq!(world.tasks(&ann, &[("company_id", &company.to_string())]).await, [task]);
    world.patch(&ann, &COMPANIES.at(company), json!({"name": "Acme & co"})).await.expect(200);
    assert_eq!(world.seen(&ann, task).await["companies"][0]["name"], "Acme & co");
    world.delete(&ann, &link(task, "contact", contact)).await.expect(204);
    assert!(world.tasks(&ann, &[("contact_id", &contact.to_string())]).await.is_empty());
    assert_eq!(world.happened(&ann, task).await, ["created", "linked", "linked", "unlinked"]);
    world.put(&ann, &link(task, "deal", contact), Value::Null).await.problem(404, "not_found");
}

async fn links_are_made_by_those_who_edit_and_read_the_record(world: &World) {
    let (ann, bob, cid, dan, admin) = (
        world.employee().await,
        world.employee().await,
        world.employee().await,
        world.employee().await,
        world.admin().await,
    );
    let open = world.record(&ann, CONTACTS, "Open", json!({})).await;
    let hidden = world.record(&dan, CONTACTS, "Hidden", json!({"shared": false})).await;
    let fields = json!({"responsible_id": bob.id, "observer_ids": [cid.id]});
    let task = world.task(&ann, fields).await;
    for who in [&bob, &cid] {
        world.put(who, &link(task, "contact", open), Value::Null).await.problem(403, "forbidden");
        world.delete(who, &link(task, "contact", open)).await.problem(403, "forbidden");
    }
    for id in [hidden, 987_654] {
        world.put(&ann, &link(task, "contact", id), Value::Null).await.problem(404, "not_found");
        world.delete(&ann, &link(task, "contact", id)).await.problem(404, "not_found");
    }
    world.put(&admin, &link(task, "contact", hidden), Value::Null).await.expect(200);
    world.put(&admin, &link(task, "contact", open), Value::Null).await.expect(200);
    // What was linked by somebody else is not to be taken away by whoever may not know of it.
    world.delete(&ann, &link(task, "contact", hidden)).await.problem(404, "not_found");
    assert_eq!(world.seen(&admin, task).await["contacts"].as_array().unwrap().len(), 2);
    assert_eq!(world.seen(&ann, task).await["contacts"].as_array().unwrap().len(), 1);
}

async fn a_record_that_one_may_not_read_does_not_show(world: &World) {
    let (ann, bob, admin) = (world.employee().await, world.employee().await, world.admin().await);
    for (kind, word) in [(CONTACTS, "contact"), (COMPANIES, "company")] {
        let shared = world.record(&ann, kind, "Shared", json!({})).await;
        let hidden = world.record(&ann, kind, "Hidden", json!({"shared": false})).await;
        let task = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
        for id in [shared, hidden] {
            world.put(&ann, &link(task, word, id), Value::Null).await.expect(200);
        }
        let plural = if word == "contact" { "contacts" } else { "companies" };
        let ids = |seen: &Value| -> Vec<i64> {
            seen[plural].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
        };
        let filter = format!("{word}_id");
        for (who, known) in
            [(&ann, vec![shared, hidden]), (&bob, vec![shared]), (&admin, vec![shared, hidden])]
        {
            assert_eq!(ids(&world.seen(who, task).await), known);
            let list = world.get(who, &format!("{TASKS}?include_total=true")).await.expect(200);
            let item = list.items().iter().find(|item| item["id"] == task).unwrap();
            assert_eq!(ids(item), known);
            let found = world.tasks(who, &[(&filter, &hidden.to_string())]).await;
            assert_eq!(found.contains(&task), known.contains(&hidden));
            let told = world.history(who, task).await;
            let links = told.iter().filter(|entry| entry["verb"] == "linked").count();
            assert_eq!(links, known.len());
            let later = format!("{:?}", told.iter().skip(1).collect::<Vec<_>>());
            assert_eq!(later.contains(&format!("Number({hidden})")), known.contains(&hidden), "{later}");
        }
    }
    world.let_employees(&admin, &levels("none", &json!({"read": "own"}))).await;
    for task in world.tasks(&bob, &[]).await {
        let seen = world.seen(&bob, task).await;
        assert_eq!((&seen["contacts"], &seen["companies"]), (&json!([]), &json!([])));
    }
}

async fn a_record_in_the_trash_does_not_show_and_comes_back(world: &World) {
    let ann = world.employee().await;
    let contact = world.record(&ann, CONTACTS, "Lee", json!({})).await;
    let task = world.task(&ann, json!({"contact_ids": [contact]})).await;
    world.delete(&ann, &CONTACTS.at(contact)).await.expect(204);
    assert_eq!(world.seen(&ann, task).await["contacts"], json!([]));
    assert!(world.tasks(&ann, &[("contact_id", &contact.to_string())]).await.is_empty());
    world.put(&ann, &link(task, "contact", contact), Value::Null).await.problem(404, "not_found");
    world.post(&ann, &format!("{}/restore", CONTACTS.at(contact)), Value::Null).await.expect(200);
    assert_eq!(world.seen(&ann, task).await["contacts"][0]["id"], contact);
}

async fn linking_twice_changes_nothing(world: &World) {
    let ann = world.employee().await;
    let contact = world.record(&ann, CONTACTS, "Lee", json!({})).await;
    let task = world.task(&ann, json!({})).await;
    for _ in 0..2 {
        world.put(&ann, &link(task, "contact", contact), Value::Null).await.expect(200);
    }
    for _ in 0..2 {
        world.delete(&ann, &link(task, "contact", contact)).await.expect(204);
    }
    assert_eq!(world.happened(&ann, task).await, ["created", "linked", "unlinked"]);
}

async fn a_task_is_narrowed_by_several_records(world: &World) {
    let ann = world.employee().await;
    let mut contacts = Vec::new();
    for name in ["A", "B", "C"] {
        contacts.push(world.record(&ann, CONTACTS, name, json!({})).await);
    }
    let company = world.record(&ann, COMPANIES, "Acme", json!({})).await;
    let both = json!({"contact_ids": contacts[..2], "company_ids": [company]});
    let first = world.task(&ann, both).await;
    let second = world.task(&ann, json!({"contact_ids": [contacts[1]]})).await;
    let ids = |ids: &[i64]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let sorted = async |parameters: &[(&str, &str)]| {
        let mut all = parameters.to_vec();
        all.push(("sort", "created_at"));
        world.tasks(&ann, &all).await
    };
    assert_eq!(sorted(&[("contact_id", &ids(&contacts[..2]))]).await, [first, second]);
    assert_eq!(sorted(&[("contact_id", &ids(&contacts[..1]))]).await, [first]);
    assert!(sorted(&[("contact_id", &ids(&contacts[2..]))]).await.is_empty());
    let and = [("contact_id", &*ids(&contacts[1..2])), ("company_id", &*company.to_string())];
    assert_eq!(sorted(&and).await, [first]);
}

async fn everybody_with_a_part_gives_results(world: &World) {
    let mut people: Vec<Person> = Vec::new();
    for _ in 0..6 {
        people.push(world.employee().await);
    }
    let [ann, bob, cid, dan, eve, boss] = people.try_into().unwrap();
    let admin = world.admin().await;
    world.put_below(&admin, &bob, &boss).await;
    let fields = json!({"responsible_id": bob.id, "co_executor_ids": [cid.id], "observer_ids": [dan.id],
        "reviewer_id": eve.id});
    let task = world.task(&ann, fields).await;
    let mut given = Vec::new();
    for (who, may) in [
        (&ann, true),
        (&bob, true),
        (&cid, true),
        (&dan, true),
        (&eve, true),
        (&boss, false),
        (&admin, false),
    ] {
        let text = format!("By {}\n**bold**", who.id);
        let result = world.post(who, &beneath(task, "results"), json!({ "text": text })).await;
        let says = world.seen(who, task).await["can"].as_array().unwrap().contains(&json!("add_result"));
        assert_eq!(says, may);
        if !may {
            result.problem(403, "forbidden");
            continue;
        }
        let result = result.expect(201);
        assert_eq!(
            result.header("location"),
            Some(beneath(task, &format!("results/{}", result.id())).as_str())
        );
        assert_eq!((&result.body["author_id"], &result.body["text"]), (&json!(who.id), &json!(text)));
        given.insert(0, result.body);
    }
    for who in [&ann, &boss, &admin] {
        let list = world.get(who, &beneath(task, "results")).await.expect(200);
        assert_eq!(list.items(), given);
    }
    for body in [json!({}), json!({"text": ""}), json!({"text": "x".repeat(20_001)})] {
        world.post(&ann, &beneath(task, "results"), body).await.problem(422, "validation");
    }
    assert_eq!(world.seen(&ann, task).await["version"], 1);
}

async fn results_are_taken_away_by_their_authors_and_leaders(world: &World) {
    let (ann, bob, cid, admin) =
        (world.employee().await, world.employee().await, world.employee().await, world.admin().await);
    let fields = json!({"responsible_id": bob.id, "co_executor_ids": [cid.id]});
    let task = world.task(&ann, fields).await;
    let other = world.task(&ann, json!({})).await;
    for (who, may) in [(&bob, true), (&ann, true), (&admin, true), (&cid, false)] {
        let id = world.post(&bob, &beneath(task, "results"), json!({"text": "x"})).await.expect(201).id();
        world.delete(who, &beneath(other, &format!("results/{id}"))).await.problem(404, "not_found");
        let gone = world.delete(who, &beneath(task, &format!("results/{id}"))).await;
        if may {
            gone.expect(204);
            world.delete(who, &beneath(task, &format!("results/{id}"))).await.problem(404, "not_found");
        } else {
            gone.problem(403, "forbidden");
        }
    }
    assert_eq!(world.get(&ann, &beneath(task, "results")).await.expect(200).items().len(), 1);
    let words = world.happened(&ann, task).await;
    assert_eq!(words.iter().filter(|word| *word == "result_removed").count(), 3);
}

async fn what_happened_is_told_field_by_field(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"title": "Old", "responsible_id": bob.id, "priority": "low"})).await;
    let patch = json!({"title": "New", "priority": "high", "tags": ["a"], "reviewer_id": ann.id,
        "deadline": "2030-01-01T00:00:00Z", "needs_review": true, "estimate_minutes": 5});
    world.patch(&ann, &at(task), patch).await.expect(200);
    world.patch(&bob, &at(task), json!({"description": "Mine"})).await.expect(200);
    let history = world.history(&bob, task).await;
    assert_eq!(
        history.iter().map(|entry| entry["by"].as_i64().unwrap()).collect::<Vec<_>>(),
        [ann.id, ann.id, bob.id]
    );
    let change = |entry: &Value, field: &str| {
        let changes = entry["changes"].as_array().unwrap();
        let found = changes.iter().find(|change| change["field"] == field);
        found.map(|change| (change["old"].clone(), change["new"].clone()))
    };
    assert_eq!(change(&history[0], "title"), Some((Value::Null, json!("Old"))));
    assert_eq!(change(&history[0], "responsible_id"), Some((Value::Null, json!(bob.id))));
    for (field, old, new) in [
        ("title", json!("Old"), json!("New")),
        ("priority", json!("low"), json!("high")),
        ("tags", json!([]), json!(["a"])),
        ("reviewer_id", Value::Null, json!(ann.id)),
        ("deadline", Value::Null, json!("2030-01-01T00:00:00Z")),
        ("needs_review", json!(false), json!(true)),
        ("estimate_minutes", Value::Null, json!(5)),
    ] {
        assert_eq!(change(&history[1], field), Some((old, new)), "{field}");
    }
    assert_eq!(history[1]["changes"].as_array().unwrap().len(), 7);
    assert_eq!(history[2]["changes"], json!([{"field": "description", "old": null, "new": "Mine"}]));
    let newest = world.get(&ann, &beneath(task, "history?limit=1&include_total=true")).await.expect(200);
    assert_eq!((newest.items(), &newest.body["total"]), (&history[2..], &json!(3)));
}

async fn what_happened_is_narrowed_to_a_field(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"responsible_id": bob.id})).await;
    // Words that look like the log itself, in values.
    let tricky = json!({"title": "\"field\":\"deadline\"", "description": "{\"field\":\"status\"}"});
    world.patch(&ann, &at(task), tricky).await.expect(200);
    world.act(&bob, task, "start").await.expect(200);
    world.patch(&ann, &at(task), json!({"deadline": "2030-01-01T00:00:00Z"})).await.expect(200);
    world.act(&bob, task, "complete").await.expect(200);
    let narrowed = async |field: &str| {
        let path = beneath(task, &format!("history?sort=at&include_total=true&field={field}"));
        let list = world.get(&ann, &path).await.expect(200);
        assert_eq!(list.body["total"], list.items().len());
        list.items().iter().map(|entry| entry["verb"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(narrowed("status").await, ["started", "completed"]);
    assert_eq!(narrowed("deadline").await, ["updated"]);
    assert_eq!(narrowed("title").await, ["created", "updated"]);
    assert!(narrowed("nothing").await.is_empty());
    // An underscore is an underscore.
    assert!(narrowed("______").await.is_empty());
    assert!(narrowed("sta_us").await.is_empty());
    for wrong in ["%", "Status", "", "a%22"] {
        let refused = world.get(&ann, &beneath(task, &format!("history?field={wrong}"))).await;
        assert_eq!(refused.problem(400, "invalid_parameter").parameters()[0].0, "field");
    }
}

async fn totals_of_what_happened_count_what_is_shown(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let hidden = world.record(&ann, CONTACTS, "Hidden", json!({"shared": false})).await;
    let task = world.task(&ann, json!({"observer_ids": [bob.id], "contact_ids": [hidden]})).await;
    for (who, expected) in [(&ann, 2), (&bob, 1)] {
        let list = world.get(who, &beneath(task, "history?include_total=true")).await.expect(200);
        assert_eq!((list.items().len(), &list.body["total"]), (expected, &json!(expected)));
    }
    let narrowed = beneath(task, "history?field=contact_id&include_total=true");
    let list = world.get(&bob, &narrowed).await.expect(200);
    assert_eq!((list.items().len(), &list.body["total"]), (0, &json!(0)));
}

async fn pages_of_what_happened_are_full_however_much_is_hidden(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let mut contacts = Vec::new();
    for number in 0..12 {
        let shared = number % 3 == 0;
        contacts.push(world.record(&ann, CONTACTS, "Lee", json!({ "shared": shared })).await);
    }
    let task = world.task(&ann, json!({"observer_ids": [bob.id], "contact_ids": contacts})).await;
    let mut path = beneath(task, "history?limit=2");
    let mut shown = 0;
    loop {
        let page = world.get(&bob, &path).await.expect(200);
        shown += page.items().len();
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        assert_eq!(page.items().len(), 2, "a page that is not the last is full");
        path = beneath(task, &format!("history?limit=2&cursor={cursor}"));
    }
    assert_eq!(shown, 5);
}

async fn what_happened_tells_no_id_that_one_may_not_know(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let top = world.task(&ann, json!({})).await;
    let other = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
    let task = world.task(&ann, json!({"parent_id": top, "observer_ids": [bob.id]})).await;
    world.patch(&ann, &at(task), json!({"parent_id": other})).await.expect(200);
    let moved = |history: &[Value]| {
        let changes = history.last().unwrap()["changes"].as_array().unwrap().clone();
        changes.into_iter().find(|change| change["field"] == "parent_id").unwrap()
    };
    let change = moved(&world.history(&ann, task).await);
    assert_eq!((&change["old"], &change["new"]), (&json!(top), &json!(other)));
    let change = moved(&world.history(&bob, task).await);
    assert_eq!((&change["old"], &change["new"]), (&Value::Null, &json!(other)));
}
