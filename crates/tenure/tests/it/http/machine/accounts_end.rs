//! Going and turning, by machine: deletion, conversion, sessions, undo.

use domain::role::Role;
use serde_json::{Value, json};

use super::{Caller, text};
use crate::support::{
    both_engines,
    http::Site,
    world::{PASSWORD, World, address, any_name, changed_tables},
};

const USER: &str = "/api/v1/users/{id}";
const DELETION: &str = "/api/v1/users/{id}/deletion";
const DELETION_OF_CUSTOMER: &str = "/api/v1/customers/{id}/deletion";
const CONVERSION: &str = "/api/v1/customers/{id}/conversion";
const SESSIONS: &str = "/api/v1/users/{id}/sessions";
const UNDO: &str = "/api/v1/undo/{step}";

both_engines! {
    /// Rule 7; ASVS 5.0 7.5.1.
    async fn rule_07_a_deletion_by_machine_is_counted_and_confirmed(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        let name = any_name("Goer");
        let goer = world.joined_as(&name, Role::Member).await.person;
        let number = world.assigned("A leaking tap", &[goer]).await.1;
        let delete = |body: Value| owner.call("POST", DELETION, &[&goer]).body(body);
        let before = world.dump().await;
        let plan = delete(json!({})).query("?dry_run=true").ok().await;
        assert_eq!((&plan["held"]["assigned"], &plan["license_freed"]), (&json!(1), &json!(true)));
        let email = address(&name);
        assert_eq!(delete(json!({ "email": email })).wrong().await, ["/password"]);
        assert_eq!(delete(json!({ "email": email, "password": "not my password" })).no().await, (422, "wrong-password".into()));
        assert_eq!(delete(json!({ "email": "x@acme.example", "password": PASSWORD })).no().await, (422, "confirmation-mismatch".into()));
        let right = json!({ "email": email, "password": PASSWORD });
        assert_eq!(delete(right.clone()).if_match(99).no().await, (412, "stale".into()));
        assert!(changed_tables(&before, &world.dump().await).is_empty(), "nothing was done");
        assert_eq!(delete(right).ok().await, plan);
        assert_eq!(owner.call("GET", USER, &[&goer]).no().await, (404, "not-found".into()));
        assert_eq!(owner.get("/api/v1/items/{number}", &[&number], "").await["assignees"], json!([]));
        let cal = world.customer_as("Cal Customer").await.person;
        let body = json!({ "email": address("Cal Customer"), "password": PASSWORD });
        assert_eq!(owner.call("POST", DELETION_OF_CUSTOMER, &[&cal]).body(body).ok().await["license_freed"], false);
        let admin = world.administrator().await.person;
        for (whom, problem) in [(world.owner.person, "delete-owner"), (admin, "delete-administrator")] {
            assert_eq!(owner.call("POST", DELETION, &[&whom]).query("?dry_run=true").no().await, (409, problem.into()));
        }
        world.check().await;
    }

    async fn a_customer_is_made_a_user_by_machine_with_a_license(store: Store) {
        let world = World::new(store, 1).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        let cal = world.customer_as(&any_name("Cal")).await.person;
        let convert = |body: Value| owner.call("POST", CONVERSION, &[&cal]).body(body);
        assert_eq!(convert(json!({})).no().await, (409, "licenses-exhausted".into()));
        let before = world.dump().await;
        let plan = convert(json!({ "add_license": true })).query("?dry_run=true").ok().await;
        assert!(changed_tables(&before, &world.dump().await).is_empty(), "a dry run changes nothing");
        let done = convert(json!({ "add_license": true })).if_match(&plan["version"]).ok().await;
        assert_eq!((&plan["added_licenses"], &done["added_licenses"], &done["used"]), (&json!(1), &json!(1), &json!(2)));
        assert_eq!(owner.get(USER, &[&cal], "").await["role"], "member");
        assert_eq!(convert(json!({})).no().await, (404, "not-found".into()), "they are no customer any more");
        world.check().await;
    }

    /// ASVS 5.0 7.4.5.
    async fn sessions_are_listed_and_ended_by_machine(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (owner, seer) = (Caller::owner(&site).await, Caller::member(&world, &site).await);
        let name = any_name("Ada");
        let ada = world.joined_as(&name, Role::Member).await.person;
        let open = Caller(site.signed_in(&address(&name)).await);
        let list = owner.get(SESSIONS, &[&ada], "").await;
        assert_eq!(list["sessions"].as_array().map(Vec::len), Some(2), "{list}");
        assert_eq!(seer.call("GET", SESSIONS, &[&ada]).no().await, (403, "administrators-only".into()));
        assert_eq!(owner.call("DELETE", SESSIONS, &[&ada]).ok().await, json!({ "ended": 2 }));
        assert_eq!(open.call("GET", "/api/v1/me", &[]).no().await, (401, "not-signed-in".into()));
        assert_eq!(owner.call("DELETE", SESSIONS, &[&ada]).ok().await, json!({ "ended": 0 }));
        let cal = world.customer_as(&any_name("Cal")).await.person;
        let path = "/api/v1/customers/{id}/sessions";
        assert_eq!(owner.get(path, &[&cal], "").await["sessions"].as_array().map(Vec::len), Some(1));
        assert_eq!(owner.call("DELETE", path, &[&cal]).ok().await, json!({ "ended": 1 }));
    }

    /// Product.md section 3, 4.
    async fn a_step_is_undone_by_machine_once(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (owner, seer) = (Caller::owner(&site).await, Caller::member(&world, &site).await);
        let ada = world.member().await.person;
        let receipt = owner.call("POST", "/api/v1/users/{id}/deactivation", &[&ada]).ok().await;
        let step = text(&receipt["undo"]);
        assert_eq!(seer.call("POST", UNDO, &[&step]).no().await, (403, "administrators-only".into()));
        let undone = owner.call("POST", UNDO, &[&step]).ok().await;
        assert_eq!((&undone["activated"], &undone["deactivated"]), (&json!([ada]), &json!([])));
        assert_eq!(owner.get(USER, &[&ada], "").await["status"], "active");
        assert_eq!(owner.call("POST", UNDO, &[&step]).no().await, (409, "undone-already".into()));
        let receipt = owner.call("POST", "/api/v1/users/{id}/deactivation", &[&ada]).ok().await;
        world.later(std::time::Duration::from_mins(11));
        let late = owner.call("POST", UNDO, &[&text(&receipt["undo"])]).no().await;
        assert_eq!(late, (409, "undo-too-late".into()));
        world.check().await;
    }
}
