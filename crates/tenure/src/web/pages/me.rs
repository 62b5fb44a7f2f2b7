//! One's own account at either door: profile, password, sessions.

use axum::{extract::State, http::StatusCode, response::Response};

use super::{device::session_row, form::Refused, frame::Frame, links::password_hint, words::count, zones};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        self,
        profile::{Input, Name},
    },
    store::{
        people::{self, PersonRow},
        sessions::SessionRow,
    },
    web::{
        fields::Fields,
        flash::Flash,
        view::{
            Choice, Field, Guard,
            account::{PasswordPage, ProfilePage, SessionsPage},
            shell::Place,
        },
    },
};

async fn own(app: &App, frame: &Frame) -> Result<PersonRow> {
    let mut rx = app.store.point().await?;
    let row = people::load(&mut rx, frame.session.ctx.workspace, frame.session.person()).await?;
    row.ok_or(Error::NotFound("person"))
}

/// The profile page as it is saved.
pub(in crate::web) async fn profile_page(app: &App, frame: &Frame) -> Result<ProfilePage> {
    let row = own(app, frame).await?;
    let most = app.config.limits.picture_bytes;
    Ok(ProfilePage {
        shell: frame.shell(Place::Me, "Your profile"),
        guard: Guard::default().at_version(row.person.version.to_string()),
        name: Field::new(&row.person.name),
        picture_hint: format!(
            "PNG, JPEG or WebP, up to {} and {} pixels wide and high.",
            super::picture::size(most),
            app.config.limits.picture_pixels
        ),
        removal: row.picture.is_some().then(Guard::default),
        ..settings(frame, [&row.language, &row.time_zone, &row.theme])
    })
}

/// The choices of the profile form.
fn settings(frame: &Frame, [language, time_zone, theme]: [&str; 3]) -> ProfilePage {
    let workspace = &frame.session.check.workspace;
    let as_workspace = |what: &str| Some(format!("As the workspace ({what})"));
    let theme = if theme.is_empty() { "system" } else { theme };
    let themes = [("system", "As the device"), ("light", "Light"), ("dark", "Dark")];
    ProfilePage {
        languages: zones::languages(language, as_workspace(zones::language(&workspace.language))),
        time_zones: zones::time_zones(time_zone, as_workspace(&workspace.time_zone)),
        themes: themes.map(|(word, label)| Choice::new(word, label, word == theme)).into(),
        ..ProfilePage::default()
    }
}

/// `GET` of the profile: `/me` at the desk, `/portal/profile` in the portal.
pub(in crate::web) async fn profile(State(app): State<App>, frame: Frame) -> Result<Response> {
    Ok(frame.draw(&profile_page(&app, &frame).await?))
}

/// `POST` of the profile.
pub(in crate::web) async fn save(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    match save_profile(&app, &frame, &fields).await {
        Ok(true) => Ok(Flash::done("Your profile is saved.").redirect(frame.session.side().profile())),
        Ok(false) => Ok(Flash::note("Nothing was changed.").redirect(frame.session.side().profile())),
        Err(error) => {
            let refused = Refused::of(error)?;
            let chosen = [fields.get("language"), fields.get("time_zone"), fields.get("theme")];
            let typed = settings(&frame, chosen);
            let page = ProfilePage {
                error: refused.above(&["language", "time_zone", "theme"]),
                name: refused.field("name", fields.get("name")),
                languages: typed.languages,
                time_zones: typed.time_zones,
                themes: typed.themes,
                ..profile_page(&app, &frame).await?
            };
            Ok(frame.draw_as(refused.status, &page))
        }
    }
}

async fn save_profile(app: &App, frame: &Frame, fields: &Fields) -> Result<bool> {
    let text = |name| fields.maybe(name).map(str::to_owned);
    let input = Input {
        name: fields.maybe("name").map(|name| Name::parse(name, &app.config.limits)).transpose()?,
        email: None,
        language: text("language"),
        time_zone: text("time_zone"),
        theme: text("theme"),
        version: fields.version(),
    };
    let (ctx, me) = (frame.session.ctx.clone(), frame.session.person());
    app.store.write(async move |tx| ops::profile::edit(tx, &ctx, me, input.clone()).await).await
}

