//! Conversations: replies and notes, and whom they mention.

use domain::{
    id::{ItemId, MessageId, PersonId, WorkspaceId},
    item::MessageKind,
    person::Kind,
};
use jiff::Timestamp;

use super::{
    Error, Row, Rx, Sql, Tx,
    dialect::{Uuids, any_uuid},
    item_people::{Brief, brief_at},
    statements, time,
};
use crate::error::Result;

/// A message as a conversation shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The message.
    pub id: MessageId,
    /// A reply or a note.
    pub kind: MessageKind,
    /// The text, Markdown; a mention holds an id.
    pub body: String,
    /// When it was written.
    pub created: Timestamp,
    /// Who wrote it; `None` for somebody who was deleted.
    pub author: Option<Brief>,
    /// What the author was when they wrote it: for "Deleted user" and "Deleted customer".
    pub author_kind: Kind,
}

/// A new message.
#[derive(Debug)]
pub struct NewMessage<'a> {
    /// The message.
    pub id: MessageId,
    /// Where.
    pub item: ItemId,
    /// A reply or a note.
    pub kind: MessageKind,
    /// Who writes.
    pub author: PersonId,
    /// What they are.
    pub author_kind: Kind,
    /// The text.
    pub body: &'a str,
    /// When.
    pub created: Timestamp,
}

macro_rules! message_columns {
    () => {
        "m.message_id, m.kind, m.body, m.created, m.author_kind, p.person_id, p.kind, p.name, p.email, p.picture, \
         p.status from messages m \
         left join people p on p.workspace_id = m.workspace_id and p.person_id = m.author_id"
    };
}

statements! {
    OF_ITEM = Sql::both(concat!(
        "select ", message_columns!(), " where m.workspace_id = $1 and m.item_id = $2 \
         and (m.created, m.message_id) < ($3, $4) and m.kind in ('reply', $5) \
         order by m.created desc, m.message_id desc limit $6"
    ));
    MANY = Sql::each(
        concat!(
            "select ", message_columns!(), " where m.workspace_id = $1 \
             and m.message_id in (select unhex(value) from json_each($2))"
        ),
        concat!("select ", message_columns!(), " where m.workspace_id = $1 and m.message_id = any($2)"),
    );
    PLACE = "select m.created from messages m where m.workspace_id = $1 and m.message_id = $2 and m.item_id = $3 \
             and m.kind in ('reply', $4)";
    AFTER = "select m.created, m.message_id from messages m where m.workspace_id = $1 and m.item_id = $2 \
             and (m.created, m.message_id) > ($3, $4) and m.kind in ('reply', $5) \
             order by m.created, m.message_id limit $6";
    INSERT = "insert into messages (workspace_id, message_id, item_id, kind, author_id, author_kind, body, created) \
              values ($1, $2, $3, $4, $5, $6, $7, $8)";
    MENTION = "insert into mentions (workspace_id, message_id, person_id, item_id, at) values ($1, $2, $3, $4, $5)";
    MENTIONED = any_uuid!("select n.message_id, n.person_id from mentions n where n.workspace_id = $1 and ",
                "n.message_id" in "$2", "");
    MENTIONS_OF = "select n.item_id, n.message_id, n.at from mentions n where n.workspace_id = $1 and n.person_id = $2 \
                   and (n.at, n.message_id) < ($3, $4) order by n.at desc, n.message_id desc limit $5";
    COUNT_MENTIONS = "select count(*) from (select 1 from mentions n where n.workspace_id = $1 and n.person_id = $2 \
                      limit $3) x";
    COUNT_OF_AUTHOR = "select count(*) from messages m where m.workspace_id = $1 and m.author_id = $2";
    NEXT_OF_AUTHOR = "select m.message_id from messages m where m.workspace_id = $1 and m.author_id = $2 \
                      order by m.message_id limit $3";
    FORGET_AUTHOR = any_uuid!("update messages set author_id = null where workspace_id = $1 and ",
                    "message_id" in "$2", "");
    NEXT_MENTIONS = "select n.message_id from mentions n where n.workspace_id = $1 and n.person_id = $2 \
                     order by n.at, n.message_id limit $3";
    FORGET_MENTIONS = any_uuid!("delete from mentions where workspace_id = $1 and person_id = $2 and ",
                      "message_id" in "$3", "");
}

fn from_row(row: &Row<'_>) -> Result<Message> {
    Ok(Message {
        id: MessageId::from_uuid(row.get(0)?),
        kind: MessageKind::parse(&row.get::<String>(1)?).ok_or(Error::Value("messages.kind"))?,
        body: row.get(2)?,
        created: row.time(3)?,
        author_kind: Kind::parse(&row.get::<String>(4)?).ok_or(Error::Value("messages.author_kind"))?,
        author: match row.get::<Option<uuid::Uuid>>(5)? {
            Some(_) => Some(brief_at(row, 5)?),
            None => None,
        },
    })
}

/// A place in a conversation: when a message was written, and its id.
pub type Place = (Timestamp, MessageId);

/// Up to `limit` messages of an item before a place, the oldest first; the latest without one. Notes are for
/// users only.
pub async fn before(
    rx: &mut Rx,
    ws: WorkspaceId,
    item: ItemId,
    notes: bool,
    place: Option<Place>,
    limit: i64,
) -> Result<Vec<Message>> {
    let (at, id) = place.map_or((i64::MAX, uuid::Uuid::max()), |(at, id)| (time::micros(at), id.uuid()));
    let kind = if notes { MessageKind::Note } else { MessageKind::Reply };
    let values: [&dyn super::Param; 6] = [&ws.uuid(), &item.uuid(), &at, &id, &kind.word(), &limit];
    let mut found = rx.all(&OF_ITEM, &values, from_row).await?;
    found.reverse();
    Ok(found)
}

