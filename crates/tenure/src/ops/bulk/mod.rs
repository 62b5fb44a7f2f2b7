//! One action on many people: what it would do, and its beginning. A batch is saved with everybody it is about and
//! is then carried out in pieces ([`work()`]), by the jobs of the server or by whoever waits for it, so that nobody
//! else waits behind all of it.
//!
//! The licenses that a batch needs are set aside when it begins: it gets all of them or does not begin.

mod control;
mod work;

use std::collections::{HashMap, HashSet};

use domain::{
    Refusal,
    actor::{Actor, Authority},
    audit::Action,
    brake::{Brake, Recent},
    bulk::{self, Candidate, Deed, Effect, Totals, Verdict},
    id::{BatchId, GroupId, PersonId},
    license::Licenses,
    lifecycle::Grounds,
    person::{Kind, StatusWord},
};
use serde::Serialize;
use serde_json::json;

use super::{fingerprint::Fingerprint, load, record::Record, status::Counters};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    store::{
        Rx, Tx, batch_people,
        batches::{self, Batch, State},
        brakes,
        grid::{self, GridQuery},
        organizations,
        people::PersonRow,
        sessions, teams, tokens,
        workspaces::{self, Workspace},
    },
};

pub use control::{cancel, resume, set_brake, undo};
pub use work::{CHUNK, Progress, work};

/// Whom a batch is about.
#[derive(Debug, Clone)]
pub enum Whom {
    /// These; whoever is not here, or of another kind, is left out.
    Ids(Vec<PersonId>),
    /// Everybody whom this filter of the grid finds, on whichever page.
    Matching(Box<GridQuery>),
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Input {
    /// Users or customers.
    pub kind: Kind,
    /// Whom.
    pub whom: Whom,
    /// What is to be done with each.
    pub deed: Deed,
    /// Whether licenses that are missing are added.
    pub add_licenses: bool,
    /// Whether the brake may be passed.
    pub past_brake: bool,
    /// What [`Plan::fingerprint`] said when this was confirmed; stale when it would say something else now.
    pub fingerprint: Option<String>,
    /// For a deletion: how many people, typed to confirm.
    pub count: Option<i64>,
    /// The most people that one action may be about.
    pub most: usize,
}

/// Somebody as a plan shows them.
#[derive(Debug, Clone, Serialize)]
pub struct PlanRow {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The digest of their picture.
    #[serde(skip)]
    pub picture: Option<String>,
    /// Their status now.
    pub status: StatusWord,
    /// `changed`, `unchanged` or `skipped`.
    pub outcome: &'static str,
    /// Why they are skipped: a stable name.
    pub refusal: Option<&'static str>,
    /// The same in words.
    pub words: Option<String>,
}

/// What the brake says to a plan.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct BrakeSays {
    /// How many may be deactivated within its window.
    pub limit: i64,
    /// How many have been.
    pub recent: i64,
    /// Whether this plan would pass it.
    pub passes: bool,
}

/// What a batch would do: made by the code that does it.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// Users or customers.
    pub kind: Kind,
    /// The word of the deed.
    pub deed: &'static str,
    /// Everybody, by name.
    pub people: Vec<PlanRow>,
    /// All together.
    pub totals: Totals,
    /// Sessions that end.
    pub sessions_ended: i64,
    /// API tokens that are suspended.
    pub tokens_suspended: i64,
    /// The licenses now.
    pub licenses: Licenses,
    /// How many licenses are missing.
    pub missing: i64,
    /// What the brake says, where it works and the deed deactivates.
    pub brake: Option<BrakeSays>,
    /// Stands for all of this, for the form that confirms.
    pub fingerprint: String,
}

/// What a batch began with.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Begun {
    /// The batch.
    pub batch: BatchId,
    /// What it is about to do.
    pub totals: Totals,
    /// How many licenses were added.
    pub added_licenses: i64,
}

/// Everybody whom a batch is about, with what it comes to for each.
struct Assessment {
    rows: Vec<PersonRow>,
    verdicts: Vec<Verdict>,
    totals: Totals,
}

impl Assessment {
    fn fingerprint(&self, input: &Input) -> String {
        let mut seen = Fingerprint::default();
        // Why, and when to look at it again, is typed after this was shown.
        let deed = match &input.deed {
            Deed::Deactivate(_) => Deed::Deactivate(Grounds::default()),
            other => other.clone(),
        };
        seen.add(format!("{:?} {deed:?} ", input.kind));
        for (row, verdict) in self.rows.iter().zip(&self.verdicts) {
            seen.add(row.person.id.uuid());
            seen.add(row.person.version.to_be_bytes());
            seen.add(outcome(verdict));
        }
        seen.finish()
    }
}

/// The word of a verdict.
const fn outcome(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Changed(_) => "changed",
        Verdict::Unchanged => "unchanged",
        Verdict::Skipped(_) => "skipped",
    }
}

