//! Turning an error into an answer: a page for people, a problem (RFC 9457) for programs.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Refusal, actor::Door, id::RequestId, license::Licenses};
use serde_json::{Value, json};

use super::{
    bearer, scim,
    side::Side,
    view::{
        self, Link,
        account::{RefusedWritePage, Typed},
        error::ErrorPage,
        shell::Bare,
    },
};
use crate::{error::Error, rate, store, store::answers};

/// The error of an answer that is yet to be drawn: what draws it knows the door, the handler does not.
#[derive(Clone)]
struct Failed(Arc<Error>);

/// What a refused form held, so that nothing typed is lost (rule 3).
#[derive(Clone)]
pub(super) struct TypedFields {
    /// Field by field.
    pub fields: Vec<Typed>,
    /// The page of ours on which it was typed.
    pub on: Option<String>,
}

/// A failure that no [`Error`] stands for: of the request itself, before any rule is asked.
#[derive(Debug, Clone)]
pub(super) struct Plain {
    /// The status.
    pub status: StatusCode,
    /// The stable name of the problem type.
    pub name: &'static str,
    /// What to do about it.
    pub words: String,
    /// What is wrong where, for programs.
    pub errors: Vec<Wrong>,
    /// The heading of its page, where that of the status does not fit.
    pub heading: Option<&'static str>,
    /// Whether no desk stands behind the address, so that no link of it leads on.
    pub nowhere: bool,
}

/// What is wrong with one part of a request.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub(super) struct Wrong {
    /// The field of the body, as a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The parameter of the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// The line of the body, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column of the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What to do about it.
    pub detail: String,
}

impl Wrong {
    /// A field of the body.
    pub(super) fn at(pointer: String, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { pointer: Some(pointer), parameter: None, line: None, column: None, detail }
    }

    /// Nowhere in particular.
    pub(super) fn somewhere(detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { pointer: None, parameter: None, line: None, column: None, detail }
    }

    /// A parameter of the query.
    pub(super) fn parameter(name: impl Into<String>, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { pointer: None, parameter: Some(name.into()), line: None, column: None, detail }
    }
}

impl Plain {
    /// Without parts.
    pub(super) fn new(status: StatusCode, name: &'static str, words: impl Into<String>) -> Self {
        Self { status, name, words: words.into(), errors: Vec::new(), heading: None, nowhere: false }
    }

    /// With a heading of its own.
    pub(super) fn headed(self, heading: &'static str) -> Self {
        Self { heading: Some(heading), ..self }
    }

    /// Where there is no desk to go on in.
    pub(super) fn nowhere(self) -> Self {
        Self { nowhere: true, ..self }
    }

    /// With what is wrong where.
    pub(super) fn with(self, errors: Vec<Wrong>) -> Self {
        Self { errors, ..self }
    }
}

impl IntoResponse for Plain {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// An answer with these words, drawn for the door like any other failure.
pub(super) fn plain(status: StatusCode, words: impl Into<String>) -> Response {
    Plain::new(status, usual_name(status), words).into_response()
}

/// The problem type of a status that came without one.
fn usual_name(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "not-signed-in",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not-found",
        StatusCode::METHOD_NOT_ALLOWED => "method-not-allowed",
        StatusCode::PAYLOAD_TOO_LARGE => "body-too-large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported-media-type",
        StatusCode::UNPROCESSABLE_ENTITY => "invalid",
        StatusCode::TOO_MANY_REQUESTS => "too-many-requests",
        StatusCode::SERVICE_UNAVAILABLE => "unavailable",
        status if status.is_server_error() => "internal",
        _ => "bad-request",
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let failed = matches!(self, Self::Store(_) | Self::Internal(_));
        // What a request reads for its answer may fail when what it wrote is kept.
        let error = if failed && answers::have_acted() {
            Self::Store(store::Error::Commit(format!("{self:?}, after a write that is kept")))
        } else {
            self
        };
        let status = status(&error);
        if status.is_server_error() {
            tracing::error!(?error, "a request failed");
        }
        let mut response = status.into_response();
        if let Self::TooMany { retry_after } = &error {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*retry_after));
        } else if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(1));
        }
        response.extensions_mut().insert(Failed(Arc::new(error)));
        response
    }
}

