//! A request of the API that is done once, however often it is sent: `Idempotency-Key`
//! (draft-ietf-httpapi-idempotency-key-header).
//!
//! The bearer is authenticated first, so a key says nothing to anybody else. What was refused has changed nothing: its key
//! can be used again. What was done is answered again for a day, byte for byte but for secrets, which are shown once.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::actor::{Actor, Door};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{body, failure::Plain, session::Session};
use crate::{
    app::App,
    error::Result,
    store::answers::{self, Answer, Kept, Key, Mark},
};

/// The field that carries the key.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The field that says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The longest key, in characters.
const LONGEST: usize = 255;
/// The largest answer that is kept: what a change of ten thousand people tells is half of it.
const LARGEST: usize = 4 << 20;
/// The fields of answers that are shown once, and null in a repeat.
const SHOWN_ONCE: [&str; 2] = ["link", "secret"];
/// The header fields that belong to an answer.
const FIELDS: [HeaderName; 3] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];

/// The problem of a key that is no key.
pub(super) fn malformed() -> Plain {
    Plain::new(
        StatusCode::BAD_REQUEST,
        "idempotency-key-malformed",
        "Idempotency-Key is one text of 1 to 255 visible ASCII characters, such as a UUID. Nothing was done.",
    )
}

/// The problem of a key that was sent with something else.
pub(super) fn reused() -> Plain {
    Plain::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "This Idempotency-Key was sent with another request. Use a new key for each request. Nothing was done.",
    )
}

/// The problem of a request whose first one is still handled.
pub(super) fn in_progress() -> Plain {
    Plain::new(
        StatusCode::CONFLICT,
        "idempotency-in-progress",
        "The first request with this Idempotency-Key is still being handled, or ended with its server a moment ago. Try \
         again in a moment.",
    )
}

/// The problem of a request that was done, and whose answer is not there to be given again.
pub(super) fn answer_lost() -> Plain {
    Plain::new(
        StatusCode::CONFLICT,
        "idempotency-answer-lost",
        "The first request with this Idempotency-Key has changed something, and its answer is not kept. It was not done \
         again. Look what is there before you send it with another key.",
    )
}

/// Whether a request may be sent with a key: those that make or do something, by a program.
pub(super) fn applies(door: Door, method: &Method) -> bool {
    door == Door::Api && method == Method::POST
}

