//! `/api/v1/licenses`: the number, the price and the ledger.

use axum::{Json, extract::State};
use domain::{
    id::{LedgerId, PersonId},
    license::{Licenses, Period, Price},
    person::StatusWord,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    ops::licenses::{self as ops, Input, NewPrice},
    store::{licenses, time},
    web::{
        api::{
            answer::{Answer, nullable, pointed},
            body::Body,
            problems::workspace::{OfLicenses, OfPage, OfReading},
            query::Query,
            work::talk::{limit, no_cursor},
        },
        session::Session,
    },
};

/// What one license costs per period.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Price, example = json!({ "minor": 4500, "currency": "EUR", "period": "month" }))]
pub(in crate::web::api) struct Cost {
    /// In hundredths of the currency's unit.
    minor: i64,
    /// An ISO 4217 code.
    currency: String,
    /// How often it is due.
    #[schema(value_type = String, pattern = "^(month|year)$", example = "month")]
    period: Period,
}

/// The licenses of the workspace.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Licenses)]
pub(in crate::web::api) struct Shown {
    /// How many the workspace owns.
    owned: i64,
    /// How many are used: invited and active users, and those set aside for a change that runs.
    used: i64,
    /// What one costs; null where that is not set.
    price: Option<Cost>,
}

impl From<Licenses> for Shown {
    fn from(licenses: Licenses) -> Self {
        let cost = |price: Price| Cost { minor: price.minor, currency: price.currency, period: price.period };
        Self { owned: licenses.owned, used: licenses.used, price: licenses.price.map(cost) }
    }
}

/// The licenses.
#[utoipa::path(
    get, path = "/api/v1/licenses", operation_id = "licenses", tag = "licenses",
    responses((status = 200, description = "The licenses.", body = Shown), OfReading),
    security(("session" = []))
)]
pub(in crate::web::api) async fn licenses(session: Session) -> Json<Shown> {
    Json(session.check.workspace.licenses.clone().into())
}

/// What is to be changed of the licenses; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "owned": 12, "was": 10 }))]
#[expect(clippy::option_option, reason = "left out, null and a value are three things")]
pub(in crate::web::api) struct ChangeLicenses {
    /// How many are to be owned; not fewer than are used.
    owned: Option<i64>,
    /// How many were owned when this was decided: refused as stale when that has changed.
    was: Option<i64>,
    /// What one costs; null when it is not to be said.
    #[serde(deserialize_with = "nullable")]
    #[schema(value_type = Option<Cost>)]
    price: Option<Option<Cost>>,
}

/// Change the number of licenses, or what one costs.
#[utoipa::path(
    patch, path = "/api/v1/licenses", operation_id = "change_licenses", tag = "licenses",
    request_body(content = ChangeLicenses, description = "What is to be different."),
    responses((status = 200, description = "The licenses as they are now.", body = Shown), OfLicenses),
    security(("session" = []))
)]
pub(in crate::web::api) async fn change(
    State(app): State<App>,
    session: Session,
    query: Query,
    Body(asked): Body<ChangeLicenses>,
) -> Answer<Json<Shown>> {
    query.only(&[])?;
    let now = session.check.workspace.licenses.owned;
    let price = match asked.price {
        None => NewPrice::Same,
        Some(None) => NewPrice::None,
        Some(Some(Cost { minor, currency, period })) => NewPrice::Of(Price { minor, currency, period }),
    };
    // A number that is left out is the one read just now: it stays, or the change is stale.
    let was = asked.was.or(asked.owned.is_none().then_some(now));
    let input = Input { owned: asked.owned.unwrap_or(now), price, was, version: None };
    let ctx = session.ctx.clone();
    let done = app.store.write(async move |tx| ops::change(tx, &ctx, input.clone()).await).await;
    let after = done.map_err(|error| pointed(error, of_price))?;
    Ok(Json(after.into()))
}

