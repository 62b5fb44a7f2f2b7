//! `/api/v1/items/{number}/assignees/{person}` and `…/followers/{person}`: a part is there or it is not.

use domain::item::Part;

use super::OfPath;
use crate::{
    ops::items as ops,
    web::api::{
        answer::{Answer, Changed},
        problems::work::{OfGive, OfTake},
        query::Query,
    },
};

/// Assign a user to an item.
#[utoipa::path(
    put, path = "/api/v1/items/{number}/assignees/{person}", operation_id = "assign", tag = "items",
    params(
        ("number" = i64, Path, description = "The item."),
        ("person" = String, Path, format = Uuid, description = "The user."),
    ),
    responses((status = 200, description = "They are assigned.", body = Changed), OfGive),
    security(("session" = []))
)]
pub(in crate::web::api) async fn assign(item: OfPath, query: Query) -> Answer {
    give(&item, Part::Assignee, &query).await
}

/// Take a user off an item.
///
/// Of a deactivated user, too.
#[utoipa::path(
    delete, path = "/api/v1/items/{number}/assignees/{person}", operation_id = "unassign", tag = "items",
    params(
        ("number" = i64, Path, description = "The item."),
        ("person" = String, Path, format = Uuid, description = "The user."),
    ),
    responses((status = 200, description = "They are not assigned.", body = Changed), OfTake),
    security(("session" = []))
)]
pub(in crate::web::api) async fn unassign(item: OfPath, query: Query) -> Answer {
    take(&item, Part::Assignee, &query).await
}

/// Make a person a follower of an item.
#[utoipa::path(
    put, path = "/api/v1/items/{number}/followers/{person}", operation_id = "follow", tag = "items",
    params(
        ("number" = i64, Path, description = "The item."),
        ("person" = String, Path, format = Uuid, description = "The user or customer."),
    ),
    responses((status = 200, description = "They follow it.", body = Changed), OfGive),
    security(("session" = []))
)]
pub(in crate::web::api) async fn follow(item: OfPath, query: Query) -> Answer {
    give(&item, Part::Follower, &query).await
}

/// Make a person no follower of an item.
#[utoipa::path(
    delete, path = "/api/v1/items/{number}/followers/{person}", operation_id = "unfollow", tag = "items",
    params(
        ("number" = i64, Path, description = "The item."),
        ("person" = String, Path, format = Uuid, description = "The user or customer."),
    ),
    responses((status = 200, description = "They do not follow it.", body = Changed), OfTake),
    security(("session" = []))
)]
pub(in crate::web::api) async fn unfollow(item: OfPath, query: Query) -> Answer {
    take(&item, Part::Follower, &query).await
}

async fn give(item: &OfPath, part: Part, query: &Query) -> Answer {
    query.only(&[])?;
    let (ctx, id, person) = (item.ctx(), item.row.id, item.id("person")?);
    let done = item.app.store.write(async move |tx| ops::give(tx, &ctx, id, person, part).await).await?;
    Ok(Changed::answer(done))
}

async fn take(item: &OfPath, part: Part, query: &Query) -> Answer {
    query.only(&[])?;
    let (ctx, id, person) = (item.ctx(), item.row.id, item.id("person")?);
    let done = item.app.store.write(async move |tx| ops::take(tx, &ctx, id, person, part).await).await?;
    Ok(Changed::answer(done))
}
