//! Attempts: each time that a delivery was tried, and the few answers that are kept.

use std::collections::HashMap;

use domain::id::{DeliveryId, WebhookId, WorkspaceId};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Rx, Tx,
    dialect::{Uuids, any_uuid},
    statements, time,
};
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
    LATEST = any_uuid!(
        "select a.delivery_id, a.status, a.failure from delivery_attempts a where a.workspace_id = $1 \
         and a.attempt_id = (select b.attempt_id from delivery_attempts b where b.workspace_id = a.workspace_id \
         and b.delivery_id = a.delivery_id order by b.attempt_id desc limit 1) and ",
        "a.delivery_id" in "$2", ""
    );
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

/// How the last attempt of a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// What the receiver answered.
    pub status: Option<i64>,
    /// Why there was no answer, as a word; empty when there was one.
    pub failure: String,
}

/// How the last attempt of each of several deliveries ended; those that were not tried yet are left out.
pub async fn latest(
    rx: &mut Rx,
    ws: WorkspaceId,
    ids: impl IntoIterator<Item = DeliveryId>,
) -> Result<HashMap<DeliveryId, Latest>> {
    let ids: Uuids = ids.into_iter().map(DeliveryId::uuid).collect();
    let found = rx
        .all(&LATEST, &[&ws.uuid(), &ids], |row| {
            Ok((DeliveryId::from_uuid(row.get(0)?), Latest { status: row.get(1)?, failure: row.get(2)? }))
        })
        .await?;
    Ok(found.into_iter().collect())
}

/// Forgets what receivers answered, since somebody is deleted: they may have named them.
pub async fn forget_answers(tx: &mut Tx, ws: WorkspaceId) -> Result<()> {
    tx.exec(&FORGET_ANSWERS, &[&ws.uuid()]).await?;
    Ok(())
}
