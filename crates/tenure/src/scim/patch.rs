//! Changes of a resource (RFC 7644, section 3.5.2), in the forms in which directories really send them.
//!
//! A whole resource, of a POST or a PUT, is the same as one `add` without a path to an empty one.

use serde_json::{Value, json};

use super::{
    Problem, ProblemKind, Resource,
    filter::{Filter, Name, Operator, Path, Test, parse_path},
    matching::{element_matches, part_of},
    schema::{self, Attribute, ResourceType, find},
    value::{self, only_one_is_primary},
};

/// How many changes one request may hold.
pub const MOST: usize = 1_000;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Values are added; a single one is set.
    Add,
    /// Values are set.
    Replace,
    /// Values are removed.
    Remove,
}

/// One change of one attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What is done.
    pub deed: Deed,
    /// To which attribute.
    pub path: Path,
    /// With which value.
    pub value: Value,
}

/// A member of an object, by its name without case.
fn member<'a>(object: &'a Resource, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn syntax(detail: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::InvalidSyntax, detail)
}

/// Reads the body of a PATCH.
pub fn parse(body: &Resource, of: ResourceType) -> Result<Vec<Change>, Problem> {
    let Some(Value::Array(operations)) = member(body, "Operations") else {
        return Err(syntax("A PATCH holds a list of Operations."));
    };
    if operations.is_empty() {
        return Err(syntax("A PATCH holds at least one of the Operations."));
    }
    if operations.len() > MOST {
        return Err(syntax(format!("A PATCH holds at most {MOST} operations.")));
    }
    let mut changes = Vec::new();
    for operation in operations {
        let operation =
            operation.as_object().ok_or_else(|| syntax("Each of the Operations is an object."))?;
        changes.extend(parse_one(operation, of)?);
    }
    Ok(changes)
}

fn parse_one(operation: &Resource, of: ResourceType) -> Result<Vec<Change>, Problem> {
    let word = member(operation, "op").and_then(Value::as_str).unwrap_or_default();
    let deed = match word.to_ascii_lowercase().as_str() {
        "add" => Deed::Add,
        "replace" => Deed::Replace,
        "remove" => Deed::Remove,
        _ => return Err(syntax(format!("op is add, replace or remove, not “{word}”."))),
    };
    let value = member(operation, "value").cloned();
    match member(operation, "path") {
        None | Some(Value::Null) => pathless(deed, operation, value, of),
        Some(Value::String(path)) if path.trim().is_empty() => pathless(deed, operation, value, of),
        Some(Value::String(path)) => {
            if value.is_none() && deed != Deed::Remove {
                return Err(Problem::value(format!("{word} of {path} needs a value; null empties it.")));
            }
            with_path(deed, path, value.unwrap_or_default(), of)
        }
        Some(_) => Err(syntax("path is text.")),
    }
}

fn pathless(
    deed: Deed,
    operation: &Resource,
    value: Option<Value>,
    of: ResourceType,
) -> Result<Vec<Change>, Problem> {
    if deed == Deed::Remove {
        return Err(Problem::new(ProblemKind::NoTarget, "remove needs a path."));
    }
    match value {
        Some(Value::Object(object)) => Ok(whole(deed, &object, of)),
        // The attributes beside op, without a value around them.
        None => {
            let beside = operation
                .iter()
                .filter(|(name, _)| !["op", "path"].iter().any(|known| name.eq_ignore_ascii_case(known)));
            let object: Resource = beside.map(|(name, value)| (name.clone(), value.clone())).collect();
            if object.is_empty() {
                Err(syntax("An operation without a path needs a value."))
            } else {
                Ok(whole(deed, &object, of))
            }
        }
        Some(_) => Err(Problem::value("Without a path the value is an object of attributes.")),
    }
}

/// The changes that an object of attributes stands for. What the schemas do not know, and what only the desk sets, is
/// left out: a directory sends back what it was given, and more.
#[must_use]
pub fn whole(deed: Deed, object: &Resource, of: ResourceType) -> Vec<Change> {
    let mut changes = Vec::new();
    for (key, value) in object {
        let is_core = key.eq_ignore_ascii_case(of.schema());
        if let (true, Value::Object(inside)) = (is_core, value) {
            changes.extend(whole(deed, inside, of));
            continue;
        }
        let Ok(path) = parse_path(key, of) else { continue };
        if path.name.attribute.is_empty() {
            changes.extend(extension(deed, &path.name, value, of));
            continue;
        }
        if Target::of(&path, of).is_ok_and(|target| !target.is_read_only()) {
            changes.push(Change { deed, path, value: value.clone() });
        }
    }
    changes
}

