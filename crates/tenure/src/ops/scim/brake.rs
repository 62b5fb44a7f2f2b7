//! The brake of a sync (product.md section 3, 6), and how a token speaks SCIM.

use domain::{audit::Action, id::TokenId, token::State};
use jiff::SignedDuration;
use serde_json::json;

use super::Directory;
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::{load, record::Record},
    store::{
        Tx, brakes,
        tokens::{self, TokenRow, Ways},
        workspaces,
    },
};

/// How long a sync may go on past the brake once an administrator has let it: directories try again within hours.
pub const LET_ON_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Whether one more may be deactivated now. Whoever else deactivates many waits until this is saved.
pub(super) async fn lets(tx: &mut Tx, ctx: &Ctx, directory: &Directory) -> Result<()> {
    if directory.ways.let_on.is_some_and(|until| until > ctx.now) {
        return Ok(());
    }
    let ws = ctx.workspace;
    let (brake, _) = brakes::lock(tx, ws).await?;
    let active = workspaces::load(tx, ws).await?.counts_of(directory.kind).active;
    let mut recent = brakes::recent(tx, ws, directory.kind, active, ctx.now).await?;
    recent.deactivated += brakes::deleted(tx, ws, ctx.now).await?;
    Ok(brake.check(recent, 1)?)
}

/// Keeps that the brake stopped a sync, until an administrator lets it go on; on the record once.
pub async fn note_stop(tx: &mut Tx, ctx: &Ctx, token: TokenId) -> Result<()> {
    load::actor(tx, ctx).await?;
    let row = found(tx, ctx, token).await?;
    if row.scim.stopped.is_some() {
        return Ok(());
    }
    let ways = Ways { stopped: Some(ctx.now), let_on: None, ..row.scim };
    tokens::set_ways(tx, ctx.workspace, token, ways).await?;
    Record::of(Action::ScimStopped).subject(token).after(json!({ "token": row.name })).save(tx, ctx)
}

async fn found(tx: &mut Tx, ctx: &Ctx, token: TokenId) -> Result<TokenRow> {
    let row = tokens::lock(tx, ctx.workspace, token).await?.ok_or(Error::NotFound("API token"))?;
    let usable = row.token.scopes.scim().is_some() && row.token.state(ctx.now) != State::Revoked;
    if usable { Ok(row) } else { Err(Error::NotFound("API token")) }
}

/// Lets a sync go on past the brake, for [`LET_ON_FOR`].
pub async fn let_on(tx: &mut Tx, ctx: &Ctx, token: TokenId) -> Result<()> {
    load::actor(tx, ctx).await?.may_administer()?;
    let row = found(tx, ctx, token).await?;
    let until = ctx.now.saturating_add(LET_ON_FOR).unwrap_or(jiff::Timestamp::MAX);
    let ways = Ways { stopped: None, let_on: Some(until), ..row.scim };
    tokens::set_ways(tx, ctx.workspace, token, ways).await?;
    Record::of(Action::ScimLetOn)
        .subject(token)
        .after(json!({ "token": row.name, "until": until }))
        .save(tx, ctx)
}

/// How a token speaks SCIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// A PATCH is answered without a body.
    pub empty_patch: bool,
    /// A SCIM DELETE deletes; else it deactivates.
    pub deletes: bool,
}

/// Changes how a token speaks SCIM; answers whether anything changed.
pub async fn set(tx: &mut Tx, ctx: &Ctx, token: TokenId, settings: Settings) -> Result<bool> {
    load::actor(tx, ctx).await?.may_administer()?;
    let row = found(tx, ctx, token).await?;
    let Settings { empty_patch, deletes } = settings;
    let ways = Ways { empty_patch, deletes, ..row.scim };
    if ways == row.scim {
        return Ok(false);
    }
    tokens::set_ways(tx, ctx.workspace, token, ways).await?;
    let state = |ways: Ways| json!({ "empty_patch": ways.empty_patch, "deletes": ways.deletes });
    let mut after = state(ways);
    after["token"] = json!(row.name);
    Record::of(Action::ScimChanged).subject(token).before(state(row.scim)).after(after).save(tx, ctx)?;
    Ok(true)
}
