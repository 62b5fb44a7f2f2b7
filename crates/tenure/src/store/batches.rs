//! Batches: one action on many people, who of them waits for their turn, and what came of the others.

use domain::{
    actor::{Actor, Door},
    brake::{Brake, Recent},
    bulk::Deed,
    id::{BatchId, PersonId, RequestId, WorkspaceId},
    lifecycle::{Change, Grounds},
    person::{Kind, Status, StatusWord},
};
use jiff::Timestamp;

use super::{
    Error, Row, Rx, Sql, Tx, bind,
    dialect::{Numbers, Uuids, any_value, for_update, skip_locked},
    people::{self, PersonRow, person_columns},
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
         owned_before, ended, undone_by from batches where workspace_id = $1"
    };
}

/// People by a list of ids that stands at the end of the statement.
macro_rules! of_people {
    ($before:expr, $column:literal in $list:literal, $after:literal) => {
        Sql::each(
            concat!($before, $column, " in (select unhex(value) from json_each(", $list, "))", $after),
            concat!($before, $column, " = any(", $list, ")", $after),
        )
    };
}

macro_rules! people_of {
    () => {
        concat!("select ", person_columns!(), " from people p where p.workspace_id = $1 and ")
    };
}

statements! {
    INSERT = "insert into batches (workspace_id, batch_id, kind, deed, target, reason, review_on, state, past_brake, \
              made, actor, door, request_id, total, reserved, added_licenses, owned_before) \
              values ($1, $2, $3, $4, $5, $6, $7, 'running', $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    INSERT_PEOPLE = {
        sqlite: "insert into batch_people (workspace_id, batch_id, place, person_id) \
                 select $1, $2, e.key, unhex(e.value) from json_each($3) e",
        postgres: "insert into batch_people (workspace_id, batch_id, place, person_id) \
                   select $1, $2, e.place - 1, e.person_id from unnest($3::uuid[]) with ordinality e (person_id, place)",
    };
    INSERT_UNDO = "insert into batch_people (workspace_id, batch_id, place, person_id, before, after) \
                   select b.workspace_id, $1, b.place, b.person_id, b.before, b.after from batch_people b \
                   where b.workspace_id = $2 and b.batch_id = $3 and b.outcome = 'changed' and b.before is not null";
    LOAD = Sql::both(concat!(batch_columns!(), " and batch_id = $2"));
    LOCK = for_update!(batch_columns!(), " and batch_id = $2");
    CLAIM = skip_locked!(batch_columns!(), " and batch_id = $2 and state = 'running'");
    OPEN = Sql::both(concat!(batch_columns!(), " and ended is null order by made, batch_id limit 100"));
    LATEST = Sql::both(concat!(batch_columns!(), " order by made desc, batch_id desc limit $2"));
    DUE = scan "select distinct workspace_id from batches where ended is null and state = 'running'";
    NEXT = "select b.place, b.person_id, b.before, b.after from batch_people b where b.workspace_id = $1 \
            and b.batch_id = $2 and b.outcome is null order by b.place limit $3";
    CHANGES = "select b.place, b.person_id, b.before, b.after from batch_people b where b.workspace_id = $1 \
               and b.batch_id = $2 and b.outcome = 'changed' and b.before is not null order by b.place";
    SET_CHANGED = "update batch_people set outcome = 'changed', before = $1, after = $2 \
                   where workspace_id = $3 and batch_id = $4 and place = $5";
    SET_SKIPPED = "update batch_people set outcome = 'skipped', refusal = $1, words = $2, before = null, after = null \
                   where workspace_id = $3 and batch_id = $4 and place = $5";
    SET_OUTCOME = any_value!("update batch_people set outcome = $1, before = null, after = null \
                  where workspace_id = $2 and batch_id = $3 and ", "place" in "$4", "");
    COUNT = "update batches set changed = changed + $1, unchanged = unchanged + $2, skipped = skipped + $3, \
             sessions_ended = sessions_ended + $4, licenses_freed = licenses_freed + $5, reserved = reserved - $6 \
             where workspace_id = $7 and batch_id = $8";
    PAUSE = "update batches set state = 'paused', paused_why = $1 \
             where workspace_id = $2 and batch_id = $3 and state = 'running'";
    RESUME = "update batches set state = 'running', paused_why = null, past_brake = $1, actor = $2, door = $3, \
              request_id = $4 where workspace_id = $5 and batch_id = $6 and state = 'paused'";
    END = "update batches set state = $1, paused_why = null, ended = $2, reason = null, reserved = 0 \
           where workspace_id = $3 and batch_id = $4 and ended is null";
    SET_UNDONE = "update batches set undone_by = $1 where workspace_id = $2 and batch_id = $3 and undone_by is null";
    RESULTS = "select b.place, b.person_id, b.outcome, b.refusal, b.words, p.name, p.email, p.picture, p.status \
               from batch_people b left join people p on p.workspace_id = b.workspace_id and p.person_id = b.person_id \
               where b.workspace_id = $1 and b.batch_id = $2 and b.place > $3 order by b.place limit $4";
    FORGET = "update batch_people set before = null, after = null where workspace_id = $1 and person_id = $2";
    PURGE_PEOPLE = "delete from batch_people where workspace_id = $1 and batch_id in \
                    (select b.batch_id from batches b where b.workspace_id = $1 and b.ended < $2 and b.ended is not null)";
    PURGE = "delete from batches where workspace_id = $1 and ended < $2 and ended is not null";
    PEOPLE_BY_NAME = of_people!(people_of!(), "p.person_id" in "$2", " order by p.name_sort, p.person_id");
    LOCK_PEOPLE = Sql::each(
        concat!(people_of!(), "p.person_id in (select unhex(value) from json_each($2)) order by p.person_id"),
        concat!(people_of!(), "p.person_id = any($2) order by p.person_id for no key update"),
    );
    SET_STATUS = of_people!("update people set status = $1, status_since = $2, status_by = $3, reason = $4, \
                 review_on = $5, invite_expires = null, invite_expired = false, return_asked = null, \
                 version = version + 1 where workspace_id = $6 and status = $7 and ", "person_id" in "$8", "");
    BRAKE = "select is_on, share, minimum, version from brakes where workspace_id = $1";
    BRAKE_LOCK = for_update!("select is_on, share, minimum, version from brakes where workspace_id = $1");
    BRAKE_INSERT = "insert into brakes (workspace_id, is_on, share, minimum) values ($1, $2, $3, $4) \
                    on conflict (workspace_id) do nothing";
    BRAKE_SET = "update brakes set is_on = $1, share = $2, minimum = $3, version = version + 1 \
                 where workspace_id = $4 and version = $5";
    RECENT = "select count(*) from people where workspace_id = $1 and kind = $2 and status = 'deactivated' \
              and status_since > $3";
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

