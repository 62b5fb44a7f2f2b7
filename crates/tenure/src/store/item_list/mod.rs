//! Lists of items: filtered, ordered, in pages by keyset; and how many match.
//!
//! A page is read in one of two ways. *Walked*: the index of the order is followed, one walk for each kind and status
//! that is shown, and each item checked against the filters. *Collected*: the items of the filter that fewest have
//! (a person's, a team's, a project's, the unassigned, those of a tag, of a piece of text, those due) are gathered,
//! checked and sorted. Collecting reads as many rows as the filter has, walking as many as lie between fifty hits:
//! the smaller of the two is taken, so neither grows with the number of items but as its square root.

mod built;
mod query;
mod statement;

pub use built::{Built, built};
pub use query::{Assigned, By, Cursor, Due, InProject, ItemQuery, Key, Sort, Statuses};

use std::collections::HashMap;

use domain::{
    id::{ItemId, PersonId, WorkspaceId},
    item::ItemKind,
};
use jiff::{Timestamp, civil::Date};

use self::statement::{Asked, Driver};
use super::{
    Rx,
    grid::{COUNTED, Count, LOOKED_AT, Side},
    item_people::{self, Brief},
    items::{self, Counts, ItemRow, List},
    workspaces::Workspace,
};
use crate::error::Result;

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The item; its description is left out.
    pub row: ItemRow,
    /// Who is assigned, by name.
    pub assignees: Vec<Brief>,
    /// Who requested it.
    pub requester: Option<Brief>,
    /// Its tags.
    pub tags: Vec<String>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// The rows, in order.
    pub rows: Vec<Line>,
    /// The page after this one.
    pub next: Option<Cursor>,
    /// The page before this one.
    pub previous: Option<Cursor>,
    /// How many items match.
    pub count: Count,
}

/// Who looks at a list, and when.
#[derive(Debug, Clone, Copy)]
pub struct Looking {
    /// Whom `me` in a filter means.
    pub me: Option<PersonId>,
    /// Now.
    pub now: Timestamp,
}

/// How a page is read.
#[derive(Debug, Clone)]
enum Way {
    Walk,
    Collect(Driver),
}

/// A test may say how a page is read, to see that it is the same page either way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reading {
    /// As it is cheaper.
    #[default]
    Cheaper,
    /// Always walked.
    Walked,
    /// Collected, where there is a filter.
    Collected,
}

/// The page that `query` asks for.
pub async fn page(
    rx: &mut Rx,
    workspace: &Workspace,
    query: &ItemQuery,
    looking: Looking,
) -> Result<ListPage> {
    page_by(rx, workspace, query, looking, Reading::default()).await
}

