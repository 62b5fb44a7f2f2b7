//! What the server counts of itself, in the text form of `OpenMetrics` 1.0 for Prometheus.
//!
//! Nothing in it names a person. What belongs to a workspace is read when it is asked for, so that it is as true as the
//! database, on every node.

use std::sync::Arc;

use axum::http::Method;
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::{Family, MetricConstructor},
        gauge::Gauge,
        histogram::Histogram,
    },
    registry::{Registry, Unit},
};

use crate::{
    app::App,
    error::{Error, Result},
    store::{
        deliveries,
        workspaces::{self, Workspace},
    },
};

/// Seconds that requests take, from a page out of memory to one that is given up.
const TAKES: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
/// Seconds until a stream has ended; the goal is a tenth.
const REVOKES: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 10.0];
/// Writes in one transaction; 256 is the most.
const GROUPS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// A request that was answered.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    door: &'static str,
    method: &'static str,
    status: u16,
}

/// A door.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct At {
    door: &'static str,
}

/// Why something was refused.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Because {
    reason: String,
}

/// A round of a job.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Round {
    job: &'static str,
    outcome: &'static str,
}

/// A job.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Job {
    job: &'static str,
}

/// A number of a workspace.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Of {
    workspace: String,
    state: &'static str,
}

/// A workspace.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct In {
    workspace: String,
}

/// How an attempt to send an event ended.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Attempted {
    outcome: &'static str,
}

/// People of a workspace.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct People {
    workspace: String,
    kind: &'static str,
    status: &'static str,
}

#[derive(Clone)]
struct Takes;

impl MetricConstructor<Histogram> for Takes {
    fn new_metric(&self) -> Histogram {
        Histogram::new(TAKES)
    }
}

/// How many writes shared a transaction.
#[must_use]
pub(crate) fn groups() -> Histogram {
    Histogram::new(GROUPS)
}

/// The counters of this process. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Metrics(Arc<Counters>);

struct Counters {
    requests: Family<Answered, Counter>,
    takes: Family<At, Histogram, Takes>,
    refusals: Family<Because, Counter>,
    rounds: Family<Round, Counter>,
    done: Family<Job, Counter>,
    revocation: Histogram,
    deliveries: Family<Attempted, Counter>,
    groups: Histogram,
}

impl Metrics {
    /// Nothing is counted yet; `groups` is the store's own.
    #[must_use]
    pub(crate) fn new(groups: Histogram) -> Self {
        Self(Arc::new(Counters {
            requests: Family::default(),
            takes: Family::new_with_constructor(Takes),
            refusals: Family::default(),
            rounds: Family::default(),
            done: Family::default(),
            revocation: Histogram::new(REVOKES),
            deliveries: Family::default(),
            groups,
        }))
    }

    /// A request was answered after so many seconds.
    pub(crate) fn answered(&self, door: &'static str, method: &Method, status: u16, seconds: f64) {
        // Anybody may invent a method; it must not grow the list.
        const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let method = KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other");
        self.0.requests.get_or_create(&Answered { door, method, status }).inc();
        self.0.takes.get_or_create(&At { door }).observe(seconds);
    }

    /// Something was refused, for the reason that the problem names.
    pub(crate) fn refused(&self, reason: &str) {
        self.0.refusals.get_or_create(&Because { reason: reason.to_owned() }).inc();
    }

    /// A job went through a workspace; it did so much, or failed.
    pub(crate) fn job(&self, job: &'static str, done: Option<usize>) {
        let outcome = if done.is_some() { "done" } else { "failed" };
        self.0.rounds.get_or_create(&Round { job, outcome }).inc();
        let done = u64::try_from(done.unwrap_or(0)).unwrap_or(u64::MAX);
        self.0.done.get_or_create(&Job { job }).inc_by(done);
    }

