//! What surrounds every request: its id, its span and its line in the log, the net under panics,
//! the form of errors, the security headers and the metrics.

use std::{panic::AssertUnwindSafe, time::Instant};

use actix_web::{
    Error, HttpMessage as _,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::FutureExt as _;
use tracing::Instrument as _;

use crate::{
    problem::{Code, Problem},
    secret,
};

/// What the bundled Swagger UI needs: itself, inline styles, and images in data addresses.
const DOCS_POLICY: &str =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The name of a request in the log.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Wraps the handling of a request.
///
/// # Errors
/// Only problems, with the request id in them.
pub async fn envelope(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = request_id(request.headers());
    let known = known_method(request.method()).to_owned();
    let method = request.method().to_string();
    let path = request.path().to_owned();
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", id, method, path);
    let answer = guarded(request, next, &id).instrument(span.clone()).await;
    let status =
        answer.as_ref().map_or_else(|error| error.as_response_error().status_code(), ServiceResponse::status);
    let took = started.elapsed();
    let labels = [("method", known), ("route", route), ("status", status.as_u16().to_string())];
    metrics::counter!("artel_http_requests_total", &labels).increment(1);
    metrics::histogram!("artel_http_request_duration_seconds", &labels).record(took.as_secs_f64());
    span.in_scope(|| tracing::info!(status = status.as_u16(), micros = took.as_micros(), "answered"));
    answer
}

/// A method that the metrics tell apart: a client can make up as many others as it likes.
fn known_method(method: &Method) -> &str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if known.contains(method) { method.as_str() } else { "other" }
}

/// Guards, shapes and dresses the answer.
async fn guarded(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    id: &str,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let docs = request.path().starts_with("/docs/");
    let answer = AssertUnwindSafe(async { next.call(request).await }).catch_unwind();
    let answer = match answer.await {
        Ok(Ok(response)) => Ok(shaped(response.map_into_boxed_body(), id)),
        Ok(Err(error)) => Err(Problem::from_framework(&error)),
        Err(_) => {
            metrics::counter!("artel_panics_total").increment(1);
            tracing::error!("a handler panicked");
            Err(Code::Internal.into())
        }
    };
    match answer {
        Ok(mut response) => {
            dress(response.headers_mut(), id, docs);
            Ok(response)
        }
        Err(problem) => {
            let mut headers = HeaderMap::new();
            dress(&mut headers, id, docs);
            Err(Problem::with_request_id(problem, id).with_headers(&headers).into())
        }
    }
}

/// The headers that every answer bears.
fn dress(headers: &mut HeaderMap, id: &str, docs: bool) {
    secure(headers, docs);
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
}

/// An error response of a handler or of the framework becomes a problem with the request id. What has been added to
/// it on its way out stays: what is left of a limit, and whether another origin may read it.
fn shaped(response: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    let Some(error) = response.response().error() else {
        return response;
    };
    let problem = Problem::from_framework(error).with_request_id(id);
    let mut shaped = actix_web::ResponseError::error_response(&problem);
    for (name, value) in response.headers() {
        if !shaped.headers().contains_key(name) {
            shaped.headers_mut().insert(name.clone(), value.clone());
        }
    }
    response.into_response(shaped)
}

/// The client's id if it sent a sane one, a new one otherwise.
fn request_id(headers: &HeaderMap) -> String {
    let sane = |text: &&str| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let sent = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(sane);
    sent.map_or_else(
        || URL_SAFE_NO_PAD.encode(secret::random_bytes().get(..12).unwrap_or_default()),
        str::to_owned,
    )
}

/// Headers that keep browsers from guessing, framing and caching. The Swagger UI runs its own scripts and styles.
fn secure(headers: &mut HeaderMap, docs: bool) {
    let policy = if docs { DOCS_POLICY } else { "default-src 'none'; frame-ancestors 'none'" };
    let defaults = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("content-security-policy", policy),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    for (name, value) in defaults {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
