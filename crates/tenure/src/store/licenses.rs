//! Who held a license from when to when, and the licenses owned and used day by day.

use domain::{
    id::{LedgerId, PersonId, WorkspaceId},
    person::StatusWord,
};
use jiff::Timestamp;

use super::{
    Error, Rx, Tx, bind,
    dialect::{Uuids, any_uuid},
    statements, time,
};
use crate::error::Result;

/// A license in use, as the ledger shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The ledger's row.
    pub id: LedgerId,
    /// Who holds it.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Their email address.
    pub email: String,
    /// The digest of their picture.
    pub picture: Option<String>,
    /// Their status.
    pub status: StatusWord,
    /// Since when.
    pub since: Timestamp,
    /// The action that took it.
    pub why: String,
    /// When it frees by itself: an invitation's expiry.
    pub frees: Option<Timestamp>,
    /// The last sign-in.
    pub last_sign_in: Option<Timestamp>,
}

/// A license that was held and is free again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freed {
    /// Who held it; `None` when the person has been deleted.
    pub person: Option<PersonId>,
    /// Their name, unless deleted.
    pub name: Option<String>,
    /// The digest of their picture.
    pub picture: Option<String>,
    /// Their status now, unless deleted.
    pub status: Option<StatusWord>,
    /// From when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// The action that freed it.
    pub why: String,
}

/// One day of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970 in UTC.
    pub day: i64,
    /// Owned at its end.
    pub owned: i64,
    /// Used at its end.
    pub used: i64,
    /// The most used on it.
    pub peak: i64,
}

statements! {
    BEGIN = "insert into license_spans (workspace_id, span_id, person_id, since, since_why) \
             values ($1, $2, $3, $4, $5)";
    END = "update license_spans set until = case when since > $1 then since else $1 end, until_why = $2 \
           where workspace_id = $3 and person_id = $4 and until is null";
    FORGET = "update license_spans set person_id = null where workspace_id = $1 and person_id = $2";
    HELD = "select l.span_id, p.person_id, p.name, p.email, p.picture, p.status, l.since, l.since_why, \
            p.invite_expires, p.last_sign_in from license_spans l \
            join people p on p.workspace_id = l.workspace_id and p.person_id = l.person_id \
            where l.workspace_id = $1 and l.until is null and (l.since, l.span_id) > ($2, $3) \
            order by l.since, l.span_id limit $4";
    HELD_BEFORE = "select l.span_id, p.person_id, p.name, p.email, p.picture, p.status, l.since, l.since_why, \
            p.invite_expires, p.last_sign_in from license_spans l \
            join people p on p.workspace_id = l.workspace_id and p.person_id = l.person_id \
            where l.workspace_id = $1 and l.until is null and (l.since, l.span_id) < ($2, $3) \
            order by l.since desc, l.span_id desc limit $4";
    FREED = "select p.person_id, p.name, p.picture, p.status, l.since, l.until, l.until_why from license_spans l \
             left join people p on p.workspace_id = l.workspace_id and p.person_id = l.person_id \
             where l.workspace_id = $1 and l.until is not null order by l.until desc, l.span_id desc limit $2";
    END_OF = any_uuid!("update license_spans set until = case when since > $1 then since else $1 end, \
             until_why = $2 where workspace_id = $3 \
             and until is null and ", "person_id" in "$4", "");
    DAY = "insert into license_days (workspace_id, day, owned, used, peak) \
           select w.workspace_id, coalesce((select max(d.day) from license_days d where d.day > $1 \
           and d.day <= $1 + 1 and d.workspace_id = $2), $1), w.owned, w.used, w.used \
           from workspaces w where w.workspace_id = $2 \
           on conflict (workspace_id, day) do update set owned = excluded.owned, used = excluded.used, \
           peak = case when excluded.used > license_days.peak then excluded.used else license_days.peak end \
           returning owned, used";
    SET_DAY = "insert into license_days (workspace_id, day, owned, used, peak) values ($1, $2, $3, $4, $5) \
               on conflict (workspace_id, day) do update set owned = excluded.owned, used = excluded.used, \
               peak = excluded.peak";
    DAYS = "select day, owned, used, peak from license_days \
            where workspace_id = $1 and day >= $2 order by day limit 4000";
    DAY_BEFORE = "select day, owned, used, peak from license_days \
                  where workspace_id = $1 and day < $2 order by day desc limit 1";
}

/// A license is taken: the span begins.
pub fn begin(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: LedgerId,
    person: PersonId,
    why: &str,
    now: Timestamp,
) -> Result<()> {
    tx.soon_one(&BEGIN, bind![ws.uuid(), id.uuid(), person.uuid(), time::micros(now), why.to_owned()])
}

/// A license is free again: the span ends. Never before it began: who asked later may have been served first, and
/// a clock may be set back.
pub fn end(tx: &mut Tx, ws: WorkspaceId, person: PersonId, why: &str, now: Timestamp) -> Result<()> {
    tx.soon_one(&END, bind![time::micros(now), why.to_owned(), ws.uuid(), person.uuid()])
}

