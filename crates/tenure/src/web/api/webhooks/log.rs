//! What became of events at a webhook, and sending them again.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse as _,
};
use domain::{
    id::{DeliveryId, WebhookId},
    webhook::State as Far,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::id_of;
use crate::{
    app::App,
    error::{Error, Result},
    ops::webhooks as ops,
    store::{attempts::Attempt, deliveries::Delivery},
    web::{
        api::{
            answer::{Answer, Changed},
            problems::webhooks::{OfDeliveries, OfDelivery, OfSending, OfTest},
            query::{Query, invalid},
        },
        failure::{Plain, Wrong},
        session::Session,
    },
};

/// An event on its way to a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(in crate::web::api) struct Shown {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: DeliveryId,
    /// What is sent as `webhook-id`: the same in each repeat.
    #[schema(value_type = String, format = Uuid)]
    event: Uuid,
    /// What happened.
    #[schema(example = "person.deactivated")]
    r#type: String,
    /// How far it is.
    #[schema(pattern = "^(pending|delivered|dead)$", example = "delivered")]
    state: &'static str,
    /// Since when it is tried, this time round.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// When it is tried next; null at the end, and while it waits for an earlier one about the same.
    #[schema(value_type = Option<String>, format = DateTime)]
    due: Option<Timestamp>,
    /// How often it has been tried, this time round.
    attempts: i64,
    /// When it arrived or died.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended: Option<Timestamp>,
}

impl From<&Delivery> for Shown {
    fn from(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id,
            event: delivery.event,
            r#type: delivery.topic.clone(),
            state: delivery.state.word(),
            since: delivery.since,
            due: delivery.due,
            attempts: delivery.attempts,
            ended: delivery.ended,
        }
    }
}

/// One time that it was tried.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryAttempt)]
pub(in crate::web::api) struct Tried {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// How long it took, in milliseconds.
    milliseconds: i64,
    /// The status of the answer; null when there was none.
    #[schema(example = 204)]
    status: Option<i64>,
    /// Why there was none.
    #[schema(
        pattern = "^(name-not-found|private-address|not-reached|tls|timed-out|broken|not-allowed)$",
        example = "timed-out"
    )]
    failure: Option<String>,
    /// The beginning of an answer that was no success.
    answer: Option<String>,
}

impl From<Attempt> for Tried {
    fn from(attempt: Attempt) -> Self {
        let some = |text: String| (!text.is_empty()).then_some(text);
        Self {
            at: attempt.at,
            milliseconds: attempt.millis,
            status: attempt.status,
            failure: some(attempt.failure),
            answer: some(attempt.answer),
        }
    }
}

/// A delivery with its attempts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryWithAttempts)]
pub(in crate::web::api) struct Whole {
    /// The delivery.
    delivery: Shown,
    /// What is sent.
    #[schema(value_type = Object)]
    body: Option<Value>,
    /// The attempts, the newest first; 100 at most.
    attempts: Vec<Tried>,
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Deliveries {
    /// The newest first.
    deliveries: Vec<Shown>,
    /// The `after` of the page of older ones; null on the last.
    #[schema(value_type = Option<String>, format = Uuid)]
    next: Option<DeliveryId>,
}

/// A test that is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Testing {
    /// The delivery: look there what became of it.
    #[schema(value_type = String, format = Uuid)]
    delivery: DeliveryId,
}

/// How many are sent again.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Again {
    /// How many were dead.
    sent: i64,
}

/// Reads the parameter of a path, for what is no delivery.
fn delivery_of((webhook, delivery): &(String, String)) -> Result<(WebhookId, DeliveryId)> {
    Ok((id_of(webhook)?, delivery.parse().map_err(|_| Error::NotFound("delivery"))?))
}