    /// An attempt to send an event to a webhook ended: it was delivered, it failed, or it failed for the last time (dead).
    pub(crate) fn delivery(&self, outcome: &'static str) {
        self.0.deliveries.get_or_create(&Attempted { outcome }).inc();
    }

    /// A stream ended so many seconds after what ended it.
    pub(crate) fn revoked(&self, seconds: f64) {
        self.0.revocation.observe(seconds.max(0.0));
    }
}

/// The media type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything, as `GET /metrics` answers it.
pub async fn text(app: &App) -> Result<String> {
    let mut registry = Registry::with_prefix("tenure");
    counted(&mut registry, &app.metrics.0);
    let streams = Gauge::<i64>::default();
    streams.set(i64::try_from(app.live.streams()).unwrap_or(i64::MAX));
    registry.register("event_streams", "Open streams of events on this node", streams);
    of_workspaces(&mut registry, app).await?;
    let mut written = String::new();
    text::encode(&mut written, &registry).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(written)
}

fn counted(registry: &mut Registry, counters: &Counters) {
    let Counters { requests, takes, refusals, rounds, done, revocation, deliveries, groups } = counters;
    registry.register("requests", "Requests that were answered", requests.clone());
    registry.register_with_unit("request", "Time until the answer began", Unit::Seconds, takes.clone());
    registry.register("refusals", "Requests that were refused, by problem type", refusals.clone());
    registry.register("job_rounds", "Rounds of jobs through a workspace", rounds.clone());
    registry.register("job_work", "What jobs have done: entries sealed, invitations expired", done.clone());
    registry.register_with_unit(
        "stream_revocation",
        "Time from a deactivation, or what else ends a session, to the end of its open streams",
        Unit::Seconds,
        revocation.clone(),
    );
    registry.register("webhook_attempts", "Attempts to send an event to a webhook", deliveries.clone());
    registry.register("write_group", "Writes that shared one transaction (SQLite)", groups.clone());
}

/// What waits to be sent to webhooks.
async fn webhooks(registry: &mut Registry, app: &App, all: &[Workspace]) -> Result<()> {
    let (pending, oldest) = (Family::<In, Gauge>::default(), Family::<In, Gauge>::default());
    // A gauge that is absent at zero says nothing to an alarm.
    for workspace in all {
        let of = In { workspace: workspace.id.to_string() };
        pending.get_or_create(&of).set(0);
        oldest.get_or_create(&of).set(0);
    }
    for (workspace, number, since) in deliveries::pending(&mut app.store.reader().await?).await? {
        let of = In { workspace: workspace.to_string() };
        pending.get_or_create(&of).set(number);
        oldest.get_or_create(&of).set(app.sys.now().duration_since(since).as_secs());
    }
    registry.register("webhook_pending", "Deliveries that are yet to arrive", pending);
    registry.register_with_unit(
        "webhook_oldest_pending",
        "How long the oldest pending delivery is tried",
        Unit::Seconds,
        oldest,
    );
    Ok(())
}

async fn of_workspaces(registry: &mut Registry, app: &App) -> Result<()> {
    let licenses = Family::<Of, Gauge>::default();
    let people = Family::<People, Gauge>::default();
    let all = workspaces::all(&mut app.store.reader().await?).await?;
    for workspace in &all {
        let id = workspace.id.to_string();
        for (state, number) in [("owned", workspace.licenses.owned), ("used", workspace.licenses.used)] {
            licenses.get_or_create(&Of { workspace: id.clone(), state }).set(number);
        }
        for (kind, counts) in [("user", workspace.counts), ("customer", workspace.customers)] {
            for (status, number) in
                [("invited", counts.invited), ("active", counts.active), ("deactivated", counts.deactivated)]
            {
                people.get_or_create(&People { workspace: id.clone(), kind, status }).set(number);
            }
        }
    }
    webhooks(registry, app, &all).await?;
    registry.register("licenses", "Licenses of a workspace", licenses);
    registry.register("people", "People of a workspace", people);
    Ok(())
}
