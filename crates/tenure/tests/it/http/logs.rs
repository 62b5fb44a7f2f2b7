//! Secrets never reach the log (ASVS 5.0 16.2.5).

use std::{
    io::Write,
    sync::{Mutex, OnceLock},
};

use domain::role::Role;
use reqwest::Method;
use tenure::ops;

use super::OWNER;
use crate::support::{
    both_engines,
    http::Site,
    world::{PASSWORD, World, address, any_name},
};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Writes to [`LOG`]; whole lines, from every test of the process.
struct ToLog;

impl Write for ToLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Keeps everything that is logged from now on, at every level.
fn listen() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let all = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(|| ToLog)
            .finish();
        tracing::subscriber::set_global_default(all).expect("nobody else listens");
    });
}

fn logged() -> String {
    String::from_utf8_lossy(&LOG.lock().expect("the log")).into_owned()
}

const NEW: &str = "seven quiet harbours under moss";

both_engines! {
    /// ASVS 5.0 16.2.5.
    async fn asvs_16_2_5_no_secret_is_logged(store: Store) {
        listen();
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let (name, other) = (any_name("Logged"), any_name("Linked"));
        let (_, invitation) = world.invited_as(&name, Role::Member).await;
        let target = world.joined_as(&other, Role::Member).await;
        let ctx = world.ctx();
        let link = world.write(async move |tx| ops::links::make(tx, &ctx, target.person).await).await.expect("a link");
        let (invitation, link) = (invitation.reveal(), link.reveal());
        let reason = format!("A reason for nobody's eyes {name}");

        let browser = site.browser();
        browser.get(&format!("/invitation/{invitation}")).await;
        browser.post(&format!("/invitation/{invitation}"), &[("name", &name), ("password", "short")]).await;
        browser.post(&format!("/invitation/{invitation}"), &[("name", &name), ("password", NEW)]).await;
        browser.post(&format!("/invitation/{invitation}"), &[("name", &name), ("password", NEW)]).await;
        let session = browser.cookie("tenure").expect("a session");
        browser.get(&format!("/password/{link}")).await;
        browser.post(&format!("/password/{link}"), &[("password", NEW)]).await;
        browser.get(&format!("/password/{link}")).await;
        let (portal_name, portal) = (any_name("Portal"), site.browser());
        let (customer, opens_portal) = world.invited_customer_as(&portal_name).await;
        let opens_portal = opens_portal.reveal();
        portal.post(&format!("/portal/invitations/{opens_portal}"), &[("name", &portal_name), ("password", NEW)]).await;
        let portal_session = portal.cookie("tenure-portal").expect("a session of the portal");
        let ctx = world.ctx();
        let portal_link = world.write(async move |tx| ops::links::make(tx, &ctx, customer).await).await.expect("a link").reveal();
        portal.get(&format!("/portal/set-password/{portal_link}")).await;
        portal.get(&format!("/password/{portal_link}")).await;
        portal.post("/portal/register", &[("name", "Nobody"), ("email", "registers.quietly@globex.example")]).await;
        // In the wrong place, and as what it is not.
        browser.get(&format!("/users/{invitation}")).await;
        browser.get(&format!("/api/v1/users?q={link}")).await;
        browser.send(browser.request(Method::PUT, &format!("/password/{link}"))).await;
        site.browser().post("/sign-in", &[("email", &address(&name)), ("password", "wrong but secret words")]).await;
        owner.post(&format!("/users/{}/deactivation", target.person), &[("reason", &reason)]).await;
        let page = site.browser().post("/sign-in", &[("email", &address(&other)), ("password", NEW)]).await;
        let proof = page.input("proof").expect("a ticket");
        site.browser().post("/return-requests", &[("proof", &proof)]).await;
        site.end().await;

        let log = logged();
        assert!(log.contains("/portal/set-password/{token}"), "the portal is logged: {log}");
        assert!(log.contains("/invitation/{token}") && log.contains("/password/{token}"), "requests are logged: {log}");
        let secrets = [
            ("the invitation", invitation.as_str()),
            ("the link", &link),
            ("the session", &session),
            ("the portal's invitation", &opens_portal),
            ("the portal's session", &portal_session),
            ("the portal's link", &portal_link),
            ("who registers", "registers.quietly@globex.example"),
            ("the ticket", &proof),
            ("a password", PASSWORD),
            ("a new password", NEW),
            ("a wrong password", "wrong but secret words"),
            ("a reason", &reason),
            ("a hash", "$argon2id$"),
        ];
        for (what, secret) in secrets {
            for form in [secret.to_owned(), secret.replace(' ', "+"), secret.replace(' ', "%20")] {
                let at = log.find(&form).map(|at| log[..at].lines().last().unwrap_or_default().to_owned());
                assert!(at.is_none(), "{what} is logged after: {at:?}");
            }
        }
    }
}
