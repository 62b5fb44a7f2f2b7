//! What webhooks never do, and what becomes of them with the people who made them.

use std::time::Duration;

use axum::{
    http::{StatusCode, header},
    response::IntoResponse as _,
};
use domain::{
    id::WebhookId,
    item::ItemStatus,
    role::Role,
    webhook::{Choice, Off, State},
};
use tenure::{
    config::{Config, Origin},
    ops::{
        self,
        deactivation::Input as Deactivate,
        webhooks::{self, Input},
    },
};

use super::Receiver;
use crate::support::{
    both_engines,
    world::{Who, World, any_name, refused},
};

impl World {
    async fn switch(&self, id: WebhookId, on: bool) -> bool {
        let ctx = self.ctx();
        let done = self.write(async move |tx| webhooks::switch(tx, &ctx, id, on).await).await;
        done.expect("switched")
    }

    /// The last attempt of the last delivery: status, why there was none, the answer.
    async fn last_attempt(&self, id: WebhookId) -> (Option<i64>, String, String) {
        let delivery = self.log(id).await.last().expect("a delivery").id;
        let attempt = self.delivery(id, delivery).await.attempts.swap_remove(0);
        (attempt.status, attempt.failure, attempt.answer)
    }

    async fn test_event(&self, id: WebhookId) {
        let ctx = self.ctx();
        self.write(async move |tx| webhooks::test(tx, &ctx, id).await).await.expect("a test");
        self.send().await;
    }

    async fn webhook_by(&self, who: Who, url: &str) -> WebhookId {
        let input = Input::new(self.name(&any_name("Hook")), url, Choice::All, &self.app.config.webhooks);
        tenure::live::arrange(&self.app.store).await.expect("placed");
        let (ctx, key, input) = (self.by(who), self.app.audit_key.clone(), input.expect("an input"));
        let made = self.write(async move |tx| webhooks::make(tx, &ctx, &key, input.clone()).await).await;
        made.expect("a webhook").webhook.id
    }
}

