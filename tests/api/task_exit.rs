//! What becomes of tasks when somebody with parts in them goes: out of the project, or out of the organisation.

use artel_tests::{
    Answer, Person, Value, World, json, on_both,
    project::{at as project_at, member},
    task::at,
};

on_both![
    nobody_goes_while_they_are_responsible_for_open_tasks_of_the_project,
    an_heir_takes_over_what_is_open_and_the_other_parts_end,
    an_heir_has_no_other_part_beside,
    who_is_gone_comes_back_with_no_task_out_of_the_trash,
    what_lies_in_the_trash_needs_an_heir_as_well,
    who_is_gone_is_replaced_where_their_task_is_opened_again,
    what_a_user_leaves_behind_counts_their_open_tasks,
    an_heir_of_a_user_takes_over_wherever_the_heir_can_be,
];

/// Every status in which there is something to take over.
const OPEN: [&str; 4] = ["pending", "in_progress", "deferred", "in_review"];

/// A task of `by` for which `who` is responsible, brought to a status.
async fn task_at(world: &World, by: &Person, who: &Person, fields: Value, status: &str) -> i64 {
    let mut fields = fields;
    fields["responsible_id"] = who.id.into();
    fields["needs_review"] = (status == "in_review").into();
    let task = world.task(by, fields).await;
    let verb = match status {
        "pending" => None,
        "in_progress" => Some("start"),
        "deferred" => Some("defer"),
        _ => Some("complete"),
    };
    if let Some(verb) = verb {
        assert_eq!(world.act(who, task, verb).await.expect(200).body["status"], status);
    }
    task
}

/// How somebody goes out of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Removed,
    Leaves,
}

const EXITS: [Exit; 2] = [Exit::Removed, Exit::Leaves];

impl Exit {
    async fn go(
        self,
        world: &World,
        owner: &Person,
        project: i64,
        who: &Person,
        heir: Option<&Person>,
    ) -> Answer {
        let heir = heir.map(|heir| heir.id);
        match self {
            Self::Removed => {
                let query = heir.map(|heir| format!("?reassign_to={heir}")).unwrap_or_default();
                world.delete(owner, &format!("{}{query}", member(project, who.id))).await
            }
            Self::Leaves => {
                let path = format!("{}/leave", project_at(project));
                world.post(who, &path, json!({ "reassign_to": heir })).await
            }
        }
    }
}

async fn nobody_goes_while_they_are_responsible_for_open_tasks_of_the_project(world: &World) {
    let [ann, bob] = world.employees().await;
    let shared = async || {
        let project = world.project(&ann, "closed", json!({})).await;
        world.join(&ann, project, &bob, "member").await;
        project
    };
    for status in OPEN {
        let project = shared().await;
        let task = task_at(world, &ann, &bob, json!({"project_id": project}), status).await;
        let before = world.seen(&ann, task).await;
        for exit in EXITS {
            exit.go(world, &ann, project, &bob, None).await.problem(409, "has_open_tasks");
        }
        assert_eq!(world.members(&ann, project).await.len(), 2, "{status}");
        assert_eq!(world.seen(&ann, task).await, before, "{status}");
    }
    for exit in EXITS {
        let (project, other) = (shared().await, shared().await);
        task_at(world, &ann, &bob, json!({"project_id": project}), "completed").await;
        for elsewhere in [json!({"project_id": other}), json!({})] {
            task_at(world, &ann, &bob, elsewhere, "pending").await;
        }
        exit.go(world, &ann, project, &bob, None).await.expect(204);
        assert_eq!(world.members(&ann, project).await, [(ann.id, "owner".to_owned())], "{exit:?}");
    }
}

/// The last that happened to a task: the verb, who did it, and the changes.
async fn last(world: &World, who: &Person, task: i64) -> (String, i64, Vec<Value>) {
    let entry = world.history(who, task).await.pop().unwrap();
    let verb = entry["verb"].as_str().unwrap().to_owned();
    (verb, entry["by"].as_i64().unwrap(), entry["changes"].as_array().unwrap().clone())
}

fn parts(seen: &Value) -> [&Value; 4] {
    ["responsible_id", "co_executor_ids", "observer_ids", "reviewer_id"].map(|field| &seen[field])
}

/// What of a task stays true of somebody who is gone.
fn facts(seen: &Value) -> Value {
    let names = ["responsible_id", "status", "completed_at", "completed_by", "version"];
    json!(names.map(|field| seen[field].clone()))
}

