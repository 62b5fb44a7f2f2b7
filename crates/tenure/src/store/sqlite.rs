//! The embedded engine: one writer thread with group commit, and a pool of reading connections.
//!
//! Waiting writes share one transaction, each in its savepoint, and are answered after the one fsync. Schemas must
//! not use deferred foreign keys: one write's would fail the commit of its neighbours.

use super::sqlite_reader::{Lease, Readers};
use super::sqlite_writer::{self, Extent, Job, OpJob};
use super::{Error, Param, Row, Sql, Tx};
use crate::Result;
use prometheus_client::metrics::histogram::Histogram;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, Value};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How long one scan may run before it is stopped; a longer one would keep the WAL from being checkpointed.
const SCAN_LIMIT: Duration = Duration::from_secs(30);
/// The page cache of the writer, in KiB.
pub(super) const CACHE: i64 = 8 * 1024;
/// That of a reader, of which there are many: what it does not hold is in the system's own cache.
const READER_CACHE: i64 = 2 * 1024;

/// Writes that may wait for the writer before callers wait for a place.
const QUEUE: usize = 1024;

#[derive(Clone)]
pub(super) struct Engine(Arc<Inner>);

struct Inner {
    path: PathBuf,
    jobs: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
    readers: Arc<Readers>,
}

impl Engine {
    pub(super) fn open(path: &Path, readers: usize, groups: Histogram) -> Result<Self, Error> {
        create_private(path)?;
        let writer = connect(path, Role::Writer)?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (end, ended) = oneshot::channel();
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                sqlite_writer::run(writer, queue, &groups);
                let _ = end.send(());
            })
            .map_err(|e| Error::file("cannot start the writer thread", e))?;
        Ok(Self(Arc::new(Inner {
            path: path.to_owned(),
            jobs: Mutex::new(Some(jobs)),
            ended: Mutex::new(Some(ended)),
            readers: Arc::new(Readers::new(path.to_owned(), readers)),
        })))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0.path
    }

    pub(super) async fn write<T, F>(&self, op: F, extent: Extent) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T> + Send + Sync + 'static,
    {
        let jobs = lock(&self.0.jobs).clone().ok_or(Error::Closed)?;
        let (answer, answered) = oneshot::channel();
        let job: Box<dyn Job> = Box::new(OpJob::new(op, extent, answer));
        jobs.send(job).await.map_err(|_| Error::Closed)?;
        // Held no longer than needed: the writer ends when the last sender is gone.
        drop(jobs);
        answered.await.map_err(|_| Error::Closed)?
    }

    pub(super) async fn reader(&self, snapshot: bool) -> Result<Conn, Error> {
        Ok(Conn { lease: Some(self.0.readers.lease(snapshot).await?), failed: None })
    }

    /// Lets queued writes finish, then closes every connection, so that the WAL is folded into the file.
    pub(super) async fn close(&self) {
        lock(&self.0.jobs).take();
        let ended = lock(&self.0.ended).take();
        if let Some(ended) = ended {
            let _ = ended.await;
        }
        self.0.readers.close();
    }
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Reads only; a write through it fails.
    Reader,
    /// The one that writes.
    Writer,
    /// Migrations, backups and checks: off the beaten path, waits longer.
    Tool,
}

