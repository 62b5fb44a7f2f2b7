//! Signing in, accepting an invitation, and one's own account.

use askama::Template;

use super::shell::{Bare, Shell, Signpost};
use super::{Choice, Field, Guard, Link, When};

/// `/sign-in`, `/portal/sign-in`. Fields: `email`, `password`, `next`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "account/sign_in.html")]
pub struct SignInPage {
    /// What stands around it.
    pub bare: Bare,
    /// The form's guard.
    pub guard: Guard,
    /// The address as typed.
    pub email: Field,
    /// Why it failed: the same words whatever the cause.
    pub error: Option<String>,
    /// What happened before: "You are signed out."
    pub note: Option<String>,
    /// Where to go afterwards, a path of this door.
    pub next: String,
    /// Whether this browser is signed in at the other door.
    pub signed_in_elsewhere: bool,
    /// Whether the other door is named.
    pub other_door: bool,
    /// Whether customers may register themselves.
    pub registration: bool,
    /// What is open without signing in.
    pub open_apps: Vec<Signpost>,
}

/// What right credentials of a deactivated account get. The button posts to the door's `return-requests`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "account/deactivated.html")]
pub struct DeactivatedPage {
    /// What stands around it.
    pub bare: Bare,
    /// Whether one can ask now.
    pub ask: Ask,
}

/// Whether a deactivated person can ask to return.
#[derive(Clone, Debug)]
pub enum Ask {
    /// Yes, with the form's guard and the proof (field `proof`) that the credentials were right.
    Offer {
        /// The form's guard.
        guard: Guard,
        /// A short-lived proof that stands for the credentials.
        proof: String,
    },
    /// It was sent just now.
    Sent,
    /// It was sent within the last day.
    AlreadySent {
        /// When one can ask again: "tomorrow at 14:32".
        again: When,
    },
}

impl Default for Ask {
    fn default() -> Self {
        Self::Offer { guard: Guard::default(), proof: String::new() }
    }
}

/// `/invitation/{token}`, `/portal/invitations/{token}`. Fields: `name`, `password`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "account/invitation.html")]
pub struct InvitationPage {
    /// What stands around it.
    pub bare: Bare,
    /// Where the form posts to.
    pub action: String,
    /// The form's guard.
    pub guard: Guard,
    /// The invited address.
    pub email: String,
    /// The name, which can be mended.
    pub name: Field,
    /// The password to set.
    pub password: Field,
    /// "At least 12 characters. …"
    pub password_hint: String,
}

/// `/password/{token}`, `/portal/set-password/{token}`. Field: `password`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "account/set_password.html")]
pub struct SetPasswordPage {
    /// What stands around it.
    pub bare: Bare,
    /// Where the form posts to.
    pub action: String,
    /// The form's guard.
    pub guard: Guard,
    /// Whose password it is.
    pub email: String,
    /// The password to set.
    pub password: Field,
    /// "At least 12 characters. …"
    pub password_hint: String,
}

/// A refused write: someone's page was open while their session ended or their account was deactivated.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "account/refused_write.html")]
pub struct RefusedWritePage {
    /// What stands around it; the title says why ("You were signed out").
    pub bare: Bare,
    /// "Nothing was sent. Here is what you typed, to copy it."
    pub text: String,
    /// What was typed, field by field, without secrets and hidden fields.
    pub typed: Vec<Typed>,
    /// The way on: sign in again, or back.
    pub way: Option<Link>,
}

/// One field that was typed.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The field's label.
    pub label: String,
    /// What stood in it.
    pub text: String,
}

/// `/me`, `/portal/profile`. Three forms: profile (POST to the same: `name`, `language`, `time_zone`, `theme`), picture
/// (POST `…/picture`, multipart: `picture`) and its removal (POST `…/picture/removal`).
#[derive(Clone, Debug, Default, Template)]
#[template(path = "account/profile.html")]
pub struct ProfilePage {
    /// What stands around it.
    pub shell: Shell,
    /// The profile form's guard, at the version of the profile.
    pub guard: Guard,
    /// Why nothing was saved.
    pub error: Option<String>,
    /// The name.
    pub name: Field,
    /// Languages there are.
    pub languages: Vec<Choice>,
    /// Time zones there are.
    pub time_zones: Vec<Choice>,
    /// As the device, light, dark.
    pub themes: Vec<Choice>,
    /// The picture form's guard.
    pub picture_guard: Guard,
    /// What is wrong with the picture sent.
    pub picture_error: Option<String>,
    /// "PNG, JPEG or WebP, up to 5 MB."
    pub picture_hint: String,
    /// The removal's guard; `None` when there is no picture.
    pub removal: Option<Guard>,
}

/// `/me/password`, `/portal/profile/password`. Fields: `current`, `password`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "account/password.html")]
pub struct PasswordPage {
    /// What stands around it.
    pub shell: Shell,
    /// The form's guard.
    pub guard: Guard,
    /// The present password.
    pub current: Field,
    /// The new one.
    pub password: Field,
    /// "At least 12 characters. …"
    pub password_hint: String,
    /// "Your 2 other sessions end."
    pub effect: Option<String>,
}

/// `/me/sessions`, `/portal/sessions`. POST fields: `session` (one id) or `others`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "account/sessions.html")]
pub struct SessionsPage {
    /// What stands around it.
    pub shell: Shell,
    /// The form's guard.
    pub guard: Guard,
    /// The open sessions, this one first.
    pub sessions: Vec<SessionRow>,
}

impl SessionsPage {
    #[expect(clippy::unused_self, reason = "the frame asks the page it frames")]
    fn here(&self) -> &'static str {
        "sessions"
    }

    fn has_others(&self) -> bool {
        self.sessions.iter().any(|session| !session.current)
    }
}

/// One open session.
#[derive(Clone, Debug, Default)]
pub struct SessionRow {
    /// The id that is sent to end it.
    pub id: String,
    /// "Firefox on Linux".
    pub device: String,
    /// The address it came from.
    pub address: String,
    /// When it began.
    pub started: When,
    /// When it was last used.
    pub used: When,
    /// When it ends by itself.
    pub ends: When,
    /// Whether it is the reader's own, now.
    pub current: bool,
}

impl ProfilePage {
    #[expect(clippy::unused_self, reason = "the frame asks the page it frames")]
    fn here(&self) -> &'static str {
        "profile"
    }
}

impl PasswordPage {
    #[expect(clippy::unused_self, reason = "the frame asks the page it frames")]
    fn here(&self) -> &'static str {
        "password"
    }
}
