//! Loading an actor and the people an op is about, locked in one order, so that racers wait for each
//! other instead of overtaking.

use domain::{
    Refusal,
    actor::{Actor, Authority},
    id::PersonId,
};

use crate::{
    ctx::Ctx,
    error::{Error, Result},
    store::{
        Rx, Tx,
        people::{self, PersonRow},
    },
};

/// What [`people`] finds: the actor's authority, and the people asked for in the order asked.
pub(crate) struct Loaded<const N: usize> {
    /// The actor as of this transaction.
    pub authority: Authority,
    /// The people asked for.
    pub people: [PersonRow; N],
}

/// Locks the actor and up to two other people, in the order of their ids, in one statement; checks that
/// the actor's session is open. An id that is not of this workspace is "not found", as if it never was.
pub(crate) async fn locked<const N: usize>(tx: &mut Tx, ctx: &Ctx, ids: [PersonId; N]) -> Result<Loaded<N>> {
    debug_assert!((1..=2).contains(&N), "the statement holds three people");
    let actor = ctx.actor.person().unwrap_or(ids[0]);
    let wanted = [actor, ids[0], ids[N - 1]];
    let session = match ctx.actor {
        Actor::Person { session, .. } => Some(session),
        _ => None,
    };
    let found = people::lock(tx, ctx.workspace, session, wanted).await?;
    let find = |id| found.iter().find(|locked| locked.row.person.id == id);
    let authority = match find(actor) {
        Some(locked) if ctx.actor.person().is_some() => {
            if session.is_some() && !locked.session_open {
                return Err(ended(&locked.row).into());
            }
            Some(locked.row.person.clone())
        }
        _ => None,
    };
    let authority = Authority { actor: ctx.actor.clone(), person: authority };
    // Who may do nothing learns nothing, not even which ids exist.
    authority.may_act()?;
    let mut rows = Vec::with_capacity(N);
    for id in ids {
        rows.push(find(id).ok_or(Error::NotFound("person"))?.row.clone());
    }
    let people = rows.try_into().map_err(|_| Error::Internal("as many people as ids".into()))?;
    Ok(Loaded { authority, people })
}

/// The actor's authority, its row locked: for ops that concern no other person.
pub(crate) async fn actor(tx: &mut Tx, ctx: &Ctx) -> Result<Authority> {
    match ctx.actor.person() {
        Some(person) => Ok(locked(tx, ctx, [person]).await?.authority),
        None => Ok(Authority { actor: ctx.actor.clone(), person: None }),
    }
}

/// The actor's authority and the people asked for, without locks: for previews.
pub(crate) async fn unlocked<const N: usize>(
    rx: &mut Rx,
    ctx: &Ctx,
    ids: [PersonId; N],
) -> Result<Loaded<N>> {
    let person = match ctx.actor.person() {
        Some(id) => people::load(rx, ctx.workspace, id).await?,
        None => None,
    };
    let authority = Authority { actor: ctx.actor.clone(), person: person.map(|row| row.person) };
    authority.may_act()?;
    let mut rows = Vec::with_capacity(N);
    for id in ids {
        let row = people::load(rx, ctx.workspace, id).await?;
        rows.push(row.ok_or(Error::NotFound("person"))?);
    }
    let people = rows.try_into().map_err(|_| Error::Internal("as many people as ids".into()))?;
    Ok(Loaded { authority, people })
}

/// What the bearer of an ended session is told: a deactivated person hears that they are.
fn ended(row: &PersonRow) -> Refusal {
    if row.person.status.is_active() { Refusal::NotSignedIn } else { Refusal::ActorDeactivated }
}

/// A form or preview that was made from an older state of the person is stale: nothing is done.
pub(crate) fn fresh(row: &PersonRow, version: Option<i64>) -> Result<()> {
    match version {
        Some(version) if version != row.person.version => Err(Error::Stale),
        _ => Ok(()),
    }
}