/// The status of an error.
#[must_use]
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::Refused(refusal) => match **refusal {
            Refusal::NotSignedIn
            | Refusal::TokenInvalid
            | Refusal::TokenSuspended
            | Refusal::TokenExpired { .. } => StatusCode::UNAUTHORIZED,
            Refusal::ActorDeactivated
            | Refusal::RegistrationClosed
            | Refusal::AddressNotAccepted
            | Refusal::AdministratorsOnly
            | Refusal::DeskOnly
            | Refusal::OwnerOnly
            | Refusal::InsufficientScope { .. }
            | Refusal::TokenMakesNoToken
            | Refusal::TokenConfirmsNothing
            | Refusal::TokenWithoutPerson
            | Refusal::OwnerByOwnerOnly => StatusCode::FORBIDDEN,
            Refusal::AppClosed => StatusCode::NOT_FOUND,
            Refusal::LinkVoid | Refusal::InvitationExpired => StatusCode::GONE,
            Refusal::ConfirmationMismatch
            | Refusal::WrongPassword
            | Refusal::TokenNeedsScope
            | Refusal::TokenLife { .. }
            | Refusal::PersonalTokenExpires
            | Refusal::ReviewNotInFuture { .. }
            | Refusal::OwnedOutOfRange { .. }
            | Refusal::BrakeOutOfRange
            | Refusal::RoleNotGiven { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::CONFLICT,
        },
        Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Scim(problem) => {
            StatusCode::from_u16(problem.kind.status()).unwrap_or(StatusCode::BAD_REQUEST)
        }
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Stale => StatusCode::CONFLICT,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        // Somebody has to make room, and may.
        Error::Store(error) if error.is_transient() || error.is_full() => StatusCode::SERVICE_UNAVAILABLE,
        // The database cannot be reached: it may be in a moment.
        Error::Store(store::Error::Open { .. }) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Store(_) | Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// How one signs in, which every 401 must say (RFC 9110 11.6.1): no registered scheme stands for a session cookie, and
/// one that browsers know would open their own password dialog.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Cookie realm=\"Tenure\", form-action=\"/sign-in\"");

/// Why a request was refused: the name of the problem that its answer carries.
pub(super) fn reason(response: &Response) -> Option<String> {
    let failed = response.extensions().get::<Failed>().map(|failed| body_of(&failed.0));
    let body =
        failed.or_else(|| response.extensions().get::<Arc<Plain>>().map(|plain| body_of_plain(plain)))?;
    Some(body["type"].as_str()?.trim_start_matches("/problems/").to_owned())
}

/// Draws the failure that an answer carries, if it carries one or has a bare error status.
pub(super) fn draw(response: Response, door: Door, request: RequestId) -> Response {
    let status = response.status();
    let drawn = response.headers().contains_key(header::CONTENT_TYPE);
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let error = response.extensions().get::<Failed>().cloned();
    let words = response.extensions().get::<Arc<Plain>>().cloned();
    // What a library answered by itself (a body too large, a method not allowed) is drawn too.
    let foreign = drawn && is_plain_text(response.headers());
    if drawn && !foreign && error.is_none() && words.is_none() {
        return response;
    }
    let typed = response.extensions().get::<TypedFields>().cloned();
    let mut fresh = match door {
        Door::Api => problem(status, error.as_ref(), words.as_ref(), request),
        Door::Scim => scim::failure(status, error.as_ref().map(|failed| &*failed.0), words.as_deref()),
        door => {
            let side = if door == Door::Portal { Side::Portal } else { Side::Desk };
            page(status, side, error.as_ref(), words.as_ref(), typed, request)
        }
    };
    let refusal = error.as_ref().and_then(|failed| failed.0.refusal());
    if matches!(door, Door::Api | Door::Scim)
        && let Some(challenge) = bearer::challenge(refusal)
    {
        fresh.headers_mut().append(header::WWW_AUTHENTICATE, challenge);
    }
    // Whoever showed a token is not led to the sign-in.
    let shown = matches!(refusal, Some(refusal) if *refusal != Refusal::NotSignedIn);
    if status == StatusCode::UNAUTHORIZED && !shown && door != Door::Scim {
        fresh.headers_mut().append(header::WWW_AUTHENTICATE, CHALLENGE);
    }
    for name in [header::RETRY_AFTER, header::SET_COOKIE, header::ALLOW, rate::POLICY, rate::LEFT] {
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
    plain: Option<&Arc<Plain>>,
    request: RequestId,
) -> Response {
    let mut body = match (error, plain) {
        (Some(failed), _) => body_of(&failed.0),
        (None, Some(plain)) => body_of_plain(plain),
        (None, None) => body_of_plain(&Plain::new(
            status,
            usual_name(status),
            status.canonical_reason().unwrap_or("Error"),
        )),
    };
    body["request_id"] = json!(request);
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, body.to_string()).into_response()
}

fn body(status: StatusCode, name: &str, detail: &str) -> Value {
    json!({
        "type": format!("/problems/{name}"),
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "detail": detail,
    })
}

/// An error as a problem (RFC 9457), without the request's id.
pub(super) fn body_of(error: &Error) -> Value {
    let mut body = body(status(error), name(error), &error.to_string());
    match error {
        Error::Invalid(fields) => {
            let wrong = fields.iter().map(|field| Wrong::at(format!("/{}", field.field), &field.message));
            body["errors"] = json!(wrong.collect::<Vec<_>>());
        }
        Error::Refused(refusal) => {
            // What a refusal carries stands beside, never over, what every problem has.
            if let Ok(Value::Object(more)) = serde_json::to_value(&**refusal) {
                for (key, value) in more {
                    if key != "refusal" && body.get(&key).is_none() {
                        body[key] = value;
                    }
                }
            }
            if let Some(field) = field(refusal) {
                body["errors"] = json!([Wrong::at(format!("/{field}"), refusal.to_string())]);
            }
            // Rule 6: how a license is come by.
            if let Refusal::LicensesExhausted { licenses, needed } = &**refusal {
                body["choices"] = choices(licenses, *needed);
            }
            // Rule 13: what helps is to activate them.
            if let Refusal::AddressOfDeactivated { person, kind, .. } = &**refusal {
                body["activate"] = json!(format!("/api/v1/{}s/{person}/deactivation", kind.word()));
            }
        }
        _ => {}
    }
    body
}

/// The field of the body that a refusal is about, where that has one name wherever it stands.
const fn field(refusal: &Refusal) -> Option<&'static str> {
    Some(match refusal {
        Refusal::ReviewNotInFuture { .. } => "review_on",
        Refusal::OwnedOutOfRange { .. } => "owned",
        Refusal::BrakeOutOfRange => "share",
        Refusal::RoleNotGiven { .. } => "role",
        Refusal::WrongPassword => "password",
        Refusal::TokenNeedsScope => "scopes",
        Refusal::TokenLife { .. } => "expires_in_days",
        Refusal::PersonalTokenExpires => "never_expires",
        _ => return None,
    })
}