/// The open tasks for which somebody is responsible, as their own list has them.
async fn open_tasks_of(world: &World, who: &Person) -> Vec<i64> {
    let mine = [("user_id", "me"), ("role", "responsible"), ("open", "true"), ("limit", "200")];
    let mut ids = world.tasks(who, &mine).await;
    ids.sort_unstable();
    ids
}

async fn an_heir_takes_over_what_is_open_and_the_other_parts_end(world: &World) {
    for exit in EXITS {
        let [ann, bob, cid] = world.employees().await;
        let (project, other) =
            (world.project(&ann, "closed", json!({})).await, world.project(&ann, "closed", json!({})).await);
        for who in [&bob, &cid] {
            world.join(&ann, project, who, "member").await;
            world.join(&ann, other, who, "member").await;
        }
        let inside = json!({"project_id": project});
        let mut open = Vec::new();
        for status in OPEN {
            open.push((task_at(world, &ann, &bob, inside.clone(), status).await, status));
        }
        let done = task_at(world, &ann, &bob, inside.clone(), "completed").await;
        let before = facts(&world.seen(&ann, done).await);
        let helped = json!({"project_id": project, "co_executor_ids": [bob.id], "observer_ids": [bob.id]});
        let helped = world.task(&ann, helped).await;
        let reviewed = json!({"project_id": project, "reviewer_id": bob.id, "observer_ids": [bob.id]});
        let reviewed = world.task(&ann, reviewed).await;
        let followed = world.task(&ann, json!({"project_id": project, "observer_ids": [bob.id]})).await;
        world.act(&ann, followed, "complete").await.expect(200);
        let own = world.task(&bob, json!({"project_id": project, "responsible_id": cid.id})).await;
        let mut elsewhere = Vec::new();
        for fields in [json!({"project_id": other}), json!({})] {
            elsewhere.push(task_at(world, &ann, &bob, fields, "pending").await);
        }
        exit.go(world, &ann, project, &bob, Some(&cid)).await.expect(204);

        let by = if exit == Exit::Removed { ann.id } else { bob.id };
        let handed = json!({"field": "responsible_id", "old": bob.id, "new": cid.id});
        for (task, status) in &open {
            let seen = world.seen(&ann, *task).await;
            assert_eq!(parts(&seen), [&json!(cid.id), &json!([]), &json!([]), &Value::Null], "{status}");
            assert_eq!(seen["status"], *status);
            let (verb, who, changes) = last(world, &ann, *task).await;
            assert_eq!((verb.as_str(), who), ("delegated", by), "{status}");
            assert!(changes.contains(&handed), "{handed} is not in {changes:?}");
        }
        let mut expected: Vec<i64> = open.iter().map(|(task, _)| *task).collect();
        expected.push(own);
        assert_eq!(open_tasks_of(world, &cid).await, expected);
        assert_eq!(facts(&world.seen(&ann, done).await), before);
        let ended = |list: &str| json!({"field": list, "old": [bob.id], "new": []});
        let unnamed = json!({"field": "reviewer_id", "old": bob.id, "new": null});
        for (task, expected) in [
            (helped, vec![ended("co_executor_ids"), ended("observer_ids")]),
            (reviewed, vec![ended("observer_ids"), unnamed]),
            (followed, vec![ended("observer_ids")]),
        ] {
            let seen = world.seen(&ann, task).await;
            assert_eq!(parts(&seen), [&json!(ann.id), &json!([]), &json!([]), &Value::Null]);
            let (verb, who, changes) = last(world, &ann, task).await;
            assert_eq!((verb.as_str(), who), ("left", by));
            for change in expected {
                assert!(changes.contains(&change), "{change} is not in {changes:?}");
            }
        }
        assert_eq!(facts(&world.seen(&ann, own).await)[4], 1, "what somebody set stays theirs");
        assert_eq!(world.seen(&ann, own).await["creator_id"], bob.id);
        for task in &elsewhere {
            let seen = world.seen(&ann, *task).await;
            assert_eq!((&seen["responsible_id"], &seen["version"]), (&json!(bob.id), &json!(1)));
        }
        assert_eq!(open_tasks_of(world, &bob).await, elsewhere);
    }
}

