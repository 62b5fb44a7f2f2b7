//! `/request`: the open request form (rule 8).

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{Refusal, apps};

use super::guest::Guest;
use crate::{
    error::{Error, Result},
    ops::{
        self,
        items::Title,
        messages::Body,
        profile::{Name, email},
        requests::Request,
    },
    store::workspaces,
    web::{
        failure,
        fields::{Fields, QueryFields},
        pages::{
            form::{Checked, Refused},
            help::FORM,
        },
        view::{
            self,
            help::{RequestForm, RequestRefused, RequestSent},
        },
    },
};

/// Where whoever has an account asks.
const IN_PORTAL: &str = "/portal/requests/new";

/// Where somebody is led who does not ask here: it is off, or they sign in for it.
fn elsewhere(guest: &Guest) -> Option<Response> {
    match apps::may_use(guest.workspace.apps.form, None) {
        // Of whoever is signed in it is known who asks.
        Ok(()) if !guest.is_customer() => None,
        Ok(()) | Err(Refusal::NotSignedIn) => Some(Redirect::to(IN_PORTAL).into_response()),
        Err(refusal) => Some(Error::from(refusal).into_response()),
    }
}

/// `GET /request`; with `sent` what is told afterwards, to everybody alike.
pub(super) async fn page(guest: Guest, QueryFields(query): QueryFields) -> Response {
    if let Some(elsewhere) = elsewhere(&guest) {
        return elsewhere;
    }
    let help = guest.workspace.apps.help.is_open();
    if query.ticked("sent") {
        let page = RequestSent { shell: guest.shell(FORM, "Your request is sent"), help };
        return view::page(StatusCode::OK, &page);
    }
    draw(&guest, &Fields::default(), &Refused::none())
}

fn draw(guest: &Guest, typed: &Fields, wrong: &Refused) -> Response {
    let field = |name: &str| wrong.field(name, typed.get(name));
    let page = RequestForm {
        shell: guest.shell(FORM, "Send a request"),
        error: wrong.error.clone(),
        name: field("name"),
        email: field("email"),
        title: field("title"),
        body: field("body"),
        most: guest.app.config.limits.message,
        help: guest.workspace.apps.help.is_open(),
    };
    view::page(wrong.status, &page)
}

/// `POST /request`.
pub(super) async fn submit(guest: Guest, fields: Fields) -> Result<Response> {
    let sent = || Redirect::to(&format!("{FORM}?sent=1")).into_response();
    if let Some(elsewhere) = elsewhere(&guest) {
        return Ok(elsewhere);
    }
    // Nobody sees this field; programs that fill in every one do.
    if !fields.get("website").is_empty() {
        return Ok(sent());
    }
    let error = match send(&guest, &fields).await {
        Ok(()) => return Ok(sent()),
        Err(error) => error,
    };
    if matches!(error.refusal(), Some(Refusal::AddressNotAccepted)) {
        return refused(&guest, &error, &fields).await;
    }
    let retry_after = match error {
        Error::TooMany { retry_after } => Some(retry_after),
        _ => None,
    };
    let mut response = draw(&guest, &fields, &Refused::of(error)?);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

async fn send(guest: &Guest, fields: &Fields) -> Result<()> {
    let limits = &guest.app.config.limits;
    let mut checked = Checked::default();
    let name = checked.read(Name::parse(fields.get("name"), limits))?;
    let email = checked.read(email(fields.get("email"), limits))?;
    let title = checked.read(Title::parse(fields.get("title"), limits))?;
    let body = checked.read(Body::parse(fields.get("body"), limits))?;
    let (Some(name), Some(email), Some(title), Some(body)) = (name, email, title, body) else {
        return Err(checked.all());
    };
    let ctx = guest.visit.ctx(&guest.app);
    ops::requests::send(&guest.app, &ctx, guest.visit.address, Request { email, name, title, body }).await
}

/// The workspace takes nothing from this address, and says so.
async fn refused(guest: &Guest, error: &Error, typed: &Fields) -> Result<Response> {
    let mut rx = guest.app.store.point().await?;
    let contact = workspaces::form_contact(&mut rx, guest.visit.workspace).await?;
    let page = RequestRefused {
        shell: guest.shell(FORM, "Your request was not sent"),
        text: error.to_string(),
        contact: contact.lines().map(str::to_owned).collect(),
        title: typed.get("title").to_owned(),
        body: typed.get("body").to_owned(),
    };
    Ok(view::page(failure::status(error), &page))
}
