//! The history of items and projects: one row for each field that changed.

use domain::{
    actor::Actor,
    id::{ChangeId, PersonId, WorkspaceId},
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Row, Rx, Sql, Tx, bind, statements, time};
use crate::error::Result;

/// A line of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The line.
    pub id: ChangeId,
    /// When.
    pub at: Timestamp,
    /// What kind of actor: `person`, `cli` or `job`.
    pub actor: String,
    /// The person behind.
    pub actor_id: Option<PersonId>,
    /// `user` or `customer` of a person; the user name or the job of the machine.
    pub actor_label: String,
    /// What changed.
    pub field: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

macro_rules! change_columns {
    () => {
        "c.change_id, c.at, c.actor, c.actor_id, c.actor_label, c.field, c.before, c.after"
    };
}

statements! {
    INSERT = "insert into changes (workspace_id, subject_id, change_id, at, actor, actor_id, actor_label, field, \
              before, after) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    LATEST = Sql::both(concat!(
        "select ", change_columns!(), " from changes c where c.workspace_id = $1 and c.subject_id = $2 \
         order by c.change_id desc limit $3"
    ));
    FORGET = "delete from changes where workspace_id = $1 and subject_id = $2";
    BEFORE = Sql::both(concat!(
        "select ", change_columns!(), " from changes c where c.workspace_id = $1 and c.subject_id = $2 \
         and c.change_id < $3 order by c.change_id desc limit $4"
    ));
}

/// Saves a line with the next statement that is waited for.
pub(crate) fn insert(
    tx: &mut Tx,
    ws: WorkspaceId,
    subject: Uuid,
    actor: &Actor,
    change: Change,
) -> Result<()> {
    tx.soon_one(
        &INSERT,
        bind![
            ws.uuid(),
            subject,
            change.id.uuid(),
            time::micros(change.at),
            actor.word(),
            change.actor_id.map(PersonId::uuid),
            change.actor_label,
            change.field,
            change.before,
            change.after,
        ],
    )
}

/// Forgets the lines about something that is deleted.
pub async fn forget(tx: &mut Tx, ws: WorkspaceId, subject: Uuid) -> Result<()> {
    tx.exec(&FORGET, &[&ws.uuid(), &subject]).await?;
    Ok(())
}

/// The lines about an item or a project, the newest first; those before `before`, where it is given.
pub async fn page(
    rx: &mut Rx,
    ws: WorkspaceId,
    subject: Uuid,
    before: Option<ChangeId>,
    limit: i64,
) -> Result<Vec<Change>> {
    match before {
        None => rx.all(&LATEST, &[&ws.uuid(), &subject, &limit], from_row).await,
        Some(before) => rx.all(&BEFORE, &[&ws.uuid(), &subject, &before.uuid(), &limit], from_row).await,
    }
}

fn from_row(row: &Row<'_>) -> Result<Change> {
    Ok(Change {
        id: ChangeId::from_uuid(row.get(0)?),
        at: row.time(1)?,
        actor: row.get(2)?,
        actor_id: row.get::<Option<_>>(3)?.map(PersonId::from_uuid),
        actor_label: row.get(4)?,
        field: row.get(5)?,
        before: row.get(6)?,
        after: row.get(7)?,
    })
}
