//! What a restored backup needs before anybody may use it.

use domain::{Refusal, actor::Actor, audit::Action};
use serde::Serialize;
use serde_json::json;

use super::record::Record;
use crate::{
    ctx::Ctx,
    error::Result,
    store::{
        Tx, links,
        sessions::{self, EndedWhy},
        tokens, webhooks,
    },
};

/// What was closed in one workspace.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Restored {
    /// Sessions ended.
    pub sessions_ended: i64,
    /// API tokens suspended.
    pub tokens_suspended: i64,
    /// Webhooks switched off.
    pub webhooks_off: i64,
}

/// Closes what a backup brings back from the past: every session ends, every API token is suspended and every link
/// becomes void, since what closed them after the backup is not in it. Only at the machine, and on the record.
pub async fn restored(tx: &mut Tx, ctx: &Ctx) -> Result<Restored> {
    if !matches!(ctx.actor, Actor::Cli { .. }) {
        return Err(Refusal::AdministratorsOnly.into());
    }
    let sessions_ended = sessions::end_every(tx, ctx.workspace, EndedWhy::Restored, ctx.now).await?;
    let tokens_suspended = tokens::suspend_every(tx, ctx.workspace, ctx.now).await?;
    let webhooks_off = webhooks::switch_all_off(tx, ctx.workspace, ctx.now).await?;
    links::void_every(tx, ctx.workspace, ctx.now).await?;
    Record::of(Action::Restored)
        .after(json!({
            "sessions_ended": sessions_ended, "tokens_suspended": tokens_suspended, "webhooks_off": webhooks_off,
            "links": "void",
        }))
        .save(tx, ctx)?;
    Ok(Restored { sessions_ended, tokens_suspended, webhooks_off })
}
