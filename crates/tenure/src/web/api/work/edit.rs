//! `PATCH /api/v1/items/{number}`: an item's own fields.

use axum::response::Response;
use domain::{
    id::{PersonId, ProjectId},
    item::{ItemKind, ItemStatus, Priority},
};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{OfPath, items};
use crate::{
    ops::{
        items::{self as ops, Edit, Title},
        requests,
    },
    web::api::{
        answer::{Answer, Changed, IfMatch, given, nullable},
        body::Body,
        problems::work::{OfEditItem, OfTake},
        query::Query,
    },
};

/// What is to be changed of an item; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "status": "waiting", "due": "2027-03-01", "project": null }))]
#[expect(clippy::option_option, reason = "left out, null and a value are three things")]
pub(in crate::web::api) struct EditItem {
    /// Ticket or task.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String, pattern = "^(ticket|task)$")]
    kind: Option<ItemKind>,
    /// The title.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    title: Option<String>,
    /// What it is about, in Markdown.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String)]
    description: Option<String>,
    /// How far it is.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String, pattern = "^(new|open|waiting|done|closed)$")]
    status: Option<ItemStatus>,
    /// How urgent it is.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = String, pattern = "^(urgent|high|normal|low)$")]
    priority: Option<Priority>,
    /// Until when; null takes the date away.
    #[serde(deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, format = Date)]
    due: Option<Option<Date>>,
    /// The project that it belongs to; null takes it out.
    #[serde(deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, format = Uuid)]
    project: Option<Option<ProjectId>>,
    /// Who requests it; null takes the requester away.
    #[serde(deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, format = Uuid)]
    requester: Option<Option<PersonId>>,
    /// All its tags.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Vec<String>)]
    tags: Option<Vec<String>>,
}

/// Change an item.
///
/// All or nothing. With `If-Match` it is refused when the item has changed since that version.
#[utoipa::path(
    patch, path = "/api/v1/items/{number}", operation_id = "edit_item", tag = "items",
    params(
        ("number" = i64, Path, description = "The item."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the item that this was decided on."),
    ),
    request_body(content = EditItem, description = "What is to be different."),
    responses((status = 200, description = "The item as it is now.", body = items::Shown), OfEditItem),
    security(("session" = []))
)]
pub(in crate::web::api) async fn edit(
    item: OfPath,
    wanted: IfMatch,
    query: Query,
    Body(asked): Body<EditItem>,
) -> Answer {
    query.only(&[])?;
    let limits = &item.app.config.limits;
    let edit = Edit {
        kind: asked.kind,
        title: asked.title.map(|title| Title::parse(&title, limits)).transpose()?,
        description: asked.description.map(|text| ops::description(&text, limits)).transpose()?,
        status: asked.status,
        priority: asked.priority,
        due: asked.due,
        project: asked.project,
        requester: asked.requester,
        tags: asked.tags.map(|tags| items::tags(&tags, limits)).transpose()?,
        version: wanted.version(),
    };
    let (ctx, id) = (item.ctx(), item.row.id);
    let done = item.app.store.write(async move |tx| ops::edit(tx, &ctx, id, edit.clone()).await);
    wanted.judge(done.await)?;
    item.shown().await
}

/// Take the flag from an item.
///
/// A request from the address of a deactivated person is flagged until somebody has looked at it.
#[utoipa::path(
    delete, path = "/api/v1/items/{number}/flag", operation_id = "unflag_item", tag = "items",
    params(("number" = i64, Path, description = "The item.")),
    responses((status = 200, description = "It has no flag.", body = Changed), OfTake),
    security(("session" = []))
)]
pub(in crate::web::api) async fn unflag(item: OfPath, query: Query) -> Answer<Response> {
    query.only(&[])?;
    let (ctx, id) = (item.ctx(), item.row.id);
    let done = item.app.store.write(async move |tx| requests::unflag(tx, &ctx, id).await).await?;
    Ok(Changed::answer(done))
}
