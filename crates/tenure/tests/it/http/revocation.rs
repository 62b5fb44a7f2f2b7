//! Invariant 1: no request is accepted with a session or a token whose person's deactivation was answered before it began.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use domain::{role::Role, token::Scope};
use reqwest::{Method, StatusCode};
use tenure::{
    ops,
    store::{Engine, Store},
    web::side::Side,
};

use super::{OWNER, app_on};
use crate::support::{
    database::{Database, Ready},
    http::{Browser, Site},
    world::{PASSWORD, World, address, any_name},
};

/// What the clients in a loop share.
#[derive(Default)]
struct Watch {
    /// The deactivation has been answered.
    answered: AtomicBool,
    /// Requests that were accepted.
    accepted: AtomicU32,
    /// Requests that began after the answer.
    after: AtomicU32,
}

/// How many requests each client sends after the answer.
const AFTER: u32 = 25;

async fn in_a_loop(browser: Browser, path: &'static str, refused: StatusCode, watch: Arc<Watch>) {
    let mut after = 0;
    while after < AFTER {
        let began_after = watch.answered.load(Ordering::SeqCst);
        let page = browser.get(path).await;
        if began_after {
            assert_eq!(page.status, refused, "accepted after the answer: {page:?}");
            after += 1;
            watch.after.fetch_add(1, Ordering::SeqCst);
        } else if page.status == StatusCode::OK {
            watch.accepted.fetch_add(1, Ordering::SeqCst);
        } else {
            assert_eq!(page.status, refused, "{page:?}");
        }
    }
}

/// Somebody who signs in again and again gets no session that works after the answer.
async fn signing_in(site_url: String, side: Side, email: String, watch: Arc<Watch>) {
    let mut after = 0;
    while after < 5 {
        let began_after = watch.answered.load(Ordering::SeqCst);
        let browser = Browser::new(&site_url);
        let page = browser.post(side.sign_in(), &[("email", &email), ("password", PASSWORD)]).await;
        if began_after {
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{page:?}");
            let kept = browser.cookie("tenure").or(browser.cookie("tenure-portal"));
            assert!(kept.is_none(), "no session is handed out");
            after += 1;
        } else if watch.answered.load(Ordering::SeqCst) {
            // It was under way at the answer: whatever it got opens nothing any more.
            assert_ne!(browser.get(side.profile()).await.status, StatusCode::OK);
        }
    }
}

/// Who deactivates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum By {
    /// An administrator through the last of the servers.
    Api,
    /// Somebody at the machine, through a store of their own, as the command line does.
    Machine,
}

async fn revoke(database: &Database, nodes: usize, side: Side, by: By) {
    let world = World::new(database.store.clone(), 20).await;
    let mut sites = vec![Site::of(&world).await];
    for _ in 1..nodes {
        let store = Store::open(database.target.clone()).await.expect("a second store");
        sites.push(
            Site::serving(app_on(store, &world.sys, |config| {
                config.rates.requests_account = tenure::rate::Rate::OFF;
            }))
            .await,
        );
    }
    let name = any_name("Loop");
    let (who, signed_in, paths) = match side {
        Side::Desk => {
            let who = world.joined_as(&name, Role::Member).await;
            (who, sites[0].signed_in(&address(&name)).await, ["/api/v1/me", "/users"])
        }
        Side::Portal => {
            let who = world.customer_as(&name).await;
            (who, sites[0].in_portal(&address(&name)).await, ["/portal", "/portal/sessions"])
        }
    };
    let owner = sites[sites.len() - 1].signed_in(OWNER).await;

    let watch = Arc::new(Watch::default());
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..8 {
        let browser = signed_in.twin().towards(&sites[number % sites.len()].url);
        let (path, refused) = (paths[usize::from(number >= 4)], StatusCode::FORBIDDEN);
        clients.spawn(in_a_loop(browser, path, refused, watch.clone()));
    }
    let programs = if side == Side::Desk { 4 } else { 0 };
    for number in 0..programs {
        // Each with a token of its own: what suspends one must suspend all.
        let secret = world.token_of(who, &[Scope::Read]).await.secret.reveal();
        let program = sites[number % sites.len()].browser().with_token(&secret);
        clients.spawn(in_a_loop(program, "/api/v1/me", StatusCode::UNAUTHORIZED, watch.clone()));
    }
    clients.spawn(signing_in(sites[0].url.clone(), side, address(&name), watch.clone()));
    while watch.accepted.load(Ordering::SeqCst) < 40 {
        tokio::task::yield_now().await;
        assert!(clients.try_join_next().is_none(), "a client ended early");
    }
    match by {
        By::Api => {
            let path = format!("/api/v1/users/{}/deactivation", who.person);
            let page = owner.send(owner.request(Method::POST, &path)).await;
            assert_eq!(page.status, StatusCode::OK, "{page:?}");
        }
        By::Machine => {
            let store = Store::open(database.target.clone()).await.expect("a store of its own");
            let ctx = world.cli();
            let done = store.write(async move |tx| {
                let input = ops::deactivation::Input::default();
                ops::deactivation::deactivate(tx, &ctx, who.person, input).await
            });
            assert!(done.await.expect("a deactivation").changed);
            store.close().await;
        }
    }
    watch.answered.store(true, Ordering::SeqCst);
    while let Some(client) = clients.join_next().await {
        client.expect("a client ends well");
    }
    let programs = u32::try_from(programs).expect("few");
    assert_eq!(watch.after.load(Ordering::SeqCst), (8 + programs) * AFTER);
    world.check().await;
}

/// Invariant 1, rule 1; ASVS 5.0 7.4.2, 8.3.2.
mod asvs_7_4_2_a_deactivation_ends_sessions_at_once {
    use super::*;

    async fn invariant_1_sessions_and_tokens_in_a_loop_are_refused_from_the_first_request_after_the_answer(
        engine: Engine,
        nodes: usize,
        by: By,
    ) {
        let database = Database::new(engine, Ready::Migrated).await;
        revoke(&database, nodes, Side::Desk, by).await;
    }

    async fn rule_08_a_portal_session_in_a_loop_is_refused_from_the_first_request_after_the_answer(
        engine: Engine,
        nodes: usize,
    ) {
        let database = Database::new(engine, Ready::Migrated).await;
        revoke(&database, nodes, Side::Portal, By::Machine).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn portal_on_sqlite() {
        rule_08_a_portal_session_in_a_loop_is_refused_from_the_first_request_after_the_answer(
            Engine::Sqlite,
            1,
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn portal_on_postgres_with_two_nodes() {
        rule_08_a_portal_session_in_a_loop_is_refused_from_the_first_request_after_the_answer(
            Engine::Postgres,
            2,
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        invariant_1_sessions_and_tokens_in_a_loop_are_refused_from_the_first_request_after_the_answer(
            Engine::Sqlite,
            1,
            By::Api,
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        invariant_1_sessions_and_tokens_in_a_loop_are_refused_from_the_first_request_after_the_answer(
            Engine::Postgres,
            1,
            By::Api,
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite_by_the_machine() {
        invariant_1_sessions_and_tokens_in_a_loop_are_refused_from_the_first_request_after_the_answer(
            Engine::Sqlite,
            1,
            By::Machine,
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres_by_the_machine() {
        invariant_1_sessions_and_tokens_in_a_loop_are_refused_from_the_first_request_after_the_answer(
            Engine::Postgres,
            2,
            By::Machine,
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres_with_two_nodes() {
        invariant_1_sessions_and_tokens_in_a_loop_are_refused_from_the_first_request_after_the_answer(
            Engine::Postgres,
            2,
            By::Api,
        )
        .await;
    }
}
