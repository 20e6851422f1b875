//! What handlers take: the caller, and bodies and queries that satisfy the published schema.

use std::{
    future::{Ready, ready},
    ops::Deref,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, web::Bytes};
use artel_domain::actor::Actor;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    json::Json,
    operation::Operation,
    parameters::{parameters, typed},
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

/// The body of a request, read and bounded by the gate.
#[derive(Clone, Debug, Default)]
pub struct RawBody(pub Bytes);

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
    let mut value = if raw.0.is_empty() && !declared.required { Value::Null } else { parsed(&raw)? };
    let faults = declared.schema.faults(&value);
    if !faults.is_empty() {
        return Err(Problem::validation(faults.into_iter().map(ProblemError::from).collect()));
    }
    whole_numbers(&mut value);
    serde_path_to_error::deserialize(value).map_err(|error| Problem::validation(vec![unreadable(&error)]))
}

fn parsed(raw: &RawBody) -> Result<Value> {
    let read = serde_json::from_slice(&raw.0).map(|Json(value)| value);
    read.map_err(|cause| {
        let what = if cause.is_data() { "a field is given twice" } else { "the body is no JSON" };
        Problem::from(Code::Malformed).with_detail(format!("{what}: {}", place(&cause)))
    })
}

/// Where the JSON breaks; the library's own words would repeat what was sent.
fn place(cause: &serde_json::Error) -> String {
    format!("line {}, column {}", cause.line(), cause.column())
}

/// What the schema could not say, such as a date that no calendar has.
fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> ProblemError {
    let path = error.path().to_string().replace(['.', '['], "/").replace(']', "");
    let pointer = if path == "/" || path.is_empty() { String::new() } else { format!("/{path}") };
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

/// The operation that the gate found.
///
/// # Errors
/// 500 where there was no gate.
pub fn operation(request: &HttpRequest) -> Result<Arc<Operation>> {
    request.extensions().get::<Arc<Operation>>().cloned().ok_or_else(|| Code::Internal.into())
}