/// What this batch would do. The same guards as [`begin`].
pub async fn plan(rx: &mut Rx, ctx: &Ctx, input: &Input) -> Result<Plan> {
    let authority = load::unlocked::<0>(rx, ctx, []).await?.authority;
    authority.may_administer()?;
    let workspace = workspaces::load(rx, ctx.workspace).await?;
    let assessment = assess(rx, ctx, &authority, &workspace, input).await?;
    let changed: Vec<PersonId> = assessment
        .rows
        .iter()
        .zip(&assessment.verdicts)
        .filter(|(_, verdict)| ends_sessions(verdict))
        .map(|(row, _)| row.person.id)
        .collect();
    let sessions = match changed.as_slice() {
        [] => 0,
        ids => sessions::count_open_of(rx, ctx.workspace, ids, workspace.sessions, ctx.now).await?,
    };
    let tokens = match changed.as_slice() {
        [] => 0,
        ids => tokens::count_live_of(rx, ctx.workspace, ids, ctx.now).await?,
    };
    let brake = match input.deed {
        Deed::Deactivate(_) => {
            let (brake, recent) =
                (brakes::load(rx, ctx.workspace).await?.0, recent(rx, ctx, &workspace, input.kind).await?);
            brake.on.then(|| says(brake, recent, assessment.totals.deactivated))
        }
        _ => None,
    };
    let fingerprint = assessment.fingerprint(input);
    let people = assessment.rows.into_iter().zip(assessment.verdicts);
    Ok(Plan {
        kind: input.kind,
        deed: input.deed.word(),
        people: people.map(|(row, verdict)| plan_row(row, &verdict)).collect(),
        sessions_ended: sessions,
        tokens_suspended: tokens,
        missing: assessment.totals.missing(&workspace.licenses),
        totals: assessment.totals,
        licenses: workspace.licenses,
        brake,
        fingerprint,
    })
}

fn ends_sessions(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Changed(Effect::Status { change, .. }) => change.after.word() == StatusWord::Deactivated,
        Verdict::Changed(Effect::Deleted { .. }) => true,
        _ => false,
    }
}

fn says(brake: Brake, recent: Recent, more: i64) -> BrakeSays {
    BrakeSays {
        limit: brake.limit(recent),
        recent: recent.deactivated,
        passes: brake.check(recent, more).is_err(),
    }
}

async fn recent(rx: &mut Rx, ctx: &Ctx, workspace: &Workspace, kind: Kind) -> Result<Recent> {
    brakes::recent(rx, ctx.workspace, kind, workspace.counts_of(kind).active, ctx.now).await
}

fn plan_row(row: PersonRow, verdict: &Verdict) -> PlanRow {
    let skipped = match verdict {
        Verdict::Skipped(refusal) => Some((refusal.name(), refusal.to_string())),
        Verdict::Changed(_) | Verdict::Unchanged => None,
    };
    let (refusal, words) = skipped.unzip();
    PlanRow {
        person: row.person.id,
        status: row.person.status.word(),
        name: row.person.name,
        email: row.person.email,
        picture: row.picture,
        outcome: outcome(verdict),
        refusal,
        words,
    }
}

async fn assess(
    rx: &mut Rx,
    ctx: &Ctx,
    authority: &Authority,
    workspace: &Workspace,
    input: &Input,
) -> Result<Assessment> {
    the_target_is_there(rx, ctx, &input.deed).await?;
    let today = workspace.today(ctx.now);
    if let Deed::Deactivate(Grounds { review_on: Some(review_on), .. }) = &input.deed
        && *review_on <= today
    {
        // Said once, not of each.
        return Err(Refusal::ReviewNotInFuture { today }.into());
    }
    let ids = match &input.whom {
        Whom::Ids(ids) => ids.clone(),
        Whom::Matching(query) => {
            let limit = i64::try_from(input.most).unwrap_or(i64::MAX).saturating_add(1);
            grid::matching(rx, workspace, query, ctx.now, limit).await?
        }
    };
    if ids.len() > input.most {
        let message = format!("One action may be about {} people. Choose fewer.", input.most);
        return Err(Error::field("people", message));
    }
    let mut rows = batch_people::people_by_name(rx, ctx.workspace, &ids).await?;
    rows.retain(|row| row.person.kind == input.kind);
    let there = there(rx, ctx, &input.deed, &ids).await?;
    let mut totals = Totals::default();
    let verdicts = rows
        .iter()
        .map(|row| {
            let candidate =
                Candidate { person: &row.person, there: there.contains(&row.person.id), change: None };
            let verdict = bulk::decide(authority, candidate, &input.deed, ctx.now, today);
            totals.count(&verdict);
            verdict
        })
        .collect();
    Ok(Assessment { rows, verdicts, totals })
}

async fn the_target_is_there(rx: &mut Rx, ctx: &Ctx, deed: &Deed) -> Result<()> {
    match deed {
        Deed::JoinTeam(team) | Deed::LeaveTeam(team) => {
            teams::load(rx, ctx.workspace, *team).await?.map(drop).ok_or(Error::NotFound("team"))
        }
        Deed::Organization(Some(organization)) => organizations::load(rx, ctx.workspace, *organization)
            .await?
            .map(drop)
            .ok_or(Error::NotFound("organization")),
        _ => Ok(()),
    }
}

