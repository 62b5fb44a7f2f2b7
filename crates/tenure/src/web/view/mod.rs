//! What pages show: plain, already decided data, drawn by the templates.
//!
//! A handler asks the ops and the store, decides what the reader may see and fills these structs; a template
//! only lays out what it is given. `Option` means "this reader may not see it" or "there is none".

pub mod account;
pub mod articles;
pub mod audit;
pub mod bulk;
pub mod chart;
pub mod chip;
pub mod dialogs;
pub mod docs;
pub mod error;
pub mod held;
pub mod help;
pub mod import;
pub mod item;
pub mod licenses;
pub mod naming;
pub mod organizations;
pub mod people;
pub mod portal;
pub mod projects;
pub mod requests;
pub mod scim;
pub mod search;
pub mod settings;
pub mod shell;
pub mod teams;
pub mod tokens;
pub mod webhooks;
pub mod work;
pub mod work_many;

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Draws a page. A template that fails to draw is a defect, answered as plain text without its cause.
pub fn page<T: Template>(status: StatusCode, template: &T) -> Response {
    match template.render() {
        Ok(html) => (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Err(error) => {
            tracing::error!(%error, template = std::any::type_name::<T>(), "a page could not be drawn");
            (StatusCode::INTERNAL_SERVER_ERROR, "This page could not be drawn. Nothing was changed by it.")
                .into_response()
        }
    }
}

/// One field of a form: what stands in it, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// What was typed, or the present value. Always empty for passwords.
    pub value: String,
    /// What is wrong, in words for the person who typed.
    pub error: Option<String>,
}

impl Field {
    /// A field without an error.
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), error: None }
    }

    /// The same field with what is wrong.
    #[must_use]
    pub fn with_error(mut self, error: impl Into<String>) -> Self {
        self.error = Some(error.into());
        self
    }
}

/// The hidden field of a form with a preview: `_version` lets the server refuse a form whose preview no longer
/// holds. A form sent twice needs no guard of its own: every step is idempotent, or its second time is refused
/// with what the first did.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/guard.html")]
pub struct Guard {
    /// The version of what the form shows; `None` for forms without a preview.
    pub version: Option<String>,
}

impl askama::filters::HtmlSafe for Guard {}

impl Guard {
    /// Ties the form to what it shows.
    #[must_use]
    pub fn at_version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }
}

/// One option of a select, a group of radio buttons or of checkboxes.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What the person reads.
    pub label: String,
    /// One more line of explanation.
    pub hint: Option<String>,
    /// Whether it is chosen.
    pub selected: bool,
}

impl Choice {
    /// An option without a hint.
    pub fn new(value: impl Into<String>, label: impl Into<String>, selected: bool) -> Self {
        Self { value: value.into(), label: label.into(), hint: None, selected }
    }

    /// The same option with a line of explanation.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A moment, written in the reader's zone.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/when.html")]
pub struct When {
    /// What is read: "3 days ago", "12 Mar 2025".
    pub text: String,
    /// The exact time in the reader's zone, shown on hover.
    pub exact: String,
    /// RFC 3339, for machines.
    pub iso: String,
}

impl askama::filters::HtmlSafe for When {}

/// A link with its words.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// What is read.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

impl Link {
    /// A link with its words.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// A hidden field that carries the present state of a page through a form sent by GET.
#[derive(Clone, Debug, Default)]
pub struct Keep {
    /// Its name in the query.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Keep {
    /// A value that the form hands on.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// Where one is in a long list, and the ways on.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/pager.html")]
pub struct Pager {
    /// "51–100 of 1,204 users".
    pub summary: String,
    /// The page before, if there is one.
    pub previous: Option<String>,
    /// The page after, if there is one.
    pub next: Option<String>,
}

impl askama::filters::HtmlSafe for Pager {}

/// A filter in force, with the link that takes it away.
#[derive(Clone, Debug, Default)]
pub struct FilterChip {
    /// "Role: administrator".
    pub label: String,
    /// The same page without this filter.
    pub remove: String,
}

/// A count with its thousands apart: "10,000".
#[must_use]
pub fn number(count: impl std::borrow::Borrow<u64>) -> String {
    let digits = count.borrow().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn counts_have_their_thousands_apart() {
        assert_eq!(number(0_u64), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_000), "1,000");
        assert_eq!(number(1_234_567), "1,234,567");
    }
}
