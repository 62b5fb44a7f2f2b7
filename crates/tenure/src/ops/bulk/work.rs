//! A piece of a batch: the next people in their places, in one transaction. What it began is done whole or not at
//! all, so that a server that died goes on with whoever still waits.

use std::collections::HashMap;

use domain::{
    Refusal,
    actor::Authority,
    audit::Action,
    bulk::{self, Candidate, Deed, Effect, Verdict},
    id::{BatchId, OrganizationId, PersonId, TeamId, WorkspaceId},
    lifecycle::{self, Change},
    person::StatusWord,
};
use serde::Serialize;
use serde_json::json;

use super::{super::status, recent, there};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::{
        activation::record_added, deletion, items::depart, load, organizations as moves, record::Record,
        roles, status::Counters, teams as memberships,
    },
    store::{
        Tx,
        batch_people::{self, Waiting},
        batches::{self, Batch, PausedWhy, State, Worked},
        brakes,
        links::{self, ClosedWhy},
        organizations,
        people::PersonRow,
        sessions::{self, EndedWhy},
        teams, tokens, workspaces,
    },
    sys::Sys,
};

/// How many people one piece is about: few enough that whoever waits behind it does not notice.
pub const CHUNK: i64 = 200;

/// How far a batch is after a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Its state.
    pub state: State,
    /// How many people have been dealt with.
    pub done: i64,
    /// How many there are.
    pub total: i64,
    /// Whether somebody else is at work on it.
    pub busy: bool,
}

/// Does the next piece of a batch, if it is running and nobody else is at it.
pub async fn work(tx: &mut Tx, sys: &Sys, ws: WorkspaceId, id: BatchId) -> Result<Progress> {
    let Some(batch) = batches::claim(tx, ws, id).await? else {
        let batch = batches::load(tx, ws, id).await?.ok_or(Error::NotFound("change of many people"))?;
        return Ok(progress(&batch, batch.state, 0, batch.state == State::Running));
    };
    let ctx = Ctx {
        workspace: ws,
        actor: batch.actor.clone(),
        door: batch.door,
        request: batch.request,
        now: sys.now(),
        sys: sys.clone(),
    };
    let authority = load::standing(tx, &ctx).await?;
    if authority.may_administer().is_err() {
        pause(tx, &ctx, &batch, PausedWhy::Actor).await?;
        return Ok(progress(&batch, State::Paused, 0, false));
    }
    let next = batch_people::next(tx, ws, id, CHUNK).await?;
    let Piece { people, full } = decide(tx, &ctx, &authority, &batch, &next).await?;
    let done = carry_out(tx, &ctx, &batch, &people).await?;
    batches::count(tx, ws, id, done).await?;
    let dealt = i64::try_from(people.len()).unwrap_or(i64::MAX);
    let state = if full {
        pause(tx, &ctx, &batch, PausedWhy::Brake).await?;
        State::Paused
    } else if batch.done() + dealt >= batch.total {
        end(tx, &ctx, &batch, batch.reserved - done.used, State::Finished).await?;
        State::Finished
    } else {
        State::Running
    };
    Ok(progress(&batch, state, dealt, false))
}

fn progress(batch: &Batch, state: State, dealt: i64, busy: bool) -> Progress {
    Progress { state, done: batch.done() + dealt, total: batch.total, busy }
}

/// The people of a piece, each with what the deed comes to; and whether the brake keeps the rest.
struct Piece {
    people: Vec<(Waiting, Option<PersonRow>, Verdict)>,
    full: bool,
}

async fn decide(
    tx: &mut Tx,
    ctx: &Ctx,
    authority: &Authority,
    batch: &Batch,
    next: &[Waiting],
) -> Result<Piece> {
    let ids: Vec<PersonId> = next.iter().map(|waiting| waiting.person).collect();
    let rows = batch_people::lock_people(tx, ctx.workspace, &ids).await?;
    let mut rows: HashMap<PersonId, PersonRow> = rows.into_iter().map(|row| (row.person.id, row)).collect();
    let there = there(tx, ctx, &batch.deed, &ids).await?;
    let workspace = workspaces::load(tx, ctx.workspace).await?;
    let today = workspace.today(ctx.now);
    let mut room = room(tx, ctx, batch, &workspace).await?;
    let mut people = Vec::with_capacity(next.len());
    for waiting in next {
        let row = rows.remove(&waiting.person).filter(|row| row.person.kind == batch.kind);
        let verdict = match &row {
            None => Verdict::Unchanged,
            Some(row) => {
                let person = &row.person;
                let there = there.contains(&person.id);
                let candidate = Candidate { person, there, change: waiting.change.as_ref() };
                bulk::decide(authority, candidate, &batch.deed, ctx.now, today)
            }
        };
        if matches!(verdict, Verdict::Changed(_)) {
            if room == 0 {
                return Ok(Piece { people, full: true });
            }
            room -= 1;
        }
        people.push((waiting.clone(), row, verdict));
    }
    Ok(Piece { people, full: false })
}

