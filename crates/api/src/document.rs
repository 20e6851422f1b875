//! The published document: what the rooms declare, and one pass that says what is true everywhere.

#![expect(
    clippy::indexing_slicing,
    reason = "an index into a JSON value answers null where there is nothing"
)]

use actix_web::{App, http::Method};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt as _;

use crate::{problem, routes};

/// The security scheme of signed-in sessions.
pub const SESSION: &str = "session";
/// The security scheme of personal access tokens.
pub const TOKEN: &str = "token";
/// POST operations under these roots hand out or consume secrets, so their answers are never kept.
const SECRET_ROOTS: &[&str] = &["/api/v1/auth/", "/api/v1/setup", "/api/v1/invitations"];

/// The groups of operations, in the order that the document shows them.
const TAGS: &[(&str, &str)] = &[
    ("setup", "Making the first administrator of a new organisation."),
    ("sign-in", "Signing in and out, sessions, passwords and personal access tokens."),
    ("me", "The caller's own profile."),
    ("contacts", "People whom the organisation knows, and the companies that they belong to."),
    ("companies", "Organisations that the organisation knows."),
    ("crm", "What contacts and companies can be, and how far each role reaches."),
    ("projects", "People who work together on something, and who else may know of it."),
    ("users", "The people of the organisation."),
    ("invitations", "Asking people to join."),
    ("departments", "The tree of the staff."),
    ("organisation", "The settings of the organisation."),
    ("service", "Health, metrics, this document, and what each kind of problem means."),
];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Artel",
        description = include_str!("document.md"),
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(name = "Artel")
    ),
    servers((url = "/", description = "This server")),
    components(schemas(problem::ProblemBody, problem::ProblemError))
)]
struct Base;

/// The whole document, as it is served and checked in.
#[must_use]
pub fn document() -> Value {
    let (_, api) = App::new().into_utoipa_app().openapi(Base::openapi()).configure(routes).split_for_parts();
    let mut document = serde_json::to_value(&api).unwrap_or_default();
    complete(&mut document);
    document
}

/// The document as text: indented, ending in a newline.
#[must_use]
pub fn text() -> String {
    let text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text + "\n"
}

fn complete(document: &mut Value) {
    document["components"]["securitySchemes"] = security_schemes();
    document["components"]["responses"] = responses();
    document["components"]["headers"] = headers();
    fold_inline_copies(document);
    show_lists(document);
    let schemas = document["components"]["schemas"].clone();
    let mut tags = Vec::new();
    for (route, item) in members_mut(&mut document["paths"]) {
        for (method, operation) in members_mut(item) {
            let secret = SECRET_ROOTS.iter().any(|root| route.starts_with(root));
            complete_operation(route, &method.to_uppercase(), operation, secret, &schemas);
            tags.extend(operation["tags"][0].as_str().map(str::to_owned));
        }
    }
    let used = TAGS.iter().filter(|(tag, _)| tags.iter().any(|used| used == tag));
    document["tags"] = used.map(|(tag, about)| json!({ "name": tag, "description": about })).collect();
}

fn complete_operation(route: &str, method: &str, operation: &mut Value, secret: bool, schemas: &Value) {
    complete_security(operation);
    describe_path_parameters(operation, schemas);
    if method == Method::POST.as_str() && !secret && operation["security"] != json!([]) {
        push(&mut operation["parameters"], idempotency_key());
    }
    complete_media_types(method, operation);
    complete_responses(route, method, operation);
}

/// `security(("token" = [scope]))` opens an operation to tokens, nothing means sessions only, `security(())`
/// means everybody.
fn complete_security(operation: &mut Value) {
    operation["security"] = match &operation["security"] {
        Value::Array(list) if list.iter().any(|entry| entry == &json!({})) => json!([]),
        Value::Array(list) => {
            let session = json!({ SESSION: [] });
            std::iter::once(session).chain(list.iter().cloned()).collect()
        }
        _ => json!([{ SESSION: [] }]),
    };
}

/// A path parameter without words of its own is described by its type.
fn describe_path_parameters(operation: &mut Value, schemas: &Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        if parameter["in"] == "path" && parameter.get("description").is_none() {
            let name = parameter["schema"]["$ref"].as_str().and_then(|path| path.rsplit('/').next());
            let words = name.and_then(|name| schemas[name]["description"].as_str());
            parameter["description"] = json!(words.unwrap_or("Names the object."));
        }
    }
}