async fn an_heir_has_no_other_part_beside(world: &World) {
    let [ann, bob, cid] = world.employees().await;
    let project = world.project(&ann, "closed", json!({})).await;
    for who in [&bob, &cid] {
        world.join(&ann, project, who, "member").await;
    }
    let mut tasks = Vec::new();
    for fields in [
        json!({"co_executor_ids": [cid.id]}),
        json!({"observer_ids": [cid.id]}),
        json!({"reviewer_id": cid.id}),
    ] {
        let mut fields = fields;
        fields["project_id"] = project.into();
        tasks.push(task_at(world, &ann, &bob, fields, "pending").await);
    }
    Exit::Removed.go(world, &ann, project, &bob, Some(&cid)).await.expect(204);
    for task in &tasks {
        let seen = world.seen(&ann, *task).await;
        assert_eq!(parts(&seen), [&json!(cid.id), &json!([]), &json!([]), &Value::Null]);
    }
    assert_eq!(open_tasks_of(world, &cid).await, tasks);
}

/// How many parts somebody has in tasks of a project, in the trash or not, but for those that they set and completed ones.
async fn parts_of(world: &World, project: i64, who: &Person) -> i64 {
    world
        .value(&format!(
            "select count(*) from task_member m join task t on t.id = m.task_id where t.project_id = {project} \
             and m.user_id = {} and m.role <> 'creator' and t.status <> 'completed'",
            who.id
        ))
        .await
}

async fn who_is_gone_comes_back_with_no_task_out_of_the_trash(world: &World) {
    for exit in EXITS {
        let [ann, bob, cid] = world.employees().await;
        let project = world.project(&ann, "closed", json!({})).await;
        for who in [&bob, &cid] {
            world.join(&ann, project, who, "member").await;
        }
        let top = task_at(world, &ann, &bob, json!({"project_id": project}), "in_progress").await;
        let child = task_at(world, &ann, &bob, json!({"parent_id": top}), "in_review").await;
        let helped = json!({"project_id": project, "co_executor_ids": [bob.id], "observer_ids": [bob.id],
            "reviewer_id": ann.id, "responsible_id": cid.id});
        let helped = world.task(&ann, helped).await;
        let reviewed = world.task(&ann, json!({"project_id": project, "reviewer_id": bob.id})).await;
        for task in [top, helped, reviewed] {
            world.delete(&ann, &at(task)).await.expect(204);
        }
        exit.go(world, &ann, project, &bob, Some(&cid)).await.expect(204);
        for task in [top, helped, reviewed] {
            world.act(&ann, task, "restore").await.expect(200);
        }
        for (task, expected) in [(top, [cid.id, 0]), (child, [cid.id, 0]), (helped, [cid.id, ann.id])] {
            let seen = world.seen(&ann, task).await;
            let reviewer = Some(expected[1]).filter(|id| *id > 0);
            let expected = [&json!(expected[0]), &json!([]), &json!([]), &json!(reviewer)];
            assert_eq!(parts(&seen), expected, "{exit:?}");
        }
        assert_eq!(world.seen(&ann, reviewed).await["reviewer_id"], Value::Null);
        assert_eq!(parts_of(world, project, &bob).await, 0, "{exit:?}");
        assert_eq!(open_tasks_of(world, &cid).await, [top, child, helped]);
    }
}

async fn what_lies_in_the_trash_needs_an_heir_as_well(world: &World) {
    let [ann, bob] = world.employees().await;
    let project = world.project(&ann, "closed", json!({})).await;
    world.join(&ann, project, &bob, "member").await;
    let task = task_at(world, &ann, &bob, json!({"project_id": project}), "pending").await;
    world.delete(&ann, &at(task)).await.expect(204);
    for exit in EXITS {
        exit.go(world, &ann, project, &bob, None).await.problem(409, "has_open_tasks");
    }
    Exit::Removed.go(world, &ann, project, &bob, Some(&ann)).await.expect(204);
    let restored = world.act(&ann, task, "restore").await.expect(200).body;
    assert_eq!(restored["responsible_id"], ann.id);
    assert_eq!(parts_of(world, project, &bob).await, 0);
}

async fn who_is_gone_is_replaced_where_their_task_is_opened_again(world: &World) {
    let [ann, bob, cid] = world.employees().await;
    let admin = world.admin().await;
    let project = world.project(&ann, "closed", json!({})).await;
    world.join(&ann, project, &bob, "member").await;
    let inside = task_at(world, &ann, &bob, json!({"project_id": project}), "completed").await;
    let outside = task_at(world, &ann, &cid, json!({}), "completed").await;
    Exit::Leaves.go(world, &ann, project, &bob, None).await.expect(204);
    world.post(&admin, &format!("/api/v1/users/{}/deactivate", cid.id), json!({})).await.expect(200);
    for task in [inside, outside] {
        let seen = world.act(&ann, task, "reopen").await.expect(200).body;
        assert_eq!((&seen["status"], &seen["responsible_id"]), (&json!("pending"), &json!(ann.id)));
        let (verb, _, changes) = last(world, &ann, task).await;
        assert_eq!(verb, "reopened");
        assert!(changes.iter().any(|change| change["field"] == "responsible_id"), "{changes:?}");
    }
}

