//! A full disk, as people and programs meet it.

use domain::role::Role;
use reqwest::StatusCode;
use serde_json::json;
use tenure::store::Sql;

use crate::support::{
    database::{Database, Ready},
    http::{Page, Site},
    world::World,
};

/// At one page the database grows no more.
static CAP: Sql = Sql::both("pragma max_page_count = 1").named("CAP");
static ROOM: Sql = Sql::both("pragma max_page_count = 1000000").named("ROOM");

async fn set(world: &World, pages: &'static Sql) {
    let set = world.write(async move |tx| tx.one(pages, &[], |row| row.get::<i64>(0)).await);
    set.await.expect("it is set");
}

#[track_caller]
fn refused(page: &Page, words: &[&str]) {
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text);
    assert!(page.headers.contains_key("retry-after"));
    for words in words {
        assert!(page.text.contains(words), "{words:?} is missing in {}", page.text);
    }
}

#[tokio::test]
async fn a_full_disk_is_told_gives_back_what_was_typed_and_stops_nobody_from_reading() {
    let database = Database::sqlite(Ready::Migrated).await;
    let world = World::new(database.store.clone(), 9).await;
    let site = Site::of(&world).await;
    let owner = site.signed_in(super::OWNER).await;
    let mia = world.joined_as("Mia Member", Role::Member).await.person;
    owner.submit("/tickets/new", &[("title", "Ink is out")]).await;
    let before = world.dump().await;
    // So much that no page of the file has room for it.
    let long = "All that I know of printers. ".repeat(600);

    set(&world, &CAP).await;
    let told =
        "The server&#39;s disk is full: nothing can be saved until there is room. Nothing was changed.";
    let typed = [told, "so that you can copy it", &long];
    let page = owner.post("/tickets/new", &[("title", "Printers"), ("description", &long)]).await;
    refused(&page, &typed);
    let program = owner.request(reqwest::Method::POST, "/api/v1/items");
    let page =
        owner.send(program.json(&json!({"kind": "ticket", "title": "Printers", "description": long}))).await;
    refused(&page, &["The server's disk is full", "Nothing was changed.", "/problems/internal"]);
    assert_eq!(world.dump().await, before);
    for path in ["/users", "/tickets", "/items/1", &format!("/users/{mia}"), "/audit"] {
        let page = owner.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
    }

    set(&world, &ROOM).await;
    let page = owner.submit("/tickets/new", &[("title", "Printers"), ("description", &long)]).await;
    assert!(page.text.contains("is made."), "{}", page.text);
    world.check().await;
}
