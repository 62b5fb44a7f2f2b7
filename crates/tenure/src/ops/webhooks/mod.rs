//! Webhooks: made, changed, switched, given a new secret, deleted; and their log. How events get there is in [`queue`].

mod log;
pub mod queue;
mod subjects;

pub use log::{Health, PAGE, Page, Shown, deliveries, delivery, health, send_again, send_every_dead, test};
pub use subjects::{About, Told, Whom, told};

use domain::{
    actor::Authority,
    audit::Action,
    id::{PersonId, StepId, WebhookId},
    token::Scope,
    webhook::{Address, Choice, FORMER_SIGNS_FOR, Host, MOST, Off, is_public},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{load, once::Once, profile::Name, record::Record};
use crate::{
    config::Webhooks as Settings,
    ctx::Ctx,
    error::{Error, Result},
    hooks::sign::SigningSecret,
    seal::AuditKey,
    store::{
        Rx, Tx,
        webhooks::{self, Listed, Webhook},
    },
};

/// What is not there.
pub const WEBHOOK: &str = "webhook";

/// What a webhook is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// What it is called.
    name: String,
    /// Where events are sent.
    url: Address,
    /// What it is told of.
    topics: Choice,
}

impl Input {
    /// Checks what was typed.
    pub fn new(name: Name, url: &str, topics: Choice, settings: &Settings) -> Result<Self> {
        Ok(Self { name: name.into_string(), url: address(url, settings)?, topics })
    }
}

/// An address that events may be sent to, as far as that shows before its name is looked up.
fn address(typed: &str, settings: &Settings) -> Result<Address> {
    let wrong = |words: String| Error::field("url", words);
    let address = Address::parse(typed.trim()).map_err(|why| wrong(why.to_string()))?;
    if !address.https && !settings.allow_http {
        return Err(wrong(
            "This must begin with https://. Plain http is allowed by the configuration alone.".into(),
        ));
    }
    if let Host::Ip(ip) = address.host
        && !is_public(ip)
        && !settings.allowed_networks.contains(ip)
    {
        return Err(wrong(
            "This is an address of a private network. Such are allowed by the configuration alone.".into(),
        ));
    }
    Ok(address)
}

/// A webhook with its secret, which is shown once.
#[derive(Debug, Clone)]
pub struct Made {
    /// What the receiver checks signatures with.
    pub secret: SigningSecret,
    /// The webhook.
    pub webhook: Webhook,
}

/// Webhooks are for administrators, and for tokens that were made for them.
pub(crate) fn may_set_up(authority: &Authority) -> Result<()> {
    Ok(authority.may_administer_by(Scope::Webhooks)?)
}

/// Who acts, held as they are, and the webhook, locked.
async fn locked(tx: &mut Tx, ctx: &Ctx, id: WebhookId) -> Result<Webhook> {
    may_set_up(&load::actor(tx, ctx).await?)?;
    webhooks::lock(tx, ctx.workspace, id).await?.ok_or(Error::NotFound(WEBHOOK))
}

/// The webhook, for whoever may see it.
async fn seen(rx: &mut Rx, ctx: &Ctx, id: WebhookId) -> Result<Webhook> {
    may_set_up(&load::unlocked::<0>(rx, ctx, []).await?.authority)?;
    webhooks::look(rx, ctx.workspace, id).await?.ok_or(Error::NotFound(WEBHOOK))
}

/// A record of a webhook. Of its address only the host is kept: a path may be a secret.
pub(crate) fn about(action: Action, webhook: &Webhook, mut after: Value) -> Record {
    after["webhook"] = json!(webhook.name);
    Record::of(action).subject(webhook.id).after(after)
}

/// What is recorded of how it is.
fn state(webhook: &Webhook) -> Value {
    json!({ "to": origin(&webhook.url), "events": webhook.topics.to_string() })
}

/// The part of an address that may be shown to everybody.
#[must_use]
pub fn origin(url: &str) -> String {
    Address::parse(url).map(|address| address.origin()).unwrap_or_default()
}

/// Makes a webhook. It is told of what happens from now on.
pub async fn make(tx: &mut Tx, ctx: &Ctx, key: &AuditKey, input: Input) -> Result<Made> {
    make_once(tx, ctx, key, ctx.id(), input).await?.fresh()
}

/// As [`make`], of an id that a form has brought: a form that comes twice makes one webhook.
pub async fn make_once(
    tx: &mut Tx,
    ctx: &Ctx,
    key: &AuditKey,
    id: WebhookId,
    input: Input,
) -> Result<Once<Made>> {
    may_set_up(&load::actor(tx, ctx).await?)?;
    let webhook = Webhook {
        id,
        name: input.name,
        url: input.url.to_string(),
        topics: input.topics,
        maker: ctx.actor.person(),
        created: ctx.now,
        salt: ctx.sys.bytes(),
        former: None,
        off: None,
        place: 0,
        last_success: None,
        failing_since: None,
        last_failure: None,
        answers: 0,
    };
    if !webhooks::insert(tx, ctx.workspace, &webhook).await? {
        return Ok(Once::Before);
    }
    // It is counted with itself: what is refused now is not kept.
    if webhooks::count(tx, ctx.workspace).await? > MOST {
        return Err(Error::field(
            "name",
            format!("A workspace has {MOST} webhooks at most. Delete one first."),
        ));
    }
    about(Action::WebhookMade, &webhook, state(&webhook)).save(tx, ctx)?;
    Ok(Once::Now(Made { secret: SigningSecret::of(key, &webhook.salt), webhook }))
}

