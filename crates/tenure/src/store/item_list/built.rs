//! Every statement that a list can come to, for tests of their plans: each filter, each two of them, all of them; in
//! each order, both ways; from the first page and from a cursor.

use std::collections::BTreeSet;

use domain::{
    id::{ItemId, PersonId, WorkspaceId},
    item::{ItemKind, ItemStatus},
};
use jiff::civil::Date;
use uuid::Uuid;

use super::{
    Cursor, ItemQuery, Key, Sort, Way,
    statement::{self, Asked},
};
use crate::store::{
    Sql,
    grid::{Dir, Side},
    items::NEVER_DUE,
};

/// A statement that this folder builds.
#[derive(Debug, Clone)]
pub struct Built {
    /// The statement.
    pub sql: Sql,
    /// The query it is for.
    pub asked: String,
    /// Whether it must follow an index in order.
    pub walks: bool,
}

/// Every filter with every form of its value: the name of the parameter, and the value. `ID` is an id.
const FILTERS: &[(&str, &str)] = &[
    ("assignee", "me"),
    ("assignee", "ID"),
    ("assignee", "none"),
    ("assignee", "deactivated"),
    ("team", "ID"),
    ("follower", "ID"),
    ("requester", "ID"),
    ("requester", "none"),
    ("organization", "ID"),
    ("project", "ID"),
    ("project", "none"),
    ("due", "overdue"),
    ("due", "today"),
    ("due", "week"),
    ("due", "none"),
    ("tag", "printer"),
    ("q", "printer"),
    ("q", "12"),
];

/// The filters as query strings, with how many filters are in each.
fn filters() -> Vec<(String, usize)> {
    let one =
        |(name, value): &(&str, &str)| format!("{name}={}", value.replace("ID", &Uuid::nil().to_string()));
    let mut all = vec![(String::new(), 0)];
    all.extend(FILTERS.iter().map(|filter| (one(filter), 1)));
    for (at, first) in FILTERS.iter().enumerate() {
        let others = FILTERS[at + 1..].iter().filter(|second| second.0 != first.0);
        all.extend(others.map(|second| (format!("{}&{}", one(first), one(second)), 2)));
    }
    let mut names = BTreeSet::new();
    let every: Vec<String> = FILTERS.iter().filter(|(name, _)| names.insert(*name)).map(one).collect();
    all.push((every.join("&"), every.len()));
    all
}

/// Statements of every form that this folder builds, each once.
///
/// # Panics
/// When a filter is not understood: then it would not be looked at.
#[must_use]
pub fn built() -> Vec<Built> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    let statuses: Vec<String> = ["unfinished", "finished", "all"]
        .into_iter()
        .chain(ItemStatus::ALL.iter().map(|status| status.word()))
        .map(str::to_owned)
        .collect();
    for (filter, filters) in filters() {
        // Two filters and more with the usual statuses and with all; both kinds, and both ways, with one.
        let (kinds, statuses, dirs): (&[Option<ItemKind>], &[String], &[Dir]) = match filters {
            0 | 1 => (&[None, Some(ItemKind::Ticket)], &statuses, Dir::ALL),
            _ => (&[Some(ItemKind::Ticket)], &statuses[..1], &[Dir::Desc]),
        };
        for status in statuses {
            for sort in Sort::ALL {
                for dir in dirs {
                    let text = format!("{filter}&status={status}&sort={}&dir={}", sort.word(), dir.word());
                    for kind in kinds {
                        let query = ItemQuery::from_query(*kind, &text);
                        let query = query.unwrap_or_else(|error| panic!("{text} is not understood: {error}"));
                        let of = statements_of(&query, &text).into_iter();
                        all.extend(of.filter(|built| {
                            let text = built.sql.text(crate::store::Engine::Sqlite).to_owned();
                            seen.insert((text, built.walks))
                        }));
                    }
                }
            }
        }
    }
    all
}

fn statements_of(query: &ItemQuery, asked_as: &str) -> Vec<Built> {
    let (ws, me) = (WorkspaceId::from_uuid(Uuid::nil()), PersonId::from_uuid(Uuid::nil()));
    let asked = Asked::on(ws, query, Some(me), Date::MIN);
    let key = if query.sort == Sort::Due { Key::Text(NEVER_DUE.to_owned()) } else { Key::Number(1) };
    let item = ItemId::from_uuid(Uuid::nil());
    let cursor = |side| Cursor { side, sort: query.sort, key: key.clone(), item };
    let drivers = asked.drivers();
    let mut all = Vec::new();
    let mut put = |sql: Sql, walks: bool| all.push(Built { sql, asked: asked_as.to_owned(), walks });
    for cursor in [None, Some(cursor(Side::After)), Some(cursor(Side::Before))] {
        if asked.finds_nothing() {
            // No page is read.
            continue;
        }
        put(statement::page(&asked, &Way::Walk, cursor.as_ref(), 51).sql, true);
        for driver in &drivers {
            put(statement::page(&asked, &Way::Collect(driver.clone()), cursor.as_ref(), 51).sql, false);
        }
    }
    for driver in &drivers {
        put(statement::size(&asked, driver, 10).sql, false);
    }
    for driver in drivers.iter().map(Some).chain([None]) {
        put(statement::count(&asked, driver, 10).sql, false);
        put(statement::ids(&asked, driver, 10).sql, false);
    }
    all
}
