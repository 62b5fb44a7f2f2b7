//! `tenure item`.

use clap::{Args, Subcommand};
use domain::{
    id::ItemId,
    item::{ItemKind, ItemStatus, Part, Priority},
};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{
    Global,
    answer::Answer,
    failure::Failure,
    place::Place,
    table::{facts, moment, table},
};
use crate::{
    ops::{
        items::{self, Edit, Input, Tags, Title},
        projects,
    },
    store::{
        grid::Count,
        item_list::{self, ItemQuery, Line, Looking},
        item_people::Brief,
        workspaces::Workspace,
    },
};

/// List, show, create and change tickets and tasks. An item is named by its number, a person by email address or id.
#[derive(Debug, Subcommand)]
pub(super) enum Items {
    /// List items, those that are not finished unless told otherwise.
    #[command(after_help = "Examples:
  tenure item list --kind ticket --query assignee=none
  tenure item list --query \"assignee=deactivated&sort=due\" --json

The query is what a page's address says after the question mark: status, assignee, team, follower, requester,
project, due, tag, q, sort, dir, after, before, limit.")]
    List {
        /// Only tickets, or only tasks.
        #[arg(long, value_name = "KIND", value_parser = ["ticket", "task"])]
        kind: Option<String>,
        /// Filters and order.
        #[arg(long, value_name = "QUERY", default_value = "")]
        query: String,
    },
    /// Show an item with its people.
    #[command(after_help = "Example:\n  tenure item show 12")]
    Show {
        /// The item's number.
        number: i64,
    },
    /// Make a ticket or a task.
    #[command(after_help = "Examples:
  tenure item create \"Printer is on fire\" --requester cleo@globex.example --assign mei@acme.example
  tenure item create \"Order paper\" --kind task --priority low --due 2026-12-01")]
    Create(Create),
    /// Set the status: new, open, waiting, done or closed.
    #[command(after_help = "Example:\n  tenure item status 12 done")]
    Status {
        /// The item's number.
        number: i64,
        /// The new status.
        status: String,
    },
    /// Assign a user. A deactivated user gets nothing new.
    #[command(after_help = "Example:\n  tenure item assign 12 mei@acme.example")]
    Assign(Whom),
    /// Take an assignee away, a deactivated one too.
    #[command(after_help = "Example:\n  tenure item unassign 12 ada@acme.example")]
    Unassign(Whom),
    /// Make somebody a follower.
    #[command(after_help = "Example:\n  tenure item follow 12 cleo@globex.example")]
    Follow(Whom),
    /// Take a follower away.
    #[command(after_help = "Example:\n  tenure item unfollow 12 cleo@globex.example")]
    Unfollow(Whom),
}

/// A new item.
#[derive(Debug, Args)]
pub(super) struct Create {
    /// The title.
    title: String,
    /// Ticket or task.
    #[arg(long, default_value = "ticket", value_parser = ["ticket", "task"])]
    kind: String,
    /// The description, Markdown.
    #[arg(long, default_value = "")]
    description: String,
    /// urgent, high, normal or low.
    #[arg(long, default_value = "normal")]
    priority: String,
    /// Until when, such as 2026-12-01.
    #[arg(long, value_name = "DATE")]
    due: Option<Date>,
    /// The project, by name or id.
    #[arg(long)]
    project: Option<String>,
    /// For whom.
    #[arg(long, value_name = "PERSON")]
    requester: Option<String>,
    /// Who works on it; can be given several times.
    #[arg(long = "assign", value_name = "USER")]
    assignees: Vec<String>,
    /// Who is told of it; can be given several times.
    #[arg(long = "follow", value_name = "PERSON")]
    followers: Vec<String>,
    /// Tags, divided by commas.
    #[arg(long, default_value = "")]
    tags: String,
}

/// An item and somebody.
#[derive(Debug, Args)]
pub(super) struct Whom {
    /// The item's number.
    number: i64,
    /// The person, by email address or id.
    person: String,
}

