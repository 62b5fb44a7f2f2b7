//! The workspace's settings, one page per subject.

mod apps;
mod brake;
mod licenses;
mod ownership;
mod portal;
mod sessions;

use axum::{extract::State, http::StatusCode, response::Response};

pub(super) use licenses::{hint as owned_hint, save_owned};

use super::{form::Refused, frame::Frame, zones};
use crate::{
    app::App,
    error::Result,
    ops::{self, profile::Name, workspace::Settings},
    web::{
        fields::Fields,
        flash::Flash,
        routes::Routes,
        session::Access::Administrator,
        view::{Field, Guard, settings::WorkspaceSettings, shell::Place},
    },
};

pub(super) fn routes(routes: Routes) -> Routes {
    let routes = apps::routes(routes);
    brake::routes(routes)
        .get("/settings", Administrator, page)
        .post("/settings", Administrator, save)
        .get("/settings/sessions", Administrator, sessions::page)
        .post("/settings/sessions", Administrator, sessions::save)
        .get("/settings/licenses", Administrator, licenses::page)
        .post("/settings/licenses", Administrator, licenses::save)
        .get("/settings/portal", Administrator, portal::page)
        .post("/settings/portal", Administrator, portal::save)
        .get("/settings/ownership", Administrator, ownership::page)
        .post("/settings/ownership", Administrator, ownership::save)
}

/// The settings as they are, at the version of the form: each page changes its own part of them.
fn present(frame: &Frame, fields: &Fields) -> Result<Settings> {
    let workspace = &frame.session.check.workspace;
    let limits = crate::limits::Limits { name: usize::MAX, ..crate::limits::Limits::default() };
    Ok(Settings {
        name: Name::parse(&workspace.name, &limits)?,
        language: workspace.language.clone(),
        time_zone: workspace.time_zone.clone(),
        sessions: workspace.sessions,
        version: fields.version().unwrap_or(workspace.version),
    })
}

/// The guard of a form that changes the settings.
fn guard(frame: &Frame) -> Guard {
    Guard::default().at_version(frame.session.check.workspace.version.to_string())
}

async fn write(app: &App, frame: &Frame, settings: Settings) -> Result<()> {
    let ctx = frame.session.ctx.clone();
    app.store.write(async move |tx| ops::workspace::change(tx, &ctx, settings.clone()).await).await
}

fn workspace_page(frame: &Frame, [language, time_zone]: [&str; 2]) -> WorkspaceSettings {
    WorkspaceSettings {
        shell: frame.shell(Place::Settings, "Workspace settings"),
        guard: guard(frame),
        error: None,
        name: Field::new(&frame.session.check.workspace.name),
        languages: zones::languages(language, None),
        time_zones: zones::time_zones(time_zone, None),
    }
}

/// `GET /settings`.
async fn page(frame: Frame) -> Response {
    let workspace = &frame.session.check.workspace;
    let page = workspace_page(&frame, [&workspace.language, &workspace.time_zone]);
    frame.draw_as(StatusCode::OK, &page)
}

/// `POST /settings`.
async fn save(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let saved = async {
        let settings = Settings {
            name: Name::parse(fields.get("name"), &app.config.limits)?,
            language: fields.get("language").to_owned(),
            time_zone: fields.get("time_zone").to_owned(),
            ..present(&frame, &fields)?
        };
        write(&app, &frame, settings).await
    };
    match saved.await {
        Ok(()) => Ok(Flash::done("The settings are saved.").redirect("/settings")),
        Err(error) => {
            let workspace = &frame.session.check.workspace;
            let zone = &workspace.time_zone;
            let now = format!("It is now called {}, in the time zone {zone}.", workspace.name);
            let refused = Refused::of(error)?.adding(&now);
            let page = WorkspaceSettings {
                error: refused.above(&["language", "time_zone"]),
                name: refused.field("name", fields.get("name")),
                ..workspace_page(&frame, [fields.get("language"), fields.get("time_zone")])
            };
            Ok(frame.draw_as(refused.status, &page))
        }
    }
}
