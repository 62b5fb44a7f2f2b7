//! `/teams`: the teams, and one team with its members.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    Refusal,
    id::{GroupId, PersonId, TeamId},
    person::StatusWord,
};

use super::{
    find,
    form::Refused,
    frame::{Frame, picture, role},
    words::count,
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{self, profile::Name},
    store::{
        Rx,
        grid::BuiltinView,
        people,
        teams::{self, Member, Team},
    },
    web::{
        fields::{Fields, QueryFields},
        flash::Flash,
        routes::Routes,
        session::Access::Administrator,
        view::{
            Field, Guard, Pager,
            chip::{Chip, Look},
            dialogs::{ConfirmDialog, Question},
            naming::USERS,
            shell::Place,
            teams::{CreateGroup, EditTeam, GroupRow, GroupsPage, MemberRow, TeamPage},
        },
    },
};

/// How many members a page has.
const MEMBERS: usize = 50;
/// How many faces stand beside a team in the list, and in how many rows at most: each row is a read.
const FACES: i64 = 5;
const FACED_TEAMS: usize = 50;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/teams", Administrator, list)
        .post("/teams", Administrator, create)
        .get("/teams/{id}", Administrator, show)
        .post("/teams/{id}", Administrator, rename)
        .post("/teams/{id}/members", Administrator, add)
        .post("/teams/{id}/members/{person}/removal", Administrator, remove)
        .get("/teams/{id}/deletion", Administrator, ask_deletion)
        .post("/teams/{id}/deletion", Administrator, delete)
}

/// An address of no team is as good as that of a team that is gone.
fn team_id(text: &str) -> Result<TeamId> {
    text.parse().map_err(|_| Error::NotFound("team"))
}

async fn load(rx: &mut Rx, frame: &Frame, id: TeamId) -> Result<Team> {
    teams::load(rx, frame.session.visit.workspace, id).await?.ok_or(Error::NotFound("team"))
}

fn href(id: TeamId) -> String {
    format!("/teams/{id}")
}

fn chip(member: &Member, look: Look) -> Chip {
    Chip::new(member.person.uuid(), &member.name)
        .with_picture(picture(member.person, member.picture.as_deref()))
        .deactivated(member.status == StatusWord::Deactivated)
        .looking(look)
}

/// `GET /teams`.
async fn list(State(app): State<App>, frame: Frame) -> Result<Response> {
    draw_list(&app, &frame, StatusCode::OK, Field::default()).await
}

async fn draw_list(app: &App, frame: &Frame, status: StatusCode, name: Field) -> Result<Response> {
    let ws = frame.session.visit.workspace;
    let mut rx = app.store.reader().await?;
    let all = teams::list(&mut rx, ws).await?;
    let mut rows = Vec::with_capacity(all.len());
    for team in &all {
        let faces = if all.len() <= FACED_TEAMS {
            teams::members(&mut rx, ws, team.id, None, FACES).await?
        } else {
            Vec::new()
        };
        rows.push(GroupRow {
            name: team.name.clone(),
            href: href(team.id),
            members: count(team.members, "member", "members"),
            note: String::new(),
            faces: faces.iter().map(|member| chip(member, Look::Face)).collect(),
        });
    }
    drop(rx);
    let create = Some(CreateGroup { name, ..CreateGroup::default() });
    let page = GroupsPage {
        shell: frame.shell(Place::Teams, "Teams"),
        app: USERS,
        rows,
        create,
        ..GroupsPage::default()
    };
    Ok(frame.draw_as(status, &page))
}

/// A refusal of a name stands at the name.
fn name_refused(error: Error) -> Result<Refused> {
    let taken = matches!(error.refusal(), Some(Refusal::TeamNameTaken { .. }));
    let refused = Refused::of(error)?;
    Ok(if taken { refused.at("name") } else { refused })
}

/// `POST /teams`.
async fn create(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let made = async {
        let name = Name::parse(fields.get("name"), &app.config.limits)?;
        let (ctx, called) = (frame.session.ctx.clone(), name.as_str().to_owned());
        let id = app.store.write(async move |tx| ops::teams::create(tx, &ctx, name.clone()).await).await?;
        Ok((id, called))
    };
    match made.await {
        Ok((id, name)) => Ok(Flash::done(format!("The team {name} is made.")).redirect(&href(id))),
        Err(error) => {
            let refused = name_refused(error)?;
            let name = refused.field("name", fields.get("name"));
            draw_list(&app, &frame, refused.status, name).await
        }
    }
}

/// What of a team's page depends on the request.
#[derive(Default)]
struct Asked {
    status: StatusCode,
    query: Fields,
    /// The name as typed, when it was refused.
    name: Option<Field>,
    /// Why somebody was not added.
    error: Option<String>,
}

/// `GET /teams/{id}`, with `q` (who is searched for), `after` or `before` (a member).
async fn show(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    draw_team(&app, &frame, team_id(&id)?, Asked { query, ..Asked::default() }).await
}

