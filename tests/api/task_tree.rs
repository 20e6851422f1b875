//! Tasks as parts of tasks: what a tree lets happen, what it takes along, and what one does not see of it.

use artel_tests::{
    Person, Value, World, json, on_both,
    task::{TASKS, at, beneath, can},
};

on_both![
    a_part_lists_below_its_parent_and_is_counted,
    a_task_with_open_parts_is_not_completed,
    cascade_completes_what_is_open_each_by_its_own_rules,
    cascade_completes_all_or_nothing,
    a_hidden_part_blocks_and_is_neither_listed_nor_counted,
    nothing_open_comes_below_what_is_completed,
    a_tree_has_at_most_ten_levels,
    a_task_does_not_lie_below_itself,
    a_tree_moves_as_a_whole,
    a_part_is_created_and_moved_by_who_may_create_parts,
    the_trash_takes_the_tree_and_gives_it_back,
    what_went_to_the_trash_before_stays_there,
    nothing_comes_back_below_what_lies_in_the_trash,
    a_parent_that_one_may_not_read_does_not_show,
    a_tree_of_thousands_goes_to_the_trash_comes_back_and_is_completed,
    a_tree_of_thousands_moves_into_a_project,
];

async fn part(world: &World, who: &Person, parent: i64, fields: Value) -> i64 {
    let mut body = json!({"parent_id": parent});
    artel_tests::crm::merge(&mut body, &fields);
    world.task(who, body).await
}

async fn status(world: &World, who: &Person, task: i64) -> String {
    world.seen(who, task).await["status"].as_str().unwrap().to_owned()
}

async fn a_part_lists_below_its_parent_and_is_counted(world: &World) {
    let ann = world.employee().await;
    let top = world.task(&ann, json!({})).await;
    let other = world.task(&ann, json!({})).await;
    let first = part(world, &ann, top, json!({"deadline": "2030-01-02T00:00:00Z"})).await;
    let second = part(world, &ann, top, json!({"deadline": "2030-01-01T00:00:00Z"})).await;
    let deep = part(world, &ann, first, json!({})).await;
    world.act(&ann, second, "complete").await.expect(200);
    let below = world.get(&ann, &beneath(top, "subtasks?include_total=true")).await.expect(200);
    assert_eq!((below.ids(), &below.body["total"]), (vec![second, first], &json!(2)));
    assert_eq!(below.items()[0]["parent_id"], top);
    let open = world.get(&ann, &beneath(top, "subtasks?open=true&sort=-created_at")).await.expect(200);
    assert_eq!(open.ids(), [first]);
    let seen = world.seen(&ann, top).await;
    assert_eq!((&seen["subtask_count"], &seen["open_subtask_count"]), (&json!(2), &json!(1)));
    assert_eq!(world.seen(&ann, first).await["subtask_count"], 1);
    assert_eq!(world.seen(&ann, top).await["version"], 1);
    let tops = world.tasks(&ann, &[("parent_id", "none"), ("sort", "created_at")]).await;
    assert_eq!(tops, [top, other]);
    let both = format!("{first},none");
    assert_eq!(world.tasks(&ann, &[("parent_id", &both), ("sort", "created_at")]).await, [top, other, deep]);
    assert_eq!(world.tasks(&ann, &[("parent_id", &top.to_string())]).await, [second, first]);
}

async fn a_task_with_open_parts_is_not_completed(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let top = world.task(&ann, json!({})).await;
    let child = part(world, &ann, top, json!({"responsible_id": bob.id, "needs_review": true})).await;
    for verb in ["", "start", "defer"] {
        if !verb.is_empty() {
            world.act(&bob, child, verb).await.expect(200);
        }
        assert!(!can(&world.seen(&ann, top).await).contains(&"complete"));
        world.act(&ann, top, "complete").await.problem(409, "open_subtasks");
        world
            .post(&ann, &beneath(top, "complete?cascade=false"), Value::Null)
            .await
            .problem(409, "open_subtasks");
    }
    let list = world.get(&ann, &beneath(top, "transitions")).await.expect(200);
    let complete = list.items().iter().find(|item| item["verb"] == "complete").unwrap();
    assert_eq!((&complete["allowed"], &complete["code"]), (&json!(false), &json!("open_subtasks")));
    // What waits for its review is no open work.
    world.act(&bob, child, "complete").await.expect(200);
    assert_eq!(status(world, &bob, child).await, "in_review");
    world.act(&ann, top, "complete").await.expect(200);
}

