//! Exports: what is written, for whom, and that an import reads it back without changing anything.

use domain::{
    Refusal,
    item::{ItemStatus, MessageKind, Part},
    person::Kind,
};
use tenure::{
    ctx::Ctx,
    ops::{self, export, handover, items::Input, projects},
    store::{grid::GridQuery, people},
};

use super::{Try, imported, sample::sample};
use crate::support::{
    both_engines,
    http::Site,
    world::{World, any_name, changed_tables, refused},
    zip::{text, zipped},
};

async fn exported(world: &World, ctx: &Ctx, kind: Kind, query: &str) -> String {
    let query = GridQuery::from_query(kind, query).expect("a query");
    let begun = ctx.clone();
    let begun = world.write(async move |tx| export::begin(tx, &begun, query.clone()).await).await;
    let mut people = begun.expect("an export begins");
    let mut bytes = Vec::new();
    while let Some(piece) = people.next(&world.app.store, ctx).await.expect("a piece") {
        bytes.extend(piece);
    }
    let text = String::from_utf8(bytes).expect("UTF-8");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.records().filter_map(Result::ok).count(), people.rows());
    text
}

both_engines! {
    async fn what_was_exported_is_imported_without_changing_anything(store: Store) {
        let world = World::new(store, 300).await;
        for kind in [Kind::User, Kind::Customer] {
            let text = sample(kind, 260).replace("org", kind.word()).replace("ORG", &kind.word().to_uppercase());
            imported(&world, kind, &text).await;
            let odd = "Name,Email,External ID\n\"=SUM(1)\",=odd@x.org,-7\n\"''+x\",+two@x.org,'@3\n";
            if kind == Kind::Customer {
                imported(&world, kind, odd).await;
            }
            let file = exported(&world, &world.ctx(), kind, "").await;
            assert!(!file.lines().any(|line| line.split(',').any(|cell| cell.starts_with(['=', '+', '-', '@']))), "{file}");
            let before = world.dump().await;
            let report = Try::new(&world, kind, file.as_bytes()).done(&world).await;
            let there = if kind == Kind::User { 261 } else { 262 };
            assert_eq!((report.rows, report.unchanged, report.statuses_kept), (there, there, 0));
            assert_eq!(changed_tables(&before, &world.dump().await), Vec::<String>::new());
            // Into another workspace the same people come as they are.
            let other = world.beside(300).await;
            let report = Try::new(&other, kind, file.as_bytes()).run(&other).await.expect("an answer").0.report().clone();
            // Only the owner of the one is not the owner of the other.
            assert_eq!(report.bad, 0);
            assert!(report.new >= 260, "{report:?}");
        }
    }

    async fn an_export_has_who_matches_and_members_get_what_they_may_see(store: Store) {
        let world = World::new(store, 9).await;
        imported(&world, Kind::User, "Name,Email,External ID,Teams,Last Login\nAda,ada@x.org,A-1,\"B; A\",2026-01-01\nBob,bob@x.org,,,\n").await;
        let file = exported(&world, &world.ctx(), Kind::User, "q=x.org").await;
        assert_eq!(
            file,
            "Name,Email,Teams,Role,Status,External ID,Last Login\n\
             Ada,ada@x.org,A; B,Member,Active,A-1,2025-12-31T23:00:00Z\nBob,bob@x.org,,Member,Active,,\n"
        );
        let member = world.member().await;
        let file = exported(&world, &world.by(member), Kind::User, "q=x.org&seen=never").await;
        assert_eq!(
            file,
            "Name,Email,Teams,Role,Status\nAda,ada@x.org,A; B,Member,Active\nBob,bob@x.org,,Member,Active\n"
        );
        let log = world.dump().await;
        assert!(log["audit"].iter().any(|row| row.contains("people.exported")));
    }

    async fn rule_01_an_export_ends_with_the_rights_of_who_began_it(store: Store) {
        let world = World::new(store, 3).await;
        imported(&world, Kind::Customer, &sample(Kind::Customer, 450)).await;
        let admin = world.administrator().await;
        let ctx = world.by(admin);
        let query = GridQuery::new(Kind::Customer);
        let begun = ctx.clone();
        let begun = world.write(async move |tx| export::begin(tx, &begun, query.clone()).await).await;
        let mut people = begun.expect("an export begins");
        assert!(people.next(&world.app.store, &ctx).await.expect("a piece").is_some());
        world.deactivate(admin.person).await.expect("a deactivation");
        assert_eq!(refused(people.next(&world.app.store, &ctx).await), Refusal::ActorDeactivated);
    }

    async fn one_persons_data_has_everything_but_secrets(store: Store) {
        let world = World::new(store, 4).await;
        let who = world.member().await;
        let team = world.team("Support").await;
        world.join(team, who.person).await.expect("joined");
        let ctx = world.ctx();
        let link = world.write(async move |tx| ops::links::make(tx, &ctx, who.person).await).await.expect("a link");
        let step = world.deactivate(who.person).await.expect("a deactivation").undo.expect("a step");
        world.undo(step).await.expect("an undo");
        let ctx = world.ctx();
        let mut zip = zipped(&world, &ctx, who.person).await;
        assert_eq!(zip.len(), 8, "there is no picture");
        let text = text(&mut zip, "person.json");
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let row = world.row(who.person).await;
        assert_eq!(json["profile"]["email"], row.person.email);
        assert_eq!(json["teams"][0]["name"], "Support");
        for (part, least) in [("sessions", 1), ("links", 2), ("licenses", 1), ("steps", 1), ("audit_log", 5)] {
            assert!(json[part].as_array().expect(part).len() >= least, "{part}: {}", json[part]);
        }
        assert!(json["audit_log"].to_string().contains(&row.person.name), "with the personal values");
        let hash = people_password(&world, who.person).await;
        for secret in [link.reveal(), hash] {
            assert!(!text.contains(&secret), "no secret is in it");
        }
        assert!(!text.contains("argon2") && !text.contains("hash"));
        assert_eq!(world.actions(who.person).await[0], "person.exported");
        // A member takes along their own, and nobody else's.
        let me = world.signed_in(who.person).await;
        let other = world.member().await;
        let ctx = world.by(me);
        let own = world.write(async move |tx| export::person(tx, &ctx, me.person).await).await;
        assert!(own.is_ok());
        let ctx = world.by(me);
        let others = world.write(async move |tx| export::person(tx, &ctx, other.person).await).await;
        assert_eq!(refused(others), Refusal::AdministratorsOnly);
    }

    async fn one_persons_data_has_what_they_hold_wrote_and_were_named_in(store: Store) {
        let world = World::new(store, 6).await;
        let (ada, ben, cleo) = (world.member().await, world.member().await, world.customer_as(&any_name("Cus")).await);
        let input = Input {
            assignees: vec![ada.person, ben.person],
            followers: vec![ada.person],
            requester: Some(cleo.person),
            ..world.ticket("It does not print")
        };
        let (item, number) = world.make(world.ctx(), input).await.expect("a ticket");
        let (done, _) = world.assigned("Long since", &[ada.person]).await;
        world.set_item(done, ItemStatus::Done).await;
        let (project, ctx) = (world.project("Hardware").await, world.ctx());
        let given = world.write(async move |tx| projects::give(tx, &ctx, project, ada.person, Part::Follower).await);
        given.await.expect("a part");
        // More messages than are read at once, at one moment.
        for n in 0..203 {
            world.say(world.by(ada), item, MessageKind::Reply, &format!("Reply {n}")).await.expect("a reply");
        }
        let file = world.attach(world.by(ada), item, MessageKind::Note, "plan.pdf", b"%PDF").await;
        let name_ada = format!("See @{}", world.row(ada.person).await.person.email);
        world.say(world.by(ben), item, MessageKind::Note, &name_ada).await.expect("a note");
        let (from, to) = (ben.person, handover::To::Person(ada.person));
        let input = handover::Input { from, to, items: None, fingerprint: None };
        world.hand_over(world.ctx(), input).await.expect("a handover");

        let mut zip = zipped(&world, &world.ctx(), ada.person).await;
        let mut list = |name: &str| -> Vec<serde_json::Value> {
            serde_json::from_str(&text(&mut zip, &format!("{name}.json"))).expect("a list")
        };
        let mut parts: Vec<_> = list("items").iter().map(|entry| (entry["title"].to_string(), entry["part"].to_string())).collect();
        parts.sort();
        let wanted = [("It does not print", "assignee"), ("It does not print", "follower"), ("Long since", "assignee")];
        assert_eq!(parts, wanted.map(|(title, part)| (format!("{title:?}"), format!("{part:?}"))));
        assert_eq!((&list("projects")[0]["name"], &list("projects")[0]["part"]), (&"Hardware".into(), &"follower".into()));
        let messages = list("messages");
        let bodies: std::collections::BTreeSet<_> = messages.iter().filter_map(|entry| entry["body"].as_str()).collect();
        assert_eq!((messages.len(), bodies.len(), &messages[0]["item"]), (204, 204, &number.into()), "each once");
        let files = list("attachments");
        assert_eq!((files.len(), &files[0]["name"], &files[0]["size"]), (1, &"plan.pdf".into(), &4.into()));
        assert_eq!(files[0]["id"], file.to_string());
        assert_eq!(list("mentions").len(), 1);
        assert_eq!(list("requests"), Vec::<serde_json::Value>::new());
        let handovers = list("handovers");
        assert_eq!((handovers.len(), &handovers[0]["given"], &handovers[0]["received"]), (1, &false.into(), &1.into()));
        // Whoever gave has it too, and nothing of anybody else's.
        let mut zip = zipped(&world, &world.ctx(), ben.person).await;
        let handovers: serde_json::Value = serde_json::from_str(&text(&mut zip, "handovers.json")).expect("a list");
        assert_eq!(handovers[0]["given"], true);
        assert!(!text(&mut zip, "messages.json").contains("Reply"));
        let mut zip = zipped(&world, &world.ctx(), cleo.person).await;
        let requests: serde_json::Value = serde_json::from_str(&text(&mut zip, "requests.json")).expect("a list");
        assert_eq!(requests[0]["title"], "It does not print");
        assert_eq!(text(&mut zip, "messages.json"), "[]\n");
    }

    async fn rule_01_the_export_of_one_persons_data_ends_with_the_rights_of_who_began_it(store: Store) {
        let world = World::new(store, 6).await;
        let (admin, who) = (world.administrator().await, world.member().await);
        let ctx = world.by(admin);
        let begun = ctx.clone();
        let data = world.write(async move |tx| export::person(tx, &begun, who.person).await).await;
        let mut data = data.expect("an export begins");
        assert!(data.next(&world.app.store, &ctx).await.expect("a piece").is_some());
        world.deactivate(admin.person).await.expect("a deactivation");
        assert_eq!(refused(data.next(&world.app.store, &ctx).await), Refusal::ActorDeactivated);
    }

    async fn the_pages_send_files(store: Store) {
        let world = World::new(store, 3).await;
        imported(&world, Kind::Customer, &sample(Kind::Customer, 450)).await;
        let site = Site::of(&world).await;
        let browser = site.signed_in("olga.owner@acme.example").await;
        let page = browser.get("/customers.csv?view=deactivated").await;
        assert!(page.status.is_success(), "{}", page.text);
        assert_eq!(page.text.lines().count(), 46);
        let page = browser.get("/customers.csv").await;
        assert_eq!(page.text.lines().count(), 451, "more than one piece");
        let disposition = page.headers.get("content-disposition").expect("a name").to_str().expect("text");
        assert!(disposition.starts_with("attachment; filename=\"customers-2026-03-0"), "{disposition}");
        assert_eq!(browser.get("/users.csv?sort=nothing").await.status.as_u16(), 422);
        let found = people::by_email(&mut world.reader().await, world.ws, "person.4@org4.example").await;
        let id = found.expect("a read").expect("a customer").person.id;
        let page = browser.get(&format!("/customers/{id}/data.zip")).await;
        assert_eq!(page.headers.get("content-type").expect("a type"), "application/zip");
        assert_eq!(browser.get(&format!("/users/{id}/data.zip")).await.status.as_u16(), 404);
        let page = browser.get("/customers?view=deactivated").await;
        assert!(page.text.contains("href=\"/customers.csv?view=deactivated\" download"), "the grid offers its file");
        assert!(browser.get(&format!("/customers/{id}")).await.text.contains("/data.zip"));
    }
}

async fn people_password(world: &World, person: domain::id::PersonId) -> String {
    let found = tenure::store::passwords::of(&mut world.reader().await, world.ws, person).await;
    found.expect("a read").expect("a password")
}
