//! Batches: one action on many people, how far it is and what it came to.

use domain::{
    actor::{Actor, Door},
    bulk::Deed,
    id::{BatchId, RequestId, WorkspaceId},
    lifecycle::Grounds,
    person::Kind,
};
use jiff::Timestamp;

use super::{
    Error, Row, Rx, Sql, Tx,
    dialect::{for_update, skip_locked},
    statements, time,
};
use crate::error::Result;

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its people are dealt with, one after the other.
    Running,
    /// It waits for an administrator.
    Paused,
    /// All its people have been dealt with.
    Finished,
    /// It was ended before.
    Cancelled,
}

impl State {
    const ALL: [Self; 4] = [Self::Running, Self::Paused, Self::Finished, Self::Cancelled];

    /// The word in the database and for machines.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing comes any more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled)
    }
}

/// Why a batch waits for an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PausedWhy {
    /// The next one would pass the brake.
    Brake,
    /// Whoever began it may no longer do so.
    Actor,
}

impl PausedWhy {
    /// The word in the database and for machines.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Brake => "brake",
            Self::Actor => "actor",
        }
    }
}

/// A batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The batch.
    pub id: BatchId,
    /// Whether it is about users or customers.
    pub kind: Kind,
    /// What is done with each.
    pub deed: Deed,
    /// How far it is.
    pub state: State,
    /// Why it is paused, if it is.
    pub paused_why: Option<PausedWhy>,
    /// Whether an administrator has said that it may pass the brake.
    pub past_brake: bool,
    /// When it began.
    pub made: Timestamp,
    /// Who acts: whoever began it, or let it go on.
    pub actor: Actor,
    /// The way it came in.
    pub door: Door,
    /// The request that began it.
    pub request: RequestId,
    /// How many people it is about.
    pub total: i64,
    /// For how many something changed.
    pub changed: i64,
    /// For how many it was so already.
    pub unchanged: i64,
    /// How many a rule kept as they are.
    pub skipped: i64,
    /// Sessions that were ended.
    pub sessions_ended: i64,
    /// API tokens that were suspended.
    pub tokens_suspended: i64,
    /// Licenses that became free.
    pub licenses_freed: i64,
    /// Licenses that are set aside for those who still wait.
    pub reserved: i64,
    /// Licenses that were added for it.
    pub added_licenses: i64,
    /// Licenses owned before.
    pub owned_before: i64,
    /// When it came to its end.
    pub ended: Option<Timestamp>,
    /// The batch that undoes it.
    pub undone_by: Option<BatchId>,
}

impl Batch {
    /// How many people have been dealt with.
    #[must_use]
    pub const fn done(&self) -> i64 {
        self.changed + self.unchanged + self.skipped
    }
}

macro_rules! batch_columns {
    () => {
        "select batch_id, kind, deed, target, reason, review_on, state, paused_why, past_brake, made, actor, door, \
         request_id, total, changed, unchanged, skipped, sessions_ended, licenses_freed, reserved, added_licenses, \
         owned_before, ended, undone_by, tokens_suspended from batches where workspace_id = $1"
    };
}

statements! {
    INSERT = "insert into batches (workspace_id, batch_id, kind, deed, target, reason, review_on, state, past_brake, \
              made, actor, door, request_id, total, reserved, added_licenses, owned_before) \
              values ($1, $2, $3, $4, $5, $6, $7, 'running', $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    LOAD = Sql::both(concat!(batch_columns!(), " and batch_id = $2"));
    LOCK = for_update!(batch_columns!(), " and batch_id = $2");
    CLAIM = skip_locked!(batch_columns!(), " and batch_id = $2 and state = 'running'");
    OPEN = Sql::both(concat!(batch_columns!(), " and ended is null order by made, batch_id limit 100"));
    LATEST = Sql::both(concat!(batch_columns!(), " order by made desc, batch_id desc limit $2"));
    DUE = scan "select distinct workspace_id from batches where ended is null and state = 'running'";
    COUNT = "update batches set changed = changed + $1, unchanged = unchanged + $2, skipped = skipped + $3, \
             sessions_ended = sessions_ended + $4, licenses_freed = licenses_freed + $5, reserved = reserved - $6, \
             tokens_suspended = tokens_suspended + $7 where workspace_id = $8 and batch_id = $9";
    PAUSE = "update batches set state = 'paused', paused_why = $1 \
             where workspace_id = $2 and batch_id = $3 and state = 'running'";
    RESUME = "update batches set state = 'running', paused_why = null, past_brake = $1, actor = $2, door = $3, \
              request_id = $4 where workspace_id = $5 and batch_id = $6 and state = 'paused'";
    END = "update batches set state = $1, paused_why = null, ended = $2, reason = null, reserved = 0 \
           where workspace_id = $3 and batch_id = $4 and ended is null";
    SET_UNDONE = "update batches set undone_by = $1 where workspace_id = $2 and batch_id = $3 and undone_by is null";
    PURGE_PEOPLE = "delete from batch_people where workspace_id = $1 and batch_id in \
                    (select b.batch_id from batches b where b.workspace_id = $1 and b.ended < $2 and b.ended is not null)";
    PURGE = "delete from batches where workspace_id = $1 and ended < $2 and ended is not null";
}