/// The fields of the price, as the body calls them.
fn of_price(field: &'static str) -> &'static str {
    match field {
        "currency" => "price/currency",
        "price" => "price/minor",
        other => other,
    }
}

/// A license in use.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct HeldLicense {
    /// The line of the ledger.
    #[schema(value_type = String, format = Uuid)]
    id: LedgerId,
    /// Who holds it.
    #[schema(value_type = String, format = Uuid)]
    holder: PersonId,
    /// Their name.
    name: String,
    /// Their email address.
    email: String,
    /// Their status.
    #[schema(value_type = String, pattern = "^(invited|active|deactivated)$", example = "active")]
    status: StatusWord,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// The action that took it, as the audit log names it.
    why: String,
    /// When it frees by itself: the end of an invitation.
    #[schema(value_type = Option<String>, format = DateTime)]
    frees: Option<Timestamp>,
    /// Their last sign-in.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_sign_in: Option<Timestamp>,
}

/// A page of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Ledger {
    /// The licenses in use, the longest held first.
    licenses: Vec<HeldLicense>,
    /// The `after` of the page that follows; null on the last.
    next: Option<String>,
}

/// A place in the ledger, as `next` holds it.
fn place(text: &str) -> Option<(Timestamp, LedgerId)> {
    let (since, id) = text.split_once('.')?;
    Some((Timestamp::from_microsecond(since.parse().ok()?).ok()?, id.parse().ok()?))
}

/// Who holds a license, since when and why.
#[utoipa::path(
    get, path = "/api/v1/licenses/ledger", operation_id = "ledger", tag = "licenses",
    params(
        ("after" = Option<String>, Query, description = "The `next` of the page before."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many licenses a page has; 50 when it is not given."),
    ),
    responses((status = 200, description = "A page of the ledger.", body = Ledger), OfPage),
    security(("session" = []))
)]
pub(in crate::web::api) async fn ledger(
    State(app): State<App>,
    session: Session,
    query: Query,
) -> Answer<Json<Ledger>> {
    query.only(&["after", "limit"])?;
    let limit = limit(&query)?;
    let after = match query.get("after").filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(place(text).ok_or_else(no_cursor)?),
    };
    let mut rx = app.store.reader().await?;
    let mut rows = licenses::held(&mut rx, session.visit.workspace, after, limit + 1).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|rows| rows > limit);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|row| format!("{}.{}", time::micros(row.since), row.id));
    let held = |row: licenses::Held| HeldLicense {
        id: row.id,
        holder: row.person,
        name: row.name,
        email: row.email,
        status: row.status,
        since: row.since,
        why: row.why,
        frees: row.frees,
        last_sign_in: row.last_sign_in,
    };
    Ok(Json(Ledger { licenses: rows.into_iter().map(held).collect(), next }))
}

/// A license that was held and is free again.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct FreedLicense {
    /// Who held it; null when they were deleted.
    #[schema(value_type = Option<String>, format = Uuid)]
    holder: Option<PersonId>,
    /// Their name; null when they were deleted.
    name: Option<String>,
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// The action that freed it, as the audit log names it.
    why: String,
}

/// Licenses that were freed.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct FreedLicenses {
    /// The latest first.
    licenses: Vec<FreedLicense>,
}

/// The licenses that were freed last.
#[utoipa::path(
    get, path = "/api/v1/licenses/freed", operation_id = "freed", tag = "licenses",
    params(("limit" = Option<i64>, Query, minimum = 1, maximum = 200, description = "How many; 50 when it is not given.")),
    responses((status = 200, description = "The licenses.", body = FreedLicenses), OfPage),
    security(("session" = []))
)]
pub(in crate::web::api) async fn freed(
    State(app): State<App>,
    session: Session,
    query: Query,
) -> Answer<Json<FreedLicenses>> {
    query.only(&["limit"])?;
    let limit = limit(&query)?;
    let rows = licenses::freed(&mut app.store.reader().await?, session.visit.workspace, limit).await?;
    let freed = |row: licenses::Freed| {
        let licenses::Freed { person, name, since, until, why, .. } = row;
        FreedLicense { holder: person, name, since, until, why }
    };
    Ok(Json(FreedLicenses { licenses: rows.into_iter().map(freed).collect() }))
}
