//! Statements that fail, operations that panic or misbehave.

use super::table::{INSERT_WORD, SET, count, insert, prepared, value};
use crate::support::both_engines;
use tenure::Error;
use tenure::store::{self, Cause, Sql};

fn store_error<T: std::fmt::Debug>(outcome: tenure::Result<T>) -> store::Error {
    match outcome {
        Err(Error::Store(error)) => error,
        other => panic!("not an error of the store: {other:?}"),
    }
}

both_engines! {
    async fn a_panic_is_an_error_and_undoes_its_write(store: Store, empty) {
        let store = prepared(store).await;
        let outcome = store.write(async |tx| {
            insert(tx, 1, 1).await?;
            assert!(tx.engine().to_string().is_empty(), "planted");
            Ok(())
        }).await;
        let error = store_error(outcome);
        assert!(matches!(&error, store::Error::Panicked(words) if words.contains("planted")), "{error:?}");
        store.write(async |tx| insert(tx, 2, 1).await).await.expect("the next write succeeds");
        assert_eq!(count(&store).await, 1);
    }

    async fn a_swallowed_failure_does_not_end_well(store: Store, empty) {
        let store = prepared(store).await;
        let outcome = store.write(async |tx| {
            insert(tx, 1, 1).await?;
            let _ = insert(tx, 1, 1).await;
            Ok(())
        }).await;
        let error = store_error(outcome);
        assert!(matches!(error, store::Error::Poisoned(name) if name.ends_with("::INSERT")), "{error:?}");
        assert_eq!(count(&store).await, 0);
        store.write(async |tx| insert(tx, 1, 1).await).await.expect("the next write is not poisoned");
    }

    async fn a_taken_word_is_told_apart_from_other_failures(store: Store, empty) {
        let store = prepared(store).await;
        store.write(async |tx| tx.exec_one(&INSERT_WORD, &[&1_i64, &"a"]).await).await.expect("the first has it");
        let taken = store_error(store.write(async |tx| tx.exec_one(&INSERT_WORD, &[&2_i64, &"a"]).await).await);
        assert!(taken.is_unique() && !taken.is_transient(), "{taken:?}");
        let negative = store_error(store.write(async |tx| tx.exec(&SET, &[&-1_i64, &1_i64]).await).await);
        assert_eq!(negative.cause(), Some(Cause::Check));
        let absent = Sql::both("insert into things (k) values ($1)");
        let absent = store_error(store.write(async move |tx| tx.exec(&absent, &[&3_i64]).await).await);
        assert_eq!(absent.cause(), Some(Cause::NotNull));
    }

    async fn one_row_means_one_row(store: Store, empty) {
        let store = prepared(store).await;
        store.write(async |tx| { insert(tx, 1, 1).await?; insert(tx, 2, 1).await }).await.expect("two rows");
        let none = store_error(store.write(async |tx| tx.exec_one(&SET, &[&1_i64, &9_i64]).await).await);
        let store::Error::NotOneRow { statement, rows: 0 } = none else { panic!("{none:?}") };
        assert_eq!(statement, "it::store::table::SET");
        let both = Sql::both("update things set v = 2").named("both");
        let several = store_error(store.write(async move |tx| tx.exec_one(&both, &[]).await).await);
        assert!(matches!(several, store::Error::NotOneRow { statement: "both", rows: 2 }), "{several:?}");
        assert_eq!(value(&store, 1).await, Some(1));
        let mut rx = store.reader().await.expect("a reader");
        let several = Sql::both("select v from things").named("several");
        let found = store_error(rx.one(&several, &[], |row| row.get::<i64>(0)).await);
        assert!(matches!(found, store::Error::NotOneRow { statement: "several", .. }), "{found:?}");
    }

    async fn a_wrong_number_of_values_is_an_error(store: Store, empty) {
        let store = prepared(store).await;
        let few = store_error(store.write(async |tx| tx.exec(&SET, &[&1_i64]).await).await);
        assert!(matches!(few, store::Error::Panicked(_) | store::Error::Statement { .. }), "{few:?}");
        store.write(async |tx| insert(tx, 1, 1).await).await.expect("the next write succeeds");
    }

    async fn a_reader_cannot_write(store: Store, empty) {
        let store = prepared(store).await;
        let sneaky = Sql::both("insert into things (k, v) values (1, 1) returning k");
        let mut rx = store.reader().await.expect("a reader");
        store_error(rx.one(&sneaky, &[], |row| row.get::<i64>(0)).await);
        drop(rx);
        assert_eq!(count(&store).await, 0);
    }

    async fn a_closed_store_refuses(store: Store, empty) {
        let store = prepared(store).await;
        store.write(async |tx| insert(tx, 1, 1).await).await.expect("it is open");
        store.close().await;
        let write = store_error(store.write(async |tx| insert(tx, 2, 1).await).await);
        assert!(matches!(write, store::Error::Closed), "{write:?}");
        assert!(matches!(store.reader().await.map(drop), Err(Error::Store(store::Error::Closed))));
        assert!(matches!(store.point().await.map(drop), Err(Error::Store(store::Error::Closed))));
    }
}
