//! Many at once on the same tasks: whatever they do, a task only ever goes where the table leads, no change is lost,
//! none is made twice, and nobody waits for each other in a circle.

use std::{collections::BTreeMap, time::Duration};

use artel_tests::{
    Answer, Database, Method, Person, Value, World,
    crm::instant,
    json, on_both,
    project::member,
    task::{VERBS, at, beneath, leads},
};
use chrono::TimeDelta;
use futures_util::future::join_all;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

on_both![
    thirty_two_clients_move_one_task_only_where_the_table_leads,
    thirty_two_clients_on_a_tree_leave_it_whole,
    trees_that_are_moved_into_each_other_do_not_wait_in_a_circle,
    of_many_who_complete_at_once_one_does,
    of_many_who_complete_the_parent_while_parts_come_in_none_goes_wrong,
    of_many_who_give_parts_at_once_none_is_lost,
    nobody_keeps_a_part_in_a_project_that_they_are_put_out_of_meanwhile,
    nobody_stays_responsible_who_loses_access_meanwhile,
];

const CLIENTS: u64 = 32;
const STEPS: usize = 8;

/// The operation behind a word of the history, nothing where it changes no status by itself.
fn verb_of(word: &str) -> Option<&'static str> {
    Some(match word {
        "started" => "start",
        "paused" => "pause",
        "deferred" => "defer",
        "submitted" | "completed" => "complete",
        "approved" => "approve",
        "returned" => "return",
        "withdrawn" => "withdraw",
        "reopened" => "reopen",
        "delegated" => "delegate",
        _ => return None,
    })
}

/// All that happened, the oldest first, however many pages.
async fn whole_history(world: &World, who: &Person, task: i64) -> Vec<Value> {
    let first = beneath(task, "history?sort=at&limit=200");
    let (mut path, mut all) = (first.clone(), Vec::new());
    loop {
        let page = world.get(who, &path).await.expect(200);
        all.extend(page.items().to_vec());
        let Some(cursor) = page.body["next_cursor"].as_str() else { return all };
        path = format!("{first}&cursor={cursor}");
    }
}

/// Replays a history through the table: answers where it ends, and how many of its entries raised the version.
fn replay(history: &[Value]) -> (String, i64) {
    let mut status = "pending".to_owned();
    let mut version = 0;
    for entry in history {
        let word = entry["verb"].as_str().unwrap();
        let is_silent = ["commented", "result_given", "result_removed", "linked", "unlinked"].contains(&word);
        version += i64::from(!is_silent);
        let changes = entry["changes"].as_array().unwrap();
        let change = changes.iter().find(|change| change["field"] == "status");
        let Some(change) = change else {
            let stays = verb_of(word).is_none_or(|verb| verb == "delegate") && word != "resumed";
            assert!(stays, "{entry} changes no status");
            continue;
        };
        assert_eq!(change["old"], status, "{entry}");
        let to = change["new"].as_str().unwrap();
        match verb_of(word) {
            Some(verb) => assert_eq!(leads(verb, &status, word == "submitted"), Some(to), "{entry}"),
            None => assert_eq!((word, status.as_str(), to), ("resumed", "deferred", "pending")),
        }
        to.clone_into(&mut status);
    }
    (status, version)
}

/// Nobody waited for each other in a circle: units that do are tried again, so only the database knows.
async fn no_circles(world: &World) {
    if world.database() == Database::Postgres {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let sql = "select deadlocks from pg_stat_database where datname = current_database()";
        assert_eq!(world.value::<i64>(sql).await, 0, "deadlocks");
    }
}

fn is_fine(answer: &Answer) {
    assert!(
        [200, 201, 204, 403, 404, 409, 412, 422].contains(&answer.status),
        "{}: {} {}",
        answer.to,
        answer.status,
        answer.text()
    );
}

