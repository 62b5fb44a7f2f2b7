//! Organizations: create, change, delete; who is in them.

use std::collections::BTreeSet;

use domain::{
    Refusal,
    audit::Action,
    customer,
    id::{OrganizationId, PersonId, WorkspaceId},
    person::Person,
};
use serde::Serialize;
use serde_json::json;

use super::{load, profile::Name, record::Record};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    limits::Limits,
    store::{
        Rx, Tx,
        organizations::{self, Organization},
        teams::GroupTexts,
    },
    text,
};

/// How many domains one organization may have.
pub const MOST_DOMAINS: usize = 50;

/// The email domains of an organization, each cleaned and folded, without doubles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Domains(Vec<String>);

impl Domains {
    /// Reads typed domains, divided by spaces, commas, semicolons or lines; `@example.org` is as good as
    /// `example.org`.
    pub fn parse(typed: &str, limits: &Limits) -> Result<Self> {
        let divided = typed.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
        let mut domains = BTreeSet::new();
        for one in divided.filter(|one| !one.is_empty()) {
            // A domain is what may stand behind the @ of an address.
            let address = format!("x@{}", one.trim_start_matches('@'));
            let key = text::clean_email(&address, limits.email).map(|clean| text::email_key(&clean));
            let domain = key.as_deref().map(text::domain_of).ok().filter(|domain| domain.contains('.'));
            let wrong = || {
                Error::field("domains", format!("“{one}” is not a domain: write one such as example.org."))
            };
            domains.insert(domain.ok_or_else(wrong)?.to_owned());
        }
        if domains.len() > MOST_DOMAINS {
            return Err(Error::field("domains", format!("An organization may have {MOST_DOMAINS} domains.")));
        }
        Ok(Self(domains.into_iter().collect()))
    }

