//! Links: invitations, set-password links and the tickets with which a return is asked for. Each works
//! once, and only its digest is kept.

use domain::id::{LinkId, PersonId, WorkspaceId};
use jiff::Timestamp;

use super::{
    Error, Rx, Sql, Tx, bind,
    dialect::{Uuids, any_uuid, for_update},
    statements, time,
};
use crate::error::Result;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// To join.
    Invitation,
    /// To set a password.
    Password,
    /// To ask for a return, after right credentials of a deactivated person.
    Return,
}

impl LinkKind {
    const ALL: [Self; 3] = [Self::Invitation, Self::Password, Self::Return];

    /// The word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Password => "password",
            Self::Return => "return",
        }
    }
}

/// Why a link works no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedWhy {
    /// It did its work.
    Used,
    /// Its person was deactivated, or its purpose is gone.
    Void,
    /// A newer one took its place.
    Replaced,
}

impl ClosedWhy {
    /// The word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Void => "void",
            Self::Replaced => "replaced",
        }
    }
}

/// A link as found by its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// The link.
    pub id: LinkId,
    /// Whom it belongs to.
    pub person: PersonId,
    /// What it is for.
    pub kind: LinkKind,
    /// When it stops to work.
    pub expires: Timestamp,
    /// Works no longer.
    pub closed: bool,
}

impl LinkRow {
    /// Whether it works now.
    #[must_use]
    pub fn works(&self, now: Timestamp) -> bool {
        !self.closed && now < self.expires
    }
}

/// The link that has this token.
macro_rules! by_token {
    () => {
        "select link_id, person_id, kind, expires, closed is not null from links \
         where workspace_id = $1 and token_hash = $2"
    };
}

/// Closes those of the links that are open yet.
macro_rules! close {
    ($which:literal) => {
        concat!(
            "update links set closed = $1, closed_why = $2 where workspace_id = $3 and ",
            $which,
            " and closed is null"
        )
    };
}

statements! {
    INSERT = "insert into links (workspace_id, link_id, person_id, kind, token_hash, made, made_by, expires) \
              values ($1, $2, $3, $4, $5, $6, $7, $8)";
    FIND = Sql::both(by_token!());
    LOCK = for_update!(by_token!());
    COUNT_OPEN = "select count(*) from links where workspace_id = $1 and person_id = $2 \
                  and kind in ('invitation', 'password') and closed is null and expires > $3";
    CLOSE = Sql::both(close!("link_id = $4"));
    CLOSE_KIND = Sql::both(close!("person_id = $4 and kind = $5"));
    CLOSE_ALL = Sql::both(close!("person_id = $4"));
    CLOSE_STALE = "update links set closed = $1, closed_why = 'void' \
                   where workspace_id = $2 and person_id = $3 and closed is null and (kind = 'return' or expires <= $1)";
    CLOSE_ALL_OF = any_uuid!("update links set closed = $1, closed_why = $2 \
                   where workspace_id = $3 and closed is null and ", "person_id" in "$4", "");
    VOID_EVERY = scan "update links set closed = $1, closed_why = 'void' \
                  where workspace_id = $2 and closed is null";
    DELETE = "delete from links where workspace_id = $1 and person_id = $2";
    PURGE = "delete from links where workspace_id = $1 and expires < $2";
}

/// What is kept of a new link.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// The link.
    pub id: LinkId,
    /// Whom it belongs to.
    pub person: PersonId,
    /// What it is for.
    pub kind: LinkKind,
    /// The digest of the token; the token itself is shown once.
    pub token_hash: Vec<u8>,
    /// Who made it.
    pub made_by: Option<PersonId>,
    /// When it stops to work.
    pub expires: Timestamp,
}

/// Saves a new link; earlier ones of the same kind and person stop to work.
pub async fn insert(tx: &mut Tx, ws: WorkspaceId, link: &NewLink, now: Timestamp) -> Result<()> {
    close_kind(tx, ws, link.person, link.kind, ClosedWhy::Replaced, now).await?;
    let made_by = link.made_by.map(PersonId::uuid);
    tx.exec_one(
        &INSERT,
        &[
            &ws.uuid(),
            &link.id.uuid(),
            &link.person.uuid(),
            &link.kind.word(),
            &link.token_hash,
            &time::micros(now),
            &made_by,
            &time::micros(link.expires),
        ],
    )
    .await
}

