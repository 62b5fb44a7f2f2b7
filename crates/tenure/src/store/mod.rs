//! The store: one API over two engines, `SQLite` (embedded) and `PostgreSQL`.
//!
//! ```ignore
//! let receipt = store.write(async move |tx| ops::deactivate(tx, &ctx, id, input).await).await?;
//! let mut rx = store.reader().await?;
//! let person = people::load(&mut rx, workspace, id).await?;
//! ```
//!
//! An operation may run more than once (`PostgreSQL` reports deadlocks), awaits nothing but its [`Tx`], and leaves
//! side effects to the outbox. Once one of its statements has failed it cannot end well, on either engine.
//!
//! An [`Rx`] from [`Store::reader`] sees one state of the database in all its reads, on both engines: a page never
//! shows a count that disagrees with its rows.

pub mod answers;
pub mod articles;
mod ask;
pub mod attachments;
pub mod attempts;
pub mod attention;
pub mod audit;
pub mod audit_grid;
pub mod batch_people;
pub mod batches;
pub mod brakes;
pub mod changes;
pub mod deleted_people;
pub mod deliveries;
pub mod departures;
pub mod dialect;
mod error;
pub mod events;
pub mod export;
pub mod export_work;
pub mod grams;
pub mod grid;
mod guard;
pub mod handovers;
pub mod held_requests;
pub mod import;
pub mod item_list;
pub mod item_people;
pub mod items;
pub mod licenses;
pub mod links;
pub mod listing;
pub mod messages;
mod migrate;
pub mod organizations;
mod params;
pub mod passwords;
pub mod people;
pub mod picker;
pub mod pictures;
mod postgres;
mod postgres_listen;
mod postgres_session;
mod postgres_tls;
mod postgres_wire;
pub mod projects;
mod row;
mod rows;
pub mod scim;
pub mod scim_groups;
pub mod sessions;
mod sql;
mod sqlite;
mod sqlite_reader;
mod sqlite_tools;
mod sqlite_writer;
pub mod steps;
pub mod teams;
pub mod texts;
pub mod time;
pub mod tokens;
mod tx;
pub mod views;
pub mod webhooks;
pub mod workspaces;

pub use crate::{bind, statements};
pub use ask::Asks;
pub use error::{Cause, Error};
pub use migrate::{MIGRATIONS, Migration};
pub use postgres_listen::Listener;
pub use postgres_wire::PLANNING;
pub use row::{Column, Row};
pub use sql::{Ask, Bound, Param, Sql, Values};
pub use tx::{Rx, Tx};

use crate::{Result, metrics};
use prometheus_client::metrics::histogram::Histogram;
use sqlite_writer::Extent;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use tx::Conn;

/// Every statement of every table file, for the test that prepares them all. A table file adds its `ALL` here.
const LISTS: &[&[(&str, Sql)]] = &[
    crate::ops::invariants::ALL,
    crate::ops::invariants::work::ALL,
    answers::ALL,
    articles::ALL,
    attempts::ALL,
    attention::ALL,
    audit::ALL,
    batch_people::ALL,
    batches::ALL,
    brakes::ALL,
    changes::ALL,
    deleted_people::ALL,
    deliveries::ALL,
    departures::ALL,
    events::ALL,
    export::ALL,
    export_work::ALL,
    grams::ALL,
    grid::ALL,
    handovers::ALL,
    held_requests::ALL,
    import::ALL,
    item_people::ALL,
    items::ALL,
    licenses::ALL,
    links::ALL,
    listing::ALL,
    attachments::ALL,
    messages::ALL,
    organizations::ALL,
    passwords::ALL,
    people::ALL,
    pictures::ALL,
    projects::ALL,
    scim::ALL,
    scim_groups::ALL,
    sessions::ALL,
    steps::ALL,
    teams::ALL,
    tokens::ALL,
    texts::ALL,
    views::ALL,
    webhooks::ALL,
    workspaces::ALL,
];

/// Every statement that is written as a constant.
#[must_use]
pub fn statements() -> Vec<(&'static str, Sql)> {
    LISTS.iter().flat_map(|list| list.iter().cloned()).collect()
}

/// Which database runs underneath.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, the default.
    Sqlite,
    /// A server, for several nodes.
    Postgres,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// Where the database is.
#[derive(Clone, Debug)]
pub enum Target {
    /// A file; made if it is not there, in a folder that is.
    Sqlite(PathBuf),
    /// A connection URL or `key=value` string as `libpq` knows them.
    Postgres(String),
}

