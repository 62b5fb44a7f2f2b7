//! An entry in words.

use std::collections::HashMap;

use domain::{
    actor::Door,
    audit::Action,
    id::{PersonId, TeamId, TokenId},
    license::Price,
    person::{Kind, StatusWord},
};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    ops::deletion::called,
    store::{
        audit::Entry,
        audit_grid::{AuditLine, Someone},
    },
    web::{
        desk::{
            device::device,
            frame::picture,
            words::{self, Times, money},
        },
        view::{
            audit::{AuditRow, Change, Doer},
            chip::Chip,
            naming::Naming,
            number,
        },
    },
};

/// What a door is called.
pub(super) const fn door(door: Door) -> &'static str {
    match door {
        Door::Page => "Page",
        Door::Portal => "Portal",
        Door::Api => "API",
        Door::Scim => "SCIM",
        Door::Cli => "Command line",
        Door::Job => "Job",
    }
}

/// What an action is called in a sentence: "deactivated".
fn action(word: &str) -> String {
    let mut letters = match Action::parse(word) {
        Some(action) => action.title().chars(),
        None => word.chars(),
    };
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The token that acted.
pub(super) fn token(entry: &Entry) -> Option<TokenId> {
    let is_token = entry.actor == "token";
    is_token.then(|| entry.actor_label.parse().ok()).flatten()
}

/// What a token that acted is called: "API token Backup".
pub(super) fn token_name(entry: &Entry, names: &Names) -> Option<String> {
    let name = names.tokens.get(&token(entry)?);
    // Those of somebody deleted are gone with them.
    Some(name.map_or_else(|| "a deleted API token".to_owned(), |name| format!("API token {name}")))
}

/// Who acted, where it is no person: "Command line (root)".
pub(super) fn machine(entry: &Entry, names: &Names) -> Option<String> {
    match entry.actor.as_str() {
        "cli" => Some(format!("Command line ({})", entry.actor_label)),
        "token" if entry.actor_id.is_none() => token_name(entry, names),
        "job" => Some(format!("Job: {}", entry.actor_label.replace('-', " "))),
        _ => None,
    }
}

/// An entry as the page shows it.
pub(super) fn row(line: &AuditLine, times: &Times, names: &Names) -> AuditRow {
    let entry = &line.entry;
    let actor = match machine(entry, names) {
        Some(machine) => Doer::Machine(machine),
        None => Doer::Person(chip(entry.actor_id, line.actor.as_ref())),
    };
    let oneself = entry.person == entry.actor_id;
    let person = entry.person.filter(|_| !oneself).map(|id| chip(Some(id), line.person.as_ref()));
    let personal = personal(entry);
    AuditRow {
        number: entry.seq.map_or("not sealed yet".into(), |seq| number(seq.unsigned_abs())),
        when: times.when(entry.at),
        actor,
        via: entry.actor_id.and_then(|_| token_name(entry, names)),
        action: action(&entry.action),
        person,
        about: about(entry),
        door: Door::parse(&entry.door).map_or(entry.door.clone(), |found| door(found).into()),
        reason: personal.get("reason").and_then(Value::as_str).map(str::to_owned),
        request: Some(entry.request.to_string()),
        changes: changes(entry, &personal, &Words { times, names }),
    }
}

fn chip(id: Option<PersonId>, someone: Option<&Someone>) -> Chip {
    match (id, someone) {
        (Some(id), Some(Someone::Here(named))) => Chip::new(id.uuid(), &named.name)
            .with_picture(picture(id, named.picture.as_deref()))
            .deactivated(named.status == StatusWord::Deactivated)
            .linked(Naming::of(named.kind).person(id)),
        (_, Some(Someone::Gone(kind))) => Chip::deleted(called(*kind)),
        _ => Chip::deleted(called(Kind::User)),
    }
}

/// The fields of a state; an entry without one has none.
fn object(text: &str) -> Map<String, Value> {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => fields,
        // A state of one word is a status.
        Ok(word @ Value::String(_)) => Map::from_iter([("status".to_owned(), word)]),
        _ => Map::new(),
    }
}

