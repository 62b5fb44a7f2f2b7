//! Articles of the help centre, and requests that are held.

use serde_json::{Value, json};

use super::{Caller, changed, each, text};
use crate::support::{both_engines, http::Site, world::World};

const ARTICLES: &str = "/api/v1/articles";
const ARTICLE: &str = "/api/v1/articles/{id}";
const STEP: &str = "/api/v1/articles/{id}/step";
const HELD: &str = "/api/v1/requests/held";
const ACCEPTANCE: &str = "/api/v1/requests/held/{id}/acceptance";

both_engines! {
    async fn articles_are_begun_changed_moved_and_deleted_by_machine(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let seer = Caller::member(&world, &site).await;
        let begin = |title: &str| {
            let body = json!({ "section": "Invoices", "title": title, "body": "Open **Orders**." });
            seer.call("POST", ARTICLES, &[]).body(body)
        };
        let page = begin("Where to find an invoice").send().await;
        let first = page.json();
        let id = text(&first["id"]);
        assert_eq!((page.status.as_u16(), page.location()), (201, format!("/api/v1/articles/{id}").as_str()));
        assert_eq!((&first["state"], &first["slug"]), (&json!("draft"), &json!("where-to-find-an-invoice")));
        assert_eq!(begin(" ").wrong().await, ["/title"]);
        let second = text(&begin("How to pay").send().await.json()["id"]);
        let list = seer.get(ARTICLES, &[], "").await;
        assert_eq!(each(&list["articles"], "id"), [json!(id), json!(second)]);
        assert_eq!(each(&list["articles"], "body"), [Value::Null, Value::Null], "a list is without texts");

        let edit = |body: Value| seer.call("PATCH", ARTICLE, &[&id]).body(body);
        let now = edit(json!({ "state": "published" })).if_match(&first["version"]).ok().await;
        assert_eq!((&now["state"], &now["body"]), (&json!("published"), &json!("Open **Orders**.")));
        assert_eq!(edit(json!({ "title": "Late" })).if_match(&first["version"]).no().await, (412, "stale".into()));
        assert_eq!(edit(json!({ "body": null })).wrong().await, ["/body"]);
        assert_eq!(edit(json!({ "state": "hidden" })).wrong().await, ["/state"]);

        let step = |id: &str, way: &str| seer.call("POST", STEP, &[&id.to_owned()]).body(json!({ "way": way }));
        assert_eq!(step(&id, "up").ok().await, changed(false), "it is the first");
        assert_eq!(step(&id, "down").ok().await, changed(true));
        assert_eq!(each(&seer.get(ARTICLES, &[], "").await["articles"], "id"), [json!(second), json!(id)]);
        assert_eq!(seer.call("POST", STEP, &[&id]).wrong().await, ["/way"]);

        let delete = || seer.call("DELETE", ARTICLE, &[&id]);
        assert_eq!(delete().if_match(99).no().await, (412, "stale".into()));
        assert_eq!(delete().send().await.status.as_u16(), 204);
        assert_eq!(seer.call("GET", ARTICLE, &[&id]).no().await, (404, "not-found".into()));
        world.check().await;
    }

    async fn rule_08_a_held_request_becomes_a_ticket_or_goes_by_machine(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let (owner, seer) = (Caller::owner(&site).await, Caller::member(&world, &site).await);
        let (one, other) = (world.held_request().await, world.held_request().await);
        let list = owner.get(HELD, &[], "?limit=1").await;
        let rest = owner.get(HELD, &[], &format!("?limit=1&after={}", text(&list["next"]))).await;
        let mut ids = [each(&list["requests"], "id"), each(&rest["requests"], "id")].concat();
        ids.sort_by_key(text);
        let mut both = [json!(one), json!(other)];
        both.sort_by_key(text);
        assert_eq!((ids.as_slice(), &rest["next"]), (both.as_slice(), &Value::Null));
        assert_eq!(list["requests"][0]["person"]["status"], "deactivated");
        let page = owner.call("POST", ACCEPTANCE, &[&one]).send().await;
        let number = page.json()["number"].clone();
        assert_eq!((page.status.as_u16(), page.location()), (201, format!("/api/v1/items/{number}").as_str()));
        let item = owner.get("/api/v1/items/{number}", &[&number], "").await;
        assert_eq!(item["requester"]["status"], "deactivated", "whatever their status is by now");
        assert_eq!(owner.call("POST", ACCEPTANCE, &[&one]).no().await, (404, "not-found".into()), "it is a ticket by now");
        assert_eq!(owner.call("DELETE", "/api/v1/requests/held/{id}", &[&other]).send().await.status.as_u16(), 204);
        assert_eq!(each(&owner.get(HELD, &[], "").await["requests"], "id"), Vec::<Value>::new());
        assert_eq!(seer.call("GET", HELD, &[]).no().await, (403, "administrators-only".into()));
        world.check().await;
    }
}
