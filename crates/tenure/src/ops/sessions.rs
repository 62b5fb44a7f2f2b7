//! Sessions: opened by a sign-in, listed, ended.

use domain::{
    audit::Action,
    id::{PersonId, SessionId},
    part,
    person::Kind,
};
use serde::Serialize;
use serde_json::json;

use super::{load, record::Record, status::Counters};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    secret::{self, Secret},
    store::{
        Rx, Tx,
        people::{self, PersonRow},
        sessions::{self, EndedWhy, NewSession, SessionRow},
        workspaces,
    },
};

/// Where a sign-in comes from, as the list of sessions shows it.
#[derive(Debug, Clone, Default)]
pub struct From {
    /// The address.
    pub address: String,
    /// The browser's own words, cut to 300 characters.
    pub user_agent: String,
}

/// A session that was opened; the secret goes into the cookie and nowhere else.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The token.
    pub secret: Secret,
    /// The session.
    pub session: SessionId,
    /// Whose it is.
    pub person: PersonId,
    /// User or customer: it opens the desk or the portal.
    pub kind: Kind,
}

/// Opens a session for a person who is active under a lock of this transaction. A token is always new
/// (ASVS 5.0 7.2.4).
pub(crate) async fn open(
    tx: &mut Tx,
    ctx: &Ctx,
    row: &PersonRow,
    from: &From,
    counters: &mut Counters,
) -> Result<Opened> {
    let person = row.person.id;
    let secret = Secret::new(&ctx.sys, secret::Kind::Session);
    let session = NewSession {
        id: ctx.id(),
        person,
        token_hash: secret.digest().to_vec(),
        address: from.address.clone(),
        user_agent: from.user_agent.chars().take(300).collect(),
    };
    if !people::set_sign_in(tx, ctx.workspace, person, ctx.now).await? {
        return Err(domain::Refusal::NotSignedIn.into());
    }
    sessions::insert(tx, ctx.workspace, &session, ctx.now).await?;
    if row.last_sign_in.is_none() {
        counters.first_sign_in(row.person.kind);
    }
    Record::of(Action::SignedIn)
        .person(person)
        .subject(session.id)
        .personal(json!({ "address": session.address, "browser": session.user_agent }))
        .save(tx, ctx)?;
    Ok(Opened { secret, session: session.id, person, kind: row.person.kind })
}

/// Ends the actor's own session. Signing out twice is no error.
pub async fn sign_out(tx: &mut Tx, ctx: &Ctx) -> Result<()> {
    let domain::actor::Actor::Person { person, session } = ctx.actor else {
        return Ok(());
    };
    let why = EndedWhy::SignedOut;
    if sessions::end(tx, ctx.workspace, person, session, why, ctx.now).await? {
        Record::of(Action::SignedOut).person(person).subject(session).save(tx, ctx)?;
    }
    Ok(())
}

/// The open sessions of a person: one's own, or as an administrator anybody's.
pub async fn list(rx: &mut Rx, ctx: &Ctx, id: PersonId) -> Result<Vec<SessionRow>> {
    let load::Loaded { authority, people: [row] } = load::unlocked(rx, ctx, [id]).await?;
    part::end_sessions(&authority, &row.person)?;
    let lengths = workspaces::load(rx, ctx.workspace).await?.sessions;
    sessions::open(rx, ctx.workspace, id, lengths, ctx.now).await
}

/// How many sessions a step ended.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Ended {
    /// How many.
    pub ended: i64,
}

/// Ends one session of a person: one's own, or as an administrator another's.
pub async fn end(tx: &mut Tx, ctx: &Ctx, id: PersonId, session: SessionId) -> Result<Ended> {
    allowed(tx, ctx, id).await?;
    let why = EndedWhy::Ended;
    if !sessions::end(tx, ctx.workspace, id, session, why, ctx.now).await? {
        return Err(Error::NotFound("open session"));
    }
    Record::of(Action::SessionEnded).person(id).subject(session).save(tx, ctx)?;
    Ok(Ended { ended: 1 })
}

/// Ends every session of a person; of one's own, all but the one that asks.
pub async fn end_all(tx: &mut Tx, ctx: &Ctx, id: PersonId) -> Result<Ended> {
    allowed(tx, ctx, id).await?;
    let keep = match ctx.actor {
        domain::actor::Actor::Person { person, session } if person == id => Some(session),
        _ => None,
    };
    let lengths = workspaces::load(tx, ctx.workspace).await?.sessions;
    sessions::end_stale(tx, ctx.workspace, id, lengths, ctx.now)?;
    let ended = sessions::end_all(tx, ctx.workspace, id, keep, EndedWhy::Ended, ctx.now).await?;
    if ended > 0 {
        Record::of(Action::SessionEnded).person(id).after(json!({ "ended": ended })).save(tx, ctx)?;
    }
    Ok(Ended { ended })
}

async fn allowed(tx: &mut Tx, ctx: &Ctx, id: PersonId) -> Result<()> {
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [id]).await?;
    Ok(part::end_sessions(&authority, &row.person)?)
}
