//! On which physical line a row begins, whatever the file does with its lines.

use proptest::prelude::*;
use tenure::import::{Source, Wrong};

use super::file;

fn lines(bytes: &[u8]) -> Vec<(u64, String)> {
    let file = file(bytes);
    let source = Source::open(file.path(), &[]).expect("a file of people");
    let mut rows = source.rows().expect("rows");
    let mut found = Vec::new();
    while let Some(row) = rows.next_row().expect("a row") {
        found.push(match row {
            Ok((line, cells)) => (line, cells[0].to_owned()),
            Err(bad) => (bad.line, bad.message),
        });
    }
    found
}

#[test]
fn the_header_is_line_1_and_every_line_counts() {
    for end in ["\n", "\r\n"] {
        for last in ["", end] {
            for mark in ["", "\u{feff}"] {
                let text = format!(
                    "{mark}Name,Email{end}Ada,a@x.org{end}{end}\"Bob{end}{end}Ray\",\"b@x.org\"{end}Cy,c@x.org{last}"
                );
                let found = lines(text.as_bytes());
                let expected = [(2, "Ada".into()), (4, format!("Bob{end}{end}Ray")), (7, "Cy".into())];
                assert_eq!(found, expected, "{text:?}");
            }
        }
    }
}

#[test]
fn a_row_of_another_width_and_one_that_is_no_text_are_named_by_line() {
    let found = lines(b"Name,Email\nAda\nBob,b@x.org,more\nC\xff,c@x.org\nDee,d@x.org\n");
    let messages: Vec<_> = found.iter().map(|(line, text)| format!("{line} {text}")).collect();
    assert_eq!(
        messages,
        [
            "2 This row has 1 cells, and the header 2.",
            "3 This row has 3 cells, and the header 2.",
            "4 This row is not UTF-8 text.",
            "5 Dee",
        ]
    );
}

#[test]
fn a_quote_that_is_never_closed_is_named_and_not_read_to_the_end() {
    let mut bytes = b"Name,Email\nAda,a@x.org\n\"Bob,b@x.org\n".to_vec();
    bytes.extend(b"Cy,c@x.org\n".repeat(400_000));
    let found = lines(&bytes);
    assert_eq!(found.len(), 2);
    assert!(found[1].0 == 3 && found[1].1.contains("never closed"), "{:?}", found[1]);
}

#[test]
fn semicolons_and_tabs_divide_cells_as_well() {
    for divider in [";", "\t"] {
        let text = format!("Name{divider}Email\nAda{divider}a@x.org\n");
        assert_eq!(lines(text.as_bytes()), [(2, "Ada".into())]);
    }
}

#[test]
fn what_is_no_file_of_people_is_said_in_words() {
    let wrong = |bytes: &[u8]| Source::open(file(bytes).path(), &[]).expect_err("no file of people");
    assert_eq!(wrong(b""), Wrong::Empty);
    assert_eq!(wrong(b"\n\r\n"), Wrong::Empty);
    assert_eq!(wrong(b"\xff\xfeN\0a\0m\0e\0"), Wrong::NotText);
    assert_eq!(wrong(b"N\0a\0m\0e\0\n"), Wrong::NotText);
    assert!(matches!(wrong(b"{\"name\": 1}"), Wrong::Missing { .. }));
}

/// A cell, and how it is written.
fn cell() -> impl Strategy<Value = (String, String)> {
    ("[a-zé\"\n\r, ;]{0,6}", any::<bool>()).prop_map(|(text, quote)| {
        let must = text.contains(['"', '\n', '\r', ',', ';']);
        let written = if quote || must { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.clone() };
        (text, written)
    })
}

proptest! {
    #[test]
    fn every_row_is_found_on_its_line(
        rows in prop::collection::vec((cell(), 0_usize..3), 0..12),
        crlf in any::<bool>(),
        ended in any::<bool>(),
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut text = format!("Name,Email{end}");
        let mut expected = Vec::new();
        for ((value, written), empty) in &rows {
            text.push_str(&end.repeat(*empty));
            let line = 1 + text.matches('\n').count() as u64;
            expected.push((line, value.clone()));
            text.extend([written.as_str(), ",x", end]);
        }
        if !ended && !rows.is_empty() {
            text.truncate(text.len() - end.len());
        }
        prop_assert_eq!(lines(text.as_bytes()), expected, "{:?}", text);
    }
}

/// Bytes that are often nearly a file of people.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            "Name,Email\n", "Email;Name\r\n", "\u{feff}", "a@x.org", "Ada", ",", ",", ";", "\t", "\n", "\n", "\r\n", "\r", "\"", "\"\"",
            "Active", "2026-01-01", "'=", "\0", "é",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    let begin = prop::sample::select(vec!["", "Name,Email\n", "\u{feff}Name;Email;Status;Last Login\r\n"]);
    (begin, prop::collection::vec(piece, 0..40))
        .prop_map(|(begin, pieces)| begin.bytes().chain(pieces.concat()).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_rows_or_errors_each_on_a_line_of_the_file(bytes in bytes()) {
        let file = file(&bytes);
        let Ok(source) = Source::open(file.path(), &[]) else { return Ok(()) };
        let last = bytes.split(|byte| *byte == b'\n').count() as u64;
        let (limits, zone) = (tenure::limits::Limits::default(), jiff::tz::TimeZone::UTC);
        let mut rows = source.rows().expect("rows");
        let mut before = 1;
        while let Some(row) = rows.next_row().expect("a row") {
            let line = match row {
                Ok((line, cells)) => {
                    prop_assert_eq!(cells.len(), source.mapping().width());
                    match tenure::import::read(line, &cells, source.mapping(), &limits, &zone) {
                        Ok(cells) => prop_assert_eq!(cells.line, line),
                        Err(bad) => {
                            prop_assert_eq!(bad.line, line);
                            prop_assert!(!bad.message.is_empty());
                            let known = source.mapping().pairs().any(|(name, _)| name == bad.column);
                            prop_assert!(known, "{} is no column of the file", bad.column);
                        }
                    }
                    line
                }
                Err(bad) => bad.line,
            };
            prop_assert!(before < line && line <= last, "{} after {}, of {}: {:?}", line, before, last, String::from_utf8_lossy(&bytes));
            before = line;
        }
    }
}

#[test]
fn of_columns_that_are_called_the_same_each_is_chosen_in_its_turn() {
    let file = file(b"Email,Email,Name\nold@x.org,new@x.org,Ada\n");
    let chosen = |first: &str, second: &str| {
        let maps = [("Email", first), ("Email", second)].map(|(from, to)| (from.to_owned(), to.to_owned()));
        Source::open(file.path(), &maps).map(|source| source.mapping().place(domain::import::Column::Email))
    };
    assert!(matches!(Source::open(file.path(), &[]), Err(Wrong::Twice { .. })));
    assert_eq!(chosen("Email", ""), Ok(Some(0)));
    assert_eq!(chosen("", "Email"), Ok(Some(1)));
}
