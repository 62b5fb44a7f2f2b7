//! The audit log as people read it: filtered, newest first, in pages or as a whole for CSV.

use std::fmt;

use domain::{
    actor::Door,
    audit::Action,
    id::{AuditId, PersonId, WorkspaceId},
    person::{Kind, StatusWord},
};
use jiff::{ToSpan, civil::Date, tz::TimeZone};

use super::audit::{self, Entry, entry_columns};
use super::grid::Side;
use super::grid::cursor::{Reader, from_hex, write_hex};
use super::grid::text::{Ready, Text, Value};
use super::params::{self, Written};
use super::{Error, Row, Rx, Store, time, workspaces::Workspace};
use crate::error::Result;

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorFilter {
    /// This person.
    Person(PersonId),
    /// Anybody at the machine.
    Cli,
    /// Any job.
    Job,
    /// Any token of the JSON API.
    Token,
}

/// What the log is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only entries about this person.
    pub person: Option<PersonId>,
    /// Only what they did.
    pub actor: Option<ActorFilter>,
    /// Only this action.
    pub action: Option<Action>,
    /// Only what came through this door.
    pub door: Option<Door>,
    /// From the start of this day, in the workspace's time zone.
    pub from: Option<Date>,
    /// To the end of this day.
    pub to: Option<Date>,
    /// Where the page begins or ends; `None` is the newest page.
    pub cursor: Option<AuditCursor>,
    /// How many entries a page has.
    pub limit: i64,
}

impl Default for AuditQuery {
    fn default() -> Self {
        Self {
            person: None,
            actor: None,
            action: None,
            door: None,
            from: None,
            to: None,
            cursor: None,
            limit: Self::LIMIT,
        }
    }
}

/// A person as an entry shows them: as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name today.
    pub name: String,
    /// User or customer today.
    pub kind: Kind,
    /// The status today.
    pub status: StatusWord,
    /// The digest of the picture.
    pub picture: Option<String>,
}

/// Somebody whom an entry names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Someone {
    /// They are here.
    Here(Named),
    /// They have been deleted; what they were then.
    Gone(Kind),
}

/// An entry with the people it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// The entry.
    pub entry: Entry,
    /// Who acted.
    pub actor: Option<Someone>,
    /// Whom it concerns.
    pub person: Option<Someone>,
}

/// One page of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries, newest first.
    pub lines: Vec<AuditLine>,
    /// The page of older entries.
    pub next: Option<AuditCursor>,
    /// The page of newer entries.
    pub previous: Option<AuditCursor>,
}

/// Where a page begins (`after`, older) or ends (`before`, newer).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditCursor {
    /// Which side of the place.
    pub side: Side,
    at: i64,
    id: AuditId,
}

impl AuditCursor {
    /// Reads the text back; `None` when it was not made here.
    #[must_use]
    pub fn parse(side: Side, text: &str) -> Option<Self> {
        let bytes = from_hex(text)?;
        let mut rest = Reader(&bytes);
        let (b'a', at, id) = (rest.byte()?, rest.number()?, rest.uuid()?) else { return None };
        rest.0.is_empty().then_some(Self { side, at, id: AuditId::from_uuid(id) })
    }
}

impl fmt::Display for AuditCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, b"a")?;
        write_hex(f, &self.at.to_be_bytes())?;
        write_hex(f, self.id.uuid().as_bytes())
    }
}

const FIELDS: &[&str] = &["person", "actor", "action", "door", "from", "to", "after", "before", "limit"];

impl AuditQuery {
    /// How many entries a page has when nothing is said.
    pub const LIMIT: i64 = 50;
    /// How many it may have.
    pub const MOST: i64 = 500;

    /// Reads a query string: `person` (an id), `actor` (an id, `cli`, `job` or `token`), `action`, `door`, `from` and `to`
    /// (dates), `after` or `before` (a cursor), `limit`. An empty value is as good as none; parameters of other
    /// names belong to others. A value that is not understood is an error naming its field.
    pub fn from_query(query: &str) -> Result<Self> {
        let mut asked = Self::default();
        params::read(query, FIELDS, |field, value| asked.set(field, value).map_err(Into::into))?;
        params::check_limit(asked.limit, Self::MOST)?;
        Ok(asked)
    }

