//! The service's own operations: health, metrics, the document, and a page for each kind of problem.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header,
    web::{Data, Html, Path},
};
use artel_persistence::Db;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use subtle::ConstantTimeEq as _;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    problem::{Code, ProblemBody, Result, catalogue},
    shared::Shared,
};

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(check_liveness).service(check_readiness).service(read_metrics);
    config.service(read_document).service(explain_problem);
}

/// How the service is.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
struct Health {
    /// `ok`, or the answer is a problem.
    status: &'static str,
}

/// Check that the process is alive
///
/// Anyone may call it. It asks nothing but the process itself.
#[utoipa::path(tag = "service", security(()), responses((status = OK, body = Health)))]
#[get("/health/live")]
async fn check_liveness() -> Answer {
    Answer::ok(&Health { status: "ok" })
}

/// Check that requests can be answered
///
/// Anyone may call it. It asks the database; 503 while that does not answer.
#[utoipa::path(tag = "service", security(()), responses((status = OK, body = Health)))]
#[get("/health/ready")]
async fn check_readiness(db: Data<Db>) -> Result<Answer> {
    db.ping().await?;
    Ok(Answer::ok(&Health { status: "ok" }))
}

/// Read the metrics
///
/// For Prometheus, in its text format. It asks for the bearer token of `ARTEL_METRICS_TOKEN`, which is no
/// credential of the API; without that setting there are no metrics.
#[utoipa::path(tag = "service", security(()), responses(
    (status = OK, content_type = "text/plain", body = String, example = "artel_panics_total 0\n"),
    (status = UNAUTHORIZED, description = "The token is missing or another one.",
        content_type = "application/problem+json", body = ProblemBody),
))]
#[get("/metrics")]
async fn read_metrics(request: HttpRequest, shared: Data<Shared>) -> Result<HttpResponse> {
    let token = shared.config.metrics_token.as_ref().ok_or(Code::Unauthenticated)?;
    let sent =
        request.headers().get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes).unwrap_or_default();
    let wanted = format!("Bearer {}", token.expose_secret());
    if !bool::from(sent.ct_eq(wanted.as_bytes())) {
        return Err(Code::Unauthenticated.into());
    }
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(shared.metrics.render()))
}

/// Read this document
///
/// Anyone may call it.
#[utoipa::path(tag = "service", security(()), responses((status = OK, body = Object,
    example = json!({"openapi": "3.1.0", "info": {"title": "Artel", "version": "0.1.0"}, "paths": {}}))))]
#[get("/openapi.json")]
async fn read_document(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(shared.document.clone())
}

/// Read what a problem means
///
/// Anyone may call it. A page for people: the `type` of each problem leads here.
#[utoipa::path(tag = "service", security(()),
    params(("code" = String, Path, description = "The `code` of a problem.", pattern = "^[a-z_]+$",
        example = "validation")),
    responses((status = OK, content_type = "text/html", body = String,
        example = "<!doctype html><html lang=en><title>validation</title><h1>validation</h1><p>HTTP status 422</p></html>")))]
#[get("/problems/{code}")]
async fn explain_problem(code: Path<String>) -> Result<Html> {
    let kinds = catalogue();
    let kind = kinds.iter().find(|kind| kind.code == *code).ok_or(Code::NotFound)?;
    Ok(Html::new(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{code}</title><h1>{code}</h1>\
         <p>HTTP status {status}</p><p>{meaning}</p></html>",
        code = kind.code,
        status = kind.status,
        meaning = kind.meaning,
    )))
}
