//! `/api/v1/webhooks`: where the workspace has its events sent. For administrators, and for API tokens that were made for it.

pub(super) mod log;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::{
    id::{PersonId, WebhookId, WorkspaceId},
    webhook::Choice,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{
    answer::{self, Answer, Changed, given},
    body::Body,
    problems::webhooks::{OfChange, OfMake, OfWebhook, OfWebhooks},
    query::Query,
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        profile::Name,
        webhooks::{self as ops, Health, Input, WEBHOOK},
    },
    store::{Rx, webhooks::Webhook},
    web::{
        routes::Routes,
        session::{Access::Webhooks, Session},
    },
};

/// The description of webhooks.
#[derive(OpenApi)]
#[openapi(
    paths(
        webhooks, make, webhook, change, delete, switch_off, switch_on, rotate,
        log::test, log::deliveries, log::delivery, log::send_again, log::send_all_again,
    ),
    tags((name = "webhooks", description = "Where events are sent, signed by the Standard Webhooks specification."))
)]
pub(super) struct Described;

/// The routes of webhooks.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/webhooks", Webhooks, webhooks)
        .post("/api/v1/webhooks", Webhooks, make)
        .get("/api/v1/webhooks/{id}", Webhooks, webhook)
        .patch("/api/v1/webhooks/{id}", Webhooks, change)
        .delete("/api/v1/webhooks/{id}", Webhooks, delete)
        .put("/api/v1/webhooks/{id}/off", Webhooks, switch_off)
        .delete("/api/v1/webhooks/{id}/off", Webhooks, switch_on)
        .post("/api/v1/webhooks/{id}/secret", Webhooks, rotate)
        .post("/api/v1/webhooks/{id}/test", Webhooks, log::test)
        .get("/api/v1/webhooks/{id}/deliveries", Webhooks, log::deliveries)
        .post("/api/v1/webhooks/{id}/deliveries/again", Webhooks, log::send_all_again)
        .get("/api/v1/webhooks/{id}/deliveries/{delivery}", Webhooks, log::delivery)
        .post("/api/v1/webhooks/{id}/deliveries/{delivery}/again", Webhooks, log::send_again)
}

/// A webhook. What signs is told once, when it is made or gets a new secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct Shown {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: WebhookId,
    /// What its maker called it.
    name: String,
    /// Where events are sent.
    #[schema(format = "uri", example = "https://example.org/tenure")]
    url: String,
    /// What it is told of: types of events, or `*` for everything.
    #[schema(example = json!(["person.deactivated", "person.activated"]))]
    events: Vec<&'static str>,
    /// Who made it; null at the machine, by a service token, or when they have been deleted.
    #[schema(value_type = Option<String>, format = Uuid)]
    made_by: Option<PersonId>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// Whether it is told of what happens.
    on: bool,
    /// Since when it is off.
    #[schema(value_type = Option<String>, format = DateTime)]
    off_since: Option<Timestamp>,
    /// Why it is off: by hand, since nothing arrived for five days, since the receiver answered that it is gone, or since a
    /// backup was restored.
    #[schema(pattern = "^(hand|failures|gone|backup)$")]
    off_why: Option<&'static str>,
    /// Until when the secret before the present one goes on signing.
    #[schema(value_type = Option<String>, format = DateTime)]
    former_secret_signs_until: Option<Timestamp>,
    /// When something last arrived.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_success: Option<Timestamp>,
    /// Since when there was nothing but failures; null when the last attempt was a success.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Timestamp>,
    /// The last failure.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_failure: Option<Timestamp>,
    /// How many deliveries are yet to arrive; 10001 stands for more.
    pending: i64,
    /// Since when the oldest of them is tried.
    #[schema(value_type = Option<String>, format = DateTime)]
    oldest_pending: Option<Timestamp>,
    /// How many deliveries are dead; 10001 stands for more.
    dead: i64,
}

impl Shown {
    fn of(webhook: &Webhook, health: Health, now: Timestamp) -> Self {
        let events = match &webhook.topics {
            Choice::All => vec![ANYTHING],
            some @ Choice::Some(_) => some.words().collect(),
        };
        Self {
            id: webhook.id,
            name: webhook.name.clone(),
            url: webhook.url.clone(),
            events,
            made_by: webhook.maker,
            created: webhook.created,
            on: webhook.off.is_none(),
            off_since: webhook.off.map(|(since, _)| since),
            off_why: webhook.off.map(|(_, why)| why.word()),
            former_secret_signs_until: webhook.former.map(|(_, until)| until).filter(|until| *until > now),
            last_success: webhook.last_success,
            failing_since: webhook.failing_since,
            last_failure: webhook.last_failure,
            pending: health.pending,
            oldest_pending: health.oldest,
            dead: health.dead,
        }
    }

