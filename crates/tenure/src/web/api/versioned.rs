//! `If-Match` where nothing judges it (RFC 9110 13.1.1): a condition is never passed over in silence. Which routes judge
//! it is what their description says.

use std::{collections::BTreeSet, sync::LazyLock};

use axum::http::{HeaderMap, Method, StatusCode, header};
use utoipa::openapi::{
    RefOr,
    path::{Parameter, ParameterIn},
};

use super::openapi;
use crate::web::failure::Plain;

/// The problem of a condition on what has no version.
pub(in crate::web) fn unversioned() -> Plain {
    Plain::new(
        StatusCode::PRECONDITION_FAILED,
        "stale",
        "What this changes has no version of its own, so no If-Match but * can hold. Nothing was done.",
    )
}

/// Method and path of each operation that judges `If-Match`.
static JUDGED: LazyLock<BTreeSet<(String, String)>> = LazyLock::new(|| {
    let mut judged = BTreeSet::new();
    for (path, mut item) in openapi::described().paths.paths {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let operation = super::schemes::operation_of(&mut item, method.as_str());
            let parameters = operation.and_then(|operation| operation.parameters.take()).unwrap_or_default();
            let names = |one: &RefOr<Parameter>| {
                let RefOr::T(one) = one else { return false };
                one.parameter_in == ParameterIn::Header && one.name.eq_ignore_ascii_case("if-match")
            };
            if parameters.iter().any(names) {
                judged.insert((method.to_string(), path.clone()));
            }
        }
    }
    judged
});

/// Whether a request names a version where nothing has one.
pub(in crate::web) fn is_unheard(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let mut tags = headers.get_all(header::IF_MATCH).iter().peekable();
    if method.is_safe() || tags.peek().is_none() || tags.all(|tag| tag.as_bytes() == b"*") {
        return false;
    }
    !JUDGED.contains(&(method.to_string(), path.to_owned()))
}
