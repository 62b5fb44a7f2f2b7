//! A grid's query as text: in addresses of pages, in saved views, in the API.

use domain::{person::Kind, role::Role};
use jiff::civil::Date;

use super::cursor::{Cursor, Side};
use super::query::{BuiltinView, Created, Dir, GridQuery, GroupFilter, LastSignIn, Sort, StatusFilter};
use crate::error::{Error, Result};
use crate::store::params::{self, NO_CURSOR, Written};

/// The longest search text, in characters; no name or address is longer.
const LONGEST: usize = 254;
/// The longest span of days, a hundred years.
const DAYS: i64 = 36_525;

/// The name of each parameter, as errors give it.
const FIELDS: &[&str] = &[
    "view",
    "role",
    "team",
    "organization",
    "status",
    "seen",
    "created",
    "returns",
    "overdue",
    "q",
    "sort",
    "dir",
    "group",
    "after",
    "before",
    "limit",
];

impl GridQuery {
    /// Reads a query string: `view`, `role`, `team` or of customers `organization` (an id or `none`), `status`, `seen` (`never`, `before-30`,
    /// `since-7`), `created` (`last-30`, `2026-01-01..2026-01-31`), `returns=1`, `overdue=1`, `q`, `sort`, `dir`,
    /// `group=team` or `group=organization`, `after` or `before` (a cursor), `limit`. An empty value is as good as none, so that plain forms
    /// work; parameters of other names belong to others. A value that is not understood is an error naming its
    /// field.
    pub fn from_query(kind: Kind, query: &str) -> Result<Self> {
        let fields: Vec<&str> = FIELDS.iter().copied().filter(|field| *field != other_group(kind)).collect();
        let mut asked = Self::new(kind);
        params::read(query, &fields, |field, value| asked.set(field, value).map_err(Into::into))?;
        asked.check().map(|()| asked)
    }

    /// As [`GridQuery::from_query`], for a query that holds nothing else: a parameter of another name, which would
    /// leave more people than were meant, is an error.
    pub fn only_from_query(kind: Kind, query: &str) -> Result<Self> {
        for (name, _) in form_urlencoded::parse(query.trim_start_matches('?').as_bytes()) {
            let mut fields = FIELDS.iter().copied().filter(|field| *field != other_group(kind));
            if !fields.clone().any(|field| field == name) {
                let fields: Vec<&str> = fields.by_ref().collect();
                let words = format!("There is no filter {name:?}. There are {}.", fields.join(", "));
                return Err(Error::field("query", words));
            }
        }
        Self::from_query(kind, query)
    }

    fn set(&mut self, field: &'static str, value: &str) -> Result<(), String> {
        match field {
            "view" => self.view = word(BuiltinView::parse(value), BuiltinView::ALL.iter().map(|v| v.word()))?,
            "role" => self.role = Some(word(Role::parse(value), Role::ALL.iter().map(|r| r.word()))?),
            "team" | "organization" => {
                self.group = Some(match value {
                    "none" => GroupFilter::None,
                    id => GroupFilter::In(
                        id.parse().map_err(|_| format!("This is the id of {}, or none.", a_group(field)))?,
                    ),
                });
            }
            "status" => {
                let words = StatusFilter::ALL.iter().map(|s| s.word());
                self.status = Some(word(StatusFilter::parse(value), words)?);
            }
            "seen" => self.last_sign_in = Some(last_sign_in(value)?),
            "created" => self.created = Some(created(value)?),
            "returns" => self.asked_to_return = yes(value)?,
            "overdue" => self.review_overdue = yes(value)?,
            "q" => value.clone_into(&mut self.q),
            "sort" => self.sort = word(Sort::parse(value), Sort::ALL.iter().map(|s| s.word()))?,
            "dir" => self.dir = word(Dir::parse(value), Dir::ALL.iter().map(|d| d.word()))?,
            "group" => {
                let by = group_word(self.kind);
                self.grouped = word((value == by).then_some(true), [by].into_iter())?;
            }
            "after" => self.cursor = Some(Cursor::parse(Side::After, value).ok_or(NO_CURSOR)?),
            "before" => self.cursor = Some(Cursor::parse(Side::Before, value).ok_or(NO_CURSOR)?),
            _ => self.limit = value.parse().map_err(|_| "This is a number.")?,
        }
        Ok(())
    }

    /// What holds of every query, read from text or made by hand.
    pub(super) fn check(&self) -> Result<()> {
        params::check_limit(self.limit, Self::MOST)?;
        params::check_text("q", &self.q, LONGEST)?;
        match &self.cursor {
            Some(cursor) if !cursor.place.fits(self.sort, self.grouped) => {
                Err(Error::field(cursor.side.word(), NO_CURSOR))
            }
            _ => Ok(()),
        }
    }

