//! Webhooks: what arrives, when, in which order, and what never does.

mod delivery;
mod order;
mod pages;
mod promises;
pub(crate) mod receiver;

use domain::{
    id::{DeliveryId, WebhookId},
    webhook::{Choice, State},
};
pub(crate) use receiver::{Got, Receiver};
use tenure::{
    config::{Config, Origin},
    hooks,
    ops::{
        self,
        webhooks::{Input, Made, Shown},
    },
    store::{Store, deliveries::Delivery, webhooks::Webhook},
};

use crate::support::world::{World, any_name};

/// Lets webhooks be sent to this machine.
pub(crate) fn inside(config: &mut Config) {
    for (key, value) in [("webhooks.allow_http", "true"), ("webhooks.allowed_networks", "127.0.0.1")] {
        config.set(key, value, &Origin::Together).expect("a setting");
    }
}

impl World {
    /// A workspace whose webhooks may be sent to this machine.
    pub(crate) async fn with_hooks(store: Store, licenses: i64) -> Self {
        Self::configured(store, licenses, inside).await
    }

    /// A webhook to this address that is told of these; of everything, where nothing is named.
    pub(crate) async fn webhook(&self, url: &str, topics: &[&str]) -> Made {
        let topics = match topics {
            [] => Choice::All,
            some => Choice::of(some.iter().copied()).expect("topics"),
        };
        let settings = &self.app.config.webhooks;
        let input = Input::new(self.name(&any_name("Hook")), url, topics, settings).expect("an input");
        // What has no place yet is told, too.
        tenure::live::arrange(&self.app.store).await.expect("placed");
        let (ctx, key) = (self.ctx(), self.app.audit_key.clone());
        let made = self.write(async move |tx| ops::webhooks::make(tx, &ctx, &key, input.clone()).await).await;
        made.expect("a webhook is made")
    }

    /// Places what happened, and sends what is due until nothing is.
    pub(crate) async fn send(&self) -> usize {
        tenure::live::arrange(&self.app.store).await.expect("placed");
        hooks::drain(&self.app).await.expect("sent")
    }

    pub(crate) async fn webhook_row(&self, id: WebhookId) -> Webhook {
        let row = tenure::store::webhooks::look(&mut self.reader().await, self.ws, id).await;
        row.expect("a read").expect("the webhook is there")
    }

    /// The log, the oldest first.
    pub(crate) async fn log(&self, id: WebhookId) -> Vec<Delivery> {
        let page =
            ops::webhooks::deliveries(&mut self.reader().await, &self.ctx(), id, (None, None), 500).await;
        let mut list = page.expect("the log").deliveries;
        list.reverse();
        list
    }

    pub(crate) async fn delivery_states(&self, id: WebhookId) -> Vec<State> {
        self.log(id).await.iter().map(|delivery| delivery.state).collect()
    }

    pub(crate) async fn delivery(&self, id: WebhookId, delivery: DeliveryId) -> Shown {
        let shown = ops::webhooks::delivery(&mut self.reader().await, &self.ctx(), id, delivery).await;
        shown.expect("the delivery is there")
    }
}