/// Tasks for which somebody is responsible: open ones outside of projects and in one of them, and those that are done. One
/// in the trash and one with another part lie beside them.
struct Load {
    outside: Vec<i64>,
    inside: Vec<i64>,
    done: Vec<i64>,
}

impl Load {
    async fn of(world: &World, ann: &Person, who: &Person, project: i64) -> Self {
        let (mut outside, mut inside, mut done) = (Vec::new(), Vec::new(), Vec::new());
        for (fields, open) in [(json!({}), &mut outside), (json!({"project_id": project}), &mut inside)] {
            for status in OPEN {
                open.push(task_at(world, ann, who, fields.clone(), status).await);
            }
            done.push(task_at(world, ann, who, fields, "completed").await);
        }
        let trashed = task_at(world, ann, who, json!({}), "pending").await;
        world.delete(ann, &at(trashed)).await.expect(204);
        world.task(ann, json!({"observer_ids": [who.id]})).await;
        Self { outside, inside, done }
    }
}

async fn deactivated(world: &World, who: &Person, body: Value) -> Value {
    let admin = world.admin().await;
    let path = format!("/api/v1/users/{}/deactivate", who.id);
    world.post(&admin, &path, body).await.expect(200).body["left_behind"].clone()
}

async fn what_a_user_leaves_behind_counts_their_open_tasks(world: &World) {
    let [ann, bob, cid] = world.employees().await;
    let project = world.project(&ann, "closed", json!({})).await;
    world.join(&ann, project, &bob, "member").await;
    let load = Load::of(world, &ann, &bob, project).await;
    // What others are responsible for is not left behind, though they set it.
    world.task(&bob, json!({"responsible_id": cid.id})).await;
    let left = deactivated(world, &bob, json!({})).await;
    assert_eq!((&left["tasks"], &left["reassigned_to"]), (&json!(8), &Value::Null));
    for task in load.outside.iter().chain(&load.inside).chain(&load.done) {
        assert_eq!(world.seen(&ann, *task).await["responsible_id"], bob.id);
    }
}

async fn an_heir_of_a_user_takes_over_wherever_the_heir_can_be(world: &World) {
    let [ann, bob, cid] = world.employees().await;
    let (shared, foreign) =
        (world.project(&ann, "closed", json!({})).await, world.project(&ann, "closed", json!({})).await);
    for (project, who) in [(shared, &bob), (shared, &cid), (foreign, &bob)] {
        world.join(&ann, project, who, "member").await;
    }
    let load = Load::of(world, &ann, &bob, shared).await;
    let mut elsewhere = Vec::new();
    for status in OPEN {
        elsewhere.push(task_at(world, &ann, &bob, json!({"project_id": foreign}), status).await);
    }
    let mut before = Vec::new();
    for task in elsewhere.iter().chain(&load.done) {
        before.push(facts(&world.seen(&ann, *task).await));
    }
    let left = deactivated(world, &bob, json!({"reassign_to": cid.id})).await;
    assert_eq!((&left["tasks"], &left["reassigned_to"]), (&json!(12), &json!(cid.id)));
    let mut inherited = Vec::new();
    for (position, task) in load.outside.iter().chain(&load.inside).enumerate() {
        let seen = world.seen(&ann, *task).await;
        assert_eq!((&seen["responsible_id"], &seen["status"]), (&json!(cid.id), &json!(OPEN[position % 4])));
        let (verb, _, changes) = last(world, &ann, *task).await;
        assert_eq!(verb, "delegated");
        assert!(changes.contains(&json!({"field": "responsible_id", "old": bob.id, "new": cid.id})));
        inherited.push(*task);
    }
    inherited.sort_unstable();
    assert_eq!(open_tasks_of(world, &cid).await, inherited);
    for (task, before) in elsewhere.iter().chain(&load.done).zip(before) {
        assert_eq!(facts(&world.seen(&ann, *task).await), before);
    }
    // The one who set the tasks takes care of what the heir could not take over.
    world.delegate(&ann, elsewhere[0], &ann).await.expect(200);
    world.get(&cid, &at(elsewhere[0])).await.problem(404, "not_found");
}
