//! The published document as an oracle: which answers an operation may give, and what they look like.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use artel_api::{
    document::document,
    schema::{Schema, reachable},
};
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::Answer;

/// Problems of a status above 499 that a test may provoke; every other one is a bug.
const EXPECTED_ABOVE_499: [&str; 2] = ["mail_not_configured", "busy"];

/// The document, with the schemas of its answers compiled as they are needed.
pub struct Published {
    /// The document itself.
    pub document: Value,
    schemas: Mutex<HashMap<String, &'static Schema>>,
}

/// One operation of the document.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// Its method, in capitals.
    pub method: &'a str,
    /// Its path with parameters in braces.
    pub route: &'a str,
    /// What the document says about it.
    pub definition: &'a Value,
}

impl Operation<'_> {
    /// Its stable name.
    pub fn id(&self) -> &str {
        self.definition["operationId"].as_str().unwrap_or_default()
    }

    /// Whether anybody may call it.
    pub fn is_public(&self) -> bool {
        self.definition["security"] == json!([])
    }

    /// The schema of its JSON body, if it takes one.
    pub fn body_schema(&self) -> Option<&Value> {
        self.definition["requestBody"]["content"]["application/json"].get("schema")
    }

    /// Its path with this in the place of every parameter.
    pub fn path(&self, value: &str) -> String {
        let segments =
            self.route.split('/').map(|segment| if segment.starts_with('{') { value } else { segment });
        segments.collect::<Vec<_>>().join("/")
    }

    fn takes(&self, path: &str) -> bool {
        let mut segments = path.split('/');
        let fits = self.route.split('/').all(|wanted| {
            let segment = segments.next();
            segment
                .is_some_and(|segment| segment == wanted || (wanted.starts_with('{') && !segment.is_empty()))
        });
        fits && segments.next().is_none()
    }
}

impl Published {
    /// The document of this build.
    pub fn get() -> &'static Self {
        static PUBLISHED: LazyLock<Published> =
            LazyLock::new(|| Published { document: document(), schemas: Mutex::default() });
        &PUBLISHED
    }

    /// Every operation.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        members(&self.document["paths"]).flat_map(|(route, item)| {
            members(item).filter_map(move |(method, definition)| {
                let method = METHODS.iter().find(|known| known.eq_ignore_ascii_case(method))?;
                Some(Operation { method, route, definition })
            })
        })
    }

    /// The operation that a request reaches, the one with the fewest parameters in its path.
    pub fn find(&self, method: &Method, path: &str) -> Option<Operation<'_>> {
        let path = path.split('?').next().unwrap_or_default();
        self.operations()
            .filter(|operation| operation.method == method.as_str() && operation.takes(path))
            .min_by_key(|operation| operation.route.matches('{').count())
    }

    /// A schema or another part of the document, with the reference in it followed.
    pub fn resolve<'a>(&'a self, part: &'a Value) -> &'a Value {
        match part["$ref"].as_str().and_then(|path| path.strip_prefix('#')) {
            Some(pointer) => {
                let target = self.document.pointer(pointer);
                self.resolve(target.unwrap_or_else(|| panic!("#{pointer} leads nowhere")))
            }
            None => part,
        }
    }

    /// The examples of a media type: its own, or those of its schema.
    pub fn examples<'a>(&'a self, media: &'a Value) -> Vec<&'a Value> {
        let named = members(&media["examples"]).map(|(_, example)| &self.resolve(example)["value"]);
        let own: Vec<_> = media.get("example").into_iter().chain(named).collect();
        if own.is_empty() { self.examples_of_schema(&media["schema"]) } else { own }
    }

    /// Those of the schema itself, or of the first of its alternatives.
    fn examples_of_schema<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let schema = self.resolve(schema);
        let listed = schema["examples"].as_array().into_iter().flatten();
        let own: Vec<_> = schema.get("example").into_iter().chain(listed).collect();
        match schema["oneOf"].get(0) {
            Some(first) if own.is_empty() => self.examples_of_schema(first),
            _ => own,
        }
    }

    /// Compares an answer with what the document promises.
    ///
    /// # Panics
    /// On every difference.
    pub fn check(&self, method: &Method, path: &str, answer: &Answer) {
        let to = &answer.to;
        assert!(answer.header("x-request-id").is_some(), "{to}: no X-Request-Id");
        if answer.status >= 400 {
            check_problem(answer);
        }
        let Some(operation) = self.find(method, path) else {
            let refused = matches!(answer.status, 404 | 405) || path.starts_with("/docs");
            assert!(refused, "{to}: {} by no operation of the document", answer.status);
            return;
        };
        let response = &operation.definition["responses"][answer.status.to_string()];
        assert!(!response.is_null(), "{to}: {} is not documented: {}", answer.status, answer.text());
        let response = self.resolve(response);
        check_headers(response, answer);
        self.check_body(operation, response, answer);
    }

    fn check_body(&self, operation: Operation<'_>, response: &Value, answer: &Answer) {
        let to = &answer.to;
        let Some(content) = response["content"].as_object() else {
            assert!(answer.bytes.is_empty(), "{to}: no body is documented: {}", answer.text());
            return;
        };
        let sent = answer.header("content-type").unwrap_or_default();
        let media_type = sent.split(';').next().unwrap_or_default();
        let documented = content.get(media_type);
        let documented = documented.unwrap_or_else(|| panic!("{to}: {media_type:?} is not documented"));
        if media_type.ends_with("json") {
            let name = format!("{} {} {media_type}", operation.id(), answer.status);
            let faults = self.schema(&name, &documented["schema"]).faults(&answer.body);
            assert!(faults.is_empty(), "{to}: not as documented: {faults:?}\n{}", answer.text());
        }
    }

    /// Schemas live as long as the process, as the document does.
    fn schema(&self, name: &str, definition: &Value) -> &'static Schema {
        let mut schemas = self.schemas.lock().unwrap();
        schemas.entry(name.to_owned()).or_insert_with(|| {
            let mut whole = reachable(&self.document, definition);
            close(&mut whole);
            Box::leak(Box::new(Schema::new(|| whole)))
        })
    }
}

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

fn check_problem(answer: &Answer) {
    let Answer { to, status, body, .. } = answer;
    let code = body["code"].as_str().unwrap_or_default();
    let expected = *status < 500 || EXPECTED_ABOVE_499.contains(&code);
    assert!(expected, "{to}: {status} {}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{to}");
    assert_eq!(body["status"], *status, "{to}");
    assert_eq!(body["type"], format!("/problems/{code}"), "{to}");
    assert_eq!(body["request_id"].as_str(), answer.header("x-request-id"), "{to}");
    let needs = match status {
        401 => Some("www-authenticate"),
        405 => Some("allow"),
        429 | 503 => Some("retry-after"),
        _ => None,
    };
    if let Some(name) = needs {
        assert!(answer.header(name).is_some(), "{to}: {status} without {name}");
    }
}

/// What identifies and locates an object is there exactly when it is documented.
fn check_headers(response: &Value, answer: &Answer) {
    for name in ["ETag", "Location"] {
        let documented = response["headers"].get(name).is_some();
        let sent = answer.header(name).is_some();
        let not_modified = answer.status == 304;
        assert!(documented == sent || not_modified, "{}: {name}: {documented}, sent: {sent}", answer.to);
    }
}

/// Closes every object of a schema, so that a field which is answered and not documented is found.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for member in members.values_mut() {
                close(member);
            }
            let open = !members.contains_key("additionalProperties") && !members.contains_key("allOf");
            if members.get("properties").is_some_and(Value::is_object) && open {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// The members of a JSON object; none where it is something else.
pub fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
