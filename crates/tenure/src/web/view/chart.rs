//! The chart of licenses used against owned, drawn on the server as SVG with its table behind it.

use std::fmt::Write as _;

/// How a drawing is laid out, in its own units.
#[derive(Clone, Copy)]
struct Layout {
    width: f64,
    height: f64,
    /// The size of the letters, as the style sheet has it.
    letters: f64,
}

/// Beside other things on a wide page, and over the whole of a phone, where letters stay readable.
const WIDE: Layout = Layout { width: 760.0, height: 220.0, letters: 9.0 };
const NARROW: Layout = Layout { width: 340.0, height: 200.0, letters: 11.0 };

const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 28.0;
/// Between a label and what is next to it.
const GAP: f64 = 8.0;

impl Layout {
    /// How wide a text is at most: digits and most letters are narrower than this part of their height.
    #[expect(clippy::cast_precision_loss, reason = "labels are a few letters long")]
    fn room(self, label: &str) -> f64 {
        label.chars().count() as f64 * self.letters * 0.6
    }
}

/// The numbers from one moment on.
#[derive(Clone, Debug, Default)]
pub struct Point {
    /// The moment, in any unit that grows evenly with time (the database's microseconds will do).
    pub at: i64,
    /// How the moment is written: "12 Mar".
    pub label: String,
    /// Licenses owned from then on.
    pub owned: u64,
    /// Licenses used from then on.
    pub used: u64,
}

/// Two step lines over time.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// Drawn for a wide window and for a narrow one; the style sheet shows the one that fits.
    pub drawings: Vec<Drawing>,
    /// The table behind it, oldest first.
    pub points: Vec<Point>,
    /// The chart in one sentence, for those who do not see it.
    pub summary: String,
}

/// The chart at one size.
#[derive(Clone, Debug, Default)]
pub struct Drawing {
    /// Its class: `wide` or `narrow`.
    pub class: &'static str,
    /// Its width in its own units.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// Where the lines begin.
    pub left: f64,
    /// Where they end.
    pub right: f64,
    /// The path of what is owned.
    pub owned: String,
    /// The path of what is used.
    pub used: String,
    /// The area below what is used.
    pub area: String,
    /// Horizontal lines with their numbers.
    pub rows: Vec<Tick>,
    /// Dates below.
    pub columns: Vec<Tick>,
}

/// A mark on an axis.
#[derive(Clone, Debug, Default)]
pub struct Tick {
    /// Where, in the chart's own units.
    pub at: String,
    /// What it says.
    pub label: String,
    /// `start`, `middle` or `end`: how the label lies to its mark.
    pub anchor: &'static str,
}

impl Chart {
    /// Draws the points, oldest first, up to the moment `until`. `None` when there is no span of time to draw.
    #[must_use]
    pub fn draw(points: Vec<Point>, until: i64, until_label: &str) -> Option<Self> {
        let first = points.first()?.clone();
        let last = points.last()?.clone();
        if until <= first.at {
            return None;
        }
        let summary = format!(
            "From {} to {until_label}: used from {} to {}, owned from {} to {}.",
            first.label, first.used, last.used, first.owned, last.owned
        );
        let drawings = [("wide", WIDE), ("narrow", NARROW)]
            .map(|(class, layout)| drawing(class, layout, &points, until, until_label));
        Some(Self { drawings: drawings.into(), points, summary })
    }
}

fn drawing(class: &'static str, layout: Layout, points: &[Point], until: i64, until_label: &str) -> Drawing {
    let highest = points.iter().map(|point| point.owned.max(point.used)).max().unwrap_or(1).max(1);
    let step = nice_step(highest);
    let top = step * highest.div_ceil(step).max(1);
    // The highest number is the longest; it begins at the edge.
    let left = (layout.room(&super::number(top)) + GAP).ceil();
    let from = points.first().map_or(until, |point| point.at);
    let scale = Scale { layout, left, from, until, top };
    let used = steps(points, until, &scale, |point| point.used);
    let area = format!("{used}V{:.1}H{:.1}Z", scale.y(0), scale.x(from));
    let rows = (0..=top / step).map(|row| Tick {
        at: format!("{:.1}", scale.y(row * step)),
        label: super::number(row * step),
        anchor: "end",
    });
    Drawing {
        class,
        width: layout.width,
        height: layout.height,
        left,
        right: layout.width - RIGHT,
        owned: steps(points, until, &scale, |point| point.owned),
        used,
        area,
        rows: rows.collect(),
        columns: columns(points, &scale, until_label),
    }
}

struct Scale {
    layout: Layout,
    left: f64,
    from: i64,
    until: i64,
    top: u64,
}

