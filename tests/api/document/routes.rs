//! The checked-in document, the one that the server publishes, and the router itself say the same.

use std::collections::BTreeSet;

use actix_web::{
    App, HttpResponse,
    introspection::IntrospectionTree,
    test::{TestRequest, call_and_read_body, init_service},
    web::{self, Data},
};
use artel_tests::{Value, published::Published};

/// Paths that people look at, and that are no operations: the Swagger UI.
const NO_OPERATIONS: [&str; 2] = ["/docs", "/docs/{_:.*}"];

#[test]
fn the_document_is_in_step() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json");
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    let same = checked_in == artel_api::document::text();
    assert!(same, "openapi/openapi.json is not what the server publishes: run `make openapi`");
}

#[tokio::test]
async fn every_route_is_published_and_every_published_operation_has_a_route() {
    let published: BTreeSet<String> = Published::get()
        .operations()
        .map(|operation| format!("{} {}", operation.method, operation.route))
        .collect();
    let served = served().await;
    let unpublished: Vec<_> = served.difference(&published).collect();
    let unserved: Vec<_> = published.difference(&served).collect();
    assert!(
        unpublished.is_empty() && unserved.is_empty(),
        "served and not published: {unpublished:?}; published and not served: {unserved:?}"
    );
}

/// What the router of the server answers, as `METHOD /path`.
async fn served() -> BTreeSet<String> {
    let read = async |tree: Data<IntrospectionTree>| HttpResponse::Ok().body(tree.report_as_json());
    let app = App::new().configure(artel_api::server::mount).route("/routes", web::get().to(read));
    let app = init_service(app).await;
    let report = call_and_read_body(&app, TestRequest::get().uri("/routes").to_request()).await;
    let report: Vec<Value> = serde_json::from_slice(&report).unwrap();
    let resources = report.iter().filter(|route| route["resource_type"] == "resource");
    resources.flat_map(operations).collect()
}

fn operations(route: &Value) -> Vec<String> {
    let path = route["full_path"].as_str().unwrap();
    if path == "/routes" || NO_OPERATIONS.contains(&path) {
        return Vec::new();
    }
    let methods = route["methods"].as_array().unwrap();
    assert!(!methods.is_empty(), "{path} answers any method");
    methods.iter().map(|method| format!("{} {path}", method.as_str().unwrap())).collect()
}
