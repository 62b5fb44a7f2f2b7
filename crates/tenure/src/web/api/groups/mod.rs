//! What people are gathered in: teams of users, organizations of customers. Every user reads them, administrators change
//! them.

pub(super) mod organizations;
pub(super) mod teams;

use utoipa::OpenApi;

use crate::web::{
    routes::Routes,
    session::Access::{Administrator, User},
};

/// The description of teams and organizations.
#[derive(OpenApi)]
#[openapi(
    paths(
        teams::teams,
        teams::create,
        teams::team,
        teams::edit,
        teams::delete,
        teams::join,
        teams::leave,
        organizations::organizations,
        organizations::create,
        organizations::organization,
        organizations::edit,
        organizations::delete,
        organizations::move_customer,
    ),
    tags(
        (name = "teams", description = "Groups of users. Who is in one: the users with `team`."),
        (name = "organizations", description = "The companies of customers. Who is in one: the customers with `organization`."),
    )
)]
pub(super) struct Described;

/// The routes of teams and organizations.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/teams", User, teams::teams)
        .post("/api/v1/teams", Administrator, teams::create)
        .get("/api/v1/teams/{id}", User, teams::team)
        .patch("/api/v1/teams/{id}", Administrator, teams::edit)
        .delete("/api/v1/teams/{id}", Administrator, teams::delete)
        .put("/api/v1/teams/{id}/members/{person}", Administrator, teams::join)
        .delete("/api/v1/teams/{id}/members/{person}", Administrator, teams::leave)
        .get("/api/v1/organizations", User, organizations::organizations)
        .post("/api/v1/organizations", Administrator, organizations::create)
        .get("/api/v1/organizations/{id}", User, organizations::organization)
        .patch("/api/v1/organizations/{id}", Administrator, organizations::edit)
        .delete("/api/v1/organizations/{id}", Administrator, organizations::delete)
        .put("/api/v1/customers/{id}/organization", Administrator, organizations::move_customer)
}
