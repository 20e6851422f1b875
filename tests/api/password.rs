//! Passwords: changed by their owner, reset through a mail.

use artel_domain::actor::Scope;
use artel_tests::{Answer, Mailbox, Method, PASSWORD, Person, World, json, on_both, token_in};
use chrono::TimeDelta;
use futures_util::future::join_all;
use secrecy::SecretString;

on_both![
    changing_the_password_keeps_this_session_and_the_tokens,
    the_old_password_must_be_proven,
    a_weak_password_is_refused,
    of_two_changes_at_once_one_wins,
    without_a_mail_server_there_is_no_reset,
    a_reset_comes_by_mail_and_ends_everything,
    a_reset_is_good_once,
    a_reset_expires,
    a_reset_does_not_outlive_what_it_was_made_for,
    nobody_learns_from_a_reset_who_has_an_account,
];

const NEW: &str = "staple apple orchard";

async fn ann(world: &World) -> Person {
    let person = world.employee().await;
    world.with_password(person).await
}

async fn change(world: &World, who: &Person, current: &str, new: &str) -> Answer {
    let body = json!({"current_password": current, "new_password": new});
    world.post(who, "/api/v1/auth/password", body).await
}

async fn changing_the_password_keeps_this_session_and_the_tokens(world: &World) {
    let ann = ann(world).await;
    let elsewhere = world.sign_in(ann.id).await;
    let script = world.with_token(&ann, &[Scope::ProfileRead]).await;
    for who in [&ann, &elsewhere, &script] {
        world.get(who, "/api/v1/me").await.expect(200);
    }
    change(world, &ann, PASSWORD, NEW).await.expect(204);
    world.get(&ann, "/api/v1/me").await.expect(200);
    world.get(&script, "/api/v1/me").await.expect(200);
    world.get(&elsewhere, "/api/v1/me").await.problem(401, "unauthenticated");
    world.login(&ann.email, PASSWORD).await.problem(401, "invalid_credentials");
    world.login(&ann.email, NEW).await.expect(200);
}

async fn the_old_password_must_be_proven(world: &World) {
    let (ann, without) = (ann(world).await, world.employee().await);
    for who in [&ann, &without] {
        let refused = change(world, who, "wrong horse battery", NEW).await.problem(422, "validation");
        assert_eq!(refused.faults(), [("/current_password", "wrong")]);
    }
    let script = world.with_token(&ann, Scope::ALL).await;
    change(world, &script, PASSWORD, NEW).await.problem(403, "session_required");
    world.login(&ann.email, PASSWORD).await.expect(200);
}

async fn a_weak_password_is_refused(world: &World) {
    let ann = world
        .person_with(artel_domain::actor::Role::Employee, |fields| {
            fields.email = "long.address@example.com".parse().unwrap();
        })
        .await;
    let ann = world.with_password(ann).await;
    for (weak, code) in [
        ("short", "min_length"),
        (&*"x".repeat(129), "max_length"),
        ("Long.Address@example.com", "guessable"),
        ("null\0 in a password", "pattern"),
    ] {
        let refused = change(world, &ann, PASSWORD, weak).await.problem(422, "validation");
        assert!(refused.faults().contains(&("/new_password", code)), "{:?}", refused.faults());
        assert!(!refused.text().contains(weak), "{}", refused.text());
    }
}

async fn of_two_changes_at_once_one_wins(world: &World) {
    let ann = ann(world).await;
    let news = ["first new password", "second new password"];
    let answers = join_all(news.map(|new| change(world, &ann, PASSWORD, new))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422]);
    let winner = answers.iter().position(|answer| answer.status == 204).unwrap();
    world.login(&ann.email, news[winner]).await.expect(200);
    world.login(&ann.email, news[1 - winner]).await.problem(401, "invalid_credentials");
}

async fn request(world: &World, email: &str) -> Answer {
    world.call(None, Method::POST, "/api/v1/auth/password-reset", Some(json!({"email": email}))).await
}

async fn confirm(world: &World, token: &str, new: &str) -> Answer {
    let body = json!({"token": token, "new_password": new});
    world.call(None, Method::POST, "/api/v1/auth/password-reset/confirm", Some(body)).await
}

