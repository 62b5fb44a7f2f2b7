//! Teams and who is in them.

use domain::{
    id::{PersonId, TeamId, WorkspaceId},
    person::StatusWord,
    role::Role,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Ask, Error, Row, Rx, Tx, bind,
    dialect::{Uuids, any_uuid, for_update},
    statements, time,
};
use crate::error::Result;

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// The team.
    pub id: TeamId,
    /// The name shown.
    pub name: String,
    /// How many people are in it.
    pub members: i64,
    /// When it began.
    pub created: Timestamp,
    /// Counts each change of the name.
    pub version: i64,
}

/// A member as a team's page lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// The name shown.
    pub name: String,
    /// The email address.
    pub email: String,
    /// The digest of the picture.
    pub picture: Option<String>,
    /// The status.
    pub status: StatusWord,
    /// The role.
    pub role: Role,
    /// Since when in the team.
    pub joined: Timestamp,
}

statements! {
    LIST = "select team_id, name, members, created, version from teams where workspace_id = $1 \
            order by name_sort, team_id limit 1000";
    LOAD = "select team_id, name, members, created, version from teams where workspace_id = $1 and team_id = $2";
    LOCK = for_update!("select team_id, name, members, created, version from teams \
            where workspace_id = $1 and team_id = $2");
    BY_NAME = "select team_id, name, members, created, version from teams \
               where workspace_id = $1 and name_key = $2";
    INSERT = "insert into teams (workspace_id, team_id, name, name_key, name_sort, created) \
              values ($1, $2, $3, $4, $5, $6)";
    RENAME = "update teams set name = $1, name_key = $2, name_sort = $3, version = version + 1 \
              where workspace_id = $4 and team_id = $5 and version = $6";
    DELETE = "delete from teams where workspace_id = $1 and team_id = $2";
    COUNT = "update teams set members = members + $1, turns = turns + 1 where workspace_id = $2 and team_id = $3";
    JOIN = "insert into team_members (workspace_id, team_id, person_id, name_sort, joined) \
            select p.workspace_id, $1, p.person_id, p.name_sort, $2 from people p \
            where p.workspace_id = $3 and p.person_id = $4 \
            on conflict (workspace_id, team_id, person_id) do nothing";
    LEAVE = "delete from team_members where workspace_id = $1 and team_id = $2 and person_id = $3";
    LEAVE_COUNTED = "update people set teams = teams - 1 where workspace_id = $1 and person_id in \
                     (select m.person_id from team_members m where m.workspace_id = $1 and m.team_id = $2)";
    LEAVE_ALL = "delete from team_members where workspace_id = $1 and team_id = $2";
    RENAME_PERSON = "update team_members set name_sort = $1 where workspace_id = $2 and person_id = $3";
    OF_PERSON = "select t.team_id, t.name, t.members, t.created, t.version from team_members m \
                 join teams t on t.workspace_id = m.workspace_id and t.team_id = m.team_id \
                 where m.workspace_id = $1 and m.person_id = $2 order by t.name_sort, t.team_id";
    OF_PEOPLE = any_uuid!("select m.person_id, t.team_id, t.name from team_members m \
                 join teams t on t.workspace_id = m.workspace_id and t.team_id = m.team_id \
                 where m.workspace_id = $1 and ", "m.person_id" in "$2", " order by t.name_sort, t.team_id");
    MEMBERS_AMONG = any_uuid!("select m.person_id from team_members m where m.workspace_id = $1 and m.team_id = $2 and ",
                    "m.person_id" in "$3", "");
    MEMBERS = "select p.person_id, p.name, p.email, p.picture, p.status, p.role, m.joined from team_members m \
               join people p on p.workspace_id = m.workspace_id and p.person_id = m.person_id \
               where m.workspace_id = $1 and m.team_id = $2 and (m.name_sort, m.person_id) > ($3, $4) \
               order by m.name_sort, m.person_id limit $5";
    MEMBERS_BEFORE = "select p.person_id, p.name, p.email, p.picture, p.status, p.role, m.joined from team_members m \
               join people p on p.workspace_id = m.workspace_id and p.person_id = m.person_id \
               where m.workspace_id = $1 and m.team_id = $2 and (m.name_sort, m.person_id) < ($3, $4) \
               order by m.name_sort desc, m.person_id desc limit $5";
    DEACTIVATED = "select count(*) from team_members m \
               join people p on p.workspace_id = m.workspace_id and p.person_id = m.person_id \
               where m.workspace_id = $1 and m.team_id = $2 and p.status = 'deactivated'";
    ALONE = "select t.team_id, t.name, t.members, t.created, t.version from team_members m \
             join teams t on t.workspace_id = m.workspace_id and t.team_id = m.team_id \
             where m.workspace_id = $1 and m.person_id = $2 and not exists ( \
             select 1 from team_members o join people p on p.workspace_id = o.workspace_id \
             and p.person_id = o.person_id where o.workspace_id = $1 and o.team_id = m.team_id \
             and o.person_id <> $2 and p.status = 'active') order by t.name_sort, t.team_id";
}

