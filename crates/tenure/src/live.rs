//! Events as they happen, on this node: they are placed, read once for each workspace that somebody follows, and handed
//! to all who do.
//!
//! The loop wakes after each write of this process and whenever another node says that it has placed events. It looks by
//! itself as well, for writes that nobody tells of: those of the command line.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::id::{PersonId, WorkspaceId};
use tokio::sync::{broadcast, watch};

use crate::{
    app::App,
    error::Result,
    store::{
        Engine, Store,
        events::{self, Event},
    },
};

/// How often it is looked for events that nobody told of: seldom while nobody follows.
fn every(app: &App) -> Duration {
    if app.live.streams() == 0 {
        return Duration::from_secs(1);
    }
    match app.store.engine() {
        // The command line writes beside the server, and is not heard: a deactivation by it ends streams within 100 ms.
        Engine::Sqlite => Duration::from_millis(40),
        // Nodes hear each other; for the command line, and when they do not.
        Engine::Postgres => Duration::from_millis(80),
    }
}

/// How long the loop rests after a failure.
const TROUBLE: Duration = Duration::from_secs(1);
/// How many pieces a slow follower may be behind before it has to read for itself.
const BEHIND: usize = 64;
/// How many streams one person may have open.
const STREAMS: usize = 30;

type Piece = Arc<[Event]>;

/// The followers of this node. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Live(Arc<Parts>);

struct Parts {
    channels: Mutex<HashMap<WorkspaceId, Channel>>,
    open: Mutex<HashMap<(WorkspaceId, Option<PersonId>), usize>>,
    closing: watch::Sender<bool>,
}

struct Channel {
    sender: broadcast::Sender<Piece>,
    /// The last place that was handed out.
    end: i64,
}

impl Default for Live {
    fn default() -> Self {
        let (closing, _) = watch::channel(false);
        Self(Arc::new(Parts { channels: Mutex::default(), open: Mutex::default(), closing }))
    }
}

/// Somebody who follows the events of a workspace.
pub struct Follower {
    receiver: broadcast::Receiver<Piece>,
    closing: watch::Receiver<bool>,
    _seat: Seat,
    /// The last place when it began.
    pub end: i64,
}

/// What a follower hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The next events.
    Events(Piece),
    /// It was too slow: what it missed it must read.
    Missed,
    /// The server ends.
    Closing,
}

impl Follower {
    /// What comes next.
    pub async fn next(&mut self) -> Heard {
        tokio::select! {
            biased;
            _ = self.closing.wait_for(|closing| *closing) => Heard::Closing,
            piece = self.receiver.recv() => match piece {
                Ok(piece) => Heard::Events(piece),
                Err(broadcast::error::RecvError::Lagged(_)) => Heard::Missed,
                Err(broadcast::error::RecvError::Closed) => Heard::Closing,
            },
        }
    }
}

/// One open stream of somebody, counted until it is dropped.
struct Seat {
    live: Live,
    of: (WorkspaceId, Option<PersonId>),
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.live.open();
        if let Some(count) = open.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.of);
            }
        }
    }
}

impl Live {
    fn channels(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, Channel>> {
        self.0.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<(WorkspaceId, Option<PersonId>), usize>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows a workspace; `None` when this person has too many streams open already.
    pub async fn follow(
        &self,
        store: &Store,
        ws: WorkspaceId,
        person: Option<PersonId>,
    ) -> Result<Option<Follower>> {
        let Some(seat) = self.seat((ws, person)) else { return Ok(None) };
        // Before the channel is there: what is placed between the two is handed out, and read twice at most.
        let end = events::end(&mut store.point().await?, ws).await?;
        let receiver = {
            let mut channels = self.channels();
            let channel =
                channels.entry(ws).or_insert_with(|| Channel { sender: broadcast::channel(BEHIND).0, end });
            channel.sender.subscribe()
        };
        Ok(Some(Follower { receiver, closing: self.0.closing.subscribe(), _seat: seat, end }))
    }

    fn seat(&self, of: (WorkspaceId, Option<PersonId>)) -> Option<Seat> {
        let mut open = self.open();
        let count = open.entry(of).or_default();
        if *count >= STREAMS {
            return None;
        }
        *count += 1;
        drop(open);
        Some(Seat { live: self.clone(), of })
    }

    /// How many streams are open on this node.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.open().values().sum()
    }

    /// Whether the server is about to end.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        *self.0.closing.borrow()
    }

    /// Ends every stream: the server is about to end, and waits for nobody.
    pub fn close(&self) {
        self.0.closing.send_replace(true);
    }

    /// Hands out what is new, where somebody follows.
    async fn hand_out(&self, store: &Store) -> Result<()> {
        let followed: Vec<(WorkspaceId, i64)> = {
            let mut channels = self.channels();
            channels.retain(|_, channel| channel.sender.receiver_count() > 0);
            channels.iter().map(|(ws, channel)| (*ws, channel.end)).collect()
        };
        if followed.is_empty() {
            return Ok(());
        }
        let ids: Vec<WorkspaceId> = followed.iter().map(|(ws, _)| *ws).collect();
        let ends: HashMap<WorkspaceId, i64> =
            events::ends(&mut store.point().await?, &ids).await?.into_iter().collect();
        for (ws, mut told) in followed {
            while ends.get(&ws).is_some_and(|end| *end > told) {
                let piece: Piece = events::after(&mut store.point().await?, ws, told).await?.into();
                let Some(last) = piece.last() else { break };
                told = last.place;
                if let Some(channel) = self.channels().get_mut(&ws) {
                    channel.end = told;
                    // Nobody may be left to hear it.
                    let _ = channel.sender.send(piece);
                }
            }
        }
        Ok(())
    }
}

/// Places what is committed, in every workspace in which something waits.
pub async fn arrange(store: &Store) -> Result<()> {
    let waiting = events::waiting(&mut store.point().await?).await?;
    for ws in waiting {
        while store.write(async move |tx| events::arrange(tx, ws).await).await? > 0 {}
    }
    Ok(())
}

async fn turn(app: &App) -> Result<()> {
    arrange(&app.store).await?;
    app.hooks.wake();
    app.live.hand_out(&app.store).await
}

/// Runs the loop until `stop` says so.
pub(crate) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    let _listener = app.store.listen();
    loop {
        let rest = match turn(&app).await {
            Ok(()) => every(&app),
            Err(error) => {
                tracing::warn!(?error, "events could not be handed out");
                TROUBLE
            }
        };
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = app.store.wrote() => {}
            () = tokio::time::sleep(rest) => {}
        }
    }
}
