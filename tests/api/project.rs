//! Projects: their fields, their life, and the lists that show them.

use artel_domain::record::KEPT_IN_TRASH;
use artel_persistence::{in_tx, project::unscoped_purge_trash};
use artel_tests::{
    Answer, Method, Person, Value, World,
    crm::query,
    json, on_both,
    project::{PROJECTS, at},
};
use chrono::TimeDelta;

on_both![
    a_project_is_created_with_everything,
    a_project_starts_closed_with_the_usual_permissions,
    a_project_needs_a_name_days_in_order_and_tags_once,
    days_are_kept_to_the_ends_of_the_calendar,
    a_null_clears_and_permissions_are_merged,
    what_only_the_owner_changes_is_refused_whole,
    a_stale_version_is_refused_everywhere,
    an_edit_that_changes_nothing_leaves_no_trace,
    an_archived_project_is_read_only_until_it_is_reopened,
    the_trash_hides_a_project_and_gives_it_back,
    the_trash_is_emptied_after_thirty_days,
    a_repeated_request_with_a_key_happens_once,
    tokens_reach_projects_by_their_scopes,
    projects_are_found_and_narrowed,
    projects_are_walked_by_every_key,
    the_owner_is_embedded_when_asked_for,
    owned_projects_are_counted_and_handed_over_with_the_rest,
    an_administrator_takes_care_of_a_project_whose_owner_is_gone,
];

/// The parameters of a list, and what it answers.
type Case<'a> = (&'a [(&'a str, &'a str)], Vec<i64>);

/// What the log tells of a project.
async fn verbs(world: &World, project: i64) -> Vec<String> {
    let sql = format!(
        "select verb from activity where object_kind = 'project' and object_id = {project} order by id"
    );
    let rows = world.query(&sql).await;
    rows.iter().map(|row| row.try_get("", "verb").unwrap()).collect()
}

async fn ids(world: &World, who: &Person, parameters: &[(&str, &str)]) -> Vec<i64> {
    world.get(who, &format!("{PROJECTS}?{}", query(parameters))).await.expect(200).ids()
}

async fn a_project_is_created_with_everything(world: &World) {
    let ann = world.employee().await;
    let permissions = json!({"invite": "owner", "post": "moderator", "create_tasks": "moderator",
        "edit_tasks": "owner", "upload": "owner"});
    let body = json!({
        "name": "Ёлка", "description": "Two\nlines", "starts_on": "2026-09-01", "ends_on": "2026-09-01",
        "privacy": "open", "colour": "teal", "tags": ["Events"], "permissions": permissions,
    });
    let made = world.post(&ann, PROJECTS, body.clone()).await.expect(201);
    let path = at(made.id());
    assert_eq!(made.header("location"), Some(path.as_str()));
    assert_eq!(made.body, world.get(&ann, &path).await.expect(200).body);
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&made.body[field], value, "{field}");
    }
    let rest = json!({"owner_id": ann.id, "member_count": 1, "my_role": "owner", "version": 1,
        "created_by": ann.id, "updated_by": ann.id, "archived_at": null,
        "deleted_at": null});
    for (field, value) in rest.as_object().unwrap() {
        assert_eq!(&made.body[field], value, "{field}");
    }
    assert_eq!(verbs(world, made.id()).await, ["created"]);
    assert_eq!(world.members(&ann, made.id()).await, [(ann.id, "owner".to_owned())]);
    let guest = world.guest().await;
    world.post(&guest, PROJECTS, json!({"name": "Mine"})).await.problem(403, "forbidden");
}

async fn a_project_starts_closed_with_the_usual_permissions(world: &World) {
    let ann = world.employee().await;
    let made = world.post(&ann, PROJECTS, json!({"name": "Plain", "permissions": {"post": "owner"}})).await;
    let made = made.expect(201).body;
    assert_eq!(
        (&made["privacy"], &made["tags"], &made["colour"]),
        (&json!("closed"), &json!([]), &json!(null))
    );
    let expected = json!({"invite": "member", "post": "owner", "create_tasks": "member",
        "edit_tasks": "moderator", "upload": "member"});
    assert_eq!(made["permissions"], expected);
}

