//! Lists and searches (RFC 7644, section 3.4): what an index answers is looked up, the rest is found by looking at
//! everybody, within a bound.

use axum::{http::StatusCode, response::Response};
use serde_json::{Value, json};

use super::{
    Caller,
    answer::answer,
    asked::{Asked, Body},
    groups, users,
};
use crate::{
    error::{Error, Result},
    scim::{Problem, ProblemKind, schema::ResourceType},
    store::Rx,
};

/// How many a filter looks at that no index answers.
pub(super) const LOOKED_AT: usize = 100_000;

/// The refusal of a filter that would look at more.
pub(super) fn too_many() -> Error {
    let detail = format!(
        "This filter looks at more than {LOOKED_AT} resources. Ask for userName, externalId, emails.value or id by eq."
    );
    Problem::new(ProblemKind::TooMany, detail).into()
}

/// Some of what was found, from the place `start` (from 1) on.
pub(super) struct Found {
    /// How many there are in all.
    pub(super) total: i64,
    /// Those that are wanted, as they are shown.
    pub(super) shown: Vec<Value>,
}

/// An answer with a list.
pub(super) fn listed(total: i64, start: i64, shown: &[Value]) -> Response {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": shown.len(),
        "Resources": shown,
    });
    answer(StatusCode::OK, &body)
}

/// Resources of a type.
pub(super) async fn find(rx: &mut Rx, caller: &Caller, of: ResourceType, asked: &Asked) -> Result<Found> {
    match of {
        ResourceType::User => users::find(rx, caller, asked).await,
        ResourceType::Group => groups::find(rx, caller, asked).await,
    }
}

/// Answers a list of one type.
pub(super) async fn answer_with(caller: &Caller, of: ResourceType, asked: &Asked) -> Result<Response> {
    let mut rx = caller.app.store.reader().await?;
    let found = find(&mut rx, caller, of, asked).await?;
    Ok(listed(found.total, asked.start, &found.shown))
}

/// `POST /.search`: of all types, users first.
pub(super) async fn search(caller: Caller, Body(body): Body) -> Result<Response> {
    let asked = Asked::of_body(&body)?;
    let mut rx = caller.app.store.reader().await?;
    let (mut total, mut shown) = (0, Vec::new());
    let mut refused = None;
    let mut understood = false;
    for of in caller.types() {
        let left = asked.count - i64::try_from(shown.len()).unwrap_or(i64::MAX);
        let asked = asked.after(total, left);
        // A schema of the other type is no fault of the filter.
        match find(&mut rx, &caller, *of, &asked).await {
            Ok(found) => {
                understood = true;
                total += found.total;
                shown.extend(found.shown);
            }
            Err(Error::Scim(problem)) => refused = Some(problem),
            Err(error) => return Err(error),
        }
    }
    match refused {
        Some(problem) if !understood => Err(Error::Scim(problem)),
        _ => Ok(listed(total, asked.start, &shown)),
    }
}
