//! Loading an actor and the people an op is about, locked in one order, so that racers wait for each
//! other instead of overtaking.

use domain::{
    Refusal,
    actor::{Actor, Authority},
    id::{PersonId, SessionId},
    person::Status,
};

use crate::{
    ctx::Ctx,
    error::{Error, Result},
    store::{
        Rx, Tx,
        people::{self, Locked, PersonRow},
    },
};

/// What [`people`] finds: the actor's authority, and the people asked for in the order asked.
pub(crate) struct Loaded<const N: usize> {
    /// The actor as of this transaction.
    pub authority: Authority,
    /// The people asked for.
    pub people: [PersonRow; N],
}

/// Holds the actor and locks up to two people, in the order of their ids, in one statement; checks that
/// the actor's session is open. An id that is not of this workspace is "not found", as if it never was.
pub(crate) async fn locked<const N: usize>(tx: &mut Tx, ctx: &Ctx, ids: [PersonId; N]) -> Result<Loaded<N>> {
    let Some(wanted) = wanted(ctx, &ids) else {
        return judge(ctx, &[], ids);
    };
    let found = people::lock(tx, ctx.workspace, session(ctx), wanted).await?;
    judge(ctx, &found, ids)
}

/// The actor's authority and the people asked for, without locks: for previews.
pub(crate) async fn unlocked<const N: usize>(
    rx: &mut Rx,
    ctx: &Ctx,
    ids: [PersonId; N],
) -> Result<Loaded<N>> {
    let Some(wanted) = wanted(ctx, &ids) else {
        return judge(ctx, &[], ids);
    };
    let found = people::look(rx, ctx.workspace, session(ctx), wanted).await?;
    judge(ctx, &found, ids)
}

/// Actor and people as the three places of the statement; none when there is nobody to load.
fn wanted(ctx: &Ctx, ids: &[PersonId]) -> Option<[PersonId; 3]> {
    debug_assert!(ids.len() <= 2, "the statement holds three people");
    let actor = ctx.actor.person().or(ids.first().copied())?;
    Some([actor, ids.first().copied().unwrap_or(actor), ids.last().copied().unwrap_or(actor)])
}

fn session(ctx: &Ctx) -> Option<SessionId> {
    match ctx.actor {
        Actor::Person { session, .. } => Some(session),
        _ => None,
    }
}

fn judge<const N: usize>(ctx: &Ctx, found: &[Locked], ids: [PersonId; N]) -> Result<Loaded<N>> {
    let (authority, rows) = judge_many(ctx, found, &ids)?;
    let people = rows.try_into().map_err(|_| Error::Internal("as many people as ids".into()))?;
    Ok(Loaded { authority, people })
}

fn judge_many(ctx: &Ctx, found: &[Locked], ids: &[PersonId]) -> Result<(Authority, Vec<PersonRow>)> {
    let find = |id| found.iter().find(|locked| locked.row.person.id == id);
    let acting = ctx.actor.person().and_then(find);
    if let Some(locked) = acting
        && session(ctx).is_some()
        && !locked.session_open
    {
        return Err(ended(&locked.row).into());
    }
    let person = acting.map(|locked| locked.row.person.clone());
    let authority = Authority { actor: ctx.actor.clone(), person };
    // Who may do nothing learns nothing, not even which ids exist.
    authority.may_act()?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        rows.push(find(*id).ok_or(Error::NotFound("person"))?.row.clone());
    }
    Ok((authority, rows))
}

/// The actor's authority, its row held as it is: for ops that concern no other person.
pub(crate) async fn actor(tx: &mut Tx, ctx: &Ctx) -> Result<Authority> {
    let found = match ctx.actor.person() {
        Some(actor) => people::hold(tx, ctx.workspace, session(ctx), actor).await?,
        None => None,
    };
    Ok(judge(ctx, found.as_slice(), [])?.authority)
}

/// The actor's authority and any number of people, in the order asked, all held as they are until the transaction
/// ends: for ops that give them something and change nothing of theirs.
pub(crate) async fn held(tx: &mut Tx, ctx: &Ctx, ids: &[PersonId]) -> Result<(Authority, Vec<PersonRow>)> {
    let wanted: Vec<PersonId> = ctx.actor.person().into_iter().chain(ids.iter().copied()).collect();
    if wanted.is_empty() {
        return judge_many(ctx, &[], ids);
    }
    let found = people::hold_many(tx, ctx.workspace, session(ctx), &wanted).await?;
    judge_many(ctx, &found, ids)
}

/// As [`held`], without holding anybody: for previews and pages.
pub(crate) async fn seen(rx: &mut Rx, ctx: &Ctx, ids: &[PersonId]) -> Result<(Authority, Vec<PersonRow>)> {
    let wanted: Vec<PersonId> = ctx.actor.person().into_iter().chain(ids.iter().copied()).collect();
    if wanted.is_empty() {
        return judge_many(ctx, &[], ids);
    }
    let found = people::look_many(rx, ctx.workspace, session(ctx), &wanted).await?;
    judge_many(ctx, &found, ids)
}

/// The authority of an actor whose work goes on when their session has ended: they were asked when it began. Held as
/// they are.
pub(crate) async fn standing(tx: &mut Tx, ctx: &Ctx) -> Result<Authority> {
    let person = match ctx.actor.person() {
        Some(actor) => people::hold(tx, ctx.workspace, None, actor).await?.map(|locked| locked.row.person),
        None => None,
    };
    Ok(Authority { actor: ctx.actor.clone(), person })
}

/// What the bearer of an ended session is told: a deactivated person hears that they are.
fn ended(row: &PersonRow) -> Refusal {
    match row.person.status {
        Status::Deactivated { .. } => Refusal::ActorDeactivated,
        Status::Active { .. } | Status::Invited { .. } => Refusal::NotSignedIn,
    }
}

/// A form or preview that was made from an older state of the person is stale: nothing is done.
pub(crate) fn fresh(row: &PersonRow, version: Option<i64>) -> Result<()> {
    match version {
        Some(version) if version != row.person.version => Err(Error::Stale),
        _ => Ok(()),
    }
}
