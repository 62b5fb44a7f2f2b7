//! A person as a resource, and what a resource says of a person.
//!
//! The desk holds one name and one address. What a directory says beside them is kept as it was said, together with the
//! name and the address that it came to: where the person has others now, the directory's are no longer true.

use domain::scim::is_active;
use serde_json::{Value, json};

use crate::{
    limits::Limits,
    ops::{
        fingerprint::Fingerprint,
        profile::{self, Name},
    },
    scim::{Problem, Resource, schema},
    store::scim::{Known, Said},
    text,
};

/// What the desk holds itself, or only says.
const HELD: [&str; 7] = ["id", "schemas", "meta", "userName", "active", "externalId", "groups"];
/// How long the attributes that are kept may be together, in bytes.
const LONGEST: usize = 32 * 1024;

/// A person as a resource, without `meta` and `groups`.
#[must_use]
pub fn resource(known: &Known) -> Resource {
    let person = &known.row.person;
    let mut resource = attributes(known);
    let user_name = known.said.as_ref().and_then(|said| said.user_name.as_ref()).unwrap_or(&person.email);
    resource.insert("userName".into(), json!(user_name));
    // A directory that removed it is not told it before it is another.
    let active = json!(is_active(&person.status));
    if resource.remove("active").as_ref() != Some(&active) {
        resource.insert("active".into(), active);
    }
    resource.insert("id".into(), json!(person.id));
    if let Some(external_id) = &known.external_id {
        resource.insert("externalId".into(), json!(external_id));
    }
    let mut schemas = vec![schema::USER];
    if resource.contains_key(schema::ENTERPRISE) {
        schemas.push(schema::ENTERPRISE);
    }
    resource.insert("schemas".into(), json!(schemas));
    resource
}

/// What a directory said of a person, as far as it is still true; of whom none said anything, what the desk knows.
fn attributes(known: &Known) -> Resource {
    let person = &known.row.person;
    let Some(said) = &known.said else {
        let attributes = json!({
            "displayName": person.name,
            "name": { "formatted": person.name },
            "emails": [{ "value": person.email, "type": "work", "primary": true }],
        });
        return attributes.as_object().cloned().unwrap_or_default();
    };
    let mut attributes: Resource = serde_json::from_str(&said.attributes).unwrap_or_default();
    if said.name != person.name {
        attributes.insert("displayName".into(), json!(person.name));
        attributes.insert("name".into(), json!({ "formatted": person.name }));
    }
    if said.email != person.email
        && let Some(Value::Array(emails)) = attributes.get_mut("emails")
    {
        let old = text::email_key(&said.email);
        for email in emails {
            if email["value"].as_str().is_some_and(|value| text::email_key(value) == old) {
                email["value"] = json!(person.email);
            }
        }
    }
    attributes
}

/// The entity tag of a person as a resource: of all that is said of them but their groups.
#[must_use]
pub fn tag(resource: &Resource) -> String {
    let mut mark = Fingerprint::default();
    mark.add(Value::Object(resource.clone()).to_string());
    format!("W/\"{}\"", &mark.finish()[..16])
}

/// What a resource says of a person.
pub(super) struct Facts {
    /// How it calls the account, where that is no address.
    pub user_name: Option<String>,
    /// The address.
    pub email: String,
    /// The name.
    pub name: Name,
    /// Whether they can sign in, where it says so.
    pub active: Option<bool>,
    /// The directory's id.
    pub external_id: Option<String>,
    /// What else it says.
    pub attributes: Resource,
}

impl Facts {
    /// Reads a resource.
    pub(super) fn of(resource: &Resource, limits: &Limits) -> Result<Self, Problem> {
        let called = text_at(resource, "userName").map(str::trim).unwrap_or_default();
        if called.is_empty() {
            return Err(Problem::value("userName is missing."));
        }
        let (user_name, email) = account(called, resource, limits)?;
        let name = Name::clean(shown(resource).as_deref().unwrap_or(called), limits);
        let mut attributes = resource.clone();
        attributes.retain(|key, _| !HELD.contains(&key.as_str()));
        if Value::Object(attributes.clone()).to_string().len() > LONGEST {
            return Err(Problem::value(format!("The attributes may have at most {LONGEST} bytes together.")));
        }
        Ok(Self {
            user_name,
            email,
            name: name.map_err(|error| Problem::value(error.to_string()))?,
            active: resource.get("active").and_then(Value::as_bool),
            external_id: super::external_id(resource, limits)?,
            attributes,
        })
    }

    /// Every address that it says, folded.
    pub(super) fn email_keys(&self) -> Vec<String> {
        let emails = self.attributes.get("emails").and_then(Value::as_array);
        let values = emails.into_iter().flatten().filter_map(|email| email["value"].as_str());
        let keys: std::collections::BTreeSet<String> = values.map(text::email_key).collect();
        keys.into_iter().collect()
    }

    /// The account's name folded, where it is no address.
    pub(super) fn user_name_key(&self) -> Option<String> {
        self.user_name.as_deref().map(text::email_key)
    }

    /// What is kept of it.
    pub(super) fn said(&self) -> Said {
        Said {
            attributes: Value::Object(self.attributes.clone()).to_string(),
            name: self.name.as_str().to_owned(),
            email: self.email.clone(),
            user_name: self.user_name.clone(),
        }
    }
}

fn text_at<'a>(resource: &'a Resource, name: &str) -> Option<&'a str> {
    resource.get(name).and_then(Value::as_str)
}

/// The name of an account that is no address, and the address to sign in with: the account's name where it is one.
fn account(called: &str, resource: &Resource, limits: &Limits) -> Result<(Option<String>, String), Problem> {
    let at_fault = match profile::email(called, limits) {
        Ok(email) => return Ok((None, email)),
        Err(error) => error,
    };
    let Some(address) = address(resource) else {
        // What looks like an address is told what is wrong with it.
        let why = if called.contains('@') { format!(" ({at_fault})") } else { String::new() };
        let detail = format!(
            "userName is no email address{why}, and emails holds none: one is needed to sign in with."
        );
        return Err(Problem::value(detail));
    };
    if called.chars().count() > limits.email || called.chars().any(char::is_control) {
        return Err(Problem::value(format!(
            "userName has at most {} characters, all of them seen.",
            limits.email
        )));
    }
    let email =
        profile::email(address, limits).map_err(|error| Problem::value(format!("emails: {error}")))?;
    Ok((Some(called.to_owned()), email))
}

/// The primary address, else that for work, else the first.
fn address(resource: &Resource) -> Option<&str> {
    let emails = resource.get("emails")?.as_array()?;
    let primary = emails.iter().find(|email| email["primary"] == json!(true));
    let work = || {
        emails
            .iter()
            .find(|email| email["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("work")))
    };
    primary.or_else(work).or_else(|| emails.first())?["value"].as_str()
}

/// The name that is shown: the display name, else the whole name, else given and family name.
fn shown(resource: &Resource) -> Option<String> {
    let blank = |text: &&str| !text.trim().is_empty();
    if let Some(name) = text_at(resource, "displayName").filter(blank) {
        return Some(name.to_owned());
    }
    let parts = resource.get("name")?;
    let part = |name: &str| parts[name].as_str().filter(blank);
    if let Some(name) = part("formatted") {
        return Some(name.to_owned());
    }
    let both: Vec<&str> = [part("givenName"), part("familyName")].into_iter().flatten().collect();
    (!both.is_empty()).then(|| both.join(" "))
}