    /// The domains, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

pub(crate) fn texts(name: &Name) -> GroupTexts {
    GroupTexts { name_key: text::fold(name.as_str()), name_sort: text::sort_key(name.as_str()) }
}

async fn name_free(tx: &mut Tx, ctx: &Ctx, texts: &GroupTexts, but: Option<OrganizationId>) -> Result<()> {
    match organizations::by_name(tx, ctx.workspace, &texts.name_key).await? {
        Some(other) if Some(other.id) != but => {
            Err(Refusal::OrganizationNameTaken { organization: other.id }.into())
        }
        _ => Ok(()),
    }
}

async fn domains_free(tx: &mut Tx, ctx: &Ctx, domains: &Domains, but: Option<OrganizationId>) -> Result<()> {
    for domain in &domains.0 {
        match organizations::by_domain(tx, ctx.workspace, domain).await? {
            Some(other) if Some(other.id) != but => {
                let refusal =
                    Refusal::DomainTaken { domain: domain.clone(), organization: other.id, name: other.name };
                return Err(refusal.into());
            }
            _ => {}
        }
    }
    Ok(())
}

/// The winner of a race for one name or domain is whoever the unique index let through.
fn taken(error: Error) -> Error {
    match error {
        Error::Store(store) if store.is_unique() => {
            Error::field("name", "An organization of this name or domain was made just now.")
        }
        error => error,
    }
}

/// Creates an organization.
pub async fn create(tx: &mut Tx, ctx: &Ctx, name: Name, domains: Domains) -> Result<OrganizationId> {
    load::actor(tx, ctx).await?.may_administer()?;
    let texts = texts(&name);
    name_free(tx, ctx, &texts, None).await?;
    domains_free(tx, ctx, &domains, None).await?;
    save_new(tx, ctx, &name, &texts, &domains).await
}

/// Saves a new organization whose name and domains are free.
pub(crate) async fn save_new(
    tx: &mut Tx,
    ctx: &Ctx,
    name: &Name,
    texts: &GroupTexts,
    domains: &Domains,
) -> Result<OrganizationId> {
    let id: OrganizationId = ctx.id();
    organizations::insert(tx, ctx.workspace, id, name.as_str(), texts, ctx.now).await.map_err(taken)?;
    organizations::set_domains(tx, ctx.workspace, id, &domains.0).await.map_err(taken)?;
    Record::of(Action::OrganizationCreated)
        .subject(id)
        .after(json!({ "name": name.as_str(), "domains": domains.0 }))
        .save(tx, ctx)?;
    Ok(id)
}

async fn locked(tx: &mut Tx, ctx: &Ctx, id: OrganizationId, version: Option<i64>) -> Result<Organization> {
    load::actor(tx, ctx).await?.may_administer()?;
    let organization = organizations::lock(tx, ctx.workspace, id).await?;
    let organization = organization.ok_or(Error::NotFound("organization"))?;
    match version {
        Some(version) if version != organization.version => Err(Error::Stale),
        _ => Ok(organization),
    }
}

/// Changes name and domains; stale when they have changed since `version`. Answers whether anything changed. Who is
/// in the organization stays: domains are for who comes.
pub async fn change(
    tx: &mut Tx,
    ctx: &Ctx,
    id: OrganizationId,
    name: Name,
    domains: Domains,
    version: Option<i64>,
) -> Result<bool> {
    let organization = locked(tx, ctx, id, version).await?;
    let before = organizations::domains(tx, ctx.workspace, id).await?;
    if organization.name == name.as_str() && before == domains.0 {
        return Ok(false);
    }
    let texts = texts(&name);
    name_free(tx, ctx, &texts, Some(id)).await?;
    domains_free(tx, ctx, &domains, Some(id)).await?;
    organizations::rename(tx, ctx.workspace, &organization, name.as_str(), &texts).await.map_err(taken)?;
    organizations::set_domains(tx, ctx.workspace, id, &domains.0).await.map_err(taken)?;
    Record::of(Action::OrganizationChanged)
        .subject(id)
        .before(json!({ "name": organization.name, "domains": before }))
        .after(json!({ "name": name.as_str(), "domains": domains.0 }))
        .save(tx, ctx)?;
    Ok(true)
}

/// What a deletion of an organization does.
#[derive(Debug, Clone, Serialize)]
pub struct Deleted {
    /// Customers who stay, in no organization.
    pub members: i64,
    /// Domains that belong to nobody from now on.
    pub domains: Vec<String>,
}

/// What deleting this organization would do, with its name and version. The same guards as [`delete`].
pub async fn plan_deletion(rx: &mut Rx, ctx: &Ctx, id: OrganizationId) -> Result<(Organization, Deleted)> {
    load::unlocked::<0>(rx, ctx, []).await?.authority.may_administer()?;
    let organization = organizations::load(rx, ctx.workspace, id).await?;
    let organization = organization.ok_or(Error::NotFound("organization"))?;
    let domains = organizations::domains(rx, ctx.workspace, id).await?;
    let deleted = Deleted { members: organization.members, domains };
    Ok((organization, deleted))
}

/// Deletes an organization; its customers stay, in none.
pub async fn delete(tx: &mut Tx, ctx: &Ctx, id: OrganizationId, version: Option<i64>) -> Result<Deleted> {
    let organization = locked(tx, ctx, id, version).await?;
    let domains = organizations::domains(tx, ctx.workspace, id).await?;
    organizations::delete(tx, ctx.workspace, id).await?;
    Record::of(Action::OrganizationDeleted)
        .subject(id)
        .before(json!({ "name": organization.name, "domains": domains, "members": organization.members }))
        .save(tx, ctx)?;
    Ok(Deleted { members: organization.members, domains })
}

/// The organization that a person names, by its name or id; what is none is wrong at the field `organization`, with the
/// names that begin alike.
pub async fn find(rx: &mut Rx, ws: WorkspaceId, named: &str) -> Result<Organization> {
    let named = named.trim();
    if let Ok(id) = named.parse::<OrganizationId>()
        && let Some(found) = organizations::load(rx, ws, id).await?
    {
        return Ok(found);
    }
    let key = text::fold(named);
    if let Some(found) = organizations::by_name(rx, ws, &key).await? {
        return Ok(found);
    }
    let alike = organizations::beginning(rx, ws, &key, 5).await?;
    let alike: Vec<_> = alike.into_iter().map(|one| one.name).collect();
    let hint = if alike.is_empty() { String::new() } else { format!(" There is {}.", alike.join(", ")) };
    Err(Error::field("organization", format!("There is no organization {named}.{hint}")))
}

/// The organization that a new customer joins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Belonging {
    /// The one to which the domain of their address belongs, if any.
    #[default]
    ByDomain,
    /// None.
    Nowhere,
    /// This one.
    In(OrganizationId),
}