    async fn read(rx: &mut Rx, ws: WorkspaceId, webhook: &Webhook, now: Timestamp) -> Result<Self> {
        Ok(Self::of(webhook, ops::health(rx, ws, webhook.id).await?, now))
    }
}

/// Stands for every event.
const ANYTHING: &str = "*";

/// Every webhook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhooks)]
pub(super) struct All {
    /// The newest first.
    webhooks: Vec<Shown>,
}

/// A webhook to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "name": "Directory", "url": "https://example.org/tenure", "events": ["person.deactivated", "person.activated"]
}))]
pub(super) struct MakeWebhook {
    /// What to call it.
    #[schema(required)]
    name: String,
    /// Where to send events: an address with https.
    #[schema(required)]
    url: String,
    /// What it is to be told of: types of events; everything when it is left out.
    events: Option<Vec<String>>,
}

/// What is to be changed of a webhook; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "url": "https://example.org/other" }))]
pub(super) struct ChangeWebhook {
    /// What to call it.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    name: Option<String>,
    /// Where to send events.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    url: Option<String>,
    /// What it is to be told of; `*` alone is everything.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Vec<String>)]
    events: Option<Vec<String>>,
}

/// A webhook that was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MadeWebhook)]
pub(super) struct Made {
    /// The webhook.
    webhook: Shown,
    /// What the receiver checks signatures with. It is told here and never again.
    #[schema(example = "whsec_…")]
    secret: String,
}

/// A new secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NewSecret {
    /// What the receiver checks signatures with from now on. It is told here and never again.
    #[schema(example = "whsec_…")]
    secret: String,
    /// Until then what is sent is signed with the former one, too.
    #[schema(value_type = String, format = DateTime)]
    former_signs_until: Timestamp,
}

fn id_of(text: &str) -> Result<WebhookId> {
    text.parse().map_err(|_| Error::NotFound(WEBHOOK))
}

fn choice(words: &[String]) -> Result<Choice> {
    // Everything, whatever else is named.
    if words.iter().any(|word| word == ANYTHING) {
        return Ok(Choice::All);
    }
    Choice::of(words.iter().map(String::as_str)).map_err(|why| Error::field("events", why.to_string()))
}

/// Webhooks.
#[utoipa::path(
    get, path = "/api/v1/webhooks", operation_id = "webhooks", tag = "webhooks",
    responses((status = 200, description = "All of them; 50 at most.", body = All), OfWebhooks),
    security(("session" = []))
)]
pub(super) async fn webhooks(State(app): State<App>, session: Session) -> Answer<Json<All>> {
    let mut rx = app.store.reader().await?;
    let mut all = Vec::new();
    for (webhook, _) in ops::list(&mut rx, &session.ctx).await? {
        all.push(Shown::read(&mut rx, session.visit.workspace, &webhook, session.visit.now).await?);
    }
    Ok(Json(All { webhooks: all }))
}

/// Make a webhook.
///
/// It is told of what happens from now on.
#[utoipa::path(
    post, path = "/api/v1/webhooks", operation_id = "make_webhook", tag = "webhooks",
    request_body(content = MakeWebhook, description = "What the webhook is to be."),
    responses((status = 201, description = "It is made.", body = Made), OfMake),
    security(("session" = []))
)]
pub(super) async fn make(
    State(app): State<App>,
    session: Session,
    query: Query,
    Body(asked): Body<MakeWebhook>,
) -> Answer {
    query.only(&[])?;
    let name = Name::parse(&asked.name, &app.config.limits)?;
    let topics = asked.events.as_deref().map_or(Ok(Choice::All), choice)?;
    let input = Input::new(name, &asked.url, topics, &app.config.webhooks)?;
    let (ctx, key) = (session.ctx.clone(), app.audit_key.clone());
    let made = app.store.write(async move |tx| ops::make(tx, &ctx, &key, input.clone()).await).await?;
    let webhook = Shown::of(&made.webhook, Health::default(), session.visit.now);
    let at = format!("/api/v1/webhooks/{}", webhook.id);
    Ok(answer::made(&at, Json(Made { webhook, secret: made.secret.reveal() })))
}

