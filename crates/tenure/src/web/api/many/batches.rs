//! `/api/v1/bulk`: changes of many people that have begun, what became of each, and the way back.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::{
    id::{BatchId, PersonId},
    person::{Kind, StatusWord},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    error::{Error, Result},
    jobs::first_piece,
    ops::bulk as ops,
    store::{
        batch_people::{self, ResultRow},
        batches::{self, Batch, State as Progress},
    },
    web::{
        api::{
            answer::Answer,
            body::Body,
            problems::many::{OfBatch, OfBatchChange},
            query::Query,
            work::talk::{limit, no_cursor},
        },
        session::Session,
    },
};

/// How many changes the list has.
const LISTED: i64 = 50;

/// A change of many people.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Batch)]
pub(in crate::web::api) struct Shown {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: BatchId,
    /// Users or customers.
    #[schema(value_type = String, pattern = "^(user|customer)$", example = "user")]
    kind: Kind,
    /// What is done with each.
    #[schema(example = "deactivate")]
    deed: &'static str,
    /// How far it is.
    #[schema(pattern = "^(running|paused|finished|cancelled)$", example = "finished")]
    state: &'static str,
    /// Why it is paused: `brake`, or `actor` when whoever began it may no longer do so.
    paused_why: Option<&'static str>,
    /// How many people it is about.
    total: i64,
    /// For how many something changed.
    changed: i64,
    /// For how many it was so already.
    unchanged: i64,
    /// How many a rule kept as they are.
    skipped: i64,
    /// Sessions that were ended.
    sessions_ended: i64,
    /// Licenses that became free.
    licenses_freed: i64,
    /// Licenses that were added for it.
    added_licenses: i64,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    began: Timestamp,
    /// When it came to its end.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended: Option<Timestamp>,
    /// The change that undoes it.
    #[schema(value_type = Option<String>, format = Uuid)]
    undone_by: Option<BatchId>,
}

impl From<&Batch> for Shown {
    fn from(batch: &Batch) -> Self {
        Self {
            id: batch.id,
            kind: batch.kind,
            deed: batch.deed.word(),
            state: batch.state.word(),
            paused_why: batch.paused_why.map(batches::PausedWhy::word),
            total: batch.total,
            changed: batch.changed,
            unchanged: batch.unchanged,
            skipped: batch.skipped,
            sessions_ended: batch.sessions_ended,
            licenses_freed: batch.licenses_freed,
            added_licenses: batch.added_licenses,
            began: batch.made,
            ended: batch.ended,
            undone_by: batch.undone_by,
        }
    }
}

/// A change that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Begun {
    /// How far it is.
    batch: Shown,
    /// The ids that are nobody's of this kind: they are left out.
    #[schema(value_type = Vec<String>)]
    not_found: Vec<PersonId>,
}

/// The answer about a change that has begun.
pub(super) fn begun(status: StatusCode, batch: &Batch, not_found: Vec<PersonId>) -> Response {
    let at = [(axum::http::header::LOCATION, format!("/api/v1/bulk/{}", batch.id))];
    (status, at, Json(Begun { batch: batch.into(), not_found })).into_response()
}

/// A change of this workspace.
pub(super) async fn load(app: &App, session: &Session, id: BatchId) -> Result<Batch> {
    let found = batches::load(&mut app.store.reader().await?, session.visit.workspace, id).await?;
    found.ok_or(Error::NotFound("change of many people"))
}

fn id_of(text: &str) -> Result<BatchId> {
    text.parse().map_err(|_| Error::NotFound("change of many people"))
}

/// The latest changes of many people.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Batches {
    /// The changes, the latest first; 50 at most.
    batches: Vec<Shown>,
}

/// The latest changes of many people.
#[utoipa::path(
    get, path = "/api/v1/bulk", operation_id = "batches", tag = "many",
    responses((status = 200, description = "The changes.", body = Batches), OfBatch),
    security(("session" = []))
)]
pub(in crate::web::api) async fn batches(State(app): State<App>, session: Session) -> Answer<Json<Batches>> {
    let found = batches::latest(&mut app.store.reader().await?, session.visit.workspace, LISTED).await?;
    Ok(Json(Batches { batches: found.iter().map(Shown::from).collect() }))
}

/// One change of many people.
#[utoipa::path(
    get, path = "/api/v1/bulk/{id}", operation_id = "batch", tag = "many",
    params(("id" = String, Path, format = Uuid, description = "The change.")),
    responses((status = 200, description = "How far it is.", body = Shown), OfBatch),
    security(("session" = []))
)]
pub(in crate::web::api) async fn batch(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
) -> Answer<Json<Shown>> {
    Ok(Json(Shown::from(&load(&app, &session, id_of(&text)?).await?)))
}

