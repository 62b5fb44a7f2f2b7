//! Activating a person (rule 6): with a free license, an added one, or one that somebody else gives up.

use domain::{
    audit::Action,
    id::{PersonId, StepId},
    lifecycle::{self, Activation, Grounds, Outcome},
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    deactivation::{self, lock_doors, save_step},
    load,
    record::Record,
    status::{self, Counters},
};
use crate::{
    ctx::Ctx,
    error::Result,
    store::{
        Rx, Tx,
        people::PersonRow,
        tokens,
        workspaces::{self, Workspace},
    },
};

/// Where the license comes from.
#[derive(Debug, Clone, Default)]
pub enum Way {
    /// From the free ones.
    #[default]
    Free,
    /// By adding one.
    Add,
    /// By deactivating somebody else.
    Swap {
        /// Who makes room.
        other: PersonId,
        /// Why, for their record.
        grounds: Grounds,
    },
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// Where the license comes from.
    pub way: Way,
    /// Whether the person's tokens come back that were suspended with a deactivation of theirs (rule 6: only if asked).
    pub restore_tokens: bool,
    /// The version of the person that the preview was made from; stale when it has changed.
    pub version: Option<i64>,
}

/// What an activation would do.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ActivationPlan)]
pub struct Plan {
    /// Whom.
    #[schema(value_type = String, format = Uuid)]
    pub person: PersonId,
    /// Their version, for the form that confirms.
    pub version: i64,
    /// Whether anything changes (rule 10).
    pub changed: bool,
    /// How many licenses are added.
    pub added_licenses: i64,
    /// Licenses owned afterwards.
    pub owned: i64,
    /// Licenses used afterwards.
    pub used: i64,
    /// API tokens that were suspended with a deactivation, and come back where that is asked for.
    pub suspended_tokens: i64,
    /// What happens to the person who makes room.
    pub swap: Option<deactivation::Plan>,
}

/// What an activation did.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ActivationReceipt)]
pub struct Receipt {
    /// Whom.
    #[schema(value_type = String, format = Uuid)]
    pub person: PersonId,
    /// Whether anything changed (rule 10).
    pub changed: bool,
    /// How many licenses were added.
    pub added_licenses: i64,
    /// Licenses owned afterwards.
    pub owned: i64,
    /// Licenses used afterwards.
    pub used: i64,
    /// API tokens that came back.
    pub tokens_restored: i64,
    /// What happened to the person who made room.
    pub swap: Option<deactivation::Receipt>,
    /// The step to undo, for 10 minutes.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub undo: Option<StepId>,
}

/// What activating this person would do. The same guards as [`activate`].
pub async fn plan(rx: &mut Rx, ctx: &Ctx, id: PersonId, input: &Input) -> Result<Plan> {
    let other_id = other(&input.way);
    let load::Loaded { authority, people: [row, other] } =
        load::unlocked(rx, ctx, [id, other_id.unwrap_or(id)]).await?;
    let workspace = workspaces::load(rx, ctx.workspace).await?;
    let way = way(&input.way, &other);
    let today = workspace.today(ctx.now);
    let outcome = lifecycle::activate(&authority, &row.person, &workspace.licenses, way, ctx.now, today)?;
    let (changed, added_licenses, taken, swap) = match outcome {
        Outcome::Unchanged => (false, 0, 0, None),
        Outcome::Changed(activation) => {
            let freed = i64::from(activation.swap.is_some());
            let taken = i64::from(activation.takes_license) - freed;
            let swap = match activation.swap {
                Some(deactivation) => {
                    let outcome = Outcome::Changed(deactivation);
                    Some(deactivation::plan_for(rx, ctx, &other, &workspace, &outcome).await?)
                }
                None => None,
            };
            (true, activation.adds_licenses, taken, swap)
        }
    };
    Ok(Plan {
        person: id,
        version: row.person.version,
        changed,
        added_licenses,
        owned: workspace.licenses.owned + added_licenses,
        used: workspace.licenses.used + taken,
        suspended_tokens: tokens::count_suspended(rx, ctx.workspace, id, ctx.now).await?,
        swap,
    })
}

fn other(way: &Way) -> Option<PersonId> {
    match way {
        Way::Swap { other, .. } => Some(*other),
        Way::Free | Way::Add => None,
    }
}

fn way(way: &Way, other: &PersonRow) -> lifecycle::Way {
    match way {
        Way::Free => lifecycle::Way::Free,
        Way::Add => lifecycle::Way::Add,
        Way::Swap { grounds, .. } => {
            lifecycle::Way::Swap { other: other.person.clone(), grounds: grounds.clone() }
        }
    }
}

