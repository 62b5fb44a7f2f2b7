//! Reading the description (OpenAPI 3.1) of the API into what its pages show.

use std::collections::BTreeSet;

use serde_json::Value;

use super::prose;
use crate::{
    text::fold,
    web::view::{
        Link,
        docs::{DocsAnswer, DocsBody, DocsField, DocsOperation, DocsProblem, DocsShape},
    },
};

/// Operations that belong together.
#[derive(Debug)]
pub(super) struct Group {
    /// Its name in the description and in its address.
    pub(super) name: String,
    /// What it is about.
    pub(super) about: String,
    /// Its operations, by path.
    pub(super) operations: Vec<Operation>,
    /// The shapes that they take and give, by name.
    pub(super) shapes: Vec<Shape>,
}

impl Group {
    /// "Items".
    pub(super) fn title(&self) -> String {
        let mut letters = self.name.chars();
        letters.next().map(char::to_uppercase).into_iter().flatten().chain(letters).collect()
    }
}

/// An operation.
#[derive(Debug)]
pub(super) struct Operation {
    /// Its id.
    pub(super) id: String,
    /// `GET`, `POST` and the like.
    pub(super) method: String,
    /// The path.
    pub(super) path: String,
    /// What it does.
    pub(super) title: String,
    /// What a search looks into.
    pub(super) search: String,
    about: String,
    scope: Option<String>,
    parameters: Vec<Field>,
    body: Option<Body>,
    answers: Vec<(String, String, Option<String>)>,
    problems: Vec<DocsProblem>,
}

/// What a request brings.
#[derive(Debug)]
struct Body {
    media: String,
    words: String,
    fields: Vec<Field>,
    example: Option<Value>,
}

/// A parameter or a field.
#[derive(Debug)]
struct Field {
    name: String,
    place: String,
    kind: String,
    shape: Option<String>,
    required: bool,
    words: String,
}

/// A shape.
#[derive(Debug)]
pub(super) struct Shape {
    name: String,
    about: String,
    one_of: Vec<String>,
    fields: Vec<Field>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The groups of a description, in the order in which it names them; those without an operation are left out.
pub(super) fn groups(document: &Value) -> Vec<Group> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            operations.push((text(&operation["tags"][0]), operation_of(document, (method, path), operation)));
        }
    }
    let group = |tag: &Value| {
        let name = text(&tag["name"]);
        let (mine, rest): (Vec<_>, Vec<_>) = operations.drain(..).partition(|(tag, _)| *tag == name);
        operations = rest;
        let operations: Vec<Operation> = mine.into_iter().map(|(_, operation)| operation).collect();
        let shapes = shapes(document, &operations);
        Group { name, about: text(&tag["description"]), operations, shapes }
    };
    let groups: Vec<Group> = list(&document["tags"]).iter().map(group).collect();
    groups.into_iter().filter(|group| !group.operations.is_empty()).collect()
}

fn operation_of(document: &Value, (method, path): (&str, &str), operation: &Value) -> Operation {
    let (title, about) = (text(&operation["summary"]), text(&operation["description"]));
    let (mut answers, mut problems) = (Vec::new(), Vec::new());
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let contents = response["content"].as_object();
        if status.starts_with('2') {
            let schema = contents.and_then(|contents| contents.values().next()).map(|one| &one["schema"]);
            let shape = schema.and_then(|schema| kind_of(schema).1);
            answers.push((status.clone(), text(&response["description"]), shape));
            continue;
        }
        let examples = contents.into_iter().flat_map(|contents| contents.values());
        for (name, example) in examples.filter_map(|one| one["examples"].as_object()).flatten() {
            let words = text(&example["value"]["detail"]);
            problems.push(DocsProblem { status: status.clone(), name: name.clone(), words });
        }
    }
    let types = problems.iter().map(|problem| problem.name.as_str()).collect::<Vec<_>>().join(" ");
    Operation {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        // Whoever has an error in hand looks for its type.
        search: fold(&format!("{method} {path} {title} {about} {types}")),
        title: title.trim_end_matches('.').to_owned(),
        about,
        scope: list(&operation["security"])
            .iter()
            .find_map(|one| one["token"][0].as_str())
            .map(str::to_owned),
        parameters: list(&operation["parameters"]).iter().map(parameter).collect(),
        body: body(document, &operation["requestBody"]),
        answers,
        problems,
    }
}

fn parameter(parameter: &Value) -> Field {
    let (kind, shape) = kind_of(&parameter["schema"]);
    Field {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        // One that may be left out is not there then, and never null.
        kind: kind.trim_end_matches(" or null").to_owned(),
        shape,
        required: parameter["required"] == true,
        words: text(&parameter["description"]),
    }
}