/// Every webhook, the newest first.
pub async fn list(rx: &mut Rx, ctx: &Ctx) -> Result<Vec<Listed>> {
    may_set_up(&load::unlocked::<0>(rx, ctx, []).await?.authority)?;
    webhooks::list(rx, ctx.workspace).await
}

/// One webhook.
pub async fn one(rx: &mut Rx, ctx: &Ctx, id: WebhookId) -> Result<Webhook> {
    seen(rx, ctx, id).await
}

/// Changes name, address and choice of events; answers whether that changed anything.
pub async fn change(tx: &mut Tx, ctx: &Ctx, id: WebhookId, input: Input) -> Result<bool> {
    let before = locked(tx, ctx, id).await?;
    let after =
        Webhook { name: input.name, url: input.url.to_string(), topics: input.topics, ..before.clone() };
    if after == before {
        return Ok(false);
    }
    webhooks::change(tx, ctx.workspace, &after).await?;
    about(Action::WebhookChanged, &after, state(&after)).before(state(&before)).save(tx, ctx)?;
    Ok(true)
}

/// Switches a webhook on or off; answers whether that changed anything. One that is off is told of nothing: what was
/// pending waits, and what happens meanwhile passes it by.
pub async fn switch(tx: &mut Tx, ctx: &Ctx, id: WebhookId, on: bool) -> Result<bool> {
    let webhook = locked(tx, ctx, id).await?;
    match (on, webhook.off) {
        (true, None) | (false, Some(_)) => return Ok(false),
        (true, Some(_)) => {
            webhooks::switch_on(tx, ctx.workspace, id).await?;
            about(Action::WebhookOn, &webhook, json!({})).save(tx, ctx)?;
        }
        (false, None) => switch_off(tx, ctx, &webhook, Off::Hand).await?,
    }
    Ok(true)
}

/// Switches off a webhook that is on, and is held.
pub(crate) async fn switch_off(tx: &mut Tx, ctx: &Ctx, webhook: &Webhook, why: Off) -> Result<()> {
    webhooks::switch_off(tx, ctx.workspace, webhook.id, why, ctx.now).await?;
    about(Action::WebhookOff, webhook, json!({ "why": why })).save(tx, ctx)
}

/// Switches off the webhooks that somebody made, in the step of their deactivation, each on the record.
pub(crate) async fn switch_off_made_by(tx: &mut Tx, ctx: &Ctx, person: PersonId, step: StepId) -> Result<()> {
    for webhook in webhooks::made_by(tx, ctx.workspace, person).await? {
        about(Action::WebhookOff, &webhook, json!({ "why": Off::Deactivation })).save(tx, ctx)?;
    }
    webhooks::switch_off_made_by(tx, ctx.workspace, person, step.uuid(), ctx.now).await
}

/// A new secret, and until when the former one goes on signing.
#[derive(Debug, Clone)]
pub struct Rotated {
    /// What the receiver checks signatures with from now on.
    pub secret: SigningSecret,
    /// Until then both sign.
    pub until: Timestamp,
}

/// Gives a webhook a new secret. For a day the former one signs, too.
pub async fn rotate(tx: &mut Tx, ctx: &Ctx, key: &AuditKey, id: WebhookId) -> Result<Rotated> {
    let webhook = locked(tx, ctx, id).await?;
    renew(tx, ctx, key, &webhook).await
}

/// As [`rotate`], in the place of the secret that the form has seen ([`secret_mark`]): a form that comes twice makes one
/// secret, and does not throw away the one that receivers still check with.
pub async fn rotate_once(
    tx: &mut Tx,
    ctx: &Ctx,
    key: &AuditKey,
    id: WebhookId,
    seen: &str,
) -> Result<Once<Rotated>> {
    let webhook = locked(tx, ctx, id).await?;
    if secret_mark(&webhook) != seen {
        return Ok(Once::Before);
    }
    Ok(Once::Now(renew(tx, ctx, key, &webhook).await?))
}

/// By which a form knows which secret it replaces; it says nothing of the secret.
#[must_use]
pub fn secret_mark(webhook: &Webhook) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::new().chain_update(b"tenure webhook mark ").chain_update(webhook.salt);
    crate::seal::to_hex(&digest.finalize())
}

async fn renew(tx: &mut Tx, ctx: &Ctx, key: &AuditKey, webhook: &Webhook) -> Result<Rotated> {
    let id = webhook.id;
    let (salt, until) = (ctx.sys.bytes(), ctx.now.saturating_add(FORMER_SIGNS_FOR).unwrap_or(Timestamp::MAX));
    webhooks::rotate(tx, ctx.workspace, id, &salt, until).await?;
    about(Action::WebhookSecretRotated, webhook, json!({ "former_signs_until": until })).save(tx, ctx)?;
    Ok(Rotated { secret: SigningSecret::of(key, &salt), until })
}

/// Deletes a webhook with its log; nothing is sent there any more.
pub async fn delete(tx: &mut Tx, ctx: &Ctx, id: WebhookId) -> Result<()> {
    let webhook = locked(tx, ctx, id).await?;
    webhooks::mark_deleted(tx, ctx.workspace, id, ctx.now).await?;
    about(Action::WebhookDeleted, &webhook, json!({})).save(tx, ctx)
}
