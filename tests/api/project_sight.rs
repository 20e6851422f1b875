//! Who may do what with which project: the table of the domain against every door of the server, and what outsiders
//! learn.

use artel_domain::{
    actor::Role,
    error::Error as Refusal,
    project::{Permissions, Privacy, ProjectAction, ProjectRole, Standing, check},
};
use artel_tests::{
    Answer, Method, Person, Value, World, json, on_both,
    project::{PROJECTS, at, member},
};

on_both![
    every_door_keeps_the_table,
    outsiders_see_that_a_closed_project_exists_and_no_more,
    a_former_member_is_an_outsider,
    a_hidden_project_answers_as_one_that_is_not_there,
    orders_and_filters_tell_nothing_about_what_is_hidden,
];

/// Somebody, as they stand to the projects of a test.
struct Caller {
    person: Person,
    role: Role,
    part: Option<ProjectRole>,
}

struct Doors<'a> {
    world: &'a World,
    owner: Person,
    spare: Person,
    callers: Vec<Caller>,
}

async fn doors(world: &World) -> Doors<'_> {
    let mut callers = Vec::new();
    for role in Role::ALL {
        for part in [Some(ProjectRole::Owner), Some(ProjectRole::Moderator), Some(ProjectRole::Member), None]
        {
            if *role != Role::Guest || part <= Some(ProjectRole::Member) {
                callers.push(Caller { person: world.person(*role).await, role: *role, part });
            }
        }
    }
    Doors { world, owner: world.employee().await, spare: world.employee().await, callers }
}

impl Doors<'_> {
    /// A new project in which the caller has their part.
    async fn project(&self, privacy: Privacy, caller: &Caller) -> i64 {
        let owner = if caller.part == Some(ProjectRole::Owner) { &caller.person } else { &self.owner };
        let project = self.world.project(owner, privacy.as_str(), json!({})).await;
        if let Some(part) = caller.part.filter(|part| *part != ProjectRole::Owner) {
            self.world.join(owner, project, &caller.person, part.as_str()).await;
        }
        project
    }

    /// Does it, over HTTP.
    async fn call(&self, who: &Person, project: i64, action: ProjectAction) -> Option<Answer> {
        let (world, path) = (self.world, at(project));
        let post = async |verb: &str, body: Value| world.post(who, &format!("{path}/{verb}"), body).await;
        Some(match action {
            ProjectAction::View => world.get(who, &path).await,
            ProjectAction::Read => world.get(who, &format!("{path}/members")).await,
            ProjectAction::Join => post("join", json!(null)).await,
            ProjectAction::Leave => post("leave", json!(null)).await,
            ProjectAction::Edit => world.patch(who, &path, json!({"name": "Edited"})).await,
            ProjectAction::ManageMembers => world.put(who, &member(project, self.spare.id), json!({})).await,
            ProjectAction::Archive => post("archive", json!(null)).await,
            ProjectAction::Reopen => post("reopen", json!(null)).await,
            ProjectAction::Govern => world.patch(who, &path, json!({"permissions": {"post": "owner"}})).await,
            ProjectAction::HandOver => post("hand-over", json!({"to": self.spare.id})).await,
            ProjectAction::Delete => world.delete(who, &path).await,
            ProjectAction::Restore => post("restore", json!(null)).await,
            // Nothing of projects: `can` alone tells it here.
            ProjectAction::CreateTasks => return None,
        })
    }
}

/// What the table says, as a status. Beneath a project that one may not read there is nothing; the owner stays;
/// a member is in already.
fn expected(caller: &Caller, privacy: Privacy, action: ProjectAction) -> u16 {
    let standing = Standing::new(caller.role, privacy, caller.part);
    let rule = |action| check(&standing, &Permissions::DEFAULT, action);
    match (action, rule(action)) {
        (ProjectAction::ManageMembers, _) if rule(ProjectAction::Read).is_err() => 404,
        (ProjectAction::Join, _) if caller.part.is_some() => 200,
        (ProjectAction::Leave, Ok(())) if caller.part == Some(ProjectRole::Owner) => 409,
        (ProjectAction::Leave | ProjectAction::Delete, Ok(())) => 204,
        (_, Ok(())) => 200,
        (_, Err(Refusal::Forbidden(_))) => 403,
        (_, Err(_)) => 404,
    }
}

