//! The same text means the same on both engines.

use super::table::{insert, number, prepared};
use crate::support::both_engines;
use tenure::store::Sql;
use tenure::{for_update, skip_locked};

both_engines! {
    async fn text_sorts_by_its_bytes(store: Store, empty) {
        let store = prepared(store).await;
        let words = ["a", "B", "ä", "Z", "z", "", "\u{10FFFF}", "\u{FFFD}", " ", "é", "e\u{301}"];
        store.write(async move |tx| {
            let insert = Sql::both("insert into things (k, v, word) values ($1, 0, $2)");
            for (k, word) in (0_i64..).zip(words) {
                tx.exec_one(&insert, &[&k, &word]).await?;
            }
            Ok(())
        }).await.expect("the words are written");
        let sorted = Sql::both("select word from things order by word").scan();
        let mut rx = store.reader().await.expect("a reader");
        let found = rx.all(&sorted, &[], |row| row.get::<String>(0)).await.expect("the words are read");
        let mut expected = words.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }

    async fn locking_reads_run_on_both(store: Store, empty) {
        const LOCK: Sql = for_update!("select v from things where k = $1");
        const CLAIM: Sql = skip_locked!("select v from things where k >= $1 order by k limit 1");
        let store = prepared(store).await;
        store.write(async |tx| {
            insert(tx, 1, 5).await?;
            assert_eq!(tx.one(&LOCK, &[&1_i64], number).await?, Some(5));
            assert_eq!(tx.one(&CLAIM, &[&0_i64], number).await?, Some(5));
            Ok(())
        }).await.expect("the rows are locked");
    }
}
