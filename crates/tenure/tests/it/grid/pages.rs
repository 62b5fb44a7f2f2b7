//! Pages give every row exactly once, in the same order on both engines, in both directions, whichever way they are
//! read.

use domain::{
    id::{GroupId, PersonId},
    person::Kind,
    role::Role,
};
use tenure::store::{
    Rx,
    grid::{
        self, BuiltinView, Count, Created, Cursor, Dir, GridQuery, GroupFilter, LastSignIn, Page, Side, Sort,
        StatusFilter, Thresholds,
    },
    people,
    workspaces::Workspace,
};

use super::crowd::{Crowd, Dice, keep_person, newcomer, now};
use crate::support::both_engines;

/// Collect where few are left; collect nothing but walk; and the middle. Pieces of text are frequent only for the others: they
/// try a stretch that holds some pages, or none.
pub(super) const WAYS: [Thresholds; 3] = [
    Thresholds {
        collected: 10_000,
        grouped: 1_000,
        short: 1_000,
        window: 1_000,
        texts: 10_000,
        rows: 4_000,
        entries: 3_000,
    },
    Thresholds { collected: -1, grouped: -1, short: 0, window: 1, texts: 1, rows: 1, entries: 3_000 },
    Thresholds { collected: 30, grouped: 30, short: 3, window: 40, texts: 60, rows: 40, entries: 3_000 },
];

pub(super) type Rows = Vec<(PersonId, Option<GroupId>)>;

pub(super) fn rows(page: &Page) -> Rows {
    let team = |row: &grid::GridRow| row.group.as_ref().and_then(|g| g.of.as_ref()).map(|(id, _)| *id);
    page.rows.iter().map(|row| (row.row.person.id, team(row))).collect()
}

/// Walks all pages to the end and back again.
pub(super) async fn check(
    rx: &mut Rx,
    workspace: &Workspace,
    crowd: &Crowd,
    query: &GridQuery,
    way: Thresholds,
) {
    let expected = crowd.expected(query);
    let mut asked = query.clone();
    let (mut forward, mut last) = (Rows::new(), None);
    for number in 0.. {
        assert!(number < 500, "the pages of ?{} end", query.to_query());
        let page = grid::page_with(rx, workspace, &asked, now(), way).await.expect("a page");
        assert_eq!(page.count, Count::Exact(crowd.counted(query)), "count of ?{} {way:?}", query.to_query());
        assert_eq!(page.previous.is_some(), number > 0, "a way back on page {number}");
        forward.extend(rows(&page));
        let next = page.next.clone();
        last = Some(page);
        match next {
            Some(cursor) => asked.cursor = Some(through_text(&cursor)),
            None => break,
        }
    }
    assert_eq!(forward, expected, "forward, ?{} {way:?}", query.to_query());
    let mut page = last.expect("there is a first page");
    let mut backward = rows(&page);
    while let Some(cursor) = page.previous.clone() {
        asked.cursor = Some(through_text(&cursor));
        page = grid::page_with(rx, workspace, &asked, now(), way).await.expect("a page");
        assert!(page.next.is_some(), "a way on from a page that was left");
        let mut before = rows(&page);
        if page.previous.is_none() {
            // The first page is full again: it may repeat rows of the one after it.
            before.truncate(expected.len() - backward.len());
        }
        before.extend(backward);
        backward = before;
    }
    assert_eq!(backward, expected, "backward, ?{} {way:?}", query.to_query());
}

/// A cursor as it comes back from an address.
fn through_text(cursor: &Cursor) -> Cursor {
    let query = GridQuery { cursor: Some(cursor.clone()), ..GridQuery::new(Kind::User) };
    // What it fits is checked when the page is read; here only the text is.
    Cursor::parse(cursor.side, &query.cursor.expect("set").to_string()).expect("its own text")
}

