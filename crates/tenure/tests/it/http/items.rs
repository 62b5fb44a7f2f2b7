//! The page of an item and a customer's requests, over HTTP.

use domain::{
    id::ItemId,
    item::{ItemStatus, MessageKind, Part},
    person::Kind,
    role::Role,
};
use reqwest::StatusCode;
use tenure::ops::items::{self, Edit, Input, Request};

use super::OWNER;
use crate::support::{
    both_engines,
    http::{Browser, Page, Site},
    world::{Who, World, address, any_name},
};

/// What nobody's page may become.
const HOSTILE: &str = "<script>alert('&\"x')</script>";

/// A ticket that a customer has requested.
async fn requested(world: &World, by: Who, title: &str, text: &str) -> (ItemId, i64) {
    let (ctx, input) = (world.by(by), Request { title: world.title(title), description: text.into() });
    world.write(async move |tx| items::request(tx, &ctx, input.clone()).await).await.expect("a request")
}

async fn cleo(world: &World, site: &Site) -> (Who, Browser) {
    let name = any_name("Cleo");
    let who = world.customer_as(&name).await;
    (who, site.in_portal(&address(&name)).await)
}

/// The part of a page between two marks.
fn part<'a>(page: &'a Page, from: &str, to: &str) -> &'a str {
    let (_, rest) = page.text.split_once(from).unwrap_or_else(|| panic!("no {from:?} in {page:?}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to:?} after {from:?} in {page:?}")).0
}

fn panel(page: &Page) -> &str {
    part(page, "<aside class=\"item-panel\"", "</aside>")
}

/// How often a text stands in a page.
fn times(page: &Page, text: &str) -> usize {
    page.text.matches(text).count()
}