async fn cascade_completes_what_is_open_each_by_its_own_rules(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let top = world.task(&ann, json!({})).await;
    let plain = part(world, &ann, top, json!({"responsible_id": bob.id})).await;
    let deep = part(world, &ann, plain, json!({})).await;
    let reviewed = part(world, &bob, plain, json!({"needs_review": true, "responsible_id": ann.id})).await;
    let done = part(world, &ann, top, json!({})).await;
    world.act(&ann, done, "complete").await.expect(200);
    let put_off = part(world, &ann, top, json!({})).await;
    world.act(&ann, put_off, "defer").await.expect(200);
    let completed =
        world.post(&ann, &beneath(top, "complete?cascade=true"), Value::Null).await.expect(200).body;
    assert_eq!((&completed["status"], &completed["open_subtask_count"]), (&json!("completed"), &json!(0)));
    for (task, expected, version) in [
        (plain, "completed", 2),
        (deep, "completed", 2),
        (reviewed, "in_review", 2),
        (done, "completed", 2),
        (put_off, "completed", 3),
    ] {
        let seen = world.seen(&ann, task).await;
        assert_eq!((&seen["status"], &seen["version"]), (&json!(expected), &json!(version)));
        assert_eq!(seen["completed_by"], ann.id);
    }
    assert_eq!(world.happened(&bob, reviewed).await, ["created", "submitted"]);
    let log = "select object_id from activity where object_kind = 'task' and verb in ('completed', 'submitted') order by id";
    let rows = world.query(log).await;
    let order: Vec<i64> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    let place = |task: i64| order.iter().position(|id| *id == task).unwrap();
    assert!(place(deep) < place(plain) && place(reviewed) < place(plain) && place(plain) < place(top));
}

async fn cascade_completes_all_or_nothing(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    for (fields, by_bob, refusal) in [
        (json!({"needs_result": true, "responsible_id": ann.id}), true, (409, "result_required")),
        (json!({"observer_ids": [ann.id]}), true, (403, "forbidden")),
        (json!({"reviewer_id": ann.id}), true, (403, "forbidden")),
        (json!({"observer_ids": [bob.id]}), true, (409, "open_subtasks")),
    ] {
        let top = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
        let first = part(world, &ann, top, json!({})).await;
        let between = part(world, &ann, top, json!({"observer_ids": [bob.id]})).await;
        let last = part(world, if by_bob { &bob } else { &ann }, between, fields).await;
        let second = part(world, &ann, top, json!({})).await;
        let versions = async || {
            let rows = world.query("select id, version, status from task order by id").await;
            rows.iter()
                .map(|row| {
                    let of = |name: &str| row.try_get::<i64>("", name).unwrap();
                    (of("id"), of("version"), row.try_get::<String>("", "status").unwrap())
                })
                .collect::<Vec<_>>()
        };
        let before = versions().await;
        let activities = world.count("activity").await;
        let refused = world.post(&ann, &beneath(top, "complete?cascade=true"), Value::Null).await;
        refused.problem(refusal.0, refusal.1);
        assert_eq!(versions().await, before, "{refusal:?}");
        assert_eq!(world.count("activity").await, activities);
        let _ = (first, last, second);
    }
    let top = world.task(&ann, json!({})).await;
    part(world, &ann, top, json!({})).await;
    let stale = world.request(Some(&ann), artel_tests::Method::POST, &beneath(top, "complete?cascade=true"));
    stale.header("if-match", "\"7\"").send().await.problem(412, "precondition_failed");
    let wrong = world.post(&ann, &beneath(top, "complete?cascade=perhaps"), Value::Null).await;
    wrong.problem(400, "invalid_parameter");
}

