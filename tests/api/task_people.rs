//! Who has which part in a task, one by one, and what a task is to one person: followed, a favourite, silent, read.

use artel_tests::{
    Person, Value, World, json, on_both,
    task::{TASKS, at, beneath, can},
};

on_both![
    co_executors_come_and_go_by_those_who_may,
    observers_are_added_by_all_who_read_and_removed_by_few,
    whoever_reads_follows_and_stops_by_themselves,
    giving_a_part_twice_changes_nothing,
    whoever_is_responsible_has_no_other_part_beside,
    a_reviewer_does_not_work_on_the_task,
    parts_are_for_active_staff_outside_of_projects,
    a_task_has_at_most_a_hundred_of_each,
    whoever_loses_the_last_part_loses_sight,
    a_part_taken_by_the_caller_is_answered_one_last_time,
    marks_are_ones_own_and_change_no_version,
    comments_of_others_are_unread_until_the_task_is_read,
    whoever_is_deactivated_does_nothing_and_keeps_their_parts,
    whoever_becomes_a_guest_sees_nothing_outside_of_projects,
    a_manager_reads_what_the_people_below_take_part_in,
];

fn co_executor(task: i64, who: &Person) -> String {
    beneath(task, &format!("co-executors/{}", who.id))
}

fn observer(task: i64, who: &Person) -> String {
    beneath(task, &format!("observers/{}", who.id))
}

async fn co_executors_come_and_go_by_those_who_may(world: &World) {
    let [ann, bob, cid, dan, eve, boss, chief, new] = world.employees().await;
    let admin = world.admin().await;
    world.put_below(&admin, &ann, &boss).await;
    world.put_below(&admin, &bob, &chief).await;
    let fields = json!({"responsible_id": bob.id, "co_executor_ids": [cid.id], "observer_ids": [dan.id],
        "reviewer_id": eve.id});
    for (who, adds, removes) in [
        (&ann, true, true),
        (&bob, true, false),
        (&cid, false, false),
        (&dan, false, false),
        (&eve, false, false),
        (&boss, true, true),
        (&chief, false, false),
        (&admin, true, true),
    ] {
        let task = world.task(&ann, fields.clone()).await;
        let seen = world.seen(who, task).await;
        let says = can(&seen);
        assert_eq!((says.contains(&"add_co_executors"), says.contains(&"assign_roles")), (adds, removes));
        let added = world.put(who, &co_executor(task, &new), Value::Null).await;
        if adds {
            let added = added.expect(200).body;
            assert_eq!((&added["co_executor_ids"], &added["version"]), (&json!([cid.id, new.id]), &json!(2)));
        } else {
            added.problem(403, "forbidden");
        }
        let before = world.seen(&ann, task).await;
        let removed = world.delete(who, &co_executor(task, &cid)).await;
        if removes {
            removed.expect(204);
            let left = world.seen(&ann, task).await;
            assert!(!left["co_executor_ids"].as_array().unwrap().contains(&json!(cid.id)));
        } else {
            removed.problem(403, "forbidden");
            assert_eq!(world.seen(&ann, task).await, before);
        }
    }
    let task = world.task(&ann, fields).await;
    world.put(&ann, &co_executor(task, &new), Value::Null).await.expect(200);
    world.delete(&ann, &co_executor(task, &new)).await.expect(204);
    let history = world.history(&ann, task).await;
    let told: Vec<_> = history.iter().map(|entry| (&entry["verb"], &entry["changes"])).skip(1).collect();
    let (joined, left) = (
        json!([{"field": "co_executor_ids", "old": [cid.id], "new": [cid.id, new.id]}]),
        json!([{"field": "co_executor_ids", "old": [cid.id, new.id], "new": [cid.id]}]),
    );
    assert_eq!(told, [(&json!("joined"), &joined), (&json!("left"), &left)]);
}

