//! Changing many items, handing work over, and what people hold, as a browser sees them.

use domain::{
    id::PersonId,
    item::{ItemStatus, Part},
    person::Kind,
    role::Role,
};
use reqwest::StatusCode;
use tenure::{ops::items, store::Tx};

use super::pages::{contains, lacks, member, titles};
use crate::support::{
    both_engines,
    http::Site,
    world::{World, changed_tables},
};

both_engines! {
    async fn many_items_are_previewed_and_changed_from_a_list(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (_, browser) = member(&world, &site, "Mel Member").await;
        let ada = world.joined_as("Ada Adams", Role::Member).await.person;
        let mut ids = Vec::new();
        for number in 1..=3 {
            ids.push(world.assigned(&format!("Ticket {number}"), &[]).await.0);
        }
        world.give(world.ctx(), ids[0], ada, Part::Assignee).await.expect("a part");
        let item = |index: usize| ("item", ids[index].to_string());
        let list = [("list", "ticket".to_owned()), ("query", String::new()), ("back", "/tickets?sort=number".into())];
        let form = |more: &[(&'static str, String)]| -> Vec<(&'static str, String)> { [&list[..], more].concat() };
        let send = async |path: &str, fields: Vec<(&'static str, String)>| {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            browser.post(path, &fields).await
        };
        contains(&browser.get("/tickets").await, &["Select #1 Ticket 1", "Assign to me", "Move to project"]);

        // Whom: searched for, then chosen, then confirmed.
        let deed = |word: &str| ("deed", word.to_owned());
        let page = send("/work/bulk", form(&[deed("assign"), item(0), item(1)])).await;
        contains(&page, &["Assign: who works on them?", "Ada Adams", "Mel Member"]);
        let page = send("/work/bulk", form(&[deed("assign"), item(0), item(1), ("step", "search".into()), ("q", "adams".into())])).await;
        contains(&page, &["Ada Adams"]);
        lacks(&page, &["Mel Member</bdi></span><span class=\"pick-email\">"]);
        let page = send("/work/bulk", form(&[deed("assign"), item(0), item(1), ("step", "preview".into())])).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        contains(&page, &["Choose somebody first."]);
        let chosen = [deed("assign"), item(0), item(1), ("step", "preview".into()), ("person", ada.to_string())];
        let page = send("/work/bulk", form(&chosen)).await;
        contains(&page, &["Change 2 items?", "1 item is assigned to Ada Adams", "1 item is so already", "Change 1 item", "Ticket 2"]);
        assert_eq!(world.holds(ada).await.assigned, 1, "a preview changes nothing");
        let print = ("fingerprint", page.input("fingerprint").expect("a fingerprint"));
        let page = send("/work/bulk/begin", form(&[&chosen[..], std::slice::from_ref(&print)].concat())).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/tickets?sort=number"));
        contains(&browser.get("/tickets?sort=number").await, &["1 item is assigned to Ada Adams now.", "1 item is so already, and left as it is."]);
        let page = send("/work/bulk/begin", form(&[&chosen[..], &[print]].concat())).await;
        assert_eq!(page.status, StatusCode::CONFLICT);
        contains(&page, &["Something has changed since you saw this", "2 items are so already"]);

        // All that match, and nobody to choose.
        let all = [deed("status:done"), ("all", "1".into())];
        let page = send("/work/bulk", form(&all)).await;
        contains(&page, &["3 items are done"]);
        let print = ("fingerprint", page.input("fingerprint").expect("a fingerprint"));
        send("/work/bulk/begin", form(&[&all[..], &[print]].concat())).await;
        contains(&browser.get("/tickets").await, &["3 items are done now.", "All done"]);
        let page = send("/work/bulk", form(&[deed("unassign"), item(0)])).await;
        contains(&page, &["Everybody who is assigned", "Ada Adams"]);
        for wrong in [form(&[deed("status:odd"), item(0)]), form(&[deed("assign:me")]), form(&[deed("delete"), item(0)])] {
            assert_eq!(send("/work/bulk", wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        world.check().await;
    }

    async fn what_somebody_away_holds_is_handed_over_and_taken_back(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (_, browser) = member(&world, &site, "Mel Member").await;
        let ada = world.joined_as("Ada Adams", Role::Member).await.person;
        let ben = world.joined_as("Ben Bell", Role::Member).await.person;
        let (one, number) = world.assigned("One", &[ada]).await;
        world.assigned("Two", &[ada]).await;
        let owner = site.signed_in("olga.owner@acme.example").await;
        let path = format!("/users/{ada}/deactivation");
        let page = owner.get(&path).await;
        contains(&page, &["2 open items assigned", "Then choose who gets the 2 open items assigned"]);
        let version = page.input("_version").expect("a version");
        let page = owner.submit(&path, &[("_version", &version), ("hand_over", "1")]).await;
        contains(&page, &["Ada Adams is deactivated.", "Hand over the work of Ada Adams", "2 open items are assigned to them", "Ben Bell"]);
        assert_eq!(world.holds(ada).await.assigned, 2, "nothing moves unless asked for");

        contains(&browser.get("/tickets").await, &["Held by deactivated people</bdi> <span class=\"count\">2</span>"]);
        let (from, to) = (ada.to_string(), format!("person:{ben}"));
        let asks = [("from", from.as_str()), ("to", &to), ("back", "/tickets?assignee=deactivated")];
        let step = |word| [&asks[..], &[("step", word)]].concat();
        let page = browser.post("/handovers/new", &step("preview")).await;
        contains(&page, &["gets 2 items", "Hand over 2 items"]);
        assert_eq!(world.holds(ben).await.assigned, 0);
        let seen = page.input("fingerprint").expect("a fingerprint");
        let page = browser.submit("/handovers/new", &[&step("act")[..], &[("fingerprint", &seen)]].concat()).await;
        contains(&page, &["2 items are handed over.", "Ben Bell: 2 items", "/undo?back=", "Nothing waits for anybody away"]);
        assert_eq!(world.holds(ben).await.assigned, 2);
        let undo = page.text.split_once("action=\"/handovers/").expect("an undo").1.split('"').next().expect("an address");
        let page = browser.submit(&format!("/handovers/{}", undo.replace("&#38;", "&")), &[]).await;
        contains(&page, &["2 items are as before."]);
        assert_eq!(titles(&page).len(), 2);
        contains(&owner.get(&format!("/items/{number}/history")).await, &["gave it from", "undid a handover: from", "it is back with"]);
        contains(&owner.get("/tickets").await, &["Ada Adams (deactivated)"]);

        // By selection, from the bar of the list.
        let form = [("list", "ticket"), ("query", ""), ("deed", "handover"), ("item", &one.to_string())];
        let page = browser.post("/work/bulk", &form).await;
        contains(&page, &["Hand over the work of Ada Adams", "1 item selected."]);
        let selected = [("item", one.to_string())];
        let mut fields = [&step("preview")[..], &[(selected[0].0, selected[0].1.as_str())]].concat();
        let seen = browser.post("/handovers/new", &fields).await.input("fingerprint").expect("a fingerprint");
        fields.retain(|(name, _)| *name != "step");
        fields.extend([("step", "act"), ("fingerprint", &seen)]);
        contains(&browser.submit("/handovers/new", &fields).await, &["1 item is handed over."]);
        assert_eq!((world.holds(ada).await.assigned, world.holds(ben).await.assigned), (1, 1));
        for (fields, words) in [
            (vec![("from", from.as_str()), ("step", "act")], "Choose who gets it."),
            (vec![("step", "act")], "Choose whose work it is, and who gets it."),
        ] {
            let page = browser.post("/handovers/new", &fields).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            contains(&page, &[words]);
        }
        world.check().await;
    }

    async fn a_handover_whose_preview_no_longer_holds_is_shown_again_and_nothing_happens(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (_, browser) = member(&world, &site, "Mel Member").await;
        let ada = world.joined_as("Ada Adams", Role::Member).await.person;
        let ben = world.joined_as("Ben Bell", Role::Member).await.person;
        let kim = world.joined_as("Kim Katz", Role::Member).await.person;
        let (one, _) = world.assigned("One", &[ada]).await;
        let send = async |to: PersonId, step: &str, seen: &str| {
            let (from, to) = (ada.to_string(), format!("person:{to}"));
            let fields = [("from", from.as_str()), ("to", &to), ("step", step), ("fingerprint", seen)];
            browser.post("/handovers/new", &fields).await
        };
        let seen = send(ben, "preview", "").await.input("fingerprint").expect("a fingerprint");
        world.assigned("Two", &[ada]).await;
        let before = world.dump().await;
        // One item more meanwhile; another receiver than was shown; no preview at all.
        for (to, seen) in [(ben, seen.as_str()), (kim, &seen), (ben, "")] {
            let page = send(to, "act", seen).await;
            assert_eq!(page.status, StatusCode::CONFLICT);
            contains(&page, &["so nothing was done. What you see now", "gets 2 items", "Hand over 2 items"]);
        }
        assert!(changed_tables(&before, &world.dump().await).iter().all(|table| table == "sessions"));
        let seen = send(ben, "preview", "").await.input("fingerprint").expect("a fingerprint");
        // As many as before, but others.
        world.set_item(one, ItemStatus::Done).await;
        world.assigned("Three", &[ada]).await;
        let page = send(ben, "act", &seen).await;
        assert_eq!(page.status, StatusCode::CONFLICT);
        let seen = page.input("fingerprint").expect("a new one");
        assert_eq!(send(ben, "act", &seen).await.status, StatusCode::SEE_OTHER);
        assert_eq!((world.holds(ada).await.assigned, world.holds(ben).await.assigned), (0, 2));
        world.check().await;
    }

    async fn what_is_left_of_a_large_selection_is_said_and_handed_over_next(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (_, browser) = member(&world, &site, "Mel Member").await;
        let ada = world.joined_as("Ada Adams", Role::Member).await.person;
        let ben = world.joined_as("Ben Bell", Role::Member).await.person;
        let ctx = world.ctx();
        let input = items::Input { assignees: vec![ada], ..world.ticket("One of many") };
        let many = async move |tx: &mut Tx| {
            for _ in 0..503 {
                items::create(tx, &ctx, input.clone()).await?;
            }
            Ok(())
        };
        world.write(many).await.expect("tickets");
        let form = [("list", "ticket"), ("query", ""), ("all", "1"), ("deed", "handover"), ("back", "/tickets")];
        let page = browser.post("/work/bulk", &form).await;
        contains(&page, &["Hand over the work of Ada Adams", "503 items selected."]);
        let ids: Vec<&str> = page.text.split("name=\"item\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let (from, to) = (ada.to_string(), format!("person:{ben}"));
        let mut fields = vec![("from", from.as_str()), ("to", &to), ("back", "/tickets"), ("step", "preview")];
        fields.extend(ids.iter().map(|id| ("item", *id)));
        let page = browser.post("/handovers/new", &fields).await;
        contains(&page, &["gets 500 items", "3 more stay for a second handover"]);
        let seen = page.input("fingerprint").expect("a fingerprint");
        fields[3].1 = "act";
        fields.push(("fingerprint", &seen));
        contains(&browser.submit("/handovers/new", &fields).await, &["500 items are handed over.", "3 left."]);
        assert_eq!((world.holds(ada).await.assigned, world.holds(ben).await.assigned), (3, 500));
        world.check().await;
    }

    async fn the_grids_and_panels_of_people_say_what_they_hold(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let (_, browser) = member(&world, &site, "Mel Member").await;
        let ada = world.joined_as("Ada Adams", Role::Member).await.person;
        let cleo = world.joined_to(Kind::Customer, "Cleo Park").await.person;
        for number in 0..12 {
            let (id, _) = world.assigned(&format!("Of Ada {number}"), &[ada]).await;
            world.give(world.ctx(), id, cleo, Part::Follower).await.expect("a part");
        }
        let (done, _) = world.assigned("Over", &[ada]).await;
        world.set_item(done, ItemStatus::Done).await;
        let project = world.project("Website").await;
        let ctx = world.ctx();
        world.write(async move |tx| tenure::ops::projects::give(tx, &ctx, project, ada, Part::Assignee).await).await.expect("a part");
        contains(&browser.get("/users").await, &[">Assigned<", ">Following<", ">12<span class=\"held-word\"> assigned"]);
        contains(&browser.get("/customers").await, &[">Requested<", ">12<span class=\"held-word\"> followed"]);
        let page = browser.get(&format!("/users/{ada}")).await;
        contains(&page, &[
            "Assigned <span class=\"count\">12</span>", "Of Ada 0", "Of Ada 9", "Website",
            &format!("/tickets?assignee={ada}"), &format!("/tasks?assignee={ada}"), "Hand over the open work",
        ]);
        lacks(&page, &["Of Ada 10", "Over</bdi>"]);
        let page = browser.get(&format!("/customers/{cleo}")).await;
        contains(&page, &["Following <span class=\"count\">12</span>", &format!("/tickets?follower={cleo}")]);
        lacks(&page, &["Hand over the open work"]);
        let owner = site.signed_in("olga.owner@acme.example").await;
        contains(&owner.get(&format!("/users/{ada}/deletion")).await, &["Is taken out of", "13 items as assignee", "1 project as assignee"]);
        contains(&browser.get(&format!("/tickets?follower={cleo}")).await, &["Followed by Cleo Park", "12 tickets"]);
    }
}
