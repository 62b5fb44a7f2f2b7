//! What SCIM is here (RFC 7644, section 4).

use axum::{
    extract::{Path, RawQuery},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};

use super::{Caller, answer::answer, asked::MOST, list::listed};
use crate::{
    error::{Error, Result},
    scim::schema,
    web::failure::Plain,
};

/// `GET /ServiceProviderConfig`.
pub(super) async fn config(caller: Caller) -> Response {
    let supported = |is: bool| json!({ "supported": is });
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "documentationUri": format!("{}/api/docs", caller.session.visit.base),
        "patch": supported(true),
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MOST },
        "changePassword": supported(false),
        "sort": supported(false),
        "etag": supported(true),
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "API token",
            "description": "A token of the workspace with the scope scim or scim-customers, as Authorization: Bearer.",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{}/ServiceProviderConfig", caller.base),
        },
    });
    answer(StatusCode::OK, &body)
}

/// `GET /Me`: a token of the workspace stands for nobody (RFC 7644, section 3.11).
pub(super) async fn no_person(_: Caller) -> Plain {
    not_implemented("A token for SCIM stands for nobody, so there is no Me.")
}

/// `POST /Bulk` (RFC 7644, section 3.7): not here, as the configuration says.
pub(super) async fn no_bulk(_: Caller) -> Plain {
    not_implemented("There is no Bulk here: send each change by itself.")
}

fn not_implemented(words: &str) -> Plain {
    Plain::new(StatusCode::NOT_IMPLEMENTED, "not-implemented", words)
}

/// A filter on what SCIM is here is refused (RFC 7644, section 4).
fn unfiltered(query: Option<&str>) -> Result<(), Plain> {
    let filters = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .any(|(name, _)| name.eq_ignore_ascii_case("filter"));
    if !filters {
        return Ok(());
    }
    let words = "What SCIM is here is not filtered: ask for all of it.";
    Err(Plain::new(StatusCode::FORBIDDEN, "forbidden", words))
}

fn of(list: Vec<Value>, id: &str, what: &'static str) -> Result<Response> {
    let found =
        list.into_iter().find(|one| one["id"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(id)));
    found.map(|one| answer(StatusCode::OK, &one)).ok_or(Error::NotFound(what))
}

fn all(list: &[Value]) -> Response {
    let total = i64::try_from(list.len()).unwrap_or(i64::MAX);
    listed(total, 1, list)
}

fn types_of(caller: &Caller) -> Vec<Value> {
    caller.types().iter().map(|kind| kind.described(&caller.base)).collect()
}

/// `GET /ResourceTypes`.
pub(super) async fn resource_types(caller: Caller, RawQuery(query): RawQuery) -> Result<Response, Plain> {
    unfiltered(query.as_deref())?;
    Ok(all(&types_of(&caller)))
}

/// `GET /ResourceTypes/{name}`.
pub(super) async fn resource_type(caller: Caller, Path(name): Path<String>) -> Result<Response> {
    of(types_of(&caller), &name, "resource type")
}

/// `GET /Schemas`.
pub(super) async fn schemas(caller: Caller, RawQuery(query): RawQuery) -> Result<Response, Plain> {
    unfiltered(query.as_deref())?;
    Ok(all(&schema::described(caller.types(), &caller.base)))
}

/// `GET /Schemas/{urn}`.
pub(super) async fn schema(caller: Caller, Path(urn): Path<String>) -> Result<Response> {
    of(schema::described(caller.types(), &caller.base), &urn, "schema")
}
