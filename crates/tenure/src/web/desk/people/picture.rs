//! `/pictures/{id}`: for signed-in users.

use axum::{extract::State, response::Response};

use super::about::Id;
use crate::{
    app::App,
    error::Result,
    web::{desk::picture, fields::QueryFields, session::Session},
};

/// `GET /pictures/{id}?v=…`.
pub(super) async fn show(
    State(app): State<App>,
    session: Session,
    Id(id): Id,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    picture::answer(&app, &session, id, query.maybe("v")).await
}
