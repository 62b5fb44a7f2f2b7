//! Signing in: one answer for everybody who may not, and not too often.

use std::time::Duration;

use domain::role::Role;
use reqwest::StatusCode;
use tenure::{app::App, store::Store};

use super::{OWNER, app_on, problem};
use crate::support::{
    both_engines,
    http::{Browser, Page, Site},
    world::{PASSWORD, World, address, any_name},
};

async fn attempt(site: &Site, email: &str, password: &str) -> Page {
    site.browser().post("/sign-in", &[("email", email), ("password", password)]).await
}

/// The page without what the visitor typed and what names the request.
fn body(page: &Page, email: &str) -> String {
    page.text.replace(email, "EMAIL")
}

both_engines! {
    /// ASVS 5.0 6.3.8. Time is compared by the work that takes it: one hash each.
    async fn asvs_6_3_8_every_wrong_sign_in_gets_one_answer_for_one_hash(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let without = any_name("Never");
        world.invited_as(&without, Role::Member).await;
        let (name, gone) = (any_name("Known"), any_name("Gone"));
        world.joined_as(&name, Role::Member).await;
        let deactivated = world.joined_as(&gone, Role::Member).await;
        world.deactivate(deactivated.person).await.expect("a deactivation");
        let wrong = "not the password at all";
        let mut answers = Vec::new();
        for (what, email) in [
            ("unknown", "nobody@acme.example".to_owned()),
            ("wrong", address(&name)),
            ("no password", address(&without)),
            ("deactivated", address(&gone)),
            ("no address at all", "nonsense".to_owned()),
        ] {
            let made = world.app.hasher.made();
            let page = attempt(&site, &email, wrong).await;
            assert_eq!(world.app.hasher.made() - made, 1, "{what} costs one hash");
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
            let mut headers: Vec<_> =
                page.headers.iter().filter(|(name, _)| !["x-request-id", "date", "content-length"].contains(&name.as_str())).map(|(name, value)| (name.to_string(), value.clone())).collect();
            headers.sort_by(|a, b| a.0.cmp(&b.0));
            answers.push((what, body(&page, &email), headers));
        }
        for answer in &answers {
            assert_eq!((&answer.1, &answer.2), (&answers[0].1, &answers[0].2), "{} and {}", answer.0, answers[0].0);
        }
    }

    /// Rule 3.
    async fn rule_03_right_credentials_of_a_deactivated_person_may_ask_once_a_day_for_a_return(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let name = any_name("Gone");
        let who = world.joined_as(&name, Role::Member).await;
        world.deactivate(who.person).await.expect("a deactivation");
        let browser = site.browser();
        let page = browser.post("/sign-in", &[("email", &address(&name)), ("password", PASSWORD)]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page:?}");
        assert!(page.text.contains("This account is deactivated"), "{page:?}");
        assert!(browser.cookie("tenure").is_none(), "no session");
        let proof = page.input("proof").expect("a proof in the form");
        let sent = browser.post("/return-requests", &[("proof", &proof)]).await;
        assert_eq!(sent.status, StatusCode::OK, "{sent:?}");
        assert!(world.row(who.person).await.return_asked.is_some());
        // The proof works once, and a new one does not help on the same day.
        let again = browser.post("/return-requests", &[("proof", &proof)]).await;
        assert_eq!(again.status, StatusCode::OK, "{again:?}");
        assert!(again.text.contains("You have asked already"), "{again:?}");
        let zone = jiff::tz::TimeZone::get(&world.workspace().await.time_zone).expect("a zone");
        let clock = world.sys.now().to_zoned_datetime(zone).strftime("tomorrow at %H:%M").to_string();
        assert!(again.text.contains(&clock), "{clock}: {again:?}");
        let page = browser.post("/sign-in", &[("email", &address(&name)), ("password", PASSWORD)]).await;
        assert!(page.input("proof").is_none(), "there is no button today: {page:?}");
        let asked = world.actions(who.person).await.into_iter().filter(|action| action.contains("return"));
        assert_eq!(asked.count(), 1);
    }
}

/// A server with the limits of the product, and the people of a world in it.
async fn limited(store: Store) -> (World, App, Site) {
    let world = World::new(store.clone(), 20).await;
    let app = app_on(store, &world.sys, |_| {});
    let site = Site::serving(app.clone()).await;
    (world, app, site)
}

