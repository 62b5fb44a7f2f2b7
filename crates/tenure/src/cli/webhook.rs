//! `tenure webhook`.

use clap::{Args, Subcommand};
use domain::{
    id::{DeliveryId, WebhookId},
    webhook::{Choice, State, topics},
};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{
    Global,
    answer::Answer,
    failure::Failure,
    place::Place,
    table::{count, facts, maybe, moment, table},
};
use crate::{
    error::Error,
    ops::{
        profile::Name,
        webhooks::{self, Health, Input, PAGE},
    },
    store::{attempts::Attempt, deliveries::Delivery, webhooks::Webhook, workspaces::Workspace},
};

/// Make, list, change and delete webhooks, look what became of events there, and send them again.
#[derive(Debug, Subcommand)]
pub(super) enum Webhooks {
    /// Make a webhook. What its receiver checks signatures with is printed once and kept nowhere.
    #[command(after_help = "Examples:
  tenure webhook create Directory https://example.org/tenure
  tenure webhook create Directory https://example.org/tenure --event person.deactivated --event person.activated")]
    Create {
        /// What to call it.
        name: String,
        /// Where events are sent.
        url: String,
        /// A type of event that it is told of; can be given several times. Without it, everything.
        #[arg(long = "event", value_name = "TYPE")]
        events: Vec<String>,
    },
    /// List webhooks, and how each does.
    #[command(after_help = "Example:\n  tenure webhook list --json")]
    List,
    /// List the types of events.
    #[command(after_help = "Example:\n  tenure webhook events")]
    Events,
    /// Change name, address or choice of events.
    #[command(after_help = "Examples:
  tenure webhook change 01960000-0000-7000-8000-000000000001 --url https://example.org/other
  tenure webhook change 01960000-0000-7000-8000-000000000001 --everything")]
    Change(Change),
    /// Switch a webhook off: nothing is sent, and what happens meanwhile passes it by.
    #[command(after_help = "Example:\n  tenure webhook off 01960000-0000-7000-8000-000000000001")]
    Off {
        /// The webhook's id, as the list shows it.
        webhook: WebhookId,
    },
    /// Switch a webhook on.
    #[command(after_help = "Example:\n  tenure webhook on 01960000-0000-7000-8000-000000000001")]
    On {
        /// The webhook's id, as the list shows it.
        webhook: WebhookId,
    },
    /// Give a webhook a new secret. For a day what is sent is signed with both.
    #[command(after_help = "Example:\n  tenure webhook rotate 01960000-0000-7000-8000-000000000001")]
    Rotate {
        /// The webhook's id, as the list shows it.
        webhook: WebhookId,
    },
    /// Have the running server send a test event.
    #[command(after_help = "Example:\n  tenure webhook test 01960000-0000-7000-8000-000000000001")]
    Test {
        /// The webhook's id, as the list shows it.
        webhook: WebhookId,
    },
    /// List what became of events, the newest first; with a delivery's id, its body and attempts.
    #[command(after_help = "Examples:
  tenure webhook log 01960000-0000-7000-8000-000000000001 --state dead
  tenure webhook log 01960000-0000-7000-8000-000000000001 01960000-0000-7000-8000-000000000002")]
    Log {
        /// The webhook's id, as the list shows it.
        webhook: WebhookId,
        /// One delivery, by its id.
        delivery: Option<DeliveryId>,
        /// Only those in this state.
        #[arg(long, conflicts_with = "delivery", value_parser = ["pending", "delivered", "dead"])]
        state: Option<String>,
        /// Those before this one: the last of the list before.
        #[arg(long, conflicts_with = "delivery", value_name = "ID")]
        before: Option<DeliveryId>,
    },
    /// Send a delivery again that has arrived or is dead; without one, all that are dead.
    #[command(after_help = "Examples:
  tenure webhook send-again 01960000-0000-7000-8000-000000000001
  tenure webhook send-again 01960000-0000-7000-8000-000000000001 01960000-0000-7000-8000-000000000002")]
    SendAgain {
        /// The webhook's id, as the list shows it.
        webhook: WebhookId,
        /// One delivery, by its id.
        delivery: Option<DeliveryId>,
    },
    /// Delete a webhook, with its log.
    #[command(after_help = "Example:\n  tenure webhook delete 01960000-0000-7000-8000-000000000001")]
    Delete {
        /// The webhook's id, as the list shows it.
        webhook: WebhookId,
    },
}

