//! The operations of the API as the published document states them: who may call, which parameters and which
//! body. The server enforces this table, so what the document says is what happens.

#![expect(
    clippy::indexing_slicing,
    reason = "an index into a JSON value answers null where there is nothing"
)]

use std::{collections::HashMap, sync::Arc};

use actix_web::http::Method;
use artel_domain::actor::Scope;
use serde_json::{Map, Value, json};

use crate::{
    document::{SESSION, TOKEN},
    schema::{Schema, reachable},
};

/// Every operation, found by method and route.
pub struct Operations {
    by_route: HashMap<String, Vec<Arc<Operation>>>,
}

/// One operation.
pub struct Operation {
    /// Its stable name.
    pub id: String,
    /// Its method.
    pub method: Method,
    /// Its path with parameters in braces.
    pub route: String,
    /// Who may call it.
    pub access: Access,
    /// Its query parameters.
    pub query: Vec<Parameter>,
    /// Its header parameters.
    pub headers: Vec<Parameter>,
    /// Its JSON body, if it takes one.
    pub body: Option<Body>,
}

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Signed-in sessions only.
    Session,
    /// Sessions, and personal access tokens with this scope.
    Scope(Scope),
}

/// A query or header parameter.
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Whether it must be given.
    pub required: bool,
    /// How its text becomes JSON.
    pub form: Form,
    /// What it must satisfy.
    pub schema: Schema,
}

/// How the text of a parameter becomes JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Text,
    /// A whole number.
    Integer,
    /// A whole number if it is one, text otherwise.
    IntegerOrText,
    /// `true` or `false`.
    Boolean,
    /// Items between commas.
    List(Box<Form>),
}

/// The JSON body of an operation.
pub struct Body {
    /// The media types that it takes.
    pub media_types: Vec<String>,
    /// Whether it must be given.
    pub required: bool,
    /// What it must satisfy.
    pub schema: Schema,
}

/// The part of the document that schemas refer to, held once for all of them.
struct Components(Arc<Value>);

impl Components {
    fn of(document: &Value) -> Self {
        let schemas = document["components"]["schemas"].clone();
        Self(Arc::new(json!({ "components": { "schemas": schemas } })))
    }

    fn schema(&self, definition: &Value) -> Schema {
        let (document, definition) = (self.0.clone(), definition.clone());
        Schema::new(move || reachable(&document, &definition))
    }
}

impl Operations {
    /// Reads the operations out of the published document.
    #[must_use]
    pub fn of(document: &Value) -> Self {
        let components = Components::of(document);
        let mut by_route: HashMap<String, Vec<Arc<Operation>>> = HashMap::new();
        for (route, item) in members(&document["paths"]) {
            for (method, definition) in members(item) {
                if let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) {
                    let operation = Operation::of(&components, method, route, definition);
                    by_route.entry(route.clone()).or_default().push(Arc::new(operation));
                }
            }
        }
        Self { by_route }
    }

    /// The operation of a route and a method.
    #[must_use]
    pub fn find(&self, route: &str, method: &Method) -> Option<&Arc<Operation>> {
        self.by_route.get(route)?.iter().find(|operation| operation.method == *method)
    }

    /// The methods that a route takes, for `Allow`; nothing where the route is no operation's.
    #[must_use]
    pub fn allowed(&self, route: &str) -> Option<String> {
        let methods: Vec<&str> =
            self.by_route.get(route)?.iter().map(|operation| operation.method.as_str()).collect();
        Some(methods.join(", "))
    }
}

impl Operation {
    fn of(components: &Components, method: Method, route: &str, definition: &Value) -> Self {
        let parameters = |place: &str| {
            let all = definition["parameters"].as_array().into_iter().flatten();
            all.filter(|parameter| parameter["in"] == place).map(|it| Parameter::of(components, it)).collect()
        };
        Self {
            id: definition["operationId"].as_str().unwrap_or_default().to_owned(),
            method,
            route: route.to_owned(),
            access: access(&definition["security"]),
            query: parameters("query"),
            headers: parameters("header"),
            body: body(components, &definition["requestBody"]),
        }
    }

    /// Whether the operation belongs to the API, where callers are counted. The service's own operations are called by
    /// operators' tools, as often as these like.
    #[must_use]
    pub fn is_of_the_api(&self) -> bool {
        self.route.starts_with("/api/")
    }

    /// Whether the operation declares a header.
    #[must_use]
    pub fn takes_header(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name))
    }
}

/// An unknown scope locks the operation to sessions: it fails closed.
fn access(security: &Value) -> Access {
    let requirements = security.as_array().map(Vec::as_slice).unwrap_or_default();
    if requirements.iter().all(|requirement| requirement.get(SESSION).is_none()) {
        return Access::Public;
    }
    let scope = requirements.iter().find_map(|requirement| requirement[TOKEN][0].as_str()?.parse().ok());
    scope.map_or(Access::Session, Access::Scope)
}

fn body(components: &Components, definition: &Value) -> Option<Body> {
    let content = definition["content"].as_object()?;
    let (_, first) = content.iter().find(|(media_type, _)| media_type.ends_with("json"))?;
    Some(Body {
        media_types: content.keys().cloned().collect(),
        required: definition["required"] == true,
        schema: components.schema(&first["schema"]),
    })
}

impl Parameter {
    fn of(components: &Components, definition: &Value) -> Self {
        Self {
            name: definition["name"].as_str().unwrap_or_default().to_owned(),
            required: definition["required"] == true,
            form: Form::of(&components.0, &definition["schema"]),
            schema: components.schema(&definition["schema"]),
        }
    }

    /// The parameter's text as JSON. Text that does not fit its form stays text, for the schema to refuse.
    #[must_use]
    pub fn read(&self, text: &str) -> Value {
        self.form.read(text)
    }
}

impl Form {
    fn of(document: &Value, schema: &Value) -> Self {
        if let Some(target) = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#')) {
            return document.pointer(target).map_or(Self::Text, |schema| Self::of(document, schema));
        }
        let alternatives = ["oneOf", "anyOf"].iter().find_map(|keyword| schema[*keyword].as_array());
        if let Some(alternatives) = alternatives {
            let forms: Vec<Self> = alternatives.iter().map(|schema| Self::of(document, schema)).collect();
            return if forms.contains(&Self::Integer) { Self::IntegerOrText } else { Self::Text };
        }
        match schema_type(schema) {
            "integer" => Self::Integer,
            "boolean" => Self::Boolean,
            "array" => Self::List(Box::new(Self::of(document, &schema["items"]))),
            _ => Self::Text,
        }
    }

    fn read(&self, text: &str) -> Value {
        match self {
            Self::Text => json!(text),
            Self::Integer | Self::IntegerOrText => {
                let plain = text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit());
                text.parse::<i64>().ok().filter(|_| plain).map_or_else(|| json!(text), |number| json!(number))
            }
            Self::Boolean => text.parse::<bool>().map_or_else(|_| json!(text), |flag| json!(flag)),
            Self::List(item) => text.split(',').map(|part| item.read(part)).collect(),
        }
    }
}

fn schema_type(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(word) => word,
        Value::Array(words) => {
            words.iter().filter_map(Value::as_str).find(|word| *word != "null").unwrap_or_default()
        }
        _ => "",
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