/// How many connections a store may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Reading connections of `SQLite`.
    pub readers: usize,
    /// Pooled connections to `PostgreSQL`, besides the shared one for point reads.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { readers: 32, connections: 16 }
    }
}

/// The database. Cheap to clone; all clones share their connections.
#[derive(Clone)]
pub struct Store {
    kind: Kind,
    /// Told after each write, and when another node says that it has placed events.
    wrote: Arc<Notify>,
    /// How many writes shared a transaction, on `SQLite`.
    groups: Histogram,
}

/// When a write on `PostgreSQL` is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// When the operation has ended.
    AfterAll,
    /// With its [`Tx::last`].
    WithLast,
}

#[derive(Clone)]
enum Kind {
    Sqlite(sqlite::Engine),
    Postgres(postgres::Engine),
}

impl Store {
    /// Opens the database with the usual limits. Does not migrate it.
    pub async fn open(target: Target) -> Result<Self> {
        Self::open_with(target, Limits::default()).await
    }

    /// Opens the database. Does not migrate it.
    pub async fn open_with(target: Target, limits: Limits) -> Result<Self> {
        let groups = metrics::groups();
        let kind = match target {
            Target::Sqlite(path) => {
                Kind::Sqlite(sqlite::Engine::open(&path, limits.readers, groups.clone())?)
            }
            Target::Postgres(url) => Kind::Postgres(postgres::Engine::open(&url, limits.connections).await?),
        };
        Ok(Self { kind, wrote: Arc::default(), groups })
    }