async fn draw_team(app: &App, frame: &Frame, id: TeamId, asked: Asked) -> Result<Response> {
    let ws = frame.session.visit.workspace;
    let mut rx = app.store.reader().await?;
    let team = load(&mut rx, frame, id).await?;
    let deactivated = teams::deactivated(&mut rx, ws, id).await?;
    let (members, previous, next) = members(&mut rx, frame, id, &asked.query).await?;
    drop(rx);
    let all = count(team.members, "member", "members");
    let summary = match deactivated {
        0 => all.clone(),
        some => format!("{all}, {} deactivated", crate::web::view::number(some.unsigned_abs())),
    };
    let shown =
        if previous.is_some() || next.is_some() { format!("{} of {all}", members.len()) } else { all };
    let page = TeamPage {
        shell: frame.shell(Place::Teams, &team.name),
        href: href(id),
        summary,
        members: members.iter().map(|member| row(id, member)).collect(),
        pager: Pager { summary: shown, previous, next },
        edit: Some(edit(app, frame, &team, &asked).await?),
    };
    Ok(frame.draw_as(asked.status, &page))
}

fn row(team: TeamId, member: &Member) -> MemberRow {
    MemberRow {
        remove: format!("{}/members/{}/removal", href(team), member.person),
        chip: chip(member, Look::Row).linked(format!("/users/{}", member.person)),
        email: member.email.clone(),
        role: role(member.role).into(),
    }
}

/// A page of members, and the addresses of the pages around it.
async fn members(
    rx: &mut Rx,
    frame: &Frame,
    id: TeamId,
    query: &Fields,
) -> Result<(Vec<Member>, Option<String>, Option<String>)> {
    let ws = frame.session.visit.workspace;
    let one_more = i64::try_from(MEMBERS + 1).unwrap_or(i64::MAX);
    let before = place(rx, frame, query.get("before")).await?;
    let after = place(rx, frame, query.get("after")).await?;
    if let Some((sort, person)) = &before {
        let mut rows = teams::members_before(rx, ws, id, (sort, *person), one_more).await?;
        if rows.len() > MEMBERS {
            rows.remove(0);
            let first = rows.first().map(|member| member.person);
            return Ok((
                rows,
                link(id, "before", first),
                link(id, "after", Some(*person)).or_else(|| Some(href(id))),
            ));
        }
        // The way back has reached the first page, which is drawn in full.
    }
    let after = if before.is_some() { None } else { after };
    let from = after.as_ref().map(|(sort, person)| (sort.as_slice(), *person));
    let mut rows = teams::members(rx, ws, id, from, one_more).await?;
    let more = rows.len() > MEMBERS;
    rows.truncate(MEMBERS);
    let next = if more { link(id, "after", rows.last().map(|member| member.person)) } else { None };
    let previous = match (&after, rows.first()) {
        (None, _) => None,
        (Some(_), Some(first)) => link(id, "before", Some(first.person)),
        (Some(_), None) => Some(href(id)),
    };
    Ok((rows, previous, next))
}

fn link(id: TeamId, side: &str, person: Option<PersonId>) -> Option<String> {
    person.map(|person| format!("{}?{side}={person}", href(id)))
}

/// Where a member stands in the order; somebody who is gone stands nowhere, and the first page is drawn.
async fn place(rx: &mut Rx, frame: &Frame, text: &str) -> Result<Option<(Vec<u8>, PersonId)>> {
    let Ok(id) = text.parse::<PersonId>() else { return Ok(None) };
    let row = people::load(rx, frame.session.visit.workspace, id).await?;
    Ok(row.map(|row| (crate::text::sort_key(&row.person.name), id)))
}

/// What an administrator can do with a team; whom the search found that may be added (rule 5).
async fn edit(app: &App, frame: &Frame, team: &Team, asked: &Asked) -> Result<EditTeam> {
    let search = asked.query.get("q").trim().to_owned();
    let found = if search.is_empty() {
        Vec::new()
    } else {
        let views = [BuiltinView::Active, BuiltinView::Invited];
        let mut found = find::users(app, frame, &search, &views).await?;
        found.retain(|row| !row.groups.iter().any(|(id, _)| *id == GroupId::from(team.id)));
        found.truncate(find::OFFERED);
        found
    };
    Ok(EditTeam {
        remove_guard: Guard::default(),
        rename_guard: Guard::default().at_version(team.version.to_string()),
        name: asked.name.clone().unwrap_or_else(|| Field::new(&team.name)),
        delete: format!("{}/deletion", href(team.id)),
        add_guard: Guard::default(),
        error: asked.error.clone(),
        search,
        found: found.iter().map(|row| find::candidate(frame, row, "")).collect(),
    })
}

