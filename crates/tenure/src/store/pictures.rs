//! The pictures of people: the bytes here, their digest in the person's row.

use domain::id::{PersonId, WorkspaceId};

use super::{Rx, Tx, statements};
use crate::error::Result;

statements! {
    SET_PICTURE = "update people set picture = $1, version = version + 1 \
                   where workspace_id = $2 and person_id = $3";
    SAVE_PICTURE = "insert into pictures (workspace_id, person_id, media_type, bytes) \
                    values ($1, $2, $3, $4) on conflict (workspace_id, person_id) \
                    do update set media_type = excluded.media_type, bytes = excluded.bytes";
    LOAD_PICTURE = "select media_type, bytes from pictures where workspace_id = $1 and person_id = $2";
    DELETE_PICTURE = "delete from pictures where workspace_id = $1 and person_id = $2";
}

/// Saves a picture, or removes it.
pub async fn set(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: PersonId,
    picture: Option<(&str, &str, &[u8])>,
) -> Result<()> {
    let digest = picture.map(|(digest, _, _)| digest);
    tx.exec_one(&SET_PICTURE, &[&digest, &ws.uuid(), &id.uuid()]).await?;
    if let Some((_, media_type, bytes)) = picture {
        return tx.exec_one(&SAVE_PICTURE, &[&ws.uuid(), &id.uuid(), &media_type, &bytes]).await;
    }
    tx.exec(&DELETE_PICTURE, &[&ws.uuid(), &id.uuid()]).await?;
    Ok(())
}

/// A person's picture: media type and bytes.
pub async fn load(rx: &mut Rx, ws: WorkspaceId, id: PersonId) -> Result<Option<(String, Vec<u8>)>> {
    rx.one(&LOAD_PICTURE, &[&ws.uuid(), &id.uuid()], |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// Removes the picture of a person who is deleted.
pub async fn delete(tx: &mut Tx, ws: WorkspaceId, id: PersonId) -> Result<()> {
    tx.exec(&DELETE_PICTURE, &[&ws.uuid(), &id.uuid()]).await?;
    Ok(())
}
