//! Several questions in one round trip.

use super::row::Source;
use super::tx::Conn;
use super::{Ask, Bound, Error, Param, Row, Rx, Sql, sqlite};
use crate::Result;

/// None to four [`Ask`]s as a tuple, in the order in which they are asked.
pub trait Asks {
    /// The rows that each found.
    type Found;

    /// Runs the statements and then asks: see [`Rx::ask`] and [`super::Tx::batch_and_ask`].
    fn after(
        self,
        rx: &mut Rx,
        list: &[Bound<'_>],
    ) -> impl Future<Output = Result<(Vec<u64>, Self::Found)>> + Send;
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
    ($($found:ident $at:tt),*) => {
        impl<$($found: Send + 'static),*> Asks for ($(Ask<$found>,)*) {
            type Found = ($(Vec<$found>,)*);

            async fn after(self, rx: &mut Rx, list: &[Bound<'_>]) -> Result<(Vec<u64>, Self::Found)> {
                let session = match &mut rx.0 {
                    Conn::Sqlite(conn) => {
                        let rows = list.iter().map(|(sql, params)| conn.exec(sql, params)).collect::<Result<_>>()?;
                        return Ok((rows, ($(self.$at.alone(conn).await?,)*)));
                    }
                    Conn::Postgres(session) => session,
                };
                let values: [Vec<&dyn Param>; _] = [$(self.$at.params()),*];
                let texts: [Option<&'static Sql>; _] = [$(self.$at.parts().map(|(sql, _)| sql)),*];
                let asked = texts.iter().zip(&values);
                let asked: Vec<Bound<'_>> =
                    asked.filter_map(|(sql, values)| Some(((*sql)? as &Sql, values.as_slice()))).collect();
                let (rows, found) = session.together(list, &asked).await?;
                let mut _found = found.into_iter();
                Ok((rows, ($(self.$at.take(&mut _found)?,)*)))
            }
        }
    };
}

asks!();
asks!(A 0);
asks!(A 0, B 1);
asks!(A 0, B 1, C 2);
asks!(A 0, B 1, C 2, D 3);
