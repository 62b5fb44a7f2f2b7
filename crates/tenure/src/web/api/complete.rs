//! What the description of the API says of every operation alike: the header fields of answers, and an example of each
//! answer, made from its shape where the handler gives none.

use serde_json::{Map, Value, json};

const JSON: &str = "application/json";

/// Header fields of answers: name, what it says, an example.
const FIELDS: [(&str, &str, &str); 8] = [
    ("ETag", "The version of what is answered: send it back in `If-Match`.", "\"7\""),
    (
        "Idempotency-Replayed",
        "`true` where the answer was given before, for the same `Idempotency-Key`.",
        "true",
    ),
    ("Location", "Where it is.", "/api/v1/teams/01960000-0000-7000-8000-000000000003"),
    (
        "RateLimit",
        "How many requests are left to this bearer, and in how many seconds all are again.",
        "\"requests\";r=299;t=1",
    ),
    (
        "RateLimit-Policy",
        "How many requests a bearer may send in how many seconds.",
        "\"requests\";q=300;w=60",
    ),
    (
        "Retry-After",
        "After how many seconds to try again. It stands with 409 where the first request with the same `Idempotency-Key` is still handled.",
        "12",
    ),
    (
        "WWW-Authenticate",
        "How to say who asks (RFC 6750).",
        "Bearer realm=\"Tenure\", error=\"invalid_token\"",
    ),
    ("X-Request-Id", "The id of the request, as the log names it.", "01960000-0000-7000-8000-000000000001"),
];

/// Completes a description.
pub(super) fn complete(document: &mut Value) {
    plain_defaults(document);
    let headers: Map<String, Value> = FIELDS
        .iter()
        .map(|(name, words, example)| {
            (
                (*name).to_owned(),
                json!({ "description": words, "schema": { "type": "string" }, "example": example }),
            )
        })
        .collect();
    document["components"]["headers"] = Value::Object(headers);
    let shapes = document["components"]["schemas"].clone();
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for item in paths.values_mut().filter_map(Value::as_object_mut) {
        let versioned = item.get("patch").is_some_and(|patch| has_parameter(patch, "If-Match"));
        for (method, operation) in item {
            let keyed = has_parameter(operation, "Idempotency-Key");
            optional_body(operation, &shapes);
            let Some(answers) = operation["responses"].as_object_mut() else { continue };
            for (status, answer) in answers {
                let of = About { method, status, versioned, keyed };
                fields(answer, &of);
                if status.starts_with('2') {
                    example(answer, &shapes);
                }
            }
        }
    }
}

/// An operation's answer, as far as its header fields depend on it.
struct About<'a> {
    method: &'a str,
    status: &'a str,
    versioned: bool,
    keyed: bool,
}

fn has_parameter(operation: &Value, name: &str) -> bool {
    let parameters = operation["parameters"].as_array();
    parameters.is_some_and(|all| all.iter().any(|one| one["name"] == name))
}

/// A field that may be left out has the default null, which is none of its values: what is left out says as much.
fn plain_defaults(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| name != "default" || !value.is_null());
            fields.values_mut().for_each(plain_defaults);
        }
        Value::Array(items) => items.iter_mut().for_each(plain_defaults),
        _ => {}
    }
}

/// What needs no field of its body needs no body: an empty one is read as one without fields.
fn optional_body(operation: &mut Value, shapes: &Value) {
    let shape = &operation["requestBody"]["content"][JSON]["schema"]["$ref"];
    let Some(named) = shape.as_str().and_then(|path| path.rsplit('/').next()) else { return };
    if !shapes[named]["required"].is_array() {
        operation["requestBody"]["required"] = json!(false);
    }
}

fn fields(answer: &mut Value, of: &About<'_>) {
    let shape = &answer["content"][JSON]["schema"]["$ref"];
    let tells_all =
        shape.is_string() && shape != "#/components/schemas/Changed" && shape != "#/components/schemas/Me";
    let done = of.status.starts_with('2');
    let mut names = vec!["X-Request-Id"];
    names.extend(done.then_some(["RateLimit", "RateLimit-Policy"]).into_iter().flatten());
    for (name, told) in [
        ("ETag", of.versioned && of.status == "200" && tells_all && matches!(of.method, "get" | "patch")),
        ("Idempotency-Replayed", done && of.keyed),
        // A new secret is nowhere but in the answer.
        ("Location", of.status == "201" && shape != "#/components/schemas/NewSecret"),
        ("Retry-After", matches!(of.status, "429" | "503") || of.keyed && of.status == "409"),
        ("WWW-Authenticate", of.status == "401"),
    ] {
        names.extend(told.then_some(name));
    }
    for name in names {
        answer["headers"][name] = json!({ "$ref": format!("#/components/headers/{name}") });
    }
}

