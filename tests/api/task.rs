//! Tasks: what they hold, who changes which field of them, and their way through the trash.

use artel_domain::{actor::Scope, record::KEPT_IN_TRASH};
use artel_persistence::{in_tx, task::unscoped_purge_trash};
use artel_tests::{
    Answer, Method, Person, Value, World,
    crm::{COMPANIES, CONTACTS, instant, merge},
    json, on_both,
    task::{COMMENTS, STATUSES, TASKS, VERBS, at, beneath, can},
};
use chrono::TimeDelta;
use futures_util::future::join_all;

on_both![
    every_field_comes_back_as_it_was_sent,
    a_task_of_a_title_alone_is_its_creators,
    every_fault_of_a_new_task_is_told_at_once,
    what_the_schema_forbids_is_told_at_once_too,
    what_is_hidden_is_unknown,
    an_instant_is_kept_to_the_microsecond,
    a_null_clears_a_value_sets_and_what_is_absent_stays,
    an_edit_that_changes_nothing_leaves_no_trace,
    each_field_asks_for_its_own_right,
    one_field_that_may_not_change_refuses_them_all,
    the_status_and_the_responsible_person_are_no_fields,
    the_deadline_moves_within_its_policy,
    every_fault_of_a_change_is_told_at_once,
    a_version_that_changed_is_refused_by_every_operation_on_it,
    a_tag_names_the_whole_body_and_a_condition_the_version_alone,
    of_many_changes_to_one_version_one_is_made,
    a_repeated_request_with_a_key_happens_once,
    whoever_lost_sight_of_a_task_gets_no_replay,
    external_ids_are_unique_and_come_with_their_source,
    the_trash_hides_a_task_and_gives_it_back,
    nothing_is_done_to_what_lies_in_the_trash,
    whoever_may_delete_may_restore,
    the_trash_is_emptied_after_thirty_days,
    tokens_reach_tasks_by_their_scopes,
    the_people_are_embedded_when_asked_for,
    what_a_stranger_asks_for_does_not_exist,
];

