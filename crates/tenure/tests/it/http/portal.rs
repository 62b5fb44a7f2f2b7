//! The customers' door: what opens it, what does not, and what it says to whom.

use std::time::{Duration, Instant};

use domain::{
    id::PersonId,
    person::{Kind, StatusWord},
    role::Role,
};
use reqwest::StatusCode;
use tenure::{
    ops::{self, customers::Conversion, workspace::set_registration},
    store::links,
};

use super::{OWNER, app_on};
use crate::support::{
    both_engines,
    http::{Browser, Page, Site},
    world::{PASSWORD, World, address, any_name},
};

const NEW: &str = "seven quiet harbours under moss";

/// Lets customers register themselves.
async fn open_registration(world: &World) {
    let ctx = world.ctx();
    world
        .write(async move |tx| set_registration(tx, &ctx, true, None).await)
        .await
        .expect("the setting is saved");
}

async fn register(browser: &Browser, name: &str, email: &str) -> Page {
    browser.post("/portal/register", &[("name", name), ("email", email)]).await
}

/// What an answer says, without what names the request.
fn told(page: &Page) -> (StatusCode, String, Vec<(String, String)>) {
    let own = ["x-request-id", "date"];
    let mut headers: Vec<_> = page
        .headers
        .iter()
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()))
        .collect();
    headers.sort();
    (page.status, page.text.clone(), headers)
}

/// What comes of it, and how long it took.
#[expect(clippy::disallowed_methods, reason = "the time that a client waits, beside a clock that stands")]
async fn timed<T>(work: impl Future<Output = T>) -> (Duration, T) {
    let began = Instant::now();
    let done = work.await;
    (began.elapsed(), done)
}

async fn by_email(world: &World, email: &str) -> Option<tenure::store::people::PersonRow> {
    tenure::store::people::by_email(&mut world.reader().await, world.ws, email).await.expect("a read")
}

async fn link_of(world: &World, person: PersonId) -> String {
    let ctx = world.ctx();
    let made = world.write(async move |tx| ops::links::make(tx, &ctx, person).await).await;
    made.expect("a link").reveal()
}

/// At the portal with the usual password.
async fn try_password(browser: &Browser, email: &str) -> Page {
    browser.post("/portal/sign-in", &[("email", email), ("password", PASSWORD)]).await
}

