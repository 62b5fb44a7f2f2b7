//! Invariant 1: what one node has closed is closed at the other, for every kind of credential.

use domain::{person::Kind, role::Role, token::Scope};
use reqwest::{Method, StatusCode};
use tenure::ops;

use super::{Nodes, OWNER};
use crate::support::world::{PASSWORD, address, any_name};

const NEW: &str = "copper heron paints eleven ladders";

/// A link to set a password, of a user and of a customer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_1_a_link_to_set_a_password_is_void_at_every_node() {
    let nodes = Nodes::new(10).await;
    let (world, [here, there]) = (&nodes.world, &nodes.sites);
    let owner = here.signed_in(OWNER).await;
    for (kind, page, people, sign_in) in [
        (Kind::User, "/password", "users", "/sign-in"),
        (Kind::Customer, "/portal/set-password", "customers", "/portal/sign-in"),
    ] {
        let name = any_name("Link");
        let who = world.joined_to(kind, &name).await;
        let ctx = world.ctx();
        let made = world.write(async move |tx| ops::links::make(tx, &ctx, who.person).await).await;
        let path = format!("{page}/{}", made.expect("a link").reveal());
        let opened = there.browser().get(&path).await;
        assert_eq!(opened.status, StatusCode::OK, "{opened:?}");
        let asked = owner.request(Method::POST, &format!("/api/v1/{people}/{}/deactivation", who.person));
        let done = owner.send(asked).await;
        assert_eq!(done.status, StatusCode::OK, "{done:?}");
        let late = there.browser().get(&path).await;
        assert!(late.status.is_client_error(), "{late:?}");
        let browser = there.browser();
        let used = browser.post(&path, &[("password", NEW)]).await;
        assert!(used.status.is_client_error() && browser.cookie("tenure").is_none(), "{used:?}");
        // The password is the old one, and opens nothing either.
        let email = address(&name);
        for (password, status) in [(PASSWORD, StatusCode::FORBIDDEN), (NEW, StatusCode::UNPROCESSABLE_ENTITY)]
        {
            let tried = there.browser().post(sign_in, &[("email", &email), ("password", password)]).await;
            assert_eq!(tried.status, status, "{tried:?}");
        }
    }
    world.check().await;
}

/// Rule 12: an invitation that is withdrawn at one node is void at the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_12_a_withdrawn_invitation_is_void_at_every_node() {
    let nodes = Nodes::new(10).await;
    let (world, [here, there]) = (&nodes.world, &nodes.sites);
    let owner = here.signed_in(OWNER).await;
    let name = any_name("Inv");
    let (person, secret) = world.invited_as(&name, Role::Member).await;
    let path = format!("/invitation/{}", secret.reveal());
    assert_eq!(there.browser().get(&path).await.status, StatusCode::OK);
    let done = owner.send(owner.request(Method::DELETE, &format!("/api/v1/users/{person}/invitation"))).await;
    assert!(done.status.is_success(), "{done:?}");
    assert!(there.browser().get(&path).await.status.is_client_error());
    let browser = there.browser();
    let used = browser.post(&path, &[("name", &name), ("password", NEW)]).await;
    assert!(used.status.is_client_error() && browser.cookie("tenure").is_none(), "{used:?}");
    assert_eq!(world.workspace().await.licenses.used, 1);
    world.check().await;
}

/// Rule 1: a directory's token belongs to the workspace, and goes on when its maker is deactivated; once it is suspended or
/// revoked at one node it is refused at the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_1_a_directory_is_refused_at_every_node_once_its_token_ends() {
    let nodes = Nodes::new(10).await;
    let (world, [here, there]) = (&nodes.world, &nodes.sites);
    let owner = here.signed_in(OWNER).await;
    let maker = world.administrator().await;
    let life = domain::token::Life::Forever;
    let made = world.service_token_by(maker, &[Scope::Scim], life).await;
    let other = world.service_token_by(maker, &[Scope::Scim], life).await;
    let asks =
        async |secret: &str| there.browser().with_token(secret).get("/scim/v2/Users?count=1").await.status;
    let path = format!("/api/v1/users/{}/deactivation", maker.person);
    assert_eq!(owner.send(owner.request(Method::POST, &path)).await.status, StatusCode::OK);
    for token in [&made, &other] {
        assert_eq!(asks(&token.secret.reveal()).await, StatusCode::OK, "it is the workspace's");
    }
    world.suspend_token(made.row.token.id).await;
    assert_eq!(asks(&made.secret.reveal()).await, StatusCode::UNAUTHORIZED);
    world.revoke_token(other.row.token.id).await;
    assert_eq!(asks(&other.secret.reveal()).await, StatusCode::UNAUTHORIZED);
    world.check().await;
}