fn from_row(row: &Row<'_>) -> Result<Batch> {
    let bad = |column| crate::Error::from(Error::Value(column));
    let word: String = row.get(6)?;
    let why: Option<String> = row.get(7)?;
    Ok(Batch {
        id: BatchId::from_uuid(row.get(0)?),
        kind: Kind::parse(&row.get::<String>(1)?).ok_or_else(|| bad("batches.kind"))?,
        deed: deed(row)?,
        state: State::ALL
            .into_iter()
            .find(|state| state.word() == word)
            .ok_or_else(|| bad("batches.state"))?,
        paused_why: match why.as_deref() {
            None => None,
            Some("brake") => Some(PausedWhy::Brake),
            Some(_) => Some(PausedWhy::Actor),
        },
        past_brake: row.get(8)?,
        made: row.time(9)?,
        actor: serde_json::from_str(&row.get::<String>(10)?).map_err(|_| bad("batches.actor"))?,
        door: Door::parse(&row.get::<String>(11)?).ok_or_else(|| bad("batches.door"))?,
        request: RequestId::from_uuid(row.get(12)?),
        total: row.get(13)?,
        changed: row.get(14)?,
        unchanged: row.get(15)?,
        skipped: row.get(16)?,
        sessions_ended: row.get(17)?,
        tokens_suspended: row.get(24)?,
        licenses_freed: row.get(18)?,
        reserved: row.get(19)?,
        added_licenses: row.get(20)?,
        owned_before: row.get(21)?,
        ended: row.time_opt(22)?,
        undone_by: row.get::<Option<_>>(23)?.map(BatchId::from_uuid),
    })
}

fn deed(row: &Row<'_>) -> Result<Deed> {
    let bad = |_| crate::Error::from(Error::Value("batches.target"));
    let target: String = row.get(3)?;
    Ok(match row.get::<String>(2)?.as_str() {
        "deactivate" => Deed::Deactivate(Grounds {
            reason: row.get(4)?,
            review_on: row
                .get::<Option<String>>(5)?
                .map(|text| time::date(&text, "batches.review_on"))
                .transpose()?,
        }),
        "activate" => Deed::Activate,
        "delete" => Deed::Delete,
        "join-team" => Deed::JoinTeam(target.parse().map_err(bad)?),
        "leave-team" => Deed::LeaveTeam(target.parse().map_err(bad)?),
        "role" => {
            let role = domain::role::Role::parse(&target);
            Deed::Role(role.ok_or(Error::Value("batches.target"))?)
        }
        "organization" if target.is_empty() => Deed::Organization(None),
        "organization" => Deed::Organization(Some(target.parse().map_err(bad)?)),
        "undo" => Deed::Undo(target.parse().map_err(bad)?),
        _ => return Err(Error::Value("batches.deed").into()),
    })
}

fn target(deed: &Deed) -> String {
    match deed {
        Deed::JoinTeam(team) | Deed::LeaveTeam(team) => team.to_string(),
        Deed::Role(role) => role.word().to_owned(),
        Deed::Organization(Some(organization)) => organization.to_string(),
        Deed::Undo(batch) => batch.to_string(),
        Deed::Deactivate(_) | Deed::Activate | Deed::Delete | Deed::Organization(None) => String::new(),
    }
}

fn actor_text(actor: &Actor) -> Result<String> {
    serde_json::to_string(actor).map_err(|error| crate::Error::Internal(error.to_string()))
}

