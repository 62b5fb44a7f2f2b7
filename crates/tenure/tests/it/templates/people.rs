//! The people of the samples.

use tenure::web::side::Side;
use tenure::web::view::chip::{Chip, Look};
use tenure::web::view::dialogs::Candidate;
use tenure::web::view::shell::{Bare, Meter, Place, Shell, Stop, Theme};
use tenure::web::view::{Guard, When};
use uuid::Uuid;

use super::HOSTILE;

pub(super) const LOOKS: [Look; 5] = [Look::Inline, Look::Cell, Look::Row, Look::Head, Look::Face];

pub(super) fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n)
}

pub(super) fn person(n: u128, name: &str) -> Chip {
    Chip::new(id(n), name).linked(format!("/users/{}", id(n)))
}

pub(super) fn ada() -> Chip {
    person(1, "Ada Lovelace").deactivated(true)
}

pub(super) fn grace() -> Chip {
    person(2, "Grace Hopper")
}

pub(super) fn hostile() -> Chip {
    person(3, HOSTILE)
}

pub(super) fn long() -> Chip {
    person(
        4,
        "Wolfeschlegelsteinhausenbergerdorff Hubert Blaine Maximilian Ferdinand von und zu Guttenberg-Hohenlohe",
    )
}

pub(super) fn rtl() -> Chip {
    person(5, "\u{202e}مريم بنت عبد الله الفهري")
}

pub(super) fn when(text: &str) -> When {
    When { text: text.into(), exact: format!("{text}, 14:32:07 CET"), iso: "2026-03-12T13:32:07Z".into() }
}

pub(super) fn guard() -> Guard {
    Guard::default().at_version("7")
}

pub(super) fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}

pub(super) fn candidates() -> Vec<Candidate> {
    let seen = [None, Some("4 months ago"), Some("6 weeks ago"), Some("3 days ago"), Some("1 hour ago")];
    let people = [hostile(), rtl(), long(), person(8, "Ken Thompson"), person(9, "Barbara Liskov")];
    people
        .into_iter()
        .zip(seen)
        .enumerate()
        .map(|(n, (mut chip, seen))| {
            chip.href = None;
            Candidate {
                id: id(n as u128).to_string(),
                chip,
                email: format!("person.{n}@acme.example"),
                last_sign_in: seen.map(when),
                selected: n == 1,
            }
        })
        .collect()
}

pub(super) fn shell(title: &str, place: Place) -> Shell {
    let mut me = grace();
    me.href = None;
    Shell {
        title: title.into(),
        workspace: "Acme".into(),
        lang: "en".into(),
        theme: theme(),
        me: me.looking(Look::Face),
        email: "grace@acme.example".into(),
        role: "Owner".into(),
        place,
        rail: Place::RAIL.into_iter().map(|place| Stop { place, mark: Some("3".into()) }).collect(),
        meter: Some(Meter { used: 8, owned: 10 }),
        may_invite: true,
        sign_out: Guard::default(),
        ..Shell::default()
    }
}

pub(super) fn bare(title: &str) -> Bare {
    Bare {
        title: title.into(),
        workspace: "Acme".into(),
        lang: "en".into(),
        theme: theme(),
        side: Side::Desk,
    }
}

/// `TENURE_SAMPLES_THEME=dark` shows the samples dark.
fn theme() -> Theme {
    match std::env::var("TENURE_SAMPLES_THEME").as_deref() {
        Ok("dark") => Theme::Dark,
        Ok("light") => Theme::Light,
        _ => Theme::System,
    }
}
