//! Tasks inside of projects: who can have a part there, who creates and edits what, and what becomes of tasks when the
//! project, its people or its privacy change.

use artel_tests::{
    Person, Value, World, json, on_both,
    project::{at as project_at, member},
    task::{TASKS, at, beneath, can},
};

on_both![
    everybody_with_a_part_is_a_member_but_observers_of_an_open_project,
    members_read_all_and_outsiders_what_the_privacy_lets_them,
    privacy_beats_hierarchy,
    the_least_part_to_create_tasks_is_asked_for,
    the_least_part_to_edit_the_tasks_of_others_is_asked_for_in_fields_and_never_in_verbs,
    dates_lie_within_the_days_of_the_project,
    a_part_lies_in_the_project_of_its_parent,
    a_tree_moves_between_projects_where_everybody_fits,
    a_tree_moves_only_where_all_its_dates_lie,
    whoever_lost_access_keeps_a_task_where_it_is,
    whoever_set_a_task_may_be_anywhere_when_it_moves,
    a_task_moves_only_where_one_may_create,
    an_archived_project_lets_nothing_happen,
    a_project_in_the_trash_takes_its_tasks_along,
    a_former_member_who_set_a_task_is_a_fact_without_power,
    a_project_that_closes_loses_its_outside_observers,
    an_outside_observer_does_not_come_back_into_a_project_that_closed,
    a_task_comes_back_only_into_days_in_which_it_lies,
    guests_work_in_their_projects_and_nowhere_else,
    a_manager_of_whoever_stands_in_for_the_reviewer_reviews,
    a_project_that_one_may_not_know_of_leaves_no_trace,
    an_outsider_of_an_open_project_follows_and_comments_and_makes_no_parts,
];

async fn everybody_with_a_part_is_a_member_but_observers_of_an_open_project(world: &World) {
    let [ann, bob, eve] = world.employees().await;
    let guest = world.guest().await;
    for (privacy, follows) in [("open", true), ("closed", false), ("secret", false)] {
        let project = world.project(&ann, privacy, json!({})).await;
        world.join(&ann, project, &bob, "member").await;
        let body = json!({"project_id": project, "responsible_id": eve.id, "co_executor_ids": [bob.id, eve.id],
            "observer_ids": [eve.id, guest.id], "reviewer_id": guest.id});
        let refused = world.new_task(&ann, body).await.problem(422, "validation");
        let mut expected = vec![
            ("/co_executor_ids/1", "not_a_member"),
            ("/observer_ids/1", "is_a_guest"),
            ("/responsible_id", "not_a_member"),
            ("/reviewer_id", "is_a_guest"),
        ];
        if !follows {
            expected.insert(1, ("/observer_ids/0", "not_a_member"));
        }
        assert_eq!(refused.faults(), expected, "{privacy}");
        let task = world.task(&ann, json!({"project_id": project, "responsible_id": bob.id})).await;
        let given = world.put(&ann, &beneath(task, &format!("co-executors/{}", eve.id)), Value::Null).await;
        assert_eq!(given.problem(422, "validation").faults(), [("/user_id", "not_a_member")]);
        let followed = world.put(&ann, &beneath(task, &format!("observers/{}", eve.id)), Value::Null).await;
        let watched = world.put(&eve, &beneath(task, "watch"), Value::Null).await;
        if follows {
            followed.expect(200);
            watched.expect(200);
        } else {
            assert_eq!(followed.problem(422, "validation").faults(), [("/user_id", "not_a_member")]);
            watched.problem(404, "not_found");
        }
        let handed = world.delegate(&ann, task, &eve).await.problem(422, "validation");
        assert_eq!(handed.faults(), [("/to", "not_a_member")]);
        let reviewed = world.patch(&ann, &at(task), json!({"reviewer_id": eve.id})).await;
        assert_eq!(reviewed.problem(422, "validation").faults(), [("/reviewer_id", "not_a_member")]);
        world.join(&ann, project, &guest, "member").await;
        world.delegate(&ann, task, &guest).await.expect(200);
    }
}

