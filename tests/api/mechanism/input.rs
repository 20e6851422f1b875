//! Bad input: whatever is sent, the answer is a problem with the right status, and nothing of it comes back.

use std::time::{Duration, Instant};

use artel_tests::{Answer, Method, Value, World, json, on_both, wire::head};
use serde_json::Map;

use super::{CONTACTS, contact, named};

on_both![
    a_body_over_the_limit_is_refused_however_it_is_sent,
    a_body_of_another_media_type_is_refused,
    a_body_that_is_missing_or_packed_is_refused,
    another_method_is_refused_with_those_that_exist,
    a_path_that_leads_nowhere_is_not_found,
    broken_json_is_refused_without_repeating_it,
    json_of_the_wrong_shape_is_refused_with_every_fault,
    the_faults_of_one_body_are_told_up_to_a_hundred,
    a_field_that_is_given_twice_is_refused,
    numbers_are_taken_for_what_they_are,
    a_query_that_is_no_text_is_refused,
    what_is_no_utf_8_is_never_taken_for_something_else,
    a_credential_of_any_form_but_a_bearer_is_none,
];

async fn a_body_over_the_limit_is_refused_however_it_is_sent(world: &World) {
    let ann = world.admin().await;
    let limit = usize::try_from(world.config().body_limit).unwrap();
    let long = format!("{{\"last_name\":\"{}\"}}", "x".repeat(limit));
    let request = world.request(Some(&ann), Method::POST, CONTACTS);
    request.bytes("application/json", long.clone()).send().await.problem(413, "payload_too_large");
    let mut wire = world.wire().await;
    let headers = ["Content-Type: application/json", "Transfer-Encoding: chunked", "Connection: close"];
    wire.send(head(&ann, &format!("POST {CONTACTS}"), &headers) + "\r\n").await;
    wire.send(format!("{:x}\r\n{long}\r\n", long.len())).await;
    let answer = wire.until("payload_too_large").await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let largest = format!("{{\"last_name\":7,\"comment\":\"{}\"}}", "x".repeat(limit - 30));
    let request = world.request(Some(&ann), Method::POST, CONTACTS);
    request.bytes("application/json", largest).send().await.problem(422, "validation");
}

async fn a_body_of_another_media_type_is_refused(world: &World) {
    let ann = world.admin().await;
    let send = |method: Method, path: &str, media_type: &str| {
        world.request(Some(&ann), method, path).bytes(media_type, named("Ward").to_string()).send()
    };
    for media_type in
        ["text/plain", "application/xml", "application/json-patch+json", "multipart/form-data", "json"]
    {
        send(Method::POST, CONTACTS, media_type).await.problem(415, "unsupported_media_type");
    }
    let path = format!("{CONTACTS}/{}", contact(world, &ann, "Ward").await.id());
    for media_type in ["application/merge-patch+json", "application/json; charset=utf-8", "Application/JSON"]
    {
        send(Method::PATCH, &path, media_type).await.expect(200);
    }
    send(Method::POST, CONTACTS, "application/merge-patch+json").await.problem(415, "unsupported_media_type");
}

async fn a_body_that_is_missing_or_packed_is_refused(world: &World) {
    let ann = world.admin().await;
    let none = world.request(Some(&ann), Method::POST, CONTACTS).send().await;
    none.problem(415, "unsupported_media_type");
    let packed = world.request(Some(&ann), Method::POST, CONTACTS).header("content-encoding", "gzip");
    packed.json(&named("Ward")).send().await.problem(415, "unsupported_media_type");
}

async fn another_method_is_refused_with_those_that_exist(world: &World) {
    let ann = world.admin().await;
    let allowed = |answer: Answer| {
        let answer = answer.problem(405, "method_not_allowed");
        let mut methods: Vec<String> =
            answer.header("allow").unwrap().split(", ").map(str::to_owned).collect();
        methods.sort_unstable();
        methods
    };
    let one = format!("{CONTACTS}/7");
    assert_eq!(allowed(world.delete(&ann, CONTACTS).await), ["GET", "POST"]);
    assert_eq!(allowed(world.put(&ann, &one, named("Ward")).await), ["DELETE", "GET", "PATCH"]);
    assert_eq!(allowed(world.call(None, Method::POST, &one, None).await), ["DELETE", "GET", "PATCH"]);
    assert_eq!(allowed(world.post(&ann, "/health/live", json!({})).await), ["GET"]);
    let trace = world.request(Some(&ann), Method::TRACE, CONTACTS).send().await;
    assert_eq!(allowed(trace), ["GET", "POST"]);
}

