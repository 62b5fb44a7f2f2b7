//! The grids of people: filters, search, order, groups and pages.
//!
//! Pages are walked by keyset, in both directions, so that page 10,000 costs what page 1 costs. Without filters a
//! page follows the index of its order. With filters the one that leaves the fewest people is counted first, as
//! far as [`COUNTED`]: when few are left they are collected and sorted, else the index of the order is walked and
//! each person on it is checked. The list of each piece of text is nearly in the order of names, so a page by name follows the
//! rarest piece of what is searched for. Of what many have a page stands near the beginning of any order: that is tried first.

pub(crate) mod cursor;
mod every;
mod fetch;
mod filter;
pub mod grouped;
mod groups;
mod params;
mod plan;
mod query;
pub(crate) mod text;

pub use cursor::{Cursor, Side};
pub use every::{Built, built};
pub use plan::Thresholds;
pub use query::{BuiltinView, Created, Dir, GridQuery, GroupFilter, LastSignIn, Sort, StatusFilter};

use domain::{
    id::{GroupId, PersonId},
    person::Kind,
};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};

use self::cursor::Place;
use self::fetch::Found;
use self::query::View;
use super::people::PersonRow;
use super::workspaces::Workspace;
use super::{Rx, organizations, teams};
use crate::error::Result;

/// The statements that are written as constants.
pub const ALL: &[(&str, super::Sql)] = grouped::ALL;

/// How far numbers are counted exactly where no counter is kept.
pub const COUNTED: i64 = 10_000;

/// The same for lists of work: about what a page costs, so that the
/// number beside it costs no more when ever more rows match.
pub const LOOKED_AT: i64 = 1_000;

/// The same for searches of people, where many have what is looked for: each is looked at. So few that a workspace of ten
/// thousand people has as much to count as one of a million.
pub const FOUND: i64 = 500;

/// How many people there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Exactly so many.
    Exact(i64),
    /// So many, and perhaps more.
    AtLeast(i64),
}

impl Count {
    /// A number that was counted up to one more than `most`.
    #[must_use]
    pub const fn capped(counted: i64, most: i64) -> Self {
        if counted > most { Self::AtLeast(most) } else { Self::Exact(counted) }
    }
}

/// The heading that a row stands under, when rows are grouped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The team or organization and its name; `None` is "in none", the last group.
    pub of: Option<(GroupId, String)>,
    /// How many rows it has under the filter, over all pages; `None` where that would cost more than the page.
    pub rows: Option<Count>,
}

/// A person as a row of the grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridRow {
    /// The person.
    pub row: PersonRow,
    /// The teams of a user, by name; the organization of a customer.
    pub groups: Vec<(GroupId, String)>,
    /// Who deactivated the person, where that is known and they are still here.
    pub status_by_name: Option<String>,
    /// The heading above, when rows are grouped. A person in several groups is a row of each.
    pub group: Option<Group>,
}

/// One page of the grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The rows, in order.
    pub rows: Vec<GridRow>,
    /// The page after this one.
    pub next: Option<Cursor>,
    /// The page before this one.
    pub previous: Option<Cursor>,
    /// How many people match, each counted once, groups or not.
    pub count: Count,
}

/// The page that `query` asks for, as of `now`. `rx` is a [`super::Store::reader`], so that count and rows agree.
pub async fn page(rx: &mut Rx, workspace: &Workspace, query: &GridQuery, now: Timestamp) -> Result<Page> {
    page_with(rx, workspace, query, now, Thresholds::default()).await
}

/// As [`page`], with other thresholds: for tests, to see that the page is the same whichever way it is read.
pub async fn page_with(
    rx: &mut Rx,
    workspace: &Workspace,
    query: &GridQuery,
    now: Timestamp,
    thresholds: Thresholds,
) -> Result<Page> {
    let view = View { thresholds, ..View::new(rx.engine(), workspace, query, now)? };
    let mut plan = plan::choose(rx, &view).await?;
    let limit = usize::try_from(view.query.limit).unwrap_or(usize::MAX);

    let mut cursor = query.cursor.clone();
    let mut found = slice(rx, &view, &mut plan, cursor.as_ref(), limit).await?;
    if found.len() <= limit && cursor.as_ref().is_some_and(|cursor| cursor.side == Side::Before) {
        // The way back has reached the beginning: the first page, in full.
        cursor = None;
        found = slice(rx, &view, &mut plan, None, limit).await?;
    }
    let more = found.len() > limit;
    let whole = !more && cursor.is_none() && !view.query.grouped;
    let count = if view.searches() && whole {
        // What is shown is all that is found: nothing is left to count.
        Count::Exact(i64::try_from(found.len()).unwrap_or(i64::MAX))
    } else {
        plan::count(rx, &view, &plan).await?
    };
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
    let ends = (found.first().map(|f| f.place.clone()), found.last().map(|f| f.place.clone()));
    // A page that has lost all its rows meanwhile still knows the way back.
    let here = cursor.map(|cursor| cursor.place);
    let at = |place: Option<Place>, side| place.or_else(|| here.clone()).map(|place| Cursor { side, place });
    Ok(Page {
        next: if next { at(ends.1, Side::After) } else { None },
        previous: if previous { at(ends.0, Side::Before) } else { None },
        count,
        rows: complete(rx, workspace, found).await?,
    })
}

