//! Teams and organizations by machine.

use serde_json::{Value, json};

use super::{Caller, changed, each, text};
use crate::support::{
    both_engines,
    http::Site,
    world::{World, any_name, changed_tables},
};

const TEAMS: &str = "/api/v1/teams";
const TEAM: &str = "/api/v1/teams/{id}";
const MEMBER: &str = "/api/v1/teams/{id}/members/{person}";
const ORGANIZATIONS: &str = "/api/v1/organizations";
const ORGANIZATION: &str = "/api/v1/organizations/{id}";
const BELONGS: &str = "/api/v1/customers/{id}/organization";

both_engines! {
    async fn teams_are_made_renamed_filled_and_deleted_by_machine(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (owner, seer) = (Caller::owner(&site).await, Caller::member(&world, &site).await);
        let page = owner.call("POST", TEAMS, &[]).body(json!({ "name": "Support" })).send().await;
        let made = page.json();
        let id = text(&made["id"]);
        assert_eq!((page.status.as_u16(), page.location()), (201, format!("{TEAMS}/{id}").as_str()));
        owner.call("POST", TEAMS, &[]).body(json!({ "name": "Billing" })).ok().await;
        assert_eq!(owner.call("POST", TEAMS, &[]).body(json!({ "name": "support" })).no().await, (409, "team-name-taken".into()));
        assert_eq!(owner.call("POST", TEAMS, &[]).body(json!({})).wrong().await, ["/name"]);
        assert_eq!(each(&seer.get(TEAMS, &[], "").await["teams"], "name"), ["Billing", "Support"]);
        let (ada, off) = (world.member().await.person, world.deactivated().await.person);
        let cal = world.customer_as(&any_name("Cal")).await.person;
        for expected in [true, false] {
            assert_eq!(owner.call("PUT", MEMBER, &[&id, &ada]).ok().await, changed(expected));
        }
        assert_eq!(owner.call("PUT", MEMBER, &[&id, &off]).no().await, (409, "deactivated-gets-nothing-new".into()));
        assert_eq!(owner.call("PUT", MEMBER, &[&id, &cal]).no().await, (409, "users-only".into()));
        assert_eq!(seer.get(TEAM, &[&id], "").await["members"], 1);
        let before = world.dump().await;
        let no = (403, "administrators-only".to_owned());
        assert_eq!(seer.call("PATCH", TEAM, &[&id]).body(json!({ "name": "x" })).no().await, no);
        assert_eq!(seer.call("DELETE", TEAM, &[&id]).no().await, no);
        assert_eq!(seer.call("DELETE", MEMBER, &[&id, &ada]).no().await, no);
        assert_eq!(world.dump().await, before);
        let rename = |name: &str| owner.call("PATCH", TEAM, &[&id]).body(json!({ "name": name }));
        let now = rename("Helpers").if_match(&made["version"]).ok().await;
        assert_eq!((&now["name"], &now["members"]), (&json!("Helpers"), &json!(1)));
        assert_eq!(rename("Others").if_match(&made["version"]).no().await, (412, "stale".into()));
        for expected in [true, false] {
            assert_eq!(owner.call("DELETE", MEMBER, &[&id, &ada]).ok().await, changed(expected));
        }
        owner.call("PUT", MEMBER, &[&id, &ada]).ok().await;
        assert_eq!(owner.call("DELETE", TEAM, &[&id]).if_match(&made["version"]).no().await, (412, "stale".into()));
        assert_eq!(owner.call("DELETE", TEAM, &[&id]).ok().await, json!({ "members": 1 }));
        assert_eq!(owner.call("GET", TEAM, &[&id]).no().await, (404, "not-found".into()));
        world.check().await;
    }

    async fn organizations_are_made_changed_filled_and_deleted_by_machine(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (owner, seer) = (Caller::owner(&site).await, Caller::member(&world, &site).await);
        let make = |name: &str, domains: &[&str]| {
            owner.call("POST", ORGANIZATIONS, &[]).body(json!({ "name": name, "domains": domains }))
        };
        let globex = make("Globex", &["@Globex.example", "globex.test"]).ok().await;
        let id = text(&globex["id"]);
        assert_eq!(globex["domains"], json!(["globex.example", "globex.test"]));
        for name in ["Acme", "Zenith"] {
            make(name, &[]).ok().await;
        }
        assert_eq!(make("GLOBEX", &[]).no().await, (409, "organization-name-taken".into()));
        assert_eq!(make("Other", &["globex.test"]).no().await, (409, "domain-taken".into()));
        assert_eq!(make("Other", &["nonsense"]).wrong().await, ["/domains"]);
        let first = seer.get(ORGANIZATIONS, &[], "?limit=2").await;
        assert_eq!(each(&first["organizations"], "name"), ["Acme", "Globex"]);
        let rest = seer.get(ORGANIZATIONS, &[], &format!("?limit=2&after={}", text(&first["next"]))).await;
        assert_eq!((each(&rest["organizations"], "name"), &rest["next"]), (vec![json!("Zenith")], &Value::Null));
        let cal = world.customer_as(&any_name("Cal")).await.person;
        for expected in [true, false] {
            let body = json!({ "organization": id });
            assert_eq!(owner.call("PUT", BELONGS, &[&cal]).body(body).ok().await, changed(expected));
        }
        assert_eq!(seer.get(ORGANIZATION, &[&id], "").await["members"], 1);
        let user = world.member().await.person;
        assert_eq!(owner.call("PUT", BELONGS, &[&user]).no().await, (404, "not-found".into()));
        let edit = |body: Value| owner.call("PATCH", ORGANIZATION, &[&id]).body(body);
        let now = edit(json!({ "domains": ["globex.example"] })).if_match(&globex["version"]).ok().await;
        assert_eq!((&now["name"], &now["domains"]), (&json!("Globex"), &json!(["globex.example"])));
        assert_eq!(edit(json!({ "name": "Gone" })).if_match(&globex["version"]).no().await, (412, "stale".into()));
        assert_eq!(edit(json!({ "name": "New Globex" })).ok().await["domains"], json!(["globex.example"]));
        let no = (403, "administrators-only".to_owned());
        assert_eq!(seer.call("PATCH", ORGANIZATION, &[&id]).no().await, no);
        assert_eq!(seer.call("PUT", BELONGS, &[&cal]).no().await, no);
        let before = world.dump().await;
        let plan = owner.call("DELETE", ORGANIZATION, &[&id]).query("?dry_run=true").ok().await;
        assert!(changed_tables(&before, &world.dump().await).is_empty(), "a dry run changes nothing");
        assert_eq!(owner.call("DELETE", ORGANIZATION, &[&id]).if_match(&globex["version"]).no().await, (412, "stale".into()));
        let done = owner.call("DELETE", ORGANIZATION, &[&id]).ok().await;
        assert_eq!((&done, done.clone()), (&plan, json!({ "members": 1, "domains": ["globex.example"] })));
        assert_eq!(owner.call("GET", ORGANIZATION, &[&id]).no().await, (404, "not-found".into()));
        let none = json!({ "organization": null });
        assert_eq!(owner.call("PUT", BELONGS, &[&cal]).body(none).ok().await, changed(false), "in none");
        assert_eq!(owner.call("PUT", BELONGS, &[&cal]).wrong().await, ["/organization"], "what is not said moves nobody");
        world.check().await;
    }
}