/// What became of one person.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct BatchPerson {
    /// Who.
    #[schema(value_type = String, format = Uuid)]
    id: PersonId,
    /// Their name; null when they were deleted.
    name: Option<String>,
    /// Their status now; null when they were deleted.
    #[schema(value_type = Option<String>, pattern = "^(invited|active|deactivated)$")]
    status: Option<StatusWord>,
    /// `changed`, `unchanged` or `skipped`; null while they wait.
    outcome: Option<String>,
    /// Why they were skipped: the name of the problem.
    refusal: Option<String>,
    /// The same in words.
    words: Option<String>,
}

impl From<ResultRow> for BatchPerson {
    fn from(row: ResultRow) -> Self {
        let ResultRow { person, name, status, outcome, refusal, words, .. } = row;
        Self { id: person, name, status, outcome, refusal, words }
    }
}

/// A page of what became of the people of a change.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct BatchPeople {
    /// The people, in order.
    people: Vec<BatchPerson>,
    /// The `after` of the page that follows; null on the last.
    next: Option<String>,
}

/// What became of each.
#[utoipa::path(
    get, path = "/api/v1/bulk/{id}/people", operation_id = "batch_people", tag = "many",
    params(
        ("id" = String, Path, format = Uuid, description = "The change."),
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many people a page has; 50 when it is not given."),
    ),
    responses((status = 200, description = "A page of people.", body = BatchPeople), OfBatch),
    security(("session" = []))
)]
pub(in crate::web::api) async fn people(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer<Json<BatchPeople>> {
    let batch = load(&app, &session, id_of(&text)?).await?;
    query.only(&["after", "limit"])?;
    let limit = limit(&query)?;
    let after = query.get("after").filter(|text| !text.is_empty());
    let after = after.map(str::parse::<i64>).transpose().map_err(|_| no_cursor())?.unwrap_or(-1);
    let mut rx = app.store.reader().await?;
    let mut rows =
        batch_people::results(&mut rx, session.visit.workspace, batch.id, after, limit + 1).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|rows| rows > limit);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|row| row.place.to_string());
    Ok(Json(BatchPeople { people: rows.into_iter().map(BatchPerson::from).collect(), next }))
}

/// How a change is to go on.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "state": "cancelled" }))]
pub(in crate::web::api) struct SetState {
    /// `running` lets a paused one go on, past the brake if that stopped it; `cancelled` ends it before its end.
    #[schema(pattern = "^(running|cancelled)$", required)]
    state: String,
}

/// Let a paused change go on, or end one.
///
/// What it has done stays done.
#[utoipa::path(
    put, path = "/api/v1/bulk/{id}/state", operation_id = "set_batch_state", tag = "many",
    params(("id" = String, Path, format = Uuid, description = "The change.")),
    request_body(content = SetState, description = "How it is to go on."),
    responses((status = 200, description = "The change as it is now.", body = Shown), OfBatchChange),
    security(("session" = []))
)]
pub(in crate::web::api) async fn set_state(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
    Body(asked): Body<SetState>,
) -> Answer<Json<Shown>> {
    query.only(&[])?;
    let id = load(&app, &session, id_of(&text)?).await?.id;
    let ctx = session.ctx.clone();
    if asked.state == Progress::Running.word() {
        app.store.write(async move |tx| ops::resume(tx, &ctx, id).await).await?;
        first_piece(&app, session.visit.workspace, id).await?;
    } else if asked.state == Progress::Cancelled.word() {
        app.store.write(async move |tx| ops::cancel(tx, &ctx, id).await).await?;
    } else {
        return Err(Error::field("state", "Say running or cancelled.").into());
    }
    Ok(Json(Shown::from(&load(&app, &session, id).await?)))
}

/// Undo a change of many people.
///
/// Of a deactivation or an activation, within 10 minutes of its end: a change of its own, in which whoever has been
/// changed since is skipped.
#[utoipa::path(
    post, path = "/api/v1/bulk/{id}/undo", operation_id = "undo_batch", tag = "many",
    params(("id" = String, Path, format = Uuid, description = "The change.")),
    responses(
        (status = 202, description = "The way back has begun; `Location` says how far it is.", body = Begun),
        OfBatchChange,
    ),
    security(("session" = []))
)]
pub(in crate::web::api) async fn undo(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer {
    query.only(&[])?;
    let (id, ctx) = (id_of(&text)?, session.ctx.clone());
    let back = app.store.write(async move |tx| ops::undo(tx, &ctx, id).await).await?;
    first_piece(&app, session.visit.workspace, back.batch).await?;
    let batch = load(&app, &session, back.batch).await?;
    Ok(begun(StatusCode::ACCEPTED, &batch, Vec::new()))
}
