//! What the cells of a row say.

use std::collections::BTreeSet;

use domain::{import::Column, person::StatusWord, role::Role};
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use super::{BadRow, Mapping};
use crate::{
    limits::Limits,
    ops::profile::Name,
    text::{self, TextError},
};

/// The cells of a row, cleaned. An empty cell says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    /// On which line the row begins.
    pub line: u64,
    /// The name.
    pub name: Option<Name>,
    /// The address.
    pub email: String,
    /// The address as people are told apart by it.
    pub email_key: String,
    /// The teams, each once.
    pub teams: Vec<Name>,
    /// The organization.
    pub organization: Option<Name>,
    /// The role.
    pub role: Option<Role>,
    /// The status.
    pub status: Option<StatusWord>,
    /// The id by which another system knows the person.
    pub external_id: Option<String>,
    /// The last sign-in.
    pub last_login: Option<Timestamp>,
}

/// What is needed to read cells.
struct Reader<'a> {
    line: u64,
    cells: &'a [&'a str],
    mapping: &'a Mapping,
    limits: &'a Limits,
}

/// Reads a row. Dates without a zone are of `zone`.
pub fn read(
    line: u64,
    cells: &[&str],
    mapping: &Mapping,
    limits: &Limits,
    zone: &TimeZone,
) -> Result<Cells, BadRow> {
    let reader = Reader { line, cells, mapping, limits };
    let email = text::clean_email(reader.cell(Column::Email), limits.email)
        .map_err(|error| reader.bad(Column::Email, &error))?;
    Ok(Cells {
        line,
        name: reader.name()?,
        email_key: text::email_key(&email),
        email,
        teams: reader.teams()?,
        organization: reader.group(Column::Organization, reader.cell(Column::Organization))?,
        role: reader.role()?,
        status: reader.status()?,
        external_id: reader.external_id()?,
        last_login: reader.last_login(zone)?,
    })
}

impl Reader<'_> {
    /// A cell without blanks around it. An apostrophe that an export put before a formula goes.
    fn cell(&self, column: Column) -> &str {
        let cell =
            self.mapping.place(column).and_then(|at| self.cells.get(at)).map_or("", |cell| cell.trim());
        match cell.strip_prefix('\'') {
            Some(rest) if rest.trim_start_matches('\'').starts_with(['=', '+', '-', '@']) => rest,
            _ => cell,
        }
    }

    fn bad(&self, column: Column, why: &impl ToString) -> BadRow {
        let column = self.mapping.name(column).to_owned();
        BadRow { line: self.line, column, message: why.to_string() }
    }

    fn name(&self) -> Result<Option<Name>, BadRow> {
        let parts =
            [Column::Name, Column::FirstName, Column::LastName].map(|column| (column, self.cell(column)));
        let whole = parts.iter().map(|(_, part)| *part).filter(|part| !part.is_empty());
        let whole = whole.collect::<Vec<_>>().join(" ");
        if whole.is_empty() {
            return Ok(None);
        }
        // The longest part is the one to look at.
        let longest =
            parts.iter().max_by_key(|(_, part)| part.len()).map_or(Column::Name, |(column, _)| *column);
        self.clean(longest, &whole).map(Some)
    }

    fn clean(&self, column: Column, typed: &str) -> Result<Name, BadRow> {
        Name::clean(typed, self.limits).map_err(|error| self.bad(column, &error))
    }

    fn group(&self, column: Column, typed: &str) -> Result<Option<Name>, BadRow> {
        if typed.is_empty() { Ok(None) } else { self.clean(column, typed).map(Some) }
    }

    fn teams(&self) -> Result<Vec<Name>, BadRow> {
        let (mut teams, mut seen) = (Vec::new(), BTreeSet::new());
        for one in self.cell(Column::Teams).split(';') {
            let Some(team) = self.group(Column::Teams, one.trim())? else { continue };
            if seen.insert(text::fold(team.as_str())) {
                teams.push(team);
            }
        }
        Ok(teams)
    }

    fn role(&self) -> Result<Option<Role>, BadRow> {
        match text::fold(self.cell(Column::Role)).as_str() {
            "" => Ok(None),
            "member" => Ok(Some(Role::Member)),
            "administrator" | "admin" => Ok(Some(Role::Administrator)),
            "owner" => Ok(Some(Role::Owner)),
            _ => Err(self.unknown(Column::Role, "a role", "Member or Administrator")),
        }
    }

    fn status(&self) -> Result<Option<StatusWord>, BadRow> {
        match text::fold(self.cell(Column::Status)).as_str() {
            "" => Ok(None),
            "active" | "enabled" => Ok(Some(StatusWord::Active)),
            "invited" | "pending" => Ok(Some(StatusWord::Invited)),
            "deactivated" | "inactive" | "disabled" | "suspended" => Ok(Some(StatusWord::Deactivated)),
            _ => Err(self.unknown(Column::Status, "a status", "Active, Deactivated or Invited")),
        }
    }

    fn unknown(&self, column: Column, what: &str, allowed: &str) -> BadRow {
        let shown: String = self.cell(column).chars().take(60).collect();
        self.bad(column, &format!("“{shown}” is not {what}. Give {allowed}."))
    }

    fn external_id(&self) -> Result<Option<String>, BadRow> {
        let cell = self.cell(Column::ExternalId);
        if cell.is_empty() {
            return Ok(None);
        }
        let limit = self.limits.name;
        let length = cell.chars().count();
        if length > limit {
            let error = TextError::TooLong { what: "The External ID", limit, length };
            return Err(self.bad(Column::ExternalId, &error));
        }
        if cell.chars().any(char::is_control) {
            return Err(self.bad(Column::ExternalId, &"The External ID holds a hidden character."));
        }
        Ok(Some(cell.to_owned()))
    }

    fn last_login(&self, zone: &TimeZone) -> Result<Option<Timestamp>, BadRow> {
        let cell = self.cell(Column::LastLogin);
        if cell.is_empty() || matches!(text::fold(cell).as_str(), "never" | "-") {
            return Ok(None);
        }
        let at = moment(cell, zone).filter(|at| *at > Timestamp::UNIX_EPOCH).ok_or_else(|| {
            self.unknown(Column::LastLogin, "a date", "one such as 2026-03-31 or 2026-03-31T09:00:00Z")
        })?;
        // A date to come is kept as well: the clock of the system that wrote it is not ours.
        Ok(Some(at))
    }
}

/// A moment with its offset, or a date (its beginning) or a date and a time where the workspace is.
fn moment(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let local = match text.parse::<Date>() {
        // A date is also read from the front of a longer text, whose time would be lost.
        Ok(date) if text.len() <= 10 => date.to_datetime(jiff::civil::Time::midnight()),
        _ => text.parse::<DateTime>().ok()?,
    };
    zone.to_timestamp(local).ok()
}
