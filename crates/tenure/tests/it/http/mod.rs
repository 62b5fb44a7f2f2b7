//! The server as its clients see it: who may call what, what closes when, what bad input gets.

mod api;
mod attachments;
mod docs;
mod ends;
mod full;
mod hosts;
mod items;
mod live;
mod logs;
mod machine;
mod mentions;
mod metrics;
mod once;
pub(crate) mod openapi;
mod portal;
mod requests;
mod revocation;
mod routes;
mod sessions;
mod sign_in;

use domain::id::WorkspaceId;
use reqwest::StatusCode;
use tenure::{
    app::App,
    config::Config,
    seal::AuditKey,
    store::{Store, workspaces},
    sys::Sys,
};

use crate::support::{
    http::{Browser, Page, Site},
    world::{PASSWORD, World},
};

/// An application of its own on the database, with the configuration of the tests changed by `change`.
pub(crate) fn app_on(store: Store, sys: &Sys, change: impl FnOnce(&mut Config)) -> App {
    let mut config = Config::default();
    config.password.cost = tenure::password::Cost::test();
    change(&mut config);
    App::new(store, sys.clone(), config, AuditKey::new([7; 32])).expect("the app is put together")
}

/// Gives a workspace a host of its own, as a server with several needs.
pub(crate) async fn name_host(world: &World, ws: WorkspaceId, host: &'static str) {
    let named =
        world.write(async move |tx| tx.exec_one(&workspaces::INSERT_HOST, &[&ws.uuid(), &host]).await);
    named.await.expect("a host is named");
}

/// A browser at a host in which somebody has signed in.
pub(crate) async fn signed_in_at(site: &Site, host: &str, email: &str) -> Browser {
    let browser = site.browser().at_host(host);
    let page = browser.post("/sign-in", &[("email", email), ("password", PASSWORD)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{email} signs in: {}", page.text);
    browser
}

/// As [`signed_in_at`], for a customer in the portal.
pub(crate) async fn in_portal_at(site: &Site, host: &str, email: &str) -> Browser {
    let browser = site.browser().at_host(host);
    let page = browser.post("/portal/sign-in", &[("email", email), ("password", PASSWORD)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{email} signs in: {}", page.text);
    browser
}

/// The stable name of the problem that an answer is.
#[track_caller]
pub(crate) fn problem(page: &Page) -> String {
    let kind = page.headers.get("content-type").map(|kind| kind.to_str().expect("text").to_owned());
    assert_eq!(kind.as_deref(), Some("application/problem+json"), "{page:?}");
    let body = page.json();
    assert_eq!(body["status"], page.status.as_u16(), "{page:?}");
    let challenged = page.headers.get("www-authenticate").is_some();
    let lacks_scope = body["type"] == "/problems/insufficient-scope";
    let asked = page.status == StatusCode::UNAUTHORIZED || lacks_scope;
    assert_eq!(challenged, asked, "RFC 9110 11.6.1, RFC 6750 3: {page:?}");
    let id = page.headers.get("x-request-id").expect("the request's id").to_str().expect("text");
    assert_eq!(body["request_id"], id, "{page:?}");
    let name = body["type"].as_str().and_then(|name| name.strip_prefix("/problems/"));
    name.unwrap_or_else(|| panic!("a type: {page:?}")).to_owned()
}

/// The address that the owner of a world signs in with.
pub(crate) const OWNER: &str = "olga.owner@acme.example";
