//! Tokens of the JSON API: made, listed, revoked, suspended and restored one by one. What a deactivation does to them
//! is in [`super::deactivation`].

use domain::{
    audit::Action,
    id::{PersonId, TokenId},
    lifecycle::Outcome,
    token::{self, For, Life, Owner, Scopes, Suspended},
};
use serde_json::{Value, json};

use super::{load, once::Once, profile::Name, record::Record};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    secret::{self, Secret},
    store::{
        Rx, Tx,
        people::PersonRow,
        tokens::{self, Listed, TokenRow, Ways},
    },
};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Input {
    /// Whose it is to be; the workspace's own when nobody's.
    pub person: Option<PersonId>,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub scopes: Scopes,
    /// How long it lives.
    pub life: Life,
}

impl Input {
    /// Of a name that has been cleaned.
    #[must_use]
    pub fn new(person: Option<PersonId>, name: Name, scopes: Scopes, life: Life) -> Self {
        Self { person, name: name.into_string(), scopes, life }
    }
}

/// A token that was made; the secret is shown once and kept nowhere.
#[derive(Debug, Clone)]
pub struct Made {
    /// What its holder shows.
    pub secret: Secret,
    /// What is kept.
    pub row: TokenRow,
}

/// Makes a token. The door has confirmed the actor's own password before ([`super::sign_in::confirm`], ASVS 5.0
/// 7.5.1): that takes long and has no place inside a write.
pub async fn make(tx: &mut Tx, ctx: &Ctx, input: Input) -> Result<Made> {
    make_once(tx, ctx, ctx.id(), input).await?.fresh()
}

/// As [`make`], of an id that a form has brought: a form that comes twice makes one token.
pub async fn make_once(tx: &mut Tx, ctx: &Ctx, id: TokenId, input: Input) -> Result<Once<Made>> {
    let (authority, person) = match input.person {
        Some(id) => {
            let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [id]).await?;
            (authority, Some(row.person))
        }
        None => (load::actor(tx, ctx).await?, None),
    };
    let of = person.as_ref().map_or(For::Workspace, For::Person);
    let token = token::make(&authority, of, input.scopes, input.life, (id, ctx.now))?;
    let secret = Secret::new(&ctx.sys, secret::Kind::ApiToken);
    if !tokens::insert(tx, ctx.workspace, &token, &input.name, &secret.digest(), ctx.now).await? {
        return Ok(Once::Before);
    }
    let row = TokenRow { token, name: input.name, created: ctx.now, last_used: None, scim: Ways::default() };
    about(
        Action::TokenMade,
        &row,
        json!({ "scopes": row.token.scopes.to_string(), "expires": row.token.expires }),
    )
    .save(tx, ctx)?;
    Ok(Once::Now(Made { secret, row }))
}

/// A record of a token. Its owner's words for it go with the owner; those for the workspace's stay.
fn about(action: Action, row: &TokenRow, mut after: Value) -> Record {
    let record = Record::of(action).subject(row.token.id);
    after["kind"] = json!(row.token.owner.word());
    match row.token.owner {
        Owner::Personal(person) => record.person(person).after(after).personal(json!({ "token": row.name })),
        Owner::Service { .. } => {
            after["token"] = json!(row.name);
            record.after(after)
        }
    }
}

/// Whose tokens are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// One person's: one's own, or as an administrator anybody's.
    Of(PersonId),
    /// Everybody's personal ones: for administrators.
    Personal,
    /// The workspace's own: for administrators.
    Service,
}

/// The tokens that were not revoked, the newest first, 500 at most.
pub async fn list(rx: &mut Rx, ctx: &Ctx, which: Which) -> Result<Vec<Listed>> {
    match which {
        Which::Of(id) => {
            let load::Loaded { authority, people: [row] } = load::unlocked(rx, ctx, [id]).await?;
            if !authority.is(&row.person) {
                authority.may_administer()?;
            }
            tokens::of_person(rx, ctx.workspace, id).await
        }
        Which::Personal | Which::Service => {
            load::unlocked::<0>(rx, ctx, []).await?.authority.may_administer()?;
            if which == Which::Personal {
                tokens::personal(rx, ctx.workspace).await
            } else {
                tokens::service(rx, ctx.workspace).await
            }
        }
    }
}

/// One token: for whoever may manage it.
pub async fn one(rx: &mut Rx, ctx: &Ctx, id: TokenId) -> Result<TokenRow> {
    let authority = load::unlocked(rx, ctx, []).await?.authority;
    let row = tokens::look(rx, ctx.workspace, id).await?.ok_or(Error::NotFound(TOKEN))?;
    token::may_manage(&authority, &row.token)?;
    Ok(row)
}

/// What is not there.
const TOKEN: &str = "API token";

/// Revokes a token, for good; answers whether that changed anything (rule 10).
pub async fn revoke(tx: &mut Tx, ctx: &Ctx, id: TokenId) -> Result<bool> {
    let authority = load::actor(tx, ctx).await?;
    let row = locked(tx, ctx, id).await?;
    if token::revoke(&authority, &row.token)? == Outcome::Unchanged {
        return Ok(false);
    }
    tokens::revoke(tx, ctx.workspace, id, ctx.now).await?;
    about(Action::TokenRevoked, &row, json!({})).save(tx, ctx)?;
    Ok(true)
}

/// Suspends a token alone; answers whether that changed anything.
pub async fn suspend(tx: &mut Tx, ctx: &Ctx, id: TokenId) -> Result<bool> {
    let authority = load::actor(tx, ctx).await?;
    authority.may_administer()?;
    let row = locked(tx, ctx, id).await?;
    if token::suspend(&authority, &row.token)? == Outcome::Unchanged {
        return Ok(false);
    }
    tokens::suspend(tx, ctx.workspace, id, ctx.now).await?;
    about(Action::TokenSuspended, &row, json!({ "why": Suspended::Hand })).save(tx, ctx)?;
    Ok(true)
}

/// Brings a suspended token back; answers whether that changed anything.
pub async fn restore(tx: &mut Tx, ctx: &Ctx, id: TokenId) -> Result<bool> {
    // Its owner is locked before it, as in every op; so whose it is is read first.
    let seen = tokens::look(tx, ctx.workspace, id).await?;
    let (authority, owner) = match seen.and_then(|row| row.token.owner.person()) {
        Some(person) => {
            let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [person]).await?;
            (authority, Some(row))
        }
        None => (load::actor(tx, ctx).await?, None),
    };
    authority.may_administer()?;
    let row = locked(tx, ctx, id).await?;
    let owner = owner.as_ref().map(|row: &PersonRow| &row.person);
    if token::restore(&authority, &row.token, owner)? == Outcome::Unchanged {
        return Ok(false);
    }
    tokens::restore(tx, ctx.workspace, id).await?;
    about(Action::TokenRestored, &row, json!({})).save(tx, ctx)?;
    Ok(true)
}

async fn locked(tx: &mut Tx, ctx: &Ctx, id: TokenId) -> Result<TokenRow> {
    tokens::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound(TOKEN))
}
