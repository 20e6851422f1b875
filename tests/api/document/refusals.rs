//! What every operation refuses, whoever wrote it: strangers, tokens without the scope, and whatever the document
//! does not know.

use artel_domain::actor::Scope;
use artel_tests::{
    Answer, Method, Person, Value, World, json, on_both,
    published::{Operation, Published, members},
};

use super::assert_none;

on_both![
    nothing_answers_a_stranger,
    a_token_reaches_only_what_its_scopes_open,
    what_is_saved_as_a_whole_names_the_version_that_it_replaces,
    an_unknown_parameter_is_refused_everywhere,
    an_unknown_field_is_refused_everywhere,
    the_character_u0000_is_refused_everywhere,
    every_word_of_a_parameter_is_taken,
];

/// An id that nothing has.
const NOBODY: &str = "999999999";

async fn nothing_answers_a_stranger(world: &World) {
    let forged = Person { bearer: "e30.e30.e30".to_owned(), ..world.admin().await };
    for operation in Published::get().operations().filter(|operation| !operation.is_public()) {
        for who in [None, Some(&forged)] {
            call(world, who, operation, &operation.path(NOBODY), None).await.problem(401, "unauthenticated");
        }
    }
}

async fn a_token_reaches_only_what_its_scopes_open(world: &World) {
    let admin = world.admin().await;
    for operation in Published::get().operations().filter(|operation| !operation.is_public()) {
        let needed = scope(operation);
        let others: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| Some(*scope) != needed).collect();
        let token = world.with_token(&admin, &others).await;
        let code = if needed.is_some() { "scope_missing" } else { "session_required" };
        call(world, Some(&token), operation, &operation.path(NOBODY), None).await.problem(403, code);
    }
}

fn scope(operation: Operation<'_>) -> Option<Scope> {
    let alternatives = operation.definition["security"].as_array().unwrap();
    alternatives.iter().find_map(|alternative| alternative["token"][0].as_str()?.parse().ok())
}

async fn what_is_saved_as_a_whole_names_the_version_that_it_replaces(world: &World) {
    let admin = world.admin().await;
    let mut checked = 0;
    for operation in Published::get().operations() {
        let mut parameters = operation.definition["parameters"].as_array().into_iter().flatten();
        let required = |it: &Value| it["name"] == "If-Match" && it["required"] == true;
        if parameters.any(required) {
            let body = example(operation);
            let answer = call(world, Some(&admin), operation, &operation.path(NOBODY), body).await;
            answer.problem(428, "precondition_required");
            checked += 1;
        }
    }
    assert!(checked > 0);
}

async fn an_unknown_parameter_is_refused_everywhere(world: &World) {
    let admin = world.admin().await;
    let mut faults = Vec::new();
    for operation in Published::get().operations().filter(|operation| operation.route.starts_with("/api/")) {
        let path = format!("{}?no_such_parameter=1", operation.path(NOBODY));
        let admin = world.sign_in(admin.id).await;
        let answer = call(world, Some(&admin), operation, &path, example(operation)).await;
        if answer.status != 400 || answer.parameters() != [("no_such_parameter", "unknown_parameter")] {
            faults.push(format!("{}: {} {}", operation.id(), answer.status, answer.text()));
        }
    }
    assert_none(&faults);
}

async fn an_unknown_field_is_refused_everywhere(world: &World) {
    let admin = world.admin().await;
    let mut faults = Vec::new();
    for operation in Published::get().operations() {
        let Some(mut body) = example(operation).filter(Value::is_object) else {
            continue;
        };
        body["no_such_field"] = json!(1);
        let answer = call(world, Some(&admin), operation, &operation.path(NOBODY), Some(body)).await;
        if answer.status != 422 || answer.faults() != [("/no_such_field", "unknown_field")] {
            faults.push(format!("{}: {} {}", operation.id(), answer.status, answer.text()));
        }
    }
    assert_none(&faults);
}

