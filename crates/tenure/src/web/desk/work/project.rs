//! `GET /projects/{id}`: a project's items, its people, and giving them parts.

use axum::{
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    id::{PersonId, ProjectId},
    item::{ItemKind, Part},
    person::Kind,
    project::ProjectState,
};

use super::{
    asked::{Asked, At, View},
    lines::{self, Drawing},
    list::{self, Meant, Sent},
    projects::{href, project_id},
    who,
};
use crate::{
    app::App,
    error::{Error, Result},
    ops,
    store::{item_people::Holder, people, projects::Project},
    text::markdown,
    web::{
        desk::{form::Refused, frame::Frame, words},
        fields::Fields,
        flash::Flash,
        view::{
            Field, Guard, Keep, Link,
            chip::Look,
            naming::Naming,
            people::Tab,
            projects::{ProjectPage, ProjectPerson},
            shell::Place,
            work::{EmptyItems, ItemGrid, QuickAdd},
        },
    },
};

/// `GET /projects/{id}`, with a query of the list.
pub(super) async fn page(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let at = At::Project(project_id(&id)?);
    let query = query.unwrap_or_default();
    let fields = Fields::parse(query.as_bytes())?;
    match list::meant(&app, &frame, at, &fields).await? {
        Meant::Plainly => draw(&app, &frame, &Asked::read(at, &query)?, &Sent::default()).await,
        Meant::Elsewhere(href) => Ok(Redirect::to(&href).into_response()),
        Meant::Nobody(wrong) => draw(&app, &frame, &Asked::read(at, &query)?, &Sent { fields, wrong }).await,
    }
}

async fn draw(app: &App, frame: &Frame, asked: &Asked, sent: &Sent) -> Result<Response> {
    let At::Project(id) = asked.at else { return Err(Error::NotFound("project")) };
    let mut rx = app.store.reader().await?;
    let (project, holders) = ops::projects::show(&mut rx, &frame.session.ctx, id).await?;
    let read = list::read(&mut rx, frame, asked).await?;
    let users = who::users(&mut rx, frame).await?;
    drop(rx);
    let mut shell = frame.shell(Place::Projects, &project.name);
    shell.search.clone_from(&asked.query.q);
    shell.search_keeps = asked.kept_by_search();
    shell.search_in = Some((asked.at.path(), "in this project", true));
    let archived = project.state == ProjectState::Archived;
    let me = frame.session.person();
    let of = |part| holders.iter().filter(move |holder: &&Holder| holder.part == part);
    let page = ProjectPage {
        shell,
        app: asked.at.words(),
        grid: ItemGrid {
            groups: Drawing::of(frame).plain(&read.page.rows),
            tabs: tabs(asked, &project, &words::counted(read.page.count)),
            empty: empty(asked, archived),
            ..list::grid(asked, &read, sent)
        },
        quick: (!archived).then(|| quick(&project)),
        archived,
        about: markdown::render(&project.description, &|_| None),
        created: frame.times().when(project.created),
        assignees: of(Part::Assignee).map(person).collect(),
        followers: of(Part::Follower).map(person).collect(),
        followed: of(Part::Follower).any(|holder| holder.person.id == me),
        who: sent.wrong.field("who", sent.fields.get("who")),
        people: users.into_iter().map(|(_, _, email)| email).collect(),
        guard: Guard::default(),
    };
    Ok(frame.draw_as(sent.wrong.status, &page))
}

fn person(holder: &Holder) -> ProjectPerson {
    let chip = lines::chip(&holder.person, Look::Cell);
    ProjectPerson {
        id: holder.person.id.to_string(),
        chip: chip.linked(Naming::of(holder.person.kind).person(holder.person.id)),
    }
}

fn tabs(asked: &Asked, project: &Project, shown: &str) -> Vec<Tab> {
    let now = asked.view();
    View::OF_PROJECT
        .into_iter()
        .map(|view| {
            let current = now == Some(view);
            let kept = (view == View::Unfinished)
                .then(|| words::counted(crate::store::grid::Count::Exact(project.items)));
            Tab {
                label: view.label().into(),
                count: kept.or_else(|| (current && !asked.is_filtered()).then(|| shown.to_owned())),
                href: asked.but(|query| {
                    asked.clear(query);
                    view.ask(query);
                }),
                current,
                delete: None,
            }
        })
        .collect()
}

