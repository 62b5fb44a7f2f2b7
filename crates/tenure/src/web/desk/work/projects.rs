//! `GET /projects`; making a project, and changing its name and description.

use std::collections::HashMap;

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{Refusal, id::ProjectId, project::ProjectState};

use super::lines;
use crate::{
    app::App,
    error::{Error, Result},
    ops::{self, items, profile::Name, projects::Edit},
    store::{
        Rx,
        grid::Count,
        projects::{self, Place as At, Project},
    },
    text::{self, markdown},
    web::{
        desk::{
            form::{Checked, Refused},
            frame::Frame,
            words::{self, count},
        },
        fields::{Fields, QueryFields},
        flash::Flash,
        view::{
            Guard, Pager,
            chip::Look,
            dialogs::Question,
            people::Tab,
            projects::{ProjectDialog, ProjectRow, ProjectsPage},
            shell::Place,
        },
    },
};

/// How many projects a page has.
const PAGE: i64 = 50;
/// Up to how many projects are counted.
const COUNTED: i64 = 10_000;
/// How many assignees have their face in a row.
const FACES: usize = 5;
/// How much of a description stands in a row, in characters.
const BEGINNING: usize = 120;

/// The page of a project.
pub(super) fn href(id: ProjectId) -> String {
    format!("/projects/{id}")
}

/// An address of no project is as good as that of one that is gone.
pub(super) fn project_id(text: &str) -> Result<ProjectId> {
    text.parse().map_err(|_| Error::NotFound("project"))
}

/// `GET /projects`, with `state` (`archived`), `after` or `before` (a project).
pub(super) async fn page(
    State(app): State<App>,
    frame: Frame,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let state = ProjectState::parse(query.get("state")).unwrap_or(ProjectState::Active);
    let ws = frame.session.visit.workspace;
    let mut rx = app.store.reader().await?;
    let mut counts = Vec::new();
    for one in ProjectState::ALL {
        counts.push((one, Count::capped(projects::count(&mut rx, ws, one, COUNTED + 1).await?, COUNTED)));
    }
    let (found, pager) = slice(&mut rx, &frame, state, &query, &counts).await?;
    let ids: Vec<_> = found.iter().map(|project| project.id).collect();
    let mut faces = HashMap::<ProjectId, Vec<_>>::new();
    for (project, brief) in projects::assignees(&mut rx, ws, &ids).await? {
        let faces = faces.entry(project).or_default();
        if faces.len() < FACES {
            faces.push(lines::chip(&brief, Look::Face));
        }
    }
    drop(rx);
    let row = |project: Project| ProjectRow {
        faces: faces.remove(&project.id).unwrap_or_default(),
        href: href(project.id),
        note: beginning(&project.description),
        items: count(project.items, "open item", "open items"),
        name: project.name,
    };
    let page = ProjectsPage {
        shell: frame.shell(Place::Projects, Place::Projects.label()),
        tabs: counts.iter().map(|(one, count)| tab(*one, *count, state)).collect(),
        rows: found.into_iter().map(row).collect(),
        archived: state == ProjectState::Archived,
        pager,
    };
    Ok(frame.draw(&page))
}

fn tab(state: ProjectState, count: Count, now: ProjectState) -> Tab {
    let (label, href) = match state {
        ProjectState::Active => ("Active", "/projects"),
        ProjectState::Archived => ("Archived", "/projects?state=archived"),
    };
    Tab {
        label: label.into(),
        count: Some(words::counted(count)),
        href: href.into(),
        current: state == now,
        delete: None,
    }
}

