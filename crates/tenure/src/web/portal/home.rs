//! `/portal`: where a customer arrives.

use axum::{extract::State, response::Response};

use crate::{
    app::App,
    error::Result,
    ops,
    store::organizations,
    web::{
        pages::{frame::Frame, words::count},
        view::{portal::HomePage, shell::Place},
    },
};

/// `GET /portal`.
pub(super) async fn page(State(app): State<App>, frame: Frame) -> Result<Response> {
    let (ctx, me) = (&frame.session.ctx, frame.session.person());
    let mut rx = app.store.reader().await?;
    let organization = organizations::of_person(&mut rx, ctx.workspace, me).await?;
    let open = ops::sessions::list(&mut rx, ctx, me).await?.len();
    drop(rx);
    let open = i64::try_from(open).unwrap_or(i64::MAX);
    let page = HomePage {
        shell: frame.shell(Place::Portal, "Home"),
        organization: organization.map(|organization| organization.name),
        sessions: format!("You are signed in on {}.", count(open, "device", "devices")),
    };
    Ok(frame.draw(&page))
}
