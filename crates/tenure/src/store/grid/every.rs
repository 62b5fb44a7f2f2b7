//! Every statement that a grid can build, without a database: for the tests of their plans.

use std::collections::BTreeMap;

use domain::{
    id::{GroupId, PersonId, WorkspaceId},
    license::Licenses,
    person::{Kind, StatusWord},
    role::Role,
    session::SessionLengths,
};
use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use super::cursor::{Key, Place, StatusWordText};
use super::fetch::{self, Slice, Tried};
use super::filter::{Driver, drivers};
use super::plan::{self, Depth, Way};
use super::query::{BuiltinView, Created, Dir, GridQuery, GroupFilter, LastSignIn, Sort, StatusFilter, View};
use super::{COUNTED, grouped};
use crate::store::workspaces::{Counts, Workspace};
use crate::store::{Engine, Sql};
use crate::text::Piece;

/// A built statement, and what it is for.
#[derive(Debug, Clone)]
pub struct Built {
    /// The statement.
    pub sql: Sql,
    /// The query it was first built for.
    pub asked: String,
    /// Whether it follows an index and stops when the page is full, so that nothing may be sorted inside.
    pub walks: bool,
}

/// The filters, alone and in pairs.
fn filters(kind: Kind) -> Vec<(usize, GridQuery)> {
    type Set = fn(&mut GridQuery);
    let sets: &[Set] = &[
        |query| query.role = Some(Role::Administrator),
        |query| query.role = Some(Role::Member),
        |query| query.group = Some(GroupFilter::In(GroupId::from_uuid(Uuid::nil()))),
        |query| query.group = Some(GroupFilter::None),
        |query| query.status = Some(StatusFilter::Expired),
        |query| query.status = Some(StatusFilter::Active),
        |query| query.last_sign_in = Some(LastSignIn::Never),
        |query| query.last_sign_in = Some(LastSignIn::Before(30)),
        |query| query.last_sign_in = Some(LastSignIn::Since(7)),
        |query| query.created = Some(Created::Last(30)),
        |query| {
            query.created =
                Some(Created::Between(Some(Date::constant(2026, 1, 1)), Some(Date::constant(2026, 2, 1))));
        },
        |query| query.asked_to_return = true,
        |query| query.review_overdue = true,
        |query| "a".clone_into(&mut query.q),
        |query| "ada".clone_into(&mut query.q),
        |query| "lovelace".clone_into(&mut query.q),
    ];
    let mut all = vec![(0, GridQuery::new(kind))];
    for (index, set) in sets.iter().enumerate() {
        let mut alone = GridQuery::new(kind);
        set(&mut alone);
        all.push((1, alone.clone()));
        for other in &sets[index + 1..] {
            let mut pair = alone.clone();
            other(&mut pair);
            all.push((2, pair));
        }
    }
    all
}

/// Every statement: each view, order, direction and side of a place with each filter, and each way of reading it;
/// pairs of filters with two of the views, in one direction.
#[must_use]
pub fn built(engine: Engine) -> Vec<Built> {
    let workspace = nowhere();
    let mut all = BTreeMap::new();
    for (many, filter) in filters(Kind::User).into_iter().chain(filters(Kind::Customer)) {
        let views = if many < 2 { BuiltinView::ALL } else { &[BuiltinView::All, BuiltinView::Active] };
        let dirs = if many < 2 { Dir::ALL } else { &[Dir::Asc] };
        for view in views {
            for sort in Sort::ALL {
                for grouped in [false, true] {
                    let query = GridQuery { view: *view, sort: *sort, grouped, ..filter.clone() };
                    of_query(engine, &workspace, &query, dirs, &mut all);
                }
            }
        }
    }
    all.into_values().collect()
}

