//! What a list of items can be asked, and the same as text: in addresses of pages, in saved views.

use std::fmt;

use domain::{
    id::{ItemId, OrganizationId, PersonId, ProjectId, TeamId},
    item::{ItemKind, ItemStatus},
};
use jiff::civil::Date;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::store::{
    grid::{Dir, Side},
    params::{self, NO_CURSOR, Written},
};

/// The longest search text, in characters.
const LONGEST: usize = 200;

/// Which statuses are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Statuses {
    /// New, open and waiting.
    #[default]
    Unfinished,
    /// Done and closed.
    Finished,
    /// All.
    All,
    /// One.
    Of(ItemStatus),
}

impl Statuses {
    /// Those shown.
    #[must_use]
    pub fn list(self) -> Vec<ItemStatus> {
        let fits = |status: &ItemStatus| match self {
            Self::Unfinished => !status.is_finished(),
            Self::Finished => status.is_finished(),
            Self::All => true,
            Self::Of(one) => one == *status,
        };
        ItemStatus::ALL.iter().copied().filter(fits).collect()
    }

    /// Whether all of them, or none, are finished; nothing when both are among them.
    #[must_use]
    pub fn finished(self) -> Option<bool> {
        match self {
            Self::Unfinished => Some(false),
            Self::Finished => Some(true),
            Self::All => None,
            Self::Of(status) => Some(status.is_finished()),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Unfinished => "unfinished",
            Self::Finished => "finished",
            Self::All => "all",
            Self::Of(status) => status.word(),
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let groups = [Self::Unfinished, Self::Finished, Self::All].into_iter();
        let each = ItemStatus::ALL.iter().map(|status| Self::Of(*status));
        groups.chain(each).find(|one| one.word() == word)
    }
}

/// A person by whom a list is filtered; `me` is whoever looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Whoever looks.
    Me,
    /// This person.
    Person(PersonId),
}

impl By {
    /// The person, if somebody looks.
    pub(super) fn person(self, me: Option<PersonId>) -> Option<PersonId> {
        match self {
            Self::Me => me,
            Self::Person(id) => Some(id),
        }
    }

    fn parse(word: &str) -> Option<Self> {
        if word == "me" { Some(Self::Me) } else { word.parse().ok().map(Self::Person) }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Me => f.write_str("me"),
            Self::Person(id) => id.fmt(f),
        }
    }
}

/// The filter by who is assigned: `assignee=me`, an id, `none`, `deactivated`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assigned {
    /// This person is.
    To(By),
    /// Nobody is.
    ToNobody,
    /// Somebody deactivated is, and it is not finished.
    ToDeactivated,
}

/// The filter by project: an id, or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InProject {
    /// In this one.
    In(ProjectId),
    /// In none.
    None,
}

/// The filter by due date, as of today in the workspace's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Before today.
    Overdue,
    /// Today or before.
    Today,
    /// Within seven days, or before.
    Week,
    /// Never.
    Never,
}

impl Due {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Overdue, "overdue"), (Self::Today, "today"), (Self::Week, "week"), (Self::Never, "none")];

    fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(one, _)| *one == self).map_or("", |(_, word)| word)
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, one)| *one == word).map(|(one, _)| one)
    }
}

/// What items are ordered by; then by when they were made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// By when they last changed; the latest first.
    #[default]
    Updated,
    /// By due date; those without come last.
    Due,
    /// By priority; the most urgent first.
    Priority,
    /// By number; the newest first.
    Number,
}

impl Sort {
    /// Every order, as it is offered.
    pub const ALL: [Self; 4] = [Self::Updated, Self::Due, Self::Priority, Self::Number];

    /// The word in query strings.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Updated => "updated",
            Self::Due => "due",
            Self::Priority => "priority",
            Self::Number => "number",
        }
    }

    /// The direction when none is given.
    #[must_use]
    pub const fn usual(self) -> Dir {
        match self {
            Self::Updated | Self::Number => Dir::Desc,
            Self::Due | Self::Priority => Dir::Asc,
        }
    }

    pub(super) const fn column(self) -> &'static str {
        self.word()
    }
}

