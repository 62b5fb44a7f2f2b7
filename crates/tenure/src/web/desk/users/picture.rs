//! `/pictures/{id}`: for signed-in users.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};

use super::about::UserId;
use crate::{
    app::App,
    error::{Error, Result},
    store::people,
    web::{fields::QueryFields, security::UPLOAD_SECURITY_POLICY, session::Session},
};

/// `GET /pictures/{id}?v=…`. The address changes with the picture, so a browser may keep it; shared caches
/// may not.
pub(super) async fn show(
    State(app): State<App>,
    session: Session,
    UserId(id): UserId,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let ws = session.visit.workspace;
    let mut rx = app.store.reader().await?;
    let row = people::load(&mut rx, ws, id).await?;
    let picture = people::picture(&mut rx, ws, id).await?;
    drop(rx);
    let (Some(row), Some((kind, bytes))) = (row, picture) else {
        return Err(Error::NotFound("picture"));
    };
    let asked_for_this = row.picture.as_deref() == query.maybe("v");
    let kept = if asked_for_this { "private, max-age=31536000, immutable" } else { "private, no-cache" };
    let headers = [
        (header::CONTENT_TYPE, kind.as_str()),
        (header::CONTENT_SECURITY_POLICY, UPLOAD_SECURITY_POLICY),
        (header::CACHE_CONTROL, kept),
        (header::CONTENT_DISPOSITION, "inline"),
    ];
    Ok((headers, bytes).into_response())
}
