//! Deactivating a person (rule 1): status, license, sessions, tokens and links in one transaction.

use domain::{
    audit::Action,
    id::{PersonId, StepId, WorkspaceId},
    lifecycle::{self, Change, Deactivation, Grounds, Outcome, Step},
    person::{Kind, StatusWord},
    session::SessionLengths,
    token::Suspended,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    load,
    record::Record,
    status::{self, Counters},
};
use crate::{
    ctx::Ctx,
    error::Result,
    store::{
        Ask, Asks, Bound, Rx, Tx,
        item_people::{self, Holdings},
        links, organizations,
        people::PersonRow,
        projects,
        sessions::{self, EndedWhy},
        steps, teams, time, tokens, webhooks,
        workspaces::{self, Workspace},
    },
};

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// Why, and when to look at it again.
    pub grounds: Grounds,
    /// Whether the workspace's tokens that the person made are suspended too.
    pub made_tokens: bool,
    /// Whether the workspace's webhooks that the person made are switched off too.
    pub made_webhooks: bool,
    /// The version of the person that the preview was made from; stale when it has changed.
    pub version: Option<i64>,
}

/// What a deactivation touches, before it is done: made by the code that will do it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DeactivationPlan)]
pub struct Plan {
    /// Whom.
    #[schema(value_type = String, format = Uuid)]
    pub person: PersonId,
    /// Their version, for the form that confirms.
    pub version: i64,
    /// Whether anything changes: a deactivated person stays as they are (rule 10).
    pub changed: bool,
    /// Sessions that end.
    pub sessions_ended: i64,
    /// API tokens that are suspended: the person's own, and those they made where that is asked for.
    pub tokens_suspended: i64,
    /// The workspace's API tokens that the person made: they go on, unless they are suspended too.
    pub made_tokens: Vec<Named>,
    /// The webhooks that the person made: they go on, unless they are switched off too.
    pub made_webhooks: Vec<Named>,
    /// Invitations and set-password links that become void.
    pub links_voided: i64,
    /// Whether a license becomes free.
    pub license_freed: bool,
    /// What stays.
    pub stays: Stays,
    /// Teams in which nobody else is active.
    pub alone_in: Vec<Named>,
}

/// What a deactivated person keeps.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Stays {
    /// Teams they stay in.
    pub teams: Vec<Named>,
    /// The organization that a customer stays in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Named>,
    /// Unfinished items assigned.
    pub assigned: i64,
    /// Unfinished items followed.
    pub following: i64,
    /// Unfinished items requested.
    pub requested: i64,
    /// Projects assigned.
    pub projects_assigned: i64,
    /// Projects followed.
    pub projects_following: i64,
}

/// Something that has an id and a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl From<organizations::Organization> for Named {
    fn from(organization: organizations::Organization) -> Self {
        Self { id: organization.id.to_string(), name: organization.name }
    }
}

impl From<teams::Team> for Named {
    fn from(team: teams::Team) -> Self {
        Self { id: team.id.to_string(), name: team.name }
    }
}

/// What a deactivation did.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DeactivationReceipt)]
pub struct Receipt {
    /// Whom.
    #[schema(value_type = String, format = Uuid)]
    pub person: PersonId,
    /// Whether anything changed (rule 10).
    pub changed: bool,
    /// Sessions ended.
    pub sessions_ended: i64,
    /// API tokens suspended.
    pub tokens_suspended: i64,
    /// Invitations and links that became void.
    pub links_voided: i64,
    /// Whether a license became free.
    pub license_freed: bool,
    /// What stays.
    pub stays: Stays,
    /// The step to undo, for 10 minutes.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub undo: Option<StepId>,
}

/// What deactivating this person would do. The same guards as [`deactivate`].
pub async fn plan(rx: &mut Rx, ctx: &Ctx, id: PersonId, input: &Input) -> Result<Plan> {
    let load::Loaded { authority, people: [row] } = load::unlocked(rx, ctx, [id]).await?;
    let workspace = workspaces::load(rx, ctx.workspace).await?;
    let grounds = input.grounds.clone();
    let today = workspace.today(ctx.now);
    let outcome = lifecycle::deactivate(&authority, &row.person, grounds, ctx.now, today)?;
    let mut plan = plan_for(rx, ctx, &row, &workspace, &outcome).await?;
    if input.made_tokens {
        plan.tokens_suspended += i64::try_from(plan.made_tokens.len()).unwrap_or(i64::MAX);
    }
    Ok(plan)
}

