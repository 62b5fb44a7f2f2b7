//! People: the row, and the statements that move it from one state to another.
//!
//! A statement that changes a status names the state it changes from, so that two racers never both
//! succeed; [`Tx::exec_one`] makes the loser an error that is run again.

use domain::{
    id::{PersonId, SessionId, WorkspaceId},
    person::{Kind, Person, Status, StatusWord},
    role::Role,
};
use jiff::Timestamp;

use super::{
    Ask, Error, Param, Row, Rx, Sql, Tx, answers, bind, deleted_people,
    dialect::{Uuids, for_update},
    grams, pictures, statements, time,
};
use crate::error::Result;

/// A person with everything the row holds but the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// What the rules know.
    pub person: Person,
    /// BCP 47 tag; empty means the workspace's.
    pub language: String,
    /// IANA name; empty means the workspace's.
    pub time_zone: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// The digest of the picture, where there is one: part of its URL.
    pub picture: Option<String>,
    /// When the password was set, if one is.
    pub password_set: Option<Timestamp>,
    /// The last sign-in.
    pub last_sign_in: Option<Timestamp>,
    /// When a deactivated person asked to return.
    pub return_asked: Option<Timestamp>,
    /// When the ask was made that an administrator dismissed last.
    pub return_dismissed: Option<Timestamp>,
    /// When a customer registered themself in the portal, until a link is made for them.
    pub registered: Option<Timestamp>,
    /// In how many teams the person is.
    pub teams: i64,
    /// When the person came to be.
    pub created: Timestamp,
}

impl PersonRow {
    /// When a deactivated person asked to return last, whether that was dismissed or not.
    #[must_use]
    pub fn asked_last(&self) -> Option<Timestamp> {
        self.return_asked.max(self.return_dismissed)
    }
}

/// The columns that [`from_row`] reads, in its order.
macro_rules! person_columns {
    () => {
        "p.workspace_id, p.person_id, p.kind, p.email, p.name, p.role, p.status, p.status_since, \
         p.status_by, p.reason, p.review_on, p.invite_expires, p.invite_expired, p.language, \
         p.time_zone, p.theme, p.picture, p.password_set, p.last_sign_in, p.return_asked, p.teams, \
         p.created, p.version, p.registered, p.return_dismissed"
    };
}
pub(crate) use person_columns;

/// People by a condition on their ids, each with whether one session is theirs and open.
macro_rules! with_session {
    ($ids:literal) => {
        concat!(
            "select ",
            person_columns!(),
            ", exists (select 1 from sessions s where s.workspace_id = $1 and s.session_id = $2 \
             and s.person_id = p.person_id and s.ended is null) as session_open from people p \
             where p.workspace_id = $1 and p.person_id ",
            $ids,
            " order by p.person_id"
        )
    };
}

/// How many columns [`person_columns`] names.
pub(crate) const PERSON_COLUMNS: usize = 25;