/// Opens a connection with the settings everything else relies on.
pub(super) fn connect(path: &Path, role: Role) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let db = Connection::open_with_flags(path, flags)?;
        db.busy_timeout(Duration::from_secs(if role == Role::Tool { 30 } else { 5 }))?;
        // The plan must not depend on the values: without this each binding prepares the statement again.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        // A mistyped name in double quotes is an error, as on PostgreSQL, and not a text.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        if role != Role::Reader {
            let mode: String = db.query_row("pragma journal_mode = wal", [], |row| row.get(0))?;
            if mode != "wal" {
                return Err(rusqlite::Error::InvalidParameterName(format!(
                    "journal mode is {mode}, not wal"
                )));
            }
        }
        let cache = if role == Role::Reader { READER_CACHE } else { CACHE };
        // FULL: with NORMAL a power cut loses writes that were already answered.
        db.execute_batch(&format!(
            "pragma synchronous = full;
             pragma foreign_keys = on;
             pragma wal_autocheckpoint = 1000;
             pragma journal_size_limit = 67108864;
             pragma cache_size = -{cache};
             pragma temp_store = memory;",
        ))?;
        #[cfg(feature = "planted")]
        db.execute_batch(crate::planted::careless(true))?;
        if role == Role::Writer {
            // What is deleted is overwritten, not only forgotten: a person who is deleted is gone from the file.
            db.execute_batch("pragma secure_delete = on")?;
        }
        if role == Role::Reader {
            db.execute_batch("pragma query_only = on")?;
        }
        db.set_prepared_statement_cache_capacity(if role == Role::Writer { 512 } else { 256 });
        Ok(db)
    };
    open().map_err(|e| Error::open(path.display().to_string(), e))
}

/// Makes the file if there is none, readable for its owner alone; SQLite gives the WAL the same rights.
fn create_private(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::OpenOptionsExt;
    let made = std::fs::OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path);
    made.map(drop).map_err(|e| Error::open(path.display().to_string(), e))
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A panic elsewhere leaves nothing half done in these: they are single assignments.
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A connection as [`super::Rx`] and [`Tx`] hold it. The lease is away while a scan runs on another thread.
pub(super) struct Conn {
    pub(super) lease: Option<Lease>,
    /// The first statement that failed, if one did.
    pub(super) failed: Option<&'static str>,
}

impl Conn {
    fn db(&self) -> Result<&Connection, Error> {
        self.lease.as_ref().map(Lease::db).ok_or(Error::Closed)
    }

    pub(super) async fn all<T: Send + 'static>(
        &mut self,
        sql: &Sql,
        params: &[&dyn Param],
        limit: usize,
        read: fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let outcome = if sql.is_scan() && self.lease.as_ref().is_some_and(Lease::is_reader) {
            self.scan(sql, params, limit, read).await
        } else {
            let binds = params.iter().map(|p| *p as &dyn rusqlite::ToSql);
            self.db().map_err(crate::Error::from).and_then(|db| rows(db, sql, binds, limit, read))
        };
        self.note(sql, outcome)
    }

    pub(super) fn exec(&mut self, sql: &Sql, params: &[&dyn Param]) -> Result<u64> {
        let outcome = self.db().and_then(|db| {
            let run = || -> rusqlite::Result<usize> {
                let mut statement = db.prepare_cached(sql.text(super::Engine::Sqlite))?;
                bind(&mut statement, sql, params.iter().map(|p| *p as &dyn rusqlite::ToSql))?;
                statement.raw_execute()
            };
            run().map_err(|e| Error::sqlite(sql.name(), e))
        });
        self.note(sql, outcome.map(|rows| rows as u64).map_err(crate::Error::from))
    }

    fn note<T>(&mut self, sql: &Sql, outcome: Result<T>) -> Result<T> {
        if outcome.is_err() {
            self.failed.get_or_insert(sql.name());
        }
        outcome
    }

    /// Runs the statement on a blocking thread: the connection and copies of the values go there, and come back.
    async fn scan<T: Send + 'static>(
        &mut self,
        sql: &Sql,
        params: &[&dyn Param],
        limit: usize,
        read: fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let values = owned(params).map_err(|e| Error::sqlite(sql.name(), e))?;
        let lease = self.lease.take().ok_or(Error::Closed)?;
        let brake = Brake::new(&lease);
        let running = brake.clone();
        let sql = sql.clone();
        let work = tokio::task::spawn_blocking(move || {
            let binds = values.iter().map(|v| v as &dyn rusqlite::ToSql);
            let outcome = rows(lease.db(), &sql, binds, limit, read);
            // From here on the connection may serve somebody else: the brake must not touch it any more.
            running.release();
            (lease, outcome)
        });
        // Dropped when the caller leaves or the time is up: then the scan stops.
        let _brake = BrakeOnDrop(brake.clone());
        let mut work = std::pin::pin!(work);
        let joined = if let Ok(joined) = tokio::time::timeout(SCAN_LIMIT, &mut work).await {
            joined
        } else {
            brake.pull();
            work.await
        };
        let (lease, outcome) = joined.map_err(|e| Error::Panicked(e.to_string()))?;
        self.lease = Some(lease);
        outcome
    }
}

