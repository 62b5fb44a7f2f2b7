//! What became of events at a webhook, and sending them again.

use domain::{
    Refusal,
    audit::Action,
    id::{DeliveryId, WebhookId, WorkspaceId},
    webhook::{State, TEST_TOPIC},
};
use jiff::Timestamp;
use serde_json::json;

use super::{about, locked, queue::written, seen};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    store::{
        Rx, Store, Tx,
        attempts::{self, Attempt},
        deliveries::{self, Delivery, NewDelivery},
        webhooks::Webhook,
    },
};

/// How many deliveries a page of the log has.
pub const PAGE: usize = 50;

/// What is not there.
const DELIVERY: &str = "delivery";

/// How a webhook does. Numbers are exact to 10,000; 10,001 stands for more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// Deliveries that are yet to arrive.
    pub pending: i64,
    /// Deliveries that are dead.
    pub dead: i64,
    /// Since when the oldest pending one is tried.
    pub oldest: Option<Timestamp>,
}

/// How a webhook does.
pub async fn health(rx: &mut Rx, ws: WorkspaceId, id: WebhookId) -> Result<Health> {
    Ok(Health {
        pending: deliveries::count(rx, ws, id, State::Pending).await?,
        dead: deliveries::count(rx, ws, id, State::Dead).await?,
        oldest: deliveries::oldest(rx, ws, id).await?,
    })
}

/// A page of a webhook's log.
#[derive(Debug, Clone)]
pub struct Page {
    /// The webhook.
    pub webhook: Webhook,
    /// Deliveries, the newest first.
    pub deliveries: Vec<Delivery>,
    /// From where to go on.
    pub next: Option<DeliveryId>,
}

/// The log of a webhook, page by page: of one state, if that is asked, and what is older than `before`.
pub async fn deliveries(
    rx: &mut Rx,
    ctx: &Ctx,
    id: WebhookId,
    asked: (Option<State>, Option<DeliveryId>),
    most: usize,
) -> Result<Page> {
    let webhook = seen(rx, ctx, id).await?;
    let one_more = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let mut found = deliveries::log(rx, ctx.workspace, id, asked, one_more).await?;
    let more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| more).map(|delivery| delivery.id);
    Ok(Page { webhook, deliveries: found, next })
}

/// A delivery with its attempts.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The webhook.
    pub webhook: Webhook,
    /// The delivery.
    pub delivery: Delivery,
    /// The attempts, the newest first.
    pub attempts: Vec<Attempt>,
}

/// One delivery.
pub async fn delivery(rx: &mut Rx, ctx: &Ctx, id: WebhookId, delivery: DeliveryId) -> Result<Shown> {
    let webhook = seen(rx, ctx, id).await?;
    let found = deliveries::look(rx, ctx.workspace, id, delivery).await?.ok_or(Error::NotFound(DELIVERY))?;
    let attempts = attempts::of_delivery(rx, ctx.workspace, id, delivery).await?;
    Ok(Shown { webhook, delivery: found, attempts })
}

/// Sends an event that says it is a test; answers the delivery.
pub async fn test(tx: &mut Tx, ctx: &Ctx, id: WebhookId) -> Result<DeliveryId> {
    let webhook = locked(tx, ctx, id).await?;
    if webhook.off.is_some() {
        return Err(Refusal::WebhookOff.into());
    }
    let event = ctx.sys.uuid7();
    let data = json!({ "id": event, "workspace": ctx.workspace, "webhook": id });
    let new = NewDelivery {
        id: ctx.id(),
        event,
        topic: TEST_TOPIC.into(),
        // It waits for nothing.
        subject: event,
        person: None,
        place: webhook.place,
        body: written(TEST_TOPIC, ctx.now, data),
    };
    deliveries::insert(tx, ctx.workspace, id, &new, ctx.now).await?;
    Ok(new.id)
}

/// Sends one again that has ended, with the same id; answers whether it had. It is tried for three days more, and goes
/// before what is pending of the same subject.
pub async fn send_again(tx: &mut Tx, ctx: &Ctx, id: WebhookId, delivery: DeliveryId) -> Result<bool> {
    let webhook = locked(tx, ctx, id).await?;
    deliveries::look(tx, ctx.workspace, id, delivery).await?.ok_or(Error::NotFound(DELIVERY))?;
    is_on(&webhook)?;
    let revived = revive(tx, ctx, id, delivery).await?;
    if revived {
        about(Action::WebhookSentAgain, &webhook, json!({ "deliveries": 1 })).save(tx, ctx)?;
    }
    Ok(revived)
}

/// Nothing is sent from one that is off.
fn is_on(webhook: &Webhook) -> Result<()> {
    if webhook.off.is_some() { Err(Refusal::WebhookOff.into()) } else { Ok(()) }
}

/// Sends up to 200 of the dead again, the oldest first; answers how many.
async fn send_all_again(tx: &mut Tx, ctx: &Ctx, id: WebhookId) -> Result<i64> {
    let webhook = locked(tx, ctx, id).await?;
    is_on(&webhook)?;
    let mut sent = 0;
    for delivery in deliveries::some_dead(tx, ctx.workspace, id).await? {
        sent += i64::from(revive(tx, ctx, id, delivery).await?);
    }
    if sent > 0 {
        about(Action::WebhookSentAgain, &webhook, json!({ "deliveries": sent })).save(tx, ctx)?;
    }
    Ok(sent)
}

/// Sends every dead delivery again, piece by piece; answers how many.
pub async fn send_every_dead(store: &Store, ctx: &Ctx, id: WebhookId) -> Result<i64> {
    let mut sent = 0;
    loop {
        let ctx = ctx.clone();
        let more = store.write(async move |tx| send_all_again(tx, &ctx, id).await).await?;
        if more == 0 {
            return Ok(sent);
        }
        sent += more;
    }
}

async fn revive(tx: &mut Tx, ctx: &Ctx, id: WebhookId, delivery: DeliveryId) -> Result<bool> {
    let ws = ctx.workspace;
    if !deliveries::revive(tx, ws, delivery, ctx.now).await? {
        return Ok(false);
    }
    if let Some(held) = deliveries::hold(tx, ws, id, delivery).await? {
        deliveries::put_back(tx, ws, id, &held).await?;
        deliveries::settle(tx, ws, id, (held.subject, held.person), ctx.now).await?;
    }
    Ok(true)
}
