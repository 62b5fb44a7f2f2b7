//! The two doors for people with a browser: the desk for users, the portal for customers. Whatever differs
//! between them by its address stands here, so that one handler and one template can serve both.

use domain::{actor::Door, person::Kind};

use crate::secret::{self, Secret};

/// A door for people with a browser.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Side {
    /// For users.
    #[default]
    Desk,
    /// For customers.
    Portal,
}

/// Whether an address leads to a page of this server. Browsers take a backslash for a slash, leave out tabs and line ends,
/// and take two slashes for the beginning of another host.
#[must_use]
pub(super) fn is_path_here(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains('\\')
        && !address.chars().any(char::is_control)
}

impl Side {
    /// Where people of a kind come in.
    #[must_use]
    pub const fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::User => Self::Desk,
            Kind::Customer => Self::Portal,
        }
    }

    /// To which a path belongs.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let below = |root: &str| {
            path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        };
        // The customer apps are the portal's, too: who has no account reads them as customers do.
        if ["/portal", "/help", "/request"].into_iter().any(below) { Self::Portal } else { Self::Desk }
    }

    /// Who comes in here.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Desk => Kind::User,
            Self::Portal => Kind::Customer,
        }
    }

    /// What the audit log calls it.
    #[must_use]
    pub const fn door(self) -> Door {
        match self {
            Self::Desk => Door::Page,
            Self::Portal => Door::Portal,
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Desk => Self::Portal,
            Self::Portal => Self::Desk,
        }
    }

    /// Whether it is the portal, for templates.
    #[must_use]
    pub const fn is_portal(self) -> bool {
        matches!(self, Self::Portal)
    }

    const fn choose(self, desk: &'static str, portal: &'static str) -> &'static str {
        match self {
            Self::Desk => desk,
            Self::Portal => portal,
        }
    }

    /// Its first page.
    #[must_use]
    pub const fn home(self) -> &'static str {
        self.choose("/mine", "/portal")
    }

    /// Signing in.
    #[must_use]
    pub const fn sign_in(self) -> &'static str {
        self.choose("/sign-in", "/portal/sign-in")
    }

    /// Signing out.
    #[must_use]
    pub const fn sign_out(self) -> &'static str {
        self.choose("/sign-out", "/portal/sign-out")
    }

    /// Asking for a return.
    #[must_use]
    pub const fn return_requests(self) -> &'static str {
        self.choose("/return-requests", "/portal/return-requests")
    }

    /// One's own profile.
    #[must_use]
    pub const fn profile(self) -> &'static str {
        self.choose("/me", "/portal/profile")
    }

    /// One's own picture.
    #[must_use]
    pub const fn picture(self) -> &'static str {
        self.choose("/me/picture", "/portal/profile/picture")
    }

    /// Taking one's own picture away.
    #[must_use]
    pub const fn picture_removal(self) -> &'static str {
        self.choose("/me/picture/removal", "/portal/profile/picture/removal")
    }

    /// One's own password.
    #[must_use]
    pub const fn password(self) -> &'static str {
        self.choose("/me/password", "/portal/profile/password")
    }

    /// One's own sessions.
    #[must_use]
    pub const fn sessions(self) -> &'static str {
        self.choose("/me/sessions", "/portal/sessions")
    }
}

/// The path under which a link of a person of this kind is opened: the one place that says so. `secret` is an
/// invitation or a set-password link; anything else leads to the sign-in and is kept out of the address.
#[must_use]
pub fn link(kind: Kind, secret: &Secret) -> String {
    let side = Side::of_kind(kind);
    let before = match secret.kind() {
        secret::Kind::Invitation => side.choose("/invitation/", "/portal/invitations/"),
        secret::Kind::PasswordLink => side.choose("/password/", "/portal/set-password/"),
        secret::Kind::Session | secret::Kind::ApiToken | secret::Kind::ReturnTicket => {
            return side.sign_in().to_owned();
        }
    };
    format!("{before}{}", secret.reveal())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::Sys;

    #[test]
    fn a_path_leads_nowhere_else_however_a_browser_reads_it() {
        for here in ["/", "/users?q=a%5Cb", "/items/1#last", "/.//x"] {
            assert!(is_path_here(here), "{here:?}");
        }
        for elsewhere in [
            "",
            "users",
            "//x.org",
            "/\\x.org",
            "/\t/x.org",
            "/\n/x.org",
            "\t//x.org",
            "https://x.org",
            "/\u{85}",
        ] {
            assert!(!is_path_here(elsewhere), "{elsewhere:?}");
        }
    }

    #[test]
    fn a_path_belongs_to_the_portal_only_when_its_first_part_is_the_portals_or_a_customer_apps() {
        for path in
            ["/portal", "/portal/sign-in", "/portal?x=1", "/portal/", "/help", "/help/x", "/request?sent=1"]
        {
            assert_eq!(Side::of_path(path), Side::Portal, "{path}");
        }
        for path in ["/", "/users", "/portals", "/users/portal", "/helper", "/requests", "/articles", ""] {
            assert_eq!(Side::of_path(path), Side::Desk, "{path}");
        }
    }

    #[test]
    fn each_kind_has_paths_of_its_own_side() {
        for side in [Side::Desk, Side::Portal] {
            assert_eq!(Side::of_kind(side.kind()), side);
            assert_ne!(side.other(), side);
            for path in [
                side.home(),
                side.sign_in(),
                side.sign_out(),
                side.return_requests(),
                side.profile(),
                side.picture(),
                side.picture_removal(),
                side.password(),
                side.sessions(),
            ] {
                assert_eq!(Side::of_path(path), side, "{path}");
            }
        }
    }

    #[test]
    fn a_link_leads_to_the_door_of_its_person_and_only_links_stand_in_addresses() {
        let sys = Sys::real();
        for kind in [Kind::User, Kind::Customer] {
            for of in secret::Kind::ALL {
                let secret = Secret::new(&sys, of);
                let path = link(kind, &secret);
                assert_eq!(Side::of_path(&path), Side::of_kind(kind), "{path}");
                let opens = matches!(of, secret::Kind::Invitation | secret::Kind::PasswordLink);
                assert_eq!(path.ends_with(&secret.reveal()), opens, "{path}");
            }
        }
    }
}
