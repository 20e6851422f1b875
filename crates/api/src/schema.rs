//! JSON Schema at work: the published schemas judge bodies and parameters, and their verdicts become faults that
//! name what is wrong without repeating the value.

#![expect(
    clippy::indexing_slicing,
    reason = "an index into a JSON value answers null where there is nothing"
)]

use std::sync::LazyLock;

use artel_domain::vocabulary::Shape;
use chrono::{DateTime, Datelike as _};
use jsonschema::{
    Draft, ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::{Map, Value, json};

use crate::problem::{MOST_ERRORS, ProblemError};

/// How many values a message lists at most.
const LISTED: usize = 20;

/// A schema, put together and compiled when it is first needed: there are hundreds, and most servers meet few of
/// them.
pub struct Schema(LazyLock<Option<Validator>, Compile>);

type Compile = Box<dyn FnOnce() -> Option<Validator> + Send>;

/// One fault: where (a JSON pointer below the root), which keyword, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// The keyword that does not hold, in snake case.
    pub code: String,
    /// A sentence that completes "this field …".
    pub message: String,
}

impl Schema {
    /// A schema that carries the components it refers to.
    #[must_use]
    pub fn new(definition: impl FnOnce() -> Value + Send + 'static) -> Self {
        Self(LazyLock::new(Box::new(|| compile(&definition()))))
    }

    /// The faults of a value, [`MOST_ERRORS`] at the most. A schema that did not compile accepts nothing.
    #[must_use]
    pub fn faults(&self, value: &Value) -> Vec<Fault> {
        let Some(validator) = &*self.0 else {
            return vec![fault(String::new(), "schema", "cannot be checked".to_owned())];
        };
        if validator.is_valid(value) {
            return Vec::new();
        }
        let faults = validator.iter_errors(value).flat_map(|error| explain(&error));
        worth_telling(&faults.take(MOST_ERRORS).collect::<Vec<_>>())
    }
}

/// What has the wrong length needs no second word about its pattern.
fn worth_telling(faults: &[Fault]) -> Vec<Fault> {
    let is_said = |fault: &Fault| {
        let others = faults.iter().filter(|other| other.pointer == fault.pointer);
        fault.code == "pattern" && others.clone().any(|other| other.code.ends_with("_length"))
    };
    faults.iter().filter(|fault| !is_said(fault)).cloned().collect()
}

fn compile(definition: &Value) -> Option<Validator> {
    let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
    let options = options.with_format("date-time", is_instant);
    let validator = options.build(definition);
    if let Err(cause) = &validator {
        tracing::error!(%cause, "a published schema does not compile");
    }
    validator.ok()
}

/// An instant in the form of RFC 3339, and one that keeps that form in UTC, as which it is answered: an offset must not carry
/// it beyond the years with four digits.
fn is_instant(text: &str) -> bool {
    let in_form = text.as_bytes().get(10).is_some_and(|between| between.eq_ignore_ascii_case(&b'T'));
    let at = DateTime::parse_from_rfc3339(text);
    in_form && at.is_ok_and(|at| (0..=9999).contains(&at.to_utc().year()))
}

impl From<Fault> for ProblemError {
    fn from(fault: Fault) -> Self {
        Self { pointer: Some(fault.pointer), parameter: None, code: fault.code, message: fault.message }
    }
}

fn fault(pointer: String, code: &str, message: String) -> Fault {
    Fault { pointer, code: code.to_owned(), message }
}

fn explain(error: &ValidationError<'_>) -> Vec<Fault> {
    let at = error.instance_path().to_string();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let unknown = |name: &String| format!("{at}/{}", escaped(name));
            unexpected
                .iter()
                .map(|name| fault(unknown(name), "unknown_field", "is not known here".to_owned()))
                .collect()
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![fault(format!("{at}/{}", escaped(name)), "required", "must be given".to_owned())]
        }
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => nearest(context).map_or_else(
            || vec![fault(at, "one_of", "has none of the allowed forms".to_owned())],
            |errors| errors.iter().flat_map(explain).collect(),
        ),
        kind => vec![fault(at, &snake_case(kind.keyword()), sentence(kind))],
    }
}

/// Of several alternatives the one that was meant: the one whose type fits. `null` is never meant by a value.
fn nearest<'a>(context: &'a [Vec<ValidationError<'static>>]) -> Option<&'a Vec<ValidationError<'static>>> {
    let wrong_type = |errors: &&Vec<ValidationError<'static>>| {
        errors.iter().any(|error| {
            matches!(error.kind(), Kind::Type { .. }) && error.instance_path().as_str().is_empty()
        })
    };
    let is_null =
        |errors: &&Vec<ValidationError<'static>>| errors.iter().any(|error| is_null_type(error.kind()));
    let fitting = context.iter().filter(|errors| !is_null(errors));
    fitting.clone().find(|errors| !wrong_type(errors)).or_else(|| fitting.clone().next())
}

fn is_null_type(kind: &Kind) -> bool {
    matches!(kind, Kind::Type { kind: TypeKind::Single(single) } if single.to_string() == "null")
}

