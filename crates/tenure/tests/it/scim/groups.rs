//! Teams by SCIM: what the rules say of their members.

use domain::token::Scope;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Directory, at, error, group, path};
use crate::support::{both_engines, http::Site, world::World};

fn members(group: &Value) -> usize {
    group["members"].as_array().map_or(0, Vec::len)
}

both_engines! {
    async fn rule_05_a_directory_puts_nobody_deactivated_into_a_team_and_takes_them_out(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let (ada, ben) = (directory.user("ada@contoso.example").await, directory.user("ben@contoso.example").await);
        let team = directory.post("/Groups", &group("Engineers", &[&ada])).await.json();
        let there = at("Groups", &team);
        for user in [&ada, &ben] {
            directory.patch(&path(user), &json!([{ "op": "replace", "path": "active", "value": false }])).await;
        }
        let before = world.dump().await;
        let add = |user: &Value| json!([{ "op": "add", "path": "members", "value": [{ "value": user["id"] }] }]);
        let (status, kind, detail) = error(&directory.try_patch(&there, &add(&ben)).await);
        assert_eq!((status, kind.as_str()), (400, "mutability"), "{detail}");
        assert_eq!(world.dump().await, before);
        assert_eq!(members(&directory.patch(&there, &add(&ada)).await), 1, "who is in it stays");
        assert_eq!(members(&directory.put(&there, &group("Engineers", &[&ada])).await.json()), 1);
        let gone = json!([{ "op": "remove", "path": format!("members[value eq {}]", ada["id"]) }]);
        assert_eq!(members(&directory.patch(&there, &gone).await), 0, "rule 2");
        world.check().await;
    }

    async fn a_group_is_made_once_and_its_members_are_users_of_the_workspace(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let customer = world.customer_as("Cora Customer").await.person;
        let stranger = uuid::Uuid::from_u128(7);
        let made = directory.post("/Groups", &json!({ "displayName": "Engineers", "externalId": "g" })).await;
        assert_eq!((made.status, made.location().ends_with(&at("Groups", &made.json()))), (StatusCode::CREATED, true));
        let before = world.dump().await;
        for (body, kind) in [
            (json!({ "displayName": "ENGINEERS" }), "uniqueness"),
            (json!({ "displayName": "Other", "externalId": "g" }), "uniqueness"),
            (json!({ "members": [] }), "invalidValue"),
            (json!({ "displayName": "Other", "members": [{ "value": customer }] }), "mutability"),
            (json!({ "displayName": "Other", "members": [{ "value": stranger }] }), "invalidValue"),
            (json!({ "displayName": "Other", "members": [{ "value": "nobody" }] }), "invalidValue"),
            (json!({ "displayName": "Other", "members": [{ "display": "nobody" }] }), "invalidValue"),
        ] {
            let (status, told, detail) = error(&directory.post("/Groups", &body).await);
            assert_eq!((told.as_str(), status), (kind, if kind == "uniqueness" { 409 } else { 400 }), "{body}: {detail}");
        }
        assert_eq!(world.dump().await, before, "nothing was done");
    }

    async fn members_are_changed_in_every_form(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::of(&world, &site, Scope::Scim).await;
        let mut users = Vec::new();
        for name in ["a", "b", "c"] {
            users.push(directory.user(&format!("{name}@contoso.example")).await["id"].clone());
        }
        let [a, b, c] = [&users[0], &users[1], &users[2]];
        let team = directory.post("/Groups", &json!({ "displayName": "Engineers" })).await.json();
        let there = at("Groups", &team);
        let add = |value: Value| json!([{ "op": "add", "path": "members", "value": value }]);
        for (operations, count) in [
            (add(json!([{ "value": a, "type": "User", "$ref": "../Users/1" }])), 1),
            (add(json!({ "value": b })), 2),
            (add(json!([c])), 3),
            (json!([{ "op": "remove", "path": format!("members[value eq {a} or value eq {b}]") }]), 1),
            (json!([{ "op": "Add", "value": { "members": [{ "value": a }] } }]), 2),
            (json!([{ "op": "replace", "value": { "members": [{ "value": b }, { "value": c }] } }]), 2),
            (json!([{ "op": "remove", "path": "members", "value": [{ "value": a }] }]), 2),
            (json!([{ "op": "remove", "path": "members", "value": { "value": b } }]), 1),
            (json!([{ "op": "remove", "path": "members[type eq \"User\"]" }]), 0),
            (json!([{ "op": "add", "path": format!("members[value eq {a}]"), "value": {} }]), 1),
            (json!([{ "op": "remove", "path": "members[value eq \"nobody\"]" }]), 1),
            (json!([{ "op": "replace", "path": "members", "value": [] }]), 0),
            (json!([{ "op": "add", "path": "members", "value": [{ "value": a }] }, { "op": "remove", "path": "members" }, { "op": "add", "path": "members", "value": [{ "value": b }] }]), 1),
        ] {
            let page = directory.try_patch(&there, &operations).await;
            let expected = if operations[0]["path"] == "members[value eq \"nobody\"]" { 400 } else { 200 };
            assert_eq!(page.status.as_u16(), expected, "{operations}: {page:?}");
            assert_eq!(members(&directory.get(&there).await.json()), count, "{operations}");
        }
        world.check().await;
    }
}
