//! `/api/v1/tokens`: API tokens, made with a password, listed, revoked, suspended and restored.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use domain::{
    Refusal,
    id::{PersonId, TokenId},
    token::{Life, Owner, Scope, Scopes},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer,
    body::Body,
    problems::tokens::{OfMakeToken, OfSuspension, OfToken, OfTokens},
    query::{Query, invalid},
};
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    ops::{
        profile::Name,
        sign_in,
        tokens::{self, Input, Which},
    },
    store::{Tx, tokens::TokenRow},
    web::{
        failure::{Plain, Wrong},
        session::Session,
    },
};

/// An API token. What opens it is shown once, when it is made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Token {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: TokenId,
    /// What its maker called it.
    name: String,
    /// Whose it is: a user's own, or the workspace's.
    #[schema(pattern = "^(personal|service)$", example = "personal")]
    kind: &'static str,
    /// Of a personal token the user; null of a service token.
    #[schema(value_type = Option<String>, format = Uuid)]
    owner: Option<PersonId>,
    /// What it is for.
    #[schema(example = json!(["read"]))]
    scopes: Vec<&'static str>,
    /// Whether it can be used.
    #[schema(pattern = "^(live|suspended|expired|revoked)$", example = "live")]
    state: &'static str,
    /// Why it is suspended: with its owner's deactivation, by hand, or since a backup was restored.
    #[schema(pattern = "^(deactivation|hand|backup)$")]
    suspended_why: Option<&'static str>,
    /// Of a service token: who made it; null at the machine, and when they have been deleted.
    #[schema(value_type = Option<String>, format = Uuid)]
    made_by: Option<PersonId>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// When its time is over; null when it lives until it is revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
    /// When it was last used, to within a minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used: Option<Timestamp>,
}

impl Token {
    fn seen(row: &TokenRow, now: Timestamp) -> Self {
        let token = &row.token;
        Self {
            id: token.id,
            name: row.name.clone(),
            kind: token.owner.word(),
            owner: token.owner.person(),
            scopes: token.scopes.iter().map(Scope::word).collect(),
            state: token.state(now).word(),
            suspended_why: token.suspended.map(|(_, why)| why.word()),
            made_by: match token.owner {
                Owner::Service { maker } => maker,
                Owner::Personal(_) => None,
            },
            created: row.created,
            expires: token.expires,
            last_used: row.last_used,
        }
    }
}

/// Some API tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tokens {
    /// Those that were not revoked, the newest first; 500 at most.
    tokens: Vec<Token>,
}

/// Which kind of token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum KindWord {
    /// One's own.
    #[default]
    Personal,
    /// The workspace's: by administrators.
    Service,
}

/// A token to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "name": "Nightly report", "scopes": ["read"], "expires_in_days": 90, "password": "the password of who asks"
}))]
pub(super) struct MakeToken {
    /// What to call it.
    #[schema(required)]
    name: String,
    /// Whose it is to be.
    kind: KindWord,
    /// What it is for: `read`, `write`, `people`, `scim`, `scim-customers`, `webhooks`.
    #[schema(required)]
    scopes: Vec<String>,
    /// After how many days its time is over, 366 at most; 90 when it is not given.
    expires_in_days: Option<i64>,
    /// Of a service token: whether it lives until it is revoked.
    never_expires: bool,
    /// The password of who asks, once more.
    #[schema(required)]
    password: String,
}

/// A token that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Made {
    /// The token.
    token: Token,
    /// What its holder shows, in `Authorization: Bearer …`. It is told here and never again.
    #[schema(example = "tnr_…")]
    secret: String,
}

/// Whether anything is different now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenChanged {
    /// `false` when it was so already.
    changed: bool,
}

/// What is not there.
fn id_of(text: &str) -> Result<TokenId> {
    text.parse().map_err(|_| Error::NotFound("API token"))
}

/// API tokens.
///
/// One's own when nothing is asked for. Those of everybody and the workspace's are for administrators.
#[utoipa::path(
    get, path = "/api/v1/tokens", operation_id = "tokens", tag = "tokens",
    params(
        ("of" = Option<String>, Query, description = "`me`, `everybody`, `workspace`, or the id of a user."),
    ),
    responses((status = 200, description = "The tokens.", body = Tokens), OfTokens),
    security(("session" = []))
)]
pub(super) async fn list(
    State(app): State<App>,
    session: Session,
    query: Query,
) -> Result<Json<Tokens>, Response> {
    query.only(&["of"]).map_err(Plain::into_response)?;
    let which = which(&session, query.get("of").unwrap_or("me")).map_err(|refused| *refused)?;
    let found = async {
        let mut rx = app.store.reader().await?;
        tokens::list(&mut rx, &session.ctx, which).await
    };
    let found = found.await.map_err(Error::into_response)?;
    let now = session.visit.now;
    Ok(Json(Tokens { tokens: found.iter().map(|(row, _)| Token::seen(row, now)).collect() }))
}

fn which(session: &Session, asked: &str) -> Result<Which, Box<Response>> {
    match asked {
        "me" => session.someone().map(Which::Of).map_err(|error| Box::new(error.into_response())),
        "everybody" => Ok(Which::Personal),
        "workspace" => Ok(Which::Service),
        id => id.parse().map(Which::Of).map_err(|_| {
            let words = "This is me, everybody, workspace, or the id of a user.";
            Box::new(invalid(vec![Wrong::parameter("of", words)]).into_response())
        }),
    }
}

