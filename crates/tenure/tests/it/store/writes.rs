//! Commit, rollback, neighbours, races.

use super::table::{self, BUMP, INSERT, SET, SLEEP, TAKE, count, insert, number, prepared, value};
use crate::support::both_engines;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tenure::store::{self, Engine};
use tenure::{Error, bind};

both_engines! {
    async fn a_write_that_ends_well_is_kept(store: Store, empty) {
        let store = prepared(store).await;
        let answer = store.write(async |tx| { insert(tx, 1, 10).await?; Ok("done") }).await;
        assert_eq!(answer.expect("the write succeeds"), "done");
        assert_eq!(value(&store, 1).await, Some(10));
    }

    async fn a_write_that_fails_leaves_nothing(store: Store, empty) {
        let store = prepared(store).await;
        let outcome = store.write(async |tx| {
            insert(tx, 1, 10).await?;
            Err::<(), _>(Error::NotFound("thing"))
        }).await;
        assert!(matches!(outcome, Err(Error::NotFound("thing"))), "{outcome:?}");
        assert_eq!(count(&store).await, 0);
    }

    async fn large_writes_are_kept_or_lost_whole_among_their_neighbours(store: Store, empty) {
        let store = prepared(store).await;
        let mut writes = tokio::task::JoinSet::new();
        for k in 0..120_i64 {
            let store = store.clone();
            writes.spawn(async move {
                let op = async move |tx: &mut store::Tx| {
                    insert(tx, k, 1).await?;
                    match k % 6 {
                        1 => Err(Error::NotFound("odd")),
                        // Breaks the primary key: the statement itself fails.
                        2 => insert(tx, k, 1).await,
                        5 => panic!("a defect"),
                        _ => Ok(()),
                    }
                };
                let outcome = if k % 4 < 2 { store.write_large(op).await } else { store.write(op).await };
                assert_eq!(outcome.is_ok(), [0, 3, 4].contains(&(k % 6)), "{k}: {outcome:?}");
            });
        }
        writes.join_all().await;
        assert_eq!(count(&store).await, 60);
        for k in 0..120_i64 {
            assert_eq!(value(&store, k).await.is_some(), [0, 3, 4].contains(&(k % 6)), "{k}");
        }
    }

    async fn a_write_without_statements_is_fine(store: Store, empty) {
        assert_eq!(store.write(async |_| Ok(7)).await.expect("nothing to do"), 7);
    }

    async fn a_write_sees_its_own_changes(store: Store, empty) {
        let store = prepared(store).await;
        let seen = store.write(async |tx| {
            insert(tx, 1, 10).await?;
            tx.one(&table::VALUE, &[&1_i64], number).await
        }).await;
        assert_eq!(seen.expect("the write succeeds"), Some(10));
    }

    async fn a_failing_write_leaves_its_neighbours_alone(store: Store, empty) {
        let store = prepared(store).await;
        let mut writes = tokio::task::JoinSet::new();
        for k in 0..200_i64 {
            let store = store.clone();
            writes.spawn(async move {
                store.write(async move |tx| {
                    insert(tx, k, 1).await?;
                    match k % 4 {
                        1 => Err(Error::NotFound("odd")),
                        // Breaks the primary key: the statement itself fails.
                        3 => insert(tx, k, 1).await,
                        _ => Ok(()),
                    }
                }).await.is_ok()
            });
        }
        let kept = writes.join_all().await.into_iter().filter(|kept| *kept).count();
        assert_eq!(kept, 100);
        assert_eq!(count(&store).await, 100);
        assert_eq!(value(&store, 5).await, None);
        assert_eq!(value(&store, 6).await, Some(1));
    }

    async fn of_a_thousand_racers_for_the_last_one_one_wins(store: Store, empty) {
        let store = prepared(store).await;
        store.write(async |tx| insert(tx, 1, 9).await).await.expect("the counter is made");
        let mut racers = tokio::task::JoinSet::new();
        for _ in 0..1000 {
            let store = store.clone();
            racers.spawn(async move {
                store.write(async |tx| tx.exec_one(&TAKE, &[&1_i64, &10_i64]).await).await
            });
        }
        let outcomes = racers.join_all().await;
        let won = outcomes.iter().filter(|o| o.is_ok()).count();
        let refused = |o: &&tenure::Result<()>| matches!(o, Err(Error::Store(store::Error::NotOneRow { rows: 0, .. })));
        // Nobody failed for another reason, such as no connection in time.
        assert_eq!((won, outcomes.iter().filter(refused).count()), (1, 999));
        assert_eq!(value(&store, 1).await, Some(10));
    }

    async fn concurrent_increments_lose_nothing(store: Store, empty) {
        let store = prepared(store).await;
        store.write(async |tx| insert(tx, 1, 0).await).await.expect("the counter is made");
        let mut writes = tokio::task::JoinSet::new();
        for _ in 0..300 {
            let store = store.clone();
            writes.spawn(async move { store.write(async |tx| tx.exec_one(&BUMP, &[&1_i64]).await).await });
        }
        assert!(writes.join_all().await.iter().all(Result::is_ok));
        assert_eq!(value(&store, 1).await, Some(300));
    }

    async fn a_deadlock_runs_the_write_again(store: Store, empty) {
        let store = prepared(store).await;
        store.write(async |tx| { insert(tx, 1, 0).await?; insert(tx, 2, 0).await }).await.expect("two rows");
        let runs = Arc::new(AtomicU32::new(0));
        let cross = |first: i64, second: i64| {
            let (store, runs) = (store.clone(), runs.clone());
            async move {
                store.write(async move |tx| {
                    runs.fetch_add(1, Ordering::SeqCst);
                    tx.exec_one(&BUMP, &[&first]).await?;
                    tx.one(&SLEEP, &[], number).await?;
                    tx.exec_one(&BUMP, &[&second]).await
                }).await
            }
        };
        let (one, other) = tokio::join!(tokio::spawn(cross(1, 2)), tokio::spawn(cross(2, 1)));
        one.expect("no panic").expect("one succeeds");
        other.expect("no panic").expect("the other succeeds after all");
        assert_eq!((value(&store, 1).await, value(&store, 2).await), (Some(2), Some(2)));
        let runs = runs.load(Ordering::SeqCst);
        match store.engine() {
            Engine::Sqlite => assert_eq!(runs, 2),
            Engine::Postgres => assert!(runs > 2, "there was no deadlock: the test shows nothing"),
        }
    }

    async fn a_write_whose_caller_leaves_is_whole_or_absent(store: Store, empty) {
        let store = prepared(store).await;
        for k in 0..60_i64 {
            let write = store.write(async move |tx| { insert(tx, 2 * k, 1).await?; insert(tx, 2 * k + 1, 1).await });
            let patience = Duration::from_micros(u64::try_from(k * 40).expect("small"));
            let _ = tokio::time::timeout(patience, write).await;
        }
        // The pool and the writer are as good as new.
        store.write(async |tx| insert(tx, 1000, 1).await).await.expect("the next write succeeds");
        for k in 0..60_i64 {
            assert_eq!(value(&store, 2 * k).await, value(&store, 2 * k + 1).await, "half of write {k} is there");
        }
    }

    async fn a_batch_answers_in_order(store: Store, empty) {
        let store = prepared(store).await;
        let touched = store.write(async |tx| {
            tx.batch(&[
                (&INSERT, &[&1_i64, &5_i64]),
                (&INSERT, &[&2_i64, &5_i64]),
                (&BUMP, &[&1_i64]),
                (&BUMP, &[&99_i64]),
            ]).await
        }).await;
        assert_eq!(touched.expect("the batch succeeds"), [1, 1, 1, 0]);
        assert_eq!(value(&store, 1).await, Some(6));
    }

    async fn a_long_batch_keeps_its_order(store: Store, empty) {
        let store = prepared(store).await;
        store.write(async |tx| {
            insert(tx, 1, 0).await?;
            let rows: Vec<i64> = (0..500).collect();
            let values: Vec<[&dyn store::Param; 2]> = rows.iter().map(|v| [v as &dyn store::Param, &1_i64]).collect();
            let list: Vec<store::Bound<'_>> = values.iter().map(|v| (&SET, &v[..])).collect();
            tx.batch(&list).await
        }).await.expect("the batch succeeds");
        assert_eq!(value(&store, 1).await, Some(499));
    }

    async fn a_batch_fails_as_a_whole_and_names_the_culprit(store: Store, empty) {
        let store = prepared(store).await;
        let outcome = store.write(async |tx| {
            tx.batch(&[
                (&INSERT, &[&1_i64, &5_i64]),
                (&SET, &[&-1_i64, &1_i64]),
                (&BUMP, &[&1_i64]),
            ]).await
        }).await;
        let Err(Error::Store(error @ store::Error::Statement { statement, .. })) = &outcome else {
            panic!("{outcome:?}")
        };
        assert!(statement.ends_with("::SET"), "{statement}");
        assert_eq!(error.cause(), Some(store::Cause::Check));
        assert_eq!(count(&store).await, 0);
    }
}
both_engines! {
    async fn statements_sent_soon_keep_their_order_on_a_fresh_connection(store: Store, empty) {
        let store = prepared(store).await;
        for k in 0..20_i64 {
            // The last is prepared on this connection already, those before it are not, or the other way round.
            let seen = store.write(async move |tx| {
                tx.soon_one(&INSERT, bind![k, 0_i64])?;
                tx.soon_one(&SET, bind![5_i64, k])?;
                tx.soon(&BUMP, bind![k])?;
                tx.one(&table::VALUE, &[&k], number).await
            }).await;
            assert_eq!(seen.expect("the write succeeds"), Some(6));
            let answer = store.write(async move |tx| {
                tx.soon_one(&SET, bind![7_i64, k])?;
                tx.batch(&[(&BUMP, &[&k]), (&TAKE, &[&k, &8_i64])]).await
            }).await;
            assert_eq!(answer.expect("the write succeeds"), [1, 0]);
            assert_eq!(value(&store, k).await, Some(8));
        }
    }

    async fn a_statement_sent_soon_that_fails_undoes_the_write_even_as_its_last(store: Store, empty) {
        let store = prepared(store).await;
        let outcome = store.write(async |tx| {
            insert(tx, 1, 10).await?;
            tx.soon_one(&SET, bind![5_i64, 99_i64])
        }).await;
        assert!(matches!(outcome, Err(Error::Store(store::Error::NotOneRow { rows: 0, .. }))), "{outcome:?}");
        let outcome = store.write(async |tx| {
            tx.soon_one(&INSERT, bind![1_i64, 10_i64])?;
            tx.soon_one(&INSERT, bind![1_i64, 10_i64])?;
            tx.soon_one(&INSERT, bind![2_i64, 10_i64])
        }).await;
        assert!(matches!(&outcome, Err(Error::Store(error)) if error.is_unique()), "{outcome:?}");
        assert_eq!(count(&store).await, 0);
        store.write(async |tx| tx.soon_one(&INSERT, bind![3_i64, 10_i64])).await.expect("kept with the commit");
        assert_eq!(value(&store, 3).await, Some(10));
    }
}
