//! Tokens of the JSON API: what is kept of each, and what suspends and restores them.

use std::collections::HashMap;

use domain::{
    id::{PersonId, TokenId, WorkspaceId},
    person::{Kind, StatusWord},
    role::Role,
    token::{Owner, Scopes, Suspended, Token},
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Ask, Error, Row, Rx, Sql, Tx, bind,
    dialect::{Uuids, any_uuid, for_update},
    statements, time,
    workspaces::{Workspace, workspace_columns, workspace_of_host},
};
use crate::error::Result;

/// A token as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// What the rules know.
    pub token: Token,
    /// What its maker called it.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// The last request, to within a minute.
    pub last_used: Option<Timestamp>,
    /// How it speaks SCIM, where it was made for that.
    pub scim: Ways,
}

/// How a token speaks SCIM: settings of its own, and what the brake did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ways {
    /// A PATCH is answered without a body (204).
    pub empty_patch: bool,
    /// A SCIM DELETE deletes; else it deactivates.
    pub deletes: bool,
    /// When the brake stopped it, and nobody has let it go on since.
    pub stopped: Option<Timestamp>,
    /// Until when it may pass the brake.
    pub let_on: Option<Timestamp>,
}

/// A person beside a token: whose it is, or who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// Who.
    pub id: PersonId,
    /// The name today.
    pub name: String,
    /// The status today.
    pub status: StatusWord,
    /// The digest of the picture.
    pub picture: Option<String>,
}

/// The owner of a personal token, as the check of a request finds them.
#[derive(Debug, Clone)]
pub struct OwnerRow {
    /// Who.
    pub id: PersonId,
    /// User or customer.
    pub kind: Kind,
    /// The role now.
    pub role: Role,
    /// The status now.
    pub status: StatusWord,
    /// The name.
    pub name: String,
    /// The email address.
    pub email: String,
    /// Language, time zone, theme.
    pub settings: (String, String, String),
    /// The digest of the picture.
    pub picture: Option<String>,
}

/// What the check of a request reads in its one statement: token, owner and workspace as they are now.
#[derive(Debug, Clone)]
pub struct Check {
    /// The token.
    pub row: TokenRow,
    /// Whose it is; none of a service token.
    pub owner: Option<OwnerRow>,
    /// The workspace.
    pub workspace: Workspace,
}

/// The columns that [`from_row`] reads, in its order.
macro_rules! token_columns {
    () => {
        "t.token_id, t.kind, t.person_id, t.scopes, t.expires, t.suspended, t.suspended_why, t.revoked, \
         t.name, t.created, t.last_used, t.scim_empty_patch, t.scim_deletes, t.scim_stopped, t.scim_let_on"
    };
}

/// How many columns [`token_columns`] names.
const COLUMNS: usize = 15;
/// How many columns of the owner follow in [`CHECK`].
const OWNER_COLUMNS: usize = 9;

macro_rules! one_token {
    () => {
        concat!("select ", token_columns!(), " from tokens t where t.workspace_id = $1 and t.token_id = $2")
    };
}

macro_rules! listed {
    ($which:literal) => {
        concat!(
            "select ",
            token_columns!(),
            ", p.name, p.status, p.picture from tokens t \
             left join people p on p.workspace_id = t.workspace_id and p.person_id = t.person_id \
             where t.workspace_id = $1 and t.revoked is null and ",
            $which,
            " order by t.token_id desc limit 500"
        )
    };
}

macro_rules! check {
    ($workspace:expr, $hash:literal) => {
        concat!(
            "select ",
            token_columns!(),
            ", p.kind, p.role, p.status, p.name, p.email, p.language, p.time_zone, p.theme, p.picture, ",
            workspace_columns!(),
            " from tokens t join workspaces w on w.workspace_id = t.workspace_id \
             left join people p on p.workspace_id = t.workspace_id and p.person_id = t.person_id and t.kind = 'personal' \
             where t.workspace_id = ",
            $workspace,
            " and t.token_hash = ",
            $hash
        )
    };
}