async fn thirty_two_clients_move_one_task_only_where_the_table_leads(world: &World) {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let (ann, bob, cid, eve, admin) = (
        world.employee().await,
        world.employee().await,
        world.employee().await,
        world.employee().await,
        world.admin().await,
    );
    let fields = json!({"responsible_id": bob.id, "co_executor_ids": [cid.id], "reviewer_id": eve.id,
        "needs_review": true});
    let task = world.task(&ann, fields).await;
    let people = [&ann, &bob, &cid, &eve, &admin];
    let client = async |number: u64| {
        let mut random = StdRng::seed_from_u64(seed ^ number);
        let mut answers = Vec::new();
        for _ in 0..STEPS {
            let who = *people.choose(&mut random).unwrap();
            let verb = *VERBS.choose(&mut random).unwrap();
            let answer = match random.random_range(0..10) {
                0 => {
                    let body = json!({"description": format!("by {number}, {}", random.random::<u32>())});
                    world.patch(who, &at(task), body).await
                }
                1 => world.put(who, &beneath(task, "watch"), Value::Null).await,
                2 => world.post(who, &beneath(task, "comments"), json!({"text": "Hi"})).await,
                3 => {
                    let until = instant(world.clock().now() + TimeDelta::milliseconds(1500));
                    world.post(who, &beneath(task, "defer"), json!({ "until": until })).await
                }
                _ if verb == "delegate" => {
                    world.delegate(who, task, people.choose(&mut random).unwrap()).await
                }
                _ => world.act(who, task, verb).await,
            };
            is_fine(&answer);
            answers.push(answer);
        }
        answers
    };
    let answers: Vec<Answer> = join_all((0..CLIENTS).map(client)).await.into_iter().flatten().collect();
    let history = whole_history(world, &admin, task).await;
    let (status, version) = replay(&history);
    let last = world.seen(&admin, task).await;
    // The worker may bring the task back while the test looks; then the history is longer than what was replayed.
    if last["version"] == version {
        assert_eq!(last["status"], status, "seed {seed}");
    } else {
        let (status, version) = replay(&whole_history(world, &admin, task).await);
        let last = world.seen(&admin, task).await;
        assert_eq!((&last["status"], &last["version"]), (&json!(status), &json!(version)), "seed {seed}");
    }
    // Each verb that succeeded is told once, with its own version.
    let mut done: BTreeMap<String, usize> = BTreeMap::new();
    let mut versions: Vec<i64> = Vec::new();
    for answer in answers.iter().filter(|answer| answer.status == 200) {
        let verb = answer.to.rsplit('/').next().unwrap();
        if VERBS.contains(&verb) {
            *done.entry(verb.to_owned()).or_default() += 1;
            versions.push(answer.body["version"].as_i64().unwrap());
        }
    }
    versions.sort_unstable();
    let count = versions.len();
    versions.dedup();
    assert_eq!(versions.len(), count, "seed {seed}: a version twice");
    for verb in VERBS {
        let told =
            history.iter().filter(|entry| verb_of(entry["verb"].as_str().unwrap()) == Some(verb)).count();
        assert_eq!(told, done.get(verb).copied().unwrap_or_default(), "seed {seed}: {verb}");
    }
    println!("{count} of {} moved it", answers.len());
    assert!(count > 20, "seed {seed}: too few moved it");
    no_circles(world).await;
}

