//! People who were deleted and held more than one write removes.

use domain::id::{PersonId, WorkspaceId};
use jiff::Timestamp;

use super::{Rx, Tx, statements, time};
use crate::error::Result;

statements! {
    INSERT = "insert into departures (workspace_id, person_id, at) values ($1, $2, $3)";
    DELETE = "delete from departures where workspace_id = $1 and person_id = $2";
    FIRST = "select person_id from departures where workspace_id = $1 order by person_id limit 1";
    WORKSPACES = scan "select distinct d.workspace_id from departures d";
}

/// Remembers somebody of whom something is left.
pub async fn insert(tx: &mut Tx, ws: WorkspaceId, person: PersonId, now: Timestamp) -> Result<()> {
    tx.exec_one(&INSERT, &[&ws.uuid(), &person.uuid(), &time::micros(now)]).await
}

/// Forgets somebody of whom nothing is left.
pub async fn delete(tx: &mut Tx, ws: WorkspaceId, person: PersonId) -> Result<()> {
    tx.exec(&DELETE, &[&ws.uuid(), &person.uuid()]).await?;
    Ok(())
}

/// Somebody of whom something is left.
pub async fn first(rx: &mut Rx, ws: WorkspaceId) -> Result<Option<PersonId>> {
    rx.one(&FIRST, &[&ws.uuid()], |row| Ok(PersonId::from_uuid(row.get(0)?))).await
}

/// The workspaces in which something is left of somebody.
pub async fn workspaces(rx: &mut Rx) -> Result<Vec<WorkspaceId>> {
    rx.all(&WORKSPACES, &[], |row| Ok(WorkspaceId::from_uuid(row.get(0)?))).await
}
