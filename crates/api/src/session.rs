//! Sessions: signing in and out, refreshing, and the list of one's own sign-ins.

use actix_web::{
    delete, get, post,
    web::{Data, Path},
};
use artel_domain::{
    actor::{SessionId, UserId},
    email::Email,
    page::Direction,
    password::TypedPassword,
    session::{Client, OpaqueToken, Session, Sort},
};
use artel_persistence::{Db, Result as StorageResult, Tx, in_tx, password as credentials, session as store};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::{Body, Me},
    list::{Filter, ListQuery, Listing, SortBy, SortWord},
    password::hashing::Verdict,
    problem::{Code, Problem, ProblemBody, Result},
    secret,
    shared::Shared,
    visitor::Visitor,
    write::{Saved, Write},
};

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(login).service(refresh).service(logout);
    config.service(list_sessions).service(revoke_session);
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ann@example.com", "password": "correct horse battery"}))]
pub struct Login {
    /// The e-mail address of the user; case does not matter.
    email: Email,
    /// The password.
    password: TypedPassword,
}

/// The token that keeps a session alive.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"refresh_token": "uGb0d1JxG5vH8o0o0B1Zp1l7m2m9sXn5w3cW8S7y0mE"}))]
pub struct RefreshSession {
    /// The refresh token of the last answer.
    refresh_token: OpaqueToken,
}

/// The tokens of a session. They are shown once.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiIsImtpZCI6IjdmM2EifQ.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "token_type": "Bearer", "expires_in": 900, "refresh_token": "uGb0d1JxG5vH8o0o0B1Zp1l7m2m9sXn5w3cW8S7y0mE",
    "refresh_expires_at": "2026-08-30T09:00:00Z", "user_id": 1, "session_id": 12
}))]
pub struct SessionTokens {
    /// A JWT for `Authorization: Bearer`.
    access_token: String,
    /// How to send the access token: always `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(minimum = 1)]
    expires_in: u64,
    /// Gets the next tokens from `POST /api/v1/auth/refresh`, once.
    refresh_token: String,
    /// When the session ends unless it is refreshed before.
    refresh_expires_at: DateTime<Utc>,
    /// Who signed in.
    user_id: UserId,
    /// The session that began.
    session_id: SessionId,
}

/// A session as its owner sees it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 12, "user_agent": "Mozilla/5.0 (X11; Linux x86_64)", "address": "192.0.2.7",
    "created_at": "2026-07-31T09:00:00Z", "last_used_at": "2026-07-31T10:15:00Z",
    "expires_at": "2026-08-30T10:15:00Z", "current": true
}))]
pub struct SessionView {
    /// Its id.
    id: SessionId,
    /// What the client called itself.
    #[schema(required = true)]
    user_agent: Option<String>,
    /// The network address that it signed in from.
    #[schema(required = true)]
    address: Option<String>,
    /// When it signed in.
    created_at: DateTime<Utc>,
    /// When it was last refreshed.
    last_used_at: DateTime<Utc>,
    /// When it ends unless it is refreshed before.
    expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    current: bool,
}

impl From<(Session, bool)> for SessionView {
    fn from((session, current): (Session, bool)) -> Self {
        let Session { id, user: _, client, created_at, last_used_at, expires_at, revoked_at: _ } = session;
        let Client { user_agent, address } = client;
        Self { id, user_agent, address, created_at, last_used_at, expires_at, current }
    }
}

/// A sort key with its direction.
type Order = SortBy<Sort>;

/// What to show of the sessions.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionFilter {
    /// What to sort by; `-last_used_at` unless told otherwise.
    #[param(inline)]
    sort: Option<Order>,
}

impl SortWord for Sort {
    const WORDS: &'static [Self] = Self::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Filter for SessionFilter {
    type Sort = Sort;

    fn sort(&self) -> SortBy<Sort> {
        self.sort.unwrap_or(SortBy { sort: Sort::LastUsedAt, direction: Direction::Descending })
    }
}

/// Begins a session in a transaction; [`tokens`] makes the answer of it.
///
/// # Errors
/// Those of the database.
pub async fn begin(tx: &Tx, user: UserId, visitor: &Visitor) -> StorageResult<(Session, String)> {
    let refresh_token = secret::random_text();
    let hash = secret::hash(&refresh_token);
    let session = store::insert(tx, user, visitor.client.clone(), &hash, visitor.now).await?;
    Ok((session, refresh_token))
}

/// The tokens of a session that has just begun or been refreshed.
///
/// # Errors
/// 500 when signing fails.
pub fn tokens(
    shared: &Shared,
    session: &Session,
    refresh_token: String,
    now: DateTime<Utc>,
) -> Result<SessionTokens> {
    let access_token = shared.callers.signer().sign(session.user, session.id, now).map_err(|cause| {
        tracing::error!(%cause, "an access token cannot be signed");
        Problem::from(Code::Internal)
    })?;
    Ok(SessionTokens {
        access_token,
        token_type: "Bearer",
        expires_in: shared.config.access_token_ttl.as_secs(),
        refresh_token,
        refresh_expires_at: session.expires_at,
        user_id: session.user,
        session_id: session.id,
    })
}

