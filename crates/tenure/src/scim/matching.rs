//! Whether a resource is what a filter asks for, and where it would be looked up.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Resource,
    filter::{Filter, Name, Operator, Test},
    schema::{Attribute, Holds, ResourceType, find},
};

/// Whether a resource is what the filter asks for. An attribute that the resource does not have has no value.
#[must_use]
pub fn matches(filter: &Filter, resource: &Resource, of: ResourceType) -> bool {
    Scope::Whole(resource, of).holds(filter)
}

/// The first name of a filter that resources of this type do not have (RFC 7644, section 3.4.2.1: such a filter may be
/// refused). A directory that misspells what it matches by would find nobody, and bring everybody again.
#[must_use]
pub fn unknown(filter: &Filter, of: ResourceType) -> Option<String> {
    match filter {
        Filter::And(a, b) | Filter::Or(a, b) => unknown(a, of).or_else(|| unknown(b, of)),
        Filter::Not(inner) => unknown(inner, of),
        Filter::Test(name, _) => unknown_name(name, of),
        Filter::Within(name, inner, _) => unknown_name(name, of).or_else(|| {
            let parts = attribute_of(name, of).map_or(&[][..], Attribute::inner);
            unknown_part(inner, parts)
        }),
    }
}

fn attribute_of(name: &Name, of: ResourceType) -> Option<&'static Attribute> {
    match name.schema.as_deref().and_then(|urn| of.extension(urn)) {
        Some((_, attributes)) => find(attributes, &name.attribute),
        None => of.attribute(&name.attribute),
    }
}

fn unknown_name(name: &Name, of: ResourceType) -> Option<String> {
    // An extension as a whole.
    if name.attribute.is_empty() {
        return None;
    }
    let Some(attribute) = attribute_of(name, of) else { return Some(name.attribute.clone()) };
    let part = name.part.as_ref().filter(|part| find(attribute.inner(), part).is_none())?;
    Some(format!("{}.{part}", name.attribute))
}

fn unknown_part(filter: &Filter, parts: &'static [Attribute]) -> Option<String> {
    match filter {
        Filter::And(a, b) | Filter::Or(a, b) => unknown_part(a, parts).or_else(|| unknown_part(b, parts)),
        Filter::Not(inner) => unknown_part(inner, parts),
        Filter::Test(name, _) | Filter::Within(name, _, _) => {
            let is_known =
                name.attribute.eq_ignore_ascii_case("value") || find(parts, &name.attribute).is_some();
            (!is_known).then(|| name.attribute.clone())
        }
    }
}

/// Whether one of the values of an attribute is what a filter in brackets asks for.
#[must_use]
pub fn element_matches(filter: &Filter, element: &Value, attribute: &'static Attribute) -> bool {
    Scope::Element(element, attribute.inner()).holds(filter)
}

/// What the names of a filter stand in.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Whole(&'a Resource, ResourceType),
    Element(&'a Value, &'static [Attribute]),
}

/// The values that a name finds, and how they compare.
struct Found<'a> {
    values: Vec<&'a Value>,
    attribute: Option<&'static Attribute>,
}

impl<'a> Scope<'a> {
    fn holds(self, filter: &Filter) -> bool {
        match filter {
            Filter::And(a, b) => self.holds(a) && self.holds(b),
            Filter::Or(a, b) => self.holds(a) || self.holds(b),
            Filter::Not(inner) => !self.holds(inner),
            Filter::Test(name, asked) => test(asked, &self.found(name)),
            Filter::Within(name, inner, behind) => self.within(name, inner, behind.as_ref()),
        }
    }

    fn within(self, name: &Name, inner: &Filter, behind: Option<&Test>) -> bool {
        let whole = Name { part: None, ..name.clone() };
        let found = self.values(&whole);
        let parts = found.attribute.map_or(&[][..], Attribute::inner);
        found.values.into_iter().any(|element| {
            let scope = Scope::Element(element, parts);
            let part = || Name { schema: None, attribute: name.part.clone().unwrap_or_default(), part: None };
            scope.holds(inner) && behind.is_none_or(|asked| test(asked, &scope.found(&part())))
        })
    }