/// The consequences for one person, for the plans of deactivation and swap.
pub(crate) async fn plan_for(
    rx: &mut Rx,
    ctx: &Ctx,
    row: &PersonRow,
    workspace: &Workspace,
    outcome: &Outcome<Deactivation>,
) -> Result<Plan> {
    let (ws, id) = (ctx.workspace, row.person.id);
    let (changed, license_freed) = match outcome {
        Outcome::Changed(deactivation) => (true, deactivation.frees_license),
        Outcome::Unchanged => (false, false),
    };
    let made = if changed { tokens::made_by(rx, ws, id, ctx.now).await? } else { Vec::new() };
    let made = made.into_iter().map(|(row, _)| Named { id: row.token.id.to_string(), name: row.name });
    let hooks = if changed { webhooks::made_by(rx, ws, id).await? } else { Vec::new() };
    let hooks = hooks.into_iter().map(|webhook| Named { id: webhook.id.to_string(), name: webhook.name });
    Ok(Plan {
        person: id,
        version: row.person.version,
        changed,
        sessions_ended: sessions::count_open(rx, ws, id, workspace.sessions, ctx.now).await?,
        tokens_suspended: tokens::count_live(rx, ws, id, ctx.now).await?,
        made_tokens: made.collect(),
        made_webhooks: hooks.collect(),
        links_voided: links::count_open(rx, ws, id, ctx.now).await?,
        license_freed,
        stays: stays(rx, ws, id).await?,
        alone_in: if changed { named(teams::alone_in(rx, ws, id).await?) } else { Vec::new() },
    })
}

/// What a person holds that a deactivation leaves to them.
pub async fn stays(rx: &mut Rx, ws: WorkspaceId, id: PersonId) -> Result<Stays> {
    let found = rx.ask(ask_stays(ws, id)).await?;
    Ok(stays_of(found))
}

type Kept = (Vec<(PersonId, Holdings)>, Vec<(i64, i64)>, Vec<teams::Team>, Vec<organizations::Organization>);
type AskKept =
    (Ask<(PersonId, Holdings)>, Ask<(i64, i64)>, Ask<teams::Team>, Ask<organizations::Organization>);

fn ask_stays(ws: WorkspaceId, id: PersonId) -> AskKept {
    (
        item_people::ask_of(ws, id),
        projects::ask_count_of_person(ws, id),
        teams::ask_of_person(ws, id),
        organizations::ask_of_person(ws, id),
    )
}

fn stays_of((mut held, mut projects, teams, mut organizations): Kept) -> Stays {
    let held = held.pop().map_or_else(Holdings::default, |(_, held)| held);
    let (projects_assigned, projects_following) = projects.pop().unwrap_or_default();
    Stays {
        teams: named(teams),
        organization: organizations.pop().map(Named::from),
        assigned: held.assigned,
        following: held.following,
        requested: held.requested,
        projects_assigned,
        projects_following,
    }
}

pub(crate) fn named(teams: Vec<teams::Team>) -> Vec<Named> {
    teams.into_iter().map(Named::from).collect()
}

/// Deactivates a person; answers what that did. Nothing comes after its counters: see [`Store::write_to_last`].
///
/// [`Store::write_to_last`]: crate::store::Store::write_to_last
pub async fn deactivate(tx: &mut Tx, ctx: &Ctx, id: PersonId, input: Input) -> Result<Receipt> {
    let (loaded, workspace) = load::locked_in(tx, ctx, [id], load::Whole::Read).await?;
    let load::Loaded { authority, people: [row] } = loaded;
    let today = workspace.today(ctx.now);
    let outcome = lifecycle::deactivate(&authority, &row.person, input.grounds, ctx.now, today)?;
    let Outcome::Changed(deactivation) = outcome else {
        return unchanged(tx, ctx, id).await;
    };
    load::fresh(&row, input.version)?;
    let mut counters = Counters::default();
    let (step, lengths) = (ctx.id::<StepId>(), workspace.sessions);
    let mut done = lock_doors(tx, ctx, &row, &deactivation, (lengths, Some(step)), &mut counters).await?;
    if input.made_tokens {
        done.tokens_suspended += suspend_made(tx, ctx, id, step).await?;
    }
    if input.made_webhooks {
        super::webhooks::switch_off_made_by(tx, ctx, id, step).await?;
    }
    save_step(tx, ctx, (step, "deactivation"), vec![deactivation.change], (0, 0))?;
    counters.save_last(tx, ctx).await?;
    Ok(Receipt { undo: Some(step), ..done })
}

