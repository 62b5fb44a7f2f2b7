//! `/settings/scim`: directories that sync with the desk.

use askama::Template;

use super::{Choice, Guard, When, shell::Shell, tokens::MakeToken};

/// A directory, by its token.
#[derive(Clone, Debug, Default)]
pub struct ScimToken {
    /// What its maker called it.
    pub name: String,
    /// "Users and teams", "Customers".
    pub brings: &'static str,
    /// "Suspended", "Expired"; `None` while it works.
    pub state: Option<&'static str>,
    /// When it was last used; `None` when it never was.
    pub used: Option<When>,
    /// That the brake stopped it, until it is let go on.
    pub stopped: Option<Stopped>,
    /// Until when it may pass the brake.
    pub let_on: Option<When>,
    /// What a SCIM DELETE does.
    pub deletes: Vec<Choice>,
    /// Whether a PATCH is answered without a body.
    pub empty_patch: bool,
    /// Where its settings are sent.
    pub settings: String,
    /// Where it is let go on.
    pub brake: String,
}

/// A sync that the brake stopped.
#[derive(Clone, Debug, Default)]
pub struct Stopped {
    /// When.
    pub at: When,
    /// How many it would have been; `None` where nobody counted.
    pub why: Option<String>,
    /// What the sync did, in the audit log.
    pub audit: String,
}

/// `/settings/scim`. Fields of a directory's settings: `delete`, `empty_patch`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "settings/scim.html")]
pub struct ScimSettings {
    /// What stands around it.
    pub shell: Shell,
    /// The guard of the forms.
    pub guard: Guard,
    /// Where SCIM is.
    pub address: String,
    /// Those that the brake stopped.
    pub stopped: Vec<ScimToken>,
    /// Every directory, the newest first.
    pub tokens: Vec<ScimToken>,
    /// The form for one more.
    pub make: MakeToken,
}

impl ScimSettings {
    #[expect(clippy::unused_self, reason = "the frame asks the page it frames")]
    fn here(&self) -> &'static str {
        "scim"
    }
}