/// `POST /teams/{id}`: another name.
async fn rename(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let id = team_id(&id)?;
    let renamed = async {
        let name = Name::parse(fields.get("name"), &app.config.limits)?;
        let (ctx, version) = (frame.session.ctx.clone(), fields.version());
        let called = name.as_str().to_owned();
        app.store
            .write(async move |tx| ops::teams::rename(tx, &ctx, id, name.clone(), version).await)
            .await?;
        Ok(called)
    };
    match renamed.await {
        Ok(name) => Ok(Flash::done(format!("The team is called {name} now.")).redirect(&href(id))),
        Err(error) => {
            let refused = name_refused(error)?.at("name");
            let name = Some(refused.field("name", fields.get("name")));
            let asked = Asked { status: refused.status, name, ..Asked::default() };
            draw_team(&app, &frame, id, asked).await
        }
    }
}

/// What a person and a team are called, for what is told.
async fn names(app: &App, frame: &Frame, team: TeamId, person: PersonId) -> Result<(String, String)> {
    let mut rx = app.store.reader().await?;
    let team = load(&mut rx, frame, team).await?;
    let row = people::load(&mut rx, frame.session.visit.workspace, person).await?;
    Ok((row.ok_or(Error::NotFound("person"))?.person.name, team.name))
}

/// `POST /teams/{id}/members`, with `person`.
async fn add(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let id = team_id(&id)?;
    let person: PersonId = fields.get("person").parse().map_err(|_| Error::NotFound("person"))?;
    let ctx = frame.session.ctx.clone();
    match app.store.write(async move |tx| ops::teams::join(tx, &ctx, id, person).await).await {
        Ok(joined) => {
            let (name, team) = names(&app, &frame, id, person).await?;
            let told = if joined {
                Flash::done(format!("{name} is in {team} now."))
            } else {
                Flash::note(format!("{name} was in {team} already."))
            };
            Ok(told.redirect(&href(id)))
        }
        Err(error) => {
            let refused = Refused::of(error)?;
            let asked = Asked { status: refused.status, error: refused.error, ..Asked::default() };
            draw_team(&app, &frame, id, asked).await
        }
    }
}

/// `POST /teams/{id}/members/{person}/removal`.
async fn remove(
    State(app): State<App>,
    frame: Frame,
    Path((id, person)): Path<(String, String)>,
) -> Result<Response> {
    let id = team_id(&id)?;
    let person: PersonId = person.parse().map_err(|_| Error::NotFound("person"))?;
    let ctx = frame.session.ctx.clone();
    let left = app.store.write(async move |tx| ops::teams::leave(tx, &ctx, id, person).await).await?;
    let (name, team) = names(&app, &frame, id, person).await?;
    let told = if left {
        Flash::done(format!("{name} is no longer in {team}."))
    } else {
        Flash::note(format!("{name} was not in {team}."))
    };
    Ok(told.redirect(&href(id)))
}

/// `GET /teams/{id}/deletion`.
async fn ask_deletion(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    draw_deletion(&app, &frame, team_id(&id)?, StatusCode::OK, None).await
}

async fn draw_deletion(
    app: &App,
    frame: &Frame,
    id: TeamId,
    status: StatusCode,
    error: Option<String>,
) -> Result<Response> {
    let mut rx = app.store.reader().await?;
    let team = load(&mut rx, frame, id).await?;
    let deactivated = teams::deactivated(&mut rx, frame.session.visit.workspace, id).await?;
    drop(rx);
    let mut effects = vec![match team.members {
        0 => "Nobody is in it.".to_owned(),
        1 => "Its one member stays a user, and is no longer in it.".to_owned(),
        many => format!("Its {} stay users, and are no longer in it.", count(many, "member", "members")),
    }];
    if deactivated > 0 {
        effects.push(format!(
            "{} among them: activated again, they come back without this team.",
            count(deactivated, "deactivated person is", "deactivated people are")
        ));
    }
    let page = ConfirmDialog {
        shell: frame.shell(Place::Teams, format!("Delete the team {}?", team.name)),
        ask: Question {
            action: format!("{}/deletion", href(id)),
            cancel: href(id),
            guard: Guard::default().at_version(team.version.to_string()),
            error,
            ..Question::default()
        },
        effects,
        button: "Delete the team".into(),
        is_final: true,
    };
    Ok(frame.draw_as(status, &page))
}

/// `POST /teams/{id}/deletion`.
async fn delete(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let id = team_id(&id)?;
    let name = load(&mut app.store.point().await?, &frame, id).await?.name;
    let (ctx, version) = (frame.session.ctx.clone(), fields.version());
    match app.store.write(async move |tx| ops::teams::delete(tx, &ctx, id, version).await).await {
        Ok(members) => {
            let left =
                count(members, "member was in it and stays a user.", "members were in it and stay users.");
            Ok(Flash::done(format!("The team {name} is deleted.")).line(left).redirect("/teams"))
        }
        Err(error) => {
            let refused = Refused::of(error)?;
            draw_deletion(&app, &frame, id, refused.status, refused.above(&[])).await
        }
    }
}