/// What is to be changed; the rest stays.
#[derive(Debug, Args)]
pub(super) struct Change {
    /// The webhook's id, as the list shows it.
    webhook: WebhookId,
    /// What to call it.
    #[arg(long)]
    name: Option<String>,
    /// Where events are sent.
    #[arg(long)]
    url: Option<String>,
    /// A type of event that it is told of, in place of those it has; can be given several times.
    #[arg(long = "event", value_name = "TYPE", conflicts_with = "everything")]
    events: Vec<String>,
    /// It is told of everything.
    #[arg(long)]
    everything: bool,
}

impl Webhooks {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        if let Self::Events = self {
            let all: Vec<&str> = topics().into_iter().collect();
            return Ok(Answer::new(all.join("\n"), json!({ "events": all })));
        }
        let place = Place::open(global).await?;
        let answer = self.on(&place).await;
        place.close().await;
        answer
    }

    async fn on(self, place: &Place) -> Result<Answer, Failure> {
        let workspace = place.workspace().await?;
        match self {
            Self::Create { name, url, events } => create(place, &workspace, &name, &url, &events).await,
            Self::List | Self::Events => list(place, &workspace).await,
            Self::Change(change) => change.run(place, &workspace).await,
            Self::Off { webhook } => switch(place, &workspace, webhook, false).await,
            Self::On { webhook } => switch(place, &workspace, webhook, true).await,
            Self::Rotate { webhook } => rotate(place, &workspace, webhook).await,
            Self::Test { webhook } => test(place, &workspace, webhook).await,
            Self::Log { webhook, delivery: Some(delivery), .. } => {
                one(place, &workspace, webhook, delivery).await
            }
            Self::Log { webhook, state, before, delivery: None } => {
                let state = state.as_deref().and_then(State::parse);
                log(place, &workspace, webhook, (state, before)).await
            }
            Self::SendAgain { webhook, delivery } => send_again(place, &workspace, webhook, delivery).await,
            Self::Delete { webhook } => delete(place, &workspace, webhook).await,
        }
    }
}

fn choice(events: &[String]) -> Result<Choice, Error> {
    if events.is_empty() {
        return Ok(Choice::All);
    }
    Choice::of(events.iter().map(String::as_str)).map_err(|why| Error::field("event", why.to_string()))
}

async fn create(
    place: &Place,
    workspace: &Workspace,
    name: &str,
    url: &str,
    events: &[String],
) -> Result<Answer, Failure> {
    let name = Name::parse(name, &place.config.limits)?;
    let input = Input::new(name, url, choice(events)?, &place.config.webhooks)?;
    let (ctx, key) = (place.ctx(workspace.id), place.key().await?.key);
    let made = place.store.write(async move |tx| webhooks::make(tx, &ctx, &key, input.clone()).await).await?;
    place.seal(workspace.id).await;
    let secret = made.secret.reveal();
    let text =
        format!("{secret}\n\nThis is shown once: the receiver checks with it that an event comes from here.");
    let json = json!({ "webhook": told(&made.webhook, Health::default()), "secret": secret });
    Ok(Answer::new(text, json))
}

/// A webhook for machines.
fn told(webhook: &Webhook, health: Health) -> Value {
    let events = match &webhook.topics {
        Choice::All => vec!["*"],
        some @ Choice::Some(_) => some.words().collect(),
    };
    json!({
        "id": webhook.id,
        "name": webhook.name,
        "url": webhook.url,
        "events": events,
        "made_by": webhook.maker,
        "created": webhook.created,
        "on": webhook.off.is_none(),
        "off_why": webhook.off.map(|(_, why)| why),
        "last_success": webhook.last_success,
        "failing_since": webhook.failing_since,
        "pending": health.pending,
        "dead": health.dead,
    })
}

