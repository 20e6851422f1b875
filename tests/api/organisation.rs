//! The organisation's settings.

use artel_tests::{Method, World, json, on_both};

on_both![
    everybody_reads_the_settings_and_administrators_change_them,
    a_change_over_another_one_is_refused,
    all_faults_of_a_change_are_named,
];

const ORGANISATION: &str = "/api/v1/organisation";

async fn everybody_reads_the_settings_and_administrators_change_them(world: &World) {
    let admin = world.admin().await;
    let body = json!({"name": "Мёд и сыновья", "time_zone": "Asia/Yekaterinburg", "default_country": "RU"});
    let changed = world.patch(&admin, ORGANISATION, body.clone()).await.expect(200);
    for who in [world.employee().await, world.guest().await] {
        let read = world.get(&who, ORGANISATION).await.expect(200);
        assert_eq!(read.body, changed.body);
        world.patch(&who, ORGANISATION, json!({"name": "Mine"})).await.problem(403, "admin_only");
    }
    let again = world.patch(&admin, ORGANISATION, body).await.expect(200);
    assert_eq!(again.body["version"], changed.body["version"], "nothing changed");
}

async fn a_change_over_another_one_is_refused(world: &World) {
    let admin = world.admin().await;
    let read = world.get(&admin, ORGANISATION).await.expect(200);
    let request = || world.request(Some(&admin), Method::PATCH, ORGANISATION).header("if-match", read.etag());
    request().json(&json!({"name": "One"})).send().await.expect(200);
    request().json(&json!({"name": "Two"})).send().await.problem(412, "precondition_failed");
    assert_eq!(world.get(&admin, ORGANISATION).await.body["name"], "One");
    let unchanged = world.get(&admin, ORGANISATION).await;
    let request =
        world.request(Some(&admin), Method::GET, ORGANISATION).header("if-none-match", unchanged.etag());
    request.send().await.expect(304);
}

async fn all_faults_of_a_change_are_named(world: &World) {
    let admin = world.admin().await;
    let body = json!({"name": null, "time_zone": "Moscow", "default_country": "Germany", "version": 7});
    let refused = world.patch(&admin, ORGANISATION, body).await.problem(422, "validation");
    let pointers: Vec<&str> = refused.faults().iter().map(|fault| fault.0).collect();
    assert_eq!(pointers, ["/default_country", "/name", "/time_zone", "/version"]);
}
