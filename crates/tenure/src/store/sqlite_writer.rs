//! The writer thread: the one place where the embedded database is changed.

use super::sqlite::{CACHE, Conn};
use super::sqlite_reader::Lease;
use super::{Error, Rx, Tx, guard};
use crate::Result;
use prometheus_client::metrics::histogram::Histogram;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// A group is committed when it holds this many writes …
const GROUP: usize = 256;
/// … or has been open this long, so that nobody waits behind an endless stream.
const GROUP_TIME: Duration = Duration::from_millis(10);

/// The page cache of a large write, in KiB: its indexes are written at random places, and each page that is not there is
/// looked for in a log that holds everything written since it began.
const LARGE_CACHE: i64 = 512 * 1024;

/// Why a transaction was not kept.
#[derive(Clone)]
enum Lost {
    /// There was no room for it.
    Full,
    /// It came to no commit: the database undid it by itself, or it could not go on.
    Undone(String),
    /// Its commit failed, and what that left is not known.
    Unsure(String),
}

impl Lost {
    /// `SQLite` writes the end of a transaction last: what found no room for all of it is not there.
    fn at_commit(error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Unsure(error.to_string()),
        }
    }

    fn before_commit(error: &rusqlite::Error) -> Self {
        match Self::at_commit(error) {
            Self::Unsure(why) => Self::Undone(why),
            known => known,
        }
    }

    fn gave_up(job: &dyn Job) -> Self {
        if job.met_full_disk() { Self::Full } else { Self::Undone(GAVE_UP.to_owned()) }
    }
}

impl From<Lost> for Error {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Full => Self::Full,
            Lost::Undone(why) => Self::Undone(why),
            Lost::Unsure(why) => Self::Commit(why),
        }
    }
}

/// A full disk or an I/O error makes `SQLite` roll back everything on its own.
const GAVE_UP: &str = "the database gave up the transaction that this write was part of";

/// How much a write may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// A few pages: it shares a transaction with its neighbours.
    Small,
    /// A large part of the database: it has one for itself.
    Large,
}

/// A write on its way through the writer thread.
pub(super) trait Job: Send {
    /// Whether its caller still waits.
    fn wanted(&self) -> bool;
    /// How much it may change.
    fn extent(&self) -> Extent;
    /// Runs the operation; true if its changes are to be kept.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Whether it failed for want of room.
    fn met_full_disk(&self) -> bool;
    /// Answers the caller: with the operation's own result, or with why the group failed.
    fn answer(self: Box<Self>, failure: Option<Error>);
}

