//! The work in the API: items and what is in them, projects, search. For every user, as at the desk.

pub(super) mod bulk;
pub(super) mod edit;
pub(super) mod handover;
pub(super) mod items;
pub(super) mod parts;
pub(super) mod projects;
pub(super) mod search;
pub(super) mod talk;

use std::collections::HashMap;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use domain::item::Access;
use utoipa::OpenApi;

use super::answer::Answer;
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    ops::items::{Found, find},
    store::items::ItemRow,
    web::{
        routes::Routes,
        session::{Access::User, Session},
    },
};

/// The description of the work.
#[derive(OpenApi)]
#[openapi(
    paths(
        items::items,
        items::create,
        bulk::change,
        items::item,
        edit::edit,
        edit::unflag,
        parts::assign,
        parts::unassign,
        parts::follow,
        parts::unfollow,
        talk::messages,
        talk::say,
        talk::attachment,
        talk::history,
        handover::hand_over,
        handover::undo,
        projects::projects,
        projects::create,
        projects::project,
        projects::edit,
        projects::assign,
        projects::unassign,
        projects::follow,
        projects::unfollow,
        search::search,
    ),
    tags(
        (name = "items", description = "Tickets and tasks: who works on them, what was said, what was changed."),
        (name = "projects", description = "What items are gathered in."),
        (name = "search", description = "One search over people, items and what was written."),
    )
)]
pub(super) struct Described;

/// The routes of the work.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/items", User, items::items)
        .post("/api/v1/items", User, items::create)
        .post("/api/v1/items/bulk", User, bulk::change)
        .get("/api/v1/items/{number}", User, items::item)
        .patch("/api/v1/items/{number}", User, edit::edit)
        .delete("/api/v1/items/{number}/flag", User, edit::unflag)
        .put("/api/v1/items/{number}/assignees/{person}", User, parts::assign)
        .delete("/api/v1/items/{number}/assignees/{person}", User, parts::unassign)
        .put("/api/v1/items/{number}/followers/{person}", User, parts::follow)
        .delete("/api/v1/items/{number}/followers/{person}", User, parts::unfollow)
        .get("/api/v1/items/{number}/messages", User, talk::messages)
        .post("/api/v1/items/{number}/messages", User, talk::say)
        .get("/api/v1/items/{number}/attachments/{attachment}", User, talk::attachment)
        .get("/api/v1/items/{number}/history", User, talk::history)
        .post("/api/v1/handovers", User, handover::hand_over)
        .delete("/api/v1/handovers/{id}", User, handover::undo)
        .get("/api/v1/projects", User, projects::projects)
        .post("/api/v1/projects", User, projects::create)
        .get("/api/v1/projects/{id}", User, projects::project)
        .patch("/api/v1/projects/{id}", User, projects::edit)
        .put("/api/v1/projects/{id}/assignees/{person}", User, projects::assign)
        .delete("/api/v1/projects/{id}/assignees/{person}", User, projects::unassign)
        .put("/api/v1/projects/{id}/followers/{person}", User, projects::follow)
        .delete("/api/v1/projects/{id}/followers/{person}", User, projects::unfollow)
        .get("/api/v1/search", User, search::search)
}

/// The item that a path names by its number, for whoever asks.
pub(super) struct OfPath {
    app: App,
    session: Session,
    row: ItemRow,
    access: Access,
    named: HashMap<String, String>,
}

impl FromRequestParts<App> for OfPath {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let session = Session::from_request_parts(parts, app).await?;
        let named = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let Path(named) = named.map_err(|_| Error::NotFound("item"))?;
        let number = named.get("number").and_then(|text| text.parse::<i64>().ok());
        let number = number.ok_or(Error::NotFound("item"))?;
        let mut rx = app.store.reader().await?;
        let Found { row, access, .. } = find(&mut rx, &session.ctx, number).await?;
        drop(rx);
        Ok(Self { app: app.clone(), session, row, access, named })
    }
}

impl OfPath {
    fn ctx(&self) -> Ctx {
        self.session.ctx.clone()
    }

    /// What the path names beside the item; what is no id at all names nothing.
    fn id<T: std::str::FromStr>(&self, what: &'static str) -> Result<T> {
        self.named.get(what).and_then(|text| text.parse().ok()).ok_or(Error::NotFound(what))
    }

    /// The item as it is now, as an answer.
    async fn shown(&self) -> Answer {
        let mut rx = self.app.store.reader().await?;
        items::shown(&mut rx, &self.session.ctx, self.row.number).await
    }
}
