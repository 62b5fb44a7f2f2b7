//! The audit log: entries, the personal values beside them, and the chain that seals them.

use domain::{
    audit::Action,
    id::{AuditId, PersonId, WorkspaceId},
};
use jiff::Timestamp;
use serde_json::json;

use super::{
    Row, Rx, Tx, bind,
    dialect::{for_update, from_rows, skip_locked},
    rows::{self, hex},
    statements, time,
};
use crate::error::Result;

/// An entry as it is stored and sealed: no name, address or reason stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The entry.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// What kind of actor: `person`, `cli`, `job` or `visitor`.
    pub actor: String,
    /// The person who acted.
    pub actor_id: Option<PersonId>,
    /// The machine's user name, or the kind of job.
    pub actor_label: String,
    /// The action's word.
    pub action: String,
    /// Whom it concerns.
    pub person: Option<PersonId>,
    /// What else it concerns: a team's or session's id.
    pub subject: String,
    /// The state before, as JSON; empty where there is none.
    pub before: String,
    /// The state after, as JSON; empty where there is none.
    pub after: String,
    /// The door's word.
    pub door: String,
    /// The request's id.
    pub request: uuid::Uuid,
    /// The salted hash of the personal values beside the entry.
    pub personal_hash: Option<Vec<u8>>,
    /// Its place in the chain, once sealed.
    pub seq: Option<i64>,
    /// Its link in the chain, once sealed.
    pub mac: Option<Vec<u8>>,
    /// Salt and personal values as JSON; `None` where there are none, or they have been erased.
    pub personal: Option<(Vec<u8>, String)>,
}

macro_rules! entry_columns {
    () => {
        "a.audit_id, a.at, a.actor, a.actor_id, a.actor_label, a.action, a.person_id, a.subject, \
         a.before, a.after, a.door, a.request_id, a.personal_hash, a.seq, a.mac, v.salt, v.value"
    };
}
pub(crate) use entry_columns;

statements! {
    INSERT = "insert into audit (workspace_id, audit_id, at, actor, actor_id, actor_label, action, person_id, \
              subject, before, after, door, request_id, personal_hash) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    INSERT_PERSONAL = "insert into audit_personal (workspace_id, audit_id, person_id, salt, value) \
                       values ($1, $2, $3, $4, $5)";
    INSERT_ALL = from_rows!(
        "insert into audit (workspace_id, audit_id, at, actor, actor_id, actor_label, action, person_id, \
         subject, before, after, door, request_id, personal_hash) select $1", "$2",
        [uuid 0, int 1, text 2, uuid 3, text 4, text 5, uuid 6, text 7, text 8, text 9, text 10, uuid 11,
         bytes 12], ""
    );
    INSERT_ALL_PERSONAL = from_rows!(
        "insert into audit_personal (workspace_id, audit_id, person_id, salt, value) select $1", "$2",
        [uuid 0, uuid 1, bytes 2, text 3], ""
    );
    ERASE = "delete from audit_personal where workspace_id = $1 and person_id = $2";
    UNSEALED = super::Sql::both(concat!(
        "select ", entry_columns!(), " from audit a \
         left join audit_personal v on v.workspace_id = a.workspace_id and v.audit_id = a.audit_id \
         where a.workspace_id = $1 and a.seq is null order by a.audit_id limit 500"
    ));
    HAS_UNSEALED = "select 1 from audit a where a.workspace_id = $1 and a.seq is null limit 1";
    SEAL = "update audit set seq = $1, mac = $2 where workspace_id = $3 and audit_id = $4 and seq is null";
    SEALED = super::Sql::both(concat!(
        "select ", entry_columns!(), " from audit a \
         left join audit_personal v on v.workspace_id = a.workspace_id and v.audit_id = a.audit_id \
         where a.workspace_id = $1 and a.seq > $2 and a.seq is not null order by a.seq limit 500"
    ));
    INSERT_HEAD = "insert into audit_heads (workspace_id, seq, mac, tag) values ($1, 0, $2, $3)";
    HEAD = "select seq, mac, tag from audit_heads where workspace_id = $1";
    LOCK_HEAD = skip_locked!("select seq, mac, tag from audit_heads where workspace_id = $1");
    WAIT_HEAD = for_update!("select seq, mac, tag from audit_heads where workspace_id = $1");
    SET_HEAD = "update audit_heads set seq = $1, mac = $2, tag = $3 where workspace_id = $4";
    OF_PERSON = super::Sql::both(concat!(
        "select ", entry_columns!(), " from audit a \
         left join audit_personal v on v.workspace_id = a.workspace_id and v.audit_id = a.audit_id \
         where a.workspace_id = $1 and a.person_id = $2 order by a.at desc, a.audit_id desc limit $3"
    ));
    AT = super::Sql::both(concat!(
        "select ", entry_columns!(), " from audit a \
         left join audit_personal v on v.workspace_id = a.workspace_id and v.audit_id = a.audit_id \
         where a.workspace_id = $1 and a.action = $2 and a.at = $3 and a.subject = $4 limit 1"
    ));
}