/// As [`page`], read in a given way: for tests.
pub async fn page_by(
    rx: &mut Rx,
    workspace: &Workspace,
    query: &ItemQuery,
    looking: Looking,
    reading: Reading,
) -> Result<ListPage> {
    query.check()?;
    let counts = items::counts(rx, workspace.id).await?;
    let asked = Asked::new(workspace, query, looking);
    if asked.finds_nothing() {
        return Ok(ListPage { rows: Vec::new(), next: None, previous: None, count: Count::Exact(0) });
    }
    let plan = choose(rx, &asked, &counts, reading).await?;
    let count = count(rx, &asked, &counts, &plan).await?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let mut cursor = query.cursor.clone();
    let mut found = slice(rx, &asked, &plan.way, cursor.as_ref()).await?;
    if found.len() <= limit && cursor.as_ref().is_some_and(|cursor| cursor.side == Side::Before) {
        // The way back has reached the beginning: the first page, in full.
        cursor = None;
        found = slice(rx, &asked, &plan.way, None).await?;
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let side = cursor.as_ref().map(|cursor| cursor.side);
    if side == Some(Side::Before) {
        found.reverse();
    }
    let (next, previous) = match side {
        None => (more, false),
        Some(Side::After) => (more, true),
        Some(Side::Before) => (true, more),
    };
    let here = |side| cursor.clone().map(|cursor| Cursor { side, ..cursor });
    let at = |row: Option<&ItemRow>, side| row.map(|row| place(query.sort, row, side)).or_else(|| here(side));
    Ok(ListPage {
        next: if next { at(found.last(), Side::After) } else { None },
        previous: if previous { at(found.first(), Side::Before) } else { None },
        count,
        rows: lines(rx, workspace.id, found).await?,
    })
}

/// The ids of all who match, in no order, whatever the page; up to `limit`.
pub async fn matching(
    rx: &mut Rx,
    workspace: &Workspace,
    query: &ItemQuery,
    looking: Looking,
    limit: i64,
) -> Result<Vec<ItemId>> {
    query.check()?;
    let counts = items::counts(rx, workspace.id).await?;
    let asked = Asked::new(workspace, query, looking);
    let plan = choose(rx, &asked, &counts, Reading::default()).await?;
    let ready = statement::ids(&asked, plan.driver(), limit);
    rx.all(&ready.sql, &ready.params(), |row| Ok(ItemId::from_uuid(row.get(0)?))).await
}

/// How many items a query finds, whatever the page.
pub async fn counted(
    rx: &mut Rx,
    workspace: &Workspace,
    query: &ItemQuery,
    looking: Looking,
) -> Result<Count> {
    query.check()?;
    let counts = items::counts(rx, workspace.id).await?;
    let asked = Asked::new(workspace, query, looking);
    let plan = choose(rx, &asked, &counts, Reading::default()).await?;
    count(rx, &asked, &counts, &plan).await
}

/// The numbers beside the tabs of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tabs {
    /// The kept counts, by status.
    pub counts: Counts,
    /// Unfinished, and assigned to whoever looks.
    pub mine: i64,
    /// Unfinished, and nobody is assigned.
    pub unassigned: i64,
    /// Unfinished, and somebody deactivated is assigned.
    pub held: Count,
}

/// The numbers beside the tabs of the list of a kind.
pub async fn tabs(
    rx: &mut Rx,
    workspace: &Workspace,
    kind: Option<ItemKind>,
    looking: Looking,
) -> Result<Tabs> {
    let counts = items::counts(rx, workspace.id).await?;
    let mine = match looking.me {
        Some(me) => assigned(item_people::holdings_of(rx, workspace.id, me).await?, kind),
        None => 0,
    };
    let query = ItemQuery { assigned: Some(Assigned::ToDeactivated), ..ItemQuery::new(kind) };
    let asked = Asked::new(workspace, &query, looking);
    let ready = statement::count(&asked, Some(&Driver::HeldOff), LOOKED_AT + 1);
    let held = rx.one(&ready.sql, &ready.params(), |row| row.get(0)).await?.unwrap_or(0);
    Ok(Tabs {
        mine,
        unassigned: counts.of(kind, List::Unassigned),
        held: Count::capped(held, LOOKED_AT),
        counts,
    })
}

fn assigned(holdings: item_people::Holdings, kind: Option<ItemKind>) -> i64 {
    match kind {
        Some(ItemKind::Task) => holdings.tasks,
        Some(ItemKind::Ticket) => holdings.assigned - holdings.tasks,
        None => holdings.assigned,
    }
}

/// How a page is read, and the smallest filter with how many items it has, up to one more than [`COUNTED`].
struct Plan {
    way: Way,
    smallest: Option<(Driver, i64)>,
}

impl Plan {
    /// What ids and counts are read by.
    fn driver(&self) -> Option<&Driver> {
        self.smallest.as_ref().filter(|(_, size)| *size <= COUNTED).map(|(driver, _)| driver)
    }
}