/// PATCH takes a merge patch (RFC 7396) under its own media type as well as plain JSON.
fn complete_media_types(method: &str, operation: &mut Value) {
    let content = &mut operation["requestBody"]["content"];
    if method == Method::PATCH.as_str() && content.is_object() {
        content["application/merge-patch+json"] = content["application/json"].clone();
    }
    if operation["requestBody"]["content"].is_null()
        && let Some(operation) = operation.as_object_mut()
    {
        operation.remove("requestBody");
    }
}

/// The statuses that follow from what an operation is.
fn complete_responses(route: &str, method: &str, operation: &mut Value) {
    let service = !route.starts_with("/api/");
    for (status, holds) in statuses(route, method, operation) {
        let responses = &mut operation["responses"];
        if holds && responses.get(status).is_none() {
            responses[status] = json!({ "$ref": format!("#/components/responses/{status}") });
        }
    }
    if method == Method::GET.as_str() && operation["responses"]["200"]["headers"].get("ETag").is_some() {
        push(&mut operation["parameters"], if_none_match());
        operation["responses"]["304"] = json!({ "description": "The body is the one that the client has." });
    }
    for (status, response) in members_mut(&mut operation["responses"]) {
        if response.get("$ref").is_none() {
            complete_response(status, response, service);
        }
    }
}

fn statuses(route: &str, method: &str, operation: &Value) -> [(&'static str, bool); 14] {
    let closed = operation["security"] != json!([]);
    let takes_body = operation.get("requestBody").is_some();
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let precondition = parameters.iter().find(|parameter| parameter["name"] == "If-Match");
    // A retry whose object is no longer the caller's to see is told that there is none.
    let keyed = parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key");
    let service = !route.starts_with("/api/");
    // What a change is told by its query can be understood and invalid, like a body.
    let told = method != Method::GET.as_str() && parameters.iter().any(|it| it["in"] == "query");
    // Whoever is named by the path to be given a part may be unfit for it.
    let given = method == Method::PUT.as_str() && route.ends_with("/{user_id}");
    [
        ("400", true),
        ("401", closed),
        ("403", closed),
        ("404", route.contains('{') || keyed),
        ("408", takes_body),
        ("409", closed && method != Method::GET.as_str()),
        ("412", precondition.is_some()),
        ("413", takes_body),
        ("415", takes_body),
        ("422", takes_body || told || given),
        ("428", precondition.is_some_and(|parameter| parameter["required"] == true)),
        ("429", !service),
        ("500", true),
        ("503", true),
    ]
}

fn complete_response(status: &str, response: &mut Value, service: bool) {
    let missing = response["description"].as_str().is_none_or(str::is_empty);
    if missing {
        response["description"] = json!(meaning_of(status));
    }
    if status == "201" {
        response["headers"]["Location"] = json!({ "$ref": "#/components/headers/Location" });
    }
    if !service {
        for name in ["X-Request-Id", "RateLimit", "RateLimit-Policy"] {
            response["headers"][name] = json!({ "$ref": format!("#/components/headers/{name}") });
        }
    }
}

fn meaning_of(status: &str) -> &'static str {
    match status {
        "200" => "Done; the body shows the result.",
        "201" => "Created; `Location` says where it lives.",
        "202" => "Accepted.",
        "204" => "Done; there is nothing to show.",
        "400" => "The request cannot be parsed, or a parameter or header is not valid.",
        "401" => "No valid credential came with the request.",
        "403" => "The caller may not do this; `code` says which rule forbids it.",
        "404" => "There is no such object, or the caller may not know that it exists.",
        "408" => "The body did not arrive in time.",
        "409" => "The state of things forbids it; `code` says which.",
        "412" => "The object has changed since the version named in `If-Match`.",
        "413" => "The body is too large.",
        "415" => "The body has a media type that the operation does not take.",
        "422" => "The body is understood, and invalid; `errors` lists every fault.",
        "428" => "`If-Match` must name the version that is replaced.",
        "429" => "Too many requests; `Retry-After` says how long to wait.",
        "500" => "Something failed that should not; the request id leads to the log.",
        "503" => "Not available for the moment; `Retry-After` says when to try again.",
        _ => "The answer.",
    }
}

fn security_schemes() -> Value {
    json!({
        SESSION: {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "The access token of a signed-in session, from `POST /api/v1/auth/login`."
        },
        TOKEN: {
            "type": "http", "scheme": "bearer", "bearerFormat": "artel_pat_…",
            "description": "A personal access token with the scope that the operation names, from `POST /api/v1/auth/tokens`."
        }
    })
}