/// What can be done where no license is free, each with the request that does it. An activation takes the first two in the
/// same step, by its `way`.
fn choices(licenses: &Licenses, needed: i64) -> Value {
    let missing = (needed - licenses.free()).max(1);
    json!([
        {
            "choice": "add", "way": "add", "method": "PATCH", "path": "/api/v1/licenses",
            "body": { "owned": licenses.owned + missing, "was": licenses.owned },
        },
        { "choice": "swap", "way": "swap", "method": "POST", "path": "/api/v1/users/{id}/deactivation" },
    ])
}

/// As [`body_of`], for a failure of the request itself.
pub(super) fn body_of_plain(plain: &Plain) -> Value {
    let mut body = body(plain.status, plain.name, &plain.words);
    if !plain.errors.is_empty() {
        body["errors"] = json!(plain.errors);
    }
    body
}

/// The stable name of a problem type.
#[must_use]
pub fn name(error: &Error) -> &'static str {
    match error {
        Error::Refused(refusal) => refusal.name(),
        Error::Invalid(_) | Error::Scim(_) => "invalid",
        Error::NotFound(_) => "not-found",
        Error::Stale => "stale",
        Error::TooMany { .. } => "too-many-requests",
        Error::Store(_) | Error::Internal(_) => "internal",
    }
}

