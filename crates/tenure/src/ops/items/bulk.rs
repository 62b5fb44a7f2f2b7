//! One change of many items: what it would do, and doing it in pieces, so that nobody else waits behind all of it.
//! Each piece checks its actor and decides anew; an item that is so already is left as it is.

use std::collections::HashSet;

use domain::{
    actor::Authority,
    id::{ItemId, PersonId, ProjectId},
    item::{self, Access, ItemStatus, Part},
    lifecycle::Outcome,
    part, project,
};

use super::{
    edit::save_into,
    parts::{give_to, take_from},
    tally::Tally,
};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::{fingerprint::Fingerprint, load},
    store::{
        Rx, Store, Tx,
        item_list::{self, ItemQuery, Looking},
        item_people,
        items::{self, ItemRow},
        people::PersonRow,
        projects::{self, Project},
        workspaces,
    },
};

/// The most items that one change may be about.
pub const MOST: usize = 2_000;
/// How many are changed by one write.
pub const CHUNK: usize = 100;

/// Which items.
#[derive(Debug, Clone)]
pub enum Which {
    /// These; those that are not here are left out.
    Ids(Vec<ItemId>),
    /// All that a list finds, on whichever page.
    Matching(Box<ItemQuery>),
}

/// What is done with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Assign this user.
    Assign(PersonId),
    /// Assign this person no longer; everybody without one.
    Unassign(Option<PersonId>),
    /// Make this person a follower.
    Follow(PersonId),
    /// Make this person a follower no longer.
    Unfollow(PersonId),
    /// Set the status.
    Status(ItemStatus),
    /// Put it into this project, or into none.
    Project(Option<ProjectId>),
}

impl Deed {
    /// Whom it is about.
    #[must_use]
    pub const fn person(self) -> Option<PersonId> {
        match self {
            Self::Assign(id) | Self::Follow(id) | Self::Unfollow(id) => Some(id),
            Self::Unassign(id) => id,
            Self::Status(_) | Self::Project(_) => None,
        }
    }

    /// The part that it gives or takes.
    const fn part(self) -> Option<Part> {
        match self {
            Self::Assign(_) | Self::Unassign(_) => Some(Part::Assignee),
            Self::Follow(_) | Self::Unfollow(_) => Some(Part::Follower),
            Self::Status(_) | Self::Project(_) => None,
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Input {
    /// Which items.
    pub which: Which,
    /// What is done with each.
    pub deed: Deed,
}

/// What becomes of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// The item.
    pub id: ItemId,
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// Whether it changes; else it is so already.
    pub changes: bool,
}

/// What a change would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Every item, in the order in which they were made.
    pub rows: Vec<PlanRow>,
    /// Stands for all of this, for the form that confirms.
    pub fingerprint: String,
}

impl Plan {
    /// How many items change.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.rows.iter().filter(|row| row.changes).count()
    }
}

/// What a change did.
#[derive(Debug)]
pub struct Receipt {
    /// How many items it changed.
    pub changed: usize,
    /// How many were so already, or are gone.
    pub unchanged: usize,
    /// Why it stopped before its end, if it did: so many items before it are changed.
    pub stopped: Option<Error>,
}

/// What it would do: the same rules as [`carry_out`].
pub async fn plan(rx: &mut Rx, ctx: &Ctx, input: &Input) -> Result<Plan> {
    let person = input.deed.person();
    let (authority, people) = load::seen(rx, ctx, person.as_slice()).await?;
    allowed(&authority, input.deed, &people)?;
    let target = target(rx, ctx, input.deed).await?;
    if let Some(project) = &target {
        project::may_take(project.state)?;
    }
    let ids = which(rx, ctx, &input.which).await?;
    let rows = items::load_many(rx, ctx.workspace, &ids).await?;
    let have: HashSet<ItemId> = match (person, input.deed.part()) {
        (Some(person), Some(part)) => {
            item_people::having(rx, ctx.workspace, &ids, (person, part)).await?.into_iter().collect()
        }
        _ => HashSet::new(),
    };
    let mut seen = Fingerprint::default();
    let mut plan = Plan { rows: Vec::with_capacity(rows.len()), fingerprint: String::new() };
    for row in rows {
        let changes = changes(input.deed, &row, have.contains(&row.id));
        seen.add(row.id.uuid());
        seen.add([u8::from(changes)]);
        plan.rows.push(PlanRow { id: row.id, number: row.number, title: row.title, changes });
    }
    plan.fingerprint = seen.finish();
    Ok(plan)
}

/// Does it, if it is still what the plan of this fingerprint said; in pieces, each of them whole.
pub async fn carry_out(store: &Store, ctx: &Ctx, input: &Input, fingerprint: &str) -> Result<Receipt> {
    let plan = plan(&mut store.reader().await?, ctx, input).await?;
    if plan.fingerprint != fingerprint {
        return Err(Error::Stale);
    }
    let ids: Vec<ItemId> = plan.rows.iter().map(|row| row.id).collect();
    let mut receipt = Receipt { changed: 0, unchanged: 0, stopped: None };
    for (index, piece) in ids.chunks(CHUNK).enumerate() {
        let (ctx, deed, piece) = (ctx.clone(), input.deed, piece.to_vec());
        let all = piece.len();
        match store.write(async move |tx| work(tx, &ctx, deed, &piece).await).await {
            Ok(changed) => {
                receipt.changed += changed;
                receipt.unchanged += all - changed;
            }
            Err(error) if index == 0 => return Err(error),
            Err(error) => {
                receipt.stopped = Some(error);
                break;
            }
        }
    }
    Ok(receipt)
}

