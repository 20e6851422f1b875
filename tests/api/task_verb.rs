//! The status of tasks: the table of transitions from outside, for everybody and from everywhere; review, results,
//! delegation, and what is put off until a moment.

use std::time::{Duration, Instant};

use artel_tests::{
    Person, Value, World,
    crm::instant,
    json, on_both,
    project::at as project_at,
    task::{STATUSES, VERBS, at, beneath, can, leads},
};
use chrono::TimeDelta;

on_both![
    every_verb_from_every_status_by_everybody,
    a_refusal_names_the_verbs_that_are_legal,
    work_is_submitted_returned_and_approved,
    only_the_reviewer_skips_the_review,
    managers_of_the_reviewer_review_and_those_of_the_rest_do_not,
    a_return_needs_a_reason,
    completing_is_stamped_and_leaving_clears_it,
    a_result_is_needed_from_everybody_but_the_creator,
    a_result_from_before_the_last_reopening_does_not_count,
    delegating_hands_over_and_the_one_before_follows,
    nobody_is_made_responsible_twice_or_for_their_own_review,
    a_task_is_delegated_to_active_staff_only,
    what_is_put_off_comes_back_when_its_moment_has_come,
    what_is_put_off_comes_back_once_whatever_the_servers,
    what_is_put_off_in_the_trash_waits_for_its_restore,
    what_is_put_off_in_an_archived_project_waits_for_its_reopening,
    what_is_put_off_in_a_project_in_the_trash_waits_for_its_restore,
    a_moment_lies_in_the_future,
    a_manager_loses_the_power_with_the_department,
];

/// Everybody who can stand to a task in some way.
struct Crew {
    creator: Person,
    responsible: Person,
    co_executor: Person,
    observer: Person,
    reviewer: Person,
    above_creator: Person,
    above_responsible: Person,
    above_co_executor: Person,
    above_observer: Person,
    above_reviewer: Person,
    admin: Person,
    stranger: Person,
    guest: Person,
}

impl Crew {
    async fn of(world: &World) -> Self {
        let admin = world.admin().await;
        let mut managed = Vec::new();
        for _ in 0..5 {
            let (who, above) = (world.employee().await, world.employee().await);
            world.put_below(&admin, &who, &above).await;
            managed.push((who, above));
        }
        let [creator, responsible, co_executor, observer, reviewer] = managed.try_into().unwrap();
        Self {
            creator: creator.0,
            responsible: responsible.0,
            co_executor: co_executor.0,
            observer: observer.0,
            reviewer: reviewer.0,
            above_creator: creator.1,
            above_responsible: responsible.1,
            above_co_executor: co_executor.1,
            above_observer: observer.1,
            above_reviewer: reviewer.1,
            admin,
            stranger: world.employee().await,
            guest: world.guest().await,
        }
    }