async fn thirty_two_clients_on_a_tree_leave_it_whole(world: &World) {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let (ann, bob, admin) = (world.employee().await, world.employee().await, world.admin().await);
    let mut tasks = Vec::new();
    for _ in 0..2 {
        let top = world.task(&ann, json!({"responsible_id": bob.id})).await;
        tasks.push(top);
        for _ in 0..2 {
            let child = world.task(&ann, json!({"responsible_id": bob.id, "parent_id": top})).await;
            let deep = world.task(&bob, json!({"responsible_id": ann.id, "parent_id": child})).await;
            tasks.extend([child, deep]);
        }
    }
    let people = [&ann, &bob, &admin];
    let client = async |number: u64| {
        let mut random = StdRng::seed_from_u64(seed ^ number);
        for _ in 0..STEPS {
            let who = *people.choose(&mut random).unwrap();
            let task = *tasks.choose(&mut random).unwrap();
            let answer = match random.random_range(0..13) {
                0 => world.delete(who, &at(task)).await,
                1 | 2 => world.act(who, task, "restore").await,
                3 => {
                    let parent = tasks.choose(&mut random).filter(|_| random.random_bool(0.8));
                    world.patch(who, &at(task), json!({"parent_id": parent})).await
                }
                4 => world.new_task(who, json!({"parent_id": task, "responsible_id": bob.id})).await,
                5..=7 => world.post(who, &beneath(task, "complete?cascade=true"), Value::Null).await,
                8 => {
                    let until = instant(world.clock().now() + TimeDelta::milliseconds(1200));
                    world.post(who, &beneath(task, "defer"), json!({ "until": until })).await
                }
                9 | 10 => world.act(who, task, "reopen").await,
                11 => world.delegate(who, task, people.choose(&mut random).unwrap()).await,
                _ => world.act(who, task, VERBS[..8].choose(&mut random).unwrap()).await,
            };
            is_fine(&answer);
        }
    };
    join_all((0..CLIENTS).map(client)).await;
    // What was put off comes back, so that nothing moves any more while the test looks.
    tokio::time::sleep(Duration::from_millis(3000)).await;
    tree_is_whole(world, seed).await;
    let rows = world.query("select id, status, version from task where deleted_at is null order by id").await;
    for row in rows {
        let (id, status): (i64, String) =
            (row.try_get("", "id").unwrap(), row.try_get("", "status").unwrap());
        let version: i64 = row.try_get("", "version").unwrap();
        let history = whole_history(world, &admin, id).await;
        assert_eq!(replay(&history), (status, version), "seed {seed}: {history:#?}");
    }
    no_circles(world).await;
}

/// What must be true of every tree.
async fn tree_is_whole(world: &World, seed: u64) {
    for (what, sql) in [
        (
            "something open below what is completed",
            "select count(*) from task c join task p on p.id = c.parent_id where c.deleted_at is null \
             and p.status = 'completed' and c.status in ('pending', 'in_progress', 'deferred')",
        ),
        (
            "something outside the trash below what lies there",
            "select count(*) from task c join task p on p.id = c.parent_id \
             where c.deleted_at is null and p.deleted_at is not null",
        ),
        (
            "a part that knows another top than its parent",
            "select count(*) from task c join task p on p.id = c.parent_id \
             where coalesce(p.root_id, p.id) <> coalesce(c.root_id, 0)",
        ),
        (
            "a top that knows a top",
            "select count(*) from task where parent_id is null and root_id is not null",
        ),
        (
            "a part whose openness is not that of its task",
            "select count(*) from task_member m join task t on t.id = m.task_id \
             where m.is_open <> (t.status <> 'completed' and t.deleted_at is null)",
        ),
        (
            "a task without its responsible person among the parts",
            "select count(*) from task t where not exists (select 1 from task_member m \
             where m.task_id = t.id and m.role = 'responsible' and m.user_id = t.responsible_id)",
        ),
        (
            "somebody without exactly one main part",
            "select count(*) from (select task_id, user_id from task_member group by task_id, user_id \
             having sum(case when is_main then 1 else 0 end) <> 1) x",
        ),
    ] {
        assert_eq!(world.value::<i64>(sql).await, 0, "seed {seed}: {what}");
    }
}

async fn trees_that_are_moved_into_each_other_do_not_wait_in_a_circle(world: &World) {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let ann = world.employee().await;
    let mut tops = Vec::new();
    let mut children = Vec::new();
    for _ in 0..4 {
        let top = world.task(&ann, json!({})).await;
        tops.push(top);
        for _ in 0..2 {
            children.push(world.task(&ann, json!({"parent_id": top})).await);
        }
    }
    let client = async |number: u64| {
        let mut random = StdRng::seed_from_u64(seed ^ number);
        for _ in 0..STEPS {
            let (child, top) = (children.choose(&mut random).unwrap(), tops.choose(&mut random).unwrap());
            let moved = world.patch(&ann, &at(*child), json!({"parent_id": top})).await;
            moved.expect(200);
        }
    };
    join_all((0..16).map(client)).await;
    tree_is_whole(world, seed).await;
    no_circles(world).await;
}

