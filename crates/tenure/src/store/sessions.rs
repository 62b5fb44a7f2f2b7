//! Sessions: signed-in browsers.

use domain::{
    id::{PersonId, SessionId, WorkspaceId},
    person::{Kind, StatusWord},
    role::Role,
    session::SessionLengths,
};
use jiff::Timestamp;

use super::{
    Error, Row, Rx, Sql, Tx, bind,
    dialect::{Uuids, any_uuid},
    statements, time,
    tokens::{OwnerRow, TokenRow},
    workspaces::{Workspace, workspace_columns, workspace_of_host},
};
use crate::error::Result;

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedWhy {
    /// By its person.
    SignedOut,
    /// From the list of sessions, by its person or an administrator.
    Ended,
    /// With the person's deactivation.
    Deactivated,
    /// Because the password changed.
    Password,
    /// Too old, or idle for too long.
    Expired,
    /// Because a backup was restored.
    Restored,
}

impl EndedWhy {
    const ALL: [Self; 6] =
        [Self::SignedOut, Self::Ended, Self::Deactivated, Self::Password, Self::Expired, Self::Restored];

    /// The word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::Ended => "ended",
            Self::Deactivated => "deactivated",
            Self::Password => "password",
            Self::Expired => "expired",
            Self::Restored => "restored",
        }
    }
}

/// A session as its person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The session.
    pub id: SessionId,
    /// When it began.
    pub began: Timestamp,
    /// The last request, to within a minute.
    pub last_used: Timestamp,
    /// Where it began from.
    pub address: String,
    /// The browser's own words.
    pub user_agent: String,
}

/// What the session check reads in its one statement: session, person and workspace as they are now.
#[derive(Debug, Clone)]
pub struct Check {
    /// The session; none where a token stands for it.
    pub session: Option<SessionId>,
    /// Whose it is; nobody's (the nil id) where a service token stands for it.
    pub person: PersonId,
    /// User or customer.
    pub kind: Kind,
    /// The person's role.
    pub role: Role,
    /// The person's status.
    pub status: StatusWord,
    /// The person's name.
    pub name: String,
    /// The person's email address.
    pub email: String,
    /// The person's own settings: language, time zone, theme.
    pub settings: (String, String, String),
    /// The digest of the person's picture.
    pub picture: Option<String>,
    /// When it began.
    pub began: Timestamp,
    /// The last request, to within a minute.
    pub last_used: Timestamp,
    /// Why it ended, if it did.
    pub ended: Option<EndedWhy>,
    /// The workspace, for the frame of every page.
    pub workspace: Workspace,
}

impl Check {
    /// What stands for a session where a personal token came.
    #[must_use]
    pub fn of_owner(row: &TokenRow, owner: OwnerRow, workspace: Workspace) -> Self {
        Self {
            session: None,
            person: owner.id,
            kind: owner.kind,
            role: owner.role,
            status: owner.status,
            name: owner.name,
            email: owner.email,
            settings: owner.settings,
            picture: owner.picture,
            began: row.created,
            last_used: row.last_used.unwrap_or(Timestamp::UNIX_EPOCH),
            ended: None,
            workspace,
        }
    }

    /// What stands for a session where a service token came: nobody, with the rights of an administrator.
    #[must_use]
    pub fn of_service(row: &TokenRow, workspace: Workspace) -> Self {
        let nobody = OwnerRow {
            id: PersonId::from_uuid(uuid::Uuid::nil()),
            kind: Kind::User,
            role: Role::Administrator,
            status: StatusWord::Active,
            name: row.name.clone(),
            email: String::new(),
            settings: (String::new(), String::new(), String::new()),
            picture: None,
        };
        Self::of_owner(row, nobody, workspace)
    }
}

/// How many columns [`CHECK`] reads before the workspace's.
const CHECK_COLUMNS: usize = 14;

macro_rules! check {
    ($workspace:expr, $hash:literal) => {
        concat!(
            "select s.session_id, s.person_id, p.kind, p.role, p.status, p.name, p.email, p.language, \
             p.time_zone, p.theme, p.picture, s.began, s.last_used, s.ended_why, ",
            workspace_columns!(),
            " from sessions s \
             join people p on p.workspace_id = s.workspace_id and p.person_id = s.person_id \
             join workspaces w on w.workspace_id = s.workspace_id \
             where s.workspace_id = ",
            $workspace,
            " and s.token_hash = ",
            $hash
        )
    };
}

