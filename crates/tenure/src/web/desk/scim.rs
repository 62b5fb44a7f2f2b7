//! `/settings/scim`: where an administrator connects a directory, and lets a sync go on that the brake stopped.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{Refusal, actor::Door, audit::Action, person::Kind, token::Scope};
use jiff::Timestamp;

use super::{
    frame::Frame,
    tokens::{self, Typed},
    words::Times,
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        self,
        scim::{Settings, Stop},
        tokens::Which,
    },
    store::tokens::TokenRow,
    web::{
        fields::Fields,
        flash::Flash,
        routes::Routes,
        scim::BASE,
        session::Access::Administrator,
        view::{
            Choice, Guard, number,
            scim::{ScimSettings, ScimToken, Stopped},
            shell::Place,
            tokens::MakeToken,
        },
    },
};

const HERE: &str = "/settings/scim";

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get(HERE, Administrator, page)
        .post(HERE, Administrator, make)
        .post("/settings/scim/{id}", Administrator, save)
        .post("/settings/scim/{id}/brake", Administrator, let_on)
}

/// What a SCIM DELETE does, as a choice.
fn deletes(is: bool) -> Vec<Choice> {
    vec![
        Choice::new("deactivate", "They are deactivated", !is)
            .with_hint("The directory sees them no more. It links them again when it creates them anew by the same external ID."),
        Choice::new("delete", "They are deleted", is)
            .with_hint("For good, with all that they held. An administrator is not: make them a member first."),
    ]
}

/// How many it would have been, as the brake has noted it.
fn too_many(stop: Stop) -> String {
    let (done, limit) = (number(stop.deactivated.unsigned_abs()), number(stop.limit.unsigned_abs()));
    let were = if stop.deactivated == 1 { "was" } else { "were" };
    format!(
        "{done} {were} deactivated within 60 minutes, and one more would have passed the {limit} that the brake lets pass"
    )
}

/// The deactivations by SCIM on the days of the hour before a stop: the log has no finer filter.
fn what_it_did(stopped: Timestamp, times: &Times) -> String {
    let from = stopped.saturating_sub(domain::brake::WINDOW).unwrap_or(Timestamp::MIN);
    let (from, to) = (times.day(from), times.day(stopped));
    format!("/audit?action={}&door={}&from={from}&to={to}", Action::Deactivated.word(), Door::Scim.word())
}

fn directory(row: &TokenRow, times: &Times) -> Option<ScimToken> {
    let brings = match row.token.scopes.scim()? {
        Kind::User => "Users and teams",
        Kind::Customer => "Customers",
    };
    let ways = row.scim;
    Some(ScimToken {
        name: row.name.clone(),
        brings,
        state: tokens::state(row, times.now()),
        used: row.last_used.map(|at| times.when(at)),
        stopped: ways.stopped.map(|at| Stopped {
            at: times.when(at),
            why: None,
            audit: what_it_did(at, times),
        }),
        let_on: ways.let_on.filter(|until| *until > times.now()).map(|at| times.soon(at)),
        deletes: deletes(ways.deletes),
        empty_patch: ways.empty_patch,
        settings: format!("{HERE}/{}", row.token.id),
        brake: format!("{HERE}/{}/brake", row.token.id),
    })
}

/// The form of any token, with the two scopes that are meant here; it lives until it is revoked when nothing is said.
fn form(frame: &Frame, typed: &Typed<'_>) -> MakeToken {
    let mut make = tokens::form(frame, true, typed);
    make.action = HERE.into();
    make.such_as = "A name by which you know the directory again, as in Entra ID.";
    make.scopes_title = "Whom it brings";
    make.one_scope = true;
    make.scopes.retain(|scope| Scope::parse(&scope.value).is_some_and(is_for_scim));
    for scope in &mut make.scopes {
        let (label, hint) = match Scope::parse(&scope.value) {
            Some(Scope::ScimCustomers) => ("Customers", "They come to the portal, and use no license."),
            _ => ("Users and their teams", "They work at the desk, and use a license each."),
        };
        *scope = Choice::new(scope.value.clone(), label, scope.selected).with_hint(hint);
    }
    // A form that somebody wrote may have had both.
    for scope in make.scopes.iter_mut().filter(|scope| scope.selected).skip(1) {
        scope.selected = false;
    }
    if typed.is_empty() {
        for (index, scope) in make.scopes.iter_mut().enumerate() {
            scope.selected = index == 0;
        }
        for days in &mut make.days {
            days.selected = days.value == "never";
        }
    }
    make
}

const fn is_for_scim(scope: Scope) -> bool {
    matches!(scope, Scope::Scim | Scope::ScimCustomers)
}

/// `GET /settings/scim`.
async fn page(State(app): State<App>, frame: Frame) -> Result<Response> {
    draw(&app, &frame, &Typed::default()).await
}

async fn draw(app: &App, frame: &Frame, typed: &Typed<'_>) -> Result<Response> {
    let mut rx = app.store.reader().await?;
    let mut found = ops::tokens::list(&mut rx, &frame.session.ctx, Which::Service).await?;
    found.extend(ops::tokens::list(&mut rx, &frame.session.ctx, Which::Personal).await?);
    let times = frame.times();
    let mut tokens = Vec::new();
    for (row, _) in &found {
        let Some(mut token) = directory(row, &times) else { continue };
        if let Some(stopped) = &mut token.stopped {
            stopped.why = ops::scim::stop(&mut rx, &frame.session.ctx, row).await?.map(too_many);
        }
        tokens.push(token);
    }
    drop(rx);
    let page = ScimSettings {
        shell: frame.shell(Place::Settings, "SCIM"),
        guard: Guard::default(),
        address: format!("{}{BASE}", frame.session.visit.base),
        stopped: tokens.iter().filter(|token| token.stopped.is_some()).cloned().collect(),
        tokens,
        make: form(frame, typed),
    };
    Ok(frame.draw_as(typed.status(), &page))
}

/// `POST /settings/scim`: `id`, `name`, `scope`, `days` and one's own `password`.
async fn make(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let others = fields.all("scope").any(|word| !Scope::parse(word).is_some_and(is_for_scim));
    let made = if others {
        Err(Refusal::TokenNeedsScope.into())
    } else {
        tokens::make(&app, &frame, &fields, None).await
    };
    match made {
        Ok(made) => tokens::answer(&app, &frame, made, (Place::Settings, HERE)).await,
        Err(error) => draw(&app, &frame, &Typed::of(&fields, error)?).await,
    }
}

fn id_of(text: &str) -> Result<domain::id::TokenId> {
    text.parse().map_err(|_| Error::NotFound("API token"))
}

/// `POST /settings/scim/{id}`: `delete` is `deactivate` or `delete`; `empty_patch`.
async fn save(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let (id, ctx) = (id_of(&id)?, frame.session.ctx.clone());
    let settings =
        Settings { empty_patch: fields.ticked("empty_patch"), deletes: fields.get("delete") == "delete" };
    let changed = app.store.write(async move |tx| ops::scim::set(tx, &ctx, id, settings).await).await?;
    let told = if changed {
        Flash::done("The settings are saved.")
    } else {
        Flash::note("The settings were so already.")
    };
    Ok(told.redirect(HERE))
}

/// `POST /settings/scim/{id}/brake`.
async fn let_on(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    let (id, ctx) = (id_of(&id)?, frame.session.ctx.clone());
    app.store.write(async move |tx| ops::scim::let_on(tx, &ctx, id).await).await?;
    let told = Flash::done("The sync may go on past the brake for 24 hours.")
        .line("The directory tries again by itself, in its next cycle.");
    Ok(told.redirect(HERE))
}