statements! {
    LOAD = Sql::both(concat!(
        "select ", person_columns!(), " from people p where p.workspace_id = $1 and p.person_id = $2"
    ));
    BY_EMAIL = Sql::both(concat!(
        "select ", person_columns!(), " from people p where p.workspace_id = $1 and p.email_key = $2"
    ));
    OWNER = Sql::both(concat!(
        "select ", person_columns!(), " from people p where p.workspace_id = $1 and p.role = 'owner'"
    ));
    LOOK = Sql::both(with_session!("in ($3, $4, $5)"));
    HOLD = Sql::each(with_session!("= $3"), concat!(with_session!("= $3"), " for share"));
    LOOK_MANY = Sql::each(
        with_session!("in (select unhex(value) from json_each($3))"),
        with_session!("= any($3)"),
    );
    HOLD_MANY = Sql::each(
        with_session!("in (select unhex(value) from json_each($3))"),
        concat!(with_session!("= any($3)"), " for share"),
    );
    LOCK = Sql::each(
        with_session!("in ($3, $4, $5)"),
        concat!(with_session!("in ($3, $4, $5)"), " for no key update"),
    );
    LOCK_ACTOR_FIRST = Sql::each(
        with_session!("in ($3, $4, $5)"),
        concat!(
            "with actor as materialized (", with_session!("= $3"), " for share), \
             targets as materialized (", with_session!("in ($4, $5)"), " for no key update) \
             select * from actor union all select * from targets"
        ),
    );
    LOCK_ACTOR_LAST = Sql::each(
        with_session!("in ($3, $4, $5)"),
        concat!(
            "with actor as materialized (", with_session!("= $3"), " for share), \
             targets as materialized (", with_session!("in ($4, $5)"), " for no key update) \
             select * from targets union all select * from actor"
        ),
    );
    LOCK_EMAIL = for_update!(
        "select ", person_columns!(), " from people p where p.workspace_id = $1 and p.email_key = $2"
    );
    INSERT = "insert into people (workspace_id, person_id, kind, email, email_key, name, name_sort, \
              search_text, role, status, status_since, status_by, invite_expires, created) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    SET_STATUS = "update people set status = $1, status_since = $2, status_by = $3, reason = $4, \
                  review_on = $5, invite_expires = $6, invite_expired = $7, return_asked = null, \
                  return_dismissed = null, version = version + 1 \
                  where workspace_id = $8 and person_id = $9 and status = $10 and version = $11";
    SET_OFF = "update holdings set off = $1 where workspace_id = $2 and person_id = $3";
    SET_ROLE = "update people set role = $1, version = version + 1 \
                where workspace_id = $2 and person_id = $3 and role = $4";
    SET_PROFILE = "update people set name = $1, name_sort = $2, search_text = $3, email = $4, \
                   email_key = $5, language = $6, time_zone = $7, theme = $8, version = version + 1 \
                   where workspace_id = $9 and person_id = $10 and version = $11";
    SET_KIND = "update people set kind = $1, version = version + 1 \
                where workspace_id = $2 and person_id = $3 and kind = $4 and version = $5";
    SET_SIGN_IN = "update people set last_sign_in = $1 \
                   where workspace_id = $2 and person_id = $3 and status = 'active'";
    SET_CREATED = "update people set created = $1, last_sign_in = $2, status_since = $3 \
                   where workspace_id = $4 and person_id = $5";
    SET_REGISTERED = "update people set registered = $1 where workspace_id = $2 and person_id = $3";
    SET_TEAMS = "update people set teams = teams + $1 where workspace_id = $2 and person_id = $3";
    DELETE = "delete from people where workspace_id = $1 and person_id = $2";
    DUE_INVITATIONS = Sql::both(concat!(
        "select ", person_columns!(), " from people p where p.workspace_id = $1 \
         and p.status = 'invited' and p.invite_expires <= $2 and not p.invite_expired \
         order by p.invite_expires, p.person_id limit 100"
    ));
}

/// Reads the columns of `person_columns`.
pub fn from_row(row: &Row<'_>) -> Result<PersonRow> {
    let word: String = row.get(6)?;
    let since = row.time(7)?;
    let status = match StatusWord::parse(&word) {
        Some(StatusWord::Invited) => Status::Invited {
            since,
            expires: row.time_opt(11)?.ok_or(Error::Value("people.invite_expires"))?,
            expired: row.get(12)?,
        },
        Some(StatusWord::Active) => Status::Active { since },
        Some(StatusWord::Deactivated) => Status::Deactivated {
            since,
            by: row.get::<Option<_>>(8)?.map(PersonId::from_uuid),
            reason: row.get(9)?,
            review_on: row
                .get::<Option<String>>(10)?
                .map(|text| time::date(&text, "people.review_on"))
                .transpose()?,
        },
        None => return Err(Error::Value("people.status").into()),
    };
    let last_sign_in: i64 = row.get(18)?;
    Ok(PersonRow {
        person: Person {
            workspace: WorkspaceId::from_uuid(row.get(0)?),
            id: PersonId::from_uuid(row.get(1)?),
            kind: Kind::parse(&row.get::<String>(2)?).ok_or(Error::Value("people.kind"))?,
            email: row.get(3)?,
            name: row.get(4)?,
            role: Role::parse(&row.get::<String>(5)?).ok_or(Error::Value("people.role"))?,
            status,
            version: row.get(22)?,
        },
        language: row.get(13)?,
        time_zone: row.get(14)?,
        theme: row.get(15)?,
        picture: row.get(16)?,
        password_set: row.time_opt(17)?,
        last_sign_in: match last_sign_in {
            0 => None,
            at => Some(time::timestamp(at, "people.last_sign_in")?),
        },
        return_asked: row.time_opt(19)?,
        return_dismissed: row.time_opt(24)?,
        registered: row.time_opt(23)?,
        teams: row.get(20)?,
        created: row.time(21)?,
    })
}