async fn members_read_all_and_outsiders_what_the_privacy_lets_them(world: &World) {
    let [ann, bob, eve] = world.employees().await;
    let (admin, guest) = (world.admin().await, world.guest().await);
    for (privacy, outside) in [("open", 200), ("closed", 404), ("secret", 404)] {
        let project = world.project(&ann, privacy, json!({})).await;
        world.join(&ann, project, &bob, "member").await;
        let task = world.task(&ann, json!({"project_id": project})).await;
        for (who, status) in [(&ann, 200), (&bob, 200), (&eve, outside), (&admin, outside), (&guest, 404)] {
            let read = world.get(who, &at(task)).await.expect(status);
            let listed = world.tasks(who, &[("project_id", &project.to_string())]).await;
            assert_eq!(listed.contains(&task), status == 200, "{privacy}");
            if read.status == 200 {
                assert_eq!(read.body["project_id"], project);
            }
        }
        let embedded = world.get(&bob, &format!("{}?expand=project", at(task))).await.expect(200);
        assert_eq!(embedded.body["project"]["id"], project);
    }
}

async fn privacy_beats_hierarchy(world: &World) {
    let [ann, bob, boss] = world.employees().await;
    let admin = world.admin().await;
    world.put_below(&admin, &bob, &boss).await;
    for (privacy, inside) in [("open", 200), ("closed", 404), ("secret", 404)] {
        let project = world.project(&ann, privacy, json!({})).await;
        world.join(&ann, project, &bob, "member").await;
        let task = world.task(&ann, json!({"project_id": project, "responsible_id": bob.id})).await;
        for who in [&boss, &admin] {
            world.act(who, task, "start").await.expect(inside);
            if inside == 200 {
                world.act(who, task, "pause").await.expect(200);
            }
        }
        // As members they have the power of both.
        world.join(&ann, project, &boss, "member").await;
        world.join(&ann, project, &admin, "member").await;
        world.act(&boss, task, "start").await.expect(200);
        world.patch(&boss, &at(task), json!({"title": "x"})).await.problem(403, "forbidden");
        world.patch(&admin, &at(task), json!({"title": "x"})).await.expect(200);
    }
}

async fn the_least_part_to_create_tasks_is_asked_for(world: &World) {
    let [ann, bob, cid, eve] = world.employees().await;
    let admin = world.admin().await;
    for (least, member_may, moderator_may) in
        [("member", true, true), ("moderator", false, true), ("owner", false, false)]
    {
        let permissions = json!({"permissions": {"create_tasks": least}});
        let project = world.project(&ann, "open", permissions).await;
        world.join(&ann, project, &bob, "member").await;
        world.join(&ann, project, &cid, "moderator").await;
        for (who, may) in [(&bob, member_may), (&cid, moderator_may), (&ann, true), (&eve, false)] {
            let made = world.new_task(who, json!({"project_id": project})).await;
            if may {
                made.expect(201);
            } else {
                made.problem(403, "forbidden");
            }
        }
        let named = json!({"project_id": project, "responsible_id": bob.id});
        world.new_task(&admin, named).await.expect(201);
        // A part of a task asks for the right to make parts of that one.
        let top = world.task(&ann, json!({"project_id": project})).await;
        let part = world.new_task(&bob, json!({"parent_id": top})).await.expect(201);
        assert_eq!(part.body["project_id"], project);
    }
}

async fn the_least_part_to_edit_the_tasks_of_others_is_asked_for_in_fields_and_never_in_verbs(world: &World) {
    let [ann, bob, cid, dan] = world.employees().await;
    for (least, member_may, moderator_may) in
        [("member", true, true), ("moderator", false, true), ("owner", false, false)]
    {
        let permissions = json!({"permissions": {"edit_tasks": least}});
        let project = world.project(&ann, "closed", permissions).await;
        for (who, role) in [(&bob, "member"), (&cid, "moderator"), (&dan, "member")] {
            world.join(&ann, project, who, role).await;
        }
        let fields = json!({"project_id": project, "needs_review": true, "responsible_id": bob.id});
        let task = world.task(&dan, fields).await;
        let other = world.task(&dan, json!({"project_id": project})).await;
        for (who, edits, moves) in
            [(&bob, member_may, false), (&cid, moderator_may, true), (&ann, true, true), (&dan, true, true)]
        {
            for body in [json!({"title": "x"}), json!({"deadline": "2030-01-01T00:00:00Z"})] {
                let reset = json!({"title": "y", "deadline": null});
                world.patch(&ann, &at(other), reset).await.expect(200);
                let edited = world.patch(who, &at(other), body).await;
                if edits {
                    edited.expect(200)
                } else {
                    edited.problem(403, "forbidden")
                };
            }
            let given =
                world.put(who, &beneath(other, &format!("co-executors/{}", bob.id)), Value::Null).await;
            if edits {
                given.expect(200)
            } else {
                given.problem(403, "forbidden")
            };
            world.delete(&ann, &beneath(other, &format!("co-executors/{}", bob.id))).await.expect(204);
            let started = world.act(who, other, "start").await;
            if moves {
                started.expect(200)
            } else {
                started.problem(403, "forbidden")
            };
            world.act(&ann, other, "pause").await;
        }
        world.act(&bob, task, "complete").await.expect(200);
        world.act(&cid, task, "approve").await.expect(200);
        world.delete(&cid, &at(task)).await.expect(204);
    }
}