/// Saves a new batch, which is running; its people come after it.
pub async fn insert(tx: &mut Tx, ws: WorkspaceId, batch: &Batch) -> Result<()> {
    let (reason, review_on) = match &batch.deed {
        Deed::Deactivate(grounds) => (grounds.reason.as_deref(), grounds.review_on.map(time::date_text)),
        _ => (None, None),
    };
    tx.exec_one(
        &INSERT,
        &[
            &ws.uuid(),
            &batch.id.uuid(),
            &batch.kind.word(),
            &batch.deed.word(),
            &target(&batch.deed),
            &reason,
            &review_on,
            &batch.past_brake,
            &time::micros(batch.made),
            &actor_text(&batch.actor)?,
            &batch.door.word(),
            &batch.request.uuid(),
            &batch.total,
            &batch.reserved,
            &batch.added_licenses,
            &batch.owned_before,
        ],
    )
    .await
}

/// A batch.
pub async fn load(rx: &mut Rx, ws: WorkspaceId, id: BatchId) -> Result<Option<Batch>> {
    rx.one(&LOAD, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// As [`load`], locked until the transaction ends.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId, id: BatchId) -> Result<Option<Batch>> {
    tx.one(&LOCK, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// As [`lock`], if it is running and nobody else works on it.
pub async fn claim(tx: &mut Tx, ws: WorkspaceId, id: BatchId) -> Result<Option<Batch>> {
    tx.one(&CLAIM, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// The batches that are running or paused, the oldest first, up to 100.
pub async fn open(rx: &mut Rx, ws: WorkspaceId) -> Result<Vec<Batch>> {
    rx.all(&OPEN, &[&ws.uuid()], from_row).await
}

/// The latest batches, the newest first.
pub async fn latest(rx: &mut Rx, ws: WorkspaceId, limit: i64) -> Result<Vec<Batch>> {
    rx.all(&LATEST, &[&ws.uuid(), &limit], from_row).await
}

/// The workspaces in which a batch is running.
pub async fn due_workspaces(rx: &mut Rx) -> Result<Vec<WorkspaceId>> {
    rx.all(&DUE, &[], |row| Ok(WorkspaceId::from_uuid(row.get(0)?))).await
}

/// What a piece of work adds to a batch's numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Worked {
    /// People changed.
    pub changed: i64,
    /// People who were so already.
    pub unchanged: i64,
    /// People skipped.
    pub skipped: i64,
    /// Sessions ended.
    pub sessions_ended: i64,
    /// API tokens suspended.
    pub tokens_suspended: i64,
    /// Licenses freed.
    pub licenses_freed: i64,
    /// Licenses no longer set aside: they are used now.
    pub used: i64,
}

/// Adds to the numbers of a batch.
pub async fn count(tx: &mut Tx, ws: WorkspaceId, id: BatchId, done: Worked) -> Result<()> {
    tx.exec_one(
        &COUNT,
        &[
            &done.changed,
            &done.unchanged,
            &done.skipped,
            &done.sessions_ended,
            &done.licenses_freed,
            &done.used,
            &done.tokens_suspended,
            &ws.uuid(),
            &id.uuid(),
        ],
    )
    .await
}

/// Stops a running batch for an administrator to look at it.
pub async fn pause(tx: &mut Tx, ws: WorkspaceId, id: BatchId, why: PausedWhy) -> Result<()> {
    tx.exec_one(&PAUSE, &[&why.word(), &ws.uuid(), &id.uuid()]).await
}

/// Lets a paused batch go on, from now on as the deed of this actor.
pub async fn resume(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: BatchId,
    past_brake: bool,
    (actor, door, request): (&Actor, Door, RequestId),
) -> Result<()> {
    let actor = actor_text(actor)?;
    tx.exec_one(&RESUME, &[&past_brake, &actor, &door.word(), &request.uuid(), &ws.uuid(), &id.uuid()]).await
}

/// Ends a batch. Nothing is set aside for it any more.
pub async fn end(tx: &mut Tx, ws: WorkspaceId, id: BatchId, state: State, now: Timestamp) -> Result<()> {
    tx.exec_one(&END, &[&state.word(), &time::micros(now), &ws.uuid(), &id.uuid()]).await
}

/// Notes which batch undoes this one; none may yet.
pub async fn set_undone(tx: &mut Tx, ws: WorkspaceId, id: BatchId, by: BatchId) -> Result<()> {
    tx.exec_one(&SET_UNDONE, &[&by.uuid(), &ws.uuid(), &id.uuid()]).await
}

/// Forgets batches that ended before `before`.
pub async fn purge(tx: &mut Tx, ws: WorkspaceId, before: Timestamp) -> Result<()> {
    let key: [&dyn super::Param; 2] = [&ws.uuid(), &time::micros(before)];
    tx.exec(&PURGE_PEOPLE, &key).await?;
    tx.exec(&PURGE, &key).await?;
    Ok(())
}