fn from_row(row: &super::Row<'_>) -> Result<LinkRow> {
    let kind: String = row.get(2)?;
    Ok(LinkRow {
        id: LinkId::from_uuid(row.get(0)?),
        person: PersonId::from_uuid(row.get(1)?),
        kind: LinkKind::ALL
            .into_iter()
            .find(|known| known.word() == kind)
            .ok_or(Error::Value("links.kind"))?,
        expires: row.time(3)?,
        closed: row.get(4)?,
    })
}

/// The link that has this token, closed ones included.
pub async fn find(rx: &mut Rx, ws: WorkspaceId, hash: &[u8]) -> Result<Option<LinkRow>> {
    rx.one(&FIND, &[&ws.uuid(), &hash], from_row).await
}

/// As [`find`], locked until the transaction ends.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId, hash: &[u8]) -> Result<Option<LinkRow>> {
    tx.one(&LOCK, &[&ws.uuid(), &hash], from_row).await
}

/// How many invitations and set-password links of a person work.
pub async fn count_open(rx: &mut Rx, ws: WorkspaceId, person: PersonId, now: Timestamp) -> Result<i64> {
    let count =
        rx.one(&COUNT_OPEN, &[&ws.uuid(), &person.uuid(), &time::micros(now)], |row| row.get(0)).await?;
    Ok(count.unwrap_or(0))
}

/// Closes one link; it must be open.
pub async fn close(tx: &mut Tx, ws: WorkspaceId, id: LinkId, why: ClosedWhy, now: Timestamp) -> Result<()> {
    tx.exec_one(&CLOSE, &[&time::micros(now), &why.word(), &ws.uuid(), &id.uuid()]).await
}

/// Closes the links of one kind of a person.
pub async fn close_kind(
    tx: &mut Tx,
    ws: WorkspaceId,
    person: PersonId,
    kind: LinkKind,
    why: ClosedWhy,
    now: Timestamp,
) -> Result<()> {
    tx.exec(&CLOSE_KIND, &[&time::micros(now), &why.word(), &ws.uuid(), &person.uuid(), &kind.word()])
        .await?;
    Ok(())
}

/// Closes every link of these people.
pub fn close_all_of(
    tx: &mut Tx,
    ws: WorkspaceId,
    people: &[PersonId],
    why: ClosedWhy,
    now: Timestamp,
) -> Result<()> {
    let people: Uuids = people.iter().map(|id| id.uuid()).collect();
    tx.soon(&CLOSE_ALL_OF, bind![time::micros(now), why.word(), ws.uuid(), people])
}

/// Closes what is no invitation or set-password link of a person that still works, so that [`close_all`] counts
/// those alone, as [`count_open`] does.
pub fn close_stale(tx: &mut Tx, ws: WorkspaceId, person: PersonId, now: Timestamp) -> Result<()> {
    tx.soon(&CLOSE_STALE, bind![time::micros(now), ws.uuid(), person.uuid()])
}

/// Closes every link of a person; answers how many.
pub async fn close_all(
    tx: &mut Tx,
    ws: WorkspaceId,
    person: PersonId,
    why: ClosedWhy,
    now: Timestamp,
) -> Result<i64> {
    let rows = tx.exec(&CLOSE_ALL, &[&time::micros(now), &why.word(), &ws.uuid(), &person.uuid()]).await?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// Makes every link of the workspace void.
pub async fn void_every(tx: &mut Tx, ws: WorkspaceId, now: Timestamp) -> Result<()> {
    tx.exec(&VOID_EVERY, &[&time::micros(now), &ws.uuid()]).await?;
    Ok(())
}

/// Removes every link of a person who is deleted, closed ones too; answers how many.
pub async fn delete(tx: &mut Tx, ws: WorkspaceId, person: PersonId) -> Result<u64> {
    tx.exec(&DELETE, &[&ws.uuid(), &person.uuid()]).await
}

/// Forgets links that stopped to work before `before`.
pub async fn purge(tx: &mut Tx, ws: WorkspaceId, before: Timestamp) -> Result<()> {
    tx.exec(&PURGE, &[&ws.uuid(), &time::micros(before)]).await?;
    Ok(())
}