statements! {
    CHECK = Sql::both(check!("$1", "$2"));
    CHECK_AT = Sql::both(check!(workspace_of_host!(), "$3"));
    INSERT = "insert into sessions (workspace_id, session_id, person_id, token_hash, began, last_used, \
              address, user_agent) \
              values ($1, $2, $3, $4, $5, $6, $7, $8)";
    TOUCH = "update sessions set last_used = $1 \
             where workspace_id = $2 and session_id = $3 and ended is null and last_used < $1";
    OPEN = "select session_id, began, last_used, address, user_agent from sessions \
            where workspace_id = $1 and person_id = $2 and ended is null and began >= $3 and last_used >= $4 \
            order by last_used desc, session_id limit 200";
    COUNT_OPEN = "select count(*) from sessions \
                  where workspace_id = $1 and person_id = $2 and ended is null and began >= $3 and last_used >= $4";
    END = "update sessions set ended = $1, ended_why = $2 \
           where workspace_id = $3 and session_id = $4 and person_id = $5 and ended is null";
    END_ALL = "update sessions set ended = $1, ended_why = $2 \
               where workspace_id = $3 and person_id = $4 and ended is null";
    END_OTHERS = "update sessions set ended = $1, ended_why = $2 \
                  where workspace_id = $3 and person_id = $4 and ended is null and session_id <> $5";
    END_STALE = "update sessions set ended = $1, ended_why = 'expired' \
                 where workspace_id = $2 and person_id = $3 and ended is null and (last_used < $4 or began < $5)";
    END_STALE_OF = any_uuid!("update sessions set ended = $1, ended_why = 'expired' where workspace_id = $2 \
                   and ended is null and (last_used < $3 or began < $4) and ", "person_id" in "$5", "");
    END_ALL_OF = any_uuid!("update sessions set ended = $1, ended_why = $2 where workspace_id = $3 \
                 and ended is null and ", "person_id" in "$4", "");
    COUNT_OPEN_OF = any_uuid!("select count(*) from sessions where workspace_id = $1 and ended is null \
                    and began >= $2 and last_used >= $3 and ", "person_id" in "$4", "");
    END_EVERY = scan "update sessions set ended = $1, ended_why = $2 where ended is null and workspace_id = $3";
    DELETE = "delete from sessions where workspace_id = $1 and person_id = $2";
    PURGE = "delete from sessions where workspace_id = $1 and ended < $2 and ended is not null";
    END_IDLE = scan "update sessions set ended = $1, ended_why = 'expired' \
                where workspace_id = $2 and ended is null and (last_used < $3 or began < $4)";
}

/// The session that has this token, ended ones included, as of now.
pub async fn check(rx: &mut Rx, ws: WorkspaceId, hash: &[u8]) -> Result<Option<Check>> {
    rx.one(&CHECK, &[&ws.uuid(), &hash], from_row).await
}

/// As [`check()`], in the workspace that a Host names ([`super::workspaces::by_host`]): one way to the database for both.
pub async fn check_at(rx: &mut Rx, host: &str, hash: &[u8]) -> Result<Option<Check>> {
    rx.one(&CHECK_AT, &[&host, &uuid::Uuid::nil(), &hash], from_row).await
}

fn from_row(row: &Row<'_>) -> Result<Check> {
    let ended: Option<String> = row.get(13)?;
    Ok(Check {
        session: Some(SessionId::from_uuid(row.get(0)?)),
        person: PersonId::from_uuid(row.get(1)?),
        kind: Kind::parse(&row.get::<String>(2)?).ok_or(Error::Value("people.kind"))?,
        role: Role::parse(&row.get::<String>(3)?).ok_or(Error::Value("people.role"))?,
        status: StatusWord::parse(&row.get::<String>(4)?).ok_or(Error::Value("people.status"))?,
        name: row.get(5)?,
        email: row.get(6)?,
        settings: (row.get(7)?, row.get(8)?, row.get(9)?),
        picture: row.get(10)?,
        began: row.time(11)?,
        last_used: row.time(12)?,
        ended: ended
            .map(|word| {
                EndedWhy::ALL
                    .into_iter()
                    .find(|why| why.word() == word)
                    .ok_or(Error::Value("sessions.ended_why"))
            })
            .transpose()?,
        workspace: super::workspaces::from_row_at(row, CHECK_COLUMNS)?,
    })
}

/// What is kept of a new session.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The session.
    pub id: SessionId,
    /// Whose.
    pub person: PersonId,
    /// The digest of the token; the token itself is only in the cookie.
    pub token_hash: Vec<u8>,
    /// Where it begins from.
    pub address: String,
    /// The browser's own words.
    pub user_agent: String,
}

/// Saves a new session.
pub async fn insert(tx: &mut Tx, ws: WorkspaceId, session: &NewSession, now: Timestamp) -> Result<()> {
    let now = time::micros(now);
    tx.exec_one(
        &INSERT,
        &[
            &ws.uuid(),
            &session.id.uuid(),
            &session.person.uuid(),
            &session.token_hash,
            &now,
            &now,
            &session.address,
            &session.user_agent,
        ],
    )
    .await
}

/// Notes a request. Never brings an ended session back.
pub async fn touch(tx: &mut Tx, ws: WorkspaceId, id: SessionId, now: Timestamp) -> Result<()> {
    tx.exec(&TOUCH, &[&time::micros(now), &ws.uuid(), &id.uuid()]).await?;
    Ok(())
}

/// The moments from which on a session must have begun and been used to be still good.
fn horizon(lengths: SessionLengths, now: Timestamp) -> (i64, i64) {
    let now = time::micros(now);
    (now - lengths.absolute_seconds * 1_000_000, now - lengths.idle_seconds * 1_000_000)
}