/// One problem response for each status that an operation can answer, with its codes as examples. 405 is none of them:
/// it answers a method that is no operation.
fn responses() -> Value {
    let mut responses = Map::new();
    for kind in problem::catalogue().into_iter().filter(|kind| kind.status != 405) {
        let status = kind.status.to_string();
        let example = json!({
            "type": format!("/problems/{}", kind.code), "title": kind.meaning, "status": kind.status,
            "code": kind.code, "request_id": "5f0c8a3e9b7d4c21"
        });
        let response = responses.entry(status.clone()).or_insert_with(|| problem_response(&status));
        response["content"]["application/problem+json"]["examples"][kind.code] = json!({ "value": example });
    }
    Value::Object(responses)
}

fn problem_response(status: &str) -> Value {
    let mut headers = json!({ "X-Request-Id": { "$ref": "#/components/headers/X-Request-Id" } });
    if matches!(status, "429" | "503") {
        headers["Retry-After"] = json!({ "$ref": "#/components/headers/Retry-After" });
    }
    if status == "401" {
        headers["WWW-Authenticate"] = json!({ "$ref": "#/components/headers/WWW-Authenticate" });
    }
    json!({
        "description": meaning_of(status),
        "headers": headers,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" }, "examples": {} } }
    })
}

fn headers() -> Value {
    let text = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    json!({
        "X-Request-Id": text("Names this request in the server's log: the client's own, if it sent a sane one."),
        "Location": text("The path of the object that was created."),
        "RateLimit": text("What is left of the limit, and the seconds until it is whole again."),
        "RateLimit-Policy": text("The limit: requests in a window of seconds."),
        "WWW-Authenticate": text("How to authenticate."),
        "Retry-After": { "description": "Seconds after which to try again.", "schema": { "type": "integer", "minimum": 0 } },
    })
}

fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "Chosen by the client, unique for each intended effect. A retry with the same key within 24 \
            hours gets the first answer again, with `Idempotent-Replayed: true`, and nothing happens twice.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$" },
        "example": "8e03978e-40d5-43e8-bc93-6894a57f9324"
    })
}

fn if_none_match() -> Value {
    json!({
        "name": "If-None-Match", "in": "header", "required": false,
        "description": "The `ETag` that the client has; if it still holds, the answer is 304 without a body.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 500, "pattern": "^[\\x20-\\x7e]+$" },
        "example": "\"17-Qm8z3wYk2nA\""
    })
}

/// Generic lists inline a copy of their item's schema: copies of a component become references to it, so that
/// generated clients name the type.
fn fold_inline_copies(document: &mut Value) {
    let components = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    let objects: Vec<(String, Value)> =
        components.into_iter().filter(|(_, schema)| schema.get("properties").is_some()).collect();
    for (name, schema) in members_mut(&mut document["components"]["schemas"]) {
        let others: Vec<&(String, Value)> = objects.iter().filter(|(other, _)| other != name).collect();
        let properties = schema.get_mut("properties").into_iter().flat_map(members_mut);
        properties.for_each(|(_, property)| fold(property, &others));
    }
}

fn fold(schema: &mut Value, objects: &[&(String, Value)]) {
    if let Some((name, _)) = objects.iter().find(|(_, object)| object == schema) {
        *schema = json!({ "$ref": format!("#/components/schemas/{name}") });
    } else if schema.get("items").is_some() {
        fold(&mut schema["items"], objects);
    }
}

/// A page of a list is shown by the example of its item.
fn show_lists(document: &mut Value) {
    let components = document["components"]["schemas"].clone();
    for (_, schema) in members_mut(&mut document["components"]["schemas"]) {
        let item = schema.pointer("/properties/items/items/$ref").and_then(Value::as_str);
        let name = item.and_then(|path| path.rsplit('/').next());
        if let Some(name) = name
            && schema.pointer("/properties/next_cursor").is_some()
        {
            let items = [components[name]["example"].clone()];
            schema["example"] = json!({ "items": items, "next_cursor": null });
        }
    }
}

fn push(list: &mut Value, item: Value) {
    match list {
        Value::Array(items) => items.push(item),
        other => *other = json!([item]),
    }
}

fn members_mut(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flat_map(Map::iter_mut)
}
