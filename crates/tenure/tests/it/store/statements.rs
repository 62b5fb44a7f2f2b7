//! Every statement of the program is prepared on both engines.

use super::table::{self, prepared};
use crate::support::both_engines;
use tenure::store::{Engine, MIGRATIONS, Sql};

both_engines! {
    async fn every_statement_of_the_program_is_sound(store: Store) {
        let wrong = store.prepare_all(&tenure::store::statements()).await.expect("they are looked at");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    async fn planted_faults_are_found(store: Store, empty) {
        let store = prepared(store).await;
        let wrong = store.prepare_all(table::ALL).await.expect("they are looked at");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let planted = [
            ("NO_TABLE", Sql::both("select k from nothing where k = $1")),
            ("SWAPPED", Sql::both("select k from things where v = $2 and k = $1")),
            ("SCAN", Sql::both("select k from things where v = $1")),
            ("MARKED", Sql::both("select k from things where v = $1").scan()),
        ];
        let wrong = store.prepare_all(&planted).await.expect("they are looked at");
        let named: Vec<_> = wrong.iter().map(|words| words.split(' ').next().unwrap_or_default()).collect();
        match store.engine() {
            Engine::Sqlite => assert_eq!(named, ["NO_TABLE", "SWAPPED", "SCAN"]),
            Engine::Postgres => assert_eq!(named, ["NO_TABLE"]),
        }
    }
}

#[test]
fn every_statement_has_its_full_name() {
    assert_eq!(table::INSERT.name(), "it::store::table::INSERT");
    assert!(table::COUNT.is_scan() && !table::INSERT.is_scan());
    let unnamed: Vec<_> =
        tenure::store::statements().into_iter().filter(|(_, sql)| !sql.name().contains("::")).collect();
    assert!(unnamed.is_empty(), "{unnamed:?}");
}

#[test]
fn every_migration_is_listed() {
    for engine in ["sqlite", "postgres"] {
        let folder = format!("{}/migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(folder).into_iter().flatten();
        let mut files: Vec<String> = files
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
            .filter_map(|name| name.strip_suffix(".sql").map(str::to_owned))
            .collect();
        files.sort();
        let listed: Vec<&str> = MIGRATIONS.iter().map(|m| m.name).collect();
        assert_eq!(files, listed, "{engine}");
    }
}
