//! One request before it is known who sent it: which workspace its Host names, where it comes from, under
//! which id it is logged; and the middleware that finds that out.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use domain::{
    actor::{Actor, Door},
    id::{PersonId, RequestId, WorkspaceId},
    person::Kind,
};
use jiff::Timestamp;

use super::{
    bearer::{self, Bearer, Shown},
    failure, security,
    side::{self, Side},
    unread::Unread,
};
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    secret::Secret,
    store::workspaces,
};

/// What is known of every request.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The workspace that the Host names.
    pub workspace: WorkspaceId,
    /// The id in log lines, problems and audit entries.
    pub request: RequestId,
    /// When it began.
    pub now: Timestamp,
    /// Page of the desk or the portal, or API.
    pub door: Door,
    /// The client's address.
    pub address: IpAddr,
    /// The browser's own words.
    pub user_agent: Arc<str>,
    /// Scheme and authority as the client sees them: what links begin with.
    pub base: Arc<str>,
}

impl Visit {
    /// The context of a request by somebody who is not signed in. Ops that find out who it is go on as
    /// that person; the nil person may do nothing.
    #[must_use]
    pub fn ctx(&self, app: &App) -> Ctx {
        let nobody = PersonId::from_uuid(uuid::Uuid::nil());
        self.ctx_of(app, Actor::Visitor { person: nobody })
    }

    /// The context of this request by an actor.
    #[must_use]
    pub fn ctx_of(&self, app: &App, actor: Actor) -> Ctx {
        Ctx {
            workspace: self.workspace,
            actor,
            door: self.door,
            request: self.request,
            now: self.now,
            sys: app.sys.clone(),
        }
    }

    /// At which door it came.
    #[must_use]
    pub fn side(&self) -> Side {
        if self.door == Door::Portal { Side::Portal } else { Side::Desk }
    }

    /// The address of a link of a person of this kind. It is shown once, to whoever made it.
    #[must_use]
    pub fn link(&self, kind: Kind, secret: &Secret) -> String {
        format!("{}{}", self.base, side::link(kind, secret))
    }

