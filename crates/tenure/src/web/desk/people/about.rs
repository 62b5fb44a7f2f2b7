//! What every question about a person begins with: who it is, who asks, and where one came from.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
    response::Response,
};
use domain::{Refusal, actor::Authority, id::PersonId, license::Licenses, person::StatusWord};

use super::{back::Back, license};
use crate::{
    app::App,
    ctx::Ctx,
    error::{Error, Result},
    store::{
        Rx,
        people::{self, PersonRow},
    },
    web::{
        desk::{
            form::{Refused, concerns_the_actor},
            frame::{Frame, chip},
            words,
        },
        failure,
        fields::Fields,
        flash::Flash,
        session::Session,
        view::{
            Guard, Link, When,
            chip::{Chip, Look},
            dialogs::{NoticeDialog, Question},
            naming::{CUSTOMERS, Naming, USERS},
            people::Action,
            shell::{Place, Shell},
        },
    },
};

/// The app that the address is of.
impl<S: Send + Sync> FromRequestParts<S> for &'static Naming {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let rest = parts.uri.path().strip_prefix(CUSTOMERS.path);
        let customers = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        Ok(if customers { CUSTOMERS } else { USERS })
    }
}

/// The id in the address; what is no id names nobody.
pub(super) struct Id(pub PersonId);

impl FromRequestParts<App> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let Ok(naming) = <&Naming>::from_request_parts(parts, app).await;
        let nobody = || Error::NotFound(naming.one);
        let Path(text) = Path::<String>::from_request_parts(parts, app).await.map_err(|_| nobody())?;
        text.parse().map(Self).map_err(|_| nobody())
    }
}

/// The signed-in person as the rules see them, for menus and dialogs that offer only what is possible.
pub(super) async fn authority(rx: &mut Rx, session: &Session) -> Result<Authority> {
    let ctx = &session.ctx;
    let me = people::load(rx, ctx.workspace, session.person()).await?;
    Ok(Authority {
        actor: ctx.actor.clone(),
        person: me.map(|row| row.person),
        token: None,
        door: session.ctx.door,
    })
}

/// A person that a dialog is about: of the kind whose app the address is of.
pub(super) struct About {
    /// The program.
    pub app: App,
    /// What stands around the page.
    pub frame: Frame,
    /// The words and addresses of the app.
    pub naming: &'static Naming,
    /// The person.
    pub row: PersonRow,
    /// Where one came from.
    pub back: Back,
}

impl FromRequestParts<App> for About {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let frame = Frame::from_request_parts(parts, app).await?;
        let Ok(naming) = <&Naming>::from_request_parts(parts, app).await;
        let Id(id) = Id::from_request_parts(parts, app).await?;
        let back = Back::of(naming, parts)?;
        let mut rx = app.store.point().await?;
        let row = people::load(&mut rx, frame.session.visit.workspace, id).await?;
        let row = row.filter(|row| row.person.kind == naming.kind).ok_or(Error::NotFound(naming.one))?;
        Ok(Self { app: app.clone(), frame, naming, row, back })
    }
}

impl About {
    /// The id.
    pub(super) fn id(&self) -> PersonId {
        self.row.person.id
    }

    /// The name.
    pub(super) fn name(&self) -> &str {
        &self.row.person.name
    }

    /// Whether the account is deactivated.
    pub(super) fn is_deactivated(&self) -> bool {
        self.row.person.status.word() == StatusWord::Deactivated
    }

    /// How the person is drawn.
    pub(super) fn chip(&self) -> Chip {
        chip(&self.row, Look::Inline)
    }

    /// The context for ops.
    pub(super) fn ctx(&self) -> Ctx {
        self.frame.session.ctx.clone()
    }

    /// The signed-in person as the rules see them.
    pub(super) async fn authority(&self) -> Result<Authority> {
        authority(&mut self.app.store.point().await?, &self.frame.session).await
    }

    /// The licenses as of this request.
    pub(super) fn licenses(&self) -> &Licenses {
        &self.frame.session.check.workspace.licenses
    }

    /// The shell, whose title is the dialog's heading.
    pub(super) fn shell(&self, title: impl Into<String>) -> Shell {
        self.frame.shell(Place::of(self.naming), title)
    }

    /// The page of an action on this person, which leads back in the end.
    pub(super) fn path(&self, action: Action) -> String {
        self.back.action(action, self.id())
    }

