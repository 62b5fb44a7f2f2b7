//! The fields of a form or a query string, in order, as typed.

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, FromRequestParts, Request},
    http::request::Parts,
};

use super::{session::FormBytes, view::account::Typed};
use crate::error::{Error, Result};

/// The most fields a form may have; more is nonsense or an attack.
const MOST_FIELDS: usize = 1_000;

/// The most bytes of a form on a route that reads it itself.
const MOST_BYTES: usize = 1 << 20;

/// Fields by name, in the order sent.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded` (URL Standard, section 5).
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let fields: Vec<_> = form_urlencoded::parse(bytes).into_owned().take(MOST_FIELDS + 1).collect();
        if fields.len() > MOST_FIELDS {
            return Err(Error::field("form", format!("A form may have at most {MOST_FIELDS} fields.")));
        }
        Ok(Self(fields))
    }

    /// Fields that were read otherwise.
    #[must_use]
    pub fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// The first value of a field; empty when it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.maybe(name).unwrap_or_default()
    }

    /// The first value of a field that may be absent.
    #[must_use]
    pub fn maybe(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a field.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every field in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether a checkbox was ticked.
    #[must_use]
    pub fn ticked(&self, name: &str) -> bool {
        self.maybe(name).is_some()
    }

    /// The version that the form was made from; one that is no number is as stale as can be.
    #[must_use]
    pub fn version(&self) -> Option<i64> {
        self.maybe("_version").map(|text| text.parse().unwrap_or(-1))
    }
}

/// The fields of a posted form.
impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        if let Some(FormBytes(bytes)) = request.extensions().get() {
            return Self::parse(bytes);
        }
        let bytes: Bytes = to_bytes(request.into_body(), MOST_BYTES)
            .await
            .map_err(|_| Error::field("form", "The form is too large."))?;
        Self::parse(&bytes)
    }
}

/// The fields of the query string.
#[derive(Debug, Clone, Default)]
pub struct QueryFields(pub Fields);

impl<S: Send + Sync> FromRequestParts<S> for QueryFields {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(Self(Fields::parse(parts.uri.query().unwrap_or_default().as_bytes())?))
    }
}

/// What somebody typed into a form, without secrets and hidden fields.
pub(super) fn typed(bytes: &[u8]) -> Vec<Typed> {
    Fields::parse(bytes).map_or_else(|_| Vec::new(), |fields| shown(&fields))
}

/// As [`typed`], of fields that are read already.
pub(super) fn shown(fields: &Fields) -> Vec<Typed> {
    let shown = |name: &str, value: &str| {
        let secret = name.contains("password") || matches!(name, "current" | "present" | "proof");
        // What a form hands on, and what was chosen from a list: nobody would type it again.
        let handed_on = name.starts_with('_')
            || matches!(name, "back" | "next" | "query" | "way" | "q" | "step" | "kind");
        let chosen = uuid::Uuid::try_parse(value).is_ok();
        !secret && !handed_on && !chosen && !value.trim().is_empty()
    };
    fields
        .iter()
        .filter(|(name, value)| shown(name, value))
        .map(|(name, value)| Typed { label: label(name), text: value.to_owned() })
        .collect()
}

/// `time_zone` reads "Time zone".
fn label(name: &str) -> String {
    // What the form of a message shows without a label.
    let words = if name == "body" { "message".into() } else { name.replace('_', " ") };
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