async fn dates_lie_within_the_days_of_the_project(world: &World) {
    let ann = world.employee().await;
    let admin = world.admin().await;
    let zone = json!({"time_zone": "Asia/Tokyo"});
    world.patch(&admin, "/api/v1/organisation", zone).await.expect(200);
    let days = json!({"starts_on": "2030-01-10", "ends_on": "2030-01-20"});
    let project = world.project(&ann, "closed", days).await;
    // Tokyo is nine hours ahead: its 10th begins on the 9th at 15:00, its 20th ends on the 20th at 15:00.
    for (date, fits) in [
        ("2030-01-09T14:59:59Z", false),
        ("2030-01-09T15:00:00Z", true),
        ("2030-01-20T14:59:59Z", true),
        ("2030-01-20T15:00:00Z", false),
    ] {
        for field in ["deadline", "planned_start", "planned_end"] {
            let made = world.new_task(&ann, json!({"project_id": project, field: date})).await;
            if fits {
                made.expect(201);
            } else {
                let pointer = format!("/{field}");
                let faults = made.problem(422, "validation");
                assert_eq!(faults.faults(), [(pointer.as_str(), "outside_project")], "{date}");
            }
        }
    }
    let outside = world.task(&ann, json!({"deadline": "2031-01-01T00:00:00Z"})).await;
    let moved = world.patch(&ann, &at(outside), json!({"project_id": project})).await;
    assert_eq!(moved.problem(422, "validation").faults(), [("/deadline", "outside_project")]);
    let both = json!({"project_id": project, "deadline": "2030-01-15T00:00:00Z"});
    world.patch(&ann, &at(outside), both).await.expect(200);
    let shorter = world.patch(&ann, &project_at(project), json!({"ends_on": "2030-01-14"})).await;
    shorter.problem(409, "tasks_outside_dates");
}

async fn a_part_lies_in_the_project_of_its_parent(world: &World) {
    let ann = world.employee().await;
    let (one, two) =
        (world.project(&ann, "closed", json!({})).await, world.project(&ann, "closed", json!({})).await);
    let top = world.task(&ann, json!({"project_id": one})).await;
    let inherits = world.new_task(&ann, json!({"parent_id": top})).await.expect(201).body;
    assert_eq!(inherits["project_id"], one);
    let named = world.new_task(&ann, json!({"parent_id": top, "project_id": one})).await.expect(201).body;
    assert_eq!(named["project_id"], one);
    let other = world.new_task(&ann, json!({"parent_id": top, "project_id": two})).await;
    assert_eq!(other.problem(422, "validation").faults(), [("/project_id", "other_project")]);
    let child = inherits["id"].as_i64().unwrap();
    for project in [json!(two), Value::Null] {
        let moved = world.patch(&ann, &at(child), json!({ "project_id": project })).await;
        assert_eq!(moved.problem(422, "validation").faults(), [("/project_id", "other_project")]);
    }
    // Below another task it takes on that one's project; at the top it stays, or goes where it is sent.
    let elsewhere = world.task(&ann, json!({"project_id": two})).await;
    let moved = world.patch(&ann, &at(child), json!({"parent_id": elsewhere})).await.expect(200).body;
    assert_eq!((&moved["project_id"], &moved["parent_id"]), (&json!(two), &json!(elsewhere)));
    let top_again = world.patch(&ann, &at(child), json!({"parent_id": null})).await.expect(200).body;
    assert_eq!(top_again["project_id"], two);
    let out = world.patch(&ann, &at(child), json!({"project_id": null})).await.expect(200).body;
    assert_eq!(out["project_id"], Value::Null);
}