fn example(answer: &mut Value, shapes: &Value) {
    let Some(content) = answer.pointer_mut("/content/application~1json").and_then(Value::as_object_mut)
    else {
        return;
    };
    if !content.contains_key("example") && !content.contains_key("examples") {
        let of = content.get("schema").map(|shape| of_shape(shape, "", shapes, 0));
        content.extend(of.map(|example| ("example".to_owned(), example)));
    }
}

/// How far shapes are followed into each other.
const DEPTH: usize = 8;

/// A value of a shape; `name` is that of the field that has it.
fn of_shape(shape: &Value, name: &str, shapes: &Value, depth: usize) -> Value {
    if depth > DEPTH {
        return Value::Null;
    }
    let inner = |shape: &Value| of_shape(shape, name, shapes, depth + 1);
    if let Some(given) =
        shape.get("example").or_else(|| shape["examples"].get(0)).or_else(|| shape.get("const"))
    {
        return given.clone();
    }
    if let Some(named) = shape["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return inner(&shapes[named]);
    }
    if let Some(first) = shape["enum"].as_array().and_then(|all| all.iter().find(|one| !one.is_null())) {
        return first.clone();
    }
    if let Some(all) = shape["allOf"].as_array() {
        let parts = all.iter().filter_map(|part| inner(part).as_object().cloned());
        return Value::Object(parts.flatten().collect());
    }
    if let Some(all) = shape["oneOf"].as_array().or_else(|| shape["anyOf"].as_array()) {
        return all.iter().find(|one| one["type"] != "null").map_or(Value::Null, inner);
    }
    match kind(shape) {
        "object" => {
            let fields = shape["properties"].as_object().into_iter().flatten();
            fields.map(|(name, shape)| (name.clone(), of_shape(shape, name, shapes, depth + 1))).collect()
        }
        "array" => json!([of_shape(&shape["items"], name, shapes, depth + 1)]),
        "integer" | "number" => {
            shape.get("minimum").filter(|least| !least.is_null()).cloned().unwrap_or(json!(3))
        }
        "boolean" => json!(true),
        "string" => json!(text(shape, name)),
        _ => Value::Null,
    }
}

/// The type, of several the first that is not null.
fn kind(shape: &Value) -> &str {
    match &shape["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("")
        }
        _ if shape["properties"].is_object() => "object",
        _ => "",
    }
}

fn text(shape: &Value, name: &str) -> String {
    // `^(user|customer)$`
    let choices =
        shape["pattern"].as_str().and_then(|pattern| pattern.strip_prefix("^(")?.strip_suffix(")$"));
    if let Some(first) = choices.and_then(|choices| choices.split('|').next()) {
        return first.to_owned();
    }
    let example = match (shape["format"].as_str().unwrap_or_default(), name) {
        ("uuid", _) => "01960000-0000-7000-8000-000000000002",
        ("date-time", _) => "2026-11-23T09:30:00Z",
        ("date", _) => "2027-03-01",
        ("uri", _) => "https://example.org/tenure",
        (_, "email") => "ada@acme.example",
        (_, "language") => "en",
        (_, "time_zone") => "Europe/Berlin",
        (_, "theme") => "system",
        (_, "title") => "The invoice has the wrong address",
        (_, "body" | "text" | "description" | "detail" | "words") => {
            "The invoice still goes to the old office."
        }
        (_, "reason") => "Parental leave",
        (_, "link") => "https://desk.example.org/invitation/…",
        (_, "next" | "cursor" | "after") => "MDE5NjAwMDA",
        _ => "Ada Lovelace",
    };
    example.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_has_every_field_of_its_shape() {
        let shapes = json!({
            "Who": { "type": "object", "properties": {
                "id": { "type": "string", "format": "uuid" },
                "kind": { "type": ["string", "null"], "pattern": "^(user|customer)$" },
                "count": { "type": "integer", "minimum": 1 },
            } },
            "Page": { "type": "object", "properties": {
                "people": { "type": "array", "items": { "$ref": "#/components/schemas/Who" } },
                "next": { "oneOf": [{ "type": "null" }, { "type": "string", "example": "x" }] },
            } },
        });
        let made = of_shape(&json!({ "$ref": "#/components/schemas/Page" }), "", &shapes, 0);
        let who = json!({ "id": "01960000-0000-7000-8000-000000000002", "kind": "user", "count": 1 });
        assert_eq!(made, json!({ "people": [who], "next": "x" }));
    }

    #[test]
    fn a_shape_within_itself_ends() {
        let shapes = json!({ "Tree": { "type": "object", "properties": {
            "of": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } } } } });
        assert!(of_shape(&json!({ "$ref": "#/components/schemas/Tree" }), "", &shapes, 0).is_object());
    }

    #[test]
    fn null_is_no_default_and_other_defaults_stay() {
        let mut value = json!({ "a": { "default": null, "type": "string" }, "b": [{ "default": false }] });
        plain_defaults(&mut value);
        assert_eq!(value, json!({ "a": { "type": "string" }, "b": [{ "default": false }] }));
    }
}
