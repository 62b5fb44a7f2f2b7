//! SCIM 2.0 (`/scim/v2`), for directories. A handler parses and renders; it holds no rule.

mod answer;
mod asked;
mod discovery;
mod groups;
mod list;
mod users;

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::{Refusal, person::Kind, token::Scope};

pub(super) use answer::failure;

use super::{
    routes::Routes,
    session::{Access::Directory as ByToken, Session},
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::scim::{self as ops, Directory},
    scim::schema::ResourceType,
    store::Tx,
};

/// Where SCIM is.
pub(in crate::web) const BASE: &str = "/scim/v2";

/// The routes of SCIM (RFC 7644, section 3.2).
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/scim/v2/ServiceProviderConfig", ByToken, discovery::config)
        .get("/scim/v2/ResourceTypes", ByToken, discovery::resource_types)
        .get("/scim/v2/ResourceTypes/{name}", ByToken, discovery::resource_type)
        .get("/scim/v2/Schemas", ByToken, discovery::schemas)
        .get("/scim/v2/Schemas/{urn}", ByToken, discovery::schema)
        .get("/scim/v2/Me", ByToken, discovery::no_person)
        .post("/scim/v2/Bulk", ByToken, discovery::no_bulk)
        .post("/scim/v2/.search", ByToken, list::search)
        .get("/scim/v2/Users", ByToken, users::list)
        .post("/scim/v2/Users", ByToken, users::create)
        .post("/scim/v2/Users/.search", ByToken, users::search)
        .get("/scim/v2/Users/{id}", ByToken, users::one)
        .put("/scim/v2/Users/{id}", ByToken, users::put)
        .patch("/scim/v2/Users/{id}", ByToken, users::patch)
        .delete("/scim/v2/Users/{id}", ByToken, users::delete)
        .get("/scim/v2/Groups", ByToken, groups::list)
        .post("/scim/v2/Groups", ByToken, groups::create)
        .post("/scim/v2/Groups/.search", ByToken, groups::search)
        .get("/scim/v2/Groups/{id}", ByToken, groups::one)
        .put("/scim/v2/Groups/{id}", ByToken, groups::put)
        .patch("/scim/v2/Groups/{id}", ByToken, groups::patch)
        .delete("/scim/v2/Groups/{id}", ByToken, groups::delete)
}

/// The directory that asks, with its token.
struct Caller {
    app: App,
    session: Session,
    directory: Directory,
    /// The address of SCIM, as the directory reached it.
    base: String,
}

impl FromRequestParts<App> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let session = Session::from_request_parts(parts, app).await?;
        let row = session.token.clone().ok_or(Refusal::NotSignedIn)?;
        let kind = row.token.scopes.scim().ok_or(Refusal::InsufficientScope { scope: Scope::Scim })?;
        let limits = app.config.limits.clone();
        let directory = Directory { token: row.token.id, kind, ways: row.scim, limits };
        let base = format!("{}{BASE}", session.visit.base);
        Ok(Self { app: app.clone(), session, directory, base })
    }
}

impl Caller {
    /// The types of resources that this directory has: customers are in no teams.
    const fn types(&self) -> &'static [ResourceType] {
        match self.directory.kind {
            Kind::User => &[ResourceType::User, ResourceType::Group],
            Kind::Customer => &[ResourceType::User],
        }
    }

    fn has_groups(&self) -> Result<()> {
        if self.types().contains(&ResourceType::Group) { Ok(()) } else { Err(Error::NotFound("group")) }
    }

    /// One write; where the brake stops it, that is kept, and an administrator lets the sync go on.
    async fn write<T, F>(&self, op: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T> + Send + Sync + 'static,
    {
        let done = self.app.store.write(op).await;
        let stopped =
            matches!(&done, Err(error) if matches!(error.refusal(), Some(Refusal::BrakeWouldPass { .. })));
        if stopped && self.directory.ways.stopped.is_none() {
            let (ctx, token) = (self.session.ctx.clone(), self.directory.token);
            self.app.store.write(async move |tx| ops::note_stop(tx, &ctx, token).await).await?;
        }
        done
    }
}
