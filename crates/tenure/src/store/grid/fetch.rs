//! Rows in order, from one place on.

use std::collections::HashMap;

use domain::id::PersonId;

use super::Group;
use super::cursor::{Key, Place, StatusWordText};
use super::filter::{self, Driver, Known, Open, conditions, under};
use super::groups::Groups;
use super::plan::Way;
use super::query::{Dir, Sort, View};
use super::text::{Ready, Text, Value};
use crate::error::Result;
use crate::store::people::{self, PERSON_COLUMNS, PersonRow, person_columns};
use crate::store::{Engine, Row, Rx, dialect, time};
use crate::text::{NEAR, Piece, Query, near};

/// A row with its place in the order.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) row: PersonRow,
    pub(super) status_by_name: Option<String>,
    pub(super) place: Place,
    pub(super) group: Option<Group>,
}

/// What is read of a person.
#[derive(Debug, Clone)]
pub(super) struct Read {
    row: PersonRow,
    name_sort: Vec<u8>,
    email_key: String,
    status_by_name: Option<String>,
}

fn from_row(row: &Row<'_>) -> Result<Read> {
    Ok(Read {
        row: people::from_row(row)?,
        name_sort: row.get(PERSON_COLUMNS)?,
        email_key: row.get(PERSON_COLUMNS + 1)?,
        status_by_name: row.get(PERSON_COLUMNS + 2)?,
    })
}

impl Read {
    fn found(self, sort: Sort) -> Found {
        let key = match sort {
            Sort::Name => Key::Name(self.name_sort),
            Sort::Email => Key::Email(self.email_key),
            Sort::Status => Key::Status(StatusWordText(self.row.person.status.word()), self.name_sort),
            Sort::LastSignIn => Key::LastSignIn(self.row.last_sign_in.map_or(0, time::micros)),
            Sort::Created => Key::Created(time::micros(self.row.created)),
        };
        let place = Place { group: None, key, person: self.row.person.id };
        Found { row: self.row, status_by_name: self.status_by_name, place, group: None }
    }
}

const SELECT: &str = concat!("select ", person_columns!(), ", p.name_sort, p.email_key, b.name from ");
const WHO: &str = " left join people b on b.workspace_id = p.workspace_id and b.person_id = p.status_by \
                   where p.workspace_id = {w} and p.person_id ";

/// A place from which rows are read.
pub(super) type Bound<'a> = Option<(&'a Key, PersonId)>;

/// How rows are read: by which way, in which direction, from where, how many.
#[derive(Clone, Copy)]
pub(super) struct Slice<'a> {
    way: &'a Way,
    back: bool,
    bound: Bound<'a>,
    limit: usize,
    stretch: Stretch<'a>,
}

impl<'a> Slice<'a> {
    pub(super) const fn new(way: &'a Way, back: bool, bound: Bound<'a>, limit: usize) -> Self {
        Self { way, back, bound, limit, stretch: Stretch::Whole }
    }
}

/// How much of the order is walked.
#[derive(Clone, Copy)]
enum Stretch<'a> {
    /// As much as fills the slice.
    Whole,
    /// What comes after so many.
    After(i64),
    /// No further than to this place.
    To(&'a Place),
}

/// The rows of a slice, from the bound away.
pub(super) async fn slice(rx: &mut Rx, view: &View<'_>, slice: &Slice<'_>) -> Result<Vec<Found>> {
    fetch(rx, view, &statement(view, slice)).await
}

async fn fetch(rx: &mut Rx, view: &View<'_>, ready: &Ready) -> Result<Vec<Found>> {
    let read = rx.all(&ready.sql, &ready.params(), from_row).await?;
    Ok(read.into_iter().map(|read| read.found(view.query.sort)).collect())
}

/// A list of people that is nearly in the order of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum List {
    /// Those of a gram.
    Gram(String),
    /// Everybody, looked at with their texts.
    Everybody,
}

impl List {
    /// The condition that its people hold already.
    fn known(&self) -> Option<Driver> {
        match self {
            Self::Gram(gram) => Some(Driver::Gram(Piece::Is(gram.clone()))),
            Self::Everybody => None,
        }
    }

