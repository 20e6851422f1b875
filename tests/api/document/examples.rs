//! The examples of the document are real: sent to a demo server as they stand, each gets an answer of success. Only
//! what is good once (tokens) and the ids of objects are put in by the test.

use artel_api::{demo, setup::issue_token};
use artel_domain::actor::Role;
use artel_tests::{
    Answer, Mailbox, Method, PASSWORD, Person, Value, World, json, on_both,
    published::{Operation, Published},
    token_in,
};

use super::refusals::example;

on_both![
    every_request_example_is_taken_by_a_demo_server,
    the_examples_of_setting_up_and_of_joining_are_taken,
];

/// These two need an organisation without the people that they make.
const ELSEWHERE: [&str; 2] = ["set_up", "accept_invitation"];

async fn every_request_example_is_taken_by_a_demo_server(world: &World) {
    demo::load(world.db(), world.clock().now()).await.unwrap();
    let mut mailbox = Mailbox::open().await;
    let world = world
        .another(|config| {
            config.smtp_url = Some(mailbox.url().into());
            config.metrics_token = Some("scrape".into());
        })
        .await;
    let ann =
        world.person_with(Role::Admin, |fields| fields.email = "ann@example.com".parse().unwrap()).await;
    let operations = Published::get().operations().filter(|operation| !ELSEWHERE.contains(&operation.id()));
    for operation in operations {
        let mut ann = world.with_password(world.sign_in(ann.id).await).await;
        let path = path(&world, &ann, operation).await;
        let body = body(&world, &mut mailbox, operation).await;
        if operation.id() == "read_metrics" {
            ann.bearer = "scrape".to_owned();
        }
        send(&world, Some(&ann), operation, &path, body).await;
    }
}

async fn the_examples_of_setting_up_and_of_joining_are_taken(world: &World) {
    let mut mailbox = Mailbox::open().await;
    let world = world.another(|config| config.smtp_url = Some(mailbox.url().into())).await;
    let token = issue_token(world.db()).await.unwrap().expect("nobody set it up");
    let set_up = with(named("set_up"), "token", &token);
    let ann = send(&world, None, named("set_up"), "/api/v1/setup", set_up).await;
    let ann = world.sign_in(ann.body["user_id"].as_i64().unwrap()).await;
    let invite = named("create_invitation");
    send(&world, Some(&ann), invite, invite.route, example(invite)).await;
    let accept = with(named("accept_invitation"), "token", &token_in(&mailbox.next().await));
    send(&world, None, named("accept_invitation"), "/api/v1/invitations/accept", accept).await;
}

fn named(id: &str) -> Operation<'static> {
    Published::get().operations().find(|operation| operation.id() == id).unwrap()
}

fn with(operation: Operation<'static>, field: &str, value: &str) -> Option<Value> {
    let mut body = example(operation)?;
    body[field] = json!(value);
    Some(body)
}

/// The example of the body, with a token in it that is good.
async fn body(world: &World, mailbox: &mut Mailbox, operation: Operation<'static>) -> Option<Value> {
    match operation.id() {
        "refresh" => {
            let tokens = world.login("ann@example.com", PASSWORD).await.expect(200).body;
            with(operation, "refresh_token", tokens["refresh_token"].as_str().unwrap())
        }
        "confirm_password_reset" => with(operation, "token", &token_in(&mailbox.next().await)),
        _ => example(operation),
    }
}

/// The path with objects in it that are there for this request.
async fn path(world: &World, ann: &Person, operation: Operation<'static>) -> String {
    let route = operation.route.to_owned();
    let route = parameters(operation).fold(route, |route, (name, value)| route.replace(&name, &value));
    if !route.contains('{') {
        return route;
    }
    let (collection, rest) = route.split_once("/{id}").expect("the first id is called id");
    let id = match collection {
        "/api/v1/auth/sessions" => world.sign_in(ann.id).await.session,
        "/api/v1/users" => world.employee().await.id,
        _ => make(world, ann, collection).await,
    };
    let mut path = format!("{collection}/{id}{rest}");
    if path.contains("{company_id}") {
        let company = make(world, ann, "/api/v1/companies").await;
        path = path.replace("{company_id}", &company.to_string());
    }
    if path.contains("{user_id}") {
        path = path.replace("{user_id}", &world.employee().await.id.to_string());
    }
    prepare(world, ann, operation, &path).await;
    path
}

/// The parameters of the path that have examples.
fn parameters(operation: Operation<'static>) -> impl Iterator<Item = (String, String)> {
    let all = operation.definition["parameters"].as_array().into_iter().flatten();
    all.filter(|parameter| parameter["in"] == "path").filter_map(|parameter| {
        let name = format!("{{{}}}", parameter["name"].as_str()?);
        Some((name, parameter["example"].as_str()?.to_owned()))
    })
}

/// A new object out of the example for its kind.
async fn make(world: &World, ann: &Person, collection: &str) -> i64 {
    let create = Published::get().find(&Method::POST, collection).unwrap();
    let made = world.post(ann, collection, example(create).unwrap()).await.expect(201);
    made.id()
}

/// Brings the object into the state that the operation changes.
async fn prepare(world: &World, ann: &Person, operation: Operation<'static>, path: &str) {
    let object = || path.rsplit_once('/').unwrap().0;
    match operation.id() {
        "restore_contact" | "restore_company" | "restore_project" => {
            drop(world.delete(ann, object()).await.expect(204))
        }
        "activate_user" => {
            let deactivate = format!("{}/deactivate", object());
            world.post(ann, &deactivate, json!({})).await.expect(200);
        }
        "leave_project" => {
            let heir = example(operation).unwrap()["reassign_to"].clone();
            world.post(ann, &format!("{}/hand-over", object()), json!({ "to": heir })).await.expect(200);
        }
        "delete_contact_company" | "edit_project_member" | "delete_project_member" => {
            drop(world.put(ann, path, json!({})).await.expect(200))
        }
        _ => {}
    }
}

/// Sends a request, with the version that it saves over where it must name one.
async fn send(
    world: &World,
    who: Option<&Person>,
    operation: Operation<'_>,
    path: &str,
    body: Option<Value>,
) -> Answer {
    let mut request = world.request(who, operation.method.parse().unwrap(), path);
    let parameters = operation.definition["parameters"].as_array().into_iter().flatten();
    let mut required = parameters.filter(|parameter| parameter["required"] == true);
    if required.any(|parameter| parameter["name"] == "If-Match") {
        let whole = world.call(who, Method::GET, path, None).await.expect(200);
        request = request.header("if-match", whole.etag());
    }
    if let Some(body) = &body {
        request = request.json(body);
    }
    let answer = request.send().await;
    assert!((200..300).contains(&answer.status), "{}: {} {}", operation.id(), answer.status, answer.text());
    answer
}
