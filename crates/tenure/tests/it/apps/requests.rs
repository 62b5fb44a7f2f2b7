//! The request form: what it makes of whose address, and what is held for review.

use std::time::Duration;

use domain::{
    Refusal,
    apps::{App, Apps, Arrival, FormPolicy},
    id::{HeldRequestId, PersonId},
    item::ItemStatus,
    person::{Kind, StatusWord},
    role::Role,
};
use tenure::{
    ops::{self, items::Page},
    store::held_requests::HeldRequest,
};

use super::OPEN;
use crate::support::{
    both_engines,
    world::{Who, World, address, any_name, changed_tables, not_found, refused},
    zip::{text, zipped},
};

async fn held(world: &World) -> Vec<HeldRequest> {
    ops::requests::held(&mut world.reader().await, &world.ctx(), None, 100).await.expect("a list")
}

async fn items(world: &World) -> i64 {
    let counts = tenure::store::items::counts(&mut world.reader().await, world.ws).await;
    counts.expect("a read").all(None)
}

async fn ticket(world: &World, number: i64) -> Page {
    world.show(&world.ctx(), number).await.expect("the ticket is there")
}

async fn accept(world: &World, who: Who, id: HeldRequestId) -> tenure::Result<i64> {
    let ctx = world.by(who);
    Ok(world.write(async move |tx| ops::requests::accept(tx, &ctx, id).await).await?.1)
}

async fn discard(world: &World, who: Who, id: HeldRequestId) -> tenure::Result<()> {
    let ctx = world.by(who);
    world.write(async move |tx| ops::requests::discard(tx, &ctx, id).await).await
}

/// A deactivated customer of this name.
async fn gone(world: &World, name: &str) -> PersonId {
    let who = world.customer_as(name).await;
    world.deactivate(who.person).await.expect("a deactivation");
    who.person
}

