//! The members of projects: who comes, who goes, and what happens when many come and go at once.

use artel_tests::{
    Answer, Person, World, json, on_both,
    project::{at, member},
};
use chrono::TimeDelta;
use futures_util::future::join_all;

on_both![
    members_are_added_given_parts_and_removed,
    adding_a_member_twice_changes_nothing,
    the_owner_neither_leaves_nor_moves,
    only_active_people_come_in_and_guests_lead_nothing,
    what_lies_beneath_a_project_is_hidden_from_outsiders,
    staff_join_open_projects_and_leave_again,
    an_heir_of_tasks_is_another_member,
    a_project_is_handed_over_to_the_staff_alone,
    members_are_walked_by_name_and_by_since,
    guests_know_the_people_of_their_projects,
    many_joins_at_once_make_one_member,
    many_additions_at_once_make_one_member,
    of_two_removals_at_once_one_finds_nobody,
    of_many_hand_overs_at_once_one_makes_an_owner,
    deactivations_and_hand_overs_do_not_lock_each_other_out,
];

async fn post(world: &World, who: &Person, path: String) -> Answer {
    world.post(who, &path, json!(null)).await
}

async fn verbs(world: &World, project: i64) -> Vec<String> {
    let sql = format!(
        "select verb from activity where object_kind = 'project' and object_id = {project} order by id"
    );
    let rows = world.query(&sql).await;
    rows.iter().map(|row| row.try_get("", "verb").unwrap()).collect()
}

async fn members_are_added_given_parts_and_removed(world: &World) {
    let (ann, bob, eve) = (world.employee().await, world.employee().await, world.employee().await);
    let project = world.project(&ann, "closed", json!({})).await;
    let added = world.put(&ann, &member(project, bob.id), json!({"role": "moderator"})).await.expect(200);
    let since = &added.body["since"];
    let expected = json!({"user_id": bob.id, "role": "moderator", "since": since, "added_by": ann.id});
    assert_eq!(added.body, expected);
    world.clock().advance(TimeDelta::seconds(1));
    let plain = world.request(Some(&bob), artel_tests::Method::PUT, &member(project, eve.id)).send().await;
    assert_eq!(plain.expect(200).body["role"], "member");
    world.put(&bob, &member(project, eve.id), json!({"role": "moderator"})).await.problem(403, "forbidden");
    world.patch(&bob, &member(project, eve.id), json!({"role": "moderator"})).await.problem(403, "forbidden");
    world.delete(&eve, &member(project, bob.id)).await.problem(403, "forbidden");
    let raised = world.patch(&ann, &member(project, eve.id), json!({"role": "moderator"})).await.expect(200);
    assert_eq!((&raised.body["role"], &raised.body["added_by"]), (&json!("moderator"), &json!(bob.id)));
    world.delete(&bob, &member(project, eve.id)).await.problem(403, "forbidden");
    world.patch(&ann, &member(project, eve.id), json!({"role": "member"})).await.expect(200);
    assert_eq!(world.get(&eve, &at(project)).await.expect(200).body["member_count"], 3);
    world.delete(&bob, &member(project, eve.id)).await.expect(204);
    world.delete(&bob, &member(project, eve.id)).await.problem(404, "not_found");
    world.patch(&ann, &member(project, eve.id), json!({"role": "member"})).await.problem(404, "not_found");
    world.delete(&bob, &member(project, bob.id)).await.expect(204);
    assert_eq!(world.members(&ann, project).await, [(ann.id, "owner".to_owned())]);
    let expected = ["created", "joined", "joined", "updated", "updated", "left", "left"];
    assert_eq!(verbs(world, project).await, expected);
    let changes: String = world
        .value(&format!(
            "select changes from activity where object_kind = 'project' and object_id = {project} and verb = 'left' \
             order by id limit 1"
        ))
        .await;
    let left = json!([{"field": "members", "old": {"user_id": eve.id, "role": "member"}, "new": null}]);
    assert_eq!(serde_json::from_str::<artel_tests::Value>(&changes).unwrap(), left);
}

