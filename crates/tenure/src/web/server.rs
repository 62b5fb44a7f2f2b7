//! The server: layers, routes, and its end.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{Method, StatusCode, Uri},
    middleware,
    response::{IntoResponse as _, Redirect, Response},
};
use tokio::net::TcpListener;

use super::{
    api, assets, desk, failure, portal,
    routes::{Route, Routes},
    security, visit,
};
use crate::app::App;

/// Every route of the server, with who may call it.
fn routes(app: &App) -> (Router<App>, Vec<Route>) {
    let routes = Routes::new(app.clone());
    let routes = desk::routes(routes);
    let routes = portal::routes(routes);
    api::routes(routes).into_parts()
}

/// The list of routes: for the test that walks them.
#[must_use]
pub fn list(app: &App) -> Vec<Route> {
    routes(app).1
}

/// The whole application: a request passes the layers from the last to the first.
pub fn router(app: &App) -> Router {
    let (router, _) = routes(app);
    let inside = router
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(app.config.limits.body_bytes))
        .layer(middleware::from_fn_with_state(app.clone(), visit::enter));
    let public = Arc::new(app.config.server.public_url.clone());
    Router::new()
        .merge(inside)
        .route("/assets/{name}", axum::routing::get(assets::serve))
        .route("/healthz", axum::routing::get(async || "ok"))
        .layer(middleware::from_fn_with_state(app.clone(), visit::log))
        .layer(middleware::from_fn_with_state(public, security::headers_layer))
        .with_state(app.clone())
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

/// The same address without slashes at its end; `None` when there are none, and for the API, whose paths are
/// exact. A path that begins with two slashes would name another site to a browser.
fn without_slash(uri: &Uri) -> Option<String> {
    let path = uri.path().strip_suffix('/')?.trim_end_matches('/');
    if path.is_empty() || path.starts_with("//") || path.starts_with("/api") {
        return None;
    }
    Some(uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")))
}

async fn wrong_method() -> Response {
    failure::plain(StatusCode::METHOD_NOT_ALLOWED, "This address does not take that method.")
}

/// Serves until `shutdown` is ready, then lets the requests under way finish, for as long as the configuration says:
/// a client that sends or reads slowly must not keep the server from ending.
pub async fn serve(
    app: App,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let drain = app.config.limits.drain_time;
    let service = router(&app).into_make_service_with_connect_info::<SocketAddr>();
    let (tell, told) = tokio::sync::oneshot::channel();
    let ending = async move {
        shutdown.await;
        // Nobody listens when the server has failed meanwhile.
        let _ = tell.send(());
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