/// Saves who waits, in this order.
pub async fn insert_people(tx: &mut Tx, ws: WorkspaceId, id: BatchId, people: &[PersonId]) -> Result<()> {
    let list: Uuids = people.iter().map(|id| id.uuid()).collect();
    tx.exec(&INSERT_PEOPLE, &[&ws.uuid(), &id.uuid(), &list]).await?;
    Ok(())
}

/// Saves as waiting whomever `of` has changed, with what it changed; answers how many.
pub async fn insert_undo(tx: &mut Tx, ws: WorkspaceId, id: BatchId, of: BatchId) -> Result<i64> {
    let rows = tx.exec(&INSERT_UNDO, &[&id.uuid(), &ws.uuid(), &of.uuid()]).await?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
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

/// Somebody of a batch, in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The place in the batch.
    pub place: i64,
    /// Who.
    pub person: PersonId,
    /// What was changed of them: in an undo, by the batch that is undone.
    pub change: Option<Change>,
}

fn waiting_from_row(row: &Row<'_>) -> Result<Waiting> {
    let person = PersonId::from_uuid(row.get(1)?);
    let status = |text: String, column| -> Result<Status> {
        serde_json::from_str(&text).map_err(|_| Error::Value(column).into())
    };
    let change = match (row.get::<Option<String>>(2)?, row.get::<Option<String>>(3)?) {
        (Some(before), Some(after)) => Some(Change {
            person,
            before: status(before, "batch_people.before")?,
            after: status(after, "batch_people.after")?,
        }),
        _ => None,
    };
    Ok(Waiting { place: row.get(0)?, person, change })
}

