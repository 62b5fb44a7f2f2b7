//! API tokens on pages: `/me/tokens` has one's own, `/settings/tokens` the workspace's and, for administrators, everybody's.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    Refusal,
    id::{PersonId, TokenId},
    person::StatusWord,
    token::{Life, MOST_DAYS, Scope, Scopes, State as TokenState, Suspended, USUAL_DAYS},
};

use super::{
    form::{Checked, Refused},
    frame::{Frame, picture},
    made,
    words::Times,
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        self,
        once::Once,
        profile::Name,
        tokens::{Input, Which},
    },
    store::tokens::{Beside, Listed, TokenRow},
    web::{
        fields::Fields,
        flash::Flash,
        routes::Routes,
        session::Access::{Administrator, User},
        view::{
            Choice, Field, Guard, Link,
            chip::{Chip, Look},
            dialogs::{ConfirmDialog, Question},
            naming::USERS,
            shell::Place,
            tokens::{MakeToken, OwnTokens, TokenLine, TokenSettings, TokenShown},
        },
    },
};

const OWN: &str = "/me/tokens";
const SETTINGS: &str = "/settings/tokens";

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get(OWN, User, own)
        .post(OWN, User, make_own)
        .get("/me/tokens/{id}/revocation", User, ask_own)
        .post("/me/tokens/{id}/revocation", User, revoke_own)
        .get(SETTINGS, Administrator, settings)
        .post(SETTINGS, Administrator, make_service)
        .get("/settings/tokens/{id}/revocation", Administrator, ask)
        .post("/settings/tokens/{id}/revocation", Administrator, revoke)
        .post("/settings/tokens/{id}/suspension", Administrator, suspend)
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
pub(super) struct Typed<'a> {
    fields: Option<&'a Fields>,
    wrong: Refused,
}

impl<'a> Typed<'a> {
    /// A form that was refused, with each refusal at the field that it is about.
    pub(super) fn of(fields: &'a Fields, error: Error) -> Result<Self> {
        Ok(Self { fields: Some(fields), wrong: placed(error)? })
    }

    /// What was typed.
    const fn fields(&self) -> Option<&'a Fields> {
        self.fields
    }

    /// Whether nothing was typed yet.
    pub(super) const fn is_empty(&self) -> bool {
        self.fields.is_none()
    }

    /// The status of the page that shows it again.
    pub(super) const fn status(&self) -> StatusCode {
        self.wrong.status
    }

    fn get(&self, name: &str) -> &str {
        self.fields.map_or("", |fields| fields.get(name))
    }

    fn has(&self, name: &str, value: &str) -> bool {
        self.fields.is_some_and(|fields| fields.all(name).any(|one| one == value))
    }
}

/// The scopes that may be chosen, with what each lets a program do.
fn scopes(all: bool, typed: &Typed<'_>) -> Vec<Choice> {
    let offered = Scope::ALL.into_iter().filter(|scope| all || !scope.is_for_administrators());
    let choice = |scope: Scope| {
        let hint = match scope {
            Scope::Read => "Read what every user reads.",
            Scope::Write => "Change what every user changes; read, too.",
            Scope::People => "Manage people, licenses and settings; read, too.",
            Scope::Scim => "Bring users and teams in and out by SCIM, and nothing else.",
            Scope::ScimCustomers => "Bring customers in and out by SCIM, and nothing else.",
            Scope::Webhooks => "Set up webhooks.",
        };
        Choice::new(scope.word(), scope.word(), typed.has("scope", scope.word())).with_hint(hint)
    };
    // What has not landed has no control.
    offered.map(choice).collect()
}

fn lives(service: bool, typed: &Typed<'_>) -> Vec<Choice> {
    let chosen = match typed.get("days") {
        "" => USUAL_DAYS.to_string(),
        days => days.to_owned(),
    };
    let mut lives: Vec<Choice> = [7, 30, USUAL_DAYS, 180, MOST_DAYS]
        .into_iter()
        .map(|days| Choice::new(days.to_string(), format!("{days} days"), chosen == days.to_string()))
        .collect();
    if service {
        lives.push(Choice::new("never", "Until it is revoked", chosen == "never"));
    }
    lives
}

