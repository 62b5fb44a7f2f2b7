//! Every route, for everybody who may not call it. A route that has no case fails.

mod bearers;
mod cases;
mod directories;
mod hostile;
mod reading;

use std::collections::BTreeSet;

use domain::{item::MessageKind, person::Kind, role::Role, token::Scope};
use reqwest::{Method, StatusCode};
use tenure::{
    import::uploads::Sent,
    ops,
    secret::Secret,
    web::{
        routes::Route,
        server,
        session::Access::{self, Administrator, Customer, Directory, Public, User, Webhooks},
    },
};

use super::{OWNER, in_portal_at, name_host, signed_in_at};
use crate::support::{
    both_engines,
    http::{Browser, Page, Site},
    world::{Who, World, address, any_name},
};
use cases::{CASES, Case, Of};

#[tokio::test]
async fn every_route_has_a_case_and_says_who_may_call_it() {
    let database =
        crate::support::database::Database::sqlite(crate::support::database::Ready::Migrated).await;
    let world = World::new(database.store.clone(), 5).await;
    let line = |method: &str, path: &str, access: Access| format!("{method} {path} {access:?}");
    let of_route = |route: &Route| line(route.method.as_str(), route.path, route.access);
    let routes: BTreeSet<_> = server::list(&world.app).iter().map(of_route).collect();
    let cases: BTreeSet<_> = CASES.iter().map(|case| line(case.0, case.1, case.2)).collect();
    assert_eq!(routes, cases, "routes on the left, cases on the right");
}

impl World {
    async fn link_of(&self, person: domain::id::PersonId) -> Secret {
        let ctx = self.ctx();
        let made = self.write(async move |tx| ops::links::make(tx, &ctx, person).await);
        made.await.expect("a link")
    }

    async fn view(&self, of: impl Into<tenure::store::views::Grid>) -> String {
        let of = of.into();
        let (ctx, name) = (self.ctx(), self.name(&any_name("View")));
        let view = self
            .write(async move |tx| ops::views::save(tx, &ctx, of, name.clone(), "view=active".into()).await);
        view.await.expect("a view").to_string()
    }

    /// A file that the owner has sent to be imported.
    fn upload(&self, kind: Kind) -> String {
        let receiving = self.app.uploads.receive(&self.sys).expect("a file");
        std::fs::write(receiving.path(), "Name,Email\nUlla,ulla@acme.example\n,\n").expect("it is written");
        let sent = Sent {
            workspace: self.ws,
            kind,
            name: "people.csv".into(),
            bytes: 38,
            // Of somebody else each time: one person's files push each other out.
            by: (self.sys_person(), "Ulla".into()),
            at: self.sys.now(),
        };
        let upload = self.app.uploads.keep(receiving, sent);
        let bad = tenure::import::BadRows::open(9, Some(&upload.errors())).expect("a file");
        assert_eq!(bad.close().1, None);
        upload.id.to_string()
    }

    /// The number of a ticket that a customer has requested.
    async fn request_of(&self, who: Who) -> String {
        let input =
            ops::items::Request { title: self.title("It does not print"), description: String::new() };
        let ctx = self.by(who);
        let made = self.write(async move |tx| ops::items::request(tx, &ctx, input.clone()).await).await;
        made.expect("a request").1.to_string()
    }

    /// The number of a request, and a file in it.
    async fn request_file_of(&self, who: Who) -> String {
        let number = self.request_of(who).await;
        let row = self.show(&self.ctx(), number.parse().expect("a number")).await.expect("an item").row;
        let file = self.attach(self.by(who), row.id, MessageKind::Reply, "page.txt", b"It is blank.").await;
        format!("{number}/{file}")
    }

    /// A request from the address of a deactivated customer that waits for review.
    pub(super) async fn held_request(&self) -> domain::id::HeldRequestId {
        self.open_form(domain::apps::FormPolicy::Hold).await;
        let name = any_name("Gone");
        let gone = self.joined_to(Kind::Customer, &name).await.person;
        self.deactivate(gone).await.expect("a deactivation");
        self.send_form(&address(&name), "Gone", "It blinks").await.expect("a request");
        let held = ops::requests::held(&mut self.reader().await, &self.ctx(), None, 1_000).await;
        held.expect("a list").pop().expect("one that waits").id
    }

