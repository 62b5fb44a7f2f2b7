//! API tokens: one's own, the workspace's, and the one that was just made.

use askama::Template;

use super::chip::Chip;
use super::shell::Shell;
use super::{Choice, Field, Guard, Link, When};

/// A token in a list.
#[derive(Clone, Debug, Default)]
pub struct TokenLine {
    /// What its maker called it.
    pub name: String,
    /// Whose it is, or who made it; `None` in a list of one's own, and where nobody is left.
    pub person: Option<Chip>,
    /// Whether that person made it, and it is the workspace's.
    pub is_service: bool,
    /// What it is for.
    pub scopes: Vec<&'static str>,
    /// "Suspended with its owner's deactivation", "Expired"; `None` while it works.
    pub state: Option<&'static str>,
    /// When it was made.
    pub created: When,
    /// When it was last used; `None` when it never was.
    pub used: Option<When>,
    /// When its time is over; `None` when it lives until it is revoked.
    pub expires: Option<When>,
    /// Where it is revoked.
    pub revocation: String,
    /// Where it is suspended or restored, and the button's word; `None` where that cannot be done.
    pub suspension: Option<(String, &'static str)>,
}

/// The form that makes a token. Fields: `id`, `name`, `scope` (repeated), `days`, `password`.
#[derive(Clone, Debug, Default)]
pub struct MakeToken {
    /// Where it is sent.
    pub action: String,
    /// The form's guard.
    pub guard: Guard,
    /// The id of what is to be made: a form that is sent again makes nothing again.
    pub id: String,
    /// Why nothing was made.
    pub error: Option<String>,
    /// What to call it.
    pub name: Field,
    /// How such a name goes on: "a name by which you know it again, as in …".
    pub such_as: &'static str,
    /// What the scopes are called.
    pub scopes_title: &'static str,
    /// Whether there is one scope, and never two.
    pub one_scope: bool,
    /// What it may be for.
    pub scopes: Vec<Choice>,
    /// What is wrong with what it is for.
    pub scopes_error: Option<String>,
    /// How long it may live.
    pub days: Vec<Choice>,
    /// One's own password.
    pub password: Field,
    /// Whose name a password manager fills in.
    pub email: String,
}

/// `/me/tokens`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "account/tokens.html")]
pub struct OwnTokens {
    /// What stands around it.
    pub shell: Shell,
    /// One's own, the newest first.
    pub tokens: Vec<TokenLine>,
    /// The form for one more.
    pub make: MakeToken,
    /// Where the API is, for the example.
    pub base: String,
}

impl OwnTokens {
    #[expect(clippy::unused_self, reason = "the frame asks the page it frames")]
    fn here(&self) -> &'static str {
        "tokens"
    }
}

/// `/settings/tokens`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "settings/tokens.html")]
pub struct TokenSettings {
    /// What stands around it.
    pub shell: Shell,
    /// The workspace's own, the newest first.
    pub tokens: Vec<TokenLine>,
    /// Those of users, the newest first.
    pub personal: Vec<TokenLine>,
    /// The form for one more of the workspace's.
    pub make: MakeToken,
    /// Where the API is, for the example.
    pub base: String,
}

impl TokenSettings {
    #[expect(clippy::unused_self, reason = "the frame asks the page it frames")]
    fn here(&self) -> &'static str {
        "tokens"
    }
}

/// The answer to a form that made a token: shown once, never again.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/token_shown.html")]
pub struct TokenShown {
    /// What stands around it; the title names the token.
    pub shell: Shell,
    /// Where "Done" leads.
    pub done: String,
    /// What its holder shows.
    pub secret: String,
    /// "It works until …".
    pub until: String,
    /// What it opens, for the example.
    pub example: String,
}

/// The answer to a form that came again, after it had made something whose secret was shown then.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dialogs/made_already.html")]
pub struct MadeAlready {
    /// What stands around it; the title says what was made already.
    pub shell: Shell,
    /// What to do where the secret was not kept.
    pub hint: String,
    /// Where what was made stands.
    pub list: Link,
    /// Where another is made.
    pub again: Option<Link>,
}
