//! Signing in and out, and asking for a return.

use std::time::Duration;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::Refusal;
use jiff::Timestamp;

use super::{frame::bare, words::Times};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        self,
        sessions::Opened,
        sign_in::{Attempt, SignedIn},
    },
    rate,
    secret::{Kind, Secret},
    store::workspaces,
    web::{
        cookie::SessionCookie,
        fields::{Fields, QueryFields},
        security,
        session::Session,
        view::{
            self, Field,
            account::{Ask, DeactivatedPage, SignInPage},
        },
        visit::Visit,
    },
};

/// `GET /`: the users grid is the desk's first page.
pub(super) async fn home() -> Response {
    Redirect::to("/users").into_response()
}

/// `GET /sign-in`.
pub(super) async fn page(
    State(app): State<App>,
    visit: Visit,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let page = SignInPage {
        bare: bare(&app, &visit, "Sign in").await?,
        note: query.ticked("out").then(|| "You are signed out.".into()),
        next: local_path(query.get("next")).into(),
        ..SignInPage::default()
    };
    Ok(view::page(StatusCode::OK, &page))
}

/// A path of this desk, or its first page: never another site.
fn local_path(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    if is_path && !next.chars().any(char::is_control) { next } else { "/users" }
}

/// `POST /sign-in`: a session, the words of a refusal, or the page for a deactivated account.
pub(super) async fn submit(State(app): State<App>, visit: Visit, fields: Fields) -> Result<Response> {
    let ctx = visit.ctx(&app);
    let attempt = Attempt {
        kind: domain::person::Kind::User,
        email: fields.get("email").to_owned(),
        password: fields.get("password").to_owned(),
        address: visit.address,
        user_agent: visit.user_agent.clone(),
    };
    let next = local_path(fields.get("next"));
    match ops::sign_in::sign_in(&app, &ctx, attempt).await {
        Ok(SignedIn::Opened(opened)) => signed_in(&app, &visit, &opened, next).await,
        Ok(SignedIn::Deactivated { ticket, again }) => deactivated(&app, &visit, &ticket, again).await,
        Err(error @ (Error::Invalid(_) | Error::TooMany { .. })) => {
            let status = crate::web::failure::status(&error);
            let retry_after = match error {
                Error::TooMany { retry_after } => Some(retry_after),
                _ => None,
            };
            let text = match error {
                Error::Invalid(fields) => fields.into_iter().map(|field| field.message).collect(),
                error => error.to_string(),
            };
            let page = SignInPage {
                bare: bare(&app, &visit, "Sign in").await?,
                email: Field::new(fields.get("email")),
                error: Some(text),
                next: next.into(),
                ..SignInPage::default()
            };
            let mut response = view::page(status, &page);
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            Ok(response)
        }
        Err(error) => Err(error),
    }
}

/// Hands the browser its session and leads it on.
pub(super) async fn signed_in(app: &App, visit: &Visit, opened: &Opened, next: &str) -> Result<Response> {
    let lengths = workspaces::load(&mut app.store.point().await?, visit.workspace).await?.sessions;
    let lasts = Duration::from_secs(u64::try_from(lengths.absolute_seconds).unwrap_or(0));
    let cookie = SessionCookie::new(app.config.server.public_url.is_https());
    let mut response = Redirect::to(next).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie.set(&opened.secret, lasts));
    Ok(response)
}

async fn deactivated(
    app: &App,
    visit: &Visit,
    ticket: &Secret,
    again: Option<Timestamp>,
) -> Result<Response> {
    let ask = match again {
        Some(again) => already_sent(app, visit, again).await?,
        None => Ask::Offer { guard: view::Guard::default(), proof: ticket.reveal() },
    };
    let page = DeactivatedPage { bare: bare(app, visit, "This account is deactivated").await?, ask };
    Ok(view::page(StatusCode::FORBIDDEN, &page))
}

/// Asked already: when again, in the workspace's time zone, since nobody is signed in.
async fn already_sent(app: &App, visit: &Visit, again: Timestamp) -> Result<Ask> {
    let workspace = workspaces::load(&mut app.store.point().await?, visit.workspace).await?;
    Ok(Ask::AlreadySent { again: Times::new("", &workspace.time_zone, visit.now).soon(again) })
}

/// `POST /sign-out`.
pub(super) async fn sign_out(State(app): State<App>, session: Session) -> Result<Response> {
    let ctx = session.ctx.clone();
    app.store.write(async move |tx| ops::sessions::sign_out(tx, &ctx).await).await?;
    let cookie = SessionCookie::new(app.config.server.public_url.is_https());
    let mut response = Redirect::to("/sign-in?out=1").into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie.clear());
    let (name, value) = security::CLEAR_SITE_DATA;
    response.headers_mut().insert(name, value);
    Ok(response)
}

/// `POST /return-requests`, with the proof that right credentials brought.
pub(super) async fn ask_for_return(State(app): State<App>, visit: Visit, fields: Fields) -> Result<Response> {
    app.limiters.return_address.check(&rate::network(visit.address))?;
    let ticket = Secret::parse(Kind::ReturnTicket, fields.get("proof")).ok_or(Refusal::LinkVoid)?;
    let ctx = visit.ctx(&app);
    let asked = app.store.write(async move |tx| ops::sign_in::ask_for_return(tx, &ctx, &ticket).await).await;
    let ask = match asked {
        Ok(()) => Ask::Sent,
        Err(error) => match error.refusal() {
            Some(Refusal::ReturnAskedToday { again }) => already_sent(&app, &visit, *again).await?,
            _ => return Err(error),
        },
    };
    let title = "This account is deactivated";
    let page = DeactivatedPage { bare: bare(&app, &visit, title).await?, ask };
    Ok(view::page(StatusCode::OK, &page))
}