async fn a_tree_moves_between_projects_where_everybody_fits(world: &World) {
    let [ann, bob, cid] = world.employees().await;
    let one = world.project(&ann, "closed", json!({})).await;
    let two = world.project(&ann, "closed", json!({})).await;
    for (who, project) in [(&bob, one), (&cid, one), (&bob, two)] {
        world.join(&ann, project, who, "member").await;
    }
    let top = world.task(&ann, json!({"project_id": one, "responsible_id": bob.id})).await;
    let child = world.task(&ann, json!({"parent_id": top, "responsible_id": bob.id})).await;
    let deep = world.task(&ann, json!({"parent_id": child, "observer_ids": [cid.id]})).await;
    let refused = world.patch(&ann, &at(top), json!({"project_id": two})).await.problem(422, "validation");
    assert_eq!(refused.faults(), [("/project_id", "not_a_member")]);
    for task in [top, child, deep] {
        assert_eq!(world.seen(&ann, task).await["version"], 1);
    }
    world.join(&ann, two, &cid, "member").await;
    world.patch(&ann, &at(top), json!({"project_id": two})).await.expect(200);
    for task in [top, child, deep] {
        let seen = world.seen(&cid, task).await;
        assert_eq!((&seen["project_id"], &seen["version"]), (&json!(two), &json!(2)));
        let last = world.history(&cid, task).await.pop().unwrap();
        assert_eq!(last["changes"], json!([{"field": "project_id", "old": one, "new": two}]));
    }
    // Whoever may not know of the project before does not read its id.
    let eve = world.employee().await;
    world.join(&ann, two, &eve, "member").await;
    for task in [top, deep] {
        let last = world.history(&eve, task).await.pop().unwrap();
        assert_eq!(last["changes"], json!([{"field": "project_id", "old": null, "new": two}]));
    }
}

async fn a_tree_moves_only_where_all_its_dates_lie(world: &World) {
    let ann = world.employee().await;
    let days = json!({"starts_on": "2030-01-10", "ends_on": "2030-01-20"});
    let project = world.project(&ann, "closed", days).await;
    let place = world.task(&ann, json!({"project_id": project})).await;
    for (field, outside) in [
        ("deadline", "2030-01-21T00:00:00Z"),
        ("planned_start", "2030-01-09T23:59:59Z"),
        ("planned_end", "2031-01-01T00:00:00Z"),
    ] {
        let top = world.task(&ann, json!({"deadline": "2030-01-15T00:00:00Z"})).await;
        let child = world.task(&ann, json!({"parent_id": top})).await;
        let deep = world.task(&ann, json!({"parent_id": child, field: outside})).await;
        for body in [json!({"project_id": project}), json!({"parent_id": place})] {
            let refused = world.patch(&ann, &at(top), body).await.problem(422, "validation");
            assert_eq!(refused.faults(), [("/project_id", "outside_project")], "{field}");
        }
        for task in [top, child, deep] {
            let seen = world.seen(&ann, task).await;
            assert_eq!((&seen["project_id"], &seen["version"]), (&Value::Null, &json!(1)));
        }
        world.patch(&ann, &at(deep), json!({ field: "2030-01-15T00:00:00Z" })).await.expect(200);
        world.patch(&ann, &at(top), json!({"project_id": project})).await.expect(200);
        assert_eq!(world.seen(&ann, deep).await["project_id"], project);
    }
}

async fn whoever_lost_access_keeps_a_task_where_it_is(world: &World) {
    let [ann, bob, cid] = world.employees().await;
    let (admin, one, two) = (world.admin().await, open(world, &ann).await, open(world, &ann).await);
    for project in [one, two] {
        world.join(&ann, project, &bob, "member").await;
        world.join(&ann, project, &cid, "member").await;
    }
    let mut tasks = Vec::new();
    for fields in [
        json!({"responsible_id": bob.id}),
        json!({"co_executor_ids": [bob.id]}),
        json!({"observer_ids": [bob.id]}),
        json!({"reviewer_id": bob.id}),
    ] {
        let top = world.task(&ann, json!({"project_id": one})).await;
        let mut fields = fields;
        fields["parent_id"] = top.into();
        tasks.push((top, world.task(&ann, fields.clone()).await, fields));
    }
    world.deactivate(&admin, &bob).await;
    for (top, child, fields) in &tasks {
        let refused =
            world.patch(&ann, &at(*top), json!({"project_id": two})).await.problem(422, "validation");
        assert_eq!(refused.faults(), [("/project_id", "not_a_member")], "{fields}");
        assert_eq!(world.seen(&ann, *child).await["version"], 1, "{fields}");
    }
    let (handed, helped, followed, reviewed) = (tasks[0].1, tasks[1].1, tasks[2].1, tasks[3].1);
    world.delegate(&ann, handed, &cid).await.expect(200);
    for (task, part) in [(handed, "observers"), (helped, "co-executors"), (followed, "observers")] {
        world.delete(&ann, &beneath(task, &format!("{part}/{}", bob.id))).await.expect(204);
    }
    world.patch(&ann, &at(reviewed), json!({"reviewer_id": null})).await.expect(200);
    for (top, child, fields) in &tasks {
        world.patch(&ann, &at(*top), json!({"project_id": two})).await.expect(200);
        assert_eq!(world.seen(&ann, *child).await["project_id"], two, "{fields}");
    }
}

