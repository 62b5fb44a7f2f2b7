//! Conditions and parameters that nothing would look at are refused, and what is refused says what can be done.

use reqwest::StatusCode;
use serde_json::json;

use super::Caller;
use crate::{
    http::{live::place, problem},
    support::{both_engines, http::Site, world::World},
};

const DEACTIVATION: &str = "/api/v1/users/{id}/deactivation";

both_engines! {
    async fn a_version_is_judged_or_refused_and_never_passed_over(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        let ada = world.member().await.person;
        let team = world.team("Support").await;
        let before = world.dump().await;
        for (method, path, ids, body) in [
            ("POST", DEACTIVATION, vec![ada.to_string()], json!({})),
            ("PUT", "/api/v1/teams/{id}/members/{person}", vec![team.to_string(), ada.to_string()], json!({})),
            ("PATCH", "/api/v1/licenses", vec![], json!({ "owned": 9 })),
            ("POST", "/api/v1/teams", vec![], json!({ "name": "Night shift" })),
            ("POST", "/api/v1/items", vec![], json!({ "kind": "task", "title": "Water the plants" })),
        ] {
            let ids: Vec<&dyn std::fmt::Display> = ids.iter().map(|id| id as &dyn std::fmt::Display).collect();
            let call = || owner.call(method, path, &ids).body(body.clone());
            assert_eq!(call().if_match(99).no().await, (412, "stale".into()), "{method} {path}");
        }
        let dry = || owner.call("POST", DEACTIVATION, &[&ada]).query("?dry_run=true");
        assert_eq!(dry().if_match(99).no().await, (412, "stale".into()), "a plan is of the version, too");
        assert_eq!(dry().body(json!({ "version": 99 })).no().await, (409, "stale".into()));
        assert_eq!(world.dump().await, before);
        let tag = owner.get("/api/v1/users/{id}", &[&ada], "").await["account"]["version"].clone();
        assert_eq!(dry().if_match(&tag).ok().await["changed"], true);
        assert_eq!(owner.call("POST", DEACTIVATION, &[&ada]).if_match(&tag).ok().await["changed"], true);
        world.check().await;
    }

    async fn a_parameter_where_there_is_none_is_refused_by_its_name(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        for path in ["/api/v1/teams", "/api/v1/me", "/api/v1/licenses", "/api/v1/settings", "/api/v1/webhooks"] {
            let page = owner.call("GET", path, &[]).query("?limit=1").send().await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
            assert_eq!(page.json()["errors"][0]["parameter"], "limit", "{path}");
        }
        world.check().await;
    }

    async fn events_hold_no_words_of_people(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        owner.call("POST", "/api/v1/teams", &[]).body(json!({ "name": "Night shift" })).send().await;
        let article = json!({ "section": "Bookings", "title": "Recurring bookings", "body": "Press it." });
        owner.call("POST", "/api/v1/articles", &[]).body(article).send().await;
        place(&world).await;
        let told = owner.0.get("/api/v1/events?after=0&follow=false").await.text;
        for topic in ["team.created", "article.created"] {
            assert!(told.contains(topic), "{topic}: {told}");
        }
        for words in ["Night shift", "Recurring bookings"] {
            assert!(!told.contains(words), "{words}: {told}");
        }
        world.check().await;
    }

    async fn rule_06_where_no_license_is_free_the_problem_says_what_can_be_done(store: Store) {
        let world = World::new(store, 2).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        let ada = world.deactivated().await.person;
        world.member().await;
        let page = owner.call("DELETE", DEACTIVATION, &[&ada]).send().await;
        let body = page.json();
        assert_eq!((page.status.as_u16(), problem(&page).as_str()), (409, "licenses-exhausted"));
        let (add, swap) = (&body["choices"][0], &body["choices"][1]);
        assert_eq!((&add["way"], &swap["way"]), (&json!("add"), &json!("swap")));
        // What it says is a request that works.
        assert_eq!((&add["method"], &add["path"]), (&json!("PATCH"), &json!("/api/v1/licenses")));
        let now = owner.call("PATCH", "/api/v1/licenses", &[]).body(add["body"].clone()).ok().await;
        assert_eq!(now["owned"], 3);
        assert_eq!(owner.call("DELETE", DEACTIVATION, &[&ada]).ok().await["changed"], true);
        world.check().await;
    }
}
