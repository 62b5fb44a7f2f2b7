//! The chart of licenses used against owned, drawn on the server as SVG with its table behind it.

use std::fmt::Write as _;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 28.0;

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
    /// The table behind it, oldest first.
    pub points: Vec<Point>,
    /// The chart in one sentence, for those who do not see it.
    pub summary: String,
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
        let highest = points.iter().map(|point| point.owned.max(point.used)).max().unwrap_or(1).max(1);
        let step = nice_step(highest);
        let scale = Scale { from: first.at, until, top: step * highest.div_ceil(step).max(1) };
        let used = steps(&points, until, &scale, |point| point.used);
        let floor = scale.y(0);
        let area = format!("{used}V{floor:.1}H{:.1}Z", scale.x(first.at));
        let rows = (0..=scale.top / step)
            .map(|row| Tick {
                at: format!("{:.1}", scale.y(row * step)),
                label: super::number(row * step),
                anchor: "end",
            })
            .collect();
        let columns = columns(&points, &scale, until_label);
        let summary = format!(
            "From {} to {until_label}: used from {} to {}, owned from {} to {}.",
            first.label, first.used, last.used, first.owned, last.owned
        );
        let owned = steps(&points, until, &scale, |point| point.owned);
        Some(Self { owned, used, area, rows, columns, points, summary })
    }
}

struct Scale {
    from: i64,
    until: i64,
    top: u64,
}

#[expect(clippy::cast_precision_loss, reason = "pixels need no more than f64 holds")]
impl Scale {
    fn x(&self, at: i64) -> f64 {
        let part = (at - self.from) as f64 / (self.until - self.from) as f64;
        LEFT + part * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, count: u64) -> f64 {
        HEIGHT - BOTTOM - count as f64 / self.top as f64 * (HEIGHT - TOP - BOTTOM)
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
    const ROOM: f64 = 90.0;
    let mut ticks = Vec::new();
    let end = scale.x(scale.until);
    let mut taken = f64::NEG_INFINITY;
    for point in points {
        let x = scale.x(point.at);
        if x - taken >= ROOM && end - x >= ROOM {
            let anchor = if ticks.is_empty() { "start" } else { "middle" };
            ticks.push(Tick { at: format!("{x:.1}"), label: point.label.clone(), anchor });
            taken = x;
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
        assert_eq!(chart.used, "M48.0 102.0H398.0V12.0H748.0");
        assert_eq!(chart.owned, "M48.0 12.0H398.0V12.0H748.0");
        assert_eq!(chart.columns.last().map(|tick| tick.label.as_str()), Some("now"));
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
            assert!((2..=6).contains(&chart.rows.len()), "{highest}: {} lines", chart.rows.len());
        }
    }
}
