//! Lists and searches: pages, totals, order.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Directory, entra_user, error, group, name, path};
use crate::support::{both_engines, http::Site, world::World};

fn names(list: &Value) -> Vec<String> {
    list["Resources"].as_array().expect("a list").iter().map(name).collect()
}

both_engines! {
    async fn pages_follow_each_other_in_one_order_and_count_all(store: Store) {
        let world = World::new(store, 30).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let mut all = vec!["olga.owner@acme.example".to_owned()];
        for n in 0..7 {
            directory.user(&format!("user{n}@contoso.example")).await;
            all.push(format!("user{n}@contoso.example"));
        }
        world.customer_as("Cora Customer").await;
        for filter in ["", "&filter=id+pr", "&filter=userName+co+%22%40%22", "&filter=not+%28userName+eq+%22x%22%29"] {
            let mut seen = Vec::new();
            for start in [1, 4, 7] {
                let list = directory.get(&format!("/Users?startIndex={start}&count=3{filter}")).await.json();
                assert_eq!((&list["totalResults"], &list["startIndex"]), (&json!(8), &json!(start)), "{filter}");
                assert_eq!(list["itemsPerPage"], list["Resources"].as_array().expect("a list").len());
                seen.extend(names(&list));
            }
            assert_eq!(seen, all, "{filter}");
            let beyond = directory.get(&format!("/Users?startIndex=100{filter}")).await.json();
            assert_eq!((&beyond["totalResults"], &beyond["Resources"]), (&json!(8), &json!([])));
            let none = directory.get(&format!("/Users?count=0{filter}")).await.json();
            assert_eq!((&none["totalResults"], &none["itemsPerPage"]), (&json!(8), &json!(0)));
            let low = directory.get(&format!("/Users?startIndex=-5&count=-1{filter}")).await.json();
            assert_eq!((&low["startIndex"], &low["itemsPerPage"]), (&json!(1), &json!(0)), "RFC 7644, 3.4.2.4");
            let many = directory.get(&format!("/Users?count=100000{filter}")).await.json();
            assert_eq!(names(&many), all);
        }
    }

    async fn a_search_by_post_finds_what_a_query_does_and_both_types_from_the_root(store: Store) {
        let world = World::new(store, 30).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let ada = directory.create(&entra_user("ada@contoso.example", "1")).await;
        let team = directory.post("/Groups", &group("Ada's", &[&ada])).await.json();
        let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
        let asked = json!({ "schemas": schemas, "filter": "title eq \"analyst\"", "attributes": ["title", "active"], "startIndex": 1, "count": 10 });
        let list = directory.post("/Users/.search", &asked).await;
        assert_eq!(list.status, StatusCode::OK, "{list:?}");
        let user = &list.json()["Resources"][0];
        assert_eq!((&user["id"], &user["title"], user.get("userName")), (&ada["id"], &json!("Analyst"), None));
        let asked = json!({ "schemas": schemas, "filter": "displayName sw \"Ada\"", "excludedAttributes": ["members"] });
        let list = directory.post("/.search", &asked).await.json();
        assert_eq!((&list["totalResults"], list["schemas"][0].as_str()), (&json!(2), Some("urn:ietf:params:scim:api:messages:2.0:ListResponse")));
        assert_eq!((&list["Resources"][0]["id"], &list["Resources"][1]["id"]), (&ada["id"], &team["id"]));
        let second = json!({ "schemas": schemas, "filter": "displayName sw \"Ada\"", "startIndex": 2, "count": 1 });
        let list = directory.post("/.search", &second).await.json();
        assert_eq!((&list["totalResults"], &list["Resources"][0]["id"], &list["itemsPerPage"]), (&json!(2), &team["id"], &json!(1)));
        let list = directory.post("/.search", &json!({ "filter": "meta.resourceType eq \"Group\"" })).await.json();
        assert_eq!(list["totalResults"], 1);
        assert_eq!(error(&directory.post("/.search", &json!({ "filter": "title" })).await).1, "invalidFilter");
        let groups = directory.post("/Groups/.search", &json!({ "filter": format!("members.value eq {}", ada["id"]) })).await.json();
        assert_eq!((&groups["totalResults"], &groups["Resources"][0]["id"]), (&json!(1), &team["id"]));
        let members = directory.post("/Users/.search", &json!({ "filter": "groups[display eq \"ada's\"]" })).await.json();
        assert_eq!(members["Resources"][0]["id"], ada["id"]);
    }

    async fn what_an_index_finds_the_whole_filter_judges(store: Store) {
        let world = World::new(store, 30).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let ada = directory.create(&entra_user("ada@contoso.example", "1")).await;
        let ben = directory.user("ben@contoso.example").await;
        let id = ada["id"].as_str().expect("an id");
        for (filter, found) in [
            (format!("id eq \"{id}\""), vec!["ada@contoso.example"]),
            (format!("id eq \"{id}\" and title eq \"Countess\""), vec![]),
            ("externalId eq \"1\" or userName eq \"ben@contoso.example\"".into(), vec!["ada@contoso.example", "ben@contoso.example"]),
            ("userName eq \"ben@contoso.example\" or title pr".into(), vec!["ada@contoso.example", "ben@contoso.example"]),
            ("not (userName eq \"ben@contoso.example\") and title pr".into(), vec!["ada@contoso.example"]),
            ("phoneNumbers[type eq \"work\" and value sw \"+44\"]".into(), vec!["ada@contoso.example"]),
            ("externalId eq \"nobody\"".into(), vec![]),
            ("id eq \"nobody\"".into(), vec![]),
            ("meta.created gt \"2020-01-01T00:00:00Z\" and userName ew \"@contoso.example\"".into(), vec!["ada@contoso.example", "ben@contoso.example"]),
        ] {
            assert_eq!(directory.found(&filter).await, found, "{filter}");
        }
        directory.delete(&path(&ben)).await;
        assert_eq!(directory.get("/Users?filter=id+pr").await.json()["totalResults"], 2);
    }
}