/// The form that makes a token, one's own or of the workspace.
pub(super) fn form(frame: &Frame, service: bool, typed: &Typed<'_>) -> MakeToken {
    let wrong = &typed.wrong;
    MakeToken {
        action: if service { SETTINGS } else { OWN }.into(),
        guard: Guard::default(),
        id: made::id_to_draw(frame, typed.fields()),
        error: wrong.above(&["days", "id"]),
        such_as: "A name by which you know it again, as in Nightly report.",
        scopes_title: "Scopes",
        one_scope: false,
        name: wrong.field("name", typed.get("name")),
        scopes: scopes(frame.session.administers(), typed),
        scopes_error: wrong.message("scopes"),
        days: lives(service, typed),
        password: Field { error: wrong.message("password"), ..Field::default() },
        email: frame.session.check.email.clone(),
    }
}

/// What is read of a token that does not work.
pub(super) fn state(row: &TokenRow, now: jiff::Timestamp) -> Option<&'static str> {
    match (row.token.state(now), row.token.suspended) {
        (TokenState::Live, _) => None,
        (TokenState::Suspended, Some((_, Suspended::Deactivation))) => Some("Suspended with a deactivation"),
        (TokenState::Suspended, Some((_, Suspended::Backup))) => {
            Some("Suspended since a backup was restored")
        }
        (TokenState::Suspended, _) => Some("Suspended"),
        (TokenState::Expired, _) => Some("Expired"),
        (TokenState::Revoked, _) => Some("Revoked"),
    }
}

fn chip(person: &Beside) -> Chip {
    Chip::new(person.id.uuid(), &person.name)
        .with_picture(picture(person.id, person.picture.as_deref()))
        .deactivated(person.status == StatusWord::Deactivated)
        .looking(Look::Inline)
        .linked(USERS.person(person.id))
}

fn line((row, beside): &Listed, times: &Times, under: &str) -> TokenLine {
    let token = &row.token;
    let managed = under == SETTINGS;
    let owner_is_here = token.owner.person().is_none()
        || beside.as_ref().is_some_and(|person| person.status == StatusWord::Active);
    let word = match token.state(times.now()) {
        TokenState::Live => Some("Suspend"),
        TokenState::Suspended if owner_is_here => Some("Restore"),
        TokenState::Suspended | TokenState::Expired | TokenState::Revoked => None,
    };
    TokenLine {
        name: row.name.clone(),
        person: beside.as_ref().filter(|_| managed).map(chip),
        is_service: token.owner.person().is_none(),
        scopes: token.scopes.iter().map(Scope::word).collect(),
        state: state(row, times.now()),
        created: times.when(row.created),
        used: row.last_used.map(|at| times.when(at)),
        expires: token.expires.map(|at| times.soon(at)),
        revocation: format!("{under}/{}/revocation", token.id),
        suspension: word.filter(|_| managed).map(|word| (format!("{under}/{}/suspension", token.id), word)),
    }
}

async fn lines(app: &App, frame: &Frame, which: Which, under: &str) -> Result<Vec<TokenLine>> {
    let mut rx = app.store.reader().await?;
    let found = ops::tokens::list(&mut rx, &frame.session.ctx, which).await?;
    drop(rx);
    let times = frame.times();
    Ok(found.iter().map(|listed| line(listed, &times, under)).collect())
}

/// `GET /me/tokens`.
async fn own(State(app): State<App>, frame: Frame) -> Result<Response> {
    draw_own(&app, &frame, &Typed::default()).await
}

async fn draw_own(app: &App, frame: &Frame, typed: &Typed<'_>) -> Result<Response> {
    let page = OwnTokens {
        shell: frame.shell(Place::Me, "Your API tokens"),
        tokens: lines(app, frame, Which::Of(frame.session.person()), OWN).await?,
        make: form(frame, false, typed),
        base: (*frame.session.visit.base).to_owned(),
    };
    Ok(frame.draw_as(typed.wrong.status, &page))
}

/// `GET /settings/tokens`.
async fn settings(State(app): State<App>, frame: Frame) -> Result<Response> {
    draw_settings(&app, &frame, &Typed::default()).await
}