/// Reads the columns of [`entry_columns`].
pub(crate) fn from_row(row: &Row<'_>) -> Result<Entry> {
    let personal = match (row.get::<Option<_>>(15)?, row.get::<Option<_>>(16)?) {
        (Some(salt), Some(value)) => Some((salt, value)),
        _ => None,
    };
    Ok(Entry {
        id: AuditId::from_uuid(row.get(0)?),
        at: row.time(1)?,
        actor: row.get(2)?,
        actor_id: row.get::<Option<_>>(3)?.map(PersonId::from_uuid),
        actor_label: row.get(4)?,
        action: row.get(5)?,
        person: row.get::<Option<_>>(6)?.map(PersonId::from_uuid),
        subject: row.get(7)?,
        before: row.get(8)?,
        after: row.get(9)?,
        door: row.get(10)?,
        request: row.get(11)?,
        personal_hash: row.get(12)?,
        seq: row.get(13)?,
        mac: row.get(14)?,
        personal,
    })
}

/// Adds an entry, not yet sealed. Personal values belong to `entry.person`, or else to the actor.
pub fn insert(tx: &mut Tx, ws: WorkspaceId, entry: Entry) -> Result<()> {
    let actor_id = entry.actor_id.map(PersonId::uuid);
    let person = entry.person.map(PersonId::uuid);
    tx.soon_one(
        &INSERT,
        bind![
            ws.uuid(),
            entry.id.uuid(),
            time::micros(entry.at),
            entry.actor,
            actor_id,
            entry.actor_label,
            entry.action,
            person,
            entry.subject,
            entry.before,
            entry.after,
            entry.door,
            entry.request,
            entry.personal_hash,
        ],
    )?;
    match (entry.personal, person.or(actor_id)) {
        (Some((salt, value)), Some(owner)) => {
            tx.soon_one(&INSERT_PERSONAL, bind![ws.uuid(), entry.id.uuid(), owner, salt, value])
        }
        _ => Ok(()),
    }
}

/// Adds entries, each as [`insert`] adds one, with one statement for all.
pub async fn insert_all(tx: &mut Tx, ws: WorkspaceId, entries: &[Entry]) -> Result<()> {
    let maybe = |person: Option<PersonId>| person.map(|person| rows::id(person.uuid()));
    let row = |entry: &Entry| {
        json!([
            rows::id(entry.id.uuid()),
            time::micros(entry.at),
            entry.actor,
            maybe(entry.actor_id),
            entry.actor_label,
            entry.action,
            maybe(entry.person),
            entry.subject,
            entry.before,
            entry.after,
            entry.door,
            rows::id(entry.request),
            entry.personal_hash.as_deref().map(hex),
        ])
    };
    rows::add(tx, &INSERT_ALL, ws, entries.iter().map(row).collect()).await?;
    let personal = entries.iter().filter_map(|entry| {
        let (salt, value) = entry.personal.as_ref()?;
        let owner = entry.person.or(entry.actor_id)?;
        Some(json!([rows::id(entry.id.uuid()), rows::id(owner.uuid()), hex(salt), value]))
    });
    rows::add(tx, &INSERT_ALL_PERSONAL, ws, personal.collect()).await.map(drop)
}