async fn of_many_who_complete_at_once_one_does(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"responsible_id": bob.id})).await;
    let complete =
        |number: usize| world.act(if number.is_multiple_of(2) { &ann } else { &bob }, task, "complete");
    let answers = join_all((0..16).map(complete)).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 200) {
        answer.problem(409, "invalid_transition");
    }
    assert_eq!(world.happened(&ann, task).await, ["created", "completed"]);
}

async fn of_many_who_complete_the_parent_while_parts_come_in_none_goes_wrong(world: &World) {
    let ann = world.employee().await;
    for round in 0..6 {
        let top = world.task(&ann, json!({})).await;
        let step = async |number: usize| {
            if number.is_multiple_of(3) {
                world.act(&ann, top, "complete").await
            } else {
                world.new_task(&ann, json!({"parent_id": top})).await
            }
        };
        for answer in join_all((0..9).map(step)).await {
            match answer.status {
                200 | 201 => {}
                _ => assert!(
                    ["open_subtasks", "parent_completed", "invalid_transition"]
                        .contains(&answer.body["code"].as_str().unwrap()),
                    "{}",
                    answer.text()
                ),
            }
        }
        tree_is_whole(world, round).await;
    }
}

async fn of_many_who_give_parts_at_once_none_is_lost(world: &World) {
    let ann = world.employee().await;
    let mut crowd = Vec::new();
    for _ in 0..16 {
        crowd.push(world.employee().await);
    }
    let task = world.task(&ann, json!({})).await;
    let give = async |who: &Person| {
        for part in ["co-executors", "observers"] {
            let path = beneath(task, &format!("{part}/{}", who.id));
            world.call(Some(&ann), Method::PUT, &path, None).await.expect(200);
        }
    };
    join_all(crowd.iter().map(give)).await;
    let seen = world.seen(&ann, task).await;
    let ids: Vec<i64> = crowd.iter().map(|who| who.id).collect();
    assert_eq!((&seen["co_executor_ids"], &seen["observer_ids"]), (&json!(ids), &json!(ids)));
    assert_eq!(seen["version"], 33);
    assert_eq!(world.happened(&ann, task).await.len(), 33);
    tree_is_whole(world, 0).await;
}

/// Lets everybody who writes tasks and their parts on PostgreSQL linger between looking and writing, so that whoever does not
/// hold on to what they looked at is found out. SQLite has one writer.
async fn slow_writers(world: &World) {
    if world.database() == Database::Postgres {
        let linger = "create function linger() returns trigger language plpgsql as \
             'begin perform pg_sleep(0.005); return null; end'; \
             create trigger linger before insert or update on task for each statement execute function linger(); \
             create trigger linger before insert on task_member for each statement execute function linger()";
        world.execute(linger).await;
    }
}

/// How many parts people have in a project's tasks who are no members of it, but for what they set.
async fn parts_of_outsiders(world: &World, project: i64) -> i64 {
    let inside = |user: &str| {
        format!(
            "exists (select 1 from project_member p where p.project_id = {project} and p.user_id = {user})"
        )
    };
    let sql = format!(
        "select count(*) from task t join task_member m on m.task_id = t.id where t.project_id = {project} \
         and (not {} or (m.role <> 'creator' and not {}))",
        inside("t.responsible_id"),
        inside("m.user_id")
    );
    world.value(&sql).await
}

/// Names somebody in a task of a project, in one way or another.
async fn name(
    world: &World,
    by: &Person,
    who: &Person,
    (project, task): (i64, i64),
    random: &mut StdRng,
) -> Answer {
    match random.random_range(0..7) {
        0 => world.put(by, &beneath(task, &format!("co-executors/{}", who.id)), Value::Null).await,
        1 => world.put(by, &beneath(task, &format!("observers/{}", who.id)), Value::Null).await,
        2 => world.put(who, &beneath(task, "watch"), Value::Null).await,
        3 => world.new_task(by, json!({"project_id": project, "responsible_id": who.id})).await,
        4 => world.new_task(by, json!({"parent_id": task, "co_executor_ids": [who.id]})).await,
        5 => world.patch(by, &at(task), json!({"reviewer_id": who.id})).await,
        _ => world.delegate(by, task, who).await,
    }
}

