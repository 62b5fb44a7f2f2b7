//! The query as text: it comes back as it was, and what is wrong is named by its field.

use domain::{id::GroupId, person::Kind, role::Role};
use tenure::{
    Error,
    store::grid::{
        BuiltinView, Created, Cursor, Dir, GridQuery, GroupFilter, LastSignIn, Side, Sort, StatusFilter,
    },
};
use uuid::Uuid;

use super::crowd::{Crowd, now};
use super::pages::filters;
use crate::support::both_engines;

fn wrong(query: &str) -> Vec<&'static str> {
    match GridQuery::from_query(Kind::User, query) {
        Ok(read) => panic!("?{query} was read as {read:?}"),
        Err(Error::Invalid(fields)) => fields.iter().map(|field| field.field).collect(),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn an_unknown_value_names_its_field() {
    for (query, fields) in [
        ("view=away", &["view"][..]),
        ("role=king&sort=height", &["role", "sort"]),
        ("team=12", &["team"]),
        ("status=asleep", &["status"]),
        ("seen=before-0", &["seen"]),
        ("seen=since-", &["seen"]),
        ("seen=before-99999999999999999999", &["seen"]),
        ("created=2026-02-30..", &["created"]),
        ("created=..", &["created"]),
        ("created=last--3", &["created"]),
        ("returns=yes", &["returns"]),
        ("overdue=2", &["overdue"]),
        ("dir=up", &["dir"]),
        ("group=role", &["group"]),
        ("limit=0", &["limit"]),
        ("limit=201", &["limit"]),
        ("limit=many", &["limit"]),
        ("q=a%00b", &["q"]),
        ("view=all&view=active", &["view"]),
        ("after=xyz", &["after"]),
        ("before=", &[]),
        ("before=4161", &["before"]),
    ] {
        if fields.is_empty() {
            assert_eq!(GridQuery::from_query(Kind::User, query).expect("empty"), GridQuery::new(Kind::User));
        } else {
            assert_eq!(wrong(query), fields, "?{query}");
        }
    }
    assert_eq!(wrong(&format!("q={}", "x".repeat(255))), ["q"]);
}

#[test]
fn what_is_as_usual_is_left_out_and_foreign_parameters_are_let_be() {
    assert_eq!(GridQuery::new(Kind::User).to_query(), "");
    let read = GridQuery::from_query(Kind::User, "?panel=1&view=&q=&sort=created").expect("read");
    assert_eq!(read.to_query(), "sort=created");
    let text = "view=active&role=administrator&team=none&status=expired&seen=before-30&created=2026-01-01..\
                &returns=1&overdue=1&q=a%26b+%E6%9D%8E&sort=email&dir=desc&group=team&limit=7";
    assert_eq!(GridQuery::from_query(Kind::User, text).expect("read").to_query(), text);
}

proptest::proptest! {
    #[test]
    fn a_query_comes_back_as_it_was(
        view in 0..BuiltinView::ALL.len(), sort in 0..5_usize, desc: bool, group: bool, returns: bool, overdue: bool,
        role in proptest::option::of(0..3_usize), status in proptest::option::of(0..4_usize),
        days in 1..36_525_i64, seen in 0..4_usize, created in 0..4_usize, team in 0..3_usize,
        q in "[^\\p{C}]{0,40}", limit in 1..=200_i64,
    ) {
        let date: jiff::civil::Date = "2024-02-29".parse().expect("a date");
        let query = GridQuery {
            view: BuiltinView::ALL[view],
            role: role.map(|at| Role::ALL[at]),
            group: [None, Some(GroupFilter::None), Some(GroupFilter::In(GroupId::from_uuid(Uuid::from_u128(7))))][team],
            status: status.map(|at| StatusFilter::ALL[at]),
            last_sign_in: [
                None, Some(LastSignIn::Never), Some(LastSignIn::Before(days)), Some(LastSignIn::Since(days)),
            ][seen],
            created: [
                None, Some(Created::Last(days)), Some(Created::Between(Some(date), None)),
                Some(Created::Between(Some(date), Some(date))),
            ][created],
            asked_to_return: returns,
            review_overdue: overdue,
            q,
            sort: Sort::ALL[sort],
            dir: if desc { Dir::Desc } else { Dir::Asc },
            grouped: group,
            limit,
            ..GridQuery::new(Kind::User)
        };
        let read = GridQuery::from_query(Kind::User, &query.to_query()).expect("its own text");
        proptest::prop_assert_eq!(read, query);
    }

    #[test]
    fn any_text_is_a_cursor_or_none(text in "[0-9a-f]{0,120}") {
        if let Some(cursor) = Cursor::parse(Side::After, &text) {
            proptest::prop_assert_eq!(cursor.to_string(), text);
        }
    }
}

both_engines! {
    async fn a_cursor_of_another_order_or_a_broken_one_is_refused(store: Store) {
        let crowd = Crowd::new(&store, 20, 1).await;
        let mut rx = store.reader().await.expect("a reader");
        let workspace = crowd.workspace(&mut rx).await;
        let first = GridQuery { limit: 5, ..GridQuery::new(Kind::User) };
        let page = tenure::store::grid::page(&mut rx, &workspace, &first, now()).await.expect("a page");
        let cursor = page.next.expect("more").to_string();
        for tail in ["&sort=email", "&group=team", "&sort=status"] {
            assert_eq!(wrong(&format!("after={cursor}{tail}")), ["after"]);
        }
        assert_eq!(wrong(&format!("after={cursor}&before={cursor}")), ["before"]);
        for cut in 1..cursor.len() {
            assert_eq!(wrong(&format!("after={}", &cursor[..cut])), ["after"]);
        }
        assert_eq!(wrong(&format!("after={cursor}00")), ["after"]);
        // A cursor of one's own making is a place like any other.
        let odd = GridQuery::from_query(Kind::User, &format!("before={cursor}&role=member")).expect("read");
        tenure::store::grid::page(&mut rx, &workspace, &odd, now()).await.expect("a page");
    }

    async fn every_query_of_the_tests_survives_its_text(store: Store) {
        let crowd = Crowd::new(&store, 1, 1).await;
        for query in filters(&crowd) {
            let read = GridQuery::from_query(Kind::User, &query.to_query()).expect("its own text");
            assert_eq!(read, query);
        }
    }
}
