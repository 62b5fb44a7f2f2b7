//! Names, addresses and one's own settings.

use domain::{Refusal, audit::Action, id::PersonId, invitation, part, person::Kind};
use jiff::tz::TimeZone;
use serde_json::json;

use super::{load, record::Record};
use crate::{
    ctx::Ctx,
    error::{Error, Result},
    limits::Limits,
    store::{
        Tx, organizations,
        people::{self, PersonRow, Texts},
        teams,
    },
    text::{self, sort_key},
};

/// The derived texts of a person.
#[must_use]
pub fn texts(name: &str, email: &str) -> Texts {
    Texts {
        email_key: text::email_key(email),
        name_sort: sort_key(name),
        search_text: text::search_text(name, email),
    }
}

/// A name that has been cleaned and is within the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Cleans a typed name.
    pub fn parse(typed: &str, limits: &Limits) -> Result<Self> {
        Self::clean(typed, limits).map_err(|error| Error::field("name", error.to_string()))
    }

    /// As [`Name::parse`], for what is no form: the error says why, and not in which field.
    pub fn clean(typed: &str, limits: &Limits) -> std::result::Result<Self, text::TextError> {
        text::clean_name(typed, limits.name).map(Self)
    }

    /// A name that was cleaned when it was kept.
    pub(crate) fn kept(name: String) -> Self {
        Self(name)
    }

    /// The name inside.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// The name inside.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Cleans a typed address.
pub fn email(typed: &str, limits: &Limits) -> Result<String> {
    text::clean_email(typed, limits.email).map_err(|error| Error::field("email", error.to_string()))
}

/// Cleans a typed reason; empty is none.
pub fn reason(typed: &str, limits: &Limits) -> Result<Option<String>> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    text::clean_lines("The reason", typed, limits.reason)
        .map(Some)
        .map_err(|error| Error::field("reason", error.to_string()))
}

/// The languages that the desk can be set to. Dates and numbers follow it; the texts are English.
pub const LANGUAGES: &[(&str, &str)] = &[("en", "English")];

/// The themes one can choose.
pub const THEMES: &[&str] = &["system", "light", "dark"];

/// What is to be changed; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// The name.
    pub name: Option<Name>,
    /// The address; cleaned by [`email`].
    pub email: Option<String>,
    /// A tag of [`LANGUAGES`]; empty follows the workspace.
    pub language: Option<String>,
    /// An IANA name; empty follows the workspace.
    pub time_zone: Option<String>,
    /// One of [`THEMES`].
    pub theme: Option<String>,
    /// The version of the person that the form was made from; stale when it has changed.
    pub version: Option<i64>,
}

/// Edits a profile: one's own, or as an administrator anybody's. Answers whether anything changed.
pub async fn edit(tx: &mut Tx, ctx: &Ctx, id: PersonId, input: Input) -> Result<bool> {
    let load::Loaded { authority, people: [row] } = load::locked(tx, ctx, [id]).await?;
    let email = input.email.as_deref().filter(|email| *email != row.person.email);
    part::edit_profile(&authority, &row.person, email.is_some())?;
    load::fresh(&row, input.version)?;
    if let Some(email) = email {
        address_free(tx, ctx, id, email).await?;
    }
    let profile = changed(&row, input)?;
    if profile == row {
        return Ok(false);
    }
    save(tx, ctx, &row, &profile).await?;
    record(tx, ctx, &row, &profile)?;
    Ok(true)
}

/// Rule 13: another person's address is refused with what helps.
async fn address_free(tx: &mut Tx, ctx: &Ctx, id: PersonId, email: &str) -> Result<()> {
    let key = text::email_key(email);
    match people::by_email(tx, ctx.workspace, &key).await? {
        Some(other) if other.person.id != id => Err(invitation::address_refusal(&other.person).into()),
        _ => Ok(()),
    }
}

fn changed(row: &PersonRow, input: Input) -> Result<PersonRow> {
    let mut profile = row.clone();
    if let Some(name) = input.name {
        profile.person.name = name.into_string();
    }
    if let Some(email) = input.email {
        profile.person.email = email;
    }
    if let Some(language) = input.language {
        let known = LANGUAGES.iter().any(|(tag, _)| *tag == language);
        if !known && !language.is_empty() {
            return Err(Error::field("language", "Choose a language from the list."));
        }
        profile.language = language;
    }
    if let Some(zone) = input.time_zone {
        if !zone.is_empty() {
            time_zone(&zone)?;
        }
        profile.time_zone = zone;
    }
    if let Some(theme) = input.theme {
        if !THEMES.contains(&theme.as_str()) {
            return Err(Error::field("theme", "Choose system, light or dark."));
        }
        profile.theme = theme;
    }
    Ok(profile)
}

/// Checks the name of a time zone.
pub fn time_zone(name: &str) -> Result<TimeZone> {
    TimeZone::get(name)
        .map_err(|_| Error::field("time_zone", "Choose a time zone from the list, such as Europe/Berlin."))
}

pub(crate) async fn save(tx: &mut Tx, ctx: &Ctx, row: &PersonRow, profile: &PersonRow) -> Result<()> {
    let texts = texts(&profile.person.name, &profile.person.email);
    let saved = people::set_profile(tx, row, profile, &texts).await;
    match saved {
        Err(Error::Store(error)) if error.is_unique() => {
            return Err(Error::field("email", "Somebody with this address was added just now."));
        }
        saved => saved?,
    }
    if profile.person.name != row.person.name {
        match row.person.kind {
            Kind::User => teams::rename_person(tx, ctx.workspace, row.person.id, &texts.name_sort)?,
            Kind::Customer => {
                organizations::rename_person(tx, ctx.workspace, row.person.id, &texts.name_sort)?;
            }
        }
    }
    Ok(())
}

fn record(tx: &mut Tx, ctx: &Ctx, row: &PersonRow, profile: &PersonRow) -> Result<()> {
    let state =
        |row: &PersonRow| json!({ "language": row.language, "time_zone": row.time_zone, "theme": row.theme });
    let names = |row: &PersonRow| json!({ "name": row.person.name, "email": row.person.email });
    Record::of(Action::ProfileChanged)
        .person(row.person.id)
        .before(state(row))
        .after(state(profile))
        .personal(json!({ "before": names(row), "after": names(profile) }))
        .save(tx, ctx)
}

/// Gives a person the name they chose when joining.
pub(crate) async fn rename(tx: &mut Tx, ctx: &Ctx, id: PersonId, name: Name) -> Result<()> {
    let row = people::load(tx, ctx.workspace, id).await?;
    let row = row.ok_or(Refusal::LinkVoid)?;
    let mut profile = row.clone();
    profile.person.name = name.into_string();
    if profile == row {
        return Ok(());
    }
    save(tx, ctx, &row, &profile).await
}