    /// Which database runs underneath.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.kind {
            Kind::Sqlite(_) => Engine::Sqlite,
            Kind::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs `op` in one transaction: all of it is kept and on disk when this answers `Ok`, none of it when `Err`
    /// (but after [`Error::Commit`] the outcome is unknown). On `PostgreSQL` a deadlock runs it again.
    pub async fn write<T, F>(&self, op: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T> + Send + Sync + 'static,
    {
        Box::pin(self.write_of(op, Extent::Small, Kept::AfterAll)).await
    }

    /// As [`Store::write`], for an operation that ends with [`Tx::last`] where it changes something, and of which
    /// nothing comes after it: on `PostgreSQL` the commit goes with that statement. An operation that goes on is
    /// answered an error although what it did before is kept, so this is for operations that are handed over whole.
    pub async fn write_to_last<T, F>(&self, op: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T> + Send + Sync + 'static,
    {
        Box::pin(self.write_of(op, Extent::Small, Kept::WithLast)).await
    }

    async fn write_of<T, F>(&self, op: F, extent: Extent, kept: Kept) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T> + Send + Sync + 'static,
    {
        let mark = answers::Mark::here();
        let marks = mark.clone();
        let op = async move |tx: &mut Tx| {
            // First: after its last statement an operation may be kept already.
            if let Some(mark) = &marks {
                mark.set(tx)?;
            }
            op(tx).await
        };
        let outcome = match &self.kind {
            Kind::Sqlite(engine) => engine.write(op, extent).await,
            Kind::Postgres(engine) => engine.write(op, kept).await,
        };
        if let (Some(mark), Ok(_)) = (&mark, &outcome) {
            mark.kept();
        }
        self.wrote.notify_one();
        outcome
    }

    /// As [`Store::write`], for what may change a large part of the database: on `SQLite` it has its transaction for
    /// itself (a savepoint would keep the former content of each page in memory) and a page cache of up to 512 MiB,
    /// which is given back when it ends. Other writes wait meanwhile.
    pub async fn write_large<T, F>(&self, op: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T> + Send + Sync + 'static,
    {
        Box::pin(self.write_of(op, Extent::Large, Kept::AfterAll)).await
    }

    /// Waits until something may have been written here, or another node has placed events ([`events::arrange`]).
    /// One waits at a time. Who writes from elsewhere, such as the command line beside `SQLite`, is not heard.
    pub async fn wrote(&self) {
        self.wrote.notified().await;
    }

    /// How many writes shared a transaction, as counted since it was opened.
    pub(crate) fn groups(&self) -> Histogram {
        self.groups.clone()
    }

    /// Hears the other nodes of a `PostgreSQL` database until the answer is dropped; `None` on `SQLite`, which has none.
    #[must_use]
    pub fn listen(&self) -> Option<Listener> {
        match &self.kind {
            Kind::Sqlite(_) => None,
            Kind::Postgres(engine) => Some(engine.listen(Arc::clone(&self.wrote))),
        }
    }

    /// As [`Store::write`], but that nothing of it is kept: what a dry run shows is made by the code that acts.
    pub async fn rehearse<T, F>(&self, op: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T> + Send + Sync + 'static,
    {
        let told = Arc::new(Mutex::new(None));
        let tells = Arc::clone(&told);
        let ended: Result<()> = self
            .write(async move |tx| {
                let value = op(tx).await?;
                // What waits may still fail.
                tx.settle().await?;
                *tells.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
                Err(Error::Rehearsed)?
            })
            .await;
        let value = told.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (ended, value) {
            (Err(crate::Error::Store(Error::Rehearsed)), Some(value)) => Ok(value),
            (Err(error), _) => Err(error),
            (Ok(()), _) => Err(Error::Rehearsed)?,
        }
    }

    /// A reader whose reads all see one state of the database. Drop it soon: it holds a connection.
    pub async fn reader(&self) -> Result<Rx> {
        Ok(Rx(match &self.kind {
            Kind::Sqlite(engine) => Conn::Sqlite(engine.reader(true).await?),
            Kind::Postgres(engine) => Conn::Postgres(engine.reader().await?),
        }))
    }

    /// A reader for single statements that find a row or two by key, such as the session check: each statement sees
    /// the newest state. On `PostgreSQL` it shares one connection with all others of its kind, so nothing slow here.
    pub async fn point(&self) -> Result<Rx> {
        Ok(Rx(match &self.kind {
            Kind::Sqlite(engine) => Conn::Sqlite(engine.reader(false).await?),
            Kind::Postgres(engine) => Conn::Postgres(engine.point().await?),
        }))
    }

    /// A reader for one statement, or several that need not see one state, that may take long: on `PostgreSQL` it costs
    /// one round trip where [`Store::reader`] costs two, and waits for nobody as those of [`Store::point`] may.
    pub async fn single(&self) -> Result<Rx> {
        Ok(Rx(match &self.kind {
            Kind::Sqlite(engine) => Conn::Sqlite(engine.reader(false).await?),
            Kind::Postgres(engine) => Conn::Postgres(engine.single().await?),
        }))
    }

    /// Brings the schema up to this program's version; answers the names of the migrations that ran.
    pub async fn migrate(&self) -> Result<Vec<String>> {
        self.migrate_with(MIGRATIONS).await
    }

    /// As [`Store::migrate`], with another list: for tests.
    pub async fn migrate_with(&self, list: &'static [Migration]) -> Result<Vec<String>> {
        migrate::check_list(list)?;
        match &self.kind {
            Kind::Sqlite(engine) => migrate::sqlite(engine.path().to_owned(), list).await,
            Kind::Postgres(engine) => migrate::postgres(engine, list).await,
        }
    }

    /// The migrations that [`Store::migrate`] would run. An error if the database is newer than this program.
    pub async fn pending(&self) -> Result<Vec<&'static Migration>> {
        self.pending_with(MIGRATIONS).await
    }

    /// As [`Store::pending`], with another list: for tests.
    pub async fn pending_with(&self, list: &'static [Migration]) -> Result<Vec<&'static Migration>> {
        migrate::pending(&mut self.reader().await?, list).await
    }

    /// Copies the whole database, as it is at one moment, into a new file. Writers go on meanwhile.
    pub async fn backup(&self, to: &Path) -> Result<()> {
        match &self.kind {
            Kind::Sqlite(engine) => sqlite_tools::backup(engine.path().to_owned(), to.to_owned()).await,
            Kind::Postgres(_) => Err(Error::Unsupported(
                "PostgreSQL is backed up with its own tools: pg_dump, or \
                base backups with archived WAL",
            ))?,
        }
    }

    /// Looks for damage; answers what it found, in words. Reads the whole file on `SQLite`.
    pub async fn integrity(&self) -> Result<Vec<String>> {
        match &self.kind {
            Kind::Sqlite(engine) => sqlite_tools::integrity(engine.path().to_owned()).await,
            Kind::Postgres(_) => postgres::integrity(&mut self.reader().await?).await,
        }
    }

    /// Prepares every statement and answers what is wrong with them, in words: one that does not prepare, values
    /// that would be bound in another order than their numbers say, a whole-table scan not marked `scan`.
    pub async fn prepare_all(&self, list: &[(&str, Sql)]) -> Result<Vec<String>> {
        match &self.kind {
            Kind::Sqlite(engine) => Ok(sqlite_tools::prepare_all(engine.path(), list)?),
            Kind::Postgres(engine) => Ok(engine.prepare_all(list).await?),
        }
    }

    /// Lets queued writes finish and closes the connections.
    pub async fn close(&self) {
        match &self.kind {
            Kind::Sqlite(engine) => engine.close().await,
            Kind::Postgres(engine) => engine.close(),
        }
    }
}
