//! What only the embedded engine promises.
#![expect(clippy::disallowed_methods, reason = "waiting is measured, not told")]

use super::table::{VALUE, count, insert, number, prepared};
use crate::support::database::{Database, Ready};
use std::time::{Duration, Instant};
use tenure::Error;
use tenure::store::{self, Limits, Sql, Store, Target};

/// Counts to $1, slowly enough to be noticed.
const LONG: Sql = Sql::both(
    "with recursive n (i) as (select 1 union all select i + 1 from n where i < $1) select count(*) from n",
)
.named("LONG");

async fn database() -> Database {
    let database = Database::sqlite(Ready::Empty).await;
    prepared(database.store.clone()).await;
    database
}

fn path(database: &Database) -> &std::path::Path {
    match &database.target {
        Target::Sqlite(path) => path,
        Target::Postgres(_) => panic!("this is SQLite"),
    }
}

#[tokio::test]
async fn a_scan_runs_on_another_thread_and_a_point_read_does_not() {
    let database = database().await;
    let mut rx = database.store.reader().await.expect("a reader");
    let here = std::thread::current().id();
    let thread = |_: &store::Row<'_>| Ok(std::thread::current().id());
    let point = rx.one(&LONG, &[&1_i64], thread).await.expect("a read");
    assert_eq!(point, Some(here));
    let scan = rx.one(&LONG.scan(), &[&1_i64], thread).await.expect("a scan").expect("a row");
    assert_ne!(scan, here);
    // The connection came back, with its snapshot.
    assert_eq!(rx.one(&VALUE, &[&1_i64], number).await.expect("a read"), None);
}

#[tokio::test]
async fn a_scan_whose_caller_leaves_stops_and_gives_its_connection_back() {
    let database = database().await;
    let store = Store::open_with(database.target.clone(), Limits { readers: 1, ..Limits::default() }).await;
    let store = store.expect("it opens");
    let mut rx = store.reader().await.expect("a reader");
    let forever = LONG.scan();
    let scan = rx.one(&forever, &[&i64::MAX], number);
    assert!(tokio::time::timeout(Duration::from_millis(50), scan).await.is_err(), "the scan has no end");
    // The reader is of no use without its connection, and says so.
    assert!(matches!(rx.one(&VALUE, &[&1_i64], number).await, Err(Error::Store(store::Error::Closed))));
    drop(rx);
    let mut rx = store.reader().await.expect("the only connection is free again");
    assert_eq!(rx.one(&VALUE, &[&1_i64], number).await.expect("and not interrupted"), None);
}