/// Puts a customer who was saved just now where they belong; answers where that is.
pub(crate) async fn place(
    tx: &mut Tx,
    ctx: &Ctx,
    person: &Person,
    belonging: Belonging,
) -> Result<Option<Organization>> {
    let found = match belonging {
        Belonging::Nowhere => None,
        Belonging::In(id) => {
            let found = organizations::lock(tx, ctx.workspace, id).await?;
            Some(found.ok_or(Error::NotFound("organization"))?)
        }
        Belonging::ByDomain => {
            let key = text::email_key(&person.email);
            organizations::by_domain(tx, ctx.workspace, text::domain_of(&key)).await?
        }
    };
    if let Some(organization) = &found {
        organizations::join(tx, ctx.workspace, organization.id, person.id, ctx.now)?;
    }
    Ok(found)
}

/// Moves a customer into another organization, or with `None` out of theirs; answers whether anything changed. A
/// deactivated customer may be taken out, not put in (rules 2 and 5).
pub async fn move_to(tx: &mut Tx, ctx: &Ctx, person: PersonId, to: Option<OrganizationId>) -> Result<bool> {
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [person]).await?;
    let from = organizations::of_person(tx, ctx.workspace, person).await?;
    if from.as_ref().map(|from| from.id) == to {
        customer::leave_organization(&authority, &row.person)?;
        return Ok(false);
    }
    match to {
        Some(_) => customer::join_organization(&authority, &row.person)?,
        None => customer::leave_organization(&authority, &row.person)?,
    }
    put_into(tx, ctx, person, from, to).await
}

/// Moves a customer who may be moved, and who is locked, from one organization into another.
pub(crate) async fn put_into(
    tx: &mut Tx,
    ctx: &Ctx,
    person: PersonId,
    from: Option<Organization>,
    to: Option<OrganizationId>,
) -> Result<bool> {
    let target = lock_both(tx, ctx, from.as_ref().map(|from| from.id), to).await?;
    if let Some(from) = &from {
        organizations::leave(tx, ctx.workspace, from.id, person).await?;
    }
    if let Some(to) = to {
        organizations::join(tx, ctx.workspace, to, person, ctx.now)?;
    }
    let (action, subject) = match (to, &from) {
        (Some(to), _) => (Action::OrganizationJoined, to.to_string()),
        (None, Some(from)) => (Action::OrganizationLeft, from.id.to_string()),
        (None, None) => return Ok(false),
    };
    Record::of(action)
        .person(person)
        .subject(subject)
        .before(json!({ "organization": from.map(|from| from.name) }))
        .after(json!({ "organization": target.map(|target| target.name) }))
        .save(tx, ctx)?;
    Ok(true)
}

/// Locks both organizations in the order of their ids, so that two movers wait for each other; answers the target.
async fn lock_both(
    tx: &mut Tx,
    ctx: &Ctx,
    from: Option<OrganizationId>,
    to: Option<OrganizationId>,
) -> Result<Option<Organization>> {
    let ids: BTreeSet<OrganizationId> = from.into_iter().chain(to).collect();
    let mut target = None;
    for id in ids {
        let found = organizations::lock(tx, ctx.workspace, id).await?;
        if Some(id) == to {
            target = Some(found.ok_or(Error::NotFound("organization"))?);
        }
    }
    Ok(target)
}