fn personal(entry: &Entry) -> Map<String, Value> {
    entry.personal.as_ref().map(|(_, text)| object(text)).unwrap_or_default()
}

/// Whether there were personal values, which were erased with their person.
pub(super) fn erased(entry: &Entry) -> bool {
    entry.personal_hash.is_some() && entry.personal.is_none()
}

/// The name of the team, organization, article or token that an entry is about.
pub(super) fn about(entry: &Entry) -> Option<String> {
    let (of, _) = entry.action.split_once('.')?;
    if !matches!(of, "team" | "organization" | "article" | "token") {
        return None;
    }
    let (before, after, personal) = (object(&entry.before), object(&entry.after), personal(entry));
    let names = [after.get(of), after.get("name"), before.get(of), before.get("name"), personal.get(of)];
    names.into_iter().flatten().find_map(Value::as_str).map(str::to_owned)
}

/// What the ids in states are called today, where they still name something.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// People.
    pub(super) people: HashMap<PersonId, String>,
    /// Teams.
    pub(super) teams: HashMap<TeamId, String>,
    /// Tokens that acted.
    pub(super) tokens: HashMap<TokenId, String>,
}

/// The people whose ids stand in the states.
pub(super) fn people_inside(entry: &Entry) -> Vec<PersonId> {
    let states = [object(&entry.before), object(&entry.after)];
    let ids = states.iter().flat_map(|state| PEOPLE.iter().filter_map(|key| state.get(*key)));
    ids.filter_map(|id| id.as_str()?.parse().ok()).collect()
}

/// The teams whose ids stand in the states.
pub(super) fn teams_inside(entry: &Entry) -> Vec<TeamId> {
    let list = object(&entry.after).remove("teams");
    let ids = list.as_ref().and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(|id| id.as_str()?.parse().ok()).collect()
}

/// The fields that hold a person's id, those that hold a moment, and those that hold a date.
const PEOPLE: &[&str] = &["by", "owner"];
const MOMENTS: &[&str] = &["since", "expires"];
const DATES: &[&str] = &["review_on"];

/// What values are written with.
struct Words<'a> {
    times: &'a Times,
    names: &'a Names,
}

/// What changed, field by field; what is told elsewhere in the row is left out.
fn changes(entry: &Entry, personal: &Map<String, Value>, words: &Words<'_>) -> Vec<Change> {
    let mut changes = differences(&object(&entry.before), &object(&entry.after), words);
    let part = |name: &str| personal.get(name).and_then(Value::as_object).cloned();
    if let (Some(before), Some(after)) = (part("before"), part("after")) {
        changes.extend(differences(&before, &after, words));
    } else {
        let mut told = personal.clone();
        told.remove("reason");
        changes.extend(differences(&Map::new(), &told, words));
    }
    if erased(entry) {
        changes.push(Change { field: "Personal values".into(), erased: true, ..Change::default() });
    }
    changes
}

fn differences(before: &Map<String, Value>, after: &Map<String, Value>, words: &Words<'_>) -> Vec<Change> {
    let only_before = before.keys().filter(|key| !after.contains_key(*key));
    let keys = after.keys().chain(only_before);
    let changed = keys.filter(|key| before.get(*key) != after.get(*key));
    changed
        .map(|key| Change {
            field: label(key),
            before: before.get(key).and_then(|value| words.value(key, value)),
            after: after.get(key).and_then(|value| words.value(key, value)),
            erased: false,
        })
        .filter(|change| change.before.is_some() || change.after.is_some())
        .collect()
}

