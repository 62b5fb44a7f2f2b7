//! The Users app as a browser without JavaScript sees it.

use std::time::Duration;

use domain::role::Role;
use reqwest::StatusCode;

use crate::support::{
    both_engines,
    http::{Browser, Page, Site},
    world::{PASSWORD, TELLING, World, address},
};

mod dialogs;
mod grid;

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
