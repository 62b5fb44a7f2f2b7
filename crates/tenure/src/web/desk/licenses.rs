//! `/licenses`: who holds each license, since when and why, when it frees; how the numbers went; what lies
//! idle.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{audit::Action, id::LedgerId, license::Price, person::StatusWord};
use jiff::{Timestamp, civil::Date};

use super::{
    form::Refused,
    frame::{Frame, picture},
    settings::{owned_hint, save_owned},
    words::{self, Times, count, money},
};
use crate::{
    app::App,
    error::Result,
    ops::licenses::{self as ops, NewPrice},
    store::{
        Rx,
        grid::Count,
        licenses::{self, Day, Freed, Held},
        time,
    },
    web::{
        fields::{Fields, QueryFields},
        flash::Flash,
        routes::Routes,
        session::Access::Administrator,
        view::{
            Field, Guard, Pager,
            chart::{Chart, Point},
            chip::{Chip, Look},
            licenses::{ChangeOwned, Dormant, FreedRow, LedgerRow, LicensesPage, Period},
            number,
            shell::{Meter, Place},
        },
    },
};

/// How many licenses a page of the ledger has.
const HELD: usize = 50;
/// How many freed licenses are shown.
const FREED: i64 = 10;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/licenses", Administrator, page).post("/settings/licenses/owned", Administrator, change_owned)
}

/// `GET /licenses`, with `period` (of the chart), `after` or `before` (a row of the ledger).
async fn page(State(app): State<App>, frame: Frame, QueryFields(query): QueryFields) -> Result<Response> {
    let page = licenses_page(&app, &frame, &query).await?;
    Ok(frame.draw_as(StatusCode::OK, &page))
}

/// `POST /settings/licenses/owned`, the form of this page.
async fn change_owned(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    match save_owned(&app, &frame, &fields, NewPrice::Same).await {
        Ok(licenses) => {
            let owned = count(licenses.owned, "license", "licenses");
            Ok(Flash::done(format!("The workspace owns {owned}.")).redirect("/licenses"))
        }
        Err(error) => {
            let refused = Refused::of(error)?.at("owned");
            let mut page = licenses_page(&app, &frame, &Fields::default()).await?;
            if let Some(change) = &mut page.change {
                change.owned = refused.field("owned", fields.get("owned"));
            }
            Ok(frame.draw_as(refused.status, &page))
        }
    }
}

async fn licenses_page(app: &App, frame: &Frame, query: &Fields) -> Result<LicensesPage> {
    let (ws, times) = (frame.session.visit.workspace, frame.times());
    let now = &frame.session.check.workspace.licenses;
    let mut rx = app.store.reader().await?;
    let (held, pager) = ledger(&mut rx, frame, query).await?;
    let freed = licenses::freed(&mut rx, ws, FREED).await?;
    let shown = Shown::parse(query.get("period"));
    let chart = chart(&mut rx, frame, shown).await?;
    let dormant = dormant(&mut rx, frame).await?;
    drop(rx);
    let digits = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(LicensesPage {
        shell: frame.shell(Place::Licenses, "Licenses"),
        meter: Meter { used: digits(now.used), owned: digits(now.owned) },
        cost: now.price.as_ref().map(|price| format!("{} in all.", cost(price, now.owned))),
        change: Some(ChangeOwned {
            guard: Guard::default().at_version(now.owned.to_string()),
            owned: Field::new(now.owned.to_string()),
            hint: owned_hint(now),
        }),
        chart,
        periods: shown.periods(),
        dormant,
        ledger: held.iter().map(|held| held_row(held, &times)).collect(),
        pager,
        freed: freed.iter().map(|freed| freed_row(freed, &times)).collect(),
    })
}

/// "EUR 45.00 per month".
fn cost(price: &Price, licenses: i64) -> String {
    let minor = price.minor.saturating_mul(licenses);
    format!("{} per {}", money(minor, &price.currency), price.period.word())
}

