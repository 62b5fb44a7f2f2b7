//! Every route of SCIM, by whoever may not call it.

use super::*;

/// The routes for directories.
fn cases() -> impl Iterator<Item = &'static Case> {
    CASES.iter().filter(|case| case.2 == Directory)
}

#[track_caller]
fn is_refused(page: &Page, status: StatusCode, challenge: &str, case: &Case) {
    assert_eq!(page.status, status, "{case:?}: {page:?}");
    let body = page.json();
    assert_eq!(body["status"], status.as_str(), "{case:?}: {page:?}");
    assert_eq!(body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error", "{case:?}");
    let says = page.headers.get("www-authenticate").map_or("", |value| value.to_str().expect("text"));
    assert!(says.starts_with("Bearer ") && says.contains(challenge), "{case:?}: {says:?}");
    assert!(page.headers.get("set-cookie").is_none(), "{case:?}");
}

both_engines! {
    /// Rules 1 and 3, invariants 1 and 7; ASVS 5.0 8.2.1, 8.3.2, 8.4.1.
    async fn rule_03_scim_answers_no_token_that_is_suspended_expired_revoked_or_elsewhere(store: Store) {
        let world = World::new(store, 200).await;
        let elsewhere = world.beside(20).await;
        let site = Site::of(&world).await;
        let host = format!("{}.test", world.ws);
        let program = |secret: &Secret| site.browser().at_host(&host).with_token(&secret.reveal());
        let expired = world.service_token_for(&[Scope::Scim], domain::token::Life::Days(1)).await;
        world.later(std::time::Duration::from_hours(25));
        let (suspended, revoked) =
            (world.service_token(&[Scope::Scim]).await, world.service_token(&[Scope::Scim]).await);
        world.suspend_token(suspended.row.token.id).await;
        world.revoke_token(revoked.row.token.id).await;
        let gone = world.administrator().await;
        let of_gone = world.token_of(gone, &[Scope::Scim]).await;
        assert_eq!(program(&of_gone.secret).get("/scim/v2/Users").await.status, StatusCode::OK);
        world.use_is_noted(of_gone.row.token.id).await;
        world.deactivate(gone.person).await.expect("a deactivation");
        let other = elsewhere.service_token(&[Scope::Scim]).await;
        let unknown = Secret::new(&world.sys, tenure::secret::Kind::ApiToken);
        for case in cases() {
            let something = world.something(case.3).await;
            let before = world.dump().await;
            for secret in [&suspended, &of_gone, &expired, &revoked, &other].map(|made| &made.secret).into_iter().chain([&unknown]) {
                let page = call(&program(secret), case, &something).await;
                is_refused(&page, StatusCode::UNAUTHORIZED, "invalid_token", case);
            }
            assert_eq!(world.dump().await, before, "{case:?} changed something");
        }
    }

    /// ASVS 5.0 8.2.1, 8.2.3: least privilege.
    async fn asvs_8_2_1_scim_answers_no_session_and_no_token_without_its_scope(store: Store) {
        let world = World::new(store, 200).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let others = [Scope::Read, Scope::Write, Scope::People, Scope::Webhooks];
        let lacking = site.browser().with_token(&world.service_token(&others).await.secret.reveal());
        for case in cases() {
            let something = world.something(case.3).await;
            let before = world.dump().await;
            let page = call(&owner, case, &something).await;
            is_refused(&page, StatusCode::UNAUTHORIZED, "realm", case);
            let page = call(&lacking, case, &something).await;
            is_refused(&page, StatusCode::FORBIDDEN, "scope=\"scim\"", case);
            assert_eq!(world.dump().await, before, "{case:?} changed something");
        }
        assert_eq!(owner.get("/users").await.status, StatusCode::OK, "the session is as it was");
    }

    /// Rule 9.
    async fn rule_09_scim_answers_no_token_of_somebody_made_a_member(store: Store) {
        let world = World::new(store, 200).await;
        let site = Site::of(&world).await;
        let who = world.administrator().await;
        let made = world.token_of(who, &[Scope::Scim]).await;
        let program = site.browser().with_token(&made.secret.reveal());
        assert_eq!(program.get("/scim/v2/Users").await.status, StatusCode::OK);
        world.use_is_noted(made.row.token.id).await;
        let ctx = world.ctx();
        let lowered = world
            .write(async move |tx| ops::roles::change(tx, &ctx, who.person, Role::Member, None).await)
            .await;
        lowered.expect("a change of role");
        for case in cases() {
            let something = world.something(case.3).await;
            let before = world.dump().await;
            let page = call(&program, case, &something).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{case:?}: {page:?}");
            assert_eq!(page.json()["detail"], "Only administrators can do this.", "{case:?}");
            assert_eq!(world.dump().await, before, "{case:?} changed something");
        }
    }
}