async fn a_hidden_part_blocks_and_is_neither_listed_nor_counted(world: &World) {
    let (ann, bob, admin) = (world.employee().await, world.employee().await, world.admin().await);
    let top = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
    let hidden = part(world, &bob, top, json!({})).await;
    let seen = world.seen(&ann, top).await;
    assert_eq!((&seen["subtask_count"], &seen["open_subtask_count"]), (&json!(0), &json!(0)));
    let below = world.get(&ann, &beneath(top, "subtasks?include_total=true")).await.expect(200);
    assert_eq!((below.ids(), &below.body["total"]), (vec![], &json!(0)));
    world.get(&ann, &at(hidden)).await.problem(404, "not_found");
    assert!(!can(&seen).contains(&"complete"));
    world.act(&ann, top, "complete").await.problem(409, "open_subtasks");
    let all = world.post(&ann, &beneath(top, "complete?cascade=true"), Value::Null).await;
    all.problem(409, "open_subtasks");
    assert_eq!(world.seen(&bob, top).await["subtask_count"], 1);
    assert_eq!(world.seen(&admin, top).await["open_subtask_count"], 1);
    world.post(&admin, &beneath(top, "complete?cascade=true"), Value::Null).await.expect(200);
    assert_eq!(status(world, &bob, hidden).await, "completed");
}

async fn nothing_open_comes_below_what_is_completed(world: &World) {
    let ann = world.employee().await;
    let top = world.task(&ann, json!({})).await;
    let child = part(world, &ann, top, json!({})).await;
    let elsewhere = world.task(&ann, json!({})).await;
    let done = world.task(&ann, json!({})).await;
    for task in [child, top, done] {
        world.act(&ann, task, "complete").await.expect(200);
    }
    assert!(!can(&world.seen(&ann, top).await).contains(&"create_subtask"));
    world.new_task(&ann, json!({"parent_id": top})).await.problem(409, "parent_completed");
    world.patch(&ann, &at(elsewhere), json!({"parent_id": top})).await.problem(409, "parent_completed");
    assert!(!can(&world.seen(&ann, child).await).contains(&"reopen"));
    world.act(&ann, child, "reopen").await.problem(409, "parent_completed");
    // What is done itself may lie there.
    world.patch(&ann, &at(done), json!({"parent_id": top})).await.expect(200);
    world.act(&ann, done, "reopen").await.problem(409, "parent_completed");
    world.act(&ann, top, "reopen").await.expect(200);
    world.act(&ann, child, "reopen").await.expect(200);
    // Nor does what comes out of the trash.
    let open = part(world, &ann, top, json!({})).await;
    world.delete(&ann, &at(open)).await.expect(204);
    world.act(&ann, child, "complete").await.expect(200);
    world.act(&ann, top, "complete").await.expect(200);
    let trash = world.get(&ann, &format!("{TASKS}?trashed=only")).await.expect(200);
    assert_eq!(can(&trash.items()[0]), ["read"]);
    world.act(&ann, open, "restore").await.problem(409, "parent_completed");
    world.act(&ann, top, "reopen").await.expect(200);
    world.act(&ann, open, "restore").await.expect(200);
}

async fn a_tree_has_at_most_ten_levels(world: &World) {
    let ann = world.employee().await;
    let mut chain = vec![world.task(&ann, json!({})).await];
    for _ in 1..10 {
        let above = *chain.last().unwrap();
        chain.push(part(world, &ann, above, json!({})).await);
    }
    world.new_task(&ann, json!({"parent_id": chain[9]})).await.problem(409, "too_deep");
    let pair = world.task(&ann, json!({})).await;
    let below = part(world, &ann, pair, json!({})).await;
    world.patch(&ann, &at(pair), json!({"parent_id": chain[8]})).await.problem(409, "too_deep");
    world.patch(&ann, &at(below), json!({"parent_id": chain[9]})).await.problem(409, "too_deep");
    world.patch(&ann, &at(pair), json!({"parent_id": chain[7]})).await.expect(200);
    world.new_task(&ann, json!({"parent_id": below})).await.problem(409, "too_deep");
    // Within its own tree: what moves up takes its levels along.
    world.patch(&ann, &at(chain[5]), json!({"parent_id": chain[0]})).await.expect(200);
    world.new_task(&ann, json!({"parent_id": below})).await.expect(201);
}