    /// The query string that [`GridQuery::from_query`] reads; what is as usual is left out.
    #[must_use]
    pub fn to_query(&self) -> String {
        self.filters().at(self.cursor.as_ref().map(|cursor| (cursor.side, cursor)))
    }

    /// As [`GridQuery::to_query`], without the page: for saved views, and for links that begin anew.
    #[must_use]
    pub fn to_query_unpaged(&self) -> String {
        self.filters().first()
    }

    fn filters(&self) -> Written {
        let mut text = Written::new();
        let mut add = |name: &str, value: &str, usual: bool| text.add(name, (!usual).then_some(value));
        add("view", self.view.word(), self.view == BuiltinView::default());
        add("role", self.role.map_or("", Role::word), self.role.is_none());
        let by = group_word(self.kind);
        let group = match self.group {
            Some(GroupFilter::In(id)) => id.to_string(),
            Some(GroupFilter::None) => "none".to_owned(),
            None => String::new(),
        };
        add(by, &group, self.group.is_none());
        add("status", self.status.map_or("", StatusFilter::word), self.status.is_none());
        let seen = match self.last_sign_in {
            Some(LastSignIn::Never) => "never".to_owned(),
            Some(LastSignIn::Before(days)) => format!("before-{days}"),
            Some(LastSignIn::Since(days)) => format!("since-{days}"),
            None => String::new(),
        };
        add("seen", &seen, self.last_sign_in.is_none());
        let created = match self.created {
            Some(Created::Last(days)) => format!("last-{days}"),
            Some(Created::Between(from, to)) => {
                let day = |date: Option<Date>| date.map_or_else(String::new, |date| date.to_string());
                format!("{}..{}", day(from), day(to))
            }
            None => String::new(),
        };
        add("created", &created, self.created.is_none());
        add("returns", "1", !self.asked_to_return);
        add("overdue", "1", !self.review_overdue);
        add("q", &self.q, self.q.is_empty());
        add("sort", self.sort.word(), self.sort == Sort::default());
        add("dir", self.dir.word(), self.dir == Dir::default());
        add("group", by, !self.grouped);
        add("limit", &self.limit.to_string(), self.limit == Self::LIMIT);
        text
    }
}

/// What people of a kind are grouped by, as the word in query strings.
#[must_use]
pub(super) const fn group_word(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "team",
        Kind::Customer => "organization",
    }
}

/// A group in words.
fn a_group(field: &str) -> &'static str {
    if field == group_word(Kind::User) { "a team" } else { "an organization" }
}

/// The word of the other kind: in a query of this kind it means nothing.
const fn other_group(kind: Kind) -> &'static str {
    match kind {
        Kind::User => group_word(Kind::Customer),
        Kind::Customer => group_word(Kind::User),
    }
}

fn word<T>(parsed: Option<T>, words: impl Iterator<Item = &'static str>) -> Result<T, String> {
    parsed.ok_or_else(|| format!("This is one of {}.", words.collect::<Vec<_>>().join(", ")))
}

fn yes(value: &str) -> Result<bool, String> {
    if value == "1" { Ok(true) } else { Err("This is 1, or not given.".to_owned()) }
}

fn days(text: &str) -> Option<i64> {
    text.parse().ok().filter(|days| (1..=DAYS).contains(days))
}

fn last_sign_in(value: &str) -> Result<LastSignIn, String> {
    let parsed = match value.split_once('-') {
        Some(("before", number)) => days(number).map(LastSignIn::Before),
        Some(("since", number)) => days(number).map(LastSignIn::Since),
        _ => (value == "never").then_some(LastSignIn::Never),
    };
    parsed.ok_or_else(|| format!("This is never, before-DAYS or since-DAYS, with 1 to {DAYS} days."))
}

fn created(value: &str) -> Result<Created, String> {
    let day = |text: &str| if text.is_empty() { Some(None) } else { text.parse::<Date>().ok().map(Some) };
    let parsed = match (value.strip_prefix("last-"), value.split_once("..")) {
        (Some(number), _) => days(number).map(Created::Last),
        (None, Some((from, to))) => match (day(from), day(to)) {
            (Some(from), Some(to)) if from.is_some() || to.is_some() => Some(Created::Between(from, to)),
            _ => None,
        },
        (None, None) => None,
    };
    parsed.ok_or_else(|| {
        format!(
            "This is last-DAYS with 1 to {DAYS} days, or dates as in 2026-01-01..2026-01-31, either end open."
        )
    })
}
