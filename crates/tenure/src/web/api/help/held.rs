//! `/api/v1/requests/held`: requests of the open form from the addresses of deactivated people, where the policy is to
//! hold them (rule 8).

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse as _,
};
use domain::id::HeldRequestId;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    error::{Error, Result},
    ops::requests as ops,
    store::held_requests::HeldRequest,
    web::{
        api::{
            answer::{Answer, Who, made},
            problems::help::{OfDecision, OfHeld, OfHeldList},
            query::Query,
            work::talk::{limit, no_cursor},
        },
        session::Session,
    },
};

/// A request that waits for an administrator.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldRequest)]
pub(in crate::web::api) struct Shown {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: HeldRequestId,
    /// Whose address was typed. It proves nothing of who typed it.
    person: Who,
    /// The name that was typed.
    name: String,
    /// What it is about.
    title: String,
    /// The text, Markdown.
    body: String,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    received: Timestamp,
}

impl From<HeldRequest> for Shown {
    fn from(request: HeldRequest) -> Self {
        let HeldRequest { id, person, name, title, body, received } = request;
        Self { id, person: Who::from(&person), name, title, body, received }
    }
}

/// A page of requests that wait.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct HeldRequests {
    /// The oldest first.
    requests: Vec<Shown>,
    /// The `after` of the page that follows; null on the last.
    #[schema(value_type = Option<String>, format = Uuid)]
    next: Option<HeldRequestId>,
}

/// Requests that are held.
///
/// The oldest first.
#[utoipa::path(
    get, path = "/api/v1/requests/held", operation_id = "held_requests", tag = "requests",
    params(
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many a page has; 50 when it is not given."),
    ),
    responses((status = 200, description = "A page of them.", body = HeldRequests), OfHeldList),
    security(("session" = []))
)]
pub(in crate::web::api) async fn held(
    State(app): State<App>,
    session: Session,
    query: Query,
) -> Answer<Json<HeldRequests>> {
    query.only(&["after", "limit"])?;
    let limit = limit(&query)?;
    let after = query.get("after").filter(|text| !text.is_empty());
    let after = after.map(|text| text.parse().map_err(|_| no_cursor())).transpose()?;
    let mut found = ops::held(&mut app.store.reader().await?, &session.ctx, after, limit + 1).await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| more).map(|request| request.id);
    Ok(Json(HeldRequests { requests: found.into_iter().map(Shown::from).collect(), next }))
}

/// The id in a path. What is no id at all names nothing.
fn id_of(text: &str) -> Result<HeldRequestId> {
    text.parse().map_err(|_| Error::NotFound("held request"))
}

/// One request that is held.
#[utoipa::path(
    get, path = "/api/v1/requests/held/{id}", operation_id = "held_request", tag = "requests",
    params(("id" = String, Path, format = Uuid, description = "The request.")),
    responses((status = 200, description = "The request.", body = Shown), OfHeld),
    security(("session" = []))
)]
pub(in crate::web::api) async fn one(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
) -> Answer<Json<Shown>> {
    let found = ops::held_one(&mut app.store.reader().await?, &session.ctx, id_of(&text)?).await?;
    Ok(Json(found.into()))
}

/// The ticket that a request has become.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Accepted {
    /// The number of the ticket.
    number: i64,
}

/// Make a ticket of a request that is held.
///
/// With the time at which it came, and whose address it has as requester, whatever their status is by now.
#[utoipa::path(
    post, path = "/api/v1/requests/held/{id}/acceptance", operation_id = "accept_request", tag = "requests",
    params(("id" = String, Path, format = Uuid, description = "The request.")),
    responses((status = 201, description = "It is a ticket; `Location` says which.", body = Accepted), OfDecision),
    security(("session" = []))
)]
pub(in crate::web::api) async fn accept(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer {
    query.only(&[])?;
    let (id, ctx) = (id_of(&text)?, session.ctx.clone());
    let (_, number) = app.store.write(async move |tx| ops::accept(tx, &ctx, id).await).await?;
    Ok(made(&format!("/api/v1/items/{number}"), Json(Accepted { number })))
}

/// Throw a request away that is held.
#[utoipa::path(
    delete, path = "/api/v1/requests/held/{id}", operation_id = "discard_request", tag = "requests",
    params(("id" = String, Path, format = Uuid, description = "The request.")),
    responses((status = 204, description = "It is gone."), OfDecision),
    security(("session" = []))
)]
pub(in crate::web::api) async fn discard(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer {
    query.only(&[])?;
    let (id, ctx) = (id_of(&text)?, session.ctx.clone());
    app.store.write(async move |tx| ops::discard(tx, &ctx, id).await).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