/// The value by which a row is ordered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A moment, a priority or a number.
    Number(i64),
    /// A date as text, or what stands for none.
    Text(String),
}

/// Where a page begins or ends. Opaque.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Which side of the place.
    pub side: Side,
    pub(super) sort: Sort,
    pub(super) key: Key,
    pub(super) item: ItemId,
}

impl Cursor {
    /// Reads the text back; `None` when it was not made here.
    #[must_use]
    pub fn parse(side: Side, text: &str) -> Option<Self> {
        let (place, item) = text.rsplit_once('_')?;
        let (sort, key) = place.split_once('_')?;
        let sort = Sort::ALL.into_iter().find(|one| one.word() == sort)?;
        let key = match sort {
            Sort::Due if key == crate::store::items::NEVER_DUE || key.parse::<Date>().is_ok() => {
                Key::Text(key.to_owned())
            }
            Sort::Due => return None,
            _ => Key::Number(key.parse().ok()?),
        };
        Some(Self { side, sort, key, item: ItemId::from_uuid(Uuid::try_parse(item).ok()?) })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = match &self.key {
            Key::Number(number) => number.to_string(),
            Key::Text(text) => text.clone(),
        };
        write!(f, "{}_{key}_{}", self.sort.word(), self.item.uuid().simple())
    }
}

/// What a list is asked: see [`ItemQuery::from_query`] for its form as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemQuery {
    /// Tickets or tasks; both when it is not given.
    pub kind: Option<ItemKind>,
    /// Which statuses.
    pub statuses: Statuses,
    /// Only with such assignees.
    pub assigned: Option<Assigned>,
    /// Only assigned to somebody in this team.
    pub team: Option<TeamId>,
    /// Only followed by them.
    pub follower: Option<By>,
    /// Only requested by them.
    pub requester: Option<By>,
    /// Only without a requester.
    pub unrequested: bool,
    /// Only requested by a customer of this organization.
    pub organization: Option<OrganizationId>,
    /// Only of this project, or of none.
    pub project: Option<InProject>,
    /// Only due so.
    pub due: Option<Due>,
    /// Only with this tag.
    pub tag: Option<String>,
    /// What was typed into the search field.
    pub q: String,
    /// The order.
    pub sort: Sort,
    /// Its direction.
    pub dir: Dir,
    /// Where the page begins or ends; `None` is the first page.
    pub cursor: Option<Cursor>,
    /// How many rows a page has.
    pub limit: i64,
}

const FIELDS: &[&str] = &[
    "status",
    "assignee",
    "team",
    "follower",
    "requester",
    "organization",
    "project",
    "due",
    "tag",
    "q",
    "sort",
    "dir",
    "after",
    "before",
    "limit",
];

impl ItemQuery {
    /// How many rows a page has when nothing is said.
    pub const LIMIT: i64 = 50;
    /// How many it may have.
    pub const MOST: i64 = 200;

    /// What is not finished, the latest change first.
    #[must_use]
    pub const fn new(kind: Option<ItemKind>) -> Self {
        Self {
            kind,
            statuses: Statuses::Unfinished,
            assigned: None,
            team: None,
            follower: None,
            requester: None,
            unrequested: false,
            organization: None,
            project: None,
            due: None,
            tag: None,
            q: String::new(),
            sort: Sort::Updated,
            dir: Sort::Updated.usual(),
            cursor: None,
            limit: Self::LIMIT,
        }
    }

    /// Reads a query string: `status` (`unfinished`, `finished`, `all`, or one), `assignee` (`me`, an id, `none`,
    /// `deactivated`), `team` (an id), `follower` (`me` or an id), `requester` (also `none`), `organization` (an id), `project` (an id or `none`), `due`
    /// (`overdue`, `today`, `week`, `none`), `tag`, `q`, `sort`, `dir`, `after` or `before` (a cursor), `limit`. An
    /// empty value is as good as none; parameters of other names belong to others. A value that is not understood is
    /// an error naming its field.
    pub fn from_query(kind: Option<ItemKind>, query: &str) -> Result<Self> {
        let (mut asked, mut dir) = (Self::new(kind), None);
        params::read(query, FIELDS, |field, value| {
            if field == "dir" {
                dir = Dir::parse(value);
                dir.map(|_| ()).ok_or_else(|| "This is asc or desc.".into())
            } else {
                asked.set(field, value).map_err(Into::into)
            }
        })?;
        asked.dir = dir.unwrap_or(asked.sort.usual());
        asked.check().map(|()| asked)
    }

