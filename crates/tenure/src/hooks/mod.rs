//! Sends webhooks: makes deliveries of what happened, takes those that are due, and sends each at its turn.
//!
//! Everything that is known of a delivery is in its row ([`crate::store::deliveries`]), so any node may send it, and one that
//! dies loses nothing: what it was at becomes due again, with the same id.

mod guard;
mod http;
pub mod sign;

pub use guard::{Found, Guard, Resolver, System};
pub use http::{Answer, Failure};

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::http::StatusCode;
use domain::{
    actor::{Actor, Door},
    id::{WebhookId, WorkspaceId},
    webhook::{Address, State},
};
use jiff::SignedDuration;
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};
use uuid::Uuid;

use crate::{
    app::App,
    config::Config,
    ctx::Ctx,
    error::Result,
    ops::webhooks::queue::{self, Outcome},
    store::{
        attempts::Attempt,
        deliveries::Claimed,
        webhooks::{self, Due, ToDo, Webhook},
    },
};

/// How often it is looked whether something is due that nobody told of.
const EVERY: Duration = Duration::from_secs(1);
/// How many are sent at once to one webhook, in any order of subjects.
const AT_ONCE: usize = 8;
/// As [`AT_ONCE`], to one that fails.
const AT_ONCE_FAILING: usize = 1;
/// How long requests under way may take when the server ends.
const GRACE: Duration = Duration::from_secs(3);
/// The name in the audit log.
const NAME: &str = "webhooks";

/// What the sending of webhooks needs on this node. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Hooks(Arc<Parts>);

struct Parts {
    guard: Guard,
    wake: Notify,
}

impl Hooks {
    /// As the configuration says.
    #[must_use]
    pub fn new(config: &Config, resolver: Arc<dyn Resolver>) -> Self {
        let guard = Guard::new(resolver, config.webhooks.allowed_networks.clone());
        Self(Arc::new(Parts { guard, wake: Notify::new() }))
    }

    /// Says that something may be due.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }
}

/// The attempts under way on this node.
struct Flight {
    tasks: JoinSet<(WebhookId, bool)>,
    /// How many to each webhook.
    to: HashMap<WebhookId, usize>,
    /// How many to those that fail: they never take all places.
    failing: usize,
    stop: watch::Receiver<bool>,
}

impl Flight {
    fn new(stop: watch::Receiver<bool>) -> Self {
        Self { tasks: JoinSet::new(), to: HashMap::new(), failing: 0, stop }
    }

    /// How many more may be sent there now.
    fn room(&self, due: &Due, at_once: usize) -> usize {
        let (most, all) = if due.failing {
            (AT_ONCE_FAILING, at_once.div_ceil(2).saturating_sub(self.failing))
        } else {
            (AT_ONCE, usize::MAX)
        };
        let here = most.saturating_sub(self.to.get(&due.webhook).copied().unwrap_or(0));
        here.min(all).min(at_once.saturating_sub(self.tasks.len()))
    }

    fn send(&mut self, app: &App, due: &Due, load: queue::Load) {
        let (webhook, claim) = (Arc::new(load.webhook), load.claim);
        for delivery in load.deliveries {
            *self.to.entry(due.webhook).or_default() += 1;
            self.failing += usize::from(due.failing);
            let (app, due, webhook, stop) = (app.clone(), *due, Arc::clone(&webhook), self.stop.clone());
            self.tasks.spawn(async move {
                if let Err(error) = attempt(&app, due.workspace, &webhook, (claim, delivery), stop).await {
                    tracing::warn!(?error, webhook = %due.webhook, "the end of an attempt could not be saved");
                }
                (due.webhook, due.failing)
            });
        }
    }

    /// Waits for the end of one attempt; for ever, where none is under way.
    async fn one_ended(&mut self) {
        match self.tasks.join_next().await {
            Some(ended) => self.left(&ended),
            None => std::future::pending().await,
        }
        while let Some(ended) = self.tasks.try_join_next() {
            self.left(&ended);
        }
    }

    fn left(&mut self, ended: &std::result::Result<(WebhookId, bool), tokio::task::JoinError>) {
        let Ok((webhook, failing)) = ended else {
            // One that panicked does not say whose it was: what is left is counted when all have ended.
            if self.tasks.is_empty() {
                self.to.clear();
                self.failing = 0;
            }
            return;
        };
        self.failing -= usize::from(*failing).min(self.failing);
        if let Some(count) = self.to.get_mut(webhook) {
            *count -= 1;
            if *count == 0 {
                self.to.remove(webhook);
            }
        }
    }
}

fn ctx(app: &App, ws: WorkspaceId) -> Ctx {
    app.ctx(ws, Actor::Job { name: NAME.into() }, Door::Job)
}

/// Makes deliveries of what happened, in every workspace that has webhooks; answers for which something is to be sent then.
async fn fan_out(app: &App) -> Result<Vec<Due>> {
    let to_do = async || webhooks::to_do(&mut app.store.single().await?, app.sys.now()).await;
    let ToDo { behind, due } = to_do().await?;
    if behind.is_empty() {
        return Ok(due);
    }
    for (ws, id) in behind {
        loop {
            let ctx = ctx(app, ws);
            if app.store.write(async move |tx| queue::fan_out(tx, &ctx, id).await).await? == 0 {
                break;
            }
        }
    }
    Ok(to_do().await?.due)
}

