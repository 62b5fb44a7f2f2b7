//! Handovers: which items one person gave to others, so that it can be taken back.

use domain::id::{HandoverId, ItemId, PersonId, TeamId, WorkspaceId};
use jiff::Timestamp;

use super::{Row, Rx, Tx, dialect::for_update, statements, time};
use crate::error::Result;

/// A handover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// Who gave.
    pub giver: PersonId,
    /// When.
    pub made: Timestamp,
    /// How many items.
    pub items: i64,
    /// Whether it was taken back.
    pub undone: bool,
}

/// One item of a handover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The item.
    pub item: ItemId,
    /// Who got it.
    pub receiver: PersonId,
    /// Whether they were assigned before.
    pub held: bool,
}

statements! {
    INSERT = "insert into handovers (workspace_id, handover_id, giver_id, made, made_by, items) \
              values ($1, $2, $3, $4, $5, $6)";
    INSERT_ITEM = "insert into handover_items (workspace_id, handover_id, item_id, receiver_id, held) \
                   values ($1, $2, $3, $4, $5)";
    LOCK = for_update!("select giver_id, made, items, undone from handovers \
           where workspace_id = $1 and handover_id = $2");
    ITEMS = "select item_id, receiver_id, held from handover_items where workspace_id = $1 and handover_id = $2 \
             order by item_id";
    SET_UNDONE = "update handovers set undone = $1 where workspace_id = $2 and handover_id = $3 and undone is null";
    HELD = "select x.item_id from item_people x where x.workspace_id = $1 and x.person_id = $2 \
            and x.part = 'assignee' and x.finished = false order by x.item_id limit $3";
    RECEIVERS = "select p.person_id from team_members m \
                 join people p on p.workspace_id = m.workspace_id and p.person_id = m.person_id \
                 where m.workspace_id = $1 and m.team_id = $2 and p.status = 'active' and p.kind = 'user' \
                 order by m.name_sort, m.person_id limit 100";
    LATEST = "select h.handover_id, h.made from handovers h where h.workspace_id = $1 and h.giver_id = $2 \
              and h.undone is null and h.made > $3 order by h.made desc limit 1";
    PURGE_ITEMS = "delete from handover_items where workspace_id = $1 and handover_id in \
                   (select h.handover_id from handovers h where h.workspace_id = $1 and h.made < $2)";
    PURGE = "delete from handovers where workspace_id = $1 and made < $2";
}

/// Saves a handover.
pub async fn insert(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: HandoverId,
    handover: &Handover,
    by: Option<PersonId>,
) -> Result<()> {
    let by = by.map(PersonId::uuid);
    tx.exec_one(
        &INSERT,
        &[&ws.uuid(), &id.uuid(), &handover.giver.uuid(), &time::micros(handover.made), &by, &handover.items],
    )
    .await
}

/// Saves one item of it.
pub async fn insert_item(tx: &mut Tx, ws: WorkspaceId, id: HandoverId, given: &Given) -> Result<()> {
    let values: [&dyn super::Param; 5] =
        [&ws.uuid(), &id.uuid(), &given.item.uuid(), &given.receiver.uuid(), &given.held];
    tx.exec_one(&INSERT_ITEM, &values).await
}

/// A handover, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId, id: HandoverId) -> Result<Option<Handover>> {
    tx.one(&LOCK, &[&ws.uuid(), &id.uuid()], |row| {
        Ok(Handover {
            giver: PersonId::from_uuid(row.get(0)?),
            made: row.time(1)?,
            items: row.get(2)?,
            undone: row.time_opt(3)?.is_some(),
        })
    })
    .await
}

/// The items of a handover.
pub async fn items(rx: &mut Rx, ws: WorkspaceId, id: HandoverId) -> Result<Vec<Given>> {
    let read = |row: &Row<'_>| {
        Ok(Given {
            item: ItemId::from_uuid(row.get(0)?),
            receiver: PersonId::from_uuid(row.get(1)?),
            held: row.get(2)?,
        })
    };
    rx.all(&ITEMS, &[&ws.uuid(), &id.uuid()], read).await
}

/// Notes that it was taken back.
pub async fn set_undone(tx: &mut Tx, ws: WorkspaceId, id: HandoverId, now: Timestamp) -> Result<()> {
    tx.exec_one(&SET_UNDONE, &[&time::micros(now), &ws.uuid(), &id.uuid()]).await
}

/// Up to `limit` unfinished items that a person is assigned, in the order in which they were made.
pub async fn held(rx: &mut Rx, ws: WorkspaceId, person: PersonId, limit: i64) -> Result<Vec<ItemId>> {
    rx.all(&HELD, &[&ws.uuid(), &person.uuid(), &limit], |row| Ok(ItemId::from_uuid(row.get(0)?))).await
}

/// The active members of a team, by name; up to 100.
pub async fn receivers(rx: &mut Rx, ws: WorkspaceId, team: TeamId) -> Result<Vec<PersonId>> {
    rx.all(&RECEIVERS, &[&ws.uuid(), &team.uuid()], |row| Ok(PersonId::from_uuid(row.get(0)?))).await
}

/// The latest handover of what a person held that nobody has taken back, and when it was, if that was after `since`.
pub async fn latest(
    rx: &mut Rx,
    ws: WorkspaceId,
    giver: PersonId,
    since: Timestamp,
) -> Result<Option<(HandoverId, Timestamp)>> {
    let read = |row: &Row<'_>| Ok((HandoverId::from_uuid(row.get(0)?), row.time(1)?));
    rx.one(&LATEST, &[&ws.uuid(), &giver.uuid(), &time::micros(since)], read).await
}

/// Forgets handovers that nobody can take back any more.
pub async fn purge(tx: &mut Tx, ws: WorkspaceId, before: Timestamp) -> Result<()> {
    let before = time::micros(before);
    tx.exec(&PURGE_ITEMS, &[&ws.uuid(), &before]).await?;
    tx.exec(&PURGE, &[&ws.uuid(), &before]).await?;
    Ok(())
}
