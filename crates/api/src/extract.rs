//! What handlers take: the caller, and bodies and queries that satisfy the published schema.

use std::{
    future::{Ready, ready},
    ops::Deref,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use artel_domain::actor::Actor;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    gate::{Parameters, RawBody},
    operation::{Operation, Parameter},
    problem::{Code, Problem, ProblemError, Result},
    schema::whole_numbers,
};

/// The person who calls. Every function of storage wants one, so a handler without it reaches nothing.
#[derive(Clone, Debug)]
pub struct Me(Arc<Actor>);

impl Deref for Me {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.0
    }
}

impl FromRequest for Me {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let actor = request.extensions().get::<Arc<Actor>>().cloned();
        ready(actor.map(Self).ok_or_else(|| Code::Unauthenticated.into()))
    }
}

/// A JSON body that satisfies the schema which the document publishes for this operation.
#[derive(Clone, Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(body(request).map(Self))
    }
}

fn body<T: DeserializeOwned>(request: &HttpRequest) -> Result<T> {
    let operation = operation(request)?;
    let raw = request.extensions().get::<RawBody>().cloned().unwrap_or_default();
    let declared = operation.body.as_ref().ok_or(Code::Internal)?;
    let mut value = if raw.0.is_empty() && !declared.required {
        Value::Null
    } else {
        parsed(&raw)?
    };
    let schema = declared.schema();
    let faults = schema.faults(&value);
    if !faults.is_empty() {
        return Err(Problem::validation(
            faults.into_iter().map(ProblemError::from).collect(),
        ));
    }
    whole_numbers(&mut value);
    serde_path_to_error::deserialize(value).map_err(|error| Problem::validation(vec![unreadable(&error)]))
}

fn parsed(raw: &RawBody) -> Result<Value> {
    serde_json::from_slice(&raw.0).map_err(|cause| {
        Problem::from(Code::Malformed).with_detail(format!("the body is no JSON: {}", place(&cause)))
    })
}

/// Where the JSON breaks; the library's own words would repeat what was sent.
fn place(cause: &serde_json::Error) -> String {
    format!("line {}, column {}", cause.line(), cause.column())
}

/// What the schema could not say, such as a date that no calendar has.
fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> ProblemError {
    let path = error.path().to_string().replace(['.', '['], "/").replace(']', "");
    let pointer = if path == "/" || path.is_empty() {
        String::new()
    } else {
        format!("/{path}")
    };
    ProblemError {
        pointer: Some(pointer),
        parameter: None,
        code: "malformed".to_owned(),
        message: "cannot be read".to_owned(),
    }
}

/// Query parameters that satisfy the schemas which the document publishes for this operation.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(typed(parameters(request)).map(Self))
    }
}

/// The query of a request, as the gate read it.
#[must_use]
pub fn parameters(request: &HttpRequest) -> Map<String, Value> {
    let read = request.extensions().get::<Parameters>().cloned();
    read.unwrap_or_default().0
}

/// A query string as a JSON object: every unknown, repeated or invalid parameter is reported at once.
///
/// # Errors
/// 400 with the names.
pub fn read_parameters(query: &str, operation: &Operation) -> Result<Map<String, Value>> {
    let mut members = Map::new();
    let mut errors = Vec::new();
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        let declared = operation.query.iter().find(|parameter| parameter.name == name);
        match declared {
            None => errors.push(parameter_error(
                &name,
                "unknown_parameter",
                "is not known here".to_owned(),
            )),
            Some(_) if members.contains_key(&*name) => {
                errors.push(parameter_error(
                    &name,
                    "repeated",
                    "must be given once".to_owned(),
                ));
            }
            Some(declared) => {
                let value = declared.read(&text);
                errors.extend(faults(declared, &value));
                members.insert(name.into_owned(), value);
            }
        }
    }
    let missing = operation
        .query
        .iter()
        .filter(|parameter| parameter.required && !members.contains_key(&parameter.name));
    errors.extend(
        missing.map(|parameter| parameter_error(&parameter.name, "required", "must be given".to_owned())),
    );
    if errors.is_empty() {
        Ok(members)
    } else {
        Err(Problem::parameters(Code::InvalidParameter, errors))
    }
}

/// Reads the members of a query into their type.
///
/// # Errors
/// 400 with the name of what cannot be read.
pub fn typed<T: DeserializeOwned>(members: Map<String, Value>) -> Result<T> {
    serde_path_to_error::deserialize(Value::Object(members)).map_err(|error| {
        let path = error.path().to_string();
        let name = path.split(['.', '[']).next().unwrap_or_default();
        let error = parameter_error(name, "malformed", "cannot be read".to_owned());
        Problem::parameters(Code::InvalidParameter, vec![error])
    })
}

fn faults(declared: &Parameter, value: &Value) -> Vec<ProblemError> {
    let faults = declared.schema.faults(value);
    faults
        .into_iter()
        .map(|fault| parameter_error(&declared.name, &fault.code, fault.message))
        .collect()
}

fn parameter_error(name: &str, code: &str, message: String) -> ProblemError {
    ProblemError {
        pointer: None,
        parameter: Some(name.to_owned()),
        code: code.to_owned(),
        message,
    }
}

/// The operation that the gate found.
///
/// # Errors
/// 500 where there was no gate.
pub fn operation(request: &HttpRequest) -> Result<Arc<Operation>> {
    request
        .extensions()
        .get::<Arc<Operation>>()
        .cloned()
        .ok_or_else(|| Code::Internal.into())
}
