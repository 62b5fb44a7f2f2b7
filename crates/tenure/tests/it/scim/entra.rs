//! Each form that Microsoft Entra ID sends, one test each.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tenure::scim::schema::{ENTERPRISE, GROUP};

use super::{Directory, at, entra_user, error, group, path, person};
use crate::support::{both_engines, http::Site, world::World};

both_engines! {
    async fn entra_tests_its_connection_with_a_filter_for_somebody_who_is_not_there(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let entra = Directory::new(&world, &site).await;
        let page = entra.get("/Users?filter=userName+eq+%22a9f2-no-such-user%22").await;
        assert_eq!(page.status, StatusCode::OK, "no hit is no 404");
        let list = page.json();
        assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])));
        assert!(list["startIndex"].is_i64() && list["itemsPerPage"].is_i64(), "integers: {list}");
    }

    async fn entra_creates_a_user_and_gets_back_what_it_said(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let entra = Directory::new(&world, &site).await;
        let asked = entra_user("ada.king@contoso.example", "58342554-38d6-4ec8-948c-50044d0a33fd");
        let made = entra.create(&asked).await;
        for (key, value) in asked.as_object().expect("an object") {
            if !["meta", "schemas"].contains(&key.as_str()) {
                assert_eq!(&made[key], value, "{key}");
            }
        }
        assert_eq!(made["schemas"].as_array().map(Vec::len), Some(2));
        assert_eq!(entra.get(&path(&made)).await.json(), made);
        let row = world.row(person(&made)).await;
        assert_eq!((row.person.name.as_str(), row.person.email.as_str()), ("Ada King", "ada.king@contoso.example"));
        assert!(row.person.status.is_active() && row.password_set.is_none());
        world.check().await;
    }

    async fn entra_finds_by_what_it_matches_with(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let entra = Directory::new(&world, &site).await;
        let email = "ada.king@contoso.example";
        let asked = json!({
            "userName": email, "externalId": "e-1", "displayName": "Ada King",
            "emails": [{ "type": "work", "value": "a.king@mail.example" }, { "type": "home", "value": "ada@home.example" }],
        });
        entra.create(&asked).await;
        entra.user("other@contoso.example").await;
        for filter in [
            "userName eq \"ADA.KING@contoso.example\"",
            "externalId eq \"e-1\"",
            "displayName eq \"ada king\"",
            "emails[type eq \"work\"].value eq \"A.King@mail.example\"",
            "emails[type eq \"work\"].value eq \"a.king@mail.example\" and active eq true",
            "emails.value eq \"ada@home.example\"",
            "userName eq \"ada.king@contoso.example\" and externalId eq \"e-1\"",
        ] {
            assert_eq!(entra.found(filter).await, [email], "{filter}");
        }
        for filter in [
            "externalId eq \"E-1\"",
            "emails[type eq \"work\"].value eq \"ada@home.example\"",
            "userName eq \"ada.king@contoso.example\" and active eq false",
        ] {
            assert_eq!(entra.found(filter).await, [""; 0], "{filter}");
        }
    }

    async fn entra_deactivates_by_the_word_false(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let entra = Directory::new(&world, &site).await;
        let made = entra.user("ada@contoso.example").await;
        let page = entra.patch(&path(&made), &json!([{ "op": "Replace", "path": "active", "value": "False" }])).await;
        assert_eq!(page["active"], false);
        assert!(!world.row(person(&made)).await.person.status.is_active());
        let page = entra.patch(&path(&made), &json!([{ "op": "Replace", "path": "active", "value": "True" }])).await;
        assert_eq!(page["active"], true);
        assert!(world.row(person(&made)).await.person.status.is_active());
        let old = json!([{ "op": "Replace", "path": "active", "value": [{ "$ref": null, "value": "False" }] }]);
        assert_eq!(entra.patch(&path(&made), &old).await["active"], false, "as it sent it once");
        assert_eq!(entra.get(&path(&made)).await.json()["active"], false, "deactivated people stay readable");
    }

    async fn entra_replaces_addresses_and_numbers_by_their_type(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let entra = Directory::new(&world, &site).await;
        let made = entra.create(&entra_user("ada@contoso.example", "1")).await;
        let operations = json!([
            { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "ada.lovelace@contoso.example" },
            { "op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+44 7700 900000" },
            { "op": "Replace", "path": "name.familyName", "value": "Lovelace" },
            { "op": "Add", "path": "addresses[type eq \"work\"].locality", "value": "London" },
        ]);
        let user = entra.patch(&path(&made), &operations).await;
        assert_eq!(user["emails"], json!([{ "primary": true, "type": "work", "value": "ada.lovelace@contoso.example" }]));
        assert_eq!(user["phoneNumbers"][1], json!({ "type": "mobile", "value": "+44 7700 900000" }));
        assert_eq!(user["name"]["familyName"], "Lovelace");
        assert_eq!(user["addresses"], json!([{ "type": "work", "locality": "London" }]));
        assert_eq!(user["userName"], "ada@contoso.example", "the account is called as before");
        let removed = json!([{ "op": "Remove", "path": "phoneNumbers[type eq \"mobile\"].value" }]);
        assert_eq!(entra.patch(&path(&made), &removed).await["phoneNumbers"].as_array().map(Vec::len), Some(1));
    }

    async fn entra_patches_by_paths_that_name_the_schema_and_by_dotted_names(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let entra = Directory::new(&world, &site).await;
        let (made, boss) = (entra.user("ada@contoso.example").await, entra.user("boss@contoso.example").await);
        let operations = json!([
            { "op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Engines" },
            { "op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": boss["id"] },
            { "op": "add", "value": { "name.givenName": "Ada", "name.familyName": "King", format!("{ENTERPRISE}:costCenter"): "7" } },
        ]);
        let user = entra.patch(&path(&made), &operations).await;
        assert_eq!(user[ENTERPRISE], json!({ "department": "Engines", "manager": { "value": boss["id"] }, "costCenter": "7" }));
        assert_eq!((&user["name"]["givenName"], &user["name"]["familyName"]), (&json!("Ada"), &json!("King")));
        assert!(user["schemas"].as_array().expect("schemas").contains(&json!(ENTERPRISE)));
        assert_eq!(entra.found(&format!("{ENTERPRISE}:department eq \"engines\"")).await, ["ada@contoso.example"]);
        let gone = json!([{ "op": "Remove", "path": format!("{ENTERPRISE}:manager") }]);
        assert!(entra.patch(&path(&made), &gone).await[ENTERPRISE].get("manager").is_none());
    }

    async fn entra_brings_back_whom_it_finds_deactivated(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let entra = Directory::new(&world, &site).await;
        let made = entra.create(&entra_user("ada@contoso.example", "1")).await;
        world.deactivate(person(&made)).await.expect("a deactivation in the desk");
        assert_eq!(entra.found("userName eq \"ada@contoso.example\"").await, ["ada@contoso.example"]);
        let again = entra.post("/Users", &entra_user("ada@contoso.example", "1")).await;
        let (status, kind, detail) = error(&again);
        assert_eq!((status, kind.as_str()), (409, "uniqueness"), "{detail}");
        assert!(detail.contains("set active to true"), "{detail}");
        let back = entra.patch(&path(&made), &json!([{ "op": "Replace", "path": "active", "value": "True" }])).await;
        assert_eq!((&back["id"], &back["active"]), (&made["id"], &json!(true)));
        world.check().await;
    }

    async fn entra_asks_for_groups_without_their_members(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let entra = Directory::new(&world, &site).await;
        let ada = entra.user("ada@contoso.example").await;
        let mut asked = group("Engineers", &[&ada]);
        asked["externalId"] = json!("g-1");
        let made = entra.post("/Groups", &asked).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let made = made.json();
        assert_eq!((&made["externalId"], made["members"][0]["value"] == ada["id"]), (&json!("g-1"), true));
        for filter in ["displayName+eq+%22engineers%22", "externalId+eq+%22g-1%22"] {
            let list = entra.get(&format!("/Groups?excludedAttributes=members&filter={filter}")).await.json();
            assert_eq!((&list["totalResults"], &list["Resources"][0]["id"]), (&json!(1), &made["id"]), "{list}");
            assert!(list["Resources"][0].get("members").is_none(), "{list}");
        }
        let one = entra.get(&format!("{}?excludedAttributes=members", at("Groups", &made))).await.json();
        assert!(one.get("members").is_none() && one["displayName"] == "Engineers", "{one}");
    }

    async fn entra_adds_and_removes_members_by_a_list_of_values(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let entra = Directory::new(&world, &site).await;
        let (ada, ben) = (entra.user("ada@contoso.example").await, entra.user("ben@contoso.example").await);
        let made = entra.post("/Groups", &json!({ "schemas": [GROUP], "displayName": "Engineers" })).await.json();
        let there = at("Groups", &made);
        let members = |list: &[&Value]| -> Value { list.iter().map(|user| json!({ "$ref": null, "value": user["id"] })).collect() };
        let ids = |group: &Value| -> Vec<Value> {
            let members = group["members"].as_array().cloned().unwrap_or_default();
            members.into_iter().map(|member| member["value"].clone()).collect()
        };
        let added = json!([{ "op": "Add", "path": "members", "value": members(&[&ada, &ben]) }]);
        assert_eq!(ids(&entra.patch(&there, &added).await).len(), 2);
        assert_eq!(ids(&entra.patch(&there, &added).await).len(), 2, "twice is once");
        let groups = entra.get(&path(&ada)).await.json()["groups"].clone();
        assert_eq!((&groups[0]["value"], &groups[0]["display"]), (&made["id"], &json!("Engineers")));
        let removed = json!([{ "op": "Remove", "path": "members", "value": members(&[&ada]) }]);
        assert_eq!(ids(&entra.patch(&there, &removed).await), [ben["id"].clone()]);
        assert_eq!(ids(&entra.patch(&there, &removed).await), [ben["id"].clone()], "out is out");
        let renamed = json!([{ "op": "Replace", "path": "displayName", "value": "Builders" }]);
        assert_eq!(entra.patch(&there, &renamed).await["displayName"], "Builders");
        assert_eq!(entra.delete(&there).await.status, StatusCode::NO_CONTENT);
        assert_eq!(entra.get(&there).await.status, StatusCode::NOT_FOUND);
        world.check().await;
    }
}