async fn every_field_comes_back_as_it_was_sent(world: &World) {
    let (ann, bob, cid, dan, eve) = five(world).await;
    let contact = world.record(&ann, CONTACTS, "Ёлкина", json!({"first_name": "Анна"})).await;
    let company = world.record(&ann, COMPANIES, "Ёлки", json!({})).await;
    let sent = json!({
        "title": "  Печать <b>бейджей</b> & O'Neil 🙂 ", "description": "first\n\tsecond", "priority": "high",
        "responsible_id": bob.id, "co_executor_ids": [cid.id], "observer_ids": [dan.id], "reviewer_id": eve.id,
        "planned_start": "2030-01-01T09:00:00Z", "planned_end": "2030-01-02T09:00:00Z",
        "deadline": "2030-01-03T09:00:00.123456Z", "estimate_minutes": 90, "tags": ["VIP", "demo day"],
        "needs_review": true, "needs_result": true, "external_source": "jira", "external_id": "a/b c",
        "deadline_policy": {"responsible_may_move": true, "latest": "2030-02-01T00:00:00Z", "most_moves": 3,
            "reason_required": true},
    });
    let mut body = sent.clone();
    merge(&mut body, &json!({"contact_ids": [contact, contact], "company_ids": [company]}));
    let created = world.post(&ann, TASKS, body).await.expect(201);
    assert_eq!(created.header("location"), Some(at(created.id()).as_str()));
    assert!(created.etag().starts_with("\"1-"), "{}", created.etag());
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&created.body[name], value, "{name}");
    }
    assert_eq!(
        created.body["contacts"],
        json!([{"id": contact, "first_name": "Анна", "last_name": "Ёлкина"}])
    );
    assert_eq!(created.body["companies"], json!([{"id": company, "name": "Ёлки"}]));
    let untouched = json!({
        "status": "pending", "returned": false, "project_id": null, "parent_id": null, "creator_id": ann.id,
        "deferred_until": null, "deadline_moves": 0, "completed_at": null, "completed_by": null,
        "approved_at": null, "approved_by": null, "comment_count": 0, "unread_count": 0, "subtask_count": 0,
        "open_subtask_count": 0, "favourite": false, "muted": false, "seen_at": null, "version": 1,
        "updated_by": ann.id, "deleted_at": null,
    });
    for (name, value) in untouched.as_object().unwrap() {
        assert_eq!(&created.body[name], value, "{name}");
    }
    assert_eq!(created.body["created_at"], created.body["updated_at"]);
    let read = world.get(&ann, &at(created.id())).await.expect(200);
    assert_eq!((&read.body, read.etag()), (&created.body, created.etag()));
    let listed = world.get(&ann, TASKS).await.expect(200);
    assert_eq!(listed.items(), std::slice::from_ref(&created.body));
    let entries = world.history(&ann, created.id()).await;
    let verbs: Vec<_> = entries.iter().map(|entry| entry["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["created", "linked", "linked"]);
}

async fn five(world: &World) -> (Person, Person, Person, Person, Person) {
    let mut people = Vec::new();
    for _ in 0..5 {
        people.push(world.employee().await);
    }
    let [ann, bob, cid, dan, eve] = people.try_into().unwrap();
    (ann, bob, cid, dan, eve)
}

async fn a_task_of_a_title_alone_is_its_creators(world: &World) {
    let ann = world.employee().await;
    let made = world.post(&ann, TASKS, json!({"title": "Print"})).await.expect(201).body;
    assert_eq!(
        (&made["creator_id"], &made["responsible_id"], &made["reviewer_id"]),
        (&json!(ann.id), &json!(ann.id), &Value::Null)
    );
    assert_eq!(
        made["deadline_policy"],
        json!({"responsible_may_move": false, "latest": null, "most_moves": null, "reason_required": false})
    );
    assert_eq!(made["priority"], "normal");
    let all = [
        "add_co_executors",
        "add_observers",
        "add_result",
        "assign_roles",
        "comment",
        "complete",
        "create_subtask",
        "defer",
        "delegate",
        "delete",
        "describe",
        "edit",
        "moderate",
        "move_deadline",
        "plan",
        "read",
        "set_deadline",
        "start",
        "watch",
    ];
    assert_eq!(can(&made), all);
    // Whoever is responsible is left out of the others without a word.
    let body = json!({"title": "Print", "co_executor_ids": [ann.id], "observer_ids": [ann.id, ann.id]});
    let made = world.post(&ann, TASKS, body).await.expect(201).body;
    assert_eq!((&made["co_executor_ids"], &made["observer_ids"]), (&json!([]), &json!([])));
}

async fn every_fault_of_a_new_task_is_told_at_once(world: &World) {
    let (ann, admin, gone, guest) =
        (world.employee().await, world.admin().await, world.employee().await, world.guest().await);
    world.deactivate(&admin, &gone).await;
    let body = json!({
        "title": "Print", "responsible_id": gone.id, "co_executor_ids": [guest.id, 987_654],
        "observer_ids": [ann.id, guest.id], "reviewer_id": 987_655, "planned_start": "2030-01-02T00:00:00Z",
        "planned_end": "2030-01-01T00:00:00Z", "deadline": "2030-01-01T00:00:00Z", "tags": ["VIP", "b", "vip"],
        "external_id": "7", "contact_ids": [987_654], "company_ids": [987_654],
    });
    let refused = world.post(&ann, TASKS, body).await.problem(422, "validation");
    assert_eq!(
        refused.faults(),
        [
            ("/co_executor_ids/0", "is_a_guest"),
            ("/co_executor_ids/1", "unknown"),
            ("/company_ids/0", "unknown"),
            ("/contact_ids/0", "unknown"),
            ("/deadline", "before_start"),
            ("/external_source", "incomplete"),
            ("/observer_ids/1", "is_a_guest"),
            ("/planned_end", "before_start"),
            ("/responsible_id", "inactive"),
            ("/reviewer_id", "unknown"),
            ("/tags/2", "duplicate"),
        ]
    );
    let own = world.new_task(&ann, json!({"needs_review": true})).await.problem(422, "validation");
    assert_eq!(own.faults(), [("/reviewer_id", "reviews_own_work")]);
    let own = world.new_task(&ann, json!({"reviewer_id": ann.id})).await.problem(422, "validation");
    assert_eq!(own.faults(), [("/reviewer_id", "reviews_own_work")]);
    assert_eq!(world.count("task").await, 0);
}

async fn what_the_schema_forbids_is_told_at_once_too(world: &World) {
    let ann = world.employee().await;
    let body = json!({
        "title": "", "description": "", "priority": "urgent", "estimate_minutes": 0, "deadline": "tomorrow",
        "needs_review": "yes", "tags": [""], "colour": "red", "co_executor_ids": ["x"],
        "deadline_policy": {"most_moves": 1001},
    });
    let refused = world.post(&ann, TASKS, body).await.problem(422, "validation");
    let pointers: Vec<_> = refused.faults().iter().map(|(pointer, _)| *pointer).collect();
    for pointer in [
        "/title",
        "/description",
        "/priority",
        "/estimate_minutes",
        "/deadline",
        "/needs_review",
        "/tags/0",
        "/colour",
        "/co_executor_ids/0",
        "/deadline_policy/most_moves",
    ] {
        assert!(pointers.contains(&pointer), "{pointer} is not in {pointers:?}");
    }
    let untitled = world.post(&ann, TASKS, json!({})).await.problem(422, "validation");
    assert_eq!(untitled.faults()[0].0, "/title");
    for title in ["a\nb", "a\u{0}b", &"x".repeat(251)] {
        let refused = world.post(&ann, TASKS, json!({ "title": title })).await.problem(422, "validation");
        assert_eq!(refused.faults()[0].0, "/title", "{title:?}");
    }
    let crowd: Vec<i64> = (1..=101).collect();
    let refused = world.new_task(&ann, json!({"co_executor_ids": crowd, "observer_ids": crowd})).await;
    let pointers = refused.problem(422, "validation");
    let pointers: Vec<_> = pointers.faults().iter().map(|(pointer, _)| (*pointer).to_owned()).collect();
    assert!(pointers.contains(&"/co_executor_ids".to_owned()), "{pointers:?}");
    assert!(pointers.contains(&"/observer_ids".to_owned()), "{pointers:?}");
    assert_eq!(world.count("task").await, 0);
}

async fn what_is_hidden_is_unknown(world: &World) {
    let (ann, bob, admin) = (world.employee().await, world.employee().await, world.admin().await);
    let hidden = world.task(&bob, json!({})).await;
    let contact = world.record(&bob, CONTACTS, "Hidden", json!({"shared": false})).await;
    let company = world.record(&bob, COMPANIES, "Hidden", json!({"shared": false})).await;
    let trashed = world.record(&ann, CONTACTS, "Gone", json!({})).await;
    world.delete(&ann, &CONTACTS.at(trashed)).await.expect(204);
    let below = world.new_task(&ann, json!({"parent_id": hidden})).await.problem(422, "validation");
    assert_eq!(below.faults(), [("/parent_id", "unknown")]);
    let below = world.new_task(&ann, json!({"parent_id": 987_654})).await.problem(422, "validation");
    assert_eq!(below.faults(), [("/parent_id", "unknown")]);
    let inside = world.new_task(&ann, json!({"project_id": 987_654})).await.problem(422, "validation");
    assert_eq!(inside.faults(), [("/project_id", "unknown")]);
    let linked = json!({"contact_ids": [contact, trashed], "company_ids": [company]});
    let linked = world.new_task(&ann, linked).await.problem(422, "validation");
    assert_eq!(
        linked.faults(),
        [("/company_ids/0", "unknown"), ("/contact_ids/0", "unknown"), ("/contact_ids/1", "unknown")]
    );
    let task = world.task(&ann, json!({})).await;
    let moved = world.patch(&ann, &at(task), json!({"parent_id": hidden})).await.problem(422, "validation");
    assert_eq!(moved.faults(), [("/parent_id", "unknown")]);
    let moved = world.patch(&ann, &at(task), json!({"project_id": 987_654})).await;
    assert_eq!(moved.problem(422, "validation").faults(), [("/project_id", "unknown")]);
    world.new_task(&admin, json!({"parent_id": hidden})).await.expect(201);
}

async fn an_instant_is_kept_to_the_microsecond(world: &World) {
    let ann = world.employee().await;
    for (sent, kept) in [
        ("2030-01-01T00:00:00.123456789Z", "2030-01-01T00:00:00.123456Z"),
        ("2030-01-01T03:00:00+03:00", "2030-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ] {
        let task = world.task(&ann, json!({"deadline": sent, "planned_end": sent})).await;
        let seen = world.seen(&ann, task).await;
        assert_eq!((&seen["deadline"], &seen["planned_end"]), (&json!(kept), &json!(kept)), "{sent}");
        let again = world.patch(&ann, &at(task), json!({"deadline": sent})).await.expect(200);
        assert_eq!(again.body["version"], 1, "{sent}");
    }
}

/// Every field that can be edited, with a value that a new task does not have.
fn everything() -> Value {
    json!({
        "title": "Other", "description": "New", "priority": "high", "planned_start": "2030-01-01T00:00:00Z",
        "planned_end": "2030-01-02T00:00:00Z", "deadline": "2030-01-03T00:00:00Z", "estimate_minutes": 15,
        "tags": ["a"], "needs_review": true, "needs_result": true, "external_source": "jira",
        "external_id": "7", "deadline_policy": {"responsible_may_move": true, "latest": "2031-01-01T00:00:00Z",
            "most_moves": 2, "reason_required": true},
    })
}

async fn a_null_clears_a_value_sets_and_what_is_absent_stays(world: &World) {
    let (ann, bob, eve) = (world.employee().await, world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"responsible_id": bob.id})).await;
    let before = world.seen(&ann, task).await;
    let mut all = everything();
    all["reviewer_id"] = eve.id.into();
    let full = world.patch(&ann, &at(task), all.clone()).await.expect(200);
    for (name, value) in all.as_object().unwrap() {
        assert_eq!(&full.body[name], value, "{name}");
    }
    let one = world.patch(&ann, &at(task), json!({"description": "Just this"})).await.expect(200).body;
    let mut expected = full.body.clone();
    merge(
        &mut expected,
        &json!({"description": "Just this", "version": 3, "updated_at": one["updated_at"].clone()}),
    );
    assert_eq!(one, expected);
    let part = json!({"deadline_policy": {"most_moves": null, "reason_required": false}});
    let policy = world.patch(&ann, &at(task), part).await.expect(200).body["deadline_policy"].clone();
    assert_eq!(
        policy,
        json!({"responsible_may_move": true, "latest": "2031-01-01T00:00:00Z", "most_moves": null,
            "reason_required": false})
    );
    let nothing = json!({
        "description": null, "planned_start": null, "planned_end": null, "deadline": null,
        "estimate_minutes": null, "tags": [], "needs_review": false, "needs_result": false,
        "external_source": null, "external_id": null, "reviewer_id": null, "title": before["title"],
        "priority": "normal", "deadline_policy": {"responsible_may_move": false, "latest": null},
    });
    let bare = world.patch(&ann, &at(task), nothing).await.expect(200).body;
    let mut expected = before.clone();
    merge(&mut expected, &json!({"version": 5, "updated_at": bare["updated_at"].clone()}));
    assert_eq!(bare, expected);
    assert_eq!(world.seen(&ann, task).await, expected);
    let lasting = json!({"title": null, "priority": null, "tags": null, "needs_review": null,
        "needs_result": null, "deadline_policy": null});
    let refused = world.patch(&ann, &at(task), lasting).await.problem(422, "validation");
    let mut pointers: Vec<_> = refused.faults().iter().map(|(pointer, _)| *pointer).collect();
    pointers.dedup();
    assert_eq!(
        pointers,
        ["/deadline_policy", "/needs_result", "/needs_review", "/priority", "/tags", "/title"]
    );
}

