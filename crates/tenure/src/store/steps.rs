//! Steps that can be undone: which accounts they changed, from which state to which.

use domain::{
    id::{PersonId, StepId, WorkspaceId},
    lifecycle::{Change, Step},
    person::{Person, Status},
};
use jiff::Timestamp;

use super::{Error, Rx, Tx, bind, dialect::for_update, statements, time};
use crate::error::Result;

statements! {
    INSERT = "insert into steps (workspace_id, step_id, kind, made, made_by, added_licenses, owned_before) \
              values ($1, $2, $3, $4, $5, $6, $7)";
    INSERT_CHANGE = "insert into step_changes (workspace_id, step_id, person_id, before, after) \
                     values ($1, $2, $3, $4, $5)";
    LOCK = for_update!("select made, undone is not null, added_licenses, owned_before from steps \
            where workspace_id = $1 and step_id = $2");
    CHANGES = "select person_id, before, after from step_changes where workspace_id = $1 and step_id = $2 \
               order by person_id";
    MARK_UNDONE = "update steps set undone = $1 where workspace_id = $2 and step_id = $3 and undone is null";
    DELETE_CHANGES = "delete from step_changes where workspace_id = $1 and step_id in \
                      (select c.step_id from step_changes c where c.workspace_id = $1 and c.person_id = $2)";
    LATEST = "select s.step_id, s.made, c.after from step_changes c \
              join steps s on s.workspace_id = c.workspace_id and s.step_id = c.step_id \
              where c.workspace_id = $1 and c.person_id = $2 and s.made >= $3 and s.undone is null \
              order by s.made desc, s.step_id desc limit 1";
    PEOPLE = "select person_id from step_changes where workspace_id = $1 and step_id = $2 order by person_id";
    PURGE_CHANGES = "delete from step_changes where workspace_id = $1 and step_id in \
                     (select s.step_id from steps s where s.workspace_id = $1 and s.made < $2)";
    PURGE = "delete from steps where workspace_id = $1 and made < $2";
}

/// Saves a step. `kind` is `deactivation`, `activation` or `swap`.
pub fn insert(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: StepId,
    kind: &'static str,
    made_by: Option<PersonId>,
    step: &Step,
) -> Result<()> {
    let made_by = made_by.map(PersonId::uuid);
    tx.soon_one(
        &INSERT,
        bind![
            ws.uuid(),
            id.uuid(),
            kind,
            time::micros(step.made),
            made_by,
            step.added_licenses,
            step.owned_before,
        ],
    )?;
    for change in &step.changes {
        let (before, after) = (text(&change.before)?, text(&change.after)?);
        tx.soon_one(&INSERT_CHANGE, bind![ws.uuid(), id.uuid(), change.person.uuid(), before, after])?;
    }
    Ok(())
}

fn text(status: &Status) -> Result<String> {
    serde_json::to_string(status).map_err(|error| crate::Error::Internal(error.to_string()))
}

fn status(text: &str, column: &'static str) -> Result<Status> {
    serde_json::from_str(text).map_err(|_| Error::Value(column).into())
}

/// A step with its changes, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId, id: StepId) -> Result<Option<Step>> {
    let found = tx
        .one(&LOCK, &[&ws.uuid(), &id.uuid()], |row| {
            Ok((row.time(0)?, row.get::<bool>(1)?, row.get::<i64>(2)?, row.get::<i64>(3)?))
        })
        .await?;
    let Some((made, undone, added_licenses, owned_before)) = found else {
        return Ok(None);
    };
    let changes = tx
        .all(&CHANGES, &[&ws.uuid(), &id.uuid()], |row| {
            Ok(Change {
                person: PersonId::from_uuid(row.get(0)?),
                before: status(&row.get::<String>(1)?, "step_changes.before")?,
                after: status(&row.get::<String>(2)?, "step_changes.after")?,
            })
        })
        .await?;
    Ok(Some(Step { made, undone, changes, added_licenses, owned_before }))
}

/// Marks a step as undone; it must not be so yet.
pub async fn mark_undone(tx: &mut Tx, ws: WorkspaceId, id: StepId, now: Timestamp) -> Result<()> {
    tx.exec_one(&MARK_UNDONE, &[&time::micros(now), &ws.uuid(), &id.uuid()]).await
}

/// The latest step of one person that can still be undone for them alone: made since `since`, not undone, and the
/// account is as it left it. Answers when it was made, too.
pub async fn latest(rx: &mut Rx, person: &Person, since: Timestamp) -> Result<Option<(StepId, Timestamp)>> {
    let params: [&dyn super::Param; 3] = [&person.workspace.uuid(), &person.id.uuid(), &time::micros(since)];
    let found = rx
        .one(&LATEST, &params, |row| {
            let after = status(&row.get::<String>(2)?, "step_changes.after")?;
            Ok((StepId::from_uuid(row.get(0)?), row.time(1)?, after))
        })
        .await?;
    Ok(found.filter(|(_, _, after)| *after == person.status).map(|(step, made, _)| (step, made)))
}

/// Whose accounts a step changed; nobody's when there is no such step, or when one of them has been deleted.
pub async fn people(rx: &mut Rx, ws: WorkspaceId, id: StepId) -> Result<Vec<PersonId>> {
    rx.all(&PEOPLE, &[&ws.uuid(), &id.uuid()], |row| Ok(PersonId::from_uuid(row.get(0)?))).await
}

/// Empties every step in which a deleted person had a part: half of a swap cannot be undone.
pub async fn delete_person(tx: &mut Tx, ws: WorkspaceId, person: PersonId) -> Result<()> {
    tx.exec(&DELETE_CHANGES, &[&ws.uuid(), &person.uuid()]).await?;
    Ok(())
}

/// Forgets steps made before `before`, which can no longer be undone.
pub async fn purge(tx: &mut Tx, ws: WorkspaceId, before: Timestamp) -> Result<()> {
    let key: [&dyn super::Param; 2] = [&ws.uuid(), &time::micros(before)];
    tx.exec(&PURGE_CHANGES, &key).await?;
    tx.exec(&PURGE, &key).await?;
    Ok(())
}