    /// What every question about this person has.
    pub(super) fn question(&self, action: Action, wrong: &Refused) -> Question {
        Question {
            action: self.path(action),
            cancel: self.cancel(),
            guard: self.guard(),
            person: Some(self.chip()),
            error: wrong.error.clone(),
        }
    }

    /// Where "Cancel" leads.
    pub(super) fn cancel(&self) -> String {
        self.back.path().to_owned()
    }

    /// Ties a form to the person as shown.
    pub(super) fn guard(&self) -> Guard {
        at_version(self.row.person.version)
    }

    /// Refuses a form that was made from an older state, for ops that leave it to the rules alone.
    pub(super) fn fresh(&self, fields: &Fields) -> Result<()> {
        match fields.version() {
            Some(version) if version != self.row.person.version => Err(Error::Stale),
            _ => Ok(()),
        }
    }

    /// A moment with its time, where "in 7 days" would not fit the sentence.
    pub(super) fn exactly(&self, at: jiff::Timestamp) -> When {
        exactly(&self.frame, at)
    }

    /// Tells what was done on the page one came from.
    pub(super) fn told(&self, flash: Flash) -> Response {
        flash.redirect(self.back.path())
    }

    /// "All 10 licenses are in use." and what adding one means.
    pub(super) fn add_license(&self) -> Option<crate::web::view::dialogs::AddLicense> {
        license::add(self.licenses())
    }

    /// What cannot be done, and the ways on; what no page can help with is handed back.
    pub(super) fn impossible(&self, error: Error, wrong: &Refused) -> Result<Response> {
        match error.refusal() {
            None => Err(error),
            Some(refusal) if concerns_the_actor(refusal) => Err(error),
            // Opening the question is no error; having sent its form is.
            Some(_) if !wrong.was_sent() => Ok(self.impossible_as(StatusCode::OK, &error)),
            Some(_) => Ok(self.impossible_as(failure::status(&error), &error)),
        }
    }

    fn impossible_as(&self, status: StatusCode, error: &Error) -> Response {
        let words = error.to_string();
        // The first sentence says what, the others what to do.
        let (title, text) =
            words.split_once(". ").unwrap_or((words.trim_end_matches('.'), "Nothing was changed."));
        self.notice(status, title, text, error.refusal().map_or_else(Vec::new, |no| self.ways(no)))
    }

    /// A plain notice about this person.
    pub(super) fn notice(
        &self,
        status: StatusCode,
        title: &str,
        text: impl Into<String>,
        ways: Vec<Link>,
    ) -> Response {
        let page = NoticeDialog {
            shell: self.shell(title),
            cancel: self.cancel(),
            person: Some(self.chip()),
            text: text.into(),
            ways,
        };
        self.frame.draw_as(status, &page)
    }

    /// What helps with a refusal.
    fn ways(&self, refusal: &Refusal) -> Vec<Link> {
        match refusal {
            Refusal::DeactivateOwner | Refusal::DeleteOwner | Refusal::OwnerByTransferOnly
                if self.frame.session.is_owner() =>
            {
                vec![Link::new("Transfer ownership", "/settings/ownership")]
            }
            Refusal::DeleteAdministrator => vec![self.way(Action::Role)],
            Refusal::InvitedIsWithdrawn => vec![self.way(Action::Withdraw)],
            Refusal::InvitedIsSentAgain => vec![self.way(Action::SendAgain)],
            Refusal::DeactivatedGetsNoLink
            | Refusal::DeactivatedGetsNothingNew
            | Refusal::AddressOfDeactivated { .. } => {
                vec![self.way(Action::Activate)]
            }
            _ => Vec::new(),
        }
    }

    /// A link to another question about this person.
    pub(super) fn way(&self, action: Action) -> Link {
        Link::new(action.label(), self.path(action))
    }
}

/// Ties a form to a version.
pub(super) fn at_version(version: i64) -> Guard {
    Guard::default().at_version(version.to_string())
}

/// A moment as date and time.
pub(super) fn exactly(frame: &Frame, at: jiff::Timestamp) -> When {
    let times = frame.times();
    let mut when = times.when(at);
    let date = times.zone().to_datetime(at).date();
    when.text = format!("{}, {}", words::date(date), times.clock(at));
    when
}