async fn an_edit_that_changes_nothing_leaves_no_trace(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let mut fields = everything();
    fields["responsible_id"] = bob.id.into();
    let task = world.task(&ann, fields).await;
    let before = world.seen(&ann, task).await;
    for body in [json!({}), everything(), json!({"deadline_reason": "none"})] {
        assert_eq!(world.patch(&ann, &at(task), body).await.expect(200).body, before);
    }
    // Not even a right is asked for what stays as it is.
    assert_eq!(world.patch(&bob, &at(task), everything()).await.expect(200).body["version"], 1);
    assert_eq!(world.happened(&ann, task).await, ["created"]);
}

/// What each person may change, said again.
fn may_change(who: &str, field: &str) -> bool {
    match who {
        "creator" | "manager of creator" | "admin" => true,
        "responsible" => ["description", "estimate_minutes", "planned_start", "planned_end"].contains(&field),
        _ => false,
    }
}

async fn each_field_asks_for_its_own_right(world: &World) {
    let (ann, bob, cid, dan, eve) = five(world).await;
    let admin = world.admin().await;
    let (boss, chief, head) = (world.employee().await, world.employee().await, world.employee().await);
    world.put_below(&admin, &ann, &boss).await;
    world.put_below(&admin, &bob, &chief).await;
    world.put_below(&admin, &dan, &head).await;
    let fields = json!({"responsible_id": bob.id, "co_executor_ids": [cid.id], "observer_ids": [dan.id],
        "reviewer_id": eve.id});
    let parent = world.task(&ann, fields.clone()).await;
    let mut patches: Vec<(&str, Value)> = Vec::new();
    let all = everything();
    for (field, value) in all.as_object().unwrap().iter().filter(|(field, _)| !field.starts_with("external"))
    {
        patches.push((field, json!({ field.clone(): value })));
    }
    patches.push(("reviewer_id", json!({"reviewer_id": null})));
    patches.push(("parent_id", json!({"parent_id": parent})));
    let people = [
        ("creator", &ann),
        ("responsible", &bob),
        ("co-executor", &cid),
        ("observer", &dan),
        ("reviewer", &eve),
        ("manager of creator", &boss),
        ("manager of responsible", &chief),
        ("manager of observer", &head),
        ("admin", &admin),
    ];
    for (name, person) in people {
        for (field, patch) in &patches {
            let task = world.task(&ann, fields.clone()).await;
            let before = world.seen(&ann, task).await;
            let answer = world.patch(person, &at(task), patch.clone()).await;
            if may_change(name, field) {
                assert_eq!(answer.status, 200, "{name} {field}: {}", answer.text());
                assert_eq!(answer.body[field], patch[field], "{name}");
                continue;
            }
            if name == "responsible" && *field == "deadline" {
                answer.problem(403, "deadline_policy");
            } else {
                let refused = answer.problem(403, "forbidden");
                let pointer = format!("/{field}");
                assert_eq!(refused.faults(), [(pointer.as_str(), "forbidden")], "{name}");
            }
            assert_eq!(world.seen(&ann, task).await, before, "{name} {field}");
        }
    }
}

