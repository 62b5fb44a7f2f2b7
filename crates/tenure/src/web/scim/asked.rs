//! What a request asks for: its body, and the parameters of a list.

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use crate::{
    app::App,
    error::Error,
    scim::{
        Problem, ProblemKind, Resource,
        filter::{self, Filter},
        matching::unknown,
        schema::ResourceType,
        select::Selection,
    },
    web::{body::read, failure::Plain},
};

/// The body of a request, an object; an empty one when there is none at all.
pub(super) struct Body(pub(super) Resource);

impl FromRequest<App> for Body {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let bytes = read(body, app.config.limits.body_bytes).await.map_err(Plain::into_response)?;
        if bytes.is_empty() {
            return Ok(Self(Resource::new()));
        }
        if !is_json(&parts.headers) {
            let words = "Send the body with Content-Type: application/scim+json.";
            let plain = Plain::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", words);
            return Err(plain.into_response());
        }
        let syntax =
            |detail: String| Error::from(Problem::new(ProblemKind::InvalidSyntax, detail)).into_response();
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(syntax("The body is an object.".into())),
            Err(error) => Err(syntax(format!("The body is not JSON: {error}."))),
        }
    }
}

/// Whether a body is JSON by its own word; without a word it is.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else { return true };
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    ["application/scim+json", "application/json"].iter().any(|known| kind.eq_ignore_ascii_case(known))
}

/// How many resources one answer holds when nothing is said, and at most.
const USUAL: i64 = 100;
pub(super) const MOST: i64 = 500;

/// What a list is asked for (RFC 7644, section 3.4.2), before its names are read.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    filter: Option<String>,
    attributes: Vec<String>,
    excluded: Vec<String>,
    /// The first of them that is wanted, from 1.
    pub(super) start: i64,
    /// How many are wanted.
    pub(super) count: i64,
}

fn number(name: &str, text: &str) -> Result<i64, Problem> {
    text.trim().parse().map_err(|_| Problem::value(format!("{name} is a whole number, not “{text}”.")))
}

impl Asked {
    fn new() -> Self {
        Self { start: 1, count: USUAL, ..Self::default() }
    }

    /// Reads a query string. Parameters that are not known are another's.
    pub(super) fn of_query(query: Option<&str>) -> Result<Self, Problem> {
        let mut asked = Self::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match name.to_ascii_lowercase().as_str() {
                "filter" => asked.filter = Some(value.into_owned()),
                "startindex" => asked.start = number("startIndex", &value)?,
                "count" => asked.count = number("count", &value)?,
                "attributes" => asked.attributes.push(value.into_owned()),
                "excludedattributes" => asked.excluded.push(value.into_owned()),
                _ => {}
            }
        }
        Ok(asked.within())
    }

    /// Reads the body of a search (RFC 7644, section 3.4.3).
    pub(super) fn of_body(body: &Resource) -> Result<Self, Problem> {
        let mut asked = Self::new();
        for (name, value) in body {
            let texts = || match value {
                Value::Array(several) => {
                    several.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                Value::String(one) => vec![one.clone()],
                _ => Vec::new(),
            };
            match (name.to_ascii_lowercase().as_str(), value) {
                (_, Value::Null) => {}
                ("filter", Value::String(filter)) => asked.filter = Some(filter.clone()),
                ("startindex", value) => asked.start = number("startIndex", &value.to_string())?,
                ("count", value) => asked.count = number("count", &value.to_string())?,
                ("attributes", _) => asked.attributes = texts(),
                ("excludedattributes", _) => asked.excluded = texts(),
                _ => {}
            }
        }
        Ok(asked.within())
    }

    /// What is out of bounds means the bound (RFC 7644, section 3.4.2.4).
    fn within(mut self) -> Self {
        self.start = self.start.max(1);
        self.count = self.count.clamp(0, MOST);
        self
    }

    /// The same, behind so many others, of which some may have been wanted.
    pub(super) fn after(&self, others: i64, count: i64) -> Self {
        Self { start: (self.start - others).max(1), count, ..self.clone() }
    }

    /// The filter, for resources of a type.
    pub(super) fn filter(&self, of: ResourceType) -> Result<Option<Filter>, Problem> {
        let text = self.filter.as_deref().filter(|text| !text.trim().is_empty());
        let filter = text.map(|text| filter::parse(text, of)).transpose()?;
        match filter.as_ref().and_then(|filter| unknown(filter, of)) {
            Some(name) => {
                let detail = format!("There is no attribute {name} here to filter by.");
                Err(Problem::new(ProblemKind::InvalidFilter, detail))
            }
            None => Ok(filter),
        }
    }

    /// Which attributes are wanted of resources of a type.
    pub(super) fn selection(&self, of: ResourceType) -> Result<Selection, Problem> {
        Selection::parse(&self.attributes, &self.excluded, of)
    }
}
