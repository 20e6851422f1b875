//! Query parameters: a query string becomes a JSON object that satisfies the schemas of its operation.

use actix_web::{HttpMessage as _, HttpRequest};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    operation::{Operation, Parameter},
    problem::{Code, Problem, ProblemError, Result},
};

/// The query of a request, read by the gate.
#[derive(Clone, Debug, Default)]
pub struct Parameters(pub Map<String, Value>);

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
            None => errors.push(parameter_error(&name, "unknown_parameter", "is not known here".to_owned())),
            Some(_) if members.contains_key(&*name) => {
                errors.push(parameter_error(&name, "repeated", "must be given once".to_owned()));
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
    if errors.is_empty() { Ok(members) } else { Err(Problem::parameters(Code::InvalidParameter, errors)) }
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
    faults.into_iter().map(|fault| parameter_error(&declared.name, &fault.code, fault.message)).collect()
}

fn parameter_error(name: &str, code: &str, message: String) -> ProblemError {
    ProblemError { pointer: None, parameter: Some(name.to_owned()), code: code.to_owned(), message }
}