async fn one_field_that_may_not_change_refuses_them_all(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"responsible_id": bob.id})).await;
    let before = world.seen(&ann, task).await;
    let body = json!({"description": "mine to change", "title": "not mine", "priority": "high",
        "reviewer_id": ann.id, "estimate_minutes": 5});
    let refused = world.patch(&bob, &at(task), body).await.problem(403, "forbidden");
    assert_eq!(
        refused.faults(),
        [("/priority", "forbidden"), ("/reviewer_id", "forbidden"), ("/title", "forbidden")]
    );
    assert_eq!(world.seen(&ann, task).await, before);
    assert_eq!(world.happened(&ann, task).await, ["created"]);
    let own = json!({"description": "mine to change", "estimate_minutes": 5, "title": before["title"]});
    assert_eq!(world.patch(&bob, &at(task), own).await.expect(200).body["version"], 2);
}

async fn the_status_and_the_responsible_person_are_no_fields(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({})).await;
    let body = json!({"status": "completed", "responsible_id": bob.id, "creator_id": bob.id, "returned": true,
        "co_executor_ids": [bob.id], "observer_ids": [bob.id], "completed_at": "2030-01-01T00:00:00Z"});
    let refused = world.patch(&ann, &at(task), body).await.problem(422, "validation");
    let pointers: Vec<_> = refused.faults().iter().map(|(pointer, _)| *pointer).collect();
    let expected = [
        "/co_executor_ids",
        "/completed_at",
        "/creator_id",
        "/observer_ids",
        "/responsible_id",
        "/returned",
        "/status",
    ];
    assert_eq!(pointers, expected);
    assert_eq!(world.seen(&ann, task).await["version"], 1);
}

async fn the_deadline_moves_within_its_policy(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let policy = json!({"responsible_may_move": true, "latest": "2030-02-01T00:00:00Z", "most_moves": 2,
        "reason_required": true});
    let fields =
        json!({"responsible_id": bob.id, "deadline": "2030-01-01T00:00:00Z", "deadline_policy": policy});
    let task = world.task(&ann, fields).await;
    let moved = async |who: &Person, body: Value| world.patch(who, &at(task), body).await;
    let silent = moved(&bob, json!({"deadline": "2030-03-01T00:00:00Z"})).await.problem(422, "validation");
    assert_eq!(silent.faults(), [("/deadline", "out_of_range"), ("/deadline_reason", "required")]);
    let cleared = moved(&bob, json!({"deadline": null, "deadline_reason": "?"})).await;
    assert_eq!(cleared.problem(422, "validation").faults(), [("/deadline", "required")]);
    let first = json!({"deadline": "2030-01-10T00:00:00Z", "deadline_reason": "The printer broke"});
    let first = moved(&bob, first).await.expect(200).body;
    assert_eq!((&first["deadline_moves"], &first["deadline"]), (&json!(1), &json!("2030-01-10T00:00:00Z")));
    let free = moved(&ann, json!({"deadline": "2031-01-01T00:00:00Z"})).await.expect(200).body;
    assert_eq!(free["deadline_moves"], 1);
    let second = json!({"deadline": "2030-02-01T00:00:00Z", "deadline_reason": "Again", "description": "x"});
    let second = moved(&bob, second).await.expect(200).body;
    assert_eq!(second["deadline_moves"], 2);
    assert!(!can(&second).contains(&"move_deadline"));
    let third = json!({"deadline": "2030-01-15T00:00:00Z", "deadline_reason": "Once more"});
    moved(&bob, third.clone()).await.problem(403, "deadline_policy");
    moved(&ann, json!({"deadline_policy": {"most_moves": null}})).await.expect(200);
    assert_eq!(moved(&bob, third).await.expect(200).body["deadline_moves"], 3);
    let log = world.get(&bob, &beneath(task, "history?field=deadline&sort=at")).await.expect(200);
    let told = |entry: &Value| {
        let of = |name: &str| {
            let changes = entry["changes"].as_array().unwrap();
            changes.iter().find(|change| change["field"] == name).map(|change| change["new"].clone())
        };
        (entry["by"].clone(), of("deadline"), of("deadline_reason"))
    };
    let told: Vec<_> = log.items().iter().map(told).collect();
    let line = |who: &Person, to: &str, why: Option<&str>| {
        (json!(who.id), Some(json!(to)), why.map(|why| json!(why)))
    };
    assert_eq!(
        told,
        [
            line(&ann, "2030-01-01T00:00:00Z", None),
            line(&bob, "2030-01-10T00:00:00Z", Some("The printer broke")),
            line(&ann, "2031-01-01T00:00:00Z", None),
            line(&bob, "2030-02-01T00:00:00Z", Some("Again")),
            line(&bob, "2030-01-15T00:00:00Z", Some("Once more")),
        ]
    );
}

