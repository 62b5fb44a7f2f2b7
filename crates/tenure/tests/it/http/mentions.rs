//! Whom a message may mention, as it is offered while the message is written.

use domain::{item::MessageKind, person::Kind, role::Role};
use reqwest::StatusCode;

use super::OWNER;
use crate::support::{
    both_engines,
    http::{Browser, Page, Site},
    world::{World, address, any_name},
};

/// What nobody's name or address may become.
const HOSTILE: &str = "<script>alert('&\"x')</script>";

async fn asked(browser: &Browser, q: &str) -> Page {
    let q: String = form_urlencoded::byte_serialize(q.as_bytes()).collect();
    let page = browser.get(&format!("/mentions?q={q}")).await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    assert!(!page.text.contains("<html"), "a piece of a page, not {page:?}");
    page
}

/// What a choice puts into the message, in the order offered.
fn offered(page: &Page) -> Vec<String> {
    let texts = page.text.split(" data-text=\"").skip(1);
    texts.map(|rest| rest.split('"').next().expect("an end").to_owned()).collect()
}

both_engines! {
    /// Rule 5: nobody deactivated is offered; nor is anybody who has not come yet, nor a customer: they see no note.
    async fn active_users_are_offered_for_a_mention_and_nobody_else(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let name = any_name("Zora");
        world.joined_as(&name, Role::Member).await;
        let gone = world.joined_as(&any_name("Zora"), Role::Member).await;
        let browser = site.signed_in(OWNER).await;
        let both = offered(&asked(&browser, "zora").await);
        assert_eq!(both.len(), 2, "{both:?}");
        world.deactivate(gone.person).await.expect("a deactivation");
        world.invited_as(&any_name("Zora"), Role::Member).await;
        world.joined_to(Kind::Customer, &any_name("Zora")).await;
        let at = format!("@{}", address(&name));
        // By the beginning of the name, by a part of it in any case, and by a part of the address.
        for q in ["zo", "ORA", &address(&name)[1..]] {
            let page = asked(&browser, q).await;
            assert_eq!(offered(&page), [at.as_str()], "{q}: {page:?}");
            assert!(page.text.contains(&format!("<bdi>{name}</bdi>")) && page.text.contains("role=\"listbox\""), "{page:?}");
        }
        for q in ["", "  ", "nobody-has-this"] {
            assert_eq!(asked(&browser, q).await.text.trim(), "", "{q:?}");
        }
        // What no name holds is refused as in every search, and not a fault.
        assert_eq!(browser.get("/mentions?q=%00").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn eight_are_offered_at_most_and_those_whose_name_begins_so_come_first(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        for _ in 0..8 {
            world.joined_as(&any_name("Ann"), Role::Member).await;
        }
        let late = any_name("Acmelia");
        world.joined_as(&late, Role::Member).await;
        let last = any_name("Zed Acme");
        world.joined_as(&last, Role::Member).await;
        let browser = site.signed_in(OWNER).await;
        // Everybody's address holds it.
        let found = offered(&asked(&browser, "acme").await);
        assert_eq!(found.len(), 8, "{found:?}");
        assert_eq!(found[..2], [format!("@{}", address(&late)), format!("@{}", address(&last))]);
    }

    async fn what_is_offered_is_a_mention_once_it_is_sent_whatever_the_name_and_address(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let name = any_name("Plain");
        let plain = world.joined_as(&name, Role::Member).await;
        // A message is read for no address such as this.
        let hostile = world.joined_as(HOSTILE, Role::Member).await;
        let (item, _) = world.assigned("A leaking tap", &[]).await;
        let browser = site.signed_in(OWNER).await;
        for (q, who) in [("plain", &plain), ("script", &hostile)] {
            let page = asked(&browser, q).await;
            for bad in ["<script>", "&\"x"] {
                assert!(!page.text.contains(bad), "{bad}: {page:?}");
            }
            let [text] = &offered(&page)[..] else { panic!("one is offered: {page:?}") };
            let said = world.say(world.ctx(), item, MessageKind::Note, &format!("Ask {text} about it")).await;
            assert_eq!(said.expect("a note").mentioned, [who.person], "{text}");
        }
        world.check().await;
    }

    /// Whatever it is that one types, the page of the item is still there.
    async fn a_mention_that_is_not_closed_is_shown_as_it_was_typed(store: Store) {
        let world = World::new(store, 9).await;
        let site = Site::of(&world).await;
        let browser = site.signed_in(OWNER).await;
        let (item, number) = world.assigned("A leaking tap", &[]).await;
        let typed = format!("Ask @[{}", world.owner.person);
        let said = world.say(world.ctx(), item, MessageKind::Note, &typed).await.expect("a note");
        assert_eq!(said.mentioned, []);
        let page = browser.get(&format!("/items/{number}")).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        assert!(page.text.contains(&typed), "{page:?}");
        world.check().await;
    }
}
