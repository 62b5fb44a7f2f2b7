//! Reading items, for pages and the command line.

use domain::{
    actor::Authority,
    id::{ChangeId, ItemId, PersonId},
    item::{self, Access, Part},
};

use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::load,
    store::{
        Rx,
        changes::{self, Change},
        item_people::{self, Brief, Holder, Holdings},
        items::{self, ItemRow},
        projects::{self, Project},
    },
};

/// An item that the actor may see.
#[derive(Debug, Clone)]
pub struct Found {
    /// The actor.
    pub authority: Authority,
    /// The item.
    pub row: ItemRow,
    /// What the actor may do with it.
    pub access: Access,
}

/// What an item's page shows, beside the conversation and the history.
#[derive(Debug, Clone)]
pub struct Page {
    /// The item.
    pub row: ItemRow,
    /// What the actor may do with it.
    pub access: Access,
    /// Assignees, then followers.
    pub people: Vec<Holder>,
    /// The requester, if there is one.
    pub requester: Option<Brief>,
    /// Who made it; `None` for the machine, and for somebody who was deleted.
    pub maker: Option<Brief>,
    /// The tags, by name.
    pub tags: Vec<String>,
}

/// The item of this number, for whom it concerns.
pub async fn find(rx: &mut Rx, ctx: &Ctx, number: i64) -> Result<Found> {
    let (authority, _) = load::seen(rx, ctx, &[]).await?;
    let row = items::by_number(rx, ctx.workspace, number).await?.ok_or(Error::NotFound("item"))?;
    let access = super::access(rx, ctx, &authority, &row).await?;
    Ok(Found { authority, row, access })
}

/// An item with its people and tags.
pub async fn show(rx: &mut Rx, ctx: &Ctx, number: i64) -> Result<Page> {
    let Found { row, access, .. } = find(rx, ctx, number).await?;
    let ws = ctx.workspace;
    let people = item_people::of_item(rx, ws, row.id).await?;
    let wanted: Vec<PersonId> = row.item.requester.into_iter().chain(row.created_by.0).collect();
    let briefs = item_people::briefs(rx, ws, &wanted).await?;
    let brief = |id: Option<PersonId>| briefs.iter().find(|brief| Some(brief.id) == id).cloned();
    let tags = items::tags(rx, ws, &[row.id]).await?.into_iter().map(|(_, name)| name).collect();
    Ok(Page {
        requester: brief(row.item.requester),
        maker: brief(row.created_by.0),
        people,
        tags,
        row,
        access,
    })
}

/// The history of an item, the newest first, with everybody whom it names and who is not gone.
pub async fn history(
    rx: &mut Rx,
    ctx: &Ctx,
    id: ItemId,
    before: Option<ChangeId>,
    limit: i64,
) -> Result<(Vec<Change>, Vec<Brief>)> {
    let (authority, _) = load::seen(rx, ctx, &[]).await?;
    // Who was assigned when, and why, is the team's.
    item::may_work(&authority)?;
    let lines = changes::page(rx, ctx.workspace, id.uuid(), before, limit).await?;
    let mut wanted: Vec<PersonId> = Vec::new();
    for line in &lines {
        wanted.extend(line.actor_id);
        let of_people = ["assignee", "follower", "requester", "handover", "handover.undone"];
        if of_people.contains(&line.field.as_str()) {
            wanted
                .extend([&line.before, &line.after].into_iter().filter_map(|id| id.parse::<PersonId>().ok()));
        }
    }
    wanted.sort_unstable();
    wanted.dedup();
    let people = item_people::briefs(rx, ctx.workspace, &wanted).await?;
    Ok((lines, people))
}

/// What a person holds: for their panel.
#[derive(Debug, Clone)]
pub struct PersonItems {
    /// How many unfinished items.
    pub holdings: Holdings,
    /// The projects, with the part in each.
    pub projects: Vec<(Project, Part)>,
}

/// What a person holds. For users.
pub async fn of_person(rx: &mut Rx, ctx: &Ctx, person: PersonId) -> Result<PersonItems> {
    let (authority, _) = load::seen(rx, ctx, &[person]).await?;
    item::may_work(&authority)?;
    Ok(PersonItems {
        holdings: item_people::holdings_of(rx, ctx.workspace, person).await?,
        projects: projects::of_person(rx, ctx.workspace, person).await?,
    })
}