async fn open(world: &World, owner: &Person) -> i64 {
    world.project(owner, "open", json!({})).await
}

async fn whoever_set_a_task_may_be_anywhere_when_it_moves(world: &World) {
    let [ann, bob, cid] = world.employees().await;
    let admin = world.admin().await;
    let (one, two) = (open(world, &ann).await, open(world, &ann).await);
    for project in [one, two] {
        world.join(&ann, project, &cid, "member").await;
    }
    // An administrator is a member of neither.
    for needs_review in [false, true] {
        let fields = json!({"project_id": one, "responsible_id": cid.id, "needs_review": needs_review});
        let task = world.task(&admin, fields).await;
        let moved = world.patch(&admin, &at(task), json!({"project_id": two})).await.expect(200).body;
        assert_eq!((&moved["project_id"], &moved["creator_id"]), (&json!(two), &json!(admin.id)));
    }
    for privacy in ["open", "closed", "secret"] {
        for is_active in [true, false] {
            let (from, to) = (
                world.project(&ann, privacy, json!({})).await,
                world.project(&ann, privacy, json!({})).await,
            );
            let author = world.employee().await;
            for (project, who) in [(from, &author), (from, &cid), (to, &cid), (from, &bob)] {
                world.join(&ann, project, who, "member").await;
            }
            let fields = json!({"project_id": from, "responsible_id": cid.id, "needs_review": true});
            let task = world.task(&author, fields).await;
            if is_active {
                world.delete(&ann, &member(from, author.id)).await.expect(204);
            } else {
                world.deactivate(&admin, &author).await;
            }
            let moved = world.patch(&ann, &at(task), json!({"project_id": to})).await.expect(200).body;
            assert_eq!((&moved["project_id"], &moved["creator_id"]), (&json!(to), &json!(author.id)));
            // The others are asked for all the same.
            let other = world.task(&bob, json!({"project_id": from, "responsible_id": bob.id})).await;
            let refused = world.patch(&ann, &at(other), json!({"project_id": to})).await;
            assert_eq!(refused.problem(422, "validation").faults(), [("/project_id", "not_a_member")]);
        }
    }
}

async fn a_task_moves_only_where_one_may_create(world: &World) {
    let [ann, bob] = world.employees().await;
    let permissions = json!({"permissions": {"create_tasks": "moderator"}});
    let strict = world.project(&ann, "closed", permissions).await;
    world.join(&ann, strict, &bob, "member").await;
    let task = world.task(&bob, json!({})).await;
    world.patch(&bob, &at(task), json!({"project_id": strict})).await.problem(403, "forbidden");
    world.join(&ann, strict, &bob, "moderator").await;
    world.patch(&bob, &at(task), json!({"project_id": strict})).await.expect(200);
    let hidden = world.project(&ann, "secret", json!({})).await;
    let unknown = world.patch(&bob, &at(task), json!({"project_id": hidden})).await;
    assert_eq!(unknown.problem(422, "validation").faults(), [("/project_id", "unknown")]);
}

async fn an_archived_project_lets_nothing_happen(world: &World) {
    let [ann, bob] = world.employees().await;
    let project = world.project(&ann, "closed", json!({})).await;
    world.join(&ann, project, &bob, "member").await;
    let task = world.task(&ann, json!({"project_id": project, "responsible_id": bob.id})).await;
    let comment = world.post(&bob, &beneath(task, "comments"), json!({"text": "Hi"})).await.expect(201).id();
    let outside = world.task(&ann, json!({})).await;
    world.post(&ann, &format!("{}/archive", project_at(project)), Value::Null).await.expect(200);
    let before = world.seen(&ann, task).await;
    assert_eq!(can(&before), ["read"]);
    assert_eq!(can(&world.seen(&bob, task).await), ["read"]);
    for verb in ["start", "defer", "complete"] {
        world.act(&bob, task, verb).await.problem(409, "archived");
    }
    world.patch(&ann, &at(task), json!({"title": "x"})).await.problem(409, "archived");
    world.delete(&ann, &at(task)).await.problem(409, "archived");
    world.put(&ann, &beneath(task, "watch"), Value::Null).await.problem(409, "archived");
    for what in ["comments", "results"] {
        world.post(&bob, &beneath(task, what), json!({"text": "x"})).await.problem(409, "archived");
    }
    let said = format!("/api/v1/comments/{comment}");
    world.patch(&bob, &said, json!({"text": "x"})).await.problem(409, "archived");
    world.delete(&bob, &said).await.problem(409, "archived");
    world.new_task(&ann, json!({"project_id": project})).await.problem(409, "archived");
    world.new_task(&ann, json!({"parent_id": task})).await.problem(409, "archived");
    world.patch(&ann, &at(outside), json!({"project_id": project})).await.problem(409, "archived");
    // What one marks for oneself changes nothing of the project.
    world.put(&bob, &beneath(task, "favourite"), Value::Null).await.expect(204);
    world.act(&bob, task, "read").await.expect(204);
    for what in ["comments", "results", "history", "transitions", "subtasks"] {
        world.get(&bob, &beneath(task, what)).await.expect(200);
    }
    world.post(&ann, &format!("{}/reopen", project_at(project)), Value::Null).await.expect(200);
    let after = world.seen(&ann, task).await;
    assert_eq!(after["version"], before["version"]);
    world.act(&bob, task, "start").await.expect(200);
}

