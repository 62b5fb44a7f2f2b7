//! Which way a page is read, and how many people match.

use super::filter::{Driver, Known, conditions, drivers};
use super::query::View;
use super::text::{Ready, Text, Value};
use super::{COUNTED, Count, LOOKED_AT, tab_count};
use crate::error::Result;
use crate::store::Rx;

/// When people are collected and sorted, and when an index is walked instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// A condition that leaves no more people than this is collected. At most [`COUNTED`].
    pub collected: i64,
    /// The same for a grouped page: it sorts them here, each as often as the person has teams.
    pub grouped: i64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { collected: COUNTED, grouped: 1_000 }
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
    /// The rarest gram of the search.
    pub(super) gram: Option<String>,
    /// The condition that leaves the fewest people, and how many, counted to one more than [`COUNTED`].
    pub(super) smallest: Option<(Driver, i64)>,
    /// How far along the order a search that many match is tried, before the way is taken.
    pub(super) window: Option<i64>,
}

/// The longest window: about what collecting a thousand people costs.
const WINDOW: i64 = 5_000;

/// How many people in order are likely to hold a page of those who match; none when that is far, or when there are
/// other conditions than view and search. What `ada` finds among a million is 30,000 people, but the first fifty of
/// them stand among the first few thousand.
fn window(view: &View<'_>, counted: &[(Driver, i64)]) -> Option<i64> {
    let conditions = 1 + usize::from(view.confirms()) + usize::from(view.status.is_some());
    let (_, found) = counted.iter().find(|(driver, _)| matches!(driver, Driver::Gram(_)))?;
    if view.query.grouped || view.conditions() != conditions {
        return None;
    }
    let all = tab_count(view.workspace, view.query.kind, view.query.view)?;
    let likely = (2 * (view.query.limit + 1)).saturating_mul(all) / (*found).max(1);
    (likely <= WINDOW).then_some(likely.max(200))
}

pub(super) async fn choose(rx: &mut Rx, view: &View<'_>) -> Result<Plan> {
    let drivers = drivers(view);
    if drivers.is_empty() || view.nobody {
        return Ok(Plan { way: Way::Walk(None), gram: None, smallest: None, window: None });
    }
    let ready = probe(view, &drivers);
    let counts =
        rx.all(&ready.sql, &ready.params(), |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?))).await?;
    let counted = counts
        .into_iter()
        .filter_map(|(index, count)| Some((drivers.get(usize::try_from(index).ok()?)?.clone(), count)))
        .collect();
    Ok(decide(view, counted))
}

pub(super) fn decide(view: &View<'_>, mut counted: Vec<(Driver, i64)>) -> Plan {
    // Stable: of equals the one that was named first.
    counted.sort_by_key(|(_, count)| *count);
    let gram = counted.iter().find_map(|(driver, _)| match driver {
        Driver::Gram(gram) => Some(gram.clone()),
        _ => None,
    });
    let aligned = |driver: &Driver| driver.is_aligned(view);
    let Thresholds { collected, grouped } = view.thresholds;
    let most = if view.query.grouped { grouped } else { collected }.min(COUNTED);
    let way = match counted.first() {
        Some((driver, _)) if !view.query.grouped && aligned(driver) => Way::Walk(Some(driver.clone())),
        Some((driver, count)) if *count <= most => Way::Collect(driver.clone()),
        _ => Way::Walk(counted.iter().map(|(driver, _)| driver).find(|driver| aligned(driver)).cloned()),
    };
    let window = window(view, &counted);
    Plan { way, gram, smallest: counted.into_iter().next(), window }
}

/// One row for each driver: its place in the list, and how many it leaves, counted to one more than [`COUNTED`].
pub(super) fn probe(view: &View<'_>, drivers: &[Driver]) -> Ready {
    let mut text = Text::new(view.ws, view.query.kind);
    for (index, driver) in drivers.iter().enumerate() {
        let union = if index == 0 { "" } else { " union all " };
        text.put(&format!("{union}select cast({index} as bigint), (select count(*) from ("));
        driver.select(&mut text, view);
        text.put(" limit 10001) c)");
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
        Some((driver, count)) if is_all(view, driver) => Ok(Count::capped(*count, COUNTED)),
        smallest => {
            let driver = smallest.as_ref().map(|(driver, _)| driver);
            counted(rx, view, plan.gram.as_deref(), driver).await
        }
    }
}

/// How many people a condition leaves, counted to one more than [`COUNTED`].
pub(super) async fn probe_one(rx: &mut Rx, view: &View<'_>, driver: &Driver) -> Result<i64> {
    let ready = probe(view, std::slice::from_ref(driver));
    Ok(rx.one(&ready.sql, &ready.params(), |row| row.get(1)).await?.unwrap_or(0))
}

/// Whether the condition is the only one, so that its people are all that match.
fn is_all(view: &View<'_>, driver: &Driver) -> bool {
    // These are more than are asked for.
    let wide = matches!(driver, Driver::Trusted | Driver::Status(_));
    view.conditions() == 1 && !wide
}

/// How far those who match are counted, where an index alone does not have them.
fn counts_to(view: &View<'_>) -> i64 {
    if view.searches() { LOOKED_AT } else { COUNTED }
}

/// Counts those who match, from the driver's people on, as far as [`counts_to`] says.
pub(super) async fn counted(
    rx: &mut Rx,
    view: &View<'_>,
    gram: Option<&str>,
    driver: Option<&Driver>,
) -> Result<Count> {
    let ready = count_statement(view, gram, driver);
    let count = rx.one(&ready.sql, &ready.params(), |row| row.get(0)).await?;
    Ok(Count::capped(count.unwrap_or(0), counts_to(view)))
}

pub(super) fn count_statement(view: &View<'_>, gram: Option<&str>, driver: Option<&Driver>) -> Ready {
    let mut text = Text::new(view.ws, view.query.kind);
    text.put("select count(*) from (select 1 from ");
    matching(&mut text, view, gram, driver);
    text.put(if view.searches() { " limit 1001) c" } else { " limit 10001) c" });
    text.ready("grid::count", true)
}

/// The ids of those who match, in no order, up to a limit.
pub(super) fn ids_statement(
    view: &View<'_>,
    gram: Option<&str>,
    driver: Option<&Driver>,
    limit: i64,
) -> Ready {
    let mut text = Text::new(view.ws, view.query.kind);
    text.put("select p.person_id from ");
    matching(&mut text, view, gram, driver);
    text.add(" limit {}", [Value::Number(limit)]);
    text.ready("grid::ids", true)
}

/// `people p` who match, from the driver's people on.
fn matching(text: &mut Text, view: &View<'_>, gram: Option<&str>, driver: Option<&Driver>) {
    if let Some(driver) = driver {
        text.put("(");
        driver.select(text, view);
        text.put(") h cross join people p where p.workspace_id = {w} and p.person_id = h.person_id and p.kind = {k}");
        conditions(text, view, gram, Known::Holds(driver));
    } else {
        text.put("people p where p.workspace_id = {w} and p.kind = {k}");
        conditions(text, view, gram, Known::Nothing);
    }
}
