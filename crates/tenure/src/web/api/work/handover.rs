//! `/api/v1/handovers`: what somebody holds is given to others, as a resource that can be taken back.

use axum::{
    Json,
    extract::{Path, State},
    response::IntoResponse as _,
};
use domain::id::{HandoverId, PersonId, TeamId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    error::{Error, Result},
    ops::handover::{self as ops, Input, To},
    store::items,
    web::{
        api::{
            answer::{Answer, made},
            body::Body,
            problems::work::{OfHandOver, OfUndoHandover},
            query::Query,
        },
        session::Session,
    },
};

/// Whose items go to whom: either `to` or `team`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "from": "01960000-0000-7000-8000-000000000001", "team": "01960000-0000-7000-8000-000000000002"
}))]
pub(in crate::web::api) struct HandOver {
    /// Whose unfinished items; they may be deactivated.
    #[schema(value_type = String, format = Uuid, required)]
    from: Option<PersonId>,
    /// The user who gets them.
    #[schema(value_type = Option<String>, format = Uuid)]
    to: Option<PersonId>,
    /// The team whose active members get them in turn.
    #[schema(value_type = Option<String>, format = Uuid)]
    team: Option<TeamId>,
    /// Only the items of these numbers.
    items: Option<Vec<i64>>,
    /// The `fingerprint` of a dry run: refused as stale when something else would happen now.
    fingerprint: Option<String>,
}

/// How many items somebody gets.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Share {
    /// Who.
    #[schema(value_type = String, format = Uuid)]
    person: PersonId,
    /// How many.
    items: i64,
}

/// What a handover moved, or with `dry_run` would move.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Handover {
    /// How many items.
    items: i64,
    /// Who gets how many.
    shares: Vec<Share>,
    /// How many more there are, for another handover: one moves 500 at most.
    left: i64,
    /// Stands for which item goes to whom.
    fingerprint: String,
    /// The handover, to be taken back for 10 minutes; null when nothing moved.
    #[schema(value_type = Option<String>, format = Uuid)]
    id: Option<HandoverId>,
}

impl Handover {
    fn of(plan: ops::Plan, id: Option<HandoverId>) -> Self {
        let share = |share: ops::Share| Share { person: share.person, items: share.items };
        Self {
            items: plan.items,
            shares: plan.shares.into_iter().map(share).collect(),
            left: plan.left,
            fingerprint: plan.fingerprint,
            id,
        }
    }
}

/// Hand over what somebody holds.
///
/// Their unfinished items go to a user, or to the active members of a team in turn.
#[utoipa::path(
    post, path = "/api/v1/handovers", operation_id = "hand_over", tag = "items",
    params(("dry_run" = Option<bool>, Query, description = "Answer what would happen, and do nothing.")),
    request_body(content = HandOver, description = "Whose items, and who gets them."),
    responses(
        (status = 200, description = "Nothing moved: a dry run, or there was nothing.", body = Handover),
        (status = 201, description = "They are handed over; `Location` is what is deleted to undo it.", body = Handover),
        OfHandOver,
    ),
    security(("session" = []))
)]
pub(in crate::web::api) async fn hand_over(
    State(app): State<App>,
    session: Session,
    query: Query,
    Body(asked): Body<HandOver>,
) -> Answer {
    query.only(&["dry_run"])?;
    let dry_run = query.flag("dry_run")?;
    let input = input(&app, &session, asked).await?;
    let ctx = session.ctx.clone();
    if dry_run {
        let plan = ops::plan(&mut app.store.reader().await?, &ctx, &input).await?;
        return Ok(Json(Handover::of(plan, None)).into_response());
    }
    let done = app.store.write(async move |tx| ops::hand_over(tx, &ctx, input.clone()).await).await?;
    let answer = Json(Handover::of(done.moved, done.undo));
    Ok(match done.undo {
        Some(id) => made(&format!("/api/v1/handovers/{id}"), answer),
        None => answer.into_response(),
    })
}

async fn input(app: &App, session: &Session, asked: HandOver) -> Result<Input> {
    let from = asked.from.ok_or_else(|| Error::field("from", "Say whose items."))?;
    let to = match (asked.to, asked.team) {
        (Some(person), None) => To::Person(person),
        (None, Some(team)) => To::Team(team),
        _ => return Err(Error::field("to", "Say who gets them: a user, or a team.")),
    };
    let items = match asked.items {
        None => None,
        Some(numbers) => {
            let mut rx = app.store.reader().await?;
            let found = items::ids(&mut rx, session.visit.workspace, &numbers).await?;
            Some(found.into_iter().map(|(_, id)| id).collect())
        }
    };
    Ok(Input { from, to, items, fingerprint: asked.fingerprint })
}

/// What taking a handover back did.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct HandoverUndone {
    /// How many items are as they were.
    items: i64,
    /// How many are not, since somebody has changed who is assigned meanwhile.
    skipped: i64,
}

/// Take a handover back.
///
/// For 10 minutes.
#[utoipa::path(
    delete, path = "/api/v1/handovers/{id}", operation_id = "undo_handover", tag = "items",
    params(("id" = String, Path, format = Uuid, description = "The handover.")),
    responses((status = 200, description = "It is taken back.", body = HandoverUndone), OfUndoHandover),
    security(("session" = []))
)]
pub(in crate::web::api) async fn undo(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer<Json<HandoverUndone>> {
    query.only(&[])?;
    let id: HandoverId = text.parse().map_err(|_| Error::NotFound("handover"))?;
    let ctx = session.ctx.clone();
    let done = app.store.write(async move |tx| ops::undo(tx, &ctx, id).await).await?;
    Ok(Json(HandoverUndone { items: done.items, skipped: done.skipped }))
}
