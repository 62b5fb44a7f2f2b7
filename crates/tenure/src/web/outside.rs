//! What the header fields of a request say, read as the server reads them but without a server: for the fuzzers, which
//! hand them any bytes.

use axum::http::HeaderMap;

use super::{api, bearer, desk, flash, once, pages, side::Side, view::shell::Toast};
use crate::secret::Secret;

/// The token that a request to this path shows: `None` where it shows none, `Some(None)` where what it shows is none.
#[must_use]
pub fn token(path: &str, headers: &HeaderMap) -> Option<Option<Secret>> {
    match bearer::shown(path, headers) {
        bearer::Shown::Nothing => None,
        bearer::Shown::Nonsense => Some(None),
        bearer::Shown::Token(secret) => Some(Some(secret)),
    }
}

/// The `Idempotency-Key`: the words of a refusal where it is no key.
pub fn key(headers: &HeaderMap) -> Result<Option<String>, String> {
    once::key_of(headers).map_err(|refused| refused.words)
}

/// The version that `If-Match` names: a negative one is nobody's.
#[must_use]
pub fn version(headers: &HeaderMap) -> Option<i64> {
    api::version_in(headers)
}

/// What a request's cookie has to be told.
#[must_use]
pub fn told(headers: &HeaderMap, side: Side) -> Option<Toast> {
    flash::read(headers, side)
}

/// Where signing in leads.
#[must_use]
pub fn next(side: Side, typed: &str) -> &str {
    pages::sign_in::local_path(side, typed)
}

/// Where a form of the desk leads back to, if it says so.
#[must_use]
pub fn back(typed: &str) -> Option<&str> {
    desk::followed(typed)
}
