//! Events: the outbox that webhooks and open pages are told from.
//!
//! An event is written in the transaction of its cause, and is placed afterwards ([`arrange`]): on `PostgreSQL` a
//! transaction that began earlier may end later, so only what is committed gets a place, and nothing comes before it
//! any more. Whoever has read up to a place has missed nothing.

use domain::{
    event::Audience,
    id::{PersonId, WorkspaceId},
};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{
    Engine, Row, Rx, Sql, Tx, bind,
    dialect::{Uuids, any_uuid, from_rows, skip_locked},
    rows, statements, time,
};
use crate::error::Result;

/// What the nodes of a `PostgreSQL` database tell each other by.
pub(super) const CHANNEL: &str = "tenure_events";

/// How many events [`after`] reads at most.
pub const PAGE: usize = 500;

/// An event that happens now.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// The event.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub topic: &'static str,
    /// Who may hear of it.
    pub audience: Audience,
    /// What it is about, beside a person.
    pub subject: Option<Uuid>,
    /// Whom it is about.
    pub person: Option<PersonId>,
    /// Who did it and what changed, as JSON.
    pub data: String,
}

/// An event that has its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place in the workspace's order.
    pub place: i64,
    /// The event.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub topic: String,
    /// Who may hear of it.
    pub audience: Audience,
    /// What it is about, beside a person.
    pub subject: Option<Uuid>,
    /// Whom it is about.
    pub person: Option<PersonId>,
    /// Who did it and what changed, as JSON.
    pub data: String,
    /// The number of the item that it is about.
    pub item: Option<i64>,
}

statements! {
    INSERT = Sql::each(
        "insert into events (workspace_id, arrival, event_id, at, topic, audience, subject_id, person_id, data) \
         values ($1, (select coalesce(max(e.arrival), 0) + 1 from events e where e.workspace_id = $1), \
         $2, $3, $4, $5, $6, $7, $8)",
        "insert into events (workspace_id, arrival, event_id, at, topic, audience, subject_id, person_id, data) \
         values ($1, nextval('event_arrivals'), $2, $3, $4, $5, $6, $7, $8)",
    );
    INSERT_ALL = from_rows!(
        {
            sqlite: "insert into events (workspace_id, arrival, event_id, at, topic, audience, subject_id, person_id, \
                     data) select $1, (select coalesce(max(e.arrival), 0) + 1 from events e where e.workspace_id = $1) \
                     + r.key",
            postgres: "insert into events (workspace_id, arrival, event_id, at, topic, audience, subject_id, person_id, \
                       data) select $1, nextval('event_arrivals')"
        },
        "$2", [uuid 0, int 1, text 2, text 3, uuid 4, uuid 5, text 6], ""
    );
    INSERT_END = "insert into event_ends (workspace_id, place) values ($1, 0)";
    WAITING_WORKSPACES = scan "select distinct e.workspace_id from events e where e.place is null limit 1000";
    LOCK_END = skip_locked!("select n.place from event_ends n where n.workspace_id = $1");
    ARRANGE = "update events set place = $1 + r.turn from (select w.arrival, row_number() over (order by w.arrival) \
               as turn from events w where w.workspace_id = $2 and w.place is null order by w.arrival limit 1000) r \
               where events.workspace_id = $2 and events.arrival = r.arrival";
    SET_END = "update event_ends set place = $1 where workspace_id = $2";
    NOTIFY = Sql::each("select 1", "select 1 from pg_notify('tenure_events', '')");
    END = "select n.place from event_ends n where n.workspace_id = $1";
    ENDS = any_uuid!("select n.workspace_id, n.place from event_ends n where ", "n.workspace_id" in "$1", "");
    AFTER = "select e.place, e.event_id, e.at, e.topic, e.audience, e.subject_id, e.person_id, e.data, i.number \
             from events e left join items i on i.workspace_id = e.workspace_id and i.item_id = e.subject_id \
             where e.workspace_id = $1 and e.place > $2 order by e.place limit 500";
    FIRST_KEPT = "select e.place from events e where e.workspace_id = $1 and e.place is not null \
                  order by e.place limit 1";
    PURGE = "delete from events where workspace_id = $1 and at < $2 and arrival in (select o.arrival from events o \
             where o.workspace_id = $1 and o.place is not null and not exists (select 1 from webhooks w \
             where w.workspace_id = $1 and w.off_since is null and w.deleted is null and w.place < o.place) \
             order by o.place limit 1000)";
}

