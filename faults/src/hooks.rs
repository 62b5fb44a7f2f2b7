//! A receiver of webhooks: what arrived, and in which order.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use rig::failure::Result;
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

/// What arrived.
#[derive(Debug, Default)]
struct Arrived {
    /// The bodies, by id: a repeat must be the same.
    bodies: BTreeMap<String, Bytes>,
    /// Repeats that were not.
    changed: Vec<String>,
    /// What was taken.
    taken: BTreeSet<String>,
    /// What was refused and has not come again.
    refused: BTreeSet<String>,
    /// What was refused and nobody has taken yet, by what it is about: nothing else about that may come first.
    held: BTreeMap<(&'static str, String), String>,
    /// What came first all the same.
    overtook: Vec<String>,
    /// By person, item or other subject: type and id, in the order of first arrival.
    order: BTreeMap<String, Vec<(String, String)>>,
}

#[derive(Debug, Default)]
struct Inner {
    arrived: Mutex<Arrived>,
    count: AtomicU64,
    /// Whether nothing is refused any more.
    willing: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// See the module. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Receiver {
    inner: Arc<Inner>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Every so many attempts one is answered with a failure: the server must send it again.
const FAIL_EVERY: u64 = 41;
/// So many refusals are enough: of one alone, a server that is killed just then hears nothing.
const ENOUGH: u64 = 4;

async fn take(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let number = inner.count.fetch_add(1, Ordering::Relaxed) + 1;
    let Some(id) = headers.get("webhook-id").and_then(|id| id.to_str().ok()) else {
        return StatusCode::BAD_REQUEST;
    };
    let event: Value = serde_json::from_slice(&body).unwrap_or_default();
    let about =
        ["person", "subject"].into_iter().filter_map(|of| Some((of, event["data"][of].as_str()?.to_owned())));
    let about: Vec<(&'static str, String)> = about.collect();
    let mut guard = lock(&inner.arrived);
    let arrived = &mut *guard;
    // Of one that was taken, another server may send what it had in its hand: nobody waits for what is said to that.
    let taken = arrived.taken.contains(id);
    for one in about.iter().filter(|_| !taken) {
        if let Some(first) = arrived.held.get(one).filter(|first| *first != id) {
            arrived
                .overtook
                .push(format!("{id} came before {first}, which is about the same {} {}", one.0, one.1));
        }
    }
    if let Some(before) = arrived.bodies.get(id) {
        if *before != body {
            arrived.changed.push(id.to_owned());
        }
    } else {
        arrived.bodies.insert(id.to_owned(), body);
        for (_, subject) in &about {
            let kind = event["type"].as_str().unwrap_or_default().to_owned();
            arrived.order.entry(subject.clone()).or_default().push((kind, id.to_owned()));
        }
    }
    // It has arrived, whatever the server is told: a repeat shows whether it is the same.
    if number.is_multiple_of(FAIL_EVERY) && !inner.willing.load(Ordering::Relaxed) {
        if !taken {
            arrived.refused.insert(id.to_owned());
            arrived.held.extend(about.into_iter().map(|one| (one, id.to_owned())));
        }
        StatusCode::INTERNAL_SERVER_ERROR
    } else {
        arrived.refused.remove(id);
        arrived.held.retain(|_, held| held != id);
        arrived.taken.insert(id.to_owned());
        StatusCode::NO_CONTENT
    }
}

impl Receiver {
    /// Listens on a port of its own.
    pub(crate) async fn listen() -> Result<Self> {
        let inner = Arc::new(Inner::default());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = Router::new().route("/", post(take)).with_state(inner.clone());
        let task = tokio::spawn(async move {
            // It ends with the trial.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { inner, address, task })
    }

    /// Refuses nothing from now on: what waits for the same subject would come to no end.
    pub(crate) fn take_all(&self) {
        self.inner.willing.store(true, Ordering::Relaxed);
    }

    /// Whether so many attempts have been refused that a server has heard of some of it.
    pub(crate) fn has_refused(&self) -> bool {
        self.inner.count.load(Ordering::Relaxed) >= ENOUGH * FAIL_EVERY
    }

    /// How many attempts were made, and how many events they were.
    pub(crate) fn counts(&self) -> (u64, usize) {
        (self.inner.count.load(Ordering::Relaxed), lock(&self.inner.arrived).bodies.len())
    }

    /// The ids of repeats that differed from what came before.
    pub(crate) fn changed(&self) -> Vec<String> {
        lock(&self.inner.arrived).changed.clone()
    }

    /// The ids that were refused and have not come again.
    pub(crate) fn not_again(&self) -> Vec<String> {
        lock(&self.inner.arrived).refused.iter().cloned().collect()
    }

    /// What came before another about the same that had been refused and not been taken since; each once.
    pub(crate) fn overtook(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.inner.arrived).overtook)
    }

    /// Whether events of these types about a subject arrived, in this order. Others may stand between.
    pub(crate) fn arrived(&self, subject: &str, types: &[&'static str]) -> bool {
        let arrived = lock(&self.inner.arrived);
        let mut came = arrived.order.get(subject).map(Vec::as_slice).unwrap_or_default().iter();
        types.iter().all(|wanted| came.any(|(kind, _)| kind == wanted))
    }

    /// The types that arrived about a subject.
    pub(crate) fn about(&self, subject: &str) -> Vec<String> {
        let arrived = lock(&self.inner.arrived);
        let came = arrived.order.get(subject).map(Vec::as_slice).unwrap_or_default();
        came.iter().map(|(kind, _)| kind.clone()).collect()
    }
}