/// The key of a request, if it has one.
pub(super) fn key_of(headers: &HeaderMap) -> std::result::Result<Option<String>, Plain> {
    let mut fields = headers.get_all(KEY).iter();
    let (Some(field), None) = (fields.next(), fields.next()) else {
        return if headers.contains_key(KEY) { Err(malformed()) } else { Ok(None) };
    };
    let text = field.to_str().map_err(|_| malformed())?;
    // The draft writes a string of structured fields (RFC 9651), which most programs do not.
    let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let sound = (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if sound { Ok(Some(key.to_owned())) } else { Err(malformed()) }
}

/// Handles a request with a key: once.
pub(super) async fn answer(
    app: &App,
    session: &Session,
    key: &str,
    request: Request,
    next: Next,
) -> Response {
    let ((asked, lasts), request) = match digest_of(app, request).await {
        Ok(read) => read,
        Err(refused) => return refused.into_response(),
    };
    let key = Key {
        workspace: session.ctx.workspace,
        bearer: bearer(session),
        digest: Sha256::digest(key.as_bytes()).into(),
    };
    match begin(app, &key, (asked, lasts), session.ctx.now).await {
        Ok(None) => handle(app, key, request, next).await,
        Ok(Some(answer)) => answer,
        Err(error) => error.into_response(),
    }
}

fn bearer(session: &Session) -> Uuid {
    match session.ctx.actor {
        Actor::Token { token, .. } => token.uuid(),
        _ => session.person().uuid(),
    }
}

/// What is asked: the method, the address and the body; of a file that is sent, its kind and size. Beside it, how long
/// such a request may take.
async fn digest_of(
    app: &App,
    request: Request,
) -> std::result::Result<(([u8; 32], Duration), Request), Plain> {
    let (parts, body) = request.into_parts();
    let field = |name| parts.headers.get(name).map_or(&b""[..], HeaderValue::as_bytes);
    let kind = field(header::CONTENT_TYPE);
    let small = kind.is_empty() || kind.starts_with(b"application/");
    let mut digest = Sha256::new();
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    for part in [parts.method.as_str().as_bytes(), target.as_bytes(), kind] {
        digest.update(part);
        digest.update([0]);
    }
    let limits = &app.config.limits;
    let lasts = if small { limits.request_time } else { limits.upload_time };
    let body = if small {
        let bytes = body::read(body, app.config.limits.body_bytes).await?;
        digest.update(&bytes);
        Body::from(bytes)
    } else {
        digest.update(field(header::CONTENT_LENGTH));
        body
    };
    let asked = digest.finalize().into();
    Ok(((asked, lasts), Request::from_parts(parts, body)))
}

/// Takes the key, or answers what is known of it.
async fn begin(
    app: &App,
    key: &Key,
    (asked, lasts): ([u8; 32], Duration),
    now: Timestamp,
) -> Result<Option<Response>> {
    let own = key.clone();
    let kept = app
        .store
        .write(async move |tx| {
            if answers::take(tx, &own, asked, now).await? { Ok(None) } else { answers::find(tx, &own).await }
        })
        .await?;
    let Some(kept) = kept else { return Ok(None) };
    if kept.asked != asked {
        return Ok(Some(reused().into_response()));
    }
    // What has ended with its server and changed nothing may be done now; twice as long, since what was cut may still
    // be on its way to the database, and another node's clock may be behind.
    let age = now.duration_since(kept.at);
    if kept.answer.is_none() && !kept.acted && age > longest(lasts.saturating_mul(2)) {
        let (own, at) = (key.clone(), kept.at);
        if app.store.write(async move |tx| answers::take_over(tx, &own, at, now).await).await? {
            return Ok(None);
        }
    }
    Ok(Some(again(kept, age > longest(lasts))))
}

fn longest(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
}

/// The answer to a repeat; `late`, when the first request can no longer be under way.
fn again(kept: Kept, late: bool) -> Response {
    let Some(answer) = kept.answer else {
        if kept.acted && (late || kept.forgotten) {
            return answer_lost().into_response();
        }
        let mut response = in_progress().into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(1));
        return response;
    };
    let Some(head) = answer.head else { return answer_lost().into_response() };
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = u16::try_from(answer.status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok())
        .unwrap_or_default();
    let fields: BTreeMap<String, String> = serde_json::from_str(&head).unwrap_or_default();
    for (name, value) in fields {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// Handles the request and keeps its answer, even when its client has left.
async fn handle(app: &App, key: Key, request: Request, next: Next) -> Response {
    let (app, mark) = (app.clone(), Mark::new(key.clone()));
    let own = mark.clone();
    let handled = tokio::spawn(async move {
        let response = answers::marking(own.clone(), next.run(request)).await;
        keep(&app, key, own, response).await
    });
    match handled.await {
        Ok(response) => response,
        Err(error) => broken(mark, &error).await,
    }
}

/// What is said of a request whose handling broke: that nothing was changed, if no write of it was kept.
pub(super) async fn broken(mark: Mark, error: &(dyn std::error::Error + Sync)) -> Response {
    answers::marking(mark, async { crate::Error::Internal(error.to_string()).into_response() }).await
}

/// Keeps an answer that says what was done. What was refused is not kept, and its key may be used again.
async fn keep(app: &App, key: Key, mark: Mark, response: Response) -> Response {
    if !response.status().is_success() {
        if !mark.has_acted() {
            note(app.store.write(async move |tx| answers::release(tx, &key)).await);
        }
        return response;
    }
    let (parts, body) = response.into_parts();
    let bytes = match to_bytes(body, usize::MAX).await {
        Ok(bytes) => bytes,
        Err(error) => return broken(mark, &error).await,
    };
    let kept = Answer {
        status: i64::from(parts.status.as_u16()),
        head: (bytes.len() <= LARGEST).then(|| head_of(&parts.headers)),
        body: if bytes.len() <= LARGEST { without_secrets(&bytes) } else { Vec::new() },
    };
    note(app.store.write(async move |tx| answers::keep(tx, &key, kept.clone())).await);
    Response::from_parts(parts, Body::from(bytes))
}

/// The request is answered all the same: it was done, and a repeat is told that its answer is lost.
fn note(kept: Result<()>) {
    if let Err(error) = kept {
        tracing::warn!(?error, "the answer to a request with a key could not be kept");
    }
}

fn head_of(headers: &HeaderMap) -> String {
    let fields: BTreeMap<&str, &str> =
        FIELDS.iter().filter_map(|name| Some((name.as_str(), headers.get(name)?.to_str().ok()?))).collect();
    serde_json::to_string(&fields).unwrap_or_default()
}

/// A body as it is kept: what is shown once is null in it.
fn without_secrets(body: &Bytes) -> Vec<u8> {
    let Ok(serde_json::Value::Object(mut fields)) = serde_json::from_slice(body) else {
        return body.to_vec();
    };
    let mut secret = false;
    for name in SHOWN_ONCE {
        if let Some(value) = fields.get_mut(name).filter(|value| value.is_string()) {
            *value = serde_json::Value::Null;
            secret = true;
        }
    }
    if secret { serde_json::to_vec(&fields).unwrap_or_default() } else { body.to_vec() }
}