async fn a_project_in_the_trash_takes_its_tasks_along(world: &World) {
    let [ann, bob] = world.employees().await;
    let project = world.project(&ann, "open", json!({})).await;
    world.join(&ann, project, &bob, "member").await;
    let fields = json!({"project_id": project, "responsible_id": bob.id, "deadline": "2030-01-01T00:00:00Z"});
    let task = world.task(&ann, fields).await;
    let before = world.task(&ann, json!({"project_id": project})).await;
    world.delete(&ann, &at(before)).await.expect(204);
    world.delete(&ann, &project_at(project)).await.expect(204);
    for who in [&ann, &bob] {
        for id in [task, before] {
            world.get(who, &at(id)).await.problem(404, "not_found");
            world.act(who, id, "restore").await.problem(404, "not_found");
        }
        for parameters in [
            &[("user_id", "me"), ("open", "true")][..],
            &[("trashed", "only")],
            &[("project_id", &*project.to_string())],
            &[],
        ] {
            assert!(world.tasks(who, parameters).await.is_empty(), "{parameters:?}");
        }
    }
    world.post(&ann, &format!("{}/restore", project_at(project)), Value::Null).await.expect(200);
    assert_eq!(world.tasks(&bob, &[("user_id", "me"), ("open", "true")]).await, [task]);
    assert_eq!(world.tasks(&ann, &[("trashed", "only")]).await, [before]);
}

async fn a_former_member_who_set_a_task_is_a_fact_without_power(world: &World) {
    let [ann, bob, cid] = world.employees().await;
    for (privacy, sees) in [("closed", false), ("secret", false), ("open", true)] {
        let project = world.project(&ann, privacy, json!({})).await;
        world.join(&ann, project, &bob, "member").await;
        world.join(&ann, project, &cid, "member").await;
        let fields = json!({"project_id": project, "responsible_id": cid.id, "needs_review": true,
            "observer_ids": [bob.id]});
        let task = world.task(&bob, fields).await;
        world.delete(&bob, &member(project, bob.id)).await.expect(204);
        let seen = world.seen(&ann, task).await;
        assert_eq!(
            (&seen["creator_id"], &seen["co_executor_ids"], &seen["observer_ids"]),
            (&json!(bob.id), &json!([]), &json!([]))
        );
        world.act(&cid, task, "complete").await.expect(200);
        if sees {
            // Of an open project the creator remains one, and reviews.
            world.act(&bob, task, "return").await.expect(200);
        } else {
            world.get(&bob, &at(task)).await.problem(404, "not_found");
            world.act(&bob, task, "approve").await.problem(404, "not_found");
            assert!(
                world
                    .tasks(&bob, &[("user_id", "me"), ("project_id", &*project.to_string())])
                    .await
                    .is_empty()
            );
            let open = [("user_id", "me"), ("open", "true")];
            assert!(!world.tasks(&bob, &open).await.contains(&task));
            // The owner stands in.
            world.act(&ann, task, "approve").await.expect(200);
        }
    }
}