/// A person of this workspace.
pub async fn load(rx: &mut Rx, ws: WorkspaceId, id: PersonId) -> Result<Option<PersonRow>> {
    let found = rx.one(&LOAD, &[&ws.uuid(), &id.uuid()], from_row).await?;
    #[cfg(feature = "planted")]
    let found = crate::planted::anywhere(rx, id, found).await?;
    Ok(found)
}

/// The person who has this address; `key` is the folded address.
pub async fn by_email(rx: &mut Rx, ws: WorkspaceId, key: &str) -> Result<Option<PersonRow>> {
    rx.one(&BY_EMAIL, &[&ws.uuid(), &key], from_row).await
}

/// The owner of the workspace.
pub async fn owner(rx: &mut Rx, ws: WorkspaceId) -> Result<Option<PersonRow>> {
    rx.one(&OWNER, &[&ws.uuid()], from_row).await
}

/// A person, and whether the session named in the call is theirs and open.
#[derive(Debug)]
pub struct Locked {
    /// The person as of this transaction.
    pub row: PersonRow,
    /// The session is theirs and open.
    pub session_open: bool,
}

fn with_session_from_row(row: &Row<'_>) -> Result<Locked> {
    Ok(Locked { row: from_row(row)?, session_open: row.get(PERSON_COLUMNS)? })
}

/// One person, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId, person: PersonId) -> Result<Option<PersonRow>> {
    let (mut found,) = tx.ask((ask_locked(ws, None, [person; 3]),)).await?;
    Ok(found.pop().map(|locked| locked.row))
}

/// Up to two people, locked in the order of their ids until the transaction ends, and the actor with the state of
/// their session: what a write checks its actor and its targets by. `ids` are the actor and the targets.
///
/// The actor's row is only held as it is: one person's writes go side by side, but nobody changes the person
/// meanwhile. An actor who is a target is locked as one.
pub fn ask_locked(ws: WorkspaceId, session: Option<SessionId>, ids: [PersonId; 3]) -> Ask<Locked> {
    let [actor, b, c] = ids.map(PersonId::uuid);
    let sql = if actor == b || actor == c {
        &LOCK
    } else if actor < b.min(c) {
        &LOCK_ACTOR_FIRST
    } else {
        &LOCK_ACTOR_LAST
    };
    Ask::new(sql, bind![ws.uuid(), session.map(SessionId::uuid), actor, b, c], with_session_from_row)
}

/// The actor alone, held as they are until the transaction ends.
pub async fn hold(
    tx: &mut Tx,
    ws: WorkspaceId,
    session: Option<SessionId>,
    actor: PersonId,
) -> Result<Option<Locked>> {
    let session = session.map(SessionId::uuid);
    tx.one(&HOLD, &[&ws.uuid(), &session, &actor.uuid()], with_session_from_row).await
}

/// As [`hold`], for the actor and any number of others: nobody changes them until the transaction ends, and two writes
/// may hold the same people.
pub async fn hold_many(
    tx: &mut Tx,
    ws: WorkspaceId,
    session: Option<SessionId>,
    ids: &[PersonId],
) -> Result<Vec<Locked>> {
    let session = session.map(SessionId::uuid);
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    tx.all(&HOLD_MANY, &[&ws.uuid(), &session, &ids], with_session_from_row).await
}