    /// What the list of sessions keeps of a sign-in.
    #[must_use]
    pub fn from(&self) -> crate::ops::sessions::From {
        crate::ops::sessions::From {
            address: self.address.to_string(),
            user_agent: (*self.user_agent).to_owned(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let visit = parts.extensions.get::<Self>();
        visit.cloned().ok_or_else(|| Error::Internal("the route is outside the frame".into()))
    }
}

/// The header that names the request in the answer.
pub const REQUEST_ID: &str = "x-request-id";

/// Gives the request its id and clock, logs its end, and draws a failure as a page or a problem. Log
/// lines name the route, never the address: links carry secrets in it.
pub async fn log(app: &App, request: Request, next: Next) -> Response {
    let (mut request, unread) = Unread::of(request);
    let began = app.sys.elapsed();
    let id = RequestId::from_uuid(app.sys.uuid7());
    request.extensions_mut().insert(id);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let door = door(request.uri().path());
    let response = next.run(request).await;
    if let Some(reason) = failure::reason(&response) {
        app.metrics.refused(&reason);
    }
    let mut response = failure::draw(response, door, id);
    response.headers_mut().reserve(security::HEADERS);
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let took = app.sys.elapsed().saturating_sub(began);
    let (status, millis) = (response.status().as_u16(), u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    app.metrics.answered(door.word(), &method, status, took.as_secs_f64());
    let route = route.as_ref().map_or("(no route)", MatchedPath::as_str);
    tracing::info!(%method, route, status, millis, request = %id, "request");
    if let Some(unread) = unread {
        unread.throw_away().await;
    }
    response
}

fn door(path: &str) -> Door {
    // What people read of the API is a page of the desk.
    let api = path.starts_with("/api/") && path != "/api/docs";
    if path.starts_with("/scim/") {
        return Door::Scim;
    }
    if api { Door::Api } else { Side::of_path(path).door() }
}

/// Where files are sent to; whoever sends one is signed in before the first byte is read.
const UPLOADS: [&str; 6] = [
    "/me/picture",
    "/portal/profile/picture",
    "/users/import",
    "/customers/import",
    "/api/v1/users/import",
    "/api/v1/customers/import",
];

/// Whether files are sent to this address.
fn takes_files(path: &str) -> bool {
    let of_item =
        ["/items/", "/portal/requests/", "/api/v1/items/"].iter().any(|below| path.starts_with(below));
    UPLOADS.contains(&path) || (of_item && path.ends_with("/messages"))
}

/// Finds the workspace, refuses what comes from another site, and bounds the time.
pub async fn enter(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match visit(&app, &parts).await {
        Ok((visit, bearer)) => {
            parts.extensions.insert(visit);
            if let Some(bearer) = bearer {
                parts.extensions.insert(bearer);
            }
            let limits = &app.config.limits;
            let sends_a_file = parts.method == Method::POST && takes_files(parts.uri.path());
            let limit = if sends_a_file { limits.upload_time } else { limits.request_time };
            let request = Request::from_parts(parts, body);
            match tokio::time::timeout(limit, next.run(request)).await {
                Ok(response) => response,
                Err(_) => timed_out().into_response(),
            }
        }
        Err(refused) => refused,
    }
}

async fn visit(app: &App, request: &Parts) -> Result<(Visit, Option<Bearer>), Response> {
    let public = &app.config.server.public_url;
    let Some(authority) = security::authority(&request.uri, &request.headers) else {
        let plain = failure::Plain::new(StatusCode::BAD_REQUEST, "bad-request", NO_HOST);
        return Err(plain.nowhere().into_response());
    };
    // A browser sends no token of itself: what shows one was not tricked into it, whatever else it brings along.
    let shown = bearer::shown(request.uri.path(), &request.headers);
    if matches!(shown, Shown::Nothing)
        && let Err(cross) = security::check_origin(&request.method, &request.headers, &authority, public)
    {
        let plain = failure::Plain::new(StatusCode::FORBIDDEN, "cross-origin", cross.to_string());
        return Err(plain.headed("This did not come from here").into_response());
    }
    let host = security::host_of(&authority).unwrap_or(&authority);
    let found = find(app, host, (shown, request)).await.map_err(Error::into_response)?;
    let Some((workspace, bearer)) = found else {
        return Err(nobody_home(app).await);
    };
    let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::from([127, 0, 0, 1]), |info| info.0.ip());
    let proxies = &app.config.server.trusted_proxies;
    let request_id = request.extensions.get::<RequestId>().copied();
    let visit = Visit {
        workspace,
        request: request_id.unwrap_or_else(|| RequestId::from_uuid(app.sys.uuid7())),
        now: app.sys.now(),
        door: door(request.uri.path()),
        address: security::client_address(peer, &request.headers, proxies),
        user_agent: text(&request.headers, &header::USER_AGENT).into(),
        base: format!("{}://{authority}", if public.is_https() { "https" } else { "http" }).into(),
    };
    Ok((visit, bearer))
}

/// The workspace of a Host, and who comes to it where the request says so.
async fn find(
    app: &App,
    host: &str,
    (shown, request): (Shown, &Parts),
) -> Result<Option<(WorkspaceId, Option<Bearer>)>> {
    let asked = (shown, &request.headers);
    if let Some((workspace, bearer)) = bearer::look(app, (host, request.uri.path()), asked).await? {
        return Ok(Some((workspace, Some(bearer))));
    }
    let workspace = workspaces::by_host(&mut app.store.point().await?, host).await?;
    Ok(workspace.map(|workspace| (workspace, None)))
}

/// No workspace answers this Host: a server that holds none yet says what to do.
async fn nobody_home(app: &App) -> Response {
    let none = async { workspaces::any(&mut app.store.point().await?).await };
    match none.await {
        Ok(false) => no_workspace_yet().into_response(),
        Ok(true) => unknown_host().into_response(),
        Err(error) => error.into_response(),
    }
}

/// The failure of a server that nobody has set up.
fn no_workspace_yet() -> failure::Plain {
    let words = "This server holds no workspace yet. Create one at the machine: \
                 tenure workspace create NAME --owner EMAIL --licenses N";
    let plain = failure::Plain::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", words);
    plain.headed("Nothing is set up here yet").nowhere()
}

/// Said to a request without one Host.
pub(super) const NO_HOST: &str = "The request names no host, or more than one.";

/// The failure of a request that took too long. What it had begun goes on, and may still be done.
pub(super) fn timed_out() -> failure::Plain {
    failure::Plain::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
        "This took too long and was given up. If you were saving something, look whether it was saved.",
    )
}

/// The failure of a request whose Host names no workspace.
pub(super) fn unknown_host() -> failure::Plain {
    let words = "No workspace has this address. Look for a typing error in it, or ask whoever invited you for the \
                 right one.";
    failure::Plain::new(StatusCode::NOT_FOUND, "unknown-host", words)
        .headed("There is no desk here")
        .nowhere()
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
