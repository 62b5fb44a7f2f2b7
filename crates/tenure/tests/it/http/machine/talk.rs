//! Conversations, files and histories by machine.

use domain::role::Role;
use serde_json::{Value, json};

use super::{Caller, each, text};
use crate::support::{
    both_engines,
    http::Site,
    world::{World, address, any_name},
};

const MESSAGES: &str = "/api/v1/items/{number}/messages";
const HISTORY: &str = "/api/v1/items/{number}/history";

both_engines! {
    async fn a_conversation_is_written_and_read_by_machine(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let seer = Caller::member(&world, &site).await;
        let name = any_name("Ada");
        let ada = world.joined_as(&name, Role::Member).await.person;
        let number = world.assigned("A leaking tap", &[]).await.1;
        let say = |body: Value| seer.call("POST", MESSAGES, &[&number]).body(body);
        let said = say(json!({ "body": format!("Look, @{}.", address(&name)) })).send().await;
        assert_eq!((said.status.as_u16(), &said.json()["mentioned"]), (201, &json!([ada])));
        for at in 0..3 {
            say(json!({ "kind": "note", "body": format!("Note {at}") })).ok().await;
        }
        let first = seer.get(MESSAGES, &[&number], "?limit=3").await;
        assert_eq!(each(&first["messages"], "body"), ["Note 2", "Note 1", "Note 0"]);
        assert_eq!((&first["messages"][0]["kind"], &first["messages"][0]["author_kind"]), (&json!("note"), &json!("user")));
        let next = text(&first["next"]);
        let second = seer.get(MESSAGES, &[&number], &format!("?limit=3&after={next}")).await;
        assert_eq!((each(&second["messages"], "kind"), &second["next"]), (vec![json!("reply")], &Value::Null));
        assert_eq!(each(&second["messages"][0]["mentions"], "id"), [json!(ada)]);
        assert!(text(&second["messages"][0]["body"]).contains(&format!("@[{ada}]")), "{second}");
        let before = world.dump().await;
        assert_eq!(say(json!({ "body": " " })).wrong().await, ["/body"]);
        assert_eq!(say(json!({ "kind": "shout", "body": "x" })).wrong().await, ["/kind"]);
        assert_eq!(seer.call("GET", MESSAGES, &[&number]).query("?after=zz").wrong().await, ["after"]);
        assert_eq!(seer.call("GET", MESSAGES, &[&number]).query("?limit=201").wrong().await, ["limit"]);
        world.deactivate(ada).await.expect("a deactivation");
        let mention = json!({ "body": format!("@{}", address(&name)) });
        assert_eq!(say(mention).no().await, (409, "deactivated-gets-nothing-new".into()));
        let kept = |dump: &crate::support::dump::Dump| dump["messages"].clone();
        assert_eq!(kept(&world.dump().await), kept(&before));
        world.check().await;
    }

    async fn files_go_with_a_message_and_are_fetched_by_machine(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let seer = Caller::member(&world, &site).await;
        let number = world.assigned("A leaking tap", &[]).await.1;
        let path = format!("/api/v1/items/{number}/messages");
        let sent = seer.0.send_form(&path, &[("kind", "note"), ("body", "As seen")], &[("tap.txt", b"drip drip")]).await;
        assert_eq!(sent.status.as_u16(), 201, "{sent:?}");
        let list = seer.get(MESSAGES, &[&number], "").await;
        let file = &list["messages"][0]["attachments"][0];
        assert_eq!((&file["name"], &file["size"], &list["messages"][0]["kind"]), (&json!("tap.txt"), &json!(9), &json!("note")));
        let at = format!("/api/v1/items/{number}/attachments/{}", text(&file["id"]));
        let given = seer.0.get(&at).await;
        assert_eq!((given.text.as_str(), &given.headers["content-type"]), ("drip drip", &"application/octet-stream".parse().expect("a value")));
        assert!(given.headers["content-disposition"].to_str().expect("text").starts_with("attachment;"));
        // Of another item it is not.
        let other = world.assigned("Another", &[]).await.1;
        let at = at.replace(&format!("/items/{number}/"), &format!("/items/{other}/"));
        assert_eq!(seer.0.get(&at).await.status.as_u16(), 404);
        let empty = seer.0.send_form(&path, &[("kind", "note"), ("body", "")], &[]).await;
        assert_eq!(empty.status.as_u16(), 422, "{empty:?}");
    }

    async fn the_history_of_an_item_is_read_by_machine(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let seer = Caller::member(&world, &site).await;
        let ada = world.member().await.person;
        let number = world.assigned("A leaking tap", &[ada]).await.1;
        for status in ["open", "done"] {
            seer.call("PATCH", "/api/v1/items/{number}", &[&number]).body(json!({ "status": status })).ok().await;
        }
        let first = seer.get(HISTORY, &[&number], "?limit=1").await;
        let line = &first["history"][0];
        assert_eq!((&line["field"], &line["before"], &line["after"]), (&json!("status"), &json!("open"), &json!("done")));
        assert_eq!((&line["actor"], &line["by"]["kind"]), (&json!("person"), &json!("user")));
        let next = text(&first["next"]);
        let rest = seer.get(HISTORY, &[&number], &format!("?after={next}")).await;
        let fields = each(&rest["history"], "field");
        assert_eq!((fields.first(), fields.last()), (Some(&json!("status")), Some(&json!("created"))));
        assert_eq!(rest["next"], Value::Null);
        assert_eq!(seer.call("GET", HISTORY, &[&number]).query("?after=1").wrong().await, ["after"]);
    }
}