fn from_row(row: &Row<'_>) -> Result<Team> {
    Ok(Team {
        id: TeamId::from_uuid(row.get(0)?),
        name: row.get(1)?,
        members: row.get(2)?,
        created: row.time(3)?,
        version: row.get(4)?,
    })
}

/// The teams by name, up to 1,000.
pub async fn list(rx: &mut Rx, ws: WorkspaceId) -> Result<Vec<Team>> {
    rx.all(&LIST, &[&ws.uuid()], from_row).await
}

/// A team of this workspace.
pub async fn load(rx: &mut Rx, ws: WorkspaceId, id: TeamId) -> Result<Option<Team>> {
    rx.one(&LOAD, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// As [`load`], locked until the transaction ends.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId, id: TeamId) -> Result<Option<Team>> {
    tx.one(&LOCK, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// The team that has this folded name.
pub async fn by_name(rx: &mut Rx, ws: WorkspaceId, key: &str) -> Result<Option<Team>> {
    rx.one(&BY_NAME, &[&ws.uuid(), &key], from_row).await
}

/// The derived texts of the name of a team or an organization.
#[derive(Debug, Clone)]
pub struct GroupTexts {
    /// The folded name.
    pub name_key: String,
    /// The collation key of the name.
    pub name_sort: Vec<u8>,
}

/// Saves a new team.
pub async fn insert(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: TeamId,
    name: &str,
    texts: &GroupTexts,
    now: Timestamp,
) -> Result<()> {
    tx.exec_one(
        &INSERT,
        &[&ws.uuid(), &id.uuid(), &name, &texts.name_key, &texts.name_sort, &time::micros(now)],
    )
    .await
}

/// Saves a new name; stale when the team has changed since `team.version`.
pub async fn rename(tx: &mut Tx, ws: WorkspaceId, team: &Team, name: &str, texts: &GroupTexts) -> Result<()> {
    let rows = tx
        .exec(
            &RENAME,
            &[&name, &texts.name_key, &texts.name_sort, &ws.uuid(), &team.id.uuid(), &team.version],
        )
        .await?;
    if rows == 1 { Ok(()) } else { Err(crate::Error::Stale) }
}

/// Adds a person. `false` when they are in the team already.
pub async fn join(
    tx: &mut Tx,
    ws: WorkspaceId,
    team: TeamId,
    person: PersonId,
    now: Timestamp,
) -> Result<bool> {
    let rows = tx.exec(&JOIN, &[&team.uuid(), &time::micros(now), &ws.uuid(), &person.uuid()]).await?;
    if rows == 1 {
        tx.soon_one(&COUNT, bind![1_i64, ws.uuid(), team.uuid()])?;
        super::people::count_team(tx, ws, person, 1)?;
    }
    Ok(rows == 1)
}

/// Removes a person. `false` when they are not in the team.
pub async fn leave(tx: &mut Tx, ws: WorkspaceId, team: TeamId, person: PersonId) -> Result<bool> {
    let rows = tx.exec(&LEAVE, &[&ws.uuid(), &team.uuid(), &person.uuid()]).await?;
    if rows == 1 {
        tx.soon_one(&COUNT, bind![-1_i64, ws.uuid(), team.uuid()])?;
        super::people::count_team(tx, ws, person, -1)?;
    }
    Ok(rows == 1)
}

/// Deletes a team; its members stay, without it.
pub async fn delete(tx: &mut Tx, ws: WorkspaceId, id: TeamId) -> Result<()> {
    let key: [&dyn super::Param; 2] = [&ws.uuid(), &id.uuid()];
    tx.exec(&LEAVE_COUNTED, &key).await?;
    tx.exec(&LEAVE_ALL, &key).await?;
    super::scim_groups::forget(tx, ws, id).await?;
    tx.exec_one(&DELETE, &key).await
}

/// A person's name has changed: the copy by which members are ordered follows.
pub fn rename_person(tx: &mut Tx, ws: WorkspaceId, person: PersonId, name_sort: &[u8]) -> Result<()> {
    tx.soon(&RENAME_PERSON, bind![name_sort.to_vec(), ws.uuid(), person.uuid()])
}

/// The teams of a person, by name.
pub async fn of_person(rx: &mut Rx, ws: WorkspaceId, person: PersonId) -> Result<Vec<Team>> {
    rx.all(&OF_PERSON, &[&ws.uuid(), &person.uuid()], from_row).await
}

/// As [`of_person`], as part of a longer question.
pub fn ask_of_person(ws: WorkspaceId, person: PersonId) -> Ask<Team> {
    Ask::new(&OF_PERSON, bind![ws.uuid(), person.uuid()], from_row)
}

/// The teams of several people: person, team, name; by team name.
pub async fn of_people(
    rx: &mut Rx,
    ws: WorkspaceId,
    people: &[PersonId],
) -> Result<Vec<(PersonId, TeamId, String)>> {
    let ids: Uuids = people.iter().map(|id| id.uuid()).collect();
    rx.all(&OF_PEOPLE, &[&ws.uuid(), &ids], |row| {
        Ok((PersonId::from_uuid(row.get(0)?), TeamId::from_uuid(row.get(1)?), row.get(2)?))
    })
    .await
}

/// Who of these people are in the team.
pub async fn members_among(
    rx: &mut Rx,
    ws: WorkspaceId,
    team: TeamId,
    people: &[PersonId],
) -> Result<Vec<PersonId>> {
    let ids: Uuids = people.iter().map(|id| id.uuid()).collect();
    rx.all(&MEMBERS_AMONG, &[&ws.uuid(), &team.uuid(), &ids], |row| Ok(PersonId::from_uuid(row.get(0)?)))
        .await
}

/// Members by name, `limit` after the given one.
pub async fn members(
    rx: &mut Rx,
    ws: WorkspaceId,
    team: TeamId,
    after: Option<(&[u8], PersonId)>,
    limit: i64,
) -> Result<Vec<Member>> {
    let (sort, id) = after.map_or((&[][..], Uuid::nil()), |(sort, id)| (sort, id.uuid()));
    rx.all(&MEMBERS, &[&ws.uuid(), &team.uuid(), &sort, &id, &limit], member_from_row).await
}

/// Members by name, the last `limit` before the given one.
pub async fn members_before(
    rx: &mut Rx,
    ws: WorkspaceId,
    team: TeamId,
    (sort, id): (&[u8], PersonId),
    limit: i64,
) -> Result<Vec<Member>> {
    let params: [&dyn super::Param; 5] = [&ws.uuid(), &team.uuid(), &sort, &id.uuid(), &limit];
    let mut members = rx.all(&MEMBERS_BEFORE, &params, member_from_row).await?;
    members.reverse();
    Ok(members)
}

fn member_from_row(row: &Row<'_>) -> Result<Member> {
    Ok(Member {
        person: PersonId::from_uuid(row.get(0)?),
        name: row.get(1)?,
        email: row.get(2)?,
        picture: row.get(3)?,
        status: StatusWord::parse(&row.get::<String>(4)?).ok_or(Error::Value("people.status"))?,
        role: Role::parse(&row.get::<String>(5)?).ok_or(Error::Value("people.role"))?,
        joined: row.time(6)?,
    })
}

/// How many members are deactivated.
pub async fn deactivated(rx: &mut Rx, ws: WorkspaceId, team: TeamId) -> Result<i64> {
    let count = rx.one(&DEACTIVATED, &[&ws.uuid(), &team.uuid()], |row| row.get(0)).await?;
    Ok(count.unwrap_or(0))
}

/// The teams in which this person is the only active member.
pub async fn alone_in(rx: &mut Rx, ws: WorkspaceId, person: PersonId) -> Result<Vec<Team>> {
    rx.all(&ALONE, &[&ws.uuid(), &person.uuid()], from_row).await
}
