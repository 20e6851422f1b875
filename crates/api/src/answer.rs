//! What handlers answer: JSON with an entity tag, and what follows from it.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{StatusCode, header},
};
use serde::Serialize;

use crate::{problem::Code, secret::fingerprint};

/// A JSON answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) version: Option<i64>,
    pub(crate) location: Option<String>,
    pub(crate) replayed: bool,
}

impl Answer {
    /// 200 with a body.
    #[must_use]
    pub fn ok(body: &impl Serialize) -> Self {
        Self { status: StatusCode::OK, body: json(body), version: None, location: None, replayed: false }
    }

    /// 200 with an object and the entity tag of its version.
    #[must_use]
    pub fn versioned(version: i64, body: &impl Serialize) -> Self {
        Self { version: Some(version), ..Self::ok(body) }
    }

    /// 201 with an object and where it lives.
    #[must_use]
    pub fn created(location: String, body: &impl Serialize) -> Self {
        Self { status: StatusCode::CREATED, location: Some(location), ..Self::ok(body) }
    }

    /// 202 without a body.
    #[must_use]
    pub fn accepted() -> Self {
        Self { status: StatusCode::ACCEPTED, body: None, version: None, location: None, replayed: false }
    }

    /// 204.
    #[must_use]
    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, ..Self::accepted() }
    }

    /// The same answer with the entity tag of a version.
    #[must_use]
    pub fn with_version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    /// `"17-…"`: the version, for `If-Match`, and a hash of this very body, for `If-None-Match`; bodies differ
    /// per viewer.
    fn etag(&self) -> Option<String> {
        let body = self.body.as_deref()?;
        self.version.map(|version| format!("\"{version}-{}\"", fingerprint(&[body])))
    }
}

/// A body that cannot be written is an internal problem.
fn json(body: &impl Serialize) -> Option<Vec<u8>> {
    serde_json::to_vec(body).ok()
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let takes_body = !matches!(self.status, StatusCode::NO_CONTENT | StatusCode::ACCEPTED);
        if takes_body && self.body.is_none() {
            return HttpResponse::from_error(crate::problem::Problem::from(Code::Internal));
        }
        let etag = self.etag();
        let mut response = HttpResponse::build(self.status);
        if let Some(etag) = &etag {
            response.insert_header((header::ETAG, etag.as_str()));
            if request.method() == actix_web::http::Method::GET && holds(request, etag) {
                return response.status(StatusCode::NOT_MODIFIED).finish();
            }
        }
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if self.replayed {
            response.insert_header(("idempotent-replayed", "true"));
        }
        match self.body {
            Some(body) => response.content_type("application/json").body(body),
            None => response.finish(),
        }
    }
}

/// RFC 9110, section 13.1.2: weak comparison with each listed tag.
fn holds(request: &HttpRequest, etag: &str) -> bool {
    let listed = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    listed.is_some_and(|listed| {
        listed
            .split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    })
}
