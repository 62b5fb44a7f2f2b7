//! One search over people, items and what was written: any part of it, in any script, and of this workspace alone.

use domain::{
    Refusal,
    item::{MessageKind, Part},
};
use tenure::ops::{
    invariants::check_invariants,
    items::Edit,
    search::{self, Found, TEXTS, Written},
};

use crate::support::{
    both_engines,
    world::{World, refused},
};

impl World {
    async fn search(&self, query: &str) -> Found {
        let (ctx, workspace) = (self.ctx(), self.workspace().await);
        search::everywhere(&mut self.reader().await, &ctx, &workspace, query).await.expect("a search")
    }

    async fn texts(&self, query: &str, before: Option<i64>) -> Written {
        search::in_texts(&mut self.reader().await, &self.ctx(), query, before).await.expect("a search")
    }

    /// The titles of the items in whose texts it is, the latest text first.
    async fn written(&self, query: &str) -> Vec<String> {
        self.texts(query, None).await.hits.into_iter().map(|hit| hit.item.title).collect()
    }

    async fn described(&self, title: &str, description: &str) -> (domain::id::ItemId, i64) {
        let input = tenure::ops::items::Input { description: description.into(), ..self.ticket(title) };
        self.make(self.ctx(), input).await.expect("a ticket")
    }
}

fn titles(found: &Found) -> Vec<&str> {
    found.items.rows.iter().map(|line| line.row.title.as_str()).collect()
}

