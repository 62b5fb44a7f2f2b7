//! The server engine: pooled connections, statements prepared once per connection, few round trips.

use super::postgres_listen::Listener;
use super::postgres_session::{Link, Session};
use super::postgres_wire::{Manager, Wire};
use super::{Engine as Kind, Error, Kept, Row, Rx, Sql, Tx, error, guard};
use crate::Result;
use deadpool::managed::{Object, Pool, PoolError, TimeoutType};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Notify;

/// READ COMMITTED: limits stand in the statements that write, so nothing stronger is needed, and nothing waits.
const BEGIN_WRITE: &str = "begin isolation level read committed read write";
/// One state of the database for all reads of a page, as on `SQLite`.
const BEGIN_READ: &str = "begin isolation level repeatable read read only";
/// How often a write runs at most when it meets deadlocks, or waits for a row in vain.
const ATTEMPTS: u32 = 8;
/// How long a caller waits for a connection.
const WAIT: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(super) struct Engine(Arc<Inner>);

struct Inner {
    pool: Pool<Manager>,
    /// For point reads: everybody's requests travel one behind the other, without waiting for answers.
    shared: RwLock<Option<Arc<Wire>>>,
    renewing: tokio::sync::Mutex<()>,
}

impl AsRef<Manager> for Engine {
    fn as_ref(&self) -> &Manager {
        self.0.pool.manager()
    }
}

impl Engine {
    pub(super) async fn open(url: &str, connections: usize) -> Result<Self, Error> {
        let manager = Manager::new(url)?;
        let target = manager.target().to_owned();
        let pool = Pool::builder(manager)
            .max_size(connections)
            .runtime(deadpool::Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(Duration::from_secs(10)))
            .recycle_timeout(Some(WAIT))
            .build()
            .map_err(|e| Error::open(target, e))?;
        let first = pool.get().await.map_err(|e| pool_error(&pool, e))?;
        suitable(&first).await?;
        drop(first);
        Ok(Self(Arc::new(Inner { pool, shared: RwLock::new(None), renewing: tokio::sync::Mutex::new(()) })))
    }

    pub(super) async fn session(&self, begin: &'static str) -> Result<Session, Error> {
        Ok(Session::on(Link::Pooled(Box::new(self.wire().await?)), Some(begin)))
    }

    /// A session on a connection of its own, outside any transaction.
    pub(super) async fn single(&self) -> Result<Session, Error> {
        Ok(Session::on(Link::Pooled(Box::new(self.wire().await?)), None))
    }

    pub(super) async fn reader(&self) -> Result<Session, Error> {
        self.session(BEGIN_READ).await
    }

    /// A session on the shared connection, outside any transaction.
    pub(super) async fn point(&self) -> Result<Session, Error> {
        let wire = match self.shared() {
            Some(wire) => wire,
            None => self.renew().await?,
        };
        Ok(Session::on(Link::Shared(wire), None))
    }

    fn shared(&self) -> Option<Arc<Wire>> {
        let shared = self.0.shared.read().unwrap_or_else(PoisonError::into_inner);
        shared.clone().filter(|wire| !wire.client.is_closed())
    }

    async fn renew(&self) -> Result<Arc<Wire>, Error> {
        let _turn = self.0.renewing.lock().await;
        if let Some(wire) = self.shared() {
            return Ok(wire);
        }
        if self.0.pool.is_closed() {
            return Err(Error::Closed);
        }
        let wire = Arc::new(self.0.pool.manager().connect().await?);
        *self.0.shared.write().unwrap_or_else(PoisonError::into_inner) = Some(wire.clone());
        Ok(wire)
    }

