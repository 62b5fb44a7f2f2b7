//! What is told when something cannot be done: what happened, that nothing was lost, and what to do.

use askama::Template;
use axum::http::StatusCode;

use super::Link;
use super::shell::Bare;

/// A page for an error.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// What stands around it; the title says what happened.
    pub bare: Bare,
    /// The status, small.
    pub status: u16,
    /// What happened and what of it, in a sentence or two.
    pub text: String,
    /// What to do.
    pub ways: Vec<Link>,
    /// The request's id, to be quoted.
    pub request: Option<String>,
}

impl ErrorPage {
    /// The words for a status; `bare.title` is set, the ways lead to the door's first page.
    #[must_use]
    pub fn of(status: StatusCode, bare: Bare) -> Self {
        let (title, text) = words(status);
        let way = if bare.side.is_portal() { "Go to the portal" } else { "Go to My work" };
        let ways = vec![Link::new(way, bare.side.home())];
        Self {
            bare: Bare { title: title.into(), ..bare },
            status: status.as_u16(),
            text: text.into(),
            ways,
            request: None,
        }
    }

    /// With more exact words.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// With the request's id.
    #[must_use]
    pub fn of_request(mut self, request: impl Into<String>) -> Self {
        self.request = Some(request.into());
        self
    }
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        403 => (
            "This is not yours to do",
            "Your role does not allow it. Nothing was changed. An administrator can do it, or can change your role.",
        ),
        404 => ("There is nothing here", "The address is wrong, or what was here has been deleted."),
        409 => (
            "This page was out of date",
            "Something changed after it was opened, so nothing was done. Go back, reload the page and look again before you confirm.",
        ),
        413 => (
            "That was too large",
            "The server takes no more than 1 MiB at once. Nothing was saved. Make it smaller and send it again.",
        ),
        422 => (
            "That could not be understood",
            "Something that was sent does not fit its field. Nothing was saved. Go back and look at the form again.",
        ),
        429 => (
            "Too many tries",
            "There were too many requests in a short time. Nothing was done. Wait a little and try again.",
        ),
        500..=599 => (
            "Something went wrong here",
            "It is not your fault. Nothing was half done: each change is saved wholly or not at all. Try again; if it stays, tell whoever runs this desk and quote the number below.",
        ),
        _ => ("That did not work", "Nothing was changed. Go back and try again."),
    }
}
