//! `/items/{number}/edit`, title and description, and `/items/{number}/details`, the facts beside them.

use axum::response::Response;
use domain::{
    id::ProjectId,
    item::{ItemKind, Priority},
    project::ProjectState,
};
use jiff::civil::Date;

use super::{
    Item,
    merge::{self, Outcome, touched, was},
};
use crate::{
    error::{Error, Result},
    ops::{
        self,
        items::{Edit, Edited, Tags, Title},
    },
    store::{Rx, items, projects},
    web::{
        desk::form::{Checked, Refused},
        fields::Fields,
        flash::Flash,
        view::{
            Choice, Field, Guard,
            dialogs::Question,
            item::{EditDetails, EditItem},
        },
    },
};

/// How many projects and tags are suggested; any other can be typed.
const SUGGESTED: i64 = 100;

/// A form as it is drawn: what stands in its fields, what is wrong, what changed meanwhile.
struct Drawn {
    fields: Fields,
    wrong: Refused,
    meanwhile: Vec<String>,
}

impl Drawn {
    fn fresh() -> Self {
        Self { fields: Fields::default(), wrong: Refused::none(), meanwhile: Vec::new() }
    }

    /// What stands in a field: what was typed, unless the form was not sent or left it as it was.
    fn field(&self, name: &str, now: &str) -> Field {
        let kept = touched(&self.fields, name, self.fields.get(name));
        self.wrong.field(name, if kept { self.fields.get(name) } else { now })
    }

    /// What a field was when the form was opened: of a form that comes back for another reason than a conflict still
    /// the same, so that a conflict is not missed the next time.
    fn was(&self, name: &str, now: &str) -> String {
        self.carried(&format!("_was_{name}")).unwrap_or_else(|| was(now))
    }

    fn carried(&self, name: &str) -> Option<String> {
        self.fields.maybe(name).filter(|_| self.meanwhile.is_empty()).map(str::to_owned)
    }

    fn question(&self, item: &Item, part: &str, error: Option<String>) -> Question {
        let mut ask = item.question(part, error);
        if let Some(version) = self.carried("_version") {
            ask.guard = Guard::default().at_version(version);
        }
        ask
    }

    /// The last change that the form knows of.
    async fn since(&self, rx: &mut Rx, item: &Item) -> Result<String> {
        match self.carried("_since") {
            Some(since) => Ok(since),
            None => merge::latest(rx, &item.ctx(), item).await,
        }
    }
}

/// `GET /items/{number}/edit`.
pub(super) async fn text(item: Item) -> Result<Response> {
    draw_text(&item, Drawn::fresh()).await
}

async fn draw_text(item: &Item, drawn: Drawn) -> Result<Response> {
    let since = {
        let mut rx = item.app.store.reader().await?;
        drawn.since(&mut rx, item).await?
    };
    let row = &item.row;
    let page = EditItem {
        shell: item.shell(format!("Edit {}", item.called().to_lowercase())),
        ask: drawn.question(item, "edit", drawn.wrong.error.clone()),
        since,
        title: drawn.field("title", &row.title),
        was_title: drawn.was("title", &row.title),
        description: drawn.field("description", &row.description),
        was_description: drawn.was("description", &row.description),
        most: item.app.config.limits.message,
        meanwhile: drawn.meanwhile,
    };
    Ok(item.frame.draw_as(drawn.wrong.status, &page))
}

/// `POST /items/{number}/edit`.
pub(super) async fn save_text(mut item: Item, fields: Fields) -> Result<Response> {
    let limits = &item.app.config.limits;
    let mut checked = Checked::default();
    let mut edit = Edit::default();
    if touched(&fields, "title", fields.get("title").trim()) {
        edit.title = checked.read(Title::parse(fields.get("title"), limits))?;
    }
    let description = checked.read(ops::items::description(fields.get("description"), limits))?;
    edit.description = description.filter(|text| touched(&fields, "description", text));
    let names: Vec<&str> = [("title", edit.title.is_some()), ("description", edit.description.is_some())]
        .into_iter()
        .filter_map(|(name, touched)| touched.then_some(name))
        .collect();
    let done = match checked.faults() {
        Some(error) => Err(error),
        None => merge::save(&mut item, &fields, &edit, &names).await,
    };
    match answered(done)? {
        Answer::Saved(edited) => Ok(told(&item, edited)),
        Answer::Refused(wrong, meanwhile) => draw_text(&item, Drawn { fields, wrong, meanwhile }).await,
    }
}

/// What a form is answered with.
enum Answer {
    Saved(Edited),
    Refused(Refused, Vec<String>),
}

/// What is said of a form that others have overtaken.
pub(in crate::web::desk) const OVERTAKEN: &str = "Somebody else changed the same meanwhile, so nothing was saved. What you typed is still here: \
                         look it over and save again.";

fn answered(done: Result<Outcome>) -> Result<Answer> {
    Ok(match done {
        Ok(Outcome::Saved(edited)) => Answer::Saved(edited),
        Ok(Outcome::Conflict(meanwhile)) => {
            Answer::Refused(Refused::of(Error::Stale)?.saying(OVERTAKEN), meanwhile)
        }
        Err(error) => Answer::Refused(Refused::of(error)?, Vec::new()),
    })
}