/// How many more the brake lets be deactivated now. Whoever else deactivates many waits until this is saved.
async fn room(tx: &mut Tx, ctx: &Ctx, batch: &Batch, workspace: &workspaces::Workspace) -> Result<i64> {
    if batch.past_brake || !matches!(batch.deed, Deed::Deactivate(_)) {
        return Ok(i64::MAX);
    }
    let (brake, _) = brakes::lock(tx, ctx.workspace).await?;
    Ok(brake.room(recent(tx, ctx, workspace, batch.kind).await?))
}

async fn carry_out(
    tx: &mut Tx,
    ctx: &Ctx,
    batch: &Batch,
    people: &[(Waiting, Option<PersonRow>, Verdict)],
) -> Result<Worked> {
    let (ws, id) = (ctx.workspace, batch.id);
    let mut done = Worked::default();
    let (mut unchanged, mut changed, mut effects) = (vec![], vec![], vec![]);
    let (mut noted, mut statuses) = (vec![], vec![]);
    for (waiting, row, verdict) in people {
        match (row, verdict) {
            (None, _) => {
                done.skipped += 1;
                let gone = ("person-gone", "This person is not here any more.".to_owned());
                batch_people::set_skipped(tx, ws, id, waiting.place, gone)?;
            }
            (_, Verdict::Skipped(refusal)) => {
                done.skipped += 1;
                let why = (refusal.name(), refusal.to_string());
                batch_people::set_skipped(tx, ws, id, waiting.place, why)?;
            }
            (_, Verdict::Unchanged) => {
                done.unchanged += 1;
                unchanged.push(waiting.place);
            }
            (Some(row), Verdict::Changed(Effect::Status { change, licenses })) => {
                done.changed += 1;
                done.licenses_freed += (-licenses).max(0);
                done.used += (*licenses).max(0);
                noted.push((waiting.place, change));
                statuses.push((row, change));
            }
            (Some(row), Verdict::Changed(effect)) => {
                done.changed += 1;
                changed.push(waiting.place);
                effects.push((row, effect));
            }
        }
    }
    batch_people::set_changed(tx, ws, id, &noted).await?;
    batch_people::set_outcome(tx, ws, id, false, unchanged)?;
    batch_people::set_outcome(tx, ws, id, true, changed)?;
    let mut counters = Counters::default();
    counters.reserve(-done.used);
    (done.sessions_ended, done.tokens_suspended) =
        change_statuses(tx, ctx, batch, &statuses, &mut counters).await?;
    for (row, effect) in effects {
        let (sessions, freed) = apply(tx, ctx, batch, row, effect, &mut counters).await?;
        done.sessions_ended += sessions;
        done.licenses_freed += freed;
    }
    counters.save(tx, ctx).await?;
    Ok(done)
}

/// Statuses, ledger, sessions, tokens and links of many, and the record of each; answers how many sessions ended and
/// tokens were suspended.
async fn change_statuses(
    tx: &mut Tx,
    ctx: &Ctx,
    batch: &Batch,
    statuses: &[(&PersonRow, &Change)],
    counters: &mut Counters,
) -> Result<(i64, i64)> {
    if statuses.is_empty() {
        return Ok((0, 0));
    }
    let action = match batch.deed {
        Deed::Deactivate(_) => Action::Deactivated,
        Deed::Activate => Action::Activated,
        _ => Action::Undone,
    };
    status::change_many(tx, ctx, statuses, action, counters).await?;
    let record = |(row, change): &(&PersonRow, &Change)| {
        Record::of(action).person(row.person.id).subject(batch.id).statuses(&change.before, &change.after)
    };
    Record::save_all(statuses.iter().map(record).collect(), tx, ctx).await?;
    let (out, back): (Vec<_>, Vec<_>) =
        statuses.iter().partition(|(_, change)| change.after.word() == StatusWord::Deactivated);
    let ids = |some: Vec<&(&PersonRow, &Change)>| -> Vec<PersonId> {
        some.into_iter().map(|(row, _)| row.person.id).collect()
    };
    let (out, back) = (ids(out), ids(back));
    if let (Deed::Undo(of), false) = (&batch.deed, back.is_empty()) {
        tokens::restore_batch(tx, ctx.workspace, of.uuid(), &back).await?;
    }
    if out.is_empty() {
        return Ok((0, 0));
    }
    // Only a deactivation can be undone in turn.
    let by = matches!(batch.deed, Deed::Deactivate(_)).then(|| batch.id.uuid());
    let suspended = tokens::suspend_live_of(tx, ctx.workspace, &out, by, ctx.now).await?;
    let lengths = workspaces::load(tx, ctx.workspace).await?.sessions;
    links::close_all_of(tx, ctx.workspace, &out, ClosedWhy::Void, ctx.now)?;
    let why = EndedWhy::Deactivated;
    let ended = sessions::end_all_of(tx, ctx.workspace, &out, why, lengths, ctx.now).await?;
    Ok((ended, suspended))
}