both_engines! {
    async fn one_that_is_off_is_told_of_nothing_and_what_was_pending_waits(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let receiver = Receiver::start().await;
        let id = world.webhook(&receiver.url(), &["item.changed"]).await.webhook.id;
        let ticket = world.assigned("One", &[]).await.0;
        receiver.answers(500);
        world.set_item(ticket, ItemStatus::Open).await;
        world.send().await;
        assert!(world.switch(id, false).await && !world.switch(id, false).await);
        receiver.take();
        receiver.answers(200);
        world.set_item(ticket, ItemStatus::Waiting).await;
        world.later(Duration::from_hours(1));
        assert_eq!(world.send().await, 0);
        let ctx = world.ctx();
        let off = world.write(async move |tx| webhooks::test(tx, &ctx, id).await).await;
        assert!(matches!(refused(off), domain::Refusal::WebhookOff));
        assert!(world.switch(id, true).await && !world.switch(id, true).await);
        world.set_item(ticket, ItemStatus::Done).await;
        world.send().await;
        let after: Vec<_> = receiver.got().iter().map(|got| got.json()["data"]["what"]["after"].clone()).collect();
        assert_eq!(after, ["open", "done"], "what happened meanwhile passed it by");
        world.check().await;
    }

    async fn one_at_which_nothing_arrives_for_five_days_is_switched_off_on_the_record(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let receiver = Receiver::start().await;
        let id = world.webhook(&receiver.url(), &["item.changed"]).await.webhook.id;
        let ticket = world.assigned("One", &[]).await.0;
        receiver.answers(404);
        for turn in 0..11 {
            world.set_item(ticket, [ItemStatus::Open, ItemStatus::Waiting][turn % 2]).await;
            world.send().await;
            let off = world.webhook_row(id).await.off;
            assert_eq!(off.map(|(_, why)| why), (turn == 10).then_some(Off::Failures), "{turn}");
            world.later(Duration::from_hours(12));
        }
        let log = tenure::store::audit_grid::AuditQuery::from_query("action=webhook.off").expect("a query");
        let mut rx = world.reader().await;
        let workspace = tenure::store::workspaces::load(&mut rx, world.ws).await.expect("a workspace");
        let page = tenure::store::audit_grid::page(&mut rx, &workspace, &log).await.expect("the log");
        assert_eq!(page.lines.len(), 1);
        assert!(page.lines[0].entry.after.contains("failures") && page.lines[0].entry.actor == "job");
    }

    async fn one_whose_receiver_is_gone_is_switched_off_at_once(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let receiver = Receiver::start().await;
        let id = world.webhook(&receiver.url(), &["item.changed"]).await.webhook.id;
        receiver.answers(410);
        world.test_event(id).await;
        assert_eq!(world.webhook_row(id).await.off.map(|(_, why)| why), Some(Off::Gone));
        assert_eq!(world.delivery_states(id).await, [State::Dead]);
    }

    async fn for_a_day_the_former_secret_signs_too(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let receiver = Receiver::start().await;
        let made = world.webhook(&receiver.url(), &["item.changed"]).await;
        let (id, ctx, key) = (made.webhook.id, world.ctx(), world.app.audit_key.clone());
        let rotated = world.write(async move |tx| webhooks::rotate(tx, &ctx, &key, id).await).await;
        let (old, new) = (made.secret.reveal(), rotated.expect("a new secret").secret.reveal());
        assert_ne!(old, new);
        for (hours, former) in [(0, 1), (23, 1), (2, 0)] {
            world.later(Duration::from_hours(hours));
            world.test_event(id).await;
            let got = receiver.take().pop().expect("it arrives");
            assert_eq!((got.signatures_of(&new), got.signatures_of(&old)), (1, former), "after {hours} hours more");
        }
        // Neither stands in the database.
        let dump = world.dump().await;
        let all = format!("{dump:?}");
        for secret in [old, new] {
            assert!(!all.contains(&secret[6..].to_lowercase()), "a secret is kept");
        }
    }

    /// OWASP ASVS 5.0 1.3.6.
    async fn asvs_1_3_6_nothing_is_sent_into_a_network_that_is_not_allowed(store: Store) {
        let world = World::configured(store, 10, |config: &mut Config| {
            config.set("webhooks.allow_http", "true", &Origin::Together).expect("a setting");
        })
        .await;
        let receiver = Receiver::start().await;
        let settings = &world.app.config.webhooks;
        let typed = |url: &str| Input::new(world.name("Hook"), url, Choice::All, settings);
        for url in [&receiver.url(), "http://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest"] {
            assert!(typed(url).expect_err(url).to_string().contains("private network"), "{url}");
        }
        // A name that leads there is found out when it is sent.
        let url = format!("http://localhost:{}/", receiver.address.port());
        let id = world.webhook(&url, &["item.changed"]).await.webhook.id;
        world.test_event(id).await;
        assert_eq!(world.last_attempt(id).await, (None, "private-address".into(), String::new()));
        assert!(receiver.got().is_empty(), "nobody was asked");
    }

    async fn no_redirect_is_followed_and_no_answer_read_to_its_end(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let (receiver, other) = (Receiver::start().await, Receiver::start().await);
        let id = world.webhook(&receiver.url(), &["item.changed"]).await.webhook.id;
        let to = other.url();
        receiver.says(move |_| (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to.clone())]).into_response());
        world.test_event(id).await;
        assert_eq!(world.last_attempt(id).await.0, Some(307));
        assert!(other.got().is_empty());
        receiver.says(|_| (StatusCode::BAD_REQUEST, "x\u{0}y".repeat(1 << 20)).into_response());
        world.test_event(id).await;
        let (status, _, answer) = world.last_attempt(id).await;
        assert_eq!(status, Some(400));
        assert!(answer.len() <= 1_000 && answer.starts_with("xyxy"), "{}", answer.len());
        // It asks for patience, as far as that makes sense.
        receiver.says(|_| (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "600")]).into_response());
        world.test_event(id).await;
        let due = world.log(id).await.last().expect("a delivery").due.expect("again");
        assert_eq!(due.duration_since(world.sys.now()).as_secs(), 600);
    }

    async fn what_takes_too_long_is_given_up_and_tried_again(store: Store) {
        let world = World::configured(store, 10, |config: &mut Config| {
            crate::webhooks::inside(config);
            config.set("webhooks.answer_time", "1s", &Origin::Together).expect("a setting");
        })
        .await;
        // Somebody who listens and never answers.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", silent.local_addr().expect("an address"));
        let id = world.webhook(&url, &["item.changed"]).await.webhook.id;
        world.test_event(id).await;
        assert_eq!(world.last_attempt(id).await.1, "timed-out");
        drop(silent);
        world.test_event(id).await;
        assert_eq!(world.last_attempt(id).await.1, "not-reached");
        assert_eq!(world.delivery_states(id).await, [State::Pending; 2]);
    }

    async fn what_the_webhook_was_not_told_of_yet_is_not_forgotten(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let receiver = Receiver::start().await;
        world.webhook(&receiver.url(), &["item.changed"]).await;
        let ticket = world.assigned("One", &[]).await.0;
        world.set_item(ticket, ItemStatus::Open).await;
        tenure::live::arrange(&world.app.store).await.expect("placed");
        // As if no server had been up for weeks, only the command line.
        world.later(Duration::from_hours(20 * 24));
        let (ws, now) = (world.ws, world.sys.now());
        world.write(async move |tx| tenure::store::events::purge(tx, ws, now).await).await.expect("purged");
        world.send().await;
        assert_eq!(receiver.got().len(), 1);
        let gone = world.write(async move |tx| tenure::store::events::purge(tx, ws, now).await).await;
        assert!(gone.expect("purged") > 0, "now it may go");
    }

    /// Rule 1: webhooks are the workspace's; and rule 7: a deletion leaves nothing.
    async fn rule_01_webhooks_go_on_when_their_maker_is_deactivated_and_forget_who_is_deleted(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let receiver = Receiver::start().await;
        let who = world.joined_as(&any_name("Maker"), Role::Administrator).await;
        let id = world.webhook_by(who, &receiver.url()).await;
        let row = world.row(who.person).await.person;
        let (name, email) = (row.name.clone(), row.email.clone());
        // A receiver that knows the person by the id, and says so.
        let answer = format!("no room for {name} <{email}>");
        receiver.says(move |_| (StatusCode::INSUFFICIENT_STORAGE, answer.clone()).into_response());
        let (mut rx, ctx) = (world.reader().await, world.ctx());
        let plan = ops::deactivation::plan(&mut rx, &ctx, who.person, &Deactivate::default()).await;
        assert_eq!(plan.expect("a plan").made_webhooks[0].id, id.to_string());
        drop(rx);
        world.deactivate(who.person).await.expect("a deactivation");
        world.send().await;
        assert_eq!(world.webhook_row(id).await.off, None, "it goes on");
        assert!(receiver.got().iter().any(|got| got.topic() == "person.deactivated"));

        let ctx = world.ctx();
        let lowered = world.write(async move |tx| ops::roles::change(tx, &ctx, who.person, Role::Member, None).await);
        lowered.await.expect("made a member");
        world.send().await;
        assert!(format!("{:?}", world.dump().await).contains(&email.to_lowercase()), "the answers are kept");
        world.delete(who.person).await.expect("a deletion");
        assert_eq!(world.webhook_row(id).await.maker, None);
        let rows: Vec<String> = world.dump().await.into_values().flatten().collect();
        let named = |row: &&String| row.contains(&email.to_lowercase()) || row.contains(&name.to_lowercase());
        assert_eq!(rows.iter().find(named), None);
        // What is told from now on names nobody either.
        receiver.take();
        receiver.answers(200);
        world.later(Duration::from_hours(12));
        world.send().await;
        let sent = format!("{:?}", receiver.got());
        assert!(sent.contains("person.deleted") && !sent.contains(&name) && !sent.contains(&email), "{sent}");
        world.check().await;
    }

    async fn rule_01_webhooks_that_somebody_made_are_switched_off_only_if_asked_and_an_undo_brings_them_back(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let receiver = Receiver::start().await;
        let who = world.administrator().await;
        let (theirs, other) = (world.webhook_by(who, &receiver.url()).await, world.webhook(&receiver.url(), &[]).await);
        let (ctx, input) = (world.ctx(), Deactivate { made_webhooks: true, ..Deactivate::default() });
        let done = world.write(async move |tx| ops::deactivation::deactivate(tx, &ctx, who.person, input.clone()).await);
        let step = done.await.expect("a deactivation").undo.expect("a step");
        assert_eq!(world.webhook_row(theirs).await.off.map(|(_, why)| why), Some(Off::Deactivation));
        assert_eq!(world.webhook_row(other.webhook.id).await.off, None);
        world.undo(step).await.expect("an undo");
        assert_eq!(world.webhook_row(theirs).await.off, None);
        world.check().await;
    }

    /// Invariant 7.
    async fn invariant_7_no_webhook_hears_of_another_workspace(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let beside = world.beside(10).await;
        let (receiver, other) = (Receiver::start().await, Receiver::start().await);
        let id = world.webhook(&receiver.url(), &[]).await.webhook.id;
        beside.webhook(&other.url(), &[]).await;
        world.send().await;
        let (before, there) = (receiver.take().len(), other.take().len());
        assert_eq!((before, there), (1, 1), "each of its own beginning");
        beside.deactivated().await;
        world.send().await;
        assert!(receiver.got().is_empty() && !other.got().is_empty());
        let mut rx = world.reader().await;
        for asked in [
            webhooks::one(&mut rx, &beside.ctx(), id).await.map(drop),
            webhooks::deliveries(&mut rx, &beside.ctx(), id, (None, None), 10).await.map(drop),
        ] {
            assert!(matches!(asked, Err(tenure::Error::NotFound(_))), "{asked:?}");
        }
    }

    async fn a_webhook_that_is_deleted_goes_with_all_of_its_rows(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let receiver = Receiver::start().await;
        let id = world.webhook(&receiver.url(), &[]).await.webhook.id;
        world.deactivated().await;
        receiver.answers(500);
        world.send().await;
        let ctx = world.ctx();
        world.write(async move |tx| webhooks::delete(tx, &ctx, id).await).await.expect("deleted");
        world.later(Duration::from_hours(1));
        assert_eq!(world.send().await, 0, "nothing is sent any more");
        let ws = world.ws;
        while world.write(async move |tx| tenure::store::deliveries::remove(tx, ws, id).await).await.expect("removed") {}
        world.write(async move |tx| tenure::store::webhooks::remove(tx, ws, id).await).await.expect("removed");
        let dump = world.dump().await;
        for table in ["webhooks", "deliveries", "delivery_attempts", "delivery_answers"] {
            assert!(dump[table].is_empty(), "{table}");
        }
    }
}