    /// ` from … g`, from the bound on.
    fn people(&self, text: &mut Text, bound: Bound<'_>, from: &str) {
        match self {
            Self::Gram(gram) => {
                text.put(" from grams g where g.workspace_id = {w} and g.kind = {k}");
                under(text, &Piece::Is(gram.clone()));
            }
            Self::Everybody => {
                text.put(" from people g where g.workspace_id = {w} and g.kind = {k}");
            }
        }
        if let Some(Key::Name(sort) | Key::Status(_, sort)) = bound.map(|(key, _)| key) {
            text.add(&format!(" and g.near {from} {{}}"), [Value::Bytes(near(sort))]);
        }
    }
}

/// What is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tried {
    /// A list that is nearly in the order of names.
    List(List),
    /// The index of the order.
    Order,
}

/// The rows of a slice among the next `window` people in what is tried. Fewer than the limit say nothing of
/// those beyond.
pub(super) async fn within(
    rx: &mut Rx,
    view: &View<'_>,
    tried: &Tried,
    slice: &Slice<'_>,
    window: i64,
) -> Result<Vec<Found>> {
    match tried {
        Tried::List(list) => fetch(rx, view, &along(view, list, slice, Some(window))).await,
        Tried::Order => {
            let end = fetch(rx, view, &end(view, slice, window)).await?.pop();
            let ready = match &end {
                Some(end) => until(view, slice, &end.place),
                None => statement(view, &Slice { way: &Way::Walk(None), ..*slice }),
            };
            fetch(rx, view, &ready).await
        }
    }
}

/// Who stands `window` people further in the order, whatever is searched for.
pub(super) fn end(view: &View<'_>, slice: &Slice<'_>, window: i64) -> Ready {
    let everybody = View { search: Query::All, ..view.clone() };
    let stretch = Stretch::After(window);
    statement(&everybody, &Slice { way: &Way::Walk(None), limit: 1, stretch, ..*slice })
}

/// Along the order, no further than to a place in it.
pub(super) fn until(view: &View<'_>, slice: &Slice<'_>, place: &Place) -> Ready {
    statement(view, &Slice { way: &Way::Walk(None), stretch: Stretch::To(place), ..*slice })
}

/// Along a list which is nearly in the order of names: as many as are asked for, and all who stand level with
/// the last of them; these are put in order. With a window no more of the list is read than so many.
pub(super) fn along(view: &View<'_>, list: &List, slice: &Slice<'_>, window: Option<i64>) -> Ready {
    let keys = keys(view);
    let descending = (view.query.dir == Dir::Desc) != slice.back;
    let (way, from, to, end) = if descending { (" desc", "<=", ">=", "") } else { ("", ">=", "<=", " desc") };
    let limit = Value::Number(i64::try_from(slice.limit).unwrap_or(i64::MAX));
    let mut text = Text::new(view.ws, view.query.kind);
    text.put("with hits as materialized (select g.near, g.person_id from (select g.near, g.person_id");
    match window {
        // PostgreSQL takes all that a text may match together and sorts it, unless the order comes first; SQLite
        // follows the order, and would read all that is limited before the first is answered.
        Some(most) if view.engine == Engine::Postgres && *list == List::Everybody => {
            text.put(" from (select g.near, g.person_id, g.search_text");
            list.people(&mut text, slice.bound, from);
            text.add(
                &format!(" order by g.near{way}, g.person_id{way} limit {{}}) g where true"),
                [Value::Number(most)],
            );
            searched(&mut text, view, list);
        }
        Some(most) => {
            list.people(&mut text, slice.bound, from);
            searched(&mut text, view, list);
            text.put(&format!(" and g.near {to} coalesce((select g.near"));
            list.people(&mut text, slice.bound, from);
            // The list ends before: beyond every place that a name can have.
            let beyond_all = if descending { Vec::new() } else { vec![u8::MAX; NEAR + 1] };
            text.add(
                &format!(" order by g.near{way}, g.person_id{way} limit 1 offset {{}}), {{}})"),
                [Value::Number(most), Value::Bytes(beyond_all)],
            );
        }
        None => {
            list.people(&mut text, slice.bound, from);
            searched(&mut text, view, list);
        }
    }
    text.put(") g");
    hits(&mut text, view, list, slice.bound, descending);
    text.put(&format!(" order by g.near{way}, g.person_id{way}"));
    text.add(" limit {}) ", [limit.clone()]);
    text.put(SELECT)
        .put("(select hits.person_id from hits union select g.person_id from (select g.near, g.person_id");
    list.people(&mut text, slice.bound, from);
    searched(&mut text, view, list);
    text.put(&format!(" and g.near = (select hits.near from hits order by hits.near{end} limit 1)) g"));
    hits(&mut text, view, list, slice.bound, descending);
    text.put(") x cross join people p").put(WHO).put("= x.person_id");
    order(&mut text, "p", keys, descending);
    text.add(" limit {}", [limit]);
    text.ready("grid::along", true)
}

