//! Both engines have the same schema.

use crate::support::database::{Database, Ready};
use tenure::store::{Engine, Row, Sql, Store};

/// Tables, columns, whether they may be null, and their kind of type.
const COLUMNS: Sql = Sql::each(
    // A strict table has no boolean: there it is an integer whose CHECK allows two values.
    "select t.name, c.name, c.\"notnull\" = 0,
            case when instr(s.sql, 'check (' || c.name || ' in (0, 1))') > 0 then 'boolean' else lower(c.type) end
     from pragma_table_list t join pragma_table_info(t.name) c
     join sqlite_schema s on s.type = 'table' and s.name = t.name
     where t.schema = 'main' and t.type = 'table' and t.name not like 'sqlite\\_%' escape '\\'
     order by t.name, c.name",
    "select t.relname::text, c.attname::text, not c.attnotnull, format_type(c.atttypid, c.atttypmod)
     from pg_class t join pg_attribute c on c.attrelid = t.oid
     where t.relnamespace = 'public'::regnamespace and t.relkind = 'r' and c.attnum > 0 and not c.attisdropped
     order by t.relname collate \"C\", c.attname collate \"C\"",
);

/// The columns of each primary key, in order.
const PRIMARY_KEYS: Sql = Sql::each(
    "select t.name, c.name, c.pk
     from pragma_table_list t join pragma_table_info(t.name) c
     where t.schema = 'main' and t.type = 'table' and t.name not like 'sqlite\\_%' escape '\\' and c.pk > 0
     order by t.name, c.pk",
    "select t.relname::text, a.attname::text, k.place
     from pg_index i join pg_class t on t.oid = i.indrelid
     cross join lateral unnest(i.indkey::smallint[]) with ordinality k (attnum, place)
     join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum
     where i.indisprimary and t.relnamespace = 'public'::regnamespace
     order by t.relname collate \"C\", k.place",
);

/// The columns of each index that has a name of its own, in order; an expression has none.
const INDEXES: Sql = Sql::each(
    "select t.name, i.name, i.\"unique\" = 1, i.partial = 1, c.seqno + 1, c.name
     from pragma_table_list t join pragma_index_list(t.name) i join pragma_index_info(i.name) c
     where t.schema = 'main' and t.type = 'table' and i.origin = 'c'
     order by i.name, c.seqno",
    "select t.relname::text, n.relname::text, i.indisunique, i.indpred is not null, k.place, a.attname::text
     from pg_index i join pg_class t on t.oid = i.indrelid join pg_class n on n.oid = i.indexrelid
     cross join lateral unnest(i.indkey::smallint[]) with ordinality k (attnum, place)
     left join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum and k.attnum > 0
     where t.relnamespace = 'public'::regnamespace and not i.indisprimary
       and not exists (select 1 from pg_constraint x where x.conindid = i.indexrelid and x.contype = 'u')
     order by n.relname collate \"C\", k.place",
);

/// The columns of each foreign key, what they point to and what follows a delete.
const FOREIGN_KEYS: Sql = Sql::each(
    "select t.name, f.\"from\", f.\"table\", coalesce(f.\"to\", ''), lower(f.on_delete)
     from pragma_table_list t join pragma_foreign_key_list(t.name) f
     where t.schema = 'main' and t.type = 'table'
     order by 1, 2, 3, 4, 5",
    "select t.relname::text collate \"C\", a.attname::text collate \"C\", p.relname::text collate \"C\",
            b.attname::text collate \"C\",
            case f.confdeltype when 'a' then 'no action' when 'r' then 'restrict' when 'c' then 'cascade'
                               when 'n' then 'set null' else 'set default' end
     from pg_constraint f join pg_class t on t.oid = f.conrelid join pg_class p on p.oid = f.confrelid
     cross join lateral unnest(f.conkey, f.confkey) k (here, there)
     join pg_attribute a on a.attrelid = t.oid and a.attnum = k.here
     join pg_attribute b on b.attrelid = p.oid and b.attnum = k.there
     where f.contype = 'f' and t.relnamespace = 'public'::regnamespace
     order by 1, 2, 3, 4, 5",
);

/// What both engines call differently and mean alike.
fn kind(name: &str) -> &str {
    match name {
        "int" | "integer" | "bigint" | "int8" => "bigint",
        "bool" | "boolean" => "boolean",
        "blob" | "bytea" | "uuid" => "bytes",
        "text" | "character varying" => "text",
        other => other,
    }
}

