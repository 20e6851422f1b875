//! Comments on tasks: what is said, by whom, and what was said before.

use artel_tests::{
    Person, Value, World, json, on_both,
    task::{COMMENTS, at, beneath},
};
use futures_util::future::join_all;

on_both![
    whoever_reads_comments_and_it_is_kept_as_written,
    an_author_changes_their_words_and_what_was_said_before_is_kept,
    authors_and_leaders_take_comments_away,
    what_was_taken_away_is_gone,
    comments_are_walked_in_the_order_in_which_they_were_said,
    mentions_are_kept_for_those_who_exist,
    a_comment_leads_to_its_task_only_for_those_who_read_it,
    what_a_comment_holds_has_bounds,
    artel_never_speaks_as_a_person,
    many_comments_at_once_are_all_kept,
    the_last_of_many_changes_is_what_it_says_and_the_rest_are_kept,
];

async fn say(world: &World, who: &Person, task: i64, text: &str) -> i64 {
    world.post(who, &beneath(task, "comments"), json!({ "text": text })).await.expect(201).id()
}

fn comment(id: i64) -> String {
    format!("{COMMENTS}/{id}")
}

async fn texts(world: &World, who: &Person, task: i64) -> Vec<String> {
    let list = world.get(who, &beneath(task, "comments?limit=200")).await.expect(200);
    list.items().iter().map(|item| item["text"].as_str().unwrap().to_owned()).collect()
}

async fn whoever_reads_comments_and_it_is_kept_as_written(world: &World) {
    let (ann, bob, boss, admin) =
        (world.employee().await, world.employee().await, world.employee().await, world.admin().await);
    world.put_below(&admin, &bob, &boss).await;
    let task = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
    let text = "  **Привет** <b>&amp;</b>\n\t🙂 O'Neil \\ \"x\" ";
    for (number, who) in [&ann, &bob, &boss, &admin].into_iter().enumerate() {
        let said = world.post(who, &beneath(task, "comments"), json!({ "text": text })).await.expect(201);
        assert_eq!(said.header("location"), Some(comment(said.id()).as_str()));
        let expected = json!({
            "id": said.id(), "task_id": task, "kind": "comment", "author_id": who.id, "note": null,
            "text": text, "created_at": said.body["created_at"], "edited_at": null, "can": ["edit", "delete"],
        });
        assert_eq!(said.body, expected);
        let list = world.get(who, &beneath(task, "comments")).await.expect(200);
        assert_eq!(list.items()[number], expected);
    }
    let seen = world.seen(&ann, task).await;
    assert_eq!((&seen["comment_count"], &seen["version"]), (&json!(4), &json!(1)));
    assert_eq!(world.happened(&ann, task).await[1..], ["commented", "commented", "commented", "commented"]);
    // What is done may still be talked about.
    world.act(&ann, task, "complete").await.expect(200);
    say(world, &bob, task, "Thanks").await;
}