/// The open sessions of the reader, this one first.
async fn open(app: &App, frame: &Frame) -> Result<Vec<SessionRow>> {
    let mut rx = app.store.reader().await?;
    let mut open = ops::sessions::list(&mut rx, &frame.session.ctx, frame.session.person()).await?;
    open.sort_by_key(|session| Some(session.id) != frame.session.check.session);
    Ok(open)
}

async fn password_page(app: &App, frame: &Frame) -> Result<PasswordPage> {
    let others = open(app, frame).await?.len().saturating_sub(1);
    let effect = match others {
        0 => None,
        1 => Some("Your other session ends.".to_owned()),
        others => Some(format!("Your {others} other sessions end.")),
    };
    Ok(PasswordPage {
        shell: frame.shell(Place::Me, "Your password"),
        password_hint: password_hint(),
        effect,
        ..PasswordPage::default()
    })
}

/// `GET` of the form for a new password.
pub(in crate::web) async fn password(State(app): State<App>, frame: Frame) -> Result<Response> {
    Ok(frame.draw(&password_page(&app, &frame).await?))
}

/// `POST` of a new password: every other session ends.
pub(in crate::web) async fn change_password(
    State(app): State<App>,
    frame: Frame,
    fields: Fields,
) -> Result<Response> {
    let (present, new) = (fields.get("current"), fields.get("password"));
    match ops::password::change(&app, &frame.session.ctx, present, new).await {
        Ok(ended) => {
            let ended = count(ended, "other session has", "other sessions have");
            Ok(Flash::done("Your password is changed.")
                .line(format!("{ended} ended."))
                .redirect(frame.session.side().password()))
        }
        Err(error) => {
            let refused = Refused::of(error)?;
            let page = PasswordPage {
                current: refused.field("present", ""),
                password: refused.field("password", ""),
                ..password_page(&app, &frame).await?
            };
            Ok(frame.draw_as(refused.status, &page))
        }
    }
}

/// `GET` of one's own sessions.
pub(in crate::web) async fn sessions(State(app): State<App>, frame: Frame) -> Result<Response> {
    let (times, check) = (frame.times(), &frame.session.check);
    let row = |session: &SessionRow| {
        session_row(session, check.workspace.sessions, &times, Some(session.id) == check.session)
    };
    let page = SessionsPage {
        shell: frame.shell(Place::Me, "Your sessions"),
        guard: Guard::default(),
        sessions: open(&app, &frame).await?.iter().map(row).collect(),
    };
    Ok(frame.draw_as(StatusCode::OK, &page))
}

/// `POST` of the list of sessions: ends one, or all others.
pub(in crate::web) async fn end_sessions(
    State(app): State<App>,
    frame: Frame,
    fields: Fields,
) -> Result<Response> {
    let (ctx, me) = (frame.session.ctx.clone(), frame.session.person());
    let here = frame.session.side().sessions();
    if fields.ticked("others") {
        let ended = app.store.write(async move |tx| ops::sessions::end_all(tx, &ctx, me).await).await?;
        let words = count(ended.ended, "other session has ended.", "other sessions have ended.");
        return Ok(Flash::done(words).redirect(here));
    }
    let session = fields.get("session").parse().map_err(|_| Error::NotFound("open session"))?;
    let ended = app.store.write(async move |tx| ops::sessions::end(tx, &ctx, me, session).await).await;
    let told = match ended {
        Ok(_) => Flash::done("The session has ended."),
        // A second click, or it ended by itself meanwhile: what was wanted is so.
        Err(Error::NotFound(_)) => Flash::note("This session had ended already."),
        Err(error) => return Err(error),
    };
    Ok(told.redirect(here))
}
