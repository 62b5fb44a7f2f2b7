//! Deliveries: each event on its way to each webhook that is told of it; their attempts are in [`super::attempts`].
//!
//! What is about the same subject or the same person arrives in the order in which it happened: of these only the first
//! pending one is ever due. Whoever makes deliveries, ends them or brings them back holds the row of the webhook
//! ([`super::webhooks::lock`]), so that two who look for the next one do not miss each other's.

use domain::{
    id::{DeliveryId, PersonId, WebhookId, WorkspaceId},
    webhook::State,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Error, Row, Rx, Sql, Tx,
    dialect::{Uuids, any_uuid, skip_locked},
    statements, time,
};
use crate::error::Result;

/// How many rows are removed at once.
const PIECE: u64 = 1_000;
/// An event that is to be sent to a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Which.
    pub id: DeliveryId,
    /// The event: what the receiver drops repeats by.
    pub event: Uuid,
    /// What happened.
    pub topic: String,
    /// What it is about, beside a person; the workspace, when it is about nothing else.
    pub subject: Uuid,
    /// Whom it is about.
    pub person: Option<PersonId>,
    /// Its place in the workspace's order.
    pub place: i64,
    /// What is sent.
    pub body: String,
}

/// A delivery that this node is to attempt now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Which.
    pub id: DeliveryId,
    /// The event.
    pub event: Uuid,
    /// What is sent.
    pub body: String,
}

/// What the end of an attempt needs to know of its delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub id: DeliveryId,
    /// What it is about.
    pub subject: Uuid,
    /// Whom it is about.
    pub person: Option<PersonId>,
    /// Its place.
    pub place: i64,
    /// Since when it is tried.
    pub since: Timestamp,
    /// How often it has been, this time round.
    pub attempts: i64,
    /// How far it is.
    pub state: State,
    /// Who is at it.
    pub claim: Option<Uuid>,
}

/// A delivery as the log shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Which.
    pub id: DeliveryId,
    /// The event.
    pub event: Uuid,
    /// What happened.
    pub topic: String,
    /// How far it is.
    pub state: State,
    /// Since when it is tried, this time round.
    pub since: Timestamp,
    /// When it is tried next; none while it waits for an earlier one, or at the end.
    pub due: Option<Timestamp>,
    /// Whether it is being tried.
    pub under_way: bool,
    /// How often it has been tried, this time round.
    pub attempts: i64,
    /// When it arrived or died.
    pub ended: Option<Timestamp>,
    /// What is sent.
    pub body: String,
    /// What it is about, beside a person.
    pub subject: Uuid,
    /// Whom it is about.
    pub person: Option<PersonId>,
}

/// Whether no pending delivery of the same subject or person comes before `d`, and none is under way; at the two places of
/// the statement are workspace and webhook.
macro_rules! is_next {
    ($ws:literal, $webhook:literal) => {
        concat!(
            "not exists (select 1 from deliveries e where e.workspace_id = ",
            $ws,
            " and e.webhook_id = ",
            $webhook,
            " and e.state = 'pending' and e.subject_id = d.subject_id and e.delivery_id <> d.delivery_id \
             and (e.place < d.place or e.claim is not null)) \
             and not exists (select 1 from deliveries e where e.workspace_id = ",
            $ws,
            " and e.webhook_id = ",
            $webhook,
            " and e.state = 'pending' and e.person_id is not null and e.person_id = d.person_id \
             and e.delivery_id <> d.delivery_id and (e.place < d.place or e.claim is not null))"
        )
    };
}

macro_rules! columns {
    () => {
        "d.delivery_id, d.event_id, d.topic, d.state, d.since, d.due, d.claim is not null, d.attempts, d.ended, d.body, \
         d.subject_id, d.person_id"
    };
}

macro_rules! log {
    ($where:literal) => {
        concat!(
            "select ",
            columns!(),
            " from deliveries d where d.workspace_id = $1 and d.webhook_id = $2 and ",
            $where,
            " order by d.delivery_id desc limit "
        )
    };
}

