//! The server engine: pooled connections, statements prepared once per connection, few round trips.

use super::postgres_listen::Listener;
use super::postgres_wire::{Manager, Wire};
use super::{Bound, Engine as Kind, Error, Param, Row, Rx, Sql, Tx, Values, error, guard};
use crate::Result;
use deadpool::managed::{Object, Pool, PoolError, TimeoutType};
use futures_util::future::join;
use std::ops::Deref;
use std::pin::{Pin, pin};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_postgres::Statement;

/// READ COMMITTED: limits stand in the statements that write, so nothing stronger is needed, and nothing waits.
const BEGIN_WRITE: &str = "begin isolation level read committed read write";
/// One state of the database for all reads of a page, as on `SQLite`.
const BEGIN_READ: &str = "begin isolation level repeatable read read only";
/// How often a write runs at most when it meets deadlocks.
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
        let link = Link::Pooled(Box::new(self.wire().await?));
        Ok(Session { link, begin: Some(begin), open: false, waiting: Vec::new(), trouble: None })
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
        Ok(Session { link: Link::Shared(wire), begin: None, open: false, waiting: Vec::new(), trouble: None })
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

    pub(super) async fn write<T, F>(&self, op: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T> + Send + Sync + 'static,
    {
        let mut attempt = 1;
        loop {
            let mut tx = Tx(Rx(super::Conn::Postgres(self.session(BEGIN_WRITE).await?)));
            let outcome = match guard::catch(op(&mut tx)).await {
                Ok(outcome) => tx.judge(outcome),
                Err(panicked) => Err(panicked.into()),
            };
            let super::Conn::Postgres(mut session) = tx.0.0 else { return Err(Error::Closed.into()) };
            let outcome = match outcome {
                Ok(value) => session.flush().await.map(|()| value).map_err(crate::Error::from),
                Err(error) => Err(error),
            };
            match outcome {
                // Never again after a failed commit: it may have happened.
                Ok(value) => return Ok(session.commit().await.map(|()| value)?),
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

enum Link {
    Pooled(Box<Object<Manager>>),
    Shared(Arc<Wire>),
}

impl Deref for Link {
    type Target = Wire;
    fn deref(&self) -> &Wire {
        match self {
            Self::Pooled(wire) => wire,
            Self::Shared(wire) => wire,
        }
    }
}

/// A connection with its transaction, which begins together with the first statement.
pub(super) struct Session {
    link: Link,
    begin: Option<&'static str>,
    open: bool,
    waiting: Vec<Waiting>,
    trouble: Option<Trouble>,
}

/// The first statement that failed, and whether the whole write may run again.
#[derive(Clone, Copy)]
struct Trouble {
    statement: &'static str,
    again: bool,
}

/// A statement that is sent together with the next one; how many rows it must touch, if that is certain.
struct Waiting {
    sql: &'static Sql,
    wanted: Option<u64>,
    values: Values,
}

/// What is sent ahead of a statement, in one go with it.
struct Ahead {
    begin: Option<&'static str>,
    waiting: Vec<Waiting>,
    statements: Vec<Statement>,
}

/// What came of it.
struct Done {
    begin: Result<(), tokio_postgres::Error>,
    waiting: Vec<Result<u64, tokio_postgres::Error>>,
}

impl Ahead {
    async fn send(&self, wire: &Wire) -> Done {
        let begin = async {
            match self.begin {
                Some(begin) => wire.client.batch_execute(begin).await,
                None => Ok(()),
            }
        };
        let exec = async |waits: &Waiting, statement: &Statement| {
            let params: Vec<&dyn Param> = waits.values.iter().map(|value| &**value as &dyn Param).collect();
            wire.exec(statement, &params).await
        };
        let sends = self.waiting.iter().zip(&self.statements);
        let sends = sends.map(|(waits, statement)| Box::pin(exec(waits, statement))).collect();
        let (begin, waiting) = join(begin, in_order(sends)).await;
        Done { begin, waiting }
    }
}

impl Session {
    pub(super) fn failed(&self) -> Option<&'static str> {
        self.trouble.map(|t| t.statement)
    }

    fn may_run_again(&self) -> bool {
        self.trouble.is_some_and(|t| t.again)
    }

    /// Keeps the statement until the next one is sent.
    pub(super) fn soon(&mut self, sql: &'static Sql, wanted: Option<u64>, values: Values) {
        self.waiting.push(Waiting { sql, wanted, values });
    }

    pub(super) async fn query(
        &mut self,
        sql: &Sql,
        params: &[&dyn Param],
    ) -> Result<Vec<tokio_postgres::Row>, Error> {
        let statement = self.prepared(sql).await?;
        let ahead = self.ahead().await?;
        let wire = &*self.link;
        let (done, outcome) = join(ahead.send(wire), wire.query(&statement, params)).await;
        self.settle(sql, &ahead, done)?;
        self.note(sql, outcome)
    }

    pub(super) async fn exec(&mut self, sql: &Sql, params: &[&dyn Param]) -> Result<u64, Error> {
        let statement = self.prepared(sql).await?;
        let ahead = self.ahead().await?;
        let wire = &*self.link;
        let (done, outcome) = join(ahead.send(wire), wire.exec(&statement, params)).await;
        self.settle(sql, &ahead, done)?;
        self.note(sql, outcome)
    }

    /// All statements are on their way before the first answer is awaited.
    pub(super) async fn batch(&mut self, list: &[Bound<'_>]) -> Result<Vec<u64>, Error> {
        let Some((first, _)) = list.first() else { return Ok(Vec::new()) };
        // All are prepared before the first is sent, or one that is would overtake one that is not.
        let mut statements = Vec::with_capacity(list.len());
        for (sql, _) in list {
            statements.push(self.prepared(sql).await?);
        }
        let ahead = self.ahead().await?;
        let wire = &*self.link;
        let sends = list.iter().zip(&statements);
        let sends = sends.map(|((_, params), statement)| Box::pin(wire.exec(statement, params))).collect();
        let (done, outcomes) = join(ahead.send(wire), in_order(sends)).await;
        self.settle(first, &ahead, done)?;
        // The first failure is the true one; those behind it only say that the transaction is lost.
        outcomes.into_iter().zip(list).map(|(outcome, (sql, _))| self.note(sql, outcome)).collect()
    }

    /// Sends what waits: before the commit, which must not happen if any of it fails.
    pub(super) async fn flush(&mut self) -> Result<(), Error> {
        let Some(first) = self.waiting.first().map(|waiting| waiting.sql) else { return Ok(()) };
        let ahead = self.ahead().await?;
        let done = ahead.send(&self.link).await;
        self.settle(first, &ahead, done)
    }

    async fn prepared(&mut self, sql: &Sql) -> Result<Statement, Error> {
        let outcome = self.link.prepared(sql.text(Kind::Postgres)).await;
        self.note(sql, outcome)
    }

    /// What goes ahead of the next statement: the begin and whatever waits.
    async fn ahead(&mut self) -> Result<Ahead, Error> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut statements = Vec::with_capacity(waiting.len());
        for waits in &waiting {
            statements.push(self.prepared(waits.sql).await?);
        }
        Ok(Ahead { begin: self.take_begin(), waiting, statements })
    }

    fn settle(&mut self, next: &Sql, ahead: &Ahead, done: Done) -> Result<(), Error> {
        self.note(next, done.begin)?;
        for (waits, outcome) in ahead.waiting.iter().zip(done.waiting) {
            let rows = self.note(waits.sql, outcome)?;
            if waits.wanted.is_some_and(|wanted| wanted != rows) {
                return Err(Error::NotOneRow { statement: waits.sql.name(), rows });
            }
        }
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), Error> {
        if self.open {
            let done = self.link.client.batch_execute("commit").await;
            done.map_err(|e| Error::Commit(error::words(&e).to_string()))?;
            self.open = false;
        }
        Ok(())
    }

    fn take_begin(&mut self) -> Option<&'static str> {
        let begin = self.begin.take();
        // Before it is sent: if the caller leaves in between, the rollback must still follow.
        self.open |= begin.is_some();
        begin
    }

    fn note<T>(&mut self, sql: &Sql, outcome: Result<T, tokio_postgres::Error>) -> Result<T, Error> {
        outcome.map_err(|e| {
            let error = Error::postgres(sql.name(), &e);
            let again = matches!(error.cause(), Some(error::Cause::Conflict | error::Cause::Disconnected));
            if again {
                // A changed table makes the server refuse plans from before: prepare anew.
                self.link.forget();
            }
            self.trouble.get_or_insert(Trouble { statement: sql.name(), again });
            error
        })
    }
}

impl Drop for Session {
    /// Queues a rollback ahead of whatever the connection's next user sends; nobody waits for it.
    fn drop(&mut self) {
        if self.open && !self.link.client.is_closed() {
            let rollback = pin!(self.link.client.batch_execute("rollback"));
            let _: Poll<_> = rollback.poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}

/// Polls the futures one after the other, so that their requests leave in order, and waits for all.
async fn in_order<T, F: Future<Output = T>>(mut futures: Vec<Pin<Box<F>>>) -> Vec<T> {
    let mut done: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        let mut all = true;
        for (future, slot) in futures.iter_mut().zip(&mut done).filter(|(_, slot)| slot.is_none()) {
            match future.as_mut().poll(context) {
                Poll::Ready(value) => *slot = Some(value),
                Poll::Pending => all = false,
            }
        }
        if all { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

/// The server checks its own pages; what can be seen from here are indexes that a failed build left behind.
pub(super) async fn integrity(rx: &mut Rx) -> Result<Vec<String>> {
    const INVALID: Sql =
        Sql::both("select indexrelid::regclass::text from pg_index where not indisvalid order by 1")
            .named("invalid indexes");
    let read = |row: &Row<'_>| Ok(format!("the index {} is not valid; reindex it", row.get::<String>(0)?));
    rx.all(&INVALID, &[], read).await
}
