//! Sign-in, invitation, one's own account, and errors.

use axum::http::StatusCode;
use tenure::web::side::Side;
use tenure::web::view::account::{
    Ask, DeactivatedPage, InvitationPage, PasswordPage, ProfilePage, RefusedWritePage, SessionRow,
    SessionsPage, SetPasswordPage, SignInPage, Typed,
};
use tenure::web::view::error::ErrorPage;
use tenure::web::view::portal::{RegisterPage, RegisteredPage};
use tenure::web::view::shell::{Bare, Place, Shell};
use tenure::web::view::tokens::{MakeToken, OwnTokens, TokenLine};
use tenure::web::view::{Choice, Field, Link};

use super::{Sample, sample};
use crate::templates::HOSTILE;
use crate::templates::people::{bare, guard, hostile, shell, when};

const HINT: &str = "At least 12 characters. A few words that do not belong together are good.";

pub(super) fn all() -> Vec<Sample> {
    let mut all = vec![
        sample("sign-in", &sign_in(None), &["Sign in", "Acme", "current-password"]),
        sample(
            "portal-sign-in",
            &portal_sign_in(),
            &[
                "Sign in to the portal",
                "/portal/register",
                "Sign in at the desk",
                "action=\"/portal/sign-in\"",
            ],
        ),
        sample(
            "portal-register",
            &RegisterPage {
                bare: Bare { side: Side::Portal, ..bare("Register") },
                email: Field::new(HOSTILE).with_error("This is no address."),
                ..RegisterPage::default()
            },
            &["Register", "This is no address.", "/portal/sign-in"],
        ),
        sample(
            "portal-registered",
            &RegisteredPage { bare: Bare { side: Side::Portal, ..bare("You have asked for an account") } },
            &["You have asked for an account"],
        ),
        sample(
            "portal-profile",
            &ProfilePage { shell: in_portal("Your profile"), ..profile() },
            &[
                "action=\"/portal/profile\"",
                "action=\"/portal/profile/picture\"",
                "action=\"/portal/sign-out\"",
            ],
        ),
        sample(
            "portal-password",
            &PasswordPage { shell: in_portal("Your password"), ..password() },
            &["action=\"/portal/profile/password\""],
        ),
        sample(
            "portal-sessions",
            &SessionsPage { shell: in_portal("Your sessions"), ..own_sessions() },
            &["action=\"/portal/sessions\"", "End all others"],
        ),
        sample(
            "sign-in-refused",
            &sign_in(Some("The address or the password is not right.")),
            &["not right"],
        ),
        sample(
            "deactivated",
            &deactivated(Ask::Offer { guard: guard(), proof: "p".into() }),
            &["This account is deactivated", "Ask for a return"],
        ),
        sample("deactivated-sent", &deactivated(Ask::Sent), &["Asked."]),
        sample(
            "deactivated-again",
            &deactivated(Ask::AlreadySent { again: when("tomorrow at 14:32") }),
            &["tomorrow at 14:32"],
        ),
        sample("invitation", &invitation(), &["Accept the invitation", "At least 12 characters"]),
        sample("set-password", &set_password(), &["Set the password", "too easy"]),
        sample("refused-write", &refused_write(), &["Nothing was sent", "Copy"]),
        sample("me", &profile(), &["Remove the picture", "Time zone", "Colours"]),
        sample("me-password", &password(), &["Present password", "other sessions end"]),
        sample(
            "me-tokens",
            &own_tokens(),
            &["Make the token", "never used", "Suspended", "Authorization: Bearer"],
        ),
        sample(
            "me-tokens-none",
            &OwnTokens { tokens: Vec::new(), ..own_tokens() },
            &["You have none.", "curl"],
        ),
        sample("me-sessions", &own_sessions(), &["This one", "End all others"]),
    ];
    for status in [403, 404, 409, 413, 422, 429, 500] {
        let status = StatusCode::from_u16(status).expect("a status");
        let page = ErrorPage::of(status, bare("")).of_request("0190a7c2-41de");
        all.push(sample(&format!("error-{}", status.as_u16()), &page, &["0190a7c2-41de", "Go to My work"]));
    }
    all
}

fn sign_in(error: Option<&str>) -> SignInPage {
    SignInPage {
        bare: bare("Sign in"),
        guard: guard(),
        email: Field::new(if error.is_some() { HOSTILE } else { "" }),
        error: error.map(Into::into),
        note: None,
        next: "/users".into(),
        ..SignInPage::default()
    }
}

fn portal_sign_in() -> SignInPage {
    SignInPage {
        bare: Bare { side: Side::Portal, ..bare("Sign in") },
        signed_in_elsewhere: true,
        other_door: true,
        registration: true,
        ..sign_in(None)
    }
}

