//! Promises about the published document that every endpoint keeps from the day it exists.

use artel_tests::Value;

mod examples;
mod form;
mod refusals;
mod routes;
mod schemas;

/// Calls `check` on every part of a part of the document, with a JSON pointer to it.
fn walk(at: &str, part: &Value, check: &mut impl FnMut(&str, &Value)) {
    check(at, part);
    match part {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                walk(&format!("{at}/{name}"), member, check);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(&format!("{at}/{index}"), item, check);
            }
        }
        _ => {}
    }
}

/// Fails with every fault at once.
#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
