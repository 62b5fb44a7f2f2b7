//! A small table for the tests of the engine itself.

use tenure::Result;
use tenure::statements;
use tenure::store::{Migration, Row, Store, Tx};

/// Stands in for the program's migrations.
pub(super) const TABLES: &[Migration] = &[Migration {
    version: 1,
    name: "0001_tables",
    sqlite: "create table things (k bigint not null primary key, v bigint not null check (v >= 0), word text,
                 bytes blob, id blob, flag boolean not null default false);
             create unique index things_word on things (word);",
    postgres: "create table things (k bigint not null primary key, v bigint not null check (v >= 0),
                   word text collate \"C\", bytes bytea, id uuid, flag boolean not null default false);
               create unique index things_word on things (word);",
}];

statements! {
    INSERT = "insert into things (k, v) values ($1, $2)";
    INSERT_WORD = "insert into things (k, v, word) values ($1, 0, $2)";
    TAKE = "update things set v = v + 1 where k = $1 and v < $2";
    SET = "update things set v = $1 where k = $2";
    BUMP = "update things set v = v + 1 where k = $1";
    VALUE = "select v from things where k = $1";
    COUNT = scan "select count(*) from things";
    SLEEP = { sqlite: "select 1", postgres: "select 1::bigint from pg_sleep(0.3)" };
}

pub(super) fn number(row: &Row<'_>) -> Result<i64> {
    row.get(0)
}

pub(super) async fn prepared(store: Store) -> Store {
    store.migrate_with(TABLES).await.expect("the test tables are made");
    store
}

pub(super) async fn insert(tx: &mut Tx, k: i64, v: i64) -> Result<()> {
    tx.exec_one(&INSERT, &[&k, &v]).await
}

pub(super) async fn count(store: &Store) -> i64 {
    let mut rx = store.reader().await.expect("a reader");
    rx.one(&COUNT, &[], number).await.expect("the count is read").expect("a count is one row")
}

pub(super) async fn value(store: &Store, k: i64) -> Option<i64> {
    let mut rx = store.reader().await.expect("a reader");
    rx.one(&VALUE, &[&k], number).await.expect("the value is read")
}