fn column(row: &Row<'_>) -> tenure::Result<String> {
    let (table, column, null): (String, String, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let kind_of: String = row.get(3)?;
    Ok(format!("{table}.{column} {} {}", kind(&kind_of), if null { "null" } else { "not null" }))
}

fn key(row: &Row<'_>) -> tenure::Result<String> {
    Ok(format!("{} key {}: {}", row.get::<String>(0)?, row.get::<i64>(2)?, row.get::<String>(1)?))
}

fn index(row: &Row<'_>) -> tenure::Result<String> {
    let (table, index): (String, String) = (row.get(0)?, row.get(1)?);
    let (unique, partial): (bool, bool) = (row.get(2)?, row.get(3)?);
    let (place, column): (i64, Option<String>) = (row.get(4)?, row.get(5)?);
    let column = column.unwrap_or_else(|| "(expression)".into());
    Ok(format!("index {index} on {table}, unique {unique}, partial {partial}, {place}: {column}"))
}

fn foreign(row: &Row<'_>) -> tenure::Result<String> {
    let (table, from): (String, String) = (row.get(0)?, row.get(1)?);
    let (parent, to, delete): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
    Ok(format!("{table}.{from} points to {parent}.{to}, on delete {delete}"))
}

async fn describe(store: &Store) -> Vec<String> {
    let mut rx = store.reader().await.expect("a reader");
    let mut words = rx.all(&COLUMNS, &[], column).await.expect("the columns are read");
    words.extend(rx.all(&PRIMARY_KEYS, &[], key).await.expect("the keys are read"));
    words.extend(rx.all(&INDEXES, &[], index).await.expect("the indexes are read"));
    words.extend(rx.all(&FOREIGN_KEYS, &[], foreign).await.expect("the foreign keys are read"));
    words
}

fn differences(sqlite: &[String], postgres: &[String]) -> Vec<String> {
    // The one table that each engine keeps in its own way: docs/decisions/0013. And an index that holds on SQLite what
    // PostgreSQL has no room for, over a column that SQLite works out and does not list: docs/decisions/0005.
    let apart = |words: &str| {
        ["text_index.", "text_index key", "index text_index_codes on"]
            .iter()
            .any(|begin| words.starts_with(begin))
            || [
                "people.near bytes null",
                "index people_near on people, unique false, partial false, 5: status",
                "index people_near on people, unique false, partial false, 6: search_text",
            ]
            .contains(&words)
    };
    // On PostgreSQL nothing refers to the row that all write: docs/decisions/0026.
    let busy = |engine, words: &str| {
        engine == Engine::Sqlite
            && words.ends_with(".workspace_id points to workspaces.workspace_id, on delete no action")
    };
    let only = |engine: Engine, here: &[String], there: &[String]| -> Vec<String> {
        here.iter()
            .filter(|w| !there.contains(w) && !apart(w) && !busy(engine, w))
            .map(|w| format!("only on {engine}: {w}"))
            .collect()
    };
    [only(Engine::Sqlite, sqlite, postgres), only(Engine::Postgres, postgres, sqlite)].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_engines_have_the_same_schema() {
    let sqlite = Database::sqlite(Ready::Migrated).await;
    let postgres = Database::postgres(Ready::Migrated).await;
    let (sqlite, postgres) = (describe(&sqlite.store).await, describe(&postgres.store).await);
    let differences = differences(&sqlite, &postgres);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(
        sqlite.iter().any(|words| words.starts_with("schema_migrations.version")),
        "nothing was compared"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn planted_differences_are_found() {
    use tenure::store::Migration;
    const UNLIKE: &[Migration] = &[Migration {
        version: 1,
        name: "0001_unlike",
        sqlite: "create table p (w blob not null, k bigint not null, primary key (w, k));
                 create table c (w blob not null, k bigint, n text not null, flag integer not null check (flag in (0, 1)), primary key (w),
                     foreign key (w, k) references p (w, k) on delete cascade);
                 create unique index c_n on c (w, n); create index c_k on c (k) where k is not null;
                 create index c_x on c (lower(n));",
        postgres: "create table p (w uuid not null, k bigint not null, primary key (k, w));
                   create table c (w uuid not null, k bigint not null, n text not null, flag bigint not null,
                       primary key (w), foreign key (w, k) references p (w, k));
                   create index c_n on c (w, n); create index c_k on c (k); create index c_x on c (lower(n));",
    }];
    let sqlite = Database::sqlite(Ready::Empty).await;
    let postgres = Database::postgres(Ready::Empty).await;
    sqlite.store.migrate_with(UNLIKE).await.expect("SQLite takes it");
    postgres.store.migrate_with(UNLIKE).await.expect("PostgreSQL takes it");
    let (sqlite, postgres) = (describe(&sqlite.store).await, describe(&postgres.store).await);
    let found = differences(&sqlite, &postgres).join("\n");
    for expected in [
        "only on SQLite: c.k bigint null",
        "only on PostgreSQL: c.flag bigint not null",
        "only on SQLite: p key 1: w",
        "only on SQLite: index c_n on c, unique true",
        "only on PostgreSQL: index c_k on c, unique false, partial false",
        "only on SQLite: c.w points to p.w, on delete cascade",
    ] {
        assert!(found.contains(expected), "{expected} was not found:\n{found}");
    }
    assert!(!found.contains("c_x") && !found.contains("c.n "), "{found}");
}