async fn every_fault_of_a_change_is_told_at_once(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"responsible_id": bob.id})).await;
    let body = json!({
        "planned_start": "2030-01-02T00:00:00Z", "planned_end": "2030-01-01T00:00:00Z",
        "deadline": "2030-01-01T00:00:00Z", "tags": ["a", "A"], "external_source": "jira",
        "reviewer_id": 987_654,
    });
    let refused = world.patch(&ann, &at(task), body).await.problem(422, "validation");
    assert_eq!(
        refused.faults(),
        [
            ("/deadline", "before_start"),
            ("/external_id", "incomplete"),
            ("/planned_end", "before_start"),
            ("/reviewer_id", "unknown"),
            ("/tags/1", "duplicate"),
        ]
    );
    let own = world.patch(&ann, &at(task), json!({"reviewer_id": bob.id})).await.problem(422, "validation");
    assert_eq!(own.faults(), [("/reviewer_id", "reviews_own_work")]);
    assert_eq!(world.seen(&ann, task).await["version"], 1);
}

async fn a_version_that_changed_is_refused_by_every_operation_on_it(world: &World) {
    let (ann, bob, cid) = (world.employee().await, world.employee().await, world.employee().await);
    let contact = world.record(&ann, CONTACTS, "Lee", json!({})).await;
    let made = world.new_task(&ann, json!({"observer_ids": [bob.id]})).await.expect(201);
    let task = made.id();
    world.patch(&ann, &at(task), json!({"title": "Changed"})).await.expect(200);
    let before = world.seen(&ann, task).await;
    let mut calls: Vec<(Method, String, Option<Value>)> = vec![
        (Method::PATCH, at(task), Some(json!({"title": "Lost"}))),
        (Method::PUT, beneath(task, &format!("co-executors/{}", cid.id)), None),
        (Method::DELETE, beneath(task, &format!("co-executors/{}", bob.id)), None),
        (Method::PUT, beneath(task, &format!("observers/{}", cid.id)), None),
        (Method::DELETE, beneath(task, &format!("observers/{}", bob.id)), None),
        (Method::PUT, beneath(task, "watch"), None),
        (Method::DELETE, beneath(task, "watch"), None),
        (Method::PUT, beneath(task, &format!("crm-links/contact/{contact}")), None),
        (Method::DELETE, beneath(task, &format!("crm-links/contact/{contact}")), None),
        (Method::POST, beneath(task, "start"), None),
        (Method::POST, beneath(task, "complete?cascade=true"), None),
        (Method::POST, beneath(task, "defer"), Some(json!({"until": "2000-01-01T00:00:00Z"}))),
        (Method::POST, beneath(task, "delegate"), Some(json!({"to": 987_654}))),
        (Method::POST, beneath(task, "pause"), None),
        (Method::POST, beneath(task, "reopen"), None),
        (Method::DELETE, at(task), None),
    ];
    for (method, path, body) in calls.drain(..) {
        let request = world.request(Some(&ann), method.clone(), &path).header("if-match", made.etag());
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        request.send().await.problem(412, "precondition_failed");
        assert_eq!(world.seen(&ann, task).await, before, "{method} {path}");
    }
    // The right comes first: who may not, does not learn of the version.
    let request = world.request(Some(&bob), Method::POST, &beneath(task, "start"));
    request.header("if-match", made.etag()).send().await.problem(403, "forbidden");
    let current = world.request(Some(&ann), Method::POST, &beneath(task, "start"));
    let started = current.header("if-match", "\"2\"").send().await.expect(200);
    assert_eq!((started.body["version"].clone(), started.etag().starts_with("\"3-")), (json!(3), true));
    world.delete(&ann, &at(task)).await.expect(204);
    let stale = world.request(Some(&ann), Method::POST, &beneath(task, "restore"));
    stale.header("if-match", "\"3\"").send().await.problem(412, "precondition_failed");
    let restored = world.request(Some(&ann), Method::POST, &beneath(task, "restore"));
    assert_eq!(restored.header("if-match", "\"4\"").send().await.expect(200).body["version"], 5);
}

async fn a_tag_names_the_whole_body_and_a_condition_the_version_alone(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
    let [mine, theirs] = [world.get(&ann, &at(task)).await, world.get(&bob, &at(task)).await];
    assert_ne!(mine.etag(), theirs.etag(), "what they can do differs");
    let unchanged = world.request(Some(&ann), Method::GET, &at(task)).header("if-none-match", mine.etag());
    unchanged.send().await.expect(304);
    world.post(&bob, &beneath(task, "comments"), json!({"text": "Hello"})).await.expect(201);
    let counted = world.request(Some(&ann), Method::GET, &at(task)).header("if-none-match", mine.etag());
    let counted = counted.send().await.expect(200);
    assert_eq!((&counted.body["unread_count"], &counted.body["version"]), (&json!(1), &json!(1)));
    // The version is the same, so the tag from before still holds as a condition, also the one of somebody else.
    let edit = world.request(Some(&ann), Method::PATCH, &at(task)).header("if-match", theirs.etag());
    edit.json(&json!({"title": "New"})).send().await.expect(200);
}