/// The first words of a description, without its marks.
fn beginning(description: &str) -> String {
    let plain = markdown::plain(description, &|_| None);
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(BEGINNING) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// A page of projects by name, with the ways on.
async fn slice(
    rx: &mut Rx,
    frame: &Frame,
    state: ProjectState,
    query: &Fields,
    counts: &[(ProjectState, Count)],
) -> Result<(Vec<Project>, Pager)> {
    let ws = frame.session.visit.workspace;
    let before = place(rx, frame, query.get("before")).await?;
    let after = place(rx, frame, query.get("after")).await?;
    let first = (Vec::new(), ProjectId::from_uuid(uuid::Uuid::nil()));
    let mut back = before.is_some() && after.is_none();
    let from = before.or_else(|| after.clone()).unwrap_or_else(|| first.clone());
    let mut rows = projects::page(rx, ws, state, &from, back, PAGE + 1).await?;
    let full = |rows: &[(Project, At)]| i64::try_from(rows.len()).is_ok_and(|rows| rows > PAGE);
    if back && !full(&rows) {
        // The way back has reached the beginning: the first page, in full.
        back = false;
        rows = projects::page(rx, ws, state, &first, false, PAGE + 1).await?;
    }
    let more = full(&rows);
    if more && back {
        rows.remove(0);
    } else if more {
        rows.pop();
    }
    let (has_previous, has_next) = if back { (more, true) } else { (after.is_some(), more) };
    let archived = if state == ProjectState::Archived { "state=archived&" } else { "" };
    let link = |side: &str, row: Option<&(Project, At)>| {
        row.map(|(project, _)| format!("/projects?{archived}{side}={}", project.id))
    };
    let total = counts.iter().find(|(one, _)| *one == state).map_or(Count::Exact(0), |(_, count)| *count);
    let pager = Pager {
        summary: words::span(total, ("project", "projects"), None, 0),
        previous: if has_previous { link("before", rows.first()) } else { None },
        next: if has_next { link("after", rows.last()) } else { None },
    };
    Ok((rows.into_iter().map(|(project, _)| project).collect(), pager))
}

/// Where a project stands in the order; one that is gone stands nowhere.
async fn place(rx: &mut Rx, frame: &Frame, text: &str) -> Result<Option<At>> {
    let Ok(id) = text.parse::<ProjectId>() else { return Ok(None) };
    let found = projects::load(rx, frame.session.visit.workspace, id).await?;
    Ok(found.map(|project| (text::sort_key(&project.name), id)))
}

/// What the question about a project is about.
enum Asks {
    New,
    Edit(Project),
}

fn draw(frame: &Frame, asks: &Asks, fields: Option<&Fields>, wrong: &Refused) -> Response {
    let (title, action, cancel, button) = match asks {
        Asks::New => ("New project".into(), "/projects/new".into(), "/projects".into(), "Create the project"),
        Asks::Edit(project) => {
            (format!("Edit {}", project.name), format!("{}/edit", href(project.id)), href(project.id), "Save")
        }
    };
    let (name, description) = match (fields, asks) {
        (Some(fields), _) => (fields.get("name"), fields.get("description")),
        (None, Asks::New) => ("", ""),
        (None, Asks::Edit(project)) => (project.name.as_str(), project.description.as_str()),
    };
    let guard = match asks {
        Asks::New => Guard::default(),
        Asks::Edit(project) => Guard::default().at_version(project.version.to_string()),
    };
    let page = ProjectDialog {
        shell: frame.shell(Place::Projects, title),
        ask: Question { action, cancel, guard, error: wrong.error.clone(), ..Question::default() },
        name: wrong.field("name", name),
        description: wrong.field("description", description),
        button,
    };
    frame.draw_as(wrong.status, &page)
}

fn read(app: &App, fields: &Fields) -> Result<(Name, String)> {
    let mut checked = Checked::default();
    let name = checked.read(Name::parse(fields.get("name"), &app.config.limits))?;
    let description = checked.read(items::description(fields.get("description"), &app.config.limits))?;
    match (name, description) {
        (Some(name), Some(description)) => Ok((name, description)),
        _ => Err(checked.all()),
    }
}

/// A refusal of a name stands at the name.
fn refused(error: Error) -> Result<Refused> {
    let taken = matches!(error.refusal(), Some(Refusal::ProjectNameTaken { .. }));
    let refused = Refused::of(error)?;
    Ok(if taken { refused.at("name") } else { refused })
}

/// `GET /projects/new`.
pub(super) async fn ask_new(frame: Frame) -> Response {
    draw(&frame, &Asks::New, None, &Refused::none())
}

/// `POST /projects/new`.
pub(super) async fn create(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let made = async {
        let (name, description) = read(&app, &fields)?;
        let (ctx, called) = (frame.session.ctx.clone(), name.as_str().to_owned());
        let create = app
            .store
            .write(async move |tx| ops::projects::create(tx, &ctx, name.clone(), description.clone()).await);
        Ok((create.await?, called))
    };
    match made.await {
        Ok((id, name)) => Ok(Flash::done(format!("The project {name} is made.")).redirect(&href(id))),
        Err(error) => Ok(draw(&frame, &Asks::New, Some(&fields), &refused(error)?)),
    }
}

async fn load(app: &App, frame: &Frame, id: &str) -> Result<Project> {
    let id = project_id(id)?;
    let found = projects::load(&mut app.store.point().await?, frame.session.visit.workspace, id).await?;
    found.ok_or(Error::NotFound("project"))
}

/// `GET /projects/{id}/edit`.
pub(super) async fn ask_edit(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response> {
    let project = load(&app, &frame, &id).await?;
    Ok(draw(&frame, &Asks::Edit(project), None, &Refused::none()))
}

/// `POST /projects/{id}/edit`.
pub(super) async fn edit(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let project = load(&app, &frame, &id).await?;
    let (id, version) = (project.id, fields.version());
    let saved = async {
        let (name, description) = read(&app, &fields)?;
        let called = name.as_str().to_owned();
        let edit = Edit { name: Some(name), description: Some(description), version, ..Edit::default() };
        Ok((save(&app, &frame, id, edit).await?, called))
    };
    match saved.await {
        Ok((true, name)) => Ok(Flash::done(format!("The project {name} is saved.")).redirect(&href(id))),
        Ok((false, _)) => Ok(Flash::note("Nothing was changed.").redirect(&href(id))),
        Err(error) => Ok(draw(&frame, &Asks::Edit(project), Some(&fields), &refused(error)?)),
    }
}

/// Changes a project; answers whether anything changed.
async fn save(app: &App, frame: &Frame, id: ProjectId, edit: Edit) -> Result<bool> {
    let ctx = frame.session.ctx.clone();
    app.store.write(async move |tx| ops::projects::edit(tx, &ctx, id, edit.clone()).await).await
}

/// `POST /projects/{id}/state`, with `state` (`active`, `archived`).
pub(super) async fn set_state(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let project = load(&app, &frame, &id).await?;
    let state = ProjectState::parse(fields.get("state"))
        .ok_or_else(|| Error::field("state", "This is active or archived."))?;
    let changed = save(&app, &frame, project.id, Edit { state: Some(state), ..Edit::default() }).await?;
    let told = match (changed, state) {
        (true, ProjectState::Archived) => Flash::done(format!("{} is archived.", project.name))
            .line("Its items stay. It takes no new ones."),
        (true, ProjectState::Active) => Flash::done(format!("{} takes items again.", project.name)),
        (false, _) => Flash::note("Nothing was changed."),
    };
    Ok(told.redirect(&href(project.id)))
}