fn of_query(
    engine: Engine,
    workspace: &Workspace,
    query: &GridQuery,
    dirs: &[Dir],
    all: &mut BTreeMap<String, Built>,
) {
    let Ok(view) = View::new(engine, workspace, query, Timestamp::UNIX_EPOCH) else { return };
    let mut add = |sql: Sql, dir: Dir, walks: bool| {
        let text = sql.text(engine).to_owned();
        let asked = GridQuery { dir, ..query.clone() }.to_query();
        all.entry(text).or_insert(Built { sql, asked, walks });
    };
    let drivers = drivers(&view);
    if !drivers.is_empty() {
        add(plan::probe(&view, &drivers, Depth::Short).sql, query.dir, false);
        add(plan::probe(&view, &drivers, Depth::Further).sql, query.dir, false);
        add(plan::probe(&view, &drivers, Depth::Far).sql, query.dir, false);
    }
    let many: Vec<_> = drivers.iter().map(|driver| (driver.clone(), COUNTED + 1)).collect();
    let tried = plan::attempt(&view, &many);
    let mut plans = vec![plan::decide(&view, many)];
    for small in &drivers {
        let few = |driver| if driver == small { 1 } else { COUNTED + 1 };
        plans.push(plan::decide(&view, drivers.iter().map(|d| (d.clone(), few(d))).collect()));
    }
    for plan in plans {
        let driver = plan.smallest.as_ref().map(|(driver, _)| driver);
        add(plan::count_statement(&view, driver).sql, query.dir, false);
        if let Some(driver @ Driver::Gram(Piece::Begins(_))) = driver {
            add(plan::begun_statement(&view, driver).sql, query.dir, false);
        }
        add(plan::ids_statement(&view, driver, 1).sql, query.dir, false);
        if query.grouped {
            if let Some(driver) = driver {
                add(grouped::light_statement(&view, driver).sql, query.dir, false);
            }
            add(fetch::ids_statement(&view, &[PersonId::from_uuid(Uuid::nil())]).sql, query.dir, false);
            continue;
        }
        for dir in dirs {
            let query = GridQuery { dir: *dir, ..query.clone() };
            let view = View { query: &query, ..view.clone() };
            let place = Place { group: None, key: key(query.sort), person: PersonId::from_uuid(Uuid::nil()) };
            for bound in [None, Some((&place.key, place.person))] {
                let slice = Slice::new(&plan.way, false, bound, 51);
                match &tried {
                    Some(Tried::List(list)) => {
                        add(fetch::along(&view, list, &slice, Some(1)).sql, *dir, false);
                    }
                    Some(Tried::Order) => {
                        add(fetch::end(&view, &slice, 1).sql, *dir, true);
                        add(fetch::until(&view, &slice, &place).sql, *dir, true);
                    }
                    None => {}
                }
                // Who stands level at the end of a page is put in order; the plans are tested for nothing else being so.
                let walks = matches!(&plan.way, Way::Walk(way) if !matches!(way, Some(Driver::Gram(_))));
                add(fetch::statement(&view, &slice).sql, *dir, walks);
            }
        }
    }
}

fn key(sort: Sort) -> Key {
    match sort {
        Sort::Name => Key::Name(vec![0]),
        Sort::Email => Key::Email(String::new()),
        Sort::Status => Key::Status(StatusWordText(StatusWord::Active), vec![0]),
        Sort::LastSignIn => Key::LastSignIn(0),
        Sort::Created => Key::Created(0),
    }
}

fn nowhere() -> Workspace {
    Workspace {
        id: WorkspaceId::from_uuid(Uuid::nil()),
        name: String::new(),
        language: String::new(),
        time_zone: "UTC".to_owned(),
        licenses: Licenses { owned: 0, used: 0, price: None },
        counts: Counts::default(),
        customers: Counts::default(),
        registration: false,
        shared_requests: false,
        apps: domain::apps::Apps::default(),
        sessions: SessionLengths { idle_seconds: 0, absolute_seconds: 0 },
        created: Timestamp::UNIX_EPOCH,
        version: 0,
    }
}
