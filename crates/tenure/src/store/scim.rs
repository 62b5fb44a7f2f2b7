//! What a directory says of people: kept beside them, and read together with them.

use domain::{
    id::{PersonId, WorkspaceId},
    person::Kind,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Row, Rx, Sql, Tx, bind,
    people::{PERSON_COLUMNS, PersonRow, from_row as person_from_row, person_columns},
    statements, time,
};
use crate::error::Result;

/// What a directory said of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What the desk has no place for, as JSON.
    pub attributes: String,
    /// The name that it came to.
    pub name: String,
    /// The address that it came to.
    pub email: String,
    /// How it calls the account, where that is no address.
    pub user_name: Option<String>,
}

/// A person as SCIM sees them.
#[derive(Debug, Clone)]
pub struct Known {
    /// The row.
    pub row: PersonRow,
    /// The directory's id of the person.
    pub external_id: Option<String>,
    /// What a directory said; nothing of whoever came another way.
    pub said: Option<Said>,
    /// Whether the directory deleted them: by SCIM they are not there.
    pub gone: bool,
}

/// The columns that [`from_row`] reads, and the tables that they are in.
macro_rules! known {
    ($condition:literal) => {
        concat!(
            "select ",
            person_columns!(),
            ", p.external_id, s.attributes, s.name, s.email, s.user_name, \
             coalesce(s.gone >= p.status_since and p.status = 'deactivated', false) \
             from people p left join scim_people s on s.workspace_id = p.workspace_id and s.person_id = p.person_id \
             where p.workspace_id = $1 and ",
            $condition
        )
    };
}

/// Those whom the directory has not deleted.
macro_rules! there {
    ($condition:literal) => {
        concat!(
            known!(
                "p.kind = $2 and not coalesce(s.gone >= p.status_since and p.status = 'deactivated', false)"
            ),
            $condition
        )
    };
}

statements! {
    LOAD = Sql::both(known!("p.person_id = $2"));
    BY_EMAIL = Sql::both(known!("p.email_key = $2"));
    BY_USER_NAME = Sql::both(known!("s.user_name_key = $2"));
    BY_EXTERNAL = Sql::both(known!("p.kind = $2 and p.external_id = $3"));
    BY_ANY_EMAIL = Sql::both(known!(
        "p.person_id in (select e.person_id from scim_emails e where e.workspace_id = $1 and e.email_key = $2)"
    ));
    PAGE = Sql::both(there!(" order by p.created, p.person_id limit $3 offset $4")).scan();
    AFTER = Sql::both(there!(" and (p.created, p.person_id) > ($3, $4) order by p.created, p.person_id limit $5")).scan();
    GONE = Sql::both(
        "select count(*) from scim_people s where s.workspace_id = $1 and s.gone is not null and s.gone >= \
         (select p.status_since from people p where p.workspace_id = s.workspace_id and p.person_id = s.person_id \
         and p.kind || '' = $2 and p.status || '' = 'deactivated')"
    ).scan();
    SAVE = "insert into scim_people (workspace_id, person_id, attributes, name, email, user_name, user_name_key) \
            values ($1, $2, $3, $4, $5, $6, $7) on conflict (workspace_id, person_id) do update \
            set attributes = excluded.attributes, name = excluded.name, email = excluded.email, \
            user_name = excluded.user_name, user_name_key = excluded.user_name_key";
    ADD_EMAIL = "insert into scim_emails (workspace_id, person_id, email_key) values ($1, $2, $3) \
                 on conflict (workspace_id, person_id, email_key) do nothing";
    FORGET_EMAILS = "delete from scim_emails where workspace_id = $1 and person_id = $2";
    FORGET = "delete from scim_people where workspace_id = $1 and person_id = $2";
    LEAVE = "insert into scim_people (workspace_id, person_id, attributes, name, email, gone) \
             values ($1, $2, '', $3, $4, $5) on conflict (workspace_id, person_id) do update set gone = excluded.gone";
    RETURN = "update scim_people set gone = null where workspace_id = $1 and person_id = $2";
    SET_EXTERNAL = "update people set external_id = $1, version = version + 1 \
                    where workspace_id = $2 and person_id = $3";
}

fn from_row(row: &Row<'_>) -> Result<Known> {
    let at = |column| PERSON_COLUMNS + column;
    let said = match (row.get::<Option<String>>(at(1))?, row.get::<Option<String>>(at(2))?, row.get(at(3))?) {
        // Of whom nothing was said, but that they are deleted, nothing is known.
        (Some(attributes), Some(name), Some(email)) if !attributes.is_empty() => {
            Some(Said { attributes, name, email, user_name: row.get(at(4))? })
        }
        _ => None,
    };
    Ok(Known { row: person_from_row(row)?, external_id: row.get(at(0))?, said, gone: row.get(at(5))? })
}

