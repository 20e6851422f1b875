//! The log tells what happened and never a secret.

use std::time::Duration;

use artel_domain::actor::Scope;
use artel_tests::{Database, Method, Process, World, json, person::PASSWORD};

#[tokio::test]
async fn the_log_names_requests_and_no_secret_however_much_is_logged() {
    let world = World::without_server(Database::Sqlite).await;
    let ann = world.admin().await;
    let ann = world.with_password(ann).await;
    let script = world.with_token(&ann, &[Scope::ProfileRead]).await;
    let process = Process::start(&world, &[], &[("ARTEL_LOG", "trace"), ("ARTEL_LOG_FORMAT", "json")]);
    let served = world.at(process.address());
    let tokens = served.login(&ann.email, PASSWORD).await.expect(200).body;
    served.login(&ann.email, "a wrong password of hers").await.expect(401);
    let refresh = json!({"refresh_token": tokens["refresh_token"]});
    let again = served.call(None, Method::POST, "/api/v1/auth/refresh", Some(refresh)).await.expect(200).body;
    let named =
        served.request(Some(&script), Method::GET, "/api/v1/me").header("x-request-id", "find-me-again");
    named.send().await.expect(200);
    served
        .request(Some(&ann), Method::POST, "/api/v1/contacts")
        .bytes("application/json", "{\"secret of hers")
        .send()
        .await;
    process.terminate();
    let (_, log) = process.wait(Duration::from_secs(12));
    assert!(log.contains("find-me-again"), "{log}");
    let mut secrets =
        vec![PASSWORD, "a wrong password of hers", "secret of hers", &ann.bearer, &script.bearer];
    for answer in [&tokens, &again] {
        secrets.extend(["access_token", "refresh_token"].map(|name| answer[name].as_str().unwrap()));
    }
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} stands in the log: {}", line.unwrap_or_default());
    }
    world.end().await;
}
