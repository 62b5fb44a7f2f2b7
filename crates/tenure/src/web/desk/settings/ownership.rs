//! Who owns the workspace, and handing it over (rule 9).

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{Refusal, id::PersonId, role::Role};

use crate::{
    app::App,
    error::{Error, Result},
    ops,
    store::{grid::BuiltinView, people},
    web::{
        desk::{
            find,
            form::Refused,
            frame::{Frame, chip},
        },
        fields::{Fields, QueryFields},
        flash::Flash,
        view::{
            Field, Guard,
            chip::Look,
            settings::{OwnershipSettings, Transfer},
            shell::Place,
        },
    },
};

/// `GET /settings/ownership`, with what is searched for in `q`.
pub(super) async fn page(
    State(app): State<App>,
    frame: Frame,
    QueryFields(query): QueryFields,
) -> Result<Response> {
    let page = ownership_page(&app, &frame, query.get("q"), "").await?;
    Ok(frame.draw_as(StatusCode::OK, &page))
}

async fn ownership_page(app: &App, frame: &Frame, search: &str, chosen: &str) -> Result<OwnershipSettings> {
    let mut rx = app.store.point().await?;
    let owner = people::owner(&mut rx, frame.session.visit.workspace).await?;
    drop(rx);
    let owner = owner.ok_or_else(|| Error::Internal("the workspace has no owner".into()))?;
    let transfer =
        if frame.session.is_owner() { Some(transfer(app, frame, search, chosen).await?) } else { None };
    let owner = chip(&owner, Look::Row).linked(format!("/users/{}", owner.person.id));
    Ok(OwnershipSettings { shell: frame.shell(Place::Settings, "Ownership"), owner, transfer })
}

async fn transfer(app: &App, frame: &Frame, search: &str, chosen: &str) -> Result<Transfer> {
    let mut found = find::users(app, frame, search, &[BuiltinView::Active]).await?;
    found.retain(|row| row.row.person.role != Role::Owner);
    let more = found.len() > find::OFFERED;
    found.truncate(find::OFFERED);
    Ok(Transfer {
        guard: Guard::default(),
        search: search.to_owned(),
        candidates: found.iter().map(|row| find::candidate(frame, row, chosen)).collect(),
        more: more.then(|| "There are more. Search to find them.".into()),
        ..Transfer::default()
    })
}

/// `POST /settings/ownership`: `person` and one's own `password`.
pub(super) async fn save(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let Err(error) = hand_over(&app, &frame, &fields).await else {
        let told = Flash::done("Ownership has passed on.").line("You are an administrator now.");
        return Ok(told.redirect("/settings/ownership"));
    };
    let refused = match error.refusal() {
        Some(Refusal::WrongPassword) => Refused::of(error)?.at("password"),
        Some(Refusal::NewOwnerNotActive) => Refused::of(error)?.at("person"),
        _ => Refused::of(error)?,
    };
    let mut page = ownership_page(&app, &frame, fields.get("q"), fields.get("person")).await?;
    if let Some(transfer) = &mut page.transfer {
        transfer.pick_error = refused.message("person");
        transfer.password = Field { error: refused.message("password"), ..Field::default() };
        transfer.error = refused.error;
    }
    Ok(frame.draw_as(refused.status, &page))
}

async fn hand_over(app: &App, frame: &Frame, fields: &Fields) -> Result<()> {
    let person: PersonId = fields
        .get("person")
        .parse()
        .map_err(|_| Error::field("person", "Choose who is to own the workspace."))?;
    let ctx = frame.session.ctx.clone();
    ops::sign_in::confirm(app, &ctx, fields.get("password")).await?;
    let moved = app
        .store
        .write(async move |tx| ops::roles::transfer_ownership(tx, &ctx, person, None).await)
        .await
        .map_err(|error| match error {
            Error::NotFound(_) => {
                Error::field("person", "This person is no longer here. Choose somebody else.")
            }
            error => error,
        })?;
    if moved {
        Ok(())
    } else {
        Err(Error::field("person", "You own the workspace already. Choose somebody else."))
    }
}
