//! Every row of every table, to see what a step has changed and what it has left.

use std::collections::BTreeMap;

use tenure::store::{Engine, Rx, Sql, Store};

/// Table to its rows.
pub(crate) type Dump = BTreeMap<String, Vec<String>>;

/// The tables in which two dumps differ, but the audit log, the steps and the events.
pub(crate) fn changed_tables(before: &Dump, after: &Dump) -> Vec<String> {
    let log = ["audit", "audit_personal", "audit_heads", "steps", "step_changes", "events", "event_ends"];
    let differs = |table: &&String| before.get(*table) != after.get(*table);
    after.keys().filter(|table| !log.contains(&table.as_str())).filter(differs).cloned().collect()
}

/// Every row of every table as text; bytes are hexadecimal, all in lower case.
pub(crate) async fn dump(store: &Store) -> Dump {
    let mut rx = store.reader().await.expect("a reader");
    let mut dump = Dump::new();
    for (table, columns) in tables(&mut rx).await {
        let text = match store.engine() {
            Engine::Sqlite => {
                let columns: Vec<_> = columns.iter().map(|column| format!("quote({column})")).collect();
                format!("select {} from {table}", columns.join(" || ' | ' || "))
            }
            Engine::Postgres => format!("select t::text from {table} t"),
        };
        let rows = rx.all(&Sql::built(text), &[], |row| row.get::<String>(0)).await.expect("a dump");
        let mut rows: Vec<String> = rows.into_iter().map(|row| row.to_lowercase()).collect();
        rows.sort();
        dump.insert(table, rows);
    }
    dump
}

pub(crate) async fn tables(rx: &mut Rx) -> BTreeMap<String, Vec<String>> {
    let text = match rx.engine() {
        Engine::Sqlite => {
            "select m.name, c.name from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table'"
        }
        Engine::Postgres => {
            "select table_name::text, column_name::text from information_schema.columns where table_schema = 'public'"
        }
    };
    let read = |row: &tenure::store::Row<'_>| Ok((row.get::<String>(0)?, row.get::<String>(1)?));
    let columns = rx.all(&Sql::built(text.into()), &[], read).await.expect("the tables");
    let mut tables = BTreeMap::<String, Vec<String>>::new();
    for (table, column) in columns {
        tables.entry(table).or_default().push(column);
    }
    assert!(tables.contains_key("people"), "the dump sees the tables: {:?}", tables.keys());
    tables
}
