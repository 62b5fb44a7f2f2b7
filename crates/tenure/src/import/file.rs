//! Reading a file of people row by row, in bounded memory.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use csv::{ByteRecord, ReaderBuilder, Terminator};

use super::{BadRow, Mapping, Wrong};

/// The most bytes of one row. A quote that is never closed makes the rest of a file one cell; it must not
/// all be held.
const LONGEST_ROW: usize = 1 << 20;
const BUFFER: usize = 64 << 10;
/// Read behind every file: the last row ends with the first at the latest. Whatever reads the second as well is a quote
/// that was never closed.
const BEHIND: &[u8] = b"\n\n";

/// A file whose columns are known.
#[derive(Debug, Clone)]
pub struct Source {
    path: PathBuf,
    delimiter: u8,
    mapping: Mapping,
}

impl Source {
    /// Opens a file and reads its header; see [`Mapping::read`] for `chosen`.
    pub fn open(path: &Path, chosen: &[(String, String)]) -> Result<Self, Wrong> {
        let header = Self::header(path)?;
        let mapping = Mapping::read(&header, chosen)?;
        Ok(Self { path: path.to_owned(), delimiter: delimiter(path).map_err(unreadable)?, mapping })
    }

    /// What the first line names.
    pub fn header(path: &Path) -> Result<Vec<String>, Wrong> {
        let mut rows = Rows::open(path, delimiter(path).map_err(unreadable)?, 0).map_err(unreadable)?;
        match rows.next_record().map_err(unreadable)? {
            Found::Row(_) => {}
            Found::TooLong(_) => return Err(Wrong::NotText),
            Found::End => return Err(Wrong::Empty),
        }
        let cell = |cell: &[u8]| std::str::from_utf8(cell).map(|text| text.trim().to_owned());
        let header: Vec<String> =
            rows.record.iter().map(cell).collect::<Result<_, _>>().map_err(|_| Wrong::NotText)?;
        // A file in UTF-16 is full of these.
        if header.iter().any(|name| name.contains('\0')) { Err(Wrong::NotText) } else { Ok(header) }
    }

    /// Which column is which.
    #[must_use]
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// The rows below the header, from the first on.
    pub fn rows(&self) -> io::Result<Rows> {
        let mut rows = Rows::open(&self.path, self.delimiter, self.mapping.width())?;
        rows.next_record()?;
        Ok(rows)
    }

    /// How many bytes the file has.
    pub fn bytes(&self) -> io::Result<u64> {
        Ok(std::fs::metadata(&self.path)?.len())
    }
}

fn unreadable(error: impl Into<io::Error>) -> Wrong {
    Wrong::Unreadable(error.into().to_string())
}

/// The beginning of a file, whatever its columns are.
#[derive(Debug, Clone, Default)]
pub struct Glance {
    /// What the columns are called.
    pub header: Vec<String>,
    /// The cells of the first row, as far as there are any.
    pub first: Vec<String>,
}

impl Glance {
    /// Looks at a file.
    pub fn at(path: &Path) -> Result<Self, Wrong> {
        let header = Source::header(path)?;
        let mut rows = Rows::open(path, delimiter(path).map_err(unreadable)?, 0).map_err(unreadable)?;
        rows.next_record().map_err(unreadable)?;
        let first = match rows.next_record().map_err(unreadable)? {
            Found::Row(_) => {
                rows.record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
            }
            Found::TooLong(_) | Found::End => Vec::new(),
        };
        Ok(Self { header, first })
    }
}

/// What divides the cells: in half of Europe a spreadsheet's CSV has semicolons, and some have tabs. The
/// header tells by what there is most of.
fn delimiter(path: &Path) -> io::Result<u8> {
    let mut start = Vec::new();
    File::open(path)?.take(16 << 10).read_to_end(&mut start)?;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in start.into_iter().take_while(|byte| *byte != b'\n') {
        quoted ^= byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(!quoted && byte == *delimiter);
        }
    }
    // Of two alike the first: `max_by_key` would take the last.
    Ok(counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| delimiter))
}

/// One row, or what is wrong with it as a whole.
pub type Row<'a> = Result<(u64, Vec<&'a str>), BadRow>;

/// The rows of a file, one after the other.
#[derive(Debug)]
pub struct Rows {
    reader: csv::Reader<Bounded>,
    record: ByteRecord,
    width: usize,
    /// How many bytes the file has.
    length: u64,
    done: bool,
}

