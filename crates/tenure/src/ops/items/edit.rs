//! Changing an item's own fields.

use std::collections::BTreeSet;

use domain::{
    actor::Authority,
    id::{ItemId, PersonId, ProjectId},
    item::{self, Access, ItemKind, ItemStatus, Priority},
    lifecycle::Outcome,
    part, project,
    refusal::Refusal,
};
use jiff::civil::Date;

use super::{Tags, Title, locked, search_text, tally::Tally};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::{
        history::{History, id_text},
        load,
    },
    store::{
        Tx, item_people,
        items::{self, ItemRow, due_text},
        projects, texts,
    },
    text,
};

/// What is to be changed; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// Ticket or task.
    pub kind: Option<ItemKind>,
    /// The title.
    pub title: Option<Title>,
    /// The description; cleaned by [`super::description`].
    pub description: Option<String>,
    /// How far it is.
    pub status: Option<ItemStatus>,
    /// How urgent.
    pub priority: Option<Priority>,
    /// Until when; `Some(None)` takes the date away.
    pub due: Option<Option<Date>>,
    /// Where it belongs; `Some(None)` takes it out of its project.
    pub project: Option<Option<ProjectId>>,
    /// For whom; `Some(None)` takes the requester away.
    pub requester: Option<Option<PersonId>>,
    /// All its tags.
    pub tags: Option<Tags>,
    /// The version that the form was made from; stale when it has changed.
    pub version: Option<i64>,
}

/// What an edit came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edited {
    /// Whether anything changed.
    pub changed: bool,
    /// The version now.
    pub version: i64,
}

/// Changes fields of an item, all or none. A customer may only close or reopen what they requested.
pub async fn edit(tx: &mut Tx, ctx: &Ctx, id: ItemId, input: Edit) -> Result<Edited> {
    let wanted = input.requester.flatten();
    let (authority, people) = load::held(tx, ctx, wanted.as_slice()).await?;
    if let Some(Some(into)) = input.project {
        // Before the item, as whoever archives it does; whether it takes the item is asked when it is to be moved.
        projects::lock(tx, ctx.workspace, into).await?.ok_or(Error::NotFound("project"))?;
    }
    let (row, access) = locked(tx, ctx, &authority, id).await?;
    if let Some(target) = people.first()
        && row.item.requester != wanted
    {
        part::request(&authority, &target.person)?;
    }
    if access != Access::Desk && !only_status(&input) {
        return Err(Refusal::DeskOnly.into());
    }
    if input.version.is_some_and(|version| version != row.version) {
        return Err(Error::Stale);
    }
    let next = changed(tx, ctx, access, &row, &input).await?;
    let retagged = match &input.tags {
        Some(tags) => set_tags(tx, ctx, &authority, &row, tags).await?,
        None => false,
    };
    if next == row && !retagged {
        return Ok(Edited { changed: false, version: row.version });
    }
    save(tx, ctx, &authority, &row, &next).await?;
    Ok(Edited { changed: true, version: row.version + 1 })
}

/// Sets the status alone.
pub async fn set_status(
    tx: &mut Tx,
    ctx: &Ctx,
    id: ItemId,
    status: ItemStatus,
    version: Option<i64>,
) -> Result<Edited> {
    edit(tx, ctx, id, Edit { status: Some(status), version, ..Edit::default() }).await
}

fn only_status(input: &Edit) -> bool {
    input.kind.is_none()
        && input.title.is_none()
        && input.description.is_none()
        && input.priority.is_none()
        && input.due.is_none()
        && input.project.is_none()
        && input.requester.is_none()
        && input.tags.is_none()
}

