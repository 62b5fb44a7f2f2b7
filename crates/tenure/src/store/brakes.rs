//! The brake's settings, and how many were deactivated lately.

use domain::{
    brake::{Brake, Recent},
    id::WorkspaceId,
    person::Kind,
};
use jiff::Timestamp;

use super::{Row, Rx, Tx, dialect::for_update, statements, time};
use crate::error::Result;

statements! {
    LOAD = "select is_on, share, minimum, version from brakes where workspace_id = $1";
    LOCK = for_update!("select is_on, share, minimum, version from brakes where workspace_id = $1");
    INSERT = "insert into brakes (workspace_id, is_on, share, minimum) values ($1, $2, $3, $4) \
                    on conflict (workspace_id) do nothing";
    SET = "update brakes set is_on = $1, share = $2, minimum = $3, version = version + 1 \
                 where workspace_id = $4 and version = $5";
    RECENT = "select count(*) from people where workspace_id = $1 and kind = $2 and status = 'deactivated' \
              and status_since > $3 and created < status_since";
    DELETED = "select count(*) from audit a where a.workspace_id = $1 and a.door = 'scim' and a.at > $2 \
               and a.action = 'person.deactivated' and not exists (select 1 from people p \
               where p.workspace_id = a.workspace_id and p.person_id = a.person_id)";
}

fn from_row(row: &Row<'_>) -> Result<(Brake, i64)> {
    Ok((Brake { on: row.get(0)?, share: row.get(1)?, minimum: row.get(2)? }, row.get(3)?))
}

/// The brake's settings and their version; 0 where nobody has needed them yet.
pub async fn load(rx: &mut Rx, ws: WorkspaceId) -> Result<(Brake, i64)> {
    let found = rx.one(&LOAD, &[&ws.uuid()], from_row).await?;
    Ok(found.unwrap_or_default())
}

/// As [`load`], locked: whoever deactivates many waits for whoever else does.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId) -> Result<(Brake, i64)> {
    let usual = Brake::default();
    tx.exec(&INSERT, &[&ws.uuid(), &usual.on, &usual.share, &usual.minimum]).await?;
    let found = tx.one(&LOCK, &[&ws.uuid()], from_row).await?;
    found.ok_or(crate::Error::NotFound("workspace"))
}

/// Saves the brake's settings; stale when they have changed since `version`.
pub async fn set(tx: &mut Tx, ws: WorkspaceId, brake: Brake, version: i64) -> Result<()> {
    let rows = tx.exec(&SET, &[&brake.on, &brake.share, &brake.minimum, &ws.uuid(), &version]).await?;
    if rows == 1 { Ok(()) } else { Err(crate::Error::Stale) }
}

/// How many of a kind were deactivated within the brake's window and are so still; `active` are active now. Whoever came
/// deactivated, from a file, was never active here and does not count.
pub async fn recent(rx: &mut Rx, ws: WorkspaceId, kind: Kind, active: i64, now: Timestamp) -> Result<Recent> {
    let from = now.saturating_sub(domain::brake::WINDOW).unwrap_or(Timestamp::MIN);
    let found = rx.one(&RECENT, &[&ws.uuid(), &kind.word(), &time::micros(from)], |row| row.get(0)).await?;
    Ok(Recent { active, deactivated: found.unwrap_or(0) })
}

/// How many a directory deleted within the brake's window who were active: they are deactivated first.
pub async fn deleted(rx: &mut Rx, ws: WorkspaceId, now: Timestamp) -> Result<i64> {
    let from = now.saturating_sub(domain::brake::WINDOW).unwrap_or(Timestamp::MIN);
    Ok(rx.one(&DELETED, &[&ws.uuid(), &time::micros(from)], |row| row.get(0)).await?.unwrap_or(0))
}
