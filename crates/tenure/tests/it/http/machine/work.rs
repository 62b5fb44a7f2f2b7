//! Items by machine: lists, making, changing, parts.

use serde_json::{Value, json};

use super::{Caller, changed, each, text};
use crate::support::{
    both_engines,
    http::Site,
    world::{World, address, any_name},
};

const ITEMS: &str = "/api/v1/items";
const ITEM: &str = "/api/v1/items/{number}";
const ASSIGNEE: &str = "/api/v1/items/{number}/assignees/{person}";
const FOLLOWER: &str = "/api/v1/items/{number}/followers/{person}";

both_engines! {
    async fn an_item_is_made_read_and_changed_by_machine(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let seer = Caller::member(&world, &site).await;
        let (ada, cal) = (world.member().await.person, world.customer_as(&any_name("Cal")).await.person);
        let project = world.project("Office").await;
        let new = json!({
            "kind": "ticket", "title": "  The printer jams ", "description": "Since **Monday**.", "priority": "high",
            "due": "2031-03-01", "project": project, "requester": cal, "assignees": [ada], "followers": [cal],
            "tags": ["hardware", "#Ink"],
        });
        let page = seer.call("POST", ITEMS, &[]).body(new).send().await;
        let made = page.json();
        let number = made["number"].as_i64().expect("a number");
        assert_eq!((page.status.as_u16(), page.location()), (201, format!("{ITEMS}/{number}").as_str()));
        assert_eq!((&made["title"], &made["status"], &made["arrival"]), (&json!("The printer jams"), &json!("new"), &json!("known")));
        assert_eq!((&made["project"]["name"], &made["requester"]["kind"]), (&json!("Office"), &json!("customer")));
        assert_eq!((each(&made["assignees"], "id"), each(&made["followers"], "id")), (vec![json!(ada)], vec![json!(cal)]));
        assert_eq!(made["tags"], json!(["hardware", "Ink"]));
        let read = seer.call("GET", ITEM, &[&number]).send().await;
        assert_eq!(read.json(), made);
        let tag = read.headers["etag"].to_str().expect("text").to_owned();
        assert_eq!(tag, format!("\"{}\"", made["version"]));

        let edit = |body: Value| seer.call("PATCH", ITEM, &[&number]).body(body);
        let now = edit(json!({ "status": "waiting", "due": null, "project": null, "tags": [] })).if_match(&made["version"]).ok().await;
        assert_eq!((&now["status"], &now["due"], &now["project"], &now["tags"]), (&json!("waiting"), &Value::Null, &Value::Null, &json!([])));
        assert_eq!((&now["title"], &now["priority"], &now["requester"]), (&made["title"], &made["priority"], &made["requester"]), "what is left out stays");
        let before = world.dump().await;
        assert_eq!(edit(json!({ "title": "Other" })).if_match(&made["version"]).no().await, (412, "stale".into()));
        assert_eq!(edit(json!({ "title": " " })).wrong().await, ["/title"]);
        assert_eq!(edit(json!({ "tags": ["a,b"] })).wrong().await, ["/tags"]);
        assert_eq!(edit(json!({ "status": "lost" })).wrong().await, ["/status"]);
        assert_eq!(edit(json!({ "state": "done" })).wrong().await, ["/state"]);
        assert_eq!(seer.call("POST", ITEMS, &[]).body(json!({})).wrong().await, ["/title"]);
        assert_eq!(seer.call("POST", ITEMS, &[]).query("?dry_run=true").body(json!({ "title": "x" })).wrong().await, ["dry_run"]);
        assert_eq!(world.dump().await, before);
        assert_eq!(edit(json!({ "requester": null })).ok().await["requester"], Value::Null);
        assert_eq!(edit(json!({ "kind": "task" })).ok().await["kind"], "task");
        world.check().await;
    }

    async fn items_are_filtered_sorted_and_paged_by_machine(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let name = any_name("Seer");
        let me = world.joined_as(&name, domain::role::Role::Member).await.person;
        let seer = Caller(site.signed_in(&address(&name)).await);
        let mut mine = Vec::new();
        for at in 0..5 {
            let people = if at < 3 { vec![me] } else { Vec::new() };
            let number = world.assigned(&format!("Tap {at}"), &people).await.1;
            if at < 3 {
                mine.push(json!(number));
            }
        }
        seer.call("POST", ITEMS, &[]).body(json!({ "kind": "task", "title": "Order ink" })).ok().await;
        let all = seer.get(ITEMS, &[], "").await;
        assert_eq!(all["count"], json!({ "number": 6, "exact": true }));
        assert!(all["items"][0].get("description").is_none() && all["items"][0].get("followers").is_none(), "{all}");
        assert_eq!(each(&seer.get(ITEMS, &[], "?kind=task").await["items"], "title"), ["Order ink"]);
        assert_eq!(seer.get(ITEMS, &[], "?assignee=none").await["count"]["number"], 3);
        assert_eq!(each(&seer.get(ITEMS, &[], "?q=ink").await["items"], "title"), ["Order ink"]);
        let (mut query, mut numbers, mut pages) = ("?assignee=me&sort=number&dir=asc&limit=2".to_owned(), Vec::new(), 0);
        loop {
            let page = seer.get(ITEMS, &[], &query).await;
            assert_eq!(page["previous"].is_null(), pages == 0);
            numbers.extend(each(&page["items"], "number"));
            pages += 1;
            let Some(next) = page["next"].as_str() else { break };
            query = format!("?assignee=me&sort=number&dir=asc&limit=2&after={next}");
        }
        assert_eq!((numbers, pages), (mine, 2));
        for (query, name) in [("?kind=bug", "kind"), ("?sort=size", "sort"), ("?limit=0", "limit"), ("?after=x", "after"), ("?state=open", "state")] {
            assert_eq!(seer.call("GET", ITEMS, &[]).query(query).wrong().await, [name], "{query}");
        }
    }

    /// Rules 2 and 5.
    async fn rule_05_parts_are_given_and_taken_by_machine_but_nothing_new_to_the_deactivated(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let seer = Caller::member(&world, &site).await;
        let (ada, off) = (world.member().await.person, world.member().await.person);
        let cal = world.customer_as(&any_name("Cal")).await.person;
        let number = world.assigned("A leaking tap", &[off]).await.1;
        world.deactivate(off).await.expect("a deactivation");
        for (path, whom) in [(ASSIGNEE, ada), (FOLLOWER, cal)] {
            for expected in [true, false] {
                assert_eq!(seer.call("PUT", path, &[&number, &whom]).ok().await, changed(expected), "{path}");
            }
        }
        let item = seer.get(ITEM, &[&number], "").await;
        assert_eq!((each(&item["assignees"], "status"), each(&item["followers"], "id")).1, [json!(cal)]);
        assert!(each(&item["assignees"], "status").contains(&json!("deactivated")), "{item}");
        assert_eq!(seer.call("PUT", ASSIGNEE, &[&number, &cal]).no().await, (409, "users-only".into()));
        assert_eq!(seer.call("PUT", FOLLOWER, &[&number, &off]).no().await, (409, "deactivated-gets-nothing-new".into()));
        let requester = json!({ "requester": off });
        assert_eq!(seer.call("PATCH", ITEM, &[&number]).body(requester).no().await, (409, "deactivated-gets-nothing-new".into()));
        for (path, whom) in [(ASSIGNEE, off), (FOLLOWER, cal)] {
            for expected in [true, false] {
                assert_eq!(seer.call("DELETE", path, &[&number, &whom]).ok().await, changed(expected), "{path}");
            }
        }
        assert_eq!(each(&seer.get(ITEM, &[&number], "").await["assignees"], "id"), [json!(ada)]);
        let flag = seer.call("DELETE", "/api/v1/items/{number}/flag", &[&number]).ok().await;
        assert_eq!(flag, changed(false));
        world.check().await;
    }

    /// Invariant 7.
    async fn invariant_7_nothing_of_another_workspace_gets_into_an_item(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(crate::http::OWNER).await;
        let beside = world.beside(5).await;
        crate::http::name_host(&world, world.ws, "a.example").await;
        let owner = Caller(owner.at_host("a.example"));
        let number = world.assigned("A leaking tap", &[]).await.1;
        let (foreign, project) = (beside.member().await.person, beside.project("Secret").await);
        let before = world.dump().await;
        let missing = (404, "not-found".to_owned());
        assert_eq!(owner.call("PUT", ASSIGNEE, &[&number, &foreign]).no().await, missing);
        for body in [json!({ "project": project }), json!({ "requester": foreign })] {
            assert_eq!(owner.call("PATCH", ITEM, &[&number]).body(body).no().await, missing);
        }
        let new = json!({ "title": "x", "assignees": [foreign] });
        assert_eq!(owner.call("POST", ITEMS, &[]).body(new).no().await, missing);
        for query in [format!("?assignee={foreign}"), format!("?project={project}")] {
            assert_eq!(owner.get(ITEMS, &[], &query).await["count"]["number"], 0, "{query}");
        }
        assert_eq!(world.dump().await, before);
        assert!(text(&owner.get(ITEM, &[&number], "").await["title"]).contains("tap"));
    }
}
