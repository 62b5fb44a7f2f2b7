//! Teams: create, rename, delete, members.

use domain::{
    Refusal,
    audit::Action,
    id::{PersonId, TeamId},
    part,
};
use serde_json::json;

use super::{load, profile::Name, record::Record};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    store::{
        Tx,
        teams::{self, GroupTexts, Team},
    },
    text,
};

pub(crate) fn texts(name: &Name) -> GroupTexts {
    GroupTexts { name_key: text::fold(name.as_str()), name_sort: text::sort_key(name.as_str()) }
}

async fn name_free(tx: &mut Tx, ctx: &Ctx, texts: &GroupTexts, but: Option<TeamId>) -> Result<()> {
    match teams::by_name(tx, ctx.workspace, &texts.name_key).await? {
        Some(other) if Some(other.id) != but => Err(Refusal::TeamNameTaken { team: other.id }.into()),
        _ => Ok(()),
    }
}

/// The winner of a race for one name is whoever the unique index let through.
fn taken(error: Error) -> Error {
    match error {
        Error::Store(store) if store.is_unique() => {
            Error::field("name", "A team of this name was made just now.")
        }
        error => error,
    }
}

/// Creates a team.
pub async fn create(tx: &mut Tx, ctx: &Ctx, name: Name) -> Result<TeamId> {
    load::actor(tx, ctx).await?.may_administer()?;
    let texts = texts(&name);
    name_free(tx, ctx, &texts, None).await?;
    save_new(tx, ctx, &name, &texts).await
}

/// Saves a new team whose name is free.
pub(crate) async fn save_new(tx: &mut Tx, ctx: &Ctx, name: &Name, texts: &GroupTexts) -> Result<TeamId> {
    let id: TeamId = ctx.id();
    teams::insert(tx, ctx.workspace, id, name.as_str(), texts, ctx.now).await.map_err(taken)?;
    Record::of(Action::TeamCreated).subject(id).after(json!({ "name": name.as_str() })).save(tx, ctx)?;
    Ok(id)
}

async fn locked(tx: &mut Tx, ctx: &Ctx, id: TeamId) -> Result<Team> {
    load::actor(tx, ctx).await?.may_administer()?;
    teams::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("team"))
}

fn fresh(team: &Team, version: Option<i64>) -> Result<()> {
    if version.is_some_and(|version| version != team.version) { Err(Error::Stale) } else { Ok(()) }
}

/// Renames a team; stale when it has been renamed since `version`.
pub async fn rename(tx: &mut Tx, ctx: &Ctx, id: TeamId, name: Name, version: Option<i64>) -> Result<()> {
    let team = locked(tx, ctx, id).await?;
    fresh(&team, version)?;
    if team.name == name.as_str() {
        return Ok(());
    }
    let texts = texts(&name);
    name_free(tx, ctx, &texts, Some(id)).await?;
    teams::rename(tx, ctx.workspace, &team, name.as_str(), &texts).await.map_err(taken)?;
    Record::of(Action::TeamRenamed)
        .subject(id)
        .before(json!({ "name": team.name }))
        .after(json!({ "name": name.as_str() }))
        .save(tx, ctx)
}

/// Deletes a team; its members stay, without it. Answers how many there were. Stale when it has been renamed since
/// `version`: another name may be another team to whoever confirmed.
pub async fn delete(tx: &mut Tx, ctx: &Ctx, id: TeamId, version: Option<i64>) -> Result<i64> {
    let team = locked(tx, ctx, id).await?;
    fresh(&team, version)?;
    teams::delete(tx, ctx.workspace, id).await?;
    Record::of(Action::TeamDeleted)
        .subject(id)
        .before(json!({ "name": team.name, "members": team.members }))
        .save(tx, ctx)?;
    Ok(team.members)
}

/// Adds a person to a team; answers whether they were not in it yet. A deactivated person is refused
/// (rule 5).
pub async fn join(tx: &mut Tx, ctx: &Ctx, id: TeamId, person: PersonId) -> Result<bool> {
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [person]).await?;
    authority.may_administer()?;
    let team = teams::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("team"))?;
    part::join_team(&authority, &row.person)?;
    put_in(tx, ctx, &team, person).await
}

/// Adds somebody who may join to a team that is locked; answers whether they were not in it yet.
pub(crate) async fn put_in(tx: &mut Tx, ctx: &Ctx, team: &Team, person: PersonId) -> Result<bool> {
    let joined = teams::join(tx, ctx.workspace, team.id, person, ctx.now).await?;
    if joined {
        membership(tx, ctx, Action::TeamJoined, team, person)?;
    }
    Ok(joined)
}

/// Removes a person from a team; answers whether they were in it. A deactivated person's parts may be
/// removed too (rule 2).
pub async fn leave(tx: &mut Tx, ctx: &Ctx, id: TeamId, person: PersonId) -> Result<bool> {
    let load::Loaded { authority, .. } = load::locked(tx, ctx, [person]).await?;
    authority.may_administer()?;
    let team = teams::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("team"))?;
    take_out(tx, ctx, &team, person).await
}

/// Removes somebody from a team that is locked; answers whether they were in it.
pub(crate) async fn take_out(tx: &mut Tx, ctx: &Ctx, team: &Team, person: PersonId) -> Result<bool> {
    let left = teams::leave(tx, ctx.workspace, team.id, person).await?;
    if left {
        membership(tx, ctx, Action::TeamLeft, team, person)?;
    }
    Ok(left)
}

fn membership(tx: &mut Tx, ctx: &Ctx, action: Action, team: &Team, person: PersonId) -> Result<()> {
    Record::of(action).person(person).subject(team.id).after(json!({ "team": team.name })).save(tx, ctx)
}