async fn draw_settings(app: &App, frame: &Frame, typed: &Typed<'_>) -> Result<Response> {
    let page = TokenSettings {
        shell: frame.shell(Place::Settings, "API tokens"),
        tokens: lines(app, frame, Which::Service, SETTINGS).await?,
        personal: lines(app, frame, Which::Personal, SETTINGS).await?,
        make: form(frame, true, typed),
        base: (*frame.session.visit.base).to_owned(),
    };
    Ok(frame.draw_as(typed.wrong.status, &page))
}

/// `POST /me/tokens`: `id`, `name`, `scope`, `days` and one's own `password`.
async fn make_own(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    match make(&app, &frame, &fields, Some(frame.session.person())).await {
        Ok(made) => answer(&app, &frame, made, (Place::Me, OWN)).await,
        Err(error) => draw_own(&app, &frame, &Typed::of(&fields, error)?).await,
    }
}

/// `POST /settings/tokens`, likewise.
async fn make_service(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    match make(&app, &frame, &fields, None).await {
        Ok(made) => answer(&app, &frame, made, (Place::Settings, SETTINGS)).await,
        Err(error) => draw_settings(&app, &frame, &Typed::of(&fields, error)?).await,
    }
}

/// Each refusal at the field that it is about.
fn placed(error: Error) -> Result<Refused> {
    Ok(match error.refusal() {
        Some(Refusal::WrongPassword) => Refused::of(error)?.at("password"),
        Some(Refusal::TokenNeedsScope) => Refused::of(error)?.at("scopes"),
        _ => Refused::of(error)?,
    })
}

/// Makes the token that a form asks for, with one's own password.
pub(super) async fn make(
    app: &App,
    frame: &Frame,
    fields: &Fields,
    person: Option<PersonId>,
) -> Result<(TokenId, Once<ops::tokens::Made>)> {
    let mut checked = Checked::default();
    let name = checked.read(Name::parse(fields.get("name"), &app.config.limits))?;
    let life = checked.read(life(fields.get("days")))?;
    let scopes: Option<_> = fields.all("scope").map(Scope::parse).collect();
    let scopes = checked.read(scopes.ok_or_else(|| Error::field("scopes", "There is no such scope.")))?;
    let scopes = match scopes {
        Some(scopes) => checked.read(one_directory(scopes))?,
        None => None,
    };
    let id: Option<TokenId> = checked.read(made::id_of(frame, fields))?;
    let (Some(name), Some(life), Some(scopes), Some(id)) = (name, life, scopes, id) else {
        return Err(checked.all());
    };
    let ctx = frame.session.ctx.clone();
    ops::sign_in::confirm(app, &ctx, fields.get("password")).await?;
    let input = Input::new(person, name, scopes, life);
    let made = app.store.write(async move |tx| ops::tokens::make_once(tx, &ctx, id, input.clone()).await);
    Ok((id, made.await?))
}

/// A directory brings users or customers: a token for both would do the one, and nothing for the other.
fn one_directory(scopes: Scopes) -> Result<Scopes> {
    let has = |wanted: Scope| scopes.iter().any(|scope| scope == wanted);
    if has(Scope::Scim) && has(Scope::ScimCustomers) {
        let words =
            "Choose one: a directory brings users and their teams, or customers. Make a token for each.";
        return Err(Error::field("scopes", words));
    }
    Ok(scopes)
}