impl Items {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let answer = self.on(&place).await;
        place.close().await;
        answer
    }

    async fn on(self, place: &Place) -> Result<Answer, Failure> {
        let workspace = place.workspace().await?;
        match self {
            Self::List { kind, query } => list(place, &workspace, kind.as_deref(), &query).await,
            Self::Show { number } => show(place, &workspace, number).await,
            Self::Create(create) => create.run(place, &workspace).await,
            Self::Status { number, status } => set_status(place, &workspace, number, &status).await,
            Self::Assign(whom) => whom.part(place, &workspace, Part::Assignee, true).await,
            Self::Unassign(whom) => whom.part(place, &workspace, Part::Assignee, false).await,
            Self::Follow(whom) => whom.part(place, &workspace, Part::Follower, true).await,
            Self::Unfollow(whom) => whom.part(place, &workspace, Part::Follower, false).await,
        }
    }
}

async fn list(
    place: &Place,
    workspace: &Workspace,
    kind: Option<&str>,
    query: &str,
) -> Result<Answer, Failure> {
    let query = ItemQuery::from_query(kind.and_then(ItemKind::parse), query)?;
    let looking = Looking { me: None, now: place.sys.now() };
    let page = item_list::page(&mut place.store.reader().await?, workspace, &query, looking).await?;
    let rows: Vec<Vec<String>> = page.rows.iter().map(cells).collect();
    let list: Vec<Value> = page.rows.iter().map(line_json).collect();
    let (count, more) = match page.count {
        Count::Exact(count) => (count, false),
        Count::AtLeast(count) => (count, true),
    };
    let next = page.next.map(|cursor| cursor.to_string());
    let mut text = table(&["NUMBER", "KIND", "STATUS", "PRIORITY", "DUE", "ASSIGNED", "TITLE"], &rows);
    if let Some(next) = &next {
        text = format!("{text}\n\n{count}{} in all; the next: after={next}", if more { "+" } else { "" });
    }
    Ok(Answer::new(text, json!({ "items": list, "count": count, "more": more, "next": next })))
}

fn cells(line: &Line) -> Vec<String> {
    let item = &line.row.item;
    vec![
        line.row.number.to_string(),
        item.kind.word().into(),
        item.status.word().into(),
        item.priority.word().into(),
        item.due.map(|due| due.to_string()).unwrap_or_default(),
        line.assignees.iter().map(named).collect::<Vec<_>>().join(", "),
        line.row.title.clone(),
    ]
}

/// A name, and whether its bearer is deactivated.
pub(super) fn named(brief: &Brief) -> String {
    match brief.status {
        domain::person::StatusWord::Deactivated => format!("{} (deactivated)", brief.name),
        _ => brief.name.clone(),
    }
}

fn person_json(brief: &Brief) -> Value {
    json!({ "id": brief.id, "name": brief.name, "email": brief.email, "status": brief.status.word() })
}

pub(super) fn line_json(line: &Line) -> Value {
    let (row, item) = (&line.row, &line.row.item);
    json!({
        "id": row.id,
        "number": row.number,
        "kind": item.kind,
        "title": row.title,
        "status": item.status,
        "priority": item.priority,
        "due": item.due,
        "project": row.project_name,
        "requester": line.requester.as_ref().map(person_json),
        "assignees": line.assignees.iter().map(person_json).collect::<Vec<_>>(),
        "tags": line.tags,
        "messages": row.messages,
        "created": row.created,
        "updated": row.updated,
        "version": row.version,
    })
}

async fn show(place: &Place, workspace: &Workspace, number: i64) -> Result<Answer, Failure> {
    let ctx = place.ctx(workspace.id);
    let page = items::show(&mut place.store.reader().await?, &ctx, number).await?;
    let zone = workspace.zone();
    let of = |part| {
        let those = page.people.iter().filter(|holder| holder.part == part);
        those.map(|holder| &holder.person).collect::<Vec<_>>()
    };
    let (assignees, followers) = (of(Part::Assignee), of(Part::Follower));
    let names = |people: &[&Brief]| people.iter().map(|brief| named(brief)).collect::<Vec<_>>().join(", ");
    let item = &page.row.item;
    let text = facts(&[
        ("number", number.to_string()),
        ("title", page.row.title.clone()),
        ("kind", item.kind.word().into()),
        ("status", item.status.word().into()),
        ("priority", item.priority.word().into()),
        ("due", item.due.map(|due| due.to_string()).unwrap_or_default()),
        ("project", page.row.project_name.clone().unwrap_or_default()),
        ("requester", page.requester.as_ref().map(named).unwrap_or_default()),
        ("assigned", names(&assignees)),
        ("followed by", names(&followers)),
        ("tags", page.tags.join(", ")),
        ("messages", page.row.messages.to_string()),
        ("created", moment(page.row.created, &zone)),
        ("changed", moment(page.row.updated, &zone)),
    ]);
    let line = Line {
        row: page.row.clone(),
        assignees: assignees.into_iter().cloned().collect(),
        requester: page.requester.clone(),
        tags: page.tags.clone(),
    };
    let mut json = line_json(&line);
    json["description"] = json!(page.row.description);
    json["followers"] = json!(followers.into_iter().map(person_json).collect::<Vec<_>>());
    Ok(Answer::new(text, json))
}

