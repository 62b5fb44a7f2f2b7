//! What only the server engine promises.

use super::table::{BUMP, COUNT, count, insert, number, prepared, value};
use crate::support::database::{Database, Ready};
use crate::support::postgres::admin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tenure::store::{Limits, Sql, Store, Target};

async fn database() -> Database {
    let database = Database::postgres(Ready::Empty).await;
    prepared(database.store.clone()).await;
    database
}

/// Ends all connections to the test's database, as a failover does.
async fn disconnect(store: &Store) {
    let name = Sql::both("select current_database()::text");
    let mut rx = store.reader().await.expect("a reader");
    let name = rx.one(&name, &[], |row| row.get::<String>(0)).await.expect("a name").expect("a row");
    let text = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1";
    admin().await.query(text, &[&name]).await.expect("the connections are ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_outlives_a_connection_that_breaks_before_its_commit() {
    let database = database().await;
    let (store, runs) = (database.store.clone(), Arc::new(AtomicU32::new(0)));
    let (counted, other) = (runs.clone(), database.store.clone());
    store
        .write(async move |tx| {
            insert(tx, 1, 1).await?;
            if counted.fetch_add(1, Ordering::SeqCst) == 0 {
                Box::pin(disconnect(&other)).await;
            }
            insert(tx, 2, 1).await
        })
        .await
        .expect("it runs again on a new connection");
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(count(&store).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_find_new_connections_after_a_failover() {
    let database = database().await;
    let mut rx = database.store.point().await.expect("a reader");
    rx.one(&COUNT, &[], number).await.expect("a read");
    disconnect(&database.store).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut rx = database.store.point().await.expect("a new shared connection");
    rx.one(&COUNT, &[], number).await.expect("a read");
    assert_eq!(count(&database.store).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_commit_is_not_run_again() {
    let database = database().await;
    let rooms = Sql::both(
        "create table rooms (k bigint primary key references things (k) deferrable initially deferred)",
    );
    database.store.write(async move |tx| tx.exec(&rooms, &[]).await).await.expect("a table");
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let outcome = database.store.write(async move |tx| {
        counted.fetch_add(1, Ordering::SeqCst);
        let orphan = Sql::both("insert into rooms (k) values ($1)");
        tx.exec_one(&orphan, &[&999_i64]).await
    });
    let outcome = outcome.await;
    assert!(matches!(outcome, Err(tenure::Error::Store(tenure::store::Error::Commit(_)))), "{outcome:?}");
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_node_holds_that_stands_still_is_soon_free() {
    let database = database().await;
    database.store.write(async |tx| insert(tx, 1, 0).await).await.expect("a row");
    let still = Store::open(database.target.clone()).await.expect("a second node");
    let mut writes = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (still, began) = (still.clone(), AtomicU32::new(0));
        // One has the row and the others wait for it; whichever gets it does nothing more, and begins nothing again.
        writes.spawn(async move {
            let held = still.write(async move |tx| {
                if began.fetch_add(1, Ordering::SeqCst) == 0 {
                    tx.exec_one(&BUMP, &[&1_i64]).await?;
                }
                std::future::pending::<tenure::Result<()>>().await
            });
            held.await
        });
    }
    let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let waiting = Sql::both(waiting);
    loop {
        let mut rx = database.store.reader().await.expect("a reader");
        if rx.one(&waiting, &[], number).await.expect("a count") == Some(3) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let other = database.store.write(async move |tx| {
        counted.fetch_add(1, Ordering::SeqCst);
        tx.exec_one(&BUMP, &[&1_i64]).await
    });
    other.await.expect("it has its turn");
    assert!(runs.load(Ordering::SeqCst) > 1, "it did not wait: the test shows nothing");
    writes.abort_all();
    assert_eq!(value(&database.store, 1).await, Some(1), "nothing is left of what stood still");
}

#[tokio::test]
async fn a_write_without_room_is_undone_and_says_why() {
    // As PostgreSQL says it (its manual, appendix A); its own disk cannot be filled here.
    const FULL: Sql =
        Sql::both("do $$ begin raise exception 'no space left' using errcode = 'disk_full'; end $$")
            .named("FULL");
    let database = Database::postgres(Ready::Empty).await;
    prepared(database.store.clone()).await;
    let outcome = database.store.write(async |tx| {
        insert(tx, 1, 1).await?;
        tx.exec(&FULL, &[]).await
    });
    let error = outcome.await.expect_err("there is no room");
    assert!(
        matches!(&error, tenure::Error::Store(cause) if cause.is_full() && !cause.is_unknown()),
        "{error:?}"
    );
    assert!(error.to_string().contains("disk is full"), "{error}");
    assert_eq!(tenure::web::failure::status(&error), axum::http::StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(count(&database.store).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_transaction_is_rolled_back_before_the_next_one() {
    let database = database().await;
    // One connection: the next user gets the very same.
    let store =
        Store::open_with(database.target.clone(), Limits { connections: 1, ..Limits::default() }).await;
    let store = store.expect("it opens");
    for k in 0..20 {
        let hung = store.write(async move |tx| {
            insert(tx, k, 1).await?;
            std::future::pending::<()>().await;
            Ok(())
        });
        assert!(tokio::time::timeout(Duration::from_millis(20), hung).await.is_err());
    }
    store.write(async |tx| insert(tx, 100, 1).await).await.expect("the next write succeeds");
    assert_eq!(count(&store).await, 1);
    assert_eq!(value(&store, 100).await, Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_changes_beside_us_is_no_error() {
    let database = database().await;
    let star = Sql::both("select * from things where k = $1");
    let all = star.clone();
    database
        .store
        .write(async move |tx| tx.one(&all, &[&1_i64], number).await)
        .await
        .expect("it is prepared");
    let alter = Sql::both("alter table things add column more bigint");
    database.store.write(async move |tx| tx.exec(&alter, &[]).await).await.expect("another node migrates");
    for _ in 0..5 {
        let all = star.clone();
        database
            .store
            .write(async move |tx| tx.one(&all, &[&1_i64], number).await)
            .await
            .expect("it is prepared anew");
    }
}

#[tokio::test]
async fn an_unreachable_server_is_named_without_its_password() {
    let url = "postgresql://somebody:hunter2@127.0.0.1:1/desk";
    let Err(error) = Store::open(Target::Postgres(url.into())).await else { panic!("nobody listens there") };
    assert_eq!(tenure::web::failure::status(&error), 503, "it may be reached in a moment");
    let tenure::Error::Store(error) = error else { panic!("{error:?}") };
    let words = format!("{error} {error:?}");
    assert!(words.contains("desk on 127.0.0.1") && !words.contains("hunter2"), "{words}");
}