/// `time_zone` reads "Time zone".
fn label(key: &str) -> String {
    let text = key.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Words<'_> {
    /// A value as people read it; `None` where there is none.
    fn value(&self, key: &str, value: &Value) -> Option<String> {
        match value {
            Value::Null => None,
            Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.into()),
            Value::Number(count) => Some(count.as_u64().map_or_else(|| count.to_string(), number)),
            Value::String(text) => Some(self.text(key, text)),
            Value::Array(list) if list.is_empty() => None,
            Value::Array(list) => {
                let parts: Vec<_> = list.iter().filter_map(|one| self.value(key, one)).collect();
                Some(parts.join(", "))
            }
            Value::Object(fields) => Some(self.object(key, fields, value)),
        }
    }

    fn text(&self, key: &str, text: &str) -> String {
        if MOMENTS.contains(&key)
            && let Ok(at) = text.parse::<Timestamp>()
        {
            return self.times.when(at).exact;
        }
        if DATES.contains(&key)
            && let Ok(date) = text.parse()
        {
            return words::date(date);
        }
        if PEOPLE.contains(&key)
            && let Ok(id) = text.parse::<PersonId>()
        {
            return self.names.people.get(&id).cloned().unwrap_or_else(|| called(Kind::User).to_owned());
        }
        if key == "teams"
            && let Ok(id) = text.parse::<TeamId>()
        {
            return self.names.teams.get(&id).cloned().unwrap_or_else(|| "a deleted team".to_owned());
        }
        if key == "browser" { device(text) } else { text.to_owned() }
    }

    fn object(&self, key: &str, fields: &Map<String, Value>, value: &Value) -> String {
        if key == "price"
            && let Ok(price) = serde_json::from_value::<Price>(value.clone())
        {
            return format!("{} per {}", money(price.minor, &price.currency), price.period.word());
        }
        let parts = fields.iter().filter_map(|(name, value)| {
            Some(format!("{} {}", name.replace('_', " "), self.value(name, value)?))
        });
        parts.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differ(before: Value, after: Value) -> Vec<(String, Option<String>, Option<String>)> {
        let now = "2026-11-24T12:00:00Z".parse().expect("a moment");
        let (times, names) = (Times::new("", "Europe/Berlin", now), Names::default());
        let words = Words { times: &times, names: &names };
        let fields = |value: Value| value.as_object().cloned().unwrap_or_default();
        let changes = differences(&fields(before), &fields(after), &words);
        changes.into_iter().map(|change| (change.field, change.before, change.after)).collect()
    }

    fn change(
        field: &str,
        before: Option<&str>,
        after: Option<&str>,
    ) -> (String, Option<String>, Option<String>) {
        (field.into(), before.map(Into::into), after.map(Into::into))
    }

    #[test]
    fn only_what_changed_is_told_in_words() {
        assert_eq!(
            differ(
                json!({ "time_zone": "UTC", "theme": "dark", "owned": 10 }),
                json!({ "time_zone": "Asia/Tokyo", "theme": "dark", "owned": 1200 }),
            ),
            [
                change("Owned", Some("10"), Some("1,200")),
                change("Time zone", Some("UTC"), Some("Asia/Tokyo"))
            ]
        );
        assert_eq!(
            differ(
                json!({ "price": null }),
                json!({ "price": { "minor": 1500, "currency": "EUR", "period": "month" } })
            ),
            [change("Price", None, Some("EUR 15.00 per month"))]
        );
        assert_eq!(
            differ(json!({ "since": "2026-03-02T09:00:00Z" }), json!({})),
            [change("Since", Some("Mon 2 Mar 2026, 10:00 CET"), None)]
        );
        assert_eq!(
            differ(json!({ "review_on": "2026-04-01" }), json!({ "review_on": "2027-03-01" })),
            [change("Review on", Some("1 Apr 2026"), Some("1 Mar 2027"))]
        );
        assert_eq!(
            differ(json!({ "status": "deactivated" }), json!({ "deleted": { "sessions": 2, "views": 1 } })),
            [
                change("Deleted", None, Some("sessions 2, views 1")),
                change("Status", Some("deactivated"), None)
            ]
        );
        assert_eq!(object("\"active\""), object("{\"status\":\"active\"}"));
        assert_eq!(
            differ(json!({}), json!({ "teams": [], "picture": true })),
            [change("Picture", None, Some("yes"))]
        );
    }
}
