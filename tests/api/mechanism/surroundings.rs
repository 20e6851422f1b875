//! What surrounds every answer: its name, its headers, other origins, limits, and the net under panics.

use actix_web::{
    App,
    body::to_bytes,
    http::StatusCode,
    middleware::from_fn,
    test::{TestRequest, init_service, try_call_service},
    web,
};
use artel_api::{config::Switch, envelope::envelope};
use artel_tests::{Answer, Method, Value, World, json, on_both};

use super::CONTACTS;

on_both![
    a_request_keeps_the_name_that_its_client_gave_it,
    every_answer_keeps_browsers_from_guessing_framing_and_caching,
    no_other_origin_may_call_unless_it_is_configured,
    a_configured_origin_may_ask_what_it_may_do,
    a_configured_origin_may_call,
    each_caller_has_a_limit_of_their_own,
    strangers_are_limited_by_their_address,
    nobody_chooses_their_address_in_front_of_a_proxy,
    nothing_is_limited_where_limits_are_off,
];

async fn a_request_keeps_the_name_that_its_client_gave_it(world: &World) {
    let named = |name: &str| {
        let name = name.to_owned();
        async move { world.request(None, Method::GET, "/health/live").header("x-request-id", &name).send().await }
    };
    for sane in ["7", "a-b_c.D9", &"x".repeat(64)] {
        assert_eq!(named(sane).await.header("x-request-id"), Some(sane));
    }
    let mut given = Vec::new();
    for insane in ["", "two words", "<script>", &"x".repeat(65), "имя", "a/b"] {
        let answer = named(insane).await;
        let id = answer.header("x-request-id").unwrap();
        assert!(id != insane && id.len() >= 16, "{id}");
        given.push(id.to_owned());
    }
    given.sort_unstable();
    given.dedup();
    assert_eq!(given.len(), 6);
}

async fn every_answer_keeps_browsers_from_guessing_framing_and_caching(world: &World) {
    let ann = world.admin().await;
    let answers = [
        world.get(&ann, CONTACTS).await.expect(200),
        world.get(&ann, "/nowhere").await.expect(404),
        world.post(&ann, CONTACTS, json!({})).await.expect(422),
        world.delete(&ann, CONTACTS).await.expect(405),
        world.call(None, Method::GET, CONTACTS, None).await.expect(401),
        world.call(None, Method::GET, "/docs/", None).await.expect(200),
        world.call(None, Method::GET, "/problems/validation", None).await.expect(200),
    ];
    for answer in answers {
        let expected = [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
        ];
        for (name, value) in expected {
            assert_eq!(answer.header(name), Some(value), "{} {name}", answer.to);
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{}", answer.to);
        assert_eq!(answer.header("server"), None, "{}", answer.to);
    }
}

/// Asks as a browser does before it lets a page of this origin call.
async fn preflight(world: &World, origin: &str) -> Answer {
    let request = world.request(None, Method::OPTIONS, CONTACTS).header("origin", origin);
    let request = request.header("access-control-request-method", "PATCH");
    request.header("access-control-request-headers", "authorization,if-match").send_unchecked().await
}

async fn no_other_origin_may_call_unless_it_is_configured(world: &World) {
    let ann = world.admin().await;
    let origin = "https://evil.example";
    assert_eq!(preflight(world, origin).await.header("access-control-allow-origin"), None);
    let configured =
        world.another(|config| config.cors_origins = vec!["https://crm.example".to_owned()]).await;
    assert_eq!(preflight(&configured, origin).await.header("access-control-allow-origin"), None);
    let request = configured.request(Some(&ann), Method::GET, CONTACTS).header("origin", origin);
    let answer = request.send_unchecked().await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

async fn a_configured_origin_may_ask_what_it_may_do(world: &World) {
    let origin = "https://crm.example";
    let configured = world.another(|config| config.cors_origins = vec![origin.to_owned()]).await;
    let asked = preflight(&configured, origin).await;
    assert_eq!(asked.header("access-control-allow-origin"), Some(origin));
    let methods = asked.header("access-control-allow-methods").unwrap();
    assert!(methods.contains("PATCH"), "{methods}");
    assert_eq!(asked.header("access-control-allow-credentials"), None);
}

async fn a_configured_origin_may_call(world: &World) {
    let ann = world.admin().await;
    let origin = "https://crm.example";
    let configured = world.another(|config| config.cors_origins = vec![origin.to_owned()]).await;
    let calls = [
        (Some(&ann), CONTACTS, 200),
        (Some(&ann), "/api/v1/contacts/999999999", 404),
        (Some(&ann), "/nowhere", 404),
        (None, CONTACTS, 401),
    ];
    for (who, path, status) in calls {
        let request = configured.request(who, Method::GET, path).header("origin", origin);
        let answer = request.send().await.expect(status);
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin), "{path}");
        let exposed = answer.header("access-control-expose-headers").unwrap();
        for name in ["etag", "ratelimit-policy", "www-authenticate", "allow"] {
            assert!(exposed.to_lowercase().split(", ").any(|it| it == name), "{path}: {exposed}");
        }
    }
}

