//! What grids cost as a workspace grows.

use std::time::Duration;

use domain::person::Kind;
use tenure::store::{
    Store, Target,
    grid::{self, BuiltinView, Count, GridQuery, Sort, Thresholds},
};
use tenure::sys::Sys;

use super::crowd::{Crowd, Dice, now};
use crate::support::database::{Database, Ready};

/// Adds so many active members, with as many different names as a real crowd of this size has.
fn fill(target: &Target, ws: uuid::Uuid, from: usize, size: usize) {
    let first =
        ["Ada", "Ben", "Chloe", "Dana", "Emil", "Farah", "Goran", "Hanna", "Ivo", "Jana", "Kofi", "Lena"];
    let last = [
        "Lovelace", "Okafor", "Marino", "Schmidt", "Novak", "Haddad", "Jensen", "Kowalski", "Silva", "Tanaka",
    ];
    let mut dice = Dice(u64::try_from(from).expect("small"));
    let people = (from..from + size).map(|number| {
        let middle = char::from(b'a' + u8::try_from(dice.below(26)).expect("small"));
        let tail = dice.below(100_000);
        let (first, last) = (dice.pick(&first), dice.pick(&last));
        let name = format!("{first} {}{middle}{} {last}", middle.to_ascii_uppercase(), tail % 100);
        (name, format!("{}.{}{number}@example.org", first.to_lowercase(), last.to_lowercase()))
    });
    let people: Vec<_> = people.collect();
    add(target, ws, !u64::try_from(from).expect("small"), &people);
}

/// Adds active members by the database itself, with the grams that search needs.
fn add(target: &Target, ws: uuid::Uuid, seed: u64, people: &[(String, String)]) {
    let Target::Sqlite(path) = target else { unreachable!("it is SQLite") };
    let mut db = rusqlite::Connection::open(path).expect("the database opens");
    db.execute_batch("pragma synchronous = off; pragma cache_size = -200000").expect("set");
    let tx = db.transaction().expect("begun");
    let size = i64::try_from(people.len()).expect("small");
    let mut dice = Dice(seed);
    {
        let mut person = tx.prepare(
            "insert into people (workspace_id, person_id, kind, email, email_key, name, name_sort, search_text, role, \
             status, status_since, created, last_sign_in) values (?1, ?2, 'user', ?3, ?4, ?5, ?6, ?7, 'member', 'active', \
             ?8, ?8, ?8)",
        ).expect("sound");
        let mut gram = tx
            .prepare("insert into grams (workspace_id, kind, gram, near, person_id) values (?1, 'user', ?2, ?3, ?4)")
            .expect("sound");
        for (name, email) in people {
            let texts = tenure::ops::profile::texts(name, email);
            let id = dice.uuid();
            let at = i64::try_from(dice.next() >> 12).expect("small");
            person
                .execute((ws, id, email, &texts.email_key, name, &texts.name_sort, &texts.search_text, at))
                .expect("added");
            for piece in &tenure::text::grams(name, email) {
                gram.execute((ws, piece, tenure::text::near(&texts.name_sort), id)).expect("added");
            }
        }
        tx.execute("update workspaces set users_active = users_active + ?1, used = used + ?1 where workspace_id = ?2", (size, ws)).expect("counted");
    }
    tx.commit().expect("kept");
}

#[tokio::test]
async fn a_number_that_is_not_exact_is_never_too_large() {
    let database = Database::sqlite(Ready::Migrated).await;
    let crowd = Crowd::new(&database.store, 3, 1).await;
    // Each is filed under four pieces of one beginning.
    let domain = "qyzaa.qyzbb.qyzcc.qyzdd.test";
    let people: Vec<_> =
        (0..400).map(|number| (format!("Ida {number}"), format!("i{number}@{domain}"))).collect();
    add(&database.target, crowd.ws.uuid(), 2, &people);
    // Few have both pieces of this; many have each.
    let apart = (0..4_000).map(|number| (format!("Adalo Dalov {number}"), format!("a{number}@example.org")));
    let both = (0..7).map(|number| (format!("Aaadalov {number}"), format!("b{number}@example.org")));
    let people: Vec<_> = apart.chain(both).collect();
    add(&database.target, crowd.ws.uuid(), 3, &people);
    let mut rx = database.store.reader().await.expect("a reader");
    let workspace = crowd.workspace(&mut rx).await;
    for (q, there) in [("qyz", 400), ("adalov", 7)] {
        for &sort in Sort::ALL {
            let query = GridQuery { q: q.into(), sort, ..GridQuery::new(Kind::User) };
            let page = grid::page(&mut rx, &workspace, &query, now()).await.expect("a page");
            let (said, exact) = match page.count {
                Count::Exact(count) => (count, true),
                Count::AtLeast(count) => (count, false),
            };
            assert!(
                if exact { said == there } else { said <= there },
                "{q} {sort:?}: {:?} of {there}",
                page.count
            );
            assert!(said > 0 && (page.next.is_some() || exact), "{q} {sort:?}: {:?}", page.count);
        }
    }
}