#[tokio::test]
async fn an_operation_that_waits_for_something_else_is_refused() {
    let database = database().await;
    let outcome = database.store.write(async |tx| {
        insert(tx, 1, 1).await?;
        std::future::pending::<()>().await;
        Ok(())
    });
    assert!(matches!(outcome.await, Err(Error::Store(store::Error::Waited))));
    assert_eq!(count(&database.store).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_commit_fails_nobody_in_the_group_is_told_that_it_is_done() {
    let database = database().await;
    let rooms = Sql::both(
        "create table rooms (k bigint primary key references things (k) deferrable initially deferred)",
    );
    database.store.write(async move |tx| tx.exec(&rooms, &[]).await).await.expect("a table");
    // A write that takes long, so that the next ones wait behind it and share a group.
    let slow = LONG;
    let store = database.store.clone();
    let first = tokio::spawn(async move {
        store.write(async move |tx| tx.one(&slow, &[&300_000_i64], number).await).await
    });
    let mut group = tokio::task::JoinSet::new();
    for k in 0..20_i64 {
        let store = database.store.clone();
        group.spawn(async move {
            store
                .write(async move |tx| {
                    insert(tx, k, 1).await?;
                    // The orphan is found at the commit only.
                    let orphan = Sql::both("insert into rooms (k) values ($1)");
                    if k == 10 { tx.exec_one(&orphan, &[&999_i64]).await } else { Ok(()) }
                })
                .await
        });
    }
    let _ = first.await.expect("no panic");
    let outcomes = group.join_all().await;
    let done = i64::try_from(outcomes.iter().filter(|o| o.is_ok()).count()).expect("small");
    let lost = outcomes.iter().filter(|o| matches!(o, Err(Error::Store(store::Error::Commit(_))))).count();
    assert!(lost >= 1 && usize::try_from(done).expect("small") + lost == 20, "{outcomes:?}");
    assert_eq!(count(&database.store).await, done, "acknowledged is not what is present");
    database.store.write(async |tx| insert(tx, 1000, 1).await).await.expect("the next group is well");
}

#[tokio::test]
async fn a_write_without_room_is_undone_and_says_why() {
    // At one page the database may grow no more.
    const CAP: Sql = Sql::both("pragma max_page_count = 1").named("CAP");
    const ROOM: Sql = Sql::both("pragma max_page_count = 100000").named("ROOM");
    const MANY: Sql = Sql::both(
        "insert into things (k, v, bytes) with recursive n (i) as (select 1 union all select i + 1 from n where i < 2000) \
         select i, 0, zeroblob(1000) from n",
    )
    .named("MANY");
    let database = database().await;
    let store = &database.store;
    store.write(async |tx| tx.one(&CAP, &[], number).await).await.expect("it is capped");
    for large in [false, true] {
        let op = async |tx: &mut store::Tx| tx.exec(&MANY, &[]).await;
        let outcome = if large { store.write_large(op).await } else { store.write(op).await };
        let error = outcome.expect_err("there is no room");
        assert!(matches!(&error, Error::Store(cause) if cause.is_full() && !cause.is_unknown()), "{error:?}");
        assert!(
            error.to_string().contains("disk is full") && error.to_string().contains("Nothing was changed")
        );
        assert_eq!(tenure::web::failure::status(&error), axum::http::StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(count(store).await, 0);
    }
    store.write(async |tx| tx.one(&ROOM, &[], number).await).await.expect("there is room again");
    store.write(async |tx| insert(tx, 1, 1).await).await.expect("and the next write is well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_another_process_holds_the_file_nothing_runs_and_nobody_waits_forever() {
    let database = database().await;
    let other = rusqlite::Connection::open(path(&database)).expect("another connection");
    other.execute_batch("begin immediate").expect("it takes the write lock");
    let began = Instant::now();
    let outcome = database.store.write(async |tx| insert(tx, 1, 1).await).await;
    assert!(matches!(outcome, Err(Error::Store(store::Error::Begin(_)))), "{outcome:?}");
    assert!(began.elapsed() < Duration::from_secs(20));
    assert_eq!(count(&database.store).await, 0, "readers go on");
    other.execute_batch("rollback").expect("it lets go");
    let began = Instant::now();
    let next = database.store.write(async |tx| insert(tx, 1, 1).await).await;
    assert!(next.is_ok(), "the next write succeeds: {next:?} after {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_write_to_one_file() {
    let database = database().await;
    let other = Store::open(database.target.clone()).await.expect("a second store opens");
    let mut writes = tokio::task::JoinSet::new();
    for k in 0..200_i64 {
        let store = if k % 2 == 0 { database.store.clone() } else { other.clone() };
        writes.spawn(async move { store.write(async move |tx| insert(tx, k, 1).await).await });
    }
    for outcome in writes.join_all().await {
        outcome.expect("both write");
    }
    assert_eq!(count(&other).await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_one_sound_state() {
    let database = database().await;
    let (store, stop) =
        (database.store.clone(), std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let stopped = stop.clone();
    let load = tokio::spawn(async move {
        let mut k = 0;
        while !stopped.load(std::sync::atomic::Ordering::SeqCst) {
            store
                .write(async move |tx| {
                    insert(tx, k, 1).await?;
                    insert(tx, -k - 1, 1).await
                })
                .await
                .expect("a write");
            k += 1;
        }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let to = path(&database).with_file_name("copy.db");
    database.store.backup(&to).await.expect("the backup is made");
    stop.store(true, std::sync::atomic::Ordering::SeqCst);
    load.await.expect("the load ends");

    let again = database.store.backup(&to).await;
    assert!(matches!(again, Err(Error::Store(store::Error::File { .. }))), "it replaced a backup: {again:?}");
    let copy = Store::open(Target::Sqlite(to)).await.expect("the copy opens");
    assert_eq!(copy.integrity().await.expect("it is checked"), [""; 0]);
    let rows = count(&copy).await;
    assert!(rows > 0 && rows % 2 == 0, "{rows} rows: half of a write");
    let left: Vec<_> = std::fs::read_dir(path(&database).parent().expect("a folder"))
        .expect("it is listed")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .filter(|name| name.contains("part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn damage_is_found() {
    let database = database().await;
    let rooms = Sql::both("create table rooms (k bigint primary key references things (k))");
    database.store.write(async move |tx| tx.exec(&rooms, &[]).await).await.expect("a table");
    assert_eq!(database.store.integrity().await.expect("it is checked"), [""; 0]);
    let other = rusqlite::Connection::open(path(&database)).expect("another connection");
    other
        .execute_batch("pragma foreign_keys = off; insert into rooms values (5)")
        .expect("an orphan is planted");
    let found = database.store.integrity().await.expect("it is checked");
    assert!(found.iter().any(|words| words.contains("rooms")), "{found:?}");
}

#[tokio::test]
async fn the_file_is_private_durable_and_strict() {
    use std::os::unix::fs::PermissionsExt;
    let database = database().await;
    database.store.write(async |tx| insert(tx, 1, 1).await).await.expect("a write");
    for name in ["tenure.db", "tenure.db-wal"] {
        let file = path(&database).with_file_name(name);
        let mode = std::fs::metadata(&file).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} can be read by others");
    }
    let settings = database.store.write(async |tx| {
        let mut seen = Vec::new();
        for pragma in ["synchronous", "foreign_keys"] {
            let sql = Sql::built(format!("select * from pragma_{pragma}"));
            seen.push(tx.one(&sql, &[], number).await?);
        }
        Ok(seen)
    });
    assert_eq!(settings.await.expect("the settings are read"), [Some(2), Some(1)]);
    let quoted = Sql::both("select k from things where word = \"nothing\"");
    let mut rx = database.store.reader().await.expect("a reader");
    rx.all(&quoted, &[], number).await.expect_err("double quotes name columns, they hold no text");
}
