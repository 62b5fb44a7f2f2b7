//! Signing in and out, and asking for a return.

use std::time::Duration;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::Refusal;
use jiff::Timestamp;

use super::{
    frame::{bare, bare_of, signposts},
    words::Times,
};
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
        fields::{Fields, QueryFields},
        security,
        session::{self, Session},
        side::{Side, is_path_here},
        view::{
            self, Field,
            account::{Ask, DeactivatedPage, SignInPage},
        },
        visit::Visit,
    },
};

/// `GET /`: one's own work is the desk's first page.
pub(in crate::web) async fn home() -> Response {
    Redirect::to(Side::Desk.home()).into_response()
}

/// `GET /sign-in`, `GET /portal/sign-in`.
pub(in crate::web) async fn page(
    State(app): State<App>,
    visit: Visit,
    headers: HeaderMap,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let other = visit.side().other();
    let elsewhere = session::is_signed_in_at(&app, &visit, &headers, other).await;
    let page = SignInPage {
        note: query.ticked("out").then(|| "You are signed out.".into()),
        next: local_path(visit.side(), query.get("next")).into(),
        signed_in_elsewhere: elsewhere,
        ..empty(&app, &visit).await?
    };
    Ok(view::page(StatusCode::OK, &page))
}

/// The form before anything is typed.
async fn empty(app: &App, visit: &Visit) -> Result<SignInPage> {
    let workspace = workspaces::load(&mut app.store.point().await?, visit.workspace).await?;
    let customers = workspace.customers;
    let known = customers.active + customers.invited + customers.deactivated;
    Ok(SignInPage {
        bare: bare_of(&workspace, visit, "Sign in"),
        // A workspace that serves nobody has no other door to speak of.
        other_door: visit.side().is_portal() || workspace.registration || known > 0,
        registration: visit.side().is_portal() && workspace.registration,
        open_apps: if visit.side().is_portal() { signposts(workspace.apps, None, "") } else { Vec::new() },
        ..SignInPage::default()
    })
}

/// A path of this door, or its first page: never another site.
pub(in crate::web) fn local_path(side: Side, next: &str) -> &str {
    if is_path_here(next) && Side::of_path(next) == side { next } else { side.home() }
}

/// `POST /sign-in`, `POST /portal/sign-in`: a session, the words of a refusal, or the page for a deactivated account.
pub(in crate::web) async fn submit(State(app): State<App>, visit: Visit, fields: Fields) -> Result<Response> {
    let ctx = visit.ctx(&app);
    let attempt = Attempt {
        kind: visit.side().kind(),
        email: fields.get("email").to_owned(),
        password: fields.get("password").to_owned(),
        address: visit.address,
        user_agent: (*visit.user_agent).to_owned(),
    };
    let next = local_path(visit.side(), fields.get("next"));
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
                email: Field::new(fields.get("email")),
                error: Some(text),
                next: next.into(),
                ..empty(&app, &visit).await?
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

/// Hands the browser its session and leads it on. Whoever used a link at the other door is led to their own: a
/// session stands only in the cookie of the door that it opens.
pub(in crate::web) async fn signed_in(
    app: &App,
    visit: &Visit,
    opened: &Opened,
    next: &str,
) -> Result<Response> {
    let lengths = workspaces::load(&mut app.store.point().await?, visit.workspace).await?.sessions;
    let lasts = Duration::from_secs(u64::try_from(lengths.absolute_seconds).unwrap_or(0));
    let side = Side::of_kind(opened.kind);
    let next = if side == visit.side() { next } else { side.home() };
    let mut response = Redirect::to(next).into_response();
    let cookie = session::cookie(app, side);
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

/// `POST /sign-out`, `POST /portal/sign-out`.
pub(in crate::web) async fn sign_out(State(app): State<App>, session: Session) -> Result<Response> {
    let ctx = session.ctx.clone();
    app.store.write(async move |tx| ops::sessions::sign_out(tx, &ctx).await).await?;
    let side = session.side();
    let mut response = Redirect::to(&format!("{}?out=1", side.sign_in())).into_response();
    response.headers_mut().append(header::SET_COOKIE, session::cookie(&app, side).clear());
    let (name, value) = security::CLEAR_SITE_DATA;
    response.headers_mut().insert(name, value);
    Ok(response)
}

/// `POST /return-requests`, `POST /portal/return-requests`, with the proof that right credentials brought.
pub(in crate::web) async fn ask_for_return(
    State(app): State<App>,
    visit: Visit,
    fields: Fields,
) -> Result<Response> {
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
