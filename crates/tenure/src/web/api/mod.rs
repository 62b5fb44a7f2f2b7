//! The JSON API (`/api/v1`). A handler parses and renders; it holds no rule.
//!
//! It is described by `docs/openapi.json`, which is made from the handlers (`openapi.rs`).

mod accounts;
mod answer;
mod body;
mod complete;
mod customers;
mod deactivation;
pub(super) mod described;
mod groups;
mod help;
mod many;
mod me;
mod openapi;
mod people;
mod problems;
pub(super) mod query;
mod review;
mod schemes;
mod tokens;
mod users;
mod webhooks;
mod work;
mod workspace;

pub(super) use answer::version_in;
pub use openapi::document;
pub(super) use problems::OfEvents;

use super::{
    live,
    routes::Routes,
    session::Access::{Administrator, Public, User},
};

/// The routes of the API.
pub(super) fn routes(routes: Routes) -> Routes {
    [
        accounts::routes,
        many::routes,
        groups::routes,
        work::routes,
        workspace::routes,
        webhooks::routes,
        help::routes,
    ]
    .into_iter()
    .fold(people_routes(routes), |routes, group| group(routes))
}

/// Those of people.
fn people_routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/openapi.json", Public, openapi::serve)
        .get("/api/v1/me", User, me::me)
        .get("/api/v1/tokens", User, tokens::list)
        .post("/api/v1/tokens", User, tokens::make)
        .get("/api/v1/tokens/{id}", User, tokens::one)
        .delete("/api/v1/tokens/{id}", User, tokens::revoke)
        .put("/api/v1/tokens/{id}/suspension", Administrator, tokens::suspend)
        .delete("/api/v1/tokens/{id}/suspension", Administrator, tokens::restore)
        .get("/api/v1/events", User, live::events)
        .get("/api/v1/users", User, users::users)
        .get("/api/v1/users/{id}", User, users::user)
        .post("/api/v1/users/{id}/deactivation", Administrator, deactivation::deactivate)
        .delete("/api/v1/users/{id}/deactivation", Administrator, deactivation::activate)
        .put("/api/v1/users/{id}/deactivation/review-date", Administrator, review::set_of_user)
        .delete("/api/v1/users/{id}/return-request", Administrator, review::dismiss_of_user)
        .get("/api/v1/customers", User, customers::customers)
        .get("/api/v1/customers/{id}", User, customers::customer)
        .post("/api/v1/customers/{id}/deactivation", Administrator, deactivation::deactivate_customer)
        .delete("/api/v1/customers/{id}/deactivation", Administrator, deactivation::activate_customer)
        .put("/api/v1/customers/{id}/deactivation/review-date", Administrator, review::set_of_customer)
        .delete("/api/v1/customers/{id}/return-request", Administrator, review::dismiss_of_customer)
}