pub(super) struct OpJob<T, F> {
    op: F,
    extent: Extent,
    outcome: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T, F> OpJob<T, F> {
    pub(super) fn new(op: F, extent: Extent, answer: oneshot::Sender<Result<T>>) -> Self {
        Self { op, extent, outcome: None, answer }
    }
}

impl<T, F> Job for OpJob<T, F>
where
    T: Send,
    F: AsyncFn(&mut Tx) -> Result<T> + Send + Sync,
{
    fn wanted(&self) -> bool {
        !self.answer.is_closed()
    }

    fn extent(&self) -> Extent {
        self.extent
    }

    fn run(&mut self, tx: &mut Tx) -> bool {
        // Its futures are always ready here: one poll runs the whole operation.
        let polled = catch_unwind(AssertUnwindSafe(|| {
            let mut future = pin!((self.op)(tx));
            future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        }));
        let outcome = match polled {
            Ok(Poll::Ready(outcome)) => tx.judge(outcome),
            Ok(Poll::Pending) => Err(Error::Waited.into()),
            Err(payload) => Err(guard::panicked(payload.as_ref()).into()),
        };
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn met_full_disk(&self) -> bool {
        matches!(&self.outcome, Some(Err(crate::Error::Store(error))) if error.is_full())
    }

    fn answer(self: Box<Self>, failure: Option<Error>) {
        let outcome = match (failure, self.outcome) {
            (Some(failure), _) => Err(failure.into()),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(Error::Closed.into()),
        };
        // The caller may have left; then the write stands without a listener.
        let _ = self.answer.send(outcome);
    }
}

/// Runs until the last sender is gone.
pub(super) fn run(db: Connection, mut queue: mpsc::Receiver<Box<dyn Job>>, groups: &Histogram) {
    let mut tx = Tx(Rx::sqlite(Conn { lease: Some(Lease::writer(db)), failed: None }));
    let mut next = None;
    while let Some(first) = next.take().or_else(|| queue.blocking_recv()) {
        let Some(first) = begin(&tx, first, &mut queue) else { continue };
        match first.extent() {
            Extent::Small => {
                let (rest, size) = group(&mut tx, first, &mut queue);
                groups.observe(size);
                next = rest;
            }
            Extent::Large => {
                groups.observe(1.0);
                alone(&mut tx, first);
            }
        }
    }
}

/// Begins a transaction for this write and whoever waits behind it; `None` when all of them had to be refused.
fn begin(tx: &Tx, first: Box<dyn Job>, queue: &mut mpsc::Receiver<Box<dyn Job>>) -> Option<Box<dyn Job>> {
    let Err(error) = step(tx, "begin immediate") else { return Some(first) };
    // Another process holds the file. Whoever queued has waited long enough too: nothing of theirs runs. All are
    // taken before the first is answered, or a write that comes after the answer would be refused unheard.
    let mut refused = vec![first];
    while let Ok(job) = queue.try_recv() {
        refused.push(job);
    }
    for job in refused {
        job.answer(Some(Error::Begin(error.to_string())));
    }
    None
}

#[expect(clippy::disallowed_methods, reason = "it bounds how long others wait; no result depends on it")]
/// One transaction, which is open: the first write and whoever waits behind it, up to a large one, which is handed back
/// with how many writes it was.
fn group(
    tx: &mut Tx,
    first: Box<dyn Job>,
    queue: &mut mpsc::Receiver<Box<dyn Job>>,
) -> (Option<Box<dyn Job>>, f64) {
    let began = Instant::now();
    let mut done = Vec::new();
    let mut next = Some(first);
    let mut broken = None;
    while let Some(mut job) = next.take_if(|job| job.extent() == Extent::Small) {
        if job.wanted() {
            broken = in_savepoint(tx, job.as_mut()).err();
            done.push(job);
        }
        if broken.is_none() && done.len() < GROUP && began.elapsed() < GROUP_TIME {
            next = queue.try_recv().ok();
        }
    }
    let failure = end(tx, broken);
    // At most [`GROUP`].
    let size = u32::try_from(done.len()).unwrap_or(u32::MAX).into();
    for job in done {
        job.answer(failure.clone().map(Error::from));
    }
    (next, size)
}

/// One transaction, which is open, for one write.
fn alone(tx: &mut Tx, mut job: Box<dyn Job>) {
    // Both only make it quicker and smaller: without them it is as right.
    let set = |tx: &Tx, text: &str| drop(tx.sqlite_db().map(|db| db.execute_batch(text)));
    set(tx, &format!("pragma cache_size = -{LARGE_CACHE}"));
    tx.forget_failure();
    let keep = job.wanted() && job.run(tx);
    let broken = autocommit(tx).then(|| Lost::gave_up(job.as_ref()));
    let failure = if keep || broken.is_some() {
        end(tx, broken)
    } else {
        step(tx, "rollback").err().map(|e| Lost::before_commit(&e))
    };
    set(tx, &format!("pragma cache_size = -{CACHE}; pragma shrink_memory"));
    job.answer(failure.map(Error::from));
}

/// Commits, unless the transaction is broken; answers why it was not kept.
fn end(tx: &Tx, broken: Option<Lost>) -> Option<Lost> {
    let failure = broken.or_else(|| step(tx, "commit").err().map(|e| Lost::at_commit(&e)));
    if failure.is_some() && !autocommit(tx) {
        let _ = step(tx, "rollback");
    }
    failure
}

/// Runs one write so that its failure leaves its neighbours alone. An error means that the whole group is lost.
fn in_savepoint(tx: &mut Tx, job: &mut dyn Job) -> Result<(), Lost> {
    let lost = |e: rusqlite::Error| Lost::before_commit(&e);
    step(tx, "savepoint op").map_err(lost)?;
    tx.forget_failure();
    let keep = job.run(tx);
    if autocommit(tx) {
        return Err(Lost::gave_up(job));
    }
    if !keep {
        step(tx, "rollback to op").map_err(lost)?;
    }
    step(tx, "release op").map_err(lost)
}

fn step(tx: &Tx, text: &str) -> rusqlite::Result<()> {
    let db = tx.sqlite_db().ok_or(rusqlite::Error::InvalidQuery)?;
    db.prepare_cached(text)?.raw_execute().map(drop)
}

fn autocommit(tx: &Tx) -> bool {
    tx.sqlite_db().is_none_or(Connection::is_autocommit)
}
