//! Many people at once by machine: changes, imports, exports.

use std::time::Duration;

use domain::role::Role;
use reqwest::Method;
use serde_json::{Value, json};
use tenure::ops::bulk;
use tokio::time::timeout;

use super::{Caller, each, text};
use crate::{
    http::openapi::check_answer,
    support::{
        both_engines,
        http::{Page, Site},
        world::{PASSWORD, World, address, any_name, changed_tables},
    },
};

const BULK: &str = "/api/v1/users/bulk";
const BATCH: &str = "/api/v1/bulk/{id}";
const PEOPLE: &str = "/api/v1/bulk/{id}/people";
const STATE: &str = "/api/v1/bulk/{id}/state";
const UNDO: &str = "/api/v1/bulk/{id}/undo";
const IMPORT: &str = "/api/v1/users/import";

/// Sends a CSV file.
async fn import(caller: &Caller, query: &str, csv: &str) -> Page {
    let request = caller.0.request(Method::POST, &format!("{IMPORT}{query}"));
    let page = caller.0.send(request.header("content-type", "text/csv").body(csv.to_owned())).await;
    check_answer("post", IMPORT, &page);
    page
}

both_engines! {
    /// Product.md section 3, 1 and 4.
    async fn many_people_are_changed_as_the_dry_run_said_and_changed_back(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (owner, seer) = (Caller::owner(&site).await, Caller::member(&world, &site).await);
        let (ada, ben, off) = (world.member().await.person, world.member().await.person, world.deactivated().await.person);
        let nobody = "0196aaaa-0000-7000-8000-000000000000";
        let cal = world.customer_as(&any_name("Cal")).await.person;
        let body = json!({ "ids": [ada, ben, off, world.owner.person, cal, nobody], "deed": "deactivate", "reason": "Contract ended" });
        let change = |query: &str, body: &Value| owner.call("POST", BULK, &[]).query(query).body(body.clone());
        let before = world.dump().await;
        // A variable that was not set is not everybody, nor is "one of them".
        for (matching, says) in [("", "view=all"), (" ", "view=all"), ("view=active&limit=1", "limit"), ("nope=1", "nope")] {
            let some = json!({ "matching": matching, "deed": "deactivate" });
            assert_eq!(change("?dry_run=true", &some).wrong().await, ["/matching"], "{matching:?}");
            let words = change("?dry_run=true", &some).send().await.json()["errors"][0]["detail"].to_string();
            assert!(words.contains(says), "{words}");
        }
        let plan = change("?dry_run=true", &body).ok().await;
        assert!(changed_tables(&before, &world.dump().await).is_empty(), "a dry run changes nothing");
        let sums = |of: &Value| (of["changed"].clone(), of["unchanged"].clone(), of["skipped"].clone());
        assert_eq!(sums(&plan["totals"]), (json!(2), json!(1), json!(1)));
        let mut outcomes: Vec<String> = each(&plan["people"], "outcome").iter().map(text).collect();
        outcomes.sort();
        assert_eq!(outcomes, ["changed", "changed", "not-found", "not-found", "skipped", "unchanged"]);
        let skipped = plan["people"].as_array().expect("people").iter().find(|one| one["outcome"] == "skipped").expect("one");
        assert_eq!((&skipped["id"], &skipped["refusal"]), (&json!(world.owner.person), &json!("deactivate-owner")));
        let page = change("", &body).send().await;
        let begun = page.json();
        let id = text(&begun["batch"]["id"]);
        assert_eq!((page.status.as_u16(), page.location()), (202, format!("/api/v1/bulk/{id}").as_str()));
        assert_eq!((&begun["batch"]["state"], sums(&begun["batch"])), (&json!("finished"), (json!(2), json!(1), json!(1))));
        assert_eq!(begun["not_found"].as_array().map(Vec::len), Some(2));
        let first = owner.get(PEOPLE, &[&id], "?limit=3").await;
        let rest = owner.get(PEOPLE, &[&id], &format!("?limit=3&after={}", text(&first["next"]))).await;
        assert_eq!((first["people"].as_array().map(Vec::len), rest["people"].as_array().map(Vec::len), &rest["next"]), (Some(3), Some(1), &Value::Null));
        let user = owner.get("/api/v1/users/{id}", &[&ada], "").await;
        assert_eq!((&user["status"], &user["account"]["reason"]), (&json!("deactivated"), &json!("Contract ended")));
        assert_eq!(each(&owner.get("/api/v1/bulk", &[], "").await["batches"], "id"), [json!(id)]);
        let back = owner.call("POST", UNDO, &[&id]).ok().await["batch"].clone();
        assert_eq!((&back["deed"], &back["changed"]), (&json!("undo"), &json!(2)));
        assert_eq!(owner.get(BATCH, &[&id], "").await["undone_by"], back["id"]);
        assert_eq!(owner.get("/api/v1/users/{id}", &[&ada], "").await["status"], "active");
        assert_eq!(owner.call("POST", UNDO, &[&id]).no().await, (409, "undone-already".into()));
        assert_eq!(owner.call("PUT", STATE, &[&id]).body(json!({ "state": "cancelled" })).no().await, (409, "batch-is".into()));
        assert_eq!(owner.call("PUT", STATE, &[&id]).wrong().await, ["/state"]);
        assert_eq!(seer.call("POST", BULK, &[]).body(body).no().await, (403, "administrators-only".into()));
        world.check().await;
    }

    /// It would be done anyway, but only when the job next looks.
    async fn what_is_left_after_the_answer_is_told_to_the_job_at_once(store: Store) {
        let world = World::new(store, 300).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        let crowd = world.crowd(bulk::CHUNK + 10).await;
        let told = async || timeout(Duration::ZERO, world.app.begun.notified()).await.is_ok();
        for (of, state, is_told) in [(&crowd[..2], "finished", false), (&crowd[2..], "running", true)] {
            let body = json!({ "ids": of, "deed": "activate" });
            let begun = owner.call("POST", BULK, &[]).body(body).ok().await;
            assert_eq!((&begun["batch"]["state"], told().await), (&json!(state), is_told));
        }
    }

    async fn each_deed_on_many_people_has_its_own_fields(store: Store) {
        let world = World::new(store, 4).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        let (one, two) = (world.deactivated().await.person, world.deactivated().await.person);
        world.member().await;
        world.member().await;
        let team = world.team("Support").await;
        let change = |body: Value| owner.call("POST", BULK, &[]).body(body);
        let both = json!([one, two]);
        assert_eq!(change(json!({ "ids": both, "deed": "activate" })).no().await, (409, "licenses-exhausted".into()));
        let done = change(json!({ "ids": both, "deed": "activate", "add_licenses": true })).ok().await["batch"].clone();
        assert_eq!((&done["changed"], &done["added_licenses"]), (&json!(2), &json!(1)));
        assert_eq!(change(json!({ "ids": both, "deed": "join-team", "team": team })).ok().await["batch"]["changed"], 2);
        let matching = format!("team={team}");
        assert_eq!(change(json!({ "matching": matching, "deed": "leave-team", "team": team })).ok().await["batch"]["changed"], 2);
        assert_eq!(change(json!({ "ids": [one], "deed": "role", "role": "administrator" })).ok().await["batch"]["changed"], 1);
        let gone = json!({ "ids": both, "deed": "delete", "count": 2, "password": PASSWORD });
        assert_eq!(change(gone).no().await, (409, "count-mismatch".into()), "an administrator is skipped");
        assert_eq!(change(json!({ "ids": [two], "deed": "delete", "count": 1 })).wrong().await, ["/password"]);
        assert_eq!(change(json!({ "ids": [two], "deed": "delete", "count": 1, "password": "not mine" })).no().await, (422, "wrong-password".into()));
        let plan = change(json!({ "ids": [two], "deed": "delete" })).query("?dry_run=true").ok().await;
        let gone = json!({ "ids": [two], "deed": "delete", "count": 1, "password": PASSWORD, "fingerprint": plan["fingerprint"] });
        assert_eq!(change(gone).ok().await["batch"]["changed"], 1);
        assert!(world.found(two).await.is_none());
        let stale = json!({ "ids": [one], "deed": "deactivate", "fingerprint": plan["fingerprint"] });
        assert_eq!(change(stale).no().await, (409, "stale".into()));
        for (body, field) in [
            (json!({ "deed": "activate" }), "/ids"),
            (json!({ "ids": [one], "matching": "", "deed": "activate" }), "/ids"),
            (json!({ "ids": [one] }), "/deed"),
            (json!({ "ids": [one], "deed": "sing" }), "/deed"),
            (json!({ "ids": [one], "deed": "join-team" }), "/team"),
            (json!({ "ids": [one], "deed": "role" }), "/role"),
            (json!({ "matching": "sort=size", "deed": "activate" }), "/matching"),
        ] {
            assert_eq!(change(body.clone()).wrong().await, [field], "{body}");
        }
        let globex = world.organization("Globex", "").await;
        let cal = world.customer_as(&any_name("Cal")).await.person;
        let moved = json!({ "ids": [cal], "deed": "organization", "organization": globex });
        let moved = owner.call("POST", "/api/v1/customers/bulk", &[]).body(moved).ok().await;
        assert_eq!((&moved["batch"]["changed"], &moved["batch"]["kind"]), (&json!(1), &json!("customer")));
        world.check().await;
    }

    async fn the_brake_stops_a_change_of_many_by_machine(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let owner = Caller::owner(&site).await;
        let mut ids = Vec::new();
        for _ in 0..6 {
            ids.push(world.member().await.person);
        }
        let body = |past: bool| json!({ "ids": ids, "deed": "deactivate", "past_brake": past });
        let change = |body: Value| owner.call("POST", BULK, &[]).body(body);
        let plan = change(body(false)).query("?dry_run=true").ok().await;
        assert_eq!(plan["brake"], json!({ "limit": 5, "recent": 0, "passes": true }));
        assert_eq!(change(body(false)).no().await, (409, "brake-would-pass".into()));
        assert_eq!(change(body(true)).ok().await["batch"]["changed"], 6);
    }

    async fn people_are_imported_from_csv_by_machine(store: Store) {
        let world = World::new(store, 4).await;
        let site = Site::of(&world).await;
        let (owner, seer) = (Caller::owner(&site).await, Caller::member(&world, &site).await);
        let csv = "Nom,E-Mail,Shoe\nUlla,ulla@acme.example,43\n,nobody@acme.example,\n";
        let maps = "map=Nom=Name&map=E-Mail=Email";
        let before = world.dump().await;
        let checked = import(&owner, &format!("?dry_run=true&skip_bad=true&{maps}"), csv).await.json();
        assert_eq!((&checked["outcome"], &checked["report"]["new"], &checked["report"]["bad"]), (&json!("checked"), &json!(1), &json!(1)));
        assert_eq!((&checked["ignored_columns"], &checked["bad_rows"][0]["line"]), (&json!(["Shoe"]), &json!(3)));
        let page = import(&owner, &format!("?{maps}"), csv).await;
        assert_eq!((page.status.as_u16(), crate::http::problem(&page).as_str()), (422, "rows-not-right"), "what did nothing is no success");
        assert_eq!(page.json()["errors"][0]["line"], 3);
        assert!(changed_tables(&before, &world.dump().await).is_empty(), "nothing is done");
        let done = import(&owner, &format!("?skip_bad=true&{maps}"), csv).await.json();
        assert_eq!((&done["outcome"], &done["report"]["licenses_taken"]), (&json!("done"), &json!(1)));
        let found = owner.get("/api/v1/users", &[], "?q=ulla").await;
        assert_eq!(each(&found["users"], "email"), ["ulla@acme.example"]);
        let two = "Name,Email\nEva,eva@acme.example\nIda,ida@acme.example\n";
        let short = import(&owner, "?dry_run=true", two).await.json();
        assert_eq!((&short["outcome"], &short["report"]["licenses_missing"]), (&json!("checked"), &json!(1)));
        let page = import(&owner, "", two).await;
        let problem = (page.status.as_u16(), crate::http::problem(&page));
        assert_eq!((problem, &page.json()["needed"]), ((409, "licenses-exhausted".into()), &json!(2)));
        assert_eq!(import(&owner, "?licenses=5", two).await.json()["outcome"], "done");
        assert_eq!(import(&owner, "", "Shoe\n43\n").await.json()["errors"][0]["pointer"], "/file");
        assert_eq!(import(&owner, "?map=Nom", two).await.json()["errors"][0]["parameter"], "map");
        assert_eq!(import(&owner, "?dry_run=yes", two).await.json()["errors"][0]["parameter"], "dry_run");
        let no = import(&seer, "", two).await;
        assert_eq!(crate::http::problem(&no), "administrators-only");
        let plain = owner.0.send(owner.0.request(Method::POST, IMPORT).header("content-type", "text/plain").body(two)).await;
        assert_eq!(plain.status.as_u16(), 415);
        world.check().await;
    }

    async fn people_are_exported_by_machine_as_each_may_see_them(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (owner, seer) = (Caller::owner(&site).await, Caller::member(&world, &site).await);
        let name = any_name("Goer");
        let goer = world.joined_as(&name, Role::Member).await.person;
        world.deactivate(goer).await.expect("a deactivation");
        let (all, some) = (owner.0.get("/api/v1/users.csv?view=deactivated").await, seer.0.get("/api/v1/users.csv?view=deactivated").await);
        let line = address(&name);
        assert!(all.text.contains(&line) && some.text.contains(&line), "{all:?} {some:?}");
        assert!(all.text.contains("Last Login") && !some.text.contains("Last Login"), "{all:?} {some:?}");
        assert!(all.headers["content-type"].to_str().expect("text").starts_with("text/csv"));
        assert_eq!(owner.0.get("/api/v1/users.csv?size=9").await.status.as_u16(), 422);
        assert_eq!(owner.0.get("/api/v1/customers.csv").await.status.as_u16(), 200);
        let data = owner.0.get(&format!("/api/v1/users/{goer}/data")).await;
        assert_eq!((data.status.as_u16(), &data.headers["content-type"]), (200, &"application/zip".parse().expect("a value")));
        assert_eq!(owner.0.get(&format!("/api/v1/customers/{goer}/data")).await.status.as_u16(), 404);
        assert_eq!(seer.0.get(&format!("/api/v1/users/{goer}/data")).await.status.as_u16(), 403);
    }
}