// `kind || ''`: whose a token is finds it, not what kind it is; of a kind a workspace may have one for each of its people.
statements! {
    CHECK = Sql::both(check!("$1", "$2"));
    CHECK_AT = Sql::both(check!(workspace_of_host!(), "$3"));
    LOOK = Sql::both(one_token!());
    HOLD = Sql::each(one_token!(), concat!(one_token!(), " for share"));
    LOCK = for_update!(
        "select ", token_columns!(), " from tokens t where t.workspace_id = $1 and t.token_id = $2"
    );
    INSERT = "insert into tokens (workspace_id, token_id, kind, person_id, name, token_hash, scopes, created, expires) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (workspace_id, token_id) do nothing";
    SET_WAYS = "update tokens set scim_empty_patch = $1, scim_deletes = $2, scim_stopped = $3, scim_let_on = $4 \
                where workspace_id = $5 and token_id = $6";
    TOUCH = "update tokens set last_used = $1 \
             where workspace_id = $2 and token_id = $3 and (last_used is null or last_used < $1)";
    SERVICE = Sql::both(listed!("t.kind = 'service'"));
    PERSONAL = Sql::both(listed!("t.kind = 'personal'"));
    OF_PERSON = Sql::both(listed!("t.kind || '' = 'personal' and t.person_id = $2"));
    MADE_BY = Sql::both(listed!(
        "t.kind || '' = 'service' and t.person_id = $2 and t.suspended is null and (t.expires is null or t.expires > $3)"
    ));
    COUNT_LIVE = "select count(*) from tokens where workspace_id = $1 and person_id = $2 and kind || '' = 'personal' \
                  and revoked is null and suspended is null and expires > $3";
    COUNT_LIVE_OF = any_uuid!("select count(*) from tokens where workspace_id = $1 and kind || '' = 'personal' \
                    and revoked is null and suspended is null and expires > $2 and ", "person_id" in "$3", "");
    COUNT_SUSPENDED = "select count(*) from tokens where workspace_id = $1 and person_id = $2 and kind || '' = 'personal' \
                       and revoked is null and suspended_why = 'deactivation' and expires > $3";
    /// What works of a person's tokens, with their deactivation.
    SUSPEND_LIVE = "update tokens set suspended = $1, suspended_why = 'deactivation', suspended_by = $2 \
                    where workspace_id = $3 and person_id = $4 and kind || '' = 'personal' and revoked is null \
                    and suspended is null and expires > $1";
    SUSPEND_LIVE_OF = any_uuid!("update tokens set suspended = $1, suspended_why = 'deactivation', suspended_by = $2 \
                      where workspace_id = $3 and kind || '' = 'personal' and revoked is null and suspended is null \
                      and expires > $1 and ", "person_id" in "$4", "");
    SUSPEND_MADE_BY = "update tokens set suspended = $1, suspended_why = 'deactivation', suspended_by = $2 \
                       where workspace_id = $3 and person_id = $4 and kind || '' = 'service' and revoked is null \
                       and suspended is null and (expires is null or expires > $1)";
    SUSPEND_EVERY = scan "update tokens set suspended = $1, suspended_why = 'backup' \
                    where workspace_id = $2 and revoked is null and suspended is null";
    SUSPEND = "update tokens set suspended = $1, suspended_why = 'hand' \
               where workspace_id = $2 and token_id = $3 and revoked is null and suspended is null";
    RESTORE = "update tokens set suspended = null, suspended_why = null, suspended_by = null \
               where workspace_id = $1 and token_id = $2 and revoked is null and suspended is not null";
    RESTORE_STEP = "update tokens set suspended = null, suspended_why = null, suspended_by = null \
                    where workspace_id = $1 and suspended_by = $2 and revoked is null";
    RESTORE_BATCH = any_uuid!("update tokens set suspended = null, suspended_why = null, suspended_by = null \
                    where workspace_id = $1 and suspended_by = $2 and revoked is null and ", "person_id" in "$3", "");
    RESTORE_PERSON = "update tokens set suspended = null, suspended_why = null, suspended_by = null \
                      where workspace_id = $1 and person_id = $2 and kind || '' = 'personal' and revoked is null \
                      and suspended_why = 'deactivation' and expires > $3";
    REVOKE = "update tokens set revoked = $1 where workspace_id = $2 and token_id = $3 and revoked is null";
    DELETE = "delete from tokens where workspace_id = $1 and person_id = $2 and kind = 'personal'";
    FORGET_MAKER = "update tokens set person_id = null where workspace_id = $1 and person_id = $2 and kind = 'service'";
    NAMES = any_uuid!("select token_id, name from tokens where workspace_id = $1 and ", "token_id" in "$2", "");
}

