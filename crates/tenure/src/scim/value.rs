//! Values as they are kept of what a directory sends.

use serde_json::{Value, json};

use super::{
    Problem, Resource,
    schema::{Attribute, Holds, find},
};

/// The longest text that an attribute holds, in characters.
const LONGEST: usize = 2_000;
/// How many values an attribute holds. Each that is added is compared with all that are there.
const MOST: usize = 100;

/// The value of an attribute as it is kept: names written as in the schema, flags as flags where a directory sends
/// them as words, what only the desk sets and what the schema does not know left out. `None` is no value
/// (RFC 7643, section 2.5).
pub(super) fn value(attribute: &'static Attribute, sent: &Value) -> Result<Option<Value>, Problem> {
    if !attribute.many {
        return single(attribute, unwrapped(attribute, sent));
    }
    let sent = match sent {
        Value::Null => return Ok(None),
        Value::Array(several) => several.as_slice(),
        one => std::slice::from_ref(one),
    };
    few(attribute, sent)?;
    let mut kept = Vec::with_capacity(sent.len());
    for one in sent {
        kept.extend(single(attribute, one)?);
    }
    only_one_is_primary(&mut kept, None);
    Ok((!kept.is_empty()).then_some(Value::Array(kept)))
}

/// Refuses more values than an attribute holds.
pub(super) fn few(attribute: &Attribute, values: &[Value]) -> Result<(), Problem> {
    if values.len() <= MOST {
        return Ok(());
    }
    Err(Problem::value(format!("{} has at most {MOST} values, not {}.", attribute.name, values.len())))
}

/// A single value that a directory sends as a list of one, as Entra ID once did: `[{"value": "False"}]`.
fn unwrapped<'a>(attribute: &Attribute, sent: &'a Value) -> &'a Value {
    let Value::Array(several) = sent else { return sent };
    let [one] = several.as_slice() else { return sent };
    match (one, attribute.holds) {
        (Value::Object(parts), Holds::Text | Holds::Flag | Holds::Reference(_) | Holds::Moment) => {
            parts.get("value").unwrap_or(one)
        }
        _ => one,
    }
}

fn single(attribute: &'static Attribute, sent: &Value) -> Result<Option<Value>, Problem> {
    let unsuitable = |expected: &str| Problem::value(format!("{} must be {expected}.", attribute.name));
    match (attribute.holds, sent) {
        (_, Value::Null) => Ok(None),
        (Holds::Text | Holds::Reference(_) | Holds::Moment, Value::String(text)) => {
            if text.chars().count() > LONGEST {
                return Err(unsuitable(&format!("at most {LONGEST} characters long")));
            }
            Ok((!text.is_empty()).then(|| json!(text)))
        }
        (Holds::Text, Value::Number(_) | Value::Bool(_)) => Ok(Some(json!(sent.to_string()))),
        (Holds::Text | Holds::Reference(_) | Holds::Moment, _) => Err(unsuitable("text")),
        (Holds::Flag, Value::Bool(_)) => Ok(Some(sent.clone())),
        (Holds::Flag, Value::String(word)) if word.eq_ignore_ascii_case("true") => Ok(Some(json!(true))),
        (Holds::Flag, Value::String(word)) if word.eq_ignore_ascii_case("false") => Ok(Some(json!(false))),
        (Holds::Flag, _) => Err(unsuitable("true or false")),
        (Holds::Parts(parts), Value::Object(object)) => {
            let kept = inner(parts, object)?;
            Ok((!kept.is_empty()).then_some(Value::Object(kept)))
        }
        // A manager, a member or an address by its value alone.
        (Holds::Parts(parts), Value::String(_)) if find(parts, "value").is_some() => {
            let object = Resource::from_iter([("value".to_owned(), sent.clone())]);
            let kept = inner(parts, &object)?;
            Ok((!kept.is_empty()).then_some(Value::Object(kept)))
        }
        (Holds::Parts(_), _) => Err(unsuitable("an object")),
    }
}

/// The parts of a complex value as they are kept.
fn inner(attributes: &'static [Attribute], sent: &Resource) -> Result<Resource, Problem> {
    let mut kept = Resource::new();
    for (name, sent) in sent {
        let Some(attribute) = find(attributes, name).filter(|attribute| !attribute.read_only) else {
            continue;
        };
        if let Some(value) = value(attribute, sent)? {
            kept.insert(attribute.name.to_owned(), value);
        }
    }
    Ok(kept)
}

/// At most one of several is the primary one (RFC 7643, section 2.4): the one said, else the last that says so.
pub(super) fn only_one_is_primary(several: &mut [Value], this: Option<usize>) {
    let is = |value: &Value| value.get("primary") == Some(&Value::Bool(true));
    let Some(keep) = this.filter(|index| is(&several[*index])).or_else(|| several.iter().rposition(is))
    else {
        return;
    };
    for (index, value) in several.iter_mut().enumerate() {
        if index != keep && is(value) {
            value["primary"] = json!(false);
        }
    }
}
