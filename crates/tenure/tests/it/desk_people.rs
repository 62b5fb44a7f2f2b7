//! The apps of users and of customers as a browser without JavaScript sees them.

use std::time::Duration;

use domain::{person::Kind, role::Role};
use reqwest::StatusCode;
use tenure::web::view::naming::{CUSTOMERS, Naming, USERS};

use crate::support::{
    both_engines,
    http::{Browser, Page, Site},
    world::{PASSWORD, TELLING, World, address},
};

/// Tests that both apps pass, on both engines.
macro_rules! both_apps {
    ($($(#[$meta:meta])* async fn $name:ident($store:ident: Store, $app:ident: App) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "not every test needs what its file imports")]
            use super::*;

            async fn of_app($store: ::tenure::store::Store, $app: &'static Naming) $body

            both_engines! {
                async fn users(store: Store) { of_app(store, USERS).await; }
                async fn customers(store: Store) { of_app(store, CUSTOMERS).await; }
            }
        }
    )*};
}

mod bulk;
mod customers;
mod dialogs;
mod grid;
mod import;
mod organizations;

/// The owner's browser.
async fn owner(site: &Site) -> Browser {
    site.signed_in("olga.owner@acme.example").await
}

fn contains(page: &Page, parts: &[&str]) {
    let text = plain(&page.text);
    for part in parts {
        assert!(text.contains(part), "{part:?} is on the page ({}):\n{text}", page.status);
    }
}

fn lacks(page: &Page, parts: &[&str]) {
    let text = plain(&page.text);
    for part in parts {
        assert!(!text.contains(part), "{part:?} is not on the page:\n{text}");
    }
}

/// The page without the spaces that only its source has.
fn plain(html: &str) -> String {
    html.replace("<bdi>", "").replace("</bdi>", "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The address of the undo that a toast offers.
fn undo(page: &Page) -> String {
    let (_, rest) = page.text.split_once("action=\"/undo/").expect("a toast offers to undo");
    let rest = &rest[..rest.find('"').expect("a quote")];
    format!("/undo/{}", rest.replace("&#38;", "&"))
}