/// What `can` must say of a project that is neither archived nor in the trash.
fn possible(caller: &Caller, privacy: Privacy) -> Vec<&'static str> {
    let standing = Standing::new(caller.role, privacy, caller.part);
    let can = |action: &ProjectAction| {
        let open = match action {
            ProjectAction::Reopen | ProjectAction::Restore => false,
            ProjectAction::Join => caller.part.is_none(),
            ProjectAction::Leave => caller.part != Some(ProjectRole::Owner),
            _ => true,
        };
        open && check(&standing, &Permissions::DEFAULT, *action).is_ok()
    };
    ProjectAction::ALL.iter().copied().filter(can).map(ProjectAction::as_str).collect()
}

async fn every_door_keeps_the_table(world: &World) {
    let doors = doors(world).await;
    let mut cells = 0;
    for privacy in Privacy::ALL {
        for caller in &doors.callers {
            let who = format!("{privacy} {} {:?}", caller.role, caller.part);
            let mut project = doors.project(*privacy, caller).await;
            for action in ProjectAction::ALL {
                let Some(answer) = doors.call(&caller.person, project, *action).await else { continue };
                assert_eq!(answer.status, expected(caller, *privacy, *action), "{who} {action}");
                cells += 1;
                if answer.status < 300 && answer.body.get("can").is_none() && *action != ProjectAction::Read
                    || matches!(
                        action,
                        ProjectAction::Join | ProjectAction::Archive | ProjectAction::HandOver
                    )
                {
                    project = doors.project(*privacy, caller).await;
                }
            }
            let fresh = doors.project(*privacy, caller).await;
            let seen = world.get(&caller.person, &at(fresh)).await;
            let can = possible(caller, *privacy);
            assert_eq!(seen.status, if can.is_empty() { 404 } else { 200 }, "{who}");
            if seen.status == 200 {
                assert_eq!(seen.body["can"], json!(can), "{who}");
            }
            let listed = world.get(&caller.person, &format!("{PROJECTS}?sort=name&limit=200")).await;
            assert_eq!(listed.ids().contains(&fresh), !can.is_empty(), "{who}");
        }
    }
    println!("{cells} cells");
    assert_eq!(cells, 3 * 10 * 12);
}

async fn outsiders_see_that_a_closed_project_exists_and_no_more(world: &World) {
    let (ann, bob, admin) = (world.employee().await, world.employee().await, world.admin().await);
    let everything = json!({"name": "Hall", "description": "Where", "starts_on": "2026-01-01", "ends_on": "2026-02-01",
        "colour": "red", "tags": ["hidden"]});
    for (privacy, seen_by) in [("closed", vec![&bob, &admin]), ("secret", vec![&admin])] {
        let project = world.project(&ann, privacy, everything.clone()).await;
        for who in seen_by {
            let read = world.get(who, &at(project)).await.expect(200).body;
            let expected = json!({
                "id": project, "name": "Hall", "description": "Where", "owner_id": ann.id, "privacy": privacy,
                "member_count": 1, "my_role": null, "can": ["view"], "version": 1, "starts_on": null, "ends_on": null,
                "colour": null, "tags": null, "permissions": null, "created_at": read["created_at"], "created_by": null,
                "updated_at": null, "updated_by": null, "archived_at": null, "archived_by": null, "deleted_at": null
            });
            assert_eq!(read, expected);
            let list = world.get(who, &format!("{PROJECTS}?privacy={privacy}")).await;
            assert_eq!(list.items(), [expected]);
        }
    }
}

async fn a_former_member_is_an_outsider(world: &World) {
    let (ann, bob, guest) = (world.employee().await, world.employee().await, world.guest().await);
    for (privacy, staff) in [("open", 200), ("closed", 200), ("secret", 404)] {
        let project = world.project(&ann, privacy, json!({})).await;
        for (who, after) in [(&bob, staff), (&guest, 404)] {
            world.join(&ann, project, who, "member").await;
            world.get(who, &format!("{}/members", at(project))).await.expect(200);
            world.delete(&ann, &member(project, who.id)).await.expect(204);
            assert_eq!(world.get(who, &at(project)).await.status, after, "{privacy}");
            let beneath = world.get(who, &format!("{}/members", at(project))).await.status;
            assert_eq!(beneath == 200, privacy == "open" && after == 200, "{privacy}");
        }
    }
}