    /// The values of a name, one by one; a complex one stands for its `value` where it is compared.
    fn found(self, name: &Name) -> Found<'a> {
        let found = self.values(name);
        let Some(attribute) = found.attribute else { return found };
        match (&name.part, find(attribute.inner(), "value")) {
            (Some(part), _) => Found {
                values: found.values.into_iter().filter_map(|value| part_of(value, part)).collect(),
                attribute: find(attribute.inner(), part),
            },
            (None, Some(value)) => Found {
                values: found.values.into_iter().filter_map(|one| part_of(one, "value")).collect(),
                attribute: Some(value),
            },
            (None, None) => found,
        }
    }

    /// The values of an attribute, without its parts.
    fn values(self, name: &Name) -> Found<'a> {
        let (container, attribute) = match self {
            Self::Element(element, attributes) => {
                if !element.is_object() && name.attribute.eq_ignore_ascii_case("value") {
                    return Found { values: vec![element], attribute: None };
                }
                (element.as_object(), find(attributes, &name.attribute))
            }
            Self::Whole(resource, of) => match name.schema.as_deref().and_then(|urn| of.extension(urn)) {
                Some((urn, attributes)) => {
                    let inside = resource.get(urn).and_then(Value::as_object);
                    if name.attribute.is_empty() {
                        let values = resource.get(urn).into_iter().collect();
                        return Found { values, attribute: None };
                    }
                    (inside, find(attributes, &name.attribute))
                }
                None => (Some(resource), of.attribute(&name.attribute)),
            },
        };
        let value = attribute.and_then(|attribute| container?.get(attribute.name));
        let values = match value {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(several)) => several.iter().collect(),
            Some(one) => vec![one],
        };
        Found { values, attribute }
    }
}

/// A part of a complex value, by its name without case.
pub(super) fn part_of<'a>(value: &'a Value, part: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    object.iter().find(|(name, _)| name.eq_ignore_ascii_case(part)).map(|(_, value)| value)
}

fn test(asked: &Test, found: &Found<'_>) -> bool {
    let mut values = found.values.iter();
    match asked {
        Test::Present => values.any(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Object(parts) => !parts.is_empty(),
            Value::Array(_) | Value::Bool(_) | Value::Number(_) => true,
        }),
        // RFC 7644 has null in its grammar; RFC 7643, section 2.5, has it mean no value.
        Test::Compared(Operator::Equal, Value::Null) => found.values.is_empty(),
        Test::Compared(Operator::Unequal, Value::Null) => !found.values.is_empty(),
        Test::Compared(Operator::Unequal, wanted) => {
            found.values.is_empty() || values.any(|value| !is_equal(value, wanted, found.attribute))
        }
        Test::Compared(operator, wanted) => {
            values.any(|value| compares(value, *operator, wanted, found.attribute))
        }
    }
}

fn is_equal(value: &Value, wanted: &Value, attribute: Option<&Attribute>) -> bool {
    order(value, wanted, attribute) == Some(Ordering::Equal)
}

fn compares(value: &Value, operator: Operator, wanted: &Value, attribute: Option<&Attribute>) -> bool {
    let order = || order(value, wanted, attribute);
    match operator {
        Operator::Equal => order() == Some(Ordering::Equal),
        Operator::Unequal => order() != Some(Ordering::Equal),
        Operator::Greater => order() == Some(Ordering::Greater),
        Operator::GreaterOrEqual => order().is_some_and(Ordering::is_ge),
        Operator::Less => order() == Some(Ordering::Less),
        Operator::LessOrEqual => order().is_some_and(Ordering::is_le),
        Operator::Contains | Operator::Starts | Operator::Ends => {
            let (Some(text), Some(wanted)) = (value.as_str(), wanted.as_str()) else { return false };
            let exact = attribute.is_some_and(|attribute| attribute.exact);
            let (text, wanted) = (cased(text, exact), cased(wanted, exact));
            match operator {
                Operator::Contains => text.contains(&wanted),
                Operator::Starts => text.starts_with(&wanted),
                _ => text.ends_with(&wanted),
            }
        }
    }
}

/// How two values are ordered; `None` where they cannot be compared.
fn order(value: &Value, wanted: &Value, attribute: Option<&Attribute>) -> Option<Ordering> {
    match (value, wanted) {
        (Value::String(value), Value::String(wanted)) => {
            if attribute.is_some_and(|attribute| attribute.holds == Holds::Moment) {
                let moment = |text: &str| text.parse::<Timestamp>().ok();
                return Some(moment(value)?.cmp(&moment(wanted)?));
            }
            let exact = attribute.is_some_and(|attribute| attribute.exact);
            Some(cased(value, exact).cmp(&cased(wanted, exact)))
        }
        (Value::Number(value), Value::Number(wanted)) => value.as_f64()?.partial_cmp(&wanted.as_f64()?),
        (Value::Bool(value), Value::Bool(wanted)) => (value == wanted).then_some(Ordering::Equal),
        // Entra ID asks for active eq "True".
        (Value::Bool(value), Value::String(wanted)) => {
            wanted.eq_ignore_ascii_case(if *value { "true" } else { "false" }).then_some(Ordering::Equal)
        }
        _ => None,
    }
}

