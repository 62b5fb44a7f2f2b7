//! Every route of the JSON API, by tokens that may not call it.

use reqwest::{Method, StatusCode};
use tenure::web::session::Access;

use super::*;
use crate::http::problem;

/// The routes of the API that ask who it is.
fn machine_cases() -> impl Iterator<Item = &'static Case> {
    CASES.iter().filter(|case| case.1.starts_with("/api/v1/") && case.2 != Public)
}

/// Every scope but those that let this case through.
fn all_but(access: Access, method: &str) -> Vec<Scope> {
    let method: Method = method.parse().expect("a method");
    let needed = access.scope(&method).expect("a scope");
    let gives = |scope: &Scope| std::iter::once(*scope).collect::<domain::token::Scopes>().has(needed);
    Scope::ALL.into_iter().filter(|scope| !gives(scope)).collect()
}

both_engines! {
    /// Rules 1 and 3, invariants 1 and 7; ASVS 5.0 8.2.1, 8.3.2, 8.4.1.
    async fn rule_03_no_route_answers_a_token_that_is_suspended_expired_revoked_or_elsewhere(store: Store) {
        let world = World::new(store, 200).await;
        let elsewhere = world.beside(20).await;
        let site = Site::of(&world).await;
        let host = format!("{}.test", world.ws);
        let program = |secret: &Secret| site.browser().at_host(&host).with_token(&secret.reveal());
        let expired = world.service_token_for(&Scope::ALL, domain::token::Life::Days(1)).await;
        world.later(std::time::Duration::from_hours(25));
        let (suspended, revoked) = (world.service_token(&Scope::ALL).await, world.service_token(&Scope::ALL).await);
        world.suspend_token(suspended.row.token.id).await;
        world.revoke_token(revoked.row.token.id).await;
        let gone = world.administrator().await;
        let of_gone = world.token_of(gone, &[Scope::Read, Scope::Write, Scope::People]).await;
        assert_eq!(program(&of_gone.secret).get("/api/v1/me").await.status, StatusCode::OK);
        world.deactivate(gone.person).await.expect("a deactivation");
        let other = elsewhere.service_token(&Scope::ALL).await;
        let unknown = Secret::new(&world.sys, tenure::secret::Kind::ApiToken);
        for case in machine_cases() {
            let something = world.something(case.3).await;
            let before = world.dump().await;
            for (secret, name) in [
                (&suspended.secret, "token-suspended"),
                (&of_gone.secret, "token-suspended"),
                (&expired.secret, "token-expired"),
                (&revoked.secret, "token-invalid"),
                (&other.secret, "token-invalid"),
                (&unknown, "token-invalid"),
            ] {
                let page = call(&program(secret), case, &something).await;
                assert_eq!((problem(&page).as_str(), page.status), (name, StatusCode::UNAUTHORIZED), "{case:?}");
                let challenge = page.headers["www-authenticate"].to_str().expect("text");
                assert!(challenge.starts_with("Bearer ") && challenge.contains("invalid_token"), "{challenge}");
            }
            assert_eq!(world.dump().await, before, "{case:?} changed something");
        }
    }

    /// ASVS 5.0 8.2.1, 8.2.3: least privilege.
    async fn asvs_8_2_1_no_route_answers_a_token_without_its_scope(store: Store) {
        let world = World::new(store, 200).await;
        let site = Site::of(&world).await;
        for case in machine_cases() {
            let lacking = world.service_token(&all_but(case.2, case.0)).await;
            let something = world.something(case.3).await;
            let before = world.dump().await;
            let page = call(&site.browser().with_token(&lacking.secret.reveal()), case, &something).await;
            assert_eq!((problem(&page).as_str(), page.status), ("insufficient-scope", StatusCode::FORBIDDEN), "{case:?}");
            let challenge = page.headers["www-authenticate"].to_str().expect("text");
            assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
            assert_eq!(world.dump().await, before, "{case:?} changed something");
        }
    }

    /// Rule 9: a member's token calls no route of administrators, whatever it was made for before.
    async fn rule_09_a_token_of_somebody_made_a_member_calls_no_route_of_administrators(store: Store) {
        let world = World::new(store, 200).await;
        let site = Site::of(&world).await;
        let who = world.administrator().await;
        let made = world.token_of(who, &Scope::ALL).await;
        let program = site.browser().with_token(&made.secret.reveal());
        let ctx = world.ctx();
        let lowered = world
            .write(async move |tx| ops::roles::change(tx, &ctx, who.person, Role::Member, None).await)
            .await;
        lowered.expect("a change of role");
        for case in machine_cases().filter(|case| matches!(case.2, Administrator | Access::Webhooks)) {
            let something = world.something(case.3).await;
            let before = world.dump().await;
            let page = call(&program, case, &something).await;
            assert_eq!(problem(&page), "administrators-only", "{case:?}");
            assert_eq!(world.dump().await, before, "{case:?} changed something");
        }
    }

    async fn a_service_token_with_its_scopes_gets_an_answer_everywhere(store: Store) {
        let world = World::new(store, 400).await;
        let site = Site::of(&world).await;
        let made = world.service_token(&Scope::ALL).await;
        let program = site.browser().with_token(&made.secret.reveal());
        for case in machine_cases() {
            let something = world.something(case.3).await;
            let page = call(&program, case, &something).await;
            // What SCIM has and this server has not is answered so (RFC 7644, section 3.11).
            let broken = page.status.is_server_error() && page.status != StatusCode::NOT_IMPLEMENTED;
            assert!(!broken && page.status != StatusCode::UNAUTHORIZED, "{case:?}: {page:?}");
            if page.status == StatusCode::FORBIDDEN {
                let why = problem(&page);
                assert!(["token-makes-no-token", "token-confirms-nothing", "token-without-person"].contains(&why.as_str()), "{case:?}: {why}");
            }
        }
        world.check().await;
    }
}
