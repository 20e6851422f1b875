//! Somebody who is not signed in: what the public operations have to work with in place of a caller.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::USER_AGENT, web::Data};
use artel_domain::session::Client;
use artel_persistence::Db;
use chrono::{DateTime, Utc};

use crate::{
    caller::Address,
    problem::{Code, Problem, Result},
    shared::Shared,
};

/// The most characters of a `User-Agent` that are kept.
const USER_AGENT_LENGTH: usize = 300;

/// A request of somebody who is not signed in.
pub struct Visitor {
    /// The database.
    pub db: Db,
    /// What all requests share.
    pub shared: Data<Shared>,
    /// When: one instant for the whole request.
    pub now: DateTime<Utc>,
    /// What asks.
    pub client: Client,
}

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(visitor(request))
    }
}

fn visitor(request: &HttpRequest) -> Result<Visitor> {
    let shared = request.app_data::<Data<Shared>>().cloned().ok_or(Code::Internal)?;
    let db = request.app_data::<Data<Db>>().ok_or(Code::Internal)?.get_ref().clone();
    let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    let client = Client {
        user_agent: user_agent.map(|text| text.chars().take(USER_AGENT_LENGTH).collect()),
        address: Address::of(request).map(|address| address.0.to_string()),
    };
    Ok(Visitor { db, now: shared.clock.now(), shared, client })
}
