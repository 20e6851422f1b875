//! The published schemas: every field is explained, and whatever a client can send is bounded.

use artel_api::schema::reachable;
use artel_tests::{
    Value, json,
    published::{Published, members},
};

use super::{assert_none, walk};

/// Words that bound a string.
const BOUNDS: [&str; 5] = ["maxLength", "enum", "const", "format", "pattern"];

#[test]
fn every_field_is_described() {
    let published = Published::get();
    let mut faults = Vec::new();
    walk("", &published.document["components"]["schemas"], &mut |at, part| {
        if at.contains("/example") {
            return;
        }
        for (name, field) in members(&part["properties"]) {
            if !is_described(published, field) {
                faults.push(format!("{at}/properties/{name}"));
            }
        }
    });
    assert_none(&faults);
}

/// Words of its own, or those of the type that it refers to.
fn is_described(published: &Published, schema: &Value) -> bool {
    let own = |schema: &Value| schema["description"].as_str().is_some_and(|text| !text.is_empty());
    let alternatives = ["oneOf", "anyOf", "allOf"].iter().filter_map(|keyword| schema[*keyword].as_array());
    own(schema)
        || own(published.resolve(schema))
        || alternatives.flatten().any(|schema| own(published.resolve(schema)))
}

#[test]
fn whatever_can_be_sent_is_bounded() {
    let mut faults = Vec::new();
    for (name, schema) in sent() {
        let mut check = |at: &str, part: &Value| {
            if !at.contains("/example") && !is_bounded(part) {
                faults.push(format!("{name}{at}: {part}"));
            }
        };
        walk("", &schema, &mut check);
    }
    faults.sort();
    faults.dedup();
    assert_none(&faults);
}

/// Every schema of a body or a parameter, with the components that it reaches.
fn sent() -> Vec<(String, Value)> {
    let document = &Published::get().document;
    let mut found = Vec::new();
    for operation in Published::get().operations() {
        for parameter in operation.definition["parameters"].as_array().into_iter().flatten() {
            let name = format!("{}: {}", operation.id(), parameter["name"]);
            found.push((name, reachable(document, &parameter["schema"])));
        }
        if let Some(schema) = operation.body_schema() {
            found.push((operation.id().to_owned(), reachable(document, schema)));
        }
    }
    found
}

fn is_bounded(schema: &Value) -> bool {
    let is = |word: &str| schema["type"] == word || schema["type"] == json!([word, "null"]);
    let has = |keyword: &&str| schema.get(*keyword).is_some();
    if is("string") {
        BOUNDS.iter().any(has)
    } else if is("array") {
        schema.get("maxItems").is_some()
    } else if is("object") && schema.get("properties").is_some() {
        schema["additionalProperties"] == false || schema["unevaluatedProperties"] == false
    } else {
        true
    }
}

#[test]
fn no_word_of_an_enumeration_stands_twice() {
    walk("", &Published::get().document, &mut |at, part| {
        for word in part["enum"].as_array().into_iter().flatten() {
            let times = part["enum"].as_array().unwrap().iter().filter(|other| *other == word).count();
            assert_eq!(times, 1, "{at}: {word}");
        }
    });
}
