//! Which attributes an answer holds (RFC 7644, section 3.9).

use serde_json::Value;

use super::{
    Problem, Resource,
    filter::{Name, parse_name},
    schema::{COMMON, ResourceType, find},
};

/// What is asked for of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Selection {
    /// Everything.
    #[default]
    Everything,
    /// These alone, and what is in every answer.
    Only(Vec<Name>),
    /// All but these.
    Without(Vec<Name>),
}

impl Selection {
    /// Reads `attributes` and `excludedAttributes`; together they mean nothing.
    pub fn parse(attributes: &[String], excluded: &[String], of: ResourceType) -> Result<Self, Problem> {
        let names = |list: &[String]| {
            let each = list.iter().flat_map(|text| text.split(',')).map(str::trim);
            each.filter(|text| !text.is_empty())
                .map(|text| parse_name(text, of))
                .collect::<Result<Vec<_>, _>>()
        };
        let (only, without) = (names(attributes)?, names(excluded)?);
        match (only.is_empty(), without.is_empty()) {
            (false, false) => Err(Problem::value("Ask by attributes or by excludedAttributes, not by both.")),
            (false, true) => Ok(Self::Only(only)),
            (true, false) => Ok(Self::Without(without)),
            (true, true) => Ok(Self::Everything),
        }
    }

    /// Whether an attribute of the resource itself, or a part of it, is in the answer.
    #[must_use]
    pub fn wants(&self, attribute: &str) -> bool {
        let is = |name: &Name| name.attribute.eq_ignore_ascii_case(attribute);
        match self {
            Self::Everything => true,
            Self::Only(names) => names.iter().any(is),
            Self::Without(names) => !names.iter().any(|name| is(name) && name.part.is_none()),
        }
    }

    /// What is asked for of a resource.
    #[must_use]
    pub fn of(&self, resource: Resource, of: ResourceType) -> Resource {
        match self {
            Self::Everything => resource,
            Self::Only(names) => only(names, &resource, of),
            Self::Without(names) => {
                let mut resource = resource;
                for name in names {
                    leave_out(&mut resource, name, of);
                }
                resource
            }
        }
    }
}

fn is_always(name: &str) -> bool {
    find(COMMON, name).is_some_and(|attribute| attribute.always)
}

fn only(names: &[Name], resource: &Resource, of: ResourceType) -> Resource {
    let mut kept = Resource::new();
    for (key, value) in resource {
        if is_always(key) {
            kept.insert(key.clone(), value.clone());
            continue;
        }
        if let (Some((urn, _)), Value::Object(inside)) = (of.extension(key), value) {
            let inside = of_extension(names, urn, inside);
            if !inside.is_empty() {
                kept.insert(key.clone(), Value::Object(inside));
            }
            continue;
        }
        let wanted: Vec<&Name> = names
            .iter()
            .filter(|name| {
                let elsewhere = name.schema.as_deref().is_some_and(|urn| of.extension(urn).is_some());
                !elsewhere && name.attribute.eq_ignore_ascii_case(key)
            })
            .collect();
        if let Some(value) = parts(&wanted, value) {
            kept.insert(key.clone(), value);
        }
    }
    kept
}

fn of_extension(names: &[Name], urn: &str, inside: &Resource) -> Resource {
    let of_it = |name: &&Name| name.schema.as_deref().is_some_and(|schema| schema.eq_ignore_ascii_case(urn));
    let names: Vec<&Name> = names.iter().filter(of_it).collect();
    if names.iter().any(|name| name.attribute.is_empty()) {
        return inside.clone();
    }
    let mut kept = Resource::new();
    for (key, value) in inside {
        let wanted: Vec<&Name> =
            names.iter().copied().filter(|name| name.attribute.eq_ignore_ascii_case(key)).collect();
        if let Some(value) = parts(&wanted, value) {
            kept.insert(key.clone(), value);
        }
    }
    kept
}

/// A value as far as these names want it.
fn parts(wanted: &[&Name], value: &Value) -> Option<Value> {
    if wanted.is_empty() {
        return None;
    }
    if wanted.iter().any(|name| name.part.is_none()) {
        return Some(value.clone());
    }
    let is_wanted = |key: &String| {
        wanted.iter().any(|name| name.part.as_deref().is_some_and(|part| part.eq_ignore_ascii_case(key)))
    };
    let pick = |object: &Resource| -> Resource {
        object
            .iter()
            .filter(|(key, _)| is_wanted(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    };
    match value {
        Value::Object(object) => Some(Value::Object(pick(object))),
        Value::Array(several) => {
            let each = several.iter().filter_map(Value::as_object).map(pick);
            Some(Value::Array(each.map(Value::Object).collect()))
        }
        _ => None,
    }
}

fn leave_out(resource: &mut Resource, name: &Name, of: ResourceType) {
    let extension = name.schema.as_deref().and_then(|urn| of.extension(urn));
    let holder = match extension {
        Some((urn, _)) if name.attribute.is_empty() => {
            resource.remove(urn);
            return;
        }
        Some((urn, _)) => match resource.get_mut(urn) {
            Some(Value::Object(inside)) => inside,
            _ => return,
        },
        None => resource,
    };
    let Some(key) = holder.keys().find(|key| key.eq_ignore_ascii_case(&name.attribute)).cloned() else {
        return;
    };
    if is_always(&key) {
        return;
    }
    let Some(part) = &name.part else {
        holder.remove(&key);
        return;
    };
    let without = |value: &mut Value| {
        if let Value::Object(object) = value {
            object.retain(|key, _| !key.eq_ignore_ascii_case(part));
        }
    };
    match holder.get_mut(&key) {
        Some(Value::Array(several)) => several.iter_mut().for_each(without),
        Some(value) => without(value),
        None => {}
    }
}
