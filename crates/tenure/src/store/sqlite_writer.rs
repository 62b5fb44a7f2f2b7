//! The writer thread: the one place where the embedded database is changed.

use super::sqlite::Conn;
use super::sqlite_reader::Lease;
use super::{Error, Rx, Tx, guard};
use crate::Result;
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

/// A write on its way through the writer thread.
pub(super) trait Job: Send {
    /// Whether its caller still waits.
    fn wanted(&self) -> bool;
    /// Runs the operation; true if its changes are to be kept.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Answers the caller: with the operation's own result, or with why the group failed.
    fn answer(self: Box<Self>, failure: Option<Error>);
}

pub(super) struct OpJob<T, F> {
    op: F,
    outcome: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T, F> OpJob<T, F> {
    pub(super) fn new(op: F, answer: oneshot::Sender<Result<T>>) -> Self {
        Self { op, outcome: None, answer }
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
pub(super) fn run(db: Connection, mut queue: mpsc::Receiver<Box<dyn Job>>) {
    let mut tx = Tx(Rx::sqlite(Conn { lease: Some(Lease::writer(db)), failed: None }));
    while let Some(first) = queue.blocking_recv() {
        group(&mut tx, first, &mut queue);
    }
}

#[expect(clippy::disallowed_methods, reason = "it bounds how long others wait; no result depends on it")]
/// One transaction: the first write and whoever waits behind it.
fn group(tx: &mut Tx, first: Box<dyn Job>, queue: &mut mpsc::Receiver<Box<dyn Job>>) {
    if let Err(error) = step(tx, "begin immediate") {
        // Another process holds the file. Whoever queued has waited long enough too: nothing of theirs runs. All are
        // taken before the first is answered, or a write that comes after the answer would be refused unheard.
        let mut refused = vec![first];
        while let Ok(job) = queue.try_recv() {
            refused.push(job);
        }
        for job in refused {
            job.answer(Some(Error::Begin(error.to_string())));
        }
        return;
    }
    let began = Instant::now();
    let mut done = Vec::new();
    let mut next = Some(first);
    let mut broken = None;
    while let Some(mut job) = next.take() {
        if job.wanted() {
            broken = in_savepoint(tx, job.as_mut()).err();
            done.push(job);
        }
        if broken.is_none() && done.len() < GROUP && began.elapsed() < GROUP_TIME {
            next = queue.try_recv().ok();
        }
    }
    let failure = broken.or_else(|| step(tx, "commit").err().map(|e| e.to_string()));
    if failure.is_some() && !autocommit(tx) {
        let _ = step(tx, "rollback");
    }
    for job in done {
        job.answer(failure.clone().map(Error::Commit));
    }
}

/// Runs one write so that its failure leaves its neighbours alone. An error means that the whole group is lost.
fn in_savepoint(tx: &mut Tx, job: &mut dyn Job) -> Result<(), String> {
    let lost = |e: rusqlite::Error| e.to_string();
    step(tx, "savepoint op").map_err(lost)?;
    tx.forget_failure();
    let keep = job.run(tx);
    // A full disk or an I/O error makes SQLite roll back everything on its own.
    if autocommit(tx) {
        return Err("the database gave up the transaction that this write was part of".into());
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
