//! Migrations: forward only, one transaction each, never on a newer database.

use super::table::TABLES;
use crate::support::both_engines;
use crate::support::database::{Database, Ready};
use tenure::Error;
use tenure::store::{self, Engine, Migration, Sql, Store};

const fn migration(version: i64, name: &'static str, text: &'static str) -> Migration {
    Migration { version, name, sqlite: text, postgres: text }
}

const FIRST: Migration =
    migration(1, "0001_first", "create table a (k bigint not null primary key); insert into a values (1)");
const SECOND: Migration =
    migration(2, "0002_second", "create table b (k bigint not null primary key references a (k))");
const ONE: &[Migration] = &[FIRST];
const TWO: &[Migration] = &[FIRST, SECOND];
const BROKEN: &[Migration] =
    &[FIRST, SECOND, migration(3, "0003_broken", "insert into a values (2); insert into nowhere values (1)")];
const OTHER: &[Migration] = &[migration(1, "0001_other", "select 1")];
const GAP: &[Migration] = &[FIRST, migration(3, "0003_third", "select 1")];

fn schema_words<T: std::fmt::Debug>(outcome: tenure::Result<T>) -> String {
    match outcome {
        Err(Error::Store(store::Error::Schema(words))) => words,
        other => panic!("not an error of the schema: {other:?}"),
    }
}

async fn names(store: &Store, list: &'static [Migration]) -> Vec<&'static str> {
    store.pending_with(list).await.expect("what is pending is known").iter().map(|m| m.name).collect()
}

both_engines! {
    async fn what_is_pending_runs_once(store: Store, empty) {
        assert_eq!(names(&store, TWO).await, ["0001_first", "0002_second"]);
        assert_eq!(store.migrate_with(ONE).await.expect("it runs"), ["0001_first"]);
        assert_eq!(names(&store, TWO).await, ["0002_second"]);
        assert_eq!(store.migrate_with(TWO).await.expect("it runs"), ["0002_second"]);
        assert_eq!(store.migrate_with(TWO).await.expect("nothing is left"), [""; 0]);
        assert_eq!(names(&store, TWO).await, [""; 0]);
    }

    async fn a_broken_migration_leaves_those_before_it(store: Store, empty) {
        let words = schema_words(store.migrate_with(BROKEN).await);
        assert!(words.contains("0003_broken") && words.contains("nowhere"), "{words}");
        assert_eq!(names(&store, BROKEN).await, ["0003_broken"]);
        let rows = Sql::both("select count(*) from a");
        let mut rx = store.reader().await.expect("a reader");
        assert_eq!(rx.one(&rows, &[], |row| row.get::<i64>(0)).await.expect("a count"), Some(1));
    }

    async fn a_newer_database_is_refused(store: Store, empty) {
        store.migrate_with(TWO).await.expect("they run");
        let words = schema_words(store.migrate_with(ONE).await);
        assert!(words.contains("version 2 (0002_second)") && words.contains("only up to 1"), "{words}");
        schema_words(store.pending_with(ONE).await);
    }

    async fn the_database_of_another_program_is_refused(store: Store, empty) {
        store.migrate_with(ONE).await.expect("it runs");
        let words = schema_words(store.migrate_with(OTHER).await);
        assert!(words.contains("0001_first") && words.contains("0001_other"), "{words}");
    }

    async fn a_gap_in_the_list_is_refused(store: Store, empty) {
        schema_words(store.migrate_with(GAP).await);
    }
}

async fn start_together(engine: Engine) {
    let database = Database::new(engine, Ready::Empty).await;
    let mut nodes = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let node = Store::open(database.target.clone()).await.expect("a node opens the database");
        nodes.spawn(async move { node.migrate_with(TABLES).await.expect("it migrates or waits").len() });
    }
    assert_eq!(nodes.join_all().await.iter().sum::<usize>(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_start_together_migrate_once_on_sqlite() {
    start_together(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_together_migrate_once_on_postgres() {
    start_together(Engine::Postgres).await;
}

#[tokio::test]
async fn a_sqlite_migration_that_leaves_orphans_is_undone() {
    const ORPHAN: &[Migration] = &[FIRST, SECOND, migration(3, "0003_orphan", "insert into b values (77)")];
    let database = Database::sqlite(Ready::Empty).await;
    let words = schema_words(database.store.migrate_with(ORPHAN).await);
    assert!(words.contains("point to nothing"), "{words}");
    assert_eq!(names(&database.store, ORPHAN).await, ["0003_orphan"]);
}