    fn everybody(&self) -> [(&'static str, &Person); 13] {
        [
            ("C", &self.creator),
            ("R", &self.responsible),
            ("A", &self.co_executor),
            ("O", &self.observer),
            ("V", &self.reviewer),
            ("S of C", &self.above_creator),
            ("S of R", &self.above_responsible),
            ("S of A", &self.above_co_executor),
            ("S of O", &self.above_observer),
            ("S of V", &self.above_reviewer),
            ("D", &self.admin),
            ("stranger", &self.stranger),
            ("guest", &self.guest),
        ]
    }

    fn fields(&self) -> Value {
        json!({"responsible_id": self.responsible.id, "co_executor_ids": [self.co_executor.id],
            "observer_ids": [self.observer.id], "reviewer_id": self.reviewer.id})
    }

    /// A task at a status, brought there by those who may.
    async fn bring(&self, world: &World, status: &str, needs_review: bool) -> i64 {
        let mut fields = self.fields();
        let through_review = status == "in_review" || (status == "completed" && needs_review);
        fields["needs_review"] = (needs_review || status == "in_review").into();
        let task = world.task(&self.creator, fields).await;
        match status {
            "in_progress" => drop(world.act(&self.responsible, task, "start").await.expect(200)),
            "deferred" => drop(world.act(&self.responsible, task, "defer").await.expect(200)),
            "in_review" | "completed" => {
                world.act(&self.responsible, task, "complete").await.expect(200);
            }
            _ => {}
        }
        if status == "completed" && through_review {
            world.act(&self.reviewer, task, "approve").await.expect(200);
        }
        assert_eq!(world.seen(&self.creator, task).await["status"], status);
        task
    }
}

/// Who may do it, in the letters of the table.
fn may(who: &str, verb: &str) -> bool {
    let row = match verb {
        "start" | "pause" | "defer" | "complete" => "C,R,A,S of C,S of R,S of A,D",
        "approve" | "return" => "V,S of V,D",
        "withdraw" => "R,A",
        "reopen" => "C,R,A,V,S of C,S of R,S of A,D",
        _ => "C,R,S of C,S of R,S of A,D",
    };
    row.split(',').any(|letter| letter == who)
}

async fn every_verb_from_every_status_by_everybody(world: &World) {
    let crew = Crew::of(world).await;
    let mut cells = 0;
    for needs_review in [false, true] {
        for status in STATUSES {
            let mut task = crew.bring(world, status, needs_review).await;
            for (who, person) in crew.everybody() {
                let sees = !["stranger", "guest"].contains(&who);
                for verb in VERBS {
                    let in_review = needs_review || status == "in_review";
                    let to = leads(verb, status, in_review);
                    let cell = format!("{verb} from {status} by {who}, review {needs_review}");
                    let expected = match (sees, may(who, verb), to) {
                        (false, ..) => (404, "not_found"),
                        (_, false, _) => (403, "forbidden"),
                        (_, _, None) => (409, "invalid_transition"),
                        (_, _, Some(to)) => (200, to),
                    };
                    if sees {
                        agrees(world, person, task, verb, expected, &cell).await;
                    }
                    let answer = if verb == "delegate" {
                        world.delegate(person, task, &crew.stranger).await
                    } else {
                        world.act(person, task, verb).await
                    };
                    let found = match answer.status {
                        200 => (200, answer.body["status"].as_str().unwrap()),
                        status => (status, answer.body["code"].as_str().unwrap()),
                    };
                    assert_eq!(found, expected, "{cell}: {}", answer.text());
                    cells += 1;
                    if answer.status == 200 {
                        task = crew.bring(world, status, needs_review).await;
                    } else if sees {
                        assert_eq!(
                            world.seen(person, task).await["version"],
                            version_at(status, needs_review)
                        );
                    }
                }
            }
        }
    }
    println!("{cells} cells");
    assert_eq!(cells, 2 * 5 * 13 * 9);
}

/// The version to which [`Crew::bring`] brings a task.
fn version_at(status: &str, needs_review: bool) -> i64 {
    match (status, needs_review) {
        ("pending", _) => 1,
        ("completed", true) => 3,
        _ => 2,
    }
}

/// What the task says beforehand: the list of transitions and `can` tell what will happen.
async fn agrees(world: &World, who: &Person, task: i64, verb: &str, (status, word): (u16, &str), cell: &str) {
    let list = world.get(who, &beneath(task, "transitions")).await.expect(200);
    let verbs: Vec<_> = list.items().iter().map(|item| item["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, VERBS);
    let item = list.items().iter().find(|item| item["verb"] == verb).unwrap();
    let (to, code) = if status == 200 { (json!(word), Value::Null) } else { (Value::Null, json!(word)) };
    assert_eq!(
        (&item["allowed"], &item["to"], &item["code"]),
        (&json!(status == 200), &to, &code),
        "{cell}: {item}"
    );
    assert_eq!(item["reason"].is_string(), status != 200, "{cell}");
    let seen = world.seen(who, task).await;
    assert_eq!(can(&seen).contains(&verb), status == 200, "{cell}: {:?}", can(&seen));
}

async fn a_refusal_names_the_verbs_that_are_legal(world: &World) {
    let crew = Crew::of(world).await;
    for status in STATUSES {
        let task = crew.bring(world, status, false).await;
        for (who, person) in crew.everybody() {
            let Some(verb) =
                VERBS.into_iter().find(|verb| may(who, verb) && leads(verb, status, false).is_none())
            else {
                continue;
            };
            let to = status == "in_review";
            let legal: Vec<&str> = VERBS
                .into_iter()
                .filter(|verb| may(who, verb) && leads(verb, status, to).is_some())
                .collect();
            let refused = world.act(person, task, verb).await.problem(409, "invalid_transition");
            let expected = if legal.is_empty() {
                "nothing is possible now".to_owned()
            } else {
                format!("possible now: {}", legal.join(", "))
            };
            assert_eq!(refused.body["detail"], expected, "{verb} from {status} by {who}");
        }
    }
}

async fn work_is_submitted_returned_and_approved(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"responsible_id": bob.id, "needs_review": true})).await;
    let state = |seen: &Value| {
        (
            seen["status"].as_str().unwrap().to_owned(),
            seen["returned"].as_bool().unwrap(),
            seen["completed_by"].as_i64(),
            seen["approved_by"].as_i64(),
        )
    };
    world.act(&bob, task, "start").await.expect(200);
    let submitted = world.act(&bob, task, "complete").await.expect(200).body;
    assert_eq!(state(&submitted), ("in_review".to_owned(), false, Some(bob.id), None));
    let reason = json!({"reason": "The logo is missing"});
    let returned = world.post(&ann, &beneath(task, "return"), reason).await.expect(200).body;
    assert_eq!(state(&returned), ("pending".to_owned(), true, None, None));
    // The mark stays while nobody takes the task up.
    world.act(&bob, task, "defer").await.expect(200);
    assert_eq!(world.seen(&bob, task).await["returned"], true);
    let started = world.act(&bob, task, "start").await.expect(200).body;
    assert_eq!(state(&started), ("in_progress".to_owned(), false, None, None));
    world.act(&bob, task, "complete").await.expect(200);
    let withdrawn = world.act(&bob, task, "withdraw").await.expect(200).body;
    assert_eq!(state(&withdrawn), ("in_progress".to_owned(), false, None, None));
    world.act(&bob, task, "complete").await.expect(200);
    let approved = world.act(&ann, task, "approve").await.expect(200).body;
    assert_eq!(state(&approved), ("completed".to_owned(), false, Some(bob.id), Some(ann.id)));
    assert!(approved["approved_at"].is_string());
    let reopened = world.act(&bob, task, "reopen").await.expect(200).body;
    assert_eq!(state(&reopened), ("pending".to_owned(), false, None, None));
    assert!(reopened["approved_at"].is_null());
    let verbs = [
        "created",
        "started",
        "submitted",
        "returned",
        "deferred",
        "started",
        "submitted",
        "withdrawn",
        "submitted",
        "approved",
        "reopened",
    ];
    assert_eq!(world.happened(&bob, task).await, verbs);
    let history = world.history(&bob, task).await;
    let changes = history[3]["changes"].as_array().unwrap();
    assert!(
        changes.contains(&json!({"field": "reason", "old": null, "new": "The logo is missing"})),
        "{changes:?}"
    );
    for how in ["complete", "delegate", "reopen"] {
        let task = world.task(&ann, json!({"responsible_id": bob.id, "needs_review": true})).await;
        world.act(&bob, task, "complete").await.expect(200);
        world.act(&ann, task, "return").await.expect(200);
        let seen = match how {
            "delegate" => world.delegate(&ann, task, &world.employee().await).await,
            "reopen" => {
                world.act(&bob, task, "defer").await.expect(200);
                world.act(&bob, task, "reopen").await
            }
            _ => world.act(&bob, task, how).await,
        };
        assert_eq!(seen.expect(200).body["returned"], false, "{how}");
    }
}

