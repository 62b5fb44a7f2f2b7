//! Licenses, audit log and settings by machine.

use serde_json::{Value, json};

use super::{Caller, each, text};
use crate::support::{both_engines, http::Site, world::World};

const LICENSES: &str = "/api/v1/licenses";
const LEDGER: &str = "/api/v1/licenses/ledger";
const AUDIT: &str = "/api/v1/audit";
const SETTINGS: &str = "/api/v1/settings";
const BRAKE: &str = "/api/v1/settings/brake";

both_engines! {
    async fn licenses_are_read_and_changed_by_machine(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let (owner, seer) = (Caller::owner(&site).await, Caller::member(&world, &site).await);
        assert_eq!(owner.get(LICENSES, &[], "").await, json!({ "owned": 10, "used": 2, "price": null }));
        let change = |body: Value| owner.call("PATCH", LICENSES, &[]).body(body);
        let price = json!({ "minor": 4500, "currency": "EUR", "period": "month" });
        assert_eq!(change(json!({ "owned": 12, "was": 10 })).ok().await["owned"], 12);
        assert_eq!(change(json!({ "price": price })).ok().await, json!({ "owned": 12, "used": 2, "price": price }));
        assert_eq!(change(json!({ "owned": 20, "was": 10 })).no().await, (409, "stale".into()));
        assert_eq!(change(json!({ "owned": 1 })).no().await, (409, "owned-below-used".into()));
        assert_eq!(change(json!({ "owned": 0 })).no().await.0, 422);
        assert_eq!(change(json!({ "price": { "minor": 1, "currency": "euro", "period": "month" } })).send().await.status.as_u16(), 422);
        assert_eq!(change(json!({ "price": null })).ok().await["price"], Value::Null);
        for path in [LICENSES, LEDGER, "/api/v1/licenses/freed", AUDIT, SETTINGS, BRAKE] {
            assert_eq!(seer.call("GET", path, &[]).no().await, (403, "administrators-only".into()), "{path}");
        }
        let first = owner.get(LEDGER, &[], "?limit=1").await;
        assert_eq!((&first["licenses"][0]["holder"], &first["licenses"][0]["why"]), (&json!(world.owner.person), &json!("workspace.created")));
        let rest = owner.get(LEDGER, &[], &format!("?after={}", text(&first["next"]))).await;
        assert_eq!((rest["licenses"].as_array().map(Vec::len), &rest["next"]), (Some(1), &Value::Null));
        let off = world.deactivated().await.person;
        let freed = owner.get("/api/v1/licenses/freed", &[], "?limit=1").await;
        assert_eq!(each(&freed["licenses"], "holder"), [json!(off)]);
        assert_eq!(owner.call("GET", LEDGER, &[]).query("?after=x").wrong().await, ["after"]);
        world.check().await;
    }

    /// Rule 11.
    async fn rule_11_the_audit_log_is_read_by_machine(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        let ada = world.member().await.person;
        let body = json!({ "reason": "Only administrators know" });
        owner.call("POST", "/api/v1/users/{id}/deactivation", &[&ada]).body(body).ok().await;
        let about = owner.get(AUDIT, &[], &format!("?person={ada}&limit=1")).await;
        let entry = &about["entries"][0];
        assert_eq!((&entry["action"], &entry["door"], &entry["actor_kind"]), (&json!("person.deactivated"), &json!("api"), &json!("person")));
        assert_eq!((&entry["actor"]["id"], &entry["person"]["status"]), (&json!(world.owner.person), &json!("deactivated")));
        assert!(entry.to_string().contains("Only administrators know"), "{entry}");
        let older = owner.get(AUDIT, &[], &format!("?person={ada}&limit=1&after={}", text(&about["next"]))).await;
        assert_ne!(older["entries"][0]["id"], entry["id"]);
        assert!(older["previous"].is_string());
        let of_api = owner.get(AUDIT, &[], "?door=api").await;
        assert_eq!(each(&of_api["entries"], "action"), ["person.deactivated"]);
        assert_eq!(owner.get(AUDIT, &[], "?actor=job&from=2001-01-01&to=2001-01-02").await["entries"], json!([]));
        for (query, name) in [("?action=sung", "action"), ("?from=monday", "from"), ("?limit=501", "limit"), ("?q=x", "q")] {
            assert_eq!(owner.call("GET", AUDIT, &[]).query(query).wrong().await, [name], "{query}");
        }
    }

    async fn settings_are_read_and_changed_by_machine_all_or_nothing(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        let was = owner.get(SETTINGS, &[], "").await;
        let change = |body: Value| owner.call("PATCH", SETTINGS, &[]).body(body);
        let wanted = json!({
            "name": "Acme Works", "time_zone": "Europe/Berlin", "session_idle_seconds": 7200, "registration": true,
            "shared_requests": true, "help": { "on": true, "needs_login": false }, "form_policy": "hold",
            "form_contact": "Call us.",
        });
        let now = change(wanted.clone()).if_match(&was["version"]).ok().await;
        for (field, value) in wanted.as_object().expect("an object") {
            assert_eq!(&now[field], value, "{field}");
        }
        for field in ["language", "session_absolute_seconds", "form"] {
            assert_eq!(now[field], was[field], "{field} stays");
        }
        assert_eq!(owner.get(SETTINGS, &[], "").await, now);
        let before = world.dump().await;
        assert_eq!(change(json!({ "name": "Late" })).if_match(&was["version"]).no().await, (412, "stale".into()));
        let half = json!({ "name": "Half done", "time_zone": "Mars/Base" });
        assert_eq!(change(half).wrong().await, ["/time_zone"]);
        assert_eq!(change(json!({ "form_policy": "shout" })).wrong().await, ["/form_policy"]);
        assert_eq!(change(json!({ "color": "red" })).wrong().await, ["/color"]);
        assert_eq!(change(json!({ "name": null })).wrong().await, ["/name"], "it is never empty");
        assert_eq!(change(json!({ "session_idle_seconds": 0 })).wrong().await, ["/session_idle_seconds"]);
        assert_eq!(world.dump().await, before);

        let brake = owner.get(BRAKE, &[], "").await;
        assert_eq!((&brake["on"], &brake["share"], &brake["minimum"]), (&json!(true), &json!(10), &json!(5)));
        let set = |body: Value| owner.call("PUT", BRAKE, &[]).body(body);
        let now = set(json!({ "share": 20 })).if_match(&brake["version"]).ok().await;
        assert_eq!((&now["on"], &now["share"], &now["minimum"]), (&json!(true), &json!(20), &json!(5)));
        assert_eq!(set(json!({ "share": 200 })).no().await, (422, "brake-out-of-range".into()));
        assert_eq!(set(json!({ "share": 30 })).if_match(99).no().await, (412, "stale".into()));
        world.check().await;
    }
}
