//! What a bad request gets: a clear answer, and nothing is changed.

use domain::role::Role;
use reqwest::{Method, StatusCode};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{OWNER, problem};
use crate::support::{
    both_engines,
    database::{Database, Ready},
    http::{Browser, Page, Site},
    world::{PASSWORD, World, address, any_name},
};

/// Sends bytes as they are, and reads the answer to its end.
pub(super) async fn raw(site: &Site, bytes: &[u8]) -> String {
    let authority = site.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(authority).await.expect("a connection");
    stream.write_all(bytes).await.expect("the bytes are sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

both_engines! {
    /// ASVS 5.0 3.5.1.
    async fn asvs_3_5_1_what_comes_from_another_site_changes_nothing(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (browser, target) = (site.signed_in(OWNER).await, world.member().await);
        let cookie = format!("tenure={}", browser.cookie("tenure").expect("a session"));
        let before = world.dump().await;
        let client = reqwest::Client::new();
        let odd: &[&[(&str, &str)]] = &[
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("origin", "")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("origin", &site.url), ("origin", "https://evil.example")],
            &[("origin", &site.url), ("sec-fetch-site", "cross-site")],
            &[],
        ];
        let api = format!("/api/v1/users/{}/deactivation", target.person);
        for headers in odd {
            for (method, path) in [
                (Method::POST, format!("/users/{}/deactivation", target.person)),
                (Method::POST, api.clone()),
                (Method::DELETE, api.clone()),
                (Method::POST, "/sign-out".to_owned()),
                (Method::POST, "/sign-in".to_owned()),
                (Method::POST, "/users/new".to_owned()),
            ] {
                let mut request = client.request(method, format!("{}{path}", site.url)).header("cookie", &cookie);
                for (name, value) in *headers {
                    request = request.header(*name, *value);
                }
                let answer = request.send().await.expect("an answer");
                let (status, is_api) = (answer.status(), path.starts_with("/api/"));
                let text = answer.text().await.expect("text");
                assert_eq!(status, StatusCode::FORBIDDEN, "{headers:?} {path}: {text}");
                assert!(text.contains("another site"), "{headers:?} {path}: {text}");
                assert!(!is_api || text.contains("/problems/cross-origin"), "{headers:?} {path}: {text}");
                let page = "<h1>This did not come from here</h1>\n  <p>It came from another site";
                assert!(is_api || text.contains(page), "{headers:?} {path}: {text}");
                assert!(text.contains("Open the page here again and send it from there."), "{text}");
            }
        }
        assert_eq!(world.dump().await, before);
        assert_eq!(browser.get("/api/v1/me").await.status, StatusCode::OK, "the session is still there");
    }

    async fn a_page_with_a_slash_at_its_end_leads_to_the_page(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let browser = site.signed_in(OWNER).await;
        let panel = format!("/users/{}", world.owner.person);
        for (path, to) in [
            ("/users/", "/users"),
            ("/users//", "/users"),
            ("/settings/sessions/?x=1&y=%2F", "/settings/sessions?x=1&y=%2F"),
            (&format!("{panel}/"), &panel),
        ] {
            let page = browser.get(path).await;
            assert_eq!((page.status, page.location()), (StatusCode::PERMANENT_REDIRECT, to), "{path}");
        }
        // Never to another site, and the API's paths are exact.
        for path in ["//evil.example/", "///evil.example//", "/api/v1/me/", "/api/"] {
            assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let page = browser.post("/users/new/", &[]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "a form is sent nowhere else");
    }

    async fn an_oversized_body_is_refused_and_nothing_is_done(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (browser, target) = (site.signed_in(OWNER).await, world.member().await);
        let before = world.dump().await;
        let large = "x".repeat((1 << 20) + 1);
        let path = format!("/users/{}/deactivation", target.person);
        let page = browser.post(&path, &[("reason", &large)]).await;
        assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", page.text);
        assert!(page.text.contains("1048576"), "it names the limit: {}", page.text);
        for public in ["/sign-in", "/return-requests", "/password/x", "/invitation/x"] {
            let page = site.browser().post(public, &[("password", &large), ("email", OWNER)]).await;
            assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{public}: {}", page.text);
        }
        let path = format!("/api/v1{path}");
        let body = format!(r#"{{"reason": "{large}"}}"#);
        let json = browser.request(Method::POST, &path).header("content-type", "application/json").body(body);
        assert_eq!(problem(&browser.send(json).await), "body-too-large");
        assert_eq!(world.dump().await, before);
    }

    /// Else the client, which is still sending, sees that its connection is reset.
    async fn what_is_refused_before_it_was_read_is_read_and_its_connection_goes_on(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let host = site.url.trim_start_matches("http://");
        for (path, length, status) in [("/sign-in", 2 << 20, "413"), ("/nowhere", 300_000, "404"), ("/users/new", 300_000, "403")] {
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: {host}\r\norigin: {}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n",
                if status == "403" { "https://evil.example" } else { &site.url },
            );
            let next = format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
            let answers = raw(&site, [head, "x".repeat(length), next].concat().as_bytes()).await;
            assert!(answers.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answers}");
            assert!(answers.ends_with("\r\n\r\nok"), "{path}: {answers}");
        }
    }

    async fn a_field_over_its_limit_is_named_with_the_limit(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (browser, target) = (site.signed_in(OWNER).await, world.member().await);
        let reason = "x".repeat(2_001);
        let page = browser.post(&format!("/users/{}/deactivation", target.person), &[("reason", &reason)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text);
        assert!(page.text.contains("2000") && page.text.contains(&reason), "limit, and what was typed");
        assert!(world.row(target.person).await.person.status.is_active());
    }

    async fn a_stale_form_does_nothing(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (browser, target) = (site.signed_in(OWNER).await, world.member().await);
        let path = format!("/users/{}/deactivation", target.person);
        let version = browser.get(&path).await.input("_version").expect("a version");
        let edit = format!("/users/{}/edit", target.person);
        let now = browser.get(&edit).await.input("_version").expect("a version");
        let fields = [("name", "Renamed Meanwhile"), ("email", "renamed@acme.example"), ("_version", &now)];
        browser.submit(&edit, &fields).await;
        for version in [version.as_str(), "nonsense", ""] {
            let page = browser.post(&path, &[("_version", version), ("reason", "Leaves")]).await;
            assert_eq!(page.status, StatusCode::CONFLICT, "{version:?}: {page:?}");
            assert!(page.text.contains("Leaves"), "what was typed is still there: {page:?}");
        }
        assert!(world.row(target.person).await.person.status.is_active());
    }

    /// Rule 10.
    async fn rule_10_a_form_sent_twice_is_done_once(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (browser, target) = (site.signed_in(OWNER).await, world.member().await);
        let path = format!("/users/{}/deactivation", target.person);
        let version = browser.get(&path).await.input("_version").expect("a version");
        let fields = [("_version", version.as_str()), ("reason", "Leaves")];
        let (one, other) = (browser.twin(), browser.twin());
        let (first, second) = tokio::join!(one.post(&path, &fields), other.post(&path, &fields));
        for page in [&first, &second] {
            assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
        }
        let done = world.actions(target.person).await.into_iter().filter(|action| action == "person.deactivated");
        assert_eq!(done.count(), 1, "once on the record");
        world.check().await;
    }

    async fn an_invitation_form_sent_twice_invites_once(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let browser = site.signed_in(OWNER).await;
        let name = any_name("Twice");
        let fields = [("email", &*address(&name)), ("name", &name), ("role", "member")];
        let (one, other) = (browser.twin(), browser.twin());
        let (first, second) = tokio::join!(one.post("/users/new", &fields), other.post("/users/new", &fields));
        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        // Which of the two it is depends on whether the other had been saved when this one looked.
        assert!([409, 422].contains(&statuses[1]), "{first:?} {second:?}");
        assert!(statuses[0] < 400, "{first:?} {second:?}");
        let people = world.dump().await["people"].clone();
        assert_eq!(people.iter().filter(|row| row.contains(&address(&name))).count(), 1);
        world.check().await;
    }

    /// ASVS 5.0 3.4.
    async fn asvs_3_4_every_answer_has_the_security_headers(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (browser, nobody) = (site.signed_in(OWNER).await, site.browser());
        let name = any_name("Plain");
        world.joined_as(&name, Role::Member).await;
        let member = site.signed_in(&address(&name)).await;
        let large = "x".repeat((1 << 20) + 1);
        let answers: Vec<(&str, u16, Page)> = vec![
            ("page", 200, browser.get("/users").await),
            ("sign-in", 200, nobody.get("/sign-in").await),
            ("redirect", 303, nobody.get("/users").await),
            ("not found", 404, browser.get("/nothing/here").await),
            ("not found, unknown", 404, nobody.get("/nothing/here").await),
            ("forbidden", 403, member.get("/users/new").await),
            ("wrong method", 405, nobody.send(nobody.request(Method::PUT, "/sign-in")).await),
            ("too large", 413, browser.post("/me", &[("name", &large)]).await),
            ("wrong fields", 422, nobody.post("/sign-in", &[("email", "x")]).await),
            ("json", 200, browser.get("/api/v1/me").await),
            ("problem", 401, nobody.get("/api/v1/me").await),
            ("openapi", 200, nobody.get("/api/v1/openapi.json").await),
            ("health", 200, nobody.get("/healthz").await),
            ("no such asset", 404, nobody.get("/assets/none.css").await),
            ("asset", 200, nobody.get(&asset(&nobody.get("/sign-in").await)).await),
        ];
        for (what, status, page) in &answers {
            assert_eq!(page.status.as_u16(), *status, "{what}: {page:?}");
            assert_guarded(what, page);
        }
        assert_eq!(answers[6].2.headers["allow"], "GET,HEAD,POST");
    }
}

/// The first style sheet of a page.
fn asset(page: &Page) -> String {
    let (_, rest) = page.text.split_once("/assets/").expect("a style sheet");
    format!("/assets/{}", rest.split(['"', '?']).next().expect("a name"))
}

fn assert_guarded(what: &str, page: &Page) {
    let value = |name: &str| page.headers.get(name).map_or("", |value| value.to_str().expect("text"));
    let csp = value("content-security-policy");
    assert!(csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'"), "{what}: {csp}");
    assert!(!csp.contains("unsafe") && !csp.contains('*'), "{what}: {csp}");
    assert_eq!(value("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(value("x-frame-options"), "DENY", "{what}");
    assert_eq!(value("referrer-policy"), "same-origin", "{what}");
    assert_eq!(value("cross-origin-opener-policy"), "same-origin", "{what}");
    assert_eq!(value("cross-origin-resource-policy"), "same-origin", "{what}");
    assert!(value("permissions-policy").contains("camera=()"), "{what}");
    let kept = what == "asset";
    assert_eq!(value("cache-control").contains("no-store"), !kept, "{what}: {}", value("cache-control"));
    assert!(!page.headers.contains_key("server"), "{what}: no version is told");
    assert!(page.headers.contains_key("x-request-id"), "{what}: {page:?}");
}

async fn a_site() -> (Database, World, Site) {
    let database = Database::sqlite(Ready::Migrated).await;
    let world = World::new(database.store.clone(), 20).await;
    let site = Site::of(&world).await;
    (database, world, site)
}

#[tokio::test]
async fn a_request_names_one_host() {
    let (_database, _world, site) = a_site().await;
    for (request, status) in [
        ("GET /sign-in HTTP/1.1\r\nconnection: close\r\n\r\n", "400"),
        ("GET /sign-in HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n", "400"),
        ("GET /sign-in HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n", "400"),
        ("GET /sign-in HTTP/1.1\r\nhost: user@evil.example\r\nconnection: close\r\n\r\n", "400"),
        ("GET /sign-in HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n", "200"),
        ("GET http://a.example/sign-in HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n", "200"),
        ("nonsense\r\n\r\n", "400"),
    ] {
        let answer = raw(&site, request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request:?}: {answer}");
    }
}

#[tokio::test]
async fn a_body_that_only_claims_its_length_is_refused_before_it_is_sent() {
    let (_database, _world, site) = a_site().await;
    let browser: Browser = site.signed_in(OWNER).await;
    let cookie = browser.cookie("tenure").expect("a session");
    let host = site.url.trim_start_matches("http://").to_owned();
    let request = format!(
        "POST /me HTTP/1.1\r\nhost: {host}\r\norigin: {}\r\ncookie: tenure={cookie}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 99999999999\r\n\r\nname=x",
        site.url
    );
    let answer = raw(&site, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_form_of_very_many_fields_is_refused() {
    let (_database, world, site) = a_site().await;
    let browser = site.signed_in(OWNER).await;
    let before = world.dump().await;
    let fields: Vec<(String, String)> = (0..1_001).map(|number| (format!("f{number}"), "x".into())).collect();
    let page = browser.send(browser.request(Method::POST, "/me").form(&fields)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text);
    let path = format!("/sign-in?{}", "a=b&".repeat(1_100));
    assert_eq!(site.browser().get(&path).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.dump().await, before);
    assert_eq!(
        site.browser().post("/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await.status,
        303
    );
}

#[tokio::test]
async fn a_form_that_is_no_utf_8_harms_nothing() {
    let (_database, world, site) = a_site().await;
    let browser = site.signed_in(OWNER).await;
    let before = world.dump().await;
    for body in ["name=%00%ff%fe", "name=%ed%a0%80", "name=%e2%80%ae", "%=&=%&name", "\0\u{1}"] {
        let request = browser.request(Method::POST, "/me").body(body);
        let page = browser.send(request.header("content-type", "application/x-www-form-urlencoded")).await;
        assert!(!page.status.is_server_error(), "{body:?}: {page:?}");
    }
    let after = world.dump().await;
    assert_eq!(after["people"].len(), before["people"].len());
}