async fn only_the_reviewer_skips_the_review(world: &World) {
    let (ann, bob, eve, admin) =
        (world.employee().await, world.employee().await, world.employee().await, world.admin().await);
    let by_creator = json!({"responsible_id": bob.id, "needs_review": true});
    let by_eve = json!({"responsible_id": bob.id, "needs_review": true, "reviewer_id": eve.id});
    for (fields, who, to) in [
        (&by_creator, &ann, "completed"),
        (&by_creator, &bob, "in_review"),
        (&by_creator, &admin, "in_review"),
        (&by_eve, &ann, "in_review"),
        (&by_eve, &admin, "in_review"),
    ] {
        let task = world.task(&ann, fields.clone()).await;
        let done = world.act(who, task, "complete").await.expect(200).body;
        assert_eq!((&done["status"], &done["completed_by"]), (&json!(to), &json!(who.id)));
        assert_eq!(done["approved_by"], Value::Null);
    }
    // Whoever reviews and works not may not complete at all.
    let task = world.task(&ann, by_eve).await;
    world.act(&eve, task, "complete").await.problem(403, "forbidden");
}

async fn managers_of_the_reviewer_review_and_those_of_the_rest_do_not(world: &World) {
    let admin = world.admin().await;
    let (ann, bob, boss, top, chief) = (
        world.employee().await,
        world.employee().await,
        world.employee().await,
        world.employee().await,
        world.employee().await,
    );
    let upper = world.department(&admin, None, Some(&top)).await;
    let lower = world.department(&admin, Some(upper), Some(&boss)).await;
    let user = format!("/api/v1/users/{}", ann.id);
    world.patch(&admin, &user, json!({"department_id": lower})).await.expect(200);
    world.put_below(&admin, &bob, &chief).await;
    // The creator reviews where nobody else is named, so the creator's managers do.
    for who in [&boss, &top] {
        let task = world.task(&ann, json!({"responsible_id": bob.id, "needs_review": true})).await;
        world.act(&bob, task, "complete").await.expect(200);
        world.act(&chief, task, "approve").await.problem(403, "forbidden");
        world.act(who, task, "return").await.expect(200);
        world.act(&chief, task, "complete").await.expect(200);
        assert_eq!(world.act(who, task, "approve").await.expect(200).body["approved_by"], who.id);
    }
}

