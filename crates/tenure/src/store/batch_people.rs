//! The people of a batch: who of them waits, what changed for the others, and their rows moved many at a time.

use domain::{
    id::{BatchId, PersonId, WorkspaceId},
    lifecycle::Change,
    person::{Status, StatusWord},
};

use serde_json::json;

use super::{
    Error, Row, Rx, Sql, Tx, bind,
    dialect::{Numbers, Uuids, any_value, from_rows},
    item_people,
    people::{self, PersonRow, person_columns},
    rows, statements, time,
};
use crate::error::Result;

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

macro_rules! set_status {
    () => {
        "update people set status = $1, status_since = $2, status_by = $3, reason = $4, review_on = $5, \
         invite_expires = null, invite_expired = false, return_asked = null, return_dismissed = null, \
         version = version + 1 where "
    };
}

statements! {
    INSERT_PEOPLE = {
        sqlite: "insert into batch_people (workspace_id, batch_id, place, person_id) \
                 select $1, $2, e.key, unhex(e.value) from json_each($3) e",
        postgres: "insert into batch_people (workspace_id, batch_id, place, person_id) \
                   select $1, $2, e.place - 1, e.person_id from unnest($3::uuid[]) with ordinality e (person_id, place)",
    };
    INSERT_UNDO = "insert into batch_people (workspace_id, batch_id, place, person_id, before, after) \
                   select b.workspace_id, $1, b.place, b.person_id, b.before, b.after from batch_people b \
                   where b.workspace_id = $2 and b.batch_id = $3 and b.outcome = 'changed' and b.before is not null";
    NEXT = "select b.place, b.person_id, b.before, b.after from batch_people b where b.workspace_id = $1 \
            and b.batch_id = $2 and b.outcome is null order by b.place limit $3";
    CHANGES = "select b.place, b.person_id, b.before, b.after from batch_people b where b.workspace_id = $1 \
               and b.batch_id = $2 and b.outcome = 'changed' and b.before is not null order by b.place";
    // Each is there: so said, the place is found by the key, whatever a planner thinks of lists.
    SET_CHANGED = from_rows!(
        "insert into batch_people (workspace_id, batch_id, place, person_id, outcome, before, after) select $1", "$2",
        [uuid 0, int 1, uuid 2, text 3, text 4, text 5],
        " where true on conflict (workspace_id, batch_id, place) do update \
         set outcome = excluded.outcome, before = excluded.before, after = excluded.after"
    );
    SET_SKIPPED = "update batch_people set outcome = 'skipped', refusal = $1, words = $2, before = null, after = null \
                   where workspace_id = $3 and batch_id = $4 and place = $5";
    SET_OUTCOME = any_value!("update batch_people set outcome = $1, before = null, after = null \
                  where workspace_id = $2 and batch_id = $3 and ", "place" in "$4", "");
    RESULTS = "select b.place, b.person_id, b.outcome, b.refusal, b.words, p.name, p.email, p.picture, p.status \
               from batch_people b left join people p on p.workspace_id = b.workspace_id and p.person_id = b.person_id \
               where b.workspace_id = $1 and b.batch_id = $2 and b.place > $3 order by b.place limit $4";
    FORGET = "update batch_people set before = null, after = null where workspace_id = $1 and person_id = $2";
    PEOPLE_BY_NAME = of_people!(people_of!(), "p.person_id" in "$2", " order by p.name_sort, p.person_id");
    LOCK_PEOPLE = Sql::each(
        concat!(people_of!(), "p.person_id in (select unhex(value) from json_each($2)) order by p.person_id"),
        concat!(people_of!(), "p.person_id = any($2) order by p.person_id for no key update"),
    );
    // On `SQLite` a condition on the list alone would be looked up in an index of all people of the workspace.
    SET_STATUS = Sql::each(
        concat!(
            set_status!(),
            "(workspace_id, person_id) in (select $6, unhex(value) from json_each($7)) and status = $8"
        ),
        concat!(set_status!(), "workspace_id = $6 and person_id = any($7) and status = $8")
    );
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

/// Notes of people of the batch, each with their place, which status they had and have: for the undo.
pub async fn set_changed(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: BatchId,
    changes: &[(i64, &Change)],
) -> Result<()> {
    let text = |status: &Status| {
        serde_json::to_string(status).map_err(|error| crate::Error::Internal(error.to_string()))
    };
    let row = |(place, change): &(i64, &Change)| {
        let (before, after) = (text(&change.before)?, text(&change.after)?);
        Ok(json!([rows::id(id.uuid()), place, rows::id(change.person.uuid()), "changed", before, after]))
    };
    rows::add(tx, &SET_CHANGED, ws, changes.iter().map(row).collect::<Result<_>>()?).await.map(drop)
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
                &list,
                &from.word(),
            ],
        )
        .await?;
    if rows != ids.len() as u64 {
        return Err(Error::NotOneRow { statement: SET_STATUS.name(), rows }.into());
    }
    item_people::set_off(tx, ws, ids, to.word() == StatusWord::Deactivated).await
}
