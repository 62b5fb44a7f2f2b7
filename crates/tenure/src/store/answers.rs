//! Answers to requests that came with a key (`Idempotency-Key`), kept for a day: a repeat of one is answered, not done
//! again.
//!
//! A key is taken before its request is handled. Each write of the request says in its own transaction that the
//! request has changed something ([`marking`]), so that after a crash it is known whether it may be done again.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::id::WorkspaceId;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Row, Rx, Tx, bind, statements, time};
use crate::error::Result;

statements! {
    TAKE = "insert into answers (workspace_id, bearer_id, key_digest, asked_digest, at) values ($1, $2, $3, $4, $5) \
            on conflict (workspace_id, bearer_id, key_digest) do nothing";
    FIND = "select asked_digest, at, acted, forgotten, status, head, body from answers \
            where workspace_id = $1 and bearer_id = $2 and key_digest = $3";
    TAKE_OVER = "update answers set at = $1, forgotten = false where workspace_id = $2 and bearer_id = $3 and key_digest = $4 and at = $5 \
                 and status is null and acted = false";
    ACTED = "update answers set acted = true where workspace_id = $1 and bearer_id = $2 and key_digest = $3";
    KEEP = "update answers set status = $1, head = $2, body = $3 \
            where workspace_id = $4 and bearer_id = $5 and key_digest = $6 and forgotten = false";
    RELEASE = "delete from answers where workspace_id = $1 and bearer_id = $2 and key_digest = $3 and acted = false";
    FORGET = "update answers set head = null, body = null, forgotten = true where workspace_id = $1 and forgotten = false";
    PURGE = "delete from answers where workspace_id = $1 and at < $2";
}

/// A key, as one bearer has sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The person or the token that sent it.
    pub bearer: Uuid,
    /// SHA-256 of the key.
    pub digest: [u8; 32],
}

/// What is kept of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: i64,
    /// The header fields, as JSON; none when the answer is kept no longer.
    pub head: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// What is known of a key that was sent before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// SHA-256 of what was asked with it.
    pub asked: Vec<u8>,
    /// When.
    pub at: Timestamp,
    /// Whether that has changed something.
    pub acted: bool,
    /// Whether its answer is not to be kept, since somebody was deleted after it began.
    pub forgotten: bool,
    /// Its answer, once it is there.
    pub answer: Option<Answer>,
}

fn from_row(row: &Row<'_>) -> Result<Kept> {
    let answer = match row.get::<Option<i64>>(4)? {
        Some(status) => Some(Answer {
            status,
            head: row.get(5)?,
            body: row.get::<Option<Vec<u8>>>(6)?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(Kept { asked: row.get(0)?, at: row.time(1)?, acted: row.get(2)?, forgotten: row.get(3)?, answer })
}

/// Takes a key for what is asked; `false` when it was sent before.
pub async fn take(tx: &mut Tx, key: &Key, asked: [u8; 32], now: Timestamp) -> Result<bool> {
    let (digest, asked) = (key.digest.to_vec(), asked.to_vec());
    let rows =
        tx.exec(&TAKE, &[&key.workspace.uuid(), &key.bearer, &digest, &asked, &time::micros(now)]).await?;
    Ok(rows == 1)
}

/// What is known of a key.
pub async fn find(rx: &mut Rx, key: &Key) -> Result<Option<Kept>> {
    rx.one(&FIND, &[&key.workspace.uuid(), &key.bearer, &key.digest.to_vec()], from_row).await
}

/// Takes a key whose request, begun at a moment, has ended without an answer and without changing anything; `false` when
/// another has taken it meanwhile.
pub async fn take_over(tx: &mut Tx, key: &Key, at: Timestamp, now: Timestamp) -> Result<bool> {
    let digest = key.digest.to_vec();
    let (now, at) = (time::micros(now), time::micros(at));
    let rows = tx.exec(&TAKE_OVER, &[&now, &key.workspace.uuid(), &key.bearer, &digest, &at]).await?;
    Ok(rows == 1)
}

/// Keeps the answer, unless somebody was deleted since the request began: it may name them.
pub fn keep(tx: &mut Tx, key: &Key, answer: Answer) -> Result<()> {
    tx.soon(
        &KEEP,
        bind![answer.status, answer.head, answer.body, key.workspace.uuid(), key.bearer, key.digest.to_vec()],
    )
}

/// Lets a key be used again, unless its request has changed something.
pub fn release(tx: &mut Tx, key: &Key) -> Result<()> {
    tx.soon(&RELEASE, bind![key.workspace.uuid(), key.bearer, key.digest.to_vec()])
}

/// Forgets what the answers of a workspace say, and those of requests under way: one of them may name somebody who is
/// being deleted. That the requests were done stays.
pub fn forget(tx: &mut Tx, ws: WorkspaceId) -> Result<()> {
    tx.soon(&FORGET, bind![ws.uuid()])
}

/// Removes what was kept before a moment.
pub fn purge(tx: &mut Tx, ws: WorkspaceId, before: Timestamp) -> Result<()> {
    tx.soon(&PURGE, bind![ws.uuid(), time::micros(before)])
}

tokio::task_local! {
    /// Of the request that this task handles.
    static MARK: Mark;
}

/// Knows whether a write of a request was kept, and says so, where the request has a key, in each of its writes.
#[derive(Debug, Clone, Default)]
pub struct Mark {
    key: Option<Key>,
    acted: Arc<AtomicBool>,
}

impl Mark {
    /// For the request of a key.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self { key: Some(key), acted: Arc::default() }
    }

    /// Whether a write of the request was kept.
    #[must_use]
    pub fn has_acted(&self) -> bool {
        self.acted.load(Ordering::Acquire)
    }

    /// The mark of the request that this task handles, if it has one.
    pub(super) fn here() -> Option<Self> {
        MARK.try_with(Clone::clone).ok()
    }

    pub(super) fn set(&self, tx: &mut Tx) -> Result<()> {
        let Some(key) = &self.key else { return Ok(()) };
        tx.soon_one(&ACTED, bind![key.workspace.uuid(), key.bearer, key.digest.to_vec()])
    }

    pub(super) fn kept(&self) {
        self.acted.store(true, Ordering::Release);
    }
}

/// Whether a write was kept of the request that this task handles.
pub(crate) fn have_acted() -> bool {
    Mark::here().is_some_and(|mark| mark.has_acted())
}

/// Handles a request so that its writes are marked.
pub async fn marking<F: Future>(mark: Mark, request: F) -> F::Output {
    MARK.scope(mark, request).await
}