/// The shell of the portal.
pub(super) fn in_portal(title: &str) -> Shell {
    Shell { side: Side::Portal, role: String::new(), ..shell(title, Place::Portal) }
}

fn deactivated(ask: Ask) -> DeactivatedPage {
    DeactivatedPage { bare: bare("This account is deactivated"), ask }
}

fn invitation() -> InvitationPage {
    InvitationPage {
        bare: bare("Welcome"),
        action: "/invitation/9fQ2".into(),
        guard: guard(),
        email: "dorothy@acme.example".into(),
        name: Field::new(HOSTILE),
        password: Field::default(),
        password_hint: HINT.into(),
    }
}

fn set_password() -> SetPasswordPage {
    SetPasswordPage {
        bare: bare("Set a password"),
        action: "/password/9fQ2".into(),
        guard: guard(),
        email: "grace@acme.example".into(),
        password: Field::default().with_error("This password is too easy to guess."),
        password_hint: HINT.into(),
    }
}

fn refused_write() -> RefusedWritePage {
    RefusedWritePage {
        bare: bare("You were signed out"),
        text: "Nothing was sent. Here is what you typed, so that you can copy it.".into(),
        typed: vec![
            Typed { label: "Name".into(), text: HOSTILE.into() },
            Typed { label: "Reason".into(), text: "</textarea><b>On leave\nuntil March</b>".into() },
        ],
        way: Some(Link::new("Sign in again", "/sign-in")),
    }
}

fn profile() -> ProfilePage {
    ProfilePage {
        shell: shell("Your profile", Place::Me),
        guard: guard(),
        error: None,
        name: Field::new("Grace Hopper"),
        languages: vec![Choice::new("en", "English", true)],
        time_zones: vec![
            Choice::new("Europe/Berlin", "Europe/Berlin", true),
            Choice::new("UTC", "UTC", false),
        ],
        themes: vec![
            Choice::new("system", "As the device", true),
            Choice::new("light", "Light", false),
            Choice::new("dark", "Dark", false),
        ],
        picture_guard: guard(),
        picture_error: Some("This is no picture that can be read.".into()),
        picture_hint: "PNG, JPEG or WebP, up to 5 MB.".into(),
        removal: Some(guard()),
    }
}

fn password() -> PasswordPage {
    PasswordPage {
        shell: shell("Change password", Place::Me),
        guard: guard(),
        current: Field::default().with_error("This is not your present password."),
        password: Field::default(),
        password_hint: HINT.into(),
        effect: Some("Your 2 other sessions end.".into()),
    }
}

pub(super) fn sessions() -> Vec<SessionRow> {
    let row = |id: &str, device: &str, current| SessionRow {
        id: id.into(),
        device: device.into(),
        address: "192.0.2.7".into(),
        started: when("3 days ago"),
        used: when("2 minutes ago"),
        ends: when("in 27 days"),
        current,
    };
    vec![row("1", "Firefox on Linux", true), row("2", "Safari on iPhone", false), row("3", HOSTILE, false)]
}

/// A token that works, one that does not, and one with a hostile name.
pub(super) fn tokens(managed: bool) -> Vec<TokenLine> {
    let line = |name: &str, state| TokenLine {
        name: name.into(),
        person: managed.then(hostile),
        is_service: managed,
        scopes: vec!["read", "write"],
        state,
        created: when("3 days ago"),
        used: None,
        expires: Some(when("in 87 days")),
        revocation: "/me/tokens/1/revocation".into(),
        suspension: managed.then(|| ("/settings/tokens/1/suspension".into(), "Suspend")),
    };
    let used = TokenLine { used: Some(when("a minute ago")), expires: None, ..line("Nightly report", None) };
    vec![used, line(HOSTILE, Some("Suspended with a deactivation")), line("Old", Some("Expired"))]
}

pub(super) fn make_token() -> MakeToken {
    MakeToken {
        action: "/me/tokens".into(),
        id: "01960000-0000-7000-8000-000000000001".into(),
        such_as: "A name by which you know it again.",
        scopes_title: "Scopes",
        name: Field::new(HOSTILE).with_error("This is too long."),
        scopes: vec![Choice::new("read", "read", true).with_hint("Read what every user reads.")],
        scopes_error: Some("Choose at least one scope.".into()),
        days: vec![Choice::new("90", "90 days", true)],
        password: Field::default().with_error("The password is not right."),
        ..MakeToken::default()
    }
}

fn own_tokens() -> OwnTokens {
    OwnTokens {
        shell: shell("Your API tokens", Place::Me),
        tokens: tokens(false),
        make: make_token(),
        base: "https://desk.acme.example".into(),
    }
}

fn own_sessions() -> SessionsPage {
    SessionsPage { shell: shell("Your sessions", Place::Me), guard: guard(), sessions: sessions() }
}
