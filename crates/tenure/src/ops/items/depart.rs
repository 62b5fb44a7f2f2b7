//! Taking a person who is deleted out of every item and project (rule 7).
//!
//! What they hold may be many rows, and one write must not hold up all others: a first piece goes with the deletion
//! itself, and what is left then is remembered as a departure, from which a job takes piece after piece. Nobody sees
//! a difference: whoever reads a part, a requester or an author joins the person, who is gone.

use domain::{
    actor::Authority,
    id::{PersonId, WorkspaceId},
};
use serde::Serialize;

use super::{edit, parts, tally::Tally};
use crate::{
    ctx::Ctx,
    error::Result,
    store::{
        Rx, Tx, articles, attachments, departures, item_people,
        items::{self, ItemRow},
        messages, projects,
    },
};

/// How many rows of each kind go with the deletion itself, and in each later piece.
pub const PIECE: i64 = 100;
/// As [`PIECE`], where many people are deleted by one write.
pub(crate) const PIECE_OF_MANY: i64 = 5;

/// What a person holds in all, finished items among them: what a deletion takes from them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Held {
    /// Items assigned.
    pub assigned: i64,
    /// Items followed.
    pub following: i64,
    /// Items requested; they stay, without a requester.
    pub requested: i64,
    /// Projects assigned.
    pub projects_assigned: i64,
    /// Projects followed.
    pub projects_following: i64,
    /// Messages written; they stay readable, by "Deleted user" or "Deleted customer".
    pub messages: i64,
    /// Articles written; they stay, by "Deleted user".
    pub articles: i64,
}

/// Counts what a deletion takes from a person, and what of theirs stays readable.
pub(crate) async fn held(rx: &mut Rx, ws: WorkspaceId, person: PersonId) -> Result<Held> {
    let (assigned, following, requested) = item_people::all_of_person(rx, ws, person).await?;
    let (projects_assigned, projects_following) = projects::count_of_person(rx, ws, person).await?;
    let messages = messages::count_of_author(rx, ws, person).await?;
    let articles = articles::count_of_author(rx, ws, person).await?;
    Ok(Held { assigned, following, requested, projects_assigned, projects_following, messages, articles })
}

/// Takes a person out of everything that one piece reaches, and remembers the departure if something is left.
pub(crate) async fn depart(tx: &mut Tx, ctx: &Ctx, person: PersonId, limit: i64) -> Result<()> {
    projects::take_all(tx, ctx.workspace, person).await?;
    articles::forget_author(tx, ctx.workspace, person).await?;
    if piece(tx, ctx, person, limit).await? {
        departures::insert(tx, ctx.workspace, person, ctx.now).await?;
    }
    item_people::forget(tx, ctx.workspace, person).await
}

/// Takes one more piece from somebody who is gone; answers whether there is another.
pub async fn work(tx: &mut Tx, ctx: &Ctx, person: PersonId) -> Result<bool> {
    let more = piece(tx, ctx, person, PIECE).await?;
    if !more {
        departures::delete(tx, ctx.workspace, person).await?;
    }
    Ok(more)
}

async fn piece(tx: &mut Tx, ctx: &Ctx, person: PersonId, limit: i64) -> Result<bool> {
    let ws = ctx.workspace;
    let authority = &Authority { actor: ctx.actor.clone(), person: None, token: None, door: ctx.door };
    let is_full = |rows: usize| i64::try_from(rows).is_ok_and(|rows| rows == limit);
    let held = item_people::next_of_person(tx, ws, person, limit).await?;
    let mut full = is_full(held.len());
    let mut tally = Tally::default();
    for (item, part) in held {
        if let Some(row) = items::lock(tx, ws, item).await? {
            parts::take_from(tx, ctx, authority, &row, (person, part), &mut tally).await?;
        }
    }
    tally.save(tx, ctx).await?;
    let requested = item_people::next_requested(tx, ws, person, limit).await?;
    full |= is_full(requested.len());
    for item in requested {
        if let Some(row) = items::lock(tx, ws, item).await? {
            let mut next: ItemRow = row.clone();
            next.item.requester = None;
            edit::save(tx, ctx, authority, &row, &next).await?;
        }
    }
    full |= messages::forget_author(tx, ws, person, limit).await?;
    full |= attachments::forget_uploader(tx, ws, person, limit).await?;
    Ok(full)
}