both_engines! {
    async fn rule_08_an_unknown_address_becomes_a_customer_of_its_organization_without_a_way_in(store: Store) {
        let world = World::new(store, 3).await;
        world.open_form(FormPolicy::Refuse).await;
        let globex = world.organization("Globex", "globex.example").await;
        world.send_form("Nell@Globex.example", "Nell Newcomer", "It blinks").await.expect("taken");
        let page = ticket(&world, 1).await;
        let nell = page.requester.expect("a requester");
        assert_eq!((nell.kind, nell.status, nell.name.as_str()), (Kind::Customer, StatusWord::Active, "Nell Newcomer"));
        assert_eq!((page.row.arrival, page.row.item.status), (Arrival::Unproven, ItemStatus::New));
        assert_eq!(page.row.description, "It blinks, and then it stops.");
        assert_eq!(page.row.created_by, (None, "machine".into()));
        assert!(world.row(nell.id).await.password_set.is_none(), "no way in");
        assert_eq!(world.actions(nell.id).await, ["customer.added"]);
        let of = tenure::store::organizations::of_person(&mut world.reader().await, world.ws, nell.id).await;
        assert_eq!(of.expect("a read").map(|of| of.id), Some(globex));
        // The second time they are known, whatever name is typed.
        world.send_form("NELL@globex.example", "Somebody Else", "Again").await.expect("taken");
        let again = ticket(&world, 2).await.requester.expect("a requester");
        assert_eq!((again.id, again.name.as_str()), (nell.id, "Nell Newcomer"));
        world.check().await;
    }

    async fn racers_with_one_new_address_become_one_customer_with_all_their_tickets(store: Store) {
        let world = World::new(store, 3).await;
        world.open_form(FormPolicy::Flag).await;
        let sent = (0..6).map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.send_form("nell@globex.example", "Nell", "At once").await })
        });
        for one in sent.collect::<Vec<_>>() {
            one.await.expect("sent").expect("taken");
        }
        assert_eq!((items(&world).await, world.workspace().await.customers.active), (6, 1));
        world.check().await;
    }

    async fn rule_08_requests_of_deactivated_people_are_accepted_and_flagged_by_default(store: Store) {
        let world = World::new(store, 4).await;
        world.set_apps(Apps { form: OPEN, ..Apps::default() }, "").await;
        let name = any_name("Gone");
        let cleo = gone(&world, &name).await;
        let user = any_name("Left");
        let left = world.joined_as(&user, Role::Member).await.person;
        world.deactivate(left).await.expect("a deactivation");
        world.send_form(&address(&name), "Cleo", "It blinks").await.expect("taken");
        world.send_form(&address(&user), "Left", "It blinks too").await.expect("taken");
        for (number, person) in [(1, cleo), (2, left)] {
            let page = ticket(&world, number).await;
            assert_eq!(page.row.arrival, Arrival::Flagged);
            let requester = page.requester.expect("a requester");
            assert_eq!((requester.id, requester.status), (person, StatusWord::Deactivated));
        }
        assert_eq!(world.holds(cleo).await.requested, 1);
        let (ctx, id) = (world.by(world.member().await), ticket(&world, 1).await.row.id);
        let unflag = async || {
            let ctx = ctx.clone();
            world.write(async move |tx| ops::requests::unflag(tx, &ctx, id).await).await.expect("looked at")
        };
        assert!(unflag().await && !unflag().await, "once");
        assert_eq!(ticket(&world, 1).await.row.arrival, Arrival::Unproven, "that it proves nothing stays said");
        world.check().await;
    }

    async fn rule_08_requests_of_deactivated_people_are_held_and_accepted_with_their_time(store: Store) {
        let world = World::new(store, 4).await;
        world.open_form(FormPolicy::Hold).await;
        let name = any_name("Gone");
        let cleo = gone(&world, &name).await;
        for title in ["The first", "The second"] {
            world.send_form(&address(&name), "Cleo C.", title).await.expect("taken");
        }
        assert_eq!(items(&world).await, 0, "no ticket yet");
        let waiting = held(&world).await;
        let told: Vec<_> = waiting.iter().map(|one| (one.person.id, one.name.as_str(), one.title.as_str())).collect();
        assert_eq!(told, [(cleo, "Cleo C.", "The first"), (cleo, "Cleo C.", "The second")]);
        let (received, member) = (world.sys.now(), world.member().await);
        world.later(Duration::from_hours(30));
        let (first, second) = (waiting[0].id, waiting[1].id);
        let before = world.dump().await;
        assert_eq!(refused(accept(&world, member, first).await), Refusal::AdministratorsOnly);
        assert_eq!(refused(discard(&world, member, first).await), Refusal::AdministratorsOnly);
        let seen = ops::requests::held(&mut world.reader().await, &world.by(member), None, 9).await;
        assert_eq!(refused(seen), Refusal::AdministratorsOnly);
        let beside = world.beside(3).await;
        assert_eq!(not_found(accept(&beside, beside.owner, first).await), "held request");
        assert!(changed_tables(&before, &world.dump().await).iter().all(|table| !["items", "held_requests"].contains(&table.as_str())));
        let number = accept(&world, world.owner, first).await.expect("accepted");
        let page = ticket(&world, number).await;
        assert_eq!((page.row.created, page.row.title.as_str()), (received, "The first"));
        assert_eq!(page.requester.map(|one| (one.id, one.status)), Some((cleo, StatusWord::Deactivated)));
        assert_eq!(page.row.arrival, Arrival::Unproven);
        assert_eq!(not_found(accept(&world, world.owner, first).await), "held request");
        discard(&world, world.owner, second).await.expect("discarded");
        assert!(held(&world).await.is_empty() && items(&world).await == 1);
        assert_eq!(world.actions(cleo).await[..2], ["request.discarded", "request.accepted"]);
        let (lines, _) = ops::items::history(&mut world.reader().await, &world.ctx(), page.row.id, None, 9).await.expect("lines");
        assert_eq!(lines.iter().map(|line| line.field.as_str()).collect::<Vec<_>>(), ["accepted", "created"]);
        assert_eq!(world.row(cleo).await.person.status.word(), StatusWord::Deactivated, "nothing else changes");
        world.check().await;
    }

    async fn rule_08_requests_of_deactivated_people_are_refused_with_an_answer(store: Store) {
        let world = World::new(store, 4).await;
        world.open_form(FormPolicy::Refuse).await;
        let (name, member) = (any_name("Gone"), any_name("Mem"));
        gone(&world, &name).await;
        world.joined_as(&member, Role::Member).await;
        let before = world.dump().await;
        assert_eq!(refused(world.send_form(&address(&name), "Cleo", "No").await), Refusal::AddressNotAccepted);
        assert!(changed_tables(&before, &world.dump().await).is_empty());
        world.send_form(&address(&member), "Mel", "Yes").await.expect("of everybody else they are taken");
        world.check().await;
    }

    async fn rule_08_a_form_that_is_off_or_needs_login_takes_nothing(store: Store) {
        let world = World::new(store, 3).await;
        for (form, wanted) in [
            (App::default(), Refusal::AppClosed),
            (App { on: true, needs_login: true }, Refusal::NotSignedIn),
        ] {
            world.set_apps(Apps { form, ..Apps::default() }, "").await;
            let before = world.dump().await;
            assert_eq!(refused(world.send_form("nell@globex.example", "Nell", "No").await), wanted);
            assert!(changed_tables(&before, &world.dump().await).is_empty());
        }
    }

    async fn rule_07_what_is_held_of_somebody_goes_with_them_and_is_theirs_to_take_along(store: Store) {
        let world = World::new(store, 4).await;
        world.open_form(FormPolicy::Hold).await;
        let who = world.customer_as("Zebulon Quixotery").await;
        world.deactivate(who.person).await.expect("a deactivation");
        world.send_form("zebulon.quixotery@acme.example", "Zebulon Q.", "My kayak").await.expect("taken");
        let mut data = zipped(&world, &world.ctx(), who.person).await;
        let data: serde_json::Value = serde_json::from_str(&text(&mut data, "person.json")).expect("JSON");
        assert_eq!(data["held_requests"][0]["title"], "My kayak");
        assert_eq!(data["held_requests"][0]["name"], "Zebulon Q.");
        let plan = ops::deletion::plan(&mut world.reader().await, &world.ctx(), who.person).await;
        assert_eq!(plan.expect("a plan").held_requests, 1);
        world.delete(who.person).await.expect("a delete");
        assert!(held(&world).await.is_empty());
        for (table, rows) in world.dump().await {
            let left = |row: &String| row.contains("zebulon") || row.contains("kayak");
            assert!(!rows.iter().any(left), "{table}");
        }
        world.check().await;
    }
}
