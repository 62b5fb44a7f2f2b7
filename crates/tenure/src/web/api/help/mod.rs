//! The customer apps in the API: articles of the help centre, and requests that wait for an administrator.

pub(super) mod articles;
pub(super) mod held;

use utoipa::OpenApi;

use crate::web::{
    routes::Routes,
    session::Access::{Administrator, User},
};

/// The description of the customer apps.
#[derive(OpenApi)]
#[openapi(
    paths(
        articles::articles, articles::create, articles::article, articles::edit, articles::delete, articles::step,
        held::held, held::one, held::accept, held::discard,
    ),
    tags(
        (name = "articles", description = "What the help centre says."),
        (name = "requests", description = "Requests of the open form from the addresses of deactivated people."),
    )
)]
pub(super) struct Described;

/// The routes of the customer apps.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/articles", User, articles::articles)
        .post("/api/v1/articles", User, articles::create)
        .get("/api/v1/articles/{id}", User, articles::article)
        .patch("/api/v1/articles/{id}", User, articles::edit)
        .delete("/api/v1/articles/{id}", User, articles::delete)
        .post("/api/v1/articles/{id}/step", User, articles::step)
        .get("/api/v1/requests/held", Administrator, held::held)
        .get("/api/v1/requests/held/{id}", Administrator, held::one)
        .post("/api/v1/requests/held/{id}/acceptance", Administrator, held::accept)
        .delete("/api/v1/requests/held/{id}", Administrator, held::discard)
}
