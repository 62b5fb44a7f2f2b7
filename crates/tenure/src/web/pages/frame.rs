//! What stands around every page, filled from the session that the request brought.

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::Response,
};
use domain::{
    apps::{self, Apps, Reader},
    person::Kind,
    role::Role,
};

use crate::{
    app::App,
    error::{Error, Result},
    store::{
        attention::{self, Waiting},
        item_people::Brief,
        people::PersonRow,
        workspaces::Workspace,
    },
    web::{
        flash,
        session::Session,
        side::Side,
        view::{
            self,
            chip::{Chip, Look},
            naming::{CUSTOMERS, USERS},
            shell::{Bare, Meter, Place, SettingsMarks, Shell, Signpost, Stop, Theme, Toast},
        },
        visit::Visit,
    },
};

/// The frame of the pages of somebody signed in: session, clock and what is to be told once.
#[derive(Debug, Clone)]
pub(in crate::web) struct Frame {
    /// Who is signed in.
    pub session: Session,
    /// What happened before, told once.
    toast: Option<Toast>,
    /// How many people wait for the reader, should they be an administrator.
    waiting: Waiting,
}

/// How far those who wait are counted for the rail, which then says "99+".
const WAITING: i64 = 100;

impl FromRequestParts<App> for Frame {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let session = Session::from_request_parts(parts, app).await?;
        let toast = flash::read(&parts.headers, session.side());
        let waiting = if session.administers() {
            let workspace = &session.check.workspace;
            let today = workspace.today(session.visit.now);
            attention::count(&mut app.store.point().await?, workspace.id, (session.visit.now, today), WAITING)
                .await?
        } else {
            Waiting::default()
        };
        Ok(Self { session, toast, waiting })
    }
}

impl Frame {
    /// The frame of somebody who looks at a page that is open to everybody, where nothing is told.
    #[must_use]
    pub(in crate::web) fn around(session: Session) -> Self {
        Self { session, toast: None, waiting: Waiting::default() }
    }

    /// The colours that the reader has chosen.
    #[must_use]
    pub(in crate::web) fn theme(&self) -> Theme {
        theme(&self.session.check.settings.2)
    }

    /// How many anonymous requests wait for review; known to administrators.
    #[must_use]
    pub(in crate::web) fn held(&self) -> i64 {
        self.waiting.requests
    }

    /// The shell of a page of this place.
    #[must_use]
    pub(in crate::web) fn shell(&self, place: Place, title: impl Into<String>) -> Shell {
        let check = &self.session.check;
        let administers = self.session.administers();
        let licenses = &check.workspace.licenses;
        let side = self.session.side();
        // The portal has no rail.
        let in_rail = |place: &Place| !side.is_portal() && (administers || place.is_for_members());
        let rail = Place::RAIL.into_iter().filter(in_rail);
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Shell {
            side,
            title: title.into(),
            workspace: check.workspace.name.clone(),
            lang: "en".into(),
            theme: self.theme(),
            me: Chip::new(check.person.uuid(), &check.name)
                .with_picture(self.own_picture())
                .looking(Look::Face),
            email: check.email.clone(),
            role: if side.is_portal() { String::new() } else { role(check.role).into() },
            place,
            settings: self.settings_marks(),
            rail: rail.map(|place| Stop { mark: self.mark(place), place }).collect(),
            meter: administers.then(|| Meter { used: count(licenses.used), owned: count(licenses.owned) }),
            may_invite: administers,
            ways: if side.is_portal() {
                let reader = Some((check.kind, check.status));
                signposts(check.workspace.apps, reader, "")
            } else {
                Vec::new()
            },
            toasts: self.toast.clone().into_iter().collect(),
            ..Shell::default()
        }
    }

    /// What the rail says beside a place: how many people or requests there wait for an administrator.
    fn mark(&self, place: Place) -> Option<String> {
        let waiting = match place {
            Place::Users => self.waiting.users,
            Place::Customers => self.waiting.customers,
            Place::Tickets => self.waiting.requests,
            Place::Settings => self.waiting.syncs + self.waiting.webhooks,
            _ => 0,
        };
        counted(waiting)
    }

    /// What the settings' tabs say of syncs and of webhooks.
    fn settings_marks(&self) -> SettingsMarks {
        SettingsMarks { syncs: counted(self.waiting.syncs), webhooks: counted(self.waiting.webhooks) }
    }

    /// The address of the reader's own picture: a customer sees no other.
    fn own_picture(&self) -> Option<String> {
        let check = &self.session.check;
        let side = self.session.side();
        if side.is_portal() {
            check.picture.as_ref().map(|digest| format!("{}?v={digest}", side.picture()))
        } else {
            picture(check.person, check.picture.as_deref())
        }
    }

