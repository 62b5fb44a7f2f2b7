//! The description of the API (OpenAPI 3.1), made from its handlers.

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};
use utoipa::OpenApi;

use super::{
    accounts, complete, customers, deactivation, groups, help, many, me, problems::Problem, review, schemes,
    tokens, users, webhooks, work, workspace,
};
use crate::web::live;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tenure",
        description = "The JSON API of a Tenure workspace.\n\nAnything but a 2xx is a problem \
            (RFC 9457, `application/problem+json`) whose `type` is stable; nothing was then done. A request \
            that changes something by a session must say that it comes from the desk's own pages (`Origin` or \
            `Sec-Fetch-Site`), since the session travels in a cookie; one with an API token need not. Times are RFC 3339 in UTC. Answers to a bearer who may send so many requests in so much time say in \
            `RateLimit-Policy` and `RateLimit` how many, and how many are left. A method that a path does not have is answered \
            405, with those that it has in `Allow`.",
        license(name = "AGPL-3.0-or-later", identifier = "AGPL-3.0-or-later"),
        contact(),
    ),
    servers((url = "/", description = "The host names the workspace.")),
    paths(
        me::me,
        live::events,
        users::users,
        users::user,
        deactivation::deactivate,
        deactivation::activate,
        review::set_of_user,
        review::dismiss_of_user,
        customers::customers,
        customers::customer,
        deactivation::deactivate_customer,
        deactivation::activate_customer,
        review::set_of_customer,
        review::dismiss_of_customer,
        tokens::list,
        tokens::make,
        tokens::one,
        tokens::revoke,
        tokens::suspend,
        tokens::restore,
    ),
    components(schemas(Problem)),
    tags(
        (name = "events", description = "What happens, as it happens."),
        (name = "users", description = "Those who sign in to the desk."),
        (name = "customers", description = "Those who sign in to the portal."),
        (name = "tokens", description = "What programs show instead of a session."),
    )
)]
struct Api;

/// What the handlers say of themselves.
pub(super) fn described() -> utoipa::openapi::OpenApi {
    let mut whole = Api::openapi();
    for group in [
        accounts::Described::openapi(),
        many::Described::openapi(),
        work::Described::openapi(),
        groups::Described::openapi(),
        workspace::Described::openapi(),
        webhooks::Described::openapi(),
        help::Described::openapi(),
    ] {
        whole.merge(group);
    }
    whole
}

/// The description as JSON text, as `docs/openapi.json` holds it.
#[must_use]
pub fn document() -> String {
    let mut whole = described();
    schemes::add(&mut whole);
    let mut whole = serde_json::to_value(whole).unwrap_or_default();
    complete::complete(&mut whole);
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text
}

/// `GET /api/v1/openapi.json`.
pub(super) async fn serve() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(document);
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}
