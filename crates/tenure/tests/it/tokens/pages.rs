//! Tokens on the pages of the desk.

use domain::{role::Role, token::Scope};
use reqwest::StatusCode;

use crate::{
    http::OWNER,
    support::{
        both_engines,
        http::{Browser, Site},
        world::{PASSWORD, World, address, any_name},
    },
};

async fn make(browser: &Browser, path: &str, days: &str, password: &str) -> crate::support::http::Page {
    let fields =
        [("name", "Script"), ("scope", "read"), ("scope", "write"), ("days", days), ("password", password)];
    browser.post(path, &fields).await
}

/// The id that a form carries.
pub(crate) fn form_id(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"id\" value=\"").expect("a form with an id");
    rest[..rest.find('"').expect("closed")].to_owned()
}

both_engines! {
    /// ASVS 5.0 7.5.1.
    async fn asvs_7_5_1_a_personal_token_is_made_with_the_password_used_and_revoked(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let name = any_name("Mem");
        world.joined_as(&name, Role::Member).await;
        let browser = site.signed_in(&address(&name)).await;
        let empty = browser.get("/me/tokens").await.text;
        assert!(empty.contains("You have none.") && empty.contains("curl") && !empty.contains("value=\"people\""), "{empty}");
        let wrong = make(&browser, "/me/tokens", "30", "not my password").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains("The password is not right.") && wrong.text.contains("value=\"Script\""), "{wrong:?}");
        let forever = make(&browser, "/me/tokens", "never", PASSWORD).await;
        assert!(forever.text.contains("A personal API token expires"), "{forever:?}");
        let made = make(&browser, "/me/tokens", "30", PASSWORD).await;
        let (_, secret) = made.text.split_once(">tnr_").expect("it is shown");
        let secret = format!("tnr_{}", &secret[..secret.find('<').expect("closed")]);
        assert_eq!(site.browser().with_token(&secret).get("/api/v1/me").await.status, StatusCode::OK);
        let list = browser.get("/me/tokens").await.text;
        assert!(list.contains("Script") && !list.contains(&secret), "shown once: {list}");

        let (_, rest) = list.split_once("/me/tokens/").expect("a way to revoke it");
        let path = format!("/me/tokens/{}", &rest[..rest.find('"').expect("closed")]);
        assert!(browser.get(&path).await.text.contains("Revoke the token Script?"));
        assert!(browser.submit(&path, &[]).await.text.contains("The token is revoked."));
        assert_eq!(site.browser().with_token(&secret).get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
        assert!(browser.submit(&path, &[]).await.text.contains("was revoked already"), "rule 10");
        // The pages of administrators, and the tokens of others, are not a member's.
        assert_eq!(browser.get("/settings/tokens").await.status, StatusCode::FORBIDDEN);
        let other = world.token_of(world.owner, &[Scope::Read]).await.row.token.id;
        for path in [format!("/me/tokens/{other}/revocation"), format!("/settings/tokens/{other}/revocation")] {
            assert_eq!(browser.post(&path, &[]).await.status, StatusCode::FORBIDDEN, "{path}");
        }
    }

    async fn a_form_that_is_sent_again_makes_no_second_token(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        for (path, scope) in [("/me/tokens", "read"), ("/settings/tokens", "write"), ("/settings/scim", "scim")] {
            let id = form_id(&owner.get(path).await.text);
            assert_ne!(id, form_id(&owner.get(path).await.text), "each form makes one of its own");
            let called = any_name("Once");
            let fields = |password| [("id", id.as_str()), ("name", called.as_str()), ("scope", scope), ("days", "30"), ("password", password)];
            // What was refused has made nothing: the same form is sent again.
            let wrong = owner.post(path, &fields("wrong")).await;
            assert_eq!(form_id(&wrong.text), id, "{path}");
            let made = owner.post(path, &fields(PASSWORD)).await;
            assert!(made.status == StatusCode::OK && made.text.contains(">tnr_"), "{path}: {made:?}");
            let again = owner.post(path, &fields(PASSWORD)).await;
            assert_eq!(again.status, StatusCode::CONFLICT, "{path}");
            assert!(again.text.contains(&format!("The token {called} was made already")) && !again.text.contains("tnr_"), "{path}: {again:?}");
            assert!(again.text.contains(&format!("href=\"{path}\"")), "the way to the list: {again:?}");
            let list = owner.get(path).await.text;
            assert_eq!(list.matches(&format!("<strong><bdi>{called}</bdi></strong>")).count(), 1, "{path}: {list}");
        }
        let bad = [("id", "1"), ("name", "Bad"), ("scope", "read"), ("days", "30"), ("password", PASSWORD)];
        let refused = owner.post("/me/tokens", &bad).await;
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text.contains("This form is not whole."), "{refused:?}");
    }

    async fn two_that_send_the_same_form_at_once_make_one_token(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let id = form_id(&owner.get("/settings/tokens").await.text);
        let fields = [("id", id.as_str()), ("name", "Twice"), ("scope", "read"), ("days", "30"), ("password", PASSWORD)];
        let (one, other) = tokio::join!(owner.post("/settings/tokens", &fields), owner.post("/settings/tokens", &fields));
        let mut statuses = [one.status, other.status];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::OK, StatusCode::CONFLICT]);
    }

    async fn administrators_see_every_token_and_suspend_and_restore_it(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let made = make(&owner, "/settings/tokens", "never", PASSWORD).await;
        assert!(made.text.contains("It works until it is revoked."), "{made:?}");
        let who = world.member().await;
        let token = world.token_of(who, &[Scope::Read]).await;
        let (id, called) = (token.row.token.id, token.row.name.clone());
        let list = owner.get("/settings/tokens").await.text;
        assert!(list.contains("Script") && list.contains(&called), "{list}");
        let path = format!("/settings/tokens/{id}/suspension");
        let suspended = owner.submit(&path, &[("do", "Suspend")]).await.text;
        assert!(suspended.contains("The token is suspended.") && suspended.contains("Restore the token"), "{suspended}");
        assert!(owner.submit(&path, &[("do", "Restore")]).await.text.contains("The token works again."));

        // The dialog counts it, and the receipt; the list then says why it does not work, and offers no way back.
        let dialog = owner.get(&format!("/users/{}/deactivation", who.person)).await;
        assert!(dialog.text.contains("1 API token is suspended"), "{dialog:?}");
        let version = dialog.input("_version").expect("a version");
        let told = owner.submit(&format!("/users/{}/deactivation", who.person), &[("_version", &version)]).await.text;
        assert!(told.contains("1 API token suspended"), "{told}");
        let list = owner.get("/settings/tokens").await.text;
        assert!(list.contains("Suspended with a deactivation") && !list.contains("Restore the token"), "{list}");
        let refused = owner.submit(&path, &[("do", "Restore")]).await.text;
        assert!(refused.contains("This person is deactivated"), "rule 3: {refused}");
        let dialog = owner.get(&format!("/users/{}/activation", who.person)).await;
        assert!(dialog.text.contains("Restore their 1 suspended API token"), "{dialog:?}");
        let version = dialog.input("_version").expect("a version");
        let fields = [("_version", version.as_str()), ("restore_tokens", "1")];
        let told = owner.submit(&format!("/users/{}/activation", who.person), &fields).await.text;
        assert!(told.contains("1 API token restored"), "{told}");
        assert_eq!(site.browser().with_token(&token.secret.reveal()).get("/api/v1/me").await.status, StatusCode::OK);
    }

    async fn the_dialog_lists_service_tokens_and_suspends_them_if_asked(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let who = world.administrator().await;
        let service = world.service_token_by(who, &[Scope::Read], domain::token::Life::Forever).await;
        let path = format!("/users/{}/deactivation", who.person);
        let dialog = owner.get(&path).await;
        assert!(dialog.text.contains(&service.row.name) && dialog.text.contains("Suspend too"), "{dialog:?}");
        let version = dialog.input("_version").expect("a version");
        let told = owner.submit(&path, &[("_version", &version), ("made_tokens", "1")]).await.text;
        assert!(told.contains("1 API token suspended"), "{told}");
        let page = site.browser().with_token(&service.secret.reveal()).get("/api/v1/me").await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    }

    async fn the_audit_log_names_tokens_and_is_filtered_by_them(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let (mine, service) = (world.token_of(world.owner, &[Scope::People]).await, world.service_token(&[Scope::People]).await);
        for made in [&mine, &service] {
            let target = world.member().await.person;
            world.deactivate_by(world.with_token(made), target).await.expect("a deactivation");
        }
        for path in ["/audit?actor=token", "/audit.csv?actor=token"] {
            let text = owner.get(path).await.text;
            let service_name = format!("API token {}", service.row.name);
            assert!(text.contains(&service_name), "{path}: {text}");
            assert!(text.contains("deactivated"), "{path}: {text}");
        }
        let csv = owner.get("/audit.csv?actor=token").await.text;
        assert!(!csv.contains("session.started") && csv.lines().count() == 3, "what a token did, and nothing else: {csv}");
        let page = owner.get("/audit?actor=token").await.text;
        assert!(page.contains(&format!("API token {}", mine.row.name)), "{page}");
    }
}