async fn a_path_that_leads_nowhere_is_not_found(world: &World) {
    let ann = world.admin().await;
    let nowhere =
        ["/", "/api", "/api/v1", "/api/v2/contacts", "/api/v1/contacts/", "/api/v1//contacts", "/docs/../x"];
    for path in nowhere {
        world.get(&ann, path).await.problem(404, "no_route");
    }
    let ids = ["0", "-1", "seven", "7.0", "99999999999999999999", "%00", "%ff", "7%20", "٧", "1e3", "0x7"];
    for id in ids {
        let answer = world.get(&ann, &format!("{CONTACTS}/{id}")).await.problem(404, "not_found");
        assert!(!answer.text().contains("seven"));
    }
}

async fn broken_json_is_refused_without_repeating_it(world: &World) {
    let ann = world.admin().await;
    let deep = "[".repeat(100_000);
    let closed = format!("{{\"last_name\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let broken: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"{\"last_name\": secret}".to_vec(),
        b"{\"last_name\": \"secret\"".to_vec(),
        b"{\"last_name\": \"secret\"} x".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"{\"last_name\": \"secret \xff\xfe\"}".to_vec(),
        b"{\"last_name\": \"secret \\ud800\"}".to_vec(),
        b"{\"last_name\": \"secret \\udc00\\ud800\"}".to_vec(),
        b"{\"last_name\": NaN}".to_vec(),
        b"{'last_name': 'secret'}".to_vec(),
        deep.into_bytes(),
        closed.into_bytes(),
    ];
    for body in broken {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let request = world.request(Some(&ann), Method::POST, CONTACTS);
        let answer = request.bytes("application/json", body).send().await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (400, Some("malformed")), "{shown}");
        assert!(!answer.text().contains("secret"), "{}", answer.text());
    }
}

async fn json_of_the_wrong_shape_is_refused_with_every_fault(world: &World) {
    let ann = world.admin().await;
    for body in [json!([]), json!("text"), json!(7), json!(null), json!(true)] {
        let request = world.request(Some(&ann), Method::POST, CONTACTS).json(&body);
        let answer = request.send().await.problem(422, "validation");
        assert_eq!(answer.faults(), [("", "type")], "{body}");
    }
    let body = json!({
        "last_name": "x".repeat(1000), "first_name": 7, "birthday": "1.2.2003", "shared": "yes",
        "points": [{"kind": "pigeon", "value": ""}], "wings": 2
    });
    let answer = world.post(&ann, CONTACTS, body).await.problem(422, "validation");
    let mut found: Vec<&str> = answer.faults().iter().map(|(pointer, _)| *pointer).collect();
    assert_eq!(answer.body["detail"], format!("{} fields need attention", found.len()));
    found.dedup();
    let expected =
        ["/birthday", "/first_name", "/last_name", "/points/0/kind", "/points/0/value", "/shared", "/wings"];
    assert_eq!(found, expected, "{}", answer.text());
}

/// A megabyte of faults takes neither the time of a quadratic search nor an answer of many megabytes.
async fn the_faults_of_one_body_are_told_up_to_a_hundred(world: &World) {
    let ann = world.admin().await;
    let blank = vec![" "; 50_000];
    let unknown: Value =
        (0..50_000).map(|number| (number.to_string(), Value::Null)).collect::<Map<_, _>>().into();
    for body in [json!({"last_name": "Ward", "tags": blank}), unknown] {
        let began = Instant::now();
        let answer = world.post(&ann, CONTACTS, body).await.problem(422, "validation");
        assert_eq!(answer.faults().len(), 100);
        assert_eq!(answer.body["detail"], "100 or more fields need attention");
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    }
}