both_engines! {
    async fn an_item_shows_what_it_is_who_holds_it_and_what_was_said(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let (who, _) = cleo(&world, &site).await;
        let (id, number) = requested(&world, who, "It does not print", "Since **Monday**.").await;
        let name = any_name("Mel");
        let mel = world.joined_as(&name, Role::Member).await;
        let edit = Edit { tags: Some(items::Tags::parse("printer", &world.app.config.limits).expect("a tag")), ..Edit::default() };
        world.edit_item(world.ctx(), id, edit).await.expect("a tag");
        for (kind, text) in [(MessageKind::Reply, "Which printer?"), (MessageKind::Note, "Again, *her*.")] {
            world.say(world.ctx(), id, kind, text).await.expect("a message");
        }
        let browser = site.signed_in(&address(&name)).await;
        let href = format!("/items/{number}");
        let page = browser.get(&href).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        for words in ["<bdi>It does not print</bdi>", "Since <strong>Monday</strong>", "Which printer?", "<em>her</em>", "Only users see this", "printer"] {
            assert!(page.text.contains(words), "{words}: {page:?}");
        }
        assert!(panel(&page).contains("Nobody is assigned"));
        let page = browser.submit(&format!("{href}/assignees"), &[("person", &mel.person.to_string())]).await;
        assert!(page.text.contains("You are assigned to ticket"), "{page:?}");
        assert!(!panel(&page).contains("Assign to me"), "{page:?}");
        let page = browser.submit(&format!("{href}/followers"), &[("person", &mel.person.to_string())]).await;
        assert!(panel(&page).contains("Unfollow"), "{page:?}");
        let page = browser.submit(&format!("{href}/status"), &[("status", "waiting")]).await;
        assert!(page.text.contains("is waiting now"), "{page:?}");
        assert_eq!(browser.post(&format!("{href}/status"), &[("status", "gone")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = browser.submit(&format!("{href}/details"), &[("priority", "urgent"), ("due", "2026-12-24"), ("tags", "printer, paper")]).await;
        for words in ["Urgent", "24 Dec 2026", "paper"] {
            assert!(panel(&page).contains(words), "{words}: {page:?}");
        }
        let history = browser.get(&format!("{href}/history")).await;
        for words in ["took it on", "follows it", "changed the status from", "set the due date to", "added the tag", "made this ticket"] {
            assert!(history.text.contains(words), "{words}: {history:?}");
        }
        world.check().await;
    }

    async fn a_message_leads_back_to_itself_and_a_refused_one_comes_back_as_typed(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let (_, number) = world.assigned("A leaking tap", &[]).await;
        let gone = world.joined_as(&any_name("Gone"), Role::Member).await;
        let email = world.row(gone.person).await.person.email;
        world.deactivate(gone.person).await.expect("a deactivation");
        let browser = site.signed_in(OWNER).await;
        let to = format!("/items/{number}/messages");
        let sent = browser.post(&to, &[("kind", "note"), ("body", "Look **here**.")]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent:?}");
        let anchor = sent.location().split_once('#').expect("a place in the page").1.to_owned();
        let page = browser.get(&format!("/items/{number}")).await;
        assert!(page.text.contains(&format!("id=\"{anchor}\"")) && page.text.contains("Look <strong>here</strong>."), "{page:?}");
        let before = world.dump().await;
        // What may have been meant for users alone is not sent to customers.
        let page = browser.post(&to, &[("kind", "Note"), ("body", "Between us")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("Choose a reply or a note.") && page.text.contains("Between us"), "{page:?}");
        let long = "x".repeat(100_001);
        let mention = format!("Ask @{email} about it <b>");
        for (body, words, status) in [
            (long.as_str(), "100000", StatusCode::UNPROCESSABLE_ENTITY),
            ("", "Write something first.", StatusCode::UNPROCESSABLE_ENTITY),
            (mention.as_str(), "deactivated", StatusCode::CONFLICT),
        ] {
            let page = browser.post(&to, &[("kind", "note"), ("body", body)]).await;
            assert_eq!(page.status, status, "{words}");
            assert!(page.text.contains(words), "{words}: {}", &page.text[..2_000]);
            let typed = part(&page, "<textarea id=\"f-body\"", "</textarea>");
            assert!(typed.contains(&body.replace('<', "&#60;").replace('>', "&#62;")), "{words}");
            assert!(page.text.contains("value=\"note\" checked"), "the note stays chosen");
        }
        assert_eq!(world.dump().await, before);
    }

    /// Rules 1 and 3: a reply half written when its author is deactivated is refused, says so, and can be copied.
    async fn rule_03_a_reply_of_somebody_deactivated_is_refused_and_can_be_copied(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let (who, portal) = cleo(&world, &site).await;
        let (_, number) = requested(&world, who, "It does not print", "").await;
        let name = any_name("Mel");
        let mel = world.joined_as(&name, Role::Member).await;
        let desk = site.signed_in(&address(&name)).await;
        world.deactivate(mel.person).await.expect("a deactivation");
        world.deactivate(who.person).await.expect("a deactivation");
        let before = world.dump().await;
        for (browser, to) in [(&desk, format!("/items/{number}/messages")), (&portal, format!("/portal/requests/{number}/messages"))] {
            let page = browser.post(&to, &[("kind", "reply"), ("body", "A long answer, half written")]).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{page:?}");
            for words in ["Your account is deactivated", "Nothing was sent", "A long answer, half written", "data-copy"] {
                assert!(page.text.contains(words), "{words}: {page:?}");
            }
        }
        assert_eq!(world.dump().await, before);
    }

    /// Rules 4 and 5.
    async fn rule_05_pickers_of_an_item_do_not_offer_the_deactivated_and_refuse_them(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let held = world.joined_as(&any_name("Held"), Role::Member).await;
        let left = world.joined_as(&any_name("Held"), Role::Member).await;
        let here = world.joined_as(&any_name("Held"), Role::Member).await;
        let guest = world.joined_to(Kind::Customer, &any_name("Held")).await;
        let (id, number) = world.assigned("A leaking tap", &[held.person]).await;
        world.say(world.by(held), id, MessageKind::Reply, "I look at it.").await.expect("a message");
        for who in [held, left, guest] {
            world.deactivate(who.person).await.expect("a deactivation");
        }
        let browser = site.signed_in(OWNER).await;
        let href = format!("/items/{number}");
        let page = browser.get(&href).await;
        // In the panel and as author; a reply is for nobody who is away.
        assert_eq!((times(&page, "is-deactivated"), times(&page, "<span class=\"visually-hidden\">(Deactivated)")), (2, 2), "{page:?}");
        for (list, offered) in [("assignees", true), ("followers", true), ("requester", true)] {
            let page = browser.get(&format!("{href}/{list}?q=Held")).await;
            assert_eq!(page.text.contains(&here.person.to_string()), offered, "{list}: {page:?}");
            for who in [held, left, guest] {
                assert!(!page.text.contains(&format!("value=\"{}\"", who.person)), "{list}: {page:?}");
                let refused = browser.post(&format!("{href}/{list}"), &[("person", &who.person.to_string())]).await;
                let fits = refused.status == StatusCode::CONFLICT && refused.text.contains("role=\"alert\"");
                assert!(fits, "{list}: {refused:?}");
            }
        }
        // Rule 2: what they held stays, and can be taken.
        assert_eq!(world.holds(held.person).await.assigned, 1);
        let page = browser.submit(&format!("{href}/assignees/{}/removal", held.person), &[]).await;
        assert!(page.text.contains("no longer assigned"), "{page:?}");
        world.check().await;
    }

    async fn two_who_edit_one_item_lose_nothing(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let (id, number) = world.assigned("First", &[]).await;
        let browser = site.signed_in(OWNER).await;
        let (edit, details) = (format!("/items/{number}/edit"), format!("/items/{number}/details"));
        let form = browser.get(&edit).await;
        let hidden = |page: &Page, name: &str| page.input(name).unwrap_or_else(|| panic!("no {name}: {page:?}"));
        let (version, since) = (hidden(&form, "_version"), hidden(&form, "_since"));
        // A message and a change of something else are no conflict.
        world.say(world.ctx(), id, MessageKind::Note, "Look.").await.expect("a message");
        world.set_item(id, ItemStatus::Waiting).await;
        let mine = [("title", "Mine"), ("_was_title", "First"), ("description", ""), ("_was_description", ""), ("_version", &version), ("_since", &since)];
        let page = browser.submit(&edit, &mine).await;
        assert!(page.text.contains("<bdi>Mine</bdi>"), "{page:?}");
        // The same field is: what was typed stays, and what changed is told.
        let other = [("title", "Other"), ("_was_title", "First"), ("description", "Both"), ("_was_description", ""), ("_version", &version), ("_since", &since)];
        let page = browser.post(&edit, &other).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{page:?}");
        assert!(page.text.contains("Meanwhile") && page.text.contains("“Mine”"), "{page:?}");
        assert_eq!((page.input("_was_title").as_deref(), hidden(&page, "title").as_str()), (Some("Mine"), "Other"));
        let again = [("title", "Other"), ("_was_title", "Mine"), ("description", "Both"), ("_was_description", ""), ("_version", &hidden(&page, "_version")), ("_since", &hidden(&page, "_since"))];
        let page = browser.submit(&edit, &again).await;
        assert!(page.text.contains("<bdi>Other</bdi>") && page.text.contains("Both"), "{page:?}");
        // A field that the form left as it was does not take back what somebody else made of it.
        let form = browser.get(&details).await;
        let (version, since) = (hidden(&form, "_version"), hidden(&form, "_since"));
        browser.submit(&details, &[("priority", "urgent")]).await;
        let due = [("priority", "normal"), ("_was_priority", "normal"), ("due", "2027-01-31"), ("_was_due", ""), ("_version", &version), ("_since", &since)];
        let page = browser.submit(&details, &due).await;
        assert!(panel(&page).contains("Urgent") && panel(&page).contains("31 Jan 2027"), "{page:?}");
        let bad = [("due", "soon"), ("project", "Nowhere")];
        let page = browser.post(&details, &bad).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("Enter a date") && page.text.contains("There is no project Nowhere."), "{page:?}");
    }

    async fn two_hundred_messages_are_read_in_pages(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let (id, number) = world.assigned("A long story", &[]).await;
        for n in 0..200 {
            world.later(std::time::Duration::from_secs(1));
            world.say(world.ctx(), id, MessageKind::Reply, &format!("Message number {n}.")).await.expect("a message");
        }
        let browser = site.signed_in(OWNER).await;
        let (mut to, mut seen, mut pages) = (format!("/items/{number}"), Vec::new(), 0);
        loop {
            let page = browser.get(&to).await;
            let found: Vec<u32> = page.text.split("Message number ").skip(1)
                .map(|rest| rest.split_once('.').expect("a number").0.parse().expect("a number")).collect();
            assert!(found.len() <= 30 && found.is_sorted(), "{found:?}");
            seen.splice(0..0, found);
            pages += 1;
            if pages > 1 {
                assert!(page.text.contains("To the latest messages"), "{page:?}");
            }
            let Some((before, _)) = page.text.split_once("\">Earlier messages") else { break };
            before.rsplit_once("href=\"").expect("a link").1.clone_into(&mut to);
        }
        assert_eq!((seen, pages), ((0..200).collect(), 7));
        assert_eq!(browser.get(&format!("/items/{number}?before=x")).await.status, StatusCode::NOT_FOUND);
    }

    /// Rule 8.
    async fn rule_08_a_customer_makes_reads_and_closes_requests_and_sees_no_note(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let (_, browser) = cleo(&world, &site).await;
        let (_, stranger) = cleo(&world, &site).await;
        let home = browser.get("/portal").await;
        assert!(home.text.contains("Nothing is open") && home.text.contains("/portal/requests/new"), "{home:?}");
        let refused = browser.post("/portal/requests/new", &[("title", " "), ("description", "It *jams*")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains("Enter a title.") && refused.text.contains("It *jams*"), "{refused:?}");
        let made = browser.post("/portal/requests/new", &[("title", "It does not print"), ("description", "It *jams*")]).await;
        let href = made.location().to_owned();
        let number: i64 = href.rsplit('/').next().expect("a number").parse().expect("a number");
        let page = browser.get(&href).await;
        assert!(page.text.contains("It <em>jams</em>"), "{page:?}");
        let ada = world.joined_as(&any_name("Ada"), Role::Member).await;
        let found = world.show(&world.ctx(), number).await.expect("an item");
        world.give(world.ctx(), found.row.id, ada.person, Part::Assignee).await.expect("a part");
        for (kind, text) in [(MessageKind::Reply, "Which printer?"), (MessageKind::Note, "Secret words.")] {
            world.say(world.by(ada), found.row.id, kind, text).await.expect("a message");
        }
        world.deactivate(ada.person).await.expect("a deactivation");
        let page = browser.get(&href).await;
        assert!(page.text.contains("Which printer?") && !page.text.contains("Secret words."), "{page:?}");
        // As assignee, as author, and among those for whom a reply is.
        assert_eq!(times(&page, "is-deactivated"), 3, "{page:?}");
        assert!(!page.text.contains("/users/") && !page.text.contains("value=\"note\""), "{page:?}");
        let note = browser.post(&format!("{href}/messages"), &[("kind", "note"), ("body", "x")]).await;
        assert_eq!(note.status, StatusCode::FORBIDDEN, "{note:?}");
        let page = browser.submit(&format!("{href}/status"), &[("status", "closed")]).await;
        assert!(page.text.contains("Reopen") && page.text.contains("Your reply opens it again."), "{page:?}");
        let home = browser.get("/portal?list=finished").await;
        assert!(home.text.contains(&href), "{home:?}");
        assert!(!browser.get("/portal").await.text.contains(&href));
        assert_eq!(browser.post(&format!("{href}/status"), &[("status", "done")]).await.status, StatusCode::FORBIDDEN);
        let sent = browser.post(&format!("{href}/messages"), &[("body", "It *still* jams")]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent:?}");
        let page = browser.get("/portal").await;
        assert!(page.text.contains(&href), "the reply has opened it again: {page:?}");
        for to in [&href, "/portal/requests/999"] {
            let page = stranger.get(to).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{page:?}");
            assert!(!page.text.contains("does not print"), "{page:?}");
        }
        let refused = stranger.post(&format!("{href}/messages"), &[("body", "x")]).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
        world.check().await;
    }

    /// Rule 8: a follower reads and replies, and may leave; then there is nothing to see.
    async fn rule_08_a_customer_who_follows_reads_replies_and_leaves(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let (who, browser) = cleo(&world, &site).await;
        let (id, number) = world.assigned("A leaking tap", &[]).await;
        world.give(world.ctx(), id, who.person, Part::Follower).await.expect("a part");
        let href = format!("/portal/requests/{number}");
        assert!(browser.get("/portal?list=following").await.text.contains(&href));
        let page = browser.get(&href).await;
        assert!(page.text.contains("Unfollow") && !page.text.contains("Close the request"), "{page:?}");
        let sent = browser.post(&format!("{href}/messages"), &[("body", "Me too.")]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent:?}");
        assert_eq!(browser.post(&format!("{href}/status"), &[("status", "closed")]).await.status, StatusCode::FORBIDDEN);
        let left = browser.submit(&format!("{href}/following/removal"), &[]).await;
        assert!(left.text.contains("You no longer follow"), "{left:?}");
        assert_eq!(browser.get(&href).await.status, StatusCode::NOT_FOUND);
    }

    /// Rule 8: where the workspace shares them.
    async fn an_organizations_requests_stand_in_a_list_of_their_own(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let (dario, browser) = cleo(&world, &site).await;
        let (colleague, organization) = world.customer_in("Globex").await;
        world.group_of(organization, dario.person).await;
        let input = Input { requester: Some(colleague), ..world.ticket("It does not print") };
        let (id, number) = world.make(world.ctx(), input).await.expect("a ticket");
        world.say(world.ctx(), id, MessageKind::Note, "Secret words.").await.expect("a note");
        let href = format!("/portal/requests/{number}");
        let home = browser.get("/portal?list=organization").await;
        assert!(!home.text.contains("My organization") && !home.text.contains(&href), "{home:?}");
        let owner = site.signed_in(OWNER).await;
        let settings = owner.get("/settings/portal").await;
        let version = settings.input("_version").expect("a version");
        let saved = owner.submit("/settings/portal", &[("shared_requests", "1"), ("_version", &version)]).await;
        assert!(saved.text.contains("value=\"1\" checked"), "{saved:?}");
        let home = browser.get("/portal?list=organization").await;
        assert!(home.text.contains("My organization") && home.text.contains(&href), "{home:?}");
        let page = browser.get(&href).await;
        assert!(page.text.contains("Follow it to reply") && !page.text.contains("Secret words."), "{page:?}");
        assert!(!page.text.contains("id=\"composer\"") && !page.text.contains("Close the request"), "{page:?}");
        let page = browser.submit(&format!("{href}/following"), &[]).await;
        assert!(page.text.contains("Unfollow") && page.text.contains("id=\"composer\""), "{page:?}");
        let page = browser.submit(&format!("{href}/following/removal"), &[]).await;
        assert!(page.text.contains("Follow it to reply"), "{page:?}");
        world.check().await;
    }

    async fn requests_are_listed_in_pages(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let (who, browser) = cleo(&world, &site).await;
        for n in 0..30 {
            world.later(std::time::Duration::from_secs(1));
            requested(&world, who, &format!("Request number {n}."), "").await;
        }
        let page = browser.get("/portal").await;
        assert_eq!(times(&page, "Request number "), 25, "{page:?}");
        let next = part(&page, "rel=\"next\" href=\"", "\"").replace("&#38;", "&");
        let rest = browser.get(&next).await;
        assert_eq!(times(&rest, "Request number "), 5, "{rest:?}");
        let back = part(&rest, "rel=\"prev\" href=\"", "\"").replace("&#38;", "&");
        assert_eq!(times(&browser.get(&back).await, "Request number "), 25);
        assert_eq!(browser.get("/portal?after=x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    /// ASVS 5.0 1.2.1: nothing that somebody typed becomes markup.
    async fn what_people_type_comes_out_harmless_on_pages_of_the_work(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let mel = world.joined_as(HOSTILE, Role::Member).await;
        let named = format!("{HOSTILE} {}", any_name("C"));
        let who = world.joined_to(Kind::Customer, &named).await;
        let email = world.row(who.person).await.person.email;
        let markdown = format!("{HOSTILE}\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)> ![p](data:text/html,x) `{HOSTILE}`");
        let input = Input {
            description: markdown.clone(),
            project: Some(world.project(HOSTILE).await),
            requester: Some(who.person),
            assignees: vec![mel.person],
            followers: vec![mel.person],
            tags: items::Tags::parse(&HOSTILE[..20], &world.app.config.limits).expect("a tag"),
            ..world.ticket(HOSTILE)
        };
        let (id, number) = world.make(world.ctx(), input).await.expect("a ticket");
        let mention = format!("{markdown} @{}", world.row(mel.person).await.person.email);
        world.say(world.ctx(), id, MessageKind::Reply, &mention).await.expect("a message");
        let (desk, portal) = (site.signed_in(OWNER).await, site.in_portal(&email).await);
        let below = ["", "/history", "/edit", "/details", "/assignees", "/followers", "/requester"];
        let mut pages = Vec::new();
        for part in below {
            pages.push(desk.get(&format!("/items/{number}{part}")).await);
        }
        for to in ["/portal".to_owned(), format!("/portal/requests/{number}")] {
            pages.push(portal.get(&to).await);
        }
        let body = format!("{HOSTILE} @nobody@acme.example {}", "x".repeat(100_001));
        pages.push(desk.post(&format!("/items/{number}/messages"), &[("body", &body)]).await);
        for page in &pages {
            assert!(page.status.is_success() || page.status == StatusCode::UNPROCESSABLE_ENTITY, "{page:?}");
            let lower = page.text.to_lowercase();
            for bad in ["<script>", "href=\"javascript:", "<img src=\"x\"", "<img src=x", "src=\"data:text", "onerror=\"", "&\"x"] {
                assert!(!lower.contains(bad), "{bad}: {page:?}");
            }
        }
    }
}