both_engines! {
    /// Rule 13; ASVS 5.0 6.3.8: the portal's registration answers as for any address.
    async fn rule_13_the_portals_registration_answers_as_for_any_address(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        open_registration(&world).await;
        let names: Vec<_> = ["Active", "Gone", "Invited", "Member", "Left"].map(any_name).into();
        world.customer_as(&names[0]).await;
        let gone = world.customer_as(&names[1]).await;
        world.deactivate(gone.person).await.expect("a deactivation");
        world.invited_customer_as(&names[2]).await;
        world.joined_as(&names[3], Role::Member).await;
        let left = world.joined_as(&names[4], Role::Member).await;
        world.deactivate(left.person).await.expect("a deactivation");

        let mut known: Vec<_> = names.iter().map(|name| address(name)).collect();
        known.push(OWNER.to_uppercase());
        let before = world.dump().await;
        let mut answers = Vec::new();
        for email in &known {
            let (took, page) = timed(register(&site.browser(), "Whoever", email)).await;
            answers.push((email.clone(), took, told(&page)));
        }
        assert_eq!(world.dump().await, before, "nothing happens to those who are there");
        let fresh = "nell.newcomer@globex.example";
        let (took, page) = timed(register(&site.browser(), "Nell Newcomer", fresh)).await;
        answers.push((fresh.into(), took, told(&page)));
        for (email, took, answer) in &answers {
            assert_eq!(answer, &answers[0].2, "{email}");
            // All wait for the same moment, which is later than the work needs.
            assert!(*took >= Duration::from_millis(500), "{email} was answered after {took:?}");
        }
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/portal/register?sent=1"));
        let next = site.browser().get(page.location()).await;
        assert!(next.text.contains("You have asked for an account"), "{next:?}");
        world.check().await;
    }

    /// Whoever registers has proved nothing: there is no way in before an administrator sends a link.
    async fn rule_08_whoever_registers_comes_in_by_a_link_that_an_administrator_sent(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        open_registration(&world).await;
        let (browser, email) = (site.browser(), "nell.newcomer@globex.example");
        let licenses = world.workspace().await.licenses;
        register(&browser, "Nell Newcomer", email).await;
        register(&browser, "Somebody Else", &email.to_uppercase()).await;
        assert!(browser.cookie("tenure-portal").is_none(), "no session");
        let row = by_email(&world, email).await.expect("an invited customer");
        assert_eq!((row.person.kind, row.person.status.word()), (Kind::Customer, StatusWord::Invited));
        assert_eq!(row.person.name, "Nell Newcomer", "the first counts");
        assert!(row.registered.is_some() && row.password_set.is_none());
        let id = row.person.id;
        let open = links::count_open(&mut world.reader().await, world.ws, id, world.sys.now()).await;
        assert_eq!(open.expect("a read"), 0, "no link is made");
        assert_eq!(world.actions(id).await, ["customer.registered"]);
        let workspace = world.workspace().await;
        assert_eq!((workspace.customers.invited, workspace.licenses), (1, licenses));
        assert_eq!(try_password(&browser, email).await.status, StatusCode::UNPROCESSABLE_ENTITY);

        let ctx = world.ctx();
        let sent = world.write(async move |tx| ops::invitation::send_again(tx, &ctx, id, false).await).await;
        let path = format!("/portal/invitations/{}", sent.expect("a link").secret.reveal());
        assert!(by_email(&world, email).await.expect("still invited").registered.is_none(), "answered");
        let home = browser.submit(&path, &[("name", "Nell Newcomer"), ("password", PASSWORD)]).await;
        assert!(home.text.contains("Welcome, <bdi>Nell Newcomer</bdi>"), "{home:?}");
        world.check().await;
    }

    async fn where_registration_is_closed_nobody_registers(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        let browser = site.browser();
        let before = world.dump().await;
        let pages = [browser.get("/portal/register").await, register(&browser, "Nell", "n@globex.example").await];
        for page in pages {
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{page:?}");
            assert!(page.text.contains("by invitation only"), "{page:?}");
        }
        assert!(!browser.get("/portal/sign-in").await.text.contains("/portal/register"), "and it is not offered");
        assert_eq!(world.dump().await, before);
        open_registration(&world).await;
        assert!(browser.get("/portal/sign-in").await.text.contains("/portal/register"));
    }

    /// ASVS 5.0 2.2.1: what is wrong is said at its field, with what was typed.
    async fn a_registration_that_cannot_be_understood_is_shown_again(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        open_registration(&world).await;
        let before = world.dump().await;
        let page = register(&site.browser(), " ", "nell at globex").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{page:?}");
        assert_eq!(page.text.matches("aria-invalid").count(), 2, "both are told at once: {page:?}");
        assert_eq!(page.input("email").as_deref(), Some("nell at globex"));
        let page = register(&site.browser(), &"n".repeat(2 << 20), "n@globex.example").await;
        assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{page:?}");
        assert_eq!(world.dump().await, before);
    }

    /// ASVS 5.0 6.3.1, 2.4.1.
    async fn asvs_6_3_1_registrations_from_one_address_run_out_and_come_back(store: Store) {
        let world = World::new(store.clone(), 5).await;
        let site = Site::serving(app_on(store, &world.sys, |_| {})).await;
        open_registration(&world).await;
        let browser = site.browser();
        let mut clients = tokio::task::JoinSet::new();
        for number in 0..14 {
            let twin = browser.twin();
            clients.spawn(async move { register(&twin, "Many", &format!("many{number}@globex.example")).await });
        }
        let pages = clients.join_all().await;
        let refused: Vec<_> = pages.iter().filter(|page| page.status == StatusCode::TOO_MANY_REQUESTS).collect();
        assert_eq!(refused.len(), 4);
        assert!(refused[0].headers.contains_key("retry-after"), "{:?}", refused[0]);
        assert_eq!(world.workspace().await.customers.invited, 10);
        world.later(Duration::from_hours(1));
        assert_eq!(register(&browser, "Late", "late@globex.example").await.status, StatusCode::SEE_OTHER);
    }

    /// Rules 3 and 8; ASVS 5.0 7.4.2: by none of its ways a deactivated customer gets in.
    async fn rule_03_no_door_of_the_portal_opens_for_a_deactivated_customer(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        open_registration(&world).await;
        let name = any_name("Gone");
        let who = world.customer_as(&name).await;
        let session = site.in_portal(&address(&name)).await;
        let link = link_of(&world, who.person).await;
        world.deactivate(who.person).await.expect("a deactivation");
        let email = address(&name);
        let refused = async |what: &str, browser: &Browser, page: Page, status: StatusCode| {
            assert_eq!(page.status, status, "{what}: {page:?}");
            assert!(browser.cookie("tenure").is_none(), "{what} gives no session of the desk");
            let kept = browser.cookie("tenure-portal").is_none();
            assert!(kept || what == "session", "{what} gives no session");
            assert_eq!(world.row(who.person).await.person.status.word(), StatusWord::Deactivated, "{what}");
        };
        let page = session.get("/portal").await;
        assert!(page.text.contains("href=\"/portal/sign-in\""), "{page:?}");
        refused("session", &session, page, StatusCode::FORBIDDEN).await;
        let browser = site.browser();
        let page = try_password(&browser, &email).await;
        assert!(page.text.contains("This account is deactivated"), "{page:?}");
        assert!(page.text.contains("action=\"/portal/return-requests\""), "{page:?}");
        refused("password", &browser, page, StatusCode::FORBIDDEN).await;
        let path = format!("/portal/set-password/{link}");
        let page = browser.post(&path, &[("password", NEW)]).await;
        assert!(page.text.contains("This account is deactivated"), "{page:?}");
        refused("link", &browser, page, StatusCode::FORBIDDEN).await;
        let page = browser.get(&path).await;
        refused("link's page", &browser, page, StatusCode::FORBIDDEN).await;
        // The invitation is used: it says no more than that.
        let page = browser.get("/portal/invitations/none").await;
        refused("invitation", &browser, page, StatusCode::GONE).await;
        let page = register(&browser, &name, &email).await;
        refused("registration", &browser, page, StatusCode::SEE_OTHER).await;
        // The desk and the API are not theirs anyhow.
        let page = browser.post("/sign-in", &[("email", &email), ("password", PASSWORD)]).await;
        refused("desk", &browser, page, StatusCode::UNPROCESSABLE_ENTITY).await;
        world.check().await;
    }

    async fn rule_03_a_deactivated_customer_asks_for_a_return_once_a_day(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let name = any_name("Gone");
        let who = world.customer_as(&name).await;
        world.deactivate(who.person).await.expect("a deactivation");
        let browser = site.browser();
        let proof = try_password(&browser, &address(&name)).await.input("proof").expect("a proof in the form");
        let sent = browser.post("/portal/return-requests", &[("proof", &proof)]).await;
        assert_eq!(sent.status, StatusCode::OK, "{sent:?}");
        assert!(sent.text.contains("Asked."), "{sent:?}");
        assert!(world.row(who.person).await.return_asked.is_some(), "the row carries the mark");
        let again = try_password(&browser, &address(&name)).await;
        assert!(again.input("proof").is_none() && again.text.contains("You have asked already"), "{again:?}");
        world.later(Duration::from_hours(24));
        assert!(try_password(&browser, &address(&name)).await.input("proof").is_some(), "the next day");
        let asked = world.actions(who.person).await.into_iter().filter(|action| action == "return.asked");
        assert_eq!(asked.count(), 1);
    }

    /// Rule 3: nothing typed is lost.
    async fn rule_03_a_form_of_the_portal_that_is_refused_shows_what_was_typed(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let name = any_name("Typed");
        let who = world.customer_as(&name).await;
        let browser = site.in_portal(&address(&name)).await;
        world.deactivate(who.person).await.expect("a deactivation");
        let before = world.dump().await;
        let page = browser.post("/portal/profile", &[("name", "Nell & <b>Nelson</b>"), ("password", NEW)]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text.contains("Nothing was sent."), "{page:?}");
        assert!(page.text.contains("Nell &#38; &#60;b&#62;Nelson&#60;/b&#62;"), "{page:?}");
        assert!(page.text.contains("href=\"/portal/sign-in\">Sign in to ask for a return"), "{page:?}");
        assert!(!page.text.contains(NEW), "secrets are not shown again");
        assert_eq!(world.dump().await, before);
    }

    /// Rule 13; ASVS 5.0 8.3.2: a customer who becomes a user is out of the portal at once.
    async fn rule_13_a_conversion_closes_the_portal_and_opens_the_desk(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let name = any_name("Con");
        let who = world.customer_as(&name).await;
        let browser = site.in_portal(&address(&name)).await;
        let session = browser.cookie("tenure-portal").expect("a session");
        let ctx = world.ctx();
        world
            .write(async move |tx| ops::customers::convert(tx, &ctx, who.person, Conversion::default()).await)
            .await
            .expect("a conversion");
        for (browser, path) in
            [(browser.twin(), "/portal"), (site.browser().with_cookie("tenure", &session), "/users")]
        {
            let page = browser.get(path).await;
            assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}: {page:?}");
            assert!(page.location().contains("sign-in?next="), "{path}: {page:?}");
        }
        let page = try_password(&browser, &address(&name)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "the portal knows them no more");
        assert_eq!(site.signed_in(&address(&name)).await.get("/users").await.status, StatusCode::OK);
    }

    async fn a_link_leads_to_the_door_of_its_person(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (customer, user) = (world.customer_as(&any_name("Cus")).await, world.member().await);
        let (_, invitation) = world.invited_customer_as(&any_name("Inv")).await;
        let (theirs, ours) = (link_of(&world, customer.person).await, link_of(&world, user.person).await);
        let invitation = invitation.reveal();
        for (opened, leads_to) in [
            (format!("/password/{theirs}"), format!("/portal/set-password/{theirs}")),
            (format!("/portal/set-password/{ours}"), format!("/password/{ours}")),
            (format!("/invitation/{invitation}"), format!("/portal/invitations/{invitation}")),
        ] {
            let page = site.browser().get(&opened).await;
            assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, leads_to.as_str()));
            assert_eq!(site.browser().get(&leads_to).await.status, StatusCode::OK, "it is not used up");
        }
        // Sent to the wrong door, the form signs in at the right one and nowhere else.
        let browser = site.browser();
        let page = browser.post(&format!("/password/{theirs}"), &[("password", NEW)]).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/portal"));
        assert!(browser.cookie("tenure").is_none() && browser.cookie("tenure-portal").is_some());
        let browser = site.browser();
        let page = browser.post(&format!("/portal/set-password/{ours}"), &[("password", NEW)]).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/mine"));
        assert!(browser.cookie("tenure-portal").is_none() && browser.cookie("tenure").is_some());
    }

    async fn one_browser_holds_both_doors_and_each_says_where_the_other_is(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let name = any_name("Both");
        world.customer_as(&name).await;
        let browser = site.in_portal(&address(&name)).await;
        let led = browser.get("/users").await;
        assert_eq!((led.status, led.location()), (StatusCode::SEE_OTHER, "/sign-in?next=%2Fusers"));
        let page = browser.get(led.location()).await;
        assert!(page.text.contains("You are signed in to the portal."), "{page:?}");
        assert!(page.text.contains("<a href=\"/portal\">Go to the portal</a>"), "{page:?}");
        browser.submit("/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await;
        for path in ["/users", "/portal"] {
            assert_eq!(browser.get(path).await.status, StatusCode::OK, "{path}");
        }
        browser.submit("/portal/sign-out", &[]).await;
        assert_eq!(browser.get("/users").await.status, StatusCode::OK, "the desk stays open");
        let page = browser.get("/portal/sign-in?next=%2Fportal").await;
        assert!(page.text.contains("You are signed in at the desk."), "{page:?}");
        // The way on stays in the portal.
        let page = browser
            .post("/portal/sign-in", &[("email", &address(&name)), ("password", PASSWORD), ("next", "/users")])
            .await;
        assert_eq!(page.location(), "/portal");
    }

    /// ASVS 5.0 6.3.8: a user's right password is as wrong in the portal as any.
    async fn asvs_6_3_8_every_wrong_sign_in_at_the_portal_gets_one_answer_for_one_hash(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (name, without) = (any_name("Known"), any_name("Never"));
        world.customer_as(&name).await;
        world.invited_customer_as(&without).await;
        let mut answers = Vec::new();
        for (what, email, password) in [
            ("unknown", "nobody@globex.example".to_owned(), PASSWORD),
            ("wrong", address(&name), NEW),
            ("no password", address(&without), PASSWORD),
            ("a user", OWNER.to_owned(), PASSWORD),
        ] {
            let made = world.app.hasher.made();
            let page = site.browser().post("/portal/sign-in", &[("email", &email), ("password", password)]).await;
            assert_eq!(world.app.hasher.made() - made, 1, "{what} costs one hash");
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
            answers.push((what, page.text.replace(&email, "EMAIL")));
        }
        for (what, answer) in &answers {
            assert_eq!(answer, &answers[0].1, "{what}");
        }
    }

    /// What a customer does about their own account, at their own door.
    async fn a_customer_keeps_profile_picture_password_and_sessions_in_the_portal(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let name = any_name("Own");
        let who = world.customer_as(&name).await;
        let browser = site.in_portal(&address(&name)).await;
        let fields = [("name", "Ann Globex"), ("language", ""), ("time_zone", "Asia/Tokyo"), ("theme", "dark")];
        let page = browser.submit("/portal/profile", &fields).await;
        assert!(page.text.contains("Your profile is saved.") && page.text.contains("data-theme=\"dark\""), "{page:?}");
        assert_eq!(world.row(who.person).await.person.name, "Ann Globex");
        let page = browser.submit("/portal/profile/password", &[("current", PASSWORD), ("password", NEW)]).await;
        assert!(page.text.contains("Your password is changed."), "{page:?}");
        assert_eq!(try_password(&site.browser(), &address(&name)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let other = site.browser();
        other.submit("/portal/sign-in", &[("email", &address(&name)), ("password", NEW)]).await;
        let page = browser.submit("/portal/sessions", &[("others", "1")]).await;
        assert!(page.text.contains("1 other session has ended."), "{page:?}");
        assert_eq!(other.get("/portal").await.status, StatusCode::SEE_OTHER);
        let entries = tenure::store::audit::of_person(&mut world.reader().await, world.ws, who.person, 10).await;
        assert_eq!(entries.expect("a read")[0].door, "portal");
    }
}
