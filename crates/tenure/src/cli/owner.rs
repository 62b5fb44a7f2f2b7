//! `tenure owner`.

use clap::Subcommand;
use serde_json::json;

use super::{Global, answer::Answer, failure::Failure, place::Place};
use crate::ops::{profile, roles};

/// Replace an owner who cannot act.
#[derive(Debug, Subcommand)]
pub(super) enum Owner {
    /// Make an active user the owner, on the record; the former owner becomes an administrator.
    #[command(after_help = "Example:
  tenure owner set grace@acme.example --reason \"The owner has left the company\"")]
    Set {
        /// The new owner, by email address or id.
        #[arg(value_name = "USER")]
        user: String,
        /// Why; it stands in the audit log.
        #[arg(long)]
        reason: String,
    },
}

impl Owner {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let Self::Set { user, reason } = self;
        let place = Place::open(global).await?;
        let ws = place.workspace().await?.id;
        let row = place.user(ws, &user).await?;
        let Some(reason) = profile::reason(&reason, &place.config.limits)? else {
            return Err(Failure::usage("say why, with --reason: it stands in the audit log"));
        };
        let (ctx, id) = (place.ctx(ws), row.person.id);
        let changed = place
            .store
            .write(async move |tx| roles::transfer_ownership(tx, &ctx, id, Some(reason.clone())).await)
            .await?;
        if changed {
            place.seal(ws).await;
        }
        place.close().await;
        let name = &row.person.name;
        let text = if changed {
            format!("{name} is the owner now.")
        } else {
            format!("{name} is the owner already.")
        };
        Ok(Answer::new(text, json!({ "owner": id, "changed": changed })))
    }
}
