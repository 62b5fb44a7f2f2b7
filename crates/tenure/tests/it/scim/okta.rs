//! Each form that Okta sends, one test each.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tenure::scim::schema::{GROUP, USER};

use super::{Directory, at, group, path, person};
use crate::support::{both_engines, http::Site, world::World};

/// An account as Okta creates it.
fn okta_user(email: &str) -> Value {
    json!({
        "schemas": [USER],
        "userName": email,
        "name": { "givenName": "Grace", "familyName": "Hopper" },
        "emails": [{ "primary": true, "value": email, "type": "work" }],
        "displayName": "Grace Hopper",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": true,
    })
}

both_engines! {
    async fn okta_creates_a_user_and_its_password_is_kept_nowhere(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let okta = Directory::new(&world, &site).await;
        let made = okta.create(&okta_user("grace@okta.example")).await;
        assert_eq!((&made["locale"], &made["active"]), (&json!("en-US"), &json!(true)));
        assert!(made.get("password").is_none(), "{made}");
        let rows = world.dump().await.into_values().flatten().collect::<Vec<_>>().join("\n");
        assert!(!rows.contains("1mz050nq"), "no row holds it");
        assert!(world.row(person(&made)).await.password_set.is_none());
    }

    async fn okta_looks_for_a_user_with_start_and_count(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let okta = Directory::new(&world, &site).await;
        let made = okta.create(&okta_user("grace@okta.example")).await;
        let list = okta.get("/Users?filter=userName%20eq%20%22grace%40okta.example%22&startIndex=1&count=100").await.json();
        assert_eq!((&list["totalResults"], &list["itemsPerPage"], &list["startIndex"]), (&json!(1), &json!(1), &json!(1)));
        assert_eq!(list["Resources"][0]["id"], made["id"]);
        let all = okta.get("/Users?startIndex=1&count=2").await.json();
        assert_eq!((&all["totalResults"], &all["itemsPerPage"]), (&json!(2), &json!(2)), "the owner, too: {all}");
    }

    async fn okta_deactivates_by_a_patch_without_a_path(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let okta = Directory::new(&world, &site).await;
        let made = okta.create(&okta_user("grace@okta.example")).await;
        let user = okta.patch(&path(&made), &json!([{ "op": "replace", "value": { "active": false } }])).await;
        assert_eq!(user["active"], false);
        assert!(!world.row(person(&made)).await.person.status.is_active());
        let user = okta.patch(&path(&made), &json!([{ "op": "replace", "value": { "active": true } }])).await;
        assert_eq!(user["active"], true);
        let user = okta.patch(&path(&made), &json!([{ "op": "replace", "active": false }])).await;
        assert_eq!(user["active"], false, "without a value around it, too");
    }

    async fn okta_deactivates_and_changes_by_a_put(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let okta = Directory::new(&world, &site).await;
        let made = okta.create(&okta_user("grace@okta.example")).await;
        let mut asked = made.clone();
        asked["active"] = json!(false);
        asked["displayName"] = json!("Grace Murray Hopper");
        let page = okta.put(&path(&made), &asked).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        assert_eq!((&page.json()["active"], &page.json()["id"]), (&json!(false), &made["id"]));
        let row = world.row(person(&made)).await;
        assert_eq!((row.person.name.as_str(), row.person.status.is_active()), ("Grace Murray Hopper", false));
        asked["active"] = json!(true);
        asked.as_object_mut().expect("an object").remove("locale");
        let back = okta.put(&path(&made), &asked).await.json();
        assert_eq!(back["active"], true);
        assert!(back.get("locale").is_none(), "what a PUT leaves out is gone: {back}");
        world.check().await;
    }

    async fn okta_pushes_a_group_and_changes_its_members_by_their_values(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let okta = Directory::new(&world, &site).await;
        let (ada, ben) = (okta.user("ada@okta.example").await, okta.user("ben@okta.example").await);
        let made = okta.post("/Groups", &group("Navy", &[&ada])).await.json();
        let there = at("Groups", &made);
        let ids = |group: &Value| -> Vec<Value> {
            let members = group["members"].as_array().cloned().unwrap_or_default();
            members.into_iter().map(|member| member["value"].clone()).collect()
        };
        let (a, b) = (ada["id"].as_str().expect("an id"), ben["id"].as_str().expect("an id"));
        let operations = json!([
            { "op": "remove", "path": format!("members[value eq \"{a}\"]") },
            { "op": "add", "path": "members", "value": [{ "value": b, "display": "ben@okta.example" }] },
        ]);
        assert_eq!(ids(&okta.patch(&there, &operations).await), [ben["id"].clone()]);
        let named = json!([{ "op": "replace", "value": { "id": made["id"], "displayName": "Fleet" } }]);
        let group = okta.patch(&there, &named).await;
        assert_eq!((&group["displayName"], ids(&group)), (&json!("Fleet"), vec![ben["id"].clone()]));
        let both = json!([{ "op": "replace", "path": "members", "value": [{ "value": a }, { "value": b }] }]);
        assert_eq!(ids(&okta.patch(&there, &both).await).len(), 2);
        let whole = json!({ "schemas": [GROUP], "id": made["id"], "displayName": "Navy", "members": [{ "value": a }] });
        let put = okta.put(&there, &whole).await;
        assert_eq!((put.status, ids(&put.json())), (StatusCode::OK, vec![ada["id"].clone()]));
        let none = json!([{ "op": "remove", "path": "members" }]);
        assert_eq!(ids(&okta.patch(&there, &none).await), [Value::Null; 0]);
        let put = okta.put(&there, &json!({ "schemas": [GROUP], "displayName": "Shore" })).await;
        assert_eq!(put.json()["displayName"], "Shore");
        world.check().await;
    }
}
