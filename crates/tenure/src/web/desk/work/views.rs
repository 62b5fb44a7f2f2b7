//! One's own saved views of the lists of tickets and of tasks.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{id::ViewId, item::ItemKind};

use super::{
    Of,
    asked::{Asked, At},
    list::{self, Sent},
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{self, profile::Name},
    store::{Rx, grid::Count, item_list, views},
    web::{
        desk::{form::Refused, frame::Frame, words},
        fields::Fields,
        flash::Flash,
        view::{
            dialogs::{ConfirmDialog, Question},
            people::Tab,
        },
    },
};

/// How many of one's own views have their count beside them: each is counted anew for every page.
const WITH_COUNT: usize = 10;

/// A saved view with what it finds.
pub(super) struct Saved {
    view: views::View,
    count: Option<Count>,
    asked: Option<Asked>,
}

/// One's own views of a list.
pub(super) async fn read(rx: &mut Rx, frame: &Frame, asked: &Asked) -> Result<Vec<Saved>> {
    let Some(kind) = asked.at.kind() else { return Ok(Vec::new()) };
    let session = &frame.session;
    let mut saved = Vec::new();
    for view in views::list(rx, session.visit.workspace, session.person(), kind.into()).await? {
        let asks = Asked::read(asked.at, &view.query).ok();
        let count = match &asks {
            Some(asks) if saved.len() < WITH_COUNT => {
                let looking = list::looking(frame);
                Some(item_list::counted(rx, &session.check.workspace, &asks.query, looking).await?)
            }
            _ => None,
        };
        saved.push(Saved { view, count, asked: asks });
    }
    Ok(saved)
}

/// Which of them is shown unchanged.
pub(super) fn current(saved: &[Saved], asked: &Asked) -> Option<usize> {
    let now = asked.unpaged();
    saved.iter().position(|one| one.asked.as_ref().is_some_and(|kept| kept.unpaged() == now))
}

/// Their tabs.
pub(super) fn tabs(saved: &[Saved], asked: &Asked) -> Vec<Tab> {
    let current = current(saved, asked);
    let path = asked.at.path();
    let tab = |(index, one): (usize, &Saved)| Tab {
        label: one.view.name.clone(),
        count: one.count.map(words::counted),
        href: format!("{path}?{}", one.view.query),
        current: current == Some(index),
        delete: Some(format!("{path}/views/{}/deletion", one.view.id)),
    };
    saved.iter().enumerate().map(tab).collect()
}

/// `POST /tickets/views`, with `name` and `query`.
pub(super) async fn save(
    State(app): State<App>,
    frame: Frame,
    Of(kind): Of,
    fields: Fields,
) -> Result<Response> {
    let asked = Asked::read(At::Kind(kind), fields.get("query"))?;
    let saved = async {
        let name = Name::parse(fields.get("name"), &app.config.limits)?;
        let (ctx, query) = (frame.session.ctx.clone(), asked.unpaged());
        let save = app
            .store
            .write(async move |tx| ops::views::save(tx, &ctx, kind, name.clone(), query.clone()).await);
        save.await
    };
    match saved.await {
        Ok(_) => {
            let flash = Flash::done(format!("The view “{}” is saved.", fields.get("name").trim()));
            Ok(flash.redirect(&asked.but(|_| {})))
        }
        Err(error) => {
            let wrong = Refused::of(error)?;
            list::draw(&app, &frame, &asked, &Sent { fields, wrong }).await
        }
    }
}

/// One of one's own views.
async fn own(app: &App, frame: &Frame, kind: ItemKind, id: &str) -> Result<views::View> {
    let id: ViewId = id.parse().map_err(|_| Error::NotFound("saved view"))?;
    let mut rx = app.store.point().await?;
    let (ws, me) = (frame.session.visit.workspace, frame.session.person());
    let mine = views::list(&mut rx, ws, me, kind.into()).await?;
    mine.into_iter().find(|view| view.id == id).ok_or(Error::NotFound("saved view"))
}

/// `GET /tickets/views/{id}/deletion`.
pub(super) async fn deletion(
    State(app): State<App>,
    frame: Frame,
    Of(kind): Of,
    Path(id): Path<String>,
) -> Result<Response> {
    let view = own(&app, &frame, kind, &id).await?;
    let at = At::Kind(kind);
    let page = ConfirmDialog {
        shell: frame.shell(at.place(), format!("Delete the view “{}”?", view.name)),
        ask: Question {
            action: format!("{}/views/{}/deletion", at.path(), view.id),
            cancel: format!("{}?{}", at.path(), view.query),
            ..Question::default()
        },
        effects: vec!["The tab goes".into(), format!("No {} is changed", kind.word())],
        button: "Delete the view".into(),
        is_final: true,
    };
    Ok(frame.draw(&page))
}

/// `POST /tickets/views/{id}/deletion`.
pub(super) async fn delete(
    State(app): State<App>,
    frame: Frame,
    Of(kind): Of,
    Path(id): Path<String>,
) -> Result<Response> {
    let view = own(&app, &frame, kind, &id).await?;
    let (ctx, id) = (frame.session.ctx.clone(), view.id);
    app.store.write(async move |tx| ops::views::delete(tx, &ctx, id).await).await?;
    Ok(Flash::done(format!("The view “{}” is deleted.", view.name)).redirect(&At::Kind(kind).path()))
}
