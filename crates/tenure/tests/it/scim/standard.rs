//! RFC 7643 and RFC 7644 at the door: what SCIM is here, media types, entity tags, errors, attributes.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tenure::{
    ops::scim::Settings,
    scim::schema::{ENTERPRISE, GROUP, USER},
};

use super::{Directory, at, entra_user, error, group, path};
use crate::support::{both_engines, http::Site, world::World};

both_engines! {
    async fn what_scim_is_here_can_be_read(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let config = directory.get("/ServiceProviderConfig").await.json();
        for (what, is) in [("patch", true), ("bulk", false), ("filter", true), ("etag", true), ("sort", false), ("changePassword", false)] {
            assert_eq!(config[what]["supported"], is, "{what}");
        }
        assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
        let types = directory.get("/ResourceTypes").await.json();
        assert_eq!((&types["totalResults"], &types["Resources"][0]["schemaExtensions"][0]["schema"]), (&json!(2), &json!(ENTERPRISE)));
        for urn in [USER, GROUP, ENTERPRISE] {
            let schema = directory.get(&format!("/Schemas/{urn}")).await.json();
            assert_eq!(schema["id"], urn);
            assert!(!schema["attributes"].as_array().expect("attributes").is_empty());
        }
        assert_eq!(directory.get("/ResourceTypes/User").await.json()["endpoint"], "/Users");
        assert_eq!(error(&directory.get("/Schemas/urn:nothing").await).0, 404);
        assert_eq!(error(&directory.get("/Schemas?filter=id+pr").await).0, 403, "RFC 7644, section 4");
        assert_eq!(error(&directory.get("/Nothing").await).0, 404);
        assert_eq!(error(&directory.delete("/Users").await).0, 405);
    }

    async fn a_body_is_json_of_either_name_and_bounded(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let send = async |kind: &str, body: String| {
            let request = directory.request(Method::POST, "/Users").header("content-type", kind).body(body);
            directory.program.send(request).await
        };
        let user = |email: &str| json!({ "userName": email }).to_string();
        assert_eq!(send("application/json", user("a@b.example")).await.status, StatusCode::CREATED);
        assert_eq!(send("application/scim+json; charset=utf-8", user("c@b.example")).await.status, StatusCode::CREATED);
        assert_eq!(error(&send("text/plain", user("d@b.example")).await).0, 415);
        assert_eq!(error(&send("application/x-www-form-urlencoded", user("d@b.example")).await).0, 415);
        let syntax = |page| { let (status, kind, _) = error(&page); (status, kind) };
        for body in ["{", "[]", "7", "{\"userName\": \"\u{1}\"}"] {
            let page = send("application/scim+json", body.to_owned()).await;
            assert_eq!(syntax(page), (400, "invalidSyntax".to_owned()), "{body}");
        }
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(syntax(send("application/scim+json", deep).await), (400, "invalidSyntax".to_owned()));
        let large = json!({ "userName": "e@b.example", "title": "x".repeat(2_000_000) }).to_string();
        assert_eq!(error(&send("application/scim+json", large).await).0, 413);
        let long = json!({ "userName": "e@b.example", "title": "x".repeat(2_001) }).to_string();
        assert_eq!(syntax(send("application/scim+json", long).await), (400, "invalidValue".to_owned()));
    }

    async fn what_is_sent_wrongly_is_told_with_its_kind(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let ada = directory.create(&entra_user("ada@contoso.example", "1")).await;
        let before = world.dump().await;
        for (body, kind) in [
            (json!({ "displayName": "Nobody" }), "invalidValue"),
            (json!({ "userName": "no address" }), "invalidValue"),
            (json!({ "userName": "two@at@once.example" }), "invalidValue"),
            (json!({ "userName": "x@y.example", "active": "perhaps" }), "invalidValue"),
            (json!({ "userName": "x@y.example", "name": "Ada" }), "invalidValue"),
            (json!({ "userName": "x@y.example", "displayName": "x".repeat(201) }), "invalidValue"),
            (json!({ "userName": "ADA@contoso.example" }), "uniqueness"),
            (json!({ "userName": "x@y.example", "externalId": "1" }), "uniqueness"),
        ] {
            let page = directory.post("/Users", &body).await;
            let (status, told, detail) = error(&page);
            assert_eq!((told.as_str(), status), (kind, if kind == "uniqueness" { 409 } else { 400 }), "{body}: {detail}");
            assert!(detail.ends_with('.'), "{detail}");
        }
        for (operation, kind) in [
            (json!({ "op": "swap", "path": "title", "value": "x" }), "invalidSyntax"),
            (json!({ "op": "remove" }), "noTarget"),
            (json!({ "op": "add" }), "invalidSyntax"),
            (json!({ "op": "add", "value": "x" }), "invalidValue"),
            (json!({ "op": "add", "path": "shoeSize", "value": "9" }), "invalidPath"),
            (json!({ "op": "add", "path": "emails[", "value": "9" }), "invalidPath"),
            (json!({ "op": "add", "path": "title[value eq \"x\"]", "value": "9" }), "invalidPath"),
            (json!({ "op": "replace", "path": "id", "value": "9" }), "mutability"),
            (json!({ "op": "replace", "path": "meta.created", "value": "9" }), "mutability"),
            (json!({ "op": "add", "path": "groups", "value": [] }), "mutability"),
            (json!({ "op": "replace", "path": "emails[value co \"zzz\"].type", "value": "home" }), "noTarget"),
            (json!({ "op": "remove", "path": "userName" }), "invalidValue"),
            (json!({ "op": "replace", "path": "active", "value": 7 }), "invalidValue"),
        ] {
            let page = directory.try_patch(&path(&ada), &json!([operation])).await;
            let (status, told, detail) = error(&page);
            assert_eq!((told.as_str(), status), (kind, 400), "{operation}: {detail}");
        }
        for filter in ["userName+eq", "userName+xx+%22a%22", "active+gt+true", "%28title+pr"] {
            let (status, told, _) = error(&directory.get(&format!("/Users?filter={filter}")).await);
            assert_eq!((status, told.as_str()), (400, "invalidFilter"), "{filter}");
        }
        assert_eq!(error(&directory.get("/Users?startIndex=one").await).1, "invalidValue");
        assert_eq!(error(&directory.get("/Users?attributes=title&excludedAttributes=name").await).1, "invalidValue");
        assert_eq!(error(&directory.get("/Users/nobody").await).0, 404);
        assert_eq!(world.dump().await, before, "nothing was done");
    }

    async fn an_operation_that_fails_undoes_those_before_it(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let (ada, _) = (directory.user("ada@contoso.example").await, directory.user("ben@contoso.example").await);
        let before = world.dump().await;
        let operations = json!([
            { "op": "replace", "path": "displayName", "value": "Other" },
            { "op": "replace", "path": "active", "value": false },
            { "op": "replace", "path": "userName", "value": "ben@contoso.example" },
        ]);
        assert_eq!(error(&directory.try_patch(&path(&ada), &operations).await).1, "uniqueness");
        assert_eq!(world.dump().await, before);
    }

    async fn an_entity_tag_guards_a_change_and_spares_an_answer(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let ada = directory.create(&entra_user("ada@contoso.example", "1")).await;
        let team = directory.post("/Groups", &group("Engineers", &[&ada])).await.json();
        let title = json!([{ "op": "replace", "path": "title", "value": "Countess" }]);
        let gone = json!([{ "op": "remove", "path": "members" }]);
        for (there, operations) in [(path(&ada), title), (at("Groups", &team), gone)] {
            let page = directory.get(&there).await;
            let tag = page.headers["etag"].to_str().expect("text").to_owned();
            assert!(tag.starts_with("W/\"") && page.json()["meta"]["version"] == tag, "{page:?}");
            let with = async |method: Method, name: &str, tag: &str, body: &Value| {
                let request = directory.request(method, &there).header(name, tag);
                directory.program.send(request.header("content-type", "application/scim+json").body(body.to_string())).await
            };
            let known = with(Method::GET, "if-none-match", &tag, &Value::Null).await;
            assert_eq!((known.status, known.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
            let body = json!({ "Operations": operations });
            let before = world.dump().await;
            for method in [Method::PATCH, Method::PUT, Method::DELETE] {
                assert_eq!(error(&with(method, "if-match", "W/\"other\"", &body).await).0, 412);
            }
            assert_eq!(world.dump().await, before);
            let done = with(Method::PATCH, "if-match", &tag, &body).await;
            assert_eq!(done.status, StatusCode::OK, "{done:?}");
            assert_ne!(done.headers["etag"], tag.as_str());
            assert_eq!(error(&with(Method::PATCH, "if-match", &tag, &body).await).0, 412, "once is enough");
            assert_eq!(with(Method::GET, "if-none-match", &tag, &Value::Null).await.status, StatusCode::OK);
            assert_eq!(with(Method::PATCH, "if-match", "*", &body).await.status, StatusCode::OK);
        }
    }

    async fn an_answer_holds_the_attributes_that_are_asked_for(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let ada = directory.create(&entra_user("ada@contoso.example", "1")).await;
        let there = path(&ada);
        let keys = async |query: &str| -> Vec<String> {
            let user = directory.get(&format!("{there}?{query}")).await.json();
            user.as_object().expect("an object").keys().cloned().collect()
        };
        assert_eq!(keys("attributes=title,name.givenName").await, ["id", "name", "schemas", "title"]);
        let only = directory.get(&format!("{there}?attributes=name.givenName,emails.value")).await.json();
        assert_eq!(only["name"], json!({ "givenName": "Ada" }));
        assert_eq!(only["emails"], json!([{ "value": "ada@contoso.example" }]));
        let extension = directory.get(&format!("{there}?attributes={ENTERPRISE}:department")).await.json();
        assert_eq!(extension[ENTERPRISE], json!({ "department": "Engines" }));
        let without = directory.get(&format!("{there}?excludedAttributes=name.formatted,{ENTERPRISE},id,emails")).await.json();
        assert!(without.get(ENTERPRISE).is_none() && without.get("emails").is_none(), "{without}");
        assert!(without["id"].is_string() && without["name"]["formatted"].is_null() && without["name"]["familyName"] == "King");
        let made = directory.post("/Users?attributes=userName", &json!({ "userName": "ben@contoso.example" })).await;
        assert_eq!(made.json().as_object().map(serde_json::Map::len), Some(3), "{made:?}");
    }

    async fn a_token_can_ask_for_patches_answered_without_a_body(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let ada = directory.user("ada@contoso.example").await;
        let team = directory.post("/Groups", &group("Engineers", &[])).await.json();
        directory.set(&world, Settings { empty_patch: true, deletes: false }).await;
        for (there, value) in [(path(&ada), "Countess"), (at("Groups", &team), "Builders")] {
            let operations = json!([{ "op": "replace", "path": "displayName", "value": value }]);
            let page = directory.try_patch(&there, &operations).await;
            assert_eq!((page.status, page.text.as_str()), (StatusCode::NO_CONTENT, ""));
            let now = directory.get(&there).await;
            assert_eq!((&now.headers["etag"], &now.json()["displayName"]), (&page.headers["etag"], &json!(value)));
        }
        assert_eq!(directory.put(&path(&ada), &json!({ "userName": "ada@contoso.example" })).await.status, StatusCode::OK);
    }
}
