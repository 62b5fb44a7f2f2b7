//! `/users/{id}/review`, the day to look at a deactivation again, and `/users/{id}/return`, which dismisses an asked
//! return; of customers likewise.

use axum::{http::StatusCode, response::Response};
use domain::{
    Refusal,
    lifecycle::{self, Outcome},
    person::Status,
};

use super::{about::About, deactivation::date, typed::placed};
use crate::{
    error::Result,
    ops,
    web::{
        desk::{form::Refused, words},
        fields::Fields,
        flash::Flash,
        view::{
            dialogs::{ConfirmDialog, Question, ReviewDialog},
            people::Action,
        },
    },
};

/// `GET /users/{id}/review`.
pub(super) async fn page(about: About) -> Result<Response> {
    let now = ops::review::date(&about.row.person).map_or_else(String::new, |date| date.to_string());
    draw(&about, &now, &Refused::none())
}

/// `POST /users/{id}/review`.
pub(super) async fn submit(about: About, fields: Fields) -> Result<Response> {
    let typed = fields.get("review_on");
    match save(&about, typed, fields.version()).await {
        Ok((true, told)) => Ok(about.told(Flash::done(told))),
        Ok((false, _)) => Ok(about.told(Flash::note(format!(
            "The review date of {} was so already. Nothing changed.",
            about.name()
        )))),
        Err(error) => draw(&about, typed, &placed(error)?),
    }
}

/// Whether anything changed, and what to say then.
async fn save(about: &About, typed: &str, version: Option<i64>) -> Result<(bool, String)> {
    let review_on = date(typed)?;
    let (ctx, id) = (about.ctx(), about.id());
    let changed =
        about.app.store.write(async move |tx| ops::review::change(tx, &ctx, id, review_on, version).await);
    let told = match review_on {
        Some(date) => format!("{} is reviewed on {}.", about.name(), words::date(date)),
        None => format!("{} has no review date any more.", about.name()),
    };
    Ok((changed.await?, told))
}

fn draw(about: &About, typed: &str, wrong: &Refused) -> Result<Response> {
    let Status::Deactivated { since, reason, .. } = &about.row.person.status else {
        return about.impossible(Refusal::NotDeactivated.into(), wrong);
    };
    let mut known = vec![format!("Since {}", about.exactly(*since).text)];
    known.extend(reason.as_ref().map(|reason| format!("Reason: {reason}")));
    let page = ReviewDialog {
        shell: about.shell(format!("Review date of {}", about.name())),
        ask: about.question(Action::Review, wrong),
        known,
        review_on: wrong.field("review_on", typed),
    };
    Ok(about.frame.draw_as(wrong.status, &page))
}

/// `GET /users/{id}/return`.
pub(super) async fn dismissal(about: About) -> Result<Response> {
    ask(&about, &Refused::none()).await
}

/// `POST /users/{id}/return`.
pub(super) async fn dismiss(about: About) -> Result<Response> {
    let (ctx, id) = (about.ctx(), about.id());
    let dismissed = about.app.store.write(async move |tx| ops::review::dismiss_return(tx, &ctx, id).await);
    match dismissed.await {
        Ok(true) => Ok(about.told(Flash::done(format!("The request of {} is dismissed.", about.name())))),
        Ok(false) => {
            let told = format!("{} does not ask to return any more. Nothing changed.", about.name());
            Ok(about.told(Flash::note(told)))
        }
        Err(error) => ask(&about, &placed(error)?).await,
    }
}

async fn ask(about: &About, wrong: &Refused) -> Result<Response> {
    let row = &about.row;
    let asked = match lifecycle::dismiss_return(&about.authority().await?, &row.person, row.return_asked) {
        Ok(Outcome::Changed(asked)) => asked,
        Ok(Outcome::Unchanged) => {
            let title = format!("{} does not ask to return", about.name());
            let text = "The request was answered or dismissed meanwhile.";
            return Ok(about.notice(StatusCode::OK, &title, text, Vec::new()));
        }
        Err(refusal) => return about.impossible(refusal.into(), wrong),
    };
    let page = ConfirmDialog {
        shell: about.shell(format!("Dismiss the request of {}?", about.name())),
        ask: Question { error: wrong.error.clone(), ..about.question(Action::DismissReturn, wrong) },
        effects: vec![
            format!("Asked to return on {}", about.exactly(asked).text),
            "Stays deactivated, and is told nothing".into(),
            "May ask again, once a day".into(),
        ],
        button: "Dismiss request".into(),
        is_final: false,
    };
    Ok(about.frame.draw_as(wrong.status, &page))
}
