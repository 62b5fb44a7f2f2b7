//! Answers: `application/scim+json`, entity tags, errors (RFC 7644, sections 3.1, 3.12 and 3.14).

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use domain::{Refusal, license::Licenses};
use serde_json::{Value, json};

use crate::{
    error::Error,
    ops::scim::{Wanted, is_same},
    scim::{Problem, ProblemKind, Resource},
    web::failure::{self, Plain},
};

/// The media type of all that is answered (RFC 7644, section 8.1).
const MEDIA_TYPE: &str = "application/scim+json";

/// An answer with this body.
pub(super) fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body.to_string()).into_response()
}

/// A resource, with its entity tag and where it is, as its `meta` has them.
pub(super) fn resource(status: StatusCode, whole: &Resource, shown: Resource) -> Response {
    about(answer(status, &Value::Object(shown)), whole)
}

/// An answer without a body, of a resource.
pub(super) fn empty(whole: &Resource) -> Response {
    about(StatusCode::NO_CONTENT.into_response(), whole)
}

fn about(mut response: Response, whole: &Resource) -> Response {
    let meta = whole.get("meta").cloned().unwrap_or_default();
    let mut set = |name: HeaderName, value: &Value| {
        if let Some(value) = value.as_str().and_then(|text| HeaderValue::from_str(text).ok()) {
            response.headers_mut().insert(name, value);
        }
    };
    set(header::ETAG, &meta["version"]);
    set(header::LOCATION, &meta["location"]);
    response
}

/// The entity tags that a header lists.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let mut tags = Vec::new();
    for value in headers.get_all(name) {
        tags.extend(value.to_str().unwrap_or_default().split(',').map(|tag| tag.trim().to_owned()));
    }
    (!tags.is_empty()).then_some(tags)
}

/// The tags of which the resource must have one for a change.
pub(super) fn wanted(headers: &HeaderMap) -> Wanted {
    Wanted(tags(headers, &header::IF_MATCH))
}

/// Whether whoever asks has the resource already.
pub(super) fn has_it(headers: &HeaderMap, whole: &Resource) -> bool {
    let tag = whole.get("meta").and_then(|meta| meta["version"].as_str()).unwrap_or_default();
    let known = tags(headers, &header::IF_NONE_MATCH).unwrap_or_default();
    known.iter().any(|known| known == "*" || is_same(known, tag))
}

/// The answer to whoever has it.
pub(super) fn unchanged(whole: &Resource) -> Response {
    about(StatusCode::NOT_MODIFIED.into_response(), whole)
}

/// A failure, drawn for a directory.
pub(in crate::web) fn failure(status: StatusCode, error: Option<&Error>, plain: Option<&Plain>) -> Response {
    let (status, kind, detail) = match (error, plain) {
        (Some(error), _) => of_error(error),
        (None, Some(plain)) => (known(plain.status), None, plain.words.clone()),
        (None, None) => (status, None, status.canonical_reason().unwrap_or("Error").to_owned()),
    };
    let mut body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": status.as_str(),
        "detail": detail,
    });
    if let Some(kind) = kind {
        body["scimType"] = json!(kind.word());
    }
    answer(status, &body)
}

/// A status that RFC 7644 knows.
const fn known(status: StatusCode) -> StatusCode {
    match status {
        StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
        status => status,
    }
}

fn of_error(error: &Error) -> (StatusCode, Option<ProblemKind>, String) {
    let usual = failure::status(error);
    let detail = error.to_string();
    match error {
        Error::Scim(problem) => {
            let Problem { kind, detail } = &**problem;
            (usual, Some(*kind), detail.clone())
        }
        Error::Refused(refusal) => of_refusal(refusal, usual),
        Error::Invalid(_) => (StatusCode::BAD_REQUEST, Some(ProblemKind::InvalidValue), detail),
        Error::Stale => {
            let detail = "The resource has another entity tag by now. Nothing was done.".to_owned();
            (StatusCode::PRECONDITION_FAILED, None, detail)
        }
        Error::NotFound(_) | Error::TooMany { .. } | Error::Store(_) | Error::Internal(_) => {
            (usual, None, detail)
        }
    }
}

/// What a rule refuses. A duplicate alone is 409: directories take that for "it is there already". Whatever the desk
/// refuses in its present state is 400, which they show with its words, and try again.
fn of_refusal(refusal: &Refusal, usual: StatusCode) -> (StatusCode, Option<ProblemKind>, String) {
    let words = refusal.to_string();
    match refusal {
        Refusal::TeamNameTaken { .. } => (StatusCode::CONFLICT, Some(ProblemKind::Uniqueness), words),
        // Without the name: it may be one of the others, whom this directory does not have.
        Refusal::AddressTaken { .. } => {
            let words = "This address already belongs to somebody in the desk.".to_owned();
            (StatusCode::CONFLICT, Some(ProblemKind::Uniqueness), words)
        }
        Refusal::AddressOfDeactivated { .. } => {
            let words = "This address belongs to somebody in the desk who is deactivated. Find them by a filter and set \
                         active to true; or, where the directory deleted them and this is somebody else, an \
                         administrator changes their address in the desk.";
            (StatusCode::CONFLICT, Some(ProblemKind::Uniqueness), words.to_owned())
        }
        Refusal::LicensesExhausted { licenses, .. } => {
            let Licenses { used, owned, .. } = licenses;
            let words = format!(
                "No license is free: {used} are used of {owned} owned. Add one in the desk, or deactivate somebody."
            );
            (StatusCode::BAD_REQUEST, None, words)
        }
        Refusal::BrakeWouldPass { .. } => {
            let more = "The sync is stopped by the brake: an administrator can let it go on in the desk, under \
                        Settings, SCIM.";
            (StatusCode::BAD_REQUEST, None, format!("{words} {more}"))
        }
        _ if usual == StatusCode::CONFLICT => (StatusCode::BAD_REQUEST, Some(ProblemKind::Mutability), words),
        _ => (known(usual), None, words),
    }
}
