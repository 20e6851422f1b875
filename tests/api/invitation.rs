//! Invitations: how people join.

use artel_tests::{Answer, Mailbox, Method, Person, World, json, on_both, token_in};
use chrono::TimeDelta;
use futures_util::future::join_all;
use secrecy::SecretString;

on_both![
    whoever_accepts_becomes_a_user_and_is_signed_in,
    an_invitation_is_good_once_however_many_accept_at_once,
    every_token_that_is_not_good_gets_one_answer,
    only_administrators_invite,
    a_newer_invitation_replaces_the_older,
    somebody_with_an_account_is_not_invited,
    an_invitation_names_a_department_that_exists,
    invitations_are_listed_by_what_became_of_them,
    a_faulty_acceptance_does_not_use_the_invitation_up,
    the_invitation_goes_out_by_mail,
    whoever_may_invite_no_more_leaves_no_way_back,
];

const INVITATIONS: &str = "/api/v1/invitations";

async fn invite(world: &World, by: &Person, email: &str) -> Answer {
    world.post(by, INVITATIONS, json!({"email": email})).await.expect(201)
}

fn token(invitation: &Answer) -> String {
    invitation.body["token"].as_str().unwrap().to_owned()
}

async fn accept(world: &World, token: &str) -> Answer {
    let body = json!({"token": token, "first_name": "Bob", "last_name": "Stone", "password": "correct horse battery"});
    world.call(None, Method::POST, "/api/v1/invitations/accept", Some(body)).await
}

async fn whoever_accepts_becomes_a_user_and_is_signed_in(world: &World) {
    let admin = world.admin().await;
    world.patch(&admin, "/api/v1/organisation", json!({"time_zone": "Asia/Tokyo"})).await.expect(200);
    let body = json!({"email": "Bob@Example.com", "role": "guest"});
    let invitation = world.post(&admin, INVITATIONS, body).await.expect(201);
    assert_eq!(
        (&invitation.body["email"], &invitation.body["mailed"]),
        (&json!("bob@example.com"), &json!(false))
    );
    let accepted = accept(world, &token(&invitation)).await.expect(201);
    let bob = admin.through(&accepted);
    let me = world.get(&bob, "/api/v1/me").await.expect(200);
    let found = ["email", "role", "first_name", "time_zone", "locale"].map(|field| me.body[field].clone());
    assert_eq!(json!(found), json!(["bob@example.com", "guest", "Bob", "Asia/Tokyo", "en"]));
    world.login("bob@example.com", "correct horse battery").await.expect(200);
}

async fn an_invitation_is_good_once_however_many_accept_at_once(world: &World) {
    let admin = world.admin().await;
    let token = token(&invite(world, &admin, "bob@example.com").await);
    let answers = join_all((0..16).map(|_| accept(world, &token))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[1..].iter().all(|status| *status == 401)), (201, true), "{statuses:?}");
    let users = world.get(&admin, "/api/v1/users?email=bob@example.com").await;
    assert_eq!(users.expect(200).items().len(), 1);
}