/// The rows after the query's cursor, or the first, without counting how many there are; and the place of the last, where
/// more follow.
pub async fn after(
    rx: &mut Rx,
    workspace: &Workspace,
    query: &GridQuery,
    now: Timestamp,
) -> Result<(Vec<GridRow>, Option<Cursor>)> {
    let view = View::new(rx.engine(), workspace, query, now)?;
    let mut plan = plan::choose(rx, &view).await?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let mut found = slice(rx, &view, &mut plan, query.cursor.as_ref(), limit).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more).map(|found| found.place.clone());
    let next = last.map(|place| Cursor { side: Side::After, place });
    Ok((complete(rx, workspace, found).await?, next))
}

/// The first rows of a query, without counting how many there are.
pub async fn first(
    rx: &mut Rx,
    workspace: &Workspace,
    query: &GridQuery,
    now: Timestamp,
) -> Result<Vec<GridRow>> {
    Ok(after(rx, workspace, query, now).await?.0)
}

/// The ids of all who match, in no order, whatever the page; up to `limit`.
pub async fn matching(
    rx: &mut Rx,
    workspace: &Workspace,
    query: &GridQuery,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<PersonId>> {
    let view = View::new(rx.engine(), workspace, query, now)?;
    if view.nobody {
        return Ok(Vec::new());
    }
    let plan = plan::choose(rx, &view).await?;
    let driver = plan.smallest.as_ref().map(|(driver, _)| driver);
    let ready = plan::ids_statement(&view, driver, limit);
    rx.all(&ready.sql, &ready.params(), |row| Ok(PersonId::from_uuid(row.get(0)?))).await
}

/// One row more than `limit`, if there is one, away from the cursor.
async fn slice(
    rx: &mut Rx,
    view: &View<'_>,
    plan: &mut plan::Plan,
    cursor: Option<&Cursor>,
    limit: usize,
) -> Result<Vec<Found>> {
    if view.nobody {
        return Ok(Vec::new());
    }
    let back = cursor.is_some_and(|cursor| cursor.side == Side::Before);
    let from = cursor.map(|cursor| &cursor.place);
    if view.query.grouped {
        grouped::slice(rx, view, plan, back, from, limit + 1).await
    } else {
        let bound = from.map(|place| (&place.key, place.person));
        if let Some(attempt) = plan.attempt.take() {
            let slice = fetch::Slice::new(&plan.way, back, bound, limit + 1);
            let found = fetch::within(rx, view, &attempt.tried, &slice, attempt.window(view)).await?;
            if found.len() > limit {
                plan.attempt = Some(attempt);
                return Ok(found);
            }
            *plan = plan::after_attempt(rx, view, attempt).await?;
        }
        fetch::slice(rx, view, &fetch::Slice::new(&plan.way, back, bound, limit + 1)).await
    }
}

/// Adds the teams or the organization of each person.
async fn complete(rx: &mut Rx, workspace: &Workspace, found: Vec<Found>) -> Result<Vec<GridRow>> {
    let ids_of = |kind| {
        let of_kind = found.iter().filter(|found| found.row.person.kind == kind);
        let grouped = of_kind.filter(|found| kind == Kind::Customer || found.row.teams > 0);
        grouped
            .map(|found| found.row.person.id)
            .collect::<BTreeSet<PersonId>>()
            .into_iter()
            .collect::<Vec<_>>()
    };
    let (users, customers) = (ids_of(Kind::User), ids_of(Kind::Customer));
    let mut of = HashMap::<PersonId, Vec<(GroupId, String)>>::new();
    if !users.is_empty() {
        for (person, team, name) in teams::of_people(rx, workspace.id, &users).await? {
            of.entry(person).or_default().push((team.into(), name));
        }
    }
    if !customers.is_empty() {
        for (person, organization, name) in organizations::of_people(rx, workspace.id, &customers).await? {
            of.entry(person).or_default().push((organization.into(), name));
        }
    }
    Ok(found
        .into_iter()
        .map(|found| GridRow {
            groups: of.get(&found.row.person.id).cloned().unwrap_or_default(),
            row: found.row,
            status_by_name: found.status_by_name,
            group: found.group,
        })
        .collect())
}

/// The number beside a built-in view's tab: a kept counter; `None` where none can be kept (see
/// [`super::attention`]).
#[must_use]
pub fn tab_count(workspace: &Workspace, kind: Kind, view: BuiltinView) -> Option<i64> {
    let counts = workspace.counts_of(kind);
    Some(match view {
        BuiltinView::All => counts.active + counts.invited + counts.deactivated,
        BuiltinView::Active => counts.active,
        BuiltinView::Invited => counts.invited,
        BuiltinView::Deactivated => counts.deactivated,
        BuiltinView::NeverSignedIn => counts.never,
        BuiltinView::NeedsAttention => return None,
    })
}