/// An answer without what differs between any two.
fn bare(answer: &Answer) -> (u16, Value) {
    let mut body = answer.body.clone();
    body["request_id"] = json!(null);
    (answer.status, body)
}

async fn a_hidden_project_answers_as_one_that_is_not_there(world: &World) {
    let (ann, bob, guest) = (world.employee().await, world.employee().await, world.guest().await);
    let secret = world.project(&ann, "secret", json!({"name": "Vault"})).await;
    let open = world.project(&ann, "open", json!({})).await;
    let trashed = world.project(&ann, "open", json!({})).await;
    world.delete(&ann, &at(trashed)).await.expect(204);
    for (who, hidden) in [(&bob, secret), (&guest, secret), (&guest, open), (&guest, trashed)] {
        let calls = [
            (Method::GET, "", None),
            (Method::GET, "/members", None),
            (Method::PATCH, "", Some(json!({"name": "x"}))),
            (Method::PATCH, "", Some(json!({"privacy": "open"}))),
            (Method::DELETE, "", None),
            (Method::POST, "/restore", None),
            (Method::POST, "/archive", None),
            (Method::POST, "/reopen", None),
            (Method::POST, "/join", None),
            (Method::POST, "/leave", None),
            (Method::POST, "/hand-over", Some(json!({"to": ann.id}))),
            (Method::PUT, &format!("/members/{}", ann.id), Some(json!({}))),
            (Method::PATCH, &format!("/members/{}", ann.id), Some(json!({"role": "member"}))),
            (Method::DELETE, &format!("/members/{}", ann.id), None),
            (Method::DELETE, &format!("/members/{}?reassign_to={}", ann.id, bob.id), None),
        ];
        for (method, tail, body) in calls {
            let ask = async |id: i64, version: Option<&str>| {
                let request = world.request(Some(who), method.clone(), &format!("{}{tail}", at(id)));
                let request = if let Some(body) = &body { request.json(body) } else { request };
                match version {
                    Some(version) => request.header("if-match", version).send().await,
                    None => request.send().await,
                }
            };
            for version in [None, Some("\"7-old\"")] {
                let (there, missing) = (ask(hidden, version).await, ask(987_654, version).await);
                assert_eq!(bare(&there), bare(&missing), "{method} {tail}");
                assert_eq!(there.status, 404, "{method} {tail}");
            }
        }
        let list = world.get(who, &format!("{PROJECTS}?include_total=true&q=vault")).await.expect(200);
        assert_eq!((list.ids(), &list.body["total"]), (vec![], &json!(0)));
    }
}

async fn orders_and_filters_tell_nothing_about_what_is_hidden(world: &World) {
    let (ann, bob) = (world.employee().await, world.employee().await);
    let fields = json!({"name": "Hall", "tags": ["gold"], "starts_on": "2026-01-01"});
    let closed = world.project(&ann, "closed", fields.clone()).await;
    let open = world.project(&ann, "open", fields).await;
    let list = async |who: &Person, query: &str| {
        let mut ids = world.get(who, &format!("{PROJECTS}?{query}")).await.expect(200).ids();
        ids.sort_unstable();
        ids
    };
    let member_id = format!("member_id={}", ann.id);
    let inside = ["tag=gold", "sort=starts_on", "sort=-ends_on", "sort=-updated_at", &member_id];
    for query in inside {
        assert_eq!(list(&ann, query).await, [closed, open], "{query}");
        assert_eq!(list(&bob, query).await, [open], "{query}");
    }
    for query in [
        "q=hall",
        "sort=-name",
        "sort=-created_at",
        "archived=false",
        "privacy=open,closed",
        &format!("owner_id={}", ann.id),
    ] {
        assert_eq!(list(&bob, query).await, [closed, open], "{query}");
    }
}