/// These messages, in no order.
pub async fn many(rx: &mut Rx, ws: WorkspaceId, ids: &[MessageId]) -> Result<Vec<Message>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    rx.all(&MANY, &[&ws.uuid(), &ids], from_row).await
}

/// The place of a message of an item; notes are for users only.
pub async fn place(
    rx: &mut Rx,
    ws: WorkspaceId,
    item: ItemId,
    notes: bool,
    id: MessageId,
) -> Result<Option<Place>> {
    let kind = if notes { MessageKind::Note } else { MessageKind::Reply };
    let values: [&dyn super::Param; 4] = [&ws.uuid(), &id.uuid(), &item.uuid(), &kind.word()];
    Ok(rx.one(&PLACE, &values, |row| row.time(0)).await?.map(|at| (at, id)))
}

/// The places of up to `limit` messages of an item after a place, the oldest first.
pub async fn after(
    rx: &mut Rx,
    ws: WorkspaceId,
    item: ItemId,
    notes: bool,
    (at, id): Place,
    limit: i64,
) -> Result<Vec<Place>> {
    let kind = if notes { MessageKind::Note } else { MessageKind::Reply };
    let at = time::micros(at);
    let values: [&dyn super::Param; 6] = [&ws.uuid(), &item.uuid(), &at, &id.uuid(), &kind.word(), &limit];
    rx.all(&AFTER, &values, |row| Ok((row.time(0)?, MessageId::from_uuid(row.get(1)?)))).await
}

/// Saves a message.
pub async fn insert(tx: &mut Tx, ws: WorkspaceId, new: &NewMessage<'_>) -> Result<()> {
    tx.exec_one(
        &INSERT,
        &[
            &ws.uuid(),
            &new.id.uuid(),
            &new.item.uuid(),
            &new.kind.word(),
            &new.author.uuid(),
            &new.author_kind.word(),
            &new.body,
            &time::micros(new.created),
        ],
    )
    .await
}

/// Notes that a message mentions somebody.
pub async fn mention(tx: &mut Tx, ws: WorkspaceId, new: &NewMessage<'_>, person: PersonId) -> Result<()> {
    let at = time::micros(new.created);
    tx.exec_one(&MENTION, &[&ws.uuid(), &new.id.uuid(), &person.uuid(), &new.item.uuid(), &at]).await
}

/// Whom messages mention; who is gone is among them until the last piece of them has gone.
pub async fn mentioned(
    rx: &mut Rx,
    ws: WorkspaceId,
    messages: &[MessageId],
) -> Result<Vec<(MessageId, PersonId)>> {
    let messages: Uuids = messages.iter().map(|id| id.uuid()).collect();
    rx.all(&MENTIONED, &[&ws.uuid(), &messages], |row| {
        Ok((MessageId::from_uuid(row.get(0)?), PersonId::from_uuid(row.get(1)?)))
    })
    .await
}

/// Where somebody is mentioned, the latest first, before a place.
pub async fn mentions_of(
    rx: &mut Rx,
    ws: WorkspaceId,
    person: PersonId,
    place: Option<Place>,
    limit: i64,
) -> Result<Vec<(ItemId, Place)>> {
    let (at, id) = place.map_or((i64::MAX, uuid::Uuid::max()), |(at, id)| (time::micros(at), id.uuid()));
    rx.all(&MENTIONS_OF, &[&ws.uuid(), &person.uuid(), &at, &id, &limit], |row| {
        Ok((ItemId::from_uuid(row.get(0)?), (row.time(2)?, MessageId::from_uuid(row.get(1)?))))
    })
    .await
}

/// How many messages mention somebody, counted up to `limit`.
pub async fn count_mentions(rx: &mut Rx, ws: WorkspaceId, person: PersonId, limit: i64) -> Result<i64> {
    let count = rx.one(&COUNT_MENTIONS, &[&ws.uuid(), &person.uuid(), &limit], |row| row.get(0)).await?;
    Ok(count.unwrap_or(0))
}

/// How many messages somebody wrote.
pub async fn count_of_author(rx: &mut Rx, ws: WorkspaceId, author: PersonId) -> Result<i64> {
    Ok(rx.one(&COUNT_OF_AUTHOR, &[&ws.uuid(), &author.uuid()], |row| row.get(0)).await?.unwrap_or(0))
}

/// Takes the name from up to `limit` messages of an author who is deleted, and removes as many mentions of them;
/// answers whether there may be more.
pub async fn forget_author(tx: &mut Tx, ws: WorkspaceId, author: PersonId, limit: i64) -> Result<bool> {
    let key: [&dyn super::Param; 3] = [&ws.uuid(), &author.uuid(), &limit];
    let written = tx.all(&NEXT_OF_AUTHOR, &key, |row| row.get::<uuid::Uuid>(0)).await?;
    let mentions = tx.all(&NEXT_MENTIONS, &key, |row| row.get::<uuid::Uuid>(0)).await?;
    let full = |rows: usize| i64::try_from(rows).is_ok_and(|rows| rows == limit);
    let more = full(written.len()) || full(mentions.len());
    if !written.is_empty() {
        tx.exec(&FORGET_AUTHOR, &[&ws.uuid(), &Uuids(written)]).await?;
    }
    if !mentions.is_empty() {
        tx.exec(&FORGET_MENTIONS, &[&ws.uuid(), &author.uuid(), &Uuids(mentions)]).await?;
    }
    Ok(more)
}
