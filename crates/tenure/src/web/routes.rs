//! Routes that cannot be made without saying who may call them.

use axum::{
    Router,
    extract::Request,
    handler::Handler,
    http::Method,
    middleware::{self, Next},
    routing::{MethodFilter, MethodRouter, get, on, post},
};

use super::session::{Access, require};
use crate::app::App;

/// A route as the test that walks all of them sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for what varies.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
}

/// Collects routes with their access.
pub struct Routes {
    /// The program that they are for; none when only their list is wanted.
    app: Option<App>,
    router: Router<App>,
    list: Vec<Route>,
}

impl Routes {
    /// No routes yet.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self { app: Some(app), router: Router::new(), list: Vec::new() }
    }

    /// The list of the routes that `build` adds, without a program behind them.
    #[must_use]
    pub fn listed(build: impl FnOnce(Self) -> Self) -> Vec<Route> {
        build(Self { app: None, router: Router::new(), list: Vec::new() }).list
    }

    /// Adds a GET route.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::GET, path, access, get(handler))
    }

    /// Adds a POST route.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::POST, path, access, post(handler))
    }

    /// Adds a PUT route.
    #[must_use]
    pub fn put<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::PUT, path, access, on(MethodFilter::PUT, handler))
    }

    /// Adds a PATCH route.
    #[must_use]
    pub fn patch<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::PATCH, path, access, on(MethodFilter::PATCH, handler))
    }

    /// Adds a DELETE route.
    #[must_use]
    pub fn delete<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::DELETE, path, access, on(MethodFilter::DELETE, handler))
    }

    fn add(mut self, method: Method, path: &'static str, access: Access, route: MethodRouter<App>) -> Self {
        if let Some(app) = self.app.clone() {
            let guarded = route.layer(middleware::from_fn(move |request: Request, next: Next| {
                let app = app.clone();
                async move { require(app, access, request, next).await }
            }));
            self.router = self.router.route(path, guarded);
        }
        self.list.push(Route { method, path, access });
        self
    }

    /// The router, and the list of its routes.
    pub fn into_parts(self) -> (Router<App>, Vec<Route>) {
        (self.router, self.list)
    }
}
