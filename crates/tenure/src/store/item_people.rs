//! People's parts in items, and how much each person holds.

use domain::{
    id::{ItemId, PersonId, WorkspaceId},
    item::Part,
    person::{Kind, StatusWord},
};
use jiff::Timestamp;

use super::{
    Ask, Error, Row, Rx, Sql, Tx, bind,
    dialect::{Uuids, any_uuid},
    statements, time,
};
use crate::error::Result;

/// Somebody as a list of people or a conversation draws them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// Who.
    pub id: PersonId,
    /// User or customer.
    pub kind: Kind,
    /// The name shown.
    pub name: String,
    /// The email address.
    pub email: String,
    /// The digest of the picture.
    pub picture: Option<String>,
    /// Their status.
    pub status: StatusWord,
}

/// Somebody with their part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub person: Brief,
    /// Which part.
    pub part: Part,
    /// Since when.
    pub since: Timestamp,
}

/// How many unfinished items a person holds, as kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Tickets and tasks assigned.
    pub assigned: i64,
    /// Of those, tasks.
    pub tasks: i64,
    /// Followed.
    pub following: i64,
    /// Requested.
    pub requested: i64,
}

impl std::ops::AddAssign for Holdings {
    fn add_assign(&mut self, other: Self) {
        self.assigned += other.assigned;
        self.tasks += other.tasks;
        self.following += other.following;
        self.requested += other.requested;
    }
}

impl std::ops::Mul<i64> for Holdings {
    type Output = Self;
    fn mul(self, by: i64) -> Self {
        Self {
            assigned: self.assigned * by,
            tasks: self.tasks * by,
            following: self.following * by,
            requested: self.requested * by,
        }
    }
}

/// The columns that [`brief_from_row`] reads.
macro_rules! holder_columns {
    () => {
        "p.person_id, p.kind, p.name, p.email, p.picture, p.status"
    };
}
pub(crate) use holder_columns;

statements! {
    OF_ITEM = Sql::both(concat!(
        "select ", holder_columns!(), ", x.part, x.since, x.item_id from item_people x \
         join people p on p.workspace_id = x.workspace_id and p.person_id = x.person_id \
         where x.workspace_id = $1 and x.item_id = $2 order by x.part, p.name_sort, p.person_id limit 500"
    ));
    OF_ITEMS = Sql::each(
        concat!(
            "select ", holder_columns!(), ", x.part, x.since, x.item_id from item_people x \
             join people p on p.workspace_id = x.workspace_id and p.person_id = x.person_id \
             where x.workspace_id = $1 and x.item_id in (select unhex(value) from json_each($2)) and x.part = 'assignee' \
             order by x.item_id, p.name_sort, p.person_id"
        ),
        concat!(
            "select ", holder_columns!(), ", x.part, x.since, x.item_id from item_people x \
             join people p on p.workspace_id = x.workspace_id and p.person_id = x.person_id \
             where x.workspace_id = $1 and x.item_id = any($2) and x.part = 'assignee' \
             order by x.item_id, p.name_sort, p.person_id"
        ),
    );
    HELD_OFF = Sql::both(concat!(
        "select ", holder_columns!(), " from holdings h \
         join people p on p.workspace_id = h.workspace_id and p.person_id = h.person_id \
         where h.workspace_id = $1 and h.off = true and h.assigned > 0 order by h.assigned desc, h.person_id limit $2"
    ));
    BRIEFS = Sql::each(
        concat!(
            "select ", holder_columns!(), " from people p where p.workspace_id = $1 \
             and p.person_id in (select unhex(value) from json_each($2))"
        ),
        concat!("select ", holder_columns!(), " from people p where p.workspace_id = $1 and p.person_id = any($2)"),
    );
    // With those who are gone: what they held is counted as long as it is there.
    PARTS = "select x.person_id, x.part from item_people x where x.workspace_id = $1 and x.item_id = $2 \
             order by x.person_id, x.part";
    HAS = "select 1 from item_people x where x.workspace_id = $1 and x.item_id = $2 and x.person_id = $3 and x.part = $4";
    HAVING = any_uuid!("select x.item_id from item_people x where x.workspace_id = $1 and x.person_id = $2 \
             and x.part = $3 and ", "x.item_id" in "$4", "");
    GIVE = "insert into item_people (workspace_id, item_id, person_id, part, finished, since) \
            values ($1, $2, $3, $4, $5, $6) on conflict (workspace_id, item_id, person_id, part) do nothing";
    TAKE = "delete from item_people where workspace_id = $1 and item_id = $2 and person_id = $3 and part = $4";
    SET_FINISHED = "update item_people set finished = $1 where workspace_id = $2 and item_id = $3";
    HOLD = "insert into holdings (workspace_id, person_id, assigned, tasks, following, requested, off) \
            select p.workspace_id, p.person_id, $1, $2, $3, $4, p.status = 'deactivated' from people p \
            where p.workspace_id = $5 and p.person_id = $6 \
            on conflict (workspace_id, person_id) do update set assigned = holdings.assigned + excluded.assigned, \
            tasks = holdings.tasks + excluded.tasks, following = holdings.following + excluded.following, \
            requested = holdings.requested + excluded.requested";
    MOVE = "update holdings set assigned = assigned + $1, tasks = tasks + $2, following = following + $3, \
            requested = requested + $4 where workspace_id = $5 and person_id = $6";
    SET_OFF = any_uuid!("update holdings set off = $1 where workspace_id = $2 and ", "person_id" in "$3", "");
    HOLDINGS = any_uuid!("select h.person_id, h.assigned, h.tasks, h.following, h.requested from holdings h \
               where h.workspace_id = $1 and ", "h.person_id" in "$2", "");
    FORGET = "delete from holdings where workspace_id = $1 and person_id = $2";
    ALL_OF_PERSON = "select (select count(*) from item_people x where x.workspace_id = $1 and x.person_id = $2 \
                     and x.part = 'assignee'), (select count(*) from item_people x where x.workspace_id = $1 \
                     and x.person_id = $2 and x.part = 'follower'), (select count(*) from items i \
                     where i.workspace_id = $1 and i.requester_id = $2)";
    NEXT_OF_PERSON = "select x.item_id, x.part from item_people x where x.workspace_id = $1 and x.person_id = $2 \
                      order by x.part, x.finished, x.item_id limit $3";
    NEXT_REQUESTED = "select i.item_id from items i where i.workspace_id = $1 and i.requester_id = $2 \
                      order by i.updated, i.item_id limit $3";
}

