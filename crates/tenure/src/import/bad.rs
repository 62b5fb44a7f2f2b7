//! The rows of a file that are wrong: the first are kept to be shown, and all can be written to a file.

use std::{fs::File, io, path::Path};

use super::BadRow;
use crate::sheet::harmless;

/// Gathers rows that are wrong.
#[derive(Debug, Default)]
pub struct BadRows {
    first: Vec<BadRow>,
    most: usize,
    file: Option<csv::Writer<File>>,
    failed: Option<String>,
}

impl BadRows {
    /// Keeps the first `most`, and writes every one to `path`.
    pub fn open(most: usize, path: Option<&Path>) -> io::Result<Self> {
        let Some(path) = path else { return Ok(Self { most, ..Self::default() }) };
        let mut file = csv::Writer::from_path(path)?;
        file.write_record(["Line", "Column", "Error"])?;
        Ok(Self { most, file: Some(file), ..Self::default() })
    }

    /// One more.
    pub fn push(&mut self, row: BadRow) {
        if let Some(file) = &mut self.file {
            let cells = [row.line.to_string(), harmless(row.column.clone()), harmless(row.message.clone())];
            let written = file.write_record(cells);
            self.failed = self.failed.take().or(written.err().map(|error| error.to_string()));
        }
        if self.first.len() < self.most {
            self.first.push(row);
        }
    }

    /// The first of them; or with why, when the file of all is not whole.
    #[must_use]
    pub fn close(mut self) -> (Vec<BadRow>, Option<String>) {
        let closed = self.file.take().map_or(Ok(()), |mut file| file.flush());
        let failed = self.failed.take().or(closed.err().map(|error| error.to_string()));
        (self.first, failed)
    }
}
