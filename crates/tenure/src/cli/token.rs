//! `tenure token`.

use clap::{Args, Subcommand};
use domain::{
    id::TokenId,
    person::Kind,
    token::{Life, Scope, USUAL_DAYS},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Global,
    answer::Answer,
    failure::Failure,
    place::Place,
    table::{maybe, moment, table},
};
use crate::{
    ops::{
        profile::Name,
        tokens::{self, Input, Which},
    },
    store::{
        tokens::{Listed, TokenRow},
        workspaces::Workspace,
    },
};

/// Make, list, suspend and revoke tokens of the JSON API: the workspace's own, and those of users.
#[derive(Debug, Subcommand)]
pub(super) enum Tokens {
    /// Make a token. What opens it is printed once and kept nowhere.
    #[command(after_help = "Examples:
  tenure token create \"Nightly report\" --scope read
  tenure token create \"HR import\" --scope people --days 30
  tenure token create Backup --scope read --for ada@acme.example")]
    Create(Create),
    /// List tokens that were not revoked: the workspace's and everybody's, or those of one user.
    #[command(
        after_help = "Examples:\n  tenure token list\n  tenure token list --for ada@acme.example --json"
    )]
    List {
        /// The user, by email address or id.
        #[arg(long = "for", value_name = "USER")]
        user: Option<String>,
    },
    /// Suspend a token until it is restored.
    #[command(after_help = "Example:\n  tenure token suspend 01960000-0000-7000-8000-000000000001")]
    Suspend {
        /// The token's id, as the list shows it.
        token: TokenId,
    },
    /// Restore a suspended token; that of a user only while they are active.
    #[command(after_help = "Example:\n  tenure token restore 01960000-0000-7000-8000-000000000001")]
    Restore {
        /// The token's id, as the list shows it.
        token: TokenId,
    },
    /// Revoke a token, for good.
    #[command(after_help = "Example:\n  tenure token revoke 01960000-0000-7000-8000-000000000001")]
    Revoke {
        /// The token's id, as the list shows it.
        token: TokenId,
    },
}

/// What the token is to be.
#[derive(Debug, Args)]
pub(super) struct Create {
    /// What to call it.
    name: String,
    /// What it is for; can be given several times.
    #[arg(long = "scope", required = true, value_name = "SCOPE",
          value_parser = ["read", "write", "people", "scim", "scim-customers", "webhooks"])]
    scopes: Vec<String>,
    /// The user whose it is, by email address or id; without it, it is the workspace's own.
    #[arg(long = "for", value_name = "USER")]
    user: Option<String>,
    /// After how many days its time is over, 366 at most.
    #[arg(long, default_value_t = USUAL_DAYS)]
    days: i64,
    /// The workspace's token lives until it is revoked.
    #[arg(long, conflicts_with_all = ["days", "user"])]
    never_expires: bool,
}

impl Tokens {
    pub(super) async fn run(self, global: &Global) -> Result<Answer, Failure> {
        let place = Place::open(global).await?;
        let answer = self.on(&place).await;
        place.close().await;
        answer
    }

    async fn on(self, place: &Place) -> Result<Answer, Failure> {
        let workspace = place.workspace().await?;
        match self {
            Self::Create(create) => create.run(place, &workspace).await,
            Self::List { user } => list(place, &workspace, user.as_deref()).await,
            Self::Suspend { token } => change(place, &workspace, token, Op::Suspend).await,
            Self::Restore { token } => change(place, &workspace, token, Op::Restore).await,
            Self::Revoke { token } => change(place, &workspace, token, Op::Revoke).await,
        }
    }
}

