//! `/audit`: every step on the record, filtered, in pages, and as CSV (rule 11).

mod csv;
mod entry;
mod filter;

use std::collections::{BTreeSet, hash_map::Entry};

use axum::{extract::State, response::Response};
use domain::{actor::Door, audit::Action, id::WorkspaceId};

use self::{
    entry::Names,
    filter::{Asked, Filter},
};
use super::frame::Frame;
use crate::{
    app::App,
    error::Result,
    store::{
        Rx, audit,
        audit_grid::{self, AuditLine, AuditQuery},
        people, teams, tokens,
    },
    web::{
        fields::QueryFields,
        routes::Routes,
        session::Access::Administrator,
        view::{
            Choice, Field, FilterChip, Pager,
            audit::{AuditPage, Chain},
            number,
            shell::Place,
        },
    },
};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/audit", Administrator, page).get("/audit.csv", Administrator, csv::download)
}

/// `GET /audit`, with `person`, `actor`, `action`, `door`, `from`, `to`, and `after` or `before`.
async fn page(State(app): State<App>, frame: Frame, QueryFields(query): QueryFields) -> Result<Response> {
    let (asked, wrong) = match filter::read(&app, &frame, &query).await? {
        Asked::Right(filter) => (filter, None),
        Asked::Wrong(refused) => (Filter::default(), Some(refused)),
    };
    let mut page = shell(&app, &frame, &asked).await?;
    let Some(wrong) = wrong else {
        fill(&app, &frame, &asked, &mut page).await?;
        return Ok(frame.draw(&page));
    };
    if wrong.above(&["action", "door", "after", "before", "limit"]).is_some() {
        // No form sends these wrong: the address was made by hand.
        return Err(wrong.into_error());
    }
    page.person = wrong.field("person", query.get("person"));
    page.actor = wrong.field("actor", query.get("actor"));
    page.from = wrong.field("from", query.get("from"));
    page.to = wrong.field("to", query.get("to"));
    page.actions = actions(Action::parse(query.get("action")));
    page.doors = doors(Door::parse(query.get("door")));
    page.clear = Some("/audit".into());
    Ok(frame.draw_as(wrong.status, &page))
}

/// The page without its entries.
async fn shell(app: &App, frame: &Frame, asked: &Filter) -> Result<AuditPage> {
    let query = &asked.query;
    let date =
        |date: Option<jiff::civil::Date>| Field::new(date.map_or(String::new(), |date| date.to_string()));
    let mut rx = app.store.point().await?;
    Ok(AuditPage {
        shell: frame.shell(Place::Audit, "Audit log"),
        chain: chain(&mut rx, frame).await?,
        person: Field::new(&asked.person),
        actor: Field::new(&asked.actor),
        actions: actions(query.action),
        doors: doors(query.door),
        from: date(query.from),
        to: date(query.to),
        csv: address("/audit.csv", &query.to_query_unpaged()),
        ..AuditPage::default()
    })
}

async fn fill(app: &App, frame: &Frame, asked: &Filter, page: &mut AuditPage) -> Result<()> {
    let query = &asked.query;
    let mut rx = app.store.reader().await?;
    let found = audit_grid::page(&mut rx, &filter::in_readers_zone(frame), query).await?;
    let names = names(&mut rx, frame, &found.lines).await?;
    drop(rx);
    let times = frame.times();
    page.rows = found.lines.iter().map(|line| entry::row(line, &times, &names)).collect();
    page.chips = chips(asked);
    page.clear = (!page.chips.is_empty()).then(|| "/audit".into());
    let link = |cursor| {
        let query = AuditQuery { cursor: Some(cursor), ..query.clone() };
        address("/audit", &query.to_query())
    };
    let lines = i64::try_from(page.rows.len()).unwrap_or(i64::MAX);
    page.pager = Pager {
        summary: super::words::count(lines, "entry", "entries"),
        previous: found.previous.map(link),
        next: found.next.map(link),
    };
    Ok(())
}