async fn a_task_does_not_lie_below_itself(world: &World) {
    let ann = world.employee().await;
    let top = world.task(&ann, json!({})).await;
    let child = part(world, &ann, top, json!({})).await;
    let deep = part(world, &ann, child, json!({})).await;
    for (task, below) in [(top, top), (top, child), (top, deep), (child, deep), (child, child)] {
        let refused = world.patch(&ann, &at(task), json!({"parent_id": below})).await;
        refused.problem(409, "cycle");
    }
    world.patch(&ann, &at(deep), json!({"parent_id": top})).await.expect(200);
    world.patch(&ann, &at(child), json!({"parent_id": deep})).await.expect(200);
    assert_eq!(world.seen(&ann, child).await["parent_id"], deep);
}

/// The top of a task's tree, as the database has it.
async fn top_of(world: &World, task: i64) -> Option<i64> {
    world.value(&format!("select root_id from task where id = {task}")).await
}

async fn a_tree_moves_as_a_whole(world: &World) {
    let ann = world.employee().await;
    let (one, two) = (world.task(&ann, json!({})).await, world.task(&ann, json!({})).await);
    let child = part(world, &ann, one, json!({})).await;
    let deep = part(world, &ann, child, json!({})).await;
    let moved = world.patch(&ann, &at(child), json!({"parent_id": two})).await.expect(200).body;
    assert_eq!((&moved["parent_id"], &moved["version"]), (&json!(two), &json!(2)));
    assert_eq!((top_of(world, child).await, top_of(world, deep).await), (Some(two), Some(two)));
    assert_eq!(world.seen(&ann, one).await["subtask_count"], 0);
    assert_eq!(world.seen(&ann, two).await["subtask_count"], 1);
    assert_eq!(world.seen(&ann, deep).await["version"], 1);
    world.act(&ann, one, "complete").await.expect(200);
    world.act(&ann, two, "complete").await.problem(409, "open_subtasks");
    world.patch(&ann, &at(child), json!({"parent_id": null})).await.expect(200);
    assert_eq!((top_of(world, child).await, top_of(world, deep).await), (None, Some(child)));
    world.act(&ann, two, "complete").await.expect(200);
    // The whole tree below another, and a part of it out again to the top.
    let third = world.task(&ann, json!({})).await;
    world.patch(&ann, &at(child), json!({"parent_id": third})).await.expect(200);
    assert_eq!(top_of(world, deep).await, Some(third));
    world.patch(&ann, &at(deep), json!({"parent_id": null})).await.expect(200);
    assert_eq!(top_of(world, deep).await, None);
    let last = world.history(&ann, deep).await.pop().unwrap();
    assert_eq!(last["changes"], json!([{"field": "parent_id", "old": child, "new": null}]));
}

async fn a_part_is_created_and_moved_by_who_may_create_parts(world: &World) {
    let (ann, bob, eve, admin) =
        (world.employee().await, world.employee().await, world.employee().await, world.admin().await);
    let boss = world.employee().await;
    world.put_below(&admin, &bob, &boss).await;
    let top = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
    for who in [&ann, &bob, &boss, &admin] {
        let child = world.new_task(who, json!({"parent_id": top})).await.expect(201);
        assert_eq!(child.body["creator_id"], who.id);
        let own = world.task(who, json!({})).await;
        world.patch(who, &at(own), json!({"parent_id": top})).await.expect(200);
    }
    let refused = world.new_task(&eve, json!({"parent_id": top})).await.problem(422, "validation");
    assert_eq!(refused.faults(), [("/parent_id", "unknown")]);
    // Reading is not inherited: whoever has a part above sees nothing below by that.
    let below = world.get(&bob, &beneath(top, "subtasks")).await.expect(200);
    assert_eq!(below.items().len(), 2, "those that bob created");
}