    fn sys_person(&self) -> domain::id::PersonId {
        domain::id::Id::from_uuid(self.sys.uuid7())
    }

    /// Something new of this kind, as it stands in a path.
    async fn something(&self, of: Of) -> String {
        match of {
            Of::Nothing => String::new(),
            Of::Active => self.member().await.person.to_string(),
            Of::Deactivated => self.deactivated().await.person.to_string(),
            Of::Invited => self.invited().await.0.to_string(),
            Of::Step => {
                let who = self.member().await;
                self.deactivate(who.person).await.expect("a deactivation").undo.expect("a step").to_string()
            }
            Of::Batch => {
                let who = self.member().await;
                let ctx = self.ctx();
                let input = ops::bulk::Input {
                    kind: Kind::User,
                    whom: ops::bulk::Whom::Ids(vec![who.person]),
                    deed: domain::bulk::Deed::Activate,
                    add_licenses: false,
                    past_brake: false,
                    fingerprint: None,
                    count: None,
                    most: 10,
                };
                let begun = self.write(async move |tx| ops::bulk::begin(tx, &ctx, input.clone()).await).await;
                begun.expect("a batch").batch.to_string()
            }
            Of::Upload => self.upload(Kind::User),
            Of::CustomerUpload => self.upload(Kind::Customer),
            Of::Customer => self.joined_to(Kind::Customer, &any_name("Cora")).await.person.to_string(),
            Of::GoneCustomer => {
                let gone = self.joined_to(Kind::Customer, &any_name("Gone")).await.person;
                self.deactivate(gone).await.expect("a deactivation");
                gone.to_string()
            }
            Of::InvitedCustomer => self.invited_to(Kind::Customer, &any_name("Ines")).await.0.to_string(),
            Of::View => self.view(Kind::User).await,
            Of::TicketView => self.view(domain::item::ItemKind::Ticket).await,
            Of::TaskView => self.view(domain::item::ItemKind::Task).await,
            Of::CustomerView => self.view(Kind::Customer).await,
            Of::Organization => self.organization(&any_name("Org"), "").await.to_string(),
            Of::Project => self.project(&any_name("Project")).await.to_string(),
            Of::Handover => {
                let who = self.member().await;
                self.assigned("To be handed over", &[who.person]).await;
                let to = ops::handover::To::Person(self.owner.person);
                let input = ops::handover::Input { from: who.person, to, items: None, fingerprint: None };
                let ctx = self.ctx();
                let done =
                    self.write(async move |tx| ops::handover::hand_over(tx, &ctx, input.clone()).await);
                done.await.expect("a handover").undo.expect("an undo").to_string()
            }
            Of::Team => self.team(&any_name("Team")).await.to_string(),
            Of::Item => self.assigned("A leaking tap", &[]).await.1.to_string(),
            Of::File => {
                let (id, number) = self.assigned("A leaking tap", &[]).await;
                let file = self.attach(self.ctx(), id, MessageKind::Reply, "tap.txt", b"drip").await;
                format!("{number}/{file}")
            }
            Of::Message => {
                let (id, number) = self.assigned("A leaking tap", &[]).await;
                let said = self.say(self.ctx(), id, MessageKind::Note, "Look at it.").await;
                format!("{number}/{}", said.expect("a message").id)
            }
            Of::RequestFile => {
                let who = self.customer_as(&any_name("Cus")).await;
                self.request_file_of(who).await
            }
            Of::Request => {
                let who = self.customer_as(&any_name("Cus")).await;
                self.request_of(who).await
            }
            Of::Article => self.publish(self.ctx(), "Printing", "Office", "Press Print.").await.0.to_string(),
            Of::Slug => self.publish(self.ctx(), "Printing", "Office", "Press Print.").await.1,
            Of::Directory => self.service_token(&[Scope::Scim]).await.row.token.id.to_string(),
            Of::ResourceType => "User".into(),
            Of::Schema => tenure::scim::schema::USER.into(),
            Of::Token => self.service_token(&[Scope::Read]).await.row.token.id.to_string(),
            Of::Webhook => self.webhook("https://hooks.example/in", &[]).await.webhook.id.to_string(),
            Of::Delivery => {
                let (id, ctx) = (self.webhook("https://hooks.example/in", &[]).await.webhook.id, self.ctx());
                let sent = self.write(async move |tx| ops::webhooks::test(tx, &ctx, id).await).await;
                format!("{id}/{}", sent.expect("a test"))
            }
            Of::Held => self.held_request().await.to_string(),
            Of::Invitation => self.invited().await.1.reveal(),
            Of::PortalInvitation => self.invited_customer_as(&any_name("Cus")).await.1.reveal(),
            Of::PortalLink => {
                let who = self.customer_as(&any_name("Cus")).await;
                self.link_of(who.person).await.reveal()
            }
            Of::PasswordLink => {
                let who = self.member().await;
                self.link_of(who.person).await.reveal()
            }
        }
    }
}