async fn a_project_needs_a_name_days_in_order_and_tags_once(world: &World) {
    let ann = world.employee().await;
    let unnamed = world.post(&ann, PROJECTS, json!({"name": " ", "privacy": "hidden", "owner_id": 7})).await;
    unnamed.problem(422, "validation");
    let body = json!({"name": "x", "starts_on": "2026-09-02", "ends_on": "2026-09-01", "tags": ["a", "Á"]});
    let faulty = world.post(&ann, PROJECTS, body).await.problem(422, "validation");
    assert_eq!(faulty.faults(), [("/ends_on", "out_of_range"), ("/tags/1", "duplicate")]);
    let project = world.project(&ann, "open", json!({"starts_on": "2026-09-02"})).await;
    let early = world.patch(&ann, &at(project), json!({"ends_on": "2026-09-01"})).await;
    assert_eq!(early.problem(422, "validation").faults(), [("/ends_on", "out_of_range")]);
}

async fn days_are_kept_to_the_ends_of_the_calendar(world: &World) {
    let ann = world.employee().await;
    let days = json!({"starts_on": "0001-01-01", "ends_on": "9999-12-31"});
    let project = world.project(&ann, "open", days).await;
    let read = world.get(&ann, &at(project)).await.expect(200).body;
    assert_eq!((&read["starts_on"], &read["ends_on"]), (&json!("0001-01-01"), &json!("9999-12-31")));
}

async fn a_null_clears_and_permissions_are_merged(world: &World) {
    let ann = world.employee().await;
    let fields = json!({"description": "Long", "colour": "red", "starts_on": "2026-01-01", "tags": ["a"]});
    let project = world.project(&ann, "secret", fields).await;
    let change = json!({"colour": null, "description": null, "permissions": {"upload": "owner"}});
    let changed = world.patch(&ann, &at(project), change).await.expect(200).body;
    assert_eq!((&changed["colour"], &changed["description"]), (&json!(null), &json!(null)));
    assert_eq!((&changed["starts_on"], &changed["tags"]), (&json!("2026-01-01"), &json!(["a"])));
    let permissions = &changed["permissions"];
    assert_eq!((&permissions["upload"], &permissions["edit_tasks"]), (&json!("owner"), &json!("moderator")));
    for field in ["name", "privacy", "tags", "permissions"] {
        world.patch(&ann, &at(project), json!({ field: null })).await.problem(422, "validation");
    }
}

async fn what_only_the_owner_changes_is_refused_whole(world: &World) {
    let (ann, moderator) = (world.employee().await, world.employee().await);
    let project = world.project(&ann, "closed", json!({"name": "Before"})).await;
    world.join(&ann, project, &moderator, "moderator").await;
    let change = json!({"name": "After", "privacy": "open", "permissions": {"post": "owner"}});
    let refused = world.patch(&moderator, &at(project), change).await.problem(403, "forbidden");
    assert_eq!(refused.faults(), [("/permissions", "forbidden"), ("/privacy", "forbidden")]);
    assert_eq!(world.get(&ann, &at(project)).await.body["name"], "Before");
    let same = json!({"name": "After", "privacy": "closed", "permissions": {"post": "member"}});
    let changed = world.patch(&moderator, &at(project), same).await.expect(200).body;
    assert_eq!((&changed["name"], &changed["version"]), (&json!("After"), &json!(2)));
}

async fn a_stale_version_is_refused_everywhere(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let path = at(world.project(&ann, "open", json!({})).await);
    world.patch(&ann, &path, json!({"name": "Second"})).await.expect(200);
    let with = async |method: Method, path: &str, body: Option<_>, version: &str| {
        let request = world.request(Some(&ann), method, path).header("if-match", version);
        let request = if let Some(body) = &body { request.json(body) } else { request };
        request.send().await
    };
    let changes = [
        (Method::PATCH, path.clone(), Some(json!({"name": "Third"}))),
        (Method::POST, format!("{path}/archive"), None),
        (Method::POST, format!("{path}/reopen"), None),
        (Method::POST, format!("{path}/hand-over"), Some(json!({"to": bob.id}))),
        (Method::DELETE, path.clone(), None),
        (Method::POST, format!("{path}/restore"), None),
    ];
    for (method, path, body) in changes {
        let stale = with(method.clone(), &path, body.clone(), "\"1-old\"").await;
        stale.problem(412, "precondition_failed");
    }
    let fresh = world.get(&ann, &path).await;
    let renamed = with(Method::PATCH, &path, Some(json!({"name": "Third"})), fresh.etag()).await.expect(200);
    let same = world.request(Some(&ann), Method::GET, &path).header("if-none-match", renamed.etag());
    same.send().await.expect(304);
}

async fn an_edit_that_changes_nothing_leaves_no_trace(world: &World) {
    let ann = world.employee().await;
    let project = world.project(&ann, "open", json!({"name": "Same"})).await;
    let before = world.get(&ann, &at(project)).await.body;
    assert_eq!(world.patch(&ann, &at(project), json!({"name": "Same"})).await.expect(200).body, before);
    post(world, &ann, format!("{}/reopen", at(project))).await.expect(200);
    assert_eq!(verbs(world, project).await, ["created"]);
}