/// Erases the personal values of a deleted person; the entries stay, and still verify. Answers of how many.
pub async fn erase(tx: &mut Tx, ws: WorkspaceId, person: PersonId) -> Result<u64> {
    tx.exec(&ERASE, &[&ws.uuid(), &person.uuid()]).await
}

/// The end of the sealed chain: place and link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many entries are sealed.
    pub seq: i64,
    /// The link of the last one; the workspace's seed when none is.
    pub mac: Vec<u8>,
    /// Made of both with the key.
    pub tag: Vec<u8>,
}

fn head_from_row(row: &Row<'_>) -> Result<Head> {
    Ok(Head { seq: row.get(0)?, mac: row.get(1)?, tag: row.get(2)? })
}

/// Begins the chain of a new workspace.
pub async fn insert_head(tx: &mut Tx, ws: WorkspaceId, mac: &[u8], tag: &[u8]) -> Result<()> {
    tx.exec_one(&INSERT_HEAD, &[&ws.uuid(), &mac, &tag]).await
}

/// The end of the chain.
pub async fn head(rx: &mut Rx, ws: WorkspaceId) -> Result<Option<Head>> {
    rx.one(&HEAD, &[&ws.uuid()], head_from_row).await
}

/// The end of the chain, locked; `None` when another sealer has it (or, with `wait`, only when the
/// workspace has none).
pub async fn lock_head(tx: &mut Tx, ws: WorkspaceId, wait: bool) -> Result<Option<Head>> {
    let sql = if wait { &WAIT_HEAD } else { &LOCK_HEAD };
    tx.one(sql, &[&ws.uuid()], head_from_row).await
}

/// Moves the end of the chain.
pub async fn set_head(tx: &mut Tx, ws: WorkspaceId, head: &Head) -> Result<()> {
    tx.exec_one(&SET_HEAD, &[&head.seq, &head.mac, &head.tag, &ws.uuid()]).await
}

/// Whether entries wait to be sealed.
pub async fn has_unsealed(rx: &mut Rx, ws: WorkspaceId) -> Result<bool> {
    let found = rx.one(&HAS_UNSEALED, &[&ws.uuid()], |_| Ok(())).await?;
    Ok(found.is_some())
}

/// Up to 500 entries that wait to be sealed.
pub async fn unsealed(rx: &mut Rx, ws: WorkspaceId) -> Result<Vec<Entry>> {
    rx.all(&UNSEALED, &[&ws.uuid()], from_row).await
}

/// Gives entries their places and links, each of which must be waiting. By the key of each: a list in one
/// `update … from` would be gone through for every entry that waits.
pub fn seal(tx: &mut Tx, ws: WorkspaceId, sealed: &[(AuditId, i64, Vec<u8>)]) -> Result<()> {
    for (id, seq, mac) in sealed {
        tx.soon_one(&SEAL, bind![*seq, mac.clone(), ws.uuid(), id.uuid()])?;
    }
    Ok(())
}

/// Up to 500 sealed entries after a place, in order of the chain.
pub async fn sealed(rx: &mut Rx, ws: WorkspaceId, after: i64) -> Result<Vec<Entry>> {
    rx.all(&SEALED, &[&ws.uuid(), &after], from_row).await
}

/// The latest entries that concern a person.
pub async fn of_person(rx: &mut Rx, ws: WorkspaceId, person: PersonId, limit: i64) -> Result<Vec<Entry>> {
    rx.all(&OF_PERSON, &[&ws.uuid(), &person.uuid(), &limit], from_row).await
}

/// The entry of an action at a moment that is about this.
pub async fn at(
    rx: &mut Rx,
    ws: WorkspaceId,
    action: Action,
    at: Timestamp,
    subject: &str,
) -> Result<Option<Entry>> {
    rx.one(&AT, &[&ws.uuid(), &action.word(), &time::micros(at), &subject], from_row).await
}
