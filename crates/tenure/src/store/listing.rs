//! Reads for the machine's own doors: the command line, the jobs and the doctor.

use domain::{
    id::{PersonId, WorkspaceId},
    person::Kind,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Rx, Sql,
    audit::{self, Entry, entry_columns},
    people::{self, PersonRow, person_columns},
    statements, time,
};
use crate::error::Result;

/// How many people one call of [`people_after`] reads.
pub const PAGE: usize = 500;

statements! {
    PEOPLE_AFTER = Sql::both(concat!(
        "select ", person_columns!(), " from people p where p.workspace_id = $1 and p.person_id > $2 \
         and p.kind = $3 order by p.person_id limit 500"
    ));
    AUDIT_LATEST = Sql::both(concat!(
        "select ", entry_columns!(), " from audit a \
         left join audit_personal v on v.workspace_id = a.workspace_id and v.audit_id = a.audit_id \
         where a.workspace_id = $1 order by a.at desc, a.audit_id desc limit $2"
    ));
    AUDIT_OF_ACTION = Sql::both(concat!(
        "select ", entry_columns!(), " from audit a \
         left join audit_personal v on v.workspace_id = a.workspace_id and v.audit_id = a.audit_id \
         where a.workspace_id = $1 and a.action = $2 order by a.at desc, a.audit_id desc limit $3"
    ));
    COUNT_UNSEALED = "select count(*) from audit a where a.workspace_id = $1 and a.seq is null";
    UNSEALED_WORKSPACES = scan "select distinct a.workspace_id from audit a where a.seq is null";
    DUE_WORKSPACES = scan "select distinct p.workspace_id from people p where p.status = 'invited' \
                  and p.invite_expires <= $1 and not p.invite_expired";
    HOST = "select h.host from hosts h where h.workspace_id = $1 order by h.host limit 1";
    CLOCK = Sql::each(
        "select cast(unixepoch('subsec') * 1000000 as integer)",
        "select (extract(epoch from clock_timestamp()) * 1000000)::bigint",
    );
    SETTING = Sql::each("select $1", "select coalesce(current_setting($1, true), '')");
}

/// Up to [`PAGE`] people of a kind, in the order of their ids, after the given one.
pub async fn people_after(
    rx: &mut Rx,
    ws: WorkspaceId,
    kind: Kind,
    after: Option<PersonId>,
) -> Result<Vec<PersonRow>> {
    let after = after.map_or(Uuid::nil(), PersonId::uuid);
    rx.all(&PEOPLE_AFTER, &[&ws.uuid(), &after, &kind.word()], people::from_row).await
}

/// The latest entries of the audit log, the newest first.
pub async fn audit_latest(rx: &mut Rx, ws: WorkspaceId, limit: i64) -> Result<Vec<Entry>> {
    rx.all(&AUDIT_LATEST, &[&ws.uuid(), &limit], audit::from_row).await
}

/// The latest entries of one action, the newest first.
pub async fn audit_of_action(
    rx: &mut Rx,
    ws: WorkspaceId,
    action: domain::audit::Action,
    limit: i64,
) -> Result<Vec<Entry>> {
    rx.all(&AUDIT_OF_ACTION, &[&ws.uuid(), &action.word(), &limit], audit::from_row).await
}

/// How many entries of the audit log wait to be sealed.
pub async fn count_unsealed(rx: &mut Rx, ws: WorkspaceId) -> Result<i64> {
    Ok(rx.one(&COUNT_UNSEALED, &[&ws.uuid()], |row| row.get(0)).await?.unwrap_or(0))
}

/// The workspaces with entries that wait to be sealed.
pub async fn unsealed_workspaces(rx: &mut Rx) -> Result<Vec<WorkspaceId>> {
    rx.all(&UNSEALED_WORKSPACES, &[], |row| Ok(WorkspaceId::from_uuid(row.get(0)?))).await
}

/// The workspaces with invitations whose time has run out.
pub async fn due_workspaces(rx: &mut Rx, now: Timestamp) -> Result<Vec<WorkspaceId>> {
    rx.all(&DUE_WORKSPACES, &[&time::micros(now)], |row| Ok(WorkspaceId::from_uuid(row.get(0)?))).await
}

/// The host that names a workspace, where it has one.
pub async fn host(rx: &mut Rx, ws: WorkspaceId) -> Result<Option<String>> {
    rx.one(&HOST, &[&ws.uuid()], |row| row.get(0)).await
}

/// The database's own clock.
pub async fn clock(rx: &mut Rx) -> Result<Timestamp> {
    let now = rx.one(&CLOCK, &[], |row| row.time(0)).await?;
    now.ok_or_else(|| crate::Error::Internal("the database tells no time".into()))
}

/// A setting of the `PostgreSQL` server, empty where it has none of this name; on `SQLite` the name itself.
pub async fn setting(rx: &mut Rx, name: &str) -> Result<String> {
    Ok(rx.one(&SETTING, &[&name], |row| row.get(0)).await?.unwrap_or_default())
}
