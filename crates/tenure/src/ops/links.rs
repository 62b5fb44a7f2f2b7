//! Set-password links: made by an administrator or at the machine, shown once, single use, 24 hours.

use domain::{
    Refusal,
    actor::Actor,
    audit::Action,
    id::{PersonId, WorkspaceId},
    part,
};
use jiff::SignedDuration;

use super::{
    load,
    record::Record,
    sessions::{From, Opened, open},
    status::Counters,
};
use crate::{
    ctx::Ctx,
    error::Result,
    secret::{self, Secret},
    store::{
        Rx, Tx,
        links::{self, ClosedWhy, LinkKind, LinkRow, NewLink},
        passwords,
        people::{self, PersonRow},
        sessions::{self, EndedWhy},
    },
};

/// How long a set-password link works.
pub const VALID_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Makes a set-password link for an active person; an earlier one stops to work.
pub async fn make(tx: &mut Tx, ctx: &Ctx, id: PersonId) -> Result<Secret> {
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [id]).await?;
    part::make_link(&authority, &row.person)?;
    let secret = new_password_link(tx, ctx, id).await?;
    Record::of(Action::LinkMade).person(id).save(tx, ctx)?;
    Ok(secret)
}

/// Saves a new set-password link.
pub(crate) async fn new_password_link(tx: &mut Tx, ctx: &Ctx, person: PersonId) -> Result<Secret> {
    let secret = Secret::new(&ctx.sys, secret::Kind::PasswordLink);
    let expires = ctx.now.saturating_add(VALID_FOR);
    let link = NewLink {
        id: ctx.id(),
        person,
        kind: LinkKind::Password,
        token_hash: secret.digest().to_vec(),
        made_by: ctx.actor.person(),
        expires: expires.unwrap_or(jiff::Timestamp::MAX),
    };
    links::insert(tx, ctx.workspace, &link, ctx.now).await?;
    Ok(secret)
}

/// Whom a set-password link is for, if it works: what the page shows before it is used.
pub async fn look(rx: &mut Rx, ctx: &Ctx, secret: &Secret) -> Result<PersonRow> {
    let link = links::find(rx, ctx.workspace, &secret.digest()).await?;
    let link = link.filter(|link| link.kind == LinkKind::Password);
    let link = link.ok_or(Refusal::LinkVoid)?;
    let row = people::load(rx, ctx.workspace, link.person).await?;
    let row = row.ok_or(Refusal::LinkVoid)?;
    may_use(&row)?;
    if !link.works(ctx.now) {
        return Err(Refusal::LinkVoid.into());
    }
    Ok(row)
}

/// Locks a link's person, then the link: everything else that touches both has that order too.
pub(crate) async fn lock_link(
    tx: &mut Tx,
    ws: WorkspaceId,
    secret: &Secret,
    kind: LinkKind,
) -> Result<(LinkRow, PersonRow)> {
    let link = links::find(tx, ws, &secret.digest()).await?.filter(|link| link.kind == kind);
    let link = link.ok_or(Refusal::LinkVoid)?;
    let row = people::lock(tx, ws, link.person).await?.ok_or(Refusal::LinkVoid)?;
    // As it is now that its person is locked.
    let link = links::lock(tx, ws, &secret.digest()).await?.ok_or(Refusal::LinkVoid)?;
    Ok((link, row))
}

/// Rule 3: a link opens no door for a deactivated person; whoever holds it may know why.
fn may_use(row: &PersonRow) -> Result<(), Refusal> {
    if row.person.status.is_active() { Ok(()) } else { Err(Refusal::ActorDeactivated) }
}

/// Sets an (already hashed) password by a link: every other session of the person ends, and they are
/// signed in.
pub async fn use_link(
    tx: &mut Tx,
    ctx: &Ctx,
    secret: &Secret,
    password_hash: &str,
    from: &From,
) -> Result<Opened> {
    let (ws, now) = (ctx.workspace, ctx.now);
    let (link, row) = lock_link(tx, ws, secret, LinkKind::Password).await?;
    may_use(&row)?;
    if !link.works(now) {
        return Err(Refusal::LinkVoid.into());
    }
    let ctx = ctx.acting_as(Actor::Visitor { person: link.person });
    passwords::set(tx, ws, link.person, password_hash, now).await?;
    links::close(tx, ws, link.id, ClosedWhy::Used, now).await?;
    sessions::end_all(tx, ws, link.person, None, EndedWhy::Password, now).await?;
    Record::of(Action::PasswordSet).person(link.person).save(tx, &ctx)?;
    let mut counters = Counters::default();
    let first = row.last_sign_in.is_none();
    let opened = open(tx, &ctx, &row, from, &mut counters).await?;
    if first {
        counters.save(tx, &ctx).await?;
    }
    Ok(opened)
}