/// The changes that the attributes of an extension stand for.
fn extension(deed: Deed, of_schema: &Name, value: &Value, of: ResourceType) -> Vec<Change> {
    let Value::Object(inside) = value else { return Vec::new() };
    let named = |key: &String| {
        let (attribute, part) = match key.split_once('.') {
            Some((attribute, part)) => (attribute, Some(part.to_owned())),
            None => (key.as_str(), None),
        };
        Path { name: Name { attribute: attribute.to_owned(), part, ..of_schema.clone() }, filter: None }
    };
    let changes = inside.iter().map(|(key, value)| Change { deed, path: named(key), value: value.clone() });
    changes.filter(|change| Target::of(&change.path, of).is_ok_and(|target| !target.is_read_only())).collect()
}

fn with_path(deed: Deed, path: &str, value: Value, of: ResourceType) -> Result<Vec<Change>, Problem> {
    let path = parse_path(path, of)?;
    if path.name.attribute.is_empty() {
        if of.extension(path.name.schema.as_deref().unwrap_or_default()).is_none() {
            return Err(schema::unknown(path.name.schema.as_deref().unwrap_or_default()));
        }
        if deed == Deed::Remove {
            return Ok(vec![Change { deed, path, value: Value::Null }]);
        }
        return Ok(extension(deed, &path.name, &value, of));
    }
    let target = Target::of(&path, of)?;
    if target.is_read_only() {
        let detail = format!("{} is set by the desk alone.", target.attribute.name);
        return Err(Problem::new(ProblemKind::Mutability, detail));
    }
    if path.filter.is_some() && !target.attribute.many {
        let detail = format!("{} has one value, so nothing is chosen from it.", target.attribute.name);
        return Err(Problem::new(ProblemKind::InvalidPath, detail));
    }
    Ok(vec![Change { deed, path, value }])
}

/// The attribute, and its part, that a path names.
struct Target {
    extension: Option<&'static str>,
    attribute: &'static Attribute,
    part: Option<&'static Attribute>,
}

impl Target {
    fn of(path: &Path, of: ResourceType) -> Result<Self, Problem> {
        let name = &path.name;
        let extension = name.schema.as_deref().and_then(|urn| of.extension(urn));
        let attribute = match extension {
            Some((_, attributes)) => find(attributes, &name.attribute),
            None => of.attribute(&name.attribute),
        };
        let attribute = attribute.ok_or_else(|| schema::unknown(&name.attribute))?;
        let part = match &name.part {
            Some(part) => {
                let found = find(attribute.inner(), part);
                Some(found.ok_or_else(|| schema::unknown(&format!("{}.{part}", name.attribute)))?)
            }
            None => None,
        };
        Ok(Self { extension: extension.map(|(urn, _)| urn), attribute, part })
    }

    fn is_read_only(&self) -> bool {
        self.attribute.read_only || self.part.is_some_and(|part| part.read_only)
    }
}

/// Makes the changes, one after the other: all of them, or where one is refused none (RFC 7644, section 3.5.2).
pub fn apply(resource: &mut Resource, changes: &[Change], of: ResourceType) -> Result<(), Problem> {
    let mut after = resource.clone();
    changes.iter().try_for_each(|change| apply_one(&mut after, change, of))?;
    *resource = after;
    Ok(())
}

fn apply_one(resource: &mut Resource, change: &Change, of: ResourceType) -> Result<(), Problem> {
    if change.path.name.attribute.is_empty() {
        let urn = change.path.name.schema.as_deref().and_then(|urn| of.extension(urn));
        if let Some((urn, _)) = urn {
            resource.remove(urn);
        }
        return Ok(());
    }
    let target = Target::of(&change.path, of)?;
    let Some(urn) = target.extension else { return on(resource, &target, change) };
    let inside = resource.entry(urn).or_insert_with(|| json!({}));
    if let Value::Object(inside) = inside {
        on(inside, &target, change)?;
        if inside.is_empty() {
            resource.remove(urn);
        }
    }
    Ok(())
}

