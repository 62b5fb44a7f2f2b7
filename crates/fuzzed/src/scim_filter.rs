//! Filters, paths and names of SCIM: what is read is written and read as the same, and no filter stops an evaluator.

use std::{fmt::Write as _, sync::LazyLock};

use serde_json::{Value, json};
use tenure::{
    scim::{
        Resource,
        filter::{Filter, LONGEST, Name, Path, Test, parse, parse_name, parse_path},
        matching::{Lookup, lookups, matches, mentions, unknown},
        schema::{ENTERPRISE, GROUP, ResourceType, USER},
    },
    text,
};

/// A few resources of each type, to be looked for.
static RESOURCES: LazyLock<Vec<(ResourceType, Resource)>> = LazyLock::new(|| {
    let users = [
        json!({}),
        json!({ "id": "7", "userName": "ada@x.org", "active": true, "title": "Countess",
            "name": { "givenName": "Ada", "familyName": "Lovelace" },
            "emails": [{ "value": "ada@x.org", "type": "work", "primary": true }, { "value": "Äda@home.x", "type": "home" }],
            "meta": { "created": "2026-01-01T00:00:00Z" } }),
        json!({ "id": "8", "userName": "bob", "externalId": "X-1", "active": false, "emails": [{ "value": "bob@x.org" }],
            ENTERPRISE: { "department": "Looms", "manager": { "value": "7" } } }),
    ];
    let groups =
        [json!({ "id": "9", "displayName": "Looms", "members": [{ "value": "7", "type": "User" }] })];
    let each = |of: ResourceType| move |value: Value| (of, value.as_object().cloned().unwrap_or_default());
    let users = users.into_iter().map(each(ResourceType::User));
    users.chain(groups.into_iter().map(each(ResourceType::Group))).collect()
});

/// Reads bytes as a filter, as a path and as a name. Answers whether they are a filter.
///
/// # Panics
/// When what is read is not as it must be.
#[must_use]
pub fn check(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut read = false;
    for of in [ResourceType::User, ResourceType::Group] {
        match parse(&text, of) {
            Ok(filter) => {
                read = true;
                filtered(&filter, of);
            }
            Err(problem) => assert!(problem.detail.len() < 400, "{problem}"),
        }
        if let Ok(path) = parse_path(&text, of) {
            let written = path_text(&path);
            assert_eq!(
                fits(&written, |text| parse_path(text, of)),
                Some(path).filter(|_| written.len() <= LONGEST)
            );
        }
        if let Ok(name) = parse_name(&text, of) {
            assert_eq!(parse_name(&name_text(&name), of).as_ref(), Ok(&name));
        }
    }
    read
}

/// What is read of a text that is not too long; the one written here may be longer than the one that was sent.
fn fits<T, E: std::fmt::Display>(written: &str, read: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
    (written.len() <= LONGEST).then(|| read(written).unwrap_or_else(|error| panic!("{error}: {written}")))
}

fn filtered(filter: &Filter, of: ResourceType) {
    let written = filter_text(filter);
    if let Some(again) = fits(&written, |text| parse(text, of)) {
        assert_eq!(again, *filter, "{written}");
    }
    let places = lookups(filter, of);
    for (kind, resource) in RESOURCES.iter() {
        if *kind != of {
            continue;
        }
        let is = matches(filter, resource, of);
        assert_eq!(matches(&Filter::Not(Box::new(filter.clone())), resource, of), !is, "{written}");
        if let Some(places) = &places {
            let found = places.iter().any(|place| finds(place, resource));
            assert!(found || !is, "{written} is true of one that no look-up finds: {places:?}");
        }
    }
    if unknown(filter, of).is_none() {
        assert!(!mentions(filter, "shoeSize"), "{written}");
    }
}

/// Whether a look-up would find a resource: as the database compares.
fn finds(place: &Lookup, resource: &Resource) -> bool {
    let one = |name: &str| resource.get(name).and_then(Value::as_str);
    let alike =
        |is: Option<&str>, wanted: &str| is.is_some_and(|is| text::email_key(is) == text::email_key(wanted));
    match place {
        Lookup::Id(wanted) => one("id") == Some(wanted),
        Lookup::ExternalId(wanted) => one("externalId") == Some(wanted),
        Lookup::UserName(wanted) => alike(one("userName"), wanted),
        Lookup::DisplayName(wanted) => alike(one("displayName"), wanted),
        Lookup::Email(wanted) => {
            let emails = resource.get("emails").and_then(Value::as_array);
            emails.into_iter().flatten().any(|email| alike(email["value"].as_str(), wanted))
        }
    }
}

fn name_text(name: &Name) -> String {
    let mut text = name.schema.clone().unwrap_or_default();
    if !text.is_empty() && !name.attribute.is_empty() {
        text.push(':');
    }
    text.push_str(&name.attribute);
    if let Some(part) = &name.part {
        let _ = write!(text, ".{part}");
    }
    text
}

fn test_text(test: &Test) -> String {
    match test {
        Test::Present => "pr".into(),
        Test::Compared(operator, value) => format!("{} {value}", operator.word()),
    }
}

/// The name with its part behind the brackets, as filters and paths have it.
fn within_text(name: &Name, inner: &Filter) -> String {
    let whole = Name { part: None, ..name.clone() };
    let part = name.part.as_ref().map_or(String::new(), |part| format!(".{part}"));
    format!("{}[{}]{part}", name_text(&whole), filter_text(inner))
}

fn path_text(path: &Path) -> String {
    match &path.filter {
        Some(filter) => within_text(&path.name, filter),
        None => name_text(&path.name),
    }
}

/// A filter as text, in parentheses only where they are needed: each is a step deeper.
fn filter_text(filter: &Filter) -> String {
    let in_parentheses = |inner: &Filter| format!("({})", filter_text(inner));
    match filter {
        Filter::And(a, b) => {
            let left = if matches!(**a, Filter::Or(..)) { in_parentheses(a) } else { filter_text(a) };
            let right = if matches!(**b, Filter::Or(..) | Filter::And(..)) {
                in_parentheses(b)
            } else {
                filter_text(b)
            };
            format!("{left} and {right}")
        }
        Filter::Or(a, b) => {
            let right = if matches!(**b, Filter::Or(..)) { in_parentheses(b) } else { filter_text(b) };
            format!("{} or {right}", filter_text(a))
        }
        Filter::Not(inner) => format!("not {}", in_parentheses(inner)),
        Filter::Test(name, test) => format!("{} {}", name_text(name), test_text(test)),
        Filter::Within(name, inner, None) => {
            let whole = Name { part: None, ..name.clone() };
            let before = name.part.as_ref().map_or(String::new(), |part| format!(".{part}"));
            format!("{}{before}[{}]", name_text(&whole), filter_text(inner))
        }
        Filter::Within(name, inner, Some(test)) => {
            format!("{} {}", within_text(name, inner), test_text(test))
        }
    }
}

/// The schemas, for samples that name them.
pub const SCHEMAS: [&str; 3] = [USER, GROUP, ENTERPRISE];
