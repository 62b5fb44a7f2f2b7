//! One's own saved views of the grid.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::id::ViewId;

use super::{back::Back, grid, typed::placed};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{self, profile::Name},
    store::{grid::GridQuery, views},
    web::{
        desk::frame::Frame,
        fields::Fields,
        flash::Flash,
        view::{
            dialogs::{ConfirmDialog, Question},
            naming::Naming,
            shell::Place,
        },
    },
};

/// `POST /users/views`, with `name` and `query`.
pub(super) async fn save(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    fields: Fields,
) -> Result<Response> {
    let kind = naming.kind;
    let query = GridQuery::from_query(kind, fields.get("query"))?.to_query_unpaged();
    let name = Name::parse(fields.get("name"), &app.config.limits);
    let saved = match name {
        Ok(name) => {
            let (ctx, query) = (frame.session.ctx.clone(), query.clone());
            let save = app
                .store
                .write(async move |tx| ops::views::save(tx, &ctx, kind, name.clone(), query.clone()).await);
            save.await
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(_) => {
            let flash = Flash::done(format!("The view “{}” is saved.", fields.get("name").trim()));
            Ok(flash.redirect(Back::to_grid(naming, &query).path()))
        }
        Err(error) => {
            let wrong = placed(error)?;
            grid::with_unsaved_view(&app, naming, &frame, &query, fields.get("name"), &wrong).await
        }
    }
}

/// One of one's own views.
async fn own(app: &App, naming: &Naming, frame: &Frame, id: &str) -> Result<views::View> {
    let id: ViewId = id.parse().map_err(|_| Error::NotFound("saved view"))?;
    let mut rx = app.store.point().await?;
    let mine =
        views::list(&mut rx, frame.session.visit.workspace, frame.session.person(), naming.kind.into())
            .await?;
    mine.into_iter().find(|view| view.id == id).ok_or(Error::NotFound("saved view"))
}

/// `GET /users/views/{id}/deletion`.
pub(super) async fn deletion(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response> {
    let view = own(&app, naming, &frame, &id).await?;
    let page = ConfirmDialog {
        shell: frame.shell(Place::of(naming), format!("Delete the view “{}”?", view.name)),
        ask: Question {
            action: format!("{}/views/{}/deletion", naming.path, view.id),
            cancel: Back::to_grid(naming, &view.query).path().to_owned(),
            ..Question::default()
        },
        effects: vec!["The tab goes".into(), format!("No {} is changed", naming.one)],
        button: "Delete the view".into(),
        is_final: true,
    };
    Ok(frame.draw(&page))
}

/// `POST /users/views/{id}/deletion`.
pub(super) async fn delete(
    State(app): State<App>,
    naming: &'static Naming,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response> {
    let view = own(&app, naming, &frame, &id).await?;
    let (ctx, id) = (frame.session.ctx.clone(), view.id);
    app.store.write(async move |tx| ops::views::delete(tx, &ctx, id).await).await?;
    Ok(Flash::done(format!("The view “{}” is deleted.", view.name)).redirect(naming.path))
}