fn on(holder: &mut Resource, target: &Target, change: &Change) -> Result<(), Problem> {
    let mut value = holder.remove(target.attribute.name);
    let changed = match (&change.path.filter, target.attribute.many) {
        (Some(filter), _) => chosen(&mut value, filter, target, change),
        (None, true) => several(&mut value, target, change),
        (None, false) => single(&mut value, target, change),
    };
    let is_empty = match &value {
        None | Some(Value::Null) => true,
        Some(Value::Array(several)) => several.is_empty(),
        Some(Value::Object(parts)) => parts.is_empty(),
        Some(_) => false,
    };
    if !is_empty && let Some(value) = value {
        holder.insert(target.attribute.name.to_owned(), value);
    }
    changed
}

/// An attribute with one value.
fn single(value: &mut Option<Value>, target: &Target, change: &Change) -> Result<(), Problem> {
    if let Some(part) = target.part {
        return set_part(value.get_or_insert_with(|| json!({})), part, change);
    }
    if change.deed == Deed::Remove {
        *value = None;
        return Ok(());
    }
    let new = value::value(target.attribute, &change.value)?;
    match (value.as_mut(), new) {
        // What is not named of a complex value stays.
        (Some(Value::Object(parts)), Some(Value::Object(new))) => parts.extend(new),
        (_, None) if change.deed == Deed::Add => {}
        (_, new) => *value = new,
    }
    Ok(())
}

/// A part of a complex value.
fn set_part(value: &mut Value, part: &'static Attribute, change: &Change) -> Result<(), Problem> {
    let Value::Object(parts) = value else { return Ok(()) };
    let new = if change.deed == Deed::Remove { None } else { value::value(part, &change.value)? };
    match new {
        Some(new) => {
            parts.insert(part.name.to_owned(), new);
        }
        None => {
            parts.remove(part.name);
        }
    }
    Ok(())
}

fn elements(value: &mut Option<Value>) -> &mut Vec<Value> {
    if !matches!(value, Some(Value::Array(_))) {
        *value = Some(json!([]));
    }
    match value {
        Some(Value::Array(several)) => several,
        _ => unreachable!("it has just been made a list"),
    }
}

/// An attribute with several values, all of them.
fn several(value: &mut Option<Value>, target: &Target, change: &Change) -> Result<(), Problem> {
    let present = elements(value);
    if let Some(part) = target.part {
        if present.is_empty() && change.deed != Deed::Remove {
            present.push(json!({}));
        }
        present.iter_mut().try_for_each(|element| set_part(element, part, change))?;
        present.retain(says_something);
        return Ok(());
    }
    match change.deed {
        Deed::Remove if change.value.is_null() => present.clear(),
        Deed::Remove => {
            let named = value::value(target.attribute, &change.value)?;
            let named = named.and_then(|named| named.as_array().cloned()).unwrap_or_default();
            present.retain(|element| !named.iter().any(|named| is_same(element, named)));
        }
        Deed::Replace => *value = value::value(target.attribute, &change.value)?,
        Deed::Add => {
            let new = value::value(target.attribute, &change.value)?;
            let new = new.and_then(|new| new.as_array().cloned()).unwrap_or_default();
            for element in new {
                add(present, element);
            }
            value::few(target.attribute, present)?;
        }
    }
    Ok(())
}

/// Adds an element, in the place of the one that it is.
fn add(present: &mut Vec<Value>, element: Value) {
    let same =
        present.iter().position(|there| is_same(there, &element) && type_of(there) == type_of(&element));
    let index = same.unwrap_or(present.len());
    if same.is_some() {
        present[index] = element;
    } else {
        present.push(element);
    }
    only_one_is_primary(present, Some(index));
}

fn type_of(element: &Value) -> Option<&Value> {
    element.get("type")
}

/// Whether two elements have the same value; those without one are compared whole.
fn is_same(there: &Value, named: &Value) -> bool {
    match (there.get("value"), named.get("value")) {
        (Some(a), Some(b)) => a == b,
        _ => there == named,
    }
}

/// Whether an element holds more than what it is for.
fn says_something(element: &Value) -> bool {
    let Value::Object(parts) = element else { return true };
    parts.keys().any(|name| !["type", "primary", "display"].contains(&name.as_str()))
}

