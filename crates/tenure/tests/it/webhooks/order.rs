//! What is about the same subject arrives in the order in which it happened, whoever sends and whatever fails.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::{item::ItemStatus, webhook::State};
use tenure::{
    hooks, jobs,
    ops::{self, webhooks},
    store::{Engine, Store},
};

use super::{Got, Receiver, inside};
use crate::{
    http::app_on,
    support::{
        both_engines,
        database::{Database, Ready},
        world::{World, any_name},
    },
};

/// What an event says that it is about: a subject, and perhaps a person.
fn about(got: &Got) -> Vec<String> {
    let json = got.json();
    let of = |key: &str| json["data"][key].as_str().map(|id| format!("{key} {id}"));
    of("subject").into_iter().chain(of("person")).collect()
}

/// The ids that were taken, about each subject, each at its first time.
fn taken(all: &[Got]) -> HashMap<String, Vec<String>> {
    let mut by = HashMap::<String, Vec<String>>::new();
    for got in all.iter().filter(|got| (200..300).contains(&got.answered)) {
        for key in about(got) {
            let ids = by.entry(key).or_default();
            if !ids.contains(&got.id().to_owned()) {
                ids.push(got.id().to_owned());
            }
        }
    }
    by
}

/// Every event of the workspace, in order, about each subject.
async fn happened(world: &World) -> HashMap<String, Vec<String>> {
    let mut by = HashMap::<String, Vec<String>>::new();
    let (mut last, mut rx) = (0, world.reader().await);
    loop {
        let page = tenure::store::events::after(&mut rx, world.ws, last).await.expect("events");
        let Some(end) = page.last() else { return by };
        last = end.place;
        for event in &page {
            let subject = event.subject.map(|id| format!("subject {id}"));
            let person = event.person.map(|id| format!("person {id}"));
            for key in subject.into_iter().chain(person) {
                by.entry(key).or_default().push(event.id.to_string());
            }
        }
    }
}

/// Every event after the webhook was made was taken, and what is about the same in order.
async fn all_in_order(world: &World, receiver: &Receiver) -> usize {
    let (all, mut count) = (taken(&receiver.got()), 0);
    for (key, ids) in happened(world).await {
        let Some(taken) = all.get(&key) else { continue };
        // What happened before the webhook was there is not told.
        let from = ids.iter().position(|id| *id == taken[0]).expect("one that happened");
        assert_eq!(*taken, ids[from..], "{key}");
        count += taken.len();
    }
    count
}

async fn settled(world: &World, limit: usize) {
    for _ in 0..limit {
        world.send().await;
        world.later(Duration::from_hours(1));
    }
}

both_engines! {
    async fn what_fails_holds_up_what_is_about_the_same_and_nothing_else(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let receiver = Receiver::start().await;
        let made = world.webhook(&receiver.url(), &["item.changed", "team.joined", "person.deactivated"]).await;
        let (one, other) = (world.assigned("One", &[]).await.0, world.assigned("Other", &[]).await.0);
        let bad = one.to_string();
        receiver.says(move |got| {
            let poison = got.json()["data"]["subject"] == bad && got.json()["data"]["what"]["after"] == "open";
            if poison { axum::http::StatusCode::BAD_GATEWAY } else { axum::http::StatusCode::OK }
        });
        for status in [ItemStatus::Open, ItemStatus::Waiting, ItemStatus::Done] {
            world.set_item(one, status).await;
            world.set_item(other, status).await;
        }
        world.send().await;
        let took = |got: &[Got]| got.iter().filter(|got| got.answered == 200).count();
        let got = receiver.take();
        assert_eq!((got.len(), took(&got)), (4, 3), "only the first of one was tried");
        world.check().await;
        settled(&world, 80).await;
        // The first died after three days, and let the others go.
        let states = world.delivery_states(made.webhook.id).await;
        assert_eq!((states[0], &states[1..]), (State::Dead, &[State::Delivered; 5][..]));
        let rest: Vec<_> = receiver.take().into_iter().filter(|got| got.answered == 200).collect();
        let after: Vec<_> = rest.iter().map(|got| got.json()["data"]["what"]["after"].clone()).collect();
        assert_eq!(after, ["waiting", "done"]);
        world.check().await;
    }

    /// An event about a person and a team comes between what is about the one and what is about the other.
    async fn an_event_about_two_is_in_the_order_of_both(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let receiver = Receiver::start().await;
        let (who, else_) = (world.member().await, world.member().await);
        let team = world.team("Support").await;
        let made = world.webhook(&receiver.url(), &[]).await;
        receiver.answers(500);
        world.join(team, who.person).await.expect("joined");
        world.join(team, else_.person).await.expect("joined");
        world.deactivate(who.person).await.expect("a deactivation");
        world.deactivate(else_.person).await.expect("a deactivation");
        world.send().await;
        let got = receiver.take();
        // The webhook's own beginning, and the first of the team.
        assert_eq!(got.iter().filter(|got| got.topic() == "team.joined").count(), 1, "{got:?}");
        assert_eq!(got.iter().filter(|got| got.topic() == "person.deactivated").count(), 0, "{got:?}");
        world.check().await;
        receiver.answers(200);
        settled(&world, 3).await;
        assert!(all_in_order(&world, &receiver).await >= 6);
        assert!(world.delivery_states(made.webhook.id).await.iter().all(|state| *state == State::Delivered));
        world.check().await;
    }

    async fn what_is_sent_again_goes_before_what_waits_of_the_same(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let receiver = Receiver::start().await;
        let id = world.webhook(&receiver.url(), &["item.changed"]).await.webhook.id;
        let ticket = world.assigned("One", &[]).await.0;
        receiver.answers(503);
        world.set_item(ticket, ItemStatus::Open).await;
        settled(&world, 80).await;
        assert_eq!(world.delivery_states(id).await, [State::Dead]);
        world.set_item(ticket, ItemStatus::Waiting).await;
        world.set_item(ticket, ItemStatus::Done).await;
        world.send().await;
        let ctx = world.ctx();
        assert_eq!(webhooks::send_every_dead(&world.app.store, &ctx, id).await.expect("sent again"), 1);
        assert_eq!(webhooks::send_every_dead(&world.app.store, &ctx, id).await.expect("sent again"), 0);
        world.check().await;
        receiver.take();
        receiver.answers(200);
        settled(&world, 12).await;
        let after: Vec<_> = receiver.got().iter().map(|got| got.json()["data"]["what"]["after"].clone()).collect();
        assert_eq!(after, ["open", "waiting", "done"]);
        assert_eq!(world.delivery_states(id).await, [State::Delivered; 3]);
        world.check().await;
    }

    /// A receiver that fails at random, while people are deactivated, activated, put into teams and taken out.
    async fn however_it_fails_everything_arrives_in_order(store: Store) {
        let world = World::with_hooks(store, 30).await;
        let receiver = Receiver::start().await;
        let id = world.webhook(&receiver.url(), &[]).await.webhook.id;
        let mut seed = 7_u32;
        receiver.says(move |_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            [axum::http::StatusCode::OK, axum::http::StatusCode::INTERNAL_SERVER_ERROR][(seed >> 16) as usize % 2]
        });
        let teams = [world.team("One").await, world.team("Two").await];
        let (mut people, mut tickets) = (Vec::new(), Vec::new());
        for _ in 0..4 {
            people.push(world.member().await.person);
            tickets.push(world.assigned(&any_name("Ticket"), &[]).await.0);
        }
        for round in 0..6 {
            for (turn, person) in people.iter().enumerate() {
                let team = teams[(round + turn) % 2];
                world.join(team, *person).await.expect("joined");
                world.set_item(tickets[turn], [ItemStatus::Open, ItemStatus::Waiting][round % 2]).await;
                world.deactivate(*person).await.expect("a deactivation");
                if turn % 2 == 0 {
                    world.send().await;
                }
                world.activate(*person, ops::activation::Way::Free).await.expect("an activation");
                let (ctx, person) = (world.ctx(), *person);
                let left = world.write(async move |tx| ops::teams::leave(tx, &ctx, team, person).await).await;
                assert!(left.expect("left"));
            }
            world.later(Duration::from_mins(1));
            world.check().await;
        }
        for turn in 0.. {
            assert!(turn < 1_000, "everything arrives");
            world.send().await;
            if webhooks::health(&mut world.reader().await, world.ws, id).await.expect("health").pending == 0 {
                break;
            }
            world.later(Duration::from_secs(30));
        }
        assert!(world.delivery_states(id).await.iter().all(|state| *state == State::Delivered));
        assert!(all_in_order(&world, &receiver).await > 150);
        world.check().await;
    }
}

