//! Personal access tokens: made, listed and revoked by their owner in a session.

use actix_web::{
    delete, get, post,
    web::{Data, Path},
};
use artel_domain::{
    actor::{Scope, TokenId},
    page::Direction,
    token::{Sort, Token, TokenFields, TokenName, compose, hint},
};
use artel_persistence::{Db, token as store};
use chrono::{DateTime, SubsecRound as _, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::Answer,
    extract::{Body, Me},
    list::{Filter, ListQuery, Listing, PageParams, SortBy, SortWord},
    problem::Result,
    secret,
    shared::Shared,
    write::{Saved, Write},
};

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_tokens).service(create_token).service(read_token).service(revoke_token);
}

/// A token to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Nightly export", "scopes": ["crm:read"], "expires_at": "2030-01-01T00:00:00Z"}))]
pub struct CreateToken {
    /// What to call it.
    name: TokenName,
    /// What it may be used for.
    #[schema(min_items = 1, max_items = 20)]
    scopes: Vec<Scope>,
    /// When it stops working, at most ten years away; never, if absent or `null`.
    #[serde(default)]
    expires_at: Option<DateTime<Utc>>,
}

impl From<CreateToken> for TokenFields {
    fn from(body: CreateToken) -> Self {
        let CreateToken { name, scopes, expires_at } = body;
        Self { name, scopes, expires_at: expires_at.map(|at| at.trunc_subsecs(6)) }
    }
}

/// A personal access token as its owner sees it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 3, "name": "Nightly export", "scopes": ["crm:read"], "hint": "artel_pat_3kTM",
    "created_at": "2026-07-31T09:00:00Z", "expires_at": "2030-01-01T00:00:00Z", "last_used_at": null
}))]
pub struct TokenView {
    /// Its id.
    id: TokenId,
    /// What it is called.
    name: TokenName,
    /// What it may be used for.
    scopes: Vec<Scope>,
    /// How it begins.
    hint: String,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it stops working; never, if `null`.
    #[schema(required = true)]
    expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    #[schema(required = true)]
    last_used_at: Option<DateTime<Utc>>,
    /// The token itself, for `Authorization: Bearer`: in the answer that makes it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<String>,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        let Token { id, user: _, fields, hint, created_at, last_used_at, revoked_at: _ } = token;
        let TokenFields { name, scopes, expires_at } = fields;
        Self { id, name, scopes, hint, created_at, expires_at, last_used_at, token: None }
    }
}

/// A sort key with its direction.
type Order = SortBy<Sort>;

/// What to show of the tokens.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TokenFilter {
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

impl Filter for TokenFilter {
    type Sort = Sort;

    fn sort(&self) -> SortBy<Sort> {
        self.sort.unwrap_or(SortBy { sort: Sort::CreatedAt, direction: Direction::Descending })
    }
}

/// List my personal access tokens
///
/// Every signed-in user may call it, and sees the tokens that were not revoked.
#[utoipa::path(tag = "sign-in", params(TokenFilter, PageParams), responses((status = OK, body = Listing<TokenView>)))]
#[get("/auth/tokens")]
async fn list_tokens(me: Me, db: Data<Db>, query: ListQuery<TokenFilter>) -> Result<Listing<TokenView>> {
    Ok(query.answer(store::list(db.reader(), &me, &query.page, query.total).await?))
}

/// Read a personal access token of mine
///
/// Every signed-in user may call it for their own tokens. The token itself is not shown again.
#[utoipa::path(tag = "sign-in", params(("id" = TokenId, Path)), responses((status = OK, body = TokenView)))]
#[get("/auth/tokens/{id}")]
async fn read_token(me: Me, db: Data<Db>, id: Path<TokenId>) -> Result<Answer> {
    Ok(Answer::ok(&TokenView::from(store::find(db.reader(), &me, *id).await?)))
}

/// Make a personal access token
///
/// Every signed-in user may call it. A token acts as its owner, within its scopes. The answer shows it once.
#[utoipa::path(tag = "sign-in", request_body = CreateToken, responses((status = CREATED, body = TokenView)))]
#[post("/auth/tokens")]
async fn create_token(write: Write, body: Body<CreateToken>) -> Result<Answer> {
    let (fields, text) = (TokenFields::from(body.0), compose(secret::random_number()));
    let answer = write.commit(async |tx| {
        fields.check(store::count(tx, write.me()).await?, write.now())?;
        let (hash, hint) = (secret::hash(&text), hint(&text));
        let token = store::insert(tx, write.me(), fields.clone(), hash, hint, write.now()).await?;
        Ok(created(token, text.clone()))
    });
    answer.await
}

fn created(token: Token, text: String) -> Saved {
    let (location, object) = (format!("/api/v1/auth/tokens/{}", token.id), Token::object(token.id));
    let body = TokenView { token: Some(text), ..token.into() };
    Saved::new(object, Answer::created(location, &body))
}

/// Revoke a personal access token of mine
///
/// Every signed-in user may call it for their own tokens. The token stops working at once.
#[utoipa::path(tag = "sign-in", params(("id" = TokenId, Path)), responses((status = NO_CONTENT)))]
#[delete("/auth/tokens/{id}")]
async fn revoke_token(write: Write, shared: Data<Shared>, id: Path<TokenId>) -> Result<Answer> {
    let answer = write.commit(async |tx| {
        let mut token = store::load(tx, write.me(), *id).await?;
        token.revoke(write.me(), write.now())?;
        store::save_revoked(tx, write.me().author(), &token, write.now()).await?;
        Ok(Saved::new(Token::object(*id), Answer::no_content()))
    });
    let answer = answer.await?;
    shared.callers.forget();
    Ok(answer)
}
