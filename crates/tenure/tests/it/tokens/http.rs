//! Tokens at the doors of the server.

use std::time::Duration;

use domain::{
    role::Role,
    token::{Life, Scope},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tenure::rate::Rate;

use crate::{
    http::{OWNER, openapi::check_answer, problem},
    support::{
        both_engines,
        http::{Browser, Page, Site},
        world::{PASSWORD, World, address, any_name},
    },
};

async fn send(browser: &Browser, method: Method, path: &str, body: &Value) -> Page {
    browser.send(browser.request(method, path).json(body)).await
}

async fn make(browser: &Browser, body: Value) -> Page {
    send(browser, Method::POST, "/api/v1/tokens", &body).await
}

both_engines! {
    /// ASVS 5.0 7.5.1.
    async fn asvs_7_5_1_a_token_is_made_with_the_password_and_shown_once(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let name = any_name("Mem");
        let who = world.joined_as(&name, Role::Member).await;
        let browser = site.signed_in(&address(&name)).await;
        let asked = |password: &str| json!({ "name": "Report", "scopes": ["read", "write"], "password": password });
        let before = world.dump().await;
        for (body, wrong) in [
            (asked("not my password"), "wrong-password"),
            (json!({ "name": "Report", "scopes": ["read"] }), "invalid"),
            (json!({ "name": " ", "scopes": ["read"], "password": PASSWORD }), "invalid"),
            (json!({ "name": "x".repeat(201), "scopes": ["read"], "password": PASSWORD }), "invalid"),
            (json!({ "name": "Report", "scopes": ["all"], "password": PASSWORD }), "invalid"),
            (json!({ "name": "Report", "scopes": [], "password": PASSWORD }), "token-needs-scope"),
            (json!({ "name": "R", "scopes": ["read"], "expires_in_days": 400, "password": PASSWORD }), "token-life"),
            (json!({ "name": "R", "scopes": ["read"], "never_expires": true, "password": PASSWORD }), "personal-token-expires"),
            (json!({ "name": "R", "scopes": ["people"], "password": PASSWORD }), "administrators-only"),
            (json!({ "name": "R", "kind": "service", "scopes": ["read"], "password": PASSWORD }), "administrators-only"),
        ] {
            assert_eq!(problem(&make(&browser, body.clone()).await), wrong, "{body}");
        }
        assert_eq!(world.dump().await, before, "nothing was done");

        let page = make(&browser, asked(PASSWORD)).await;
        assert_eq!(page.status, StatusCode::CREATED, "{page:?}");
        check_answer("post", "/api/v1/tokens", &page);
        let made = page.json();
        let secret = made["secret"].as_str().expect("a secret").to_owned();
        let path = format!("/api/v1/tokens/{}", made["token"]["id"].as_str().expect("an id"));
        assert_eq!(made["token"]["scopes"], json!(["read", "write"]));
        let program = site.browser().with_token(&secret);
        let me = program.get("/api/v1/me").await;
        check_answer("get", "/api/v1/me", &me);
        let me = me.json();
        assert_eq!((&me["id"], &me["session"]), (&json!(who.person), &Value::Null));
        assert_eq!((&me["token"]["name"], &me["token"]["kind"]), (&json!("Report"), &json!("personal")));
        for path in ["/api/v1/tokens", &path] {
            let page = browser.get(path).await;
            assert!(page.status == StatusCode::OK && !page.text.contains(&secret), "{page:?}");
        }
        // Nobody else sees it, but administrators.
        let other = any_name("Other");
        world.joined_as(&other, Role::Member).await;
        let stranger = site.signed_in(&address(&other)).await;
        assert_eq!(problem(&stranger.get(&path).await), "administrators-only");
        assert_eq!(stranger.get("/api/v1/tokens").await.json()["tokens"], json!([]));
        assert_eq!(problem(&stranger.get("/api/v1/tokens?of=everybody").await), "administrators-only");
        let owner = site.signed_in(OWNER).await;
        let all = owner.get("/api/v1/tokens?of=everybody").await.json();
        assert_eq!(all["tokens"][0]["owner"], json!(who.person));

        let gone = send(&program, Method::DELETE, &path, &Value::Null).await;
        assert_eq!(gone.json()["changed"], true, "a token ends itself: {gone:?}");
        assert_eq!(problem(&program.get("/api/v1/me").await), "token-invalid");
    }

    async fn a_token_makes_no_token_and_a_service_token_is_nobody(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let service = site.browser().with_token(&world.service_token(&Scope::ALL).await.secret.reveal());
        let personal = site.browser().with_token(&world.token_of(world.owner, &Scope::ALL).await.secret.reveal());
        for program in [&service, &personal] {
            let body = json!({ "name": "More", "scopes": ["read"], "password": PASSWORD });
            assert_eq!(problem(&make(program, body).await), "token-makes-no-token");
        }
        for path in ["/api/v1/tokens", "/api/v1/items?kind=ticket&assignee=me"] {
            assert_eq!(problem(&service.get(path).await), "token-without-person", "{path}");
        }
        let made = send(&personal, Method::POST, "/api/v1/items", &json!({ "kind": "task", "title": "Order chairs" })).await;
        let path = format!("/api/v1/items/{}/messages", made.json()["number"]);
        let said = send(&service, Method::POST, &path, &json!({ "body": "On it." })).await;
        assert_eq!((said.status, problem(&said)), (StatusCode::FORBIDDEN, "token-without-person".into()));
        let me = service.get("/api/v1/me").await;
        check_answer("get", "/api/v1/me", &me);
        assert_eq!((&me.json()["id"], &me.json()["email"]), (&Value::Null, &Value::Null));
        assert_eq!(me.json()["token"]["kind"], "service");
    }

    async fn a_token_is_suspended_and_restored_by_administrators(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let who = world.member().await;
        let made = world.token_of(who, &[Scope::Write]).await;
        let path = format!("/api/v1/tokens/{}/suspension", made.row.token.id);
        let program = site.browser().with_token(&made.secret.reveal());
        let owner = site.signed_in(OWNER).await;
        assert_eq!(problem(&send(&program, Method::PUT, &path, &Value::Null).await), "insufficient-scope");
        for changed in [true, false] {
            let page = send(&owner, Method::PUT, &path, &Value::Null).await;
            check_answer("put", "/api/v1/tokens/{id}/suspension", &page);
            assert_eq!(page.json()["changed"], changed);
            assert_eq!(problem(&program.get("/api/v1/me").await), "token-suspended");
        }
        for changed in [true, false] {
            assert_eq!(send(&owner, Method::DELETE, &path, &Value::Null).await.json()["changed"], changed);
            assert_eq!(program.get("/api/v1/me").await.status, StatusCode::OK);
        }
        world.deactivate(who.person).await.expect("a deactivation");
        let page = send(&owner, Method::DELETE, &path, &Value::Null).await;
        assert_eq!(problem(&page), "deactivated-gets-nothing-new", "rule 3");
        assert_eq!(problem(&program.get("/api/v1/me").await), "token-suspended");
    }

    /// What a request shows beside a token does not count, and a token elsewhere than in its field is none.
    async fn a_token_stands_in_its_field_at_the_api_and_nowhere_else(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let secret = world.service_token(&[Scope::Read]).await.secret.reveal();
        let owner = site.signed_in(OWNER).await;
        let both = owner.twin().with_token(&secret);
        assert_eq!(both.get("/api/v1/me").await.json()["id"], Value::Null, "the token counts, not the cookie");
        let path = format!("/api/v1/users/{}/deactivation", world.member().await.person);
        assert_eq!(problem(&send(&both, Method::POST, &path, &Value::Null).await), "insufficient-scope");
        let wrong = owner.twin().with_token("tnr_mistyped");
        assert_eq!(problem(&wrong.get("/api/v1/me").await), "token-invalid", "nor falls it back to the cookie");
        // A browser of another site sends no token: with one there is no origin to be asked.
        let may = owner.twin().with_token(&world.service_token(&[Scope::People]).await.secret.reveal());
        let request = may.request(Method::POST, &path).header("sec-fetch-site", "cross-site");
        assert_eq!(may.send(request).await.status, StatusCode::OK);
        let request = owner.request(Method::POST, &path).header("sec-fetch-site", "cross-site");
        assert_eq!(problem(&owner.send(request).await), "cross-origin");

        let program = site.browser().with_token(&secret);
        for path in ["/users", "/mine", "/me", "/portal"] {
            let page = program.get(path).await;
            assert!(page.status == StatusCode::SEE_OTHER && page.location().contains("sign-in"), "{path}: {page:?}");
        }
        for path in [
            format!("/api/v1/me?access_token={secret}"),
            format!("/api/v1/me?token={secret}"),
            format!("/api/v1/users?access_token={secret}"),
        ] {
            assert_eq!(problem(&site.browser().get(&path).await), "not-signed-in");
        }
        let cookie = site.browser().with_cookie("tenure", &secret);
        assert_eq!(problem(&cookie.get("/api/v1/me").await), "not-signed-in");
        let session = owner.cookie("tenure").expect("a session");
        let as_token = site.browser().with_token(&session);
        assert_eq!(problem(&as_token.get("/api/v1/me").await), "token-invalid");
    }

    /// ASVS 5.0 8.2.3.
    async fn asvs_8_2_3_a_token_sees_what_is_for_administrators_only_where_it_was_made_for_that(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let who = world.member().await;
        let path = format!("/api/v1/users/{}", who.person);
        for (scopes, sees) in [(&[Scope::Read][..], false), (&[Scope::Write], false), (&[Scope::People], true)] {
            for made in [world.service_token(scopes).await, world.token_of(world.owner, scopes).await] {
                let program = site.browser().with_token(&made.secret.reveal());
                let user = program.get(&path).await.json();
                assert_eq!(user["account"].is_object(), sees, "{scopes:?}: {user}");
                let hidden = program.get("/api/v1/users?sort=last-sign-in").await;
                assert_eq!(hidden.status == StatusCode::OK, sees, "{scopes:?}: {hidden:?}");
            }
        }
        let of_member = site.browser().with_token(&world.token_of(who, &[Scope::Read]).await.secret.reveal());
        assert!(of_member.get(&path).await.json()["account"].is_null());
    }

    async fn the_last_use_of_a_token_is_noted(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let made = world.service_token_for(&[Scope::Read], Life::Days(2)).await;
        let program = site.browser().with_token(&made.secret.reveal());
        assert_eq!(program.get("/api/v1/me").await.status, StatusCode::OK);
        let now = world.sys.now();
        let mut seen = None;
        for _ in 0..200 {
            seen = world.token_row(made.row.token.id).await.expect("a token").last_used;
            if seen.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(seen, Some(now));
    }
}

#[tokio::test]
async fn requests_of_a_token_are_counted_by_token_and_guesses_by_address() {
    use crate::support::database::{Database, Ready};

    let database = Database::sqlite(Ready::Migrated).await;
    let world = World::configured(database.store.clone(), 10, |config| {
        config.rates.requests_account = Rate::new(3, Duration::from_mins(1));
        config.rates.requests_address = Rate::new(2, Duration::from_mins(1));
    })
    .await;
    let site = Site::of(&world).await;
    let (one, other) = (world.service_token(&[Scope::Read]).await, world.service_token(&[Scope::Read]).await);
    let program = site.browser().with_token(&one.secret.reveal());
    for _ in 0..3 {
        assert_eq!(program.get("/api/v1/me").await.status, StatusCode::OK);
    }
    assert_eq!(problem(&program.get("/api/v1/me").await), "too-many-requests");
    let program = site.browser().with_token(&other.secret.reveal());
    assert_eq!(program.get("/api/v1/me").await.status, StatusCode::OK, "each has its own count");
    let guess = site.browser().with_token("tnr_guessed");
    for _ in 0..2 {
        assert_eq!(problem(&guess.get("/api/v1/me").await), "token-invalid");
    }
    assert_eq!(problem(&guess.get("/api/v1/me").await), "too-many-requests");
}