fn body(document: &Value, body: &Value) -> Option<Body> {
    let contents = body["content"].as_object()?;
    let schema = named(document, &contents.values().next()?["schema"]);
    Some(Body {
        media: contents.keys().cloned().collect::<Vec<_>>().join(" or "),
        words: text(&body["description"]),
        fields: fields(schema),
        example: schema.get("example").cloned(),
    })
}

/// The schema itself where it is only named, also where it may be null.
fn named<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match kind_of(schema).1 {
        Some(name) => &document["components"]["schemas"][name.as_str()],
        None => schema,
    }
}

/// Those that must be there first; then by name.
fn fields(schema: &Value) -> Vec<Field> {
    let required = list(&schema["required"]);
    let field = |(name, inner): (&String, &Value)| {
        let (kind, shape) = kind_of(inner);
        let is_required = required.iter().any(|one| one.as_str() == Some(name.as_str()));
        let words = words_about(inner);
        Field { name: name.clone(), place: String::new(), kind, shape, required: is_required, words }
    };
    let mut fields: Vec<Field> = schema["properties"].as_object().into_iter().flatten().map(field).collect();
    fields.sort_by_key(|field| !field.required);
    fields
}

/// What is said of a field; of one that may be null it stands at what it is else.
fn words_about(schema: &Value) -> String {
    let mut said = std::iter::once(schema).chain(list(&schema["oneOf"]));
    said.find_map(|one| one["description"].as_str()).unwrap_or_default().to_owned()
}

/// What a schema is in words, and the shape that it names.
fn kind_of(schema: &Value) -> (String, Option<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        return (String::new(), Some(name.to_owned()));
    }
    let choices: Vec<&Value> = [&schema["oneOf"], &schema["anyOf"]].into_iter().flat_map(list).collect();
    if let Some(choice) = choices.iter().find(|one| one["type"] != "null") {
        let (kind, shape) = kind_of(choice);
        let nullable = choices.iter().any(|one| one["type"] == "null");
        return (if nullable { format!("{kind} or null").trim().to_owned() } else { kind }, shape);
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let plain = types.iter().find(|one| **one != "null").copied().unwrap_or_default();
    if plain == "array" {
        let (kind, shape) = kind_of(&schema["items"]);
        return (format!("list of {kind}").trim().to_owned(), shape);
    }
    let words = words_of(plain, schema);
    let nullable = if types.contains(&"null") { " or null" } else { "" };
    (format!("{words}{nullable}"), None)
}

fn words_of(plain: &str, schema: &Value) -> String {
    let choices = schema["pattern"].as_str().and_then(|text| text.strip_prefix("^(")?.strip_suffix(")$"));
    let named: Vec<&str> = list(&schema["enum"]).iter().filter_map(Value::as_str).collect();
    match (choices, schema["format"].as_str()) {
        (Some(choices), _) => choices.split('|').collect::<Vec<_>>().join(" | "),
        (None, _) if !named.is_empty() => named.join(" | "),
        (None, Some("uuid")) => "UUID".into(),
        (None, Some("date-time")) => "time".into(),
        (None, Some("date")) => "date".into(),
        _ => match plain {
            "string" => "text".into(),
            "integer" => "number".into(),
            "boolean" => "true | false".into(),
            other => other.to_owned(),
        },
    }
}

/// The shapes of answers and bodies, and those in them.
fn shapes(document: &Value, operations: &[Operation]) -> Vec<Shape> {
    let of_body = |one: &Operation| {
        let fields = one.body.iter().flat_map(|body| &body.fields);
        fields.filter_map(|field| field.shape.clone()).collect::<Vec<_>>()
    };
    let answered =
        operations.iter().flat_map(|one| one.answers.iter().filter_map(|(_, _, shape)| shape.clone()));
    let mut wanted: Vec<String> = answered.chain(operations.iter().flat_map(of_body)).collect();
    let (mut seen, mut shapes) = (BTreeSet::new(), Vec::new());
    while let Some(name) = wanted.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let schema = &document["components"]["schemas"][name.as_str()];
        let one_of: Vec<String> = list(&schema["oneOf"]).iter().filter_map(|one| kind_of(one).1).collect();
        let fields = fields(schema);
        wanted.extend(one_of.iter().cloned().chain(fields.iter().filter_map(|field| field.shape.clone())));
        let about = text(&schema["description"]);
        shapes.push(Shape { name, about, one_of, fields });
    }
    shapes.sort_by(|one, other| one.name.cmp(&other.name));
    shapes
}

fn link(shape: &str) -> Link {
    Link::new(shape, format!("#shape-{shape}"))
}

impl Field {
    fn drawn(&self) -> DocsField {
        DocsField {
            name: self.name.clone(),
            place: self.place.clone(),
            kind: self.kind.clone(),
            shape: self.shape.as_deref().map(link),
            required: self.required,
            words: prose(&self.words),
        }
    }
}

