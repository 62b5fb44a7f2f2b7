//! P8: an item's page with a long conversation, and searches by any part of a name or an address.

use std::sync::Arc;

use tenure::store::Engine;

use rig::{failure::Result, http::Pass, server::Server};

use crate::{
    desk::{ADMINISTRATOR, Crowd, Desk},
    lab::Lab,
    load::{Asker, always, times},
    stats::float,
    table::{Goal, Row, number},
};

pub(super) const TITLE: &str = "search for people, page of 50";

/// What many, some, few and none have: by name, by address, by parts of both, in another order, everywhere.
const SEARCHES: [&str; 12] = [
    "/users?view=all",
    "/users?view=all&q=ada",
    "/users?view=all&q=lovel",
    "/users?view=active&q=tanaka",
    "/users?view=all&q=ok",
    "/users?view=all&q=silva123",
    "/users?view=all&q=ada+lovelace",
    "/users?view=all&q=crowd.example",
    "/users?view=all&q=goran.kowalski77",
    "/users?view=all&q=zzzz",
    "/users?view=all&q=garcia&sort=created",
    "/search?q=lovelace",
];

pub(super) async fn run(lab: &Lab, engine: Engine) -> Result<Vec<Row>> {
    let mut rows = items(lab, engine).await?;
    rows.extend(searches(lab, engine).await?);
    Ok(rows)
}

/// A page on a server, and what its loads came to.
struct Page {
    asker: Asker,
    medians: Vec<f64>,
    tails: Vec<f64>,
}

struct Site {
    server: Server,
    pages: Vec<Page>,
    _desk: Arc<Desk>,
}

impl Site {
    async fn open(lab: &Lab, desk: Arc<Desk>, paths: &[String]) -> Result<Self> {
        let server = desk.serve(lab).await?;
        let session: Pass = desk.session(&server, ADMINISTRATOR).await?;
        let page = |path: &String| {
            Ok(Page { asker: always(session.get(path)?), medians: Vec::new(), tails: Vec::new() })
        };
        let pages = paths.iter().map(page).collect::<Result<_>>()?;
        Ok(Self { server, pages, _desk: desk })
    }
}

/// Loads every page of both sites, in turn; the sites are then ended.
async fn measure(lab: &Lab, few: &mut Site, many: &mut Site, loads: u64) -> Result<()> {
    for _ in 0..lab.plan.rounds {
        for site in [&mut *few, &mut *many] {
            for page in &mut site.pages {
                let loaded = times(site.server.address, 1, loads, page.asker.clone()).await?;
                page.medians.push(loaded.percentile(0.5)?);
                page.tails.push(loaded.percentile(0.99)?);
            }
        }
    }
    Ok(())
}

async fn items(lab: &Lab, engine: Engine) -> Result<Vec<Row>> {
    let (fewer, more) = lab.plan.items;
    let mut sites = Vec::new();
    for items in [fewer, more] {
        let desk = lab.desk_with(engine, Crowd { items, ..Crowd::default() }).await?;
        let paths = [talk(lab, &desk, 200).await?, talk(lab, &desk, 10).await?];
        sites.push(Site::open(lab, desk, &paths).await?);
    }
    let [few, many] = sites.as_mut_slice() else { return Ok(Vec::new()) };
    measure(lab, few, many, lab.plan.loads).await?;
    let of = |count: u64| format!("{} items", number(float(count)));
    let what = format!("item page with 200 messages, of {}", of(more));
    let ([long_few, _], [long, short]) = (few.pages.as_slice(), many.pages.as_slice()) else {
        return Ok(Vec::new());
    };
    let rows = vec![
        Row::new("P8", format!("{what}: median"), "ms", &long.medians, &long_few.medians)
            .goal(Goal::RatioAtMost(1.2))
            .note(format!("Limit: the same page among {}.", of(fewer))),
        Row::new("P8", format!("{what}: 99 %"), "ms", &long.tails, &long.medians)
            .goal(Goal::RatioBelow(10.0))
            .note("Limit: the median of the same rounds."),
        Row::new("P8", format!("{what}, beside 10 messages"), "ms", &long.medians, &short.medians)
            .note("Limit: an item's page with 10 messages on the same desk. A page shows 30 of 200."),
    ];
    end(sites).await?;
    Ok(rows)
}

async fn end(sites: Vec<Site>) -> Result<()> {
    for site in sites {
        site.server.end().await?;
    }
    Ok(())
}

/// The page of the item whose conversation has so many messages.
async fn talk(lab: &Lab, desk: &Desk, messages: u32) -> Result<String> {
    let query = format!("status=all&q=conversation+of+{messages}+messages");
    let found = desk.run(lab, &["item", "list", "--query", &query]).await?;
    let number = found["items"][0]["number"].as_i64().ok_or_else(|| format!("no such item: {found}"))?;
    Ok(format!("/items/{number}"))
}

async fn searches(lab: &Lab, engine: Engine) -> Result<Vec<Row>> {
    let (Some(fewer), Some(more)) = (lab.plan.sizes.first(), lab.plan.sizes.last()) else {
        return Ok(Vec::new());
    };
    let paths = SEARCHES.map(str::to_owned);
    let mut few = Site::open(lab, lab.desk(engine, *fewer).await?, &paths).await?;
    let mut many = Site::open(lab, lab.desk(engine, *more).await?, &paths).await?;
    measure(lab, &mut few, &mut many, lab.plan.loads / 2).await?;
    let mut rows = Vec::new();
    let note = format!("Limit: the same page among {} users.", number(float(*fewer)));
    for (path, (few, many)) in SEARCHES.iter().zip(few.pages.iter().zip(&many.pages)) {
        let what = format!("{path}, of {} users: median", number(float(*more)));
        rows.push(
            Row::new("P8", what, "ms", &many.medians, &few.medians)
                .goal(Goal::RatioAtMost(1.2))
                .note(note.clone()),
        );
    }
    if let Some((path, page)) = slowest(&many.pages) {
        rows.push(
            Row::new("P8", format!("{TITLE}: 99 %, of the worst, {path}"), "ms", &page.tails, &page.medians)
                .goal(Goal::RatioBelow(10.0))
                .note("Limit: the median of the same rounds."),
        );
    }
    end(vec![few, many]).await?;
    Ok(rows)
}

/// The page whose slow loads are slowest beside its median.
fn slowest(pages: &[Page]) -> Option<(&'static str, &Page)> {
    let worst = |page: &Page| {
        crate::stats::Spread::of_ratios(&page.tails, &page.medians)
            .map_or(f64::INFINITY, |spread| spread.median)
    };
    let all = SEARCHES.iter().copied().zip(pages);
    all.max_by(|(_, one), (_, other)| worst(one).total_cmp(&worst(other)))
}
