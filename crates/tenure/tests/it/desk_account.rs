//! Links that let people in, and one's own account, as a browser sees them.

use std::time::Duration;

use domain::role::Role;
use reqwest::{Method, StatusCode};
use tenure::{ops, secret::Secret};

use crate::support::{
    both_engines,
    http::Site,
    world::{PASSWORD, World, address},
};

const NEW: &str = "quartz violin marches past dawn";

async fn link(world: &World, person: domain::id::PersonId) -> Secret {
    let ctx = world.ctx();
    world.write(async move |tx| ops::links::make(tx, &ctx, person).await).await.expect("a link")
}

both_engines! {
    async fn an_invitation_is_accepted_with_name_and_password_and_signs_in(store: Store) {
        let world = World::new(store, 3).await;
        let site = Site::of(&world).await;
        let (person, secret) = world.invited_as("Ada Adams", Role::Member).await;
        let path = format!("/invitation/{}", secret.reveal());
        let browser = site.browser();
        // A scanner that follows the link uses nothing up.
        for _ in 0..3 {
            let page = browser.get(&path).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.text.contains("ada.adams@acme.example"));
            assert_eq!(page.input("name").as_deref(), Some("Ada Adams"));
        }
        let page = browser.post(&path, &[("name", "Ada King"), ("password", "short")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("at least 12 characters"), "{}", page.text);
        assert_eq!(page.input("name").as_deref(), Some("Ada King"), "what was typed stays");
        assert!(!page.text.contains("short\""), "a password is never drawn");
        let page = browser.post(&path, &[("name", " "), ("password", NEW)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = browser.post(&path, &[("name", "Ada King"), ("password", NEW)]).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/mine"));
        assert_eq!(world.row(person).await.person.name, "Ada King");
        assert_eq!(browser.get("/me").await.status, StatusCode::OK, "signed in");
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::GONE);
        assert!(page.text.contains("This link no longer works"));
        world.check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_that_is_over_says_so() {
    let database =
        crate::support::database::Database::sqlite(crate::support::database::Ready::Migrated).await;
    let world = World::new(database.store.clone(), 3).await;
    let site = Site::of(&world).await;
    let (_, secret) = world.invited_as("Ada Adams", Role::Member).await;
    let path = format!("/invitation/{}", secret.reveal());
    world.later(Duration::from_hours(7 * 24 + 1));
    let page = site.browser().get(&path).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.text.contains("This invitation has expired"), "{}", page.text);
    let page = site.browser().post(&path, &[("name", "Ada"), ("password", NEW)]).await;
    assert_eq!(page.status, StatusCode::GONE);
    for nonsense in ["ti_x", "tp_AAAA", "%00", "'--"] {
        let page = site.browser().get(&format!("/invitation/{nonsense}")).await;
        assert_eq!(page.status, StatusCode::GONE, "{nonsense}");
    }
}

both_engines! {
    async fn a_set_password_link_works_once_and_ends_the_other_sessions(store: Store) {
        let world = World::new(store, 3).await;
        let site = Site::of(&world).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        let before = site.signed_in(&address("Ada Adams")).await;
        let secret = link(&world, ada.person).await;
        let path = format!("/password/{}", secret.reveal());
        let browser = site.browser();
        assert_eq!(browser.get(&path).await.status, StatusCode::OK);
        let page = browser.post(&path, &[("password", "Ada Adams Ada Adams")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("Leave out your name"), "{}", page.text);
        let page = browser.post(&path, &[("password", NEW)]).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/mine"));
        assert_eq!(before.get("/me").await.status, StatusCode::SEE_OTHER, "the earlier session has ended");
        assert_eq!(browser.get("/me").await.status, StatusCode::OK);
        assert_eq!(browser.post(&path, &[("password", NEW)]).await.status, StatusCode::GONE);
        // Rule 3: no link opens a door for a deactivated person.
        let secret = link(&world, ada.person).await;
        world.deactivate(ada.person).await.expect("a deactivation");
        let path = format!("/password/{}", secret.reveal());
        for page in [site.browser().get(&path).await, site.browser().post(&path, &[("password", NEW)]).await] {
            assert_eq!(page.status, StatusCode::FORBIDDEN);
            assert!(page.text.contains("This account is deactivated"));
            assert!(page.headers.get("set-cookie").is_none());
        }
        world.check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_tries_many_links_is_slowed_down() {
    let database =
        crate::support::database::Database::sqlite(crate::support::database::Ready::Migrated).await;
    let world = World::new(database.store.clone(), 3).await;
    let site = Site::of(&world).await;
    let browser = site.browser();
    for _ in 0..1_000 {
        let page = browser.get("/password/tp_nonsense").await;
        if page.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(page.headers.contains_key("retry-after"));
            return;
        }
        assert_eq!(page.status, StatusCode::GONE);
    }
    panic!("a thousand links were tried without a limit");
}

both_engines! {
    async fn the_own_profile_is_saved_and_what_is_wrong_stays_as_typed(store: Store) {
        let world = World::new(store, 3).await;
        let site = Site::of(&world).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        let browser = site.signed_in(&address("Ada Adams")).await;
        let page = browser.get("/me").await;
        assert!(page.text.contains("ada.adams@acme.example"));
        assert!(page.input("email").is_none(), "an address is changed by administrators");
        let version = page.input("_version").expect("a version");
        let form = |name: &'static str, zone: &'static str, version: String| {
            [("name", name.to_owned()), ("language", "en".into()), ("time_zone", zone.into()), ("theme", "dark".into()), ("_version", version)]
        };
        let post = async |fields: [(&'static str, String); 5]| {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            browser.post("/me", &fields).await
        };
        let long = "x".repeat(201).leak();
        let page = post(form(long, "Asia/Tokyo", version.clone())).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("aria-invalid") && page.text.contains(&*long));
        assert!(page.text.contains("<option value=\"Asia/Tokyo\" selected>"), "the choice stays");
        let page = post(form("Ada King", "Mars/Olympus", version.clone())).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("Choose a time zone from the list"));
        let page = post(form("Ada King", "Asia/Tokyo", version.clone())).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/me"));
        let row = world.row(ada.person).await;
        assert_eq!((row.person.name.as_str(), row.time_zone.as_str(), row.theme.as_str()), ("Ada King", "Asia/Tokyo", "dark"));
        let page = browser.get("/me").await;
        assert!(page.text.contains("Your profile is saved.") && page.text.contains("data-theme=\"dark\""));
        assert!(!browser.get("/me").await.text.contains("Your profile is saved."), "told once");
        let page = post(form("Ada Stale", "Asia/Tokyo", version)).await;
        assert_eq!(page.status, StatusCode::CONFLICT);
        assert!(page.text.contains("nothing was saved") && page.text.contains("Ada Stale"));
        assert_eq!(world.row(ada.person).await.person.name, "Ada King");
    }
}

both_engines! {
    async fn a_picture_is_judged_by_its_bytes_and_size(store: Store) {
        let world = World::new(store, 3).await;
        let site = Site::of(&world).await;
        let browser = site.signed_in("olga.owner@acme.example").await;
        let sized = |side: u32, length: usize| {
            let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
            bytes.extend([side.to_be_bytes(), side.to_be_bytes()].concat());
            bytes.resize(length, 0);
            bytes
        };
        let png = |length: usize| sized(256, length);
        let most = world.app.config.limits.picture_bytes;
        for (bytes, words) in [
            (Vec::new(), "Choose a picture first."),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "Choose a PNG, JPEG or WebP picture."),
            (png(most + 1), "at most 1 MiB"),
            (png(8 * most), "at most 1 MiB"),
            (sized(60_000, 2_048), "at most 4096 pixels wide and high"),
        ] {
            let page = browser.send_file("/me/picture", "picture", "me.png", &bytes).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
            assert!(page.text.contains(words), "{words}");
        }
        assert_eq!(world.row(world.owner.person).await.picture, None);
        let page = browser.send_file("/me/picture", "picture", "me.png", &png(most)).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/me"), "{}", page.text);
        let page = browser.get("/me").await;
        assert!(page.text.contains("Remove the picture") && page.text.contains("/pictures/"));
        let page = browser.submit("/me/picture/removal", &[]).await;
        assert!(page.text.contains("Your picture is removed.") && !page.text.contains("Remove the picture"));
        let form = browser.request(Method::POST, "/me/picture").body("nonsense");
        assert_eq!(browser.send(form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

both_engines! {
    async fn a_changed_password_ends_the_other_sessions_and_says_how_many(store: Store) {
        let world = World::new(store, 3).await;
        let site = Site::of(&world).await;
        world.joined_as("Ada Adams", Role::Member).await;
        let browser = site.signed_in(&address("Ada Adams")).await;
        let other = site.signed_in(&address("Ada Adams")).await;
        let page = browser.get("/me/password").await;
        assert!(page.text.contains("Your 2 other sessions end."), "the one of the invitation too");
        let page = browser.post("/me/password", &[("current", "wrong"), ("password", NEW)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("This is not your password."));
        let page = browser.post("/me/password", &[("current", PASSWORD), ("password", "aaaaaaaaaaaaaaaa")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = browser.post("/me/password", &[("current", PASSWORD), ("password", PASSWORD)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let at_field = "<p class=\"error\" id=\"e-password\">This is your password already. Choose another one.</p>";
        assert!(page.text.contains(at_field), "{}", page.text);
        assert_eq!(other.get("/me").await.status, StatusCode::OK, "nothing has happened yet");
        let page = browser.submit("/me/password", &[("current", PASSWORD), ("password", NEW)]).await;
        assert!(page.text.contains("2 other sessions have ended."), "{}", page.text);
        assert_eq!(other.get("/me").await.status, StatusCode::SEE_OTHER);
        assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    }
}

both_engines! {
    async fn sessions_are_listed_and_ended_one_by_one_or_all_others(store: Store) {
        let world = World::new(store, 3).await;
        let site = Site::of(&world).await;
        world.joined_as("Ada Adams", Role::Member).await;
        let browser = site.signed_in(&address("Ada Adams")).await;
        let second = site.signed_in(&address("Ada Adams")).await;
        let page = browser.get("/me/sessions").await;
        assert_eq!(page.text.matches("class=\"session\"").count(), 3);
        assert_eq!(page.text.matches("This one").count(), 1);
        let id = page.input("session").expect("a button for another session");
        let page = browser.submit("/me/sessions", &[("session", &id)]).await;
        assert!(page.text.contains("The session has ended."));
        let page = browser.submit("/me/sessions", &[("session", &id)]).await;
        assert!(page.text.contains("This session had ended already."));
        let olga = site.signed_in("olga.owner@acme.example").await;
        let page = olga.get("/me/sessions").await;
        let foreign = page.input("session").expect("a button for another session");
        browser.submit("/me/sessions", &[("session", &foreign)]).await;
        assert_eq!(olga.get("/me").await.status, StatusCode::OK, "another person's session is not one's own");
        let page = browser.submit("/me/sessions", &[("others", "1")]).await;
        assert!(page.text.contains("other session has ended."), "{}", page.text);
        assert_eq!(second.get("/me").await.status, StatusCode::SEE_OTHER);
        let page = browser.get("/me/sessions").await;
        assert_eq!(page.text.matches("class=\"session\"").count(), 1);
        assert!(!page.text.contains("End all others"));
    }
}
