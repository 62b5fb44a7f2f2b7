//! Organizations: customers' companies, their email domains, and who is in them.

use domain::id::{OrganizationId, PersonId, WorkspaceId};
use jiff::Timestamp;

use super::{
    Ask, Row, Rx, Tx, bind,
    dialect::{Texts, Uuids, any_uuid, any_value, for_update},
    statements,
    teams::GroupTexts,
    time,
};
use crate::error::Result;

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// The organization.
    pub id: OrganizationId,
    /// The name shown.
    pub name: String,
    /// How many customers are in it.
    pub members: i64,
    /// When it began.
    pub created: Timestamp,
    /// Counts each change of name and domains.
    pub version: i64,
}

statements! {
    LOAD = "select organization_id, name, members, created, version from organizations \
            where workspace_id = $1 and organization_id = $2";
    LOCK = for_update!("select organization_id, name, members, created, version from organizations \
            where workspace_id = $1 and organization_id = $2");
    BY_NAME = "select organization_id, name, members, created, version from organizations \
               where workspace_id = $1 and name_key = $2";
    BY_NAMES = any_value!("select name_key, organization_id from organizations where workspace_id = $1 and ",
               "name_key" in "$2", "");
    BY_DOMAIN = "select o.organization_id, o.name, o.members, o.created, o.version from organization_domains d \
                 join organizations o on o.workspace_id = d.workspace_id and o.organization_id = d.organization_id \
                 where d.workspace_id = $1 and d.domain = $2";
    PAGE = "select organization_id, name, members, created, version, name_sort from organizations \
            where workspace_id = $1 and (name_sort, organization_id) > ($2, $3) \
            order by name_sort, organization_id limit $4";
    PAGE_BEFORE = "select organization_id, name, members, created, version, name_sort from organizations \
            where workspace_id = $1 and (name_sort, organization_id) < ($2, $3) \
            order by name_sort desc, organization_id desc limit $4";
    BEGINNING = "select organization_id, name, members, created, version from organizations \
                 where workspace_id = $1 and name_key >= $2 and name_key < $3 order by name_key limit $4";
    INSERT = "insert into organizations (workspace_id, organization_id, name, name_key, name_sort, created) \
              values ($1, $2, $3, $4, $5, $6)";
    RENAME = "update organizations set name = $1, name_key = $2, name_sort = $3, version = version + 1 \
              where workspace_id = $4 and organization_id = $5 and version = $6";
    DELETE = "delete from organizations where workspace_id = $1 and organization_id = $2";
    COUNT = "update organizations set members = members + $1 where workspace_id = $2 and organization_id = $3";
    DOMAINS = "select domain from organization_domains where workspace_id = $1 and organization_id = $2 order by domain";
    DOMAINS_OF = any_uuid!("select organization_id, domain from organization_domains where workspace_id = $1 and ",
                 "organization_id" in "$2", " order by domain");
    ADD_DOMAIN = "insert into organization_domains (workspace_id, domain, organization_id) values ($1, $2, $3)";
    DELETE_DOMAINS = "delete from organization_domains where workspace_id = $1 and organization_id = $2";
    JOIN = "insert into organization_members (workspace_id, organization_id, person_id, name_sort, joined) \
            select p.workspace_id, $1, p.person_id, p.name_sort, $2 from people p \
            where p.workspace_id = $3 and p.person_id = $4";
    LEAVE = "delete from organization_members where workspace_id = $1 and organization_id = $2 and person_id = $3";
    SET_IN = "update people set organizations = $1 where workspace_id = $2 and person_id = $3";
    LEAVE_COUNTED = "update people set organizations = 0 where workspace_id = $1 and person_id in \
                     (select m.person_id from organization_members m \
                      where m.workspace_id = $1 and m.organization_id = $2)";
    LEAVE_ALL = "delete from organization_members where workspace_id = $1 and organization_id = $2";
    RENAME_PERSON = "update organization_members set name_sort = $1 where workspace_id = $2 and person_id = $3";
    OF_PERSON = "select o.organization_id, o.name, o.members, o.created, o.version from organization_members m \
                 join organizations o on o.workspace_id = m.workspace_id and o.organization_id = m.organization_id \
                 where m.workspace_id = $1 and m.person_id = $2";
    OF_PEOPLE = any_uuid!("select m.person_id, o.organization_id, o.name from organization_members m \
                 join organizations o on o.workspace_id = m.workspace_id and o.organization_id = m.organization_id \
                 where m.workspace_id = $1 and ", "m.person_id" in "$2", "");
    ACTIVE_MEMBERS = "select m.person_id from organization_members m \
               join people p on p.workspace_id = m.workspace_id and p.person_id = m.person_id \
               where m.workspace_id = $1 and m.organization_id = $2 and p.status = 'active' and p.last_sign_in > 0 \
               order by m.joined, m.person_id limit $3";
    DEACTIVATED = "select count(*) from organization_members m cross join people p \
               where m.workspace_id = $1 and m.organization_id = $2 and p.workspace_id = m.workspace_id \
               and p.person_id = m.person_id and p.status || '' = 'deactivated'";
    SHARE = "select 1 from workspaces w join organization_members a on a.workspace_id = w.workspace_id \
             join organization_members b on b.workspace_id = a.workspace_id and b.organization_id = a.organization_id \
             where w.workspace_id = $1 and w.shared_requests and a.person_id = $2 and b.person_id = $3";
}

