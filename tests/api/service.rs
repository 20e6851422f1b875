//! The service's own operations: what operators and their tools rely on.

use artel_tests::{Method, World, on_both};

on_both![
    it_is_alive_and_ready,
    the_document_that_is_served_is_the_published_one,
    each_kind_of_problem_has_a_page,
    metrics_need_their_token,
];

async fn it_is_alive_and_ready(world: &World) {
    for path in ["/health/live", "/health/ready"] {
        let answer = world.call(None, Method::GET, path, None).await.expect(200);
        assert_eq!(answer.body["status"], "ok", "{path}");
    }
}

async fn the_document_that_is_served_is_the_published_one(world: &World) {
    let answer = world.call(None, Method::GET, "/openapi.json", None).await;
    assert_eq!(answer.expect(200).body, artel_api::document::document());
}

async fn each_kind_of_problem_has_a_page(world: &World) {
    for kind in artel_api::problem::catalogue() {
        let path = format!("/problems/{}", kind.code);
        let page = world.call(None, Method::GET, &path, None).await.expect(200);
        assert!(page.text().contains(&format!("<h1>{}</h1>", kind.code)), "{}", kind.code);
    }
    let unknown = world.call(None, Method::GET, "/problems/bad_weather", None).await;
    unknown.problem(404, "not_found");
}

async fn metrics_need_their_token(world: &World) {
    let _ = world.call(None, Method::GET, "/metrics", None).await.problem(401, "unauthenticated");
    let measured = world.another(|config| config.metrics_token = Some("scrape".into())).await;
    let asked = |token: &str| {
        let request = measured.request(None, Method::GET, "/metrics");
        request.header("authorization", format!("Bearer {token}")).send()
    };
    asked("guess").await.problem(401, "unauthenticated");
    let metrics = asked("scrape").await.expect(200).text();
    assert!(metrics.contains("artel_http_requests_total"), "{metrics}");
}