/// A page of the ledger, and the ways to the pages around it.
async fn ledger(rx: &mut Rx, frame: &Frame, query: &Fields) -> Result<(Vec<Held>, Pager)> {
    let ws = frame.session.visit.workspace;
    let one_more = i64::try_from(HELD + 1).unwrap_or(i64::MAX);
    let mut walked_back = None;
    if let Some(before) = cursor(query.get("before")) {
        let mut rows = licenses::held_before(rx, ws, before, one_more).await?;
        if rows.len() > HELD {
            rows.remove(0);
            walked_back = Some(rows);
        }
        // Else the way back has reached the first page, which is drawn in full.
    }
    let (rows, previous, next) = if let Some(rows) = walked_back {
        (rows, true, true)
    } else {
        let after = cursor(query.get("after")).filter(|_| query.maybe("before").is_none());
        let mut rows = licenses::held(rx, ws, after, one_more).await?;
        let more = rows.len() > HELD;
        rows.truncate(HELD);
        (rows, after.is_some(), more)
    };
    let period = query.get("period");
    let link = |side: &str, row: Option<&Held>| {
        let place = row.map(|row| format!("{side}={}.{}", time::micros(row.since), row.id));
        let period = Shown::parse(period).word();
        format!("/licenses?period={period}&{}#ledger-title", place.unwrap_or_default())
    };
    let used = count(frame.session.check.workspace.licenses.used, "license in use", "licenses in use");
    let pager = Pager {
        summary: if previous || next { format!("{} of {used}", rows.len()) } else { used },
        previous: previous.then(|| link("before", rows.first())),
        next: next.then(|| link("after", rows.last())),
    };
    Ok((rows, pager))
}

/// A place in the ledger: `1767225600000000.0190…`; anything else is the beginning.
fn cursor(text: &str) -> Option<(Timestamp, LedgerId)> {
    let (since, id) = text.split_once('.')?;
    let since = Timestamp::from_microsecond(since.parse().ok()?).ok()?;
    Some((since, id.parse().ok()?))
}

fn held_row(held: &Held, times: &Times) -> LedgerRow {
    let chip = Chip::new(held.person.uuid(), &held.name)
        .with_picture(picture(held.person, held.picture.as_deref()))
        .deactivated(held.status == StatusWord::Deactivated)
        .looking(Look::Row)
        .linked(format!("/users/{}", held.person));
    let frees = match held.frees {
        Some(at) if at > times.now() => format!("{}, if not accepted", capital(&times.when(at).text)),
        Some(_) => "Any moment: the invitation has run out".into(),
        None => "When deactivated or deleted".into(),
    };
    LedgerRow {
        holder: chip,
        email: held.email.clone(),
        since: times.when(held.since),
        why: why_taken(&held.why),
        frees,
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn freed_row(freed: &Freed, times: &Times) -> FreedRow {
    let holder = match (freed.person, &freed.name) {
        (Some(person), Some(name)) => Chip::new(person.uuid(), name)
            .with_picture(picture(person, freed.picture.as_deref()))
            .deactivated(freed.status == Some(StatusWord::Deactivated))
            .looking(Look::Row)
            .linked(format!("/users/{person}")),
        _ => Chip::deleted("Deleted user"),
    };
    FreedRow {
        holder,
        freed: times.when(freed.until),
        since: times.when(freed.since),
        why: why_freed(&freed.why),
    }
}

fn why_taken(word: &str) -> String {
    match Action::parse(word) {
        Some(Action::WorkspaceCreated) => "Began the workspace".into(),
        Some(Action::InvitationSentAgain) => "Invited again".into(),
        Some(Action::Undone) => "A deactivation was undone".into(),
        Some(action) => action.title().into(),
        None => word.into(),
    }
}

fn why_freed(word: &str) -> String {
    match Action::parse(word) {
        Some(Action::InvitationWithdrawn) => "Invitation withdrawn".into(),
        Some(Action::Undone) => "An activation was undone".into(),
        Some(action) => action.title().into(),
        None => word.into(),
    }
}

/// How much of the past the chart shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Month,
    Year,
    All,
}

impl Shown {
    const EVERY: [Self; 3] = [Self::Month, Self::Year, Self::All];

    const fn word(self) -> &'static str {
        match self {
            Self::Month => "30d",
            Self::Year => "12m",
            Self::All => "all",
        }
    }

    /// What is not understood is the year.
    fn parse(word: &str) -> Self {
        Self::EVERY.into_iter().find(|shown| shown.word() == word).unwrap_or(Self::Year)
    }

    fn periods(self) -> Vec<Period> {
        let labels = ["30 days", "12 months", "All"];
        let period = |(shown, label): (Self, &str)| Period {
            label: label.into(),
            href: format!("/licenses?period={}", shown.word()),
            current: shown == self,
        };
        Self::EVERY.into_iter().zip(labels).map(period).collect()
    }

    /// The first day, as days since 1970.
    fn first(self, today: i64) -> i64 {
        match self {
            Self::Month => today - 30,
            Self::Year => today - 365,
            Self::All => 0,
        }
    }
}

