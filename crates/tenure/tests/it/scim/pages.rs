//! The page on which an administrator connects a directory.

use reqwest::StatusCode;
use serde_json::json;

use super::{Directory, error, path};
use crate::http::OWNER;
use crate::support::{
    both_engines,
    http::Site,
    world::{PASSWORD, World},
};

const HERE: &str = "/settings/scim";

both_engines! {
    async fn an_administrator_connects_a_directory_and_says_how_it_speaks(store: Store) {
        let world = World::new(store, 10).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let empty = owner.get(HERE).await.text;
        assert!(empty.contains(&format!("{}/scim/v2?aadOptscim062020", site.url)) && !empty.contains("Directories"), "{empty}");
        assert!(empty.contains("value=\"scim-customers\"") && !empty.contains("value=\"people\""), "{empty}");
        let fields = |scope, password| [("name", "Okta"), ("scope", scope), ("days", "never"), ("password", password)];
        let wrong = owner.post(HERE, &fields("scim", "wrong")).await;
        assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text.contains("The password is not right."));
        let other = owner.post(HERE, &fields("people", PASSWORD)).await;
        assert!(other.text.contains("Choose at least one scope."), "{other:?}");
        let both = [("name", "Okta"), ("scope", "scim"), ("scope", "scim-customers"), ("days", "never"), ("password", PASSWORD)];
        for path in [HERE, "/settings/tokens"] {
            let refused = owner.post(path, &both).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
            assert!(refused.text.contains("Choose one: a directory brings users"), "{path}: {refused:?}");
        }
        assert!(empty.contains("type=\"radio\" name=\"scope\" value=\"scim\" checked") && empty.contains("as in Entra ID"), "{empty}");
        let made = owner.post(HERE, &fields("scim", PASSWORD)).await;
        let (_, secret) = made.text.split_once(">tnr_").expect("it is shown");
        let secret = format!("tnr_{}", &secret[..secret.find('<').expect("closed")]);
        assert!(made.text.contains(&format!("curl {}/scim/v2/Users", site.url)), "{made:?}");
        let program = site.browser().with_token(&secret);
        assert_eq!(program.get("/scim/v2/Users").await.status, StatusCode::OK);
        let page = owner.get(HERE).await.text;
        assert!(page.contains("Okta") && page.contains("Users and teams") && !page.contains(&secret), "{page}");

        let (_, rest) = page.split_once("action=\"/settings/scim/").expect("its settings");
        let there = format!("{HERE}/{}", &rest[..rest.find('"').expect("closed")]);
        let saved = owner.submit(&there, &[("delete", "delete"), ("empty_patch", "1")]).await.text;
        assert!(saved.contains("The settings are saved."), "{saved}");
        assert!(saved.contains("value=\"delete\" checked") && saved.contains("name=\"empty_patch\" value=\"1\" checked"), "{saved}");
        assert!(owner.submit(&there, &[("delete", "delete"), ("empty_patch", "1")]).await.text.contains("were so already"));
        let user = program.send(program.request(reqwest::Method::POST, "/scim/v2/Users").json(&json!({ "userName": "ada@contoso.example" }))).await.json();
        let operations = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "x" }] });
        let patch = program.request(reqwest::Method::PATCH, &format!("/scim/v2{}", path(&user))).json(&operations);
        assert_eq!(program.send(patch).await.status, StatusCode::NO_CONTENT);
        let reading = world.service_token(&[domain::token::Scope::Read]).await.row.token.id;
        let other = owner.post(&format!("{HERE}/{reading}"), &[("delete", "delete")]).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND, "a token that is no directory's");
    }

    async fn a_sync_that_the_brake_stopped_is_let_go_on_from_the_page(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let directory = Directory::new(&world, &site).await;
        let owner = site.signed_in(OWNER).await;
        let off = json!([{ "op": "replace", "path": "active", "value": false }]);
        let mut stopped = None;
        for n in 0..6 {
            let user = directory.user(&format!("user{n}@contoso.example")).await;
            world.later(std::time::Duration::from_secs(1));
            let page = directory.try_patch(&path(&user), &off).await;
            if page.status != StatusCode::OK {
                assert!(error(&page).2.contains("Settings, SCIM"));
                stopped = Some(user);
            }
        }
        let user = stopped.expect("the sixth is stopped");
        let page = owner.get(HERE).await.text;
        assert!(page.contains("The brake stopped the sync"), "{page}");
        assert!(page.contains("5 were deactivated within 60 minutes, and one more would have passed the 5"), "{page}");
        assert!(page.contains("href=\"/audit?action=person.deactivated&#38;door=scim&#38;from="), "{page}");
        // Whoever looks elsewhere is told, too.
        let elsewhere = owner.get("/users").await.text;
        assert!(elsewhere.contains("to attend to") && elsewhere.contains("title=\"1 to attend to\""), "{elsewhere}");
        let there = format!("{HERE}/{}/brake", directory.made.row.token.id);
        let done = owner.submit(&there, &[]).await.text;
        assert!(done.contains("may go on past the brake for 24 hours") && !done.contains("The brake stopped"), "{done}");
        assert!(done.contains("may pass the brake until"), "{done}");
        assert!(!owner.get("/users").await.text.contains("to attend to"));
        assert_eq!(directory.patch(&path(&user), &off).await["active"], false);
    }
}