async fn choose(rx: &mut Rx, asked: &Asked<'_>, counts: &Counts, reading: Reading) -> Result<Plan> {
    let mut smallest: Option<(Driver, i64)> = None;
    for driver in asked.drivers() {
        let ready = statement::size(asked, &driver, COUNTED + 1);
        let size = rx.one(&ready.sql, &ready.params(), |row| row.get::<i64>(0)).await?.unwrap_or(0);
        if smallest.as_ref().is_none_or(|(_, least)| size < *least) {
            smallest = Some((driver, size));
        }
    }
    let kind = asked.query.kind;
    let all: i64 =
        asked.query.statuses.list().into_iter().map(|status| counts.of(kind, List::Of(status))).sum();
    let way = match (&smallest, reading) {
        (Some((driver, _)), Reading::Collected) => Way::Collect(driver.clone()),
        // Both ways cost the same when what is collected is as much as what is walked over to find a page of it.
        (Some((driver, size)), Reading::Cheaper)
            if *size <= COUNTED && size * size <= asked.query.limit.max(50) * all.max(200) =>
        {
            Way::Collect(driver.clone())
        }
        _ => Way::Walk,
    };
    Ok(Plan { way, smallest })
}

/// How many match: a kept count where there is one, else counted.
async fn count(rx: &mut Rx, asked: &Asked<'_>, counts: &Counts, plan: &Plan) -> Result<Count> {
    let query = asked.query;
    if asked.filters() == 0 {
        let of = |status| counts.of(query.kind, List::Of(status));
        return Ok(Count::Exact(query.statuses.list().into_iter().map(of).sum()));
    }
    if asked.filters() == 1 && query.statuses == Statuses::Unfinished {
        match query.assigned {
            Some(Assigned::ToNobody) => return Ok(Count::Exact(counts.of(query.kind, List::Unassigned))),
            Some(Assigned::To(by)) => {
                let Some(person) = by.person(asked.me) else { return Ok(Count::Exact(0)) };
                let holdings = item_people::holdings_of(rx, asked.ws, person).await?;
                return Ok(Count::Exact(assigned(holdings, query.kind)));
            }
            _ => {}
        }
    }
    let ready = statement::count(asked, plan.driver(), LOOKED_AT + 1);
    let counted = rx.one(&ready.sql, &ready.params(), |row| row.get(0)).await?.unwrap_or(0);
    Ok(Count::capped(counted, LOOKED_AT))
}

/// One row more than the page has, if there is one, away from the cursor.
async fn slice(rx: &mut Rx, asked: &Asked<'_>, way: &Way, cursor: Option<&Cursor>) -> Result<Vec<ItemRow>> {
    let ready = statement::page(asked, way, cursor, asked.query.limit + 1);
    rx.all(&ready.sql, &ready.params(), items::from_row).await
}

fn place(sort: Sort, row: &ItemRow, side: Side) -> Cursor {
    let key = match sort {
        Sort::Updated => Key::Number(super::time::micros(row.updated)),
        Sort::Due => Key::Text(items::due_text(row.item.due)),
        Sort::Priority => Key::Number(row.item.priority.number()),
        Sort::Number => Key::Number(row.number),
    };
    Cursor { side, sort, key, item: row.id }
}

/// Items as lists show them: with people and tags.
pub(crate) async fn lines(rx: &mut Rx, ws: WorkspaceId, found: Vec<ItemRow>) -> Result<Vec<Line>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ItemId> = found.iter().map(|row| row.id).collect();
    let mut assignees = HashMap::<ItemId, Vec<Brief>>::new();
    for (item, brief) in item_people::assignees(rx, ws, &ids).await? {
        assignees.entry(item).or_default().push(brief);
    }
    let mut requesters: Vec<PersonId> = found.iter().filter_map(|row| row.item.requester).collect();
    requesters.sort_unstable();
    requesters.dedup();
    let requesters = item_people::briefs(rx, ws, &requesters).await?;
    let mut tags = HashMap::<ItemId, Vec<String>>::new();
    for (item, name) in items::tags(rx, ws, &ids).await? {
        tags.entry(item).or_default().push(name);
    }
    let line = |row: ItemRow| Line {
        assignees: assignees.remove(&row.id).unwrap_or_default(),
        requester: requesters.iter().find(|brief| Some(brief.id) == row.item.requester).cloned(),
        tags: tags.remove(&row.id).unwrap_or_default(),
        row,
    };
    Ok(found.into_iter().map(line).collect())
}

/// A day, for the filter by due date.
pub(crate) fn days_after(day: Date, days: i64) -> Date {
    day.checked_add(jiff::Span::new().days(days)).unwrap_or(Date::MAX)
}
