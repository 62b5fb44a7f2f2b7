//! The server: layers, routes, and its end.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Redirect, Response},
};
use tokio::net::TcpListener;

use super::{
    api, assets, desk, failure, portal,
    routes::{Route, Routes},
    scim, security, visit,
};
use crate::{app::App, metrics};

/// Every route of the server, with who may call it.
fn routes(app: &App) -> (Router<App>, Vec<Route>) {
    let routes = Routes::new(app.clone());
    let routes = desk::routes(routes);
    let routes = portal::routes(routes);
    let routes = scim::routes(routes);
    api::routes(routes).into_parts()
}

/// The list of routes: for the test that walks them.
#[must_use]
pub fn list(app: &App) -> Vec<Route> {
    routes(app).1
}

/// The whole application. Each call of `layer` makes every request copy, in memory of its own, all that lies further in: so
/// there are few, of several layers each, of which a request passes the first first.
pub fn router(app: &App) -> Router {
    let (router, _) = routes(app);
    let frame = middleware::from_fn_with_state(app.clone(), frame);
    let inside = router.fallback(nothing_here).method_not_allowed_fallback(wrong_method).layer((
        frame.clone(),
        middleware::from_fn_with_state(app.clone(), visit::enter),
        DefaultBodyLimit::max(app.config.limits.body_bytes),
    ));
    let outside = Router::new()
        .route("/assets/{name}", axum::routing::get(assets::serve))
        .route("/healthz", axum::routing::get(async || "ok"))
        .route("/readyz", axum::routing::get(ready))
        .layer(frame);
    Router::new().merge(inside).merge(outside).with_state(app.clone())
}

/// What every answer has: a line in the log, the headers of security, and, while the server is ending, the word that its
/// connection ends with it, so that the next request goes elsewhere.
async fn frame(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut answer = visit::log(&app, request, next).await;
    let headers = answer.headers_mut();
    security::add_headers(headers, app.config.server.public_url.is_https());
    if app.live.is_closing() {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

/// Whether requests are to be sent here: the database answers, has the schema of this program, and the server is not
/// about to end. Why not is in the log: it may tell of the machine.
async fn ready(State(app): State<App>) -> Response {
    let not = |why: &str| (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response();
    if app.live.is_closing() {
        return not("ending");
    }
    match app.store.pending().await {
        Ok(pending) if pending.is_empty() => "ready\n".into_response(),
        Ok(_) => not("the database has an older schema"),
        Err(error) => {
            tracing::warn!(?error, "not ready");
            not("the database does not answer")
        }
    }
}

/// Serves `GET /metrics` and nothing else, until it is dropped.
pub async fn serve_metrics(app: App, listener: TcpListener) -> std::io::Result<()> {
    let answer = async |State(app): State<App>| match metrics::text(&app).await {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::warn!(?error, "the metrics could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    };
    let router = Router::new().route("/metrics", axum::routing::get(answer)).with_state(app);
    axum::serve(listener, router).await
}

/// A page's address with a slash at its end leads to the page; anything else is not there.
async fn nothing_here(method: Method, uri: Uri) -> Response {
    if method.is_safe()
        && let Some(path) = without_slash(&uri)
    {
        return Redirect::permanent(&path).into_response();
    }
    failure::plain(StatusCode::NOT_FOUND, "The address is wrong, or what was here has been deleted.")
}

/// The same address without slashes at its end; `None` when there are none, and for the API and SCIM, whose paths
/// are exact. A path that begins with two slashes would name another site to a browser.
fn without_slash(uri: &Uri) -> Option<String> {
    let path = uri.path().strip_suffix('/')?.trim_end_matches('/');
    if path.is_empty() || path.starts_with("//") || path.starts_with("/api") || path.starts_with("/scim/") {
        return None;
    }
    Some(uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")))
}

async fn wrong_method() -> Response {
    failure::plain(StatusCode::METHOD_NOT_ALLOWED, "This address does not take that method.")
}

/// For so long requests are still taken when the server was told to end: what was on its way, or waited to be read, is
/// answered, and `/readyz` can say that the next is to go elsewhere.
const LINGER: Duration = Duration::from_millis(300);

/// Serves until `shutdown` is ready and a moment longer, then lets the requests under way finish, for as long as the
/// configuration says: a client that sends or reads slowly must not keep the server from ending.
pub async fn serve(
    app: App,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let drain = app.config.limits.drain_time;
    let service = router(&app).into_make_service_with_connect_info::<SocketAddr>();
    let (tell, told) = tokio::sync::oneshot::channel();
    let live = app.live.clone();
    let ending = async move {
        shutdown.await;
        live.close();
        // Nobody listens when the server has failed meanwhile.
        let _ = tell.send(());
        tokio::time::sleep(LINGER).await;
    };
    tokio::select! {
        served = axum::serve(listener, service).with_graceful_shutdown(ending) => served,
        () = async {
            // Without a word the server has ended by itself, and the other branch says how.
            if told.await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(drain).await;
        } => {
            tracing::warn!(seconds = drain.as_secs(), "some requests did not end in time");
            Ok(())
        }
    }
}
