//! The one authentication step: session (or token) and person are read in one statement, on every request that
//! needs them. Nothing is remembered from one request to the next.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequestParts, MatchedPath, Request},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use domain::{
    Refusal,
    actor::{Actor, Door},
    id::PersonId,
    person::{Kind, StatusWord},
    role::Role,
    token::{Need, Scope, Token, scope_of},
};
use jiff::SignedDuration;

use super::{
    api::described,
    bearer::{self, Bearer, Shown},
    body,
    cookie::SessionCookie,
    failure::{self, Plain, TypedFields},
    fields, once,
    pages::attach,
    side::Side,
    visit::Visit,
};
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    rate::{self, Quota},
    store::{
        answers::{self, Mark},
        sessions::{self, Check},
        tokens::{self, TokenRow},
    },
};

/// Who may call a route. Every route names it; there is no default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody: sign-in, links, assets.
    Public,
    /// A signed-in user.
    User,
    /// An administrator or the owner.
    Administrator,
    /// As [`Access::Administrator`], and of tokens those that were made to set up webhooks.
    Webhooks,
    /// A signed-in customer, in the portal.
    Customer,
    /// A directory, by a token that was made for SCIM.
    Directory,
}

impl Access {
    /// Whose sessions open it: a customer's open the portal alone, a user's all but the portal.
    const fn side(self) -> Side {
        match self {
            Self::Public | Self::User | Self::Administrator | Self::Webhooks | Self::Directory => Side::Desk,
            Self::Customer => Side::Portal,
        }
    }

    /// Whom its requests are meant for, as the scopes of tokens have it.
    const fn need(self) -> Need {
        match self {
            Self::Administrator | Self::Directory => Need::Administration,
            Self::Webhooks => Need::Webhooks,
            Self::Public | Self::User | Self::Customer => Need::Work,
        }
    }

    /// The scope that a token needs for a request of this method; none where nobody is asked who they are.
    #[must_use]
    pub fn scope(self, method: &Method) -> Option<Scope> {
        match self {
            Self::Public => None,
            Self::Directory => Some(Scope::Scim),
            Self::User | Self::Administrator | Self::Customer | Self::Webhooks => {
                Some(scope_of(self.need(), method.is_safe()))
            }
        }
    }

    /// Whether the scopes of a token let it through.
    fn lets(self, token: &Token, method: &Method) -> Result<(), Refusal> {
        match self.scope(method) {
            Some(Scope::Scim) if token.scopes.scim().is_some() => Ok(()),
            Some(scope) => token.may(scope),
            None => Ok(()),
        }
    }
}

/// Somebody signed in, as of this request.
#[derive(Debug, Clone)]
pub struct Session {
    /// The request.
    pub visit: Visit,
    /// Session, person and workspace as they are now.
    pub check: Arc<Check>,
    /// The context that ops are called with.
    pub ctx: Ctx,
    /// The token that the request showed instead of a session.
    pub token: Option<Arc<TokenRow>>,
    /// What is left of the requests that the bearer may send.
    pub quota: Quota,
}

impl Session {
    /// The signed-in person; nobody (the nil id) where a service token came to the JSON API, which therefore asks
    /// [`Session::someone`].
    #[must_use]
    pub fn person(&self) -> PersonId {
        self.check.person
    }

    /// The person for whom the request stands: of a service token, which stands for nobody, a refusal that says so.
    pub fn someone(&self) -> Result<PersonId> {
        Ok(self.ctx.actor.someone()?)
    }

    /// The door that the person came in by.
    #[must_use]
    pub fn side(&self) -> Side {
        Side::of_kind(self.check.kind)
    }

    /// Whether the person is an administrator or the owner, and came with all their rights: a token shows and does
    /// what is for administrators only where it was made for that.
    #[must_use]
    pub fn administers(&self) -> bool {
        let scoped = self.token.as_ref().is_none_or(|row| row.token.scopes.has(Scope::People));
        self.check.role.administers() && scoped
    }

    /// Whether the person is the owner.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.check.role == Role::Owner
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let session = parts.extensions.get::<Self>();
        session.cloned().ok_or_else(|| Error::Internal("a public route asks who is signed in".into()))
    }
}