/// One webhook.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}", operation_id = "webhook", tag = "webhooks",
    params(("id" = String, Path, format = Uuid, description = "The webhook.")),
    responses((status = 200, description = "The webhook.", body = Shown), OfWebhook),
    security(("session" = []))
)]
pub(super) async fn webhook(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
) -> Answer<Json<Shown>> {
    let mut rx = app.store.reader().await?;
    let found = ops::one(&mut rx, &session.ctx, id_of(&text)?).await?;
    Ok(Json(Shown::read(&mut rx, session.visit.workspace, &found, session.visit.now).await?))
}

/// Change a webhook.
///
/// What is on its way already goes to the new address, too.
#[utoipa::path(
    patch, path = "/api/v1/webhooks/{id}", operation_id = "change_webhook", tag = "webhooks",
    params(("id" = String, Path, format = Uuid, description = "The webhook.")),
    request_body(content = ChangeWebhook, description = "What is to be changed."),
    responses((status = 200, description = "It is so now.", body = Changed), OfChange),
    security(("session" = []))
)]
pub(super) async fn change(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
    Body(asked): Body<ChangeWebhook>,
) -> Answer {
    query.only(&[])?;
    let (id, ctx) = (id_of(&text)?, session.ctx.clone());
    let before = ops::one(&mut app.store.reader().await?, &ctx, id).await?;
    let name = Name::parse(asked.name.as_deref().unwrap_or(&before.name), &app.config.limits)?;
    let topics = asked.events.as_deref().map_or(Ok(before.topics), choice)?;
    let input = Input::new(name, asked.url.as_deref().unwrap_or(&before.url), topics, &app.config.webhooks)?;
    let changed = app.store.write(async move |tx| ops::change(tx, &ctx, id, input.clone()).await).await?;
    Ok(Changed::answer(changed))
}

/// Delete a webhook, with its log.
#[utoipa::path(
    delete, path = "/api/v1/webhooks/{id}", operation_id = "delete_webhook", tag = "webhooks",
    params(("id" = String, Path, format = Uuid, description = "The webhook.")),
    responses((status = 204, description = "It is gone."), OfChange),
    security(("session" = []))
)]
pub(super) async fn delete(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer {
    query.only(&[])?;
    let (id, ctx) = (id_of(&text)?, session.ctx.clone());
    app.store.write(async move |tx| ops::delete(tx, &ctx, id).await).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Switch a webhook off.
///
/// Nothing is sent there any more; what is pending waits, and what happens meanwhile passes it by.
#[utoipa::path(
    put, path = "/api/v1/webhooks/{id}/off", operation_id = "switch_webhook_off", tag = "webhooks",
    params(("id" = String, Path, format = Uuid, description = "The webhook.")),
    responses((status = 200, description = "It is off.", body = Changed), OfChange),
    security(("session" = []))
)]
pub(super) async fn switch_off(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer {
    switch(&app, &session, &text, &query, false).await
}

/// Switch a webhook on.
#[utoipa::path(
    delete, path = "/api/v1/webhooks/{id}/off", operation_id = "switch_webhook_on", tag = "webhooks",
    params(("id" = String, Path, format = Uuid, description = "The webhook.")),
    responses((status = 200, description = "It is on.", body = Changed), OfChange),
    security(("session" = []))
)]
pub(super) async fn switch_on(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer {
    switch(&app, &session, &text, &query, true).await
}

async fn switch(app: &App, session: &Session, text: &str, query: &Query, on: bool) -> Answer<Response> {
    query.only(&[])?;
    let (id, ctx) = (id_of(text)?, session.ctx.clone());
    let changed = app.store.write(async move |tx| ops::switch(tx, &ctx, id, on).await).await?;
    Ok(Changed::answer(changed))
}

/// Give a webhook a new secret.
///
/// For a day what is sent is signed with both, so that the receiver can change over.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/secret", operation_id = "rotate_webhook_secret", tag = "webhooks",
    params(("id" = String, Path, format = Uuid, description = "The webhook.")),
    responses((status = 201, description = "The new secret.", body = NewSecret), OfChange),
    security(("session" = []))
)]
pub(super) async fn rotate(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer {
    query.only(&[])?;
    let (id, ctx, key) = (id_of(&text)?, session.ctx.clone(), app.audit_key.clone());
    let rotated = app.store.write(async move |tx| ops::rotate(tx, &ctx, &key, id).await).await?;
    let answer = NewSecret { secret: rotated.secret.reveal(), former_signs_until: rotated.until };
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}