impl Create {
    async fn run(self, place: &Place, workspace: &Workspace) -> Result<Answer, Failure> {
        let owner = match &self.user {
            Some(named) => Some(place.person(workspace.id, Kind::User, named).await?),
            None => None,
        };
        let scopes = self.scopes.iter().filter_map(|word| Scope::parse(word)).collect();
        let life = if self.never_expires { Life::Forever } else { Life::Days(self.days) };
        let name = Name::parse(&self.name, &place.config.limits)?;
        let input = Input::new(owner.as_ref().map(|row| row.person.id), name, scopes, life);
        let ctx = place.ctx(workspace.id);
        let now = ctx.now;
        let made = place.store.write(async move |tx| tokens::make(tx, &ctx, input.clone()).await).await?;
        place.seal(workspace.id).await;
        let secret = made.secret.reveal();
        let until = made.row.token.expires.map_or_else(
            || "It works until it is revoked.".to_owned(),
            |at| format!("It works until {}.", moment(at, &workspace.zone())),
        );
        let text = format!("{secret}\n\nThis is shown once: keep it like a password. {until}");
        let json = json!({ "token": told(&made.row, now), "secret": secret });
        Ok(Answer::new(text, json))
    }
}

/// A token for machines.
fn told(row: &TokenRow, now: Timestamp) -> Value {
    let token = &row.token;
    json!({
        "id": token.id,
        "name": row.name,
        "kind": token.owner.word(),
        "owner": token.owner.person(),
        "scopes": token.scopes.iter().map(Scope::word).collect::<Vec<_>>(),
        "state": token.state(now).word(),
        "created": row.created,
        "expires": token.expires,
        "last_used": row.last_used,
    })
}

async fn list(place: &Place, workspace: &Workspace, user: Option<&str>) -> Result<Answer, Failure> {
    let ctx = place.ctx(workspace.id);
    let which = match user {
        Some(named) => vec![Which::Of(place.person(workspace.id, Kind::User, named).await?.person.id)],
        None => vec![Which::Service, Which::Personal],
    };
    let mut rx = place.store.reader().await?;
    let mut all = Vec::new();
    for which in which {
        all.extend(tokens::list(&mut rx, &ctx, which).await?);
    }
    drop(rx);
    let zone = workspace.zone();
    let row = |(row, beside): &Listed| {
        let token = &row.token;
        let owner = match (token.owner.person(), beside) {
            (Some(_), Some(person)) => person.name.clone(),
            _ => "the workspace".to_owned(),
        };
        vec![
            row.name.clone(),
            owner,
            token.scopes.to_string(),
            token.state(ctx.now).word().to_owned(),
            maybe(row.last_used, &zone),
            maybe(token.expires, &zone),
            token.id.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    let list: Vec<Value> = all.iter().map(|(row, _)| told(row, ctx.now)).collect();
    let heads = ["NAME", "OF", "SCOPES", "STATE", "LAST USED", "EXPIRES", "ID"];
    Ok(Answer::new(table(&heads, &rows), json!({ "tokens": list })))
}

/// What is done to a token that is there.
#[derive(Debug, Clone, Copy)]
enum Op {
    Suspend,
    Restore,
    Revoke,
}

impl Op {
    const fn words(self, changed: bool) -> &'static str {
        match (self, changed) {
            (Self::Suspend, true) => "The token is suspended.",
            (Self::Suspend, false) => "The token was suspended already.",
            (Self::Restore, true) => "The token works again.",
            (Self::Restore, false) => "The token was not suspended.",
            (Self::Revoke, true) => "The token is revoked, for good.",
            (Self::Revoke, false) => "The token was revoked already.",
        }
    }
}

async fn change(place: &Place, workspace: &Workspace, id: TokenId, op: Op) -> Result<Answer, Failure> {
    let ctx = place.ctx(workspace.id);
    let changed = place
        .store
        .write(async move |tx| match op {
            Op::Suspend => tokens::suspend(tx, &ctx, id).await,
            Op::Restore => tokens::restore(tx, &ctx, id).await,
            Op::Revoke => tokens::revoke(tx, &ctx, id).await,
        })
        .await?;
    if changed {
        place.seal(workspace.id).await;
    }
    Ok(Answer::new(op.words(changed), json!({ "token": id, "changed": changed })))
}
