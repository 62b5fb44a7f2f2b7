//! How a request says who sends it, for the description of the API: written once, and added to every operation with
//! the scope that its route needs.

use utoipa::openapi::{
    OpenApi,
    path::{Operation, PathItem},
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

use crate::web::routes::Routes;

const SESSION: &str = "The session of a signed-in user. The cookie is named `__Host-tenure` behind https, and `tenure` \
                       on plain http.";

const TOKEN: &str = "An API token, `tnr_…`, in the `Authorization` field. Each operation names the scope that it needs: \
                     `read`, `write` or `people`; `write` and `people` include `read`. No `Origin` is needed with it.";

/// Adds both schemes to the description, and the token with its scope to each operation.
pub(super) fn add(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description("__Host-tenure", SESSION));
    components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    let bearer =
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("tnr_…").description(Some(TOKEN));
    components.add_security_scheme("token", SecurityScheme::Http(bearer.build()));
    for route in Routes::listed(super::routes) {
        let Some(scope) = route.access.scope(&route.method) else { continue };
        let item = document.paths.paths.get_mut(route.path);
        if let Some(operation) = item.and_then(|item| operation_of(item, route.method.as_str())) {
            let token = SecurityRequirement::new("token", [scope.word()]);
            operation.security.get_or_insert_default().push(token);
        }
    }
}

fn operation_of<'a>(item: &'a mut PathItem, method: &str) -> Option<&'a mut Operation> {
    match method {
        "GET" => item.get.as_mut(),
        "POST" => item.post.as_mut(),
        "PUT" => item.put.as_mut(),
        "PATCH" => item.patch.as_mut(),
        "DELETE" => item.delete.as_mut(),
        _ => None,
    }
}
