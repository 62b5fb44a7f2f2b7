//! Webhooks: where a workspace has its events sent. What becomes of each event there is in [`super::deliveries`].

use domain::{
    id::{PersonId, WebhookId, WorkspaceId},
    person::StatusWord,
    webhook::{Choice, Off},
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Ask, Error, Row, Rx, Sql, Tx, bind, dialect::for_update, statements, time, tokens::Beside};
use crate::error::Result;

/// What a secret is made of, beside the key outside the database.
pub type Salt = [u8; 32];

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Which.
    pub id: WebhookId,
    /// What its maker called it.
    pub name: String,
    /// Where events are sent.
    pub url: String,
    /// What it is told of.
    pub topics: Choice,
    /// Who made it; none at the machine, or when they have been deleted.
    pub maker: Option<PersonId>,
    /// When it was made.
    pub created: Timestamp,
    /// What its secret is made of.
    pub salt: Salt,
    /// What the secret before was made of, and until when that goes on signing.
    pub former: Option<(Salt, Timestamp)>,
    /// Since when it is off, and why.
    pub off: Option<(Timestamp, Off)>,
    /// Deliveries have been made of all events up to this place.
    pub place: i64,
    /// When something last arrived.
    pub last_success: Option<Timestamp>,
    /// Since when there was nothing but failures.
    pub failing_since: Option<Timestamp>,
    /// The last of them.
    pub last_failure: Option<Timestamp>,
    /// How many answers were kept.
    pub answers: i64,
}

/// The columns that [`from_row`] reads, in its order.
macro_rules! webhook_columns {
    () => {
        "w.webhook_id, w.name, w.url, w.topics, w.maker_id, w.created, w.salt, w.former_salt, w.former_until, \
         w.off_since, w.off_why, w.place, w.last_success, w.failing_since, w.last_failure, \
         w.answers"
    };
}
/// How many columns [`webhook_columns`] names.
const COLUMNS: usize = 16;

macro_rules! listed {
    ($which:literal) => {
        concat!(
            "select ",
            webhook_columns!(),
            ", p.name, p.status, p.picture from webhooks w \
             left join people p on p.workspace_id = w.workspace_id and p.person_id = w.maker_id \
             where w.workspace_id = $1 and w.deleted is null and ",
            $which,
            " order by w.webhook_id desc limit 500"
        )
    };
}