/// Make an API token.
///
/// For somebody who is signed in and gives the password once more: an API token makes none. A personal token never does
/// more than its owner may; a service token has the rights of an administrator as far as its scopes go.
#[utoipa::path(
    post, path = "/api/v1/tokens", operation_id = "make_token", tag = "tokens",
    request_body(content = MakeToken, description = "What the token is to be."),
    responses((status = 201, description = "It is made.", body = Made), OfMakeToken),
    security(("session" = []))
)]
pub(super) async fn make(
    State(app): State<App>,
    session: Session,
    query: Query,
    Body(asked): Body<MakeToken>,
) -> Result<Response, Response> {
    query.only(&[]).map_err(Plain::into_response)?;
    let done = async {
        if session.token.is_some() {
            return Err(Refusal::TokenMakesNoToken.into());
        }
        let input = input(&app, &session, &asked)?;
        if asked.password.is_empty() {
            return Err(Error::field("password", "Give the password of who asks."));
        }
        sign_in::confirm(&app, &session.ctx, &asked.password).await?;
        let ctx = session.ctx.clone();
        app.store.write(async move |tx| tokens::make(tx, &ctx, input.clone()).await).await
    };
    let made = done.await.map_err(Error::into_response)?;
    let token = Token::seen(&made.row, session.visit.now);
    let at = format!("/api/v1/tokens/{}", token.id);
    Ok(answer::made(&at, Json(Made { token, secret: made.secret.reveal() })))
}

fn input(app: &App, session: &Session, asked: &MakeToken) -> Result<Input> {
    let person = match asked.kind {
        KindWord::Personal => Some(session.someone()?),
        KindWord::Service => None,
    };
    let scopes: Option<Scopes> = asked.scopes.iter().map(|word| Scope::parse(word)).collect();
    let scopes = scopes.ok_or_else(|| {
        let known: Vec<_> = Scope::ALL.into_iter().map(Scope::word).collect();
        Error::field("scopes", format!("There is no such scope. Known are {}.", known.join(", ")))
    })?;
    let life = match (asked.never_expires, asked.expires_in_days) {
        (true, None) => Life::Forever,
        (true, Some(_)) => {
            return Err(Error::field("never_expires", "Give a number of days, or this; not both."));
        }
        (false, None) => Life::default(),
        (false, Some(days)) => Life::Days(days),
    };
    Ok(Input::new(person, Name::parse(&asked.name, &app.config.limits)?, scopes, life))
}

/// One API token.
#[utoipa::path(
    get, path = "/api/v1/tokens/{id}", operation_id = "token", tag = "tokens",
    params(("id" = String, Path, format = Uuid, description = "The token.")),
    responses((status = 200, description = "The token.", body = Token), OfToken),
    security(("session" = []))
)]
pub(super) async fn one(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
) -> Result<Json<Token>> {
    let mut rx = app.store.reader().await?;
    let row = tokens::one(&mut rx, &session.ctx, id_of(&text)?).await?;
    Ok(Json(Token::seen(&row, session.visit.now)))
}

/// Revoke an API token, for good.
///
/// One's own, a token itself, and as an administrator any. The next request with it is refused.
#[utoipa::path(
    delete, path = "/api/v1/tokens/{id}", operation_id = "revoke_token", tag = "tokens",
    params(("id" = String, Path, format = Uuid, description = "The token.")),
    responses((status = 200, description = "It is revoked.", body = TokenChanged), OfToken),
    security(("session" = []))
)]
pub(super) async fn revoke(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Result<Json<TokenChanged>, Response> {
    change(&app, &session, &text, &query, Op::Revoke).await
}

/// Suspend an API token.
///
/// The next request with it is refused, until it is restored.
#[utoipa::path(
    put, path = "/api/v1/tokens/{id}/suspension", operation_id = "suspend_token", tag = "tokens",
    params(("id" = String, Path, format = Uuid, description = "The token.")),
    responses((status = 200, description = "It is suspended.", body = TokenChanged), OfSuspension),
    security(("session" = []))
)]
pub(super) async fn suspend(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Result<Json<TokenChanged>, Response> {
    change(&app, &session, &text, &query, Op::Suspend).await
}

/// Restore a suspended API token.
///
/// A personal one only while its owner is active.
#[utoipa::path(
    delete, path = "/api/v1/tokens/{id}/suspension", operation_id = "restore_token", tag = "tokens",
    params(("id" = String, Path, format = Uuid, description = "The token.")),
    responses((status = 200, description = "It is not suspended any more.", body = TokenChanged), OfSuspension),
    security(("session" = []))
)]
pub(super) async fn restore(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Result<Json<TokenChanged>, Response> {
    change(&app, &session, &text, &query, Op::Restore).await
}

async fn change(
    app: &App,
    session: &Session,
    text: &str,
    query: &Query,
    op: Op,
) -> Result<Json<TokenChanged>, Response> {
    query.only(&[]).map_err(Plain::into_response)?;
    let done = async {
        let (id, ctx) = (id_of(text)?, session.ctx.clone());
        app.store.write(async move |tx| op.on(tx, &ctx, id).await).await
    };
    done.await.map(|changed| Json(TokenChanged { changed })).map_err(Error::into_response)
}

/// What is done to a token that is there.
#[derive(Clone, Copy)]
enum Op {
    Revoke,
    Suspend,
    Restore,
}

impl Op {
    async fn on(self, tx: &mut Tx, ctx: &Ctx, id: TokenId) -> Result<bool> {
        match self {
            Self::Revoke => tokens::revoke(tx, ctx, id).await,
            Self::Suspend => tokens::suspend(tx, ctx, id).await,
            Self::Restore => tokens::restore(tx, ctx, id).await,
        }
    }
}