fn address(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// How far the log is sealed. Verifying it reads the whole log, which is done at the machine.
async fn chain(rx: &mut Rx, frame: &Frame) -> Result<Chain> {
    let ws = frame.session.visit.workspace;
    let sealed = audit::head(rx, ws).await?.map_or(0, |head| head.seq);
    let waits = audit::has_unsealed(rx, ws).await?;
    let verify = "At the machine, \"tenure audit verify\" checks the whole chain.";
    let number = number(sealed.unsigned_abs());
    Ok(match (sealed, waits) {
        (0, _) => Chain::Pending("No entry is sealed yet; the server does so within moments.".into()),
        (_, true) => Chain::Pending(format!(
            "Sealed up to entry {number}; newer entries are sealed within moments. {verify}"
        )),
        (_, false) => Chain::Sealed(format!("Sealed up to entry {number}, the newest. {verify}")),
    })
}

/// The names of the tokens that acted.
async fn token_names(rx: &mut Rx, ws: WorkspaceId, lines: &[AuditLine]) -> Result<Names> {
    let acted: BTreeSet<_> = lines.iter().filter_map(|line| entry::token(&line.entry)).collect();
    let tokens = tokens::names(rx, ws, &acted.into_iter().collect::<Vec<_>>()).await?;
    Ok(Names { tokens, ..Names::default() })
}

/// The names behind the ids that stand in the states before and after, and of the tokens that acted.
async fn names(rx: &mut Rx, frame: &Frame, lines: &[AuditLine]) -> Result<Names> {
    let ws = frame.session.visit.workspace;
    let mut names = token_names(rx, ws, lines).await?;
    for line in lines {
        for id in entry::people_inside(&line.entry) {
            if let Entry::Vacant(free) = names.people.entry(id)
                && let Some(row) = people::load(rx, ws, id).await?
            {
                free.insert(row.person.name);
            }
        }
        for id in entry::teams_inside(&line.entry) {
            if let Entry::Vacant(free) = names.teams.entry(id)
                && let Some(team) = teams::load(rx, ws, id).await?
            {
                free.insert(team.name);
            }
        }
    }
    Ok(names)
}

fn actions(chosen: Option<Action>) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", "Any", chosen.is_none())];
    let mut all: Vec<_> = Action::ALL.iter().collect();
    all.sort_by_key(|action| action.title());
    choices.extend(
        all.into_iter().map(|action| Choice::new(action.word(), action.title(), chosen == Some(*action))),
    );
    choices
}

fn doors(chosen: Option<Door>) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", "Any", chosen.is_none())];
    choices.extend(
        Door::ALL.into_iter().map(|door| Choice::new(door.word(), entry::door(door), chosen == Some(door))),
    );
    choices
}

/// The filters in force, each with the way to take it off.
fn chips(asked: &Filter) -> Vec<FilterChip> {
    let query = AuditQuery { cursor: None, ..asked.query.clone() };
    let chip = |label: String, without: AuditQuery| FilterChip {
        label,
        remove: address("/audit", &without.to_query_unpaged()),
    };
    let mut chips = Vec::new();
    if query.person.is_some() {
        chips.push(chip(format!("Person: {}", asked.person), AuditQuery { person: None, ..query.clone() }));
    }
    if query.actor.is_some() {
        chips.push(chip(format!("By: {}", asked.actor), AuditQuery { actor: None, ..query.clone() }));
    }
    if let Some(action) = query.action {
        chips.push(chip(format!("Action: {}", action.title()), AuditQuery { action: None, ..query.clone() }));
    }
    if let Some(door) = query.door {
        chips.push(chip(format!("Door: {}", entry::door(door)), AuditQuery { door: None, ..query.clone() }));
    }
    if let Some(from) = query.from {
        chips.push(chip(
            format!("From {}", super::words::date(from)),
            AuditQuery { from: None, ..query.clone() },
        ));
    }
    if let Some(to) = query.to {
        chips.push(chip(format!("To {}", super::words::date(to)), AuditQuery { to: None, ..query.clone() }));
    }
    chips
}