async fn every_token_that_is_not_good_gets_one_answer(world: &World) {
    let admin = world.admin().await;
    let used = token(&invite(world, &admin, "used@example.com").await);
    accept(world, &used).await.expect(201);
    let revoked = invite(world, &admin, "revoked@example.com").await;
    world.delete(&admin, &format!("{INVITATIONS}/{}", revoked.id())).await.expect(204);
    let expired = token(&invite(world, &admin, "late@example.com").await);
    world.clock().advance(TimeDelta::days(8));
    let mut bodies = Vec::new();
    for token in ["unknown", &used, &token(&revoked), &expired] {
        let mut answer = accept(world, token).await.problem(401, "invalid_credentials");
        answer.body["request_id"] = json!(null);
        bodies.push(answer.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
}

async fn only_administrators_invite(world: &World) {
    let invitation = invite(world, &world.admin().await, "bob@example.com").await;
    let path = format!("{INVITATIONS}/{}", invitation.id());
    for who in [world.employee().await, world.guest().await] {
        let body = json!({"email": "eve@example.com", "role": "admin", "department_id": 999});
        world.post(&who, INVITATIONS, body).await.problem(403, "admin_only");
        world.get(&who, INVITATIONS).await.problem(403, "admin_only");
        world.get(&who, &path).await.problem(403, "admin_only");
        world.delete(&who, &path).await.problem(403, "admin_only");
    }
    accept(world, &token(&invitation)).await.expect(201);
}

async fn a_newer_invitation_replaces_the_older(world: &World) {
    let admin = world.admin().await;
    let older = invite(world, &admin, "bob@example.com").await;
    let newer = invite(world, &admin, "BOB@example.com").await;
    accept(world, &token(&older)).await.problem(401, "invalid_credentials");
    accept(world, &token(&newer)).await.expect(201);
    let at_once =
        join_all((0..8).map(|_| world.post(&admin, INVITATIONS, json!({"email": "eve@example.com"})))).await;
    assert!(at_once.iter().all(|answer| matches!(answer.status, 201 | 409)));
    let pending = world.get(&admin, &format!("{INVITATIONS}?status=pending&email=eve@example.com")).await;
    assert_eq!(pending.expect(200).items().len(), 1);
}

async fn somebody_with_an_account_is_not_invited(world: &World) {
    let (admin, ann) = (world.admin().await, world.employee().await);
    world
        .post(&admin, INVITATIONS, json!({"email": ann.email.to_uppercase()}))
        .await
        .problem(409, "duplicate");
    let invitation = invite(world, &admin, "bob@example.com").await;
    let body = json!({"email": "bob@example.com", "first_name": "Bob", "last_name": "Stone"});
    world.post(&admin, "/api/v1/users", body).await.expect(201);
    accept(world, &token(&invitation)).await.problem(409, "duplicate");
}

async fn an_invitation_names_a_department_that_exists(world: &World) {
    let admin = world.admin().await;
    let body = json!({"email": "bob@example.com", "department_id": 999});
    let refused = world.post(&admin, INVITATIONS, body).await.problem(422, "validation");
    assert_eq!(refused.faults(), [("/department_id", "unknown")]);
    let sales = world.post(&admin, "/api/v1/departments", json!({"name": "Sales"})).await.expect(201).id();
    let body = json!({"email": "bob@example.com", "department_id": sales});
    let invitation = world.post(&admin, INVITATIONS, body).await.expect(201);
    let bob = admin.through(&accept(world, &token(&invitation)).await.expect(201));
    assert_eq!(world.get(&bob, "/api/v1/me").await.body["department_id"], sales);
}

async fn invitations_are_listed_by_what_became_of_them(world: &World) {
    let admin = world.admin().await;
    let expired = invite(world, &admin, "a@example.com").await.id();
    world.clock().advance(TimeDelta::days(8));
    let admin = world.sign_in(admin.id).await;
    let accepted = invite(world, &admin, "b@example.com").await;
    accept(world, &token(&accepted)).await.expect(201);
    let revoked = invite(world, &admin, "c@example.com").await.id();
    world.delete(&admin, &format!("{INVITATIONS}/{revoked}")).await.expect(204);
    let pending = invite(world, &admin, "d@example.com").await.id();
    for (status, expected) in [
        ("expired", vec![expired]),
        ("accepted", vec![accepted.id()]),
        ("revoked", vec![revoked]),
        ("pending", vec![pending]),
        ("pending,expired", vec![expired, pending]),
    ] {
        let list = world.get(&admin, &format!("{INVITATIONS}?sort=email&status={status}")).await.expect(200);
        assert_eq!(list.ids(), expected, "{status}");
        assert!(list.items().iter().all(|item| status.contains(item["status"].as_str().unwrap())));
    }
    assert_eq!(world.get(&admin, INVITATIONS).await.ids(), [pending, revoked, accepted.id(), expired]);
    world.get(&admin, &format!("{INVITATIONS}?status=open")).await.problem(400, "invalid_parameter");
}

async fn a_faulty_acceptance_does_not_use_the_invitation_up(world: &World) {
    let admin = world.admin().await;
    let token = token(&invite(world, &admin, "long.address@example.com").await);
    for (password, code) in [("short", "min_length"), ("long.address@example.com", "guessable")] {
        let body = json!({"token": token, "first_name": "Bob", "last_name": "Stone", "password": password});
        let refused = world.call(None, Method::POST, "/api/v1/invitations/accept", Some(body)).await;
        assert_eq!(refused.problem(422, "validation").faults(), [("/password", code)]);
    }
    accept(world, &token).await.expect(201);
}

async fn the_invitation_goes_out_by_mail(world: &World) {
    let mut mailbox = Mailbox::open().await;
    let url = SecretString::from(mailbox.url());
    let world = world.another(|config| config.smtp_url = Some(url)).await;
    let admin = world.admin().await;
    let invitation = invite(&world, &admin, "bob@example.com").await;
    assert_eq!(invitation.body["mailed"], true);
    let mail = mailbox.next().await;
    assert!(mail.contains("To: bob@example.com"), "{mail}");
    accept(&world, &token_in(&mail)).await.expect(201);
}

async fn whoever_may_invite_no_more_leaves_no_way_back(world: &World) {
    let root = world.admin().await;
    let (demoted, gone) = (world.admin().await, world.admin().await);
    let mut tokens = Vec::new();
    for by in [&demoted, &gone] {
        let body = json!({"email": format!("back{}@example.com", by.id), "role": "admin"});
        tokens.push(token(&world.post(by, INVITATIONS, body).await.expect(201)));
    }
    let demote = format!("/api/v1/users/{}", demoted.id);
    world.patch(&root, &demote, json!({"role": "employee"})).await.expect(200);
    let deactivate = format!("/api/v1/users/{}/deactivate", gone.id);
    world.post(&root, &deactivate, json!({})).await.expect(200);
    for token in tokens {
        accept(world, &token).await.problem(401, "invalid_credentials");
    }
}
