//! What is kept of somebody who has been deleted: which kind they were, so that what they left can be called "Deleted user"
//! or "Deleted customer".

use domain::{
    id::{PersonId, WorkspaceId},
    person::{Kind, Person},
};

use super::{Rx, Tx, bind, statements};
use crate::error::Result;

statements! {
    REMEMBER = "insert into deleted_people (workspace_id, person_id, kind) values ($1, $2, $3)";
    KIND = "select kind from deleted_people where workspace_id = $1 and person_id = $2";
}

/// Keeps the kind of somebody who is deleted.
pub fn remember(tx: &mut Tx, person: &Person) -> Result<()> {
    tx.soon_one(&REMEMBER, bind![person.workspace.uuid(), person.id.uuid(), person.kind.word()])
}

/// Of which kind somebody was who has been deleted.
pub async fn kind(rx: &mut Rx, ws: WorkspaceId, id: PersonId) -> Result<Option<Kind>> {
    let kind = rx.one(&KIND, &[&ws.uuid(), &id.uuid()], |row| row.get::<String>(0)).await?;
    Ok(kind.as_deref().and_then(Kind::parse))
}