/// The answer to a form that made a token, now or before.
pub(super) async fn answer(
    app: &App,
    frame: &Frame,
    (id, made): (TokenId, Once<ops::tokens::Made>),
    (place, list): (Place, &'static str),
) -> Result<Response> {
    let made = match made {
        Once::Now(made) => return Ok(shown(frame, &made, place, list)),
        Once::Before => ops::tokens::one(&mut app.store.reader().await?, &frame.session.ctx, id).await,
    };
    let title = match made {
        Ok(row) => format!("The token {} was made already", row.name),
        Err(Error::NotFound(_)) => "This token was made already".to_owned(),
        Err(error) => return Err(error),
    };
    let hint = "Whoever did not keep the secret revokes the token, and makes another.";
    let list = Link::new("To the tokens", list);
    Ok(made::already(frame, (place, title), hint, list, None))
}

fn life(typed: &str) -> Result<Life> {
    match typed {
        "" => Ok(Life::default()),
        "never" => Ok(Life::Forever),
        days => days.parse().map(Life::Days).map_err(|_| Error::field("days", "Choose how long it works.")),
    }
}

/// The answer is the only place where the token stands.
fn shown(frame: &Frame, made: &ops::tokens::Made, place: Place, done: &str) -> Response {
    let until = made.row.token.expires.map_or_else(
        || "It works until it is revoked.".to_owned(),
        |at| format!("It works until {}.", frame.times().when(at).exact),
    );
    let opens = if made.row.token.scopes.scim().is_some() { "/scim/v2/Users" } else { "/api/v1/me" };
    let page = TokenShown {
        shell: frame.shell(place, format!("The token {} is made", made.row.name)),
        done: done.into(),
        secret: made.secret.reveal(),
        until,
        example: format!("{}{opens}", frame.session.visit.base),
    };
    frame.draw_as(StatusCode::OK, &page)
}

fn id_of(text: &str) -> Result<TokenId> {
    text.parse().map_err(|_| Error::NotFound("API token"))
}

/// `GET /me/tokens/{id}/revocation`.
async fn ask_own(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    draw_revocation(&app, &frame, id_of(&id)?, (Place::Me, OWN)).await
}

/// `GET /settings/tokens/{id}/revocation`.
async fn ask(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    draw_revocation(&app, &frame, id_of(&id)?, (Place::Settings, SETTINGS)).await
}

async fn draw_revocation(
    app: &App,
    frame: &Frame,
    id: TokenId,
    (place, under): (Place, &str),
) -> Result<Response> {
    let mut rx = app.store.reader().await?;
    let row = ops::tokens::one(&mut rx, &frame.session.ctx, id).await?;
    drop(rx);
    let page = ConfirmDialog {
        shell: frame.shell(place, format!("Revoke the token {}?", row.name)),
        ask: Question {
            action: format!("{under}/{id}/revocation"),
            cancel: under.into(),
            guard: Guard::default(),
            ..Question::default()
        },
        effects: vec![
            "The next request with it is refused.".into(),
            "It does not come back: a program that still needs one gets a new token.".into(),
        ],
        button: "Revoke the token".into(),
        is_final: true,
    };
    Ok(frame.draw_as(StatusCode::OK, &page))
}

/// `POST /me/tokens/{id}/revocation`.
async fn revoke_own(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    do_revoke(&app, &frame, id_of(&id)?, OWN).await
}

/// `POST /settings/tokens/{id}/revocation`.
async fn revoke(State(app): State<App>, frame: Frame, Path(id): Path<String>) -> Result<Response> {
    do_revoke(&app, &frame, id_of(&id)?, SETTINGS).await
}

async fn do_revoke(app: &App, frame: &Frame, id: TokenId, under: &str) -> Result<Response> {
    let ctx = frame.session.ctx.clone();
    let changed = app.store.write(async move |tx| ops::tokens::revoke(tx, &ctx, id).await).await?;
    let told = if changed {
        Flash::done("The token is revoked.")
    } else {
        Flash::note("The token was revoked already.")
    };
    Ok(told.redirect(under))
}

/// `POST /settings/tokens/{id}/suspension`: `do` is `Suspend` or `Restore`.
async fn suspend(
    State(app): State<App>,
    frame: Frame,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    let (id, ctx, restores) = (id_of(&id)?, frame.session.ctx.clone(), fields.get("do") == "Restore");
    let done = app
        .store
        .write(async move |tx| {
            if restores {
                ops::tokens::restore(tx, &ctx, id).await
            } else {
                ops::tokens::suspend(tx, &ctx, id).await
            }
        })
        .await;
    let told = match (done, restores) {
        (Ok(true), true) => Flash::done("The token works again."),
        (Ok(true), false) => Flash::done("The token is suspended."),
        (Ok(false), true) => Flash::note("The token was not suspended."),
        (Ok(false), false) => Flash::note("The token was suspended already."),
        // Its owner was deactivated, or it was revoked, since the list was drawn.
        (Err(error), _) => Flash::note(Refused::of(error)?.error.unwrap_or_default()),
    };
    Ok(told.redirect(SETTINGS))
}
