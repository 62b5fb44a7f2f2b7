//! What a session is, and what ends it.

use std::time::Duration;

use domain::role::Role;
use reqwest::{Method, StatusCode};
use tenure::{ops, store::sessions};

use super::{OWNER, app_on, problem};
use crate::support::{
    both_engines,
    http::{Browser, Site},
    world::{PASSWORD, World, address, any_name},
};

async fn status_of(browser: &Browser) -> StatusCode {
    browser.get("/api/v1/me").await.status
}

const NEW: &str = "seven quiet harbours under moss";

both_engines! {
    /// ASVS 5.0 3.3.1 to 3.3.4.
    async fn asvs_3_3_the_session_cookie_is_hidden_from_scripts_and_bound_to_host_and_tls(store: Store) {
        let world = World::new(store.clone(), 5).await;
        let site = Site::of(&world).await;
        let form = [("email", OWNER), ("password", PASSWORD)];
        let page = site.browser().post("/sign-in", &form).await;
        let cookie = page.headers["set-cookie"].to_str().expect("text").to_owned();
        assert!(cookie.starts_with("tenure=ts_"), "{cookie}");
        assert!(cookie.ends_with("; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");

        let secure = Site::serving(app_on(store, &world.sys, |config| {
            let origin = tenure::config::Origin::Together;
            config.set("public_url", "https://desk.example", &origin).expect("an address");
        }))
        .await;
        let page = secure.browser().at_host("https://desk.example").post("/sign-in", &form).await;
        let cookie = page.headers["set-cookie"].to_str().expect("text").to_owned();
        assert!(cookie.starts_with("__Host-tenure=ts_"), "{cookie}");
        assert!(cookie.ends_with("; Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
        assert!(page.headers.contains_key("strict-transport-security"), "{page:?}");
    }

    /// ASVS 5.0 7.2.4.
    async fn asvs_7_2_4_each_sign_in_makes_a_new_token_and_takes_none_that_it_is_given(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let browser = site.signed_in(OWNER).await;
        let first = browser.cookie("tenure").expect("a session");
        // Signing in again, with the cookie sent along.
        browser.submit("/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await;
        let second = browser.cookie("tenure").expect("a session");
        assert_ne!(first, second);
        let planted = site.browser();
        let foreign = format!("ts_{}", "A".repeat(43));
        let request = planted.request(Method::POST, "/sign-in").header("cookie", format!("tenure={foreign}"));
        let page = planted.send(request.form(&[("email", OWNER), ("password", PASSWORD)])).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        assert_ne!(planted.cookie("tenure").expect("a session"), foreign);
        let request = site.browser().request(Method::GET, "/api/v1/me").header("cookie", format!("tenure={foreign}"));
        assert_eq!(request.send().await.expect("an answer").status(), StatusCode::UNAUTHORIZED);
    }

    /// ASVS 5.0 7.4.1.
    async fn asvs_7_4_1_signing_out_ends_the_session_and_no_other(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let (one, other) = (site.signed_in(OWNER).await, site.signed_in(OWNER).await);
        let kept = one.twin();
        let page = one.post("/sign-out", &[]).await;
        assert_eq!(page.headers["clear-site-data"], "\"cache\", \"storage\"");
        assert!(one.cookie("tenure").is_none(), "the cookie is taken back");
        assert_eq!(status_of(&kept).await, StatusCode::UNAUTHORIZED, "and would not work any more");
        assert_eq!(status_of(&other).await, StatusCode::OK);
    }

    /// ASVS 5.0 7.4.3.
    async fn asvs_7_4_3_a_changed_password_ends_every_other_session(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let (one, other) = (site.signed_in(OWNER).await, site.signed_in(OWNER).await);
        one.submit("/me/password", &[("current", PASSWORD), ("password", NEW)]).await;
        assert_eq!((status_of(&one).await, status_of(&other).await), (StatusCode::OK, StatusCode::UNAUTHORIZED));
        let old = site.browser().post("/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await;
        assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    /// ASVS 5.0 7.3.1: a session ends when it was not used for 12 hours, and using it keeps it.
    async fn asvs_7_3_1_an_idle_session_ends_and_a_used_one_goes_on(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let (used, idle) = (site.signed_in(OWNER).await, site.signed_in(OWNER).await);
        for _ in 0..3 {
            world.later(Duration::from_hours(5));
            assert_eq!(status_of(&used).await, StatusCode::OK);
            noted(&world).await;
        }
        assert_eq!(status_of(&idle).await, StatusCode::UNAUTHORIZED);
        let page = idle.get("/users").await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/sign-in?next=%2Fusers"));
    }

    /// ASVS 5.0 7.3.2: also one in use ends after 30 days.
    async fn asvs_7_3_2_a_session_ends_after_thirty_days_however_much_it_is_used(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let browser = site.signed_in(OWNER).await;
        let mut hours = 0;
        while status_of(&browser).await == StatusCode::OK {
            noted(&world).await;
            world.later(Duration::from_hours(10));
            hours += 10;
            assert!(hours <= 750, "it never ends");
        }
        assert!(hours >= 720, "it ended after {hours} hours");
    }

    /// ASVS 5.0 8.3.2.
    async fn asvs_8_3_2_a_change_of_role_is_in_force_at_the_next_request(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let name = any_name("Was");
        let who = world.joined_as(&name, Role::Administrator).await;
        let browser = site.signed_in(&address(&name)).await;
        assert_eq!(browser.get("/users/new").await.status, StatusCode::OK);
        let ctx = world.ctx();
        let changed =
            world.write(async move |tx| ops::roles::change(tx, &ctx, who.person, Role::Member, None).await).await;
        changed.expect("the role is changed");
        assert_eq!(browser.get("/users/new").await.status, StatusCode::FORBIDDEN);
        assert_eq!(browser.get("/users").await.status, StatusCode::OK);
    }

    /// Rule 3.
    async fn rule_03_a_refused_form_says_that_nothing_was_sent_and_shows_what_was_typed(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (name, target) = (any_name("Typing"), world.member().await);
        let who = world.joined_as(&name, Role::Administrator).await;
        let browser = site.signed_in(&address(&name)).await;
        let path = format!("/users/{}/deactivation", target.person);
        let form = browser.get(&path).await;
        let version = form.input("_version").expect("a version");
        let ended = browser.twin();
        world.deactivate(who.person).await.expect("a deactivation");
        let before = world.dump().await;
        let long = "She leaves on Friday, & <b>wants</b> her desk back in March";
        let chosen = target.person.to_string();
        let fields = [("_version", version.as_str()), ("reason", long), ("password", PASSWORD), ("current", NEW), ("back", "/users?view=all"), ("replace", chosen.as_str())];
        let page = browser.post(&path, &fields).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text.contains("Nothing was sent."), "{page:?}");
        assert!(page.text.contains("Your account is deactivated"), "{page:?}");
        assert!(page.text.contains("href=\"/sign-in\">Sign in to ask for a return"), "{page:?}");
        assert!(page.text.contains("data-dialog-body") && !page.text.contains("<form"), "it takes a dialog's place");
        assert!(!page.text.contains("/users?view=all") && !page.text.contains(&target.person.to_string()), "{page:?}");
        assert!(page.text.contains("She leaves on Friday, &#38; &#60;b&#62;wants&#60;/b&#62; her desk back in March"), "{page:?}");
        assert!(!page.text.contains(PASSWORD) && !page.text.contains(NEW), "secrets are not shown again");
        assert_eq!(world.dump().await, before);
        // The same for somebody whose session has only ended.
        world.activate(who.person, ops::activation::Way::Free).await.expect("an activation");
        let page = ended.post(&path, &fields).await;
        // Rule 1: ended sessions never come back.
        assert_ne!(page.status, StatusCode::SEE_OTHER, "{page:?}");
        assert!(page.text.contains("Nothing was sent."), "{page:?}");
        assert!(page.text.contains("She leaves on Friday"), "{page:?}");
        assert!(world.row(target.person).await.person.status.is_active());
    }

    async fn two_cookies_of_the_name_are_none(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let token = site.signed_in(OWNER).await.cookie("tenure").expect("a session");
        let browser = site.browser();
        let twice = format!("tenure={token}; tenure={token}");
        let page = browser.send(browser.request(Method::GET, "/api/v1/me").header("cookie", twice)).await;
        assert_eq!(problem(&page), "not-signed-in");
    }
}

/// Waits until the use of a session at this moment is saved: it is noted beside the answer.
async fn noted(world: &World) {
    let now = world.sys.now();
    for _ in 0..500 {
        let lengths = world.workspace().await.sessions;
        let open =
            sessions::open(&mut world.reader().await, world.ws, world.owner.person, lengths, now).await;
        if open.expect("a read").first().is_some_and(|session| session.last_used == now) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the use of a session is not noted");
}