async fn adding_a_member_twice_changes_nothing(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let project = world.project(&ann, "closed", json!({})).await;
    world.join(&ann, project, &bob, "moderator").await;
    world.clock().advance(TimeDelta::hours(1));
    let ann = world.sign_in(ann.id).await;
    let first = world.get(&ann, &format!("{}/members?sort=-since", at(project))).await.items()[0].clone();
    for body in [json!({}), json!({"role": "moderator"})] {
        assert_eq!(world.put(&ann, &member(project, bob.id), body).await.expect(200).body, first);
    }
    assert_eq!(verbs(world, project).await, ["created", "joined"]);
}

async fn the_owner_neither_leaves_nor_moves(world: &World) {
    let (ann, admin) = (world.employee().await, world.admin().await);
    let project = world.project(&ann, "open", json!({})).await;
    for who in [&ann, &admin] {
        world.delete(who, &member(project, ann.id)).await.problem(409, "owner_stays");
        let put = world.put(who, &member(project, ann.id), json!({"role": "member"})).await;
        put.problem(409, "owner_stays");
        let patch = world.patch(who, &member(project, ann.id), json!({"role": "moderator"})).await;
        patch.problem(409, "owner_stays");
    }
    post(world, &ann, format!("{}/leave", at(project))).await.problem(409, "owner_stays");
    world.put(&ann, &member(project, ann.id), json!({})).await.expect(200);
    let second = world.put(&ann, &member(project, admin.id), json!({"role": "owner"})).await;
    assert_eq!(second.problem(422, "validation").faults(), [("/role", "out_of_range")]);
}

async fn only_active_people_come_in_and_guests_lead_nothing(world: &World) {
    let (ann, gone, guest) = (world.employee().await, world.employee().await, world.guest().await);
    let admin = world.admin().await;
    world.post(&admin, &format!("/api/v1/users/{}/deactivate", gone.id), json!({})).await.expect(200);
    let project = world.project(&ann, "closed", json!({})).await;
    let put =
        async |user: i64, role: &str| world.put(&ann, &member(project, user), json!({ "role": role })).await;
    assert_eq!(put(gone.id, "member").await.problem(422, "validation").faults(), [("/user_id", "inactive")]);
    assert_eq!(put(999, "member").await.problem(422, "validation").faults(), [("/user_id", "unknown")]);
    let led = put(guest.id, "moderator").await.problem(422, "validation");
    assert_eq!(led.faults(), [("/user_id", "is_a_guest")]);
    put(guest.id, "member").await.expect(200);
    assert_eq!(
        put(guest.id, "moderator").await.problem(422, "validation").faults(),
        [("/role", "is_a_guest")]
    );
    assert_eq!(world.get(&guest, "/api/v1/projects").await.ids(), [project]);
}

async fn what_lies_beneath_a_project_is_hidden_from_outsiders(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let (outsider, admin, guest) = (world.employee().await, world.admin().await, world.guest().await);
    for privacy in ["closed", "secret"] {
        let project = world.project(&ann, privacy, json!({})).await;
        world.join(&ann, project, &bob, "member").await;
        for who in [&outsider, &admin, &guest] {
            // A member, somebody who is none, nobody at all: the answers are the same.
            for user in [bob.id, outsider.id, 999] {
                world.put(who, &member(project, user), json!({})).await.problem(404, "not_found");
                let body = json!({"role": "member"});
                world.patch(who, &member(project, user), body).await.problem(404, "not_found");
                world.delete(who, &member(project, user)).await.problem(404, "not_found");
            }
            world.get(who, &format!("{}/members", at(project))).await.problem(404, "not_found");
        }
        world.delete(&ann, &member(project, bob.id)).await.expect(204);
        world.get(&bob, &format!("{}/members", at(project))).await.problem(404, "not_found");
    }
}

async fn staff_join_open_projects_and_leave_again(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let project = world.project(&ann, "open", json!({})).await;
    let joined = post(world, &bob, format!("{}/join", at(project))).await.expect(200).body;
    assert_eq!((&joined["my_role"], &joined["member_count"]), (&json!("member"), &json!(2)));
    assert_eq!(post(world, &bob, format!("{}/join", at(project))).await.expect(200).body, joined);
    post(world, &bob, format!("{}/leave", at(project))).await.expect(204);
    post(world, &bob, format!("{}/leave", at(project))).await.problem(403, "forbidden");
    assert_eq!(verbs(world, project).await, ["created", "joined", "left"]);
}