/// As [`hold_many`], without holding anybody: for previews and reads.
pub async fn look_many(
    rx: &mut Rx,
    ws: WorkspaceId,
    session: Option<SessionId>,
    ids: &[PersonId],
) -> Result<Vec<Locked>> {
    let session = session.map(SessionId::uuid);
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    rx.all(&LOOK_MANY, &[&ws.uuid(), &session, &ids], with_session_from_row).await
}

/// As [`lock`], without the lock: for previews.
pub async fn look(
    rx: &mut Rx,
    ws: WorkspaceId,
    session: Option<SessionId>,
    ids: [PersonId; 3],
) -> Result<Vec<Locked>> {
    let session = session.map(SessionId::uuid);
    let [a, b, c] = ids.map(PersonId::uuid);
    rx.all(&LOOK, &[&ws.uuid(), &session, &a, &b, &c], with_session_from_row).await
}

/// The person who has this address, locked until the transaction ends.
pub async fn lock_email(tx: &mut Tx, ws: WorkspaceId, key: &str) -> Result<Option<PersonRow>> {
    tx.one(&LOCK_EMAIL, &[&ws.uuid(), &key], from_row).await
}

/// The derived texts of a person, made by [`crate::text`].
#[derive(Debug, Clone)]
pub struct Texts {
    /// The folded address.
    pub email_key: String,
    /// The collation key of the name.
    pub name_sort: Vec<u8>,
    /// Folded name and address, for search.
    pub search_text: String,
}

/// Saves a new person with their search pieces.
pub async fn insert(tx: &mut Tx, person: &Person, texts: &Texts, now: Timestamp) -> Result<()> {
    let by = match &person.status {
        Status::Deactivated { by, .. } => by.map(PersonId::uuid),
        Status::Invited { .. } | Status::Active { .. } => None,
    };
    let expires = match &person.status {
        Status::Invited { expires, .. } => Some(time::micros(*expires)),
        Status::Active { .. } | Status::Deactivated { .. } => None,
    };
    tx.exec_one(
        &INSERT,
        &[
            &person.workspace.uuid(),
            &person.id.uuid(),
            &person.kind.word(),
            &person.email,
            &texts.email_key,
            &person.name,
            &texts.name_sort,
            &texts.search_text,
            &person.role.word(),
            &person.status.word().word(),
            &time::micros(person.status.since()),
            &by,
            &expires,
            &time::micros(now),
        ],
    )
    .await?;
    grams::add(tx, person)
}

/// Marks somebody who registered themself, or (with `None`) answers them: a link was made.
pub async fn set_registered(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: PersonId,
    registered: Option<Timestamp>,
) -> Result<()> {
    let registered = registered.map(time::micros);
    tx.exec_one(&SET_REGISTERED, &[&registered, &ws.uuid(), &id.uuid()]).await
}

/// Saves a new status; the row must still be as `person` has it.
pub fn set_status(tx: &mut Tx, person: &Person, status: &Status) -> Result<()> {
    let (mut by, mut reason, mut review_on) = (None, None, None);
    let (mut ends, mut expired) = (None, false);
    match status {
        Status::Active { .. } => {}
        Status::Invited { expires: at, expired: is, .. } => {
            ends = Some(time::micros(*at));
            expired = *is;
        }
        Status::Deactivated { by: who, reason: why, review_on: when, .. } => {
            by = who.map(PersonId::uuid);
            reason.clone_from(why);
            review_on = when.map(time::date_text);
        }
    }
    if person.status.word() != status.word() {
        let off = status.word() == StatusWord::Deactivated;
        tx.soon(&SET_OFF, bind![off, person.workspace.uuid(), person.id.uuid()])?;
    }
    tx.soon_one(
        &SET_STATUS,
        bind![
            status.word().word(),
            time::micros(status.since()),
            by,
            reason,
            review_on,
            ends,
            expired,
            person.workspace.uuid(),
            person.id.uuid(),
            person.status.word().word(),
            person.version,
        ],
    )
}