async fn an_author_changes_their_words_and_what_was_said_before_is_kept(world: &World) {
    let (ann, bob, admin) = (world.employee().await, world.employee().await, world.admin().await);
    let task = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
    let id = say(world, &bob, task, "One").await;
    let versions = async |who: &Person| {
        let list = world.get(who, &format!("{}/versions", comment(id))).await.expect(200);
        assert!(list.body["next_cursor"].is_null());
        list.items().iter().map(|item| item["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(versions(&ann).await.is_empty());
    for who in [&ann, &admin] {
        world.patch(who, &comment(id), json!({"text": "Theirs"})).await.problem(403, "forbidden");
    }
    for text in ["Two", "Three", "Three"] {
        let changed = world.patch(&bob, &comment(id), json!({ "text": text })).await.expect(200).body;
        assert_eq!((&changed["text"], changed["edited_at"].is_string()), (&json!(text), true));
    }
    let same = world.patch(&bob, &comment(id), json!({})).await.expect(200).body;
    assert_eq!(same["text"], "Three");
    for who in [&ann, &bob, &admin] {
        assert_eq!(versions(who).await, ["Two", "One"]);
    }
    assert_eq!(texts(world, &ann, task).await, ["Three"]);
    let log =
        format!("select verb from activity where object_kind = 'comment' and object_id = {id} order by id");
    let rows = world.query(&log).await;
    let verbs: Vec<String> = rows.iter().map(|row| row.try_get("", "verb").unwrap()).collect();
    assert_eq!(verbs, ["created", "updated", "updated"]);
}

async fn authors_and_leaders_take_comments_away(world: &World) {
    let (ann, bob, cid, boss, admin) = (
        world.employee().await,
        world.employee().await,
        world.employee().await,
        world.employee().await,
        world.admin().await,
    );
    world.put_below(&admin, &ann, &boss).await;
    let fields = json!({"responsible_id": cid.id, "observer_ids": [bob.id]});
    let task = world.task(&ann, fields).await;
    for (who, may) in [(&bob, true), (&ann, true), (&admin, true), (&cid, false), (&boss, false)] {
        let id = say(world, &bob, task, "Hello").await;
        let list = world.get(who, &beneath(task, "comments")).await.expect(200);
        let item = list.items().iter().find(|item| item["id"] == id).unwrap();
        let can = item["can"].as_array().unwrap();
        assert_eq!((can.contains(&json!("delete")), can.contains(&json!("edit"))), (may, who.id == bob.id));
        let gone = world.delete(who, &comment(id)).await;
        if may {
            gone.expect(204);
        } else {
            gone.problem(403, "forbidden");
            world.delete(&bob, &comment(id)).await.expect(204);
        }
    }
    assert_eq!(world.seen(&ann, task).await["comment_count"], 0);
}

async fn what_was_taken_away_is_gone(world: &World) {
    let ann = world.employee().await;
    let task = world.task(&ann, json!({})).await;
    let id = say(world, &ann, task, "The secret password").await;
    world.patch(&ann, &comment(id), json!({"text": "Another secret"})).await.expect(200);
    let kept = say(world, &ann, task, "Hello").await;
    world.delete(&ann, &comment(id)).await.expect(204);
    world.delete(&ann, &comment(id)).await.problem(404, "not_found");
    world.patch(&ann, &comment(id), json!({"text": "x"})).await.problem(404, "not_found");
    world.get(&ann, &format!("{}/versions", comment(id))).await.problem(404, "not_found");
    let list = world.get(&ann, &beneath(task, "comments?include_total=true")).await.expect(200);
    assert_eq!((list.ids(), &list.body["total"]), (vec![kept], &json!(1)));
    for (table, column) in [("comment", "text"), ("comment_edit", "text"), ("activity", "changes")] {
        let left = format!("select count(*) from {table} where {column} like '%secret%'");
        assert_eq!(world.value::<i64>(&left).await, 0, "{table}");
    }
}

async fn comments_are_walked_in_the_order_in_which_they_were_said(world: &World) {
    let ann = world.employee().await;
    let task = world.task(&ann, json!({})).await;
    let other = world.task(&ann, json!({})).await;
    let mut said = Vec::new();
    for number in 0..7 {
        say(world, &ann, other, "Elsewhere").await;
        said.push(say(world, &ann, task, &format!("{number}")).await);
    }
    for (sort, mut expected) in
        [("created_at", said.clone()), ("-created_at", said.iter().rev().copied().collect())]
    {
        let (mut shown, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = format!("comments?limit=3&include_total=true&sort={sort}{cursor}");
            let page = world.get(&ann, &beneath(task, &page)).await.expect(200);
            assert_eq!(
                page.body["total"],
                7 + i64::from(!cursor.is_empty()) * i64::from(sort == "created_at")
            );
            shown.extend(page.ids());
            let Some(next) = page.body["next_cursor"].as_str() else { break };
            if cursor.is_empty() && sort == "created_at" {
                expected.push(say(world, &ann, task, "Meanwhile").await);
            }
            cursor = format!("&cursor={next}");
        }
        assert_eq!(shown, expected, "{sort}");
        if sort == "created_at" {
            world.delete(&ann, &comment(*expected.last().unwrap())).await.expect(204);
        }
    }
}

async fn mentions_are_kept_for_those_who_exist(world: &World) {
    let (ann, bob, eve) = (world.employee().await, world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
    let mentioned = async |id: i64| {
        let sql = format!("select user_id from comment_mention where comment_id = {id} order by user_id");
        let rows = world.query(&sql).await;
        rows.iter().map(|row| row.try_get_by_index::<i64>(0).unwrap()).collect::<Vec<_>>()
    };
    let text = format!("@[user:{}] @[user:{}] @[user:{}] @[user:987654] @[user:0]", bob.id, eve.id, bob.id);
    let id = say(world, &ann, task, &text).await;
    assert_eq!(mentioned(id).await, [bob.id, eve.id]);
    // To be mentioned is no part: it opens nothing.
    world.get(&eve, &at(task)).await.problem(404, "not_found");
    let text = format!("@[user:{}]", ann.id);
    world.patch(&ann, &comment(id), json!({ "text": text })).await.expect(200);
    assert_eq!(mentioned(id).await, [ann.id]);
    world.delete(&ann, &comment(id)).await.expect(204);
    assert!(mentioned(id).await.is_empty());
}

async fn a_comment_leads_to_its_task_only_for_those_who_read_it(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
    let id = say(world, &bob, task, "Hello").await;
    world.patch(&bob, &comment(id), json!({"text": "Hello!"})).await.expect(200);
    world.delete(&ann, &beneath(task, &format!("observers/{}", bob.id))).await.expect(204);
    world.patch(&bob, &comment(id), json!({"text": "x"})).await.problem(404, "not_found");
    world.delete(&bob, &comment(id)).await.problem(404, "not_found");
    world.get(&bob, &format!("{}/versions", comment(id))).await.problem(404, "not_found");
    assert_eq!(texts(world, &ann, task).await, ["Hello!"]);
}

async fn what_a_comment_holds_has_bounds(world: &World) {
    let ann = world.employee().await;
    let task = world.task(&ann, json!({})).await;
    for body in [
        json!({}),
        json!({"text": ""}),
        json!({"text": " \n "}),
        json!({"text": null}),
        json!({"text": "x".repeat(20_001)}),
        json!({"text": "a\u{0}b"}),
        json!({"text": "x", "kind": "system"}),
        json!({"text": "x", "author_id": 1}),
    ] {
        world.post(&ann, &beneath(task, "comments"), body).await.problem(422, "validation");
    }
    let id = say(world, &ann, task, &"ё".repeat(20_000)).await;
    for body in [json!({"text": ""}), json!({"text": null}), json!({"task_id": 1})] {
        world.patch(&ann, &comment(id), body).await.problem(422, "validation");
    }
    assert_eq!(world.count("comment").await, 1);
}

async fn artel_never_speaks_as_a_person(world: &World) {
    let (ann, bob, admin) = (world.employee().await, world.employee().await, world.admin().await);
    let fields = json!({"responsible_id": bob.id, "needs_review": true, "deadline": "2030-01-20T15:00:00Z"});
    let task = world.task(&ann, fields).await;
    say(world, &bob, task, "Done.").await;
    for (who, verb, body) in [
        (&bob, "complete", json!({})),
        (&ann, "return", json!({"reason": "Two names are missing.\nI wrote: all."})),
        (&ann, "delegate", json!({"to": admin.id})),
    ] {
        world.post(who, &beneath(task, verb), body).await.expect(200);
    }
    world.patch(&ann, &at(task), json!({"deadline": null, "priority": "high"})).await.expect(200);
    let notes = world.get(&ann, &beneath(task, "comments?kind=system")).await.expect(200);
    let notes: Vec<Value> = notes.items().to_vec();
    let told =
        notes.iter().map(|note| (note["note"]["kind"].as_str().unwrap(), note["text"].as_str().unwrap()));
    let by_ann = |text: &str| format!("@[user:{}] {text}", ann.id);
    let returned = by_ann("returned the task:\n\n> Two names are missing.\n> I wrote: all.");
    let delegated = by_ann(&format!("made @[user:{}] responsible.", admin.id));
    let removed = by_ann("removed the deadline.");
    let expected = [("returned", returned), ("delegated", delegated), ("deadline_moved", removed)];
    let expected = expected.iter().map(|(kind, text)| (*kind, text.as_str()));
    assert!(told.eq(expected), "{notes:?}");
    for note in &notes {
        assert_eq!(note["note"]["user_id"], json!(ann.id));
        assert_eq!(
            (&note["kind"], &note["author_id"], &note["can"]),
            (&json!("system"), &Value::Null, &json!([]))
        );
        let id = note["id"].as_i64().unwrap();
        assert_eq!(&world.get(&bob, &comment(id)).await.expect(200).body, note);
        for who in [&ann, &admin] {
            world.patch(who, &comment(id), json!({"text": "x"})).await.problem(403, "forbidden");
            world.delete(who, &comment(id)).await.problem(403, "forbidden");
        }
    }
    // People's words alone are shown, counted and mention somebody.
    assert_eq!(texts(world, &ann, task).await, ["Done."]);
    let all =
        world.get(&ann, &beneath(task, "comments?kind=comment,system&include_total=true")).await.expect(200);
    assert_eq!((all.items().len(), &all.body["total"]), (4, &json!(4)));
    let seen = world.seen(&admin, task).await;
    assert_eq!((&seen["comment_count"], &seen["unread_count"]), (&json!(1), &json!(1)));
    assert_eq!(world.count("comment_mention").await, 0);
    world.get(&ann, &beneath(task, "comments?kind=artel")).await.problem(400, "invalid_parameter");
}

async fn many_comments_at_once_are_all_kept(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
    let all = (0..32).map(|number| {
        let who = if number % 2 == 0 { &ann } else { &bob };
        async move { say(world, who, task, &format!("{number}")).await }
    });
    let mut ids = join_all(all).await;
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 32);
    let seen = world.seen(&ann, task).await;
    assert_eq!((&seen["comment_count"], &seen["unread_count"]), (&json!(32), &json!(16)));
    assert_eq!(world.happened(&ann, task).await.len(), 33);
}

async fn the_last_of_many_changes_is_what_it_says_and_the_rest_are_kept(world: &World) {
    let ann = world.employee().await;
    let task = world.task(&ann, json!({})).await;
    let id = say(world, &ann, task, "first").await;
    let path = comment(id);
    let change = |number: usize| world.patch(&ann, &path, json!({"text": format!("text {number}")}));
    for answer in join_all((0..16).map(change)).await {
        answer.expect(200);
    }
    let list = world.get(&ann, &format!("{}/versions", comment(id))).await.expect(200);
    let mut all: Vec<String> =
        list.items().iter().map(|item| item["text"].as_str().unwrap().to_owned()).collect();
    assert_eq!(all.len(), 16);
    assert_eq!(all.last().map(String::as_str), Some("first"));
    all.extend(texts(world, &ann, task).await);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 17);
}