async fn an_heir_of_tasks_is_another_member(world: &World) {
    let (ann, bob, eve) = (world.employee().await, world.employee().await, world.employee().await);
    let project = world.project(&ann, "open", json!({})).await;
    world.join(&ann, project, &bob, "member").await;
    for heir in [bob.id, eve.id, 999] {
        let path = format!("{}?reassign_to={heir}", member(project, bob.id));
        let refused = world.delete(&ann, &path).await.problem(422, "validation");
        assert_eq!(refused.parameters(), [("reassign_to", "not_a_member")], "{heir}");
        let leave = format!("{}/leave", at(project));
        let refused = world.post(&bob, &leave, json!({ "reassign_to": heir })).await;
        assert_eq!(refused.problem(422, "validation").faults(), [("/reassign_to", "not_a_member")]);
    }
    let path = format!("{}?reassign_to={}", member(project, bob.id), ann.id);
    world.delete(&ann, &path).await.expect(204);
}

async fn a_project_is_handed_over_to_the_staff_alone(world: &World) {
    let (ann, bob, guest) = (world.employee().await, world.employee().await, world.guest().await);
    let project = world.project(&ann, "closed", json!({})).await;
    let hand_over = async |who: &Person, to: i64| {
        world.post(who, &format!("{}/hand-over", at(project)), json!({ "to": to })).await
    };
    for (to, code) in [(999, "unknown"), (guest.id, "is_a_guest"), (ann.id, "already")] {
        assert_eq!(hand_over(&ann, to).await.problem(422, "validation").faults(), [("/to", code)]);
    }
    let handed = hand_over(&ann, bob.id).await.expect(200).body;
    assert_eq!((&handed["owner_id"], &handed["my_role"]), (&json!(bob.id), &json!("moderator")));
    assert_eq!((&handed["member_count"], &handed["version"]), (&json!(2), &json!(2)));
    hand_over(&ann, ann.id).await.problem(403, "forbidden");
    hand_over(&bob, ann.id).await.expect(200);
    assert_eq!(verbs(world, project).await, ["created", "handed_over", "handed_over"]);
    let owners: i64 = world
        .value(&format!(
            "select count(*) from project_member where project_id = {project} and role = 'owner'"
        ))
        .await;
    assert_eq!(owners, 1);
}

async fn members_are_walked_by_name_and_by_since(world: &World) {
    let ann = world.employee().await;
    let project = world.project(&ann, "open", json!({})).await;
    let mut people = vec![ann.clone()];
    for _ in 0..6 {
        let person = world.employee().await;
        world.join(&ann, project, &person, "member").await;
        people.push(person);
    }
    for sort in ["name", "-name", "since", "-since"] {
        let (mut walked, mut path) = (Vec::new(), format!("{}/members?limit=2&sort={sort}", at(project)));
        let start = path.clone();
        loop {
            let page = world.get(&ann, &path).await.expect(200);
            walked.extend(page.items().iter().map(|it| it["user_id"].as_i64().unwrap()));
            let Some(cursor) = page.body["next_cursor"].as_str() else { break };
            path = format!("{start}&cursor={cursor}");
        }
        let mut once = walked.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!((walked.len(), once.len()), (7, 7), "{sort}");
    }
    let list = world.get(&ann, &format!("{}/members?expand=user&include_total=true", at(project))).await;
    assert_eq!(list.expect(200).body["total"], 7);
    let list = world.get(&ann, &format!("{}/members?expand=user", at(project))).await;
    for item in list.items() {
        let person = people.iter().find(|person| item["user_id"] == person.id).unwrap();
        let expected =
            json!({"id": person.id, "first_name": person.first_name, "last_name": person.last_name});
        assert_eq!(item["user"], expected);
    }
}

