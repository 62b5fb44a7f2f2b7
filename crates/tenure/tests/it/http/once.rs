//! A request with an `Idempotency-Key` is done once.

use std::sync::Arc;

use domain::role::Role;
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tenure::{
    rate::Rate,
    store::answers::{self, Answer, Key, Mark},
};

use super::OWNER;
use crate::support::{
    both_engines,
    http::{Browser, Page, Site},
    world::{World, address, any_name},
};

const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

async fn post(browser: &Browser, path: &str, key: &str, body: &Value) -> Page {
    browser.send(browser.request(Method::POST, path).header("idempotency-key", key).json(body)).await
}

async fn invite(browser: &Browser, key: &str, name: &str) -> Page {
    post(browser, "/api/v1/users", key, &json!({"name": name, "email": address(name)})).await
}

fn is_repeat(page: &Page) -> bool {
    page.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
}

fn problem(page: &Page) -> String {
    page.json()["type"].as_str().unwrap_or_default().trim_start_matches("/problems/").to_owned()
}

/// The kept answers, as a server that ended before it kept them would have left them.
async fn lose_answers(world: &World, acted: bool) {
    let acted = if acted { "" } else { ", acted = false" };
    world.by_hand(format!("update answers set status = null, head = null, body = null{acted}")).await;
}

