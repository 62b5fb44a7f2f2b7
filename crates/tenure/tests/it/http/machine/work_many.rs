//! Many items at once, handovers and the search, by machine.

use serde_json::{Value, json};

use super::{Caller, each, text};
use crate::support::{
    both_engines,
    http::Site,
    world::{World, changed_tables},
};

const BULK: &str = "/api/v1/items/bulk";
const HANDOVERS: &str = "/api/v1/handovers";
const HANDOVER: &str = "/api/v1/handovers/{id}";

both_engines! {
    async fn many_items_change_as_the_dry_run_said_and_each_is_reported(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let seer = Caller::member(&world, &site).await;
        let ada = world.member().await.person;
        let mut numbers = Vec::new();
        for at in 0..3 {
            let people = if at == 0 { vec![ada] } else { Vec::new() };
            numbers.push(world.assigned("A leaking tap", &people).await.1);
        }
        let body = json!({ "items": [numbers[0], numbers[1], numbers[2], 9_999, 9_999], "assign": ada });
        let change = |query: &str, body: &Value| seer.call("POST", BULK, &[]).query(query).body(body.clone());
        let before = world.dump().await;
        let plan = change("?dry_run=true", &body).ok().await;
        assert!(changed_tables(&before, &world.dump().await).is_empty(), "a dry run changes nothing");
        let done = change("", &body).ok().await;
        assert_eq!(plan, done);
        assert_eq!((&done["changed"], &done["unchanged"], &done["stopped"]), (&json!(2), &json!(1), &Value::Null));
        assert_eq!(each(&done["items"], "result"), ["unchanged", "changed", "changed", "not-found"]);
        let again = change("", &body).ok().await;
        assert_eq!((&again["changed"], &again["unchanged"]), (&json!(0), &json!(3)));
        let all = change("", &json!({ "matching": "assignee=me", "status": "done" })).ok().await;
        assert_eq!(all["changed"], 0, "me is whoever calls");
        let all = change("", &json!({ "matching": format!("assignee={ada}"), "status": "done" })).ok().await;
        assert_eq!(all["changed"], 3);
        let freed = change("", &json!({ "items": numbers, "unassign": null })).ok().await;
        assert_eq!(freed["changed"], 3);
        let off = world.deactivated().await.person;
        assert_eq!(change("", &json!({ "items": numbers, "assign": off })).no().await, (409, "deactivated-gets-nothing-new".into()));
        for (body, field) in [
            (json!({ "items": numbers }), "/status"),
            (json!({ "items": numbers, "status": "done", "assign": ada }), "/status"),
            (json!({ "status": "done" }), "/items"),
            (json!({ "items": numbers, "matching": "", "status": "done" }), "/items"),
            (json!({ "items": vec![1; 2_001], "status": "done" }), "/items"),
            (json!({ "matching": "sort=size", "status": "done" }), "sort"),
        ] {
            assert_eq!(change("", &body).wrong().await, [field], "{body}");
        }
        world.check().await;
    }

    async fn a_handover_is_previewed_done_and_taken_back_by_machine(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let seer = Caller::member(&world, &site).await;
        let (ada, ben, team) = (world.member().await.person, world.member().await.person, world.team("Support").await);
        world.join(team, ben).await.expect("a member");
        let one = world.assigned("One", &[ada]).await.1;
        world.assigned("Two", &[ada]).await;
        world.deactivate(ada).await.expect("a deactivation");
        let hand = |query: &str, body: Value| seer.call("POST", HANDOVERS, &[]).query(query).body(body);
        let before = world.dump().await;
        let plan = hand("?dry_run=true", json!({ "from": ada, "team": team })).ok().await;
        assert_eq!((&plan["items"], &plan["shares"], &plan["id"]), (&json!(2), &json!([{ "person": ben, "items": 2 }]), &Value::Null));
        assert!(changed_tables(&before, &world.dump().await).is_empty(), "a dry run changes nothing");
        let old = json!({ "from": ada, "to": ben, "items": [one], "fingerprint": plan["fingerprint"] });
        assert_eq!(hand("", old).no().await, (409, "stale".into()));
        let page = hand("", json!({ "from": ada, "team": team, "fingerprint": plan["fingerprint"] })).send().await;
        let id = text(&page.json()["id"]);
        assert_eq!((page.status.as_u16(), page.location()), (201, format!("{HANDOVERS}/{id}").as_str()));
        assert_eq!(world.holds(ben).await.assigned, 2);
        assert_eq!(hand("", json!({ "from": ada, "to": ben })).send().await.status.as_u16(), 200, "nothing is left");
        let undone = seer.call("DELETE", HANDOVER, &[&id]).ok().await;
        assert_eq!((undone, world.holds(ada).await.assigned), (json!({ "items": 2, "skipped": 0 }), 2));
        assert_eq!(seer.call("DELETE", HANDOVER, &[&id]).no().await, (409, "undone-already".into()));
        assert_eq!(hand("", json!({ "from": ben, "to": ada })).no().await, (409, "deactivated-gets-nothing-new".into()));
        assert_eq!(hand("", json!({ "from": ben, "to": ben })).no().await, (409, "nobody-to-receive".into()));
        assert_eq!(hand("", json!({ "to": ben })).wrong().await, ["/from"]);
        assert_eq!(hand("", json!({ "from": ben, "to": ben, "team": team })).wrong().await, ["/to"]);
        world.check().await;
    }

    async fn everything_is_searched_by_machine(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let seer = Caller::member(&world, &site).await;
        let (id, number) = world.assigned("The boiler hums", &[]).await;
        for at in 0..25 {
            let text = format!("The boiler again, {at}");
            world.say(world.ctx(), id, domain::item::MessageKind::Note, &text).await.expect("a message");
        }
        let found = seer.get("/api/v1/search", &[], "?q=boiler").await;
        assert_eq!(each(&found["items"]["items"], "number"), [json!(number)]);
        assert_eq!((found["texts"].as_array().map(Vec::len), &found["texts"][0]["hit"]), (Some(20), &json!("boiler")));
        let rest = seer.get("/api/v1/search", &[], &format!("?q=boiler&after={}", text(&found["next"]))).await;
        assert_eq!((rest["texts"].as_array().map(Vec::len), &rest["next"]), (Some(5), &Value::Null));
        let people = seer.get("/api/v1/search", &[], "?q=olga").await;
        assert_eq!(each(&people["users"]["people"], "email"), [json!(crate::http::OWNER)]);
        assert_eq!(seer.get("/api/v1/search", &[], &format!("?q=%23{number}")).await["numbered"]["number"], number);
        assert_eq!(seer.get("/api/v1/search", &[], "?q=bo").await["too_short"], true);
        assert_eq!(seer.call("GET", "/api/v1/search", &[]).query("?q=x&after=y").wrong().await, ["after"]);
    }
}
