//! A file of people (RFC 4180, UTF-8), read row by row: what its columns are, on which line each row
//! begins, and what its cells say. It decides nothing: that is [`domain::import`]'s, through
//! [`crate::ops::import`].

mod bad;
mod cells;
mod columns;
mod doubles;
mod file;
pub mod uploads;

pub use bad::BadRows;
pub use cells::{Cells, read};
pub use columns::{Mapping, Wrong, known};
pub use doubles::{Doubles, Print};
pub use file::{Glance, Row, Rows, Source};

/// What is wrong with a row: the line on which it begins (the header is line 1), the column as the file
/// names it, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BadRow {
    /// The line.
    pub line: u64,
    /// The column; empty where the row as a whole is wrong.
    pub column: String,
    /// Why, for whoever made the file.
    pub message: String,
}

impl std::fmt::Display for BadRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}", self.line)?;
        if !self.column.is_empty() {
            write!(f, ", {}", self.column)?;
        }
        write!(f, ": {}", self.message)
    }
}
