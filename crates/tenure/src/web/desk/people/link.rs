//! `/users/{id}/link`: a set-password link, shown once.

use axum::{http::StatusCode, response::Response};
use domain::part;

use super::{about::About, typed::placed};
use crate::{
    error::{Error, Result},
    ops,
    web::{
        desk::form::Refused,
        fields::Fields,
        view::{
            dialogs::{LinkDialog, LinkShown},
            people::Action,
        },
    },
};

/// `GET /users/{id}/link`.
pub(super) async fn page(about: About) -> Result<Response> {
    draw(&about, Refused::none()).await
}

/// `POST /users/{id}/link`. The answer is the only place where the link stands.
pub(super) async fn submit(about: About, fields: Fields) -> Result<Response> {
    let secret = match save(&about, &fields).await {
        Ok(secret) => secret,
        Err(error) => return draw(&about, placed(error)?).await,
    };
    let visit = &about.frame.session.visit;
    let expires = visit.now.saturating_add(ops::links::VALID_FOR).unwrap_or(jiff::Timestamp::MAX);
    let page = LinkShown {
        shell: about.shell(format!("A set-password link for {}", about.name())),
        done: about.cancel(),
        person: about.chip(),
        url: visit.link(about.row.person.kind, &secret),
        expires: about.exactly(expires),
        advice: "Hand it over yourself: whoever has it can set the password.".into(),
    };
    Ok(about.frame.draw_as(StatusCode::OK, &page))
}

async fn save(about: &About, fields: &Fields) -> Result<crate::secret::Secret, Error> {
    about.fresh(fields)?;
    let (ctx, id) = (about.ctx(), about.id());
    about.app.store.write(async move |tx| ops::links::make(tx, &ctx, id).await).await
}

async fn draw(about: &About, wrong: Refused) -> Result<Response> {
    if let Err(refusal) = part::make_link(&about.authority().await?, &about.row.person) {
        return about.impossible(refusal.into(), &wrong);
    }
    let page = LinkDialog {
        shell: about.shell(format!("Make a set-password link for {}?", about.name())),
        ask: about.question(Action::PasswordLink, &wrong),
        effects: vec![
            "The link is shown once and works once, for 24 hours".into(),
            "An earlier link no longer works".into(),
            "Using it ends the open sessions".into(),
        ],
    };
    Ok(about.frame.draw_as(wrong.status, &page))
}
