//! The brake of a sync (product.md section 3, 6), and how a token speaks SCIM.

use domain::{audit::Action, brake::Recent, id::TokenId, person::Kind, token::State};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Directory;
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    ops::{load, record::Record},
    store::{
        Rx, Tx, audit, brakes,
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
    let (brake, _) = brakes::lock(tx, ctx.workspace).await?;
    Ok(brake.check(recent(tx, ctx, directory.kind).await?, 1)?)
}

/// How many of a kind were deactivated lately, those whom a directory then deleted with them.
async fn recent(rx: &mut Rx, ctx: &Ctx, kind: Kind) -> Result<Recent> {
    let ws = ctx.workspace;
    let active = workspaces::load(rx, ws).await?.counts_of(kind).active;
    let mut recent = brakes::recent(rx, ws, kind, active, ctx.now).await?;
    recent.deactivated += brakes::deleted(rx, ws, ctx.now).await?;
    Ok(recent)
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
    let kind = row.token.scopes.scim().unwrap_or(Kind::User);
    let (recent, (brake, _)) = (recent(tx, ctx, kind).await?, brakes::load(tx, ctx.workspace).await?);
    let after = json!({
        "token": row.name,
        DEACTIVATED: recent.deactivated,
        LIMIT: brake.limit(recent),
    });
    Record::of(Action::ScimStopped).subject(token).after(after).save(tx, ctx)
}

/// The fields of the record of a stop.
const DEACTIVATED: &str = "deactivated_within_an_hour";
const LIMIT: &str = "brake_limit";

/// What is known of a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// How many had been deactivated within the window before it.
    pub deactivated: i64,
    /// How many the brake lets pass.
    pub limit: i64,
}

/// What the record says of the stop of a sync; nothing where it was made before the numbers were kept.
pub async fn stop(rx: &mut Rx, ctx: &Ctx, row: &TokenRow) -> Result<Option<Stop>> {
    let Some(at) = row.scim.stopped else { return Ok(None) };
    let entry = audit::at(rx, ctx.workspace, Action::ScimStopped, at, &row.token.id.to_string()).await?;
    let after = entry.and_then(|entry| serde_json::from_str::<Value>(&entry.after).ok());
    let number = |name| after.as_ref().and_then(|after| after.get(name)?.as_i64());
    Ok(number(DEACTIVATED).zip(number(LIMIT)).map(|(deactivated, limit)| Stop { deactivated, limit }))
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