/// Whatever else changes of one person; answers how many sessions ended and licenses became free.
async fn apply(
    tx: &mut Tx,
    ctx: &Ctx,
    batch: &Batch,
    row: &PersonRow,
    effect: &Effect,
    counters: &mut Counters,
) -> Result<(i64, i64)> {
    let person = row.person.id;
    match (effect, &batch.deed) {
        (Effect::Deleted { frees_license }, _) => {
            let lengths = workspaces::load(tx, ctx.workspace).await?.sessions;
            let sessions = sessions::count_open(tx, ctx.workspace, person, lengths, ctx.now).await?;
            deletion::erase(tx, ctx, row, (Action::Deleted, depart::PIECE_OF_MANY), counters).await?;
            return Ok((sessions, i64::from(*frees_license)));
        }
        (Effect::Role(role), _) => roles::set(tx, ctx, &row.person, *role).await?,
        (Effect::Joined, Deed::JoinTeam(team)) => {
            let team = team_of(tx, ctx, *team).await?;
            memberships::put_in(tx, ctx, &team, person).await?;
        }
        (Effect::Left, Deed::LeaveTeam(team)) => {
            let team = team_of(tx, ctx, *team).await?;
            memberships::take_out(tx, ctx, &team, person).await?;
        }
        (Effect::Moved, Deed::Organization(to)) => move_one(tx, ctx, person, *to).await?,
        (Effect::Joined | Effect::Left | Effect::Moved | Effect::Status { .. }, _) => {
            return Err(Error::Internal("an effect of another deed".into()));
        }
    }
    Ok((0, 0))
}

async fn team_of(tx: &mut Tx, ctx: &Ctx, team: TeamId) -> Result<teams::Team> {
    teams::lock(tx, ctx.workspace, team).await?.ok_or(Error::NotFound("team"))
}

async fn move_one(tx: &mut Tx, ctx: &Ctx, person: PersonId, to: Option<OrganizationId>) -> Result<()> {
    let from = organizations::of_person(tx, ctx.workspace, person).await?;
    moves::put_into(tx, ctx, person, from, to).await.map(drop)
}

async fn pause(tx: &mut Tx, ctx: &Ctx, batch: &Batch, why: PausedWhy) -> Result<()> {
    batches::pause(tx, ctx.workspace, batch.id, why).await?;
    Record::of(Action::BulkPaused)
        .subject(batch.id)
        .after(json!({ "why": why, "people": batch.total }))
        .save(tx, ctx)
}

/// Ends a batch and gives back what is still set aside for it. An undo gives up the licenses that the other batch
/// added, as far as they are free.
pub(super) async fn end(tx: &mut Tx, ctx: &Ctx, batch: &Batch, reserved: i64, state: State) -> Result<()> {
    batches::end(tx, ctx.workspace, batch.id, state, ctx.now).await?;
    let mut counters = Counters::default();
    counters.reserve(-reserved);
    if let Deed::Undo(of) = batch.deed
        && let Some(undone) = batches::load(tx, ctx.workspace, of).await?
        && undone.added_licenses > 0
    {
        let mut after = workspaces::lock(tx, ctx.workspace).await?.licenses;
        after.used -= reserved;
        let given_up = lifecycle::gives_up(undone.added_licenses, undone.owned_before, &after);
        if given_up > 0 {
            record_added(tx, ctx, after.owned, -given_up).await?;
            counters.own(-given_up);
        }
    }
    counters.save(tx, ctx).await.map(drop)
}

/// A batch that is not in the state that is needed.
pub(super) fn is(batch: &Batch) -> Refusal {
    Refusal::BatchIs { state: batch.state.word() }
}
