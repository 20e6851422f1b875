//! What people and generators need to find at every operation: names, words, examples.

use std::collections::BTreeMap;

use artel_api::schema::{Schema, reachable};
use artel_tests::{
    Value,
    published::{Operation, Published, members},
};

use super::{assert_none, walk};

/// Operations that change something and take no body.
const WITHOUT_BODY: &[&str] = &[
    "logout",
    "activate_user",
    "restore_contact",
    "restore_company",
    "restore_project",
    "archive_project",
    "reopen_project",
    "join_project",
    "restore_task",
    "start_task",
    "pause_task",
    "complete_task",
    "approve_task",
    "withdraw_task",
    "reopen_task",
    "mark_task_read",
    "favourite_task",
    "mute_task",
    "watch_task",
    "put_task_co_executor",
    "put_task_observer",
    "put_task_crm_link",
];
/// Operations whose name is a verb that needs no object.
const VERBS: &[&str] = &["login", "logout", "refresh"];

#[test]
fn every_operation_has_a_name_of_its_own() {
    let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for operation in Published::get().operations() {
        let Operation { method, route, .. } = operation;
        let name = operation.definition["operationId"].as_str();
        let name = name.unwrap_or_else(|| panic!("{method} {route} has no name"));
        names.entry(name).or_default().push(format!("{method} {route}"));
    }
    names.retain(|name, operations| operations.len() > 1 || (!name.contains('_') && !VERBS.contains(name)));
    assert!(names.is_empty(), "not unique, or no verb_resource: {names:?}");
}

#[test]
fn every_operation_says_what_it_does_and_who_may_call_it() {
    let mut faults = Vec::new();
    let described: Vec<&str> = Published::get().document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|tag| tag["name"].as_str())
        .collect();
    for operation in Published::get().operations() {
        let text = |name: &str| operation.definition[name].as_str().unwrap_or_default();
        let (id, summary) = (operation.id(), text("summary"));
        let tags = operation.definition["tags"].as_array();
        let tag = tags.and_then(|tags| tags.first()?.as_str()).unwrap_or_default();
        if summary.is_empty() || summary.ends_with('.') || summary.len() > 80 {
            faults.push(format!("{id}: summary {summary:?}"));
        }
        if text("description").len() < 10 {
            faults.push(format!("{id}: description"));
        }
        if tags.is_none_or(|tags| tags.len() != 1) || !described.contains(&tag) {
            faults.push(format!("{id}: tags {tags:?}"));
        }
    }
    assert_none(&faults);
}

#[test]
fn every_answer_and_parameter_is_described() {
    let published = Published::get();
    let mut faults = Vec::new();
    let mut check = |name: String, part: &Value| {
        if published.resolve(part)["description"].as_str().is_none_or(str::is_empty) {
            faults.push(name);
        }
    };
    for operation in published.operations() {
        for (status, response) in members(&operation.definition["responses"]) {
            check(format!("{}: {status}", operation.id()), response);
        }
        for parameter in operation.definition["parameters"].as_array().into_iter().flatten() {
            check(format!("{}: {}", operation.id(), parameter["name"]), parameter);
        }
    }
    assert_none(&faults);
}

#[test]
fn every_reference_leads_somewhere() {
    let published = Published::get();
    walk("", &published.document, &mut |at, part| {
        if let Some(target) = part["$ref"].as_str() {
            let target = target.strip_prefix('#').unwrap_or_else(|| panic!("{at}: {target} leads out"));
            assert!(published.document.pointer(target).is_some(), "{at}: {target} leads nowhere");
        }
    });
}

#[test]
fn null_stands_only_where_a_value_is_shown() {
    let mut faults = Vec::new();
    walk("", &Published::get().document, &mut |at, part| {
        let shown = ["/example", "/examples", "/default", "/enum", "/const"];
        if part.is_null() && !shown.iter().any(|keyword| at.contains(keyword)) {
            faults.push(at.to_owned());
        }
    });
    assert_none(&faults);
}

#[test]
fn every_change_takes_a_body() {
    let faults: Vec<_> = Published::get()
        .operations()
        .filter(|operation| ["POST", "PUT", "PATCH"].contains(&operation.method))
        .filter(|operation| operation.body_schema().is_none() && !WITHOUT_BODY.contains(&operation.id()))
        .map(|operation| format!("{} takes no body and is not listed in this test", operation.id()))
        .collect();
    assert_none(&faults);
}

#[test]
fn every_body_that_is_sent_or_answered_has_an_example_and_examples_fit_their_schemas() {
    let mut faults = Vec::new();
    for operation in Published::get().operations() {
        for (name, media) in media_types(operation) {
            let examples = Published::get().examples(media);
            if examples.is_empty() {
                faults.push(format!("{name}: no example"));
            }
            let schema = Schema::new(|| reachable(&Published::get().document, &media["schema"]));
            for example in examples {
                let found = schema.faults(example);
                if !found.is_empty() {
                    faults.push(format!("{name}: {example} is not valid: {found:?}"));
                }
            }
        }
    }
    assert_none(&faults);
}

/// The media types of what an operation takes and answers.
fn media_types(operation: Operation<'static>) -> Vec<(String, &'static Value)> {
    let id = operation.id();
    let name = |what: &str, media: &str| format!("{id}: {what} {media}");
    let mut found: Vec<_> = members(&operation.definition["requestBody"]["content"])
        .map(|(media, content)| (name("request", media), content))
        .collect();
    for (status, response) in members(&operation.definition["responses"]) {
        let content = &Published::get().resolve(response)["content"];
        found.extend(members(content).map(|(media, content)| (name(status, media), content)));
    }
    found
}
