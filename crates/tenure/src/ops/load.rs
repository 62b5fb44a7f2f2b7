//! Loading an actor and the people an op is about, locked in one order, so that racers wait for each
//! other instead of overtaking.

use domain::{
    Refusal,
    actor::{Actor, Authority},
    id::{PersonId, SessionId},
    person::Status,
    token::Token,
};
use uuid::Uuid;

use crate::{
    ctx::Ctx,
    error::{Error, Result},
    store::{
        Ask, Rx, Tx,
        people::{self, Locked, PersonRow},
        tokens::{self, TokenRow},
        workspaces::{self, Workspace},
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
    let (found, token) = tx.ask(ask_locked(ctx, &ids)).await?;
    judge(ctx, &found, token_of(ctx, token)?, ids)
}

/// As [`locked`], and the workspace with it: its row locked as well, or only read.
pub(crate) async fn locked_in<const N: usize>(
    tx: &mut Tx,
    ctx: &Ctx,
    ids: [PersonId; N],
    whole: Whole,
) -> Result<(Loaded<N>, Workspace)> {
    let (people, token) = ask_locked(ctx, &ids);
    let workspace = workspaces::ask(ctx.workspace, whole == Whole::Locked);
    let (found, token, mut workspace) = tx.ask((people, token, workspace)).await?;
    let loaded = judge(ctx, &found, token_of(ctx, token)?, ids)?;
    Ok((loaded, workspace.pop().ok_or(Error::NotFound("workspace"))?))
}

/// How the row of the workspace is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whole {
    /// As it is now.
    Read,
    /// Locked until the transaction ends: license changes wait for each other.
    Locked,
}

/// Actor and people, and after them the token that acts: a deactivation locks them in this order, too.
fn ask_locked(ctx: &Ctx, ids: &[PersonId]) -> (Ask<Locked>, Ask<TokenRow>) {
    let wanted = wanted(ctx, ids);
    let nobody = [PersonId::from_uuid(Uuid::nil()); 3];
    let people = people::ask_locked(ctx.workspace, session(ctx), wanted.unwrap_or(nobody));
    (people.only_if(wanted.is_some()), tokens::ask_held(ctx.workspace, ctx.actor.token()))
}

/// The token that acts, where one does: usable, or the op is refused.
fn token_of(ctx: &Ctx, mut found: Vec<TokenRow>) -> Result<Option<Token>> {
    ctx.actor.token().map(|_| usable(ctx, found.pop())).transpose()
}

/// The actor's authority and the people asked for, without locks: for previews.
pub(crate) async fn unlocked<const N: usize>(
    rx: &mut Rx,
    ctx: &Ctx,
    ids: [PersonId; N],
) -> Result<Loaded<N>> {
    let found = match wanted(ctx, &ids) {
        Some(wanted) => people::look(rx, ctx.workspace, session(ctx), wanted).await?,
        None => Vec::new(),
    };
    let token = seen_token(rx, ctx).await?;
    judge(ctx, &found, token, ids)
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

/// The token that acts, held as it is; after the people, since a deactivation locks them in this order, too.
async fn held_token(tx: &mut Tx, ctx: &Ctx) -> Result<Option<Token>> {
    match ctx.actor.token() {
        Some(id) => usable(ctx, tokens::hold(tx, ctx.workspace, id).await?).map(Some),
        None => Ok(None),
    }
}

/// As [`held_token`], without holding it.
async fn seen_token(rx: &mut Rx, ctx: &Ctx) -> Result<Option<Token>> {
    match ctx.actor.token() {
        Some(id) => usable(ctx, tokens::look(rx, ctx.workspace, id).await?).map(Some),
        None => Ok(None),
    }
}

/// Rule 1: a token that was suspended or revoked since its request was let in is refused here.
fn usable(ctx: &Ctx, row: Option<TokenRow>) -> Result<Token> {
    let token = row.ok_or(Refusal::TokenInvalid)?.token;
    token.may_be_used(ctx.now)?;
    Ok(token)
}

fn judge<const N: usize>(
    ctx: &Ctx,
    found: &[Locked],
    token: Option<Token>,
    ids: [PersonId; N],
) -> Result<Loaded<N>> {
    let (authority, rows) = judge_many(ctx, found, token, &ids)?;
    let people = rows.try_into().map_err(|_| Error::Internal("as many people as ids".into()))?;
    Ok(Loaded { authority, people })
}

fn judge_many(
    ctx: &Ctx,
    found: &[Locked],
    token: Option<Token>,
    ids: &[PersonId],
) -> Result<(Authority, Vec<PersonRow>)> {
    let find = |id| found.iter().find(|locked| locked.row.person.id == id);
    let acting = ctx.actor.person().and_then(find);
    if let Some(locked) = acting
        && session(ctx).is_some()
        && !locked.session_open
    {
        return Err(ended(&locked.row).into());
    }
    let person = acting.map(|locked| locked.row.person.clone());
    let authority = Authority { actor: ctx.actor.clone(), person, token, door: ctx.door };
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
    let token = held_token(tx, ctx).await?;
    Ok(judge(ctx, found.as_slice(), token, [])?.authority)
}

/// The actor's authority and any number of people, in the order asked, all held as they are until the transaction
/// ends: for ops that give them something and change nothing of theirs.
pub(crate) async fn held(tx: &mut Tx, ctx: &Ctx, ids: &[PersonId]) -> Result<(Authority, Vec<PersonRow>)> {
    let wanted: Vec<PersonId> = ctx.actor.person().into_iter().chain(ids.iter().copied()).collect();
    let found = match wanted.as_slice() {
        [] => Vec::new(),
        wanted => people::hold_many(tx, ctx.workspace, session(ctx), wanted).await?,
    };
    let token = held_token(tx, ctx).await?;
    judge_many(ctx, &found, token, ids)
}

/// As [`held`], without holding anybody: for previews and pages.
pub(crate) async fn seen(rx: &mut Rx, ctx: &Ctx, ids: &[PersonId]) -> Result<(Authority, Vec<PersonRow>)> {
    let wanted: Vec<PersonId> = ctx.actor.person().into_iter().chain(ids.iter().copied()).collect();
    let found = match wanted.as_slice() {
        [] => Vec::new(),
        wanted => people::look_many(rx, ctx.workspace, session(ctx), wanted).await?,
    };
    let token = seen_token(rx, ctx).await?;
    judge_many(ctx, &found, token, ids)
}

/// The authority of an actor whose work goes on when their session has ended: they were asked when it began. Held as
/// they are. A token that was taken away since stands for nothing any more; one whose time is over is like a session.
pub(crate) async fn standing(tx: &mut Tx, ctx: &Ctx) -> Result<Authority> {
    let person = match ctx.actor.person() {
        Some(actor) => people::hold(tx, ctx.workspace, None, actor).await?.map(|locked| locked.row.person),
        None => None,
    };
    let token = match ctx.actor.token() {
        Some(id) => tokens::hold(tx, ctx.workspace, id).await?.map(|row| row.token),
        None => None,
    };
    let token = token.filter(|token| token.suspended.is_none() && token.revoked.is_none());
    Ok(Authority { actor: ctx.actor.clone(), person, token, door: ctx.door })
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
