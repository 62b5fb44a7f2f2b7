//! A customer's requests at the portal.

use askama::Template;

use super::{
    Field, Pager, When,
    chip::Chip,
    item::{Composer, Prose, StatusTag, Talked},
    shell::Shell,
};

/// `/portal`: where a customer arrives, with their requests.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "portal/home.html")]
pub struct RequestsPage {
    /// What stands around it.
    pub shell: Shell,
    /// The organization that the customer belongs to.
    pub organization: Option<String>,
    /// The lists there are.
    pub lists: Vec<ListTab>,
    /// The requests of this one.
    pub rows: Vec<RequestLine>,
    /// Where one is, and the ways on.
    pub pager: Pager,
    /// What is said where there are none: a head and what to do.
    pub empty: (String, String),
    /// "You are signed in on 2 devices."
    pub sessions: String,
}

/// A list of requests.
#[derive(Clone, Debug, Default)]
pub struct ListTab {
    /// "Open".
    pub label: &'static str,
    /// Where it is.
    pub href: String,
    /// Whether it is shown.
    pub is_here: bool,
}

/// A request in a list.
#[derive(Clone, Debug, Default)]
pub struct RequestLine {
    /// Its number.
    pub number: i64,
    /// Its page.
    pub href: String,
    /// Its title.
    pub title: String,
    /// How far it is.
    pub status: StatusTag,
    /// When it last changed.
    pub updated: When,
    /// Who requested it, where that is not the reader.
    pub requester: Option<Chip>,
}

/// `/portal/requests/new`. Fields: `title`, `description`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "portal/new_request.html")]
pub struct NewRequestPage {
    /// What stands around it.
    pub shell: Shell,
    /// Why it was not made.
    pub error: Option<String>,
    /// What it is about, in a line.
    pub title: Field,
    /// The whole of it.
    pub description: Field,
    /// How long that may be.
    pub most: usize,
    /// Under which name a browser keeps what is half written.
    pub draft: String,
}

/// `/portal/requests/{number}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "portal/request.html")]
pub struct RequestPage {
    /// What stands around it.
    pub shell: Shell,
    /// The page's own address.
    pub href: String,
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// How far it is.
    pub status: StatusTag,
    /// Why something was not done that has no form of its own.
    pub error: Option<String>,
    /// Whether it came by the open request form.
    pub by_form: bool,
    /// Who requested it.
    pub requester: Option<Chip>,
    /// Who works on it.
    pub assignees: Vec<Chip>,
    /// When it was made.
    pub created: When,
    /// What it is about.
    pub description: Prose,
    /// What was said, without notes.
    pub conversation: Talked,
    /// The form for a reply; `None` for those who only read.
    pub composer: Option<Composer>,
    /// What closes or reopens it: the status and the button, for its requester.
    pub press: Option<(&'static str, &'static str)>,
    /// Following it, for those who did not request it: whether they do.
    pub follows: Option<bool>,
}
