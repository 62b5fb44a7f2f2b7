//! A transaction on a connection to `PostgreSQL`: what waits, what goes together, and when it is kept.

use super::postgres_wire::{Manager, Wire};
use super::sql::params;
use super::{Bound, Engine as Kind, Error, Kept, Param, Sql, Values, error};
use deadpool::managed::Object;
use futures_util::future::join;
use std::borrow::Cow;
use std::ops::Deref;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use tokio_postgres::Statement;

/// The connection of a session.
pub(super) enum Link {
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
    /// When the transaction is kept, and whether it has been: then nothing may be asked of it any more.
    kept: Kept,
    over: bool,
    /// Whether a commit behind a last statement has failed: then it may still be looked why, and nothing be written.
    failed_last: bool,
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

/// What a division by zero is called (PostgreSQL manual, appendix A): see [`Waiting::strict`].
const DIVISION_BY_ZERO: &str = "22012";

impl Waiting {
    fn text(&self) -> &str {
        self.sql.text(Kind::Postgres)
    }

    /// The statement so that the server itself fails where it touches another number of rows than one: a commit that is
    /// on its way behind it then keeps nothing. A plain insert touches one row, or fails as it is.
    fn strict(&self) -> Cow<'_, str> {
        let text = self.text();
        let plain = text.starts_with("insert") && !text.contains("select") && !text.contains("on conflict");
        if self.wanted != Some(1) || plain {
            return text.into();
        }
        format!("with touched as ({text} returning 1) select 1 / cast(count(*) = 1 as integer) from touched")
            .into()
    }
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
    /// Sends them; says so where one cannot be, before the next future is polled.
    async fn send(&self, wire: &Wire, unsent: &AtomicBool) -> Done {
        let begin = async {
            match self.begin {
                Some(begin) => wire.client.batch_execute(begin).await,
                None => Ok(()),
            }
        };
        let exec =
            async |waits: &Waiting, statement: &Statement| wire.exec(statement, &params(&waits.values)).await;
        let sends = self.waiting.iter().zip(&self.statements);
        let sends =
            sends.map(|(waits, statement)| Box::pin(watched(exec(waits, statement), unsent))).collect();
        let (begin, waiting) = join(watched(begin, unsent), in_order(sends)).await;
        Done { begin, waiting }
    }
}

impl Session {
    pub(super) fn on(link: Link, begin: Option<&'static str>) -> Self {
        let (open, over, failed_last, waiting) = (false, false, false, Vec::new());
        Self { link, begin, open, kept: Kept::AfterAll, over, failed_last, waiting, trouble: None }
    }

    pub(super) fn keep(&mut self, kept: Kept) {
        self.kept = kept;
    }

    pub(super) fn is_kept_with_last(&self) -> bool {
        self.kept == Kept::WithLast
    }

