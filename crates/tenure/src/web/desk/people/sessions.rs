//! `/users/{id}/sessions`: an administrator's look at the sessions of a user, and their end.

use axum::response::Response;
use domain::{actor::Actor, id::SessionId};

use super::about::About;
use crate::{
    error::{Error, Result},
    ops,
    store::sessions::SessionRow,
    web::{
        desk::{device::session_row, form::Refused, words::count},
        fields::Fields,
        flash::Flash,
        view::{self, dialogs::SessionsDialog, people::Action},
    },
};

/// `GET /users/{id}/sessions`.
pub(super) async fn page(about: About) -> Result<Response> {
    let mut rx = about.app.store.reader().await?;
    let open = ops::sessions::list(&mut rx, &about.ctx(), about.id()).await?;
    drop(rx);
    let page = SessionsDialog {
        shell: about.shell(format!("Sessions of {}", about.name())),
        ask: about.question(Action::Sessions, &Refused::none()),
        sessions: open.iter().map(|session| row(&about, session)).collect(),
    };
    Ok(about.frame.draw(&page))
}

fn row(about: &About, session: &SessionRow) -> view::account::SessionRow {
    let lengths = about.frame.session.check.workspace.sessions;
    let mine = matches!(about.ctx().actor, Actor::Person { session: own, .. } if own == session.id);
    session_row(session, lengths, &about.frame.times(), mine)
}

/// `POST /users/{id}/sessions`, with `session` (one id) or `all`.
pub(super) async fn submit(about: About, fields: Fields) -> Result<Response> {
    let (ctx, id) = (about.ctx(), about.id());
    if fields.ticked("all") {
        let ended = about.app.store.write(async move |tx| ops::sessions::end_all(tx, &ctx, id).await).await?;
        return Ok(about.told(told(about.name(), ended.ended)));
    }
    let session: SessionId = fields.get("session").parse().map_err(|_| Error::NotFound("open session"))?;
    let ended = about.app.store.write(async move |tx| ops::sessions::end(tx, &ctx, id, session).await).await;
    let flash = match ended {
        Ok(ended) => told(about.name(), ended.ended),
        // It ended by itself, or somebody was quicker.
        Err(Error::NotFound(_)) => told(about.name(), 0),
        Err(error) => return Err(error),
    };
    Ok(flash.redirect(&about.path(Action::Sessions)))
}

fn told(name: &str, ended: i64) -> Flash {
    match ended {
        0 => Flash::note("That session had ended already."),
        ended => Flash::done(format!("{} of {name} ended.", count(ended, "session", "sessions"))),
    }
}
