//! Times, counts and lists in words.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use crate::{
    store::grid::Count,
    web::view::{When, number},
};

/// How times are written for one reader: in their zone, near ones as "3 days ago".
#[derive(Debug, Clone)]
pub(in crate::web) struct Times {
    zone: TimeZone,
    now: Timestamp,
}

impl Times {
    /// For a reader whose own zone is named `own`, or (when empty) the workspace's.
    #[must_use]
    pub(in crate::web) fn new(own: &str, workspace: &str, now: Timestamp) -> Self {
        let name = if own.is_empty() { workspace } else { own };
        Self { zone: TimeZone::get(name).unwrap_or(TimeZone::UTC), now }
    }

    /// The reader's zone.
    #[must_use]
    pub(in crate::web) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The moment of the request.
    #[must_use]
    pub(in crate::web) fn now(&self) -> Timestamp {
        self.now
    }

    /// As somebody who is signed in reads them: in their own zone, or the workspace's.
    #[must_use]
    pub(in crate::web) fn of(session: &crate::web::session::Session) -> Self {
        let (own, workspace) = (&session.check.settings.1, &session.check.workspace);
        Self::new(own, &workspace.time_zone, session.visit.now)
    }

    /// Today where the reader is.
    #[must_use]
    pub(in crate::web) fn today(&self) -> Date {
        self.day(self.now)
    }

    /// The day of a moment where the reader is.
    #[must_use]
    pub(in crate::web) fn day(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// A moment: near ones relative, others as a date; exact on hover.
    #[must_use]
    pub(in crate::web) fn when(&self, at: Timestamp) -> When {
        let local = at.to_zoned_datetime(self.zone.clone());
        When {
            text: self.relative(at),
            exact: local.strftime("%a %-d %b %Y, %H:%M %Z").to_string(),
            iso: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        }
    }

    fn relative(&self, at: Timestamp) -> String {
        let ago = self.now.duration_since(at);
        let (distance, future) = if ago.is_negative() { (-ago, true) } else { (ago, false) };
        let count = |number: i64, unit: &str| {
            let unit = if number == 1 { unit.to_owned() } else { format!("{unit}s") };
            if future { format!("in {number} {unit}") } else { format!("{number} {unit} ago") }
        };
        if distance < SignedDuration::from_secs(60) {
            return if future { "in a moment".into() } else { "just now".into() };
        }
        if distance < SignedDuration::from_mins(60) {
            return count(distance.as_mins(), "minute");
        }
        if distance < SignedDuration::from_hours(24) {
            return count(distance.as_hours(), "hour");
        }
        let days = distance.as_hours() / 24;
        if days < 14 {
            return count(days, "day");
        }
        date(self.zone.to_datetime(at).date())
    }

    /// A moment within a day or two, with its time: "tomorrow at 14:32".
    #[must_use]
    pub(in crate::web) fn soon(&self, at: Timestamp) -> When {
        let day = self.zone.to_datetime(at).date();
        let word = match day.since(self.today()).map(|span| span.get_days()) {
            Ok(0) => "today".to_owned(),
            Ok(1) => "tomorrow".to_owned(),
            _ => format!("on {}", date(day)),
        };
        When { text: format!("{word} at {}", self.clock(at)), ..self.when(at) }
    }

    /// The time of day: "14:32".
    #[must_use]
    pub(in crate::web) fn clock(&self, at: Timestamp) -> String {
        at.to_zoned_datetime(self.zone.clone()).strftime("%H:%M").to_string()
    }
}

/// A date: "12 Mar 2026".
#[must_use]
pub(in crate::web) fn date(date: Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

/// A date that stands for itself, such as a review date.
#[must_use]
pub(in crate::web) fn day(date: Date) -> When {
    When { text: self::date(date), exact: date.strftime("%A %-d %B %Y").to_string(), iso: date.to_string() }
}

/// "1 session", "2 sessions", "1,204 users".
#[must_use]
pub(in crate::web) fn count(number: i64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    let digits = crate::web::view::number(number.unsigned_abs());
    format!("{digits} {noun}")
}

/// "1,204", "10,000+".
#[must_use]
pub(in crate::web) fn counted(count: Count) -> String {
    match count {
        Count::Exact(rows) => number(rows.unsigned_abs()),
        Count::AtLeast(rows) => format!("{}+", number(rows.unsigned_abs())),
    }
}

/// "51–100 of 1,204 users", or "1,204 users" where no place is known (`at` is `None`).
#[must_use]
pub(in crate::web) fn span(count: Count, (one, many): (&str, &str), at: Option<i64>, shown: i64) -> String {
    let noun = if count == Count::Exact(1) { one } else { many };
    let all = counted(count);
    let place = |row: i64| number(row.unsigned_abs());
    match (at, shown) {
        (None, _) => format!("{all} {noun}"),
        (Some(at), 1) => format!("{} of {all} {noun}", place(at + 1)),
        (Some(at), shown) => format!("{}–{} of {all} {noun}", place(at + 1), place(at + shown)),
    }
}

/// "Support, Billing and Onboarding".
#[must_use]
pub(in crate::web) fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// "€12.00" is written "EUR 12.00": the code is unambiguous everywhere.
#[must_use]
pub(in crate::web) fn money(minor: i64, currency: &str) -> String {
    let whole = number((minor / 100).unsigned_abs());
    format!("{currency} {whole}.{:02}", minor % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times() -> Times {
        let now = "2026-11-24T12:00:00Z".parse().expect("a moment");
        Times::new("", "Europe/Berlin", now)
    }

    #[test]
    fn near_moments_are_relative_and_far_ones_dates() {
        let at = |text: &str| times().when(text.parse().expect("a moment")).text;
        assert_eq!(at("2026-11-24T11:59:30Z"), "just now");
        assert_eq!(at("2026-11-24T11:59:00Z"), "1 minute ago");
        assert_eq!(at("2026-11-24T14:00:00Z"), "in 2 hours");
        assert_eq!(at("2026-11-21T12:00:00Z"), "3 days ago");
        assert_eq!(at("2026-03-01T23:30:00Z"), "2 Mar 2026");
    }

    #[test]
    fn soon_is_today_or_tomorrow_where_the_reader_is() {
        let at = |text: &str| times().soon(text.parse().expect("a moment")).text;
        assert_eq!(at("2026-11-24T22:59:00Z"), "today at 23:59");
        assert_eq!(at("2026-11-24T23:00:00Z"), "tomorrow at 00:00");
        assert_eq!(at("2026-11-27T12:00:00Z"), "on 27 Nov 2026 at 13:00");
    }

    #[test]
    fn lists_and_counts_read_as_people_write_them() {
        let names = ["A", "B", "C"].map(str::to_owned);
        assert_eq!(list(&names), "A, B and C");
        assert_eq!(list(&names[..1]), "A");
        assert_eq!(count(1, "session", "sessions"), "1 session");
        assert_eq!(count(1204, "user", "users"), "1,204 users");
        assert_eq!(money(123_456, "EUR"), "EUR 1,234.56");
    }
}
