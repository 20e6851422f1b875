//! The gate before every operation. It checks in the order that tells an outsider nothing: size and media type,
//! who, scope; then it reads the body, so that handlers find everything in place.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use actix_web::{
    Error, HttpMessage as _,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap},
    middleware::Next,
    web::{Bytes, BytesMut, Data},
};
use futures_util::StreamExt as _;
use percent_encoding::percent_decode_str;

use crate::{
    caller::{Address, admit, authorization, client_address},
    extract::RawBody,
    limits::Remaining,
    operation::{Access, Operation},
    parameters::{Parameters, read_parameters},
    problem::{Code, Problem, ProblemError, Result},
    shared::Shared,
};

/// How long a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(15);
/// How long a handler may take, once the body is there.
const HANDLER_DEADLINE: Duration = Duration::from_secs(10);

/// Lets a request through to its operation, or refuses it.
///
/// # Errors
/// Those of the handler, and that it took too long; refusals are responses.
pub async fn gate(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> std::result::Result<ServiceResponse<BoxBody>, Error> {
    match pass(&mut request).await {
        Ok(remaining) => {
            let answer = tokio::time::timeout(HANDLER_DEADLINE, next.call(request)).await;
            let answer = answer.map_err(|_| Problem::from(Code::Timeout))?;
            let mut response = answer?.map_into_boxed_body();
            if let Some(remaining) = remaining {
                remaining.write(response.headers_mut());
            }
            Ok(response)
        }
        Err(problem) => Ok(request.error_response(problem)),
    }
}

async fn pass(request: &mut ServiceRequest) -> Result<Option<Remaining>> {
    let shared = request.app_data::<Data<Shared>>().cloned().ok_or(Code::Internal)?;
    let Some(operation) = operation(request, &shared)? else {
        return Ok(None);
    };
    let address = address(request, &shared);
    request.extensions_mut().insert(Address(address));
    request.extensions_mut().insert(operation.clone());
    check_body_head(request, &operation, &shared)?;
    let remaining = identify(request, &operation, &shared, address).await?;
    check_encoding(request)?;
    check_headers(request.headers(), &operation)?;
    let parameters = read_parameters(request.query_string(), &operation)?;
    request.extensions_mut().insert(Parameters(parameters));
    if operation.body.is_some() {
        let body = read(request.take_payload(), shared.body_limit()).await?;
        request.extensions_mut().insert(RawBody(body));
    }
    Ok(remaining)
}

/// The operation of a request; nothing where the path is no operation's (the documentation, or no route at all).
fn operation(request: &ServiceRequest, shared: &Shared) -> Result<Option<Arc<Operation>>> {
    let Some(route) = request.match_pattern() else {
        return Ok(None);
    };
    if let Some(operation) = shared.operations.find(&route, request.method()) {
        return Ok(Some(operation.clone()));
    }
    shared.operations.allowed(&route).map_or(Ok(None), |allowed| Err(Problem::method_not_allowed(&allowed)))
}

fn address(request: &ServiceRequest, shared: &Shared) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    // A proxy may add a line of its own to those that the client sent: together they are one list.
    let lines = request.headers().get_all("x-forwarded-for").filter_map(|line| line.to_str().ok());
    client_address(peer, &lines.collect::<Vec<_>>().join(","), &shared.config.trusted_proxies)
}

/// Size and media type, as far as the head tells.
fn check_body_head(request: &ServiceRequest, operation: &Operation, shared: &Shared) -> Result<()> {
    let Some(body) = &operation.body else {
        return Ok(());
    };
    let length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > shared.body_limit()) {
        return Err(Code::PayloadTooLarge.into());
    }
    if !body.required && is_absent(request.headers()) {
        return Ok(());
    }
    let media_type = request.content_type();
    let takes = body.media_types.iter().any(|taken| taken.eq_ignore_ascii_case(media_type));
    let encoded = request.headers().get(header::CONTENT_ENCODING).is_some_and(|value| value != "identity");
    if takes && !encoded { Ok(()) } else { Err(unsupported(&body.media_types)) }
}

/// Whether the head announces no body at all.
fn is_absent(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    length.is_none_or(|length| length == "0") && !headers.contains_key(header::TRANSFER_ENCODING)
}

fn unsupported(media_types: &[String]) -> Problem {
    Problem::from(Code::UnsupportedMediaType).with_detail(format!("send {}", media_types.join(" or ")))
}

/// Who calls, what they may use, and how much of it.
async fn identify(
    request: &ServiceRequest,
    operation: &Operation,
    shared: &Shared,
    address: IpAddr,
) -> Result<Option<Remaining>> {
    if operation.access == Access::Public {
        return if operation.is_of_the_api() { shared.limits.address(address) } else { Ok(None) };
    }
    let db = request.app_data::<Data<artel_persistence::Db>>().ok_or(Code::Internal)?;
    let actor = match shared.callers.resolve(db, authorization(request), shared.clock.now()).await {
        Ok(actor) => actor,
        Err(problem) => {
            shared.limits.address(address)?;
            return Err(problem);
        }
    };
    let remaining = shared.limits.caller(actor.user)?;
    admit(&actor, operation.access)?;
    request.extensions_mut().insert(actor);
    Ok(remaining)
}

/// What is no UTF-8 would be read as something else: in a path it names nothing, in a query it is malformed.
fn check_encoding(request: &ServiceRequest) -> Result<()> {
    let is_text = |encoded: &str| percent_decode_str(encoded).decode_utf8().is_ok();
    if !is_text(request.uri().path()) {
        Err(Code::NotFound.into())
    } else if is_text(request.query_string()) {
        Ok(())
    } else {
        Err(Code::Malformed.into())
    }
}

/// The headers that the operation declares.
fn check_headers(headers: &HeaderMap, operation: &Operation) -> Result<()> {
    let mut errors = Vec::new();
    for declared in &operation.headers {
        let Some(value) = headers.get(&declared.name) else {
            continue;
        };
        let faults = value.to_str().map_or_else(
            |_| vec!["must consist of visible ASCII characters".to_owned()],
            |text| {
                declared.schema.faults(&declared.read(text)).into_iter().map(|fault| fault.message).collect()
            },
        );
        errors.extend(faults.into_iter().map(|message| ProblemError {
            pointer: None,
            parameter: Some(declared.name.clone()),
            code: "header".to_owned(),
            message,
        }));
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::parameters(Code::InvalidHeader, errors)) }
}

async fn read(mut payload: Payload, limit: usize) -> Result<Bytes> {
    let whole = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk?;
            if body.len() + chunk.len() > limit {
                return Err(Code::PayloadTooLarge.into());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    tokio::time::timeout(BODY_DEADLINE, whole).await.unwrap_or_else(|_| Err(Code::RequestTimeout.into()))
}