/// Reads the columns of `holder_columns`.
pub(crate) fn brief_from_row(row: &Row<'_>) -> Result<Brief> {
    brief_at(row, 0)
}

/// As [`brief_from_row`], from the column `at` on.
pub(crate) fn brief_at(row: &Row<'_>, at: usize) -> Result<Brief> {
    Ok(Brief {
        id: PersonId::from_uuid(row.get(at)?),
        kind: Kind::parse(&row.get::<String>(at + 1)?).ok_or(Error::Value("people.kind"))?,
        name: row.get(at + 2)?,
        email: row.get(at + 3)?,
        picture: row.get(at + 4)?,
        status: StatusWord::parse(&row.get::<String>(at + 5)?).ok_or(Error::Value("people.status"))?,
    })
}

/// Reads somebody with their part.
pub(crate) fn holder_from_row(row: &Row<'_>) -> Result<Holder> {
    Ok(Holder {
        person: brief_from_row(row)?,
        part: Part::parse(&row.get::<String>(6)?).ok_or(Error::Value("item_people.part"))?,
        since: row.time(7)?,
    })
}

/// The people of an item, assignees first, then by name; up to 500.
pub async fn of_item(rx: &mut Rx, ws: WorkspaceId, id: ItemId) -> Result<Vec<Holder>> {
    rx.all(&OF_ITEM, &[&ws.uuid(), &id.uuid()], holder_from_row).await
}

/// The assignees of several items, each by name.
pub async fn assignees(rx: &mut Rx, ws: WorkspaceId, ids: &[ItemId]) -> Result<Vec<(ItemId, Brief)>> {
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    rx.all(&OF_ITEMS, &[&ws.uuid(), &ids], |row| Ok((ItemId::from_uuid(row.get(8)?), brief_from_row(row)?)))
        .await
}

/// Several people as lists draw them; who is gone is left out.
pub async fn briefs(rx: &mut Rx, ws: WorkspaceId, ids: &[PersonId]) -> Result<Vec<Brief>> {
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    rx.all(&BRIEFS, &[&ws.uuid(), &ids], brief_from_row).await
}

/// Deactivated people who are assigned something unfinished, up to `limit`, those with the most first.
pub async fn held_off(rx: &mut Rx, ws: WorkspaceId, limit: i64) -> Result<Vec<Brief>> {
    rx.all(&HELD_OFF, &[&ws.uuid(), &limit], brief_from_row).await
}

/// Everybody's part in an item, by person.
pub async fn parts(rx: &mut Rx, ws: WorkspaceId, id: ItemId) -> Result<Vec<(PersonId, Part)>> {
    rx.all(&PARTS, &[&ws.uuid(), &id.uuid()], |row| {
        let part = Part::parse(&row.get::<String>(1)?).ok_or(Error::Value("item_people.part"))?;
        Ok((PersonId::from_uuid(row.get(0)?), part))
    })
    .await
}

/// Whether somebody has this part.
pub async fn has(rx: &mut Rx, ws: WorkspaceId, id: ItemId, person: PersonId, part: Part) -> Result<bool> {
    let values: [&dyn super::Param; 4] = [&ws.uuid(), &id.uuid(), &person.uuid(), &part.word()];
    Ok(rx.one(&HAS, &values, |_| Ok(())).await?.is_some())
}

/// In which of these items somebody has this part.
pub async fn having(
    rx: &mut Rx,
    ws: WorkspaceId,
    ids: &[ItemId],
    (person, part): (PersonId, Part),
) -> Result<Vec<ItemId>> {
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    let values: [&dyn super::Param; 4] = [&ws.uuid(), &person.uuid(), &part.word(), &ids];
    rx.all(&HAVING, &values, |row| Ok(ItemId::from_uuid(row.get(0)?))).await
}

