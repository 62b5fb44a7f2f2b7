//! Handover: a person's unfinished items are given to another user, or to a team's members in turn. Nothing moves
//! unless somebody asks for it; for ten minutes it can be taken back.

use std::collections::{BTreeMap, HashSet};

use domain::{
    Refusal,
    actor::Authority,
    audit::Action,
    id::{HandoverId, ItemId, PersonId, TeamId},
    item::{self, Part},
    lifecycle::UNDO_FOR,
    part,
};
use serde::Serialize;
use serde_json::json;

use super::{fingerprint::Fingerprint, history::History, items::tally::Tally, load, record::Record};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    store::{
        Rx, Tx,
        handovers::{self, Given, Handover},
        item_people,
        items::{self, ItemRow},
        teams,
    },
};

/// How many items one handover moves. Who holds more is asked again for the rest: a single write must not keep all
/// others waiting.
pub const MOST: i64 = 500;

/// Who gets the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// This user.
    Person(PersonId),
    /// The active members of this team, in turn.
    Team(TeamId),
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Input {
    /// Whose items.
    pub from: PersonId,
    /// Who gets them.
    pub to: To,
    /// Only these; all unfinished ones without it.
    pub items: Option<Vec<ItemId>>,
    /// What [`Plan::fingerprint`] said when this was confirmed; stale when it would say something else now.
    pub fingerprint: Option<String>,
}

/// How many items somebody gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Who.
    pub person: PersonId,
    /// How many.
    pub items: i64,
}

/// What a handover moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// How many items move.
    pub items: i64,
    /// Who gets how many.
    pub shares: Vec<Share>,
    /// How many more there are, beyond [`MOST`].
    pub left: i64,
    /// Stands for which item goes to whom, for the form that confirms.
    #[serde(skip)]
    pub fingerprint: String,
}

/// What a handover did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// What has moved.
    #[serde(flatten)]
    pub moved: Plan,
    /// To take it back, for 10 minutes; none when nothing moved.
    pub undo: Option<HandoverId>,
}

/// What taking it back did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// How many items are as they were.
    pub items: i64,
    /// How many are not, since somebody has changed who is assigned meanwhile.
    pub skipped: i64,
}

/// Which item goes to whom.
struct Dealt {
    pairs: Vec<(ItemId, PersonId)>,
    left: i64,
}

impl Dealt {
    fn plan(&self, from: PersonId) -> Plan {
        let mut shares = BTreeMap::<PersonId, i64>::new();
        let mut seen = Fingerprint::default();
        seen.add(from.uuid());
        for (item, receiver) in &self.pairs {
            *shares.entry(*receiver).or_default() += 1;
            seen.add(item.uuid());
            seen.add(receiver.uuid());
        }
        seen.add(self.left.to_be_bytes());
        Plan {
            items: i64::try_from(self.pairs.len()).unwrap_or(i64::MAX),
            shares: shares.into_iter().map(|(person, items)| Share { person, items }).collect(),
            left: self.left,
            fingerprint: seen.finish(),
        }
    }
}

/// What handing over would do: the same rules and the same turn as [`hand_over`].
pub async fn plan(rx: &mut Rx, ctx: &Ctx, input: &Input) -> Result<Plan> {
    let candidates = candidates(rx, ctx, input).await?;
    let (authority, people) = load::seen(rx, ctx, &asked(input, &candidates)).await?;
    let receivers = judge(&authority, input, &people)?;
    Ok(deal(rx, ctx, input, &receivers).await?.plan(input.from))
}