async fn nobody_keeps_a_part_in_a_project_that_they_are_put_out_of_meanwhile(world: &World) {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let [ann, heir] = world.employees().await;
    let leavers: [Person; 4] = world.employees().await;
    let project = world.project(&ann, "closed", json!({})).await;
    world.join(&ann, project, &heir, "member").await;
    let mut tasks = Vec::new();
    for _ in 0..4 {
        tasks.push(world.task(&ann, json!({"project_id": project})).await);
    }
    slow_writers(world).await;
    let mut named = 0;
    for round in 0..6 {
        for who in &leavers {
            world.join(&ann, project, who, "member").await;
        }
        let giver = async |number: u64| {
            let mut random = StdRng::seed_from_u64(seed ^ (round * CLIENTS + number));
            let mut given = 0;
            for _ in 0..4 {
                let (who, task) = (leavers.choose(&mut random).unwrap(), *tasks.choose(&mut random).unwrap());
                let answer = name(world, &ann, who, (project, task), &mut random).await;
                is_fine(&answer);
                given += usize::from(answer.status < 300);
            }
            given
        };
        let remover = async |who: &Person| {
            let path = format!("{}?reassign_to={}", member(project, who.id), heir.id);
            world.delete(&ann, &path).await.expect(204);
            world.join(&ann, project, who, "member").await;
            world.delete(&ann, &path).await.expect(204);
        };
        let (given, _) = tokio::join!(join_all((0..12).map(giver)), join_all(leavers.iter().map(remover)));
        named += given.iter().sum::<usize>();
        assert_eq!(parts_of_outsiders(world, project).await, 0, "seed {seed}, round {round}");
    }
    println!("{named} were named");
    assert!(named > 20, "seed {seed}: too few were named");
    tree_is_whole(world, seed).await;
    no_circles(world).await;
}

async fn nobody_stays_responsible_who_loses_access_meanwhile(world: &World) {
    let [ann, heir] = world.employees().await;
    let admin = world.admin().await;
    let project = world.project(&ann, "closed", json!({})).await;
    world.join(&ann, project, &heir, "member").await;
    slow_writers(world).await;
    for round in 0..8 {
        let gone = world.employee().await;
        world.join(&ann, project, &gone, "member").await;
        let tasks =
            [world.task(&ann, json!({})).await, world.task(&ann, json!({"project_id": project})).await];
        let named = json!({"responsible_id": gone.id});
        let step = async |number: usize| {
            let task = tasks[number % 2];
            match number % 7 {
                0 | 1 => world.new_task(&ann, named.clone()).await,
                2 => {
                    let inside = json!({"responsible_id": gone.id, "project_id": project});
                    world.new_task(&ann, inside).await
                }
                3 => world.new_task(&gone, json!({})).await,
                4 => world.put(&ann, &beneath(task, &format!("co-executors/{}", gone.id)), Value::Null).await,
                _ => world.delegate(&ann, task, &gone).await,
            }
        };
        // Each names them again and again, so that some are at it whenever the access is taken.
        let client = async |number: usize| {
            for again in 0..4 {
                let answer = step(number + again).await;
                assert!(answer.status < 500, "{}: {}", answer.to, answer.text());
            }
        };
        let goes = async || {
            for _ in 0..round {
                world.get(&admin, "/api/v1/me").await.expect(200);
            }
            let path = format!("/api/v1/users/{}/deactivate", gone.id);
            world.post(&admin, &path, json!({"reassign_to": heir.id})).await.expect(200);
        };
        let (_, ()) = tokio::join!(join_all((0..8).map(client)), goes());
        let theirs = format!(
            "select count(*) from task where responsible_id = {} and status <> 'completed' and deleted_at is null",
            gone.id
        );
        assert_eq!(world.value::<i64>(&theirs).await, 0, "round {round}");
    }
    tree_is_whole(world, 0).await;
    no_circles(world).await;
}