/// Licenses used against owned. The days are those of UTC, as they are kept.
async fn chart(rx: &mut Rx, frame: &Frame, shown: Shown) -> Result<Option<Chart>> {
    let now = frame.session.visit.now;
    let first = shown.first(time::day(now));
    let days = licenses::days(rx, frame.session.visit.workspace, first).await?;
    // A single day is no course of things; what was before the period is, since it held throughout.
    if days.iter().all(|day| day.day >= time::day(now)) {
        return Ok(None);
    }
    let points = days.iter().map(|day| point(day, first)).collect();
    Ok(Chart::draw(points, time::micros(now), "today"))
}

fn point(day: &Day, first: i64) -> Point {
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    let at = day.day.max(first);
    Point {
        at: at.saturating_mul(86_400_000_000),
        label: words::date(date_of(at)),
        owned: count(day.owned),
        used: count(day.used),
    }
}

fn date_of(day: i64) -> Date {
    let epoch = Date::constant(1970, 1, 1);
    jiff::Span::new().try_days(day).and_then(|span| epoch.checked_add(span)).unwrap_or(epoch)
}

/// Who has not signed in for 30, 60 and 90 days.
async fn dormant(rx: &mut Rx, frame: &Frame) -> Result<Vec<Dormant>> {
    let workspace = &frame.session.check.workspace;
    let mut bands = Vec::new();
    for days in ops::IDLE_DAYS {
        let found = ops::count_idle(rx, workspace, days, frame.session.visit.now).await?;
        let (text, exactly) = match found {
            Count::Exact(count) => (number(count.unsigned_abs()), Some(count)),
            Count::AtLeast(count) => (format!("{}+", number(count.unsigned_abs())), None),
        };
        let price = workspace.licenses.price.as_ref();
        bands.push(Dormant {
            label: ops::idle_words(days),
            count: text,
            cost: price.zip(exactly).map(|(price, count)| cost(price, count)),
            href: format!("/users?{}", ops::idle(days).to_query()),
        });
    }
    Ok(bands)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_since_1970_are_dates() {
        assert_eq!(date_of(0), Date::constant(1970, 1, 1));
        assert_eq!(date_of(20_514), Date::constant(2026, 3, 2));
    }

    #[test]
    fn a_place_in_the_ledger_is_read_back_or_is_the_beginning() {
        let id = LedgerId::from_uuid(uuid::Uuid::from_u128(7));
        let at = Timestamp::from_microsecond(1_767_225_600_000_001).expect("a moment");
        assert_eq!(cursor(&format!("{}.{id}", time::micros(at))), Some((at, id)));
        for nonsense in ["", "1", "x.y", "1.2", "99999999999999999999.x"] {
            assert_eq!(cursor(nonsense), None);
        }
    }

    #[test]
    fn every_reason_has_words() {
        for action in Action::ALL {
            for words in [why_taken(action.word()), why_freed(action.word())] {
                assert!(words.starts_with(char::is_uppercase) && !words.contains('.'), "{words}");
            }
        }
    }
}