/// How long a node may be at a delivery: longer than an attempt and its end may take. After a crash as much time passes
/// before it is sent again.
fn claimed_for(answer_time: Duration) -> SignedDuration {
    SignedDuration::try_from(answer_time * 2 + Duration::from_secs(5)).unwrap_or(SignedDuration::MAX)
}

/// Begins what is due, as far as there is room; answers how much.
async fn begin(app: &App, flight: &mut Flight, due: Vec<Due>) -> Result<usize> {
    let at_once = app.config.webhooks.at_once;
    let within = claimed_for(app.config.webhooks.answer_time);
    let mut begun = 0;
    for due in due {
        let room = flight.room(&due, at_once);
        if room == 0 {
            continue;
        }
        let (ctx, most) = (ctx(app, due.workspace), i64::try_from(room).unwrap_or(i64::MAX));
        let claimed = app
            .store
            .write(async move |tx| {
                #[cfg(feature = "planted")]
                crate::planted::hurries(tx, due.workspace, due.webhook, ctx.now).await?;
                queue::claim(tx, &ctx, due.webhook, (most, within)).await
            })
            .await?;
        if let Some(load) = claimed {
            begun += load.deliveries.len();
            flight.send(app, &due, load);
        }
    }
    Ok(begun)
}

/// Sends one, and notes what came of it.
async fn attempt(
    app: &App,
    ws: WorkspaceId,
    webhook: &Webhook,
    (claim, delivery): (Uuid, Claimed),
    stop: watch::Receiver<bool>,
) -> Result<()> {
    let (at, began) = (app.sys.now(), app.sys.elapsed());
    let sent = tokio::select! {
        biased;
        sent = send(app, webhook, &delivery) => sent,
        () = cut(stop) => {
            let (ctx, id) = (ctx(app, ws), delivery.id);
            return app.store.write(async move |tx| queue::release(tx, &ctx, id, claim).await).await;
        }
    };
    let millis = i64::try_from(app.sys.elapsed().saturating_sub(began).as_millis()).unwrap_or(i64::MAX);
    let (outcome, attempt) = told(sent, (at, millis));
    let ctx = ctx(app, ws);
    let about = (webhook.id, delivery.id, claim);
    let arrived = outcome == Outcome::Taken;
    let state =
        app.store.write(async move |tx| queue::ended(tx, &ctx, about, &outcome, &attempt).await).await?;
    app.metrics.delivery(match (arrived, state) {
        (true, _) => "delivered",
        (false, Some(State::Dead)) => "dead",
        (false, _) => "failed",
    });
    Ok(())
}

/// What an attempt came to, and what is kept of it.
fn told(
    sent: std::result::Result<Answer, Failure>,
    (at, millis): (jiff::Timestamp, i64),
) -> (Outcome, Attempt) {
    match sent {
        Ok(Answer { status, patience, text }) => {
            let outcome = match status {
                status if status.is_success() => Outcome::Taken,
                StatusCode::GONE => Outcome::Gone,
                _ => Outcome::Failed(patience),
            };
            #[cfg(feature = "planted")]
            let outcome = crate::planted::settled(outcome);
            let status = Some(i64::from(status.as_u16()));
            (outcome, Attempt { at, millis, status, failure: String::new(), answer: text })
        }
        Err(failure) => {
            let failure = failure.word().to_owned();
            (Outcome::Failed(None), Attempt { at, millis, status: None, failure, answer: String::new() })
        }
    }
}

async fn send(app: &App, webhook: &Webhook, delivery: &Claimed) -> std::result::Result<Answer, Failure> {
    let settings = &app.config.webhooks;
    let to = Address::parse(&webhook.url).map_err(|_| Failure::NotAllowed)?;
    if !to.https && !settings.allow_http {
        return Err(Failure::NotAllowed);
    }
    let id = delivery.event.to_string();
    let signed = sign::sign(&app.audit_key, webhook, (&id, &delivery.body), app.sys.now());
    http::post(&app.hooks.0.guard, &to, &signed, delivery.body.clone(), settings.answer_time).await
}

/// Waits until the server has been ending for a while.
async fn cut(mut stop: watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(GRACE).await;
}

/// Runs the loop until `stop` says so.
pub(crate) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    let mut flight = Flight::new(stop.clone());
    loop {
        let turn = async {
            let due = fan_out(&app).await?;
            begin(&app, &mut flight, due).await
        };
        if let Err(error) = turn.await {
            tracing::warn!(?error, "webhooks could not be looked at");
            // Neither ends nor events are looked at meanwhile: whatever is wrong is not made worse.
            tokio::time::sleep(EVERY).await;
        }
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => break,
            () = flight.one_ended() => {}
            () = app.hooks.0.wake.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    while let Some(ended) = flight.tasks.join_next().await {
        flight.left(&ended);
    }
}

/// Sends what is due until nothing is: for tests, whose clock stands.
pub async fn drain(app: &App) -> Result<usize> {
    let (_keep, stop) = watch::channel(false);
    let mut flight = Flight::new(stop);
    let mut all = 0;
    loop {
        let due = fan_out(app).await?;
        let begun = begin(app, &mut flight, due).await?;
        all += begun;
        if begun == 0 && flight.tasks.is_empty() {
            return Ok(all);
        }
        if !flight.tasks.is_empty() {
            flight.one_ended().await;
        }
    }
}