async fn of_many_changes_to_one_version_one_is_made(world: &World) {
    let ann = world.employee().await;
    let made = world.new_task(&ann, json!({})).await.expect(201);
    let path = at(made.id());
    let change = |number: usize| {
        let request = world.request(Some(&ann), Method::PATCH, &path).header("if-match", made.etag());
        request.json(&json!({"title": format!("Writer {number}")})).send()
    };
    let mut statuses: Vec<u16> =
        join_all((0..16).map(change)).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[1], statuses[15]), (200, 412, 412));
    assert_eq!(world.happened(&ann, made.id()).await, ["created", "updated"]);
}

async fn keyed(world: &World, who: &Person, path: &str, body: Option<Value>) -> Answer {
    let request = world.request(Some(who), Method::POST, path).header("idempotency-key", "once");
    match body {
        Some(body) => request.json(&body).send().await,
        None => request.send().await,
    }
}

async fn a_repeated_request_with_a_key_happens_once(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let body = json!({"title": "Print", "responsible_id": bob.id, "needs_result": true});
    let first = keyed(world, &ann, TASKS, Some(body.clone())).await.expect(201);
    let again = keyed(world, &ann, TASKS, Some(body)).await.expect(201);
    assert_eq!((&again.bytes, again.header("idempotent-replayed")), (&first.bytes, Some("true")));
    assert_eq!(world.count("task").await, 1);
    let task = first.id();
    // A refusal keeps nothing: the key is still free when the result is there.
    keyed(world, &bob, &beneath(task, "complete"), None).await.problem(409, "result_required");
    for (what, body) in [
        ("results", Some(json!({"text": "Done"}))),
        ("comments", Some(json!({"text": "Done"}))),
        ("complete", None),
        ("reopen", None),
        ("delegate", Some(json!({"to": ann.id}))),
        ("read", None),
    ] {
        let path = beneath(task, what);
        let first = keyed(world, &bob, &path, body.clone()).await;
        assert!([200, 201, 204].contains(&first.status), "{what}: {}", first.text());
        let again = keyed(world, &bob, &path, body).await.expect(first.status);
        assert_eq!(
            (&again.bytes, again.header("idempotent-replayed")),
            (&first.bytes, Some("true")),
            "{what}"
        );
    }
    // Beside what was said, Artel notes once that the task was delegated.
    assert_eq!((world.count("task_result").await, world.count("comment").await), (1, 2));
    let verbs = world.happened(&ann, task).await;
    assert_eq!(verbs, ["created", "result_given", "commented", "completed", "reopened", "delegated"]);
    keyed(world, &bob, &beneath(task, "delegate"), Some(json!({"to": bob.id})))
        .await
        .problem(409, "idempotency_key_reused");
}

async fn whoever_lost_sight_of_a_task_gets_no_replay(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
    let body = || Some(json!({"text": "Hello"}));
    keyed(world, &bob, &beneath(task, "comments"), body()).await.expect(201);
    world.delete(&ann, &beneath(task, &format!("observers/{}", bob.id))).await.expect(204);
    keyed(world, &bob, &beneath(task, "comments"), body()).await.problem(404, "not_found");
}

async fn external_ids_are_unique_and_come_with_their_source(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let external = json!({"external_source": "jira", "external_id": "A-1"});
    let first = world.task(&ann, external.clone()).await;
    for who in [&ann, &bob] {
        let refused = world.new_task(who, external.clone()).await.problem(409, "duplicate");
        assert!(!refused.text().contains(&format!("tasks/{first}")), "{}", refused.text());
    }
    let other = world.task(&bob, json!({"external_source": "trello", "external_id": "A-1"})).await;
    world.patch(&bob, &at(other), json!({"external_source": "jira"})).await.problem(409, "duplicate");
    let half = world.patch(&bob, &at(other), json!({"external_id": null})).await.problem(422, "validation");
    assert_eq!(half.faults(), [("/external_id", "incomplete")]);
    let parameters = [("external_source", "jira"), ("external_id", "A-1")];
    assert_eq!(world.tasks(&ann, &parameters).await, [first]);
    assert!(world.tasks(&bob, &parameters).await.is_empty());
    // In the trash it is still taken.
    world.delete(&ann, &at(first)).await.expect(204);
    world.new_task(&ann, external).await.problem(409, "duplicate");
}

async fn the_trash_hides_a_task_and_gives_it_back(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let fields = json!({"responsible_id": bob.id, "deadline": "2030-01-01T00:00:00Z"});
    let task = world.task(&ann, fields).await;
    let kept = world.task(&ann, json!({})).await;
    let before = world.seen(&ann, task).await;
    world.delete(&bob, &at(task)).await.problem(403, "forbidden");
    world.delete(&ann, &at(task)).await.expect(204);
    world.delete(&ann, &at(task)).await.problem(404, "not_found");
    for who in [&ann, &bob] {
        world.get(who, &at(task)).await.problem(404, "not_found");
        let mine = [("user_id", "me"), ("open", "true")];
        assert!(!world.tasks(who, &mine).await.contains(&task));
        let trash = world.get(who, &format!("{TASKS}?trashed=only&include_total=true")).await.expect(200);
        assert_eq!((trash.ids(), &trash.body["total"]), (vec![task], &json!(1)));
        let expected: &[&str] = if who.id == ann.id { &["read", "restore"] } else { &["read"] };
        assert_eq!(can(&trash.items()[0]), expected);
        assert!(trash.items()[0]["deleted_at"].is_string());
    }
    assert_eq!(world.tasks(&ann, &[]).await, [kept]);
    let back = world.act(&ann, task, "restore").await.expect(200).body;
    let mut expected = before.clone();
    merge(&mut expected, &json!({"version": 3, "updated_at": back["updated_at"].clone()}));
    assert_eq!(back, expected);
    assert_eq!(world.seen(&ann, task).await, expected);
    assert_eq!(world.tasks(&bob, &[("user_id", "me"), ("open", "true")]).await, [task]);
    assert_eq!(world.happened(&ann, task).await, ["created", "deleted", "restored"]);
    assert_eq!(world.act(&ann, task, "restore").await.expect(200).body["version"], 3);
}