async fn a_return_needs_a_reason(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"responsible_id": bob.id, "needs_review": true})).await;
    world.act(&bob, task, "complete").await.expect(200);
    for body in [json!({}), json!({"reason": ""}), json!({"reason": "  "}), json!({"reason": null})] {
        let refused = world.post(&ann, &beneath(task, "return"), body).await.problem(422, "validation");
        assert_eq!(refused.faults()[0].0, "/reason");
    }
    let long = json!({"reason": "x".repeat(2001)});
    world.post(&ann, &beneath(task, "return"), long).await.problem(422, "validation");
    assert_eq!(world.seen(&ann, task).await["status"], "in_review");
}

async fn completing_is_stamped_and_leaving_clears_it(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"responsible_id": bob.id})).await;
    let before = world.now();
    let done = world.act(&bob, task, "complete").await.expect(200).body;
    assert!(done["completed_at"].as_str().unwrap() >= before.as_str(), "{}", done["completed_at"]);
    assert_eq!((&done["completed_by"], &done["approved_by"]), (&json!(bob.id), &Value::Null));
    // Whoever changes a completed task does not complete it again.
    let edited = world.patch(&ann, &at(task), json!({"title": "New"})).await.expect(200).body;
    assert_eq!(edited["completed_at"], done["completed_at"]);
    let open = world.act(&ann, task, "reopen").await.expect(200).body;
    assert_eq!((&open["completed_at"], &open["completed_by"]), (&Value::Null, &Value::Null));
    assert_eq!(world.tasks(&bob, &[("completed_from", &before)]).await, [0_i64; 0]);
    let review = world.task(&ann, json!({"responsible_id": bob.id, "needs_review": true})).await;
    world.act(&bob, review, "complete").await.expect(200);
    let away = world.delegate(&bob, review, &world.employee().await).await.expect(200).body;
    assert_eq!((&away["status"], &away["completed_at"]), (&json!("pending"), &Value::Null));
}

async fn a_result_is_needed_from_everybody_but_the_creator(world: &World) {
    let (ann, bob, cid, admin) =
        (world.employee().await, world.employee().await, world.employee().await, world.admin().await);
    let fields = json!({"responsible_id": bob.id, "co_executor_ids": [cid.id], "needs_result": true});
    let task = world.task(&ann, fields.clone()).await;
    for who in [&bob, &cid, &admin] {
        let seen = world.seen(who, task).await;
        assert!(!can(&seen).contains(&"complete"));
        world.act(who, task, "complete").await.problem(409, "result_required");
        let list = world.get(who, &beneath(task, "transitions")).await.expect(200);
        let complete = list.items().iter().find(|item| item["verb"] == "complete").unwrap();
        assert_eq!((&complete["allowed"], &complete["code"]), (&json!(false), &json!("result_required")));
    }
    world.post(&cid, &beneath(task, "results"), json!({"text": "Printed"})).await.expect(201);
    assert!(can(&world.seen(&bob, task).await).contains(&"complete"));
    world.act(&bob, task, "complete").await.expect(200);
    let free = world.task(&ann, fields).await;
    world.act(&ann, free, "complete").await.expect(200);
}

