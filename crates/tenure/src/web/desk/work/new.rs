//! `GET /tickets/new`, `GET /tasks/new`: a new item with all that is known of it.

use axum::{extract::State, response::Response};
use domain::{
    id::PersonId,
    item::{ItemKind, Priority},
    person::Kind,
};
use jiff::civil::Date;

use super::{Of, filter, list, who};
use crate::{
    app::App,
    error::{Error, Result},
    ops::items::{self, Input, Tags, Title},
    store::items as stored,
    web::{
        desk::{
            form::{Checked, Refused},
            frame::Frame,
        },
        fields::{Fields, QueryFields},
        view::{Choice, Keep, dialogs::Question, shell::Place, work::NewItemDialog},
    },
};

/// `GET /tickets/new`, with `project` and `back`.
pub(super) async fn page(
    State(app): State<App>,
    frame: Frame,
    Of(kind): Of,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    draw(&app, &frame, kind, &query, &Refused::none()).await
}

async fn draw(app: &App, frame: &Frame, kind: ItemKind, typed: &Fields, wrong: &Refused) -> Result<Response> {
    let mut rx = app.store.reader().await?;
    let users = who::users(&mut rx, frame).await?;
    let projects = filter::active_projects(&mut rx, frame).await?;
    let tags = stored::tags_beginning(&mut rx, frame.session.visit.workspace, "").await?;
    drop(rx);
    let word = kind.word();
    let chosen = typed.get("project");
    let mut choices = vec![Choice::new("", "None", chosen.is_empty())];
    choices.extend(
        projects.iter().map(|(id, name)| Choice::new(id.to_string(), name, id.to_string() == chosen)),
    );
    let urgency = Priority::parse(typed.get("priority")).unwrap_or(Priority::Normal);
    let priorities = Priority::ALL.iter();
    let back = list::back(typed.get("back"), kind);
    let field = |name: &'static str| wrong.field(name, typed.get(name));
    let page = NewItemDialog {
        shell: frame.shell(Place::of_items(kind), format!("New {word}")),
        ask: Question {
            action: format!("{}/new", super::asked::At::Kind(kind).path()),
            cancel: back.clone(),
            error: wrong.above(&["project", "people", "priority"]),
            ..Question::default()
        },
        keeps: vec![Keep::new("back", back)],
        title: field("title"),
        description: field("description"),
        projects: choices,
        priorities: priorities.map(|one| Choice::new(one.word(), one.title(), urgency == *one)).collect(),
        due: field("due"),
        assigned_to: field("assigned_to"),
        people: users.into_iter().map(|(_, _, email)| email).collect(),
        requested_by: field("requested_by"),
        tags: field("tags"),
        known_tags: tags.into_iter().map(|(name, _)| name).collect(),
        button: format!("Create the {word}"),
    };
    Ok(frame.draw_as(wrong.status, &page))
}

/// `POST /tickets/new`, `POST /tasks/new`.
pub(super) async fn submit(
    State(app): State<App>,
    frame: Frame,
    Of(kind): Of,
    fields: Fields,
) -> Result<Response> {
    let made = async {
        let input = read(&app, &frame, kind, &fields).await?;
        list::made(&app, &frame, input).await
    };
    match made.await {
        Ok((_, number, title)) => {
            Ok(list::told(kind, number, &title).redirect(&list::back(fields.get("back"), kind)))
        }
        Err(Error::NotFound("project")) => {
            let wrong = Refused::wrong("project", "This project is gone. Choose another.");
            draw(&app, &frame, kind, &fields, &wrong).await
        }
        Err(error) => draw(&app, &frame, kind, &fields, &Refused::of(error)?).await,
    }
}

/// A date as date fields send it.
pub(super) fn date(field: &'static str, typed: &str) -> Result<Option<Date>> {
    match typed.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Error::field(field, "Enter a date as in 2026-03-31.")),
    }
}

async fn read(app: &App, frame: &Frame, kind: ItemKind, fields: &Fields) -> Result<Input> {
    let limits = &app.config.limits;
    let mut checked = Checked::default();
    let title = checked.read(Title::parse(fields.get("title"), limits))?;
    let description = checked.read(items::description(fields.get("description"), limits))?;
    let due = checked.read(date("due", fields.get("due")))?;
    let tags = checked.read(Tags::parse(fields.get("tags"), limits))?;
    let priority = Priority::parse(fields.get("priority")).unwrap_or(Priority::Normal);
    let project = match fields.get("project") {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::NotFound("project"))?),
    };
    let assignee = checked.read(somebody(app, frame, fields, "assigned_to", &[Kind::User]).await)?;
    let both = [Kind::Customer, Kind::User];
    let requester = checked.read(somebody(app, frame, fields, "requested_by", &both).await)?;
    let (Some(title), Some(description), Some(due), Some(tags), Some(assignee), Some(requester)) =
        (title, description, due, tags, assignee, requester)
    else {
        return Err(checked.all());
    };
    Ok(Input {
        description,
        priority,
        due,
        project,
        requester,
        assignees: assignee.into_iter().collect(),
        tags,
        ..Input::new(kind, title)
    })
}

async fn somebody(
    app: &App,
    frame: &Frame,
    fields: &Fields,
    name: &'static str,
    kinds: &[Kind],
) -> Result<Option<PersonId>> {
    match fields.get(name).trim() {
        "" => Ok(None),
        typed => {
            let mut rx = app.store.reader().await?;
            who::typed(&mut rx, frame, name, typed, kinds).await.map(Some)
        }
    }
}
