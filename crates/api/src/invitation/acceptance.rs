//! Accepting an invitation: whoever holds one becomes a user.

use actix_web::post;
use artel_domain::{
    activity::Verb,
    actor::Author,
    error::Error as Refusal,
    invitation::{Invitation, InvitationFields},
    password::Password,
    session::{OpaqueToken, Session},
    time_zone::TimeZone,
    user::{Locale, PersonName, UserFields},
};
use artel_persistence::{
    Result as StorageResult, Tx, in_tx, invitation as store, organisation, password, single_use::Consumed,
    user,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    answer::Answer,
    extract::Body,
    problem::{Code, ProblemBody, Result},
    secret,
    session::{self, SessionTokens},
    visitor::Visitor,
};

/// Who accepts an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "token": "uGb0d1JxG5vH8o0o0B1Zp1l7m2m9sXn5w3cW8S7y0mE", "first_name": "Bob", "last_name": "Stone",
    "password": "correct horse battery", "time_zone": "Europe/Berlin", "locale": "en"
}))]
pub struct AcceptInvitation {
    /// The token out of the invitation.
    token: OpaqueToken,
    /// First name.
    first_name: PersonName,
    /// Last name.
    last_name: PersonName,
    /// The password to sign in with.
    password: Password,
    /// What their days are reckoned in; the organisation's zone unless told otherwise.
    #[serde(default)]
    #[schema(nullable = false)]
    time_zone: Option<TimeZone>,
    /// The language of messages to them.
    #[serde(default)]
    #[schema(nullable = false, default = "en")]
    locale: Option<Locale>,
}

/// Accept an invitation
///
/// Anyone who holds the token may call it. It makes the user and signs them in. 409 `duplicate` when a user has the
/// address already.
#[utoipa::path(tag = "invitations", security(()), request_body = AcceptInvitation, responses(
    (status = CREATED, body = SessionTokens),
    (status = UNAUTHORIZED, description = "The token is unknown, used, revoked or expired.",
        content_type = "application/problem+json", body = ProblemBody),
    (status = CONFLICT, description = "A user has the address already.",
        content_type = "application/problem+json", body = ProblemBody),
))]
#[post("/invitations/accept")]
pub async fn accept_invitation(visitor: Visitor, body: Body<AcceptInvitation>) -> Result<Answer> {
    let invitation = check(&visitor, &body.0).await?;
    let password_hash = visitor.shared.hashing.hash(&body.0.password).await?;
    let joined =
        in_tx(&visitor.db, async |tx| join(tx, &visitor, &invitation, &body.0, &password_hash).await);
    let (session, refresh_token) = joined.await?.ok_or(Code::InvalidCredentials)?;
    let tokens = session::tokens(&visitor.shared, &session, refresh_token, visitor.now)?;
    Ok(Answer::created(format!("/api/v1/users/{}", session.user), &tokens))
}

/// The invitation, as long as it can be accepted with this password.
async fn check(visitor: &Visitor, body: &AcceptInvitation) -> Result<Invitation> {
    let hash = secret::hash(body.token.expose());
    let pending = store::find_pending(visitor.db.reader(), &hash, visitor.now).await?;
    let invitation = pending.ok_or(Code::InvalidCredentials)?;
    let fault = body.password.check(&invitation.fields.email, "/password");
    Refusal::unless_empty(fault.into_iter().collect())?;
    Ok(invitation)
}

/// Uses the invitation up, adds the user and begins their session; nothing when somebody else was faster.
async fn join(
    tx: &Tx,
    visitor: &Visitor,
    invitation: &Invitation,
    body: &AcceptInvitation,
    password_hash: &str,
) -> StorageResult<Option<(Session, String)>> {
    if store::consume(tx, invitation.id, visitor.now).await? == Consumed::Never {
        return Ok(None);
    }
    let zone = organisation::find(tx).await?.fields.time_zone;
    let fields = body.fields(invitation.fields.clone(), zone);
    let user = user::insert(tx, Author::System, fields, visitor.now).await?;
    password::set(tx, user.id, password_hash).await?;
    let begun = session::begin(tx, user.id, visitor).await?;
    let author = Author::Session(user.id, begun.0.id);
    store::record(tx, author, Verb::Accepted, invitation.id, visitor.now).await?;
    Ok(Some(begun))
}

impl AcceptInvitation {
    /// The fields of the user that they become; `zone` is the organisation's.
    fn fields(&self, invited: InvitationFields, zone: TimeZone) -> UserFields {
        let InvitationFields { email, role, department_id } = invited;
        UserFields {
            email,
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            position: None,
            role,
            department_id,
            time_zone: self.time_zone.unwrap_or(zone),
            locale: self.locale.unwrap_or(Locale::En),
        }
    }
}
