//! Reading a body up to its limit.

use axum::{
    body::{Body, HttpBody as _, to_bytes},
    http::StatusCode,
};
use bytes::Bytes;

use super::failure::Plain;

/// The answer to a body that is too large.
pub(super) fn too_large(limit: usize) -> Plain {
    let words = format!("A request body may have at most {limit} bytes. Nothing was done.");
    Plain::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", words)
}

/// Reads a body. One that says beforehand that it is larger than `limit` is refused before it is sent.
pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes, Plain> {
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(too_large(limit));
    }
    to_bytes(body, limit).await.map_err(|error| {
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(error) = cause {
            if error.is::<http_body_util::LengthLimitError>() {
                return too_large(limit);
            }
            cause = error.source();
        }
        Plain::new(StatusCode::BAD_REQUEST, "bad-request", "The body did not arrive whole. Nothing was done.")
    })
}