async fn a_result_from_before_the_last_reopening_does_not_count(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"responsible_id": bob.id, "needs_result": true})).await;
    let give = async || {
        let given = world.post(&bob, &beneath(task, "results"), json!({"text": "Printed"})).await;
        given.expect(201).id()
    };
    give().await;
    world.act(&bob, task, "complete").await.expect(200);
    world.act(&ann, task, "reopen").await.expect(200);
    world.act(&bob, task, "complete").await.problem(409, "result_required");
    let second = give().await;
    // Putting off and taking up again is no reopening of what was done.
    world.act(&bob, task, "defer").await.expect(200);
    world.act(&bob, task, "reopen").await.expect(200);
    world.act(&bob, task, "complete").await.expect(200);
    world.act(&ann, task, "reopen").await.expect(200);
    let third = give().await;
    world.delete(&bob, &beneath(task, &format!("results/{third}"))).await.expect(204);
    world.act(&bob, task, "complete").await.problem(409, "result_required");
    let list = world.get(&ann, &beneath(task, "results")).await.expect(200);
    assert_eq!((list.ids().len(), list.ids()[0]), (2, second));
}

async fn delegating_hands_over_and_the_one_before_follows(world: &World) {
    let (ann, bob, cid, dan) =
        (world.employee().await, world.employee().await, world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"responsible_id": bob.id, "co_executor_ids": [cid.id]})).await;
    world.act(&bob, task, "start").await.expect(200);
    let body = json!({"to": cid.id, "note": "You know the venue"});
    let handed = world.post(&bob, &beneath(task, "delegate"), body).await.expect(200).body;
    let people = |seen: &Value| {
        let ids = |name: &str| seen[name].clone();
        (ids("responsible_id"), ids("co_executor_ids"), ids("observer_ids"), ids("status"))
    };
    assert_eq!(people(&handed), (json!(cid.id), json!([]), json!([bob.id]), json!("pending")));
    let history = world.history(&ann, task).await;
    let last = history.last().unwrap();
    assert_eq!((&last["verb"], &last["by"]), (&json!("delegated"), &json!(bob.id)));
    let changes = last["changes"].as_array().unwrap();
    for change in [
        json!({"field": "responsible_id", "old": bob.id, "new": cid.id}),
        json!({"field": "note", "old": null, "new": "You know the venue"}),
        json!({"field": "status", "old": "in_progress", "new": "pending"}),
    ] {
        assert!(changes.contains(&change), "{change} is not in {changes:?}");
    }
    // Back to an observer: the part of an observer ends; the creator has a part anyway and gets no second one.
    let back = world.delegate(&ann, task, &bob).await.expect(200).body;
    assert_eq!(people(&back), (json!(bob.id), json!([]), json!([cid.id]), json!("pending")));
    let own = world.task(&ann, json!({})).await;
    let given = world.delegate(&ann, own, &dan).await.expect(200).body;
    assert_eq!(people(&given), (json!(dan.id), json!([]), json!([]), json!("pending")));
    assert_eq!(world.tasks(&dan, &[("user_id", "me"), ("role", "responsible")]).await, [own]);
    assert!(world.tasks(&bob, &[("user_id", "me"), ("role", "observer")]).await.is_empty());
}

async fn nobody_is_made_responsible_twice_or_for_their_own_review(world: &World) {
    let (ann, bob, eve) = (world.employee().await, world.employee().await, world.employee().await);
    let task = world.task(&ann, json!({"responsible_id": bob.id})).await;
    let same = world.delegate(&ann, task, &bob).await.problem(422, "validation");
    assert_eq!(same.faults(), [("/to", "already")]);
    let named = world.task(&ann, json!({"responsible_id": bob.id, "reviewer_id": eve.id})).await;
    let reviewer = world.delegate(&ann, named, &eve).await.problem(422, "validation");
    assert_eq!(reviewer.faults(), [("/to", "reviews_own_work")]);
    let unnamed = world.task(&ann, json!({"responsible_id": bob.id, "needs_review": true})).await;
    let creator = world.delegate(&bob, unnamed, &ann).await.problem(422, "validation");
    assert_eq!(creator.faults(), [("/to", "reviews_own_work")]);
    world.patch(&ann, &at(unnamed), json!({"needs_review": false})).await.expect(200);
    world.delegate(&bob, unnamed, &ann).await.expect(200);
    let unreviewed = world.patch(&ann, &at(unnamed), json!({"needs_review": true})).await;
    assert_eq!(unreviewed.problem(422, "validation").faults(), [("/reviewer_id", "reviews_own_work")]);
    let both = json!({"needs_review": true, "reviewer_id": eve.id});
    world.patch(&ann, &at(unnamed), both).await.expect(200);
}