/// How stale [`Check::last_used`] may be: a write for every request would be a cost without a use.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// Lets a request through to its route if its bearer may call it.
pub(super) async fn require(app: App, access: Access, mut request: Request, next: Next) -> Response {
    if access == Access::Public {
        return public(&app, request, next).await;
    }
    let Some(visit) = request.extensions().get::<Visit>().cloned() else {
        return Error::Internal("the route is outside the frame".into()).into_response();
    };
    let side = access.side();
    let found = match request.extensions_mut().remove::<Bearer>() {
        Some(Bearer::Token(found)) => by_token(&app, &visit, Some(*found)),
        Some(Bearer::Session(of, found)) if of == side => by_session(&app, &visit, side, Some(*found)),
        _ => {
            let (path, headers) = (request.uri().path().to_owned(), request.headers().clone());
            again(&app, &visit, (&path, &headers), side).await
        }
    };
    let allowed = found.and_then(|session| {
        if let Some(row) = &session.token {
            access.lets(&row.token, request.method())?;
        }
        let refused = match access {
            Access::Administrator => !session.administers(),
            // Its scope was looked at.
            Access::Webhooks | Access::Directory => !session.check.role.administers(),
            Access::Public | Access::User | Access::Customer => false,
        };
        if refused {
            return Err(Refusal::AdministratorsOnly.into());
        }
        Ok(session)
    });
    let on = if request.method().is_safe() { None } else { typed_on(&visit, request.headers()) };
    // A form is read before it is refused, so that what was typed can be shown again (rule 3).
    let (request_with_form, mut typed) = match keep_form(&app, request).await {
        Ok(kept) => kept,
        Err(refused) => return refused,
    };
    request = request_with_form;
    if let Err(error) = &allowed
        && attach::is_multipart(request.headers())
    {
        // Of somebody who was deactivated files are read to their end, too: a browser whose upload is cut off shows
        // no answer.
        let known = matches!(error.refusal(), Some(Refusal::ActorDeactivated));
        let (parts, body) = request.into_parts();
        let form = Request::from_parts(parts.clone(), body);
        typed = Some(attach::typed(&app, form, known).await);
        request = Request::from_parts(parts, Body::empty());
    }
    let mut response = match allowed {
        Ok(session) => {
            touch(&app, &session);
            request.extensions_mut().insert(session.clone());
            let mut response = match not_taken(&visit, &request) {
                Some(refused) => refused.into_response(),
                None => once(&app, &session, request, next).await,
            };
            if matches!(visit.door, Door::Api | Door::Scim) {
                session.quota.write(response.headers_mut());
            }
            response
        }
        Err(error) => refuse(&app, &visit, side, &request, error),
    };
    if let Some(typed) = typed {
        response.extensions_mut().insert(TypedFields { fields: typed, on });
    }
    response
}

/// A program's condition or parameter that nothing would look at.
fn not_taken(visit: &Visit, request: &Request) -> Option<Plain> {
    let path = request.extensions().get::<MatchedPath>().filter(|_| visit.door == Door::Api)?;
    described::refused(request.method(), path.as_str(), (request.uri(), request.headers()))
}

/// Handles a request that changes something once where it has a key.
async fn once(app: &App, session: &Session, request: Request, next: Next) -> Response {
    if !once::applies(session.visit.door, request.method()) {
        return detached(request, next).await;
    }
    match once::key_of(request.headers()) {
        Ok(None) => detached(request, next).await,
        Ok(Some(key)) => once::answer(app, session, &key, request, next).await,
        Err(malformed) => malformed.into_response(),
    }
}

/// The page of ours that a form was sent from.
fn typed_on(visit: &Visit, headers: &HeaderMap) -> Option<String> {
    let page = headers.get(header::REFERER)?.to_str().ok()?.strip_prefix(&*visit.base)?;
    page.starts_with('/').then(|| page.to_owned())
}

/// A request to a route that anybody may call.
async fn public(app: &App, request: Request, next: Next) -> Response {
    let Some(visit) = request.extensions().get::<Visit>() else {
        return Error::Internal("the route is outside the frame".into()).into_response();
    };
    if let Err(error) = unknown(app, visit) {
        return error.into_response();
    }
    match keep_form(app, request).await {
        Ok((request, _)) => detached(request, next).await,
        Err(refused) => refused,
    }
}

