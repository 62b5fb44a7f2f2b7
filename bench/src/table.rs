//! The table: one row for each figure, with the limit that was measured beside it.

use std::fmt::Write as _;

use serde::Serialize;

use crate::stats::Spread;

/// How many times worse than its goal a figure may be before `--strict` fails.
const STRICT: f64 = 5.0;

/// What a figure should reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Goal {
    /// The ratio to the limit is at least this.
    RatioAtLeast(f64),
    /// The ratio to the limit is at most this.
    RatioAtMost(f64),
    /// The ratio to the limit stays below this.
    RatioBelow(f64),
    /// The figure is at most this, in its unit.
    AtMost(f64),
    /// The figure is exactly this.
    Exactly(f64),
}

impl Goal {
    /// How many times worse than the goal: 1 or less where it is met.
    fn missed_by(self, figure: f64, ratio: Option<f64>) -> f64 {
        let ratio = || ratio.unwrap_or(f64::NAN);
        match self {
            Self::RatioAtLeast(goal) => goal / ratio(),
            Self::RatioAtMost(goal) | Self::RatioBelow(goal) => ratio() / goal,
            Self::AtMost(goal) => figure / goal,
            Self::Exactly(goal) if (figure - goal).abs() < f64::EPSILON => 1.0,
            Self::Exactly(_) => f64::INFINITY,
        }
    }

    fn is_met(self, figure: f64, ratio: Option<f64>) -> bool {
        let by = self.missed_by(figure, ratio);
        if matches!(self, Self::RatioBelow(_)) { by < 1.0 } else { by <= 1.0 }
    }

    fn words(self, unit: &str) -> String {
        match self {
            Self::RatioAtLeast(goal) => format!("ratio ≥ {goal}"),
            Self::RatioAtMost(goal) => format!("ratio ≤ {goal}"),
            Self::RatioBelow(goal) => format!("ratio < {goal}"),
            Self::AtMost(goal) => format!("≤ {goal} {unit}").trim_end().to_owned(),
            Self::Exactly(goal) => format!("{goal}"),
        }
    }
}

/// One figure, or why there is none.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// The measure, `P1` to `P10`.
    pub(crate) id: &'static str,
    /// What was measured, and beside what.
    pub(crate) what: String,
    /// On which database; empty where none takes part.
    pub(crate) engine: String,
    /// The median of the rounds.
    pub(crate) figure: Option<f64>,
    /// Of the figure and of the limit.
    pub(crate) unit: &'static str,
    /// The median of what was measured beside it.
    pub(crate) limit: Option<f64>,
    /// The median of the rounds' ratios of figure to limit.
    pub(crate) ratio: Option<f64>,
    /// What it should reach.
    pub(crate) goal: String,
    /// Whether it does.
    pub(crate) met: Option<bool>,
    /// The least and the most of the rounds: of the ratios, or of the figures where there is no limit.
    pub(crate) spread: Option<(f64, f64)>,
    /// How many rounds.
    pub(crate) rounds: usize,
    /// What one should know to read it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) note: String,
    /// Why there is no figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) absent: Option<String>,
    #[serde(skip)]
    missed_by: Option<f64>,
}

impl Row {
    /// A row of figures, each of a round, and of the limits of the same rounds (none where the goal is a number).
    pub(crate) fn new(
        id: &'static str,
        what: impl Into<String>,
        unit: &'static str,
        figures: &[f64],
        limits: &[f64],
    ) -> Self {
        let (figure, ratio) = (Spread::of(figures), Spread::of_ratios(figures, limits));
        let mut row = Self {
            id,
            what: what.into(),
            engine: String::new(),
            figure: figure.map(|spread| spread.median),
            unit,
            limit: Spread::of(limits).map(|spread| spread.median),
            ratio: ratio.map(|spread| spread.median),
            goal: String::new(),
            met: None,
            spread: ratio.or(figure).map(|spread| (spread.least, spread.most)),
            rounds: figures.len(),
            note: String::new(),
            absent: None,
            missed_by: None,
        };
        if figure.is_none() {
            row.absent = Some("no round came to a figure".into());
        }
        row
    }

