//! The customer apps as a browser sees them: who may look, what an anonymous sender is told, and what is never markup.

use std::time::{Duration, Instant};

use domain::{
    apps::{App, Apps, FormPolicy},
    role::Role,
};
use reqwest::{Method, StatusCode};

use super::OPEN;
use crate::{
    http::{OWNER, app_on},
    support::{
        both_engines,
        http::{Browser, Page, Site},
        world::{World, address, any_name, changed_tables},
    },
};

const LOGIN: App = App { on: true, needs_login: true };

async fn with_help(world: &World, help: App) {
    world.set_apps(Apps { help, ..Apps::default() }, "").await;
}

async fn send(browser: &Browser, email: &str, more: &[(&str, &str)]) -> Page {
    let fields =
        [&[("name", "Nell"), ("email", email), ("title", "Ink"), ("body", "It is out.")], more].concat();
    browser.post("/request", &fields).await
}

/// What an answer says, without what names the request.
fn told(page: &Page) -> (StatusCode, String, Vec<(String, String)>) {
    let own = ["x-request-id", "date"];
    let headers = page.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()));
    (page.status, page.text.clone(), headers.collect())
}

/// What comes of it, and how long it took.
#[expect(clippy::disallowed_methods, reason = "the time that a client waits, beside a clock that stands")]
async fn timed<T>(work: impl Future<Output = T>) -> (Duration, T) {
    let began = Instant::now();
    let done = work.await;
    (began.elapsed(), done)
}