fn cased(text: &str, exact: bool) -> String {
    if exact { text.to_owned() } else { text.to_lowercase() }
}

/// Where those that a filter asks for can be looked up by an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// By their id.
    Id(String),
    /// By the name of the account.
    UserName(String),
    /// By the directory's id.
    ExternalId(String),
    /// By any of their addresses.
    Email(String),
    /// By the name of the group.
    DisplayName(String),
}

/// Lookups that together find all that the filter asks for, perhaps more; `None` where only a look at everybody does.
#[must_use]
pub fn lookups(filter: &Filter, of: ResourceType) -> Option<Vec<Lookup>> {
    match filter {
        Filter::And(a, b) => lookups(a, of).or_else(|| lookups(b, of)),
        Filter::Or(a, b) => {
            let mut both = lookups(a, of)?;
            both.extend(lookups(b, of)?);
            Some(both)
        }
        Filter::Test(name, Test::Compared(Operator::Equal, Value::String(wanted))) => {
            by_name(name, wanted, of)
        }
        Filter::Not(_) | Filter::Test(..) => None,
        Filter::Within(name, inner, behind) => within_emails(name, inner, behind.as_ref(), of),
    }
}

fn by_name(name: &Name, wanted: &str, of: ResourceType) -> Option<Vec<Lookup>> {
    if name.schema.as_deref().is_some_and(|urn| of.extension(urn).is_some()) {
        return None;
    }
    let wanted = wanted.to_owned();
    let found = match (of, name.attribute.to_ascii_lowercase().as_str(), name.part.as_deref()) {
        (_, "id", None) => Lookup::Id(wanted),
        (_, "externalid", None) => Lookup::ExternalId(wanted),
        (ResourceType::User, "username", None) => Lookup::UserName(wanted),
        (ResourceType::User, "emails", part)
            if part.is_none_or(|part| part.eq_ignore_ascii_case("value")) =>
        {
            Lookup::Email(wanted)
        }
        (ResourceType::Group, "displayname", None) => Lookup::DisplayName(wanted),
        _ => return None,
    };
    Some(vec![found])
}

fn within_emails(
    name: &Name,
    inner: &Filter,
    behind: Option<&Test>,
    of: ResourceType,
) -> Option<Vec<Lookup>> {
    let is_emails =
        of == ResourceType::User && name.schema.as_deref().is_none_or(|urn| of.extension(urn).is_none());
    if !is_emails || !name.attribute.eq_ignore_ascii_case("emails") {
        return None;
    }
    if let Some(Test::Compared(Operator::Equal, Value::String(wanted))) = behind
        && name.part.as_deref().is_some_and(|part| part.eq_ignore_ascii_case("value"))
    {
        return Some(vec![Lookup::Email(wanted.clone())]);
    }
    values_of(inner)
}

/// The addresses that a filter in the brackets of `emails` asks for.
fn values_of(inner: &Filter) -> Option<Vec<Lookup>> {
    match inner {
        Filter::And(a, b) => values_of(a).or_else(|| values_of(b)),
        Filter::Or(a, b) => {
            let mut both = values_of(a)?;
            both.extend(values_of(b)?);
            Some(both)
        }
        Filter::Test(name, Test::Compared(Operator::Equal, Value::String(wanted))) => {
            let is = name.attribute.eq_ignore_ascii_case("value") && name.part.is_none();
            is.then(|| vec![Lookup::Email(wanted.clone())])
        }
        Filter::Not(_) | Filter::Test(..) | Filter::Within(..) => None,
    }
}

/// Whether a filter asks for this attribute anywhere.
#[must_use]
pub fn mentions(filter: &Filter, attribute: &str) -> bool {
    match filter {
        Filter::And(a, b) | Filter::Or(a, b) => mentions(a, attribute) || mentions(b, attribute),
        Filter::Not(inner) => mentions(inner, attribute),
        Filter::Test(name, _) | Filter::Within(name, _, _) => name.attribute.eq_ignore_ascii_case(attribute),
    }
}