/// Writes an event, with the next statement that is waited for.
pub fn insert(tx: &mut Tx, ws: WorkspaceId, event: NewEvent) -> Result<()> {
    tx.soon_one(
        &INSERT,
        bind![
            ws.uuid(),
            event.id,
            time::micros(event.at),
            event.topic.to_owned(),
            event.audience.word().to_owned(),
            event.subject,
            event.person.map(PersonId::uuid),
            event.data,
        ],
    )
}

/// Writes events in this order, each as [`insert`] writes one, with one statement for all.
pub async fn insert_all(tx: &mut Tx, ws: WorkspaceId, events: &[NewEvent]) -> Result<()> {
    let row = |event: &NewEvent| {
        json!([
            rows::id(event.id),
            time::micros(event.at),
            event.topic,
            event.audience.word(),
            event.subject.map(rows::id),
            event.person.map(|person| rows::id(person.uuid())),
            event.data,
        ])
    };
    rows::add(tx, &INSERT_ALL, ws, events.iter().map(row).collect()).await.map(drop)
}

/// Begins the order of a new workspace.
pub async fn insert_end(tx: &mut Tx, ws: WorkspaceId) -> Result<()> {
    tx.exec_one(&INSERT_END, &[&ws.uuid()]).await
}

/// The workspaces in which events have no place yet.
pub async fn waiting(rx: &mut Rx) -> Result<Vec<WorkspaceId>> {
    rx.all(&WAITING_WORKSPACES, &[], |row| Ok(WorkspaceId::from_uuid(row.get(0)?))).await
}

/// Places what is committed, up to 1,000 events; answers how many that were. None where another node is at it: it
/// tells the others when it is done.
pub async fn arrange(tx: &mut Tx, ws: WorkspaceId) -> Result<u64> {
    let Some(end) = tx.one(&LOCK_END, &[&ws.uuid()], |row| row.get::<i64>(0)).await? else { return Ok(0) };
    let placed = tx.exec(&ARRANGE, &[&end, &ws.uuid()]).await?;
    if placed > 0 {
        let last = end.saturating_add(i64::try_from(placed).unwrap_or(i64::MAX));
        tx.exec_one(&SET_END, &[&last, &ws.uuid()]).await?;
        if tx.engine() == Engine::Postgres {
            tx.all(&NOTIFY, &[], |_| Ok(())).await?;
        }
    }
    Ok(placed)
}

/// The last place that was given in a workspace.
pub async fn end(rx: &mut Rx, ws: WorkspaceId) -> Result<i64> {
    Ok(rx.one(&END, &[&ws.uuid()], |row| row.get(0)).await?.unwrap_or(0))
}

/// The last places of some workspaces.
pub async fn ends(rx: &mut Rx, list: &[WorkspaceId]) -> Result<Vec<(WorkspaceId, i64)>> {
    let list: Uuids = list.iter().map(|ws| ws.uuid()).collect();
    rx.all(&ENDS, &[&list], |row| Ok((WorkspaceId::from_uuid(row.get(0)?), row.get(1)?))).await
}

/// Up to [`PAGE`] events after a place, in order.
pub async fn after(rx: &mut Rx, ws: WorkspaceId, place: i64) -> Result<Vec<Event>> {
    rx.all(&AFTER, &[&ws.uuid(), &place], from_row).await
}

/// The place of the oldest event that is still kept.
pub async fn first_kept(rx: &mut Rx, ws: WorkspaceId) -> Result<Option<i64>> {
    rx.one(&FIRST_KEPT, &[&ws.uuid()], |row| row.get(0)).await
}

/// Forgets some of the events from before a moment, but none that a webhook is still to be told of; answers how many.
pub async fn purge(tx: &mut Tx, ws: WorkspaceId, before: Timestamp) -> Result<u64> {
    tx.exec(&PURGE, &[&ws.uuid(), &time::micros(before)]).await
}

fn from_row(row: &Row<'_>) -> Result<Event> {
    let audience: String = row.get(4)?;
    Ok(Event {
        place: row.get(0)?,
        id: row.get(1)?,
        at: row.time(2)?,
        topic: row.get(3)?,
        // What this program does not know is not for everybody.
        audience: Audience::parse(&audience).unwrap_or(Audience::Administrators),
        subject: row.get(5)?,
        person: row.get::<Option<_>>(6)?.map(PersonId::from_uuid),
        data: row.get(7)?,
        item: row.get(8)?,
    })
}
