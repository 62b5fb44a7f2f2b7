//! Writes that are kept with their last statement: all of it or nothing, and nothing after it.

use super::table::{BUMP, INSERT, SET, TAKE, VALUE, count, insert, number, prepared, value};
use crate::support::database::{Database, Ready};
use crate::support::{both_engines, cut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tenure::Error;
use tenure::store::{self, Limits, Sql, Store, Target, Tx};
use tenure::{Result, bind};

async fn last(tx: &mut Tx, k: i64) -> Result<Option<i64>> {
    tx.last(&VALUE, &[&k], number).await
}

both_engines! {
    async fn a_write_is_kept_with_its_last_statement(store: Store, empty) {
        let store = prepared(store).await;
        for k in 0..10_i64 {
            let told = store.write_to_last(async move |tx| {
                insert(tx, k, 1).await?;
                tx.soon_one(&SET, bind![5_i64, k])?;
                tx.soon(&BUMP, bind![k])?;
                last(tx, k).await
            });
            assert_eq!(told.await.expect("the write succeeds"), Some(6));
            assert_eq!(value(&store, k).await, Some(6));
        }
        let alone = store.write_to_last(async |tx| last(tx, 3).await).await;
        assert_eq!(alone.expect("nothing but the last"), Some(6));
    }

    async fn nothing_is_kept_where_another_number_of_rows_was_touched(store: Store, empty) {
        let store = prepared(store).await;
        store.write(async |tx| { insert(tx, 1, 1).await?; insert(tx, 2, 1).await }).await.expect("two rows");
        let taken = store.write_to_last(async |tx| {
            insert(tx, 3, 1).await?;
            // The limit stands in the statement: none is left.
            tx.soon_one(&TAKE, bind![1_i64, 1_i64])?;
            last(tx, 1).await
        }).await;
        let Err(Error::Store(store::Error::NotOneRow { statement, .. })) = taken else { panic!("{taken:?}") };
        assert!(statement.ends_with("::TAKE"), "{statement}");
        let both: &'static Sql = Box::leak(Box::new(Sql::both("update things set v = 9").named("both")));
        let several = store.write_to_last(async move |tx| {
            insert(tx, 3, 1).await?;
            tx.soon_one(both, bind![])?;
            last(tx, 1).await
        }).await;
        let outcome = matches!(several, Err(Error::Store(store::Error::NotOneRow { statement: "both", .. })));
        assert!(outcome, "{several:?}");
        assert_eq!((count(&store).await, value(&store, 1).await), (2, Some(1)));
    }

    async fn nothing_is_kept_where_a_statement_before_the_last_fails(store: Store, empty) {
        let store = prepared(store).await;
        let taken = store.write_to_last(async |tx| {
            insert(tx, 1, 1).await?;
            tx.soon_one(&INSERT, bind![1_i64, 1_i64])?;
            last(tx, 1).await
        }).await;
        assert!(matches!(&taken, Err(Error::Store(error)) if error.is_unique()), "{taken:?}");
        let swallowed = store.write_to_last(async |tx| {
            tx.soon_one(&INSERT, bind![1_i64, 1_i64])?;
            tx.soon_one(&INSERT, bind![1_i64, 1_i64])?;
            let _ = last(tx, 1).await;
            Ok(())
        }).await;
        assert!(swallowed.is_err(), "{swallowed:?}");
        assert_eq!(count(&store).await, 0);
    }

    async fn a_refused_last_can_still_look_why(store: Store, empty) {
        let store = prepared(store).await;
        store.write(async |tx| insert(tx, 1, 7).await).await.expect("a row");
        let outcome: Result<()> = store.write_to_last(async |tx| {
            let refused = match tx.soon_one(&TAKE, bind![1_i64, 7_i64]) {
                Ok(()) => last(tx, 1).await.map(drop),
                // SQLite runs it at once.
                refused => refused,
            };
            assert!(refused.is_err(), "{refused:?}");
            let left = tx.one(&VALUE, &[&1_i64], number).await?;
            Err(Error::Internal(format!("{left:?}")))
        }).await;
        assert!(matches!(&outcome, Err(Error::Internal(words)) if words == "Some(7)"), "{outcome:?}");
    }

    async fn in_other_writes_a_last_is_a_statement_like_all(store: Store, empty) {
        let store = prepared(store).await;
        store.write(async |tx| {
            insert(tx, 1, 1).await?;
            assert_eq!(last(tx, 1).await?, Some(1));
            insert(tx, 2, 1).await
        }).await.expect("it goes on");
        let rehearsed = store.rehearse(async |tx| {
            insert(tx, 3, 1).await?;
            last(tx, 3).await
        }).await;
        assert_eq!(rehearsed.expect("a rehearsal"), Some(1));
        let failed: Result<()> = store.write(async |tx| {
            insert(tx, 3, 1).await?;
            last(tx, 3).await?;
            Err(Error::Stale)
        }).await;
        assert!(matches!(failed, Err(Error::Stale)), "{failed:?}");
        assert_eq!(count(&store).await, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_after_the_last_is_an_error() {
    let database = Database::postgres(Ready::Empty).await;
    let store = prepared(database.store.clone()).await;
    let late = |outcome: Result<()>| match outcome {
        Err(Error::Store(store::Error::Over(statement))) => {
            assert!(statement.ends_with("::INSERT"), "{statement}");
        }
        other => panic!("{other:?}"),
    };
    late(
        store
            .write_to_last(async |tx| {
                insert(tx, 1, 1).await?;
                last(tx, 1).await?;
                insert(tx, 2, 1).await
            })
            .await,
    );
    late(
        store
            .write_to_last(async |tx| {
                last(tx, 1).await?;
                tx.soon_one(&INSERT, bind![3_i64, 1_i64])
            })
            .await,
    );
    assert_eq!(count(&store).await, 1, "the first is kept, which nobody can take back");
}

/// Behind a last that failed there is no transaction: nothing more may be written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_written_after_a_last_that_failed() {
    let database = Database::postgres(Ready::Empty).await;
    let store = prepared(database.store.clone()).await;
    store.write(async |tx| insert(tx, 1, 1).await).await.expect("a row");
    for soon in [true, false] {
        let late = store.write_to_last(async move |tx| {
            tx.soon_one(&INSERT, bind![1_i64, 1_i64])?;
            assert!(last(tx, 1).await.is_err(), "the key is taken");
            if soon { tx.soon_one(&INSERT, bind![2_i64, 1_i64]) } else { insert(tx, 2, 1).await }
        });
        let late = late.await;
        assert!(matches!(late, Err(Error::Store(store::Error::Poisoned(_)))), "{late:?}");
        assert_eq!(count(&store).await, 1);
    }
}

/// Where the connection breaks behind the commit, nobody knows whether it is kept: it is said, and not run again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_at_the_commit_is_an_unknown_outcome() {
    let database = Database::postgres(Ready::Empty).await;
    let store = prepared(database.store.clone()).await;
    let cut = cut::before_the_server_says(&database.target, b"COMMIT\0").await;
    let limits = Limits { connections: 1, ..Limits::default() };
    let through = Store::open_with(Target::Postgres(cut.url.clone()), limits).await.expect("it opens");
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let outcome = through
        .write_to_last(async move |tx| {
            counted.fetch_add(1, Ordering::SeqCst);
            insert(tx, 1, 1).await?;
            last(tx, 1).await
        })
        .await;
    let Err(error) = outcome else { panic!("the answer did not come") };
    assert!(matches!(error, Error::Store(store::Error::Commit(_))), "{error:?}");
    assert!(error.to_string().contains("not known whether this was done"), "{error}");
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert_eq!(value(&store, 1).await, Some(1), "it was kept, as it happens");
}

/// A server that ends its connections before the last statement has kept nothing: it is run again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_last_that_the_server_did_not_come_to_runs_again() {
    let database = Database::postgres(Ready::Empty).await;
    let store = prepared(database.store.clone()).await;
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let outcome = store.write_to_last(async move |tx| {
        insert(tx, 1, 1).await?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            let end = Sql::both("select 1::bigint from pg_terminate_backend(pg_backend_pid())").named("end");
            return tx.last(&end, &[], number).await;
        }
        last(tx, 1).await
    });
    assert_eq!(outcome.await.expect("it runs again"), Some(1));
    assert_eq!((runs.load(Ordering::SeqCst), count(&store).await), (2, 1));
}

/// A text is no number: the driver refuses such a value itself, and would send what comes after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_kept_where_a_statement_cannot_be_sent() {
    let database = Database::postgres(Ready::Empty).await;
    let store = prepared(database.store.clone()).await;
    for ends_with_last in [true, false] {
        let wrong = store.write_to_last(async move |tx| {
            insert(tx, 1, 1).await?;
            tx.soon_one(&SET, bind!["x".to_owned(), 1_i64])?;
            if ends_with_last { last(tx, 1).await.map(drop) } else { Ok(()) }
        });
        let Err(Error::Store(store::Error::Statement { statement, .. })) = wrong.await else {
            panic!("it fails")
        };
        assert!(statement.ends_with("::SET"), "{statement}");
        assert_eq!(count(&store).await, 0);
    }
}