/// Sign in
///
/// Anyone may call it. An unknown address, a wrong password and a deactivated user get the same answer in the
/// same time. Attempts are limited per address and per account.
#[utoipa::path(tag = "sign-in", security(()), request_body = Login, responses(
    (status = OK, body = SessionTokens),
    (status = UNAUTHORIZED, description = "E-mail and password do not fit together.",
        content_type = "application/problem+json", body = ProblemBody),
))]
#[post("/auth/login")]
async fn login(visitor: Visitor, body: Body<Login>) -> Result<Answer> {
    let proven = prove(&visitor, &body.0).await?;
    let begun = in_tx(&visitor.db, async |tx| {
        if credentials::still_hold(tx, &proven).await? {
            Ok(Some(begin(tx, proven.user, &visitor).await?))
        } else {
            Ok(None)
        }
    });
    let (session, refresh_token) = begun.await?.ok_or(Code::InvalidCredentials)?;
    Ok(Answer::ok(&tokens(&visitor.shared, &session, refresh_token, visitor.now)?))
}

/// The credentials that the password proves.
async fn prove(visitor: &Visitor, typed: &Login) -> Result<credentials::Credentials> {
    visitor.shared.limits.account(typed.email.as_str())?;
    let found = credentials::find_by_email(visitor.db.reader(), &typed.email).await?;
    let hash = found.as_ref().and_then(|found| found.hash.as_deref());
    let verdict = visitor.shared.hashing.verify(&typed.password, hash).await?;
    let outcome = if verdict == Verdict::Right { "right" } else { "wrong" };
    metrics::counter!("artel_sign_ins_total", "password" => outcome).increment(1);
    found.filter(|_| verdict == Verdict::Right).ok_or_else(|| Code::InvalidCredentials.into())
}

/// Refresh a session
///
/// Anyone who holds the refresh token may call it. Each refresh token is good once: the answer holds the next one.
/// For 10 seconds a token that was just used gets a further successor, so that several tabs may refresh at the
/// same moment. A token that was left behind longer ago ends the session: somebody else has it.
#[utoipa::path(tag = "sign-in", security(()), request_body = RefreshSession, responses(
    (status = OK, body = SessionTokens),
    (status = UNAUTHORIZED, description = "The refresh token is unknown, used or expired, or its session has ended.",
        content_type = "application/problem+json", body = ProblemBody),
))]
#[post("/auth/refresh")]
async fn refresh(visitor: Visitor, body: Body<RefreshSession>) -> Result<Answer> {
    let (hash, successor) = (secret::hash(body.0.refresh_token.expose()), secret::random_text());
    let next = secret::hash(&successor);
    let refreshed = in_tx(&visitor.db, async |tx| store::refresh(tx, &hash, &next, visitor.now).await);
    let session = renewed(refreshed.await?, &visitor.shared)?;
    Ok(Answer::ok(&tokens(&visitor.shared, &session, successor, visitor.now)?))
}

fn renewed(refreshed: store::Refreshed, shared: &Shared) -> Result<Session> {
    match refreshed {
        store::Refreshed::Renewed(session) => Ok(session),
        store::Refreshed::Refused => Err(Problem::rate_limited(1)),
        store::Refreshed::Denied => {
            // The session may have been ended just now.
            shared.callers.forget();
            Err(Code::InvalidCredentials.into())
        }
    }
}

/// Sign out
///
/// Every signed-in user may call it. Ends the session that asks.
#[utoipa::path(tag = "sign-in", responses((status = NO_CONTENT)))]
#[post("/auth/logout")]
async fn logout(write: Write, shared: Data<Shared>) -> Result<Answer> {
    let artel_domain::actor::Via::Session(id) = write.me().via else {
        return Err(Code::SessionRequired.into());
    };
    end(&write, &shared, id).await
}

/// List my sessions
///
/// Every signed-in user may call it, and sees the sessions that have not ended.
#[utoipa::path(tag = "sign-in", params(SessionFilter, crate::list::PageParams), responses((status = OK, body = Listing<SessionView>)))]
#[get("/auth/sessions")]
async fn list_sessions(
    me: Me,
    db: Data<Db>,
    shared: Data<Shared>,
    query: ListQuery<SessionFilter>,
) -> Result<Listing<SessionView>> {
    let found = store::list(db.reader(), &me, &query.page, query.total, shared.clock.now()).await?;
    Ok(query.answer(found.map(|session| {
        let current = session.is_current(&me);
        (session, current)
    })))
}

/// End one of my sessions
///
/// Every signed-in user may call it for their own sessions. The session stops working at once.
#[utoipa::path(tag = "sign-in", params(("id" = SessionId, Path)), responses((status = NO_CONTENT)))]
#[delete("/auth/sessions/{id}")]
async fn revoke_session(write: Write, shared: Data<Shared>, id: Path<SessionId>) -> Result<Answer> {
    end(&write, &shared, *id).await
}

async fn end(write: &Write, shared: &Shared, id: SessionId) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let mut session = store::load(tx, write.me(), id, write.now()).await?;
        session.revoke(write.me(), write.now())?;
        store::save_revoked(tx, write.me().author(), &session, write.now()).await?;
        Ok(Saved::new(Session::object(id), Answer::no_content()))
    });
    let answer = answer.await?;
    shared.callers.forget();
    Ok(answer)
}
