//! Projects, and people's parts in them.

use domain::{
    id::{PersonId, ProjectId, WorkspaceId},
    item::Part,
    project::ProjectState,
};
use jiff::Timestamp;

use super::{
    Ask, Error, Row, Rx, Tx, bind,
    dialect::{Uuids, for_update},
    item_people::{Brief, Holder, brief_from_row, holder_columns, holder_from_row},
    statements,
    teams::GroupTexts,
    time,
};
use crate::{error::Result, store::Sql};

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The project.
    pub id: ProjectId,
    /// The name shown.
    pub name: String,
    /// What it is about, Markdown.
    pub description: String,
    /// Active or archived.
    pub state: ProjectState,
    /// How many unfinished items are in it.
    pub items: i64,
    /// When it began.
    pub created: Timestamp,
    /// Counts each change of name, description and state.
    pub version: i64,
}

/// A place in the list of projects: sort key and id.
pub type Place = (Vec<u8>, ProjectId);

statements! {
    LOAD = "select project_id, name, description, state, items, created, version from projects \
            where workspace_id = $1 and project_id = $2";
    LOCK = for_update!("select project_id, name, description, state, items, created, version from projects \
            where workspace_id = $1 and project_id = $2");
    BY_NAME = "select project_id, name, description, state, items, created, version from projects \
               where workspace_id = $1 and name_key = $2";
    PAGE = "select project_id, name, description, state, items, created, version, name_sort from projects \
            where workspace_id = $1 and state = $2 and (name_sort, project_id) > ($3, $4) \
            order by name_sort, project_id limit $5";
    PAGE_BEFORE = "select project_id, name, description, state, items, created, version, name_sort from projects \
            where workspace_id = $1 and state = $2 and (name_sort, project_id) < ($3, $4) \
            order by name_sort desc, project_id desc limit $5";
    INSERT = "insert into projects (workspace_id, project_id, name, name_key, name_sort, description, state, created) \
              values ($1, $2, $3, $4, $5, $6, 'active', $7)";
    SAVE = "update projects set name = $1, name_key = $2, name_sort = $3, description = $4, state = $5, \
            version = version + 1 where workspace_id = $6 and project_id = $7 and version = $8";
    PEOPLE = Sql::both(concat!(
        "select ", holder_columns!(), ", x.part, x.since, x.project_id from project_people x \
         join people p on p.workspace_id = x.workspace_id and p.person_id = x.person_id \
         where x.workspace_id = $1 and x.project_id = $2 order by x.part, p.name_sort, p.person_id limit 500"
    ));
    GIVE = "insert into project_people (workspace_id, project_id, person_id, part, since) values ($1, $2, $3, $4, $5) \
            on conflict (workspace_id, project_id, person_id, part) do nothing";
    TAKE = "delete from project_people where workspace_id = $1 and project_id = $2 and person_id = $3 and part = $4";
    OF_PERSON = "select j.project_id, j.name, j.description, j.state, j.items, j.created, j.version, x.part \
                 from project_people x \
                 join projects j on j.workspace_id = x.workspace_id and j.project_id = x.project_id \
                 where x.workspace_id = $1 and x.person_id = $2 order by x.part, j.name_sort, j.project_id limit 500";
    COUNT = "select count(*) from (select 1 from projects where workspace_id = $1 and state = $2 limit $3) x";
    ASSIGNEES = Sql::each(
        concat!(
            "select ", holder_columns!(), ", x.part, x.since, x.project_id from project_people x \
             join people p on p.workspace_id = x.workspace_id and p.person_id = x.person_id \
             where x.workspace_id = $1 and x.project_id in (select unhex(value) from json_each($2)) \
             and x.part = 'assignee' order by x.project_id, p.name_sort, p.person_id"
        ),
        concat!(
            "select ", holder_columns!(), ", x.part, x.since, x.project_id from project_people x \
             join people p on p.workspace_id = x.workspace_id and p.person_id = x.person_id \
             where x.workspace_id = $1 and x.project_id = any($2) and x.part = 'assignee' \
             order by x.project_id, p.name_sort, p.person_id"
        ),
    );
    COUNT_OF_PERSON = "select count(*) filter (where x.part = 'assignee'), count(*) filter (where x.part = 'follower') \
                       from project_people x where x.workspace_id = $1 and x.person_id = $2";
    TAKE_ALL = "delete from project_people where workspace_id = $1 and person_id = $2";
}

fn from_row(row: &Row<'_>) -> Result<Project> {
    Ok(Project {
        id: ProjectId::from_uuid(row.get(0)?),
        name: row.get(1)?,
        description: row.get(2)?,
        state: ProjectState::parse(&row.get::<String>(3)?).ok_or(Error::Value("projects.state"))?,
        items: row.get(4)?,
        created: row.time(5)?,
        version: row.get(6)?,
    })
}