    /// A row without a figure, and why.
    pub(crate) fn absent(id: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { absent: Some(why.into()), ..Self::new(id, what, "", &[], &[]) }
    }

    /// Names the database.
    pub(crate) fn on(mut self, engine: impl std::fmt::Display) -> Self {
        self.engine = engine.to_string();
        self
    }

    /// Says that the one figure sums up so many rounds: a count, or the worst of all.
    pub(crate) fn over(self, rounds: usize) -> Self {
        Self { rounds, spread: None, ..self }
    }

    /// Judges the figure.
    pub(crate) fn goal(mut self, goal: Goal) -> Self {
        self.goal = goal.words(self.unit);
        if let Goal::Exactly(limit) = goal {
            // There is nothing to measure beside a count that must be this.
            self.limit = self.figure.and(Some(limit));
        }
        if let Some(figure) = self.figure {
            self.met = Some(goal.is_met(figure, self.ratio));
            self.missed_by = Some(goal.missed_by(figure, self.ratio));
        }
        self
    }

    /// Says what one should know to read it.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Whether there is no figure, or the goal is missed by more than five times.
    pub(crate) fn fails_strictly(&self) -> bool {
        // What is not a number is no figure that meets a goal.
        self.absent.is_some() || self.missed_by.is_some_and(|by| by.is_nan() || by > STRICT)
    }
}

/// A number with as many digits as mean something.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 1000.0 => thousands(value),
        size if size >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("-{text}") } else { text }
}

/// The rows as a table in Markdown, with the notes below it.
pub(crate) fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "| # | measure | on | figure | limit | ratio (least–most) | goal | met |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut notes: Vec<&str> = Vec::new();
    for row in rows {
        let mark = if row.note.is_empty() {
            String::new()
        } else {
            let at = notes.iter().position(|note| *note == row.note).unwrap_or_else(|| {
                notes.push(&row.note);
                notes.len() - 1
            });
            format!(" [{}]", at + 1)
        };
        let _ = writeln!(text, "| {} |", cells(row, &mark).join(" | "));
    }
    for (index, note) in notes.iter().enumerate() {
        let _ = write!(text, "\n[{}] {note}\n", index + 1);
    }
    text
}

