//! CSV as spreadsheets open it: no cell is taken for a formula.

use crate::error::{Error, Result};

/// Lines of CSV from rows of cells, each made [`harmless`].
pub fn lines<R, C>(rows: R) -> Result<Vec<u8>>
where
    R: IntoIterator<Item = C>,
    C: IntoIterator<Item = String>,
{
    let internal = |error: String| Error::Internal(error);
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        let cells = row.into_iter().map(harmless);
        writer.write_record(cells.map(String::into_bytes)).map_err(|error| internal(error.to_string()))?;
    }
    writer.into_inner().map_err(|error| internal(error.to_string()))
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe before it (ASVS 5.0 1.2.10); so does one that
/// looks as if it had got one, so that an import can tell.
#[must_use]
pub fn harmless(cell: String) -> String {
    let formula = cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::{harmless, lines};

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''-1"] {
            assert_eq!(harmless(formula.into()), format!("'{formula}"));
        }
        for plain in ["", "Ada = Adams", "{\"a\":1}", "1-2", "'s-Hertogenbosch"] {
            assert_eq!(harmless(plain.into()), plain);
        }
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let rows = [["a,b".to_owned(), "=1".to_owned()], ["\"".to_owned(), String::new()]];
        assert_eq!(lines(rows).expect("lines"), b"\"a,b\",'=1\n\"\"\"\",\n");
    }
}