/// The item as it is to be.
async fn changed(tx: &mut Tx, ctx: &Ctx, access: Access, row: &ItemRow, input: &Edit) -> Result<ItemRow> {
    let mut next = row.clone();
    if let Some(kind) = input.kind {
        next.item.kind = kind;
    }
    if let Some(title) = &input.title {
        title.as_str().clone_into(&mut next.title);
    }
    if let Some(description) = &input.description {
        next.description.clone_from(description);
    }
    if let Some(status) = input.status
        && let Outcome::Changed(status) = item::set_status(access, row.item.status, status)?
    {
        next.item.status = status;
    }
    if let Some(priority) = input.priority {
        next.item.priority = priority;
    }
    if let Some(due) = input.due {
        next.item.due = due;
    }
    if let Some(requester) = input.requester {
        next.item.requester = requester;
    }
    if let Some(into) = input.project
        && into != row.item.project
    {
        next.project_name = None;
        if let Some(id) = into {
            let found = projects::load(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("project"))?;
            project::may_take(found.state)?;
            next.project_name = Some(found.name);
        }
        next.item.project = into;
    }
    Ok(next)
}

/// Saves what differs, with its history and the counts.
pub(crate) async fn save(
    tx: &mut Tx,
    ctx: &Ctx,
    authority: &Authority,
    row: &ItemRow,
    next: &ItemRow,
) -> Result<()> {
    let mut tally = Tally::default();
    save_into(tx, ctx, authority, (row, next), &mut tally).await?;
    tally.save(tx, ctx).await
}

/// As [`save`], where the counts are written later with those of other items.
pub(crate) async fn save_into(
    tx: &mut Tx,
    ctx: &Ctx,
    authority: &Authority,
    (row, next): (&ItemRow, &ItemRow),
    tally: &mut Tally,
) -> Result<()> {
    let ws = ctx.workspace;
    let history = History::of_item(ctx, authority, row.id);
    let (was, is) = (&row.item, &next.item);
    history.compare(tx, "kind", (&was.kind, &is.kind), |kind| kind.word().into())?;
    history.compare(tx, "title", (&row.title, &next.title), Clone::clone)?;
    history.compare(tx, "description", (&row.description, &next.description), Clone::clone)?;
    history.compare(tx, "status", (&was.status, &is.status), |status| status.word().into())?;
    history.compare(tx, "priority", (&was.priority, &is.priority), |priority| priority.word().into())?;
    history.compare(tx, "due", (&was.due, &is.due), |due| due.map(|_| due_text(*due)).unwrap_or_default())?;
    history.compare(tx, "project", (&row.project_name, &next.project_name), |name| {
        name.clone().unwrap_or_default()
    })?;
    history.compare(tx, "requester", (&was.requester, &is.requester), |id| id_text(*id))?;
    items::save(
        tx,
        ws,
        &ItemRow { version: row.version, ..next.clone() },
        &search_text(next.number, &next.title),
        ctx.now,
    )
    .await?;
    if row.title != next.title {
        super::file(tx, ctx, row.id, row.number, (Some(&row.title), &next.title)).await?;
    }
    if row.description != next.description {
        texts::replace(tx, ws, row.id, &next.description).await?;
    }
    tally.item(was, row.assignees, -1);
    tally.item(is, row.assignees, 1);
    let (before, after) = (was.status.is_finished(), is.status.is_finished());
    if before != after {
        item_people::set_finished(tx, ws, row.id, after).await?;
    }
    if before != after || was.kind != is.kind {
        for (person, part) in item_people::parts(tx, ws, row.id).await? {
            tally.part(was, person, part, -1);
            tally.part(is, person, part, 1);
        }
    }
    Ok(())
}

/// Gives the item exactly these tags; answers whether that changed any.
async fn set_tags(tx: &mut Tx, ctx: &Ctx, authority: &Authority, row: &ItemRow, tags: &Tags) -> Result<bool> {
    let had = items::tags(tx, ctx.workspace, &[row.id]).await?;
    let had: BTreeSet<(String, String)> =
        had.into_iter().map(|(_, name)| (text::fold(&name), name)).collect();
    let history = History::of_item(ctx, authority, row.id);
    let mut changed = false;
    for (key, name) in had.iter().filter(|(key, _)| !tags.0.contains_key(key)) {
        items::untag(tx, ctx.workspace, row.id, key).await?;
        history.note(tx, "tag", name, "")?;
        changed = true;
    }
    for (key, name) in tags.0.iter().filter(|(key, _)| !had.iter().any(|(had, _)| had == *key)) {
        items::tag(tx, ctx.workspace, row.id, key, name).await?;
        history.note(tx, "tag", "", name)?;
        changed = true;
    }
    Ok(changed)
}