/// Gives a person's unfinished items to others, if it is still what the plan of this fingerprint said.
pub async fn hand_over(tx: &mut Tx, ctx: &Ctx, input: Input) -> Result<Receipt> {
    let candidates = candidates(tx, ctx, &input).await?;
    let (authority, people) = load::held(tx, ctx, &asked(&input, &candidates)).await?;
    let receivers = judge(&authority, &input, &people)?;
    let dealt = deal(tx, ctx, &input, &receivers).await?;
    let moved = dealt.plan(input.from);
    if input.fingerprint.as_ref().is_some_and(|seen| *seen != moved.fingerprint) {
        return Err(Error::Stale);
    }
    if dealt.pairs.is_empty() {
        return Ok(Receipt { moved, undo: None });
    }
    let id: HandoverId = ctx.id();
    let handover = Handover { giver: input.from, made: ctx.now, items: moved.items, undone: false };
    handovers::insert(tx, ctx.workspace, id, &handover, ctx.actor.person()).await?;
    let mut tally = Tally::default();
    for (item, receiver) in &dealt.pairs {
        let Some(row) = items::lock(tx, ctx.workspace, *item).await? else { continue };
        if row.item.status.is_finished() {
            continue;
        }
        if let Some(held) =
            pass(tx, ctx, &authority, &row, (input.from, *receiver, false), (GIVEN, &mut tally)).await?
        {
            let given = Given { item: *item, receiver: *receiver, held };
            handovers::insert_item(tx, ctx.workspace, id, &given).await?;
        }
    }
    tally.save(tx, ctx).await?;
    Record::of(Action::HandedOver)
        .person(input.from)
        .subject(id)
        .after(json!({ "items": moved.items, "to": moved.shares, "by_selection": input.items.is_some() }))
        .save(tx, ctx)?;
    Ok(Receipt { moved, undo: Some(id) })
}

/// What the history calls an item that was given, and one that came back.
const GIVEN: &str = "handover";
const BACK: &str = "handover.undone";

/// Takes a handover back: each item whose receiver is still assigned, and its giver not, is as it was. What a receiver
/// who was deleted since was taken out of comes back, too. This gives a deactivated giver nothing new.
pub async fn undo(tx: &mut Tx, ctx: &Ctx, id: HandoverId) -> Result<Undone> {
    let (authority, _) = load::held(tx, ctx, &[]).await?;
    item::may_work(&authority)?;
    let handover = handovers::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound("handover"))?;
    if handover.undone {
        return Err(Refusal::UndoneAlready.into());
    }
    let until = handover.made.saturating_add(UNDO_FOR).unwrap_or(ctx.now);
    if ctx.now > until {
        return Err(Refusal::UndoTooLate { until }.into());
    }
    if item_people::briefs(tx, ctx.workspace, &[handover.giver]).await?.is_empty() {
        return Err(Refusal::UndoOvertaken.into());
    }
    let (mut done, mut tally) = (Undone { items: 0, skipped: 0 }, Tally::default());
    let given = handovers::items(tx, ctx.workspace, id).await?;
    let receivers: Vec<PersonId> = given.iter().map(|given| given.receiver).collect();
    let here: Vec<PersonId> =
        item_people::briefs(tx, ctx.workspace, &receivers).await?.into_iter().map(|brief| brief.id).collect();
    for given in given {
        let row = items::lock(tx, ctx.workspace, given.item).await?;
        let back = match &row {
            Some(row) if !here.contains(&given.receiver) => {
                give_back(tx, ctx, &authority, row, (given.receiver, handover.giver), &mut tally).await?
            }
            Some(row) => {
                let way = (given.receiver, handover.giver, given.held);
                pass(tx, ctx, &authority, row, way, (BACK, &mut tally)).await?
            }
            None => None,
        };
        if back.is_some() {
            done.items += 1;
        } else {
            done.skipped += 1;
        }
    }
    tally.save(tx, ctx).await?;
    handovers::set_undone(tx, ctx.workspace, id, ctx.now).await?;
    Record::of(Action::HandoverUndone)
        .person(handover.giver)
        .subject(id)
        .after(json!({ "items": done.items, "skipped": done.skipped }))
        .save(tx, ctx)?;
    Ok(done)
}