/// Changes the items of one piece; answers how many.
async fn work(tx: &mut Tx, ctx: &Ctx, deed: Deed, ids: &[ItemId]) -> Result<usize> {
    let (authority, people) = load::held(tx, ctx, deed.person().as_slice()).await?;
    allowed(&authority, deed, &people)?;
    let project = match deed {
        // Before the items, as whoever archives it does.
        Deed::Project(Some(id)) => {
            Some(projects::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("project"))?)
        }
        _ => None,
    };
    if let Some(project) = &project {
        project::may_take(project.state)?;
    }
    let (mut tally, mut changed) = (Tally::default(), 0);
    for id in ids {
        let Some(row) = items::lock(tx, ctx.workspace, *id).await? else { continue };
        let done = change(tx, ctx, &authority, deed, (row, project.as_ref()), &mut tally).await?;
        changed += usize::from(done);
    }
    tally.save(tx, ctx).await?;
    Ok(changed)
}

/// Changes one item that is locked; answers whether it was not so already.
async fn change(
    tx: &mut Tx,
    ctx: &Ctx,
    authority: &Authority,
    deed: Deed,
    (mut row, project): (ItemRow, Option<&Project>),
    tally: &mut Tally,
) -> Result<bool> {
    let mut next = row.clone();
    match deed {
        Deed::Assign(id) => return give_to(tx, ctx, authority, &row, (id, Part::Assignee), tally).await,
        Deed::Follow(id) => return give_to(tx, ctx, authority, &row, (id, Part::Follower), tally).await,
        Deed::Unassign(Some(id)) => {
            return take_from(tx, ctx, authority, &row, (id, Part::Assignee), tally).await;
        }
        Deed::Unfollow(id) => return take_from(tx, ctx, authority, &row, (id, Part::Follower), tally).await,
        Deed::Unassign(None) => {
            let mut any = false;
            for (person, part) in item_people::parts(tx, ctx.workspace, row.id).await? {
                if part == Part::Assignee
                    && take_from(tx, ctx, authority, &row, (person, part), tally).await?
                {
                    row.assignees -= 1;
                    any = true;
                }
            }
            return Ok(any);
        }
        Deed::Status(status) => match item::set_status(Access::Desk, row.item.status, status)? {
            Outcome::Changed(status) => next.item.status = status,
            Outcome::Unchanged => return Ok(false),
        },
        Deed::Project(into) => {
            if row.item.project == into {
                return Ok(false);
            }
            next.item.project = into;
            next.project_name = project.map(|project| project.name.clone());
        }
    }
    save_into(tx, ctx, authority, (&row, &next), tally).await?;
    Ok(true)
}

/// Whether an item is not so already; `has` says whether the person of the deed has its part.
fn changes(deed: Deed, row: &ItemRow, has: bool) -> bool {
    match deed {
        Deed::Assign(_) | Deed::Follow(_) => !has,
        Deed::Unassign(Some(_)) | Deed::Unfollow(_) => has,
        Deed::Unassign(None) => row.assignees > 0,
        Deed::Status(status) => row.item.status != status,
        Deed::Project(into) => row.item.project != into,
    }
}

/// What the rules say of the deed itself; it is the same for every item.
fn allowed(authority: &Authority, deed: Deed, people: &[PersonRow]) -> Result<()> {
    item::may_work(authority)?;
    for row in people {
        match deed {
            Deed::Assign(_) => part::give(authority, &row.person, Part::Assignee)?,
            Deed::Follow(_) => part::give(authority, &row.person, Part::Follower)?,
            Deed::Unassign(_) => part::take(authority, &row.person, Part::Assignee)?,
            Deed::Unfollow(_) => part::take(authority, &row.person, Part::Follower)?,
            Deed::Status(_) | Deed::Project(_) => {}
        }
    }
    Ok(())
}

async fn target(rx: &mut Rx, ctx: &Ctx, deed: Deed) -> Result<Option<Project>> {
    match deed {
        Deed::Project(Some(id)) => {
            projects::load(rx, ctx.workspace, id).await?.ok_or(Error::NotFound("project")).map(Some)
        }
        _ => Ok(None),
    }
}

/// The items, each once.
async fn which(rx: &mut Rx, ctx: &Ctx, which: &Which) -> Result<Vec<ItemId>> {
    let mut ids = match which {
        Which::Ids(ids) => ids.clone(),
        Which::Matching(query) => {
            let workspace = workspaces::load(rx, ctx.workspace).await?;
            let looking = Looking { me: ctx.actor.person(), now: ctx.now };
            let most = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
            item_list::matching(rx, &workspace, query, looking, most).await?
        }
    };
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > MOST {
        let words = format!("One change may be about {MOST} items. Filter them further.");
        return Err(Error::field("items", words));
    }
    Ok(ids)
}