async fn the_trash_takes_the_tree_and_gives_it_back(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let top = world.task(&ann, json!({})).await;
    let child =
        part(world, &ann, top, json!({"observer_ids": [bob.id], "deadline": "2030-01-01T00:00:00Z"})).await;
    let deep = part(world, &ann, child, json!({"observer_ids": [bob.id]})).await;
    let done = part(world, &ann, child, json!({"observer_ids": [bob.id]})).await;
    world.act(&ann, done, "complete").await.expect(200);
    world.delete(&ann, &at(top)).await.expect(204);
    for task in [top, child, deep, done] {
        world.get(&ann, &at(task)).await.problem(404, "not_found");
    }
    let mut trashed = world.tasks(&bob, &[("trashed", "only")]).await;
    trashed.sort_unstable();
    assert_eq!(trashed, [child, deep, done]);
    assert!(world.tasks(&bob, &[("user_id", "me"), ("open", "true")]).await.is_empty());
    assert!(world.tasks(&bob, &[]).await.is_empty());
    world.act(&ann, child, "restore").await.problem(409, "trashed");
    world.act(&ann, top, "restore").await.expect(200);
    for (task, version) in [(top, 3), (child, 3), (deep, 3), (done, 4)] {
        let seen = world.seen(&ann, task).await;
        assert_eq!((&seen["version"], &seen["deleted_at"]), (&json!(version), &Value::Null));
        let words = world.happened(&ann, task).await;
        assert_eq!(words[words.len() - 2..], ["deleted", "restored"]);
    }
    assert_eq!(world.tasks(&bob, &[("user_id", "me"), ("open", "true")]).await, [child, deep]);
    assert_eq!(world.tasks(&bob, &[("user_id", "me"), ("open", "false")]).await, [done]);
}

async fn what_went_to_the_trash_before_stays_there(world: &World) {
    let ann = world.employee().await;
    let top = world.task(&ann, json!({})).await;
    let early = part(world, &ann, top, json!({})).await;
    let below_early = part(world, &ann, early, json!({})).await;
    let late = part(world, &ann, top, json!({})).await;
    world.delete(&ann, &at(early)).await.expect(204);
    assert_eq!(world.seen(&ann, top).await["subtask_count"], 1);
    world.act(&ann, late, "complete").await.expect(200);
    world.act(&ann, late, "reopen").await.expect(200);
    world.delete(&ann, &at(top)).await.expect(204);
    world.act(&ann, top, "restore").await.expect(200);
    let mut trashed = world.tasks(&ann, &[("trashed", "only")]).await;
    trashed.sort_unstable();
    assert_eq!(trashed, [early, below_early]);
    world.act(&ann, early, "restore").await.expect(200);
    assert!(world.tasks(&ann, &[("trashed", "only")]).await.is_empty());
    assert_eq!(world.seen(&ann, below_early).await["parent_id"], early);
    // What lies in the trash blocks nothing.
    world.delete(&ann, &at(early)).await.expect(204);
    world.act(&ann, late, "complete").await.expect(200);
    world.act(&ann, top, "complete").await.expect(200);
}

async fn nothing_comes_back_below_what_lies_in_the_trash(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let top = world.task(&ann, json!({"observer_ids": [bob.id]})).await;
    let child = part(world, &bob, top, json!({})).await;
    world.delete(&bob, &at(child)).await.expect(204);
    world.delete(&ann, &at(top)).await.expect(204);
    world.act(&bob, child, "restore").await.problem(409, "trashed");
    let trash = world.get(&bob, &format!("{TASKS}?trashed=only&sort=created_at")).await.expect(200);
    let of_child = trash.items().iter().find(|item| item["id"] == child).unwrap();
    assert!(!can(of_child).contains(&"restore"), "{:?}", can(of_child));
    world.act(&ann, top, "restore").await.expect(200);
    world.act(&bob, child, "restore").await.expect(200);
}

async fn a_parent_that_one_may_not_read_does_not_show(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let top = world.task(&ann, json!({})).await;
    let child = part(world, &ann, top, json!({"responsible_id": bob.id})).await;
    let seen = world.seen(&bob, child).await;
    assert_eq!(seen["parent_id"], Value::Null);
    assert!(world.tasks(&bob, &[("parent_id", &top.to_string())]).await.is_empty());
    let created = world.history(&bob, child).await.remove(0);
    let parent = created["changes"].as_array().unwrap().iter().find(|change| change["field"] == "parent_id");
    assert!(parent.is_none_or(|change| change["new"].is_null()), "{created}");
    // Whoever may not see the parent changes nothing of it by saving what they saw.
    let saved = json!({"description": "Mine", "planned_start": null});
    world.patch(&bob, &at(child), saved).await.expect(200);
    assert_eq!(world.seen(&ann, child).await["parent_id"], top);
    world.act(&bob, child, "complete").await.expect(200);
    world.act(&ann, top, "complete").await.expect(200);
    world.act(&bob, child, "reopen").await.problem(409, "parent_completed");
}

