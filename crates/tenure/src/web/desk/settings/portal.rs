//! The portal: whether customers may register themselves, and whether an organization shares its requests.

use axum::{extract::State, response::Response};

use super::guard;
use crate::{
    app::App,
    error::Result,
    ops,
    web::{
        desk::{form::Refused, frame::Frame},
        fields::Fields,
        flash::Flash,
        side::Side,
        view::{settings::PortalSettings, shell::Place},
    },
};

fn portal_page(frame: &Frame) -> PortalSettings {
    PortalSettings {
        shell: frame.shell(Place::Settings, "Portal settings"),
        guard: guard(frame),
        error: None,
        address: format!("{}{}", frame.session.visit.base, Side::Portal.home()),
        registration: frame.session.check.workspace.registration,
        shared_requests: frame.session.check.workspace.shared_requests,
    }
}

/// `GET /settings/portal`.
pub(super) async fn page(frame: Frame) -> Response {
    frame.draw(&portal_page(&frame))
}

/// `POST /settings/portal`.
pub(super) async fn save(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let (open, shared) = (fields.ticked("registration"), fields.ticked("shared_requests"));
    let version = fields.version();
    let ctx = frame.session.ctx.clone();
    let saved = app
        .store
        .write(async move |tx| {
            ops::workspace::set_registration(tx, &ctx, open, version).await?;
            ops::workspace::share_requests(tx, &ctx, shared, None).await
        })
        .await;
    match saved {
        Ok(()) => Ok(Flash::done("The settings of the portal are saved.").redirect("/settings/portal")),
        Err(error) => {
            let refused = Refused::of(error)?;
            let page = PortalSettings {
                error: refused.error.clone(),
                registration: open,
                shared_requests: shared,
                ..portal_page(&frame)
            };
            Ok(frame.draw_as(refused.status, &page))
        }
    }
}