impl Shape {
    /// As its page shows it.
    pub(super) fn drawn(&self) -> DocsShape {
        DocsShape {
            name: self.name.clone(),
            about: prose(&self.about),
            one_of: self.one_of.iter().map(|one| link(one)).collect(),
            // What is there in an answer is no question of what must be given.
            fields: self.fields.iter().map(|field| DocsField { required: false, ..field.drawn() }).collect(),
        }
    }
}

impl Operation {
    /// As its page shows it, at the desk that answers at `base`.
    pub(super) fn drawn(&self, base: &str) -> DocsOperation {
        DocsOperation {
            id: self.id.clone(),
            method: self.method.clone(),
            path: self.path.clone(),
            title: self.title.clone(),
            about: prose(&self.about),
            scope: self.scope.clone(),
            parameters: self.parameters.iter().map(Field::drawn).collect(),
            body: self.body.as_ref().map(|body| DocsBody {
                media: body.media.clone(),
                words: prose(&body.words),
                fields: body.fields.iter().map(Field::drawn).collect(),
            }),
            answers: self
                .answers
                .iter()
                .map(|(status, words, shape)| DocsAnswer {
                    status: status.clone(),
                    words: prose(words),
                    shape: shape.as_deref().map(link),
                })
                .collect(),
            problems: self.problems.clone(),
            example: self.example(base),
        }
    }

    /// How it is called from a shell: by a token where one is taken, else by the cookie of a session.
    fn example(&self, base: &str) -> String {
        let mut lines =
            vec![if self.method == "GET" { "curl".to_owned() } else { format!("curl -X {}", self.method) }];
        if self.scope.is_some() {
            lines.push("-H \"Authorization: Bearer $TENURE_TOKEN\"".into());
        } else {
            lines.push("-b \"tenure=$SESSION\"".into());
            if self.method != "GET" {
                lines.push(format!("-H 'Origin: {base}'"));
            }
        }
        if let Some(body) = &self.body {
            let media = body.media.split(' ').next().unwrap_or_default();
            lines.push(format!("-H 'Content-Type: {media}'"));
            lines.push(match &body.example {
                Some(example) => format!("-d '{example}'"),
                None => "--data-binary @file".into(),
            });
        }
        lines.push(format!("\"{base}{}\"", variables(&self.path)));
        lines.join(" \\\n  ")
    }
}

/// A path whose parameters are a shell's variables.
fn variables(path: &str) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
        Some(name) => format!("${}", name.to_uppercase()),
        None => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kind_is_said_in_words_with_the_shape_it_names() {
        for (schema, kind, shape) in [
            (json!({ "type": "string" }), "text", None),
            (json!({ "type": ["string", "null"], "format": "uuid" }), "UUID or null", None),
            (json!({ "type": "string", "pattern": "^(new|open)$" }), "new | open", None),
            (json!({ "type": "string", "enum": ["free", "add"] }), "free | add", None),
            (json!({ "type": "array", "items": { "type": "integer" } }), "list of number", None),
            (
                json!({ "type": "array", "items": { "$ref": "#/components/schemas/Who" } }),
                "list of",
                Some("Who"),
            ),
            (
                json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Who" }] }),
                "or null",
                Some("Who"),
            ),
        ] {
            let (words, named) = kind_of(&schema);
            assert_eq!((words.as_str(), named.as_deref()), (kind, shape), "{schema}");
        }
    }

    #[test]
    fn every_operation_and_every_shape_it_needs_is_read() {
        let document: Value = serde_json::from_str(&crate::web::api::document()).expect("JSON");
        let groups = groups(&document);
        let paths = document["paths"].as_object().expect("paths");
        let described: usize =
            paths.values().map(|methods| methods.as_object().map_or(0, serde_json::Map::len)).sum();
        assert_eq!(groups.iter().map(|group| group.operations.len()).sum::<usize>(), described);
        for group in &groups {
            assert!(!group.about.is_empty(), "{} says what it is about", group.name);
            let shapes: BTreeSet<&str> = group.shapes.iter().map(|shape| shape.name.as_str()).collect();
            for field in group.shapes.iter().flat_map(|shape| &shape.fields) {
                assert!(
                    field.shape.as_deref().is_none_or(|shape| shapes.contains(shape)),
                    "{}: {field:?}",
                    group.name
                );
            }
            for one in &group.operations {
                assert!(
                    !one.answers.is_empty() && one.problems.len() > 5 && !one.title.is_empty(),
                    "{}",
                    one.id
                );
                assert!(
                    one.body
                        .as_ref()
                        .is_none_or(|body| body.media != "application/json" || body.example.is_some()),
                    "{} has an example",
                    one.id
                );
            }
        }
    }
}
