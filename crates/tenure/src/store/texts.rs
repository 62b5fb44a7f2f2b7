//! What people write, as search finds it: descriptions of items and messages (see `docs/decisions/0013`).

use domain::id::{ItemId, MessageId, WorkspaceId};

use super::{
    Row, Rx, Tx, bind,
    dialect::{Codes, Numbers, any_value},
    statements,
};
use crate::{
    error::Result,
    text::{self, Sought},
};

/// How many texts that the index names are read at once, to confirm them.
const CANDIDATES: i64 = 25;

/// How many texts one search reads that the index named and that do not hold what is sought.
const VAIN: usize = 250;

statements! {
    ADD = {
        sqlite: "insert into texts (workspace_id, entry, item_id, message_id) \
                 select $1, (select coalesce(max(id), 0) + 1 from text_index_docsize), $2, $3 where true returning entry",
        postgres: "insert into texts (workspace_id, item_id, message_id) values ($1, $2, $3) returning entry",
    };
    INDEX = {
        sqlite: "insert into text_index (rowid, codes) select $1, $2 where $3 is not null",
        postgres: "insert into text_index (entry, codes, workspace_id) values ($1, $2, $3)",
    };
    INDEX_ANEW = {
        sqlite: "insert or replace into text_index (rowid, codes) select $1, $2 where $3 is not null",
        postgres: "update text_index set codes = $2 where entry = $1 and workspace_id = $3",
    };
    ENTRY_OF = "select t.entry from texts t where t.workspace_id = $1 and t.item_id = $2 and t.message_id is null";
    // FTS5 reads in the order of its numbers. GIN has to gather all hits before it can put them in order, so the codes of
    // the latest texts are looked at first: what is frequent is among them, and the index is then not asked.
    FOUND = scan {
        sqlite: "select rowid from text_index where $1 is not null and text_index match $2 and rowid < $3 \
                 order by rowid desc limit $4",
        postgres: "with latest as materialized (select x.entry, x.codes @> $2 as hit from text_index x \
                   where x.workspace_id = $1 and x.entry < $3 order by x.entry desc limit 1000) \
                   select f.entry from ( \
                   select l.entry from latest l where l.hit \
                   union all \
                   select x.entry from (select x.workspace_id, x.entry from text_index x where x.codes @> $2 offset 0) x \
                   where x.workspace_id = $1 and x.entry < (select min(l.entry) from latest l) \
                   and (select count(*) from latest l where l.hit) < $4) f \
                   order by f.entry desc limit $4",
    };
    TEXTS = any_value!("select t.entry, t.item_id, t.message_id, coalesce(m.body, i.description) from texts t \
            left join messages m on m.workspace_id = t.workspace_id and m.message_id = t.message_id \
            join items i on i.workspace_id = t.workspace_id and i.item_id = t.item_id \
            where t.workspace_id = $1 and ", "t.entry" in "$2", " order by t.entry desc");
}

/// A text that holds what is sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its number in the index: the later a text was written, the higher.
    pub entry: i64,
    /// The item that it is of.
    pub item: ItemId,
    /// The message that it is; `None` for the item's description.
    pub message: Option<MessageId>,
    /// The text, Markdown; a mention holds an id.
    pub body: String,
}

/// Some of what was found, the latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// The texts.
    pub found: Vec<Text>,
    /// Before which entry to look for more; nothing if there is none.
    pub more: Option<i64>,
}

fn from_row(row: &Row<'_>) -> Result<Text> {
    Ok(Text {
        entry: row.get(0)?,
        item: ItemId::from_uuid(row.get(1)?),
        message: row.get::<Option<uuid::Uuid>>(2)?.map(MessageId::from_uuid),
        body: row.get(3)?,
    })
}

/// Lets search find a new text: a message, or without one the description of an item.
pub async fn add(
    tx: &mut Tx,
    ws: WorkspaceId,
    (item, message): (ItemId, Option<MessageId>),
    body: &str,
) -> Result<()> {
    let codes = text::codes(ws.uuid(), &text::readable(body));
    if codes.is_empty() {
        return Ok(());
    }
    let message = message.map(MessageId::uuid);
    let entry = tx.one(&ADD, &[&ws.uuid(), &item.uuid(), &message], |row| row.get::<i64>(0)).await?;
    tx.soon(&INDEX, bind![entry.unwrap_or_default(), Codes(codes), ws.uuid()])
}

/// Lets search find the description of an item as it now is.
pub async fn replace(tx: &mut Tx, ws: WorkspaceId, item: ItemId, body: &str) -> Result<()> {
    match tx.one(&ENTRY_OF, &[&ws.uuid(), &item.uuid()], |row| row.get::<i64>(0)).await? {
        Some(entry) => {
            let codes = text::codes(ws.uuid(), &text::readable(body));
            tx.soon(&INDEX_ANEW, bind![entry, Codes(codes), ws.uuid()])
        }
        None => add(tx, ws, (item, None), body).await,
    }
}

/// Up to `limit` texts that hold what is sought, written before the text of an entry; the latest without one.
pub async fn search(
    rx: &mut Rx,
    ws: WorkspaceId,
    sought: &Sought,
    before: Option<i64>,
    limit: usize,
) -> Result<Texts> {
    let mut before = before.unwrap_or(i64::MAX);
    let mut found: Vec<Text> = Vec::new();
    let codes = Codes(sought.codes().to_vec());
    let (mut done, mut vain) = (false, 0);
    while !done && found.len() <= limit && vain < VAIN {
        let values: [&dyn super::Param; 4] = [&ws.uuid(), &codes, &before, &CANDIDATES];
        let entries = rx.all(&FOUND, &values, |row| row.get::<i64>(0)).await?;
        done = i64::try_from(entries.len()).is_ok_and(|read| read < CANDIDATES);
        let Some(last) = entries.last() else { break };
        before = *last;
        let (read, had) = (entries.len(), found.len());
        let texts = rx.all(&TEXTS, &[&ws.uuid(), &Numbers(entries)], from_row).await?;
        found.extend(texts.into_iter().filter(|text| sought.is_in(&text::readable(&text.body))));
        vain += read - (found.len() - had);
    }
    if found.len() > limit {
        found.truncate(limit);
        return Ok(Texts { more: found.last().map(|text| text.entry), found });
    }
    Ok(Texts { found, more: (!done).then_some(before) })
}