fn told(item: &Item, edited: Edited) -> Response {
    let flash = if edited.changed {
        Flash::done(format!("{} is saved.", item.called()))
    } else {
        Flash::note("Nothing was changed.")
    };
    flash.redirect(&item.href())
}

/// `GET /items/{number}/details`.
pub(super) async fn details(item: Item) -> Result<Response> {
    draw_details(&item, Drawn::fresh()).await
}

async fn draw_details(item: &Item, drawn: Drawn) -> Result<Response> {
    let ws = item.frame.session.visit.workspace;
    let mut rx = item.app.store.reader().await?;
    let since = drawn.since(&mut rx, item).await?;
    let first = (Vec::new(), ProjectId::from_uuid(uuid::Uuid::nil()));
    let active = projects::page(&mut rx, ws, ProjectState::Active, &first, false, SUGGESTED).await?;
    let tags = items::tags(&mut rx, ws, &[item.id()]).await?;
    let known = items::tags_beginning(&mut rx, ws, "").await?;
    drop(rx);
    let tags: Vec<String> = tags.into_iter().map(|(_, name)| name).collect();
    let now = Now::of(item, &tags);
    let kind = drawn.field("kind", now.kind);
    let priority = drawn.field("priority", now.priority);
    let page = EditDetails {
        shell: item.shell(format!("Details of {}", item.called().to_lowercase())),
        ask: drawn.question(item, "details", drawn.wrong.above(&["kind", "priority"])),
        since,
        kinds: choices(ItemKind::ALL.iter().map(|one| (one.word(), one.title())), &kind.value),
        was_kind: drawn.was("kind", now.kind),
        priorities: choices(Priority::ALL.iter().map(|one| (one.word(), one.title())), &priority.value),
        was_priority: drawn.was("priority", now.priority),
        due: drawn.field("due", &now.due),
        was_due: drawn.was("due", &now.due),
        project: drawn.field("project", &now.project),
        was_project: drawn.was("project", &now.project),
        projects: active.into_iter().map(|(project, _)| project.name).collect(),
        tags: drawn.field("tags", &now.tags),
        was_tags: drawn.was("tags", &now.tags),
        known_tags: known.into_iter().map(|(name, _)| name).collect(),
        meanwhile: drawn.meanwhile,
    };
    Ok(item.frame.draw_as(drawn.wrong.status, &page))
}

/// The details as they are, as a form holds them.
struct Now {
    kind: &'static str,
    priority: &'static str,
    due: String,
    project: String,
    tags: String,
}

impl Now {
    fn of(item: &Item, tags: &[String]) -> Self {
        let row = &item.row;
        Self {
            kind: row.item.kind.word(),
            priority: row.item.priority.word(),
            due: row.item.due.map_or_else(String::new, |due| due.to_string()),
            project: row.project_name.clone().unwrap_or_default(),
            tags: tags.join(", "),
        }
    }
}

fn choices(all: impl Iterator<Item = (&'static str, &'static str)>, chosen: &str) -> Vec<Choice> {
    all.map(|(word, title)| Choice::new(word, title, word == chosen)).collect()
}

/// `POST /items/{number}/details`.
pub(super) async fn save_details(mut item: Item, fields: Fields) -> Result<Response> {
    let done = match read_details(&item, &fields).await {
        Ok((edit, names)) => merge::save(&mut item, &fields, &edit, &names).await,
        Err(error) => Err(error),
    };
    match answered(done)? {
        Answer::Saved(edited) => Ok(told(&item, edited)),
        Answer::Refused(wrong, meanwhile) => draw_details(&item, Drawn { fields, wrong, meanwhile }).await,
    }
}

/// What the form changes, and what the history calls those fields.
async fn read_details(item: &Item, fields: &Fields) -> Result<(Edit, Vec<&'static str>)> {
    let (mut checked, mut edit, mut names) = (Checked::default(), Edit::default(), Vec::new());
    let changes = |name: &str| touched(fields, name, fields.get(name).trim());
    if changes("kind") {
        let kind = ItemKind::parse(fields.get("kind"));
        edit.kind = checked.read(kind.ok_or_else(|| Error::field("kind", "Choose ticket or task.")))?;
        names.push("kind");
    }
    if changes("priority") {
        let priority = Priority::parse(fields.get("priority"));
        let priority = priority.ok_or_else(|| Error::field("priority", "Choose a priority from the list."));
        edit.priority = checked.read(priority)?;
        names.push("priority");
    }
    if changes("due") {
        edit.due = checked.read(due(fields.get("due")))?;
        names.push("due");
    }
    if changes("project") {
        edit.project = checked.read(project(item, fields.get("project")).await)?;
        names.push("project");
    }
    if changes("tags") {
        edit.tags = checked.read(Tags::parse(fields.get("tags"), &item.app.config.limits))?;
        names.push("tag");
    }
    match checked.faults() {
        Some(error) => Err(error),
        None => Ok((edit, names)),
    }
}

fn due(typed: &str) -> Result<Option<Date>> {
    match typed.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Error::field("due", "Enter a date, such as 2026-03-31.")),
    }
}

async fn project(item: &Item, typed: &str) -> Result<Option<ProjectId>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let mut rx = item.app.store.reader().await?;
    Ok(Some(ops::projects::named(&mut rx, &item.ctx(), typed).await?.id))
}
