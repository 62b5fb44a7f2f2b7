//! From events to deliveries, and from attempts to their end. Each function is one short write that any node may do.

use domain::{
    id::{DeliveryId, WebhookId, WorkspaceId},
    webhook::{self, Next, Off, State, after_failure},
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::switch_off;
use crate::{
    ctx::Ctx,
    error::Result,
    store::{
        Tx,
        attempts::{self, Attempt},
        deliveries::{self, Claimed, NewDelivery},
        events::{self, Event},
        webhooks::{self, Webhook},
    },
};

/// What is sent of an event: ids and words, as the event itself.
fn body(ws: WorkspaceId, event: &Event) -> String {
    let mut data = serde_json::from_str::<Value>(&event.data).unwrap_or_default();
    if !data.is_object() {
        data = json!({});
    }
    data["id"] = json!(event.id);
    data["workspace"] = json!(ws);
    data["person"] = json!(event.person);
    data["subject"] = json!(event.subject);
    data["item"] = json!(event.item);
    written(&event.topic, event.at, data)
}

/// What every body is, in the order in which the specification names it.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    timestamp: Timestamp,
    data: Value,
}

/// A body as it is signed and sent.
pub(super) fn written(topic: &str, timestamp: Timestamp, data: Value) -> String {
    // Of words, numbers and a moment nothing can fail to be written.
    serde_json::to_string(&Body { r#type: topic, timestamp, data }).unwrap_or_default()
}

/// Makes deliveries of what happened since, up to 500 events; answers how many places that were. The place of the
/// webhook moves in the same transaction, so that nothing is lost and nothing comes twice.
pub async fn fan_out(tx: &mut Tx, ctx: &Ctx, id: WebhookId) -> Result<usize> {
    let ws = ctx.workspace;
    let Some(webhook) = webhooks::lock(tx, ws, id).await?.filter(|webhook| webhook.off.is_none()) else {
        return Ok(0);
    };
    let end = events::end(tx, ws).await?;
    let events = events::after(tx, ws, webhook.place).await?;
    for event in events.iter().filter(|event| webhook.topics.hears(&event.topic)) {
        let new = NewDelivery {
            id: ctx.id(),
            event: event.id,
            topic: event.topic.clone(),
            // What is about nothing else is about the workspace.
            subject: event.subject.or(event.person.map(domain::id::PersonId::uuid)).unwrap_or(ws.uuid()),
            person: event.person,
            place: event.place,
            body: body(ws, event),
        };
        deliveries::insert(tx, ws, id, &new, ctx.now).await?;
    }
    // Where nothing is kept any more there is nothing to be told of.
    let place = events.last().map_or(end, |event| event.place);
    if place > webhook.place {
        webhooks::advance(tx, ws, id, place).await?;
    }
    Ok(events.len())
}

/// What is to be sent now, and to whom.
#[derive(Debug, Clone)]
pub struct Load {
    /// The webhook as it is.
    pub webhook: Webhook,
    /// Who is at it.
    pub claim: Uuid,
    /// What is to be sent.
    pub deliveries: Vec<Claimed>,
}

/// Takes up to so many deliveries of a webhook that are due, for so long: after that another node may take them over.
pub async fn claim(
    tx: &mut Tx,
    ctx: &Ctx,
    id: WebhookId,
    (most, within): (i64, SignedDuration),
) -> Result<Option<Load>> {
    let ws = ctx.workspace;
    let Some(webhook) = webhooks::look(tx, ws, id).await?.filter(|webhook| webhook.off.is_none()) else {
        return Ok(None);
    };
    let claim = ctx.sys.uuid7();
    let until = ctx.now.saturating_add(within).unwrap_or(Timestamp::MAX);
    let deliveries = deliveries::claim(tx, ws, id, (claim, most), (ctx.now, until)).await?;
    Ok((!deliveries.is_empty()).then_some(Load { webhook, claim, deliveries }))
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver took it.
    Taken,
    /// The receiver is gone for good.
    Gone,
    /// It did not arrive; perhaps the receiver asked to wait so long.
    Failed(Option<SignedDuration>),
}

/// Notes the end of an attempt, and lets what waited for it go. Answers what became of the delivery; nothing, when
/// another node has taken it over meanwhile.
pub async fn ended(
    tx: &mut Tx,
    ctx: &Ctx,
    (id, delivery, claim): (WebhookId, DeliveryId, Uuid),
    outcome: &Outcome,
    attempt: &Attempt,
) -> Result<Option<State>> {
    let ws = ctx.workspace;
    let Some(webhook) = webhooks::lock(tx, ws, id).await? else { return Ok(None) };
    let Some(held) = deliveries::hold(tx, ws, id, delivery).await? else { return Ok(None) };
    let tried = ctx.sys.uuid7();
    attempts::insert(tx, ws, (delivery, tried), attempt).await?;
    if !attempt.answer.is_empty() {
        let kept = (attempt.at, attempt.answer.as_str());
        attempts::keep_answer(tx, ws, (id, webhook.answers), tried, kept).await?;
        webhooks::count_answer(tx, ws, id).await?;
    }
    if held.claim != Some(claim) {
        return Ok(None);
    }
    let state = match outcome {
        Outcome::Taken => {
            webhooks::succeeded(tx, ws, id, ctx.now).await?;
            deliveries::end(tx, ws, delivery, (claim, State::Delivered), ctx.now).await?;
            State::Delivered
        }
        Outcome::Gone | Outcome::Failed(_) => {
            webhooks::failed(tx, ws, id, ctx.now).await?;
            let state = failed(tx, ctx, (&held, claim, id), outcome).await?;
            give_up(tx, ctx, &webhook, outcome).await?;
            state
        }
    };
    deliveries::settle(tx, ws, id, (held.subject, held.person), ctx.now).await?;
    Ok(Some(state))
}

async fn failed(
    tx: &mut Tx,
    ctx: &Ctx,
    (held, claim, id): (&deliveries::Held, Uuid, WebhookId),
    outcome: &Outcome,
) -> Result<State> {
    let [chance] = ctx.sys.bytes();
    let next = match outcome {
        Outcome::Failed(patience) => {
            after_failure(held.since, ctx.now, held.attempts.saturating_add(1), *patience, chance)
        }
        Outcome::Taken | Outcome::Gone => Next::Dead,
    };
    match next {
        Next::At(due) => {
            deliveries::again(tx, ctx.workspace, held.id, claim, due).await?;
            deliveries::wait(tx, ctx.workspace, id, held.id).await?;
            Ok(State::Pending)
        }
        Next::Dead => {
            deliveries::end(tx, ctx.workspace, held.id, (claim, State::Dead), ctx.now).await?;
            Ok(State::Dead)
        }
    }
}

/// Switches a webhook off at which nothing arrives any more.
async fn give_up(tx: &mut Tx, ctx: &Ctx, webhook: &Webhook, outcome: &Outcome) -> Result<()> {
    let why = match outcome {
        Outcome::Gone => Off::Gone,
        _ if webhook.failing_since.is_some_and(|since| webhook::is_given_up(since, ctx.now)) => Off::Failures,
        _ => return Ok(()),
    };
    if webhook.off.is_none() { switch_off(tx, ctx, webhook, why).await } else { Ok(()) }
}

/// Gives a delivery back that was not attempted to its end: the server ends.
pub async fn release(tx: &mut Tx, ctx: &Ctx, delivery: DeliveryId, claim: Uuid) -> Result<()> {
    deliveries::release(tx, ctx.workspace, delivery, claim, ctx.now).await
}