/// The values of an attribute that a filter finds.
fn chosen(
    value: &mut Option<Value>,
    filter: &Filter,
    target: &Target,
    change: &Change,
) -> Result<(), Problem> {
    let present = elements(value);
    let is = |element: &Value| element_matches(filter, element, target.attribute);
    if change.deed == Deed::Remove {
        match target.part {
            None => present.retain(|element| !is(element)),
            Some(part) => {
                present
                    .iter_mut()
                    .filter(|element| is(element))
                    .try_for_each(|found| set_part(found, part, change))?;
                present.retain(says_something);
            }
        }
        return Ok(());
    }
    let mut found: Vec<usize> = (0..present.len()).filter(|index| is(&present[*index])).collect();
    if found.is_empty() {
        // What directories expect of a path that names what is not there yet: it is made.
        let new = element_of(filter, target.attribute).ok_or_else(|| {
            Problem::new(ProblemKind::NoTarget, format!("No value of {} is so.", target.attribute.name))
        })?;
        found.push(present.len());
        present.push(Value::Object(new));
        value::few(target.attribute, present)?;
    }
    for index in found {
        match target.part {
            Some(part) => set_part(&mut present[index], part, change)?,
            None => merge(&mut present[index], target.attribute, &change.value)?,
        }
        only_one_is_primary(present, Some(index));
    }
    present.retain(says_something);
    Ok(())
}

fn merge(element: &mut Value, attribute: &'static Attribute, sent: &Value) -> Result<(), Problem> {
    let new = value::value(attribute, sent)?;
    let new = new.as_ref().and_then(Value::as_array).and_then(|several| several.first());
    if let (Value::Object(parts), Some(Value::Object(new))) = (element, new) {
        parts.extend(new.clone());
    }
    Ok(())
}

/// The element that a filter describes by what it says is equal; `None` where it says anything else.
fn element_of(filter: &Filter, attribute: &'static Attribute) -> Option<Resource> {
    match filter {
        Filter::And(a, b) => {
            let mut both = element_of(a, attribute)?;
            both.extend(element_of(b, attribute)?);
            Some(both)
        }
        Filter::Test(
            Name { schema: None, attribute: name, part: None },
            Test::Compared(Operator::Equal, value),
        ) => {
            let part = find(attribute.inner(), name)?;
            let value = value::value(part, value).ok()??;
            Some(Resource::from_iter([(part.name.to_owned(), value)]))
        }
        _ => None,
    }
}

/// What a change does to the members of a group.
#[derive(Debug, Clone, PartialEq)]
pub enum Members {
    /// These join.
    Join(Vec<String>),
    /// These leave.
    Leave(Vec<String>),
    /// These are the members from now on.
    Set(Vec<String>),
    /// Those leave whom a filter finds, by what is shown of them.
    LeaveWhere(Filter),
}

impl Change {
    /// What it does to the members, where it is about them.
    pub fn members(&self) -> Result<Option<Members>, Problem> {
        if !self.path.name.attribute.eq_ignore_ascii_case("members") {
            return Ok(None);
        }
        Ok(Some(match (self.deed, &self.path.filter) {
            (Deed::Remove, Some(filter)) => match ids_of(filter) {
                Some(ids) => Members::Leave(ids),
                None => Members::LeaveWhere(filter.clone()),
            },
            (Deed::Remove, None) if self.value.is_null() => Members::Set(Vec::new()),
            (Deed::Remove, None) => Members::Leave(ids(&self.value)?),
            // By a path that names somebody: they join, if they are not there yet.
            (_, Some(filter)) => Members::Join(ids_of(filter).ok_or_else(|| {
                Problem::new(ProblemKind::InvalidPath, "A member is named by members[value eq \"id\"].")
            })?),
            (Deed::Add, None) => Members::Join(ids(&self.value)?),
            (Deed::Replace, None) => Members::Set(ids(&self.value)?),
        }))
    }
}

/// The ids of members as they are sent: objects with a value, or ids alone.
fn ids(value: &Value) -> Result<Vec<String>, Problem> {
    let several = match value {
        Value::Null => &[],
        Value::Array(several) => several.as_slice(),
        one => std::slice::from_ref(one),
    };
    let id = |member: &Value| {
        let value = if member.is_object() { part_of(member, "value") } else { Some(member) };
        value.and_then(Value::as_str).map(str::to_owned)
    };
    let ids: Option<Vec<String>> = several.iter().map(id).collect();
    ids.ok_or_else(|| Problem::value("Each of the members has a value, the id of a user."))
}

/// The ids that a filter names, where it names nothing else.
fn ids_of(filter: &Filter) -> Option<Vec<String>> {
    match filter {
        Filter::Or(a, b) => {
            let mut both = ids_of(a)?;
            both.extend(ids_of(b)?);
            Some(both)
        }
        Filter::Test(name, Test::Compared(Operator::Equal, Value::String(id))) => {
            (name.attribute.eq_ignore_ascii_case("value") && name.part.is_none()).then(|| vec![id.clone()])
        }
        _ => None,
    }
}
