//! Which way a page is read, and how many people match.

use super::fetch::{List, Tried};
use super::filter::{Driver, Known, conditions, drivers};
use super::query::View;
use super::text::{Ready, Text, Value};
use super::{COUNTED, Count, FOUND, tab_count};
use crate::error::Result;
use crate::store::{Row, Rx};
use crate::text::{Piece, Query};

/// When people are collected and sorted, and when an index is walked instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// A condition that leaves no more people than this is collected. At most [`COUNTED`].
    pub collected: i64,
    /// The same for a grouped page: it sorts them here, each as often as the person has teams.
    pub grouped: i64,
    /// How far the people of a piece of text are counted at first. At most [`FOUND`].
    pub short: i64,
    /// How much of the list of a piece is tried before its people are counted further: about what a page costs.
    pub window: i64,
    /// How many texts are tried in the order of names for what has no list of its own: one costs a tenth of one in a list.
    pub texts: i64,
    /// The same in another order, whose index does not have the texts: each stands in a row.
    pub rows: i64,
    /// How much of what a condition leaves is looked at for the number beside a search.
    pub entries: i64,
}

impl Thresholds {
    /// How far the people of several pieces are counted next, before any is counted to [`COUNTED`].
    pub(super) fn further(&self) -> i64 {
        self.short.saturating_mul(4).min(COUNTED)
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            collected: COUNTED,
            grouped: 1_000,
            short: FOUND,
            window: 1_000,
            texts: 10_000,
            rows: 4_000,
            entries: 3_000,
        }
    }
}

/// How rows are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// Along the index of the order, or along that of a condition which has the same order.
    Walk(Option<Driver>),
    /// All people of a condition, then sorted.
    Collect(Driver),
}

/// The way, and what was learned on choosing it.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) way: Way,
    /// The condition that leaves the fewest people, and how many, as far as it was counted.
    pub(super) smallest: Option<(Driver, i64)>,
    /// What is tried before more is counted.
    pub(super) attempt: Option<Attempt>,
}

/// Whose beginning may hold the page, and what was counted when it was chosen.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) tried: Tried,
    counted: Vec<(Driver, i64)>,
}

impl Attempt {
    /// How much of it is tried.
    pub(super) const fn window(&self, view: &View<'_>) -> i64 {
        match (&self.tried, &view.search) {
            // What only the index tells of a person is looked up there.
            (Tried::List(List::Gram(_)), _) | (Tried::Order, Query::Exact(Piece::Is(_))) => {
                view.thresholds.window
            }
            (Tried::List(List::Everybody), _) => view.thresholds.texts,
            (Tried::Order, _) => view.thresholds.rows,
        }
    }
}

/// Chooses the way that is likely to cost least, or something to try before.
pub(super) async fn choose(rx: &mut Rx, view: &View<'_>) -> Result<Plan> {
    let drivers = drivers(view);
    if drivers.is_empty() || view.nobody {
        return Ok(Plan { way: Way::Walk(None), smallest: None, attempt: None });
    }
    let counted = probed(rx, view, &drivers, Depth::Short).await?;
    let Some(tried) = attempt(view, &counted) else { return settle(rx, view, counted).await };
    let attempt = Attempt { tried, counted: counted.clone() };
    Ok(Plan { attempt: Some(attempt), ..decide(view, counted) })
}

/// The way when what was tried did not fill the page.
pub(super) async fn after_attempt(rx: &mut Rx, view: &View<'_>, attempt: Attempt) -> Result<Plan> {
    settle(rx, view, attempt.counted).await
}

/// Decides, after the pieces that more people hold than were counted have been counted further; not if another condition
/// leaves fewer people anyway.
async fn settle(rx: &mut Rx, view: &View<'_>, mut counted: Vec<(Driver, i64)>) -> Result<Plan> {
    let (short, further) = (view.thresholds.short, view.thresholds.further());
    let many = |(driver, count): &(Driver, i64)| matches!(driver, Driver::Gram(_)) && *count > short;
    if counted.iter().all(|(_, count)| *count > short) {
        let (frequent, rest): (Vec<_>, Vec<_>) = counted.into_iter().partition(many);
        let frequent: Vec<Driver> = frequent.into_iter().map(|(driver, _)| driver).collect();
        // Pieces first: of equals the first is taken.
        counted = match frequent.as_slice() {
            [] => Vec::new(),
            [_] => probed(rx, view, &frequent, Depth::Far).await?,
            // Of a long text's many pieces one is rare more often than not: the others need not be counted for it.
            _ => {
                let some = probed(rx, view, &frequent, Depth::Further).await?;
                let rare = some.iter().any(|(_, count)| *count <= further);
                if rare { some } else { probed(rx, view, &frequent, Depth::Far).await? }
            }
        };
        counted.extend(rest);
    }
    Ok(decide(view, counted))
}