#[expect(clippy::cast_precision_loss, reason = "pixels need no more than f64 holds")]
impl Scale {
    fn x(&self, at: i64) -> f64 {
        let part = (at - self.from) as f64 / (self.until - self.from) as f64;
        self.left + part * (self.layout.width - self.left - RIGHT)
    }

    fn y(&self, count: u64) -> f64 {
        let height = self.layout.height;
        height - BOTTOM - count as f64 / self.top as f64 * (height - TOP - BOTTOM)
    }
}

/// A line that keeps its height until the next point: a count has no values between two steps.
fn steps(points: &[Point], until: i64, scale: &Scale, count: impl Fn(&Point) -> u64) -> String {
    let mut path = String::new();
    for (index, point) in points.iter().enumerate() {
        let (x, y) = (scale.x(point.at), scale.y(count(point)));
        let written =
            if index == 0 { write!(path, "M{x:.1} {y:.1}") } else { write!(path, "H{x:.1}V{y:.1}") };
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    }
    path + &format!("H{:.1}", scale.x(until))
}

/// At most five lines, at 1, 2 or 5 times a power of ten.
fn nice_step(highest: u64) -> u64 {
    let mut power = 1;
    loop {
        for factor in [1, 2, 5] {
            if highest <= factor * power * 5 {
                return factor * power;
            }
        }
        power *= 10;
    }
}

/// The first date, the last, and those between that have room.
fn columns(points: &[Point], scale: &Scale, until_label: &str) -> Vec<Tick> {
    let mut ticks = Vec::new();
    let end = scale.x(scale.until);
    let free_until = end - scale.layout.room(until_label) - GAP;
    let mut taken = f64::NEG_INFINITY;
    for point in points {
        let (x, room) = (scale.x(point.at), scale.layout.room(&point.label));
        let (from, to, anchor) = if ticks.is_empty() {
            (x, x + room, "start")
        } else {
            (x - room / 2.0, x + room / 2.0, "middle")
        };
        if from >= taken && to <= free_until {
            ticks.push(Tick { at: format!("{x:.1}"), label: point.label.clone(), anchor });
            taken = to + GAP;
        }
    }
    ticks.push(Tick { at: format!("{end:.1}"), label: until_label.into(), anchor: "end" });
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: i64, owned: u64, used: u64) -> Point {
        Point { at, label: format!("day {at}"), owned, used }
    }

    #[test]
    fn lines_run_in_steps_from_the_left_edge_to_the_right() {
        let chart =
            Chart::draw(vec![point(0, 10, 5), point(50, 10, 10)], 100, "now").expect("a span to draw");
        let wide = &chart.drawings[0];
        // Two digits and a gap stand left of the lines.
        assert_eq!((wide.left, wide.right), (19.0, 748.0));
        assert_eq!(wide.used, "M19.0 102.0H383.5V12.0H748.0");
        assert_eq!(wide.owned, "M19.0 12.0H383.5V12.0H748.0");
        assert_eq!(wide.columns.last().map(|tick| tick.label.as_str()), Some("now"));
    }

    #[test]
    fn no_label_is_cut_and_none_lies_on_another_at_any_size() {
        for count in [1, 2, 3, 7, 30, 365] {
            let owned = if count == 7 { 1_000_000 } else { 10 };
            let points: Vec<_> = (0..count)
                .map(|day| Point { label: "29 Nov 2025".into(), ..point(day * day, owned, 1) })
                .collect();
            let chart = Chart::draw(points, count * count + 3, "today").expect("a span to draw");
            for (drawing, layout) in chart.drawings.iter().zip([WIDE, NARROW]) {
                let longest = drawing.rows.iter().map(|row| layout.room(&row.label)).fold(0.0, f64::max);
                assert!(longest + GAP <= drawing.left, "{count}: a number is cut");
                let mut taken = 0.0;
                for tick in &drawing.columns {
                    let (x, room) = (tick.at.parse::<f64>().expect("a place"), layout.room(&tick.label));
                    let from = match tick.anchor {
                        "start" => x,
                        "middle" => x - room / 2.0,
                        _ => x - room,
                    };
                    assert!(from >= taken && from + room <= layout.width, "{count}: {drawing:?}");
                    taken = from + room;
                }
            }
        }
    }

    #[test]
    fn nothing_is_drawn_without_a_span_of_time() {
        assert!(Chart::draw(Vec::new(), 100, "now").is_none());
        assert!(Chart::draw(vec![point(100, 1, 1)], 100, "now").is_none());
    }

    #[test]
    fn the_axis_has_at_most_six_lines_for_any_count() {
        for highest in [1, 5, 6, 10, 11, 42, 100, 999, 50_000, 1_000_001] {
            let chart = Chart::draw(vec![point(0, highest, 0)], 10, "now").expect("a span to draw");
            let rows = chart.drawings[0].rows.len();
            assert!((2..=6).contains(&rows), "{highest}: {rows} lines");
        }
    }
}
