//! Undoing a deactivation, an activation or a swap, within 10 minutes.

use domain::{
    audit::Action,
    id::{PersonId, StepId},
    lifecycle,
    person::{Kind, StatusWord},
    session::SessionLengths,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    activation::record_added,
    deactivation::close_all,
    load,
    record::Record,
    status::{self, Counters},
};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    store::{Tx, people::PersonRow, steps, tokens, webhooks, workspaces},
};

/// What an undo did.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = UndoReceipt)]
pub struct Receipt {
    /// Who is active again.
    #[schema(value_type = Vec<String>)]
    pub activated: Vec<PersonId>,
    /// Who is deactivated again.
    #[schema(value_type = Vec<String>)]
    pub deactivated: Vec<PersonId>,
    /// API tokens that the step had suspended and that work again.
    pub tokens_restored: i64,
    /// How many added licenses were given up again.
    pub removed_licenses: i64,
    /// Licenses owned afterwards.
    pub owned: i64,
    /// Licenses used afterwards.
    pub used: i64,
}

/// Undoes a step: the statuses, the tokens that it suspended and the webhooks that it switched off are as they were before it. Ended sessions stay
/// ended.
pub async fn undo(tx: &mut Tx, ctx: &Ctx, id: StepId) -> Result<Receipt> {
    // People are locked before what hangs on them, in every op; so whom the step is about is read first.
    let (authority, rows) = match *steps::people(tx, ctx.workspace, id).await?.as_slice() {
        [one] => {
            let loaded = load::locked(tx, ctx, [one]).await?;
            (loaded.authority, loaded.people.to_vec())
        }
        [one, two] => {
            let loaded = load::locked(tx, ctx, [one, two]).await?;
            (loaded.authority, loaded.people.to_vec())
        }
        // No such step, or somebody in it has been deleted.
        _ => (load::actor(tx, ctx).await?, Vec::new()),
    };
    // Members learn nothing about steps.
    authority.may_administer()?;
    let step = steps::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("step"))?;
    if step.changes.is_empty() {
        return Err(domain::Refusal::UndoOvertaken.into());
    }
    let people: Vec<_> = rows.iter().map(|row| row.person.clone()).collect();
    let workspace = workspaces::lock(tx, ctx.workspace).await?;
    let undo = lifecycle::undo(&authority, &step, &people, &workspace.licenses, ctx.now)?;
    steps::mark_undone(tx, ctx.workspace, id, ctx.now).await?;
    if undo.removes_licenses > 0 {
        record_added(tx, ctx, workspace.licenses.owned, -undo.removes_licenses).await?;
    }
    let done = carry_out(tx, ctx, &rows, &undo, workspace.sessions).await?;
    let tokens_restored = tokens::restore_step(tx, ctx.workspace, id.uuid()).await?;
    if tokens_restored > 0 {
        Record::of(Action::TokenRestored).after(json!({ "tokens": tokens_restored })).save(tx, ctx)?;
    }
    let webhooks_on = webhooks::switch_on_step(tx, ctx.workspace, id.uuid()).await?;
    if webhooks_on > 0 {
        Record::of(Action::WebhookOn).after(json!({ "webhooks": webhooks_on })).save(tx, ctx)?;
    }
    Ok(Receipt { tokens_restored, ..done })
}

async fn carry_out(
    tx: &mut Tx,
    ctx: &Ctx,
    rows: &[PersonRow],
    undo: &lifecycle::Undo,
    lengths: SessionLengths,
) -> Result<Receipt> {
    let mut counters = Counters::default();
    let (mut activated, mut deactivated) = (Vec::new(), Vec::new());
    for change in &undo.changes {
        let row = rows.iter().find(|row| row.person.id == change.person).ok_or(Error::NotFound("person"))?;
        debug_assert!(matches!(row.person.kind, Kind::User | Kind::Customer));
        status::change(tx, ctx, row, change, Action::Undone, &mut counters)?;
        if change.after.word() == StatusWord::Deactivated {
            close_all(tx, ctx, change.person, lengths, None).await?;
            deactivated.push(change.person);
        } else {
            activated.push(change.person);
        }
        Record::of(Action::Undone)
            .person(change.person)
            .statuses(&change.before, &change.after)
            .save(tx, ctx)?;
    }
    counters.own(-undo.removes_licenses);
    let (owned, used) = counters.save(tx, ctx).await?;
    let tokens_restored = 0;
    Ok(Receipt {
        activated,
        deactivated,
        tokens_restored,
        removed_licenses: undo.removes_licenses,
        owned,
        used,
    })
}
