//! What concerns the workspace as a whole, for administrators: licenses, audit log, settings.

pub(super) mod audit;
pub(super) mod licenses;
pub(super) mod settings;

use utoipa::OpenApi;

use crate::web::{routes::Routes, session::Access::Administrator};

/// The description of what concerns the workspace.
#[derive(OpenApi)]
#[openapi(
    paths(
        licenses::licenses,
        licenses::change,
        licenses::ledger,
        licenses::freed,
        audit::audit,
        settings::settings,
        settings::change,
        settings::brake,
        settings::set_brake,
    ),
    tags(
        (name = "licenses", description = "How many there are, what they cost, who holds one and since when."),
        (name = "audit", description = "Every step on the record."),
        (name = "settings", description = "The settings of the workspace."),
    )
)]
pub(super) struct Described;

/// The routes of what concerns the workspace.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/licenses", Administrator, licenses::licenses)
        .patch("/api/v1/licenses", Administrator, licenses::change)
        .get("/api/v1/licenses/ledger", Administrator, licenses::ledger)
        .get("/api/v1/licenses/freed", Administrator, licenses::freed)
        .get("/api/v1/audit", Administrator, audit::audit)
        .get("/api/v1/settings", Administrator, settings::settings)
        .patch("/api/v1/settings", Administrator, settings::change)
        .get("/api/v1/settings/brake", Administrator, settings::brake)
        .put("/api/v1/settings/brake", Administrator, settings::set_brake)
}
