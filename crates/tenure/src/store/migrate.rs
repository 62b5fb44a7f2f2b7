//! The schema's versions: forward only, the same numbers and names for both engines, one transaction each.

use super::sqlite::{Role, connect};
use super::{Engine, Error, Rx, Sql, error, postgres};
use crate::Result;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// One step of the schema.
#[derive(Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its number, counting from 1 without gaps.
    pub version: i64,
    /// What it does, as in the file's name.
    pub name: &'static str,
    /// The statements for `SQLite`.
    pub sqlite: &'static str,
    /// The statements for `PostgreSQL`.
    pub postgres: &'static str,
}

/// Embeds `migrations/{sqlite,postgres}/NUMBER_NAME.sql`.
macro_rules! migrations {
    ($($version:literal $file:literal),* $(,)?) => {
        &[$(Migration {
            version: $version,
            name: $file,
            sqlite: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite/", $file, ".sql")),
            postgres: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres/", $file, ".sql")),
        }),*]
    };
}

/// All migrations, in order, each as `number "file name without .sql"`.
pub const MIGRATIONS: &[Migration] = migrations![1 "0001_people", 2 "0002_customers", 3 "0003_registration", 4 "0004_bulk", 5 "0005_work", 6 "0006_shared_requests", 7 "0007_search", 8 "0008_customer_apps", 9 "0009_tokens", 10 "0010_events", 11 "0011_answers", 12 "0012_webhooks", 13 "0013_scim", 14 "0014_attention", 15 "0015_estimates", 16 "0016_idle", 17 "0017_references"];

/// Nodes that start together migrate one after the other. Any number will do; this one spells "tenure".
const ADVISORY_LOCK: i64 = 0x74_65_6e_75_72_65;

const TABLE_SQLITE: &str = "create table if not exists schema_migrations (
    version bigint not null primary key, name text not null, applied_at bigint not null)";
const TABLE_POSTGRES: &str = "create table if not exists schema_migrations (
    version bigint not null primary key, name text collate \"C\" not null, applied_at bigint not null)";

const TABLE_EXISTS: Sql = Sql::each(
    "select count(*) from sqlite_schema where type = 'table' and name = 'schema_migrations'",
    "select count(*) from pg_class where oid = to_regclass('schema_migrations')",
)
.named("schema_migrations exists");
const APPLIED: Sql =
    Sql::both("select version, name from schema_migrations order by version").named("applied migrations");

/// A list with a gap or a wrong order is a mistake in this program.
pub(super) fn check_list(list: &[Migration]) -> Result<(), Error> {
    match list.iter().zip(1..).find(|(migration, number)| migration.version != *number) {
        Some((migration, number)) => Err(Error::Schema(format!(
            "migration {} ({}) stands where number {number} belongs",
            migration.version, migration.name
        ))),
        None => Ok(()),
    }
}

pub(super) async fn pending(rx: &mut Rx, list: &'static [Migration]) -> Result<Vec<&'static Migration>> {
    check_list(list)?;
    let exists = rx.one(&TABLE_EXISTS, &[], |row| row.get::<i64>(0)).await?;
    if exists != Some(1) {
        return Ok(list.iter().collect());
    }
    let applied = rx.all(&APPLIED, &[], |row| Ok((row.get(0)?, row.get(1)?))).await?;
    Ok(rest(list, &applied)?)
}

/// What is left to do, if what is done belongs to this program.
fn rest<'a>(list: &'a [Migration], applied: &[(i64, String)]) -> Result<Vec<&'a Migration>, Error> {
    let known = list.last().map_or(0, |m| m.version);
    if let Some((newest, name)) = applied.last().filter(|(newest, _)| *newest > known) {
        return Err(Error::Schema(format!(
            "the database is at version {newest} ({name}), and this program knows only up to {known}: it was used \
             by a newer program. Run that one, or restore a backup from before the update"
        )));
    }
    for (version, name) in applied {
        let ours = list.iter().find(|m| m.version == *version);
        if ours.is_none_or(|m| m.name != name) {
            return Err(Error::Schema(format!(
                "migration {version} of the database is called {name}, and this program's is {}: it is the database \
                 of another program",
                ours.map_or("missing", |m| m.name)
            )));
        }
    }
    Ok(list.iter().filter(|m| !applied.iter().any(|(version, _)| *version == m.version)).collect())
}

pub(super) async fn sqlite(path: PathBuf, list: &'static [Migration]) -> Result<Vec<String>> {
    let joined = tokio::task::spawn_blocking(move || sqlite_all(&path, list)).await;
    Ok(joined.map_err(|e| Error::Panicked(e.to_string()))??)
}