/// Sends the case's request with this in its path.
async fn call(browser: &Browser, case: &Case, something: &str) -> Page {
    let (method, path, _, _, fields) = *case;
    // A second parameter stands after a slash; where there is none it stays as it is, and names nothing.
    let path = something.split('/').fold(path.to_owned(), |path, part| match path.split_once('{') {
        Some((before, rest)) => format!("{before}{part}{}", rest.split_once('}').expect("closed").1),
        None => path,
    });
    let method: Method = method.parse().expect("a method");
    // A stream that nobody ends would never be read whole.
    let path = match fields {
        [_, ..] if method == Method::GET => {
            format!(
                "{path}?{}",
                form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
            )
        }
        _ => path,
    };
    let request = browser.request(method.clone(), &path);
    let form = method == Method::POST && !path.starts_with("/api/") && !path.starts_with("/scim/");
    browser.send(if form { request.form(fields) } else { request }).await
}

/// Answered as somebody whom the server does not know.
fn is_unknown(page: &Page, case: &Case) -> bool {
    if case.0 == "GET" && !case.1.starts_with("/api/v1/") && case.2 != Directory {
        let door = if case.2 == Customer { "/portal/sign-in?next=" } else { "/sign-in?next=" };
        page.status == StatusCode::SEE_OTHER && page.location().starts_with(door)
    } else {
        page.status == StatusCode::UNAUTHORIZED
    }
}

/// A browser whose session belongs to a member; each gets one of its own.
async fn member_browser(world: &World, site: &Site) -> (Who, Browser) {
    let name = any_name("Walk");
    let who = world.joined_as(&name, Role::Member).await;
    (who, site.signed_in(&address(&name)).await)
}

/// A program of a directory that brings users in.
async fn directory_of(world: &World, site: &Site) -> Browser {
    site.browser().with_token(&world.service_token(&[Scope::Scim]).await.secret.reveal())
}

/// A browser in which a customer of its own is signed in to the portal.
async fn customer_browser(world: &World, site: &Site) -> (Who, Browser) {
    let name = any_name("Cus");
    let who = world.customer_as(&name).await;
    (who, site.in_portal(&address(&name)).await)
}

async fn is_refused_as_deactivated(world: &World, browser: &Browser, case: &Case) {
    let something = world.something(case.3).await;
    let before = world.dump().await;
    let page = call(browser, case, &something).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{case:?}: {page:?}");
    assert!(page.text.contains("account is deactivated"), "{case:?}: {page:?}");
    assert_eq!(world.dump().await, before, "{case:?} changed something");
}

async fn is_unknown_and_changes_nothing(world: &World, browsers: &[&Browser], case: &Case) {
    let something = world.something(case.3).await;
    let before = world.dump().await;
    for browser in browsers {
        let page = call(browser, case, &something).await;
        assert!(is_unknown(&page, case), "{case:?}: {page:?}");
        assert_eq!(world.dump().await, before, "{case:?} changed something");
    }
}

