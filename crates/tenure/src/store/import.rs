//! Many people at once: each statement takes a list of rows as one value.

use domain::{
    id::{OrganizationId, PersonId, TeamId, WorkspaceId},
    person::{Kind, Person, Status},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Engine, Row, Rx, Sql, Tx, bind,
    dialect::{Texts, any_value, from_rows},
    people::{self, PERSON_COLUMNS, PersonRow, Texts as Derived, person_columns},
    rows::{add, hex, id},
    statements, time,
};
use crate::error::Result;

macro_rules! by {
    ($column:literal, $lock:literal) => {
        Sql::each(
            concat!(
                "select ",
                person_columns!(),
                ", p.external_id, p.email_key from people p \
                 where p.workspace_id = $1 and p.kind = $2 and p.",
                $column,
                " in (select value from json_each($3))"
            ),
            concat!(
                "select ",
                person_columns!(),
                ", p.external_id, p.email_key from people p \
                 where p.workspace_id = $1 and p.kind = $2 and p.",
                $column,
                " = any($3) order by p.person_id",
                $lock
            ),
        )
    };
}

macro_rules! by_address {
    ($lock:literal) => {
        Sql::each(
            concat!(
                "select ",
                person_columns!(),
                ", p.external_id, p.email_key from people p \
                 where p.workspace_id = $1 and p.email_key in (select value from json_each($2))"
            ),
            concat!(
                "select ",
                person_columns!(),
                ", p.external_id, p.email_key from people p \
                 where p.workspace_id = $1 and p.email_key = any($2) order by p.person_id",
                $lock
            ),
        )
    };
}

statements! {
    // Not where another import is at it: it would wait for that to end.
    LEARN = Sql::each(
        "select 1",
        "analyze (skip_locked) people, license_spans, team_members, organization_members",
    ).scan();
    BY_ADDRESS = by_address!("");
    LOCK_BY_ADDRESS = by_address!(" for no key update");
    BY_EXTERNAL = by!("external_id", "");
    LOCK_BY_EXTERNAL = by!("external_id", " for no key update");
    TEAMS_BY_NAMES = any_value!("select name_key, team_id from teams where workspace_id = $1 and ",
                     "name_key" in "$2", "");
    BY_DOMAINS = any_value!("select d.domain, o.organization_id, o.name from organization_domains d \
                 join organizations o on o.workspace_id = d.workspace_id and o.organization_id = d.organization_id \
                 where d.workspace_id = $1 and ", "d.domain" in "$2", "");
    ADD_PEOPLE = from_rows!(
        "insert into people (workspace_id, person_id, kind, email, email_key, name, name_sort, search_text, \
         role, status, status_since, status_by, invite_expires, last_sign_in, external_id, teams, \
         organizations, created) select $1", "$2",
        [uuid 0, text 1, text 2, text 3, text 4, bytes 5, text 6, text 7, text 8, int 9, uuid 10, int 11,
         int 12, text 13, int 14, int 15, int 16], ""
    );
    ADD_SPANS = from_rows!(
        "insert into license_spans (workspace_id, span_id, person_id, since, since_why) select $1", "$2",
        [uuid 0, uuid 1, int 2, text 3], ""
    );
    ADD_TEAM_MEMBERS = from_rows!(
        "insert into team_members (workspace_id, team_id, person_id, name_sort, joined) select $1", "$2",
        [uuid 0, uuid 1, bytes 2, int 3], ""
    );
    ADD_ORGANIZATION_MEMBERS = from_rows!(
        "insert into organization_members (workspace_id, organization_id, person_id, name_sort, joined) select $1",
        "$2", [uuid 0, uuid 1, bytes 2, int 3], ""
    );
    COUNT_TEAM = "update teams set members = members + $1, turns = turns + 1 where workspace_id = $2 and team_id = $3";
    COUNT_ORGANIZATION = "update organizations set members = members + $1 \
                          where workspace_id = $2 and organization_id = $3";
    SET_EXTERNAL = "update people set external_id = $1, version = version + 1 \
                    where workspace_id = $2 and person_id = $3 and version = $4";
}

/// Somebody who is there, as an import compares them.
#[derive(Debug, Clone)]
pub struct Known {
    /// The row.
    pub row: PersonRow,
    /// The id by which another system knows the person.
    pub external_id: Option<String>,
    /// The folded address.
    pub email_key: String,
}

fn known(row: &Row<'_>) -> Result<Known> {
    Ok(Known {
        row: people::from_row(row)?,
        external_id: row.get(PERSON_COLUMNS)?,
        email_key: row.get(PERSON_COLUMNS + 1)?,
    })
}

/// Lets PostgreSQL look at what has been added: it planned when the tables were nearly empty, and nobody else sees what
/// a transaction has added, so each row would be looked for among all.
pub async fn learn(tx: &mut Tx) -> Result<()> {
    if tx.engine() == Engine::Postgres {
        tx.exec(&LEARN, &[]).await?;
    }
    Ok(())
}

/// Who has one of these addresses, of either kind; with `lock`, locked until the transaction ends.
pub async fn by_addresses(rx: &mut Rx, ws: WorkspaceId, keys: Vec<String>, lock: bool) -> Result<Vec<Known>> {
    let sql = if lock { &LOCK_BY_ADDRESS } else { &BY_ADDRESS };
    rx.all(sql, &[&ws.uuid(), &Texts(keys)], known).await
}

