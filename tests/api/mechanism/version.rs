//! Versions: a change can be made conditional on what the client has seen, and a read on what it has.

use artel_tests::{Method, World, json, on_both};
use futures_util::future::join_all;

use super::{CONTACTS, contact, named};

on_both![
    an_entity_tag_names_the_version_and_each_change_raises_it,
    a_change_of_what_was_not_seen_is_refused,
    of_two_changes_to_one_version_one_is_made,
    without_a_version_the_last_writer_wins_by_field,
    what_the_client_has_is_not_sent_again,
    a_tag_that_is_none_of_ours_never_holds,
    a_version_is_checked_after_sight_and_right,
];

async fn an_entity_tag_names_the_version_and_each_change_raises_it(world: &World) {
    let ann = world.admin().await;
    let created = contact(world, &ann, "Ward").await;
    let path = format!("{CONTACTS}/{}", created.id());
    assert_eq!(created.body["version"], 1);
    assert!(created.etag().starts_with("\"1-"), "{}", created.etag());
    let changed = world.patch(&ann, &path, named("Stone")).await.expect(200);
    assert_eq!(changed.body["version"], 2);
    let same = world.patch(&ann, &path, named("Stone")).await.expect(200);
    assert_eq!((&same.body["version"], same.etag()), (&json!(2), changed.etag()));
    let read = world.get(&ann, &path).await.expect(200);
    assert_eq!((read.etag(), &read.body), (changed.etag(), &changed.body));
}

async fn a_change_of_what_was_not_seen_is_refused(world: &World) {
    let ann = world.admin().await;
    let created = contact(world, &ann, "Ward").await;
    let path = format!("{CONTACTS}/{}", created.id());
    let changed = world.patch(&ann, &path, named("Stone")).await.expect(200);
    let with = |method: Method, tag: &str| world.request(Some(&ann), method, &path).header("if-match", tag);
    for method in [Method::PATCH, Method::DELETE] {
        let stale = with(method.clone(), created.etag());
        let stale = if method == Method::PATCH { stale.json(&named("Lost")) } else { stale };
        stale.send().await.problem(412, "precondition_failed");
    }
    let current = with(Method::PATCH, changed.etag()).json(&named("Ward")).send().await.expect(200);
    let any = with(Method::PATCH, "*").json(&named("Novák")).send().await.expect(200);
    assert_eq!((&current.body["version"], &any.body["version"]), (&json!(3), &json!(4)));
    let short = with(Method::PATCH, "\"4\"").json(&named("Müller")).send().await.expect(200);
    with(Method::DELETE, short.etag()).send().await.expect(204);
}

async fn of_two_changes_to_one_version_one_is_made(world: &World) {
    let ann = world.admin().await;
    let created = contact(world, &ann, "Ward").await;
    let path = format!("{CONTACTS}/{}", created.id());
    let changes = (0..8).map(|number| {
        let request = world.request(Some(&ann), Method::PATCH, &path);
        let body = named(&format!("Writer {number}"));
        request.header("if-match", created.etag()).json(&body).send()
    });
    let mut statuses: Vec<u16> = join_all(changes).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [[200].as_slice(), &[412; 7]].concat());
}

async fn without_a_version_the_last_writer_wins_by_field(world: &World) {
    let ann = world.admin().await;
    let path = format!("{CONTACTS}/{}", contact(world, &ann, "Ward").await.id());
    let bodies =
        [json!({"first_name": "Ann"}), json!({"comment": "met at the fair"}), json!({"tags": ["vip"]})];
    let changes = bodies.iter().map(|body| world.patch(&ann, &path, body.clone()));
    for answer in join_all(changes).await {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let read = world.get(&ann, &path).await.expect(200).body;
    assert_eq!(
        (&read["version"], &read["first_name"], &read["comment"], &read["tags"]),
        (&json!(4), &json!("Ann"), &json!("met at the fair"), &json!(["vip"]))
    );
}

async fn what_the_client_has_is_not_sent_again(world: &World) {
    let ann = world.admin().await;
    let created = contact(world, &ann, "Ward").await;
    let path = format!("{CONTACTS}/{}", created.id());
    let read = world.get(&ann, &path).await.expect(200);
    let asked =
        |tag: String| world.request(Some(&ann), Method::GET, &path).header("if-none-match", tag).send();
    let etag = read.etag();
    for held in [etag.to_owned(), format!("W/{etag}"), format!("\"0-a\", {etag}"), "*".to_owned()] {
        let answer = asked(held).await.expect(304);
        assert_eq!((answer.bytes.len(), answer.etag()), (0, etag));
    }
    asked("\"1-another\"".to_owned()).await.expect(200);
    world.patch(&ann, &path, named("Stone")).await.expect(200);
    assert_ne!(asked(etag.to_owned()).await.expect(200).etag(), etag);
}

async fn a_tag_that_is_none_of_ours_never_holds(world: &World) {
    let ann = world.admin().await;
    let path = format!("{CONTACTS}/{}", contact(world, &ann, "Ward").await.id());
    for tag in ["1", "\"one\"", "W/\"1-x\"", "\"-1\"", "\"99999999999999999999\""] {
        let request = world.request(Some(&ann), Method::PATCH, &path).header("if-match", tag);
        request.json(&named("Stone")).send().await.problem(412, "precondition_failed");
    }
    for tag in ["\"1-x\", \"2-y\"", "\"1-\u{e9}\""] {
        let request = world.request(Some(&ann), Method::PATCH, &path).header("if-match", tag);
        request.json(&named("Stone")).send().await.problem(400, "invalid_header");
    }
}

async fn a_version_is_checked_after_sight_and_right(world: &World) {
    let (ann, guest) = (world.admin().await, world.guest().await);
    let path = format!("{CONTACTS}/{}", contact(world, &ann, "Ward").await.id());
    for (who, status) in [(&guest, [403, 404].as_slice()), (&ann, &[412])] {
        let request = world.request(Some(who), Method::PATCH, &path).header("if-match", "\"9-x\"");
        let answer = request.json(&named("Stone")).send().await;
        assert!(status.contains(&answer.status), "{}", answer.text());
    }
}