fn from_row(row: &Row<'_>) -> Result<TokenRow> {
    let person = row.get::<Option<Uuid>>(2)?.map(PersonId::from_uuid);
    let owner = match (row.get::<String>(1)?.as_str(), person) {
        ("personal", Some(person)) => Owner::Personal(person),
        ("service", maker) => Owner::Service { maker },
        _ => return Err(Error::Value("tokens.kind").into()),
    };
    let why = row.get::<Option<String>>(6)?;
    let why =
        why.map(|word| Suspended::parse(&word).ok_or(Error::Value("tokens.suspended_why"))).transpose()?;
    Ok(TokenRow {
        token: Token {
            id: TokenId::from_uuid(row.get(0)?),
            owner,
            scopes: Scopes::parse(&row.get::<String>(3)?).ok_or(Error::Value("tokens.scopes"))?,
            expires: row.time_opt(4)?,
            suspended: row.time_opt(5)?.zip(why),
            revoked: row.time_opt(7)?,
        },
        name: row.get(8)?,
        created: row.time(9)?,
        last_used: row.time_opt(10)?,
        scim: Ways {
            empty_patch: row.get(11)?,
            deletes: row.get(12)?,
            stopped: row.time_opt(13)?,
            let_on: row.time_opt(14)?,
        },
    })
}

/// The token of this digest, whatever its state, as of now.
pub async fn check(rx: &mut Rx, ws: WorkspaceId, hash: &[u8]) -> Result<Option<Check>> {
    rx.one(&CHECK, &[&ws.uuid(), &hash], check_from_row).await
}

/// As [`check()`], in the workspace that a Host names ([`super::workspaces::by_host`]): one way to the database for both.
pub async fn check_at(rx: &mut Rx, host: &str, hash: &[u8]) -> Result<Option<Check>> {
    rx.one(&CHECK_AT, &[&host, &Uuid::nil(), &hash], check_from_row).await
}

fn check_from_row(row: &Row<'_>) -> Result<Check> {
    let found = from_row(row)?;
    let owner = match found.token.owner.person() {
        Some(id) => Some(owner_from_row(row, id)?),
        None => None,
    };
    let workspace = super::workspaces::from_row_at(row, COLUMNS + OWNER_COLUMNS)?;
    Ok(Check { row: found, owner, workspace })
}

fn owner_from_row(row: &Row<'_>, id: PersonId) -> Result<OwnerRow> {
    let at = |column| COLUMNS + column;
    Ok(OwnerRow {
        id,
        kind: Kind::parse(&row.get::<String>(at(0))?).ok_or(Error::Value("people.kind"))?,
        role: Role::parse(&row.get::<String>(at(1))?).ok_or(Error::Value("people.role"))?,
        status: StatusWord::parse(&row.get::<String>(at(2))?).ok_or(Error::Value("people.status"))?,
        name: row.get(at(3))?,
        email: row.get(at(4))?,
        settings: (row.get(at(5))?, row.get(at(6))?, row.get(at(7))?),
        picture: row.get(at(8))?,
    })
}