/// What to try: where all that is asked for is a text, and each of its pieces is held by many, the first page stands near
/// the beginning of the list of any of them, or of all people; in another order than by name, near the beginning of that.
pub(super) fn attempt(view: &View<'_>, counted: &[(Driver, i64)]) -> Option<Tried> {
    let conditions = 1 + usize::from(view.confirms()) + usize::from(view.status.is_some());
    let frequent = counted.iter().all(|(_, count)| *count > view.thresholds.short);
    if !frequent || view.query.grouped || view.conditions() != conditions {
        return None;
    }
    match &counted.first()?.0 {
        Driver::Gram(_) if !view.sorts_by_name() => Some(Tried::Order),
        Driver::Gram(Piece::Is(gram)) => Some(Tried::List(List::Gram(gram.clone()))),
        Driver::Gram(Piece::Begins(_)) => Some(Tried::List(List::Everybody)),
        _ => None,
    }
}

async fn probed(
    rx: &mut Rx,
    view: &View<'_>,
    drivers: &[Driver],
    depth: Depth,
) -> Result<Vec<(Driver, i64)>> {
    let ready = probe(view, drivers, depth);
    let counts =
        rx.all(&ready.sql, &ready.params(), |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?))).await?;
    Ok(counts
        .into_iter()
        .filter_map(|(index, count)| Some((drivers.get(usize::try_from(index).ok()?)?.clone(), count)))
        .collect())
}

pub(super) fn decide(view: &View<'_>, mut counted: Vec<(Driver, i64)>) -> Plan {
    // Stable: of equals the one that was named first.
    counted.sort_by_key(|(_, count)| *count);
    let aligned = |driver: &Driver| driver.is_aligned(view);
    let Thresholds { collected, grouped, .. } = view.thresholds;
    let most = if view.query.grouped { grouped } else { collected }.min(COUNTED);
    let way = match counted.first() {
        Some((driver, _)) if !view.query.grouped && aligned(driver) => Way::Walk(Some(driver.clone())),
        Some((driver, count)) if *count <= most => Way::Collect(driver.clone()),
        _ => Way::Walk(counted.iter().map(|(driver, _)| driver).find(|driver| aligned(driver)).cloned()),
    };
    Plan { way, smallest: counted.into_iter().next(), attempt: None }
}

/// How far people are counted for a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Those of a piece to one more than [`Thresholds::short`], of another condition to one more than [`COUNTED`].
    Short,
    /// Those of a piece to one more than [`Thresholds::further`].
    Further,
    /// To one more than [`COUNTED`].
    Far,
}

/// One row for each driver: its place in the list, and how many it leaves.
pub(super) fn probe(view: &View<'_>, drivers: &[Driver], depth: Depth) -> Ready {
    let mut text = Text::new(view.ws, view.query.kind);
    for (index, driver) in drivers.iter().enumerate() {
        let union = if index == 0 { "" } else { " union all " };
        text.put(&format!("{union}select cast({index} as bigint), ("));
        let most = match (driver, depth) {
            (Driver::Gram(_), Depth::Short) => view.thresholds.short,
            (Driver::Gram(_), Depth::Further) => view.thresholds.further(),
            _ => COUNTED,
        };
        driver.count_people(&mut text, view, most);
        text.put(")");
    }
    text.ready("grid::probe", true)
}

/// How many people match.
pub(super) async fn count(rx: &mut Rx, view: &View<'_>, plan: &Plan) -> Result<Count> {
    if view.nobody {
        return Ok(Count::Exact(0));
    }
    if let Some(kept) = tab_count(view.workspace, view.query.kind, view.query.view)
        && !view.query.is_filtered()
    {
        return Ok(Count::Exact(kept));
    }
    match &plan.smallest {
        Some((driver @ Driver::Gram(piece), found)) if view.conditions() == 1 && *found > FOUND => {
            match piece {
                Piece::Is(_) => Ok(Count::AtLeast(FOUND)),
                // More was filed than was looked at, which is not to say that more are there.
                Piece::Begins(_) => {
                    let ready = begun_statement(view, driver);
                    let some = rx.one(&ready.sql, &ready.params(), |row| row.get(0)).await?.unwrap_or(0);
                    Ok(Count::AtLeast(FOUND.min(some)))
                }
            }
        }
        Some((driver, count)) if is_all(view, driver) && !is_cut(view, driver, *count) => {
            Ok(Count::capped(*count, COUNTED))
        }
        smallest => counted(rx, view, smallest.as_ref().map(|(driver, _)| driver)).await,
    }
}

