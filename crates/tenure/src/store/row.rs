//! One row of an answer, the same for both engines.

use super::Error;
use crate::Result;
use jiff::Timestamp;

/// A type a column can be read as: `i64`, `bool`, `String`, `Vec<u8>`, `Uuid`, and `Option` of these.
pub trait Column: rusqlite::types::FromSql + tokio_postgres::types::FromSqlOwned {}
impl<T: rusqlite::types::FromSql + tokio_postgres::types::FromSqlOwned> Column for T {}

/// One row, lent to the function that reads it.
pub struct Row<'a>(pub(super) Source<'a>);

pub(super) enum Source<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// The column at `index`, from 0.
    pub fn get<T: Column>(&self, index: usize) -> Result<T> {
        let value = match self.0 {
            Source::Sqlite(row) => row.get(index).map_err(|e| column(index, Box::new(e))),
            Source::Postgres(row) => row.try_get(index).map_err(|e| column(index, Box::new(e))),
        };
        Ok(value?)
    }

    /// The column at `index` as a moment; it holds microseconds since 1970.
    pub fn time(&self, index: usize) -> Result<Timestamp> {
        moment(index, self.get(index)?)
    }

    /// The column at `index` as a moment, or none where it is null.
    pub fn time_opt(&self, index: usize) -> Result<Option<Timestamp>> {
        self.get::<Option<i64>>(index)?.map(|micros| moment(index, micros)).transpose()
    }

    /// The column at `index` through `parse`: for enumerations and other checked text.
    /// A value that does not parse is an error that names the column.
    pub fn parse<T: std::str::FromStr>(&self, index: usize) -> Result<T>
    where
        T::Err: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let text: String = self.get(index)?;
        Ok(text.parse().map_err(|e: T::Err| column(index, e.into()))?)
    }
}

fn moment(index: usize, micros: i64) -> Result<Timestamp> {
    Ok(Timestamp::from_microsecond(micros).map_err(|e| column(index, Box::new(e)))?)
}

fn column(index: usize, source: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::Column { index, source }
}