async fn post(world: &World, who: &Person, path: String) -> Answer {
    world.post(who, &path, json!(null)).await
}

async fn an_archived_project_is_read_only_until_it_is_reopened(world: &World) {
    let (ann, bob, eve) = (world.employee().await, world.employee().await, world.employee().await);
    let project = world.project(&ann, "open", json!({})).await;
    let path = at(project);
    world.join(&ann, project, &bob, "member").await;
    let archived = post(world, &ann, format!("{path}/archive")).await.expect(200).body;
    assert_eq!((archived["archived_at"].is_string(), &archived["archived_by"]), (true, &json!(ann.id)));
    assert_eq!(archived["can"], json!(["view", "read", "reopen"]));
    world.get(&eve, &path).await.expect(200);
    assert_eq!(world.members(&eve, project).await.len(), 2);
    let closed = "archived";
    world.patch(&ann, &path, json!({"name": "x"})).await.problem(409, closed);
    world.delete(&ann, &path).await.problem(409, closed);
    post(world, &ann, format!("{path}/archive")).await.problem(409, closed);
    world.post(&ann, &format!("{path}/hand-over"), json!({"to": bob.id})).await.problem(409, closed);
    post(world, &eve, format!("{path}/join")).await.problem(409, closed);
    post(world, &bob, format!("{path}/leave")).await.problem(409, closed);
    let member = |id: i64| format!("{path}/members/{id}");
    world.put(&ann, &member(eve.id), json!({})).await.problem(409, closed);
    world.patch(&ann, &member(bob.id), json!({"role": "moderator"})).await.problem(409, closed);
    world.delete(&ann, &member(bob.id)).await.problem(409, closed);
    // A right comes before the state.
    world.patch(&bob, &path, json!({"name": "x"})).await.problem(403, "forbidden");
    let reopened = post(world, &ann, format!("{path}/reopen")).await.expect(200).body;
    assert_eq!((&reopened["archived_at"], &reopened["version"]), (&json!(null), &json!(3)));
    assert_eq!(post(world, &ann, format!("{path}/reopen")).await.expect(200).body, reopened);
    assert_eq!(verbs(world, project).await, ["created", "joined", "archived", "reopened"]);
}

async fn the_trash_hides_a_project_and_gives_it_back(world: &World) {
    let (ann, bob, eve) = (world.employee().await, world.employee().await, world.employee().await);
    let project = world.project(&ann, "closed", json!({})).await;
    let path = at(project);
    world.join(&ann, project, &bob, "moderator").await;
    world.delete(&bob, &path).await.problem(403, "forbidden");
    world.delete(&ann, &path).await.expect(204);
    for who in [&ann, &bob, &eve] {
        world.get(who, &path).await.problem(404, "not_found");
        world.get(who, &format!("{path}/members")).await.problem(404, "not_found");
        world.patch(who, &path, json!({"name": "x"})).await.problem(404, "not_found");
        world.delete(who, &path).await.problem(404, "not_found");
        post(world, who, format!("{path}/archive")).await.problem(404, "not_found");
        assert!(ids(world, who, &[]).await.is_empty());
    }
    assert_eq!(ids(world, &ann, &[("trashed", "only")]).await, [project]);
    assert_eq!(ids(world, &bob, &[("trashed", "only")]).await, [project]);
    assert!(ids(world, &eve, &[("trashed", "only")]).await.is_empty(), "when it went is not theirs to know");
    post(world, &bob, format!("{path}/restore")).await.problem(403, "forbidden");
    let restored = post(world, &ann, format!("{path}/restore")).await.expect(200).body;
    assert_eq!((&restored["deleted_at"], &restored["version"]), (&json!(null), &json!(3)));
    post(world, &ann, format!("{path}/restore")).await.expect(200);
    assert_eq!(ids(world, &eve, &[]).await, [project]);
    assert_eq!(verbs(world, project).await, ["created", "joined", "deleted", "restored"]);
}