async fn a_task_is_delegated_to_active_staff_only(world: &World) {
    let (ann, admin, gone, guest) =
        (world.employee().await, world.admin().await, world.employee().await, world.guest().await);
    world.deactivate(&admin, &gone).await;
    let task = world.task(&ann, json!({})).await;
    for (to, code) in [(gone.id, "inactive"), (guest.id, "is_a_guest"), (987_654, "unknown")] {
        let refused = world.post(&ann, &beneath(task, "delegate"), json!({"to": to})).await;
        assert_eq!(refused.problem(422, "validation").faults(), [("/to", code)]);
    }
    assert_eq!(world.seen(&ann, task).await["version"], 1);
}

/// Waits until a task stands at a status: the worker looks each second.
async fn until(world: &World, who: &Person, task: i64, status: &str) -> Value {
    let began = Instant::now();
    loop {
        let seen = world.seen(who, task).await;
        if seen["status"] == status {
            return seen;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "still {}", seen["status"]);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn defer(world: &World, who: &Person, task: i64, seconds: i64) -> String {
    let until = instant(world.clock().now() + TimeDelta::seconds(seconds));
    let put_off = world.post(who, &beneath(task, "defer"), json!({ "until": until })).await.expect(200);
    let at: chrono::DateTime<chrono::Utc> = put_off.body["deferred_until"].as_str().unwrap().parse().unwrap();
    assert_eq!(instant(at), until);
    until
}

async fn what_is_put_off_comes_back_when_its_moment_has_come(world: &World) {
    let ann = world.employee().await;
    let task = world.task(&ann, json!({})).await;
    let for_good = world.task(&ann, json!({})).await;
    let taken_up = world.task(&ann, json!({})).await;
    let later = world.task(&ann, json!({})).await;
    world.act(&ann, for_good, "defer").await.expect(200);
    let until_then = defer(world, &ann, task, 300).await;
    defer(world, &ann, taken_up, 300).await;
    defer(world, &ann, later, 3000).await;
    let started = world.act(&ann, taken_up, "start").await.expect(200).body;
    assert!(started["deferred_until"].is_null());
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(world.seen(&ann, task).await["status"], "deferred");
    world.clock().advance(TimeDelta::seconds(301));
    let back = until(world, &ann, task, "pending").await;
    assert_eq!(
        (&back["deferred_until"], &back["version"], &back["updated_by"]),
        (&Value::Null, &json!(3), &Value::Null)
    );
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let entries = world.history(&ann, task).await;
    let last = entries.last().unwrap();
    assert_eq!((entries.len(), &last["verb"], &last["by"]), (3, &json!("resumed"), &Value::Null));
    let changes = last["changes"].as_array().unwrap();
    assert!(changes.contains(&json!({"field": "status", "old": "deferred", "new": "pending"})));
    let moment = changes.iter().find(|change| change["field"] == "deferred_until").unwrap();
    let old: chrono::DateTime<chrono::Utc> = moment["old"].as_str().unwrap().parse().unwrap();
    assert_eq!(instant(old), until_then);
    assert_eq!(world.seen(&ann, for_good).await["status"], "deferred");
    assert_eq!(world.seen(&ann, later).await["status"], "deferred");
    assert_eq!(world.happened(&ann, taken_up).await, ["created", "deferred", "started"]);
}

async fn what_is_put_off_comes_back_once_whatever_the_servers(world: &World) {
    let ann = world.employee().await;
    let _second = world.another(|_| {}).await;
    let _third = world.another(|_| {}).await;
    let moment = instant(world.clock().now() + TimeDelta::seconds(300));
    let parent = world.task(&ann, json!({})).await;
    let mut tasks = Vec::new();
    // More than come back in one transaction; some in one tree, all at one moment.
    for number in 0..70 {
        let parent = (number % 3 == 0).then_some(parent);
        let task = world.task(&ann, json!({"parent_id": parent})).await;
        world.post(&ann, &beneath(task, "defer"), json!({"until": moment})).await.expect(200);
        tasks.push(task);
    }
    world.clock().advance(TimeDelta::seconds(301));
    for task in &tasks {
        until(world, &ann, *task, "pending").await;
    }
    tokio::time::sleep(Duration::from_millis(1500)).await;
    for task in tasks {
        assert_eq!(world.happened(&ann, task).await, ["created", "deferred", "resumed"]);
        assert_eq!(world.seen(&ann, task).await["version"], 3);
    }
}

async fn what_is_put_off_in_the_trash_waits_for_its_restore(world: &World) {
    let ann = world.employee().await;
    let task = world.task(&ann, json!({})).await;
    defer(world, &ann, task, 300).await;
    world.delete(&ann, &at(task)).await.expect(204);
    world.clock().advance(TimeDelta::seconds(301));
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let restored = world.act(&ann, task, "restore").await.expect(200).body;
    assert_eq!(restored["status"], "deferred");
    until(world, &ann, task, "pending").await;
    assert_eq!(world.happened(&ann, task).await, ["created", "deferred", "deleted", "restored", "resumed"]);
}

async fn what_is_put_off_in_an_archived_project_waits_for_its_reopening(world: &World) {
    waits_for_its_project(world, "archive", "reopen").await;
}

async fn what_is_put_off_in_a_project_in_the_trash_waits_for_its_restore(world: &World) {
    waits_for_its_project(world, "delete", "restore").await;
}

/// More tasks than come back at once wait in a project that was put away, and keep nothing else from coming back.
async fn waits_for_its_project(world: &World, away: &str, back: &str) {
    let ann = world.employee().await;
    let project = world.project(&ann, "closed", json!({})).await;
    let mut waiting = Vec::new();
    for _ in 0..60 {
        let task = world.task(&ann, json!({"project_id": project})).await;
        defer(world, &ann, task, 300).await;
        waiting.push(task);
    }
    let other = world.task(&ann, json!({})).await;
    defer(world, &ann, other, 310).await;
    match away {
        "delete" => world.delete(&ann, &project_at(project)).await.expect(204),
        _ => world.post(&ann, &format!("{}/{away}", project_at(project)), Value::Null).await.expect(200),
    };
    world.clock().advance(TimeDelta::seconds(311));
    // Its moment came last, so the worker has met all the others when it is back.
    until(world, &ann, other, "pending").await;
    let moved = format!("select count(*) from task where project_id = {project} and status <> 'deferred'");
    assert_eq!(world.value::<i64>(&moved).await, 0);
    world.post(&ann, &format!("{}/{back}", project_at(project)), Value::Null).await.expect(200);
    for task in waiting {
        until(world, &ann, task, "pending").await;
        assert_eq!(world.happened(&ann, task).await, ["created", "deferred", "resumed"]);
    }
}

async fn a_moment_lies_in_the_future(world: &World) {
    let ann = world.employee().await;
    let task = world.task(&ann, json!({})).await;
    for until in [instant(world.clock().now()), "2020-01-01T00:00:00Z".to_owned()] {
        let refused = world.post(&ann, &beneath(task, "defer"), json!({ "until": until })).await;
        assert_eq!(refused.problem(422, "validation").faults(), [("/until", "out_of_range")]);
    }
    let wrong = world.post(&ann, &beneath(task, "defer"), json!({"until": "tomorrow"})).await;
    assert_eq!(wrong.problem(422, "validation").faults()[0].0, "/until");
    // The state is looked at before the sense.
    world.act(&ann, task, "complete").await.expect(200);
    let late = json!({"until": "2020-01-01T00:00:00Z"});
    world.post(&ann, &beneath(task, "defer"), late).await.problem(409, "invalid_transition");
    let open = world.task(&ann, json!({})).await;
    let open_ended = world.post(&ann, &beneath(open, "defer"), json!({"until": null})).await.expect(200);
    assert!(open_ended.body["deferred_until"].is_null());
}

async fn a_manager_loses_the_power_with_the_department(world: &World) {
    let (admin, ann, boss) = (world.admin().await, world.employee().await, world.employee().await);
    world.put_below(&admin, &ann, &boss).await;
    let task = world.task(&ann, json!({})).await;
    world.act(&boss, task, "start").await.expect(200);
    let user = format!("/api/v1/users/{}", ann.id);
    world.patch(&admin, &user, json!({"department_id": null})).await.expect(200);
    world.act(&boss, task, "pause").await.problem(404, "not_found");
    assert!(world.tasks(&boss, &[]).await.is_empty());
}