async fn nothing_is_done_to_what_lies_in_the_trash(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let contact = world.record(&ann, CONTACTS, "Lee", json!({})).await;
    let task = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
    let comment = world.post(&ann, &beneath(task, "comments"), json!({"text": "Hi"})).await.expect(201).id();
    world.delete(&ann, &at(task)).await.expect(204);
    let rows = world.query(&format!("select version from task where id = {task}")).await;
    let version: i64 = rows[0].try_get_by_index(0).unwrap();
    let refused = async |method: Method, path: &str, body: Option<Value>| {
        world.call(Some(&ann), method, path, body).await.problem(404, "not_found");
    };
    for verb in VERBS {
        let body = match verb {
            "return" => Some(json!({"reason": "x"})),
            "delegate" => Some(json!({"to": bob.id})),
            _ => None,
        };
        refused(Method::POST, &beneath(task, verb), body).await;
    }
    refused(Method::PATCH, &at(task), Some(json!({"title": "x"}))).await;
    for path in
        ["watch", "favourite", "mute", &format!("observers/{}", ann.id), &format!("co-executors/{}", bob.id)]
    {
        refused(Method::PUT, &beneath(task, path), None).await;
        refused(Method::DELETE, &beneath(task, path), None).await;
    }
    refused(Method::PUT, &beneath(task, &format!("crm-links/contact/{contact}")), None).await;
    for path in ["comments", "results"] {
        refused(Method::POST, &beneath(task, path), Some(json!({"text": "x"}))).await;
    }
    refused(Method::POST, &beneath(task, "read"), None).await;
    for path in ["comments", "results", "history", "transitions", "subtasks"] {
        refused(Method::GET, &beneath(task, path), None).await;
    }
    refused(Method::PATCH, &format!("{COMMENTS}/{comment}"), Some(json!({"text": "x"}))).await;
    refused(Method::DELETE, &format!("{COMMENTS}/{comment}"), None).await;
    refused(Method::GET, &format!("{COMMENTS}/{comment}/versions"), None).await;
    let below = world.new_task(&ann, json!({"parent_id": task})).await.problem(422, "validation");
    assert_eq!(below.faults(), [("/parent_id", "unknown")]);
    let rows = world.query(&format!("select version from task where id = {task}")).await;
    assert_eq!(rows[0].try_get_by_index::<i64>(0).unwrap(), version);
}

async fn whoever_may_delete_may_restore(world: &World) {
    let (ann, bob, cid, dan, eve) = five(world).await;
    let admin = world.admin().await;
    let boss = world.employee().await;
    world.put_below(&admin, &ann, &boss).await;
    let fields = || {
        json!({"responsible_id": bob.id, "co_executor_ids": [cid.id], "observer_ids": [dan.id],
            "reviewer_id": eve.id})
    };
    for status in STATUSES {
        for who in [&ann, &bob, &cid, &dan, &eve, &boss, &admin] {
            let task = world.task(&ann, fields()).await;
            world.execute(&format!("update task set status = '{status}' where id = {task}")).await;
            let may = who.id == admin.id || (who.id == ann.id && status != "completed");
            let says = can(&world.seen(who, task).await).contains(&"delete");
            assert_eq!(says, may, "{status}");
            let deleted = world.delete(who, &at(task)).await;
            if may {
                deleted.expect(204);
            } else {
                deleted.problem(403, "forbidden");
                world.delete(&admin, &at(task)).await.expect(204);
            }
            let restored = world.act(who, task, "restore").await;
            if may {
                restored.expect(200);
            } else {
                restored.problem(403, "forbidden");
            }
        }
    }
    let stranger = world.employee().await;
    let task = world.task(&ann, json!({})).await;
    world.delete(&ann, &at(task)).await.expect(204);
    world.act(&stranger, task, "restore").await.problem(404, "not_found");
}

async fn the_trash_is_emptied_after_thirty_days(world: &World) {
    let ann = world.employee().await;
    let contact = world.record(&ann, CONTACTS, "Lee", json!({})).await;
    let top = world.task(&ann, json!({"contact_ids": [contact], "tags": ["a"]})).await;
    let part = world.task(&ann, json!({"parent_id": top})).await;
    let kept = world.task(&ann, json!({})).await;
    world.post(&ann, &beneath(top, "comments"), json!({"text": "Hi"})).await.expect(201);
    world.post(&ann, &beneath(part, "results"), json!({"text": "Hi"})).await.expect(201);
    world.put(&ann, &beneath(part, "favourite"), Value::Null).await.expect(204);
    world.delete(&ann, &at(top)).await.expect(204);
    let purge = async || {
        let now = world.clock().now();
        in_tx(world.db(), async |tx| unscoped_purge_trash(tx, now).await).await.unwrap()
    };
    world.clock().advance(KEPT_IN_TRASH - TimeDelta::minutes(1));
    assert_eq!(purge().await, 0);
    let ann = world.sign_in(ann.id).await;
    assert_eq!(world.tasks(&ann, &[("trashed", "only")]).await.len(), 2);
    world.clock().advance(TimeDelta::minutes(2));
    purge().await;
    assert_eq!(purge().await, 0);
    let left = world.query("select id from task").await;
    let left: Vec<i64> = left.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert_eq!(left, [kept]);
    for table in ["comment", "task_result", "task_mark", "task_contact", "task_word"] {
        let of_gone = world.query(&format!("select count(*) from \"{table}\"")).await;
        let count: i64 = of_gone[0].try_get_by_index(0).unwrap();
        assert!(count == 0 || table == "task_word", "{table} has {count}");
    }
    world.get(&ann, &CONTACTS.at(contact)).await.expect(200);
    world.act(&ann, top, "restore").await.problem(404, "not_found");
    for gone in [top, part] {
        let purged =
            "select count(*) from activity where verb = 'purged' and object_kind = 'task' and object_id =";
        assert_eq!(world.value::<i64>(&format!("{purged} {gone}")).await, 1, "{gone}");
    }
}