async fn the_character_u0000_is_refused_everywhere(world: &World) {
    let admin = world.admin().await;
    let mut faults = Vec::new();
    let mut expect = |answer: Answer, status: u16, place: &str| {
        if answer.status != status {
            faults.push(format!("{place}: {} {}", answer.status, answer.text()));
        }
    };
    for operation in Published::get().operations() {
        let id = operation.id();
        let path = operation.path(NOBODY);
        for body in with_u0000(&example(operation).unwrap_or_default()) {
            let answer = call(world, Some(&admin), operation, &path, Some(body.clone())).await;
            expect(answer, 422, &format!("{id} {body}"));
        }
        for name in query_parameters(operation).map(|(name, _)| name) {
            let path = format!("{path}?{name}=a%00b");
            let answer = call(world, Some(&admin), operation, &path, example(operation)).await;
            expect(answer, 400, &path);
        }
        if operation.route.contains('{') {
            let path = operation.path("a%00b");
            let answer = call(world, Some(&admin), operation, &path, example(operation)).await;
            expect(answer, 404, &path);
        }
    }
    assert_none(&faults);
}

/// The body once for each string in it, with that string broken.
fn with_u0000(body: &Value) -> Vec<Value> {
    match body {
        Value::String(text) => vec![json!(format!("{text}\u{0}"))],
        Value::Array(items) => {
            let broken = |(index, item)| with_u0000(item).into_iter().map(move |item: Value| (index, item));
            let all = items.iter().enumerate().flat_map(broken);
            all.map(|(index, item)| {
                let mut items = items.clone();
                items[index] = item;
                Value::Array(items)
            })
            .collect()
        }
        Value::Object(fields) => {
            let broken = |(name, field)| with_u0000(field).into_iter().map(move |field: Value| (name, field));
            let all = fields.iter().flat_map(broken);
            all.map(|(name, field)| {
                let mut fields = fields.clone();
                fields.insert(String::clone(name), field);
                Value::Object(fields)
            })
            .collect()
        }
        _ => Vec::new(),
    }
}

async fn every_word_of_a_parameter_is_taken(world: &World) {
    let admin = world.admin().await;
    for operation in Published::get().operations() {
        for (name, schema) in query_parameters(operation) {
            for word in words(schema) {
                let path = format!("{}?{name}={word}", operation.path(NOBODY));
                let answer = call(world, Some(&admin), operation, &path, example(operation)).await;
                assert!([200, 404].contains(&answer.status), "{path}: {}", answer.text());
            }
        }
    }
}

/// The words that a parameter or each of its items may be.
fn words(schema: &'static Value) -> Vec<&'static str> {
    let published = Published::get();
    let schema = published.resolve(schema);
    let items = schema.get("items").map_or(schema, |items| published.resolve(items));
    let alternatives = ["oneOf", "anyOf"].iter().filter_map(|keyword| items[*keyword].as_array()).flatten();
    std::iter::once(items)
        .chain(alternatives.map(|alternative| published.resolve(alternative)))
        .flat_map(|schema| schema["enum"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect()
}

fn query_parameters(operation: Operation<'static>) -> impl Iterator<Item = (&'static str, &'static Value)> {
    let all = operation.definition["parameters"].as_array().into_iter().flatten();
    all.filter(|parameter| parameter["in"] == "query")
        .map(|parameter| (parameter["name"].as_str().unwrap(), &parameter["schema"]))
}

/// The first example of the body of an operation.
pub(super) fn example(operation: Operation<'static>) -> Option<Value> {
    let content = &operation.definition["requestBody"]["content"];
    let (_, media) = members(content).next()?;
    Published::get().examples(media).first().map(|example| Value::clone(example))
}

/// Calls an operation. Where it takes a body and none is given, it gets an empty object, so that the media type fits.
async fn call(
    world: &World,
    who: Option<&Person>,
    operation: Operation<'_>,
    path: &str,
    body: Option<Value>,
) -> Answer {
    let method: Method = operation.method.parse().unwrap();
    let takes_body = operation.body_schema().is_some();
    let body = body.or_else(|| takes_body.then(|| json!({})));
    world.call(who, method, path, body).await
}
