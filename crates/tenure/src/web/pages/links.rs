//! Links that let somebody in who has no password yet: an invitation, and a link to set a password.
//!
//! Opening a link uses nothing up, so that a mail scanner that follows it does no harm; only the form does.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::Refusal;

use super::{form::Refused, frame::bare, sign_in::signed_in};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{self, profile::Name},
    password::MIN_CHARACTERS,
    rate,
    secret::{Kind, Secret},
    store::people::PersonRow,
    web::{
        failure,
        fields::Fields,
        side::{self, Side},
        view::{
            self, Field, Link,
            account::{InvitationPage, SetPasswordPage},
            error::ErrorPage,
        },
        visit::Visit,
    },
};

/// What every form for a new password says.
pub(in crate::web) fn password_hint() -> String {
    format!("At least {MIN_CHARACTERS} characters. Several words in a row are easy to remember.")
}

/// Reads the token of a link; who tries many is slowed down.
fn secret(app: &App, visit: &Visit, kind: Kind, token: &str) -> Result<Secret> {
    app.limiters.link_address.check(&rate::network(visit.address))?;
    Ok(Secret::parse(kind, token).ok_or(Refusal::LinkVoid)?)
}

/// `GET` of an invitation: `/invitation/{token}` at the desk, `/portal/invitations/{token}` in the portal.
pub(in crate::web) async fn invitation(
    State(app): State<App>,
    visit: Visit,
    Path(token): Path<String>,
) -> Result<Response> {
    let shown = async {
        let secret = secret(&app, &visit, Kind::Invitation, &token)?;
        let row = invited(&app, &visit, &secret).await?;
        if let Some(elsewhere) = at_the_other_door(&visit, &row, &secret) {
            return Ok(elsewhere);
        }
        let name = Field::new(&row.person.name);
        draw_invitation(&app, &visit, &secret, &row, StatusCode::OK, [name, Field::default()]).await
    };
    or_closed(&app, &visit, shown.await).await
}

/// A link of somebody who comes in by the other door leads there.
fn at_the_other_door(visit: &Visit, row: &PersonRow, secret: &Secret) -> Option<Response> {
    let kind = row.person.kind;
    let elsewhere = Side::of_kind(kind) != visit.side();
    elsewhere.then(|| Redirect::to(&side::link(kind, secret)).into_response())
}

async fn invited(app: &App, visit: &Visit, secret: &Secret) -> Result<PersonRow> {
    let mut rx = app.store.reader().await?;
    ops::invitation::look(&mut rx, &visit.ctx(app), secret).await
}

async fn draw_invitation(
    app: &App,
    visit: &Visit,
    secret: &Secret,
    row: &PersonRow,
    status: StatusCode,
    [name, password]: [Field; 2],
) -> Result<Response> {
    let page = InvitationPage {
        bare: bare(app, visit, "Accept the invitation").await?,
        action: side::link(row.person.kind, secret),
        email: row.person.email.clone(),
        name,
        password,
        password_hint: password_hint(),
        ..InvitationPage::default()
    };
    Ok(view::page(status, &page))
}

/// `POST` of an invitation: the person is active and signed in.
pub(in crate::web) async fn accept(
    State(app): State<App>,
    visit: Visit,
    Path(token): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let done = async {
        let secret = secret(&app, &visit, Kind::Invitation, &token)?;
        match accept_with(&app, &visit, &secret, &fields).await {
            Err(error @ Error::Invalid(_)) => {
                let row = invited(&app, &visit, &secret).await?;
                let refused = Refused::of(error)?;
                let typed = [refused.field("name", fields.get("name")), refused.field("password", "")];
                draw_invitation(&app, &visit, &secret, &row, refused.status, typed).await
            }
            other => other,
        }
    };
    or_closed(&app, &visit, done.await).await
}

async fn accept_with(app: &App, visit: &Visit, secret: &Secret, fields: &Fields) -> Result<Response> {
    let name = Name::parse(fields.get("name"), &app.config.limits)?;
    let (ctx, password) = (visit.ctx(app), fields.get("password"));
    let opened =
        ops::password::accept_invitation(app, &ctx, secret.clone(), name, password, visit.from()).await?;
    signed_in(app, visit, &opened, visit.side().home()).await
}

/// `GET` of a set-password link: `/password/{token}` at the desk, `/portal/set-password/{token}` in the portal.
pub(in crate::web) async fn set_password(
    State(app): State<App>,
    visit: Visit,
    Path(token): Path<String>,
) -> Result<Response> {
    let shown = async {
        let secret = secret(&app, &visit, Kind::PasswordLink, &token)?;
        draw_set_password(&app, &visit, &secret, StatusCode::OK, Field::default()).await
    };
    or_closed(&app, &visit, shown.await).await
}

async fn draw_set_password(
    app: &App,
    visit: &Visit,
    secret: &Secret,
    status: StatusCode,
    password: Field,
) -> Result<Response> {
    let mut rx = app.store.reader().await?;
    let row = ops::links::look(&mut rx, &visit.ctx(app), secret).await?;
    drop(rx);
    if let Some(elsewhere) = at_the_other_door(visit, &row, secret) {
        return Ok(elsewhere);
    }
    let page = SetPasswordPage {
        bare: bare(app, visit, "Set a password").await?,
        action: side::link(row.person.kind, secret),
        email: row.person.email,
        password,
        password_hint: password_hint(),
        ..SetPasswordPage::default()
    };
    Ok(view::page(status, &page))
}

/// `POST` of a set-password link: the person's other sessions end, and this one begins.
pub(in crate::web) async fn save_password(
    State(app): State<App>,
    visit: Visit,
    Path(token): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let done = async {
        let secret = secret(&app, &visit, Kind::PasswordLink, &token)?;
        let (ctx, password) = (visit.ctx(&app), fields.get("password"));
        let set = ops::password::set_by_link(&app, &ctx, secret.clone(), password, visit.from()).await;
        match set {
            Ok(opened) => signed_in(&app, &visit, &opened, visit.side().home()).await,
            Err(error @ Error::Invalid(_)) => {
                let refused = Refused::of(error)?;
                let field = refused.field("password", "");
                draw_set_password(&app, &visit, &secret, refused.status, field).await
            }
            Err(error) => Err(error),
        }
    };
    or_closed(&app, &visit, done.await).await
}

/// A link that does not work says why, and what to do.
async fn or_closed(app: &App, visit: &Visit, outcome: Result<Response>) -> Result<Response> {
    let Err(error) = outcome else { return outcome };
    // A customer knows no administrators.
    let whom = if visit.side().is_portal() { "whoever sent it to you" } else { "an administrator" };
    let (title, text) = match error.refusal() {
        Some(Refusal::LinkVoid) => (
            "This link no longer works",
            format!(
                "It has been used, it has expired, or a newer one was made. Nothing was changed. Ask {whom} for a \
                 new one; if you have a password, sign in with it."
            ),
        ),
        Some(Refusal::InvitationExpired) => (
            "This invitation has expired",
            format!("It worked for seven days. Nothing was changed. Ask {whom} to send it again."),
        ),
        Some(Refusal::ActorDeactivated) => (
            "This account is deactivated",
            format!(
                "No link opens it while it is. Everything you held is kept as it was. Ask {whom} to activate it."
            ),
        ),
        _ => return Err(error),
    };
    let status = failure::status(&error);
    let page = ErrorPage {
        bare: bare(app, visit, title).await?,
        status: status.as_u16(),
        text,
        ways: vec![Link::new("Go to sign-in", visit.side().sign_in())],
        request: None,
    };
    Ok(view::page(status, &page))
}
