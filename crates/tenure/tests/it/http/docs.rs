//! The documentation of the API, as people read it.

use serde_json::Value;
use tenure::web::api;

use crate::{
    http::OWNER,
    support::{both_engines, http::Site, world::World},
};

/// Every operation of the description: its group, its id and its path.
fn operations() -> Vec<(String, String, String)> {
    let document: Value = serde_json::from_str(&api::document()).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let paths = document["paths"].as_object().expect("paths").clone();
    let of_path = |(path, methods): (String, Value)| {
        let methods: Vec<Value> = methods.as_object().expect("methods").values().cloned().collect();
        methods.into_iter().map(move |one| (text(&one["tags"][0]), text(&one["operationId"]), path.clone()))
    };
    paths.into_iter().flat_map(of_path).collect()
}

both_engines! {
    async fn every_operation_is_documented_for_people(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let home = owner.get("/api/docs").await;
        let mut pages = std::collections::BTreeMap::new();
        for (group, id, path) in operations() {
            assert!(home.text.contains(&format!("href=\"/api/docs?group={group}#{id}\"")), "{id} is listed");
            if !pages.contains_key(&group) {
                let page = owner.get(&format!("/api/docs?group={group}")).await;
                assert_eq!(page.status.as_u16(), 200, "{page:?}");
                pages.insert(group.clone(), page.text);
            }
            let page = &pages[&group];
            for part in [format!("<h2 id=\"{id}\">"), format!(">{path}</code>")] {
                assert!(page.contains(&part), "{group} lacks {part}");
            }
        }
        // An example names this desk, and a link within the page leads to what is there.
        let items = &pages["items"];
        assert!(items.contains(&format!("{}/api/v1/items/$NUMBER", site.url)), "{items}");
        for target in items.split("href=\"#shape-").skip(1).map(|rest| rest.split('"').next().expect("a name")) {
            assert!(items.contains(&format!("id=\"shape-{target}\"")), "{target} leads nowhere");
        }
    }

    async fn operations_are_found_by_their_words(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let found = owner.get("/api/docs?q=Deactivate+customer").await.text;
        assert!(found.contains("#deactivate_customer\"") && !found.contains("#create_item\""), "{found}");
        // By the type of a problem, as whoever has one in hand looks.
        let exhausted = owner.get("/api/docs?q=licenses-exhausted").await.text;
        for operation in ["#invite_user\"", "#activate\"", "#convert_customer\""] {
            assert!(exhausted.contains(operation), "{operation}: {exhausted}");
        }
        assert!(!exhausted.contains("#create_item\""), "{exhausted}");
        assert!(owner.get("/api/docs?q=xylophone").await.text.contains("Nothing was found"));
        assert_eq!(owner.get("/api/docs?group=xylophone").await.status.as_u16(), 404);
        let stranger = site.browser().get("/api/docs").await;
        assert!(stranger.location().starts_with("/sign-in?next="), "{stranger:?}");
    }
}