both_engines! {
    /// Rule 8: a deactivated customer is kept out of what needs login, and what is open stays open.
    async fn rule_08_a_deactivated_customer_reads_the_open_help_centre_and_no_other(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (_, slug) = world.publish(world.ctx(), "Printing", "Office", "Press **Print**.").await;
        let path = format!("/help/{slug}");
        let (name, other) = (any_name("Gone"), any_name("Cus"));
        let who = world.customer_as(&name).await;
        world.customer_as(&other).await;
        let (gone, here) = (site.in_portal(&address(&name)).await, site.in_portal(&address(&other)).await);
        with_help(&world, LOGIN).await;
        for path in ["/help", &path] {
            assert_eq!(gone.get(path).await.status, StatusCode::OK, "as long as they are active");
        }
        world.deactivate(who.person).await.expect("a deactivation");
        for path in ["/help", &path] {
            let page = gone.get(path).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{page:?}");
            assert!(page.text.contains("Your account is deactivated"), "{page:?}");
            assert!(!page.text.contains("Printing"), "{page:?}");
            assert_eq!(here.get(path).await.status, StatusCode::OK, "others read on");
            // Whoever is not signed in is led there, and back.
            let page = site.browser().get(path).await;
            let next: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
            assert_eq!(page.location(), format!("/portal/sign-in?next={next}"));
        }
        with_help(&world, OPEN).await;
        for browser in [&gone, &here, &site.browser()] {
            let page = browser.get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{page:?}");
            assert!(page.text.contains("Press <strong>Print</strong>."), "{page:?}");
            assert!(browser.get("/help").await.text.contains(&path));
        }
        world.check().await;
    }

    async fn a_help_centre_that_is_off_is_there_for_users_alone(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (_, slug) = world.publish(world.ctx(), "Printing", "Office", "Press Print.").await;
        let name = any_name("Cus");
        world.customer_as(&name).await;
        let (owner, customer) = (site.signed_in(OWNER).await, site.in_portal(&address(&name)).await);
        for path in ["/help".to_owned(), format!("/help/{slug}")] {
            for browser in [&customer, &site.browser()] {
                let page = browser.get(&path).await;
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{page:?}");
                assert!(!page.text.contains("Printing"), "{page:?}");
            }
            let page = owner.get(&path).await;
            assert!(page.text.contains("The help centre is off: customers do not see it."), "{page:?}");
        }
        assert!(!customer.get("/portal").await.text.contains("href=\"/help\""), "it is not offered");
        with_help(&world, OPEN).await;
        assert!(customer.get("/portal").await.text.contains("href=\"/help\""));
        assert!(site.browser().get("/portal/sign-in").await.text.contains("href=\"/help\""));
        assert!(!owner.get("/help").await.text.contains("customers do not see it"));
    }

    async fn a_draft_is_not_there_for_customers_and_an_old_address_leads_on(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        with_help(&world, OPEN).await;
        let (id, slug) = world.publish(world.ctx(), "Printing", "Office", "Press Print.").await;
        let (owner, guest, path) = (site.signed_in(OWNER).await, site.browser(), format!("/articles/{id}"));
        owner.submit(&format!("{path}/edit"), &[("title", "Print on paper"), ("body", "Press Print.")]).await;
        let page = guest.get(&format!("/help/{slug}")).await;
        assert_eq!((page.status, page.location()), (StatusCode::PERMANENT_REDIRECT, "/help/print-on-paper"));
        owner.submit(&format!("{path}/state"), &[("state", "draft")]).await;
        for slug in [slug.as_str(), "print-on-paper"] {
            assert_eq!(guest.get(&format!("/help/{slug}")).await.status, StatusCode::NOT_FOUND);
        }
        let seen = owner.get("/help/print-on-paper").await;
        assert!(seen.text.contains("This is a draft: customers do not see it."), "{seen:?}");
        assert!(guest.get("/help?q=print").await.text.contains("Nothing was found"));
        assert!(owner.get("/articles").await.text.contains("Print on paper"));
    }

    /// Nobody is told whose an address is: the same page after the same time.
    async fn rule_08_the_open_form_answers_as_for_any_address(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let names: Vec<_> = ["Active", "Gone", "Invited", "Member"].map(any_name).into();
        world.customer_as(&names[0]).await;
        let gone = world.customer_as(&names[1]).await;
        world.deactivate(gone.person).await.expect("a deactivation");
        world.invited_customer_as(&names[2]).await;
        world.joined_as(&names[3], Role::Member).await;
        for policy in [FormPolicy::Flag, FormPolicy::Hold] {
            world.open_form(policy).await;
            let mut answers = Vec::new();
            let fresh = format!("new-{}@globex.example", policy.word());
            for email in names.iter().map(|name| address(name)).chain([fresh]) {
                let (took, page) = timed(send(&site.browser(), &email, &[])).await;
                assert!(took >= Duration::from_millis(500), "{email} was answered after {took:?}");
                answers.push((email, told(&page)));
            }
            for (email, answer) in &answers {
                assert_eq!(answer, &answers[0].1, "{email}");
            }
            let page = site.browser().get("/request?sent=1").await;
            assert!(page.text.contains("Your request has reached"), "{page:?}");
        }
        world.check().await;
    }

    async fn rule_08_a_refused_sender_reads_why_and_what_to_do_instead(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let name = any_name("Gone");
        let gone = world.customer_as(&name).await;
        let session = site.in_portal(&address(&name)).await;
        world.deactivate(gone.person).await.expect("a deactivation");
        world.set_apps(Apps { form: OPEN, policy: FormPolicy::Refuse, ..Apps::default() }, "Call <b>us</b>.\n020 7946 0991").await;
        // The form itself stays open, also with an old session.
        assert_eq!(session.get("/request").await.status, StatusCode::OK);
        let before = world.dump().await;
        let page = send(&session, &address(&name), &[]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page:?}");
        assert!(page.text.contains("Requests from this address are not accepted. Nothing was sent."), "{page:?}");
        assert!(page.text.contains("Call &#60;b&#62;us&#60;/b&#62;.") && page.text.contains("020 7946 0991"), "{page:?}");
        assert!(changed_tables(&before, &world.dump().await).is_empty());
    }

    async fn a_form_that_needs_login_leads_to_the_portal_and_one_that_is_off_is_not_there(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let name = any_name("Cus");
        world.customer_as(&name).await;
        let (guest, customer) = (site.browser(), site.in_portal(&address(&name)).await);
        let before = world.dump().await;
        for page in [guest.get("/request").await, send(&guest, "nell@globex.example", &[]).await] {
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{page:?}");
        }
        assert!(changed_tables(&before, &world.dump().await).is_empty());
        world.set_apps(Apps { form: LOGIN, ..Apps::default() }, "").await;
        let before = world.dump().await;
        for page in [guest.get("/request").await, send(&guest, "nell@globex.example", &[]).await] {
            assert_eq!(page.location(), "/portal/requests/new");
        }
        assert!(changed_tables(&before, &world.dump().await).is_empty());
        world.open_form(FormPolicy::Flag).await;
        assert_eq!(guest.get("/request").await.status, StatusCode::OK);
        assert_eq!(customer.get("/request").await.location(), "/portal/requests/new", "it is known who asks");
        assert!(guest.get("/portal/sign-in").await.text.contains("href=\"/request\""));
    }

    /// ASVS 5.0 2.2.1, 3.5.1: what is wrong is said at its field; programs and other sites send nothing.
    async fn what_the_form_cannot_take_is_shown_again_or_dropped(store: Store) {
        let world = World::new(store, 5).await;
        let site = Site::of(&world).await;
        world.open_form(FormPolicy::Flag).await;
        let (guest, before) = (site.browser(), world.dump().await);
        let page = guest.post("/request", &[("name", " "), ("email", "nell at globex"), ("title", ""), ("body", " ")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{page:?}");
        assert_eq!(page.text.matches("aria-invalid").count(), 4, "all are told at once: {page:?}");
        assert_eq!(page.input("email").as_deref(), Some("nell at globex"));
        let long = "x".repeat(100_001);
        let page = guest.post("/request", &[("name", "N"), ("email", "n@globex.example"), ("title", "T"), ("body", &long)]).await;
        assert!(page.text.contains("100000"), "it names the limit");
        assert_eq!(send(&guest, "n@globex.example", &[("title", &"x".repeat(2 << 20))]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
        let page = send(&guest, "n@globex.example", &[("website", "https://spam.example")]).await;
        assert_eq!(page.location(), "/request?sent=1", "a program learns nothing");
        let fields = [("name", "N"), ("email", "n@globex.example"), ("title", "T"), ("body", "B")];
        let foreign = guest.request(Method::POST, "/request").header("sec-fetch-site", "cross-site").form(&fields);
        assert_eq!(guest.send(foreign).await.status, StatusCode::FORBIDDEN);
        assert!(changed_tables(&before, &world.dump().await).is_empty());
    }

    /// ASVS 5.0 6.3.1, 2.4.1.
    async fn asvs_2_4_1_requests_from_one_address_run_out_and_come_back(store: Store) {
        let world = World::new(store.clone(), 5).await;
        let site = Site::serving(app_on(store, &world.sys, |_| {})).await;
        world.open_form(FormPolicy::Flag).await;
        let browser = site.browser();
        let mut clients = tokio::task::JoinSet::new();
        for number in 0..13 {
            let twin = browser.twin();
            clients.spawn(async move { send(&twin, &format!("many{number}@globex.example"), &[]).await });
        }
        let pages = clients.join_all().await;
        let refused: Vec<_> = pages.iter().filter(|page| page.status == StatusCode::TOO_MANY_REQUESTS).collect();
        assert_eq!(refused.len(), 3);
        assert!(refused[0].headers.contains_key("retry-after"), "{:?}", refused[0]);
        assert!(refused[0].text.contains("It is out."), "what was typed is kept: {:?}", refused[0]);
        world.later(Duration::from_hours(1));
        assert_eq!(send(&browser, "late@globex.example", &[]).await.status, StatusCode::SEE_OTHER);
    }

    async fn what_is_held_is_shown_to_administrators_accepted_and_discarded(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        world.open_form(FormPolicy::Hold).await;
        let (name, member) = (any_name("Gone"), any_name("Mem"));
        let gone = world.customer_as(&name).await;
        world.deactivate(gone.person).await.expect("a deactivation");
        world.joined_as(&member, Role::Member).await;
        let (owner, member) = (site.signed_in(OWNER).await, site.signed_in(&address(&member)).await);
        for _ in 0..2 {
            send(&site.browser(), &address(&name), &[]).await;
        }
        let page = owner.get("/tickets").await;
        assert!(page.text.contains("2 requests are held for review"), "{page:?}");
        assert!(page.text.contains("2<span class=\"visually-hidden\"> to attend to</span>"), "{page:?}");
        assert!(!member.get("/tickets").await.text.contains("held for review"));
        let page = owner.get("/tickets/held").await;
        assert!(page.text.contains("It is out.") && page.text.contains(&address(&name)), "{page:?}");
        let paths: Vec<&str> = page.text.split("action=\"/tickets/held/").skip(1).filter_map(|rest| rest.split('/').next()).collect();
        let [first, second] = paths[..] else { panic!("two wait: {paths:?}") };
        let page = owner.submit(&format!("/tickets/held/{first}/acceptance"), &[]).await;
        assert!(page.text.contains("The request is ticket #1 now."), "{page:?}");
        let page = owner.submit(&format!("/tickets/held/{second}/discard"), &[]).await;
        assert!(page.text.contains("Nothing waits for review"), "{page:?}");
        let page = owner.get("/items/1").await;
        assert!(page.text.contains("Nobody has proved that the address is the requester"), "{page:?}");
        assert!(page.text.contains("the request form"), "by whom it was made");
        assert!(owner.get("/items/1/history").await.text.contains("accepted it, which was held for review"));
        world.check().await;
    }

    async fn a_flagged_request_shows_its_flag_until_somebody_takes_it_away(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        world.open_form(FormPolicy::Flag).await;
        let name = any_name("Gone");
        let gone = world.customer_as(&name).await;
        world.deactivate(gone.person).await.expect("a deactivation");
        send(&site.browser(), &address(&name), &[]).await;
        let owner = site.signed_in(OWNER).await;
        assert!(owner.get("/tickets").await.text.contains("badge-flagged"));
        let page = owner.get("/items/1").await;
        assert!(page.text.contains("from the address of somebody who was deactivated"), "{page:?}");
        let page = owner.submit("/items/1/flag/removal", &[]).await;
        assert!(page.text.contains("The flag is taken away."), "{page:?}");
        assert!(!owner.get("/tickets").await.text.contains("badge-flagged"));
        assert!(owner.get("/items/1").await.text.contains("Nobody has proved that the address is the requester"));
    }

    /// Two who write one article are told of each other, and nothing that was typed is lost.
    async fn two_who_edit_one_article_are_told_of_each_other(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (id, _) = world.publish(world.ctx(), "Printing", "Office", "Press Print.").await;
        let member = any_name("Mem");
        world.joined_as(&member, Role::Member).await;
        let (owner, member) = (site.signed_in(OWNER).await, site.signed_in(&address(&member)).await);
        let path = format!("/articles/{id}/edit");
        let form = member.get(&path).await;
        let kept: Vec<(String, String)> = ["_version", "_since", "_was_title", "_was_section", "_was_body"]
            .map(|name| (name.to_owned(), form.input(name).expect(name)))
            .into();
        let with = |title: &str, body: &str| {
            let mut fields = kept.clone();
            fields.extend([("title", title), ("section", "Office"), ("body", body)].map(|(name, value)| (name.to_owned(), value.to_owned())));
            fields
        };
        owner.submit(&path, &[("title", "Printing"), ("section", "Office"), ("body", "Press the button.")]).await;
        // Another field: no conflict.
        let fields = with("Printing today", "Press Print.");
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(member.post(&path, &fields).await.status, StatusCode::SEE_OTHER);
        let article = world.found_article(id).await;
        assert_eq!((article.title.as_str(), article.body.as_str()), ("Printing today", "Press the button."));
        // The same field.
        let fields = with("Printing", "Press it twice.");
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let page = member.post(&path, &fields).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{page:?}");
        assert!(page.text.contains("Olga Owner changed the text") && page.text.contains("Press it twice."), "{page:?}");
        let version = page.input("_version").expect("a version");
        let again = [("_version", version.as_str()), ("title", "Printing today"), ("section", "Office"), ("body", "Press it twice.")];
        assert_eq!(member.post(&path, &again).await.status, StatusCode::SEE_OTHER, "looked over and saved again");
        // A preview saves nothing.
        let page = member.post(&path, &[("title", "X"), ("section", "Office"), ("body", "**bold**"), ("step", "preview")]).await;
        assert!(page.text.contains("<strong>bold</strong>") && page.input("title").as_deref() == Some("X"), "{page:?}");
        assert_eq!(world.found_article(id).await.title, "Printing today");
    }

    async fn the_author_of_an_article_is_labelled_when_deactivated_and_nameless_when_deleted(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let name = any_name("Zenobia");
        let author = world.joined_as(&name, Role::Member).await;
        let (id, _) = world.publish(world.by(author), "Printing", "Office", "Press Print.").await;
        let (owner, page) = (site.signed_in(OWNER).await, format!("/articles/{id}"));
        world.deactivate(author.person).await.expect("a deactivation");
        for path in ["/articles", &page] {
            let page = owner.get(path).await;
            assert!(page.text.contains(&name) && page.text.contains("badge-deactivated"), "{page:?}");
        }
        world.delete(author.person).await.expect("a delete");
        for path in ["/articles", &page, &format!("{page}/history")] {
            let page = owner.get(path).await;
            assert!(page.text.contains("Deleted user") && !page.text.contains(&name), "{page:?}");
        }
    }

    /// ASVS 5.0 1.2.1: whatever is typed is text.
    async fn what_is_typed_into_the_customer_apps_never_becomes_markup(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let hostile = "<script>alert('&\"x')</script>";
        let body = format!("{hostile}\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)>\n\n![y](https://evil.example/p.png)");
        world.set_apps(Apps { help: OPEN, form: OPEN, policy: FormPolicy::Hold }, hostile).await;
        let owner = site.signed_in(OWNER).await;
        let made = owner.post("/articles/new", &[("title", hostile), ("section", hostile), ("body", &body), ("step", "publish")]).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{made:?}");
        let article = made.location().to_owned();
        let name = any_name("Gone");
        let gone = world.customer_as(&name).await;
        world.deactivate(gone.person).await.expect("a deactivation");
        let fields = [("name", hostile), ("title", hostile), ("body", &body)];
        for email in [address(&name), "nell@globex.example".into()] {
            let sent = site.browser().post("/request", &[&[("email", email.as_str())][..], &fields].concat()).await;
            assert_eq!(sent.location(), "/request?sent=1", "{sent:?}");
        }
        let guest = site.browser();
        let path = guest.get("/help").await;
        let slug = path.text.split("href=\"/help/").nth(1).and_then(|rest| rest.split('"').next()).expect("an article").to_owned();
        let mut pages = vec![path];
        for path in ["/help?q=script".to_owned(), format!("/help/{slug}")] {
            pages.push(guest.get(&path).await);
        }
        for path in ["/articles", "/tickets", "/tickets/held", "/items/1", "/items/1/history", "/settings/apps", "/audit"] {
            pages.push(owner.get(path).await);
        }
        for part in ["", "/edit", "/history", "/deletion"] {
            pages.push(owner.get(&format!("{article}{part}")).await);
        }
        let preview = [("title", hostile), ("section", hostile), ("body", &body), ("step", "preview")];
        pages.push(owner.post("/articles/new", &preview).await);
        for page in pages {
            assert_eq!(page.status, StatusCode::OK, "{page:?}");
            assert!(!page.text.contains("<script>") && !page.text.contains("<img src=x"), "{page:?}");
            assert!(!page.text.contains("href=\"javascript:") && !page.text.contains("src=\"https://evil"), "{page:?}");
        }
    }

    async fn the_settings_of_the_customer_apps_are_saved_and_on_the_record(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let version = owner.get("/settings/apps").await.input("_version").expect("a version");
        let fields = [("help_on", "1"), ("form_on", "1"), ("form_login", "1"), ("policy", "refuse"), ("contact", "Call us."), ("_version", &version)];
        let page = owner.submit("/settings/apps", &fields).await;
        assert!(page.text.contains("The customer apps are saved.") && page.text.contains("Call us."), "{page:?}");
        let apps = world.workspace().await.apps;
        assert_eq!((apps.help, apps.form, apps.policy), (OPEN, LOGIN, FormPolicy::Refuse));
        let page = owner.post("/settings/apps", &fields).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "it was made from an older state: {page:?}");
        let audit = owner.get("/audit").await;
        assert!(audit.text.contains("Help centre on") && audit.text.contains("Refused with an answer"), "{audit:?}");
        let page = owner.post("/settings/apps", &[("policy", "refuse"), ("contact", &"x".repeat(2_001))]).await;
        assert!(page.text.contains("2000"), "{page:?}");
    }
}
