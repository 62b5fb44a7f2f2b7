//! Changes of resources by SCIM: one that is refused changes nothing, and one that is made leaves what the schemas have.

use serde_json::{Value, json};
use tenure::scim::{
    Resource,
    patch::{Deed, apply, parse, whole},
    schema::{Attribute, ENTERPRISE, Holds, ResourceType, find},
};

/// Reads bytes as the body of a PATCH, or as the list of its operations, or as one of them. Answers whether it changed
/// something.
///
/// # Panics
/// When what is read or changed is not as it must be.
#[must_use]
pub fn check(bytes: &[u8]) -> bool {
    let body = match serde_json::from_slice(bytes) {
        Ok(Value::Array(operations)) => json!({ "Operations": operations }),
        Ok(Value::Object(object)) if object.keys().any(|key| key.eq_ignore_ascii_case("op")) => {
            json!({ "Operations": [object] })
        }
        Ok(body @ Value::Object(_)) => body,
        _ => return false,
    };
    let Value::Object(body) = body else { return false };
    let mut changed = false;
    for of in [ResourceType::User, ResourceType::Group] {
        for before in resources(of) {
            changed |= patched(&body, &before, of);
        }
        brought(&body, of);
    }
    changed
}

fn resources(of: ResourceType) -> Vec<Resource> {
    let all = match of {
        ResourceType::User => json!([
            {},
            { "userName": "ada@x.org", "active": true, "title": "Countess", "externalId": "X-1",
              "name": { "formatted": "Ada Lovelace", "givenName": "Ada" },
              "emails": [{ "value": "ada@x.org", "type": "work", "primary": true }, { "value": "a@home.x", "type": "home" }],
              ENTERPRISE: { "department": "Looms", "manager": { "value": "7" } } },
        ]),
        ResourceType::Group => json!([
            { "displayName": "Looms", "members": [{ "value": "7", "type": "User" }, { "value": "8" }] },
        ]),
    };
    all.as_array().into_iter().flatten().filter_map(Value::as_object).cloned().collect()
}

fn patched(body: &Resource, before: &Resource, of: ResourceType) -> bool {
    let changes = match parse(body, of) {
        Ok(changes) => changes,
        Err(problem) => {
            assert!(!problem.detail.is_empty());
            return false;
        }
    };
    for change in &changes {
        if let Err(problem) = change.members() {
            assert!(!problem.detail.is_empty());
        }
    }
    let mut after = before.clone();
    if let Err(problem) = apply(&mut after, &changes, of) {
        assert!(!problem.detail.is_empty());
        assert_eq!(after, *before, "what is refused changes nothing");
        return false;
    }
    valid(&after, of);
    after != *before
}

/// A whole resource, as a POST or a PUT brings it.
fn brought(body: &Resource, of: ResourceType) {
    let mut resource = Resource::new();
    match apply(&mut resource, &whole(Deed::Add, body, of), of) {
        Ok(()) => valid(&resource, of),
        Err(problem) => assert!(!problem.detail.is_empty() && resource.is_empty(), "{resource:?}"),
    }
}

/// What every resource is: of the schemas alone, its names as they have them, no value that is none, one primary; and
/// read back as it is.
fn valid(resource: &Resource, of: ResourceType) {
    for (name, value) in resource {
        if let Some((urn, attributes)) = of.extension(name) {
            assert_eq!(name, urn);
            let inside = value.as_object().expect("an extension is an object");
            assert!(!inside.is_empty());
            parts(inside, attributes);
        } else {
            let attribute = of.attribute(name).unwrap_or_else(|| panic!("no attribute {name}"));
            held(name, value, attribute);
        }
    }
    let mut again = Resource::new();
    apply(&mut again, &whole(Deed::Add, resource, of), of).expect("what is kept is read");
    assert_eq!(again, *resource, "what is kept is read back as it is");
}

fn parts(object: &Resource, attributes: &'static [Attribute]) {
    for (name, value) in object {
        let attribute = find(attributes, name).unwrap_or_else(|| panic!("no attribute {name}"));
        held(name, value, attribute);
    }
}

fn held(name: &str, value: &Value, attribute: &'static Attribute) {
    assert_eq!(name, attribute.name, "names are written as the schema has them");
    assert!(!attribute.read_only, "{name} is set by the desk alone");
    if !attribute.many {
        return one(value, attribute);
    }
    let several = value.as_array().unwrap_or_else(|| panic!("{name} is a list"));
    assert!(!several.is_empty(), "{name} is empty");
    let primary = several.iter().filter(|element| element["primary"] == json!(true)).count();
    assert!(primary <= 1, "{primary} of {name} are primary");
    for element in several {
        one(element, attribute);
    }
}

fn one(value: &Value, attribute: &'static Attribute) {
    let sound = match (attribute.holds, value) {
        (Holds::Text | Holds::Reference(_) | Holds::Moment, Value::String(text)) => !text.is_empty(),
        (Holds::Flag, Value::Bool(_)) => true,
        (Holds::Parts(inner), Value::Object(object)) => {
            parts(object, inner);
            !object.is_empty()
        }
        _ => false,
    };
    assert!(sound, "{} holds {value}", attribute.name);
}
