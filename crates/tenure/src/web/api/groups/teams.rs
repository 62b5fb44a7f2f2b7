//! `/api/v1/teams`.

use axum::{
    Json,
    extract::{Path, State},
};
use domain::id::{PersonId, TeamId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    error::{Error, Result},
    ops::{profile::Name, teams as ops},
    store::teams::{self, Team},
    web::{
        api::{
            answer::{Answer, Changed, IfMatch, made, tagged},
            body::Body,
            problems::groups::{OfDeleteTeam, OfEditTeam, OfJoin, OfLeave, OfNewTeam, OfTeam, OfTeams},
            query::Query,
        },
        session::Session,
    },
};

/// A team.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Team)]
pub(in crate::web::api) struct Shown {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: TeamId,
    /// The name.
    name: String,
    /// How many users are in it, deactivated ones too.
    members: i64,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// Counts its changes: the entity tag for `If-Match`.
    version: i64,
}

impl From<Team> for Shown {
    fn from(team: Team) -> Self {
        let Team { id, name, members, created, version } = team;
        Self { id, name, members, created, version }
    }
}

/// The teams of a workspace.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Teams {
    /// The teams, by name; 1,000 at most.
    teams: Vec<Shown>,
}

/// All teams.
///
/// By name.
#[utoipa::path(
    get, path = "/api/v1/teams", operation_id = "teams", tag = "teams",
    responses((status = 200, description = "The teams.", body = Teams), OfTeams),
    security(("session" = []))
)]
pub(in crate::web::api) async fn teams(State(app): State<App>, session: Session) -> Answer<Json<Teams>> {
    let found = teams::list(&mut app.store.reader().await?, session.visit.workspace).await?;
    Ok(Json(Teams { teams: found.into_iter().map(Shown::from).collect() }))
}

/// The id in a path. What is no id at all names nothing.
fn id(text: &str) -> Result<TeamId> {
    text.parse().map_err(|_| Error::NotFound("team"))
}

async fn load(app: &App, session: &Session, id: TeamId) -> Result<Team> {
    let found = teams::load(&mut app.store.reader().await?, session.visit.workspace, id).await?;
    found.ok_or(Error::NotFound("team"))
}

async fn shown(app: &App, session: &Session, id: TeamId) -> Answer {
    let team = load(app, session, id).await?;
    Ok(tagged(team.version, Json(Shown::from(team))))
}

/// One team.
#[utoipa::path(
    get, path = "/api/v1/teams/{id}", operation_id = "team", tag = "teams",
    params(("id" = String, Path, format = Uuid, description = "The team.")),
    responses((status = 200, description = "The team, with its version as `ETag`.", body = Shown), OfTeam),
    security(("session" = []))
)]
pub(in crate::web::api) async fn team(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
) -> Answer {
    shown(&app, &session, id(&text)?).await
}

/// What a team is called.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "name": "Support" }))]
pub(in crate::web::api) struct TeamName {
    /// The name, which no other team has.
    #[schema(required)]
    name: String,
}

/// Make a team.
#[utoipa::path(
    post, path = "/api/v1/teams", operation_id = "create_team", tag = "teams",
    request_body(content = TeamName, description = "The team."),
    responses((status = 201, description = "It is made; `Location` says where it is.", body = Shown), OfNewTeam),
    security(("session" = []))
)]
pub(in crate::web::api) async fn create(
    State(app): State<App>,
    session: Session,
    query: Query,
    Body(asked): Body<TeamName>,
) -> Answer {
    query.only(&[])?;
    let (ctx, name) = (session.ctx.clone(), Name::parse(&asked.name, &app.config.limits)?);
    let id = app.store.write(async move |tx| ops::create(tx, &ctx, name.clone()).await).await?;
    Ok(made(&format!("/api/v1/teams/{id}"), shown(&app, &session, id).await?))
}

