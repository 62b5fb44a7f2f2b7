//! What a person holds, wrote and was named in, for them to take along: list by list, each read in pages by an index.

use domain::id::{PersonId, WorkspaceId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Param, Row, Rx, statements};
use crate::error::Result;

/// A list of what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Items that they are assigned or follow.
    Items,
    /// Items that they requested, with what they asked.
    Requests,
    /// Projects that they are assigned or follow.
    Projects,
    /// Messages that they wrote.
    Messages,
    /// Files that they sent, without their bytes.
    Attachments,
    /// Messages that mention them.
    Mentions,
    /// Handovers that can still be taken back or are kept yet, of their items or to them.
    Handovers,
}

impl List {
    /// Every list, in the order in which they are written.
    pub const ALL: [Self; 7] = [
        Self::Items,
        Self::Requests,
        Self::Projects,
        Self::Messages,
        Self::Attachments,
        Self::Mentions,
        Self::Handovers,
    ];

    /// The name of its file, without the ending.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Requests => "requests",
            Self::Projects => "projects",
            Self::Messages => "messages",
            Self::Attachments => "attachments",
            Self::Mentions => "mentions",
            Self::Handovers => "handovers",
        }
    }
}

/// Where a page of a list ends; of its parts each list uses those that it is ordered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    part: String,
    finished: bool,
    at: i64,
    id: Uuid,
}

impl Place {
    /// Before everything.
    #[must_use]
    pub fn first() -> Self {
        Self { part: String::new(), finished: false, at: i64::MIN, id: Uuid::nil() }
    }
}

statements! {
    ITEMS = "select x.item_id, x.part, x.finished, x.since, i.number, i.kind, i.title, i.status from item_people x \
             join items i on i.workspace_id = x.workspace_id and i.item_id = x.item_id \
             where x.workspace_id = $1 and x.person_id = $2 and (x.part, x.finished, x.item_id) > ($3, $4, $5) \
             order by x.part, x.finished, x.item_id limit $6";
    REQUESTS = "select i.item_id, i.updated, i.created, i.number, i.kind, i.title, i.status, i.description from items i \
                where i.workspace_id = $1 and i.requester_id = $2 and (i.updated, i.item_id) > ($3, $4) \
                order by i.updated, i.item_id limit $5";
    PROJECTS = "select x.project_id, x.part, x.since, j.name, j.state from project_people x \
                join projects j on j.workspace_id = x.workspace_id and j.project_id = x.project_id \
                where x.workspace_id = $1 and x.person_id = $2 and (x.part, x.project_id) > ($3, $4) \
                order by x.part, x.project_id limit $5";
    MESSAGES = "select m.message_id, m.created, i.number, m.kind, m.body from messages m \
                join items i on i.workspace_id = m.workspace_id and i.item_id = m.item_id \
                where m.workspace_id = $1 and m.author_id = $2 and m.message_id > $3 order by m.message_id limit $4";
    ATTACHMENTS = "select a.attachment_id, a.created, i.number, a.message_id, a.name, a.media_type, a.size, a.digest \
                   from attachments a join items i on i.workspace_id = a.workspace_id and i.item_id = a.item_id \
                   where a.workspace_id = $1 and a.uploader_id = $2 and a.attachment_id > $3 \
                   order by a.attachment_id limit $4";
    MENTIONS = "select n.message_id, n.at, i.number from mentions n \
                join items i on i.workspace_id = n.workspace_id and i.item_id = n.item_id \
                where n.workspace_id = $1 and n.person_id = $2 and (n.at, n.message_id) > ($3, $4) \
                order by n.at, n.message_id limit $5";
    // Counted for each, not looked for in a list of all: PostgreSQL would make that of every item of the workspace.
    HANDOVERS = "select h.handover_id, h.made, h.items, h.undone, h.giver_id, h.received from \
                 (select o.*, (select count(*) from handover_items g where g.workspace_id = $1 \
                  and g.handover_id = o.handover_id and g.receiver_id = $2) as received from handovers o \
                  where o.workspace_id = $1 and (o.made, o.handover_id) > ($3, $4)) h \
                 where h.giver_id = $2 or h.received > 0 order by h.made, h.handover_id limit $5";
}