    pub(super) async fn write<T, F>(&self, op: F, kept: Kept) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T> + Send + Sync + 'static,
    {
        let mut attempt = 1;
        loop {
            let mut session = self.session(BEGIN_WRITE).await?;
            session.keep(kept);
            let mut tx = Tx(Rx(super::Conn::Postgres(session)));
            let outcome = match guard::catch(op(&mut tx)).await {
                Ok(outcome) => tx.judge(outcome),
                Err(panicked) => Err(panicked.into()),
            };
            let super::Conn::Postgres(mut session) = tx.0.0 else { return Err(Error::Closed.into()) };
            let outcome = match outcome {
                Ok(value) => session.commit().await.map(|()| value).map_err(crate::Error::from),
                Err(error) => Err(error),
            };
            match outcome {
                Ok(value) => return Ok(value),
                // Never again after a commit whose answer did not come: it may have happened.
                Err(error) if !session.may_run_again() || attempt == ATTEMPTS => return Err(error),
                Err(_) => {
                    // Free the rows before waiting, or the other side of the deadlock waits as well.
                    drop(session);
                    tokio::time::sleep(pause(attempt)).await;
                    attempt += 1;
                }
            }
        }
    }

    /// Hears what other nodes say, on a connection of its own.
    pub(super) fn listen(&self, heard: Arc<Notify>) -> Listener {
        Listener::start(self.clone(), heard)
    }

    /// A connection of the pool.
    pub(super) async fn wire(&self) -> Result<Object<Manager>, Error> {
        self.0.pool.get().await.map_err(|e| pool_error(&self.0.pool, e))
    }

    pub(super) async fn prepare_all(&self, list: &[(&str, Sql)]) -> Result<Vec<String>, Error> {
        let wire = self.wire().await?;
        let mut wrong = Vec::new();
        for (name, sql) in list {
            if let Err(e) = wire.client.prepare(sql.text(Kind::Postgres)).await {
                wrong.push(format!("{name} ({}): {}", sql.name(), error::words(&e)));
            }
        }
        Ok(wrong)
    }

    pub(super) fn close(&self) {
        self.0.pool.close();
        self.0.shared.write().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// A random wait that grows with the attempts, so that two writes do not meet again.
#[expect(
    clippy::disallowed_methods,
    reason = "it spreads retries: nothing secret, and nothing to repeat in a test"
)]
fn pause(attempt: u32) -> Duration {
    let most = 4_000_u32 << attempt;
    let chance = getrandom::u32().unwrap_or(most / 2);
    Duration::from_micros(u64::from(1_000 + chance % most))
}

fn pool_error(pool: &Pool<Manager>, error: PoolError<Error>) -> Error {
    match error {
        PoolError::Backend(error) => error,
        PoolError::Timeout(TimeoutType::Wait) => Error::Busy("all connections are in use".into()),
        PoolError::Closed => Error::Closed,
        other => Error::open(pool.manager().target(), other),
    }
}

/// Refuses a server on which the same data would behave differently.
async fn suitable(wire: &Wire) -> Result<(), Error> {
    let failed = |e| Error::postgres("server settings", &e);
    let text = "select current_setting('server_version_num')::bigint, current_setting('server_encoding')";
    let row = wire.client.query_one(text, &[]).await.map_err(failed)?;
    let (version, encoding): (i64, String) =
        (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
    if version < 150_000 {
        return Err(Error::Unsuitable(format!(
            "the server is PostgreSQL {}, and 15 or newer is needed",
            version / 10_000
        )));
    }
    if encoding != "UTF8" {
        return Err(Error::Unsuitable(format!(
            "it is encoded in {encoding}; make it with: create database … encoding 'UTF8' template template0"
        )));
    }
    Ok(())
}

/// The server checks its own pages; what can be seen from here are indexes that a failed build left behind.
pub(super) async fn integrity(rx: &mut Rx) -> Result<Vec<String>> {
    const INVALID: Sql =
        Sql::both("select indexrelid::regclass::text from pg_index where not indisvalid order by 1")
            .named("invalid indexes");
    let read = |row: &Row<'_>| Ok(format!("the index {} is not valid; reindex it", row.get::<String>(0)?));
    rx.all(&INVALID, &[], read).await
}