/// The open sessions of a person, the latest used first.
pub async fn open(
    rx: &mut Rx,
    ws: WorkspaceId,
    person: PersonId,
    lengths: SessionLengths,
    now: Timestamp,
) -> Result<Vec<SessionRow>> {
    let (began, used) = horizon(lengths, now);
    rx.all(&OPEN, &[&ws.uuid(), &person.uuid(), &began, &used], |row| {
        Ok(SessionRow {
            id: SessionId::from_uuid(row.get(0)?),
            began: row.time(1)?,
            last_used: row.time(2)?,
            address: row.get(3)?,
            user_agent: row.get(4)?,
        })
    })
    .await
}

/// How many sessions of a person are open.
pub async fn count_open(
    rx: &mut Rx,
    ws: WorkspaceId,
    person: PersonId,
    lengths: SessionLengths,
    now: Timestamp,
) -> Result<i64> {
    let (began, used) = horizon(lengths, now);
    let count = rx.one(&COUNT_OPEN, &[&ws.uuid(), &person.uuid(), &began, &used], |row| row.get(0)).await?;
    Ok(count.unwrap_or(0))
}

/// Ends one session of a person. `false` when it is not theirs or has ended already.
pub async fn end(
    tx: &mut Tx,
    ws: WorkspaceId,
    person: PersonId,
    id: SessionId,
    why: EndedWhy,
    now: Timestamp,
) -> Result<bool> {
    let rows =
        tx.exec(&END, &[&time::micros(now), &why.word(), &ws.uuid(), &id.uuid(), &person.uuid()]).await?;
    Ok(rows == 1)
}

/// Ends the sessions of a person that are too old or idle for too long: nobody counts them any more.
pub fn end_stale(
    tx: &mut Tx,
    ws: WorkspaceId,
    person: PersonId,
    lengths: SessionLengths,
    now: Timestamp,
) -> Result<()> {
    let (began, used) = horizon(lengths, now);
    tx.soon(&END_STALE, bind![time::micros(now), ws.uuid(), person.uuid(), used, began])
}

/// Ends every session of a person but `keep`; answers how many.
pub async fn end_all(
    tx: &mut Tx,
    ws: WorkspaceId,
    person: PersonId,
    keep: Option<SessionId>,
    why: EndedWhy,
    now: Timestamp,
) -> Result<i64> {
    let (now, ws, person) = (time::micros(now), ws.uuid(), person.uuid());
    let rows = match keep {
        None => tx.exec(&END_ALL, &[&now, &why.word(), &ws, &person]).await?,
        Some(keep) => tx.exec(&END_OTHERS, &[&now, &why.word(), &ws, &person, &keep.uuid()]).await?,
    };
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// Ends every session of these people; answers how many were still good.
pub async fn end_all_of(
    tx: &mut Tx,
    ws: WorkspaceId,
    people: &[PersonId],
    why: EndedWhy,
    lengths: SessionLengths,
    now: Timestamp,
) -> Result<i64> {
    let (began, used) = horizon(lengths, now);
    let (now, ws) = (time::micros(now), ws.uuid());
    let people: Uuids = people.iter().map(|id| id.uuid()).collect();
    tx.exec(&END_STALE_OF, &[&now, &ws, &used, &began, &people]).await?;
    let rows = tx.exec(&END_ALL_OF, &[&now, &why.word(), &ws, &people]).await?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// How many sessions of these people are open.
pub async fn count_open_of(
    rx: &mut Rx,
    ws: WorkspaceId,
    people: &[PersonId],
    lengths: SessionLengths,
    now: Timestamp,
) -> Result<i64> {
    let (began, used) = horizon(lengths, now);
    let people: Uuids = people.iter().map(|id| id.uuid()).collect();
    let count = rx.one(&COUNT_OPEN_OF, &[&ws.uuid(), &began, &used, &people], |row| row.get(0)).await?;
    Ok(count.unwrap_or(0))
}

/// Ends every session of the workspace; answers how many.
pub async fn end_every(tx: &mut Tx, ws: WorkspaceId, why: EndedWhy, now: Timestamp) -> Result<i64> {
    let rows = tx.exec(&END_EVERY, &[&time::micros(now), &why.word(), &ws.uuid()]).await?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// Ends the sessions that are too old or idle for too long.
pub async fn end_idle(tx: &mut Tx, ws: WorkspaceId, lengths: SessionLengths, now: Timestamp) -> Result<()> {
    let (began, used) = horizon(lengths, now);
    tx.exec(&END_IDLE, &[&time::micros(now), &ws.uuid(), &used, &began]).await?;
    Ok(())
}

/// Forgets sessions that ended before `before`.
pub async fn purge(tx: &mut Tx, ws: WorkspaceId, before: Timestamp) -> Result<()> {
    tx.exec(&PURGE, &[&ws.uuid(), &time::micros(before)]).await?;
    Ok(())
}

/// Removes every session of a person who is deleted, ended ones too; answers how many.
pub async fn delete(tx: &mut Tx, ws: WorkspaceId, person: PersonId) -> Result<u64> {
    tx.exec(&DELETE, &[&ws.uuid(), &person.uuid()]).await
}
