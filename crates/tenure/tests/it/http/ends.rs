//! Requests that are cut: by the end of the server, and by clients that leave.

use std::time::Duration;

use axum::response::IntoResponse as _;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tenure::{
    password::Cost,
    store::answers::{self, Mark},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{OWNER, app_on};
use crate::support::{
    both_engines,
    http::Site,
    world::{PASSWORD, Who, World},
};

both_engines! {
    async fn the_server_ends_after_the_requests_under_way_are_answered(store: Store) {
        let world = World::new(store.clone(), 5).await;
        // Hashes of the real cost take long enough to be under way.
        let app = app_on(store, &world.sys, |config| {
            config.password.cost = Cost::Standard;
            config.password.concurrency = 1;
        });
        let site = Site::serving(app.clone()).await;
        let mut signing_in = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let browser = site.browser();
            signing_in.spawn(async move {
                browser.post("/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await
            });
        }
        let made = app.hasher.made();
        while app.hasher.made() == made {
            tokio::task::yield_now().await;
        }
        let url = site.url.clone();
        let idle = TcpStream::connect(url.trim_start_matches("http://")).await.expect("a connection");
        tokio::time::timeout(Duration::from_secs(30), site.end()).await.expect("it ends, whoever holds a connection");
        let mut answered = 0;
        while let Some(page) = signing_in.join_next().await {
            // What was not accepted yet has no answer; what was, has a whole one.
            if let Ok(page) = page {
                assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
                answered += 1;
            }
        }
        assert!(answered >= 1, "the one under way is answered");
        drop(idle);
        let gone = reqwest::get(format!("{url}/healthz")).await;
        assert!(gone.is_err(), "nothing listens any more");
    }

    async fn a_failure_behind_a_kept_write_does_not_say_that_nothing_was_changed(store: Store) {
        let world = World::new(store.clone(), 5).await;
        let failed = || tenure::Error::Store(tenure::store::Error::Closed).into_response().status();
        let status = answers::marking(Mark::default(), async { failed() }).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "of what wrote nothing it is known");
        let status = answers::marking(Mark::default(), async {
            let refused: Result<(), _> = store.write(async |_| Err(tenure::Error::NotFound("person"))).await;
            refused.expect_err("it is not kept");
            failed()
        });
        assert_eq!(status.await, StatusCode::SERVICE_UNAVAILABLE);
        let status = answers::marking(Mark::default(), async {
            world.write(async |_| Ok(())).await.expect("it is kept");
            failed()
        });
        assert_eq!(status.await, StatusCode::INTERNAL_SERVER_ERROR);
    }

    async fn who_made_an_item_that_cannot_be_read_is_not_told_that_nothing_was_changed(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        // An item without a project is made without a look at them, and shown with its name.
        world.by_hand("alter table projects rename to hidden".to_owned()).await;
        let item = json!({ "kind": "ticket", "title": "Ink is out" });
        let page = owner.send(owner.request(Method::POST, "/api/v1/items").json(&item)).await;
        let read = owner.get("/api/v1/items/1").await;
        world.by_hand("alter table hidden rename to projects".to_owned()).await;
        let made = owner.get("/api/v1/items/1").await;
        assert_eq!(made.json()["title"], "Ink is out", "{} {}", page.text, made.text);
        assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", page.text);
        assert!(page.text.contains("it is not known whether this was done"), "{}", page.text);
        assert!(read.text.contains("Nothing was changed"), "a request that reads has changed nothing: {}", read.text);
    }

    async fn an_ending_server_answers_what_comes_and_sends_the_next_elsewhere(store: Store) {
        let world = World::new(store.clone(), 5).await;
        let app = app_on(store, &world.sys, |_| ());
        let site = Site::serving(app.clone()).await;
        let says = async |path: &str| {
            let answer = reqwest::get(format!("{}{path}", site.url)).await.expect("an answer");
            let closes = answer.headers().get("connection").is_some_and(|value| value == "close");
            (answer.status(), closes)
        };
        assert_eq!(says("/readyz").await, (StatusCode::OK, false));
        app.live.close();
        assert_eq!(says("/readyz").await, (StatusCode::SERVICE_UNAVAILABLE, true));
        assert_eq!(says("/sign-in").await, (StatusCode::OK, true));
        assert_eq!(says("/nowhere").await, (StatusCode::NOT_FOUND, true));
    }

    async fn what_reaches_a_server_that_was_just_told_to_end_is_answered(store: Store) {
        let world = World::new(store.clone(), 5).await;
        let mut answered = 0;
        // Several tries: on a busy machine the test may come to its turn when the moment is over.
        for _ in 0..5 {
            let app = app_on(store.clone(), &world.sys, |_| ());
            let site = Site::serving(app.clone()).await;
            let host = site.url.trim_start_matches("http://").to_owned();
            let mut waits = TcpStream::connect(&host).await.expect("a connection");
            let ending = tokio::spawn(site.end());
            while !app.live.is_closing() {
                tokio::task::yield_now().await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            let request = format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\n\r\n");
            let mut answer = String::new();
            // Too late, the connection is closed.
            if waits.write_all(request.as_bytes()).await.is_ok() {
                let _ = waits.read_to_string(&mut answer).await;
            }
            ending.await.expect("it ends");
            answered += i32::from(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"));
        }
        assert!(answered > 0, "none of 5");
    }

    async fn a_client_that_sends_slowly_does_not_keep_the_server_from_ending(store: Store) {
        let world = World::new(store.clone(), 5).await;
        let app = app_on(store, &world.sys, |config| config.limits.drain_time = Duration::from_secs(1));
        let target = world.member().await;
        let site = Site::serving(app).await;
        let cookie = site.signed_in(OWNER).await.cookie("tenure").expect("a session");
        let slow = posting(&site, &cookie, target, 10).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        // The longest that a request may take is far more.
        tokio::time::timeout(Duration::from_secs(10), site.end()).await.expect("it ends");
        drop(slow);
        assert!(world.row(target.person).await.person.status.is_active(), "half a request does nothing");
        world.check().await;
    }

    async fn a_client_that_leaves_in_the_middle_leaves_a_whole_write(store: Store) {
        let world = World::new(store, 100).await;
        let site = Site::of(&world).await;
        let cookie = site.signed_in(OWNER).await.cookie("tenure").expect("a session");
        let mut targets = Vec::new();
        for number in 0..24_u64 {
            let target = world.member().await;
            let mut stream = posting(&site, &cookie, target, 0).await;
            tokio::time::sleep(Duration::from_micros(number * 300)).await;
            if number % 2 == 0 {
                stream.shutdown().await.expect("the client stops sending");
            }
            drop(stream);
            targets.push(target);
        }
        for target in &targets {
            settled(&world, *target).await;
        }
        world.check().await;
        let mut done = 0;
        for target in targets {
            let deactivated = !world.row(target.person).await.person.status.is_active();
            let on_record = world.actions(target.person).await.contains(&"person.deactivated".to_owned());
            assert_eq!(deactivated, on_record, "status and record go together");
            done += i32::from(deactivated);
        }
        // How many arrive before their client is gone is the machine's to say.
        assert!(done > 0, "a request that arrived is carried out: {done} of 24");
    }

    async fn a_body_that_never_arrives_whole_does_nothing(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let cookie = site.signed_in(OWNER).await.cookie("tenure").expect("a session");
        let target = world.member().await;
        let before = world.dump().await;
        for _ in 0..5 {
            drop(posting(&site, &cookie, target, 10).await);
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(world.dump().await, before);
    }
}

/// Sends a deactivation whose body lacks so many bytes.
async fn posting(site: &Site, cookie: &str, target: Who, lacks: usize) -> TcpStream {
    let host = site.url.trim_start_matches("http://");
    let body = r#"{"reason": "The client leaves"}"#;
    let request = format!(
        "POST /api/v1/users/{}/deactivation HTTP/1.1\r\nhost: {host}\r\norigin: {}\r\ncookie: tenure={cookie}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        target.person,
        site.url,
        body.len() + lacks
    );
    let mut stream = TcpStream::connect(host).await.expect("a connection");
    stream.set_nodelay(true).expect("an option");
    stream.write_all(request.as_bytes()).await.expect("the request is sent");
    stream
}

/// Waits until a write that was under way is over: the row is the same twice in a row, or changed.
async fn settled(world: &World, target: Who) {
    for _ in 0..20 {
        if !world.row(target.person).await.person.status.is_active() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
