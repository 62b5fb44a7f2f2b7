//! How long people stay signed in.

use axum::{extract::State, response::Response};
use domain::session::SessionLengths;

use super::{guard, present, write};
use crate::{
    app::App,
    error::{Error, Result},
    ops::workspace::Settings,
    web::{
        desk::{
            form::{Checked, Refused},
            frame::Frame,
        },
        fields::Fields,
        flash::Flash,
        view::{Choice, Field, settings::SessionSettings, shell::Place},
    },
};

/// The units that a length can be given in, and their seconds.
const UNITS: [(&str, i64); 3] = [("days", 86_400), ("hours", 3_600), ("minutes", 60)];

/// A length in the largest unit that holds it whole.
fn in_unit(seconds: i64) -> (i64, &'static str) {
    let whole = UNITS.into_iter().find(|(_, unit)| seconds % unit == 0);
    whole.map_or((seconds / 60, "minutes"), |(word, unit)| (seconds / unit, word))
}

fn units(chosen: &str) -> Vec<Choice> {
    UNITS.iter().rev().map(|(word, _)| Choice::new(*word, *word, *word == chosen)).collect()
}

/// What a field is called in a sentence.
fn named(field: &str) -> &'static str {
    if field == "idle" { "The time without use" } else { "The time in all" }
}

fn read(fields: &Fields, field: &'static str, unit: &str) -> Result<i64> {
    let number: i64 =
        fields.get(field).trim().parse().map_err(|_| {
            Error::field(field, format!("{} must be a whole number, such as 12.", named(field)))
        })?;
    let unit = UNITS.into_iter().find(|(word, _)| *word == fields.get(unit));
    let (_, seconds) = unit.ok_or_else(|| {
        Error::field(field, format!("{} is counted in minutes, hours or days.", named(field)))
    })?;
    number.checked_mul(seconds).ok_or_else(|| Error::field(field, format!("{} is too long.", named(field))))
}

fn session_page(frame: &Frame) -> SessionSettings {
    let lengths = frame.session.check.workspace.sessions;
    let (idle, idle_unit) = in_unit(lengths.idle_seconds);
    let (absolute, absolute_unit) = in_unit(lengths.absolute_seconds);
    SessionSettings {
        shell: frame.shell(Place::Settings, "Session settings"),
        guard: guard(frame),
        error: None,
        idle: Field::new(idle.to_string()),
        idle_units: units(idle_unit),
        absolute: Field::new(absolute.to_string()),
        absolute_units: units(absolute_unit),
        effect: Some(
            "It holds for everybody, and for open sessions at once: those that are older end.".into(),
        ),
    }
}

/// `GET /settings/sessions`.
pub(super) async fn page(frame: Frame) -> Response {
    frame.draw(&session_page(&frame))
}

/// `POST /settings/sessions`.
pub(super) async fn save(State(app): State<App>, frame: Frame, fields: Fields) -> Result<Response> {
    let saved = async {
        let mut checked = Checked::default();
        let idle = checked.read(read(&fields, "idle", "idle_unit"))?;
        let absolute = checked.read(read(&fields, "absolute", "absolute_unit"))?;
        let (Some(idle_seconds), Some(absolute_seconds)) = (idle, absolute) else {
            return Err(checked.all());
        };
        let sessions = SessionLengths { idle_seconds, absolute_seconds };
        write(&app, &frame, Settings { sessions, ..present(&frame, &fields)? }).await
    };
    match saved.await {
        Ok(()) => Ok(Flash::done("The session lengths are saved.").redirect("/settings/sessions")),
        Err(error) => {
            let refused = Refused::of(error)?;
            let page = SessionSettings {
                error: refused.error.clone(),
                idle: refused.field("idle", fields.get("idle")),
                idle_units: units(fields.get("idle_unit")),
                absolute: refused.field("absolute", fields.get("absolute")),
                absolute_units: units(fields.get("absolute_unit")),
                ..session_page(&frame)
            };
            Ok(frame.draw_as(refused.status, &page))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_stand_in_the_unit_that_reads_best() {
        assert_eq!(in_unit(12 * 3_600), (12, "hours"));
        assert_eq!(in_unit(30 * 86_400), (30, "days"));
        assert_eq!(in_unit(90 * 60), (90, "minutes"));
        assert_eq!(in_unit(36 * 3_600), (36, "hours"));
    }

    #[test]
    fn a_length_is_read_in_its_unit_or_refused_at_its_field() {
        let fields = |text: &str| Fields::parse(text.as_bytes()).expect("a form");
        assert_eq!(read(&fields("idle=90&idle_unit=minutes"), "idle", "idle_unit").ok(), Some(5_400));
        for wrong in [
            "idle=&idle_unit=hours",
            "idle=1.5&idle_unit=hours",
            "idle=1&idle_unit=weeks",
            "idle=9223372036854775807&idle_unit=days",
        ] {
            assert!(matches!(read(&fields(wrong), "idle", "idle_unit"), Err(Error::Invalid(_))), "{wrong}");
        }
    }
}
