//! `/api/v1/projects`: what items are gathered in, and who is assigned to it.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, State},
};
use domain::{
    id::{PersonId, ProjectId},
    item::Part,
    project::ProjectState,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::talk::{limit, no_cursor};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{items::description, profile::Name, projects as ops},
    store::{
        grid::{COUNTED, Count},
        projects::{self, Project},
    },
    web::{
        api::{
            answer::{Answer, Changed, IfMatch, Who, given, made, tagged},
            body::Body,
            people::Counted,
            problems::work::{OfEditProject, OfList, OfNewProject, OfProject, OfProjectPart},
            query::{Query, invalid},
        },
        failure::Wrong,
        session::Session,
    },
};

/// A project.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Project)]
pub(in crate::web::api) struct Shown {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: ProjectId,
    /// The name.
    name: String,
    /// What it is about, in Markdown.
    description: String,
    /// Whether it takes items.
    #[schema(value_type = String, pattern = "^(active|archived)$", example = "active")]
    state: ProjectState,
    /// How many unfinished items are in it.
    items: i64,
    /// Who is assigned, by name.
    assignees: Vec<Who>,
    /// Who follows it, by name; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    followers: Option<Vec<Who>>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// Counts its changes: the entity tag for `If-Match`.
    version: i64,
}

impl Shown {
    fn of(project: Project, assignees: Vec<Who>, followers: Option<Vec<Who>>) -> Self {
        Self {
            id: project.id,
            name: project.name,
            description: project.description,
            state: project.state,
            items: project.items,
            assignees,
            followers,
            created: project.created,
            version: project.version,
        }
    }
}

/// A page of projects.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name in the JSON")]
pub(in crate::web::api) struct Projects {
    /// The projects, by name.
    projects: Vec<Shown>,
    /// How many there are in this state, on all pages.
    count: Counted,
    /// The `after` of the page that follows; null on the last.
    next: Option<String>,
}

/// Projects, page by page.
///
/// By name.
#[utoipa::path(
    get, path = "/api/v1/projects", operation_id = "projects", tag = "projects",
    params(
        ("state" = Option<String>, Query, pattern = "^(active|archived)?$", description = "`active` or `archived`; active ones when it is not given."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many projects a page has; 50 when it is not given."),
    ),
    responses((status = 200, description = "A page of projects.", body = Projects), OfList),
    security(("session" = []))
)]
pub(in crate::web::api) async fn projects(
    State(app): State<App>,
    session: Session,
    query: Query,
) -> Answer<Json<Projects>> {
    query.only(&["state", "after", "limit"])?;
    let state = ProjectState::parse(query.get("state").unwrap_or("active"));
    let state =
        state.ok_or_else(|| invalid(vec![Wrong::parameter("state", "This is active or archived.")]))?;
    let (limit, ws) = (limit(&query)?, session.visit.workspace);
    let mut rx = app.store.reader().await?;
    let from = match query.get("after").filter(|text| !text.is_empty()) {
        None => (Vec::new(), ProjectId::from_uuid(uuid::Uuid::nil())),
        Some(text) => {
            let id: ProjectId = text.parse().map_err(|_| no_cursor())?;
            let before = projects::load(&mut rx, ws, id).await?.ok_or_else(no_cursor)?;
            (crate::text::sort_key(&before.name), id)
        }
    };
    let mut rows = projects::page(&mut rx, ws, state, &from, false, limit + 1).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|rows| rows > limit);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|(project, _)| project.id.to_string());
    let ids: Vec<ProjectId> = rows.iter().map(|(project, _)| project.id).collect();
    let mut assigned = HashMap::<ProjectId, Vec<Who>>::new();
    for (id, brief) in projects::assignees(&mut rx, ws, &ids).await? {
        assigned.entry(id).or_default().push(Who::from(&brief));
    }
    let count = Count::capped(projects::count(&mut rx, ws, state, COUNTED + 1).await?, COUNTED);
    let shown = |(project, _): (Project, projects::Place)| {
        let assignees = assigned.remove(&project.id).unwrap_or_default();
        Shown::of(project, assignees, None)
    };
    Ok(Json(Projects { projects: rows.into_iter().map(shown).collect(), count: count.into(), next }))
}

/// The id in a path. What is no id at all names nothing.
fn id(text: &str) -> Result<ProjectId> {
    text.parse().map_err(|_| Error::NotFound("project"))
}

/// A project as it is now, with its entity tag.
async fn shown(app: &App, session: &Session, id: ProjectId) -> Answer {
    let mut rx = app.store.reader().await?;
    let (project, people) = ops::show(&mut rx, &session.ctx, id).await?;
    let of = |part: Part| {
        Who::each(people.iter().filter(|holder| holder.part == part).map(|holder| &holder.person))
    };
    let (assignees, followers) = (of(Part::Assignee), of(Part::Follower));
    Ok(tagged(project.version, Json(Shown::of(project, assignees, Some(followers)))))
}

