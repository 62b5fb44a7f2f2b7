//! From an event to its receiver: signed, in order, again until it arrives, and no longer than it makes sense.

use std::time::Duration;

use domain::{item::ItemStatus, webhook::State};

use super::{Got, Receiver};
use crate::support::{both_engines, world::World};

fn topics(got: &[Got]) -> Vec<String> {
    got.iter().map(Got::topic).collect()
}

both_engines! {
    async fn an_event_arrives_signed_and_names_nobody(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let receiver = Receiver::start().await;
        let before = world.member().await;
        world.deactivate(before.person).await.expect("before the webhook was there");
        world.send().await;
        let made = world.webhook(&receiver.url(), &["person.deactivated", "item.changed"]).await;
        let who = world.member().await;
        let (ticket, number) = world.assigned("The lift is stuck", &[]).await;
        world.set_item(ticket, ItemStatus::Open).await;
        world.send().await;
        world.deactivate(who.person).await.expect("a deactivation");
        world.send().await;

        let got = receiver.got();
        assert_eq!(topics(&got), ["item.changed", "person.deactivated"], "{got:?}");
        let secret = made.secret.reveal();
        for one in &got {
            assert_eq!(one.path, "/in?key=a%20b");
            assert_eq!(one.header("host"), receiver.address.to_string());
            assert_eq!(one.header("content-type"), "application/json");
            assert!(one.header("user-agent").starts_with("Tenure/"), "{one:?}");
            assert_eq!(one.header("webhook-timestamp"), world.sys.now().as_second().to_string());
            assert_eq!(one.signatures_of(&secret), 1, "{one:?}");
            let other = Got { body: one.body.replace("\"type\"", "\"Type\""), ..one.clone() };
            assert_eq!(other.signatures_of(&secret), 0, "another body has another signature");
        }
        let (item, person) = (got[0].json(), got[1].json());
        assert_eq!(item["data"]["item"], number);
        assert_eq!(item["data"]["subject"], ticket.to_string());
        assert_eq!(item["data"]["what"]["after"], "open");
        assert_eq!(person["data"]["person"], who.person.to_string());
        assert_eq!(person["data"]["after"]["status"], "deactivated");
        assert_eq!(person["data"]["by"]["id"], world.owner.person.to_string());
        assert_eq!(person["data"]["workspace"], world.ws.to_string());
        assert_eq!(person["data"]["id"], got[1].id());
        assert_eq!(person["timestamp"], world.sys.now().to_string());
        let row = world.row(who.person).await.person;
        let sent = format!("{got:?}");
        assert!(!sent.contains(&row.name) && !sent.contains(&row.email) && !sent.contains("lift"), "{sent}");
        assert_eq!(world.delivery_states(made.webhook.id).await, [State::Delivered, State::Delivered]);
        assert_eq!(world.webhook_row(made.webhook.id).await.last_success, Some(world.sys.now()));
        world.check().await;
    }

    async fn what_fails_is_tried_again_less_and_less_often_for_three_days_and_then_dead(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let receiver = Receiver::start().await;
        let made = world.webhook(&receiver.url(), &["person.deactivated"]).await;
        let id = made.webhook.id;
        receiver.says(|_| (axum::http::StatusCode::INTERNAL_SERVER_ERROR, "out of ink"));
        let who = world.member().await;
        world.deactivate(who.person).await.expect("a deactivation");
        let began = world.sys.now();
        let mut waits = Vec::new();
        loop {
            world.send().await;
            let [delivery] = world.log(id).await.try_into().expect("one delivery");
            let Some(due) = delivery.due else {
                assert_eq!(delivery.state, State::Dead);
                break;
            };
            assert_eq!(world.send().await, 0, "nothing is due before its time");
            let wait = due.duration_since(world.sys.now());
            waits.push(wait.as_secs());
            world.later(wait.unsigned_abs());
        }
        assert_eq!(world.sys.now().duration_since(began).as_hours(), 72, "the last try is at the end of three days");
        assert!(waits[0] <= 6 && waits[1] <= 36 && waits.len() < 25, "{waits:?}");
        assert!(waits[..waits.len() - 1].is_sorted_by(|one, next| *one < next * 3 / 2), "{waits:?}");
        let got = receiver.take();
        assert_eq!(got.len(), waits.len() + 1);
        assert!(got.iter().all(|one| one.id() == got[0].id()), "repeats carry the same id");
        assert!(got.iter().all(|one| one.signatures_of(&made.secret.reveal()) == 1), "each is signed at its time");
        let shown = world.delivery(id, world.log(id).await[0].id).await;
        assert_eq!(shown.attempts.len(), got.len());
        assert_eq!((shown.attempts[0].status, shown.attempts[0].answer.as_str()), (Some(500), "out of ink"));

        // A dead one is sent again by hand, with the same id, and tried anew.
        world.send().await;
        assert!(receiver.take().is_empty());
        let (ctx, delivery) = (world.ctx(), shown.delivery.id);
        let again = world.write(async move |tx| tenure::ops::webhooks::send_again(tx, &ctx, id, delivery).await).await;
        assert!(again.expect("sent again"));
        world.send().await;
        assert_eq!(world.delivery_states(id).await, [State::Pending]);
        receiver.answers(200);
        world.later(Duration::from_secs(10));
        world.send().await;
        assert_eq!(world.delivery_states(id).await, [State::Delivered]);
        assert!(receiver.take().iter().all(|one| one.id() == got[0].id()));
        world.check().await;
    }
}