/// Every filter alone, and some together.
pub(super) fn filters(crowd: &Crowd) -> Vec<GridQuery> {
    let any = GridQuery::new(crowd.kind);
    let day = |text: &str| Some(text.parse().expect("a date"));
    let group = Some(GroupFilter::In(crowd.teams[0].id));
    let mut all: Vec<GridQuery> =
        BuiltinView::ALL.iter().map(|view| GridQuery { view: *view, ..any.clone() }).collect();
    all.extend(Role::ALL.map(|role| GridQuery { role: Some(role), ..any.clone() }));
    all.extend(StatusFilter::ALL.iter().map(|status| GridQuery { status: Some(*status), ..any.clone() }));
    all.extend([
        GridQuery { group, ..any.clone() },
        GridQuery { group: Some(GroupFilter::None), ..any.clone() },
        GridQuery { last_sign_in: Some(LastSignIn::Never), ..any.clone() },
        GridQuery { last_sign_in: Some(LastSignIn::Before(30)), ..any.clone() },
        GridQuery { last_sign_in: Some(LastSignIn::Since(7)), ..any.clone() },
        GridQuery { created: Some(Created::Last(30)), ..any.clone() },
        GridQuery { created: Some(Created::Between(day("2026-01-01"), day("2026-02-24"))), ..any.clone() },
        GridQuery { created: Some(Created::Between(None, day("2026-02-24"))), ..any.clone() },
        GridQuery { asked_to_return: true, ..any.clone() },
        GridQuery { review_overdue: true, ..any.clone() },
        GridQuery { q: "ada".into(), ..any.clone() },
        GridQuery { q: "a".into(), group, view: BuiltinView::Active, ..any.clone() },
        GridQuery { view: BuiltinView::Active, status: Some(StatusFilter::Deactivated), ..any.clone() },
        GridQuery { view: BuiltinView::NeverSignedIn, group: Some(GroupFilter::None), ..any.clone() },
        GridQuery { view: BuiltinView::NeedsAttention, group, q: "a".into(), ..any.clone() },
        GridQuery { view: BuiltinView::Active, last_sign_in: Some(LastSignIn::Before(5)), ..any.clone() },
        GridQuery {
            role: Some(Role::Member),
            created: Some(Created::Last(100)),
            last_sign_in: Some(LastSignIn::Since(100)),
            q: "example".into(),
            ..any
        },
    ]);
    all
}