/// Among everybody the text decides before anything else is looked at.
fn searched(text: &mut Text, view: &View<'_>, list: &List) {
    if let (List::Everybody, Some(pattern)) = (list, view.search.like_pattern()) {
        text.add(" and g.search_text like {} escape '\\'", [Value::Text(pattern)]);
    }
}

/// The people of list rows `g` for whom everything holds, from the bound on.
fn hits(text: &mut Text, view: &View<'_>, list: &List, bound: Bound<'_>, descending: bool) {
    text.put(&format!(" cross join people p where{}", filter::near("g")));
    let known = list.known();
    conditions(text, view, known.as_ref().map_or(Known::Nothing, Known::Holds));
    beyond(text, "p", keys(view), descending, bound);
}

/// People by id, in the order of the ids; one may be asked for several times.
pub(super) async fn by_ids(rx: &mut Rx, view: &View<'_>, ids: &[PersonId]) -> Result<Vec<Found>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ready = ids_statement(view, ids);
    let read = rx.all(&ready.sql, &ready.params(), from_row).await?;
    let by_id: HashMap<_, _> = read.into_iter().map(|read| (read.row.person.id, read)).collect();
    Ok(ids.iter().filter_map(|id| Some(by_id.get(id)?.clone().found(view.query.sort))).collect())
}

pub(super) fn ids_statement(view: &View<'_>, ids: &[PersonId]) -> Ready {
    let mut text = Text::new(view.ws, view.query.kind);
    let list = ids.iter().map(|id| id.uuid()).collect();
    text.put(SELECT).put("people p").put(WHO.trim_end_matches("p.person_id "));
    text.add(&dialect::in_uuids(view.engine, "p.person_id", "{}"), [Value::Ids(list)]);
    text.ready("grid::by_ids", false)
}

