//! Teams, and who is in them.

use domain::id::{PersonId, TeamId};
use serde_json::{Value, json};

use super::{Directory, Edit, Wanted, taken};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::{fingerprint::Fingerprint, load, profile::Name, teams},
    scim::{
        Problem, Resource,
        matching::element_matches,
        patch::{self, Change, Deed, Members},
        schema::{self, ResourceType::Group as GroupType},
    },
    store::{
        Tx,
        scim_groups::{self as store, Group},
        teams as team_store,
    },
};

/// What is not there.
const GROUP: &str = "group";

/// A team as a resource, without `meta` and its members.
#[must_use]
pub fn resource(group: &Group) -> Resource {
    let mut resource = Resource::new();
    resource.insert("schemas".into(), json!([schema::GROUP]));
    resource.insert("id".into(), json!(group.id));
    if let Some(external_id) = &group.external_id {
        resource.insert("externalId".into(), json!(external_id));
    }
    resource.insert("displayName".into(), json!(group.name));
    resource
}

/// The entity tag of a team: it counts who comes and goes, so that nobody need be read for it.
#[must_use]
pub fn tag(group: &Group) -> String {
    let mut mark = Fingerprint::default();
    mark.add(format!("{} {} {} {:?}", group.id, group.version, group.turns, group.external_id));
    format!("W/\"{}\"", &mark.finish()[..16])
}

/// A member as a resource shows them; `base` is where SCIM is.
#[must_use]
pub fn member(base: &str, id: PersonId) -> Value {
    json!({ "value": id, "$ref": format!("{base}/Users/{id}"), "type": "User" })
}

/// Name and directory's id that a resource says, and what it does to the members.
struct Said {
    name: Name,
    external_id: Option<String>,
    members: Vec<Members>,
}

fn said(directory: &Directory, mut before: Resource, changes: &[Change]) -> Result<Said> {
    let mut members = Vec::new();
    for change in changes {
        match change.members()? {
            Some(one) => members.push(one),
            None => patch::apply(&mut before, std::slice::from_ref(change), GroupType)?,
        }
    }
    let name = before.get("displayName").and_then(Value::as_str).unwrap_or_default();
    if name.trim().is_empty() {
        return Err(Problem::value("displayName is missing.").into());
    }
    let name = Name::clean(name, &directory.limits).map_err(|error| Problem::value(error.to_string()))?;
    Ok(Said { name, external_id: super::external_id(&before, &directory.limits)?, members })
}

/// Makes a team.
pub async fn create(tx: &mut Tx, ctx: &Ctx, directory: &Directory, body: &Resource) -> Result<Group> {
    load::actor(tx, ctx).await?.may_administer()?;
    let said = said(directory, Resource::new(), &patch::whole(Deed::Add, body, GroupType))?;
    let id = teams::create(tx, ctx, said.name).await?;
    if said.external_id.is_some() {
        set_external(tx, ctx, id, said.external_id.as_deref()).await?;
    }
    for members in &said.members {
        change_members(tx, ctx, id, members).await?;
    }
    store::load(tx, ctx.workspace, id).await?.ok_or(Error::NotFound(GROUP))
}

/// Changes a team. A PUT that says nothing of members leaves them.
pub async fn change(
    tx: &mut Tx,
    ctx: &Ctx,
    directory: &Directory,
    id: TeamId,
    (edit, wanted): (&Edit, &Wanted),
) -> Result<Group> {
    let group = locked(tx, ctx, id, wanted).await?;
    let said = match edit {
        Edit::Put(body) => said(directory, Resource::new(), &patch::whole(Deed::Replace, body, GroupType))?,
        Edit::Patch(changes) => said(directory, resource(&group), changes)?,
    };
    if said.name.as_str() != group.name {
        teams::rename(tx, ctx, id, said.name, None).await?;
    }
    if said.external_id != group.external_id {
        set_external(tx, ctx, id, said.external_id.as_deref()).await?;
    }
    for members in &said.members {
        change_members(tx, ctx, id, members).await?;
    }
    store::load(tx, ctx.workspace, id).await?.ok_or(Error::NotFound(GROUP))
}

async fn locked(tx: &mut Tx, ctx: &Ctx, id: TeamId, wanted: &Wanted) -> Result<Group> {
    load::actor(tx, ctx).await?.may_administer()?;
    let group = store::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound(GROUP))?;
    wanted.check(&tag(&group))?;
    Ok(group)
}

async fn set_external(tx: &mut Tx, ctx: &Ctx, id: TeamId, external_id: Option<&str>) -> Result<()> {
    match store::set_external(tx, ctx.workspace, id, external_id).await {
        Err(Error::Store(error)) if error.is_unique() => Err(taken("Another group has this externalId.")),
        saved => saved,
    }
}

async fn change_members(tx: &mut Tx, ctx: &Ctx, team: TeamId, members: &Members) -> Result<()> {
    match members {
        Members::Join(ids) => join(tx, ctx, team, &people(ids)?).await,
        Members::Leave(ids) => leave(tx, ctx, team, &people(ids)?).await,
        Members::Set(ids) => {
            let wanted = people(ids)?;
            let present = store::members(tx, ctx.workspace, team).await?;
            let wanted_set: std::collections::HashSet<PersonId> = wanted.iter().copied().collect();
            let gone: Vec<PersonId> = present.into_iter().filter(|id| !wanted_set.contains(id)).collect();
            leave(tx, ctx, team, &gone).await?;
            join(tx, ctx, team, &wanted).await
        }
        Members::LeaveWhere(filter) => {
            let attribute = GroupType.attribute("members").ok_or(Error::NotFound(GROUP))?;
            let present = store::members(tx, ctx.workspace, team).await?;
            let found = present.into_iter().filter(|id| element_matches(filter, &member("", *id), attribute));
            leave(tx, ctx, team, &found.collect::<Vec<_>>()).await
        }
    }
}

fn nobody(id: &str) -> Problem {
    Problem::value(format!("There is no user with the id {id}."))
}

fn people(ids: &[String]) -> Result<Vec<PersonId>, Problem> {
    ids.iter().map(|id| id.parse().map_err(|_| nobody(id))).collect()
}

/// Puts users into a team; who is in it stays, deactivated or not.
async fn join(tx: &mut Tx, ctx: &Ctx, team: TeamId, people: &[PersonId]) -> Result<()> {
    let there = team_store::members_among(tx, ctx.workspace, team, people).await?;
    let there: std::collections::HashSet<PersonId> = there.into_iter().collect();
    for id in people.iter().filter(|id| !there.contains(id)) {
        match teams::join(tx, ctx, team, *id).await {
            Err(Error::NotFound("person")) => return Err(nobody(&id.to_string()).into()),
            joined => joined?,
        };
    }
    Ok(())
}

/// Takes users out of a team; who is not in it, or not here at all, is out already.
async fn leave(tx: &mut Tx, ctx: &Ctx, team: TeamId, people: &[PersonId]) -> Result<()> {
    for id in team_store::members_among(tx, ctx.workspace, team, people).await? {
        teams::leave(tx, ctx, team, id).await?;
    }
    Ok(())
}

/// Deletes a team; its members stay, without it.
pub async fn delete(tx: &mut Tx, ctx: &Ctx, id: TeamId, wanted: &Wanted) -> Result<()> {
    locked(tx, ctx, id, wanted).await?;
    teams::delete(tx, ctx, id, None).await?;
    Ok(())
}
