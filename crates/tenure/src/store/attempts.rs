//! Attempts: each time that a delivery was tried, and the few answers that are kept.

use domain::id::{DeliveryId, WebhookId, WorkspaceId};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Rx, Tx, statements, time};
use crate::error::Result;

/// How many answers are kept of each webhook.
pub const ANSWERS: i64 = 32;

/// One time that it was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub millis: i64,
    /// What the receiver answered.
    pub status: Option<i64>,
    /// Why there was no answer, as a word; empty when there was one.
    pub failure: String,
    /// The beginning of an answer that was no success, while it is kept.
    pub answer: String,
}

statements! {
    INSERT = "insert into delivery_attempts (workspace_id, delivery_id, attempt_id, at, millis, status, failure) \
                      values ($1, $2, $3, $4, $5, $6, $7)";
    KEEP_ANSWER = "insert into delivery_answers (workspace_id, webhook_id, slot, attempt_id, at, answer) \
                   values ($1, $2, $3, $4, $5, $6) on conflict (workspace_id, webhook_id, slot) \
                   do update set attempt_id = excluded.attempt_id, at = excluded.at, answer = excluded.answer";
    OF_DELIVERY = "select a.at, a.millis, a.status, a.failure, coalesce(w.answer, '') from delivery_attempts a \
                left join delivery_answers w on w.workspace_id = a.workspace_id and w.webhook_id = $1 \
                and w.attempt_id = a.attempt_id \
                where a.workspace_id = $2 and a.delivery_id = $3 order by a.attempt_id desc limit 100";
    FORGET_ANSWERS = "delete from delivery_answers where workspace_id = $1";
}

/// Saves an attempt.
pub async fn insert(
    tx: &mut Tx,
    ws: WorkspaceId,
    (delivery, id): (DeliveryId, Uuid),
    attempt: &Attempt,
) -> Result<()> {
    tx.exec_one(
        &INSERT,
        &[
            &ws.uuid(),
            &delivery.uuid(),
            &id,
            &time::micros(attempt.at),
            &attempt.millis,
            &attempt.status,
            &attempt.failure,
        ],
    )
    .await
}

/// Keeps the beginning of an answer, in the place of the oldest of the few that are kept. The webhook is held.
pub async fn keep_answer(
    tx: &mut Tx,
    ws: WorkspaceId,
    (webhook, turn): (WebhookId, i64),
    attempt: Uuid,
    (at, answer): (Timestamp, &str),
) -> Result<()> {
    let slot = turn.rem_euclid(ANSWERS);
    tx.exec_one(&KEEP_ANSWER, &[&ws.uuid(), &webhook.uuid(), &slot, &attempt, &time::micros(at), &answer])
        .await
}

/// The attempts, the newest first; 100 at most.
pub async fn of_delivery(
    rx: &mut Rx,
    ws: WorkspaceId,
    webhook: WebhookId,
    delivery: DeliveryId,
) -> Result<Vec<Attempt>> {
    rx.all(&OF_DELIVERY, &[&webhook.uuid(), &ws.uuid(), &delivery.uuid()], |row| {
        Ok(Attempt {
            at: row.time(0)?,
            millis: row.get(1)?,
            status: row.get(2)?,
            failure: row.get(3)?,
            answer: row.get(4)?,
        })
    })
    .await
}

/// Forgets what receivers answered, since somebody is deleted: they may have named them.
pub async fn forget_answers(tx: &mut Tx, ws: WorkspaceId) -> Result<()> {
    tx.exec(&FORGET_ANSWERS, &[&ws.uuid()]).await?;
    Ok(())
}