async fn observers_are_added_by_all_who_read_and_removed_by_few(world: &World) {
    let [ann, bob, cid, dan, eve, head, new] = world.employees().await;
    let admin = world.admin().await;
    world.put_below(&admin, &dan, &head).await;
    let fields = json!({"responsible_id": bob.id, "co_executor_ids": [cid.id], "observer_ids": [dan.id],
        "reviewer_id": eve.id});
    for (who, removes) in [
        (&ann, true),
        (&bob, false),
        (&cid, false),
        (&dan, false),
        (&eve, false),
        (&head, false),
        (&admin, true),
    ] {
        let task = world.task(&ann, fields.clone()).await;
        let added = world.put(who, &observer(task, &new), Value::Null).await.expect(200).body;
        assert_eq!(added["observer_ids"], json!([dan.id, new.id]));
        world.seen(&new, task).await;
        let removed = world.delete(who, &observer(task, &new)).await;
        if removes {
            removed.expect(204);
            world.get(&new, &at(task)).await.problem(404, "not_found");
        } else {
            removed.problem(403, "forbidden");
            world.delete(&new, &observer(task, &new)).await.expect(204);
        }
    }
}

async fn whoever_reads_follows_and_stops_by_themselves(world: &World) {
    let [ann, boss, bob] = world.employees().await;
    let admin = world.admin().await;
    world.put_below(&admin, &ann, &boss).await;
    let task = world.task(&ann, json!({})).await;
    let watched = world.put(&boss, &beneath(task, "watch"), Value::Null).await.expect(200).body;
    assert_eq!((&watched["observer_ids"], &watched["version"]), (&json!([boss.id]), &json!(2)));
    assert_eq!(world.tasks(&boss, &[("user_id", "me"), ("role", "observer")]).await, [task]);
    let again = world.put(&boss, &beneath(task, "watch"), Value::Null).await.expect(200);
    assert_eq!(again.body["version"], 2);
    world.delete(&boss, &beneath(task, "watch")).await.expect(204);
    world.delete(&boss, &beneath(task, "watch")).await.expect(204);
    let seen = world.seen(&ann, task).await;
    assert_eq!((&seen["observer_ids"], &seen["version"]), (&json!([]), &json!(3)));
    world.put(&bob, &beneath(task, "watch"), Value::Null).await.problem(404, "not_found");
    world.put(&admin, &beneath(task, "watch"), Value::Null).await.expect(200);
    assert_eq!(world.happened(&ann, task).await, ["created", "joined", "left", "joined"]);
}

async fn giving_a_part_twice_changes_nothing(world: &World) {
    let [ann, bob] = world.employees().await;
    let task = world.task(&ann, json!({})).await;
    for path in [co_executor(task, &bob), observer(task, &bob)] {
        let first = world.put(&ann, &path, Value::Null).await.expect(200);
        let again = world.put(&ann, &path, Value::Null).await.expect(200);
        assert_eq!((&first.body, first.etag()), (&again.body, again.etag()));
    }
    assert_eq!(world.seen(&ann, task).await["version"], 3);
    // The parts are two, and each ends by itself.
    world.delete(&ann, &co_executor(task, &bob)).await.expect(204);
    world.seen(&bob, task).await;
    assert_eq!(world.tasks(&bob, &[("user_id", "me"), ("role", "co_executor,observer")]).await, [task]);
    assert!(world.tasks(&bob, &[("user_id", "me"), ("role", "co_executor")]).await.is_empty());
    world.delete(&ann, &co_executor(task, &bob)).await.expect(204);
    assert_eq!(world.seen(&ann, task).await["version"], 4);
    world.delete(&ann, &observer(task, &ann)).await.expect(204);
    assert_eq!(world.happened(&ann, task).await, ["created", "joined", "joined", "left"]);
}

async fn whoever_is_responsible_has_no_other_part_beside(world: &World) {
    let [ann, bob] = world.employees().await;
    let task = world.task(&ann, json!({"responsible_id": bob.id})).await;
    for path in [co_executor(task, &bob), observer(task, &bob)] {
        let given = world.put(&ann, &path, Value::Null).await.expect(200).body;
        assert_eq!((&given["co_executor_ids"], &given["observer_ids"]), (&json!([]), &json!([])));
        assert_eq!(given["version"], 1);
    }
    assert_eq!(world.put(&bob, &beneath(task, "watch"), Value::Null).await.expect(200).body["version"], 1);
    let fields =
        json!({"responsible_id": bob.id, "co_executor_ids": [bob.id, ann.id], "observer_ids": [bob.id]});
    let seen = world.new_task(&ann, fields).await.expect(201).body;
    assert_eq!((&seen["co_executor_ids"], &seen["observer_ids"]), (&json!([ann.id]), &json!([])));
}