    pub(super) fn failed(&self) -> Option<&'static str> {
        self.trouble.map(|t| t.statement)
    }

    pub(super) fn may_run_again(&self) -> bool {
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
        let (done, outcome) =
            join(ahead.send(wire, &AtomicBool::new(false)), wire.query(&statement, params)).await;
        self.settle(sql, &ahead, done)?;
        self.note(sql, outcome)
    }

    pub(super) async fn exec(&mut self, sql: &Sql, params: &[&dyn Param]) -> Result<u64, Error> {
        self.may_write()?;
        let statement = self.prepared(sql).await?;
        let ahead = self.ahead().await?;
        let wire = &*self.link;
        let (done, outcome) =
            join(ahead.send(wire, &AtomicBool::new(false)), wire.exec(&statement, params)).await;
        self.settle(sql, &ahead, done)?;
        self.note(sql, outcome)
    }

    /// Runs statements and then asks questions; all are on their way before the first answer is awaited.
    pub(super) async fn together(
        &mut self,
        list: &[Bound<'_>],
        asked: &[Bound<'_>],
    ) -> Result<(Vec<u64>, Vec<Vec<tokio_postgres::Row>>), Error> {
        let Some((first, _)) = list.iter().chain(asked).next() else { return Ok(Default::default()) };
        if !list.is_empty() {
            self.may_write()?;
        }
        // All are prepared before the first is sent, or one that is would overtake one that is not.
        let mut statements = Vec::with_capacity(list.len() + asked.len());
        for (sql, _) in list.iter().chain(asked) {
            statements.push(self.prepared(sql).await?);
        }
        let ahead = self.ahead().await?;
        let wire = &*self.link;
        let (run, questions) = statements.split_at(list.len());
        let sends = list.iter().zip(run);
        let sends = sends.map(|((_, params), statement)| Box::pin(wire.exec(statement, params))).collect();
        let asks = asked.iter().zip(questions);
        let asks = asks.map(|((_, params), statement)| Box::pin(wire.query(statement, params))).collect();
        let (done, (ran, found)) =
            join(ahead.send(wire, &AtomicBool::new(false)), join(in_order(sends), in_order(asks))).await;
        self.settle(first, &ahead, done)?;
        // The first failure is the true one; those behind it only say that the transaction is lost.
        let ran = ran
            .into_iter()
            .zip(list)
            .map(|(outcome, (sql, _))| self.note(sql, outcome))
            .collect::<Result<_, _>>()?;
        let found = found
            .into_iter()
            .zip(asked)
            .map(|(outcome, (sql, _))| self.note(sql, outcome))
            .collect::<Result<_, _>>()?;
        Ok((ran, found))
    }

    /// As [`Session::query`], with the commit right behind it: it keeps nothing if any of it fails.
    pub(super) async fn query_and_commit(
        &mut self,
        sql: &Sql,
        params: &[&dyn Param],
    ) -> Result<Vec<tokio_postgres::Row>, Error> {
        let statement = self.prepared(sql).await?;
        let ahead = self.ahead_of(true).await?;
        let wire = &*self.link;
        let unsent = AtomicBool::new(false);
        let last = watched(wire.query(&statement, params), &unsent);
        let asked = join(ahead.send(wire, &unsent), last);
        let ((done, outcome), committed) = join(asked, commit(wire, &unsent)).await;
        self.failed_last = true;
        self.known(&done, committed.as_ref(), outcome.as_ref().err())?;
        self.settle(sql, &ahead, done)?;
        let rows = self.note(sql, outcome)?;
        kept(committed)?;
        (self.over, self.failed_last) = (true, false);
        Ok(rows)
    }

    /// Keeps the transaction, if it has begun; what still waits goes ahead of the commit in the same round trip.
    pub(super) async fn commit(&mut self) -> Result<(), Error> {
        let first = self.waiting.first().map(|waiting| waiting.sql);
        if first.is_none() && !self.open {
            return Ok(());
        }
        let ahead = self.ahead_of(true).await?;
        let wire = &*self.link;
        let unsent = AtomicBool::new(false);
        let (done, committed) = join(ahead.send(wire, &unsent), commit(wire, &unsent)).await;
        self.known(&done, committed.as_ref(), None)?;
        if let Some(first) = first {
            self.settle(first, &ahead, done)?;
        }
        kept(committed)
    }

    /// Where the connection broke before a commit was answered, nobody knows how far the server came. What it has
    /// refused itself has made a rollback of the commit.
    fn known(
        &mut self,
        done: &Done,
        committed: Option<&Result<(), tokio_postgres::Error>>,
        more: Option<&tokio_postgres::Error>,
    ) -> Result<(), Error> {
        // One that was not sent leaves the transaction open, for the rollback.
        let Some(committed) = committed else { return Ok(()) };
        let last = [done.begin.as_ref().err(), more, committed.as_ref().err()];
        let mut errors = done.waiting.iter().map(|one| one.as_ref().err()).chain(last).flatten();
        let refused = errors.clone().any(|error| error.as_db_error().is_some());
        self.open = committed.is_err();
        match errors.next().filter(|_| !refused) {
            Some(broken) => Err(Error::Commit(error::words(broken).to_string())),
            None => Ok(()),
        }
    }

    /// Sends what waits, without the commit: for a rehearsal.
    pub(super) async fn flush(&mut self) -> Result<(), Error> {
        let Some(first) = self.waiting.first().map(|waiting| waiting.sql) else { return Ok(()) };
        let ahead = self.ahead().await?;
        let done = ahead.send(&self.link, &AtomicBool::new(false)).await;
        self.settle(first, &ahead, done)
    }

    async fn prepared(&mut self, sql: &Sql) -> Result<Statement, Error> {
        self.prepared_text(sql, sql.text(Kind::Postgres)).await
    }

    async fn prepared_text(&mut self, sql: &Sql, text: &str) -> Result<Statement, Error> {
        if self.over {
            return Err(Error::Over(sql.name()));
        }
        let outcome = self.link.prepared(text).await;
        self.note(sql, outcome)
    }

    /// What goes ahead of the next statement: the begin and whatever waits.
    async fn ahead(&mut self) -> Result<Ahead, Error> {
        self.ahead_of(false).await
    }

    /// As [`Session::ahead`]; of a commit, which must not be waited for what was touched, if so.
    async fn ahead_of(&mut self, commit: bool) -> Result<Ahead, Error> {
        let waiting = std::mem::take(&mut self.waiting);
        if !waiting.is_empty() {
            self.may_write()?;
        }
        let mut statements = Vec::with_capacity(waiting.len());
        for waits in &waiting {
            let text = if commit { waits.strict() } else { waits.text().into() };
            statements.push(self.prepared_text(waits.sql, &text).await?);
        }
        Ok(Ahead { begin: self.take_begin(), waiting, statements })
    }

    fn settle(&mut self, next: &Sql, ahead: &Ahead, done: Done) -> Result<(), Error> {
        self.note(next, done.begin)?;
        for (waits, outcome) in ahead.waiting.iter().zip(done.waiting) {
            let strict =
                matches!(&outcome, Err(e) if e.code().is_some_and(|code| code.code() == DIVISION_BY_ZERO));
            let rows = match self.note(waits.sql, outcome) {
                Err(_) if strict && waits.wanted.is_some() => 0,
                outcome => outcome?,
            };
            if waits.wanted.is_some_and(|wanted| wanted != rows) {
                return Err(Error::NotOneRow { statement: waits.sql.name(), rows });
            }
        }
        Ok(())
    }

    /// Behind a last statement that failed there is no transaction: what was written would be kept by itself.
    fn may_write(&self) -> Result<(), Error> {
        match self.trouble {
            _ if !self.failed_last => Ok(()),
            Some(trouble) => Err(Error::Poisoned(trouble.statement)),
            None => Err(Error::Closed),
        }
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
            let anew = matches!(error.cause(), Some(error::Cause::Conflict | error::Cause::Disconnected));
            if anew {
                // A changed table makes the server refuse plans from before: prepare anew.
                self.link.forget();
            }
            // What waited too long for a row does so again: who has it may stand still, until the server ends that.
            let again = anew || error.cause() == Some(error::Cause::Busy);
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

/// Says so where a statement fails here and not in the server: one whose values do not fit is never sent.
async fn watched<T>(
    sends: impl Future<Output = Result<T, tokio_postgres::Error>>,
    unsent: &AtomicBool,
) -> Result<T, tokio_postgres::Error> {
    let outcome = sends.await;
    if outcome.as_ref().is_err_and(|e| e.as_db_error().is_none()) {
        unsent.store(true, Ordering::Relaxed);
    }
    outcome
}

/// A commit right behind what was sent before it was polled; none, when not all of that could be.
async fn commit(wire: &Wire, unsent: &AtomicBool) -> Option<Result<(), tokio_postgres::Error>> {
    if unsent.load(Ordering::Relaxed) { None } else { Some(wire.client.batch_execute("commit").await) }
}

/// Whether it is kept. Everything before it has ended well.
fn kept(committed: Option<Result<(), tokio_postgres::Error>>) -> Result<(), Error> {
    match committed {
        Some(committed) => committed.map_err(|e| Error::Commit(error::words(&e).to_string())),
        None => Err(Error::Closed),
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