/// A token, whatever its state.
pub async fn look(rx: &mut Rx, ws: WorkspaceId, id: TokenId) -> Result<Option<TokenRow>> {
    rx.one(&LOOK, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// A token that acts, held as it is until the transaction ends: nobody suspends or revokes it meanwhile.
pub async fn hold(tx: &mut Tx, ws: WorkspaceId, id: TokenId) -> Result<Option<TokenRow>> {
    tx.one(&HOLD, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// As [`hold`], as part of a longer question; without a token there is nothing to ask.
pub fn ask_held(ws: WorkspaceId, id: Option<TokenId>) -> Ask<TokenRow> {
    Ask::new(&HOLD, bind![ws.uuid(), id.map(TokenId::uuid)], from_row).only_if(id.is_some())
}

/// A token that is to change, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId, id: TokenId) -> Result<Option<TokenRow>> {
    tx.one(&LOCK, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// Saves a new token; answers whether its id was free.
pub async fn insert(
    tx: &mut Tx,
    ws: WorkspaceId,
    token: &Token,
    name: &str,
    hash: &[u8],
    now: Timestamp,
) -> Result<bool> {
    let person = match token.owner {
        Owner::Personal(person) => Some(person),
        Owner::Service { maker } => maker,
    };
    let rows = tx
        .exec(
            &INSERT,
            &[
                &ws.uuid(),
                &token.id.uuid(),
                &token.owner.word(),
                &person.map(PersonId::uuid),
                &name,
                &hash,
                &token.scopes.to_string(),
                &time::micros(now),
                &token.expires.map(time::micros),
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// Saves how a token speaks SCIM.
pub async fn set_ways(tx: &mut Tx, ws: WorkspaceId, id: TokenId, ways: Ways) -> Result<()> {
    let (stopped, let_on) = (ways.stopped.map(time::micros), ways.let_on.map(time::micros));
    tx.exec_one(&SET_WAYS, &[&ways.empty_patch, &ways.deletes, &stopped, &let_on, &ws.uuid(), &id.uuid()])
        .await
}

/// Notes a request.
pub async fn touch(tx: &mut Tx, ws: WorkspaceId, id: TokenId, now: Timestamp) -> Result<()> {
    tx.exec(&TOUCH, &[&time::micros(now), &ws.uuid(), &id.uuid()]).await?;
    Ok(())
}

/// A token in a list, with whose it is or who made it, where they are still here.
pub type Listed = (TokenRow, Option<Beside>);

fn listed_from_row(row: &Row<'_>) -> Result<Listed> {
    let found = from_row(row)?;
    let person = match found.token.owner {
        Owner::Personal(person) => Some(person),
        Owner::Service { maker } => maker,
    };
    let named = (row.get::<Option<String>>(COLUMNS)?, row.get::<Option<String>>(COLUMNS + 1)?);
    let beside = match (person, named) {
        (Some(id), (Some(name), Some(status))) => Some(Beside {
            id,
            name,
            status: StatusWord::parse(&status).ok_or(Error::Value("people.status"))?,
            picture: row.get(COLUMNS + 2)?,
        }),
        _ => None,
    };
    Ok((found, beside))
}

/// The workspace's own tokens that were not revoked, the newest first.
pub async fn service(rx: &mut Rx, ws: WorkspaceId) -> Result<Vec<Listed>> {
    rx.all(&SERVICE, &[&ws.uuid()], listed_from_row).await
}

/// Everybody's personal tokens that were not revoked, the newest first.
pub async fn personal(rx: &mut Rx, ws: WorkspaceId) -> Result<Vec<Listed>> {
    rx.all(&PERSONAL, &[&ws.uuid()], listed_from_row).await
}

/// One person's tokens that were not revoked, the newest first.
pub async fn of_person(rx: &mut Rx, ws: WorkspaceId, person: PersonId) -> Result<Vec<Listed>> {
    rx.all(&OF_PERSON, &[&ws.uuid(), &person.uuid()], listed_from_row).await
}

/// The workspace's tokens that this person made and that work, the newest first.
pub async fn made_by(rx: &mut Rx, ws: WorkspaceId, person: PersonId, now: Timestamp) -> Result<Vec<Listed>> {
    rx.all(&MADE_BY, &[&ws.uuid(), &person.uuid(), &time::micros(now)], listed_from_row).await
}

/// How many tokens of a person work.
pub async fn count_live(rx: &mut Rx, ws: WorkspaceId, person: PersonId, now: Timestamp) -> Result<i64> {
    Ok(rx
        .one(&COUNT_LIVE, &[&ws.uuid(), &person.uuid(), &time::micros(now)], |row| row.get(0))
        .await?
        .unwrap_or(0))
}

/// As [`count_live`], of several together.
pub async fn count_live_of(rx: &mut Rx, ws: WorkspaceId, people: &[PersonId], now: Timestamp) -> Result<i64> {
    let people: Uuids = people.iter().map(|id| id.uuid()).collect();
    Ok(rx
        .one(&COUNT_LIVE_OF, &[&ws.uuid(), &time::micros(now), &people], |row| row.get(0))
        .await?
        .unwrap_or(0))
}

/// How many tokens of a person are suspended with a deactivation of theirs, and could come back.
pub async fn count_suspended(rx: &mut Rx, ws: WorkspaceId, person: PersonId, now: Timestamp) -> Result<i64> {
    Ok(rx
        .one(&COUNT_SUSPENDED, &[&ws.uuid(), &person.uuid(), &time::micros(now)], |row| row.get(0))
        .await?
        .unwrap_or(0))
}

fn number(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Suspends what works of these people's tokens with their deactivation; `by` is the step that can be undone. Answers how
/// many.
pub async fn suspend_live_of(
    tx: &mut Tx,
    ws: WorkspaceId,
    people: &[PersonId],
    by: Option<Uuid>,
    now: Timestamp,
) -> Result<i64> {
    let people: Uuids = people.iter().map(|id| id.uuid()).collect();
    let rows = tx.exec(&SUSPEND_LIVE_OF, &[&time::micros(now), &by, &ws.uuid(), &people]).await?;
    Ok(number(rows))
}

/// Suspends the workspace's tokens that this person made, in the step of their deactivation; answers how many.
pub async fn suspend_made_by(
    tx: &mut Tx,
    ws: WorkspaceId,
    person: PersonId,
    by: Option<Uuid>,
    now: Timestamp,
) -> Result<i64> {
    let rows = tx.exec(&SUSPEND_MADE_BY, &[&time::micros(now), &by, &ws.uuid(), &person.uuid()]).await?;
    Ok(number(rows))
}

/// Suspends every token of the workspace, since a backup was restored; answers how many.
pub async fn suspend_every(tx: &mut Tx, ws: WorkspaceId, now: Timestamp) -> Result<i64> {
    Ok(number(tx.exec(&SUSPEND_EVERY, &[&time::micros(now), &ws.uuid()]).await?))
}

/// Suspends one token.
pub async fn suspend(tx: &mut Tx, ws: WorkspaceId, id: TokenId, now: Timestamp) -> Result<()> {
    tx.exec_one(&SUSPEND, &[&time::micros(now), &ws.uuid(), &id.uuid()]).await
}

/// Brings one token back.
pub async fn restore(tx: &mut Tx, ws: WorkspaceId, id: TokenId) -> Result<()> {
    tx.exec_one(&RESTORE, &[&ws.uuid(), &id.uuid()]).await
}

/// Brings back what a step suspended; answers how many.
pub async fn restore_step(tx: &mut Tx, ws: WorkspaceId, step: Uuid) -> Result<i64> {
    Ok(number(tx.exec(&RESTORE_STEP, &[&ws.uuid(), &step]).await?))
}

/// Brings back what a change of many people suspended of these; answers how many.
pub async fn restore_batch(tx: &mut Tx, ws: WorkspaceId, batch: Uuid, people: &[PersonId]) -> Result<i64> {
    let people: Uuids = people.iter().map(|id| id.uuid()).collect();
    Ok(number(tx.exec(&RESTORE_BATCH, &[&ws.uuid(), &batch, &people]).await?))
}

/// Brings back what was suspended with deactivations of this person; answers how many.
pub async fn restore_person(tx: &mut Tx, ws: WorkspaceId, person: PersonId, now: Timestamp) -> Result<i64> {
    Ok(number(tx.exec(&RESTORE_PERSON, &[&ws.uuid(), &person.uuid(), &time::micros(now)]).await?))
}

/// Revokes a token, for good.
pub async fn revoke(tx: &mut Tx, ws: WorkspaceId, id: TokenId, now: Timestamp) -> Result<()> {
    tx.exec_one(&REVOKE, &[&time::micros(now), &ws.uuid(), &id.uuid()]).await
}

/// Removes every token of a person who is deleted, and forgets which of the workspace's they made; answers how many
/// went.
pub async fn delete_person(tx: &mut Tx, ws: WorkspaceId, person: PersonId) -> Result<u64> {
    let gone = tx.exec(&DELETE, &[&ws.uuid(), &person.uuid()]).await?;
    tx.exec(&FORGET_MAKER, &[&ws.uuid(), &person.uuid()]).await?;
    Ok(gone)
}

/// What these tokens are called, of those that are still kept.
pub async fn names(rx: &mut Rx, ws: WorkspaceId, ids: &[TokenId]) -> Result<HashMap<TokenId, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    let read = |row: &Row<'_>| Ok((TokenId::from_uuid(row.get(0)?), row.get::<String>(1)?));
    Ok(rx.all(&NAMES, &[&ws.uuid(), &ids], read).await?.into_iter().collect())
}