statements! {
    LOOK = Sql::both(concat!(
        "select ", webhook_columns!(), " from webhooks w \
         where w.workspace_id = $1 and w.webhook_id = $2 and w.deleted is null"
    ));
    LOCK = for_update!(
        "select ", webhook_columns!(), " from webhooks w \
         where w.workspace_id = $1 and w.webhook_id = $2 and w.deleted is null"
    );
    LIST = Sql::both(listed!("w.webhook_id is not null"));
    MADE_BY = Sql::both(listed!("w.maker_id = $2 and w.off_since is null"));
    COUNT = "select count(*) from webhooks w where w.workspace_id = $1 and w.deleted is null";
    INSERT = "insert into webhooks (workspace_id, webhook_id, name, url, topics, maker_id, created, salt, place) \
              select $1, $2, $3, $4, $5, $6, $7, $8, n.place from event_ends n where n.workspace_id = $1 \
              on conflict (workspace_id, webhook_id) do nothing";
    CHANGE = "update webhooks set name = $1, url = $2, topics = $3 where workspace_id = $4 and webhook_id = $5";
    ROTATE = "update webhooks set former_salt = salt, former_until = $1, salt = $2 \
              where workspace_id = $3 and webhook_id = $4";
    SWITCH_OFF = "update webhooks set off_since = $1, off_why = $2 \
                  where workspace_id = $3 and webhook_id = $4 and off_since is null";
    SWITCH_ON = "update webhooks set off_since = null, off_why = null, off_by = null, failing_since = null, \
                 place = (select n.place from event_ends n where n.workspace_id = $1) \
                 where workspace_id = $1 and webhook_id = $2 and off_since is not null";
    SWITCH_ALL_OFF = scan "update webhooks set off_since = $1, off_why = 'backup' \
                      where workspace_id = $2 and off_since is null and deleted is null";
    SWITCH_OFF_MADE_BY = "update webhooks set off_since = $1, off_why = 'deactivation', off_by = $2 \
                          where workspace_id = $3 and maker_id = $4 and off_since is null and deleted is null";
    SWITCH_ON_STEP = "update webhooks set off_since = null, off_why = null, off_by = null, failing_since = null \
                      where workspace_id = $1 and off_by = $2 and deleted is null";
    MARK_DELETED = "update webhooks set deleted = $1, off_since = coalesce(off_since, $1), \
                    off_why = coalesce(off_why, 'hand'), maker_id = null \
                    where workspace_id = $2 and webhook_id = $3 and deleted is null";
    DELETED = "select w.webhook_id from webhooks w where w.workspace_id = $1 and w.deleted is not null limit 10";
    COUNT_ANSWER = "update webhooks set answers = answers + 1 where workspace_id = $1 and webhook_id = $2";
    REMOVE = "delete from webhooks where workspace_id = $1 and webhook_id = $2 and deleted is not null";
    FORGET_MAKER = "update webhooks set maker_id = null where workspace_id = $1 and maker_id = $2";
    MOVE = "update webhooks set place = $1 where workspace_id = $2 and webhook_id = $3";
    SUCCEEDED = "update webhooks set last_success = $1, failing_since = null where workspace_id = $2 and webhook_id = $3";
    FAILED = "update webhooks set last_failure = $1, failing_since = coalesce(failing_since, $1) \
              where workspace_id = $2 and webhook_id = $3";
    BEHIND = scan "select w.workspace_id, w.webhook_id from webhooks w \
              join event_ends n on n.workspace_id = w.workspace_id \
              where w.off_since is null and w.deleted is null and w.place < n.place limit 1000";
    DUE = scan "select w.workspace_id, w.webhook_id, w.failing_since is not null from webhooks w \
           where w.off_since is null and w.deleted is null and exists (select 1 from deliveries d \
           where d.workspace_id = w.workspace_id and d.webhook_id = w.webhook_id and d.state = 'pending' \
           and d.due is not null and d.due <= $1) order by w.failing_since nulls first, w.last_success nulls first \
           limit 1000";
}

fn salt(bytes: Vec<u8>, column: &'static str) -> Result<Salt> {
    Ok(bytes.try_into().map_err(|_| Error::Value(column))?)
}

/// Reads the columns of `webhook_columns`.
fn from_row(row: &Row<'_>) -> Result<Webhook> {
    let former =
        row.get::<Option<Vec<u8>>>(7)?.map(|bytes| salt(bytes, "webhooks.former_salt")).transpose()?;
    let off = row.get::<Option<String>>(10)?;
    let off = off.map(|word| Off::parse(&word).ok_or(Error::Value("webhooks.off_why"))).transpose()?;
    Ok(Webhook {
        id: WebhookId::from_uuid(row.get(0)?),
        name: row.get(1)?,
        url: row.get(2)?,
        topics: Choice::parse(&row.get::<String>(3)?),
        maker: row.get::<Option<Uuid>>(4)?.map(PersonId::from_uuid),
        created: row.time(5)?,
        salt: salt(row.get(6)?, "webhooks.salt")?,
        former: former.zip(row.time_opt(8)?),
        off: row.time_opt(9)?.zip(off),
        place: row.get(11)?,
        last_success: row.time_opt(12)?,
        failing_since: row.time_opt(13)?,
        last_failure: row.time_opt(14)?,
        answers: row.get(15)?,
    })
}

/// A webhook in a list, with who made it, where they are still here.
pub type Listed = (Webhook, Option<Beside>);