/// Send a test event.
///
/// An event of the type `webhook.test`, whatever the webhook is told of.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/test", operation_id = "test_webhook", tag = "webhooks",
    params(("id" = String, Path, format = Uuid, description = "The webhook.")),
    responses((status = 202, description = "It is on its way.", body = Testing), OfTest),
    security(("session" = []))
)]
pub(in crate::web::api) async fn test(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer {
    query.only(&[])?;
    let (id, ctx) = (id_of(&text)?, session.ctx.clone());
    let delivery = app.store.write(async move |tx| ops::test(tx, &ctx, id).await).await?;
    Ok((StatusCode::ACCEPTED, Json(Testing { delivery })).into_response())
}

/// What became of events, page by page.
///
/// The newest first. Deliveries are kept for 30 days after their end.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}/deliveries", operation_id = "deliveries", tag = "webhooks",
    params(
        ("id" = String, Path, format = Uuid, description = "The webhook."),
        ("state" = Option<String>, Query, pattern = "^(pending|delivered|dead)?$", description = "`pending`, `delivered` or `dead`."),
        ("after" = Option<String>, Query, description = "The `next` of the page before: what is older."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "How many a page has; 50 when it is not given."),
    ),
    responses((status = 200, description = "A page of the log.", body = Deliveries), OfDeliveries),
    security(("session" = []))
)]
pub(in crate::web::api) async fn deliveries(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer<Json<Deliveries>> {
    query.only(&["state", "after", "limit"])?;
    let (asked, most) = page(&query)?;
    let mut rx = app.store.reader().await?;
    let page = ops::deliveries(&mut rx, &session.ctx, id_of(&text)?, asked, most).await?;
    Ok(Json(Deliveries { deliveries: page.deliveries.iter().map(Shown::from).collect(), next: page.next }))
}

/// State, from where to go on, and how many.
type Asked = ((Option<Far>, Option<DeliveryId>), usize);

fn page(query: &Query) -> std::result::Result<Asked, Plain> {
    let wrong = |name: &'static str, words: &str| invalid(vec![Wrong::parameter(name, words)]);
    let state = query.get("state").map(|word| {
        Far::parse(word).ok_or_else(|| wrong("state", "This is one of pending, delivered, dead."))
    });
    let before = query
        .get("after")
        .map(|text| text.parse().map_err(|_| wrong("after", "This is the next of the page before.")));
    let limit = query.get("limit").map(|text| {
        let number = text.parse().ok().filter(|number| (1..=500).contains(number));
        number.ok_or_else(|| wrong("limit", "This is a whole number from 1 to 500."))
    });
    Ok(((state.transpose()?, before.transpose()?), limit.transpose()?.unwrap_or(ops::PAGE)))
}

/// One delivery, with what is sent and its attempts.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}/deliveries/{delivery}", operation_id = "delivery", tag = "webhooks",
    params(
        ("id" = String, Path, format = Uuid, description = "The webhook."),
        ("delivery" = String, Path, format = Uuid, description = "The delivery."),
    ),
    responses((status = 200, description = "The delivery.", body = Whole), OfDelivery),
    security(("session" = []))
)]
pub(in crate::web::api) async fn delivery(
    State(app): State<App>,
    session: Session,
    Path(path): Path<(String, String)>,
) -> Answer<Json<Whole>> {
    let (id, delivery) = delivery_of(&path)?;
    let mut rx = app.store.reader().await?;
    let shown = ops::delivery(&mut rx, &session.ctx, id, delivery).await?;
    Ok(Json(Whole {
        delivery: (&shown.delivery).into(),
        body: serde_json::from_str(&shown.delivery.body).ok(),
        attempts: shown.attempts.into_iter().map(Tried::from).collect(),
    }))
}

/// Send a delivery again that has arrived or is dead.
///
/// With the same id, and for three days more. It goes before what is pending about the same.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/deliveries/{delivery}/again", operation_id = "send_again", tag = "webhooks",
    params(
        ("id" = String, Path, format = Uuid, description = "The webhook."),
        ("delivery" = String, Path, format = Uuid, description = "The delivery."),
    ),
    responses((status = 200, description = "It is on its way.", body = Changed), OfSending),
    security(("session" = []))
)]
pub(in crate::web::api) async fn send_again(
    State(app): State<App>,
    session: Session,
    Path(path): Path<(String, String)>,
    query: Query,
) -> Answer {
    query.only(&[])?;
    let ((id, delivery), ctx) = (delivery_of(&path)?, session.ctx.clone());
    let changed = app.store.write(async move |tx| ops::send_again(tx, &ctx, id, delivery).await).await?;
    Ok(Changed::answer(changed))
}

/// Send every dead delivery again.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/deliveries/again", operation_id = "send_all_again", tag = "webhooks",
    params(("id" = String, Path, format = Uuid, description = "The webhook.")),
    responses((status = 200, description = "They are on their way.", body = Again), OfSending),
    security(("session" = []))
)]
pub(in crate::web::api) async fn send_all_again(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer<Json<Again>> {
    query.only(&[])?;
    let sent = ops::send_every_dead(&app.store, &session.ctx, id_of(&text)?).await?;
    Ok(Json(Again { sent }))
}