async fn mailing(world: &World) -> (World, Mailbox) {
    let mailbox = Mailbox::open().await;
    let url = SecretString::from(mailbox.url());
    let world = world.another(|config| {
        config.smtp_url = Some(url);
        config.public_url = Some("https://artel.example.com/".to_owned());
    });
    (world.await, mailbox)
}

async fn without_a_mail_server_there_is_no_reset(world: &World) {
    let ann = ann(world).await;
    for email in [ann.email.as_str(), "nobody@example.com"] {
        request(world, email).await.problem(503, "mail_not_configured");
    }
}

async fn a_reset_comes_by_mail_and_ends_everything(world: &World) {
    let (world, mut mailbox) = mailing(world).await;
    let ann = ann(&world).await;
    let script = world.with_token(&ann, &[Scope::ProfileRead]).await;
    request(&world, &ann.email.to_uppercase()).await.expect(202);
    let mail = mailbox.next().await;
    assert!(mail.contains(&format!("To: {}", ann.email)), "{mail}");
    assert!(mail.contains("https://artel.example.com/password-reset?token="), "{mail}");
    confirm(&world, &token_in(&mail), NEW).await.expect(204);
    for who in [&ann, &script] {
        world.get(who, "/api/v1/me").await.problem(401, "unauthenticated");
    }
    world.login(&ann.email, PASSWORD).await.problem(401, "invalid_credentials");
    world.login(&ann.email, NEW).await.expect(200);
}

async fn a_reset_is_good_once(world: &World) {
    let (world, mut mailbox) = mailing(world).await;
    let ann = ann(&world).await;
    request(&world, &ann.email).await.expect(202);
    let token = token_in(&mailbox.next().await);
    let weak = confirm(&world, &token, "short").await.problem(422, "validation");
    assert_eq!(weak.faults(), [("/new_password", "min_length")]);
    let guessable = confirm(&world, &token, &ann.email).await.problem(422, "validation");
    assert_eq!(guessable.faults(), [("/new_password", "guessable")]);
    let answers = join_all((0..16).map(|_| confirm(&world, &token, NEW))).await;
    let done = answers.iter().filter(|answer| answer.status == 204).count();
    let refused = answers.iter().filter(|answer| answer.status == 401).count();
    assert_eq!((done, refused), (1, 15));
    confirm(&world, &token, NEW).await.problem(401, "invalid_credentials");
}

async fn a_reset_expires(world: &World) {
    let (world, mut mailbox) = mailing(world).await;
    let ann = ann(&world).await;
    request(&world, &ann.email).await.expect(202);
    let token = token_in(&mailbox.next().await);
    world.clock().advance(TimeDelta::minutes(61));
    confirm(&world, &token, NEW).await.problem(401, "invalid_credentials");
}

async fn a_reset_does_not_outlive_what_it_was_made_for(world: &World) {
    let (world, mut mailbox) = mailing(world).await;
    let (admin, ann, bob) = (world.admin().await, ann(&world).await, ann(&world).await);
    let mut tokens = Vec::new();
    for who in [&ann, &bob] {
        request(&world, &who.email).await.expect(202);
        tokens.push(token_in(&mailbox.next().await));
    }
    change(&world, &ann, PASSWORD, NEW).await.expect(204);
    let moved = json!({"email": "elsewhere@example.com"});
    world.patch(&admin, &format!("/api/v1/users/{}", bob.id), moved).await.expect(200);
    for token in tokens {
        confirm(&world, &token, "another new password").await.problem(401, "invalid_credentials");
    }
}

async fn nobody_learns_from_a_reset_who_has_an_account(world: &World) {
    let (world, mut mailbox) = mailing(world).await;
    let (admin, ann, gone) = (world.admin().await, ann(&world).await, ann(&world).await);
    world.post(&admin, &format!("/api/v1/users/{}/deactivate", gone.id), json!(null)).await.expect(200);
    for email in ["nobody@example.com", &gone.email, &ann.email, &ann.email] {
        let answer = request(&world, email).await.expect(202);
        assert!(answer.bytes.is_empty());
    }
    let mail = mailbox.next().await;
    assert!(mail.contains(&format!("To: {}", ann.email)), "{mail}");
    assert!(mailbox.is_empty(), "a second mail within the minute");
    world.clock().advance(TimeDelta::minutes(2));
    request(&world, &ann.email).await.expect(202);
    assert!(mailbox.next().await.contains(&ann.email));
}
