//! What the queries of grids and lists have in common as text: in addresses of pages, in saved views, in the API.

use std::borrow::Cow;

use super::grid::Side;
use crate::error::{Error, FieldError, Result};

/// What is said of a cursor that is of another order, or was not made here.
pub(super) const NO_CURSOR: &str =
    "This page's address does not fit the list any more. Begin at the first page.";

/// Reads a query string: `set` takes the value of each parameter whose name is one of `fields`. An empty value is as
/// good as none, so that plain forms work; parameters of other names belong to others. What `set` does not understand,
/// a parameter that is given twice, and two cursors are errors that name their fields, all of them at once.
pub(super) fn read(
    query: &str,
    fields: &[&'static str],
    mut set: impl FnMut(&'static str, &str) -> Result<(), Cow<'static, str>>,
) -> Result<()> {
    let (mut wrong, mut seen) = (Vec::new(), Vec::new());
    for (name, value) in form_urlencoded::parse(query.trim_start_matches('?').as_bytes()) {
        let Some(field) = fields.iter().copied().find(|field| *field == name) else { continue };
        if value.is_empty() {
            continue;
        }
        let twice = seen.contains(&field);
        seen.push(field);
        let outcome = if twice { Err("This is given twice.".into()) } else { set(field, &value) };
        if let Err(message) = outcome {
            wrong.push(FieldError { field, message: message.into_owned() });
        }
    }
    if seen.contains(&"after") && seen.contains(&"before") {
        wrong.push(FieldError { field: "before", message: "Give after or before, not both.".into() });
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// How many rows a page may have.
pub(super) fn check_limit(limit: i64, most: i64) -> Result<()> {
    let fits = (1..=most).contains(&limit);
    if fits { Ok(()) } else { Err(Error::field("limit", format!("This is a number from 1 to {most}."))) }
}

/// What may be searched for: up to `longest` characters, and none that nobody types.
pub(super) fn check_text(field: &'static str, text: &str, longest: usize) -> Result<()> {
    if text.chars().count() > longest {
        return Err(Error::field(field, format!("Enter at most {longest} characters.")));
    }
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(Error::field(field, "This holds a control character."));
    }
    Ok(())
}

/// A query string that [`read`] reads; what is as usual is left out.
pub(super) struct Written(form_urlencoded::Serializer<'static, String>);

impl Written {
    pub(super) fn new() -> Self {
        Self(form_urlencoded::Serializer::new(String::new()))
    }

    /// Adds a parameter that has a value.
    pub(super) fn add(&mut self, name: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value.filter(|value| !value.as_ref().is_empty()) {
            self.0.append_pair(name, value.as_ref());
        }
    }

    /// The text, of a page that begins or ends at this cursor.
    pub(super) fn at(mut self, cursor: Option<(Side, impl ToString)>) -> String {
        if let Some((side, place)) = cursor {
            self.0.append_pair(side.word(), &place.to_string());
        }
        self.0.finish()
    }

    /// The text, of the first page.
    pub(super) fn first(mut self) -> String {
        self.0.finish()
    }
}
