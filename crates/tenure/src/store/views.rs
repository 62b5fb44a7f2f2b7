//! A person's own saved views of a grid.

use domain::{
    id::{PersonId, ViewId, WorkspaceId},
    item::ItemKind,
    person::Kind,
};
use jiff::Timestamp;

use super::{Rx, Tx, statements, time};
use crate::error::Result;

/// A saved view: a name for a query string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The view.
    pub id: ViewId,
    /// The name shown.
    pub name: String,
    /// The grid's query string, without paging.
    pub query: String,
}

/// How many views a person can save for one grid.
pub const MOST: i64 = 50;

statements! {
    LIST = "select view_id, name, query from views where workspace_id = $1 and person_id = $2 and grid = $3 \
            order by name, view_id limit 50";
    INSERT = "insert into views (workspace_id, view_id, person_id, grid, name, query, created) \
              values ($1, $2, $3, $4, $5, $6, $7)";
    DELETE = "delete from views where workspace_id = $1 and view_id = $2 and person_id = $3";
    COUNT = "select count(*) from views where workspace_id = $1 and person_id = $2 and grid = $3";
    COUNT_ALL = "select count(*) from views where workspace_id = $1 and person_id = $2";
    DELETE_PERSON = "delete from views where workspace_id = $1 and person_id = $2";
}

/// What views are saved of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grid {
    /// The grid of users or of customers.
    People(Kind),
    /// The list of tickets or of tasks.
    Items(ItemKind),
}

impl From<Kind> for Grid {
    fn from(kind: Kind) -> Self {
        Self::People(kind)
    }
}

impl From<ItemKind> for Grid {
    fn from(kind: ItemKind) -> Self {
        Self::Items(kind)
    }
}

impl Grid {
    /// The word in the database.
    const fn word(self) -> &'static str {
        match self {
            Self::People(Kind::User) => "users",
            Self::People(Kind::Customer) => "customers",
            Self::Items(ItemKind::Ticket) => "tickets",
            Self::Items(ItemKind::Task) => "tasks",
        }
    }
}

/// The views of a person for one grid, by name.
pub async fn list(rx: &mut Rx, ws: WorkspaceId, person: PersonId, grid: Grid) -> Result<Vec<View>> {
    rx.all(&LIST, &[&ws.uuid(), &person.uuid(), &grid.word()], |row| {
        Ok(View { id: ViewId::from_uuid(row.get(0)?), name: row.get(1)?, query: row.get(2)? })
    })
    .await
}

/// How many views a person has for one grid.
pub async fn count(rx: &mut Rx, ws: WorkspaceId, person: PersonId, grid: Grid) -> Result<i64> {
    let count = rx.one(&COUNT, &[&ws.uuid(), &person.uuid(), &grid.word()], |row| row.get(0)).await?;
    Ok(count.unwrap_or(0))
}

/// How many views a person has, of whichever grid.
pub async fn count_all(rx: &mut Rx, ws: WorkspaceId, person: PersonId) -> Result<i64> {
    Ok(rx.one(&COUNT_ALL, &[&ws.uuid(), &person.uuid()], |row| row.get(0)).await?.unwrap_or(0))
}

/// Saves a new view.
pub async fn insert(
    tx: &mut Tx,
    ws: WorkspaceId,
    person: PersonId,
    grid: Grid,
    view: &View,
    now: Timestamp,
) -> Result<()> {
    tx.exec_one(
        &INSERT,
        &[
            &ws.uuid(),
            &view.id.uuid(),
            &person.uuid(),
            &grid.word(),
            &view.name,
            &view.query,
            &time::micros(now),
        ],
    )
    .await
}

/// Deletes a view of this person. `false` when they have no such view.
pub async fn delete(tx: &mut Tx, ws: WorkspaceId, person: PersonId, id: ViewId) -> Result<bool> {
    let rows = tx.exec(&DELETE, &[&ws.uuid(), &id.uuid(), &person.uuid()]).await?;
    Ok(rows == 1)
}

/// Removes the views of a person who is deleted; answers how many.
pub async fn delete_person(tx: &mut Tx, ws: WorkspaceId, person: PersonId) -> Result<u64> {
    tx.exec(&DELETE_PERSON, &[&ws.uuid(), &person.uuid()]).await
}