async fn the_trash_is_emptied_after_thirty_days(world: &World) {
    let ann = world.employee().await;
    let (gone, kept) = (
        world.project(&ann, "open", json!({"tags": ["a"]})).await,
        world.project(&ann, "open", json!({})).await,
    );
    world.delete(&ann, &at(gone)).await.expect(204);
    let purge = async || {
        let now = world.clock().now();
        in_tx(world.db(), async |tx| unscoped_purge_trash(tx, now).await).await.unwrap()
    };
    world.clock().advance(KEPT_IN_TRASH - TimeDelta::minutes(1));
    assert_eq!(purge().await, 0);
    world.clock().advance(TimeDelta::minutes(1));
    assert_eq!(purge().await, 1);
    assert_eq!(purge().await, 0);
    let ann = world.sign_in(ann.id).await;
    post(world, &ann, format!("{}/restore", at(gone))).await.problem(404, "not_found");
    world.get(&ann, &at(kept)).await.expect(200);
    assert_eq!(verbs(world, gone).await, ["created", "deleted", "purged"]);
    for table in ["project_member", "project_word"] {
        let left: i64 = world.value(&format!("select count(*) from {table} where project_id = {gone}")).await;
        assert_eq!(left, 0, "{table}");
    }
}

async fn a_repeated_request_with_a_key_happens_once(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let keyed = async |who: &Person, path: &str, body: Option<&Value>| {
        let request = world.request(Some(who), Method::POST, path).header("idempotency-key", "one");
        let request = if let Some(body) = body { request.json(body) } else { request };
        request.send().await
    };
    let body = json!({"name": "Once", "privacy": "secret"});
    let first = keyed(&ann, PROJECTS, Some(&body)).await.expect(201);
    let again = keyed(&ann, PROJECTS, Some(&body)).await.expect(201);
    assert_eq!((first.id(), again.header("idempotent-replayed")), (again.id(), Some("true")));
    world.join(&ann, first.id(), &bob, "member").await;
    let leave = format!("{}/leave", at(first.id()));
    keyed(&bob, &leave, None).await.expect(204);
    world.get(&bob, &at(first.id())).await.problem(404, "not_found");
    let again = keyed(&bob, &leave, None).await.expect(204);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(verbs(world, first.id()).await, ["created", "joined", "left"]);
}

async fn tokens_reach_projects_by_their_scopes(world: &World) {
    use artel_domain::actor::Scope;
    let ann = world.employee().await;
    let project = world.project(&ann, "secret", json!({})).await;
    let reader = world.with_token(&ann, &[Scope::ProjectsRead]).await;
    let writer = world.with_token(&ann, &[Scope::ProjectsWrite]).await;
    world.get(&reader, &at(project)).await.expect(200);
    world.patch(&reader, &at(project), json!({"name": "x"})).await.problem(403, "scope_missing");
    world.patch(&writer, &at(project), json!({"name": "x"})).await.expect(200);
    world.get(&writer, &at(project)).await.problem(403, "scope_missing");
}

async fn projects_are_found_and_narrowed(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let depot = json!({"name": "Трамвайный депо", "description": "old Café", "tags": ["Events"]});
    let depot = world.project(&ann, "open", depot).await;
    let club = world.project(&bob, "closed", json!({"name": "Club", "tags": ["events"]})).await;
    let vault = world.project(&ann, "secret", json!({"name": "Vault"})).await;
    world.join(&bob, club, &ann, "moderator").await;
    post(world, &ann, format!("{}/archive", at(vault))).await.expect(200);
    let expect: [Case<'_>; 14] = [
        (&[], vec![club, vault, depot]),
        (&[("q", "депо трам")], vec![depot]),
        (&[("q", "cafe")], vec![depot]),
        (&[("q", "events")], vec![]),
        (&[("privacy", "closed,secret")], vec![club, vault]),
        (&[("owner_id", &ann.id.to_string())], vec![vault, depot]),
        (&[("my_role", "moderator")], vec![club]),
        (&[("my_role", "owner,moderator")], vec![club, vault, depot]),
        (&[("member_id", &bob.id.to_string())], vec![club]),
        (&[("tag", "EVENTS")], vec![club, depot]),
        (&[("archived", "true")], vec![vault]),
        (&[("archived", "false")], vec![club, depot]),
        (&[("sort", "-created_at")], vec![vault, club, depot]),
        (&[("sort", "-name"), ("limit", "1")], vec![depot]),
    ];
    for (parameters, expected) in expect {
        assert_eq!(ids(world, &ann, parameters).await, expected, "{parameters:?}");
    }
    let list = world.get(&ann, &format!("{PROJECTS}?include_total=true&limit=1")).await.expect(200);
    assert_eq!(list.body["total"], 3);
    let wrong = world.get(&ann, &format!("{PROJECTS}?archived=maybe&mine=owner&privacy=hidden")).await;
    wrong.problem(400, "invalid_parameter");
}

