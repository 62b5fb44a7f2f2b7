//! Teams as SCIM sees them, with the directory's id.

use domain::id::{PersonId, TeamId, WorkspaceId};
use jiff::Timestamp;

use super::{Row, Rx, Sql, Tx, dialect::for_update, statements};
use crate::error::Result;

/// A team as SCIM sees it, without its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The team.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// When it began.
    pub created: Timestamp,
    /// Counts each change of the name.
    pub version: i64,
    /// Counts who joined and left.
    pub turns: i64,
    /// The directory's id of it.
    pub external_id: Option<String>,
}

macro_rules! group {
    ($condition:literal) => {
        concat!(
            "select t.team_id, t.name, t.created, t.version, t.turns, s.external_id from teams t \
             left join scim_teams s on s.workspace_id = t.workspace_id and s.team_id = t.team_id \
             where t.workspace_id = $1",
            $condition
        )
    };
}

statements! {
    LOAD = Sql::both(group!(" and t.team_id = $2"));
    BY_NAME = Sql::both(group!(" and t.name_key = $2"));
    BY_EXTERNAL = Sql::both(group!(" and s.external_id = $2"));
    PAGE = Sql::both(group!(" order by t.created, t.team_id limit $2 offset $3")).scan();
    COUNT = Sql::both("select count(*) from teams where workspace_id = $1").scan();
    LOCK = for_update!("select team_id from teams where workspace_id = $1 and team_id = $2");
    MEMBERS = Sql::both(
        "select person_id from team_members where workspace_id = $1 and team_id = $2 order by name_sort, person_id"
    ).scan();
    SET_EXTERNAL = "insert into scim_teams (workspace_id, team_id, external_id) values ($1, $2, $3) \
                    on conflict (workspace_id, team_id) do update set external_id = excluded.external_id";
    FORGET = "delete from scim_teams where workspace_id = $1 and team_id = $2";
}

fn from_row(row: &Row<'_>) -> Result<Group> {
    Ok(Group {
        id: TeamId::from_uuid(row.get(0)?),
        name: row.get(1)?,
        created: row.time(2)?,
        version: row.get(3)?,
        turns: row.get(4)?,
        external_id: row.get(5)?,
    })
}

/// A team.
pub async fn load(rx: &mut Rx, ws: WorkspaceId, id: TeamId) -> Result<Option<Group>> {
    rx.one(&LOAD, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// As [`load`], locked until the transaction ends.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId, id: TeamId) -> Result<Option<Group>> {
    tx.one(&LOCK, &[&ws.uuid(), &id.uuid()], |_| Ok(())).await?;
    load(tx, ws, id).await
}

/// The team of this folded name.
pub async fn by_name(rx: &mut Rx, ws: WorkspaceId, key: &str) -> Result<Option<Group>> {
    rx.one(&BY_NAME, &[&ws.uuid(), &key], from_row).await
}

/// The team that the directory knows by this id.
pub async fn by_external(rx: &mut Rx, ws: WorkspaceId, external_id: &str) -> Result<Option<Group>> {
    rx.one(&BY_EXTERNAL, &[&ws.uuid(), &external_id], from_row).await
}

/// The teams as they began, `limit` after the first `skip`.
pub async fn page(rx: &mut Rx, ws: WorkspaceId, limit: i64, skip: i64) -> Result<Vec<Group>> {
    rx.all(&PAGE, &[&ws.uuid(), &limit, &skip], from_row).await
}

/// How many teams there are.
pub async fn count(rx: &mut Rx, ws: WorkspaceId) -> Result<i64> {
    Ok(rx.one(&COUNT, &[&ws.uuid()], |row| row.get(0)).await?.unwrap_or(0))
}

/// Who is in a team, by name.
pub async fn members(rx: &mut Rx, ws: WorkspaceId, id: TeamId) -> Result<Vec<PersonId>> {
    rx.all(&MEMBERS, &[&ws.uuid(), &id.uuid()], |row| Ok(PersonId::from_uuid(row.get(0)?))).await
}

/// Saves the directory's id of a team, or that it has none.
pub async fn set_external(tx: &mut Tx, ws: WorkspaceId, id: TeamId, external_id: Option<&str>) -> Result<()> {
    match external_id {
        Some(external_id) => tx.exec_one(&SET_EXTERNAL, &[&ws.uuid(), &id.uuid(), &external_id]).await,
        None => forget(tx, ws, id).await,
    }
}

/// Forgets the directory's id of a team.
pub async fn forget(tx: &mut Tx, ws: WorkspaceId, id: TeamId) -> Result<()> {
    tx.exec(&FORGET, &[&ws.uuid(), &id.uuid()]).await?;
    Ok(())
}