/// Gives a part; `false` when they have it already.
pub async fn give(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: ItemId,
    (person, part): (PersonId, Part),
    finished: bool,
    now: Timestamp,
) -> Result<bool> {
    let values: [&dyn super::Param; 6] =
        [&ws.uuid(), &id.uuid(), &person.uuid(), &part.word(), &finished, &time::micros(now)];
    Ok(tx.exec(&GIVE, &values).await? == 1)
}

/// Takes a part away; `false` when they do not have it.
pub async fn take(tx: &mut Tx, ws: WorkspaceId, id: ItemId, person: PersonId, part: Part) -> Result<bool> {
    Ok(tx.exec(&TAKE, &[&ws.uuid(), &id.uuid(), &person.uuid(), &part.word()]).await? == 1)
}

/// Notes at everybody's part whether the item is finished.
pub async fn set_finished(tx: &mut Tx, ws: WorkspaceId, id: ItemId, finished: bool) -> Result<()> {
    tx.exec(&SET_FINISHED, &[&finished, &ws.uuid(), &id.uuid()]).await?;
    Ok(())
}

/// Changes what a person holds; nothing happens for somebody who is gone.
pub async fn hold(tx: &mut Tx, ws: WorkspaceId, person: PersonId, by: Holdings) -> Result<()> {
    if by == Holdings::default() {
        return Ok(());
    }
    let values: [&dyn super::Param; 6] =
        [&by.assigned, &by.tasks, &by.following, &by.requested, &ws.uuid(), &person.uuid()];
    // The row is there for whoever holds something; the first time it is made.
    if tx.exec(&MOVE, &values).await? == 0 {
        tx.exec(&HOLD, &values).await?;
    }
    Ok(())
}

/// Notes that people are deactivated, or no longer: what they hold is found by it.
pub async fn set_off(tx: &mut Tx, ws: WorkspaceId, people: &[PersonId], off: bool) -> Result<()> {
    let people: Uuids = people.iter().map(|id| id.uuid()).collect();
    tx.exec(&SET_OFF, &[&off, &ws.uuid(), &people]).await?;
    Ok(())
}

/// What people hold; who holds nothing is left out.
pub async fn holdings(
    rx: &mut Rx,
    ws: WorkspaceId,
    people: &[PersonId],
) -> Result<Vec<(PersonId, Holdings)>> {
    let people: Uuids = people.iter().map(|id| id.uuid()).collect();
    rx.all(&HOLDINGS, &[&ws.uuid(), &people], holdings_from_row).await
}

fn holdings_from_row(row: &Row<'_>) -> Result<(PersonId, Holdings)> {
    let holdings = Holdings {
        assigned: row.get(1)?,
        tasks: row.get(2)?,
        following: row.get(3)?,
        requested: row.get(4)?,
    };
    Ok((PersonId::from_uuid(row.get(0)?), holdings))
}

/// As [`holdings`] of one person, as part of a longer question.
pub fn ask_of(ws: WorkspaceId, person: PersonId) -> Ask<(PersonId, Holdings)> {
    let people: Uuids = std::iter::once(person.uuid()).collect();
    Ask::new(&HOLDINGS, bind![ws.uuid(), people], holdings_from_row)
}

/// What one person holds.
pub async fn holdings_of(rx: &mut Rx, ws: WorkspaceId, person: PersonId) -> Result<Holdings> {
    Ok(holdings(rx, ws, &[person]).await?.pop().map_or_else(Holdings::default, |(_, holdings)| holdings))
}

/// Forgets how much a person held who is deleted.
pub async fn forget(tx: &mut Tx, ws: WorkspaceId, person: PersonId) -> Result<()> {
    tx.exec(&FORGET, &[&ws.uuid(), &person.uuid()]).await?;
    Ok(())
}

/// How many items a person is assigned, follows and has requested, finished ones among them.
pub async fn all_of_person(rx: &mut Rx, ws: WorkspaceId, person: PersonId) -> Result<(i64, i64, i64)> {
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    Ok(rx.one(&ALL_OF_PERSON, &[&ws.uuid(), &person.uuid()], read).await?.unwrap_or_default())
}

/// Up to `limit` parts of a person.
pub async fn next_of_person(
    rx: &mut Rx,
    ws: WorkspaceId,
    person: PersonId,
    limit: i64,
) -> Result<Vec<(ItemId, Part)>> {
    rx.all(&NEXT_OF_PERSON, &[&ws.uuid(), &person.uuid(), &limit], |row| {
        let part = Part::parse(&row.get::<String>(1)?).ok_or(Error::Value("item_people.part"))?;
        Ok((ItemId::from_uuid(row.get(0)?), part))
    })
    .await
}

/// Up to `limit` items that a person requested.
pub async fn next_requested(
    rx: &mut Rx,
    ws: WorkspaceId,
    person: PersonId,
    limit: i64,
) -> Result<Vec<ItemId>> {
    rx.all(&NEXT_REQUESTED, &[&ws.uuid(), &person.uuid(), &limit], |row| Ok(ItemId::from_uuid(row.get(0)?)))
        .await
}