/// The next who wait, up to `limit`.
pub async fn next(rx: &mut Rx, ws: WorkspaceId, id: BatchId, limit: i64) -> Result<Vec<Waiting>> {
    rx.all(&NEXT, &[&ws.uuid(), &id.uuid(), &limit], waiting_from_row).await
}

/// Whom a batch has changed, and who are still here, with what changed.
pub async fn changes(rx: &mut Rx, ws: WorkspaceId, id: BatchId) -> Result<Vec<Waiting>> {
    rx.all(&CHANGES, &[&ws.uuid(), &id.uuid()], waiting_from_row).await
}

/// Notes that somebody was changed; of a change of status which, for the undo.
pub fn set_changed(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: BatchId,
    place: i64,
    change: Option<&Change>,
) -> Result<()> {
    let text = |status: &Status| {
        serde_json::to_string(status).map_err(|error| crate::Error::Internal(error.to_string()))
    };
    let before = change.map(|change| text(&change.before)).transpose()?;
    let after = change.map(|change| text(&change.after)).transpose()?;
    tx.soon_one(&SET_CHANGED, bind![before, after, ws.uuid(), id.uuid(), place])
}

/// Notes that nothing changed for these: they were so already, or (`changed`) nothing is kept of what did.
pub fn set_outcome(tx: &mut Tx, ws: WorkspaceId, id: BatchId, changed: bool, places: Vec<i64>) -> Result<()> {
    if places.is_empty() {
        return Ok(());
    }
    let outcome = if changed { "changed" } else { "unchanged" };
    tx.soon(&SET_OUTCOME, bind![outcome, ws.uuid(), id.uuid(), Numbers(places)])
}