/// Who of these are where the deed puts people, or takes them from.
async fn there(rx: &mut Rx, ctx: &Ctx, deed: &Deed, ids: &[PersonId]) -> Result<HashSet<PersonId>> {
    Ok(match deed {
        Deed::JoinTeam(team) | Deed::LeaveTeam(team) => {
            teams::members_among(rx, ctx.workspace, *team, ids).await?.into_iter().collect()
        }
        Deed::Organization(to) => {
            let of: HashMap<PersonId, _> = organizations::of_people(rx, ctx.workspace, ids)
                .await?
                .into_iter()
                .map(|(person, organization, _)| (person, organization))
                .collect();
            ids.iter().copied().filter(|id| of.get(id) == to.as_ref()).collect()
        }
        _ => HashSet::new(),
    })
}

/// Begins a batch: it is saved with everybody it is about, its licenses are set aside, and nobody is changed yet.
/// For a deletion the door has confirmed the actor's own password before.
pub async fn begin(tx: &mut Tx, ctx: &Ctx, input: Input) -> Result<Begun> {
    let authority = load::actor(tx, ctx).await?;
    authority.may_administer()?;
    let workspace = workspaces::load(tx, ctx.workspace).await?;
    let assessment = assess(tx, ctx, &authority, &workspace, &input).await?;
    if input.fingerprint.as_ref().is_some_and(|seen| *seen != assessment.fingerprint(&input)) {
        return Err(Error::Stale);
    }
    let totals = assessment.totals;
    if input.deed == Deed::Delete && input.count != Some(totals.changed) {
        return Err(Refusal::CountMismatch.into());
    }
    let by_itself = matches!(ctx.actor, Actor::Job { .. });
    if matches!(input.deed, Deed::Deactivate(_)) && !input.past_brake && !by_itself {
        let (brake, _) = brakes::lock(tx, ctx.workspace).await?;
        brake.check(recent(tx, ctx, &workspace, input.kind).await?, totals.deactivated)?;
    }
    let ids: Vec<PersonId> = assessment.rows.iter().map(|row| row.person.id).collect();
    let batch = new(ctx, input.kind, input.deed, input.past_brake, ids.len());
    let added_licenses = save(tx, ctx, batch.clone(), totals, input.add_licenses).await?;
    batch_people::insert_people(tx, ctx.workspace, batch.id, &ids).await?;
    Ok(Begun { batch: batch.id, totals, added_licenses })
}

fn new(ctx: &Ctx, kind: Kind, deed: Deed, past_brake: bool, people: usize) -> Batch {
    Batch {
        id: ctx.id(),
        kind,
        deed,
        state: State::Running,
        paused_why: None,
        past_brake,
        made: ctx.now,
        actor: ctx.actor.clone(),
        door: ctx.door,
        request: ctx.request,
        total: i64::try_from(people).unwrap_or(i64::MAX),
        changed: 0,
        unchanged: 0,
        skipped: 0,
        sessions_ended: 0,
        tokens_suspended: 0,
        licenses_freed: 0,
        reserved: 0,
        added_licenses: 0,
        owned_before: 0,
        ended: None,
        undone_by: None,
    }
}

/// Saves a new batch with what it takes of the licenses; answers how many were added.
async fn save(tx: &mut Tx, ctx: &Ctx, batch: Batch, totals: Totals, add: bool) -> Result<i64> {
    // Locked where licenses are taken: how many are missing must not change until they are set aside.
    let licenses = match totals.takes {
        0 => workspaces::load(tx, ctx.workspace).await?,
        _ => workspaces::lock(tx, ctx.workspace).await?,
    }
    .licenses;
    let added = totals.licenses(&licenses, add)?;
    let (id, kind, deed, people) = (batch.id, batch.kind, batch.deed.word(), batch.total);
    let batch =
        Batch { reserved: totals.takes, added_licenses: added, owned_before: licenses.owned, ..batch };
    batches::insert(tx, ctx.workspace, &batch).await?;
    Record::of(Action::BulkStarted)
        .subject(id)
        .after(json!({ "deed": deed, "kind": kind, "people": people, "licenses_needed": totals.takes }))
        .save(tx, ctx)?;
    if added > 0 {
        super::activation::record_added(tx, ctx, licenses.owned, added).await?;
    }
    if totals.takes > 0 {
        let mut counters = Counters::default();
        counters.own(added);
        counters.reserve(totals.takes);
        counters.save(tx, ctx).await?;
    }
    Ok(added)
}

/// What a group filter of the grid names, for doors that say "all in this team".
#[must_use]
pub fn all_in(kind: Kind, group: GroupId) -> Whom {
    let group = Some(grid::GroupFilter::In(group));
    Whom::Matching(Box::new(GridQuery { group, ..GridQuery::new(kind) }))
}