async fn a_project_that_closes_loses_its_outside_observers(world: &World) {
    let [ann, bob, eve] = world.employees().await;
    let project = world.project(&ann, "open", json!({})).await;
    world.join(&ann, project, &bob, "member").await;
    let fields = json!({"project_id": project, "observer_ids": [bob.id, eve.id]});
    let task = world.task(&ann, fields).await;
    world.seen(&eve, task).await;
    world.patch(&ann, &project_at(project), json!({"privacy": "closed"})).await.expect(200);
    world.get(&eve, &at(task)).await.problem(404, "not_found");
    let seen = world.seen(&ann, task).await;
    assert_eq!((&seen["observer_ids"], &seen["version"]), (&json!([bob.id]), &json!(2)));
    assert_eq!(world.happened(&ann, task).await, ["created", "left"]);
}

async fn an_outside_observer_does_not_come_back_into_a_project_that_closed(world: &World) {
    let [ann, bob, eve] = world.employees().await;
    for privacy in ["closed", "secret"] {
        let project = open(world, &ann).await;
        world.join(&ann, project, &bob, "member").await;
        let fields = json!({"project_id": project, "observer_ids": [bob.id, eve.id]});
        let top = world.task(&ann, fields.clone()).await;
        let mut fields = fields;
        fields["parent_id"] = top.into();
        let child = world.task(&ann, fields).await;
        world.delete(&ann, &at(top)).await.expect(204);
        world.patch(&ann, &project_at(project), json!({ "privacy": privacy })).await.expect(200);
        world.act(&ann, top, "restore").await.expect(200);
        for task in [top, child] {
            assert_eq!(world.seen(&ann, task).await["observer_ids"], json!([bob.id]), "{privacy}");
            world.get(&eve, &at(task)).await.problem(404, "not_found");
            let parts =
                format!("select count(*) from task_member where task_id = {task} and user_id = {}", eve.id);
            assert_eq!(world.value::<i64>(&parts).await, 0, "{privacy}");
        }
    }
}

async fn a_task_comes_back_only_into_days_in_which_it_lies(world: &World) {
    let ann = world.employee().await;
    for (field, inside) in [("deadline", "2030-06-01T12:00:00Z"), ("planned_start", "2030-06-01T12:00:00Z")] {
        let project = world.project(&ann, "closed", json!({})).await;
        let alone = world.task(&ann, json!({"project_id": project, field: inside})).await;
        let top = world.task(&ann, json!({"project_id": project})).await;
        let child = world.task(&ann, json!({"parent_id": top, field: inside})).await;
        for task in [alone, top] {
            world.delete(&ann, &at(task)).await.expect(204);
        }
        for days in [json!({"ends_on": "2030-05-31"}), json!({"ends_on": null, "starts_on": "2030-06-02"})] {
            world.patch(&ann, &project_at(project), days).await.expect(200);
            for task in [alone, top] {
                world.act(&ann, task, "restore").await.problem(409, "tasks_outside_dates");
                world.get(&ann, &at(task)).await.problem(404, "not_found");
            }
            world.get(&ann, &at(child)).await.problem(404, "not_found");
        }
        world.patch(&ann, &project_at(project), json!({"starts_on": "2030-06-01"})).await.expect(200);
        for task in [alone, top] {
            world.act(&ann, task, "restore").await.expect(200);
        }
        for task in [alone, child] {
            let seen = world.seen(&ann, task).await;
            assert!(seen[field].as_str().unwrap().starts_with("2030-06-01T12:00:00"), "{}", seen[field]);
        }
    }
}

async fn guests_work_in_their_projects_and_nowhere_else(world: &World) {
    let ann = world.employee().await;
    let guest = world.guest().await;
    let contact = world.record(&ann, artel_tests::crm::CONTACTS, "Lee", json!({})).await;
    let project = world.project(&ann, "closed", json!({})).await;
    world.join(&ann, project, &guest, "member").await;
    let fields = json!({"project_id": project, "responsible_id": guest.id, "needs_review": true,
        "contact_ids": [contact]});
    let task = world.task(&ann, fields).await;
    let seen = world.seen(&guest, task).await;
    assert_eq!(seen["contacts"], json!([]), "guests see nothing of the CRM");
    assert!(world.tasks(&guest, &[("contact_id", &contact.to_string())]).await.is_empty());
    assert_eq!(world.happened(&guest, task).await, ["created"]);
    world.act(&guest, task, "complete").await.expect(200);
    world.act(&ann, task, "return").await.expect(200);
    let own = world.new_task(&guest, json!({"project_id": project})).await.expect(201).id();
    world.new_task(&guest, json!({})).await.problem(403, "forbidden");
    world.patch(&guest, &at(own), json!({"project_id": null})).await.problem(403, "forbidden");
    let outside = world.employee().await;
    let unknown = world.put(&guest, &beneath(own, &format!("observers/{}", outside.id)), Value::Null).await;
    assert_eq!(unknown.problem(422, "validation").faults(), [("/user_id", "unknown")]);
    world.delete(&ann, &format!("{}?reassign_to={}", member(project, guest.id), ann.id)).await.expect(204);
    world.get(&guest, &at(task)).await.problem(404, "not_found");
    world.get(&guest, &at(own)).await.problem(404, "not_found");
    assert!(world.tasks(&guest, &[]).await.is_empty());
}