/// Activates a person, in one step with what frees the license; answers what that did. Nothing comes after its counters:
/// see [`Store::write_to_last`].
///
/// [`Store::write_to_last`]: crate::store::Store::write_to_last
pub async fn activate(tx: &mut Tx, ctx: &Ctx, id: PersonId, input: Input) -> Result<Receipt> {
    let other_id = other(&input.way).unwrap_or(id);
    // Adding or swapping depends on none being free, so that must not change until the counters are
    // written. A plain activation is guarded by the statement that writes them, and waits for nobody.
    let whole = match input.way {
        Way::Free => load::Whole::Read,
        Way::Add | Way::Swap { .. } => load::Whole::Locked,
    };
    let (loaded, workspace) = load::locked_in(tx, ctx, [id, other_id], whole).await?;
    let load::Loaded { authority, people: [row, other] } = loaded;
    #[cfg(feature = "planted")]
    let workspace = crate::planted::counted(workspace);
    let way = way(&input.way, &other);
    let today = workspace.today(ctx.now);
    let outcome = lifecycle::activate(&authority, &row.person, &workspace.licenses, way, ctx.now, today)?;
    match outcome {
        Outcome::Unchanged => Ok(unchanged(id, &workspace)),
        Outcome::Changed(activation) => {
            load::fresh(&row, input.version)?;
            let restore = input.restore_tokens;
            carry_out(tx, ctx, (&row, &other), &workspace, activation, restore).await
        }
    }
}

fn unchanged(id: PersonId, workspace: &Workspace) -> Receipt {
    Receipt {
        person: id,
        changed: false,
        added_licenses: 0,
        owned: workspace.licenses.owned,
        used: workspace.licenses.used,
        tokens_restored: 0,
        swap: None,
        undo: None,
    }
}

async fn carry_out(
    tx: &mut Tx,
    ctx: &Ctx,
    (row, other): (&PersonRow, &PersonRow),
    workspace: &Workspace,
    activation: Activation,
    restore_tokens: bool,
) -> Result<Receipt> {
    let (step, lengths) = (ctx.id::<StepId>(), workspace.sessions);
    let mut counters = Counters::default();
    let mut changes = vec![activation.change.clone()];
    let swap = match &activation.swap {
        Some(deactivation) => {
            changes.push(deactivation.change.clone());
            Some(lock_doors(tx, ctx, other, deactivation, (lengths, Some(step)), &mut counters).await?)
        }
        None => None,
    };
    status::change(tx, ctx, row, &activation.change, Action::Activated, &mut counters)?;
    Record::of(Action::Activated)
        .person(row.person.id)
        .statuses(&activation.change.before, &activation.change.after)
        .save(tx, ctx)?;
    let tokens_restored = if restore_tokens { restore(tx, ctx, row.person.id).await? } else { 0 };
    if activation.adds_licenses > 0 {
        counters.own(activation.adds_licenses);
        let owned = workspace.licenses.owned;
        record_added(tx, ctx, owned, activation.adds_licenses).await?;
    }
    let kind = if swap.is_some() { "swap" } else { "activation" };
    let owned = (workspace.licenses.owned, activation.adds_licenses);
    save_step(tx, ctx, (step, kind), changes, owned)?;
    #[cfg(feature = "planted")]
    crate::planted::leaves(tx, ctx.workspace, row.person.id).await?;
    let (owned, used) = counters.save_last(tx, ctx).await?;
    Ok(Receipt {
        person: row.person.id,
        changed: true,
        added_licenses: activation.adds_licenses,
        owned,
        used,
        tokens_restored,
        swap,
        undo: Some(step),
    })
}

/// Brings back the tokens that were suspended with deactivations of this person; answers how many.
async fn restore(tx: &mut Tx, ctx: &Ctx, person: PersonId) -> Result<i64> {
    let restored = tokens::restore_person(tx, ctx.workspace, person, ctx.now).await?;
    if restored > 0 {
        Record::of(Action::TokenRestored)
            .person(person)
            .after(json!({ "tokens": restored }))
            .save(tx, ctx)?;
    }
    Ok(restored)
}

/// Records that a step added licenses (or, negative, gave them up again).
pub(crate) async fn record_added(tx: &mut Tx, ctx: &Ctx, owned: i64, added: i64) -> Result<()> {
    Record::of(Action::LicensesChanged)
        .before(json!({ "owned": owned }))
        .after(json!({ "owned": owned + added }))
        .save(tx, ctx)
}