both_engines! {
    async fn any_part_is_found_of_people_items_and_texts_in_any_script(store: Store) {
        let world = World::new(store, 9).await;
        let ada = world.joined_as("Ada Lovelace", domain::role::Role::Member).await;
        world.customer_as("Zoë 王伟明").await;
        let (item, number) = world.described("Drucker brennt", "Steht in der **Hauptstraße 7**.").await;
        world.say(world.ctx(), item, MessageKind::Reply, "Wir *schicken* jemanden: 打印机坏了").await.expect("a reply");
        world.say(world.by(ada), item, MessageKind::Note, "The toner leaks, too.").await.expect("a note");

        let found = world.search("loVel").await;
        assert_eq!(found.users.rows.len(), 1, "{found:?}");
        assert!(found.customers.rows.is_empty() && found.written.hits.is_empty());
        assert_eq!(world.search("伟明").await.customers.rows.len(), 1);
        assert_eq!(world.search("zoe").await.customers.rows.len(), 1);
        assert_eq!(titles(&world.search("ucker").await), ["Drucker brennt"]);
        for number in [number.to_string(), format!("#{number}")] {
            let found = world.search(&number).await;
            assert_eq!(found.numbered.map(|line| line.row.id), Some(item));
        }
        for query in ["HAUPTSTRASSE", "der hauptstr", "schicken jem", "机坏", "机", "toner leaks"] {
            assert_eq!(world.written(query).await, ["Drucker brennt"], "{query}");
        }
        for query in ["hauptstraße 8", "**", "坏机", "leaks toner", "in", "Lovelace"] {
            assert!(world.written(query).await.is_empty(), "{query}");
        }
        let short = world.search("to").await.written;
        assert!(short.too_short && short.hits.is_empty(), "two letters would be in nearly every text");
        assert!(world.search("  ").await.is_nothing());
    }

    async fn a_hit_shows_who_wrote_it_and_the_stretch_around_it(store: Store) {
        let world = World::new(store, 9).await;
        let ada = world.joined_as("Ada Lovelace", domain::role::Role::Member).await;
        let address = world.row(ada.person).await.person.email;
        let (item, _) = world.assigned("Printer", &[]).await;
        world.say(world.by(ada), item, MessageKind::Note, "First the fuser, then the rollers.").await.expect("a note");
        world.say(world.ctx(), item, MessageKind::Note, &format!("@{address} has the fuser")).await.expect("a note");

        let hits = world.texts("fuser", None).await.hits;
        assert_eq!(hits.len(), 2);
        let excerpt = &hits[0].excerpt;
        assert_eq!((excerpt.before.as_str(), excerpt.hit.as_str()), ("@Ada Lovelace has the ", "fuser"));
        let author = hits[1].message.as_ref().and_then(|message| message.author.clone());
        assert_eq!(author.expect("an author").id, ada.person);
        assert!(world.written("lovelace").await.is_empty(), "whom a text mentions is no part of it");

        world.delete(ada.person).await.expect("a deletion");
        let hits = world.texts("fuser", None).await.hits;
        assert_eq!(hits[0].excerpt.before, "@Deleted person has the ");
        assert!(hits[1].message.as_ref().is_some_and(|message| message.author.is_none()));
        assert!(world.search("lovel").await.is_nothing());
        world.check().await;
    }

    async fn a_changed_description_is_found_as_it_is_now(store: Store) {
        let world = World::new(store, 9).await;
        let (item, _) = world.described("Printer", "The fuser is broken.").await;
        let (other, _) = world.described("Scanner", "").await;
        let change = async |item, text: &str| {
            let edit = Edit { description: Some(text.into()), ..Edit::default() };
            world.edit_item(world.ctx(), item, edit).await.expect("an edit");
            world.check().await;
        };
        change(item, "The roller is broken.").await;
        change(other, "Its lamp is broken.").await;
        assert!(world.written("fuser").await.is_empty());
        assert_eq!(world.written("roller").await, ["Printer"]);
        assert_eq!(world.written("is broken").await, ["Scanner", "Printer"]);
        change(item, "").await;
        assert_eq!(world.written("is broken").await, ["Scanner"]);
        change(item, "Broken again.").await;
        assert_eq!(world.written("broken").await, ["Scanner", "Printer"]);
    }

    async fn every_text_is_found_page_by_page_however_old_or_frequent(store: Store) {
        let world = World::new(store, 9).await;
        let (first, _) = world.described("The first", "A needle in hay.").await;
        let (hay, _) = world.described("Hay", "Only hay.").await;
        for number in 0..230 {
            let text = if number % 9 == 0 { format!("hay and straw {number}") } else { format!("hay {number}") };
            world.say(world.ctx(), hay, MessageKind::Note, &text).await.expect("a note");
        }
        assert_eq!(world.written("needle").await, ["The first"], "older than the latest that are looked through");
        for (query, all) in [("hay", 232), ("straw", 26), ("hay 12", 10)] {
            let (mut seen, mut before) = (Vec::new(), None);
            loop {
                let page = world.texts(query, before).await;
                assert!(page.hits.len() <= TEXTS);
                seen.extend(page.hits.into_iter().map(|hit| (hit.item.id, hit.message.map(|message| message.id))));
                before = page.more;
                if before.is_none() {
                    break;
                }
            }
            let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
            assert_eq!((seen.len(), distinct.len()), (all, all), "{query}");
            assert!(seen.is_sorted_by(|a, b| a.1.is_none() || b.1.is_none() || a.1 > b.1), "the latest first: {query}");
        }
        assert!(world.texts("hay", None).await.hits.iter().all(|hit| hit.item.id == hay && hit.item.id != first));
        world.check().await;
    }

    async fn no_workspace_finds_what_is_written_in_another(store: Store) {
        let world = World::new(store, 9).await;
        let other = world.beside(9).await;
        world.described("Printer", "The fuser is broken.").await;
        other.described("Scanner", "The fuser is fine.").await;
        assert_eq!(world.written("fuser").await, ["Printer"]);
        assert_eq!(other.written("fuser").await, ["Scanner"]);
        assert!(other.search("printer").await.is_nothing());
    }

    async fn customers_and_the_deactivated_search_nothing(store: Store) {
        let world = World::new(store, 9).await;
        let customer = world.customer_as("Cleo Globex").await;
        let gone = world.member().await;
        let (item, _) = world.described("Printer", "The fuser is broken.").await;
        world.give(world.ctx(), item, customer.person, Part::Follower).await.expect("a follower");
        world.deactivate(gone.person).await.expect("a deactivation");
        let workspace = world.workspace().await;
        for (who, refusal) in [(customer, Refusal::DeskOnly), (gone, Refusal::ActorDeactivated)] {
            let ctx = world.by(who);
            let found = search::everywhere(&mut world.reader().await, &ctx, &workspace, "fuser").await;
            assert_eq!(refused(found), refusal);
            assert_eq!(refused(search::in_texts(&mut world.reader().await, &ctx, "fuser", None).await), refusal);
        }
    }

    async fn the_check_finds_a_text_that_search_does_not_know(store: Store) {
        let world = World::new(store, 9).await;
        let (item, _) = world.described("Printer", "The fuser is broken.").await;
        world.say(world.ctx(), item, MessageKind::Note, "So is the roller.").await.expect("a note");
        world.check().await;
        world.by_hand("delete from text_index").await;
        let wrong = check_invariants(&world.app.store, world.ws).await.expect("a check");
        assert_eq!(wrong.iter().filter(|line| line.contains("as it is not")).count(), 2, "{wrong:?}");
        world.by_hand("delete from texts").await;
        let wrong = check_invariants(&world.app.store, world.ws).await.expect("a check");
        assert_eq!(wrong.iter().filter(|line| line.contains("does not know")).count(), 2, "{wrong:?}");
    }
}
