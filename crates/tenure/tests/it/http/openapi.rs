//! The description of the API is what the API does.

use std::{collections::HashMap, sync::LazyLock};

use domain::token::Scope;
use serde_json::Value;
use tenure::web::{api, server};

use crate::{
    drift::check_generated,
    support::{
        database::{Database, Ready},
        http::Page,
        world::World,
    },
};

#[test]
fn generated_description_of_the_api() {
    check_generated("docs/openapi.json", &api::document());
}

fn document() -> Value {
    static DOCUMENT: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(&api::document()).expect("JSON"));
    DOCUMENT.clone()
}

#[tokio::test]
async fn every_route_of_the_api_is_described_and_nothing_else() {
    let database = Database::sqlite(Ready::Migrated).await;
    let world = World::new(database.store.clone(), 5).await;
    let list = server::list(&world.app).into_iter().filter(|route| route.path.starts_with("/api/v1/"));
    let mut routes: Vec<_> = list
        .filter(|route| route.path != "/api/v1/openapi.json")
        .map(|route| format!("{} {}", route.method.as_str().to_lowercase(), route.path))
        .collect();
    let document = document();
    let paths = document["paths"].as_object().expect("paths");
    let mut described: Vec<_> = paths
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().expect("methods").keys().map(move |method| format!("{method} {path}"))
        })
        .collect();
    routes.sort();
    described.sort();
    assert_eq!(routes, described);
    assert_eq!(document["openapi"], "3.1.0");
}

#[tokio::test]
async fn every_operation_names_its_session_its_scope_its_answers_and_its_problems() {
    let database = Database::sqlite(Ready::Migrated).await;
    let world = World::new(database.store.clone(), 5).await;
    let routes = server::list(&world.app).into_iter();
    let scopes: HashMap<_, _> = routes
        .filter_map(|route| {
            let what = format!("{} {}", route.method.as_str().to_lowercase(), route.path);
            Some((what, route.access.scope(&route.method)?))
        })
        .collect();
    let document = document();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let what = format!("{method} {path}");
            assert_eq!(operation["security"][0]["session"], serde_json::json!([]), "{what}");
            let scope = operation["security"][1]["token"][0].as_str().and_then(Scope::parse);
            assert_eq!(scope, scopes.get(&what).copied(), "{what}");
            let responses = operation["responses"].as_object().expect("responses");
            for status in ["400", "401", "403", "404", "429", "500", "503"] {
                assert!(responses.contains_key(status), "{what} lacks {status}");
            }
            assert!(responses.keys().any(|status| status.starts_with('2')), "{what} never succeeds");
            for (status, response) in responses.iter().filter(|(status, _)| !status.starts_with('2')) {
                let examples = response["content"]["application/problem+json"]["examples"].as_object();
                for (name, example) in examples.unwrap_or_else(|| panic!("{what} {status} has no example")) {
                    let value = &example["value"];
                    assert_eq!(value["type"], format!("/problems/{name}"), "{what} {status}");
                    assert_eq!(value["status"].to_string(), *status, "{what} {name}");
                    check(&document, &document["components"]["schemas"]["Problem"], value, &what, true);
                }
            }
        }
    }
}

/// Checks that the API described this answer to `method path`: its status, its shape, and for a problem its type.
#[track_caller]
pub(crate) fn check_answer(method: &str, path: &str, page: &Page) {
    let document = document();
    let status = page.status.as_u16().to_string();
    let response = &document["paths"][path][method]["responses"][&status];
    assert!(response.is_object(), "{method} {path} does not describe {status}: {page:?}");
    if page.text.is_empty() {
        assert!(response["content"].is_null(), "{method} {path} {status} has no body");
        return;
    }
    let kind = page.headers["content-type"].to_str().expect("text");
    let content = &response["content"][kind];
    assert!(content.is_object(), "{method} {path} {status} does not describe {kind}");
    let body = page.json();
    if let Some(name) = body["type"].as_str().and_then(|name| name.strip_prefix("/problems/")) {
        assert!(content["examples"][name].is_object(), "{method} {path} {status} does not describe {name}");
    }
    check(&document, &content["schema"], &body, &format!("{method} {path}"), kind.contains("problem"));
}

/// Checks a value against a schema, as far as the description uses JSON Schema. Properties that are not
/// described are wrong unless `open`.
#[track_caller]
fn check(document: &Value, schema: &Value, value: &Value, at: &str, open: bool) {
    if let Err(why) = fits(document, schema, value, at, open) {
        panic!("{why}\nvalue: {value}\nschema: {schema}");
    }
}

fn fits(document: &Value, schema: &Value, value: &Value, at: &str, open: bool) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let target = document.pointer(name.trim_start_matches('#')).ok_or(format!("{at}: no {name}"))?;
        return fits(document, target, value, at, open);
    }
    for word in ["oneOf", "anyOf"] {
        if let Some(list) = schema[word].as_array() {
            let wrong: Vec<_> = list.iter().map(|one| fits(document, one, value, at, open)).collect();
            return if wrong.iter().any(Result::is_ok) {
                Ok(())
            } else {
                Err(format!("{at}: none of {wrong:?}"))
            };
        }
    }
    let names = match &schema["type"] {
        Value::String(name) => vec![name.as_str()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => return Err(format!("{at}: a schema without a type: {schema}")),
    };
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !names.contains(&name) {
        return Err(format!("{at}: {name}, not {names:?}"));
    }
    match value {
        Value::Array(list) => {
            list.iter().try_for_each(|one| fits(document, &schema["items"], one, &format!("{at}[]"), open))
        }
        // An object of which nothing is said may hold anything.
        Value::Object(_) if schema.get("properties").is_none() => Ok(()),
        Value::Object(fields) => {
            for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                if !fields.contains_key(name) {
                    return Err(format!("{at}: lacks {name}"));
                }
            }
            for (name, field) in fields {
                match schema["properties"].get(name) {
                    Some(inner) => fits(document, inner, field, &format!("{at}.{name}"), open)?,
                    None if open => {}
                    None => return Err(format!("{at}: {name} is not described")),
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

#[test]
fn a_value_that_is_not_as_described_is_found_out() {
    let document = document();
    let schema = &document["components"]["schemas"]["InGroup"];
    let fits = |value: Value| fits(&document, schema, &value, "", false);
    assert_eq!(fits(serde_json::json!({ "id": "x", "name": "y" })), Ok(()));
    assert!(fits(serde_json::json!({ "id": "x" })).is_err());
    assert!(fits(serde_json::json!({ "id": "x", "name": 1 })).is_err());
    assert!(fits(serde_json::json!({ "id": "x", "name": "y", "more": 1 })).is_err());
    assert!(fits(serde_json::json!([])).is_err());
}