/// What changes something goes on when its client leaves: a write is never cut off half way.
async fn detached(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let mark = Mark::default();
    match tokio::spawn(answers::marking(mark.clone(), next.run(request))).await {
        Ok(response) => response,
        Err(error) => once::broken(mark, &error).await,
    }
}

/// The cookie of a door's sessions.
pub(super) fn cookie(app: &App, side: Side) -> SessionCookie {
    SessionCookie::new(app.config.server.public_url.is_https(), side)
}

/// Who is signed in at a door, by its cookie.
async fn authenticate(app: &App, visit: &Visit, headers: &HeaderMap, side: Side) -> Result<Session> {
    let check = match cookie(app, side).read(headers) {
        Some(secret) => {
            let mut rx = app.store.point().await?;
            sessions::check(&mut rx, visit.workspace, &secret.digest()).await?
        }
        None => None,
    };
    by_session(app, visit, side, check)
}

/// Whose session it is, as they are now.
fn by_session(app: &App, visit: &Visit, side: Side, check: Option<Check>) -> Result<Session> {
    let Some(check) = check else {
        // Whoever guesses at tokens, or only knocks, is slowed down.
        unknown(app, visit)?;
        return Err(Refusal::NotSignedIn.into());
    };
    // By what the person is now: somebody who is back was signed out, no more.
    if check.status == StatusWord::Deactivated {
        return Err(Refusal::ActorDeactivated.into());
    }
    if check.ended.is_some() || check.status != StatusWord::Active || check.kind != side.kind() {
        return Err(Refusal::NotSignedIn.into());
    }
    check.workspace.sessions.check(check.began, check.last_used, visit.now)?;
    let session = check.session.ok_or(Refusal::NotSignedIn)?;
    let actor = Actor::Person { person: check.person, session };
    let quota = app.limiters.requests_account.count(&check.person.uuid())?;
    let ctx = visit.ctx_of(app, actor);
    Ok(Session { visit: visit.clone(), ctx, check: Arc::new(check), token: None, quota })
}

/// Who shows a token: its owner as they are now, or the workspace itself.
fn by_token(app: &App, visit: &Visit, found: Option<tokens::Check>) -> Result<Session> {
    let Some(tokens::Check { row, owner, workspace }) = found else {
        return Err(guessed(app, visit));
    };
    row.token.may_be_used(visit.now)?;
    let check = match owner {
        Some(owner) => match (owner.status, owner.kind) {
            (StatusWord::Active, Kind::User) => Check::of_owner(&row, owner, workspace),
            (StatusWord::Deactivated, _) => return Err(Refusal::ActorDeactivated.into()),
            _ => return Err(Refusal::TokenInvalid.into()),
        },
        None => Check::of_service(&row, workspace),
    };
    let actor = Actor::Token { token: row.token.id, person: row.token.owner.person() };
    let quota = app.limiters.requests_account.count(&row.token.id.uuid())?;
    let ctx = visit.ctx_of(app, actor);
    Ok(Session { visit: visit.clone(), ctx, check: Arc::new(check), token: Some(Arc::new(row)), quota })
}

/// Counts a token that nobody knows, by the address from which it comes, and answers the refusal.
fn guessed(app: &App, visit: &Visit) -> Error {
    match unknown(app, visit) {
        Ok(()) => Refusal::TokenInvalid.into(),
        Err(too_many) => too_many,
    }
}

/// Whose a request is, by its token or its cookie; asked again for one that stays open.
pub(super) async fn again(
    app: &App,
    visit: &Visit,
    (path, headers): (&str, &HeaderMap),
    side: Side,
) -> Result<Session> {
    match bearer::shown(path, headers) {
        Shown::Nothing if bearer::is_asked_for(path) => {
            unknown(app, visit)?;
            Err(Refusal::NotSignedIn.into())
        }
        Shown::Nothing => authenticate(app, visit, headers, side).await,
        Shown::Nonsense => Err(guessed(app, visit)),
        Shown::Token(secret) => {
            let mut rx = app.store.point().await?;
            let found = tokens::check(&mut rx, visit.workspace, &secret.digest()).await?;
            by_token(app, visit, found)
        }
    }
}