statements! {
    INSERT = "insert into deliveries (workspace_id, webhook_id, delivery_id, event_id, topic, subject_id, person_id, \
              place, body, state, since, due) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending', $10, \
              case when exists (select 1 from deliveries e where e.workspace_id = $1 and e.webhook_id = $2 \
              and e.state = 'pending' and e.subject_id = $6) or exists (select 1 from deliveries e \
              where e.workspace_id = $1 and e.webhook_id = $2 and e.state = 'pending' and e.person_id is not null \
              and e.person_id = $7) then null else cast($10 as bigint) end) \
              on conflict (workspace_id, webhook_id, event_id) do nothing";
    LOOK_DUE = skip_locked!(
        "select d.delivery_id, d.event_id, d.body from deliveries d where d.workspace_id = $1 and d.webhook_id = $2 \
         and d.state = 'pending' and d.due is not null and d.due <= $3 order by d.due, d.place limit $4"
    );
    CLAIM = any_uuid!("update deliveries set claim = $1, due = $2 where workspace_id = $3 and ", "delivery_id" in "$4", "");
    HOLD = "select d.delivery_id, d.subject_id, d.person_id, d.place, d.since, d.attempts, d.state, d.claim \
            from deliveries d where d.workspace_id = $1 and d.webhook_id = $2 and d.delivery_id = $3";
    RELEASE = "update deliveries set claim = null, due = $1 where workspace_id = $2 and delivery_id = $3 and claim = $4";
    AGAIN = "update deliveries set claim = null, due = $1, attempts = attempts + 1 \
             where workspace_id = $2 and delivery_id = $3 and claim = $4";
    END = "update deliveries set claim = null, due = null, attempts = attempts + 1, state = $1, ended = $2 \
           where workspace_id = $3 and delivery_id = $4 and claim = $5";
    FIRST_OF_SUBJECT = "select d.delivery_id from deliveries d where d.workspace_id = $1 and d.webhook_id = $2 \
                        and d.state = 'pending' and d.subject_id = $3 order by d.place limit 1";
    FIRST_OF_PERSON = "select d.delivery_id from deliveries d where d.workspace_id = $1 and d.webhook_id = $2 \
                       and d.state = 'pending' and d.person_id is not null and d.person_id = $3 \
                       order by d.place limit 1";
    MAKE_DUE = Sql::both(concat!(
        "update deliveries as d set due = $1 where d.workspace_id = $2 and d.webhook_id = $3 and d.delivery_id = $4 \
         and d.state = 'pending' and d.due is null and ", is_next!("$2", "$3")
    ));
    WAIT = Sql::both(concat!(
        "update deliveries as d set due = null where d.workspace_id = $1 and d.webhook_id = $2 and d.delivery_id = $3 \
         and d.state = 'pending' and d.claim is null and d.due is not null and not (", is_next!("$1", "$2"), ")"
    ));
    PUT_BACK_SUBJECT = "update deliveries set due = null where workspace_id = $1 and webhook_id = $2 \
                        and state = 'pending' and subject_id = $3 and place > $4 and claim is null and due is not null";
    PUT_BACK_PERSON = "update deliveries set due = null where workspace_id = $1 and webhook_id = $2 \
                       and state = 'pending' and person_id is not null and person_id = $3 and place > $4 \
                       and claim is null and due is not null";
    REVIVE = "update deliveries set state = 'pending', since = $1, due = null, ended = null, attempts = 0 \
              where workspace_id = $2 and delivery_id = $3 and state <> 'pending'";
    SOME_DEAD = "select d.delivery_id from deliveries d where d.workspace_id = $1 and d.webhook_id = $2 \
                 and d.state = 'dead' order by d.delivery_id limit 200";
    LOOK = Sql::both(concat!(
        "select ", columns!(), " from deliveries d \
         where d.workspace_id = $1 and d.webhook_id = $2 and d.delivery_id = $3"
    ));
    LOG = Sql::both(concat!(log!("d.delivery_id < $3"), "$4"));
    LOG_STATE = Sql::both(concat!(log!("d.state = $3 and d.delivery_id < $4"), "$5"));
    COUNT = "select count(*) from (select 1 from deliveries d where d.workspace_id = $1 and d.webhook_id = $2 \
             and d.state = $3 limit 10001) x";
    OLDEST = "select d.since from deliveries d where d.workspace_id = $1 and d.webhook_id = $2 and d.state = 'pending' \
              order by d.state, d.delivery_id limit 1";
    PENDING = scan "select d.workspace_id, count(*), min(d.since) from deliveries d where d.state = 'pending' \
               group by d.workspace_id";
    OLD = "select d.delivery_id from deliveries d where d.workspace_id = $1 and d.ended is not null and d.ended < $2 \
           order by d.ended, d.delivery_id limit 1000";
    OF_WEBHOOK = "select d.delivery_id from deliveries d where d.workspace_id = $1 and d.webhook_id = $2 \
                  order by d.delivery_id limit 1000";
    DELETE_ATTEMPTS = any_uuid!("delete from delivery_attempts where workspace_id = $1 and ", "delivery_id" in "$2", "");
    DELETE = any_uuid!("delete from deliveries where workspace_id = $1 and ", "delivery_id" in "$2", "");
    OLD_ANSWERS = "delete from delivery_answers where workspace_id = $1 and at < $2";
    DELETE_ANSWERS = "delete from delivery_answers where workspace_id = $1 and webhook_id = $2";
}

