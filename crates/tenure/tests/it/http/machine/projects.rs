//! Projects by machine.

use serde_json::{Value, json};

use super::{Caller, changed, each, text};
use crate::support::{
    both_engines,
    http::Site,
    world::{World, any_name},
};

const PROJECTS: &str = "/api/v1/projects";
const PROJECT: &str = "/api/v1/projects/{id}";
const ASSIGNEE: &str = "/api/v1/projects/{id}/assignees/{person}";
const FOLLOWER: &str = "/api/v1/projects/{id}/followers/{person}";

both_engines! {
    async fn projects_are_made_listed_changed_and_archived_by_machine(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let seer = Caller::member(&world, &site).await;
        let make = |name: &str| seer.call("POST", PROJECTS, &[]).body(json!({ "name": name, "description": "Before June." }));
        let page = make("Office").send().await;
        let office = page.json();
        let id = text(&office["id"]);
        assert_eq!((page.status.as_u16(), page.location()), (201, format!("{PROJECTS}/{id}").as_str()));
        for name in ["Archive", "Zoo"] {
            make(name).ok().await;
        }
        assert_eq!(make("office").no().await, (409, "project-name-taken".into()));
        assert_eq!(make("").wrong().await, ["/name"]);
        let first = seer.get(PROJECTS, &[], "?limit=2").await;
        assert_eq!((each(&first["projects"], "name"), &first["count"]["number"]), (vec![json!("Archive"), json!("Office")], &json!(3)));
        let rest = seer.get(PROJECTS, &[], &format!("?limit=2&after={}", text(&first["next"]))).await;
        assert_eq!((each(&rest["projects"], "name"), &rest["next"]), (vec![json!("Zoo")], &Value::Null));
        let edit = |body: Value| seer.call("PATCH", PROJECT, &[&id]).body(body);
        let now = edit(json!({ "name": "New office" })).if_match(&office["version"]).ok().await;
        assert_eq!((&now["name"], &now["description"]), (&json!("New office"), &json!("Before June.")));
        assert_eq!(edit(json!({ "name": "Old office" })).if_match(&office["version"]).no().await, (412, "stale".into()));
        assert_eq!(edit(json!({ "name": "zoo" })).no().await, (409, "project-name-taken".into()));
        assert_eq!(edit(json!({ "state": "archived" })).ok().await["state"], "archived");
        assert_eq!(each(&seer.get(PROJECTS, &[], "?state=archived").await["projects"], "id"), [json!(id)]);
        let into = json!({ "title": "Desks", "project": id });
        assert_eq!(seer.call("POST", "/api/v1/items", &[]).body(into).no().await, (409, "project-archived".into()));
        for (query, name) in [("?state=lost", "state"), ("?after=1", "after"), ("?limit=x", "limit"), ("?q=x", "q")] {
            assert_eq!(seer.call("GET", PROJECTS, &[]).query(query).wrong().await, [name], "{query}");
        }
        world.check().await;
    }

    /// Rules 2 and 5.
    async fn rule_05_parts_in_projects_are_given_and_taken_by_machine(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let seer = Caller::member(&world, &site).await;
        let id = world.project("Office").await;
        let (ada, off) = (world.member().await.person, world.deactivated().await.person);
        let cal = world.customer_as(&any_name("Cal")).await.person;
        for (path, whom) in [(ASSIGNEE, ada), (FOLLOWER, cal)] {
            for expected in [true, false] {
                assert_eq!(seer.call("PUT", path, &[&id, &whom]).ok().await, changed(expected), "{path}");
            }
        }
        let project = seer.get(PROJECT, &[&id], "").await;
        assert_eq!((each(&project["assignees"], "id"), each(&project["followers"], "id")), (vec![json!(ada)], vec![json!(cal)]));
        assert_eq!(seer.call("PUT", ASSIGNEE, &[&id, &off]).no().await, (409, "deactivated-gets-nothing-new".into()));
        assert_eq!(seer.call("PUT", ASSIGNEE, &[&id, &cal]).no().await, (409, "users-only".into()));
        world.deactivate(ada).await.expect("a deactivation");
        for (path, whom) in [(ASSIGNEE, ada), (FOLLOWER, cal)] {
            for expected in [true, false] {
                assert_eq!(seer.call("DELETE", path, &[&id, &whom]).ok().await, changed(expected), "{path}");
            }
        }
        let project = seer.get(PROJECT, &[&id], "").await;
        assert_eq!((&project["assignees"], &project["followers"]), (&json!([]), &json!([])));
        world.check().await;
    }
}