async fn list(place: &Place, workspace: &Workspace) -> Result<Answer, Failure> {
    let (ctx, zone) = (place.ctx(workspace.id), workspace.zone());
    let mut rx = place.store.reader().await?;
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    for (webhook, _) in webhooks::list(&mut rx, &ctx).await? {
        let health = webhooks::health(&mut rx, workspace.id, webhook.id).await?;
        let state = match (webhook.off, webhook.failing_since) {
            (Some((_, why)), _) => format!("off ({})", why.word()),
            (None, Some(_)) => "failing".into(),
            (None, None) => "on".into(),
        };
        rows.push(vec![
            webhook.name.clone(),
            webhooks::origin(&webhook.url),
            state,
            health.pending.to_string(),
            health.dead.to_string(),
            maybe(webhook.last_success, &zone),
            webhook.id.to_string(),
        ]);
        all.push(told(&webhook, health));
    }
    let heads = ["NAME", "TO", "STATE", "PENDING", "DEAD", "LAST ARRIVED", "ID"];
    Ok(Answer::new(table(&heads, &rows), json!({ "webhooks": all })))
}

impl Change {
    async fn run(self, place: &Place, workspace: &Workspace) -> Result<Answer, Failure> {
        let (ctx, id) = (place.ctx(workspace.id), self.webhook);
        let before = webhooks::one(&mut place.store.reader().await?, &ctx, id).await?;
        let name = Name::parse(self.name.as_deref().unwrap_or(&before.name), &place.config.limits)?;
        let events = match (self.everything, self.events.is_empty()) {
            (true, _) => Choice::All,
            (false, true) => before.topics,
            (false, false) => choice(&self.events)?,
        };
        let url = self.url.as_deref().unwrap_or(&before.url);
        let input = Input::new(name, url, events, &place.config.webhooks)?;
        let changed =
            place.store.write(async move |tx| webhooks::change(tx, &ctx, id, input.clone()).await).await?;
        done(place, workspace, (id, changed), ("The webhook is changed.", "Nothing was changed.")).await
    }
}

async fn done(
    place: &Place,
    workspace: &Workspace,
    (id, changed): (WebhookId, bool),
    (words, unchanged): (&str, &str),
) -> Result<Answer, Failure> {
    if changed {
        place.seal(workspace.id).await;
    }
    let json = json!({ "webhook": id, "changed": changed });
    Ok(Answer::new(if changed { words } else { unchanged }, json))
}

async fn switch(place: &Place, workspace: &Workspace, id: WebhookId, on: bool) -> Result<Answer, Failure> {
    let ctx = place.ctx(workspace.id);
    let changed = place.store.write(async move |tx| webhooks::switch(tx, &ctx, id, on).await).await?;
    let words = if on {
        ("The webhook is on.", "The webhook was on already.")
    } else {
        ("The webhook is off.", "The webhook was off already.")
    };
    done(place, workspace, (id, changed), words).await
}

async fn rotate(place: &Place, workspace: &Workspace, id: WebhookId) -> Result<Answer, Failure> {
    let (ctx, key) = (place.ctx(workspace.id), place.key().await?.key);
    let rotated = place.store.write(async move |tx| webhooks::rotate(tx, &ctx, &key, id).await).await?;
    place.seal(workspace.id).await;
    let (secret, until) = (rotated.secret.reveal(), moment(rotated.until, &workspace.zone()));
    let text = format!("{secret}\n\nThis is shown once. Until {until} the former one signs, too.");
    Ok(Answer::new(text, json!({ "webhook": id, "secret": secret, "former_signs_until": rotated.until })))
}

async fn test(place: &Place, workspace: &Workspace, id: WebhookId) -> Result<Answer, Failure> {
    let ctx = place.ctx(workspace.id);
    let delivery = place.store.write(async move |tx| webhooks::test(tx, &ctx, id).await).await?;
    let text = format!("The running server sends it: tenure webhook log {id} {delivery}");
    Ok(Answer::new(text, json!({ "webhook": id, "delivery": delivery })))
}