/// Stops a running scan, and only that one.
#[derive(Clone)]
struct Brake(Arc<Mutex<Option<rusqlite::InterruptHandle>>>);

struct BrakeOnDrop(Brake);

impl Brake {
    fn new(lease: &Lease) -> Self {
        Self(Arc::new(Mutex::new(Some(lease.db().get_interrupt_handle()))))
    }

    fn release(&self) {
        lock(&self.0).take();
    }

    fn pull(&self) {
        // Under the lock, so that the connection cannot change hands in between.
        if let Some(handle) = lock(&self.0).as_ref() {
            handle.interrupt();
        }
    }
}

impl Drop for BrakeOnDrop {
    fn drop(&mut self) {
        self.0.pull();
    }
}

fn owned(params: &[&dyn Param]) -> rusqlite::Result<Vec<Value>> {
    params
        .iter()
        .map(|param| match rusqlite::ToSql::to_sql(*param)? {
            ToSqlOutput::Borrowed(value) => {
                Value::try_from(value).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))
            }
            ToSqlOutput::Owned(value) => Ok(value),
            _ => Err(rusqlite::Error::InvalidParameterName("a value of an unknown kind".into())),
        })
        .collect()
}

/// Binds the values in the order of their numbers. To `SQLite` `$2` is a name, numbered by where it first appears;
/// a text that uses them in another order would get them swapped. A test finds that in constant statements, so only
/// built ones pay for the look in a release.
fn bind<'a>(
    statement: &mut rusqlite::Statement<'_>,
    sql: &Sql,
    values: impl ExactSizeIterator<Item = &'a dyn rusqlite::ToSql>,
) -> rusqlite::Result<()> {
    let (given, wanted) = (values.len(), statement.parameter_count());
    if given != wanted {
        return Err(rusqlite::Error::InvalidParameterCount(given, wanted));
    }
    let careful = cfg!(debug_assertions) || sql.is_built();
    for (index, value) in values.enumerate() {
        if careful && let Some(wrong) = misnumbered(statement, index + 1) {
            return Err(rusqlite::Error::InvalidParameterName(wrong));
        }
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(())
}

/// The name of the value at `index`, from 1, if it is not its number.
pub(super) fn misnumbered(statement: &rusqlite::Statement<'_>, index: usize) -> Option<String> {
    let name = statement.parameter_name(index).unwrap_or("?");
    let number = name.strip_prefix('$').and_then(|digits| digits.parse().ok());
    (number != Some(index)).then(|| name.to_owned())
}

/// Reads up to `limit` rows.
fn rows<'a, T>(
    db: &Connection,
    sql: &Sql,
    values: impl ExactSizeIterator<Item = &'a dyn rusqlite::ToSql>,
    limit: usize,
    read: fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let failed = |e| Error::sqlite(sql.name(), e);
    let mut statement = db.prepare_cached(sql.text(super::Engine::Sqlite)).map_err(failed)?;
    bind(&mut statement, sql, values).map_err(failed)?;
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while found.len() < limit
        && let Some(row) = rows.next().map_err(failed)?
    {
        found.push(read(&Row(super::row::Source::Sqlite(row)))?);
    }
    Ok(found)
}