/// The licenses of these people, each of whom holds one, are free again.
pub async fn end_of(
    tx: &mut Tx,
    ws: WorkspaceId,
    people: &[PersonId],
    why: &str,
    now: Timestamp,
) -> Result<()> {
    let list: Uuids = people.iter().map(|id| id.uuid()).collect();
    let rows = tx.exec(&END_OF, &[&time::micros(now), &why, &ws.uuid(), &list]).await?;
    if rows == people.len() as u64 {
        Ok(())
    } else {
        Err(Error::NotOneRow { statement: END_OF.name(), rows }.into())
    }
}

/// Forgets whose spans these were: the person is deleted, the numbers stay.
pub async fn forget(tx: &mut Tx, ws: WorkspaceId, person: PersonId) -> Result<()> {
    tx.exec(&FORGET, &[&ws.uuid(), &person.uuid()]).await?;
    Ok(())
}

/// Notes today's numbers, after they have changed.
pub async fn note_day(tx: &mut Tx, ws: WorkspaceId, now: Timestamp) -> Result<()> {
    count_day(tx, ws, now, false).await.map(drop)
}

/// As [`note_day`]; answers licenses owned and used. What began before midnight and is written after it counts as of the
/// day that has begun, whose numbers would else be old. `last` where nothing comes after it ([`Tx::last`]).
pub async fn count_day(tx: &mut Tx, ws: WorkspaceId, now: Timestamp, last: bool) -> Result<(i64, i64)> {
    let read = |row: &super::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let values: [&dyn super::Param; 2] = [&time::day(now), &ws.uuid()];
    let noted = if last { tx.last(&DAY, &values, read).await? } else { tx.one(&DAY, &values, read).await? };
    noted.ok_or(crate::Error::NotFound("workspace"))
}

/// Sets a day's numbers: for data that is brought in with a past.
pub async fn set_day(tx: &mut Tx, ws: WorkspaceId, day: Day) -> Result<()> {
    tx.exec_one(&SET_DAY, &[&ws.uuid(), &day.day, &day.owned, &day.used, &day.peak]).await
}

/// Licenses in use, the longest held first, `limit` after the given row.
pub async fn held(
    rx: &mut Rx,
    ws: WorkspaceId,
    after: Option<(Timestamp, LedgerId)>,
    limit: i64,
) -> Result<Vec<Held>> {
    let (since, id) =
        after.map_or((i64::MIN, uuid::Uuid::nil()), |(since, id)| (time::micros(since), id.uuid()));
    rx.all(&HELD, &[&ws.uuid(), &since, &id, &limit], held_from_row).await
}

/// Licenses in use, the last `limit` before the given row, the longest held first.
pub async fn held_before(
    rx: &mut Rx,
    ws: WorkspaceId,
    (since, id): (Timestamp, LedgerId),
    limit: i64,
) -> Result<Vec<Held>> {
    let params: [&dyn super::Param; 4] = [&ws.uuid(), &time::micros(since), &id.uuid(), &limit];
    let mut held = rx.all(&HELD_BEFORE, &params, held_from_row).await?;
    held.reverse();
    Ok(held)
}

fn held_from_row(row: &super::Row<'_>) -> Result<Held> {
    let status = StatusWord::parse(&row.get::<String>(5)?).ok_or(Error::Value("people.status"))?;
    let last_sign_in: i64 = row.get(9)?;
    Ok(Held {
        id: LedgerId::from_uuid(row.get(0)?),
        person: PersonId::from_uuid(row.get(1)?),
        name: row.get(2)?,
        email: row.get(3)?,
        picture: row.get(4)?,
        status,
        since: row.time(6)?,
        why: row.get(7)?,
        frees: row.time_opt(8)?.filter(|_| status == StatusWord::Invited),
        last_sign_in: (last_sign_in != 0).then(|| row.time(9)).transpose()?,
    })
}

/// Licenses that were freed, the latest first.
pub async fn freed(rx: &mut Rx, ws: WorkspaceId, limit: i64) -> Result<Vec<Freed>> {
    rx.all(&FREED, &[&ws.uuid(), &limit], |row| {
        let status = row.get::<Option<String>>(3)?;
        let status = status.map(|word| StatusWord::parse(&word).ok_or(Error::Value("people.status")));
        Ok(Freed {
            person: row.get::<Option<_>>(0)?.map(PersonId::from_uuid),
            name: row.get(1)?,
            picture: row.get(2)?,
            status: status.transpose()?,
            since: row.time(4)?,
            until: row.time(5)?,
            why: row.get(6)?,
        })
    })
    .await
}

fn day_from_row(row: &super::Row<'_>) -> Result<Day> {
    Ok(Day { day: row.get(0)?, owned: row.get(1)?, used: row.get(2)?, peak: row.get(3)? })
}

/// The days from `first` on that saw a change, with the one before them as the state to begin with.
pub async fn days(rx: &mut Rx, ws: WorkspaceId, first: i64) -> Result<Vec<Day>> {
    let mut days: Vec<Day> =
        rx.one(&DAY_BEFORE, &[&ws.uuid(), &first], day_from_row).await?.into_iter().collect();
    days.extend(rx.all(&DAYS, &[&ws.uuid(), &first], day_from_row).await?);
    Ok(days)
}
