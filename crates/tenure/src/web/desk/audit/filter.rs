//! What the log is asked, as people type it.

use domain::id::PersonId;

use crate::{
    app::App,
    error::{Error, FieldError, Result},
    store::{
        audit_grid::{ActorFilter, AuditQuery},
        grid::BuiltinView,
        people,
        workspaces::Workspace,
    },
    text,
    web::{
        desk::{find, form::Refused, frame::Frame},
        fields::Fields,
    },
};

/// What is asked, and the people in it as they are typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    /// The question.
    pub(super) query: AuditQuery,
    /// The address of the person acted upon.
    pub(super) person: String,
    /// The address of who acted, `cli`, `job` or `token`.
    pub(super) actor: String,
}

/// Whether the question was understood.
pub(super) enum Asked {
    /// It was.
    Right(Filter),
    /// It was not.
    Wrong(Refused),
}

/// The workspace, with its days as the reader's zone has them.
pub(super) fn in_readers_zone(frame: &Frame) -> Workspace {
    let check = &frame.session.check;
    let own = &check.settings.1;
    let workspace = check.workspace.clone();
    if own.is_empty() { workspace } else { Workspace { time_zone: own.clone(), ..workspace } }
}

/// Reads the filters. People are given by id, by address, or by so much of a name that only one has it.
pub(super) async fn read(app: &App, frame: &Frame, fields: &Fields) -> Result<Asked> {
    let mut wrong = Vec::new();
    let person = named(app, frame, "person", fields.get("person"), &mut wrong).await?;
    let typed = fields.get("actor").trim();
    let machine = match typed.to_lowercase().as_str() {
        "cli" => Some(("cli", ActorFilter::Cli)),
        "job" => Some(("job", ActorFilter::Job)),
        "token" => Some(("token", ActorFilter::Token)),
        _ => None,
    };
    let actor = match machine {
        Some(_) => None,
        None => named(app, frame, "actor", typed, &mut wrong).await?,
    };
    let mut rest = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields.iter().filter(|(name, _)| !matches!(*name, "person" | "actor")) {
        rest.append_pair(name, value);
    }
    let query = match AuditQuery::from_query(&rest.finish()) {
        Ok(query) => query,
        Err(Error::Invalid(more)) => {
            wrong.extend(more);
            AuditQuery::default()
        }
        Err(error) => return Err(error),
    };
    if !wrong.is_empty() {
        return Ok(Asked::Wrong(Refused::of(Error::Invalid(wrong))?));
    }
    let (actor, actor_filter) = match (machine, actor) {
        (Some((word, filter)), _) => (word.to_owned(), Some(filter)),
        (None, Some(found)) => (found.text, Some(ActorFilter::Person(found.id))),
        (None, None) => (String::new(), None),
    };
    let query = AuditQuery { person: person.as_ref().map(|found| found.id), actor: actor_filter, ..query };
    Ok(Asked::Right(Filter { query, person: person.map_or(String::new(), |found| found.text), actor }))
}

/// Somebody that the log may be asked about.
struct Found {
    id: PersonId,
    /// The address, which finds them again; the id of somebody who is gone.
    text: String,
}

async fn named(
    app: &App,
    frame: &Frame,
    field: &'static str,
    typed: &str,
    wrong: &mut Vec<FieldError>,
) -> Result<Option<Found>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    match find_one(app, frame, typed).await? {
        Ok(found) => Ok(Some(found)),
        Err(message) => {
            wrong.push(FieldError { field, message });
            Ok(None)
        }
    }
}

async fn find_one(app: &App, frame: &Frame, typed: &str) -> Result<Result<Found, String>> {
    let ws = frame.session.visit.workspace;
    let mut rx = app.store.point().await?;
    if let Ok(id) = typed.parse::<PersonId>() {
        let row = people::load(&mut rx, ws, id).await?;
        // Of somebody deleted the entries are still there.
        return Ok(Ok(Found { id, text: row.map_or_else(|| typed.to_owned(), |row| row.person.email) }));
    }
    if let Some(row) = people::by_email(&mut rx, ws, &text::email_key(typed)).await? {
        return Ok(Ok(Found { id: row.person.id, text: row.person.email }));
    }
    drop(rx);
    let longest = app.config.limits.search;
    if typed.chars().count() > longest {
        return Ok(Err(format!("Search for at most {longest} characters.")));
    }
    let mut found = match find::users(app, frame, typed, &[BuiltinView::All]).await {
        Ok(found) => found,
        Err(Error::Invalid(fields)) => {
            return Ok(Err(fields.into_iter().map(|field| field.message).collect()));
        }
        Err(error) => return Err(error),
    };
    let name = text::fold(typed);
    if found.iter().filter(|row| text::fold(&row.row.person.name) == name).count() == 1 {
        found.retain(|row| text::fold(&row.row.person.name) == name);
    }
    Ok(match found.as_slice() {
        [] => Err("Nobody matches. Of somebody deleted, give the id.".into()),
        [one] => Ok(Found { id: one.row.person.id, text: one.row.person.email.clone() }),
        _ => Err("Several people match. Type more of the name, or the email address.".into()),
    })
}