async fn a_manager_of_whoever_stands_in_for_the_reviewer_reviews(world: &World) {
    let [ann, bob, cid, boss] = world.employees().await;
    let admin = world.admin().await;
    world.put_below(&admin, &ann, &boss).await;
    let project = world.project(&ann, "closed", json!({})).await;
    for who in [&bob, &cid, &boss] {
        world.join(&ann, project, who, "member").await;
    }
    let fields = json!({"project_id": project, "responsible_id": cid.id, "needs_review": true});
    let task = world.task(&bob, fields).await;
    world.delete(&ann, &member(project, bob.id)).await.expect(204);
    world.act(&cid, task, "complete").await.expect(200);
    // Ann owns the project and stands in for Bob, who left: her manager reviews as the manager of any reviewer does.
    assert!(can(&world.seen(&boss, task).await).contains(&"approve"));
    world.act(&boss, task, "approve").await.expect(200);
}

async fn a_project_that_one_may_not_know_of_leaves_no_trace(world: &World) {
    let [ann, bob] = world.employees().await;
    let (admin, guest) = (world.admin().await, world.guest().await);
    let project = world.project(&ann, "secret", json!({"name": "Xylophone"})).await;
    let fields = json!({"project_id": project, "title": "Xylophone", "tags": ["xylophone"]});
    let top = world.task(&ann, fields.clone()).await;
    let mut below = fields;
    below["parent_id"] = top.into();
    world.task(&ann, below).await;
    let contact = world.record(&ann, artel_tests::crm::CONTACTS, "Lee", json!({})).await;
    world.put(&ann, &beneath(top, &format!("crm-links/contact/{contact}")), Value::Null).await.expect(200);
    for who in [&bob, &admin, &guest] {
        for query in [
            "".to_owned(),
            "q=xylo".to_owned(),
            "tag=xylophone".to_owned(),
            format!("project_id={project}"),
            format!("parent_id={top}"),
            format!("contact_id={contact}"),
            format!("user_id={}", ann.id),
            format!("user_id={}&open=true", ann.id),
            format!("user_id={}&role=creator&open=true&sort=-deadline", ann.id),
            "trashed=only".to_owned(),
            "expand=project,people".to_owned(),
        ] {
            let list = world.get(who, &format!("{TASKS}?include_total=true&{query}")).await.expect(200);
            assert_eq!((list.items().len(), &list.body["total"]), (0, &json!(0)), "{query}");
        }
        if who.id == guest.id {
            continue;
        }
        let inside = world.new_task(who, json!({"project_id": project})).await.problem(422, "validation");
        assert_eq!(inside.faults(), [("/project_id", "unknown")]);
        let below = world.new_task(who, json!({"parent_id": top})).await.problem(422, "validation");
        assert_eq!(below.faults(), [("/parent_id", "unknown")]);
    }
    for who in [&bob, &admin] {
        let own = world.task(who, json!({})).await;
        let moved = world.patch(who, &at(own), json!({"project_id": project})).await;
        assert_eq!(moved.problem(422, "validation").faults(), [("/project_id", "unknown")]);
    }
}

async fn an_outsider_of_an_open_project_follows_and_comments_and_makes_no_parts(world: &World) {
    let [ann, eve] = world.employees().await;
    let project = world.project(&ann, "open", json!({})).await;
    let task = world.task(&ann, json!({"project_id": project})).await;
    let seen = world.seen(&eve, task).await;
    assert_eq!(can(&seen), ["add_observers", "comment", "read", "watch"]);
    world.post(&eve, &beneath(task, "comments"), json!({"text": "Hi"})).await.expect(201);
    world
        .new_task(&eve, json!({"parent_id": task, "responsible_id": ann.id}))
        .await
        .problem(403, "forbidden");
    world.post(&eve, &beneath(task, "results"), json!({"text": "Hi"})).await.problem(403, "forbidden");
    world.put(&eve, &beneath(task, "watch"), Value::Null).await.expect(200);
    // As an observer she takes part, and so gives results.
    world.post(&eve, &beneath(task, "results"), json!({"text": "Hi"})).await.expect(201);
}