fn sentence(kind: &Kind) -> String {
    match kind {
        Kind::MinLength { limit: 1 } => "must not be empty".to_owned(),
        Kind::MinLength { limit } => format!("must have at least {limit} characters"),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::MinItems { limit } => format!("must have at least {limit} items"),
        Kind::MaxItems { limit } => format!("must have at most {limit} items"),
        Kind::MinProperties { limit } => format!("must have at least {limit} fields"),
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::Format { format } => format!("must have the form of {format}"),
        Kind::Enum { options } if options.as_array().is_some_and(|all| all.len() > LISTED) => {
            "is none of the values that the document lists".to_owned()
        }
        Kind::Enum { options } => format!("must be one of {options}"),
        Kind::Constant { expected_value } => format!("must be {expected_value}"),
        Kind::UniqueItems => "must not hold an item twice".to_owned(),
        Kind::Pattern { pattern } => {
            meaning(pattern).map_or_else(|| format!("must match {pattern}"), str::to_owned)
        }
        Kind::Type { kind: TypeKind::Single(single) } => format!("must be of type {single}"),
        Kind::Type { .. } => "has the wrong type".to_owned(),
        other => format!("breaks the rule {}", other.keyword()),
    }
}

/// What the patterns of bounded text ask for, for people who read no regular expressions.
fn meaning(pattern: &str) -> Option<&'static str> {
    [
        (Shape::Line, "must not be blank or hold control characters"),
        (Shape::Block, "must not be blank or hold U+0000"),
        (Shape::Code, "must consist of lower-case Latin letters, digits and underscores"),
    ]
    .into_iter()
    .find_map(|(shape, words)| (shape.pattern(1) == pattern).then_some(words))
}

fn snake_case(keyword: &str) -> String {
    let mut word = String::new();
    for letter in keyword.chars() {
        if letter.is_ascii_uppercase() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A schema together with the components of the document that it reaches, and no others.
#[must_use]
pub fn reachable(document: &Value, schema: &Value) -> Value {
    let mut components = Map::new();
    collect(document, schema, &mut components);
    let mut root = schema.as_object().cloned().unwrap_or_default();
    if !components.is_empty() {
        root.insert("components".to_owned(), json!({ "schemas": components }));
    }
    Value::Object(root)
}

fn collect(document: &Value, schema: &Value, found: &mut Map<String, Value>) {
    match schema {
        Value::Object(members) => {
            let name = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/schemas/"));
            if let Some(name) = name
                && !found.contains_key(name)
            {
                let target = &document["components"]["schemas"][name];
                found.insert(name.to_owned(), target.clone());
                collect(document, target, found);
            }
            members.values().for_each(|member| collect(document, member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(document, item, found)),
        _ => {}
    }
}

/// Turns whole numbers written with a fraction (`7.0`), which JSON Schema counts as integers, into integers.
pub fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            let whole = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9.0e15);
            if let Some(integer) = whole.and_then(|float| format!("{float:.0}").parse::<i64>().ok()) {
                *value = json!(integer);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(members) => members.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        let document = json!({"components": {"schemas": {
            "Name": {"type": "string", "minLength": 1, "maxLength": 3},
            "Unused": {"type": "string"},
        }}});
        let root = json!({
            "type": "object", "additionalProperties": false, "required": ["name"],
            "properties": {
                "name": {"$ref": "#/components/schemas/Name"},
                "nick": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Name"}]},
                "born": {"type": ["string", "null"], "format": "date"},
            }
        });
        let whole = reachable(&document, &root);
        assert!(whole["components"]["schemas"].get("Unused").is_none());
        Schema::new(|| whole)
    }

    #[test]
    fn every_fault_is_listed_at_once_without_the_value() {
        let faults = schema().faults(&json!({"nick": "secret", "born": "1.2.2003", "a/b": 1}));
        let mut found: Vec<_> =
            faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        found.sort_unstable();
        let expected =
            [("/a~1b", "unknown_field"), ("/born", "format"), ("/name", "required"), ("/nick", "max_length")];
        assert_eq!(found, expected);
        assert!(faults.iter().all(|fault| !fault.message.contains("secret")));
        assert!(schema().faults(&json!({"name": "Ann", "nick": null})).is_empty());
    }

    #[test]
    fn an_instant_keeps_its_form_in_utc() {
        for instant in ["2026-07-31T09:00:00Z", "9999-12-31T23:59:59.999999Z", "0000-01-01T00:00:00Z"] {
            assert!(is_instant(instant), "{instant}");
        }
        for other in [
            "9999-12-31T23:59:59-23:59",
            "0000-01-01T00:00:00+14:00",
            "2026-07-31 09:00:00Z",
            "2026-07-31T09:00:00",
            "2026-02-30T09:00:00Z",
            "2026-07-31",
        ] {
            assert!(!is_instant(other), "{other}");
        }
    }

    #[test]
    fn whole_floats_become_integers() {
        let mut value = json!({"a": [1.0, 1.5], "b": -0.0});
        whole_numbers(&mut value);
        assert_eq!(value, json!({"a": [1, 1.5], "b": 0}));
    }
}
