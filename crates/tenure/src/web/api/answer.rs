//! What the handlers of the API have in common: how they decline, how a version travels, how somebody is named.

use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{
    Refusal,
    id::PersonId,
    person::{Kind, StatusWord},
};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    error::{Error, FieldError, Result},
    store::item_people::Brief,
    web::failure::Plain,
};

/// Why a request is declined: a rule, its form, or what it names. Drawn as a problem by what draws all failures.
#[derive(Debug)]
pub(super) struct Declined(Box<Response>);

/// What a handler answers.
pub(super) type Answer<T = Response> = std::result::Result<T, Declined>;

impl From<Response> for Declined {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl From<Error> for Declined {
    fn from(error: Error) -> Self {
        error.into_response().into()
    }
}

impl From<Refusal> for Declined {
    fn from(refusal: Refusal) -> Self {
        Error::from(refusal).into()
    }
}

impl From<Plain> for Declined {
    fn from(plain: Plain) -> Self {
        plain.into_response().into()
    }
}

impl IntoResponse for Declined {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// Whether anything is different now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Changed {
    /// `false` when it was so already.
    pub(super) changed: bool,
}

impl Changed {
    /// As an answer.
    pub(super) fn answer(changed: bool) -> Response {
        Json(Self { changed }).into_response()
    }
}

/// Somebody, as they are named wherever they have a part.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Who {
    /// The id.
    #[schema(value_type = String, format = Uuid)]
    id: PersonId,
    /// The name shown.
    name: String,
    /// User or customer.
    #[schema(value_type = String, pattern = "^(user|customer)$", example = "user")]
    kind: Kind,
    /// The state of the account.
    #[schema(value_type = String, pattern = "^(invited|active|deactivated)$", example = "active")]
    status: StatusWord,
}

impl From<&Brief> for Who {
    fn from(brief: &Brief) -> Self {
        Self { id: brief.id, name: brief.name.clone(), kind: brief.kind, status: brief.status }
    }
}

impl Who {
    /// Each of several.
    pub(super) fn each<'a>(people: impl IntoIterator<Item = &'a Brief>) -> Vec<Self> {
        people.into_iter().map(Self::from).collect()
    }
}

/// Reads a field that may be given as null: nothing when it was left out, `Some(None)` for null.
#[expect(clippy::option_option, reason = "left out, null and a value are three things")]
pub(super) fn nullable<'de, T, D>(from: D) -> std::result::Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(from).map(Some)
}

/// Reads a field that may be left out and is never empty: null is none of its values.
pub(super) fn given<'de, T, D>(from: D) -> std::result::Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(from).map(Some)
}

/// An error with its fields called as the body calls them.
pub(super) fn pointed(error: Error, name: impl Fn(&'static str) -> &'static str) -> Error {
    match error {
        Error::Invalid(fields) => {
            let named = |field: FieldError| FieldError { field: name(field.field), ..field };
            Error::Invalid(fields.into_iter().map(named).collect())
        }
        error => error,
    }
}

/// The version that a change was decided on: `If-Match` with the entity tag of an answer (RFC 9110 13.1.1).
#[derive(Debug, Clone, Copy)]
pub(super) struct IfMatch(Option<i64>);

/// A version that nothing has: what is no tag of ours matches nothing.
const NEVER: i64 = -1;

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Self::Rejection> {
        Ok(Self(version_in(&parts.headers)))
    }
}

/// The version that a request's header names.
pub(in crate::web) fn version_in(headers: &HeaderMap) -> Option<i64> {
    let mut tags = headers.get_all(header::IF_MATCH).iter();
    match (tags.next(), tags.next()) {
        (None, _) => None,
        // Whatever is there is matched; what is not there is not found.
        (Some(any), None) if any.as_bytes() == b"*" => None,
        (Some(tag), None) => Some(version_of(tag).unwrap_or(NEVER)),
        _ => Some(NEVER),
    }
}

fn version_of(tag: &HeaderValue) -> Option<i64> {
    tag.to_str().ok()?.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

impl IfMatch {
    /// The version, if one was named.
    pub(super) const fn version(self) -> Option<i64> {
        self.0
    }

    /// The version that header or body name; where they name two, none is right.
    pub(super) fn or(self, body: Option<i64>) -> Option<i64> {
        match (self.0, body) {
            (Some(tag), Some(body)) if tag != body => Some(NEVER),
            (tag, body) => tag.or(body),
        }
    }

    /// What is stale by the header is a precondition that failed.
    pub(super) fn judge<T>(self, done: Result<T>) -> Answer<T> {
        match done {
            Err(Error::Stale) if self.0.is_some() => Err(precondition_failed().into()),
            done => Ok(done?),
        }
    }
}

/// The failure of a change whose `If-Match` names another version.
pub(super) fn precondition_failed() -> Plain {
    Plain::new(StatusCode::PRECONDITION_FAILED, "stale", Error::Stale.to_string())
}

/// Refuses a plan that was asked for with another version.
pub(super) fn fresh(version: i64, wanted: Option<i64>) -> Result<()> {
    if wanted.is_some_and(|wanted| wanted != version) { Err(Error::Stale) } else { Ok(()) }
}

/// An answer about something of this version.
pub(super) fn tagged(version: i64, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The answer to what made something: 201 and where it is.
pub(super) fn made(at: &str, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(at) = HeaderValue::from_str(at) {
        response.headers_mut().insert(header::LOCATION, at);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(tags: &[&str]) -> Option<i64> {
        let mut request = axum::http::Request::builder();
        for tag in tags {
            request = request.header(header::IF_MATCH, *tag);
        }
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        IfMatch::from_request_parts(&mut parts, &()).await.expect("never fails").version()
    }

    #[tokio::test]
    async fn a_tag_is_a_version_and_anything_else_matches_nothing() {
        assert_eq!(read(&[]).await, None);
        assert_eq!(read(&["*"]).await, None);
        assert_eq!(read(&["\"7\""]).await, Some(7));
        for odd in ["7", "W/\"7\"", "\"x\"", "", "\"7\", \"8\""] {
            assert_eq!(read(&[odd]).await, Some(NEVER), "{odd}");
        }
        assert_eq!(read(&["\"7\"", "\"7\""]).await, Some(NEVER));
    }

    #[test]
    fn a_field_left_out_is_not_null() {
        #[derive(Deserialize)]
        #[expect(clippy::option_option, reason = "left out, null and a value are three things")]
        struct Asked {
            #[serde(default, deserialize_with = "nullable")]
            due: Option<Option<i64>>,
        }
        let read = |text: &str| serde_json::from_str::<Asked>(text).expect("JSON").due;
        assert_eq!(
            (read("{}"), read(r#"{"due": null}"#), read(r#"{"due": 7}"#)),
            (None, Some(None), Some(Some(7)))
        );
    }
}
