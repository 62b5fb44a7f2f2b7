//! Several questions in one round trip.

use super::row::Source;
use super::tx::Conn;
use super::{Ask, Bound, Error, Row, Rx, Sql, sqlite};
use crate::Result;

/// One to four [`Ask`]s as a tuple, in the order in which they are asked.
pub trait Asks {
    /// The rows that each found.
    type Found;

    /// Asks them: see [`Rx::ask`].
    fn of(self, rx: &mut Rx) -> impl Future<Output = Result<Self::Found>> + Send;
}

impl<T: Send + 'static> Ask<T> {
    async fn alone(self, conn: &mut sqlite::Conn) -> Result<Vec<T>> {
        match self.parts() {
            Some((sql, read)) => conn.all(sql, &self.params(), usize::MAX, read).await,
            None => Ok(Vec::new()),
        }
    }

    /// Its own rows, the next of those that all found.
    fn take(&self, found: &mut impl Iterator<Item = Vec<tokio_postgres::Row>>) -> Result<Vec<T>> {
        let Some((_, read)) = self.parts() else { return Ok(Vec::new()) };
        let rows = found.next().ok_or(Error::Closed)?;
        rows.iter().map(|row| read(&Row(Source::Postgres(row)))).collect()
    }
}

macro_rules! asks {
    ($($found:ident $at:tt),+) => {
        impl<$($found: Send + 'static),+> Asks for ($(Ask<$found>,)+) {
            type Found = ($(Vec<$found>,)+);

            async fn of(self, rx: &mut Rx) -> Result<Self::Found> {
                let session = match &mut rx.0 {
                    Conn::Sqlite(conn) => return Ok(($(self.$at.alone(conn).await?,)+)),
                    Conn::Postgres(session) => session,
                };
                let values = [$(self.$at.params()),+];
                let texts = [$(self.$at.parts().map(|(sql, _)| sql)),+];
                let asked = texts.iter().zip(&values);
                let asked: Vec<Bound<'_>> =
                    asked.filter_map(|(sql, values)| Some(((*sql)? as &Sql, values.as_slice()))).collect();
                let mut found = session.queries(&asked).await?.into_iter();
                Ok(($(self.$at.take(&mut found)?,)+))
            }
        }
    };
}

asks!(A 0);
asks!(A 0, B 1);
asks!(A 0, B 1, C 2);
asks!(A 0, B 1, C 2, D 3);