/// Makes a customer a user; the row must still be as `person` has it.
pub async fn set_kind(tx: &mut Tx, person: &Person, kind: Kind) -> Result<()> {
    let (ws, id) = (person.workspace.uuid(), person.id.uuid());
    tx.exec_one(&SET_KIND, &[&kind.word(), &ws, &id, &person.kind.word(), &person.version]).await?;
    grams::replace(tx, person, &Person { kind, ..person.clone() })
}

/// Saves a new role; the row must still have the one that `person` has.
pub async fn set_role(tx: &mut Tx, person: &Person, role: Role) -> Result<()> {
    tx.exec_one(&SET_ROLE, &[&role.word(), &person.workspace.uuid(), &person.id.uuid(), &person.role.word()])
        .await
}

/// Saves name, address and own settings; the row must still be as `row` has it. `profile` is the new
/// state.
pub async fn set_profile(tx: &mut Tx, row: &PersonRow, profile: &PersonRow, texts: &Texts) -> Result<()> {
    let person = &row.person;
    let values = bind![
        profile.person.name.clone(),
        texts.name_sort.clone(),
        texts.search_text.clone(),
        profile.person.email.clone(),
        texts.email_key.clone(),
        profile.language.clone(),
        profile.time_zone.clone(),
        profile.theme.clone(),
        person.workspace.uuid(),
        person.id.uuid(),
        person.version,
    ];
    // An address that somebody else has is told to whoever chose it, so its answer is waited for.
    if profile.person.email == person.email {
        tx.soon_one(&SET_PROFILE, values)?;
    } else {
        let params: Vec<&dyn Param> = values.iter().map(|value| &**value as &dyn Param).collect();
        tx.exec_one(&SET_PROFILE, &params).await?;
    }
    if profile.person.name != person.name || profile.person.email != person.email {
        grams::replace(tx, person, &profile.person)?;
    }
    Ok(())
}

/// Notes a sign-in. `false` when the person is no longer active.
pub async fn set_sign_in(tx: &mut Tx, ws: WorkspaceId, id: PersonId, now: Timestamp) -> Result<bool> {
    let rows = tx.exec(&SET_SIGN_IN, &[&time::micros(now), &ws.uuid(), &id.uuid()]).await?;
    Ok(rows == 1)
}

/// Sets when a person came, signed in last and got the present status: for data that is brought in
/// with a past.
pub async fn set_past(
    tx: &mut Tx,
    person: &Person,
    created: Timestamp,
    last_sign_in: Option<Timestamp>,
    since: Timestamp,
) -> Result<()> {
    let last_sign_in = last_sign_in.map_or(0, time::micros);
    tx.exec_one(
        &SET_CREATED,
        &[
            &time::micros(created),
            &last_sign_in,
            &time::micros(since),
            &person.workspace.uuid(),
            &person.id.uuid(),
        ],
    )
    .await
}

/// Counts a team joined (1) or left (-1).
pub fn count_team(tx: &mut Tx, ws: WorkspaceId, id: PersonId, by: i64) -> Result<()> {
    tx.soon_one(&SET_TEAMS, bind![by, ws.uuid(), id.uuid()])
}

/// Up to 100 people whose invitation has run out and still holds a license.
pub async fn due_invitations(rx: &mut Rx, ws: WorkspaceId, now: Timestamp) -> Result<Vec<PersonRow>> {
    rx.all(&DUE_INVITATIONS, &[&ws.uuid(), &time::micros(now)], from_row).await
}

/// Removes the row with picture and search pieces; only of which kind the person was is kept. Everything that names
/// the person goes first: see [`crate::ops::deletion`].
pub async fn delete(tx: &mut Tx, person: &Person) -> Result<()> {
    grams::remove(tx, person)?;
    answers::forget(tx, person.workspace)?;
    pictures::delete(tx, person.workspace, person.id).await?;
    let (ws, id) = (person.workspace.uuid(), person.id.uuid());
    deleted_people::remember(tx, person)?;
    tx.exec_one(&DELETE, &[&ws, &id]).await
}