/// Whether the browser is signed in at this door; asked by a page of the other, which then leads there.
pub(super) async fn is_signed_in_at(app: &App, visit: &Visit, headers: &HeaderMap, side: Side) -> bool {
    // Nothing is read, and nothing counted, for who brings no cookie.
    cookie(app, side).read(headers).is_some() && authenticate(app, visit, headers, side).await.is_ok()
}

/// Who looks at a page that is open to everybody.
#[derive(Debug, Clone)]
pub(super) enum Known {
    /// Nobody who is signed in.
    Nobody,
    /// Somebody of this kind whose account is deactivated.
    Gone(Kind),
    /// Somebody signed in, at either door.
    Here(Box<Session>),
}

/// Who looks at a page that is open to everybody, where a cookie says so: a customer first.
pub(super) async fn known(app: &App, visit: &Visit, headers: &HeaderMap) -> Result<Known> {
    let mut known = Known::Nobody;
    for side in [Side::Portal, Side::Desk] {
        // Nothing is read, and nothing counted, for who brings no cookie.
        if cookie(app, side).read(headers).is_none() {
            continue;
        }
        match authenticate(app, visit, headers, side).await {
            Ok(session) => {
                touch(app, &session);
                return Ok(Known::Here(Box::new(session)));
            }
            Err(error) => match error.refusal() {
                Some(Refusal::ActorDeactivated) => known = Known::Gone(side.kind()),
                Some(Refusal::NotSignedIn) => {}
                _ => return Err(error),
            },
        }
    }
    Ok(known)
}

/// Counts a request by somebody without a session.
fn unknown(app: &App, visit: &Visit) -> Result<()> {
    Ok(app.limiters.requests_address.check(&rate::network(visit.address))?)
}

fn touch(app: &App, session: &Session) {
    if session.visit.now.duration_since(session.check.last_used) < TOUCH_EVERY {
        return;
    }
    let (app, ctx) = (app.clone(), session.ctx.clone());
    tokio::spawn(async move {
        let (workspace, now, actor) = (ctx.workspace, ctx.now, ctx.actor.clone());
        let touched = app.store.write(async move |tx| match actor {
            Actor::Person { session, .. } => sessions::touch(tx, workspace, session, now).await,
            Actor::Token { token, .. } => tokens::touch(tx, workspace, token, now).await,
            Actor::Cli { .. } | Actor::Job { .. } | Actor::Visitor { .. } => Ok(()),
        });
        if let Err(error) = touched.await {
            tracing::warn!(?error, "the use of a session or a token could not be noted");
        }
    });
}

/// Somebody without a session who opens a page is led to the sign-in; everything else is an error.
fn refuse(app: &App, visit: &Visit, side: Side, request: &Request, error: Error) -> Response {
    let not_signed_in = matches!(error.refusal(), Some(Refusal::NotSignedIn));
    let machine = matches!(visit.door, Door::Api | Door::Scim);
    let opens_page = !machine && request.method() == Method::GET;
    let mut response = if not_signed_in && opens_page {
        let here = request.uri().path_and_query().map_or("/", |path| path.as_str());
        Redirect::to(&failure::sign_in_for(side, Some(here))).into_response()
    } else {
        error.into_response()
    };
    if not_signed_in && visit.door != Door::Scim {
        response.headers_mut().append(header::SET_COOKIE, cookie(app, side).clear());
    }
    response
}

/// The bytes of a form, read once: for the handler, and for showing them again.
#[derive(Clone)]
pub(super) struct FormBytes(pub Bytes);

async fn keep_form(
    app: &App,
    request: Request,
) -> Result<(Request, Option<Vec<super::view::account::Typed>>), Response> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_form = kind
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if request.method().is_safe() || !is_form {
        return Ok((request, None));
    }
    let (mut parts, body) = request.into_parts();
    let bytes = body::read(body, app.config.limits.body_bytes).await.map_err(IntoResponse::into_response)?;
    let typed = fields::typed(&bytes);
    parts.extensions.insert(FormBytes(bytes.clone()));
    Ok((Request::from_parts(parts, Body::from(bytes)), Some(typed)))
}
