//! The portal's own pages; one's own account is drawn as at the desk.

use askama::Template;

use super::shell::Shell;

/// `/portal`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "portal/home.html")]
pub struct HomePage {
    /// What stands around it.
    pub shell: Shell,
    /// The organization that the customer belongs to.
    pub organization: Option<String>,
    /// "You are signed in on 2 devices."
    pub sessions: String,
}
