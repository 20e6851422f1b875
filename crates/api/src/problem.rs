//! Every answer that says no: RFC 9457 problems, and the one place that gives an error its status.

use std::fmt;

use actix_web::{
    HttpResponse, ResponseError,
    error::{ParseError, PathError, PayloadError},
    http::{StatusCode, header},
};
use artel_domain::error::{Conflict, Error as Refusal, Fault, Forbidden};
use artel_persistence::Error as StorageError;
use serde::Serialize;
use utoipa::ToSchema;

/// The most faults that one answer tells: a body of a megabyte can hold hundreds of thousands.
pub const MOST_ERRORS: usize = 100;

mod code;

pub use code::Code;

/// What a handler answers.
pub type Result<T> = std::result::Result<T, Problem>;

/// A problem (RFC 9457) before it is written.
#[derive(Clone, Debug)]
pub struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    title: String,
    detail: Option<String>,
    errors: Vec<ProblemError>,
    headers: Vec<(header::HeaderName, String)>,
    request_id: String,
}

/// One fault of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemError {
    /// JSON pointer (RFC 6901) to the fault in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/deadline")]
    pub pointer: Option<String>,
    /// The query parameter or header at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// The kind of fault: a word of Artel's, or the keyword of JSON Schema that does not hold.
    #[schema(example = "max_length")]
    pub code: String,
    /// A sentence for a person, completing "this field …".
    #[schema(example = "must have at most 250 characters")]
    pub message: String,
}

/// A problem as it is answered: `application/problem+json`, RFC 9457.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/problems/validation", "title": "The body is understood, and invalid: `errors` lists every fault.",
    "status": 422, "code": "validation", "detail": "1 field needs attention", "request_id": "5f0c8a3e9b7d4c21",
    "errors": [{"pointer": "/last_name", "code": "max_length", "message": "must have at most 100 characters"}]
}))]
pub struct ProblemBody<'a> {
    /// A page that explains this kind of problem.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    kind: String,
    /// What kind of problem it is, for people.
    title: &'a str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What kind of problem it is, for programs: stable.
    code: &'a str,
    /// What is special about this occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// Leads to this request in the server's log.
    request_id: &'a str,
    /// Every fault of the request, a hundred at the most.
    #[schema(max_items = 100)]
    #[serde(skip_serializing_if = "<[ProblemError]>::is_empty")]
    errors: &'a [ProblemError],
}

impl Problem {
    fn of(status: StatusCode, code: &'static str, title: String) -> Self {
        Self(Box::new(Parts {
            status,
            code,
            title,
            detail: None,
            errors: Vec::new(),
            headers: Vec::new(),
            request_id: String::new(),
        }))
    }

    /// The problem with a faulty query parameter or header.
    #[must_use]
    pub fn parameters(code: Code, errors: Vec<ProblemError>) -> Self {
        Self::from(code).with_errors(errors)
    }

    /// The problem with a body of the right syntax.
    #[must_use]
    pub fn validation(errors: Vec<ProblemError>) -> Self {
        Self::from(Code::Validation).with_errors(errors)
    }

    /// Too many requests, with the seconds to wait.
    #[must_use]
    pub fn rate_limited(seconds: u64) -> Self {
        Self::from(Code::RateLimited).with_header(header::RETRY_AFTER, seconds.to_string())
    }

    /// The path takes other methods only.
    #[must_use]
    pub fn method_not_allowed(allowed: &str) -> Self {
        Self::from(Code::MethodNotAllowed).with_header(header::ALLOW, allowed.to_owned())
    }

