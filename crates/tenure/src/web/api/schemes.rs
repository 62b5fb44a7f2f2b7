//! How a request says who sends it, for the description of the API: written once, and added to every operation with
//! the scope that its route needs.

use domain::actor::Door;
use utoipa::openapi::{
    ObjectBuilder, OpenApi, Required, Type,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

use super::problems;
use crate::web::{once, routes::Routes};

const SESSION: &str = "The session of a signed-in user. The cookie is named `__Host-tenure` behind https, and `tenure` \
                       on plain http.";

const TOKEN: &str = "An API token, `tnr_…`, in the `Authorization` field. Each operation names the scope that it needs: \
                     `read`, `write`, `people` or `webhooks`; `write` and `people` include `read`. No `Origin` is needed with it.";

const KEY: &str = "A text of your choice, new for each request, such as a UUID. The request is then done once: sent again within \
                   24 hours it is answered as the first time (`Idempotency-Replayed: true`), with null for what is shown \
                   once. A refused request was not done, and may be sent again with the same key.";

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
            if once::applies(Door::Api, &route.method) {
                operation.parameters.get_or_insert_default().push(key().into());
                problems::add_keyed(operation);
            }
            if !route.method.is_safe() && !operation.responses.responses.contains_key("412") {
                problems::add_unversioned(operation);
            }
            if route.method.is_safe() && !operation.responses.responses.contains_key("422") {
                problems::add_asking(operation);
            }
        }
    }
}

fn key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(KEY))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[!-~]{1,255}$"))))
        .example(Some("8e03978e-40d5-43dd-bc93-6894a57f9324".into()))
        .build()
}

pub(super) fn operation_of<'a>(item: &'a mut PathItem, method: &str) -> Option<&'a mut Operation> {
    match method {
        "GET" => item.get.as_mut(),
        "POST" => item.post.as_mut(),
        "PUT" => item.put.as_mut(),
        "PATCH" => item.patch.as_mut(),
        "DELETE" => item.delete.as_mut(),
        _ => None,
    }
}