/// Notes why somebody was skipped: a stable name, and words.
pub fn set_skipped(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: BatchId,
    place: i64,
    (refusal, words): (&'static str, String),
) -> Result<()> {
    tx.soon_one(&SET_SKIPPED, bind![refusal, words, ws.uuid(), id.uuid(), place])
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

/// What came of one person. Of one who has been deleted only the id is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultRow {
    /// The place in the batch.
    pub place: i64,
    /// Who.
    pub person: PersonId,
    /// `changed`, `unchanged` or `skipped`; `None` while they wait.
    pub outcome: Option<String>,
    /// Why they were skipped: a stable name.
    pub refusal: Option<String>,
    /// The same in words.
    pub words: Option<String>,
    /// The name, unless deleted.
    pub name: Option<String>,
    /// The address, unless deleted.
    pub email: Option<String>,
    /// The digest of the picture.
    pub picture: Option<String>,
    /// The status now, unless deleted.
    pub status: Option<StatusWord>,
}

/// What came of the people of a batch, in order, `limit` after a place (-1 for the beginning).
pub async fn results(
    rx: &mut Rx,
    ws: WorkspaceId,
    id: BatchId,
    after: i64,
    limit: i64,
) -> Result<Vec<ResultRow>> {
    rx.all(&RESULTS, &[&ws.uuid(), &id.uuid(), &after, &limit], |row| {
        let status = row.get::<Option<String>>(8)?;
        let status = status.map(|word| StatusWord::parse(&word).ok_or(Error::Value("people.status")));
        Ok(ResultRow {
            place: row.get(0)?,
            person: PersonId::from_uuid(row.get(1)?),
            outcome: row.get(2)?,
            refusal: row.get(3)?,
            words: row.get(4)?,
            name: row.get(5)?,
            email: row.get(6)?,
            picture: row.get(7)?,
            status: status.transpose()?,
        })
    })
    .await
}

/// Forgets what a batch changed of a person who is deleted.
pub async fn forget(tx: &mut Tx, ws: WorkspaceId, person: PersonId) -> Result<()> {
    tx.exec(&FORGET, &[&ws.uuid(), &person.uuid()]).await?;
    Ok(())
}

/// Forgets batches that ended before `before`.
pub async fn purge(tx: &mut Tx, ws: WorkspaceId, before: Timestamp) -> Result<()> {
    let key: [&dyn super::Param; 2] = [&ws.uuid(), &time::micros(before)];
    tx.exec(&PURGE_PEOPLE, &key).await?;
    tx.exec(&PURGE, &key).await?;
    Ok(())
}

/// Those of these people who are here, by name.
pub async fn people_by_name(rx: &mut Rx, ws: WorkspaceId, ids: &[PersonId]) -> Result<Vec<PersonRow>> {
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    rx.all(&PEOPLE_BY_NAME, &[&ws.uuid(), &ids], people::from_row).await
}

/// Those of these people who are here, locked in the order of their ids until the transaction ends.
pub async fn lock_people(tx: &mut Tx, ws: WorkspaceId, ids: &[PersonId]) -> Result<Vec<PersonRow>> {
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    tx.all(&LOCK_PEOPLE, &[&ws.uuid(), &ids], people::from_row).await
}

/// Moves these people, all of whom are locked and have the status `from`, to one new status.
pub async fn set_status(
    tx: &mut Tx,
    ws: WorkspaceId,
    ids: &[PersonId],
    from: StatusWord,
    to: &Status,
) -> Result<()> {
    let (by, reason, review_on) = match to {
        Status::Deactivated { by, reason, review_on, .. } => {
            (by.map(PersonId::uuid), reason.as_deref(), review_on.map(time::date_text))
        }
        Status::Active { .. } | Status::Invited { .. } => (None, None, None),
    };
    let list: Uuids = ids.iter().map(|id| id.uuid()).collect();
    let rows = tx
        .exec(
            &SET_STATUS,
            &[
                &to.word().word(),
                &time::micros(to.since()),
                &by,
                &reason,
                &review_on,
                &ws.uuid(),
                &from.word(),
                &list,
            ],
        )
        .await?;
    if rows == ids.len() as u64 {
        Ok(())
    } else {
        Err(Error::NotOneRow { statement: SET_STATUS.name(), rows }.into())
    }
}

fn brake_from_row(row: &Row<'_>) -> Result<(Brake, i64)> {
    Ok((Brake { on: row.get(0)?, share: row.get(1)?, minimum: row.get(2)? }, row.get(3)?))
}

/// The brake's settings and their version; 0 where nobody has needed them yet.
pub async fn brake(rx: &mut Rx, ws: WorkspaceId) -> Result<(Brake, i64)> {
    let found = rx.one(&BRAKE, &[&ws.uuid()], brake_from_row).await?;
    Ok(found.unwrap_or_default())
}

/// As [`brake`], locked: whoever deactivates many waits for whoever else does.
pub async fn lock_brake(tx: &mut Tx, ws: WorkspaceId) -> Result<(Brake, i64)> {
    let usual = Brake::default();
    tx.exec(&BRAKE_INSERT, &[&ws.uuid(), &usual.on, &usual.share, &usual.minimum]).await?;
    let found = tx.one(&BRAKE_LOCK, &[&ws.uuid()], brake_from_row).await?;
    found.ok_or(crate::Error::NotFound("workspace"))
}

/// Saves the brake's settings; stale when they have changed since `version`.
pub async fn set_brake(tx: &mut Tx, ws: WorkspaceId, brake: Brake, version: i64) -> Result<()> {
    let rows = tx.exec(&BRAKE_SET, &[&brake.on, &brake.share, &brake.minimum, &ws.uuid(), &version]).await?;
    if rows == 1 { Ok(()) } else { Err(crate::Error::Stale) }
}

/// How many of a kind were deactivated within the brake's window and are so still; `active` are active now.
pub async fn recent(rx: &mut Rx, ws: WorkspaceId, kind: Kind, active: i64, now: Timestamp) -> Result<Recent> {
    let from = now.saturating_sub(domain::brake::WINDOW).unwrap_or(Timestamp::MIN);
    let found = rx.one(&RECENT, &[&ws.uuid(), &kind.word(), &time::micros(from)], |row| row.get(0)).await?;
    Ok(Recent { active, deactivated: found.unwrap_or(0) })
}