    fn set(&mut self, field: &str, value: &str) -> Result<(), &'static str> {
        let day = || value.parse::<Date>().map_err(|_| "This is a date, as in 2026-11-24.");
        let cursor = |side| AuditCursor::parse(side, value).ok_or("Begin at the first page.");
        match field {
            "person" => self.person = Some(value.parse().map_err(|_| "This is a person's id.")?),
            "actor" => {
                self.actor = Some(match value {
                    "cli" => ActorFilter::Cli,
                    "job" => ActorFilter::Job,
                    "token" => ActorFilter::Token,
                    id => ActorFilter::Person(
                        id.parse().map_err(|_| "This is a person's id, cli, job or token.")?,
                    ),
                });
            }
            "action" => self.action = Some(Action::parse(value).ok_or("There is no such action.")?),
            "door" => {
                let door = Door::ALL.into_iter().find(|door| door.word() == value);
                self.door = Some(door.ok_or("There is no such door.")?);
            }
            "from" => self.from = Some(day()?),
            "to" => self.to = Some(day()?),
            "after" => self.cursor = Some(cursor(Side::After)?),
            "before" => self.cursor = Some(cursor(Side::Before)?),
            _ => self.limit = value.parse().map_err(|_| "This is a number.")?,
        }
        Ok(())
    }

    /// The query string that [`AuditQuery::from_query`] reads, without the page: for links that begin anew, and
    /// for the CSV.
    #[must_use]
    pub fn to_query_unpaged(&self) -> String {
        self.filters().first()
    }

    /// As [`AuditQuery::to_query_unpaged`], with the page.
    #[must_use]
    pub fn to_query(&self) -> String {
        self.filters().at(self.cursor.as_ref().map(|cursor| (cursor.side, cursor)))
    }

    fn filters(&self) -> Written {
        let mut text = Written::new();
        let mut add = |name: &str, value: Option<String>| text.add(name, value);
        add("person", self.person.map(|id| id.to_string()));
        add(
            "actor",
            self.actor.map(|actor| match actor {
                ActorFilter::Person(id) => id.to_string(),
                ActorFilter::Cli => "cli".to_owned(),
                ActorFilter::Job => "job".to_owned(),
                ActorFilter::Token => "token".to_owned(),
            }),
        );
        add("action", self.action.map(|action| action.word().to_owned()));
        add("door", self.door.map(|door| door.word().to_owned()));
        add("from", self.from.map(|date| date.to_string()));
        add("to", self.to.map(|date| date.to_string()));
        add("limit", (self.limit != Self::LIMIT).then(|| self.limit.to_string()));
        text
    }
}

/// A query with its days as moments.
struct Asked<'a> {
    ws: WorkspaceId,
    query: &'a AuditQuery,
    from: Option<i64>,
    to: Option<i64>,
}

impl<'a> Asked<'a> {
    fn new(workspace: &Workspace, query: &'a AuditQuery) -> Result<Self> {
        let zone = workspace.zone();
        let start = |date: Date, zone: &TimeZone| -> Result<i64, jiff::Error> {
            Ok(time::micros(date.to_zoned_datetime(zone.clone())?.timestamp()))
        };
        let bad = |field| move |_| crate::Error::field(field, "Enter a date between the years 1 and 9998.");
        Ok(Self {
            ws: workspace.id,
            query,
            from: query.from.map(|date| start(date, &zone)).transpose().map_err(bad("from"))?,
            to: query
                .to
                .map(|date| start(date.checked_add(1.day())?, &zone))
                .transpose()
                .map_err(bad("to"))?,
        })
    }
}

