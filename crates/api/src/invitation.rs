//! Invitations: made by administrators, accepted by whoever holds one.

use actix_web::{
    delete, get, post,
    web::{Data, Path},
};
use artel_domain::{
    actor::Actor,
    email::Email,
    error::{Conflict, Error as Refusal},
    invitation::{Invitation, InvitationFields, InvitationId, InvitationStatus, Sort, check},
    page::Direction,
};
use artel_persistence::{
    Db, Result as StorageResult, Tx, department, invitation as store, organisation, user,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::{Body, Me},
    list::{Filter, ListQuery, Listing, PageParams, SortBy, SortWord},
    mail::{Mail, text},
    problem::Result,
    secret,
    shared::Shared,
    write::{Saved, Write},
};

mod acceptance;
mod shape;

use shape::{CreateInvitation, InvitationView};

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_invitations).service(create_invitation).service(acceptance::accept_invitation);
    config.service(read_invitation).service(revoke_invitation);
}

/// A sort key with its direction.
type Order = SortBy<Sort>;

/// What to show of the invitations.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InvitationFilter {
    /// Only those of which one of these became.
    #[param(explode = false, min_items = 1, max_items = 10)]
    status: Option<Vec<InvitationStatus>>,
    /// Only those to one of these addresses.
    #[param(explode = false, min_items = 1, max_items = 100)]
    email: Option<Vec<Email>>,
    /// What to sort by; `-created_at` unless told otherwise.
    #[param(inline)]
    sort: Option<Order>,
}

impl SortWord for Sort {
    const WORDS: &'static [Self] = Self::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Filter for InvitationFilter {
    type Sort = Sort;

    fn sort(&self) -> SortBy<Sort> {
        self.sort.unwrap_or(SortBy { sort: Sort::CreatedAt, direction: Direction::Descending })
    }
}

impl From<&InvitationFilter> for store::Filter {
    fn from(filter: &InvitationFilter) -> Self {
        let InvitationFilter { status, email, sort: _ } = filter;
        Self { status: status.clone().unwrap_or_default(), email: email.clone().unwrap_or_default() }
    }
}

/// List invitations
///
/// Administrators may call it.
#[utoipa::path(tag = "invitations", params(InvitationFilter, PageParams), responses((status = OK, body = Listing<InvitationView>)))]
#[get("/invitations")]
async fn list_invitations(
    me: Me,
    db: Data<Db>,
    shared: Data<Shared>,
    query: ListQuery<InvitationFilter>,
) -> Result<Listing<InvitationView>> {
    let now = shared.clock.now();
    let found = store::list(db.reader(), &me, &(&query.filter).into(), &query.page, query.total, now).await?;
    Ok(query.answer(found.map(|invitation| (invitation, now))))
}

/// Read an invitation
///
/// Administrators may call it.
#[utoipa::path(tag = "invitations", params(("id" = InvitationId, Path)), responses((status = OK, body = InvitationView)))]
#[get("/invitations/{id}")]
async fn read_invitation(
    me: Me,
    db: Data<Db>,
    shared: Data<Shared>,
    id: Path<InvitationId>,
) -> Result<Answer> {
    let invitation = store::find(db.reader(), &me, *id).await?;
    Ok(Answer::ok(&InvitationView::from((invitation, shared.clock.now()))))
}

/// Invite somebody
///
/// Administrators may call it. The invitation is good once, for 7 days; an earlier one to the same address that
/// nobody accepted is revoked. 409 `duplicate` when a user has the address already.
#[utoipa::path(tag = "invitations", request_body = CreateInvitation, responses((status = CREATED, body = InvitationView)))]
#[post("/invitations")]
async fn create_invitation(
    write: Write,
    shared: Data<Shared>,
    db: Data<Db>,
    body: Body<CreateInvitation>,
) -> Result<Answer> {
    let (fields, token) = (InvitationFields::from(body.0), secret::random_text());
    let link = shared.config.link("invitation", &token);
    let mailed = shared.mailer.can_send();
    let answer = write.commit(async |tx| {
        let view = invite(tx, &write, fields.clone(), &token).await?;
        Ok(created(view, &token, &link, mailed))
    });
    let answer = answer.await?;
    announce(write.me().clone(), &db, shared, fields.email, link);
    Ok(answer)
}

async fn invite(
    tx: &Tx,
    write: &Write,
    fields: InvitationFields,
    token: &str,
) -> StorageResult<InvitationView> {
    check(write.me())?;
    if let Some(id) = fields.department_id {
        let department = department::load(tx, write.me(), id).await;
        department.map_err(|error| error.at("/department_id"))?;
    }
    if user::is_taken(tx, write.me(), &fields.email).await? {
        return Err(Refusal::from(Conflict::Duplicate).into());
    }
    let invitation = store::insert(tx, write.me(), fields, secret::hash(token), write.now()).await?;
    Ok((invitation, write.now()).into())
}

fn created(view: InvitationView, token: &str, link: &str, mailed: bool) -> Saved {
    let (location, object) = (format!("/api/v1/invitations/{}", view.id), Invitation::object(view.id));
    let body = view.with_secret(token.to_owned(), link.to_owned(), mailed);
    Saved::new(object, Answer::created(location, &body))
}

/// Sends the invitation in the background, in the language of whoever invites.
fn announce(inviter: Actor, db: &Db, shared: Data<Shared>, email: Email, link: String) {
    if !shared.mailer.can_send() {
        return;
    }
    let db = db.clone();
    actix_web::rt::spawn(async move {
        match mail(&inviter, &db, email, &link).await {
            Ok(mail) => shared.mailer.send(mail).await,
            Err(error) => tracing::error!(%error, "an invitation was not sent"),
        }
    });
}

async fn mail(inviter: &Actor, db: &Db, email: Email, link: &str) -> StorageResult<Mail> {
    let organisation = organisation::find(db.reader()).await?;
    let inviter = user::find(db.reader(), inviter, inviter.user).await?;
    let name = &organisation.fields.name;
    Ok(text::invitation(email, inviter.fields.locale, name, link))
}

/// Revoke an invitation
///
/// Administrators may call it. 404 when nobody can accept it any more.
#[utoipa::path(tag = "invitations", params(("id" = InvitationId, Path)), responses((status = NO_CONTENT)))]
#[delete("/invitations/{id}")]
async fn revoke_invitation(write: Write, id: Path<InvitationId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        store::revoke(tx, write.me(), *id, write.now()).await?;
        Ok(Saved::new(Invitation::object(*id), Answer::no_content()))
    });
    answer.await
}