async fn a_reviewer_does_not_work_on_the_task(world: &World) {
    let [ann, bob, eve] = world.employees().await;
    let fault = async |fields: Value| {
        let refused = world.new_task(&ann, fields).await.problem(422, "validation");
        assert_eq!(refused.faults(), [("/reviewer_id", "reviews_own_work")]);
    };
    fault(json!({"responsible_id": bob.id, "reviewer_id": bob.id})).await;
    fault(json!({"co_executor_ids": [eve.id], "reviewer_id": eve.id})).await;
    fault(json!({"needs_review": true})).await;
    fault(json!({"responsible_id": bob.id, "co_executor_ids": [ann.id], "needs_review": true})).await;
    let task = world.task(&ann, json!({"responsible_id": bob.id, "reviewer_id": eve.id})).await;
    let refused = world.put(&ann, &co_executor(task, &eve), Value::Null).await.problem(422, "validation");
    assert_eq!(refused.faults(), [("/user_id", "reviews_own_work")]);
    // As an observer the reviewer may be named too.
    world.put(&ann, &observer(task, &eve), Value::Null).await.expect(200);
    let unnamed = world.task(&ann, json!({"responsible_id": bob.id, "needs_review": true})).await;
    let refused = world.put(&ann, &co_executor(unnamed, &ann), Value::Null).await.problem(422, "validation");
    assert_eq!(refused.faults(), [("/user_id", "reviews_own_work")]);
    let own = world.task(&ann, json!({})).await;
    let named = world.patch(&ann, &at(own), json!({"needs_review": true, "reviewer_id": eve.id})).await;
    named.expect(200);
    let cleared = world.patch(&ann, &at(own), json!({"reviewer_id": null})).await.problem(422, "validation");
    assert_eq!(cleared.faults(), [("/reviewer_id", "reviews_own_work")]);
    let both = json!({"reviewer_id": null, "needs_review": false});
    world.patch(&ann, &at(own), both).await.expect(200);
}

async fn parts_are_for_active_staff_outside_of_projects(world: &World) {
    let [ann, gone] = world.employees().await;
    let (admin, guest) = (world.admin().await, world.guest().await);
    world.deactivate(&admin, &gone).await;
    let task = world.task(&ann, json!({})).await;
    for (id, code) in [(gone.id, "inactive"), (guest.id, "is_a_guest"), (987_654, "unknown")] {
        for part in ["co-executors", "observers"] {
            let path = beneath(task, &format!("{part}/{id}"));
            let refused = world.put(&ann, &path, Value::Null).await.problem(422, "validation");
            assert_eq!(refused.faults(), [("/user_id", code)]);
        }
        let refused =
            world.patch(&ann, &at(task), json!({"reviewer_id": id})).await.problem(422, "validation");
        assert_eq!(refused.faults(), [("/reviewer_id", code)]);
    }
    world.put(&ann, &beneath(task, "observers/x"), Value::Null).await.problem(404, "not_found");
    assert_eq!(world.seen(&ann, task).await["version"], 1);
}

async fn a_task_has_at_most_a_hundred_of_each(world: &World) {
    let ann = world.employee().await;
    let mut crowd = Vec::new();
    for _ in 0..101 {
        crowd.push(world.employee().await);
    }
    let ids: Vec<i64> = crowd.iter().map(|who| who.id).collect();
    let full = json!({"co_executor_ids": ids[..100], "observer_ids": ids[..100]});
    let task = world.task(&ann, full).await;
    for path in [co_executor(task, &crowd[100]), observer(task, &crowd[100])] {
        world.put(&ann, &path, Value::Null).await.problem(409, "limit_reached");
    }
    world.put(&crowd[100], &beneath(task, "watch"), Value::Null).await.problem(404, "not_found");
    world.delete(&ann, &observer(task, &crowd[0])).await.expect(204);
    world.put(&ann, &observer(task, &crowd[100]), Value::Null).await.expect(200);
    let seen = world.seen(&ann, task).await;
    assert_eq!(seen["observer_ids"].as_array().unwrap().len(), 100);
}