both_engines! {
    async fn a_repeat_is_answered_as_the_first_time_but_for_secrets(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let name = any_name("Mia");
        let first = invite(&owner, KEY, &name).await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
        assert!(!is_repeat(&first) && first.json()["link"].is_string());
        let second = invite(&owner, &format!("\"{KEY}\""), &name).await;
        assert!(is_repeat(&second), "{}", second.text);
        assert_eq!((second.status, second.location()), (first.status, first.location()));
        let mut expected = first.json();
        expected["link"] = Value::Null;
        assert_eq!(second.json(), expected);
        assert!(!world.dump().await["answers"].join("").contains("/join/"), "no link is kept");

        // What shows no secret is the same byte for byte, and was done once.
        let team = json!({"name": "Night shift"});
        let made = post(&owner, "/api/v1/teams", "another", &team).await;
        let again = post(&owner, "/api/v1/teams", "another", &team).await;
        assert_eq!((made.status, &made.text), (again.status, &again.text));
        assert_eq!(made.headers["location"], again.headers["location"]);
        let teams = owner.get("/api/v1/teams").await.json();
        assert_eq!(teams["teams"].as_array().expect("a list").len(), 1, "{teams}");
    }

    async fn a_key_belongs_to_one_request_and_one_bearer(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let (mia, noa) = (any_name("Mia"), any_name("Noa"));
        assert_eq!(invite(&owner, KEY, &mia).await.status, StatusCode::CREATED);
        let other = invite(&owner, KEY, &noa).await;
        assert_eq!((other.status, problem(&other).as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused"));

        let name = any_name("Ada");
        world.joined_as(&name, Role::Administrator).await;
        let admin = site.signed_in(&address(&name)).await;
        let theirs = invite(&admin, KEY, &noa).await;
        assert!(theirs.status == StatusCode::CREATED && !is_repeat(&theirs), "{}", theirs.text);
        let nobody = invite(&site.browser(), KEY, &mia).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "who knows a key is still asked who they are");
        for odd in ["", "two words", "k\u{e4}se", &"k".repeat(256)] {
            let answer = invite(&owner, odd, &any_name("Eva")).await;
            assert_eq!(problem(&answer), "idempotency-key-malformed", "{odd}");
        }
    }

    async fn what_was_refused_may_be_sent_again(store: Store) {
        let world = World::new(store, 1).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let name = any_name("Mia");
        let refused = invite(&owner, KEY, &name).await;
        assert_eq!(problem(&refused), "licenses-exhausted");
        let dry = post(&owner, "/api/v1/users?dry_run=true", "dry", &json!({"name": name, "email": address(&name), "add_license": true})).await;
        assert!(dry.status.is_success(), "{}", dry.text);
        world.by_hand("update workspaces set owned = 5").await;
        let done = invite(&owner, KEY, &name).await;
        assert_eq!(done.status, StatusCode::CREATED, "{}", done.text);
        assert!(!is_repeat(&done));
    }

    async fn of_racing_repeats_one_is_done(store: Store) {
        let world = World::new(store, 40).await;
        let site = Site::of(&world).await;
        let owner = Arc::new(site.signed_in(OWNER).await);
        let name = any_name("Mia");
        let racers: Vec<_> = (0..12)
            .map(|_| {
                let (owner, name) = (Arc::clone(&owner), name.clone());
                tokio::spawn(async move { invite(&owner, KEY, &name).await })
            })
            .collect();
        let mut done = 0;
        for racer in racers {
            let page = racer.await.expect("an answer");
            match page.status {
                StatusCode::CREATED if is_repeat(&page) => {}
                StatusCode::CREATED => done += 1,
                _ => assert_eq!(problem(&page), "idempotency-in-progress", "{}", page.text),
            }
        }
        assert_eq!(done, 1);
        assert!(is_repeat(&invite(&owner, KEY, &name).await));
    }

    async fn after_a_crash_only_what_changed_nothing_is_done_again(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let team = json!({"name": "Night shift"});
        let made = post(&owner, "/api/v1/teams", KEY, &team).await;
        assert_eq!(made.status, StatusCode::CREATED);
        lose_answers(&world, true).await;
        let waits = post(&owner, "/api/v1/teams", KEY, &team).await;
        assert_eq!((waits.status, problem(&waits).as_str()), (StatusCode::CONFLICT, "idempotency-in-progress"));
        world.later(std::time::Duration::from_secs(31));
        let lost = post(&owner, "/api/v1/teams", KEY, &team).await;
        assert_eq!((lost.status, problem(&lost).as_str()), (StatusCode::CONFLICT, "idempotency-answer-lost"));

        // A server that ended before anything was changed: after twice as long as it may take the key is free.
        owner.send(owner.request(Method::DELETE, made.location())).await;
        lose_answers(&world, false).await;
        let waits = post(&owner, "/api/v1/teams", KEY, &team).await;
        assert_eq!(problem(&waits), "idempotency-in-progress", "{}", waits.text);
        world.later(std::time::Duration::from_secs(61));
        let done = post(&owner, "/api/v1/teams", KEY, &team).await;
        assert!(done.status == StatusCode::CREATED && !is_repeat(&done), "{}", done.text);
    }

    async fn invariant_6_a_kept_answer_names_nobody_who_was_deleted(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let name = any_name("Mia");
        let body = json!({"name": name, "email": address(&name), "invite": false});
        let made = post(&owner, "/api/v1/customers", KEY, &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let id: domain::id::PersonId = made.json()["id"].as_str().expect("an id").parse().expect("an id");
        let item = json!({"title": "Printer on fire", "requester": id});
        let item = post(&owner, "/api/v1/items", "item", &item).await;
        assert!(item.text.contains(&name), "{}", item.text);
        world.delete(id).await.expect("they are deleted");
        let kept = world.dump().await["answers"].join("\n");
        let bytes = tenure::seal::to_hex(name.as_bytes());
        assert!(!kept.contains(&name.to_lowercase()) && !kept.contains(&bytes), "{kept}");
        let again = post(&owner, "/api/v1/customers", KEY, &body).await;
        assert_eq!(problem(&again), "idempotency-answer-lost", "{}", again.text);
    }

    async fn invariant_6_an_answer_that_comes_after_a_deletion_is_not_kept(store: Store) {
        let world = World::new(store, 9).await;
        let gone = world.deactivated().await.person;
        let key = Key { workspace: world.ws, bearer: world.app.sys.uuid7(), digest: [1; 32] };
        let (now, own) = (world.app.sys.now(), key.clone());
        let taken = world.write(async move |tx| answers::take(tx, &own, [2; 32], now).await).await;
        assert!(taken.expect("a write"));
        // The request has done its work, and its answer is on the way.
        let (mark, app) = (Mark::new(key.clone()), world.app.clone());
        let writes = answers::marking(mark.clone(), async move { app.store.write(async |_| Ok(())).await });
        writes.await.expect("a write");
        assert!(mark.has_acted());
        world.delete(gone).await.expect("they are deleted");
        let (own, body) = (key.clone(), b"Their name".to_vec());
        let answer = Answer { status: 200, head: Some("{}".into()), body };
        world.write(async move |tx| answers::keep(tx, &own, answer.clone())).await.expect("a write");
        let kept = answers::find(&mut world.reader().await, &key).await.expect("a read").expect("the key");
        assert!(kept.acted && kept.forgotten && kept.answer.is_none(), "{kept:?}");
    }

    async fn a_key_is_kept_for_a_day(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let team = json!({"name": "Night shift"});
        assert_eq!(post(&owner, "/api/v1/teams", KEY, &team).await.status, StatusCode::CREATED);
        let ws = world.ws;
        let purge = async |hours: i64| {
            let before = world.app.sys.now() - SignedDuration::from_hours(hours);
            world.write(async move |tx| answers::purge(tx, ws, before)).await.expect("purged");
        };
        purge(24).await;
        assert!(is_repeat(&post(&owner, "/api/v1/teams", KEY, &team).await));
        purge(-1).await;
        assert!(world.dump().await["answers"].is_empty());
    }

    async fn answers_say_how_many_requests_are_left(store: Store) {
        let many = Rate::new(1_200, std::time::Duration::from_mins(1));
        let world = World::configured(store, 9, |config| config.rates.requests_account = many).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let left = async || {
            let page = owner.get("/api/v1/me").await;
            assert_eq!(page.headers["ratelimit-policy"], "\"requests\";q=1200;w=60");
            let field = page.headers["ratelimit"].to_str().expect("text").to_owned();
            let number = field.strip_prefix("\"requests\";r=").expect("what is left");
            number[..number.find(';').expect("a time")].parse::<u32>().expect("a number")
        };
        let first = left().await;
        assert!(first < 1_200 && left().await == first - 1);
        for refused in ["/api/v1/items/99999", "/api/v1/users?nope=1", "/api/v1/nowhere"] {
            let there = owner.get(refused).await.headers.contains_key("ratelimit");
            assert_eq!(there, refused != "/api/v1/nowhere", "{refused} is counted where somebody is behind it");
        }
        assert!(!owner.get("/users").await.headers.contains_key("ratelimit"), "pages are for people");
    }
}
