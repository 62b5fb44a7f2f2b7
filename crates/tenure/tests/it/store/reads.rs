//! Snapshots, scans, values of every type.

use super::table::{COUNT, INSERT, SET, VALUE, insert, number, prepared, value};
use crate::support::both_engines;
use tenure::Error;
use tenure::store::dialect::{Numbers, Texts, Uuids};
use tenure::store::{self, Ask, Engine, Sql};
use tenure::{any_uuid, any_value, bind};
use uuid::Uuid;

/// A row of the test table.
type Values = (i64, i64, Option<String>, Option<Vec<u8>>, Option<Uuid>, bool);

both_engines! {
    async fn a_reader_sees_one_state(store: Store, empty) {
        let store = prepared(store).await;
        let mut rx = store.reader().await.expect("a reader");
        assert_eq!(rx.one(&COUNT, &[], number).await.expect("a count"), Some(0));
        store.write(async |tx| insert(tx, 1, 1).await).await.expect("a write beside it");
        assert_eq!(rx.one(&COUNT, &[], number).await.expect("a count"), Some(0));
        assert_eq!(rx.one(&VALUE, &[&1_i64], number).await.expect("a read"), None);
        drop(rx);
        assert_eq!(value(&store, 1).await, Some(1));
    }

    async fn several_questions_are_answered_in_order(store: Store, empty) {
        let store = prepared(store).await;
        store.write(async |tx| { insert(tx, 1, 10).await?; insert(tx, 2, 20).await }).await.expect("two rows");
        let of = |k: i64| Ask::new(&VALUE, bind![k], number);
        let mut rx = store.reader().await.expect("a reader");
        let found = rx.ask((of(2), of(1).only_if(false), of(3), of(1))).await.expect("four answers");
        assert_eq!(found, (vec![20], vec![], vec![], vec![10]));
        let nothing = rx.ask((of(1).only_if(false),)).await.expect("nothing is asked");
        assert_eq!(nothing, (vec![],));
        drop(rx);
        let seen = store.write(async move |tx| {
            tx.soon_one(&SET, bind![5_i64, 1_i64])?;
            let before = tx.ask((of(1), of(2))).await?;
            tx.soon_one(&SET, bind![7_i64, 9_i64])?;
            let wrong = tx.ask((of(1), of(2))).await;
            assert!(tx.engine() == Engine::Sqlite || wrong.is_err(), "{wrong:?}");
            wrong.map(|_| before)
        }).await;
        // SQLite runs what waits at once, and has failed there.
        let refused = matches!(seen, Err(Error::Store(store::Error::NotOneRow { statement, rows: 0 })) if statement.ends_with("::SET"));
        assert!(refused, "{seen:?}");
        assert_eq!(value(&store, 1).await, Some(10));
    }

    async fn a_point_reader_sees_the_newest_state(store: Store, empty) {
        let store = prepared(store).await;
        let mut rx = store.point().await.expect("a reader");
        assert_eq!(rx.one(&VALUE, &[&1_i64], number).await.expect("a read"), None);
        store.write(async |tx| insert(tx, 1, 1).await).await.expect("a write beside it");
        assert_eq!(rx.one(&VALUE, &[&1_i64], number).await.expect("a read"), Some(1));
    }

    async fn many_point_readers_share(store: Store, empty) {
        let store = prepared(store).await;
        store.write(async |tx| { for k in 0..100 { insert(tx, k, k).await?; } Ok(()) }).await.expect("rows");
        let mut reads = tokio::task::JoinSet::new();
        for k in 0..500_i64 {
            let store = store.clone();
            reads.spawn(async move {
                let mut rx = store.point().await?;
                let v = rx.one(&VALUE, &[&(k % 100)], number).await?;
                Ok::<_, tenure::Error>(v == Some(k % 100))
            });
        }
        assert!(reads.join_all().await.into_iter().all(|right| right.expect("the read succeeds")));
    }

    async fn every_type_comes_back_as_it_went(store: Store, empty) {
        let store = prepared(store).await;
        let id = Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
        store.write(async move |tx| {
            let insert = Sql::both("insert into things (k, v, word, bytes, id, flag) values ($1, $2, $3, $4, $5, $6)");
            tx.exec_one(&insert, &[&i64::MIN, &i64::MAX, &"žluťoučký 🐎", &&[0_u8, 255][..], &id, &true]).await?;
            tx.exec_one(&insert, &[&1_i64, &0_i64, &None::<String>, &None::<Vec<u8>>, &None::<Uuid>, &false]).await
        }).await.expect("the rows are written");
        let all = Sql::both("select k, v, word, bytes, id, flag from things order by k").scan();
        let mut rx = store.reader().await.expect("a reader");
        let rows: Vec<Values> = rx.all(&all, &[], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        }).await.expect("the rows are read");
        assert_eq!(rows, [
            (i64::MIN, i64::MAX, Some("žluťoučký 🐎".to_owned()), Some(vec![0, 255]), Some(id), true),
            (1, 0, None, None, None, false),
        ]);
    }

    async fn moments_are_microseconds(store: Store, empty) {
        let store = prepared(store).await;
        let at: jiff::Timestamp = "2024-02-29T12:34:56.789012Z".parse().expect("a moment");
        store.write(async move |tx| tx.exec_one(&INSERT, &[&1_i64, &at.as_microsecond()]).await).await.expect("a row");
        let mut rx = store.reader().await.expect("a reader");
        assert_eq!(rx.one(&VALUE, &[&1_i64], |row| row.time(0)).await.expect("a read"), Some(at));
        let null = Sql::both("select cast(null as bigint)");
        assert_eq!(rx.one(&null, &[], |row| row.time_opt(0)).await.expect("a read"), Some(None));
    }

    async fn a_list_is_one_value(store: Store, empty) {
        const BY_ID: Sql = any_uuid!("select k from things where ", "id" in "$1", " order by k").scan();
        const BY_WORD: Sql = any_value!("select k from things where ", "word" in "$1", " order by k").scan();
        const BY_KEY: Sql = any_value!("select k from things where ", "k" in "$1", " order by k").scan();
        let store = prepared(store).await;
        let ids: Vec<Uuid> = (0..5).map(Uuid::from_u128).collect();
        let written = ids.clone();
        store.write(async move |tx| {
            let insert = Sql::both("insert into things (k, v, word, id) values ($1, 0, $2, $3)");
            for (k, id) in (0_i64..).zip(&written) {
                tx.exec_one(&insert, &[&k, &format!("w\"{k}"), id]).await?;
            }
            Ok(())
        }).await.expect("the rows are written");
        let mut rx = store.reader().await.expect("a reader");
        let some: Uuids = [ids[1], ids[3], Uuid::from_u128(99)].into_iter().collect();
        assert_eq!(rx.all(&BY_ID, &[&some], number).await.expect("a read"), [1, 3]);
        assert_eq!(rx.all(&BY_ID, &[&Uuids(vec![])], number).await.expect("a read"), [0_i64; 0]);
        let words = Texts(vec!["w\"2".into(), "w\"4".into()]);
        assert_eq!(rx.all(&BY_WORD, &[&words], number).await.expect("a read"), [2, 4]);
        assert_eq!(rx.all(&BY_KEY, &[&Numbers(vec![0, 4])], number).await.expect("a read"), [0, 4]);
    }

    async fn built_text_runs_with_bound_values(store: Store, empty) {
        let store = prepared(store).await;
        store.write(async |tx| { insert(tx, 1, 5).await?; insert(tx, 2, 7).await }).await.expect("rows");
        let built = Sql::built(format!("select k from things where v > $1 order by {}", "k desc")).scan();
        let mut rx = store.reader().await.expect("a reader");
        assert_eq!(rx.all(&built, &[&4_i64], number).await.expect("a read"), [2, 1]);
    }

    async fn a_column_of_another_type_is_named(store: Store, empty) {
        let store = prepared(store).await;
        store.write(async |tx| insert(tx, 1, 5).await).await.expect("a row");
        let mut rx = store.reader().await.expect("a reader");
        let outcome = rx.one(&VALUE, &[&1_i64], |row| row.get::<String>(0)).await;
        let error = outcome.expect_err("a number is no text");
        assert!(matches!(error, tenure::Error::Store(tenure::store::Error::Column { index: 0, .. })), "{error:?}");
    }
}