async fn projects_are_walked_by_every_key(world: &World) {
    let ann = world.employee().await;
    for number in 0..7 {
        let day = |month: u32| (number % 3 != 0).then(|| format!("2026-{month:02}-{:02}", 1 + number % 2));
        let fields = json!({"name": format!("N{}", number % 2), "starts_on": day(3), "ends_on": day(5)});
        world.project(&ann, "open", fields).await;
        world.clock().advance(TimeDelta::seconds(1));
    }
    for key in ["name", "created_at", "updated_at", "starts_on", "ends_on"] {
        for sort in [key.to_owned(), format!("-{key}")] {
            let whole = ids(world, &ann, &[("sort", &sort)]).await;
            assert_eq!(whole.len(), 7);
            let (mut walked, mut path) = (Vec::new(), format!("{PROJECTS}?limit=2&sort={sort}"));
            loop {
                let page = world.get(&ann, &path).await.expect(200);
                walked.extend(page.ids());
                let Some(cursor) = page.body["next_cursor"].as_str() else { break };
                path = format!("{PROJECTS}?limit=2&sort={sort}&cursor={cursor}");
            }
            assert_eq!(walked, whole, "{sort}");
        }
    }
    let last = ids(world, &ann, &[("sort", "-starts_on")]).await[4..].to_vec();
    for id in last {
        assert_eq!(
            world.get(&ann, &at(id)).await.body["starts_on"],
            json!(null),
            "days that are not set come last"
        );
    }
}

async fn the_owner_is_embedded_when_asked_for(world: &World) {
    let (ann, guest) = (world.employee().await, world.guest().await);
    let project = world.project(&ann, "closed", json!({})).await;
    world.join(&ann, project, &guest, "member").await;
    let expected = json!({"id": ann.id, "first_name": ann.first_name, "last_name": ann.last_name});
    for who in [&ann, &guest] {
        let read = world.get(who, &format!("{}?expand=owner", at(project))).await.expect(200);
        assert_eq!(read.body["owner"], expected);
        let list = world.get(who, &format!("{PROJECTS}?expand=owner")).await.expect(200);
        assert_eq!(list.items()[0]["owner"], expected);
    }
    assert!(world.get(&ann, &at(project)).await.body.get("owner").is_none());
}

async fn owned_projects_are_counted_and_handed_over_with_the_rest(world: &World) {
    let (admin, ann, bob) = (world.admin().await, world.employee().await, world.employee().await);
    let secret = world.project(&ann, "secret", json!({})).await;
    let archived = world.project(&ann, "closed", json!({})).await;
    let trashed = world.project(&ann, "open", json!({})).await;
    let other = world.project(&bob, "open", json!({})).await;
    world.join(&ann, archived, &bob, "member").await;
    post(world, &ann, format!("{}/archive", at(archived))).await.expect(200);
    world.delete(&ann, &at(trashed)).await.expect(204);
    let path = format!("/api/v1/users/{}/deactivate", ann.id);
    let left = world.post(&admin, &path, json!({"reassign_to": bob.id})).await.expect(200);
    assert_eq!(left.body["left_behind"]["projects"], 2);
    let expected = [(ann.id, "moderator".to_owned()), (bob.id, "owner".to_owned())];
    for project in [secret, archived] {
        assert_eq!(world.get(&bob, &at(project)).await.expect(200).body["owner_id"], bob.id);
        let mut members = world.members(&bob, project).await;
        members.sort();
        assert_eq!(members, expected);
        assert_eq!(verbs(world, project).await.last().unwrap(), "handed_over");
    }
    post(world, &bob, format!("{}/restore", at(trashed))).await.expect(200);
    assert_eq!(verbs(world, other).await, ["created"]);
}

async fn an_administrator_takes_care_of_a_project_whose_owner_is_gone(world: &World) {
    let (admin, ann, bob) = (world.admin().await, world.employee().await, world.employee().await);
    let project = world.project(&ann, "secret", json!({})).await;
    let hand_over = format!("{}/hand-over", at(project));
    world.post(&admin, &hand_over, json!({"to": bob.id})).await.problem(403, "forbidden");
    world.post(&admin, &format!("/api/v1/users/{}/deactivate", ann.id), json!({})).await.expect(200);
    let seen = world.get(&admin, &at(project)).await.expect(200).body;
    assert_eq!(seen["can"], json!(["view", "hand_over"]));
    let handed = world.post(&admin, &hand_over, json!({"to": bob.id})).await.expect(200).body;
    assert_eq!((&handed["owner_id"], &handed["can"]), (&json!(bob.id), &json!(["view"])));
    assert_eq!(world.get(&bob, &at(project)).await.expect(200).body["my_role"], "owner");
}
