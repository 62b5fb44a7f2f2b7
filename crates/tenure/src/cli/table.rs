//! Text for people: columns and moments.

use jiff::{Timestamp, tz::TimeZone};

/// Rows in columns that line up, under their heads.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let width = |text: &str| text.chars().count();
    let mut widths: Vec<usize> = heads.iter().map(|head| width(head)).collect();
    for row in rows {
        for (column, cell) in row.iter().enumerate().take(widths.len()) {
            widths[column] = widths[column].max(width(cell));
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths).map(|(cell, &wide)| {
            let gap = wide.saturating_sub(width(cell));
            format!("{cell}{}", " ".repeat(gap))
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut heads.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

/// Names and values, one a line; those without a value are left out.
pub(super) fn facts(facts: &[(&str, String)]) -> String {
    let wide = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines = facts.iter().filter(|(_, value)| !value.is_empty());
    lines
        .map(|(name, value)| format!("{name}{}  {value}", " ".repeat(wide - name.chars().count())))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A moment to the minute, where the workspace is.
pub(super) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A moment that may not have been.
pub(super) fn maybe(at: Option<Timestamp>, zone: &TimeZone) -> String {
    at.map(|at| moment(at, zone)).unwrap_or_default()
}

/// `1 session`, `2 sessions`.
pub(super) fn count(number: i64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_their_letters() {
        let rows = vec![vec!["Zoë".into(), "1".into()], vec!["Ada".into(), String::new()]];
        assert_eq!(table(&["NAME", "N"], &rows), "NAME  N\nZoë   1\nAda");
    }

    #[test]
    fn facts_without_a_value_are_left_out() {
        assert_eq!(facts(&[("a", "1".into()), ("name", String::new())]), "a     1");
    }
}