enum Found {
    Row(u64),
    TooLong(u64),
    End,
}

impl Rows {
    fn open(path: &Path, delimiter: u8, width: usize) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let inner = BufReader::with_capacity(BUFFER, file).chain(BEHIND);
        let bounded = Bounded { inner, since: 0 };
        // Only the line feed ends a row, so that lines can be counted; the carriage return before it is cut off.
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER)
            .from_reader(bounded);
        Ok(Self { reader, record: ByteRecord::new(), width, length, done: false })
    }

    /// The next row with the line on which it begins. Lines without any cell are passed over.
    pub fn next_row(&mut self) -> io::Result<Option<Row<'_>>> {
        let line = match self.next_record()? {
            Found::End => return Ok(None),
            Found::Row(line) => line,
            Found::TooLong(line) => {
                let message = format!(
                    "This row has more than {LONGEST_ROW} bytes. Is a quote opened that is never closed? \
                     What follows was not read."
                );
                return Ok(Some(Err(BadRow { line, column: String::new(), message })));
            }
        };
        Ok(Some(self.cells(line)))
    }

    fn cells(&self, line: u64) -> Row<'_> {
        let bad = |message: String| BadRow { line, column: String::new(), message };
        if self.record.len() != self.width {
            let (has, width) = (self.record.len(), self.width);
            // A quote that is left open takes the lines after it into its cell.
            let runs_on = self.record.iter().any(|cell| cell.contains(&b'\n'));
            let quote = if runs_on { " Is a quote opened that is never closed?" } else { "" };
            return Err(bad(format!("This row has {has} cells, and the header {width}.{quote}")));
        }
        let text = |cell| std::str::from_utf8(cell);
        let cells = self.record.iter().map(text).collect::<Result<Vec<_>, _>>();
        cells.map(|cells| (line, cells)).map_err(|_| bad("This row is not UTF-8 text.".into()))
    }

    /// How many bytes have been read.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.reader.position().byte()
    }

    fn next_record(&mut self) -> io::Result<Found> {
        loop {
            if self.done {
                return Ok(Found::End);
            }
            let began = self.reader.position().line();
            self.reader.get_mut().since = 0;
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => return Ok(Found::End),
                Err(error) => {
                    self.done = true;
                    return if self.reader.get_ref().since > LONGEST_ROW {
                        Ok(Found::TooLong(began))
                    } else {
                        Err(error.into())
                    };
                }
            }
            let behind = if self.is_open() { BEHIND.len() } else { 0 };
            self.cut(behind);
            if self.record.len() > 1 || self.record.get(0).is_some_and(|cell| !cell.is_empty()) {
                return Ok(Found::Row(self.line()));
            }
        }
    }

    /// Whether the row just read has a quote that is never closed, and so everything behind the file in it.
    fn is_open(&self) -> bool {
        self.reader.position().byte() > self.length + 1
    }

    /// The line on which the row just read begins: the reader is behind its end, and empty lines may lie
    /// before it.
    fn line(&self) -> u64 {
        let behind = if self.is_open() { BEHIND.len() as u64 } else { 1 };
        let inside = self.record.as_slice().split(|byte| *byte == b'\n').count() - 1;
        self.reader.position().line().saturating_sub(behind).saturating_sub(inside as u64).max(1)
    }

    /// Takes so many bytes from the end of the row, and the carriage return that belongs to the end of its line.
    fn cut(&mut self, behind: usize) {
        if behind == 0 && self.record.as_slice().last() != Some(&b'\r') {
            return;
        }
        let cells = self.record.len();
        let cut = |(at, cell): (usize, &[u8])| {
            let end = if at + 1 == cells { cell.len().saturating_sub(behind) } else { cell.len() };
            let end = end - usize::from(behind == 0 && at + 1 == cells && cell.ends_with(b"\r"));
            cell[..end].to_vec()
        };
        self.record = self.record.iter().enumerate().map(cut).collect();
    }
}

/// Refuses to read on within one row for ever.
#[derive(Debug)]
struct Bounded {
    inner: io::Chain<BufReader<File>, &'static [u8]>,
    since: usize,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since > LONGEST_ROW {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a row is too long"));
        }
        let read = self.inner.read(buffer)?;
        self.since += read;
        Ok(read)
    }
}