fn listed_from_row(row: &Row<'_>) -> Result<Listed> {
    let webhook = from_row(row)?;
    let named = (row.get::<Option<String>>(COLUMNS)?, row.get::<Option<String>>(COLUMNS + 1)?);
    let maker = match (webhook.maker, named) {
        (Some(id), (Some(name), Some(status))) => Some(Beside {
            id,
            name,
            status: StatusWord::parse(&status).ok_or(Error::Value("people.status"))?,
            picture: row.get(COLUMNS + 2)?,
        }),
        _ => None,
    };
    Ok((webhook, maker))
}

/// A webhook.
pub async fn look(rx: &mut Rx, ws: WorkspaceId, id: WebhookId) -> Result<Option<Webhook>> {
    rx.one(&LOOK, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// A webhook that is to change, or whose deliveries are: locked until the transaction ends.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId, id: WebhookId) -> Result<Option<Webhook>> {
    tx.one(&LOCK, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// Every webhook, the newest first.
pub async fn list(rx: &mut Rx, ws: WorkspaceId) -> Result<Vec<Listed>> {
    rx.all(&LIST, &[&ws.uuid()], listed_from_row).await
}

/// Those that this person made and that are on, the newest first.
pub async fn made_by(rx: &mut Rx, ws: WorkspaceId, person: PersonId) -> Result<Vec<Webhook>> {
    let made = rx.all(&MADE_BY, &[&ws.uuid(), &person.uuid()], listed_from_row).await?;
    Ok(made.into_iter().map(|(webhook, _)| webhook).collect())
}

/// How many there are.
pub async fn count(rx: &mut Rx, ws: WorkspaceId) -> Result<i64> {
    Ok(rx.one(&COUNT, &[&ws.uuid()], |row| row.get(0)).await?.unwrap_or(0))
}

/// Saves a new webhook, which is told of what gets its place from now on; answers whether its id was free.
pub async fn insert(tx: &mut Tx, ws: WorkspaceId, webhook: &Webhook) -> Result<bool> {
    let rows = tx
        .exec(
            &INSERT,
            &[
                &ws.uuid(),
                &webhook.id.uuid(),
                &webhook.name,
                &webhook.url,
                &webhook.topics.to_string(),
                &webhook.maker.map(PersonId::uuid),
                &time::micros(webhook.created),
                &webhook.salt.as_slice(),
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// Saves name, address and choice of events.
pub async fn change(tx: &mut Tx, ws: WorkspaceId, webhook: &Webhook) -> Result<()> {
    let topics = webhook.topics.to_string();
    tx.exec_one(&CHANGE, &[&webhook.name, &webhook.url, &topics, &ws.uuid(), &webhook.id.uuid()]).await
}

/// Gives it a new secret; the present one signs beside it until then.
pub async fn rotate(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: WebhookId,
    salt: &Salt,
    until: Timestamp,
) -> Result<()> {
    tx.exec_one(&ROTATE, &[&time::micros(until), &salt.as_slice(), &ws.uuid(), &id.uuid()]).await
}

/// Switches it off; what is pending waits.
pub async fn switch_off(tx: &mut Tx, ws: WorkspaceId, id: WebhookId, why: Off, now: Timestamp) -> Result<()> {
    tx.exec_one(&SWITCH_OFF, &[&time::micros(now), &why.word(), &ws.uuid(), &id.uuid()]).await
}

/// Switches it on; of what happened meanwhile it is not told.
pub async fn switch_on(tx: &mut Tx, ws: WorkspaceId, id: WebhookId) -> Result<()> {
    tx.exec_one(&SWITCH_ON, &[&ws.uuid(), &id.uuid()]).await
}

/// Switches all off, since a backup was restored; answers how many.
pub async fn switch_all_off(tx: &mut Tx, ws: WorkspaceId, now: Timestamp) -> Result<i64> {
    let rows = tx.exec(&SWITCH_ALL_OFF, &[&time::micros(now), &ws.uuid()]).await?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// Switches off those that a person made, in the step of their deactivation.
pub async fn switch_off_made_by(
    tx: &mut Tx,
    ws: WorkspaceId,
    person: PersonId,
    step: Uuid,
    now: Timestamp,
) -> Result<()> {
    tx.exec(&SWITCH_OFF_MADE_BY, &[&time::micros(now), &step, &ws.uuid(), &person.uuid()]).await?;
    Ok(())
}

/// Switches on what a step switched off; answers how many. They are told of what happened meanwhile.
pub async fn switch_on_step(tx: &mut Tx, ws: WorkspaceId, step: Uuid) -> Result<i64> {
    let rows = tx.exec(&SWITCH_ON_STEP, &[&ws.uuid(), &step]).await?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// Takes it away from everybody's eyes; its rows go bit by bit.
pub async fn mark_deleted(tx: &mut Tx, ws: WorkspaceId, id: WebhookId, now: Timestamp) -> Result<()> {
    tx.exec_one(&MARK_DELETED, &[&time::micros(now), &ws.uuid(), &id.uuid()]).await
}

/// Some whose rows are to go.
pub async fn deleted(rx: &mut Rx, ws: WorkspaceId) -> Result<Vec<WebhookId>> {
    rx.all(&DELETED, &[&ws.uuid()], |row| Ok(WebhookId::from_uuid(row.get(0)?))).await
}

/// Removes the last row of one that was deleted.
pub async fn remove(tx: &mut Tx, ws: WorkspaceId, id: WebhookId) -> Result<()> {
    tx.exec(&REMOVE, &[&ws.uuid(), &id.uuid()]).await?;
    Ok(())
}

/// Forgets which of them somebody made who is deleted.
pub async fn forget_maker(tx: &mut Tx, ws: WorkspaceId, person: PersonId) -> Result<()> {
    tx.exec(&FORGET_MAKER, &[&ws.uuid(), &person.uuid()]).await?;
    Ok(())
}

/// Notes up to which place deliveries have been made.
pub async fn advance(tx: &mut Tx, ws: WorkspaceId, id: WebhookId, place: i64) -> Result<()> {
    tx.exec_one(&MOVE, &[&place, &ws.uuid(), &id.uuid()]).await
}

/// Notes that something arrived.
pub async fn succeeded(tx: &mut Tx, ws: WorkspaceId, id: WebhookId, now: Timestamp) -> Result<()> {
    tx.exec_one(&SUCCEEDED, &[&time::micros(now), &ws.uuid(), &id.uuid()]).await
}

/// Notes that something did not arrive.
pub async fn failed(tx: &mut Tx, ws: WorkspaceId, id: WebhookId, now: Timestamp) -> Result<()> {
    tx.exec_one(&FAILED, &[&time::micros(now), &ws.uuid(), &id.uuid()]).await
}

/// Notes that one more answer was kept.
pub async fn count_answer(tx: &mut Tx, ws: WorkspaceId, id: WebhookId) -> Result<()> {
    tx.exec_one(&COUNT_ANSWER, &[&ws.uuid(), &id.uuid()]).await
}

/// A webhook for which something is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Whose.
    pub workspace: WorkspaceId,
    /// Which.
    pub webhook: WebhookId,
    /// Whether the last attempt there failed.
    pub failing: bool,
}

/// What there is to do at one moment.
#[derive(Debug, Clone, Default)]
pub struct ToDo {
    /// The webhooks for which events wait to become deliveries.
    pub behind: Vec<(WorkspaceId, WebhookId)>,
    /// Those for which something is to be sent: those that work first, and of them who has waited the longest.
    pub due: Vec<Due>,
}

/// What there is to do now.
pub async fn to_do(rx: &mut Rx, now: Timestamp) -> Result<ToDo> {
    let behind = Ask::new(&BEHIND, bind![], |row| {
        Ok((WorkspaceId::from_uuid(row.get(0)?), WebhookId::from_uuid(row.get(1)?)))
    });
    let due = Ask::new(&DUE, bind![time::micros(now)], |row| {
        Ok(Due {
            workspace: WorkspaceId::from_uuid(row.get(0)?),
            webhook: WebhookId::from_uuid(row.get(1)?),
            failing: row.get(2)?,
        })
    });
    let (behind, due) = rx.ask((behind, due)).await?;
    Ok(ToDo { behind, due })
}
