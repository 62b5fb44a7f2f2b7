//! What a deactivation asks of administrators later, of users and customers alike: the day to look at it again
//! (`PUT …/deactivation/review-date`), and an asked return that is dismissed (`DELETE …/return-request`).

use axum::extract::{Path, State};
use domain::person::Kind;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Changed, IfMatch},
    body::Body,
    people,
    problems::{OfReturn, OfReview},
    query::Query,
};
use crate::{app::App, ops::review, web::session::Session};

/// When to look at a deactivation again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "review_on": "2027-03-01" }))]
pub(super) struct ReviewDate {
    /// The day: later than today in the workspace's time zone. Null, or left out, takes it away.
    #[schema(value_type = Option<String>, format = Date)]
    review_on: Option<Date>,
    /// The version of the person that this was decided on: refused as stale when there is a newer one.
    version: Option<i64>,
}

/// Set the review date of a deactivated user.
///
/// When it has passed, the user stands in the view `needs-attention`. Setting the date that is set succeeds and says
/// that nothing changed.
#[utoipa::path(
    put, path = "/api/v1/users/{id}/deactivation/review-date", operation_id = "set_review_date", tag = "users",
    params(("id" = String, Path, format = Uuid, description = "The user."), ("If-Match" = Option<String>, Header, description = "The version that this was decided on, in quotes.")),
    request_body(content = ReviewDate, description = "The day, or none."),
    responses((status = 200, description = "It is set.", body = Changed), OfReview),
    security(("session" = []))
)]
pub(super) async fn set_of_user(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    (wanted, query): (IfMatch, Query),
    Body(asked): Body<ReviewDate>,
) -> Answer {
    set((&app, &session), (Kind::User, &text), (wanted, &query), asked).await
}

/// Set the review date of a deactivated customer.
///
/// When it has passed, the customer stands in the view `needs-attention`. Setting the date that is set succeeds and
/// says that nothing changed.
#[utoipa::path(
    put, path = "/api/v1/customers/{id}/deactivation/review-date", operation_id = "set_review_date_of_customer",
    tag = "customers",
    params(("id" = String, Path, format = Uuid, description = "The customer."), ("If-Match" = Option<String>, Header, description = "The version that this was decided on, in quotes.")),
    request_body(content = ReviewDate, description = "The day, or none."),
    responses((status = 200, description = "It is set.", body = Changed), OfReview),
    security(("session" = []))
)]
pub(super) async fn set_of_customer(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    (wanted, query): (IfMatch, Query),
    Body(asked): Body<ReviewDate>,
) -> Answer {
    set((&app, &session), (Kind::Customer, &text), (wanted, &query), asked).await
}

/// Dismiss the return that a deactivated user asked for.
///
/// The mark goes; the user stays deactivated, and may ask again. Where nobody asked, it says that nothing changed.
#[utoipa::path(
    delete, path = "/api/v1/users/{id}/return-request", operation_id = "dismiss_return", tag = "users",
    params(("id" = String, Path, format = Uuid, description = "The user.")),
    responses((status = 200, description = "There is no mark any more.", body = Changed), OfReturn),
    security(("session" = []))
)]
pub(super) async fn dismiss_of_user(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer {
    dismiss(&app, &session, (Kind::User, &text), &query).await
}

/// Dismiss the return that a deactivated customer asked for.
///
/// The mark goes; the customer stays deactivated, and may ask again. Where nobody asked, it says that nothing changed.
#[utoipa::path(
    delete, path = "/api/v1/customers/{id}/return-request", operation_id = "dismiss_return_of_customer",
    tag = "customers",
    params(("id" = String, Path, format = Uuid, description = "The customer.")),
    responses((status = 200, description = "There is no mark any more.", body = Changed), OfReturn),
    security(("session" = []))
)]
pub(super) async fn dismiss_of_customer(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
    query: Query,
) -> Answer {
    dismiss(&app, &session, (Kind::Customer, &text), &query).await
}

async fn set(
    (app, session): (&App, &Session),
    (kind, text): (Kind, &str),
    (wanted, query): (IfMatch, &Query),
    ReviewDate { review_on, version }: ReviewDate,
) -> Answer {
    query.only(&[])?;
    let (id, ctx) = (people::id_of(app, session, kind, text).await?, session.ctx.clone());
    let version = wanted.or(version);
    let done = app.store.write(async move |tx| review::change(tx, &ctx, id, review_on, version).await);
    Ok(Changed::answer(wanted.judge(done.await)?))
}

async fn dismiss(app: &App, session: &Session, (kind, text): (Kind, &str), query: &Query) -> Answer {
    query.only(&[])?;
    let (id, ctx) = (people::id_of(app, session, kind, text).await?, session.ctx.clone());
    let done = app.store.write(async move |tx| review::dismiss_return(tx, &ctx, id).await);
    Ok(Changed::answer(done.await?))
}