async fn a_field_that_is_given_twice_is_refused(world: &World) {
    let ann = world.admin().await;
    for body in [
        r#"{"last_name": "secret", "last_name": "Ward"}"#,
        r#"{"last_name": "Ward", "points": [{"kind": "site", "value": "a", "v\u0061lue": "secret"}]}"#,
    ] {
        let request = world.request(Some(&ann), Method::POST, CONTACTS);
        let answer = request.bytes("application/json", body).send().await.problem(400, "malformed");
        assert!(!answer.text().contains("secret"), "{}", answer.text());
    }
}

async fn numbers_are_taken_for_what_they_are(world: &World) {
    let ann = world.admin().await;
    let send = |number: &str| {
        let body = format!("{{\"last_name\":\"Ward\",\"responsible_id\":{number}}}");
        world.request(Some(&ann), Method::POST, CONTACTS).bytes("application/json", body).send()
    };
    send(&format!("{}.0", ann.id)).await.expect(201);
    for number in ["1.5", "-1", "0", "1e400", "9223372036854775808", "true", "\"1\"", "1e30"] {
        let answer = send(number).await;
        assert!([400, 422].contains(&answer.status), "{number}: {}", answer.text());
    }
    let digits = "9".repeat(500_000);
    let answer = send(&digits).await;
    assert!([400, 422].contains(&answer.status) && answer.bytes.len() < 2_000, "{}", answer.status);
}

async fn a_query_that_is_no_text_is_refused(world: &World) {
    let ann = world.admin().await;
    for query in ["q=%ff%fe%00", "limit=1&limit=2", "q", "=x", "&&", "sort=name%00", "limit=%31%00", "q=%"] {
        let answer = world.get(&ann, &format!("{CONTACTS}?{query}")).await;
        assert!([200, 400].contains(&answer.status), "{query}: {}", answer.text());
    }
    let twice =
        world.get(&ann, &format!("{CONTACTS}?limit=1&limit=2")).await.problem(400, "invalid_parameter");
    assert_eq!(twice.parameters(), [("limit", "repeated")]);
    let several = world.get(&ann, &format!("{CONTACTS}?limit=x&sort=height&statsu=new")).await;
    let expected = [("limit", "type"), ("sort", "enum"), ("statsu", "unknown_parameter")];
    assert_eq!(several.problem(400, "invalid_parameter").parameters(), expected);
}

/// Two ids that are no text must not become the same one.
async fn what_is_no_utf_8_is_never_taken_for_something_else(world: &World) {
    let ann = world.admin().await;
    for query in ["q=%ff", "tag=a%c3", "%ff=1"] {
        world.get(&ann, &format!("{CONTACTS}?{query}")).await.problem(400, "malformed");
    }
    world.get(&ann, &format!("{CONTACTS}?q=%d1%91&tag=%EF%BF%BD")).await.expect(200);
    for id in ["%ff", "a%80b"] {
        let path = format!("{CONTACTS}/by-external/crm/{id}");
        world.put(&ann, &path, named("Ward")).await.problem(404, "not_found");
    }
    world.put(&ann, &format!("{CONTACTS}/by-external/crm/%D1%91"), named("Ward")).await.expect(201);
}

async fn a_credential_of_any_form_but_a_bearer_is_none(world: &World) {
    let ann = world.admin().await;
    let cut = &ann.bearer[..ann.bearer.len() - 1];
    let values = [
        format!("Basic {}", ann.bearer),
        ann.bearer.clone(),
        format!("Bearer  {}", ann.bearer),
        format!("Bearer {cut}"),
        format!("Bearer {}=", ann.bearer),
        "Bearer".to_owned(),
        String::new(),
        format!("Bearer {}", "x".repeat(5_000)),
    ];
    for value in values {
        let request = world.request(None, Method::GET, CONTACTS).header("authorization", &value);
        request.send().await.problem(401, "unauthenticated");
    }
    let lower = format!("bearer {}", ann.bearer);
    world.request(None, Method::GET, CONTACTS).header("authorization", lower).send().await.expect(200);
}
