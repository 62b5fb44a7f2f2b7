//! Reads and writes as operations see them, on either engine.

use super::ask::Asks;
use super::sql::params;
use super::{Bound, Engine, Error, Param, Row, Sql, Values, postgres_session, row, sqlite, sqlite_reader};
use crate::Result;
use std::ops::{Deref, DerefMut};

/// Owned, without lifetimes: an operation's future may outlive the call that made it.
pub(super) enum Conn {
    Sqlite(sqlite::Conn),
    Postgres(postgres_session::Session),
}

/// Reads.
pub struct Rx(pub(super) Conn);

/// Reads and writes: one transaction.
pub struct Tx(pub(super) Rx);

impl Deref for Tx {
    type Target = Rx;
    fn deref(&self) -> &Rx {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Rx {
        &mut self.0
    }
}

impl Rx {
    pub(super) fn sqlite(conn: sqlite::Conn) -> Self {
        Self(Conn::Sqlite(conn))
    }

    /// Which database runs underneath, for built text.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.0 {
            Conn::Sqlite(_) => Engine::Sqlite,
            Conn::Postgres(_) => Engine::Postgres,
        }
    }

    /// The row the statement finds, or none. Several are an error.
    pub async fn one<T: Send + 'static>(
        &mut self,
        sql: &Sql,
        params: &[&dyn Param],
        read: fn(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        // Two rows are enough to know that there are too many.
        let mut rows = self.some(sql, params, 2, read).await?;
        if rows.len() > 1 {
            return Err(Error::NotOneRow { statement: sql.name(), rows: 2 })?;
        }
        Ok(rows.pop())
    }

    /// All rows the statement finds. It bounds them itself (`limit`).
    pub async fn all<T: Send + 'static>(
        &mut self,
        sql: &Sql,
        params: &[&dyn Param],
        read: fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.some(sql, params, usize::MAX, read).await
    }

    /// What several questions find, each all its rows: on `PostgreSQL` they are asked in this order in one round trip.
    ///
    /// ```ignore
    /// let (teams, organizations) = rx.ask((teams::ask_of_person(ws, id), organizations::ask_of_person(ws, id))).await?;
    /// ```
    pub async fn ask<A: Asks>(&mut self, asks: A) -> Result<A::Found> {
        Ok(asks.after(self, &[]).await?.1)
    }

    async fn some<T: Send + 'static>(
        &mut self,
        sql: &Sql,
        params: &[&dyn Param],
        limit: usize,
        read: fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        match &mut self.0 {
            Conn::Sqlite(conn) => conn.all(sql, params, limit, read).await,
            Conn::Postgres(session) => {
                let rows = session.query(sql, params).await?;
                rows.iter().map(|row| read(&Row(row::Source::Postgres(row)))).collect()
            }
        }
    }
}

impl Tx {
    /// Runs the statement; answers how many rows it touched.
    pub async fn exec(&mut self, sql: &Sql, params: &[&dyn Param]) -> Result<u64> {
        match &mut self.0.0 {
            Conn::Sqlite(conn) => conn.exec(sql, params),
            Conn::Postgres(session) => Ok(session.exec(sql, params).await?),
        }
    }

    /// Runs the statement, which must touch exactly one row.
    pub async fn exec_one(&mut self, sql: &Sql, params: &[&dyn Param]) -> Result<()> {
        match self.exec(sql, params).await? {
            1 => Ok(()),
            rows => Err(Error::NotOneRow { statement: sql.name(), rows })?,
        }
    }

    /// Runs the statement together with the next one that is waited for, or with the commit: on `PostgreSQL` it
    /// costs no round trip of its own. If it fails, that shows there at the latest. It may touch any number of rows.
    pub fn soon(&mut self, sql: &'static Sql, values: Values) -> Result<()> {
        self.wait(sql, None, values)
    }

    /// As [`Tx::soon`]; it must touch exactly one row.
    pub fn soon_one(&mut self, sql: &'static Sql, values: Values) -> Result<()> {
        self.wait(sql, Some(1), values)
    }

    /// As [`Rx::one`], as the last statement of a write that is kept with it ([`super::Store::write_to_last`]): on
    /// `PostgreSQL` the commit goes with it in one round trip, so that what it locked is free one way sooner. Whatever
    /// is asked of this transaction afterwards is an error. In other writes it is a statement like all others.
    pub async fn last<T: Send + 'static>(
        &mut self,
        sql: &Sql,
        values: &[&dyn Param],
        read: fn(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        match &mut self.0.0 {
            Conn::Postgres(session) if session.is_kept_with_last() => {
                let rows = session.query_and_commit(sql, values).await?;
                rows.first().map(|row| read(&Row(row::Source::Postgres(row)))).transpose()
            }
            _ => self.one(sql, values, read).await,
        }
    }

    /// Runs what waits.
    pub(super) async fn settle(&mut self) -> Result<()> {
        match &mut self.0.0 {
            Conn::Sqlite(_) => Ok(()),
            Conn::Postgres(session) => Ok(session.flush().await?),
        }
    }

    fn wait(&mut self, sql: &'static Sql, wanted: Option<u64>, values: Values) -> Result<()> {
        match &mut self.0.0 {
            Conn::Sqlite(conn) => {
                let rows = conn.exec(sql, &params(&values))?;
                if wanted.is_some_and(|wanted| wanted != rows) {
                    return Err(Error::NotOneRow { statement: sql.name(), rows })?;
                }
            }
            Conn::Postgres(session) => session.soon(sql, wanted, values),
        }
        Ok(())
    }

    /// Runs the statements in order, in one round trip; answers how many rows each touched.
    pub async fn batch(&mut self, list: &[Bound<'_>]) -> Result<Vec<u64>> {
        Ok(self.batch_and_ask(list, ()).await?.0)
    }

    /// As [`Tx::batch`], and what questions find after it, in the same round trip.
    pub async fn batch_and_ask<A: Asks>(
        &mut self,
        list: &[Bound<'_>],
        asks: A,
    ) -> Result<(Vec<u64>, A::Found)> {
        asks.after(&mut self.0, list).await
    }

    /// An operation that swallowed a failed statement must not be kept: `PostgreSQL` would answer its COMMIT with a
    /// silent rollback, `SQLite` would keep the rest.
    pub(super) fn judge<T>(&self, outcome: Result<T>) -> Result<T> {
        let failed = match &self.0.0 {
            Conn::Sqlite(conn) => conn.failed,
            Conn::Postgres(session) => session.failed(),
        };
        match (outcome, failed) {
            (Ok(_), Some(statement)) => Err(Error::Poisoned(statement))?,
            (outcome, _) => outcome,
        }
    }

    pub(super) fn forget_failure(&mut self) {
        if let Conn::Sqlite(conn) = &mut self.0.0 {
            conn.failed = None;
        }
    }

    pub(super) fn sqlite_db(&self) -> Option<&rusqlite::Connection> {
        match &self.0.0 {
            Conn::Sqlite(conn) => conn.lease.as_ref().map(sqlite_reader::Lease::db),
            Conn::Postgres(_) => None,
        }
    }
}