/// Saves a delivery: due now, or when what it waits for has ended. One that is there already (the same event at the same
/// webhook) is left alone.
pub async fn insert(
    tx: &mut Tx,
    ws: WorkspaceId,
    webhook: WebhookId,
    new: &NewDelivery,
    now: Timestamp,
) -> Result<()> {
    tx.exec(
        &INSERT,
        &[
            &ws.uuid(),
            &webhook.uuid(),
            &new.id.uuid(),
            &new.event,
            &new.topic,
            &new.subject,
            &new.person.map(PersonId::uuid),
            &new.place,
            &new.body,
            &time::micros(now),
        ],
    )
    .await?;
    Ok(())
}

/// Takes up to so many that are due, until that time; no other node takes them meanwhile.
pub async fn claim(
    tx: &mut Tx,
    ws: WorkspaceId,
    webhook: WebhookId,
    (claim, most): (Uuid, i64),
    (now, until): (Timestamp, Timestamp),
) -> Result<Vec<Claimed>> {
    let found = tx
        .all(&LOOK_DUE, &[&ws.uuid(), &webhook.uuid(), &time::micros(now), &most], |row| {
            Ok(Claimed { id: DeliveryId::from_uuid(row.get(0)?), event: row.get(1)?, body: row.get(2)? })
        })
        .await?;
    if !found.is_empty() {
        let ids: Uuids = found.iter().map(|one| one.id.uuid()).collect();
        tx.exec(&CLAIM, &[&claim, &time::micros(until), &ws.uuid(), &ids]).await?;
    }
    Ok(found)
}

/// A delivery as the end of an attempt finds it. The webhook is held.
pub async fn hold(tx: &mut Tx, ws: WorkspaceId, webhook: WebhookId, id: DeliveryId) -> Result<Option<Held>> {
    tx.one(&HOLD, &[&ws.uuid(), &webhook.uuid(), &id.uuid()], |row| {
        Ok(Held {
            id: DeliveryId::from_uuid(row.get(0)?),
            subject: row.get(1)?,
            person: row.get::<Option<_>>(2)?.map(PersonId::from_uuid),
            place: row.get(3)?,
            since: row.time(4)?,
            attempts: row.get(5)?,
            state: State::parse(&row.get::<String>(6)?).ok_or(Error::Value("deliveries.state"))?,
            claim: row.get(7)?,
        })
    })
    .await
}