/// Who of a kind has one of these external ids; with `lock`, locked until the transaction ends.
pub async fn by_externals(
    rx: &mut Rx,
    ws: WorkspaceId,
    kind: Kind,
    ids: Vec<String>,
    lock: bool,
) -> Result<Vec<Known>> {
    let sql = if lock { &LOCK_BY_EXTERNAL } else { &BY_EXTERNAL };
    rx.all(sql, &[&ws.uuid(), &kind.word(), &Texts(ids)], known).await
}

/// The teams that have these folded names: name and id.
pub async fn teams_by_names(
    rx: &mut Rx,
    ws: WorkspaceId,
    keys: Vec<String>,
) -> Result<Vec<(String, TeamId)>> {
    rx.all(&TEAMS_BY_NAMES, &[&ws.uuid(), &Texts(keys)], |row| {
        Ok((row.get(0)?, TeamId::from_uuid(row.get(1)?)))
    })
    .await
}

/// The organizations to which these domains belong: domain, id and name.
pub async fn by_domains(
    rx: &mut Rx,
    ws: WorkspaceId,
    domains: Vec<String>,
) -> Result<Vec<(String, OrganizationId, String)>> {
    rx.all(&BY_DOMAINS, &[&ws.uuid(), &Texts(domains)], |row| {
        Ok((row.get(0)?, OrganizationId::from_uuid(row.get(1)?), row.get(2)?))
    })
    .await
}

/// Somebody to be added.
#[derive(Debug, Clone)]
pub struct New {
    /// The person.
    pub person: Person,
    /// What is derived from name and address.
    pub texts: Derived,
    /// The id by which another system knows the person.
    pub external_id: Option<String>,
    /// The last sign-in.
    pub last_sign_in: Option<Timestamp>,
    /// The teams of a user.
    pub teams: Vec<TeamId>,
    /// The organization of a customer.
    pub organization: Option<OrganizationId>,
}

impl New {
    fn row(&self, now: i64) -> Value {
        let person = &self.person;
        let (by, expires) = match &person.status {
            Status::Deactivated { by, .. } => (by.map(|by| id(by.uuid())), None),
            Status::Invited { expires, .. } => (None, Some(time::micros(*expires))),
            Status::Active { .. } => (None, None),
        };
        json!([
            id(person.id.uuid()),
            person.kind.word(),
            person.email,
            self.texts.email_key,
            person.name,
            hex(&self.texts.name_sort),
            self.texts.search_text,
            person.role.word(),
            person.status.word().word(),
            time::micros(person.status.since()),
            by,
            expires,
            self.last_sign_in.map_or(0, time::micros),
            self.external_id,
            self.teams.len(),
            u8::from(self.organization.is_some()),
            now,
        ])
    }
}

/// Saves people who are new to the workspace, with their teams and organizations. How many members these have is
/// counted by [`count_members`]; that search finds the people is left to a [`super::grams::Filing`].
pub async fn add_people(tx: &mut Tx, ws: WorkspaceId, people: &[New], now: Timestamp) -> Result<()> {
    let now = time::micros(now);
    add(tx, &ADD_PEOPLE, ws, people.iter().map(|new| new.row(now)).collect()).await?;
    let member =
        |new: &New, group: Uuid| json!([id(group), id(new.person.id.uuid()), hex(&new.texts.name_sort), now]);
    let teams = people.iter().flat_map(|new| new.teams.iter().map(move |team| member(new, team.uuid())));
    add(tx, &ADD_TEAM_MEMBERS, ws, teams.collect()).await?;
    let organizations = people.iter().filter_map(|new| Some(member(new, new.organization?.uuid())));
    add(tx, &ADD_ORGANIZATION_MEMBERS, ws, organizations.collect()).await.map(drop)
}

/// Begins the licenses of people: span, person.
pub async fn add_spans(
    tx: &mut Tx,
    ws: WorkspaceId,
    spans: &[(Uuid, PersonId)],
    why: &str,
    now: Timestamp,
) -> Result<()> {
    let rows =
        spans.iter().map(|(span, person)| json!([id(*span), id(person.uuid()), time::micros(now), why]));
    add(tx, &ADD_SPANS, ws, rows.collect()).await.map(drop)
}

/// Counts who joined.
pub async fn count_members(
    tx: &mut Tx,
    ws: WorkspaceId,
    teams: &[(TeamId, i64)],
    organizations: &[(OrganizationId, i64)],
) -> Result<()> {
    for (team, count) in teams {
        tx.exec_one(&COUNT_TEAM, &[count, &ws.uuid(), &team.uuid()]).await?;
    }
    for (organization, count) in organizations {
        tx.exec_one(&COUNT_ORGANIZATION, &[count, &ws.uuid(), &organization.uuid()]).await?;
    }
    Ok(())
}

/// Sets the external id of a person, whose row must still be of this version.
pub fn set_external(tx: &mut Tx, person: &Person, external_id: String) -> Result<()> {
    tx.soon_one(&SET_EXTERNAL, bind![external_id, person.workspace.uuid(), person.id.uuid(), person.version])
}