both_engines! {
    /// The order is compared with one made in memory, so it is the same on both engines.
    async fn every_order_of_every_filter_pages_through_all_rows_once(store: Store) {
        let crowd = Crowd::new(&store, 90, 7).await;
        // Same names, other workspace: nothing crosses.
        Crowd::new(&store, 20, 8).await;
        let mut rx = store.reader().await.expect("a reader");
        let workspace = crowd.workspace(&mut rx).await;
        for (number, filter) in filters(&crowd).into_iter().enumerate() {
            for (turn, sort) in Sort::ALL.iter().enumerate() {
                for (step, way) in WAYS.into_iter().enumerate() {
                    // Each way in one direction with this order, in the other with the next.
                    let dir = Dir::ALL[(number + turn + step) % 2];
                    // A page of 11 has ends within ties; those of 45 and 90 are filled just so, or not at all.
                    let limit = [11, 45, 90][(number + turn) % 3];
                    let query = GridQuery { sort: *sort, dir, limit, ..filter.clone() };
                    check(&mut rx, &workspace, &crowd, &query, way).await;
                }
            }
        }
    }

    async fn customers_page_through_all_rows_once(store: Store) {
        let crowd = Crowd::of(&store, Kind::Customer, 60, 17).await;
        let mut rx = store.reader().await.expect("a reader");
        let workspace = crowd.workspace(&mut rx).await;
        for (number, filter) in filters(&crowd).into_iter().enumerate() {
            let sort = Sort::ALL[number % Sort::ALL.len()];
            for (step, way) in WAYS.into_iter().enumerate() {
                let (dir, grouped) = (Dir::ALL[(number + step) % 2], (number + step) % 2 == 0);
                let query = GridQuery { sort, dir, grouped, limit: 11, ..filter.clone() };
                check(&mut rx, &workspace, &crowd, &query, way).await;
            }
        }
    }

    async fn groups_page_through_all_rows_of_all_teams(store: Store) {
        let crowd = Crowd::new(&store, 45, 21).await;
        let mut rx = store.reader().await.expect("a reader");
        let workspace = crowd.workspace(&mut rx).await;
        for (number, filter) in filters(&crowd).into_iter().enumerate() {
            for (turn, sort) in Sort::ALL.iter().enumerate() {
                let dir = Dir::ALL[(number + turn) % 2];
                // Collected, or by one of the ways that walk.
                for way in [WAYS[0], WAYS[1 + turn % 2]] {
                    let query =
                        GridQuery { sort: *sort, dir, limit: 13, grouped: true, ..filter.clone() };
                    check(&mut rx, &workspace, &crowd, &query, way).await;
                }
            }
        }
    }

    async fn headings_name_the_team_and_count_its_rows(store: Store) {
        let crowd = Crowd::new(&store, 60, 5).await;
        let mut rx = store.reader().await.expect("a reader");
        let workspace = crowd.workspace(&mut rx).await;
        for view in [BuiltinView::All, BuiltinView::Active] {
            let query = GridQuery { view, grouped: true, limit: 200, ..GridQuery::new(Kind::User) };
            let expected = crowd.expected(&query);
            for way in WAYS {
                let page = grid::page_with(&mut rx, &workspace, &query, now(), way).await.expect("a page");
                assert!(page.rows.last().expect("rows").group.as_ref().expect("a heading").of.is_none());
                for row in &page.rows {
                    let heading = row.group.as_ref().expect("a heading");
                    let team = heading.of.as_ref().map(|(id, _)| *id);
                    let size = expected.iter().filter(|(_, of)| *of == team).count();
                    if let Some(count) = heading.rows {
                        assert_eq!(count, Count::Exact(i64::try_from(size).expect("small")));
                    } else {
                        assert!(team.is_none(), "a team of few is counted");
                    }
                    if let Some((id, name)) = &heading.of {
                        let known = crowd.teams.iter().find(|team| team.id == *id).expect("known");
                        assert_eq!(&known.name, name);
                    }
                }
            }
        }
    }

    async fn a_row_has_its_teams_and_who_deactivated(store: Store) {
        let crowd = Crowd::new(&store, 12, 3).await;
        let (owner, other) = (crowd.people[0].clone(), crowd.people[5].clone());
        let ws = crowd.ws;
        store.write(async move |tx| {
            let row = people::load(tx, ws, other.id).await?.expect("there");
            let status = domain::person::Status::Deactivated {
                since: now(), by: Some(owner.id), reason: None, review_on: None,
            };
            people::set_status(tx, &row.person, &status)
        }).await.expect("deactivated");
        let mut rx = store.reader().await.expect("a reader");
        let workspace = crowd.workspace(&mut rx).await;
        let query = GridQuery::new(Kind::User);
        let page = grid::page(&mut rx, &workspace, &query, now()).await.expect("a page");
        for row in &page.rows {
            let id = row.row.person.id;
            assert_eq!(row.groups.len(), usize::try_from(row.row.teams).expect("small"));
            let by = (id == crowd.people[5].id).then(|| crowd.people[0].name.clone());
            assert_eq!(row.status_by_name, by);
        }
        assert!(page.rows.iter().any(|row| row.groups.len() > 1));
    }

    async fn a_page_goes_on_where_it_was_when_rows_come_go_and_move(store: Store) {
        let mut crowd = Crowd::new(&store, 60, 11).await;
        let query = GridQuery { limit: 10, ..GridQuery::new(Kind::User) };
        let before = crowd.expected(&query);
        let (mut seen, mut asked) = (Rows::new(), query.clone());
        let mut dice = Dice(99);
        let mut moved = Vec::new();
        for number in 0.. {
            let mut rx = store.reader().await.expect("a reader");
            let workspace = crowd.workspace(&mut rx).await;
            let page = grid::page(&mut rx, &workspace, &asked, now()).await.expect("a page");
            drop(rx);
            seen.extend(rows(&page));
            let Some(cursor) = page.next.clone() else { break };
            // The very row that the cursor was made from goes; another comes, and takes the first place.
            let gone = page.rows.last().expect("a row").row.person.id;
            let comes = newcomer(&mut dice, 1000 + number, "!first");
            moved.extend([gone, comes.id]);
            let (ws, kept, at) = (crowd.ws, crowd.clone(), comes.clone());
            store.write(async move |tx| {
                for team in tenure::store::teams::of_person(tx, ws, gone).await? {
                    tenure::store::teams::leave(tx, ws, team.id, gone).await?;
                }
                let row = people::load(tx, ws, gone).await?.expect("a person");
                people::delete(tx, &row.person).await?;
                keep_person(tx, &kept, &at).await
            }).await.expect("changed");
            crowd.people.push(comes);
            asked.cursor = Some(cursor);
        }
        let stayed = |rows: &Rows| -> Rows {
            rows.iter().filter(|(id, _)| !moved.contains(id)).copied().collect()
        };
        assert_eq!(stayed(&seen), stayed(&before));
        // Deleted while it was looked at: the page is empty, and knows the way back.
        let ws = crowd.ws;
        let last = Cursor::parse(Side::After, &asked.cursor.expect("moved").to_string()).expect("its own");
        store.write(async move |tx| {
            tx.exec(&tenure::store::Sql::both("delete from grams where workspace_id = $1"), &[&ws.uuid()]).await?;
            tx.exec(&tenure::store::Sql::both("delete from team_members where workspace_id = $1"), &[&ws.uuid()]).await?;
            tx.exec(&tenure::store::Sql::both("delete from people where workspace_id = $1"), &[&ws.uuid()]).await
        }).await.expect("all are gone");
        let mut rx = store.reader().await.expect("a reader");
        let workspace = crowd.workspace(&mut rx).await;
        let query = GridQuery { cursor: Some(last), ..query };
        let page = grid::page(&mut rx, &workspace, &query, now()).await.expect("a page");
        assert!(page.rows.is_empty() && page.next.is_none());
        assert_eq!(page.previous.expect("a way back").side, Side::Before);
    }

    async fn a_built_in_view_is_counted_by_the_kept_counters(store: Store) {
        let crowd = Crowd::new(&store, 40, 2).await;
        let ws = crowd.ws;
        // A counter that is wrong shows where the number comes from.
        let wrong = workspaces_change();
        store.write(async move |tx| {
            tenure::store::workspaces::apply(tx, ws, wrong).await
        }).await.expect("applied");
        let mut rx = store.reader().await.expect("a reader");
        let workspace = crowd.workspace(&mut rx).await;
        let view = GridQuery { view: BuiltinView::Deactivated, ..GridQuery::new(Kind::User) };
        let page = grid::page(&mut rx, &workspace, &view, now()).await.expect("a page");
        assert_eq!(page.count, Count::Exact(crowd.counted(&view) + 5));
        assert_eq!(grid::tab_count(&workspace, Kind::User, BuiltinView::Deactivated), Some(crowd.counted(&view) + 5));
        let filtered = GridQuery { status: Some(StatusFilter::Deactivated), ..GridQuery::new(Kind::User) };
        let page = grid::page(&mut rx, &workspace, &filtered, now()).await.expect("a page");
        assert_eq!(page.count, Count::Exact(crowd.counted(&filtered)));
    }
}

fn workspaces_change() -> tenure::store::workspaces::Move {
    let counts = tenure::store::workspaces::Counts { deactivated: 5, ..Default::default() };
    tenure::store::workspaces::Move { counts, ..Default::default() }
}