/// Gives one back that was not attempted to its end.
pub async fn release(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: DeliveryId,
    claim: Uuid,
    due: Timestamp,
) -> Result<()> {
    tx.exec(&RELEASE, &[&time::micros(due), &ws.uuid(), &id.uuid(), &claim]).await?;
    Ok(())
}

/// Notes a failure after which it is tried again then.
pub async fn again(tx: &mut Tx, ws: WorkspaceId, id: DeliveryId, claim: Uuid, due: Timestamp) -> Result<()> {
    tx.exec_one(&AGAIN, &[&time::micros(due), &ws.uuid(), &id.uuid(), &claim]).await
}

/// Notes the end of a delivery.
pub async fn end(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: DeliveryId,
    (claim, state): (Uuid, State),
    now: Timestamp,
) -> Result<()> {
    tx.exec_one(&END, &[&state.word(), &time::micros(now), &ws.uuid(), &id.uuid(), &claim]).await
}

/// Makes due what may go now of the same subject and person. The webhook is held.
pub async fn settle(
    tx: &mut Tx,
    ws: WorkspaceId,
    webhook: WebhookId,
    (subject, person): (Uuid, Option<PersonId>),
    now: Timestamp,
) -> Result<()> {
    let read = |row: &Row<'_>| row.get::<Uuid>(0);
    let mut first = tx.all(&FIRST_OF_SUBJECT, &[&ws.uuid(), &webhook.uuid(), &subject], read).await?;
    if let Some(person) = person {
        first.extend(tx.all(&FIRST_OF_PERSON, &[&ws.uuid(), &webhook.uuid(), &person.uuid()], read).await?);
    }
    for id in first {
        tx.exec(&MAKE_DUE, &[&time::micros(now), &ws.uuid(), &webhook.uuid(), &id]).await?;
    }
    Ok(())
}

/// Lets one that is to be tried again wait for an earlier one that is pending again. The webhook is held.
pub async fn wait(tx: &mut Tx, ws: WorkspaceId, webhook: WebhookId, id: DeliveryId) -> Result<()> {
    tx.exec(&WAIT, &[&ws.uuid(), &webhook.uuid(), &id.uuid()]).await?;
    Ok(())
}

/// Lets what comes later of the same subject and person wait again for one that is pending again; what is under way
/// comes to its end first. The webhook is held.
pub async fn put_back(tx: &mut Tx, ws: WorkspaceId, webhook: WebhookId, before: &Held) -> Result<()> {
    tx.exec(&PUT_BACK_SUBJECT, &[&ws.uuid(), &webhook.uuid(), &before.subject, &before.place]).await?;
    if let Some(person) = before.person {
        tx.exec(&PUT_BACK_PERSON, &[&ws.uuid(), &webhook.uuid(), &person.uuid(), &before.place]).await?;
    }
    Ok(())
}

/// Makes one that has ended pending again; answers whether it had ended.
pub async fn revive(tx: &mut Tx, ws: WorkspaceId, id: DeliveryId, now: Timestamp) -> Result<bool> {
    Ok(tx.exec(&REVIVE, &[&time::micros(now), &ws.uuid(), &id.uuid()]).await? == 1)
}

/// Some that are dead, the oldest first.
pub async fn some_dead(rx: &mut Rx, ws: WorkspaceId, webhook: WebhookId) -> Result<Vec<DeliveryId>> {
    rx.all(&SOME_DEAD, &[&ws.uuid(), &webhook.uuid()], |row| Ok(DeliveryId::from_uuid(row.get(0)?))).await
}

