//! Anonymous requests from the addresses of deactivated people that wait for an administrator.

use domain::id::{HeldRequestId, PersonId, WorkspaceId};
use jiff::Timestamp;

use super::{
    Row, Rx, Sql, Tx,
    item_people::{Brief, brief_at, holder_columns},
    statements, time,
};
use crate::error::Result;

/// A request that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRequest {
    /// The request.
    pub id: HeldRequestId,
    /// Whose address was typed.
    pub person: Brief,
    /// The name that was typed.
    pub name: String,
    /// What it is about, in a line.
    pub title: String,
    /// The whole of it, Markdown.
    pub body: String,
    /// When it came.
    pub received: Timestamp,
}

/// A request that is to wait.
#[derive(Debug, Clone)]
pub struct NewHeldRequest<'a> {
    /// The request.
    pub id: HeldRequestId,
    /// Whose address was typed.
    pub person: PersonId,
    /// The name that was typed.
    pub name: &'a str,
    /// What it is about, in a line.
    pub title: &'a str,
    /// The whole of it.
    pub body: &'a str,
    /// When it came.
    pub received: Timestamp,
}

macro_rules! held_columns {
    () => {
        concat!(
            "h.request_id, h.name, h.title, h.body, h.received, ",
            holder_columns!(),
            " from held_requests h join people p on p.workspace_id = h.workspace_id and p.person_id = h.person_id "
        )
    };
}

statements! {
    // Ids are in the order of time.
    PAGE = Sql::both(concat!(
        "select ", held_columns!(), "where h.workspace_id = $1 and h.request_id > $2 order by h.request_id limit $3"
    ));
    LOAD = Sql::both(concat!("select ", held_columns!(), "where h.workspace_id = $1 and h.request_id = $2"));
    LOCK = Sql::each(
        concat!("select ", held_columns!(), "where h.workspace_id = $1 and h.request_id = $2"),
        concat!("select ", held_columns!(), "where h.workspace_id = $1 and h.request_id = $2 for no key update of h"),
    );
    INSERT = "insert into held_requests (workspace_id, request_id, person_id, name, title, body, received) \
              values ($1, $2, $3, $4, $5, $6, $7)";
    DELETE = "delete from held_requests where workspace_id = $1 and request_id = $2";
    COUNT_OF_PERSON = "select count(*) from held_requests where workspace_id = $1 and person_id = $2";
    DELETE_PERSON = "delete from held_requests where workspace_id = $1 and person_id = $2";
}

fn from_row(row: &Row<'_>) -> Result<HeldRequest> {
    Ok(HeldRequest {
        id: HeldRequestId::from_uuid(row.get(0)?),
        name: row.get(1)?,
        title: row.get(2)?,
        body: row.get(3)?,
        received: row.time(4)?,
        person: brief_at(row, 5)?,
    })
}

/// Up to `limit` that wait, the oldest first, after one of them; from the first on after the nil id.
pub async fn page(
    rx: &mut Rx,
    ws: WorkspaceId,
    after: HeldRequestId,
    limit: i64,
) -> Result<Vec<HeldRequest>> {
    rx.all(&PAGE, &[&ws.uuid(), &after.uuid(), &limit], from_row).await
}

/// One that waits.
pub async fn load(rx: &mut Rx, ws: WorkspaceId, id: HeldRequestId) -> Result<Option<HeldRequest>> {
    rx.one(&LOAD, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// As [`load`], locked until the transaction ends.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId, id: HeldRequestId) -> Result<Option<HeldRequest>> {
    tx.one(&LOCK, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// Lets a request wait.
pub async fn insert(tx: &mut Tx, ws: WorkspaceId, new: &NewHeldRequest<'_>) -> Result<()> {
    let values: [&dyn super::Param; 7] = [
        &ws.uuid(),
        &new.id.uuid(),
        &new.person.uuid(),
        &new.name,
        &new.title,
        &new.body,
        &time::micros(new.received),
    ];
    tx.exec_one(&INSERT, &values).await
}

/// Lets a request wait no longer.
pub async fn delete(tx: &mut Tx, ws: WorkspaceId, id: HeldRequestId) -> Result<()> {
    tx.exec_one(&DELETE, &[&ws.uuid(), &id.uuid()]).await
}

/// How many of a person's wait.
pub async fn count_of_person(rx: &mut Rx, ws: WorkspaceId, person: PersonId) -> Result<i64> {
    Ok(rx.one(&COUNT_OF_PERSON, &[&ws.uuid(), &person.uuid()], |row| row.get(0)).await?.unwrap_or(0))
}

/// Throws away all of a person who is deleted.
pub async fn delete_person(tx: &mut Tx, ws: WorkspaceId, person: PersonId) -> Result<()> {
    tx.exec(&DELETE_PERSON, &[&ws.uuid(), &person.uuid()]).await?;
    Ok(())
}