impl Create {
    async fn run(self, place: &Place, workspace: &Workspace) -> Result<Answer, Failure> {
        let (ctx, limits) = (place.ctx(workspace.id), &place.config.limits);
        let priority = Priority::parse(&self.priority)
            .ok_or_else(|| Failure::usage("a priority is urgent, high, normal or low"))?;
        let project = match &self.project {
            Some(named) => Some(projects::named(&mut place.store.reader().await?, &ctx, named).await?.id),
            None => None,
        };
        let mut input = Input {
            description: items::description(&self.description, limits)?,
            priority,
            due: self.due,
            project,
            tags: Tags::parse(&self.tags, limits)?,
            ..Input::new(
                ItemKind::parse(&self.kind).unwrap_or(ItemKind::Ticket),
                Title::parse(&self.title, limits)?,
            )
        };
        if let Some(named) = &self.requester {
            input.requester = Some(place.user(workspace.id, named).await?.person.id);
        }
        for (from, into) in [(&self.assignees, &mut input.assignees), (&self.followers, &mut input.followers)]
        {
            for named in from {
                into.push(place.user(workspace.id, named).await?.person.id);
            }
        }
        let made = place.store.write(async move |tx| items::create(tx, &ctx, input.clone()).await).await?;
        let (id, number) = made;
        Ok(Answer::new(
            format!("{} {number} is made.", self.kind),
            json!({ "id": id, "number": number, "kind": self.kind }),
        ))
    }
}

/// The item of a number.
pub(super) async fn item(place: &Place, workspace: &Workspace, number: i64) -> Result<ItemId, Failure> {
    let ctx = place.ctx(workspace.id);
    Ok(items::find(&mut place.store.reader().await?, &ctx, number).await?.row.id)
}

async fn set_status(
    place: &Place,
    workspace: &Workspace,
    number: i64,
    status: &str,
) -> Result<Answer, Failure> {
    let status = ItemStatus::parse(status)
        .ok_or_else(|| Failure::usage("a status is new, open, waiting, done or closed"))?;
    let (ctx, id) = (place.ctx(workspace.id), item(place, workspace, number).await?);
    let edit = Edit { status: Some(status), ..Edit::default() };
    let edited = place.store.write(async move |tx| items::edit(tx, &ctx, id, edit.clone()).await).await?;
    let word = if edited.changed { "is now" } else { "was already" };
    Ok(Answer::new(
        format!("{number} {word} {}.", status.word()),
        json!({ "number": number, "status": status, "changed": edited.changed, "version": edited.version }),
    ))
}

impl Whom {
    async fn part(
        self,
        place: &Place,
        workspace: &Workspace,
        part: Part,
        give: bool,
    ) -> Result<Answer, Failure> {
        let (ctx, id) = (place.ctx(workspace.id), item(place, workspace, self.number).await?);
        let person = place.user(workspace.id, &self.person).await?.person;
        let (who, number) = (person.id, self.number);
        let changed = place
            .store
            .write(async move |tx| {
                if give {
                    items::give(tx, &ctx, id, who, part).await
                } else {
                    items::take(tx, &ctx, id, who, part).await
                }
            })
            .await?;
        let word = match (give, changed) {
            (true, true) => "is now",
            (true, false) => "was already",
            (false, true) => "is no longer",
            (false, false) => "was not",
        };
        Ok(Answer::new(
            format!("{} {word} {} of {number}.", person.name, part.word()),
            json!({ "number": number, "person": who, "part": part, "changed": changed }),
        ))
    }
}