/// The columns that rows are ordered by, before the id. One that view and filter fix is left out: an index that
/// has it fixed is then still followed from the bound on.
fn keys(view: &View<'_>) -> &'static [&'static str] {
    match view.query.sort {
        _ if view.sorts_by_name() => &["name_sort"],
        Sort::Name => &["name_sort"],
        Sort::Email => &["email_key"],
        Sort::Status => &["status", "name_sort"],
        Sort::LastSignIn if view.never => &[],
        Sort::LastSignIn => &["last_sign_in"],
        Sort::Created => &["created"],
    }
}

fn order(text: &mut Text, of: &str, keys: &[&str], descending: bool) {
    let way = if descending { " desc" } else { "" };
    text.put(" order by ");
    for key in keys {
        text.put(&format!("{of}.{key}{way}, "));
    }
    text.put(&format!("{of}.person_id{way}"));
}

/// Beyond a place, away from where the order begins.
fn beyond(text: &mut Text, of: &str, keys: &[&str], descending: bool, bound: Bound<'_>) {
    beside(text, of, keys, if descending { "<" } else { ">" }, bound);
}

/// On that side of a place which the comparison says.
fn beside(text: &mut Text, of: &str, keys: &[&str], by: &str, bound: Bound<'_>) {
    let Some((key, person)) = bound else { return };
    let id = Value::Id(person.uuid());
    let columns: String = keys.iter().flat_map(|key| [of, ".", key, ", "]).collect();
    match key {
        _ if keys.is_empty() => text.add(&format!(" and {of}.person_id {by} {{}}"), [id]),
        Key::Status(_, sort) if keys.len() == 1 => {
            let piece = format!(" and ({columns}{of}.person_id) {by} ({{}}, {{}})");
            text.add(&piece, [Value::Bytes(sort.clone()), id])
        }
        Key::Status(status, sort) => {
            let piece = format!(" and ({columns}{of}.person_id) {by} ({{}}, {{}}, {{}})");
            text.add(&piece, [Value::Text(status.0.word().to_owned()), Value::Bytes(sort.clone()), id])
        }
        Key::Name(_) | Key::Email(_) | Key::LastSignIn(_) | Key::Created(_) => {
            let value = match key {
                Key::Email(email) => Value::Text(email.clone()),
                Key::LastSignIn(at) | Key::Created(at) => Value::Number(*at),
                Key::Name(sort) | Key::Status(_, sort) => Value::Bytes(sort.clone()),
            };
            text.add(&format!(" and ({columns}{of}.person_id) {by} ({{}}, {{}})"), [value, id])
        }
    };
}

/// The statement of a slice: inside, ids in order and no more than are asked for; outside, their rows.
pub(super) fn statement(view: &View<'_>, slice: &Slice<'_>) -> Ready {
    if let Way::Walk(Some(Driver::Gram(Piece::Is(gram)))) = slice.way {
        return along(view, &List::Gram(gram.clone()), slice, None);
    }
    let keys = keys(view);
    let descending = (view.query.dir == Dir::Desc) != slice.back;
    let limit = Value::Number(i64::try_from(slice.limit).unwrap_or(i64::MAX));
    let mut text = Text::new(view.ws, view.query.kind);
    text.put(SELECT).put("(");
    match slice.way {
        Way::Walk(Some(Driver::Group(id))) => {
            let driver = Driver::Group(*id);
            let Groups { members, id: column, .. } = view.groups();
            text.add(
                &format!(
                    "select m.person_id from {members} m cross join people p where m.workspace_id = {{w}} \
                     and m.{column} = {{}}"
                ),
                [Value::Id(id.uuid())],
            );
            beyond(&mut text, "m", keys, descending, slice.bound);
            text.put(" and p.workspace_id = {w} and p.person_id = m.person_id and p.kind = {k}");
            conditions(&mut text, view, Known::Holds(&driver));
            order(&mut text, "m", keys, descending);
        }
        Way::Walk(driver) => {
            text.put("select p.person_id from people p where p.workspace_id = {w} and p.kind = {k}");
            let open = match (slice.bound, descending) {
                (None, _) => Open::Both,
                (Some(_), false) => Open::To,
                (Some(_), true) => Open::From,
            };
            let known = driver.as_ref().map_or(Known::Nothing, |driver| Known::Index(driver, open));
            conditions(&mut text, view, known);
            beyond(&mut text, "p", keys, descending, slice.bound);
            if let Stretch::To(Place { key, person, .. }) = slice.stretch {
                beside(&mut text, "p", keys, if descending { ">=" } else { "<=" }, Some((key, *person)));
            }
            order(&mut text, "p", keys, descending);
        }
        Way::Collect(driver) => {
            let columns: String = keys.iter().flat_map(|key| [", p.", key]).collect();
            text.put(&format!("select c.person_id from (select p.person_id{columns} from ("));
            driver.select(&mut text, view);
            text.put(&format!(" limit 10001) h cross join people p where{}", driver.met("h")));
            conditions(&mut text, view, Known::Holds(driver));
            beyond(&mut text, "p", keys, descending, slice.bound);
            text.put(view.apart()).put(") c");
            order(&mut text, "c", keys, descending);
        }
    }
    text.add(" limit {}", [limit]);
    if let Stretch::After(most) = slice.stretch {
        text.add(" offset {}", [Value::Number(most)]);
    }
    text.put(") x cross join people p").put(WHO).put("= x.person_id");
    order(&mut text, "p", keys, descending);
    // A walk without filters reads as many rows as it answers.
    let whole = matches!(slice.stretch, Stretch::Whole);
    let short =
        whole && matches!(slice.way, Way::Walk(_)) && view.conditions() <= usize::from(view.status.is_some());
    text.ready("grid::page", !short)
}