#[tokio::test]
async fn many_are_counted_only_as_far_as_that_is_cheap() {
    let database = Database::sqlite(Ready::Migrated).await;
    let crowd = Crowd::new(&database.store, 3, 1).await;
    fill(&database.target, crowd.ws.uuid(), 0, 10_050);
    let mut rx = database.store.reader().await.expect("a reader");
    let workspace = crowd.workspace(&mut rx).await;
    let looked_at = Count::AtLeast(grid::FOUND);
    for (q, more) in [
        ("example", Some(looked_at)),
        ("example.org", Some(looked_at)),
        ("ada", Some(looked_at)),
        ("silva1", None),
        ("exa", Some(looked_at)),
    ] {
        let query = GridQuery { q: q.into(), ..GridQuery::new(Kind::User) };
        let page = grid::page(&mut rx, &workspace, &query, now()).await.expect("a page");
        match more {
            Some(count) => assert_eq!(page.count, count, "{q}"),
            None => assert!(matches!(page.count, Count::Exact(1..)), "{q}: {:?}", page.count),
        }
        assert_eq!(page.rows.len(), 50);
    }
    let query = GridQuery { q: "lovelace".into(), ..GridQuery::new(Kind::User) };
    let little = Thresholds { entries: 200, ..Thresholds::default() };
    let page = grid::page_with(&mut rx, &workspace, &query, now(), little).await.expect("a page");
    assert_eq!(page.count, Count::AtLeast(200), "of those looked at");
    let page = grid::page(&mut rx, &workspace, &GridQuery::new(Kind::User), now()).await.expect("a page");
    assert_eq!(page.count, Count::Exact(10_053), "without filters it is exact");
}

fn asked() -> Vec<(&'static str, GridQuery)> {
    let any = GridQuery::new(Kind::User);
    vec![
        ("first page by name", any.clone()),
        (
            "active by last sign-in",
            GridQuery { view: BuiltinView::Active, sort: Sort::LastSignIn, ..any.clone() },
        ),
        ("grouped by team", GridQuery { grouped: true, ..any.clone() }),
        ("search “lovelace”", GridQuery { q: "lovelace".into(), ..any.clone() }),
        ("search “ada”", GridQuery { q: "ada".into(), ..any.clone() }),
        ("search “a” by created", GridQuery { q: "a".into(), sort: Sort::Created, ..any.clone() }),
        ("search “silva123”", GridQuery { q: "silva123".into(), ..any.clone() }),
        ("search “tanaka77@”", GridQuery { q: "tanaka77@".into(), sort: Sort::Email, ..any.clone() }),
        ("search nobody", GridQuery { q: "qqqq".into(), ..any }),
    ]
}

async fn median(store: &Store, crowd: &Crowd, query: &GridQuery) -> Duration {
    let sys = Sys::real();
    let mut times = Vec::new();
    for _ in 0..41 {
        let begun = sys.elapsed();
        let mut rx = store.reader().await.expect("a reader");
        let workspace = crowd.workspace(&mut rx).await;
        grid::page(&mut rx, &workspace, query, now()).await.expect("a page");
        drop(rx);
        times.push(sys.elapsed().checked_sub(begun).expect("time goes on"));
    }
    times.sort_unstable();
    times[times.len() / 2]
}

/// `cargo test --release -p tenure --test it -- grid::size --ignored --nocapture`
#[tokio::test]
#[ignore = "a measurement: it prints figures, and takes minutes"]
async fn page_times_at_ten_and_a_hundred_thousand() {
    let database = Database::sqlite(Ready::Migrated).await;
    let crowd = Crowd::new(&database.store, 20, 1).await;
    fill(&database.target, crowd.ws.uuid(), 0, 10_000);
    let mut small = Vec::new();
    for (_, query) in asked() {
        small.push(median(&database.store, &crowd, &query).await);
    }
    fill(&database.target, crowd.ws.uuid(), 10_000, 90_000);
    for ((what, query), before) in asked().into_iter().zip(small) {
        let after = median(&database.store, &crowd, &query).await;
        let ratio = after.as_secs_f64() / before.as_secs_f64();
        println!("{what:28} {before:>10.1?} at 10,000 {after:>10.1?} at 100,000, ratio {ratio:.2}");
    }
    let Target::Sqlite(path) = &database.target else { unreachable!("it is SQLite") };
    let db = rusqlite::Connection::open(path).expect("the database opens");
    let grams: i64 = db.query_row("select count(*) from grams", [], |row| row.get(0)).expect("counted");
    println!("{grams} grams");
    let file = std::fs::metadata(path).expect("a file").len();
    println!("file {} MiB", file / 1024 / 1024);
    db.execute_batch("pragma foreign_keys = off; drop table grams; vacuum").expect("dropped");
    let without = std::fs::metadata(path).expect("a file").len();
    println!("without grams {} MiB", without / 1024 / 1024);
}