both_engines! {
    /// ASVS 5.0 8.2.1, 8.3.1.
    async fn asvs_8_2_1_without_a_session_only_public_routes_answer(store: Store) {
        let world = World::new(store, 200).await;
        let site = Site::of(&world).await;
        let (_, ended) = member_browser(&world, &site).await;
        let old = ended.twin();
        ended.submit("/sign-out", &[]).await;
        for case in CASES.iter() {
            let something = world.something(case.3).await;
            for browser in [&site.browser(), &old.twin()] {
                let page = call(browser, case, &something).await;
                assert_eq!(is_unknown(&page, case), case.2 != Public, "{case:?}: {page:?}");
                assert!(!page.status.is_server_error(), "{case:?}: {page:?}");
            }
        }
        world.check().await;
    }

    /// Rule 9; ASVS 5.0 8.2.1.
    async fn rule_09_a_member_calls_no_route_of_administrators(store: Store) {
        let world = World::new(store, 200).await;
        let site = Site::of(&world).await;
        let (_, browser) = member_browser(&world, &site).await;
        for case in CASES.iter().filter(|case| matches!(case.2, Administrator | Webhooks)) {
            let something = world.something(case.3).await;
            let before = world.dump().await;
            let page = call(&browser, case, &something).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{case:?}: {page:?}");
            assert!(page.text.contains("Only administrators can do this."), "{case:?}: {page:?}");
            assert_eq!(world.dump().await, before, "{case:?} changed something");
        }
    }

    /// Rule 1, invariant 1; ASVS 5.0 7.4.2.
    async fn rule_01_with_an_old_session_a_deactivated_person_calls_no_route(store: Store) {
        let world = World::new(store, 200).await;
        let site = Site::of(&world).await;
        let name = any_name("Old");
        let who = world.joined_as(&name, Role::Administrator).await;
        let browser = site.signed_in(&address(&name)).await;
        assert_eq!(browser.get("/api/v1/me").await.status, StatusCode::OK);
        world.deactivate(who.person).await.expect("a deactivation");
        for case in CASES.iter().filter(|case| matches!(case.2, User | Administrator | Webhooks)) {
            is_refused_as_deactivated(&world, &browser, case).await;
        }
    }

    /// Rules 1, 3 and 8, invariant 1; ASVS 5.0 7.4.2.
    async fn rule_08_with_an_old_session_a_deactivated_customer_calls_no_route_of_the_portal(store: Store) {
        let world = World::new(store, 200).await;
        let site = Site::of(&world).await;
        let (who, browser) = customer_browser(&world, &site).await;
        assert_eq!(browser.get("/portal").await.status, StatusCode::OK);
        world.deactivate(who.person).await.expect("a deactivation");
        for case in CASES.iter().filter(|case| case.2 == Customer) {
            is_refused_as_deactivated(&world, &browser, case).await;
        }
    }

    /// Rule 8; ASVS 5.0 8.2.1: a customer's session is none at the desk and the API, wherever it is kept.
    async fn rule_08_a_customers_session_opens_the_portal_alone(store: Store) {
        let world = World::new(store, 200).await;
        let site = Site::of(&world).await;
        let (_, browser) = customer_browser(&world, &site).await;
        let session = browser.cookie("tenure-portal").expect("a session");
        assert!(browser.cookie("tenure").is_none(), "no cookie of the desk");
        let planted = || browser.twin().with_cookie("tenure", &session);
        for case in CASES.iter().filter(|case| matches!(case.2, User | Administrator | Webhooks)) {
            is_unknown_and_changes_nothing(&world, &[&browser.twin(), &planted()], case).await;
        }
        assert_eq!(browser.get("/portal").await.status, StatusCode::OK, "it is still good in the portal");
    }

    /// Rule 8; ASVS 5.0 8.2.1.
    async fn rule_08_a_users_session_opens_no_page_of_the_portal(store: Store) {
        let world = World::new(store, 200).await;
        let site = Site::of(&world).await;
        let browser = site.signed_in(OWNER).await;
        let session = browser.cookie("tenure").expect("a session");
        let planted = || browser.twin().with_cookie("tenure-portal", &session);
        for case in CASES.iter().filter(|case| case.2 == Customer) {
            is_unknown_and_changes_nothing(&world, &[&browser.twin(), &planted()], case).await;
        }
        assert_eq!(browser.get("/users").await.status, StatusCode::OK, "it is still good at the desk");
    }

    /// Invariant 7; ASVS 5.0 8.4.1, 8.2.2.
    async fn invariant_7_no_route_reaches_into_another_workspace(store: Store) {
        let world = World::new(store, 200).await;
        let beside = world.beside(200).await;
        name_host(&world, world.ws, "a.example").await;
        name_host(&world, beside.ws, "b.example").await;
        let site = Site::of(&world).await;
        let owner_of_b = signed_in_at(&site, "b.example", OWNER).await;
        let name = any_name("Cus");
        beside.customer_as(&name).await;
        let directory_of_b = directory_of(&beside, &site).await.at_host("b.example");
        let customer_of_b = in_portal_at(&site, "b.example", &address(&name)).await;
        for case in CASES.iter() {
            let something = world.something(case.3).await;
            let before = rows_of(&world).await;
            let of_b = match case.2 {
                Customer => &customer_of_b,
                Directory => &directory_of_b,
                _ => &owner_of_b,
            };
            if case.2 != Public {
                let page = call(&of_b.twin().at_host("a.example"), case, &something).await;
                assert!(is_unknown(&page, case), "a session of b at a: {case:?}: {page:?}");
            }
            if !case.3.is_everywhere() {
                let page = call(of_b, case, &something).await;
                let gone = case.3.is_link();
                let expected = if gone { StatusCode::GONE } else { StatusCode::NOT_FOUND };
                assert_eq!(page.status, expected, "{case:?}: {page:?}");
            }
            assert_eq!(rows_of(&world).await, before, "{case:?} changed something");
        }
    }

    async fn unknown_ids_and_what_is_no_id_at_all_are_not_found(store: Store) {
        let world = World::new(store, 200).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let (_, customer) = customer_browser(&world, &site).await;
        let made = world.service_token(&[Scope::Scim]).await;
        let directory = site.browser().with_token(&made.secret.reveal());
        assert_eq!(directory.get("/scim/v2/Users").await.status, StatusCode::OK);
        world.use_is_noted(made.row.token.id).await;
        let before = world.dump().await;
        let gone = [StatusCode::GONE, StatusCode::TOO_MANY_REQUESTS];
        for case in CASES.iter().filter(|case| case.3 != Of::Nothing) {
            for odd in ["0196aaaa-0000-7000-8000-000000000000", "1", "%00", "%F0%9F%A6%A6", "..%2f..%2fetc", "%ff"] {
                let browser = match case.2 {
                    Customer => &customer,
                    Directory => &directory,
                    _ => &owner,
                };
                let page = call(browser, case, odd).await;
                let link = case.3.is_link();
                let known = page.status == StatusCode::NOT_FOUND || (link && gone.contains(&page.status));
                // What is no UTF-8 cannot be an id.
                assert!(known || (odd == "%ff" && page.status == StatusCode::BAD_REQUEST), "{case:?} {odd}: {page:?}");
            }
        }
        assert_eq!(world.dump().await, before);
    }

    async fn who_may_call_a_route_gets_an_answer(store: Store) {
        let world = World::new(store, 400).await;
        let site = Site::of(&world).await;
        for case in CASES.iter() {
            // Settings are among the cases, and switch them off.
            world.open_form(domain::apps::FormPolicy::Flag).await;
            let (browser, something) = match case.2 {
                Customer => {
                    let (who, browser) = customer_browser(&world, &site).await;
                    let own = match case.3 {
                        Of::Request => world.request_of(who).await,
                        Of::RequestFile => world.request_file_of(who).await,
                        _ => String::new(),
                    };
                    (browser, own)
                }
                Directory => (directory_of(&world, &site).await, world.something(case.3).await),
                _ => (site.signed_in(OWNER).await, world.something(case.3).await),
            };
            let page = call(&browser, case, &something).await;
            let drawn = page.status.is_success() || page.status == StatusCode::SEE_OTHER;
            if case.0 == "GET" && !["/pictures/{id}", "/portal/profile/picture", "/scim/v2/Me"].contains(&case.1) {
                assert!(drawn && !is_unknown(&page, case), "{case:?}: {page:?}");
            }
            let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
            assert!(!refused.contains(&page.status), "{case:?}: {page:?}");
            // What SCIM has and this server has not is answered so (RFC 7644, section 3.11).
            let broken = page.status.is_server_error() && page.status != StatusCode::NOT_IMPLEMENTED;
            assert!(!broken, "{case:?}: {page:?}");
        }
        world.check().await;
    }
}

/// The rows of the world's own workspace.
async fn rows_of(world: &World) -> Vec<String> {
    let ws = world.ws.uuid().simple().to_string();
    let rows = world.dump().await.into_values().flatten();
    rows.filter(|row| row.replace('-', "").contains(&ws)).collect()
}
