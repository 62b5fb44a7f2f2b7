//! Projects: create, edit, archive; who is assigned to them and who follows them.

use domain::{
    Refusal,
    audit::Action,
    id::{PersonId, ProjectId},
    item::{self, Part},
    lifecycle::Outcome,
    part,
    project::{self, ProjectState},
};
use serde_json::json;

use super::{
    history::{CREATED, History},
    load,
    profile::Name,
    record::Record,
};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    store::{
        Rx, Tx,
        item_people::Holder,
        projects::{self, Project},
        teams::GroupTexts,
    },
    text,
};

/// What is to be changed; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// The name.
    pub name: Option<Name>,
    /// What it is about; cleaned by [`super::items::description`].
    pub description: Option<String>,
    /// Active or archived.
    pub state: Option<ProjectState>,
    /// The version that the form was made from; stale when it has changed.
    pub version: Option<i64>,
}

fn texts(name: &str) -> GroupTexts {
    GroupTexts { name_key: text::fold(name), name_sort: text::sort_key(name) }
}

async fn name_free(tx: &mut Tx, ctx: &Ctx, texts: &GroupTexts, but: Option<ProjectId>) -> Result<()> {
    match projects::by_name(tx, ctx.workspace, &texts.name_key).await? {
        Some(other) if Some(other.id) != but => Err(Refusal::ProjectNameTaken { project: other.id }.into()),
        _ => Ok(()),
    }
}

/// The winner of a race for one name is whoever the unique index let through.
fn taken(error: Error) -> Error {
    match error {
        Error::Store(store) if store.is_unique() => {
            Error::field("name", "A project of this name was made just now.")
        }
        error => error,
    }
}

/// Creates a project.
pub async fn create(tx: &mut Tx, ctx: &Ctx, name: Name, description: String) -> Result<ProjectId> {
    let authority = load::actor(tx, ctx).await?;
    item::may_work(&authority)?;
    let texts = texts(name.as_str());
    name_free(tx, ctx, &texts, None).await?;
    let project = Project {
        id: ctx.id(),
        name: name.into_string(),
        description,
        state: ProjectState::Active,
        items: 0,
        created: ctx.now,
        version: 1,
    };
    projects::insert(tx, ctx.workspace, &project, &texts).await.map_err(taken)?;
    History::of(ctx, &authority, project.id.uuid()).note(tx, CREATED, "", &project.name)?;
    Record::of(Action::ProjectCreated)
        .subject(project.id)
        .after(json!({ "name": project.name }))
        .save(tx, ctx)?;
    Ok(project.id)
}

/// Changes name, description and state; answers whether anything changed. The items of an archived project stay.
pub async fn edit(tx: &mut Tx, ctx: &Ctx, id: ProjectId, input: Edit) -> Result<bool> {
    let authority = load::actor(tx, ctx).await?;
    item::may_work(&authority)?;
    let was = projects::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("project"))?;
    if input.version.is_some_and(|version| version != was.version) {
        return Err(Error::Stale);
    }
    let mut is = was.clone();
    if let Some(name) = input.name {
        is.name = name.into_string();
    }
    if let Some(description) = input.description {
        is.description = description;
    }
    if let Some(state) = input.state
        && let Outcome::Changed(state) = project::set_state(&authority, was.state, state)?
    {
        is.state = state;
    }
    if is == was {
        return Ok(false);
    }
    let texts = texts(&is.name);
    name_free(tx, ctx, &texts, Some(id)).await?;
    projects::save(tx, ctx.workspace, &is, &texts).await.map_err(taken)?;
    let history = History::of(ctx, &authority, id.uuid());
    let renamed = history.compare(tx, "name", (&was.name, &is.name), Clone::clone)?;
    let described = history.compare(tx, "description", (&was.description, &is.description), Clone::clone)?;
    let moved = history.compare(tx, "state", (&was.state, &is.state), |state| state.word().into())?;
    if renamed || described {
        Record::of(Action::ProjectChanged)
            .subject(id)
            .before(json!({ "name": was.name }))
            .after(json!({ "name": is.name, "described": described }))
            .save(tx, ctx)?;
    }
    if moved {
        let action = match is.state {
            ProjectState::Archived => Action::ProjectArchived,
            ProjectState::Active => Action::ProjectRestored,
        };
        Record::of(action).subject(id).after(json!({ "name": is.name })).save(tx, ctx)?;
    }
    Ok(true)
}

/// Assigns somebody to a project, or makes them a follower; answers whether they were not yet (rule 5).
pub async fn give(tx: &mut Tx, ctx: &Ctx, id: ProjectId, person: PersonId, part: Part) -> Result<bool> {
    let (authority, people) = load::held(tx, ctx, &[person]).await?;
    item::may_work(&authority)?;
    projects::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("project"))?;
    for target in &people {
        part::give(&authority, &target.person, part)?;
    }
    let given = projects::give(tx, ctx.workspace, id, person, part, ctx.now).await?;
    if given {
        History::of(ctx, &authority, id.uuid()).note(tx, part.word(), "", person)?;
    }
    Ok(given)
}

/// Takes a part in a project away; answers whether they had it (rule 2: from a deactivated person, too).
pub async fn take(tx: &mut Tx, ctx: &Ctx, id: ProjectId, person: PersonId, part: Part) -> Result<bool> {
    let (authority, people) = load::held(tx, ctx, &[person]).await?;
    item::may_work(&authority)?;
    projects::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("project"))?;
    for target in &people {
        part::take(&authority, &target.person, part)?;
    }
    let taken = projects::take(tx, ctx.workspace, id, person, part).await?;
    if taken {
        History::of(ctx, &authority, id.uuid()).note(tx, part.word(), person, "")?;
    }
    Ok(taken)
}

/// A project with its people, for users.
pub async fn show(rx: &mut Rx, ctx: &Ctx, id: ProjectId) -> Result<(Project, Vec<Holder>)> {
    let (authority, _) = load::seen(rx, ctx, &[]).await?;
    item::may_work(&authority)?;
    let project = projects::load(rx, ctx.workspace, id).await?.ok_or(Error::NotFound("project"))?;
    let people = projects::people(rx, ctx.workspace, id).await?;
    Ok((project, people))
}

/// The project of this name or id.
pub async fn named(rx: &mut Rx, ctx: &Ctx, named: &str) -> Result<Project> {
    let found = match named.parse::<ProjectId>() {
        Ok(id) => projects::load(rx, ctx.workspace, id).await?,
        Err(_) => projects::by_name(rx, ctx.workspace, &text::fold(named)).await?,
    };
    found.ok_or_else(|| Error::field("project", format!("There is no project {named}.")))
}
