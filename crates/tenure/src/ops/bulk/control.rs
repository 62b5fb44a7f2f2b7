//! What an administrator says to a batch that is there, and to the brake.

use domain::{
    Refusal,
    audit::Action,
    brake::Brake,
    bulk::{self, Candidate, Deed, Totals},
    id::{BatchId, PersonId},
    lifecycle,
};
use serde_json::json;
use std::collections::HashMap;

use super::{
    Begun, new, save,
    work::{end, is},
};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::{load, record::Record},
    store::{
        Tx, batch_people,
        batches::{self, Batch, PausedWhy, State},
        brakes,
        people::PersonRow,
        workspaces,
    },
};

async fn locked(tx: &mut Tx, ctx: &Ctx, id: BatchId) -> Result<Batch> {
    load::actor(tx, ctx).await?.may_administer()?;
    batches::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("change of many people"))
}

/// Lets a paused batch go on, from now on as the deed of whoever says so; past the brake where that stopped it.
pub async fn resume(tx: &mut Tx, ctx: &Ctx, id: BatchId) -> Result<()> {
    let batch = locked(tx, ctx, id).await?;
    if batch.state != State::Paused {
        return Err(is(&batch).into());
    }
    let past_brake = batch.past_brake || batch.paused_why == Some(PausedWhy::Brake);
    batches::resume(tx, ctx.workspace, id, past_brake, (&ctx.actor, ctx.door, ctx.request)).await?;
    Record::of(Action::BulkResumed)
        .subject(id)
        .after(json!({ "past_the_brake": past_brake, "people_left": batch.total - batch.done() }))
        .save(tx, ctx)
}

/// Ends a batch before its end. What it has done stays done.
pub async fn cancel(tx: &mut Tx, ctx: &Ctx, id: BatchId) -> Result<()> {
    let batch = locked(tx, ctx, id).await?;
    if batch.state.is_over() {
        return Err(is(&batch).into());
    }
    Record::of(Action::BulkCancelled)
        .subject(id)
        .after(json!({ "people_left": batch.total - batch.done() }))
        .save(tx, ctx)?;
    end(tx, ctx, &batch, batch.reserved, State::Cancelled).await
}

/// Undoes a batch that has come to its end, within 10 minutes of it: a batch of its own, in which whoever has been
/// changed since is skipped. Needs the licenses of all others.
pub async fn undo(tx: &mut Tx, ctx: &Ctx, id: BatchId) -> Result<Begun> {
    let batch = locked(tx, ctx, id).await?;
    let Some(ended) = batch.ended else {
        return Err(is(&batch).into());
    };
    if !batch.deed.can_be_undone() {
        return Err(Refusal::UndoOvertaken.into());
    }
    lifecycle::still_undoable(ended, batch.undone_by.is_some(), ctx.now)?;
    let totals = assess(tx, ctx, id).await?;
    let undo = new(ctx, batch.kind, Deed::Undo(id), true, usize::try_from(totals.all()).unwrap_or(0));
    let added_licenses = save(tx, ctx, undo.clone(), totals, false).await?;
    batch_people::insert_undo(tx, ctx.workspace, undo.id, id).await?;
    batches::set_undone(tx, ctx.workspace, id, undo.id).await?;
    Ok(Begun { batch: undo.id, totals, added_licenses })
}

/// What the undo comes to for everybody whom the batch has changed.
async fn assess(tx: &mut Tx, ctx: &Ctx, id: BatchId) -> Result<Totals> {
    let authority = load::actor(tx, ctx).await?;
    let changes = batch_people::changes(tx, ctx.workspace, id).await?;
    let ids: Vec<PersonId> = changes.iter().map(|waiting| waiting.person).collect();
    let rows = batch_people::people_by_name(tx, ctx.workspace, &ids).await?;
    let rows: HashMap<PersonId, PersonRow> = rows.into_iter().map(|row| (row.person.id, row)).collect();
    let today = workspaces::load(tx, ctx.workspace).await?.today(ctx.now);
    let mut totals = Totals::default();
    for waiting in &changes {
        // Whoever is gone meanwhile has no change kept, and is not among these.
        if let Some(row) = rows.get(&waiting.person) {
            let candidate = Candidate { person: &row.person, there: false, change: waiting.change.as_ref() };
            totals.count(&bulk::decide(&authority, candidate, &Deed::Undo(id), ctx.now, today));
        }
    }
    Ok(totals)
}

/// Sets the brake; stale when it has been set since `version`.
pub async fn set_brake(tx: &mut Tx, ctx: &Ctx, brake: Brake, version: i64) -> Result<bool> {
    load::actor(tx, ctx).await?.may_administer()?;
    let brake = brake.checked()?;
    let (before, now) = brakes::lock(tx, ctx.workspace).await?;
    // Nobody has needed the row before: what the form showed were the defaults, and it has them.
    if version != now && (version, now) != (0, 1) {
        return Err(Error::Stale);
    }
    if before == brake {
        return Ok(false);
    }
    brakes::set(tx, ctx.workspace, brake, now).await?;
    Record::of(Action::SettingsChanged)
        .before(json!({ "brake": before }))
        .after(json!({ "brake": brake }))
        .save(tx, ctx)?;
    Ok(true)
}