    /// Draws a page; what was to be told once has then been told.
    pub(in crate::web) fn draw<T: askama::Template>(&self, page: &T) -> Response {
        self.draw_as(StatusCode::OK, page)
    }

    /// As [`Frame::draw`], with another status: a form that was refused.
    pub(in crate::web) fn draw_as<T: askama::Template>(&self, status: StatusCode, page: &T) -> Response {
        let mut response = view::page(status, page);
        if self.toast.is_some() {
            response.headers_mut().append(header::SET_COOKIE, flash::clear(self.session.side()));
        }
        response
    }

    /// How times are written for this reader.
    #[must_use]
    pub(in crate::web) fn times(&self) -> super::words::Times {
        super::words::Times::of(&self.session)
    }
}

/// A mark; none where nothing waits.
fn counted(waiting: i64) -> Option<String> {
    match waiting {
        0 => None,
        WAITING.. => Some(format!("{}+", WAITING - 1)),
        waiting => Some(waiting.to_string()),
    }
}

/// Where the pages for customers lead; `here` is the address of the app that is looked at.
pub(in crate::web) fn signposts(apps: Apps, reader: Reader, here: &str) -> Vec<Signpost> {
    let way = |label, href| Signpost { label, href, is_here: href == here };
    let customer = matches!(reader, Some((Kind::Customer, _))) && apps::may_use(ALWAYS, reader).is_ok();
    let mut ways = Vec::new();
    if customer {
        ways.push(way("My requests", Side::Portal.home()));
    }
    if apps.help.on && apps::may_use(apps.help, reader).is_ok() {
        ways.push(way("Help centre", super::help::HOME));
    }
    if apps.form.is_open() && !customer {
        ways.push(way("Send a request", super::help::FORM));
    }
    ways
}

/// The portal's own pages, as an app.
const ALWAYS: apps::App = apps::App { on: true, needs_login: true };

/// What stands around a page of somebody not signed in.
pub(in crate::web) async fn bare(app: &App, visit: &Visit, title: impl Into<String>) -> Result<Bare> {
    let mut rx = app.store.point().await?;
    let workspace = crate::store::workspaces::load(&mut rx, visit.workspace).await?;
    Ok(bare_of(&workspace, visit, title))
}

/// As [`bare`], where the workspace is known.
pub(in crate::web) fn bare_of(workspace: &Workspace, visit: &Visit, title: impl Into<String>) -> Bare {
    Bare {
        title: title.into(),
        workspace: workspace.name.clone(),
        lang: "en".into(),
        theme: Theme::System,
        side: visit.side(),
    }
}

/// The address of a person's picture, which changes with the picture.
#[must_use]
pub(in crate::web) fn picture(person: domain::id::PersonId, digest: Option<&str>) -> Option<String> {
    digest.map(|digest| format!("/pictures/{person}?v={digest}"))
}

/// The chip of a person.
#[must_use]
pub(in crate::web) fn chip(row: &PersonRow, look: Look) -> Chip {
    let person = &row.person;
    let deactivated = person.status.word() == domain::person::StatusWord::Deactivated;
    Chip::new(person.id.uuid(), &person.name)
        .with_picture(picture(person.id, row.picture.as_deref()))
        .deactivated(deactivated)
        .looking(look)
}

/// The chip of somebody in a list or a conversation. At the portal it leads nowhere and has no picture: a customer
/// sees no other's.
#[must_use]
pub(in crate::web) fn brief(brief: &Brief, look: Look, side: Side) -> Chip {
    let chip = Chip::new(brief.id.uuid(), &brief.name)
        .deactivated(brief.status == domain::person::StatusWord::Deactivated)
        .looking(look);
    if side.is_portal() {
        return chip;
    }
    chip.with_picture(picture(brief.id, brief.picture.as_deref())).linked(place_of(brief))
}

/// The page of somebody at the desk.
#[must_use]
pub(in crate::web) fn place_of(brief: &Brief) -> String {
    let app = match brief.kind {
        domain::person::Kind::User => USERS,
        domain::person::Kind::Customer => CUSTOMERS,
    };
    format!("{}/{}", app.path, brief.id)
}

/// What a role is called.
#[must_use]
pub(in crate::web) const fn role(role: Role) -> &'static str {
    match role {
        Role::Member => "Member",
        Role::Administrator => "Administrator",
        Role::Owner => "Owner",
    }
}

fn theme(word: &str) -> Theme {
    match word {
        "light" => Theme::Light,
        "dark" => Theme::Dark,
        _ => Theme::System,
    }
}