async fn whoever_loses_the_last_part_loses_sight(world: &World) {
    let [ann, bob] = world.employees().await;
    let task = world.task(&ann, json!({"observer_ids": [bob.id], "co_executor_ids": [bob.id]})).await;
    world.put(&bob, &beneath(task, "favourite"), Value::Null).await.expect(204);
    world.delete(&ann, &co_executor(task, &bob)).await.expect(204);
    world.seen(&bob, task).await;
    world.delete(&bob, &beneath(task, "watch")).await.expect(204);
    world.get(&bob, &at(task)).await.problem(404, "not_found");
    let favourites = world.get(&bob, &format!("{TASKS}?favourite=true&include_total=true")).await.expect(200);
    assert_eq!(favourites.body["total"], 0);
    // The mark is still there when the sight comes back.
    world.put(&ann, &observer(task, &bob), Value::Null).await.expect(200);
    assert_eq!(world.seen(&bob, task).await["favourite"], true);
}

async fn a_part_taken_by_the_caller_is_answered_one_last_time(world: &World) {
    let [ann, bob, boss] = world.employees().await;
    let admin = world.admin().await;
    world.put_below(&admin, &bob, &boss).await;
    // The manager of the responsible person delegates to somebody who is not below; the one before becomes an
    // observer, so the manager still reads. Through the observer's leaving the manager's sight ends too.
    let task = world.task(&ann, json!({"responsible_id": bob.id})).await;
    let handed = world.delegate(&boss, task, &ann).await.expect(200).body;
    assert_eq!(handed["observer_ids"], json!([bob.id]));
    world.seen(&boss, task).await;
    world.delete(&bob, &beneath(task, "watch")).await.expect(204);
    world.get(&boss, &at(task)).await.problem(404, "not_found");
}

async fn marks_are_ones_own_and_change_no_version(world: &World) {
    let [ann, bob] = world.employees().await;
    let task = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
    let other = world.task(&ann, json!({})).await;
    for (mark, field) in [("favourite", "favourite"), ("mute", "muted")] {
        for _ in 0..2 {
            world.put(&ann, &beneath(task, mark), Value::Null).await.expect(204);
        }
        let (mine, theirs) = (world.seen(&ann, task).await, world.seen(&bob, task).await);
        assert_eq!((&mine[field], &theirs[field]), (&json!(true), &json!(false)));
        assert_eq!(mine["version"], 1);
        assert_eq!(world.tasks(&ann, &[(field, "true")]).await, [task]);
        assert_eq!(world.tasks(&ann, &[(field, "false")]).await, [other]);
        assert!(world.tasks(&bob, &[(field, "true")]).await.is_empty());
    }
    world.delete(&ann, &beneath(task, "favourite")).await.expect(204);
    world.delete(&ann, &beneath(other, "favourite")).await.expect(204);
    let seen = world.seen(&ann, task).await;
    assert_eq!((&seen["favourite"], &seen["muted"]), (&json!(false), &json!(true)));
    assert!(world.tasks(&ann, &[("favourite", "true")]).await.is_empty());
    assert_eq!(world.happened(&ann, task).await, ["created"]);
    // What is done may be marked too.
    world.act(&ann, task, "complete").await.expect(200);
    world.put(&bob, &beneath(task, "favourite"), Value::Null).await.expect(204);
}

async fn comments_of_others_are_unread_until_the_task_is_read(world: &World) {
    let [ann, bob] = world.employees().await;
    let task = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
    let say = async |who: &Person, text: &str| {
        let body = json!({ "text": text });
        world.post(who, &beneath(task, "comments"), body).await.expect(201).id()
    };
    let counts = async |who: &Person| {
        let seen = world.seen(who, task).await;
        let listed = world.get(who, TASKS).await.expect(200).items()[0].clone();
        let of =
            |seen: &Value| (seen["comment_count"].as_i64().unwrap(), seen["unread_count"].as_i64().unwrap());
        assert_eq!(of(&seen), of(&listed));
        assert_eq!(seen["seen_at"], listed["seen_at"]);
        of(&seen)
    };
    let first = say(&ann, "One").await;
    say(&bob, "Two").await;
    say(&bob, "Three").await;
    assert_eq!((counts(&ann).await, counts(&bob).await), ((3, 2), (3, 1)));
    assert!(world.seen(&ann, task).await["seen_at"].is_null());
    world.act(&ann, task, "read").await.expect(204);
    assert_eq!((counts(&ann).await, counts(&bob).await), ((3, 0), (3, 1)));
    assert!(world.seen(&ann, task).await["seen_at"].is_string());
    assert!(world.seen(&bob, task).await["seen_at"].is_null());
    let fourth = say(&bob, "Four").await;
    assert_eq!(counts(&ann).await, (4, 1));
    // Reading the comments marks nothing; taking one away takes it from the counts, changing one does not bring it back.
    world.get(&ann, &beneath(task, "comments")).await.expect(200);
    assert_eq!(counts(&ann).await, (4, 1));
    let comment = |id: i64| format!("/api/v1/comments/{id}");
    world.patch(&bob, &comment(fourth), json!({"text": "Fourth"})).await.expect(200);
    assert_eq!(counts(&ann).await, (4, 1));
    world.delete(&bob, &comment(fourth)).await.expect(204);
    assert_eq!(counts(&ann).await, (3, 0));
    world.delete(&ann, &comment(first)).await.expect(204);
    assert_eq!((counts(&ann).await, counts(&bob).await), ((2, 0), (2, 0)));
    assert_eq!(world.seen(&ann, task).await["version"], 1);
}