fn page(
    status: StatusCode,
    side: Side,
    error: Option<&Failed>,
    words: Option<&Arc<Plain>>,
    typed: Option<TypedFields>,
    request: RequestId,
) -> Response {
    if let Some(typed) = typed
        && let Some(failed) = error
        && (is_out(&failed.0) || (is_gone(&failed.0) || is_unsaved(&failed.0)) && !typed.fields.is_empty())
    {
        return refused_write(status, side, &failed.0, typed);
    }
    let bare = Bare { lang: "en".into(), side, ..Bare::default() };
    let mut page = ErrorPage::of(status, bare).of_request(request.to_string());
    if matches!(error.and_then(|failed| failed.0.refusal()), Some(Refusal::ActorDeactivated)) {
        return view::page(status, &of_deactivated(page));
    }
    match (error.map(|failed| &*failed.0), words) {
        (
            Some(
                error @ (Error::Refused(_) | Error::NotFound(_) | Error::TooMany { .. } | Error::Invalid(_)),
            ),
            _,
        ) => {
            page = page.saying(error.to_string());
        }
        // Whoever reads it can tell somebody who makes room, or has to look what came of it.
        (Some(error @ Error::Store(cause)), _) if cause.is_full() || cause.is_unknown() => {
            page = page.saying(error.to_string());
        }
        (_, Some(plain)) => page = of_plain(page, plain),
        _ => {}
    }
    view::page(status, &page)
}

/// The sign-in that leads back to a page.
pub(super) fn sign_in_for(side: Side, page: Option<&str>) -> String {
    page.map_or_else(
        || side.sign_in().to_owned(),
        |page| {
            let next: String = form_urlencoded::byte_serialize(page.as_bytes()).collect();
            format!("{}?next={next}", side.sign_in())
        },
    )
}

/// Whether somebody is signed out, or deactivated.
fn is_out(error: &Error) -> bool {
    matches!(error.refusal(), Some(Refusal::NotSignedIn | Refusal::ActorDeactivated))
}

/// Whether what was written to has been deleted meanwhile.
const fn is_gone(error: &Error) -> bool {
    matches!(error, Error::NotFound(_))
}

/// Whether the database had no room or no turn for it, and may have in a moment.
fn is_unsaved(error: &Error) -> bool {
    matches!(error, Error::Store(_)) && status(error) == StatusCode::SERVICE_UNAVAILABLE
}

fn of_plain(mut page: ErrorPage, plain: &Plain) -> ErrorPage {
    if let Some(heading) = plain.heading {
        page.bare.title = heading.into();
    }
    if plain.nowhere {
        page.ways.clear();
    }
    page.saying(plain.words.clone())
}

/// Whoever was signed in when their account was deactivated, and only looks.
fn of_deactivated(mut page: ErrorPage) -> ErrorPage {
    page.bare.title = "Your account is deactivated".into();
    page.ways = vec![Link::new("Go to sign-in", page.bare.side.sign_in())];
    page.saying(
        "You were signed out, and cannot sign in for now. Your profile and everything you held are kept as they were. \
         With your password you can ask for a return at sign-in.",
    )
}

fn refused_write(status: StatusCode, side: Side, error: &Error, typed: TypedFields) -> Response {
    let deactivated = matches!(error.refusal(), Some(Refusal::ActorDeactivated));
    let (title, way) = if deactivated {
        ("Your account is deactivated", Link::new("Sign in to ask for a return", side.sign_in()))
    } else if is_gone(error) {
        ("It is no longer there", Link::new("Go to the start", side.home()))
    } else if is_unsaved(error) {
        let page = typed.on.clone().unwrap_or_else(|| side.home().to_owned());
        ("Nothing could be saved", Link::new("Go back to try again", page))
    } else {
        ("You were signed out", Link::new("Sign in again", sign_in_for(side, typed.on.as_deref())))
    };
    let why = match error {
        _ if is_gone(error) => format!("{error} Nothing was sent."),
        _ if is_unsaved(error) => error.to_string(),
        _ => "Nothing was sent.".to_owned(),
    };
    let text = if typed.fields.is_empty() {
        why
    } else {
        format!("{why} Here is what you typed, so that you can copy it.")
    };
    let page = RefusedWritePage {
        bare: Bare { title: title.into(), lang: "en".into(), side, ..Bare::default() },
        text,
        typed: typed.fields,
        way: Some(way),
    };
    view::page(status, &page)
}