/// Whether the people of a piece were counted only so far.
fn is_cut(view: &View<'_>, driver: &Driver, count: i64) -> bool {
    matches!(driver, Driver::Gram(_)) && count > view.thresholds.short
}

/// How many people a condition leaves, counted to one more than [`COUNTED`].
pub(super) async fn probe_one(rx: &mut Rx, view: &View<'_>, driver: &Driver) -> Result<i64> {
    let ready = probe(view, std::slice::from_ref(driver), Depth::Far);
    Ok(rx.one(&ready.sql, &ready.params(), |row| row.get(1)).await?.unwrap_or(0))
}

/// Whether nothing else is asked for, so that the people of the condition are all that match.
fn is_all(view: &View<'_>, driver: &Driver) -> bool {
    // These are more than are asked for.
    let wide = matches!(driver, Driver::Trusted | Driver::Status(_));
    view.conditions() == driver.held(view) && !wide
}

/// Counts those who match, from the driver's people on: to [`COUNTED`], and where a text is searched for to
/// [`FOUND`], or as many as there are among the first [`Thresholds::entries`] that the driver leaves.
pub(super) async fn counted(rx: &mut Rx, view: &View<'_>, driver: Option<&Driver>) -> Result<Count> {
    let ready = count_statement(view, driver);
    let read = |row: &Row<'_>| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?));
    let (count, looked) = rx.one(&ready.sql, &ready.params(), read).await?.unwrap_or_default();
    Ok(match (view.searches(), driver) {
        (true, Some(_)) if count <= FOUND && looked > view.thresholds.entries => Count::AtLeast(count),
        (true, _) => Count::capped(count, FOUND),
        (false, _) => Count::capped(count, COUNTED),
    })
}

/// How many people are among the first that are filed under a beginning.
pub(super) fn begun_statement(view: &View<'_>, driver: &Driver) -> Ready {
    let mut text = Text::new(view.ws, view.query.kind);
    driver.count_first(&mut text, FOUND);
    text.ready("grid::begun", true)
}

/// How many match, and how many people of the driver were looked at for it.
pub(super) fn count_statement(view: &View<'_>, driver: Option<&Driver>) -> Ready {
    let bounded = driver.filter(|_| view.searches());
    let mut text = Text::new(view.ws, view.query.kind);
    text.put("select (select count(*) from (select 1 from ");
    matching(&mut text, view, driver, bounded.map(|_| view.thresholds.entries));
    text.put(if view.searches() { " limit 501) c)" } else { " limit 10001) c)" });
    match bounded {
        Some(driver) => {
            text.put(", (");
            driver.count_filed(&mut text, view, view.thresholds.entries);
            text.put(")");
        }
        None => {
            text.put(", cast(0 as bigint)");
        }
    }
    text.ready("grid::count", true)
}

/// The ids of those who match, in no order, up to a limit.
pub(super) fn ids_statement(view: &View<'_>, driver: Option<&Driver>, limit: i64) -> Ready {
    let mut text = Text::new(view.ws, view.query.kind);
    text.put("select p.person_id from ");
    matching(&mut text, view, driver, None);
    text.add(" limit {}", [Value::Number(limit)]);
    text.ready("grid::ids", true)
}

/// `people p` who match, from the driver's people on, or from no more than so many of them.
fn matching(text: &mut Text, view: &View<'_>, driver: Option<&Driver>, most: Option<i64>) {
    if let Some(driver) = driver {
        text.put("(");
        if let Some(most) = most {
            driver.select_some(text, view, most);
        } else {
            driver.select(text, view);
            text.put(view.apart());
        }
        text.put(&format!(") h cross join people p where{}", driver.met("h")));
        conditions(text, view, Known::Holds(driver));
    } else {
        text.put("people p where p.workspace_id = {w} and p.kind = {k}");
        conditions(text, view, Known::Nothing);
    }
}