/// Suspends the workspace's tokens that somebody made, in the step of their deactivation, each on the record.
async fn suspend_made(tx: &mut Tx, ctx: &Ctx, id: PersonId, step: StepId) -> Result<i64> {
    for (row, _) in tokens::made_by(tx, ctx.workspace, id, ctx.now).await? {
        Record::of(Action::TokenSuspended)
            .subject(row.token.id)
            .after(json!({ "token": row.name, "why": Suspended::Deactivation }))
            .save(tx, ctx)?;
    }
    tokens::suspend_made_by(tx, ctx.workspace, id, Some(step.uuid()), ctx.now).await
}

async fn unchanged(tx: &mut Tx, ctx: &Ctx, id: PersonId) -> Result<Receipt> {
    Ok(Receipt {
        person: id,
        changed: false,
        sessions_ended: 0,
        tokens_suspended: 0,
        links_voided: 0,
        license_freed: false,
        stays: stays(tx, ctx.workspace, id).await?,
        undo: None,
    })
}

/// The deactivation itself, shared with the swap of an activation and with imports: status and ledger,
/// every session, token and link, the record. `step` is what can be undone. The counters are saved by the
/// caller, last.
pub(crate) async fn lock_doors(
    tx: &mut Tx,
    ctx: &Ctx,
    row: &PersonRow,
    deactivation: &Deactivation,
    (lengths, step): (SessionLengths, Option<StepId>),
    counters: &mut Counters,
) -> Result<Receipt> {
    let (id, change) = (row.person.id, &deactivation.change);
    status::change(tx, ctx, row, change, Action::Deactivated, counters)?;
    let (closed, kept) = close_all_and(tx, ctx, id, (lengths, step), ask_stays(ctx.workspace, id)).await?;
    let Closed { sessions: sessions_ended, links: links_voided, tokens: tokens_suspended } = closed;
    Record::of(Action::Deactivated).person(id).statuses(&change.before, &change.after).save(tx, ctx)?;
    Ok(Receipt {
        person: id,
        changed: true,
        sessions_ended,
        tokens_suspended,
        links_voided,
        license_freed: deactivation.frees_license && row.person.kind == Kind::User,
        stays: stays_of(kept),
        undo: None,
    })
}

/// How many of each still worked.
pub(crate) struct Closed {
    pub sessions: i64,
    pub links: i64,
    pub tokens: i64,
}

/// Ends every session, suspends every token and makes every link of a person void; answers how many of each still
/// worked. The undo of `step` brings back its tokens.
pub(crate) async fn close_all(
    tx: &mut Tx,
    ctx: &Ctx,
    id: PersonId,
    lengths: SessionLengths,
    step: Option<StepId>,
) -> Result<Closed> {
    Ok(close_all_and(tx, ctx, id, (lengths, step), ()).await?.0)
}

/// As [`close_all`], and what questions find after it.
async fn close_all_and<A: Asks>(
    tx: &mut Tx,
    ctx: &Ctx,
    id: PersonId,
    (lengths, step): (SessionLengths, Option<StepId>),
    asks: A,
) -> Result<(Closed, A::Found)> {
    let (ws, now) = (ctx.workspace, ctx.now);
    sessions::end_stale(tx, ws, id, lengths, now)?;
    links::close_stale(tx, ws, id, now)?;
    let micros = time::micros(now);
    let (ended, void) = (EndedWhy::Deactivated.word(), links::ClosedWhy::Void.word());
    let doors: [Bound<'_>; 3] = [
        (&sessions::END_ALL, &[&micros, &ended, &ws.uuid(), &id.uuid()]),
        (&links::CLOSE_ALL, &[&micros, &void, &ws.uuid(), &id.uuid()]),
        (&tokens::SUSPEND_LIVE, &[&micros, &step.map(StepId::uuid), &ws.uuid(), &id.uuid()]),
    ];
    let (rows, found) = tx.batch_and_ask(&doors, asks).await?;
    let count = |index: usize| rows.get(index).map_or(0, |rows| i64::try_from(*rows).unwrap_or(i64::MAX));
    Ok((Closed { sessions: count(0), links: count(1), tokens: count(2) }, found))
}

/// Saves what a step changed, so that it can be undone: accounts, and licenses owned before with how many
/// were added.
pub(crate) fn save_step(
    tx: &mut Tx,
    ctx: &Ctx,
    (id, kind): (StepId, &'static str),
    changes: Vec<Change>,
    (owned_before, added_licenses): (i64, i64),
) -> Result<()> {
    debug_assert!(
        changes.iter().all(|change| change.after.word() != StatusWord::Invited),
        "only deactivations and activations are steps"
    );
    let step = Step { made: ctx.now, undone: false, changes, added_licenses, owned_before };
    steps::insert(tx, ctx.workspace, id, kind, ctx.actor.person(), &step)
}