/// One project.
#[utoipa::path(
    get, path = "/api/v1/projects/{id}", operation_id = "project", tag = "projects",
    params(("id" = String, Path, format = Uuid, description = "The project.")),
    responses((status = 200, description = "The project, with its version as `ETag`.", body = Shown), OfProject),
    security(("session" = []))
)]
pub(in crate::web::api) async fn project(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
) -> Answer {
    shown(&app, &session, id(&text)?).await
}

/// A new project.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "name": "Move to the new office", "description": "Before June." }))]
pub(in crate::web::api) struct NewProject {
    /// The name, which no other project has.
    #[schema(required)]
    name: String,
    /// What it is about, in Markdown.
    description: String,
}

/// Make a project.
#[utoipa::path(
    post, path = "/api/v1/projects", operation_id = "create_project", tag = "projects",
    request_body(content = NewProject, description = "The project."),
    responses((status = 201, description = "It is made; `Location` says where it is.", body = Shown), OfNewProject),
    security(("session" = []))
)]
pub(in crate::web::api) async fn create(
    State(app): State<App>,
    session: Session,
    query: Query,
    Body(asked): Body<NewProject>,
) -> Answer {
    query.only(&[])?;
    let limits = &app.config.limits;
    let (name, about) = (Name::parse(&asked.name, limits)?, description(&asked.description, limits)?);
    let ctx = session.ctx.clone();
    let write = app.store.write(async move |tx| ops::create(tx, &ctx, name.clone(), about.clone()).await);
    let id = write.await?;
    Ok(made(&format!("/api/v1/projects/{id}"), shown(&app, &session, id).await?))
}

/// What is to be changed of a project; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "state": "archived" }))]
pub(in crate::web::api) struct EditProject {
    /// The name.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    name: Option<String>,
    /// What it is about, in Markdown.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    description: Option<String>,
    /// An archived project keeps its items and takes no new ones.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String, pattern = "^(active|archived)$")]
    state: Option<ProjectState>,
}

/// Change a project, archive it, or bring it back.
///
/// With `If-Match` it is refused when the project has changed since that version.
#[utoipa::path(
    patch, path = "/api/v1/projects/{id}", operation_id = "edit_project", tag = "projects",
    params(
        ("id" = String, Path, format = Uuid, description = "The project."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the project that this was decided on."),
    ),
    request_body(content = EditProject, description = "What is to be different."),
    responses((status = 200, description = "The project as it is now.", body = Shown), OfEditProject),
    security(("session" = []))
)]
pub(in crate::web::api) async fn edit(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    wanted: IfMatch,
    query: Query,
    Body(asked): Body<EditProject>,
) -> Answer {
    query.only(&[])?;
    let (id, limits) = (id(&text)?, &app.config.limits);
    let name = asked.name.map(|name| Name::parse(&name, limits)).transpose()?;
    let about = asked.description.map(|text| description(&text, limits)).transpose()?;
    let ctx = session.ctx.clone();
    let done = app.store.write(async move |tx| {
        let (name, description) = (name.clone(), about.clone());
        let edit = ops::Edit { name, description, state: asked.state, version: wanted.version() };
        ops::edit(tx, &ctx, id, edit).await
    });
    wanted.judge(done.await)?;
    shown(&app, &session, id).await
}

macro_rules! part_routes {
    ($($(#[doc = $doc:literal])* $name:ident = $method:ident $op:ident $part:ident, $path:literal, $id:literal, $done:literal;)*) => {$(
        $(#[doc = $doc])*
        #[utoipa::path(
            $method, path = $path, operation_id = $id, tag = "projects",
            params(
                ("id" = String, Path, format = Uuid, description = "The project."),
                ("person" = String, Path, format = Uuid, description = "Who."),
            ),
            responses((status = 200, description = $done, body = Changed), OfProjectPart),
            security(("session" = []))
        )]
        pub(in crate::web::api) async fn $name(
            State(app): State<App>,
            session: Session,
            Path((text, person)): Path<(String, String)>,
            query: Query,
        ) -> Answer {
            query.only(&[])?;
            let id = id(&text)?;
            // The project first: who may be meant is asked of one that is there.
            ops::show(&mut app.store.reader().await?, &session.ctx, id).await?;
            let person: PersonId = person.parse().map_err(|_| Error::NotFound("person"))?;
            let ctx = session.ctx.clone();
            let done = app.store.write(async move |tx| ops::$op(tx, &ctx, id, person, Part::$part).await).await?;
            Ok(Changed::answer(done))
        }
    )*};
}

part_routes! {
    /// Assign a user to a project.
    assign = put give Assignee, "/api/v1/projects/{id}/assignees/{person}", "assign_to_project", "They are assigned.";
    /// Take a user off a project.
    unassign = delete take Assignee, "/api/v1/projects/{id}/assignees/{person}", "unassign_from_project", "They are not assigned.";
    /// Make a person a follower of a project.
    follow = put give Follower, "/api/v1/projects/{id}/followers/{person}", "follow_project", "They follow it.";
    /// Make a person no follower of a project.
    unfollow = delete take Follower, "/api/v1/projects/{id}/followers/{person}", "unfollow_project", "They do not follow it.";
}