fn statement(asked: &Asked<'_>, cursor: Option<AuditCursor>, limit: i64) -> Ready {
    let query = asked.query;
    let mut text = Text::new(asked.ws, Kind::User);
    text.put(concat!(
        "select ",
        entry_columns!(),
        ", x.name, x.status, x.picture, coalesce(x.kind, g.kind), y.name, y.status, y.picture, \
         coalesce(y.kind, h.kind) from audit a \
         left join audit_personal v on v.workspace_id = a.workspace_id and v.audit_id = a.audit_id \
         left join people x on x.workspace_id = a.workspace_id and x.person_id = a.actor_id \
         left join people y on y.workspace_id = a.workspace_id and y.person_id = a.person_id \
         left join deleted_people g on g.workspace_id = a.workspace_id and g.person_id = a.actor_id \
         left join deleted_people h on h.workspace_id = a.workspace_id and h.person_id = a.person_id \
         where a.workspace_id = {w}"
    ));
    // The first of these that is given has an index with the order; a check of the others must not draw to theirs.
    let mut indexed = false;
    if let Some(person) = query.person {
        text.add(" and a.person_id = {}", [Value::Id(person.uuid())]);
        indexed = true;
    }
    match query.actor {
        Some(ActorFilter::Person(person)) if indexed => {
            text.add(" and coalesce(a.actor_id, a.actor_id) = {}", [Value::Id(person.uuid())]);
        }
        Some(ActorFilter::Person(person)) => {
            text.add(" and a.actor_id = {}", [Value::Id(person.uuid())]);
        }
        Some(ActorFilter::Cli) => text_actor(&mut text, "cli", indexed),
        Some(ActorFilter::Job) => text_actor(&mut text, "job", indexed),
        // A personal token's entries stand under its owner, so tokens have an index of their own.
        Some(ActorFilter::Token) => {
            let guard = if indexed { " || ''" } else { "" };
            text.put(&format!(" and a.actor{guard} = 'token'"));
        }
        None => {}
    }
    indexed |= query.actor.is_some();
    for (column, word) in
        [("a.action", query.action.map(Action::word)), ("a.door", query.door.map(Door::word))]
    {
        if let Some(word) = word {
            let guard = if indexed { " || ''" } else { "" };
            text.add(&format!(" and {column}{guard} = {{}}"), [Value::Text(word.to_owned())]);
            indexed = true;
        }
    }
    let newer = cursor.is_some_and(|cursor| cursor.side == Side::Before);
    // The cursor is the closer end: the index is to begin there.
    let plus = |closer: bool| if closer { "+" } else { "" };
    if let Some(from) = asked.from {
        text.add(&format!(" and {}a.at >= {{}}", plus(newer)), [Value::Number(from)]);
    }
    if let Some(to) = asked.to {
        text.add(&format!(" and {}a.at < {{}}", plus(cursor.is_some() && !newer)), [Value::Number(to)]);
    }
    if let Some(cursor) = cursor {
        let by = if newer { ">" } else { "<" };
        let place = [Value::Number(cursor.at), Value::Id(cursor.id.uuid())];
        text.add(&format!(" and (a.at, a.audit_id) {by} ({{}}, {{}})"), place);
    }
    let way = if newer { "" } else { " desc" };
    text.add(&format!(" order by a.at{way}, a.audit_id{way} limit {{}}"), [Value::Number(limit)]);
    text.ready("audit_grid::page", true)
}

/// Neither the machine nor a job has an id of its own: the index by actor has them under "none".
fn text_actor(text: &mut Text, word: &str, indexed: bool) {
    let none = if indexed { "" } else { " and a.actor_id is null" };
    text.put(&format!("{none} and a.actor = '{word}'"));
}

fn from_row(row: &Row<'_>) -> Result<AuditLine> {
    let entry = audit::from_row(row)?;
    let someone = |id: Option<PersonId>, at: usize| -> Result<Option<Someone>> {
        if id.is_none() {
            return Ok(None);
        }
        let kind = row.get::<Option<String>>(at + 3)?;
        let kind = kind.map(|word| Kind::parse(&word).ok_or(Error::Value("people.kind"))).transpose()?;
        let named = (row.get::<Option<String>>(at)?, row.get::<Option<String>>(at + 1)?);
        let ((Some(name), Some(status)), Some(kind)) = (named, kind) else {
            return Ok(Some(Someone::Gone(kind.unwrap_or(Kind::User))));
        };
        let status = StatusWord::parse(&status).ok_or(Error::Value("people.status"))?;
        Ok(Some(Someone::Here(Named { name, kind, status, picture: row.get(at + 2)? })))
    };
    let (actor, person) = (someone(entry.actor_id, 17)?, someone(entry.person, 21)?);
    Ok(AuditLine { entry, actor, person })
}

async fn read(
    rx: &mut Rx,
    asked: &Asked<'_>,
    cursor: Option<AuditCursor>,
    limit: i64,
) -> Result<Vec<AuditLine>> {
    let ready = statement(asked, cursor, limit);
    rx.all(&ready.sql, &ready.params(), from_row).await
}

