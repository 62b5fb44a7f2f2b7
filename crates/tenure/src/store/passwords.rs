//! The stored hashes of passwords: the one column of a person that nothing else reads.

use domain::{
    id::{PersonId, WorkspaceId},
    person::StatusWord,
};
use jiff::Timestamp;

use super::{Ask, Error, Rx, Tx, bind, statements, time};
use crate::error::Result;

statements! {
    PASSWORD = "select p.person_id, p.status, p.password_hash from people p \
                where p.workspace_id = $1 and p.email_key = $2";
    PASSWORD_OF = "select p.password_hash from people p where p.workspace_id = $1 and p.person_id = $2";
    SET_PASSWORD = "update people set password_hash = $1, password_set = $2, version = version + 1 \
                    where workspace_id = $3 and person_id = $4";
    REHASH = "update people set password_hash = $1 \
              where workspace_id = $2 and person_id = $3 and password_hash = $4";
}

/// What a sign-in needs: the person, their status and the stored hash.
pub async fn by_email(
    rx: &mut Rx,
    ws: WorkspaceId,
    key: &str,
) -> Result<Option<(PersonId, StatusWord, Option<String>)>> {
    rx.one(&PASSWORD, &[&ws.uuid(), &key], |row| {
        let status = StatusWord::parse(&row.get::<String>(1)?);
        Ok((PersonId::from_uuid(row.get(0)?), status.ok_or(Error::Value("people.status"))?, row.get(2)?))
    })
    .await
}

/// The stored password hash of a person.
pub async fn of(rx: &mut Rx, ws: WorkspaceId, id: PersonId) -> Result<Option<String>> {
    let found = rx.one(&PASSWORD_OF, &[&ws.uuid(), &id.uuid()], |row| row.get(0)).await?;
    Ok(found.flatten())
}

/// As [`of`], as part of a longer question: one row.
pub fn ask_of(ws: WorkspaceId, id: PersonId) -> Ask<Option<String>> {
    Ask::new(&PASSWORD_OF, bind![ws.uuid(), id.uuid()], |row| row.get(0))
}

/// Saves a password hash.
pub async fn set(tx: &mut Tx, ws: WorkspaceId, id: PersonId, hash: &str, now: Timestamp) -> Result<()> {
    tx.exec_one(&SET_PASSWORD, &[&hash, &time::micros(now), &ws.uuid(), &id.uuid()]).await
}

/// Replaces a hash by one of the same password at today's cost, unless it has changed meanwhile.
pub async fn rehash(tx: &mut Tx, ws: WorkspaceId, id: PersonId, old: &str, new: &str) -> Result<()> {
    tx.exec(&REHASH, &[&new, &ws.uuid(), &id.uuid(), &old]).await?;
    Ok(())
}