fn sqlite_all(path: &Path, list: &[Migration]) -> Result<Vec<String>, Error> {
    let db = connect(path, Role::Tool)?;
    // A table that is rebuilt under another name must not take its children along; checked before each commit.
    db.pragma_update(None, "foreign_keys", false).map_err(|e| Error::sqlite("foreign_keys", e))?;
    let mut done = Vec::new();
    while let Some(name) = sqlite_next(&db, list)? {
        done.push(name);
    }
    Ok(done)
}

/// Runs the next migration, if there is one. What is applied is read inside the transaction: another process may
/// have been faster.
fn sqlite_next(db: &Connection, list: &[Migration]) -> Result<Option<String>, Error> {
    let wrong = |e: rusqlite::Error| Error::sqlite("schema_migrations", e);
    let tx = rusqlite::Transaction::new_unchecked(db, rusqlite::TransactionBehavior::Immediate)
        .map_err(|e| Error::Begin(e.to_string()))?;
    tx.execute_batch(TABLE_SQLITE).map_err(wrong)?;
    let applied = {
        let mut applied = tx.prepare(APPLIED.text(Engine::Sqlite)).map_err(wrong)?;
        let rows = applied.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(wrong)?;
        rows.collect::<rusqlite::Result<Vec<(i64, String)>>>().map_err(wrong)?
    };
    let next = rest(list, &applied)?.first().copied();
    if let Some(migration) = next {
        let failed = |e: String| Error::schema(Engine::Sqlite, migration.name, e);
        tx.execute_batch(migration.sqlite).map_err(|e| failed(e.to_string()))?;
        if tx.is_autocommit() {
            return Err(failed("it ended its own transaction".into()));
        }
        let orphans = tx.prepare("pragma foreign_key_check").and_then(|mut s| s.exists([])).map_err(wrong)?;
        if orphans {
            return Err(failed("it leaves rows that point to nothing".into()));
        }
        tx.execute(
            "insert into schema_migrations (version, name, applied_at)
             values (?1, ?2, cast(unixepoch('subsec') * 1000000 as integer))",
            (migration.version, migration.name),
        )
        .map_err(wrong)?;
    }
    tx.commit().map_err(|e| Error::Commit(e.to_string()))?;
    Ok(next.map(|m| m.name.to_owned()))
}

pub(super) async fn postgres(engine: &postgres::Engine, list: &[Migration]) -> Result<Vec<String>> {
    let wire = engine.wire().await?;
    let mut done = Vec::new();
    let outcome = loop {
        match postgres_next(&wire.client, list).await {
            Ok(Some(name)) => done.push(name),
            Ok(None) => break Ok(done),
            Err(error) => break Err(error),
        }
    };
    if outcome.is_err() {
        let undone = wire.client.batch_execute("rollback").await;
        undone.map_err(|e| Error::postgres("rollback", &e))?;
    }
    Ok(outcome?)
}

async fn postgres_next(client: &tokio_postgres::Client, list: &[Migration]) -> Result<Option<String>, Error> {
    let wrong = |e| Error::postgres("schema_migrations", &e);
    // The lock ends with the transaction, so it also works through a pooler that hands connections around.
    let begin = format!(
        "begin isolation level read committed read write; set local statement_timeout = 0; set local lock_timeout = 0; \
         select pg_advisory_xact_lock({ADVISORY_LOCK}); set local lock_timeout = '10s'; {TABLE_POSTGRES}"
    );
    client.batch_execute(&begin).await.map_err(wrong)?;
    let rows = client.query(APPLIED.text(Engine::Postgres), &[]).await.map_err(wrong)?;
    let applied = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    let applied = applied.collect::<Result<Vec<(i64, String)>, tokio_postgres::Error>>().map_err(wrong)?;
    let next = rest(list, &applied)?.first().copied();
    if let Some(migration) = next {
        let ran = client.batch_execute(migration.postgres).await;
        ran.map_err(|e| Error::schema(Engine::Postgres, migration.name, error::words(&e)))?;
        let insert = "insert into schema_migrations (version, name, applied_at)
             values ($1, $2, (extract(epoch from clock_timestamp()) * 1000000)::bigint)";
        client.execute(insert, &[&migration.version, &migration.name]).await.map_err(wrong)?;
    }
    let committed = client.batch_execute("commit").await;
    committed.map_err(|e| Error::Commit(error::words(&e).to_string()))?;
    Ok(next.map(|m| m.name.to_owned()))
}
