//! What an operation's description says, held against a request where its handler does not look: a condition
//! (RFC 9110 13.1.1) and a parameter are never passed over in silence.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use utoipa::openapi::{
    RefOr,
    path::{Parameter, ParameterIn},
};

use super::{openapi, query, schemes};
use crate::web::{
    failure::{Plain, Wrong},
    fields::Fields,
};

/// What an operation takes.
#[derive(Default)]
struct Takes {
    if_match: bool,
    query: bool,
}

/// By method and path.
static TAKEN: LazyLock<BTreeMap<(Method, String), Takes>> = LazyLock::new(|| {
    let mut taken = BTreeMap::new();
    for (path, mut item) in openapi::described().paths.paths {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let Some(operation) = schemes::operation_of(&mut item, method.as_str()) else { continue };
            let parameters = operation.parameters.take().unwrap_or_default();
            let has = |at: &dyn Fn(&Parameter) -> bool| {
                parameters.iter().any(|one| matches!(one, RefOr::T(one) if at(one)))
            };
            let takes = Takes {
                if_match: has(&|one| {
                    one.parameter_in == ParameterIn::Header && one.name.eq_ignore_ascii_case("if-match")
                }),
                query: has(&|one| one.parameter_in == ParameterIn::Query),
            };
            taken.insert((method, path.clone()), takes);
        }
    }
    taken
});

/// The problem of a condition on what has no version.
pub(in crate::web) fn unversioned() -> Plain {
    Plain::new(
        StatusCode::PRECONDITION_FAILED,
        "stale",
        "What this changes has no version of its own, so no If-Match but * can hold. Nothing was done.",
    )
}

/// Refuses what the operation does not take: a version where nothing has one, and any parameter where there is none.
pub(in crate::web) fn refused(
    method: &Method,
    path: &str,
    (uri, headers): (&Uri, &HeaderMap),
) -> Option<Plain> {
    let takes = TAKEN.get(&(method.clone(), path.to_owned()))?;
    let mut tags = headers.get_all(header::IF_MATCH).iter().peekable();
    let conditional = tags.peek().is_some() && !tags.all(|tag| tag.as_bytes() == b"*");
    if conditional && !method.is_safe() && !takes.if_match {
        return Some(unversioned());
    }
    // A write looks itself.
    if takes.query || !method.is_safe() {
        return None;
    }
    let fields = Fields::parse(uri.query()?.as_bytes()).ok()?;
    let wrong = fields.iter().map(|(name, _)| Wrong::parameter(name, "There are no parameters here."));
    let wrong: Vec<_> = wrong.collect();
    (!wrong.is_empty()).then(|| query::invalid(wrong))
}