/// Up to `limit` entries of a list after a place, each with its own place. What changes while it is read may be met
/// twice, but not missed.
pub async fn page(
    rx: &mut Rx,
    ws: WorkspaceId,
    person: PersonId,
    (list, after): (List, &Place),
    limit: i64,
) -> Result<Vec<(Value, Place)>> {
    let (ws, who) = (ws.uuid(), person.uuid());
    let Place { part, finished, at, id } = after;
    let by_time: [&dyn Param; 5] = [&ws, &who, at, id, &limit];
    let by_id: [&dyn Param; 4] = [&ws, &who, id, &limit];
    match list {
        List::Items => rx.all(&ITEMS, &[&ws, &who, part, finished, id, &limit], item).await,
        List::Requests => rx.all(&REQUESTS, &by_time, request).await,
        List::Projects => rx.all(&PROJECTS, &[&ws, &who, part, id, &limit], project).await,
        List::Messages => rx.all(&MESSAGES, &by_id, message).await,
        List::Attachments => rx.all(&ATTACHMENTS, &by_id, attachment).await,
        List::Mentions => rx.all(&MENTIONS, &by_time, mention).await,
        List::Handovers => {
            let mut found = rx.all(&HANDOVERS, &by_time, handover).await?;
            for (entry, _) in &mut found {
                entry["given"] = json!(entry["given"] == json!(who));
            }
            Ok(found)
        }
    }
}

/// The place of a row that begins with its id.
fn place(row: &Row<'_>) -> Result<Place> {
    Ok(Place { id: row.get(0)?, ..Place::first() })
}

fn item(row: &Row<'_>) -> Result<(Value, Place)> {
    let (part, finished) = (row.get::<String>(1)?, row.get::<bool>(2)?);
    let entry = json!({
        "number": row.get::<i64>(4)?, "kind": row.get::<String>(5)?, "title": row.get::<String>(6)?,
        "status": row.get::<String>(7)?, "part": part, "since": row.time(3)?,
    });
    Ok((entry, Place { part, finished, ..place(row)? }))
}

fn request(row: &Row<'_>) -> Result<(Value, Place)> {
    let entry = json!({
        "number": row.get::<i64>(3)?, "kind": row.get::<String>(4)?, "title": row.get::<String>(5)?,
        "status": row.get::<String>(6)?, "description": row.get::<String>(7)?, "created": row.time(2)?,
    });
    Ok((entry, Place { at: row.get(1)?, ..place(row)? }))
}

fn project(row: &Row<'_>) -> Result<(Value, Place)> {
    let part = row.get::<String>(1)?;
    let entry = json!({
        "id": row.get::<Uuid>(0)?, "name": row.get::<String>(3)?, "state": row.get::<String>(4)?, "part": part,
        "since": row.time(2)?,
    });
    Ok((entry, Place { part, ..place(row)? }))
}

fn message(row: &Row<'_>) -> Result<(Value, Place)> {
    let entry = json!({
        "id": row.get::<Uuid>(0)?, "item": row.get::<i64>(2)?, "kind": row.get::<String>(3)?,
        "body": row.get::<String>(4)?, "created": row.time(1)?,
    });
    Ok((entry, place(row)?))
}

fn attachment(row: &Row<'_>) -> Result<(Value, Place)> {
    let entry = json!({
        "id": row.get::<Uuid>(0)?, "item": row.get::<i64>(2)?, "message": row.get::<Option<Uuid>>(3)?,
        "name": row.get::<String>(4)?, "media_type": row.get::<String>(5)?, "size": row.get::<i64>(6)?,
        "digest": row.get::<String>(7)?, "created": row.time(1)?,
    });
    Ok((entry, place(row)?))
}

fn mention(row: &Row<'_>) -> Result<(Value, Place)> {
    let entry = json!({ "message": row.get::<Uuid>(0)?, "item": row.get::<i64>(2)?, "at": row.time(1)? });
    Ok((entry, Place { at: row.get(1)?, ..place(row)? }))
}

/// `given` is by whom, until it is said whether that is whom the list is about.
fn handover(row: &Row<'_>) -> Result<(Value, Place)> {
    let at = row.get(1)?;
    let entry = json!({
        "id": row.get::<Uuid>(0)?, "made": row.time(1)?, "items": row.get::<i64>(2)?,
        "taken_back": row.time_opt(3)?, "given": row.get::<Uuid>(4)?, "received": row.get::<i64>(5)?,
    });
    Ok((entry, Place { at, ..place(row)? }))
}
