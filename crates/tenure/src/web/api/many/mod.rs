//! Many people at once: changes, imports, exports.

pub(super) mod batches;
pub(super) mod bulk;
pub(super) mod export;
pub(super) mod import;

use utoipa::OpenApi;

use crate::web::{
    routes::Routes,
    session::Access::{Administrator, User},
};

/// The description of what is about many people.
#[derive(OpenApi)]
#[openapi(
    paths(
        bulk::change_users,
        bulk::change_customers,
        batches::batches,
        batches::batch,
        batches::people,
        batches::set_state,
        batches::undo,
        import::import_users,
        import::import_customers,
        export::users,
        export::customers,
        export::user,
        export::customer,
    ),
    tags((name = "many", description = "Many people at once: changes, imports from CSV, exports."))
)]
pub(super) struct Described;

/// The routes of what is about many people.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .post("/api/v1/users/bulk", Administrator, bulk::change_users)
        .post("/api/v1/customers/bulk", Administrator, bulk::change_customers)
        .get("/api/v1/bulk", Administrator, batches::batches)
        .get("/api/v1/bulk/{id}", Administrator, batches::batch)
        .get("/api/v1/bulk/{id}/people", Administrator, batches::people)
        .put("/api/v1/bulk/{id}/state", Administrator, batches::set_state)
        .post("/api/v1/bulk/{id}/undo", Administrator, batches::undo)
        .post("/api/v1/users/import", Administrator, import::import_users)
        .post("/api/v1/customers/import", Administrator, import::import_customers)
        .get("/api/v1/users.csv", User, export::users)
        .get("/api/v1/customers.csv", User, export::customers)
        .get("/api/v1/users/{id}/data", Administrator, export::user)
        .get("/api/v1/customers/{id}/data", Administrator, export::customer)
}