async fn tokens_reach_tasks_by_their_scopes(world: &World) {
    let ann = world.employee().await;
    let task = world.task(&ann, json!({})).await;
    let reader = world.with_token(&ann, &[Scope::TasksRead]).await;
    let writer = world.with_token(&ann, &[Scope::TasksWrite]).await;
    let other = world.with_token(&ann, &[Scope::CrmRead, Scope::CrmWrite, Scope::ProjectsWrite]).await;
    for path in ["", "/comments", "/results", "/history", "/transitions", "/subtasks"] {
        let path = format!("{}{path}", at(task));
        world.get(&reader, &path).await.expect(200);
        world.get(&writer, &path).await.problem(403, "scope_missing");
        world.get(&other, &path).await.problem(403, "scope_missing");
    }
    world.act(&reader, task, "start").await.problem(403, "scope_missing");
    world.act(&other, task, "start").await.problem(403, "scope_missing");
    world.act(&writer, task, "start").await.expect(200);
    let text = || json!({"text": "Hello"});
    world.post(&reader, &beneath(task, "comments"), text()).await.problem(403, "scope_missing");
    world.post(&writer, &beneath(task, "comments"), text()).await.expect(201);
    world.put(&reader, &beneath(task, "favourite"), Value::Null).await.problem(403, "scope_missing");
    assert_eq!(world.seen(&ann, task).await["comment_count"], 1);
}

async fn the_people_are_embedded_when_asked_for(world: &World) {
    let (ann, bob, cid, dan, eve) = five(world).await;
    let fields = json!({"responsible_id": bob.id, "co_executor_ids": [cid.id, ann.id], "observer_ids": [dan.id],
        "reviewer_id": eve.id});
    let task = world.task(&ann, fields).await;
    assert!(world.seen(&ann, task).await.get("people").is_none());
    let one = world.get(&ann, &format!("{}?expand=people", at(task))).await.expect(200);
    let ids: Vec<i64> =
        one.body["people"].as_array().unwrap().iter().map(|who| who["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [ann.id, bob.id, cid.id, dan.id, eve.id]);
    let list = world.get(&ann, &format!("{TASKS}?expand=people")).await.expect(200);
    assert_eq!(list.items()[0]["people"], one.body["people"]);
    world.get(&ann, &format!("{TASKS}?expand=creator")).await.problem(400, "invalid_parameter");
}

async fn what_a_stranger_asks_for_does_not_exist(world: &World) {
    let (ann, bob, guest) = (world.employee().await, world.employee().await, world.guest().await);
    let contact = world.record(&bob, CONTACTS, "Lee", json!({})).await;
    let task = world.task(&ann, json!({})).await;
    let comment = world.post(&ann, &beneath(task, "comments"), json!({"text": "Hi"})).await.expect(201).id();
    let result = world.post(&ann, &beneath(task, "results"), json!({"text": "Hi"})).await.expect(201).id();
    let before = world.seen(&ann, task).await;
    for who in [&bob, &guest] {
        for id in [task, 987_654] {
            let mut calls: Vec<(Method, String, Option<Value>)> = vec![
                (Method::GET, at(id), None),
                (Method::PATCH, at(id), Some(json!({"title": "x"}))),
                (Method::PATCH, at(id), Some(json!({"parent_id": id}))),
                (Method::DELETE, at(id), None),
                (Method::POST, beneath(id, "restore"), None),
                (Method::POST, beneath(id, "read"), None),
                (Method::POST, beneath(id, "comments"), Some(json!({"text": "x"}))),
                (Method::POST, beneath(id, "results"), Some(json!({"text": "x"}))),
                (Method::DELETE, beneath(id, &format!("results/{result}")), None),
                (Method::PATCH, format!("{COMMENTS}/{comment}"), Some(json!({"text": "x"}))),
                (Method::DELETE, format!("{COMMENTS}/{comment}"), None),
                (Method::GET, format!("{COMMENTS}/{comment}/versions"), None),
                (Method::PUT, beneath(id, &format!("crm-links/contact/{contact}")), None),
                (Method::DELETE, beneath(id, &format!("crm-links/contact/{contact}")), None),
            ];
            for verb in VERBS {
                let body = match verb {
                    "return" => Some(json!({"reason": "x"})),
                    "delegate" => Some(json!({"to": who.id})),
                    _ => None,
                };
                calls.push((Method::POST, beneath(id, verb), body));
            }
            for path in ["comments", "results", "history", "transitions", "subtasks"] {
                calls.push((Method::GET, beneath(id, path), None));
            }
            let mine = [format!("observers/{}", who.id), format!("co-executors/{}", who.id)];
            let marks = ["watch", "favourite", "mute"].map(str::to_owned);
            for path in mine.iter().chain(&marks) {
                calls.push((Method::PUT, beneath(id, path), None));
                calls.push((Method::DELETE, beneath(id, path), None));
            }
            for (method, path, body) in calls {
                world.call(Some(who), method, &path, body).await.problem(404, "not_found");
            }
        }
        let list = world.get(who, &format!("{TASKS}?include_total=true")).await.expect(200);
        assert_eq!((list.ids(), &list.body["total"]), (Vec::new(), &json!(0)));
    }
    assert_eq!(world.seen(&ann, task).await, before);
    assert_eq!(instant(world.clock().now()).len(), 27);
    world.post(&guest, TASKS, json!({"title": "x"})).await.problem(403, "forbidden");
}