    fn set(&mut self, field: &'static str, value: &str) -> Result<(), &'static str> {
        let by = |value| By::parse(value).map(Some).ok_or("This is me, or the id of a person.");
        match field {
            "status" => {
                let known = "This is unfinished, finished, all, new, open, waiting, done or closed.";
                self.statuses = Statuses::parse(value).ok_or(known)?;
            }
            "assignee" => {
                self.assigned = Some(match value {
                    "none" => Assigned::ToNobody,
                    "deactivated" => Assigned::ToDeactivated,
                    who => {
                        let known = "This is me, none, deactivated, or the id of a person.";
                        Assigned::To(By::parse(who).ok_or(known)?)
                    }
                });
            }
            "team" => self.team = Some(value.parse().map_err(|_| "This is the id of a team.")?),
            "follower" => self.follower = by(value)?,
            "requester" if value == "none" => self.unrequested = true,
            "requester" => self.requester = by(value)?,
            "organization" => {
                self.organization = Some(value.parse().map_err(|_| "This is the id of an organization.")?);
            }
            "project" => {
                self.project = Some(match value {
                    "none" => InProject::None,
                    id => InProject::In(id.parse().map_err(|_| "This is the id of a project, or none.")?),
                });
            }
            "due" => self.due = Some(Due::parse(value).ok_or("This is overdue, today, week or none.")?),
            "tag" => self.tag = Some(value.to_owned()),
            "q" => value.clone_into(&mut self.q),
            "sort" => {
                let known = "This is updated, due, priority or number.";
                self.sort = Sort::ALL.into_iter().find(|sort| sort.word() == value).ok_or(known)?;
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
        params::check_text("tag", self.tag.as_deref().unwrap_or_default(), LONGEST)?;
        match &self.cursor {
            Some(cursor) if cursor.sort != self.sort => Err(Error::field(cursor.side.word(), NO_CURSOR)),
            _ => Ok(()),
        }
    }

    /// The query string that [`ItemQuery::from_query`] reads; what is as usual is left out.
    #[must_use]
    pub fn to_query(&self) -> String {
        self.filters().at(self.cursor.as_ref().map(|cursor| (cursor.side, cursor)))
    }

    /// As [`ItemQuery::to_query`], without the page: for saved views, and for links that begin anew.
    #[must_use]
    pub fn to_query_unpaged(&self) -> String {
        self.filters().first()
    }

    fn filters(&self) -> Written {
        let mut text = Written::new();
        let mut add = |name: &str, value: Option<String>| text.add(name, value);
        add("status", (self.statuses != Statuses::default()).then(|| self.statuses.word().to_owned()));
        add(
            "assignee",
            self.assigned.map(|assigned| match assigned {
                Assigned::To(by) => by.to_string(),
                Assigned::ToNobody => "none".to_owned(),
                Assigned::ToDeactivated => "deactivated".to_owned(),
            }),
        );
        add("team", self.team.map(|team| team.to_string()));
        add("follower", self.follower.map(|by| by.to_string()));
        let nobody = || self.unrequested.then(|| "none".to_owned());
        add("requester", self.requester.map(|by| by.to_string()).or_else(nobody));
        add("organization", self.organization.map(|organization| organization.to_string()));
        add(
            "project",
            self.project.map(|project| match project {
                InProject::In(id) => id.to_string(),
                InProject::None => "none".to_owned(),
            }),
        );
        add("due", self.due.map(|due| due.word().to_owned()));
        add("tag", self.tag.clone());
        add("q", Some(self.q.clone()));
        add("sort", (self.sort != Sort::default()).then(|| self.sort.word().to_owned()));
        add("dir", (self.dir != self.sort.usual()).then(|| self.dir.word().to_owned()));
        add("limit", (self.limit != Self::LIMIT).then(|| self.limit.to_string()));
        text
    }
}