/// A person, whoever they are.
pub async fn load(rx: &mut Rx, ws: WorkspaceId, id: PersonId) -> Result<Option<Known>> {
    rx.one(&LOAD, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// The person who has this address; `key` is the folded address.
pub async fn by_email(rx: &mut Rx, ws: WorkspaceId, key: &str) -> Result<Option<Known>> {
    rx.one(&BY_EMAIL, &[&ws.uuid(), &key], from_row).await
}

/// The person whose account the directory calls so, which is no address; `key` is folded.
pub async fn by_user_name(rx: &mut Rx, ws: WorkspaceId, key: &str) -> Result<Option<Known>> {
    rx.one(&BY_USER_NAME, &[&ws.uuid(), &key], from_row).await
}

/// The person of a kind whom the directory knows by this id.
pub async fn by_external(
    rx: &mut Rx,
    ws: WorkspaceId,
    kind: Kind,
    external_id: &str,
) -> Result<Option<Known>> {
    rx.one(&BY_EXTERNAL, &[&ws.uuid(), &kind.word(), &external_id], from_row).await
}

/// Those of whom the directory said this address; `key` is folded.
pub async fn by_any_email(rx: &mut Rx, ws: WorkspaceId, key: &str) -> Result<Vec<Known>> {
    rx.all(&BY_ANY_EMAIL, &[&ws.uuid(), &key], from_row).await
}

/// Those of a kind who are there, as they came: `limit` after the first `skip`.
pub async fn page(rx: &mut Rx, ws: WorkspaceId, kind: Kind, limit: i64, skip: i64) -> Result<Vec<Known>> {
    rx.all(&PAGE, &[&ws.uuid(), &kind.word(), &limit, &skip], from_row).await
}

/// As [`page`], after one of them.
pub async fn after(
    rx: &mut Rx,
    ws: WorkspaceId,
    kind: Kind,
    after: Option<&PersonRow>,
    limit: i64,
) -> Result<Vec<Known>> {
    let (created, id) =
        after.map_or((i64::MIN, Uuid::nil()), |row| (time::micros(row.created), row.person.id.uuid()));
    rx.all(&AFTER, &[&ws.uuid(), &kind.word(), &created, &id, &limit], from_row).await
}

/// How many of a kind the directory has deleted who are still here.
pub async fn count_gone(rx: &mut Rx, ws: WorkspaceId, kind: Kind) -> Result<i64> {
    Ok(rx.one(&GONE, &[&ws.uuid(), &kind.word()], |row| row.get(0)).await?.unwrap_or(0))
}

/// Saves what a directory says, with its addresses folded.
pub async fn save(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: PersonId,
    said: &Said,
    (user_name_key, email_keys): (Option<&str>, &[String]),
) -> Result<()> {
    tx.exec_one(
        &SAVE,
        &[&ws.uuid(), &id.uuid(), &said.attributes, &said.name, &said.email, &said.user_name, &user_name_key],
    )
    .await?;
    tx.exec(&FORGET_EMAILS, &[&ws.uuid(), &id.uuid()]).await?;
    for key in email_keys {
        tx.soon(&ADD_EMAIL, bind![ws.uuid(), id.uuid(), key.clone()])?;
    }
    Ok(())
}

/// Saves the directory's id of a person, or that it has none.
pub async fn set_external(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: PersonId,
    external_id: Option<&str>,
) -> Result<()> {
    tx.exec_one(&SET_EXTERNAL, &[&external_id, &ws.uuid(), &id.uuid()]).await
}

/// The directory deleted somebody who stays at the desk.
pub async fn leave(tx: &mut Tx, ws: WorkspaceId, row: &PersonRow, now: Timestamp) -> Result<()> {
    let person = &row.person;
    tx.exec_one(&LEAVE, &[&ws.uuid(), &person.id.uuid(), &person.name, &person.email, &time::micros(now)])
        .await
}

/// The directory has somebody again.
pub async fn come_back(tx: &mut Tx, ws: WorkspaceId, id: PersonId) -> Result<()> {
    tx.exec_one(&RETURN, &[&ws.uuid(), &id.uuid()]).await
}

/// Removes all that a directory said of somebody who is deleted.
pub async fn forget(tx: &mut Tx, ws: WorkspaceId, id: PersonId) -> Result<()> {
    tx.exec(&FORGET_EMAILS, &[&ws.uuid(), &id.uuid()]).await?;
    tx.exec(&FORGET, &[&ws.uuid(), &id.uuid()]).await?;
    Ok(())
}
