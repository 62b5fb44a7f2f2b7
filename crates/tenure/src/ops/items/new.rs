//! New items.

use domain::{
    actor::Authority,
    apps::Arrival,
    id::{ItemId, PersonId, ProjectId},
    item::{self, Item, ItemKind, ItemStatus, Part, Priority},
    part, project,
};
use jiff::{Timestamp, civil::Date};

use super::{Tags, Title, search_text, tally::Tally};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::{
        history::{CREATED, History},
        load,
    },
    store::{
        Tx, item_people,
        items::{self, ItemRow},
        projects, texts,
    },
};

/// What is asked for at the desk.
#[derive(Debug, Clone)]
pub struct Input {
    /// Ticket or task.
    pub kind: ItemKind,
    /// The title.
    pub title: Title,
    /// The description; cleaned by [`super::description`].
    pub description: String,
    /// How far it is already.
    pub status: ItemStatus,
    /// How urgent.
    pub priority: Priority,
    /// Until when.
    pub due: Option<Date>,
    /// Where it belongs.
    pub project: Option<ProjectId>,
    /// For whom.
    pub requester: Option<PersonId>,
    /// Who works on it.
    pub assignees: Vec<PersonId>,
    /// Who is told of it.
    pub followers: Vec<PersonId>,
    /// Words to find it by.
    pub tags: Tags,
}

impl Input {
    /// A new item of which nothing is known but its title.
    #[must_use]
    pub fn new(kind: ItemKind, title: Title) -> Self {
        Self {
            kind,
            title,
            description: String::new(),
            status: ItemStatus::New,
            priority: Priority::Normal,
            due: None,
            project: None,
            requester: None,
            assignees: Vec::new(),
            followers: Vec::new(),
            tags: Tags::default(),
        }
    }
}

/// What a customer asks for in the portal.
#[derive(Debug, Clone)]
pub struct Request {
    /// The title.
    pub title: Title,
    /// What it is about; cleaned by [`super::description`].
    pub description: String,
}

/// Makes an item; answers its id and number. Rule 5: nobody deactivated gets a part in it.
pub async fn create(tx: &mut Tx, ctx: &Ctx, input: Input) -> Result<(ItemId, i64)> {
    let wanted: Vec<PersonId> =
        [&input.assignees[..], &input.followers[..], input.requester.as_slice()].concat();
    if wanted.len() > super::MOST_PEOPLE {
        return Err(Error::field("people", format!("Choose {} people at most.", super::MOST_PEOPLE)));
    }
    let (authority, people) = load::held(tx, ctx, &wanted).await?;
    item::may_work(&authority)?;
    let parts = [Part::Assignee].repeat(input.assignees.len()).into_iter();
    let parts = parts.chain([Part::Follower].repeat(input.followers.len()));
    for (row, part) in people.iter().zip(parts) {
        part::give(&authority, &row.person, part)?;
    }
    if let (Some(_), Some(row)) = (input.requester, people.last()) {
        part::request(&authority, &row.person)?;
    }
    save(tx, ctx, &authority, input).await
}

/// Makes a ticket that its actor, a customer, has requested.
pub async fn request(tx: &mut Tx, ctx: &Ctx, input: Request) -> Result<(ItemId, i64)> {
    let person = ctx.actor.someone()?;
    let (authority, people) = load::held(tx, ctx, &[person]).await?;
    if let Some(row) = people.first() {
        part::request(&authority, &row.person)?;
    }
    let input = Input {
        description: input.description,
        requester: Some(person),
        ..Input::new(ItemKind::Ticket, input.title)
    };
    save(tx, ctx, &authority, input).await
}

/// Saves an item that the rules allow.
async fn save(tx: &mut Tx, ctx: &Ctx, authority: &Authority, input: Input) -> Result<(ItemId, i64)> {
    save_arrived(tx, ctx, authority, input, (ctx.now, Arrival::Known)).await
}

/// As [`save`], of an item that came at another time or otherwise than from somebody known.
pub(crate) async fn save_arrived(
    tx: &mut Tx,
    ctx: &Ctx,
    authority: &Authority,
    input: Input,
    (at, arrival): (Timestamp, Arrival),
) -> Result<(ItemId, i64)> {
    let ws = ctx.workspace;
    if let Some(id) = input.project {
        let found = projects::lock(tx, ws, id).await?.ok_or(Error::NotFound("project"))?;
        project::may_take(found.state)?;
    }
    let id: ItemId = ctx.id();
    let number = items::next_number(tx, ws).await?;
    let maker = authority.person.as_ref().map_or("machine", |person| person.kind.word());
    let item = Item {
        kind: input.kind,
        status: input.status,
        priority: input.priority,
        due: input.due,
        project: input.project,
        requester: input.requester,
    };
    let row = ItemRow {
        id,
        number,
        item,
        title: input.title.as_str().to_owned(),
        description: input.description,
        project_name: None,
        created_by: (ctx.actor.person(), maker.to_owned()),
        assignees: 0,
        messages: 0,
        arrival,
        created: at,
        updated: ctx.now,
        version: 1,
    };
    items::insert(tx, ws, &row, &search_text(number, &row.title)).await?;
    super::file(tx, ctx, id, number, (None, &row.title)).await?;
    texts::add(tx, ws, (id, None), &row.description).await?;
    let (mut tally, mut assignees) = (Tally::default(), 0);
    let finished = row.item.status.is_finished();
    for (list, part) in [(&input.assignees, Part::Assignee), (&input.followers, Part::Follower)] {
        for person in list {
            if item_people::give(tx, ws, id, (*person, part), finished, ctx.now).await? {
                tally.part(&row.item, *person, part, 1);
                assignees += i64::from(part == Part::Assignee);
            }
        }
    }
    if assignees > 0 {
        items::touch(tx, ws, id, (assignees, 0), ctx.now).await?;
    }
    for (key, name) in &input.tags.0 {
        items::tag(tx, ws, id, key, name).await?;
    }
    History::of_item(ctx, authority, id).note(tx, CREATED, "", row.item.kind.word())?;
    tally.item(&row.item, assignees, 1);
    tally.save(tx, ctx).await?;
    Ok((id, number))
}