async fn whoever_is_deactivated_does_nothing_and_keeps_their_parts(world: &World) {
    let [ann, bob, cid] = world.employees().await;
    let admin = world.admin().await;
    let task = world.task(&ann, json!({"responsible_id": bob.id, "needs_review": true})).await;
    world.deactivate(&admin, &bob).await;
    world.act(&bob, task, "start").await.expect(401);
    let seen = world.seen(&ann, task).await;
    assert_eq!((&seen["responsible_id"], &seen["version"]), (&json!(bob.id), &json!(1)));
    // Who is gone keeps no part that somebody wants to give anew, and the rest goes on.
    let edited = world.patch(&ann, &at(task), json!({"title": "Still ours"})).await;
    edited.expect(200);
    let handed = world.delegate(&ann, task, &cid).await.expect(200).body;
    assert_eq!(handed["observer_ids"], json!([bob.id]));
    world.delete(&ann, &observer(task, &bob)).await.expect(204);
}

async fn whoever_becomes_a_guest_sees_nothing_outside_of_projects(world: &World) {
    let [ann, bob] = world.employees().await;
    let admin = world.admin().await;
    let task = world.task(&bob, json!({"observer_ids": [ann.id]})).await;
    let user = format!("/api/v1/users/{}", bob.id);
    world.patch(&admin, &user, json!({"role": "guest"})).await.expect(200);
    let bob = world.sign_in(bob.id).await;
    world.get(&bob, &at(task)).await.problem(404, "not_found");
    assert!(world.tasks(&bob, &[("user_id", "me")]).await.is_empty());
    assert!(world.tasks(&bob, &[("user_id", "me"), ("open", "true")]).await.is_empty());
    world.act(&bob, task, "start").await.problem(404, "not_found");
    assert_eq!(world.seen(&ann, task).await["creator_id"], bob.id);
}

async fn a_manager_reads_what_the_people_below_take_part_in(world: &World) {
    let [ann, bob, boss] = world.employees().await;
    let admin = world.admin().await;
    world.put_below(&admin, &bob, &boss).await;
    let without = world.task(&ann, json!({})).await;
    let mut below = Vec::new();
    for fields in [
        json!({"responsible_id": bob.id}),
        json!({"co_executor_ids": [bob.id]}),
        json!({"observer_ids": [bob.id]}),
        json!({"reviewer_id": bob.id}),
    ] {
        let mut fields = fields;
        if fields["reviewer_id"].is_null() {
            fields["title"] = "Seen".into();
        }
        let responsible = fields["responsible_id"].as_i64().unwrap_or(ann.id);
        fields["responsible_id"] = responsible.into();
        below.push(world.task(&ann, fields).await);
    }
    below.push(world.task(&bob, json!({})).await);
    let mut listed = world.tasks(&boss, &[]).await;
    listed.sort_unstable();
    assert_eq!(listed, below);
    world.get(&boss, &at(without)).await.problem(404, "not_found");
    // A manager has no part: "mine" stays empty.
    assert!(world.tasks(&boss, &[("user_id", "me")]).await.is_empty());
    for task in &below[..4] {
        world.get(&boss, &beneath(*task, "history")).await.expect(200);
        world.post(&boss, &beneath(*task, "comments"), json!({"text": "Hi"})).await.expect(201);
        world.post(&boss, &beneath(*task, "results"), json!({"text": "Hi"})).await.problem(403, "forbidden");
    }
}