fn from_row(row: &Row<'_>) -> Result<Organization> {
    Ok(Organization {
        id: OrganizationId::from_uuid(row.get(0)?),
        name: row.get(1)?,
        members: row.get(2)?,
        created: row.time(3)?,
        version: row.get(4)?,
    })
}

/// An organization of this workspace.
pub async fn load(rx: &mut Rx, ws: WorkspaceId, id: OrganizationId) -> Result<Option<Organization>> {
    rx.one(&LOAD, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// As [`load`], locked until the transaction ends.
pub async fn lock(tx: &mut Tx, ws: WorkspaceId, id: OrganizationId) -> Result<Option<Organization>> {
    tx.one(&LOCK, &[&ws.uuid(), &id.uuid()], from_row).await
}

/// The organization that has this folded name.
pub async fn by_name(rx: &mut Rx, ws: WorkspaceId, key: &str) -> Result<Option<Organization>> {
    rx.one(&BY_NAME, &[&ws.uuid(), &key], from_row).await
}

/// The organizations that have these folded names: name and id.
pub async fn by_names(
    rx: &mut Rx,
    ws: WorkspaceId,
    keys: Vec<String>,
) -> Result<Vec<(String, OrganizationId)>> {
    rx.all(&BY_NAMES, &[&ws.uuid(), &Texts(keys)], |row| {
        Ok((row.get(0)?, OrganizationId::from_uuid(row.get(1)?)))
    })
    .await
}

/// The organization to which a domain belongs.
pub async fn by_domain(rx: &mut Rx, ws: WorkspaceId, domain: &str) -> Result<Option<Organization>> {
    rx.one(&BY_DOMAIN, &[&ws.uuid(), &domain], from_row).await
}

/// Up to `limit` organizations whose folded name begins so.
pub async fn beginning(rx: &mut Rx, ws: WorkspaceId, key: &str, limit: i64) -> Result<Vec<Organization>> {
    // Both engines compare these by their bytes, where nothing of UTF-8 comes after this.
    let end = format!("{key}\u{10ffff}");
    rx.all(&BEGINNING, &[&ws.uuid(), &key, &end, &limit], from_row).await
}

/// A place in the list of organizations: sort key and id.
pub type Place = (Vec<u8>, OrganizationId);

/// Up to `limit` organizations by name after a place, or with `back` before it; each with its own place.
pub async fn page(
    rx: &mut Rx,
    ws: WorkspaceId,
    (sort, id): &Place,
    back: bool,
    limit: i64,
) -> Result<Vec<(Organization, Place)>> {
    let sql = if back { &PAGE_BEFORE } else { &PAGE };
    let mut rows = rx
        .all(sql, &[&ws.uuid(), sort, &id.uuid(), &limit], |row| {
            let organization = from_row(row)?;
            let place = (row.get(5)?, organization.id);
            Ok((organization, place))
        })
        .await?;
    if back {
        rows.reverse();
    }
    Ok(rows)
}

/// Saves a new organization.
pub async fn insert(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: OrganizationId,
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

/// Saves a name and counts the change; stale when the organization has changed since `organization.version`.
pub async fn rename(
    tx: &mut Tx,
    ws: WorkspaceId,
    organization: &Organization,
    name: &str,
    texts: &GroupTexts,
) -> Result<()> {
    let rows = tx
        .exec(
            &RENAME,
            &[
                &name,
                &texts.name_key,
                &texts.name_sort,
                &ws.uuid(),
                &organization.id.uuid(),
                &organization.version,
            ],
        )
        .await?;
    if rows == 1 { Ok(()) } else { Err(crate::Error::Stale) }
}

/// The email domains of an organization, by name.
pub async fn domains(rx: &mut Rx, ws: WorkspaceId, id: OrganizationId) -> Result<Vec<String>> {
    rx.all(&DOMAINS, &[&ws.uuid(), &id.uuid()], |row| row.get(0)).await
}

/// The email domains of several organizations.
pub async fn domains_of(
    rx: &mut Rx,
    ws: WorkspaceId,
    ids: &[OrganizationId],
) -> Result<Vec<(OrganizationId, String)>> {
    let ids: Uuids = ids.iter().map(|id| id.uuid()).collect();
    rx.all(&DOMAINS_OF, &[&ws.uuid(), &ids], |row| Ok((OrganizationId::from_uuid(row.get(0)?), row.get(1)?)))
        .await
}

/// Replaces the email domains of an organization.
pub async fn set_domains(tx: &mut Tx, ws: WorkspaceId, id: OrganizationId, domains: &[String]) -> Result<()> {
    tx.exec(&DELETE_DOMAINS, &[&ws.uuid(), &id.uuid()]).await?;
    for domain in domains {
        tx.exec_one(&ADD_DOMAIN, &[&ws.uuid(), &domain, &id.uuid()]).await?;
    }
    Ok(())
}

/// Up to `limit` customers of an organization who are active and have signed in, the first to join first.
pub async fn active_members(
    rx: &mut Rx,
    ws: WorkspaceId,
    id: OrganizationId,
    limit: i64,
) -> Result<Vec<PersonId>> {
    rx.all(&ACTIVE_MEMBERS, &[&ws.uuid(), &id.uuid(), &limit], |row| Ok(PersonId::from_uuid(row.get(0)?)))
        .await
}

/// Puts a customer, who is in none, into an organization.
pub fn join(
    tx: &mut Tx,
    ws: WorkspaceId,
    id: OrganizationId,
    person: PersonId,
    now: Timestamp,
) -> Result<()> {
    tx.soon_one(&JOIN, bind![id.uuid(), time::micros(now), ws.uuid(), person.uuid()])?;
    tx.soon_one(&COUNT, bind![1_i64, ws.uuid(), id.uuid()])?;
    tx.soon_one(&SET_IN, bind![1_i64, ws.uuid(), person.uuid()])
}

/// Takes a customer out of an organization. `false` when they are not in it.
pub async fn leave(tx: &mut Tx, ws: WorkspaceId, id: OrganizationId, person: PersonId) -> Result<bool> {
    let rows = tx.exec(&LEAVE, &[&ws.uuid(), &id.uuid(), &person.uuid()]).await?;
    if rows == 1 {
        tx.soon_one(&COUNT, bind![-1_i64, ws.uuid(), id.uuid()])?;
        tx.soon_one(&SET_IN, bind![0_i64, ws.uuid(), person.uuid()])?;
    }
    Ok(rows == 1)
}

/// Deletes an organization with its domains; its customers stay, in none.
pub async fn delete(tx: &mut Tx, ws: WorkspaceId, id: OrganizationId) -> Result<()> {
    let key: [&dyn super::Param; 2] = [&ws.uuid(), &id.uuid()];
    tx.exec(&LEAVE_COUNTED, &key).await?;
    tx.exec(&LEAVE_ALL, &key).await?;
    tx.exec(&DELETE_DOMAINS, &key).await?;
    tx.exec_one(&DELETE, &key).await
}

/// A person's name has changed: the copy by which members are ordered follows.
pub fn rename_person(tx: &mut Tx, ws: WorkspaceId, person: PersonId, name_sort: &[u8]) -> Result<()> {
    tx.soon(&RENAME_PERSON, bind![name_sort.to_vec(), ws.uuid(), person.uuid()])
}

/// The organization of a customer.
pub async fn of_person(rx: &mut Rx, ws: WorkspaceId, person: PersonId) -> Result<Option<Organization>> {
    rx.one(&OF_PERSON, &[&ws.uuid(), &person.uuid()], from_row).await
}

/// As [`of_person`], as part of a longer question: one row or none.
pub fn ask_of_person(ws: WorkspaceId, person: PersonId) -> Ask<Organization> {
    Ask::new(&OF_PERSON, bind![ws.uuid(), person.uuid()], from_row)
}

/// The organizations of several customers: person, organization, name.
pub async fn of_people(
    rx: &mut Rx,
    ws: WorkspaceId,
    people: &[PersonId],
) -> Result<Vec<(PersonId, OrganizationId, String)>> {
    let ids: Uuids = people.iter().map(|id| id.uuid()).collect();
    rx.all(&OF_PEOPLE, &[&ws.uuid(), &ids], |row| {
        Ok((PersonId::from_uuid(row.get(0)?), OrganizationId::from_uuid(row.get(1)?), row.get(2)?))
    })
    .await
}

/// How many customers of an organization are deactivated.
pub async fn deactivated(rx: &mut Rx, ws: WorkspaceId, id: OrganizationId) -> Result<i64> {
    let count = rx.one(&DEACTIVATED, &[&ws.uuid(), &id.uuid()], |row| row.get(0)).await?;
    Ok(count.unwrap_or(0))
}

/// Whether two people are customers of one organization, in a workspace that shares requests within one.
pub async fn share(rx: &mut Rx, ws: WorkspaceId, one: PersonId, other: PersonId) -> Result<bool> {
    Ok(rx.one(&SHARE, &[&ws.uuid(), &one.uuid(), &other.uuid()], |_| Ok(())).await?.is_some())
}
