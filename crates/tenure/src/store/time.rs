//! Times and dates as the database keeps them.

use jiff::{Timestamp, civil::Date};

use super::Error;

/// Microseconds since 1970 in UTC.
#[must_use]
pub fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// Reads [`micros`] back; `column` names the place of a bad value.
pub fn timestamp(micros: i64, column: &'static str) -> Result<Timestamp, Error> {
    Timestamp::from_microsecond(micros).map_err(|_| Error::Value(column))
}

/// A date as `2026-11-24`, which sorts as it should.
#[must_use]
pub fn date_text(date: Date) -> String {
    date.to_string()
}

/// Reads [`date_text`] back; `column` names the place of a bad value.
pub fn date(text: &str, column: &'static str) -> Result<Date, Error> {
    text.parse().map_err(|_| Error::Value(column))
}

/// The day of a moment as days since 1970 in UTC: the grain of the license chart.
#[must_use]
pub fn day(time: Timestamp) -> i64 {
    time.as_second().div_euclid(86_400)
}