/// A delivery for machines.
fn shown(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.id,
        "event": delivery.event,
        "type": delivery.topic,
        "state": delivery.state,
        "since": delivery.since,
        "due": delivery.due,
        "attempts": delivery.attempts,
        "ended": delivery.ended,
    })
}

async fn log(
    place: &Place,
    workspace: &Workspace,
    id: WebhookId,
    asked: (Option<State>, Option<DeliveryId>),
) -> Result<Answer, Failure> {
    let (ctx, zone) = (place.ctx(workspace.id), workspace.zone());
    let page = webhooks::deliveries(&mut place.store.reader().await?, &ctx, id, asked, PAGE).await?;
    let row = |delivery: &Delivery| {
        vec![
            moment(delivery.since, &zone),
            delivery.topic.clone(),
            delivery.state.word().to_owned(),
            delivery.attempts.to_string(),
            maybe(delivery.due, &zone),
            delivery.id.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = page.deliveries.iter().map(row).collect();
    let list: Vec<Value> = page.deliveries.iter().map(shown).collect();
    let heads = ["SINCE", "TYPE", "STATE", "ATTEMPTS", "NEXT", "ID"];
    Ok(Answer::new(table(&heads, &rows), json!({ "deliveries": list, "next": page.next })))
}

fn attempt(attempt: &Attempt, zone: &TimeZone) -> Vec<String> {
    let outcome = attempt.status.map_or_else(|| attempt.failure.clone(), |status| status.to_string());
    let answer = attempt.answer.lines().next().unwrap_or_default().chars().take(60).collect();
    vec![moment(attempt.at, zone), format!("{} ms", attempt.millis), outcome, answer]
}

async fn one(
    place: &Place,
    workspace: &Workspace,
    id: WebhookId,
    delivery: DeliveryId,
) -> Result<Answer, Failure> {
    let (ctx, zone) = (place.ctx(workspace.id), workspace.zone());
    let found = webhooks::delivery(&mut place.store.reader().await?, &ctx, id, delivery).await?;
    let head = facts(&[
        ("type", found.delivery.topic.clone()),
        ("state", found.delivery.state.word().to_owned()),
        ("webhook-id", found.delivery.event.to_string()),
        ("next", maybe(found.delivery.due, &zone)),
    ]);
    let rows: Vec<Vec<String>> = found.attempts.iter().map(|one| attempt(one, &zone)).collect();
    let tried = table(&["AT", "TOOK", "OUTCOME", "ANSWER"], &rows);
    let attempts: Vec<Value> = found
        .attempts
        .iter()
        .map(|one| {
            json!({
                "at": one.at, "milliseconds": one.millis, "status": one.status, "failure": one.failure, "answer": one.answer
            })
        })
        .collect();
    let body: Value = serde_json::from_str(&found.delivery.body).unwrap_or_default();
    let text = format!("{head}\n\n{}\n\n{tried}", found.delivery.body);
    Ok(Answer::new(text, json!({ "delivery": shown(&found.delivery), "body": body, "attempts": attempts })))
}

async fn send_again(
    place: &Place,
    workspace: &Workspace,
    id: WebhookId,
    delivery: Option<DeliveryId>,
) -> Result<Answer, Failure> {
    let ctx = place.ctx(workspace.id);
    let sent = match delivery {
        Some(delivery) => {
            let again = place.store.write(async move |tx| webhooks::send_again(tx, &ctx, id, delivery).await);
            i64::from(again.await?)
        }
        None => webhooks::send_every_dead(&place.store, &ctx, id).await?,
    };
    if sent > 0 {
        place.seal(workspace.id).await;
    }
    let text = match sent {
        0 => "There was nothing to send again.".to_owned(),
        sent => format!("{} sent again by the running server.", count(sent, "event")),
    };
    Ok(Answer::new(text, json!({ "webhook": id, "sent": sent })))
}

async fn delete(place: &Place, workspace: &Workspace, id: WebhookId) -> Result<Answer, Failure> {
    let ctx = place.ctx(workspace.id);
    place.store.write(async move |tx| webhooks::delete(tx, &ctx, id).await).await?;
    done(place, workspace, (id, true), ("The webhook is deleted.", "")).await
}
