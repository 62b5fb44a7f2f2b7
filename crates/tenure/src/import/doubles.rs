//! Which rows of a file are of one person: by fingerprints, so that a million rows take a few megabytes.

use std::collections::BTreeMap;

use domain::import::Column;
use sha2::{Digest as _, Sha256};

/// The fingerprint of a value, long enough that two of a file are never alike by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Print([u8; 12]);

impl Print {
    /// Of a folded address or an external id.
    #[must_use]
    pub fn of(value: &str) -> Self {
        let mut print = [0; 12];
        for (to, from) in print.iter_mut().zip(Sha256::digest(value.as_bytes())) {
            *to = from;
        }
        Self(print)
    }
}

/// The rows that name somebody whom an earlier row names, and every address of the file.
#[derive(Debug, Clone, Default)]
pub struct Doubles {
    addresses: Vec<(Print, u32)>,
    externals: Vec<(Print, u32)>,
    found: BTreeMap<u32, (Column, u32)>,
}

fn short(line: u64) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

impl Doubles {
    /// Adds a row.
    pub fn push(&mut self, line: u64, address: Print, external: Option<Print>) {
        self.addresses.push((address, short(line)));
        self.externals.extend(external.map(|print| (print, short(line))));
    }

    /// Finds the doubles once every row is in.
    pub fn settle(&mut self) {
        for (prints, column) in
            [(&mut self.externals, Column::ExternalId), (&mut self.addresses, Column::Email)]
        {
            prints.sort_unstable();
            for same in prints.chunk_by(|(a, _), (b, _)| a == b).filter(|same| same.len() > 1) {
                let first = same[0].1;
                self.found.extend(same[1..].iter().map(|(_, line)| (*line, (column, first))));
            }
        }
        self.externals = Vec::new();
    }

    /// The column in which the row on `line` repeats an earlier row, and that row's line.
    #[must_use]
    pub fn of(&self, line: u64) -> Option<(Column, u64)> {
        self.found.get(&short(line)).map(|(column, first)| (*column, u64::from(*first)))
    }

    /// The line of a row with this address, once [`Doubles::settle`] was called.
    #[must_use]
    pub fn line_of(&self, address: Print) -> Option<u64> {
        let at = self.addresses.partition_point(|(print, _)| *print < address);
        self.addresses.get(at).filter(|(print, _)| *print == address).map(|(_, line)| u64::from(*line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_is_told_by_the_line_of_the_first() {
        let mut doubles = Doubles::default();
        doubles.push(2, Print::of("ada@example.org"), Some(Print::of("1")));
        doubles.push(3, Print::of("bob@example.org"), Some(Print::of("2")));
        doubles.push(4, Print::of("ada@example.org"), None);
        doubles.push(5, Print::of("cy@example.org"), Some(Print::of("2")));
        doubles.settle();
        assert_eq!(doubles.of(2), None);
        assert_eq!(doubles.of(4), Some((Column::Email, 2)));
        assert_eq!(doubles.of(5), Some((Column::ExternalId, 3)));
        assert_eq!(doubles.line_of(Print::of("bob@example.org")), Some(3));
        assert_eq!(doubles.line_of(Print::of("eve@example.org")), None);
    }
}