fn cells(row: &Row, mark: &str) -> [String; 8] {
    let unit = |value: f64| format!("{} {}", number(value), row.unit).trim_end().to_owned();
    let (figure, spread) = match (&row.absent, row.figure) {
        (Some(why), _) => (format!("absent: {why}"), String::new()),
        (None, figure) => {
            let spread = row.spread.filter(|_| row.rounds > 1);
            let spread = spread.map(|(least, most)| format!(" ({}–{})", number(least), number(most)));
            (figure.map(unit).unwrap_or_default(), spread.unwrap_or_default())
        }
    };
    // Where there is no limit, the spread is the figure's.
    let (figure, ratio) = match row.ratio {
        Some(ratio) => (figure, format!("{}{spread}", number(ratio))),
        None => (format!("{figure}{spread}"), String::new()),
    };
    let met = match row.met {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    [
        row.id.into(),
        format!("{}{mark}", row.what),
        row.engine.clone(),
        figure,
        row.limit.map(unit).unwrap_or_default(),
        ratio,
        row.goal.clone(),
        met.into(),
    ]
    .map(|cell| cell.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row::new("P1", "GET /me", "/s", &[900.0, 1000.0, 800.0], &[1000.0, 2000.0, 1000.0]).on("SQLite")
    }

    #[test]
    fn a_ratio_is_the_median_of_the_rounds() {
        let row = row().goal(Goal::RatioAtLeast(0.65));
        assert_eq!((row.figure, row.limit, row.ratio), (Some(900.0), Some(1000.0), Some(0.8)));
        assert_eq!((row.met, row.spread, row.rounds), (Some(true), Some((0.5, 0.9)), 3));
    }

    #[test]
    fn a_goal_is_met_at_its_edge_but_below_is_below() {
        let ratio_of_one = || Row::new("P2", "page", "ms", &[2.0], &[2.0]);
        assert_eq!(ratio_of_one().goal(Goal::RatioAtMost(1.0)).met, Some(true));
        assert_eq!(ratio_of_one().goal(Goal::RatioAtLeast(1.0)).met, Some(true));
        assert_eq!(ratio_of_one().goal(Goal::RatioBelow(1.0)).met, Some(false));
        assert_eq!(ratio_of_one().goal(Goal::AtMost(1.9)).met, Some(false));
        assert_eq!(ratio_of_one().goal(Goal::Exactly(2.0)).met, Some(true));
        assert_eq!(ratio_of_one().met, None);
    }

    #[test]
    fn strictness_allows_five_times_the_goal_and_no_more() {
        let took = |ms: f64| Row::new("P7", "start", "ms", &[ms], &[]).goal(Goal::AtMost(100.0));
        assert!(!took(500.0).fails_strictly());
        assert!(took(501.0).fails_strictly());
        assert!(Row::new("P6", "won", "", &[2.0], &[]).goal(Goal::Exactly(1.0)).fails_strictly());
        // A goal about a ratio is not met by a row that has none.
        let without = Row::new("P1", "GET /me", "/s", &[1.0], &[]).goal(Goal::RatioAtLeast(0.65));
        assert_eq!(without.met, Some(false));
        assert!(without.fails_strictly());
        // What was not measured is not judged, and does not pass.
        let absent = Row::absent("P9", "pgbench", "not found").goal(Goal::RatioAtLeast(0.6));
        assert_eq!((absent.met, absent.fails_strictly()), (None, true));
    }

    #[test]
    fn markdown_shows_each_row_and_each_note_once() {
        let absent = Row::absent("P9", "a | b", "pgbench is not installed").on("PostgreSQL");
        let rows =
            [row().goal(Goal::RatioAtLeast(0.65)).note("Shared cores."), row().note("Shared cores."), absent];
        let text = markdown(&rows);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines.get(2).copied(),
            Some("| P1 | GET /me [1] | SQLite | 900 /s | 1,000 /s | 0.80 (0.50–0.90) | ratio ≥ 0.65 | yes |")
        );
        assert_eq!(
            lines.get(4).copied(),
            Some("| P9 | a \\| b | PostgreSQL | absent: pgbench is not installed |  |  |  |  |")
        );
        assert_eq!(text.matches("Shared cores.").count(), 1, "{text}");
    }

    #[test]
    fn a_row_without_a_limit_shows_the_spread_of_its_figure() {
        let text =
            markdown(&[Row::new("P7", "start", "ms", &[41.0, 45.5, 43.0], &[]).goal(Goal::AtMost(100.0))]);
        assert!(text.contains("| 43 ms (41–45.5) |  |  | ≤ 100 ms | yes |"), "{text}");
    }

    #[test]
    fn a_figure_that_sums_up_rounds_has_no_spread() {
        let row = Row::new("P6", "won", "", &[1.0], &[]).over(3);
        assert_eq!((row.rounds, row.spread), (3, None));
        assert!(markdown(std::slice::from_ref(&row)).contains("| 1 |  |  |"));
        // What a count must be is what it stands beside.
        assert!(markdown(&[row.goal(Goal::Exactly(1.0))]).contains("| 1 | 1 |  | 1 | yes |"));
    }

    #[test]
    fn json_has_null_where_nothing_was_measured() {
        let json = serde_json::to_value(Row::absent("P9", "pgbench", "not found")).expect("JSON");
        assert_eq!(json["figure"], serde_json::Value::Null);
        assert_eq!(json["absent"], "not found");
    }

    #[test]
    fn numbers_have_the_digits_that_mean_something() {
        let shown = [0.654, 12.34, 123.4, 1234.5, 1_234_567.0, 3.0, -4321.0].map(number);
        assert_eq!(shown, ["0.65", "12.3", "123", "1,234", "1,234,567", "3", "-4,321"]);
    }
}
