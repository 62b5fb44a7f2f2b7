//! What every open page begins with: who looks, if that is known, and what stands around it.

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{
    Refusal,
    apps::{self, Reader},
    person::{Kind, StatusWord},
};

use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    store::workspaces::{self, Workspace},
    web::{
        pages::{
            frame::{Frame, signposts},
            words::Times,
        },
        session::{self, Known, Session},
        side::Side,
        view::{
            Link,
            shell::{Place, Shell},
        },
        visit::Visit,
    },
};

/// Whoever looks at an open page.
pub(super) struct Guest {
    pub(super) app: App,
    pub(super) visit: Visit,
    pub(super) workspace: Workspace,
    known: Known,
    /// The page's own address, for whoever is led to sign in and back.
    here: String,
}

impl FromRequestParts<App> for Guest {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let visit = Visit::from_request_parts(parts, app).await?;
        let known = session::known(app, &visit, &parts.headers).await?;
        let workspace = match &known {
            Known::Here(session) => session.check.workspace.clone(),
            _ => workspaces::load(&mut app.store.point().await?, visit.workspace).await?,
        };
        let here = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { app: app.clone(), visit, workspace, known, here })
    }
}

impl Guest {
    /// Who looks, as the rules see them.
    pub(super) fn reader(&self) -> Reader {
        match &self.known {
            Known::Nobody => None,
            Known::Gone(kind) => Some((*kind, StatusWord::Deactivated)),
            Known::Here(session) => Some((session.check.kind, session.check.status)),
        }
    }

    fn session(&self) -> Option<&Session> {
        match &self.known {
            Known::Here(session) => Some(session.as_ref()),
            Known::Nobody | Known::Gone(_) => None,
        }
    }

    /// Whether a user looks, who sees what customers do not see yet.
    pub(super) fn is_user(&self) -> bool {
        self.reader() == Some((Kind::User, StatusWord::Active))
    }

    /// Whether a customer looks who is signed in.
    pub(super) fn is_customer(&self) -> bool {
        self.reader() == Some((Kind::Customer, StatusWord::Active))
    }

    /// Where somebody is led, or what they are told, who may not use an app; `None` for who may.
    pub(super) fn elsewhere(&self, app: apps::App) -> Option<Response> {
        match apps::may_use(app, self.reader()) {
            Ok(()) => None,
            Err(Refusal::NotSignedIn) => {
                let next: String = form_urlencoded::byte_serialize(self.here.as_bytes()).collect();
                Some(Redirect::to(&format!("{}?next={next}", Side::Portal.sign_in())).into_response())
            }
            Err(refusal) => Some(Error::from(refusal).into_response()),
        }
    }

    /// The context for reading.
    pub(super) fn ctx(&self) -> Ctx {
        self.session().map_or_else(|| self.visit.ctx(&self.app), |session| session.ctx.clone())
    }

    /// How times are written for them.
    pub(super) fn times(&self) -> Times {
        let own = self.session().map_or("", |session| session.check.settings.1.as_str());
        Times::new(own, &self.workspace.time_zone, self.visit.now)
    }

    /// Where they can ask.
    pub(super) fn ask(&self) -> Option<Link> {
        let open = self.workspace.apps.form.is_open() && !self.is_customer();
        let way = if open { crate::web::pages::help::FORM } else { "/portal/requests/new" };
        (!self.is_user()).then(|| Link::new("Ask us", way))
    }

    /// What stands around a page; `here` is the address of its app.
    pub(super) fn shell(&self, here: &str, title: impl Into<String>) -> Shell {
        let ways = signposts(self.workspace.apps, self.reader(), here);
        let (corner, theme) = match self.session() {
            Some(session) if self.is_customer() => {
                let shell = Frame::around(session.clone()).shell(Place::Portal, title);
                return Shell { ways, ..shell };
            }
            Some(session) => {
                (Link::new("To the desk", Side::Desk.home()), Frame::around(session.clone()).theme())
            }
            None => (Link::new("Sign in", Side::Portal.sign_in()), crate::web::view::shell::Theme::System),
        };
        Shell {
            side: Side::Portal,
            title: title.into(),
            workspace: self.workspace.name.clone(),
            lang: "en".into(),
            theme,
            place: Place::Portal,
            ways,
            corner: Some(corner),
            ..Shell::default()
        }
    }
}
