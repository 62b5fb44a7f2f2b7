//! The brake: how many may be deactivated within 60 minutes before an administrator is asked.

use axum::{extract::State, response::Response};
use domain::brake::Brake;

use crate::{
    app::App,
    error::{Error, Result},
    ops,
    store::brakes,
    web::{
        desk::{
            form::{Checked, Refused},
            frame::Frame,
        },
        fields::Fields,
        flash::Flash,
        routes::Routes,
        session::Access::Administrator,
        view::{Field, Guard, settings::BrakeSettings, shell::Place},
    },
};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/settings/brake", Administrator, page).post("/settings/brake", Administrator, save)
}

async fn brake_page(app: &App, frame: &Frame) -> Result<BrakeSettings> {
    let ws = frame.session.visit.workspace;
    let (brake, version) = brakes::load(&mut app.store.point().await?, ws).await?;
    Ok(BrakeSettings {
        shell: frame.shell(Place::Settings, "Brake settings"),
        guard: Guard::default().at_version(version.to_string()),
        error: None,
        on: brake.on,
        share: Field::new(brake.share.to_string()),
        minimum: Field::new(brake.minimum.to_string()),
    })
}

/// `GET /settings/brake`.
async fn page(State(app): State<App>, frame: Frame) -> Result<Response> {
    Ok(frame.draw(&brake_page(&app, &frame).await?))
}

fn read(fields: &Fields, field: &'static str) -> Result<i64> {
    let number = fields.get(field).trim().parse();
    number.map_err(|_| Error::field(field, "This must be a whole number, such as 10."))
}

/// `POST /settings/brake`.
async fn save(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let saved = async {
        let mut checked = Checked::default();
        let share = checked.read(read(&fields, "share"))?;
        let minimum = checked.read(read(&fields, "minimum"))?;
        let (Some(share), Some(minimum)) = (share, minimum) else {
            return Err(checked.all());
        };
        let brake = Brake { on: fields.ticked("on"), share, minimum };
        let (ctx, version) = (frame.session.ctx.clone(), fields.version().unwrap_or(-1));
        app.store.write(async move |tx| ops::bulk::set_brake(tx, &ctx, brake, version).await).await
    };
    match saved.await {
        Ok(_) => Ok(Flash::done("The brake is set.").redirect("/settings/brake")),
        Err(error) => {
            let refused = Refused::of(error)?;
            let page = BrakeSettings {
                error: refused.error.clone(),
                on: fields.ticked("on"),
                share: refused.field("share", fields.get("share")),
                minimum: refused.field("minimum", fields.get("minimum")),
                ..brake_page(&app, &frame).await?
            };
            Ok(frame.draw_as(refused.status, &page))
        }
    }
}
