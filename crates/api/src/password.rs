//! Passwords: changing one's own, and setting a new one through a mail.

use actix_web::{post, web::Data};
use artel_domain::{
    actor::{Actor, Author, Via},
    email::Email,
    error::{Error as Refusal, FaultCode},
    password::{Password, TypedPassword},
    session::OpaqueToken,
};
use artel_persistence::{
    Db, Result as StorageResult, Tx, in_tx, password as store, session, single_use::Consumed, token, user,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::{Body, Me},
    mail::text,
    problem::{Code, ProblemBody, Result},
    secret,
    shared::Shared,
    visitor::Visitor,
};

pub mod hashing;

use hashing::Verdict;

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(change_password).service(request_password_reset).service(confirm_password_reset);
}

/// A password to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current_password": "correct horse battery", "new_password": "staple apple orchard"}))]
pub struct ChangePassword {
    /// The password in force.
    current_password: TypedPassword,
    /// The password to come.
    new_password: Password,
}

/// Whose password to reset.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ann@example.com"}))]
pub struct RequestPasswordReset {
    /// The e-mail address of the user.
    email: Email,
}

/// A password to set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "uGb0d1JxG5vH8o0o0B1Zp1l7m2m9sXn5w3cW8S7y0mE", "new_password": "staple apple orchard"}))]
pub struct ConfirmPasswordReset {
    /// The token out of the mail.
    token: OpaqueToken,
    /// The password to come.
    new_password: Password,
}

/// Change my password
///
/// Every signed-in user may call it. This session and the personal access tokens stay; every other session of the
/// user ends at once.
#[utoipa::path(tag = "sign-in", request_body = ChangePassword, responses((status = NO_CONTENT)))]
#[post("/auth/password")]
async fn change_password(
    me: Me,
    db: Data<Db>,
    shared: Data<Shared>,
    body: Body<ChangePassword>,
) -> Result<Answer> {
    let (proven, hash) = check_change(&me, &db, &shared, &body.0).await?;
    let now = shared.clock.now();
    let changed = in_tx(&db, async |tx| change(tx, &me, &proven, &hash, now).await);
    if changed.await? == Consumed::Never {
        return Err(wrong_password().into());
    }
    shared.callers.forget();
    Ok(Answer::no_content())
}

/// Replaces the hash and ends every session but the one that asks.
async fn change(
    tx: &Tx,
    me: &Actor,
    proven: &str,
    hash: &str,
    now: DateTime<Utc>,
) -> StorageResult<Consumed> {
    let kept = match &me.via {
        Via::Session(id) => Some(*id),
        Via::Token(..) => None,
    };
    let replaced = store::replace(tx, me, proven, hash, now).await?;
    if replaced == Consumed::Now {
        session::end_all(tx, me.user, kept, now).await?;
        store::cancel_resets(tx, me.user, now).await?;
    }
    Ok(replaced)
}

/// Proves the old password and hashes the new one.
async fn check_change(me: &Me, db: &Db, shared: &Shared, body: &ChangePassword) -> Result<(String, String)> {
    let user = user::find(db.reader(), me, me.user).await?;
    shared.limits.account(user.fields.email.as_str())?;
    let proven = store::find_own(db.reader(), me).await?.and_then(|found| found.hash);
    if shared.hashing.verify(&body.current_password, proven.as_deref()).await? == Verdict::Wrong {
        return Err(wrong_password().into());
    }
    Refusal::unless_empty(
        body.new_password.check(&user.fields.email, "/new_password").into_iter().collect(),
    )?;
    let hash = shared.hashing.hash(&body.new_password).await?;
    Ok((proven.unwrap_or_default(), hash))
}

fn wrong_password() -> Refusal {
    Refusal::invalid("/current_password", FaultCode::Wrong, "is not the password in force")
}

/// Ask for a password reset
///
/// Anyone may call it. The answer is the same whether or not somebody has the address; if somebody has, a mail
/// goes there with a token that is good once, for an hour. At most one mail a minute goes to an address.
#[utoipa::path(tag = "sign-in", security(()), request_body = RequestPasswordReset, responses((status = ACCEPTED)))]
#[post("/auth/password-reset")]
async fn request_password_reset(visitor: Visitor, body: Body<RequestPasswordReset>) -> Result<Answer> {
    visitor.shared.mailer.require()?;
    visitor.shared.limits.account(body.0.email.as_str())?;
    // In the background, so that the time says nothing either.
    actix_web::rt::spawn(async move {
        if let Err(problem) = send_reset(&visitor, body.0.email).await {
            tracing::error!(%problem, "a password reset was not sent");
        }
    });
    Ok(Answer::accepted())
}

async fn send_reset(visitor: &Visitor, email: Email) -> Result<()> {
    let Some(owner) = store::find_by_email(visitor.db.reader(), &email).await? else {
        return Ok(());
    };
    let token = secret::random_text();
    let hash = secret::hash(&token);
    let added = in_tx(&visitor.db, async |tx| store::insert_reset(tx, owner.user, &hash, visitor.now).await);
    if added.await? {
        let link = visitor.shared.config.link("password-reset", &token);
        visitor.shared.mailer.send(text::password_reset(email, owner.locale, &link)).await;
    }
    Ok(())
}

/// Set a new password with a reset token
///
/// Anyone who holds the token may call it. Every session and every personal access token of the user ends at once.
#[utoipa::path(tag = "sign-in", security(()), request_body = ConfirmPasswordReset, responses(
    (status = NO_CONTENT),
    (status = UNAUTHORIZED, description = "The token is unknown, used or expired.",
        content_type = "application/problem+json", body = ProblemBody),
))]
#[post("/auth/password-reset/confirm")]
async fn confirm_password_reset(visitor: Visitor, body: Body<ConfirmPasswordReset>) -> Result<Answer> {
    let token_hash = secret::hash(body.0.token.expose());
    let owner = owner(&visitor, &token_hash, &body.0.new_password).await?;
    let hash = visitor.shared.hashing.hash(&body.0.new_password).await?;
    let consumed = in_tx(&visitor.db, async |tx| reset(tx, &owner, &token_hash, &hash, visitor.now).await);
    if consumed.await? == Consumed::Never {
        return Err(Code::InvalidCredentials.into());
    }
    visitor.shared.callers.forget();
    Ok(Answer::no_content())
}

/// The owner of a reset, as long as it can be confirmed with this password.
async fn owner(visitor: &Visitor, token_hash: &str, password: &Password) -> Result<store::ResetOwner> {
    let owner = store::find_reset(visitor.db.reader(), token_hash, visitor.now).await?;
    let owner = owner.ok_or(Code::InvalidCredentials)?;
    let fault = password.check(&owner.email, "/new_password");
    Refusal::unless_empty(fault.into_iter().collect())?;
    Ok(owner)
}

async fn reset(
    tx: &Tx,
    owner: &store::ResetOwner,
    token_hash: &str,
    hash: &str,
    now: DateTime<Utc>,
) -> StorageResult<Consumed> {
    if store::consume_reset(tx, owner.user, token_hash, now).await? == Consumed::Never {
        return Ok(Consumed::Never);
    }
    store::set(tx, owner.user, hash).await?;
    store::cancel_resets(tx, owner.user, now).await?;
    session::end_all(tx, owner.user, None, now).await?;
    token::revoke_all(tx, owner.user, now).await?;
    store::record(tx, Author::System, owner.user, now).await?;
    Ok(Consumed::Now)
}
