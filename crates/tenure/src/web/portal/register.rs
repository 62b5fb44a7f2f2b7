//! `/portal/register`: asking for an account, where the workspace allows it.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::Refusal;

use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        self,
        customers::Registration,
        profile::{Name, email},
    },
    store::workspaces,
    web::{
        fields::{Fields, QueryFields},
        pages::{
            form::{Checked, Refused},
            frame::{bare, bare_of},
        },
        view::{
            self, Link,
            error::ErrorPage,
            portal::{RegisterPage, RegisteredPage},
        },
        visit::Visit,
    },
};

/// `GET /portal/register`; with `sent` what is told afterwards, to everybody alike.
pub(super) async fn page(
    State(app): State<App>,
    visit: Visit,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let workspace = workspaces::load(&mut app.store.point().await?, visit.workspace).await?;
    if !workspace.registration {
        return closed(&app, &visit).await;
    }
    if query.ticked("sent") {
        let page = RegisteredPage { bare: bare_of(&workspace, &visit, "You have asked for an account") };
        return Ok(view::page(StatusCode::OK, &page));
    }
    let page = RegisterPage { bare: bare_of(&workspace, &visit, "Register"), ..RegisterPage::default() };
    Ok(view::page(StatusCode::OK, &page))
}

/// `POST /portal/register`.
pub(super) async fn submit(State(app): State<App>, visit: Visit, fields: Fields) -> Result<Response> {
    let error = match register(&app, &visit, &fields).await {
        Ok(()) => return Ok(Redirect::to("/portal/register?sent=1").into_response()),
        Err(error) => error,
    };
    if matches!(error.refusal(), Some(Refusal::RegistrationClosed)) {
        return closed(&app, &visit).await;
    }
    let retry_after = match error {
        Error::TooMany { retry_after } => Some(retry_after),
        _ => None,
    };
    let refused = Refused::of(error)?;
    let page = RegisterPage {
        bare: bare(&app, &visit, "Register").await?,
        error: refused.error.clone(),
        name: refused.field("name", fields.get("name")),
        email: refused.field("email", fields.get("email")),
        ..RegisterPage::default()
    };
    let mut response = view::page(refused.status, &page);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

async fn register(app: &App, visit: &Visit, fields: &Fields) -> Result<()> {
    let limits = &app.config.limits;
    let mut checked = Checked::default();
    let name = checked.read(Name::parse(fields.get("name"), limits))?;
    let email = checked.read(email(fields.get("email"), limits))?;
    let (Some(name), Some(email)) = (name, email) else {
        return Err(checked.all());
    };
    ops::customers::register(app, &visit.ctx(app), visit.address, Registration { email, name }).await
}

/// The workspace invites its customers.
async fn closed(app: &App, visit: &Visit) -> Result<Response> {
    let status = StatusCode::FORBIDDEN;
    let page = ErrorPage {
        bare: bare(app, visit, "Registration is closed").await?,
        status: status.as_u16(),
        text: Refusal::RegistrationClosed.to_string(),
        ways: vec![Link::new("Go to sign-in", visit.side().sign_in())],
        request: None,
    };
    Ok(view::page(status, &page))
}