/// More than a statement of SQLite takes, were each row to bring its values as parameters.
const CROWD: i64 = 5000;

/// A task with a crowd of parts like itself.
async fn crowded(world: &World, who: &Person) -> i64 {
    let top = world.task(who, json!({})).await;
    world
        .execute(&format!(
            "insert into task (title, title_key, status, priority, creator_id, responsible_id, parent_id, root_id, tags, \
             deadline_policy, version, created_at, updated_at) \
             with recursive number(n) as (select 1 union all select n + 1 from number where n < {CROWD}) \
             select title, title_key, status, priority, creator_id, responsible_id, id, id, tags, deadline_policy, 1, \
             created_at, updated_at from task, number where id = {top}"
        ))
        .await;
    world
        .execute(&format!(
            "insert into task_member (task_id, user_id, role, is_main, is_open, deadline) \
             select t.id, m.user_id, m.role, m.is_main, m.is_open, m.deadline from task_member m \
             join task t on t.parent_id = m.task_id where m.task_id = {top}"
        ))
        .await;
    assert_eq!(world.seen(who, top).await["open_subtask_count"], CROWD);
    top
}

/// Of how many parts of a task something is true.
async fn parts_where(world: &World, top: i64, what: &str) -> i64 {
    world.value(&format!("select count(*) from task where parent_id = {top} and {what}")).await
}

/// How many activities of parts of a task tell this.
async fn told(world: &World, top: i64, verb: &str) -> i64 {
    let sql = format!(
        "select count(*) from activity a join task t on t.id = a.object_id \
         where a.object_kind = 'task' and a.verb = '{verb}' and t.parent_id = {top}"
    );
    world.value(&sql).await
}

async fn a_tree_of_thousands_goes_to_the_trash_comes_back_and_is_completed(world: &World) {
    let ann = world.employee().await;
    let top = crowded(world, &ann).await;
    let open_parts = format!(
        "select count(*) from task_member m join task t on t.id = m.task_id where t.parent_id = {top} and m.is_open"
    );
    world.delete(&ann, &at(top)).await.expect(204);
    let trashed = format!("deleted_at is not null and deleted_by = {} and version = 2", ann.id);
    assert_eq!(parts_where(world, top, &trashed).await, CROWD);
    assert_eq!((world.value::<i64>(&open_parts).await, told(world, top, "deleted").await), (0, CROWD));
    let restored = world.act(&ann, top, "restore").await.expect(200).body;
    assert_eq!(restored["open_subtask_count"], CROWD);
    assert_eq!(parts_where(world, top, "deleted_at is null and version = 3").await, CROWD);
    assert_eq!(
        (world.value::<i64>(&open_parts).await, told(world, top, "restored").await),
        (2 * CROWD, CROWD)
    );
    let done = world.post(&ann, &beneath(top, "complete?cascade=true"), Value::Null).await.expect(200).body;
    assert_eq!((&done["status"], &done["open_subtask_count"]), (&json!("completed"), &json!(0)));
    let completed = format!("status = 'completed' and completed_by = {} and version = 4", ann.id);
    assert_eq!(parts_where(world, top, &completed).await, CROWD);
    assert_eq!((world.value::<i64>(&open_parts).await, told(world, top, "completed").await), (0, CROWD));
}

async fn a_tree_of_thousands_moves_into_a_project(world: &World) {
    let ann = world.employee().await;
    let top = crowded(world, &ann).await;
    let project = world.project(&ann, "closed", json!({"ends_on": "2030-01-01"})).await;
    world.patch(&ann, &at(top), json!({"project_id": project})).await.expect(200);
    let moved = format!("project_id = {project} and version = 2");
    assert_eq!((parts_where(world, top, &moved).await, told(world, top, "updated").await), (CROWD, CROWD));
}