async fn each_caller_has_a_limit_of_their_own(world: &World) {
    let (ann, bob) = (world.admin().await, world.employee().await);
    let limited = world
        .another(|config| {
            config.rate_limits = Switch::On;
            config.rate_limit = 3;
        })
        .await;
    for left in (0..3).rev() {
        let answer = limited.get(&ann, CONTACTS).await.expect(200);
        assert_eq!(answer.header("ratelimit-policy"), Some("\"caller\";q=3;w=60"));
        let rest = answer.header("ratelimit").unwrap();
        assert!(rest.starts_with(&format!("\"caller\";r={left};t=")), "{rest}");
    }
    let refused = limited.get(&ann, CONTACTS).await.problem(429, "rate_limited");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=21).contains(&wait), "{wait}");
    let session = world.sign_in(ann.id).await;
    limited.get(&session, CONTACTS).await.problem(429, "rate_limited");
    limited.get(&bob, CONTACTS).await.expect(200);
    limited.call(None, Method::GET, "/health/live", None).await.expect(200);
}

async fn strangers_are_limited_by_their_address(world: &World) {
    let ann = world.admin().await;
    let limited = world
        .another(|config| {
            config.rate_limits = Switch::On;
            config.sign_in_rate_limit = 2;
            config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        })
        .await;
    let from = |address: &str| {
        let request = limited.request(None, Method::GET, CONTACTS).header("x-forwarded-for", address);
        request.send()
    };
    for _ in 0..2 {
        from("192.0.2.1").await.problem(401, "unauthenticated");
    }
    from("192.0.2.1").await.problem(429, "rate_limited");
    from("192.0.2.2").await.problem(401, "unauthenticated");
    for last in ["1", "2"] {
        from(&format!("2001:db8::{last}")).await.problem(401, "unauthenticated");
    }
    from("2001:db8::3").await.problem(429, "rate_limited");
    limited.get(&ann, CONTACTS).await.expect(200);
}

/// Some proxies add a line of their own to those that the client sent.
async fn nobody_chooses_their_address_in_front_of_a_proxy(world: &World) {
    let limited = world
        .another(|config| {
            config.rate_limits = Switch::On;
            config.sign_in_rate_limit = 1;
            config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        })
        .await;
    let claiming = |address: &str| {
        let request = limited.request(None, Method::GET, CONTACTS).header("x-forwarded-for", address);
        request.header("x-forwarded-for", "192.0.2.1").send()
    };
    claiming("198.51.100.1").await.problem(401, "unauthenticated");
    claiming("198.51.100.2").await.problem(429, "rate_limited");
}

async fn nothing_is_limited_where_limits_are_off(world: &World) {
    let ann = world.admin().await;
    let answer = world.get(&ann, CONTACTS).await.expect(200);
    assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), (None, None));
}

#[tokio::test]
async fn a_panic_is_answered_by_a_problem_that_tells_nothing() {
    let panics = async || -> &'static str { panic!("the secret cause") };
    let app = App::new().route("/", web::get().to(panics)).wrap(from_fn(envelope));
    let app = init_service(app).await;
    let request = TestRequest::get().uri("/").insert_header(("x-request-id", "ours"));
    let Err(error) = try_call_service(&app, request.to_request()).await else {
        panic!("the panic went unnoticed");
    };
    let answer = error.error_response();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let header = |name: &str| answer.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/problem+json");
    assert_eq!(
        (header("x-request-id"), header("x-content-type-options")),
        ("ours".to_owned(), "nosniff".to_owned())
    );
    let bytes = to_bytes(answer.into_body()).await.unwrap();
    let body: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((&body["status"], &body["code"]), (&json!(500), &json!("internal")));
    assert!(!body.to_string().contains("secret"), "{body}");
}