both_engines! {
    /// ASVS 5.0 6.3.1.
    async fn asvs_6_3_1_tries_at_one_account_run_out_and_come_back(store: Store) {
        let (world, app, site) = limited(store).await;
        let name = any_name("Target");
        world.joined_as(&name, Role::Member).await;
        let email = address(&name);
        for number in 0..10 {
            let page = attempt(&site, &email, &format!("guess number {number}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
        }
        // However it is typed, and whether or not it is right: else the limit would tell which it was.
        for (email, password) in [(email.clone(), "guess"), (email.to_uppercase(), "guess"), (email.clone(), PASSWORD)] {
            let made = app.hasher.made();
            let page = attempt(&site, &email, password).await;
            assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{page:?}");
            let after = page.headers.get("retry-after").expect("when").to_str().expect("text");
            assert!((1..=60).contains(&after.parse::<u64>().expect("seconds")), "{after}");
            assert_eq!(app.hasher.made(), made, "nothing is hashed");
        }
        assert_eq!(attempt(&site, OWNER, PASSWORD).await.status, StatusCode::SEE_OTHER, "others are not kept out");
        world.later(Duration::from_mins(5));
        assert_eq!(attempt(&site, &email, PASSWORD).await.status, StatusCode::SEE_OTHER);
    }

    /// ASVS 5.0 6.3.1: a list of addresses tried from one place.
    async fn asvs_6_3_1_tries_from_one_address_run_out(store: Store) {
        let (world, _, site) = limited(store).await;
        let mut refused = 0;
        for number in 0..70 {
            let page = attempt(&site, &format!("person{number}@acme.example"), "guess").await;
            refused += i32::from(page.status == StatusCode::TOO_MANY_REQUESTS);
        }
        assert_eq!(refused, 10);
        world.later(Duration::from_mins(5));
        assert_eq!(attempt(&site, OWNER, PASSWORD).await.status, StatusCode::SEE_OTHER);
    }

    /// ASVS 5.0 2.4.1.
    async fn asvs_2_4_1_who_knocks_without_a_session_is_slowed_down_and_nobody_else(store: Store) {
        let (world, _, site) = limited(store).await;
        let browser = site.signed_in(OWNER).await;
        let nobody = site.browser();
        let mut refused = 0;
        for number in 0..620 {
            let path = if number % 2 == 0 { "/sign-in" } else { "/api/v1/me" };
            refused += i32::from(nobody.get(path).await.status == StatusCode::TOO_MANY_REQUESTS);
        }
        // One went to the sign-in above.
        assert_eq!(refused, 21);
        assert_eq!(browser.get("/api/v1/me").await.status, StatusCode::OK, "a session is counted by itself");
        world.later(Duration::from_mins(1));
        assert_eq!(nobody.get("/sign-in").await.status, StatusCode::OK);
    }

    async fn a_session_that_asks_too_often_is_told_when_to_come_back(store: Store) {
        let (world, _, site) = limited(store.clone()).await;
        let slow = Site::serving(app_on(store, &world.sys, |config| {
            config.rates.requests_account = tenure::rate::Rate::new(5, Duration::from_mins(1));
        }))
        .await;
        let browser = site.signed_in(OWNER).await.towards(&slow.url);
        for _ in 0..5 {
            assert_eq!(browser.get("/api/v1/me").await.status, StatusCode::OK);
        }
        let page = browser.get("/api/v1/me").await;
        assert_eq!((page.status, problem(&page).as_str()), (StatusCode::TOO_MANY_REQUESTS, "too-many-requests"));
        assert!(page.headers.contains_key("retry-after"), "{page:?}");
        world.later(Duration::from_mins(1));
        assert_eq!(browser.get("/api/v1/me").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn the_way_on_after_a_sign_in_stays_on_this_desk() {
    let database =
        crate::support::database::Database::sqlite(crate::support::database::Ready::Migrated).await;
    let world = World::new(database.store.clone(), 5).await;
    let site = Site::of(&world).await;
    for (next, leads_to) in [
        ("/me/sessions?x=1", "/me/sessions?x=1"),
        ("//evil.example", "/mine"),
        ("/\\evil.example", "/mine"),
        ("https://evil.example/", "/mine"),
        ("/ok\r\nset-cookie: a=b", "/mine"),
        ("javascript:alert(1)", "/mine"),
        ("", "/mine"),
    ] {
        let browser: Browser = site.browser();
        let page =
            browser.post("/sign-in", &[("email", OWNER), ("password", PASSWORD), ("next", next)]).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, leads_to), "{next:?}");
        assert!(page.headers.get_all("set-cookie").iter().count() == 1, "{page:?}");
    }
}