fn cursor_at(line: Option<&AuditLine>, side: Side) -> Option<AuditCursor> {
    let entry = &line?.entry;
    Some(AuditCursor { side, at: time::micros(entry.at), id: entry.id })
}

/// The page of the log that `query` asks for.
pub async fn page(rx: &mut Rx, workspace: &Workspace, query: &AuditQuery) -> Result<AuditPage> {
    let asked = Asked::new(workspace, query)?;
    let limit = usize::try_from(query.limit.clamp(1, AuditQuery::MOST)).unwrap_or(1);
    let one_more = i64::try_from(limit).unwrap_or(AuditQuery::LIMIT) + 1;
    let mut cursor = query.cursor;
    let mut lines = read(rx, &asked, cursor, one_more).await?;
    if lines.len() <= limit && cursor.is_some_and(|cursor| cursor.side == Side::Before) {
        // The way back has reached the newest entry: the first page, in full.
        cursor = None;
        lines = read(rx, &asked, None, one_more).await?;
    }
    let more = lines.len() > limit;
    lines.truncate(limit);
    let side = cursor.map(|cursor| cursor.side);
    if side == Some(Side::Before) {
        lines.reverse();
    }
    let (older, newer) = match side {
        None => (more, false),
        Some(Side::After) => (more, true),
        Some(Side::Before) => (true, more),
    };
    let here = |side| cursor.map(|cursor| AuditCursor { side, ..cursor });
    let next = cursor_at(lines.last(), Side::After).or_else(|| here(Side::After)).filter(|_| older);
    let previous = cursor_at(lines.first(), Side::Before).or_else(|| here(Side::Before)).filter(|_| newer);
    Ok(AuditPage { lines, next, previous })
}

/// Reads a whole filtered log in pieces, newest first, for CSV. Each piece is a read of its own, so that a slow
/// client holds no snapshot; entries that come to be meanwhile are newer than what was read, and left out.
#[derive(Debug, Clone)]
pub struct Export {
    query: AuditQuery,
    after: Option<AuditCursor>,
    ended: bool,
}

impl Export {
    /// How many entries are read at a time.
    pub const CHUNK: usize = 500;

    /// Begins at the newest entry; the query's page is not looked at.
    #[must_use]
    pub fn new(query: AuditQuery) -> Self {
        Self { query, after: None, ended: false }
    }

    /// The next entries, none at the end.
    pub async fn next(&mut self, store: &Store, workspace: &Workspace) -> Result<Vec<AuditLine>> {
        if self.ended {
            return Ok(Vec::new());
        }
        let asked = Asked::new(workspace, &self.query)?;
        let mut rx = store.reader().await?;
        let chunk = i64::try_from(Self::CHUNK).unwrap_or(AuditQuery::MOST);
        let lines = read(&mut rx, &asked, self.after, chunk).await?;
        self.ended = lines.len() < Self::CHUNK;
        self.after = cursor_at(lines.last(), Side::After);
        Ok(lines)
    }
}

/// Every statement that this file builds: for tests of their plans.
#[must_use]
pub fn built() -> Vec<super::Sql> {
    let nobody = PersonId::from_uuid(uuid::Uuid::nil());
    let mut all = Vec::new();
    for bits in 0..64_u32 {
        let given = |bit: u32| bits & 1 << bit != 0;
        for actor in [ActorFilter::Person(nobody), ActorFilter::Cli, ActorFilter::Token] {
            let query = AuditQuery {
                person: given(0).then_some(nobody),
                actor: given(1).then_some(actor),
                action: given(2).then_some(Action::Invited),
                door: given(3).then_some(Door::Api),
                ..AuditQuery::default()
            };
            let asked = Asked {
                ws: WorkspaceId::from_uuid(uuid::Uuid::nil()),
                query: &query,
                from: given(4).then_some(0),
                to: given(5).then_some(0),
            };
            let id = AuditId::from_uuid(uuid::Uuid::nil());
            let place = |side| AuditCursor { side, at: 0, id };
            for cursor in [None, Some(place(Side::After)), Some(place(Side::Before))] {
                all.push(statement(&asked, cursor, 51).sql);
            }
        }
    }
    all
}