    /// What kind of problem it is, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// What kind of problem it is, for people.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// Says what is special about this occurrence. Never holds anything internal.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    fn with_errors(mut self, mut errors: Vec<ProblemError>) -> Self {
        errors.truncate(MOST_ERRORS);
        self.0.detail = Some(match errors.len() {
            1 => "1 field needs attention".to_owned(),
            MOST_ERRORS => format!("{MOST_ERRORS} or more fields need attention"),
            count => format!("{count} fields need attention"),
        });
        self.0.errors = errors;
        self
    }

    /// The same problem where the fields at fault came as query parameters.
    #[must_use]
    pub fn about_parameters(mut self) -> Self {
        for error in &mut self.0.errors {
            error.parameter = error.pointer.take().map(|pointer| pointer.trim_start_matches('/').to_owned());
        }
        self
    }

    fn with_header(mut self, name: header::HeaderName, value: String) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The problem with further headers of visible ASCII.
    #[must_use]
    pub(crate) fn with_headers(mut self, headers: &header::HeaderMap) -> Self {
        for (name, value) in headers {
            let value = value.to_str().unwrap_or_default();
            self = self.with_header(name.clone(), value.to_owned());
        }
        self
    }

    /// The problem as part of the answer to a request.
    #[must_use]
    pub fn with_request_id(mut self, request_id: &str) -> Self {
        request_id.clone_into(&mut self.0.request_id);
        self
    }

    /// The problem behind an error of the framework or of a handler.
    #[must_use]
    pub fn from_framework(error: &actix_web::Error) -> Self {
        if let Some(problem) = error.as_error::<Self>() {
            return problem.clone();
        }
        if error.as_error::<PathError>().is_some() {
            return Code::NotFound.into();
        }
        match error.as_response_error().status_code() {
            StatusCode::NOT_FOUND => Code::NoRoute.into(),
            StatusCode::PAYLOAD_TOO_LARGE => Code::PayloadTooLarge.into(),
            StatusCode::REQUEST_TIMEOUT => Code::RequestTimeout.into(),
            status if status.is_client_error() => Code::Malformed.into(),
            _ => {
                tracing::error!(%error, "an error without a problem");
                Code::Internal.into()
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.status.as_u16(), self.0.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        let body = ProblemBody {
            kind: format!("/problems/{}", self.0.code),
            title: &self.0.title,
            status: self.0.status.as_u16(),
            code: self.0.code,
            detail: self.0.detail.as_deref(),
            request_id: &self.0.request_id,
            errors: &self.0.errors,
        };
        let mut response = HttpResponse::build(self.0.status);
        for (name, value) in &self.0.headers {
            response.insert_header((name.clone(), value.as_str()));
        }
        let body = serde_json::to_vec(&body).unwrap_or_default();
        response.content_type("application/problem+json").body(body)
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        let mut problem = Self::of(code.status(), code.as_str(), code.meaning());
        if code.status() == StatusCode::UNAUTHORIZED {
            problem = problem.with_header(header::WWW_AUTHENTICATE, r#"Bearer realm="artel""#.to_owned());
        }
        match code.retry_after() {
            Some(seconds) => problem.with_header(header::RETRY_AFTER, seconds.to_string()),
            None => problem,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Code::NotFound.into(),
            Refusal::Forbidden(rule) => Self::of(StatusCode::FORBIDDEN, rule.as_str(), rule.meaning()),
            Refusal::ForbiddenFields(faults) => {
                let faults = faults.into_iter().map(ProblemError::from).collect();
                Self::from(Refusal::Forbidden(Forbidden::NotAllowed)).with_errors(faults)
            }
            Refusal::Stale => Code::PreconditionFailed.into(),
            Refusal::VersionRequired => Code::PreconditionRequired.into(),
            Refusal::Transition(legal) => {
                Self::from(Refusal::Conflict(Conflict::InvalidTransition)).with_detail(possible(&legal))
            }
            Refusal::Conflict(state) => Self::of(StatusCode::CONFLICT, state.as_str(), state.meaning()),
            Refusal::Invalid(faults) => {
                Self::validation(faults.into_iter().map(ProblemError::from).collect())
            }
        }
    }
}

fn possible(legal: &[&str]) -> String {
    match legal {
        [] => "nothing is possible now".to_owned(),
        legal => format!("possible now: {}", legal.join(", ")),
    }
}

impl From<Fault> for ProblemError {
    fn from(fault: Fault) -> Self {
        let Fault { pointer, code, message } = fault;
        Self { pointer: Some(pointer), parameter: None, code: code.to_string(), message: message.to_owned() }
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Refused(refusal) => refusal.into(),
            StorageError::Unavailable(cause) => {
                tracing::error!(%cause, "the database is not available");
                Code::Unavailable.into()
            }
            other => {
                tracing::error!(error = %other, "storage failed");
                Code::Internal.into()
            }
        }
    }
}

impl From<PayloadError> for Problem {
    fn from(error: PayloadError) -> Self {
        match error {
            PayloadError::Overflow => Code::PayloadTooLarge.into(),
            _ => Code::Malformed.into(),
        }
    }
}

impl From<ParseError> for Problem {
    fn from(_: ParseError) -> Self {
        Code::Malformed.into()
    }
}

/// One kind of problem, for the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The stable word.
    pub code: &'static str,
    /// The status it comes with.
    pub status: u16,
    /// What it means, for people.
    pub meaning: String,
}

/// Every kind of problem that Artel answers.
#[must_use]
pub fn catalogue() -> Vec<Kind> {
    let kind = |code, status: StatusCode, meaning| Kind { code, status: status.as_u16(), meaning };
    let own = Code::ALL.iter().map(|code| kind(code.as_str(), code.status(), code.meaning()));
    let rules = Forbidden::ALL.iter().map(|rule| kind(rule.as_str(), StatusCode::FORBIDDEN, rule.meaning()));
    let states =
        Conflict::ALL.iter().map(|state| kind(state.as_str(), StatusCode::CONFLICT, state.meaning()));
    own.chain(rules).chain(states).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_unique_and_says_what_it_means() {
        let mut codes: Vec<_> = catalogue().iter().map(|kind| kind.code).collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
        assert!(catalogue().iter().all(|kind| !kind.meaning.is_empty()));
    }
}
