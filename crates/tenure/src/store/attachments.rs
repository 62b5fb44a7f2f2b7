//! Attachments: what is known of each; the bytes lie beside the database, see [`crate::attachments`].

use domain::{
    id::{AttachmentId, ItemId, MessageId, PersonId, WorkspaceId},
    item::MessageKind,
    person::Kind,
};
use jiff::Timestamp;

use super::{
    Error, Row, Rx, Sql, Tx,
    dialect::{Uuids, any_uuid},
    statements, time,
};
use crate::error::Result;

/// An attachment as its message shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The attachment.
    pub id: AttachmentId,
    /// Where.
    pub item: ItemId,
    /// With which message.
    pub message: MessageId,
    /// Whether that is a reply or a note: a note's are for users only.
    pub kind: MessageKind,
    /// What its sender calls it.
    pub name: String,
    /// `image/png` and the like of a picture that may be shown; else `application/octet-stream`.
    pub media_type: String,
    /// How many bytes it has.
    pub size: i64,
}

/// A new attachment of a message.
#[derive(Debug, Clone)]
pub struct NewAttachment {
    /// The attachment, under whose id the bytes lie already.
    pub id: AttachmentId,
    /// Its name.
    pub name: String,
    /// Its kind, as its own bytes say.
    pub media_type: &'static str,
    /// How many bytes it has.
    pub size: i64,
    /// Their SHA-256, in hexadecimal digits.
    pub digest: String,
}

macro_rules! attachment_columns {
    () => {
        "a.attachment_id, a.item_id, a.message_id, m.kind, a.name, a.media_type, a.size from attachments a \
         join messages m on m.workspace_id = a.workspace_id and m.message_id = a.message_id"
    };
}

statements! {
    INSERT = "insert into attachments (workspace_id, attachment_id, item_id, message_id, name, media_type, size, \
              digest, uploader_id, uploader_kind, created) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    LOAD = Sql::both(concat!(
        "select ", attachment_columns!(), " where a.workspace_id = $1 and a.attachment_id = $2"
    ));
    // The plus keeps SQLite from reading every attachment of the workspace, in order, instead of these.
    OF_MESSAGES = Sql::each(
        concat!(
            "select ", attachment_columns!(), " where a.workspace_id = $1 \
             and a.message_id in (select unhex(value) from json_each($2)) order by +a.attachment_id"
        ),
        concat!(
            "select ", attachment_columns!(), " where a.workspace_id = $1 and a.message_id = any($2) \
             order by a.attachment_id"
        ),
    );
    KNOWN = any_uuid!("select a.attachment_id from attachments a where a.workspace_id = $1 and ",
            "a.attachment_id" in "$2", "");
    NEXT_OF_UPLOADER = "select a.attachment_id from attachments a where a.workspace_id = $1 and a.uploader_id = $2 \
                        order by a.attachment_id limit $3";
    FORGET_UPLOADER = any_uuid!("update attachments set uploader_id = null where workspace_id = $1 and ",
                      "attachment_id" in "$2", "");
}

fn from_row(row: &Row<'_>) -> Result<Attachment> {
    Ok(Attachment {
        id: AttachmentId::from_uuid(row.get(0)?),
        item: ItemId::from_uuid(row.get(1)?),
        message: MessageId::from_uuid(row.get(2)?),
        kind: MessageKind::parse(&row.get::<String>(3)?).ok_or(Error::Value("messages.kind"))?,
        name: row.get(4)?,
        media_type: row.get(5)?,
        size: row.get(6)?,
    })
}

/// Saves an attachment of a message.
pub async fn insert(
    tx: &mut Tx,
    ws: WorkspaceId,
    (item, message): (ItemId, MessageId),
    (uploader, kind): (PersonId, Kind),
    new: &NewAttachment,
    now: Timestamp,
) -> Result<()> {
    tx.exec_one(
        &INSERT,
        &[
            &ws.uuid(),
            &new.id.uuid(),
            &item.uuid(),
            &message.uuid(),
            &new.name,
            &new.media_type,
            &new.size,
            &new.digest,
            &uploader.uuid(),
            &kind.word(),
            &time::micros(now),
        ],
    )
    .await
}

/// An attachment of this workspace.
pub async fn load(rx: &mut Rx, ws: WorkspaceId, id: AttachmentId) -> Result<Option<Attachment>> {
    rx.one(&LOAD, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// Those of several messages, in the order in which they were chosen.
pub async fn of_messages(rx: &mut Rx, ws: WorkspaceId, messages: &[MessageId]) -> Result<Vec<Attachment>> {
    let messages: Uuids = messages.iter().map(|id| id.uuid()).collect();
    rx.all(&OF_MESSAGES, &[&ws.uuid(), &messages], from_row).await
}

/// Which of these there are.
pub async fn known(rx: &mut Rx, ws: WorkspaceId, ids: &[AttachmentId]) -> Result<Vec<AttachmentId>> {
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    rx.all(&KNOWN, &[&ws.uuid(), &ids], |row| Ok(AttachmentId::from_uuid(row.get(0)?))).await
}

/// Takes the name from up to `limit` attachments of somebody who is deleted; answers whether there may be more.
pub async fn forget_uploader(tx: &mut Tx, ws: WorkspaceId, uploader: PersonId, limit: i64) -> Result<bool> {
    let key: [&dyn super::Param; 3] = [&ws.uuid(), &uploader.uuid(), &limit];
    let found = tx.all(&NEXT_OF_UPLOADER, &key, |row| row.get::<uuid::Uuid>(0)).await?;
    let more = i64::try_from(found.len()).is_ok_and(|rows| rows == limit);
    if !found.is_empty() {
        tx.exec(&FORGET_UPLOADER, &[&ws.uuid(), &Uuids(found)]).await?;
    }
    Ok(more)
}