/// A project of this workspace.
pub async fn load(rx: &mut Rx, ws: WorkspaceId, id: ProjectId) -> Result<Option<Project>> {
    rx.one(&LOAD, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// As [`load`], locked until the transaction ends.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId, id: ProjectId) -> Result<Option<Project>> {
    tx.one(&LOCK, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// The project that has this folded name.
pub async fn by_name(rx: &mut Rx, ws: WorkspaceId, key: &str) -> Result<Option<Project>> {
    rx.one(&BY_NAME, &[&ws.uuid(), &key], from_row).await
}

/// Up to `limit` projects of a state by name after a place, or with `back` before it; each with its own place. The
/// first page is after `(Vec::new(), nil)`.
pub async fn page(
    rx: &mut Rx,
    ws: WorkspaceId,
    state: ProjectState,
    (sort, id): &Place,
    back: bool,
    limit: i64,
) -> Result<Vec<(Project, Place)>> {
    let sql = if back { &PAGE_BEFORE } else { &PAGE };
    let mut rows = rx
        .all(sql, &[&ws.uuid(), &state.word(), sort, &id.uuid(), &limit], |row| {
            let project = from_row(row)?;
            let place = (row.get(7)?, project.id);
            Ok((project, place))
        })
        .await?;
    if back {
        rows.reverse();
    }
    Ok(rows)
}

/// Saves a new project.
pub async fn insert(tx: &mut Tx, ws: WorkspaceId, project: &Project, texts: &GroupTexts) -> Result<()> {
    tx.exec_one(
        &INSERT,
        &[
            &ws.uuid(),
            &project.id.uuid(),
            &project.name,
            &texts.name_key,
            &texts.name_sort,
            &project.description,
            &time::micros(project.created),
        ],
    )
    .await
}

/// Saves name, description and state; stale when the project has changed since `project.version`.
pub async fn save(tx: &mut Tx, ws: WorkspaceId, project: &Project, texts: &GroupTexts) -> Result<()> {
    let rows = tx
        .exec(
            &SAVE,
            &[
                &project.name,
                &texts.name_key,
                &texts.name_sort,
                &project.description,
                &project.state.word(),
                &ws.uuid(),
                &project.id.uuid(),
                &project.version,
            ],
        )
        .await?;
    if rows == 1 { Ok(()) } else { Err(crate::Error::Stale) }
}

/// The people of a project, assignees first, then by name; up to 500.
pub async fn people(rx: &mut Rx, ws: WorkspaceId, id: ProjectId) -> Result<Vec<Holder>> {
    rx.all(&PEOPLE, &[&ws.uuid(), &id.uuid()], holder_from_row).await
}

/// Gives a part; `false` when they have it already.
pub async fn give(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: ProjectId,
    person: PersonId,
    part: Part,
    now: Timestamp,
) -> Result<bool> {
    let values: [&dyn super::Param; 5] =
        [&ws.uuid(), &id.uuid(), &person.uuid(), &part.word(), &time::micros(now)];
    Ok(tx.exec(&GIVE, &values).await? == 1)
}

/// Takes a part away; `false` when they do not have it.
pub async fn take(tx: &mut Tx, ws: WorkspaceId, id: ProjectId, person: PersonId, part: Part) -> Result<bool> {
    Ok(tx.exec(&TAKE, &[&ws.uuid(), &id.uuid(), &person.uuid(), &part.word()]).await? == 1)
}

/// The projects in which a person has a part, with the part; up to 500.
pub async fn of_person(rx: &mut Rx, ws: WorkspaceId, person: PersonId) -> Result<Vec<(Project, Part)>> {
    rx.all(&OF_PERSON, &[&ws.uuid(), &person.uuid()], |row| {
        let part = Part::parse(&row.get::<String>(7)?).ok_or(Error::Value("project_people.part"))?;
        Ok((from_row(row)?, part))
    })
    .await
}

/// In how many projects a person is assigned, and how many they follow.
pub async fn count_of_person(rx: &mut Rx, ws: WorkspaceId, person: PersonId) -> Result<(i64, i64)> {
    Ok(rx.one(&COUNT_OF_PERSON, &[&ws.uuid(), &person.uuid()], counts_from_row).await?.unwrap_or_default())
}

/// As [`count_of_person`], as part of a longer question: one row.
pub fn ask_count_of_person(ws: WorkspaceId, person: PersonId) -> Ask<(i64, i64)> {
    Ask::new(&COUNT_OF_PERSON, bind![ws.uuid(), person.uuid()], counts_from_row)
}

fn counts_from_row(row: &Row<'_>) -> Result<(i64, i64)> {
    Ok((row.get(0)?, row.get(1)?))
}

/// How many projects are in a state, counted up to `limit`.
pub async fn count(rx: &mut Rx, ws: WorkspaceId, state: ProjectState, limit: i64) -> Result<i64> {
    Ok(rx.one(&COUNT, &[&ws.uuid(), &state.word(), &limit], |row| row.get(0)).await?.unwrap_or(0))
}

/// The assignees of several projects, each by name.
pub async fn assignees(rx: &mut Rx, ws: WorkspaceId, ids: &[ProjectId]) -> Result<Vec<(ProjectId, Brief)>> {
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    rx.all(&ASSIGNEES, &[&ws.uuid(), &ids], |row| {
        Ok((ProjectId::from_uuid(row.get(8)?), brief_from_row(row)?))
    })
    .await
}

/// Takes all parts in projects from a person who is deleted; answers how many.
pub async fn take_all(tx: &mut Tx, ws: WorkspaceId, person: PersonId) -> Result<u64> {
    tx.exec(&TAKE_ALL, &[&ws.uuid(), &person.uuid()]).await
}