async fn guests_know_the_people_of_their_projects(world: &World) {
    let (ann, bob, eve) = (world.employee().await, world.employee().await, world.employee().await);
    let (guest, other) = (world.guest().await, world.guest().await);
    let shared = world.project(&ann, "secret", json!({})).await;
    world.join(&ann, shared, &bob, "member").await;
    world.join(&ann, shared, &guest, "member").await;
    let foreign = world.project(&eve, "open", json!({})).await;
    world.join(&eve, foreign, &other, "member").await;
    let known = async || {
        let mut ids = world.get(&guest, "/api/v1/users").await.expect(200).ids();
        ids.sort_unstable();
        ids
    };
    assert_eq!(known().await, [ann.id, bob.id, guest.id]);
    let user = |id: i64| format!("/api/v1/users/{id}");
    world.get(&guest, &user(bob.id)).await.expect(200);
    world.get(&guest, &user(eve.id)).await.problem(404, "not_found");
    world.patch(&guest, &user(bob.id), json!({"position": "x"})).await.problem(403, "admin_only");
    world.patch(&guest, &user(eve.id), json!({"position": "x"})).await.problem(404, "not_found");
    world.delete(&ann, &member(shared, bob.id)).await.expect(204);
    assert_eq!(known().await, [ann.id, guest.id]);
    world.delete(&ann, &at(shared)).await.expect(204);
    assert_eq!(known().await, [guest.id]);
}

async fn many_joins_at_once_make_one_member(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let project = world.project(&ann, "open", json!({})).await;
    let joins = (0..8).map(|_| post(world, &bob, format!("{}/join", at(project))));
    for joined in join_all(joins).await {
        assert_eq!(joined.expect(200).body["member_count"], 2);
    }
    assert_eq!(verbs(world, project).await, ["created", "joined"]);
}

async fn many_additions_at_once_make_one_member(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let project = world.project(&ann, "secret", json!({})).await;
    let path = member(project, bob.id);
    let puts = join_all((0..8).map(|_| world.put(&ann, &path, json!({"role": "moderator"})))).await;
    for put in puts {
        assert_eq!(put.expect(200).body["role"], "moderator");
    }
    assert_eq!(verbs(world, project).await, ["created", "joined"]);
}

async fn of_two_removals_at_once_one_finds_nobody(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let project = world.project(&ann, "secret", json!({})).await;
    for _ in 0..5 {
        world.join(&ann, project, &bob, "member").await;
        let path = member(project, bob.id);
        let (one, two) = tokio::join!(world.delete(&ann, &path), world.delete(&ann, &path));
        assert!(matches!((one.status, two.status), (204, 404) | (404, 204)));
    }
    let left = verbs(world, project).await.iter().filter(|verb| *verb == "left").count();
    assert_eq!(left, 5);
}

async fn of_many_hand_overs_at_once_one_makes_an_owner(world: &World) {
    let ann = world.employee().await;
    let project = world.project(&ann, "closed", json!({})).await;
    let heirs = [world.employee().await, world.employee().await, world.employee().await];
    let path = format!("{}/hand-over", at(project));
    let handed = join_all(heirs.iter().map(|heir| world.post(&ann, &path, json!({"to": heir.id})))).await;
    let mut statuses: Vec<u16> = handed.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403, 403], "whoever handed it over is no owner any more");
    let members = world.members(&ann, project).await;
    assert_eq!(members.iter().filter(|(_, role)| role == "owner").count(), 1);
    assert_eq!(members.len(), 2);
}

async fn deactivations_and_hand_overs_do_not_lock_each_other_out(world: &World) {
    let admin = world.admin().await;
    for _ in 0..6 {
        let (ann, bob) = (world.employee().await, world.employee().await);
        let project = world.project(&ann, "open", json!({})).await;
        let gone = format!("/api/v1/users/{}/deactivate", ann.id);
        let (path, hand_over) = (at(project), format!("{}/hand-over", at(project)));
        let (deactivated, handed, edited) = tokio::join!(
            world.post(&admin, &gone, json!({"reassign_to": admin.id})),
            world.post(&admin, &hand_over, json!({"to": bob.id})),
            world.patch(&admin, &path, json!({"name": "Meanwhile"})),
        );
        deactivated.expect(200);
        handed.expect(200);
        edited.expect(200);
        assert_eq!(world.get(&admin, &at(project)).await.body["owner_id"], bob.id);
    }
}
