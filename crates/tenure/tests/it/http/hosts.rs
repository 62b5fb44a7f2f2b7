//! Which workspace a request is for.

use domain::token::Scope;
use reqwest::StatusCode;

use super::{OWNER, name_host, problem, signed_in_at};
use crate::support::{both_engines, http::Site, world::World};

both_engines! {
    async fn a_single_workspace_answers_any_host(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let page = site.browser().at_host("whatever.example:8443").get("/sign-in").await;
        assert_eq!(page.status, StatusCode::OK);
        signed_in_at(&site, "other.example", OWNER).await;
    }

    /// ASVS 5.0 8.4.1.
    async fn asvs_8_4_1_with_two_workspaces_an_unknown_host_is_nobodys(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        assert_eq!(site.browser().get("/sign-in").await.status, StatusCode::OK, "one answers any host");
        let beside = world.beside(5).await;
        // At once, without a restart: nothing remembers that there was only one.
        let page = site.browser().get("/sign-in").await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{page:?}");
        assert!(page.text.contains("No workspace has this address."), "{page:?}");
        assert!(page.text.contains("<h1>There is no desk here</h1>"), "{page:?}");
        assert!(!page.text.contains("href=\"/users\""), "no link leads where nothing is: {page:?}");
        assert_eq!(problem(&site.browser().get("/api/v1/me").await), "unknown-host");

        name_host(&world, world.ws, "a.example").await;
        name_host(&world, beside.ws, "b.example").await;
        for (host, status) in [
            ("a.example", StatusCode::OK),
            ("b.example", StatusCode::OK),
            ("A.Example", StatusCode::OK),
            ("a.example:8080", StatusCode::OK),
            ("c.example", StatusCode::NOT_FOUND),
            ("a.example.evil.example", StatusCode::NOT_FOUND),
        ] {
            let page = site.browser().at_host(host).get("/sign-in").await;
            assert_eq!(page.status, status, "{host}: {page:?}");
        }
    }

    async fn a_session_of_one_workspace_is_none_of_another(store: Store) {
        let world = World::new(store, 5).await;
        let beside = world.beside(5).await;
        name_host(&world, world.ws, "a.example").await;
        name_host(&world, beside.ws, "b.example").await;
        let site = Site::of(&world).await;
        let a = signed_in_at(&site, "a.example", OWNER).await;
        let me = a.get("/api/v1/me").await.json();
        assert_eq!(me["workspace"]["id"], world.ws.to_string());
        assert_eq!(me["id"], world.owner.person.to_string());
        assert_eq!(problem(&a.twin().at_host("b.example").get("/api/v1/me").await), "not-signed-in");
        assert_eq!(problem(&a.twin().at_host("c.example").get("/api/v1/me").await), "unknown-host");
        let secret = world.token_of(world.owner, &[Scope::Read]).await.secret.reveal();
        let program = site.browser().with_token(&secret);
        let me = program.twin().at_host("a.example").get("/api/v1/me").await.json();
        assert_eq!(me["workspace"]["id"], world.ws.to_string());
        assert_eq!(problem(&program.twin().at_host("b.example").get("/api/v1/me").await), "token-invalid");
        assert_eq!(problem(&program.twin().at_host("c.example").get("/api/v1/me").await), "unknown-host");
    }

    async fn who_is_known_while_one_workspace_answers_any_host_is_nobody_at_an_unknown_one(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let owner = signed_in_at(&site, "any.example", OWNER).await;
        let secret = world.token_of(world.owner, &[Scope::Read]).await.secret.reveal();
        let program = site.browser().at_host("any.example").with_token(&secret);
        for known in [&owner, &program] {
            assert_eq!(known.get("/api/v1/me").await.status, StatusCode::OK);
        }
        world.beside(5).await;
        for known in [&owner, &program] {
            assert_eq!(problem(&known.get("/api/v1/me").await), "unknown-host");
        }
    }
}