/// Passes an item that is locked from one assignee to another; with `keeps` the first stays assigned as well. Answers
/// whether the second was assigned already; nothing when the first is not.
async fn pass(
    tx: &mut Tx,
    ctx: &Ctx,
    authority: &Authority,
    row: &ItemRow,
    (from, to, keeps): (PersonId, PersonId, bool),
    (noted, tally): (&'static str, &mut Tally),
) -> Result<Option<bool>> {
    let ws = ctx.workspace;
    if !item_people::has(tx, ws, row.id, from, Part::Assignee).await? {
        return Ok(None);
    }
    let finished = row.item.status.is_finished();
    let new = item_people::give(tx, ws, row.id, (to, Part::Assignee), finished, ctx.now).await?;
    let mut change = i64::from(new);
    if new {
        tally.part(&row.item, to, Part::Assignee, 1);
    }
    if !keeps {
        item_people::take(tx, ws, row.id, from, Part::Assignee).await?;
        tally.part(&row.item, from, Part::Assignee, -1);
        change -= 1;
    }
    items::touch(tx, ws, row.id, (change, 0), ctx.now).await?;
    History::of_item(ctx, authority, row.id).note(tx, noted, from, to)?;
    Ok(Some(!new))
}

/// Assigns an item that is locked to its giver again, its receiver being deleted; nothing if somebody has done so.
async fn give_back(
    tx: &mut Tx,
    ctx: &Ctx,
    authority: &Authority,
    row: &ItemRow,
    (from, to): (PersonId, PersonId),
    tally: &mut Tally,
) -> Result<Option<bool>> {
    let finished = row.item.status.is_finished();
    if !item_people::give(tx, ctx.workspace, row.id, (to, Part::Assignee), finished, ctx.now).await? {
        return Ok(None);
    }
    tally.part(&row.item, to, Part::Assignee, 1);
    // It may have been nobody's meanwhile.
    tally.item(&row.item, row.assignees, -1);
    tally.item(&row.item, row.assignees + 1, 1);
    items::touch(tx, ctx.workspace, row.id, (1, 0), ctx.now).await?;
    History::of_item(ctx, authority, row.id).note(tx, BACK, from, to)?;
    Ok(Some(true))
}

/// Whom the items may go to, not yet asked by the rules.
async fn candidates(rx: &mut Rx, ctx: &Ctx, input: &Input) -> Result<Vec<PersonId>> {
    match input.to {
        To::Person(person) => Ok(vec![person]),
        To::Team(team) => {
            teams::load(rx, ctx.workspace, team).await?.ok_or(Error::NotFound("team"))?;
            handovers::receivers(rx, ctx.workspace, team).await
        }
    }
}

fn asked(input: &Input, candidates: &[PersonId]) -> Vec<PersonId> {
    [&[input.from], candidates].concat()
}

/// Who receives: a person chosen must be allowed to; of a team those who are.
fn judge(
    authority: &Authority,
    input: &Input,
    people: &[crate::store::people::PersonRow],
) -> Result<Vec<PersonId>> {
    item::may_work(authority)?;
    let mut receivers = Vec::new();
    for row in people.iter().skip(1).filter(|row| row.person.id != input.from) {
        match (part::give(authority, &row.person, Part::Assignee), input.to) {
            (Ok(()), _) => receivers.push(row.person.id),
            (Err(refusal), To::Person(_)) => return Err(refusal.into()),
            (Err(_), To::Team(_)) => {}
        }
    }
    if receivers.is_empty() { Err(Refusal::NobodyToReceive.into()) } else { Ok(receivers) }
}

/// Deals the items out in turn, in the order in which they were made.
async fn deal(rx: &mut Rx, ctx: &Ctx, input: &Input, receivers: &[PersonId]) -> Result<Dealt> {
    let ws = ctx.workspace;
    let all = match &input.items {
        None => handovers::held(rx, ws, input.from, MOST).await?,
        Some(chosen) => {
            let mut mine = Vec::new();
            let chosen: HashSet<ItemId> = chosen.iter().copied().collect();
            for item in chosen {
                let open = items::load(rx, ws, item).await?.is_some_and(|row| !row.item.status.is_finished());
                if open && item_people::has(rx, ws, item, input.from, Part::Assignee).await? {
                    mine.push(item);
                }
            }
            mine.sort_unstable();
            mine
        }
    };
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let total = match &input.items {
        None => item_people::holdings_of(rx, ws, input.from).await?.assigned,
        Some(_) => i64::try_from(all.len()).unwrap_or(i64::MAX),
    };
    let all: Vec<ItemId> = all.into_iter().take(most).collect();
    let mut held = BTreeMap::<ItemId, Vec<PersonId>>::new();
    for (item, brief) in item_people::assignees(rx, ws, &all).await? {
        held.entry(item).or_default().push(brief.id);
    }
    let of = |item: &ItemId| held.get(item).cloned().unwrap_or_default();
    let turn = item::deal(receivers, &all.iter().map(of).collect::<Vec<_>>());
    let left = total - i64::try_from(all.len()).unwrap_or(total);
    Ok(Dealt { pairs: all.into_iter().zip(turn).collect(), left })
}
