//! What the server counts of itself, and whether it is ready.

use domain::role::Role;
use reqwest::{Method, StatusCode};
use tenure::jobs;
use tokio::net::TcpListener;

use super::OWNER;
use crate::support::{
    both_engines,
    http::Site,
    stream::Stream,
    world::{World, address, any_name},
};

/// The number that a line of the text gives, with its labels as they are written.
fn number(text: &str, line: &str) -> u64 {
    let found = text.lines().find_map(|one| one.strip_prefix(line)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("{line} is not in {text}")).parse().expect("a number")
}

both_engines! {
    async fn requests_refusals_licenses_jobs_and_revocations_are_counted(store: Store) {
        let world = World::new(store, 7).await;
        let site = Site::of(&world).await;
        let jobs = jobs::start(&world.app);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let serving = tokio::spawn(tenure::web::serve_metrics(world.app.clone(), listener));
        let read = async || {
            let answer = reqwest::get(format!("{url}/metrics")).await.expect("an answer");
            let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
            assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
            answer.text().await.expect("a whole answer")
        };

        let name = any_name("Mia");
        let mia = world.joined_as(&name, Role::Member).await;
        let hers = site.signed_in(&address(&name)).await;
        assert_eq!(hers.get("/users").await.status, StatusCode::OK);
        for _ in 0..3 {
            assert_eq!(hers.get("/audit").await.status, StatusCode::FORBIDDEN);
        }
        let stream = Stream::open(&hers, "").await;
        let owner = site.signed_in(OWNER).await;
        assert_eq!(number(&read().await, "tenure_event_streams"), 1);
        let path = format!("/api/v1/users/{}/deactivation", mia.person);
        let request = owner.request(Method::POST, &path).json(&serde_json::json!({}));
        assert_eq!(owner.send(request).await.status, StatusCode::OK);
        stream.rest().await;

        let text = read().await;
        let ws = world.ws;
        assert!(text.ends_with("# EOF\n"), "{text}");
        assert_eq!(number(&text, "tenure_refusals_total{reason=\"administrators-only\"}"), 3);
        let got = "tenure_requests_total{door=\"page\",method=\"GET\",status=\"403\"}";
        assert_eq!(number(&text, got), 3);
        assert!(number(&text, "tenure_request_seconds_count{door=\"page\"}") > 3);
        assert_eq!(number(&text, &format!("tenure_licenses{{workspace=\"{ws}\",state=\"owned\"}}")), 7);
        assert_eq!(number(&text, &format!("tenure_licenses{{workspace=\"{ws}\",state=\"used\"}}")), 1);
        // A gauge that is absent at zero says nothing to an alarm.
        assert_eq!(number(&text, &format!("tenure_webhook_pending{{workspace=\"{ws}\"}}")), 0);
        assert_eq!(number(&text, &format!("tenure_webhook_oldest_pending_seconds{{workspace=\"{ws}\"}}")), 0);
        let off = format!("tenure_people{{workspace=\"{ws}\",kind=\"user\",status=\"deactivated\"}}");
        assert_eq!(number(&text, &off), 1);
        assert_eq!(number(&text, "tenure_stream_revocation_seconds_count"), 1);
        let groups = number(&text, "tenure_write_group_count");
        assert_eq!(groups > 0, world.app.store.engine() == tenure::store::Engine::Sqlite);
        let row = world.row(mia.person).await.person;
        assert!(!text.contains(&row.email) && !text.contains(&row.name) && !text.contains(&mia.person.to_string()));
        // Nothing else is there, and here it is not.
        let other = reqwest::get(format!("{url}/healthz")).await.expect("an answer");
        assert_eq!(other.status(), StatusCode::NOT_FOUND);
        assert_eq!(owner.get("/metrics").await.status, StatusCode::NOT_FOUND);
        serving.abort();
        jobs.stop().await;
    }

    async fn a_server_is_ready_until_it_ends(store: Store) {
        let world = World::new(store, 3).await;
        let site = Site::of(&world).await;
        let ready = site.browser().get("/readyz").await;
        assert_eq!((ready.status, ready.text.as_str()), (StatusCode::OK, "ready\n"));
        world.app.live.close();
        let ending = site.browser().get("/readyz").await;
        assert_eq!(ending.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(site.browser().get("/healthz").await.status, StatusCode::OK, "it still lives");
    }

    async fn a_server_is_not_ready_before_its_database_is(store: Store, empty) {
        let sys = tenure::sys::Sys::fixed("2026-03-02T09:00:00Z".parse().expect("a moment"));
        let site = Site::serving(crate::http::app_on(store.clone(), &sys, |_| {})).await;
        let early = site.browser().get("/readyz").await;
        assert_eq!(early.status, StatusCode::SERVICE_UNAVAILABLE, "{early:?}");
        store.migrate().await.expect("migrated");
        assert_eq!(site.browser().get("/readyz").await.status, StatusCode::OK);
    }
}