/// Rename a team.
///
/// With `If-Match` it is refused when the team has changed since that version.
#[utoipa::path(
    patch, path = "/api/v1/teams/{id}", operation_id = "edit_team", tag = "teams",
    params(
        ("id" = String, Path, format = Uuid, description = "The team."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the team that this was decided on."),
    ),
    request_body(content = TeamName, description = "The new name."),
    responses((status = 200, description = "The team as it is now.", body = Shown), OfEditTeam),
    security(("session" = []))
)]
pub(in crate::web::api) async fn edit(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    wanted: IfMatch,
    query: Query,
    Body(asked): Body<TeamName>,
) -> Answer {
    query.only(&[])?;
    let id = load(&app, &session, id(&text)?).await?.id;
    let (ctx, name) = (session.ctx.clone(), Name::parse(&asked.name, &app.config.limits)?);
    let version = wanted.version();
    let done = app.store.write(async move |tx| ops::rename(tx, &ctx, id, name.clone(), version).await);
    wanted.judge(done.await)?;
    shown(&app, &session, id).await
}

/// What deleting a team did.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct TeamDeleted {
    /// How many users were in it; they stay, without it.
    members: i64,
}

/// Delete a team.
///
/// Its members stay, without it.
#[utoipa::path(
    delete, path = "/api/v1/teams/{id}", operation_id = "delete_team", tag = "teams",
    params(
        ("id" = String, Path, format = Uuid, description = "The team."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the team that this was decided on."),
    ),
    responses((status = 200, description = "It is gone.", body = TeamDeleted), OfDeleteTeam),
    security(("session" = []))
)]
pub(in crate::web::api) async fn delete(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    wanted: IfMatch,
    query: Query,
) -> Answer<Json<TeamDeleted>> {
    query.only(&[])?;
    let (id, ctx, version) = (id(&text)?, session.ctx.clone(), wanted.version());
    let done = app.store.write(async move |tx| ops::delete(tx, &ctx, id, version).await);
    Ok(Json(TeamDeleted { members: wanted.judge(done.await)? }))
}

/// Add a user to a team.
#[utoipa::path(
    put, path = "/api/v1/teams/{id}/members/{person}", operation_id = "join_team", tag = "teams",
    params(
        ("id" = String, Path, format = Uuid, description = "The team."),
        ("person" = String, Path, format = Uuid, description = "The user."),
    ),
    responses((status = 200, description = "They are in it.", body = Changed), OfJoin),
    security(("session" = []))
)]
pub(in crate::web::api) async fn join(
    State(app): State<App>,
    session: Session,
    Path((team, person)): Path<(String, String)>,
    query: Query,
) -> Answer {
    query.only(&[])?;
    let (team, person) = member(&app, &session, (&team, &person)).await?;
    let ctx = session.ctx.clone();
    let done = app.store.write(async move |tx| ops::join(tx, &ctx, team, person).await).await?;
    Ok(Changed::answer(done))
}

/// Take a user out of a team.
///
/// A deactivated one, too.
#[utoipa::path(
    delete, path = "/api/v1/teams/{id}/members/{person}", operation_id = "leave_team", tag = "teams",
    params(
        ("id" = String, Path, format = Uuid, description = "The team."),
        ("person" = String, Path, format = Uuid, description = "The user."),
    ),
    responses((status = 200, description = "They are not in it.", body = Changed), OfLeave),
    security(("session" = []))
)]
pub(in crate::web::api) async fn leave(
    State(app): State<App>,
    session: Session,
    Path((team, person)): Path<(String, String)>,
    query: Query,
) -> Answer {
    query.only(&[])?;
    let (team, person) = member(&app, &session, (&team, &person)).await?;
    let ctx = session.ctx.clone();
    let done = app.store.write(async move |tx| ops::leave(tx, &ctx, team, person).await).await?;
    Ok(Changed::answer(done))
}

/// The team and the person that a path names; the team first.
async fn member(app: &App, session: &Session, (team, person): (&str, &str)) -> Result<(TeamId, PersonId)> {
    let team = load(app, session, id(team)?).await?;
    Ok((team.id, person.parse().map_err(|_| Error::NotFound("person"))?))
}
