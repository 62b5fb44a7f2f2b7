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
        ("view" = Option<String>, Query, description = "As of the list of users, as are `role`, `team`, `status`, `seen`, `created`, `q`, `sort` and `dir`."),
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
        ("view" = Option<String>, Query, description = "As of the list of customers, as are `organization`, `status`, `seen`, `created`, `q`, `sort` and `dir`."),
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
