//! People as CSV, and all that is known of one as a ZIP: by the exports of the pages.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use domain::person::Kind;

use crate::{
    app::App,
    web::{
        api::{
            answer::Answer,
            problems::many::{OfExport, OfExportList},
            query::{Query, at_parameters},
        },
        desk::exports,
        session::Session,
    },
};

/// The parameters of an export: those of the list that choose and order.
const PARAMETERS: &[&str] = &[
    "view",
    "role",
    "team",
    "organization",
    "status",
    "seen",
    "created",
    "returns",
    "overdue",
    "q",
    "sort",
    "dir",
];

async fn list(app: App, session: &Session, kind: Kind, query: &Query, text: Option<&str>) -> Answer {
    query.only(PARAMETERS)?;
    let text = text.unwrap_or_default();
    Ok(exports::list(app, session, kind, text).await.map_err(at_parameters)?)
}

/// Users as CSV.
///
/// All that a filter of the list finds, with the columns that an import reads; members are given what members see.
#[utoipa::path(
    get, path = "/api/v1/users.csv", operation_id = "export_users", tag = "many",
    params(
        ("view" = Option<String>, Query, pattern = "^(all|active|invited|deactivated|never-signed-in|needs-attention)?$", description = "`all`, `active`, `invited`, `deactivated`, `never-signed-in` or `needs-attention`."),
        ("role" = Option<String>, Query, description = "`owner`, `administrator` or `member`."),
        ("team" = Option<String>, Query, description = "The id of a team, or `none`."),
        ("status" = Option<String>, Query, description = "`invited`, `expired`, `active` or `deactivated`."),
        ("seen" = Option<String>, Query, description = "`never`; `since-DAYS`: signed in within so many days; `before-DAYS`: active for so many days and not signed in within them."),
        ("created" = Option<String>, Query, pattern = "^(last-[0-9]{1,4}|([0-9]{4}-[0-9]{2}-[0-9]{2})?\\.\\.([0-9]{4}-[0-9]{2}-[0-9]{2})?)?$", description = "`last-DAYS`, or two dates as in `2026-01-01..2026-01-31`, either end open."),
        ("returns" = Option<String>, Query, description = "`1`: only those who asked to return."),
        ("overdue" = Option<String>, Query, description = "`1`: only those whose review date has passed."),
        ("q" = Option<String>, Query, description = "A part of the name or of the email address, in any case."),
        ("sort" = Option<String>, Query, description = "`name`, `email`, `status`, `last-sign-in` or `created`."),
        ("dir" = Option<String>, Query, description = "`asc` or `desc`."),
    ),
    responses((status = 200, description = "The file.", content_type = "text/csv", body = String), OfExportList),
    security(("session" = []))
)]
pub(in crate::web::api) async fn users(
    State(app): State<App>,
    session: Session,
    query: Query,
    RawQuery(text): RawQuery,
) -> Answer {
    list(app, &session, Kind::User, &query, text.as_deref()).await
}

/// Customers as CSV.
///
/// All that a filter of the list finds, with the columns that an import reads; members are given what members see.
#[utoipa::path(
    get, path = "/api/v1/customers.csv", operation_id = "export_customers", tag = "many",
    params(
        ("view" = Option<String>, Query, pattern = "^(all|active|invited|deactivated|never-signed-in|needs-attention)?$", description = "`all`, `active`, `invited`, `deactivated`, `never-signed-in` or `needs-attention`."),
        ("organization" = Option<String>, Query, description = "The id of an organization, or `none`."),
        ("status" = Option<String>, Query, description = "`invited`, `expired`, `active` or `deactivated`."),
        ("seen" = Option<String>, Query, description = "`never`; `since-DAYS`: signed in within so many days; `before-DAYS`: active for so many days and not signed in within them."),
        ("created" = Option<String>, Query, pattern = "^(last-[0-9]{1,4}|([0-9]{4}-[0-9]{2}-[0-9]{2})?\\.\\.([0-9]{4}-[0-9]{2}-[0-9]{2})?)?$", description = "`last-DAYS`, or two dates as in `2026-01-01..2026-01-31`, either end open."),
        ("returns" = Option<String>, Query, description = "`1`: only those who asked to return."),
        ("overdue" = Option<String>, Query, description = "`1`: only those whose review date has passed."),
        ("q" = Option<String>, Query, description = "A part of the name or of the email address, in any case."),
        ("sort" = Option<String>, Query, description = "`name`, `email`, `status`, `last-sign-in` or `created`."),
        ("dir" = Option<String>, Query, description = "`asc` or `desc`."),
    ),
    responses((status = 200, description = "The file.", content_type = "text/csv", body = String), OfExportList),
    security(("session" = []))
)]
pub(in crate::web::api) async fn customers(
    State(app): State<App>,
    session: Session,
    query: Query,
    RawQuery(text): RawQuery,
) -> Answer {
    list(app, &session, Kind::Customer, &query, text.as_deref()).await
}

/// All that is known of a user.
#[utoipa::path(
    get, path = "/api/v1/users/{id}/data", operation_id = "data_of_user", tag = "many",
    params(("id" = String, Path, format = Uuid, description = "The user.")),
    responses((status = 200, description = "A ZIP file.", content_type = "application/zip", body = Vec<u8>), OfExport),
    security(("session" = []))
)]
pub(in crate::web::api) async fn user(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
) -> Answer<Response> {
    Ok(exports::person(app, &session, Kind::User, &text).await?)
}

/// All that is known of a customer.
#[utoipa::path(
    get, path = "/api/v1/customers/{id}/data", operation_id = "data_of_customer", tag = "many",
    params(("id" = String, Path, format = Uuid, description = "The customer.")),
    responses((status = 200, description = "A ZIP file.", content_type = "application/zip", body = Vec<u8>), OfExport),
    security(("session" = []))
)]
pub(in crate::web::api) async fn customer(
    State(app): State<App>,
    session: Session,
    Path(text): Path<String>,
) -> Answer<Response> {
    Ok(exports::person(app, &session, Kind::Customer, &text).await?)
}
