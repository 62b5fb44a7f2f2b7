//! Turning an error into an answer: a page for people, a problem (RFC 9457) for programs.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Refusal, actor::Door, id::RequestId};
use serde_json::json;

use super::view::{
    self, Link,
    account::{RefusedWritePage, Typed},
    error::ErrorPage,
    shell::Bare,
};
use crate::error::Error;

/// The error of an answer that is yet to be drawn: what draws it knows the door, the handler does not.
#[derive(Clone)]
struct Failed(Arc<Error>);

/// What a refused form held, so that nothing typed is lost (rule 3).
#[derive(Clone)]
pub(super) struct TypedFields(pub Vec<Typed>);

/// Words for a status that no [`Error`] stands for.
#[derive(Clone)]
struct Words(Arc<str>);

/// An answer with these words, drawn for the door like any other failure.
pub(super) fn plain(status: StatusCode, words: impl Into<String>) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(Words(words.into().into()));
    response
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = status(&self);
        if status.is_server_error() {
            tracing::error!(error = ?self, "a request failed");
        }
        let mut response = status.into_response();
        if let Self::TooMany { retry_after } = &self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*retry_after));
        } else if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(1));
        }
        response.extensions_mut().insert(Failed(Arc::new(self)));
        response
    }
}

/// The status of an error.
#[must_use]
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::Refused(refusal) => match **refusal {
            Refusal::NotSignedIn => StatusCode::UNAUTHORIZED,
            Refusal::ActorDeactivated
            | Refusal::AdministratorsOnly
            | Refusal::OwnerOnly
            | Refusal::OwnerByOwnerOnly => StatusCode::FORBIDDEN,
            Refusal::LinkVoid | Refusal::InvitationExpired => StatusCode::GONE,
            Refusal::ConfirmationMismatch
            | Refusal::WrongPassword
            | Refusal::ReviewNotInFuture { .. }
            | Refusal::OwnedOutOfRange { .. }
            | Refusal::RoleNotGiven { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::CONFLICT,
        },
        Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Stale => StatusCode::CONFLICT,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Store(error) if error.is_transient() => StatusCode::SERVICE_UNAVAILABLE,
        Error::Store(_) | Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Draws the failure that an answer carries, if it carries one or has a bare error status.
pub(super) fn draw(response: Response, door: Door, request: RequestId) -> Response {
    let status = response.status();
    let drawn = response.headers().contains_key(header::CONTENT_TYPE);
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let error = response.extensions().get::<Failed>().cloned();
    let words = response.extensions().get::<Words>().cloned();
    // What a library answered by itself (a body too large, a method not allowed) is drawn too.
    let foreign = drawn && is_plain_text(response.headers());
    if drawn && !foreign && error.is_none() && words.is_none() {
        return response;
    }
    let typed = response.extensions().get::<TypedFields>().cloned();
    let mut fresh = match door {
        Door::Api => problem(status, error.as_ref(), words.as_ref(), request),
        _ => page(status, error.as_ref(), words.as_ref(), typed, request),
    };
    for name in [header::RETRY_AFTER, header::SET_COOKIE, header::ALLOW] {
        for value in response.headers().get_all(&name) {
            fresh.headers_mut().append(name.clone(), value.clone());
        }
    }
    fresh
}

fn is_plain_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/plain"))
}

fn problem(
    status: StatusCode,
    error: Option<&Failed>,
    words: Option<&Words>,
    request: RequestId,
) -> Response {
    let name = error.map_or("error", |failed| name(&failed.0));
    let title = status.canonical_reason().unwrap_or("Error");
    let detail = match (error, words) {
        (Some(failed), _) => failed.0.to_string(),
        (None, Some(words)) => words.0.to_string(),
        (None, None) => title.to_owned(),
    };
    let mut body = json!({
        "type": format!("/problems/{name}"),
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
        "request_id": request,
    });
    match error.map(|failed| &*failed.0) {
        Some(Error::Invalid(fields)) => {
            let pointers = fields
                .iter()
                .map(|field| json!({ "pointer": format!("/{}", field.field), "detail": field.message }));
            body["errors"] = pointers.collect();
        }
        Some(Error::Refused(refusal)) => {
            if let Ok(serde_json::Value::Object(more)) = serde_json::to_value(&**refusal) {
                for (key, value) in more {
                    if key != "refusal" {
                        body[key] = value;
                    }
                }
            }
        }
        _ => {}
    }
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, body.to_string()).into_response()
}

/// The stable name of a problem type.
#[must_use]
pub fn name(error: &Error) -> &'static str {
    match error {
        Error::Refused(refusal) => refusal.name(),
        Error::Invalid(_) => "invalid",
        Error::NotFound(_) => "not-found",
        Error::Stale => "stale",
        Error::TooMany { .. } => "too-many-requests",
        Error::Store(_) | Error::Internal(_) => "internal",
    }
}

fn page(
    status: StatusCode,
    error: Option<&Failed>,
    words: Option<&Words>,
    typed: Option<TypedFields>,
    request: RequestId,
) -> Response {
    if let Some(TypedFields(typed)) = typed
        && let Some(failed) = error
        && matches!(failed.0.refusal(), Some(Refusal::NotSignedIn | Refusal::ActorDeactivated))
    {
        return refused_write(status, &failed.0, typed);
    }
    let bare = Bare { lang: "en".into(), ..Bare::default() };
    let mut page = ErrorPage::of(status, bare).of_request(request.to_string());
    match (error.map(|failed| &*failed.0), words) {
        (
            Some(
                error @ (Error::Refused(_) | Error::NotFound(_) | Error::TooMany { .. } | Error::Invalid(_)),
            ),
            _,
        ) => {
            page = page.saying(error.to_string());
        }
        (_, Some(words)) => page = page.saying(words.0.to_string()),
        _ => {}
    }
    view::page(status, &page)
}

fn refused_write(status: StatusCode, error: &Error, typed: Vec<Typed>) -> Response {
    let deactivated = matches!(error.refusal(), Some(Refusal::ActorDeactivated));
    let title = if deactivated { "This account is deactivated" } else { "You were signed out" };
    let text = if typed.is_empty() {
        "Nothing was sent."
    } else {
        "Nothing was sent. Here is what you typed, so that you can copy it."
    };
    let page = RefusedWritePage {
        bare: Bare { title: title.into(), lang: "en".into(), ..Bare::default() },
        text: text.into(),
        typed,
        way: Some(Link::new("Sign in again", "/sign-in")),
    };
    view::page(status, &page)
}