fn from_row(row: &Row<'_>) -> Result<Delivery> {
    Ok(Delivery {
        id: DeliveryId::from_uuid(row.get(0)?),
        event: row.get(1)?,
        topic: row.get(2)?,
        state: State::parse(&row.get::<String>(3)?).ok_or(Error::Value("deliveries.state"))?,
        since: row.time(4)?,
        due: row.time_opt(5)?,
        under_way: row.get(6)?,
        attempts: row.get(7)?,
        ended: row.time_opt(8)?,
        body: row.get(9)?,
        subject: row.get(10)?,
        person: row.get::<Option<_>>(11)?.map(PersonId::from_uuid),
    })
}

/// One delivery.
pub async fn look(
    rx: &mut Rx,
    ws: WorkspaceId,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Option<Delivery>> {
    rx.one(&LOOK, &[&ws.uuid(), &webhook.uuid(), &id.uuid()], from_row).await
}

/// Up to so many before this one, the newest first; of one state, if that is asked.
pub async fn log(
    rx: &mut Rx,
    ws: WorkspaceId,
    webhook: WebhookId,
    (state, before): (Option<State>, Option<DeliveryId>),
    most: i64,
) -> Result<Vec<Delivery>> {
    let before = before.map_or(Uuid::max(), DeliveryId::uuid);
    match state {
        None => rx.all(&LOG, &[&ws.uuid(), &webhook.uuid(), &before, &most], from_row).await,
        Some(state) => {
            let word = state.word();
            rx.all(&LOG_STATE, &[&ws.uuid(), &webhook.uuid(), &word, &before, &most], from_row).await
        }
    }
}

/// How many are in this state; counted to 10,000, beyond that it answers 10,001.
pub async fn count(rx: &mut Rx, ws: WorkspaceId, webhook: WebhookId, state: State) -> Result<i64> {
    let counted = rx.one(&COUNT, &[&ws.uuid(), &webhook.uuid(), &state.word()], |row| row.get(0)).await?;
    Ok(counted.unwrap_or(0))
}

/// Since when the oldest pending one is tried.
pub async fn oldest(rx: &mut Rx, ws: WorkspaceId, webhook: WebhookId) -> Result<Option<Timestamp>> {
    rx.one(&OLDEST, &[&ws.uuid(), &webhook.uuid()], |row| row.time(0)).await
}

/// How many are pending in each workspace, and since when the oldest of them is tried. Reads all that are pending.
pub async fn pending(rx: &mut Rx) -> Result<Vec<(WorkspaceId, i64, Timestamp)>> {
    rx.all(&PENDING, &[], |row| Ok((WorkspaceId::from_uuid(row.get(0)?), row.get(1)?, row.time(2)?))).await
}

/// Forgets some that ended before a moment; answers whether there may be more.
pub async fn purge(tx: &mut Tx, ws: WorkspaceId, before: Timestamp) -> Result<bool> {
    tx.exec(&OLD_ANSWERS, &[&ws.uuid(), &time::micros(before)]).await?;
    let old = tx.all(&OLD, &[&ws.uuid(), &time::micros(before)], |row| row.get::<Uuid>(0)).await?;
    delete(tx, ws, old).await
}

/// Removes some of a webhook that was deleted; answers whether there may be more.
pub async fn remove(tx: &mut Tx, ws: WorkspaceId, webhook: WebhookId) -> Result<bool> {
    tx.exec(&DELETE_ANSWERS, &[&ws.uuid(), &webhook.uuid()]).await?;
    let all = tx.all(&OF_WEBHOOK, &[&ws.uuid(), &webhook.uuid()], |row| row.get::<Uuid>(0)).await?;
    delete(tx, ws, all).await
}

async fn delete(tx: &mut Tx, ws: WorkspaceId, ids: Vec<Uuid>) -> Result<bool> {
    let ids: Uuids = ids.into_iter().collect();
    tx.exec(&DELETE_ATTEMPTS, &[&ws.uuid(), &ids]).await?;
    Ok(tx.exec(&DELETE, &[&ws.uuid(), &ids]).await? == PIECE)
}
