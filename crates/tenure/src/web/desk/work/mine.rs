//! `GET /mine`: what the reader is assigned, follows, and is mentioned in.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use domain::id::MessageId;

use super::{
    asked::{Asked, At, View},
    bulk, filter,
    lines::Drawing,
    list,
};
use crate::{
    app::App,
    error::Result,
    ops::messages,
    store::{
        Rx,
        grid::Count,
        item_list,
        item_people::{self, Holdings},
        messages::{self as stored, Place as Written},
    },
    web::{
        desk::{frame::Frame, words},
        fields::Fields,
        view::{
            Link, Pager,
            people::Tab,
            shell::Place,
            work::{EmptyItems, ItemGrid, ItemsPage, MentionRow, Words},
        },
    },
};

/// Up to how many mentions are counted for the tab.
const COUNTED: i64 = 1_000;
/// How many mentions a page has.
const MENTIONS: i64 = 50;

/// What of one's own work is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Assigned,
    Following,
    Mentioned,
}

/// `GET /mine`, with `tab` (`following`, `mentioned`) and a query of the list.
pub(super) async fn page(
    State(app): State<App>,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let query = query.unwrap_or_default();
    let fields = Fields::parse(query.as_bytes())?;
    let which = match fields.get("tab") {
        "following" => Which::Following,
        "mentioned" => Which::Mentioned,
        _ => Which::Assigned,
    };
    let mut rx = app.store.reader().await?;
    let tabs = tabs(&mut rx, &frame, which).await?;
    let mut shell = frame.shell(Place::MyWork, Place::MyWork.label());
    let grid = match which {
        Which::Mentioned => mentioned(&mut rx, &frame, &fields).await?,
        Which::Assigned | Which::Following => {
            let at = if which == Which::Assigned { At::Assigned } else { At::Following };
            let asked = Asked::read(at, &query)?;
            shell.search.clone_from(&asked.query.q);
            shell.search_keeps = asked.kept_by_search();
            items(&mut rx, &frame, &asked).await?
        }
    };
    drop(rx);
    let app = Words { path: "/mine".into(), ..At::Assigned.words() };
    let page = ItemsPage { shell, app, quick: None, grid: ItemGrid { tabs, ..grid } };
    Ok(frame.draw(&page))
}

async fn tabs(rx: &mut Rx, frame: &Frame, which: Which) -> Result<Vec<Tab>> {
    let (ws, me) = (frame.session.visit.workspace, frame.session.person());
    let Holdings { assigned, following, .. } = item_people::holdings_of(rx, ws, me).await?;
    let mentions = stored::count_mentions(rx, ws, me, COUNTED + 1).await?;
    let mentions = Count::capped(mentions, COUNTED);
    let tab = |label: &str, count, href: &str, this| Tab {
        label: label.into(),
        count: Some(words::counted(count)),
        href: href.into(),
        current: which == this,
        delete: None,
    };
    Ok(vec![
        tab("Assigned", Count::Exact(assigned), "/mine", Which::Assigned),
        tab("Following", Count::Exact(following), "/mine?tab=following", Which::Following),
        tab("Mentioned", mentions, "/mine?tab=mentioned", Which::Mentioned),
    ])
}

async fn items(rx: &mut Rx, frame: &Frame, asked: &Asked) -> Result<ItemGrid> {
    let workspace = &frame.session.check.workspace;
    let page = item_list::page(rx, workspace, &asked.query, list::looking(frame)).await?;
    let projects = filter::active_projects(rx, frame).await?;
    let drawing = Drawing::of(frame);
    let assigned = asked.at == At::Assigned;
    Ok(ItemGrid {
        clear: asked.is_filtered().then(|| asked.but(|query| asked.clear(query))),
        heads: (!assigned).then(|| list::heads(asked)),
        shows_project: true,
        groups: if assigned { drawing.by_due(&page.rows) } else { drawing.plain(&page.rows) },
        bulk: Some(bulk::bar(asked, &page, &projects)),
        pager: list::pager(asked, &page),
        empty: empty(asked),
        ..ItemGrid::default()
    })
}

fn empty(asked: &Asked) -> EmptyItems {
    if asked.is_filtered() {
        return EmptyItems {
            title: "Nothing matches".into(),
            text: "None of your items has what is searched for.".into(),
            ways: vec![Link::new("Clear the search", asked.but(|query| asked.clear(query)))],
        };
    }
    let unassigned = asked_for(View::Unassigned);
    match asked.at {
        At::Following => EmptyItems {
            title: "You follow nothing".into(),
            text: "Follow an item to be told of what happens to it. It stands here until it is finished."
                .into(),
            ways: vec![Link::new("Look at the tickets", "/tickets")],
        },
        _ => EmptyItems {
            title: "Nothing is assigned to you".into(),
            text: "What is assigned to you stands here until it is finished, what is due first at the top."
                .into(),
            ways: vec![Link::new("Take an unassigned ticket", unassigned)],
        },
    }
}

/// The address of a view of the tickets.
fn asked_for(view: View) -> String {
    let at = At::Kind(domain::item::ItemKind::Ticket);
    Asked { at, query: at.plain(), before: 0 }.but(|query| view.ask(query))
}

/// Messages that mention the reader, the latest first; `before` is the place of the last one of the page before.
async fn mentioned(rx: &mut Rx, frame: &Frame, fields: &Fields) -> Result<ItemGrid> {
    let before = place(fields.get("before"));
    let times = frame.times();
    let mut lines = messages::mentions(rx, &frame.session.ctx, before, MENTIONS + 1).await?;
    let more = i64::try_from(lines.len()).is_ok_and(|lines| lines > MENTIONS);
    if more {
        lines.pop();
    }
    let next = lines
        .last()
        .filter(|_| more)
        .map(|line| format!("/mine?tab=mentioned&before={}_{}", line.place.0.as_microsecond(), line.place.1));
    let first = before.is_none();
    Ok(ItemGrid {
        mentions: lines
            .into_iter()
            .map(|line| MentionRow {
                href: format!("/items/{}#m-{}", line.number, line.place.1),
                number: line.number,
                title: line.title,
                when: times.when(line.place.0),
            })
            .collect(),
        pager: Pager {
            summary: if first { "The latest first".into() } else { "Earlier mentions".into() },
            previous: (!first).then(|| "/mine?tab=mentioned".into()),
            next,
        },
        empty: EmptyItems {
            title: "Nobody has mentioned you".into(),
            text: "When somebody writes @ and your address in a message, it stands here.".into(),
            ways: Vec::new(),
        },
        ..ItemGrid::default()
    })
}

/// A place in the list of mentions; what is none leads to the first page.
fn place(text: &str) -> Option<Written> {
    let (at, id) = text.split_once('_')?;
    let at = jiff::Timestamp::from_microsecond(at.parse().ok()?).ok()?;
    Some((at, id.parse::<MessageId>().ok()?))
}