fn empty(asked: &Asked, archived: bool) -> EmptyItems {
    if asked.is_filtered() || asked.view().is_none() {
        return EmptyItems {
            title: "Nothing matches".into(),
            text: "No item of the project has all of what is searched and filtered for.".into(),
            ways: vec![Link::new("Clear search and filters", asked.at.path())],
        };
    }
    let (title, text) = match asked.view() {
        Some(View::Finished) => ("Nothing is finished yet", "An item that is done or closed stands here."),
        _ if archived => ("Nothing is open", "The project is archived: it takes no new items."),
        _ => ("Nothing is open", "Type a title above, and choose whether it is a task or a ticket."),
    };
    EmptyItems { title: title.into(), text: text.into(), ways: Vec::new() }
}

/// The line that makes an item in the project.
fn quick(project: &Project) -> QuickAdd {
    let add = |kind: ItemKind, label: &str| Link::new(label, At::Kind(kind).path());
    QuickAdd {
        kinds: vec![add(ItemKind::Task, "Add task"), add(ItemKind::Ticket, "Add ticket")],
        keeps: vec![Keep::new("back", href(project.id)), Keep::new("project", project.id.to_string())],
        hint: "New task or ticket in this project".into(),
        title: Field::default(),
    }
}

/// The part that a form names.
fn part(fields: &Fields) -> Result<Part> {
    Part::parse(fields.get("part")).ok_or_else(|| Error::field("part", "This is assignee or follower."))
}

/// Whom a form of a project is about: `person` (an id, or `me`), or `who` as it was typed.
async fn meant(app: &App, frame: &Frame, fields: &Fields, part: Part) -> Result<PersonId> {
    match fields.get("person") {
        "me" => Ok(frame.session.person()),
        "" => {
            let kinds: &[Kind] =
                if part == Part::Assignee { &[Kind::User] } else { &[Kind::User, Kind::Customer] };
            who::typed(&mut app.store.reader().await?, frame, "who", fields.get("who"), kinds).await
        }
        id => id.parse().map_err(|_| Error::NotFound("person")),
    }
}

async fn name(app: &App, frame: &Frame, id: PersonId) -> Result<String> {
    let row = people::load(&mut app.store.point().await?, frame.session.visit.workspace, id).await?;
    Ok(row.ok_or(Error::NotFound("person"))?.person.name)
}

async fn exists(app: &App, frame: &Frame, id: ProjectId) -> Result<()> {
    let ws = frame.session.visit.workspace;
    let found = crate::store::projects::load(&mut app.store.point().await?, ws, id).await?;
    found.map(|_| ()).ok_or(Error::NotFound("project"))
}

/// `POST /projects/{id}/people`, with `part`, and `who` (a name or an address) or `person`.
pub(super) async fn give(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let id = project_id(&id)?;
    exists(&app, &frame, id).await?;
    let part = part(&fields)?;
    let given = async {
        let person = meant(&app, &frame, &fields, part).await?;
        let ctx = frame.session.ctx.clone();
        let given =
            app.store.write(async move |tx| ops::projects::give(tx, &ctx, id, person, part).await).await?;
        Ok((given, name(&app, &frame, person).await?))
    };
    match given.await {
        Ok((true, name)) => {
            let done = if part == Part::Assignee { "is assigned to" } else { "follows" };
            Ok(Flash::done(format!("{name} {done} the project.")).redirect(&href(id)))
        }
        Ok((false, name)) => Ok(Flash::note(format!("{name} had this part already.")).redirect(&href(id))),
        Err(error) => {
            let wrong = Refused::of(error)?.at("who");
            draw(&app, &frame, &Asked::read(At::Project(id), "")?, &Sent { fields, wrong }).await
        }
    }
}

/// `POST /projects/{id}/people/removal`, with `part` and `person`.
pub(super) async fn take(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let id = project_id(&id)?;
    exists(&app, &frame, id).await?;
    let part = part(&fields)?;
    let person = meant(&app, &frame, &fields, part).await?;
    let ctx = frame.session.ctx.clone();
    let taken =
        app.store.write(async move |tx| ops::projects::take(tx, &ctx, id, person, part).await).await?;
    let name = name(&app, &frame, person).await?;
    let told = match (taken, part) {
        (true, Part::Assignee) => Flash::done(format!("{name} is no longer assigned to the project.")),
        (true, Part::Follower) => Flash::done(format!("{name} no longer follows the project.")),
        (false, _) => Flash::note(format!("{name} did not have this part.")),
    };
    Ok(told.redirect(&href(id)))
}