/// Sends as one node, until nothing is pending; answers how many that were.
async fn sends(world: &World, app: &tenure::app::App, id: domain::id::WebhookId) -> usize {
    let mut sent = 0;
    loop {
        sent += hooks::drain(app).await.expect("sent");
        let mut rx = world.reader().await;
        if webhooks::health(&mut rx, world.ws, id).await.expect("health").pending == 0 {
            return sent;
        }
    }
}

/// Two nodes send at once, and neither sends what the other is at.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_on_one_postgresql_neither_double_nor_reorder() {
    let database = Database::new(Engine::Postgres, Ready::Migrated).await;
    let world = World::with_hooks(database.store.clone(), 10).await;
    let store = Store::open(database.target.clone()).await.expect("a second store");
    let other = app_on(store, &world.sys, inside);
    let receiver = Receiver::start().await;
    let at_once = Arc::new(Mutex::new(BTreeMap::<String, usize>::new()));
    let id = world.webhook(&receiver.url(), &["item.changed"]).await.webhook.id;
    let mut tickets = Vec::new();
    for _ in 0..30 {
        tickets.push(world.assigned(&any_name("Ticket"), &[]).await.0);
    }
    for round in 0..4 {
        for ticket in &tickets {
            world.set_item(*ticket, [ItemStatus::Open, ItemStatus::Waiting][round % 2]).await;
        }
    }
    tenure::live::arrange(&world.app.store).await.expect("placed");
    let seen = Arc::clone(&at_once);
    receiver.says(move |got| {
        *seen.lock().expect("seen").entry(got.id().to_owned()).or_default() += 1;
        axum::http::StatusCode::OK
    });
    let (one, two) = tokio::join!(sends(&world, &world.app, id), sends(&world, &other, id));
    println!("one sent {one}, the other {two}");
    assert!(one > 0 && two > 0, "both work: {one} and {two}");
    assert!(at_once.lock().expect("seen").values().all(|times| *times == 1), "none came twice");
    assert_eq!(all_in_order(&world, &receiver).await, 120);
    assert_eq!(world.delivery_states(id).await, vec![State::Delivered; 120]);
    world.check().await;
}

/// The loops of the server, not the hand of a test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_sends_by_itself_within_moments() {
    let database = Database::new(Engine::Sqlite, Ready::Migrated).await;
    let world = World::with_hooks(database.store.clone(), 10).await;
    let receiver = Receiver::start().await;
    world.webhook(&receiver.url(), &["item.changed"]).await;
    let jobs = jobs::start(&world.app);
    let ticket = world.assigned("One", &[]).await.0;
    world.set_item(ticket, ItemStatus::Open).await;
    for turn in 0.. {
        if receiver.got().len() == 1 {
            break;
        }
        assert!(turn < 400, "it arrives");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    jobs.stop().await;
}
