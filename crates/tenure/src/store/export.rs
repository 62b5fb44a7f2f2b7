//! Everything that is kept of one person, for them to take along. No secrets, not as hashes either.

use domain::id::{PersonId, WorkspaceId};
use serde_json::{Value, json};

use super::{
    Row, Rx, Sql,
    audit::{self, Entry, entry_columns},
    dialect::{Uuids, any_uuid},
    statements,
};
use crate::error::Result;

statements! {
    EXTERNAL_IDS = any_uuid!("select person_id, external_id from people where workspace_id = $1 \
                   and external_id is not null and ", "person_id" in "$2", "");
    SESSIONS = "select session_id, began, last_used, address, user_agent, ended, ended_why from sessions \
                where workspace_id = $1 and person_id = $2 order by began, session_id";
    LINKS = "select link_id, kind, made, expires, closed, closed_why from links \
             where workspace_id = $1 and person_id = $2 order by made, link_id";
    TOKENS = "select token_id, name, scopes, created, expires, last_used, suspended, revoked from tokens \
              where workspace_id = $1 and person_id = $2 and kind = 'personal' order by token_id";
    SPANS = "select since, since_why, until, until_why from license_spans \
             where workspace_id = $1 and person_id = $2 order by since";
    STEPS = "select s.kind, s.made, s.undone, c.before, c.after from step_changes c \
             join steps s on s.workspace_id = c.workspace_id and s.step_id = c.step_id \
             where c.workspace_id = $1 and c.person_id = $2 order by s.made, s.step_id";
    VIEWS = "select grid, name, query, created from views where workspace_id = $1 and person_id = $2 \
             order by grid, name, view_id";
    HELD = "select name, title, body, received from held_requests where workspace_id = $1 and person_id = $2 \
            order by request_id";
    ABOUT = Sql::both(concat!(
        "select ", entry_columns!(), " from audit a \
         left join audit_personal v on v.workspace_id = a.workspace_id and v.audit_id = a.audit_id \
         where a.workspace_id = $1 and a.person_id = $2 order by a.at, a.audit_id"
    ));
}

/// The external ids of several people, of those who have one.
pub async fn external_ids(rx: &mut Rx, ws: WorkspaceId, ids: &[PersonId]) -> Result<Vec<(PersonId, String)>> {
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    rx.all(&EXTERNAL_IDS, &[&ws.uuid(), &ids], |row| Ok((PersonId::from_uuid(row.get(0)?), row.get(1)?)))
        .await
}

async fn list(
    rx: &mut Rx,
    sql: &Sql,
    ws: WorkspaceId,
    id: PersonId,
    read: fn(&Row<'_>) -> Result<Value>,
) -> Result<Vec<Value>> {
    rx.all(sql, &[&ws.uuid(), &id.uuid()], read).await
}

/// Every session of a person that is still kept.
pub async fn sessions(rx: &mut Rx, ws: WorkspaceId, id: PersonId) -> Result<Vec<Value>> {
    list(rx, &SESSIONS, ws, id, |row| {
        Ok(json!({
            "id": row.get::<uuid::Uuid>(0)?, "began": row.time(1)?, "last_used": row.time(2)?,
            "address": row.get::<String>(3)?, "browser": row.get::<String>(4)?,
            "ended": row.time_opt(5)?, "ended_why": row.get::<Option<String>>(6)?,
        }))
    })
    .await
}

/// Every link of a person that is still kept, without what opens it.
pub async fn links(rx: &mut Rx, ws: WorkspaceId, id: PersonId) -> Result<Vec<Value>> {
    list(rx, &LINKS, ws, id, |row| {
        Ok(json!({
            "id": row.get::<uuid::Uuid>(0)?, "kind": row.get::<String>(1)?, "made": row.time(2)?,
            "expires": row.time(3)?, "closed": row.time_opt(4)?, "closed_why": row.get::<Option<String>>(5)?,
        }))
    })
    .await
}

/// The API tokens of a person, without what opens them.
pub async fn tokens(rx: &mut Rx, ws: WorkspaceId, id: PersonId) -> Result<Vec<Value>> {
    list(rx, &TOKENS, ws, id, |row| {
        Ok(json!({
            "id": row.get::<uuid::Uuid>(0)?, "name": row.get::<String>(1)?, "scopes": row.get::<String>(2)?,
            "created": row.time(3)?, "expires": row.time_opt(4)?, "last_used": row.time_opt(5)?,
            "suspended": row.time_opt(6)?, "revoked": row.time_opt(7)?,
        }))
    })
    .await
}

/// From when to when a person held a license.
pub async fn spans(rx: &mut Rx, ws: WorkspaceId, id: PersonId) -> Result<Vec<Value>> {
    list(rx, &SPANS, ws, id, |row| {
        Ok(json!({
            "since": row.time(0)?, "since_why": row.get::<String>(1)?,
            "until": row.time_opt(2)?, "until_why": row.get::<Option<String>>(3)?,
        }))
    })
    .await
}

/// The steps that changed a person's status and could be undone.
pub async fn steps(rx: &mut Rx, ws: WorkspaceId, id: PersonId) -> Result<Vec<Value>> {
    list(rx, &STEPS, ws, id, |row| {
        let parsed = |text: String| serde_json::from_str::<Value>(&text).unwrap_or(Value::Null);
        Ok(json!({
            "kind": row.get::<String>(0)?, "made": row.time(1)?, "undone": row.time_opt(2)?,
            "before": parsed(row.get(3)?), "after": parsed(row.get(4)?),
        }))
    })
    .await
}

/// The views that a person saved.
pub async fn views(rx: &mut Rx, ws: WorkspaceId, id: PersonId) -> Result<Vec<Value>> {
    list(rx, &VIEWS, ws, id, |row| {
        Ok(json!({
            "grid": row.get::<String>(0)?, "name": row.get::<String>(1)?, "query": row.get::<String>(2)?,
            "created": row.time(3)?,
        }))
    })
    .await
}

/// The requests from a person's address that wait for review.
pub async fn held_requests(rx: &mut Rx, ws: WorkspaceId, id: PersonId) -> Result<Vec<Value>> {
    list(rx, &HELD, ws, id, |row| {
        Ok(json!({
            "name": row.get::<String>(0)?, "title": row.get::<String>(1)?, "body": row.get::<String>(2)?,
            "received": row.time(3)?,
        }))
    })
    .await
}

/// Every entry of the audit log about a person, the oldest first.
pub async fn entries(rx: &mut Rx, ws: WorkspaceId, id: PersonId) -> Result<Vec<Entry>> {
    rx.all(&ABOUT, &[&ws.uuid(), &id.uuid()], audit::from_row).await
}
